//! The simulator as others see it: what it writes, read back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]

mod agreement;
mod extracts;
mod folder;
mod layout;
mod made;
mod planted;
mod read;
