//! The same question asked of every donor, and of the treated unit without each donor.

use std::ops::Range;

use rayon::prelude::*;

use super::{Importance, Matching, Panel, Predictors, SyntheticControl, fit, too_few};
use crate::Unanswerable;
use crate::summary::mean;

/// A unit's fit and how much worse it got after the start.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// Mean squared gap after the start over that of the matched periods. Infinity where the match
    /// was exact: such a unit says nothing about what is usual.
    pub ratio: f64,
    /// Its synthetic control. Weights are in the order of [`Panel::donors`], a donor's own left out.
    pub control: SyntheticControl,
}

/// The placebo test in space.
#[derive(Clone, Debug, PartialEq)]
pub struct Placebos {
    /// The treated unit.
    pub treated: Ranked,
    /// Each donor as if it had been treated, compared with the other donors.
    pub donors: Vec<Ranked>,
    /// Share of all units, the treated one among them, with a ratio at least as large as its own.
    pub p_value: f64,
    /// The same for the size of the change of the mean gap, after less before, not divided by the
    /// fit. Recovery from bad luck shows here first: where few periods are matched and the treated
    /// unit stands apart in level, this calls nothing something several times as often as it says.
    pub p_value_of_change: f64,
    /// The least a p-value can be, 1/(donors + 1). With fewer than 19 donors no test at 5 % is
    /// possible.
    pub floor: f64,
    /// Few periods were matched; see [`SyntheticControl::short`]. Both p-values are then off, in
    /// either direction: `docs/methods/synthetic-control.md` shows by how much.
    pub short: bool,
}

/// Ask the same question of every donor, and rank the treated unit among them by how much worse
/// its fit became.
///
/// The p-value is that of a permutation test where any unit might have been the treated one. Units
/// are not drawn by lot in practice, so read it as a rank: "largest of 18" and not "5.6 %". Needs
/// two donors. Abadie, Diamond and Hainmueller (2010).
pub fn placebos(panel: &Panel, matching: &Matching) -> Result<Placebos, Unanswerable> {
    panel.check()?;
    let count = panel.donors.len();
    if count < 2 {
        return Err(too_few("donors", count, 2));
    }
    let ranked = |control: SyntheticControl, level: f64| Ranked {
        ratio: ratio(&control, level),
        control,
    };
    let level = size(panel);
    let treated = ranked(fit(panel, matching)?, level);
    let as_treated = |donor: usize| {
        let others: Vec<_> = others(panel.donors, donor);
        let placebo = Panel {
            treated: panel.donors[donor],
            donors: &others,
            ..panel.clone()
        };
        Ok(ranked(fit(&placebo, &matching.for_placebo(donor))?, level))
    };
    let donors: Result<Vec<Ranked>, _> = (0..count).into_par_iter().map(as_treated).collect();
    let donors = donors?;
    let all = count as f64 + 1.0;
    let share = |figure: &dyn Fn(&Ranked) -> f64| {
        let own = figure(&treated);
        let as_large = donors.iter().filter(|donor| figure(donor) >= own).count();
        (as_large as f64 + 1.0) / all
    };
    Ok(Placebos {
        p_value: share(&|unit| unit.ratio),
        p_value_of_change: share(&|unit| change(&unit.control, &panel.fit)),
        floor: 1.0 / all,
        short: treated.control.short,
        treated,
        donors,
    })
}

/// The effect without one of the donors.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftOut {
    /// The donor's index in [`Panel::donors`].
    pub donor: usize,
    /// The fit without it; weights are those of the others, in order.
    pub control: SyntheticControl,
}

/// Fit again without each donor that carries weight: an effect that hangs on one donor is that
/// donor's story. Needs two donors; donors with weight 0 would change nothing and are not tried.
pub fn leave_one_out(panel: &Panel, matching: &Matching) -> Result<Vec<LeftOut>, Unanswerable> {
    let whole = fit(panel, matching)?;
    if panel.donors.len() < 2 {
        return Err(too_few("donors", panel.donors.len(), 2));
    }
    let carries = whole.weights.iter().enumerate();
    let carries: Vec<usize> = carries
        .filter(|(_, weight)| **weight > 0.0)
        .map(|(donor, _)| donor)
        .collect();
    let without = |donor: usize| {
        let others = others(panel.donors, donor);
        let fewer = Panel {
            donors: &others,
            ..panel.clone()
        };
        let control = fit(&fewer, &matching.without(donor))?;
        Ok(LeftOut { donor, control })
    };
    carries.into_par_iter().map(without).collect()
}

impl Matching {
    /// The same question with this donor in the treated unit's place.
    fn for_placebo(&self, donor: usize) -> Self {
        self.altered(|predictors| Predictors {
            treated: predictors.donors[donor].clone(),
            donors: others(&predictors.donors, donor),
        })
    }

    fn without(&self, donor: usize) -> Self {
        self.altered(|predictors| Predictors {
            treated: predictors.treated.clone(),
            donors: others(&predictors.donors, donor),
        })
    }

    fn altered(&self, change: impl Fn(&Predictors) -> Predictors) -> Self {
        match self {
            Self::Outcomes => Self::Outcomes,
            Self::Predictors {
                predictors,
                importance,
            } => Self::Predictors {
                predictors: change(predictors),
                importance: Importance::clone(importance),
            },
        }
    }
}

fn others<T: Clone>(all: &[T], one: usize) -> Vec<T> {
    let (before, after) = all.split_at(one);
    before.iter().chain(&after[1..]).cloned().collect()
}

/// Largest outcome by size: gaps far below it are rounding.
fn size(panel: &Panel) -> f64 {
    let series = panel.donors.iter().copied().chain([panel.treated]);
    series
        .flatten()
        .fold(0.0, |most: f64, value| most.max(value.abs()))
}

fn change(control: &SyntheticControl, fit: &Range<usize>) -> f64 {
    (control.average_effect - mean(&control.gaps[fit.clone()])).abs()
}

fn ratio(control: &SyntheticControl, level: f64) -> f64 {
    let rounding = (1e-12 * level).powi(2);
    let exact = |mspe: f64| mspe <= rounding;
    match (exact(control.mspe_before), exact(control.mspe_after)) {
        (_, true) => 0.0,
        (true, false) => f64::INFINITY,
        (false, false) => control.mspe_after / control.mspe_before,
    }
}
