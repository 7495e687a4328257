//! Rows in memory, column by column, before they are sorted and written or
//! after they are read back.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, DictionaryArray, FixedSizeBinaryArray,
    Float64Array, Int16Array, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use arrow_schema::{ArrowError, DataType, Field, Schema};

use crate::source::{Column, Kind, Source};
use crate::value::Cell;

/// Stands for a null among numbers and among words.
const NO_NUMBER: i64 = i64::MIN;
const NO_WORD: u32 = u32::MAX;

/// Decimals are counted in millionths.
const MILLION: f64 = 1e6;

/// Rows of one table.
#[derive(Debug)]
pub(crate) struct Rows {
    source: &'static Source,
    columns: Vec<Values>,
    length: usize,
}

#[derive(Debug)]
enum Values {
    Words(Words),
    Numbers(Vec<i64>),
    Ids(Vec<Option<[u8; 32]>>),
}

/// Text as numbers of distinct words: a column has millions of rows and
/// thousands of words.
#[derive(Debug, Default)]
struct Words {
    rows: Vec<u32>,
    distinct: Vec<Box<str>>,
    known: HashMap<Box<[u8]>, u32>,
    /// The last word met: rows come sorted by place, so most repeat it.
    last: Vec<u8>,
    last_number: u32,
}

impl Words {
    fn push(&mut self, text: &[u8], column: &Column) {
        if self.distinct.is_empty() || text != self.last.as_slice() {
            self.last_number = match self.known.get(text) {
                Some(number) => *number,
                None => self.learn(text, column),
            };
            self.last.clear();
            self.last.extend_from_slice(text);
        }
        self.rows.push(self.last_number);
    }

    fn learn(&mut self, text: &[u8], column: &Column) -> u32 {
        let word = String::from_utf8_lossy(text);
        let today = column.today(&word);
        let number = if let Some(number) = self.known.get(today.as_bytes()) {
            *number
        } else {
            let number = self.distinct.len() as u32;
            self.distinct.push(today.as_ref().into());
            self.known.insert(today.as_bytes().into(), number);
            number
        };
        self.known.insert(text.into(), number);
        number
    }

    /// The place of each word in the order of words.
    fn ranks(&self) -> Vec<i64> {
        let mut order: Vec<usize> = (0..self.distinct.len()).collect();
        order.sort_by(|a, b| self.distinct[*a].cmp(&self.distinct[*b]));
        let mut ranks = vec![0; order.len()];
        for (rank, word) in order.into_iter().enumerate() {
            ranks[word] = rank as i64;
        }
        ranks
    }
}

impl Rows {
    pub(crate) fn new(source: &'static Source) -> Self {
        let values = |c: &Column| match c.kind {
            Kind::CrimeId => Values::Ids(Vec::new()),
            kind if kind.is_text() => Values::Words(Words::default()),
            _ => Values::Numbers(Vec::new()),
        };
        Self {
            source,
            columns: source.columns.iter().map(values).collect(),
            length: 0,
        }
    }

    pub(crate) fn source(&self) -> &'static Source {
        self.source
    }

    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// Adds a row; one cell a column, of its kind (any other is a null).
    pub(crate) fn push(&mut self, cells: &[Cell<'_>]) {
        for ((values, cell), column) in self.columns.iter_mut().zip(cells).zip(&self.source.columns)
        {
            match (values, cell) {
                (Values::Words(words), Cell::Text(text)) => words.push(text, column),
                (Values::Words(words), _) => words.rows.push(NO_WORD),
                (Values::Numbers(numbers), Cell::Number(n)) => numbers.push(*n),
                (Values::Numbers(numbers), _) => numbers.push(NO_NUMBER),
                (Values::Ids(ids), Cell::Id(id)) => ids.push(Some(*id)),
                (Values::Ids(ids), _) => ids.push(None),
            }
        }
        self.length += 1;
    }

    /// Takes the rows from `length` on away again.
    pub(crate) fn truncate(&mut self, length: usize) {
        for values in &mut self.columns {
            match values {
                Values::Words(words) => words.rows.truncate(length),
                Values::Numbers(numbers) => numbers.truncate(length),
                Values::Ids(ids) => ids.truncate(length),
            }
        }
        self.length = self.length.min(length);
    }

    /// The distinct words of a text column for each value of a number column.
    pub(crate) fn words_by(&self, text: usize, number: usize) -> BTreeMap<i64, Vec<&str>> {
        let (Values::Words(words), Values::Numbers(numbers)) =
            (&self.columns[text], &self.columns[number])
        else {
            return BTreeMap::new();
        };
        let mut seen: BTreeMap<i64, Vec<bool>> = BTreeMap::new();
        for (word, number) in words.rows.iter().zip(numbers) {
            let seen = seen
                .entry(*number)
                .or_insert_with(|| vec![false; words.distinct.len()]);
            if *word != NO_WORD {
                seen[*word as usize] = true;
            }
        }
        let named = |seen: Vec<bool>| {
            let words = words.distinct.iter().zip(seen).filter(|(_, seen)| *seen);
            words.map(|(word, _)| word.as_ref()).collect()
        };
        seen.into_iter()
            .map(|(number, seen)| (number, named(seen)))
            .collect()
    }

    /// Sets a number column from another in every row.
    pub(crate) fn set_by(&mut self, column: usize, by: usize, value: impl Fn(i64) -> Option<i64>) {
        let Values::Numbers(keys) = &self.columns[by] else {
            return;
        };
        let values = keys
            .iter()
            .map(|k| value(*k).unwrap_or(NO_NUMBER))
            .collect();
        self.columns[column] = Values::Numbers(values);
    }

    /// Adds the rows of a batch read back from a table file for which `keep`
    /// says so of their row number.
    pub(crate) fn push_batch(
        &mut self,
        batch: &RecordBatch,
        keep: impl Fn(usize) -> bool,
    ) -> Result<(), ArrowError> {
        let columns: Vec<Stored<'_>> = batch
            .columns()
            .iter()
            .map(|a| Stored::of(a.as_ref()))
            .collect::<Result<_, _>>()?;
        let mut cells = vec![Cell::Null; columns.len()];
        for row in (0..batch.num_rows()).filter(|r| keep(*r)) {
            for (cell, column) in cells.iter_mut().zip(&columns) {
                *cell = column.cell(row);
            }
            self.push(&cells);
        }
        Ok(())
    }

    /// Row numbers in the order of the source's `sort`. Rows that are equal in
    /// it keep their order, which is that of the file: the result depends on
    /// the releases alone. Nulls come first.
    pub(crate) fn order(&self) -> Vec<u32> {
        let keys: Vec<Vec<i64>> = self
            .source
            .sort
            .iter()
            .filter_map(|name| match &self.columns[self.source.column(name)?] {
                Values::Numbers(numbers) => Some(numbers.clone()),
                Values::Words(words) => {
                    let ranks = words.ranks();
                    let rank = |n: &u32| {
                        if *n == NO_WORD {
                            -1
                        } else {
                            ranks[*n as usize]
                        }
                    };
                    Some(words.rows.iter().map(rank).collect())
                }
                Values::Ids(_) => None,
            })
            .collect();
        let mut order: Vec<u32> = (0..self.length as u32).collect();
        order.sort_by(|a, b| {
            let (a, b) = (*a as usize, *b as usize);
            keys.iter()
                .map(|k| k[a].cmp(&k[b]))
                .find(|o| o.is_ne())
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        order
    }

    /// The rows of these numbers, with text as dictionaries: readers of the
    /// file see plain strings, the writer is spared copying them.
    pub(crate) fn batches(&self) -> Batches<'_> {
        let words = self
            .columns
            .iter()
            .map(|values| match values {
                Values::Words(words) => {
                    Arc::new(StringArray::from_iter_values(&words.distinct)) as ArrayRef
                }
                _ => Arc::new(StringArray::new_null(0)) as ArrayRef,
            })
            .collect();
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
        let schema = Schema::new(self.source.columns.iter().map(field).collect::<Vec<_>>());
        Batches {
            rows: self,
            words,
            schema: Arc::new(schema),
        }
    }

    /// All rows in their present order, with text as strings.
    pub(crate) fn to_batch(&self) -> Result<RecordBatch, ArrowError> {
        let columns = self
            .source
            .columns
            .iter()
            .zip(&self.columns)
            .map(|(column, values)| match values {
                Values::Words(words) => {
                    let word = |n: &u32| words.distinct.get(*n as usize).map(AsRef::as_ref);
                    Ok(Arc::new(words.rows.iter().map(word).collect::<StringArray>()) as ArrayRef)
                }
                values => array(column.kind, values, 0..self.length),
            });
        RecordBatch::try_new(self.source.schema(), columns.collect::<Result<_, _>>()?)
    }
}

/// Makes batches of rows for writing.
pub(crate) struct Batches<'a> {
    rows: &'a Rows,
    words: Vec<ArrayRef>,
    schema: Arc<Schema>,
}

impl Batches<'_> {
    pub(crate) fn schema(&self) -> Arc<Schema> {
        Arc::clone(&self.schema)
    }

    pub(crate) fn take(&self, order: &[u32]) -> Result<RecordBatch, ArrowError> {
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.words.len());
        for ((column, values), words) in self
            .rows
            .source
            .columns
            .iter()
            .zip(&self.rows.columns)
            .zip(&self.words)
        {
            let rows = order.iter().map(|r| *r as usize);
            arrays.push(match values {
                Values::Words(w) => {
                    let keys: Int32Array = rows.map(|r| i32::try_from(w.rows[r]).ok()).collect();
                    Arc::new(DictionaryArray::<Int32Type>::try_new(
                        keys,
                        Arc::clone(words),
                    )?)
                }
                values => array(column.kind, values, rows)?,
            });
        }
        RecordBatch::try_new(self.schema(), arrays)
    }
}

fn array(
    kind: Kind,
    values: &Values,
    rows: impl Iterator<Item = usize>,
) -> Result<ArrayRef, ArrowError> {
    let numbers = match values {
        Values::Numbers(numbers) => numbers.as_slice(),
        Values::Ids(ids) => {
            return Ok(Arc::new(
                FixedSizeBinaryArray::try_from_sparse_iter_with_size(rows.map(|r| ids[r]), 32)?,
            ));
        }
        Values::Words(_) => &[],
    };
    let some = rows.map(|r| numbers.get(r).copied().filter(|n| *n != NO_NUMBER));
    Ok(match kind {
        Kind::Month | Kind::Date => {
            Arc::new(some.map(|n| n.map(|n| n as i32)).collect::<Date32Array>())
        }
        Kind::Longitude | Kind::Latitude => {
            Arc::new(some.map(|n| n.map(|n| n as i32)).collect::<Int32Array>())
        }
        Kind::Timestamp => Arc::new(
            some.collect::<TimestampMillisecondArray>()
                .with_timezone("UTC"),
        ),
        Kind::Boolean => Arc::new(some.map(|n| n.map(|n| n == 1)).collect::<BooleanArray>()),
        Kind::Year => Arc::new(some.map(|n| n.map(|n| n as i16)).collect::<Int16Array>()),
        Kind::Decimal => Arc::new(
            some.map(|n| n.map(|n| n as f64 / MILLION))
                .collect::<Float64Array>(),
        ),
        _ => Arc::new(some.collect::<Int64Array>()),
    })
}

/// A column as it comes from a table file.
pub(crate) enum Stored<'a> {
    Text(&'a StringArray),
    Date(&'a Date32Array),
    Int32(&'a Int32Array),
    Int16(&'a Int16Array),
    Int64(&'a Int64Array),
    Float(&'a Float64Array),
    Time(&'a TimestampMillisecondArray),
    Boolean(&'a BooleanArray),
    Id(&'a FixedSizeBinaryArray),
}

impl<'a> Stored<'a> {
    pub(crate) fn of(array: &'a dyn Array) -> Result<Self, ArrowError> {
        let any = array.as_any();
        any.downcast_ref()
            .map(Self::Text)
            .or_else(|| any.downcast_ref().map(Self::Date))
            .or_else(|| any.downcast_ref().map(Self::Int32))
            .or_else(|| any.downcast_ref().map(Self::Int16))
            .or_else(|| any.downcast_ref().map(Self::Int64))
            .or_else(|| any.downcast_ref().map(Self::Float))
            .or_else(|| any.downcast_ref().map(Self::Time))
            .or_else(|| any.downcast_ref().map(Self::Boolean))
            .or_else(|| any.downcast_ref().map(Self::Id))
            .ok_or_else(|| {
                ArrowError::SchemaError(format!(
                    "no table has a column of type {}",
                    array.data_type()
                ))
            })
    }

    pub(crate) fn cell(&self, row: usize) -> Cell<'a> {
        fn unless<'b>(null: bool, cell: impl FnOnce() -> Cell<'b>) -> Cell<'b> {
            if null { Cell::Null } else { cell() }
        }
        match *self {
            Self::Text(a) => unless(a.is_null(row), || Cell::Text(a.value(row).as_bytes())),
            Self::Date(a) => unless(a.is_null(row), || Cell::Number(a.value(row).into())),
            Self::Int32(a) => unless(a.is_null(row), || Cell::Number(a.value(row).into())),
            Self::Int16(a) => unless(a.is_null(row), || Cell::Number(a.value(row).into())),
            Self::Int64(a) => unless(a.is_null(row), || Cell::Number(a.value(row))),
            Self::Float(a) => unless(a.is_null(row), || {
                Cell::Number((a.value(row) * MILLION).round() as i64)
            }),
            Self::Time(a) => unless(a.is_null(row), || Cell::Number(a.value(row))),
            Self::Boolean(a) => unless(a.is_null(row), || Cell::Number(a.value(row).into())),
            Self::Id(a) => unless(a.is_null(row), || {
                a.value(row).try_into().map_or(Cell::Null, Cell::Id)
            }),
        }
    }
}
