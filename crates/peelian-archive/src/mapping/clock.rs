//! Times and days as other systems write them, and the clock they were read
//! from.

use crate::london;
use crate::value::{self, days};

const HOUR: i64 = 3_600_000;

const MONTHS: [&[u8]; 12] = [
    b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec",
];

/// The clock that times without an offset were read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Zone {
    /// The clock on the wall, an hour ahead in summer.
    London,
    /// The same all year.
    Utc,
}

impl Zone {
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "Europe/London" => Some(Self::London),
            "UTC" => Some(Self::Utc),
            _ => None,
        }
    }
}

/// A form of times or days such as `%d/%m/%Y %H:%M:%S`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Format(Vec<Piece>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Literal(u8),
    Day,
    Month,
    MonthName,
    Year,
    ShortYear,
    Hour,
    HalfDayHour,
    HalfDay,
    Minute,
    Second,
    Fraction,
}

/// A reading of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Moment {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

/// What became of a time: whether it lies in the hour that occurs twice.
pub(crate) struct Placed {
    pub(crate) text: String,
    pub(crate) twice: bool,
}

impl Format {
    /// The error says what is wrong with the text.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            pieces.push(match byte {
                b'%' => match bytes.next() {
                    Some(b'd') => Piece::Day,
                    Some(b'm') => Piece::Month,
                    Some(b'b') => Piece::MonthName,
                    Some(b'Y') => Piece::Year,
                    Some(b'y') => Piece::ShortYear,
                    Some(b'H') => Piece::Hour,
                    Some(b'I') => Piece::HalfDayHour,
                    Some(b'p') => Piece::HalfDay,
                    Some(b'M') => Piece::Minute,
                    Some(b'S') => Piece::Second,
                    Some(b'f') => Piece::Fraction,
                    _ => {
                        return Err(format!(
                            "“{text}” is no form of times: it may hold %d %m %b %Y %y %H %I %p %M %S %f"
                        ));
                    }
                },
                other => Piece::Literal(other),
            });
        }
        let has = |piece| pieces.contains(&piece);
        let day = has(Piece::Day)
            && (has(Piece::Month) || has(Piece::MonthName))
            && (has(Piece::Year) || has(Piece::ShortYear));
        if !day {
            return Err(format!("“{text}” does not say day, month and year"));
        }
        Ok(Self(pieces))
    }

    /// Whether it says an hour too.
    pub(crate) fn has_time(&self) -> bool {
        let hour = |p: &Piece| matches!(p, Piece::Hour | Piece::HalfDayHour);
        self.0.iter().any(hour) && self.0.contains(&Piece::Minute)
    }

    /// Reads a text that has this form from its beginning to its end.
    pub(crate) fn read(&self, text: &[u8]) -> Option<Moment> {
        let mut moment = Moment::default();
        let (mut rest, mut afternoon) = (text, None);
        for piece in &self.0 {
            rest = match piece {
                Piece::Literal(literal) => rest.strip_prefix(&[*literal])?,
                Piece::Day => digits(rest, 1, 2, &mut moment.day)?,
                Piece::Month => digits(rest, 1, 2, &mut moment.month)?,
                Piece::MonthName => {
                    let (name, rest) = rest.split_at_checked(3)?;
                    let index = MONTHS.iter().position(|m| name.eq_ignore_ascii_case(m))?;
                    moment.month = index as i64 + 1;
                    rest
                }
                Piece::Year => digits(rest, 4, 4, &mut moment.year)?,
                Piece::ShortYear => {
                    let rest = digits(rest, 2, 2, &mut moment.year)?;
                    moment.year += 2000;
                    rest
                }
                Piece::Hour | Piece::HalfDayHour => digits(rest, 1, 2, &mut moment.hour)?,
                Piece::HalfDay => {
                    let (half, rest) = rest.split_at_checked(2)?;
                    afternoon = Some(match half.to_ascii_lowercase().as_slice() {
                        b"am" => false,
                        b"pm" => true,
                        _ => return None,
                    });
                    rest
                }
                Piece::Minute => digits(rest, 2, 2, &mut moment.minute)?,
                Piece::Second => digits(rest, 2, 2, &mut moment.second)?,
                Piece::Fraction => digits(rest, 1, 9, &mut 0)?,
            };
        }
        if let Some(afternoon) = afternoon {
            if !(1..=12).contains(&moment.hour) {
                return None;
            }
            moment.hour = moment.hour % 12 + if afternoon { 12 } else { 0 };
        }
        (rest.is_empty() && moment.is_possible()).then_some(moment)
    }
}

/// Reads as many digits as there are, between `least` and `most`, and returns
/// what follows.
fn digits<'t>(text: &'t [u8], least: usize, most: usize, into: &mut i64) -> Option<&'t [u8]> {
    let count = text
        .iter()
        .take(most)
        .take_while(|b| b.is_ascii_digit())
        .count();
    if count < least {
        return None;
    }
    let (number, rest) = text.split_at(count);
    *into = number.iter().fold(0, |n, d| n * 10 + i64::from(d - b'0'));
    Some(rest)
}

impl Moment {
    fn is_possible(self) -> bool {
        value::date(self.day_text().as_bytes()).is_some()
            && self.hour < 24
            && self.minute < 60
            && self.second < 60
    }

    /// `2022-07-14`.
    pub(crate) fn day_text(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// The moment with its offset from UTC: none where the clock skipped it.
    /// Of two equal hours in October the earlier is taken unless `summer` says
    /// which it is.
    pub(crate) fn place(self, zone: Zone, summer: Option<bool>) -> Option<Placed> {
        let wall = days(self.year, self.month, self.day) * 24 * HOUR
            + ((self.hour * 60 + self.minute) * 60 + self.second) * 1000;
        let (offset, twice) = match zone {
            Zone::Utc => (0, false),
            Zone::London => {
                let ahead = london::offset(wall - HOUR) == HOUR;
                let even = london::offset(wall) == 0;
                match (ahead, even, summer) {
                    (true, true, Some(false)) | (false, true, _) => (0, false),
                    (true, true, told) => (HOUR, told.is_none()),
                    (true, false, _) => (HOUR, false),
                    (false, false, _) => return None,
                }
            }
        };
        let hours = offset / HOUR;
        let text = format!(
            "{}T{:02}:{:02}:{:02}+{hours:02}:00",
            self.day_text(),
            self.hour,
            self.minute,
            self.second
        );
        Some(Placed { text, twice })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn london(format: &str, text: &str, summer: Option<bool>) -> Option<(String, bool)> {
        let moment = Format::parse(format).unwrap().read(text.as_bytes())?;
        let placed = moment.place(Zone::London, summer)?;
        Some((placed.text, placed.twice))
    }

    #[test]
    fn times_of_other_systems_get_the_offset_of_the_day() {
        for (format, text, expected) in [
            (
                "%d/%m/%Y %H:%M:%S",
                "14/07/2022 20:11:02",
                "2022-07-14T20:11:02+01:00",
            ),
            (
                "%d/%m/%Y %H:%M",
                "1/2/2022 9:05",
                "2022-02-01T09:05:00+00:00",
            ),
            (
                "%d-%b-%y %I:%M:%S %p",
                "14-JUL-22 08:11:02 PM",
                "2022-07-14T20:11:02+01:00",
            ),
            (
                "%Y-%m-%d %H:%M:%S.%f",
                "2022-12-31 23:59:59.1234567",
                "2022-12-31T23:59:59+00:00",
            ),
            (
                "%d/%m/%Y %I:%M%p",
                "14/07/2022 12:30AM",
                "2022-07-14T00:30:00+01:00",
            ),
        ] {
            assert_eq!(
                london(format, text, None),
                Some((expected.to_owned(), false)),
                "{text}"
            );
        }
        for text in [
            "31/02/2022 10:00",
            "14/13/2022 10:00",
            "14/07/2022 24:00",
            "14/07/2022",
            "14/07/2022 10:00Z",
        ] {
            assert_eq!(london("%d/%m/%Y %H:%M", text, None), None, "{text}");
        }
    }

    #[test]
    fn the_hour_that_occurs_twice_is_the_earlier_unless_told() {
        let at = |text, summer| london("%d/%m/%Y %H:%M", text, summer).unwrap();
        assert_eq!(
            at("25/10/2026 01:30", None),
            ("2026-10-25T01:30:00+01:00".into(), true)
        );
        assert_eq!(
            at("25/10/2026 01:30", Some(true)),
            ("2026-10-25T01:30:00+01:00".into(), false)
        );
        assert_eq!(
            at("25/10/2026 01:30", Some(false)),
            ("2026-10-25T01:30:00+00:00".into(), false)
        );
        assert_eq!(at("25/10/2026 00:59", None).0, "2026-10-25T00:59:00+01:00");
        assert_eq!(
            at("25/10/2026 02:00", None),
            ("2026-10-25T02:00:00+00:00".into(), false)
        );
        // The hour that the clocks skip in March is no time.
        assert_eq!(london("%d/%m/%Y %H:%M", "29/03/2026 01:30", None), None);
        assert_eq!(at("29/03/2026 02:00", None).0, "2026-03-29T02:00:00+01:00");
    }

    #[test]
    fn a_form_without_a_day_is_refused() {
        assert!(Format::parse("%H:%M").is_err());
        assert!(Format::parse("%d/%m/%Q").is_err());
        assert!(!Format::parse("%d/%m/%Y").unwrap().has_time());
    }

    proptest! {
        #[test]
        fn no_text_makes_a_form_panic(format in "[%dmbYyHIpMSf/: -]{0,20}", text in "[0-9a-zA-Z/: -]{0,30}") {
            if let Ok(format) = Format::parse(&format)
                && let Some(moment) = format.read(text.as_bytes())
            {
                moment.place(Zone::London, None);
            }
        }

        #[test]
        fn every_time_means_what_the_wall_showed(second in 820_454_400_i64..4_000_000_000) {
            // From UTC to the wall and back, but for the hour that occurs twice.
            let time = second * 1000;
            let wall = time + london::offset(time);
            let (day, rest) = (wall.div_euclid(24 * HOUR), wall.rem_euclid(24 * HOUR) / 1000);
            let date = jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(day));
            let text = format!("{} {:02}:{:02}:{:02}", date, rest / 3600, rest / 60 % 60, rest % 60);
            let moment = Format::parse("%Y-%m-%d %H:%M:%S").unwrap().read(text.as_bytes()).unwrap();
            let placed = moment.place(Zone::London, Some(london::offset(time) == HOUR)).unwrap();
            prop_assert_eq!(value::timestamp(placed.text.as_bytes()), Some(time));
        }
    }
}
