//! Turning the rows of a mapped file into rows of its table.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::clock::{Moment, Zone};
use super::{Clock, Filling, Mapping, REFUSED, same};
use crate::london;
use crate::source::Kind;
use crate::value;

/// A mapping with the places of its headers in the rows of one file.
#[derive(Debug, Clone)]
pub(crate) struct Binding {
    pub(crate) mapping: Arc<Mapping>,
    steps: Vec<Option<Step>>,
    summer: Option<usize>,
}

#[derive(Debug, Clone)]
enum Step {
    /// Fields of the file, joined with a space.
    Fields(Vec<usize>),
    Constant(String),
}

/// What is counted while rows are translated.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Translation {
    /// Times in the hour that occurs twice, of which the earlier was taken.
    pub(crate) twice: u64,
}

impl Binding {
    /// Finds the headers of a mapping in a file. The error says how the two
    /// differ.
    pub(crate) fn of(mapping: &Arc<Mapping>, headers: &[&str]) -> Result<Self, Difference> {
        let place = |name: &str| headers.iter().position(|h| same(h, name));
        let missing: Vec<String> = mapping
            .file
            .columns
            .values()
            .flat_map(super::Headers::list)
            .map(String::as_str)
            .chain(mapping.summer())
            .filter(|h| place(h).is_none())
            .map(str::to_owned)
            .collect();
        let known = |index: usize, header: &str| {
            place(header) == Some(index) && mapping.headers().any(|h| same(h, header))
        };
        let extra: Vec<String> = headers
            .iter()
            .enumerate()
            .filter(|(index, header)| !known(*index, header))
            .map(|(_, header)| (*header).to_owned())
            .collect();
        if !missing.is_empty() || !extra.is_empty() {
            return Err(Difference { missing, extra });
        }
        let step = |filling: &Filling| match filling {
            Filling::Constant(text) => Step::Constant(text.clone()),
            Filling::Headers(names) => {
                Step::Fields(names.iter().filter_map(|n| place(n)).collect())
            }
        };
        Ok(Self {
            steps: mapping
                .fillings
                .iter()
                .map(|f| f.as_ref().map(step))
                .collect(),
            summer: mapping.summer().and_then(place),
            mapping: Arc::clone(mapping),
        })
    }

    /// Each table column's place in a translated row, which has one field a
    /// column of the table.
    pub(crate) fn places(&self) -> Vec<Option<usize>> {
        self.steps
            .iter()
            .enumerate()
            .map(|(i, s)| s.as_ref().map(|_| i))
            .collect()
    }

    /// The place of the field that fills a column, where one field does.
    pub(crate) fn field_of(&self, column: usize) -> Option<usize> {
        match self.steps.get(column)? {
            Some(Step::Fields(places)) => places.first().copied(),
            _ => None,
        }
    }

    /// The places of the fields that fill a column.
    pub(super) fn fields_of(&self, column: usize) -> &[usize] {
        match self.steps.get(column) {
            Some(Some(Step::Fields(places))) => places,
            _ => &[],
        }
    }

    /// The columns of the table that a field of the file fills.
    pub(crate) fn columns_of(&self, field: usize) -> impl Iterator<Item = usize> {
        let fills =
            move |s: &Option<Step>| matches!(s, Some(Step::Fields(p)) if p.contains(&field));
        self.steps
            .iter()
            .enumerate()
            .filter(move |(_, s)| fills(s))
            .map(|(i, _)| i)
    }

    /// A row of the file as a row of the table. A value that has no
    /// translation stays as it is, for the checks to refuse.
    pub(crate) fn row<'r>(
        &'r self,
        fields: &[&'r [u8]],
        counted: &mut Translation,
    ) -> Vec<Cow<'r, [u8]>> {
        let summer = self
            .summer
            .and_then(|s| fields.get(s))
            .and_then(|f| self.boolean(f.trim_ascii()));
        let columns = self.steps.iter().zip(&self.mapping.source.columns);
        columns
            .enumerate()
            .map(|(index, (step, column))| match step {
                None => Cow::Borrowed(&[][..]),
                Some(Step::Constant(text)) => Cow::Borrowed(text.as_bytes()),
                Some(Step::Fields(places)) => {
                    let field = self.joined(places, fields);
                    match field {
                        Cow::Borrowed(field) => {
                            self.value(index, column.kind, field, summer, counted)
                        }
                        Cow::Owned(field) => Cow::Owned(
                            self.value(index, column.kind, &field, summer, counted)
                                .into_owned(),
                        ),
                    }
                }
            })
            .collect()
    }

    fn joined<'r>(&self, places: &[usize], fields: &[&'r [u8]]) -> Cow<'r, [u8]> {
        let field = |place: &usize| {
            let field = fields.get(*place).copied().unwrap_or_default().trim_ascii();
            if self.is_blank(field) { &[] } else { field }
        };
        match places {
            [one] => Cow::Borrowed(field(one)),
            several => {
                let parts: Vec<&[u8]> = several
                    .iter()
                    .map(field)
                    .filter(|f| !f.is_empty())
                    .collect();
                Cow::Owned(parts.join(&b' '))
            }
        }
    }

    fn is_blank(&self, field: &[u8]) -> bool {
        is_word(&self.mapping.file.blank, field)
    }

    fn boolean(&self, field: &[u8]) -> Option<bool> {
        if is_word(&self.mapping.file.yes, field) || field.eq_ignore_ascii_case(b"true") {
            Some(true)
        } else if is_word(&self.mapping.file.no, field) || field.eq_ignore_ascii_case(b"false") {
            Some(false)
        } else {
            None
        }
    }

    fn value<'r>(
        &'r self,
        column: usize,
        kind: Kind,
        field: &'r [u8],
        summer: Option<bool>,
        counted: &mut Translation,
    ) -> Cow<'r, [u8]> {
        if field.is_empty() {
            return Cow::Borrowed(field);
        }
        match kind {
            Kind::Timestamp => self.mapping.clock.time(field, summer, counted),
            Kind::Date => self.mapping.clock.date(field),
            Kind::Boolean => Cow::Borrowed(match self.boolean(field) {
                Some(true) => b"true",
                Some(false) => b"false",
                None => field,
            }),
            Kind::Integer => seconds(field),
            Kind::List => self.list(column, field),
            _ => Cow::Borrowed(self.code(column, field)),
        }
    }

    fn codes(&self, column: usize) -> Option<&BTreeMap<String, String>> {
        let name = &self.mapping.source.columns.get(column)?.name;
        self.mapping.file.codes.get(name)
    }

    fn code<'r>(&'r self, column: usize, word: &'r [u8]) -> &'r [u8] {
        let ours = || self.codes(column)?.get(std::str::from_utf8(word).ok()?);
        match ours() {
            Some(ours) if ours == REFUSED => REFUSED.as_bytes(),
            Some(ours) => ours.as_bytes(),
            None => word,
        }
    }

    /// A list by its parts, each once; one that is known as a whole is taken
    /// as a whole.
    fn list<'r>(&'r self, column: usize, field: &'r [u8]) -> Cow<'r, [u8]> {
        let whole = self.code(column, field);
        if whole != field {
            return Cow::Borrowed(whole);
        }
        let text = String::from_utf8_lossy(field);
        let separator = self.mapping.file.separator.as_deref().unwrap_or("|");
        let mut words: Vec<String> = Vec::new();
        for part in text
            .split(separator)
            .map(str::trim)
            .filter(|p| !p.is_empty())
        {
            let word = String::from_utf8_lossy(self.code(column, part.as_bytes())).into_owned();
            if !word.is_empty() && !words.contains(&word) {
                words.push(word);
            }
        }
        Cow::Owned(words.join("|").into_bytes())
    }
}

/// How the header of a file differs from what a mapping names.
#[derive(Debug)]
pub(crate) struct Difference {
    pub(crate) missing: Vec<String>,
    pub(crate) extra: Vec<String>,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let quoted = |names: &[String]| {
            let names: Vec<String> = names.iter().take(6).map(|n| format!("“{n}”")).collect();
            names.join(", ")
        };
        let mut parts = Vec::new();
        if !self.missing.is_empty() {
            parts.push(format!("the file lacks {}", quoted(&self.missing)));
        }
        if !self.extra.is_empty() {
            parts.push(format!(
                "the mapping does not say what becomes of {}",
                quoted(&self.extra)
            ));
        }
        f.write_str(&parts.join(" and "))
    }
}

fn is_word(words: &[String], field: &[u8]) -> bool {
    words
        .iter()
        .any(|w| field.eq_ignore_ascii_case(w.as_bytes()))
}

/// `0:01:35` as seconds; anything else as it is.
fn seconds(field: &[u8]) -> Cow<'_, [u8]> {
    let read = || {
        let text = std::str::from_utf8(field).ok()?;
        let mut parts = text.split(':');
        let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
        let number = |part: &str, most: u64| part.parse::<u64>().ok().filter(|n| *n <= most);
        let good = parts.next().is_none() && minutes.len() == 2 && seconds.len() == 2;
        let sum = number(hours, 9_999)? * 3600 + number(minutes, 59)? * 60 + number(seconds, 59)?;
        good.then(|| sum.to_string().into_bytes())
    };
    read().map_or(Cow::Borrowed(field), Cow::Owned)
}

impl Clock {
    fn time<'f>(
        &self,
        field: &'f [u8],
        summer: Option<bool>,
        counted: &mut Translation,
    ) -> Cow<'f, [u8]> {
        if field.get(10) == Some(&b'T')
            && london::has_offset(field)
            && value::timestamp(field).is_some()
        {
            return Cow::Borrowed(field);
        }
        let moment = self.times.iter().find_map(|f| f.read(field));
        let placed = moment.and_then(|m| m.place(self.zone.unwrap_or(Zone::Utc), summer));
        match placed {
            Some(placed) => {
                counted.twice += u64::from(placed.twice);
                Cow::Owned(placed.text.into_bytes())
            }
            None => Cow::Borrowed(field),
        }
    }

    fn date<'f>(&self, field: &'f [u8]) -> Cow<'f, [u8]> {
        let mut formats = self.dates.iter().chain(&self.times);
        let day = formats.find_map(|f| f.read(field)).map(Moment::day_text);
        day.map_or(Cow::Borrowed(field), |d| Cow::Owned(d.into_bytes()))
    }
}
