//! A scenario that has been checked and made ready to run.

use super::distribution::Sampler;
use super::{Line, Scenario, Schedule};
use crate::unanswerable::Unanswerable;

/// Most calls that a replication may expect: a queue of them all still fits into memory.
const MOST_CALLS: f64 = 5e7;
/// Most steps of a schedule.
const MOST_INTERVALS: f64 = 1e7;
/// Most intervals to report on, over all lines and groups.
const MOST_REPORTED: f64 = 1e6;

#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) lines: Vec<LinePlan>,
    pub(super) groups: Vec<GroupPlan>,
    pub(super) horizon: f64,
    pub(super) warm_up: f64,
    /// Length and number of the intervals to report on.
    pub(super) report: Option<(f64, usize)>,
}

#[derive(Clone, Debug)]
pub(super) struct LinePlan {
    pub(super) arrivals: Schedule<f64>,
    pub(super) handling: Sampler,
    pub(super) wrap_up: Option<Sampler>,
    pub(super) patience: Option<Sampler>,
    pub(super) target: f64,
    pub(super) priority: u32,
    /// Share and delay.
    pub(super) redial: Option<(f64, Sampler)>,
    /// Time until the offer and share who accept.
    pub(super) call_back: Option<(f64, f64)>,
    pub(super) passes_on: Vec<(f64, u32)>,
    pub(super) waiting_at_start: u32,
    /// The groups that answer it, in order.
    pub(super) groups: Vec<u32>,
}

#[derive(Clone, Debug)]
pub(super) struct GroupPlan {
    pub(super) servers: Schedule<u32>,
    /// Its lines, the most urgent first.
    pub(super) lines: Vec<u32>,
}

impl Plan {
    pub(super) fn new(scenario: &Scenario) -> Result<Self, Unanswerable> {
        let &Scenario {
            horizon, warm_up, ..
        } = scenario;
        if !(horizon > 0.0 && horizon.is_finite() && (0.0..horizon).contains(&warm_up)) {
            return Err(Unanswerable::Invalid(
                "the horizon must be above 0, the warm-up from 0 to below the horizon",
            ));
        }
        if scenario.lines.is_empty() {
            return Err(none_of("lines"));
        }
        if scenario.groups.is_empty() {
            return Err(none_of("groups"));
        }
        let report = scenario
            .report_every
            .map(|length| Ok((length, steps(length, horizon)?)))
            .transpose()?;
        let lines = (0..scenario.lines.len())
            .map(|index| LinePlan::new(scenario, index))
            .collect::<Result<Vec<_>, _>>()?;
        let groups = scenario
            .groups
            .iter()
            .map(|group| GroupPlan::new(&group.servers, &group.lines, scenario))
            .collect::<Result<Vec<_>, _>>()?;
        let calls: f64 = scenario
            .lines
            .iter()
            .map(|line| expected_calls(line, horizon))
            .sum();
        let reported = report.map_or(0, |(_, count)| count) * (lines.len() + groups.len());
        if calls.is_nan() || calls > MOST_CALLS || reported as f64 > MOST_REPORTED {
            return Err(Unanswerable::Overflow);
        }
        Ok(Self {
            lines,
            groups,
            horizon,
            warm_up,
            report,
        })
    }

    /// The interval to report on that a time lies in.
    pub(super) fn interval(&self, time: f64) -> Option<usize> {
        self.report
            .map(|(length, count)| ((time / length) as usize).min(count - 1))
    }
}

impl LinePlan {
    fn new(scenario: &Scenario, index: usize) -> Result<Self, Unanswerable> {
        let line = &scenario.lines[index];
        steps_of(&line.arrivals, scenario.horizon)?;
        if !line
            .arrivals
            .values
            .iter()
            .all(|rate| *rate >= 0.0 && rate.is_finite())
        {
            return Err(Unanswerable::Invalid("arrival rates must be 0 or more"));
        }
        // Infinite is allowed: every answer is then in time.
        if line.target.is_nan() || line.target < 0.0 {
            return Err(Unanswerable::Invalid("a target must be 0 or more"));
        }
        let sampler = |times: &Option<super::Distribution>| {
            times.as_ref().map(super::Distribution::sampler).transpose()
        };
        let groups = (0..scenario.groups.len())
            .filter(|&group| scenario.groups[group].lines.contains(&index))
            .map(|group| group as u32)
            .collect();
        Ok(Self {
            arrivals: Schedule {
                // Minus zero is zero.
                values: line.arrivals.values.iter().map(|rate| rate.abs()).collect(),
                interval: line.arrivals.interval,
            },
            handling: line.handling.sampler()?,
            wrap_up: sampler(&line.wrap_up)?,
            patience: sampler(&line.patience)?,
            target: line.target,
            priority: line.priority,
            redial: redial(line)?,
            call_back: call_back(line)?,
            passes_on: passes_on(line, index, scenario.lines.len())?,
            waiting_at_start: line.waiting_at_start,
            groups,
        })
    }
}

fn redial(line: &Line) -> Result<Option<(f64, Sampler)>, Unanswerable> {
    let Some(redial) = &line.redial else {
        return Ok(None);
    };
    if !(0.0..1.0).contains(&redial.share) {
        return Err(Unanswerable::Invalid(
            "the share who ring again must be 0 or more and below 1",
        ));
    }
    Ok(Some((redial.share, redial.delay.sampler()?)))
}

fn call_back(line: &Line) -> Result<Option<(f64, f64)>, Unanswerable> {
    let Some(offer) = &line.call_back else {
        return Ok(None);
    };
    if !(offer.after >= 0.0 && (0.0..=1.0).contains(&offer.accepted)) {
        return Err(Unanswerable::Invalid(
            "a call-back is offered after 0 or more, and accepted by a share within 0 to 1",
        ));
    }
    Ok(Some((offer.after, offer.accepted)))
}

fn passes_on(line: &Line, index: usize, lines: usize) -> Result<Vec<(f64, u32)>, Unanswerable> {
    let mut upto = 0.0;
    let mut shares = Vec::with_capacity(line.passes_on.len());
    for onward in &line.passes_on {
        upto += onward.share;
        // To lines after it alone: a call that went in circles would never end.
        let ahead = onward.line > index && onward.line < lines;
        if !(ahead && onward.share >= 0.0 && upto <= 1.0 + 1e-9) {
            return Err(Unanswerable::Invalid(
                "a line passes calls on to lines after it, shares sum to 1 at most",
            ));
        }
        shares.push((upto, onward.line as u32));
    }
    Ok(shares)
}

impl GroupPlan {
    fn new(
        servers: &Schedule<u32>,
        lines: &[usize],
        scenario: &Scenario,
    ) -> Result<Self, Unanswerable> {
        steps_of(servers, scenario.horizon)?;
        let mut lines = lines.to_vec();
        if lines.iter().any(|&line| line >= scenario.lines.len()) {
            return Err(Unanswerable::Mismatched(
                "a group answers a line that is not there",
            ));
        }
        lines.sort_by_key(|&line| (scenario.lines[line].priority, line));
        lines.dedup();
        Ok(Self {
            servers: servers.clone(),
            lines: lines.into_iter().map(|line| line as u32).collect(),
        })
    }

    /// Handlers at work times time, from one time to another.
    pub(super) fn staffed(&self, from: f64, to: f64) -> f64 {
        self.servers
            .integral(from, to, |&servers| f64::from(servers))
    }
}

impl<T> Schedule<T> {
    fn integral(&self, from: f64, to: f64, size: impl Fn(&T) -> f64) -> f64 {
        if let [value] = self.values.as_slice() {
            return size(value) * (to - from);
        }
        let first = (from / self.interval).floor();
        let mut total = 0.0;
        for step in first as u64.. {
            let start = step as f64 * self.interval;
            if start >= to {
                break;
            }
            let end = (step + 1) as f64 * self.interval;
            let value = &self.values[(step % self.values.len() as u64) as usize];
            total += size(value) * (end.min(to) - start.max(from)).max(0.0);
        }
        total
    }
}

fn steps(interval: f64, horizon: f64) -> Result<usize, Unanswerable> {
    if !(interval > 0.0 && interval.is_finite()) {
        return Err(Unanswerable::Invalid("an interval must be above 0"));
    }
    let steps = (horizon / interval).ceil().max(1.0);
    if steps > MOST_INTERVALS {
        return Err(Unanswerable::Overflow);
    }
    Ok(steps as usize)
}

fn steps_of<T>(schedule: &Schedule<T>, horizon: f64) -> Result<(), Unanswerable> {
    match schedule.values.len() {
        0 => Err(none_of("values of a schedule")),
        // The length of the interval means nothing where the value never changes.
        1 => Ok(()),
        _ => steps(schedule.interval, horizon).map(|_| ()),
    }
}

fn expected_calls(line: &Line, horizon: f64) -> f64 {
    let calls = line.arrivals.integral(0.0, horizon, |rate| *rate);
    let attempts = 1.0 / (1.0 - line.redial.as_ref().map_or(0.0, |redial| redial.share));
    (calls + f64::from(line.waiting_at_start)) * attempts
}

fn none_of(what: &'static str) -> Unanswerable {
    Unanswerable::TooFew {
        what,
        have: 0,
        need: 1,
    }
}
