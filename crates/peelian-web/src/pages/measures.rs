//! `/measures/`: the library.

use axum::response::Response;
use maud::html;
use peelian_readings::direction_for_signals;

use crate::Snapshot;
use crate::components::{Page, downloads, layout};
use crate::respond;
use crate::site::Current;
use crate::snapshot::as_at;
use crate::table::{Cell, Table};
use crate::words::{counted, date};

pub(crate) async fn page(site: Current) -> Response {
    let view = Page {
        title: "Measures".to_owned(),
        about: "Every measure: the question it answers, its definition and its review.".to_owned(),
        path: "/measures/".to_owned(),
        crumbs: Vec::new(),
        tables: Some("/measures".to_owned()),
        body: html! {
            div class="page-head" {
                h1 { "Measures" }
                p class="lead" {
                    (counted(site.measures().count(), "measure", "measures"))
                    ", by the area of inspection to which each speaks. Every definition is public, with its query, its warnings and its changes."
                }
            }
            @for (area, measures) in site.by_area() {
                section {
                    h2 { (area) }
                    @for measure in measures {
                        div class="library" {
                            h3 { a href=(format!("/measures/{}/", measure.id)) { (measure.title) } }
                            p { (measure.subtitle) ". " (measure.why) }
                            p class="quiet" {
                                (direction_for_signals(measure).words()) " Reviewed " (date(&measure.review.reviewed))
                                ", next by " (date(&measure.review.next_review)) ". "
                                a href=(format!("/measures/{}/definition/", measure.id)) {
                                    "Definition" span class="govuk-visually-hidden" { " of " (measure.title) }
                                }
                            }
                        }
                    }
                }
            }
            (downloads("/measures", false, "Measures"))
        },
    };
    respond::page(layout(&site, &view))
}

pub(crate) async fn csv(site: Current) -> Response {
    respond::csv(&table(&site), "measures.csv")
}

pub(crate) async fn json(site: Current) -> Response {
    respond::json(&table(&site), &site)
}

fn table(snapshot: &Snapshot) -> Table {
    let rows = snapshot
        .measures()
        .map(|m| {
            let entry = snapshot.catalogue.entry(&m.id);
            vec![
                ("measure", Cell::from(m.id.as_str())),
                ("title", m.title.as_str().into()),
                ("inspection_area", m.area.as_str().into()),
                ("unit", m.unit.as_str().into()),
                ("direction", direction_for_signals(m).words().into()),
                ("definition", m.definition.as_str().into()),
                ("status", m.status.as_str().into()),
                ("months", f64::from(m.months).into()),
                ("grain", m.publish.as_ref().map(|p| p.grain.as_str()).into()),
                ("reviewed", m.review.reviewed.as_str().into()),
                ("next_review", m.review.next_review.as_str().into()),
                ("as_at", entry.and_then(as_at).into()),
                ("version", entry.map(|e| e.version.as_str()).into()),
            ]
        })
        .collect();
    let columns = [
        "measure",
        "title",
        "inspection_area",
        "unit",
        "direction",
        "definition",
        "status",
        "months",
        "grain",
        "reviewed",
        "next_review",
        "as_at",
        "version",
    ];
    Table::new(snapshot, "Measures".to_owned(), &columns, rows)
}
