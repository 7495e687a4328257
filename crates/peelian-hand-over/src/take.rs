//! Takes a bundle into a commissioner's home. Nothing is stored unless
//! everything about it is right.

use std::path::{Path, PathBuf};

use peelian_archive::{Home, IngestOptions, ingest};
use peelian_model::ForceId;
use serde_json::json;

use crate::HandOverError;
use crate::bundle::{Bundle, write_whole};
use crate::check::check;
use crate::key::PublicKey;
use crate::row::to_csv;
use crate::sheet::read_sheet;

/// What was taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// The bundle.
    pub bundle: Bundle,
    /// The key that signed it.
    pub key: PublicKey,
    /// Rows that are now in the tables and were not before; 0 where it was
    /// taken before.
    pub rows: u64,
}

/// Takes a bundle. `trust` names the sender's public key the first time; it
/// is kept, and another key for the same force is refused from then on.
pub fn take(home: &Home, path: &Path, trust: Option<&Path>) -> Result<Taken, HandOverError> {
    let bundle = Bundle::open(path)?;
    let force = &bundle.manifest.force;
    let kept = home.path().join("trust").join(format!("{force}.pub"));
    let key = trusted(&kept, trust, force)?;
    if !bundle.is_signed_by(&key) {
        return Err(HandOverError::refused(format!(
            "{}: the key trusted for {force} ({}) did not sign it: do not use it, and ring the force",
            path.display(),
            key.fingerprint()
        )));
    }
    let folder = home.path().join("hand-over/taken").join(force.as_str());
    not_older(&folder, &bundle)?;
    let place = folder.join(bundle.name());
    if place.join("manifest.json").exists() {
        return Ok(Taken {
            bundle,
            key,
            rows: 0,
        });
    }
    let loaded = load(home, &bundle, &place);
    if loaded.is_err() {
        // What was laid out for loading is not a bundle that was taken.
        let _ = std::fs::remove_dir_all(&place);
    }
    let rows = loaded?;
    let said = serde_json::to_vec_pretty(&bundle.manifest)
        .map_err(|e| HandOverError::refused(e.to_string()))?;
    write_whole(&place.join("manifest.json"), &said)?;
    write_whole(&kept, key.to_text().as_bytes())?;
    Ok(Taken { bundle, key, rows })
}

/// The key by which a bundle of a force is told.
fn trusted(kept: &Path, trust: Option<&Path>, force: &ForceId) -> Result<PublicKey, HandOverError> {
    let known = kept.exists().then(|| PublicKey::read(kept)).transpose()?;
    let given = trust.map(PublicKey::read).transpose()?;
    match (known, given) {
        (Some(known), Some(given)) if known != given => Err(HandOverError::refused(format!(
            "WARNING: another key is trusted for {force} already ({}) than the one given ({}). Ring \
             the force before you go on. If its key has really changed, remove {} and give the new one",
            known.fingerprint(),
            given.fingerprint(),
            kept.display()
        ))),
        (Some(known), _) => Ok(known),
        (None, Some(given)) => Ok(given),
        (None, None) => Err(HandOverError::refused(format!(
            "no key of {force} is trusted here yet: compare the fingerprint of its public key over \
             the telephone, then give the key with --trust"
        ))),
    }
}

/// An older bundle must not come back after a newer one of the same months.
fn not_older(folder: &Path, bundle: &Bundle) -> Result<(), HandOverError> {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path().join("manifest.json");
        let Ok(text) = std::fs::read(&path) else {
            continue;
        };
        let taken: crate::bundle::Manifest = serde_json::from_slice(&text)
            .map_err(|e| HandOverError::refused(format!("{}: {e}", path.display())))?;
        let (a, b) = (taken.months, bundle.manifest.months);
        let overlap = a[0] <= b[1] && b[0] <= a[1];
        if overlap && taken.as_at > bundle.manifest.as_at {
            return Err(HandOverError::refused(format!(
                "this bundle is as at {} and a later one, as at {}, was taken before: it stays",
                bundle.manifest.as_at, taken.as_at
            )));
        }
    }
    Ok(())
}

/// Lays the tables out with what is said of them, and has them loaded.
fn load(home: &Home, bundle: &Bundle, place: &Path) -> Result<u64, HandOverError> {
    let refused = HandOverError::Refused;
    let contents = &bundle.contents;
    let mut files = Vec::new();
    for (table, text, rows) in [
        (
            "counts",
            to_csv(&contents.counts).map_err(refused)?,
            contents.counts.len(),
        ),
        (
            "call_intervals",
            to_csv(&contents.half_hours).map_err(refused)?,
            contents.half_hours.len(),
        ),
    ] {
        if rows > 0 {
            files.push(lay_out(bundle, place, table, &text, rows)?);
        }
    }
    if !contents.counts.is_empty() {
        // What the tables would set aside is refused before they are touched.
        let checked = check(&read_sheet(&place.join("counts.csv"))?)?;
        if let Some(fault) = checked.faults.first() {
            return Err(HandOverError::refused(format!("counts.csv, {fault}")));
        }
    }
    let options = IngestOptions {
        force: Some(bundle.manifest.force.clone()),
        wait: true,
        ..IngestOptions::default()
    };
    let report = ingest(home, &files, &options, &|_| {})?;
    match report.refused.first() {
        Some(note) => Err(HandOverError::refused(note.to_string())),
        None => Ok(report.rows_kept),
    }
}

fn lay_out(
    bundle: &Bundle,
    place: &Path,
    table: &str,
    text: &[u8],
    rows: usize,
) -> Result<PathBuf, HandOverError> {
    let manifest = &bundle.manifest;
    let sidecar = json!({
        "extract": table,
        "schema_version": 1,
        "system": "hand-over bundle",
        "run_at": manifest.as_at,
        "row_count": rows,
        "known_gaps": [
            "Counts under 10 are hidden and others rounded to the nearest 5 (rule 10-5); \
             some are hidden so that no small one can be worked out.",
        ],
        "contact_role": manifest.contact_role,
        "force": manifest.force,
    });
    let sidecar =
        serde_json::to_vec_pretty(&sidecar).map_err(|e| HandOverError::refused(e.to_string()))?;
    write_whole(&place.join(format!("{table}.manifest.json")), &sidecar)?;
    let path = place.join(format!("{table}.csv"));
    write_whole(&path, text)?;
    Ok(path)
}
