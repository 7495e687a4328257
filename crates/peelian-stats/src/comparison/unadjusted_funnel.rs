//! Funnel limits from chance alone, as English public health publishes them.
//!
//! No allowance for overdispersion: with denominators in the hundreds of thousands the limits are
//! razor thin and nearly every unit lies outside. Use [`crate::comparison::funnel`] to judge; use this to
//! reproduce a published public-health funnel or to show what chance alone would allow. Source of
//! the method: Public Health England, *Fingertips technical guidance*.

use crate::comparison::funnel::Position;
use crate::comparison::interval::{Interval, poisson_exact};
use crate::special::normal_z;

/// Limits around a `target` proportion (0 to 1) for a unit with this `denominator`, within 0 to 1.
///
/// target ± z·√(target(1−target)/n): the proportions whose Wilson interval just reaches the
/// target. `None` where `target` is outside 0 to 1, `denominator` is not above 0, or `confidence`
/// not strictly within 0 to 1.
pub fn proportion_limits(target: f64, denominator: f64, confidence: f64) -> Option<Interval> {
    let z = normal_z(confidence)?;
    if !((0.0..=1.0).contains(&target) && denominator > 0.0) {
        return None;
    }
    let half = z * (target * (1.0 - target) / denominator).sqrt();
    Some(Interval {
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
/// target, so the limits come from that interval at each count. `None` where `target` is not above
/// 0 or there is no interval.
pub fn rate_limits(target: f64, events: f64, confidence: f64) -> Option<RateLimits> {
    if !(target > 0.0 && target.is_finite()) {
        return None;
    }
    let Interval { lower, upper } = poisson_exact(events, confidence)?;
    let (lower_base, upper_base) = (upper / target, lower / target);
    let high = if upper_base > 0.0 {
        events / upper_base
    } else {
        f64::INFINITY
    };
    Some(RateLimits {
        lower_base,
        lower: events / lower_base,
        upper_base,
        upper: high,
    })
}

/// Where a proportion stands against [`proportion_limits`] at 95 % and 99.8 %; `None` as there, or
/// where `events` is not within 0 to `total`.
pub fn place_proportion(events: f64, total: f64, target: f64) -> Option<Position> {
    let inner = proportion_limits(target, total, 0.95)?;
    let outer = proportion_limits(target, total, 0.998)?;
    (0.0..=total)
        .contains(&events)
        .then(|| Position::of(events / total, inner, outer))
}

/// Where a rate stands against a `target` rate: outside where the exact 95 % or 99.8 %
/// interval of its count leaves out the count expected. `None` where `base` or `target` is not
/// above 0 or `count` has no interval.
pub fn place_rate(count: f64, base: f64, target: f64) -> Option<Position> {
    let expected = target * base;
    if !(base > 0.0 && target > 0.0 && expected.is_finite()) {
        return None;
    }
    let (inner, outer) = (poisson_exact(count, 0.95)?, poisson_exact(count, 0.998)?);
    // The expected count above the unit's interval means that the unit is low.
    Some(Position::of(expected, inner, outer).mirrored())
}
