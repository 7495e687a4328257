//! Rounding of a whole table so that it still adds up.
//!
//! Rounding every count by itself leaves totals that are not the sums of what is above them.
//! Controlled rounding shows each count as one of the two multiples of the base next to it (a
//! multiple stays as it is), chosen so that every total is the sum of its parts and the sum of all
//! changes, weighed by their size, is least. Source: Cox and Ernst, *INFOR* 20 (1982) 423–432.
//! Nothing is hidden; small counts are lost among the multiples.
//!
//! **How it can mislead.** A count shown as 0 need not be none and one shown as 5 may be one. The
//! shown table adds up and so looks exact. A reader who knows the rule learns that each count lies
//! within base − 1 of the figure; run the attack with [`learnt`] before relying on it.

use microlp::{ComparisonOp, OptimizationDirection, Problem};

use crate::Unanswerable;
use crate::disclosure::attack::Range;
use crate::disclosure::programme::{Answer, solve, whole};
use crate::disclosure::rules::round;
use crate::disclosure::table::Table;

/// The multiple of `base` nearest to `count`, halves up. A base of 0 or 1 leaves it as it is.
pub fn nearest(count: u64, base: u64) -> u64 {
    if base <= 1 { count } else { round(count, base) }
}

/// Every cell of a table as a multiple of `base` next to its count, so that the sums hold.
///
/// Lists and two-way tables always have such a rounding. Others may not, or not one that is found
/// in reasonable time: then [`Unanswerable::NoConvergence`]. Refuses a base of 0.
pub fn controlled(table: &Table, base: u64) -> Result<Vec<u64>, Unanswerable> {
    if base == 0 {
        return Err(Unanswerable::Invalid("the base must be at least 1"));
    }
    attempt(table, base, false)
        .or_else(|| attempt(table, base, true))
        .ok_or(Unanswerable::NoConvergence)
}

/// What a reader learns from one figure of a table rounded by [`controlled`].
pub fn learnt(figure: u64, base: u64) -> Range {
    let reach = base.saturating_sub(1);
    Range::between(figure.saturating_sub(reach), figure.saturating_add(reach))
}

/// One cell between its two multiples.
struct Choice {
    down: u64,
    /// 0 or 1: whether it goes up.
    up: microlp::Variable,
}

/// The least change over all choices of up and down; `None` where the programme ended between the
/// two somewhere.
fn attempt(table: &Table, base: u64, branch: bool) -> Option<Vec<u64>> {
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let choices: Vec<_> = table
        .counts()
        .iter()
        .map(|&count| {
            let down = count / base;
            let rest = count - down * base;
            let most = if rest == 0 { 0.0 } else { 1.0 };
            // Going up changes a count by base − rest, going down by rest.
            let cost = (base as f64 - 2.0 * rest as f64) / base as f64;
            let up = if branch && rest > 0 {
                problem.add_binary_var(cost)
            } else {
                problem.add_var(cost, (0.0, most))
            };
            Choice { down, up }
        })
        .collect();
    for sum in table.sums() {
        let parts: u64 = sum.parts.iter().map(|&part| choices[part].down).sum();
        let short = choices[sum.total].down as f64 - parts as f64;
        let terms = sum.parts.iter().map(|&part| (choices[part].up, 1.0));
        let total = (choices[sum.total].up, -1.0);
        problem.add_constraint(terms.chain([total]), ComparisonOp::Eq, short);
    }
    let Ok(Answer::Solved { values, .. }) = solve(&problem) else {
        return None;
    };
    let rounded = choices.iter().map(|choice| {
        let up = whole(*values.get(choice.up.idx())?)?;
        Some((choice.down + up) * base)
    });
    let rounded: Option<Vec<_>> = rounded.collect();
    let adds_up = |rounded: &Vec<u64>| {
        table.sums().iter().all(|sum| {
            let parts: u64 = sum.parts.iter().map(|&part| rounded[part]).sum();
            parts == rounded[sum.total]
        })
    };
    rounded.filter(adds_up)
}
