//! Invented forces in the official layouts, with a truth file.
//!
//! **Owns** the demonstration data: twelve forces that do not exist, their
//! places, three years of street, outcomes and stop-and-search files packed as
//! data.police.uk packs them, the look-ups that go with them, and `truth.json`,
//! which says what was planted where. The same plan gives the same bytes on
//! every machine.
//!
//! **Must not know** how the files are read, measured or shown: it writes what
//! a publisher would, so that whatever reads real files reads these.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::print_stderr
    )
)]

mod crime;
mod dice;
mod error;
mod extract;
mod folder;
mod geography;
mod lookups;
mod national;
mod outcome;
mod plan;
mod profile;
mod search;
mod truth;

pub use error::SimulateError;
pub use extract::{Defect, ExtractPlan, ExtractTruth, HotSpotTruth, Plant, write_extracts};
pub use folder::write;
pub use national::National;
pub use plan::{Plan, small};
pub use truth::{
    DistrictTruth, Effect, ForceTruth, GroupTruth, NotSupplied, SearchTruth, Shape, Subject, Truth,
};
