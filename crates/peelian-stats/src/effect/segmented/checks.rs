//! What the residuals and the time before the start say about the model.

use nalgebra::DMatrix;

use super::{Basis, Design, Estimate, Outcome, Settings, Term};
use crate::special::{chi_squared_upper, f_upper};

/// Ljung and Box's test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LjungBox {
    /// n(n + 2)·Σ ρₖ²/(n − k), with ρₖ the correlation of residuals k points apart.
    pub statistic: f64,
    /// By χ² with as many degrees of freedom as lags. Small: residuals are correlated, so errors
    /// under independence are wrong.
    pub p_value: f64,
}

/// The same model on the time before the start alone, with a change put into its middle where
/// nothing was done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PreTrend {
    /// Index at which the change was put.
    pub at: usize,
    /// Step found there.
    pub level: f64,
    /// Change of slope found there.
    pub slope: f64,
    /// That both are zero, by an F test on Newey–West errors at lag ⌊4(n/100)^(2/9)⌋. Small: the
    /// series bent before anything was done, so the line drawn on past the start proves little.
    pub p_value: f64,
}

/// Σ(eₜ − eₜ₋₁)²/Σeₜ² over neighbours that were both observed.
pub(super) fn durbin_watson(residuals: &[Option<f64>]) -> Option<f64> {
    let squares: f64 = residuals.iter().flatten().map(|e| e * e).sum();
    let steps: f64 = residuals
        .windows(2)
        .filter_map(|pair| Some((pair[1]? - pair[0]?).powi(2)))
        .sum();
    (squares > 0.0)
        .then(|| steps / squares)
        .filter(|d| d.is_finite())
}

pub(super) fn ljung_box(residuals: &[Option<f64>], lag: usize) -> Option<LjungBox> {
    let present: Vec<_> = residuals.iter().flatten().copied().collect();
    let n = present.len();
    if lag == 0 || lag >= n {
        return None;
    }
    let mean = crate::summary::mean(&present);
    let squares: f64 = present.iter().map(|e| (e - mean).powi(2)).sum();
    let correlation = |apart: usize| {
        let pairs = residuals.iter().zip(&residuals[apart..]);
        let sum: f64 = pairs
            .filter_map(|(a, b)| Some((a.as_ref()? - mean) * (b.as_ref()? - mean)))
            .sum();
        sum / squares
    };
    let sum: f64 = (1..=lag)
        .map(|apart| correlation(apart).powi(2) / (n - apart) as f64)
        .sum();
    let statistic = n as f64 * (n as f64 + 2.0) * sum;
    let p_value = chi_squared_upper(statistic, lag as f64).filter(|_| statistic.is_finite())?;
    Some(LjungBox { statistic, p_value })
}

/// The lag that suits Bartlett's weights, from the correlation of the scores.
///
/// The sum of a point's scores (the constant left out), taken as a series with its first-order
/// autoregression removed, has autocovariances σⱼ up to ⌊3(n/100)^(2/9)⌋; with
/// s₀ = σ₀ + 2Σσⱼ and s₁ = 2Σjσⱼ the lag is 1.1447·((s₁/s₀)²·n)^(1/3). Source: Newey and West,
/// *Review of Economic Studies* 61 (1994) 631–653.
pub(super) fn bandwidth(scores: &DMatrix<f64>, used: usize) -> Option<f64> {
    let columns = scores.ncols();
    let whitened = whitened(scores)?;
    let sums: Vec<f64> = (0..whitened.nrows())
        .map(|row| whitened.row(row).columns(1, columns - 1).sum())
        .collect();
    let reach = (3.0 * (used as f64 / 100.0).powf(2.0 / 9.0)).floor() as usize;
    let covariance = |apart: usize| -> f64 {
        let pairs = sums.iter().zip(sums.get(apart..).unwrap_or(&[]));
        pairs.map(|(a, b)| a * b).sum::<f64>() / sums.len() as f64
    };
    let (mut level, mut slope) = (covariance(0), 0.0);
    for apart in 1..=reach {
        level += 2.0 * covariance(apart);
        slope += 2.0 * apart as f64 * covariance(apart);
    }
    let lag = 1.1447 * ((slope / level).powi(2) * used as f64).cbrt();
    lag.is_finite().then_some(lag)
}

/// Residuals of each point's scores regressed on the scores of the point before, all at once.
fn whitened(scores: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    let (rows, columns) = scores.shape();
    if rows < columns + 2 || columns < 2 {
        return None;
    }
    let (early, late) = (scores.rows(0, rows - 1), scores.rows(1, rows - 1));
    let gram = early.tr_mul(&early);
    let transfer = gram.lu().solve(&early.tr_mul(&late))?;
    Some(late - early * transfer)
}

pub(super) fn pre_trend(
    values: &[Option<f64>],
    start: usize,
    outcome: Outcome,
    settings: &Settings,
) -> Option<PreTrend> {
    let before = values.get(..start)?;
    let at = start / 2;
    super::sides(before, at).ok()?;
    let design = Design::new(start, at, settings).ok()?;
    // A test on hardly any degrees of freedom says nothing.
    let used = before.iter().flatten().count();
    if used < 2 * design.terms.len() {
        return None;
    }
    let estimate = Estimate::new(&design, before, outcome).ok()?;
    let lag = (4.0 * (used as f64 / 100.0).powf(2.0 / 9.0)).floor() as usize;
    let covariance = estimate.covariance(Basis::Lag(lag), outcome, true);
    let place = |wanted: Term| design.terms.iter().position(|term| *term == wanted);
    let places = [place(Term::Level)?, place(Term::Slope)?];
    let change = estimate.coefficients.select_rows(&places);
    let spread = covariance.select_rows(&places).select_columns(&places);
    let weighed = spread.cholesky()?.solve(&change);
    let f = change.dot(&weighed) / 2.0;
    Some(PreTrend {
        at,
        level: change[0],
        slope: change[1],
        p_value: f_upper(f, 2.0, estimate.freedom as f64)?,
    })
}
