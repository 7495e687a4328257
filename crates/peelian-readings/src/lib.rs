//! Readings on disk, and what they say: signals, comparisons and headlines.
//!
//! **Owns** the readings files and their generations, the signals of a series,
//! the comparison of forces, the sentences made from both, and the catalogue
//! that pages and exports are given. A [`PublicCatalogue`] is the only thing a
//! public page can be built from.
//!
//! **Must not know** how readings are computed (SQL, records), nor pages.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod catalogue;
mod comparison;
mod error;
mod generation;
mod headline;
mod series_file;
mod spc;

pub use catalogue::{Catalogue, PublicCatalogue};
pub use comparison::{Comparison, ForceFigure, LimitsAt, Position, compare, comparison_period};
pub use error::ReadingsError;
pub use generation::{
    Coverage, Covered, District, Generation, KnownIssue, MeasureEntry, current_number,
};
pub use headline::{comparison_sentence, headline, what_would_have_to_happen};
pub use series_file::{read_series, write_series};
pub use spc::{
    Assurance, Limits, MOST_BLANK, Spc, direction_for_signals, false_signals, is_comparable, spc,
};
