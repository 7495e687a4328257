//! Files that are damaged, hostile or not ours.

use std::path::PathBuf;

use peelian_archive::IngestReport;

use crate::support::{Place, STOPS, STREET, gzip, street, street_row, zip};

const ESSEX: &str = "Essex Police";
const NAME: &str = "2021-03-essex-street.csv";

fn good() -> String {
    street("2021-03", ESSEX, 0..200)
}

/// Every refusal names the file and says what to do about it.
fn says_what_to_do(report: &IngestReport, file: &str) {
    let remedies = [
        "download it again",
        "give ",
        "save it as",
        "keep the publisher's name",
        "check ",
        "leave it out",
        "unpack it first",
        "pack it again",
    ];
    for note in &report.refused {
        assert!(note.file.contains(file), "{note}");
        assert!(remedies.iter().any(|r| note.reason.contains(r)), "{note}");
    }
}

/// Ingests one file that the user names and expects it refused, with a reason
/// that holds `reason`, and nothing taken.
fn refused(name: &str, bytes: &[u8], reason: &str) {
    let place = Place::new();
    let path = place.write(name, bytes);
    let report = place.ingest(&[path]);
    assert_eq!(report.refused.len(), 1, "{name}: {report:?}");
    assert!(
        report.refused[0].reason.contains(reason),
        "{}",
        report.refused[0]
    );
    says_what_to_do(&report, name);
    assert!(
        report.generation.is_none() && place.home.manifest().unwrap().is_none(),
        "{name}"
    );
}

/// Ingests a street file of two good rows and one bad, and expects the bad one
/// alone set aside, under a rule.
fn set_aside(row: impl AsRef<[u8]>, rule: &str) {
    let mut text = street("2021-03", ESSEX, 0..2).into_bytes();
    text.extend(row.as_ref());
    text.extend(b"\n");
    let place = Place::new();
    let report = place.ingest(&[place.write(NAME, text)]);
    assert_eq!(
        (report.rows_kept, report.rows_quarantined),
        (2, 1),
        "{rule}: {report:?}"
    );
    let release = &place.manifest().releases[0];
    assert_eq!(
        release.quarantined.get(rule),
        Some(&1),
        "{:?}",
        release.quarantined
    );
    let list = std::fs::read_to_string(place.home.path().join(release.quarantine_file().unwrap()))
        .unwrap();
    let mut reader = csv::Reader::from_reader(list.as_bytes());
    assert_eq!(
        reader.headers().unwrap(),
        vec!["file", "line", "column", "rule", "value"]
    );
    let fault = reader.records().next().unwrap().unwrap();
    assert!(fault[0].ends_with(NAME));
    assert_eq!((&fault[1], &fault[3]), ("4", rule));
    assert!(fault[4].chars().count() <= 200);
}

#[test]
fn truncated_files_are_refused() {
    let packed = gzip(good());
    refused(
        "2021-03-essex-street.csv.gz",
        &packed[..packed.len() / 2],
        "damaged",
    );
    refused(
        "2021-03-essex-street.csv.gz",
        &packed[..12],
        "cannot be unpacked",
    );
    let archive = zip(&[("2021-03/2021-03-essex-street.csv", good().as_bytes())]);
    refused("2021-03.zip", &archive[..archive.len() / 2], "damaged");
    let mut flipped = archive.clone();
    flipped[archive.len() / 3] ^= 0x10;
    refused("2021-03.zip", &flipped, "damaged");
}

#[test]
fn a_damaged_file_met_in_a_folder_is_refused_when_it_was_ours() {
    let packed = gzip(good());
    let archive = zip(&[("2021-03/2021-03-essex-street.csv", good().as_bytes())]);
    let place = Place::new();
    place.write("2021-03-essex-street.csv.gz", &packed[..packed.len() / 2]);
    place.write("other-name.zip", &archive[..archive.len() / 2]);
    place.write(
        "2021-04-kent-street.csv",
        street("2021-04", "Kent Police", 0..3),
    );
    place.write("notes.txt", "nothing of interest\n");
    let report = place.ingest(&[place.path("")]);
    assert_eq!(
        (report.loaded, report.refused.len(), report.foreign.len()),
        (1, 2, 1),
        "{report:?}"
    );
}

#[test]
fn archives_that_lead_outside_or_explode_are_refused() {
    for name in [
        "../2021-03-essex-street.csv",
        "/2021-03-essex-street.csv",
        "a\\..\\2021-03-essex-street.csv",
        "C:2021-03-essex-street.csv",
    ] {
        refused(
            "2021-03.zip",
            &zip(&[(name, good().as_bytes())]),
            "leads outside",
        );
    }
    let bomb = vec![b'0'; 64 << 20];
    refused(
        "2021-03.zip",
        &zip(&[("2021-03/2021-03-essex-street.csv", &bomb)]),
        "unpacks to more",
    );
    let mut text = good().into_bytes();
    text.resize(64 << 20, b'\n');
    refused(
        "2021-03-essex-street.csv.gz",
        &gzip(text),
        "unpacks to more",
    );
}

#[test]
fn an_archive_that_lies_about_sizes_is_refused() {
    let archive = zip(&[("2021-03/2021-03-essex-street.csv", good().as_bytes())]);
    let directory = archive
        .windows(4)
        .rposition(|w| w == b"PK\x01\x02")
        .unwrap();
    for (at, value) in [(24, 10_u32), (24, 1 << 30), (20, 1 << 20), (42, 1 << 20)] {
        let mut lying = archive.clone();
        lying[directory + at..directory + at + 4].copy_from_slice(&value.to_le_bytes());
        let place = Place::new();
        let report = place.ingest(&[place.write("2021-03.zip", &lying)]);
        assert_eq!(
            (report.loaded, report.refused.len()),
            (0, 1),
            "{at}: {report:?}"
        );
        says_what_to_do(&report, "2021-03.zip");
    }
}

#[test]
fn text_that_is_not_utf_8_is_refused() {
    for (little, mark) in [(true, true), (false, true), (true, false), (false, false)] {
        let units = good()
            .encode_utf16()
            .flat_map(|u| {
                if little {
                    u.to_le_bytes()
                } else {
                    u.to_be_bytes()
                }
            })
            .collect::<Vec<u8>>();
        let mut bytes = if mark {
            if little {
                vec![0xff, 0xfe]
            } else {
                vec![0xfe, 0xff]
            }
        } else {
            Vec::new()
        };
        bytes.extend(units);
        refused(NAME, &bytes, "UTF-16");
    }
}

#[test]
fn wrong_columns_are_refused_with_what_was_expected() {
    refused(
        NAME,
        good().replace("Crime type", "Kind").as_bytes(),
        "lacks “Crime type” and has “kind”",
    );
    refused(
        NAME,
        good().replace(",Context", "").as_bytes(),
        "lacks “Context”",
    );
    refused(
        NAME,
        good().replace("Context", "Context,Extra").as_bytes(),
        "has “extra” besides",
    );
    refused(
        "2021-03-essex-stop-and-search.csv",
        good().as_bytes(),
        "its header is that of police-uk-street",
    );
    refused(
        "numbers.csv",
        b"a,b\n1,2\n",
        "of a source of docs/sources.md",
    );
    refused("empty.csv", b"", "empty");
    refused(NAME, STREET.as_bytes(), "no rows");
    let archive = zip(&[("2021-03/2021-03-essex-street.csv", b"a,b\n1,2\n")]);
    refused("2021-03.zip", &archive, "no known source");
    refused(
        "2021-03.zip",
        &zip(&[("readme.txt", b"hello")]),
        "none of its members",
    );
}

#[test]
fn files_of_no_force_or_month_are_refused() {
    refused("2021-03-atlantis-street.csv", good().as_bytes(), "no force");
    refused(
        "2021-04-essex-street.csv",
        good().as_bytes(),
        "not of 2021-04",
    );
    refused("2021-03-kent-street.csv", good().as_bytes(), "not of kent");
    let stop = format!("{STOPS}\nPerson search,2021-03-01T10:00:00+00:00,,,,,Male,,,,,,Arrest,,\n");
    refused(
        "stops.csv",
        stop.as_bytes(),
        "neither its name nor its rows",
    );
    let place = Place::new();
    let report = place.ingest(&[place.path("nowhere.csv")]);
    says_what_to_do(&report, "nowhere.csv");
    assert_eq!(report.refused.len(), 1);
}

#[test]
fn a_file_without_one_good_row_is_refused_with_its_first_fault() {
    let rows = good().replace("2021-03", "2021-13");
    refused(
        NAME,
        rows.as_bytes(),
        "line 2, column Month: expected a month as YYYY-MM, found “2021-13”",
    );
    refused(
        NAME,
        format!("{STREET}\n{}", "\0\0\n".repeat(9)).as_bytes(),
        "NUL",
    );
}

#[test]
fn each_class_of_bad_row_is_set_aside_alone() {
    let row = street_row("2021-03", ESSEX, 7);
    let point = "0.000007,51.7";
    set_aside("a,b,c", "number-of-fields");
    set_aside(row.replace("2021-03", "2021-3"), "month");
    set_aside(row.replace("2021-03", "1066-03"), "month");
    set_aside(row.replace("2021-03", "2009-03"), "month");
    set_aside(row.replace("2021-03", "2021-04"), "other-month");
    set_aside(row.replace(ESSEX, "Kent Police"), "other-force");
    set_aside(row.replace(point, "0.5,north"), "coordinates");
    set_aside(row.replace(point, ",51.7"), "half-coordinates");
    set_aside(row.replace(point, "3.0,54.5"), "outside-uk");
    set_aside(row.replace(point, "0,0"), "outside-uk");
    set_aside(row.replace("E01000007", "E0100007"), "area-code");
    set_aside(row.replace("E01000007", "X01000007"), "area-code");
    set_aside(row.replace("00000007,", "0000000,"), "crime-id");
    set_aside(row.replace("00000007,", "0000000g,"), "crime-id");
    set_aside(row.replace("Burglary", ""), "blank");
    set_aside(row.replace("High", "Hi\0gh"), "nul-byte");
    set_aside(row.replace("High", &"x".repeat(10 << 20)), "line-length");
    set_aside(row.replace("On or", "\"On or"), "quote");
    let mut bytes = row.into_bytes();
    bytes.push(0xff);
    set_aside(bytes, "utf-8");
}

#[test]
fn stops_with_bad_times_and_booleans_are_set_aside_and_near_times_kept() {
    let row = |at: &str, operation: &str| {
        format!("Person search,{at},{operation},,,,Male,18-24,,White,,,,,")
    };
    let rows = [
        row("2021-02-28T23:10:00.593333+00:00", "False"),
        row("2021-03-31T23:59:59+00:00", ""),
        row("2021-03-01", "True"),
        row("2021-02-27T23:10:00+00:00", ""),
        row("2021-04-03T00:00:00+00:00", ""),
        row("yesterday", ""),
        row("2021-03-02T10:00:00+00:00", "yes"),
    ];
    let place = Place::new();
    let path = place.write(
        "2021-03-essex-stop-and-search.csv",
        format!("{STOPS}\n{}\n", rows.join("\n")),
    );
    let report = place.ingest(&[path]);
    assert_eq!((report.rows_kept, report.rows_quarantined), (3, 4));
    let counts: Vec<_> = place.manifest().releases[0]
        .quarantined
        .clone()
        .into_iter()
        .collect();
    assert_eq!(
        counts,
        [
            ("boolean".into(), 1),
            ("other-month".into(), 2),
            ("timestamp".into(), 1)
        ]
    );
}

/// A small generator (Knuth's MMIX constants), so that each seed is the same
/// everywhere.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

fn mutate(bytes: &mut Vec<u8>, seeded: &mut Seeded) {
    const PIECES: [&[u8]; 10] = [
        b"\0",
        b"\"",
        b",",
        b"\n",
        b"\r",
        b"\xff\xfe",
        b"9999-99",
        b"-0.1,",
        b"PK\x03\x04",
        b"\xef\xbb\xbf",
    ];
    if bytes.is_empty() {
        return;
    }
    let at = seeded.below(bytes.len());
    let end = (at + 1 + seeded.below(40)).min(bytes.len());
    match seeded.below(6) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..end)),
        2 => bytes[at] ^= 1 << seeded.below(8),
        3 => drop(bytes.splice(at..at, PIECES[seeded.below(PIECES.len())].iter().copied())),
        4 => bytes[at..end].reverse(),
        _ => {
            let piece = bytes[at..end].to_vec();
            let to = seeded.below(bytes.len());
            drop(bytes.splice(to..to, piece));
        }
    }
}

#[test]
fn two_hundred_mutated_files_are_taken_wholly_or_refused_with_a_remedy() {
    mutated_files_are_taken_wholly_or_refused(0..200);
}

#[test]
fn prove_five_thousand_mutated_files_are_taken_wholly_or_refused() {
    if std::env::var_os("PEELIAN_PROVE").is_some() {
        mutated_files_are_taken_wholly_or_refused(200..5_200);
    }
}

fn mutated_files_are_taken_wholly_or_refused(seeds: std::ops::Range<u64>) {
    let text = street("2021-03", ESSEX, 0..30);
    let forms: [(&str, Vec<u8>); 3] = [
        ("2021-03-essex-street.csv", text.clone().into_bytes()),
        ("2021-03-essex-street.csv.gz", gzip(&text)),
        (
            "2021-03.zip",
            zip(&[("2021-03/2021-03-essex-street.csv", text.as_bytes())]),
        ),
    ];
    let (mut taken, mut refused) = (0, 0);
    for seed in seeds {
        let (name, bytes) = &forms[usize::try_from(seed).unwrap() % 3];
        let mut bytes = bytes.clone();
        let mut seeded = Seeded(seed);
        for _ in 0..=seeded.below(4) {
            mutate(&mut bytes, &mut seeded);
        }
        let place = Place::new();
        let path: PathBuf = place.write(name, &bytes);
        let report = place.ingest(&[path]);
        says_what_to_do(&report, name);
        assert_eq!(
            report.loaded + report.refused.len(),
            1,
            "seed {seed}: {report:?}"
        );
        if report.loaded == 0 {
            refused += 1;
            assert!(place.home.manifest().unwrap().is_none(), "seed {seed}");
            continue;
        }
        taken += 1;
        let manifest = place.manifest();
        let release = &manifest.releases[0];
        assert_eq!(
            release.rows,
            release.kept + release.quarantined_rows(),
            "seed {seed}"
        );
        assert_eq!(
            place.rows("street").len() as u64,
            release.kept,
            "seed {seed}"
        );
        assert_eq!(manifest.months.len(), 1);
    }
    assert!(
        taken > 20 && refused > 50,
        "{taken} taken, {refused} refused"
    );
}

#[test]
fn a_workbook_with_a_cell_beyond_counting_is_damaged_and_nothing_falls_over() {
    let sheet = "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
        <dimension ref=\"A1:D2\"/><sheetData><row r=\"1\"><c r=\"ZZZZZZZZZZZZ1\"><v>1</v></c></row>\
        </sheetData></worksheet>";
    let workbook = "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
        xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">\
        <sheets><sheet name=\"IMD2019\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>";
    let links = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
        <Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" \
        Target=\"worksheets/sheet1.xml\"/></Relationships>";
    let bytes = zip(&[
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", links.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ]);
    let place = Place::new();
    let report = place.ingest(&[place.write("tables.xlsx", bytes)]);
    let [note] = report.refused.as_slice() else {
        panic!("{report:?}")
    };
    assert!(note.reason.contains("cannot be read"), "{}", note.reason);
}
