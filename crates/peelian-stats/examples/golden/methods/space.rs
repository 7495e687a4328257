//! Where.

use super::{Outcome, table};

mod clusters;
mod events;

pub(crate) use clusters::{gistar_areas, gistar_grid, kde};
pub(crate) use events::{near_repeat, pai_pei, prospective_hotspot, scan_poisson};
