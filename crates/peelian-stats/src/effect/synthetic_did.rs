//! Synthetic difference in differences: units and periods weighted so that trends were alike.
//!
//! Answers "did it work?" for one or several units treated from the same period on, with many
//! others to compare them with. Unit weights ω ≥ 0, Σω = 1 make the weighted controls move like the
//! treated mean before the start (up to a constant); period weights λ ≥ 0, Σλ = 1 make the weighted
//! earlier periods stand for the later ones in the controls. Then
//!
//! effect = (treated after − Σλₜ·treated before) − Σωᵢ(control after − Σλₜ·control before),
//!
//! in the unit of the outcomes. ω minimises the mean squared distance over the earlier periods plus
//! ζ²‖ω‖², with ζ = (N₁T₁)^¼·σ and σ the standard deviation of the controls' changes from one
//! period to the next before the start; λ the like over controls, with ζ = 10⁻⁶·σ. Source:
//! Arkhangelsky, Athey, Hirshberg, Imbens and Wager, *American Economic Review* 111 (2021)
//! 4088–4118. Both problems are solved exactly.
//!
//! **How it can mislead.** Parallel trends after weighting are assumed, not shown. With one treated
//! unit the error can only be guessed from the others ([`placebo_error`]), which assumes that they
//! vary as it does. A start chosen because things were at their worst is followed by recovery
//! whatever is done. With few controls the normal interval is too narrow.

mod early;
mod errors;
mod staggered;

use nalgebra::DMatrix;

pub use errors::{bootstrap_error, jackknife_error, placebo_error};
pub use staggered::{Cohort, Staggered, staggered, staggered_placebo_error};

use crate::Unanswerable;
use crate::effect::simplex::nearest;
use crate::summary::mean;

/// Share of σ that keeps an otherwise undetermined problem determined.
const TINY: f64 = 1e-6;

/// Outcomes of controls and treated units over the same periods, in time order.
#[derive(Clone, Copy, Debug)]
pub struct Panel<'a> {
    /// Units never treated.
    pub controls: &'a [&'a [f64]],
    /// Units treated from period `before` on.
    pub treated: &'a [&'a [f64]],
    /// Number of periods before the start.
    pub before: usize,
}

/// Which weights are fitted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Method {
    /// Units and periods. The default.
    #[default]
    SyntheticDid,
    /// Units alone, without a constant: the synthetic control, with a ridge of (10⁻⁶σ)².
    SyntheticControl,
    /// None: all controls and all earlier periods count the same.
    DifferenceInDifferences,
}

/// An estimate and the weights that it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// Average effect on the treated units from the start on.
    pub effect: f64,
    /// The effect in each period from the start on; their mean is `effect`.
    pub path: Vec<f64>,
    /// ω, one a control.
    pub unit_weights: Vec<f64>,
    /// λ, one an earlier period; all 0 for [`Method::SyntheticControl`].
    pub period_weights: Vec<f64>,
    /// ζ of the unit weights, in the unit of the outcomes; 0 where none are fitted.
    pub zeta_units: f64,
    /// ζ of the period weights; 0 where none are fitted.
    pub zeta_periods: f64,
}

/// Estimate the average effect.
///
/// Needs a control, a treated unit, a period from the start on and, unless nothing is weighted, two
/// earlier periods with two changes between them among the controls (else σ is unknown).
pub fn estimate(panel: &Panel, method: Method) -> Result<Estimate, Unanswerable> {
    panel.check()?;
    panel.estimate(method, panel.zeta(method)?)
}

/// The estimate under weights from a search that stops early, as synthdid 0.0.9 for R makes it.
///
/// For comparison with figures made by that package, and for nothing else: where it stops short of
/// the best weights, its answer depends on where it started. Needs what [`estimate`] needs.
pub fn estimate_stopped_early(panel: &Panel, method: Method) -> Result<Estimate, Unanswerable> {
    panel.check()?;
    let zeta = panel.zeta(method)?;
    let mut weights = panel.weights(method, zeta)?;
    let early = |distances, zeta| early::weights(&distances, zeta, panel.sigma().unwrap_or(0.0));
    match method {
        Method::DifferenceInDifferences => {}
        Method::SyntheticControl => weights.units = early(panel.unit_distances(), zeta.units),
        Method::SyntheticDid => {
            weights.units = early(centred(panel.unit_distances()), zeta.units);
            weights.periods = early(centred(panel.period_distances()), zeta.periods);
        }
    }
    panel.weighted(weights, zeta)
}

/// The two ζ.
#[derive(Clone, Copy, Debug, Default)]
struct Zeta {
    units: f64,
    periods: f64,
}

/// ω and λ.
#[derive(Clone, Debug)]
struct Weights {
    units: Vec<f64>,
    periods: Vec<f64>,
}

impl Panel<'_> {
    fn check(&self) -> Result<(), Unanswerable> {
        let few = |what, have, need| Err(Unanswerable::TooFew { what, have, need });
        let (Some(first), Some(_)) = (self.treated.first(), self.controls.first()) else {
            let have = self.treated.len().min(self.controls.len());
            return few("treated units and controls", have, 1);
        };
        let periods = first.len();
        let mut units = self.controls.iter().chain(self.treated);
        if units.any(|unit| unit.len() != periods) {
            return Err(Unanswerable::Mismatched("all units need the same periods"));
        }
        if self.before == 0 {
            return few("periods before the start", 0, 1);
        }
        if self.before >= periods {
            return few("periods from the start on", 0, 1);
        }
        let values = self.controls.iter().chain(self.treated).copied();
        if !values.flatten().all(|value| value.is_finite()) {
            return Err(Unanswerable::Invalid("outcomes must be finite"));
        }
        Ok(())
    }

    fn after(&self) -> usize {
        self.treated.first().map_or(0, |unit| unit.len()) - self.before
    }

    fn zeta(&self, method: Method) -> Result<Zeta, Unanswerable> {
        if method == Method::DifferenceInDifferences {
            return Ok(Zeta::default());
        }
        let sigma = self.sigma()?;
        let cells = (self.treated.len() * self.after()) as f64;
        Ok(match method {
            Method::SyntheticControl => Zeta {
                units: TINY * sigma,
                periods: 0.0,
            },
            _ => Zeta {
                units: cells.sqrt().sqrt() * sigma,
                periods: TINY * sigma,
            },
        })
    }

    /// σ, the standard deviation of the controls' changes before the start.
    fn sigma(&self) -> Result<f64, Unanswerable> {
        let changes = self.controls.iter().flat_map(|unit| {
            let before = &unit[..self.before];
            before.windows(2).map(|pair| pair[1] - pair[0])
        });
        let changes: Vec<f64> = changes.collect();
        if changes.len() < 2 {
            return Err(Unanswerable::TooFew {
                what: "changes among the controls before the start",
                have: changes.len(),
                need: 2,
            });
        }
        let centre = mean(&changes);
        let squares: f64 = changes.iter().map(|change| (change - centre).powi(2)).sum();
        let sigma = (squares / (changes.len() as f64 - 1.0)).sqrt();
        if sigma.is_finite() {
            Ok(sigma)
        } else {
            Err(Unanswerable::Overflow)
        }
    }

    fn estimate(&self, method: Method, zeta: Zeta) -> Result<Estimate, Unanswerable> {
        let weights = self.weights(method, zeta)?;
        self.weighted(weights, zeta)
    }

    fn weights(&self, method: Method, zeta: Zeta) -> Result<Weights, Unanswerable> {
        let (controls, before) = (self.controls.len(), self.before);
        Ok(match method {
            Method::DifferenceInDifferences => Weights {
                units: vec![1.0 / controls as f64; controls],
                periods: vec![1.0 / before as f64; before],
            },
            Method::SyntheticControl => Weights {
                units: fitted(&self.unit_distances(), zeta.units)?,
                periods: vec![0.0; before],
            },
            Method::SyntheticDid => Weights {
                units: fitted(&centred(self.unit_distances()), zeta.units)?,
                periods: fitted(&centred(self.period_distances()), zeta.periods)?,
            },
        })
    }

    /// Control less treated mean, a row an earlier period and a column a control.
    fn unit_distances(&self) -> DMatrix<f64> {
        let treated: Vec<f64> = (0..self.before)
            .map(|period| self.treated_at(period))
            .collect();
        DMatrix::from_fn(self.before, self.controls.len(), |period, unit| {
            self.controls[unit][period] - treated[period]
        })
    }

    /// Earlier period less later mean, a row a control and a column an earlier period.
    fn period_distances(&self) -> DMatrix<f64> {
        let later = self.controls.iter().map(|unit| mean(&unit[self.before..]));
        let later: Vec<f64> = later.collect();
        DMatrix::from_fn(self.controls.len(), self.before, |unit, period| {
            self.controls[unit][period] - later[unit]
        })
    }

    fn treated_at(&self, period: usize) -> f64 {
        let here = self.treated.iter().map(|unit| unit[period]);
        mean(&here.collect::<Vec<f64>>())
    }

    /// The effect under given weights.
    fn weighted(&self, weights: Weights, zeta: Zeta) -> Result<Estimate, Unanswerable> {
        let gap = |period: usize| -> f64 {
            let treated = self.treated_at(period);
            let parts = self.controls.iter().zip(&weights.units);
            // Differences first: two large levels would hide a small gap.
            parts
                .map(|(unit, weight)| weight * (treated - unit[period]))
                .sum()
        };
        let level: f64 = weights
            .periods
            .iter()
            .enumerate()
            .filter(|(_, weight)| **weight != 0.0)
            .map(|(period, weight)| weight * gap(period))
            .sum();
        let periods = self.before..self.before + self.after();
        let path: Vec<f64> = periods.map(|period| gap(period) - level).collect();
        let effect = mean(&path);
        if !effect.is_finite() {
            return Err(Unanswerable::Overflow);
        }
        Ok(Estimate {
            effect,
            path,
            unit_weights: weights.units,
            period_weights: weights.periods,
            zeta_units: zeta.units,
            zeta_periods: zeta.periods,
        })
    }
}

/// Each column less its mean: what is left once a constant has been fitted.
fn centred(mut distances: DMatrix<f64>) -> DMatrix<f64> {
    for mut column in distances.column_iter_mut() {
        let centre = mean(column.as_slice());
        column.add_scalar_mut(-centre);
    }
    distances
}

/// Weights of the columns that bring their mean nearest to 0.
fn fitted(distances: &DMatrix<f64>, zeta: f64) -> Result<Vec<f64>, Unanswerable> {
    Ok(nearest(distances, zeta * zeta * distances.nrows() as f64)?.weights)
}
