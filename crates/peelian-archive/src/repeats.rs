//! What of a row has been met before.
//!
//! Published rows repeat each other: a year of a force has a million rows and
//! some ten thousand points, each with its street and area. Neighbouring
//! fields that repeat together are a *run*. The bytes of a run that stood in a
//! good row are good again, and what they mean is copied instead of read.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::source::{Kind, Source};

/// The runs of one table's rows and what each was found to mean. What is known
/// holds for all files of a force, but for the month, which is learned anew in
/// each.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    /// Where the columns stand in the file, as last laid out.
    places: Vec<Option<usize>>,
    runs: Vec<Run>,
    /// Columns with a value of their own in every row, and their place.
    singles: Vec<(usize, usize)>,
    /// Columns that stand in no field: the same in all rows of a file.
    absent: Vec<usize>,
    /// Their values, once a row of the file has been good.
    filling: Option<Vec<i64>>,
}

/// How the values of a kind repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repeating {
    /// One value a file, and wrong in the next.
    InFile,
    /// With the point, street and area of the row.
    WithPlace,
    /// One of a few words.
    AsWord,
    Never,
}

/// None where nothing is known of how values of the kind repeat.
fn repeating(kind: Kind) -> Option<Repeating> {
    match kind {
        Kind::Month => Some(Repeating::InFile),
        Kind::Text | Kind::AreaCode | Kind::Longitude | Kind::Latitude => {
            Some(Repeating::WithPlace)
        }
        Kind::Category | Kind::Boolean => Some(Repeating::AsWord),
        Kind::CrimeId | Kind::Timestamp => Some(Repeating::Never),
        _ => None,
    }
}

impl Repeats {
    /// Begins a file whose columns stand at these places.
    pub(crate) fn begin(&mut self, source: &Source, places: &[Option<usize>]) {
        self.filling = None;
        if self.places == places {
            let in_file = |r: &&mut Run| r.how == Repeating::InFile;
            self.runs.iter_mut().filter(in_file).for_each(Run::forget);
            return;
        }
        *self = lay_out(source, places).unwrap_or_default();
        places.clone_into(&mut self.places);
    }

    /// Finds what the runs of a row mean; false where any is new. `row` is
    /// the line of the fields, commas between them and no quotes.
    pub(crate) fn find(&mut self, row: &[u8], fields: &[&[u8]]) -> bool {
        if self.filling.is_none() {
            return false;
        }
        let (mut field, mut at) = (0, 0);
        self.runs.iter_mut().all(|run| {
            let text = run.text(row, fields, &mut field, &mut at);
            run.find(text)
        })
    }

    /// The columns that are parsed in every row, with their places.
    pub(crate) fn singles(&self) -> &[(usize, usize)] {
        &self.singles
    }

    /// Calls `put` with the columns and values of the runs just found.
    pub(crate) fn each_value(&self, mut put: impl FnMut(usize, i64)) {
        for (column, value) in self.absent.iter().zip(self.filling.iter().flatten()) {
            put(*column, *value);
        }
        for run in &self.runs {
            for (column, value) in run.columns.iter().zip(run.values()) {
                put(*column, *value);
            }
        }
    }

    /// Learns a good row; `value` says what a column holds in it.
    pub(crate) fn learn(&mut self, row: &[u8], fields: &[&[u8]], value: impl Fn(usize) -> i64) {
        if self.runs.is_empty() {
            return;
        }
        if self.filling.is_none() {
            self.filling = Some(self.absent.iter().map(|c| value(*c)).collect());
        }
        let (mut field, mut at) = (0, 0);
        for run in &mut self.runs {
            let text = run.text(row, fields, &mut field, &mut at);
            if !run.find(text) {
                run.learn(text, &value);
            }
        }
    }
}

/// The runs of a layout. None where rows are not worth remembering: those of
/// a whole tell each thing once, and a point whose two numbers stand apart
/// cannot be known from one run.
fn lay_out(source: &Source, places: &[Option<usize>]) -> Option<Repeats> {
    if !source.is_monthly() {
        return None;
    }
    let mut repeats = Repeats::default();
    let mut fields: Vec<(usize, usize, Repeating)> = Vec::new();
    for (column, (place, kind)) in places
        .iter()
        .zip(source.columns.iter().map(|c| c.kind))
        .enumerate()
    {
        match place {
            Some(place) => fields.push((*place, column, repeating(kind)?)),
            None => repeats.absent.push(column),
        }
    }
    fields.sort_unstable_by_key(|f| f.0);
    let is_point = |kind| matches!(kind, Kind::Longitude | Kind::Latitude);
    let mut after_point = false;
    for (place, column, how) in fields {
        if how == Repeating::Never {
            repeats.singles.push((column, place));
            continue;
        }
        // Names of forces before the point would only make it longer.
        let point = is_point(source.columns[column].kind);
        let begins = point && !after_point;
        after_point = point;
        match repeats.runs.last_mut() {
            Some(run) if run.how == how && run.last + 1 == place && !begins => run.last = place,
            _ => repeats.runs.push(Run::new(how, place)),
        }
        repeats.runs.last_mut()?.columns.push(column);
    }
    let run_of = |kind| {
        let column = source.column_where(|c| c.kind == kind)?;
        repeats
            .runs
            .iter()
            .position(|r| r.columns.contains(&column))
    };
    (run_of(Kind::Longitude) == run_of(Kind::Latitude)).then_some(repeats)
}

/// Neighbouring fields and the columns they fill.
#[derive(Debug)]
struct Run {
    how: Repeating,
    first: usize,
    last: usize,
    columns: Vec<usize>,
    known: HashTable<Known>,
    hasher: RandomState,
    /// The texts known, one after another.
    texts: Vec<u8>,
    /// As many values a text as there are columns.
    values: Vec<i64>,
    /// The text found last. Rows come sorted, so the next often has the same.
    latest: Option<Known>,
}

/// A text known: where it stands, and where its values begin.
#[derive(Debug, Clone, Copy)]
struct Known {
    start: usize,
    length: u32,
    values: u32,
}

impl Known {
    fn text(self, texts: &[u8]) -> &[u8] {
        &texts[self.start..self.start + self.length as usize]
    }
}

impl Run {
    fn new(how: Repeating, place: usize) -> Self {
        Self {
            how,
            first: place,
            last: place,
            columns: Vec::new(),
            known: HashTable::new(),
            hasher: RandomState::default(),
            texts: Vec::new(),
            values: Vec::new(),
            latest: None,
        }
    }

    fn forget(&mut self) {
        self.known.clear();
        self.texts.clear();
        self.values.clear();
        self.latest = None;
    }

    /// The run's part of a row. `field` and `at` say how far the row has been
    /// gone through: the next field and where it begins.
    fn text<'a>(
        &self,
        row: &'a [u8],
        fields: &[&[u8]],
        field: &mut usize,
        at: &mut usize,
    ) -> &'a [u8] {
        let length = |fields: &[&[u8]]| fields.iter().map(|f| f.len() + 1).sum::<usize>();
        let start = *at + length(&fields[*field..self.first]);
        *at = start + length(&fields[self.first..=self.last]);
        *field = self.last + 1;
        &row[start..*at - 1]
    }

    fn find(&mut self, text: &[u8]) -> bool {
        let same = |known: &Known| known.text(&self.texts) == text;
        if self.latest.as_ref().is_some_and(same) {
            return true;
        }
        let found = self.known.find(self.hasher.hash_one(text), same).copied();
        self.latest = found.or(self.latest);
        found.is_some()
    }

    fn learn(&mut self, text: &[u8], value: &impl Fn(usize) -> i64) {
        let known = Known {
            start: self.texts.len(),
            length: text.len() as u32,
            values: self.values.len() as u32,
        };
        self.texts.extend_from_slice(text);
        self.values.extend(self.columns.iter().map(|c| value(*c)));
        self.latest = Some(known);
        let (texts, hasher) = (&self.texts, &self.hasher);
        self.known
            .insert_unique(hasher.hash_one(text), known, |known| {
                hasher.hash_one(known.text(texts))
            });
    }

    /// The values of the text found last, one a column.
    fn values(&self) -> &[i64] {
        let start = self.latest.map_or(self.values.len(), |k| k.values as usize);
        &self.values[start..]
    }
}
