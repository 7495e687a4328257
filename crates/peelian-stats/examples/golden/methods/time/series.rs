//! Season and forecast.

use std::path::Path;

use super::Outcome;

pub(crate) fn stl(_case: &Path, _out: &Path) -> Outcome {
    Err("to be written".into())
}

pub(crate) fn ets(_case: &Path, _out: &Path) -> Outcome {
    Err("to be written".into())
}
