//! Reads, checks and versions official files into Parquet tables under a
//! manifest.
//!
//! **Owns** the sources (`sources/<id>.toml`), what a good row is, which of
//! two versions of a month wins, the quarantine, the tables and the manifest
//! of a home directory. Only this crate commits a manifest.
//!
//! **Must not know** measures, SQL, statistics or pages.
//!
//! The way of a file: `input` finds it and tells what it is, by its `header`
//! (`extract` cuts a force's own file into months, `mapping` reads it through
//! its own headers and codes, `personal` refuses what is about people, `grid`
//! reads workbooks and boundaries),
//! `work` chooses the winner of each month, `reader` checks its rows into
//! `rows`, `table` writes a force's year of them as Parquet, and `ingest`
//! commits everything as one new generation of the manifest.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::print_stderr
    )
)]

mod as_at;
mod batches;
mod body;
mod cases;
mod digest;
mod error;
mod extract;
mod force;
mod grid;
mod group;
mod header;
mod history;
mod home;
mod ingest;
mod input;
mod london;
mod manifest;
mod mapping;
mod order;
mod packed;
mod part;
mod personal;
mod places;
mod quarantine;
mod reader;
mod records;
mod repeats;
mod report;
mod rows;
mod source;
mod table;
mod value;
mod vintage;
mod work;

pub use body::bodies;
pub use cases::parse_rows;
pub use digest::digest;
pub use error::ArchiveError;
pub use extract::{Provenance, Survey};
pub use force::{force, force_named, forces};
pub use grid::{WorkbookSheet, read_workbook};
pub use home::{Home, Lock};
pub use ingest::ingest;
pub use manifest::{Manifest, MonthEntry, Release, WholeEntry};
pub use mapping::{
    Fault, Mapping, Preview, Proposal, ShownRow, extracts, keep, mappings, preview, propose,
};
pub use part::Part;
pub use personal::{Finding, Kind as PersonalKind};
pub use places::{Place, PlaceKind, places};
pub use report::{Event, FileNote, IngestOptions, IngestReport};
pub use source::{Layout, Shape, Source, restricted, schema, source, sources, tables};
