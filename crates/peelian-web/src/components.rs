//! The parts that pages are made of.

mod citation;
mod grade;
mod layout;
mod matrix;
mod region;
mod signal;
mod sources;

pub(crate) use citation::{citation, downloads};
pub(crate) use grade::grade_strip;
pub(crate) use layout::{Page, layout};
pub(crate) use matrix::{MatrixRow, matrix};
pub(crate) use region::scroll;
pub(crate) use signal::signal_words;
pub(crate) use sources::{issue_list, source_list};
