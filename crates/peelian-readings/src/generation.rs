//! A generation: everything computed from one manifest by one set of measure
//! files, written once and never changed.
//!
//! `readings/generations/<n>.json` describes it, `readings/current` names the
//! newest, and the figures lie in Parquet files beside them, one a measure,
//! under `readings/public` or `readings/restricted`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use peelian_model::{
    AreaCode, Force, ForceId, LocalPolicingBody, Measure, Month, Nature, SourceRelease,
};
use serde::{Deserialize, Serialize};

use crate::ReadingsError;

/// How much of a force's month is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Covered {
    /// Every row was kept.
    Complete,
    /// Some rows were set aside as faulty.
    Partial,
    /// Every row was kept of a first issue that is known to change.
    Provisional,
}

/// One force, one month, one table of records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// `street`, `outcomes` or `stops`.
    pub table: String,
    /// The force whose file it is.
    pub force: ForceId,
    /// The month of the file.
    pub month: Month,
    /// Rows kept.
    pub rows_kept: u64,
    /// Rows set aside, each with file, line, column and rule in quarantine.
    pub rows_quarantined: u64,
    /// Whether every row was kept, and is likely to stay.
    pub coverage: Covered,
    /// The date of the release, `2026-11-02`.
    pub as_at: String,
}

/// A district and the force that polices it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct District {
    /// ONS code.
    pub code: AreaCode,
    /// Its name.
    pub name: String,
    /// The force.
    pub force: ForceId,
}

/// A fault in the published data that readers must know of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownIssue {
    /// The table it touches; every table where absent.
    pub table: Option<String>,
    /// The force it touches; every force where absent.
    pub force: Option<ForceId>,
    /// First month touched.
    pub from: Month,
    /// Last month touched; still open where absent.
    pub to: Option<Month>,
    /// Whether the months were not supplied at all.
    pub not_supplied: bool,
    /// One sentence.
    pub text: String,
    /// Where it is said.
    pub source: String,
    /// When that was last looked at.
    pub checked: String,
}

impl KnownIssue {
    /// Whether it touches a month of a force in a table.
    pub fn touches(&self, table: &str, force: &ForceId, month: Month) -> bool {
        self.table.as_deref().is_none_or(|t| t == table)
            && self.force.as_ref().is_none_or(|f| f == force)
            && self.from <= month
            && self.to.is_none_or(|to| month <= to)
    }
}

/// A measure as it was computed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeasureEntry {
    /// The definition.
    pub measure: Measure,
    /// The query, as published.
    pub sql: String,
    /// The readings, relative to the home.
    pub file: String,
    /// What the readings of each force were made from: a hash over the
    /// definition, the look-ups and the force's own tables. Equal hash, equal
    /// readings, so nothing is computed twice.
    pub inputs: BTreeMap<ForceId, String>,
    /// The calculation version that every exported figure names.
    pub version: String,
    /// The tables with months that its query reads.
    #[serde(default)]
    pub tables: Vec<String>,
    /// What was read.
    pub sources: Vec<SourceRelease>,
}

/// One complete set of readings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Generation {
    /// Counted from 1.
    pub number: u64,
    /// The manifest generation that was read.
    pub manifest: u64,
    /// Hash over every measure file.
    pub catalogue: String,
    /// Whether the data are real.
    pub nature: Nature,
    /// When it was computed, RFC 3339.
    pub computed_at: String,
    /// The measures, in the order of the catalogue.
    pub measures: Vec<MeasureEntry>,
    /// Every force that has a file, by name.
    pub forces: Vec<Force>,
    /// Residents of each force area and the year of the estimate.
    pub people: BTreeMap<ForceId, (f64, i32)>,
    /// Who holds them to account, and did, in time; none for invented forces.
    #[serde(default)]
    pub bodies: Vec<LocalPolicingBody>,
    /// Districts of the forces.
    pub districts: Vec<District>,
    /// What is held, force by month by table.
    pub coverage: Vec<Coverage>,
    /// What was read.
    pub sources: Vec<SourceRelease>,
    /// What is known to be wrong with it.
    pub issues: Vec<KnownIssue>,
}

fn folder(home: &Path) -> PathBuf {
    home.join("readings")
}

/// The number of the current generation; none where nothing was computed yet.
pub fn current_number(home: &Path) -> Result<Option<u64>, ReadingsError> {
    let path = folder(home).join("current");
    match fs::read_to_string(&path) {
        Ok(text) => text
            .trim()
            .parse()
            .map(Some)
            .map_err(|_| ReadingsError::damaged(&path, "it does not hold a number")),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(ReadingsError::io(path)(e)),
    }
}

impl Generation {
    /// The current generation; none where nothing was computed yet.
    pub fn current(home: &Path) -> Result<Option<Self>, ReadingsError> {
        let Some(number) = current_number(home)? else {
            return Ok(None);
        };
        let path = folder(home)
            .join("generations")
            .join(format!("{number}.json"));
        let text = fs::read_to_string(&path).map_err(ReadingsError::io(&path))?;
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|e| ReadingsError::damaged(path, e))
    }

    /// Writes the generation and makes it current. A crash leaves the old one
    /// current.
    pub fn commit(&self, home: &Path) -> Result<(), ReadingsError> {
        let generations = folder(home).join("generations");
        fs::create_dir_all(&generations).map_err(ReadingsError::io(&generations))?;
        let path = generations.join(format!("{}.json", self.number));
        let json = serde_json::to_vec_pretty(self).map_err(|e| ReadingsError::damaged(&path, e))?;
        replace(&path, &json)?;
        replace(
            &folder(home).join("current"),
            self.number.to_string().as_bytes(),
        )
    }

    /// The known issues that touch what a measure is made of, in a force or in
    /// any, in any of these months.
    pub fn issues_of<'a>(
        &'a self,
        entry: &'a MeasureEntry,
        force: Option<&'a ForceId>,
        months: Option<(Month, Month)>,
    ) -> impl Iterator<Item = &'a KnownIssue> {
        self.issues.iter().filter(move |issue| {
            let table = |t: &String| entry.tables.contains(t);
            let place = match (&issue.force, force) {
                (Some(touched), Some(force)) => touched == force,
                _ => true,
            };
            let time = months.is_none_or(|(first, last)| {
                issue.from <= last && issue.to.is_none_or(|to| first <= to)
            });
            issue.table.as_ref().is_none_or(table) && place && time
        })
    }

    /// The entry of a measure.
    pub fn measure(&self, id: &peelian_model::MeasureId) -> Option<&MeasureEntry> {
        self.measures.iter().find(|e| &e.measure.id == id)
    }
}

/// Writes a file whole or not at all: a temporary file beside it, flushed to
/// disk, then renamed over it.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), ReadingsError> {
    let temporary = path.with_extension("tmp");
    let mut file = File::create(&temporary).map_err(ReadingsError::io(&temporary))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&temporary, path))
        .map_err(ReadingsError::io(path))
}
