//! A force's own extracts, as the simulator makes them, through the program.

use std::collections::BTreeMap;

use peelian_simulate::{ExtractPlan, write_extracts};

use crate::program::Program;

/// Rows and rows kept by table, over the releases of `status --json`.
fn by_table(program: &Program) -> BTreeMap<String, (u64, u64)> {
    let mut tables: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let status = program.json(&["status"]);
    for release in status["releases"].as_array().unwrap() {
        let number = |key: &str| release[key].as_u64().unwrap();
        let table = release["source"].as_str().unwrap().replace('-', "_");
        let sum = tables.entry(table).or_default();
        sum.0 += number("rows");
        sum.1 += number("rows_kept");
    }
    tables
}

#[test]
fn extracts_load_and_only_the_rows_that_are_wrong_on_purpose_are_set_aside() {
    let program = Program::new();
    let folder = program.inputs().join("force");
    let truth = write_extracts(&ExtractPlan::small(), &folder).unwrap();
    let _ = program.ok(&["ingest", folder.join("extracts").to_str().unwrap()]);
    let held = by_table(&program);
    assert_eq!(held.len(), truth.rows.len());
    for (table, rows) in &truth.rows {
        let wrong = truth
            .defects
            .iter()
            .filter(|d| d.table == *table && !d.kept);
        let wrong: usize = wrong.map(|defect| defect.rows).sum();
        let want = (*rows as u64, (rows - wrong) as u64);
        assert_eq!(held[table], want, "{table}: rows, and rows kept");
    }
    assert_eq!(program.json(&["status"])["synthetic"], true);
}

#[test]
fn a_second_ingest_of_the_same_extracts_changes_nothing() {
    let program = Program::new();
    let folder = program.inputs().join("force");
    write_extracts(&ExtractPlan::small(), &folder).unwrap();
    let extracts = folder.join("extracts");
    let _ = program.ok(&["ingest", extracts.to_str().unwrap()]);
    let digest = program.digest();
    let _ = program.ok(&["ingest", extracts.to_str().unwrap()]);
    assert_eq!(program.digest(), digest);
}

#[test]
fn recorded_crime_by_quarter_loads_beside_the_extracts_it_was_made_from() {
    let program = Program::new();
    let folder = program.inputs().join("force");
    write_extracts(&ExtractPlan::small(), &folder).unwrap();
    let _ = program.ok(&["ingest", folder.join("official").to_str().unwrap()]);
    let held = by_table(&program);
    // Ten offences in the one whole quarter.
    assert_eq!(held["home_office_recorded_crime_quarterly"], (10, 10));
}
