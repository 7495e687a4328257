//! What a table file holds: a force's year of a monthly table, or a whole.

use std::collections::BTreeMap;

use peelian_model::{ForceId, Month};

use crate::Manifest;
use crate::source::Source;

/// Names a table file without its version: table and force with the year, or
/// with the source of a whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Group {
    pub(crate) table: String,
    pub(crate) force: Option<ForceId>,
    pub(crate) stem: String,
}

/// The months of a group; a whole has one slot, which has no month.
pub(crate) type Slot = Option<Month>;

impl Group {
    /// Where the rows of a file belong.
    pub(crate) fn of(source: &Source, part: Option<&(ForceId, Month)>) -> (Self, Slot) {
        let group = Self {
            table: source.table.clone(),
            force: part.map(|p| p.0.clone()),
            stem: part.map_or_else(|| source.id.to_string(), |p| p.1.year().to_string()),
        };
        (group, part.map(|p| p.1))
    }

    /// `tables/street/essex`, relative to the home.
    pub(crate) fn folder(&self, top: &str) -> String {
        match &self.force {
            Some(force) => format!("{top}/{}/{force}", self.table),
            None => format!("{top}/{}", self.table),
        }
    }
}

/// A table file of the manifest: for each slot its release and LSOA vintage.
#[derive(Debug, Clone)]
pub(crate) struct Holding {
    pub(crate) file: String,
    pub(crate) slots: BTreeMap<Slot, (String, Option<u16>)>,
}

/// The table files of a manifest.
pub(crate) fn holdings(manifest: &Manifest) -> BTreeMap<Group, Holding> {
    let mut holdings: BTreeMap<Group, Holding> = BTreeMap::new();
    let mut add = |group, file: &String, slot, release: &String, vintage| {
        let new = || Holding {
            file: file.clone(),
            slots: BTreeMap::new(),
        };
        let held = holdings.entry(group).or_insert_with(new);
        held.slots.insert(slot, (release.clone(), vintage));
    };
    for month in &manifest.months {
        let group = Group {
            table: month.table.clone(),
            force: Some(month.force.clone()),
            stem: month.month.year().to_string(),
        };
        add(
            group,
            &month.file,
            Some(month.month),
            &month.release,
            month.lsoa_vintage,
        );
    }
    for whole in &manifest.wholes {
        let stem = whole.source.to_string();
        let group = Group {
            table: whole.table.clone(),
            force: None,
            stem,
        };
        add(group, &whole.file, None, &whole.release, None);
    }
    holdings
}
