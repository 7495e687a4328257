//! What a table file holds: a force's year of a table with months, or a whole.

use std::collections::BTreeMap;

use peelian_model::ForceId;

use crate::source::Source;
use crate::{Manifest, Part};

/// Names a table file without its version: table and force with the year, or
/// with the source of a whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Group {
    pub(crate) table: String,
    pub(crate) force: Option<ForceId>,
    pub(crate) stem: String,
    /// Whether its parts have months.
    pub(crate) monthly: bool,
}

impl Group {
    /// Where the rows of a file belong.
    pub(crate) fn of(source: &Source, part: &Part) -> Self {
        Self::new(&source.table, source.id.as_str(), part)
    }

    fn new(table: &str, source: &str, part: &Part) -> Self {
        let stem = match (&part.month, &part.subject) {
            (Some(month), _) => month.year().to_string(),
            (None, Some(subject)) => format!("{source}-{subject}"),
            (None, None) => source.to_owned(),
        };
        Self {
            table: table.to_owned(),
            force: part.force.clone(),
            stem,
            monthly: part.month.is_some(),
        }
    }

    /// `tables/street/essex`, relative to the home.
    pub(crate) fn folder(&self, top: &str) -> String {
        match &self.force {
            Some(force) => format!("{top}/{}/{force}", self.table),
            None => format!("{top}/{}", self.table),
        }
    }
}

/// A table file of the manifest: for each part its release and LSOA vintage.
#[derive(Debug, Clone)]
pub(crate) struct Holding {
    pub(crate) file: String,
    pub(crate) slots: BTreeMap<Part, (String, Option<u16>)>,
}

/// The table files of a manifest.
pub(crate) fn holdings(manifest: &Manifest) -> BTreeMap<Group, Holding> {
    let mut holdings: BTreeMap<Group, Holding> = BTreeMap::new();
    let mut add = |group, file: &String, part, release: &String, vintage| {
        let new = || Holding {
            file: file.clone(),
            slots: BTreeMap::new(),
        };
        let held = holdings.entry(group).or_insert_with(new);
        held.slots.insert(part, (release.clone(), vintage));
    };
    for month in &manifest.months {
        let part = Part {
            subject: month.subject.clone(),
            ..Part::of_month(month.force.clone(), month.month)
        };
        let group = Group::new(&month.table, "", &part);
        add(group, &month.file, part, &month.release, month.lsoa_vintage);
    }
    for whole in &manifest.wholes {
        let part = Part {
            force: whole.force.clone(),
            month: None,
            subject: whole.subject.clone(),
        };
        let group = Group::new(&whole.table, whole.source.as_str(), &part);
        add(group, &whole.file, part, &whole.release, None);
    }
    holdings
}
