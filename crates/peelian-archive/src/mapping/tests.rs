use super::*;
use proptest::prelude::*;

const GOOD: &str = r#"
table = "incident_events"
force = "essex"
no = ["N"]
absent = ["unit_pid", "value"]
ignored = []

[clock]
zone = "Europe/London"
times = ["%d/%m/%Y %H:%M"]

[columns]
incident_id = "Log"
at = "When"
event = "What"

[codes.event]
OPEN = "graded"
"#;

fn fault(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    Mapping::parse(&GOOD.replace(from, to)).unwrap_err()
}

#[test]
fn a_mapping_is_refused_with_the_line_that_is_wrong() {
    assert!(Mapping::parse(GOOD).is_ok());
    for (from, to, line, words) in [
        ("ignored", "ignore", "line 6", "unknown field `ignore`"),
        ("zone =", "zones =", "line 9", "unknown field `zones`"),
        (
            "\"incident_events\"",
            "\"incident\"",
            "line 2",
            "there is no extract “incident”",
        ),
        (
            "\"essex\"",
            "\"exsex\"",
            "line 3",
            "no force is called “exsex”",
        ),
        (
            "at = \"When\"",
            "att = \"When\"",
            "line 14",
            "no column “att” to fill",
        ),
        ("at = \"When\"\n", "", "line 12", "“at” is required"),
        (
            "\"unit_pid\", ",
            "",
            "line 12",
            "nothing is said of “unit_pid”",
        ),
        (
            "\"value\"]",
            "\"value\", \"event\"]",
            "line 15",
            "more than once",
        ),
        (
            "\"graded\"",
            "\"grade\"",
            "line 18",
            "“grade” is no code of event",
        ),
        ("OPEN =", "\"*\" =", "line 18", "list each one"),
        (
            "ignored = []",
            "ignored = [\"log\"]",
            "line 13",
            "both kept as incident_id and ignored",
        ),
        ("Europe/London", "Paris", "line 9", "Europe/London"),
        ("%d/%m/%Y %H:%M", "%H:%M", "line 10", "does not say day"),
        (
            "%d/%m/%Y %H:%M",
            "%d/%m/%Y",
            "line 10",
            "belongs under dates",
        ),
        ("[codes.event]", "[codes.at]", "line 17", "has no codes"),
        ("[columns]", "[columns", "line 12", ""),
    ] {
        let reason = fault(from, to);
        assert!(reason.starts_with(line), "{from} → {to}: {reason}");
        assert!(reason.contains(words), "{from} → {to}: {reason}");
    }
}

#[test]
fn the_example_of_the_guide_is_a_good_mapping() {
    let guide = include_str!("../../../../docs/mapping.md");
    let example = guide
        .split("```toml")
        .nth(1)
        .and_then(|t| t.split("```").next())
        .unwrap();
    let mapping = Mapping::parse(example).unwrap();
    assert_eq!(
        (mapping.table(), mapping.told().0),
        ("calls", Some("The telephone switch"))
    );
}

#[test]
fn comments_and_order_are_no_part_of_what_a_mapping_says() {
    let hash = |text: &str| Mapping::parse(text).unwrap().hash;
    let good = hash(GOOD);
    assert_eq!(
        hash(&GOOD.replace("[columns]", "# the export of May\n[columns]")),
        good
    );
    assert_eq!(
        hash(&GOOD.replace(
            "[\"unit_pid\", \"value\"]",
            "[\n\"unit_pid\", \"value\",\n]"
        )),
        good
    );
    assert_ne!(hash(&GOOD.replace("\"When\"", "\"Time\"")), good);
}

fn row(mapping: &str, header: &[&str], fields: &[&str]) -> Vec<String> {
    let mapping = std::sync::Arc::new(Mapping::parse(mapping).unwrap());
    let binding = Binding::of(&mapping, header).unwrap();
    let fields: Vec<&[u8]> = fields.iter().map(|f| f.as_bytes()).collect();
    let row = binding.row(&fields, &mut Translation::default());
    let text = |f: &std::borrow::Cow<'_, [u8]>| String::from_utf8_lossy(f).into_owned();
    row.iter().map(text).filter(|f| !f.is_empty()).collect()
}

#[test]
fn what_has_no_translation_stays_for_the_checks_to_refuse() {
    let header = ["What", "When", "Log"];
    assert_eq!(
        row(GOOD, &header, &["OPEN", "14/07/2022 20:11", " I1 "]),
        ["I1", "2022-07-14T20:11:00+01:00", "graded"]
    );
    assert_eq!(
        row(GOOD, &header, &["SHUT", "yesterday", "I1"]),
        ["I1", "yesterday", "SHUT"]
    );
    // A code set aside on purpose is never one by chance.
    let refused = GOOD.replace(
        "OPEN = \"graded\"",
        "OPEN = \"*\"\ngraded = \"*\"\nclosed = \"\"",
    );
    assert_eq!(row(&refused, &header, &["OPEN", "", "I1"]), ["I1", "*"]);
    assert_eq!(row(&refused, &header, &["graded", "", "I1"]), ["I1", "*"]);
    assert_eq!(row(&refused, &header, &["closed", "", "I1"]), ["I1"]);
    // A time that says its offset needs no clock.
    assert_eq!(
        row(GOOD, &header, &["closed", "2022-07-14T20:11:00Z", "I1"]),
        ["I1", "2022-07-14T20:11:00Z", "closed"]
    );
}

#[test]
fn a_column_can_tell_which_of_two_equal_hours_it_was() {
    let mapping = GOOD
        .replace("no = [\"N\"]", "yes = [\"BST\"]\nno = [\"GMT\"]")
        .replace("[columns]", "summer = \"Zone\"\n\n[columns]");
    let header = ["What", "When", "Log", "Zone"];
    let at =
        |zone| row(&mapping, &header, &["OPEN", "25/10/2026 01:30", "I1", zone]).swap_remove(1);
    assert_eq!(at("BST"), "2026-10-25T01:30:00+01:00");
    assert_eq!(at("GMT"), "2026-10-25T01:30:00+00:00");
    assert_eq!(at("?"), "2026-10-25T01:30:00+01:00");
}

#[test]
fn lists_are_mapped_item_by_item_and_durations_become_seconds() {
    let source = source::of_table("incidents").unwrap();
    let known = [
        "incident_id",
        "opened_at",
        "qualifiers",
        "force",
        "month",
        "regrade_count",
    ];
    let others = source
        .columns
        .iter()
        .filter(|c| can_be_filled(c) && !known.contains(&c.name.as_str()));
    let (required, absent): (Vec<_>, Vec<_>) = others.partition(|c| c.required);
    let absent: Vec<String> = absent.iter().map(|c| format!("{:?}", c.name)).collect();
    let constants: Vec<String> = required
        .iter()
        .map(|c| {
            format!(
                "{} = {:?}\n",
                c.name,
                c.codes.first().cloned().unwrap_or_default()
            )
        })
        .collect();
    let mapping = format!(
        "table = \"incidents\"\nseparator = \";\"\nabsent = [{}]\n[columns]\nincident_id = \"Log\"\n\
         opened_at = \"When\"\nqualifiers = \"Tags\"\nregrade_count = \"Took\"\n[constants]\n{}\
         [codes.qualifiers]\nDOM = \"da\"\nMH = \"mental-health\"\nX = \"\"\n\"DOM;MH;X\" = \"knife\"\n",
        absent.join(", "),
        constants.concat()
    );
    let header = ["Log", "When", "Tags", "Took"];
    let tags = |tags| {
        row(
            &mapping,
            &header,
            &["I1", "2022-07-14T20:11:00Z", tags, "1:02:03"],
        )
    };
    assert!(tags("DOM; MH;DOM;X").contains(&"da|mental-health".to_owned()));
    assert!(tags("DOM;MH;X").contains(&"knife".to_owned()));
    assert!(tags("DOM;NEW").contains(&"da|NEW".to_owned()));
    assert!(tags("").contains(&"3723".to_owned()));
}

proptest! {
    #[test]
    fn no_text_makes_a_mapping_panic(text in "[ -~\n]{0,200}") {
        let _ = Mapping::parse(&text);
    }

    #[test]
    fn no_change_to_a_good_mapping_makes_it_panic(at in 0..GOOD.len(), with in "[ -~\n]{0,3}", cut in 0..5_usize) {
        let end = (at + cut).min(GOOD.len());
        let _ = Mapping::parse(&format!("{}{with}{}", &GOOD[..at], &GOOD[end..]));
    }

    #[test]
    fn no_fields_make_a_translation_panic(fields in proptest::collection::vec("[ -~]{0,30}", 3)) {
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        row(GOOD, &["What", "When", "Log"], &fields);
    }
}
