//! `/data/`: what is held, what is missing, where it comes from.

use std::fmt::Write;

use axum::response::Response;
use maud::{Markup, html};
use peelian_model::Month;

use crate::Snapshot;
use crate::components::{Page, downloads, issue_list, layout, source_list};
use crate::holdings::{Held, HeldTable, Holding, table_title};
use crate::respond;
use crate::site::Current;
use crate::table::{Cell, Table};
use crate::words::{self, counted};

pub(crate) async fn page(site: Current) -> Response {
    let generation = site.catalogue.generation();
    let view = Page {
        title: "What is held, and what is missing".to_owned(),
        about: "Coverage by force, month and table; known issues; sources and licences.".to_owned(),
        path: "/data/".to_owned(),
        crumbs: Vec::new(),
        tables: Some("/data".to_owned()),
        body: html! {
            div class="page-head" {
                h1 { "What is held, and what is missing" }
                p class="lead" {
                    "Files are read as their publishers issue them. A month that is missing stays missing: it is never counted as nought, and no line is drawn across it."
                }
            }
            p {
                (counted(site.holdings.gaps, "gap", "gaps"))
                ": runs of months without a file between the first and the last month held for a force."
            }
            @if site.holdings.tables.is_empty() {
                p { "No records are held. Download files from data.police.uk and run " code { "peelian ingest FOLDER" } "." }
            }
            @for table in &site.holdings.tables { (calendar(&site, table)) }
            (downloads("/data", false, "Coverage, month by month"))
            section class="beside" {
                h2 id="issues" { "Known issues" }
                p { "Faults of the published data that a reader must know of." }
                (issue_list(&site, generation.issues.iter()))
            }
            section class="beside" {
                h2 id="sources" { "Sources and licences" }
                (source_list(&generation.sources))
            }
            section class="beside" {
                h2 id="loading" { "How to fill a gap" }
                p { "Download the archive of the months that are missing from data.police.uk and run " code { "peelian ingest FILE-OR-FOLDER" } ". Files that were read before are passed over; a newer issue of a month takes the place of the older." }
            }
        },
    };
    respond::page(layout(&site, &view))
}

/// At most this many runs of months are named; the file names all.
const MOST_RUNS: usize = 4;

/// One table: a row a force, with a strip of its months and the same in words.
fn calendar(snapshot: &Snapshot, table: &HeldTable) -> Markup {
    let title = table_title(&table.table);
    let span = words::months(table.first, table.last);
    let none: Vec<String> = table
        .forces
        .iter()
        .filter(|h| h.months.is_empty())
        .filter_map(|h| Some(snapshot.catalogue.force(&h.force)?.short_name().to_owned()))
        .collect();
    html! {
        section {
            h2 { (title) }
            table class="govuk-table calendar" role="table" {
                caption class="govuk-visually-hidden" { (title) ": months held by each force" }
                thead role="rowgroup" {
                    tr role="row" {
                        th scope="col" role="columnheader" { "Force" }
                        th scope="col" role="columnheader" {
                            span class="ends" { span { (table.first.short()) } span { (table.last.short()) } }
                        }
                        th scope="col" role="columnheader" { "Months held, " (span) }
                    }
                }
                tbody role="rowgroup" {
                    @for held in table.forces.iter().filter(|h| !h.months.is_empty()) {
                        tr role="row" {
                            th scope="row" role="rowheader" {
                                (snapshot.catalogue.force(&held.force).map_or(held.force.as_str(), |f| f.short_name()))
                            }
                            td role="cell" class="calendar-strip" { (strip(table, held)) }
                            td role="cell" { (in_words(table, held)) }
                        }
                    }
                }
            }
            @if !none.is_empty() { p class="quiet" { "No file of this kind is held for " (words::list(&none)) "." } }
        }
    }
}

/// Every month as a cell, years parted by a gap: filled where held, striped
/// where some rows were set aside or are likely to change, empty where not
/// held. Hidden from screen
/// readers: the words beside it say the same.
fn strip(table: &HeldTable, held: &Held) -> Markup {
    let months = table.last.since(table.first) + 1;
    let cell = |wanted: fn(Holding) -> bool| {
        let mut path = String::new();
        for (a, b) in runs_where(table, held, wanted)
            .into_iter()
            .flat_map(|(a, b)| by_year(a, b))
        {
            let (x, width) = (a.since(table.first) * 4, (b.since(a) + 1) * 4 - 1);
            // Writing to memory cannot fail.
            let _ = write!(path, "M{x}.5 .5h{width}v11h-{width}z");
        }
        path
    };
    let (whole, partial, lacking) = (
        cell(|h| h == Holding::Complete),
        cell(|h| matches!(h, Holding::Partial | Holding::Provisional)),
        cell(|h| matches!(h, Holding::NotHeld | Holding::NotSupplied)),
    );
    html! {
        svg aria-hidden="true" focusable="false" viewBox=(format!("0 0 {} 12", months * 4)) preserveAspectRatio="none" {
            path class="held" d=(whole) {}
            @if !partial.is_empty() { path class="held-part" d=(partial) {} }
            @if !lacking.is_empty() { path class="held-none" d=(lacking) {} }
        }
    }
}

/// “all 40”, or how many and which are not.
fn in_words(table: &HeldTable, held: &Held) -> String {
    let all = table.last.since(table.first) + 1;
    let lacking = runs_where(table, held, |h| h == Holding::NotHeld);
    let not_supplied = runs_where(table, held, |h| h == Holding::NotSupplied);
    let partial = runs_where(table, held, |h| h == Holding::Partial);
    let provisional = runs_where(table, held, |h| h == Holding::Provisional);
    let kept = held.months.len();
    let mut words = if kept as i32 == all {
        format!("all {all}")
    } else {
        format!("{kept} of {all}")
    };
    for (what, runs) in [
        ("not held", lacking),
        ("not supplied", not_supplied),
        ("partial", partial),
        ("provisional", provisional),
    ] {
        if !runs.is_empty() {
            words = format!("{words}; {what}: {}", named(&runs));
        }
    }
    words
}

/// Runs of months of a kind, from the first to the last month of the table.
fn runs_where(
    table: &HeldTable,
    held: &Held,
    wanted: impl Fn(Holding) -> bool,
) -> Vec<(Month, Month)> {
    let mut runs: Vec<(Month, Month)> = Vec::new();
    for month in Month::range(table.first, table.last).filter(|m| wanted(held.at(*m))) {
        match runs.last_mut() {
            Some((_, last)) if month.since(*last) == 1 => *last = month,
            _ => runs.push((month, month)),
        }
    }
    runs
}

/// A run cut where the year ends.
fn by_year(first: Month, last: Month) -> impl Iterator<Item = (Month, Month)> {
    (first.year()..=last.year()).filter_map(move |year| {
        let (january, december) = (Month::new(year, 1)?, Month::new(year, 12)?);
        Some((first.max(january), last.min(december)))
    })
}

/// “Jan 2021 to Mar 2021, Jul 2021 and 3 more”.
fn named(runs: &[(Month, Month)]) -> String {
    let mut names: Vec<String> = runs
        .iter()
        .take(MOST_RUNS)
        .map(|(a, b)| {
            if a == b {
                a.short()
            } else {
                format!("{} to {}", a.short(), b.short())
            }
        })
        .collect();
    if runs.len() > MOST_RUNS {
        names.push(format!("{} more", runs.len() - MOST_RUNS));
    }
    words::list(&names)
}

pub(crate) async fn csv(site: Current) -> Response {
    respond::csv(&table(&site), "data.csv")
}

pub(crate) async fn json(site: Current) -> Response {
    respond::json(&table(&site), &site)
}

/// Every month of every force between the first and last month of the table,
/// held or not.
fn table(snapshot: &Snapshot) -> Table {
    let mut rows = Vec::new();
    for table in &snapshot.holdings.tables {
        for held in &table.forces {
            for month in Month::range(table.first, table.last) {
                let coverage = held.months.get(&month);
                rows.push(vec![
                    ("table", Cell::from(table.table.as_str())),
                    ("force", held.force.as_str().into()),
                    ("month", month.to_string().into()),
                    ("rows_kept", coverage.map(|c| c.rows_kept as f64).into()),
                    (
                        "rows_quarantined",
                        coverage.map(|c| c.rows_quarantined as f64).into(),
                    ),
                    ("coverage", held.at(month).as_str().into()),
                    ("as_at", coverage.map(|c| c.as_at.as_str()).into()),
                ]);
            }
        }
    }
    let columns = [
        "table",
        "force",
        "month",
        "rows_kept",
        "rows_quarantined",
        "coverage",
        "as_at",
    ];
    Table::new(snapshot, "Coverage".to_owned(), &columns, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn long_lists_of_runs_are_cut_with_a_count() {
        let run = |m: &str| (month(m), month(m));
        assert_eq!(
            named(&[(month("2021-01"), month("2021-03")), run("2021-07")]),
            "Jan 2021 to Mar 2021 and Jul 2021"
        );
        let many: Vec<_> = (1..=6)
            .map(|m| run(&format!("2021-{:02}", m * 2)))
            .collect();
        assert_eq!(
            named(&many),
            "Feb 2021, Apr 2021, Jun 2021, Aug 2021 and 2 more"
        );
    }

    #[test]
    fn a_run_is_cut_where_the_year_ends() {
        let cut: Vec<_> = by_year(month("2020-11"), month("2021-02")).collect();
        assert_eq!(
            cut,
            [
                (month("2020-11"), month("2020-12")),
                (month("2021-01"), month("2021-02"))
            ]
        );
    }
}
