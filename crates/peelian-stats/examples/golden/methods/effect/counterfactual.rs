//! Against a constructed comparison.

use std::path::Path;

use super::Outcome;

pub(crate) fn causal_impact(_case: &Path, _out: &Path) -> Outcome {
    Err("to be written".into())
}

pub(crate) fn synthdid(_case: &Path, _out: &Path) -> Outcome {
    Err("to be written".into())
}

pub(crate) fn synthetic_control(_case: &Path, _out: &Path) -> Outcome {
    Err("to be written".into())
}
