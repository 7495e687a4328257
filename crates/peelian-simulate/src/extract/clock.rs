//! Time as a force's clocks show it.
//!
//! Instants are seconds since 1970 in UTC; days are days since 1970-01-01 by
//! local time. British Summer Time runs from 01:00 UTC on the last Sunday of
//! March to 01:00 UTC on the last Sunday of October.

use std::fmt::Write;

use peelian_model::Month;

pub(crate) const MINUTE: i64 = 60;
pub(crate) const HOUR: i64 = 3_600;
pub(crate) const DAY: i64 = 86_400;

/// The day of the week, Monday 0.
pub(crate) fn weekday(day: i64) -> usize {
    (day + 3).rem_euclid(7) as usize
}

pub(crate) const FRIDAY: usize = 4;

/// The day of a date of the Gregorian calendar.
fn day_of(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March, so that the leap day is their last.
    let year = if month <= 2 { year - 1 } else { year };
    let since_march = (month + 9) % 12;
    let day_of_year = (153 * since_march + 2) / 5 + day - 1;
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leaps + day_of_year - 719_468
}

/// Year, month and day of the month of a day.
fn date_of(day: i64) -> (i64, i64, i64) {
    let days = day + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let since_march = (5 * of_year + 2) / 153;
    let month = (since_march + 2) % 12 + 1;
    let year = 400 * era + year + i64::from(month <= 2);
    (year, month, of_year - (153 * since_march + 2) / 5 + 1)
}

/// The first day of a month.
pub(crate) fn first_day(month: Month) -> i64 {
    day_of(i64::from(month.year()), i64::from(month.month()), 1)
}

/// The month that a day lies in, as months since January of the year 0.
pub(crate) fn month_of_day(day: i64) -> i32 {
    let (year, month, _) = date_of(day);
    (year * 12 + month - 1) as i32
}

/// 01:00 UTC on the last Sunday of a month.
fn last_sunday(year: i64, month: i64) -> i64 {
    let last = day_of(year, month + 1, 1) - 1;
    (last - (weekday(last) as i64 + 1) % 7) * DAY + HOUR
}

/// Seconds by which local time is ahead of UTC.
fn offset(at: i64) -> i64 {
    let (year, month, _) = date_of(at.div_euclid(DAY));
    let summer = match month {
        4..=9 => true,
        3 => at >= last_sunday(year, 3),
        10 => at < last_sunday(year, 10),
        _ => false,
    };
    if summer { HOUR } else { 0 }
}

/// The local day that an instant falls in.
pub(crate) fn local_day(at: i64) -> i64 {
    (at + offset(at)).div_euclid(DAY)
}

/// The hour of the local clock, 0 to 23.
pub(crate) fn local_hour(at: i64) -> usize {
    ((at + offset(at)).rem_euclid(DAY) / HOUR) as usize
}

/// The month of the local clock, as months since January of the year 0.
pub(crate) fn local_month(at: i64) -> i32 {
    month_of_day(local_day(at))
}

/// The instant at which the local clock shows an hour of a day. Hours past 24
/// are of the next day; the hour that is skipped in March counts as the next.
pub(crate) fn local(day: i64, hour: i64) -> i64 {
    let as_utc = day * DAY + hour * HOUR;
    as_utc - offset(as_utc - HOUR)
}

/// `2026-10-25T01:30:00+01:00`.
pub(crate) fn stamp(text: &mut String, at: i64) {
    let offset = offset(at);
    let second = (at + offset).rem_euclid(DAY);
    date(text, (at + offset).div_euclid(DAY));
    let hour = if offset == 0 { "+00:00" } else { "+01:00" };
    text.push('T');
    two_digits(text, second / HOUR);
    text.push(':');
    two_digits(text, second / MINUTE % 60);
    text.push(':');
    two_digits(text, second % 60);
    text.push_str(hour);
}

/// `2026-10-25`.
pub(crate) fn date(text: &mut String, day: i64) {
    let (year, month, day) = date_of(day);
    // Writing to a string cannot fail.
    let _ = write!(text, "{year:04}-");
    two_digits(text, month);
    text.push('-');
    two_digits(text, day);
}

fn two_digits(text: &mut String, number: i64) {
    for digit in [number / 10, number % 10] {
        text.push(char::from(b'0' + digit as u8));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(at: i64) -> String {
        let mut text = String::new();
        stamp(&mut text, at);
        text
    }

    #[test]
    fn dates_run_through_leap_years_and_back() {
        assert_eq!(day_of(1970, 1, 1), 0);
        assert_eq!(day_of(2000, 3, 1), 11_017);
        for day in -1_000..40_000 {
            let (year, month, of_month) = date_of(day);
            assert_eq!(day_of(year, month, of_month), day);
        }
        assert_eq!(date_of(day_of(2024, 2, 28) + 1), (2024, 2, 29));
    }

    #[test]
    fn the_clock_goes_back_in_october_and_the_hour_comes_twice() {
        let change = day_of(2026, 10, 25) * DAY + HOUR;
        assert_eq!(written(change - 1_800), "2026-10-25T01:30:00+01:00");
        assert_eq!(written(change + 1_800), "2026-10-25T01:30:00+00:00");
        assert_eq!(local_hour(change - 1_800), local_hour(change + 1_800));
        let day = day_of(2026, 10, 25);
        assert_eq!(local(day + 1, 0) - local(day, 0), 25 * HOUR);
        assert_eq!(written(local(day, 0)), "2026-10-25T00:00:00+01:00");
    }

    #[test]
    fn the_clock_goes_forward_in_march() {
        let day = day_of(2026, 3, 29);
        assert_eq!(local(day + 1, 0) - local(day, 0), 23 * HOUR);
        assert_eq!(written(day * DAY + HOUR - 1), "2026-03-29T00:59:59+00:00");
        assert_eq!(written(day * DAY + HOUR), "2026-03-29T02:00:00+01:00");
        assert_eq!(written(local(day, 7)), "2026-03-29T07:00:00+01:00");
    }

    #[test]
    fn a_friday_is_a_friday() {
        assert_eq!(weekday(day_of(2026, 10, 23)), FRIDAY);
    }
}
