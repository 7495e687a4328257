//! Cox regression: what makes it happen sooner or later.
//!
//! Answers "does the wait depend on x, other things equal?". The hazard of a case is
//! h₀(t)·exp(xβ), h₀ being left free; β maximises the partial likelihood, the product over events
//! of each case's share of the risk at its time. Ties by Efron (each tied event leaves a fraction
//! of its risk behind) or Breslow (all tied events face the whole). Sources: Cox, *Journal of the
//! Royal Statistical Society B* 34 (1972) 187–220; Efron, *Journal of the American Statistical
//! Association* 72 (1977) 557–565; Breslow, *Biometrics* 30 (1974) 89–99; robust errors from Lin
//! and Wei, *Journal of the American Statistical Association* 84 (1989) 1074–1078; the test of
//! proportionality from Grambsch and Therneau, *Biometrika* 81 (1994) 515–526, as a score test.
//!
//! A covariate that changes over time is given as several rows a case, each with its entry and the
//! time at which it ends ([`super::Cases::entries`]), only the last of them ended by the event;
//! errors are then [`Errors::Clustered`] by case.
//!
//! **How it can mislead.** A hazard ratio is not a ratio of waits or of shares. It is an average
//! over time where hazards are not proportional: look at [`non_proportional`]. Not caused by x:
//! what is not in the model is not held equal. Other outcomes that end cases count as open here,
//! so β speaks of the rate among those still waiting, not of how many ever reach it
//! ([`super::fine_gray`]).

use nalgebra::DMatrix;

use super::cases::{Cases, ONE_EACH};
pub use super::coefficient::Coefficient;
use super::coefficient::coefficients;
use super::newton::climb;
pub use super::score_test::ChiSquared;
use crate::Unanswerable;

mod concordance;
mod proportionality;
mod residuals;
mod risk;

pub use concordance::{Concordance, concordance};
pub use proportionality::{Proportionality, TimeScale, non_proportional};
use risk::RiskSets;

/// How events of one time share the risk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Ties {
    /// Close to the exact answer even with many ties (whole days).
    #[default]
    Efron,
    /// Simpler; pulls coefficients towards 0 where ties are many.
    Breslow,
}

/// Where standard errors come from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Errors<'a> {
    /// From the model, which must be right.
    #[default]
    Model,
    /// From how much each case moves the coefficients (the sandwich).
    Robust,
    /// The same by cluster, one number a case: for several rows a case or several cases a person.
    /// Rough below some 30 clusters.
    Clustered(&'a [usize]),
}

/// How to fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings<'a> {
    /// Treatment of ties.
    pub ties: Ties,
    /// Source of standard errors.
    pub errors: Errors<'a>,
    /// Confidence of the intervals for ratios. Default 0.95.
    pub confidence: f64,
}

impl Default for Settings<'_> {
    fn default() -> Self {
        Self {
            ties: Ties::default(),
            errors: Errors::default(),
            confidence: 0.95,
        }
    }
}

/// A fitted Cox regression.
#[derive(Clone, Debug, PartialEq)]
pub struct Cox {
    /// One a covariate, in the order given, in the covariates' own units.
    pub coefficients: Vec<Coefficient>,
    /// Covariance of the coefficients, by rows; the kind that [`Settings::errors`] asked for.
    pub covariance: Vec<Vec<f64>>,
    /// Log partial likelihood with all coefficients 0, and as fitted.
    pub log_likelihood: [f64; 2],
    /// Twice the difference of the two.
    pub likelihood_ratio: ChiSquared,
    /// Score test of all coefficients being 0: without ties, the log-rank test of two groups.
    pub score_test: ChiSquared,
    /// Means of the covariates: the case that the baseline hazard belongs to.
    pub means: Vec<f64>,
    /// Number of events.
    pub events: usize,
    /// Rounds that the search took.
    pub rounds: usize,
    /// Treatment of ties.
    pub ties: Ties,
}

/// Regress the hazard of `cases` on `covariates`, one slice a covariate with one value a case.
///
/// Refuses no cases and what [`Cases`] excludes, no events, no covariates, values that are not
/// finite, [`Unanswerable::Constant`] covariates, [`Unanswerable::Collinear`] ones,
/// [`Unanswerable::NoConvergence`] where a covariate tells the events from the others so well that
/// its coefficient has no bound, and fewer than two clusters. Fewer than some ten events a
/// covariate make the answer rough.
pub fn cox(
    cases: Cases<'_>,
    covariates: &[&[f64]],
    settings: &Settings<'_>,
) -> Result<Cox, Unanswerable> {
    let sets = RiskSets::new(cases, covariates)?;
    let columns = sets.design.columns;
    let top = climb(columns, |beta| sets.slope(beta, settings.ties, |_| {}))?;
    let scaled = match settings.errors {
        Errors::Model => top.inverse.clone(),
        Errors::Robust => sets.sandwich(&top.beta, settings.ties, &top.inverse, None)?,
        Errors::Clustered(clusters) if clusters.len() == cases.times.len() => {
            sets.sandwich(&top.beta, settings.ties, &top.inverse, Some(clusters))?
        }
        Errors::Clustered(_) => return Err(ONE_EACH),
    };
    let covariance = sets.design.unscaled_covariance(&scaled);
    let beta = sets.design.unscaled(&top.beta);
    let [null, fitted] = top.log_likelihood;
    Ok(Cox {
        coefficients: coefficients(&beta, &covariance, settings.confidence)?,
        covariance: rows(&covariance),
        log_likelihood: top.log_likelihood,
        likelihood_ratio: ChiSquared::new((2.0 * (fitted - null)).max(0.0), columns),
        score_test: ChiSquared::new(top.score_test, columns),
        means: sets.design.means.clone(),
        events: sets.events(),
        rounds: top.rounds,
        ties: settings.ties,
    })
}

/// The cumulative baseline hazard at one event time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Baseline {
    /// A time at which it happened.
    pub time: f64,
    /// Hazard added up to this time, for a case with the mean of every covariate: [`Cox::means`].
    pub hazard: f64,
}

impl Cox {
    /// How the hazard of a case with these covariates compares with that of one with the mean of
    /// each: exp((x − mean)·β). `None` for another number of covariates.
    ///
    /// exp(−baseline hazard × this) is the share of such cases still waiting.
    pub fn relative_hazard(&self, covariates: &[f64]) -> Option<f64> {
        let terms = covariates.iter().zip(&self.means).zip(&self.coefficients);
        let log: f64 = terms.map(|((x, mean), c)| (x - mean) * c.estimate).sum();
        (covariates.len() == self.means.len()).then(|| log.exp())
    }
}

/// The cumulative baseline hazard of a regression, with the cases and covariates it was fitted on;
/// one entry an event time, ascending. Ties as in the fit.
///
/// Refuses what [`cox`] refuses, and a fit with another number of covariates.
pub fn baseline_hazard(
    cases: Cases<'_>,
    covariates: &[&[f64]],
    fit: &Cox,
) -> Result<Vec<Baseline>, Unanswerable> {
    let (sets, beta) = refitted(cases, covariates, fit)?;
    let mut steps = Vec::new();
    sets.slope(&beta, fit.ties, |moment| {
        steps.push((moment.time, moment.hazard));
    });
    let mut hazard = 0.0;
    let add = |(time, rise): (f64, f64)| {
        hazard += rise;
        Baseline { time, hazard }
    };
    let baseline: Vec<_> = steps.into_iter().rev().map(add).collect();
    if hazard.is_finite() {
        Ok(baseline)
    } else {
        Err(Unanswerable::Overflow)
    }
}

/// Risk sets and scaled coefficients of a fit made before.
fn refitted(
    cases: Cases<'_>,
    covariates: &[&[f64]],
    fit: &Cox,
) -> Result<(RiskSets, Vec<f64>), Unanswerable> {
    if covariates.len() != fit.coefficients.len() {
        return Err(Unanswerable::Mismatched(
            "the fit has another number of covariates",
        ));
    }
    let sets = RiskSets::new(cases, covariates)?;
    let beta: Vec<_> = fit.coefficients.iter().map(|c| c.estimate).collect();
    let beta = sets.design.scaled(&beta);
    Ok((sets, beta))
}

fn rows(matrix: &DMatrix<f64>) -> Vec<Vec<f64>> {
    matrix
        .row_iter()
        .map(|row| row.iter().copied().collect())
        .collect()
}
