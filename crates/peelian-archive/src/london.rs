//! The clock of police forces: Europe/London.

use peelian_model::Month;

use crate::value::{self, days};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// The month on the wall of a time in milliseconds since 1970: an hour ahead
/// of UTC from the last Sunday in March to the last in October, each at 01:00
/// UTC (Summer Time Order 2002; so since 1996).
pub(crate) fn month_of(time: i64) -> Option<Month> {
    month_of_day((time + offset(time)).div_euclid(DAY))
}

/// Milliseconds that the clock is ahead of UTC.
pub(crate) fn offset(time: i64) -> i64 {
    let Some(month) = month_of_day(time.div_euclid(DAY)) else {
        return 0;
    };
    let change = |month: i64| last_sunday(i64::from(month_year(time)), month) * DAY + HOUR;
    match month.month() {
        4..=9 => HOUR,
        3 if time >= change(3) => HOUR,
        10 if time < change(10) => HOUR,
        _ => 0,
    }
}

fn month_year(time: i64) -> i32 {
    month_of_day(time.div_euclid(DAY)).map_or(1970, Month::year)
}

/// The month in which a day, counted from 1970-01-01, lies.
pub(crate) fn month_of_day(day: i64) -> Option<Month> {
    let guess = Month::new(1970, 1)?.plus((day as f64 / 30.436_875).floor() as i32);
    [guess.plus(-1), guess, guess.plus(1)]
        .into_iter()
        .find(|m| (value::month_days(*m)..value::month_days(m.plus(1))).contains(&day))
}

/// The last Sunday of a month of 31 days, as days since 1970-01-01 (a Thursday).
fn last_sunday(year: i64, month: i64) -> i64 {
    let last = days(year, month, 31);
    last - (last + 4).rem_euclid(7)
}

/// Whether a time says by how much it differs from UTC: it ends in `Z` or in
/// an offset such as `+01:00`.
pub(crate) fn has_offset(field: &[u8]) -> bool {
    let zone = field.get(19..).unwrap_or_default();
    zone.ends_with(b"Z")
        || zone
            .len()
            .checked_sub(6)
            .is_some_and(|at| matches!(zone[at], b'+' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> String {
        month_of(value::timestamp(text.as_bytes()).unwrap())
            .unwrap()
            .to_string()
    }

    #[test]
    fn a_time_is_of_the_month_on_the_wall() {
        assert_eq!(month("2022-06-30T23:30:00+00:00"), "2022-07");
        assert_eq!(month("2022-06-30T22:59:59Z"), "2022-06");
        assert_eq!(month("2022-12-31T23:59:59Z"), "2022-12");
        assert_eq!(month("2023-01-01T00:00:00+00:00"), "2023-01");
        assert_eq!(month("1969-12-31T23:00:00Z"), "1969-12");
    }

    #[test]
    fn the_clock_changes_on_the_last_sundays_at_one() {
        let at = |text: &str| offset(value::timestamp(text.as_bytes()).unwrap());
        for (before, after) in [
            ("2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z"),
            ("2019-03-31T00:59:59Z", "2019-03-31T01:00:00Z"),
        ] {
            assert_eq!((at(before), at(after)), (0, HOUR), "{after}");
        }
        assert_eq!(at("2026-10-25T00:59:59Z"), HOUR);
        assert_eq!(at("2026-10-25T01:00:00Z"), 0);
    }

    #[test]
    fn an_offset_is_told_from_its_absence() {
        for good in ["2022-07-14T20:11:02+01:00", "2022-07-14T20:11:02.5Z"] {
            assert!(has_offset(good.as_bytes()), "{good}");
        }
        for bad in [
            "2022-07-14T20:11:02",
            "2022-07-14",
            "",
            "2022-07-14T20:11:02.250",
        ] {
            assert!(!has_offset(bad.as_bytes()), "{bad}");
        }
    }
}
