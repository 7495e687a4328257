//! EWMA and CUSUM charts: has the level moved by less than a control chart would see?
//!
//! An XmR chart needs some 44 points to see a shift of one standard deviation by its limits alone,
//! these about 10. Both need the mean μ and standard deviation σ of the usual process
//! ([`Process`]), best from a baseline of 30 values and more.
//!
//! - **EWMA**: z₀ = μ, zₜ = λxₜ + (1 − λ)zₜ₋₁; limits μ ± Lσ√(λ/(2 − λ)·(1 − (1 − λ)²ᵗ)), narrower at
//!   the start than later. Source: Roberts, *Technometrics* 1 (1959) 239–250; Lucas and Saccucci,
//!   *Technometrics* 32 (1990) 1–12.
//! - **CUSUM**, tabular: C⁺ₜ = max(0, C⁺ₜ₋₁ + (xₜ − μ)/σ − k) and C⁻ₜ = max(0, C⁻ₜ₋₁ − (xₜ − μ)/σ − k),
//!   a signal above h. Source: Page, *Biometrika* 41 (1954) 100–115; the head start from Lucas and
//!   Crosier, *Technometrics* 24 (1982) 199–205.
//!
//! **How they can mislead.** Both add up, so a wrong μ, from a baseline that was itself unusual,
//! ends in a signal for certain. Autocorrelation raises false signals more than on an XmR chart. A
//! signal tells that the level has moved, not that the last point is odd.

use crate::spc::attribute::D2;
use crate::spc::xmr::{mean_moving_range, or_missing};
use crate::summary::mean;
use crate::{Interval, Unanswerable};

/// The usual level and spread, in the unit of the values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Process {
    /// μ.
    pub mean: f64,
    /// σ, above 0.
    pub sigma: f64,
}

impl Process {
    /// The mean of a baseline and its mean moving range over 1.128, missing values (`None` or not
    /// finite) breaking the moving range. `screen` leaves out ranges of 3.267 times the mean range
    /// and more, once. Needs two values side by side that differ.
    pub fn of(baseline: &[Option<f64>], screen: bool) -> Result<Self, Unanswerable> {
        let values: Vec<_> = baseline.iter().copied().map(or_missing).collect();
        let side_by_side = |pair: &[f64]| !(pair[0].is_nan() || pair[1].is_nan());
        if !values.windows(2).any(side_by_side) {
            return Err(Unanswerable::TooFew {
                what: "values side by side",
                have: usize::from(values.iter().any(|value| !value.is_nan())),
                need: 2,
            });
        }
        let range = mean_moving_range(&values, screen, &mut Vec::new());
        let present: Vec<_> = values.into_iter().filter(|value| !value.is_nan()).collect();
        Self {
            mean: mean(&present),
            sigma: range / D2,
        }
        .checked()
    }

    fn checked(self) -> Result<Self, Unanswerable> {
        if !(self.mean.is_finite() && self.sigma.is_finite()) {
            return Err(Unanswerable::Overflow);
        }
        if self.sigma == 0.0 {
            return Err(Unanswerable::Constant);
        }
        if self.sigma < 0.0 {
            return Err(Unanswerable::Invalid(
                "a standard deviation must be above 0",
            ));
        }
        Ok(self)
    }
}

/// Which way the level moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shift {
    /// Up.
    Up,
    /// Down.
    Down,
}

/// How an EWMA chart judges. Default λ = 0.2 and L = 2.962: a false signal every 500 points or so
/// where μ and σ are known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EwmaSettings {
    /// λ, the weight of the newest value, above 0 and up to 1. Smaller sees smaller shifts, later.
    pub weight: f64,
    /// L, above 0.
    pub width: f64,
}

impl Default for EwmaSettings {
    fn default() -> Self {
        Self {
            weight: 0.2,
            width: 2.962,
        }
    }
}

/// One point of an EWMA chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EwmaPoint {
    /// z, in the unit of the values.
    pub average: f64,
    /// Its limits.
    pub limits: Interval,
    /// Set where z lies beyond them.
    pub signal: Option<Shift>,
}

/// The EWMA chart of `values`, in time order, `None` where a value is missing (or not finite): the
/// average waits there and its variance with it.
///
/// Refuses a weight outside 0 to 1, a width not above 0, and a σ not above 0.
pub fn ewma(
    values: &[Option<f64>],
    process: Process,
    settings: EwmaSettings,
) -> Result<Vec<Option<EwmaPoint>>, Unanswerable> {
    let Process { mean: level, sigma } = process.checked()?;
    let EwmaSettings { weight, width } = settings;
    if !(weight > 0.0 && weight <= 1.0) {
        return Err(Unanswerable::Invalid(
            "the weight must be above 0 and at most 1",
        ));
    }
    if !(width > 0.0 && width.is_finite()) {
        return Err(Unanswerable::Invalid("the width must be above 0"));
    }
    let furthest = level.abs() + width * sigma;
    if !furthest.is_finite() {
        return Err(Unanswerable::Overflow);
    }
    let mut average = level;
    // Of the average, in σ². Adding up value by value gives λ/(2 − λ)·(1 − (1 − λ)²ᵗ).
    let mut variance = 0.0;
    let point = |value: &Option<f64>| {
        let value = value.filter(|value| value.is_finite())?;
        average = weight * value + (1.0 - weight) * average;
        variance = weight * weight + (1.0 - weight) * (1.0 - weight) * variance;
        let reach = width * sigma * f64::sqrt(variance);
        let signal = if average > level + reach {
            Some(Shift::Up)
        } else if average < level - reach {
            Some(Shift::Down)
        } else {
            None
        };
        Some(EwmaPoint {
            average,
            limits: Interval {
                lower: level - reach,
                upper: level + reach,
            },
            signal,
        })
    };
    Ok(values.iter().map(point).collect())
}

/// How a CUSUM chart judges. Default k = 0.5, h = 5 and no head start: made for shifts of about one
/// σ, with a false signal every 465 points or so where μ and σ are known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CusumSettings {
    /// k, in σ, 0 or more: half the shift to be found.
    pub slack: f64,
    /// h, in σ, above 0.
    pub decision: f64,
    /// Where both sums start, as a share of h from 0 to below 1; a half sees a process that is off
    /// from the first point sooner.
    pub head_start: f64,
}

impl Default for CusumSettings {
    fn default() -> Self {
        Self {
            slack: 0.5,
            decision: 5.0,
            head_start: 0.0,
        }
    }
}

/// One point of a CUSUM chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CusumPoint {
    /// C⁺, in σ.
    pub up: f64,
    /// C⁻, in σ.
    pub down: f64,
    /// Set where one of them is above h; the larger, if both are.
    pub signal: Option<Shift>,
    /// Where there is a signal: the place at which that sum last left 0, the best guess at when the
    /// level moved.
    pub since: Option<usize>,
}

/// The CUSUM chart of `values`, in time order, `None` where a value is missing (or not finite): the
/// sums wait there.
///
/// The sums go on after a signal; start afresh from a new baseline once its cause is known. Refuses
/// settings outside their ranges, a σ not above 0, and sums too large to write down.
pub fn cusum(
    values: &[Option<f64>],
    process: Process,
    settings: CusumSettings,
) -> Result<Vec<Option<CusumPoint>>, Unanswerable> {
    let Process { mean: level, sigma } = process.checked()?;
    let CusumSettings {
        slack,
        decision,
        head_start,
    } = settings;
    if !(slack >= 0.0 && slack.is_finite() && decision > 0.0 && decision.is_finite()) {
        return Err(Unanswerable::Invalid(
            "the slack must be 0 or more and the decision interval above 0",
        ));
    }
    if !(0.0..1.0).contains(&head_start) {
        return Err(Unanswerable::Invalid(
            "the head start must be at least 0 and below 1",
        ));
    }
    let start = Sum {
        height: head_start * decision,
        since: 0,
    };
    let (mut up, mut down) = (start, start);
    let point = |(place, value): (usize, &Option<f64>)| {
        let Some(value) = value.filter(|value| value.is_finite()) else {
            return Ok(None);
        };
        let z = (value - level) / sigma;
        up.add(z - slack, place);
        down.add(-z - slack, place);
        if !(up.height + down.height).is_finite() {
            return Err(Unanswerable::Overflow);
        }
        let (larger, shift) = if up.height >= down.height {
            (up, Shift::Up)
        } else {
            (down, Shift::Down)
        };
        let signal = (larger.height > decision).then_some(shift);
        Ok(Some(CusumPoint {
            up: up.height,
            down: down.height,
            signal,
            since: signal.map(|_| larger.since),
        }))
    };
    values.iter().enumerate().map(point).collect()
}

/// One of the two sums and the place from which it has been above 0.
#[derive(Clone, Copy)]
struct Sum {
    height: f64,
    since: usize,
}

impl Sum {
    fn add(&mut self, step: f64, place: usize) {
        if self.height == 0.0 {
            self.since = place;
        }
        self.height = (self.height + step).max(0.0);
    }
}
