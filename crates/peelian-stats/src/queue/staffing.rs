//! How many handlers it takes.
//!
//! Answers "what is the smallest number that meets these goals?" by asking Erlang C (nobody gives
//! up) or Erlang A (callers give up) for number after number. Every goal gets easier with more
//! handlers, so the search may leap: it starts at the square-root rule N = A + √A, widens until the
//! answer is bracketed, and halves. Shrinkage then turns positions into people: N/(1 − s).
//! Sources: Halfin and Whitt, *Operations Research* 29 (1981) 567–588, and Garnett, Mandelbaum and
//! Reiman, *Manufacturing and Service Operations Management* 4 (2002) 208–227, for the rule; the
//! formulas stand in [`crate::queue::erlang`].
//!
//! **How it can mislead.** The number is the smallest that meets the goals *on average, in a steady
//! state*: on half of such days the service is worse, and nothing is left for a busier day than
//! forecast. Where callers give up, a goal for answers alone can be met by a line that many leave:
//! set [`Goal::max_abandonment`] too. Shrinkage is not spread evenly over a day.

use crate::queue::erlang::{self, Traffic, erlang_a, erlang_c};
use crate::unanswerable::Unanswerable;

/// What must be met. Default: nothing beyond a queue that does not grow without end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Goal {
    /// Share of all callers to be answered within [`Goal::within`], from 0 to below 1.
    pub service_level: f64,
    /// The time for it, 0 or more, in the unit of the handling time.
    pub within: f64,
    /// Largest share of callers who may give up, above 0 to 1. Without patience nobody does.
    pub max_abandonment: f64,
    /// Largest mean wait of all callers, above 0; infinite for any.
    pub max_mean_wait: f64,
    /// Largest share of the handlers' time to be spent on calls, above 0 to 1.
    pub max_occupancy: f64,
}

impl Default for Goal {
    fn default() -> Self {
        Self {
            service_level: 0.0,
            within: 0.0,
            max_abandonment: 1.0,
            max_mean_wait: f64::INFINITY,
            max_occupancy: 1.0,
        }
    }
}

/// What a number of handlers gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Staffing {
    /// Handlers at work at the same time.
    pub positions: u32,
    /// Share of all callers answered within [`Goal::within`].
    pub service_level: f64,
    /// Share of callers who wait at all.
    pub wait_probability: f64,
    /// Share of callers who give up; 0 without patience.
    pub abandonment: f64,
    /// Mean wait of all callers.
    pub mean_wait: f64,
    /// Share of the handlers' time that is spent on calls.
    pub occupancy: f64,
}

/// The smallest number of handlers that meets every goal, and what it gives.
///
/// `patience` is the mean time that callers are ready to wait, in the unit of the handling time;
/// `None` where they never give up. At least 1, without calls too. Fails for goals, rates and times
/// out of range, and where more than four thousand million handlers would be needed.
pub fn positions(
    traffic: Traffic,
    patience: Option<f64>,
    goal: &Goal,
) -> Result<Staffing, Unanswerable> {
    goal.check()?;
    let load = traffic.checked()?;
    let first_guess = square_root(load, 1.0)?.max(1);
    let enough = |servers| goal.is_met(traffic, patience, servers);

    // `high` is enough; every number up to `low` is not.
    let (mut low, mut high) = (0, first_guess);
    let mut leap = (load.sqrt() / 8.0) as u32 + 1;
    if enough(first_guess)? {
        while high > 1 {
            let fewer = high.saturating_sub(leap).max(1);
            if !enough(fewer)? {
                low = fewer;
                break;
            }
            high = fewer;
            leap = leap.saturating_mul(2);
        }
    } else {
        low = first_guess;
        loop {
            high = low.checked_add(leap).ok_or(Unanswerable::Overflow)?;
            if enough(high)? {
                break;
            }
            low = high;
            leap = leap.saturating_mul(2);
        }
    }
    while high - low > 1 {
        let middle = u32::midpoint(low, high);
        if enough(middle)? {
            high = middle;
        } else {
            low = middle;
        }
    }
    staffing(traffic, patience, high, goal.within)
}

/// What `servers` handlers give: Erlang A with a `patience`, Erlang C without.
pub fn staffing(
    traffic: Traffic,
    patience: Option<f64>,
    servers: u32,
    within: f64,
) -> Result<Staffing, Unanswerable> {
    if let Some(patience) = patience {
        let line = erlang_a(traffic, patience, servers)?;
        return Ok(Staffing {
            positions: servers,
            service_level: line.answered_within(within)?,
            wait_probability: line.wait_probability,
            abandonment: line.abandonment,
            mean_wait: line.mean_wait,
            occupancy: line.occupancy,
        });
    }
    let line = erlang_c(traffic, servers)?;
    Ok(Staffing {
        positions: servers,
        service_level: line.answered_within(within)?,
        wait_probability: line.wait_probability,
        abandonment: 0.0,
        mean_wait: line.mean_wait,
        occupancy: line.occupancy,
    })
}

impl Goal {
    fn check(&self) -> Result<(), Unanswerable> {
        let share = |value: f64| value > 0.0 && value <= 1.0;
        if !(0.0..1.0).contains(&self.service_level) {
            return Err(Unanswerable::Invalid(
                "a service level must be 0 or more and below 1",
            ));
        }
        if !(self.within >= 0.0 && self.max_mean_wait > 0.0) {
            return Err(Unanswerable::Invalid(
                "a time to answer must be 0 or more, a mean wait above 0",
            ));
        }
        if !(share(self.max_abandonment) && share(self.max_occupancy)) {
            return Err(Unanswerable::Invalid(
                "largest abandonment and occupancy must be above 0 and at most 1",
            ));
        }
        Ok(())
    }

    fn is_met(
        &self,
        traffic: Traffic,
        patience: Option<f64>,
        servers: u32,
    ) -> Result<bool, Unanswerable> {
        // The cheap refusals come first: most numbers that are asked about are turned down.
        if patience.is_none() && traffic.load() >= f64::from(servers) {
            return Ok(false);
        }
        if let Some(patience) = patience
            && erlang::answered_within(traffic, patience, servers, self.within)?
                < self.service_level
        {
            return Ok(false);
        }
        let only_service = self.max_abandonment == 1.0 && self.max_mean_wait == f64::INFINITY;
        if patience.is_some() && only_service && traffic.load() <= self.occupied(servers) {
            return Ok(true);
        }
        let given = staffing(traffic, patience, servers, self.within)?;
        Ok(given.service_level >= self.service_level
            && given.abandonment <= self.max_abandonment
            && given.mean_wait <= self.max_mean_wait
            && given.occupancy <= self.max_occupancy)
    }

    /// The most handlers that may be busy on average.
    fn occupied(&self, servers: u32) -> f64 {
        self.max_occupancy * f64::from(servers)
    }
}

/// The square-root rule: the load A and `quality` times √A more, rounded up.
///
/// About 0 gives a busy line where half the callers wait, 1 a short wait for most, 2 hardly any
/// waits. A rule of thumb to start from: [`positions`] gives the number itself. Fails for a load
/// that is negative or not finite, or a result above four thousand million; never below 0.
pub fn square_root(load: f64, quality: f64) -> Result<u32, Unanswerable> {
    if !(load >= 0.0 && load.is_finite() && quality.is_finite()) {
        return Err(Unanswerable::Invalid(
            "the load must be 0 or more, the quality a number",
        ));
    }
    whole(load + quality * load.sqrt())
}

/// People on the roster for `positions` at work: positions/(1 − shrinkage), rounded up.
///
/// `shrinkage` is the share of paid time lost to leave, sickness, training and breaks, from 0 to
/// below 1.
pub fn rostered(positions: u32, shrinkage: f64) -> Result<u32, Unanswerable> {
    if !(0.0..1.0).contains(&shrinkage) {
        return Err(Unanswerable::Invalid(
            "shrinkage must be 0 or more and below 1",
        ));
    }
    // A hair's breadth over a whole number is rounding, not another person.
    whole(f64::from(positions) / (1.0 - shrinkage) * (1.0 - 1e-12))
}

fn whole(number: f64) -> Result<u32, Unanswerable> {
    let up = number.ceil().max(0.0);
    if up > f64::from(u32::MAX) {
        return Err(Unanswerable::Overflow);
    }
    Ok(up as u32)
}
