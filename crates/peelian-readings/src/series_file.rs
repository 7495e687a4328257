//! The readings of one measure as a Parquet file: one row a force, area and month.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Array, ArrayRef, Float64Array, Int32Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use peelian_model::{MeasureId, Month, Reading, Series};

use crate::ReadingsError;
use crate::generation::replace;

/// Writes the series of one measure. `period` is written as `2021-03`, so that
/// the file can be read by hand with any tool.
pub fn write_series(path: &Path, series: &[Series]) -> Result<(), ReadingsError> {
    let rows = || {
        series
            .iter()
            .flat_map(|s| s.readings.iter().map(move |r| (s, r)))
    };
    let text = |f: &dyn Fn(&Series, &Reading) -> Option<String>| -> ArrayRef {
        Arc::new(rows().map(|(s, r)| f(s, r)).collect::<StringArray>())
    };
    let number = |f: &dyn Fn(&Reading) -> Option<f64>| -> ArrayRef {
        Arc::new(rows().map(|(_, r)| f(r)).collect::<Float64Array>())
    };
    let batch = RecordBatch::try_from_iter_with_nullable([
        ("force", text(&|s, _| Some(s.force.to_string())), false),
        (
            "area",
            text(&|s, _| s.area.as_ref().map(ToString::to_string)),
            true,
        ),
        ("period", text(&|_, r| Some(r.period.to_string())), false),
        ("numerator", number(&|r| r.numerator), true),
        ("denominator", number(&|r| r.denominator), true),
        ("value", number(&|r| r.value), true),
        ("lower", number(&|r| r.lower), true),
        ("upper", number(&|r| r.upper), true),
        (
            "status",
            text(&|_, r| Some(r.status.as_str().to_owned())),
            false,
        ),
        (
            "denominator_year",
            Arc::new(
                rows()
                    .map(|(_, r)| r.denominator_year)
                    .collect::<Int32Array>(),
            ) as ArrayRef,
            true,
        ),
        ("left_out", number(&|r| r.left_out), true),
        ("bound_low", number(&|r| r.bounds.map(|b| b.0)), true),
        ("bound_high", number(&|r| r.bounds.map(|b| b.1)), true),
    ])
    .map_err(|e| ReadingsError::damaged(path, e))?;

    let level = ZstdLevel::try_new(3).map_err(|e| ReadingsError::damaged(path, e))?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .build();
    let mut bytes = Vec::new();
    ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties))
        .and_then(|mut writer| {
            writer.write(&batch)?;
            writer.close()
        })
        .map_err(|e| ReadingsError::damaged(path, e))?;
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(ReadingsError::io(parent))?;
    }
    replace(path, &bytes)
}

/// Reads what [`write_series`] wrote.
pub fn read_series(path: &Path, measure: &MeasureId) -> Result<Vec<Series>, ReadingsError> {
    let damaged = |e: &dyn std::fmt::Display| ReadingsError::damaged(path, e);
    let file = File::open(path).map_err(ReadingsError::io(path))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(ParquetRecordBatchReaderBuilder::build)
        .map_err(|e| damaged(&e))?;
    let mut series: Vec<Series> = Vec::new();
    for batch in reader {
        let batch = batch.map_err(|e| damaged(&e))?;
        let rows = Rows::of(&batch).ok_or_else(|| damaged(&"a column is absent"))?;
        for row in 0..batch.num_rows() {
            let (force, area) = rows
                .place(row)
                .ok_or_else(|| damaged(&"a place is no code"))?;
            let reading = rows
                .reading(row)
                .ok_or_else(|| damaged(&"a month or status is none"))?;
            match series.last_mut() {
                Some(last) if last.force == force && last.area == area => {
                    last.readings.push(reading);
                }
                _ => series.push(Series {
                    measure: measure.clone(),
                    force,
                    area,
                    readings: vec![reading],
                }),
            }
        }
    }
    Ok(series)
}

/// The columns of a batch, by name.
struct Rows<'a> {
    force: &'a StringArray,
    area: &'a StringArray,
    period: &'a StringArray,
    status: &'a StringArray,
    year: &'a Int32Array,
    numbers: [&'a Float64Array; 8],
}

impl<'a> Rows<'a> {
    fn of(batch: &'a RecordBatch) -> Option<Self> {
        let text = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
        let number = |name: &str| {
            batch
                .column_by_name(name)?
                .as_primitive_opt::<Float64Type>()
        };
        Some(Self {
            force: text("force")?,
            area: text("area")?,
            period: text("period")?,
            status: text("status")?,
            year: batch
                .column_by_name("denominator_year")?
                .as_primitive_opt::<Int32Type>()?,
            numbers: [
                number("numerator")?,
                number("denominator")?,
                number("value")?,
                number("lower")?,
                number("upper")?,
                number("left_out")?,
                number("bound_low")?,
                number("bound_high")?,
            ],
        })
    }

    fn place(
        &self,
        row: usize,
    ) -> Option<(peelian_model::ForceId, Option<peelian_model::AreaCode>)> {
        let force = self.force.value(row).parse().ok()?;
        let area = if self.area.is_valid(row) {
            Some(self.area.value(row).parse().ok()?)
        } else {
            None
        };
        Some((force, area))
    }

    fn reading(&self, row: usize) -> Option<Reading> {
        let [
            numerator,
            denominator,
            value,
            lower,
            upper,
            left_out,
            low,
            high,
        ] = self
            .numbers
            .map(|column| column.is_valid(row).then(|| column.value(row)));
        Some(Reading {
            period: self.period.value(row).parse::<Month>().ok()?,
            numerator,
            denominator,
            value,
            lower,
            upper,
            status: self.status.value(row).parse().ok()?,
            denominator_year: self.year.is_valid(row).then(|| self.year.value(row)),
            left_out,
            bounds: low.zip(high),
        })
    }
}
