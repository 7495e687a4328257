//! The JSON of `assess --json`, whole, for two areas.

use std::fs;

use peelian_assess::{Frameworks, Grades, assess};

use crate::world::{TODAY, World, id};

const TWO_AREAS: &str = r#"
id = "peel-2021-22"
title = "Two areas of PEEL 2021/22"
cycle = "2021/22"
published = "2021-04-21"
source_url = "https://example.org"

[[areas]]
id = "public-treatment"
name = "Treatment of the public"
graded = true

[[areas.characteristics]]
id = "pt-search-grounds"
text = "Searches rest on reasonable grounds."
evidence = "inferred"
measures = ["sns-grounds-pct", "sns-linked-outcome-pct"]
reviews = ["stop-search-grounds-audit"]
weight = 3

[[areas.characteristics]]
id = "pt-search-differences"
text = "Differences between groups are explained or ended."
evidence = "inferred"
measures = ["sns-rate", "sns-disproportionality"]
weight = 3

[[areas]]
id = "serious-organised-crime"
name = "Disrupting serious organised crime"
graded = true

[[areas.characteristics]]
id = "soc-disrupts"
text = "Organised crime groups are disrupted for good."
evidence = "recalled"
reviews = ["soc-disruption-review"]
weight = 3
"#;

#[test]
fn the_json_has_its_documented_shape() {
    let content = tempfile::tempdir().unwrap();
    fs::create_dir(content.path().join("frameworks")).unwrap();
    fs::write(
        content.path().join("frameworks/peel-2021-22.toml"),
        TWO_AREAS,
    )
    .unwrap();
    let assessment = assess(
        &World::new().full().catalogue(),
        &Frameworks::load(Some(content.path())).unwrap(),
        &id("peel-2021-22"),
        &Grades::load(None).unwrap(),
        &id("essex"),
        TODAY,
    )
    .unwrap();
    insta::assert_json_snapshot!(assessment.with_ranges());
}
