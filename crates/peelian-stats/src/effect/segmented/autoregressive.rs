//! The same line where each error carries a share of the one before.

use nalgebra::{DMatrix, DVector};

use super::{Contrast, Design, Effect, Estimate, Outcome, Settings, effect, p_value, root};
use crate::linear::least_squares;
use crate::special::student_t_quantile;
use crate::{Unanswerable, summary};

/// Rounds after which the search is given up.
const ROUNDS: usize = 500;
/// Change of ρ at which the search ends whatever is asked for.
const AT_REST: f64 = 1e-12;
/// Residuals smaller than this share of the values are rounding: the line fits.
const ROUNDING: f64 = 1e-13;

/// A segmented regression with first-order autoregressive errors.
#[derive(Clone, Debug, PartialEq)]
pub struct Autoregressive {
    /// Share of an error that carries over to the next point, between −1 and 1.
    pub rho: f64,
    /// What each coefficient belongs to.
    pub terms: Vec<super::Term>,
    /// In the unit of the series.
    pub coefficients: Vec<f64>,
    /// One a coefficient.
    pub standard_errors: Vec<f64>,
    /// Two-sided, by Student's t.
    pub p_values: Vec<f64>,
    /// The effect at the last point.
    pub at_end: Effect,
    /// The sum of the effect over all points from the start on.
    pub total: Effect,
    /// Rounds of the search.
    pub rounds: usize,
}

/// Fit measurements `values`, all present, with errors eₜ = ρ·eₜ₋₁ + uₜ.
///
/// Least squares on yₜ − ρ·yₜ₋₁ and ρ from the residuals of the line in turns, from ρ = 0 until the
/// coefficients have settled; the first point has no predecessor and drops out. Source: Cochrane and Orcutt, *Journal
/// of the American Statistical Association* 44 (1949) 32–61, with the autocorrelation taken about
/// the mean of the residuals and over n − 1 pairs. A series with a gap is refused; too few as for
/// [`super::continuous`].
pub fn autoregressive(
    values: &[f64],
    start: usize,
    settings: &Settings,
) -> Result<Autoregressive, Unanswerable> {
    if !values.iter().all(|value| value.is_finite()) {
        return Err(Unanswerable::Invalid(
            "values must be finite and none may be missing",
        ));
    }
    let values: Vec<_> = values.iter().copied().map(Some).collect();
    super::sides(&values, start)?;
    let design = Design::new(values.len(), start, settings)?;
    let columns = design.terms.len();
    if values.len() < columns + 2 {
        return Err(Unanswerable::TooFew {
            what: "values",
            have: values.len(),
            need: columns + 2,
        });
    }
    let y = DVector::from_iterator(values.len(), values.iter().flatten().copied());
    let mut estimate = Estimate::new(&design, &values, Outcome::Measured)?;
    let freedom = (values.len() - 1 - columns) as f64;
    let t = student_t_quantile(settings.confidence, freedom).ok_or(Unanswerable::Invalid(
        "confidence must lie between 0 and 1, ends excluded",
    ))?;

    let mut rho = 0.0;
    let mut last: Option<DVector<f64>> = None;
    for round in 1..=ROUNDS {
        let fit = least_squares(&whitened(&design.rows, rho), &whitened_values(&y, rho))?;
        let next = carried(&(&y - &design.rows * &fit.coefficients), y.amax())?;
        let settled = last.replace(fit.coefficients.clone()).is_some_and(|last| {
            let mut pairs = last.iter().zip(&fit.coefficients);
            pairs.all(|(last, now)| (now - last).abs() <= settings.settled * last.abs())
        });
        if !settled && (next - rho).abs() > AT_REST {
            rho = next;
            continue;
        }
        let covariance = &fit.inverse * (fit.residuals.norm_squared() / freedom);
        estimate.coefficients = fit.coefficients;
        let contrast = Contrast::new(&design, &estimate, Outcome::Measured, start);
        let standard_errors: Vec<_> = covariance.diagonal().iter().map(|v| root(*v)).collect();
        let p_values = estimate
            .coefficients
            .iter()
            .zip(&standard_errors)
            .map(|(coefficient, error)| p_value(*coefficient, *error, freedom))
            .collect();
        let (at_end, total) = (
            effect(&contrast.at_end, &covariance, t),
            effect(&contrast.total, &covariance, t),
        );
        let figures = [
            at_end.estimate,
            at_end.standard_error,
            total.estimate,
            total.standard_error,
        ];
        if !standard_errors
            .iter()
            .chain(&figures)
            .all(|v| v.is_finite())
        {
            return Err(Unanswerable::Overflow);
        }
        return Ok(Autoregressive {
            rho,
            terms: design.terms,
            coefficients: estimate.coefficients.iter().copied().collect(),
            standard_errors,
            p_values,
            at_end,
            total,
            rounds: round,
        });
    }
    Err(Unanswerable::NoConvergence)
}

/// Each row less `rho` times the one before.
fn whitened(x: &DMatrix<f64>, rho: f64) -> DMatrix<f64> {
    let rows = x.nrows() - 1;
    x.rows(1, rows) - x.rows(0, rows) * rho
}

fn whitened_values(y: &DVector<f64>, rho: f64) -> DVector<f64> {
    let rows = y.nrows() - 1;
    y.rows(1, rows) - y.rows(0, rows) * rho
}

/// The correlation of neighbours, each sum over its own number of terms.
fn carried(residuals: &DVector<f64>, largest: f64) -> Result<f64, Unanswerable> {
    let mean = summary::mean(residuals.as_slice());
    let n = residuals.len() as f64;
    let about: Vec<_> = residuals.iter().map(|e| e - mean).collect();
    let variance = about.iter().map(|e| e * e).sum::<f64>() / n;
    let product: f64 = about.windows(2).map(|pair| pair[0] * pair[1]).sum();
    if variance.sqrt() <= ROUNDING * largest {
        return Ok(0.0);
    }
    let rho = product / (n - 1.0) / variance;
    // Outside the unit interval the errors would grow without end.
    if rho.is_finite() && rho.abs() < 1.0 {
        Ok(rho)
    } else {
        Err(Unanswerable::NoConvergence)
    }
}
