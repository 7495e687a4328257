//! The home: generations, what a crash leaves, natures, the lock.

use std::fs;

use peelian_archive::{ArchiveError, IngestOptions, ingest};
use peelian_model::Nature;

use crate::support::{Place, STREET, street, street_row};

const ESSEX: &str = "Essex Police";

#[test]
fn what_a_crash_leaves_makes_no_difference_and_finished_files_are_used() {
    let march = street("2021-03", ESSEX, 0..50);
    let april = format!("{}bad row\n", street("2021-04", ESSEX, 0..40));
    let undisturbed = Place::new();
    let crashed = Place::new();
    for place in [&undisturbed, &crashed] {
        place.ingest(&[place.write("2021-03-essex-street.csv", &march)]);
        place.ingest(&[place.write("2021-04-essex-street.csv", &april)]);
    }
    // As if killed after writing tables and manifest and before the pointer,
    // then again in the middle of a table and of a manifest.
    let home = crashed.home.path();
    let finished = home.join(&crashed.manifest().months[0].file);
    let folder = finished.parent().unwrap().to_path_buf();
    fs::write(home.join("manifest/current"), "1\n").unwrap();
    fs::write(home.join("manifest/2.json"), "{\"generation\": 2, \"nat").unwrap();
    fs::write(home.join("manifest/.unfinished-2.json"), "{").unwrap();
    fs::write(
        folder.join(".unfinished-2021-0000000000000000.parquet"),
        "PAR1",
    )
    .unwrap();
    let written = fs::metadata(&finished).unwrap().modified().unwrap();
    let report = crashed.ingest(&[crashed.path("2021-04-essex-street.csv")]);
    assert_eq!(
        (report.generation, report.rows_kept, report.rows_quarantined),
        (Some(2), 40, 1)
    );
    assert_eq!(crashed.digest(), undisturbed.digest());
    assert_eq!(
        fs::metadata(&finished).unwrap().modified().unwrap(),
        written,
        "it was written again"
    );

    // A finished file whose list of faulty rows is gone is made again.
    fs::write(home.join("manifest/current"), "1\n").unwrap();
    fs::remove_dir_all(home.join("quarantine")).unwrap();
    crashed.ingest(&[crashed.path("2021-04-essex-street.csv")]);
    let (ours, theirs) = (crashed.manifest(), undisturbed.manifest());
    assert_eq!(
        ours.months[1].rows_quarantined,
        theirs.months[1].rows_quarantined
    );
    assert!(
        home.join(
            ours.release(&ours.months[1].release)
                .unwrap()
                .quarantine_file()
                .unwrap()
        )
        .exists()
    );
    assert_eq!(crashed.digest(), undisturbed.digest());
}

#[test]
fn a_damaged_pointer_or_manifest_is_reported_with_its_path() {
    let place = Place::new();
    place.ingest(&[place.write("2021-03-essex-street.csv", street("2021-03", ESSEX, 0..5))]);
    let manifest = place.home.path().join("manifest/1.json");
    fs::write(&manifest, "{").unwrap();
    let fault = place.home.manifest().unwrap_err().to_string();
    assert!(
        fault.contains("1.json") && fault.contains("backup"),
        "{fault}"
    );
    fs::write(place.home.path().join("manifest/current"), "one").unwrap();
    assert!(
        place
            .home
            .manifest()
            .unwrap_err()
            .to_string()
            .contains("manifest/current")
    );
}

#[test]
fn old_files_that_nothing_needs_are_swept_and_those_of_two_generations_stay() {
    let place = Place::new();
    let old = |path: &std::path::Path| {
        let hour = std::time::SystemTime::now() - std::time::Duration::from_hours(1);
        fs::File::options()
            .append(true)
            .open(path)
            .unwrap()
            .set_modified(hour)
            .unwrap();
    };
    let mut files = Vec::new();
    for (generation, month) in ["2021-03", "2021-04", "2021-05"].iter().enumerate() {
        let path = place.write(
            &format!("{month}-essex-street.csv"),
            street(month, ESSEX, 0..3),
        );
        place.ingest(&[path]);
        let file = place
            .home
            .path()
            .join(&place.manifest().months[generation].file);
        old(&file);
        files.push(file);
    }
    place.ingest(&[place.path("")]);
    let there: Vec<bool> = files.iter().map(|f| f.exists()).collect();
    assert_eq!(there, [false, true, true]);
}

#[test]
fn real_and_synthetic_files_never_share_a_home() {
    let synthetic = street("2021-03", "Synthetic Ashmoor Police", 0..5);
    let place = Place::new();
    let invented = place.write("2021-03-synthetic-ashmoor-street.csv", &synthetic);
    let real = place.write("2021-03-essex-street.csv", street("2021-03", ESSEX, 0..5));
    let both = [invented.clone(), real.clone()];
    let fault = ingest(&place.home, &both, &IngestOptions::default(), &|_| {}).unwrap_err();
    assert!(matches!(fault, ArchiveError::Mixed { .. }), "{fault}");
    assert!(place.home.manifest().unwrap().is_none());

    place.ingest(&[invented]);
    assert_eq!(place.manifest().nature, Nature::Synthetic);
    let population = place.write("p.csv", "lsoacd,population\nE01000001,1200\n");
    let report = place.ingest(&[real, population]);
    assert_eq!((report.generation, report.refused.len()), (None, 2));
    assert!(report.refused[0].reason.contains("home of its own"));
    let invented = place.write("q.csv", "lsoacd,population\nX01000001,1200\n");
    assert_eq!(place.ingest(&[invented]).loaded, 1);
}

#[test]
fn a_real_place_in_an_invented_file_is_set_aside() {
    let place = Place::new();
    let name = "Synthetic Ashmoor Police";
    let rows = [
        street_row("2021-03", name, 1),
        street_row("2021-03", name, 2).replace("X01", "E01"),
    ];
    let path = place.write(
        "2021-03-synthetic-ashmoor-street.csv",
        format!("{STREET}\n{}\n", rows.join("\n")),
    );
    let report = place.ingest(&[path]);
    assert_eq!((report.rows_kept, report.rows_quarantined), (1, 1));
}

#[test]
fn a_second_writer_waits_and_says_so_or_gives_up() {
    let place = Place::new();
    let path = place.write("2021-03-essex-street.csv", street("2021-03", ESSEX, 0..5));
    fs::create_dir_all(place.home.path()).unwrap();
    let lock = fs::File::create(place.home.path().join("lock")).unwrap();
    lock.lock().unwrap();
    let options = IngestOptions::default();
    let fault = ingest(&place.home, std::slice::from_ref(&path), &options, &|_| {}).unwrap_err();
    assert!(matches!(fault, ArchiveError::Locked(_)), "{fault}");

    let (said, heard) = std::sync::mpsc::channel();
    let said = std::sync::Mutex::new(said);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let options = IngestOptions {
                wait: true,
                ..IngestOptions::default()
            };
            ingest(
                &place.home,
                std::slice::from_ref(&path),
                &options,
                &|event| {
                    let _ = said.lock().unwrap().send(format!("{event:?}"));
                },
            )
        });
        assert_eq!(heard.recv().unwrap(), "Waiting");
        lock.unlock().unwrap();
        assert_eq!(waiting.join().unwrap().unwrap().loaded, 1);
    });
}

#[test]
fn the_sources_in_use_are_stated_with_their_newest_date() {
    let place = Place::new();
    let path = place.write("2021-03-essex-street.csv", street("2021-03", ESSEX, 0..5));
    place.ingest_as_at(&path, "2021-05-01");
    let lines = place.manifest().sources();
    assert_eq!((lines.len(), lines[0].files, lines[0].rows), (1, 1, 5));
    assert_eq!(lines[0].as_at, "2021-05-01");
    assert!(lines[0].attribution.contains("Open Government Licence"));
    assert!(
        lines
            .iter()
            .all(|l| l.source.as_str() == "police-uk-street")
    );
}
