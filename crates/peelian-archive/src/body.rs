//! The local policing bodies and when each held office,
//! `reference/bodies.csv`.

use std::sync::OnceLock;

use peelian_model::{BodyKind, Evidence, LocalPolicingBody, Validity};

use crate::ArchiveError;
use crate::records::csv_lines;

const FILE: &str = include_str!("../../../reference/bodies.csv");

/// Every local policing body since commissioners first took office in
/// November 2012, by force and then in time. An error names the line of the
/// register that is malformed.
pub fn bodies() -> Result<&'static [LocalPolicingBody], ArchiveError> {
    static BODIES: OnceLock<Result<Vec<LocalPolicingBody>, String>> = OnceLock::new();
    let bodies = BODIES.get_or_init(|| {
        csv_lines(FILE.as_bytes())
            .iter()
            .enumerate()
            .skip(1)
            .map(|(i, row)| {
                body(row).ok_or_else(|| format!("reference/bodies.csv, line {}", i + 1))
            })
            .collect()
    });
    bodies
        .as_deref()
        .map_err(|e| ArchiveError::Reference(e.clone()))
}

fn body(row: &[String]) -> Option<LocalPolicingBody> {
    let [
        id,
        name,
        kind,
        force,
        from,
        to,
        successor,
        evidence,
        source,
        checked,
    ] = row
    else {
        return None;
    };
    Some(LocalPolicingBody {
        id: id.parse().ok()?,
        name: name.clone(),
        kind: match kind.as_str() {
            "commissioner" => BodyKind::Commissioner,
            "fire-and-crime-commissioner" => BodyKind::FireAndCrimeCommissioner,
            "mayor" => BodyKind::Mayor,
            "board" => BodyKind::Board,
            _ => return None,
        },
        force: force.parse().ok()?,
        validity: validity(from, to)?,
        successor: filled(successor).map(|s| s.parse()).transpose().ok()?,
        evidence: evidence_of(evidence)?,
        source: source.clone(),
        checked: checked.clone(),
    })
}

pub(crate) fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A span from two fields; none where one is filled and no date.
pub(crate) fn validity(from: &str, to: &str) -> Option<Validity> {
    let is_date = |day: &&str| crate::value::date(day.as_bytes()).is_some();
    let well = [from, to].iter().filter(|d| !d.is_empty()).all(is_date);
    well.then(|| Validity {
        from: filled(from),
        to: filled(to),
    })
}

pub(crate) fn evidence_of(text: &str) -> Option<Evidence> {
    match text {
        "stated" => Some(Evidence::Stated),
        "recalled" => Some(Evidence::Recalled),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_force_is_held_to_account_by_one_body_on_any_day_since_2012() {
        for day in [
            "2012-11-22",
            "2017-09-30",
            "2017-10-01",
            "2024-05-06",
            "2024-05-07",
            "2026-11-23",
        ] {
            for force in crate::forces() {
                let on: Vec<_> = bodies()
                    .unwrap()
                    .iter()
                    .filter(|b| b.force == force.id && b.validity.holds_on(day))
                    .collect();
                assert_eq!(on.len(), 1, "{} on {day}: {on:?}", force.id);
            }
        }
    }

    #[test]
    fn a_body_that_ended_names_its_successor_who_began_the_next_day() {
        for body in bodies().unwrap() {
            assert_eq!(
                body.validity.to.is_some(),
                body.successor.is_some(),
                "{}",
                body.id
            );
            let Some(successor) = &body.successor else {
                continue;
            };
            let next = bodies()
                .unwrap()
                .iter()
                .find(|b| b.id == *successor)
                .unwrap();
            let day = |text: &Option<String>| {
                crate::value::date(text.as_ref().unwrap().as_bytes()).unwrap()
            };
            assert_eq!(
                day(&next.validity.from),
                day(&body.validity.to) + 1,
                "{}",
                body.id
            );
            assert_eq!(next.force, body.force);
        }
    }
}
