//! Kaplan-Meier curve: the share of cases still waiting as time passes.
//!
//! Answers "how long until it happens?" when some cases are still open. With d events among n at
//! risk at each time, S(t) = Π(1 − d/n) and, by Greenwood, Var S = S²·Σ d/(n(n − d)). Sources:
//! Kaplan and Meier, *Journal of the American Statistical Association* 53 (1958) 457–481;
//! Greenwood, *The Natural Duration of Cancer* (1926); bands on the log-log scale from Kalbfleisch
//! and Prentice, *The Statistical Analysis of Failure Time Data* (1980); intervals for quantiles
//! from Brookmeyer and Crowley, *Biometrics* 38 (1982) 29–41.
//!
//! Open and ended cases of one time are ties: the open ones still counted among those at risk.
//!
//! **How it can mislead.** Open cases must be like the others of their age: where hopeless cases
//! are closed early, or quick ones recorded late, the curve is wrong and its band does not say so.
//! Where another outcome ends cases, 1 − S overstates: use [`super::competing`]. The right end
//! rests on few cases; print the number at risk below it. With late entries few are at risk at the
//! start, and one time at which all of them end brings the curve to 0 for good.

use super::cases::Cases;
use super::life_table::{Row, life_table};
use crate::special::normal_z;
use crate::{Interval, Unanswerable};

/// Levels this close are the same: a product of fractions rounds.
const SAME: f64 = 1e-12;

/// The scale on which the band is symmetric.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Band {
    /// ln(−ln S): stays within 0 to 1 and covers well with few cases.
    #[default]
    LogLog,
    /// ln S, cut off at 1; the default of R's survfit.
    Log,
    /// S itself, cut off at 0 and 1.
    Plain,
}

/// How the band is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Confidence of the band at each time by itself, not of the whole band at once. Default 0.95.
    pub confidence: f64,
    /// The scale of the band.
    pub band: Band,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            confidence: 0.95,
            band: Band::default(),
        }
    }
}

/// The curve from one time to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The time at which cases ended or were last seen.
    pub time: f64,
    /// Cases under observation just before.
    pub at_risk: usize,
    /// Cases to which it happened at this time.
    pub events: usize,
    /// Cases last seen, still open, at this time.
    pub open: usize,
    /// Share to which it has not happened by this time, 0 to 1.
    pub survival: f64,
    /// Greenwood's standard error of `survival`. It is 0 before the first event and after the
    /// last case has ended, where it says that the formula has nothing to go on.
    pub standard_error: f64,
    /// Pointwise interval for `survival`; `None` where the standard error is 0.
    pub band: Option<Interval>,
}

/// A Kaplan-Meier curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// One step a distinct time, ascending. Before the first the curve is at 1.
    pub steps: Vec<Step>,
}

/// A time by which a given share of cases has ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantile {
    /// `None` where the curve does not fall far enough while cases are followed.
    pub estimate: Option<f64>,
    /// Lower end of the interval.
    pub lower: Option<f64>,
    /// Upper end; `None` where it lies beyond what was followed.
    pub upper: Option<f64>,
}

/// The curve of `cases`.
///
/// Refuses no cases and what [`Cases`] excludes, and a confidence not strictly within 0 to 1. Cases
/// that are all open give a curve that stays at 1, without a band.
pub fn kaplan_meier(cases: Cases<'_>, settings: &Settings) -> Result<Curve, Unanswerable> {
    let z = normal_z(settings.confidence).ok_or(Unanswerable::Invalid(
        "confidence must lie strictly between 0 and 1",
    ))?;
    let rows = life_table(cases)?;
    let (mut survival, mut greenwood) = (1.0, 0.0);
    let step = |row: Row| {
        survival *= (row.at_risk - row.events) as f64 / row.at_risk as f64;
        greenwood += row.greenwood();
        let error = survival * f64::sqrt(greenwood);
        Step {
            time: row.time,
            at_risk: row.at_risk,
            events: row.events,
            open: row.open,
            survival,
            standard_error: error,
            band: (error > 0.0).then(|| settings.band.around(survival, z * error)),
        }
    };
    Ok(Curve {
        steps: rows.into_iter().map(step).collect(),
    })
}

impl Band {
    /// The interval around a survival strictly within 0 to 1, `reach` wide to each side where the
    /// scale is flat.
    fn around(self, survival: f64, reach: f64) -> Interval {
        match self {
            Self::LogLog => {
                // ln S < 0 turns the signs around.
                let stretch = (reach / (survival * survival.ln())).exp();
                Interval {
                    lower: survival.powf(1.0 / stretch),
                    upper: survival.powf(stretch),
                }
            }
            Self::Log => {
                let stretch = (reach / survival).exp();
                Interval {
                    lower: survival / stretch,
                    upper: (survival * stretch).min(1.0),
                }
            }
            Self::Plain => Interval {
                lower: (survival - reach).max(0.0),
                upper: (survival + reach).min(1.0),
            },
        }
    }
}

impl Curve {
    /// The step in force at `time`; `None` before the first.
    pub fn step_at(&self, time: f64) -> Option<&Step> {
        let after = self.steps.partition_point(|step| step.time <= time);
        self.steps[..after].last()
    }

    /// Share to which it has not happened by `time`. `None` past the last time followed, unless the
    /// curve has reached 0, and for a `time` that is not a number.
    pub fn survival_at(&self, time: f64) -> Option<f64> {
        let last = self.steps.last()?;
        if time.is_nan() || (time > last.time && last.survival > 0.0) {
            return None;
        }
        Some(self.step_at(time).map_or(1.0, |step| step.survival))
    }

    /// Cases under observation at the first step from `time` on: the figures printed below a
    /// curve. 0 past the last step.
    pub fn at_risk(&self, time: f64) -> usize {
        let before = self.steps.partition_point(|step| step.time < time);
        self.steps.get(before).map_or(0, |step| step.at_risk)
    }

    /// The time by which `share` (0 to 1) of cases has ended, with the interval of Brookmeyer and
    /// Crowley: the times at which the band crosses the same level.
    ///
    /// Where the curve is level at exactly 1 − share, the middle of the level stretch, as the
    /// median of an even number of values. All three are `None` for a share not strictly within 0
    /// to 1.
    pub fn quantile(&self, share: f64) -> Quantile {
        let level = if share > 0.0 && share < 1.0 {
            1.0 - share
        } else {
            f64::NAN
        };
        let band =
            |pick: fn(&Interval) -> f64| self.crossing(level, |step| step.band.as_ref().map(pick));
        Quantile {
            estimate: self.crossing(level, |step| Some(step.survival)),
            lower: band(|interval| interval.lower),
            upper: band(|interval| interval.upper),
        }
    }

    /// The time by which half of all cases have ended.
    pub fn median(&self) -> Quantile {
        self.quantile(0.5)
    }

    /// When `height` falls to `level`: the middle of the stretch if it stays exactly there.
    fn crossing(&self, level: f64, height: impl Fn(&Step) -> Option<f64>) -> Option<f64> {
        let falls_to = |level: f64| {
            let low = |step: &&Step| height(step).is_some_and(|height| height <= level);
            self.steps.iter().find(low).map(|step| step.time)
        };
        let reached = falls_to(level + SAME)?;
        let left = falls_to(level - SAME).unwrap_or(reached);
        Some(f64::midpoint(reached, left))
    }
}
