//! Files with headers, times and codes of their own, through mapping files.

use std::fs;

use peelian_archive::{IngestOptions, Mapping, keep as keep_mapping, preview, propose};

use crate::support::Place;

/// The sample of docs/extracts.md, with an hour that occurs twice.
const CANONICAL: &str = "\
call_id,line,channel,presented_at,menu_ended_at,ivr_selfserved,queue_entered_at,answered_at,abandoned_at,abandon_stage,ended_at,wrap_s,outcome,incident_id
C0001,999,voice,2022-07-14T20:11:07+01:00,,false,2022-07-14T20:11:07+01:00,2022-07-14T20:11:11+01:00,,,2022-07-14T20:15:40+01:00,95,incident,I100
C0002,101,voice,2022-07-14T20:12:00+01:00,2022-07-14T20:12:41+01:00,false,2022-07-14T20:12:41+01:00,,2022-07-14T20:18:09+01:00,queue,2022-07-14T20:18:09+01:00,,,
C0003,101,voice,2022-07-14T20:13:00+01:00,2022-07-14T20:13:35+01:00,true,,,,,2022-07-14T20:13:35+01:00,,advice,
C0004,101,voice,2022-10-30T01:30:00+01:00,,false,2022-10-30T01:30:00+01:00,2022-10-30T01:31:00+01:00,,,2022-10-30T01:40:00+01:00,30,incident,I101
";

/// The same as a telephone system of its own writes it.
pub(crate) const MESSY: &str = "\
Result,Ref No,Line Called,Ring Date,Ring Time,End of Menu,Self Serve?,Queued,Answered By Person,Abandoned,Where Abandoned,Finish,Wrap Up,CAD Ref,Site
INC,C0001,Emergency,14/07/2022,20:11:07,,N,14/07/2022 20:11:07,14/07/2022 20:11:11,,,14/07/2022 20:15:40,0:01:35,I100,HQ
-,C0002,Non-Emergency,14/07/2022,20:12:00,14/07/2022 20:12:41,N,14/07/2022 20:12:41,,14/07/2022 20:18:09,Q,14/07/2022 20:18:09,,N/A,HQ
ADV,C0003,Non-Emergency,14/07/2022,20:13:00,14/07/2022 20:13:35,Y,,,,,14/07/2022 20:13:35,,N/A,HQ
INC,C0004,Non-Emergency,30/10/2022,01:30:00,,N,30/10/2022 01:30:00,30/10/2022 01:31:00,,,30/10/2022 01:40:00,0:00:30,I101,HQ
";

pub(crate) const MAPPING: &str = r#"
table = "calls"
force = "essex"
system = "The telephone switch"
contact_role = "performance analyst"
blank = ["N/A", "-"]
yes = ["Y"]
no = ["N"]
absent = ["connected_at", "stage2_queue_at", "stage2_answered_at", "callback_offered",
    "callback_done_at", "handler_skill", "district", "demand_type"]
ignored = ["Site"]

[clock]
zone = "Europe/London"
times = ["%d/%m/%Y %H:%M:%S"]

[columns]
call_id = "Ref No"
line = "Line Called"
presented_at = ["Ring Date", "Ring Time"]
menu_ended_at = "End of Menu"
ivr_selfserved = "Self Serve?"
queue_entered_at = "Queued"
answered_at = "Answered By Person"
abandoned_at = "Abandoned"
abandon_stage = "Where Abandoned"
ended_at = "Finish"
wrap_s = "Wrap Up"
outcome = "Result"
incident_id = "CAD Ref"

[constants]
channel = "voice"

[codes.line]
"Emergency" = "999"
"Non-Emergency" = "101"

[codes.abandon_stage]
Q = "queue"

[codes.outcome]
INC = "incident"
ADV = "advice"
"#;

fn essex() -> IngestOptions {
    IngestOptions {
        force: "essex".parse().ok(),
        ..IngestOptions::default()
    }
}

fn keep(place: &Place, name: &str, text: &str) {
    let folder = place.home.path().join("mappings");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), text).unwrap();
}

/// The digest of the canonical file alone.
fn canonical_digest() -> String {
    let place = Place::new();
    let file = place.write("calls.csv", CANONICAL);
    let report = place.ingest_with(&[file], &essex());
    assert_eq!((report.rows_kept, report.rows_quarantined), (4, 0));
    place.digest()
}

#[test]
fn a_messy_export_through_its_mapping_is_the_canonical_file() {
    let place = Place::new();
    keep(&place, "calls-essex.toml", MAPPING);
    let file = place.write("export.csv", MESSY);
    let report = place.ingest(&[file]);
    assert_eq!(report.refused, []);
    assert_eq!((report.rows_kept, report.rows_quarantined), (4, 0));
    assert_eq!(place.digest(), canonical_digest());
    let release = &place.manifest().releases[0];
    let hash = release.mapping.as_deref().unwrap();
    assert_eq!(hash.len(), 64);
    let provenance = release.provenance.as_ref().unwrap();
    assert_eq!(provenance.system, "The telephone switch");
    // Four times of 30 October lie in the hour that occurs twice.
    assert!(
        provenance.notes[0].starts_with("4 times"),
        "{:?}",
        provenance.notes
    );
}

#[test]
fn a_changed_mapping_makes_a_new_reading_of_the_same_bytes() {
    let place = Place::new();
    keep(&place, "calls-essex.toml", MAPPING);
    let file = place.write("export.csv", MESSY);
    place.ingest(std::slice::from_ref(&file));
    let (first, releases) = (place.digest(), place.manifest().releases.len());
    // A comment is no change.
    keep(
        &place,
        "calls-essex.toml",
        &format!("# Checked in May.\n{MAPPING}"),
    );
    assert_eq!(place.ingest(std::slice::from_ref(&file)).generation, None);
    keep(
        &place,
        "calls-essex.toml",
        &MAPPING.replace("ADV = \"advice\"", "ADV = \"no-police-action\""),
    );
    let report = place.ingest(std::slice::from_ref(&file));
    assert!(report.generation.is_some());
    assert_ne!(place.digest(), first);
    assert_eq!(place.manifest().releases.len(), 2 * releases);
    // And back again.
    keep(&place, "calls-essex.toml", MAPPING);
    place.ingest(&[file]);
    assert_eq!(place.digest(), first);
}

#[test]
fn a_file_whose_header_has_changed_names_the_mapping_and_the_difference() {
    let place = Place::new();
    keep(&place, "calls-essex.toml", MAPPING);
    let file = place.write(
        "export.csv",
        MESSY.replace("Wrap Up", "Wrap").replace("Site", "Building"),
    );
    let report = place.ingest(&[file]);
    let reason = &report.refused[0].reason;
    assert!(reason.contains("calls-essex.toml does not fit"), "{reason}");
    assert!(
        reason.contains("lacks “Wrap Up”") && reason.contains("“Building”"),
        "{reason}"
    );
}

#[test]
fn of_two_mappings_that_fit_the_force_decides() {
    let place = Place::new();
    keep(&place, "calls-essex.toml", MAPPING);
    keep(
        &place,
        "calls-kent.toml",
        &MAPPING.replace("\"essex\"", "\"kent\""),
    );
    let file = place.write("export.csv", MESSY);
    let report = place.ingest(std::slice::from_ref(&file));
    assert!(
        report.refused[0].reason.contains("--force"),
        "{:?}",
        report.refused
    );
    let report = place.ingest_with(&[file], &essex());
    assert_eq!(report.rows_kept, 4);
}

#[test]
fn codes_without_a_mapping_and_impossible_times_are_set_aside_by_header_and_never_shown() {
    let place = Place::new();
    keep(&place, "calls-essex.toml", MAPPING);
    let file = place.write(
        "export.csv",
        MESSY
            .replace("ADV,C0003", "XYZ,C0003")
            .replace("30/10/2022,01:30:00", "30/13/2022,01:30:00"),
    );
    let report = place.ingest(&[file]);
    assert_eq!((report.rows_kept, report.rows_quarantined), (2, 2));
    let list = place.manifest().releases[0].quarantine_file().unwrap();
    let list = fs::read_to_string(place.home.path().join(list)).unwrap();
    assert!(list.contains("outcome (“Result”),code,3 letters"), "{list}");
    assert!(list.contains("presented_at (“Ring Date”)"), "{list}");
    assert!(!list.contains("XYZ"), "{list}");
}

#[test]
fn a_file_with_personal_data_is_refused_before_anything_is_stored() {
    let place = Place::new();
    keep(&place, "calls-essex.toml", MAPPING);
    // In a column that is kept, and in one that is ignored.
    for messy in [
        MESSY.replace("I101,HQ", "rang 07700 900123,HQ"),
        MESSY.replace("I101,HQ", "I101,cm11qh"),
    ] {
        let file = place.write("export.csv", messy);
        let report = place.ingest(&[file]);
        let reason = &report.refused[0].reason;
        assert!(
            reason.contains("personal data") && reason.contains("line 5"),
            "{reason}"
        );
        assert!(
            !reason.contains("07700") && !reason.contains("cm11qh"),
            "{reason}"
        );
        assert!(place.home.manifest().unwrap().is_none());
    }
    let file = place.write("calls.csv", CANONICAL.replace("I101", "jo@example.org"));
    let report = place.ingest_with(&[file], &essex());
    assert!(
        report.refused[0]
            .reason
            .contains("column “incident_id” holds what look like e-mail addresses (line 5)")
    );
}

#[test]
fn a_broken_mapping_stops_the_ingest_with_its_line() {
    let place = Place::new();
    keep(
        &place,
        "calls-essex.toml",
        &MAPPING.replace("ignored =", "ignore ="),
    );
    let file = place.write("export.csv", MESSY);
    let error = peelian_archive::ingest(&place.home, &[file], &IngestOptions::default(), &|_| {});
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("calls-essex.toml: line 11: unknown field `ignore`"),
        "{error}"
    );
    assert!(Mapping::parse(MAPPING).is_ok());
}

#[test]
fn a_mapping_is_proposed_put_right_checked_and_gives_the_canonical_file() {
    let place = Place::new();
    let file = place.write("export.csv", MESSY);
    let proposal = propose("calls", &file, Some("essex")).unwrap();
    insta::assert_snapshot!("proposed_calls", proposal.text);
    assert_eq!(proposal.missing, Vec::<String>::new());
    assert_eq!(proposal.unmapped, ["Site"]);
    assert_eq!((proposal.unknown, proposal.findings), (vec![], vec![]));

    // Somebody who knows the system adds what no column says.
    let text = proposal.text.replace("\"channel\", ", "") + "\n[constants]\nchannel = \"voice\"\n";
    let kept = keep_mapping(&place.home, None, ("calls", Some("essex")), &text).unwrap();
    assert!(kept.ends_with("mappings/calls-essex.toml"));
    let again = keep_mapping(&place.home, None, ("calls", Some("essex")), &text);
    assert!(
        again
            .unwrap_err()
            .to_string()
            .contains("stands there already")
    );

    let seen = preview(Mapping::parse(&text).unwrap(), &file, None, 2).unwrap();
    assert!(seen.is_clean(), "{seen:?}");
    assert_eq!(
        (seen.rows, seen.kept, seen.twice, seen.shown.len()),
        (4, 4, 4, 2)
    );
    let cell = |row: usize, column: &str| {
        let cells = &seen.shown[row].cells;
        let cell = cells.iter().find(|c| c.0 == column).unwrap();
        (cell.1.as_str(), cell.2.as_str())
    };
    assert_eq!(cell(0, "line"), ("Emergency", "999"));
    assert_eq!(
        cell(0, "presented_at"),
        ("14/07/2022 20:11:07", "2022-07-14T20:11:07+01:00")
    );
    assert_eq!(cell(0, "wrap_s"), ("0:01:35", "95"));

    assert_eq!(place.ingest(&[file]).rows_kept, 4);
    assert_eq!(place.digest(), canonical_digest());
}

#[test]
fn a_look_at_a_mapping_shows_faults_codes_blanks_and_hides_personal_data() {
    let place = Place::new();
    let messy = MESSY
        .replace("ADV,C0003", "XYZ,C0003")
        .replace("30/10/2022,01:30:00", "30/13/2022,01:30:00")
        .replace("I100,HQ", "rang 07700 900123,HQ");
    let file = place.write("export.csv", messy);
    let seen = preview(Mapping::parse(MAPPING).unwrap(), &file, None, 4).unwrap();
    assert!(!seen.is_clean());
    assert_eq!((seen.rows, seen.kept), (4, 2));
    assert_eq!(
        seen.codes,
        [("outcome (“Result”)".to_owned(), "XYZ".to_owned(), 1)]
    );
    let faults: Vec<_> = seen
        .faults
        .iter()
        .map(|f| (f.columns.as_str(), f.lines.clone()))
        .collect();
    assert!(
        faults.contains(&("outcome (“Result”)", vec![4])),
        "{faults:?}"
    );
    assert!(
        faults.contains(&("presented_at (“Ring Date”)", vec![5])),
        "{faults:?}"
    );
    assert!(
        seen.blanks.contains(&("outcome".to_owned(), 0.25)),
        "{:?}",
        seen.blanks
    );
    assert_eq!(seen.findings.len(), 1);
    assert!(!format!("{seen:?}").contains("07700"), "{seen:?}");
}

#[test]
fn what_no_value_and_no_header_tells_is_left_open() {
    let place = Place::new();
    let file = place.write(
        "export.csv",
        "Log Number,Created,Priority,Colour,Caller Tel\nL1,01/02/2022 10:00,I,blue,07700 900123\n\
         L2,01/02/2022 11:00,S,red,01245 123456\nL3,01/02/2022 12:00,Z9,red,\n",
    );
    let proposal = propose("incidents", &file, None).unwrap();
    assert!(
        proposal.text.contains("\n\"I\" = \"g1-emergency\"\n"),
        "{}",
        proposal.text
    );
    assert_eq!(
        proposal.unknown,
        [("grade_first".to_owned(), "Z9".to_owned())]
    );
    assert!(
        proposal.text.contains("# \"Z9\" = \"…\""),
        "{}",
        proposal.text
    );
    assert_eq!(proposal.unmapped, ["Colour", "Caller Tel"]);
    assert_eq!(proposal.findings.len(), 1);
    assert!(!proposal.text.contains("07700"), "{}", proposal.text);
    assert!(
        propose("incident", &file, None)
            .unwrap_err()
            .contains("the extracts are")
    );
}
