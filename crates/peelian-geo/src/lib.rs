//! Areas of the country: their boundaries read from GeoJSON and TopoJSON.
//!
//! **Owns** what an area's outline is, its extent, centre and size.
//!
//! **Must not know** files, tables, measures or police.
//!
//! Outlines are in degrees of longitude and latitude (WGS84). Both readers
//! hand over one area after another, and an area that cannot be an area of the
//! United Kingdom with its fault, so that one bad outline does not spoil the
//! others.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod area;
mod features;
mod outline;
mod topology;

pub use area::{Area, AreaFault, Properties, kind_of_code};
pub use features::read_geojson;
pub use outline::{Extent, Outline};
pub use topology::read_topojson;

/// Why a text is no collection of areas at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GeoError {
    /// It is not JSON, or not of this form.
    #[error("it is no {format}: {reason}: download it again")]
    Form {
        /// `GeoJSON` or `TopoJSON`.
        format: &'static str,
        /// What the parser says.
        reason: String,
    },
    /// Its outlines would fill the memory.
    #[error("its outlines have more than {0} points, which no official file has")]
    TooLarge(usize),
}
