//! Statistical process control: is this change real or noise?
//!
//! One series at a time, in time order.

pub(crate) mod rules;
pub mod xmr;
