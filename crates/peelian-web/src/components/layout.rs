//! What stands around every page.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::Snapshot;
use crate::assets;
use crate::words::{self, NOT_FOR, counted};

/// A step of the way to a page.
pub(crate) type Crumb = (String, String);

/// A page before its frame is put around it.
pub(crate) struct Page {
    /// Unique over the site.
    pub(crate) title: String,
    /// What the page is about in one sentence, for search engines.
    pub(crate) about: String,
    /// Its address.
    pub(crate) path: String,
    /// The way to it, name and address, without the home page and itself.
    pub(crate) crumbs: Vec<Crumb>,
    /// Address, without extension, of the same content as CSV and JSON.
    pub(crate) tables: Option<String>,
    /// Everything inside `main`.
    pub(crate) body: Markup,
}

const NAVIGATION: [(&str, &str); 5] = [
    ("/forces/", "Forces"),
    ("/measures/", "Measures"),
    ("/data/", "Data"),
    ("/methods/", "Methods"),
    ("/about/", "About"),
];

/// The whole document.
pub(crate) fn layout(snapshot: &Snapshot, page: &Page) -> Markup {
    let synthetic = snapshot.is_synthetic();
    html! {
        (DOCTYPE)
        html lang="en-GB" class="govuk-template" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title {
                    (page.title) @if synthetic { " – SYNTHETIC DATA" } " – Peelian"
                }
                meta name="description" content=(page.about);
                meta name="color-scheme" content="light dark";
                @if synthetic { meta name="robots" content="noindex"; }
                link rel="stylesheet" href=(assets::style());
                link rel="icon" href=(assets::favicon()) type="image/svg+xml";
                @if let Some(tables) = &page.tables {
                    link rel="alternate" type="text/csv" href=(format!("{tables}.csv"));
                    link rel="alternate" type="application/json" href=(format!("{tables}.json"));
                }
            }
            body class="govuk-template__body" {
                a href="#main" class="govuk-skip-link" { "Skip to main content" }
                (header(&page.path))
                (standing(snapshot))
                div class="govuk-width-container" {
                    (breadcrumbs(page))
                    main id="main" class="page" tabindex="-1" { (page.body) }
                }
                (footer(snapshot))
            }
        }
    }
}

fn header(path: &str) -> Markup {
    html! {
        header class="site-header" {
            div class="govuk-width-container" {
                a class="wordmark" href="/" { (PreEscaped(assets::glyph())) "Peelian" }
                nav class="site-nav" aria-label="Main" {
                    ul {
                        @for (address, name) in NAVIGATION {
                            li {
                                a href=(address) aria-current=[current(path, address)] { (name) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// “page” on the page itself, “true” on what lies below it.
fn current(path: &str, address: &str) -> Option<&'static str> {
    if path == address {
        Some("page")
    } else {
        path.starts_with(address).then_some("true")
    }
}

/// Where the data stand, in one line.
fn standing(snapshot: &Snapshot) -> Markup {
    let holdings = &snapshot.holdings;
    let figures = holdings.last.map_or_else(
        || "No records are held".to_owned(),
        |month| format!("Figures to {}", month.long()),
    );
    let files = holdings
        .as_at
        .as_deref()
        .map_or_else(String::new, |d| format!(" · files of {}", words::date(d)));
    let gaps = match holdings.gaps {
        0 => " · no gaps".to_owned(),
        n => format!(" · {}", counted(n, "gap", "gaps")),
    };
    html! {
        div class="standing" role="region" aria-label="Where the data stand" {
            div class="govuk-width-container" {
                @if snapshot.is_synthetic() {
                    p { strong class="synthetic" { "SYNTHETIC DATA" } " Invented forces, no real place or person." }
                }
                p { a href="/data/" { (figures) (files) (gaps) } }
            }
        }
    }
}

fn breadcrumbs(page: &Page) -> Markup {
    if page.path == "/" {
        return html! {};
    }
    html! {
        nav class="govuk-breadcrumbs" aria-label="Breadcrumb" {
            ol class="govuk-breadcrumbs__list" {
                li class="govuk-breadcrumbs__list-item" {
                    a class="govuk-breadcrumbs__link" href="/" { "Home" }
                }
                @for (name, address) in &page.crumbs {
                    li class="govuk-breadcrumbs__list-item" {
                        a class="govuk-breadcrumbs__link" href=(address) { (name) }
                    }
                }
            }
        }
    }
}

fn footer(snapshot: &Snapshot) -> Markup {
    let mut licences: Vec<&str> = Vec::new();
    for source in &snapshot.catalogue.generation().sources {
        if !licences.contains(&source.attribution.as_str()) {
            licences.push(&source.attribution);
        }
    }
    html! {
        footer class="site-footer" {
            div class="govuk-width-container" {
                ul {
                    li { a href="/methods/" { "Methods" } }
                    li { a href="/accessibility/" { "Accessibility" } }
                    li { a href="/data/" { "Sources and gaps" } }
                    li { a href="/about/" { "About" } }
                }
                @if snapshot.is_synthetic() {
                    p { strong { "SYNTHETIC DATA." } " Every force, place and figure here is invented." }
                }
                @for licence in licences { p { (licence) } }
                p { (NOT_FOR) ". These are not official statistics." }
                p { "Peelian " (env!("CARGO_PKG_VERSION")) " · figures computed " (words::date(&snapshot.catalogue.generation().computed_at)) }
            }
        }
    }
}
