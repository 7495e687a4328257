//! Interrupted time series: did level or slope of one series change when something was done?
//!
//! One regression on time, with a step and a change of slope from a known start and the season as
//! pairs of waves:
//!
//! E(yₜ) = β₀ + β₁·t + β₂·[t ≥ t₀] + β₃·max(0, t − t₀) + Σₕ aₕ·sin(2πht/P) + bₕ·cos(2πht/P)
//!
//! for measurements ([`continuous`]); for counts ([`counts`]) the same for ln E(yₜ), plus the log of
//! a base. What would have been without the change is the same line with β₂ and β₃ left out. Errors
//! are given under independence and under correlation in time at several lags (Newey and West), so
//! that a choice of lag cannot make a finding; [`autoregressive`] models the correlation instead.
//!
//! Sources: Bernal, Cummins and Gasparrini, *International Journal of Epidemiology* 46 (2017)
//! 348–355; Newey and West, *Econometrica* 55 (1987) 703–708.
//!
//! **How it can mislead.** The line without the change is a straight one drawn on past the start:
//! where the trend was already bending, or anything else changed in the same month, the difference
//! is not the effect of what was done. A change made because the last months were bad will be
//! followed by better ones by itself. Errors under independence are too small where months resemble
//! their neighbours; Newey–West errors are better and still too small in short series.

mod autoregressive;
mod checks;
mod design;

use nalgebra::{DMatrix, DVector};

use crate::comparison::interval::Interval;
use crate::glm::count_regression;
use crate::linear::{least_squares, newey_west, sandwich};
use crate::special::{student_t_quantile, student_t_two_sided};
use crate::{Unanswerable, summary};

pub use autoregressive::{Autoregressive, autoregressive};
pub use checks::{LjungBox, PreTrend};
use design::Design;
pub use design::Term;

/// Points on each side of the start below which there is no answer: a line and something left over.
const FEWEST: usize = 3;
/// Whole cycles before the start below which the season and the trend are not told apart well.
const CYCLES: f64 = 2.0;

/// How a series is modelled.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Points in a seasonal cycle, above 1; 12 for months. Default 12.
    pub period: f64,
    /// Pairs of waves for the season, at most half of `period`; 0 for none. The wave of exactly two
    /// points has a cosine alone. Default 2.
    pub harmonics: usize,
    /// Lags at which Newey–West errors are given; each below the number of points. Default 1, 3,
    /// 6, 12, without those that the series is too short for.
    pub lags: Option<Vec<usize>>,
    /// Multiply Newey–West variances by n/(n − k). Default true.
    pub small_sample: bool,
    /// Confidence of all intervals. Default 0.95.
    pub confidence: f64,
    /// Time of the first point: moves the constant and the phase of the waves, no effect on the
    /// findings. Default 0.
    pub origin: f64,
    /// Share by which the coefficients may still change when the search of [`autoregressive`]
    /// ends. Default 1e-10.
    pub settled: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            period: 12.0,
            harmonics: 2,
            lags: None,
            small_sample: true,
            confidence: 0.95,
            origin: 0.0,
            settled: 1e-10,
        }
    }
}

/// What an error allows for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Basis {
    /// Independent errors: of one variance for measurements, Poisson for counts.
    Independent,
    /// Independent counts whose variance is [`Segmented::variance`] times their mean.
    Dispersed,
    /// Correlation in time up to this many points apart, and any variance.
    Lag(usize),
}

/// A figure with its uncertainty, in the unit of the series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// With the change less without it.
    pub estimate: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// By Student's t.
    pub interval: Interval,
}

/// Errors on one basis.
#[derive(Clone, Debug, PartialEq)]
pub struct Errors {
    /// What they allow for.
    pub basis: Basis,
    /// One a coefficient.
    pub standard_errors: Vec<f64>,
    /// Two-sided, by Student's t with [`Segmented::freedom`].
    pub p_values: Vec<f64>,
    /// The effect at the last point: fitted less counterfactual.
    pub at_end: Effect,
    /// The sum of the effect over all points from the start on.
    pub total: Effect,
}

/// An expected value with its interval; of the mean, not of a single point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// Expected.
    pub value: f64,
    /// Where the mean may lie.
    pub interval: Interval,
}

/// A fitted interrupted time series.
#[derive(Clone, Debug, PartialEq)]
pub struct Segmented {
    /// What each coefficient belongs to.
    pub terms: Vec<Term>,
    /// In the unit of the series (a point of time for slopes), or its logarithm for counts.
    pub coefficients: Vec<f64>,
    /// Independent first, dispersed next for counts, then the lags as asked.
    pub errors: Vec<Errors>,
    /// Expected at every point with the change.
    pub fitted: Vec<f64>,
    /// Expected at every point without the change; equal to `fitted` before the start.
    pub counterfactual: Vec<Expected>,
    /// The errors that the band of `counterfactual` rests on: those that give the total effect the
    /// widest interval.
    pub band: Basis,
    /// Observed less fitted, `None` where nothing was observed.
    pub residuals: Vec<Option<f64>>,
    /// Points used before the start.
    pub before: usize,
    /// Points used from the start on.
    pub after: usize,
    /// Fewer than two whole cycles before the start (24 months): say so beside the result.
    pub short_before: bool,
    /// Points used less coefficients.
    pub freedom: usize,
    /// Residual variance of measurements; for counts Pearson's χ² ÷ freedom, 1 under Poisson.
    pub variance: f64,
    /// Residual sum of squares, or the deviance of counts.
    pub deviance: f64,
    /// Share of the deviance about a constant (rate) that the model takes away; `None` where there
    /// was none.
    pub explained: Option<f64>,
    /// Durbin–Watson statistic of the residuals: 2 without correlation of neighbours, below it
    /// with. `None` for residuals of zero.
    pub durbin_watson: Option<f64>,
    /// Lag that Newey and West's rule of 1994 picks for these residuals. `None` where it has none.
    pub bandwidth: Option<f64>,
    /// Whether the time before the start already bent. `None` where it is too short to tell.
    pub pre_trend: Option<PreTrend>,
}

impl Segmented {
    /// The errors on one basis.
    pub fn on(&self, basis: Basis) -> Option<&Errors> {
        self.errors.iter().find(|errors| errors.basis == basis)
    }

    /// Ljung and Box's test for correlation of the residuals up to `lag` points apart; `None` for
    /// a lag of 0 or beyond the series.
    pub fn ljung_box(&self, lag: usize) -> Option<LjungBox> {
        checks::ljung_box(&self.residuals, lag)
    }
}

/// Fit measurements `values`, in time order at equal spacing, `None` (or not finite) where missing;
/// the change takes hold at index `start`.
///
/// A missing value takes no part, and its neighbours keep their distance in time. Too few: fewer
/// than 3 values on either side, or not more values than coefficients.
pub fn continuous(
    values: &[Option<f64>],
    start: usize,
    settings: &Settings,
) -> Result<Segmented, Unanswerable> {
    segmented(values, start, Outcome::Measured, settings)
}

/// Fit `counts`, in time order at equal spacing, `None` (or not finite) where missing; the change
/// takes hold at index `start`.
///
/// `base`, if given, is what counts are a rate of (people, calls), above 0 at every point. Effects
/// are numbers of events. Too few as for [`continuous`], or no event at all.
pub fn counts(
    counts: &[Option<f64>],
    base: Option<&[f64]>,
    start: usize,
    settings: &Settings,
) -> Result<Segmented, Unanswerable> {
    let Some(base) = base else {
        return segmented(counts, start, Outcome::Counted(None), settings);
    };
    if base.len() != counts.len() {
        return Err(Unanswerable::Mismatched("each count needs one base"));
    }
    if !base.iter().all(|base| base.is_finite() && *base > 0.0) {
        return Err(Unanswerable::Invalid("a base must be finite and above 0"));
    }
    let offset: Vec<_> = base.iter().map(|base| base.ln()).collect();
    segmented(counts, start, Outcome::Counted(Some(&offset)), settings)
}

/// What kind of number the series holds.
#[derive(Clone, Copy)]
enum Outcome<'a> {
    Measured,
    /// With the log of the base at every point.
    Counted(Option<&'a [f64]>),
}

impl Outcome<'_> {
    /// Expected value at a point with this linear predictor.
    fn mean(&self, linear: f64, point: usize) -> f64 {
        match self {
            Self::Measured => linear,
            Self::Counted(offset) => (linear + offset.map_or(0.0, |offset| offset[point])).exp(),
        }
    }

    /// How fast the mean grows with the linear predictor, given the mean.
    fn slope(&self, mean: f64) -> f64 {
        match self {
            Self::Measured => 1.0,
            Self::Counted(_) => mean,
        }
    }
}

/// Coefficients and what their errors are made of.
struct Estimate {
    coefficients: DVector<f64>,
    /// Covariance under independence is this, times `variance` for measurements.
    bread: DMatrix<f64>,
    /// A row a point of the series, zeros where nothing was observed.
    scores: DMatrix<f64>,
    residuals: Vec<Option<f64>>,
    used: usize,
    freedom: usize,
    variance: f64,
    deviance: f64,
    null_deviance: f64,
}

impl Estimate {
    fn new(
        design: &Design,
        values: &[Option<f64>],
        outcome: Outcome,
    ) -> Result<Self, Unanswerable> {
        let used: Vec<_> = (0..values.len())
            .filter(|&point| values[point].is_some())
            .collect();
        let columns = design.terms.len();
        if used.len() <= columns {
            return Err(Unanswerable::TooFew {
                what: "values",
                have: used.len(),
                need: columns + 1,
            });
        }
        let x = design.rows.select_rows(&used);
        let y: Vec<f64> = values.iter().flatten().copied().collect();
        let freedom = used.len() - columns;
        let (coefficients, bread, residuals, variance, deviance, null_deviance) = match outcome {
            Outcome::Measured => {
                let mean = summary::mean(&y);
                let null = y.iter().map(|value| (value - mean).powi(2)).sum();
                let fit = least_squares(&x, &DVector::from_vec(y))?;
                let squares = fit.residuals.norm_squared();
                let residuals: Vec<_> = fit.residuals.iter().copied().collect();
                let variance = squares / freedom as f64;
                (
                    fit.coefficients,
                    fit.inverse,
                    residuals,
                    variance,
                    squares,
                    null,
                )
            }
            Outcome::Counted(offset) => {
                let offset: Option<Vec<_>> =
                    offset.map(|offset| used.iter().map(|&point| offset[point]).collect());
                let fit = count_regression(&x, &y, offset.as_deref(), None)?;
                let one = DMatrix::from_element(used.len(), 1, 1.0);
                let null = count_regression(&one, &y, offset.as_deref(), None)?.deviance;
                let residuals: Vec<_> = y.iter().zip(&fit.fitted).map(|(y, m)| y - m).collect();
                (
                    fit.coefficients,
                    fit.inverse,
                    residuals,
                    fit.dispersion,
                    fit.deviance,
                    null,
                )
            }
        };
        let mut scores = DMatrix::zeros(values.len(), columns);
        let mut spread = vec![None; values.len()];
        for (row, (&point, residual)) in used.iter().zip(residuals).enumerate() {
            scores.set_row(point, &(x.row(row) * residual));
            spread[point] = Some(residual);
        }
        let figures = [variance, deviance, null_deviance];
        if !figures.iter().chain(scores.iter()).all(|v| v.is_finite()) {
            return Err(Unanswerable::Overflow);
        }
        Ok(Self {
            coefficients,
            bread,
            scores,
            residuals: spread,
            used: used.len(),
            freedom,
            variance,
            deviance,
            null_deviance,
        })
    }

    fn covariance(&self, basis: Basis, outcome: Outcome, small_sample: bool) -> DMatrix<f64> {
        match (basis, outcome) {
            (Basis::Independent, Outcome::Counted(_)) => self.bread.clone(),
            (Basis::Independent | Basis::Dispersed, _) => &self.bread * self.variance,
            (Basis::Lag(lag), _) => {
                let factor = if small_sample {
                    self.used as f64 / self.freedom as f64
                } else {
                    1.0
                };
                sandwich(&self.bread, &(newey_west(&self.scores, lag) * factor))
            }
        }
    }
}

fn segmented(
    values: &[Option<f64>],
    start: usize,
    outcome: Outcome,
    settings: &Settings,
) -> Result<Segmented, Unanswerable> {
    let values = present(values);
    let (before, after) = sides(&values, start)?;
    let lags = lags(settings, values.len())?;
    let design = Design::new(values.len(), start, settings)?;
    let estimate = Estimate::new(&design, &values, outcome)?;
    let freedom = estimate.freedom as f64;
    let t = student_t_quantile(settings.confidence, freedom).ok_or(Unanswerable::Invalid(
        "confidence must lie between 0 and 1, ends excluded",
    ))?;

    let contrast = Contrast::new(&design, &estimate, outcome, start);
    let mut bases = vec![Basis::Independent];
    bases.extend(matches!(outcome, Outcome::Counted(_)).then_some(Basis::Dispersed));
    bases.extend(lags.into_iter().map(Basis::Lag));
    let mut errors = Vec::with_capacity(bases.len());
    let mut widest: Option<(f64, Basis, DMatrix<f64>)> = None;
    for basis in bases {
        let covariance = estimate.covariance(basis, outcome, settings.small_sample);
        let on_this = contrast.errors(basis, &covariance, &estimate, t)?;
        let width = on_this.total.standard_error;
        errors.push(on_this);
        if widest.as_ref().is_none_or(|(most, ..)| width > *most) {
            widest = Some((width, basis, covariance));
        }
    }
    let (_, band, covariance) = widest.ok_or(Unanswerable::NoConvergence)?;
    let counterfactual = contrast.band(&design, &covariance, outcome, t);
    if !contrast
        .fitted
        .iter()
        .chain(&contrast.without)
        .all(|value| value.is_finite())
    {
        return Err(Unanswerable::Overflow);
    }
    Ok(Segmented {
        terms: design.terms.clone(),
        coefficients: estimate.coefficients.iter().copied().collect(),
        errors,
        counterfactual,
        band,
        before,
        after,
        short_before: (before as f64) < CYCLES * settings.period,
        freedom: estimate.freedom,
        variance: estimate.variance,
        deviance: estimate.deviance,
        explained: (estimate.null_deviance > 0.0)
            .then(|| 1.0 - estimate.deviance / estimate.null_deviance),
        durbin_watson: checks::durbin_watson(&estimate.residuals),
        bandwidth: checks::bandwidth(&estimate.scores, estimate.used),
        pre_trend: checks::pre_trend(&values, start, outcome, settings),
        fitted: contrast.fitted,
        residuals: estimate.residuals,
    })
}

/// What is not finite is missing.
fn present(values: &[Option<f64>]) -> Vec<Option<f64>> {
    values
        .iter()
        .map(|value| value.filter(|v| v.is_finite()))
        .collect()
}

/// Values before the start and from it on, if there are enough of both.
fn sides(values: &[Option<f64>], start: usize) -> Result<(usize, usize), Unanswerable> {
    let (before, after) = values.split_at_checked(start).ok_or(Unanswerable::Invalid(
        "the start must lie within the series",
    ))?;
    let count = |side: &[Option<f64>]| side.iter().flatten().count();
    for (what, side) in [
        ("values before the start", before),
        ("values from the start on", after),
    ] {
        if count(side) < FEWEST {
            return Err(Unanswerable::TooFew {
                what,
                have: count(side),
                need: FEWEST,
            });
        }
    }
    Ok((count(before), count(after)))
}

fn lags(settings: &Settings, points: usize) -> Result<Vec<usize>, Unanswerable> {
    match &settings.lags {
        Some(lags) if lags.iter().all(|&lag| lag < points) => Ok(lags.clone()),
        Some(_) => Err(Unanswerable::Invalid(
            "a lag must be smaller than the number of points",
        )),
        None => Ok([1, 3, 6, 12]
            .into_iter()
            .filter(|&lag| lag < points / 2)
            .collect()),
    }
}

/// With the change against without it, and how the difference moves with the coefficients.
struct Contrast {
    fitted: Vec<f64>,
    without: Vec<f64>,
    at_end: (f64, DVector<f64>),
    total: (f64, DVector<f64>),
}

impl Contrast {
    fn new(design: &Design, estimate: &Estimate, outcome: Outcome, start: usize) -> Self {
        let points = design.rows.nrows();
        let with = &design.rows * &estimate.coefficients;
        let less = &design.without * &estimate.coefficients;
        let mean = |linear: &DVector<f64>| -> Vec<f64> {
            (0..points).map(|p| outcome.mean(linear[p], p)).collect()
        };
        let (fitted, without) = (mean(&with), mean(&less));
        let effect = |point: usize| {
            let gradient = design.rows.row(point) * outcome.slope(fitted[point])
                - design.without.row(point) * outcome.slope(without[point]);
            (fitted[point] - without[point], gradient.transpose())
        };
        let nothing = (0.0, DVector::zeros(design.terms.len()));
        let total = (start..points)
            .map(effect)
            .fold(nothing.clone(), |(sum, along), (one, gradient)| {
                (sum + one, along + gradient)
            });
        Self {
            at_end: points.checked_sub(1).map_or(nothing, effect),
            total,
            fitted,
            without,
        }
    }

    fn errors(
        &self,
        basis: Basis,
        covariance: &DMatrix<f64>,
        estimate: &Estimate,
        t: f64,
    ) -> Result<Errors, Unanswerable> {
        let standard_errors: Vec<_> = covariance.diagonal().iter().map(|v| root(*v)).collect();
        let p_values = estimate
            .coefficients
            .iter()
            .zip(&standard_errors)
            .map(|(coefficient, error)| p_value(*coefficient, *error, estimate.freedom as f64))
            .collect();
        let errors = Errors {
            basis,
            standard_errors,
            p_values,
            at_end: effect(&self.at_end, covariance, t),
            total: effect(&self.total, covariance, t),
        };
        let figures = [
            errors.at_end.standard_error,
            errors.total.standard_error,
            errors.at_end.estimate,
            errors.total.estimate,
        ];
        let all = errors.standard_errors.iter().chain(&figures);
        if all.into_iter().all(|value| value.is_finite()) {
            Ok(errors)
        } else {
            Err(Unanswerable::Overflow)
        }
    }

    fn band(
        &self,
        design: &Design,
        covariance: &DMatrix<f64>,
        outcome: Outcome,
        t: f64,
    ) -> Vec<Expected> {
        self.without
            .iter()
            .enumerate()
            .map(|(point, &value)| {
                let row = design.without.row(point);
                let reach = t * root((row * covariance * row.transpose())[0]);
                let (lower, upper) = match outcome {
                    Outcome::Measured => (value - reach, value + reach),
                    Outcome::Counted(_) => (value * (-reach).exp(), value * reach.exp()),
                };
                Expected {
                    value,
                    interval: Interval { lower, upper },
                }
            })
            .collect()
    }
}

fn effect((estimate, gradient): &(f64, DVector<f64>), covariance: &DMatrix<f64>, t: f64) -> Effect {
    let standard_error = root(gradient.dot(&(covariance * gradient)));
    Effect {
        estimate: *estimate,
        standard_error,
        interval: Interval {
            lower: estimate - t * standard_error,
            upper: estimate + t * standard_error,
        },
    }
}

/// Rounding may leave a variance of zero a little below it.
fn root(variance: f64) -> f64 {
    variance.max(0.0).sqrt()
}

/// Two-sided; a coefficient of zero without error speaks against nothing.
fn p_value(coefficient: f64, error: f64, freedom: f64) -> f64 {
    if coefficient == 0.0 {
        return 1.0;
    }
    student_t_two_sided(coefficient / error, freedom).unwrap_or(1.0)
}
