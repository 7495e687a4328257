//! `peelian counts`: the file that a force fills in, and a look through it.

use std::path::{Path, PathBuf};

use anyhow::Context;
use peelian_hand_over::{
    Blank, HandOverError, Table, check, read_sheet, rows_to_csv, to_csv, to_workbook,
};
use peelian_model::Month;

use super::{say, today};
use crate::args::{CountsCommand, CountsTable, Template};
use crate::{Outcome, Usage};

/// Most findings printed one by one.
const SHOWN: usize = 100;

pub(crate) fn run(command: &CountsCommand) -> anyhow::Result<Outcome> {
    match command {
        CountsCommand::Template(args) => template(args),
        CountsCommand::Check { file, csv } => look(file, csv.as_deref()),
    }
}

fn template(args: &Template) -> anyhow::Result<Outcome> {
    let table = match args.table {
        CountsTable::Counts => Table::Counts,
        CountsTable::CallIntervals => Table::CallIntervals,
    };
    let today = today();
    let blank = Blank {
        table,
        force: args.force.clone(),
        months: match args.months {
            Some(months) => months,
            None => half_year(today)?,
        },
        as_at: today.to_string(),
    };
    let name = match table {
        Table::Counts => "counts.xlsx",
        Table::CallIntervals => "call-intervals.xlsx",
    };
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(name));
    let bytes = match extension(&out).as_str() {
        "xlsx" => to_workbook(&blank).map_err(anyhow::Error::msg)?,
        "csv" => to_csv(&blank).into_bytes(),
        _ => {
            return Err(Usage(format!(
                "{}: the name of a template ends in .xlsx or .csv",
                out.display()
            ))
            .into());
        }
    };
    write_new(&out, &bytes)?;
    say(format!(
        "Wrote {}. Fill in what you have, then look through it with: peelian counts check {}",
        out.display(),
        out.display()
    ));
    Ok(Outcome::Done)
}

/// The six months before this one.
fn half_year(today: jiff::civil::Date) -> anyhow::Result<(Month, Month)> {
    let (year, month) = (today.year().into(), today.month().unsigned_abs().into());
    let this = Month::new(year, month).context("the clock shows no month")?;
    Ok((this.plus(-6), this.plus(-1)))
}

fn extension(path: &Path) -> String {
    let extension = path.extension().unwrap_or_default();
    extension.to_string_lossy().to_lowercase()
}

/// Writes a file that is not there yet: a filled-in template is never lost.
fn write_new(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    use std::io::Write;
    let mut file = match std::fs::File::create_new(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(Usage(format!(
                "{} exists and is left as it is: give another name",
                path.display()
            ))
            .into());
        }
        Err(e) => return Err(e).context(path.display().to_string()),
    };
    file.write_all(bytes)
        .with_context(|| path.display().to_string())
}

fn look(file: &Path, csv: Option<&Path>) -> anyhow::Result<Outcome> {
    let checked = match read_sheet(file).and_then(|sheet| check(&sheet)) {
        Err(HandOverError::Refused(what)) => {
            say(format!("Refused: {what}"));
            return Ok(Outcome::DataRefused);
        }
        checked => checked?,
    };
    say(format!(
        "{}: {} rows, {} filled in, {} left blank.",
        file.display(),
        checked.rows,
        checked.filled,
        checked.rows - checked.filled
    ));
    list("would be set aside", &checked.faults);
    list("to look at", &checked.warnings);
    if !checked.faults.is_empty() {
        say("Put these right and check again.");
        return Ok(Outcome::DataRefused);
    }
    if checked.good.is_empty() {
        say("Nothing is filled in yet.");
        return Ok(Outcome::Done);
    }
    let load = match csv {
        Some(csv) => {
            let bytes = rows_to_csv(&checked.good).map_err(anyhow::Error::msg)?;
            write_new(csv, &bytes)?;
            say(format!("Wrote the rows filled in to {}.", csv.display()));
            csv.display().to_string()
        }
        None => file.display().to_string(),
    };
    if csv.is_none() && extension(file) != "csv" {
        say(format!(
            "Ready. Write it as CSV with: peelian counts check {load} --csv counts.csv"
        ));
    } else {
        say(format!("Ready. Load it with: peelian ingest {load}"));
    }
    Ok(Outcome::Done)
}

fn list(what: &str, findings: &[peelian_hand_over::Finding]) {
    if findings.is_empty() {
        return;
    }
    say(format!("{} {what}:", findings.len()));
    for finding in findings.iter().take(SHOWN) {
        say(format!("  {finding}"));
    }
    if findings.len() > SHOWN {
        say(format!("  and {} more", findings.len() - SHOWN));
    }
}
