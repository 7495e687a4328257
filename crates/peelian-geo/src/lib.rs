//! Areas of the country: their boundaries read from GeoJSON and TopoJSON.
//!
//! **Owns** what an area's outline is, its extent, centre and size.
//!
//! **Must not know** files, tables, measures or police.
