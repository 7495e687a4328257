//! The sheet a chart is drawn on: SVG elements with classes, never styles.

use maud::{Markup, PreEscaped, html};

use crate::area::Area;
use crate::label::{text_width, wrap};
use crate::mark::Mark;
use crate::number::px;

/// The size of a drawing and of its text, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sheet {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) font: f64,
    pub(crate) wide: bool,
}

/// For columns of 900 pixels and more, where its text is 14 to 15 pixels.
pub(crate) const WIDE: Sheet = Sheet {
    width: 960.0,
    height: 380.0,
    font: 15.0,
    wide: true,
};
/// For telephones and half columns; from 290 pixels its text is 14 to 16.
pub(crate) const NARROW: Sheet = Sheet {
    width: 330.0,
    height: 300.0,
    font: 16.0,
    wide: false,
};

impl Sheet {
    /// The height of a line of text.
    pub(crate) fn line(self) -> f64 {
        self.font + 4.0
    }
}

/// Which end of a text stands at its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// A drawing in the making.
#[derive(Debug)]
pub(crate) struct Canvas {
    pub(crate) sheet: Sheet,
    body: String,
}

/// A finished drawing.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    pub(crate) sheet: Sheet,
    pub(crate) body: Markup,
}

impl Canvas {
    pub(crate) fn new(sheet: Sheet) -> Self {
        Self {
            sheet,
            body: String::new(),
        }
    }

    pub(crate) fn finish(self) -> Picture {
        Picture {
            sheet: self.sheet,
            body: PreEscaped(self.body),
        }
    }

    pub(crate) fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        self.add(&html! {
            line class=(class) x1=(px(x1)) y1=(px(y1)) x2=(px(x2)) y2=(px(y2)) {}
        });
    }

    pub(crate) fn rect(&mut self, class: &str, area: Area) {
        let height = (area.bottom - area.top).max(0.0);
        self.add(&html! {
            rect class=(class) x=(px(area.left)) y=(px(area.top))
                width=(px(area.width().max(0.0))) height=(px(height)) {}
        });
    }

    pub(crate) fn polyline(&mut self, class: &str, points: &[(f64, f64)]) {
        if points.len() > 1 {
            self.add(&html! { polyline class=(class) points=(list(points)) {} });
        }
    }

    pub(crate) fn polygon(&mut self, class: &str, points: &[(f64, f64)]) {
        if points.len() > 2 {
            self.add(&html! { polygon class=(class) points=(list(points)) {} });
        }
    }

    pub(crate) fn circle(&mut self, class: &str, (x, y): (f64, f64), r: f64) {
        self.add(&html! { circle class=(class) cx=(px(x)) cy=(px(y)) r=(px(r)) {} });
    }

    /// A text whose middle height is at `y`.
    pub(crate) fn text(&mut self, class: &str, anchor: Anchor, (x, y): (f64, f64), words: &str) {
        let baseline = y + self.sheet.font * 0.35;
        self.add(&html! {
            text class=[(!class.is_empty()).then_some(class)] x=(px(x)) y=(px(baseline))
                text-anchor=(anchor.as_str()) { (words) }
        });
    }

    /// Lines of text, the block's middle height at `y`.
    pub(crate) fn lines(
        &mut self,
        class: &str,
        anchor: Anchor,
        (x, y): (f64, f64),
        lines: &[String],
    ) {
        let pitch = self.sheet.line();
        let top = y - pitch * (lines.len() as f64 - 1.0) / 2.0;
        for (i, line) in lines.iter().enumerate() {
            self.text(class, anchor, (x, top + pitch * i as f64), line);
        }
    }

    /// The mark of a point; hollow where its figure may still change.
    pub(crate) fn mark(&mut self, mark: Mark, hollow: bool, (x, y): (f64, f64), r: f64) {
        let class = if hollow {
            format!("{} chart-hollow", mark.class())
        } else {
            mark.class().to_owned()
        };
        match mark.corners(x, y, r) {
            Some(corners) => self.polygon(&class, &corners),
            None => self.circle(&class, (x, y), r),
        }
    }

    /// The ground of months without a figure.
    pub(crate) fn hatch(&mut self, area: Area, apart: f64) {
        self.rect("chart-gap", area);
        self.stripes("chart-hatch", area, apart);
    }

    /// A rectangle filled with rising lines. Drawn line by line: a pattern
    /// would need an identifier that is unique on the page.
    pub(crate) fn stripes(&mut self, class: &str, area: Area, apart: f64) {
        let (width, height) = (area.width(), area.bottom - area.top);
        if width <= 0.0 || height <= 0.0 {
            return;
        }
        let mut d = String::new();
        let mut along = apart;
        while along < width + height {
            let (x1, y1) = if along <= height {
                (0.0, along)
            } else {
                (along - height, height)
            };
            let (x2, y2) = if along <= width {
                (along, 0.0)
            } else {
                (width, along - width)
            };
            let point = |x: f64, y: f64| format!("{} {}", px(area.left + x), px(area.top + y));
            d.extend(["M", &point(x1, y1), "L", &point(x2, y2)]);
            along += apart;
        }
        self.add(&html! { path class=(class) d=(d) {} });
    }

    /// A rectangle filled with dots and without an outline: one path whose
    /// strokes have no length and round ends.
    pub(crate) fn dots(&mut self, area: Area, apart: f64) {
        let mut d = String::new();
        let mut y = area.top + apart / 2.0;
        while y < area.bottom {
            let mut x = area.left + apart / 2.0;
            while x < area.right {
                d.extend(["M", &px(x), " ", &px(y), "h0"]);
                x += apart;
            }
            y += apart;
        }
        self.add(&html! { path class="chart-dots" d=(d) {} });
    }

    /// A low hatched sheet that says why nothing is drawn.
    pub(crate) fn empty(sheet: Sheet, why: &str) -> Picture {
        let mut canvas = Self::new(Sheet {
            height: 160.0,
            ..sheet
        });
        let (width, height) = (canvas.sheet.width, canvas.sheet.height);
        canvas.hatch(
            Area {
                left: 1.0,
                top: 1.0,
                right: width - 1.0,
                bottom: height - 1.0,
            },
            12.0,
        );
        let lines = wrap(why, sheet.font, (width - 64.0).min(600.0));
        let tall = lines.len() as f64 * sheet.line() / 2.0 + 12.0;
        let longest = lines
            .iter()
            .map(|l| text_width(l, sheet.font))
            .fold(0.0, f64::max);
        let (x, y, half) = (width / 2.0, height / 2.0, longest / 2.0 + 8.0);
        let ground = Area {
            left: x - half,
            top: y - tall,
            right: x + half,
            bottom: y + tall,
        };
        canvas.rect("chart-paper", ground);
        canvas.lines("", Anchor::Middle, (x, y), &lines);
        canvas.finish()
    }

    fn add(&mut self, markup: &Markup) {
        self.body.push_str(&markup.0);
    }
}

fn list(points: &[(f64, f64)]) -> String {
    points
        .iter()
        .map(|&(x, y)| format!("{},{}", px(x), px(y)))
        .collect::<Vec<_>>()
        .join(" ")
}
