//! Reads one sheet by its layout into the rows of a grid.

use super::layout::{Melt, Table, Workbook};
use super::workbook::{Sheet, cell_name};
use super::{Grid, Line};
use crate::force::without_footnote;

/// Adds the rows of a sheet. The error says what the layout does not speak of.
pub(super) fn read(
    grid: &mut Grid,
    layout: &Workbook,
    table: &Table,
    sheet: &Sheet,
    edition: &str,
) -> Result<(), String> {
    let top = header_row(table, sheet)?;
    let columns = columns(grid, layout, table, sheet, top)?;
    let number = add_sheet(grid, sheet, &columns);
    let mut fixed = vec![String::new(); grid.names.len()];
    grid.put(&mut fixed, "edition", edition);
    for (name, text) in &table.set {
        grid.put(&mut fixed, name, text);
    }
    let mut regions = Vec::new();
    let body = sheet.rows.iter().enumerate().skip(top + 1);
    for (at, row) in body.take_while(|(_, row)| !layout.ends(row)) {
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
        match &table.melt {
            None => grid.rows.push(line(cells, 0)),
            Some(melt) => {
                for (value, cells) in melted(grid, layout, melt, &columns, row, &cells) {
                    grid.rows.push(line(cells, value));
                }
            }
        }
    }
    Ok(())
}

/// Notes where the labels stand in the sheet. Its number.
fn add_sheet(grid: &mut Grid, sheet: &Sheet, columns: &[Use]) -> usize {
    let mut places = vec![None; grid.names.len()];
    for (at, column) in columns.iter().enumerate() {
        if let Use::Label(place) = column {
            places[*place] = Some(at);
        }
    }
    grid.sheets.push(super::Sheet {
        name: sheet.name.clone(),
        columns: places,
    });
    grid.sheets.len() - 1
}

/// A row for every cell of a row that is a value, and its column.
fn melted(
    grid: &Grid,
    layout: &Workbook,
    melt: &Melt,
    columns: &[Use],
    row: &[String],
    labels: &[String],
) -> Vec<(usize, Vec<String>)> {
    let mut rows = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let Use::Value(variable) = column else {
            continue;
        };
        let has_mark = matches!(columns.get(at + 1), Some(Use::Mark));
        let beside = row.get(at + 1).filter(|_| has_mark);
        let text = row.get(at).map_or("", String::as_str);
        let (text, status) = value(layout, text, beside.map(String::as_str));
        let mut cells = labels.to_vec();
        grid.put(&mut cells, &melt.variable, variable);
        grid.put(&mut cells, &melt.value, text);
        grid.put(&mut cells, "status", status);
        rows.push((at, cells));
    }
    rows
}

/// The number of a cell and its status: `published`, what a mark in its
/// place or beside it means, or none where it is blank.
fn value<'a>(layout: &'a Workbook, text: &'a str, beside: Option<&str>) -> (&'a str, &'a str) {
    let mark = |text: &str| layout.marks.get(text).map(String::as_str);
    match (mark(text), beside.and_then(mark)) {
        // Nil is a number that the publisher writes as a mark.
        (Some("nil"), _) => ("0", "published"),
        (Some(status), _) => ("", status),
        (None, Some(status)) => (text, status),
        (None, None) if text.is_empty() => ("", ""),
        (None, None) => (text, "published"),
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
        let own = sheet.rows.get(top).and_then(|row| row.get(at));
        let own = own.map_or("", String::as_str);
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
    let body = sheet.rows.iter().enumerate().skip(top + 1);
    for (row, cells) in body.take_while(|(_, cells)| !layout.ends(cells)) {
        match cells.get(at).map_or("", String::as_str) {
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

/// Headers are the same whatever the case and the footnotes.
fn same(cell: &str, header: &str) -> bool {
    cell.eq_ignore_ascii_case(header) || without_footnote(cell).eq_ignore_ascii_case(header)
}
