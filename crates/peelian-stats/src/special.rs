//! Tails and quantiles of the normal, t, F, gamma, chi-squared, beta and negative binomial
//! distributions.

use std::f64::consts::SQRT_2;

use statrs::function::beta::checked_beta_reg;
use statrs::function::erf::erfc_inv;
use statrs::function::gamma::{checked_gamma_lr, checked_gamma_ur, ln_gamma};

/// The largest whole number below which all are exact in a double.
const MOST_EXACT: f64 = 9_007_199_254_740_992.0;

/// Number of standard errors that leave `confidence` in the middle: 0.95 gives 1.959964.
/// `None` unless `confidence` lies strictly between 0 and 1.
pub(crate) fn normal_z(confidence: f64) -> Option<f64> {
    (confidence > 0.0 && confidence < 1.0).then(|| SQRT_2 * erfc_inv(1.0 - confidence))
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

/// Two-sided p-value of a standard normal.
pub(crate) fn normal_two_sided(z: f64) -> f64 {
    libm::erfc(z.abs() / SQRT_2)
}

/// Two-sided p-value of Student's t with `freedom` degrees of freedom; `None` where there is none.
pub(crate) fn student_t_two_sided(t: f64, freedom: f64) -> Option<f64> {
    if freedom.is_nan() || freedom <= 0.0 || t.is_nan() {
        return None;
    }
    checked_beta_reg(freedom / 2.0, 0.5, freedom / (freedom + t * t)).ok()
}

/// Probability of `count` events or more where they have this `mean` and variance
/// `dispersion`·mean: negative binomial, or Poisson at a dispersion of 1 or less.
pub(crate) fn negative_binomial_tail(mean: f64, dispersion: f64, count: f64) -> f64 {
    if count <= 0.0 {
        1.0
    } else if mean <= 0.0 {
        0.0
    } else if dispersion <= 1.0 {
        checked_gamma_lr(count, mean).unwrap_or(0.0)
    } else {
        let size = mean / (dispersion - 1.0);
        checked_beta_reg(count, size, 1.0 - 1.0 / dispersion).unwrap_or(0.0)
    }
}

/// The smallest whole number that leaves no more than 1 − `p` above it, under the distribution of
/// [`negative_binomial_tail`]. `None` where mean or dispersion is not finite or the answer beyond
/// 2^53.
pub(crate) fn negative_binomial_quantile(mean: f64, dispersion: f64, p: f64) -> Option<f64> {
    if !(mean >= 0.0 && dispersion.is_finite() && p > 0.0 && p < 1.0) {
        return None;
    }
    // Rounding must not push an answer that is just enough to the next number.
    let above = (1.0 - p) * (1.0 + 64.0 * f64::EPSILON);
    let enough = |count: f64| negative_binomial_tail(mean, dispersion, count + 1.0) <= above;
    let spread = (mean * dispersion.max(1.0)).sqrt();
    let guess = (mean + spread * SQRT_2 * erfc_inv(2.0 * (1.0 - p)))
        .max(0.0)
        .floor();
    if guess.is_nan() || guess >= MOST_EXACT {
        return None;
    }
    // Double a step until the answer is between, then halve.
    let (mut low, mut high, mut step) = (guess, guess, 1.0);
    while !enough(high) {
        low = high + 1.0;
        high += step;
        step *= 2.0;
        if high > MOST_EXACT {
            return None;
        }
    }
    while low > 0.0 && low == high {
        low = (low - step).max(0.0);
        if !enough(low) {
            low += 1.0;
            break;
        }
        high = low;
        step *= 2.0;
    }
    while low < high {
        let middle = f64::midpoint(low, high).floor();
        if enough(middle) {
            high = middle;
        } else {
            low = middle + 1.0;
        }
    }
    Some(high)
}

/// The share of a Beta(`a`, `b`) variable that lies in the `tail` of `x`, for `a`, `b` > 0.
///
/// The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), taken on
/// the side where it converges fast, in front of which stands the density by the saddle point, so
/// that parameters in the millions keep their digits.
pub(crate) fn beta_share(a: f64, b: f64, x: f64, tail: Tail) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        let below = if x <= 0.0 { 0.0 } else { 1.0 };
        return match tail {
            Tail::Lower => below,
            Tail::Upper => 1.0 - below,
        };
    }
    let left = x < (a + 1.0) / (a + b + 2.0);
    let power = beta_power(a, b, x);
    let small = if left {
        power * beta_fraction(a, b, x) / a
    } else {
        power * beta_fraction(b, a, 1.0 - x) / b
    };
    match (tail, left) {
        (Tail::Lower, true) | (Tail::Upper, false) => small,
        _ => 1.0 - small,
    }
}

/// xᵃ(1−x)ᵇ ÷ B(a, b): the density times x(1−x).
fn beta_power(a: f64, b: f64, x: f64) -> f64 {
    let n = a + b;
    // Γ(n) by Stirling with its error apart: what is large cancels on paper and not in rounding.
    let surprise = surprise(a, n * x) + surprise(b, n * (1.0 - x));
    let stirling = stirling_error(n) - stirling_error(a) - stirling_error(b);
    (a * (b / n) / std::f64::consts::TAU).sqrt() * (stirling - surprise).exp()
}

/// a·ln(a/m) − a + m, to full precision where the two are close.
fn surprise(a: f64, m: f64) -> f64 {
    let distance = (m - a) / a;
    if distance.abs() < 0.5 {
        a * (distance - distance.ln_1p())
    } else {
        a * (a / m).ln() - a + m
    }
}

/// ln Γ(x) less Stirling's (x − ½)·ln x − x + ½·ln 2π.
fn stirling_error(x: f64) -> f64 {
    if x < 16.0 {
        return ln_gamma(x) - ((x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln());
    }
    let square = x * x;
    (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - 1.0 / (1680.0 * square)) / square) / square) / x
}

/// The continued fraction by Lentz's method; about √(a + b) terms.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let kept_from_zero = |value: f64| {
        if value.abs() < f64::MIN_POSITIVE {
            f64::MIN_POSITIVE
        } else {
            value
        }
    };
    let mut c = 1.0;
    let mut d = 1.0 / kept_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    let mut m = 0.0;
    while m < 1e6 {
        m += 1.0;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / kept_from_zero(1.0 + term * d);
            c = kept_from_zero(1.0 + term / c);
            change = c * d;
            value *= change;
        }
        if (change - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    value
}

/// The x at which a Beta(`a`, `b`) variable has probability `p` in the `tail`, for `a`, `b` > 0 and
/// 0 < p < 1. Newton's method kept inside a bracket.
pub(crate) fn beta_quantile(a: f64, b: f64, p: f64, tail: Tail) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    let mut x = a / (a + b);
    for _ in 0..200 {
        // Grows with x whichever tail is asked for, and is 0 at the answer.
        let above = match tail {
            Tail::Lower => beta_share(a, b, x, tail) - p,
            Tail::Upper => p - beta_share(a, b, x, tail),
        };
        if above > 0.0 {
            high = x;
        } else {
            low = x;
        }
        let newton = x - above * x * (1.0 - x) / beta_power(a, b, x);
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

/// Probability that a standard normal is above `z`, exact far into the tail.
pub(crate) fn normal_upper_tail(z: f64) -> f64 {
    libm::erfc(z / SQRT_2) / 2.0
}

/// Number of standard errors that leave `confidence` in the middle of Student's t with `freedom`
/// degrees of freedom. `None` unless `confidence` lies strictly between 0 and 1 and `freedom`
/// above 0.
pub(crate) fn student_t_quantile(confidence: f64, freedom: f64) -> Option<f64> {
    let outside = 1.0 - confidence;
    let (mut low, mut high) = (0.0, normal_z(confidence)?);
    while student_t_two_sided(high, freedom)? > outside {
        low = high;
        high *= 2.0;
        if high.is_infinite() {
            return None;
        }
    }
    let half = f64::midpoint(freedom, 1.0);
    let log_scale =
        ln_gamma(half) - ln_gamma(freedom / 2.0) - 0.5 * (freedom * std::f64::consts::PI).ln();
    let mut t = high;
    // Newton's method kept inside a bracket, which halves at worst.
    for _ in 0..200 {
        let excess = student_t_two_sided(t, freedom)? - outside;
        if excess > 0.0 {
            low = t;
        } else {
            high = t;
        }
        let density = (log_scale - half * (t * t / freedom).ln_1p()).exp();
        let newton = t + excess / (2.0 * density);
        let next = if newton > low && newton < high {
            newton
        } else {
            f64::midpoint(low, high)
        };
        if (next - t).abs() <= 4.0 * f64::EPSILON * t {
            return Some(next);
        }
        t = next;
    }
    Some(t)
}

/// Probability of more than `f` under the F distribution; `None` where there is none.
pub(crate) fn f_upper(f: f64, first: f64, second: f64) -> Option<f64> {
    if f.is_nan() || f < 0.0 || !(first > 0.0 && second > 0.0) {
        return None;
    }
    checked_beta_reg(second / 2.0, first / 2.0, second / (second + first * f)).ok()
}

/// Probability of more than `x` under the chi-squared distribution; `None` where there is none.
pub(crate) fn chi_squared_upper(x: f64, freedom: f64) -> Option<f64> {
    if x == 0.0 && freedom > 0.0 {
        return Some(1.0);
    }
    checked_gamma_ur(freedom / 2.0, x / 2.0).ok()
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

    #[test]
    fn beta_quantiles_invert_the_distribution_far_into_both_tails() {
        for a in [0.5, 1.0, 3.0, 40.0, 25_000.0, 3e7] {
            for b in [0.5, 1.0, 9.0, 700.0, 1e6] {
                for p in [1e-9, 0.001, 0.025, 0.5] {
                    for tail in [Tail::Lower, Tail::Upper] {
                        let x = beta_quantile(a, b, p, tail);
                        // Where x is next to 1 its own rounding moves the share.
                        let rounding = 1e-14 * beta_power(a, b, x) / (1.0 - x);
                        let distance = (beta_share(a, b, x, tail) - p).abs();
                        assert!(distance < 1e-9 * p + rounding, "{a} {b} {p} {distance:e}");
                    }
                }
            }
        }
    }

    #[test]
    fn beta_shares_with_closed_forms_hold_to_thirteen_figures() {
        for x in [1e-6, 0.1, 0.5, 0.9] {
            let near = |ours: f64, exact: f64| assert!((ours / exact - 1.0).abs() < 1e-13);
            near(beta_share(1.0, 3.0, x, Tail::Upper), (1.0 - x).powi(3));
            near(beta_share(4.0, 1.0, x, Tail::Lower), x.powi(4));
            near(
                beta_share(2.0, 2.0, x, Tail::Lower),
                x * x * (3.0 - 2.0 * x),
            );
        }
        assert!((beta_share(1e8, 1e8, 0.5, Tail::Lower) - 0.5).abs() < 1e-10);
    }

    #[test]
    fn quantiles_of_student_t_agree_with_tables_and_closed_forms() {
        for (confidence, freedom, t) in [
            (0.95, 10.0, 2.228_138_851_964_939),
            (0.95, 1.0, 12.706_204_736_174_694),
            (0.99, 2.0, 9.924_843_200_918_291),
        ] {
            assert!((student_t_quantile(confidence, freedom).unwrap() / t - 1.0).abs() < 1e-10);
        }
        // z + (z³ + z)/4ν, the first term of Fisher's expansion.
        let z = normal_z(0.95).unwrap();
        let expected = z + (z.powi(3) + z) / 4e6;
        assert!((student_t_quantile(0.95, 1e6).unwrap() - expected).abs() < 1e-9);
        assert_eq!(student_t_quantile(0.95, 0.0), None);
        assert_eq!(student_t_quantile(1.0, 5.0), None);
    }

    #[test]
    fn f_and_chi_squared_tails_hold_their_closed_forms() {
        // With 2 degrees above, the F tail is (1 + 2f/d)^(-d/2); chi-squared with 2 is e^(-x/2).
        assert!((f_upper(3.0, 2.0, 10.0).unwrap() - 1.6_f64.powi(-5)).abs() < 1e-13);
        assert!((chi_squared_upper(3.0, 2.0).unwrap() - (-1.5_f64).exp()).abs() < 1e-13);
        let t = student_t_two_sided(2.5, 7.0).unwrap();
        assert!((f_upper(6.25, 1.0, 7.0).unwrap() - t).abs() < 1e-13);
        assert_eq!(f_upper(f64::NAN, 1.0, 7.0), None);
    }
}
