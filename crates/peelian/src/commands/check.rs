//! `peelian check`: are the tables whole?

use peelian_archive::{Home, digest};

use super::{nothing_held, say};
use crate::Outcome;
use crate::args::Place;

pub(crate) fn run(place: &Place, digest_only: bool) -> anyhow::Result<Outcome> {
    let home = Home::new(place.home());
    let Some(manifest) = home.manifest()? else {
        return Err(nothing_held(place).into());
    };
    let digest = digest(&home)?;
    if digest_only {
        say(digest);
    } else {
        say(format!(
            "Generation {}: {} months and {} whole tables, every row read.",
            manifest.generation,
            manifest.months.len(),
            manifest.wholes.len()
        ));
        say(format!("Digest of all rows: {digest}"));
    }
    Ok(Outcome::Done)
}
