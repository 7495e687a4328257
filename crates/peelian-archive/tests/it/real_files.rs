//! The publisher's own files, counted by the csv crate beside us.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;
use peelian_archive::{IngestOptions, Manifest};

use crate::support::{Place, rows_of, shared};

fn text(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    let file = File::open(path).unwrap();
    if path.extension().is_some_and(|e| e == "gz") {
        MultiGzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    } else {
        { file }.read_to_end(&mut bytes).unwrap();
    }
    bytes
}

#[test]
fn every_row_of_every_official_file_is_kept_or_set_aside() {
    let Some(folder) = shared("police-uk") else {
        return;
    };
    let place = Place::new();
    let options = IngestOptions {
        keep_revisions: true,
        ..IngestOptions::default()
    };
    let report = place.ingest_with(std::slice::from_ref(&folder), &options);
    assert_eq!(report.refused, []);
    let foreign: Vec<&str> = report
        .foreign
        .iter()
        .map(|n| n.file.rsplit('/').next().unwrap())
        .collect();
    assert_eq!(foreign, ["2018-05-essex-street.csv.gz", "manifest.csv"]);
    assert!(
        report.foreign[0].reason.contains("police-uk-street"),
        "{}",
        report.foreign[0]
    );

    let manifest = place.manifest();
    let mut listed = csv::Reader::from_path(folder.join("manifest.csv")).unwrap();
    let mut files = 0;
    for row in listed.deserialize() {
        let row: BTreeMap<String, String> = row.unwrap();
        if row["header_ok"] != "1" {
            continue;
        }
        files += 1;
        let ours: Vec<_> = manifest
            .releases
            .iter()
            .filter(|r| r.sha256 == row["sha256"])
            .collect();
        assert!(!ours.is_empty(), "{} was not read", row["file"]);
        for release in ours {
            assert_eq!(release.rows.to_string(), row["rows"], "{}", row["file"]);
            assert_eq!(release.kept + release.quarantined_rows(), release.rows);
            assert_eq!(release.bytes.to_string(), row["bytes"]);
        }
    }
    assert_eq!(files, 1535);
    assert_eq!(manifest.releases.len(), 1535);
    rows_in_files_are_those_of_the_manifest(&place, &manifest);
}

fn rows_in_files_are_those_of_the_manifest(place: &Place, manifest: &Manifest) {
    for table in ["street", "outcomes", "stops"] {
        let kept: u64 = manifest
            .months
            .iter()
            .filter(|m| m.table == table)
            .map(|m| m.rows_kept)
            .sum();
        let files = manifest.files(table);
        let rows: usize = files
            .iter()
            .flat_map(|f| crate::support::batches(&place.home.path().join(f)))
            .map(|b| b.num_rows())
            .sum();
        assert_eq!(rows as u64, kept, "{table}");
    }
}

#[test]
fn essex_counts_by_month_and_type_equal_an_independent_tally() {
    let Some(folder) = shared("police-uk") else {
        return;
    };
    let mut expected: BTreeMap<(String, String), u64> = BTreeMap::new();
    let mut inputs = Vec::new();
    for month in std::fs::read_dir(folder.join("street")).unwrap() {
        let path = month.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let file = path.join(format!("{name}-essex-street.csv.gz"));
        if !file.exists() {
            continue;
        }
        let bytes = text(&file);
        for row in csv::Reader::from_reader(bytes.as_slice()).deserialize() {
            let row: BTreeMap<String, String> = row.unwrap();
            *expected
                .entry((row["Month"].clone(), row["Crime type"].clone()))
                .or_default() += 1;
        }
        inputs.push(file);
    }
    assert_eq!(inputs.len(), 25);
    let place = Place::new();
    let report = place.ingest(&inputs);
    assert_eq!((report.loaded, report.rows_quarantined), (25, 0));
    let mut found: BTreeMap<(String, String), u64> = BTreeMap::new();
    for row in place.rows("street") {
        let days = row["month"].parse::<i32>().unwrap();
        let date = jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(days);
        let month = date.strftime("%Y-%m").to_string();
        *found.entry((month, row["crime_type"].clone())).or_default() += 1;
    }
    assert_eq!(found, expected);
    assert_eq!(found.values().sum::<u64>(), 384_901);
}

#[test]
fn a_stop_keeps_every_field_of_its_row() {
    let Some(folder) = shared("police-uk") else {
        return;
    };
    let file = folder.join("stop-and-search/2019-06/2019-06-essex-stop-and-search.csv.gz");
    let place = Place::new();
    assert_eq!(place.ingest(std::slice::from_ref(&file)).loaded, 1);
    let mut ours: Vec<[String; 6]> = place
        .rows("stops")
        .into_iter()
        .map(|row| {
            let field = |name: &str| row.get(name).cloned().unwrap_or_default();
            assert_eq!(field("month"), "18048", "the month is that of the file");
            [
                "at",
                "type",
                "outcome",
                "outcome_linked",
                "object",
                "self_defined_ethnicity",
            ]
            .map(field)
        })
        .collect();
    let bytes = text(&file);
    let mut theirs: Vec<[String; 6]> = csv::Reader::from_reader(bytes.as_slice())
        .deserialize()
        .map(|row| {
            let row: BTreeMap<String, String> = row.unwrap();
            let at: jiff::Timestamp = row["Date"].parse().unwrap();
            [
                (at.as_second() * 1000).to_string(),
                row["Type"].clone(),
                row["Outcome"].clone(),
                row["Outcome linked to object of search"].to_lowercase(),
                row["Object of search"].clone(),
                row["Self-defined ethnicity"].clone(),
            ]
        })
        .collect();
    ours.sort();
    theirs.sort();
    assert_eq!(ours, theirs);
}

#[test]
fn populations_and_look_ups_are_read_whole() {
    let Some(folder) = shared("ons") else { return };
    let place = Place::new();
    let report = place.ingest(&[folder]);
    assert_eq!((report.loaded, report.rows_quarantined), (41, 0));
    assert_eq!(report.refused, []);
    let count = |table: &str| place.rows(table).len();
    assert_eq!(count("lsoa_lookup"), 35_796);
    assert_eq!(count("district_lookup"), 348);
    assert_eq!(count("district_successors"), 415);
    assert_eq!(count("ethnic_groups"), 348);
    let mut people: BTreeMap<String, u64> = BTreeMap::new();
    for row in place.rows("population") {
        *people
            .entry(format!("{} {}", row["year"], row["lsoa_vintage"]))
            .or_default() += row["people"].parse::<u64>().unwrap();
    }
    // The totals that data/README.md gives for the two files.
    assert_eq!(people["2015 2011"], 54_728_204);
    assert_eq!(people["2022 2021"], 60_238_038);
    let london = place
        .rows("district_lookup")
        .into_iter()
        .find(|r| r["district"] == "E09000001")
        .unwrap();
    assert_eq!(london["force_name"], "London, City of");
}

#[test]
fn codes_of_essex_are_of_2011_until_2023_and_of_2021_after_with_and_without_the_look_up() {
    let (Some(police), Some(ons)) = (shared("police-uk"), shared("ons")) else {
        return;
    };
    let lookup = ons.join("librarieshacked/lsoa11_to_lsoa21_exact.csv.gz");
    let files: Vec<_> = ["2021-05", "2024-02"]
        .iter()
        .map(|m| police.join(format!("street/{m}/{m}-essex-street.csv.gz")))
        .collect();
    let vintages = |place: &Place| -> Vec<_> {
        place
            .manifest()
            .months
            .iter()
            .map(|m| m.lsoa_vintage)
            .collect()
    };
    let place = Place::new();
    place.ingest(&files);
    assert_eq!(vintages(&place), [Some(2011), Some(2021)]);
    let files_before = place.manifest().files("street");
    place.ingest(&[lookup]);
    assert_eq!(vintages(&place), [Some(2011), Some(2021)]);
    assert_eq!(
        place.manifest().files("street"),
        files_before,
        "nothing is rewritten in vain"
    );
}

#[test]
fn the_later_of_two_downloads_wins_whichever_comes_first() {
    let Some(folder) = shared("police-uk") else {
        return;
    };
    let name = "stop-and-search/2020-01/2020-01-south-yorkshire-stop-and-search.csv.gz";
    let (now, then) = (folder.join(name), folder.join("earlier-release").join(name));
    let rows = |path: &Path| {
        csv::Reader::from_reader(text(path).as_slice())
            .records()
            .count()
    };
    assert_ne!(rows(&now), rows(&then));
    let mut digests = Vec::new();
    for order in [
        [(&then, "2020-04-01"), (&now, "2021-11-01")],
        [(&now, "2021-11-01"), (&then, "2020-04-01")],
    ] {
        let place = Place::new();
        for (path, as_at) in order {
            place.ingest_as_at(path, as_at);
        }
        assert_eq!(place.rows("stops").len(), rows(&now));
        let manifest = place.manifest();
        let superseded: Vec<_> = manifest.releases.iter().filter(|r| r.superseded).collect();
        assert_eq!(superseded.len(), 1);
        assert_eq!(superseded[0].as_at, "2020-04-01T00:00:00Z");
        digests.push(place.digest());
    }
    assert_eq!(digests[0], digests[1]);

    let place = Place::new();
    place.ingest_as_at(&now, "2021-11-01");
    let options = IngestOptions {
        as_at: Some("2020-04-01".into()),
        keep_revisions: true,
        ..IngestOptions::default()
    };
    let report = place.ingest_with(std::slice::from_ref(&then), &options);
    assert_eq!((report.loaded, report.superseded), (0, 1));
    let kept = place
        .manifest()
        .releases
        .iter()
        .find_map(|r| r.revision.clone())
        .unwrap();
    assert_eq!(rows_of(&place.home.path().join(kept)).len(), rows(&then));
    let read = place.manifest().releases.iter().filter(|r| r.read).count();
    assert_eq!(read, 2);
}
