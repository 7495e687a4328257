//! The public site: pages without script, and every table as CSV and JSON.
//!
//! **Owns** the addresses, the pages and their words, the components they are
//! made of, the tidy tables behind them, and what is said in HTTP headers.
//! [`router`] lists every route; a page is a file under `pages`.
//!
//! **Must not know** how figures are computed (SQL, records, Parquet), and
//! cannot see anything restricted: a [`Snapshot`] is made of a
//! [`peelian_readings::PublicCatalogue`] and nothing else. While answering it
//! fetches nothing and writes nothing.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod assets;
mod components;
mod drawings;
mod figures;
mod headers;
mod holdings;
mod pages;
mod respond;
mod router;
mod serve;
mod site;
mod snapshot;
mod table;
mod words;

pub use router::router;
pub use serve::serve;
pub use site::Site;
pub use snapshot::Snapshot;
