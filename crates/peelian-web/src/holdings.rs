//! What is held: which months of which force in which table, and the gaps.

use std::collections::BTreeMap;

use peelian_model::{ForceId, Month};
use peelian_readings::{Coverage, Covered, Generation};

/// A table's name for a reader.
pub(crate) fn table_title(table: &str) -> &str {
    match table {
        "street" => "Street-level crime and antisocial behaviour",
        "outcomes" => "Outcomes of crimes",
        "stops" => "Stop and search",
        other => other,
    }
}

/// One force in one table.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) force: ForceId,
    pub(crate) months: BTreeMap<Month, Coverage>,
    /// Months said by the publisher never to have been supplied.
    not_supplied: Vec<(Month, Option<Month>)>,
}

/// What a month of a force is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holding {
    Complete,
    Partial,
    Provisional,
    NotSupplied,
    NotHeld,
}

impl Holding {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::Provisional => "provisional",
            Self::NotSupplied => "not-supplied",
            Self::NotHeld => "not-held",
        }
    }
}

impl Held {
    pub(crate) fn at(&self, month: Month) -> Holding {
        match self.months.get(&month).map(|c| c.coverage) {
            Some(Covered::Complete) => Holding::Complete,
            Some(Covered::Partial) => Holding::Partial,
            Some(Covered::Provisional) => Holding::Provisional,
            None if self
                .not_supplied
                .iter()
                .any(|(from, to)| *from <= month && to.is_none_or(|to| month <= to)) =>
            {
                Holding::NotSupplied
            }
            None => Holding::NotHeld,
        }
    }

    /// Runs of months without a file between the first and last month held.
    pub(crate) fn gaps(&self) -> Vec<(Month, Month)> {
        self.months
            .keys()
            .zip(self.months.keys().skip(1))
            .filter(|(a, b)| b.since(**a) > 1)
            .map(|(a, b)| (a.plus(1), b.plus(-1)))
            .collect()
    }
}

/// One table of records.
#[derive(Debug)]
pub(crate) struct HeldTable {
    pub(crate) table: String,
    pub(crate) first: Month,
    pub(crate) last: Month,
    /// The forces, by name.
    pub(crate) forces: Vec<Held>,
}

/// Everything held.
#[derive(Debug)]
pub(crate) struct Holdings {
    pub(crate) tables: Vec<HeldTable>,
    /// The newest month held of anything.
    pub(crate) last: Option<Month>,
    /// The newest date among the files.
    pub(crate) as_at: Option<String>,
    /// Runs of months missing, over all forces and tables.
    pub(crate) gaps: usize,
}

impl Holdings {
    pub(crate) fn of(generation: &Generation) -> Self {
        let mut tables: Vec<HeldTable> = Vec::new();
        for name in ["street", "outcomes", "stops"] {
            let of_table = || generation.coverage.iter().filter(|c| c.table == name);
            let (Some(first), Some(last)) = (
                of_table().map(|c| c.month).min(),
                of_table().map(|c| c.month).max(),
            ) else {
                continue;
            };
            let forces = generation
                .forces
                .iter()
                .map(|force| Held {
                    force: force.id.clone(),
                    months: of_table()
                        .filter(|c| c.force == force.id)
                        .map(|c| (c.month, c.clone()))
                        .collect(),
                    not_supplied: generation
                        .issues
                        .iter()
                        .filter(|i| i.not_supplied)
                        .filter(|i| i.touches(name, &force.id, i.from))
                        .map(|i| (i.from, i.to))
                        .collect(),
                })
                .collect();
            tables.push(HeldTable {
                table: name.to_owned(),
                first,
                last,
                forces,
            });
        }
        Self {
            last: tables.iter().map(|t| t.last).max(),
            as_at: generation.sources.iter().map(|s| s.as_at.clone()).max(),
            gaps: tables
                .iter()
                .flat_map(|t| &t.forces)
                .map(|h| h.gaps().len())
                .sum(),
            tables,
        }
    }
}
