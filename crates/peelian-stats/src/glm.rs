//! Regression of counts with a log link, by iteratively reweighted least squares.

use nalgebra::{Cholesky, DMatrix, DVector};

use crate::Unanswerable;

/// Rounds after which the search is given up; five are usual.
const ROUNDS: usize = 50;
/// Relative change of the deviance at which the search ends.
const SETTLED: f64 = 1e-12;

/// A fitted Poisson (or quasi-Poisson) regression.
#[derive(Clone, Debug)]
pub(crate) struct CountFit {
    /// One coefficient a column, on the log scale.
    pub(crate) coefficients: DVector<f64>,
    /// Expected count of each row.
    pub(crate) fitted: Vec<f64>,
    /// (XᵀWX)⁻¹ with W = weight × fitted: the covariance of the coefficients where variance equals
    /// the mean; times [`CountFit::dispersion`] where it does not.
    pub(crate) inverse: DMatrix<f64>,
    /// Σ weight·(y − fitted)²/fitted ÷ (rows − columns), Pearson's estimate; 1 under Poisson.
    pub(crate) dispersion: f64,
    /// 2·Σ weight·(y·ln(y/fitted) − (y − fitted)).
    pub(crate) deviance: f64,
}

/// Regress counts `y` on the columns of `x`: ln E(y) = Xβ + offset, variance φ × mean ÷ weight.
///
/// Source: McCullagh and Nelder, *Generalized Linear Models* (1989) §2.5, §6.2. Refuses negative
/// or unfinished numbers, all counts zero, more columns than rows with weight, and dependent
/// columns.
pub(crate) fn count_regression(
    x: &DMatrix<f64>,
    y: &[f64],
    offset: Option<&[f64]>,
    weights: Option<&[f64]>,
) -> Result<CountFit, Unanswerable> {
    let (rows, columns) = x.shape();
    let fits = |slice: Option<&[f64]>| slice.is_none_or(|slice| slice.len() == rows);
    if y.len() != rows || !fits(offset) || !fits(weights) {
        return Err(Unanswerable::Mismatched(
            "each row of the design needs one count",
        ));
    }
    let finite = |value: &f64| value.is_finite();
    if !(x.iter().all(finite) && offset.is_none_or(|offset| offset.iter().all(finite))) {
        return Err(Unanswerable::Invalid("values must be finite"));
    }
    let plain = |value: &f64| value.is_finite() && *value >= 0.0;
    if !(y.iter().all(plain) && weights.is_none_or(|weights| weights.iter().all(plain))) {
        return Err(Unanswerable::Invalid(
            "counts and weights must be finite and 0 or more",
        ));
    }
    let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
    let shift = |row: usize| offset.map_or(0.0, |offset| offset[row]);
    let used = (0..rows).filter(|&row| weight(row) > 0.0).count();
    if used < columns || columns == 0 {
        return Err(Unanswerable::TooFew {
            what: "values",
            have: used,
            need: columns.max(1),
        });
    }
    if (0..rows).all(|row| y[row] == 0.0 || weight(row) == 0.0) {
        return Err(Unanswerable::TooFew {
            what: "events",
            have: 0,
            need: 1,
        });
    }

    let lengths: Vec<_> = x.column_iter().map(|column| column.norm()).collect();
    if lengths
        .iter()
        .any(|length| !(*length > 0.0 && length.is_finite()))
    {
        return Err(Unanswerable::Collinear);
    }
    // Rows side by side in memory, columns at unit length.
    let design: Vec<f64> = (0..rows)
        .flat_map(|row| (0..columns).map(move |column| (row, column)))
        .map(|(row, column)| x[(row, column)] / lengths[column])
        .collect();
    let row_of = |row: usize| &design[row * columns..(row + 1) * columns];

    let equations = |linear: &[f64], fitted: &[f64]| {
        let mut gram = DMatrix::zeros(columns, columns);
        let mut right = DVector::zeros(columns);
        for row in 0..rows {
            let w = weight(row) * fitted[row];
            let working = linear[row] - shift(row) + (y[row] - fitted[row]) / fitted[row];
            let values = row_of(row);
            for (i, a) in values.iter().enumerate() {
                let wa = w * a;
                right[i] += wa * working;
                for (j, b) in values[..=i].iter().enumerate() {
                    gram[(i, j)] += wa * b;
                }
            }
        }
        Ok((positive_definite(gram)?, right))
    };

    let mut linear: Vec<f64> = y.iter().map(|count| (count + 0.1).ln()).collect();
    let mut fitted: Vec<f64> = y.iter().map(|count| count + 0.1).collect();
    let mut deviance = f64::INFINITY;
    for _ in 0..ROUNDS {
        let (cholesky, right) = equations(&linear, &fitted)?;
        let mut coefficients = cholesky.solve(&right);
        for row in 0..rows {
            let value: f64 = row_of(row)
                .iter()
                .zip(coefficients.iter())
                .map(|(a, b)| a * b)
                .sum();
            linear[row] = value + shift(row);
            fitted[row] = linear[row]
                .clamp(-700.0, 700.0)
                .exp()
                .max(f64::MIN_POSITIVE);
        }
        let last = deviance;
        deviance = (0..rows)
            .map(|row| weight(row) * unit_deviance(y[row], fitted[row]))
            .sum();
        if !deviance.is_finite() {
            return Err(Unanswerable::Overflow);
        }
        if (last - deviance).abs() > SETTLED * (deviance.abs() + 0.1) {
            continue;
        }
        // The last round's equations were those of the fit before.
        let mut inverse = equations(&linear, &fitted)?.0.inverse();
        for (i, a) in lengths.iter().enumerate() {
            coefficients[i] /= a;
            for (j, b) in lengths.iter().enumerate() {
                inverse[(i, j)] /= a * b;
            }
        }
        let pearson: f64 = (0..rows)
            .map(|row| weight(row) * (y[row] - fitted[row]).powi(2) / fitted[row])
            .sum();
        let free = used - columns;
        return Ok(CountFit {
            coefficients,
            fitted,
            inverse,
            dispersion: if free > 0 { pearson / free as f64 } else { 1.0 },
            deviance,
        });
    }
    Err(Unanswerable::NoConvergence)
}

/// Twice the log-likelihood that a row falls short of its best possible.
pub(crate) fn unit_deviance(count: f64, fitted: f64) -> f64 {
    let surprise = if count > 0.0 {
        count * (count / fitted).ln()
    } else {
        0.0
    };
    2.0 * (surprise - (count - fitted))
}

fn positive_definite(gram: DMatrix<f64>) -> Result<Cholesky<f64, nalgebra::Dyn>, Unanswerable> {
    let diagonal = gram.diagonal();
    let cholesky = Cholesky::new(gram).ok_or(Unanswerable::Collinear)?;
    let pivots = cholesky.l_dirty().diagonal();
    let dependent = pivots
        .iter()
        .zip(diagonal.iter())
        .any(|(pivot, d)| pivot * pivot < 1e-13 * d);
    if dependent {
        Err(Unanswerable::Collinear)
    } else {
        Ok(cholesky)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_rate_is_the_sum_of_counts_over_the_sum_of_bases() {
        let x = DMatrix::from_element(3, 1, 1.0);
        let base = [10.0_f64, 20.0, 70.0].map(f64::ln);
        let fit = count_regression(&x, &[1.0, 0.0, 9.0], Some(&base), None).unwrap();
        assert!((fit.coefficients[0] - 0.1_f64.ln()).abs() < 1e-12);
        assert!((fit.inverse[(0, 0)] - 0.1).abs() < 1e-12);
    }

    #[test]
    fn two_groups_get_their_own_means() {
        let x = DMatrix::from_row_slice(4, 2, &[1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0]);
        let fit = count_regression(&x, &[2.0, 4.0, 9.0, 15.0], None, None).unwrap();
        assert!((fit.coefficients[0].exp() - 3.0).abs() < 1e-10);
        assert!((fit.coefficients[1].exp() - 4.0).abs() < 1e-10);
    }

    #[test]
    fn what_cannot_be_fitted_is_refused() {
        let twice = DMatrix::from_element(3, 2, 1.0);
        let fit = |y: &[f64]| count_regression(&twice, y, None, None).unwrap_err();
        assert_eq!(fit(&[1.0, 2.0, 3.0]), Unanswerable::Collinear);
        assert_eq!(
            fit(&[0.0; 3]),
            Unanswerable::TooFew {
                what: "events",
                have: 0,
                need: 1
            }
        );
        assert!(matches!(fit(&[1.0, -2.0, 3.0]), Unanswerable::Invalid(_)));
        assert!(matches!(fit(&[1.0]), Unanswerable::Mismatched(_)));
    }
}
