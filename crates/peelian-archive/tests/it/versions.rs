//! Versions of a month: the order in which files arrive makes no difference.

use std::path::PathBuf;

use peelian_archive::IngestOptions;
use proptest::prelude::*;

use crate::support::{Place, STOPS, STREET, gzip, street, street_row, zip};

const ESSEX: &str = "Essex Police";

/// Codes of which two were split and one is unchanged, so that the look-up
/// turns a month of 2021 into the newer vintage.
const LOOKUP: &str = "LSOA11CD,LSOA11NM,LSOA21CD,LSOA21NM,CHGIND,LAD22CD,LAD22NM,LAD22NMW,ObjectId\n\
    E01000500,A,E01000001,A 1,S,E07000066,Basildon,,1\n\
    E01000500,A,E01000002,A 2,S,E07000066,Basildon,,2\n\
    E01000003,B,E01000003,B,U,E07000066,Basildon,,3\n";

struct File {
    name: &'static str,
    bytes: Vec<u8>,
    as_at: Option<&'static str>,
}

fn files() -> Vec<File> {
    let file = |name, text: String, as_at| File {
        name,
        bytes: text.into_bytes(),
        as_at,
    };
    vec![
        file(
            "a/2021-03-essex-street.csv",
            street("2021-03", ESSEX, 0..9),
            Some("2021-05-01"),
        ),
        file(
            "b/2021-03-essex-street.csv",
            street("2021-03", ESSEX, 3..20),
            Some("2021-06-01"),
        ),
        file(
            "c/2021-03-essex-street.csv",
            street("2021-03", ESSEX, 5..8),
            Some("2021-06-01"),
        ),
        file(
            "2021-04-essex-street.csv",
            street("2021-04", ESSEX, 1..4),
            None,
        ),
        File {
            name: "2021-05.zip",
            bytes: zip(&[
                (
                    "2021-03/2021-03-essex-street.csv",
                    street("2021-03", ESSEX, 30..33).as_bytes(),
                ),
                (
                    "2021-05/2021-05-essex-street.csv",
                    street("2021-05", ESSEX, 1..5).as_bytes(),
                ),
                (
                    "2021-05/2021-05-kent-street.csv",
                    street("2021-05", "Kent Police", 1..5).as_bytes(),
                ),
            ]),
            as_at: None,
        },
        File {
            name: "lookup.csv.gz",
            bytes: gzip(LOOKUP),
            as_at: None,
        },
        file(
            "d/2021-03-essex-street.csv",
            format!("{STREET}\nbroken\n"),
            Some("2024-01-01"),
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_order_of_ingests_gives_the_same_tables(
        order in Just((0..7_usize).collect::<Vec<_>>()).prop_shuffle()
    ) {
        let files = files();
        let run = |order: &[usize]| {
            let place = Place::new();
            for index in order {
                let file = &files[*index];
                let path = place.write(file.name, &file.bytes);
                let options = IngestOptions { as_at: file.as_at.map(str::to_owned), ..IngestOptions::default() };
                place.ingest_with(&[path], &options);
            }
            let months: Vec<_> = place
                .manifest()
                .months
                .iter()
                .map(|m| (m.force.to_string(), m.month, m.rows_kept, m.lsoa_vintage))
                .collect();
            (place.digest(), months)
        };
        let expected = run(&[0, 1, 2, 3, 4, 5, 6]);
        prop_assert_eq!(expected.1.iter().filter(|m| m.0 == "essex").count(), 3);
        prop_assert!(expected.1.iter().all(|m| m.3.is_some()));
        prop_assert_eq!(run(&order), expected);
    }
}

#[test]
fn a_look_up_changes_the_vintage_of_months_already_held() {
    let place = Place::new();
    let month = place.write("2021-05-essex-street.csv", street("2021-05", ESSEX, 1..5));
    place.ingest(&[month]);
    assert_eq!(place.manifest().months[0].lsoa_vintage, Some(2011));
    let lookup = place.write("lookup.csv", LOOKUP);
    assert_eq!(place.ingest(&[lookup]).loaded, 1);
    assert_eq!(place.manifest().months[0].lsoa_vintage, Some(2021));
    assert!(
        place
            .rows("street")
            .iter()
            .all(|r| r["lsoa_vintage"] == "2021")
    );
}

#[test]
fn files_in_one_folder_compete_by_their_as_at_not_by_their_order() {
    let mut digests = Vec::new();
    for names in [["a", "b"], ["b", "a"]] {
        let place = Place::new();
        let older = place.write(
            &format!("{}/2021-03-essex-street.csv", names[0]),
            street("2021-03", ESSEX, 0..3),
        );
        let newer = place.write(
            &format!("{}/2021-03-essex-street.csv", names[1]),
            street("2021-03", ESSEX, 0..7),
        );
        let time = |path: &PathBuf, day: u64| {
            let when = std::time::UNIX_EPOCH
                + std::time::Duration::from_secs(1_600_000_000 + day * 86_400);
            std::fs::File::options()
                .append(true)
                .open(path)
                .unwrap()
                .set_modified(when)
                .unwrap();
        };
        time(&older, 1);
        time(&newer, 2);
        let report = place.ingest(&[place.path("")]);
        assert_eq!(
            (report.loaded, report.superseded, report.rows_kept),
            (1, 1, 7)
        );
        digests.push(place.digest());
    }
    assert_eq!(digests[0], digests[1]);
}

#[test]
fn same_bytes_again_do_nothing_even_under_another_name_or_time() {
    let place = Place::new();
    let text = street("2021-03", ESSEX, 0..5);
    let path = place.write("2021-03-essex-street.csv", &text);
    assert_eq!(
        place.ingest(std::slice::from_ref(&path)).generation,
        Some(1)
    );
    let copy = place.write("copy/2021-03-essex-street.csv", &text);
    for again in [&path, &copy] {
        let report = place.ingest(std::slice::from_ref(again));
        assert_eq!(
            (report.generation, report.unchanged, report.loaded),
            (None, 1, 0)
        );
    }
    let archive = place.write(
        "2021-05.zip",
        zip(&[(
            "2021-04/2021-04-essex-street.csv",
            street("2021-04", ESSEX, 0..5).as_bytes(),
        )]),
    );
    assert_eq!(
        place.ingest(std::slice::from_ref(&archive)).generation,
        Some(2)
    );
    assert_eq!(
        place.ingest(std::slice::from_ref(&archive)).generation,
        None
    );
}

#[test]
fn a_replaced_month_is_kept_as_a_revision_when_asked_for() {
    let place = Place::new();
    let first = place.write("a/2021-03-essex-street.csv", street("2021-03", ESSEX, 0..5));
    let second = place.write("b/2021-03-essex-street.csv", street("2021-03", ESSEX, 0..9));
    place.ingest_as_at(&first, "2021-05-01");
    let options = IngestOptions {
        as_at: Some("2021-06-01".into()),
        keep_revisions: true,
        ..IngestOptions::default()
    };
    let report = place.ingest_with(&[second], &options);
    assert_eq!((report.loaded, report.superseded), (1, 1));
    let revision = place
        .manifest()
        .releases
        .iter()
        .find_map(|r| r.revision.clone())
        .unwrap();
    assert_eq!(
        crate::support::rows_of(&place.home.path().join(revision)).len(),
        5
    );
    assert_eq!(place.rows("street").len(), 9);
}

#[test]
fn older_words_are_read_as_those_of_today() {
    let place = Place::new();
    let row = street_row("2011-03", ESSEX, 1)
        .replace("Burglary", "Violent crime")
        .replace("Under investigation", "Offender given a penalty notice");
    let path = place.write("2011-03-essex-street.csv", format!("{STREET}\r\n{row}\r\n"));
    place.ingest(&[path]);
    let row = &place.rows("street")[0];
    assert_eq!(row["crime_type"], "Violence and sexual offences");
    assert_eq!(row["outcome"], "Offender given penalty notice");
    assert_eq!(row["force"], "essex");
    assert!(!row.contains_key("context"), "a blank is null");
}

#[test]
fn a_file_without_the_publishers_name_is_placed_by_its_rows() {
    let place = Place::new();
    let path = place.write(
        "march.csv",
        format!(
            "\u{feff}{}",
            street("2021-03", "Devon & Cornwall Police", 0..2)
        ),
    );
    assert_eq!(place.ingest(&[path]).loaded, 1);
    let month = &place.manifest().months[0];
    assert_eq!(
        (month.force.as_str(), month.month.to_string()),
        ("devon-and-cornwall", "2021-03".to_owned())
    );
}

#[test]
fn the_month_an_archive_is_named_after_is_a_first_issue_that_may_change() {
    let place = Place::new();
    let stops = |day: &str| format!("{STOPS}\nPerson search,{day}T10:00:00+00:00,,,,,,,,,,,,,\n");
    let archive = zip(&[
        (
            "2021-03/2021-03-essex-stop-and-search.csv",
            stops("2021-03-02").as_bytes(),
        ),
        (
            "2021-04/2021-04-essex-stop-and-search.csv",
            stops("2021-04-02").as_bytes(),
        ),
        (
            "2021-04/2021-04-essex-street.csv",
            street("2021-04", ESSEX, 0..3).as_bytes(),
        ),
    ]);
    place.ingest(&[place.write("2021-04.zip", archive)]);
    let months = place.manifest().months;
    let provisional: Vec<(&str, bool)> = months
        .iter()
        .map(|m| (m.table.as_str(), m.is_provisional()))
        .collect();
    assert_eq!(
        provisional,
        [("stops", false), ("stops", true), ("street", false)]
    );
}
