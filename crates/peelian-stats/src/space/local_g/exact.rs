//! All ways to draw an area's neighbours, counted.
//!
//! The number of ways to choose j areas whose whole values sum to s is the coefficient of uʲtˢ in
//! Π(1 + u·t^x) over the areas. One table for all areas is built value by value; the table
//! without one area of value v follows from it by Q_j(s) = C_j(s) − Q_{j−1}(s − v).

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::Shares;
use crate::Unanswerable;
use crate::space::weights::Weights;

/// The most steps that the tables may take.
const MOST_STEPS: f64 = 1e10;
/// The most entries of one table.
const MOST_ENTRIES: usize = 1 << 26;

/// Ways by number drawn (outer) and sum (inner).
type Ways = Vec<Vec<f64>>;

/// An area's neighbours: how many, and their sum.
struct Drawn {
    count: usize,
    sum: usize,
}

pub(super) fn shares(values: &[f64], weights: &Weights) -> Result<Vec<Shares>, Unanswerable> {
    let whole = from_zero(values)?;
    let drawn = (0..whole.len())
        .map(|unit| neighbourhood(&whole, weights, unit))
        .collect::<Result<Vec<_>, _>>()?;
    let most = drawn.iter().map(|drawn| drawn.count).max().unwrap_or(0);
    let mut times: BTreeMap<usize, usize> = BTreeMap::new();
    for value in &whole {
        *times.entry(*value).or_default() += 1;
    }
    let largest = times.last_key_value().map_or(0, |(value, _)| *value);
    check_work(times.len(), most, largest)?;
    let ways = all_ways(&times, most, largest);
    if ways.iter().flatten().any(|ways| !ways.is_finite()) {
        return Err(Unanswerable::Overflow);
    }
    let mut by_value: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (unit, value) in whole.iter().enumerate() {
        by_value.entry(*value).or_default().push(unit);
    }
    let of_value = |(value, units): (&usize, &Vec<usize>)| {
        let tails = Tails::of(&without(&ways, *value));
        let share = |unit: &usize| (*unit, tails.shares(&drawn[*unit]));
        units.iter().map(share).collect::<Vec<_>>()
    };
    let mut found: Vec<_> = by_value.par_iter().flat_map_iter(of_value).collect();
    found.sort_unstable_by_key(|(unit, _)| *unit);
    Ok(found.into_iter().map(|(_, shares)| shares).collect())
}

/// Whole values counted up from the smallest.
fn from_zero(values: &[f64]) -> Result<Vec<usize>, Unanswerable> {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let whole = |value: &f64| {
        let above = value - least;
        (value.fract() == 0.0 && value.abs() < 1e15 && above < MOST_ENTRIES as f64)
            .then_some(above as usize)
    };
    let all = values.iter().map(whole).collect::<Option<_>>();
    all.ok_or(Unanswerable::Invalid(
        "exact p-values need whole numbers that lie not too far apart",
    ))
}

fn neighbourhood(values: &[usize], weights: &Weights, unit: usize) -> Result<Drawn, Unanswerable> {
    let mut drawn = Drawn { count: 0, sum: 0 };
    let mut first = None;
    for (to, weight) in weights.neighbours(unit).filter(|(to, _)| *to != unit) {
        if weight != *first.get_or_insert(weight) {
            return Err(Unanswerable::Invalid(
                "exact p-values need rows of equal weights",
            ));
        }
        drawn.count += 1;
        drawn.sum += values[to];
    }
    Ok(drawn)
}

fn check_work(distinct: usize, most: usize, largest: usize) -> Result<(), Unanswerable> {
    let entries = (most + 1) as f64 * (most as f64 * largest as f64 + 1.0);
    let steps = distinct as f64 * (most + 1) as f64 * entries;
    if entries > MOST_ENTRIES as f64 || steps > MOST_STEPS {
        Err(Unanswerable::Invalid(
            "too many neighbours or too large values for exact p-values: draw permutations",
        ))
    } else {
        Ok(())
    }
}

/// Ways to draw 0 to `most` of all areas.
fn all_ways(times: &BTreeMap<usize, usize>, most: usize, largest: usize) -> Ways {
    let mut ways: Ways = (0..=most).map(|j| vec![0.0; j * largest + 1]).collect();
    ways[0][0] = 1.0;
    let mut highest = 0;
    for (value, times) in times {
        let choices = choose(*times, most);
        for j in (1..=most).rev() {
            let (fewer, this) = ways.split_at_mut(j);
            let this = &mut this[0];
            for (t, choices) in choices.iter().enumerate().take(j + 1).skip(1) {
                let from = &fewer[j - t][..=(j - t) * highest];
                for (to, from) in this[t * value..].iter_mut().zip(from) {
                    *to += choices * from;
                }
            }
        }
        highest = *value;
    }
    ways
}

/// Ways to choose 0, 1, ... of `n`, up to `most` of them.
fn choose(n: usize, most: usize) -> Vec<f64> {
    let mut choices = vec![1.0];
    for t in 1..=most.min(n) {
        choices.push((choices[t - 1] * (n + 1 - t) as f64 / t as f64).round());
    }
    choices
}

/// Ways to draw when one area of this value stays out.
fn without(all: &Ways, value: usize) -> Ways {
    let mut ways: Ways = Vec::with_capacity(all.len());
    for (j, all) in all.iter().enumerate() {
        let mut these = all.clone();
        if let Some(fewer) = j.checked_sub(1).and_then(|j| ways.get(j)) {
            for (these, fewer) in these[value..].iter_mut().zip(fewer) {
                *these = (*these - fewer).max(0.0);
            }
        }
        ways.push(these);
    }
    ways
}

/// Ways at or below, and at or above, each sum, by number drawn.
struct Tails {
    at_most: Ways,
    at_least: Ways,
}

impl Tails {
    fn of(ways: &Ways) -> Self {
        let add = |total: &mut f64, ways: &f64| {
            *total += ways;
            Some(*total)
        };
        let up = |ways: &Vec<f64>| ways.iter().scan(0.0, add).collect();
        let down = |ways: &Vec<f64>| {
            let mut tail: Vec<f64> = ways.iter().rev().scan(0.0, add).collect();
            tail.reverse();
            tail
        };
        Self {
            at_most: ways.iter().map(up).collect(),
            at_least: ways.iter().map(down).collect(),
        }
    }

    fn shares(&self, drawn: &Drawn) -> Shares {
        let (at_most, at_least) = (&self.at_most[drawn.count], &self.at_least[drawn.count]);
        let share = |tail: &[f64]| (tail[drawn.sum] / at_least[0]).min(1.0);
        Shares {
            at_least: share(at_least),
            at_most: share(at_most),
            draws: 0,
        }
    }
}
