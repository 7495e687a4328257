//! Rows as record batches for writing.

use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Float64Type, Int16Type, Int32Type, Int64Type,
    TimestampMillisecondType,
};
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, FixedSizeBinaryArray, PrimitiveArray, RecordBatch,
    StringArray,
};
use arrow_schema::{ArrowError, DataType, Field, Schema};

use crate::rows::{MILLION, NO_NUMBER, NO_WORD, Rows, Values};
use crate::source::{Column, Kind};

/// Makes batches of rows, with text as dictionaries: readers of the file see
/// plain strings, the writer is spared copying them.
pub(crate) struct Batches<'a> {
    rows: &'a Rows,
    words: Vec<ArrayRef>,
    schema: Arc<Schema>,
}

impl<'a> Batches<'a> {
    pub(crate) fn of(rows: &'a Rows) -> Self {
        let words = rows.columns().iter().map(|values| match values {
            Values::Words(words) => {
                Arc::new(StringArray::from_iter_values(&words.distinct)) as ArrayRef
            }
            _ => Arc::new(StringArray::new_null(0)) as ArrayRef,
        });
        let dictionary =
            || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let field = |c: &Column| {
            let kind = if c.kind.is_text() {
                dictionary()
            } else {
                c.kind.data_type()
            };
            Field::new(&c.name, kind, true)
        };
        let columns = &rows.source().columns;
        let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
        Self {
            words: words.collect(),
            rows,
            schema: Arc::new(schema),
        }
    }

    pub(crate) fn schema(&self) -> Arc<Schema> {
        Arc::clone(&self.schema)
    }

    /// The rows of these numbers.
    pub(crate) fn take(&self, order: &[u32]) -> Result<RecordBatch, ArrowError> {
        let columns = self.rows.source().columns.iter();
        let columns = columns.zip(self.rows.columns()).zip(&self.words);
        let arrays = columns.map(|((column, values), words)| match values {
            Values::Words(w) => dictionary(&w.rows, words, order),
            values => array(column.kind, values, order),
        });
        RecordBatch::try_new(self.schema(), arrays.collect::<Result<_, _>>()?)
    }
}

fn dictionary(numbers: &[u32], words: &ArrayRef, order: &[u32]) -> Result<ArrayRef, ArrowError> {
    let number = |row: &u32| numbers[*row as usize];
    let keys: Vec<i32> = order
        .iter()
        .map(|row| i32::try_from(number(row)).unwrap_or_default())
        .collect();
    let blank = order.iter().any(|row| number(row) == NO_WORD);
    let filled = || order.iter().map(|row| number(row) != NO_WORD).collect();
    let nulls = blank.then(|| Vec::<bool>::into(filled()));
    let keys = PrimitiveArray::<Int32Type>::new(keys.into(), nulls);
    let array = DictionaryArray::<Int32Type>::try_new(keys, Arc::clone(words))?;
    Ok(Arc::new(array))
}

/// The values of these rows as an array; text is not for this.
pub(crate) fn array(kind: Kind, values: &Values, order: &[u32]) -> Result<ArrayRef, ArrowError> {
    let numbers = match values {
        Values::Numbers(numbers) => numbers.as_slice(),
        Values::Ids(ids) => return array_of_ids(ids, order),
        Values::Words(_) => &[],
    };
    Ok(match kind {
        Kind::Month | Kind::Date => primitive::<Date32Type>(numbers, order, |n| n as i32),
        Kind::Longitude | Kind::Latitude => primitive::<Int32Type>(numbers, order, |n| n as i32),
        Kind::Timestamp => Arc::new(
            primitive_array::<TimestampMillisecondType>(numbers, order, |n| n).with_timezone("UTC"),
        ),
        Kind::Boolean => {
            let some = order.iter().map(|r| numbers[*r as usize]);
            let some = some.map(|n| (n != NO_NUMBER).then_some(n == 1));
            Arc::new(some.collect::<BooleanArray>())
        }
        Kind::Year => primitive::<Int16Type>(numbers, order, |n| n as i16),
        Kind::Decimal => primitive::<Float64Type>(numbers, order, |n| n as f64 / MILLION),
        _ => primitive::<Int64Type>(numbers, order, |n| n),
    })
}

fn primitive<T: ArrowPrimitiveType>(
    numbers: &[i64],
    order: &[u32],
    value: impl Fn(i64) -> T::Native,
) -> ArrayRef {
    Arc::new(primitive_array::<T>(numbers, order, value))
}

fn primitive_array<T: ArrowPrimitiveType>(
    numbers: &[i64],
    order: &[u32],
    value: impl Fn(i64) -> T::Native,
) -> PrimitiveArray<T> {
    let number = |row: &u32| numbers[*row as usize];
    let values: Vec<T::Native> = order.iter().map(|row| value(number(row))).collect();
    let blank = order.iter().any(|row| number(row) == NO_NUMBER);
    let filled = || order.iter().map(|row| number(row) != NO_NUMBER).collect();
    PrimitiveArray::new(values.into(), blank.then(|| Vec::<bool>::into(filled())))
}

fn array_of_ids(ids: &[Option<[u8; 32]>], order: &[u32]) -> Result<ArrayRef, ArrowError> {
    let mut bytes = Vec::with_capacity(32 * order.len());
    let mut filled = Vec::with_capacity(order.len());
    for id in order.iter().map(|row| &ids[*row as usize]) {
        bytes.extend_from_slice(&id.unwrap_or_default());
        filled.push(id.is_some());
    }
    let array = FixedSizeBinaryArray::try_new(32, bytes.into(), Some(filled.into()))?;
    Ok(Arc::new(array))
}
