//! Exponential smoothing: what comes next, from level, trend and season as they stand now.
//!
//! With q = l + φb and mean μ = q, q + s or q·s, a new value y with error e = y − μ moves
//!
//! - level and trend: l ← q + αe, b ← φb + βe; season: s ← s + γe; or
//! - where the season multiplies: l ← q + αe/s, b ← φb + βe/s, s ← s + γe/q.
//!
//! Errors are e, or relative, e/μ, which grow with the level. Parameters and first states maximise
//! the likelihood (or minimise Σe²), found by Levenberg and Marquardt's method with exact
//! derivatives from several starts; α lies within 0 to 1, β within 0 to α, γ within 0 to 1 − α.
//! [`automatic`] takes the model with the lowest AICc.
//!
//! Source: Hyndman, Koehler, Ord and Snyder, *Forecasting with Exponential Smoothing* (2008); the
//! models tried and their limits are theirs.
//!
//! **How it can mislead.** It carries on what is: no model sees a change of policy coming. Intervals
//! assume that the model is true and its parameters known, and so are too narrow; `backtest` says
//! by how much. A multiplicative model near zero explodes, and is refused where a value is not
//! above 0.

mod fit;
mod recursion;

use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

use crate::comparison::interval::Interval;
use crate::special::normal_z;
use crate::summary::quantile;
use crate::{Unanswerable, random};
use recursion::Filter;

/// Whether errors have one size or grow with the mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Errors {
    /// y = μ + e.
    Additive,
    /// y = μ(1 + e).
    Multiplicative,
}

/// The kind of trend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trend {
    /// None.
    None,
    /// The same step every time.
    Additive,
    /// A step that fades by φ each time.
    Damped,
}

/// The kind of season.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Season {
    /// None.
    None,
    /// So many more.
    Additive,
    /// So many times as many.
    Multiplicative,
}

/// A model of the family, written ETS(error, trend, season).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Model {
    /// Errors.
    pub errors: Errors,
    /// Trend.
    pub trend: Trend,
    /// Season.
    pub season: Season,
}

impl Model {
    /// The name in the literature: "ETS(A,Ad,M)".
    pub fn name(self) -> String {
        let errors = match self.errors {
            Errors::Additive => "A",
            Errors::Multiplicative => "M",
        };
        let trend = match self.trend {
            Trend::None => "N",
            Trend::Additive => "A",
            Trend::Damped => "Ad",
        };
        let season = match self.season {
            Season::None => "N",
            Season::Additive => "A",
            Season::Multiplicative => "M",
        };
        format!("ETS({errors},{trend},{season})")
    }

    /// Parameters and first states that are estimated, the spread among them; a season's states
    /// count one less than its period, because their sum is fixed.
    pub fn parameters(self, period: usize) -> usize {
        let trend = match self.trend {
            Trend::None => 0,
            Trend::Additive => 2,
            Trend::Damped => 3,
        };
        let season = if self.season == Season::None {
            0
        } else {
            period
        };
        3 + trend + season
    }

    fn multiplies(self) -> bool {
        self.errors == Errors::Multiplicative || self.season == Season::Multiplicative
    }
}

/// How fast the states follow the errors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Smoothing {
    /// α, of the level.
    pub level: f64,
    /// β, of the trend; 0 without one. Holt's own parameter is β/α.
    pub trend: f64,
    /// γ, of the season; 0 without one.
    pub season: f64,
    /// φ, what is left of the trend's step each time; 1 where it is not damped.
    pub damping: f64,
}

/// Where level, trend and season stand.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// l, in the unit of the values.
    pub level: f64,
    /// b, a step in that unit.
    pub trend: f64,
    /// s, that of the next value first; empty without a season.
    pub season: Vec<f64>,
}

/// A model with its parameters, run over a series.
#[derive(Clone, Debug, PartialEq)]
pub struct Ets {
    /// The model.
    pub model: Model,
    /// Values in a season's cycle; 1 without one.
    pub period: usize,
    /// Its parameters.
    pub smoothing: Smoothing,
    /// The states before the first value.
    pub first: State,
    /// The states after the last.
    pub last: State,
    /// μ of each value.
    pub fitted: Vec<f64>,
    /// Σ(y − μ)².
    pub squared_errors: f64,
    /// Gaussian log-likelihood at the best spread, constants included.
    pub log_likelihood: f64,
    /// Akaike's criterion, corrected for few values: −2·ln L + 2k + 2k(k + 1)/(n − k − 1).
    pub aicc: f64,
    /// Variance of the errors (relative where they are): Σ ÷ (n − parameters).
    pub variance: f64,
}

/// What a fit may do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Bounds of φ. Default 0.8 to 0.98.
    pub damping: (f64, f64),
    /// Minimise Σ(y − μ)² rather than maximise the likelihood. Default false. The two are the same
    /// where errors are additive.
    pub least_squares: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            damping: (0.8, 0.98),
            least_squares: false,
        }
    }
}

/// Run a model with given parameters and first states over `values`.
///
/// Refuses values or states that are not finite, a season that does not fit the model, values or
/// means not above 0 where the model multiplies.
pub fn with_parameters(
    values: &[f64],
    model: Model,
    smoothing: Smoothing,
    first: State,
) -> Result<Ets, Unanswerable> {
    check_values(values, model)?;
    if (model.season == Season::None) != first.season.is_empty() {
        return Err(Unanswerable::Mismatched(
            "a season needs its first states, and only a season",
        ));
    }
    let numbers = [
        smoothing.level,
        smoothing.trend,
        smoothing.season,
        smoothing.damping,
    ];
    let states = first.season.iter().chain([&first.level, &first.trend]);
    if !numbers.iter().chain(states).all(|value| value.is_finite()) {
        return Err(Unanswerable::Invalid(
            "parameters and states must be finite",
        ));
    }
    summarise(values, model, smoothing, first)
}

/// Estimate a model.
///
/// Refuses what [`with_parameters`] refuses, two full seasons or fewer values than parameters and
/// two, and a series that the model meets exactly (there is no spread to judge by).
pub fn fit(
    values: &[f64],
    period: usize,
    model: Model,
    settings: &Settings,
) -> Result<Ets, Unanswerable> {
    check_values(values, model)?;
    let seasonal = model.season != Season::None;
    if seasonal && period < 2 {
        return Err(Unanswerable::Invalid(
            "a season needs a period of at least 2",
        ));
    }
    let (low, high) = settings.damping;
    if !(low > 0.0 && low < high && high <= 1.0) {
        return Err(Unanswerable::Invalid(
            "the bounds of damping must rise within 0 to 1",
        ));
    }
    let seasons = if seasonal {
        period.saturating_mul(2)
    } else {
        0
    };
    let need = seasons.max(model.parameters(period).saturating_add(2));
    if values.len() < need {
        return Err(Unanswerable::TooFew {
            what: "values",
            have: values.len(),
            need,
        });
    }
    if values.iter().all(|value| *value == values[0]) {
        return Err(Unanswerable::Constant);
    }
    let (smoothing, first) = fit::best(values, if seasonal { period } else { 1 }, model, settings)?;
    summarise(values, model, smoothing, first)
}

/// The model of the family with the lowest AICc. Models that multiply are tried where all values are
/// above 0, seasons where there are two of them.
///
/// Refuses a series that no model fits, with the reason of the simplest.
pub fn automatic(values: &[f64], period: usize, settings: &Settings) -> Result<Ets, Unanswerable> {
    let simplest = Model {
        errors: Errors::Additive,
        trend: Trend::None,
        season: Season::None,
    };
    let mut best = fit(values, period, simplest, settings)?;
    let positive = values.iter().all(|value| *value > 0.0);
    let seasonal = period >= 2 && values.len() >= 2 * period;
    for season in [Season::None, Season::Additive, Season::Multiplicative] {
        for trend in [Trend::None, Trend::Additive, Trend::Damped] {
            for errors in [Errors::Additive, Errors::Multiplicative] {
                let model = Model {
                    errors,
                    trend,
                    season,
                };
                // Additive errors about a season that multiplies are numerically unstable.
                let unstable = errors == Errors::Additive && season == Season::Multiplicative;
                if unstable
                    || (model.multiplies() && !positive)
                    || (season != Season::None && !seasonal)
                    || model == simplest
                {
                    continue;
                }
                if let Ok(fitted) = fit(values, period, model, settings)
                    && fitted.aicc < best.aicc
                {
                    best = fitted;
                }
            }
        }
    }
    Ok(best)
}

/// [`automatic`] for many series at once, on all threads.
pub fn automatic_many(
    series: &[Vec<f64>],
    period: usize,
    settings: &Settings,
) -> Vec<Result<Ets, Unanswerable>> {
    series
        .par_iter()
        .map(|values| automatic(values, period, settings))
        .collect()
}

fn check_values(values: &[f64], model: Model) -> Result<(), Unanswerable> {
    if values.is_empty() {
        return Err(Unanswerable::TooFew {
            what: "values",
            have: 0,
            need: 1,
        });
    }
    if !values.iter().all(|value| value.is_finite()) {
        return Err(Unanswerable::Invalid("values must be finite, none missing"));
    }
    if model.multiplies() && values.iter().any(|value| *value <= 0.0) {
        return Err(Unanswerable::Invalid(
            "a model that multiplies needs values above 0",
        ));
    }
    Ok(())
}

fn summarise(
    values: &[f64],
    model: Model,
    smoothing: Smoothing,
    first: State,
) -> Result<Ets, Unanswerable> {
    let period = first.season.len().max(1);
    let mut filter = Filter::new(model, smoothing, &first);
    let fitted: Vec<f64> = values.iter().map(|value| filter.step(*value)).collect();
    let n = values.len() as f64;
    let errors = || values.iter().zip(&fitted).map(|(y, mean)| y - mean);
    let squared_errors: f64 = errors().map(|e| e * e).sum();
    let (sum, logs) = match model.errors {
        Errors::Additive => (squared_errors, 0.0),
        Errors::Multiplicative => (
            errors()
                .zip(&fitted)
                .map(|(e, mean)| (e / mean).powi(2))
                .sum(),
            fitted.iter().map(|mean| mean.abs().ln()).sum(),
        ),
    };
    let log_likelihood = -n / 2.0 * ((std::f64::consts::TAU * sum / n).ln() + 1.0) - logs;
    let k = model.parameters(period) as f64;
    let last = filter.state(values.len());
    if !(log_likelihood.is_finite() && last.level.is_finite()) {
        return Err(if sum == 0.0 {
            Unanswerable::Constant
        } else {
            Unanswerable::Overflow
        });
    }
    if model.multiplies() && fitted.iter().any(|mean| *mean <= 0.0) {
        return Err(Unanswerable::Invalid(
            "a model that multiplies needs means above 0",
        ));
    }
    Ok(Ets {
        model,
        period,
        smoothing,
        first,
        last,
        fitted,
        squared_errors,
        log_likelihood,
        aicc: -2.0 * log_likelihood + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0),
        // One of the parameters is the spread itself.
        variance: sum / (n - k + 1.0).max(1.0),
    })
}

/// A value to come.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// What is expected.
    pub mean: f64,
    /// Where it will lie, one interval for each confidence asked for.
    pub intervals: Vec<Interval>,
}

impl Ets {
    /// The next `steps` values, each with an interval for every one of `confidences`.
    ///
    /// Intervals come from the variance of the errors carried through the model; where the season
    /// multiplies from 5,000 paths drawn with `seed`. Refuses confidences not strictly within 0 to
    /// 1 and paths that leave the numbers.
    pub fn forecast(
        &self,
        steps: usize,
        confidences: &[f64],
        seed: u64,
    ) -> Result<Vec<Prediction>, Unanswerable> {
        let quantiles: Option<Vec<f64>> = confidences.iter().map(|c| normal_z(*c)).collect();
        let quantiles = quantiles.ok_or(Unanswerable::Invalid(
            "confidence must lie strictly between 0 and 1",
        ))?;
        let means = self.means(steps);
        let predictions: Vec<Prediction> = if self.model.season == Season::Multiplicative {
            self.paths(steps, confidences, seed)
                .into_iter()
                .zip(&means)
                .map(|(intervals, mean)| Prediction {
                    mean: *mean,
                    intervals,
                })
                .collect()
        } else {
            let variances = self.variances(&means);
            let around = |(mean, variance): (&f64, f64)| {
                let sd = variance.sqrt();
                let interval = |z: &f64| Interval {
                    lower: mean - z * sd,
                    upper: mean + z * sd,
                };
                Prediction {
                    mean: *mean,
                    intervals: quantiles.iter().map(interval).collect(),
                }
            };
            means.iter().zip(variances).map(around).collect()
        };
        let ends = predictions
            .iter()
            .flat_map(|p| p.intervals.iter().flat_map(|i| [i.lower, i.upper]));
        if ends.chain(means).any(|value| !value.is_finite()) {
            return Err(Unanswerable::Overflow);
        }
        Ok(predictions)
    }

    fn means(&self, steps: usize) -> Vec<f64> {
        let mut filter = Filter::new(self.model, self.smoothing, &self.last);
        (0..steps).map(|_| filter.step_as_expected()).collect()
    }

    /// Variance of each value to come, in closed form. Hyndman and others (2008) chapter 6: with c_j
    /// the lasting effect of an error j steps on, σ²(1 + Σc²) for additive errors; for relative
    /// errors by the recursion of the second moments θ.
    fn variances(&self, means: &[f64]) -> Vec<f64> {
        let Smoothing {
            level,
            trend,
            season,
            damping,
        } = self.smoothing;
        let seasonal = self.model.season != Season::None;
        let mut steps_of_trend = 0.0;
        let mut fade = 1.0;
        let effects: Vec<f64> = (1..means.len().max(1))
            .map(|after| {
                fade *= damping;
                steps_of_trend += fade;
                let of_season = if seasonal && after % self.period == 0 {
                    season
                } else {
                    0.0
                };
                level + trend * steps_of_trend + of_season
            })
            .map(|effect| effect * effect)
            .collect();
        if self.model.errors == Errors::Additive {
            let mut sum = 1.0;
            let mut variances = vec![self.variance];
            for effect in effects {
                sum += effect;
                variances.push(self.variance * sum);
            }
            variances.truncate(means.len());
            return variances;
        }
        let mut moments: Vec<f64> = Vec::with_capacity(means.len());
        for (step, mean) in means.iter().enumerate() {
            let carried = (0..step)
                .map(|past| effects[step - past - 1] * moments[past])
                .sum::<f64>();
            moments.push(mean * mean + self.variance * carried);
        }
        let variance = |(moment, mean): (f64, &f64)| (1.0 + self.variance) * moment - mean * mean;
        moments.into_iter().zip(means).map(variance).collect()
    }

    /// Intervals of each step from drawn paths.
    fn paths(&self, steps: usize, confidences: &[f64], seed: u64) -> Vec<Vec<Interval>> {
        const PATHS: u64 = 5000;
        let sd = self.variance.sqrt();
        let path = |draw| {
            let mut random = random::stream(seed, draw);
            let mut filter = Filter::new(self.model, self.smoothing, &self.last);
            let mut value = |_| {
                let error: f64 = StandardNormal.sample(&mut random);
                filter.step_with_error(match self.model.errors {
                    Errors::Additive => error * sd,
                    // A relative error of −1 or less would make a count vanish or turn negative.
                    Errors::Multiplicative => (error * sd).max(-1.0 + 1e-9),
                })
            };
            (0..steps).map(&mut value).collect::<Vec<f64>>()
        };
        let paths: Vec<Vec<f64>> = (0..PATHS).into_par_iter().map(path).collect();
        (0..steps)
            .map(|step| {
                let mut values: Vec<f64> = paths.iter().map(|path| path[step]).collect();
                values.sort_unstable_by(f64::total_cmp);
                let interval = |confidence: &f64| Interval {
                    lower: quantile(&values, (1.0 - confidence) / 2.0),
                    upper: quantile(&values, f64::midpoint(1.0, *confidence)),
                };
                confidences.iter().map(interval).collect()
            })
            .collect()
    }
}
