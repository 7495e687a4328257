//! What a regression says of one covariate.

use nalgebra::DMatrix;

use crate::special::normal_z;
use crate::{Interval, Unanswerable};

/// One covariate's part in a regression of hazards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coefficient {
    /// β: change of the log hazard with one unit of the covariate.
    pub estimate: f64,
    /// Standard error of `estimate`.
    pub standard_error: f64,
    /// exp β: the hazard is multiplied by this with each unit.
    pub ratio: f64,
    /// Interval for `ratio`, symmetric on the log scale.
    pub interval: Interval,
    /// estimate ÷ standard error.
    pub z: f64,
    /// Probability of a |z| at least as large if the covariate does nothing; two-sided.
    pub p: f64,
}

/// Coefficients with the errors on the diagonal of their `covariance`.
pub(super) fn coefficients(
    estimates: &[f64],
    covariance: &DMatrix<f64>,
    confidence: f64,
) -> Result<Vec<Coefficient>, Unanswerable> {
    let z = normal_z(confidence).ok_or(Unanswerable::Invalid(
        "confidence must lie strictly between 0 and 1",
    ))?;
    let one = |(index, &estimate): (usize, &f64)| {
        let error = covariance[(index, index)].sqrt();
        let standing = estimate / error;
        let coefficient = Coefficient {
            estimate,
            standard_error: error,
            ratio: estimate.exp(),
            interval: Interval {
                lower: (estimate - z * error).exp(),
                upper: (estimate + z * error).exp(),
            },
            z: standing,
            p: libm::erfc(standing.abs() / std::f64::consts::SQRT_2),
        };
        let written = error > 0.0 && standing.is_finite() && coefficient.ratio.is_finite();
        if written && coefficient.interval.upper.is_finite() {
            Ok(coefficient)
        } else {
            Err(Unanswerable::Overflow)
        }
    };
    estimates.iter().enumerate().map(one).collect()
}
