//! Extracts of a force's own systems: cut into months, checked, replaced.

use std::collections::BTreeMap;
use std::path::PathBuf;

use peelian_archive::{IngestOptions, IngestReport};

use crate::support::Place;

/// The sample of the schema: an emergency, a caller who gave up in the queue
/// and one whom the menu served.
pub(crate) const CALLS: &str = "\
call_id,line,channel,connected_at,presented_at,menu_ended_at,ivr_selfserved,queue_entered_at,answered_at,abandoned_at,abandon_stage,ended_at,wrap_s,outcome,incident_id
C0001,999,voice,2022-07-14T20:11:02+01:00,2022-07-14T20:11:07+01:00,,false,2022-07-14T20:11:07+01:00,2022-07-14T20:11:11+01:00,,,2022-07-14T20:15:40+01:00,95,incident,I100
C0002,101,voice,,2022-07-14T20:12:00+01:00,2022-07-14T20:12:41+01:00,false,2022-07-14T20:12:41+01:00,,2022-07-14T20:18:09+01:00,queue,2022-07-14T20:18:09+01:00,,,
C0003,101,voice,,2022-07-14T20:13:00+01:00,2022-07-14T20:13:35+01:00,true,,,,,2022-07-14T20:13:35+01:00,,advice,
";

impl Place {
    /// Ingests a file as an extract of the force `synthetic-ashmoor`.
    pub(crate) fn extract(&self, file: PathBuf) -> IngestReport {
        self.extract_as_at(file, None)
    }

    pub(crate) fn extract_as_at(&self, file: PathBuf, as_at: Option<&str>) -> IngestReport {
        let options = IngestOptions {
            as_at: as_at.map(str::to_owned),
            force: Some("synthetic-ashmoor".parse().unwrap()),
            ..IngestOptions::default()
        };
        self.ingest_with(&[file], &options)
    }

    /// Rows kept and quarantined by rule of all releases in use.
    pub(crate) fn counted(&self) -> (u64, BTreeMap<String, u64>) {
        let manifest = self.manifest();
        let mut rules: BTreeMap<String, u64> = BTreeMap::new();
        let mut kept = 0;
        for release in manifest.releases.iter().filter(|r| !r.superseded) {
            kept += release.kept;
            for (rule, rows) in &release.quarantined {
                *rules.entry(rule.clone()).or_default() += rows;
            }
        }
        (kept, rules)
    }
}

/// A call with these times of day on 14 July 2022.
fn call(id: &str, presented: &str, answered: &str) -> String {
    format!("{id},101,2022-07-14T{presented}+01:00,false,2022-07-14T{answered}+01:00")
}

const SHORT: &str = "call_id,line,presented_at,ivr_selfserved,answered_at";

#[test]
fn the_sample_of_calls_loads_and_the_caller_served_by_the_menu_did_not_give_up() {
    let place = Place::new();
    let report = place.extract(place.write("calls.csv", CALLS));
    assert!(report.refused.is_empty(), "{:?}", report.refused);
    assert_eq!(
        (report.loaded, report.rows_kept, report.rows_quarantined),
        (1, 3, 0)
    );
    let rows = place.rows("calls");
    let served = rows.iter().find(|r| r["call_id"] == "C0003").unwrap();
    assert_eq!(served["ivr_selfserved"], "true");
    assert!(!served.contains_key("abandoned_at"));
    assert!(rows.iter().all(|r| r["force"] == "synthetic-ashmoor"));
    let month = &place.manifest().months[0];
    assert_eq!(
        (month.month.to_string().as_str(), month.restricted),
        ("2022-07", true)
    );
    assert!(place.manifest().sources().is_empty());
    assert_eq!(place.manifest().restricted_sources()[0].rows, 3);
}

#[test]
fn counts_of_two_measures_stand_side_by_side_and_a_correction_replaces_its_own() {
    let place = Place::new();
    let counts = |rows: &str| {
        format!(
            "measure_id,definition_version,force,area_code,period,numerator,denominator,suppressed,as_at,source_system,contact_role\n{rows}\n"
        )
    };
    let row = |measure: &str, period: &str, numerator: u32, as_at: &str| {
        format!(
            "{measure},1,synthetic-ashmoor,,{period},{numerator},100,false,{as_at},telephony,analyst"
        )
    };
    let first = counts(
        &[
            row("calls-101-abandoned", "2026-04", 20, "2026-05-03"),
            row("calls-101-abandoned", "2026-05", 22, "2026-06-03"),
            row("surveys-satisfied", "2026-Q2", 70, "2026-07-03"),
        ]
        .join("\n"),
    );
    let other = counts(&row(
        "calls-999-answered-in-10s",
        "2026-04",
        90,
        "2026-05-04",
    ));
    let correction = counts(&row("calls-101-abandoned", "2026-04", 25, "2026-08-01"));
    // A later file of an older figure changes nothing.
    let stale = counts(&row("calls-101-abandoned", "2026-05", 99, "2026-06-01"));
    for (name, text) in [
        ("a.csv", first),
        ("b.csv", other),
        ("c.csv", correction),
        ("d.csv", stale),
    ] {
        let report = place.ingest(&[place.write(name, text)]);
        assert!(report.refused.is_empty(), "{:?}", report.refused);
    }
    let mut held: Vec<String> = place
        .rows("counts")
        .iter()
        .map(|r| format!("{} {} {}", r["measure_id"], r["period"], r["numerator"]))
        .collect();
    held.sort();
    assert_eq!(
        held,
        [
            "calls-101-abandoned 2026-04 25",
            "calls-101-abandoned 2026-05 22",
            "calls-999-answered-in-10s 2026-04 90",
            "surveys-satisfied 2026-Q2 70",
        ]
    );
}

#[test]
fn half_hours_load() {
    let place = Place::new();
    let text = "interval_start,line,offered,answered,abandoned_menu,abandoned_queue,answered_in_threshold,threshold_s,sum_wait_s,max_wait_s,sum_handle_s,staffed_positions,occupancy\n\
        2026-10-25T01:30:00+01:00,101,12,10,1,1,8,60,300,90,2400,6.5,0.81\n\
        2026-10-25T01:30:00+00:00,101,9,9,0,0,9,60,100,30,1800,6.5,0.62\n";
    let report = place.extract(place.write("call_intervals.csv", text));
    assert_eq!(
        (report.rows_kept, report.rows_quarantined),
        (2, 0),
        "{report:?}"
    );
}

#[test]
fn each_rule_of_calls_is_broken_once() {
    let place = Place::new();
    let good = call("C1", "20:00:00", "20:00:30");
    let rows = [
        good.clone(),
        good,
        call("C2", "20:00:30", "20:00:00"),
        call("C3", "20:00:00", "20:00:30").replace("false", "true"),
        "C4,101,2022-07-14T20:00:00+01:00,false,".to_owned(),
        "C5,101,2022-07-14T20:00:00,false,2022-07-14T20:01:00+01:00".to_owned(),
        call("C6", "20:00:00", "20:00:30").replace(",101,", ",102,"),
        "C7,101".to_owned(),
    ];
    let text = format!("{SHORT}\n{}\n", rows.join("\n"));
    let report = place.extract(place.write("calls.csv", text));
    assert!(report.refused.is_empty(), "{:?}", report.refused);
    let (kept, rules) = place.counted();
    let expected = [
        "code",
        "exactly-one",
        "no-offset",
        "number-of-fields",
        "order-of-times",
        "repeat",
    ];
    assert_eq!(
        rules.keys().map(String::as_str).collect::<Vec<_>>(),
        expected
    );
    assert_eq!((kept, rules["exactly-one"]), (1, 2));
    assert_eq!(kept + rules.values().sum::<u64>(), 8);
}
