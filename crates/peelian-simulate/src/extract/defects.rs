//! Rows that are wrong on purpose, so that whatever reads the files can show
//! that it notices.
//!
//! Faulty rows come on top of the good ones: without them the files are whole
//! and agree with the counts.

use super::table::Table;
use super::truth::Defect;

/// One faulty row for so many good ones, two at least.
const EVERY: usize = 10_000;

/// Adds the faulty rows and says what they are.
pub(crate) fn plant(tables: &mut [Table]) -> Vec<Defect> {
    tables
        .iter_mut()
        .flat_map(|table| match table.name {
            "calls" => vec![repeated(table), without_offset(table)],
            "incidents" => vec![unknown_grade(table)],
            _ => Vec::new(),
        })
        .collect()
}

/// Places of rows spread over a table.
fn spread(table: &Table, from: usize) -> Vec<usize> {
    let wanted = (table.len() / EVERY).max(2);
    let step = (table.len() / (wanted + 1)).max(1);
    (0..wanted)
        .map(|n| from + n * step)
        .filter(|place| *place < table.len())
        .collect()
}

fn repeated(table: &mut Table) -> Defect {
    let mut ids = Vec::new();
    for place in spread(table, 7) {
        if let Some((at, line)) = table.row(place) {
            let line = line.clone();
            ids.push(line.field(0).to_owned());
            table.push(at, line);
        }
    }
    Defect::new(table.name, "the row is there twice", false, ids)
}

fn without_offset(table: &mut Table) -> Defect {
    let time = table.column("presented_at").unwrap_or_default();
    let mut ids = Vec::new();
    for (n, place) in spread(table, 13).into_iter().enumerate() {
        if let Some((at, line)) = table.row(place) {
            let id = format!("C9{:06}", n + 1);
            let line = line
                .with(0, |_| id.clone())
                .with(time, |stamp| stamp.chars().take(19).collect());
            ids.push(id);
            table.push(at, line);
        }
    }
    let what = "presented_at has no offset from UTC";
    Defect::new(table.name, what, false, ids)
}

fn unknown_grade(table: &mut Table) -> Defect {
    let grade = table.column("grade_first").unwrap_or_default();
    let mut ids = Vec::new();
    for (n, place) in spread(table, 11).into_iter().enumerate() {
        if let Some((at, line)) = table.row(place) {
            let id = format!("I9{:06}", n + 1);
            let line = line
                .with(0, |_| id.clone())
                .with(grade, |_| "grade-9".to_owned());
            ids.push(id);
            table.push(at, line);
        }
    }
    let what = "grade_first is grade-9, which is no grade";
    Defect::new(table.name, what, false, ids)
}
