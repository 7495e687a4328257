//! The funnel: places of different size against the limits for their size.

mod plot;
mod words;

use crate::canvas::{NARROW, WIDE};
use crate::drawing::{Drawing, Frame};
use crate::number::drawable;

/// Places by size and value, with limits that narrow as size grows.
#[derive(Debug, Clone, PartialEq)]
pub struct FunnelChart {
    /// Title, subtitle, source, unit of the values.
    pub frame: Frame,
    /// The places, in the order of the table. Never sorted by value.
    pub points: Vec<FunnelPoint>,
    /// The centre of the funnel, in the measure's unit.
    pub target: f64,
    /// What the centre is: “England and Wales average”. The value is added.
    pub target_label: String,
    /// Limits sampled along the denominators, in rising order. They are
    /// joined by straight lines and not drawn beyond the first and last.
    pub limits: Vec<FunnelLimit>,
    /// What the denominators are: “Outcomes recorded in the month”.
    pub x_label: String,
    /// The name of the place that the reader asked about.
    pub highlight: Option<String>,
}

/// One place.
#[derive(Debug, Clone, PartialEq)]
pub struct FunnelPoint {
    /// Its name.
    pub name: String,
    /// What its value is counted against.
    pub denominator: f64,
    /// In the measure's unit.
    pub value: f64,
    /// Lower end of the 95 per cent interval.
    pub lower: Option<f64>,
    /// Upper end of the 95 per cent interval.
    pub upper: Option<f64>,
    /// Above the upper 99.8 per cent limit (`true`), below the lower (`false`), or within.
    pub outside: Option<bool>,
}

/// The limits for one size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FunnelLimit {
    /// The size.
    pub denominator: f64,
    /// Lower 95 per cent limit.
    pub lower95: f64,
    /// Upper 95 per cent limit.
    pub upper95: f64,
    /// Lower 99.8 per cent limit.
    pub lower998: f64,
    /// Upper 99.8 per cent limit.
    pub upper998: f64,
}

impl FunnelPoint {
    /// Its interval, where both ends are usable.
    fn interval(&self) -> Option<(f64, f64)> {
        drawable(self.lower).zip(drawable(self.upper))
    }

    fn is_drawable(&self) -> bool {
        drawable(Some(self.value)).is_some() && drawable(Some(self.denominator)).is_some()
    }

    fn position(&self) -> &'static str {
        match self.outside {
            Some(true) => "above the 99.8% limit",
            Some(false) => "below the 99.8% limit",
            None => "within the 99.8% limits",
        }
    }
}

impl FunnelChart {
    /// Draws it. Any input gives a drawing: without figures, one that says
    /// so. Only the highlighted place and those outside the limits are named
    /// on the plot, as far as there is room; the table names all.
    pub fn draw(&self) -> Drawing {
        Drawing {
            frame: self.frame.clone(),
            description: words::description(self),
            notes: words::notes(self),
            table: words::table(self),
            wide: plot::draw(self, WIDE),
            narrow: plot::draw(self, NARROW),
        }
    }

    fn drawn(&self) -> impl Iterator<Item = &FunnelPoint> {
        self.points.iter().filter(|p| p.is_drawable())
    }

    fn is_highlighted(&self, point: &FunnelPoint) -> bool {
        self.highlight.as_deref() == Some(point.name.as_str())
    }

    /// Whether a place lies so far above all the limits that, drawn where it
    /// belongs, it would press everything else flat. The City of London, with
    /// few residents and many visitors, is one. The highlighted place never is.
    fn is_off_scale(&self, point: &FunnelPoint) -> bool {
        /// Times the highest limit of places of the usual size.
        const FAR: f64 = 3.0;
        let highest = plot::usual_limits(self)
            .map(|l| l.upper998)
            .fold(0.0, f64::max);
        highest > 0.0 && point.value > FAR * highest && !self.is_highlighted(point)
    }
}
