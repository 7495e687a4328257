//! Accessible SVG charts, each with the table behind it and its words.
//!
//! **Owns** the look of a figure: the SPC chart ([`SpcChart`]), the funnel
//! ([`FunnelChart`]), the interval plot ([`IntervalChart`]), the
//! [`sparkline`] and the [`divided_bar`]; two drawings of each chart, one wide
//! and one narrow, so that text keeps its real size; the description made
//! from the data; and the [`CSS`] that colours it all through variables.
//!
//! **Must not know** how limits, signals or intervals are worked out, where
//! readings are kept, which page shows a figure, or the clock. Values come
//! in, a [`Drawing`] goes out, and the same values give the same bytes.
//!
//! A chart without its table and its words cannot be made: a [`Drawing`] has
//! no public fields and comes only from a chart's `draw`.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod area;
mod axis;
mod canvas;
mod divided_bar;
mod drawing;
mod ends;
mod funnel;
mod interval;
mod label;
mod mark;
mod months;
mod number;
mod sparkline;
mod spc;
mod style;
mod table;
mod words;

pub use divided_bar::divided_bar;
pub use drawing::{Drawing, Frame};
pub use funnel::{FunnelChart, FunnelLimit, FunnelPoint};
pub use interval::{IntervalChart, IntervalRow};
pub use sparkline::sparkline;
pub use spc::{Flag, SpcChart, SpcLimits, SpcPoint, Target};
pub use style::{CSS, TOKENS, Token};
pub use table::{Cell, Column, Table};
