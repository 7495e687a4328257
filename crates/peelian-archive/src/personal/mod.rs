//! Finds personal data where none may be: names, telephone numbers, e-mail
//! and street addresses, postcodes, dates of birth, vehicle marks, National
//! Insurance and collar numbers, and free text.
//!
//! A column is judged by its header and by every one of its values. What is
//! found is said by column, line and kind, never by value: a message or list
//! that repeated it would be one more copy of it.
//!
//! **Must not know** files, homes or tables: it is given a header and rows.

mod headers;
mod values;

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::hash::{DefaultHasher, Hasher};

pub(crate) use headers::words as header_words;
use values::{Bytes, Postcode, Prose};

/// Lines named in a sentence; all are counted.
const NAMED: usize = 5;

/// Different long texts remembered of a column. The titles of all offences
/// are fewer.
const TEXTS: usize = 2048;

/// A kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The name of a person.
    Name,
    /// A telephone number.
    Phone,
    /// An e-mail address.
    Email,
    /// A full postcode.
    Postcode,
    /// A date of birth.
    BirthDate,
    /// A vehicle registration mark.
    VehicleMark,
    /// A National Insurance number.
    NationalInsurance,
    /// An officer's collar or warrant number.
    CollarNumber,
    /// A street address or an exact place.
    Address,
    /// Free text, which may hold anything.
    FreeText,
}

impl Kind {
    const ALL: [Self; 10] = [
        Self::Name,
        Self::Phone,
        Self::Email,
        Self::Postcode,
        Self::BirthDate,
        Self::VehicleMark,
        Self::NationalInsurance,
        Self::CollarNumber,
        Self::Address,
        Self::FreeText,
    ];

    /// What it is called, in the plural.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "names of people",
            Self::Phone => "telephone numbers",
            Self::Email => "e-mail addresses",
            Self::Postcode => "full postcodes",
            Self::BirthDate => "dates of birth",
            Self::VehicleMark => "vehicle registration marks",
            Self::NationalInsurance => "National Insurance numbers",
            Self::CollarNumber => "collar or staff numbers",
            Self::Address => "street addresses or exact places",
            Self::FreeText => "free text",
        }
    }

    /// The share of a column's values, one in so many, from which values that
    /// may be something else are taken for this kind.
    fn one_in(self) -> u64 {
        match self {
            Self::Name | Self::CollarNumber => 10,
            Self::Address | Self::FreeText => 20,
            Self::Phone => 2,
            _ => 5,
        }
    }
}

/// What a table expects of a column, so that its own values raise no alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// Nothing is known of the column, or it holds short words.
    Words,
    /// A reference: of letters and digits in any order.
    Reference,
    /// The name of a place or scheme.
    PlaceName,
    /// Sentences about no person, such as what an initiative is to show.
    Sentences,
    /// Numbers and days, which may be anybody's.
    Number,
    /// Times, codes, areas and hashes: a value of another form is set aside
    /// by the checks on the row.
    Checked,
}

/// Personal data in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Header of the column in the file.
    pub column: String,
    /// Of what kind.
    pub kind: Kind,
    /// Whether the header alone says so.
    pub by_header: bool,
    /// How many rows have it.
    pub rows: u64,
    /// The lines of the first of them, the header being line 1.
    pub lines: Vec<u64>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.lines.iter().map(u64::to_string).collect();
        let more = self.rows.saturating_sub(self.lines.len() as u64);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let (verb, line) = (
            if self.by_header {
                "by its name holds"
            } else {
                "holds what look like"
            },
            if self.rows == 1 { "line" } else { "lines" },
        );
        write!(
            f,
            "column “{}” {verb} {} ({line} {}{more})",
            self.column,
            self.kind.as_str(),
            lines.join(", ")
        )
    }
}

/// Why a file with findings is refused; none where there are none.
pub(crate) fn refusal(findings: &[Finding]) -> Option<String> {
    if findings.is_empty() {
        return None;
    }
    let what: Vec<String> = findings.iter().map(ToString::to_string).collect();
    Some(format!(
        "it holds personal data, and nothing of it was stored: {}. Leave the column out of the \
         extract, or put a keyed hash in its place before it leaves the force's system \
         (docs/mapping.md says how)",
        what.join("; ")
    ))
}

/// Looks at the rows of one file.
#[derive(Debug)]
pub(crate) struct Detector {
    columns: Vec<Column>,
    /// Latest year of any day or time of the file.
    latest: u16,
}

#[derive(Debug)]
struct Column {
    header: String,
    by_header: Option<Kind>,
    expected: Expected,
    /// Values that are not blank.
    filled: u64,
    /// Values that are neither blank nor hashes.
    plain: Rows,
    /// Values that are nothing else, by kind.
    sure: [Rows; 10],
    /// Values that could be something else, by kind.
    likely: [Rows; 10],
    forenames: Rows,
    /// Days by year.
    years: BTreeMap<u16, u64>,
    /// Hashes of different long texts.
    texts: HashSet<u64>,
}

#[derive(Debug, Default)]
struct Rows {
    count: u64,
    first: Vec<u64>,
}

impl Rows {
    fn add(&mut self, line: u64) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(line);
        }
    }

    fn is_share(&self, of: u64, one_in: u64) -> bool {
        self.count > 0 && self.count * one_in >= of
    }
}

impl Detector {
    /// For a file with these headers; of each it is said what is expected.
    /// The header of a column whose values are checked, or whose name is the
    /// table's own (`Some(true)`), says nothing.
    pub(crate) fn new<'h>(columns: impl Iterator<Item = (&'h str, Expected, bool)>) -> Self {
        let columns = columns.map(|(header, expected, own)| Column {
            header: header.to_owned(),
            by_header: (!own && expected != Expected::Checked)
                .then(|| headers::kind(header))
                .flatten(),
            expected,
            filled: 0,
            plain: Rows::default(),
            sure: Default::default(),
            likely: Default::default(),
            forenames: Rows::default(),
            years: BTreeMap::new(),
            texts: HashSet::new(),
        });
        Self {
            columns: columns.collect(),
            latest: 0,
        }
    }

    /// Looks at a row. Fields beyond the header are looked at as the last
    /// column's.
    pub(crate) fn row(&mut self, line: u64, fields: &[&[u8]]) {
        let last = self.columns.len().saturating_sub(1);
        for (index, field) in fields.iter().enumerate() {
            if let Some(column) = self.columns.get_mut(index.min(last))
                && !field.is_empty()
            {
                column.look(line, field, &mut self.latest);
            }
        }
    }

    /// What was found, in the order of the columns.
    pub(crate) fn findings(self) -> Vec<Finding> {
        let latest = self.latest;
        self.columns
            .into_iter()
            .flat_map(|column| column.findings(latest))
            .collect()
    }
}

impl Column {
    fn look(&mut self, line: u64, value: &[u8], latest: &mut u16) {
        self.filled += 1;
        let bytes = Bytes::of(value);
        if values::is_time(value, bytes) {
            *latest = (*latest).max(year_in(value));
            return;
        }
        if values::is_hash(value) {
            return;
        }
        if self.by_header.is_some() {
            self.plain.add(line);
        }
        let (digits, letters) = (bytes.digits(), bytes.letters());
        if bytes.has_at() && values::has_email(value) {
            self.sure(Kind::Email, line);
        }
        if digits >= 10 && self.expected != Expected::Checked {
            self.look_for_phone(line, value);
        }
        if letters == 0 {
            if let Some(year) = (digits == 8).then(|| values::year_of_day(value)).flatten() {
                *latest = (*latest).max(year);
                *self.years.entry(year).or_default() += 1;
                self.likely(Kind::BirthDate, line);
            }
        } else if digits > 0 {
            self.look_at_mixed(line, value, bytes);
        }
        if letters > 0 && matches!(self.expected, Expected::Words | Expected::PlaceName) {
            self.look_at_words(line, value, bytes);
        }
    }

    fn look_for_phone(&mut self, line: u64, value: &[u8]) {
        if values::has_phone(value) {
            self.sure(Kind::Phone, line);
        } else if self.expected != Expected::Reference && values::is_shortened_mobile(value) {
            self.likely(Kind::Phone, line);
        }
    }

    /// Values of letters and digits.
    fn look_at_mixed(&mut self, line: u64, value: &[u8], bytes: Bytes) {
        // Most are a reference in one word, of a length that no other thing has.
        let one_word = bytes.digits() + bytes.letters() == value.len();
        if value.len() < 5 || (one_word && value.len() > 9) {
            return;
        }
        match (values::postcode(value), self.expected) {
            (Postcode::OneWord, Expected::Reference) => self.likely(Kind::Postcode, line),
            (Postcode::OneWord | Postcode::TwoWords, _) => self.sure(Kind::Postcode, line),
            (Postcode::None, _) => {}
        }
        if values::has_national_insurance(value) {
            self.sure(Kind::NationalInsurance, line);
        }
        match values::vehicle_mark(value) {
            Some(true) => self.sure(Kind::VehicleMark, line),
            Some(false) => self.likely(Kind::VehicleMark, line),
            None => {}
        }
        if values::is_collar_number(value) {
            self.likely(Kind::CollarNumber, line);
        }
        if values::is_address(value) {
            self.likely(Kind::Address, line);
        }
    }

    fn look_at_words(&mut self, line: u64, value: &[u8], bytes: Bytes) {
        if bytes.spaces() == 0 && values::is_forename(value) {
            self.forenames.add(line);
        } else if values::is_name(value) {
            self.likely(Kind::Name, line);
        }
        match values::prose(value, bytes) {
            Prose::Sentences => self.sure(Kind::FreeText, line),
            Prose::Long => {
                self.likely(Kind::FreeText, line);
                if self.texts.len() < TEXTS {
                    let mut hasher = DefaultHasher::new();
                    hasher.write(value);
                    self.texts.insert(hasher.finish());
                }
            }
            Prose::No => {}
        }
    }

    fn sure(&mut self, kind: Kind, line: u64) {
        self.sure[kind as usize].add(line);
    }

    fn likely(&mut self, kind: Kind, line: u64) {
        self.likely[kind as usize].add(line);
    }

    fn findings(mut self, latest: u16) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut find = |kind, by_header, rows: Rows| {
            found.push(Finding {
                column: self.header.clone(),
                kind,
                by_header,
                rows: rows.count,
                lines: rows.first,
            });
        };
        if let Some(kind) = self.by_header
            && self.plain.count > 0
        {
            find(kind, true, self.plain);
            return found;
        }
        for kind in Kind::ALL {
            let sure = std::mem::take(&mut self.sure[kind as usize]);
            let likely = std::mem::take(&mut self.likely[kind as usize]);
            if sure.count > 0 {
                find(kind, false, sure);
                continue;
            }
            let enough = match (kind, self.expected) {
                (Kind::BirthDate, Expected::Words | Expected::Reference) => {
                    are_birth_years(&self.years, self.filled, latest)
                }
                (Kind::BirthDate, _) => false,
                // Titles of offences come again and again.
                (Kind::FreeText, _) => {
                    self.texts.len() as u64 * 2 > likely.count
                        && likely.is_share(self.filled, kind.one_in())
                        && likely.count > 2
                }
                (Kind::Name | Kind::Address, Expected::PlaceName) => {
                    likely.is_share(self.filled, 2)
                }
                _ => likely.is_share(self.filled, kind.one_in()),
            };
            if enough {
                find(kind, false, likely);
            } else if kind == Kind::Name && self.forenames.is_share(self.filled, 2) {
                find(kind, false, std::mem::take(&mut self.forenames));
            }
        }
        found
    }
}

/// The year with which a time begins, or none.
fn year_in(time: &[u8]) -> u16 {
    let digits = time.get(..4).and_then(|y| std::str::from_utf8(y).ok());
    digits.and_then(|y| y.parse().ok()).unwrap_or_default()
}

/// Whether days are births: nearly all of the column lies ten to a hundred
/// years before the latest day of the file, in several years.
fn are_birth_years(years: &BTreeMap<u16, u64>, filled: u64, latest: u16) -> bool {
    let births = years.range(latest.saturating_sub(100)..=latest.saturating_sub(10));
    let (count, different) = births.fold((0, 0), |(n, y), year| (n + year.1, y + 1));
    different > 2 && count * 10 >= filled * 8
}

#[cfg(test)]
mod tests;
