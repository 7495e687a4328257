//! Statistical process control: is this change real or noise?
//!
//! One series at a time, in time order. [`choice`] says which chart suits the data and what to do
//! first; [`xmr`] suits most series of months; [`false_alarm`] says how many signals a page of
//! charts shows by chance.

pub mod attribute;
mod chart;
pub mod choice;
pub mod false_alarm;
pub mod rare;
pub(crate) mod rules;
pub mod runs;
pub mod signal;
pub mod small_shift;
pub mod xmr;
