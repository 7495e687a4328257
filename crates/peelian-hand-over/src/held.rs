//! The counts and half hours of a force, out of the tables of a home.

use std::fs::File;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch};
use jiff::Timestamp;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use peelian_archive::{Home, Manifest};
use peelian_model::{ForceId, Month};

use crate::HandOverError;
use crate::row::{Count, HalfHour, months_of};

/// Counts of a force whose periods lie within the months, in a fixed order.
pub(crate) fn counts(
    home: &Home,
    manifest: &Manifest,
    force: &ForceId,
    (first, last): (Month, Month),
) -> Result<Vec<Count>, HandOverError> {
    let mut rows = Vec::new();
    each_batch(home, manifest, "counts", |batch| {
        for i in 0..batch.num_rows() {
            let period = text(batch, "period", i);
            let within = months_of(&period).is_some_and(|(a, b)| a >= first && b <= last);
            if text(batch, "force", i) != force.as_str() || !within {
                continue;
            }
            rows.push(Count {
                measure_id: text(batch, "measure_id", i),
                definition_version: text(batch, "definition_version", i),
                force: force.to_string(),
                area_code: text(batch, "area_code", i),
                period,
                category: text(batch, "category", i),
                numerator: number(batch, "numerator", i),
                denominator: number(batch, "denominator", i),
                suppressed: flag(batch, "suppressed", i),
                as_at: day(batch, "as_at", i),
                source_system: text(batch, "source_system", i),
                contact_role: text(batch, "contact_role", i),
            });
        }
    })?;
    rows.sort_by(|a, b| {
        let key = |c: &Count| {
            (
                c.measure_id.clone(),
                c.area_code.clone(),
                c.period.clone(),
                c.category.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
    Ok(rows)
}

/// Half hours of a force in the months, in a fixed order.
pub(crate) fn half_hours(
    home: &Home,
    manifest: &Manifest,
    force: &ForceId,
    (first, last): (Month, Month),
) -> Result<Vec<HalfHour>, HandOverError> {
    let mut rows = Vec::new();
    let within = |day: &str| {
        let month = day.get(..7).and_then(|m| m.parse::<Month>().ok());
        month.is_some_and(|m| m >= first && m <= last)
    };
    each_batch(home, manifest, "call_intervals", |batch| {
        for i in 0..batch.num_rows() {
            if text(batch, "force", i) != force.as_str() || !within(&day(batch, "month", i)) {
                continue;
            }
            rows.push(HalfHour {
                interval_start: time(batch, "interval_start", i),
                line: text(batch, "line", i),
                offered: number(batch, "offered", i),
                answered: number(batch, "answered", i),
                abandoned_menu: number(batch, "abandoned_menu", i),
                abandoned_queue: number(batch, "abandoned_queue", i),
                answered_in_threshold: number(batch, "answered_in_threshold", i),
                threshold_s: number(batch, "threshold_s", i),
                sum_wait_s: number(batch, "sum_wait_s", i),
                max_wait_s: number(batch, "max_wait_s", i),
                sum_handle_s: number(batch, "sum_handle_s", i),
                staffed_positions: decimal(batch, "staffed_positions", i),
                occupancy: decimal(batch, "occupancy", i),
            });
        }
    })?;
    let key = |h: &HalfHour| (h.line.clone(), h.interval_start.clone());
    rows.sort_by_key(key);
    Ok(rows)
}

fn each_batch(
    home: &Home,
    manifest: &Manifest,
    table: &str,
    mut visit: impl FnMut(&RecordBatch),
) -> Result<(), HandOverError> {
    for file in manifest.files(table) {
        let path = home.path().join(file);
        let opened = File::open(&path).map_err(HandOverError::io(&path))?;
        let damaged = |e: &dyn std::fmt::Display| {
            HandOverError::refused(format!(
                "{}: {e}: restore the home from a backup",
                path.display()
            ))
        };
        let reader = ParquetRecordBatchReaderBuilder::try_new(opened)
            .and_then(ParquetRecordBatchReaderBuilder::build)
            .map_err(|e| damaged(&e))?;
        for batch in reader {
            visit(&batch.map_err(|e| damaged(&e))?);
        }
    }
    Ok(())
}

/// A column that has a value in the row.
fn column<'b>(batch: &'b RecordBatch, name: &str, row: usize) -> Option<&'b dyn Array> {
    let column = batch.column_by_name(name)?;
    column.is_valid(row).then_some(column.as_ref())
}

fn text(batch: &RecordBatch, name: &str, row: usize) -> String {
    let value = column(batch, name, row).and_then(|c| c.as_string_opt::<i32>());
    value.map_or_else(String::new, |c| c.value(row).to_owned())
}

fn number(batch: &RecordBatch, name: &str, row: usize) -> Option<u64> {
    let value = column(batch, name, row)?.as_primitive_opt::<Int64Type>()?;
    u64::try_from(value.value(row)).ok()
}

fn decimal(batch: &RecordBatch, name: &str, row: usize) -> Option<f64> {
    let value = column(batch, name, row)?.as_primitive_opt::<Float64Type>()?;
    Some(value.value(row))
}

fn flag(batch: &RecordBatch, name: &str, row: usize) -> bool {
    let value = column(batch, name, row).and_then(|c| c.as_boolean_opt());
    value.is_some_and(|c| c.value(row))
}

fn day(batch: &RecordBatch, name: &str, row: usize) -> String {
    let value = column(batch, name, row).and_then(|c| c.as_primitive_opt::<Date32Type>());
    let second = value.map(|c| i64::from(c.value(row)) * 86_400);
    let at = second.and_then(|s| Timestamp::from_second(s).ok());
    at.map_or_else(String::new, |at| at.to_string().chars().take(10).collect())
}

fn time(batch: &RecordBatch, name: &str, row: usize) -> String {
    let value =
        column(batch, name, row).and_then(|c| c.as_primitive_opt::<TimestampMillisecondType>());
    let at = value.and_then(|c| Timestamp::from_millisecond(c.value(row)).ok());
    at.map_or_else(String::new, |at| at.to_string())
}
