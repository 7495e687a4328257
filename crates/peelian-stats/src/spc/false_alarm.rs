//! False alarms: how many signals would a chart, or a page of charts, show if nothing happened?
//!
//! Charts random numbers (normal, independent or correlated with the one before) by [`xmr`] under
//! the settings in use and counts what is flagged. With the default rules about three series in ten
//! of 36 points show a special cause somewhere and nearly two in a hundred at the latest point, so of
//! 74 charts with nothing behind them one or two are flagged. Own simulation; the problem of many charts
//! is that of many tests, for which see Wheeler, *Understanding Variation*, and Benjamini and
//! Hochberg, *Journal of the Royal Statistical Society* B 57 (1995) 289–300.
//!
//! **How it can mislead.** Real series are not normal, not independent and of different lengths:
//! the count is a floor. Measures that share records are flagged together, so that the spread
//! around what is expected is wider than [`Page::chance`] says. As many flags as expected does not
//! mean that each is false.

use std::fmt;

use rand::Rng;
use rand_distr::StandardNormal;
use rayon::prelude::*;
use statrs::function::beta::checked_beta_reg;

use crate::Unanswerable;
use crate::random::stream;
use crate::spc::xmr::{Settings, xmr};

/// The longest series and the largest number of replications that are simulated.
const MOST: usize = 10_000_000;

/// What is charted though nothing happens. Default: 10,000 series, independent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noise {
    /// Number of series simulated, 1 to 10 million. Standard errors fall with its root.
    pub replications: usize,
    /// Correlation of each value with the one before, above −1 and below 1.
    pub autocorrelation: f64,
    /// Limits from the first so many points, `None` for all.
    pub baseline: Option<usize>,
    /// The same seed gives the same answer.
    pub seed: u64,
}

impl Default for Noise {
    fn default() -> Self {
        Self {
            replications: 10_000,
            autocorrelation: 0.0,
            baseline: None,
            seed: 1,
        }
    }
}

/// A share found by simulation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// Between 0 and 1.
    pub share: f64,
    /// Its Monte Carlo standard error, never 0: √(p(1 − p)/(n + 4)) with two successes and two
    /// failures added to the n replications.
    pub standard_error: f64,
}

/// How often charts of noise show a signal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FalseAlarms {
    /// Length of the series.
    pub points: usize,
    /// Number of series simulated.
    pub replications: usize,
    /// Series with a special cause at one point or more.
    pub anywhere: Share,
    /// Series whose latest point is a special cause.
    pub latest: Share,
    /// Points that are special causes, of all points.
    pub of_points: f64,
}

/// How often a series of so many `points` shows a special cause by chance under `settings`.
///
/// A series of 36 points takes about a microsecond, so the default fits into the answer of a page;
/// the figure depends on nothing but the arguments and may be kept. Refuses
/// lengths and replications of 0 or above 10 million, and an autocorrelation not between −1 and 1.
pub fn false_alarms(
    points: usize,
    settings: &Settings,
    noise: &Noise,
) -> Result<FalseAlarms, Unanswerable> {
    let Noise {
        replications,
        autocorrelation,
        ..
    } = *noise;
    if !(1..=MOST).contains(&points) || !(1..=MOST).contains(&replications) {
        return Err(Unanswerable::Invalid(
            "points and replications must be 1 to 10 million",
        ));
    }
    if !(autocorrelation > -1.0 && autocorrelation < 1.0) {
        return Err(Unanswerable::Invalid(
            "an autocorrelation must lie between -1 and 1",
        ));
    }
    let found = (0..replications as u64)
        .into_par_iter()
        .map_init(Vec::new, |series, index| {
            draw(series, points, noise, index);
            Found::of(series, noise.baseline, settings)
        })
        .reduce(Found::default, Found::and);
    Ok(FalseAlarms {
        points,
        replications,
        anywhere: Share::of(found.anywhere, replications),
        latest: Share::of(found.latest, replications),
        of_points: found.points as f64 / (points as f64 * replications as f64),
    })
}

/// A stationary series of mean 0 and variance 1.
fn draw(series: &mut Vec<Option<f64>>, points: usize, noise: &Noise, index: u64) {
    let mut random = stream(noise.seed, index);
    let correlation = noise.autocorrelation;
    let fresh = (1.0 - correlation * correlation).sqrt();
    let mut value: f64 = random.sample(StandardNormal);
    series.clear();
    series.push(Some(value));
    series.extend((1..points).map(|_| {
        let innovation: f64 = random.sample(StandardNormal);
        value = correlation * value + fresh * innovation;
        Some(value)
    }));
}

/// Numbers of series, and of points, that are flagged.
#[derive(Clone, Copy, Default)]
struct Found {
    anywhere: usize,
    latest: usize,
    points: usize,
}

impl Found {
    fn of(series: &[Option<f64>], baseline: Option<usize>, settings: &Settings) -> Self {
        let chart = xmr(series, &[], baseline, settings);
        let flagged = |point: &&super::xmr::Point| point.special.is_some();
        let points = chart.points.iter().flatten().filter(flagged).count();
        Self {
            anywhere: usize::from(points > 0),
            latest: usize::from(chart.latest().is_some_and(|point| flagged(&point))),
            points,
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            anywhere: self.anywhere + other.anywhere,
            latest: self.latest + other.latest,
            points: self.points + other.points,
        }
    }
}

impl Share {
    fn of(hits: usize, replications: usize) -> Self {
        let n = replications as f64;
        let p = (hits as f64 + 2.0) / (n + 4.0);
        Self {
            share: hits as f64 / n,
            standard_error: (p * (1.0 - p) / (n + 4.0)).sqrt(),
        }
    }

    /// How many of so many `series` are flagged by chance, on average.
    pub fn expected_among(&self, series: usize) -> f64 {
        self.share * series as f64
    }

    /// The flags `seen` on a page of so many `series`, against what chance gives.
    ///
    /// Take [`FalseAlarms::latest`] where a flag stands for the latest point and
    /// [`FalseAlarms::anywhere`] where it stands for any. Refuses more flags than series.
    pub fn page(&self, seen: usize, series: usize) -> Result<Page, Unanswerable> {
        if seen > series {
            return Err(Unanswerable::Mismatched(
                "no more series can be flagged than there are",
            ));
        }
        Ok(Page {
            series,
            seen,
            expected: self.expected_among(series),
            chance: at_least(seen, series, self.share),
        })
    }
}

/// P(X ≥ `hits`) for X binomial.
fn at_least(hits: usize, trials: usize, share: f64) -> f64 {
    if hits == 0 || share >= 1.0 {
        return 1.0;
    }
    if share <= 0.0 {
        return 0.0;
    }
    checked_beta_reg(hits as f64, (trials - hits) as f64 + 1.0, share).unwrap_or(1.0)
}

/// A page of many charts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Page {
    /// Charts on it.
    pub series: usize,
    /// Flags seen.
    pub seen: usize,
    /// Flags expected by chance.
    pub expected: f64,
    /// Probability of as many flags or more by chance, the charts being independent.
    pub chance: f64,
}

impl fmt::Display for Page {
    /// "3 flags seen among 74, 1.4 expected by chance".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = if self.seen == 1 { "flag" } else { "flags" };
        write!(
            f,
            "{} {flags} seen among {}, {:.1} expected by chance",
            self.seen, self.series, self.expected
        )
    }
}
