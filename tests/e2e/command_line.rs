//! What a user meets at the command line.

use serde_json::{Value, json};

use crate::program::{Program, synthetic};

fn loaded() -> Program {
    let program = Program::new();
    let files = synthetic(&program.inputs());
    let _ = program.ok(&["ingest", files.to_str().unwrap()]);
    program
}

#[test]
fn the_documented_json_has_its_documented_shape() {
    let program = loaded();
    let status = program.json(&["status"]);
    let entry = &status["tables"][0];
    for key in [
        "table",
        "force",
        "month",
        "rows_kept",
        "rows_quarantined",
        "coverage",
    ] {
        assert!(!entry[key].is_null(), "status: {key}");
    }
    assert_eq!(status["synthetic"], true);
    let force = entry["force"].as_str().unwrap();
    assert!(force.starts_with("synthetic-"));

    let list = program.json(&["measure", "list"]);
    let measures = list["measures"].as_array().unwrap();
    assert_eq!(measures.len(), 12);
    for measure in measures {
        for key in ["id", "title", "area", "status"] {
            assert!(measure[key].is_string(), "measure list: {key}");
        }
    }

    for measure in measures {
        let id = measure["id"].as_str().unwrap();
        let shown = program.json(&["measure", "show", id, "--force", force]);
        shape_of_readings(&shown);
    }

    let assessed = program.json(&["assess", force, "--framework", "peel-2021-22"]);
    assert_eq!(assessed["force"], force);
    assert_eq!(assessed["framework"], "peel-2021-22");
    let areas = assessed["areas"].as_array().unwrap();
    assert!(areas.iter().any(|a| a["area"] == "responding-to-public"));
    for area in areas {
        assert_eq!(area["indicative"], Value::Null);
        assert_eq!(area["not_a_grade"], true);
        assert!(area["evidence_share"].is_number());
        assert!(area["evidence"].is_array());
        for characteristic in area["characteristics"].as_array().unwrap() {
            assert!(characteristic["id"].is_string());
            let status = characteristic["status"].as_str().unwrap();
            assert!(["shown", "partly-shown", "not-shown", "cannot-tell"].contains(&status));
        }
    }
}

fn shape_of_readings(shown: &Value) {
    for key in ["measure", "force", "unit", "source", "as_at", "version"] {
        assert!(shown[key].is_string(), "measure show: {key}");
    }
    let readings = shown["readings"].as_array().unwrap();
    assert!(!readings.is_empty());
    let mut before: Option<i64> = None;
    for reading in readings {
        let period = reading["period"].as_str().unwrap();
        let (year, month) = period.split_once('-').unwrap();
        let index = year.parse::<i64>().unwrap() * 12 + month.parse::<i64>().unwrap();
        assert!(
            before.is_none_or(|b| index == b + 1),
            "a month is left out before {period}"
        );
        before = Some(index);
        let status = reading["status"].as_str().unwrap();
        let with_value = ["ok", "partial", "provisional"].contains(&status);
        for key in ["numerator", "denominator", "value", "lower", "upper"] {
            assert_eq!(
                reading[key].is_number(),
                with_value,
                "{period} {status} {key}"
            );
        }
        if with_value {
            let number = |key: &str| reading[key].as_f64().unwrap();
            assert!(number("lower") <= number("value") + 1e-9, "{period}");
            assert!(number("value") <= number("upper") + 1e-9, "{period}");
        }
    }
}

#[test]
fn the_same_files_again_change_nothing() {
    let program = loaded();
    let (digest, status) = (program.digest(), program.json(&["status"]));
    let files = program.inputs().join("synthetic");
    let again = program.ok(&["ingest", files.to_str().unwrap()]);
    assert!(again.contains("Nothing new to load."), "{again}");
    assert_eq!(program.digest(), digest);
    assert_eq!(program.json(&["status"]), status);
}

#[test]
fn what_does_not_exist_is_a_usage_error_that_lists_what_does() {
    let program = loaded();
    for (args, there) in [
        (
            &["measure", "show", "no-such", "--force", "essex"][..],
            "crime-rate",
        ),
        (
            &["measure", "show", "crime-rate", "--force", "essex"][..],
            "synthetic-",
        ),
        (&["assess", "essex"][..], "synthetic-"),
        (
            &["assess", "essex", "--framework", "peel-1829"][..],
            "peel-2021-22",
        ),
        (&["measure", "check", "no-such"][..], "crime-rate"),
    ] {
        let run = program.run(args);
        assert_eq!(run.code, Some(2), "{args:?}: {}", run.err);
        assert!(run.err.contains(there), "{args:?}: {}", run.err);
    }
    let run = program.run(&["measure", "show", "crime-rate", "--force", "../etc"]);
    assert_eq!(run.code, Some(2));
}

#[test]
fn an_empty_home_says_how_to_fill_it() {
    let program = Program::new();
    for args in [
        &["status"][..],
        &["check"],
        &["assess", "essex"],
        &["serve"],
    ] {
        let run = program.run(args);
        assert_eq!(run.code, Some(2), "{args:?}");
        assert!(run.err.contains("peelian ingest"), "{args:?}: {}", run.err);
    }
    assert_eq!(program.json(&["status"])["tables"], json!([]));
}

#[test]
fn every_worked_case_of_every_measure_holds() {
    let out = Program::new().ok(&["measure", "check"]);
    assert_eq!(
        out.lines()
            .filter(|l| l.ends_with("worked cases hold"))
            .count(),
        12,
        "{out}"
    );
}

#[test]
fn a_worked_case_that_fails_is_named() {
    let program = Program::new();
    let content = program.inputs().join("content");
    copy(
        std::path::Path::new("../measures"),
        &content.join("measures"),
    );
    let file = content.join("measures/preventing-crime/asb-rate.sql");
    let sql = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, sql.replace("Anti-social behaviour", "Burglary")).unwrap();
    let run = program.run(&["measure", "check", "--content", content.to_str().unwrap()]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.out
            .contains("preventing-crime/asb-rate.cases.toml: “Only the records"),
        "{}",
        run.out
    );
    assert!(
        run.out.contains("numerator: expected 5, computed 4"),
        "{}",
        run.out
    );
}

#[test]
fn a_foreign_file_is_listed_in_a_folder_and_refused_by_name() {
    let program = loaded();
    let folder = program.inputs().join("mixed");
    std::fs::create_dir_all(&folder).unwrap();
    let foreign = folder.join("holiday-photos.csv");
    std::fs::write(&foreign, "name,place\nbeach,Clacton\n").unwrap();

    let walked = program.run(&["ingest", folder.to_str().unwrap()]);
    assert_eq!(walked.code, Some(0), "{}", walked.err);
    assert!(walked.out.contains("holiday-photos.csv"), "{}", walked.out);

    let named = program.run(&["ingest", foreign.to_str().unwrap()]);
    assert_eq!(named.code, Some(3), "{}", named.out);
    assert!(named.out.contains("holiday-photos.csv"), "{}", named.out);
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn two_at_once_wait_for_each_other_and_leave_one_store() {
    let alone = loaded();
    let program = Program::new();
    let files = synthetic(&program.inputs());
    let args = ["ingest", files.to_str().unwrap()];
    let both = [
        program.command(&args).spawn(),
        program.command(&args).spawn(),
    ];
    for child in both {
        let output = child.unwrap().wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
    }
    assert_eq!(program.digest(), alone.digest());
    let held = |p: &Program| p.json(&["status"])["tables"].clone();
    let counted = |value: Value| value.as_array().unwrap().len();
    assert_eq!(counted(held(&program)), counted(held(&alone)));
}

#[test]
fn a_damaged_archive_is_refused_whole_and_the_rest_is_loaded() {
    let program = Program::new();
    let files = synthetic(&program.inputs());
    let archive = std::fs::read_dir(&files)
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.extension().is_some_and(|e| e == "zip"))
        .unwrap();
    let bytes = std::fs::read(&archive).unwrap();
    std::fs::write(&archive, &bytes[..bytes.len() / 2]).unwrap();
    let run = program.run(&["ingest", files.to_str().unwrap()]);
    assert_eq!(run.code, Some(3), "{}", run.out);
    let name = archive.file_name().unwrap().to_str().unwrap();
    assert!(
        run.out.contains(name) && run.out.contains("refused"),
        "{}",
        run.out
    );
    let status = program.json(&["status"]);
    assert_eq!(
        status["tables"],
        json!([]),
        "no month of a damaged archive is held"
    );
    assert!(
        !status["wholes"].as_array().unwrap().is_empty(),
        "the look-ups are loaded"
    );
}
