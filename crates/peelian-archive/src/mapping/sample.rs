//! What the values of a file's columns look like.

use std::collections::BTreeMap;

use super::clock::Format;
use crate::london;
use crate::personal::header_words;
use crate::source::Kind;
use crate::value;

/// Forms in which systems of this country write times.
pub(super) const TIMES: [&str; 14] = [
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%d-%m-%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%d/%m/%y %H:%M:%S",
    "%d/%m/%y %H:%M",
    "%d-%b-%Y %H:%M:%S",
    "%d-%b-%y %H:%M:%S",
    "%d/%m/%Y %I:%M:%S %p",
];

pub(super) const DATES: [&str; 6] = [
    "%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d/%m/%y", "%d-%b-%Y", "%d-%b-%y",
];

/// Words that systems write for nothing.
const BLANKS: [&str; 8] = ["N/A", "NA", "NULL", "-", "--", "#N/A", "nil", "(blank)"];

const YES: [&str; 5] = ["Y", "Yes", "T", "1", "true"];
const NO: [&str; 5] = ["N", "No", "F", "0", "false"];

/// Different values remembered of a column; one with more has no codes.
const WORDS: usize = 60;

/// A column of the file, or two that together are a time.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) places: Vec<usize>,
    pub(super) headers: Vec<String>,
    pub(super) rows: u64,
    /// Rows whose value is not blank, nor a word for nothing.
    pub(super) filled: u64,
    /// Values with their rows, unless there are too many.
    pub(super) words: BTreeMap<String, u64>,
    many: bool,
    /// Words for nothing that occur.
    pub(super) blanks: Vec<&'static str>,
    pub(super) times: [u64; TIMES.len()],
    pub(super) dates: [u64; DATES.len()],
    /// Times that say their offset.
    offsets: u64,
    booleans: u64,
    hashes: u64,
    integers: u64,
    decimals: u64,
    areas: u64,
}

/// Samples of the columns of a file, then of pairs of a date and a time.
pub(super) struct Samples {
    pub(super) list: Vec<Sample>,
    times: Vec<Format>,
    dates: Vec<Format>,
}

impl Samples {
    pub(super) fn of(headers: &[String]) -> Self {
        let one =
            |(place, header): (usize, &String)| Sample::new(vec![place], vec![header.clone()]);
        let mut list: Vec<Sample> = headers.iter().enumerate().map(one).collect();
        list.extend(pairs(headers));
        let formats = |texts: &[&str]| texts.iter().filter_map(|t| Format::parse(t).ok()).collect();
        Self {
            list,
            times: formats(&TIMES),
            dates: formats(&DATES),
        }
    }

    pub(super) fn row(&mut self, fields: &[&[u8]]) {
        for sample in &mut self.list {
            let parts: Vec<&[u8]> = sample
                .places
                .iter()
                .map(|p| fields.get(*p).copied().unwrap_or_default().trim_ascii())
                .collect();
            match parts[..] {
                [one] => sample.add(one, &self.times, &self.dates),
                _ => sample.add(&parts.join(&b' '), &self.times, &self.dates),
            }
        }
    }
}

/// Pairs such as “Ring Date” and “Ring Time”.
fn pairs(headers: &[String]) -> Vec<Sample> {
    let rest = |header: &String, word: &str| {
        let words = header_words(header);
        let others: Vec<String> = words.iter().filter(|w| *w != word).cloned().collect();
        (others.len() + 1 == words.len()).then_some(others)
    };
    let mut pairs = Vec::new();
    for (d, date) in headers.iter().enumerate() {
        let Some(of_date) = rest(date, "date") else {
            continue;
        };
        let same = |t: &String| rest(t, "time").as_ref() == Some(&of_date);
        if let Some(t) = headers.iter().position(same) {
            let both = headers.get(t).map(|time| vec![date.clone(), time.clone()]);
            pairs.extend(both.map(|both| Sample::new(vec![d, t], both)));
        }
    }
    pairs
}

impl Sample {
    fn new(places: Vec<usize>, headers: Vec<String>) -> Self {
        Self {
            places,
            headers,
            rows: 0,
            filled: 0,
            words: BTreeMap::new(),
            many: false,
            blanks: Vec::new(),
            times: [0; TIMES.len()],
            dates: [0; DATES.len()],
            offsets: 0,
            booleans: 0,
            hashes: 0,
            integers: 0,
            decimals: 0,
            areas: 0,
        }
    }

    fn add(&mut self, value: &[u8], times: &[Format], dates: &[Format]) {
        self.rows += 1;
        if let Some(word) = BLANKS
            .iter()
            .find(|w| value.eq_ignore_ascii_case(w.as_bytes()))
        {
            if !self.blanks.contains(word) {
                self.blanks.push(word);
            }
            return;
        }
        if value.is_empty() {
            return;
        }
        self.filled += 1;
        let is = |count: &mut u64, is: bool| *count += u64::from(is);
        for (format, count) in times.iter().zip(&mut self.times) {
            is(count, format.read(value).is_some());
        }
        for (format, count) in dates.iter().zip(&mut self.dates) {
            is(count, format.read(value).is_some());
        }
        is(
            &mut self.offsets,
            value.len() >= 20 && london::has_offset(value) && value::timestamp(value).is_some(),
        );
        is(
            &mut self.booleans,
            is_word(value, &YES) || is_word(value, &NO),
        );
        let good = |kind| value::parse(kind, value).is_ok();
        is(&mut self.hashes, good(Kind::Pid));
        is(
            &mut self.integers,
            good(Kind::Integer) || is_duration(value),
        );
        is(&mut self.decimals, good(Kind::Decimal));
        is(&mut self.areas, good(Kind::AreaCode));
        if !self.many {
            *self
                .words
                .entry(String::from_utf8_lossy(value).into_owned())
                .or_default() += 1;
            self.many = self.words.len() > WORDS;
            if self.many {
                self.words.clear();
            }
        }
    }

    /// Values that are few and come again, as codes do.
    pub(super) fn has_few_words(&self) -> bool {
        !self.many && !self.words.is_empty()
    }

    /// The share of values that a type can read, from 0 to 1; 1 where there
    /// are none.
    pub(super) fn share(&self, kind: Kind) -> f64 {
        let best = |counts: &[u64]| counts.iter().copied().max().unwrap_or_default();
        let count = match kind {
            Kind::Timestamp => self.offsets + best(&self.times),
            Kind::Date => best(&self.dates).max(best(&self.times)),
            Kind::Boolean => self.booleans,
            Kind::Pid => self.hashes,
            Kind::Integer | Kind::Year => self.integers,
            Kind::Decimal => self.decimals,
            Kind::AreaCode => self.areas,
            _ => self.filled,
        };
        if self.filled == 0 {
            return 1.0;
        }
        count as f64 / self.filled as f64
    }

    /// Whether its values are times, days, or yes and no: no references or
    /// words.
    pub(super) fn is_of_a_type(&self) -> bool {
        let typed = [Kind::Timestamp, Kind::Date, Kind::Boolean];
        self.filled > 0 && typed.into_iter().any(|k| self.share(k) > 0.9)
    }

    /// Words for yes and for no that occur.
    pub(super) fn yes_and_no(&self) -> (Vec<&str>, Vec<&str>) {
        let of = |list: &[&str]| {
            let ours = |w: &&String| {
                is_word(w.as_bytes(), list)
                    && !w.eq_ignore_ascii_case("true")
                    && !w.eq_ignore_ascii_case("false")
            };
            self.words.keys().filter(ours).map(String::as_str).collect()
        };
        (of(&YES), of(&NO))
    }
}

fn is_word(value: &[u8], words: &[&str]) -> bool {
    words
        .iter()
        .any(|w| value.eq_ignore_ascii_case(w.as_bytes()))
}

/// Hours, minutes and seconds with colons between them.
fn is_duration(value: &[u8]) -> bool {
    let mut parts = value.split(|b| *b == b':');
    let digits = |p: &[u8]| !p.is_empty() && p.iter().all(u8::is_ascii_digit);
    value.len() < 11 && parts.clone().count() == 3 && parts.all(digits)
}
