//! `peelian demo`: synthetic data, loaded, computed, assessed and served.

use std::path::{Path, PathBuf};

use anyhow::Context;
use peelian_model::Month;
use peelian_simulate::Plan;

use super::{catalogue, say, today};
use crate::Outcome;
use crate::args::{Demo, Ingest, Place};

/// Official files come about two months after the month they are of.
const LAG: i32 = 2;

pub(crate) async fn run(place: &Place, args: &Demo) -> anyhow::Result<Outcome> {
    let home = place
        .home
        .clone()
        .unwrap_or_else(|| PathBuf::from("peelian-demo"));
    let place = Place {
        home: Some(home.clone()),
        content: place.content.clone(),
    };
    let files = home.join("synthetic");
    if !files.exists() {
        let last = newest_month()?;
        say(format!(
            "Making a synthetic archive of 12 invented forces, to {}.",
            last.long()
        ));
        peelian_simulate::write(&Plan::new(last), &files)?;
    }
    let ingest = Ingest {
        paths: official(&files)?,
        as_at: None,
        force: None,
        keep_revisions: false,
        no_wait: false,
    };
    super::ingest::run(&place, &ingest).await?;
    let held = catalogue(&place).await?;
    say(format!(
        "SYNTHETIC DATA: {} invented forces, {} measures.",
        held.forces().len(),
        held.measures().count()
    ));
    if args.no_serve {
        return Ok(Outcome::Done);
    }
    super::serve::run(&place, &args.serve).await
}

/// The archive and the look-ups, without the notes that lie beside them.
fn official(files: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(files).with_context(|| files.display().to_string())?;
    let paths = entries
        .map(|e| e.map(|e| e.path()))
        .collect::<Result<Vec<_>, _>>()?;
    let official = |path: &PathBuf| path.is_dir() || path.extension().is_some_and(|e| e == "zip");
    Ok(paths.into_iter().filter(official).collect())
}

fn newest_month() -> anyhow::Result<Month> {
    let today = today();
    Month::new(today.year().into(), today.month().unsigned_abs().into())
        .map(|this| this.plus(-LAG))
        .context("the clock of this machine is outside the years 1900 to 2199")
}
