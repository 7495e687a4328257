//! The wait that an endlessly patient caller would meet, as a density to integrate.
//!
//! In units of H/N, the mean time between two answers when all are busy, the density is
//! f(t) = exp(ρ(1 − e^(−θt))/θ − t), ρ = A/N. Its logarithm is concave with the peak m at 0 or, in
//! overload, at ln(ρ)/θ. Written as a drop from the peak it loses no digits at any load:
//! ln f(m) − ln f(m + s) = (1 − r)s + r·s·h(θs), r = min(ρ, 1), h(z) = 1 − (1 − e^(−z))/z.

use std::sync::LazyLock;

use crate::unanswerable::Unanswerable;

/// How far below its peak, in powers of e, the density still counts.
const DROP: f64 = 42.0;
/// After so many mean patiences everyone has left.
const ALL_LEFT: f64 = 40.0;
/// How much a stretch may vary, in powers of e, to be integrated in one piece.
const ROUGHEST: f64 = 50.0;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct VirtualWait {
    /// H/N: times of callers divided by it are the times here.
    pub(super) unit: f64,
    /// Load per handler.
    load: f64,
    /// Rate of giving up.
    leaving: f64,
    /// r: the load per handler at the peak.
    at_peak: f64,
    peak: f64,
    /// Share of callers who have given up by the peak.
    left_by_peak: f64,
    /// How far the density reaches on either side of the peak.
    before: f64,
    after: f64,
}

impl VirtualWait {
    /// For a `load` per handler of 0 or more and a mean `patience` above 0 in this `unit`.
    pub(super) fn new(load: f64, patience: f64, unit: f64) -> Result<Self, Unanswerable> {
        let leaving = 1.0 / patience;
        let at_peak = load.min(1.0);
        let peak = if load > 1.0 {
            load.ln() * patience
        } else {
            0.0
        };
        // h(z) >= z/(2 + z), so the drop reaches DROP where a quadratic does.
        let linear = 2.0 * (1.0 - at_peak) - DROP * leaving;
        let root = (linear * linear + 8.0 * DROP * leaving).sqrt();
        let after = if linear > 0.0 {
            4.0 * DROP / (linear + root)
        } else {
            (root - linear) / (2.0 * leaving)
        };
        // Before the peak the drop is (e^z − 1 − z)/θ, which is above both z²/2θ and, from z = 2,
        // e^z/2θ.
        let reach = (2.0 * DROP * leaving)
            .sqrt()
            .min((2.0 * DROP * leaving).ln().max(2.0));
        let wait = Self {
            unit,
            load,
            leaving,
            at_peak,
            peak,
            left_by_peak: if load > 1.0 { 1.0 - 1.0 / load } else { 0.0 },
            before: (reach * patience).min(peak),
            after,
        };
        let known = [unit, leaving, peak, after, wait.before];
        let known = known.iter().all(|value| value.is_finite()) && unit > 0.0 && leaving > 0.0;
        known.then_some(wait).ok_or(Unanswerable::Overflow)
    }

    pub(super) fn patience(&self) -> f64 {
        self.unit / self.leaving
    }

    /// P(wait), from the integral of the whole density and 1/B.
    pub(super) fn probability(&self, mass: f64, inverse_loss: f64) -> f64 {
        // The density at its peak is e to the power of this; at 0 it is 1.
        let height = if self.load > 1.0 {
            (self.load - 1.0 - (self.load - 1.0).ln_1p()) / self.leaving
        } else {
            0.0
        };
        mass / ((inverse_loss - 1.0) * (-height).exp() + mass)
    }

    /// Of those who find all handlers busy, the share who would wait longer than `time` (in units
    /// of the caller).
    pub(super) fn share_beyond(&self, time: f64) -> f64 {
        let time = time / self.unit;
        let [before] = self.integrals(0.0, time, |_, _| [1.0]);
        let [beyond] = self.integrals(time, f64::INFINITY, |_, _| [1.0]);
        beyond / (before + beyond)
    }

    /// The integral of the whole density and, of those who find all handlers busy, the share
    /// answered within `time` (in units of the caller).
    pub(super) fn answered_within(&self, time: f64) -> (f64, f64) {
        let time = time / self.unit;
        let [before, answered] = self.integrals(0.0, time, |_, left| [1.0, 1.0 - left]);
        let [beyond] = self.integrals(time, f64::INFINITY, |_, _| [1.0]);
        let mass = before + beyond;
        (mass, answered / mass)
    }

    /// Integrals from `from` to `to` of the density, its peak taken as 1, times the weights that
    /// belong to a time and the share of callers who have given up by then.
    pub(super) fn integrals<const N: usize>(
        &self,
        from: f64,
        to: f64,
        weights: impl Fn(f64, f64) -> [f64; N],
    ) -> [f64; N] {
        let all_left = (ALL_LEFT / self.leaving).min(self.after);
        let edges = [-self.before, 0.0, all_left, self.after]
            .map(|edge| (self.peak + edge).clamp(from, to.max(from)) - self.peak);
        let mut totals = [0.0; N];
        for edge in edges.windows(2) {
            self.add_stretch(edge[0], edge[1], &weights, &mut totals);
        }
        totals
    }

    fn add_stretch<const N: usize>(
        &self,
        from: f64,
        to: f64,
        weights: &impl Fn(f64, f64) -> [f64; N],
        totals: &mut [f64; N],
    ) {
        if to <= from {
            return;
        }
        let patience = self.leaving * (to.min(ALL_LEFT / self.leaving) - from).max(0.0);
        let roughness = (self.drop(to) - self.drop(from)).abs() + patience;
        let pieces = (roughness / ROUGHEST).ceil().clamp(1.0, 64.0);
        let rule = Rule::for_roughness(roughness / pieces);
        let half = (to - from) / pieces / 2.0;
        for piece in 0..pieces as usize {
            let centre = from + (2 * piece + 1) as f64 * half;
            for &(place, share) in rule {
                let from_peak = centre + half * place;
                let fall = (-self.leaving * from_peak).exp_m1();
                let left = self.left_by_peak - (1.0 - self.left_by_peak) * fall;
                let density = half * share * (-self.drop_given(from_peak, fall)).exp();
                let weights = weights(self.peak + from_peak, left);
                for (total, weight) in totals.iter_mut().zip(weights) {
                    *total += density * weight;
                }
            }
        }
    }

    fn drop(&self, from_peak: f64) -> f64 {
        self.drop_given(from_peak, (-self.leaving * from_peak).exp_m1())
    }

    /// The drop, given `fall` = e^(−θs) − 1.
    fn drop_given(&self, from_peak: f64, fall: f64) -> f64 {
        let z = self.leaving * from_peak;
        (1.0 - self.at_peak) * from_peak + self.at_peak * from_peak * curvature(z, fall)
    }
}

/// h(z) = 1 − (1 − e^(−z))/z, given `fall` = e^(−z) − 1; by its series where the two nearly cancel.
fn curvature(z: f64, fall: f64) -> f64 {
    if z.abs() > 0.1 {
        return 1.0 + fall / z;
    }
    let mut sum = 0.0;
    // z/2! − z²/3! + z³/4! …, from the far end.
    for k in (1..=9).rev() {
        sum = (1.0 - sum) * z / f64::from(k + 1);
    }
    sum
}

/// Gauss–Legendre quadrature: places within −1 to 1 and their shares.
struct Rule;

impl Rule {
    /// Enough nodes for an integrand that varies by this many powers of e.
    fn for_roughness(roughness: f64) -> &'static [(f64, f64)] {
        static RULES: LazyLock<[Vec<(f64, f64)>; 3]> =
            LazyLock::new(|| [8, 16, 32].map(gauss_legendre));
        let [few, some, many] = &*RULES;
        match roughness {
            ..=1.0 => few,
            ..=8.0 => some,
            _ => many,
        }
    }
}

/// Nodes and weights for `n` nodes, by Newton's method on the Legendre polynomial.
fn gauss_legendre(n: u32) -> Vec<(f64, f64)> {
    let order = f64::from(n);
    let node = |k: u32| {
        let mut x = (std::f64::consts::PI * (f64::from(k) + 0.75) / (order + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..50 {
            let (mut value, mut previous) = (1.0, 0.0);
            for j in 0..n {
                let j = f64::from(j);
                let next = ((2.0 * j + 1.0) * x * value - j * previous) / (j + 1.0);
                (value, previous) = (next, value);
            }
            slope = order * (x * value - previous) / (x * x - 1.0);
            let step = value / slope;
            x -= step;
            if step.abs() < 1e-16 {
                break;
            }
        }
        (x, 2.0 / ((1.0 - x * x) * slope * slope))
    };
    (0..n).map(node).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_integrate_powers_exactly() {
        for n in [8, 16, 32] {
            let rule = gauss_legendre(n);
            for power in [0, 2, 6, 14] {
                let sum: f64 = rule.iter().map(|(x, w)| w * x.powi(power)).sum();
                assert!(
                    (sum - 2.0 / f64::from(power + 1)).abs() < 1e-14,
                    "{n} {power}"
                );
            }
        }
    }

    #[test]
    fn the_curvature_is_smooth_where_its_two_forms_meet() {
        for z in [0.1_f64, -0.1] {
            let series = curvature(z, f64::NAN);
            let direct = 1.0 + (-z).exp_m1() / z;
            assert!((series / direct - 1.0).abs() < 1e-13);
        }
    }
}
