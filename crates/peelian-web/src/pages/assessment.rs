//! `/forces/{force}/assessment/{area}/`: what the evidence held says of each
//! characteristic of good, beside the inspectorate's own grade.

use std::collections::HashMap;

use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use peelian_assess::{
    AreaAssessment, Assessment, CharacteristicJudgement, EvidenceItem, Framework, LABEL, Missing,
    NOT_FOR, Provenance, WantedKind,
};
use peelian_model::{CharacteristicStatus, Force, Grade, MeasureId};

use super::force::inspector;
use super::not_found;
use crate::Snapshot;
use crate::components::{Page, downloads, layout};
use crate::respond;
use crate::site::Current;
use crate::table::{Cell, Row, Table};
use crate::words::{self, counted, date};

pub(crate) async fn page(
    site: Current,
    Path((force, area)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let Some(force) = site.force(&force) else {
        return not_found::page(&site, &force);
    };
    let asked = query.get("framework").map(String::as_str);
    let Some((framework, assessment)) = find(&site, force, &area, asked) else {
        return not_found::page(&site, &area);
    };
    let Some(found) = assessment.areas.iter().find(|a| a.area.as_str() == area) else {
        return not_found::page(&site, &area);
    };
    let path = format!("/forces/{}/assessment/{}", force.id, found.area);
    let view = Page {
        title: format!("{}, {}, {}", found.name, force.name, framework.title),
        about: format!(
            "What the figures held can tell of {}: {}.",
            force.name, found.name
        ),
        path: format!("{path}/"),
        crumbs: vec![
            ("Forces".to_owned(), "/forces/".to_owned()),
            (force.name.clone(), format!("/forces/{}/", force.id)),
        ],
        tables: Some(path.clone()),
        body: html! {
            div class="page-head" {
                p class="caption" { (force.name) " · " (framework.title) }
                h1 { (found.name) }
            }
            p class="label" { strong { (LABEL) "." } " " (NOT_FOR) }
            (summary(&site, found))
            (choose(&site, &path, framework, found))
            (characteristics(&site, force, found))
            (load_first(found))
            (missing(found))
            section class="beside" {
                h2 id="about" { "About this assessment" }
                @if let Some(note) = &found.note { p { (note) } }
                p {
                    "Made for " (date(&assessment.as_at)) " from public figures; it no longer holds after "
                    (date(&assessment.expires)) ". " (share(found))
                }
                p { "Characteristics are in our own words after " a href=(framework.source_url) { (framework.title) " of the inspectorate" } ". Areas are not summed, ranked or compared between forces." }
                ul { @for note in &framework.notes { li { (note) } } }
                p { a href="/methods/#assessment" { "How an assessment is made" } }
            }
            (downloads(&path, false, "Characteristics"))
        },
    };
    respond::page(layout(&site, &view))
}

/// The framework asked for, else the newest that knows the area.
fn find<'a>(
    snapshot: &'a Snapshot,
    force: &Force,
    area: &str,
    asked: Option<&str>,
) -> Option<(&'a Framework, Assessment)> {
    let knows = |f: &&Framework| f.areas.iter().any(|a| a.id.as_str() == area);
    let framework = match asked {
        Some(id) => snapshot.framework(Some(id)).filter(knows)?,
        None => snapshot.frameworks.all().iter().find(knows)?,
    };
    Some((framework, snapshot.assessment(&force.id, framework)?))
}

fn summary(snapshot: &Snapshot, area: &AreaAssessment) -> Markup {
    let counts = CharacteristicStatus::ALL.map(|status| area.count(status));
    html! {
        div class="assessed" {
            div {
                p { "Characteristics of good, from the figures held" }
                (peelian_chart::divided_bar(counts))
            }
            div class="assessed-grade" {
                p { (inspector(snapshot, area)) }
                @if let Some(inspector) = area.inspector.as_ref().filter(|_| !snapshot.is_synthetic()) {
                    @if let Some(note) = &inspector.note { p class="quiet" { (note) } }
                    p class="quiet" { "Known because: " (inspector.basis.words()) ". " a href=(inspector.source_url) { "Where it was read" } }
                }
            }
        }
    }
}

/// Other frameworks that know the area, and those not loaded.
fn choose(snapshot: &Snapshot, path: &str, current: &Framework, area: &AreaAssessment) -> Markup {
    html! {
        nav class="frameworks" aria-label="Framework" {
            p { "Framework:" }
            ul {
                @for framework in snapshot.frameworks.all().iter().filter(|f| f.area(&area.area).is_some()) {
                    li {
                        a href=(format!("{path}/?framework={}", framework.id))
                            aria-current=[(framework.id == current.id).then_some("true")] { (framework.title) }
                    }
                }
            }
        }
        @if !snapshot.frameworks.not_loaded().is_empty() {
            details class="govuk-details" {
                summary class="govuk-details__summary" {
                    span class="govuk-details__summary-text" { "Frameworks that are not loaded" }
                }
                div class="govuk-details__text" {
                    @for missing in snapshot.frameworks.not_loaded() {
                        p { strong { (missing.title) ": " } (missing.reason) }
                    }
                }
            }
        }
    }
}

fn characteristics(snapshot: &Snapshot, force: &Force, area: &AreaAssessment) -> Markup {
    html! {
        section {
            h2 id="characteristics" { "Characteristics of good" }
            @for judgement in &area.characteristics {
                article class="characteristic" {
                    h3 { (judgement.text) }
                    p class="characteristic-status" { (status(judgement.status)) " " span class="quiet" { (judgement.why) } }
                    dl {
                        (evidence(snapshot, force, area, "For", &judgement.evidence_for))
                        (evidence(snapshot, force, area, "Against", &judgement.evidence_against))
                        (evidence(snapshot, force, area, "Held, speaks neither way", &judgement.evidence_neither))
                        @if !judgement.missing.is_empty() {
                            div { dt { "Missing" } dd { (missing_titles(area, judgement)) } }
                        }
                    }
                    @if judgement.asked != Provenance::Read {
                        p class="quiet" { "That the inspectorate asks for it is " (judgement.asked.words()) "." }
                    }
                }
            }
        }
    }
}

/// The shape and the words of a status.
fn status(status: CharacteristicStatus) -> Markup {
    let shape = match status {
        CharacteristicStatus::Shown => "■",
        CharacteristicStatus::PartlyShown => "◧",
        CharacteristicStatus::NotShown => "□",
        CharacteristicStatus::CannotTell => "?",
    };
    html! { strong class="status" { span aria-hidden="true" { (shape) } " " (status.words()) } }
}

fn evidence(
    snapshot: &Snapshot,
    force: &Force,
    area: &AreaAssessment,
    heading: &str,
    measures: &[MeasureId],
) -> Markup {
    let items: Vec<&EvidenceItem> = measures
        .iter()
        .filter_map(|m| area.evidence_of(m))
        .collect();
    html! {
        @if !items.is_empty() {
            div {
                dt { (heading) }
                dd {
                    ul { @for item in items { li { (evidence_item(snapshot, force, item)) } } }
                }
            }
        }
    }
}

fn evidence_item(snapshot: &Snapshot, force: &Force, item: &EvidenceItem) -> Markup {
    html! {
        @if snapshot.measure(item.measure.as_str()).is_some() {
            a href=(format!("/forces/{}/measures/{}/", force.id, item.measure)) { (item.title) }
        } @else { (item.title) }
        @if let Some(value) = item.value { ": " (words::amount(item.unit, value)) }
        ", " (item.period.long()) " (" (age(item)) "). " (item.why)
    }
}

fn age(item: &EvidenceItem) -> String {
    match item.age_months {
        n if n <= 0 => "this month".to_owned(),
        n => format!(
            "{} old{}",
            counted(n as usize, "month", "months"),
            if item.current { "" } else { ", stale" }
        ),
    }
}

/// What a characteristic asks for and is not held, by name.
fn missing_titles(area: &AreaAssessment, judgement: &CharacteristicJudgement) -> String {
    let titles: Vec<String> = judgement
        .missing
        .iter()
        .map(|id| {
            area.missing
                .iter()
                .find(|m| &m.id == id)
                .map_or_else(|| id.clone(), |m| words::lower_first(&m.title))
        })
        .collect();
    format!("{}.", words::upper_first(&words::list(&titles)))
}

fn load_first(area: &AreaAssessment) -> Markup {
    html! {
        @if !area.missing.is_empty() {
            section class="beside" {
                h2 id="change" { "What would change it" }
                p { "The " (counted(area.load_first().len(), "thing", "things")) " to load first:" }
                ol class="load-first" {
                    @for item in area.load_first() {
                        li { strong { (item.title) "." } " " (item.needs) " " (how(&item.how)) }
                    }
                }
            }
        }
    }
}

fn missing(area: &AreaAssessment) -> Markup {
    html! {
        @if area.missing.len() > area.load_first().len() {
            section class="beside" {
                h2 id="missing" { "Everything that is missing" }
                p { "What an inspector would ask and the figures held cannot answer." }
                ul class="plain-list missing" {
                    @for item in &area.missing { (missing_item(item)) }
                }
            }
        }
    }
}

fn missing_item(item: &Missing) -> Markup {
    html! {
        li {
            strong { (item.title) }
            @if item.kind == WantedKind::Review { span class="quiet" { " (a review by people)" } }
            span class="needs" { (item.needs) }
        }
    }
}

/// Commands between back-ticks stand in the face of code.
fn how(text: &str) -> Markup {
    html! {
        @for (i, part) in text.split('`').enumerate() {
            @if i % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn share(area: &AreaAssessment) -> String {
    let with = area
        .characteristics
        .iter()
        .filter(|c| c.has_evidence)
        .count();
    format!(
        "{} of {} have evidence less than 12 months old that can speak either way.",
        with,
        counted(
            area.characteristics.len(),
            "characteristic",
            "characteristics"
        )
    )
}

pub(crate) async fn table(
    site: Current,
    Path((force, file)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let asked = query.get("framework").map(String::as_str);
    respond::file(&site, &file, |area| {
        let force = site.force(&force)?;
        let (framework, assessment) = find(&site, force, area, asked)?;
        let found = assessment.areas.iter().find(|a| a.area.as_str() == area)?;
        let rows = found
            .characteristics
            .iter()
            .map(|j| row(&site, framework, &assessment, found, j))
            .collect();
        let title = format!("{}, {}, {}", found.name, force.name, framework.title);
        Some(Table::new(&site, title, &COLUMNS, rows))
    })
}

const COLUMNS: [&str; 17] = [
    "force",
    "framework",
    "area",
    "characteristic",
    "text",
    "status",
    "why",
    "evidence_for",
    "evidence_against",
    "evidence_neither",
    "missing",
    "inspector_grade",
    "inspector_published",
    "inspector_basis",
    "label",
    "as_at",
    "expires",
];

fn row(
    snapshot: &Snapshot,
    framework: &Framework,
    assessment: &Assessment,
    area: &AreaAssessment,
    judgement: &CharacteristicJudgement,
) -> Row {
    let join = |ids: &[MeasureId]| {
        ids.iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let inspector = area.inspector.as_ref().filter(|_| !snapshot.is_synthetic());
    vec![
        ("force", Cell::from(assessment.force.as_str())),
        ("framework", framework.id.as_str().into()),
        ("area", area.area.as_str().into()),
        ("characteristic", judgement.id.as_str().into()),
        ("text", judgement.text.as_str().into()),
        ("status", judgement.status.as_str().into()),
        ("why", judgement.why.as_str().into()),
        ("evidence_for", join(&judgement.evidence_for).into()),
        ("evidence_against", join(&judgement.evidence_against).into()),
        ("evidence_neither", join(&judgement.evidence_neither).into()),
        ("missing", judgement.missing.join(" ").into()),
        (
            "inspector_grade",
            inspector.and_then(|i| i.grade).map(Grade::as_str).into(),
        ),
        (
            "inspector_published",
            inspector.and_then(|i| i.published.clone()).into(),
        ),
        ("inspector_basis", inspector.map(|i| i.basis.words()).into()),
        ("label", LABEL.into()),
        ("as_at", assessment.as_at.as_str().into()),
        ("expires", assessment.expires.as_str().into()),
    ]
}
