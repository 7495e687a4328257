//! One file a command.

pub(crate) mod assess;
pub(crate) mod check;
pub(crate) mod counts;
pub(crate) mod demo;
pub(crate) mod fetch;
pub(crate) mod hand_over;
pub(crate) mod ingest;
pub(crate) mod map;
pub(crate) mod measure;
pub(crate) mod places;
pub(crate) mod revisions;
pub(crate) mod serve;
pub(crate) mod status;

use std::io::Write;

use anyhow::Context;
use peelian_archive::Home;
use peelian_measures::{Measures, Refreshed, refresh};
use peelian_readings::Catalogue;

use crate::Usage;
use crate::args::Place;

/// Prints a line of a command's answer. A reader that has had enough, as
/// `head` has, is no fault.
pub(crate) fn say(line: impl std::fmt::Display) {
    if writeln!(std::io::stdout(), "{line}").is_err() {
        std::process::exit(0);
    }
}

/// The catalogue of a home, its readings brought up to date first.
pub(crate) async fn catalogue(place: &Place) -> anyhow::Result<Catalogue> {
    let home = Home::new(place.home());
    let measures = Measures::load(place.content.as_deref())?;
    if refresh(&home, &measures).await? == Refreshed::Empty {
        return Err(nothing_held(place).into());
    }
    Catalogue::open(home.path())?.context("the readings were removed while they were read")
}

/// The answer where nothing is ingested yet.
pub(crate) fn nothing_held(place: &Place) -> Usage {
    Usage(format!(
        "nothing is held in {} yet. Load files with: peelian ingest PATH… --home {}",
        place.home().display(),
        place.home().display()
    ))
}

/// The day it is, by universal time.
pub(crate) fn today() -> jiff::civil::Date {
    jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
}

/// “a, b or c”, for a message that lists what there is.
pub(crate) fn listed(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    match items.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}
