//! `peelian places`: what a code or name is, since when, and what became of it.

use peelian_archive::{Home, Place, PlaceKind, places};
use peelian_model::Evidence;
use serde_json::json;

use super::say;
use crate::args::{Place as Where, Places};
use crate::{Outcome, Usage};

pub(crate) fn run(place: &Where, args: &Places) -> anyhow::Result<Outcome> {
    let home = Home::new(place.home());
    let mut found = places(&home)?;
    if let Some(what) = &args.what {
        let lower = what.to_lowercase();
        found.retain(|p| {
            p.code.eq_ignore_ascii_case(what) || p.name.to_lowercase().contains(&lower)
        });
        if found.is_empty() {
            let hint = if home
                .manifest()?
                .is_some_and(|m| !m.files("district_lookup").is_empty())
            {
                "look for a part of its name"
            } else {
                "districts and partnerships are known once the look-ups of the Office for National \
                 Statistics are ingested"
            };
            return Err(Usage(format!("no place or body is called “{what}”: {hint}")).into());
        }
    }
    if args.json.json {
        say(json!({ "places": found }));
    } else {
        say(format!(
            "{:<12} {:<34} {:<52} {:<25} {:<12} force",
            "what", "code", "name", "in force", "successor"
        ));
        for place in &found {
            say(line(place));
        }
        if found.iter().any(|p| p.evidence == Some(Evidence::Recalled)) {
            say("\n* from memory, to be checked before it is relied on");
        }
    }
    Ok(Outcome::Done)
}

fn line(place: &Place) -> String {
    let kind = match place.kind {
        PlaceKind::Force => "force",
        PlaceKind::Body => "body",
        PlaceKind::Partnership => "partnership",
        PlaceKind::District => "district",
    };
    let mark = if place.evidence == Some(Evidence::Recalled) {
        "*"
    } else {
        ""
    };
    let span = match (&place.validity.from, &place.validity.to) {
        (Some(from), Some(to)) => format!("{from}{mark} to {to}"),
        (Some(from), None) => format!("since {from}{mark}"),
        (None, Some(to)) => format!("until {to}"),
        (None, None) => String::new(),
    };
    format!(
        "{kind:<12} {:<34} {:<52} {span:<25} {:<12} {}",
        place.code,
        place.name,
        place.successor.as_deref().unwrap_or_default(),
        place.force.as_deref().unwrap_or_default()
    )
}
