//! Who is on duty when: six teams on a cycle of twelve days.
//!
//! A team works two early, two late and two night shifts, then has six days
//! off. On a night, every other member covers the peak of the day instead.

use super::clock::{self, FRIDAY, HOUR};
use super::plan::Span;
use super::planted::Planted;
use super::staff::{Away, Person, Role, Staff};

/// A shift of a role on a day.
pub(crate) struct Shift {
    pub(crate) day: i64,
    pub(crate) role: Role,
    /// Team, from 1.
    pub(crate) team: i64,
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) planned: usize,
    pub(crate) actual: usize,
    /// Why fewer came than are posted; none where all came.
    pub(crate) shrinkage: Option<&'static str>,
}

/// A shift's first and last hour by the local clock, and its days of the cycle.
#[derive(Clone, Copy)]
struct Hours {
    start: i64,
    end: i64,
    cycle: [i64; 2],
    /// Which half of the team works it; none for both.
    nights: Option<bool>,
}

const SHIFTS: [Hours; 4] = [
    hours(7, 15, [0, 1], None),
    hours(11, 19, [4, 5], Some(false)),
    hours(15, 23, [2, 3], None),
    hours(23, 31, [4, 5], Some(true)),
];

const fn hours(start: i64, end: i64, cycle: [i64; 2], nights: Option<bool>) -> Hours {
    Hours {
        start,
        end,
        cycle,
        nights,
    }
}

/// Every shift of a role, in order of time, from the day before the first:
/// its night reaches into the first day.
pub(crate) fn shifts(role: Role, staff: &Staff, span: &Span) -> Vec<Shift> {
    let mut shifts = Vec::new();
    for day in span.first - 1..span.past {
        for hours in SHIFTS {
            for team in 0..6 {
                if hours.cycle.contains(&(day - 2 * team).rem_euclid(12)) {
                    shifts.push(shift(role, day, team, hours, staff, span));
                }
            }
        }
    }
    shifts
}

fn shift(role: Role, day: i64, team: i64, hours: Hours, staff: &Staff, span: &Span) -> Shift {
    let on_team = |person: &&Person| {
        person.team == team
            && hours.nights.is_none_or(|nights| nights == person.nights)
            && person.role(day) == Some(role)
    };
    let posted: Vec<&Person> = staff.people.iter().filter(on_team).collect();
    let short = role == Role::Handler101 && clock::weekday(day) == FRIDAY && hours.end <= 24;
    let planned = if short {
        (posted.len() as f64 * Planted::FRIDAY_HEADS).round() as usize
    } else {
        posted.len()
    }
    // A line is never left empty: a supervisor takes calls.
    .max(1);
    let reasons: Vec<Away> = (posted.iter().take(planned))
        .map(|person| person.away(span, day))
        .filter(|away| *away != Away::No)
        .collect();
    let shrinkage = match reasons.first() {
        Some(Away::Sick) => Some("sickness"),
        Some(Away::Training) => Some("training"),
        Some(_) => Some("abstraction"),
        None if short => Some("rest-days"),
        None => None,
    };
    Shift {
        day,
        role,
        team: team + 1,
        start: clock::local(day, hours.start),
        end: clock::local(day, hours.end),
        planned,
        actual: planned.saturating_sub(reasons.len()).max(1),
        shrinkage,
    }
}

/// Heads present at each time.
pub(crate) struct Present {
    /// Heads from an instant on, on the hours at which shifts change.
    steps: Vec<(i64, usize)>,
}

impl Present {
    pub(crate) fn new(shifts: &[Shift], span: &Span) -> Self {
        let mut changes: Vec<(i64, isize)> = (shifts.iter())
            .flat_map(|shift| {
                let heads = shift.actual as isize;
                [(shift.start, heads), (shift.end, -heads)]
            })
            .collect();
        changes.sort_unstable();
        let mut steps: Vec<(i64, usize)> = Vec::new();
        let mut heads = 0_isize;
        for (at, change) in changes {
            heads += change;
            let present = usize::try_from(heads).unwrap_or_default();
            match steps.last_mut() {
                Some(last) if last.0 == at => last.1 = present,
                _ => steps.push((at, present)),
            }
        }
        // The last night ends after the span; the morning goes on as it was.
        steps.retain(|(at, _)| *at < span.end + 8 * HOUR);
        Self { steps }
    }

    /// Heads at an instant.
    pub(crate) fn heads(&self, at: i64) -> usize {
        let after = self.steps.partition_point(|(from, _)| *from <= at);
        (after.checked_sub(1))
            .and_then(|last| self.steps.get(last))
            .map_or(0, |(_, heads)| *heads)
    }

    /// The next instant at which the heads may change.
    pub(crate) fn next_change(&self, at: i64) -> Option<i64> {
        let after = self.steps.partition_point(|(from, _)| *from <= at);
        self.steps.get(after).map(|(from, _)| *from)
    }
}
