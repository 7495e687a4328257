//! Staffing a line whose calls come and go with the hour.
//!
//! Answers "how many handlers does each interval need?" and "how does a given staffing do, with the
//! backlog that one interval leaves to the next?" for arrival rates that are constant within an
//! interval and differ from one to the next.
//!
//! - The *offered load* m(t) is the number of handlers that would be busy if none were ever lacking:
//!   m′ = λ(t) − m/H for exponential handling times with mean H, a sum of exponentials within an
//!   interval. It lags behind the calls by about H and is flatter than λ·H. The modified offered load
//!   approximation staffs an interval as a steady line of load m. Staffing every interval by its own
//!   λ·H ([`Basis::Own`], "stationary independent period by period") is the usual way and the worse
//!   the longer calls are; a lag of H ([`Basis::Lagged`]) repairs most of it.
//! - The *stationary backlog carry-over* follows a queue without giving up through the day: each
//!   interval is a line where who finds all busy is turned away (Erlang B), and those turned away
//!   come again in the next interval. The load carried then stands for a steady line (Erlang C).
//!   Intervals are cut into pieces of about H for it. It works in overload too.
//!
//! Sources: Green, Kolesar and Soares, *Operations Research* 49 (2001) 549–564 (period by period and
//! lagged); Jennings, Mandelbaum, Massey and Whitt, *Management Science* 42 (1996) 1383–1394, and
//! Massey and Whitt, *Queueing Systems* 25 (1997) 157–172 (modified offered load); Stolletz, *European
//! Journal of Operational Research* 190 (2008) 478–493 (backlog carry-over).
//!
//! **How it can mislead.** All are approximations: check the day that matters with
//! [`crate::queue::simulation`]. The modified offered load takes it that every interval is staffed
//! well; where some are not, their backlog is missing from it. The backlog carry-over knows nobody
//! who gives up, so in long overload its queue is longer than any real one. Both take the forecast
//! rates as certain.

use crate::queue::erlang::{Traffic, erlang_b, erlang_c};
use crate::queue::staffing::{self, Goal, Staffing};
use crate::unanswerable::Unanswerable;

/// Calls by interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand<'a> {
    /// Calls per unit of time in each interval, 0 or more.
    pub arrivals: &'a [f64],
    /// Length of an interval, above 0.
    pub interval: f64,
    /// Mean time that a call keeps a handler busy, above 0, in the same unit.
    pub handling_time: f64,
    /// What was before the first interval.
    pub before: Before,
}

/// What was before the first interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Before {
    /// Nobody: the line opens.
    Closed,
    /// The first interval's rate, for long.
    Same,
    /// The last intervals: the pattern of a day or week repeats.
    Cycle,
}

/// Which load an interval is staffed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Basis {
    /// λ·H of the interval itself.
    Own,
    /// The mean of λ·H over the interval moved back by H.
    Lagged,
    /// The mean of the offered load m(t) over the interval.
    Modified,
    /// The largest m(t) of the interval: no moment of it is short.
    ModifiedPeak,
}

/// The offered load of an interval, in erlangs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// At its start.
    pub at_start: f64,
    /// Mean over it.
    pub mean: f64,
    /// At its end. The load only rises or only falls within an interval.
    pub at_end: f64,
}

/// The offered load m(t) by interval.
///
/// Fails without intervals and for rates and times out of range.
pub fn offered_load(demand: &Demand) -> Result<Vec<Load>, Unanswerable> {
    demand.check()?;
    let settled = |rate: f64| rate * demand.handling_time;
    // How much of a difference is left after an interval, and on average within it.
    let intervals = demand.interval / demand.handling_time;
    let left = (-intervals).exp();
    let left_on_average = -(-intervals).exp_m1() / intervals;
    let mut load = match demand.before {
        Before::Closed => 0.0,
        Before::Same => settled(demand.arrivals[0]),
        Before::Cycle => {
            // Once through from 0 gives what the cycle adds; the rest is a geometric series.
            let once = demand.arrivals.iter().fold(0.0, |load, &rate| {
                load * left + settled(rate) * (1.0 - left)
            });
            once / -(-intervals * demand.arrivals.len() as f64).exp_m1()
        }
    };
    let next = |&rate: &f64| {
        let excess = load - settled(rate);
        let now = Load {
            at_start: load,
            mean: settled(rate) + excess * left_on_average,
            at_end: settled(rate) + excess * left,
        };
        load = now.at_end;
        now
    };
    Ok(demand.arrivals.iter().map(next).collect())
}

/// The smallest number of handlers by interval that meets the goal, and what it gives in a steady
/// line with that load.
///
/// `patience` as in [`staffing::positions`], which fails for the same goals.
pub fn positions(
    demand: &Demand,
    patience: Option<f64>,
    goal: &Goal,
    basis: Basis,
) -> Result<Vec<Staffing>, Unanswerable> {
    let loads = demand.loads(basis)?;
    let wanted = |load: f64| {
        let traffic = Traffic {
            arrivals: load / demand.handling_time,
            handling_time: demand.handling_time,
        };
        staffing::positions(traffic, patience, goal)
    };
    loads.into_iter().map(wanted).collect()
}

impl Demand<'_> {
    fn check(&self) -> Result<(), Unanswerable> {
        if self.arrivals.is_empty() {
            return Err(Unanswerable::TooFew {
                what: "intervals",
                have: 0,
                need: 1,
            });
        }
        if !(self.interval > 0.0 && self.interval.is_finite()) {
            return Err(Unanswerable::Invalid("an interval must be above 0"));
        }
        for &arrivals in self.arrivals {
            Traffic {
                arrivals,
                handling_time: self.handling_time,
            }
            .checked()?;
        }
        let ratio = self.interval / self.handling_time;
        (ratio > 0.0 && ratio.is_finite())
            .then_some(())
            .ok_or(Unanswerable::Overflow)
    }

    fn loads(&self, basis: Basis) -> Result<Vec<f64>, Unanswerable> {
        self.check()?;
        let settled = self.arrivals.iter().map(|rate| rate * self.handling_time);
        Ok(match basis {
            Basis::Own => settled.collect(),
            Basis::Lagged => (0..self.arrivals.len())
                .map(|index| self.lagged_rate(index) * self.handling_time)
                .collect(),
            Basis::Modified => offered_load(self)?.iter().map(|load| load.mean).collect(),
            Basis::ModifiedPeak => offered_load(self)?
                .iter()
                .map(|load| load.at_start.max(load.at_end))
                .collect(),
        })
    }

    /// The mean rate over interval `index` moved back by a handling time.
    fn lagged_rate(&self, index: usize) -> f64 {
        let back = self.handling_time / self.interval;
        let whole = back.floor();
        let part = back - whole;
        // The window covers the end of one interval and the start of the next.
        let early = self.rate_before(index, whole + 1.0);
        let late = self.rate_before(index, whole);
        part * early + (1.0 - part) * late
    }

    /// The rate so many intervals before interval `index`.
    fn rate_before(&self, index: usize, back: f64) -> f64 {
        let place = index as f64 - back;
        let count = self.arrivals.len() as f64;
        let place = match self.before {
            _ if place >= 0.0 => place,
            Before::Closed => return 0.0,
            Before::Same => 0.0,
            Before::Cycle => place.rem_euclid(count).min(count - 1.0),
        };
        self.arrivals[place as usize]
    }
}

/// What a staffing gives in an interval, backlog included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Carried {
    /// Share of the handlers' time that is spent on calls.
    pub occupancy: f64,
    /// Share of the interval's callers who wait.
    pub wait_probability: f64,
    /// Mean number of callers waiting.
    pub mean_queue: f64,
    /// Mean wait of the interval's callers, those who do not wait included.
    pub mean_wait: f64,
    /// Calls carried over to the next interval: those who found all handlers busy last.
    pub backlog: f64,
}

/// Follows the backlog through intervals staffed with `servers`, nobody giving up (stationary
/// backlog carry-over).
///
/// [`Before::Closed`] starts without a backlog, and so does [`Before::Same`], whose first interval
/// may be in overload; [`Before::Cycle`] goes through the pattern until the backlog repeats, and
/// fails with [`Unanswerable::NoConvergence`] where it grows from one pass to the next. Fails without
/// intervals, for another number of servers than of intervals, an interval without a handler, and
/// where there would be more than ten million pieces to go through.
pub fn backlog_carry_over(demand: &Demand, servers: &[u32]) -> Result<Vec<Carried>, Unanswerable> {
    demand.check()?;
    if servers.len() != demand.arrivals.len() {
        return Err(Unanswerable::Mismatched(
            "there must be a number of handlers for every interval",
        ));
    }
    if servers.contains(&0) {
        return Err(Unanswerable::Invalid("there must be at least one handler"));
    }
    let pieces = (demand.interval / demand.handling_time).round().max(1.0);
    if pieces * servers.len() as f64 > MOST_PIECES {
        return Err(Unanswerable::Overflow);
    }
    let line = Pieces {
        length: demand.interval / pieces,
        handling_time: demand.handling_time,
        count: pieces,
    };
    let mut backlog = 0.0;
    let passes = if demand.before == Before::Cycle {
        MOST_PASSES
    } else {
        1
    };
    for _ in 0..passes {
        let before = backlog;
        let mut day = Vec::with_capacity(servers.len());
        for (&rate, &servers) in demand.arrivals.iter().zip(servers) {
            let carried = line.interval(rate, servers, backlog)?;
            backlog = carried.backlog;
            day.push(carried);
        }
        let repeats = (backlog - before).abs() <= 1e-9 * (1.0 + before);
        if repeats || demand.before != Before::Cycle {
            return Ok(day);
        }
    }
    Err(Unanswerable::NoConvergence)
}

const MOST_PIECES: f64 = 1e7;
const MOST_PASSES: u32 = 200;

/// How intervals are cut up, each piece about a handling time.
struct Pieces {
    length: f64,
    handling_time: f64,
    count: f64,
}

impl Pieces {
    /// An interval, and the backlog that it leaves.
    fn interval(&self, rate: f64, servers: u32, backlog: f64) -> Result<Carried, Unanswerable> {
        let mut sum = Carried {
            occupancy: 0.0,
            wait_probability: 0.0,
            mean_queue: 0.0,
            mean_wait: 0.0,
            backlog,
        };
        for _ in 0..self.count as u32 {
            let piece = self.piece(rate, servers, sum.backlog)?;
            sum.occupancy += piece.occupancy / self.count;
            sum.wait_probability += piece.wait_probability / self.count;
            sum.mean_queue += piece.mean_queue / self.count;
            sum.mean_wait += piece.mean_wait / self.count;
            sum.backlog = piece.backlog;
        }
        Ok(sum)
    }

    fn piece(&self, rate: f64, servers: u32, backlog: f64) -> Result<Carried, Unanswerable> {
        let offered = rate + backlog / self.length;
        let turned_away = erlang_b(offered * self.handling_time, servers)?;
        let carried = Traffic {
            arrivals: offered * (1.0 - turned_away),
            handling_time: self.handling_time,
        };
        if carried.load() >= f64::from(servers) {
            return Err(Unanswerable::Overflow);
        }
        let line = erlang_c(carried, servers)?;
        Ok(Carried {
            occupancy: line.occupancy,
            wait_probability: line.wait_probability,
            mean_queue: line.mean_queue,
            mean_wait: line.mean_wait,
            backlog: offered * turned_away * self.length,
        })
    }
}
