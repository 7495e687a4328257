//! The forces of the publisher and the names its files give them.

use std::sync::OnceLock;

use peelian_model::{Force, ForceId};

use crate::records::csv_lines;

const FILE: &str = include_str!("../../../reference/forces.csv");

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
}
