//! What a sidecar says of an extract, and what does not fit together.

use peelian_archive::IngestOptions;

use crate::extracts::{CALLS, calls};
use crate::support::Place;

fn sidecar(rows: u64, more: &str) -> String {
    format!(
        r#"{{"extract": "calls", "schema_version": 1, "system": "telephony",
            "run_at": "2022-08-01T06:00:00+01:00", "period_from": "2022-07-01",
            "period_to": "2022-07-31", "row_count": {rows},
            "known_gaps": ["No calls to the desk on 3 July."], "clock": "switch time",
            "contact_role": "performance analyst"{more}}}"#
    )
}

#[test]
fn a_sidecar_says_force_time_and_gaps() {
    let place = Place::new();
    let file = place.write("in/calls.csv", CALLS);
    place.write(
        "in/calls.manifest.json",
        sidecar(3, r#", "force": "synthetic-ashmoor""#),
    );
    let report = place.ingest(&[file.parent().unwrap().to_path_buf()]);
    assert!(
        report.refused.is_empty() && report.foreign.is_empty(),
        "{report:?}"
    );
    let release = &place.manifest().releases[0];
    let provenance = release.provenance.as_ref().unwrap();
    assert_eq!(release.as_at, "2022-08-01T05:00:00Z");
    assert_eq!(provenance.known_gaps, ["No calls to the desk on 3 July."]);
    assert_eq!(provenance.contact_role, "performance analyst");

    // The same two in an archive, the sidecar standing for the whole folder.
    let other = Place::new();
    let note = sidecar(3, r#", "force": "Synthetic Ashmoor Police""#);
    let list = format!("[{{\"extract\": \"crimes\"}}, {note}]");
    let members = [
        ("calls.csv", CALLS.as_bytes()),
        ("manifest.json", list.as_bytes()),
    ];
    let report = other.ingest(&[other.write("x.zip", crate::support::zip(&members))]);
    assert_eq!(
        (report.rows_kept, report.foreign.len()),
        (3, 0),
        "{report:?}"
    );
    assert_eq!(other.digest(), place.digest());
}

#[test]
fn what_does_not_fit_together_is_refused_with_a_remedy() {
    let refused = |note: Option<String>, force: Option<&str>, text: &str, expected: &str| {
        let place = Place::new();
        let file = place.write("in/calls.csv", text);
        if let Some(note) = note {
            place.write("in/manifest.json", note);
        }
        let options = IngestOptions {
            force: force.map(|f| f.parse().unwrap()),
            ..IngestOptions::default()
        };
        let report = place.ingest_with(&[file], &options);
        assert_eq!((report.loaded, report.refused.len()), (0, 1), "{report:?}");
        let reason = &report.refused[0].reason;
        assert!(reason.contains(expected), "{reason}");
        assert!(place.home.manifest().unwrap().is_none());
    };
    let ashmoor = Some("synthetic-ashmoor");
    refused(None, None, CALLS, "give --force, a sidecar with the force");
    refused(None, Some("wessex"), CALLS, "“wessex”, is not known");
    refused(
        Some(sidecar(4, "")),
        ashmoor,
        CALLS,
        "says 4 rows and it has 3",
    );
    refused(
        Some(sidecar(3, r#", "colour": 1"#)),
        ashmoor,
        CALLS,
        "unknown field `colour`",
    );
    refused(
        Some(sidecar(3, r#", "force": "synthetic-brightsea""#)),
        ashmoor,
        CALLS,
        "synthetic-brightsea, and synthetic-ashmoor was given",
    );
    refused(
        Some(sidecar(3, "").replace("\"schema_version\": 1", "\"schema_version\": 2")),
        ashmoor,
        CALLS,
        "reads version 1",
    );
    refused(
        Some(sidecar(3, "").replace("T06:00:00", "")),
        ashmoor,
        CALLS,
        "run_at that is no time",
    );
    refused(None, ashmoor, &calls(&[]), "a header and no rows");
    refused(
        None,
        ashmoor,
        &calls(&["C1,101,soon,false,".to_owned()]),
        "none of its 1 rows is good",
    );
    let named = CALLS.replacen("incident_id", "incident_id,caller_name", 1);
    refused(None, ashmoor, &named, "“caller_name” besides");
    let lacking = CALLS.replace("ivr_selfserved", "selfserved");
    refused(None, ashmoor, &lacking, "lacks “ivr_selfserved”");
}

#[test]
fn a_month_without_rows_is_nought_only_where_the_sidecar_says_that_all_is_there() {
    let header = "person_pid,at,reason";
    let june = format!("{header}\n{:016x},2022-06-03,retired\n", 7);
    let empty = format!("{header}\n");
    let note = |rows: u64| {
        sidecar(rows, r#", "force": "synthetic-ashmoor""#)
            .replace("calls", "leavers")
            .replace("2022-07-01", "2022-05-01")
    };
    let whole = |rows| note(rows).replace("\"No leavers to the desk on 3 July.\"", "");
    let held = |text: &str, note: String| {
        let place = Place::new();
        place.write("in/leavers.manifest.json", note);
        let report = place.ingest(&[place.write("in/leavers.csv", text)]);
        let manifest = place.home.manifest().unwrap();
        let months = manifest.into_iter().flat_map(|m| m.months);
        let months: Vec<String> = months
            .map(|m| format!("{} {}", m.month, m.rows_kept))
            .collect();
        (months.join(", "), report.refused.len())
    };
    let all = "2022-05 0, 2022-06 1, 2022-07 0".to_owned();
    assert_eq!(held(&june, whole(1)), (all, 0));
    assert_eq!(held(&june, note(1)), ("2022-06 1".to_owned(), 0));
    let none = "2022-05 0, 2022-06 0, 2022-07 0".to_owned();
    assert_eq!(held(&empty, whole(0)), (none, 0));
    assert_eq!(held(&empty, note(0)), (String::new(), 1));
    let faulty = format!("{june}{:016x},some day,retired\n", 8);
    assert_eq!(held(&faulty, whole(2)), ("2022-06 1".to_owned(), 0));
}
