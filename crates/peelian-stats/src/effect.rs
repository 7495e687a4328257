//! Did it work? Change against what would have happened otherwise.

pub mod causal_impact;
pub mod did;
pub mod displacement;
pub mod power;
pub mod randomisation;
pub mod segmented;
pub mod synthetic_control;
pub mod synthetic_did;

mod inversion;
mod simplex;
