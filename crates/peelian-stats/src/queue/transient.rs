//! A staffing followed through the day, with the backlog that one interval leaves to the next.
//!
//! Answers "with so many handlers hour by hour, how many wait or give up in each, and how long is the
//! queue when the hour ends?" for a line whose arrival rate and handlers are constant within an
//! interval. Handling time and patience are exponential, so the number of calls present is a birth
//! and death process: up with λ, down with min(n, N)/H + (n − N)⁺·θ. Its distribution is carried
//! through each interval exactly, by uniformisation: p(t) = Σₖ Poisson(k; Λt)·p·Pᵏ, and averages over
//! the interval weigh the same terms by P(Poisson(Λt) > k)/Λt. A caller with j others ahead is
//! answered after the sum of j + 1 exponential times, so the share answered in time is an incomplete
//! beta function of the state. Overload and intervals without handlers are allowed.
//!
//! Sources: Grassmann, *Computers and Operations Research* 4 (1977) 47–53 (uniformisation); Green and
//! Kolesar, *Management Science* 37 (1991) 84–97 (why a stationary line misleads); Riordan, *Stochastic
//! Service Systems* (1962) for the wait given the state.
//!
//! **How it can mislead.** The rates are taken as certain. A handler who leaves at the end of an
//! interval hands a call begun back to the queue, where people finish it. Whether a caller is answered
//! in time is judged as if the handlers of the moment stayed: around a change of shift that is off by
//! the length of the target. Handling times steadier or wilder than exponential give shorter or
//! longer queues: see [`crate::queue::simulation`].

use statrs::function::beta::checked_beta_reg;
use statrs::function::gamma::checked_gamma_lr;

use crate::queue::offered_load::{Before, Demand};
use crate::unanswerable::Unanswerable;

/// What the callers and handlers of an interval meet, on average.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Service {
    /// Calls that arrive.
    pub offered: f64,
    /// Callers who give up, those left over from before included.
    pub abandoned: f64,
    /// Share of the arriving callers who find all handlers busy.
    pub wait_probability: f64,
    /// Share of the arriving callers who will be answered within the target.
    pub service_level: f64,
    /// Mean number of callers waiting.
    pub mean_queue: f64,
    /// Mean number of handlers busy.
    pub busy: f64,
    /// Callers waiting when the interval ends.
    pub waiting_at_end: f64,
}

/// Follows the calls of a `demand` through intervals staffed with `servers`.
///
/// `patience` is the mean time that callers are ready to wait, `None` for ever; `within` the target
/// for an answer; all times in one unit. [`Before::Same`] and [`Before::Cycle`] first go through the
/// first interval, or all of them, until nothing changes any more, and fail with
/// [`Unanswerable::NoConvergence`] where the queue keeps growing. Fails without intervals, for
/// another number of servers than of intervals, times and rates out of range, and queues or
/// intervals too long to be followed in some seconds.
pub fn by_interval(
    demand: &Demand,
    patience: Option<f64>,
    servers: &[u32],
    within: f64,
) -> Result<Vec<Service>, Unanswerable> {
    demand.check()?;
    if servers.len() != demand.arrivals.len() {
        return Err(Unanswerable::Mismatched(
            "there must be a number of handlers for every interval",
        ));
    }
    let leaving = match patience {
        None => 0.0,
        Some(patience) if patience > 0.0 && patience.is_finite() => 1.0 / patience,
        Some(_) => return Err(Unanswerable::Invalid("the mean patience must be above 0")),
    };
    if within.is_nan() || within < 0.0 {
        return Err(Unanswerable::Invalid("a time must be 0 or more"));
    }
    let mut line = Line {
        present: vec![1.0],
        handling_time: demand.handling_time,
        leaving,
        work_left: MOST_WORK,
    };
    let settle_over = match demand.before {
        Before::Closed => 0,
        Before::Same => 1,
        Before::Cycle => servers.len(),
    };
    let rates = || demand.arrivals.iter().copied().zip(servers.iter().copied());
    let (calls, handlers) = rates()
        .take(settle_over)
        .fold((0.0, 0.0), |(calls, handlers), (rate, servers)| {
            (calls + rate, handlers + f64::from(servers))
        });
    if leaving == 0.0 && calls > 0.0 && calls * demand.handling_time >= handlers {
        return Err(Unanswerable::NoConvergence);
    }
    line.settle(|line| {
        rates()
            .take(settle_over)
            .try_for_each(|(rate, servers)| line.pass(rate, servers, demand.interval).map(|_| ()))
    })?;
    rates()
        .map(|(rate, servers)| {
            let average = line.pass(rate, servers, demand.interval)?;
            Ok(line.service(&average, rate, servers, demand.interval, within))
        })
        .collect()
}

/// Steps times states in all: some seconds.
const MOST_WORK: f64 = 2e9;
/// Jumps of the uniformised process in a piece of time, on average.
const JUMPS: f64 = 100.0;
/// Probability at the far end that is let go.
const TRIM: f64 = 1e-15;
const MOST_PASSES: u32 = 1000;

struct Line {
    /// Probability of so many calls present.
    present: Vec<f64>,
    handling_time: f64,
    leaving: f64,
    work_left: f64,
}

impl Line {
    fn settle(
        &mut self,
        pass: impl Fn(&mut Self) -> Result<(), Unanswerable>,
    ) -> Result<(), Unanswerable> {
        for _ in 0..MOST_PASSES {
            let before = self.present.clone();
            pass(self)?;
            let longest = before.len().max(self.present.len());
            let at = |p: &[f64], n: usize| p.get(n).copied().unwrap_or(0.0);
            let change: f64 = (0..longest)
                .map(|n| (at(&before, n) - at(&self.present, n)).abs())
                .sum();
            if change < 1e-9 {
                return Ok(());
            }
        }
        Err(Unanswerable::NoConvergence)
    }

    /// Rate at which the number present falls.
    fn down(&self, present: usize, servers: u32) -> f64 {
        let busy = present.min(servers as usize);
        busy as f64 / self.handling_time + (present - busy) as f64 * self.leaving
    }

    /// Goes through an interval; the distribution of the number present, averaged over it.
    fn pass(&mut self, rate: f64, servers: u32, length: f64) -> Result<Vec<f64>, Unanswerable> {
        let mut average = Vec::new();
        let mut left = length;
        while left > 0.0 {
            let reach = self.present.len() + 60;
            let fastest = rate + self.down(reach, servers);
            let step = (JUMPS / fastest).min(left);
            // A piece too short to tell apart from nothing would never end.
            if left - step == left {
                return Err(Unanswerable::Overflow);
            }
            self.piece(rate, servers, step, step / length, &mut average)?;
            left -= step;
        }
        Ok(average)
    }

    fn piece(
        &mut self,
        rate: f64,
        servers: u32,
        length: f64,
        weight: f64,
        average: &mut Vec<f64>,
    ) -> Result<(), Unanswerable> {
        let likely = |mean: f64| mean + 8.0 * mean.sqrt() + 20.0;
        let states = self.present.len() + likely(rate * length) as usize;
        let fastest = rate + self.down(states, servers);
        let jumps = fastest * length;
        let steps = likely(jumps) as usize;
        self.work_left -= (steps * states) as f64;
        if self.work_left < 0.0 {
            return Err(Unanswerable::Overflow);
        }
        if average.len() < states {
            average.resize(states, 0.0);
        }
        // Without calls and handlers nothing ever happens.
        if fastest == 0.0 {
            for (sum, p) in average.iter_mut().zip(&self.present) {
                *sum += weight * p;
            }
            return Ok(());
        }

        let up = rate / fastest;
        let down: Vec<f64> = (0..=states)
            .map(|n| self.down(n, servers) / fastest)
            .collect();
        let mut now = std::mem::take(&mut self.present);
        now.resize(states, 0.0);
        let mut next = vec![0.0; states];
        let mut end = vec![0.0; states];
        for (chance, beyond) in poisson(jumps, steps) {
            for ((sum, end), p) in average.iter_mut().zip(&mut end).zip(&now) {
                *end += chance * p;
                *sum += weight * beyond / jumps * p;
            }
            jump(&now, &mut next, up, &down);
            std::mem::swap(&mut now, &mut next);
        }
        self.present = trimmed(end);
        Ok(())
    }

    fn service(
        &self,
        average: &[f64],
        rate: f64,
        servers: u32,
        length: f64,
        within: f64,
    ) -> Service {
        let handlers = servers as usize;
        let waiting = |distribution: &[f64]| -> f64 {
            let queue = distribution.iter().skip(handlers).zip(0_u32..);
            queue.map(|(p, queue)| f64::from(queue) * p).sum()
        };
        let mean_queue = waiting(average);
        let all_busy: f64 = average.iter().skip(handlers).sum();
        let present: f64 = average
            .iter()
            .zip(0_u32..)
            .map(|(p, n)| f64::from(n) * p)
            .sum();
        let in_time: f64 = average
            .iter()
            .skip(handlers)
            .zip(0_u32..)
            .map(|(p, ahead)| p * self.answered_within(within, f64::from(ahead), servers))
            .sum();
        let free: f64 = average.iter().take(handlers).sum();
        Service {
            offered: rate * length,
            abandoned: self.leaving * mean_queue * length,
            wait_probability: all_busy,
            service_level: free + in_time,
            mean_queue,
            busy: present - mean_queue,
            waiting_at_end: waiting(&self.present),
        }
    }

    /// Chance of an answer within a time for a caller with so many `ahead` in the queue.
    fn answered_within(&self, time: f64, ahead: f64, servers: u32) -> f64 {
        let answers = f64::from(servers) / self.handling_time;
        if servers == 0 || time == 0.0 {
            return 0.0;
        }
        let shape = answers / self.leaving;
        if shape.is_infinite() {
            // Nobody leaves. No value for a time without end, by which everyone is answered.
            return checked_gamma_lr(ahead + 1.0, answers * time).unwrap_or(1.0);
        }
        let served = shape / (shape + ahead + 1.0);
        let patient = (-self.leaving * time).exp();
        let late = checked_beta_reg(shape + 1.0, ahead + 1.0, patient);
        served * (1.0 - late.unwrap_or(0.0))
    }
}

/// The chance of 0, 1, 2 … jumps, each with that of more. Summed from the far end, because one minus
/// the chances would lose its digits in a short piece of time.
fn poisson(mean: f64, steps: usize) -> Vec<(f64, f64)> {
    let mut chances = Vec::with_capacity(steps);
    let mut chance = (-mean).exp();
    for k in 0..steps {
        chances.push((chance, 0.0));
        chance *= mean / (k + 1) as f64;
    }
    let mut more = 0.0;
    for (chance, beyond) in chances.iter_mut().rev() {
        *beyond = more;
        more += *chance;
    }
    chances
}

/// One jump of the uniformised process.
fn jump(now: &[f64], next: &mut [f64], up: f64, down: &[f64]) {
    let last = now.len() - 1;
    for n in 0..=last {
        let climbs = if n < last { up } else { 0.0 };
        let from_below = if n > 0 { up * now[n - 1] } else { 0.0 };
        let from_above = if n < last {
            down[n + 1] * now[n + 1]
        } else {
            0.0
        };
        next[n] = now[n] * (1.0 - climbs - down[n]) + from_below + from_above;
    }
}

/// Without the far end that hardly ever happens, and summing to 1.
fn trimmed(mut distribution: Vec<f64>) -> Vec<f64> {
    let mut let_go = 0.0;
    while distribution.len() > 1 {
        let_go += distribution.last().copied().unwrap_or(0.0);
        if let_go > TRIM {
            break;
        }
        distribution.pop();
    }
    let total: f64 = distribution.iter().sum();
    for p in &mut distribution {
        *p /= total;
    }
    distribution
}
