//! Runs analysis and the run chart: is the series anything but random about its middle?
//!
//! Of the values that are not on the centre line, a run is a stretch on one side of it. Too long a
//! run, or too few crossings from one side to the other, is a signal. With n useful values a run
//! may be [log₂ n] + 3 long (rounded), and there must be as many crossings as the 5 % quantile of a
//! binomial with n − 1 trials and probability ½. Sources: Anhøj and Olesen, *PLoS ONE* 9 (2014)
//! e113825; Schilling, *Mathematics Magazine* 85 (2012) 141–149 (longest run); Chen, *Shewhart
//! charts* (2010) (crossings). The run chart draws the median, which half of the values lie under
//! whatever their distribution, so it needs no limits and no assumption of one.
//!
//! **How it can mislead.** Of random series 3 to 5 % give a signal about their own median, 6 to 8 %
//! about a middle that was fixed beforehand. It says that something shifted, not when, and one extreme value leaves it cold. Values on the line are no use to it:
//! small counts have many. Runs about a mean need a distribution that is about symmetric.

use std::ops::Range;

use statrs::function::beta::checked_beta_reg;

use crate::Unanswerable;
use crate::spc::xmr::{or_missing, segment_ranges};
use crate::summary::quantile;

/// The chance left to a random series of crossing too rarely.
const RARELY: f64 = 0.05;

/// Runs of a series about a centre line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Runs {
    /// Values that are not on the line; the figures below are of these and 0 where there is none.
    pub useful: usize,
    /// Length of the longest run.
    pub longest: usize,
    /// The longest that chance explains.
    pub longest_allowed: usize,
    /// How often the series crosses the line.
    pub crossings: usize,
    /// The fewest crossings that chance explains.
    pub crossings_needed: usize,
}

impl Runs {
    /// Whether a run is too long.
    pub fn too_long(&self) -> bool {
        self.longest > self.longest_allowed
    }

    /// Whether there are too few crossings.
    pub fn too_few_crossings(&self) -> bool {
        self.crossings < self.crossings_needed
    }

    /// Whether either is so: the series is not random about the line.
    pub fn signal(&self) -> bool {
        self.too_long() || self.too_few_crossings()
    }
}

/// Runs of `values`, in time order, about a `centre` of the same unit.
///
/// Missing values (`None` or not finite) and values on the line are passed over, so that a run goes
/// on across them. No value off the line gives no signal. Refuses a centre that is not finite.
pub fn runs(values: &[Option<f64>], centre: f64) -> Result<Runs, Unanswerable> {
    if !centre.is_finite() {
        return Err(Unanswerable::Invalid("the centre line must be finite"));
    }
    let values: Vec<_> = values.iter().copied().map(or_missing).collect();
    Ok(count_runs(&values, centre))
}

/// The same for values that are not a number where missing.
pub(crate) fn count_runs(values: &[f64], centre: f64) -> Runs {
    let sides = values.iter().filter_map(|value| {
        let side = value.partial_cmp(&centre)?;
        side.is_ne().then_some(side)
    });
    let (mut useful, mut longest, mut crossings) = (0, 0, 0);
    let mut run = 0;
    let mut before = None;
    for side in sides {
        useful += 1;
        crossings += usize::from(before.is_some_and(|before| before != side));
        run = if before == Some(side) { run + 1 } else { 1 };
        longest = longest.max(run);
        before = Some(side);
    }
    Runs {
        useful,
        longest,
        longest_allowed: longest_allowed(useful),
        crossings,
        crossings_needed: crossings_needed(useful),
    }
}

fn longest_allowed(useful: usize) -> usize {
    match useful {
        0 => 0,
        n => (n as f64).log2().round() as usize + 3,
    }
}

/// The least k with P(X ≤ k) ≥ 5 % for X binomial with `useful` − 1 trials of ½.
fn crossings_needed(useful: usize) -> usize {
    let trials = useful.saturating_sub(1);
    // P(X ≤ k) is the regularised beta function at ½ with trials − k and k + 1.
    let enough = |k: usize| {
        k >= trials
            || checked_beta_reg((trials - k) as f64, k as f64 + 1.0, 0.5)
                .is_ok_and(|share| share >= RARELY)
    };
    let (mut low, mut high) = (0, trials);
    while low < high {
        let middle = usize::midpoint(low, high);
        if enough(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// A stretch of a run chart.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSegment {
    /// Indices of the places that it covers.
    pub range: Range<usize>,
    /// Number of values that the median was taken from.
    pub n: usize,
    /// The centre line, in the unit of the values; `None` where there was no value to take it from.
    pub median: Option<f64>,
    /// The runs about it; `None` where there is none.
    pub runs: Option<Runs>,
}

/// The run chart of `values`, in time order, missing where `None` or not finite.
///
/// A segment begins at each of `starts` and at 0. `baseline` takes each segment's median from its
/// first so many places, missing ones included; the runs are of all its values. Fewer than about
/// ten useful values tell little. Refuses a series without any value.
pub fn run_chart(
    values: &[Option<f64>],
    starts: &[usize],
    baseline: Option<usize>,
) -> Result<Vec<RunSegment>, Unanswerable> {
    let values: Vec<_> = values.iter().copied().map(or_missing).collect();
    if values.iter().all(|value| value.is_nan()) {
        return Err(Unanswerable::TooFew {
            what: "values",
            have: 0,
            need: 1,
        });
    }
    let segment = |range: Range<usize>| {
        let used = range.len().min(baseline.unwrap_or(usize::MAX));
        let (n, median) = median(&values[range.start..range.start + used]);
        let runs = median.map(|median| count_runs(&values[range.clone()], median));
        RunSegment {
            range,
            n,
            median,
            runs,
        }
    };
    Ok(segment_ranges(values.len(), starts).map(segment).collect())
}

/// How many values are not missing, and their median.
pub(crate) fn median(values: &[f64]) -> (usize, Option<f64>) {
    let mut sorted: Vec<_> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = (!sorted.is_empty()).then(|| quantile(&sorted, 0.5));
    // Two values at opposite ends of what a number can be have no middle that can be written down.
    (sorted.len(), middle.filter(|middle| middle.is_finite()))
}
