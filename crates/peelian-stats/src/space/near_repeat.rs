//! Near repeat: are events close in space also close in time, more than chance allows?
//!
//! Pairs of events are counted by how far apart they lie in space and in time. Were the times dealt
//! to the places at random, a cell would hold n_S·n_T/N pairs, with n_S and n_T the pairs in its
//! space and time band and N all pairs: that mean is exact and needs no simulation, nor does the
//! variance. The p-value comes from dealing the times anew.
//!
//! Sources: Knox, *Applied Statistics* 13 (1964) 25–29; Barton and David, in *Research Papers in
//! Statistics* (1966) 217–227 (mean and variance); Johnson and others, *Journal of Quantitative
//! Criminology* 23 (2007) 201–219.
//!
//! **How it can mislead.** Places snapped to a common point are "the same place" whether they were
//! or not: [`NearRepeat::same_place`] counts such pairs; give them a band of their own. Places with
//! their own season, or that were built late, look like repeats. Days on which nothing can be dated
//! better than a week blur the first bands. Bands share events, so their p-values are not
//! independent.

use rand::seq::SliceRandom;
use rayon::prelude::*;

use super::close_pairs::close_pairs;
use crate::special::negative_binomial_tail;
use crate::{Unanswerable, random};

pub use super::close_pairs::Distance;

/// Whole units of time up to which a look-up table stands in for a search.
const MOST_UNITS: f64 = 65_536.0;
/// Whole numbers below this are exact.
const MOST_EXACT: f64 = 9_007_199_254_740_992.0;

/// Where and when something happened: places in any unit of length, time in any unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// Easting.
    pub x: f64,
    /// Northing.
    pub y: f64,
    /// Time.
    pub time: f64,
}

/// One band of space and time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Pairs seen.
    pub observed: u64,
    /// Pairs expected if times were dealt to places at random: exact.
    pub expected: f64,
    /// Standard deviation of that: exact.
    pub sd: f64,
    /// Observed ÷ expected (the Knox ratio); `None` where none is expected.
    pub ratio: Option<f64>,
    /// Share of deals with as many pairs or more: (1 + as many)/(1 + draws).
    pub p: f64,
}

/// The table of a near-repeat analysis.
#[derive(Clone, Debug, PartialEq)]
pub struct NearRepeat {
    /// One row a time band, one cell a space band.
    pub cells: Vec<Vec<Cell>>,
    /// Pairs of events at the very same point.
    pub same_place: u64,
}

/// Pairs by bands of space and time.
///
/// `space` and `time` are the edges of the bands, rising; a band holds its lower edge and not its
/// upper. Refuses fewer than three events, values that are not finite, edges that do not rise or
/// are negative, and more than 50 million close pairs.
pub fn near_repeat(
    events: &[Event],
    space: &[f64],
    time: &[f64],
    distance: Distance,
    draws: usize,
    seed: u64,
) -> Result<NearRepeat, Unanswerable> {
    check(events, space, time)?;
    let (near, same_place) = near_in_space(events, space, distance)?;
    let clock = Clock::of(events, time);
    let observed = clock.count(&near, time);
    let as_many = deal(&near, &clock, time, &observed, draws, seed);
    let soon = near_in_time(events, time);
    let cell = |row: usize, column: usize| {
        let (observed, as_many) = (observed[column][row], as_many[column][row]);
        let (expected, sd) = near[column].graph.overlap(&soon[row], events.len());
        Cell {
            observed,
            expected,
            sd,
            ratio: (expected > 0.0).then(|| observed as f64 / expected),
            p: (as_many + 1) as f64 / (draws + 1) as f64,
        }
    };
    let row = |row| (0..near.len()).map(|column| cell(row, column)).collect();
    Ok(NearRepeat {
        cells: (0..soon.len()).map(row).collect(),
        same_place,
    })
}

/// Knox's test of one distance and one time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Knox {
    /// Pairs close in both.
    pub both: u64,
    /// Pairs close in space only.
    pub space_only: u64,
    /// Pairs close in time only.
    pub time_only: u64,
    /// Pairs close in neither.
    pub neither: u64,
    /// Pairs expected to be close in both: exact.
    pub expected: f64,
    /// Standard deviation of that: exact.
    pub sd: f64,
    /// Probability of more pairs than seen, were their number Poisson: rough, since pairs share
    /// events.
    pub p_poisson: f64,
    /// Share of deals with as many pairs or more: (1 + as many)/(1 + draws).
    pub p: f64,
}

/// Pairs no further apart than `within` in space and `during` in time, the limits included.
///
/// Refuses what [`near_repeat`] refuses.
pub fn knox(
    events: &[Event],
    within: f64,
    during: f64,
    distance: Distance,
    draws: usize,
    seed: u64,
) -> Result<Knox, Unanswerable> {
    // The limit itself belongs to the band.
    let (space, time) = ([0.0, within.next_up()], [0.0, during.next_up()]);
    let table = near_repeat(events, &space, &time, distance, draws, seed)?;
    let cell = table.cells[0][0];
    let in_space = near_in_space(events, &space, distance)?.0[0].graph.pairs;
    let in_time = near_in_time(events, &time)[0].pairs;
    let all = events.len() as u64 * (events.len() as u64 - 1) / 2;
    let both = cell.observed;
    Ok(Knox {
        both,
        space_only: in_space - both,
        time_only: in_time - both,
        neither: all + both - in_space - in_time,
        expected: cell.expected,
        sd: cell.sd,
        p_poisson: negative_binomial_tail(cell.expected, 1.0, both as f64 + 1.0),
        p: cell.p,
    })
}

fn check(events: &[Event], space: &[f64], time: &[f64]) -> Result<(), Unanswerable> {
    let unfinished = |event: &Event| {
        ![event.x, event.y, event.time]
            .iter()
            .all(|value| value.is_finite())
    };
    if events.iter().any(unfinished) {
        return Err(Unanswerable::Invalid("places and times must be finite"));
    }
    if events.len() < 3 {
        return Err(Unanswerable::TooFew {
            what: "events",
            have: events.len(),
            need: 3,
        });
    }
    for edges in [space, time] {
        let rising = edges.windows(2).all(|pair| pair[0] < pair[1]);
        let usable = edges.iter().all(|edge| *edge >= 0.0 && edge.is_finite());
        if !(rising && usable && (2..=200).contains(&edges.len())) {
            return Err(Unanswerable::Invalid(
                "the edges of bands must be 2 to 200 finite numbers that rise from 0 or more",
            ));
        }
    }
    Ok(())
}

/// The band that holds `apart`: its lower edge belongs to it. As many as there are bands, where
/// none does.
fn band_of(edges: &[f64], apart: f64) -> usize {
    let above = edges.partition_point(|edge| *edge <= apart);
    above.checked_sub(1).unwrap_or(edges.len() - 1)
}

/// Which events are close: enough to know how much two such relations overlap by chance.
#[derive(Clone, Copy)]
struct Graph {
    /// Pairs.
    pairs: u64,
    /// Pairs of pairs that share an event.
    sharing: f64,
}

impl Graph {
    fn of(degrees: &[u64]) -> Self {
        let sharing = |&degree: &u64| degree as f64 * (degree as f64 - 1.0) / 2.0;
        Self {
            pairs: degrees.iter().sum::<u64>() / 2,
            sharing: degrees.iter().map(sharing).sum(),
        }
    }

    /// Mean and standard deviation of the pairs in both when events are dealt at random.
    fn overlap(&self, other: &Self, events: usize) -> (f64, f64) {
        let n = events as f64;
        let mean = self.pairs as f64 * other.pairs as f64 / (n * (n - 1.0) / 2.0);
        // Two pairs drawn: the same, with one event in common, or with none.
        let sharing = 4.0 * self.sharing * other.sharing / (n * (n - 1.0) * (n - 2.0));
        let apart = |graph: &Self| {
            let pairs = graph.pairs as f64;
            pairs * (pairs - 1.0) - 2.0 * graph.sharing
        };
        let separate = if events > 3 {
            4.0 * apart(self) * apart(other) / (n * (n - 1.0) * (n - 2.0) * (n - 3.0))
        } else {
            0.0
        };
        let variance = mean + sharing + separate - mean * mean;
        (mean, variance.max(0.0).sqrt())
    }
}

/// The pairs of one band of space: each event's partners among the later ones.
struct Near {
    starts: Vec<usize>,
    partners: Vec<u32>,
    graph: Graph,
}

/// Pairs by band of space, and how many lie at the very same point.
fn near_in_space(
    events: &[Event],
    edges: &[f64],
    distance: Distance,
) -> Result<(Vec<Near>, u64), Unanswerable> {
    let bands = edges.len() - 1;
    let reach = edges[bands];
    let points: Vec<_> = events.iter().map(|event| (event.x, event.y)).collect();
    let mut pairs = vec![Vec::new(); bands];
    let mut same_place = 0;
    close_pairs(&points, reach, distance, |i, j, apart| {
        same_place += u64::from(apart == 0.0);
        if let Some(pairs) = pairs.get_mut(band_of(edges, apart)) {
            pairs.push((i as u32, j as u32));
        }
    })?;
    let near = pairs
        .into_iter()
        .map(|pairs| Near::of(pairs, events.len()))
        .collect();
    Ok((near, same_place))
}

impl Near {
    fn of(mut pairs: Vec<(u32, u32)>, events: usize) -> Self {
        pairs.sort_unstable();
        let mut degrees = vec![0; events];
        let mut starts = vec![0; events + 1];
        for &(i, j) in &pairs {
            degrees[i as usize] += 1;
            degrees[j as usize] += 1;
            starts[i as usize + 1] += 1;
        }
        for event in 0..events {
            starts[event + 1] += starts[event];
        }
        Self {
            starts,
            partners: pairs.into_iter().map(|(_, partner)| partner).collect(),
            graph: Graph::of(&degrees),
        }
    }
}

/// The relation "so far apart in time", band by band, without listing its pairs.
fn near_in_time(events: &[Event], edges: &[f64]) -> Vec<Graph> {
    let mut times: Vec<f64> = events.iter().map(|event| event.time).collect();
    times.sort_unstable_by(f64::total_cmp);
    // Events less than an edge away from each, itself not counted.
    let closer = |edge: f64| -> Vec<u64> {
        let (mut from, mut to) = (0, 0);
        let count = |&time: &f64| {
            while from < times.len() && time - times[from] >= edge {
                from += 1;
            }
            while to < times.len() && times[to] - time < edge {
                to += 1;
            }
            (to.saturating_sub(from) as u64).saturating_sub(1)
        };
        times.iter().map(count).collect()
    };
    let closer: Vec<_> = edges.iter().map(|&edge| closer(edge)).collect();
    let band = |pair: &[Vec<u64>]| {
        let degrees: Vec<u64> = pair[1]
            .iter()
            .zip(&pair[0])
            .map(|(far, near)| far - near)
            .collect();
        Graph::of(&degrees)
    };
    closer.windows(2).map(band).collect()
}

/// The times of the events, ready to be dealt.
enum Clock {
    /// Whole units since the first; the band of each distance, the last entry for all beyond.
    Whole(Vec<u32>, Vec<u8>),
    /// As given.
    Any(Vec<f64>),
}

impl Clock {
    fn of(events: &[Event], edges: &[f64]) -> Self {
        let times: Vec<f64> = events.iter().map(|event| event.time).collect();
        let first = times.iter().copied().fold(f64::INFINITY, f64::min);
        let beyond = edges[edges.len() - 1].ceil();
        let whole = |time: &f64| time.fract() == 0.0 && time - first <= f64::from(u32::MAX / 2);
        if !(times.iter().all(whole) && first.abs() < MOST_EXACT && beyond <= MOST_UNITS) {
            return Self::Any(times);
        }
        // Bands are at most 199, so their numbers fit.
        let table = (0..=beyond as u32).map(|units| band_of(edges, f64::from(units)) as u8);
        Self::Whole(
            times.iter().map(|time| (time - first) as u32).collect(),
            table.collect(),
        )
    }

    /// Pairs by band of space and of time.
    fn count(&self, near: &[Near], edges: &[f64]) -> Vec<Vec<u64>> {
        match self {
            Self::Whole(times, table) => count_whole(near, times, table, edges.len() - 1),
            Self::Any(times) => count_any(near, times, edges),
        }
    }

    /// The same with times dealt to the events at random.
    fn count_dealt(
        &self,
        near: &[Near],
        edges: &[f64],
        random: &mut random::Stream,
    ) -> Vec<Vec<u64>> {
        match self {
            Self::Whole(times, table) => {
                let mut times = times.clone();
                times.shuffle(random);
                count_whole(near, &times, table, edges.len() - 1)
            }
            Self::Any(times) => {
                let mut times = times.clone();
                times.shuffle(random);
                count_any(near, &times, edges)
            }
        }
    }
}

fn count_whole(near: &[Near], times: &[u32], table: &[u8], bands: usize) -> Vec<Vec<u64>> {
    let beyond = table.len() as u32 - 1;
    let count = |near: &Near| {
        let mut tally = vec![0_u64; bands + 1];
        for (bounds, &time) in near.starts.windows(2).zip(times) {
            for &partner in &near.partners[bounds[0]..bounds[1]] {
                let units = time.abs_diff(times[partner as usize]).min(beyond);
                tally[usize::from(table[units as usize])] += 1;
            }
        }
        tally
    };
    near.iter().map(count).collect()
}

fn count_any(near: &[Near], times: &[f64], edges: &[f64]) -> Vec<Vec<u64>> {
    let count = |near: &Near| {
        let mut tally = vec![0_u64; edges.len()];
        for (bounds, &time) in near.starts.windows(2).zip(times) {
            for &partner in &near.partners[bounds[0]..bounds[1]] {
                tally[band_of(edges, (time - times[partner as usize]).abs())] += 1;
            }
        }
        tally
    };
    near.iter().map(count).collect()
}

/// For each cell, how many of the deals have as many pairs as were seen, or more.
fn deal(
    near: &[Near],
    clock: &Clock,
    edges: &[f64],
    observed: &[Vec<u64>],
    draws: usize,
    seed: u64,
) -> Vec<Vec<u64>> {
    let none = || vec![vec![0_u64; edges.len()]; observed.len()];
    let add = |mut sum: Vec<Vec<u64>>, other: Vec<Vec<u64>>| {
        for (sum, other) in sum.iter_mut().flatten().zip(other.into_iter().flatten()) {
            *sum += other;
        }
        sum
    };
    let as_many = |draw| {
        let dealt = clock.count_dealt(near, edges, &mut random::stream(seed, draw));
        let row = |(dealt, observed): (Vec<u64>, &Vec<u64>)| {
            dealt
                .iter()
                .zip(observed)
                .map(|(d, o)| u64::from(d >= o))
                .collect()
        };
        dealt.into_iter().zip(observed).map(row).collect()
    };
    (0..draws as u64)
        .into_par_iter()
        .map(as_many)
        .reduce(none, add)
}
