//! From a manifest to a readings generation, computing only what changed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use peelian_archive::{Home, Manifest, WholeEntry};
use peelian_model::{
    Force, ForceId, LocalPolicingBody, Series, SourceId, SourceRelease, Visibility,
};
use peelian_readings::{
    Coverage, District, Generation, KnownIssue, MeasureEntry, read_series, write_series,
};
use sha2::{Digest, Sha256};

use crate::MeasuresError;
use crate::compute::compute;
use crate::definition::{Definition, Measures, hex};
use crate::issues::known_issues;
use crate::records::{Records, covered};

/// About as many rows as a query may hold at once: it may have to keep every
/// crime id of a batch, at some hundred bytes each.
const ROWS_AT_ONCE: u64 = 2_000_000;

/// What a refresh did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refreshed {
    /// Nothing is ingested yet.
    Empty,
    /// The readings are those of the current manifest and catalogue.
    Current,
    /// New readings were computed.
    Computed {
        /// The new generation.
        generation: u64,
        /// How many pairs of measure and force were computed; the rest were kept.
        series: usize,
    },
}

/// Brings the readings of a home up to date with its manifest and the catalogue.
///
/// The unit of work is one measure and one force: a pair whose inputs have not
/// changed keeps its readings.
pub async fn refresh(home: &Home, measures: &Measures) -> Result<Refreshed, MeasuresError> {
    let catalogue = measures.hash();
    if let Err(done) = behind(home, &catalogue)? {
        return Ok(done);
    }
    // One writer at a time. Whoever held the lock may have done the work.
    let _lock = home.lock(true, || {})?;
    let (manifest, previous) = match behind(home, &catalogue)? {
        Ok(behind) => behind,
        Err(done) => return Ok(done),
    };

    let sources = manifest.sources();
    let all_sources = [sources.clone(), manifest.restricted_sources()].concat();
    let issues = known_issues(manifest.nature)?;
    let stale = Stale::of(&manifest, measures, &issues, previous.as_ref());
    let mut fresh: Vec<Vec<Series>> = vec![Vec::new(); measures.definitions.len()];
    let (mut people, mut places) = (BTreeMap::new(), Vec::new());
    for forces in batches(&manifest, &stale.forces) {
        let records = Records::of_home(home.path(), &manifest, &forces, issues.clone()).await?;
        for ((definition, (_, pairs)), fresh) in measures
            .definitions
            .iter()
            .zip(&stale.measures)
            .zip(&mut fresh)
        {
            if pairs.is_disjoint(&forces) {
                continue;
            }
            let series = compute(definition, &records).await?;
            fresh.extend(series.into_iter().filter(|s| pairs.contains(&s.force)));
        }
        (people, places) = (records.people.newest(), districts(&records));
    }
    let mut entries = Vec::new();
    let mut computed = 0;
    for ((definition, (inputs, pairs)), fresh) in
        measures.definitions.iter().zip(&stale.measures).zip(fresh)
    {
        let kept = previous
            .as_ref()
            .and_then(|g| g.measure(&definition.measure.id));
        let file = file_name(definition, inputs);
        if kept.is_none_or(|entry| entry.file != file) {
            let mut series = match kept {
                Some(entry) => read_series(&home.path().join(&entry.file), &definition.measure.id)?,
                None => Vec::new(),
            };
            series.retain(|s| inputs.contains_key(&s.force) && !pairs.contains(&s.force));
            series.extend(fresh);
            series.sort_by(|a, b| (&a.force, &a.area).cmp(&(&b.force, &b.area)));
            write_series(&home.path().join(&file), &series)?;
            computed += pairs.len();
        }
        entries.push(MeasureEntry {
            measure: definition.measure.clone(),
            sql: definition.sql.clone(),
            file,
            inputs: inputs.clone(),
            version: definition.version(),
            tables: tables(definition).into_iter().map(str::to_owned).collect(),
            sources: used(&all_sources, &definition.measure.sources),
        });
    }

    let number = previous.as_ref().map_or(1, |g| g.number + 1);
    let generation = Generation {
        number,
        manifest: manifest.generation,
        catalogue,
        nature: manifest.nature,
        computed_at: Timestamp::now().to_string(),
        measures: entries,
        forces: forces(&manifest),
        people,
        bodies: bodies(&manifest)?,
        districts: places,
        coverage: coverage(&manifest),
        sources,
        issues,
    };
    generation.commit(home.path())?;
    Ok(Refreshed::Computed {
        generation: number,
        series: computed,
    })
}

/// The forces in batches of so many rows, so that what is in memory does not
/// grow with the country. One batch at least, and a force is never divided.
fn batches(manifest: &Manifest, forces: &BTreeSet<ForceId>) -> Vec<BTreeSet<ForceId>> {
    let mut batches = vec![BTreeSet::new()];
    let mut rows = 0;
    for force in forces {
        let of_force = manifest.months.iter().filter(|m| m.force == *force);
        let own: u64 = of_force.map(|m| m.rows_kept).sum();
        if rows > 0 && rows + own > ROWS_AT_ONCE {
            batches.push(BTreeSet::new());
            rows = 0;
        }
        rows += own;
        if let Some(batch) = batches.last_mut() {
            batch.insert(force.clone());
        }
    }
    batches
}

/// The manifest to compute from and the readings there are; or, where there is
/// nothing to compute, why.
type Behind = Result<(Manifest, Option<Generation>), Refreshed>;

fn behind(home: &Home, catalogue: &str) -> Result<Behind, MeasuresError> {
    let Some(manifest) = home.manifest()? else {
        return Ok(Err(Refreshed::Empty));
    };
    let previous = Generation::current(home.path())?;
    let current = |g: &Generation| g.manifest == manifest.generation && g.catalogue == catalogue;
    Ok(if previous.as_ref().is_some_and(current) {
        Err(Refreshed::Current)
    } else {
        Ok((manifest, previous))
    })
}

/// What has to be computed: for each measure the inputs of every force and the
/// forces whose inputs changed.
struct Stale {
    measures: Vec<(BTreeMap<ForceId, String>, BTreeSet<ForceId>)>,
    forces: BTreeSet<ForceId>,
}

impl Stale {
    fn of(
        manifest: &Manifest,
        measures: &Measures,
        issues: &[KnownIssue],
        previous: Option<&Generation>,
    ) -> Self {
        let mut stale = Self {
            measures: Vec::new(),
            forces: BTreeSet::new(),
        };
        for definition in &measures.definitions {
            let inputs = inputs(manifest, definition, issues);
            let before = previous.and_then(|g| g.measure(&definition.measure.id));
            let changed: BTreeSet<ForceId> = inputs
                .iter()
                .filter(|(force, hash)| before.and_then(|e| e.inputs.get(force)) != Some(hash))
                .map(|(force, _)| force.clone())
                .collect();
            stale.forces.extend(changed.iter().cloned());
            stale.measures.push((inputs, changed));
        }
        stale
    }
}

/// For each force with a month in the measure's leading table, a hash over all
/// that its readings are made from: definition, look-ups, its tables, the issues.
fn inputs(
    manifest: &Manifest,
    definition: &Definition,
    issues: &[KnownIssue],
) -> BTreeMap<ForceId, String> {
    let mut shared = Sha256::new();
    shared.update(definition.version());
    shared.update(serde_json::to_vec(issues).unwrap_or_default());
    let sources: Vec<_> = definition
        .measure
        .sources
        .iter()
        .filter_map(peelian_archive::source)
        .collect();
    // Look-ups count for every measure, a force's own wholes where they are read.
    let reads = |w: &&WholeEntry| !w.restricted || sources.iter().any(|s| s.table == w.table);
    for whole in manifest.wholes.iter().filter(reads) {
        shared.update(&whole.file);
    }
    let tables = tables(definition);
    let mut hashers: BTreeMap<ForceId, Sha256> = BTreeMap::new();
    for month in manifest
        .months
        .iter()
        .filter(|m| tables.contains(m.table.as_str()))
    {
        let hasher = hashers
            .entry(month.force.clone())
            .or_insert_with(|| shared.clone());
        hasher.update(month.month.index().to_le_bytes());
        hasher.update(&month.release);
    }
    hashers
        .into_iter()
        .map(|(force, hasher)| (force, hex(&hasher.finalize())))
        .collect()
}

/// The tables with months that a measure is made of.
pub(crate) fn tables(definition: &Definition) -> BTreeSet<&'static str> {
    let sources = definition.measure.sources.iter();
    sources
        .filter_map(peelian_archive::source)
        .filter(|s| s.is_monthly())
        .map(|s| s.table.as_str())
        .collect()
}

/// Equal inputs give an equal name, so a file that exists is already right.
fn file_name(definition: &Definition, inputs: &BTreeMap<ForceId, String>) -> String {
    let mut hasher = Sha256::new();
    for hash in inputs.values() {
        hasher.update(hash);
    }
    let folder = match definition.measure.visibility() {
        Visibility::Public => "public",
        Visibility::Restricted => "restricted",
    };
    let hash = hex(&hasher.finalize());
    format!(
        "readings/{folder}/{}-{}.parquet",
        definition.measure.id,
        &hash[..16]
    )
}

/// The forces of whom anything public is held.
fn public_forces(manifest: &Manifest) -> BTreeSet<&ForceId> {
    let months = manifest.months.iter().filter(|m| !m.restricted);
    months.map(|m| &m.force).collect()
}

fn forces(manifest: &Manifest) -> Vec<Force> {
    let ids = public_forces(manifest);
    let mut forces: Vec<Force> = ids.into_iter().map(peelian_archive::force).collect();
    forces.sort_by(|a, b| a.name.cmp(&b.name));
    forces
}

/// The bodies of the forces that have a file. Invented forces have none.
fn bodies(manifest: &Manifest) -> Result<Vec<LocalPolicingBody>, MeasuresError> {
    let forces = public_forces(manifest);
    let ours = peelian_archive::bodies()?
        .iter()
        .filter(|b| forces.contains(&b.force));
    Ok(ours.cloned().collect())
}

/// By name, the order in which every list shows them.
fn districts(records: &Records) -> Vec<District> {
    let mut districts: Vec<District> = records.people.districts().values().cloned().collect();
    districts.sort_by(|a, b| a.name.cmp(&b.name));
    districts
}

/// What is held, for everybody to see: nothing of a restricted table.
fn coverage(manifest: &Manifest) -> Vec<Coverage> {
    manifest
        .months
        .iter()
        .filter(|m| !m.restricted)
        .map(|m| Coverage {
            table: m.table.clone(),
            force: m.force.clone(),
            month: m.month,
            rows_kept: m.rows_kept,
            rows_quarantined: m.rows_quarantined,
            coverage: covered(m),
            as_at: date_of(&m.as_at),
        })
        .collect()
}

/// The sources of one measure, in the order in which it names them.
fn used(sources: &[SourceRelease], ids: &[SourceId]) -> Vec<SourceRelease> {
    let find = |id: &SourceId| sources.iter().find(|s| &s.source == id).cloned();
    ids.iter().filter_map(find).collect()
}

fn date_of(as_at: &str) -> String {
    as_at.chars().take(10).collect()
}
