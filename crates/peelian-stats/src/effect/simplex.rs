//! The point of a polytope nearest to the origin: least squares with weights of 0 or more that sum
//! to 1.
//!
//! With Σw = 1, Aw − b = Σ wⱼ(aⱼ − b), so the weights that bring Aw closest to b are those of the
//! shortest vector in the convex hull of the points aⱼ − b. Solved by Wolfe's method (Wolfe,
//! *Mathematical Programming* 11 (1976) 128–149): finite, exact up to rounding, and at ease with
//! points that depend on each other, because it never holds more of them than are independent.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

use crate::Unanswerable;

/// A point whose slope falls short of the others' by less than this share of the rounding unit of
/// slopes is as good as they are.
const SLACK: f64 = 1e-15;
/// A vector whose squared length is this share of the largest is the origin itself.
const ZERO: f64 = 1e-28;
/// Points whose distance from the flat through the others is, squared, this share of the largest
/// squared length lie in it.
const FLAT: f64 = 1e-14;
/// A solution whose gap is larger than this share of the largest squared length is none.
const SOLVED: f64 = 1e-10;
/// Off-support points with more slope than this (the same share) are certain to stay off it.
const APART: f64 = 1e-10;
/// Rounds of correction on the final support.
const POLISH: usize = 3;

/// Weights of the shortest vector.
#[derive(Clone, Debug)]
pub(crate) struct Nearest {
    /// One weight a point, 0 or more, summing to 1.
    pub(crate) weights: Vec<f64>,
    /// Squared length of the vector, with the ridge's share.
    pub(crate) loss: f64,
    /// Bound on how far `loss` lies above the least possible: 2·(g·w − min g) for the half
    /// gradient g.
    pub(crate) gap: f64,
    /// No other weights do as well.
    pub(crate) only: bool,
}

/// Weights w minimising ‖points·w‖² + ridge·‖w‖² over w ≥ 0, Σw = 1; one point a column.
pub(crate) fn nearest(points: &DMatrix<f64>, ridge: f64) -> Result<Nearest, Unanswerable> {
    if points.ncols() == 0 {
        return Err(Unanswerable::TooFew {
            what: "units to compare with",
            have: 0,
            need: 1,
        });
    }
    let size = points
        .iter()
        .fold(0.0_f64, |most, value| most.max(value.abs()));
    if points.iter().any(|value| !value.is_finite()) || !ridge.is_finite() {
        return Err(Unanswerable::Overflow);
    }
    // Brought to size 1 so that squares neither overflow nor vanish.
    let size = size.max(ridge.max(0.0).sqrt()).max(f64::MIN_POSITIVE);
    let scaled = points / size;
    let solved = Search::new(&scaled, ridge / size / size).run()?;
    let square = size * size;
    Ok(Nearest {
        loss: solved.loss * square,
        gap: solved.gap * square,
        ..solved
    })
}

struct Search<'a> {
    points: &'a DMatrix<f64>,
    ridge: f64,
    gram: DMatrix<f64>,
    /// Largest squared length of a point: the scale of every tolerance.
    scale: f64,
    support: Vec<usize>,
    weights: Vec<f64>,
}

impl<'a> Search<'a> {
    fn new(points: &'a DMatrix<f64>, ridge: f64) -> Self {
        let mut gram = points.tr_mul(points);
        for i in 0..gram.nrows() {
            gram[(i, i)] += ridge;
        }
        let diagonal = gram.diagonal();
        Self {
            points,
            ridge,
            scale: diagonal.max().max(f64::MIN_POSITIVE),
            support: vec![diagonal.imin()],
            weights: vec![1.0],
            gram,
        }
    }

    fn run(mut self) -> Result<Nearest, Unanswerable> {
        let n = self.gram.nrows();
        let mut slope = self.slope();
        let mut level = self.level(&slope);
        for _ in 0..100 + 50 * n {
            let rounding = SLACK * (level.max(0.0) * self.scale).sqrt();
            let lowest = (0..n)
                .filter(|j| !self.support.contains(j))
                .min_by(|a, b| slope[*a].total_cmp(&slope[*b]));
            let lowest = lowest.filter(|j| slope[*j] < level - rounding);
            let Some(lowest) = lowest.filter(|_| level > ZERO * self.scale) else {
                break;
            };
            let before = (self.support.clone(), self.weights.clone());
            self.support.push(lowest);
            self.weights.push(0.0);
            let settled = self.settle();
            slope = self.slope();
            // In exact arithmetic every turn is shorter than the last. What is not is rounding.
            let gain = level - self.level(&slope);
            if gain <= 0.0 {
                (self.support, self.weights) = before;
                break;
            }
            if !settled {
                break;
            }
            level -= gain;
        }
        self.polish();
        self.finish()
    }

    /// Half the gradient, from the points themselves: G has lost half the figures by squaring.
    fn slope(&self) -> DVector<f64> {
        let mut slope = self.points.tr_mul(&self.vector());
        for (j, weight) in self.support.iter().zip(&self.weights) {
            slope[*j] += self.ridge * weight;
        }
        slope
    }

    /// w·slope, the slope that every supported point has at the answer.
    fn level(&self, slope: &DVector<f64>) -> f64 {
        let parts = self.support.iter().zip(&self.weights);
        parts.map(|(j, weight)| weight * slope[*j]).sum()
    }

    /// Moves to the shortest vector of the flat through the supported points, giving up points on
    /// the way whose weight would turn negative. False where the newest point brings nothing.
    fn settle(&mut self) -> bool {
        let newest = self.support.last().copied();
        loop {
            let Some(factor) = self.factor() else {
                self.drop_last();
                return false;
            };
            let mut aim = factor.solve(&DVector::from_element(self.support.len(), 1.0));
            aim /= aim.sum();
            if !aim.iter().all(|weight| weight.is_finite()) {
                self.drop_last();
                return false;
            }
            let blocked = |(weight, aim): (&f64, &f64)| {
                (*aim <= 0.0).then(|| {
                    if *weight > *aim {
                        weight / (weight - aim)
                    } else {
                        0.0
                    }
                })
            };
            let step = self.weights.iter().zip(&aim).filter_map(blocked);
            let Some(step) = step.min_by(f64::total_cmp) else {
                self.weights = aim.iter().copied().collect();
                return true;
            };
            let mut kept = (Vec::new(), Vec::new());
            for ((j, weight), aim) in self.support.iter().zip(&self.weights).zip(&aim) {
                let moved = weight + step * (aim - weight);
                let stops = *aim <= 0.0 && moved <= f64::EPSILON;
                if !stops {
                    kept.0.push(*j);
                    kept.1.push(moved.max(0.0));
                }
            }
            if kept.0.len() == self.support.len() {
                self.drop_last();
                return false;
            }
            (self.support, self.weights) = kept;
            if self.support.is_empty() {
                self.support.extend(newest);
                self.weights.push(1.0);
                return false;
            }
            if step == 0.0 && self.support.last().copied() != newest {
                return false;
            }
        }
    }

    fn drop_last(&mut self) {
        if self.support.len() > 1 {
            self.support.pop();
            self.weights.pop();
        }
    }

    /// Factor of G + s·11ᵀ on the support. The shortest vector of the flat has Gw in proportion to
    /// 1, hence (G + s·11ᵀ)w too, and the sum is positive definite where G alone need not be.
    fn factor(&self) -> Option<Cholesky<f64, Dyn>> {
        let k = self.support.len();
        let support = &self.support;
        let sum = |a, b| self.gram[(support[a], support[b])] + self.scale;
        let factor = Cholesky::new(DMatrix::from_fn(k, k, sum))?;
        let apart = |pivot: &f64| pivot * pivot > FLAT * self.scale;
        factor
            .l_dirty()
            .diagonal()
            .iter()
            .all(apart)
            .then_some(factor)
    }

    /// Newton steps on the support.
    fn polish(&mut self) {
        let total: f64 = self.weights.iter().sum();
        for weight in &mut self.weights {
            *weight /= total;
        }
        let Some(factor) = self.factor() else { return };
        let across = factor.solve(&DVector::from_element(self.support.len(), 1.0));
        for _ in 0..POLISH {
            let slope = self.slope();
            let here = self.support.iter().map(|j| slope[*j]);
            let down = factor.solve(&DVector::from_iterator(self.support.len(), here));
            let step = &across * (down.sum() / across.sum()) - down;
            let moved = self
                .weights
                .iter()
                .zip(&step)
                .map(|(weight, step)| weight + step);
            let moved: Vec<f64> = moved.collect();
            if moved.iter().any(|weight| weight.is_nan() || *weight <= 0.0) {
                return;
            }
            self.weights = moved;
        }
    }

    fn vector(&self) -> DVector<f64> {
        let mut vector = DVector::zeros(self.points.nrows());
        for (j, weight) in self.support.iter().zip(&self.weights) {
            vector.axpy(*weight, &self.points.column(*j), 1.0);
        }
        vector
    }

    fn finish(self) -> Result<Nearest, Unanswerable> {
        let slope = self.slope();
        let level = self.level(&slope);
        let gap = 2.0 * (level - slope.min()).max(0.0);
        if gap.is_nan() || gap > SOLVED * self.scale {
            return Err(Unanswerable::NoConvergence);
        }
        let apart = |j: usize| self.support.contains(&j) || slope[j] > level + APART * self.scale;
        let only = (0..slope.len()).all(apart);
        let mut weights = vec![0.0; slope.len()];
        for (j, weight) in self.support.iter().zip(&self.weights) {
            weights[*j] = *weight;
        }
        let ridge: f64 = self.weights.iter().map(|weight| weight * weight).sum();
        Ok(Nearest {
            weights,
            loss: self.vector().norm_squared() + self.ridge * ridge,
            gap,
            only,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_point_of_a_segment_is_its_foot() {
        let points = DMatrix::from_column_slice(2, 2, &[1.0, 1.0, 3.0, -1.0]);
        let found = nearest(&points, 0.0).unwrap();
        assert!((found.weights[0] - 1.0).abs() < 1e-15);
        let points = DMatrix::from_column_slice(2, 3, &[1.0, 3.0, 1.0, -1.0, 9.0, 9.0]);
        let found = nearest(&points, 0.0).unwrap();
        assert!((found.weights[0] - 0.25).abs() < 1e-15 && (found.loss - 1.0).abs() < 1e-15);
        assert!(found.only && found.gap < 1e-15);
    }

    #[test]
    fn a_ridge_spreads_the_weight_evenly_over_equal_points() {
        let points = DMatrix::from_element(3, 4, 2.0);
        let found = nearest(&points, 1e-6).unwrap();
        assert!(
            found
                .weights
                .iter()
                .all(|weight| (weight - 0.25).abs() < 1e-8)
        );
        assert!(found.only);
    }

    #[test]
    fn two_equal_points_have_no_single_answer() {
        let points = DMatrix::from_column_slice(2, 3, &[1.0, 1.0, 1.0, 1.0, 5.0, 4.0]);
        let found = nearest(&points, 0.0).unwrap();
        assert!(!found.only && (found.loss - 2.0).abs() < 1e-15);
    }
}
