//! Hashes: of texts, and of everything a home's tables hold.

use std::fmt::Write;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::rows::Stored;
use crate::value::Cell;
use crate::{ArchiveError, Home, WholeEntry, table};

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// SHA-256 over the sorted row hashes of every current table, 64 hexadecimal
/// digits. Two homes have the same digest when every table holds the same
/// rows under the same table, force and year (or source); how they came
/// there, and when, makes no difference. A home without a manifest has the
/// digest of nothing.
pub fn digest(home: &Home) -> Result<String, ArchiveError> {
    let Some(manifest) = home.manifest()? else {
        return Ok(sha256_hex(b""));
    };
    let mut files: Vec<(String, &str)> = manifest
        .months
        .iter()
        .map(|m| {
            (
                format!("{}/{}/{}", m.table, m.force, m.month.year()),
                m.file.as_str(),
            )
        })
        .chain(
            manifest
                .wholes
                .iter()
                .map(|w| (whole_key(w), w.file.as_str())),
        )
        .collect();
    files.sort();
    files.dedup();
    let hashes: Vec<[u8; 32]> = files
        .par_iter()
        .map(|(_, file)| file_hash(home, file))
        .collect::<Result<_, _>>()?;
    let mut all = Sha256::new();
    for ((key, _), hash) in files.iter().zip(hashes) {
        all.update((key.len() as u64).to_le_bytes());
        all.update(key);
        all.update(hash);
    }
    Ok(hex(&all.finalize()))
}

/// `population/ons-population-2022`, with force and subject where it has them.
fn whole_key(whole: &WholeEntry) -> String {
    let force = whole.force.as_ref().map(ToString::to_string);
    let more = [force, whole.subject.clone()];
    more.into_iter()
        .flatten()
        .fold(format!("{}/{}", whole.table, whole.source), |key, part| {
            format!("{key}/{part}")
        })
}

fn file_hash(home: &Home, file: &str) -> Result<[u8; 32], ArchiveError> {
    let path = home.path().join(file);
    let mut rows: Vec<[u8; 32]> = Vec::new();
    table::each_batch(&path, |batch| {
        let columns: Vec<Stored<'_>> = batch
            .columns()
            .iter()
            .map(|a| Stored::of(a.as_ref()))
            .collect::<Result<_, _>>()?;
        let mut text = Vec::new();
        for row in 0..batch.num_rows() {
            text.clear();
            for column in &columns {
                append(&mut text, column.cell(row));
            }
            rows.push(Sha256::digest(&text).into());
        }
        Ok(())
    })?;
    rows.sort_unstable();
    let mut all = Sha256::new();
    for row in rows {
        all.update(row);
    }
    Ok(all.finalize().into())
}

/// A cell so written that no two rows of different cells read the same.
fn append(text: &mut Vec<u8>, cell: Cell<'_>) {
    match cell {
        Cell::Null => text.push(0),
        Cell::Text(word) => {
            text.push(1);
            text.extend((word.len() as u32).to_le_bytes());
            text.extend(word);
        }
        Cell::Number(number) => {
            text.push(2);
            text.extend(number.to_le_bytes());
        }
        Cell::Id(id) => {
            text.push(3);
            text.extend(id);
        }
    }
}
