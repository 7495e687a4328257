//! Reads the golden cases in place; they are not part of the repository.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

/// The case folders of a method, sorted; empty, with a line to say so, where there are none here.
pub(crate) fn cases(method: &str) -> Vec<PathBuf> {
    let shared = std::env::var("PEELIAN_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared").into());
    let folder = Path::new(&shared).join("goldens").join(method);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: {} is not here", folder.display());
        return Vec::new();
    };
    let mut cases: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "{} holds no case", folder.display());
    cases
}

pub(crate) fn rows<T: DeserializeOwned>(case: &Path, file: &str) -> Vec<T> {
    let path = case.join(file);
    let mut reader = csv::Reader::from_path(&path).unwrap();
    let rows: Result<Vec<T>, _> = reader.deserialize().collect();
    rows.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn json<T: DeserializeOwned>(case: &Path, file: &str) -> T {
    let path = case.join(file);
    serde_json::from_slice(&std::fs::read(&path).unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Within `tolerance` of `expected`, relative.
#[track_caller]
pub(crate) fn close(ours: f64, expected: f64, tolerance: f64, what: &str) {
    let near = (ours - expected).abs() <= tolerance * expected.abs() || ours == expected;
    assert!(near, "{what}: ours {ours}, expected {expected}");
}
