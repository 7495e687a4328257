//! Restricted mean time: the average wait up to a horizon, and the difference between two groups.
//!
//! Answers "how many days, on average, of the first so many?" where the full mean cannot be known
//! because some cases are open. RMST(τ) = ∫₀^τ S(t)dt, variance Σ A(t)²·d/(n(n − d)) over the
//! events up to τ with A(t) = ∫ₜ^τ S. Sources: Irwin, *Journal of Hygiene* 47 (1949) 188–189;
//! Royston and Parmar, *BMC Medical Research Methodology* 13 (2013) 152; Uno and others, *Journal
//! of Clinical Oncology* 32 (2014) 2380–2385. Unit: that of the times.
//!
//! A difference in days needs no proportional hazards and can be explained to anyone, which a
//! hazard ratio cannot.
//!
//! **How it can mislead.** It belongs to its horizon: choose τ before looking, and print it. A
//! horizon near the last time followed rests on few cases. Two groups are compared at one horizon
//! that both were followed to.

use super::cases::Cases;
use super::life_table::life_table;
use crate::special::normal_z;
use crate::{Interval, Unanswerable};

/// What the mean is of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Confidence of intervals. Default 0.95.
    pub confidence: f64,
    /// Past the last time followed, take the curve to stay level up to the horizon instead of
    /// refusing. Default false; R's survfit does so.
    pub level_beyond: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            confidence: 0.95,
            level_beyond: false,
        }
    }
}

/// An estimate with its uncertainty, in the unit of the times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RestrictedMean {
    /// Average time up to the horizon spent waiting.
    pub mean: f64,
    /// Its standard error; 0 where no event comes before the horizon.
    pub standard_error: f64,
    /// mean ± z·standard error, within 0 to the horizon.
    pub interval: Interval,
    /// τ.
    pub horizon: f64,
}

/// Average time that `cases` wait, of the time from 0 to `horizon`.
///
/// Refuses no cases and what [`Cases`] excludes, a horizon that is not above 0, a confidence not
/// strictly within 0 to 1 and, unless [`Settings::level_beyond`], a horizon past the last time
/// followed while cases are still open there.
pub fn restricted_mean(
    cases: Cases<'_>,
    horizon: f64,
    settings: &Settings,
) -> Result<RestrictedMean, Unanswerable> {
    let z = z_of(settings.confidence)?;
    if !(horizon > 0.0 && horizon.is_finite()) {
        return Err(Unanswerable::Invalid("the horizon must be above 0"));
    }
    let rows = life_table(cases)?;
    // Each stretch of the curve within the horizon: its height, length and the variance term of
    // the event that began it.
    let mut stretches = Vec::with_capacity(rows.len() + 1);
    let (mut survival, mut begin, mut term) = (1.0, 0.0, 0.0);
    for row in rows.iter().take_while(|row| row.time <= horizon) {
        stretches.push((survival * (row.time - begin), term));
        survival *= (row.at_risk - row.events) as f64 / row.at_risk as f64;
        (begin, term) = (row.time, row.greenwood());
    }
    let followed = rows.last().is_some_and(|last| last.time >= horizon);
    if !(followed || settings.level_beyond || survival == 0.0) {
        return Err(Unanswerable::Invalid(
            "the horizon lies past the last time followed, and cases are open there",
        ));
    }
    stretches.push((survival * (horizon - begin), term));
    let (mut mean, mut variance) = (0.0, 0.0);
    for (area, term) in stretches.into_iter().rev() {
        mean += area;
        variance += mean * mean * term;
    }
    let error = f64::sqrt(variance);
    if !(mean + error).is_finite() {
        return Err(Unanswerable::Overflow);
    }
    Ok(RestrictedMean {
        mean,
        standard_error: error,
        interval: Interval {
            lower: (mean - z * error).max(0.0),
            upper: (mean + z * error).min(horizon).max(mean),
        },
        horizon,
    })
}

/// How much longer one group waits than another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// First mean less second.
    pub difference: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// difference ± z·standard error.
    pub interval: Interval,
    /// Probability of a difference at least as far from 0 if there is none; two-sided.
    pub p: f64,
}

/// `first` less `second`, two groups without a case in common.
///
/// Refuses different horizons, two means without uncertainty and a `confidence` not strictly
/// within 0 to 1.
pub fn difference(
    first: &RestrictedMean,
    second: &RestrictedMean,
    confidence: f64,
) -> Result<Difference, Unanswerable> {
    let z = z_of(confidence)?;
    if first.horizon != second.horizon {
        return Err(Unanswerable::Mismatched(
            "the means must have the same horizon",
        ));
    }
    let difference = first.mean - second.mean;
    let error = first.standard_error.hypot(second.standard_error);
    if error == 0.0 {
        return Err(Unanswerable::Constant);
    }
    let p = libm::erfc((difference / error).abs() / std::f64::consts::SQRT_2);
    if !(difference.is_finite() && error.is_finite()) {
        return Err(Unanswerable::Overflow);
    }
    Ok(Difference {
        difference,
        standard_error: error,
        interval: Interval {
            lower: difference - z * error,
            upper: difference + z * error,
        },
        p,
    })
}

fn z_of(confidence: f64) -> Result<f64, Unanswerable> {
    normal_z(confidence).ok_or(Unanswerable::Invalid(
        "confidence must lie strictly between 0 and 1",
    ))
}
