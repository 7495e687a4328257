//! The nouns of Peelian: what a force, a month, a measure, a reading, a
//! signal and a grade are. Serialisable values and nothing else.
//!
//! **Owns** the vocabulary that every other crate speaks, and the text forms
//! (`2021-03`, `requires-improvement`, `not-supplied`) that appear in files,
//! addresses and exports.
//!
//! **Must not know** files, SQL, statistics, pages, or the clock.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod assessment;
mod body;
mod force;
mod id;
mod measure;
mod month;
mod reading;
mod signal;

pub use assessment::{CharacteristicStatus, Grade, InspectedArea};
pub use body::{BodyKind, Evidence, LocalPolicingBody, Validity};
pub use force::{Force, Nature};
pub use id::{
    AreaCode, BodyId, ForceId, FrameworkId, InspectionAreaId, InvalidId, MeasureId, SourceId,
};
pub use measure::{
    Caveat, Denominator, Direction, GroupComparison, Kind, Measure, MeasureStatus, Publish, Review,
    Standard, Unit, Visibility,
};
pub use month::{InvalidMonth, Month};
pub use reading::{Reading, Series, SourceRelease, Status};
pub use signal::{Rule, Signal, Variation};
