//! Extracts of a force's own systems: cut into months, checked, replaced.

use std::collections::BTreeMap;
use std::path::PathBuf;

use peelian_archive::{IngestOptions, IngestReport};
use proptest::prelude::*;

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

/// A call presented at this time and answered ten seconds later.
fn at(id: &str, presented: &str) -> String {
    let answered = presented.replacen(":00+", ":10+", 1);
    format!("{id},101,{presented},false,{answered}")
}

pub(crate) fn calls(rows: &[String]) -> String {
    format!("{SHORT}\n{}\n", rows.join("\n"))
}

/// Table, force, month and rows of what is held.
fn months(place: &Place) -> Vec<String> {
    let held = place.manifest().months;
    held.iter()
        .map(|m| format!("{} {} {}", m.force, m.month, m.rows_kept))
        .collect()
}

#[test]
fn the_hour_that_comes_twice_is_put_in_order_by_its_offsets() {
    let place = Place::new();
    let rows = [
        "C1,101,2026-10-25T01:30:00+01:00,false,2026-10-25T01:10:00+00:00".to_owned(),
        "C2,101,2026-10-25T01:30:00+00:00,false,2026-10-25T01:50:00+01:00".to_owned(),
    ];
    place.extract(place.write("calls.csv", calls(&rows)));
    let kept = place.rows("calls");
    assert_eq!((kept.len(), kept[0]["call_id"].as_str()), (1, "C1"));
    assert_eq!(place.counted().1, [("order-of-times".to_owned(), 1)].into());
}

#[test]
fn a_file_is_cut_into_months_of_the_wall_clock_across_a_year_end() {
    let place = Place::new();
    let rows = [
        at("C1", "2022-12-31T23:59:00+00:00"),
        at("C2", "2023-01-01T00:00:00+00:00"),
        // Half past midnight of 1 July by the clock on the wall.
        at("C3", "2022-06-30T23:30:00+00:00"),
        at("C4", "2022-06-30T23:30:00+01:00"),
        "C5,101,yesterday,false,".to_owned(),
    ];
    let report = place.extract(place.write("calls.csv", calls(&rows)));
    assert_eq!(
        (report.loaded, report.rows_kept, report.rows_quarantined),
        (1, 4, 1)
    );
    let force = "synthetic-ashmoor";
    let expected = ["2022-06", "2022-07", "2022-12", "2023-01"].map(|m| format!("{force} {m} 1"));
    assert_eq!(months(&place), expected);
    let manifest = place.manifest();
    assert_eq!(manifest.files("calls").len(), 2);
    // What is of no month is listed with the first.
    let first = manifest.release(&manifest.months[0].release).unwrap();
    assert_eq!(
        (first.kept, first.quarantined["timestamp"], first.rows),
        (1, 1, 2)
    );
}

#[test]
fn a_month_is_corrected_alone_whatever_the_order_of_loading() {
    let old = calls(&[
        at("C1", "2022-07-01T10:00:00+01:00"),
        at("C2", "2022-08-01T10:00:00+01:00"),
        at("C3", "2023-01-01T10:00:00+00:00"),
    ]);
    let new = calls(&[
        at("C2", "2022-08-01T10:00:00+01:00"),
        at("C4", "2022-08-02T10:00:00+01:00"),
    ]);
    let mut digests = Vec::new();
    for turned in [false, true] {
        let place = Place::new();
        let files = [
            (place.write("old.csv", &old), "2023-02-01"),
            (place.write("new.csv", &new), "2023-03-01"),
        ];
        let mut order: Vec<_> = files.iter().collect();
        if turned {
            order.reverse();
        }
        for (file, as_at) in order {
            let report = place.extract_as_at(file.clone(), Some(as_at));
            assert!(report.refused.is_empty(), "{:?}", report.refused);
        }
        let force = "synthetic-ashmoor";
        let expected = ["2022-07 1", "2022-08 2", "2023-01 1"].map(|m| format!("{force} {m}"));
        assert_eq!(months(&place), expected);
        let manifest = place.manifest();
        assert_eq!(manifest.releases.iter().filter(|r| r.superseded).count(), 1);
        let again = place.extract_as_at(files[0].0.clone(), Some("2023-02-01"));
        assert_eq!((again.generation, again.unchanged), (None, 1));
        digests.push(place.digest());
    }
    assert_eq!(digests[0], digests[1]);
}

#[test]
fn a_superseded_slice_is_kept_as_a_revision_when_asked_for() {
    let place = Place::new();
    let options = |as_at: &str| IngestOptions {
        as_at: Some(as_at.to_owned()),
        force: Some("synthetic-ashmoor".parse().unwrap()),
        keep_revisions: true,
        ..IngestOptions::default()
    };
    let july = at("C1", "2022-07-01T10:00:00+01:00");
    let august = at("C2", "2022-08-01T10:00:00+01:00");
    let both = place.write("a.csv", calls(&[july.clone(), august]));
    let later = place.write(
        "b.csv",
        calls(&[july, at("C3", "2022-07-02T10:00:00+01:00")]),
    );
    place.ingest_with(&[both], &options("2022-09-01"));
    place.ingest_with(&[later], &options("2022-10-01"));
    let manifest = place.manifest();
    let kept: Vec<_> = manifest
        .releases
        .iter()
        .filter_map(|r| r.revision.as_ref())
        .collect();
    assert_eq!(kept.len(), 1);
    let rows = crate::support::rows_of(&place.home.path().join(kept[0]));
    assert_eq!(rows[0]["call_id"], "C1");
}

#[test]
fn a_file_of_several_forces_names_them() {
    let place = Place::new();
    let text = "force,measure_id,definition_version,period,numerator,as_at,contact_role\n\
        synthetic-ashmoor,calls-101-offered,1,2026-04,900,2026-05-01,analyst\n\
        Synthetic Brightsea Police,calls-101-offered,1,2026-04,700,2026-05-01,analyst\n\
        synthetic-ashmoor,calls-101-offered,1,2026-Q5,1,2026-05-01,analyst\n\
        nowhere,calls-101-offered,1,2026-04,1,2026-05-01,analyst\n";
    let report = place.ingest(&[place.write("counts.csv", text)]);
    assert_eq!(
        (report.rows_kept, report.rows_quarantined),
        (2, 2),
        "{report:?}"
    );
    let forces = ["synthetic-ashmoor", "synthetic-brightsea"];
    assert_eq!(months(&place), forces.map(|f| format!("{f} 2026-04 1")));
    assert_eq!(
        place.counted().1,
        [("force".to_owned(), 1), ("period".to_owned(), 1)].into()
    );

    // A sidecar or --force of one force leaves the rows of others aside.
    let other = Place::new();
    let report = other.extract(other.write("counts.csv", text));
    assert_eq!(
        (report.rows_kept, report.rows_quarantined),
        (1, 3),
        "{report:?}"
    );
}

#[test]
fn a_real_and_an_invented_force_do_not_share_a_home() {
    let place = Place::new();
    place.extract(place.write("calls.csv", CALLS));
    let options = IngestOptions {
        force: Some("essex".parse().unwrap()),
        ..IngestOptions::default()
    };
    let report = place.ingest_with(&[place.write("b.csv", CALLS)], &options);
    assert!(
        report.refused[0].reason.contains("a home of its own"),
        "{report:?}"
    );
}

#[test]
fn what_contradicts_itself_in_counts_is_set_aside() {
    let place = Place::new();
    let header =
        "measure_id,definition_version,period,numerator,denominator,suppressed,as_at,contact_role";
    let rows = [
        "m,1,2026-04,10,9,false,2026-05-01,analyst",
        "m,1,2026-05,7,,true,2026-05-01,analyst",
        "m,1,2026-06,,40,true,2026-05-01,analyst",
        "m,1,2026-07,,,,2026-05-01,analyst",
        "m,1,2026-08,0,40,false,2026-05-01,analyst",
    ];
    let text = format!("{header}\n{}\n", rows.join("\n"));
    place.extract(place.write("counts.csv", text));
    let (kept, rules) = place.counted();
    assert_eq!(
        (kept, rules),
        (
            3,
            [("at-most".to_owned(), 1), ("not-blank".to_owned(), 1)].into()
        )
    );
    let rows = place.rows("counts");
    let by_period = |p: &str| rows.iter().find(|r| r["period"] == p).unwrap();
    // Suppressed, not supplied and nought stay apart.
    assert_eq!(by_period("2026-06")["suppressed"], "true");
    assert!(!by_period("2026-07").contains_key("numerator"));
    assert_eq!(by_period("2026-08")["numerator"], "0");
}

#[test]
fn a_table_without_time_is_replaced_as_a_whole_for_its_force_alone() {
    let place = Place::new();
    let header = "force,person_pid,unit,role,from,fte,kind";
    let row = |force: &str, pid: u32| {
        format!("{force},{pid:016x},response,constable,2021-04-01,1.0,officer")
    };
    let two = [row("synthetic-ashmoor", 1), row("synthetic-brightsea", 2)].join("\n");
    let one = [row("synthetic-ashmoor", 3), row("synthetic-ashmoor", 4)].join("\n");
    place.ingest_as_at(
        &place.write("a.csv", format!("{header}\n{two}\n")),
        "2022-01-01",
    );
    place.ingest_as_at(
        &place.write("b.csv", format!("{header}\n{one}\n")),
        "2022-02-01",
    );
    let manifest = place.manifest();
    let held: Vec<_> = manifest
        .wholes
        .iter()
        .map(|w| {
            (
                w.force.as_ref().unwrap().as_str(),
                w.rows_kept,
                w.restricted,
            )
        })
        .collect();
    assert_eq!(
        held,
        [
            ("synthetic-ashmoor", 2, true),
            ("synthetic-brightsea", 1, true)
        ]
    );
    assert_eq!(place.rows("postings").len(), 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_is_in_a_file_every_row_is_kept_or_set_aside(
        changes in proptest::collection::vec((0..900_usize, "[ -!#-~]"), 1..12)
    ) {
        let header = CALLS.find('\n').unwrap() + 1;
        let mut bytes = CALLS.as_bytes().to_vec();
        for (at, with) in changes {
            let place = header + at % (bytes.len() - header);
            if bytes[place] != b'\n' {
                bytes[place] = with.as_bytes()[0];
            }
        }
        let place = Place::new();
        let report = place.extract(place.write("calls.csv", &bytes));
        if report.refused.is_empty() {
            prop_assert_eq!(report.rows_kept + report.rows_quarantined, 3);
            let manifest = place.manifest();
            prop_assert_eq!(manifest.releases.iter().map(|r| r.rows).sum::<u64>(), 3);
        } else {
            prop_assert!(report.refused[0].reason.starts_with("none of its 3 rows"));
        }
    }
}
