//! Ties between drawn and observed sums as esda 2.9.0 counts them.
//!
//! On counts a large share of draws ties with what was observed, and esda's pseudo p counts a tie
//! as "at or above". But its drawn figure goes through other arithmetic than the observed one
//! (products with row weights in four lanes, a reciprocal in place of a division), so that rounding
//! decides whether a tie is still one: 0.0001 or 0.37 for the same cell. The methods of the crate
//! count ties as ties. To be compared with esda's column, the ties among draws go through its
//! arithmetic here; everything else is the crate's.

use peelian_stats::space::weights::Weights;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

/// Draws an area, of which the ties are looked at.
const DRAWS: usize = 20_000;

/// Shares of draws above and on the observed figure.
#[derive(Clone, Copy)]
pub(super) struct Share {
    pub(super) above: f64,
    pub(super) tied: f64,
}

/// Which figure is compared.
pub(super) enum Figure {
    /// The share of the total in the neighbourhood, with the area (G*) or without (G).
    Gi { star: bool },
    /// Local Moran.
    Moran,
}

/// For each area, esda's pseudo p from so many permutations. Rows of equal weights, whole values.
pub(super) fn folded(
    shares: &[Share],
    values: &[f64],
    weights: &Weights,
    figure: &Figure,
    permutations: f64,
) -> Vec<f64> {
    let scores = Scores::of(values);
    let one = |(unit, share): (usize, &Share)| {
        let area = Area::of(unit, values, weights);
        let kept = area.kept(values, &scores, figure);
        let at_least = share.above + share.tied * kept;
        (at_least.min(1.0 - at_least).max(0.0) * permutations + 1.0) / (permutations + 1.0)
    };
    shares.par_iter().enumerate().map(one).collect()
}

/// Values in standard deviations, as NumPy makes them.
struct Scores {
    z: Vec<f64>,
    total: f64,
    squares: f64,
}

impl Scores {
    fn of(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let total = pairwise(values);
        let mean = total / n;
        let squared = |x: &[f64]| pairwise(&x.iter().map(|x| x * x).collect::<Vec<_>>());
        let away: Vec<_> = values.iter().map(|x| x - mean).collect();
        let deviation = (squared(&away) / n).sqrt();
        let z: Vec<_> = away.into_iter().map(|x| x / deviation).collect();
        Self {
            squares: squared(&z),
            z,
            total,
        }
    }
}

/// A sum in eight strands over blocks of up to 128, as NumPy adds.
fn pairwise(values: &[f64]) -> f64 {
    let n = values.len();
    if n < 8 {
        return values.iter().sum();
    }
    if n > 128 {
        let half = n / 2 - (n / 2) % 8;
        return pairwise(&values[..half]) + pairwise(&values[half..]);
    }
    let whole = values.chunks_exact(8);
    let rest = whole.remainder();
    let mut strands = [0.0; 8];
    for chunk in whole {
        for (strand, value) in strands.iter_mut().zip(chunk) {
            *strand += value;
        }
    }
    let [a, b, c, d, e, f, g, h] = strands;
    let sum = ((a + b) + (c + d)) + ((e + f) + (g + h));
    rest.iter().fold(sum, |sum, value| sum + value)
}

/// A row with its neighbours in order, the area among them where it is in the weights.
struct Area {
    unit: usize,
    row: Vec<(usize, f64)>,
    /// The neighbours' one weight, how many there are, and their sum of values.
    weight: f64,
    count: usize,
    sum: f64,
}

impl Area {
    fn of(unit: usize, values: &[f64], weights: &Weights) -> Self {
        let row: Vec<_> = weights.neighbours(unit).collect();
        let others = || row.iter().filter(|(to, _)| *to != unit);
        Self {
            unit,
            weight: others().next().map_or(0.0, |(_, weight)| *weight),
            count: others().count(),
            sum: others().map(|(to, _)| values[*to]).sum(),
            row,
        }
    }

    /// Of the draws that tie, the share that stays at or above the observed figure.
    fn kept(&self, values: &[f64], scores: &Scores, figure: &Figure) -> f64 {
        let own = values[self.unit];
        let data = match figure {
            Figure::Gi { .. } => values,
            Figure::Moran => &scores.z,
        };
        let lag = self.row.iter().map(|(to, weight)| weight * data[*to]);
        let lag = lag.fold(0.0, |sum, term| sum + term);
        let n = values.len();
        let scale = (n - 1) as f64 / scores.squares;
        let (observed, total) = match figure {
            Figure::Gi { star } => {
                let total = scores.total - if *star { 0.0 } else { own };
                (lag / total, total)
            }
            Figure::Moran => {
                let z = scores.z[self.unit];
                ((n - 1) as f64 * z * lag / scores.squares, 0.0)
            }
        };
        let drawn = |dot: f64| match figure {
            Figure::Gi { star: true } => (own * self.weight + dot) * (1.0 / total),
            Figure::Gi { star: false } => dot * (1.0 / total),
            Figure::Moran => scores.z[self.unit] * scale * dot,
        };
        let mut random = Xoshiro256PlusPlus::seed_from_u64(self.unit as u64);
        let mut others: Vec<usize> = (0..n).filter(|i| *i != self.unit).collect();
        let (mut ties, mut kept) = (0.0, 0.0);
        for _ in 0..DRAWS {
            for slot in 0..self.count {
                let chosen = random.random_range(slot..others.len());
                others.swap(slot, chosen);
            }
            let places = &others[..self.count];
            if places.iter().map(|place| values[*place]).sum::<f64>() == self.sum {
                ties += 1.0;
                let dot = self.dot(places.iter().map(|place| data[*place]));
                kept += f64::from(u8::from(drawn(dot) >= observed));
                // Plain sums of counts are exact in any order: one tie speaks for all.
                if self.weight == 1.0 {
                    break;
                }
            }
        }
        if ties > 0.0 { kept / ties } else { 1.0 }
    }

    /// The weighted sum in four fused lanes; two or three left over are added up by themselves, a
    /// single one is fused in.
    fn dot(&self, values: impl Iterator<Item = f64>) -> f64 {
        let mut lanes = [0.0_f64; 4];
        let whole = self.count / 4 * 4;
        let mut rest = Vec::with_capacity(3);
        for (place, value) in values.enumerate() {
            if place < whole {
                lanes[place % 4] = value.mul_add(self.weight, lanes[place % 4]);
            } else {
                rest.push(value);
            }
        }
        let sum = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
        let fuse = |sum: f64, value: &f64| value.mul_add(self.weight, sum);
        match rest.as_slice() {
            [] => sum,
            [last] => fuse(sum, last),
            rest => sum + rest.iter().fold(0.0, fuse),
        }
    }
}
