//! `peelian ingest`: load official files, then bring the readings up to date.

use std::collections::BTreeMap;

use peelian_archive::{FileNote, Home, IngestOptions, IngestReport, ingest};
use peelian_measures::{Measures, Refreshed, refresh};

use super::say;
use crate::Outcome;
use crate::args::{Ingest, Place};
use crate::progress::Progress;

/// A folder of other people's files can be large; this many are named one by one.
const NAMED: usize = 100;

pub(crate) async fn run(place: &Place, args: &Ingest) -> anyhow::Result<Outcome> {
    let home = Home::new(place.home());
    let options = IngestOptions {
        as_at: args.as_at.clone(),
        force: args.force.clone(),
        keep_revisions: args.keep_revisions,
        wait: !args.no_wait,
    };
    let progress = Progress::new();
    let report = ingest(&home, &args.paths, &options, &|event| progress.show(&event));
    progress.finish();
    let report = report?;
    say_report(&report);

    let measures = Measures::load(place.content.as_deref())?;
    match refresh(&home, &measures).await? {
        Refreshed::Computed { series, .. } => {
            say(format!(
                "Readings computed: {series} pairs of measure and force."
            ));
        }
        Refreshed::Current | Refreshed::Empty => {}
    }
    Ok(if report.refused.is_empty() {
        Outcome::Done
    } else {
        Outcome::DataRefused
    })
}

fn say_report(report: &IngestReport) {
    match report.generation {
        Some(generation) => say(format!(
            "Loaded {} files, {} rows kept, {} quarantined (generation {generation}).",
            report.loaded, report.rows_kept, report.rows_quarantined
        )),
        None => say("Nothing new to load."),
    }
    if report.unchanged > 0 {
        say(format!("{} files are held already.", report.unchanged));
    }
    if report.superseded > 0 {
        say(format!(
            "{} files are older than what is held.",
            report.superseded
        ));
    }
    say_foreign(&report.foreign);
    for note in &report.refused {
        say(format!("{}: refused: {}", note.file, note.reason));
    }
}

/// Files left alone, under the reason that they share.
fn say_foreign(foreign: &[FileNote]) {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for note in foreign {
        by_reason.entry(&note.reason).or_default().push(&note.file);
    }
    for (reason, files) in by_reason {
        say(format!("Not ours, left alone: {reason}"));
        for file in files.iter().take(NAMED) {
            say(format!("  {file}"));
        }
        if files.len() > NAMED {
            say(format!("  and {} more", files.len() - NAMED));
        }
    }
}
