//! The real files, through the built binary, against an independent count.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

use crate::program::{Program, shared};

/// Everything of data.police.uk and the look-ups, ingested once for all tests here.
static LOADED: LazyLock<Option<Program>> = LazyLock::new(|| {
    let (police, ons) = (shared("data/police-uk")?, shared("data/ons")?);
    let program = Program::new();
    let walked = program.run(&["ingest", police.to_str()?, ons.to_str()?]);
    assert_eq!(walked.code, Some(0), "{}", walked.err);
    assert!(
        walked.out.contains("2018-05-essex-street.csv.gz"),
        "the renamed header is named"
    );
    Some(program)
});

/// Rows of each file, counted by another tool.
fn counted(police: &Path) -> BTreeMap<(String, String, String), Vec<u64>> {
    let mut rows = BTreeMap::new();
    let mut reader = csv::Reader::from_path(police.join("manifest.csv")).unwrap();
    for record in reader.deserialize::<BTreeMap<String, String>>() {
        let record = record.unwrap();
        if record["header_ok"] != "1" {
            continue;
        }
        let key = (
            record["kind"].clone(),
            record["force"].clone(),
            record["month"].clone(),
        );
        rows.entry(key)
            .or_insert_with(Vec::new)
            .push(record["rows"].parse().unwrap());
    }
    rows
}

#[test]
fn rows_kept_and_quarantined_are_the_rows_of_each_file() {
    let (Some(program), Some(police)) = (&*LOADED, shared("data/police-uk")) else {
        return;
    };
    let counted = counted(&police);
    let status = program.json(&["status"]);
    let tables = status["tables"].as_array().unwrap();
    assert_eq!(tables.len(), counted.len());
    for entry in tables {
        let kind = match entry["table"].as_str().unwrap() {
            "stops" => "stop-and-search",
            other => other,
        };
        let text = |key: &str| entry[key].as_str().unwrap().to_owned();
        let held =
            entry["rows_kept"].as_u64().unwrap() + entry["rows_quarantined"].as_u64().unwrap();
        let files = &counted[&(kind.to_owned(), text("force"), text("month"))];
        assert!(files.contains(&held), "{entry}: the files have {files:?}");
    }
}

#[test]
fn with_revisions_kept_every_file_is_read_and_its_rows_add_up() {
    let Some(police) = shared("data/police-uk") else {
        return;
    };
    let program = Program::new();
    let _ = program.ok(&["ingest", "--keep-revisions", police.to_str().unwrap()]);
    let status = program.json(&["status"]);
    let held: BTreeMap<String, (u64, u64)> = status["releases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| {
            let number = |key: &str| r[key].as_u64().unwrap();
            let file = r["file"].as_str().unwrap().replace('\\', "/");
            let file = file.split_once("police-uk/").unwrap().1.to_owned();
            let added = number("rows_kept") + number("rows_quarantined");
            (file, (number("rows"), added))
        })
        .collect();
    let mut reader = csv::Reader::from_path(police.join("manifest.csv")).unwrap();
    let mut files = 0;
    for record in reader.deserialize::<BTreeMap<String, String>>() {
        let record = record.unwrap();
        let (file, rows) = (&record["file"], record["rows"].parse::<u64>().unwrap());
        if record["header_ok"] == "1" {
            assert_eq!(held[file], (rows, rows), "{file}");
            files += 1;
        } else {
            assert!(!held.contains_key(file), "{file} is not the publisher's");
        }
    }
    assert_eq!(held.len(), files);
}

#[test]
fn essex_readings_equal_an_independent_tally() {
    let (Some(program), Some(police)) = (&*LOADED, shared("data/police-uk")) else {
        return;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tally.py");
    let output = match Command::new("python3").arg(script).arg(&police).output() {
        Ok(output) => output,
        Err(error) => {
            eprintln!("skipped: python3 cannot be run: {error}");
            return;
        }
    };
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let tally: Value = serde_json::from_slice(&output.stdout).unwrap();
    for (measure, months) in tally.as_object().unwrap() {
        let shown = program.json(&["measure", "show", measure, "--force", "essex"]);
        let readings = shown["readings"].as_array().unwrap();
        let held: Vec<&Value> = readings.iter().filter(|r| r["status"] == "ok").collect();
        assert_eq!(held.len(), months.as_object().unwrap().len(), "{measure}");
        for reading in held {
            let expected = &months[reading["period"].as_str().unwrap()];
            for key in ["numerator", "denominator"] {
                let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs().max(1.0);
                let (found, expected) = (reading[key].as_f64().unwrap(), expected[key].as_f64());
                if let Some(expected) = expected {
                    assert!(
                        near(found, expected),
                        "{measure} {reading}: {key} is {expected}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_month_without_a_file_is_never_nought() {
    let Some(program) = &*LOADED else { return };
    let shown = program.json(&["measure", "show", "crime-rate", "--force", "essex"]);
    let at = |month: &str| {
        shown["readings"]
            .as_array()
            .unwrap()
            .iter()
            .find(|r| r["period"] == month)
            .unwrap()
            .clone()
    };
    assert_eq!(at("2020-06")["status"], "missing");
    assert_eq!(at("2020-06")["value"], Value::Null);
    assert_eq!(at("2018-12")["denominator_year"], 2015);
    assert_eq!(at("2019-01")["denominator_year"], 2022);
}

#[test]
fn the_published_grades_of_essex_stand_beside_the_assessment() {
    let Some(program) = &*LOADED else { return };
    let assessed = program.json(&["assess", "essex", "--framework", "peel-2021-22"]);
    let areas = assessed["areas"].as_array().unwrap();
    let grade = |area: &str| {
        areas.iter().find(|a| a["area"] == area).unwrap()["inspector"]["grade"].clone()
    };
    assert_eq!(grade("responding-to-public"), "requires-improvement");
    assert_eq!(grade("crime-data-integrity"), "outstanding");
    assert_eq!(grade("serious-organised-crime"), Value::Null);
    assert!(areas.iter().all(|a| a["indicative"].is_null()));
}
