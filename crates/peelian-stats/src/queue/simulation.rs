//! A line of calls, simulated call by call.
//!
//! Answers "how long would they wait, how many would give up?" where no formula does: several lines
//! with their own priority, handlers with different skills, rates and staffing that change over the
//! day, any distribution of handling time and patience, wrap-up, callers who ring again, call-backs,
//! a switchboard that passes calls on, a queue left over from before. A discrete-event simulation:
//! arrivals are a Poisson process with piecewise constant rate, a free handler takes the most urgent
//! line among its skills and there the caller who has waited longest, a call begun is finished, also
//! past the end of a shift. Every figure is a mean over independent replications with an interval
//! from Student's t (Law, *Simulation Modeling and Analysis*, 5th edition 2015, chapters 9 and 11).
//!
//! Each line draws arrivals, handling times, patience and choices from streams of its own, so that
//! two scenarios with one seed meet the same callers (common random numbers): [`difference`] uses
//! it, and needs far fewer replications than two separate runs. Answers depend on scenario and seed
//! alone, not on the number of threads.
//!
//! **How it can mislead.** It is as good as the distributions put in: patience estimated from those
//! who gave up alone is far too short, means of handling time without their spread too smooth. The
//! interval covers the chance of the simulation, not the error of the inputs. A run begins with
//! nobody in service: leave a warm-up, or the first hours look too good. Handlers of a group are
//! alike and never late.

mod arrivals;
mod calendar;
mod distribution;
mod engine;
mod estimate;
mod outcome;
mod plan;
mod record;

use rayon::prelude::*;

use crate::unanswerable::Unanswerable;
pub use distribution::Distribution;
use engine::Engine;
use estimate::Moments;
pub use estimate::{Estimate, estimate};
use outcome::Tally;
pub use outcome::{GroupInterval, GroupOutcome, LineInterval, LineOutcome, Outcome};
use plan::Plan;
pub use record::{GroupRun, IntervalCounts, LineRun, Run, Waits};

/// Values by interval of time, from 0 on; after the last one the first follows again.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule<T> {
    /// One value an interval, at least one.
    pub values: Vec<T>,
    /// The length of an interval, above 0.
    pub interval: f64,
}

impl<T> Schedule<T> {
    /// The same value all the time.
    pub fn steady(value: T) -> Self {
        Self {
            values: vec![value],
            interval: 1.0,
        }
    }
}

/// A kind of call. Start from [`Line::new`] and change what differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// New calls per unit of time.
    pub arrivals: Schedule<f64>,
    /// Time with the caller.
    pub handling: Distribution,
    /// Time that the handler then needs before the next call.
    pub wrap_up: Option<Distribution>,
    /// How long a caller is ready to wait; `None` for ever. A constant 0 is a caller who does not
    /// wait at all.
    pub patience: Option<Distribution>,
    /// Answered within this time counts as in time; 0 or more.
    pub target: f64,
    /// The lower, the more urgent; lines of one priority are served in order of arrival.
    pub priority: u32,
    /// Callers who give up and ring again.
    pub redial: Option<Redial>,
    /// An offer to ring the caller back.
    pub call_back: Option<CallBack>,
    /// Where calls go after handling, at most one of these. Shares sum to 1 at most.
    pub passes_on: Vec<Onward>,
    /// Callers waiting at time 0, who arrive then and before any other.
    pub waiting_at_start: u32,
}

impl Line {
    /// A line where everyone waits until answered, without wrap-up or any of the rest; target 0.
    pub fn new(arrivals: Schedule<f64>, handling: Distribution) -> Self {
        Self {
            arrivals,
            handling,
            wrap_up: None,
            patience: None,
            target: 0.0,
            priority: 0,
            redial: None,
            call_back: None,
            passes_on: Vec::new(),
            waiting_at_start: 0,
        }
    }
}

/// Callers who give up and ring again. Every attempt counts as a call offered; the caller's
/// handling time stays the same, the patience is drawn anew.
#[derive(Clone, Debug, PartialEq)]
pub struct Redial {
    /// Share of those who give up who ring again, from 0 to below 1, each time.
    pub share: f64,
    /// Time until they do.
    pub delay: Distribution,
}

/// An offer to be rung back, made to who is still waiting. Who accepts leaves the queue, is no
/// longer counted as answered or given up, and is rung back when a handler finds nobody waiting.
#[derive(Clone, Debug, PartialEq)]
pub struct CallBack {
    /// Time waited until the offer, 0 or more.
    pub after: f64,
    /// Share who accept, from 0 to 1.
    pub accepted: f64,
}

/// Calls that go on to another line when handled, as from a switchboard.
#[derive(Clone, Debug, PartialEq)]
pub struct Onward {
    /// Index of the line, after the one that they come from.
    pub line: usize,
    /// Share of the calls handled, from 0 to 1.
    pub share: f64,
}

/// Handlers with the same skills.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Handlers at work by interval, those on a break left out. Who is in a call when the number
    /// falls finishes it.
    pub servers: Schedule<u32>,
    /// Indices of the lines that they answer.
    pub lines: Vec<usize>,
}

/// Lines, handlers and the time to simulate.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Kinds of call.
    pub lines: Vec<Line>,
    /// A caller takes an idle handler of the first group that has one: put specialists first.
    pub groups: Vec<Group>,
    /// The time at which it ends.
    pub horizon: f64,
    /// Calls before this time are simulated and not counted; from 0 to below the horizon.
    pub warm_up: f64,
    /// Length of the intervals to report on, for counts by time of arrival; `None` for none.
    pub report_every: Option<f64>,
}

/// How a scenario is run. Default: 20 replications, seed 0, 95 % intervals, the 0.95 quantile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Independent repetitions, at least 2.
    pub replications: u32,
    /// Any number; the same one gives the same answer, and other scenarios the same callers.
    pub seed: u64,
    /// Of the intervals, strictly within 0 to 1.
    pub confidence: f64,
    /// The share whose wait [`LineOutcome::wait_quantile`] gives, from 0 to 1.
    pub quantile: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            replications: 20,
            seed: 0,
            confidence: 0.95,
            quantile: 0.95,
        }
    }
}

impl Settings {
    fn check(&self) -> Result<(), Unanswerable> {
        if self.replications < 2 {
            return Err(Unanswerable::TooFew {
                what: "replications",
                have: self.replications as usize,
                need: 2,
            });
        }
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            return Err(Unanswerable::Invalid(
                "confidence must be strictly within 0 to 1",
            ));
        }
        if !(0.0..=1.0).contains(&self.quantile) {
            return Err(Unanswerable::Invalid("a quantile must be within 0 to 1"));
        }
        Ok(())
    }
}

/// Replications held in memory at a time.
const BATCH: u32 = 16;

/// Simulate a scenario `settings.replications` times.
///
/// Fails for fewer than two replications, a scenario that breaks a rule of its fields, and one of
/// more than some fifty million calls a replication.
pub fn run(scenario: &Scenario, settings: &Settings) -> Result<Outcome, Unanswerable> {
    settings.check()?;
    let plan = Plan::new(scenario)?;
    let mut tally = Tally::new(&plan, settings);
    for runs in batches(&plan, settings) {
        for run in &runs {
            tally.add(run);
        }
    }
    Ok(tally.outcome())
}

/// One replication, as counts.
///
/// `replication` numbers the independent repetitions of a `seed`: [`run`] takes 0, 1, 2 and so on.
pub fn run_once(scenario: &Scenario, seed: u64, replication: u32) -> Result<Run, Unanswerable> {
    Ok(Engine::new(&Plan::new(scenario)?, seed, replication).run())
}

/// What changes for a line from one scenario to another: other minus base, `None` where a line has
/// no calls to speak of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LineDifference {
    /// Of the share of calls answered in time.
    pub service_level: Option<Estimate>,
    /// Of the share of calls given up.
    pub abandonment: Option<Estimate>,
    /// Of the mean time in the queue, in the unit of the scenario.
    pub mean_wait: Option<Estimate>,
}

/// What `other` changes against `base`, line by line, both meeting the same callers.
///
/// Replication by replication the difference is taken, so the interval is much narrower than from
/// two separate runs. Fails as [`run`] does, and where the scenarios differ in their number of lines.
pub fn difference(
    base: &Scenario,
    other: &Scenario,
    settings: &Settings,
) -> Result<Vec<LineDifference>, Unanswerable> {
    settings.check()?;
    let (base, other) = (Plan::new(base)?, Plan::new(other)?);
    if base.lines.len() != other.lines.len() {
        return Err(Unanswerable::Mismatched(
            "two scenarios are compared line by line and need as many lines",
        ));
    }
    let mut moments = vec![[Moments::default(); 3]; base.lines.len()];
    for (base, other) in batches(&base, settings).zip(batches(&other, settings)) {
        for (base, other) in base.iter().zip(&other) {
            for ((base, other), moments) in base.lines.iter().zip(&other.lines).zip(&mut moments) {
                let figures = [
                    LineRun::service_level,
                    LineRun::abandonment,
                    LineRun::mean_wait,
                ];
                for (figure, moments) in figures.iter().zip(moments) {
                    moments.add(figure(other).zip(figure(base)).map(|(new, old)| new - old));
                }
            }
        }
    }
    let difference = |[service, abandonment, wait]: [Moments; 3]| LineDifference {
        service_level: service.estimate(settings.confidence),
        abandonment: abandonment.estimate(settings.confidence),
        mean_wait: wait.estimate(settings.confidence),
    };
    Ok(moments.into_iter().map(difference).collect())
}

/// The replications in order, some at a time; each batch runs on all threads.
fn batches<'a>(plan: &'a Plan, settings: &'a Settings) -> impl Iterator<Item = Vec<Run>> + 'a {
    (0..settings.replications)
        .step_by(BATCH as usize)
        .map(move |first| {
            let last = first.saturating_add(BATCH).min(settings.replications);
            (first..last)
                .into_par_iter()
                .map(|replication| Engine::new(plan, settings.seed, replication).run())
                .collect()
        })
}
