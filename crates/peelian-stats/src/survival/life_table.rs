//! Who was at risk, and what happened, at each time: shared by the curves.

use super::cases::Cases;
use super::tally::Tally;
use crate::Unanswerable;

/// One distinct time at which a case ended or was last seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) time: f64,
    /// Cases under observation just before `time`.
    pub(super) at_risk: usize,
    pub(super) events: usize,
    pub(super) open: usize,
}

impl Row {
    /// Share of those at risk to whom it happened.
    pub(super) fn hazard(&self) -> f64 {
        self.events as f64 / self.at_risk as f64
    }

    /// d/(n(n − d)), the term of Greenwood's sum; 0 where no one is left, because there is nothing
    /// more to be unsure of.
    pub(super) fn greenwood(&self) -> f64 {
        let left = self.at_risk - self.events;
        if left == 0 {
            0.0
        } else {
            self.hazard() / left as f64
        }
    }
}

/// The table, in ascending order of time.
pub(super) fn life_table(cases: Cases<'_>) -> Result<Vec<Row>, Unanswerable> {
    cases.check()?;
    let ends = Tally::of(cases.times, 2, |case| u32::from(cases.happened[case]));
    let entries = cases.entries.map(|entries| Tally::of(entries, 1, |_| 0));
    let mut entering = entries.iter().flat_map(Tally::moments).peekable();
    let mut at_risk = if entries.is_some() {
        0
    } else {
        cases.times.len()
    };
    let mut rows = Vec::with_capacity(ends.len());
    for (time, counts) in ends.moments() {
        while let Some((_, entered)) = entering.next_if(|(entry, _)| *entry < time) {
            at_risk += entered
                .iter()
                .map(|count| count.cases as usize)
                .sum::<usize>();
        }
        let of = |slot| {
            let found = counts.iter().find(|count| count.slot == slot);
            found.map_or(0, |count| count.cases as usize)
        };
        let row = Row {
            time,
            at_risk,
            events: of(1),
            open: of(0),
        };
        rows.push(row);
        at_risk -= row.events + row.open;
    }
    Ok(rows)
}
