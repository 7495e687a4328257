//! The assessment as its users meet it: framework files in, judgements out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]

mod evidence;
mod frameworks;
mod grades;
mod guard_rails;
mod snapshot;
mod world;
