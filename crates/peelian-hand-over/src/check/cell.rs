//! The rules of single cells and of cells of one row.

use jiff::civil::Date;
use peelian_archive::{force_named, forces};
use peelian_model::{ForceId, MeasureId};

use super::{Checked, Finding, Row, other_period, other_version};
use crate::pair::pair;
use crate::row::{Count, months_of};

/// Reads a row; cells that break a rule are left blank and noted.
pub(super) fn count(row: &Row<'_>, faults: &mut Vec<Finding>) -> Count {
    let mut needed = |column: &str, remedy: &str| {
        let text = row.text(column).to_owned();
        if text.is_empty() {
            faults.push(row.finding(column, format!("{column} is blank: {remedy}")));
        }
        text
    };
    let measure_id = needed("measure_id", "choose one from the list");
    let definition_version = needed("definition_version", "write the version from the notes");
    let period = needed("period", "write a month as 2026-04 or a quarter as 2026-Q2");
    let as_at = needed(
        "as_at",
        "write the day the figures were taken, as 2026-05-03",
    );
    let contact_role = needed("contact_role", "write whom to ask, by role and not by name");
    let mut refuse = |column: &str, what: String| faults.push(row.finding(column, what));

    if !measure_id.is_empty() && measure_id.parse::<MeasureId>().is_err() {
        refuse(
            "measure_id",
            format!(
                "“{measure_id}” is no id of a measure: use lower-case letters, digits and hyphens"
            ),
        );
    }
    if !period.is_empty() && months_of(&period).is_none() {
        refuse("period", strange_period(&period));
    }
    if !as_at.is_empty() && !is_day(&as_at) {
        refuse(
            "as_at",
            format!("“{as_at}” is no day: write it as 2026-05-03"),
        );
    }
    if contact_role.contains('@') {
        refuse(
            "contact_role",
            "this is an address of a person: give a role, such as performance analyst".to_owned(),
        );
    }
    let force = row.text("force").to_owned();
    if !force.is_empty() && !is_force(&force) {
        refuse(
            "force",
            format!("“{force}” is no force that is known: give its id, such as essex"),
        );
    }
    let area_code = row.text("area_code").to_owned();
    if let Some(what) = strange_area(&area_code, &force) {
        refuse("area_code", what);
    }
    let mut number = |column: &str| match whole(row.text(column)) {
        Ok(number) => number,
        Err(what) => {
            refuse(column, format!("{column} {what}"));
            None
        }
    };
    let (numerator, denominator) = (number("numerator"), number("denominator"));
    let suppressed = match row.text("suppressed").to_lowercase().as_str() {
        "true" => true,
        "false" | "" => false,
        other => {
            refuse(
                "suppressed",
                format!("“{other}” is neither true nor false: write one of them"),
            );
            false
        }
    };
    Count {
        measure_id,
        definition_version,
        force,
        area_code,
        period,
        category: row.text("category").to_owned(),
        numerator,
        denominator,
        suppressed,
        as_at,
        source_system: row.text("source_system").to_owned(),
        contact_role,
    }
}

/// What the cells of a row say together.
pub(super) fn across(row: &Row<'_>, count: &Count, checked: &mut Checked) {
    let mut fault = |column, what| checked.faults.push(row.finding(column, what));
    if let (Some(n), Some(d)) = (count.numerator, count.denominator)
        && n > d
    {
        fault(
            "numerator",
            format!(
                "numerator {n} is larger than denominator {d}: check both, they may be swapped"
            ),
        );
    }
    if count.suppressed && count.numerator.is_some() {
        fault(
            "suppressed",
            "the row is marked as suppressed and a number is given: clear the numerator, or write false"
                .to_owned(),
        );
    }
    let mut warn = |column, what| checked.warnings.push(row.finding(column, what));
    let known = pair(&count.measure_id);
    if known.is_none() && !count.measure_id.is_empty() {
        warn(
            "measure_id",
            format!(
                "“{}” is not one of the 25 measures: it is kept, and shown once somebody defines it",
                count.measure_id
            ),
        );
    }
    if let Some(version) = other_version(count) {
        warn(
            "definition_version",
            format!(
                "version {} of this definition is not known here (it is {version}): make sure that both sides mean the same",
                count.definition_version
            ),
        );
    }
    if let Some(period) = other_period(count) {
        warn(
            "period",
            format!("this is counted by the {period}: give a {period}, such as 2026-Q2"),
        );
    }
    let below = known.is_some_and(|p| !p.denominator.is_empty());
    if below && count.numerator.is_some() && count.denominator.is_none() {
        warn(
            "denominator",
            "a numerator without its denominator cannot be read as a share: give both".to_owned(),
        );
    }
    if count.numerator.is_none() && count.denominator.is_some() && !count.suppressed {
        warn(
            "numerator",
            "the numerator is blank, so it is not supplied: write 0 if you counted none".to_owned(),
        );
    }
    if let (Some((_, last)), Ok(as_at)) = (months_of(&count.period), count.as_at.parse::<Date>())
        && count.numerator.is_some()
        && as_at.to_string() < format!("{}-01", last.plus(1))
    {
        warn(
            "as_at",
            format!(
                "the figures were taken on {as_at}, before {} had ended: is that so?",
                last.long()
            ),
        );
    }
}

/// A whole number, or what is wrong with what stands there.
fn whole(text: &str) -> Result<Option<u64>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    if let Ok(number) = text.parse::<u64>() {
        // The tables hold numbers up to 2^63.
        return i64::try_from(number)
            .map(|_| Some(number))
            .map_err(|_| format!("“{text}” is too large: check it"));
    }
    let plain: String = text.chars().filter(|c| !matches!(c, ',' | ' ')).collect();
    if plain.parse::<u64>().is_ok() {
        return Err(format!("“{text}” has a separator in it: write {plain}"));
    }
    if text.ends_with('%') {
        return Err(format!("“{text}” is a percentage: give the count itself"));
    }
    if text.starts_with('-') && plain.parse::<i64>().is_ok() {
        return Err(format!("“{text}” is below nought: a count cannot be"));
    }
    if text.parse::<f64>().is_ok() {
        return Err(format!("“{text}” is not whole: counts are whole numbers"));
    }
    Err(format!(
        "“{text}” is no number: leave it blank if it is not supplied, and write true under suppressed if it is withheld"
    ))
}

fn is_day(text: &str) -> bool {
    text.len() == "2026-05-03".len() && text.parse::<Date>().is_ok()
}

fn is_force(text: &str) -> bool {
    let id = text.parse::<ForceId>().ok();
    id.is_some_and(|id| id.is_synthetic() || forces().iter().any(|f| f.id == id))
        || force_named(text).is_some()
}

fn strange_period(text: &str) -> String {
    let dated = text.parse::<Date>().is_ok()
        || text.contains('/')
        || text.starts_with(|c: char| c.is_alphabetic());
    if dated {
        format!(
            "“{text}” is no period: the spreadsheet program may have made a date of it, so write it as text, as 2026-04 or 2026-Q2"
        )
    } else {
        format!("“{text}” is no period: write a month as 2026-04 or a quarter as 2026-Q2")
    }
}

fn strange_area(code: &str, force: &str) -> Option<String> {
    let (letter, digits) = code.split_at_checked(1)?;
    let good = letter.chars().all(|c| c.is_ascii_uppercase())
        && digits.len() == 8
        && digits.chars().all(|c| c.is_ascii_digit());
    if !good {
        return Some(format!(
            "“{code}” is no code of an area: write it as E07000066, or leave it blank for the force as a whole"
        ));
    }
    let invented = force.starts_with("synthetic-");
    (!force.is_empty() && (letter == "X") != invented).then(|| {
        format!("“{code}” and {force} do not belong together: invented areas begin with X and belong to invented forces")
    })
}
