//! Published grades: what is held, and how it is known.

use std::fs;
use std::path::PathBuf;

use peelian_assess::{Basis, Grades};
use peelian_model::Grade;

use crate::world::{World, id};

#[test]
fn essex_has_three_cycles_each_apart() {
    let grades = Grades::load(None).unwrap();
    let history = grades.history(&id("essex"));
    let shape: Vec<_> = history
        .iter()
        .map(|c| {
            (
                c.cycle,
                c.grades.len(),
                c.grades.iter().filter(|g| g.grade.is_some()).count(),
            )
        })
        .collect();
    assert_eq!(
        shape,
        [("2018/19", 3, 3), ("2021/22", 11, 9), ("2023–25", 10, 9)],
        "2021/22 holds ten graded areas, one of them null, and service to victims"
    );
}

#[test]
fn a_grade_that_was_not_found_stays_empty_and_one_worked_out_says_so() {
    let assessment = World::new().assess("peel-2021-22");
    let inspector = |area: &str| {
        let area = assessment.area(&id(area)).unwrap();
        area.inspector.clone().map(|i| (i.grade, i.basis))
    };
    assert_eq!(
        inspector("responding-to-public"),
        Some((Some(Grade::RequiresImprovement), Basis::Stated))
    );
    assert_eq!(
        inspector("preventing-crime"),
        Some((Some(Grade::Adequate), Basis::Inferred))
    );
    assert_eq!(
        inspector("serious-organised-crime"),
        Some((None, Basis::Unsourced))
    );
    assert_eq!(inspector("victim-service"), Some((None, Basis::Stated)));
    assert_eq!(inspector("armed-threats"), None);
}

#[test]
fn an_ungraded_area_has_no_grade_in_any_row() {
    let frameworks = peelian_assess::Frameworks::load(None).unwrap();
    let grades = Grades::load(None).unwrap();
    for cycle in grades.history(&id("essex")) {
        let Some(framework) = frameworks.get(cycle.framework) else {
            continue;
        };
        for row in cycle.grades {
            let area = framework.area(&row.area).unwrap();
            assert_eq!(row.area_name, area.name);
            assert!(area.graded || row.grade.is_none(), "{}", row.area);
            assert!(row.source_url.starts_with("https://"));
        }
    }
}

fn load(rows: &str) -> Result<Grades, String> {
    let content = tempfile::tempdir().unwrap();
    fs::create_dir(content.path().join("reference")).unwrap();
    let header = "cycle,framework,force,area,area_name,grade,basis,published,source_url,note";
    fs::write(
        content.path().join("reference/grades.csv"),
        format!("{header}\n{rows}"),
    )
    .unwrap();
    Grades::load(Some(content.path())).map_err(|e| e.to_string())
}

#[test]
fn a_file_of_ones_own_takes_the_place_of_the_grades_in_the_binary() {
    let grades =
        load("2021/22,peel-2021-22,kent,workforce,Workforce,good,stated,2022-01-01,https://k,\n");
    let grades = grades.unwrap();
    assert_eq!(grades.history(&id("kent")).len(), 1);
    assert!(grades.history(&id("essex")).is_empty());
}

#[test]
fn wrong_grades_are_refused_with_line_rule_and_remedy() {
    let ok = "2021/22,peel-2021-22,kent,workforce,W,good,stated,2022-01-01,https://k,\n";
    for (row, rule) in [
        (ok, "has two lines for workforce"),
        (
            "2021/22,peel-2021-22,synthetic-a,workforce,W,good,stated,,https://k,\n",
            "invented force",
        ),
        (
            "2021/22,peel-2021-22,kent,x,W,good,unsourced,,https://k,\n",
            "stays empty",
        ),
        (
            "2021/22,peel-2021-22,kent,x,W,fine,stated,,https://k,\n",
            "fine",
        ),
        (
            "2021/22,peel-2021-22,kent,x,W,good,guessed,,https://k,\n",
            "guessed",
        ),
        ("2021/22,peel-2021-22,kent\n", "3 fields"),
    ] {
        let message = load(&format!("{ok}{row}")).unwrap_err();
        assert!(message.contains("grades.csv, line 3: "), "{message}");
        assert!(message.contains(rule), "{message}");
    }
}

/// The same facts, typed independently from the same pages.
#[test]
fn the_grades_of_essex_agree_with_an_independent_list() {
    let shared = std::env::var_os("PEELIAN_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let Ok(text) = fs::read_to_string(shared.join("data/hmicfrs/peel-grades.csv")) else {
        eprintln!(
            "skipped: no independent list of grades under {}",
            shared.display()
        );
        return;
    };
    let grades = Grades::load(None).unwrap();
    let mut ours: Vec<String> = grades
        .history(&id("essex"))
        .iter()
        .flat_map(|c| &c.grades)
        .filter_map(|g| {
            let basis = if g.basis == Basis::Inferred {
                "by-elimination"
            } else {
                "stated"
            };
            let cycle = g.cycle.replace('–', "-");
            Some(format!(
                "{cycle} {} {} {} {basis}",
                g.area_name,
                g.grade?.label(),
                g.published?
            ))
        })
        .collect();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut theirs: Vec<String> = reader
        .records()
        .map(Result::unwrap)
        .filter(|r| &r[1] == "essex")
        .map(|r| format!("{} {} {} {} {}", &r[0], &r[2], &r[3], &r[4], &r[6]))
        .collect();
    ours.sort();
    theirs.sort();
    assert_eq!(ours, theirs);
}
