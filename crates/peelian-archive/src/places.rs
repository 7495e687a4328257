//! Places and bodies through time: what a code or name is, since when, until
//! when, and what took its place.

use std::collections::BTreeMap;

use peelian_model::{Evidence, Validity};
use serde::Serialize;

use crate::body::{bodies, evidence_of, validity};
use crate::records::csv_lines;
use crate::rows::Stored;
use crate::value::Cell;
use crate::{ArchiveError, Home, Manifest, force_named, forces, table};

/// When districts began and ended, where that is known.
const DATES: &str = include_str!("../../../reference/district-dates.csv");

/// What kind of place or body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlaceKind {
    /// A police force and its area.
    Force,
    /// A local policing body.
    Body,
    /// A community safety partnership.
    Partnership,
    /// A local authority district.
    District,
}

/// A force, body, partnership or district.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// What it is.
    pub kind: PlaceKind,
    /// Its ONS code, or its identifier where it has none.
    pub code: String,
    /// Its name.
    pub name: String,
    /// When it is in force. A district of which no date is held is open at
    /// that end.
    pub validity: Validity,
    /// Code of what took its place; none where nothing did.
    pub successor: Option<String>,
    /// Identifier of the force it belongs to, where that is held.
    pub force: Option<String>,
    /// How the dates are known; none where there are none.
    pub evidence: Option<Evidence>,
}

/// Every force and body, and the districts and partnerships of the look-ups
/// that a home holds, by kind and code.
pub fn places(home: &Home) -> Result<Vec<Place>, ArchiveError> {
    let mut places: Vec<Place> = forces()
        .iter()
        .map(|f| Place {
            kind: PlaceKind::Force,
            code: f
                .area
                .as_ref()
                .map_or_else(|| f.id.to_string(), ToString::to_string),
            name: f.name.clone(),
            validity: Validity::default(),
            successor: None,
            force: Some(f.id.to_string()),
            evidence: None,
        })
        .collect();
    places.extend(bodies()?.iter().map(|b| Place {
        kind: PlaceKind::Body,
        code: b.id.to_string(),
        name: b.name.clone(),
        validity: b.validity.clone(),
        successor: b.successor.as_ref().map(ToString::to_string),
        force: Some(b.force.to_string()),
        evidence: Some(b.evidence),
    }));
    if let Some(manifest) = home.manifest()? {
        places.extend(of_lookups(home, &manifest)?);
    }
    places.sort_by(|a, b| (a.kind, &a.code).cmp(&(b.kind, &b.code)));
    Ok(places)
}

/// Districts and partnerships of the tables `district_lookup` and
/// `district_successors`.
fn of_lookups(home: &Home, manifest: &Manifest) -> Result<Vec<Place>, ArchiveError> {
    let dates = dates()?;
    let mut found: BTreeMap<(PlaceKind, String), Place> = BTreeMap::new();
    let mut add = |kind, code: &str, name: &str, successor: Option<&str>, force: Option<&str>| {
        let dated = (kind == PlaceKind::District)
            .then(|| dates.get(code))
            .flatten();
        let place = found
            .entry((kind, code.to_owned()))
            .or_insert_with(|| Place {
                kind,
                code: code.to_owned(),
                name: name.to_owned(),
                validity: dated.map(|d| d.0.clone()).unwrap_or_default(),
                successor: None,
                force: None,
                evidence: dated.map(|d| d.1),
            });
        place.successor = place.successor.take().or(successor.map(str::to_owned));
        place.force = place.force.take().or(force.map(str::to_owned));
    };
    let lookup = [
        "district",
        "district_name",
        "partnership",
        "partnership_name",
        "force_name",
    ];
    each_row(home, manifest, "district_lookup", &lookup, |row| {
        if let [
            Some(district),
            Some(name),
            partnership,
            partnership_name,
            force,
        ] = row
        {
            let force = force.and_then(force_named).map(|f| f.id.to_string());
            let force = force.as_deref();
            add(PlaceKind::District, district, name, None, force);
            if let (Some(code), Some(name)) = (partnership, partnership_name) {
                add(PlaceKind::Partnership, code, name, None, force);
            }
        }
    })?;
    let successors = ["district", "district_name", "successor", "successor_name"];
    each_row(home, manifest, "district_successors", &successors, |row| {
        if let [Some(district), Some(name), Some(successor), successor_name] = row {
            let next = (district != successor).then_some(*successor);
            add(PlaceKind::District, district, name, next, None);
            if let (Some(_), Some(name)) = (next, successor_name) {
                add(PlaceKind::District, successor, name, None, None);
            }
        }
    })?;
    inherit_forces(&mut found);
    Ok(found.into_values().collect())
}

/// A district that took the place of others lies in their force area.
fn inherit_forces(found: &mut BTreeMap<(PlaceKind, String), Place>) {
    let inherited: Vec<(String, String)> = found
        .values()
        .filter_map(|p| Some((p.successor.clone()?, p.force.clone()?)))
        .collect();
    for (code, force) in inherited {
        if let Some(place) = found.get_mut(&(PlaceKind::District, code)) {
            place.force.get_or_insert(force);
        }
    }
}

fn dates() -> Result<BTreeMap<String, (Validity, Evidence)>, ArchiveError> {
    csv_lines(DATES.as_bytes())
        .iter()
        .enumerate()
        .skip(1)
        .map(|(i, row)| {
            let wrong =
                || ArchiveError::Reference(format!("reference/district-dates.csv, line {}", i + 1));
            let [code, from, to, evidence, ..] = row.as_slice() else {
                return Err(wrong());
            };
            let dated = validity(from, to)
                .zip(evidence_of(evidence))
                .ok_or_else(wrong)?;
            Ok((code.clone(), dated))
        })
        .collect()
}

/// Calls `visit` with these text columns of every row of a table.
fn each_row(
    home: &Home,
    manifest: &Manifest,
    name: &str,
    columns: &[&str],
    mut visit: impl FnMut(&[Option<&str>]),
) -> Result<(), ArchiveError> {
    for file in manifest.files(name) {
        table::each_batch(&home.path().join(file), |batch| {
            let stored: Vec<Option<Stored<'_>>> = columns
                .iter()
                .map(|c| {
                    batch
                        .column_by_name(c)
                        .map(|a| Stored::of(a.as_ref()))
                        .transpose()
                })
                .collect::<Result<_, _>>()?;
            for row in 0..batch.num_rows() {
                let cells: Vec<Option<&str>> = stored
                    .iter()
                    .map(|s| match s.as_ref()?.cell(row) {
                        Cell::Text(text) => std::str::from_utf8(text).ok(),
                        _ => None,
                    })
                    .collect();
                visit(&cells);
            }
            Ok(())
        })?;
    }
    Ok(())
}
