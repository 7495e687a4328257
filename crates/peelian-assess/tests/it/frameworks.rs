//! Framework files: what is shipped, what may be added, what is refused.

use std::fs;
use std::path::Path;

use peelian_assess::{AssessError, Frameworks, Provenance};

use crate::world::{World, id, measures};

const OWN: &str = r#"id = "county-2027"
title = "County plan 2027"
cycle = "2027"
published = "2027-01-15"
source_url = "https://example.org/plan"

[[areas]]
id = "responding-to-public"
name = "When you call"
graded = false

[[areas.characteristics]]
id = "own-linked"
text = "Searches lead to something."
evidence = "read"
measures = ["sns-linked-outcome-pct"]
weight = 2
"#;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let content = tempfile::tempdir().unwrap();
    fs::create_dir(content.path().join("frameworks")).unwrap();
    for (name, text) in files {
        fs::write(content.path().join("frameworks").join(name), text).unwrap();
    }
    content
}

fn load(content: &Path) -> Result<Frameworks, AssessError> {
    Frameworks::load(Some(content))
}

#[test]
fn each_cycle_has_its_areas_in_order_with_their_stable_ids() {
    let frameworks = Frameworks::load(None).unwrap();
    let areas = |framework: &str| {
        let framework = frameworks.get(&id(framework)).unwrap();
        let graded = framework.areas.iter().filter(|a| a.graded).count();
        let ids: Vec<_> = framework.areas.iter().map(|a| a.id.as_str()).collect();
        (ids, graded)
    };
    assert_eq!(
        areas("peel-2021-22"),
        (
            vec![
                "victim-service",
                "crime-data-integrity",
                "public-treatment",
                "preventing-crime",
                "responding-to-public",
                "investigating-crime",
                "protecting-vulnerable",
                "managing-offenders",
                "serious-organised-crime",
                "strategic-policing-requirement",
                "armed-threats",
                "workforce",
                "organisational-efficiency",
            ],
            10
        )
    );
    assert_eq!(
        areas("peel-2023-25"),
        (
            vec![
                "victim-service",
                "crime-data-integrity",
                "public-treatment",
                "preventing-crime",
                "responding-to-public",
                "investigating-crime",
                "protecting-vulnerable",
                "managing-offenders",
                "workforce",
                "leadership-force-management",
            ],
            9
        )
    );
    assert_eq!(frameworks.newest().unwrap().id.as_str(), "peel-2023-25");
}

#[test]
fn every_measure_of_the_catalogue_is_asked_for_in_its_area_under_its_own_title() {
    let frameworks = Frameworks::load(None).unwrap();
    let measures = measures();
    assert!(measures.len() >= 12);
    for measure in measures {
        let wanted = frameworks.wanted().measure(&measure.id).unwrap();
        assert_eq!(wanted.title, measure.title);
        for framework in frameworks.all() {
            let area = framework.area(&measure.area).unwrap();
            assert!(
                area.characteristics
                    .iter()
                    .any(|c| c.measures.contains(&measure.id)),
                "{} in {}",
                measure.id,
                framework.id
            );
        }
    }
}

#[test]
fn frameworks_nobody_has_entered_say_so() {
    let frameworks = Frameworks::load(None).unwrap();
    assert!(frameworks.get(&id("peel-2025-27")).is_none());
    let later = frameworks
        .not_loaded()
        .iter()
        .find(|n| n.id.as_str() == "peel-2025-27")
        .unwrap();
    assert!(
        later.reason.contains("frameworks/peel-2025-27.toml"),
        "{}",
        later.reason
    );
}

#[test]
fn what_was_not_read_is_marked() {
    let frameworks = Frameworks::load(None).unwrap();
    for framework in frameworks.all() {
        let marks: Vec<_> = framework
            .areas
            .iter()
            .flat_map(|a| &a.characteristics)
            .map(|c| c.evidence)
            .collect();
        assert!(marks.contains(&Provenance::Read) && marks.contains(&Provenance::Recalled));
    }
}

#[test]
fn a_framework_dropped_into_a_directory_is_picked_up() {
    let content = folder(&[("county-2027.toml", OWN)]);
    let frameworks = load(content.path()).unwrap();
    assert_eq!(frameworks.all().len(), 3);
    assert_eq!(frameworks.newest().unwrap().title, "County plan 2027");
    let assessment = peelian_assess::assess(
        &World::new().full().catalogue(),
        &frameworks,
        &id("county-2027"),
        &peelian_assess::Grades::load(None).unwrap(),
        &id("essex"),
        crate::world::TODAY,
    )
    .unwrap();
    let area = &assessment.areas[0];
    assert_eq!(area.name, "When you call");
    assert_eq!(
        area.characteristics[0].status,
        peelian_model::CharacteristicStatus::Shown
    );
    assert_eq!(area.evidence_share, 1.0);
}

#[test]
fn a_file_of_the_same_name_takes_the_place_of_the_one_in_the_binary() {
    let own = OWN.replace("county-2027", "peel-2021-22");
    let content = folder(&[("peel-2021-22.toml", &own)]);
    let frameworks = load(content.path()).unwrap();
    assert_eq!(frameworks.all().len(), 2);
    assert_eq!(frameworks.get(&id("peel-2021-22")).unwrap().areas.len(), 1);
}

#[test]
fn a_framework_that_was_not_loaded_is_loaded_once_its_file_is_there() {
    let own = OWN.replace("county-2027", "peel-2025-27");
    let content = folder(&[("peel-2025-27.toml", &own)]);
    let frameworks = load(content.path()).unwrap();
    assert!(frameworks.get(&id("peel-2025-27")).is_some());
    assert!(
        frameworks
            .not_loaded()
            .iter()
            .all(|n| n.id.as_str() != "peel-2025-27")
    );
}

#[test]
fn a_directory_may_add_measures_and_reviews_to_ask_for() {
    let own = OWN.replace("sns-linked-outcome-pct", "own-counter-visits");
    let wanted = "[measures.own-counter-visits]\ntitle = \"Visits\"\nneeds = \"Counts.\"\n\
                  how = \"Ask.\"\n";
    let content = folder(&[("county-2027.toml", &own), ("wanted.toml", wanted)]);
    let frameworks = load(content.path()).unwrap();
    assert!(
        frameworks
            .wanted()
            .measure(&id("own-counter-visits"))
            .is_some()
    );
    assert!(
        frameworks
            .wanted()
            .measure(&id("call-101-abandon-pct"))
            .is_some()
    );
}

#[test]
fn a_directory_without_frameworks_changes_nothing() {
    let content = tempfile::tempdir().unwrap();
    assert_eq!(
        load(content.path()).unwrap().all(),
        Frameworks::load(None).unwrap().all()
    );
}

#[test]
fn a_malformed_file_is_refused_with_file_line_rule_and_remedy() {
    let broken = [
        (
            "graded = false",
            "graded = perhaps",
            10,
            "",
            "Correct the line",
        ),
        (
            "weight = 2",
            "",
            12,
            "missing field `weight`",
            "Correct the line",
        ),
        (
            "weight = 2",
            "weight = 9",
            13,
            "the weight of “own-linked” is not 1, 2 or 3",
            "Use 1, 2",
        ),
        (
            "weight = 2",
            "weight = 2\ncolour = 1",
            18,
            "unknown field `colour`",
            "Correct the line",
        ),
        (
            "sns-linked-outcome-pct",
            "no-such-measure",
            16,
            "no-such-measure",
            "wanted.toml",
        ),
        (
            "measures = [\"sns-linked-outcome-pct\"]",
            "reviews = [\"no-such-review\"]",
            16,
            "no-such-review",
            "wanted.toml",
        ),
        (
            "measures = [\"sns-linked-outcome-pct\"]\n",
            "",
            13,
            "asks for no evidence",
            "Name at least one",
        ),
        (
            "sns-linked-outcome-pct",
            "Not An Id",
            16,
            "not a measure id",
            "Correct the line",
        ),
        (
            "id = \"county-2027\"",
            "id = \"county-2028\"",
            1,
            "is not the name of the file",
            "rename the file",
        ),
        ("2027-01-15", "15 January", 4, "", "Correct the line"),
    ];
    for (from, to, line, rule, remedy) in broken {
        let text = OWN.replace(from, to);
        assert_ne!(text, OWN);
        let content = folder(&[("county-2027.toml", &text)]);
        let message = load(content.path()).unwrap_err().to_string();
        assert!(message.contains("county-2027.toml, line "), "{message}");
        assert!(
            message.contains(&format!("line {line}:")),
            "{to}: {message}"
        );
        assert!(
            message.contains(rule) && message.contains(remedy),
            "{message}"
        );
    }
}

#[test]
fn an_id_used_twice_is_refused_at_its_second_place() {
    let (_, area) = OWN.split_once("\n[[areas]]").unwrap();
    let text = format!("{OWN}\n[[areas]]{area}").replace(
        "id = \"responding-to-public\"\nname = \"When you call\"\ngraded = false\n\n\
         [[areas.characteristics]]\nid = \"own-linked\"\ntext = \"Searches lead to something.\"\n\
         evidence = \"read\"\nmeasures = [\"sns-linked-outcome-pct\"]\nweight = 2\n\n[[areas]]",
        "id = \"workforce\"\nname = \"Work\"\ngraded = false\n\n[[areas.characteristics]]\n\
         id = \"own-linked\"\ntext = \"Searches lead to something.\"\nevidence = \"read\"\n\
         measures = [\"sns-linked-outcome-pct\"]\nweight = 2\n\n[[areas]]",
    );
    let content = folder(&[("county-2027.toml", &text)]);
    let message = load(content.path()).unwrap_err().to_string();
    assert!(
        message.contains("line 25: the id “own-linked” is used twice"),
        "{message}"
    );
}

#[test]
fn no_bytes_make_it_panic() {
    for bytes in [
        &b""[..],
        b"\0\0",
        b"\xff\xfe",
        b"[[areas]]",
        b"id = ",
        "é\nid = 3".as_bytes(),
    ] {
        let content = folder(&[]);
        fs::write(content.path().join("frameworks/x.toml"), bytes).unwrap();
        let message = load(content.path()).unwrap_err().to_string();
        assert!(message.contains("x.toml, line "), "{message}");
    }
}
