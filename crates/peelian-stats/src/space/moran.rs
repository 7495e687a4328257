//! Moran's I: whether neighbours are alike, over the whole map and area by area.
//!
//! Answers "do high values lie next to high ones?". With d = x − x̄ and S₀ = Σwᵢⱼ,
//! I = (n/S₀)·Σᵢⱼwᵢⱼdᵢdⱼ / Σd², which chance puts at −1/(n−1). Two variances: under normality
//! (the values could have been others) and under randomisation (these values, any order), which
//! needs the kurtosis. Area by area Iᵢ = dᵢ·Σⱼwᵢⱼdⱼ / (Σd²/n), and the quadrant says which kind of
//! likeness. Self weights are passed over. Sources: Moran, *Biometrika* 37 (1950) 17–23; Cliff and
//! Ord, *Spatial Processes* (1981); Anselin, *Geographical Analysis* 27 (1995) 93–115; conditional
//! variance of Iᵢ: Sokal, Oden and Thomson, *Geographical Analysis* 30 (1998) 331–354.
//!
//! **How it can mislead.** Likeness is not cause: neighbours share what makes them busy. A single
//! extreme area can make or break I. Rates on small bases vary more, which looks like "unlike
//! neighbours". Iᵢ of an area on the mean is 0 whatever is around it. Row-standardised weights are
//! usual for I; with others areas with many neighbours count more.

use rand::seq::SliceRandom;
use rayon::prelude::*;

use super::local_g::{Moments, Permutations, Statistic, counts};
use super::weights::Weights;
use crate::Unanswerable;
use crate::comparison::multiplicity::{Adjustment, adjusted};
use crate::random::stream;
use crate::special::normal_two_sided;

/// The most work of a global permutation test: draws times neighbour pairs.
const MOST_STEPS: f64 = 1e12;

/// Moran's I of a whole map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moran {
    /// I.
    pub i: f64,
    /// What chance would give: −1/(n−1).
    pub expected: f64,
    /// Variance if the values are normal.
    pub variance_normal: f64,
    /// Variance over all orders of these values.
    pub variance_randomised: f64,
    /// (I − expected)/√`variance_normal`; `None` where that is 0.
    pub z_normal: Option<f64>,
    /// (I − expected)/√`variance_randomised`; `None` where that is 0.
    pub z_randomised: Option<f64>,
    /// Two-sided p of `z_normal`.
    pub p_normal: Option<f64>,
    /// Two-sided p of `z_randomised`.
    pub p_randomised: Option<f64>,
}

/// Moran's I against random orders of the values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PermutedMoran {
    /// I.
    pub i: f64,
    /// One-sided p of likeness: (orders with I or more + 1)/(orders + 1).
    pub upper: f64,
    /// One-sided p of unlikeness: (orders with I or less + 1)/(orders + 1).
    pub lower: f64,
    /// Two-sided: twice the smaller, at most 1.
    pub p: f64,
    /// esda's one-sided pseudo p: (min(r, orders − r) + 1)/(orders + 1) for r orders with I or more.
    pub folded: f64,
}

/// An area's value and its neighbours' mean against the mean of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quadrant {
    /// High among high: 1 in esda.
    HighHigh,
    /// Low among high: 2.
    LowHigh,
    /// Low among low: 3. A value or neighbourhood on the mean is low.
    LowLow,
    /// High among low: 4.
    HighLow,
}

/// Moran's I of one area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LocalMoran {
    /// Iᵢ, with the variance of all values divided by n (as in spdep; esda divides by n − 1).
    pub i: f64,
    /// Conditional on the area's own value: z of G with the sign of the area's deviation. `None`
    /// where that is 0 or the others do not vary.
    pub z: Option<f64>,
    /// Two-sided, normal.
    pub p: Option<f64>,
    /// p adjusted for the number of areas.
    pub adjusted: Option<f64>,
    /// Which kind of likeness.
    pub quadrant: Quadrant,
}

/// Local Moran of one area against draws of other areas, its own value kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PermutedLocalMoran {
    /// One-sided p of likeness: (draws with Iᵢ or more + 1)/(draws + 1).
    pub upper: f64,
    /// One-sided p of unlikeness: (draws with Iᵢ or less + 1)/(draws + 1).
    pub lower: f64,
    /// Two-sided: twice the smaller, at most 1.
    pub p: f64,
    /// esda's one-sided pseudo p, with ties on the upper side only.
    pub folded: f64,
    /// p adjusted for the number of areas.
    pub adjusted: f64,
    /// Draws made.
    pub draws: usize,
}

/// Global Moran's I. `values` are finite, one an area; needs 4 areas and one pair of neighbours.
pub fn moran(values: &[f64], weights: &Weights) -> Result<Moran, Unanswerable> {
    let (d, sums) = prepared(values, weights)?;
    let n = d.len() as f64;
    let squares: f64 = d.iter().map(|d| d * d).sum();
    let i = n / sums.s0 * cross_product(&d, weights) / squares;
    let kurtosis = n * d.iter().map(|d| (d * d / squares).powi(2)).sum::<f64>();
    let expected = -1.0 / (n - 1.0);
    let (s0, s1, s2) = (sums.s0 * sums.s0, sums.s1, sums.s2);
    let variance_normal =
        (n * n * s1 - n * s2 + 3.0 * s0) / (s0 * (n * n - 1.0)) - expected * expected;
    let even = n * ((n * n - 3.0 * n + 3.0) * s1 - n * s2 + 3.0 * s0);
    let peaked = kurtosis * ((n * n - n) * s1 - 2.0 * n * s2 + 6.0 * s0);
    let below = (n - 1.0) * (n - 2.0) * (n - 3.0) * s0;
    let variance_randomised = (even - peaked) / below - expected * expected;
    let z = |variance: f64| {
        let z = (i - expected) / variance.sqrt();
        Some(z).filter(|z| z.is_finite() && variance > 1e-14 * i.abs().max(expected * expected))
    };
    let (z_normal, z_randomised) = (z(variance_normal), z(variance_randomised));
    let figures = [i, variance_normal, variance_randomised];
    if figures.iter().any(|figure| !figure.is_finite()) {
        return Err(Unanswerable::Overflow);
    }
    Ok(Moran {
        i,
        expected,
        variance_normal,
        variance_randomised,
        z_normal,
        z_randomised,
        p_normal: z_normal.map(normal_two_sided),
        p_randomised: z_randomised.map(normal_two_sided),
    })
}

/// Global Moran's I against `orders` random orders of the values (1 at least). Arguments otherwise
/// as for [`moran`].
pub fn permuted_moran(
    values: &[f64],
    weights: &Weights,
    orders: usize,
    seed: u64,
) -> Result<PermutedMoran, Unanswerable> {
    let (d, sums) = prepared(values, weights)?;
    let pairs = (0..d.len()).map(|unit| weights.row(unit).0.len());
    let steps = orders as f64 * (pairs.sum::<usize>() + d.len()) as f64;
    if orders == 0 || steps > MOST_STEPS {
        return Err(Unanswerable::Invalid(
            "permutations must be at least 1 and, times pairs of neighbours, at most 10^12",
        ));
    }
    let observed = cross_product(&d, weights);
    let squares: f64 = d.iter().map(|d| d * d).sum();
    // What rounding can move the sum by.
    let slack = 1e-12 * largest_weight(weights) * squares;
    let i = d.len() as f64 / sums.s0 * observed / squares;
    if !(i.is_finite() && observed.is_finite() && slack.is_finite()) {
        return Err(Unanswerable::Overflow);
    }
    let sides = |d: &mut Vec<f64>, order: usize| {
        d.shuffle(&mut stream(seed, order as u64));
        let sum = cross_product(d, weights);
        [sum >= observed - slack, sum <= observed + slack].map(usize::from)
    };
    let shuffled = |order: usize| {
        let mut d = d.clone();
        sides(&mut d, order)
    };
    let [above, below] = (0..orders)
        .into_par_iter()
        .map(shuffled)
        .reduce(|| [0, 0], |a, b| [a[0] + b[0], a[1] + b[1]]);
    let p = pseudo_p(above, below, orders);
    Ok(PermutedMoran {
        i,
        upper: p.upper,
        lower: p.lower,
        p: p.p,
        folded: p.folded,
    })
}

/// Moran's I of each area with its normal p-value, adjusted. `values` are finite, one an area; 3 at
/// least. An area without neighbours has I 0 and no z.
pub fn local_moran(
    values: &[f64],
    weights: &Weights,
    adjustment: Adjustment,
) -> Result<Vec<LocalMoran>, Unanswerable> {
    let all = Moments::of(values, weights, 0.5)?;
    let variance = all.squares / values.len() as f64;
    let scored: Vec<_> = (0..values.len())
        .map(|unit| {
            let own = values[unit] - all.mean;
            let others = weights.neighbours(unit).filter(|(to, _)| *to != unit);
            let lag: f64 = others.map(|(to, w)| w * (values[to] - all.mean)).sum();
            let z = all.score(values, weights, Statistic::Gi, unit).1;
            let z = z.filter(|_| own != 0.0).map(|z| z * own.signum());
            (own / variance * lag, z, quadrant(own, lag))
        })
        .collect();
    if scored.iter().any(|(i, _, _)| !i.is_finite()) {
        return Err(Unanswerable::Overflow);
    }
    let p: Vec<_> = scored
        .iter()
        .map(|(_, z, _)| z.map(normal_two_sided))
        .collect();
    let adjusted = adjusted(&p, adjustment);
    let rows = scored.into_iter().zip(p).zip(adjusted);
    Ok(rows
        .map(|(((i, z, quadrant), p), adjusted)| LocalMoran {
            i,
            z,
            p,
            adjusted,
            quadrant,
        })
        .collect())
}

/// Moran's I of each area against random draws of other areas, the same draws for all areas.
/// Arguments as for [`local_moran`]; `level` (between 0 and 1) is what an early stop decides about.
pub fn permuted_local_moran(
    values: &[f64],
    weights: &Weights,
    adjustment: Adjustment,
    level: f64,
    permutations: &Permutations,
) -> Result<Vec<PermutedLocalMoran>, Unanswerable> {
    let all = Moments::of(values, weights, level)?;
    let counts = counts(values, weights, level, permutations)?;
    let p: Vec<_> = counts
        .iter()
        .zip(values)
        .map(|(counts, value)| {
            let (high, low) = (counts.above + counts.equal, counts.below + counts.equal);
            let draws = counts.draws();
            // Iᵢ rises with the neighbours' sum in a high area and falls in a low one; in one on
            // the mean it is 0 in every draw.
            match (value - all.mean).partial_cmp(&0.0) {
                Some(std::cmp::Ordering::Greater) => (pseudo_p(high, low, draws), draws),
                Some(std::cmp::Ordering::Less) => (pseudo_p(low, high, draws), draws),
                _ => (pseudo_p(draws, draws, draws), draws),
            }
        })
        .collect();
    let two_sided: Vec<_> = p.iter().map(|(p, _)| Some(p.p)).collect();
    let adjusted = adjusted(&two_sided, adjustment);
    let rows = p.into_iter().zip(adjusted);
    Ok(rows
        .map(|((p, draws), adjusted)| PermutedLocalMoran {
            upper: p.upper,
            lower: p.lower,
            p: p.p,
            folded: p.folded,
            adjusted: adjusted.unwrap_or(1.0),
            draws,
        })
        .collect())
}

struct Pseudo {
    upper: f64,
    lower: f64,
    p: f64,
    folded: f64,
}

/// From the numbers of draws at or above, and at or below, what was observed.
fn pseudo_p(above: usize, below: usize, draws: usize) -> Pseudo {
    let p = |count: usize| (count + 1) as f64 / (draws + 1) as f64;
    let (upper, lower) = (p(above), p(below));
    Pseudo {
        upper,
        lower,
        p: (2.0 * upper.min(lower)).min(1.0),
        folded: p(above.min(draws - above)),
    }
}

fn quadrant(own: f64, lag: f64) -> Quadrant {
    match (own > 0.0, lag > 0.0) {
        (true, true) => Quadrant::HighHigh,
        (false, true) => Quadrant::LowHigh,
        (false, false) => Quadrant::LowLow,
        (true, false) => Quadrant::HighLow,
    }
}

/// Sums over the weights that the variances need.
struct Sums {
    s0: f64,
    s1: f64,
    s2: f64,
}

/// Deviations from the mean, and the sums over the weights.
fn prepared(values: &[f64], weights: &Weights) -> Result<(Vec<f64>, Sums), Unanswerable> {
    let all = Moments::of(values, weights, 0.5)?;
    if values.len() < 4 {
        return Err(Unanswerable::TooFew {
            what: "areas",
            have: values.len(),
            need: 4,
        });
    }
    let others = |unit: usize| weights.neighbours(unit).filter(move |(to, _)| *to != unit);
    let rows: Vec<f64> = (0..values.len())
        .map(|unit| others(unit).map(|(_, weight)| weight).sum())
        .collect();
    let mut columns = vec![0.0; values.len()];
    let mut s1 = 0.0;
    for unit in 0..values.len() {
        for (to, weight) in others(unit) {
            columns[to] += weight;
            s1 += weight * (weight + weights.weight(to, unit));
        }
    }
    let s0: f64 = rows.iter().sum();
    let s2 = rows
        .iter()
        .zip(&columns)
        .map(|(a, b)| (a + b).powi(2))
        .sum();
    if s0 == 0.0 {
        return Err(Unanswerable::TooFew {
            what: "pairs of neighbours",
            have: 0,
            need: 1,
        });
    }
    let d = values.iter().map(|x| x - all.mean).collect();
    Ok((d, Sums { s0, s1, s2 }))
}

/// Σwᵢⱼdᵢdⱼ over pairs of different areas.
fn cross_product(d: &[f64], weights: &Weights) -> f64 {
    let own = |(unit, own): (usize, &f64)| {
        let others = weights.neighbours(unit).filter(|(to, _)| *to != unit);
        own * others.map(|(to, weight)| weight * d[to]).sum::<f64>()
    };
    d.iter().enumerate().map(own).sum()
}

fn largest_weight(weights: &Weights) -> f64 {
    (0..weights.len())
        .flat_map(|unit| weights.row(unit).1)
        .fold(0.0, |most, weight| most.max(*weight))
}
