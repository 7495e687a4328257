//! Rows in memory, column by column, before they are sorted and written or
//! after they are read back.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, FixedSizeBinaryArray, Float64Array, Int16Array,
    Int32Array, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray,
};
use arrow_schema::ArrowError;
use foldhash::fast::RandomState;

use crate::batches::array;
use crate::order::{sort_by_number, sort_by_place};
use crate::repeats::Repeats;
use crate::source::{Column, Kind, Source};
use crate::value::Cell;

/// Stands for a null among numbers and among words.
pub(crate) const NO_NUMBER: i64 = i64::MIN;
pub(crate) const NO_WORD: u32 = u32::MAX;

/// Decimals are counted in millionths.
pub(crate) const MILLION: f64 = 1e6;

/// Rows of one table.
#[derive(Debug)]
pub(crate) struct Rows {
    source: &'static Source,
    columns: Vec<Values>,
    length: usize,
    repeats: Repeats,
}

#[derive(Debug)]
pub(crate) enum Values {
    Words(Words),
    Numbers(Vec<i64>),
    Ids(Vec<Option<[u8; 32]>>),
}

/// Text as numbers of distinct words: a column has millions of rows and
/// thousands of words.
#[derive(Debug, Default)]
pub(crate) struct Words {
    pub(crate) rows: Vec<u32>,
    pub(crate) distinct: Vec<Box<str>>,
    known: HashMap<Box<[u8]>, u32, RandomState>,
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

    /// The place of each row's word in the order of words, from 1; 0 for none.
    fn places_in_order(&self) -> Vec<u32> {
        let mut order: Vec<usize> = (0..self.distinct.len()).collect();
        order.sort_by(|a, b| self.distinct[*a].cmp(&self.distinct[*b]));
        let mut places = vec![0; order.len()];
        for (place, word) in (1..).zip(order) {
            places[word] = place;
        }
        let place = |word: &u32| places.get(*word as usize).copied().unwrap_or_default();
        self.rows.iter().map(place).collect()
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
            repeats: Repeats::default(),
        }
    }

    pub(crate) fn source(&self) -> &'static Source {
        self.source
    }

    /// The values of each column.
    pub(crate) fn columns(&self) -> &[Values] {
        &self.columns
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

    /// Begins a file whose columns stand at these places.
    pub(crate) fn begin_file(&mut self, places: &[Option<usize>]) {
        self.repeats.begin(self.source, places);
    }

    /// Adds a row of which all has been met before but for the values that
    /// never repeat, which `parse` reads from column and field. False, and no
    /// row is added, where something is new or `parse` finds a fault.
    pub(crate) fn push_repeat<'f>(
        &mut self,
        row: &[u8],
        fields: &[&'f [u8]],
        mut parse: impl FnMut(usize, &'f [u8]) -> Option<Cell<'f>>,
    ) -> bool {
        if !self.repeats.find(row, fields) {
            return false;
        }
        for (column, place) in self.repeats.singles() {
            let Some(cell) = parse(*column, fields[*place]) else {
                self.truncate(self.length);
                return false;
            };
            match (&mut self.columns[*column], cell) {
                (Values::Ids(ids), Cell::Id(id)) => ids.push(Some(id)),
                (Values::Ids(ids), _) => ids.push(None),
                (Values::Numbers(numbers), Cell::Number(n)) => numbers.push(n),
                (Values::Numbers(numbers), _) => numbers.push(NO_NUMBER),
                (Values::Words(words), _) => words.rows.push(NO_WORD),
            }
        }
        let columns = &mut self.columns;
        self.repeats
            .each_value(|column, value| match &mut columns[column] {
                Values::Words(words) => words.rows.push(value as u32),
                Values::Numbers(numbers) => numbers.push(value),
                Values::Ids(ids) => ids.push(None),
            });
        self.length += 1;
        true
    }

    /// Remembers what the row added last holds.
    pub(crate) fn learn_repeats(&mut self, row: &[u8], fields: &[&[u8]]) {
        let columns = &self.columns;
        self.repeats
            .learn(row, fields, |column| match &columns[column] {
                Values::Words(words) => words.rows.last().map_or(0, |n| i64::from(*n)),
                Values::Numbers(numbers) => numbers.last().copied().unwrap_or(NO_NUMBER),
                Values::Ids(_) => NO_NUMBER,
            });
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
        let mut order: Vec<u32> = (0..self.length as u32).collect();
        // The last column first: each further sort keeps the one before.
        let columns = self.source.sort.iter().rev();
        for column in columns.filter_map(|name| self.source.column(name)) {
            match &self.columns[column] {
                Values::Numbers(numbers) => sort_by_number(&mut order, numbers),
                Values::Words(words) => sort_by_place(&mut order, &words.places_in_order()),
                Values::Ids(_) => {}
            }
        }
        order
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
                values => {
                    let rows: Vec<u32> = (0..self.length as u32).collect();
                    array(column.kind, values, &rows)
                }
            });
        RecordBatch::try_new(self.source.schema(), columns.collect::<Result<_, _>>()?)
    }
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
