//! Proposing a mapping for a file: by the names of its columns and by what is
//! in them. Each line says why and how sure it is; what is not known is left
//! open for somebody who knows the system.

use std::collections::BTreeSet;
use std::path::Path;

use super::lines::{Lines, quote};
use super::preview::open;
use super::sample::{DATES, Sample, Samples, TIMES};
use super::{can_be_filled, extracts, synonyms};
use crate::extract::each_row;
use crate::personal::{Detector, Expected, Finding};
use crate::source::{self, Column, Given, Kind, Shape, Source};

/// Rows looked at.
const ROWS: u64 = 50_000;

/// The least likeness at which a column is proposed.
const ENOUGH: f64 = 0.55;

/// A mapping file that somebody has to read through.
#[derive(Debug)]
pub struct Proposal {
    /// The text of the file.
    pub text: String,
    /// Required columns of the table for which nothing was found.
    pub missing: Vec<String>,
    /// Headers of the file that have no place in the table.
    pub unmapped: Vec<String>,
    /// Codes of the file whose meaning is not known, with their column.
    pub unknown: Vec<(String, String)>,
    /// Personal data seen; such a file is refused until they are out of it.
    pub findings: Vec<Finding>,
}

/// A column of the table and the column of the file that may fill it.
struct Match<'a> {
    column: &'a Column,
    sample: &'a Sample,
    score: f64,
    name: f64,
}

/// Proposes a mapping of a file to an extract table. The error says why none
/// can be made.
pub fn propose(table: &str, path: &Path, force: Option<&str>) -> Result<Proposal, String> {
    let source = source::of_table(table)
        .filter(|s| s.shape == Shape::Extract)
        .ok_or_else(|| {
            let all: Vec<&str> = extracts().collect();
            format!(
                "there is no extract “{table}”: the extracts are {}",
                all.join(", ")
            )
        })?;
    let (packed, headers) = open(path)?;
    let mut samples = Samples::of(&headers);
    let mut detector = Detector::new(headers.iter().map(|h| (h.as_str(), Expected::Words, false)));
    let mut rows = 0;
    each_row(&packed, |line, record| {
        if let (true, Ok(fields)) = (rows < ROWS, record) {
            rows += 1;
            samples.row(fields);
            detector.row(line, fields);
        }
    })?;
    let findings = detector.findings();
    let matches = assign(source, &samples.list);
    Ok(write(
        source,
        &headers,
        &samples.list,
        &matches,
        findings,
        force,
    ))
}

/// The best pairs of columns, each column once.
fn assign<'a>(source: &'a Source, samples: &'a [Sample]) -> Vec<Match<'a>> {
    let columns = source.columns.iter().filter(|c| can_be_filled(c));
    let mut all: Vec<Match<'a>> = columns
        .flat_map(|column| {
            samples
                .iter()
                .filter_map(move |sample| matched(source, column, sample))
        })
        .filter(|m| m.score >= ENOUGH)
        .collect();
    all.sort_by(|a, b| b.score.total_cmp(&a.score));
    let (mut columns, mut places) = (BTreeSet::new(), BTreeSet::new());
    let mut chosen = Vec::new();
    for m in all {
        let free = !m.sample.places.iter().any(|p| places.contains(p));
        if free && columns.insert(&m.column.name) {
            places.extend(m.sample.places.iter().copied());
            chosen.push(m);
        }
    }
    chosen
}

fn matched<'a>(source: &Source, column: &'a Column, sample: &'a Sample) -> Option<Match<'a>> {
    let like = |header: &str| synonyms::resemblance(&source.table, column, header);
    let name = match sample.headers.as_slice() {
        [one] => like(one),
        // “Ring Date” and “Ring Time” are the “Ring Time”.
        [_, time] if column.kind == Kind::Timestamp => like(time) + 0.01,
        _ => return None,
    };
    let share = match column.kind {
        Kind::Code | Kind::List => known_codes(source, column, sample)?,
        kind => sample.share(kind),
    };
    let free = matches!(column.kind, Kind::Text | Kind::Category | Kind::Slug);
    if (free && sample.is_of_a_type()) || (!free && !synonyms::has_codes(column) && share < 0.5) {
        return None;
    }
    let weight = if free { 0.0 } else { 0.3 };
    let mut score = name * (1.0 - weight) + share * weight;
    // Several known codes and nothing else speak for themselves.
    if synonyms::has_codes(column) && share > 0.8 && sample.words.len() > 1 && name > 0.0 {
        score = score.max(0.6);
    }
    if name == 0.0 {
        return None;
    }
    Some(Match {
        column,
        sample,
        score,
        name,
    })
}

/// The share of a column's rows whose words are known codes; none where its
/// values cannot be codes.
fn known_codes(source: &Source, column: &Column, sample: &Sample) -> Option<f64> {
    if sample.filled == 0 {
        return Some(1.0);
    }
    if !sample.has_few_words()
        || sample.share(Kind::Timestamp) > 0.5
        || sample.share(Kind::Date) > 0.5
    {
        return None;
    }
    let separator = separator(column, sample).unwrap_or("|");
    let known = |word: &str| {
        let parts = if column.kind == Kind::List {
            word.split(separator).collect()
        } else {
            vec![word]
        };
        parts
            .iter()
            .all(|w| synonyms::code(&source.table, column, w.trim()).is_some())
    };
    let rows: u64 = sample
        .words
        .iter()
        .filter(|w| known(w.0))
        .map(|w| w.1)
        .sum();
    Some(rows as f64 / sample.filled as f64)
}

/// What stands between the items of a list, if anything does.
fn separator(column: &Column, sample: &Sample) -> Option<&'static str> {
    let between = |mark: &&str| sample.words.keys().any(|w| w.contains(*mark));
    ["|", ";", ","]
        .into_iter()
        .find(between)
        .filter(|_| column.kind == Kind::List)
}

fn write(
    source: &Source,
    headers: &[String],
    samples: &[Sample],
    matches: &[Match<'_>],
    findings: Vec<Finding>,
    force: Option<&str>,
) -> Proposal {
    let matched = |column: &Column| matches.iter().find(|m| m.column.name == column.name);
    let fillable = || source.columns.iter().filter(|c| can_be_filled(c));
    let open: Vec<&Column> = fillable()
        .filter(|c| matched(c).is_none() && c.given != Some(Given::Force))
        .collect();
    let (missing, absent): (Vec<&Column>, Vec<&Column>) =
        open.into_iter().partition(|c| c.required);
    let used: BTreeSet<usize> = matches
        .iter()
        .flat_map(|m| m.sample.places.clone())
        .collect();
    let unmapped: Vec<String> = headers
        .iter()
        .enumerate()
        .filter(|(place, _)| !used.contains(place))
        .map(|(_, h)| h.clone())
        .collect();
    let mut proposal = Proposal {
        text: String::new(),
        missing: missing.iter().map(|c| c.name.clone()).collect(),
        unmapped,
        unknown: Vec::new(),
        findings,
    };
    let mut out = Lines::default();
    out.comment(&format!(
        "How a file of another system becomes the table {}. Proposed from the file: read every line,",
        source.table
    ));
    out.comment("put right what is wrong, and look at it with: peelian map check");
    out.key("table", &quote(&source.table), "");
    match force {
        Some(force) => out.key("force", &quote(force), ""),
        None => out.comment("force = \"…\"   the id of the force, where no column says it"),
    }
    out.comment("system = \"…\"   the system that the file comes from");
    out.comment("contact_role = \"…\"   whom to ask, by role and not by name");
    write_words(&mut out, samples, matches);
    let names: Vec<&str> = absent.iter().map(|c| c.name.as_str()).collect();
    out.list(
        "absent",
        &names,
        "nothing in the file looks like these; give a header where there is one",
    );
    let names: Vec<&str> = proposal.unmapped.iter().map(String::as_str).collect();
    out.list(
        "ignored",
        &names,
        "headers with no place in the table: their values are not kept",
    );
    write_findings(&mut out, &proposal.findings);
    write_clock(&mut out, matches);
    out.section("columns");
    for column in fillable() {
        if let Some(m) = matched(column) {
            let headers: Vec<String> = m.sample.headers.iter().map(|h| quote(h)).collect();
            let value = match headers.as_slice() {
                [one] => one.clone(),
                several => format!("[{}]", several.join(", ")),
            };
            out.key(&column.name, &value, &reason(m));
        } else if column.required && column.given.is_none() {
            out.comment(&format!(
                "{} = \"…\"   required, and nothing in the file looks like it",
                column.name
            ));
        }
    }
    for m in matches.iter().filter(|m| synonyms::has_codes(m.column)) {
        // What may be about people is not written down again.
        let clean = |h: &String| proposal.findings.iter().all(|f| f.column != *h);
        if m.sample.headers.iter().all(clean) {
            write_codes(&mut out, source, m, &mut proposal.unknown);
        }
    }
    proposal.text = out.text();
    proposal
}

fn reason(m: &Match<'_>) -> String {
    let sure = if m.name > 0.99 {
        "sure"
    } else if m.score > 0.75 {
        "likely"
    } else {
        "a guess: check"
    };
    let name = if m.name > 0.99 {
        "a name known for it"
    } else {
        "the names resemble each other"
    };
    let values = match m.column.kind {
        _ if m.sample.filled == 0 => "always blank".to_owned(),
        Kind::Text | Kind::Category | Kind::Slug => {
            format!("{} % filled", percent(m.sample.filled, m.sample.rows))
        }
        Kind::Code | Kind::List => format!("different values: {}", m.sample.words.len()),
        kind => format!("{} % fit", (m.sample.share(kind) * 100.0).round()),
    };
    format!("{sure}: {name}; {values}")
}

fn percent(part: u64, of: u64) -> u64 {
    (100 * part).checked_div(of).unwrap_or_default()
}

/// Words for nothing, yes and no, and what parts lists.
fn write_words(out: &mut Lines, samples: &[Sample], matches: &[Match<'_>]) {
    let blanks: BTreeSet<&str> = samples
        .iter()
        .flat_map(|s| s.blanks.iter().copied())
        .collect();
    let blanks: Vec<&str> = blanks.into_iter().collect();
    if !blanks.is_empty() {
        out.list("blank", &blanks, "words that mean nothing is known");
    }
    let (mut yes, mut no) = (BTreeSet::new(), BTreeSet::new());
    for m in matches.iter().filter(|m| m.column.kind == Kind::Boolean) {
        let (y, n) = m.sample.yes_and_no();
        yes.extend(y);
        no.extend(n);
    }
    for (key, words) in [("yes", yes), ("no", no)] {
        let words: Vec<&str> = words.into_iter().collect();
        if !words.is_empty() {
            out.list(key, &words, "");
        }
    }
    let mark = matches
        .iter()
        .find_map(|m| separator(m.column, m.sample))
        .filter(|s| *s != "|");
    if let Some(mark) = mark {
        out.key("separator", &quote(mark), "between the items of a list");
    }
}

fn write_findings(out: &mut Lines, findings: &[Finding]) {
    if !findings.is_empty() {
        out.comment("The file is refused until these are out of it, or hashed:");
    }
    for finding in findings {
        out.comment(&format!("  {finding}"));
    }
}

fn write_clock(out: &mut Lines, matches: &[Match<'_>]) {
    let forms = |kind: Kind, list: &[&'static str], counts: fn(&Sample) -> &[u64]| {
        let mut forms: Vec<&'static str> = Vec::new();
        for m in matches.iter().filter(|m| m.column.kind == kind) {
            let of = counts(m.sample)
                .iter()
                .zip(list)
                .filter(|c| *c.0 > 0)
                .map(|c| *c.1);
            for form in of {
                if !forms.contains(&form) {
                    forms.push(form);
                }
            }
        }
        forms
    };
    let times = forms(Kind::Timestamp, &TIMES, |s| &s.times);
    let mut dates = forms(Kind::Date, &DATES, |s| &s.dates);
    dates.retain(|d| *d != DATES[0]);
    if times.is_empty() && dates.is_empty() {
        return;
    }
    out.section("clock");
    out.key(
        "zone",
        &quote("Europe/London"),
        "the file does not say it: write \"UTC\" if the system's clock is the same all year",
    );
    if !times.is_empty() {
        out.list("times", &times, "");
    }
    if !dates.is_empty() {
        out.list("dates", &dates, "");
    }
    out.comment("summer = \"…\"   a column that says yes while summer time is on; without it the");
    out.comment("earlier is taken of the two hours that are equal in October");
}

fn write_codes(
    out: &mut Lines,
    source: &Source,
    m: &Match<'_>,
    unknown: &mut Vec<(String, String)>,
) {
    let mark = separator(m.column, m.sample).unwrap_or("|");
    let mut words: BTreeSet<&str> = BTreeSet::new();
    for word in m.sample.words.keys() {
        match m.column.kind {
            Kind::List => words.extend(word.split(mark).map(str::trim).filter(|w| !w.is_empty())),
            _ => {
                words.insert(word);
            }
        }
    }
    words.retain(|w| !m.column.codes.iter().any(|c| c == w));
    if words.is_empty() {
        return;
    }
    out.section(&format!("codes.{}", m.column.name));
    for word in words {
        if let Some(code) = synonyms::code(&source.table, m.column, word) {
            out.key(&quote(word), &quote(code), "");
            continue;
        }
        unknown.push((m.column.name.clone(), word.to_owned()));
        out.comment(&format!(
            "{} = \"…\"   not known: rows with it are set aside",
            quote(word)
        ));
    }
    out.comment(&format!(
        "one of: {}; \"\" for a blank",
        m.column.codes.join(", ")
    ));
}
