//! Was the choice of places any good? Hit rate, PAI, PEI and recapture rate.
//!
//! Places are chosen by what was predicted of them, highest density first, and scored on what
//! happened later. With n of N events in the chosen places and a of A of the area:
//!
//! - hit rate n/N;
//! - prediction accuracy index PAI = (n/N)/(a/A);
//! - prediction efficiency index PEI = PAI ÷ the PAI of as many places in the order of what
//!   happened;
//! - recapture rate index RRI = predicted ÷ counted in the chosen places.
//!
//! Sources: Chainey, Tompson and Uhlig, *Security Journal* 21 (2008) 4–28 (PAI); Hunt, *Prediction
//! Efficiency Index* (2016); Levine, *Security Journal* 21 (2008) 295–302 (recapture).
//!
//! **How it can mislead.** Scored on the events that chose them, any places look good: use later
//! events. PAI grows without bound as the area shrinks, so compare at one coverage and on one area
//! only. With places of unequal size the order of what happened is not quite the best choice, so
//! PEI can pass 1.

use std::cmp::Ordering;

use rand_distr::{Distribution, Poisson};
use rayon::prelude::*;

use crate::comparison::interval::Interval;
use crate::summary::quantile;
use crate::{Unanswerable, random};

/// One place: what was predicted, what happened, how large it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Events counted in the test period.
    pub count: f64,
    /// Weight of one such event: 1 for counts, harm an event for harm.
    pub weight: f64,
    /// Predicted events or risk, on any scale.
    pub predicted: f64,
    /// Area, in any unit.
    pub area: f64,
}

/// The score of the first so many places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Index of the place that was added last.
    pub place: usize,
    /// Weighted count of the chosen places.
    pub count: f64,
    /// Their predicted sum.
    pub predicted: f64,
    /// Their area.
    pub area: f64,
    /// Share of all that happened.
    pub hit_rate: f64,
    /// Share of the area.
    pub area_share: f64,
    /// Hit rate ÷ area share.
    pub pai: f64,
    /// PAI ÷ that of as many places in the order of what happened.
    pub pei: f64,
    /// Predicted ÷ counted; `None` where nothing was counted.
    pub rri: Option<f64>,
}

/// The scores of choosing one place, two places, … in the order of predicted density; among equals
/// the place where less happened comes first, so that luck does not count.
///
/// Refuses no places, counts and predictions below 0, areas and weights not above 0, and nothing
/// happened.
pub fn scores(places: &[Place]) -> Result<Vec<Score>, Unanswerable> {
    check(places)?;
    let chosen = by_prediction(places);
    let happened = |index: &usize| places[*index].count * places[*index].weight;
    let mut best = chosen.clone();
    best.sort_by(|a, b| falling(happened(a) / places[*a].area, happened(b) / places[*b].area));
    let all: f64 = chosen.iter().map(happened).sum();
    let area: f64 = places.iter().map(|place| place.area).sum();
    if !(all.is_finite() && area.is_finite()) {
        return Err(Unanswerable::Overflow);
    }
    let (mut count, mut predicted, mut chosen_area) = (0.0, 0.0, 0.0);
    let (mut best_count, mut best_area) = (0.0, 0.0);
    let score = |(place, top): (&usize, &usize)| {
        count += happened(place);
        predicted += places[*place].predicted;
        chosen_area += places[*place].area;
        best_count += happened(top);
        best_area += places[*top].area;
        let pai = (count / all) / (chosen_area / area);
        Score {
            place: *place,
            count,
            predicted,
            area: chosen_area,
            hit_rate: count / all,
            area_share: chosen_area / area,
            pai,
            pei: pai / ((best_count / all) / (best_area / area)),
            rri: (count > 0.0).then(|| predicted / count),
        }
    };
    Ok(chosen.iter().zip(&best).map(score).collect())
}

/// The score of a choice with its uncertainty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Accuracy {
    /// Places chosen.
    pub places: usize,
    /// The score.
    pub score: Score,
    /// Interval of the hit rate.
    pub hit_rate: Interval,
    /// Interval of the PAI.
    pub pai: Interval,
}

/// The score of choosing places up to `coverage` (a share of the area), with percentile intervals
/// from `draws` sets of counts drawn anew (Poisson, place by place).
///
/// The interval is for what other events of the same kind would have given, with the same choice.
/// Refuses what [`scores`] refuses, a coverage or confidence not strictly within 0 to 1, fewer than
/// 40 draws, and a coverage smaller than the first place.
pub fn accuracy(
    places: &[Place],
    coverage: f64,
    confidence: f64,
    draws: usize,
    seed: u64,
) -> Result<Accuracy, Unanswerable> {
    let share = |value: f64| value > 0.0 && value < 1.0;
    if !(share(coverage) && share(confidence)) {
        return Err(Unanswerable::Invalid(
            "coverage and confidence must lie strictly between 0 and 1",
        ));
    }
    if draws < 40 {
        return Err(Unanswerable::TooFew {
            what: "draws",
            have: draws,
            need: 40,
        });
    }
    let scores = scores(places)?;
    let chosen = scores.partition_point(|score| score.area_share <= coverage);
    let score = chosen.checked_sub(1).map(|last| scores[last]);
    let score = score.ok_or(Unanswerable::Invalid(
        "the coverage is smaller than the first place",
    ))?;
    let mut is_chosen = vec![false; places.len()];
    for score in &scores[..chosen] {
        is_chosen[score.place] = true;
    }
    let mut rates: Vec<f64> = (0..draws as u64)
        .into_par_iter()
        .filter_map(|draw| hit_rate_drawn(places, &is_chosen, &mut random::stream(seed, draw)))
        .collect();
    rates.sort_unstable_by(f64::total_cmp);
    if rates.is_empty() {
        return Err(Unanswerable::TooFew {
            what: "events",
            have: 0,
            need: 1,
        });
    }
    let tail = (1.0 - confidence) / 2.0;
    let hit_rate = Interval {
        lower: quantile(&rates, tail),
        upper: quantile(&rates, 1.0 - tail),
    };
    Ok(Accuracy {
        places: chosen,
        score,
        hit_rate,
        pai: hit_rate.scaled(1.0 / score.area_share),
    })
}

fn hit_rate_drawn(places: &[Place], chosen: &[bool], random: &mut random::Stream) -> Option<f64> {
    let (mut hits, mut all) = (0.0, 0.0);
    for (place, chosen) in places.iter().zip(chosen) {
        let count = Poisson::new(place.count).map_or(0.0, |counts| counts.sample(random));
        all += count * place.weight;
        if *chosen {
            hits += count * place.weight;
        }
    }
    (all > 0.0).then(|| hits / all)
}

fn check(places: &[Place]) -> Result<(), Unanswerable> {
    if places.is_empty() {
        return Err(Unanswerable::TooFew {
            what: "places",
            have: 0,
            need: 1,
        });
    }
    let or_more = |value: f64| value >= 0.0 && value.is_finite();
    let above = |value: f64| value > 0.0 && value.is_finite();
    if !places
        .iter()
        .all(|p| or_more(p.count) && or_more(p.predicted) && above(p.weight) && above(p.area))
    {
        return Err(Unanswerable::Invalid(
            "counts and predictions must be 0 or more, weights and areas above 0, all finite",
        ));
    }
    if places.iter().all(|place| place.count == 0.0) {
        return Err(Unanswerable::TooFew {
            what: "events",
            have: 0,
            need: 1,
        });
    }
    Ok(())
}

fn by_prediction(places: &[Place]) -> Vec<usize> {
    let density = |index: &usize| places[*index].predicted / places[*index].area;
    let happened = |index: &usize| places[*index].count * places[*index].weight;
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|a, b| falling(density(a), density(b)).then(happened(a).total_cmp(&happened(b))));
    order
}

fn falling(a: f64, b: f64) -> Ordering {
    b.total_cmp(&a)
}
