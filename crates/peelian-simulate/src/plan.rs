//! What is to be made.

use peelian_model::Month;

use crate::SimulateError;
use crate::profile::PROFILES;

/// Which synthetic data to make. Equal plans give equal bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Where the random numbers start.
    pub seed: u64,
    /// How many forces, 1 to 12, always the first of the same list.
    pub forces: usize,
    /// How many months, 1 to 120, ending with `last`.
    pub months: usize,
    /// The newest month, which also names the archive: `2025-12.zip`.
    pub last: Month,
}

impl Plan {
    /// The plan of the demonstration: 12 forces, 36 months, a fixed seed.
    pub fn new(last: Month) -> Self {
        Self {
            seed: 1829,
            forces: PROFILES.len(),
            months: 36,
            last,
        }
    }

    /// The oldest month.
    pub fn first(&self) -> Month {
        let months = i32::try_from(self.months).unwrap_or(i32::MAX);
        self.last.plus(1_i32.saturating_sub(months))
    }

    pub(crate) fn check(&self) -> Result<(), SimulateError> {
        if !(1..=PROFILES.len()).contains(&self.forces) {
            return Err(SimulateError::Plan {
                asked: format!("{} forces", self.forces),
                rule: "there are 12 invented ones: ask for 1 to 12",
            });
        }
        if !(1..=120).contains(&self.months) {
            return Err(SimulateError::Plan {
                asked: format!("{} months", self.months),
                rule: "an archive holds 1 to 120",
            });
        }
        // Before May 2013 the publisher used other crime types.
        if (self.first().year(), self.first().month()) < (2013, 5) {
            return Err(SimulateError::Plan {
                asked: format!("months from {}", self.first()),
                rule: "the fourteen crime types begin in 2013-05: ask for fewer months or a later last one",
            });
        }
        Ok(())
    }
}

/// A plan for tests: 3 forces, 14 months to December 2023, so that the LSOA
/// codes change from 2011 to 2021 inside it. About 16,000 street rows. The
/// second force has a step up, the third a step down and two months not
/// supplied, the first a month without stop and search.
#[expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "the month is written out here"
)]
pub fn small() -> Plan {
    Plan {
        forces: 3,
        months: 14,
        ..Plan::new(Month::new(2023, 12).expect("a month between 1900 and 2199"))
    }
}
