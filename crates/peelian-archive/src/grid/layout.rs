//! The layout of published tables: which sheets are read, how the row of
//! headers is found, where the body ends, and how a table whose columns are
//! values of a variable becomes one row a cell. What a layout does not speak
//! of is refused, never guessed.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::workbook::Sheet;
use super::{Grid, Told, table};
use crate::source::Source;

/// Rows at the top of a sheet in which its edition may stand.
const TOP: usize = 10;

/// The `[workbook]` table of a source.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Workbook {
    /// How a cell near the top of some sheet begins; what follows is the
    /// edition, which fills the header `edition` and sets workbooks of the
    /// source apart.
    edition: Option<String>,
    /// What stands in or beside a cell in place of a number, and what it means.
    #[serde(default)]
    pub(super) marks: BTreeMap<String, String>,
    /// How a cell begins that ends the body of a table.
    #[serde(default)]
    ends: Vec<String>,
    sheet: Vec<Table>,
    /// Sheets that are not read.
    #[serde(default)]
    left_out: Vec<LeftOut>,
}

/// A sheet that is read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    /// How its title begins, without its number, or its name.
    pub(super) title: String,
    /// The header of each label in the sheet, and of the source; the header
    /// "" is a first column without one.
    pub(super) labels: BTreeMap<String, String>,
    /// Columns that are not kept.
    #[serde(default)]
    pub(super) drop: Vec<String>,
    /// How many rows above may hold the header of a column that has none in
    /// the row of headers.
    #[serde(default)]
    pub(super) rows_above: usize,
    /// What fills headers of the source in every row.
    #[serde(default)]
    pub(super) set: BTreeMap<String, String>,
    /// A name that a region and a force share is the region's where it first
    /// stands: regions stand before their forces.
    #[serde(default)]
    pub(super) regions_first: bool,
    pub(super) melt: Option<Melt>,
}

/// Columns that are values of a variable: each cell becomes a row.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Melt {
    /// The header of the source for what heads the column.
    pub(super) variable: String,
    /// The header of the source for the cell.
    pub(super) value: String,
    /// Whether the columns are months, such as `Sep-17`.
    #[serde(default)]
    pub(super) months: bool,
}

/// A sheet that is not read, and why.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeftOut {
    title: String,
    reason: String,
}

impl Workbook {
    /// The titles of the sheets that are not read, with the reason of each.
    pub(crate) fn left_out(&self) -> impl Iterator<Item = (&str, &str)> {
        self.left_out
            .iter()
            .map(|l| (l.title.as_str(), l.reason.as_str()))
    }

    /// Whether a row ends the body of a table.
    pub(super) fn ends(&self, row: &[String]) -> bool {
        let ends = |cell: &String| self.ends.iter().any(|e| cell.starts_with(e.as_str()));
        row.iter().any(ends)
    }

    fn edition(&self, sheets: &[Sheet]) -> Option<String> {
        let Some(begins) = &self.edition else {
            return Some(String::new());
        };
        let rows = sheets.iter().flat_map(|s| s.rows.iter().take(TOP));
        let rest = rows
            .flatten()
            .find_map(|cell| cell.strip_prefix(begins.as_str()))?;
        Some(period(rest.trim()))
    }

    /// What becomes of a sheet: the longest title decides.
    fn plan(&self, sheet: &Sheet) -> Option<Plan<'_>> {
        let title = title(sheet);
        let fits = |t: &str| title.starts_with(t) || sheet.name == t;
        let read = self.sheet.iter().map(|t| (t.title.as_str(), Plan::Read(t)));
        let left = self
            .left_out
            .iter()
            .map(|l| (l.title.as_str(), Plan::Leave));
        let plans = read.chain(left).filter(|(t, _)| fits(t));
        plans.max_by_key(|(t, _)| t.len()).map(|(_, plan)| plan)
    }
}

enum Plan<'a> {
    Read(&'a Table),
    Leave,
}

/// The sources whose layout a workbook has. Every one of its sheets must be
/// read or left out by one of them.
pub(super) fn tell(
    sheets: &[Sheet],
    sources: &'static [Source],
) -> Result<Vec<Told>, (String, bool)> {
    let mut told = Vec::new();
    let mut layouts = Vec::new();
    for source in sources {
        let Some(layout) = &source.workbook else {
            continue;
        };
        let reads = |s: &Sheet| matches!(layout.plan(s), Some(Plan::Read(_)));
        let Some(edition) = layout.edition(sheets).filter(|_| sheets.iter().any(reads)) else {
            continue;
        };
        let grid = read(source, layout, sheets).map_err(|reason| (reason, true))?;
        layouts.push(layout);
        told.push(Told {
            source,
            subject: (!edition.is_empty()).then(|| slug(&edition)),
            synthetic: grid.is_synthetic(source),
        });
    }
    if told.is_empty() {
        let names: Vec<&str> = sheets.iter().map(|s| s.name.as_str()).take(6).collect();
        let reason = format!(
            "its sheets ({}) are those of no known source: give the publisher's own workbook. \
             A filled-in template of counts is first made ready with: \
             peelian counts check FILE --csv OUT.csv",
            names.join(", ")
        );
        return Err((reason, false));
    }
    let strange = sheets
        .iter()
        .find(|s| layouts.iter().all(|layout| layout.plan(s).is_none()));
    match strange {
        Some(sheet) => Err((
            format!(
                "sheet {} (“{}”) has no declared layout: the publisher has changed the workbook, so \
                 the source needs a new layout",
                sheet.name,
                title(sheet).chars().take(80).collect::<String>()
            ),
            true,
        )),
        None => Ok(told),
    }
}

/// The rows of all sheets that the layout reads.
pub(super) fn read(source: &Source, layout: &Workbook, sheets: &[Sheet]) -> Result<Grid, String> {
    let mut grid = Grid::new(source);
    let edition = layout.edition(sheets).unwrap_or_default();
    for sheet in sheets {
        if let Some(Plan::Read(table)) = layout.plan(sheet) {
            let fault = |what: String| format!("sheet {}: {what}", sheet.name);
            table::read(&mut grid, layout, table, sheet, &edition).map_err(fault)?;
        }
    }
    Ok(grid)
}

/// The first text of a sheet, without “Table 3:” before it.
fn title(sheet: &Sheet) -> String {
    let mut cells = sheet.rows.iter().flatten();
    let text = cells
        .find(|c| !c.is_empty())
        .map(String::as_str)
        .unwrap_or_default();
    let numbered = text
        .strip_prefix("Table ")
        .or_else(|| text.strip_prefix("Appendix "));
    let rest = numbered
        .and_then(|t| t.split_once([':', '.']))
        .map(|(_, rest)| rest);
    rest.unwrap_or(text).trim().to_owned()
}

/// `2017/18` of `1 April 2017 to 31 March 2018`, `2016` of a calendar year;
/// any other text as it is.
fn period(text: &str) -> String {
    let year = |t: &str| t.len() == 4 && t.bytes().all(|b| b.is_ascii_digit());
    if let Some((from, to)) = text.split_once(" to 31 March ")
        && let Some(from) = from.strip_prefix("1 April ")
        && year(from)
        && year(to)
    {
        return format!("{from}/{}", &to[2..]);
    }
    match text.strip_prefix("1 January to 31 December ") {
        Some(whole) if year(whole) => whole.to_owned(),
        _ => text.to_owned(),
    }
}

fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<String> = words
        .filter(|w| !w.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join("-")
}
