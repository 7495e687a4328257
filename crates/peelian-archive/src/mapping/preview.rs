//! What a mapping does to a file, shown before anything is stored.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use peelian_model::ForceId;

use super::{Binding, Filling, Mapping};
use crate::extract::{self, Columns, Extract, TriedRow};
use crate::input::split_header;
use crate::packed::{Opened, Packed};
use crate::personal::Finding;
use crate::quarantine::{Rule, concealed};
use crate::records::csv_lines;

/// Lines named of a fault; all are counted.
const NAMED: usize = 5;

/// Different codes named of a file.
const CODES: usize = 200;

/// What a mapping does to a file.
#[derive(Debug)]
pub struct Preview {
    /// Rows of the file.
    pub rows: u64,
    /// Rows that would be kept.
    pub kept: u64,
    /// The first rows, side by side.
    pub shown: Vec<ShownRow>,
    /// Why rows would be set aside, the most frequent first.
    pub faults: Vec<Fault>,
    /// Words that are no code of their column and have no mapping, with rows.
    pub codes: Vec<(String, String, u64)>,
    /// The share of rows, from 0 to 1, in which a column would be blank.
    pub blanks: Vec<(String, f64)>,
    /// Personal data, for which the file would be refused.
    pub findings: Vec<Finding>,
    /// Times in the hour that occurs twice, of which the earlier is taken.
    pub twice: u64,
}

impl Preview {
    /// Whether every row would be kept.
    pub fn is_clean(&self) -> bool {
        self.kept == self.rows && self.findings.is_empty()
    }
}

/// A row of the file and what it becomes.
#[derive(Debug)]
pub struct ShownRow {
    /// Its line.
    pub line: u64,
    /// Column of the table, value in the file, value in the table.
    pub cells: Vec<(String, String, String)>,
    /// Why it would be set aside.
    pub fault: Option<String>,
}

/// A rule that rows break.
#[derive(Debug)]
pub struct Fault {
    /// Columns of the table, with their headers in the file.
    pub columns: String,
    /// What the rule asks for, to stand after “expected”.
    pub expected: &'static str,
    /// Rows that break it.
    pub rows: u64,
    /// The lines of the first of them.
    pub lines: Vec<u64>,
}

/// Opens a single file and reads its headers. The error is a reason for a
/// reader.
pub(super) fn open(path: &Path) -> Result<(Packed, Vec<String>), String> {
    let packed = match Packed::open(path)? {
        Opened::One(packed) => packed,
        Opened::Archive(_) => return Err("it is an archive: give a file that was in it".to_owned()),
    };
    let head = extract::parquet_header(&packed).unwrap_or_else(|| packed.head())?;
    let (header, _) = split_header(&head)?;
    let headers = csv_lines(header).into_iter().next().unwrap_or_default();
    let headers = headers.into_iter().map(|h| h.trim().to_owned()).collect();
    Ok((packed, headers))
}

/// Reads a file through a mapping and shows what becomes of it. The error
/// says why it cannot be read at all.
pub fn preview(
    mapping: Mapping,
    path: &Path,
    force: Option<&ForceId>,
    rows: usize,
) -> Result<Preview, String> {
    let (packed, headers) = open(path)?;
    let names: Vec<&str> = headers.iter().map(String::as_str).collect();
    let binding = Binding::of(&Arc::new(mapping), &names)
        .map_err(|difference| format!("the mapping does not fit: {difference}"))?;
    let columns = Columns::mapped(headers.clone(), binding.clone());
    let mut look = Look::new(&binding, &headers, rows);
    let tried = Extract::trial(&packed, columns, force, |row| look.row(row))?;
    Ok(look.finish(tried.findings, tried.counted.twice))
}

struct Look<'a> {
    binding: &'a Binding,
    headers: &'a [String],
    /// How many rows to show.
    most: usize,
    rows: u64,
    kept: u64,
    shown: Vec<(ShownRow, Vec<Option<usize>>)>,
    faults: BTreeMap<(Vec<usize>, Rule), (u64, Vec<u64>)>,
    codes: BTreeMap<(usize, String), u64>,
    blanks: Vec<u64>,
}

impl<'a> Look<'a> {
    fn new(binding: &'a Binding, headers: &'a [String], most: usize) -> Self {
        Self {
            binding,
            headers,
            most,
            rows: 0,
            kept: 0,
            shown: Vec::new(),
            faults: BTreeMap::new(),
            codes: BTreeMap::new(),
            blanks: vec![0; binding.mapping.source.columns.len()],
        }
    }

    fn name(&self, column: usize) -> String {
        let columns = &self.binding.mapping.source.columns;
        columns
            .get(column)
            .map_or_else(String::new, |c| c.name.clone())
    }

    /// A column with its header in the file.
    fn full_name(&self, column: usize) -> String {
        let header = self
            .binding
            .field_of(column)
            .and_then(|f| self.headers.get(f));
        match header {
            Some(header) => format!("{} (“{header}”)", self.name(column)),
            None => self.name(column),
        }
    }

    fn row(&mut self, row: &TriedRow<'_>) {
        self.rows += 1;
        self.kept += u64::from(row.broken.is_none());
        for (blanks, field) in self.blanks.iter_mut().zip(row.ours) {
            *blanks += u64::from(field.is_empty());
        }
        if let Some((rule, columns)) = &row.broken {
            let (count, lines) = self.faults.entry((columns.clone(), *rule)).or_default();
            *count += 1;
            if lines.len() < NAMED {
                lines.push(row.line);
            }
            if let (Rule::Code, [column]) = (rule, columns.as_slice())
                && let Some(word) = row.ours.get(*column)
            {
                let word = String::from_utf8_lossy(word).into_owned();
                if self.codes.len() < CODES || self.codes.contains_key(&(*column, word.clone())) {
                    *self.codes.entry((*column, word)).or_default() += 1;
                }
            }
        }
        if self.shown.len() < self.most {
            self.show(row);
        }
    }

    fn show(&mut self, row: &TriedRow<'_>) {
        let text = |field: &[u8]| String::from_utf8_lossy(field).into_owned();
        let (mut cells, mut places) = (Vec::new(), Vec::new());
        for (column, filling) in self.binding.mapping.fillings.iter().enumerate() {
            let ours = row.ours.get(column).map_or_else(String::new, |f| text(f));
            let (theirs, place) = match filling {
                None => continue,
                Some(Filling::Constant(_)) => (String::new(), None),
                Some(Filling::Headers(_)) => {
                    let fields = self.binding.fields_of(column);
                    let parts: Vec<String> = fields
                        .iter()
                        .filter_map(|f| row.theirs.get(*f))
                        .map(|f| text(f))
                        .collect();
                    (parts.join(" "), self.binding.field_of(column))
                }
            };
            cells.push((self.name(column), theirs, ours));
            places.push(place);
        }
        let fault = row.broken.as_ref().map(|(rule, columns)| {
            let columns: Vec<String> = columns.iter().map(|c| self.full_name(*c)).collect();
            match columns.join(", ").as_str() {
                "" => format!("expected {}", rule.expected()),
                columns => format!("{columns}: expected {}", rule.expected()),
            }
        });
        let shown = ShownRow {
            line: row.line,
            cells,
            fault,
        };
        self.shown.push((shown, places));
    }

    fn finish(mut self, findings: Vec<Finding>, twice: u64) -> Preview {
        let personal = |place: Option<usize>| {
            let header = place.and_then(|p| self.headers.get(p));
            header.is_some_and(|h| findings.iter().any(|f| f.column == *h))
        };
        // What is about people is not shown again.
        for (row, places) in &mut self.shown {
            for (cell, place) in row.cells.iter_mut().zip(places) {
                if personal(*place) {
                    cell.1 = concealed(cell.1.as_bytes());
                    cell.2 = concealed(cell.2.as_bytes());
                }
            }
        }
        let mut faults: Vec<Fault> = self
            .faults
            .iter()
            .map(|((columns, rule), (rows, lines))| {
                let columns: Vec<String> = columns.iter().map(|c| self.full_name(*c)).collect();
                Fault {
                    columns: columns.join(", "),
                    expected: rule.expected(),
                    rows: *rows,
                    lines: lines.clone(),
                }
            })
            .collect();
        faults.sort_by_key(|f| std::cmp::Reverse(f.rows));
        let codes = self.codes.iter().map(|((column, word), rows)| {
            let hidden = personal(self.binding.field_of(*column));
            let word = if hidden {
                concealed(word.as_bytes())
            } else {
                word.clone()
            };
            (self.full_name(*column), word, *rows)
        });
        let filled = self
            .binding
            .mapping
            .fillings
            .iter()
            .enumerate()
            .filter(|f| f.1.is_some());
        let share = |column: usize| {
            let blanks = self.blanks.get(column).copied().unwrap_or_default();
            blanks as f64 / self.rows.max(1) as f64
        };
        Preview {
            rows: self.rows,
            kept: self.kept,
            faults,
            codes: codes.collect(),
            blanks: filled.map(|(c, _)| (self.name(c), share(c))).collect(),
            shown: self.shown.into_iter().map(|s| s.0).collect(),
            findings,
            twice,
        }
    }
}
