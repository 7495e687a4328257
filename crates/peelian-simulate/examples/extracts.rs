//! Writes a synthetic force's own extracts.
//!
//! `cargo run -p peelian-simulate --example extracts -- OUT [--months N] [--seed S] [--force 0..11] [--last 2026-09]`

use std::path::PathBuf;
use std::process::ExitCode;

use peelian_simulate::{ExtractPlan, write_extracts};

const USAGE: &str = "extracts OUT [--months N] [--seed S] [--force 0..11] [--last 2026-09]";

fn main() -> ExitCode {
    match run() {
        Ok(said) => {
            #[expect(clippy::print_stdout, reason = "what a person asked for")]
            {
                println!("{said}");
            }
            ExitCode::SUCCESS
        }
        Err(said) => {
            #[expect(clippy::print_stderr, reason = "what a person must put right")]
            {
                eprintln!("{said}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<String, String> {
    let mut plan = ExtractPlan::new("2026-09".parse().map_err(|e| format!("{e}"))?);
    let mut folder = None;
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        if !word.starts_with("--") {
            folder = Some(PathBuf::from(word));
            continue;
        }
        let value = words
            .next()
            .ok_or_else(|| format!("{word} needs a value: {USAGE}"))?;
        let wrong = |_| format!("{word} {value} cannot be read: {USAGE}");
        match word.as_str() {
            "--months" => plan.months = value.parse().map_err(wrong)?,
            "--seed" => plan.seed = value.parse().map_err(wrong)?,
            "--force" => plan.force = value.parse().map_err(wrong)?,
            "--last" => plan.last = value.parse().map_err(|e| format!("--last: {e}"))?,
            _ => return Err(format!("{word} is not known: {USAGE}")),
        }
    }
    let folder = folder.ok_or_else(|| format!("Name a folder to write to: {USAGE}"))?;
    let truth = write_extracts(&plan, &folder).map_err(|e| e.to_string())?;
    let rows: usize = truth.rows.values().sum();
    Ok(format!(
        "SYNTHETIC DATA: {} tables of {}, {rows} rows, in {}",
        truth.rows.len(),
        truth.force,
        folder.display()
    ))
}
