//! The layout of published tables: which sheets are read, how the row of
//! headers is found, where the body ends, and how a table whose columns are
//! values of a variable becomes one row a cell. What a layout does not speak
//! of is refused, never guessed.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::workbook::{Sheet, cell_name};
use super::{Grid, Line, Told};
use crate::force::without_footnote;
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
    marks: BTreeMap<String, String>,
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
struct Table {
    /// How its title begins, without its number, or its name.
    title: String,
    /// The header of each label in the sheet, and of the source; the header
    /// "" is a first column without one.
    labels: BTreeMap<String, String>,
    /// Columns that are not kept.
    #[serde(default)]
    drop: Vec<String>,
    /// How many rows above may hold the header of a column that has none in
    /// the row of headers.
    #[serde(default)]
    rows_above: usize,
    /// What fills headers of the source in every row.
    #[serde(default)]
    set: BTreeMap<String, String>,
    /// A name that a region and a force share is the region's where it first
    /// stands: regions stand before their forces.
    #[serde(default)]
    regions_first: bool,
    melt: Option<Melt>,
}

/// Columns that are values of a variable: each cell becomes a row.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Melt {
    /// The header of the source for what heads the column.
    variable: String,
    /// The header of the source for the cell.
    value: String,
    /// Whether the columns are months, such as `Sep-17`.
    #[serde(default)]
    months: bool,
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

    fn edition(&self, sheets: &[Sheet]) -> Option<String> {
        let Some(begins) = &self.edition else {
            return Some(String::new());
        };
        let tops = sheets
            .iter()
            .flat_map(|s| s.rows.iter().take(TOP))
            .flatten();
        let rest = tops
            .filter_map(|cell| cell.strip_prefix(begins.as_str()))
            .next()?;
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
            "its sheets ({}) are those of no known source: give the publisher's own workbook",
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
            read_table(&mut grid, layout, table, sheet, &edition).map_err(fault)?;
        }
    }
    Ok(grid)
}

fn read_table(
    grid: &mut Grid,
    layout: &Workbook,
    table: &Table,
    sheet: &Sheet,
    edition: &str,
) -> Result<(), String> {
    let top = header_row(table, sheet)?;
    let columns = columns(grid, layout, table, sheet, top)?;
    let mut fixed = vec![String::new(); grid.names.len()];
    let mut set = table.set.clone();
    set.insert("edition".to_owned(), edition.to_owned());
    for (name, text) in set {
        if let Some(place) = grid.place(&name) {
            fixed[place] = text;
        }
    }
    let mut places = vec![None; grid.names.len()];
    for (at, column) in columns.iter().enumerate() {
        if let Use::Label(place) = column {
            places[*place] = Some(at);
        }
    }
    let number = grid.sheets.len();
    grid.sheets.push(super::Sheet {
        name: sheet.name.clone(),
        columns: places,
    });
    let mut regions = Vec::new();
    for (at, row) in sheet.rows.iter().enumerate().skip(top + 1) {
        let ends = |cell: &String| layout.ends.iter().any(|e| cell.starts_with(e.as_str()));
        if row.iter().any(ends) {
            break;
        }
        if row.is_empty() {
            continue;
        }
        let mut cells = fixed.clone();
        for (column, text) in columns.iter().zip(row) {
            if let Use::Label(place) = column {
                cells[*place] = if table.melt.is_some() {
                    label(text, table.regions_first, &mut regions)
                } else {
                    text.clone()
                };
            }
        }
        let line = |cells, value| Line {
            number: at as u64 + 1,
            cells,
            sheet: number,
            value,
        };
        let Some(melt) = &table.melt else {
            grid.rows.push(line(cells, 0));
            continue;
        };
        for (value, column) in columns.iter().enumerate() {
            if let Use::Value(variable) = column {
                let mut cells = cells.clone();
                let mark = matches!(columns.get(value + 1), Some(Use::Mark));
                let beside = row.get(value + 1).filter(|_| mark);
                let text = row.get(value).map(String::as_str).unwrap_or_default();
                let (text, status) = layout.value(text, beside.map(String::as_str));
                for (name, text) in [
                    (melt.variable.as_str(), variable.as_str()),
                    (melt.value.as_str(), text),
                    ("status", status),
                ] {
                    if let Some(place) = grid.place(name) {
                        cells[place] = text.to_owned();
                    }
                }
                grid.rows.push(line(cells, value));
            }
        }
    }
    Ok(())
}

impl Workbook {
    /// The number of a cell and its status: `published`, what a mark in its
    /// place or beside it means, or none where it is blank.
    fn value<'a>(&'a self, text: &'a str, beside: Option<&str>) -> (&'a str, &'a str) {
        let mark = |text: &str| self.marks.get(text).map(String::as_str);
        match (mark(text), beside.and_then(mark)) {
            // Nil is a number that the publisher writes as a mark.
            (Some("nil"), _) => ("0", "published"),
            (Some(status), _) => ("", status),
            (None, Some(status)) => (text, status),
            (None, None) if text.is_empty() => ("", ""),
            (None, None) => (text, "published"),
        }
    }
}

/// What a column of a sheet is for.
enum Use {
    /// A label, for this place of the grid.
    Label(usize),
    /// Values of the variable, which is this.
    Value(String),
    /// Marks that belong to the column before.
    Mark,
    Nothing,
}

/// The first row that has the header of every label, and a month where the
/// columns are months.
fn header_row(table: &Table, sheet: &Sheet) -> Result<usize, String> {
    let labels: Vec<&String> = table.labels.keys().filter(|l| !l.is_empty()).collect();
    let months = table.melt.as_ref().is_some_and(|m| m.months);
    let is_header = |row: &Vec<String>| {
        let has = |label: &&String| row.iter().any(|c| same(c, label));
        labels.iter().all(has) && (!months || row.iter().any(|c| month(c).is_some()))
    };
    sheet.rows.iter().position(is_header).ok_or_else(|| {
        let mut wanted: Vec<String> = labels.iter().map(|l| format!("“{l}”")).collect();
        wanted.extend(months.then(|| "a month".to_owned()));
        format!(
            "no row has the headers {}: the publisher has changed the table, so the source needs \
             a new layout",
            wanted.join(", ")
        )
    })
}

fn columns(
    grid: &Grid,
    layout: &Workbook,
    table: &Table,
    sheet: &Sheet,
    top: usize,
) -> Result<Vec<Use>, String> {
    let width = sheet.rows.iter().map(Vec::len).max().unwrap_or_default();
    let mut columns = Vec::with_capacity(width);
    for at in 0..width {
        let header = header_of(table, sheet, top, at);
        // A first column without a header of its own may have a title above it.
        let own = sheet.rows[top].get(at).map_or("", String::as_str);
        let key = match (at, own) {
            (0, "") => Some(""),
            _ => (!header.is_empty()).then_some(header.as_str()),
        };
        let label = key.and_then(|k| table.labels.iter().find(|(l, _)| same(k, l)));
        columns.push(if let Some((_, name)) = label {
            let place = grid.place(name);
            Use::Label(place.ok_or_else(|| format!("the source has no header “{name}”"))?)
        } else if header.is_empty() {
            beside(layout, table, sheet, top, at)?
        } else if table.drop.iter().any(|d| same(&header, d)) {
            Use::Nothing
        } else {
            Use::Value(variable(table, &header).ok_or_else(|| {
                let cell = cell_name(top as u64 + 1, at);
                format!("cell {cell}: “{header}” is a header that the source does not know")
            })?)
        });
    }
    Ok(columns)
}

/// The header of a column: in the row of headers, else the nearest text above.
fn header_of(table: &Table, sheet: &Sheet, top: usize, at: usize) -> String {
    let rows = sheet
        .rows
        .iter()
        .take(top + 1)
        .rev()
        .take(table.rows_above + 1);
    let mut cells = rows.filter_map(|row| row.get(at));
    let text = cells.find(|c| !c.is_empty() && c.parse::<f64>().is_err());
    text.cloned().unwrap_or_default()
}

/// A column without a header holds marks or nothing.
fn beside(
    layout: &Workbook,
    table: &Table,
    sheet: &Sheet,
    top: usize,
    at: usize,
) -> Result<Use, String> {
    let mut held = Use::Nothing;
    for (row, cells) in sheet.rows.iter().enumerate().skip(top + 1) {
        if cells
            .iter()
            .any(|c| layout.ends.iter().any(|e| c.starts_with(e.as_str())))
        {
            break;
        }
        match cells.get(at).map(String::as_str).unwrap_or_default() {
            "" => {}
            mark if table.melt.is_some() && layout.marks.contains_key(mark) => held = Use::Mark,
            text => {
                let cell = cell_name(row as u64 + 1, at);
                return Err(format!(
                    "cell {cell}: “{text}” stands in a column without a header"
                ));
            }
        }
    }
    Ok(held)
}

/// What heads a column of values; none where it may not.
fn variable(table: &Table, header: &str) -> Option<String> {
    if table.melt.as_ref()?.months {
        month(header)
    } else {
        Some(header.to_owned())
    }
}

/// `2017-09` of `Sep-17` or of the day `2017-09-01`.
fn month(text: &str) -> Option<String> {
    const NAMES: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    if let [year, month, _] = text.split('-').collect::<Vec<_>>().as_slice() {
        let month = format!("{year}-{month}");
        return month.parse::<peelian_model::Month>().ok().map(|_| month);
    }
    let (name, year) = text.split_once(['-', ' '])?;
    let lower = name.to_lowercase();
    let number = NAMES.iter().position(|n| lower.starts_with(n))? + 1;
    if !name.bytes().all(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    let year: u32 = year.parse().ok()?;
    let year = if year < 100 { 2000 + year } else { year };
    Some(format!("{year:04}-{number:02}"))
}

/// A label without its footnote marks.
fn label(text: &str, regions_first: bool, regions: &mut Vec<String>) -> String {
    let name = without_footnote(text);
    let region = format!("{name} region");
    let shared = regions_first && crate::force::area_named(&region).is_some();
    if shared && !regions.contains(&region) {
        regions.push(region.clone());
        return region;
    }
    name.to_owned()
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

/// Headers are the same whatever the case and the footnotes.
fn same(cell: &str, header: &str) -> bool {
    cell.eq_ignore_ascii_case(header) || without_footnote(cell).eq_ignore_ascii_case(header)
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
