//! How sure a rank is.
//!
//! Answers "is this unit really third?", mostly with "it could be anything from first to
//! twentieth". Each unit's figure is drawn again many times within its own uncertainty, all units
//! are ranked each time, and the rank's interval is read from those ranks. Sources: Goldstein and
//! Spiegelhalter, *Journal of the Royal Statistical Society* A 159 (1996) 385–443; Marshall and
//! Spiegelhalter, *British Medical Journal* 316 (1998) 1701–1704.
//!
//! **How it can mislead.** A league table remains one with intervals: what a page may say is which
//! units are surely in the upper or lower part. Ranks of units of very different size are drawn
//! apart by chance alone, so that small units fill both ends. Drawing from estimates adds their
//! noise to noise that they already hold: where ranks matter, draw shrunk figures and their errors
//! ([`crate::comparison::shrinkage`]).

use rand_distr::{Distribution, Gamma, Normal};
use rayon::prelude::*;

use crate::Unanswerable;
use crate::comparison::funnel::Unit;
use crate::comparison::interval::{above_zero, counted, tail};
use crate::random::{Stream, stream};

/// Draws that share a stream of random numbers.
const BLOCK: usize = 256;
/// Most units that are ranked: a table of ranks by units is kept.
const MOST: usize = 2_000;
/// Fewest draws that an end can be read from.
const FEWEST_DRAWS: usize = 100;

/// A figure and its standard error, in the same unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// The figure.
    pub value: f64,
    /// Its standard error, 0 or more.
    pub standard_error: f64,
}

/// How ranks are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Times that all figures are drawn again, at least 100. Default 10,000.
    pub draws: usize,
    /// Default 0.95.
    pub confidence: f64,
    /// The same seed gives the same ranks, on any number of threads. Default 0.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            draws: 10_000,
            confidence: 0.95,
            seed: 0,
        }
    }
}

/// A unit's rank, 1 for the highest figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rank {
    /// By the figures as they are; units that tie share the best of their ranks.
    pub rank: usize,
    /// The best rank within the interval.
    pub best: usize,
    /// The worst rank within the interval.
    pub worst: usize,
    /// Mean rank over the draws.
    pub mean: f64,
    /// Share of the draws in which the unit is in the upper half: rank at most ⌊n/2⌋.
    pub upper_half: f64,
}

/// Ranks of figures with known standard errors, drawn from normal distributions.
///
/// Refuses fewer than two units, more than 2,000, a figure or an error that is not finite, a
/// negative error, fewer than 100 draws, and a confidence not strictly within 0 to 1.
pub fn ranks(units: &[Measured], settings: &Settings) -> Result<Vec<Rank>, Unanswerable> {
    let normal = |unit: &Measured| {
        let usable = unit.value.is_finite() && unit.standard_error >= 0.0;
        Normal::new(unit.value, unit.standard_error)
            .ok()
            .filter(|_| usable && unit.standard_error.is_finite())
            .ok_or(Unanswerable::Invalid(
                "figures must be finite, standard errors finite and 0 or more",
            ))
    };
    let drawn: Vec<_> = units.iter().map(normal).collect::<Result<_, _>>()?;
    let values: Vec<_> = units.iter().map(|unit| unit.value).collect();
    ranked(&values, &drawn, settings)
}

/// Ranks of rates, each drawn from Gamma(count + ½) ÷ base: what a count says of the rate behind
/// it when nothing else is known (Jeffreys' prior).
///
/// Refuses a count that is negative or not finite, a base not above 0, and what [`ranks`] refuses.
pub fn ranks_of_rates(units: &[Unit], settings: &Settings) -> Result<Vec<Rank>, Unanswerable> {
    let gamma = |unit: &Unit| {
        let shape = counted(unit.numerator)? + 0.5;
        let scale = 1.0 / above_zero(unit.denominator)?;
        Gamma::new(shape, scale).map_err(|_| Unanswerable::Overflow)
    };
    let drawn: Vec<_> = units.iter().map(gamma).collect::<Result<_, _>>()?;
    let values: Vec<_> = units.iter().map(|u| u.numerator / u.denominator).collect();
    ranked(&values, &drawn, settings)
}

fn ranked<D: Distribution<f64> + Sync>(
    values: &[f64],
    drawn: &[D],
    settings: &Settings,
) -> Result<Vec<Rank>, Unanswerable> {
    let tail = tail(settings.confidence)?;
    let n = values.len();
    let too_few = |what, have, need| Err(Unanswerable::TooFew { what, have, need });
    if n < 2 {
        return too_few("units", n, 2);
    }
    if n > MOST {
        return Err(Unanswerable::Invalid("at most 2,000 units can be ranked"));
    }
    if settings.draws < FEWEST_DRAWS {
        return too_few("draws", settings.draws, FEWEST_DRAWS);
    }
    let times = times_at_rank(drawn, settings);
    let rank = |unit: usize| {
        let higher = values.iter().filter(|value| **value > values[unit]).count();
        summary(higher + 1, &times[unit * n..(unit + 1) * n], tail)
    };
    Ok((0..n).map(rank).collect())
}

/// How often each unit came to each rank: one row a unit.
fn times_at_rank<D: Distribution<f64> + Sync>(drawn: &[D], settings: &Settings) -> Vec<u32> {
    let n = drawn.len();
    let blocks = settings.draws.div_ceil(BLOCK);
    let count = |mut times: Vec<u32>, block: usize| {
        let mut random: Stream = stream(settings.seed, block as u64);
        let mut order: Vec<(f64, usize)> = Vec::with_capacity(n);
        for _ in block * BLOCK..settings.draws.min((block + 1) * BLOCK) {
            order.clear();
            order.extend(
                drawn
                    .iter()
                    .enumerate()
                    .map(|(unit, d)| (d.sample(&mut random), unit)),
            );
            order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
            for (rank, (_, unit)) in order.iter().enumerate() {
                times[unit * n + rank] += 1;
            }
        }
        times
    };
    let none = || vec![0; n * n];
    let add = |mut a: Vec<u32>, b: Vec<u32>| {
        for (a, b) in a.iter_mut().zip(b) {
            *a += b;
        }
        a
    };
    (0..blocks)
        .into_par_iter()
        .fold(none, count)
        .reduce(none, add)
}

fn summary(rank: usize, times: &[u32], tail: f64) -> Rank {
    let draws: f64 = times.iter().map(|times| f64::from(*times)).sum();
    let share = |times: &[u32]| times.iter().map(|t| f64::from(*t)).sum::<f64>() / draws;
    // The first rank at which more than a share has been passed.
    let reached = |goal: f64| {
        let mut passed = 0.0;
        times.iter().position(|times| {
            passed += f64::from(*times);
            passed > goal * draws
        })
    };
    let last = times.len().saturating_sub(1);
    let weighted: f64 = (1..)
        .zip(times)
        .map(|(r, t): (u32, _)| f64::from(r) * f64::from(*t))
        .sum();
    Rank {
        rank,
        best: reached(tail).unwrap_or(last) + 1,
        worst: reached(1.0 - tail).unwrap_or(last) + 1,
        mean: weighted / draws,
        upper_half: share(&times[..times.len() / 2]),
    }
}
