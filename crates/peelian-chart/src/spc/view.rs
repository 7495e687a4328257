//! The chart's values made ready to draw and to tell: one slot a month.

use peelian_model::{Month, Reading, Signal, Status, Variation};

use super::{Flag, SpcChart, SpcLimits, Target};
use crate::drawing::Frame;
use crate::mark::Mark;
use crate::number::drawable;

/// What is said of a figure that is no number.
const UNUSABLE: &str = "without a usable figure";

/// One month of the chart.
#[derive(Debug)]
pub(super) struct Slot<'a> {
    pub(super) month: Month,
    pub(super) reading: Option<&'a Reading>,
    pub(super) value: Option<f64>,
    pub(super) signal: Option<Signal>,
}

/// Months one after the other without a figure, for one reason.
#[derive(Debug)]
pub(super) struct Gap {
    pub(super) first: Month,
    pub(super) last: Month,
    pub(super) why: &'static str,
}

/// Months one after the other with signals of one kind.
#[derive(Debug)]
pub(super) struct Spell {
    pub(super) first: Month,
    pub(super) last: Month,
    pub(super) variation: Variation,
    pub(super) rules: Vec<&'static str>,
}

pub(super) struct View<'a> {
    pub(super) frame: &'a Frame,
    /// Every month from the first to the last.
    pub(super) slots: Vec<Slot<'a>>,
    /// Limits with usable numbers that touch the months.
    pub(super) limits: Vec<&'a SpcLimits>,
    pub(super) target: Option<&'a Target>,
    /// Flags within the months, numbered from 1.
    pub(super) flags: Vec<&'a Flag>,
    pub(super) flags_outside: Vec<&'a Flag>,
}

impl Slot<'_> {
    pub(super) fn status(&self) -> Status {
        self.reading.map_or(Status::Missing, |r| r.status)
    }

    /// Whether the figure may still change.
    pub(super) fn is_hollow(&self) -> bool {
        matches!(self.status(), Status::Partial | Status::Provisional)
    }

    pub(super) fn mark(&self) -> Mark {
        self.signal.map_or(Mark::Common, |s| Mark::of(s.variation))
    }

    /// Why there is no figure.
    pub(super) fn why(&self) -> &'static str {
        let status = self.status();
        if status.has_value() {
            UNUSABLE
        } else {
            status.words()
        }
    }
}

impl<'a> View<'a> {
    pub(super) fn of(chart: &'a SpcChart) -> Self {
        let slots = slots(chart);
        let ends = slots
            .first()
            .zip(slots.last())
            .map(|(a, b)| (a.month, b.month));
        let inside = |flag: &&Flag| ends.is_some_and(|(a, b)| (a..=b).contains(&flag.month));
        let mut flags: Vec<&Flag> = chart.flags.iter().collect();
        flags.sort_by_key(|f| f.month);
        let (flags, flags_outside) = flags.into_iter().partition(inside);
        let limits = chart
            .limits
            .iter()
            .filter(|l| {
                [l.mean, l.lower, l.upper]
                    .iter()
                    .all(|&v| drawable(Some(v)).is_some())
            })
            .filter(|l| l.first <= l.last && ends.is_some_and(|(a, b)| l.first <= b && a <= l.last))
            .collect();
        Self {
            frame: &chart.frame,
            slots,
            limits,
            target: chart
                .target
                .as_ref()
                .filter(|t| drawable(Some(t.value)).is_some()),
            flags,
            flags_outside,
        }
    }

    /// The months with a figure.
    pub(super) fn drawn(&self) -> impl Iterator<Item = (&Slot<'a>, f64)> {
        self.slots.iter().filter_map(|s| s.value.map(|v| (s, v)))
    }

    pub(super) fn last_drawn(&self) -> Option<(&Slot<'a>, f64)> {
        self.slots
            .iter()
            .rev()
            .find_map(|s| s.value.map(|v| (s, v)))
    }

    /// The limits that hold in a month.
    pub(super) fn limits_in(&self, month: Month) -> Option<&'a SpcLimits> {
        self.limits
            .iter()
            .rev()
            .find(|l| (l.first..=l.last).contains(&month))
            .copied()
    }

    pub(super) fn gaps(&self) -> Vec<Gap> {
        let mut gaps: Vec<Gap> = Vec::new();
        for slot in self.slots.iter().filter(|s| s.value.is_none()) {
            let why = slot.why();
            match gaps.last_mut() {
                Some(gap) if gap.why == why && slot.month.since(gap.last) == 1 => {
                    gap.last = slot.month;
                }
                _ => gaps.push(Gap {
                    first: slot.month,
                    last: slot.month,
                    why,
                }),
            }
        }
        gaps
    }

    pub(super) fn spells(&self) -> Vec<Spell> {
        let mut spells: Vec<Spell> = Vec::new();
        for (slot, _) in self.drawn() {
            let Some(signal) = slot
                .signal
                .filter(|s| s.variation != Variation::CommonCause)
            else {
                continue;
            };
            let rule = signal.rule.words();
            match spells.last_mut() {
                Some(spell)
                    if spell.variation == signal.variation && slot.month.since(spell.last) == 1 =>
                {
                    spell.last = slot.month;
                    if !spell.rules.contains(&rule) {
                        spell.rules.push(rule);
                    }
                }
                _ => spells.push(Spell {
                    first: slot.month,
                    last: slot.month,
                    variation: signal.variation,
                    rules: vec![rule],
                }),
            }
        }
        spells
    }

    /// Months with a figure that some limits rest on.
    pub(super) fn months_behind(&self, limits: &SpcLimits) -> usize {
        self.drawn()
            .filter(|(s, _)| (limits.first..=limits.last).contains(&s.month))
            .count()
    }

    /// Why a chart without any figure is empty, in one sentence.
    pub(super) fn emptiness(&self) -> String {
        let mut reasons: Vec<String> = Vec::new();
        for gap in self.gaps() {
            if !reasons.iter().any(|r| r == gap.why) {
                reasons.push(gap.why.to_owned());
            }
        }
        match self.slots.len() {
            0 => "There is nothing to draw: no month is held.".to_owned(),
            1 => format!(
                "There is nothing to draw: the only month is {}.",
                reasons.join("")
            ),
            n => format!(
                "There is nothing to draw: in all {n} months the figure is {}.",
                reasons.join(" or ")
            ),
        }
    }
}

fn slots(chart: &SpcChart) -> Vec<Slot<'_>> {
    let months = || chart.points.iter().map(|p| p.reading.period);
    let (Some(first), Some(last)) = (months().min(), months().max()) else {
        return Vec::new();
    };
    let mut slots: Vec<Slot> = Month::range(first, last)
        .map(|month| Slot {
            month,
            reading: None,
            value: None,
            signal: None,
        })
        .collect();
    for point in &chart.points {
        let at = usize::try_from(point.reading.period.since(first)).unwrap_or_default();
        if let Some(slot) = slots.get_mut(at) {
            slot.reading = Some(&point.reading);
            slot.value = drawable(point.reading.value).filter(|_| point.reading.status.has_value());
            slot.signal = point.signal.filter(|_| slot.value.is_some());
        }
    }
    slots
}
