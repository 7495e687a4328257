//! How much each case pulls at the coefficients, and the errors that follow.

use nalgebra::{DMatrix, DVector};

use crate::Unanswerable;
use crate::survival::cases::ONE_EACH;

use super::Ties;
use super::risk::{Moment, RiskSets};

/// What one time with events contributes to the expected part of every residual.
struct Expected {
    time: f64,
    block: usize,
    /// Mean covariates of those who faced the risk, averaged over the events of the time.
    mean: Vec<f64>,
    /// For a case that is there throughout: hazard, and hazard × mean covariates.
    all: Pull,
    /// For one of the events of the time, whose risk wanes as the others happen.
    tied: Pull,
}

#[derive(Clone)]
struct Pull {
    hazard: f64,
    first: Vec<f64>,
}

impl Expected {
    fn of(moment: &Moment<'_>, count: usize) -> Self {
        let s = moment.shares;
        let mix = |r_times: f64, e_times: f64| -> Vec<f64> {
            let pairs = moment.at_risk.first.iter().zip(&moment.events.first);
            pairs.map(|(r, e)| r_times * r - e_times * e).collect()
        };
        let d = count as f64;
        Self {
            time: moment.time,
            block: moment.block,
            mean: mix(s.h / d, s.ha / d),
            all: Pull {
                hazard: s.h,
                first: mix(s.q, s.qa),
            },
            tied: Pull {
                hazard: s.h - s.ha,
                first: mix(s.q - s.qa, s.qa - s.qaa),
            },
        }
    }
}

impl RiskSets {
    /// Score residuals by row, side by side; they add up to the score.
    pub(super) fn residuals(&self, beta: &[f64], ties: Ties) -> Vec<f64> {
        let p = self.design.columns;
        let mut steps = Vec::new();
        self.slope(beta, ties, |moment| {
            let block = self.blocks[moment.block];
            steps.push(Expected::of(moment, block.open - block.start));
        });
        steps.reverse();
        let mut risks = Vec::new();
        self.design.risks(beta, &mut risks);
        let mut residuals = vec![0.0; risks.len() * p];
        let mut take = |row: usize, pull: &Pull, sign: f64| {
            let values = self.design.row(row).iter().zip(&pull.first);
            let weight = sign * risks[row];
            for (sum, (x, first)) in residuals[row * p..].iter_mut().zip(values) {
                *sum -= weight * (x * pull.hazard - first);
            }
        };

        let mut so_far = Pull {
            hazard: 0.0,
            first: vec![0.0; p],
        };
        let mut history = vec![so_far.clone()];
        let mut next = steps.iter().peekable();
        for (index, block) in self.blocks.iter().enumerate() {
            let here = next.next_if(|step| step.block == index);
            for row in block.start..block.open {
                take(row, &so_far, 1.0);
            }
            if let Some(here) = here {
                for row in block.start..block.open {
                    take(row, &here.tied, 1.0);
                }
                so_far.hazard += here.all.hazard;
                for (sum, first) in so_far.first.iter_mut().zip(&here.all.first) {
                    *sum += first;
                }
                history.push(so_far.clone());
            }
            for row in block.open..block.end {
                take(row, &so_far, 1.0);
            }
        }
        for &(entry, row) in &self.entries {
            let before = steps.partition_point(|step| step.time <= entry);
            take(row as usize, &history[before], -1.0);
        }
        for step in &steps {
            let block = self.blocks[step.block];
            for row in block.start..block.open {
                let values = self.design.row(row).iter().zip(&step.mean);
                for (sum, (x, mean)) in residuals[row * p..].iter_mut().zip(values) {
                    *sum += x - mean;
                }
            }
        }
        residuals
    }

    /// I⁻¹·(Σ uuᵀ)·I⁻¹ with u the residuals of a case, or added up within a cluster.
    pub(super) fn sandwich(
        &self,
        beta: &[f64],
        ties: Ties,
        inverse: &DMatrix<f64>,
        clusters: Option<&[usize]>,
    ) -> Result<DMatrix<f64>, Unanswerable> {
        let p = self.design.columns;
        let residuals = self.residuals(beta, ties);
        let meat = match clusters {
            None => meat(residuals.chunks_exact(p), p),
            Some(clusters) => {
                let sums = by_cluster(&residuals, p, &self.order, clusters)?;
                meat(sums.chunks_exact(p), p)
            }
        };
        Ok(inverse * meat * inverse)
    }
}

fn meat<'a>(pulls: impl Iterator<Item = &'a [f64]>, p: usize) -> DMatrix<f64> {
    let mut meat = DMatrix::zeros(p, p);
    for pull in pulls {
        let pull = DVector::from_column_slice(pull);
        meat.ger(1.0, &pull, &pull, 1.0);
    }
    meat
}

/// Residuals added up within clusters, in the order of the clusters' numbers.
fn by_cluster(
    residuals: &[f64],
    p: usize,
    order: &[u32],
    clusters: &[usize],
) -> Result<Vec<f64>, Unanswerable> {
    if clusters.len() != order.len() {
        return Err(ONE_EACH);
    }
    let mut numbers = clusters.to_vec();
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.len() < 2 {
        return Err(Unanswerable::TooFew {
            what: "clusters",
            have: numbers.len(),
            need: 2,
        });
    }
    let mut sums = vec![0.0; numbers.len() * p];
    for (&case, pull) in order.iter().zip(residuals.chunks_exact(p)) {
        let place = numbers.partition_point(|&number| number < clusters[case as usize]);
        for (sum, pull) in sums[place * p..].iter_mut().zip(pull) {
            *sum += pull;
        }
    }
    Ok(sums)
}
