//! `/measures/{measure}/definition/`: the definition as it is published.

use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use peelian_model::{Measure, Unit};
use peelian_readings::{MeasureEntry, direction_for_signals};

use super::measure::dated;
use super::not_found;
use crate::components::{Page, layout, scroll, source_list};
use crate::respond;
use crate::site::Current;
use crate::words::{self, date};

pub(crate) async fn page(site: Current, Path(measure): Path<String>) -> Response {
    let Some(entry) = site.measure(&measure) else {
        return not_found::page(&site, &measure);
    };
    let measure = &entry.measure;
    let view = Page {
        title: format!("Definition: {}", measure.title),
        about: measure.definition.clone(),
        path: format!("/measures/{}/definition/", measure.id),
        crumbs: vec![
            ("Measures".to_owned(), "/measures/".to_owned()),
            (measure.title.clone(), format!("/measures/{}/", measure.id)),
        ],
        tables: None,
        body: html! {
            div class="page-head" {
                p class="caption" { "Definition" }
                h1 { (measure.title) }
            }
            p class="lead" { (measure.definition) }
            (formula(measure))
            dl class="govuk-summary-list" {
                (row("Why it matters", &html! { (measure.why) }))
                (row("What it does not tell", &html! { (measure.limits) }))
                (row("Which way is better", &html! {
                    (direction_for_signals(measure).words())
                    @if measure.recorded { " It is made of what was recorded, so fewer can mean worse recording." }
                }))
                (row("Unit", &html! { (unit(measure)) }))
                (row("Finest place shown", &html! {
                    @match measure.publish.as_ref() { Some(p) => { (words::upper_first(&p.grain)) ". " (p.rule) }, None => "Not published." }
                }))
                @if measure.fewest > 0 {
                    (row("Fewest events", &html! { "Below " (measure.fewest) " no figure is given: “too few to say”." }))
                }
                (row("Standards", &standards(measure)))
                (row("Speaks to", &html! { (site.area_name(&measure.area)) }))
                (row("Written by", &html! { (words::upper_first(&measure.review.author_role)) }))
                (row("Reviewed", &html! { (date(&measure.review.reviewed)) "; next by " (date(&measure.review.next_review)) }))
                (row("Calculation", &html! { code { (entry.version) } }))
            }
            section class="beside" {
                h2 id="caveats" { "Warnings" }
                @if measure.caveats.is_empty() { p { "None beyond what it does not tell." } }
                @else { ul { @for caveat in &measure.caveats { li { (caveat.text) (dated(caveat)) } } } }
            }
            section class="beside" {
                h2 id="query" { "The query" }
                p { "This is the query that gave the figures, word for word." }
                (query(entry))
            }
            section class="beside" {
                h2 id="sources" { "Sources" }
                (source_list(&entry.sources))
            }
            section class="beside" {
                h2 id="changes" { "Changes to the definition" }
                @if measure.changes.is_empty() { p { "None so far." } }
                @else { ul { @for change in &measure.changes { li { (change_line(change)) } } } }
            }
        },
    };
    respond::page(layout(&site, &view))
}

fn row(key: &str, value: &Markup) -> Markup {
    html! {
        div class="govuk-summary-list__row" {
            dt class="govuk-summary-list__key" { (key) }
            dd class="govuk-summary-list__value" { (value) }
        }
    }
}

/// Numerator over denominator, in words.
fn formula(measure: &Measure) -> Markup {
    let times = match measure.unit {
        Unit::Percent => " × 100",
        Unit::Per1000 => " × 1,000",
        Unit::Ratio | Unit::Count => "",
    };
    let under = match measure.unit {
        Unit::Per1000 => "people served",
        _ => measure.denominator_words.as_str(),
    };
    html! {
        p class="formula" {
            span class="formula-part" { (words::upper_first(&measure.numerator_words)) }
            span { " ÷ " } span class="formula-part" { (under) } span { (times) }
        }
    }
}

fn unit(measure: &Measure) -> String {
    let unit = match measure.unit {
        Unit::Per1000 => "Events in the month per 1,000 people; not a yearly rate",
        Unit::Percent => "Per cent, 0 to 100",
        Unit::Ratio => "A plain ratio",
        Unit::Count => "A number of events",
    };
    if measure.months > 1 {
        format!("{unit}. Each figure spans {} months.", measure.months)
    } else {
        format!("{unit}.")
    }
}

fn standards(measure: &Measure) -> Markup {
    html! {
        @if measure.standards.is_empty() {
            "None was found with a source."
        } @else {
            @for standard in &measure.standards {
                p {
                    (words::amount(measure.unit, standard.value)) ", set by " (standard.authority)
                    ", from " (standard.from.long())
                    @if let Some(to) = standard.to { " to " (to.long()) }
                    ". " a href=(standard.source_url) { "Source" }
                }
            }
        }
    }
}

fn query(entry: &MeasureEntry) -> Markup {
    if entry.sql.trim().is_empty() {
        return html! { p { "The query is not held." } };
    }
    scroll("Query", &html! { pre { code { (entry.sql.trim_end()) } } })
}

/// “22 November 2026: first definition.” from the line of the file.
fn change_line(change: &str) -> String {
    match change.split_once(':') {
        Some((day, what)) => format!("{}:{what}", date(day)),
        None => change.to_owned(),
    }
}
