//! Statistical methods for public services: slices in, structs out.
//!
//! **Owns** the formulas: control charts ([`xmr`]), intervals for counts, rates and proportions
//! ([`interval`]), comparison of units without ranking them ([`funnel`], [`unadjusted_funnel`]).
//! Every method names its source, says what it returns on too little data and how it can mislead,
//! and is held to the output of a second implementation in `tests/it`. Where ours differs from
//! that implementation, `docs/methods/deviations.md` says why and how to get the other answer.
//!
//! **Must not know** of police, measures, months, files, SQL or the clock. A missing value comes
//! in as `None` and is never read as zero. No input makes a function panic: a question that the
//! data cannot answer gets `None` or not-a-number, as its documentation says.
//!
//! One public module is one method. What methods share is private: `rules` (special causes),
//! `summary` (mean, quantile), `special` (quantiles of distributions).

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod funnel;
pub mod interval;
pub mod unadjusted_funnel;
pub mod xmr;

mod rules;
mod special;
mod summary;
