//! Extracts of a force's own systems: one file, many months, perhaps several
//! forces.
//!
//! A file is cut into slices, one a force and month (a force, where the table
//! has no time; a measure besides, for counts). Each slice is a release of
//! its own: it competes for its place and is superseded alone. A first look
//! at the file finds its slices; what is in them is read once for each table
//! file that is made of them.

mod check;
mod columns;
mod records;
mod rules;
mod sidecar;
mod slices;
mod trial;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use peelian_model::{ForceId, Nature};
use sha2::{Digest, Sha256};

pub(crate) use columns::Columns;
pub(crate) use records::{each_row, parquet_header};
pub(crate) use rules::Rules;
pub use sidecar::{Provenance, Survey};
pub(crate) use sidecar::{Sidecar, is_sidecar, sidecar_names};
pub(crate) use slices::Sheaves;
pub(crate) use trial::TriedRow;

use crate::as_at::AsAt;
use crate::mapping::{Mapping, Translation};
use crate::packed::Packed;
use crate::source::Source;
use crate::{Part, force};
use slices::Slice;

/// Most slices of one file. 45 forces, ten years and 25 measures make 135,000.
const MAX_SLICES: usize = 200_000;

/// An extract file after the first look at it.
#[derive(Debug)]
pub(crate) struct Extract {
    source: &'static Source,
    columns: Columns,
    packed: Packed,
    /// The force of the rows that do not name one.
    force: Option<ForceId>,
    /// Identity of the file's bytes.
    id: String,
    /// Size of the file's text in bytes, and its SHA-256.
    bytes: u64,
    sha256: String,
    rows: u64,
    slices: BTreeMap<Part, Slice>,
    /// Lines whose key an earlier line has.
    repeats: std::collections::HashSet<u64>,
    provenance: Option<Provenance>,
}

/// What is said of a file from outside it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    pub(crate) as_at: Option<AsAt>,
    pub(crate) force: Option<ForceId>,
    /// The mappings that the home keeps.
    pub(crate) mappings: Vec<(PathBuf, Arc<Mapping>)>,
}

impl Extract {
    /// Takes a first look at a file. The error is the reason why it is refused.
    pub(crate) fn open(
        packed: &Packed,
        columns: Columns,
        told: &Told,
        sidecar: Option<&Sidecar>,
    ) -> Result<Self, String> {
        let mut extract = Self::unread(packed, columns, told, sidecar)?;
        extract.look()?;
        if let Some(sidecar) = sidecar {
            sidecar.check(extract.rows)?;
        }
        Ok(extract)
    }

    fn unread(
        packed: &Packed,
        columns: Columns,
        told: &Told,
        sidecar: Option<&Sidecar>,
    ) -> Result<Self, String> {
        Ok(Self {
            force: force_of_file(told, sidecar, columns.mapping())?,
            provenance: sidecar
                .map(Sidecar::provenance)
                .or_else(|| columns.mapping().map(|m| Provenance::of_mapping(m))),
            source: columns.source,
            columns,
            packed: packed.clone(),
            id: packed.identity()?,
            bytes: 0,
            sha256: String::new(),
            rows: 0,
            slices: BTreeMap::new(),
            repeats: std::collections::HashSet::new(),
        })
    }

    /// Its slices: identity, part, and when it was current if the file or its
    /// sidecar says so.
    pub(crate) fn slices(&self) -> impl Iterator<Item = (String, &Part, Option<AsAt>)> {
        self.slices.iter().map(|(part, slice)| {
            let mut hasher = Sha256::new();
            let table = &self.source.table;
            hasher.update(format!("slice\0{table}\0{}\0{part}", self.id));
            // Another mapping makes other rows of the same bytes.
            if let Some(mapping) = self.columns.mapping() {
                hasher.update(format!("\0{}", mapping.hash));
            }
            let as_at = self.provenance.as_ref().and_then(|p| p.as_at.clone());
            let id = crate::digest::hex(&hasher.finalize());
            (id, part, as_at.or_else(|| slice.as_at()))
        })
    }

    /// The bytes of a slice, as its share of the file's rows.
    pub(crate) fn bytes_of(&self, part: &Part) -> u64 {
        let rows = self.slices.get(part).map_or(0, |s| s.rows);
        self.bytes * rows / self.rows.max(1)
    }

    pub(crate) fn provenance(&self) -> Option<&Provenance> {
        self.provenance.as_ref()
    }

    /// SHA-256 of the mapping by which it is read, where one is needed.
    pub(crate) fn mapping(&self) -> Option<&str> {
        Some(&self.columns.mapping()?.hash)
    }

    /// Notes what was found out while the rows were translated.
    fn note(&mut self, counted: Translation) {
        if counted.twice > 0
            && let Some(provenance) = &mut self.provenance
        {
            provenance.notes.push(format!(
                "{} times lie in the hour that occurs twice when the clocks go back; the earlier \
                 of the two was taken.",
                counted.twice
            ));
        }
    }
}

/// Whether a slice is of an invented force.
pub(crate) fn nature_of(part: &Part) -> Nature {
    match &part.force {
        Some(force) if force.is_synthetic() => Nature::Synthetic,
        _ => Nature::Real,
    }
}

fn force_of_file(
    told: &Told,
    sidecar: Option<&Sidecar>,
    mapping: Option<&Arc<Mapping>>,
) -> Result<Option<ForceId>, String> {
    if let Some(unknown) = told.force.as_ref().filter(|f| !force::is_known(f)) {
        return Err(format!(
            "the force given, “{unknown}”, is not known: give the id of data.police.uk, such as essex"
        ));
    }
    let stated = sidecar.and_then(Sidecar::force);
    let stated = stated.or_else(|| mapping.and_then(|m| m.force().cloned()));
    match (&told.force, stated) {
        (Some(told), Some(stated)) if *told != stated => Err(format!(
            "its sidecar or mapping says it is of {stated}, and {told} was given: give the force \
             that is right"
        )),
        (told, stated) => Ok(told.clone().or(stated)),
    }
}
