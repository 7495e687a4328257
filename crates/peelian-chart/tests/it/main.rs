//! What a reader gets from each chart: whole figures, in words, table and drawing.
#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub)]

mod any_input;
mod fixtures;
mod markup;
mod reading;
mod structure;
