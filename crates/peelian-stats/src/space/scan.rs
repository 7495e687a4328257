//! Scan in space and time: is there a group of areas with more events of late than its share?
//!
//! Every zone (a set of neighbouring areas) over every stretch of the last periods is scored by a
//! likelihood ratio; the best one's p-value comes from data drawn without a cluster and scanned the
//! same way, so that looking at thousands of windows is paid for. With c events in the window and b
//! expected:
//!
//! - expectation-based: c·ln(c/b) + b − c where c > b; the baselines are taken as true. Source:
//!   Neill and others, *KDD* 2005, 218–227.
//! - conditional: c·ln(c/b) + (C − c)·ln((C − c)/(C − b)), baselines scaled to the total C; only the
//!   shape of the baselines counts. Source: Kulldorff, *Communications in Statistics: Theory and
//!   Methods* 26 (1997) 1481–1496; in time *Journal of the Royal Statistical Society* A 164 (2001)
//!   61–72.
//!
//! **How it can mislead.** Baselines without the season find the season. Counts that vary more than
//! chance get p-values that are too small. The zone's edge is rough: the areas at its rim may be
//! ordinary. Secondary windows overlap the best one.

use rand_distr::{Binomial, Distribution, Poisson};
use rayon::prelude::*;

use crate::time::outbreak_scan;
use crate::{Unanswerable, random};

/// How baselines are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Baselines {
    /// As the counts to expect: a rise everywhere is a cluster.
    Expected,
    /// As shares of the total: only where and when matters.
    Shares,
}

/// A zone over a stretch of periods that ends with the last.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// Index of the zone.
    pub zone: usize,
    /// Periods it has lasted.
    pub duration: usize,
    /// Events in it.
    pub observed: f64,
    /// Events expected.
    pub expected: f64,
    /// Observed ÷ expected under [`Baselines::Expected`]; the same ÷ that of the rest under
    /// [`Baselines::Shares`], infinite where there is no rest.
    pub relative_risk: f64,
    /// The log likelihood ratio.
    pub score: f64,
    /// Share of data sets without a cluster whose best window scores as high: (1 + as high)/(1 +
    /// draws).
    pub p: f64,
}

/// The zones around each point: itself, itself and its nearest neighbour, … up to `most` areas; each
/// set once, its areas rising.
///
/// Refuses places that are not finite. Among equally near points the one given first is nearer.
pub fn nearest_zones(points: &[(f64, f64)], most: usize) -> Result<Vec<Vec<usize>>, Unanswerable> {
    if points
        .iter()
        .any(|(x, y)| !(x.is_finite() && y.is_finite()))
    {
        return Err(Unanswerable::Invalid("places must be finite"));
    }
    let around = |centre: &(f64, f64)| {
        let away = |index: &usize| {
            let (x, y) = (points[*index].0 - centre.0, points[*index].1 - centre.1);
            x * x + y * y
        };
        let mut order: Vec<usize> = (0..points.len()).collect();
        order.sort_by(|a, b| away(a).total_cmp(&away(b)));
        order.truncate(most);
        (1..=order.len())
            .map(|size| {
                let mut zone = order[..size].to_vec();
                zone.sort_unstable();
                zone
            })
            .collect::<Vec<_>>()
    };
    let mut zones: Vec<_> = points.par_iter().flat_map_iter(around).collect();
    zones.sort_unstable();
    zones.dedup();
    Ok(zones)
}

/// Clusters over the last `longest` periods, highest score first.
///
/// `counts` and `baselines` hold one row a period, one entry an area. All windows with more than
/// expected are given, each with its p-value against the best window of `draws` data sets. Refuses
/// rows of unequal length, zones that name no area, counts that are negative or not whole, and
/// baselines not above 0.
pub fn scan(
    counts: &[Vec<f64>],
    baselines: &[Vec<f64>],
    zones: &[Vec<usize>],
    longest: usize,
    kind: Baselines,
    draws: usize,
    seed: u64,
) -> Result<Vec<Cluster>, Unanswerable> {
    check(counts, baselines, zones, longest)?;
    // Only the last periods are looked at; the latest comes first.
    let latest = |rows: &[Vec<f64>]| rows.iter().rev().take(longest).cloned().collect::<Vec<_>>();
    let (counts, mut baselines) = (latest(counts), latest(baselines));
    let sum = |rows: &[Vec<f64>]| rows.iter().flatten().sum::<f64>();
    let total = sum(&counts);
    if kind == Baselines::Shares {
        let scale = total / sum(&baselines);
        baselines
            .iter_mut()
            .flatten()
            .for_each(|baseline| *baseline *= scale);
    }
    let all = sum(&baselines);
    if !(total.is_finite() && all.is_finite()) {
        return Err(Unanswerable::Overflow);
    }
    let expected = windows(&baselines, zones);
    let score = |observed: f64, expected: f64| match kind {
        Baselines::Expected => expectation_based(observed, expected),
        Baselines::Shares => outbreak_scan::score(observed, expected, total),
    };
    let best_drawn: Vec<f64> = (0..draws as u64)
        .into_par_iter()
        .map(|draw| {
            let drawn = drawn(&baselines, all, kind, &mut random::stream(seed, draw));
            let observed = windows(&drawn, zones);
            let scores = observed.iter().zip(&expected).map(|(o, e)| score(*o, *e));
            scores.fold(0.0, f64::max)
        })
        .collect();
    let periods = counts.len();
    let observed = windows(&counts, zones);
    let cluster = |(index, (&observed, &expected)): (usize, (&f64, &f64))| {
        let score = score(observed, expected);
        if score <= 0.0 {
            return None;
        }
        let as_high = best_drawn.iter().filter(|best| **best >= score).count();
        let rest = match kind {
            Baselines::Expected => 1.0,
            Baselines::Shares => (total - observed) / (total - expected),
        };
        Some(Cluster {
            zone: index / periods,
            duration: index % periods + 1,
            observed,
            expected,
            relative_risk: observed / expected / rest,
            score,
            p: (as_high + 1) as f64 / (draws + 1) as f64,
        })
    };
    let mut clusters: Vec<_> = observed
        .iter()
        .zip(&expected)
        .enumerate()
        .filter_map(cluster)
        .collect();
    clusters.sort_by(|a, b| b.score.total_cmp(&a.score));
    Ok(clusters)
}

fn check(
    counts: &[Vec<f64>],
    baselines: &[Vec<f64>],
    zones: &[Vec<usize>],
    longest: usize,
) -> Result<(), Unanswerable> {
    let areas = counts.first().map_or(0, Vec::len);
    if areas == 0 || longest == 0 || zones.is_empty() {
        return Err(Unanswerable::TooFew {
            what: "areas, zones or periods",
            have: 0,
            need: 1,
        });
    }
    let same = counts.len() == baselines.len()
        && counts.iter().chain(baselines).all(|row| row.len() == areas);
    if !same {
        return Err(Unanswerable::Mismatched(
            "each area and period needs a count and a baseline",
        ));
    }
    let known = |zone: &Vec<usize>| !zone.is_empty() && zone.iter().all(|area| *area < areas);
    if !zones.iter().all(known) {
        return Err(Unanswerable::Mismatched(
            "each zone must name areas that have counts",
        ));
    }
    if counts
        .iter()
        .flatten()
        .any(|count| !(*count >= 0.0 && count.fract() == 0.0 && *count <= 1e15))
    {
        return Err(Unanswerable::Invalid("counts must be whole and 0 or more"));
    }
    if baselines
        .iter()
        .flatten()
        .any(|baseline| !(*baseline > 0.0 && baseline.is_finite()))
    {
        return Err(Unanswerable::Invalid(
            "baselines must be finite and above 0",
        ));
    }
    Ok(())
}

/// The sum of each zone over the latest period, the latest two, …: zone by zone.
fn windows(rows: &[Vec<f64>], zones: &[Vec<usize>]) -> Vec<f64> {
    let mut sums = Vec::with_capacity(rows.len() * zones.len());
    for zone in zones {
        let mut sum = 0.0;
        for row in rows {
            sum += zone.iter().map(|area| row[*area]).sum::<f64>();
            sums.push(sum);
        }
    }
    sums
}

fn expectation_based(observed: f64, expected: f64) -> f64 {
    if observed > expected {
        observed * (observed / expected).ln() + expected - observed
    } else {
        0.0
    }
}

/// Counts without a cluster: Poisson about the baselines, or the same total by their shares.
fn drawn(
    baselines: &[Vec<f64>],
    all: f64,
    kind: Baselines,
    random: &mut random::Stream,
) -> Vec<Vec<f64>> {
    let (mut left, mut share) = (all.round() as u64, all);
    let mut count = |baseline: f64| match kind {
        // Neither can fail: the baseline is above 0 and the chance within 0 to 1.
        Baselines::Expected => Poisson::new(baseline).map_or(0.0, |counts| counts.sample(random)),
        Baselines::Shares => {
            let chance = (baseline / share).clamp(0.0, 1.0);
            share = (share - baseline).max(f64::MIN_POSITIVE);
            let drawn = Binomial::new(left, chance).map_or(0, |counts| counts.sample(random));
            left -= drawn;
            drawn as f64
        }
    };
    baselines
        .iter()
        .map(|row| row.iter().map(|baseline| count(*baseline)).collect())
        .collect()
}
