//! A table on its way to a CSV file: lines in the order of time, and the note
//! that goes with the file.

use std::fmt::{Display, Write};

use super::clock;

/// One extract.
pub(crate) struct Table {
    /// Name of the extract and, with `.csv`, of the file.
    pub(crate) name: &'static str,
    columns: &'static [&'static str],
    /// The system it would come from.
    pub(crate) system: &'static str,
    rows: Vec<(i64, Line)>,
}

impl Table {
    pub(crate) fn new(
        name: &'static str,
        system: &'static str,
        columns: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            columns,
            system,
            rows: Vec::new(),
        }
    }

    /// Adds a line, to be put in its place by `at`.
    pub(crate) fn push(&mut self, at: i64, line: Line) {
        debug_assert_eq!(
            line.fields,
            self.columns.len(),
            "{}: {}",
            self.name,
            line.text
        );
        self.rows.push((at, line));
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The line at a place, with its time.
    pub(crate) fn row(&self, place: usize) -> Option<(i64, &Line)> {
        self.rows.get(place).map(|(at, line)| (*at, line))
    }

    /// The place of a column.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| *column == name)
    }

    /// The file, lines of one time in the order in which they were added.
    pub(crate) fn csv(&mut self) -> String {
        self.rows.sort_by_key(|(at, _)| *at);
        let length = self.rows.iter().map(|(_, line)| line.text.len() + 1).sum();
        let mut csv = String::with_capacity(length);
        csv.push_str(&self.columns.join(","));
        csv.push('\n');
        for (_, line) in &self.rows {
            csv.push_str(&line.text);
            csv.push('\n');
        }
        csv
    }
}

/// A line in the making, field after field.
#[derive(Clone, Default)]
pub(crate) struct Line {
    text: String,
    fields: usize,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self {
            text: String::with_capacity(160),
            fields: 0,
        }
    }

    fn next(&mut self) -> &mut String {
        if self.fields > 0 {
            self.text.push(',');
        }
        self.fields += 1;
        &mut self.text
    }

    /// A text, in quotes where it holds a comma.
    pub(crate) fn text(mut self, value: &str) -> Self {
        let quoted = value.contains(',');
        let text = self.next();
        if quoted {
            let _ = write!(text, "\"{value}\"");
        } else {
            text.push_str(value);
        }
        self
    }

    /// A value as it is written, which holds no comma.
    pub(crate) fn value(mut self, value: impl Display) -> Self {
        let _ = write!(self.next(), "{value}");
        self
    }

    /// An instant with its offset, or nothing.
    pub(crate) fn time(mut self, at: impl Into<Option<i64>>) -> Self {
        let text = self.next();
        if let Some(at) = at.into() {
            clock::stamp(text, at);
        }
        self
    }

    /// A day, or nothing.
    pub(crate) fn date(mut self, day: impl Into<Option<i64>>) -> Self {
        let text = self.next();
        if let Some(day) = day.into() {
            clock::date(text, day);
        }
        self
    }

    pub(crate) fn flag(self, value: bool) -> Self {
        self.text(if value { "true" } else { "false" })
    }

    pub(crate) fn blank(mut self) -> Self {
        self.next();
        self
    }

    /// The line with one field written anew; for lines without quotes.
    pub(crate) fn with(&self, place: usize, change: impl FnOnce(&str) -> String) -> Self {
        let mut fields: Vec<String> = self.text.split(',').map(str::to_owned).collect();
        if let Some(field) = fields.get_mut(place) {
            *field = change(field);
        }
        Self {
            text: fields.join(","),
            fields: self.fields,
        }
    }

    /// The field at a place; for lines without quotes.
    pub(crate) fn field(&self, place: usize) -> &str {
        self.text.split(',').nth(place).unwrap_or_default()
    }
}

/// A pseudonym as a keyed hash would give it: 16 hexadecimal digits, the same
/// for the same kind and number.
pub(crate) fn pid(kind: Pid, number: u64) -> String {
    // The mixing of SplitMix64: different numbers never give the same digits.
    let mut bits = (number << 4 | kind as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    format!("{:016x}", bits ^ (bits >> 31))
}

/// What a pseudonym stands for.
#[derive(Clone, Copy)]
pub(crate) enum Pid {
    Caller = 1,
    Location = 2,
    Unit = 3,
    Victim = 4,
    Suspect = 5,
    Person = 6,
}
