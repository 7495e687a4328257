//! Least squares for the methods that fit a line.

use nalgebra::{DMatrix, DVector};

use crate::Unanswerable;

/// Columns whose share of their own length left after the others are taken out falls below this
/// depend on them.
const DEPENDENT: f64 = 1e-10;

/// An ordinary least-squares fit.
#[derive(Clone, Debug)]
pub(crate) struct Fit {
    /// One coefficient a column.
    pub(crate) coefficients: DVector<f64>,
    /// y − Xβ.
    pub(crate) residuals: DVector<f64>,
    /// (XᵀX)⁻¹, the bread of every variance estimate.
    pub(crate) inverse: DMatrix<f64>,
}

/// Least squares of `y` on the columns of `x`, by QR of the columns scaled to unit length.
///
/// Refuses more columns than rows, values that are not finite and columns that depend on each
/// other.
pub(crate) fn least_squares(x: &DMatrix<f64>, y: &DVector<f64>) -> Result<Fit, Unanswerable> {
    let (rows, columns) = x.shape();
    if rows != y.len() {
        return Err(Unanswerable::Mismatched(
            "each row of the design needs one outcome",
        ));
    }
    if rows < columns || columns == 0 {
        return Err(Unanswerable::TooFew {
            what: "values",
            have: rows,
            need: columns.max(1),
        });
    }
    if x.iter().chain(y.iter()).any(|value| !value.is_finite()) {
        return Err(Unanswerable::Invalid("values must be finite"));
    }
    let lengths = DVector::from_iterator(columns, x.column_iter().map(|column| column.norm()));
    if lengths
        .iter()
        .any(|length| !(*length > 0.0 && length.is_finite()))
    {
        return Err(Unanswerable::Collinear);
    }
    let mut scaled = x.clone();
    for (mut column, length) in scaled.column_iter_mut().zip(&lengths) {
        column /= *length;
    }
    let qr = scaled.qr();
    let r = qr.r();
    if r.diagonal().iter().any(|pivot| pivot.abs() < DEPENDENT) {
        return Err(Unanswerable::Collinear);
    }
    let identity = DMatrix::identity(columns, columns);
    let inverse_r = r
        .solve_upper_triangular(&identity)
        .ok_or(Unanswerable::Collinear)?;
    let mut coefficients = &inverse_r * (qr.q().transpose() * y);
    coefficients.component_div_assign(&lengths);
    let mut inverse = &inverse_r * inverse_r.transpose();
    for (i, a) in lengths.iter().enumerate() {
        for (j, b) in lengths.iter().enumerate() {
            inverse[(i, j)] /= a * b;
        }
    }
    let residuals = y - x * &coefficients;
    if coefficients
        .iter()
        .chain(inverse.iter())
        .any(|value| !value.is_finite())
    {
        return Err(Unanswerable::Overflow);
    }
    Ok(Fit {
        coefficients,
        residuals,
        inverse,
    })
}

/// bread · meat · bread: the covariance of coefficients where errors are not alike or not
/// independent.
pub(crate) fn sandwich(bread: &DMatrix<f64>, meat: &DMatrix<f64>) -> DMatrix<f64> {
    let half = bread * meat;
    half * bread
}

/// Σ over rows t, u no further apart than `lag` of (1 − |t − u|/(lag + 1)) · sₜ sᵤᵀ: the meat that
/// allows for correlation in time, with Bartlett's weights, which keep it positive.
///
/// `scores` has a row a time (zeros where nothing was observed) and a column a coefficient.
/// Source: Newey and West, *Econometrica* 55 (1987) 703–708.
pub(crate) fn newey_west(scores: &DMatrix<f64>, lag: usize) -> DMatrix<f64> {
    let (rows, columns) = scores.shape();
    let mut meat = DMatrix::zeros(columns, columns);
    for apart in 0..=lag.min(rows.saturating_sub(1)) {
        let weight = 1.0 - apart as f64 / (lag as f64 + 1.0);
        let (early, late) = (
            scores.rows(0, rows - apart),
            scores.rows(apart, rows - apart),
        );
        let product = early.tr_mul(&late);
        if apart == 0 {
            meat += product;
        } else {
            meat += (&product + product.transpose()) * weight;
        }
    }
    meat
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_through_four_points() {
        let x = DMatrix::from_row_slice(4, 2, &[1.0, 0.0, 1.0, 1.0, 1.0, 2.0, 1.0, 3.0]);
        let fit = least_squares(&x, &DVector::from_row_slice(&[1.0, 3.0, 5.0, 7.0])).unwrap();
        assert!((fit.coefficients - DVector::from_row_slice(&[1.0, 2.0])).norm() < 1e-13);
        assert!((fit.inverse[(1, 1)] - 0.2).abs() < 1e-14);
        assert!(fit.residuals.norm() < 1e-13);
    }

    #[test]
    fn a_column_that_repeats_another_is_refused() {
        let x = DMatrix::from_row_slice(3, 2, &[1.0, 2.0, 1.0, 2.0, 1.0, 2.0]);
        let y = DVector::from_row_slice(&[1.0, 2.0, 3.0]);
        assert_eq!(least_squares(&x, &y).unwrap_err(), Unanswerable::Collinear);
    }

    #[test]
    fn correlation_in_time_is_weighted_down_with_distance() {
        let scores = DMatrix::from_column_slice(3, 1, &[1.0, 2.0, 3.0]);
        // 1 + 4 + 9, then 2 · ½ · (2 + 6) at lag 1 of 1; 2/3 and 1/3 at lags 1 and 2 of 2.
        assert!((newey_west(&scores, 0)[(0, 0)] - 14.0).abs() < 1e-14);
        assert!((newey_west(&scores, 1)[(0, 0)] - 22.0).abs() < 1e-14);
        assert!((newey_west(&scores, 2)[(0, 0)] - (14.0 + 32.0 / 3.0 + 2.0)).abs() < 1e-13);
    }
}
