//! May this table be published? Suppression and rounding of small counts, with proof by attack.
//!
//! A table is a list of cells, totals among them, and the sums that tie them together
//! ([`table`]). [`rules`] says what is done to a count and what a reader learns from it,
//! [`protect`] finds what to hide, [`attack`] works out what a reader can find out, from one
//! release or several, and [`rounding`] makes a table of multiples that still adds up.

pub mod attack;
pub mod protect;
pub mod rounding;
pub mod rules;
pub mod table;

mod programme;
mod repair;
