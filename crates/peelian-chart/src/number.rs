//! Numbers as drawn: coordinates, axis ticks and values on labels.

use peelian_model::Unit;

/// Beyond this a figure is a fault, and would press every other point flat.
const LARGEST: f64 = 1e12;

/// The value if it can be given a place on an axis.
pub(crate) fn drawable(value: Option<f64>) -> Option<f64> {
    value.filter(|v| v.is_finite() && v.abs() < LARGEST)
}

/// A coordinate to a tenth of a pixel, always a finite number.
pub(crate) fn px(value: f64) -> String {
    let tenths = if value.is_finite() {
        (value.clamp(-1e6, 1e6) * 10.0).round() / 10.0
    } else {
        0.0
    };
    // Adding nought turns minus nought into nought.
    format!("{}", tenths + 0.0)
}

/// A value in its unit for a label: as the tables write it, but with a true
/// minus sign, no “minus nought”, and long numbers in millions.
pub(crate) fn value_text(unit: Unit, value: f64) -> String {
    let text = if value.abs() >= 1e7 {
        let suffix = if unit == Unit::Percent { "%" } else { "" };
        format!("{}{suffix}", in_millions(value, 1))
    } else {
        unit.format(value)
    };
    true_minus(&text)
}

/// A value in its unit for a table cell.
pub(crate) fn cell_text(unit: Unit, value: f64) -> String {
    let text = unit.format(value);
    if is_nought(&text) {
        text.trim_start_matches('-').to_owned()
    } else {
        text
    }
}

/// An axis tick; `step` decides the decimals and `largest` whether all ticks
/// of the axis are in millions.
pub(crate) fn tick_text(unit: Unit, value: f64, step: f64, largest: f64) -> String {
    let number = if largest >= 1e6 {
        if value == 0.0 {
            "0".to_owned()
        } else {
            in_millions(value, decimals(step / million_of(value).0))
        }
    } else {
        let places = decimals(step);
        if places == 0 {
            Unit::Count.format(value)
        } else {
            format!("{value:.places$}")
        }
    };
    let suffix = if unit == Unit::Percent { "%" } else { "" };
    true_minus(&format!("{number}{suffix}"))
}

/// Decimals needed to tell ticks apart.
fn decimals(step: f64) -> usize {
    if step >= 1.0 || step <= 0.0 {
        0
    } else {
        (-step.log10() - 1e-9).ceil().clamp(0.0, 9.0) as usize
    }
}

fn million_of(value: f64) -> (f64, &'static str) {
    if value.abs() >= 1e9 {
        (1e9, "bn")
    } else {
        (1e6, "m")
    }
}

fn in_millions(value: f64, places: usize) -> String {
    let (size, suffix) = million_of(value);
    format!("{:.places$}{suffix}", value / size)
}

fn is_nought(text: &str) -> bool {
    !text.bytes().any(|b| (b'1'..=b'9').contains(&b))
}

fn true_minus(text: &str) -> String {
    match text.strip_prefix('-') {
        Some(rest) if is_nought(rest) => rest.to_owned(),
        Some(rest) => format!("−{rest}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_have_a_true_minus_and_no_minus_nought() {
        assert_eq!(value_text(Unit::Percent, -2.34), "−2.3%");
        assert_eq!(value_text(Unit::Percent, -0.01), "0.0%");
        assert_eq!(cell_text(Unit::Ratio, -0.001), "0.00");
        assert_eq!(value_text(Unit::Count, 12_345_678.0), "12.3m");
    }

    #[test]
    fn ticks_show_just_enough_decimals() {
        assert_eq!(tick_text(Unit::Per1000, 0.25, 0.05, 1.0), "0.25");
        assert_eq!(tick_text(Unit::Per1000, 1.0, 0.5, 2.0), "1.0");
        assert_eq!(tick_text(Unit::Percent, 20.0, 5.0, 40.0), "20%");
        assert_eq!(tick_text(Unit::Count, 500_000.0, 5e5, 2e6), "0.5m");
        assert_eq!(tick_text(Unit::Count, 15_000.0, 5e3, 2e4), "15,000");
        assert_eq!(tick_text(Unit::Count, 2e9, 1e9, 4e9), "2bn");
    }

    #[test]
    fn coordinates_are_always_finite() {
        assert_eq!(px(f64::NAN), "0");
        assert_eq!(px(f64::INFINITY), "0");
        assert_eq!(px(-0.04), "0");
        assert_eq!(px(12.345), "12.3");
    }
}
