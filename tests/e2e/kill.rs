//! An ingest killed at any moment and run again leaves the same store as one
//! that was left alone.

use std::time::{Duration, Instant};

use crate::program::{Program, synthetic};

fn same_store_after_kills(kills: u32) {
    let quiet = Program::new();
    let files = synthetic(&quiet.inputs());
    let args = ["ingest", files.to_str().unwrap()];
    let begun = Instant::now();
    let _ = quiet.ok(&args);
    let whole = begun.elapsed();
    let digest = quiet.digest();

    let disturbed = Program::new();
    for i in 0..kills {
        let mut child = disturbed.command(&args).spawn().unwrap();
        // Moments spread over the whole run, readings included.
        std::thread::sleep(
            whole
                .mul_f64(f64::from(i + 1) / f64::from(kills + 1))
                .max(Duration::from_millis(1)),
        );
        child.kill().unwrap();
        child.wait().unwrap();
        // Whatever was committed can be read.
        let status = disturbed.run(&["status", "--json"]);
        assert_eq!(status.code, Some(0), "after kill {i}: {}", status.err);
    }
    let _ = disturbed.ok(&args);
    assert_eq!(disturbed.digest(), digest);
    assert!(
        disturbed
            .files()
            .iter()
            .all(|f| f.extension().is_none_or(|e| e != "json") || f.metadata().unwrap().len() > 0)
    );
    let force = disturbed.json(&["status"])["tables"][0]["force"]
        .as_str()
        .unwrap()
        .to_owned();
    let shown = |program: &Program| {
        program.json(&["measure", "show", "crime-rate", "--force", &force])["readings"].clone()
    };
    assert_eq!(shown(&disturbed), shown(&quiet));
}

#[test]
fn an_ingest_killed_three_times_leaves_the_same_store() {
    same_store_after_kills(3);
}

#[test]
fn prove_an_ingest_killed_forty_times_leaves_the_same_store() {
    if std::env::var_os("PEELIAN_PROVE").is_none() {
        return;
    }
    same_store_after_kills(40);
}
