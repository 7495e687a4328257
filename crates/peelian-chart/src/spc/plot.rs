//! The SPC chart drawn on one sheet.

use peelian_model::Unit;

use super::SpcLimits;
use super::view::{Gap, View};
use crate::area::{Area, Crowd};
use crate::axis::Axis;
use crate::canvas::{Anchor, Canvas, Picture, Sheet};
use crate::ends::{self, EndLabel};
use crate::label::{BOLD, spread, text_width};
use crate::mark::Mark;
use crate::months::Months;
use crate::number::value_text;

pub(super) fn draw(view: &View, sheet: Sheet) -> Picture {
    let Some(plot) = Plot::lay_out(view, sheet) else {
        return Canvas::empty(sheet, &view.emptiness());
    };
    let mut canvas = Canvas::new(sheet);
    plot.draw(&mut canvas);
    canvas.finish()
}

/// The radius of a flag's numbered disc.
const DISC: f64 = 11.0;

struct Plot<'a> {
    view: &'a View<'a>,
    sheet: Sheet,
    area: Area,
    y: Axis,
    months: Months,
}

impl<'a> Plot<'a> {
    /// Where everything goes; none where there is nothing to draw.
    fn lay_out(view: &'a View<'a>, sheet: Sheet) -> Option<Self> {
        let unit = view.frame.unit;
        let (first, last) = (view.slots.first()?.month, view.slots.last()?.month);
        view.last_drawn()?;
        let values = view.drawn().map(|(_, v)| v);
        let limits = view.limits.iter().flat_map(|l| [l.mean, l.lower, l.upper]);
        let target = view.target.iter().map(|t| t.value);
        let whole = unit == Unit::Count;
        let y = Axis::over(values.chain(limits).chain(target), 5, whole, (0.0, 1.0))?;
        let ticks = y
            .ticks(unit)
            .map(|(_, t)| text_width(&t, sheet.font))
            .fold(0.0, f64::max);
        let left = ticks + 10.0;
        let right = sheet.width - ends::column(&end_labels(view, sheet), sheet);
        let months = Months::new(first, last, left, right);
        let captioned = if unit_caption(unit).is_some() {
            sheet.line()
        } else {
            0.0
        };
        let flagged = if view.flags.is_empty() {
            12.0
        } else {
            2.0 * DISC + 12.0
        };
        let top = captioned + flagged;
        let years = months.ticks(sheet.font).iter().any(|t| t.year.is_some());
        let bottom = sheet.height - if years { 2.0 } else { 1.0 } * sheet.line() - 8.0;
        let y = y.between(bottom, top);
        let area = Area {
            left,
            top,
            right,
            bottom,
        };
        Some(Self {
            view,
            sheet,
            area,
            y,
            months,
        })
    }

    fn draw(&self, canvas: &mut Canvas) {
        self.draw_bands(canvas);
        self.draw_grid(canvas);
        let gaps = self.view.gaps();
        for gap in &gaps {
            let (left, right) = self.months.span(gap.first, gap.last);
            canvas.hatch(
                Area {
                    left,
                    right,
                    ..self.area
                },
                8.0,
            );
        }
        self.draw_lines(canvas);
        self.draw_flags(canvas);
        self.draw_months(canvas);
        for gap in &gaps {
            self.name_gap(canvas, gap);
        }
        self.draw_series(canvas);
        let ends = end_labels(self.view, self.sheet);
        ends::draw(canvas, self.area.right, &ends, |value| self.y.at(value));
        self.label_last(canvas);
    }

    fn draw_bands(&self, canvas: &mut Canvas) {
        for limits in &self.view.limits {
            let (left, right) = self.months.span(limits.first, limits.last);
            let (top, bottom) = (self.y.at(limits.upper), self.y.at(limits.lower));
            canvas.rect(
                "chart-band",
                Area {
                    left,
                    top,
                    right,
                    bottom,
                },
            );
        }
    }

    fn draw_grid(&self, canvas: &mut Canvas) {
        let Area { left, right, .. } = self.area;
        for (value, text) in self.y.ticks(self.view.frame.unit) {
            let y = self.y.at(value);
            let class = if value == 0.0 {
                "chart-zero"
            } else {
                "chart-grid"
            };
            canvas.line(class, (left, y), (right, y));
            canvas.text("chart-quiet", Anchor::End, (left - 8.0, y), &text);
        }
        if let Some(caption) = unit_caption(self.view.frame.unit) {
            canvas.text("chart-quiet", Anchor::Start, (0.0, 10.0), caption);
        }
    }

    fn draw_lines(&self, canvas: &mut Canvas) {
        for limits in &self.view.limits {
            let (left, right) = self.months.span(limits.first, limits.last);
            let dash = if limits.trial {
                "chart-limit-fine"
            } else {
                "chart-limit"
            };
            for (class, value) in [
                (dash, limits.upper),
                ("chart-mean", limits.mean),
                (dash, limits.lower),
            ] {
                let y = self.y.at(value);
                canvas.line(class, (left, y), (right, y));
            }
        }
        if let Some(target) = self.view.target {
            let y = self.y.at(target.value);
            canvas.line("chart-target", (self.area.left, y), (self.area.right, y));
        }
    }

    /// Numbered discs above the plot, each over the start of its month.
    fn draw_flags(&self, canvas: &mut Canvas) {
        let flags = &self.view.flags;
        let at: Vec<f64> = flags
            .iter()
            .map(|f| self.months.span(f.month, f.month).0)
            .collect();
        let sizes = vec![2.0 * DISC + 2.0; at.len()];
        let discs = spread(&at, &sizes, 0.0, self.sheet.width);
        let centre = self.area.top - DISC - 8.0;
        for (number, (&x, &disc)) in at.iter().zip(&discs).enumerate() {
            let foot = (disc, centre + DISC);
            canvas.polyline(
                "chart-flag",
                &[foot, (x, self.area.top), (x, self.area.bottom)],
            );
            canvas.circle("chart-flag-disc", (disc, centre), DISC);
            canvas.text(
                "",
                Anchor::Middle,
                (disc, centre),
                &(number + 1).to_string(),
            );
        }
    }

    fn draw_months(&self, canvas: &mut Canvas) {
        let font = self.sheet.font;
        let bottom = self.area.bottom;
        for tick in self.months.ticks(font) {
            canvas.line("chart-zero", (tick.x, bottom), (tick.x, bottom + 5.0));
            let half = |text: &str| text_width(text, font) / 2.0;
            let inside = |text: &str| {
                tick.x
                    .clamp(half(text), (self.sheet.width - half(text)).max(half(text)))
            };
            let y = bottom + 8.0 + font / 2.0;
            canvas.text("", Anchor::Middle, (inside(&tick.name), y), &tick.name);
            if let Some(year) = &tick.year {
                let y = y + self.sheet.line() - 1.0;
                canvas.text("chart-quiet", Anchor::Middle, (inside(year), y), year);
            }
        }
    }

    /// The word for a gap where it fits: on one line, or one word a line.
    fn name_gap(&self, canvas: &mut Canvas, gap: &Gap) {
        let font = self.sheet.font;
        let (left, right) = self.months.span(gap.first, gap.last);
        let room = right - left - 12.0;
        let lines = if text_width(gap.why, font) <= room {
            vec![gap.why.to_owned()]
        } else {
            gap.why.split(' ').map(str::to_owned).collect()
        };
        let width = lines
            .iter()
            .map(|l| text_width(l, font))
            .fold(0.0, f64::max);
        if width > room {
            return;
        }
        let half = lines.len() as f64 * self.sheet.line() / 2.0 + 2.0;
        let (x, y) = (f64::midpoint(left, right), self.clear_height(half));
        canvas.rect(
            "chart-paper",
            Area {
                left: x - width / 2.0 - 4.0,
                right: x + width / 2.0 + 4.0,
                top: y - half,
                bottom: y + half,
            },
        );
        canvas.lines("chart-quiet", Anchor::Middle, (x, y), &lines);
    }

    /// The height in the plot that is farthest from every level line.
    fn clear_height(&self, half: f64) -> f64 {
        let levels: Vec<f64> = self
            .view
            .limits
            .iter()
            .flat_map(|l| [l.lower, l.mean, l.upper])
            .chain(self.view.target.iter().map(|t| t.value))
            .map(|v| self.y.at(v))
            .collect();
        let (low, high) = (self.area.top + half + 4.0, self.area.bottom - half - 4.0);
        (0..=8)
            .map(|i| low + (high - low) * f64::from(i) / 8.0)
            .map(|y| (y, levels.iter().map(|l| (l - y).abs()).fold(60.0, f64::min)))
            .reduce(|best, next| if next.1 > best.1 + 1.0 { next } else { best })
            .map_or(low, |(y, _)| y)
    }

    fn draw_series(&self, canvas: &mut Canvas) {
        let mut run: Vec<(f64, f64)> = Vec::new();
        for slot in &self.view.slots {
            match slot.value {
                Some(value) => run.push((self.months.x(slot.month), self.y.at(value))),
                None => canvas.polyline("chart-line", &std::mem::take(&mut run)),
            }
        }
        canvas.polyline("chart-line", &run);
        let radius = (self.months.step() * 0.22).clamp(1.8, 3.6);
        // Signals last, so that no common point covers one.
        for special in [false, true] {
            for (slot, value) in self.view.drawn() {
                let mark = slot.mark();
                if (mark != Mark::Common) == special {
                    let r = if special {
                        (radius * 1.6).max(4.6)
                    } else {
                        radius
                    };
                    let r = if slot.is_hollow() { r.max(3.0) } else { r };
                    canvas.mark(
                        mark,
                        slot.is_hollow(),
                        (self.months.x(slot.month), self.y.at(value)),
                        r,
                    );
                }
            }
        }
    }

    /// Where the last figure is not at the right end it is named on the plot.
    fn label_last(&self, canvas: &mut Canvas) {
        let Some((slot, value)) = self
            .view
            .last_drawn()
            .filter(|_| !ends_with_figure(self.view))
        else {
            return;
        };
        let text = last_text(self.view, self.sheet, &slot.month.short(), value);
        let (x, y) = (self.months.x(slot.month), self.y.at(value));
        let size = (text_width(&text, self.sheet.font * BOLD), self.sheet.line());
        let points = self
            .view
            .drawn()
            .map(|(s, v)| Area::around(self.months.x(s.month), self.y.at(v), 4.0))
            .collect();
        if let Some(place) = Crowd::new(self.area, points).settle((x, y), size, 8.0) {
            canvas.text(
                "chart-strong chart-over",
                Anchor::Middle,
                place.middle,
                &text,
            );
        }
    }
}

/// What the axis counts, where its ticks do not say.
fn unit_caption(unit: Unit) -> Option<&'static str> {
    match unit {
        Unit::Per1000 => Some("per 1,000"),
        Unit::Percent | Unit::Ratio | Unit::Count => None,
    }
}

/// Whether the last figure stands at the right end, by its label.
fn ends_with_figure(view: &View) -> bool {
    view.slots.len() > 1 && view.slots.last().is_some_and(|s| s.value.is_some())
}

fn last_text(view: &View, sheet: Sheet, month: &str, value: f64) -> String {
    let value = value_text(view.frame.unit, value);
    if sheet.wide {
        format!("{month}: {value}")
    } else {
        value
    }
}

/// The labels at the right end of the lines, and of the last figure.
fn end_labels(view: &View, sheet: Sheet) -> Vec<EndLabel> {
    let mut out = Vec::new();
    if let Some(limits) = view.limits.last() {
        out.extend(limit_labels(view.frame.unit, sheet, limits));
    }
    if let Some(target) = view.target {
        let text = value_text(view.frame.unit, target.value);
        let (name, widest) = if sheet.wide {
            (target.label.as_str(), 170.0)
        } else {
            ("target", 110.0)
        };
        out.push(EndLabel::wrapped(
            (target.value, &text),
            (name, "Target"),
            widest,
            sheet,
        ));
    }
    if let Some((slot, value)) = view.last_drawn().filter(|_| ends_with_figure(view)) {
        let text = last_text(view, sheet, &slot.month.short(), value);
        out.push(EndLabel {
            value,
            lines: vec![text],
            class: "chart-strong",
        });
    }
    out
}

/// One label for each limit, or one for all where they are written alike.
fn limit_labels(unit: Unit, sheet: Sheet, limits: &SpcLimits) -> Vec<EndLabel> {
    let [lower, mean, upper] =
        [limits.lower, limits.mean, limits.upper].map(|v| value_text(unit, v));
    let label = |value, wide: &str, narrow: &str, text: &str, class| {
        let name = if sheet.wide { wide } else { narrow };
        EndLabel {
            value,
            lines: vec![format!("{name} {text}")],
            class,
        }
    };
    if lower == upper {
        return vec![label(
            limits.mean,
            "Mean and limits",
            "mean",
            &mean,
            "chart-quiet",
        )];
    }
    vec![
        label(limits.upper, "Upper limit", "upper", &upper, "chart-quiet"),
        label(limits.mean, "Mean", "mean", &mean, ""),
        label(limits.lower, "Lower limit", "lower", &lower, "chart-quiet"),
    ]
}
