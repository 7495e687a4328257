//! The funnel drawn on one sheet.

use peelian_model::Unit;

use super::{FunnelChart, FunnelLimit, FunnelPoint, words};
use crate::area::{Area, Crowd};
use crate::axis::Axis;
use crate::canvas::{Anchor, Canvas, Picture, Sheet};
use crate::ends::{self, EndLabel};
use crate::label::{BOLD, text_width, wrap};
use crate::mark::Mark;
use crate::number::{drawable, value_text};

pub(super) fn draw(chart: &FunnelChart, sheet: Sheet) -> Picture {
    let Some(plot) = Plot::lay_out(chart, sheet) else {
        return Canvas::empty(sheet, words::EMPTY);
    };
    let mut canvas = Canvas::new(sheet);
    plot.draw(&mut canvas);
    canvas.finish()
}

/// One of the four limits.
type Pick = fn(&FunnelLimit) -> f64;

struct Plot<'a> {
    chart: &'a FunnelChart,
    sheet: Sheet,
    area: Area,
    x: Axis,
    y: Axis,
    /// The limits every few pixels, within the plot's width.
    limits: Vec<FunnelLimit>,
    x_label: Vec<String>,
}

impl<'a> Plot<'a> {
    fn lay_out(chart: &'a FunnelChart, sheet: Sheet) -> Option<Self> {
        let unit = chart.frame.unit;
        let x_label = wrap(&chart.x_label, sheet.font, sheet.width - 16.0);
        let x_label: Vec<String> = x_label.into_iter().take(2).collect();
        let bottom = sheet.height - (1.0 + x_label.len() as f64) * sheet.line() - 12.0;
        let top = if unit == Unit::Per1000 { 34.0 } else { 16.0 };
        let y = Axis::over(heights(chart), 5, unit == Unit::Count, (bottom, top))?;
        let ticks = y
            .ticks(unit)
            .map(|(_, t)| text_width(&t, sheet.font))
            .fold(0.0, f64::max);
        let sizes: Vec<f64> = chart.drawn().map(|p| p.denominator).collect();
        let sizes = || sizes.iter().copied();
        let left = ticks + 10.0;
        // Labels need the limits and these need the width: a first guess is
        // good enough, since only their words matter.
        let guess = Axis::ending_at_data(sizes(), 3, (left, sheet.width))?;
        let labels = end_labels(
            chart,
            sheet,
            sampled(chart, &guess, (left, sheet.width)).last(),
        );
        let right = sheet.width - ends::column(&labels, sheet);
        // Figures on the axis must not touch: one for every 90 pixels.
        let most = (((right - left) / 90.0) as usize).clamp(3, 7);
        let x = Axis::ending_at_data(sizes(), most, (left, right))?;
        let limits = sampled(chart, &x, (left, right));
        let area = Area {
            left,
            top,
            right,
            bottom,
        };
        Some(Self {
            chart,
            sheet,
            area,
            x,
            y,
            limits,
            x_label,
        })
    }

    fn draw(&self, canvas: &mut Canvas) {
        self.draw_band(canvas);
        self.draw_axes(canvas);
        self.draw_limits(canvas);
        self.draw_points(canvas);
        let ends = end_labels(self.chart, self.sheet, self.limits.last());
        ends::draw(canvas, self.area.right, &ends, |v| {
            self.y.at(v).clamp(self.area.top, self.area.bottom)
        });
        self.name_points(canvas);
    }

    /// Where a place is marked: one that is off the scale, at the top edge.
    fn place(&self, point: &FunnelPoint) -> (f64, f64) {
        let y = self.y.at(point.value).max(self.area.top);
        (self.x.at(point.denominator), y)
    }

    fn draw_band(&self, canvas: &mut Canvas) {
        let inside = |v: f64| self.y.at(v).clamp(self.area.top, self.area.bottom);
        let upper = self
            .limits
            .iter()
            .map(|l| (self.x.at(l.denominator), inside(l.upper998)));
        let lower = self
            .limits
            .iter()
            .rev()
            .map(|l| (self.x.at(l.denominator), inside(l.lower998)));
        canvas.polygon("chart-band", &upper.chain(lower).collect::<Vec<_>>());
    }

    fn draw_axes(&self, canvas: &mut Canvas) {
        let Area {
            left,
            right,
            bottom,
            ..
        } = self.area;
        let font = self.sheet.font;
        for (value, text) in self.y.ticks(self.chart.frame.unit) {
            let y = self.y.at(value);
            let class = if value == 0.0 {
                "chart-zero"
            } else {
                "chart-grid"
            };
            canvas.line(class, (left, y), (right, y));
            canvas.text("chart-quiet", Anchor::End, (left - 8.0, y), &text);
        }
        if self.chart.frame.unit == Unit::Per1000 {
            canvas.text("chart-quiet", Anchor::Start, (0.0, 10.0), "per 1,000");
        }
        let y = bottom + 8.0 + font / 2.0;
        for (value, text) in self.x.ticks(Unit::Count) {
            let x = self.x.at(value);
            canvas.line("chart-zero", (x, bottom), (x, bottom + 5.0));
            let half = text_width(&text, font) / 2.0;
            canvas.text(
                "",
                Anchor::Middle,
                (x.min(self.sheet.width - half).max(half), y),
                &text,
            );
        }
        let half = self
            .x_label
            .iter()
            .map(|l| text_width(l, font))
            .fold(0.0, f64::max)
            / 2.0;
        let centre = f64::midpoint(left, right)
            .min(self.sheet.width - half)
            .max(half);
        let block = y + self.sheet.line() * f64::midpoint(1.0, self.x_label.len() as f64) + 4.0;
        canvas.lines(
            "chart-quiet",
            Anchor::Middle,
            (centre, block),
            &self.x_label,
        );
    }

    fn draw_limits(&self, canvas: &mut Canvas) {
        let curves: [(&str, Pick); 4] = [
            ("chart-limit", |l| l.upper998),
            ("chart-limit-fine", |l| l.upper95),
            ("chart-limit-fine", |l| l.lower95),
            ("chart-limit", |l| l.lower998),
        ];
        for (class, pick) in curves {
            let curve: Vec<(f64, f64)> = self
                .limits
                .iter()
                .map(|l| (self.x.at(l.denominator), self.y.at(pick(l))))
                .collect();
            // Where the curve leaves the plot it is broken off, not flattened.
            for part in curve.split(|&(_, y)| y < self.area.top || y > self.area.bottom) {
                canvas.polyline(class, part);
            }
        }
        if drawable(Some(self.chart.target)).is_some() {
            let y = self.y.at(self.chart.target);
            canvas.line("chart-mean", (self.area.left, y), (self.area.right, y));
        }
    }

    fn draw_points(&self, canvas: &mut Canvas) {
        let plain = if self.sheet.wide { 4.0 } else { 3.2 };
        for outside in [false, true] {
            for point in self
                .chart
                .drawn()
                .filter(|p| p.outside.is_some() == outside)
            {
                if !self.chart.is_highlighted(point) {
                    canvas.mark(
                        mark(point),
                        false,
                        self.place(point),
                        if outside { 5.5 } else { plain },
                    );
                }
            }
        }
        for point in self.chart.drawn().filter(|p| self.chart.is_highlighted(p)) {
            let (x, y) = self.place(point);
            if let Some((lower, upper)) = point.interval() {
                let end = |v| self.y.at(v).clamp(self.area.top, self.area.bottom);
                canvas.line("chart-range-chosen", (x, end(lower)), (x, end(upper)));
            }
            let mark = if point.outside.is_some() {
                Mark::Neither
            } else {
                Mark::Chosen
            };
            canvas.circle("chart-flag-disc", (x, y), 10.0);
            canvas.mark(mark, false, (x, y), 6.0);
        }
    }

    /// Names the highlighted place, then those outside, where there is room.
    fn name_points(&self, canvas: &mut Canvas) {
        let mut crowd = Crowd::new(
            Area {
                top: 0.0,
                ..self.area
            },
            self.chart.drawn().map(|p| self.mark_area(p)).collect(),
        );
        let outside = |p: &&FunnelPoint| p.outside.is_some() && !self.chart.is_highlighted(p);
        for point in self.chart.drawn().filter(|p| self.chart.is_highlighted(p)) {
            let value = value_text(self.chart.frame.unit, point.value);
            let text = format!("{} {value}", point.name);
            self.name(canvas, &mut crowd, point, &text, "chart-strong chart-over");
        }
        for point in self.chart.drawn().filter(outside) {
            let text = if self.chart.is_off_scale(point) {
                let value = value_text(self.chart.frame.unit, point.value);
                format!("{} {value}, off the scale", point.name)
            } else {
                point.name.clone()
            };
            self.name(canvas, &mut crowd, point, &text, "chart-over");
        }
    }

    fn name(
        &self,
        canvas: &mut Canvas,
        crowd: &mut Crowd,
        point: &FunnelPoint,
        text: &str,
        class: &str,
    ) {
        let bold = if class.contains("strong") { BOLD } else { 1.0 };
        let size = (text_width(text, self.sheet.font * bold), self.sheet.line());
        let clearance = self.mark_area(point).width() / 2.0 + 2.0;
        if let Some(place) = crowd.settle(self.place(point), size, clearance) {
            if let Some((from, to)) = place.leader {
                canvas.line("chart-leader", from, to);
            }
            canvas.text(class, Anchor::Middle, place.middle, text);
        }
    }

    fn mark_area(&self, point: &FunnelPoint) -> Area {
        let (x, y) = self.place(point);
        Area::around(
            x,
            y,
            if self.chart.is_highlighted(point) {
                10.0
            } else {
                5.5
            },
        )
    }
}

fn mark(point: &FunnelPoint) -> Mark {
    if point.outside.is_some() {
        Mark::Neither
    } else {
        Mark::Common
    }
}

/// Every height that must be in view: places, the chosen one's interval, the
/// centre, and the limits from the size that three places in four reach.
/// For the very small the limits are so far apart that all else would be
/// pressed flat; there they run out of the plot.
fn heights(chart: &FunnelChart) -> impl Iterator<Item = f64> {
    let limits = usual_limits(chart).flat_map(|l| [l.lower998, l.upper998]);
    let chosen = chart
        .drawn()
        .filter(|p| chart.is_highlighted(p))
        .filter_map(FunnelPoint::interval)
        .flat_map(|(a, b)| [a, b]);
    let any = chart.drawn().next().is_some();
    chart
        .drawn()
        .filter(|p| !chart.is_off_scale(p))
        .map(|p| p.value)
        .chain(limits)
        .chain(chosen)
        .chain(drawable(Some(chart.target)))
        .filter(move |_| any)
}

/// The limits from the size that three places in four reach.
pub(super) fn usual_limits(chart: &FunnelChart) -> impl Iterator<Item = FunnelLimit> {
    let mut sizes: Vec<f64> = chart.drawn().map(|p| p.denominator).collect();
    sizes.sort_by(f64::total_cmp);
    let usual = sizes.get(sizes.len() / 4).copied().unwrap_or(f64::INFINITY);
    usable(chart).filter(move |l| l.denominator >= usual)
}

/// Limits whose numbers can be drawn.
fn usable(chart: &FunnelChart) -> impl Iterator<Item = FunnelLimit> {
    chart.limits.iter().copied().filter(|l| {
        [l.denominator, l.lower95, l.upper95, l.lower998, l.upper998]
            .into_iter()
            .all(|v| drawable(Some(v)).is_some())
    })
}

/// The limits every two pixels between two pixels, by straight lines between
/// the samples given.
fn sampled(chart: &FunnelChart, x: &Axis, (left, right): (f64, f64)) -> Vec<FunnelLimit> {
    let mut known: Vec<FunnelLimit> = usable(chart).collect();
    known.sort_by(|a, b| a.denominator.total_cmp(&b.denominator));
    let (low, high) = x.ends();
    let steps = ((right - left) / 2.0).max(1.0) as usize;
    let mut sizes: Vec<f64> = (0..=steps)
        .map(|i| low + (high - low) * i as f64 / steps as f64)
        .collect();
    sizes.extend(
        known
            .iter()
            .map(|l| l.denominator)
            .filter(|d| (low..=high).contains(d)),
    );
    sizes.sort_by(f64::total_cmp);
    sizes
        .into_iter()
        .filter_map(|size| limit_at(&known, size))
        .collect()
}

/// The limits for a size between two samples.
fn limit_at(known: &[FunnelLimit], size: f64) -> Option<FunnelLimit> {
    let after = known.partition_point(|l| l.denominator < size);
    let b = known.get(after)?;
    if b.denominator == size {
        return Some(*b);
    }
    let a = known.get(after.checked_sub(1)?)?;
    let part = (size - a.denominator) / (b.denominator - a.denominator);
    let between = |from: f64, to: f64| from + (to - from) * part;
    Some(FunnelLimit {
        denominator: size,
        lower95: between(a.lower95, b.lower95),
        upper95: between(a.upper95, b.upper95),
        lower998: between(a.lower998, b.lower998),
        upper998: between(a.upper998, b.upper998),
    })
}

/// The labels at the right end; those of the limits where they end.
fn end_labels(chart: &FunnelChart, sheet: Sheet, last: Option<&FunnelLimit>) -> Vec<EndLabel> {
    let mut out = Vec::new();
    let [outer, inner] = if sheet.wide {
        ["99.8% limit", "95% limit"]
    } else {
        ["99.8%", "95%"]
    };
    if let Some(l) = last {
        for (value, text) in [
            (l.upper998, outer),
            (l.upper95, inner),
            (l.lower95, inner),
            (l.lower998, outer),
        ] {
            out.push(EndLabel {
                value,
                lines: vec![text.to_owned()],
                class: "chart-quiet",
            });
        }
    }
    if let Some(target) = drawable(Some(chart.target)) {
        let text = value_text(chart.frame.unit, target);
        let widest = if sheet.wide { 170.0 } else { 76.0 };
        let at = out.len() / 2;
        out.insert(
            at,
            EndLabel::wrapped(
                (target, &text),
                (&chart.target_label, "centre"),
                widest,
                sheet,
            ),
        );
    }
    out
}
