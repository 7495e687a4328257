//! Synthetic control: one treated unit against the mix of other units that looked like it before.
//!
//! Answers "what would have happened here without it?" for one unit, several comparison units
//! (donors) and a start. Weights w ≥ 0, Σw = 1 make the weighted mean of the donors as close as
//! possible to the treated unit: over its outcomes before the start (Σ(y₁ₜ − Σwⱼyⱼₜ)² least), or
//! over predictors xₖ, standardised across units, with importances vₖ (Σvₖ(x₁ₖ − Σwⱼxⱼₖ)² least).
//! The gap y₁ₜ − Σwⱼyⱼₜ after the start is the effect. Everything is in the unit of the outcomes.
//! Sources: Abadie and Gardeazabal, *American Economic Review* 93 (2003) 113–132; Abadie, Diamond
//! and Hainmueller, *Journal of the American Statistical Association* 105 (2010) 493–505.
//!
//! Both least-squares problems are convex and are solved exactly, so one set of data gives one
//! answer. Searched importances ([`Importance::Searched`]) are not convex: another search may end
//! elsewhere, with other weights.
//!
//! **How it can mislead.** With few periods before the start, or many donors, a close fit is luck
//! and not likeness ([`SyntheticControl::short`]). A unit picked because it was doing badly
//! improves by itself: the donors that matched its bad luck had bad luck too, and the placebo test
//! takes the recovery for an effect (Illenberger, Small and Shaw, *Epidemiology* 31 (2020)
//! 815–822). A donor that was touched by the change, or had one of its own, bends the comparison.
//! The p-value of the placebo test can never fall below 1/(donors + 1).

mod conformal;
mod placebo;
mod predictors;

use std::ops::Range;

use nalgebra::DMatrix;

pub use conformal::{conformal_interval, conformal_test};
pub use placebo::{LeftOut, Placebos, Ranked, leave_one_out, placebos};
pub use predictors::{Importance, Predictors, Summary};

use crate::Unanswerable;
use crate::effect::simplex::{Nearest, nearest};
use crate::summary::mean;

/// Matching on fewer periods than this is called short. In the simulation of
/// `docs/methods/synthetic-control.md` most of the placebo test's excess is gone from here on.
const ENOUGH: usize = 20;

/// Outcomes of the treated unit and of the donors, one figure a period.
#[derive(Clone, Debug)]
pub struct Panel<'a> {
    /// The treated unit, in time order.
    pub treated: &'a [f64],
    /// The donors, each over the same periods.
    pub donors: &'a [&'a [f64]],
    /// The periods matched, all before `start`.
    pub fit: Range<usize>,
    /// The first period with an effect.
    pub start: usize,
}

/// What the weights make alike.
#[derive(Clone, Debug, Default)]
pub enum Matching {
    /// The outcomes over [`Panel::fit`]. The default: convex, and no choice of predictors to argue
    /// about.
    #[default]
    Outcomes,
    /// Predictors, standardised by their standard deviation across units.
    Predictors {
        /// Their values.
        predictors: Predictors,
        /// How much each counts.
        importance: Importance,
    },
}

/// The mix of donors and how the treated unit differs from it.
#[derive(Clone, Debug, PartialEq)]
pub struct SyntheticControl {
    /// One weight a donor, each 0 or more, summing to 1.
    pub weights: Vec<f64>,
    /// Treated less synthetic, every period.
    pub gaps: Vec<f64>,
    /// Sum of squared gaps over the matched periods.
    pub ssr: f64,
    /// Mean squared gap over the matched periods.
    pub mspe_before: f64,
    /// Mean squared gap from the start on.
    pub mspe_after: f64,
    /// Mean gap from the start on: the average effect.
    pub average_effect: f64,
    /// How far the weights may be from the best ones, in squared units of what is matched; 0 up to
    /// rounding.
    pub kkt_gap: f64,
    /// No other weights match as well. Where false the effect may depend on an arbitrary choice.
    pub only_solution: bool,
    /// Fewer than 20 periods are matched, or fewer than there are donors: do not trust the fit or
    /// the placebo test without a reason from outside.
    pub short: bool,
    /// What each predictor counts, summing to 1; empty where outcomes are matched.
    pub importance: Vec<f64>,
    /// Σvₖ(x₁ₖ − Σwⱼxⱼₖ)² over standardised predictors; `None` where outcomes are matched.
    pub predictor_loss: Option<f64>,
}

/// Fit the synthetic control of `panel`.
///
/// Needs at least one donor, one matched period and one period from the start on. Values must be
/// finite: a donor with a hole is to be left out, or the hole filled, by someone who knows why.
pub fn fit(panel: &Panel, matching: &Matching) -> Result<SyntheticControl, Unanswerable> {
    panel.check()?;
    match matching {
        Matching::Outcomes => {
            let found = nearest(&panel.differences(panel.fit.clone()), 0.0)?;
            panel.control(found, Vec::new(), None)
        }
        Matching::Predictors {
            predictors,
            importance,
        } => {
            let found = predictors::match_on(panel, predictors, importance)?;
            panel.control(found.nearest, found.importance, Some(found.loss))
        }
    }
}

impl Panel<'_> {
    fn check(&self) -> Result<(), Unanswerable> {
        let periods = self.treated.len();
        if self.donors.is_empty() {
            return Err(too_few("donors", 0, 1));
        }
        if self.donors.iter().any(|donor| donor.len() != periods) {
            return Err(Unanswerable::Mismatched(
                "the treated unit and the donors need the same periods",
            ));
        }
        if self.fit.end > self.start {
            return Err(Unanswerable::Invalid(
                "matched periods lie before the start",
            ));
        }
        if self.fit.is_empty() {
            return Err(too_few("periods to match", 0, 1));
        }
        if self.start >= periods {
            return Err(too_few("periods from the start on", 0, 1));
        }
        let series = self.donors.iter().copied().chain([self.treated]);
        if !series.flatten().all(|value| value.is_finite()) {
            return Err(Unanswerable::Invalid("outcomes must be finite"));
        }
        Ok(())
    }

    /// Donor less treated, a row a period and a column a donor.
    fn differences(&self, periods: Range<usize>) -> DMatrix<f64> {
        DMatrix::from_fn(periods.len(), self.donors.len(), |row, donor| {
            let period = periods.start + row;
            self.donors[donor][period] - self.treated[period]
        })
    }

    fn gaps(&self, weights: &[f64]) -> Vec<f64> {
        let gap = |period: usize| {
            let parts = self.donors.iter().zip(weights);
            // Differences first: two large levels would hide a small gap.
            parts
                .map(|(donor, weight)| weight * (self.treated[period] - donor[period]))
                .sum()
        };
        (0..self.treated.len()).map(gap).collect()
    }

    fn control(
        &self,
        found: Nearest,
        importance: Vec<f64>,
        predictor_loss: Option<f64>,
    ) -> Result<SyntheticControl, Unanswerable> {
        let gaps = self.gaps(&found.weights);
        let (before, after) = (&gaps[self.fit.clone()], &gaps[self.start..]);
        let ssr: f64 = before.iter().map(|gap| gap * gap).sum();
        let control = SyntheticControl {
            ssr,
            mspe_before: ssr / before.len() as f64,
            mspe_after: after.iter().map(|gap| gap * gap).sum::<f64>() / after.len() as f64,
            average_effect: mean(after),
            kkt_gap: found.gap,
            only_solution: found.only,
            short: before.len() < ENOUGH.max(self.donors.len()),
            importance,
            predictor_loss,
            weights: found.weights,
            gaps,
        };
        let figures = [control.ssr, control.mspe_after, control.average_effect];
        if figures.iter().all(|figure| figure.is_finite()) {
            Ok(control)
        } else {
            Err(Unanswerable::Overflow)
        }
    }
}

fn too_few(what: &'static str, have: usize, need: usize) -> Unanswerable {
    Unanswerable::TooFew { what, have, need }
}
