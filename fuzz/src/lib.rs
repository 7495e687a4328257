//! What the targets share: bytes go in as a user's file would, through the
//! public door of the archive, and the promises of an ingest are checked.

use std::path::Path;

use peelian_archive::{Home, IngestOptions, ingest};

/// Calls `then` with the path of a file of this name and content, in memory
/// where the system has a folder there.
pub fn with_file(name: &str, bytes: &[u8], then: impl FnOnce(&Path)) {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    let Ok(folder) = folder else { return };
    let file = folder.path().join(name);
    if std::fs::write(&file, bytes).is_ok() {
        then(&file);
    }
}

/// Takes a file of this name and content into a home of its own. Checks that
/// every row is accounted for, and that the same file again changes nothing.
pub fn take(name: &str, bytes: &[u8]) {
    with_file(name, bytes, |file| {
        let home = Home::new(file.with_file_name("home"));
        let options = IngestOptions {
            as_at: Some("2026-01-01".to_owned()),
            force: "essex".parse().ok(),
            ..IngestOptions::default()
        };
        let inputs = [file.to_path_buf()];
        let Ok(report) = ingest(&home, &inputs, &options, &|_| {}) else {
            return;
        };
        let Ok(Some(manifest)) = home.manifest() else {
            assert!(
                report.generation.is_none(),
                "a generation was reported and is not there"
            );
            return;
        };
        for release in manifest.releases.iter().filter(|r| r.read) {
            assert_eq!(release.rows, release.kept + release.quarantined_rows());
        }
        let again = ingest(&home, &inputs, &options, &|_| {});
        assert!(
            again.is_ok_and(|r| r.generation.is_none()),
            "the same file again is news"
        );
    });
}
