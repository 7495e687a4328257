//! How the fields of a file stand to the columns of its table: by the
//! table's own names, or through a mapping.

use std::sync::Arc;

use super::Extract;
use super::records::{Seen, each_row};
use crate::mapping::{Binding, Mapping, Translation};
use crate::personal::{Detector, Expected};
use crate::quarantine::Rule;
use crate::records::Record;
use crate::source::{Column, Kind, Source};

/// Columns of the tables that hold sentences about no person.
const SENTENCES: [&str; 6] = [
    "text_paraphrase",
    "hypothesis",
    "own_action",
    "confidence",
    "item",
    "evidence_refs",
];

/// Columns of the tables that hold names of places, schemes and posts.
const NAMES: [&str; 5] = ["name", "scheme", "funder", "district", "team"];

/// The header of an extract file, understood.
#[derive(Debug)]
pub(crate) struct Columns {
    pub(super) source: &'static Source,
    headers: Vec<String>,
    /// Each table column's place in a row as the checks see it, where it has
    /// one.
    pub(super) places: Vec<Option<usize>>,
    pub(super) binding: Option<Binding>,
}

impl Columns {
    /// Of a file with the table's own headers.
    pub(crate) fn own(
        source: &'static Source,
        headers: Vec<String>,
        places: Vec<Option<usize>>,
    ) -> Self {
        Self {
            source,
            headers,
            places,
            binding: None,
        }
    }

    /// Of a file with headers of its own and a mapping for them.
    pub(crate) fn mapped(headers: Vec<String>, binding: Binding) -> Self {
        Self {
            source: binding.mapping.source,
            headers,
            places: binding.places(),
            binding: Some(binding),
        }
    }

    pub(crate) fn source(&self) -> &'static Source {
        self.source
    }

    pub(crate) fn mapping(&self) -> Option<&Arc<Mapping>> {
        self.binding.as_ref().map(|b| &b.mapping)
    }

    /// Fields in a good row of the file.
    pub(super) fn width(&self) -> usize {
        self.headers.len()
    }

    /// A column for a reader: its name, and its header where that is another.
    pub(super) fn name(&self, column: usize) -> Option<String> {
        let name = &self.source.columns.get(column)?.name;
        let field = self.binding.as_ref().and_then(|b| b.field_of(column));
        Some(match field.and_then(|f| self.headers.get(f)) {
            Some(header) => format!("{name} (“{header}”)"),
            None => name.clone(),
        })
    }

    /// What looks for personal data in the rows of the file, ignored columns
    /// too.
    pub(super) fn detector(&self) -> Detector {
        let columns = self.headers.iter().enumerate().map(|(field, header)| {
            let column = match &self.binding {
                Some(binding) => binding.columns_of(field).next(),
                None => self.places.iter().position(|p| *p == Some(field)),
            };
            let column = column.and_then(|c| self.source.columns.get(c));
            let own = column.is_some_and(|c| c.name == header.trim().to_lowercase());
            (
                header.as_str(),
                column.map_or(Expected::Words, expected),
                own,
            )
        });
        Detector::new(columns)
    }
}

impl Extract {
    /// Calls `visit` with the line, the fields as they stand in the file and
    /// the row as one of the table, for every row.
    pub(super) fn each_row(
        &self,
        mut visit: impl FnMut(u64, &[&[u8]], Record<'_>),
    ) -> Result<(Seen, Translation), String> {
        let mut counted = Translation::default();
        let seen = each_row(&self.packed, |line, record| {
            let Ok(fields) = record else {
                return visit(line, &[], record);
            };
            if fields.len() != self.columns.width() {
                return visit(line, fields, Err((Rule::Fields, &[])));
            }
            match &self.columns.binding {
                None => visit(line, fields, record),
                Some(binding) => {
                    let row = binding.row(fields, &mut counted);
                    let row: Vec<&[u8]> = row.iter().map(AsRef::as_ref).collect();
                    visit(line, fields, Ok(&row));
                }
            }
        })?;
        Ok((seen, counted))
    }
}

/// What a column of a table holds by its type and name.
fn expected(column: &Column) -> Expected {
    match column.kind {
        Kind::Text | Kind::Category => {
            let name = column.name.as_str();
            if SENTENCES.contains(&name) {
                Expected::Sentences
            } else if NAMES.contains(&name) {
                Expected::PlaceName
            } else if name.ends_with("_id") || name.ends_with("_ids") {
                Expected::Reference
            } else {
                Expected::Words
            }
        }
        Kind::Integer | Kind::Decimal => Expected::Number,
        _ => Expected::Checked,
    }
}
