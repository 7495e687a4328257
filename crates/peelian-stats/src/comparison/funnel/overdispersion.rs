//! How much more units differ than chance explains.

use super::Trimming;
use super::scale::Score;
use crate::summary::quantile;

pub(super) struct Dispersion {
    pub(super) phi: f64,
    pub(super) tau2: f64,
    pub(super) overdispersed: bool,
}

/// `None` where the trimmed scores have no finite φ.
pub(super) fn measure(scores: &[Score], trimming: Trimming) -> Option<Dispersion> {
    let kept = trimmed(scores, trimming);
    let k = kept.len() as f64;
    let phi = kept.iter().map(|(z, _)| z * z).sum::<f64>() / k;
    if !phi.is_finite() {
        return None;
    }
    let excess = k * phi - (k - 1.0);
    let weights = kept
        .iter()
        .map(|(_, standard_error)| standard_error.powi(-2));
    let (sum, squares) = weights.fold((0.0, 0.0), |(sum, squares), w| (sum + w, squares + w * w));
    let tau2 = excess / (sum - squares / sum);
    let overdispersed = excess > 0.0 && tau2.is_finite() && tau2 > 0.0;
    Some(Dispersion {
        phi,
        tau2: if overdispersed { tau2 } else { 0.0 },
        overdispersed,
    })
}

/// The z-scores that φ is measured from, each with its standard error.
fn trimmed(scores: &[Score], trimming: Trimming) -> Vec<(f64, f64)> {
    let all: Vec<_> = scores
        .iter()
        .map(|score| (score.z(), score.standard_error))
        .collect();
    match trimming {
        Trimming::Winsorised(fraction) if fraction > 0.0 => winsorised(all, fraction.min(0.5)),
        Trimming::Truncated(fraction) if fraction > 0.0 => truncated(&all, fraction.min(0.5)),
        _ => all,
    }
}

fn winsorised(mut scores: Vec<(f64, f64)>, fraction: f64) -> Vec<(f64, f64)> {
    let sorted = sorted(&scores);
    let (low, high) = (
        quantile(&sorted, fraction),
        quantile(&sorted, 1.0 - fraction),
    );
    for (z, _) in &mut scores {
        *z = z.min(high).max(low);
    }
    scores
}

fn truncated(scores: &[(f64, f64)], fraction: f64) -> Vec<(f64, f64)> {
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
    scores.iter().copied().filter(|(z, _)| inner(*z)).collect()
}

fn sorted(scores: &[(f64, f64)]) -> Vec<f64> {
    let mut sorted: Vec<_> = scores.iter().map(|(z, _)| *z).collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}
