//! Bank holidays of England and Wales, by rule.
//!
//! The rules are those of the Banking and Financial Dealings Act 1971 and of royal proclamations:
//! New Year's Day, Good Friday, Easter Monday, the first and last Mondays of May, the last Monday
//! of August, Christmas Day and Boxing Day, with a weekday in lieu of those that fall on a weekend.
//! Easter is by the Gregorian computus (Meeus, *Astronomical Algorithms*, 1991, chapter 8). Days
//! that were moved or added by proclamation are listed; ones proclaimed after 2023 are not known
//! here.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use crate::Unanswerable;

/// The first year in which today's rules hold: the first Monday of May came in 1978.
const FIRST_YEAR: i16 = 1978;

/// Days that no rule gives: jubilees, a wedding, a funeral, a coronation.
const PROCLAIMED: [(i16, i8, i8); 11] = [
    (1981, 7, 29),
    (1999, 12, 31),
    (2002, 6, 3),
    (2002, 6, 4),
    (2011, 4, 29),
    (2012, 6, 4),
    (2012, 6, 5),
    (2022, 6, 2),
    (2022, 6, 3),
    (2022, 9, 19),
    (2023, 5, 8),
];

/// The bank holidays of a year in order, each day once.
///
/// Refuses years before 1978, when other rules held, and after 9998.
pub fn bank_holidays(year: i16) -> Result<Vec<Date>, Unanswerable> {
    if !(FIRST_YEAR..=9998).contains(&year) {
        return Err(Unanswerable::Invalid(
            "bank holidays are known for 1978 to 9998",
        ));
    }
    by_rule(year).ok_or(Unanswerable::Overflow)
}

fn by_rule(year: i16) -> Option<Vec<Date>> {
    let easter = easter_sunday(year)?;
    let mut days = vec![
        in_lieu(date(year, 1, 1)?)?,
        easter.checked_sub(2.days()).ok()?,
        easter.checked_add(1.day()).ok()?,
        early_may(year)?,
        late_may(year)?,
        last_monday(year, 8)?,
    ];
    days.extend(christmas(year)?);
    let proclaimed = PROCLAIMED.iter().filter(|(y, ..)| *y == year);
    days.extend(proclaimed.filter_map(|&(y, m, d)| date(y, m, d)));
    days.sort_unstable();
    days.dedup();
    Some(days)
}

fn date(year: i16, month: i8, day: i8) -> Option<Date> {
    Date::new(year, month, day).ok()
}

/// The day itself, or the Monday after where it falls on a weekend.
fn in_lieu(day: Date) -> Option<Date> {
    let wait = match day.weekday() {
        Weekday::Saturday => 2,
        Weekday::Sunday => 1,
        _ => 0,
    };
    day.checked_add(wait.days()).ok()
}

/// Christmas Day and Boxing Day, or the next two weekdays in lieu.
fn christmas(year: i16) -> Option<[Date; 2]> {
    let (first, second) = (date(year, 12, 25)?, date(year, 12, 26)?);
    Some(match first.weekday() {
        // Friday: Boxing Day is a Saturday and moves to Monday.
        Weekday::Friday => [first, date(year, 12, 28)?],
        Weekday::Saturday => [date(year, 12, 27)?, date(year, 12, 28)?],
        // Sunday: Boxing Day stays on Monday and Christmas Day moves past it.
        Weekday::Sunday => [second, date(year, 12, 27)?],
        _ => [first, second],
    })
}

fn early_may(year: i16) -> Option<Date> {
    // Moved to the anniversaries of the end of the war in Europe.
    match year {
        1995 | 2020 => date(year, 5, 8),
        _ => date(year, 5, 1)?
            .nth_weekday_of_month(1, Weekday::Monday)
            .ok(),
    }
}

fn late_may(year: i16) -> Option<Date> {
    // Moved to June beside a jubilee; the days themselves are among the proclaimed.
    match year {
        2002 | 2012 => date(year, 6, 4),
        2022 => date(year, 6, 2),
        _ => last_monday(year, 5),
    }
}

fn last_monday(year: i16, month: i8) -> Option<Date> {
    date(year, month, 1)?
        .nth_weekday_of_month(-1, Weekday::Monday)
        .ok()
}

fn easter_sunday(year: i16) -> Option<Date> {
    let year_number = i32::from(year);
    let golden = year_number % 19;
    let (century, rest) = (year_number / 100, year_number % 100);
    let moon =
        (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (rest / 4) - moon - rest % 4) % 7;
    let correction = (golden + 11 * moon + 22 * weekday) / 451;
    let days = moon + weekday - 7 * correction + 114;
    date(
        year,
        i8::try_from(days / 31).ok()?,
        i8::try_from(days % 31 + 1).ok()?,
    )
}
