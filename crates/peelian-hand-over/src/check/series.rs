//! What rows say together: gaps, jumps, noughts throughout, and the same
//! thing counted twice with different results.

use std::collections::BTreeMap;

use peelian_model::Month;

use super::Finding;
use crate::pair::pair;
use crate::row::{Count, months_of};
use crate::sheet::Sheet;

/// A month this many times the one before, or less than one part in it, is
/// looked at.
const JUMP: u64 = 10;

/// Months from which a series of noughts is worth a word.
const NOUGHTS: usize = 3;

type Rows<'a> = BTreeMap<Month, (u64, &'a Count)>;

pub(super) fn look(
    sheet: &Sheet,
    columns: &BTreeMap<String, usize>,
    rows: &[(u64, Count)],
    warnings: &mut Vec<Finding>,
) {
    let mut note = |row: u64, column: &str, what: String| {
        let column = columns.get(column).copied().unwrap_or(0);
        let place = sheet.place(row, column);
        warnings.push(Finding { place, what });
    };
    let mut series: BTreeMap<_, Rows<'_>> = BTreeMap::new();
    for (number, count) in rows.iter().filter(|(_, c)| c.numerator.is_some()) {
        let Some((first, last)) = months_of(&count.period) else {
            continue;
        };
        let key = (
            &count.force,
            &count.measure_id,
            &count.area_code,
            &count.category,
            last.since(first),
        );
        series
            .entry(key)
            .or_default()
            .insert(first, (*number, count));
    }
    for ((.., step), rows) in &series {
        gaps(rows, step + 1, &mut note);
        jumps(rows, &mut note);
        noughts(rows, &mut note);
    }
    disagreements(rows, &mut note);
}

/// Periods missing between two that are there.
fn gaps(rows: &Rows<'_>, step: i32, note: &mut impl FnMut(u64, &str, String)) {
    for ((before, _), (after, (row, count))) in rows.iter().zip(rows.iter().skip(1)) {
        let missing = after.since(*before) / step - 1;
        if missing > 0 {
            note(
                *row,
                "period",
                match missing {
                    1 => format!(
                        "the period before {} is missing for {}: give it if you have it",
                        count.period, count.measure_id
                    ),
                    _ => format!(
                        "{missing} periods before {} are missing for {}: give them if you have them",
                        count.period, count.measure_id
                    ),
                },
            );
        }
    }
}

fn jumps(rows: &Rows<'_>, note: &mut impl FnMut(u64, &str, String)) {
    for ((_, (_, before)), (_, (row, after))) in rows.iter().zip(rows.iter().skip(1)) {
        for (column, a, b) in [
            ("numerator", before.numerator, after.numerator),
            ("denominator", before.denominator, after.denominator),
        ] {
            let (Some(a), Some(b)) = (a, b) else { continue };
            let (less, more) = (a.min(b), a.max(b));
            // Small counts jump by chance.
            if less >= JUMP && more >= less.saturating_mul(JUMP) {
                note(
                    *row,
                    column,
                    format!(
                        "{column} {b} after {a} in {}: is a digit missing or added?",
                        before.period
                    ),
                );
            }
        }
    }
}

fn noughts(rows: &Rows<'_>, note: &mut impl FnMut(u64, &str, String)) {
    let all = rows.values().all(|(_, c)| c.numerator == Some(0));
    if let Some((row, count)) = rows.values().next()
        && all
        && rows.len() >= NOUGHTS
    {
        note(
            *row,
            "numerator",
            format!(
                "{} is 0 in every period: leave it blank where it was not counted",
                count.measure_id
            ),
        );
    }
}

/// Two pairs that say the same words count the same thing.
fn disagreements(rows: &[(u64, Count)], note: &mut impl FnMut(u64, &str, String)) {
    let mut met: BTreeMap<_, (u64, u64, &str)> = BTreeMap::new();
    for (row, count) in rows {
        let Some(pair) = pair(&count.measure_id) else {
            continue;
        };
        for (column, words, number) in [
            ("numerator", pair.numerator.as_str(), count.numerator),
            ("denominator", pair.denominator.as_str(), count.denominator),
        ] {
            // A pair without a denominator has no words for one.
            let Some(number) = number.filter(|_| !words.is_empty()) else {
                continue;
            };
            let key = (
                words,
                &count.force,
                &count.area_code,
                &count.period,
                &count.category,
            );
            let first = *met
                .entry(key)
                .or_insert((number, *row, count.measure_id.as_str()));
            if first.0 != number {
                note(
                    *row,
                    column,
                    format!(
                        "{words}: {number} here and {} in row {} ({}): both should be the same count",
                        first.0, first.1, first.2
                    ),
                );
            }
        }
    }
}
