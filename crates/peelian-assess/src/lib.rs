//! Frameworks, evidence and judgements, under the guard rails.
//!
//! **Owns** the framework files and what they ask for, the published grades,
//! the rules by which a figure speaks for or against a characteristic of good,
//! the judgement of each characteristic, and the indicative range, which is
//! for internal use alone.
//!
//! **Must not know** where figures come from (SQL, records), pages, or the
//! clock: the date of an assessment is given to it.
//!
//! The rules are written out, with worked cases, in `docs/methods/assessment.md`.
//! An [`Assessment`] has no range in it, so a page or a public export cannot
//! show one; [`Assessment::with_ranges`] is for the command line and for people
//! who have signed in.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::print_stderr
    )
)]

mod assessment;
mod error;
mod evidence;
mod framework;
mod grades;
mod library;
mod missing;
mod range;
mod wanted;

pub use assessment::{AreaAssessment, Assessment, CharacteristicJudgement, NotAGrade, assess};
pub use error::AssessError;
pub use evidence::{EvidenceItem, Speaks};
pub use framework::{Characteristic, Framework, FrameworkArea, Provenance};
pub use grades::{Basis, Cycle, Grades, Inspector, PublishedGrade};
pub use library::{Frameworks, NotLoaded};
pub use missing::{Missing, WantedKind};
pub use range::{Indicative, WithRanges};
pub use wanted::{Wanted, WantedItem};

/// What every page, image and export of an assessment says.
pub const LABEL: &str = "Not a grade by HMICFRS";

/// What an assessment must not be used for; said on the page.
pub const NOT_FOR: &str = "It is not for appraisal, pay, discipline or funding.";

/// Why grades of different cycles stand apart and no arrow joins them.
pub const CYCLES_APART: &str =
    "The inspectorate says that grades of different cycles cannot be compared.";
