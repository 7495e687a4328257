//! Repetition and the scoring of places.

use std::path::Path;

use super::Outcome;

pub(crate) fn near_repeat(_case: &Path, _out: &Path) -> Outcome {
    Err("to be written".into())
}

pub(crate) fn pai_pei(_case: &Path, _out: &Path) -> Outcome {
    Err("to be written".into())
}

pub(crate) fn prospective_hotspot(_case: &Path, _out: &Path) -> Outcome {
    Err("to be written".into())
}

pub(crate) fn scan_poisson(_case: &Path, _out: &Path) -> Outcome {
    Err("to be written".into())
}
