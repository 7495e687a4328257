//! The rows of an extract file: CSV, or Parquet with the same column names.
//! A Parquet row comes as the text that a CSV file would hold, so that both
//! go through the same checks.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{
    Array, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int8Array,
    Int16Array, Int32Array, Int64Array, LargeStringArray, ListArray, StringArray,
    TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray, UInt8Array,
    UInt16Array, UInt32Array, UInt64Array,
};
use arrow_schema::{DataType, TimeUnit};
use jiff::Timestamp;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};

use crate::input::split_header;
use crate::packed::Packed;
use crate::records::{Record, each_record};

/// Parquet bytes read at once, by the row.
const BATCH: usize = 4096;

/// Largest unpacked Parquet file taken, as it claims; as for CSV text.
const MAX_UNPACKED: i64 = 1 << 30;

const MAGIC: &[u8] = b"PAR1";

/// Size and SHA-256 of a file that was read through.
pub(crate) struct Seen {
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

/// Calls `visit` with the line number and fields of every row. Rows of a
/// Parquet file are counted as if the file were CSV with a header.
pub(crate) fn each_row(
    packed: &Packed,
    mut visit: impl FnMut(u64, Record<'_>),
) -> Result<Seen, String> {
    let Some(path) = packed.plain_path().filter(|p| is_parquet(p)) else {
        let text = packed.read()?;
        let (_, body) = split_header(&text)?;
        each_record(body, 2, visit);
        return Ok(Seen {
            bytes: text.len() as u64,
            sha256: crate::digest::sha256_hex(&text),
        });
    };
    each_parquet_row(path, &mut visit)?;
    Ok(Seen {
        bytes: packed.claimed_size(),
        sha256: packed.identity()?,
    })
}

/// The column names of a Parquet file as the header line of a CSV file; none
/// where the file is no Parquet.
pub(crate) fn parquet_header(packed: &Packed) -> Option<Result<Vec<u8>, String>> {
    let path = packed.plain_path().filter(|p| is_parquet(p))?;
    Some(open(path).map(|reader| {
        let names: Vec<&str> = reader
            .schema()
            .fields()
            .iter()
            .map(|f| f.name().as_str())
            .collect();
        names.join(",").into_bytes()
    }))
}

fn is_parquet(path: &Path) -> bool {
    let mut magic = [0; 4];
    File::open(path)
        .and_then(|mut f| std::io::Read::read_exact(&mut f, &mut magic))
        .is_ok()
        && magic == MAGIC
}

fn damaged(reason: &dyn std::fmt::Display) -> String {
    format!("it cannot be read as Parquet ({reason}): write it again, or give CSV")
}

fn open(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, String> {
    let file = File::open(path).map_err(|e| e.to_string())?;
    // Plain types: no dictionaries and views to tell apart.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
        .map_err(|e| damaged(&e))?;
    let unpacked: i64 = builder
        .metadata()
        .row_groups()
        .iter()
        .map(|g| g.total_byte_size().max(0))
        .fold(0, i64::saturating_add);
    if unpacked > MAX_UNPACKED {
        return Err(format!(
            "it unpacks to more than {} MiB: give several files, a year each",
            MAX_UNPACKED >> 20
        ));
    }
    Ok(builder)
}

fn each_parquet_row(path: &Path, visit: &mut impl FnMut(u64, Record<'_>)) -> Result<(), String> {
    let reader = open(path)?
        .with_batch_size(BATCH)
        .build()
        .map_err(|e| damaged(&e))?;
    let mut line = 2;
    for batch in reader {
        let batch = batch.map_err(|e| damaged(&e))?;
        let columns: Vec<Vec<String>> = batch
            .columns()
            .iter()
            .map(|c| texts(c.as_ref()))
            .collect::<Result<_, _>>()?;
        for row in 0..batch.num_rows() {
            let fields: Vec<&[u8]> = columns
                .iter()
                .map(|c| c.get(row).map_or(&[][..], |t| t.as_bytes()))
                .collect();
            visit(line, Ok(&fields));
            line += 1;
        }
    }
    Ok(())
}

/// The values of a column as a CSV file would hold them; a null is blank.
fn texts(array: &dyn Array) -> Result<Vec<String>, String> {
    macro_rules! shown {
        ($kind:ty) => {
            of::<$kind>(array, |a, i| a.value(i).to_string())
        };
    }
    match array.data_type() {
        DataType::Utf8 => shown!(StringArray),
        DataType::LargeUtf8 => shown!(LargeStringArray),
        DataType::Boolean => shown!(BooleanArray),
        DataType::Int8 => shown!(Int8Array),
        DataType::Int16 => shown!(Int16Array),
        DataType::Int32 => shown!(Int32Array),
        DataType::Int64 => shown!(Int64Array),
        DataType::UInt8 => shown!(UInt8Array),
        DataType::UInt16 => shown!(UInt16Array),
        DataType::UInt32 => shown!(UInt32Array),
        DataType::UInt64 => shown!(UInt64Array),
        DataType::Float32 => shown!(Float32Array),
        DataType::Float64 => shown!(Float64Array),
        DataType::Decimal128(..) => of::<Decimal128Array>(array, Decimal128Array::value_as_string),
        DataType::Date32 => of::<Date32Array>(array, |a, i| day(a.value(i).into())),
        DataType::Timestamp(unit, zone) => {
            // Without a zone a time is a reading of some clock: no offset is
            // written, and the check on times says so.
            let end = if zone.is_some() { "Z" } else { "" };
            match unit {
                TimeUnit::Millisecond => of::<TimestampMillisecondArray>(array, |a, i| {
                    time(a.value(i).into(), 1_000_000, end)
                }),
                TimeUnit::Microsecond => of::<TimestampMicrosecondArray>(array, |a, i| {
                    time(a.value(i).into(), 1_000, end)
                }),
                _ => of::<TimestampNanosecondArray>(array, |a, i| time(a.value(i).into(), 1, end)),
            }
        }
        DataType::List(_) => listed(array),
        DataType::Null => Ok(vec![String::new(); array.len()]),
        other => Err(format!(
            "it has a column of type {other}, which no extract has: write text, numbers, \
             dates, times or true and false"
        )),
    }
}

fn of<T: Array + 'static>(
    array: &dyn Array,
    text: impl Fn(&T, usize) -> String,
) -> Result<Vec<String>, String> {
    let values = array
        .as_any()
        .downcast_ref::<T>()
        .ok_or_else(|| damaged(&array.data_type()))?;
    let cell = |i| {
        if values.is_null(i) {
            String::new()
        } else {
            text(values, i)
        }
    };
    Ok((0..values.len()).map(cell).collect())
}

/// Lists of words, with `|` between them.
fn listed(array: &dyn Array) -> Result<Vec<String>, String> {
    let lists: &ListArray = array
        .as_any()
        .downcast_ref()
        .ok_or_else(|| damaged(&array.data_type()))?;
    let words = texts(Arc::clone(lists.values()).as_ref())?;
    let offsets = lists.value_offsets();
    let list = |i: usize| {
        let ends = offsets.get(i).zip(offsets.get(i + 1));
        let range = ends
            .map(|(a, b)| *a as usize..*b as usize)
            .unwrap_or_default();
        words.get(range).unwrap_or_default().join("|")
    };
    Ok((0..lists.len())
        .map(|i| {
            if lists.is_null(i) {
                String::new()
            } else {
                list(i)
            }
        })
        .collect())
}

fn day(days: i64) -> String {
    let text = time(i128::from(days) * 86_400_000, 1_000_000, "Z");
    text.get(..10).unwrap_or_default().to_owned()
}

/// A time of so many units of `nanos` nanoseconds since 1970; a time that no
/// calendar has is shown as its number, which the check on times refuses.
fn time(units: i128, nanos: i128, end: &str) -> String {
    match Timestamp::from_nanosecond(units.saturating_mul(nanos)) {
        Ok(at) => {
            let text = at.to_string();
            format!("{}{end}", text.trim_end_matches('Z'))
        }
        Err(_) => units.to_string(),
    }
}
