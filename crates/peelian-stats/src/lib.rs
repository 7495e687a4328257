//! Statistical methods for public services: slices in, structs out.
//!
//! **Owns** the formulas, by the question they answer:
//!
//! | module | question |
//! | --- | --- |
//! | [`spc`] | Is this change real or noise? |
//! | [`comparison`] | How sure is this figure, and is this unit different from the others? |
//! | [`time`] | What is the season, what comes next, when did it change? |
//! | [`queue`] | How long do people wait, and how many handlers would it take? |
//! | [`survival`] | How long until it happens, when some cases are still open? |
//! | [`effect`] | Did it work? |
//! | [`space`] | Where, does it last, and was the choice of places any good? |
//! | [`fairness`] | Is a power used fairly, and is harm moving? |
//! | [`disclosure`] | May this table be published? |
//!
//! Every method names its source, says what it returns on too little data and how it can mislead,
//! and is held to the output of a second implementation in `tests/it`. Where ours differs from
//! that implementation, `docs/methods/deviations.md` says why and how to get the other answer.
//!
//! **Must not know** of police, measures, files, SQL or the clock; of dates only where the calendar
//! is the method ([`time::calendar`]). A missing value comes in as `None` and is never read as zero.
//! No input makes a function panic: a question that the data cannot answer gets a reason
//! ([`Unanswerable`]). What is random is repeatable: the same
//! seed gives the same answer on any number of threads.
//!
//! One public module is one method. What methods share is private: `special` (distributions),
//! `summary` (mean, quantile), `linear` and `glm` (regression), `random` (streams of numbers).

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod comparison;
pub mod disclosure;
pub mod effect;
pub mod fairness;
pub mod queue;
pub mod space;
pub mod spc;
pub mod survival;
pub mod time;

mod glm;
mod linear;
mod random;
mod special;
mod summary;
mod unanswerable;

pub use comparison::interval::Interval;
pub use unanswerable::Unanswerable;
