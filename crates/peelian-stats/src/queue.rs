//! Queues: how long people wait, how many give up, how many handlers that takes.
//!
//! Any unit of time will do, as long as it is the same throughout a call.

pub mod erlang;
pub mod offered_load;
pub mod priority;
pub mod simulation;
pub mod staffing;
pub mod transient;
