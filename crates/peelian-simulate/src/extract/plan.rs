//! What extracts are to be made.

use peelian_model::Month;

use super::clock;
use crate::SimulateError;
use crate::profile::PROFILES;

/// Which force's extracts to make. Equal plans give equal bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtractPlan {
    /// Where the random numbers start. With the seed of a [`crate::Plan`] the
    /// places are those of its look-ups.
    pub seed: u64,
    /// The force's place in the list of twelve, from 0.
    pub force: usize,
    /// How many months, 1 to 60, ending with `last`.
    pub months: usize,
    /// The newest month.
    pub last: Month,
}

impl ExtractPlan {
    /// The largest of the forces (295,000 people, about 100,000 calls a year)
    /// for two years, with the seed of the demonstration.
    pub fn new(last: Month) -> Self {
        Self {
            seed: 1829,
            force: PROFILES.len() - 1,
            months: 24,
            last,
        }
    }

    /// A plan for tests: the smallest force from September to December 2025,
    /// which has the October hour that comes twice. About 7,000 calls.
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "the month is written out here"
    )]
    pub fn small() -> Self {
        Self {
            force: 0,
            months: 4,
            ..Self::new(Month::new(2025, 12).expect("a month between 1900 and 2199"))
        }
    }

    /// The oldest month.
    pub fn first(&self) -> Month {
        let months = i32::try_from(self.months).unwrap_or(i32::MAX);
        self.last.plus(1_i32.saturating_sub(months))
    }

    pub(crate) fn check(&self) -> Result<(), SimulateError> {
        if self.force >= PROFILES.len() {
            return Err(SimulateError::Plan {
                asked: format!("the force at place {}", self.force),
                rule: "there are 12 invented ones: ask for 0 to 11",
            });
        }
        if !(1..=60).contains(&self.months) {
            return Err(SimulateError::Plan {
                asked: format!("extracts of {} months", self.months),
                rule: "they can be of 1 to 60",
            });
        }
        // Places carry the small areas of 2021.
        if (self.first().year(), self.first().month()) < (2021, 1) {
            return Err(SimulateError::Plan {
                asked: format!("extracts from {}", self.first()),
                rule: "the areas they name begin in 2021: ask for fewer months or a later last one",
            });
        }
        Ok(())
    }

    /// The first day of the month nearest to a share of the whole time.
    pub(crate) fn month_at(&self, share: f64) -> i64 {
        let months = (self.months as f64 * share).round() as i32;
        clock::first_day(self.first().plus(months))
    }

    pub(crate) fn span(&self) -> Span {
        let first = clock::first_day(self.first());
        let past = clock::first_day(self.last.plus(1));
        Span {
            first,
            past,
            start: clock::local(first, 0),
            end: clock::local(past, 0),
            run_at: clock::local(past, 30),
        }
    }
}

/// The time that extracts cover.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    /// The first day.
    pub(crate) first: i64,
    /// The day after the last.
    pub(crate) past: i64,
    /// The instant at which the first day begins.
    pub(crate) start: i64,
    /// The instant at which the last day ends.
    pub(crate) end: i64,
    /// When the extracts were run, of which the sidecar tells.
    pub(crate) run_at: i64,
}

impl Span {
    /// An instant, where it lies in the time. What came later is not told, as
    /// if the extracts had been taken at the end of the last day.
    pub(crate) fn seen(&self, at: i64) -> Option<i64> {
        (at < self.end).then_some(at)
    }

    pub(crate) fn days(&self) -> std::ops::Range<i64> {
        self.first..self.past
    }
}
