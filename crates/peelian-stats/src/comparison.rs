//! Intervals, and comparison of units without ranking them.

pub mod funnel;
pub mod interval;
pub mod unadjusted_funnel;
