//! Looks through a filled-in file of counts and names what is wrong by cell.
//! Faults would be set aside when the file is loaded; warnings would not, and
//! a person should look at them.

mod cell;
mod series;

use std::collections::{BTreeMap, BTreeSet};

use crate::HandOverError;
use crate::pair::pair;
use crate::row::{Count, months_of};
use crate::sheet::{Sheet, TOP};

/// Something found, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// “sheet Counts, cell G12”.
    pub place: String,
    /// What is wrong and what to do.
    pub what: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// What was found in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Rows that are not wholly blank.
    pub rows: usize,
    /// Rows with a number or withheld.
    pub filled: usize,
    /// The rows without a fault that say something, for `ingest`.
    pub good: Vec<Count>,
    /// What would be set aside.
    pub faults: Vec<Finding>,
    /// What a person should look at.
    pub warnings: Vec<Finding>,
}

/// The columns that every file of counts has.
const NEEDED: [&str; 6] = [
    "measure_id",
    "definition_version",
    "period",
    "numerator",
    "as_at",
    "contact_role",
];

/// The row that is being looked at.
struct Row<'a> {
    sheet: &'a Sheet,
    columns: &'a BTreeMap<String, usize>,
    number: u64,
    cells: &'a [String],
}

impl Row<'_> {
    fn text(&self, column: &str) -> &str {
        let place = self.columns.get(column);
        place
            .and_then(|p| self.cells.get(*p))
            .map_or("", |c| c.trim())
    }

    fn finding(&self, column: &str, what: impl Into<String>) -> Finding {
        let place = self.columns.get(column).copied().unwrap_or(0);
        Finding {
            place: self.sheet.place(self.number, place),
            what: what.into(),
        }
    }
}

/// Looks through a sheet of counts. The error is a file that is none.
pub fn check(sheet: &Sheet) -> Result<Checked, HandOverError> {
    let (header, columns) = header(sheet)?;
    let mut checked = Checked::default();
    let mut seen: BTreeMap<[String; 5], u64> = BTreeMap::new();
    let mut good = Vec::new();
    for (number, cells) in sheet.rows.iter().filter(|(n, _)| *n > header) {
        if cells.iter().all(String::is_empty) {
            continue;
        }
        let row = Row {
            sheet,
            columns: &columns,
            number: *number,
            cells,
        };
        checked.rows += 1;
        let faults = checked.faults.len();
        let count = cell::count(&row, &mut checked.faults);
        checked.filled += usize::from(count.suppressed || count.numerator.is_some());
        cell::across(&row, &count, &mut checked);
        let key = [
            count.force.clone(),
            count.measure_id.clone(),
            count.area_code.clone(),
            count.period.clone(),
            count.category.clone(),
        ];
        if let Some(first) = seen.insert(key, *number) {
            checked.faults.push(row.finding(
                "measure_id",
                format!(
                    "row {first} is of the same measure, area, period and category: keep one of the two"
                ),
            ));
        }
        if checked.faults.len() == faults {
            good.push((*number, count));
        }
    }
    series::look(sheet, &columns, &good, &mut checked.warnings);
    let says = |c: &Count| c.suppressed || c.numerator.is_some() || c.denominator.is_some();
    checked.good = good.into_iter().map(|(_, c)| c).filter(says).collect();
    Ok(checked)
}

/// The row of the header and the place of each column.
fn header(sheet: &Sheet) -> Result<(u64, BTreeMap<String, usize>), HandOverError> {
    let names = |cells: &[String]| -> BTreeMap<String, usize> {
        let lower = cells.iter().map(|c| c.trim().to_lowercase());
        lower.zip(0..).filter(|(c, _)| !c.is_empty()).collect()
    };
    for (number, cells) in sheet.rows.iter().take(TOP) {
        let columns = names(cells);
        if !columns.contains_key("measure_id") {
            continue;
        }
        let missing: BTreeSet<&str> = NEEDED
            .into_iter()
            .filter(|n| !columns.contains_key(*n))
            .collect();
        if missing.is_empty() {
            return Ok((*number, columns));
        }
        let missing: Vec<&str> = missing.into_iter().collect();
        return Err(HandOverError::refused(format!(
            "its header lacks {}: start from the template, which “peelian counts template” writes",
            missing.join(", ")
        )));
    }
    Err(HandOverError::refused(
        "it has no row of headers with measure_id in it: start from the template, which \
         “peelian counts template” writes",
    ))
}

/// Whether a count falls under a known definition of another version.
fn other_version(count: &Count) -> Option<&'static str> {
    let pair = pair(&count.measure_id)?;
    (pair.definition_version != count.definition_version).then_some(&pair.definition_version)
}

/// Whether the period is of the kind in which the measure is counted.
fn other_period(count: &Count) -> Option<&'static str> {
    let pair = pair(&count.measure_id)?;
    let (first, last) = months_of(&count.period)?;
    (pair.is_quarterly() && first == last).then_some("quarter")
}
