//! The forces of the publisher and the names its files give them; and the
//! regions, countries, totals and national bodies that stand beside forces in
//! published tables.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use peelian_model::{Force, ForceId};

use crate::records::csv_lines;

const FILE: &str = include_str!("../../../reference/forces.csv");
const OTHERS: &str = include_str!("../../../reference/other-areas.csv");

/// Words at the end of a name that say what it is and not who.
const ENDINGS: [&str; 2] = [" police", " constabulary"];

struct Entry {
    force: Force,
    /// Every name by which files know the force, in lower case.
    names: Vec<String>,
}

struct Known {
    forces: Vec<Force>,
    entries: Vec<Entry>,
}

fn known() -> &'static Known {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let entries: Vec<Entry> = csv_lines(FILE.as_bytes())
            .iter()
            .skip(1)
            .filter_map(|row| {
                let [id, name, area, area_name, others] = row.as_slice() else {
                    return None;
                };
                let names = others.split(';').chain([name.as_str(), area_name.as_str()]);
                Some(Entry {
                    force: Force {
                        id: id.parse().ok()?,
                        name: name.clone(),
                        area: area.parse().ok(),
                    },
                    names: names
                        .filter(|n| !n.is_empty())
                        .map(str::to_lowercase)
                        .collect(),
                })
            })
            .collect();
        Known {
            forces: entries.iter().map(|e| e.force.clone()).collect(),
            entries,
        }
    })
}

/// The 45 forces of data.police.uk, by id (`reference/forces.csv`).
pub fn forces() -> &'static [Force] {
    &known().forces
}

/// The force that a file or a look-up calls by this name. A name beginning
/// “Synthetic ” is an invented force: “Synthetic Ashmoor Police” is
/// `synthetic-ashmoor`. None where the name is not known.
pub fn force_named(name: &str) -> Option<Force> {
    let lower = name.trim().to_lowercase();
    if let Some(entry) = known().entries.iter().find(|e| e.names.contains(&lower)) {
        return Some(entry.force.clone());
    }
    if !lower.starts_with("synthetic ") {
        return None;
    }
    let place = ENDINGS
        .iter()
        .find_map(|e| lower.strip_suffix(e))
        .unwrap_or(&lower);
    let id = place.split_whitespace().collect::<Vec<_>>().join("-");
    Some(Force {
        id: id.parse().ok()?,
        name: name.trim().to_owned(),
        area: None,
    })
}

/// What a name in the area column of a published table stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NamedArea {
    Force(ForceId),
    /// A region, a country, a total or a national body: not a force.
    Other(&'static str),
}

impl NamedArea {
    /// `force`, or what other kind of area it is.
    pub(crate) fn level(&self) -> &'static str {
        match self {
            Self::Force(_) => "force",
            Self::Other(level) => level,
        }
    }
}

/// What a table means by this name: `Devon & Cornwall`, `Wiltshire3` with a
/// footnote mark, `Total North East`. None where the name is not known. A name
/// that a region and a force share is the force's.
pub(crate) fn area_named(name: &str) -> Option<NamedArea> {
    let name = without_footnote(name);
    if let Some(force) = force_named(name) {
        return Some(NamedArea::Force(force.id));
    }
    let level = others().get(&name.to_lowercase())?;
    Some(NamedArea::Other(level))
}

/// The name without the footnote marks of published tables: a star before it;
/// digits, superscript digits, `[note 3]` or `(R)` after it.
pub(crate) fn without_footnote(name: &str) -> &str {
    let mut name = name.trim().trim_start_matches('*').trim_start();
    loop {
        let shorter = name
            .trim_end_matches(|c: char| c.is_ascii_digit() || "¹²³⁴⁵⁶⁷⁸⁹⁰,".contains(c))
            .trim_end();
        let shorter = match shorter.rfind('[') {
            Some(at) if shorter.ends_with(']') => shorter[..at].trim_end(),
            _ => shorter.strip_suffix("(R)").unwrap_or(shorter).trim_end(),
        };
        if shorter == name || shorter.is_empty() {
            return name;
        }
        name = shorter;
    }
}

fn others() -> &'static BTreeMap<String, &'static str> {
    static KNOWN: OnceLock<BTreeMap<String, &'static str>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let lines = OTHERS.lines().skip(1);
        lines
            .filter_map(|line| line.split_once(','))
            .map(|(name, level)| (name.to_lowercase(), level))
            .collect()
    })
}

/// The force of this id. An invented one is named after its id; so is one that
/// is not known.
pub fn force(id: &ForceId) -> Force {
    if let Some(entry) = known().entries.iter().find(|e| e.force.id == *id) {
        return entry.force.clone();
    }
    let words = id.as_str().split('-').map(|word| {
        let mut letters = word.chars();
        letters
            .next()
            .map_or_else(String::new, |c| c.to_uppercase().chain(letters).collect())
    });
    let name = format!("{} Police", words.collect::<Vec<_>>().join(" "));
    Force {
        id: id.clone(),
        name,
        area: None,
    }
}

/// The force of an id (`essex`) or a name that is known.
pub(crate) fn of_id_or_name(text: &str) -> Option<ForceId> {
    let by_id = || text.parse().ok().filter(is_known);
    by_id().or_else(|| force_named(text).map(|f| f.id))
}

/// Whether files of a force of this id can be taken in.
pub(crate) fn is_known(id: &ForceId) -> bool {
    id.is_synthetic() || known().entries.iter().any(|e| e.force.id == *id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forty_five_forces_are_read_with_codes_for_all_but_the_railways() {
        assert_eq!(forces().len(), 45);
        let without: Vec<_> = forces()
            .iter()
            .filter(|f| f.area.is_none())
            .map(|f| f.id.as_str())
            .collect();
        assert_eq!(without, ["btp"]);
    }

    #[test]
    fn names_that_do_not_follow_from_the_id_are_known() {
        for (name, id) in [
            ("Devon & Cornwall Police", "devon-and-cornwall"),
            ("Metropolitan Police Service", "metropolitan"),
            ("London, City of", "city-of-london"),
            ("Synthetic Ashmoor Police", "synthetic-ashmoor"),
        ] {
            assert_eq!(
                force_named(name).map(|f| f.id.to_string()).as_deref(),
                Some(id)
            );
        }
        assert_eq!(force_named("Atlantis Police"), None);
    }

    #[test]
    fn names_of_tables_are_forces_or_other_areas_whatever_their_footnotes() {
        let level = |name: &str| area_named(name).map(|a| a.level());
        for name in [
            "Wiltshire3",
            "Essex [note 3]",
            "Essex²",
            "Avon & Somerset",
            "Metropolitan",
            "Kent (R)",
        ] {
            assert_eq!(level(name), Some("force"), "{name}");
        }
        assert_eq!(level("*Total North East"), Some("region"));
        assert_eq!(level("Total 43 forces"), Some("total"));
        assert_eq!(level("Action Fraud"), Some("national-body"));
        assert_eq!(level("West Midlands"), Some("force"));
        assert_eq!(level("West Midlands region"), Some("region"));
        assert_eq!(level("Atlantis"), None);
        assert_eq!(level("12"), None);
    }
}
