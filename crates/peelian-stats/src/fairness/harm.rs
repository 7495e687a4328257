//! Harm: events weighed by how bad they are.
//!
//! With Nₖ events of kind k and weight wₖ the harm is H = Σ wₖNₖ, in the unit of the weights (days,
//! score points). Events are taken as Poisson, so that H is compound Poisson with variance
//! Σ wₖ²Nₖ. Two intervals come with it:
//!
//! - normal, H ± z·√(Σ wₖ²Nₖ): short, and too short where a few heavy events make most of the harm;
//! - gamma, after Fay and Feuer, *Statistics in Medicine* 16 (1997) 791–801, whose upper end allows
//!   for one more event of the heaviest kind, seen or not.
//!
//! [`bootstrap`] draws each kind's count again. Weights are an argument: take them from the
//! publisher's file, with its version, never from a newspaper. Sources of the idea: Sherman, Neyroud
//! and Neyroud, *Policing* 10 (2016) 171–183 (Cambridge Crime Harm Index); Office for National
//! Statistics, Crime Severity Score.
//!
//! **How it can mislead.** One homicide can be most of a district's month: show the harm with and
//! without the largest contributors. Weights are opinions of courts written as numbers. What is not
//! recorded weighs nothing, and a kind recorded better weighs more with nothing worse happening.
//! Events that come in clusters vary more than Poisson.

use rand_distr::{Distribution, Poisson};
use rayon::prelude::*;

use crate::random;
use crate::special::{Tail, gamma_quantile, normal_z};
use crate::summary::quantile;
use crate::{Interval, Unanswerable};

/// Fewer replications than this do not fill the tails.
const FEWEST_REPLICATIONS: usize = 100;
/// Beyond this shape the gamma distribution is as good as Wilson and Hilferty's cube root of it.
const EXACT_UP_TO: f64 = 1e7;
/// The largest count that random draws are made for.
const LARGEST_COUNT: f64 = 1e15;

/// What one kind of event adds to the harm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contribution {
    /// Index into the counts.
    pub kind: usize,
    /// Count × weight.
    pub harm: f64,
    /// Share of all harm, 0–1.
    pub share: f64,
}

/// Weighted harm.
#[derive(Clone, Debug, PartialEq)]
pub struct Harm {
    /// Σ wₖNₖ in the unit of the weights.
    pub total: f64,
    /// √(Σ wₖ²Nₖ).
    pub standard_error: f64,
    /// Normal interval, cut off at 0.
    pub normal: Interval,
    /// Gamma interval. Prefer it where the largest contributors are few events.
    pub gamma: Interval,
    /// What each kind adds, the most harmful first; kinds that add nothing are left out.
    pub contributions: Vec<Contribution>,
}

/// Harm of `counts` under `weights`, one of each a kind; weights 0 or more.
///
/// No events at all give a harm of 0 whose gamma interval still has an upper end: what the heaviest
/// kind could have done unseen. Refuses no kinds, lengths that differ, numbers that are negative or
/// not finite, weights all of which are 0, and a `confidence` not strictly within 0 to 1.
pub fn harm(counts: &[f64], weights: &[f64], confidence: f64) -> Result<Harm, Unanswerable> {
    let z = standard_errors(confidence)?;
    let heaviest = check(counts, weights)?;
    let pairs = || counts.iter().zip(weights);
    let total: f64 = pairs().map(|(count, weight)| count * weight).sum();
    let variance: f64 = pairs().map(|(count, weight)| count * weight * weight).sum();
    let (more, more_variance) = (total + heaviest, variance + heaviest * heaviest);
    if !(more.is_finite() && more_variance.is_finite()) {
        return Err(Unanswerable::Overflow);
    }
    let standard_error = variance.sqrt();
    let tail = (1.0 - confidence) / 2.0;
    let gamma = Interval {
        lower: gamma_end(total, variance, tail, Tail::Lower).min(total),
        upper: gamma_end(more, more_variance, tail, Tail::Upper).max(total),
    };
    let normal = Interval {
        lower: (total - z * standard_error).max(0.0),
        upper: total + z * standard_error,
    };
    if !(normal.upper.is_finite() && gamma.lower.is_finite() && gamma.upper.is_finite()) {
        return Err(Unanswerable::Overflow);
    }
    Ok(Harm {
        total,
        standard_error,
        normal,
        gamma,
        contributions: contributions(counts, weights, total),
    })
}

impl Harm {
    /// Harm per head: every figure in it divided by `population` and multiplied by `multiplier`
    /// (1,000 for "per 1,000 people"). Shares stay.
    ///
    /// Refuses a population or a multiplier not above 0, and figures too large to write.
    pub fn per(&self, population: f64, multiplier: f64) -> Result<Self, Unanswerable> {
        let factor = multiplier / population;
        if !(population > 0.0 && multiplier > 0.0) {
            return Err(Unanswerable::Invalid(
                "the population and the multiplier must be above 0",
            ));
        }
        let scaled = Self {
            total: self.total * factor,
            standard_error: self.standard_error * factor,
            normal: self.normal.scaled(factor),
            gamma: self.gamma.scaled(factor),
            contributions: self
                .contributions
                .iter()
                .map(|own| Contribution {
                    harm: own.harm * factor,
                    ..*own
                })
                .collect(),
        };
        let written = scaled.gamma.upper.is_finite() && scaled.normal.upper.is_finite();
        if written && factor > 0.0 {
            Ok(scaled)
        } else {
            Err(Unanswerable::Overflow)
        }
    }

    /// Share of the harm that the `kinds` most harmful kinds make, 0–1; 0 where there is no harm.
    pub fn share_of_top(&self, kinds: usize) -> f64 {
        let top = self.contributions.iter().take(kinds);
        top.map(|own| own.share).sum::<f64>().min(1.0)
    }
}

/// Percentile interval of the harm with each kind's count drawn again from a Poisson distribution
/// with the count as its mean.
///
/// A kind with no events draws none, so the interval knows nothing of heavy events that happened
/// not to happen; [`Harm::gamma`] does. The same `seed` gives the same interval on any number of
/// threads. Refuses what [`harm`] refuses, fewer than 100 replications and counts above 10¹⁵.
pub fn bootstrap(
    counts: &[f64],
    weights: &[f64],
    replications: usize,
    confidence: f64,
    seed: u64,
) -> Result<Interval, Unanswerable> {
    standard_errors(confidence)?;
    check(counts, weights)?;
    if replications < FEWEST_REPLICATIONS {
        return Err(Unanswerable::TooFew {
            what: "replications",
            have: replications,
            need: FEWEST_REPLICATIONS,
        });
    }
    let kinds = counts.iter().zip(weights);
    let drawn: Vec<_> = kinds
        .filter(|&(&count, &weight)| count > 0.0 && weight > 0.0)
        .map(|(&count, &weight)| {
            let small_enough = count <= LARGEST_COUNT;
            let poisson = Poisson::new(count).ok().filter(|_| small_enough);
            poisson.map(|poisson| (poisson, weight))
        })
        .collect::<Option<_>>()
        .ok_or(Unanswerable::Overflow)?;
    let mut totals: Vec<f64> = (0..replications)
        .into_par_iter()
        .map(|replication| {
            let mut stream = random::stream(seed, replication as u64);
            drawn
                .iter()
                .map(|(poisson, weight)| poisson.sample(&mut stream) * weight)
                .sum()
        })
        .collect();
    if totals.iter().any(|total| !total.is_finite()) {
        return Err(Unanswerable::Overflow);
    }
    totals.sort_unstable_by(f64::total_cmp);
    let tail = (1.0 - confidence) / 2.0;
    Ok(Interval {
        lower: quantile(&totals, tail),
        upper: quantile(&totals, 1.0 - tail),
    })
}

/// The change of harm from one period or place to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// Harm after less harm before.
    pub difference: f64,
    /// Normal interval of it: the two are taken as independent.
    pub interval: Interval,
}

/// How harm changed between two periods of the same length, or two places, under the same weights.
/// Take both [`Harm::per`] head first where the populations differ.
///
/// Refuses a `confidence` not strictly within 0 to 1 and figures too large to write.
pub fn change(before: &Harm, after: &Harm, confidence: f64) -> Result<Change, Unanswerable> {
    let z = standard_errors(confidence)?;
    let difference = after.total - before.total;
    let reach = z * before.standard_error.hypot(after.standard_error);
    if !(difference.is_finite() && reach.is_finite()) {
        return Err(Unanswerable::Overflow);
    }
    Ok(Change {
        difference,
        interval: Interval {
            lower: difference - reach,
            upper: difference + reach,
        },
    })
}

fn standard_errors(confidence: f64) -> Result<f64, Unanswerable> {
    normal_z(confidence).ok_or(Unanswerable::Invalid(
        "the confidence must lie strictly between 0 and 1",
    ))
}

/// The heaviest weight.
fn check(counts: &[f64], weights: &[f64]) -> Result<f64, Unanswerable> {
    if counts.len() != weights.len() {
        return Err(Unanswerable::Mismatched("each count needs one weight"));
    }
    if counts.is_empty() {
        return Err(Unanswerable::TooFew {
            what: "kinds",
            have: 0,
            need: 1,
        });
    }
    let counted = |number: &f64| *number >= 0.0 && number.is_finite();
    if !counts.iter().chain(weights).all(counted) {
        return Err(Unanswerable::Invalid(
            "counts and weights must be 0 or more",
        ));
    }
    let heaviest = weights.iter().copied().fold(0.0, f64::max);
    if heaviest > 0.0 {
        Ok(heaviest)
    } else {
        Err(Unanswerable::Invalid("some weight must be above 0"))
    }
}

/// One end of the interval of a gamma variable with this mean and variance; 0 for nothing.
fn gamma_end(mean: f64, variance: f64, tail: f64, end: Tail) -> f64 {
    let scale = variance / mean;
    let shape = mean / scale;
    if !(mean > 0.0 && scale > 0.0 && shape > 0.0) {
        return mean;
    }
    if shape <= EXACT_UP_TO {
        return gamma_quantile(shape, tail, end) * scale;
    }
    let z = normal_z(1.0 - 2.0 * tail).unwrap_or(0.0);
    let sign = if matches!(end, Tail::Upper) {
        1.0
    } else {
        -1.0
    };
    let root = 1.0 - 1.0 / (9.0 * shape) + sign * z / (3.0 * shape.sqrt());
    mean * root.powi(3)
}

fn contributions(counts: &[f64], weights: &[f64], total: f64) -> Vec<Contribution> {
    let mut all: Vec<_> = counts
        .iter()
        .zip(weights)
        .enumerate()
        .map(|(kind, (count, weight))| Contribution {
            kind,
            harm: count * weight,
            share: count * weight / total,
        })
        .filter(|own| own.harm > 0.0)
        .collect();
    all.sort_by(|a, b| b.harm.total_cmp(&a.harm).then(a.kind.cmp(&b.kind)));
    all
}
