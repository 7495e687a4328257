//! A made archive, opened for the tests.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::LazyLock;

use peelian_simulate::{Plan, Truth, small, write};

/// A row by column name.
pub(crate) type Row = BTreeMap<String, String>;

/// What a plan made: the truth, the archive's members and the look-ups by name.
pub(crate) struct Made {
    pub(crate) truth: Truth,
    pub(crate) members: Vec<(String, Vec<u8>)>,
    pub(crate) lookups: BTreeMap<String, Vec<u8>>,
}

/// The full demonstration, made once.
pub(crate) static DEMO: LazyLock<Made> =
    LazyLock::new(|| made(&Plan::new("2025-12".parse().unwrap())));

/// The plan for tests, made once.
pub(crate) static SMALL: LazyLock<Made> = LazyLock::new(|| made(&small()));

pub(crate) fn made(plan: &Plan) -> Made {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("made");
    let truth = write(plan, &folder).unwrap();
    let lookups = std::fs::read_dir(folder.join("lookups")).unwrap();
    Made {
        truth,
        members: members(&folder.join(format!("{}.zip", plan.last))),
        lookups: lookups
            .map(|entry| entry.unwrap().path())
            .map(|path| {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                (name, std::fs::read(path).unwrap())
            })
            .collect(),
    }
}

fn members(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(File::open(path).unwrap()).unwrap();
    (0..zip.len())
        .map(|i| {
            let mut member = zip.by_index(i).unwrap();
            assert_eq!(member.compression(), zip::CompressionMethod::Deflated);
            let mut bytes = Vec::new();
            member.read_to_end(&mut bytes).unwrap();
            (member.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

impl Made {
    /// The rows of one file; none where the file is not in the archive.
    pub(crate) fn rows(
        &self,
        month: impl std::fmt::Display,
        force: &str,
        kind: &str,
    ) -> Option<Vec<Row>> {
        let name = format!("{month}/{month}-{force}-{kind}.csv");
        let (_, bytes) = self.members.iter().find(|(member, _)| *member == name)?;
        Some(rows(bytes))
    }
}

pub(crate) fn rows(bytes: &[u8]) -> Vec<Row> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            (header.iter().map(str::to_owned))
                .zip(record.iter().map(str::to_owned))
                .collect()
        })
        .collect()
}
