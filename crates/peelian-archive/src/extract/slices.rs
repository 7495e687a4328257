//! Cutting an extract file into slices, and reading the rows of some of them.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hasher};

use peelian_model::{ForceId, MeasureId, Month};

use super::check::{Checker, exact};
use super::rules::Broken;
use super::{Extract, MAX_SLICES};
use crate::as_at::AsAt;
use crate::quarantine::{Quarantine, Rule};
use crate::reader::Read;
use crate::records::Record;
use crate::rows::Rows;
use crate::source::{Given, Kind, Source};
use crate::value::{self, Cell};
use crate::{Part, force, london, personal};

/// What the first look at a file finds of a slice.
#[derive(Debug, Default)]
pub(crate) struct Slice {
    /// Rows, with those of the file that are of no slice, which the first takes.
    pub(crate) rows: u64,
    good: u64,
    /// The latest time of the column that says when a figure was current.
    latest: Option<i64>,
}

impl Slice {
    pub(crate) fn as_at(&self) -> Option<AsAt> {
        self.latest.map(AsAt::of_milliseconds)
    }
}

/// A row's slice, or which rule it breaks.
pub(super) type Place = Result<Part, Broken>;

/// Tells the slice of each row.
pub(super) struct Cutter<'a> {
    source: &'static Source,
    places: &'a [Option<usize>],
    force: Option<&'a ForceId>,
    force_column: Option<usize>,
    time: Option<usize>,
    subject: Option<usize>,
    /// The force name met last and the force it is of.
    last: (Vec<u8>, Option<ForceId>),
}

impl<'a> Cutter<'a> {
    pub(super) fn of(extract: &'a Extract) -> Self {
        let source = extract.source;
        let rules = source.extract.as_ref();
        let column = |name: Option<&String>| name.and_then(|n| source.column(n));
        Self {
            source,
            places: &extract.columns.places,
            force: extract.force.as_ref(),
            force_column: source
                .column_where(|c| c.given == Some(Given::Force))
                .filter(|c| extract.columns.places[*c].is_some()),
            time: column(rules.and_then(|r| r.time.as_ref())),
            subject: source.subject_column(),
            last: (Vec::new(), None),
        }
    }

    fn field<'f>(&self, column: usize, fields: &[&'f [u8]]) -> &'f [u8] {
        let place = self.places.get(column).copied().flatten();
        place
            .and_then(|p| fields.get(p).copied())
            .unwrap_or_default()
    }

    fn place(&mut self, fields: &[&[u8]]) -> Place {
        Ok(Part {
            force: Some(self.force_of(fields)?),
            month: self.time.map(|c| self.month(c, fields)).transpose()?,
            subject: self
                .subject
                .map(|c| self.subject_of(c, fields))
                .transpose()?,
        })
    }

    fn force_of(&mut self, fields: &[&[u8]]) -> Result<ForceId, Broken> {
        let Some(column) = self.force_column else {
            return self.force.cloned().ok_or((Rule::Force, Vec::new()));
        };
        let name = self.field(column, fields);
        if self.last.1.is_none() || self.last.0 != name {
            let text = String::from_utf8_lossy(name);
            self.last = (name.to_vec(), force::of_id_or_name(&text));
        }
        match (&self.last.1, self.force) {
            (Some(named), Some(file)) if named != file => Err((Rule::OtherForce, vec![column])),
            (Some(named), _) => Ok(named.clone()),
            (None, _) => Err((Rule::Force, vec![column])),
        }
    }

    fn month(&self, column: usize, fields: &[&[u8]]) -> Result<Month, Broken> {
        let field = self.field(column, fields);
        let kind = self.source.columns[column].kind;
        let month = || {
            if field.is_empty() {
                return Err(Rule::Required);
            }
            let cell = value::parse(kind, field)?;
            exact(kind, field)?;
            let month = match (kind, cell) {
                (Kind::Period, _) => value::period(field),
                (Kind::Timestamp, Cell::Number(time)) => london::month_of(time),
                (_, Cell::Number(day)) => london::month_of_day(day),
                _ => None,
            };
            month.ok_or(Rule::Month)
        };
        month().map_err(|rule| (rule, vec![column]))
    }

    fn subject_of(&self, column: usize, fields: &[&[u8]]) -> Result<String, Broken> {
        let text = String::from_utf8_lossy(self.field(column, fields));
        text.parse::<MeasureId>()
            .map(|_| text.into_owned())
            .map_err(|_| (Rule::Slug, vec![column]))
    }

    /// The columns by which a row is named, hashed with its force; none where
    /// the table names no rows.
    pub(super) fn key(&self, part: &Part, fields: &[&[u8]]) -> Option<u128> {
        let rules = self.source.extract.as_ref().filter(|r| !r.key.is_empty())?;
        let half = |seed: u8| {
            let mut hasher = DefaultHasher::new();
            hasher.write_u8(seed);
            hasher.write(part.force.as_ref()?.as_str().as_bytes());
            for name in &rules.key {
                let field = self.field(self.source.column(name)?, fields);
                hasher.write_usize(field.len());
                hasher.write(field);
            }
            Some(hasher.finish())
        };
        Some(u128::from(half(0)?) << 64 | u128::from(half(1)?))
    }

    /// Which slice a record is of; a record that is none breaks a rule itself.
    pub(super) fn place_record<'f>(&mut self, record: Record<'f>) -> (Place, &'f [&'f [u8]]) {
        match record {
            Err((rule, _)) => (Err((rule, Vec::new())), &[]),
            Ok(fields) => (self.place(fields), fields),
        }
    }
}

impl Extract {
    /// Finds the slices of the file and the rows whose key is not their own. A
    /// slice has a good row; the rows of others go to quarantine with the
    /// first slice, as do those that say no force or month. A file that holds
    /// personal data is refused.
    pub(super) fn look(&mut self) -> Result<(), String> {
        let mut detector = self.columns.detector();
        let mut slices: BTreeMap<Part, Slice> = BTreeMap::new();
        let mut known: HashSet<u128> = HashSet::new();
        let mut repeats = HashSet::new();
        let (mut rows, mut unplaced, mut first) = (0, 0, None);
        let checker = Checker::new(self.source, &self.columns.places);
        let mut cutter = Cutter::of(self);
        let as_at = self.source.extract.as_ref().and_then(|r| r.as_at.as_ref());
        let as_at = as_at.and_then(|name| self.source.column(name));
        let (seen, counted) = self.each_row(|line, theirs, record| {
            detector.row(line, theirs);
            rows += 1;
            let (place, fields) = cutter.place_record(record);
            let part = match place {
                Ok(part) => part,
                Err(broken) => {
                    unplaced += 1;
                    first.get_or_insert((line, broken));
                    return;
                }
            };
            let key = cutter.key(&part, fields);
            let checked = if key.is_some_and(|key| !known.insert(key)) {
                repeats.insert(line);
                Err((Rule::Repeat, Vec::new()))
            } else {
                checker.check(fields, &part).map(|_| ())
            };
            let slice = slices.entry(part).or_default();
            slice.rows += 1;
            match checked {
                Ok(()) => slice.good += 1,
                Err(broken) => {
                    first.get_or_insert((line, broken));
                }
            }
            if let Some(column) = as_at
                && let Some(time) = value::timestamp(cutter.field(column, fields))
            {
                slice.latest = slice.latest.max(Some(time));
            }
        })?;
        if let Some(reason) = personal::refusal(&detector.findings()) {
            return Err(reason);
        }
        slices.retain(|_, slice| {
            unplaced += if slice.good == 0 { slice.rows } else { 0 };
            slice.good > 0
        });
        if slices.len() > MAX_SLICES {
            return Err(format!(
                "it has {} pairs of force and month, more than {MAX_SLICES}: give several files",
                slices.len()
            ));
        }
        if let Some(mut entry) = slices.first_entry() {
            entry.get_mut().rows += unplaced;
        }
        if unplaced == 0 {
            for part in self.stated_parts() {
                slices.entry(part).or_default();
            }
        }
        if slices.is_empty() {
            return Err(self.nothing_good(rows, first));
        }
        (self.rows, self.slices, self.repeats) = (rows, slices, repeats);
        (self.bytes, self.sha256) = (seen.bytes, seen.sha256);
        self.note(counted);
        Ok(())
    }

    /// The parts of which the file holds everything, as its sidecar says: one
    /// without rows had none, which is not the same as not being held.
    fn stated_parts(&self) -> Vec<Part> {
        let rules = self.source.extract.as_ref();
        let of_one_force = Cutter::of(self).force_column.is_none();
        let (Some(force), Some(provenance), true) = (&self.force, &self.provenance, of_one_force)
        else {
            return Vec::new();
        };
        let Some((first, last)) = provenance.whole_months() else {
            return Vec::new();
        };
        match rules.map(|r| (&r.time, &r.subject)) {
            Some((Some(_), None)) => Month::range(first, last)
                .map(|month| Part::of_month(force.clone(), month))
                .collect(),
            Some((None, None)) => vec![Part {
                force: Some(force.clone()),
                ..Part::default()
            }],
            _ => Vec::new(),
        }
    }

    /// Why a file without a good row is refused.
    fn nothing_good(&self, rows: u64, first: Option<(u64, Broken)>) -> String {
        let Some((line, (rule, columns))) = first else {
            return "it has a header and no rows: where there is nothing to report, give a sidecar \
                    that says so (row_count 0 and the period)"
                .to_owned();
        };
        if rule == Rule::Force && columns.is_empty() {
            return "nothing says which force it is of: give --force, a sidecar with the force, \
                    or a column force"
                .to_owned();
        }
        let columns = match self.names(&columns).as_str() {
            "" => String::new(),
            names => format!(", column {names}"),
        };
        format!(
            "none of its {rows} rows is good (line {line}{columns}: expected {}): correct the extract",
            rule.expected()
        )
    }

    /// Columns by their names, with commas between them.
    fn names(&self, columns: &[usize]) -> String {
        let name = |column: &usize| self.columns.name(*column);
        let names: Vec<String> = columns.iter().filter_map(name).collect();
        names.join(", ")
    }

    /// Reads the rows of these slices.
    fn read(&self, wanted: &BTreeSet<&Part>) -> Result<BTreeMap<Part, Cut>, String> {
        let mut cuts: BTreeMap<Part, Cut> = wanted
            .iter()
            .map(|part| ((*part).clone(), Cut::new(self.source)))
            .collect();
        let Some((first, _)) = self.slices.first_key_value() else {
            return Ok(cuts);
        };
        let checker = Checker::new(self.source, &self.columns.places);
        let mut cutter = Cutter::of(self);
        let (seen, _) = self.each_row(|line, _, record| {
            let (place, fields) = cutter.place_record(record);
            let ours = place.as_ref().ok().filter(|p| self.slices.contains_key(p));
            let Some(cut) = cuts.get_mut(ours.unwrap_or(first)) else {
                return;
            };
            let checked = match &place {
                _ if self.repeats.contains(&line) => Err((Rule::Repeat, self.key_columns())),
                Ok(part) => checker.check(fields, part),
                Err(broken) => Err(broken.clone()),
            };
            match checked {
                Ok(cells) => cut.rows.push(&cells),
                Err((rule, columns)) => {
                    let value = match columns[..] {
                        [one] => cutter.field(one, fields),
                        _ => &[],
                    };
                    cut.quarantine.add(line, &self.names(&columns), rule, value);
                }
            }
        })?;
        if seen.sha256 != self.sha256 {
            return Err("it was changed while it was read: run the same command again".to_owned());
        }
        Ok(cuts)
    }

    pub(super) fn key_columns(&self) -> Vec<usize> {
        let rules = self.source.extract.iter().flat_map(|r| &r.key);
        rules.filter_map(|name| self.source.column(name)).collect()
    }
}

/// The rows of a slice that were read.
struct Cut {
    rows: Rows,
    quarantine: Quarantine,
}

impl Cut {
    fn new(source: &'static Source) -> Self {
        Self {
            rows: Rows::new(source),
            quarantine: Quarantine::concealing(source.restricted),
        }
    }
}

/// The slices read for one table file: each extract file is read once for all
/// that the table file may need of it.
#[derive(Default)]
pub(crate) struct Sheaves(BTreeMap<String, Result<BTreeMap<Part, Cut>, String>>);

impl Sheaves {
    /// Adds the good rows of a slice to `rows`. `parts` are those of the table
    /// file. The error is the reason why the slice is refused; then no row is
    /// added.
    pub(crate) fn take<'p>(
        &mut self,
        extract: &Extract,
        part: &Part,
        parts: impl Iterator<Item = &'p Part>,
        rows: &mut Rows,
    ) -> Result<(u64, String, Read), String> {
        let sheaf = self.0.entry(extract.id.clone()).or_insert_with(|| {
            let ours = parts.filter(|p| extract.slices.contains_key(p));
            extract.read(&ours.collect())
        });
        let cut = sheaf.as_mut().map_err(|reason| reason.clone())?;
        let Some(Cut {
            rows: own,
            quarantine,
        }) = cut.remove(part)
        else {
            return Err(format!(
                "its rows of {part} were read before: run the command again"
            ));
        };
        let batch = own.to_batch().map_err(|e| e.to_string())?;
        rows.push_batch(&batch, |_| true)
            .map_err(|e| e.to_string())?;
        let kept = own.len() as u64;
        Ok((
            extract.bytes,
            extract.sha256.clone(),
            Read { kept, quarantine },
        ))
    }
}
