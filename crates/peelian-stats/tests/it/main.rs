//! The methods against a second implementation's output, published check values, the properties
//! they must have and arbitrary input. One folder a module of the crate.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]

mod comparison;
mod disclosure;
mod effect;
mod fairness;
mod goldens;
mod queue;
mod space;
mod spc;
mod survival;
mod time;
