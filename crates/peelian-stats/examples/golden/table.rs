//! Tables and objects in and out: CSV by column, JSON by key.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A CSV file as columns of text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    names: Vec<String>,
    columns: Vec<Vec<String>>,
}

impl Table {
    /// Reads `file` of `case`.
    pub(crate) fn read(case: &Path, file: &str) -> Result<Self> {
        let path = case.join(file);
        let context = |error: csv::Error| format!("{}: {error}", path.display());
        let mut reader = csv::Reader::from_path(&path).map_err(context)?;
        let names: Vec<String> = reader
            .headers()
            .map_err(context)?
            .iter()
            .map(Into::into)
            .collect();
        let mut columns = vec![Vec::new(); names.len()];
        for record in reader.records() {
            for (column, cell) in columns.iter_mut().zip(&record.map_err(context)?) {
                column.push(cell.to_owned());
            }
        }
        Ok(Self { names, columns })
    }

    /// The names of the columns, in order.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    /// A column as it is written.
    pub(crate) fn text(&self, name: &str) -> Result<&[String]> {
        let place = self.names.iter().position(|n| n == name);
        let place = place.ok_or_else(|| format!("no column {name}"))?;
        Ok(&self.columns[place])
    }

    /// A column of numbers; an empty cell or `NA` is missing.
    pub(crate) fn optional(&self, name: &str) -> Result<Vec<Option<f64>>> {
        let number = |cell: &String| match cell.as_str() {
            "" | "NA" | "NaN" | "nan" => Ok(None),
            "Inf" => Ok(Some(f64::INFINITY)),
            "-Inf" => Ok(Some(f64::NEG_INFINITY)),
            text => text
                .parse()
                .map(Some)
                .map_err(|_| format!("column {name}: {text:?} is no number")),
        };
        Ok(self
            .text(name)?
            .iter()
            .map(number)
            .collect::<std::result::Result<_, _>>()?)
    }

    /// A column of numbers, none missing.
    pub(crate) fn numbers(&self, name: &str) -> Result<Vec<f64>> {
        let all = self.optional(name)?.into_iter().collect::<Option<_>>();
        Ok(all.ok_or_else(|| format!("column {name} has an empty cell"))?)
    }

    /// Adds a column of text.
    pub(crate) fn with_text<T: ToString>(
        mut self,
        name: &str,
        cells: impl IntoIterator<Item = T>,
    ) -> Self {
        self.names.push(name.to_owned());
        self.columns
            .push(cells.into_iter().map(|cell| cell.to_string()).collect());
        self
    }

    /// Adds a column of numbers in full precision; what is not a number is left empty.
    pub(crate) fn with(self, name: &str, cells: impl IntoIterator<Item = f64>) -> Self {
        self.with_optional(name, cells.into_iter().map(Some))
    }

    /// Adds a column of numbers, some missing.
    pub(crate) fn with_optional(
        self,
        name: &str,
        cells: impl IntoIterator<Item = Option<f64>>,
    ) -> Self {
        self.with_text(
            name,
            cells.into_iter().map(|cell| match cell {
                Some(value) if !value.is_nan() => value.to_string(),
                _ => String::new(),
            }),
        )
    }

    /// Writes the table as `file` in `out`; all columns must be of one length.
    pub(crate) fn write(&self, out: &Path, file: &str) -> Result<()> {
        if let Some(odd) = self
            .columns
            .iter()
            .position(|column| column.len() != self.rows())
        {
            return Err(format!("{file}: column {} has another length", self.names[odd]).into());
        }
        let mut writer = csv::Writer::from_path(out.join(file))?;
        writer.write_record(&self.names)?;
        for row in 0..self.rows() {
            writer.write_record(self.columns.iter().map(|column| &column[row]))?;
        }
        Ok(writer.flush()?)
    }
}

/// Reads a JSON file of `case`.
pub(crate) fn read_json(case: &Path, file: &str) -> Result<Value> {
    let path = case.join(file);
    let context = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = fs::read(&path).map_err(|error| context(&error))?;
    Ok(serde_json::from_slice(&text).map_err(|error| context(&error))?)
}

/// Writes a JSON file into `out`.
pub(crate) fn write_json(out: &Path, file: &str, value: &Value) -> Result<()> {
    let mut text = serde_json::to_string_pretty(value)?;
    writeln!(text)?;
    Ok(fs::write(out.join(file), text)?)
}

/// The number at a JSON pointer such as `/fixed/level`.
pub(crate) fn number(value: &Value, pointer: &str) -> Result<f64> {
    let found = value.pointer(pointer).and_then(Value::as_f64);
    Ok(found.ok_or_else(|| format!("no number at {pointer}"))?)
}

/// The list of numbers at a JSON pointer.
pub(crate) fn numbers(value: &Value, pointer: &str) -> Result<Vec<f64>> {
    let found = value.pointer(pointer).and_then(Value::as_array);
    let found = found.and_then(|list| list.iter().map(Value::as_f64).collect());
    Ok(found.ok_or_else(|| format!("no list of numbers at {pointer}"))?)
}
