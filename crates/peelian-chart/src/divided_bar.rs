//! How many characteristics of good are shown, in part, not, or not known.

use maud::{Markup, html};

use crate::area::Area;
use crate::canvas::{Canvas, Sheet};
use crate::number::px;

const BAR: Sheet = Sheet {
    width: 480.0,
    height: 24.0,
    font: 14.0,
    wide: true,
};
const SWATCH: Sheet = Sheet {
    width: 18.0,
    height: 14.0,
    font: 14.0,
    wide: true,
};

/// How a part is filled: told apart without colour.
#[derive(Debug, Clone, Copy)]
enum Fill {
    Solid,
    Stripes,
    Blank,
    Dots,
}

const PARTS: [(&str, Fill); 4] = [
    ("shown", Fill::Solid),
    ("partly shown", Fill::Stripes),
    ("not shown", Fill::Blank),
    ("cannot tell", Fill::Dots),
];

/// A bar of four counts (shown, partly shown, not shown, cannot tell), each
/// part as wide as its share and with its own pattern, over the counts in
/// words with the pattern beside them. The bar is hidden from screen readers,
/// the words are not. Without any characteristic it says so.
pub fn divided_bar(counts: [usize; 4]) -> Markup {
    let total: f64 = counts.iter().map(|&n| n as f64).sum();
    if total <= 0.0 {
        return html! { p class="chart-divided" { "No characteristic has been looked at." } };
    }
    html! {
        div class="chart-divided" {
            (picture(BAR, |canvas| draw_bar(canvas, counts, total)))
            ul {
                @for ((words, fill), n) in PARTS.into_iter().zip(counts) {
                    li { (picture(SWATCH, |canvas| part(canvas, fill, 0.5, SWATCH.width - 0.5))) span { (n) " " (words) } }
                }
            }
        }
    }
}

fn picture(sheet: Sheet, draw: impl FnOnce(&mut Canvas)) -> Markup {
    let mut canvas = Canvas::new(sheet);
    draw(&mut canvas);
    html! {
        svg class="chart-svg" aria-hidden="true" focusable="false"
            viewBox=(format!("0 0 {} {}", px(sheet.width), px(sheet.height)))
            width=(px(sheet.width)) height=(px(sheet.height)) {
            (canvas.finish().body)
        }
    }
}

fn draw_bar(canvas: &mut Canvas, counts: [usize; 4], total: f64) {
    /// White between two parts.
    const BETWEEN: f64 = 2.0;
    let parts = counts.iter().filter(|&&n| n > 0).count() as f64;
    let room = BAR.width - 1.0 - BETWEEN * (parts - 1.0);
    let mut left = 0.5;
    for ((_, fill), n) in PARTS.into_iter().zip(counts).filter(|&(_, n)| n > 0) {
        let right = left + room * n as f64 / total;
        part(canvas, fill, left, right);
        left = right + BETWEEN;
    }
}

fn part(canvas: &mut Canvas, fill: Fill, left: f64, right: f64) {
    let area = Area {
        left,
        right,
        top: 0.5,
        bottom: canvas.sheet.height - 0.5,
    };
    match fill {
        Fill::Solid => canvas.rect("chart-solid", area),
        Fill::Stripes => {
            canvas.stripes("chart-stripes", area, 7.0);
            canvas.rect("chart-outline", area);
        }
        Fill::Blank => canvas.rect("chart-outline", area),
        Fill::Dots => canvas.dots(area, 6.0),
    }
}
