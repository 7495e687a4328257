//! Downloads official releases of data.police.uk: planned before it starts,
//! resumable, checked, polite to the publisher.
//!
//! **Owns** which archives cover the months asked for, requests, retries, rate
//! and checksums.
//!
//! **Must not know** what is in the files: the archive reads them.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod client;
mod download;
mod error;
mod index;
mod members;
mod plan;
mod range;

pub use client::{Client, Manners};
pub use download::Fetched;
pub use error::FetchError;
pub use plan::{Plan, Step, Wanted, plan};

/// Where the publisher lists its archives.
pub const PUBLISHER: &str = "https://data.police.uk/data/archive/";

/// What is going on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A file is begun, or gone on with from so many bytes.
    Begun {
        /// Its name.
        file: String,
        /// Bytes there already.
        from: u64,
        /// Its length, where the server says it.
        length: Option<u64>,
    },
    /// More bytes of it have come.
    Came(u64),
    /// Waiting before the next try, and why.
    Waiting {
        /// Seconds.
        seconds: u64,
        /// What the server or the line did.
        why: String,
    },
    /// It is whole, checked and in its place.
    Done(Fetched),
}
