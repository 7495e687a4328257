//! The text forms of single values, and the rule each breaks when malformed.

use peelian_model::Month;

use crate::force::{NamedArea, area_named};
use crate::quarantine::Rule;
use crate::source::Kind;

/// A checked value, still pointing into the file where it is text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cell<'a> {
    Null,
    /// UTF-8, already checked.
    Text(&'a [u8]),
    /// Dates in days and times in milliseconds since 1970, points in
    /// micro-degrees, decimals in millionths, booleans as 0 and 1, counts as
    /// they are.
    Number(i64),
    Id([u8; 32]),
}

const DAY: i64 = 86_400;

/// Days since 1970-01-01 of a date of the Gregorian calendar (Hinnant,
/// “chrono-compatible low-level date algorithms”, `days_from_civil`).
pub(crate) fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Days since 1970-01-01 of the first day of a month.
pub(crate) fn month_days(month: Month) -> i64 {
    days(i64::from(month.year()), i64::from(month.month()), 1)
}

/// The month whose first day is this many days after 1970-01-01.
pub(crate) fn month_of_days(first: i64) -> Option<Month> {
    let guess = Month::new(1970, 1)?.plus((first as f64 / 30.436_875).round() as i32);
    [guess.plus(-1), guess, guess.plus(1)]
        .into_iter()
        .find(|m| month_days(*m) == first)
}

/// The value of a field that is not blank.
pub(crate) fn parse(kind: Kind, field: &[u8]) -> Result<Cell<'_>, Rule> {
    match kind {
        // Whether a code is one of its column's is for the reader to say.
        Kind::Text | Kind::Category | Kind::Code | Kind::List => Ok(Cell::Text(field)),
        // A geometry is checked where it is read; a reason stands for a bad one.
        Kind::Geometry => field
            .starts_with(b"{")
            .then_some(Cell::Text(field))
            .ok_or(Rule::Outline),
        Kind::Slug => is_slug(field)
            .then_some(Cell::Text(field))
            .ok_or(Rule::Slug),
        Kind::GridPolygon => is_grid_polygon(field)
            .then_some(Cell::Text(field))
            .ok_or(Rule::Polygon),
        Kind::Period => period(field).map(|_| Cell::Text(field)).ok_or(Rule::Period),
        // Rows hold the id and the level; here the name is only looked up.
        Kind::ForceName => match named_area(field)? {
            NamedArea::Force(_) => Ok(Cell::Text(field)),
            NamedArea::Other(_) => Ok(Cell::Null),
        },
        Kind::AreaLevel => named_area(field).map(|_| Cell::Text(field)),
        Kind::Pid => is_pid(field).then_some(Cell::Text(field)).ok_or(Rule::Pid),
        Kind::AreaCode => is_area_code(field)
            .then_some(Cell::Text(field))
            .ok_or(Rule::AreaCode),
        Kind::Month => month(field)
            .map(|m| Cell::Number(month_days(m)))
            .ok_or(Rule::Month),
        Kind::Timestamp => timestamp(field).map(Cell::Number).ok_or(Rule::Timestamp),
        Kind::Longitude | Kind::Latitude => micro_degrees(field)
            .map(Cell::Number)
            .ok_or(Rule::Coordinates),
        Kind::CrimeId => crime_id(field).map(Cell::Id).ok_or(Rule::CrimeId),
        Kind::Boolean => match field {
            b"True" | b"true" | b"TRUE" => Ok(Cell::Number(1)),
            b"False" | b"false" | b"FALSE" => Ok(Cell::Number(0)),
            _ => Err(Rule::Boolean),
        },
        Kind::Year => integer(field)
            .filter(|y| (1900..2200).contains(y))
            .map(Cell::Number)
            .ok_or(Rule::Year),
        Kind::Integer => integer(field).map(Cell::Number).ok_or(Rule::Integer),
        Kind::Decimal => decimal(field).map(Cell::Number).ok_or(Rule::Decimal),
        Kind::Date => date(field).map(Cell::Number).ok_or(Rule::Date),
    }
}

fn named_area(field: &[u8]) -> Result<NamedArea, Rule> {
    let name = std::str::from_utf8(field).ok();
    name.and_then(area_named).ok_or(Rule::AreaName)
}

pub(crate) fn month(field: &[u8]) -> Option<Month> {
    std::str::from_utf8(field).ok()?.parse().ok()
}

/// The first month of a period: `2022-07` is a month, `2022-Q3` its quarter.
pub(crate) fn period(field: &[u8]) -> Option<Month> {
    match field {
        [year @ .., b'-', b'Q', quarter @ b'1'..=b'4'] if year.len() == 4 => {
            let year = i32::try_from(number(year)?).ok()?;
            Month::new(year, u32::from(quarter - b'1') * 3 + 1)
        }
        _ => month(field),
    }
}

/// Lower-case letters, digits and hyphens, at most 64.
fn is_slug(field: &[u8]) -> bool {
    let good = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
    field.len() <= 64
        && field.iter().all(good)
        && !field.starts_with(b"-")
        && !field.ends_with(b"-")
}

/// A capital letter and eight digits, or the eight-character code of a Super
/// Output Area of Northern Ireland (`95GG40S1`).
pub(crate) fn is_area_code(field: &[u8]) -> bool {
    match field {
        [letter, digits @ ..] if digits.len() == 8 => {
            letter.is_ascii_uppercase() && digits.iter().all(u8::is_ascii_digit)
        }
        [b'9', b'5', a, b, c, d, letter, e] => {
            [a, b, letter].iter().all(|x| x.is_ascii_uppercase())
                && [c, d, e].iter().all(|x| x.is_ascii_digit())
        }
        _ => false,
    }
}

/// 16 hexadecimal digits in lower case: a keyed hash, cut short.
fn is_pid(field: &[u8]) -> bool {
    field.len() == 16 && field.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Well-known text of a polygon whose points lie on the National Grid and whose
/// rings end where they begin: `POLYGON ((534000 187000, …), (…))`.
fn is_grid_polygon(field: &[u8]) -> bool {
    let rings = || {
        let text = std::str::from_utf8(field).ok()?.strip_prefix("POLYGON")?;
        let text = text.trim().strip_prefix('(')?.strip_suffix(')')?;
        let rings: Option<Vec<&str>> = text
            .split_inclusive(')')
            .map(|ring| {
                let ring = ring.trim_start_matches([',', ' ']);
                ring.strip_prefix('(')?.strip_suffix(')')
            })
            .collect();
        rings
    };
    let point = |text: &str| {
        let mut numbers = text.split_whitespace().map(str::parse::<f64>);
        let (east, north) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
        let inside = (0.0..700_000.0).contains(&east) && (0.0..1_300_000.0).contains(&north);
        (inside && numbers.next().is_none()).then_some((east, north))
    };
    let closed = |ring: &str| {
        let points: Option<Vec<(f64, f64)>> = ring.split(',').map(point).collect();
        points.is_some_and(|p| p.len() >= 4 && p.first() == p.last())
    };
    rings().is_some_and(|rings| !rings.is_empty() && rings.into_iter().all(closed))
}

/// Days since 1970 of `2019-05-31`, or of `31-05-2019` and `31/05/2019` as
/// spreadsheets of this country write it.
pub(crate) fn date(field: &[u8]) -> Option<i64> {
    let part = |from: usize, to: usize| number(field.get(from..to)?);
    let marks = |first: usize, second: usize, mark: &[u8]| {
        let (a, b) = (field.get(first)?, field.get(second)?);
        (a == b && mark.contains(a)).then_some(())
    };
    let (year, month, day) = if field.len() != 10 {
        return None;
    } else if marks(4, 7, b"-").is_some() {
        (part(0, 4)?, part(5, 7)?, part(8, 10)?)
    } else {
        marks(2, 5, b"-/")?;
        (part(6, 10)?, part(3, 5)?, part(0, 2)?)
    };
    is_date(year, month, day).then(|| days(year, month, day))
}

/// Millionths of a decimal number, commas between groups of three or none;
/// further decimals are cut off.
fn decimal(field: &[u8]) -> Option<i64> {
    let dot = memchr::memchr(b'.', field).unwrap_or(field.len());
    let (whole, decimals) = (&field[..dot], field.get(dot + 1..).unwrap_or_default());
    if (dot < field.len() && decimals.is_empty()) || !decimals.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let unsigned = whole.strip_prefix(b"-").unwrap_or(whole);
    let whole_part = integer(unsigned).filter(|w| (0..9_000_000_000).contains(w))?;
    let digit = |i: usize| decimals.get(i).map_or(0, |d| i64::from(d - b'0'));
    let micro = (0..6).fold(whole_part, |n, i| n * 10 + digit(i));
    Some(if unsigned.len() < whole.len() {
        -micro
    } else {
        micro
    })
}

fn number(digits: &[u8]) -> Option<i64> {
    if digits.is_empty() || digits.len() > 15 {
        return None;
    }
    digits.iter().try_fold(0_i64, |n, d| {
        d.is_ascii_digit().then(|| n * 10 + i64::from(d - b'0'))
    })
}

/// Whole number, with commas between groups of three or without.
fn integer(field: &[u8]) -> Option<i64> {
    let (negative, digits) = match field {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, field),
    };
    let value = if digits.contains(&b',') {
        let mut groups = digits.split(|b| *b == b',');
        let first = groups.next().filter(|g| (1..=3).contains(&g.len()))?;
        let mut all = first.to_vec();
        for group in groups {
            if group.len() != 3 {
                return None;
            }
            all.extend(group);
        }
        number(&all)?
    } else {
        number(digits)?
    };
    Some(if negative { -value } else { value })
}

/// Decimal degrees as whole micro-degrees, rounded at the seventh decimal.
pub(crate) fn micro_degrees(field: &[u8]) -> Option<i64> {
    let (negative, unsigned) = match field {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, field),
    };
    let dot = memchr::memchr(b'.', unsigned).unwrap_or(unsigned.len());
    let whole = number(&unsigned[..dot]).filter(|w| *w <= 180)?;
    let decimals = unsigned.get(dot + 1..).unwrap_or_default();
    if (dot < unsigned.len() && decimals.is_empty()) || !decimals.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digit = |i: usize| decimals.get(i).map_or(0, |d| i64::from(d - b'0'));
    let micro = (0..6).fold(whole, |n, i| n * 10 + digit(i)) + i64::from(digit(6) >= 5);
    Some(if negative { -micro } else { micro })
}

/// Least and greatest longitude of land in the United Kingdom, in degrees,
/// for each whole degree of latitude from 49 (Isles of Scilly) to 60
/// (Shetland), with a small margin. Coarse on purpose: it catches points in
/// the North Sea, at 0,0, or with the two numbers exchanged.
const LAND: [(f64, f64); 12] = [
    (-6.5, -5.0),
    (-6.5, 1.1),
    (-5.5, 1.5),
    (-5.5, 1.85),
    (-4.9, 0.5),
    (-8.3, 0.05),
    (-7.7, -1.3),
    (-7.8, -1.9),
    (-8.8, -1.6),
    (-7.3, -2.2),
    (-4.6, -1.1),
    (-2.3, -0.6),
];

/// Whether a point, in micro-degrees, can lie in the United Kingdom.
pub(crate) fn in_united_kingdom(lon: i64, lat: i64) -> bool {
    usize::try_from(lat.div_euclid(1_000_000) - 49)
        .ok()
        .and_then(|band| LAND.get(band))
        .is_some_and(|(west, east)| (*west..=*east).contains(&(lon as f64 / 1e6)))
}

/// 64 hexadecimal digits as 32 bytes.
pub(crate) fn crime_id(field: &[u8]) -> Option<[u8; 32]> {
    let digits: &[u8; 64] = field.try_into().ok()?;
    let mut values = [0; 64];
    let mut good = true;
    for (value, digit) in values.iter_mut().zip(digits) {
        let (read, is_digit) = hex_digit(*digit);
        *value = read;
        good &= is_digit;
    }
    let mut id = [0; 32];
    for (byte, pair) in id.iter_mut().zip(values.chunks_exact(2)) {
        *byte = pair[0] << 4 | pair[1];
    }
    good.then_some(id)
}

/// The value of a digit, and whether it is one: without a branch, so that the
/// compiler reads many at a time.
fn hex_digit(c: u8) -> (u8, bool) {
    let number = c.wrapping_sub(b'0');
    let letter = (c | 0x20).wrapping_sub(b'a');
    let value = if number < 10 {
        number
    } else {
        letter.wrapping_add(10)
    };
    (value, number < 10 || letter < 6)
}

/// Milliseconds since 1970 of `2019-05-31T23:01:00.593333+00:00`. The fraction
/// is dropped, a missing zone is UTC, and a date alone is its midnight.
pub(crate) fn timestamp(field: &[u8]) -> Option<i64> {
    let two = |from: usize| number(field.get(from..from + 2)?);
    let mark = |at: usize, marks: &[u8]| field.get(at).is_some_and(|b| marks.contains(b));
    let (year, month, day) = (number(field.get(..4)?)?, two(5)?, two(8)?);
    if !(mark(4, b"-") && mark(7, b"-") && is_date(year, month, day)) {
        return None;
    }
    let midnight = days(year, month, day) * DAY;
    if field.len() == 10 {
        return Some(midnight * 1000);
    }
    let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
    if !(mark(10, b"T ") && mark(13, b":") && mark(16, b":"))
        || hour > 23
        || minute > 59
        || second > 59
    {
        return None;
    }
    let mut zone = &field[19..];
    if let [b'.', fraction @ ..] = zone {
        let digits = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
        if digits == 0 {
            return None;
        }
        zone = &fraction[digits..];
    }
    let offset = match zone {
        b"" | b"Z" => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (number(&[*h1, *h2])?, number(&[*m1, *m2])?);
            if hours > 14 || minutes > 59 {
                return None;
            }
            (hours * 3600 + minutes * 60) * if *sign == b'-' { -1 } else { 1 }
        }
        _ => return None,
    };
    Some((midnight + hour * 3600 + minute * 60 + second - offset) * 1000)
}

fn is_date(year: i64, month: i64, day: i64) -> bool {
    if !(1900..2200).contains(&year) || !(1..=12).contains(&month) || day < 1 {
        return false;
    }
    let (next_year, next_month) = if month == 12 {
        (year + 1, 1)
    } else {
        (year, month + 1)
    };
    day <= days(next_year, next_month, 1) - days(year, month, 1)
}

/// Whether a time, in milliseconds, lies in a month or within a day of it.
pub(crate) fn near_month(time: i64, month: Month) -> bool {
    let first = (month_days(month) - 1) * DAY * 1000;
    let last = (month_days(month.plus(1)) + 1) * DAY * 1000;
    (first..last).contains(&time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_with_fractions_zones_and_without_times_are_read() {
        let base = 1_559_343_660_000;
        for text in [
            "2019-05-31T23:01:00+00:00",
            "2019-05-31T23:01:00.593333+00:00",
            "2019-06-01T00:01:00+01:00",
            "2019-05-31 23:01:00",
            "2019-05-31T23:01:00Z",
        ] {
            assert_eq!(timestamp(text.as_bytes()), Some(base), "{text}");
        }
        assert_eq!(timestamp(b"1970-01-02"), Some(86_400_000));
        for bad in [
            "2019-02-29T00:00:00Z",
            "2019-05-31T24:00:00Z",
            "31/05/2019 23:01",
            "2019-05-31T23:01:00.Z",
            "2019-05-31T2",
        ] {
            assert_eq!(timestamp(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn only_hexadecimal_digits_make_a_crime_id() {
        for byte in 0..=255_u8 {
            let mut field = [b'0'; 64];
            field[1] = byte;
            let value = char::from(byte).to_digit(16).map(|d| d as u8);
            assert_eq!(crime_id(&field).map(|id| id[0]), value, "{byte}");
        }
        assert_eq!(crime_id(&[b'0'; 63]), None);
    }

    #[test]
    fn degrees_become_micro_degrees() {
        assert_eq!(micro_degrees(b"-0.092756"), Some(-92_756));
        assert_eq!(micro_degrees(b"51.5178"), Some(51_517_800));
        assert_eq!(micro_degrees(b"51.51780049"), Some(51_517_800));
        assert_eq!(micro_degrees(b"51"), Some(51_000_000));
        for bad in ["", "-", "51.", "5e1", " 51.5", "181.0", "51.5.1", "NaN"] {
            assert_eq!(micro_degrees(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn points_at_sea_and_at_zero_are_outside() {
        for (lon, lat) in [
            (0.575, 51.73),
            (-6.3, 49.92),
            (-8.08, 54.4),
            (-1.14, 60.15),
            (1.76, 52.48),
        ] {
            assert!(
                in_united_kingdom((lon * 1e6) as i64, (lat * 1e6) as i64),
                "{lon} {lat}"
            );
        }
        for (lon, lat) in [
            (0.0, 0.0),
            (3.0, 54.5),
            (-12.0, 51.0),
            (51.73, 0.575),
            (1.2, 53.5),
            (2.3, 48.9),
        ] {
            assert!(
                !in_united_kingdom((lon * 1e6) as i64, (lat * 1e6) as i64),
                "{lon} {lat}"
            );
        }
    }

    #[test]
    fn thousands_separators_are_read_only_where_they_belong() {
        assert_eq!(integer(b"1,724,950"), Some(1_724_950));
        assert_eq!(integer(b"1296"), Some(1296));
        assert_eq!(integer(b"17,24"), None);
        assert_eq!(integer(b",724"), None);
        assert_eq!(integer(b"12.0"), None);
    }

    #[test]
    fn a_period_is_a_month_or_a_quarter() {
        let first = |text: &str| period(text.as_bytes()).map(|m| m.to_string());
        assert_eq!(first("2022-07").as_deref(), Some("2022-07"));
        assert_eq!(first("2022-Q3").as_deref(), Some("2022-07"));
        assert_eq!(first("2022-Q4").as_deref(), Some("2022-10"));
        for bad in ["2022-Q5", "2022Q3", "22-Q3", "2022-q3", "2022", "+022-Q1"] {
            assert_eq!(first(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_outline_is_closed_and_on_the_grid() {
        for good in [
            "POLYGON ((534000 187000, 534150 187000, 534150 187150, 534000 187000))",
            "POLYGON((0 0,9 0,9 9,0 0),(1.5 1,2 1,2 2,1.5 1))",
        ] {
            assert!(is_grid_polygon(good.as_bytes()), "{good}");
        }
        for bad in [
            "",
            "POLYGON ()",
            "POLYGON (())",
            "POLYGON ((534000 187000, 534150 187000, 534150 187150, 534000 187001))",
            "POLYGON ((0.5 51.5, 0.6 51.5, 0.6 51.6, 0.5 51.5)",
            "POLYGON ((1 1, 2 2, 1 1))",
            "POLYGON ((-9 0, 9 0, 9 9, -9 0))",
            "High Street",
        ] {
            assert!(!is_grid_polygon(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn decimals_and_days_are_read_as_spreadsheets_write_them() {
        assert_eq!(decimal(b"1,234.5"), Some(1_234_500_000));
        assert_eq!(decimal(b"-0.25"), Some(-250_000));
        assert_eq!(decimal(b"0.12345678"), Some(123_456));
        for bad in ["", ".", "1.", "--1", "1e3", "1,23.4", "9000000000"] {
            assert_eq!(decimal(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(date(b"2003-03-31"), Some(days(2003, 3, 31)));
        assert_eq!(date(b"31-03-2003"), date(b"31/03/2003"));
        assert_eq!(date(b"31/03/2003"), Some(days(2003, 3, 31)));
        for bad in ["2003-02-29", "31-03/2003", "3/3/2003", "03-31-2003"] {
            assert_eq!(date(bad.as_bytes()), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_month_survives_as_the_day_it_begins(index in 1900 * 12..2199 * 12_i32) {
            let month = Month::from_index(index).unwrap();
            prop_assert_eq!(month_of_days(month_days(month)), Some(month));
        }

        #[test]
        fn no_bytes_make_a_parser_panic(text in proptest::collection::vec(any::<u8>(), 0..40)) {
            for kind in [Kind::Month, Kind::Timestamp, Kind::Latitude, Kind::CrimeId, Kind::Integer, Kind::Year, Kind::AreaCode, Kind::Decimal, Kind::Date, Kind::Pid, Kind::Period, Kind::Slug, Kind::GridPolygon] {
                let _ = parse(kind, &text);
            }
        }
    }
}
