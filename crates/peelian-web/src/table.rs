//! A tidy table: one row an observation, one column a variable. CSV and JSON
//! are written from the same cells, so they cannot differ.

use peelian_model::Nature;
use serde_json::{Map, Value, json};

use crate::Snapshot;

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Text(String),
    Number(f64),
    /// Nothing is known; the row's status says why.
    Empty,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        if number.is_finite() {
            Self::Number(number)
        } else {
            Self::Empty
        }
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

/// A row: each column's name beside its value, in order.
pub(crate) type Row = Vec<(&'static str, Cell)>;

/// A table that can be saved.
#[derive(Debug)]
pub(crate) struct Table {
    /// What it holds.
    pub(crate) title: String,
    /// The columns' names in `snake_case`, known even where no row is held.
    pub(crate) columns: Vec<&'static str>,
    pub(crate) rows: Vec<Vec<Cell>>,
    nature: &'static str,
}

impl Table {
    /// A table of some columns. The last column, `data`, says whether the row
    /// is real or synthetic.
    pub(crate) fn new(
        snapshot: &Snapshot,
        title: String,
        columns: &[&'static str],
        rows: Vec<Row>,
    ) -> Self {
        let nature = match snapshot.catalogue.nature() {
            Nature::Real => "real",
            Nature::Synthetic => "synthetic",
        };
        let rows = rows
            .into_iter()
            .map(|row| {
                columns
                    .iter()
                    .map(|name| {
                        row.iter()
                            .find(|(key, _)| key == name)
                            .map_or(Cell::Empty, |(_, cell)| cell.clone())
                    })
                    .chain([Cell::from(nature)])
                    .collect()
            })
            .collect();
        Self {
            title,
            columns: columns.iter().copied().chain(["data"]).collect(),
            rows,
            nature,
        }
    }

    /// RFC 4180: UTF-8, one header line, CRLF. A text that a spreadsheet
    /// would take for a formula is set off with an apostrophe.
    pub(crate) fn csv(&self) -> Vec<u8> {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        let lines = std::iter::once(self.columns.iter().map(ToString::to_string).collect()).chain(
            self.rows
                .iter()
                .map(|row| row.iter().map(csv_cell).collect::<Vec<_>>()),
        );
        for line in lines {
            // Writing to memory cannot fail, and every row has the same length.
            let _ = writer.write_record(&line);
        }
        writer.into_inner().unwrap_or_default()
    }

    /// The same cells with their names, and what stands behind them.
    pub(crate) fn json(&self, snapshot: &Snapshot) -> Vec<u8> {
        let generation = snapshot.catalogue.generation();
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                Value::Object(
                    self.columns
                        .iter()
                        .zip(row)
                        .map(|(name, cell)| ((*name).to_owned(), json_cell(cell)))
                        .collect::<Map<_, _>>(),
                )
            })
            .collect();
        let sources: Vec<Value> = generation
            .sources
            .iter()
            .map(|s| {
                json!({"source": s.source, "title": s.title, "as_at": s.as_at, "attribution": s.attribution})
            })
            .collect();
        let value = json!({
            "title": self.title,
            "data": self.nature,
            "generation": generation.number,
            "computed_at": generation.computed_at,
            "sources": sources,
            "not_for": crate::words::NOT_FOR,
            "rows": rows,
        });
        serde_json::to_vec(&value).unwrap_or_default()
    }
}

fn csv_cell(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Number(number) => number.to_string(),
        Cell::Text(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => {
            format!("'{text}")
        }
        Cell::Text(text) => text.clone(),
    }
}

fn json_cell(cell: &Cell) -> Value {
    match cell {
        Cell::Empty => Value::Null,
        Cell::Text(text) => Value::from(text.as_str()),
        // Whole numbers without “.0”, as in the CSV.
        Cell::Number(n) if n.fract() == 0.0 && n.abs() < 9e15 => Value::from(*n as i64),
        Cell::Number(n) => Value::from(*n),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_looks_like_a_formula_is_set_off_and_a_number_is_not() {
        assert_eq!(csv_cell(&Cell::from("=1+1")), "'=1+1");
        assert_eq!(csv_cell(&Cell::from("@here")), "'@here");
        assert_eq!(csv_cell(&Cell::from(-1.5)), "-1.5");
        assert_eq!(csv_cell(&Cell::from("essex")), "essex");
    }

    #[test]
    fn nothing_known_is_empty_and_not_nought() {
        assert_eq!(csv_cell(&Cell::from(None::<f64>)), "");
        assert_eq!(csv_cell(&Cell::from(f64::NAN)), "");
        assert_eq!(csv_cell(&Cell::from(0.0)), "0");
        assert_eq!(json_cell(&Cell::Empty), Value::Null);
    }
}
