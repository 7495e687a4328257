//! Causal impact: one series against what its own past and other series say it would have been.
//!
//! Answers "what would have happened without it, and how sure are we?" where there is one treated
//! series, a start, and series that were not touched but move with it. Before the start,
//!
//! yₜ = μₜ + βᵀxₜ + εₜ, μₜ₊₁ = μₜ + ηₜ, ε ~ N(0, σ²), η ~ N(0, σ²_level),
//!
//! where each covariate is in the model or not (spike and slab). The model is carried on past the
//! start without looking at yₜ there; observed less carried on is the effect. Draws come from a
//! Gibbs sampler on the data standardised by their mean and standard deviation before the start.
//! Effects are in the unit of the outcome. Sources: Brodersen, Gallusser, Koehler, Remy and Scott,
//! *Annals of Applied Statistics* 9 (2015) 247–274; Scott and Varian, *International Journal of
//! Mathematical Modelling and Numerical Optimisation* 5 (2014) 4–23; George and McCulloch,
//! *Statistica Sinica* 7 (1997) 339–373. Priors as in R's CausalImpact: see [`Settings`].
//!
//! **How it can mislead.** The covariates must not be touched by the change, nor by what caused the
//! change. The prior holds the level nearly still (one hundredth of a standard deviation a period):
//! where the level really wanders, intervals are far too narrow. Run [`placebo_dates`] and
//! [`prior_sensitivity`] before believing a figure: dates on which nothing happened should show
//! nothing, and an effect that comes and goes with the prior is the prior's. There is no season in
//! this model: give it covariates that have the same season, or take it out first.

mod checks;
mod likelihood;
mod regression;
mod sampler;

use std::ops::Range;

use rayon::prelude::*;

pub use checks::{PlaceboDate, Sensitivity, placebo_dates, prior_sensitivity, usual_placebo_dates};
pub use likelihood::{LocalLevel, maximum_likelihood};

use crate::random::stream;
use crate::summary::{mean, quantile};
use crate::{Interval, Unanswerable};
use sampler::{Chain, Data};

/// Batches that a chain is cut into for the Monte Carlo error, and the least number of draws.
const BATCHES: usize = 20;

/// The treated series, what moves with it, and when.
#[derive(Clone, Debug)]
pub struct Series<'a> {
    /// The outcome, in time order; `None` (or not finite) where it is not known.
    pub outcome: &'a [Option<f64>],
    /// Untouched series over the same periods, without holes in the two ranges below.
    pub covariates: &'a [&'a [f64]],
    /// Periods to learn from.
    pub before: Range<usize>,
    /// Periods to judge, after those.
    pub after: Range<usize>,
}

/// How covariates get into the model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Selection {
    /// Spike and slab with coefficients and noise integrated out of the choice. The default.
    #[default]
    SpikeAndSlab,
    /// As the sampler of bsts-causalimpact 1.7.0 (Python) has it, for comparison with its figures
    /// and for nothing else: it divides the evidence for a covariate by the number of periods, so
    /// covariates drop out that plainly belong. `docs/methods/deviations.md` has the formula. No
    /// difference where every covariate is expected to be in the model.
    BstsCausalImpact,
}

/// The priors, and how long to draw. Defaults are those of R's CausalImpact for the priors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Draws kept of each chain, 20 or more. Default 1,000.
    pub draws: usize,
    /// Draws thrown away at the start of each chain. Default 500.
    pub warmup: usize,
    /// Chains, run at the same time. Default 4.
    pub chains: usize,
    /// Expected standard deviation of the level's steps, in standard deviations of the outcome, with
    /// the weight of 32 observations. Default 0.01.
    pub level_sd: f64,
    /// Covariates expected in the model; as many as there are, or more, puts all of them in.
    /// Default 3.
    pub model_size: f64,
    /// Share of the outcome's variance that covariates are expected to explain. Default 0.8.
    pub expected_r2: f64,
    /// Observations that this expectation is worth. Default 50.
    pub prior_df: f64,
    /// Level of the intervals. Default 0.95.
    pub confidence: f64,
    /// How covariates get in.
    pub selection: Selection,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            draws: 1_000,
            warmup: 500,
            chains: 4,
            level_sd: 0.01,
            model_size: 3.0,
            expected_r2: 0.8,
            prior_df: 50.0,
            confidence: 0.95,
            selection: Selection::SpikeAndSlab,
        }
    }
}

/// A figure with its posterior spread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// Posterior mean.
    pub mean: f64,
    /// Posterior standard deviation.
    pub sd: f64,
    /// Credible interval at the settings' confidence.
    pub interval: Interval,
}

/// One period from the start on whose outcome is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Its index in the series.
    pub period: usize,
    /// What was observed.
    pub observed: f64,
    /// Observed less carried on.
    pub effect: Effect,
    /// Effects added up to here.
    pub cumulative: Effect,
}

/// The effect, and how far to trust the draws.
#[derive(Clone, Debug, PartialEq)]
pub struct Impact {
    /// Average effect a period.
    pub average: Effect,
    /// Total effect.
    pub cumulative: Effect,
    /// Average effect as a share of what was carried on; `None` where that may be 0 or change sign.
    pub relative: Option<Effect>,
    /// Posterior probability of an average effect of the other sign, (1 + draws there)/(1 + draws):
    /// one-sided, as in R's CausalImpact, and never 0.
    pub p_value: f64,
    /// Standard error of `average.mean` due to the number of draws alone.
    pub monte_carlo_error: f64,
    /// Spread between halves of chains against spread within; above 1.01 the chains have not met:
    /// draw longer. `None` where nothing varies.
    pub r_hat: Option<f64>,
    /// By period.
    pub points: Vec<Point>,
    /// Share of draws with each covariate in the model.
    pub inclusion: Vec<f64>,
    /// Posterior mean of each coefficient, in outcome units per covariate unit; draws without the
    /// covariate count as 0.
    pub coefficients: Vec<f64>,
}

/// Draw the effect of whatever happened at `series.after.start`.
///
/// Needs three known outcomes before and one after. A covariate that did not vary before is left
/// out of the model. The same seed gives the same draws on any number of threads.
pub fn estimate(series: &Series, settings: &Settings, seed: u64) -> Result<Impact, Unanswerable> {
    settings.check()?;
    let data = Data::of(series)?;
    let chains: Vec<Chain> = (0..settings.chains as u64)
        .into_par_iter()
        .map(|chain| sampler::run(&data, settings, &mut stream(seed, chain)))
        .collect();
    summarise(&data, settings, &chains)
}

impl Settings {
    fn check(&self) -> Result<(), Unanswerable> {
        let few = |what, have, need| Err(Unanswerable::TooFew { what, have, need });
        if self.chains == 0 {
            return few("chains", 0, 1);
        }
        if self.draws < BATCHES {
            return few("draws", self.draws, BATCHES);
        }
        let positive = |value: f64| value > 0.0 && value.is_finite();
        if !positive(self.level_sd) || !positive(self.prior_df) || !positive(self.model_size) {
            return Err(Unanswerable::Invalid(
                "the level's spread, the prior's weight and the model's size are above 0",
            ));
        }
        if !(self.expected_r2 > 0.0 && self.expected_r2 < 1.0) {
            return Err(Unanswerable::Invalid(
                "the share expected to be explained lies between 0 and 1",
            ));
        }
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            return Err(Unanswerable::Invalid("confidence lies between 0 and 1"));
        }
        Ok(())
    }
}

fn summarise(data: &Data, settings: &Settings, chains: &[Chain]) -> Result<Impact, Unanswerable> {
    let effect = |values: Vec<f64>| Effect::of(values, settings.confidence);
    let after = data.after.len();
    let count: usize = chains
        .iter()
        .map(|chain| chain.predicted.len() / after)
        .sum();
    let rows = || {
        chains
            .iter()
            .flat_map(|chain| chain.predicted.chunks_exact(after))
    };

    let mut sums = vec![0.0; count];
    let mut points = Vec::with_capacity(after);
    for (place, known) in data.after.iter().enumerate() {
        let own: Vec<f64> = rows()
            .map(|row| data.unit * (known.value - row[place]))
            .collect();
        for (sum, own) in sums.iter_mut().zip(&own) {
            *sum += own;
        }
        points.push(Point {
            period: known.period,
            observed: known.value * data.unit + data.centre,
            effect: effect(own),
            cumulative: effect(sums.clone()),
        });
    }
    let averages: Vec<f64> = sums.iter().map(|sum| sum / after as f64).collect();
    let observed = mean(
        &points
            .iter()
            .map(|point| point.observed)
            .collect::<Vec<_>>(),
    );
    let carried: Vec<f64> = averages.iter().map(|average| observed - average).collect();
    let one_sign =
        carried.iter().all(|level| *level > 0.0) || carried.iter().all(|level| *level < 0.0);
    let relative = averages
        .iter()
        .zip(&carried)
        .map(|(average, level)| average / level);
    let relative = one_sign.then(|| effect(relative.collect()));
    let below = averages.iter().filter(|average| **average <= 0.0).count();
    let above = averages.iter().filter(|average| **average >= 0.0).count();

    let per_draw = |sum: f64| sum / count as f64;
    let over = |pick: fn(&Chain) -> &Vec<f64>, covariate: usize| -> f64 {
        per_draw(chains.iter().map(|chain| pick(chain)[covariate]).sum())
    };
    let covariates = 0..data.scales.len();
    let coefficient = |covariate: usize| match data.scales[covariate] {
        scale if scale > 0.0 => over(|chain| &chain.coefficients, covariate) * data.unit / scale,
        _ => 0.0,
    };
    let by_chain: Vec<&[f64]> = averages.chunks(settings.draws).collect();
    let impact = Impact {
        monte_carlo_error: monte_carlo_error(&by_chain),
        r_hat: r_hat(&by_chain),
        p_value: (1.0 + below.min(above) as f64) / (1.0 + count as f64),
        cumulative: effect(sums),
        relative,
        points,
        inclusion: covariates
            .clone()
            .map(|one| over(|chain| &chain.included, one))
            .collect(),
        coefficients: covariates.map(coefficient).collect(),
        average: effect(averages),
    };
    if impact.average.mean.is_finite() && impact.cumulative.sd.is_finite() {
        Ok(impact)
    } else {
        Err(Unanswerable::Overflow)
    }
}

impl Effect {
    fn of(mut values: Vec<f64>, confidence: f64) -> Self {
        let centre = mean(&values);
        let squares: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
        values.sort_unstable_by(f64::total_cmp);
        let tail = (1.0 - confidence) / 2.0;
        Self {
            mean: centre,
            sd: (squares / (values.len() as f64 - 1.0).max(1.0)).sqrt(),
            interval: Interval {
                lower: quantile(&values, tail),
                upper: quantile(&values, 1.0 - tail),
            },
        }
    }
}

/// Standard error of the mean from the spread of batch means.
fn monte_carlo_error(chains: &[&[f64]]) -> f64 {
    let batch = |chain: &&[f64]| chain.len().div_ceil(BATCHES);
    let means = chains
        .iter()
        .flat_map(|chain| chain.chunks_exact(batch(chain)).map(mean));
    let means: Vec<f64> = means.collect();
    (variance(&means) / means.len() as f64).sqrt()
}

/// Gelman and Rubin's ratio over half chains (*Statistical Science* 7 (1992) 457–472).
fn r_hat(chains: &[&[f64]]) -> Option<f64> {
    let halves: Vec<&[f64]> = chains
        .iter()
        .flat_map(|chain| chain.chunks_exact(chain.len() / 2).take(2))
        .collect();
    let n = halves.first()?.len() as f64;
    let within = mean(&halves.iter().map(|half| variance(half)).collect::<Vec<_>>());
    let between = variance(&halves.iter().map(|half| mean(half)).collect::<Vec<_>>());
    Some(((n - 1.0) / n + between / within).sqrt()).filter(|ratio| ratio.is_finite())
}

fn variance(values: &[f64]) -> f64 {
    let centre = mean(values);
    let squares: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    squares / (values.len() as f64 - 1.0).max(1.0)
}
