//! `/forces/`: every force with any record.

use std::collections::HashMap;

use axum::extract::Query;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::html;
use peelian_model::AreaCode;

use crate::Snapshot;
use crate::components::{Page, downloads, layout, scroll};
use crate::respond;
use crate::site::Current;
use crate::table::{Cell, Table};
use crate::words;

/// The list or, where the home page's form asks for a force, the way to it.
pub(crate) async fn page(site: Current, Query(query): Query<HashMap<String, String>>) -> Response {
    if let Some(force) = query.get("force").and_then(|id| site.force(id))
        && let Ok(place) = HeaderValue::from_str(&format!("/forces/{}/", force.id))
    {
        return (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response();
    }
    let table = html! {
        table class="govuk-table whole-words" {
            caption class="govuk-visually-hidden" { "Forces, the people they serve and the months held" }
            thead { tr {
                th scope="col" { "Force" }
                th scope="col" class="number" { "People served" }
                th scope="col" { "Months held, first to last" }
            } }
            tbody {
                @for force in site.forces() {
                    tr {
                        th scope="row" { a href=(format!("/forces/{}/", force.id)) { (force.name) } }
                        td class="number" {
                            @match site.catalogue.generation().people.get(&force.id) {
                                Some((people, year)) => { (words::number(*people)) span class="quiet when" { "mid-" (year) } },
                                None => span class="quiet" { "no population loaded" },
                            }
                        }
                        td {
                            @match held(&site, &force.id) {
                                Some((first, last)) => { (first.short()) " to " (last.short()) },
                                None => "none",
                            }
                        }
                    }
                }
            }
        }
    };
    let view = Page {
        title: "Forces".to_owned(),
        about: "Every force with records, the people it serves and the months held.".to_owned(),
        path: "/forces/".to_owned(),
        crumbs: Vec::new(),
        tables: Some("/forces".to_owned()),
        body: html! {
            div class="page-head" {
                h1 { "Forces" }
                p class="lead" { (words::counted(site.forces().len(), "force has", "forces have")) " records here, in order of name." }
            }
            (scroll("Forces", &table))
            (downloads("/forces", false, "Forces"))
        },
    };
    respond::page(layout(&site, &view))
}

fn held(
    snapshot: &Snapshot,
    force: &peelian_model::ForceId,
) -> Option<(peelian_model::Month, peelian_model::Month)> {
    let months = || {
        snapshot
            .holdings
            .tables
            .iter()
            .flat_map(|t| &t.forces)
            .filter(|h| &h.force == force)
            .flat_map(|h| h.months.keys().copied())
    };
    months().min().zip(months().max())
}

pub(crate) async fn csv(site: Current) -> Response {
    respond::csv(&table(&site), "forces.csv")
}

pub(crate) async fn json(site: Current) -> Response {
    respond::json(&table(&site), &site)
}

fn table(snapshot: &Snapshot) -> Table {
    let rows = snapshot
        .forces()
        .iter()
        .map(|force| {
            let people = snapshot.catalogue.generation().people.get(&force.id);
            let months = held(snapshot, &force.id);
            vec![
                ("force", Cell::from(force.id.as_str())),
                ("force_name", force.name.as_str().into()),
                (
                    "area_code",
                    force.area.as_ref().map(AreaCode::as_str).into(),
                ),
                ("people", people.map(|p| p.0).into()),
                ("people_year", people.map(|p| f64::from(p.1)).into()),
                ("first_month", months.map(|m| m.0.to_string()).into()),
                ("last_month", months.map(|m| m.1.to_string()).into()),
            ]
        })
        .collect();
    let columns = [
        "force",
        "force_name",
        "area_code",
        "people",
        "people_year",
        "first_month",
        "last_month",
    ];
    Table::new(snapshot, "Forces".to_owned(), &columns, rows)
}
