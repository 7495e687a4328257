//! Checks the rows of an extract: each value by its column's type, then the
//! rules across columns.

use peelian_model::ForceId;

use super::rules::{Across, Broken};
use crate::quarantine::Rule;
use crate::reader::has_codes;
use crate::source::{Column, Given, Kind, Source};
use crate::value::{self, Cell};
use crate::{Part, london};

pub(crate) struct Checker<'a> {
    source: &'static Source,
    places: &'a [Option<usize>],
    across: Across,
}

impl<'a> Checker<'a> {
    pub(crate) fn new(source: &'static Source, places: &'a [Option<usize>]) -> Self {
        Self {
            source,
            places,
            across: Across::of(source),
        }
    }

    /// One cell a column, or which rule is broken in which columns.
    pub(crate) fn check<'f>(
        &self,
        fields: &[&'f [u8]],
        part: &'f Part,
    ) -> Result<Vec<Cell<'f>>, Broken> {
        let mut cells = Vec::with_capacity(self.source.columns.len());
        for (index, column) in self.source.columns.iter().enumerate() {
            let cell = match (column.given, self.places[index]) {
                (Some(given), _) => filling(given, part),
                (None, Some(place)) => {
                    let field = fields.get(place).copied().unwrap_or_default();
                    cell(column, field, part).map_err(|rule| (rule, vec![index]))?
                }
                (None, None) => column.constant.map_or(Cell::Null, Cell::Number),
            };
            cells.push(cell);
        }
        self.across.check(&cells)?;
        Ok(cells)
    }
}

fn filling(given: Given, part: &Part) -> Cell<'_> {
    match given {
        Given::Force => part
            .force
            .as_ref()
            .map_or(Cell::Null, |f| Cell::Text(f.as_str().as_bytes())),
        Given::Month => part
            .month
            .map_or(Cell::Null, |m| Cell::Number(value::month_days(m))),
        // The vintage follows once all codes of the month are known.
        Given::LsoaVintage => Cell::Null,
    }
}

/// The checked value of a field.
pub(crate) fn cell<'f>(column: &Column, field: &'f [u8], part: &Part) -> Result<Cell<'f>, Rule> {
    if field.is_empty() {
        return if column.required {
            Err(Rule::Required)
        } else {
            Ok(Cell::Null)
        };
    }
    let cell = value::parse(column.kind, field)?;
    exact(column.kind, field)?;
    if !column.codes.is_empty() && !has_codes(column, field) {
        return Err(Rule::Code);
    }
    // Real codes begin with a letter of a nation, invented ones with X.
    let synthetic = part.force.as_ref().is_some_and(ForceId::is_synthetic);
    match (column.kind, cell) {
        (Kind::AreaCode, Cell::Text(code)) if code.starts_with(b"X") != synthetic => {
            Err(Rule::AreaCode)
        }
        _ => Ok(cell),
    }
}

/// An extract is written for this product, so its times and dates have one
/// form: without its offset a time in October can be either of two.
pub(crate) fn exact(kind: Kind, field: &[u8]) -> Result<(), Rule> {
    match kind {
        Kind::Timestamp if !london::has_offset(field) => Err(Rule::Offset),
        Kind::Date if field.get(4) != Some(&b'-') => Err(Rule::Date),
        _ => Ok(()),
    }
}
