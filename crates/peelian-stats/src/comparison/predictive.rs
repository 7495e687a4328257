//! Funnel limits from the distribution of the counts themselves.
//!
//! Answers "how few or how many events would be unusual for a unit of this size, given how much
//! units usually differ?". A unit's true figure is drawn from a gamma distribution (rates) or a beta
//! distribution (proportions) around the level of all, and its count from that figure: a
//! negative-binomial or beta-binomial count. Nothing is transformed or approximated, so the limits
//! hold for small units, are never below 0, and step from count to count as counts do. Level and τ²
//! come from [`crate::comparison::shrinkage`]. Sources: Spiegelhalter, *Statistics in Medicine* 24
//! (2005) 1185–1202; Marshall, *Applied Statistics* 40 (1991) 283–294; Kleinman, *Journal of the
//! American Statistical Association* 68 (1973) 46–54.
//!
//! **How it can mislead.** As any funnel: outside means worth a look. The level and τ² are taken as
//! known. They are measured from all units, those to be found included, so that one far unit widens
//! the limits that it is judged by.

use statrs::function::gamma::{checked_gamma_lr, checked_gamma_ur};

use crate::Unanswerable;
use crate::comparison::interval::{Interval, above_zero, tail};
use crate::special::{Tail, beta_share};

/// Largest number of events, expected or out of, that limits are worked out for.
const MOST: f64 = 1e6;

/// Values between which a unit with this `base` has its rate (events per unit of base) with at
/// least this `confidence`, if true rates have the mean `level` and the variance `tau2`.
///
/// With μ = level·base the count has mean μ and variance μ + τ²·base². The lower limit is the
/// smallest count that is passed by more than half of 1 − `confidence`, over the base; below it are
/// at most that many. The upper limit likewise. A `tau2` of 0 gives Poisson limits. Refuses a
/// `level` or `base` not above 0, a `tau2` below 0, anything not finite, more than a million events
/// expected, and a `confidence` not strictly within 0 to 1.
pub fn rate_limits(
    level: f64,
    tau2: f64,
    base: f64,
    confidence: f64,
) -> Result<Interval, Unanswerable> {
    let tail = tail(confidence)?;
    let mean = above_zero(level)? * above_zero(base)?;
    spread(tau2)?;
    if !(mean > 0.0 && mean <= MOST) {
        return Err(Unanswerable::Invalid(
            "at most a million events can be expected",
        ));
    }
    let size = level / tau2 * level;
    // A gamma distribution this narrow is a point.
    let share = |count: f64, end: Tail| {
        if size < 1e9 {
            beta_share(size, count + 1.0, size / (size + mean), end)
        } else {
            poisson_share(mean, count, end)
        }
    };
    let lower = first(|count| share(count, Tail::Lower) > tail)?;
    let upper = first(|count| share(count, Tail::Upper) <= tail)?;
    Ok(Interval {
        lower: lower / base,
        upper: upper / base,
    })
}

/// Share of Poisson counts up to this one, or above it.
fn poisson_share(mean: f64, count: f64, end: Tail) -> f64 {
    match end {
        Tail::Lower => checked_gamma_ur(count + 1.0, mean).unwrap_or(1.0),
        Tail::Upper => checked_gamma_lr(count + 1.0, mean).unwrap_or(0.0),
    }
}

/// The first count from 0 up at which `reached`, which stays true from there on.
fn first(reached: impl Fn(f64) -> bool) -> Result<f64, Unanswerable> {
    if reached(0.0) {
        return Ok(0.0);
    }
    let (mut below, mut at) = (0.0, 1.0);
    while !reached(at) {
        below = at;
        at *= 2.0;
        if at > MOST * MOST {
            return Err(Unanswerable::Overflow);
        }
    }
    while at - below > 1.0 {
        let middle = f64::midpoint(below, at).floor();
        if reached(middle) {
            at = middle;
        } else {
            below = middle;
        }
    }
    Ok(at)
}

/// Values between which a unit with this `total` has its proportion with at least this
/// `confidence`, if true proportions have the mean `level` and the variance `tau2`.
///
/// The count is beta-binomial; the limits are made as [`rate_limits`] makes them, within 0 and 1. A
/// `tau2` of 0 gives binomial limits. Refuses a `level` not strictly within 0 to 1, a `tau2` below 0
/// or not below level·(1 − level), a `total` that is no whole number from 1 to a million, and a
/// `confidence` not strictly within 0 to 1.
pub fn proportion_limits(
    level: f64,
    tau2: f64,
    total: f64,
    confidence: f64,
) -> Result<Interval, Unanswerable> {
    let tail = tail(confidence)?;
    spread(tau2)?;
    if !(level > 0.0 && level < 1.0) {
        return Err(Unanswerable::Invalid(
            "the level must lie strictly between 0 and 1",
        ));
    }
    let room = level * (1.0 - level) - tau2;
    if room <= 0.0 {
        return Err(Unanswerable::Invalid(
            "tau2 must be below level times (1 - level)",
        ));
    }
    if !((1.0..=MOST).contains(&total) && total.fract() == 0.0) {
        return Err(Unanswerable::Invalid(
            "the total must be a whole number from 1 to a million",
        ));
    }
    let shares = beta_binomial(level, tau2 / room, total);
    let all: f64 = shares.iter().sum();
    let passed = |shares: &mut dyn Iterator<Item = &f64>, goes_on: &dyn Fn(f64) -> bool| {
        let mut sum = 0.0;
        shares
            .take_while(|share| {
                sum += *share / all;
                goes_on(sum)
            })
            .count() as f64
    };
    let below = passed(&mut shares.iter(), &|sum| sum <= tail);
    let above = passed(&mut shares.iter().rev(), &|sum| sum <= tail);
    Ok(Interval {
        lower: (below / total).min(1.0),
        upper: ((total - above) / total).max(0.0),
    })
}

/// How likely each count from 0 to the total is, in units of the one next to the level. `alike` is
/// one over the sum of the parameters of the beta distribution.
fn beta_binomial(level: f64, alike: f64, total: f64) -> Vec<f64> {
    // How much likelier k + 1 is than k.
    let step = |k: f64| {
        let (left, more) = (total - k, k * alike + level);
        left / (k + 1.0) * more / ((left - 1.0) * alike + (1.0 - level))
    };
    let middle = (total * level).floor() as u32;
    let walk = |share: &mut f64, ratio: f64| {
        *share *= ratio;
        Some(*share)
    };
    let mut shares: Vec<f64> = (0..middle)
        .rev()
        .map(|k| 1.0 / step(f64::from(k)))
        .scan(1.0, walk)
        .collect();
    shares.reverse();
    shares.push(1.0);
    shares.extend(
        (middle..total as u32)
            .map(|k| step(f64::from(k)))
            .scan(1.0, walk),
    );
    shares
}

fn spread(tau2: f64) -> Result<(), Unanswerable> {
    if tau2 >= 0.0 && tau2.is_finite() {
        Ok(())
    } else {
        Err(Unanswerable::Invalid("tau2 must be 0 or more and finite"))
    }
}
