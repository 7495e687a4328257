//! Staffing a line whose calls come and go with the hour.
//!
//! Answers "how many handlers does each interval need?" for arrival rates that are constant within
//! an interval and differ from one to the next. The *offered load* m(t) is the number of handlers that
//! would be busy if none were ever lacking: m′ = λ(t) − m/H for exponential handling times with mean
//! H, a sum of exponentials within an interval. It lags behind the calls by about H and is flatter
//! than λ·H. The modified offered load approximation staffs an interval as a steady line of load m.
//! Staffing every interval by its own λ·H ([`Basis::Own`], "stationary independent period by period")
//! is the usual way and the worse the longer calls are; a lag of H ([`Basis::Lagged`]) repairs most of
//! it.
//!
//! Sources: Green, Kolesar and Soares, *Operations Research* 49 (2001) 549–564 (period by period and
//! lagged); Jennings, Mandelbaum, Massey and Whitt, *Management Science* 42 (1996) 1383–1394, and
//! Massey and Whitt, *Queueing Systems* 25 (1997) 157–172 (modified offered load).
//!
//! **How it can mislead.** It takes it that every interval is staffed well. Where some are not, their
//! backlog is missing from it: follow the staffing with [`crate::queue::transient`]. The forecast
//! rates are taken as certain.

use crate::queue::erlang::Traffic;
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
    pub(crate) fn check(&self) -> Result<(), Unanswerable> {
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
