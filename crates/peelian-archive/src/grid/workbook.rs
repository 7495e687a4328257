//! Opens a workbook (XLSX or ODS) as sheets of text. A workbook is an archive
//! that may have been made to do harm: what it would unpack to and how many
//! cells it claims are counted before memory is given.

use std::io::{Cursor, Read};

use calamine::{Data, DataRef, Ods, Reader, Xlsx};
use zip::ZipArchive;

/// Largest workbook once unpacked. The largest official one is some 15 MiB.
const MAX_UNPACKED: u64 = 256 << 20;

/// Most cells of a workbook. The largest official sheet has 200,000.
const MAX_CELLS: usize = 4_000_000;

/// Most text of all cells. A sheet can name one long text many times.
const MAX_TEXT: usize = 256 << 20;

/// A sheet of a workbook as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// Rows from the first, each with its cells from column A.
    pub rows: Vec<Vec<String>>,
}

/// The sheets of a workbook (XLSX or ODS), days as `2026-05-03`. The error
/// says why it cannot be read.
pub fn read_workbook(bytes: &[u8]) -> Result<Vec<Sheet>, String> {
    open(bytes).map_err(|e| e.0)
}

/// Why it cannot be opened, and whether it is a workbook all the same.
type Fault = (String, bool);

pub(super) fn open(bytes: &[u8]) -> Result<Vec<Sheet>, Fault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| damaged(&e))?;
    let has = |name: &str| archive.index_for_name(name).is_some();
    let (xlsx, ods) = (has("xl/workbook.xml"), has("content.xml"));
    if !xlsx && !ods {
        let reason = "it is an archive and no workbook: give the publisher's own file";
        return Err((reason.to_owned(), false));
    }
    check_unpacked(&mut archive)?;
    if xlsx {
        return guarded(read_xlsx, bytes);
    }
    let mut content = Vec::new();
    let mut member = archive.by_name("content.xml").map_err(|e| damaged(&e))?;
    member.read_to_end(&mut content).map_err(|e| damaged(&e))?;
    drop(member);
    check_claimed_cells(&content)?;
    guarded(read_ods, bytes)
}

/// The library that reads workbooks panics on some that no program writes,
/// such as a cell in a column beyond counting. To us they are damaged.
fn guarded(
    read: fn(&[u8]) -> Result<Vec<Sheet>, Fault>,
    bytes: &[u8],
) -> Result<Vec<Sheet>, Fault> {
    std::panic::catch_unwind(|| read(bytes))
        .unwrap_or_else(|_| Err(damaged(&"a cell of it has no place in a sheet")))
}

/// `C12` for row 12, column 2.
pub(super) fn cell_name(row: u64, column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    format!("{}{row}", letters.iter().rev().collect::<String>())
}

fn damaged(what: &dyn std::fmt::Display) -> Fault {
    let reason = format!("the workbook cannot be read ({what}): download it again");
    (reason, true)
}

fn too_large(what: &str) -> Fault {
    let reason =
        format!("the workbook {what}, which no official one does: give the publisher's own file");
    (reason, true)
}

/// Unpacks every member into nothing: what the directory claims of its sizes
/// need not be true.
fn check_unpacked(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<(), Fault> {
    let mut left = MAX_UNPACKED;
    for index in 0..archive.len() {
        let member = archive.by_index(index).map_err(|e| damaged(&e))?;
        let mut limited = member.take(left + 1);
        let size = std::io::copy(&mut limited, &mut std::io::sink()).map_err(|e| damaged(&e))?;
        left = left.checked_sub(size).ok_or_else(|| {
            too_large(&format!("unpacks to more than {} MiB", MAX_UNPACKED >> 20))
        })?;
    }
    Ok(())
}

/// Counts the cells that an ODS claims: a row or a cell can say that it is
/// repeated a million times.
fn check_claimed_cells(content: &[u8]) -> Result<(), Fault> {
    let mut claim = Claim::default();
    let mut from = 0;
    while let Some((start, end)) = next_tag(content, from) {
        let tag = &content[start..end];
        let malformed = || damaged(&"a number of repeats is malformed");
        if tag.starts_with(b"<table:table-row") {
            claim.end_row();
            claim.row_repeats = repeated(tag, b"number-rows-repeated=").ok_or_else(malformed)?;
        } else if tag.starts_with(b"<table:table-cell")
            || tag.starts_with(b"<table:covered-table-cell")
        {
            let repeats = repeated(tag, b"number-columns-repeated=").ok_or_else(malformed)?;
            let next = memchr::memmem::find(&content[end..], b"<table:");
            let length = end - start + next.unwrap_or(content.len() - end);
            claim.cell(repeats, !tag.ends_with(b"/>") || is_filled(tag), length);
        } else if tag.starts_with(b"</table:table>") {
            claim.end_table();
        }
        if claim.cells > MAX_CELLS || claim.rectangle() > MAX_CELLS {
            return Err(too_large(&format!("claims more than {MAX_CELLS} cells")));
        }
        if claim.text > MAX_TEXT {
            return Err(too_large("repeats its text too often"));
        }
        from = end;
    }
    Ok(())
}

/// What a workbook asks memory for. Empty cells and rows cost nothing until
/// something stands after them.
#[derive(Default)]
struct Claim {
    cells: usize,
    text: usize,
    /// Of the present sheet: rows so far, the last that is not empty, and the
    /// most columns of any.
    rows: usize,
    last: usize,
    widest: usize,
    /// Of the present row.
    row_repeats: usize,
    width: usize,
    filled: usize,
}

impl Claim {
    fn cell(&mut self, repeats: usize, filled: bool, length: usize) {
        self.width = self.width.saturating_add(repeats);
        if filled {
            let times = repeats.saturating_mul(self.row_repeats.max(1));
            self.text = self.text.saturating_add(times.saturating_mul(length));
            self.filled = self.width;
        }
    }

    fn end_row(&mut self) {
        self.rows = self.rows.saturating_add(self.row_repeats);
        if self.filled > 0 {
            self.last = self.rows;
            self.widest = self.widest.max(self.filled);
            self.cells = self.cells.saturating_add(self.filled);
        }
        (self.row_repeats, self.width, self.filled) = (0, 0, 0);
    }

    fn rectangle(&self) -> usize {
        self.last.saturating_mul(self.widest)
    }

    fn end_table(&mut self) {
        self.end_row();
        self.cells = self.cells.saturating_add(self.rectangle());
        (self.rows, self.last, self.widest) = (0, 0, 0);
    }
}

/// Start and end of the next tag; a `>` between quotes does not end it.
fn next_tag(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let start = from + memchr::memchr(b'<', text.get(from..)?)?;
    let mut at = start + 1;
    loop {
        at += memchr::memchr3(b'>', b'"', b'\'', text.get(at..)?)?;
        let mark = text[at];
        at += 1;
        if mark == b'>' {
            return Some((start, at));
        }
        at += 1 + memchr::memchr(mark, text.get(at..)?)?;
    }
}

/// How often a row or cell is repeated; none where the number is malformed.
fn repeated(tag: &[u8], attribute: &[u8]) -> Option<usize> {
    let Some(at) = memchr::memmem::find(tag, attribute) else {
        return Some(1);
    };
    let digits = tag.get(at + attribute.len() + 1..)?;
    let end = digits.iter().position(|d| !d.is_ascii_digit())?;
    std::str::from_utf8(&digits[..end]).ok()?.parse().ok()
}

/// Whether a cell without content has a value or a formula all the same.
fn is_filled(tag: &[u8]) -> bool {
    [b"office:".as_slice(), b"table:formula", b"calcext:"]
        .iter()
        .any(|name| memchr::memmem::find(tag, name).is_some())
}

fn read_ods(bytes: &[u8]) -> Result<Vec<Sheet>, Fault> {
    let mut book: Ods<_> = Ods::new(Cursor::new(bytes)).map_err(|e| damaged(&e))?;
    let mut sheets = Vec::new();
    for name in book.sheet_names() {
        let range = book.worksheet_range(&name).map_err(|e| damaged(&e))?;
        let (top, left) = range.start().unwrap_or_default();
        let mut rows = vec![Vec::new(); top as usize];
        for row in range.rows() {
            let mut cells = vec![String::new(); left as usize];
            cells.extend(row.iter().map(text_of));
            while cells.last().is_some_and(String::is_empty) {
                cells.pop();
            }
            rows.push(cells);
        }
        sheets.push(Sheet { name, rows });
    }
    Ok(sheets)
}

fn read_xlsx(bytes: &[u8]) -> Result<Vec<Sheet>, Fault> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|e| damaged(&e))?;
    let (mut cells, mut text) = (0, 0);
    let mut sheets = Vec::new();
    for name in book.sheet_names() {
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut reader = book
            .worksheet_cells_reader(&name)
            .map_err(|e| damaged(&e))?;
        while let Some(cell) = reader.next_cell().map_err(|e| damaged(&e))? {
            let (row, column) = cell.get_position();
            let (row, column) = (row as usize, column as usize);
            let value = match cell.get_value() {
                DataRef::SharedString(value) => (*value).to_owned(),
                value => text_of(&Data::from(value.clone())),
            };
            if value.is_empty() {
                continue;
            }
            let new_rows = (row + 1).saturating_sub(rows.len());
            let width = rows.get(row).map_or(0, Vec::len);
            cells += new_rows + (column + 1).saturating_sub(width);
            text += value.len();
            if cells > MAX_CELLS {
                return Err(too_large(&format!("has more than {MAX_CELLS} cells")));
            }
            if text > MAX_TEXT {
                return Err(too_large("repeats its text too often"));
            }
            rows.resize(rows.len().max(row + 1), Vec::new());
            if let Some(row) = rows.get_mut(row) {
                row.resize(row.len().max(column + 1), String::new());
                row[column] = value;
            }
        }
        sheets.push(Sheet { name, rows });
    }
    Ok(sheets)
}

/// A cell as text: numbers in full, days as YYYY-MM-DD, white space as single
/// blanks.
fn text_of(cell: &Data) -> String {
    match cell {
        Data::Int(n) => n.to_string(),
        Data::Float(n) => n.to_string(),
        Data::Bool(true) => "True".to_owned(),
        Data::Bool(false) => "False".to_owned(),
        Data::DateTime(day) => {
            let (year, month, day, ..) = day.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        Data::DateTimeIso(text) => text.split('T').next().unwrap_or_default().to_owned(),
        Data::String(text) | Data::DurationIso(text) => {
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        }
        Data::Error(error) => error.to_string(),
        Data::Empty => String::new(),
    }
}
