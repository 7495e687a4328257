//! How to save and how to quote what a page shows.

use maud::{Markup, html};
use peelian_readings::MeasureEntry;

use crate::Snapshot;
use crate::snapshot::as_at;
use crate::words;

/// Links to the same content as files. `name` says what of, for those who
/// hear links one by one.
pub(crate) fn downloads(tables: &str, svg: bool, name: &str) -> Markup {
    html! {
        p class="downloads" {
            "Download " span class="govuk-visually-hidden" { (name) ":" } " "
            a href=(format!("{tables}.csv")) { "CSV" } " "
            a href=(format!("{tables}.json")) { "JSON" }
            @if svg { " " a href=(format!("{tables}.svg")) { "SVG" } }
        }
    }
}

/// The text to quote a figure by.
pub(crate) fn citation(
    snapshot: &Snapshot,
    entry: &MeasureEntry,
    place: &str,
    period: &str,
    path: &str,
) -> Markup {
    let as_at =
        as_at(entry).map_or_else(String::new, |d| format!(", files of {}", words::date(&d)));
    html! {
        p class="citation" {
            @if snapshot.is_synthetic() { strong { "SYNTHETIC DATA." } " " }
            "Peelian, " (entry.measure.title) ", " (place) ", " (period) (as_at)
            ". Calculation " (entry.version) ", generation "
            (snapshot.catalogue.generation().number) ". " (path)
        }
    }
}
