//! `peelian status`: what is held.

use std::collections::{BTreeMap, BTreeSet};

use peelian_archive::{Home, Manifest, MonthEntry};
use peelian_model::{Month, Nature};
use serde_json::json;

use super::{nothing_held, say};
use crate::Outcome;
use crate::args::Place;

pub(crate) fn run(place: &Place, as_json: bool) -> anyhow::Result<Outcome> {
    let manifest = Home::new(place.home()).manifest()?;
    if as_json {
        say(document(manifest.as_ref()));
        return Ok(Outcome::Done);
    }
    let Some(manifest) = manifest else {
        return Err(nothing_held(place).into());
    };
    if manifest.nature == Nature::Synthetic {
        say("SYNTHETIC DATA: invented forces, invented figures.\n");
    }
    summary(&manifest);
    Ok(Outcome::Done)
}

/// The documented JSON: one entry a table, force and month held, and one a file met.
fn document(manifest: Option<&Manifest>) -> serde_json::Value {
    let months = manifest.map(|m| m.months.as_slice()).unwrap_or_default();
    let tables: Vec<_> = months
        .iter()
        .map(|m| {
            json!({
                "table": m.table,
                "force": m.force,
                "month": m.month,
                "rows_kept": m.rows_kept,
                "rows_quarantined": m.rows_quarantined,
                "coverage": coverage(m),
                "as_at": m.as_at,
            })
        })
        .collect();
    let wholes: Vec<_> = manifest
        .map(|m| m.wholes.as_slice())
        .unwrap_or_default()
        .iter()
        .map(|w| {
            json!({
                "table": w.table,
                "source": w.source,
                "force": w.force,
                "rows_kept": w.rows_kept,
                "rows_quarantined": w.rows_quarantined,
                "as_at": w.as_at,
            })
        })
        .collect();
    let releases: Vec<_> = manifest
        .map(|m| m.releases.as_slice())
        .unwrap_or_default()
        .iter()
        .map(|r| {
            json!({
                "file": r.file,
                "source": r.source,
                "as_at": r.as_at,
                "read": r.read,
                "superseded": r.superseded,
                "rows": r.rows,
                "rows_kept": r.kept,
                "rows_quarantined": r.quarantined_rows(),
                "quarantine": r.quarantine_file(),
            })
        })
        .collect();
    json!({
        "tables": tables,
        "wholes": wholes,
        "releases": releases,
        "generation": manifest.map(|m| m.generation),
        "synthetic": manifest.map(|m| m.nature == Nature::Synthetic),
    })
}

fn coverage(month: &MonthEntry) -> &'static str {
    match (month.rows_quarantined, month.is_provisional()) {
        (0, false) => "complete",
        (0, true) => "provisional",
        _ => "partial",
    }
}

#[derive(Default)]
struct Line {
    months: BTreeSet<Month>,
    kept: u64,
    quarantined: u64,
}

fn summary(manifest: &Manifest) {
    let mut lines: BTreeMap<(&str, &str), Line> = BTreeMap::new();
    for entry in &manifest.months {
        let line = lines
            .entry((&entry.table, entry.force.as_str()))
            .or_default();
        line.months.insert(entry.month);
        line.kept += entry.rows_kept;
        line.quarantined += entry.rows_quarantined;
    }
    say(format!(
        "{:<16} {:<24} {:>8}  {:<8} {:<8} {:>5} {:>10} {:>11}",
        "table", "force", "months", "first", "last", "gaps", "rows", "quarantined"
    ));
    for ((table, force), line) in &lines {
        let (Some(first), Some(last)) = (line.months.first(), line.months.last()) else {
            continue;
        };
        let gaps = last.since(*first) + 1 - line.months.len() as i32;
        say(format!(
            "{table:<16} {force:<24} {:>8}  {first:<8} {last:<8} {gaps:>5} {:>10} {:>11}",
            line.months.len(),
            line.kept,
            line.quarantined,
            first = first.to_string(),
            last = last.to_string(),
        ));
    }
    // Several files can fill one table of one source: districts' boundaries,
    // editions of a workbook.
    let mut wholes: BTreeMap<(&str, &str), (usize, u64, u64)> = BTreeMap::new();
    for whole in &manifest.wholes {
        let name = whole
            .force
            .as_ref()
            .map_or(whole.source.as_str(), |f| f.as_str());
        let sum = wholes.entry((&whole.table, name)).or_default();
        sum.0 += 1;
        sum.1 += whole.rows_kept;
        sum.2 += whole.rows_quarantined;
    }
    if !wholes.is_empty() {
        say(format!(
            "\n{:<28} {:<40} {:>5} {:>10} {:>11}",
            "table without months", "source or force", "files", "rows", "quarantined"
        ));
    }
    for ((table, name), (files, kept, quarantined)) in wholes {
        say(format!(
            "{table:<28} {name:<40} {files:>5} {kept:>10} {quarantined:>11}"
        ));
    }
}
