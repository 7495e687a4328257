//! Control charts.

use std::path::Path;

use super::Outcome;

pub(crate) fn spc_xmr(_case: &Path, _out: &Path) -> Outcome {
    Err("to be written".into())
}

pub(crate) fn spc_attribute(_case: &Path, _out: &Path) -> Outcome {
    Err("to be written".into())
}
