//! Standard errors of the estimate.

use rand::Rng;
use rand::seq::SliceRandom;
use rayon::prelude::*;

use super::{Method, Panel, Weights, Zeta};
use crate::Unanswerable;
use crate::random::stream;
use crate::summary::mean;

/// Standard error from controls put in the treated units' place.
///
/// Each replication draws as many controls as there are treated units, treats them as such and fits
/// the weights again, with ζ as it was. Where one unit is treated and there are no more controls
/// than `replications`, each control is taken once instead: the answer is then exact and does not
/// depend on the seed. The only error there is for one treated unit; assumes that controls vary as
/// treated units do. Needs more controls than treated units, and two replications.
pub fn placebo_error(
    panel: &Panel,
    method: Method,
    replications: usize,
    seed: u64,
) -> Result<f64, Unanswerable> {
    panel.check()?;
    enough(replications)?;
    let (controls, treated) = (panel.controls.len(), panel.treated.len());
    if controls <= treated {
        return Err(Unanswerable::TooFew {
            what: "controls",
            have: controls,
            need: treated + 1,
        });
    }
    let zeta = panel.zeta(method)?;
    let effect = |order: &[usize]| {
        let (pseudo, rest) = order.split_at(treated);
        Ok(panel
            .chosen(rest, pseudo, panel.controls)
            .estimate(method, zeta)?
            .effect)
    };
    if treated == 1 && controls <= replications {
        let each = (0..controls).into_par_iter().map(|one| {
            let rest = (0..controls).filter(|other| *other != one);
            effect(&[one].into_iter().chain(rest).collect::<Vec<_>>())
        });
        return spread(&each.collect::<Result<Vec<f64>, _>>()?);
    }
    let each = (0..replications as u64).into_par_iter().map(|replication| {
        let mut order: Vec<usize> = (0..controls).collect();
        order.shuffle(&mut stream(seed, replication));
        effect(&order)
    });
    spread(&each.collect::<Result<Vec<f64>, _>>()?)
}

/// Standard error from leaving out each unit in turn, with the weights as they are.
///
/// √((n − 1)/n·Σ(τ₋ᵢ − τ̄)²) over all n units. Needs two treated units and two controls with
/// weight: leaving out the only one leaves nothing.
pub fn jackknife_error(panel: &Panel, method: Method) -> Result<f64, Unanswerable> {
    panel.check()?;
    let zeta = panel.zeta(method)?;
    let weights = panel.weights(method, zeta)?;
    let (controls, treated) = (panel.controls.len(), panel.treated.len());
    let weighty = weights.units.iter().filter(|weight| **weight > 0.0).count();
    let have = treated.min(weighty);
    if have < 2 {
        return Err(Unanswerable::TooFew {
            what: "treated units and controls with weight",
            have,
            need: 2,
        });
    }
    let without = |unit: usize| {
        let controls: Vec<usize> = (0..controls).filter(|one| *one != unit).collect();
        let treated = (controls.len()..).zip(panel.treated);
        let treated: Vec<_> = treated.map(|(_, series)| *series).collect();
        let treated: Vec<&[f64]> = treated
            .into_iter()
            .enumerate()
            .filter(|(one, _)| Some(*one) != unit.checked_sub(panel.controls.len()))
            .map(|(_, series)| series)
            .collect();
        let kept: Vec<&[f64]> = controls.iter().map(|one| panel.controls[*one]).collect();
        let units: Vec<f64> = controls.iter().map(|one| weights.units[*one]).collect();
        let rest = Panel {
            controls: &kept,
            treated: &treated,
            before: panel.before,
        };
        let weights = Weights {
            units: shares(units),
            periods: weights.periods.clone(),
        };
        Ok(rest.weighted(weights, zeta)?.effect)
    };
    let n = controls + treated;
    let effects: Result<Vec<f64>, _> = (0..n).map(without).collect();
    Ok(spread(&effects?)? * (n as f64 - 1.0).sqrt())
}

/// Standard error from drawing units with replacement and fitting the weights again, with ζ as it
/// was. Draws without a treated unit or without a control are drawn again. Needs two treated units
/// (with one, every draw repeats it) and two replications.
pub fn bootstrap_error(
    panel: &Panel,
    method: Method,
    replications: usize,
    seed: u64,
) -> Result<f64, Unanswerable> {
    panel.check()?;
    enough(replications)?;
    let (controls, treated) = (panel.controls.len(), panel.treated.len());
    if treated < 2 || controls < 2 {
        return Err(Unanswerable::TooFew {
            what: "treated units and controls",
            have: treated.min(controls),
            need: 2,
        });
    }
    let zeta = panel.zeta(method)?;
    let each = (0..replications as u64).into_par_iter().map(|replication| {
        let mut random = stream(seed, replication);
        loop {
            let draws = (0..controls + treated).map(|_| random.random_range(0..controls + treated));
            let (kept, pseudo): (Vec<usize>, Vec<usize>) = draws.partition(|unit| *unit < controls);
            if kept.is_empty() || pseudo.is_empty() {
                continue;
            }
            let pseudo: Vec<usize> = pseudo.into_iter().map(|unit| unit - controls).collect();
            let drawn = panel.chosen(&kept, &pseudo, panel.treated);
            return Ok(drawn.estimate(method, zeta)?.effect);
        }
    });
    spread(&each.collect::<Result<Vec<f64>, _>>()?)
}

/// A panel of some of the units.
pub(super) struct Chosen<'a> {
    controls: Vec<&'a [f64]>,
    treated: Vec<&'a [f64]>,
    before: usize,
}

impl Chosen<'_> {
    fn estimate(&self, method: Method, zeta: Zeta) -> Result<super::Estimate, Unanswerable> {
        let panel = Panel {
            controls: &self.controls,
            treated: &self.treated,
            before: self.before,
        };
        panel.estimate(method, zeta)
    }
}

impl<'a> Panel<'a> {
    /// These controls, and these of `pool` as treated.
    fn chosen(&self, controls: &[usize], treated: &[usize], pool: &[&'a [f64]]) -> Chosen<'a> {
        Chosen {
            controls: controls.iter().map(|unit| self.controls[*unit]).collect(),
            treated: treated.iter().map(|unit| pool[*unit]).collect(),
            before: self.before,
        }
    }
}

pub(super) fn enough(replications: usize) -> Result<(), Unanswerable> {
    if replications < 2 {
        return Err(Unanswerable::TooFew {
            what: "replications",
            have: replications,
            need: 2,
        });
    }
    Ok(())
}

fn shares(sizes: Vec<f64>) -> Vec<f64> {
    let total: f64 = sizes.iter().sum();
    sizes.into_iter().map(|size| size / total).collect()
}

/// Standard deviation with divisor n.
pub(super) fn spread(effects: &[f64]) -> Result<f64, Unanswerable> {
    let centre = mean(effects);
    let squares: f64 = effects.iter().map(|effect| (effect - centre).powi(2)).sum();
    let spread = (squares / effects.len() as f64).sqrt();
    if spread.is_finite() {
        Ok(spread)
    } else {
        Err(Unanswerable::Overflow)
    }
}
