//! Small pieces of sentences.

use peelian_model::{Month, Unit};

use crate::number::value_text;

/// “March 2021”, “March to May 2021” or “December 2020 to May 2021”.
pub(crate) fn span(first: Month, last: Month) -> String {
    let name = first.long();
    if first == last {
        name
    } else if first.year() == last.year() {
        let month = name.split(' ').next().unwrap_or_default();
        format!("{month} to {}", last.long())
    } else {
        format!("{name} to {}", last.long())
    }
}

/// “a, b and c”; past `most`, “a, b and 4 more”.
pub(crate) fn list(items: &[String], most: usize) -> String {
    let mut shown: Vec<String> = items.iter().take(most).cloned().collect();
    if items.len() > shown.len() {
        shown.push(format!("{} more", items.len() - shown.len()));
    }
    match shown.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// “1 month”, “3 months”.
pub(crate) fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// The text with a capital letter first.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// A column heading with its unit.
pub(crate) fn heading(name: &str, unit: Unit) -> String {
    match unit {
        Unit::Count | Unit::Ratio => name.to_owned(),
        Unit::Percent | Unit::Per1000 => format!("{name} ({})", unit.as_str()),
    }
}

/// “41.2, 95% interval 40.1 to 42.3”.
pub(crate) fn with_interval(unit: Unit, value: f64, interval: Option<(f64, f64)>) -> String {
    let value = value_text(unit, value);
    interval.map_or_else(
        || value.clone(),
        |(lower, upper)| {
            format!(
                "{value}, 95% interval {} to {}",
                value_text(unit, lower),
                value_text(unit, upper)
            )
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_say_the_year_once() {
        let m = |s: &str| s.parse::<Month>().unwrap();
        assert_eq!(span(m("2021-03"), m("2021-03")), "March 2021");
        assert_eq!(span(m("2021-03"), m("2021-05")), "March to May 2021");
        assert_eq!(
            span(m("2020-12"), m("2021-05")),
            "December 2020 to May 2021"
        );
    }

    #[test]
    fn long_lists_are_cut_with_a_count() {
        let items = ["a", "b", "c", "d"].map(String::from);
        assert_eq!(list(&items, 4), "a, b, c and d");
        assert_eq!(list(&items, 2), "a, b and 2 more");
        assert_eq!(list(&items[..1], 2), "a");
        assert_eq!(list(&[], 2), "");
    }
}
