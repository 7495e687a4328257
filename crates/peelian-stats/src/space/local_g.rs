//! Getis-Ord local G: areas where high, or low, values cluster.
//!
//! Answers "is the neighbourhood of this area busier than chance would make it?". G* counts the
//! area itself among its neighbours, G does not. With x̄ and s² (divided by n) over all areas,
//!
//! z* = (Σⱼwᵢⱼxⱼ − x̄Wᵢ) / (s·√((n·Σⱼwᵢⱼ² − Wᵢ²)/(n−1))), Wᵢ = Σⱼwᵢⱼ;
//!
//! z of G is the same over the n − 1 other areas. The variance is that of k values drawn without
//! replacement, for **any** weights: z does not change when a row is multiplied by a number.
//! Sources: Getis and Ord, *Geographical Analysis* 24 (1992) 189–206; Ord and Getis, *Geographical
//! Analysis* 27 (1995) 286–306. [`permuted_local_g`] draws instead of trusting the normal
//! distribution, [`exact_local_g`] counts all draws.
//!
//! **How it can mislead.** A hot spot of counts is often where people are: give rates, or compare
//! with another kind of event. Neighbouring areas share data, so finds come in patches. Counts are
//! skewed, so that the normal p is off by 0.05 to 0.1 in the middle: prefer permutation. G* of an
//! area with a huge value of its own is high whatever its neighbours. Points that were moved to
//! shared places make hot spots of those places.

use super::conditional::{Counts, Plan, conditional};
use super::weights::{Weights, largest};
use crate::Unanswerable;
use crate::comparison::multiplicity::{Adjustment, adjusted};
use crate::special::normal_two_sided;

mod exact;

/// Whether an area is in its own neighbourhood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Statistic {
    /// G: the neighbours alone; self weights are passed over.
    Gi,
    /// G*, the default: the area too, with its self weight or, where there is none, the largest
    /// weight of its row (1 for binary weights).
    #[default]
    GiStar,
}

/// How areas are judged. Default: G*, 5 % false discovery rate (Benjamini–Hochberg).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// G or G*.
    pub statistic: Statistic,
    /// How p-values are adjusted for the number of areas.
    pub adjustment: Adjustment,
    /// An area stands out when its adjusted two-sided p is at most this; between 0 and 1.
    pub level: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            statistic: Statistic::GiStar,
            adjustment: Adjustment::BenjaminiHochberg,
            level: 0.05,
        }
    }
}

/// How areas are drawn at random. Default: 9,999 draws, seed 1, no early stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permutations {
    /// Draws for each area, at least 1; times the most neighbours of an area at most 67,108,864.
    pub draws: usize,
    /// The same seed gives the same answer on any number of threads.
    pub seed: u64,
    /// End the draws of an area once its two-sided p is sure to exceed the level whatever the rest
    /// would bring. Which areas stand out does not change, nor does any adjusted p at or below the
    /// level; other p-values are then from fewer draws.
    pub stop_early: bool,
}

impl Default for Permutations {
    fn default() -> Self {
        Self {
            draws: 9_999,
            seed: 1,
            stop_early: false,
        }
    }
}

/// What an area is among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// High values cluster here.
    Hot,
    /// Low values cluster here.
    Cold,
    /// Nothing beyond chance, or no answer.
    Neither,
}

/// An area's local G against the normal distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LocalG {
    /// Weighted share of the total: Σⱼwᵢⱼxⱼ / Σⱼxⱼ (G: over the other areas). `None` where the
    /// total is 0.
    pub g: Option<f64>,
    /// Standard score; `None` where the neighbourhood is everything or nothing, or the other areas
    /// do not vary.
    pub z: Option<f64>,
    /// Two-sided, normal.
    pub p: Option<f64>,
    /// p adjusted for the number of areas.
    pub adjusted: Option<f64>,
    /// By `adjusted` and the sign of z.
    pub standing: Standing,
}

/// An area's neighbourhood against draws of other areas, its own value kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conditional {
    /// Standard score among the draws: the distance to their exact mean in their exact standard
    /// deviations. It is z of G, for G* too.
    pub z: Option<f64>,
    /// One-sided p of a high sum: (draws at or above it + 1)/(draws + 1).
    pub upper: f64,
    /// One-sided p of a low sum: (draws at or below it + 1)/(draws + 1).
    pub lower: f64,
    /// Two-sided: twice the smaller, at most 1.
    pub p: f64,
    /// esda's one-sided pseudo p: (min(r, draws − r) + 1)/(draws + 1) for r draws at or above. Ties
    /// count on the upper side only, so an area at the bottom of skewed counts looks certain
    /// though most draws tie with it: for comparison, not for decisions.
    pub folded: f64,
    /// p adjusted for the number of areas.
    pub adjusted: f64,
    /// By `adjusted` and the smaller side.
    pub standing: Standing,
    /// Draws made; 0 where all possible ones were counted.
    pub draws: usize,
}

/// Local G of each area with its normal p-value. `values` are finite, one an area; 3 at least.
pub fn local_g(
    values: &[f64],
    weights: &Weights,
    settings: &Settings,
) -> Result<Vec<LocalG>, Unanswerable> {
    let all = Moments::of(values, weights, settings.level)?;
    let scored: Vec<_> = (0..values.len())
        .map(|unit| all.score(values, weights, settings.statistic, unit))
        .collect();
    let p: Vec<_> = scored
        .iter()
        .map(|(_, z)| z.map(normal_two_sided))
        .collect();
    let adjusted = adjusted(&p, settings.adjustment);
    let rows = scored.into_iter().zip(p).zip(adjusted);
    Ok(rows
        .map(|(((g, z), p), adjusted)| LocalG {
            g,
            z,
            p,
            adjusted,
            standing: match adjusted.zip(z) {
                Some((p, z)) if p <= settings.level && z > 0.0 => Standing::Hot,
                Some((p, z)) if p <= settings.level && z < 0.0 => Standing::Cold,
                _ => Standing::Neither,
            },
        })
        .collect())
}

/// Local G of each area against random draws of other areas. Arguments as for [`local_g`].
///
/// G and G* give the same p: the area keeps its value, so adding it to both sides changes no
/// comparison. All areas share one set of draws.
pub fn permuted_local_g(
    values: &[f64],
    weights: &Weights,
    settings: &Settings,
    permutations: &Permutations,
) -> Result<Vec<Conditional>, Unanswerable> {
    let all = Moments::of(values, weights, settings.level)?;
    let plan = Plan {
        draws: permutations.draws,
        seed: permutations.seed,
        stop_above: permutations.stop_early.then_some(settings.level),
    };
    let counts = conditional(values, weights, &plan)?;
    let shares = counts.into_iter().map(Shares::from).collect();
    Ok(judge(&all, values, weights, settings, shares))
}

/// Local G of each area against all possible draws of other areas: the p that
/// [`permuted_local_g`] estimates, without its floor of 2/(draws + 1). Arguments as for
/// [`local_g`].
///
/// For whole numbers (counts) and rows of equal weights only, and where the work is bearable:
/// distinct values × (most neighbours)² × (most neighbours × range of the values) up to 10¹⁰.
pub fn exact_local_g(
    values: &[f64],
    weights: &Weights,
    settings: &Settings,
) -> Result<Vec<Conditional>, Unanswerable> {
    let all = Moments::of(values, weights, settings.level)?;
    let shares = exact::shares(values, weights)?;
    Ok(judge(&all, values, weights, settings, shares))
}

/// Shares of the draws at or above, and at or below, the observed sum.
#[derive(Clone, Copy, Debug)]
struct Shares {
    at_least: f64,
    at_most: f64,
    /// 0 where the shares are exact.
    draws: usize,
}

impl From<Counts> for Shares {
    fn from(counts: Counts) -> Self {
        let draws = counts.draws() as f64;
        Self {
            at_least: (counts.above + counts.equal) as f64 / draws,
            at_most: (counts.below + counts.equal) as f64 / draws,
            draws: counts.draws(),
        }
    }
}

impl Shares {
    /// The share as a p-value: an estimated one counts the observed sum among the draws.
    fn p(self, share: f64) -> f64 {
        if self.draws == 0 {
            return share;
        }
        let draws = self.draws as f64;
        ((share * draws).round() + 1.0) / (draws + 1.0)
    }
}

fn judge(
    all: &Moments,
    values: &[f64],
    weights: &Weights,
    settings: &Settings,
    shares: Vec<Shares>,
) -> Vec<Conditional> {
    let two_sided = |shares: &Shares| {
        let smaller = shares.p(shares.at_least).min(shares.p(shares.at_most));
        (2.0 * smaller).min(1.0)
    };
    let p: Vec<_> = shares
        .iter()
        .map(|shares| Some(two_sided(shares)))
        .collect();
    let adjusted = adjusted(&p, settings.adjustment);
    let rows = shares.into_iter().zip(p).zip(adjusted).enumerate();
    rows.map(|(unit, ((shares, p), adjusted))| {
        let (upper, lower) = (shares.p(shares.at_least), shares.p(shares.at_most));
        let adjusted = adjusted.unwrap_or(1.0);
        Conditional {
            z: all.score(values, weights, Statistic::Gi, unit).1,
            upper,
            lower,
            p: p.unwrap_or(1.0),
            folded: shares.p(shares.at_least.min(1.0 - shares.at_least)),
            adjusted,
            standing: match upper.total_cmp(&lower) {
                std::cmp::Ordering::Less if adjusted <= settings.level => Standing::Hot,
                std::cmp::Ordering::Greater if adjusted <= settings.level => Standing::Cold,
                _ => Standing::Neither,
            },
            draws: shares.draws,
        }
    })
    .collect()
}

/// Mean and squared deviations of all values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moments {
    n: f64,
    pub(super) mean: f64,
    pub(super) squares: f64,
    total: f64,
}

impl Moments {
    /// Refuses what no local statistic can be made of.
    pub(super) fn of(values: &[f64], weights: &Weights, level: f64) -> Result<Self, Unanswerable> {
        if values.len() != weights.len() {
            return Err(Unanswerable::Mismatched(
                "each area of the weights needs one value",
            ));
        }
        if !(level > 0.0 && level < 1.0) {
            return Err(Unanswerable::Invalid("level must be between 0 and 1"));
        }
        if values.len() < 3 {
            return Err(Unanswerable::TooFew {
                what: "areas",
                have: values.len(),
                need: 3,
            });
        }
        if values.iter().any(|x| !x.is_finite()) {
            return Err(Unanswerable::Invalid("values must be finite"));
        }
        let mean = crate::summary::mean(values);
        let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
        let total: f64 = values.iter().sum();
        if !(mean.is_finite() && squares.is_finite() && total.is_finite()) {
            return Err(Unanswerable::Overflow);
        }
        if values.iter().all(|x| *x == values[0]) || squares == 0.0 {
            return Err(Unanswerable::Constant);
        }
        Ok(Self {
            n: values.len() as f64,
            mean,
            squares,
            total,
        })
    }

    /// G and its standard score.
    pub(super) fn score(
        &self,
        values: &[f64],
        weights: &Weights,
        statistic: Statistic,
        unit: usize,
    ) -> (Option<f64>, Option<f64>) {
        let star = statistic == Statistic::GiStar;
        let own = values[unit] - self.mean;
        let (mut sum, mut square, mut lag, mut itself) = (0.0, 0.0, 0.0, None);
        for (to, weight) in weights.neighbours(unit) {
            if to == unit {
                itself = Some(weight);
                continue;
            }
            sum += weight;
            square += weight * weight;
            lag += weight * (values[to] - self.mean);
        }
        if star {
            let others = weights.neighbours(unit).filter(|(to, _)| *to != unit);
            let weight = itself.unwrap_or_else(|| largest(others.map(|(_, w)| w)));
            sum += weight;
            square += weight * weight;
            lag += weight * own;
        }
        // Over the other areas the mean is lower by own/(n−1), and own leaves the squares.
        let (n, total, centre, squares) = if star {
            (self.n, self.total, 0.0, self.squares)
        } else {
            let n = self.n - 1.0;
            let squares = self.squares - own * own * self.n / n;
            (n, self.total - values[unit], -own / n, squares)
        };
        let finite = |x: f64| Some(x).filter(|x| x.is_finite());
        let g = (lag + self.mean * sum) / total;
        // What rounding leaves of a difference that is 0 is no spread.
        let spread = n * square - sum * sum;
        let vary = squares > 1e-13 * self.squares && spread > 1e-13 * n * square;
        let z = (lag - centre * sum) / (squares / n * (spread / (n - 1.0))).sqrt();
        (
            finite(g).filter(|_| total != 0.0),
            finite(z).filter(|_| vary),
        )
    }
}

/// Permutation counts for each area, for local Moran.
pub(super) fn counts(
    values: &[f64],
    weights: &Weights,
    level: f64,
    permutations: &Permutations,
) -> Result<Vec<Counts>, Unanswerable> {
    let plan = Plan {
        draws: permutations.draws,
        seed: permutations.seed,
        stop_above: permutations.stop_early.then_some(level),
    };
    conditional(values, weights, &plan)
}
