//! Workbooks: tables for human readers, read by their declared layout.

use std::collections::BTreeMap;

use peelian_archive::IngestReport;
use rust_xlsxwriter::Workbook;

use crate::support::{Place, shared, zip};

const TITLE: &str =
    "Table 1: Police officers by police force area, England and Wales, 30 September 2019";

/// A workbook in the layout of the workforce tables: the sheets' names and
/// their rows from the first.
fn workbook(sheets: &[(&str, &[&[&str]])]) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, rows) in sheets {
        let sheet = book.add_worksheet().set_name(*name).unwrap();
        for (row, cells) in rows.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                let (row, column) = (row as u32, column as u16);
                match cell.parse::<f64>() {
                    Ok(number) => sheet.write_number(row, column, number).unwrap(),
                    Err(_) => sheet.write_string(row, column, *cell).unwrap(),
                };
            }
        }
    }
    book.save_to_buffer().unwrap()
}

const INDEX: (&str, &[&[&str]]) = (
    "Index",
    &[&["Police Workforce, England and Wales, 30 September 2019"]],
);

fn officers(body: &[&[&str]]) -> Vec<u8> {
    let mut rows: Vec<&[&str]> = vec![
        &[TITLE],
        &[],
        &["England and Wales", "", "", "", "Full-time equivalents"],
        &["", "As at:", "", "Change in 12 months"],
        &[],
        &["", "Sep-18", "Sep-19", "number", "%"],
    ];
    rows.extend(body);
    rows.extend::<[&[&str]; 3]>([&[], &["Notes"], &["1. Nothing counts below here.", "9"]]);
    workbook(&[INDEX, ("Table_1", &rows)])
}

fn ingest(bytes: &[u8]) -> (Place, IngestReport) {
    let place = Place::new();
    let file = place.write("workforce.xlsx", bytes);
    let report = place.ingest(&[file]);
    (place, report)
}

fn refusal(bytes: &[u8]) -> String {
    let (_, report) = ingest(bytes);
    assert_eq!((report.loaded, report.refused.len()), (0, 1), "{report:?}");
    report.refused[0].reason.clone()
}

#[test]
fn a_table_becomes_a_row_a_cell_with_marks_in_the_place_of_numbers() {
    let (place, report) = ingest(&officers(&[
        &["West Midlands", "100.5", "101"],
        &["West Midlands2", "60", ".."],
        &["Essex [note 1]", "-", "3000.25", "x", "y"],
        &["Total 43 forces", "160.5", "*"],
    ]));
    assert_eq!(
        (report.loaded, report.rows_kept, report.rows_quarantined),
        (1, 8, 0),
        "{report:?}"
    );
    let rows = place.rows("workforce");
    let one = |area: &str, force: Option<&str>| -> Vec<(String, Option<String>)> {
        let of = |r: &&BTreeMap<String, String>| {
            r["area"] == area && r.get("force").map(String::as_str) == force
        };
        let pick = |r: &BTreeMap<String, String>| (r["status"].clone(), r.get("people").cloned());
        rows.iter().filter(of).map(pick).collect()
    };
    let text = |s: &str, p: Option<&str>| (s.to_owned(), p.map(str::to_owned));
    assert_eq!(
        one("West Midlands region", None),
        [
            text("published", Some("100.5")),
            text("published", Some("101"))
        ]
    );
    assert_eq!(
        one("West Midlands", Some("west-midlands")),
        [text("published", Some("60")), text("not-available", None)]
    );
    assert_eq!(
        one("Essex", Some("essex")),
        [
            text("published", Some("0")),
            text("published", Some("3000.25"))
        ]
    );
    assert_eq!(
        one("Total 43 forces", None),
        [
            text("published", Some("160.5")),
            text("not-applicable", None)
        ]
    );
    assert!(
        rows.iter()
            .all(|r| r["edition"] == "30 September 2019" && r["role"] == "police-officers")
    );
}

#[test]
fn a_fault_is_named_by_sheet_and_cell() {
    let (place, report) = ingest(&officers(&[
        &["Essex", "3000", "many"],
        &["Atlantis", "1", "2"],
        &["Kent", "", "4"],
    ]));
    assert_eq!(
        (report.rows_kept, report.rows_quarantined),
        (2, 4),
        "{report:?}"
    );
    let release = &place.manifest().releases[0];
    let list = place.home.path().join(release.quarantine_file().unwrap());
    let list = std::fs::read_to_string(list).unwrap();
    for fault in [
        "7,\"sheet Table_1, cell C7 (people)\",decimal,many",
        "8,\"sheet Table_1, cell A8 (area)\",area-name,Atlantis",
        "9,\"sheet Table_1, cell B9 (status)\",blank,",
    ] {
        assert!(list.contains(fault), "{fault}\n{list}");
    }
}

#[test]
fn what_the_layout_does_not_speak_of_is_refused_by_sheet_and_cell() {
    let essex: &[&str] = &["Essex", "3000", "3001", "", "", "note"];
    let reason = refusal(&officers(&[essex]));
    assert!(
        reason.contains("sheet Table_1: cell F7: “note”"),
        "{reason}"
    );

    let table: &[&[&str]] = &[
        &[TITLE],
        &["", "Sep-18", "Of whom new"],
        &["Essex", "1", "2"],
    ];
    let reason = refusal(&workbook(&[INDEX, ("Table_1", table)]));
    assert!(reason.contains("cell C2: “Of whom new”"), "{reason}");

    let table: &[&[&str]] = &[&[TITLE], &["Essex", "1"]];
    let reason = refusal(&workbook(&[INDEX, ("Table_1", table)]));
    assert!(
        reason.contains("no row has the headers a month"),
        "{reason}"
    );

    let good: &[&[&str]] = &[&[TITLE], &["", "Sep-18"], &["Essex", "1"]];
    let new: &[&[&str]] = &[&["Table 9: Police horses"]];
    let reason = refusal(&workbook(&[INDEX, ("Table_1", good), ("Table_9", new)]));
    assert!(
        reason.contains("sheet Table_9 (“Police horses”)"),
        "{reason}"
    );

    let reason = refusal(&workbook(&[("Sheet1", &[&["a", "b"]])]));
    assert!(reason.contains("(Sheet1)"), "{reason}");
}

#[test]
fn a_later_edition_stands_beside_the_earlier_and_a_correction_in_its_place() {
    let place = Place::new();
    let first = place.write("2019.xlsx", officers(&[&["Essex", "3000", "3100"]]));
    let corrected = place.write("again.xlsx", officers(&[&["Essex", "3000", "3150"]]));
    place.ingest_as_at(&first, "2020-01-30");
    place.ingest_as_at(&corrected, "2020-03-01");
    let table: &[&[&str]] = &[&[TITLE], &["", "Sep-20"], &["Essex", "3300"]];
    let index: (&str, &[&[&str]]) = (
        "Index",
        &[&["Police Workforce, England and Wales, 30 September 2020"]],
    );
    let next = place.write("2020.xlsx", workbook(&[index, ("Table_1", table)]));
    place.ingest_as_at(&next, "2021-01-30");
    let mut people: Vec<String> = place
        .rows("workforce")
        .iter()
        .map(|r| r["people"].clone())
        .collect();
    people.sort();
    assert_eq!(people, ["3000", "3150", "3300"]);
    let superseded = place
        .manifest()
        .releases
        .iter()
        .filter(|r| r.superseded)
        .count();
    assert_eq!(superseded, 1);
}

/// An ODS with this content.
fn ods(content: &str) -> Vec<u8> {
    let text = format!(
        "<?xml version=\"1.0\"?><office:document-content><office:body><office:spreadsheet>\
         <table:table table:name=\"Table_1\">{content}</table:table>\
         </office:spreadsheet></office:body></office:document-content>"
    );
    zip(&[
        (
            "mimetype",
            b"application/vnd.oasis.opendocument.spreadsheet",
        ),
        ("META-INF/manifest.xml", b"<manifest:manifest/>"),
        ("content.xml", text.as_bytes()),
    ])
}

#[test]
fn a_workbook_that_claims_millions_of_cells_is_refused_before_memory_is_given() {
    let cell = "<table:table-cell office:value-type=\"string\" table:number-columns-repeated=\"1024\">\
                <text:p>x</text:p></table:table-cell>";
    let row =
        format!("<table:table-row table:number-rows-repeated=\"1048576\">{cell}</table:table-row>");
    let far = "<table:table-row table:number-rows-repeated=\"1048575\"><table:table-cell/></table:table-row>\
               <table:table-row><table:table-cell table:number-columns-repeated=\"1024\"/>\
               <table:table-cell office:value-type=\"float\" office:value=\"1\"/></table:table-row>";
    let many = format!("<table:table-row>{cell}</table:table-row>").repeat(5_000);
    let hidden = "<table:table-row><table:table-cell office:value=\"1\" a=\">\" \
                  table:number-columns-repeated=\"99999999999\"/></table:table-row>";
    for content in [row.as_str(), far, &many, hidden] {
        let reason = refusal(&ods(content));
        let known = ["claims more than", "repeats its text"];
        assert!(known.iter().any(|k| reason.contains(k)), "{reason}");
    }
    let long = "y".repeat(100_000);
    let text = format!(
        "<table:table-row><table:table-cell office:value-type=\"string\" \
         table:number-columns-repeated=\"16000\"><text:p>{long}</text:p></table:table-cell></table:table-row>"
    );
    assert!(refusal(&ods(&text)).contains("repeats its text"));
    let reason = refusal(&ods(
        "<table:table-row table:number-rows-repeated=\"&#57;\"/>",
    ));
    assert!(reason.contains("repeats is malformed"), "{reason}");
}

#[test]
fn a_workbook_that_unpacks_without_end_or_is_cut_off_is_refused() {
    let bomb = zip(&[
        ("xl/workbook.xml", b"<workbook/>"),
        ("xl/worksheets/sheet1.xml", &vec![b' '; 300 << 20]),
    ]);
    let reason = refusal(&bomb);
    assert!(reason.contains("unpacks to more than"), "{reason}");
    let good = officers(&[&["Essex", "1", "2"]]);
    for length in [good.len() / 2, good.len() - 30] {
        let place = Place::new();
        let file = place.write("workforce.xlsx", &good[..length]);
        let report = place.ingest(&[file]);
        assert_eq!((report.loaded, report.refused.len()), (0, 1), "{report:?}");
    }
}

#[test]
fn the_regions_of_the_real_workforce_tables_are_the_sums_of_their_forces() {
    let Some(folder) = shared("home-office/workforce") else {
        return;
    };
    let place = Place::new();
    let report = place.ingest(&[folder]);
    assert_eq!(
        (report.loaded, report.rows_quarantined),
        (4, 0),
        "{report:?}"
    );
    let rows = place.rows("workforce");
    let of = |edition: &str, as_at: &str, area: &str| -> f64 {
        let is = |r: &&BTreeMap<String, String>| {
            r["edition"] == edition
                && r["as_at"] == as_at
                && r["area"] == area
                && r["role"] == "police-officers"
        };
        let found: Vec<_> = rows.iter().filter(is).collect();
        assert_eq!(found.len(), 1, "{area}");
        found[0]["people"].parse().unwrap()
    };
    // 1 September 2018 as days since 1970.
    let now = |area: &str| of("30 September 2018", "17775", area);
    assert_eq!(now("Essex").round(), 2_960.0);
    let forces = [
        "Staffordshire",
        "Warwickshire",
        "West Mercia",
        "West Midlands",
    ];
    let sum: f64 = forces.iter().map(|f| now(f)).sum();
    assert!((sum - now("West Midlands region")).abs() < 0.01, "{sum}");
    assert!((now("Total 43 forces") - 122_395.0).abs() < 1.0);
    // The same date in two editions.
    let then = of("30 September 2017", "17410", "Essex");
    assert!((then - of("30 September 2018", "17410", "Essex")).abs() < 5.0);
}

#[test]
fn the_real_tables_of_force_used_agree_with_their_own_totals() {
    let Some(folder) = shared("home-office/use-of-force") else {
        return;
    };
    let place = Place::new();
    let report = place.ingest(&[folder]);
    assert_eq!(
        (report.rows_kept, report.rows_quarantined),
        (52_818, 0),
        "{report:?}"
    );
    // Two of the three workbooks are of two sources each.
    assert_eq!(place.manifest().wholes.len(), 5);
    let rows = place.rows("use_of_force");
    let uses = |period: &str, area: &str, by: &str, group: &str, tactic: &str| -> i64 {
        let is = |r: &&BTreeMap<String, String>| {
            [
                &r["period"],
                &r["area"],
                &r["by"],
                &r["group"],
                &r["tactic"],
            ] == [period, area, by, group, tactic]
        };
        let found: Vec<_> = rows.iter().filter(is).collect();
        assert_eq!(found.len(), 1, "{period} {area} {by} {group} {tactic}");
        found[0]["uses"].parse().unwrap()
    };
    assert_eq!(
        uses(
            "2017/18",
            "England and Wales",
            "age",
            "18 - 34 years",
            "Total Restraint"
        ),
        153_816
    );
    assert_eq!(
        uses(
            "2018/19",
            "Wiltshire",
            "ethnicity",
            "Black (or Black British)",
            "Tactical communication"
        ),
        33
    );
    assert_eq!(
        uses(
            "2018/19",
            "Total England and Wales",
            "gender",
            "Total",
            "Total Tactics"
        ),
        630_793
    );
    assert_eq!(
        uses(
            "2017/18",
            "Total England and Wales",
            "incidents",
            "Total",
            "All incidents"
        ),
        313_137
    );
    let forces: i64 = rows
        .iter()
        .filter(|r| r["by"] == "incidents" && r["period"] == "2017/18" && r["level"] == "force")
        .map(|r| r["uses"].parse::<i64>().unwrap())
        .sum();
    assert_eq!(forces, 313_137);
    let ced = place.rows("conducted_energy_devices");
    let fired = ced.iter().find(|r| {
        r["period"] == "2016"
            && r.get("force").map(String::as_str) == Some("durham")
            && r["use"] == "Drawn"
            && r["status"] == "revised"
    });
    assert_eq!(fired.unwrap()["times"], "34");
}
