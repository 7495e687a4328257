//! Time to event.

use std::path::Path;

use super::Outcome;

pub(crate) fn survival(_case: &Path, _out: &Path) -> Outcome {
    Err("to be written".into())
}
