//! What is foreseen, in the order in which it will happen.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

#[derive(Clone, Copy)]
pub(super) enum What {
    /// A handler of the group is free.
    Free { group: u32 },
    /// The caller away at this place rings the line again.
    Redial { line: u32, place: u32 },
    /// A call comes from another line.
    PassedOn { line: u32 },
    /// The call of this number in the line's queue gives up, if it is still there.
    GivesUp { line: u32, number: u64 },
    /// The group's next step of staffing begins.
    Staffing { group: u32, step: u64 },
}

#[derive(Clone, Copy)]
pub(super) struct Event {
    pub(super) time: f64,
    /// Events of one time happen in the order in which they were foreseen.
    order: u64,
    pub(super) what: What,
}

impl Ord for Event {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.time
            .total_cmp(&other.time)
            .then(self.order.cmp(&other.order))
    }
}

impl PartialOrd for Event {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Event {}

pub(super) struct Calendar {
    pub(super) events: BinaryHeap<Reverse<Event>>,
    pub(super) foreseen: u64,
    pub(super) horizon: f64,
}

impl Calendar {
    /// What lies beyond the horizon is left out.
    #[inline]
    pub(super) fn add(&mut self, time: f64, what: What) {
        if time >= self.horizon {
            return;
        }
        let order = self.foreseen;
        self.foreseen += 1;
        self.events.push(Reverse(Event { time, order, what }));
    }

    #[inline]
    pub(super) fn next_time(&self) -> f64 {
        self.events
            .peek()
            .map_or(f64::INFINITY, |event| event.0.time)
    }
}
