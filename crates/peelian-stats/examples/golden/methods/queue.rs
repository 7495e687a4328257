//! Call lines.

use std::path::Path;

use super::Outcome;

pub(crate) fn erlang(_case: &Path, _out: &Path) -> Outcome {
    Err("to be written".into())
}

pub(crate) fn des_queue(_case: &Path, _out: &Path) -> Outcome {
    Err("to be written".into())
}
