//! Aalen-Johansen curves: the share of cases ended by each outcome as time passes.
//!
//! Answers "how many end in a charge, and by when?" where other outcomes end cases too. With dₖ
//! events of cause k among n at risk, Iₖ(t) = Σ S(t−)·dₖ/n, S being the Kaplan-Meier curve of all
//! causes together; the Iₖ and S add up to 1. Source: Aalen and Johansen, *Scandinavian Journal of
//! Statistics* 5 (1978) 141–150.
//!
//! Ties are taken as they are: events of several causes on one day share the same number at risk,
//! and nothing is jittered, so the order of the cases cannot matter. The variance is that of the
//! multinomial counts at each time carried through the sum (the infinitesimal jackknife gives the
//! same): with g = S(t−) for an event of cause k and less (Iₖ(T) − Iₖ(t))/(1 − d/n) for any event,
//! Var Iₖ(T) = Σ (E g² − (E g)²)/n.
//!
//! **How it can mislead.** A rise of one cause can be nothing but a fall of another, which leaves
//! more cases open to it: show all causes. Open cases must be like the others of their age, as for
//! [`super::kaplan_meier`]. One minus a Kaplan-Meier curve that treats other outcomes as open
//! overstates every share; do not use it.

use std::collections::BTreeMap;

use super::cases::{ONE_EACH, check_times};
use super::tally::Tally;
use crate::special::normal_z;
use crate::{Interval, Unanswerable};

/// Share of cases still open from one time to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OpenStep {
    /// The time at which cases ended or were last seen.
    pub time: f64,
    /// Cases under observation just before.
    pub at_risk: usize,
    /// Share that no cause has ended by this time, 0 to 1.
    pub share: f64,
    /// Greenwood's standard error of `share`.
    pub standard_error: f64,
}

/// Share of cases ended by one cause from one of its events to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CauseStep {
    /// The time of an event of this cause.
    pub time: f64,
    /// Events of this cause at this time.
    pub events: usize,
    /// Share that this cause has ended by this time, 0 to 1.
    pub share: f64,
    /// Standard error of `share`.
    pub standard_error: f64,
    /// Pointwise interval, symmetric for ln(−ln(1 − share)); `None` where the share is 1 or the
    /// standard error 0.
    pub band: Option<Interval>,
}

/// Cumulative incidence of one cause. Neither the share nor its standard error moves between
/// events of the cause.
#[derive(Clone, Debug, PartialEq)]
pub struct Incidence {
    /// The number that marks the cause.
    pub cause: u8,
    /// One step a time with an event of this cause, ascending. Before the first the share is 0.
    pub steps: Vec<CauseStep>,
}

/// What became of the cases.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcomes {
    /// Share still open, one step a distinct time, ascending.
    pub open: Vec<OpenStep>,
    /// The causes that occur, by number.
    pub causes: Vec<Incidence>,
}

impl Incidence {
    /// The step in force at `time`; `None` before the first event of the cause.
    pub fn step_at(&self, time: f64) -> Option<&CauseStep> {
        let after = self.steps.partition_point(|step| step.time <= time);
        self.steps[..after].last()
    }

    /// Share ended by this cause by `time`. Past the last time followed this is the last share
    /// known, which later cases may raise.
    pub fn share_at(&self, time: f64) -> f64 {
        self.step_at(time).map_or(0.0, |step| step.share)
    }
}

/// Cumulative incidence of every cause in `causes`, where 0 marks a case still open at its time.
///
/// Refuses no cases, lengths that differ, times that are negative or not finite and a `confidence`
/// not strictly within 0 to 1. Cases that are all open give no cause and a share open of 1.
pub fn aalen_johansen(
    times: &[f64],
    causes: &[u8],
    confidence: f64,
) -> Result<Outcomes, Unanswerable> {
    let z = normal_z(confidence).ok_or(Unanswerable::Invalid(
        "confidence must lie strictly between 0 and 1",
    ))?;
    check_times(times)?;
    if causes.len() != times.len() {
        return Err(ONE_EACH);
    }
    let slots = usize::from(causes.iter().copied().max().unwrap_or(0)) + 1;
    let tally = Tally::of(times, slots, |case| u32::from(causes[case]));
    let mut all = AllCauses {
        at_risk: times.len(),
        survival: 1.0,
        greenwood: 0.0,
    };
    let mut open = Vec::with_capacity(tally.len());
    let mut sums: BTreeMap<u32, CauseSums> = BTreeMap::new();
    for (time, counts) in tally.moments() {
        let at_risk = all.at_risk;
        let (mut events, mut leaving) = (0, 0);
        for count in counts {
            let cases = count.cases as usize;
            leaving += cases;
            if count.slot > 0 {
                events += cases;
                let cause = sums.entry(count.slot).or_default();
                cause.add(&all, time, cases, z);
            }
        }
        all.pass(events, leaving);
        open.push(OpenStep {
            time,
            at_risk,
            share: all.survival,
            standard_error: all.survival * all.greenwood.sqrt(),
        });
    }
    let incidence = |(cause, sums): (u32, CauseSums)| Incidence {
        cause: cause as u8,
        steps: sums.steps,
    };
    Ok(Outcomes {
        open,
        causes: sums.into_iter().map(incidence).collect(),
    })
}

/// All causes together, just before a time.
struct AllCauses {
    at_risk: usize,
    survival: f64,
    /// Σ d/(n(n − d)), without times that leave no one.
    greenwood: f64,
}

impl AllCauses {
    fn pass(&mut self, events: usize, leaving: usize) {
        let (n, d) = (self.at_risk as f64, events as f64);
        if events < self.at_risk {
            self.greenwood += d / (n * (n - d));
        }
        self.survival *= (n - d) / n;
        self.at_risk -= leaving;
    }
}

/// The sums behind one cause's variance, kept for the share I reached so far. Each is moved on
/// when the share rises, rather than worked out as a difference of large numbers at the end.
#[derive(Default)]
struct CauseSums {
    share: f64,
    /// Σ S(t−)²·h(1 − h)/n with h = dₖ/n.
    own: f64,
    /// Σ S(t−)·h/n.
    slope: f64,
    /// Σ S(t−)·h/n·(I − I(t)).
    cross: f64,
    /// Σ g·(I − I(t)) and Σ g·(I − I(t))² over all events before, g being the term of Greenwood.
    first: f64,
    second: f64,
    steps: Vec<CauseStep>,
}

impl CauseSums {
    fn add(&mut self, all: &AllCauses, time: f64, events: usize, z: f64) {
        let n = all.at_risk as f64;
        let h = events as f64 / n;
        let rise = all.survival * h;
        self.second += rise * (2.0 * self.first + rise * all.greenwood);
        self.first += rise * all.greenwood;
        self.cross += rise * self.slope;
        self.own += all.survival * rise * (1.0 - h) / n;
        self.slope += rise / n;
        self.share += rise;
        let variance = self.own - 2.0 * self.cross + self.second;
        let error = variance.max(0.0).sqrt();
        // Rounding may carry the sum of all shares past 1.
        let share = self.share.min(1.0);
        self.steps.push(CauseStep {
            time,
            events,
            share,
            standard_error: error,
            band: band(share, z * error),
        });
    }
}

fn band(share: f64, reach: f64) -> Option<Interval> {
    let open = 1.0 - share;
    if !(reach > 0.0 && open > 0.0) {
        return None;
    }
    // ln of the share left is below 0, which turns the signs around.
    let log = (-share).ln_1p();
    let stretch = (-reach / (open * log)).exp();
    Some(Interval {
        lower: -(log / stretch).exp_m1(),
        upper: -(log * stretch).exp_m1(),
    })
}
