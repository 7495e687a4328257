//! The mappings that a home keeps: `mappings/<table>-<force>.toml`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use peelian_model::ForceId;

use super::{Binding, Mapping};
use crate::{ArchiveError, Home, home};

const FOLDER: &str = "mappings";

/// The mappings that a home keeps, by path. An error names the file and line
/// that is wrong.
pub fn mappings(home: &Home) -> Result<Vec<(PathBuf, Arc<Mapping>)>, ArchiveError> {
    let folder = home.path().join(FOLDER);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(ArchiveError::io(&folder)(e)),
    };
    let mut paths: Vec<PathBuf> = entries
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == "toml"))
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).map_err(ArchiveError::io(&path))?;
            match Mapping::parse(&text) {
                Ok(mapping) => Ok((path, Arc::new(mapping))),
                Err(reason) => Err(ArchiveError::Mapping { path, reason }),
            }
        })
        .collect()
}

/// What the mappings of a home have for a file.
pub(crate) enum Fit {
    One(Binding),
    /// More than one fits, with a sentence on what to do.
    Several(String),
    /// None fits; the nearest is named with how it differs, where one is near.
    None(Option<String>),
}

/// The mapping whose headers are those of a file. Of several, the one that is
/// of the force given.
pub(crate) fn fitting(
    mappings: &[(PathBuf, Arc<Mapping>)],
    force: Option<&ForceId>,
    headers: &[String],
) -> Fit {
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let mut fits: Vec<(&PathBuf, Binding)> = Vec::new();
    let mut nearest: Option<(usize, String)> = None;
    for (path, mapping) in mappings {
        match Binding::of(mapping, &headers) {
            Ok(binding) => fits.push((path, binding)),
            Err(difference) => {
                let count = difference.missing.len() + difference.extra.len();
                if 2 * count <= headers.len() && nearest.as_ref().is_none_or(|n| count < n.0) {
                    let sentence =
                        format!("the mapping {} does not fit: {difference}", path.display());
                    nearest = Some((count, sentence));
                }
            }
        }
    }
    if fits.len() > 1 && force.is_some() {
        fits.retain(|(_, b)| b.mapping.force() == force);
    }
    if fits.len() > 1 {
        let paths: Vec<String> = fits.iter().map(|f| f.0.display().to_string()).collect();
        return Fit::Several(format!(
            "{} mappings fit its header ({}): say which force it is of with --force, or remove one",
            fits.len(),
            paths.join(", ")
        ));
    }
    match fits.pop() {
        Some((_, binding)) => Fit::One(binding),
        None => Fit::None(nearest.map(|n| n.1)),
    }
}

/// Writes a mapping file whole. Without `out` it goes to the home's mappings,
/// named by table and force. A file that stands there is not written over.
pub fn keep(
    home: &Home,
    out: Option<&Path>,
    (table, force): (&str, Option<&str>),
    text: &str,
) -> Result<PathBuf, ArchiveError> {
    let path = out.map_or_else(
        || {
            let force = force.map(|f| format!("-{f}")).unwrap_or_default();
            home.path()
                .join(FOLDER)
                .join(format!("{table}{force}.toml"))
        },
        Path::to_path_buf,
    );
    if path.exists() {
        return Err(ArchiveError::Mapping {
            path,
            reason:
                "a mapping stands there already: remove it first, or name another file with --out"
                    .to_owned(),
        });
    }
    home::write_whole(&path, |file| file.write_all(text.as_bytes()))?;
    Ok(path)
}
