//! Did it work?

use super::{Outcome, table};

mod counterfactual;
mod regression;

pub(crate) use counterfactual::{causal_impact, synthdid, synthetic_control};
pub(crate) use regression::{did, its_segmented, wdd_wdq};
