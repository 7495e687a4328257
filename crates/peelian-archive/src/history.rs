//! What the manifest was at an earlier date: the figures as first published,
//! and every version since.

use std::collections::{BTreeMap, BTreeSet};

use peelian_model::ForceId;

use crate::manifest::{Manifest, MonthEntry, Release};
use crate::{Part, source};

impl Manifest {
    /// The dates at which anything changed in these tables for a force, oldest
    /// first: the as-at of every release that was met, RFC 3339.
    pub fn versions(&self, tables: &BTreeSet<&str>, force: &ForceId) -> Vec<String> {
        let versions: BTreeSet<&String> = self
            .monthly_releases()
            .filter(|(release, table)| {
                tables.contains(table) && release.part.force.as_ref() == Some(force)
            })
            .map(|(release, _)| &release.as_at)
            .collect();
        versions.into_iter().cloned().collect()
    }

    /// The manifest as it would be had nothing been published after `at`
    /// (RFC 3339, as [`Manifest::versions`] gives it): of each month the latest
    /// release up to then. A month whose rows of then are not held is left
    /// out: superseded rows are held only where they were ingested with
    /// revisions kept. Look-ups and other wholes are those of now.
    #[must_use]
    pub fn as_at(&self, at: &str) -> Self {
        let mut latest: BTreeMap<(&str, &Part), &Release> = BTreeMap::new();
        for (release, table) in self.monthly_releases() {
            if release.as_at.as_str() > at {
                continue;
            }
            let place = latest.entry((table, &release.part)).or_insert(release);
            if (&release.as_at, &release.id) > (&place.as_at, &place.id) {
                *place = release;
            }
        }
        let now: BTreeMap<&str, &MonthEntry> = self
            .months
            .iter()
            .map(|m| (m.release.as_str(), m))
            .collect();
        let months = latest
            .into_iter()
            .filter_map(|((table, part), release)| {
                if let Some(entry) = now.get(release.id.as_str()) {
                    return Some((*entry).clone());
                }
                let (force, month) = part.force_month()?;
                Some(MonthEntry {
                    table: table.to_owned(),
                    force,
                    month,
                    subject: part.subject.clone(),
                    release: release.id.clone(),
                    file: release.revision.clone()?,
                    rows_kept: release.kept,
                    rows_quarantined: release.quarantined_rows(),
                    as_at: release.as_at.clone(),
                    lsoa_vintage: None,
                    restricted: source::restricted(table),
                })
            })
            .collect();
        Self {
            months,
            ..self.clone()
        }
    }

    /// Every release of a month, with its table.
    fn monthly_releases(&self) -> impl Iterator<Item = (&Release, &str)> {
        let of_month = self.releases.iter().filter(|r| r.part.month.is_some());
        of_month.filter_map(|release| {
            let source = source::source(&release.source)?;
            Some((release, source.table.as_str()))
        })
    }
}
