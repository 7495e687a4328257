//! The simulation itself: one replication, event by event.
//!
//! What does not have to happen at its own time does not become an event. A caller's patience is
//! looked at when a handler gets to them; it needs an event only where the caller will ring again.
//! Everything about a call is drawn when it arrives, so that callers do not depend on the staffing.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use rand::Rng;

use super::arrivals::ArrivalClock;
use super::calendar::{Calendar, What};
use super::distribution::Sampler;
use super::plan::{LinePlan, Plan};
use super::record::{GroupRun, IntervalCounts, LineRun, Run};
use crate::random::{Stream, stream};

pub(super) struct Engine<'a> {
    plan: &'a Plan,
    now: f64,
    calendar: Calendar,
    lines: Vec<LineState<'a>>,
    groups: Vec<GroupState>,
    /// Callers who will ring again.
    away: Vec<Call>,
    free_places: Vec<u32>,
    /// The next new call of any line.
    next_arrival: (f64, usize),
}

struct LineState<'a> {
    plan: &'a LinePlan,
    clock: ArrivalClock,
    streams: Streams,
    queue: VecDeque<Call>,
    /// How many have left the front of the queue: the number of its first call.
    gone: u64,
    to_ring_back: VecDeque<Call>,
    record: LineRun,
}

struct GroupState {
    servers: u32,
    busy: u32,
    record: GroupRun,
}

/// One purpose, one stream: what is drawn for one does not shift what is drawn for another.
struct Streams {
    arrivals: Stream,
    handling: Stream,
    wrap_up: Stream,
    patience: Stream,
    choices: Stream,
    /// For attempts after the first and calls passed on, whose number depends on the service.
    later: Stream,
}

impl Streams {
    fn new(seed: u64, replication: u32, line: usize) -> Self {
        let purpose = |purpose: u64| {
            let index = u64::from(replication) << 32 | (line as u64) << 3 | purpose;
            stream(seed, index)
        };
        Self {
            arrivals: purpose(0),
            handling: purpose(1),
            wrap_up: purpose(2),
            patience: purpose(3),
            choices: purpose(4),
            later: purpose(5),
        }
    }
}

#[derive(Clone, Copy)]
struct Call {
    arrived: f64,
    handling: f64,
    wrap_up: f64,
    /// When the caller gives up.
    until: f64,
    /// When the caller accepts to be rung back; infinite for never.
    ring_back_at: f64,
    /// The line that it goes on to.
    onward: Option<u32>,
    /// Rings again after giving up.
    redials: bool,
    /// Already out of the queue, given up.
    left: bool,
}

impl<'a> Engine<'a> {
    pub(super) fn new(plan: &'a Plan, seed: u64, replication: u32) -> Self {
        let intervals = plan.report.map_or(0, |(_, count)| count);
        let line = |(index, line): (usize, &'a LinePlan)| LineState {
            plan: line,
            clock: ArrivalClock::new(&line.arrivals),
            streams: Streams::new(seed, replication, index),
            queue: VecDeque::new(),
            gone: 0,
            to_ring_back: VecDeque::new(),
            record: LineRun {
                intervals: vec![IntervalCounts::default(); intervals],
                ..LineRun::default()
            },
        };
        let group = |group: &super::plan::GroupPlan| GroupState {
            servers: group.servers.values[0],
            busy: 0,
            record: GroupRun {
                busy: 0.0,
                staffed: group.staffed(plan.warm_up, plan.horizon),
                busy_by_interval: vec![0.0; intervals],
            },
        };
        Self {
            plan,
            now: 0.0,
            calendar: Calendar {
                events: BinaryHeap::new(),
                foreseen: 0,
                horizon: plan.horizon,
            },
            lines: plan.lines.iter().enumerate().map(line).collect(),
            groups: plan.groups.iter().map(group).collect(),
            away: Vec::new(),
            free_places: Vec::new(),
            next_arrival: (0.0, 0),
        }
    }

    pub(super) fn run(mut self) -> Run {
        self.begin();
        let horizon = self.plan.horizon;
        loop {
            let (arrival, line) = self.next_arrival;
            let event = self.calendar.next_time();
            if arrival.min(event) >= horizon {
                break;
            }
            if arrival < event {
                self.now = arrival;
                self.new_call(line);
            } else if let Some(Reverse(event)) = self.calendar.events.pop() {
                self.now = event.time;
                self.happens(event.what);
            }
        }
        self.end()
    }

    fn begin(&mut self) {
        for group in 0..self.groups.len() {
            self.foresee_staffing(group, 0);
        }
        for index in 0..self.lines.len() {
            for _ in 0..self.lines[index].plan.waiting_at_start {
                let call = self.first_attempt(index);
                self.arrives(index, call);
            }
            let line = &mut self.lines[index];
            let horizon = self.plan.horizon;
            line.clock
                .advance(&line.plan.arrivals, horizon, &mut line.streams.arrivals);
        }
        self.find_next_arrival();
    }

    #[inline]
    fn find_next_arrival(&mut self) {
        let mut next = (f64::INFINITY, 0);
        for (index, line) in self.lines.iter().enumerate() {
            if line.clock.time < next.0 {
                next = (line.clock.time, index);
            }
        }
        self.next_arrival = next;
    }

    #[inline]
    fn new_call(&mut self, index: usize) {
        let call = self.first_attempt(index);
        self.arrives(index, call);
        let line = &mut self.lines[index];
        let horizon = self.plan.horizon;
        line.clock
            .advance(&line.plan.arrivals, horizon, &mut line.streams.arrivals);
        self.find_next_arrival();
    }

    fn happens(&mut self, what: What) {
        match what {
            What::Free { group } => {
                let group = group as usize;
                self.groups[group].busy -= 1;
                self.take_calls(group);
            }
            What::Redial { line, place } => {
                let (line, place) = (line as usize, place as usize);
                self.free_places.push(place as u32);
                let call = self.again(line, self.away[place]);
                if self.counts(self.now) {
                    self.lines[line].record.redials += 1;
                }
                self.arrives(line, call);
            }
            What::PassedOn { line } => {
                let line = line as usize;
                let call = self.passed_on(line);
                self.arrives(line, call);
            }
            What::GivesUp { line, number } => self.gives_up(line as usize, number),
            What::Staffing { group, step } => {
                let group = group as usize;
                let schedule = &self.plan.groups[group].servers;
                self.groups[group].servers =
                    schedule.values[(step % schedule.values.len() as u64) as usize];
                self.foresee_staffing(group, step);
                self.take_calls(group);
            }
        }
    }

    /// Puts the next change of staffing after this step into the calendar.
    fn foresee_staffing(&mut self, group: usize, step: u64) {
        let schedule = &self.plan.groups[group].servers;
        let count = schedule.values.len() as u64;
        let value = |step: u64| schedule.values[(step % count) as usize];
        let change = (step + 1..step + count).find(|&next| value(next) != value(step));
        if let Some(step) = change {
            let group = group as u32;
            let time = step as f64 * schedule.interval;
            self.calendar.add(time, What::Staffing { group, step });
        }
    }

    #[inline]
    fn first_attempt(&mut self, index: usize) -> Call {
        let LineState { plan, streams, .. } = &mut self.lines[index];
        let draw = |sampler: &Option<Sampler>, stream: &mut Stream, or: f64| {
            sampler.as_ref().map_or(or, |sampler| sampler.draw(stream))
        };
        let handling = plan.handling.draw(&mut streams.handling);
        let wrap_up = draw(&plan.wrap_up, &mut streams.wrap_up, 0.0);
        let patience = draw(&plan.patience, &mut streams.patience, f64::INFINITY);
        self.call(index, handling, wrap_up, patience, |streams| {
            &mut streams.choices
        })
    }

    fn passed_on(&mut self, index: usize) -> Call {
        let LineState { plan, streams, .. } = &mut self.lines[index];
        let stream = &mut streams.later;
        let handling = plan.handling.draw(stream);
        let wrap_up = plan
            .wrap_up
            .as_ref()
            .map_or(0.0, |times| times.draw(stream));
        let patience = plan.patience.as_ref();
        let patience = patience.map_or(f64::INFINITY, |times| times.draw(stream));
        self.call(index, handling, wrap_up, patience, |streams| {
            &mut streams.later
        })
    }

    fn again(&mut self, index: usize, before: Call) -> Call {
        let LineState { plan, streams, .. } = &mut self.lines[index];
        let patience = plan.patience.as_ref();
        let patience = patience.map_or(f64::INFINITY, |times| times.draw(&mut streams.later));
        self.call(
            index,
            before.handling,
            before.wrap_up,
            patience,
            |streams| &mut streams.later,
        )
    }

    #[inline]
    fn call(
        &mut self,
        index: usize,
        handling: f64,
        wrap_up: f64,
        patience: f64,
        choices: impl Fn(&mut Streams) -> &mut Stream,
    ) -> Call {
        let now = self.now;
        let LineState { plan, streams, .. } = &mut self.lines[index];
        let stream = choices(streams);
        let redials = match &plan.redial {
            Some((share, _)) => stream.random::<f64>() < *share,
            None => false,
        };
        let ring_back_at = match plan.call_back {
            Some((after, accepted)) if stream.random::<f64>() < accepted => now + after,
            _ => f64::INFINITY,
        };
        let onward = if plan.passes_on.is_empty() {
            None
        } else {
            let draw: f64 = stream.random();
            let chosen = plan.passes_on.iter().find(|(upto, _)| draw < *upto);
            chosen.map(|&(_, line)| line)
        };
        Call {
            arrived: now,
            handling,
            wrap_up,
            until: now + patience,
            ring_back_at,
            onward,
            redials,
            left: false,
        }
    }

    #[inline]
    fn counts(&self, arrived: f64) -> bool {
        arrived >= self.plan.warm_up
    }

    #[inline]
    fn arrives(&mut self, index: usize, call: Call) {
        let line = &mut self.lines[index];
        let plan = line.plan;
        let counts = call.arrived >= self.plan.warm_up;
        if counts {
            line.record.offered += 1;
            if let Some(interval) = self.plan.interval(call.arrived) {
                line.record.intervals[interval].offered += 1;
            }
        }
        let idle = |&&group: &&u32| {
            let group = &self.groups[group as usize];
            group.busy < group.servers
        };
        if let Some(&group) = plan.groups.iter().find(idle) {
            self.answer(group as usize, index, call);
            return;
        }
        if counts {
            line.record.waited += 1;
        }
        if call.redials {
            let number = line.gone + line.queue.len() as u64;
            let line = index as u32;
            self.calendar
                .add(call.until, What::GivesUp { line, number });
        }
        self.lines[index].queue.push_back(call);
    }

    /// Idle handlers of the group take calls until there are none for them.
    #[inline]
    fn take_calls(&mut self, group: usize) {
        while self.groups[group].busy < self.groups[group].servers {
            if let Some(line) = self.line_to_serve(group) {
                if let Some(call) = self.lines[line].leave_front() {
                    self.answer(group, line, call);
                }
            } else if let Some(line) = self.line_to_ring_back(group) {
                if let Some(call) = self.lines[line].to_ring_back.pop_front() {
                    self.ring_back(group, line, call);
                }
            } else {
                return;
            }
        }
    }

    /// Among the most urgent of the group's lines where somebody waits, the one where the first
    /// has waited longest. All that have left by now are out of those queues afterwards.
    #[inline]
    fn line_to_serve(&mut self, group: usize) -> Option<usize> {
        let plan = self.plan;
        let mut best: Option<(u32, f64, usize)> = None;
        for &index in &plan.groups[group].lines {
            let index = index as usize;
            let priority = plan.lines[index].priority;
            if best.is_some_and(|(most_urgent, ..)| most_urgent < priority) {
                break;
            }
            let Some(arrived) = self.lines[index].first_waiting(self.now, plan) else {
                continue;
            };
            if best.is_none_or(|(_, longest, _)| arrived < longest) {
                best = Some((priority, arrived, index));
            }
        }
        best.map(|(.., index)| index)
    }

    fn line_to_ring_back(&self, group: usize) -> Option<usize> {
        let lines = self.plan.groups[group].lines.iter();
        let asked_at = |&index: &u32| {
            let call = self.lines[index as usize].to_ring_back.front()?;
            Some((call.ring_back_at, index as usize))
        };
        let first = lines
            .filter_map(asked_at)
            .min_by(|a, b| a.0.total_cmp(&b.0));
        first.map(|(_, index)| index)
    }

    #[inline]
    fn answer(&mut self, group: usize, index: usize, call: Call) {
        let record = &mut self.lines[index].record;
        if call.arrived >= self.plan.warm_up {
            let wait = self.now - call.arrived;
            let in_time = u64::from(wait <= self.plan.lines[index].target);
            record.answered += 1;
            record.within_target += in_time;
            record.wait += wait;
            record.wait_answered += wait;
            record.waits.add(wait);
            if let Some(interval) = self.plan.interval(call.arrived) {
                let counts = &mut record.intervals[interval];
                counts.answered += 1;
                counts.within_target += in_time;
                counts.wait += wait;
            }
        }
        self.handle(group, call);
    }

    fn ring_back(&mut self, group: usize, index: usize, call: Call) {
        if self.counts(call.arrived) {
            let record = &mut self.lines[index].record;
            record.call_backs_made += 1;
            record.wait_for_call_back += self.now - call.ring_back_at;
        }
        self.handle(group, call);
    }

    #[inline]
    fn handle(&mut self, group: usize, call: Call) {
        let hung_up = self.now + call.handling;
        let free = hung_up + call.wrap_up;
        if let Some(line) = call.onward {
            self.calendar.add(hung_up, What::PassedOn { line });
        }
        let state = &mut self.groups[group];
        state.busy += 1;
        let until = free.min(self.plan.horizon);
        state.record.busy += (until - self.now.max(self.plan.warm_up)).max(0.0);
        if let Some((length, _)) = self.plan.report {
            add_busy(&mut state.record.busy_by_interval, length, self.now, until);
        }
        let group = group as u32;
        self.calendar.add(free, What::Free { group });
    }

    fn gives_up(&mut self, index: usize, number: u64) {
        let line = &mut self.lines[index];
        let Some(place) = number.checked_sub(line.gone) else {
            return;
        };
        let Some(call) = line.queue.get_mut(place as usize) else {
            return;
        };
        if call.ring_back_at < call.until {
            return;
        }
        call.left = true;
        let call = *call;
        line.record_departure(&call, self.plan);
        let Some((_, delay)) = &line.plan.redial else {
            return;
        };
        let back_at = self.now + delay.draw(&mut line.streams.later);
        let place = self.free_places.pop().unwrap_or_else(|| {
            self.away.push(call);
            self.away.len() as u32 - 1
        });
        self.away[place as usize] = call;
        let line = index as u32;
        self.calendar.add(back_at, What::Redial { line, place });
    }

    fn end(mut self) -> Run {
        for line in &mut self.lines {
            line.close(self.plan);
        }
        Run {
            lines: self.lines.into_iter().map(|line| line.record).collect(),
            groups: self.groups.into_iter().map(|group| group.record).collect(),
        }
    }
}

impl LineState<'_> {
    /// When the first caller who is still there arrived. Those before who have left are recorded
    /// and taken out of the queue.
    #[inline]
    fn first_waiting(&mut self, now: f64, plan: &Plan) -> Option<f64> {
        while let Some(call) = self.queue.front() {
            if !call.left && call.until.min(call.ring_back_at) >= now {
                return Some(call.arrived);
            }
            if let Some(call) = self.leave_front()
                && !call.left
            {
                self.record_departure(&call, plan);
            }
        }
        None
    }

    #[inline]
    fn leave_front(&mut self) -> Option<Call> {
        let call = self.queue.pop_front()?;
        self.gone += 1;
        Some(call)
    }

    /// The caller gave up, or left to be rung back.
    fn record_departure(&mut self, call: &Call, plan: &Plan) {
        let rung_back = call.ring_back_at < call.until;
        if call.arrived >= plan.warm_up {
            let wait = call.until.min(call.ring_back_at) - call.arrived;
            let (left, to_ring_back) = (u64::from(!rung_back), u64::from(rung_back));
            self.record.abandoned += left;
            self.record.call_backs_accepted += to_ring_back;
            self.record.wait += wait;
            if let Some(interval) = plan.interval(call.arrived) {
                let counts = &mut self.record.intervals[interval];
                counts.abandoned += left;
                counts.call_backs_accepted += to_ring_back;
                counts.wait += wait;
            }
        }
        if rung_back {
            self.to_ring_back.push_back(*call);
        }
    }

    /// Records who is in the queue at the horizon.
    fn close(&mut self, plan: &Plan) {
        while let Some(call) = self.leave_front() {
            if call.left {
                continue;
            }
            if call.until.min(call.ring_back_at) < plan.horizon {
                self.record_departure(&call, plan);
            } else if call.arrived >= plan.warm_up {
                self.record.waiting_at_end += 1;
            }
        }
    }
}

/// Spreads the time from one moment to another over the intervals that it lies in.
fn add_busy(intervals: &mut [f64], length: f64, from: f64, to: f64) {
    let first = (from / length) as usize;
    for (index, busy) in intervals.iter_mut().enumerate().skip(first) {
        let start = index as f64 * length;
        if start >= to {
            return;
        }
        *busy += (to.min(start + length) - from.max(start)).max(0.0);
    }
}
