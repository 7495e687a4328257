//! The methods against a second implementation's output, published check values and arbitrary
//! input.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]

mod funnel;
mod goldens;
mod interval;
mod xmr;
