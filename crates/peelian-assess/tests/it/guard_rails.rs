//! The guard rails of an assessment, one test each.

use std::fs;

use peelian_assess::{Assessment, Frameworks, Grades, assess};
use peelian_model::CharacteristicStatus;
use serde_json::Value;

use crate::world::{TODAY, World, id, measure_id, root};

const FRAMEWORKS: [&str; 2] = ["peel-2021-22", "peel-2023-25"];
const TIERS: [&str; 6] = [
    "outstanding",
    "good",
    "adequate",
    "requires improvement",
    "requires-improvement",
    "inadequate",
];

/// Every text in a value that the machine wrote: not what the inspectorate
/// published, nor the names it gives to its areas.
fn own_texts(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.to_lowercase()),
        Value::Array(values) => values.iter().for_each(|v| own_texts(v, texts)),
        Value::Object(fields) => {
            for (name, value) in fields {
                if !["inspector", "name"].contains(&name.as_str()) {
                    texts.push(name.clone());
                    own_texts(value, texts);
                }
            }
        }
        _ => {}
    }
}

fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(i, _)| {
        let before = text[..i].chars().next_back();
        let after = text[i + word.len()..].chars().next();
        ![before, after]
            .iter()
            .flatten()
            .any(|c| c.is_alphanumeric())
    })
}

fn everywhere(test: impl Fn(&Assessment)) {
    for world in [World::new(), World::new().full(), World::synthetic().full()] {
        for framework in FRAMEWORKS {
            test(&world.assess(framework));
        }
    }
}

#[test]
fn what_is_public_has_no_range_and_no_tier_word_of_the_machine() {
    everywhere(|assessment| {
        let mut texts = Vec::new();
        own_texts(&serde_json::to_value(assessment).unwrap(), &mut texts);
        // The id of a measure, in which the word is an ordinary one.
        for text in texts.iter().filter(|t| *t != "wanted-outstanding") {
            assert!(!text.contains("indicative"), "{text}");
            for tier in TIERS {
                assert!(!has_word(text, tier), "“{tier}” in “{text}”");
            }
        }
    });
}

#[test]
fn from_open_data_alone_there_is_no_range_and_the_reason_names_both_conditions() {
    everywhere(|assessment| {
        let json = serde_json::to_value(assessment.with_ranges()).unwrap();
        for area in json["areas"].as_array().unwrap() {
            assert!(area.as_object().unwrap().contains_key("indicative"));
            assert_eq!(area["indicative"], Value::Null);
            let reason = area["indicative_reason"].as_str().unwrap();
            if area["graded"] == true {
                assert!(reason.contains("60% are needed"), "{reason}");
                assert!(reason.contains("no review by people is held"), "{reason}");
            }
        }
    });
}

#[test]
fn recorded_crime_neither_shows_nor_refutes_anything_without_an_audit_of_recording() {
    for framework in FRAMEWORKS {
        let assessment = World::new().full().assess(framework);
        for (area, measure) in [
            ("preventing-crime", "burglary-rate"),
            ("investigating-crime", "street-charged-pct"),
        ] {
            let area = assessment.area(&id(area)).unwrap();
            assert_eq!(area.evidence_share, 0.0);
            assert_eq!(
                area.count(CharacteristicStatus::CannotTell),
                area.characteristics.len()
            );
            let item = area.evidence_of(&measure_id(measure)).unwrap();
            assert!(item.current && !item.counts);
            for reading in [
                "less crime",
                "worse recording",
                "more crime",
                "better recording",
            ] {
                assert!(
                    item.why.contains(reading),
                    "both readings are said: {}",
                    item.why
                );
            }
            assert!(area.missing.iter().any(|m| m.id == "crime-recording-audit"));
        }
    }
}

#[test]
fn nothing_ranks_sorts_or_sums() {
    let frameworks = Frameworks::load(None).unwrap();
    everywhere(|assessment| {
        let framework = frameworks.get(&assessment.framework).unwrap();
        let order: Vec<_> = framework.areas.iter().map(|a| &a.id).collect();
        assert_eq!(
            assessment.areas.iter().map(|a| &a.area).collect::<Vec<_>>(),
            order
        );
        let json = serde_json::to_value(assessment).unwrap();
        let mut names: Vec<_> = json
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "areas",
                "as_at",
                "expires",
                "force",
                "framework",
                "label",
                "nature"
            ],
            "nothing is said of a force as a whole"
        );
    });
}

#[test]
fn json_says_that_it_is_no_grade_when_it_was_made_and_when_it_ends() {
    everywhere(|assessment| {
        for json in [
            serde_json::to_value(assessment).unwrap(),
            serde_json::to_value(assessment.with_ranges()).unwrap(),
        ] {
            assert_eq!(json["as_at"], "2026-11-22");
            assert_eq!(json["expires"], "2027-03-22", "120 days later");
            assert_eq!(json["label"], "Not a grade by HMICFRS");
            for area in json["areas"].as_array().unwrap() {
                assert_eq!(area["not_a_grade"], true);
                assert!(area["evidence_share"].is_number());
            }
        }
    });
}

#[test]
fn no_real_grade_joins_to_an_invented_force() {
    let made_up = World::synthetic().full().assess("peel-2021-22");
    assert!(made_up.areas.iter().all(|a| a.inspector.is_none()));
    let mut named_like_a_real_one = World::new();
    named_like_a_real_one.nature = peelian_model::Nature::Synthetic;
    let assessment = named_like_a_real_one.assess("peel-2021-22");
    assert!(assessment.areas.iter().all(|a| a.inspector.is_none()));
    let real = World::new().assess("peel-2021-22");
    assert!(real.areas.iter().any(|a| a.inspector.is_some()));
}

#[test]
fn a_force_or_a_framework_that_is_not_held_is_not_assessed() {
    let catalogue = World::new().catalogue();
    let frameworks = Frameworks::load(None).unwrap();
    let grades = Grades::load(None).unwrap();
    let of = |framework: &str, force: &str| {
        assess(
            &catalogue,
            &frameworks,
            &id(framework),
            &grades,
            &id(force),
            TODAY,
        )
    };
    assert!(of("peel-2021-22", "essex").is_some());
    assert!(of("peel-2021-22", "atlantis").is_none());
    assert!(
        of("peel-2025-27", "essex").is_none(),
        "known of, and not loaded"
    );
}

#[test]
fn responding_to_the_public_says_what_is_lacking_and_how_to_load_it() {
    for framework in FRAMEWORKS {
        let assessment = World::new().full().assess(framework);
        let area = assessment.area(&id("responding-to-public")).unwrap();
        assert_eq!(
            area.count(CharacteristicStatus::CannotTell),
            area.characteristics.len()
        );
        assert_eq!(area.evidence_share, 0.0);
        let lacks = |id: &str| area.missing.iter().find(|m| m.id == id).unwrap();
        assert!(
            lacks("call-999-answered-10s-pct")
                .needs
                .contains("999 performance table")
        );
        assert!(
            lacks("inc-emergency-in-target-pct")
                .needs
                .contains("incident system")
        );
        assert!(
            lacks("call-101-abandon-pct")
                .how
                .contains("monthly counts file")
        );
        assert!(
            area.missing
                .iter()
                .all(|m| !m.needs.is_empty() && m.how.contains("user-guide"))
        );
        assert_eq!(area.load_first().len(), 3);
        assert!(area.load_first().iter().all(|m| m.weight == 3));
    }
}

#[test]
fn words_that_are_not_used_are_not_used() {
    let mut texts = Vec::new();
    for file in fs::read_dir(root().join("frameworks")).unwrap() {
        texts.push(
            fs::read_to_string(file.unwrap().path())
                .unwrap()
                .to_lowercase(),
        );
    }
    everywhere(|assessment| {
        let json = serde_json::to_string(&assessment.with_ranges())
            .unwrap()
            .to_lowercase();
        assert_unused(&json);
    });
    assert!(texts.len() >= 4);
    for text in &texts {
        assert_unused(text);
    }
}

fn assert_unused(text: &str) {
    for word in [
        "verdict",
        "digital twin",
        "failing",
        "withdrawal risk",
        "rag",
        "significant",
        "kpi",
    ] {
        assert!(!has_word(text, word), "“{word}”");
    }
}
