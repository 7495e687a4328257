//! Time to event: how long until it happens, when some cases are still open.
//!
//! Times are counted from the start of each case, in any unit, and are finite and 0 or more. A
//! case that has not ended is open: it is known to have lasted at least its time, and is never
//! left out and never counted as ended.

pub mod competing;
pub mod cox;
pub mod fine_gray;
pub mod gray;
pub mod kaplan_meier;
pub mod log_rank;
pub mod maturity;
pub mod nelson_aalen;
pub mod restricted_mean;

mod cases;
mod coefficient;
mod design;
mod life_table;
mod newton;
mod score_test;
mod tally;

pub use cases::Cases;
pub use coefficient::Coefficient;
