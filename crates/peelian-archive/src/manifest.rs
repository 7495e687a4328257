//! The manifest: every release read, and which file holds each month and
//! whole. An immutable JSON file a generation, `manifest/<n>.json`.

use std::collections::{BTreeMap, BTreeSet};

use peelian_model::{ForceId, Month, Nature, SourceId, SourceRelease};
use serde::{Deserialize, Serialize};

use crate::as_at::AsAt;
use crate::{Part, Provenance, source};

/// One generation of a home's tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Counts up from 1.
    pub generation: u64,
    /// Real or synthetic, fixed at the first ingest.
    pub nature: Nature,
    /// Every release met, by identity.
    pub releases: Vec<Release>,
    /// The months of monthly tables, by table, force and month.
    pub months: Vec<MonthEntry>,
    /// The whole tables, by table and source.
    pub wholes: Vec<WholeEntry>,
}

/// One version of one official file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// 64 hexadecimal digits: SHA-256 of the stored bytes of a file, or of the
    /// name, checksum and size of a member of an archive; for a slice of an
    /// extract, of that and its part.
    pub id: String,
    /// The source it is a file of.
    pub source: SourceId,
    /// The part of its table that it fills.
    pub part: Part,
    /// Path as first given, or `archive.zip!member`.
    pub file: String,
    /// Size of the file's CSV text in bytes.
    pub bytes: u64,
    /// SHA-256 of the file's CSV text (of a Parquet file, of its bytes); empty where it was never read.
    pub sha256: String,
    /// Name of the licence.
    pub licence: String,
    /// When the publisher was showing it, RFC 3339.
    pub as_at: String,
    /// Whether `--as-at` or the archive's name says so; else the file's time does.
    pub as_at_stated: bool,
    /// Whether its rows were read. A superseded release is normally not, and
    /// its counts are then 0.
    pub read: bool,
    /// Rows in the file or slice, without the header.
    pub rows: u64,
    /// Rows kept.
    pub kept: u64,
    /// Rows set aside, by rule.
    pub quarantined: BTreeMap<String, u64>,
    /// Whether a later release stands in its place.
    pub superseded: bool,
    /// File that holds the rows of a superseded release, where they were kept;
    /// relative to the home.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// SHA-256 of the mapping by which an extract was read, where its headers
    /// and codes are its own system's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping: Option<String>,
    /// What the sidecar of an extract says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Provenance>,
}

impl Release {
    pub(crate) fn as_at(&self) -> AsAt {
        AsAt {
            at: self.as_at.clone(),
            stated: self.as_at_stated,
        }
    }

    pub(crate) fn set_as_at(&mut self, as_at: AsAt) {
        self.as_at = as_at.at;
        self.as_at_stated = as_at.stated;
    }

    /// Rows set aside.
    pub fn quarantined_rows(&self) -> u64 {
        self.quarantined.values().sum()
    }

    /// The list of rows set aside, relative to the home; none where all were kept.
    pub fn quarantine_file(&self) -> Option<String> {
        (self.quarantined_rows() > 0).then(|| format!("quarantine/{}.csv", self.id))
    }
}

/// A month of a force in a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthEntry {
    /// The table.
    pub table: String,
    /// The force.
    pub force: ForceId,
    /// The month.
    pub month: Month,
    /// What it is about, where several releases share the month: a measure of
    /// the counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Identity of the release its rows are from.
    pub release: String,
    /// The Parquet file that holds it, with other months of the year, relative
    /// to the home.
    pub file: String,
    /// Rows kept.
    pub rows_kept: u64,
    /// Rows set aside.
    pub rows_quarantined: u64,
    /// When the publisher was showing it, RFC 3339.
    pub as_at: String,
    /// Year of the LSOA boundaries its codes are of; none where it has no codes.
    pub lsoa_vintage: Option<u16>,
    /// Whether the table stays out of everything public.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub restricted: bool,
}

/// A table that comes as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WholeEntry {
    /// The table.
    pub table: String,
    /// The source: a table can have several, such as populations of two years.
    pub source: SourceId,
    /// The force, where every force has a whole of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub force: Option<ForceId>,
    /// What it is about, where several releases share the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Identity of the release its rows are from.
    pub release: String,
    /// The Parquet file that holds it, relative to the home.
    pub file: String,
    /// Rows kept.
    pub rows_kept: u64,
    /// Rows set aside.
    pub rows_quarantined: u64,
    /// When the publisher was showing it, RFC 3339.
    pub as_at: String,
    /// Whether the table stays out of everything public.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub restricted: bool,
}

impl MonthEntry {
    /// Whether the rows are the publisher's first issue of the month, of a
    /// source of which that is known to change: the archive is of the very
    /// month. Of a file outside an archive it cannot be told, and its time is
    /// taken to be later.
    pub fn is_provisional(&self) -> bool {
        source::of_table(&self.table).is_some_and(|s| s.first_issue_changes)
            && self
                .as_at
                .get(..7)
                .is_some_and(|at| at <= self.month.to_string().as_str())
    }
}

impl Manifest {
    /// The generation before the first.
    pub(crate) fn empty(nature: Nature) -> Self {
        Self {
            generation: 0,
            nature,
            releases: Vec::new(),
            months: Vec::new(),
            wholes: Vec::new(),
        }
    }

    /// The Parquet files of a table, each once, relative to the home.
    pub fn files(&self, table: &str) -> Vec<String> {
        let months = self
            .months
            .iter()
            .filter(|m| m.table == table)
            .map(|m| &m.file);
        let wholes = self
            .wholes
            .iter()
            .filter(|w| w.table == table)
            .map(|w| &w.file);
        months
            .chain(wholes)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .cloned()
            .collect()
    }

    /// The release of this identity.
    pub fn release(&self, id: &str) -> Option<&Release> {
        self.releases
            .binary_search_by(|r| r.id.as_str().cmp(id))
            .ok()
            .map(|i| &self.releases[i])
    }

    /// What is in use and may be shown to anybody: one line a source, by id,
    /// from its releases that are not superseded. Restricted sources are not
    /// among them.
    pub fn sources(&self) -> Vec<SourceRelease> {
        self.in_use(false)
    }

    /// The same of the restricted sources, for restricted measures alone.
    pub fn restricted_sources(&self) -> Vec<SourceRelease> {
        self.in_use(true)
    }

    fn in_use(&self, restricted: bool) -> Vec<SourceRelease> {
        let mut lines: BTreeMap<&SourceId, SourceRelease> = BTreeMap::new();
        for release in self.releases.iter().filter(|r| !r.superseded) {
            let Some(source) =
                source::source(&release.source).filter(|s| s.restricted == restricted)
            else {
                continue;
            };
            let date: String = release.as_at.chars().take(10).collect();
            let line = lines
                .entry(&release.source)
                .or_insert_with(|| SourceRelease {
                    source: source.id.clone(),
                    title: source.title.clone(),
                    attribution: source.attribution.clone(),
                    as_at: String::new(),
                    files: 0,
                    rows: 0,
                });
            line.as_at = date.max(std::mem::take(&mut line.as_at));
            line.files += 1;
            line.rows += release.kept;
        }
        lines.into_values().collect()
    }

    /// Every file that this generation needs, relative to the home.
    pub(crate) fn all_files(&self) -> BTreeSet<String> {
        let months = self.months.iter().map(|m| m.file.clone());
        let wholes = self.wholes.iter().map(|w| w.file.clone());
        let lists = self.releases.iter().filter_map(Release::quarantine_file);
        let revisions = self.releases.iter().filter_map(|r| r.revision.clone());
        months.chain(wholes).chain(lists).chain(revisions).collect()
    }
}
