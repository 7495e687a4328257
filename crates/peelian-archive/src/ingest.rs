//! Takes files into a home: finds, chooses, reads, and commits everything as
//! one new generation.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use peelian_model::{ForceId, Month, Nature};
use rayon::prelude::*;

use crate::as_at::AsAt;
use crate::extract::Told;
use crate::group::{self, Group, Holding};
use crate::input::{self, Candidate, Found};
use crate::manifest::{Manifest, MonthEntry, Release, WholeEntry};
use crate::mapping;
use crate::source::{self, Given};
use crate::vintage::Exclusive;
use crate::work::{Context, Outcome, Work};
use crate::{ArchiveError, Event, FileNote, Home, IngestOptions, IngestReport, Part};

/// The table that says which LSOA codes are of which year.
const LOOKUP: &str = "lsoa_lookup";

/// Takes files, folders and archives into a home. A file is taken wholly or
/// refused; a refused one does not stop the others. Same bytes again do
/// nothing. Killed at any moment, the home is as before or as after, and the
/// same ingest run again gives what an undisturbed one gives.
pub fn ingest(
    home: &Home,
    inputs: &[PathBuf],
    options: &IngestOptions,
    progress: &(dyn Fn(Event) + Sync),
) -> Result<IngestReport, ArchiveError> {
    source::all()?;
    let told = Told {
        as_at: options.as_at.as_deref().map(AsAt::stated).transpose()?,
        force: options.force.clone(),
        mappings: mapping::mappings(home)?,
    };
    let lock = home.lock(options.wait, || progress(Event::Waiting))?;
    let before = home.manifest()?;

    let mut report = IngestReport::default();
    let found = find(home, inputs, &told)?;
    let candidates = sift(found, &mut report, progress);
    let Some(nature) = nature(before.as_ref(), &candidates)? else {
        return Ok(report);
    };
    let before = before.unwrap_or_else(|| Manifest::empty(nature));
    let candidates = of_nature(candidates, nature, &mut report, progress);

    let mut ingest = Ingest::new(home, before, options.keep_revisions, progress);
    ingest.mappings = told.mappings.iter().map(|m| m.1.hash.clone()).collect();
    let candidates = ingest.meet(candidates, &mut report);
    ingest.run(&candidates, &mut report)?;
    let (before, after) = ingest.finish(&candidates, &mut report);
    if after == before {
        home.sweep(&lock, &before);
        return Ok(report);
    }
    let after = Manifest {
        generation: before.generation + 1,
        ..after
    };
    home.commit(&lock, &after)?;
    report.generation = Some(after.generation);
    progress(Event::Committed {
        generation: after.generation,
    });
    home.sweep(&lock, &after);
    Ok(report)
}

fn find(home: &Home, inputs: &[PathBuf], told: &Told) -> Result<Vec<Found>, ArchiveError> {
    let (met, mut found) = input::walk(inputs, home.path());
    let examined: Vec<Vec<Found>> = met
        .par_iter()
        .map(|met| input::examine(met, told))
        .collect::<Result<_, _>>()?;
    found.extend(examined.into_iter().flatten());
    Ok(found)
}

/// Notes what is foreign or refused and returns the rest.
fn sift(
    found: Vec<Found>,
    report: &mut IngestReport,
    progress: &(dyn Fn(Event) + Sync),
) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for found in found {
        match found {
            Found::Ours(candidate) => candidates.push(*candidate),
            Found::Foreign { file, reason } => {
                let note = FileNote { file, reason };
                progress(Event::Foreign(note.clone()));
                report.foreign.push(note);
            }
            Found::Refused { file, reason } => refuse(FileNote { file, reason }, report, progress),
        }
    }
    candidates
}

fn refuse(note: FileNote, report: &mut IngestReport, progress: &(dyn Fn(Event) + Sync)) {
    progress(Event::Refused(note.clone()));
    report.refused.push(note);
}

/// The nature of the home: as fixed, or that of the first files; none where
/// there is neither.
fn nature(
    before: Option<&Manifest>,
    candidates: &[Candidate],
) -> Result<Option<Nature>, ArchiveError> {
    if let Some(before) = before {
        return Ok(Some(before.nature));
    }
    let first = |nature| candidates.iter().find(|c| c.nature == nature);
    match (first(Nature::Real), first(Nature::Synthetic)) {
        (Some(real), Some(synthetic)) => Err(ArchiveError::Mixed {
            real: real.packed.label(),
            synthetic: synthetic.packed.label(),
        }),
        (real, synthetic) => Ok(real.or(synthetic).map(|c| c.nature)),
    }
}

fn of_nature(
    candidates: Vec<Candidate>,
    nature: Nature,
    report: &mut IngestReport,
    progress: &(dyn Fn(Event) + Sync),
) -> Vec<Candidate> {
    let (ours, others): (Vec<_>, Vec<_>) = candidates.into_iter().partition(|c| c.nature == nature);
    let (is, home) = match nature {
        Nature::Real => ("synthetic", "real"),
        Nature::Synthetic => ("real", "synthetic"),
    };
    for other in others {
        let reason =
            format!("it is {is} and this home is {home}: ingest it into a home of its own");
        refuse(
            FileNote {
                file: other.label(),
                reason,
            },
            report,
            progress,
        );
    }
    ours
}

/// An ingest under way.
struct Ingest<'a> {
    home: &'a Home,
    before: Manifest,
    /// Releases known, with the as-at dates of this ingest merged in.
    releases: BTreeMap<String, Release>,
    /// Where each group now is.
    holdings: BTreeMap<Group, Holding>,
    keep_revisions: bool,
    /// The mappings that the home keeps.
    mappings: BTreeSet<String>,
    progress: &'a (dyn Fn(Event) + Sync),
}

impl<'a> Ingest<'a> {
    fn new(
        home: &'a Home,
        before: Manifest,
        keep_revisions: bool,
        progress: &'a (dyn Fn(Event) + Sync),
    ) -> Self {
        let releases = before
            .releases
            .iter()
            .map(|r| (r.id.clone(), r.clone()))
            .collect();
        let holdings = group::holdings(&before);
        Self {
            home,
            before,
            releases,
            holdings,
            keep_revisions,
            mappings: BTreeSet::new(),
            progress,
        }
    }

    /// Brings as-at dates up to date and drops what is met twice.
    fn meet(&mut self, candidates: Vec<Candidate>, report: &mut IngestReport) -> Vec<Candidate> {
        let mut by_id: BTreeMap<String, Candidate> = BTreeMap::new();
        let known = |c: &&Candidate| self.releases.contains_key(&c.id);
        report.unchanged += files_of(candidates.iter().filter(known));
        for candidate in candidates {
            match by_id.get_mut(&candidate.id) {
                Some(met) => met.as_at = met.as_at.clone().merge(candidate.as_at),
                None => {
                    by_id.insert(candidate.id.clone(), candidate);
                }
            }
        }
        for candidate in by_id.values() {
            if let Some(release) = self.releases.get_mut(&candidate.id) {
                release.set_as_at(release.as_at().merge(candidate.as_at.clone()));
            }
        }
        by_id.into_values().collect()
    }

    /// Whether a file given can change anything.
    fn matters(&self, candidate: &Candidate) -> bool {
        let Some(release) = self.releases.get(&candidate.id) else {
            return true;
        };
        let moved = self
            .before
            .release(&candidate.id)
            .is_none_or(|b| b.as_at != release.as_at);
        // A mapping that is kept again makes an old reading the current one.
        let returned = candidate.mapping().is_some() && release.superseded;
        moved
            || returned
            || (self.keep_revisions && release.superseded && release.revision.is_none())
    }

    fn work<'c>(&self, candidates: &'c [Candidate], monthly: bool, again: bool) -> Vec<Work<'c>> {
        let mut works: BTreeMap<Group, Work<'c>> = BTreeMap::new();
        if again {
            for (group, held) in self.holdings.iter().filter(|(g, _)| g.monthly == monthly) {
                let Some(source) = source::of_table(&group.table) else {
                    continue;
                };
                if source
                    .column_where(|c| c.given == Some(Given::LsoaVintage))
                    .is_some()
                {
                    works.insert(
                        group.clone(),
                        Work {
                            group: group.clone(),
                            source,
                            held: Some(held.clone()),
                            slots: BTreeMap::new(),
                        },
                    );
                }
            }
        }
        let ours = |c: &&Candidate| c.part.month.is_some() == monthly;
        let touched: BTreeSet<(Group, Part)> = candidates
            .iter()
            .filter(ours)
            .filter(|c| self.matters(c))
            .map(Candidate::place)
            .collect();
        for candidate in candidates.iter().filter(ours) {
            let place = candidate.place();
            if !touched.contains(&place) {
                continue;
            }
            let (group, slot) = place;
            let held = self.holdings.get(&group).cloned();
            let work = works.entry(group.clone()).or_insert_with(|| Work {
                group,
                source: candidate.source,
                held,
                slots: BTreeMap::new(),
            });
            work.slots.entry(slot).or_default().push(candidate);
        }
        works.into_values().collect()
    }

    /// Wholes first: the look-up decides on the LSOA vintage of months.
    fn run(
        &mut self,
        candidates: &[Candidate],
        report: &mut IngestReport,
    ) -> Result<(), ArchiveError> {
        let nothing = Exclusive::default();
        let wholes = self.work(candidates, false, false);
        let lookup_before = self.lookup_id();
        let months = self.work(candidates, true, false);
        let outcomes = {
            let context = self.context(&nothing, &lookup_before, false);
            self.announce(&context, &[wholes.as_slice(), months.as_slice()]);
            run_all(&wholes, &context)?
        };
        self.take(wholes, outcomes, report);
        let lookup_after = self.lookup_id();
        let lookup = {
            let files: Vec<PathBuf> = self
                .holdings
                .iter()
                .filter(|(group, _)| group.table == LOOKUP)
                .map(|(_, held)| self.home.path().join(&held.file))
                .collect();
            let again = lookup_after != lookup_before;
            if months.is_empty() && !again {
                return Ok(());
            }
            Exclusive::read(files.iter().map(PathBuf::as_path))?
        };
        let again = lookup_after != lookup_before;
        let months = self.work(candidates, true, again);
        let outcomes = run_all(&months, &self.context(&lookup, &lookup_after, again))?;
        self.take(months, outcomes, report);
        Ok(())
    }

    fn context<'b>(
        &'b self,
        lookup: &'b Exclusive,
        lookup_id: &'b str,
        changed: bool,
    ) -> Context<'b> {
        let mut by_place: BTreeMap<(Group, Part), Vec<&Release>> = BTreeMap::new();
        for release in self.releases.values() {
            if let Some(source) = source::source(&release.source) {
                by_place
                    .entry((Group::of(source, &release.part), release.part.clone()))
                    .or_default()
                    .push(release);
            }
        }
        Context {
            home: self.home,
            nature: self.before.nature,
            releases: &self.releases,
            by_place,
            lookup,
            lookup_id,
            lookup_changed: changed,
            keep_revisions: self.keep_revisions,
            mappings: &self.mappings,
            progress: self.progress,
        }
    }

    fn lookup_id(&self) -> String {
        let held = self
            .holdings
            .iter()
            .filter(|(group, _)| group.table == LOOKUP);
        held.flat_map(|(_, h)| h.slots.values().map(|s| s.0.clone()))
            .collect()
    }

    fn announce<'b>(&self, context: &'b Context<'b>, works: &[&'b [Work<'b>]]) {
        let planned: Vec<&Candidate> = works
            .iter()
            .copied()
            .flatten()
            .flat_map(|w| w.planned(context))
            .collect();
        if !planned.is_empty() {
            let bytes = planned.iter().map(|c| c.bytes()).sum();
            (self.progress)(Event::Planned {
                files: files_of(planned.iter().copied()),
                bytes,
            });
        }
    }

    /// Takes the outcomes of groups into holdings and releases.
    fn take(&mut self, works: Vec<Work<'_>>, outcomes: Vec<Outcome>, report: &mut IngestReport) {
        for (work, outcome) in works.into_iter().zip(outcomes) {
            let given: BTreeMap<&str, &Candidate> = work
                .slots
                .values()
                .flatten()
                .map(|c| (c.id.as_str(), *c))
                .collect();
            for candidate in given.values().filter(|c| !outcome.refused.contains(&c.id)) {
                self.releases
                    .entry(candidate.id.clone())
                    .or_insert_with(|| unread(candidate));
            }
            for (id, part) in outcome.read {
                let Some(release) = self.releases.get_mut(&id) else {
                    continue;
                };
                release.read = true;
                release.bytes = part.bytes;
                release.sha256 = part.sha256;
                release.kept = part.kept;
                release.rows = part.kept + part.quarantined.values().sum::<u64>();
                release.quarantined = part.quarantined;
            }
            for (id, file) in outcome.revisions {
                if let Some(release) = self.releases.get_mut(&id) {
                    release.revision = Some(file);
                }
            }
            if let Some(held) = outcome.holding {
                self.holdings.insert(work.group, held);
            }
            report.refused.extend(outcome.notes);
        }
    }

    /// The manifest as it was and as it now is.
    fn finish(
        mut self,
        candidates: &[Candidate],
        report: &mut IngestReport,
    ) -> (Manifest, Manifest) {
        let current: BTreeSet<String> = self
            .holdings
            .values()
            .flat_map(|h| h.slots.values().map(|s| s.0.clone()))
            .collect();
        for release in self.releases.values_mut() {
            let superseded = !current.contains(&release.id);
            report.superseded += usize::from(superseded && !release.superseded);
            release.superseded = superseded;
            if !superseded {
                release.revision = None;
            }
        }
        let was: BTreeSet<&str> = self
            .before
            .months
            .iter()
            .map(|m| m.release.as_str())
            .chain(self.before.wholes.iter().map(|w| w.release.as_str()))
            .collect();
        let new = |c: &&Candidate| current.contains(&c.id) && !was.contains(c.id.as_str());
        report.loaded += files_of(candidates.iter().filter(new));
        for candidate in candidates.iter().filter(new) {
            let Some(release) = self.releases.get(&candidate.id) else {
                continue;
            };
            report.rows_kept += release.kept;
            report.rows_quarantined += release.quarantined_rows();
        }
        let (mut months, mut wholes) = (Vec::new(), Vec::new());
        for (group, held) in &self.holdings {
            for (slot, (id, vintage)) in &held.slots {
                let Some(release) = self.releases.get(id) else {
                    continue;
                };
                match slot.force_month() {
                    Some((force, month)) => {
                        let part = (force, month, slot.subject.clone());
                        months.push(month_entry(group, part, held, release, *vintage));
                    }
                    None => wholes.push(whole_entry(group, slot, held, release)),
                }
            }
        }
        let after = Manifest {
            generation: self.before.generation,
            nature: self.before.nature,
            releases: self.releases.into_values().collect(),
            months,
            wholes,
        };
        (self.before, after)
    }
}

fn month_entry(
    group: &Group,
    (force, month, subject): (ForceId, Month, Option<String>),
    held: &Holding,
    release: &Release,
    lsoa_vintage: Option<u16>,
) -> MonthEntry {
    MonthEntry {
        table: group.table.clone(),
        force,
        month,
        subject,
        release: release.id.clone(),
        file: held.file.clone(),
        rows_kept: release.kept,
        rows_quarantined: release.quarantined_rows(),
        as_at: release.as_at.clone(),
        lsoa_vintage,
        restricted: source::restricted(&group.table),
    }
}

fn whole_entry(group: &Group, part: &Part, held: &Holding, release: &Release) -> WholeEntry {
    WholeEntry {
        table: group.table.clone(),
        source: release.source.clone(),
        force: part.force.clone(),
        subject: part.subject.clone(),
        release: release.id.clone(),
        file: held.file.clone(),
        rows_kept: release.kept,
        rows_quarantined: release.quarantined_rows(),
        as_at: release.as_at.clone(),
        restricted: source::restricted(&group.table),
    }
}

/// A release of which nothing but the file is known.
fn unread(candidate: &Candidate) -> Release {
    Release {
        id: candidate.id.clone(),
        source: candidate.source.id.clone(),
        part: candidate.part.clone(),
        file: candidate.packed.label(),
        bytes: candidate.packed.claimed_size(),
        sha256: String::new(),
        licence: candidate.source.licence.clone(),
        as_at: candidate.as_at.at.clone(),
        as_at_stated: candidate.as_at.stated,
        read: false,
        rows: 0,
        kept: 0,
        quarantined: BTreeMap::new(),
        superseded: false,
        revision: None,
        mapping: candidate.mapping().map(str::to_owned),
        provenance: candidate.provenance().cloned(),
    }
}

/// How many files these are: the slices of an extract are one.
fn files_of<'a>(candidates: impl Iterator<Item = &'a Candidate>) -> usize {
    candidates
        .map(|c| c.packed.label())
        .collect::<BTreeSet<_>>()
        .len()
}

/// Groups side by side, one a thread: what is in memory is a year of a force
/// for each.
fn run_all(works: &[Work<'_>], context: &Context<'_>) -> Result<Vec<Outcome>, ArchiveError> {
    works
        .par_iter()
        .with_max_len(1)
        .map(|work| work.run(context))
        .collect()
}
