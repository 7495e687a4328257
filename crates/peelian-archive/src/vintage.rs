//! The boundary year of the LSOA codes of a file.

use std::collections::HashSet;
use std::path::Path;

use peelian_model::Month;

use crate::rows::Stored;
use crate::value::Cell;
use crate::{ArchiveError, table};

/// First month that the publisher issued with codes of 2021.
const FIRST_OF_2021: (i32, u32) = (2023, 6);

/// The codes that only one of the two vintages has, from the look-up.
///
/// The vintage of a month is a function of its codes and of the look-up now
/// held, and of nothing else. When a look-up is loaded or replaced, the months
/// already held are looked at again, so the order in which files arrive makes
/// no difference.
#[derive(Debug, Default)]
pub(crate) struct Exclusive {
    only_2011: HashSet<Box<str>>,
    only_2021: HashSet<Box<str>>,
}

impl Exclusive {
    /// From the files of the table `lsoa_lookup`.
    pub(crate) fn read<'a>(paths: impl Iterator<Item = &'a Path>) -> Result<Self, ArchiveError> {
        let (mut old, mut new) = (HashSet::new(), HashSet::new());
        for path in paths {
            table::each_batch(path, |batch| {
                for (column, codes) in [("lsoa_2011", &mut old), ("lsoa_2021", &mut new)] {
                    let Some(array) = batch.column_by_name(column) else {
                        continue;
                    };
                    let array = Stored::of(array.as_ref())?;
                    for row in 0..batch.num_rows() {
                        if let Cell::Text(code) = array.cell(row) {
                            codes.insert(Box::<str>::from(String::from_utf8_lossy(code)));
                        }
                    }
                }
                Ok(())
            })?;
        }
        Ok(Self {
            only_2011: old.difference(&new).cloned().collect(),
            only_2021: new.difference(&old).cloned().collect(),
        })
    }

    /// The vintage of a file of a month with these distinct codes: that of
    /// which it has more codes of its own, else that of the month. None for a
    /// file without codes.
    pub(crate) fn vintage(&self, codes: &[&str], month: Month) -> Option<u16> {
        if codes.is_empty() {
            return None;
        }
        let count = |set: &HashSet<Box<str>>| codes.iter().filter(|c| set.contains(**c)).count();
        let (old, new) = (count(&self.only_2011), count(&self.only_2021));
        let dated_new = (month.year(), month.month()) >= FIRST_OF_2021;
        Some(if new > old || (new == old && dated_new) {
            2021
        } else {
            2011
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_one_vintage_decide_and_the_month_decides_the_rest() {
        let exclusive = Exclusive {
            only_2011: ["E01000009".into()].into(),
            only_2021: ["E01033770".into()].into(),
        };
        let month = |text: &str| text.parse::<Month>().unwrap();
        assert_eq!(
            exclusive.vintage(&["E01000009", "E01000001"], month("2024-01")),
            Some(2011)
        );
        assert_eq!(
            exclusive.vintage(&["E01033770"], month("2021-01")),
            Some(2021)
        );
        assert_eq!(
            exclusive.vintage(&["E01000001"], month("2023-05")),
            Some(2011)
        );
        assert_eq!(
            exclusive.vintage(&["E01000001"], month("2023-06")),
            Some(2021)
        );
        assert_eq!(exclusive.vintage(&[], month("2023-06")), None);
    }
}
