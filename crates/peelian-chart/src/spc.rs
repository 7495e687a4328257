//! The SPC (`XmR`) chart: months, limits, signals, gaps and dated changes.

mod plot;
mod view;
mod words;

use peelian_model::{Month, Reading, Signal};

use crate::canvas::{NARROW, WIDE};
use crate::drawing::{Drawing, Frame};
use view::View;

/// A chart of statistical process control, as its maker worked it out.
#[derive(Debug, Clone, PartialEq)]
pub struct SpcChart {
    /// Title, subtitle, source, unit.
    pub frame: Frame,
    /// The months. Months that are left out between the first and the last
    /// are drawn as gaps, “not held”. Of two points in a month the later stands.
    pub points: Vec<SpcPoint>,
    /// The stretches over which limits hold, in order.
    pub limits: Vec<SpcLimits>,
    /// A standard or target, where one was set.
    pub target: Option<Target>,
    /// Dated changes to be marked.
    pub flags: Vec<Flag>,
}

/// One month.
#[derive(Debug, Clone, PartialEq)]
pub struct SpcPoint {
    /// The figure, or why there is none. Its status rules: a value beside a
    /// status without one is not drawn.
    pub reading: Reading,
    /// What the rules say of it; `None` is common cause, or no value.
    pub signal: Option<Signal>,
}

/// Limits between two months, both included, in the measure's unit.
#[derive(Debug, Clone, PartialEq)]
pub struct SpcLimits {
    /// The first month they hold for.
    pub first: Month,
    /// The last month they hold for.
    pub last: Month,
    /// The mean.
    pub mean: f64,
    /// The lower natural process limit.
    pub lower: f64,
    /// The upper natural process limit.
    pub upper: f64,
    /// Whether they rest on fewer than 12 months.
    pub trial: bool,
}

/// A level that was set by somebody.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// In the measure's unit.
    pub value: f64,
    /// Who set what, in a few words: “National target”. The value is added.
    pub label: String,
}

/// A change that the reader should know of: a rebase, a new system, a new rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// The first month that it touches.
    pub month: Month,
    /// What changed.
    pub reason: String,
}

impl SpcChart {
    /// Draws it. Any input gives a drawing: without figures, one that says
    /// why it is empty. Figures that are not finite, or beyond a million
    /// millions, are left out and said to be unusable.
    pub fn draw(&self) -> Drawing {
        let view = View::of(self);
        Drawing {
            frame: self.frame.clone(),
            description: words::description(&view),
            notes: words::notes(&view),
            table: words::table(&view),
            wide: plot::draw(&view, WIDE),
            narrow: plot::draw(&view, NARROW),
        }
    }
}
