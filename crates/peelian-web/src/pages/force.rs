//! `/forces/{force}/`: one force, every measure, and its inspections.

use axum::extract::Path;
use axum::response::{Redirect, Response};
use maud::{Markup, html};
use peelian_assess::{AreaAssessment, CYCLES_APART, Cycle, LABEL};
use peelian_model::{CharacteristicStatus, Evidence, Force, LocalPolicingBody, Measure};

use super::{home, not_found};
use crate::Snapshot;
use crate::components::{MatrixRow, Page, downloads, grade_strip, layout, matrix};
use crate::figures;
use crate::respond;
use crate::site::Current;
use crate::table::Table;
use crate::words::{self, counted};

pub(crate) async fn page(site: Current, Path(force): Path<String>) -> Response {
    let Some(force) = site.force(&force) else {
        return not_found::page(&site, &force);
    };
    let path = format!("/forces/{}/", force.id);
    let changes: Vec<_> = site
        .changes
        .iter()
        .filter(|c| c.force == force.id)
        .collect();
    let looked_at = site.looked_at.get(&force.id).copied().unwrap_or_default();
    let view = Page {
        title: force.name.clone(),
        about: format!(
            "{}: every measure with its usual range, and its inspections.",
            force.name
        ),
        path: path.clone(),
        crumbs: vec![("Forces".to_owned(), "/forces/".to_owned())],
        tables: Some(format!("/forces/{}", force.id)),
        body: html! {
            div class="page-head" {
                h1 { (force.name) }
                (people(&site, force))
                (held_to_account(&site, force))
            }
            (home::changes(&site, &changes, looked_at, false))
            (measures(&site, force))
            (downloads(&format!("/forces/{}", force.id), false, "Latest figures"))
            (inspection(&site, force))
            (history(&site, force))
        },
    };
    respond::page(layout(&site, &view))
}

fn people(snapshot: &Snapshot, force: &Force) -> Markup {
    html! {
        p class="under" {
            @match snapshot.catalogue.generation().people.get(&force.id) {
                Some((people, year)) => {
                    "Serves " (words::number(*people)) " people (estimate for mid-" (year) "). "
                },
                None => "No population is loaded for this force, so no rate per 1,000 people can be given. ",
            }
            a href="/data/" { "What is held" }
        }
    }
}

/// The local policing body: a role with successors, never a person.
fn held_to_account(snapshot: &Snapshot, force: &Force) -> Markup {
    let bodies: Vec<_> = snapshot
        .catalogue
        .generation()
        .bodies
        .iter()
        .filter(|b| b.force == force.id)
        .collect();
    let Some((now, before)) = bodies.split_last() else {
        return html! {};
    };
    let since = |body: &LocalPolicingBody| {
        let from = body.validity.from.as_deref()?;
        Some(match body.evidence {
            Evidence::Stated => words::date(from),
            Evidence::Recalled => format!("{} (date to be checked)", words::date(from)),
        })
    };
    html! {
        p class="under" {
            "Held to account by the " (now.name)
            @if let Some(since) = since(now) { " since " (since) }
            @for body in before.iter().rev() {
                "; before by the " (body.name)
                @if let Some(since) = since(body) { ", from " (since) }
            }
            "."
        }
    }
}

/// The measures of the catalogue, by inspected area.
fn measures(snapshot: &Snapshot, force: &Force) -> Markup {
    html! {
        @for (area, measures) in snapshot.by_area() {
            @let rows = rows(snapshot, force, &measures);
            section {
                h2 { (area) }
                @if rows.is_empty() {
                    p { "No record of this force that speaks to this area is loaded. " a href="/data/" { "See what is held" } "." }
                } @else {
                    (matrix(&format!("{area}: measures of {}", force.name), "Measure", true, &rows))
                }
            }
        }
    }
}

fn rows<'a>(
    snapshot: &'a Snapshot,
    force: &'a Force,
    measures: &[&'a Measure],
) -> Vec<MatrixRow<'a>> {
    measures
        .iter()
        .filter_map(|&measure| {
            Some(MatrixRow {
                name: html! {
                    a href=(format!("/forces/{}/measures/{}/", force.id, measure.id)) { (measure.title) }
                },
                measure,
                series: snapshot.catalogue.series(&measure.id, &force.id)?,
                spc: snapshot.catalogue.spc(&measure.id, &force.id)?,
                comparison: snapshot.comparison(&measure.id, Some(&force.id)),
            })
        })
        .collect()
}

/// The areas of the newest framework: what can be told of each from the
/// figures held, and the inspectorate's own grade.
fn inspection(snapshot: &Snapshot, force: &Force) -> Markup {
    let Some(framework) = snapshot.frameworks.newest() else {
        return html! {};
    };
    let Some(assessment) = snapshot.assessment(&force.id, framework) else {
        return html! {};
    };
    html! {
        section {
            h2 id="inspection" { "What the figures can tell an inspector" }
            p {
                "For each area of " (framework.title) ": how many characteristics of good the figures held show, partly show, do not show, or cannot tell. "
                strong { (LABEL) "." }
            }
            ul class="plain-list strip" {
                @for area in &assessment.areas { (strip_row(snapshot, force, area)) }
            }
        }
    }
}

fn strip_row(snapshot: &Snapshot, force: &Force, area: &AreaAssessment) -> Markup {
    let counts = CharacteristicStatus::ALL.map(|status| area.count(status));
    html! {
        li {
            h3 { a href=(format!("/forces/{}/assessment/{}/", force.id, area.area)) { (area.name) } }
            div class="strip-bar" { (peelian_chart::divided_bar(counts)) }
            div class="strip-grade" { (inspector(snapshot, area)) }
        }
    }
}

/// The inspectorate's grade, or why none stands here.
pub(crate) fn inspector(snapshot: &Snapshot, area: &AreaAssessment) -> Markup {
    html! {
        span class="quiet" { "Published grade: " }
        @if snapshot.is_synthetic() {
            span { "none, the force is invented" }
        } @else {
            @match (&area.inspector, area.graded) {
                (Some(inspector), _) if inspector.grade.is_some() => {
                    @if let Some(grade) = inspector.grade { (grade_strip(grade, 5)) }
                    @if let Some(published) = &inspector.published { " " span class="quiet when" { (words::date(published)) } }
                    @if inspector.basis == peelian_assess::Basis::Inferred { span class="quiet" { " (inferred)" } }
                },
                (_, false) => span { "not graded" },
                (Some(_), true) => span { "not found" },
                (None, true) => span { "none loaded" },
            }
        }
    }
}

/// Published grades, each cycle by itself.
fn history(snapshot: &Snapshot, force: &Force) -> Markup {
    let cycles = if snapshot.is_synthetic() {
        Vec::new()
    } else {
        snapshot.grades.history(&force.id)
    };
    html! {
        @if !cycles.is_empty() {
            section {
                h2 id="history" { "Inspections so far" }
                p { (CYCLES_APART) " Each stands by itself below; a grade in one says nothing about the way to the next." }
                div class="cycles" {
                    @for cycle in &cycles { (cycle_table(cycle)) }
                }
            }
        }
    }
}

fn cycle_table(cycle: &Cycle<'_>) -> Markup {
    // “Adequate” came with 2021/22.
    let cells = if cycle.framework.as_str() == "peel-2018-19" {
        4
    } else {
        5
    };
    html! {
        div class="cycle" {
            h3 { (cycle.cycle) }
            dl {
                @for row in &cycle.grades {
                    div {
                        dt { (row.area_name) }
                        dd {
                            @match row.grade {
                                Some(grade) => (grade_strip(grade, cells)),
                                None if row.basis == peelian_assess::Basis::Unsourced => span class="quiet" { "not found" },
                                None => span class="quiet" { "not graded" },
                            }
                            @if let Some(published) = row.published { " " span class="quiet when" { (words::date(&published.to_string())) } }
                            @if row.basis == peelian_assess::Basis::Inferred { " " span class="quiet" { "(inferred)" } }
                        }
                    }
                }
            }
            p class="quiet" { (counted(cycle.grades.len(), "area", "areas")) @if cells == 4 { "; four grades" } }
        }
    }
}

/// The lists of a force's measures and areas are on its own page.
pub(crate) async fn up() -> Redirect {
    Redirect::to("../")
}

pub(crate) async fn table(site: Current, Path(file): Path<String>) -> Response {
    respond::file(&site, &file, |id| {
        let force = site.force(id)?;
        let rows = site
            .measures()
            .filter_map(|m| {
                figures::of_latest(
                    &site,
                    site.catalogue.entry(&m.id)?,
                    force,
                    site.catalogue.series(&m.id, &force.id)?,
                    site.catalogue.spc(&m.id, &force.id)?,
                )
            })
            .collect();
        Some(Table::new(
            &site,
            format!("Latest figures, {}", force.name),
            &figures::COLUMNS,
            rows,
        ))
    })
}
