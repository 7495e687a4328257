//! What is counted during a replication.

/// Counts of one replication.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// One entry a line.
    pub lines: Vec<LineRun>,
    /// One entry a group.
    pub groups: Vec<GroupRun>,
}

/// Calls to a line that arrived after the warm-up.
///
/// `offered` = `answered` + `abandoned` + `call_backs_accepted` + `waiting_at_end`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineRun {
    /// Calls that arrived: new ones, those who rang again, those passed on from another line.
    pub offered: u64,
    /// Of those, callers who rang again after giving up.
    pub redials: u64,
    /// Calls answered.
    pub answered: u64,
    /// Of those, answered within the target.
    pub within_target: u64,
    /// Callers who found no handler free.
    pub waited: u64,
    /// Callers who gave up.
    pub abandoned: u64,
    /// Callers who left the queue to be rung back.
    pub call_backs_accepted: u64,
    /// Of those, rung back before the end.
    pub call_backs_made: u64,
    /// Callers still in the queue at the end.
    pub waiting_at_end: u64,
    /// Time in the queue of all who left it, summed.
    pub wait: f64,
    /// Time in the queue of those answered, summed.
    pub wait_answered: f64,
    /// Time from accepting a call-back to being rung, summed.
    pub wait_for_call_back: f64,
    /// Waits of those answered.
    pub waits: Waits,
    /// The same by time of arrival, where intervals are reported on.
    pub intervals: Vec<IntervalCounts>,
}

/// Calls to a line that arrived in an interval.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct IntervalCounts {
    /// Calls that arrived.
    pub offered: u64,
    /// Of those, answered.
    pub answered: u64,
    /// Answered within the target.
    pub within_target: u64,
    /// Given up.
    pub abandoned: u64,
    /// Left the queue to be rung back.
    pub call_backs_accepted: u64,
    /// Time in the queue of all who left it, summed.
    pub wait: f64,
}

impl LineRun {
    /// Share of the calls offered that were answered within the target; `None` without calls.
    pub fn service_level(&self) -> Option<f64> {
        share(self.within_target, self.offered)
    }

    /// Share of the calls offered that were given up; `None` without calls.
    pub fn abandonment(&self) -> Option<f64> {
        share(self.abandoned, self.offered)
    }

    /// Share of the calls offered that found no handler free; `None` without calls.
    pub fn wait_probability(&self) -> Option<f64> {
        share(self.waited, self.offered)
    }

    /// Mean time in the queue of all who left it, at once or not; `None` where nobody did.
    pub fn mean_wait(&self) -> Option<f64> {
        over(self.wait, self.offered - self.waiting_at_end)
    }

    /// Mean wait of those answered; `None` where nobody was.
    pub fn mean_wait_answered(&self) -> Option<f64> {
        over(self.wait_answered, self.answered)
    }

    /// Mean time from accepting a call-back to being rung; `None` where nobody was.
    pub fn mean_wait_for_call_back(&self) -> Option<f64> {
        over(self.wait_for_call_back, self.call_backs_made)
    }
}

impl IntervalCounts {
    pub(super) fn service_level(&self) -> Option<f64> {
        share(self.within_target, self.offered)
    }

    pub(super) fn mean_wait(&self) -> Option<f64> {
        over(
            self.wait,
            self.answered + self.abandoned + self.call_backs_accepted,
        )
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    over(part as f64, whole)
}

fn over(sum: f64, count: u64) -> Option<f64> {
    (count > 0).then(|| sum / count as f64)
}

/// A group's time after the warm-up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupRun {
    /// Time spent on calls and wrap-up, summed over handlers.
    pub busy: f64,
    /// Time that handlers were at work, summed; calls that outlast a shift are not in it.
    pub staffed: f64,
    /// Busy time by interval, where intervals are reported on; warm-up included.
    pub busy_by_interval: Vec<f64>,
}

impl GroupRun {
    /// Busy over staffed time; above 1 where calls outlast shifts, `None` where nobody was at work.
    pub fn occupancy(&self) -> Option<f64> {
        (self.staffed > 0.0).then(|| self.busy / self.staffed)
    }
}

/// Bits of a number below those that make out its bin: 64 bins to a doubling.
const DROPPED: u32 = 46;
/// Bits of 2^−34 without those: shorter waits share a bin with no wait at all.
const FIRST: u64 = (1023 - 34) << 6;
/// Bins up to 2^34; longer waits share the last.
const BINS: usize = 68 * 64;

/// How many waited how long, in bins that grow with the wait: a quantile is right to 1.6 %.
#[derive(Clone, Debug, PartialEq)]
pub struct Waits {
    none: u64,
    total: u64,
    bins: Vec<u64>,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            none: 0,
            total: 0,
            bins: vec![0; BINS],
        }
    }
}

impl Waits {
    #[inline]
    pub(super) fn add(&mut self, wait: f64) {
        self.total += 1;
        if wait == 0.0 {
            self.none += 1;
            return;
        }
        let place = (wait.to_bits() >> DROPPED).saturating_sub(FIRST) as usize;
        if let Some(bin) = self.bins.get_mut(place.min(BINS - 1)) {
            *bin += 1;
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.none += other.none;
        self.total += other.total;
        for (ours, theirs) in self.bins.iter_mut().zip(&other.bins) {
            *ours += theirs;
        }
    }

    /// How many waits there are, of length 0 too.
    pub fn count(&self) -> u64 {
        self.total
    }

    /// The wait that a `share` do not exceed, to 1.6 %; `None` where there are no waits or the
    /// share is not within 0 to 1.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        if self.total == 0 || !(0.0..=1.0).contains(&share) {
            return None;
        }
        let rank = share * self.total as f64;
        let mut below = self.none as f64;
        if rank <= below {
            return Some(0.0);
        }
        let mut last = 0.0;
        for (place, &count) in self.bins.iter().enumerate() {
            let count = count as f64;
            if count == 0.0 {
                continue;
            }
            let start = |place: usize| f64::from_bits((place as u64 + FIRST) << DROPPED);
            last = start(place + 1);
            if below + count >= rank {
                return Some(start(place) + (last - start(place)) * (rank - below) / count);
            }
            below += count;
        }
        Some(last)
    }
}
