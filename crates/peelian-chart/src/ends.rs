//! The column of labels at the right end of a plot's lines, in place of a legend.

use crate::canvas::{Anchor, Canvas, Sheet};
use crate::label::{BOLD, spread, text_width, wrap};

/// Between the plot and its labels.
const LEAD: f64 = 10.0;
/// The words at the end of the line for a value.
#[derive(Debug)]
pub(crate) struct EndLabel {
    pub(crate) value: f64,
    pub(crate) lines: Vec<String>,
    pub(crate) class: &'static str,
}

impl EndLabel {
    /// Name and value on at most two lines of the `widest` width; else with
    /// the short name, which a note explains.
    pub(crate) fn wrapped(
        (value, text): (f64, &str),
        (name, short): (&str, &str),
        widest: f64,
        sheet: Sheet,
    ) -> Self {
        let lines = |name: &str| wrap(&format!("{name} {text}"), sheet.font, widest);
        let full = lines(name);
        let lines = if full.len() > 2 { lines(short) } else { full };
        Self {
            value,
            lines,
            class: "",
        }
    }
}

/// The width to keep free at the right for the labels.
pub(crate) fn column(labels: &[EndLabel], sheet: Sheet) -> f64 {
    let width = |label: &EndLabel| {
        let bold = if label.class == "chart-strong" {
            BOLD
        } else {
            1.0
        };
        label
            .lines
            .iter()
            .map(|l| text_width(l, sheet.font * bold))
            .fold(0.0, f64::max)
    };
    let widest = labels.iter().map(width).fold(0.0, f64::max);
    LEAD + widest + 2.0
}

/// Writes the labels, moved apart; a hairline leads to each that had to move.
pub(crate) fn draw(canvas: &mut Canvas, right: f64, labels: &[EndLabel], at: impl Fn(f64) -> f64) {
    let pitch = canvas.sheet.line();
    let wanted: Vec<f64> = labels.iter().map(|l| at(l.value)).collect();
    let sizes: Vec<f64> = labels
        .iter()
        .map(|l| l.lines.len() as f64 * pitch)
        .collect();
    let placed = spread(&wanted, &sizes, 0.0, canvas.sheet.height - 2.0);
    for ((label, from), to) in labels.iter().zip(wanted).zip(placed) {
        if (to - from).abs() > 4.0 {
            canvas.line("chart-leader", (right, from), (right + LEAD - 2.0, to));
        }
        canvas.lines(label.class, Anchor::Start, (right + LEAD, to), &label.lines);
    }
}
