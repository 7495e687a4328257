//! A filled-in file as rows of text, each cell with its name.

use std::path::Path;

use crate::HandOverError;

/// Rows at the top in which the header may stand.
pub(crate) const TOP: usize = 20;

/// The table of a file: of a workbook the sheet that has the header, of a CSV
/// file the whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Its name in a workbook; none of a CSV file.
    pub name: Option<String>,
    /// Rows with their numbers from 1, the header among them.
    pub rows: Vec<(u64, Vec<String>)>,
}

impl Sheet {
    /// “sheet Counts, cell G12” or “cell G12”.
    pub(crate) fn place(&self, row: u64, column: usize) -> String {
        let cell = format!("cell {}{row}", letters(column));
        match &self.name {
            Some(name) => format!("sheet {name}, {cell}"),
            None => cell,
        }
    }
}

/// A column's letters: A, …, Z, AA, ….
fn letters(column: usize) -> String {
    let mut rest = column + 1;
    let mut letters = Vec::new();
    while rest > 0 {
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// Reads a workbook (XLSX or ODS) or a CSV file. Of a workbook it is the first
/// sheet that has a header of counts. Text must be UTF-8.
pub fn read_sheet(path: &Path) -> Result<Sheet, HandOverError> {
    let bytes = std::fs::read(path).map_err(HandOverError::io(path))?;
    let read = if bytes.starts_with(b"PK") {
        of_workbook(&bytes)
    } else {
        of_csv(&bytes)
    };
    read.map_err(|what| HandOverError::refused(format!("{}: {what}", path.display())))
}

fn of_workbook(bytes: &[u8]) -> Result<Sheet, String> {
    let sheets = peelian_archive::read_workbook(bytes)?;
    let has_header = |sheet: &peelian_archive::WorkbookSheet| {
        let mut cells = sheet.rows.iter().take(TOP).flatten();
        cells.any(|c| c.trim().eq_ignore_ascii_case("measure_id"))
    };
    let sheet = sheets.into_iter().find(has_header).ok_or(
        "no sheet of it has a header with measure_id: start from the template, which “peelian \
         counts template” writes",
    )?;
    Ok(Sheet {
        name: Some(sheet.name),
        rows: (1..).zip(sheet.rows).collect(),
    })
}

fn of_csv(bytes: &[u8]) -> Result<Sheet, String> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| "it is not UTF-8 text: save it as “CSV UTF-8”".to_owned())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| format!("it cannot be read as CSV ({e})"))?;
        let line = record.position().map_or(0, csv::Position::line);
        let cells = record.iter().map(|c| c.trim().to_owned()).collect();
        rows.push((line, cells));
    }
    Ok(Sheet { name: None, rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_after_z_have_two_letters() {
        assert_eq!((letters(0), letters(25)), ("A".into(), "Z".into()));
        assert_eq!((letters(26), letters(51)), ("AA".into(), "AZ".into()));
    }
}
