//! A force's extracts: whole, consistent in themselves, and the same everywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use peelian_simulate::{ExtractPlan, SimulateError, write_extracts};

use crate::read::{Extracts, extracts, instant};

/// The plan for tests, made once.
static SMALL: LazyLock<Extracts> = LazyLock::new(|| extracts(&ExtractPlan::small()));

#[test]
fn the_same_plan_gives_the_same_extracts_and_those_every_machine_makes() {
    let again = extracts(&ExtractPlan::small());
    assert_eq!(again.files, SMALL.files);
    let bytes = SMALL
        .files
        .iter()
        .flat_map(|(name, text)| name.bytes().chain(text.bytes()));
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    assert_eq!(hash, 0x1db8_35d3_b49f_504a, "{hash:#x}");
    let other = ExtractPlan {
        seed: 2,
        ..ExtractPlan::small()
    };
    assert_ne!(
        extracts(&other).files["calls.csv"],
        SMALL.files["calls.csv"]
    );
}

#[test]
fn every_table_has_its_file_and_the_rows_its_sidecar_and_the_truth_say() {
    let sidecars: Vec<serde_json::Value> =
        serde_json::from_str(&SMALL.files["manifest.json"]).unwrap();
    // In so short a time nobody left, and where there is nothing there is no file.
    assert_eq!(SMALL.tables().count(), 24);
    assert_eq!(sidecars.len(), 24);
    for sidecar in &sidecars {
        let name = sidecar["extract"].as_str().unwrap();
        let rows = SMALL.whole_table(name).rows.len();
        assert_eq!(sidecar["row_count"], rows, "{name}");
        assert_eq!(SMALL.truth.rows[name], rows, "{name}");
        assert_eq!(sidecar["force"], "synthetic-ashmoor");
        assert!(rows > 0, "{name} is empty");
    }
}

#[test]
fn every_time_has_an_offset_and_every_pseudonym_sixteen_digits() {
    for name in SMALL.tables() {
        let read = SMALL.table(name);
        for (column, place) in &read.columns {
            for row in read.rows.iter().filter(|row| !row[*place].is_empty()) {
                let value = &row[*place];
                if column.ends_with("_pid") {
                    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
                    assert!(
                        value.len() == 16 && value.bytes().all(hex),
                        "{name} {column} {value}"
                    );
                }
                if value.len() > 15 && value.as_bytes()[10] == b'T' && value.starts_with("20") {
                    let offset = &value[19..];
                    assert!(
                        ["+00:00", "+01:00"].contains(&offset),
                        "{name} {column} {value}"
                    );
                }
                let longer = [
                    "polygon",
                    "text_paraphrase",
                    "hypothesis",
                    "own_action",
                    "name",
                ];
                assert!(
                    longer.contains(&column.as_str()) || !value.contains(' ') || value.len() < 45,
                    "{name} {column}: free text {value}"
                );
            }
        }
    }
}

#[test]
fn the_hour_that_comes_twice_in_october_has_calls_with_both_offsets() {
    let starts: Vec<String> = (SMALL.table("call_intervals").values("interval_start"))
        .filter(|start| start.starts_with("2025-10-26T01:"))
        .map(str::to_owned)
        .collect();
    // Two lines, two half hours, twice.
    assert_eq!(starts.len(), 8);
    assert_eq!(
        starts
            .iter()
            .filter(|start| start.ends_with("+01:00"))
            .count(),
        4
    );
}

#[test]
fn times_are_in_order() {
    let chains: [(&str, &[&str]); 7] = [
        (
            "calls",
            &[
                "connected_at",
                "presented_at",
                "menu_ended_at",
                "queue_entered_at",
                "answered_at",
                "stage2_queue_at",
                "stage2_answered_at",
                "ended_at",
            ],
        ),
        ("calls", &["queue_entered_at", "abandoned_at", "ended_at"]),
        (
            "incidents",
            &["opened_at", "supervisor_reviewed_at", "closed_at"],
        ),
        (
            "deployments",
            &["assigned_at", "enroute_at", "arrived_at", "cleared_at"],
        ),
        (
            "crimes",
            &[
                "occurred_from",
                "occurred_to",
                "reported_at",
                "recorded_at",
                "allocated_at",
                "closed_at",
                "finalised_at",
            ],
        ),
        ("patrols", &["planned_start", "arrived_at", "left_at"]),
        ("shifts", &["start", "end"]),
    ];
    for (name, columns) in chains {
        let read = SMALL.table(name);
        for row in &read.rows {
            let times = columns.iter().map(|column| &row[read.column(column)]);
            let times: Vec<i64> = times.filter(|t| !t.is_empty()).map(instant).collect();
            assert!(times.is_sorted(), "{name}: {row:?}");
        }
    }
}

#[test]
fn a_call_is_answered_given_up_or_served_by_the_menu_and_only_one_of_them() {
    let calls = SMALL.table("calls");
    let [answered, abandoned, served] =
        ["answered_at", "abandoned_at", "ivr_selfserved"].map(|name| calls.column(name));
    for row in &calls.rows {
        let ways = u8::from(!row[answered].is_empty())
            + u8::from(!row[abandoned].is_empty())
            + u8::from(&row[served] == "true");
        assert_eq!(ways, 1, "{row:?}");
    }
}

#[test]
fn whatever_a_row_refers_to_is_there_and_keys_are_unique() {
    let keys = |table: &str, column: &str| -> BTreeSet<String> {
        SMALL
            .table(table)
            .values(column)
            .map(str::to_owned)
            .collect()
    };
    let of = [
        ("incident_id", keys("incidents", "incident_id")),
        ("crime_id", keys("crimes", "crime_id")),
        ("crime_ids", keys("crimes", "crime_id")),
        ("hotspot_id", keys("hotspots", "hotspot_id")),
        ("scheme", keys("initiatives", "initiative_id")),
        ("finding_id", keys("findings", "finding_id")),
        ("person_pid", keys("postings", "person_pid")),
    ];
    for name in SMALL.tables() {
        let read = SMALL.table(name);
        for (column, known) in &of {
            if let Some(place) = read.columns.get(*column) {
                for row in read.rows.iter().filter(|row| !row[*place].is_empty()) {
                    assert!(
                        known.contains(&row[*place]),
                        "{name} {column} {}",
                        &row[*place]
                    );
                }
            }
        }
    }
    for (table, key) in [
        ("calls", "call_id"),
        ("incidents", "incident_id"),
        ("crimes", "crime_id"),
    ] {
        assert_eq!(
            keys(table, key).len(),
            SMALL.table(table).rows.len(),
            "{table}"
        );
    }
}

#[test]
fn half_hours_and_counts_are_the_sums_of_the_rows() {
    let calls = SMALL.table("calls");
    let column = |name: &str| calls.column(name);
    let mut sums: BTreeMap<(String, i64), [i64; 5]> = BTreeMap::new();
    let mut queued: BTreeMap<String, [i64; 2]> = BTreeMap::new();
    for row in &calls.rows {
        let presented = instant(&row[column("presented_at")]);
        let line = row[column("line")].to_owned();
        let answered = &row[column("answered_at")];
        let stage = &row[column("abandon_stage")];
        let sum = sums
            .entry((line.clone(), presented - presented.rem_euclid(1_800)))
            .or_default();
        sum[0] += 1;
        sum[2] += i64::from(stage == "menu");
        sum[3] += i64::from(stage == "queue");
        if !answered.is_empty() {
            sum[1] += 1;
            sum[4] += instant(answered) - instant(&row[column("queue_entered_at")]);
        }
        if line == "101" && !row[column("queue_entered_at")].is_empty() {
            let month = queued
                .entry(row[column("presented_at")][..7].to_owned())
                .or_default();
            month[0] += i64::from(stage == "queue");
            month[1] += 1;
        }
    }
    let intervals = SMALL.table("call_intervals");
    let names = [
        "offered",
        "answered",
        "abandoned_menu",
        "abandoned_queue",
        "sum_wait_s",
    ];
    for row in &intervals.rows {
        let key = (
            row[intervals.column("line")].to_owned(),
            instant(&row[intervals.column("interval_start")]),
        );
        let want = sums.remove(&key).unwrap_or_default();
        let got = names.map(|name| row[intervals.column(name)].parse::<i64>().unwrap());
        assert_eq!(got, want, "{key:?}");
    }
    assert!(sums.is_empty(), "calls outside every half hour: {sums:?}");
    let counts = SMALL.table("counts");
    for row in counts
        .rows
        .iter()
        .filter(|row| &row[0] == "call-101-abandon-pct")
    {
        let pair: [i64; 2] =
            ["numerator", "denominator"].map(|name| row[counts.column(name)].parse().unwrap());
        assert_eq!(queued.remove(&row[counts.column("period")]), Some(pair));
    }
    assert!(queued.is_empty());
}

#[test]
fn attendance_in_time_is_counted_as_the_rows_say() {
    let incidents = SMALL.table("incidents");
    let deployments = SMALL.table("deployments");
    let arrivals: BTreeMap<&str, &str> = deployments
        .values("incident_id")
        .zip(deployments.values("arrived_at"))
        .collect();
    let mut pairs: BTreeMap<String, [u64; 2]> = BTreeMap::new();
    for row in &incidents.rows {
        let value = |name: &str| &row[incidents.column(name)];
        if value("grade_final") == "g1-emergency" && value("attendance_required") == "true" {
            let minutes = if value("urban_rural") == "rural" {
                20
            } else {
                15
            };
            let arrived = arrivals
                .get(value("incident_id"))
                .filter(|at| !at.is_empty());
            let opened = instant(value("opened_at"));
            if let Some(at) = arrived {
                let pair = pairs.entry(value("opened_at")[..7].to_owned()).or_default();
                pair[0] += u64::from(instant(at) - opened <= minutes * 60);
                pair[1] += 1;
            }
        }
    }
    let counts = SMALL.table("counts");
    let mut seen = 0;
    for row in counts
        .rows
        .iter()
        .filter(|row| &row[0] == "inc-emergency-in-target-pct")
    {
        let pair: [u64; 2] =
            ["numerator", "denominator"].map(|name| row[counts.column(name)].parse().unwrap());
        assert_eq!(pairs[&row[counts.column("period")]], pair);
        seen += 1;
    }
    assert_eq!(seen, pairs.len());
}

#[test]
fn recorded_crime_by_quarter_is_that_of_the_rows_in_the_publishers_layout() {
    let mut lines = SMALL.official.lines();
    assert_eq!(
        lines.next(),
        Some(
            ",Financial_Year,Financial_Quarter,Force_Name,Offence_Description,Offence_Group,Offence_Subgroup,Offence_Code,Number_of_Offences,Policeuk_Cat"
        )
    );
    let mut reader = csv::Reader::from_reader(SMALL.official.as_bytes());
    let mut total = 0;
    for row in reader.records() {
        let row = row.unwrap();
        // October to December 2025 is the only whole quarter.
        assert_eq!(
            (&row[1], &row[2], &row[3]),
            ("2025/26", "3", "Synthetic Ashmoor Police")
        );
        total += row[8].parse::<usize>().unwrap();
    }
    let crimes = SMALL.table("crimes");
    let cancelled = crimes.column("cancelled_at");
    let recorded = crimes.column("recorded_at");
    let open = (crimes.rows.iter())
        .filter(|row| &row[recorded][..7] >= "2025-10" && row[cancelled].is_empty())
        .count();
    assert_eq!(total, open);
}

#[test]
fn rows_that_are_wrong_on_purpose_are_listed_and_nothing_else_is_wrong() {
    let calls = SMALL.whole_table("calls");
    let listed = |table: &str, what: &str| -> Vec<String> {
        let found = |d: &&peelian_simulate::Defect| d.table == table && d.what.contains(what);
        SMALL.truth.defects.iter().find(found).unwrap().ids.clone()
    };
    let bare = calls.values("presented_at").zip(calls.values("call_id"));
    let bare: Vec<_> = bare
        .filter(|(at, _)| at.len() == 19)
        .map(|(_, id)| id)
        .collect();
    assert_eq!(bare, listed("calls", "offset"));
    let mut times: BTreeMap<&str, u32> = BTreeMap::new();
    for id in calls.values("call_id") {
        *times.entry(id).or_default() += 1;
    }
    let twice: Vec<_> = times
        .into_iter()
        .filter(|(_, n)| *n == 2)
        .map(|(id, _)| id)
        .collect();
    assert_eq!(twice, listed("calls", "twice"));
    let incidents = SMALL.whole_table("incidents");
    let grades = incidents
        .values("grade_first")
        .zip(incidents.values("incident_id"));
    let unknown: Vec<_> = grades
        .filter(|(g, _)| *g == "grade-9")
        .map(|(_, id)| id)
        .collect();
    assert_eq!(unknown, listed("incidents", "grade"));
    let deployments = SMALL.whole_table("deployments");
    let arrivals = deployments
        .values("arrived_at")
        .zip(deployments.values("cleared_at"));
    let missing = arrivals
        .filter(|(at, cleared)| at.is_empty() && !cleared.is_empty())
        .count();
    let defect = SMALL.truth.defects.iter().find(|d| d.kept).unwrap();
    assert!(
        missing.abs_diff(defect.rows) <= 1,
        "{missing} {}",
        defect.rows
    );
}

#[test]
fn a_plan_of_extracts_that_cannot_be_made_is_refused_with_what_to_ask_for() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |plan: ExtractPlan| {
        let error = write_extracts(&plan, &folder.path().join("made")).unwrap_err();
        assert!(matches!(error, SimulateError::Plan { .. }));
        error.to_string()
    };
    let small = ExtractPlan::small();
    assert!(
        refused(ExtractPlan {
            force: 12,
            ..small.clone()
        })
        .contains("0 to 11")
    );
    assert!(
        refused(ExtractPlan {
            months: 0,
            ..small.clone()
        })
        .contains("1 to 60")
    );
    let last = "2021-02".parse().unwrap();
    assert!(refused(ExtractPlan { last, ..small }).contains("2021"));
}
