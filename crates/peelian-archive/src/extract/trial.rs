//! Reading an extract for a look at what would become of it: nothing is
//! stored and no row is refused.

use std::collections::HashSet;

use peelian_model::ForceId;

use super::check::Checker;
use super::rules::Broken;
use super::slices::Cutter;
use super::{Columns, Extract, Told};
use crate::mapping::Translation;
use crate::packed::Packed;
use crate::personal::Finding;
use crate::quarantine::Rule;

/// A row on its way.
pub(crate) struct TriedRow<'r> {
    pub(crate) line: u64,
    /// The fields as they stand in the file.
    pub(crate) theirs: &'r [&'r [u8]],
    /// One field a column of the table; none where the row could not be read.
    pub(crate) ours: &'r [&'r [u8]],
    /// The rule that it breaks, and in which columns of the table.
    pub(crate) broken: Option<Broken>,
}

/// What was found of the file as a whole.
pub(crate) struct Tried {
    pub(crate) findings: Vec<Finding>,
    pub(crate) counted: Translation,
}

impl Extract {
    /// Shows every row of a file to `visit`. The error is the reason why it
    /// cannot be read.
    pub(crate) fn trial(
        packed: &Packed,
        columns: Columns,
        force: Option<&ForceId>,
        mut visit: impl FnMut(&TriedRow<'_>),
    ) -> Result<Tried, String> {
        let told = Told {
            force: force.cloned(),
            ..Told::default()
        };
        let extract = Self::unread(packed, columns, &told, None)?;
        let checker = Checker::new(extract.source, &extract.columns.places);
        let mut cutter = Cutter::of(&extract);
        let mut detector = extract.columns.detector();
        let mut known = HashSet::new();
        let (_, counted) = extract.each_row(|line, theirs, record| {
            detector.row(line, theirs);
            let (place, ours) = cutter.place_record(record);
            let broken = match place {
                Err(broken) => Some(broken),
                Ok(part) => {
                    let key = cutter.key(&part, ours);
                    if key.is_some_and(|key| !known.insert(key)) {
                        Some((Rule::Repeat, extract.key_columns()))
                    } else {
                        checker.check(ours, &part).err()
                    }
                }
            };
            visit(&TriedRow {
                line,
                theirs,
                ours,
                broken,
            });
        })?;
        Ok(Tried {
            findings: detector.findings(),
            counted,
        })
    }
}
