//! Rows of files that are no CSV text: sheets of a workbook, and boundaries.
//!
//! Such a file becomes a grid of text, whose rows then go the same way as
//! those of a CSV file: same checks, same quarantine. Where a fault stood is
//! said in the terms of the file, such as “sheet Table_1, cell C12”.

mod boundaries;
mod layout;
mod table;
mod workbook;

use crate::source::{Column, Kind, Source, all};

pub(crate) use boundaries::Boundaries;
pub(crate) use layout::Workbook;
pub use workbook::{Sheet as WorkbookSheet, read_workbook};

/// Rows of text under the headers of a source.
pub(crate) struct Grid {
    /// The headers, in order.
    pub(crate) names: Vec<String>,
    pub(crate) rows: Vec<Line>,
    sheets: Vec<Sheet>,
}

/// A row of a grid.
pub(crate) struct Line {
    /// Its number in the file, counted from 1: a row of a sheet or a feature.
    pub(crate) number: u64,
    pub(crate) cells: Vec<String>,
    /// Its sheet, and where its value stood in it.
    sheet: usize,
    value: usize,
}

/// Where the columns of a grid stood in a sheet.
struct Sheet {
    name: String,
    columns: Vec<Option<usize>>,
}

/// What a file that is no CSV text turned out to be.
pub(crate) struct Told {
    pub(crate) source: &'static Source,
    /// What sets it apart from other files of the source.
    pub(crate) subject: Option<String>,
    pub(crate) synthetic: bool,
}

/// The form of a file by its first bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Csv,
    Workbook,
    Boundaries,
}

impl Form {
    pub(crate) fn of(head: &[u8]) -> Self {
        let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        match head.trim_ascii_start() {
            [b'P', b'K', 3, 4, ..] => Self::Workbook,
            [b'{', ..] => Self::Boundaries,
            _ => Self::Csv,
        }
    }
}

/// The sources that a file is of: a workbook may be of several. The error is
/// a reason for a reader, and whether the file is ours all the same.
pub(crate) fn tell(form: Form, bytes: &[u8]) -> Result<Vec<Told>, (String, bool)> {
    let sources = all().unwrap_or_default();
    match form {
        Form::Csv => Ok(Vec::new()),
        Form::Workbook => layout::tell(&workbook::open(bytes)?, sources),
        Form::Boundaries => boundaries::tell(bytes, sources).map(|told| vec![told]),
    }
}

/// The rows of a file of this source; none where its files are CSV text.
pub(crate) fn read(source: &Source, bytes: &[u8]) -> Result<Option<Grid>, String> {
    if let Some(layout) = &source.workbook {
        let sheets = workbook::open(bytes).map_err(|e| e.0)?;
        return layout::read(source, layout, &sheets).map(Some);
    }
    let boundaries = source.boundaries.as_ref();
    let read = |b| boundaries::read(source, b, bytes);
    boundaries.map(read).transpose()
}

impl Grid {
    fn new(source: &Source) -> Self {
        let mut names: Vec<String> = Vec::new();
        for header in source.columns.iter().filter_map(|c| c.header.first()) {
            if !names.contains(header) {
                names.push(header.clone());
            }
        }
        Self {
            names,
            rows: Vec::new(),
            sheets: Vec::new(),
        }
    }

    /// The place of each column of the source in a row.
    pub(crate) fn places(&self, source: &Source) -> Vec<Option<usize>> {
        let place = |c: &Column| self.place(c.header.first()?);
        source.columns.iter().map(place).collect()
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| n == name)
    }

    /// Puts a text under a header, where the source has it.
    fn put(&self, cells: &mut [String], name: &str, text: &str) {
        if let Some(cell) = self.place(name).and_then(|place| cells.get_mut(place)) {
            text.clone_into(cell);
        }
    }

    /// What stands at a place of a row, for a sentence.
    pub(crate) fn column(&self, line: &Line, place: usize) -> String {
        let name = self.names.get(place).cloned().unwrap_or_default();
        let Some(sheet) = self.sheets.get(line.sheet) else {
            return name;
        };
        let column = sheet.columns.get(place).copied().flatten();
        let cell = workbook::cell_name(line.number, column.unwrap_or(line.value));
        format!("sheet {}, cell {cell} ({name})", sheet.name)
    }

    /// Whether its rows are of an invented force.
    fn is_synthetic(&self, source: &Source) -> bool {
        let places = self.places(source);
        let mut telling = source
            .columns
            .iter()
            .zip(places)
            .filter_map(|(column, place)| match column.kind {
                Kind::AreaCode => Some((place?, "X")),
                Kind::ForceName => Some((place?, "Synthetic ")),
                _ => None,
            });
        let has = |(place, begins): (usize, &str)| {
            let mut cells = self.rows.iter().filter_map(|row| row.cells.get(place));
            cells.any(|cell| cell.starts_with(begins))
        };
        telling.any(has)
    }
}
