//! A trend at a glance, always against its limits.

use maud::{Markup, html};
use peelian_model::Variation;

use crate::area::Area;
use crate::axis::Axis;
use crate::canvas::{Canvas, Sheet};
use crate::mark::Mark;
use crate::number::{drawable, px};

const SHEET: Sheet = Sheet {
    width: 200.0,
    height: 48.0,
    font: 14.0,
    wide: false,
};
/// Room for the last mark.
const EDGE: f64 = 7.0;

/// A small drawing, 200 × 48 pixels and hidden from screen readers: the words
/// beside it must say what it shows. `values` are evenly spaced, `None` where
/// there is no figure; each of `limits` is its first and last place in
/// `values` (both included) with lower limit, mean and upper limit. `last` is
/// the variation of the last figure. Without limits there is no line, only
/// points: a bare line would invite the eye to find a trend.
pub fn sparkline(
    values: &[Option<f64>],
    limits: &[(usize, usize, f64, f64, f64)],
    last: Option<Variation>,
) -> Markup {
    let mut canvas = Canvas::new(SHEET);
    if let Some(spark) = Spark::lay_out(values, limits) {
        spark.draw(&mut canvas, last);
    }
    html! {
        svg class="chart-svg chart-spark" aria-hidden="true" focusable="false"
            viewBox=(format!("0 0 {} {}", px(SHEET.width), px(SHEET.height)))
            width=(px(SHEET.width)) height=(px(SHEET.height)) {
            (canvas.finish().body)
        }
    }
}

struct Spark {
    values: Vec<Option<f64>>,
    limits: Vec<(usize, usize, f64, f64, f64)>,
    y: Axis,
}

impl Spark {
    fn lay_out(values: &[Option<f64>], limits: &[(usize, usize, f64, f64, f64)]) -> Option<Self> {
        let values: Vec<Option<f64>> = values.iter().map(|&v| drawable(v)).collect();
        let end = values.len().checked_sub(1)?;
        let limits: Vec<_> = limits
            .iter()
            .filter(|l| l.0 <= l.1 && l.0 <= end)
            .filter(|l| [l.2, l.3, l.4].iter().all(|&v| drawable(Some(v)).is_some()))
            .map(|&(first, last, lower, mean, upper)| (first, last.min(end), lower, mean, upper))
            .collect();
        let levels = limits.iter().flat_map(|l| [l.2, l.4]);
        let known = values.iter().flatten().copied().chain(levels);
        let y = Axis::tight(known, (SHEET.height - EDGE, EDGE))?;
        Some(Self { values, limits, y })
    }

    fn x(&self, place: f64) -> f64 {
        let gaps = (self.values.len().max(2) - 1) as f64;
        EDGE + (SHEET.width - 2.0 * EDGE) * place / gaps
    }

    fn draw(&self, canvas: &mut Canvas, last: Option<Variation>) {
        for &(first, end, lower, mean, upper) in &self.limits {
            let (left, right) = (
                self.x(first as f64 - 0.5).max(0.0),
                self.x(end as f64 + 0.5).min(SHEET.width),
            );
            let (top, middle, bottom) = (self.y.at(upper), self.y.at(mean), self.y.at(lower));
            canvas.rect(
                "chart-band",
                Area {
                    left,
                    top,
                    right,
                    bottom,
                },
            );
            canvas.line("chart-limit-fine", (left, top), (right, top));
            canvas.line("chart-limit-fine", (left, bottom), (right, bottom));
            canvas.line("chart-grid", (left, middle), (right, middle));
        }
        for run in self.runs() {
            if self.limits.is_empty() || run.len() == 1 {
                for &point in &run {
                    canvas.mark(Mark::Common, false, point, 1.2);
                }
            } else {
                canvas.polyline("chart-line", &run);
            }
        }
        if let Some((x, y)) = self.last() {
            let mark = last.map_or(Mark::Common, Mark::of);
            canvas.mark(
                mark,
                false,
                (x, y),
                if mark == Mark::Common { 3.0 } else { 4.4 },
            );
        }
    }

    fn point(&self, place: usize) -> Option<(f64, f64)> {
        let value = (*self.values.get(place)?)?;
        Some((self.x(place as f64), self.y.at(value)))
    }

    fn last(&self) -> Option<(f64, f64)> {
        (0..self.values.len()).rev().find_map(|i| self.point(i))
    }

    /// The points, parted where a figure is missing.
    fn runs(&self) -> Vec<Vec<(f64, f64)>> {
        let points: Vec<_> = (0..self.values.len()).map(|i| self.point(i)).collect();
        points
            .split(Option::is_none)
            .filter(|run| !run.is_empty())
            .map(|run| run.iter().flatten().copied().collect())
            .collect()
    }
}
