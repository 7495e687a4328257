//! Density and clustering.

use std::path::Path;

use super::Outcome;

pub(crate) fn gistar_areas(_case: &Path, _out: &Path) -> Outcome {
    Err("to be written".into())
}

pub(crate) fn gistar_grid(_case: &Path, _out: &Path) -> Outcome {
    Err("to be written".into())
}

pub(crate) fn kde(_case: &Path, _out: &Path) -> Outcome {
    Err("to be written".into())
}
