//! The folder: whole or absent, and the same for the same plan.

use std::path::Path;

use peelian_model::Month;
use peelian_simulate::{Plan, SimulateError, Truth, small, write};

fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for folder in [folder.to_path_buf(), folder.join("lookups")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                files.push((name, std::fs::read(path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// FNV-1a: enough to notice any change.
fn hash(files: &[(String, Vec<u8>)]) -> u64 {
    (files.iter())
        .flat_map(|(name, bytes)| name.bytes().chain(bytes.iter().copied()))
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

#[test]
fn the_same_plan_gives_the_same_bytes_and_another_seed_gives_others() {
    let home = tempfile::tempdir().unwrap();
    let run = |name: &str, plan: &Plan| {
        write(plan, &home.path().join(name)).unwrap();
        hash(&contents(&home.path().join(name)))
    };
    let first = run("a", &small());
    assert_eq!(first, run("b", &small()));
    let other = Plan { seed: 2, ..small() };
    assert_ne!(first, run("c", &other));
}

/// A change of this number means that every demonstration changes: intended, or
/// a library or machine that draws differently.
#[test]
fn the_records_are_those_every_machine_makes() {
    let files: Vec<_> = crate::made::SMALL.members.clone();
    assert_eq!(hash(&files), 0x65d0_71d3_f808_b88a, "{:#x}", hash(&files));
}

#[test]
fn adding_a_force_changes_no_other() {
    let two = crate::made::made(&Plan {
        forces: 2,
        ..small()
    });
    for (name, bytes) in &two.members {
        let found = crate::made::SMALL.members.iter().find(|(n, _)| n == name);
        assert!(found.is_some_and(|(_, b)| b == bytes), "{name}");
    }
}

#[test]
fn the_truth_file_reads_back_and_everything_says_synthetic() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("made");
    let truth = write(&small(), &folder).unwrap();
    let text = std::fs::read_to_string(folder.join("truth.json")).unwrap();
    assert_eq!(serde_json::from_str::<Truth>(&text).unwrap(), truth);
    assert!(truth.synthetic);
    assert!(truth.forces.iter().all(|force| force.id.is_synthetic()));
    let readme = std::fs::read_to_string(folder.join("README.txt")).unwrap();
    assert!(readme.starts_with("SYNTHETIC DATA"));
}

#[test]
fn nothing_but_the_folder_is_left_and_what_a_killed_run_left_is_cleared() {
    let home = tempfile::tempdir().unwrap();
    let half = home.path().join(".made.partial");
    std::fs::create_dir_all(half.join("lookups")).unwrap();
    std::fs::write(half.join("2001-01.zip"), "half an archive").unwrap();
    write(&small(), &home.path().join("made")).unwrap();
    let names: Vec<_> = std::fs::read_dir(home.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["made"]);
    assert!(!home.path().join("made/2001-01.zip").exists());
}

#[test]
fn a_folder_in_use_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("mine.txt"), "keep").unwrap();
    for path in [home.path().to_path_buf(), home.path().join("mine.txt")] {
        let error = write(&small(), &path).unwrap_err();
        assert!(matches!(error, SimulateError::Exists { .. }), "{error}");
    }
    assert_eq!(contents_of_home(home.path()), ["mine.txt"]);
    assert_eq!(
        std::fs::read_to_string(home.path().join("mine.txt")).unwrap(),
        "keep"
    );
}

fn contents_of_home(home: &Path) -> Vec<String> {
    std::fs::read_dir(home)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn a_plan_that_cannot_be_made_is_refused_with_what_to_ask_for() {
    let last: Month = "2025-12".parse().unwrap();
    let home = tempfile::tempdir().unwrap();
    let refused = |plan: Plan| {
        let error = write(&plan, &home.path().join("made")).unwrap_err();
        assert!(!home.path().join("made").exists());
        error.to_string()
    };
    let plan = Plan::new(last);
    assert!(
        refused(Plan {
            forces: 13,
            ..plan.clone()
        })
        .contains("1 to 12")
    );
    assert!(
        refused(Plan {
            forces: 0,
            ..plan.clone()
        })
        .contains("1 to 12")
    );
    assert!(
        refused(Plan {
            months: 0,
            ..plan.clone()
        })
        .contains("1 to 120")
    );
    assert!(
        refused(Plan {
            months: usize::MAX,
            ..plan.clone()
        })
        .contains("1 to 120")
    );
    let early = Plan {
        last: "2014-01".parse().unwrap(),
        ..plan
    };
    assert!(refused(early).contains("2013-05"));
}

#[test]
fn the_shortest_plan_can_be_made() {
    let made = crate::made::made(&Plan {
        forces: 12,
        months: 1,
        ..small()
    });
    assert!(made.members.len() > 30, "{}", made.members.len());
}
