//! `/`: what this is, where the data stand, what changed, where to go.

use axum::response::Response;
use maud::{Markup, html};

use crate::Snapshot;
use crate::components::{Page, layout, signal_words};
use crate::respond;
use crate::site::Current;
use crate::snapshot::{Change, LookedAt};
use crate::words::{self, counted};

/// At most this many sentences about change.
const MOST_CHANGES: usize = 5;

pub(crate) async fn page(site: Current) -> Response {
    let place = place(&site);
    let view = Page {
        title: format!("How policing serves the public in {place}"),
        about: format!(
            "How police forces serve the public in {place}: official records made into figures \
             that say how sure they are."
        ),
        path: "/".to_owned(),
        crumbs: Vec::new(),
        tables: None,
        body: html! {
            div class="page-head home-head" {
                h1 { "How policing serves the public in " (place) }
                p class="lead" {
                    "Official police records, made into figures that say what is known, how sure it is and what is not known. Nothing here ranks forces, and no force has a total score."
                }
                (standing(&site))
            }
            (picker(&site))
            (changes(&site, &site.changes.iter().collect::<Vec<_>>(), total(&site), true))
            (measures(&site))
            (reading())
        },
    };
    respond::page(layout(&site, &view))
}

/// What the forces have in common, to end a sentence with.
fn place(snapshot: &Snapshot) -> &str {
    match snapshot.forces() {
        _ if snapshot.is_synthetic() => "an invented country",
        [force] => force.short_name(),
        _ => "England and Wales",
    }
}

fn total(snapshot: &Snapshot) -> LookedAt {
    snapshot.looked_at.values().copied().sum()
}

fn standing(snapshot: &Snapshot) -> Markup {
    html! {
        @if let Some(last) = snapshot.holdings.last {
            p {
                "Figures to " strong { (last.long()) }
                @if let Some(as_at) = &snapshot.holdings.as_at { ", from files of " (words::date(as_at)) }
                ", for " (counted(snapshot.forces().len(), "force", "forces")) "."
            }
        } @else {
            p {
                "No records are held yet. Load some with " code { "peelian ingest" }
                " and this page fills itself."
            }
        }
    }
}

fn picker(snapshot: &Snapshot) -> Markup {
    html! {
        section {
            h2 id="forces" { "Choose a force" }
            @if snapshot.forces().len() > 6 {
                form class="picker" action="/forces/" method="get" {
                    label class="govuk-label" for="force" { "Force" }
                    div class="picker-row" {
                        select class="govuk-select" id="force" name="force" {
                            @for force in snapshot.forces() { option value=(force.id) { (force.name) } }
                        }
                        button type="submit" class="button" { "Show" }
                    }
                }
            }
            ul class="columns plain-list force-list" {
                @for force in snapshot.forces() {
                    li { a href=(format!("/forces/{}/", force.id)) { (force.name) } }
                }
            }
        }
    }
}

/// At most five signals in sentences, with how many false ones to expect.
pub(crate) fn changes(
    snapshot: &Snapshot,
    changes: &[&Change],
    looked_at: LookedAt,
    name_force: bool,
) -> Markup {
    html! {
        section {
            h2 id="changed" { "What changed" }
            @if looked_at.series == 0 {
                p { "Too early to say: no series has the 12 months that firm limits need." }
            } @else if changes.is_empty() {
                p { "Nothing beyond the usual range in " (counted(looked_at.series, "measure", "measures")) "." (expected(looked_at)) }
            } @else {
                ul class="plain-list changes" {
                    @for change in changes.iter().take(MOST_CHANGES) { (sentence(snapshot, change, name_force)) }
                }
                p class="quiet" {
                    @if changes.len() > MOST_CHANGES {
                        "Shown are " (MOST_CHANGES) " of " (changes.len()) " signals, newest month first, then strongest rule. "
                    } @else {
                        (counted(changes.len(), "signal", "signals")) ". "
                    }
                    "Looked at: " (counted(looked_at.series, "series", "series")) "." (expected(looked_at))
                    " " a href="/methods/#signals" { "How signals are found" }
                }
            }
        }
    }
}

/// A signal without its base rate misleads: how many latest months the rules
/// would mark in series of these lengths though nothing happened.
fn expected(looked_at: LookedAt) -> Markup {
    html! {
        " By chance alone "
        @match looked_at.false_signals.round() as usize {
            0 => "fewer than one false signal is expected.",
            n => { "about " (counted(n, "false signal is", "false signals are")) " expected." },
        }
    }
}

fn sentence(snapshot: &Snapshot, change: &Change, name_force: bool) -> Markup {
    let force = snapshot
        .catalogue
        .force(&change.force)
        .map_or("", |f| f.name.as_str());
    let title = snapshot
        .catalogue
        .entry(&change.measure)
        .map_or("", |e| e.measure.title.as_str());
    html! {
        li {
            span class="change-name" {
                a href=(format!("/forces/{}/measures/{}/", change.force, change.measure)) {
                    (title) @if name_force { ", " (force) }
                }
                (signal_words(change.variation))
            }
            span class="sentence" { (change.sentence) }
        }
    }
}

fn measures(snapshot: &Snapshot) -> Markup {
    html! {
        section {
            h2 id="measures" { "Measures" }
            div class="area-list" {
                @for (area, measures) in snapshot.by_area() {
                    div {
                        h3 { (area) }
                        ul class="plain-list" {
                            @for measure in measures {
                                li { a href=(format!("/measures/{}/", measure.id)) { (measure.title) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn reading() -> Markup {
    html! {
        section class="beside" {
            h2 id="reading" { "Before you quote a figure" }
            ul {
                li { "Recorded crime is what was reported and written down. It can rise because recording improves." }
                li { "A month inside its usual range is no news, up or down." }
                li { "A figure that is missing says why. It never counts as nought." }
                li { "Every page names its source, its date and its calculation version. Quote them with the figure." }
            }
        }
    }
}
