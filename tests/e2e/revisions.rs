//! As first published and as now: both answers for one reading.

use serde_json::Value;

use crate::program::{Program, shared};

/// Two downloads of the same months of two forces, the second later.
fn loaded(order: [&str; 2]) -> Option<Program> {
    let police = shared("data/police-uk")?;
    let program = Program::new();
    for which in order {
        let (folder, as_at) = match which {
            "earlier" => (police.join("earlier-release/stop-and-search"), "2020-06-01"),
            _ => (police.join("stop-and-search"), "2021-11-01"),
        };
        let mut paths: Vec<String> = Vec::new();
        for month in ["2019-12", "2020-01", "2020-02"] {
            for force in ["durham", "south-yorkshire"] {
                let name = format!("{month}-{force}-stop-and-search.csv.gz");
                let path = folder.join(month).join(name);
                paths.push(path.display().to_string());
            }
        }
        let mut args = vec!["ingest", "--keep-revisions", "--as-at", as_at];
        args.extend(paths.iter().map(String::as_str));
        let _ = program.ok(&args);
    }
    Some(program)
}

fn numerators(program: &Program, which: &str) -> Vec<Option<f64>> {
    let answer = program.json(&[
        "measure",
        "revisions",
        "sns-linked-outcome-pct",
        "--force",
        "south-yorkshire",
    ]);
    let months = answer["months"].as_array().unwrap().clone();
    months
        .iter()
        .map(|m: &Value| m[which]["denominator"].as_f64())
        .collect()
}

#[test]
fn a_restated_month_has_its_first_figure_and_its_present_one() {
    let Some(program) = loaded(["earlier", "later"]) else {
        return;
    };
    let (first, now) = (numerators(&program, "first"), numerators(&program, "now"));
    assert_eq!(first.len(), 3);
    assert_ne!(
        first, now,
        "south-yorkshire was restated between the two downloads"
    );
    let text = program.ok(&[
        "measure",
        "revisions",
        "sns-linked-outcome-pct",
        "--force",
        "south-yorkshire",
    ]);
    assert!(
        text.contains("(2020-06-01)") && text.contains("(2021-11-01)"),
        "{text}"
    );

    let other_way = loaded(["later", "earlier"]).unwrap();
    assert_eq!(numerators(&other_way, "first"), first);
    assert_eq!(numerators(&other_way, "now"), now);
    let shown = program.json(&[
        "measure",
        "show",
        "sns-linked-outcome-pct",
        "--force",
        "south-yorkshire",
    ]);
    let shown: Vec<Option<f64>> = shown["readings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["denominator"].as_f64())
        .collect();
    assert_eq!(shown, now, "what is shown is what is known now");
}
