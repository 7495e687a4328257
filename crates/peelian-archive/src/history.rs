//! What the manifest was at an earlier date: the figures as first published,
//! and every version since.

use std::collections::{BTreeMap, BTreeSet};

use peelian_model::{ForceId, Month};

use crate::manifest::{Manifest, MonthEntry, Release};
use crate::source;

impl Manifest {
    /// The dates at which anything changed in these tables for a force, oldest
    /// first: the as-at of every release that was met, RFC 3339.
    pub fn versions(&self, tables: &BTreeSet<&str>, force: &ForceId) -> Vec<String> {
        let versions: BTreeSet<&String> = self
            .monthly_releases()
            .filter(|(_, table, of, _)| tables.contains(table) && *of == force)
            .map(|(release, ..)| &release.as_at)
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
        let mut latest: BTreeMap<(&str, &ForceId, Month), &Release> = BTreeMap::new();
        for (release, table, force, month) in self.monthly_releases() {
            if release.as_at.as_str() > at {
                continue;
            }
            let place = latest.entry((table, force, month)).or_insert(release);
            if (&release.as_at, &release.id) > (&place.as_at, &place.id) {
                *place = release;
            }
        }
        let now: BTreeMap<(&str, &ForceId, Month), &MonthEntry> = self
            .months
            .iter()
            .map(|m| ((m.table.as_str(), &m.force, m.month), m))
            .collect();
        let months = latest
            .into_iter()
            .filter_map(|(place, release)| {
                if let Some(entry) = now.get(&place).filter(|e| e.release == release.id) {
                    return Some((*entry).clone());
                }
                Some(MonthEntry {
                    table: place.0.to_owned(),
                    force: place.1.clone(),
                    month: place.2,
                    release: release.id.clone(),
                    file: release.revision.clone()?,
                    rows_kept: release.kept,
                    rows_quarantined: release.quarantined_rows(),
                    as_at: release.as_at.clone(),
                    lsoa_vintage: None,
                })
            })
            .collect();
        Self {
            months,
            ..self.clone()
        }
    }

    /// Every release of a month, with its table, force and month.
    fn monthly_releases(&self) -> impl Iterator<Item = (&Release, &str, &ForceId, Month)> {
        self.releases.iter().filter_map(|release| {
            let (force, month) = release.part.as_ref()?;
            let source = source::source(&release.source)?;
            Some((release, source.table.as_str(), force, *month))
        })
    }
}
