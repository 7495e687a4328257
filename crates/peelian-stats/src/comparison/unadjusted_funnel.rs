//! Funnel limits from chance alone, as English public health publishes them.
//!
//! Answers "what would chance alone allow around this level?". Proportions: target ±
//! z·√(target(1−target)/n). Rates: the exact Poisson interval of each count, turned into the base
//! at which it would just reach the target. Source: Public Health England, *Fingertips technical
//! guidance*.
//!
//! **How it can mislead.** No allowance for overdispersion: with denominators in the hundreds of
//! thousands the limits are razor thin and nearly every unit lies outside. Use
//! [`crate::comparison::funnel`] to judge; use this to reproduce a published public-health funnel or
//! to show what chance alone would allow.

pub mod pheindicatormethods;

use crate::Unanswerable;
use crate::comparison::funnel::Position;
use crate::comparison::interval::{
    Interval, above_zero, counted, poisson_exact, share, standard_errors,
};

/// Limits around a `target` proportion (0 to 1) for a unit with this `denominator`, within 0 to 1.
///
/// target ± z·√(target(1−target)/n): the proportions whose Wilson interval just reaches the
/// target. Refuses a `target` outside 0 to 1, a `denominator` not above 0, and a `confidence` not
/// strictly within 0 to 1.
pub fn proportion_limits(
    target: f64,
    denominator: f64,
    confidence: f64,
) -> Result<Interval, Unanswerable> {
    let z = standard_errors(confidence)?;
    if !(0.0..=1.0).contains(&target) {
        return Err(Unanswerable::Invalid("the target must lie within 0 and 1"));
    }
    let half = z * (target * (1.0 - target) / above_zero(denominator)?).sqrt();
    Ok(Interval {
        lower: (target - half).max(0.0),
        upper: (target + half).min(1.0),
    })
}

/// The two points of a rate funnel that belong to one number of events.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimits {
    /// Base at which so many events are just low: the upper Poisson limit ÷ target.
    pub lower_base: f64,
    /// Rate there, events per unit of base.
    pub lower: f64,
    /// Base at which so many events are just high: the lower Poisson limit ÷ target; 0 for no
    /// events.
    pub upper_base: f64,
    /// Rate there; infinite for no events, which are never high.
    pub upper: f64,
}

/// Limits around a `target` rate (events per unit of base), walked by number of `events`.
///
/// A rate is outside when the exact interval of its count ([`poisson_exact`]) leaves out the
/// target, so the limits come from that interval at each count. Refuses a `target` not above 0 and
/// what [`poisson_exact`] refuses.
pub fn rate_limits(target: f64, events: f64, confidence: f64) -> Result<RateLimits, Unanswerable> {
    let interval = poisson_exact(events, confidence)?;
    around(target, events, interval)
}

fn around(target: f64, events: f64, interval: Interval) -> Result<RateLimits, Unanswerable> {
    if !(target > 0.0 && target.is_finite()) {
        return Err(NO_TARGET);
    }
    let (lower_base, upper_base) = (interval.upper / target, interval.lower / target);
    let high = if interval.lower > 0.0 {
        events / upper_base
    } else {
        f64::INFINITY
    };
    let low = events / lower_base;
    if !(lower_base.is_finite() && low.is_finite()) || high.is_nan() {
        return Err(Unanswerable::Overflow);
    }
    Ok(RateLimits {
        lower_base,
        lower: low,
        upper_base,
        upper: high,
    })
}

/// Where a proportion stands against [`proportion_limits`] at 95 % and 99.8 %; refuses what they
/// refuse, and `events` not within 0 to `total`.
pub fn place_proportion(events: f64, total: f64, target: f64) -> Result<Position, Unanswerable> {
    let value = share(events, total)?;
    let inner = proportion_limits(target, total, 0.95)?;
    let outer = proportion_limits(target, total, 0.998)?;
    Ok(Position::of(value, inner, outer))
}

/// Where a rate stands against a `target` rate: outside where the exact 95 % or 99.8 %
/// interval of its count leaves out the count expected. Refuses a `base` or `target` not above 0
/// and a `count` that is negative or not finite.
pub fn place_rate(count: f64, base: f64, target: f64) -> Result<Position, Unanswerable> {
    placed(count, base, target, poisson_exact)
}

fn placed(
    count: f64,
    base: f64,
    target: f64,
    interval: impl Fn(f64, f64) -> Result<Interval, Unanswerable>,
) -> Result<Position, Unanswerable> {
    counted(count)?;
    if !(target > 0.0 && target.is_finite()) {
        return Err(NO_TARGET);
    }
    let expected = target * above_zero(base)?;
    if !expected.is_finite() {
        return Err(Unanswerable::Overflow);
    }
    let (inner, outer) = (interval(count, 0.95)?, interval(count, 0.998)?);
    // The expected count above the unit's interval means that the unit is low.
    Ok(Position::of(expected, inner, outer).mirrored())
}

const NO_TARGET: Unanswerable = Unanswerable::Invalid("the target must be above 0 and finite");
