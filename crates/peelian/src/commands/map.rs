//! `peelian map`: propose a mapping file for an extract, and look at what one
//! does.

use std::path::Path;

use peelian_archive::{Home, Mapping, Preview, ShownRow, keep, preview, propose};

use super::say;
use crate::args::{MapCheck, MapNew, Place};
use crate::{Outcome, Usage};

pub(crate) fn new(place: &Place, args: &MapNew) -> anyhow::Result<Outcome> {
    let force = args.force.as_ref().map(ToString::to_string);
    let proposal = propose(&args.table, &args.file, force.as_deref())
        .map_err(|reason| Usage(format!("{}: {reason}", args.file.display())))?;
    let home = Home::new(place.home());
    let name = (args.table.as_str(), force.as_deref());
    let path = keep(&home, args.out.as_deref(), name, &proposal.text)?;
    say(format!(
        "Written: {}. Read every line, put right what is wrong, then: peelian map check {} {}",
        path.display(),
        path.display(),
        args.file.display()
    ));
    if !proposal.missing.is_empty() {
        say(format!(
            "Required, and nothing in the file looks like it: {}",
            proposal.missing.join(", ")
        ));
    }
    if !proposal.unmapped.is_empty() {
        say(format!(
            "In the file, and no place for it in the table: {}",
            proposal.unmapped.join(", ")
        ));
    }
    for (column, word) in &proposal.unknown {
        say(format!("Not known what it means: “{word}” in {column}"));
    }
    for finding in &proposal.findings {
        say(format!("Personal data: {finding}"));
    }
    Ok(if proposal.findings.is_empty() {
        Outcome::Done
    } else {
        Outcome::DataRefused
    })
}

pub(crate) fn check(args: &MapCheck) -> anyhow::Result<Outcome> {
    let usage = |path: &Path, reason: &dyn std::fmt::Display| {
        Usage(format!("{}: {reason}", path.display()))
    };
    let text = std::fs::read_to_string(&args.mapping).map_err(|e| usage(&args.mapping, &e))?;
    let mapping = Mapping::parse(&text).map_err(|reason| usage(&args.mapping, &reason))?;
    let seen = preview(mapping, &args.file, args.force.as_ref(), args.rows)
        .map_err(|reason| usage(&args.file, &reason))?;
    for row in &seen.shown {
        say_row(row);
    }
    say_preview(&seen);
    Ok(if seen.is_clean() {
        Outcome::Done
    } else {
        Outcome::DataRefused
    })
}

/// A row side by side: column, value in the file, value in the table.
fn say_row(row: &ShownRow) {
    say(format!("Line {}", row.line));
    let width = |text: fn(&(String, String, String)) -> &str| {
        row.cells
            .iter()
            .map(|c| text(c).chars().count())
            .max()
            .unwrap_or_default()
    };
    let (names, theirs) = (width(|c| &c.0), width(|c| &c.1));
    for (name, from, to) in &row.cells {
        if !(from.is_empty() && to.is_empty()) {
            say(format!("  {name:names$}  {from:theirs$}  →  {to}"));
        }
    }
    if let Some(fault) = &row.fault {
        say(format!("  Would be set aside: {fault}"));
    }
}

fn say_preview(seen: &Preview) {
    say(format!("{}, {} would be kept.", rows(seen.rows), seen.kept));
    for fault in &seen.faults {
        let lines: Vec<String> = fault.lines.iter().map(u64::to_string).collect();
        let columns = if fault.columns.is_empty() {
            "the row"
        } else {
            &fault.columns
        };
        say(format!(
            "Set aside: {}: {columns}: expected {} (line {}{})",
            rows(fault.rows),
            fault.expected,
            lines.join(", "),
            if fault.rows > lines.len() as u64 {
                " and more"
            } else {
                ""
            }
        ));
    }
    for (column, word, count) in &seen.codes {
        say(format!(
            "No mapping: “{word}” in {column}: {}",
            rows(*count)
        ));
    }
    let blank = seen.blanks.iter().filter(|b| b.1 > 0.0);
    let blank: Vec<String> = blank
        .map(|(column, share)| format!("{column} {:.0} %", share * 100.0))
        .collect();
    if !blank.is_empty() {
        say(format!("Blank: {}", blank.join(", ")));
    }
    if seen.twice > 0 {
        say(format!(
            "{} times lie in the hour that occurs twice in October; the earlier is taken.",
            seen.twice
        ));
    }
    for finding in &seen.findings {
        say(format!(
            "Personal data, so the file would be refused: {finding}"
        ));
    }
}

fn rows(count: u64) -> String {
    format!("{count} {}", if count == 1 { "row" } else { "rows" })
}
