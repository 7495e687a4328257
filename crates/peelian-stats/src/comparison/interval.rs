//! Confidence intervals for a proportion, a count, a rate and the ratio of two rates.
//!
//! **How they can mislead.** An interval covers chance variation and nothing else: not recording,
//! not missing rows, not a changed definition. Counts that come in clusters vary more than these
//! intervals say.

use crate::special::{Tail, gamma_quantile, normal_z};

/// From this count on Byar's approximation stands in for the exact Poisson limits.
const BYAR_FROM: f64 = 10.0;
/// Beyond this count even the exact form uses Byar's: they agree to more than ten figures.
const EXACT_UP_TO: f64 = 1e7;

/// Lower and upper end, in the unit of the estimate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

impl Interval {
    /// Whether `value` lies between the ends or on one.
    pub fn contains(&self, value: f64) -> bool {
        self.lower <= value && value <= self.upper
    }

    /// The interval in another unit: both ends multiplied by `factor` > 0.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self {
            lower: self.lower * factor,
            upper: self.upper * factor,
        }
    }
}

/// Wilson's score interval for a proportion, within 0 to 1.
///
/// With p̂ = events/total and z for the `confidence` (0.95 gives 1.96): centre
/// (p̂ + z²/2n)/(1 + z²/n), half-width z·√(p̂(1−p̂)/n + z²/4n²)/(1 + z²/n). Source: Wilson, *Journal
/// of the American Statistical Association* 22 (1927) 209–212.
///
/// `None` where `total` is not above 0, `events` is not within 0 to `total`, or `confidence` not
/// strictly within 0 to 1. It can mislead where the events are not independent of each other.
pub fn wilson(events: f64, total: f64, confidence: f64) -> Option<Interval> {
    let z = normal_z(confidence)?;
    if !(total > 0.0 && total.is_finite() && (0.0..=total).contains(&events)) {
        return None;
    }
    let p = events / total;
    let z2_n = z * z / total;
    let centre = p + z2_n / 2.0;
    let half = (z2_n * (p * (1.0 - p) + z2_n / 4.0)).sqrt();
    // Rounding must not push an end past the estimate, nor past 0 or 1.
    Some(Interval {
        lower: ((centre - half) / (1.0 + z2_n)).min(p).max(0.0),
        upper: ((centre + half) / (1.0 + z2_n)).max(p).min(1.0),
    })
}

/// Interval for the mean behind a Poisson `count`, in events.
///
/// Under 10 exact: ½χ²(α/2; 2O) and ½χ²(1−α/2; 2O+2). From 10 on Byar's approximation:
/// O(1 − 1/9O − z/3√O)³ and (O+1)(1 − 1/9(O+1) + z/3√(O+1))³. Source: Breslow and Day,
/// *Statistical Methods in Cancer Research* II (1987), as used in English public health.
///
/// A count of 0 has the lower end 0. A fractional count (weighted or apportioned events) is taken
/// as it is. `None` where `count` is negative or not finite, or `confidence` not strictly within
/// 0 to 1. It can mislead where one incident makes several events.
pub fn poisson(count: f64, confidence: f64) -> Option<Interval> {
    if count < BYAR_FROM {
        poisson_exact(count, confidence)
    } else {
        byar(count, confidence)
    }
}

/// The exact (chi-squared) interval of [`poisson`] at every count; `None` in the same cases.
pub fn poisson_exact(count: f64, confidence: f64) -> Option<Interval> {
    if count > EXACT_UP_TO {
        return byar(count, confidence);
    }
    let tail = (1.0 - confidence) / 2.0;
    if !(count >= 0.0 && tail > 0.0 && tail < 0.5) {
        return None;
    }
    let lower = if count > 0.0 {
        gamma_quantile(count, tail, Tail::Lower)
    } else {
        0.0
    };
    let upper = gamma_quantile(count + 1.0, tail, Tail::Upper);
    Some(Interval {
        lower: lower.min(count),
        upper: upper.max(count),
    })
}

fn byar(count: f64, confidence: f64) -> Option<Interval> {
    let z = normal_z(confidence)?;
    if !(count > 0.0 && count.is_finite()) {
        return None;
    }
    let end = |count: f64, z: f64| {
        let root = 1.0 - 1.0 / (9.0 * count) + z / (3.0 * count.sqrt());
        // Below 0 only at confidences that no one publishes.
        count * root.max(0.0).powi(3)
    };
    Some(Interval {
        lower: end(count, -z).min(count),
        upper: end(count + 1.0, z).max(count),
    })
}

/// Interval for a rate: [`poisson`] of the count, divided by `base` (people, person-years,
/// households) and multiplied by `multiplier` (1,000 for "per 1,000").
///
/// `None` where [`poisson`] has none, where `base` or `multiplier` is not above 0, or where an
/// end is too large to write. It can mislead where the base is not the population at risk, as
/// residents are not in a town centre at night.
pub fn rate(count: f64, base: f64, multiplier: f64, confidence: f64) -> Option<Interval> {
    let factor = multiplier / base;
    if !(base > 0.0 && multiplier > 0.0 && factor.is_finite()) {
        return None;
    }
    let interval = poisson(count, confidence)?.scaled(factor);
    interval.upper.is_finite().then_some(interval)
}

/// Ratio of the rate `a`/`a_base` to the rate `b`/`b_base`, with its interval.
///
/// (a/A)/(b/B), interval on the log scale with SE² = 1/a − 1/A + 1/b − 1/B. Source: Katz and
/// others, *Biometrics* 34 (1978) 469–474; used for disproportionality in stop and search.
///
/// `None` where a count is 0 (there is no finite interval), a count exceeds its base (the bases
/// must count the people who could have been counted), or `confidence` is not strictly within 0
/// to 1. It can mislead as much as its bases do: show at least two.
pub fn rate_ratio(
    a: f64,
    a_base: f64,
    b: f64,
    b_base: f64,
    confidence: f64,
) -> Option<(f64, Interval)> {
    let z = normal_z(confidence)?;
    let usable = |count: f64, base: f64| count > 0.0 && count <= base && base.is_finite();
    if !(usable(a, a_base) && usable(b, b_base)) {
        return None;
    }
    let ratio = (a / a_base) / (b / b_base);
    let variance = (1.0 / a - 1.0 / a_base) + (1.0 / b - 1.0 / b_base);
    let factor = (z * variance.sqrt()).exp();
    let interval = Interval {
        lower: ratio / factor,
        upper: ratio * factor,
    };
    (ratio > 0.0 && interval.upper.is_finite()).then_some((ratio, interval))
}
