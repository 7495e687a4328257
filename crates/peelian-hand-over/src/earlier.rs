//! What earlier bundles showed, kept in the force's own home: two bundles
//! together must not tell more than each alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use peelian_model::ForceId;
use peelian_stats::disclosure::attack::Range;
use peelian_stats::disclosure::rules::{Rules, Shown};
use serde::{Deserialize, Serialize};

use crate::HandOverError;
use crate::cells::Name;

/// Every count handed over so far and what was shown of it last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// SHA-256 of the manifest of the bundle made last.
    pub(crate) bundle: Option<String>,
    counts: BTreeMap<String, Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    count: u64,
    shown: Option<u64>,
}

impl Earlier {
    fn path(home: &Path, force: &ForceId) -> PathBuf {
        home.join("hand-over/made").join(format!("{force}.json"))
    }

    /// What was shown of a force; nothing where no bundle was made.
    pub(crate) fn read(home: &Path, force: &ForceId) -> Result<Self, HandOverError> {
        let path = Self::path(home, force);
        match std::fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|e| {
                HandOverError::refused(format!(
                    "{}: it cannot be read ({e}): restore it from a backup, as it says what earlier bundles showed",
                    path.display()
                ))
            }),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(e) => Err(HandOverError::io(&path)(e)),
        }
    }

    pub(crate) fn write(&self, home: &Path, force: &ForceId) -> Result<(), HandOverError> {
        let path = Self::path(home, force);
        let text =
            serde_json::to_vec_pretty(self).map_err(|e| HandOverError::refused(e.to_string()))?;
        crate::bundle::write_whole(&path, &text)
    }

    fn of(&self, name: &Name) -> Option<&Entry> {
        self.counts.get(&key(name))
    }

    pub(crate) fn note(&mut self, name: &Name, count: u64, shown: Shown) {
        let shown = match shown {
            Shown::Exact(n) | Shown::Rounded(n) => Some(n),
            Shown::Small | Shown::Complementary => None,
        };
        self.counts.insert(key(name), Entry { count, shown });
    }

    /// What readers of earlier bundles know of a count, as far as it still
    /// holds.
    pub(crate) fn learnt(&self, name: &Name, count: u64, rules: &Rules) -> Range {
        let shown = self.of(name).and_then(|e| e.shown);
        let learnt = shown.map(|n| rules.learnt(Shown::Rounded(n)));
        learnt
            .filter(|range| range.contains(count))
            .unwrap_or(Range::at_least(0))
    }

    /// A count that has hardly moved stays as it was shown: that it crossed
    /// the middle between two multiples of 5 would tell it exactly. One that
    /// was hidden stays hidden until it has moved by ten.
    pub(crate) fn keep(&self, name: &Name, count: u64, shown: Shown) -> Shown {
        let rules = Rules::default();
        let Some(entry) = self.of(name) else {
            return shown;
        };
        let moved = entry.count.abs_diff(count);
        match (entry.shown, shown) {
            (Some(before), Shown::Rounded(now))
                if moved < rules.base && before != now && before >= rules.threshold =>
            {
                Shown::Rounded(before)
            }
            (None, Shown::Rounded(_)) if moved < rules.threshold => Shown::Complementary,
            _ => shown,
        }
    }
}

fn key(name: &Name) -> String {
    [
        name.words.as_str(),
        &name.area,
        &name.period,
        &name.category,
    ]
    .join(" | ")
}
