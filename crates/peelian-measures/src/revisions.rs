//! A measure's figures release by release: as first published, as now, and
//! every version between, the revision triangle.

use std::collections::{BTreeMap, BTreeSet};

use peelian_archive::Home;
use peelian_model::{ForceId, Month, Reading, Series};

use crate::MeasuresError;
use crate::compute::compute;
use crate::definition::Definition;
use crate::issues::known_issues;
use crate::records::Records;
use crate::refresh::tables;

/// What the figures of one measure and force were at each date on which a
/// file they are made from was published.
#[derive(Debug, Clone, PartialEq)]
pub struct Revisions {
    /// The dates, RFC 3339, oldest first.
    pub as_at: Vec<String>,
    /// For each month one reading a date; none where the month was not yet
    /// published, or its rows of then are not held.
    pub months: BTreeMap<Month, Vec<Option<Reading>>>,
}

impl Revisions {
    /// The figure of a month as it was first published, and the date.
    pub fn first(&self, month: Month) -> Option<(&str, &Reading)> {
        self.dated(month).next()
    }

    /// The figure of a month as it is now, and the date since when.
    pub fn now(&self, month: Month) -> Option<(&str, &Reading)> {
        let all: Vec<_> = self.dated(month).collect();
        let (_, now) = *all.last()?;
        let since = all.iter().rev().take_while(|(_, r)| *r == now).last()?;
        Some((since.0, now))
    }

    fn dated(&self, month: Month) -> impl Iterator<Item = (&str, &Reading)> {
        let readings = self.months.get(&month).into_iter().flatten();
        self.as_at
            .iter()
            .zip(readings)
            .filter_map(|(at, reading)| Some((at.as_str(), reading.as_ref()?)))
    }
}

/// Computes a measure for one force as at every date on which one of its files
/// was published. None where nothing of the force is held. Only files ingested
/// with revisions kept have more than one version.
pub async fn revisions(
    home: &Home,
    definition: &Definition,
    force: &ForceId,
) -> Result<Option<Revisions>, MeasuresError> {
    let Some(manifest) = home.manifest()? else {
        return Ok(None);
    };
    let tables = tables(definition);
    let as_at = manifest.versions(&tables, force);
    if as_at.is_empty() {
        return Ok(None);
    }
    let issues = known_issues(manifest.nature)?;
    let mut months: BTreeMap<Month, Vec<Option<Reading>>> = BTreeMap::new();
    for (version, at) in as_at.iter().enumerate() {
        let then = manifest.as_at(at);
        let records = Records::of_earlier(home.path(), &then, force, issues.clone()).await?;
        let series = compute(definition, &records).await?;
        let whole = series
            .into_iter()
            .find(|s: &Series| s.force == *force && s.area.is_none());
        let held: BTreeSet<Month> = then
            .months
            .iter()
            .filter(|m| m.force == *force && tables.contains(m.table.as_str()))
            .map(|m| m.month)
            .collect();
        // A month that lies between others and is not held has no version.
        for reading in whole.into_iter().flat_map(|s| s.readings) {
            if held.contains(&reading.period) {
                let versions = months.entry(reading.period).or_default();
                versions.resize(version, None);
                versions.push(Some(reading));
            }
        }
    }
    for versions in months.values_mut() {
        versions.resize(as_at.len(), None);
    }
    Ok(Some(Revisions { as_at, months }))
}
