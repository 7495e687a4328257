//! Scan in time: is there a stretch in which more happened than its share?
//!
//! Every window of up to a given length is scored by Kulldorff's likelihood ratio against the
//! rest of the series, given the total: with c events in the window, e expected and C in all,
//! c·ln(c/e) + (C − c)·ln((C − c)/(C − e)) where c > e. The best window's p-value comes from series
//! drawn with the same total, scanned in the same way, so that looking at many windows is paid for.
//!
//! Source: Kulldorff, *Communications in Statistics: Theory and Methods* 26 (1997) 1481–1496;
//! Naus, *Journal of the American Statistical Association* 60 (1965) 532–538.
//!
//! **How it can mislead.** It takes counts as Poisson: where they vary more than that of
//! themselves, p-values are too small. Expected counts must hold the season, or every winter is an
//! outbreak. The edges of the window are rough.

use rand_distr::{Binomial, Distribution};
use rayon::prelude::*;

use crate::Unanswerable;
use crate::random;

/// Which windows are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Windows {
    /// All of them: was there an outbreak?
    All,
    /// Those that end with the series: is there one now?
    EndingNow,
}

/// The window with the highest score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outbreak {
    /// Index of its first period.
    pub first: usize,
    /// Index of its last.
    pub last: usize,
    /// Events in it.
    pub observed: f64,
    /// Events expected in it, given the total.
    pub expected: f64,
    /// (observed ÷ expected) ÷ (the same of the rest); infinite where all events lie in it.
    pub relative_risk: f64,
    /// The log likelihood ratio.
    pub score: f64,
    /// Share of series without an outbreak that have a window as good: (1 + as good)/(1 + draws).
    pub p: f64,
}

/// The best window of at most `longest` periods, with its p-value from `draws` random series.
///
/// `baselines` are the counts expected in each period, on any scale: only their shares are used.
/// `Ok(None)` where no window has more than expected. Refuses counts that are negative or not whole,
/// baselines that are not above 0, no events, and `longest` of 0.
pub fn outbreak_scan(
    counts: &[f64],
    baselines: &[f64],
    longest: usize,
    windows: Windows,
    draws: usize,
    seed: u64,
) -> Result<Option<Outbreak>, Unanswerable> {
    if counts.len() != baselines.len() {
        return Err(Unanswerable::Mismatched("each count needs one baseline"));
    }
    if counts
        .iter()
        .any(|count| !(*count >= 0.0 && count.fract() == 0.0 && *count <= 1e15))
    {
        return Err(Unanswerable::Invalid("counts must be whole and 0 or more"));
    }
    if baselines
        .iter()
        .any(|baseline| !(*baseline > 0.0 && baseline.is_finite()))
    {
        return Err(Unanswerable::Invalid(
            "baselines must be finite and above 0",
        ));
    }
    if longest == 0 {
        return Err(Unanswerable::Invalid(
            "the longest window must hold a period",
        ));
    }
    let total: f64 = counts.iter().sum();
    if total < 1.0 || counts.len() < 2 {
        let have = if counts.len() < 2 { counts.len() } else { 0 };
        return Err(Unanswerable::TooFew {
            what: "periods with events",
            have,
            need: 2,
        });
    }
    let all: f64 = baselines.iter().sum();
    if !all.is_finite() {
        return Err(Unanswerable::Overflow);
    }
    let expected: Vec<f64> = baselines
        .iter()
        .map(|baseline| total * (baseline / all))
        .collect();
    let Some(mut best) = best(counts, &expected, total, longest, windows) else {
        return Ok(None);
    };
    let as_good = (0..draws as u64)
        .into_par_iter()
        .filter(|&draw| {
            let drawn = scattered(total, &expected, &mut random::stream(seed, draw));
            self::best(&drawn, &expected, total, longest, windows)
                .is_some_and(|found| found.score >= best.score)
        })
        .count();
    best.p = (as_good + 1) as f64 / (draws + 1) as f64;
    Ok(Some(best))
}

fn best(
    counts: &[f64],
    expected: &[f64],
    total: f64,
    longest: usize,
    windows: Windows,
) -> Option<Outbreak> {
    let n = counts.len();
    let mut best: Option<Outbreak> = None;
    let ends = match windows {
        Windows::All => 0,
        Windows::EndingNow => n - 1,
    };
    for last in ends..n {
        let (mut observed, mut share) = (0.0, 0.0);
        // A window over everything has no rest to compare with.
        for first in (0..=last).rev().take(longest.min(n - 1)) {
            observed += counts[first];
            share += expected[first];
            let score = score(observed, share, total);
            if score > best.as_ref().map_or(0.0, |best| best.score) {
                let rest = (total - observed) / (total - share);
                best = Some(Outbreak {
                    first,
                    last,
                    observed,
                    expected: share,
                    relative_risk: observed / share / rest,
                    score,
                    p: 1.0,
                });
            }
        }
    }
    best
}

/// Kulldorff's log likelihood ratio of a window against the rest, given the total; 0 where no more
/// happened than expected, or where there is no rest.
pub(crate) fn score(observed: f64, expected: f64, total: f64) -> f64 {
    if observed <= expected || expected >= total {
        return 0.0;
    }
    let rest = total - observed;
    let outside = if rest > 0.0 {
        rest * (rest / (total - expected)).ln()
    } else {
        0.0
    };
    observed * (observed / expected).ln() + outside
}

/// `total` events, each in a period by its expected share.
fn scattered(total: f64, expected: &[f64], random: &mut random::Stream) -> Vec<f64> {
    let mut left = total as u64;
    let mut share = total;
    expected
        .iter()
        .map(|&here| {
            let chance = (here / share).clamp(0.0, 1.0);
            share = (share - here).max(f64::MIN_POSITIVE);
            // Cannot fail: the chance is within 0 to 1.
            let drawn = Binomial::new(left, chance).map_or(0, |events| events.sample(random));
            left -= drawn;
            drawn as f64
        })
        .collect()
}
