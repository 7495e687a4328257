//! Weights from a Frank–Wolfe search that stops early, for comparison with programs that do so.

use nalgebra::{DMatrix, DVector};

/// Steps before small weights are dropped, and after.
const STEPS: [usize; 2] = [100, 10_000];
/// A step that gains less than the square of this share of σ is the last.
const GAIN: f64 = 1e-5;

/// Weights of the columns that bring their mean near to 0: a short search from equal weights, then
/// one from the weights larger than a quarter of the largest.
pub(super) fn weights(distances: &DMatrix<f64>, zeta: f64, sigma: f64) -> Vec<f64> {
    let n = distances.ncols();
    let gain = (GAIN * sigma).powi(2);
    let equal = DVector::from_element(n, 1.0 / n as f64);
    let first = search(distances, zeta, gain, equal, STEPS[0]);
    let least = first.max() / 4.0;
    let kept = first.map(|weight| if weight <= least { 0.0 } else { weight });
    let kept = &kept / kept.sum();
    search(distances, zeta, gain, kept, STEPS[1])
        .iter()
        .copied()
        .collect()
}

/// Frank and Wolfe (*Naval Research Logistics Quarterly* 3 (1956) 95–110) with the best step each
/// time.
fn search(
    distances: &DMatrix<f64>,
    zeta: f64,
    gain: f64,
    mut weights: DVector<f64>,
    steps: usize,
) -> DVector<f64> {
    let rows = distances.nrows() as f64;
    let ridge = zeta * zeta * rows;
    let mut distance = distances * &weights;
    let mut last = f64::INFINITY;
    for _ in 0..steps {
        let slope = distances.tr_mul(&distance) + &weights * ridge;
        let towards = slope.imin();
        let mut step = -&weights;
        step[towards] += 1.0;
        let change = distances.column(towards) - &distance;
        let curve = change.norm_squared() + ridge * step.norm_squared();
        if curve <= 0.0 {
            break;
        }
        let length = (-slope.dot(&step) / curve).clamp(0.0, 1.0);
        weights.axpy(length, &step, 1.0);
        distance.axpy(length, &change, 1.0);
        let value = (distance.norm_squared() + ridge * weights.norm_squared()) / rows;
        let gained = last - value;
        last = value;
        if gained <= gain {
            break;
        }
    }
    weights
}
