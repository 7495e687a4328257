//! Small pieces of text: dates, counts, values with their unit, lists.

use peelian_model::{Measure, Month, Reading, Unit};

/// What nothing here may be used for.
pub(crate) const NOT_FOR: &str = "Not for appraisal, pay, discipline or funding";

/// “2 November 2026” from `2026-11-02`, with or without a time after it; any
/// other text as it stands.
pub(crate) fn date(text: &str) -> String {
    let day = text.get(..10).unwrap_or(text);
    match day.parse::<jiff::civil::Date>() {
        Ok(date) => format!(
            "{} {}",
            date.day(),
            Month::new(i32::from(date.year()), date.month() as u32)
                .map_or_else(String::new, Month::long)
        ),
        Err(_) => text.to_owned(),
    }
}

/// A whole number with commas.
pub(crate) fn number(value: f64) -> String {
    Unit::Count.format(value)
}

/// “1 force”, “12 forces”.
pub(crate) fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", number(n as f64), if n == 1 { one } else { many })
}

/// “a, b and c”.
pub(crate) fn list(items: &[String]) -> String {
    match items.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// A value with its unit where the format does not hold it: “7.3 per 1,000”.
pub(crate) fn amount(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Per1000 => format!("{} per 1,000", unit.format(value)),
        _ => unit.format(value),
    }
}

/// “6.1 to 8.4”, the 95 per cent interval of a reading.
pub(crate) fn interval(unit: Unit, reading: &Reading) -> Option<String> {
    let (lower, upper) = (reading.lower?, reading.upper?);
    Some(format!("{} to {}", unit.format(lower), unit.format(upper)))
}

/// “March 2021”, or “the 12 months to March 2021”.
pub(crate) fn period(measure: &Measure, period: Month) -> String {
    match measure.months {
        0 | 1 => period.long(),
        months => format!("the {months} months to {}", period.long()),
    }
}

/// The first day of a month, `2021-03-01`.
pub(crate) fn first_day(month: Month) -> String {
    format!("{month}-01")
}

/// The last day of a month, `2021-03-31`.
pub(crate) fn last_day(month: Month) -> String {
    i16::try_from(month.year())
        .ok()
        .and_then(|year| jiff::civil::Date::new(year, month.month() as i8, 1).ok())
        .map_or_else(String::new, |first| first.last_of_month().to_string())
}

/// “March 2021”, “March to May 2021” or “December 2020 to May 2021”.
pub(crate) fn months(first: Month, last: Month) -> String {
    if first == last {
        first.long()
    } else if first.year() == last.year() {
        let name = first.long();
        format!(
            "{} to {}",
            name.split(' ').next().unwrap_or_default(),
            last.long()
        )
    } else {
        format!("{} to {}", first.long(), last.long())
    }
}

/// “Crime data integrity” from `crime-data-integrity`.
pub(crate) fn sentence_case(id: &str) -> String {
    upper_first(&id.replace('-', " "))
}

/// The first letter in upper case, to begin a sentence.
pub(crate) fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// The first letter in lower case, to stand inside a sentence; an abbreviation
/// keeps its capitals.
pub(crate) fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), second) if !second.is_some_and(char::is_uppercase) => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn dates_are_written_for_readers() {
        assert_eq!(date("2026-11-02"), "2 November 2026");
        assert_eq!(date("2026-11-02T10:00:00Z"), "2 November 2026");
        assert_eq!(date("unknown"), "unknown");
    }

    #[test]
    fn a_month_ends_on_its_last_day() {
        assert_eq!(last_day(month("2024-02")), "2024-02-29");
        assert_eq!(last_day(month("2021-02")), "2021-02-28");
        assert_eq!(first_day(month("2021-12")), "2021-12-01");
    }

    #[test]
    fn spans_say_the_year_once() {
        assert_eq!(months(month("2021-03"), month("2021-03")), "March 2021");
        assert_eq!(
            months(month("2021-03"), month("2021-05")),
            "March to May 2021"
        );
        assert_eq!(
            months(month("2020-12"), month("2021-05")),
            "December 2020 to May 2021"
        );
    }
}
