//! Chi-squared tests of a vector of scores against its covariance.

use nalgebra::{DMatrix, SymmetricEigen};
use statrs::function::gamma::checked_gamma_ur;

use crate::Unanswerable;

/// A direction whose variance falls below this share of the largest has none.
const NOTHING: f64 = 1e-10;

/// A chi-squared statistic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChiSquared {
    /// The statistic, 0 or more.
    pub statistic: f64,
    /// Degrees of freedom.
    pub degrees: usize,
    /// Probability of a statistic at least as large if nothing is behind it.
    pub p: f64,
}

impl ChiSquared {
    pub(super) fn new(statistic: f64, degrees: usize) -> Self {
        let p = checked_gamma_ur(degrees as f64 / 2.0, statistic.max(0.0) / 2.0);
        // Refused only far out in the tail, or where 0 leaves everything above it.
        let beyond = if statistic > 0.0 { 0.0 } else { 1.0 };
        Self {
            statistic,
            degrees,
            p: p.unwrap_or(beyond),
        }
    }
}

/// zᵀV⁻z, with as many degrees of freedom as `covariance` has directions: scores that add up to 0
/// need no one of them to be dropped, and the order of groups cannot matter.
pub(super) fn score_test(
    scores: &[f64],
    covariance: &DMatrix<f64>,
) -> Result<ChiSquared, Unanswerable> {
    let scales: Vec<_> = covariance
        .diagonal()
        .iter()
        .map(|v| v.max(0.0).sqrt())
        .collect();
    let largest = scales.iter().copied().fold(0.0, f64::max);
    if !largest.is_finite() {
        return Err(Unanswerable::Overflow);
    }
    // Scores without variance say nothing; the others are put on one scale.
    let used: Vec<_> = (0..scores.len())
        .filter(|&i| scales[i] > NOTHING * largest)
        .collect();
    let unit = DMatrix::from_fn(used.len(), used.len(), |i, j| {
        covariance[(used[i], used[j])] / (scales[used[i]] * scales[used[j]])
    });
    if used.is_empty() || unit.iter().any(|value| !value.is_finite()) {
        return Err(Unanswerable::Constant);
    }
    let eigen = SymmetricEigen::new(unit);
    let top = eigen.eigenvalues.max();
    let (mut statistic, mut degrees) = (0.0, 0);
    for (value, vector) in eigen
        .eigenvalues
        .iter()
        .zip(eigen.eigenvectors.column_iter())
    {
        if *value > NOTHING * top {
            let along: f64 = vector
                .iter()
                .zip(&used)
                .map(|(v, &i)| v * scores[i] / scales[i])
                .sum();
            statistic += along * along / value;
            degrees += 1;
        }
    }
    if statistic.is_finite() {
        Ok(ChiSquared::new(statistic, degrees))
    } else {
        Err(Unanswerable::Overflow)
    }
}
