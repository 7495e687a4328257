//! Erlang B, C and A: waiting and giving up in a steady state.
//!
//! Answers "with so many handlers, how many callers are turned away, wait or give up, and for how
//! long?" for calls that arrive at random at a steady rate λ and take an exponential time with mean
//! H = 1/μ. The load is A = λH erlangs, the number of handlers N.
//!
//! - B: who finds all handlers busy leaves. 1/B = Σₖ N!/((N−k)! Aᵏ), k = 0…N.
//! - C: who finds all busy waits for ever. P(wait) = 1/((1 − A/N)/B + A/N), for A < N alone;
//!   P(wait > t) = P(wait)·exp(−(N − A)t/H).
//! - A: who finds all busy waits as long as a patience lasts, exponential with mean 1/θ. The wait V
//!   that an endlessly patient caller would meet has, for V > 0, a density proportional to
//!   f(t) = exp((λ/θ)(1 − e^(−θt)) − Nμt). With J = ∫f from 0 to infinity,
//!   P(wait) = Nμ·J/(1/B − 1 + Nμ·J); a caller has given up by t with probability 1 − e^(−θt); and
//!   every other figure is an integral of f. It holds at every load, overload included.
//!
//! Sources: Erlang, *Elektroteknikeren* 13 (1917) 5–13; Palm, *Tele* 1957, 1–107 (English edition);
//! Baccelli and Hébuterne, *Performance '81*, 159–179; Mandelbaum and Zeltyn in *Advances in
//! Services Innovations* (2007) 17–45.
//!
//! **How it can mislead.** C knows no one who gives up: near full load it shows waits that real
//! callers would not stay for, and above it nothing. All three stand for a long steady state: after
//! a change of rate a line needs some handling times to settle, and a backlog from the hour before
//! is not in the figure (see [`crate::queue::offered_load`]). Callers who give up and ring again are
//! counted as new ones, so the rate measured already holds the service given. Rates that vary from
//! day to day make waits longer than these.

mod virtual_wait;

use crate::unanswerable::Unanswerable;
use virtual_wait::VirtualWait;

const NO_TIME: Unanswerable = Unanswerable::Invalid("a time must be 0 or more");

/// The calls offered to a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Traffic {
    /// Calls per unit of time, 0 or more.
    pub arrivals: f64,
    /// Mean time that a call keeps a handler busy, wrap-up included, in the same unit; above 0.
    pub handling_time: f64,
}

impl Traffic {
    /// The load in erlangs: the number of handlers that would be busy if none were ever lacking.
    pub fn load(&self) -> f64 {
        self.arrivals * self.handling_time
    }

    pub(crate) fn checked(&self) -> Result<f64, Unanswerable> {
        if !(self.arrivals >= 0.0 && self.arrivals.is_finite()) {
            return Err(Unanswerable::Invalid("the arrival rate must be 0 or more"));
        }
        if !(self.handling_time > 0.0 && self.handling_time.is_finite()) {
            return Err(Unanswerable::Invalid("the handling time must be above 0"));
        }
        // Minus zero is zero.
        let load = self.load().abs();
        load.is_finite()
            .then_some(load)
            .ok_or(Unanswerable::Overflow)
    }
}

/// Share of calls turned away where nobody waits: Erlang's B for a `load` in erlangs.
///
/// Holds for any distribution of handling times. 0 where it is too small to write down, 1 without
/// handlers. Fails for a load that is negative or not finite.
pub fn erlang_b(load: f64, servers: u32) -> Result<f64, Unanswerable> {
    if !(load >= 0.0 && load.is_finite()) {
        return Err(Unanswerable::Invalid("the load must be 0 or more"));
    }
    Ok(1.0 / inverse_loss(load.abs(), servers))
}

/// 1/B, infinite where it is too large to write down. Only positive terms are added, and those that
/// no longer count are left out, so it takes some multiple of √A steps however many handlers.
fn inverse_loss(load: f64, servers: u32) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for free in (1..=servers).rev() {
        let ratio = f64::from(free) / load;
        term *= ratio;
        sum += term;
        if (ratio < 1.0 && term < sum * 1e-18) || sum == f64::INFINITY {
            break;
        }
    }
    sum
}

/// A line where everyone waits until answered (M/M/N).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErlangC {
    /// Share of callers who wait at all.
    pub wait_probability: f64,
    /// Mean wait of all callers, those who do not wait included.
    pub mean_wait: f64,
    /// Mean number of callers waiting.
    pub mean_queue: f64,
    /// Share of the handlers' time that is spent on calls.
    pub occupancy: f64,
    /// How fast the chance of a longer wait falls: (N − A)/H.
    decay: f64,
}

/// Waiting where nobody gives up, with `servers` handlers.
///
/// Fails where the load is not below the number of handlers (the queue then grows without end), for
/// rates and times out of range, and where a figure is too large to write down.
pub fn erlang_c(traffic: Traffic, servers: u32) -> Result<ErlangC, Unanswerable> {
    let load = traffic.checked()?;
    let handlers = f64::from(servers);
    if load >= handlers {
        return Err(Unanswerable::Invalid(
            "without giving up, the load must be below the number of handlers",
        ));
    }
    let occupancy = load / handlers;
    // The difference of the counts, not of the shares: it is exact where they lie close.
    let spare = handlers - load;
    let wait_probability = 1.0 / (spare / handlers * inverse_loss(load, servers) + occupancy);
    let decay = spare / traffic.handling_time;
    let mean_wait = wait_probability / decay;
    let mean_queue = wait_probability * load / spare;
    if !(mean_wait.is_finite() && mean_queue.is_finite()) {
        return Err(Unanswerable::Overflow);
    }
    Ok(ErlangC {
        wait_probability,
        mean_wait,
        mean_queue,
        occupancy,
        decay,
    })
}

impl ErlangC {
    /// Share of callers who wait longer than `time`.
    pub fn wait_exceeds(&self, time: f64) -> Result<f64, Unanswerable> {
        let time = checked_time(time)?;
        if time == 0.0 {
            return Ok(self.wait_probability);
        }
        Ok(self.wait_probability * (-self.decay * time).exp())
    }

    /// Share of callers answered within `time`.
    pub fn answered_within(&self, time: f64) -> Result<f64, Unanswerable> {
        Ok(1.0 - self.wait_exceeds(time)?)
    }

    /// The time within which the waits of a `share` of callers end; `share` from 0 to below 1.
    pub fn wait_quantile(&self, share: f64) -> Result<f64, Unanswerable> {
        let beyond = checked_beyond(share)?;
        let time = (self.wait_probability / beyond).ln().max(0.0) / self.decay;
        finite(time)
    }
}

/// A line where callers wait as long as their patience lasts (M/M/N+M).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErlangA {
    /// Share of callers who find all handlers busy.
    pub wait_probability: f64,
    /// Share of callers who give up.
    pub abandonment: f64,
    /// Mean time in the queue of all callers: answered, given up and not waiting at all.
    pub mean_wait: f64,
    /// Mean time in the queue of those answered.
    pub mean_wait_answered: f64,
    /// Mean number of callers waiting.
    pub mean_queue: f64,
    /// Share of the handlers' time that is spent on calls.
    pub occupancy: f64,
    wait: VirtualWait,
}

/// Waiting and giving up with `servers` handlers, where the time that a caller is ready to wait is
/// exponential with mean `patience`.
///
/// Holds at every load, far above the number of handlers too. Fails for rates and times out of
/// range, no handlers, and figures too large to write down.
pub fn erlang_a(traffic: Traffic, patience: f64, servers: u32) -> Result<ErlangA, Unanswerable> {
    let (wait, inverse_loss) = waiting(traffic, patience, servers)?;
    let [mass, leaving, answered_time] = wait.integrals(0.0, f64::INFINITY, |time, left| {
        [1.0, left, time * (1.0 - left)]
    });
    let wait_probability = finite(wait.probability(mass, inverse_loss))?;
    let abandonment = wait_probability * leaving / mass;
    let answered = 1.0 - wait_probability + wait_probability * (mass - leaving) / mass;
    let mean_wait = abandonment * patience;
    let answer = ErlangA {
        wait_probability,
        abandonment,
        mean_wait,
        mean_wait_answered: wait_probability * answered_time / mass / answered * wait.unit,
        mean_queue: traffic.arrivals * mean_wait,
        occupancy: traffic.load() * answered / f64::from(servers),
        wait,
    };
    let figures = [
        answer.abandonment,
        answer.mean_wait,
        answer.mean_wait_answered,
        answer.mean_queue,
        answer.occupancy,
    ];
    let finite = figures.iter().all(|figure| figure.is_finite());
    finite.then_some(answer).ok_or(Unanswerable::Overflow)
}

/// Share of all callers answered within `time`, the figure that staffing asks for most: the same as
/// [`ErlangA::answered_within`] without working out the rest.
pub(crate) fn answered_within(
    traffic: Traffic,
    patience: f64,
    servers: u32,
    time: f64,
) -> Result<f64, Unanswerable> {
    let (wait, inverse_loss) = waiting(traffic, patience, servers)?;
    let (mass, answered) = wait.answered_within(checked_time(time)?);
    let wait_probability = wait.probability(mass, inverse_loss);
    finite(1.0 - wait_probability + wait_probability * answered)
}

/// The wait behind the figures, and 1/B.
fn waiting(
    traffic: Traffic,
    patience: f64,
    servers: u32,
) -> Result<(VirtualWait, f64), Unanswerable> {
    let load = traffic.checked()?;
    if !(patience > 0.0 && patience.is_finite()) {
        return Err(Unanswerable::Invalid("the mean patience must be above 0"));
    }
    if servers == 0 {
        return Err(Unanswerable::Invalid("there must be at least one handler"));
    }
    let unit = traffic.handling_time / f64::from(servers);
    let wait = VirtualWait::new(load / f64::from(servers), patience / unit, unit)?;
    Ok((wait, inverse_loss(load, servers)))
}

impl ErlangA {
    /// Share of all callers answered within `time`: those who give up count against it.
    pub fn answered_within(&self, time: f64) -> Result<f64, Unanswerable> {
        let (_, answered) = self.wait.answered_within(checked_time(time)?);
        Ok(1.0 - self.wait_probability + self.wait_probability * answered)
    }

    /// Of the callers answered, the share answered within `time`. It flatters a line that many
    /// leave: prefer [`ErlangA::answered_within`].
    pub fn answered_within_of_answered(&self, time: f64) -> Result<f64, Unanswerable> {
        let answered = self.answered_within(f64::INFINITY)?;
        Ok((self.answered_within(time)? / answered).min(1.0))
    }

    /// Share of callers still in the queue after `time`: neither answered nor given up.
    pub fn wait_exceeds(&self, time: f64) -> Result<f64, Unanswerable> {
        let patient = (-checked_time(time)? / self.wait.patience()).exp();
        Ok(self.offered_wait_exceeds(time)? * patient)
    }

    /// Share of callers who would wait longer than `time` if they never gave up.
    pub fn offered_wait_exceeds(&self, time: f64) -> Result<f64, Unanswerable> {
        let beyond = self.wait.share_beyond(checked_time(time)?);
        Ok(self.wait_probability * beyond)
    }

    /// The time within which the waits of a `share` of callers end, by an answer or by giving up;
    /// `share` from 0 to below 1.
    pub fn wait_quantile(&self, share: f64) -> Result<f64, Unanswerable> {
        let beyond = checked_beyond(share)?;
        if self.wait_probability <= beyond {
            return Ok(0.0);
        }
        // Nobody waits longer than their patience, which bounds the answer.
        let bound = (self.wait_probability / beyond).ln() * self.wait.patience();
        let (mut low, mut high) = (0.0, finite(bound)?);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if self.wait_exceeds(middle)? > beyond {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(f64::midpoint(low, high))
    }
}

fn checked_time(time: f64) -> Result<f64, Unanswerable> {
    (time >= 0.0).then_some(time).ok_or(NO_TIME)
}

fn checked_beyond(share: f64) -> Result<f64, Unanswerable> {
    (0.0..1.0)
        .contains(&share)
        .then_some(1.0 - share)
        .ok_or(Unanswerable::Invalid(
            "a share must be 0 or more and below 1",
        ))
}

fn finite(figure: f64) -> Result<f64, Unanswerable> {
    figure
        .is_finite()
        .then_some(figure)
        .ok_or(Unanswerable::Overflow)
}
