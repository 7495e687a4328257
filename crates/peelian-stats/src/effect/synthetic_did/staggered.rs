//! Units that start at different times.

use rand::seq::SliceRandom;
use rayon::prelude::*;

use super::errors::{enough, spread};
use super::{Estimate, Method, Panel, Zeta};
use crate::Unanswerable;
use crate::random::stream;

/// The units that start in the same period.
#[derive(Clone, Debug, PartialEq)]
pub struct Cohort {
    /// Their first treated period.
    pub start: usize,
    /// How many they are.
    pub units: usize,
    /// Their effect against the units never treated.
    pub estimate: Estimate,
}

/// Effects of units that start at different times.
#[derive(Clone, Debug, PartialEq)]
pub struct Staggered {
    /// Mean over all treated units and periods: each cohort counts units × periods.
    pub effect: f64,
    /// By start, earliest first.
    pub cohorts: Vec<Cohort>,
}

/// Each cohort against the units never treated, and their mean.
///
/// `starts` has the first treated period of each unit, `None` for never. A cohort is compared with
/// the never treated alone: units treated earlier or later are no comparison while effects may
/// grow or fade (Clarke, Pailañir, Athey and Imbens, *Stata Journal* 24 (2024) 557–598). Fails where
/// any cohort's estimate does; see [`super::estimate`].
pub fn staggered(
    outcomes: &[&[f64]],
    starts: &[Option<usize>],
    method: Method,
) -> Result<Staggered, Unanswerable> {
    let design = Design::of(outcomes, starts)?;
    let cohorts: Result<Vec<Cohort>, _> = design
        .cohorts
        .iter()
        .map(|(start, units)| {
            let panel = design.panel(*start, units);
            panel.check()?;
            Ok(Cohort {
                start: *start,
                units: units.len(),
                estimate: panel.estimate(method, panel.zeta(method)?)?,
            })
        })
        .collect();
    let cohorts = cohorts?;
    let effects = cohorts.iter().map(|cohort| cohort.estimate.effect);
    Ok(Staggered {
        effect: design.average(effects),
        cohorts,
    })
}

/// Standard error of [`Staggered::effect`] from never-treated units put in the treated units'
/// place, with the same starts and the same ζ. Needs more units never treated than treated, and
/// two replications.
pub fn staggered_placebo_error(
    outcomes: &[&[f64]],
    starts: &[Option<usize>],
    method: Method,
    replications: usize,
    seed: u64,
) -> Result<f64, Unanswerable> {
    enough(replications)?;
    let design = Design::of(outcomes, starts)?;
    let treated: usize = design.cohorts.iter().map(|(_, units)| units.len()).sum();
    let never = design.never.len();
    if never <= treated {
        return Err(Unanswerable::TooFew {
            what: "units never treated",
            have: never,
            need: treated + 1,
        });
    }
    let zetas: Result<Vec<Zeta>, _> = design
        .cohorts
        .iter()
        .map(|(start, units)| {
            let panel = design.panel(*start, units);
            panel.check()?;
            panel.zeta(method)
        })
        .collect();
    let zetas = zetas?;
    let each = (0..replications as u64).into_par_iter().map(|replication| {
        let mut order = design.never.clone();
        order.shuffle(&mut stream(seed, replication));
        let (pseudo, rest) = order.split_at(treated);
        let mut left = pseudo;
        let mut effects = Vec::new();
        for ((start, units), zeta) in design.cohorts.iter().zip(&zetas) {
            let (own, others) = left.split_at(units.len());
            left = others;
            let panel = Panel {
                controls: rest,
                treated: own,
                before: *start,
            };
            effects.push(panel.estimate(method, *zeta)?.effect);
        }
        Ok(design.average(effects.into_iter()))
    });
    spread(&each.collect::<Result<Vec<f64>, _>>()?)
}

struct Design<'a> {
    never: Vec<&'a [f64]>,
    cohorts: Vec<(usize, Vec<&'a [f64]>)>,
    periods: usize,
}

impl<'a> Design<'a> {
    fn of(outcomes: &[&'a [f64]], starts: &[Option<usize>]) -> Result<Self, Unanswerable> {
        if outcomes.len() != starts.len() {
            return Err(Unanswerable::Mismatched(
                "each unit needs one start or none",
            ));
        }
        let mut times: Vec<usize> = starts.iter().flatten().copied().collect();
        times.sort_unstable();
        times.dedup();
        if times.is_empty() {
            return Err(Unanswerable::TooFew {
                what: "treated units",
                have: 0,
                need: 1,
            });
        }
        let of = |start: Option<usize>| -> Vec<&'a [f64]> {
            let own = outcomes
                .iter()
                .zip(starts)
                .filter(|(_, own)| **own == start);
            own.map(|(series, _)| *series).collect()
        };
        let cohorts = times
            .into_iter()
            .map(|start| (start, of(Some(start))))
            .collect();
        Ok(Self {
            never: of(None),
            cohorts,
            periods: outcomes.first().map_or(0, |series| series.len()),
        })
    }

    fn panel(&self, start: usize, units: &'a [&'a [f64]]) -> Panel<'_> {
        Panel {
            controls: &self.never,
            treated: units,
            before: start,
        }
    }

    fn average(&self, effects: impl Iterator<Item = f64>) -> f64 {
        let cells = self.cohorts.iter().map(|(start, units)| {
            let after = self.periods.saturating_sub(*start);
            (units.len() * after) as f64
        });
        let (sum, total) = effects
            .zip(cells)
            .fold((0.0, 0.0), |(sum, total), (effect, cells)| {
                (sum + effect * cells, total + cells)
            });
        sum / total
    }
}
