//! `/forces/{force}/measures/{measure}/`: the heart. One measure of one force:
//! what it says, the chart, the comparison, and what it does not say.

use std::collections::HashMap;

use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use peelian_model::{Force, Kind, Measure, Reading, Series, Status, Unit};
use peelian_readings::{
    MeasureEntry, Spc, comparison_sentence, direction_for_signals, headline, is_comparable,
    what_would_have_to_happen,
};

use super::not_found;
use crate::Snapshot;
use crate::components::{
    MatrixRow, Page, citation, downloads, issue_list, layout, matrix, source_list,
};
use crate::drawings::{MONTHS, comparison_chart, spc_chart};
use crate::figures;
use crate::respond;
use crate::site::Current;
use crate::table::Table;
use crate::words::{self, lower_first};

/// One measure of one force, with everything held of it.
struct Subject<'a> {
    snapshot: &'a Snapshot,
    entry: &'a MeasureEntry,
    force: &'a Force,
    series: &'a Series,
    spc: &'a Spc,
}

impl<'a> Subject<'a> {
    fn of(snapshot: &'a Snapshot, force: &str, measure: &str) -> Option<Self> {
        let force = snapshot.force(force)?;
        let entry = snapshot.measure(measure)?;
        Some(Self {
            snapshot,
            entry,
            force,
            series: snapshot.catalogue.series(&entry.measure.id, &force.id)?,
            spc: snapshot.catalogue.spc(&entry.measure.id, &force.id)?,
        })
    }

    fn measure(&self) -> &'a Measure {
        &self.entry.measure
    }

    /// The address without slash or extension.
    fn path(&self) -> String {
        format!("/forces/{}/measures/{}", self.force.id, self.measure().id)
    }
}

pub(crate) async fn page(
    site: Current,
    Path((force, measure)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let Some(subject) = Subject::of(&site, &force, &measure) else {
        return not_found::page(&site, &measure);
    };
    let (measure, force, path) = (subject.measure(), subject.force, subject.path());
    let all = query.get("months").is_some_and(|m| m == "all");
    let view = Page {
        title: format!("{}, {}", measure.title, force.name),
        about: headline(measure, subject.series, subject.spc),
        path: format!("{path}/"),
        crumbs: vec![
            ("Forces".to_owned(), "/forces/".to_owned()),
            (force.name.clone(), format!("/forces/{}/", force.id)),
        ],
        tables: Some(path.clone()),
        body: html! {
            div class="page-head" {
                p class="caption" { (force.name) " · " (site.area_name(&measure.area)) }
                h1 { (measure.title) }
            }
            (answer(&subject))
            (chart(&subject, all))
            (compared(&subject))
            (standard(&subject))
            (districts(&subject))
            (limits_of_it(&subject))
            (definition(&subject))
            (provenance(&subject))
        },
    };
    respond::page(layout(&site, &view))
}

/// The sentence, and the one big number.
fn answer(subject: &Subject<'_>) -> Markup {
    let measure = subject.measure();
    html! {
        div class="answer" {
            p class="answer-words" { (headline(measure, subject.series, subject.spc)) }
            @match subject.series.latest() {
                Some(reading) => (number(subject, reading)),
                None => div class="answer-number" {
                    p class="big big-words" { "No figure" }
                    p class="quiet" {
                        (why_none(subject.series)) " " a href="/data/" { "See what is held and how to load more" } "."
                    }
                },
            }
        }
    }
}

fn number(subject: &Subject<'_>, reading: &Reading) -> Markup {
    let measure = subject.measure();
    let unit = measure.unit;
    html! {
        div class="answer-number" {
            p class="big" { (unit.format(reading.value.unwrap_or_default())) }
            p class="big-under" { (unit_words(measure.unit)) (words::period(measure, reading.period)) }
            dl class="facts" {
                @if let Some(interval) = words::interval(unit, reading) {
                    (fact("95% interval", &interval))
                }
                @if let Some(limits) = subject.spc.current().filter(|_| is_comparable(reading)) {
                    (fact(
                        if limits.trial { "Usual range (on trial)" } else { "Usual range" },
                        &format!("{} to {}", unit.format(limits.lower), unit.format(limits.upper)),
                    ))
                }
                @for (name, value) in counts(measure, reading) { (fact(&name, &value)) }
            }
            @if let Some(note) = status_note(reading.status) { p class="quiet" { (note) } }
            @if let Some(blanks) = blanks(measure, reading) { p class="quiet" { (blanks) } }
        }
    }
}

fn fact(name: &str, value: &str) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}

/// The unit, where the figure does not hold it.
fn unit_words(unit: Unit) -> &'static str {
    match unit {
        Unit::Per1000 => "per 1,000 people, ",
        Unit::Ratio => "times, ",
        Unit::Percent | Unit::Count => "",
    }
}

/// What was counted, and against what.
fn counts(measure: &Measure, reading: &Reading) -> Vec<(String, String)> {
    let Some((numerator, denominator)) = reading.numerator.zip(reading.denominator) else {
        return Vec::new();
    };
    let under = match (measure.kind, reading.denominator_year) {
        (Kind::Rate, Some(year)) => format!("People (mid-{year})"),
        (Kind::Rate, None) => "People".to_owned(),
        _ => words::upper_first(&measure.denominator_words),
    };
    let write = |n: f64| {
        if measure.kind == Kind::Grouped {
            Unit::Ratio.format(n)
        } else {
            words::number(n)
        }
    };
    vec![
        (
            words::upper_first(&measure.numerator_words),
            write(numerator),
        ),
        (under, write(denominator)),
    ]
}

fn status_note(status: Status) -> Option<&'static str> {
    match status {
        Status::Partial => Some("Partial: some rows of this month were set aside as faulty."),
        Status::Provisional => {
            Some("Provisional: expected to change when the source is issued again.")
        }
        _ => None,
    }
}

/// The records left out for blanks, and what they could make of the figure.
fn blanks(measure: &Measure, reading: &Reading) -> Option<String> {
    let share = reading.left_out.filter(|s| *s > 0.0)?;
    let left_out = format!(
        "{} of the records leave the field blank and are left out",
        Unit::Percent.format(share * 100.0)
    );
    Some(match reading.bounds {
        Some((low, high)) => format!(
            "{left_out}. Were every blank to fall the one way or the other, the figure would be {} or {}.",
            measure.unit.format(low),
            measure.unit.format(high)
        ),
        None => format!("{left_out}."),
    })
}

fn why_none(series: &Series) -> String {
    match series.readings.last() {
        Some(last) => format!(
            "{}, {}.",
            words::upper_first(last.status.words()),
            last.period.long()
        ),
        None => "No records are held.".to_owned(),
    }
}

fn chart(subject: &Subject<'_>, all: bool) -> Markup {
    let path = subject.path();
    let drawing = spc_chart(
        subject.snapshot,
        subject.entry,
        subject.force,
        subject.series,
        subject.spc,
        all,
    );
    let held = subject.series.readings.len();
    html! {
        section class="heart" {
            h2 id="over-time" { "Month by month" }
            (drawing.figure("spc", Some(&format!("{path}.csv"))))
            @if let Some(note) = subject.spc.note { p class="quiet" { (note) } }
            div class="chart-tools" {
                (downloads(&path, true, "All months"))
                @if held > MONTHS {
                    p {
                        @if all { a href=(format!("{path}/")) { "Show the last " (MONTHS) " months" } }
                        @else { a href=(format!("{path}/?months=all")) { "Show all " (held) " months" } }
                    }
                }
                p { a href="/methods/#chart" { "How to read this chart" } }
            }
        }
    }
}

fn compared(subject: &Subject<'_>) -> Markup {
    let (snapshot, measure) = (subject.snapshot, &subject.measure().id);
    let newest = snapshot.comparison(measure, None);
    let own = snapshot.comparison(measure, Some(&subject.force.id));
    let Some(comparison) = own.or(newest) else {
        return html! {};
    };
    let path = format!("/measures/{measure}");
    // The file there is of the newest month, which this force may lack.
    let file = newest
        .is_some_and(|newest| newest.period == comparison.period)
        .then(|| format!("{path}.csv"));
    let drawing = comparison_chart(
        subject.snapshot,
        subject.entry,
        comparison,
        Some(subject.force),
    );
    html! {
        section {
            h2 id="compared" { "Beside other forces" }
            @if let Some(sentence) = comparison_sentence(subject.measure(), comparison, &subject.force.id) {
                p class="lead" { (sentence) }
            } @else if let Some(figure) = comparison.of(&subject.force.id).filter(|f| !f.reading.status.has_value()) {
                p class="lead" { "No figure for " (comparison.period.long()) ": " (figure.reading.status.words()) "." }
            }
            @if let Some(why) = &comparison.why_none { p { (why) } }
            (drawing.figure("forces", file.as_deref()))
            p { a href=(format!("{path}/")) { "All forces on this measure" } }
        }
    }
}

fn standard(subject: &Subject<'_>) -> Markup {
    html! {
        section class="beside" {
            h2 id="standard" { "What would have to happen" }
            @match what_would_have_to_happen(subject.measure(), subject.series, subject.spc) {
                Some(sentence) => p { (sentence) },
                None if subject.measure().standards.is_empty() => p {
                    "No standard for this measure has been found with a source, so there is no target to reach and none is drawn."
                },
                None => p { "No standard was in force in the latest month, or too little is known to say." },
            }
        }
    }
}

/// The same measure in each district, where it is published so finely.
fn districts(subject: &Subject<'_>) -> Markup {
    let rows: Vec<MatrixRow<'_>> = subject
        .snapshot
        .catalogue
        .generation()
        .districts
        .iter()
        .filter(|d| d.force == subject.force.id)
        .filter_map(|district| {
            let (series, spc) = subject.snapshot.catalogue.district(
                &subject.measure().id,
                &subject.force.id,
                &district.code,
            )?;
            Some(MatrixRow {
                name: html! { (district.name) },
                measure: subject.measure(),
                series,
                spc,
                comparison: None,
            })
        })
        .collect();
    html! {
        @if !rows.is_empty() {
            section {
                h2 id="districts" { "District by district" }
                p { "In order of name. A district’s range is usually wider than its force’s, because it rests on fewer events." }
                (matrix(&format!("{} by district", subject.measure().title), "District", false, &rows))
                (downloads(&subject.path(), false, "Force and districts"))
            }
        }
    }
}

fn limits_of_it(subject: &Subject<'_>) -> Markup {
    let measure = subject.measure();
    html! {
        section class="beside" {
            h2 id="not-told" { "What this does not tell you" }
            p { (measure.limits) }
            @if measure.recorded {
                p { "It is made of what was recorded. Fewer records can mean less crime or less recording; more records can mean more crime or better recording. The chart cannot tell which." }
            }
            @if !measure.caveats.is_empty() {
                ul { @for caveat in &measure.caveats { li { (caveat.text) (dated(caveat)) } } }
            }
            h3 { "Known issues" }
            (issue_list(subject.snapshot, subject.snapshot.issues(measure, Some(&subject.force.id))))
        }
    }
}

/// When a warning applies, where it does not always.
pub(crate) fn dated(caveat: &peelian_model::Caveat) -> Markup {
    html! {
        @match (caveat.from, caveat.to) {
            (Some(from), Some(to)) => span class="quiet" { " (" (words::months(from, to)) ")" },
            (Some(from), None) => span class="quiet" { " (from " (from.long()) ")" },
            (None, Some(to)) => span class="quiet" { " (to " (to.long()) ")" },
            (None, None) => "",
        }
    }
}

fn definition(subject: &Subject<'_>) -> Markup {
    let measure = subject.measure();
    html! {
        section class="beside" {
            h2 id="definition" { "Definition" }
            p { (measure.definition) }
            p { (measure.why) }
            p class="quiet" { (direction_for_signals(measure).words()) }
            p { a href=(format!("/measures/{}/definition/", measure.id)) { "Full definition of " (lower_first(&measure.title)) } }
        }
    }
}

fn provenance(subject: &Subject<'_>) -> Markup {
    let measure = subject.measure();
    let period = subject.series.latest().map_or_else(
        || "no figure".to_owned(),
        |r| words::period(measure, r.period),
    );
    html! {
        section class="beside" {
            h2 id="sources" { "Source and citation" }
            (source_list(&subject.entry.sources))
            h3 { "Quote it as" }
            (citation(subject.snapshot, subject.entry, &subject.force.name, &period, &format!("{}/", subject.path())))
        }
    }
}

/// The series as CSV or JSON, districts after the force, or the chart as SVG.
pub(crate) async fn table(site: Current, Path((force, file)): Path<(String, String)>) -> Response {
    if let (stem, Some("svg")) = respond::split(&file)
        && let Some(s) = Subject::of(&site, &force, stem)
    {
        return respond::svg(spc_chart(&site, s.entry, s.force, s.series, s.spc, false).svg());
    }
    respond::file(&site, &file, |measure| {
        let s = Subject::of(&site, &force, measure)?;
        let mut rows = figures::of_series(&site, s.entry, s.force, s.series, s.spc);
        for district in site
            .catalogue
            .generation()
            .districts
            .iter()
            .filter(|d| d.force == s.force.id)
        {
            if let Some((series, spc)) =
                site.catalogue
                    .district(&s.measure().id, &s.force.id, &district.code)
            {
                rows.extend(figures::of_series(&site, s.entry, s.force, series, spc));
            }
        }
        let title = format!("{}, {}", s.measure().title, s.force.name);
        Some(Table::new(&site, title, &figures::COLUMNS, rows))
    })
}
