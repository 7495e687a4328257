//! Rate funnels digit for digit as PHEindicatormethods 2.1.0 makes them.
//!
//! Answers "is this the published funnel?", and nothing that the functions one level up do not
//! answer better. Two things differ from them. The limits come from a search that is cut short: v =
//! m/(m + events + 1) starts at ½ and moves by ¼, ⅛, … for as long as the step before was above one
//! in ten million, so the last step is 2⁻²⁴ and a limit is off by up to 5 parts in 100,000 for a
//! single event. And a unit is placed by Byar's interval from 10 events on, though the lines are
//! drawn from Poisson probabilities, so that a unit at the very edge can lie on one side of the line
//! and be called the other.
//!
//! **How it can mislead.** As [`crate::comparison::unadjusted_funnel`] does.

use super::{RateLimits, around, placed};
use crate::Unanswerable;
use crate::comparison::funnel::Position;
use crate::comparison::interval::{Interval, counted, poisson, tail};

/// Steps no larger than this are the last.
const LAST_STEP: f64 = 1e-7;
/// Terms of a probability this far below their sum end it.
const LAST_TERM: f64 = 1e-10;
/// Beyond this count the search would take too long.
const UP_TO: f64 = 1e9;

/// [`super::rate_limits`] with that search in place of the exact limits.
///
/// Refuses what they refuse, and more than a thousand million `events`.
pub fn rate_limits(target: f64, events: f64, confidence: f64) -> Result<RateLimits, Unanswerable> {
    let tail = tail(confidence)?;
    if counted(events)? > UP_TO {
        return Err(Unanswerable::Invalid(
            "there must be at most a thousand million events",
        ));
    }
    let lower = if events > 0.0 {
        search(events, |mean| at_least(mean, events) > tail)
    } else {
        0.0
    };
    let upper = search(events, |mean| at_most(mean, events) < tail);
    around(target, events, Interval { lower, upper })
}

/// [`super::place_rate`] with Byar's interval from 10 events on ([`poisson`]). Refuses the same.
pub fn place_rate(count: f64, base: f64, target: f64) -> Result<Position, Unanswerable> {
    placed(count, base, target, poisson)
}

/// Halves its way to the mean at which `too_large` turns true, and stops early.
fn search(events: f64, too_large: impl Fn(f64) -> bool) -> f64 {
    let mean = |v: f64| (1.0 + events) * v / (1.0 - v);
    let (mut v, mut step) = (0.5, 0.5);
    while step > LAST_STEP {
        step /= 2.0;
        v += if too_large(mean(v)) { -step } else { step };
    }
    mean(v)
}

fn at_least(mean: f64, count: f64) -> f64 {
    let (above, all) = sums(mean, |k| k >= count);
    above / all
}

fn at_most(mean: f64, count: f64) -> f64 {
    let (below, all) = sums(mean, |k| k <= count);
    below / all
}

/// Poisson probabilities in units of the largest, summed over the counts `wanted` and over all.
///
/// Summed from the largest outwards. Upwards the sum ends as the peer's does, at the first term
/// below [`LAST_TERM`] of what is summed by then: its missing tail moves the search.
fn sums(mean: f64, wanted: impl Fn(f64) -> bool) -> (f64, f64) {
    let (mut part, mut all) = (0.0, 0.0);
    let (mut k, mut term) = (mean.floor(), 1.0);
    while k >= 0.0 && term > f64::MIN_POSITIVE {
        all += term;
        part += if wanted(k) { term } else { 0.0 };
        term *= k / mean;
        k -= 1.0;
    }
    k = mean.floor() + 1.0;
    term = mean / k;
    while term > all * LAST_TERM {
        all += term;
        part += if wanted(k) { term } else { 0.0 };
        k += 1.0;
        term *= mean / k;
    }
    (part, all)
}
