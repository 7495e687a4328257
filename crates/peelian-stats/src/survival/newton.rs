//! The search for the coefficients that make the data likeliest.

use nalgebra::{Cholesky, DMatrix, DVector};

use crate::Unanswerable;

/// Rounds after which the search is given up; five are usual. A likelihood without a maximum
/// (a covariate that tells all events from all others) has steps that never shrink.
const ROUNDS: usize = 40;
/// Halvings of a step that made the likelihood worse.
const HALVINGS: usize = 30;
/// A step this small, in scaled units, is the last.
const SETTLED: f64 = 1e-8;
/// Share of a covariate's information left after the others are taken out, below which it depends
/// on them.
const DEPENDENT: f64 = 1e-8;

/// The likelihood at some coefficients.
#[derive(Clone, Debug)]
pub(super) struct Slope {
    pub(super) log_likelihood: f64,
    /// Its first derivatives.
    pub(super) score: DVector<f64>,
    /// Its second derivatives, negated.
    pub(super) information: DMatrix<f64>,
}

impl Slope {
    pub(super) fn new(columns: usize) -> Self {
        Self {
            log_likelihood: 0.0,
            score: DVector::zeros(columns),
            information: DMatrix::zeros(columns, columns),
        }
    }

    fn is_finite(&self) -> bool {
        self.log_likelihood.is_finite()
            && self.score.iter().all(|value| value.is_finite())
            && self.information.iter().all(|value| value.is_finite())
    }
}

/// The top of the likelihood.
pub(super) struct Maximum {
    pub(super) beta: Vec<f64>,
    /// Inverse of the information there.
    pub(super) inverse: DMatrix<f64>,
    /// At coefficients of 0, and at the top.
    pub(super) log_likelihood: [f64; 2],
    /// Score test of all coefficients being 0.
    pub(super) score_test: f64,
    pub(super) rounds: usize,
}

/// Climbs from 0 by Newton's method; `slope_at` fills in both halves of the information.
pub(super) fn climb(
    columns: usize,
    mut slope_at: impl FnMut(&[f64]) -> Slope,
) -> Result<Maximum, Unanswerable> {
    let mut beta = DVector::zeros(columns);
    let mut slope = slope_at(beta.as_slice());
    if !slope.is_finite() {
        return Err(Unanswerable::Overflow);
    }
    let null = slope.log_likelihood;
    let mut factor = positive(&slope.information).ok_or(Unanswerable::Collinear)?;
    let score_test = slope.score.dot(&factor.solve(&slope.score));
    for rounds in 1..=ROUNDS {
        let step = factor.solve(&slope.score);
        let size = step.amax();
        if size <= SETTLED * (1.0 + beta.amax()) {
            // One step more leaves the square of this.
            beta += step;
            slope = slope_at(beta.as_slice());
            factor = positive(&slope.information).ok_or(Unanswerable::NoConvergence)?;
            return Ok(Maximum {
                beta: beta.as_slice().to_vec(),
                inverse: factor.inverse(),
                log_likelihood: [null, slope.log_likelihood],
                score_test,
                rounds,
            });
        }
        let (next, at) = better(&beta, step, slope.log_likelihood, &mut slope_at)
            .ok_or(Unanswerable::NoConvergence)?;
        (beta, slope) = (next, at);
        factor = positive(&slope.information).ok_or(Unanswerable::NoConvergence)?;
    }
    Err(Unanswerable::NoConvergence)
}

/// The end of the step, or of its largest halving that does not make things worse.
fn better(
    beta: &DVector<f64>,
    mut step: DVector<f64>,
    before: f64,
    slope_at: &mut impl FnMut(&[f64]) -> Slope,
) -> Option<(DVector<f64>, Slope)> {
    let rounding = 1e-12 * before.abs();
    for _ in 0..HALVINGS {
        let next = beta + &step;
        let slope = slope_at(next.as_slice());
        if slope.is_finite() && slope.log_likelihood >= before - rounding {
            return Some((next, slope));
        }
        step /= 2.0;
    }
    None
}

/// The factor of a matrix that is clearly positive definite.
pub(super) fn positive(matrix: &DMatrix<f64>) -> Option<Cholesky<f64, nalgebra::Dyn>> {
    let diagonal = matrix.diagonal();
    let factor = Cholesky::new(matrix.clone())?;
    let clear = |(pivot, whole): (&f64, &f64)| pivot * pivot > DEPENDENT * whole;
    let pivots = factor.l_dirty().diagonal();
    pivots
        .iter()
        .zip(diagonal.iter())
        .all(clear)
        .then_some(factor)
}
