//! What a value looks like, by its bytes alone.

use std::collections::HashSet;
use std::sync::OnceLock;

/// Common given names, in lower case: `reference/forenames.csv`.
const FORENAMES: &str = include_str!("../../../../reference/forenames.csv");

const TITLES: [&str; 11] = [
    "mr", "mrs", "miss", "ms", "mx", "dr", "prof", "sir", "lady", "lord", "rev",
];

const RANKS: [&str; 15] = [
    "pc",
    "ps",
    "pcso",
    "dc",
    "ds",
    "di",
    "dci",
    "spc",
    "wpc",
    "sgt",
    "insp",
    "constable",
    "sergeant",
    "inspector",
    "officer",
];

/// Words with which the name of a street, a ward or another place ends.
const PLACES: [&str; 40] = [
    "road", "rd", "street", "st", "avenue", "ave", "lane", "ln", "close", "drive", "dr",
    "crescent", "way", "court", "ct", "gardens", "terrace", "grove", "place", "walk", "mews",
    "hill", "green", "square", "parade", "rise", "park", "ward", "town", "centre", "estate",
    "station", "village", "north", "south", "east", "west", "common", "bridge", "field",
];

/// How many of [`PLACES`], from the first, are streets.
const STREETS: usize = 26;

/// The 124 areas with which a postcode begins.
const POSTCODE_AREAS: &[&str] = &[
    "AB", "AL", "B", "BA", "BB", "BD", "BH", "BL", "BN", "BR", "BS", "BT", "CA", "CB", "CF", "CH",
    "CM", "CO", "CR", "CT", "CV", "CW", "DA", "DD", "DE", "DG", "DH", "DL", "DN", "DT", "DY", "E",
    "EC", "EH", "EN", "EX", "FK", "FY", "G", "GL", "GU", "GY", "HA", "HD", "HG", "HP", "HR", "HS",
    "HU", "HX", "IG", "IM", "IP", "IV", "JE", "KA", "KT", "KW", "KY", "L", "LA", "LD", "LE", "LL",
    "LN", "LS", "LU", "M", "ME", "MK", "ML", "N", "NE", "NG", "NN", "NP", "NR", "NW", "OL", "OX",
    "PA", "PE", "PH", "PL", "PO", "PR", "RG", "RH", "RM", "S", "SA", "SE", "SG", "SK", "SL", "SM",
    "SN", "SO", "SP", "SR", "SS", "ST", "SW", "SY", "TA", "TD", "TF", "TN", "TQ", "TR", "TS", "TW",
    "UB", "W", "WA", "WC", "WD", "WF", "WN", "WR", "WS", "WV", "YO", "ZE",
];

/// How many bytes of each sort a value has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bytes(u64);

/// Sixteen bits each: digits, letters (and everything beyond ASCII), spaces,
/// at signs.
const LANES: [u64; 256] = {
    let mut lanes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        lanes[byte] = match byte as u8 {
            b'0'..=b'9' => 1,
            b'a'..=b'z' | b'A'..=b'Z' | 128.. => 1 << 16,
            b' ' => 1 << 32,
            b'@' => 1 << 48,
            _ => 0,
        };
        byte += 1;
    }
    lanes
};

impl Bytes {
    pub(super) fn of(value: &[u8]) -> Self {
        Self(
            value
                .iter()
                .fold(0_u64, |sum, b| sum.wrapping_add(LANES[usize::from(*b)])),
        )
    }

    fn lane(self, lane: u32) -> usize {
        (self.0 >> (16 * lane) & 0xffff) as usize
    }

    pub(super) fn digits(self) -> usize {
        self.lane(0)
    }

    pub(super) fn letters(self) -> usize {
        self.lane(1)
    }

    pub(super) fn spaces(self) -> usize {
        self.lane(2)
    }

    pub(super) fn has_at(self) -> bool {
        self.lane(3) > 0
    }
}

/// A time as RFC 3339 and most databases write it, and nothing behind it.
pub(super) fn is_time(value: &[u8], bytes: Bytes) -> bool {
    (12..=24).contains(&bytes.digits())
        && bytes.letters() <= 2
        && matches!(value.get(10), Some(b'T' | b' '))
        && value.get(13) == Some(&b':')
        && matches!(value.get(4), Some(b'-' | b'0'..=b'9'))
        && value.len() <= 35
}

/// Only hexadecimal digits, as many as a keyed hash has whole or cut short.
pub(super) fn is_hash(value: &[u8]) -> bool {
    matches!(value.len(), 16 | 32 | 40 | 64) && value.iter().all(u8::is_ascii_hexdigit)
}

/// The year of a day without a time.
pub(super) fn year_of_day(value: &[u8]) -> Option<u16> {
    crate::value::date(value)?;
    let year = if value.get(4) == Some(&b'-') {
        value.get(..4)?
    } else {
        value.get(6..)?
    };
    std::str::from_utf8(year).ok()?.parse().ok()
}

/// Something before an at sign and a name with a full stop behind it.
pub(super) fn has_email(value: &[u8]) -> bool {
    let local =
        |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+' | b'\'');
    memchr::memchr_iter(b'@', value).any(|at| {
        let (before, after) = (&value[..at], &value[at + 1..]);
        let host: &[u8] = {
            let end = after
                .iter()
                .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-')));
            &after[..end.unwrap_or(after.len())]
        };
        let dot = memchr::memchr(b'.', host);
        before.last().is_some_and(local) && dot.is_some_and(|d| d > 0 && d + 1 < host.len())
    })
}

/// The runs of letters and digits of a value, with the bytes before each.
pub(super) fn words(value: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b >= 128 || *b == b'\'';
        let start = at + value[at..].iter().position(is_word)?;
        let length = value[start..].iter().position(|b| !is_word(b));
        let end = length.map_or(value.len(), |l| start + l);
        let before = &value[at..start];
        at = end;
        Some((before, &value[start..end]))
    })
}

/// A telephone number of this country, or one with `+` and a country's code.
pub(super) fn has_phone(value: &[u8]) -> bool {
    let groups: Vec<(&[u8], &[u8])> = words(value).collect();
    let numeric = |word: &[u8]| word.iter().all(u8::is_ascii_digit);
    (0..groups.len()).any(|first| {
        let mut digits = Vec::with_capacity(16);
        let (before, start) = groups[first];
        let plus = before.last() == Some(&b'+');
        if !numeric(start) || (start.len() < 3 && !plus && start != b"44") {
            return false;
        }
        for (index, (between, word)) in groups[first..].iter().take(6).enumerate() {
            let near =
                |b: &u8| matches!(b, b' ' | b'-' | b'(' | b')') || (*b == b'.' && start.len() > 3);
            if !numeric(word) || (index > 0 && !(between.len() < 3 && between.iter().all(near))) {
                return false;
            }
            digits.extend_from_slice(word);
            if digits.len() >= 10 {
                return is_phone(&digits, plus);
            }
        }
        false
    })
}

fn is_phone(digits: &[u8], plus: bool) -> bool {
    match digits {
        _ if digits.len() > 15 => false,
        [b'4', b'4', b'0', rest @ ..] | [b'0', b'0', b'4', b'4', rest @ ..] if rest.len() == 10 => {
            is_national(rest)
        }
        [b'4', b'4', rest @ ..] | [b'0', rest @ ..] if rest.len() == 10 => is_national(rest),
        // Some small places have a number of ten digits.
        [b'0', b'1', b'2'..=b'9', rest @ ..] if rest.len() == 7 => !plus,
        _ => plus && digits.first() != Some(&b'0'),
    }
}

/// The ten digits after the nought, by the ranges that are in use.
fn is_national(digits: &[u8]) -> bool {
    matches!(
        digits,
        [b'1', b'1'..=b'9', ..]
            | [b'2', b'0' | b'3' | b'4' | b'8' | b'9', ..]
            | [b'3', b'0' | b'3' | b'4' | b'7', ..]
            | [b'7', b'0'..=b'9', ..]
            | [b'8', b'0' | b'4' | b'7', ..]
    )
}

/// Ten digits that a spreadsheet left of a mobile number.
pub(super) fn is_shortened_mobile(value: &[u8]) -> bool {
    value.len() == 10
        && value.iter().all(u8::is_ascii_digit)
        && matches!(value, [b'7', b'1'..=b'9', ..])
}

/// Whether a full postcode is in a value: none, one in a single word, or one
/// in two words, which is nothing else by chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Postcode {
    None,
    OneWord,
    TwoWords,
}

pub(super) fn postcode(value: &[u8]) -> Postcode {
    let mut found = Postcode::None;
    let mut last: &[u8] = &[];
    for (between, word) in words(value) {
        if !between.is_empty() && between.iter().all(|b| *b == b' ') && is_postcode(last, word) {
            return Postcode::TwoWords;
        }
        if (5..=7).contains(&word.len())
            && is_postcode(&word[..word.len() - 3], &word[word.len() - 3..])
        {
            found = Postcode::OneWord;
        }
        last = word;
    }
    found
}

fn is_postcode(outward: &[u8], inward: &[u8]) -> bool {
    let [sector, a, b] = inward else { return false };
    let unit = |l: &u8| {
        l.is_ascii_alphabetic()
            && !matches!(
                l.to_ascii_uppercase(),
                b'C' | b'I' | b'K' | b'M' | b'O' | b'V'
            )
    };
    if !sector.is_ascii_digit() || !unit(a) || !unit(b) || is_ordinal(outward, inward) {
        return false;
    }
    let letters = outward
        .iter()
        .take_while(|b| b.is_ascii_alphabetic())
        .count();
    let (area, district) = outward.split_at(letters);
    let area = String::from_utf8_lossy(area).to_ascii_uppercase();
    let district = match district {
        [a] => a.is_ascii_digit(),
        [a, b] => a.is_ascii_digit() && b.is_ascii_alphanumeric(),
        _ => false,
    };
    district && POSTCODE_AREAS.binary_search(&area.as_str()).is_ok()
}

/// “N1 2nd floor” is no postcode.
fn is_ordinal(outward: &[u8], inward: &[u8]) -> bool {
    matches!(&inward[1..], b"st" | b"nd" | b"rd" | b"th")
        && outward.iter().any(u8::is_ascii_uppercase)
}

/// A National Insurance number, its pairs apart or not.
pub(super) fn has_national_insurance(value: &[u8]) -> bool {
    let parts: Vec<&[u8]> = words(value).map(|w| w.1).collect();
    let apart = |w: &[&[u8]]| {
        let lengths = w.iter().map(|p| p.len()).eq([2, 2, 2, 2, 1]);
        lengths && is_national_insurance(&w.concat())
    };
    parts.iter().any(|w| is_national_insurance(w)) || parts.windows(5).any(apart)
}

fn is_national_insurance(word: &[u8]) -> bool {
    let upper = word.to_ascii_uppercase();
    let [a, b, digits @ .., last] = upper.as_slice() else {
        return false;
    };
    digits.len() == 6
        && digits.iter().all(u8::is_ascii_digit)
        && matches!(last, b'A'..=b'D')
        && a.is_ascii_uppercase()
        && b.is_ascii_uppercase()
        && !b"DFIQUV".contains(a)
        && !b"DFIOQUV".contains(b)
        && ![b"BG", b"GB", b"NK", b"KN", b"TN", b"NT", b"ZZ"].contains(&&[*a, *b])
}

/// A vehicle registration mark of one of the forms since 1963; `Some(true)`
/// where it stands in two words as on a plate.
pub(super) fn vehicle_mark(value: &[u8]) -> Option<bool> {
    let parts: Vec<&[u8]> = words(value).map(|w| w.1).take(3).collect();
    let is = |word: &[u8], form: &[u8]| {
        word.len() == form.len()
            && word.iter().zip(form).all(|(b, f)| match f {
                b'9' => b.is_ascii_digit(),
                _ => b.is_ascii_alphabetic() && !matches!(b.to_ascii_uppercase(), b'I' | b'Q'),
            })
    };
    match parts[..] {
        [a, b] if is(a, b"AA99") && is(b, b"AAA") => Some(true),
        [a, b] if is(a, b"A999") && is(b, b"AAA") => Some(false),
        [a, b] if is(a, b"AAA") && is(b, b"999A") => Some(false),
        [a] if is(a, b"AA99AAA") || is(a, b"A999AAA") || is(a, b"AAA999A") => Some(false),
        _ => None,
    }
}

/// A rank with a number: “PC 1234”.
pub(super) fn is_collar_number(value: &[u8]) -> bool {
    let mut parts = words(value).map(|w| w.1);
    let Some(first) = parts.next() else {
        return false;
    };
    let letters = first.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let (rank, joined) = first.split_at(letters);
    let number = if joined.is_empty() {
        parts.next().unwrap_or_default()
    } else {
        joined
    };
    is_one_of(rank, &RANKS)
        && (2..=6).contains(&number.len())
        && number.iter().all(u8::is_ascii_digit)
}

/// A number and a street within the next words.
pub(super) fn is_address(value: &[u8]) -> bool {
    let parts: Vec<&[u8]> = words(value).map(|w| w.1).take(8).collect();
    let number = |w: &[u8]| {
        let digits = w.iter().take_while(|b| b.is_ascii_digit()).count();
        (1..=4).contains(&digits) && w.len() <= digits + 1
    };
    let start = match parts[..] {
        [first, ..] if number(first) => 1,
        [first, second, ..] if is_one_of(first, &["flat", "unit", "apartment", "plot", "apt"]) => {
            usize::from(second.len() < 5) + 1
        }
        _ => return false,
    };
    let street = |w: &&[u8]| is_one_of(w, &PLACES[..STREETS]);
    // At least one word names the street.
    parts.iter().skip(start + 1).take(4).any(street)
}

/// “SMITH, John”, “Mr Smith” or a common given name and another word.
pub(super) fn is_name(value: &[u8]) -> bool {
    let parts: Vec<(&[u8], &[u8])> = words(value).take(5).collect();
    let [(_, first), (between, second), rest @ ..] = &parts[..] else {
        return false;
    };
    let last = parts.last().map_or(*second, |p| p.1);
    if rest.len() > 2 || is_one_of(last, &PLACES) {
        return false;
    }
    if between.first() == Some(&b',') {
        return is_forename(second)
            || (is_upper(first) && is_capitalised(second) && rest.is_empty());
    }
    let spaced = parts
        .iter()
        .skip(1)
        .all(|p| matches!(p.0, b" " | b"-" | b". "));
    spaced
        && (is_one_of(first, &TITLES)
            || is_forename(first)
            || (is_upper(first) && is_forename(last)))
}

/// A common given name alone.
pub(super) fn is_forename(word: &[u8]) -> bool {
    static NAMES: OnceLock<HashSet<&[u8]>> = OnceLock::new();
    let names = NAMES.get_or_init(|| FORENAMES.lines().skip(1).map(str::as_bytes).collect());
    // The longest of the list has eleven letters.
    let mut lower = [0; 12];
    let Some(lower) = lower.get_mut(..word.len()) else {
        return false;
    };
    lower.copy_from_slice(word);
    lower.make_ascii_lowercase();
    names.contains(&*lower)
}

fn is_upper(word: &[u8]) -> bool {
    word.len() > 1 && word.iter().all(|b| b.is_ascii_uppercase() || *b == b'\'')
}

fn is_capitalised(word: &[u8]) -> bool {
    matches!(word, [first, rest @ ..] if first.is_ascii_uppercase() && rest.iter().all(u8::is_ascii_lowercase))
}

fn is_one_of(word: &[u8], list: &[&str]) -> bool {
    list.iter().any(|w| word.eq_ignore_ascii_case(w.as_bytes()))
}

/// Text as people write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Prose {
    /// A few words.
    No,
    /// As many words as the title of an offence can have.
    Long,
    /// Sentences, or a paragraph.
    Sentences,
}

pub(super) fn prose(value: &[u8], bytes: Bytes) -> Prose {
    let spaces = bytes.spaces();
    let breaks = || {
        memchr::memchr2(b'\n', b'\r', value).is_some()
            || memchr::memmem::find(value, b". ").is_some()
            || matches!(value.last(), Some(b'.' | b'!' | b'?'))
    };
    if spaces >= 20 || (spaces >= 4 && breaks()) {
        Prose::Sentences
    } else if spaces >= 7 {
        Prose::Long
    } else {
        Prose::No
    }
}
