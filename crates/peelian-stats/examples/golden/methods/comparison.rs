//! Intervals and funnels.

use std::path::Path;

use super::Outcome;

pub(crate) fn funnel(_case: &Path, _out: &Path) -> Outcome {
    Err("to be written".into())
}

pub(crate) fn funnel_phe(_case: &Path, _out: &Path) -> Outcome {
    Err("to be written".into())
}

pub(crate) fn rates_byar_wilson(_case: &Path, _out: &Path) -> Outcome {
    Err("to be written".into())
}

pub(crate) fn rates_dsr(_case: &Path, _out: &Path) -> Outcome {
    Err("to be written".into())
}
