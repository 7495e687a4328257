//! An ingest killed at any moment and run again leaves the same store as one
//! that was left alone.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::{Program, shared, synthetic};

/// An ingest that was left alone.
struct Quiet {
    paths: Vec<String>,
    took: Duration,
    digest: String,
    readings: Value,
}

impl Quiet {
    fn of(paths: &[&Path]) -> Self {
        let paths: Vec<String> = paths
            .iter()
            .map(|p| p.to_str().unwrap().to_owned())
            .collect();
        let program = Program::new();
        let begun = Instant::now();
        let _ = program.ok(&arguments(&paths));
        Self {
            took: begun.elapsed(),
            digest: program.digest(),
            readings: readings(&program),
            paths,
        }
    }

    /// Kills an ingest at each moment (a share of the undisturbed time), then
    /// lets one end, all in one home.
    fn compare_after_kills(&self, moments: &[f64]) {
        let program = Program::new();
        for moment in moments {
            let mut child = program.command(&arguments(&self.paths)).spawn().unwrap();
            std::thread::sleep(self.took.mul_f64(*moment));
            child.kill().unwrap();
            child.wait().unwrap();
            // Whatever was committed can be read.
            let status = program.run(&["status", "--json"]);
            assert_eq!(status.code, Some(0), "killed at {moment}: {}", status.err);
        }
        let _ = program.ok(&arguments(&self.paths));
        assert_eq!(program.digest(), self.digest, "killed at {moments:?}");
        assert_eq!(readings(&program), self.readings, "killed at {moments:?}");
    }
}

fn arguments(paths: &[String]) -> Vec<&str> {
    std::iter::once("ingest")
        .chain(paths.iter().map(String::as_str))
        .collect()
}

/// The readings of one measure for the first force held.
fn readings(program: &Program) -> Value {
    let status = program.json(&["status"]);
    let force = status["tables"][0]["force"].as_str().unwrap().to_owned();
    program.json(&["measure", "show", "sns-rate", "--force", &force])["readings"].clone()
}

#[test]
fn an_ingest_killed_three_times_leaves_the_same_store() {
    let place = Program::new();
    let quiet = Quiet::of(&[&synthetic(&place.inputs())]);
    quiet.compare_after_kills(&[0.25, 0.5, 0.75]);
}

#[test]
fn prove_an_ingest_killed_at_any_of_a_hundred_moments_leaves_the_same_store() {
    if std::env::var_os("PEELIAN_PROVE").is_none() {
        return;
    }
    let place = Program::new();
    let quiet = Quiet::of(&[&synthetic(&place.inputs())]);
    for i in 0..100 {
        quiet.compare_after_kills(&[f64::from(i) / 100.0]);
    }
}

#[test]
fn prove_an_ingest_of_the_real_files_killed_at_any_of_ten_moments_leaves_the_same_store() {
    if std::env::var_os("PEELIAN_PROVE").is_none() {
        return;
    }
    let (Some(police), Some(ons)) = (shared("data/police-uk"), shared("data/ons")) else {
        return;
    };
    let quiet = Quiet::of(&[&police, &ons]);
    for i in 0..10 {
        quiet.compare_after_kills(&[f64::from(i) / 10.0]);
    }
}
