//! Intervals for one figure (a proportion, a count, a rate) and for the ratio of two rates.
//!
//! Answers "how sure is this figure?". Differences and ratios of two figures are in
//! [`crate::comparison::difference`], standardised rates in [`crate::comparison::standardised`].
//! Each function names its source.
//!
//! **How they can mislead.** An interval covers chance variation and nothing else: not recording,
//! not missing rows, not a changed definition. Counts that come in clusters vary more than these
//! intervals say.

use crate::Unanswerable;
use crate::special::{Tail, beta_quantile, gamma_quantile, normal_z};

/// From this count on Byar's approximation stands in for the exact Poisson limits.
const BYAR_FROM: f64 = 10.0;
/// Beyond this count even the exact form uses Byar's: they agree to more than ten figures.
const EXACT_UP_TO: f64 = 1e7;
/// Beyond this total the exact binomial limits would take too long.
const CLOPPER_PEARSON_UP_TO: f64 = 1e9;

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

/// A figure and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Its interval, in the same unit.
    pub interval: Interval,
}

/// Wilson's score interval for a proportion, within 0 to 1.
///
/// With p̂ = events/total and z for the `confidence` (0.95 gives 1.96): centre
/// (p̂ + z²/2n)/(1 + z²/n), half-width z·√(p̂(1−p̂)/n + z²/4n²)/(1 + z²/n). Source: Wilson, *Journal
/// of the American Statistical Association* 22 (1927) 209–212.
///
/// Averaged over proportions a 95 % interval covers 95 times in 100; at single proportions next to
/// 0 and 1 it can be 84. [`clopper_pearson`] never covers less than it says. Refuses a `total` not
/// above 0, `events` not within 0 to `total`, and a `confidence` not strictly
/// within 0 to 1. It can mislead where the events are not independent of each other.
pub fn wilson(events: f64, total: f64, confidence: f64) -> Result<Interval, Unanswerable> {
    let z = standard_errors(confidence)?;
    let p = share(events, total)?;
    let z2_n = z * z / total;
    let centre = p + z2_n / 2.0;
    let half = (z2_n * (p * (1.0 - p) + z2_n / 4.0)).sqrt();
    if !z2_n.is_finite() {
        return Err(Unanswerable::Overflow);
    }
    // Rounding must not push an end past the estimate, nor past 0 or 1.
    Ok(Interval {
        lower: ((centre - half) / (1.0 + z2_n)).min(p).max(0.0),
        upper: ((centre + half) / (1.0 + z2_n)).max(p).min(1.0),
    })
}

/// The exact binomial interval for a proportion, within 0 to 1.
///
/// The proportions at which so many events or more, and so many or fewer, still have half of
/// 1 − `confidence` as probability: quantiles of Beta(x, n − x + 1) and Beta(x + 1, n − x). Source:
/// Clopper and Pearson, *Biometrika* 26 (1934) 404–413.
///
/// Covers at least as often as it says, whatever the proportion, and so is wider than [`wilson`]
/// by about one event. No events have the lower end 0, all events the upper end 1. Refuses what
/// [`wilson`] refuses, and a `total` above a thousand million. It can mislead as Wilson's can.
pub fn clopper_pearson(events: f64, total: f64, confidence: f64) -> Result<Interval, Unanswerable> {
    let tail = tail(confidence)?;
    let p = share(events, total)?;
    if total > CLOPPER_PEARSON_UP_TO {
        return Err(Unanswerable::Invalid(
            "the total must be at most a thousand million",
        ));
    }
    let rest = total - events;
    let lower = if events > 0.0 {
        beta_quantile(events, rest + 1.0, tail, Tail::Lower)
    } else {
        0.0
    };
    let upper = if rest > 0.0 {
        beta_quantile(events + 1.0, rest, tail, Tail::Upper)
    } else {
        1.0
    };
    Ok(Interval {
        lower: lower.min(p),
        upper: upper.max(p),
    })
}

/// Interval for the mean behind a Poisson `count`, in events.
///
/// Under 10 exact: ½χ²(α/2; 2O) and ½χ²(1−α/2; 2O+2). From 10 on Byar's approximation:
/// O(1 − 1/9O − z/3√O)³ and (O+1)(1 − 1/9(O+1) + z/3√(O+1))³. Source: Breslow and Day,
/// *Statistical Methods in Cancer Research* II (1987), as used in English public health.
///
/// A count of 0 has the lower end 0. A fractional count (weighted or apportioned events) is taken
/// as it is. Refuses a `count` that is negative or not finite, and a `confidence` not strictly
/// within 0 to 1. It can mislead where one incident makes several events.
pub fn poisson(count: f64, confidence: f64) -> Result<Interval, Unanswerable> {
    if count < BYAR_FROM {
        poisson_exact(count, confidence)
    } else {
        byar(count, confidence)
    }
}

/// The exact (chi-squared) interval of [`poisson`] at every count; refuses the same.
///
/// Covers at least as often as it says, whatever the mean. Source: Garwood, *Biometrika* 28 (1936)
/// 437–442.
pub fn poisson_exact(count: f64, confidence: f64) -> Result<Interval, Unanswerable> {
    if count > EXACT_UP_TO {
        return byar(count, confidence);
    }
    let tail = tail(confidence)?;
    counted(count)?;
    let lower = if count > 0.0 {
        gamma_quantile(count, tail, Tail::Lower)
    } else {
        0.0
    };
    let upper = gamma_quantile(count + 1.0, tail, Tail::Upper);
    Ok(Interval {
        lower: lower.min(count),
        upper: upper.max(count),
    })
}

fn byar(count: f64, confidence: f64) -> Result<Interval, Unanswerable> {
    let z = standard_errors(confidence)?;
    counted(count)?;
    let end = |count: f64, z: f64| {
        let root = 1.0 - 1.0 / (9.0 * count) + z / (3.0 * count.sqrt());
        // Below 0 only at confidences that no one publishes.
        count * root.max(0.0).powi(3)
    };
    Ok(Interval {
        lower: end(count, -z).min(count),
        upper: end(count + 1.0, z).max(count),
    })
}

/// Interval for a rate: [`poisson`] of the count, divided by `base` (people, person-years,
/// households) and multiplied by `multiplier` (1,000 for "per 1,000").
///
/// Refuses what [`poisson`] refuses, a `base` or `multiplier` not above 0, and an end too large to
/// write. It can mislead where the base is not the population at risk, as residents are not in a
/// town centre at night.
pub fn rate(
    count: f64,
    base: f64,
    multiplier: f64,
    confidence: f64,
) -> Result<Interval, Unanswerable> {
    above_zero(base)?;
    if !(multiplier > 0.0 && multiplier.is_finite()) {
        return Err(Unanswerable::Invalid(
            "the multiplier must be above 0 and finite",
        ));
    }
    let interval = poisson(count, confidence)?.scaled(multiplier / base);
    if interval.upper.is_finite() {
        Ok(interval)
    } else {
        Err(Unanswerable::Overflow)
    }
}

/// Ratio of the rate `a`/`a_base` to the rate `b`/`b_base` where the bases are people who could
/// have been counted, with its interval.
///
/// (a/A)/(b/B), interval on the log scale with SE² = 1/a − 1/A + 1/b − 1/B. Source: Katz and
/// others, *Biometrics* 34 (1978) 469–474. See
/// [`crate::comparison::difference`] for ratios that bear zeroes, and for bases that are not
/// people.
///
/// Refuses a count of 0 (there is no finite interval), a count that exceeds its base, and a
/// `confidence` not strictly within 0 to 1. It can mislead as much as its bases do: show at least
/// two.
pub fn rate_ratio(
    a: f64,
    a_base: f64,
    b: f64,
    b_base: f64,
    confidence: f64,
) -> Result<Estimate, Unanswerable> {
    let z = standard_errors(confidence)?;
    for (count, base) in [(a, a_base), (b, b_base)] {
        if share(count, base)? == 0.0 {
            return Err(NO_EVENTS);
        }
    }
    let ratio = (a / a_base) / (b / b_base);
    let variance = (1.0 / a - 1.0 / a_base) + (1.0 / b - 1.0 / b_base);
    log_normal(ratio, z * variance.sqrt())
}

/// A ratio with ends `reach` either side of it on the log scale.
pub(super) fn log_normal(ratio: f64, reach: f64) -> Result<Estimate, Unanswerable> {
    let factor = reach.exp();
    let interval = Interval {
        lower: ratio / factor,
        upper: ratio * factor,
    };
    if ratio > 0.0 && interval.upper.is_finite() {
        Ok(Estimate {
            value: ratio,
            interval,
        })
    } else {
        Err(Unanswerable::Overflow)
    }
}

/// Where a gamma variable of this `shape` and rate 1 has probability `tail` at one end. Above ten
/// million Wilson and Hilferty's cube agrees with the exact form beyond ten figures.
pub(super) fn gamma_end(shape: f64, tail: f64, end: Tail) -> f64 {
    if shape <= EXACT_UP_TO {
        return gamma_quantile(shape, tail, end);
    }
    let z = from_the_middle(tail, end);
    shape * (1.0 - 1.0 / (9.0 * shape) + z / (3.0 * shape.sqrt())).powi(3)
}

/// Where a Beta(`a`, `b`) variable has probability `tail` at one end. Of a thousand million and
/// more it is normal to all figures that matter.
pub(super) fn beta_end(a: f64, b: f64, tail: f64, end: Tail) -> f64 {
    let n = a + b;
    if n <= CLOPPER_PEARSON_UP_TO {
        return beta_quantile(a, b, tail, end);
    }
    let mean = a / n;
    (mean + from_the_middle(tail, end) * (mean * (b / n) / (n + 1.0)).sqrt()).clamp(0.0, 1.0)
}

fn from_the_middle(tail: f64, end: Tail) -> f64 {
    let z = normal_z(1.0 - 2.0 * tail).unwrap_or(0.0);
    match end {
        Tail::Lower => -z,
        Tail::Upper => z,
    }
}

/// A ratio of nothing, or over nothing.
pub(super) const NO_EVENTS: Unanswerable = Unanswerable::TooFew {
    what: "events",
    have: 0,
    need: 1,
};

const NO_CONFIDENCE: Unanswerable =
    Unanswerable::Invalid("confidence must lie strictly between 0 and 1");

/// Standard errors that leave `confidence` in the middle.
pub(super) fn standard_errors(confidence: f64) -> Result<f64, Unanswerable> {
    normal_z(confidence)
        .filter(|z| z.is_finite())
        .ok_or(NO_CONFIDENCE)
}

/// What `confidence` leaves at each end.
pub(super) fn tail(confidence: f64) -> Result<f64, Unanswerable> {
    let tail = (1.0 - confidence) / 2.0;
    if tail > 0.0 && tail < 0.5 {
        Ok(tail)
    } else {
        Err(NO_CONFIDENCE)
    }
}

/// A count that can be one.
pub(super) fn counted(count: f64) -> Result<f64, Unanswerable> {
    if count >= 0.0 && count.is_finite() {
        Ok(count)
    } else {
        Err(Unanswerable::Invalid(
            "a count must be 0 or more and finite",
        ))
    }
}

/// A base that can be divided by.
pub(super) fn above_zero(base: f64) -> Result<f64, Unanswerable> {
    if base > 0.0 && base.is_finite() {
        Ok(base)
    } else {
        Err(Unanswerable::Invalid("a base must be above 0 and finite"))
    }
}

/// The proportion of `events` out of a `total`.
pub(super) fn share(events: f64, total: f64) -> Result<f64, Unanswerable> {
    above_zero(total)?;
    if (0.0..=total).contains(&events) {
        Ok(events / total)
    } else {
        Err(Unanswerable::Invalid(
            "events must lie within 0 and the total they are counted out of",
        ))
    }
}
