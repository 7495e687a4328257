//! Measure files, and the engine that computes readings from the tables.
//!
//! **Owns** the catalogue of measures (`measures/<area>/<id>.toml`, `.sql`,
//! `.cases.toml`), the views that queries may use, the populations, and the
//! computing of one readings generation from one manifest.
//!
//! **Must not know** pages, charts or assessment. It is the only crate that
//! names the query engine.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod cases;
mod compute;
mod definition;
mod error;
mod issues;
mod people;
mod reads;
mod records;
mod refresh;
mod revisions;

pub use cases::{CaseFailure, check};
pub use definition::{Definition, Measures};
pub use error::MeasuresError;
pub use refresh::{Refreshed, refresh};
pub use revisions::{Revisions, revisions};
