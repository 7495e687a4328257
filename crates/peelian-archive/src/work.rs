//! The making of one table file: which release each of its months comes from,
//! reading those that are new, and writing them with what is held.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use peelian_model::{Month, Nature};
use sha2::{Digest, Sha256};

use crate::extract::Sheaves;
use crate::group::{Group, Holding};
use crate::input::Candidate;
use crate::manifest::Release;
use crate::reader::{self, Read};
use crate::rows::{Rows, Stored};
use crate::source::{Given, Kind, Source};
use crate::table::{self, FORMAT, Share};
use crate::value::{Cell, month_days, month_of_days};
use crate::vintage::Exclusive;
use crate::{ArchiveError, Event, FileNote, Home, Part};

/// What is the same for all groups of an ingest.
pub(crate) struct Context<'a> {
    pub(crate) home: &'a Home,
    pub(crate) nature: Nature,
    /// Releases of the manifest, with their as-at dates brought up to date.
    pub(crate) releases: &'a BTreeMap<String, Release>,
    /// The same by where their rows belong.
    pub(crate) by_place: BTreeMap<(Group, Part), Vec<&'a Release>>,
    pub(crate) lookup: &'a Exclusive,
    /// Identity of the look-up; changed since the manifest was made or not.
    pub(crate) lookup_id: &'a str,
    pub(crate) lookup_changed: bool,
    pub(crate) keep_revisions: bool,
    /// The mappings that the home keeps: of two readings of the same bytes,
    /// the one through such a mapping stands.
    pub(crate) mappings: &'a BTreeSet<String>,
    pub(crate) progress: &'a (dyn Fn(Event) + Sync),
}

/// A group to be worked on: the files given for each of its slots.
pub(crate) struct Work<'a> {
    pub(crate) group: Group,
    pub(crate) source: &'static Source,
    pub(crate) held: Option<Holding>,
    pub(crate) slots: BTreeMap<Part, Vec<&'a Candidate>>,
}

/// What became of a group.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// The file that now holds the group; none where no file could be taken.
    pub(crate) holding: Option<Holding>,
    /// Releases whose rows were read, by identity.
    pub(crate) read: BTreeMap<String, Share>,
    /// Files with the rows of superseded releases, by identity.
    pub(crate) revisions: BTreeMap<String, String>,
    /// Identities of the files refused.
    pub(crate) refused: BTreeSet<String>,
    pub(crate) notes: Vec<FileNote>,
}

/// One of the releases that compete for a slot.
struct Contender<'a> {
    id: &'a str,
    as_at: &'a str,
    /// Where its bytes are, if they were given.
    given: Option<&'a Candidate>,
    release: Option<&'a Release>,
    /// Whether its rows are in the file now held.
    held: bool,
    /// Whether the mapping by which it is read is still kept, or it needs none.
    current: bool,
}

impl Work<'_> {
    /// The files that will be read if none is refused: one a slot, or all.
    pub(crate) fn planned<'b>(&'b self, context: &'b Context<'b>) -> Vec<&'b Candidate> {
        let mut planned = Vec::new();
        for slot in self.slots.keys() {
            let contenders = self.contenders(slot, context);
            let new = contenders
                .iter()
                .filter(|c| !c.held && c.release.is_none_or(|r| !r.read));
            if context.keep_revisions {
                planned.extend(new.filter_map(|c| c.given));
            } else if let Some(first) = contenders.iter().find(|c| c.held || c.given.is_some())
                && !first.held
            {
                planned.extend(first.given);
            }
        }
        planned
    }

    /// The releases of a slot, the winner first: the later as-at wins, then a
    /// mapping that is still kept, ties by the greater identity. What was given
    /// when makes no difference.
    fn contenders<'b>(&'b self, slot: &Part, context: &'b Context<'_>) -> Vec<Contender<'b>> {
        let held = self
            .held
            .as_ref()
            .and_then(|h| h.slots.get(slot))
            .map(|s| s.0.as_str());
        let given: BTreeMap<&str, &Candidate> = self
            .slots
            .get(slot)
            .into_iter()
            .flatten()
            .map(|c| (c.id.as_str(), *c))
            .collect();
        let known = context
            .by_place
            .get(&(self.group.clone(), slot.clone()))
            .into_iter()
            .flatten();
        let current = |mapping: Option<&str>| mapping.is_none_or(|m| context.mappings.contains(m));
        let mut contenders: Vec<Contender<'b>> = known
            .map(|r| Contender {
                id: &r.id,
                as_at: &r.as_at,
                given: given.get(r.id.as_str()).copied(),
                release: Some(r),
                held: held == Some(r.id.as_str()),
                current: current(r.mapping.as_deref()),
            })
            .collect();
        let new = given
            .values()
            .filter(|c| !context.releases.contains_key(&c.id));
        contenders.extend(new.map(|c| Contender {
            id: &c.id,
            as_at: &c.as_at.at,
            given: Some(*c),
            release: None,
            held: false,
            current: current(c.mapping()),
        }));
        contenders.sort_by(|a, b| (b.as_at, b.current, b.id).cmp(&(a.as_at, a.current, a.id)));
        contenders
    }

    /// Makes the table file of the group as the releases given and held say.
    pub(crate) fn run(&self, context: &Context<'_>) -> Result<Outcome, ArchiveError> {
        let mut outcome = Outcome::default();
        if let Some(found) = self.finished_before(context) {
            outcome = found;
        } else {
            self.choose_and_write(context, &mut outcome)?;
        }
        if context.keep_revisions {
            self.write_revisions(context, &mut outcome)?;
        }
        Ok(outcome)
    }

    /// The file that an ingest which did not come to its end has left.
    fn finished_before(&self, context: &Context<'_>) -> Option<Outcome> {
        let mut chosen: BTreeMap<Part, String> = self.held_releases();
        for slot in self.slots.keys() {
            let contenders = self.contenders(slot, context);
            let first = contenders.iter().find(|c| c.held || c.given.is_some())?;
            chosen.insert(slot.clone(), first.id.to_owned());
        }
        let file = self.file_name(&chosen, context);
        if chosen == self.held_releases() {
            return None;
        }
        let shares = table::shares(&context.home.path().join(&file))?;
        let by_release: BTreeMap<String, Share> =
            shares.into_iter().map(|p| (p.release.clone(), p)).collect();
        let mut outcome = Outcome::default();
        let mut slots = BTreeMap::new();
        for (slot, release) in chosen {
            let part = by_release.get(&release)?;
            slots.insert(slot, (release.clone(), part.lsoa_vintage));
            let quarantined: u64 = part.quarantined.values().sum();
            if quarantined > 0 && !quarantine_path(context.home, &release).exists() {
                return None;
            }
            if !context.releases.get(&release).is_some_and(|r| r.read) {
                (context.progress)(Event::Read {
                    bytes: part.bytes,
                    rows: part.kept + quarantined,
                });
                outcome.read.insert(release, part.clone());
            }
        }
        outcome.holding = Some(Holding { file, slots });
        Some(outcome)
    }

    fn held_releases(&self) -> BTreeMap<Part, String> {
        let held = self.held.iter().flat_map(|h| &h.slots);
        held.map(|(slot, (release, _))| (slot.clone(), release.clone()))
            .collect()
    }

    /// The name says what the file is made of, so that equal content has an
    /// equal name and a finished file is found again after a crash.
    fn file_name(&self, chosen: &BTreeMap<Part, String>, context: &Context<'_>) -> String {
        let mut hasher = Sha256::new();
        hasher.update(format!("{FORMAT} {}", self.source.version));
        if self.vintage_column().is_some() {
            hasher.update(context.lookup_id);
        }
        for (slot, release) in chosen {
            hasher.update(format!("\n{slot} {release}"));
        }
        let hash = crate::digest::hex(&hasher.finalize());
        format!(
            "{}/{}-{}.parquet",
            self.group.folder("tables"),
            self.group.stem,
            &hash[..16]
        )
    }

    fn vintage_column(&self) -> Option<usize> {
        self.source
            .column_where(|c| c.given == Some(Given::LsoaVintage))
    }

    fn choose_and_write(
        &self,
        context: &Context<'_>,
        outcome: &mut Outcome,
    ) -> Result<(), ArchiveError> {
        let mut rows = Rows::new(self.source);
        let mut sheaves = Sheaves::default();
        let mut chosen = self.held_releases();
        for slot in self.slots.keys() {
            let before = chosen.remove(slot);
            if let Some(winner) = self.choose(slot, context, &mut rows, outcome, &mut sheaves)? {
                chosen.insert(slot.clone(), winner);
            } else if let Some(before) = before {
                chosen.insert(slot.clone(), before);
            }
        }
        let unchanged = chosen == self.held_releases();
        if chosen.is_empty() || (unchanged && !context.lookup_changed) {
            outcome.holding.clone_from(&self.held);
            return Ok(());
        }
        let keep: BTreeSet<Part> = chosen
            .iter()
            .filter(|(_, release)| !outcome.read.contains_key(*release))
            .map(|(slot, _)| slot.clone())
            .collect();
        self.push_held(&keep, context, &mut rows)?;
        let vintages = self.set_vintages(context, &mut rows);
        let slots: BTreeMap<Part, (String, Option<u16>)> = chosen
            .iter()
            .map(|(slot, id)| {
                let vintage = slot.month.and_then(|m| vintages.get(&m).copied());
                (slot.clone(), (id.clone(), vintage.flatten()))
            })
            .collect();
        if unchanged && self.held.as_ref().is_some_and(|h| h.slots == slots) {
            outcome.holding.clone_from(&self.held);
            return Ok(());
        }
        let mut shares = Vec::new();
        for (release, vintage) in slots.values() {
            let share = outcome
                .read
                .get(release)
                .cloned()
                .or_else(|| share_of(context.releases.get(release)?));
            shares.extend(share.map(|s| Share {
                lsoa_vintage: *vintage,
                ..s
            }));
        }
        let file = self.file_name(&chosen, context);
        table::write(&context.home.path().join(&file), &rows, &shares)?;
        outcome.holding = Some(Holding { file, slots });
        Ok(())
    }

    /// Reads the winner of a slot into `rows`, or the next best where it is
    /// refused. The identity of the one chosen; none where none can be had.
    fn choose(
        &self,
        slot: &Part,
        context: &Context<'_>,
        rows: &mut Rows,
        outcome: &mut Outcome,
        sheaves: &mut Sheaves,
    ) -> Result<Option<String>, ArchiveError> {
        for contender in self.contenders(slot, context) {
            if contender.held {
                return Ok(Some(contender.id.to_owned()));
            }
            let Some(candidate) = contender.given else {
                let file = contender
                    .release
                    .map_or_else(String::new, |r| r.file.clone());
                let reason = "it is now the newest release of its month, but its rows were never \
                              read: ingest it again"
                    .to_owned();
                outcome.notes.push(FileNote { file, reason });
                continue;
            };
            if let Some(share) = self.read_file(candidate, context, rows, outcome, sheaves)? {
                outcome.read.insert(candidate.id.clone(), share);
                return Ok(Some(candidate.id.clone()));
            }
        }
        Ok(None)
    }

    /// Adds the rows of these slots from the file now held.
    fn push_held(
        &self,
        slots: &BTreeSet<Part>,
        context: &Context<'_>,
        rows: &mut Rows,
    ) -> Result<(), ArchiveError> {
        let Some(held) = self.held.as_ref().filter(|_| !slots.is_empty()) else {
            return Ok(());
        };
        let path: PathBuf = context.home.path().join(&held.file);
        let month = self
            .source
            .column("month")
            .filter(|_| self.source.is_monthly());
        let subject = self.source.subject_column();
        let wanted: BTreeSet<(Option<i64>, Option<&str>)> = slots
            .iter()
            .map(|s| (s.month.map(month_days), s.subject.as_deref()))
            .collect();
        table::each_batch(&path, |batch| {
            let stored = |column: Option<usize>| {
                column
                    .map(|c| Stored::of(batch.column(c).as_ref()))
                    .transpose()
            };
            let (months, subjects) = (stored(month)?, stored(subject)?);
            rows.push_batch(batch, |row| {
                let days = months.as_ref().and_then(|m| match m.cell(row) {
                    Cell::Number(days) => Some(days),
                    _ => None,
                });
                let subject = subjects.as_ref().and_then(|s| match s.cell(row) {
                    Cell::Text(text) => std::str::from_utf8(text).ok(),
                    _ => None,
                });
                wanted.contains(&(days, subject))
            })
        })
    }

    /// Fills in the LSOA vintage of every month from all codes of the month.
    fn set_vintages(&self, context: &Context<'_>, rows: &mut Rows) -> BTreeMap<Month, Option<u16>> {
        let columns = (
            self.vintage_column(),
            self.source.column("month"),
            self.source.column_where(|c| c.kind == Kind::AreaCode),
        );
        let (Some(vintage), Some(month), Some(code)) = columns else {
            return BTreeMap::new();
        };
        let vintages: BTreeMap<i64, Option<u16>> = rows
            .words_by(code, month)
            .into_iter()
            .map(|(days, codes)| {
                let vintage = month_of_days(days).and_then(|m| context.lookup.vintage(&codes, m));
                (days, vintage)
            })
            .collect();
        rows.set_by(vintage, month, |days| {
            vintages.get(&days).copied().flatten().map(i64::from)
        });
        vintages
            .into_iter()
            .filter_map(|(days, v)| Some((month_of_days(days)?, v)))
            .collect()
    }

    /// Keeps the rows of every superseded release at hand in a file of its own.
    fn write_revisions(
        &self,
        context: &Context<'_>,
        outcome: &mut Outcome,
    ) -> Result<(), ArchiveError> {
        let mut sheaves = Sheaves::default();
        for slot in self.slots.keys() {
            let chosen = outcome
                .holding
                .as_ref()
                .and_then(|h| h.slots.get(slot))
                .map(|s| s.0.clone());
            for contender in self.contenders(slot, context) {
                let kept = contender.release.is_some_and(|r| r.revision.is_some());
                if kept || chosen.as_deref() == Some(contender.id) {
                    continue;
                }
                let mut rows = Rows::new(self.source);
                let share = if contender.held {
                    self.push_held(&[slot.clone()].into(), context, &mut rows)?;
                    contender.release.and_then(share_of)
                } else if let Some(candidate) = contender.given {
                    self.read_file(candidate, context, &mut rows, outcome, &mut sheaves)?
                } else {
                    None
                };
                let Some(share) = share else { continue };
                self.set_vintages(context, &mut rows);
                let stem = slot
                    .month
                    .map_or_else(|| self.group.stem.clone(), |m| m.to_string());
                let folder = self.group.folder("revisions");
                let file = format!("{folder}/{stem}-{}.parquet", &contender.id[..16]);
                table::write(
                    &context.home.path().join(&file),
                    &rows,
                    std::slice::from_ref(&share),
                )?;
                outcome.revisions.insert(contender.id.to_owned(), file);
                if !contender.held {
                    outcome.read.insert(contender.id.to_owned(), share);
                }
            }
        }
        Ok(())
    }

    /// Reads a file into `rows` and lists its faulty rows; none where it is
    /// refused, with the reason noted.
    fn read_file(
        &self,
        candidate: &Candidate,
        context: &Context<'_>,
        rows: &mut Rows,
        outcome: &mut Outcome,
        sheaves: &mut Sheaves,
    ) -> Result<Option<Share>, ArchiveError> {
        if outcome.refused.contains(&candidate.id) {
            return Ok(None);
        }
        let synthetic = context.nature == Nature::Synthetic;
        let result = match &candidate.extract {
            Some(extract) => sheaves.take(extract, &candidate.part, self.slots.keys(), rows),
            None => candidate.packed.read().and_then(|text| {
                let part = candidate.part.force_month();
                let read = match crate::grid::read(self.source, &text)? {
                    Some(grid) => reader::read_grid(&grid, synthetic, rows)?,
                    None => reader::read(&text, part.as_ref(), synthetic, rows)?,
                };
                Ok((text.len() as u64, crate::digest::sha256_hex(&text), read))
            }),
        };
        let (bytes, sha256, Read { kept, quarantine }) = match result {
            Ok(read) => read,
            Err(reason) => {
                let note = FileNote {
                    file: candidate.label(),
                    reason,
                };
                (context.progress)(Event::Refused(note.clone()));
                outcome.notes.push(note);
                outcome.refused.insert(candidate.id.clone());
                return Ok(None);
            }
        };
        if quarantine.rows > 0 {
            let list = quarantine.to_csv(&candidate.packed.label());
            let path = quarantine_path(context.home, &candidate.id);
            crate::home::write_whole(&path, |out| std::io::Write::write_all(out, list.as_bytes()))?;
        }
        (context.progress)(Event::Read {
            bytes: candidate.bytes(),
            rows: kept + quarantine.rows,
        });
        let quarantined = quarantine.counts();
        let release = candidate.id.clone();
        Ok(Some(Share {
            release,
            bytes,
            sha256,
            kept,
            quarantined,
            lsoa_vintage: None,
        }))
    }
}

fn share_of(release: &Release) -> Option<Share> {
    release.read.then(|| Share {
        release: release.id.clone(),
        bytes: release.bytes,
        sha256: release.sha256.clone(),
        kept: release.kept,
        quarantined: release.quarantined.clone(),
        lsoa_vintage: None,
    })
}

fn quarantine_path(home: &Home, release: &str) -> PathBuf {
    home.path().join(format!("quarantine/{release}.csv"))
}
