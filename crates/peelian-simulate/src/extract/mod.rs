//! A force's own extracts, from a small causal model.
//!
//! Things happen; people tell of them by calls that wait for whoever is on
//! shift; what is answered becomes incidents, some of which need somebody
//! there and some of which are recorded as crimes, with victims who are kept
//! informed or are not. `docs/simulator.md` has the equations. Each file here
//! tells one part of it.

mod call_tables;
mod clock;
mod control_room;
mod counts;
mod crime_tables;
mod crimes;
mod defects;
mod dispatch;
mod events;
mod folder;
mod incident_tables;
mod incidents;
mod inspection;
mod kinds;
mod patrols;
mod places;
mod plan;
mod planted;
mod recorded_crime;
mod rota;
mod staff;
mod staff_tables;
mod support;
mod surveys;
mod table;
mod truth;
mod victims;

pub use folder::write_extracts;
pub use plan::ExtractPlan;
pub use truth::{Defect, ExtractTruth, HotSpotTruth, Plant};
