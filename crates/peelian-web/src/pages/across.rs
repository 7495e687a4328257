//! `/measures/{measure}/`: one measure over all forces, in order of name.

use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use peelian_readings::{Comparison, ForceFigure, MeasureEntry, Position};

use super::not_found;
use crate::Snapshot;
use crate::components::{Page, citation, downloads, issue_list, layout, scroll, source_list};
use crate::drawings::comparison_chart;
use crate::figures;
use crate::respond;
use crate::site::Current;
use crate::table::Table;
use crate::words;

pub(crate) async fn page(site: Current, Path(measure): Path<String>) -> Response {
    let Some(entry) = site.measure(&measure) else {
        return not_found::page(&site, &measure);
    };
    let measure = &entry.measure;
    let path = format!("/measures/{}", measure.id);
    let view = Page {
        title: format!("{}, all forces", measure.title),
        about: format!(
            "{} over all forces, with intervals. Nothing is ranked.",
            measure.title
        ),
        path: format!("{path}/"),
        crumbs: vec![("Measures".to_owned(), "/measures/".to_owned())],
        tables: Some(path.clone()),
        body: html! {
            div class="page-head" {
                p class="caption" { "All forces · " (site.area_name(&measure.area)) }
                h1 { (measure.title) }
            }
            p class="lead" { (measure.definition) }
            p { a href=(format!("{path}/definition/")) { "Full definition, query and changes" } }
            @match site.comparison(&measure.id, None) {
                Some(comparison) => (compared(&site, entry, comparison)),
                None => section {
                    h2 { "No figures yet" }
                    p { "No force has a figure for this measure. It needs: " (sources_needed(entry)) ". " a href="/data/" { "See what is held" } "." }
                },
            }
            section class="beside" {
                h2 id="not-told" { "What this does not tell you" }
                p { (measure.limits) }
                p { "Forces differ in the places and people they serve. A difference between two of them is a reason to ask, not an answer." }
                h3 { "Known issues" }
                (issue_list(&site, site.issues(measure, None)))
            }
            section class="beside" {
                h2 id="sources" { "Source and citation" }
                (source_list(&entry.sources))
                @if let Some(comparison) = site.comparison(&measure.id, None) {
                    h3 { "Quote it as" }
                    (citation(&site, entry, "all forces", &words::period(measure, comparison.period), &format!("{path}/")))
                }
            }
        },
    };
    respond::page(layout(&site, &view))
}

fn sources_needed(entry: &MeasureEntry) -> String {
    words::list(
        &entry
            .measure
            .sources
            .iter()
            .map(|s| s.as_str().replace('-', " "))
            .collect::<Vec<_>>(),
    )
}

fn compared(snapshot: &Snapshot, entry: &MeasureEntry, comparison: &Comparison) -> Markup {
    let measure = &entry.measure;
    let path = format!("/measures/{}", measure.id);
    let drawing = comparison_chart(snapshot, entry, comparison, None);
    html! {
        section {
            h2 id="compared" { (words::upper_first(&words::period(measure, comparison.period))) }
            p {
                "The newest month that nearly all of the forces with this measure have. The "
                (words::counted(comparison.compared(), "force", "forces")) " compared, taken together: "
                strong { (words::amount(measure.unit, comparison.overall)) } "."
                @if comparison.set_aside() > 0 {
                    " Not compared: " (words::counted(comparison.set_aside(), "force", "forces"))
                    " where more than a quarter of the records leave the field blank."
                }
                @if comparison.widened {
                    " Forces differ by more than chance, so the limits are widened to allow for the ordinary difference between forces."
                }
            }
            @if let Some(why) = &comparison.why_none { p { (why) } }
            (drawing.figure("forces", Some(&format!("{path}.csv"))))
            p { a href="/methods/#comparison" { "How forces are compared" } }
        }
        section {
            h2 id="each" { "Each force" }
            p { "In order of name. There is no ranking, because neighbours in a ranking usually cannot be told apart." }
            (scroll("Each force", &forces(snapshot, entry, comparison)))
            (downloads(&path, false, "All forces"))
        }
    }
}

fn forces(snapshot: &Snapshot, entry: &MeasureEntry, comparison: &Comparison) -> Markup {
    let measure = &entry.measure;
    html! {
        table class="govuk-table" {
            caption class="govuk-visually-hidden" { (measure.title) ", each force, " (words::period(measure, comparison.period)) }
            thead { tr {
                th scope="col" { "Force" }
                th scope="col" class="number" { "Value (" (measure.unit.as_str()) ")" }
                th scope="col" class="number" { "95% interval" }
                th scope="col" { "Position" }
            } }
            tbody {
                @for figure in &comparison.forces {
                    tr {
                        th scope="row" { (force_link(snapshot, entry, figure)) }
                        @if let Some(value) = figure.reading.value {
                            td class="number" { (measure.unit.format(value)) }
                            td class="number" { (words::interval(measure.unit, &figure.reading).unwrap_or_else(|| "–".to_owned())) }
                            td { (position(figure)) }
                        } @else {
                            td class="number quiet" { (figure.reading.status.words()) }
                            td class="number quiet" { "–" }
                            td class="quiet" { (position(figure)) }
                        }
                    }
                }
            }
        }
    }
}

fn force_link(snapshot: &Snapshot, entry: &MeasureEntry, figure: &ForceFigure) -> Markup {
    let name = snapshot
        .catalogue
        .force(&figure.force)
        .map_or_else(|| figure.force.to_string(), |f| f.name.clone());
    html! {
        a href=(format!("/forces/{}/measures/{}/", figure.force, entry.measure.id)) { (name) }
    }
}

fn position(figure: &ForceFigure) -> &'static str {
    match figure.position {
        Some(Position::Lower) => "lower than other forces",
        Some(Position::Similar) => "similar to other forces",
        Some(Position::Higher) => "higher than other forces",
        None => "not compared",
    }
}

pub(crate) async fn table(site: Current, Path(file): Path<String>) -> Response {
    respond::file(&site, &file, |id| {
        let entry = site.measure(id)?;
        let columns: Vec<_> = figures::COLUMNS
            .into_iter()
            .filter(|c| *c != "area")
            .chain(["position"])
            .collect();
        let rows = site
            .comparison(&entry.measure.id, None)
            .map(|c| figures::of_comparison(&site, entry, c))
            .unwrap_or_default();
        Some(Table::new(
            &site,
            format!("{}, all forces", entry.measure.title),
            &columns,
            rows,
        ))
    })
}
