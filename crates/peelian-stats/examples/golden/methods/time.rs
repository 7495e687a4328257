//! Series over time.

use super::{Outcome, table};

mod early_warning;
mod series;

pub(crate) use early_warning::farrington;
pub(crate) use series::{ets, stl};
