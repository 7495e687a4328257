//! The matrix: one row a measure (or a district), the same five questions
//! of each. On a phone every row is a card.

use maud::{Markup, html};
use peelian_model::{Measure, Series};
use peelian_readings::{Comparison, Position, Spc};

use crate::components::signal_words;
use crate::words;

/// How many months a small chart shows.
const SPARK_MONTHS: usize = 36;

/// A row.
pub(crate) struct MatrixRow<'a> {
    /// What the row is, with a link where there is a page.
    pub(crate) name: Markup,
    pub(crate) measure: &'a Measure,
    pub(crate) series: &'a Series,
    pub(crate) spc: &'a Spc,
    /// Compared with the other forces, where that makes sense.
    pub(crate) comparison: Option<&'a Comparison>,
}

/// The table. `others` says whether rows are compared with other forces.
pub(crate) fn matrix(caption: &str, first: &str, others: bool, rows: &[MatrixRow<'_>]) -> Markup {
    html! {
        // The roles keep it a table for screen readers where a phone shows cards.
        table class="govuk-table matrix" role="table" {
            caption class="govuk-visually-hidden" { (caption) }
            thead role="rowgroup" {
                tr role="row" {
                    th scope="col" role="columnheader" class="matrix-name" { (first) }
                    th scope="col" role="columnheader" { "Latest, with 95% interval" }
                    th scope="col" role="columnheader" { "Usual range" }
                    th scope="col" role="columnheader" { "Change" }
                    @if others { th scope="col" role="columnheader" { "Other forces" } }
                    th scope="col" role="columnheader" class="matrix-spark" { "Last " (SPARK_MONTHS) " months" }
                }
            }
            tbody role="rowgroup" {
                @for row in rows { (line(row, others)) }
            }
        }
    }
}

fn line(row: &MatrixRow<'_>, others: bool) -> Markup {
    html! {
        tr role="row" {
            th scope="row" role="rowheader" class="matrix-name" { (row.name) }
            td role="cell" class="matrix-latest" { (latest(row)) }
            td role="cell" class="matrix-usual" { (usual(row)) }
            td role="cell" class="matrix-change" { (change(row)) }
            @if others { td role="cell" class="matrix-others" { (position(row)) } }
            td role="cell" class="matrix-spark" { (spark(row)) }
        }
    }
}

fn latest(row: &MatrixRow<'_>) -> Markup {
    let unit = row.measure.unit;
    html! {
        @if let Some(reading) = row.series.latest() {
            strong class="figure" { (words::amount(unit, reading.value.unwrap_or_default())) }
            @if let Some(interval) = words::interval(unit, reading) {
                " " span class="quiet nowrap" { "(" (interval) ")" }
            }
            " " span class="quiet when" { (words::period(row.measure, reading.period)) }
        } @else {
            (row.series.readings.last().map_or("not held", |r| r.status.words()))
        }
    }
}

fn usual(row: &MatrixRow<'_>) -> Markup {
    let unit = row.measure.unit;
    html! {
        @if let Some(limits) = row.spc.current() {
            span class="nowrap" { (unit.format(limits.lower)) " to " (unit.format(limits.upper)) }
            @if limits.trial { " " span class="quiet when" { "trial: " (words::counted(limits.n, "month", "months")) } }
        } @else {
            span class="quiet" { "none" }
        }
    }
}

fn change(row: &MatrixRow<'_>) -> Markup {
    match row.spc.current() {
        None => html! { span class="quiet" { "not charted" } },
        Some(limits) if limits.trial => html! { span class="quiet" { "too early to say" } },
        Some(_) => row.spc.latest(row.series).map_or_else(
            || html! { span class="quiet" { "too much is blank to say" } },
            signal_words,
        ),
    }
}

fn position(row: &MatrixRow<'_>) -> Markup {
    let place = row
        .comparison
        .and_then(|c| Some((c.period, c.of(&row.series.force)?.position?)));
    let Some((period, position)) = place else {
        return html! { span class="quiet" { "no comparison" } };
    };
    let elsewhen = row.series.latest().is_some_and(|r| r.period != period);
    html! {
        @match position {
            Position::Lower => "lower than other forces",
            Position::Similar => "similar to other forces",
            Position::Higher => "higher than other forces",
        }
        @if elsewhen { span class="quiet" { ", " (period.long()) } }
    }
}

fn spark(row: &MatrixRow<'_>) -> Markup {
    let readings = &row.series.readings;
    let start = readings.len().saturating_sub(SPARK_MONTHS);
    let Some(first) = readings.get(start).map(|r| r.period) else {
        return html! {};
    };
    let values: Vec<Option<f64>> = readings[start..].iter().map(|r| r.value).collect();
    let place = |month: peelian_model::Month| usize::try_from(month.since(first).max(0)).ok();
    let limits: Vec<_> = row
        .spc
        .limits
        .iter()
        .filter(|l| l.last >= first)
        .filter_map(|l| Some((place(l.first)?, place(l.last)?, l.lower, l.mean, l.upper)))
        .collect();
    let common = peelian_model::Variation::CommonCause;
    let last = row
        .series
        .latest()
        .map(|_| row.spc.latest(row.series).unwrap_or(common));
    peelian_chart::sparkline(&values, &limits, last)
}
