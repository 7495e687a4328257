//! Quantiles of the normal and gamma distributions.

use statrs::function::erf::erfc_inv;
use statrs::function::gamma::{checked_gamma_lr, checked_gamma_ur, ln_gamma};

/// Number of standard errors that leave `confidence` in the middle: 0.95 gives 1.959964.
/// `None` unless `confidence` lies strictly between 0 and 1.
pub(crate) fn normal_z(confidence: f64) -> Option<f64> {
    (confidence > 0.0 && confidence < 1.0)
        .then(|| std::f64::consts::SQRT_2 * erfc_inv(1.0 - confidence))
}

/// Probability that a standard normal lies within `z` of 0: the chi-squared distribution of z²
/// with one degree of freedom, which here is exact to more places than the error function.
pub(crate) fn normal_confidence(z: f64) -> f64 {
    let certain = if z == 0.0 { 0.0 } else { 1.0 };
    checked_gamma_lr(0.5, z * z / 2.0).unwrap_or(certain)
}

/// Which end of a distribution a probability is counted from. Small tails are computed directly:
/// one minus a number near one would lose their digits.
#[derive(Clone, Copy)]
pub(crate) enum Tail {
    Lower,
    Upper,
}

/// The x at which a gamma variable of this `shape` and rate 1 has probability `p` in the `tail`.
///
/// Newton's method kept inside a bracket; needs `shape` > 0 and 0 < p < 1. Half the chi-squared
/// quantile with 2·shape degrees of freedom is the same number.
pub(crate) fn gamma_quantile(shape: f64, p: f64, tail: Tail) -> f64 {
    // Grows with x whichever tail is asked for, and is 0 at the answer.
    let excess = |x: f64| match tail {
        Tail::Lower => checked_gamma_lr(shape, x).unwrap_or(0.0) - p,
        Tail::Upper => p - checked_gamma_ur(shape, x).unwrap_or(1.0),
    };
    let (mut low, mut high) = (0.0, shape.max(1.0));
    while excess(high) < 0.0 && high.is_finite() {
        low = high;
        high *= 2.0;
    }
    let mut x = f64::midpoint(low, high);
    // A bracket halves at worst, so 200 rounds pass the precision of a double.
    for _ in 0..200 {
        let above = excess(x);
        if above > 0.0 {
            high = x;
        } else {
            low = x;
        }
        let density = ((shape - 1.0) * x.ln() - x - ln_gamma(shape)).exp();
        let newton = x - above / density;
        let next = if newton > low && newton < high {
            newton
        } else {
            f64::midpoint(low, high)
        };
        if (next - x).abs() <= 4.0 * f64::EPSILON * x {
            return next;
        }
        x = next;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_normal_quantiles_hold_to_twelve_figures() {
        for (confidence, z) in [
            (0.95, 1.959_963_984_540_054),
            (0.998, 3.090_232_306_167_813_5),
            (0.5, 0.674_489_750_196_081_7),
        ] {
            assert!((normal_z(confidence).unwrap() - z).abs() < 1e-12);
            assert!((normal_confidence(z) - confidence).abs() < 1e-12);
        }
        assert_eq!(normal_z(1.0), None);
        assert_eq!(normal_z(f64::NAN), None);
    }

    #[test]
    fn gamma_quantiles_invert_the_distribution_far_into_both_tails() {
        for shape in [0.5, 1.0, 9.0, 11.0, 250.0, 40_000.0] {
            for p in [1e-9, 0.001, 0.025, 0.5] {
                let low = gamma_quantile(shape, p, Tail::Lower);
                let high = gamma_quantile(shape, p, Tail::Upper);
                assert!(
                    (checked_gamma_lr(shape, low).unwrap() / p - 1.0).abs() < 1e-7,
                    "{shape} {p}"
                );
                assert!(
                    (checked_gamma_ur(shape, high).unwrap() / p - 1.0).abs() < 1e-7,
                    "{shape} {p}"
                );
            }
        }
    }

    #[test]
    fn an_exponential_quantile_is_a_logarithm() {
        assert!((gamma_quantile(1.0, 0.025, Tail::Upper) - -(0.025_f64.ln())).abs() < 1e-13);
    }
}
