//! The interval plot: places one under the other, each with its range.

use peelian_model::{Status, Unit};

use crate::area::Area;
use crate::axis::Axis;
use crate::canvas::{Anchor, Canvas, NARROW, Picture, Sheet, WIDE};
use crate::drawing::{Drawing, Frame, Note};
use crate::label::{BOLD, shorten, text_width};
use crate::mark::Mark;
use crate::number::{cell_text, drawable, value_text};
use crate::table::{Column, NOTHING, Table};
use crate::words::{counted, heading, list, with_interval};

/// Places with their values and intervals, in the order given: it is never
/// sorted by value, because close places have no order.
#[derive(Debug, Clone, PartialEq)]
pub struct IntervalChart {
    /// Title, subtitle, source, unit.
    pub frame: Frame,
    /// The places.
    pub rows: Vec<IntervalRow>,
    /// The name of the place that the reader asked about.
    pub highlight: Option<String>,
}

/// One place.
#[derive(Debug, Clone, PartialEq)]
pub struct IntervalRow {
    /// Its name.
    pub name: String,
    /// In the measure's unit.
    pub value: Option<f64>,
    /// Lower end of the 95 per cent interval.
    pub lower: Option<f64>,
    /// Upper end of the 95 per cent interval.
    pub upper: Option<f64>,
    /// What stands behind the value, or why there is none. It rules: a value
    /// beside a status without one is not drawn.
    pub status: Status,
}

const EMPTY: &str = "There is nothing to draw: no place has a usable figure.";

impl IntervalRow {
    fn figure(&self) -> Option<f64> {
        drawable(self.value).filter(|_| self.status.has_value())
    }

    fn interval(&self) -> Option<(f64, f64)> {
        self.figure()?;
        drawable(self.lower).zip(drawable(self.upper))
    }

    fn is_hollow(&self) -> bool {
        matches!(self.status, Status::Partial | Status::Provisional)
    }

    fn why(&self) -> &'static str {
        if self.status.has_value() {
            "no usable figure"
        } else {
            self.status.words()
        }
    }
}

impl IntervalChart {
    /// Draws it. Any input gives a drawing: without figures, one that says so.
    pub fn draw(&self) -> Drawing {
        Drawing {
            frame: self.frame.clone(),
            description: self.description(),
            notes: self.notes(),
            table: self.table(),
            wide: self.plot(WIDE),
            narrow: self.plot(NARROW),
        }
    }

    fn is_highlighted(&self, row: &IntervalRow) -> bool {
        self.highlight.as_deref() == Some(row.name.as_str())
    }

    fn drawn(&self) -> impl Iterator<Item = (&IntervalRow, f64)> {
        self.rows.iter().filter_map(|r| r.figure().map(|v| (r, v)))
    }

    fn description(&self) -> String {
        let unit = self.frame.unit;
        let mut said: Vec<String> = Vec::new();
        if self.frame.synthetic {
            said.push("Synthetic data.".to_owned());
        }
        let range = self
            .drawn()
            .map(|(_, v)| (v, v))
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        match range {
            None => said.push(EMPTY.to_owned()),
            Some((low, high)) => said.push(format!(
                "{}, not in order of value. Values from {} to {}.",
                counted(self.drawn().count(), "place", "places"),
                value_text(unit, low),
                value_text(unit, high)
            )),
        }
        for row in self.rows.iter().filter(|r| self.is_highlighted(r)) {
            let told = row.figure().map_or_else(
                || row.why().to_owned(),
                |v| with_interval(unit, v, row.interval()),
            );
            said.push(format!("{}: {told}.", row.name));
        }
        said.extend(self.missing());
        said.join(" ")
    }

    fn missing(&self) -> Option<String> {
        let names: Vec<String> = self
            .rows
            .iter()
            .filter(|r| r.figure().is_none())
            .map(|r| format!("{} ({})", r.name, r.why()))
            .collect();
        (!names.is_empty()).then(|| format!("No figure: {}.", list(&names, 12)))
    }

    fn notes(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        if self.drawn().any(|(r, _)| r.interval().is_some()) {
            notes.push(Note::plain(
                "Bars: 95% intervals. Where the bars of two places overlap, the difference could be chance.",
            ));
        }
        if self.drawn().any(|(r, _)| r.is_hollow()) {
            notes.push(Note::plain(
                "Hollow points: partial or provisional figures, which may change.",
            ));
        }
        notes
    }

    fn table(&self) -> Table {
        let unit = self.frame.unit;
        let cell = |v: Option<f64>| v.map_or_else(|| NOTHING.to_owned(), |v| cell_text(unit, v));
        let rows = self
            .rows
            .iter()
            .map(|row| {
                let figure = row.figure();
                vec![
                    row.name.clone(),
                    figure.map_or_else(|| row.why().to_owned(), |v| cell_text(unit, v)),
                    cell(row.interval().map(|i| i.0)),
                    cell(row.interval().map(|i| i.1)),
                    if figure.is_some() {
                        row.status.words()
                    } else {
                        row.why()
                    }
                    .to_owned(),
                ]
            })
            .collect();
        let columns = vec![
            Column::words("Place"),
            Column::number(heading("Value", unit)),
            Column::number("95% interval, lower"),
            Column::number("95% interval, upper"),
            Column::words("Status"),
        ];
        Table {
            caption: self.frame.subtitle.clone(),
            columns,
            rows,
        }
    }

    fn plot(&self, sheet: Sheet) -> Picture {
        Plot::lay_out(self, sheet).map_or_else(|| Canvas::empty(sheet, EMPTY), |plot| plot.draw())
    }

    /// A row's figure at the right; with its interval where there is room.
    fn told(&self, row: &IntervalRow, value: f64, sheet: Sheet) -> String {
        let unit = self.frame.unit;
        match row.interval().filter(|_| sheet.wide) {
            Some((lower, upper)) => format!(
                "{} ({} to {})",
                value_text(unit, value),
                value_text(unit, lower),
                value_text(unit, upper)
            ),
            None => value_text(unit, value),
        }
    }
}

/// Wide: name, bar and figure on one line. Narrow: name and figure over the bar.
struct Plot<'a> {
    chart: &'a IntervalChart,
    sheet: Sheet,
    area: Area,
    x: Axis,
    pitch: f64,
}

impl<'a> Plot<'a> {
    fn lay_out(chart: &'a IntervalChart, sheet: Sheet) -> Option<Self> {
        let pitch = sheet.line() + if sheet.wide { 5.0 } else { 24.0 };
        let top = sheet.line() + 10.0;
        let bottom = top + pitch * chart.rows.len() as f64 + 4.0;
        // Bold letters are a little wider than the estimate.
        let width = |text: &str| text_width(text, sheet.font * BOLD);
        let names = chart
            .rows
            .iter()
            .map(|r| width(&r.name))
            .fold(0.0, f64::max);
        let figures = chart
            .drawn()
            .map(|(r, v)| width(&chart.told(r, v, sheet)))
            .fold(0.0, f64::max);
        let (left, right) = if sheet.wide {
            (
                names.min(sheet.width * 0.3) + 14.0,
                sheet.width - figures - 20.0,
            )
        } else {
            (24.0, sheet.width - 24.0)
        };
        let most = (((right - left) / 80.0) as usize).clamp(3, 7);
        let ends = chart
            .rows
            .iter()
            .filter_map(IntervalRow::interval)
            .flat_map(|(a, b)| [a, b]);
        let known = chart.drawn().map(|(_, v)| v).chain(ends);
        let x = Axis::over(known, most, chart.frame.unit == Unit::Count, (left, right))?;
        let area = Area {
            left,
            top,
            right,
            bottom,
        };
        let sheet = Sheet {
            height: bottom + 2.0,
            ..sheet
        };
        Some(Self {
            chart,
            sheet,
            area,
            x,
            pitch,
        })
    }

    fn draw(&self) -> Picture {
        let mut canvas = Canvas::new(self.sheet);
        let tops = |i: usize| self.area.top + self.pitch * i as f64;
        self.draw_axis(&mut canvas);
        for (i, row) in self.chart.rows.iter().enumerate() {
            if self.chart.is_highlighted(row) {
                let (top, right) = (tops(i), self.sheet.width);
                let bottom = top + self.pitch;
                canvas.rect(
                    "chart-band",
                    Area {
                        left: 0.0,
                        right,
                        top,
                        bottom,
                    },
                );
            }
        }
        for (i, row) in self.chart.rows.iter().enumerate() {
            self.draw_row(&mut canvas, row, tops(i));
        }
        canvas.finish()
    }

    fn draw_axis(&self, canvas: &mut Canvas) {
        let y = self.area.top - 10.0 - self.sheet.font / 2.0;
        let font = self.sheet.font;
        for (value, text) in self.x.ticks(self.chart.frame.unit) {
            let x = self.x.at(value);
            let class = if value == 0.0 {
                "chart-zero"
            } else {
                "chart-grid"
            };
            canvas.line(class, (x, self.area.top - 4.0), (x, self.area.bottom));
            let half = text_width(&text, font) / 2.0;
            let centre = x.min(self.sheet.width - half).max(half);
            canvas.text("chart-quiet", Anchor::Middle, (centre, y), &text);
        }
    }

    fn draw_row(&self, canvas: &mut Canvas, row: &IntervalRow, top: f64) {
        let sheet = self.sheet;
        let chosen = self.chart.is_highlighted(row);
        let class = if chosen { "chart-strong" } else { "chart-over" };
        let (words, bar) = if sheet.wide {
            (top + self.pitch / 2.0, top + self.pitch / 2.0)
        } else {
            (top + 2.0 + sheet.line() / 2.0, top + self.pitch - 12.0)
        };
        let told = row.figure().map(|v| self.chart.told(row, v, sheet));
        let room = match &told {
            _ if sheet.wide => self.area.left - 14.0,
            Some(text) => sheet.width - 14.0 - text_width(text, sheet.font * BOLD),
            None => sheet.width - 14.0,
        };
        canvas.text(
            class,
            Anchor::Start,
            (2.0, words),
            &shorten(&row.name, sheet.font * BOLD, room),
        );
        let (Some(value), Some(text)) = (row.figure(), told) else {
            let at = (self.area.left + if sheet.wide { 4.0 } else { 0.0 }, bar);
            canvas.text("chart-quiet chart-over", Anchor::Start, at, row.why());
            return;
        };
        canvas.text(class, Anchor::End, (sheet.width - 2.0, words), &text);
        if let Some((lower, upper)) = row.interval() {
            let class = if chosen {
                "chart-range-chosen"
            } else {
                "chart-range"
            };
            canvas.line(class, (self.x.at(lower), bar), (self.x.at(upper), bar));
        }
        let (mark, r) = if chosen {
            (Mark::Chosen, 5.5)
        } else {
            (Mark::Common, 4.0)
        };
        canvas.mark(mark, row.is_hollow(), (self.x.at(value), bar), r);
    }
}
