//! Means of the counts over replications.

use super::Settings;
use super::estimate::{Estimate, Moments};
use super::plan::Plan;
use super::record::{LineRun, Run, Waits};

/// What a scenario gives, on average over replications.
///
/// An estimate is `None` where fewer than two replications have calls to tell it from.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// One entry a line.
    pub lines: Vec<LineOutcome>,
    /// One entry a group.
    pub groups: Vec<GroupOutcome>,
    /// How many replications were run.
    pub replications: u32,
}

/// What a line's callers meet. Counts are a replication's, shares are of the calls offered.
#[derive(Clone, Debug, PartialEq)]
pub struct LineOutcome {
    /// Calls that arrived after the warm-up, those who rang again included.
    pub offered: Option<Estimate>,
    /// Calls answered.
    pub answered: Option<Estimate>,
    /// Calls given up.
    pub abandoned: Option<Estimate>,
    /// Callers who rang again after giving up.
    pub redials: Option<Estimate>,
    /// Callers who left the queue to be rung back.
    pub call_backs_accepted: Option<Estimate>,
    /// Callers still in the queue at the end.
    pub waiting_at_end: Option<Estimate>,
    /// Share answered within the target.
    pub service_level: Option<Estimate>,
    /// Share given up.
    pub abandonment: Option<Estimate>,
    /// Share who found no handler free.
    pub wait_probability: Option<Estimate>,
    /// Mean time in the queue of all who left it, at once or not, answered or not.
    pub mean_wait: Option<Estimate>,
    /// Mean wait of those answered.
    pub mean_wait_answered: Option<Estimate>,
    /// Mean time from accepting a call-back to being rung.
    pub mean_wait_for_call_back: Option<Estimate>,
    /// The wait not exceeded by a share ([`Settings::quantile`]) of those answered.
    pub wait_quantile: Option<Estimate>,
    /// Waits of those answered, of all replications together.
    pub waits: Waits,
    /// By time of arrival, where intervals are reported on.
    pub intervals: Vec<LineInterval>,
}

/// Calls that arrive in an interval; those of the warm-up are not counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LineInterval {
    /// When it begins.
    pub start: f64,
    /// Calls that arrive.
    pub offered: Option<Estimate>,
    /// Calls given up.
    pub abandoned: Option<Estimate>,
    /// Share answered within the target.
    pub service_level: Option<Estimate>,
    /// Mean time in the queue of all who left it.
    pub mean_wait: Option<Estimate>,
}

/// How busy a group is.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupOutcome {
    /// Busy over staffed time; above 1 where calls outlast shifts.
    pub occupancy: Option<Estimate>,
    /// By interval, where intervals are reported on.
    pub intervals: Vec<GroupInterval>,
}

/// How busy a group is in an interval, warm-up or not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupInterval {
    /// When it begins.
    pub start: f64,
    /// Mean number of handlers at work.
    pub servers: f64,
    /// Mean number of handlers busy.
    pub busy: Option<Estimate>,
}

/// Sums over the replications seen so far.
pub(super) struct Tally<'a> {
    plan: &'a Plan,
    settings: &'a Settings,
    replications: u32,
    lines: Vec<LineTally>,
    groups: Vec<GroupTally>,
}

const FIGURES: [fn(&LineRun) -> Option<f64>; 12] = [
    |run| Some(run.offered as f64),
    |run| Some(run.answered as f64),
    |run| Some(run.abandoned as f64),
    |run| Some(run.redials as f64),
    |run| Some(run.call_backs_accepted as f64),
    |run| Some(run.waiting_at_end as f64),
    LineRun::service_level,
    LineRun::abandonment,
    LineRun::wait_probability,
    LineRun::mean_wait,
    LineRun::mean_wait_answered,
    LineRun::mean_wait_for_call_back,
];

#[derive(Clone, Default)]
struct LineTally {
    figures: [Moments; FIGURES.len()],
    quantile: Moments,
    waits: Waits,
    intervals: Vec<[Moments; 4]>,
}

#[derive(Clone, Default)]
struct GroupTally {
    occupancy: Moments,
    intervals: Vec<Moments>,
}

impl<'a> Tally<'a> {
    pub(super) fn new(plan: &'a Plan, settings: &'a Settings) -> Self {
        let intervals = plan.report.map_or(0, |(_, count)| count);
        let line = LineTally {
            intervals: vec![[Moments::default(); 4]; intervals],
            ..LineTally::default()
        };
        let group = GroupTally {
            intervals: vec![Moments::default(); intervals],
            ..GroupTally::default()
        };
        Self {
            plan,
            settings,
            replications: 0,
            lines: vec![line; plan.lines.len()],
            groups: vec![group; plan.groups.len()],
        }
    }

    pub(super) fn add(&mut self, run: &Run) {
        self.replications += 1;
        for (tally, run) in self.lines.iter_mut().zip(&run.lines) {
            for (moments, figure) in tally.figures.iter_mut().zip(FIGURES) {
                moments.add(figure(run));
            }
            tally
                .quantile
                .add(run.waits.quantile(self.settings.quantile));
            tally.waits.merge(&run.waits);
            for (moments, counts) in tally.intervals.iter_mut().zip(&run.intervals) {
                let [offered, abandoned, service, wait] = moments;
                offered.add(Some(counts.offered as f64));
                abandoned.add(Some(counts.abandoned as f64));
                service.add(counts.service_level());
                wait.add(counts.mean_wait());
            }
        }
        for (tally, run) in self.groups.iter_mut().zip(&run.groups) {
            tally.occupancy.add(run.occupancy());
            for (moments, &busy) in tally.intervals.iter_mut().zip(&run.busy_by_interval) {
                moments.add(Some(busy));
            }
        }
    }

    pub(super) fn outcome(self) -> Outcome {
        Outcome {
            lines: self.lines.iter().map(|tally| self.line(tally)).collect(),
            groups: (0..self.groups.len())
                .map(|group| self.group(group))
                .collect(),
            replications: self.replications,
        }
    }

    fn estimate(&self, moments: &Moments) -> Option<Estimate> {
        moments.estimate(self.settings.confidence)
    }

    fn start(&self, interval: usize) -> f64 {
        self.plan
            .report
            .map_or(0.0, |(length, _)| length * interval as f64)
    }

    fn line(&self, tally: &LineTally) -> LineOutcome {
        let figures = tally.figures.map(|moments| self.estimate(&moments));
        let [
            offered,
            answered,
            abandoned,
            redials,
            call_backs_accepted,
            waiting_at_end,
            service_level,
            abandonment,
            wait_probability,
            mean_wait,
            mean_wait_answered,
            mean_wait_for_call_back,
        ] = figures;
        let interval = |(index, moments): (usize, &[Moments; 4])| {
            let [offered, abandoned, service_level, mean_wait] =
                moments.map(|moments| self.estimate(&moments));
            LineInterval {
                start: self.start(index),
                offered,
                abandoned,
                service_level,
                mean_wait,
            }
        };
        LineOutcome {
            offered,
            answered,
            abandoned,
            redials,
            call_backs_accepted,
            waiting_at_end,
            service_level,
            abandonment,
            wait_probability,
            mean_wait,
            mean_wait_answered,
            mean_wait_for_call_back,
            wait_quantile: self.estimate(&tally.quantile),
            waits: tally.waits.clone(),
            intervals: tally.intervals.iter().enumerate().map(interval).collect(),
        }
    }

    fn group(&self, group: usize) -> GroupOutcome {
        let tally = &self.groups[group];
        let interval = |(index, moments): (usize, &Moments)| {
            let (start, end) = (
                self.start(index),
                self.start(index + 1).min(self.plan.horizon),
            );
            let length = end - start;
            let mut busy = *moments;
            busy.scale(1.0 / length);
            GroupInterval {
                start,
                servers: self.plan.groups[group].staffed(start, end) / length,
                busy: self.estimate(&busy),
            }
        };
        GroupOutcome {
            occupancy: self.estimate(&tally.occupancy),
            intervals: tally.intervals.iter().enumerate().map(interval).collect(),
        }
    }
}
