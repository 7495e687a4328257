//! The funnel told: description, notes and table.

use super::{FunnelChart, FunnelPoint};
use crate::drawing::{Key, Note};
use crate::mark::Mark;
use crate::number::{cell_text, drawable, value_text};
use crate::table::{Cell, Column, NOTHING, Table};
use crate::words::{capital, counted, heading, list, with_interval};
use peelian_model::Unit;

/// How many places a sentence names before it counts the rest.
const NAMED: usize = 12;

pub(super) const EMPTY: &str = "There is nothing to draw: no place has a usable figure.";

pub(super) fn description(chart: &FunnelChart) -> String {
    let unit = chart.frame.unit;
    let mut said: Vec<String> = Vec::new();
    if chart.frame.synthetic {
        said.push("Synthetic data.".to_owned());
    }
    let places = chart.drawn().count();
    if places == 0 {
        said.push(EMPTY.to_owned());
        return said.join(" ");
    }
    said.push(format!(
        "{} by size ({}), with limits that narrow as size grows.",
        counted(places, "place", "places"),
        chart.x_label
    ));
    if drawable(Some(chart.target)).is_some() {
        said.push(format!(
            "{}: {}.",
            capital(&chart.target_label),
            value_text(unit, chart.target)
        ));
    }
    for point in chart.drawn().filter(|p| chart.is_highlighted(p)) {
        let value = with_interval(unit, point.value, point.interval());
        said.push(format!("{}: {value}, {}.", point.name, point.position()));
    }
    for outside in [true, false] {
        said.extend(outliers(chart, outside).map(|text| format!("{text}.")));
    }
    let within = chart.drawn().filter(|p| p.outside.is_none()).count();
    said.push(match within {
        n if n == places => "Every place is within the 99.8% limits.".to_owned(),
        n => format!(
            "Within the 99.8% limits: {}.",
            counted(n, "place", "places")
        ),
    });
    said.extend(left_out(chart));
    said.join(" ")
}

/// “Above the 99.8% limit: Avon (23%) and Bute (31%)”, in the order given.
fn outliers(chart: &FunnelChart, outside: bool) -> Option<String> {
    let points: Vec<&FunnelPoint> = chart
        .drawn()
        .filter(|p| p.outside == Some(outside))
        .collect();
    let names: Vec<String> = points
        .iter()
        .map(|p| format!("{} ({})", p.name, value_text(chart.frame.unit, p.value)))
        .collect();
    let position = points.first()?.position();
    Some(format!("{}: {}", capital(position), list(&names, NAMED)))
}

fn left_out(chart: &FunnelChart) -> Option<String> {
    let names: Vec<String> = chart
        .points
        .iter()
        .filter(|p| !p.is_drawable())
        .map(|p| p.name.clone())
        .collect();
    (!names.is_empty()).then(|| format!("Without a usable figure: {}.", list(&names, NAMED)))
}

pub(super) fn notes(chart: &FunnelChart) -> Vec<Note> {
    if chart.drawn().next().is_none() {
        return Vec::new();
    }
    let mut notes: Vec<Note> = [true, false]
        .into_iter()
        .filter_map(|outside| outliers(chart, outside))
        .map(|text| Note::keyed(Key::Mark(Mark::Neither), format!("{text}.")))
        .collect();
    if drawable(Some(chart.target)).is_some() {
        let value = value_text(chart.frame.unit, chart.target);
        notes.push(Note::plain(format!(
            "Solid line: {}, {value}.",
            chart.target_label
        )));
    }
    if !chart.limits.is_empty() {
        notes.push(Note::plain(
            "By chance alone, about 1 place in 20 would lie outside the inner limits (95%) and 1 in \
             500 outside the outer ones (99.8%).",
        ));
    }
    let far: Vec<String> = chart
        .drawn()
        .filter(|p| chart.is_off_scale(p))
        .map(|p| p.name.clone())
        .collect();
    if !far.is_empty() {
        notes.push(Note::plain(format!(
            "At the top edge, off the scale so that the others can be told apart: {}.",
            list(&far, NAMED)
        )));
    }
    notes.extend(left_out(chart).map(Note::plain));
    notes
}

pub(super) fn table(chart: &FunnelChart) -> Table {
    let columns = vec![
        Column::words("Place"),
        Column::number(chart.x_label.clone()),
        Column::number(heading("Value", chart.frame.unit)),
        Column::number("95% interval, lower"),
        Column::number("95% interval, upper"),
        Column::words("Against the limits"),
    ];
    let rows = chart
        .points
        .iter()
        .map(|p| row(chart.frame.unit, p))
        .collect();
    Table {
        caption: chart.frame.subtitle.clone(),
        columns,
        rows,
    }
}

fn row(unit: Unit, point: &FunnelPoint) -> Vec<Cell> {
    let cell =
        |v: Option<f64>| drawable(v).map_or_else(|| NOTHING.to_owned(), |v| cell_text(unit, v));
    let size = drawable(Some(point.denominator));
    vec![
        point.name.clone(),
        size.map_or_else(|| NOTHING.to_owned(), |v| cell_text(Unit::Count, v)),
        drawable(Some(point.value))
            .map_or_else(|| "no usable figure".to_owned(), |v| cell_text(unit, v)),
        cell(point.lower),
        cell(point.upper),
        if point.is_drawable() {
            point.position()
        } else {
            NOTHING
        }
        .to_owned(),
    ]
}
