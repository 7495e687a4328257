//! How much more units differ than chance explains.

use super::Trimming;
use super::scale::Score;
use crate::Unanswerable;
use crate::summary::quantile;

pub(super) struct Dispersion {
    pub(super) phi: f64,
    pub(super) tau2: f64,
    pub(super) overdispersed: bool,
}

/// φ and τ² from scores and what trimming made of them, `None` where it left one out.
pub(super) fn measure(
    scores: &[Score],
    trimmed: &[Option<f64>],
) -> Result<Dispersion, Unanswerable> {
    let (mut kept, mut squares_of_z) = (0.0, 0.0);
    let (mut weights, mut squares_of_weights) = (0.0, 0.0);
    for (score, z) in scores.iter().zip(trimmed) {
        let Some(z) = z else { continue };
        if z.is_infinite() && score.distance.is_infinite() {
            return Err(Unanswerable::Invalid(
                "a unit without events has no place on a logarithmic scale: trim it away",
            ));
        }
        let weight = score.standard_error.powi(-2);
        kept += 1.0;
        squares_of_z += z * z;
        weights += weight;
        squares_of_weights += weight * weight;
    }
    if kept == 0.0 {
        return Err(Unanswerable::TooFew {
            what: "units after trimming",
            have: 0,
            need: 1,
        });
    }
    let phi = squares_of_z / kept;
    if !phi.is_finite() {
        return Err(Unanswerable::Overflow);
    }
    let excess = kept * phi - (kept - 1.0);
    let tau2 = excess / (weights - squares_of_weights / weights);
    let overdispersed = excess > 0.0 && tau2.is_finite() && tau2 > 0.0;
    Ok(Dispersion {
        phi,
        tau2: if overdispersed { tau2 } else { 0.0 },
        overdispersed,
    })
}

/// The z-scores that φ is measured from, one a unit.
pub(super) fn trimmed(scores: &[Score], trimming: Trimming) -> Vec<Option<f64>> {
    let all: Vec<_> = scores.iter().map(Score::z).collect();
    match trimming {
        Trimming::Winsorised(fraction) if fraction > 0.0 => winsorised(&all, fraction.min(0.5)),
        Trimming::Truncated(fraction) if fraction > 0.0 => truncated(&all, fraction.min(0.5)),
        _ => all.into_iter().map(Some).collect(),
    }
}

fn winsorised(scores: &[f64], fraction: f64) -> Vec<Option<f64>> {
    let sorted = sorted(scores);
    let (low, high) = (
        quantile(&sorted, fraction),
        quantile(&sorted, 1.0 - fraction),
    );
    let pulled_in = |z: &f64| Some(z.min(high).max(low));
    scores.iter().map(pulled_in).collect()
}

fn truncated(scores: &[f64], fraction: f64) -> Vec<Option<f64>> {
    let groups = 1.0 / fraction;
    let sorted = sorted(scores);
    let inner = |z: f64| {
        let below = sorted.partition_point(|other| *other < z);
        let through = sorted.partition_point(|other| *other <= z);
        // Tied scores share the mean of their ranks.
        let rank = f64::midpoint((below + 1) as f64, through as f64);
        let group = (rank * groups / (sorted.len() as f64 + 1.0)).floor();
        group > 0.0 && group < groups - 1.0
    };
    scores
        .iter()
        .map(|z| Some(*z).filter(|z| inner(*z)))
        .collect()
}

fn sorted(scores: &[f64]) -> Vec<f64> {
    let mut sorted = scores.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}
