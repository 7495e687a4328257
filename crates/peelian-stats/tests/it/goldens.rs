//! Runs the `golden` example's methods on the cases, which are read in place and are not part of
//! the repository, and compares what they write, cell by cell.

use std::path::{Path, PathBuf};

use serde_json::Value;

#[path = "../../examples/golden/methods/mod.rs"]
mod methods;

#[path = "../../examples/golden/table.rs"]
pub(crate) mod table;

use table::Table;

/// How far a figure may lie from the expected one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Within {
    /// This share of the expected figure.
    Relative(f64),
    /// This much.
    Absolute(f64),
    /// This share of the largest figure (by size) of the column.
    OfLargest(f64),
    /// The same text; numbers may be written differently ("1" and "1.0").
    Exact,
    /// A share estimated from so many random draws, ours and theirs: 4·√(p(1−p)/draws) + 1/draws.
    Draws(f64),
}

impl Within {
    fn allows(self, ours: f64, expected: f64, largest: f64) -> bool {
        let distance = (ours - expected).abs();
        ours == expected
            || match self {
                Self::Relative(share) => distance <= share * expected.abs(),
                Self::Absolute(much) => distance <= much,
                Self::OfLargest(share) => distance <= share * largest,
                Self::Exact => false,
                Self::Draws(draws) => {
                    distance
                        <= 4.0 * (expected * (1.0 - expected) / draws).max(0.0).sqrt() + 1.0 / draws
                }
            }
    }
}

/// A case of a method and what the method wrote for it.
pub(crate) struct Case {
    /// The case's folder.
    pub(crate) input: PathBuf,
    /// Where the method wrote.
    pub(crate) out: tempfile::TempDir,
}

/// Runs a method on all its cases; none, with a line to say so, where the cases are not here.
pub(crate) fn run(method: &str) -> Vec<Case> {
    let run = |input: PathBuf| {
        let out = tempfile::tempdir().unwrap();
        let outcome = methods::run(method, &input, out.path());
        outcome
            .unwrap_or_else(|| panic!("{method} is unknown"))
            .unwrap_or_else(|error| panic!("{}: {error}", input.display()));
        Case { input, out }
    };
    cases(method).into_iter().map(run).collect()
}

impl Case {
    /// Every cell of these columns of a CSV file, with the same rows in the same order.
    #[track_caller]
    pub(crate) fn matches(&self, file: &str, columns: &[(&str, Within)]) {
        let expected = Table::read(&self.input, file).unwrap();
        let ours = Table::read(self.out.path(), file).unwrap();
        assert_eq!(
            ours.rows(),
            expected.rows(),
            "{}/{file}: rows",
            self.input.display()
        );
        for (name, within) in columns {
            let what = format!("{}/{file}: {name}", self.input.display());
            let (ours, expected) = (ours.text(name).unwrap(), expected.text(name).unwrap());
            let size = |cell: &String| cell.parse::<f64>().map_or(0.0, f64::abs);
            let largest = expected.iter().map(size).fold(0.0, f64::max);
            for (row, (ours, expected)) in ours.iter().zip(expected).enumerate() {
                let same = match (ours.parse(), expected.parse()) {
                    (Ok(a), Ok(b)) => within.allows(a, b, largest),
                    _ => ours == expected,
                };
                assert!(
                    same,
                    "{what}, row {}: ours {ours:?}, expected {expected:?}",
                    row + 1
                );
            }
        }
    }

    /// The figures (or lists of them) at these JSON pointers of a JSON file.
    #[track_caller]
    pub(crate) fn matches_json(&self, file: &str, pointers: &[(&str, Within)]) {
        let expected = table::read_json(&self.input, file).unwrap();
        let ours = table::read_json(self.out.path(), file).unwrap();
        for (pointer, within) in pointers {
            let what = format!("{}/{file}: {pointer}", self.input.display());
            let expected = expected
                .pointer(pointer)
                .unwrap_or_else(|| panic!("{what}: not expected"));
            let ours = ours
                .pointer(pointer)
                .unwrap_or_else(|| panic!("{what}: not written"));
            same(ours, expected, *within, &what);
        }
    }
}

#[track_caller]
fn same(ours: &Value, expected: &Value, within: Within, what: &str) {
    match (ours, expected) {
        (Value::Array(ours), Value::Array(expected)) => {
            assert_eq!(ours.len(), expected.len(), "{what}: length");
            let sizes = expected.iter().filter_map(Value::as_f64).map(f64::abs);
            let largest = sizes.fold(0.0, f64::max);
            for (i, (ours, expected)) in ours.iter().zip(expected).enumerate() {
                match (ours.as_f64(), expected.as_f64()) {
                    (Some(a), Some(b)) => {
                        assert!(
                            within.allows(a, b, largest),
                            "{what}/{i}: ours {a}, expected {b}"
                        );
                    }
                    _ => same(ours, expected, within, &format!("{what}/{i}")),
                }
            }
        }
        (Value::Object(ours), Value::Object(expected)) => {
            for (key, expected) in expected {
                let ours = ours
                    .get(key)
                    .unwrap_or_else(|| panic!("{what}/{key}: not written"));
                same(ours, expected, within, &format!("{what}/{key}"));
            }
        }
        _ => match (ours.as_f64(), expected.as_f64()) {
            (Some(a), Some(b)) => {
                assert!(
                    within.allows(a, b, b.abs()),
                    "{what}: ours {a}, expected {b}"
                );
            }
            _ => assert_eq!(ours, expected, "{what}"),
        },
    }
}

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

/// Within `tolerance` of `expected`, relative.
#[track_caller]
pub(crate) fn close(ours: f64, expected: f64, tolerance: f64, what: &str) {
    let near = (ours - expected).abs() <= tolerance * expected.abs() || ours == expected;
    assert!(near, "{what}: ours {ours}, expected {expected}");
}
