//! Mapping files: how the headers, times and codes of a force's own system
//! become those of an extract table.
//!
//! A mapped row comes as the text that a canonical file would hold, so that
//! every file goes through the same checks. A mapping says of every column of
//! the table where it comes from or that it is absent, and of every header of
//! the file where it goes or that it is ignored: nothing is guessed and
//! nothing is lost unseen.

mod clock;
mod kept;
mod lines;
mod preview;
mod propose;
mod sample;
mod synonyms;
mod translate;

use std::collections::BTreeMap;

use peelian_model::ForceId;
use serde::{Deserialize, Serialize};

use crate::force;
use crate::source::{self, Column, Given, Kind, Shape, Source};
use clock::{Format, Zone};
pub(crate) use kept::{Fit, fitting};
pub use kept::{keep, mappings};
pub use preview::{Fault, Preview, ShownRow, preview};
pub use propose::{Proposal, propose};
pub(crate) use translate::{Binding, Translation};

/// Marks a code whose rows are set aside on purpose.
const REFUSED: &str = "*";

/// A mapping file, checked against its table.
#[derive(Debug, Clone)]
pub struct Mapping {
    pub(crate) source: &'static Source,
    file: File,
    force: Option<ForceId>,
    clock: Clock,
    /// What fills each column of the table.
    fillings: Vec<Option<Filling>>,
    /// SHA-256 of what it says; comments and order make no difference.
    pub(crate) hash: String,
}

#[derive(Debug, Clone)]
enum Filling {
    /// Headers of the file, joined with a space.
    Headers(Vec<String>),
    Constant(String),
}

#[derive(Debug, Clone)]
struct Clock {
    zone: Option<Zone>,
    times: Vec<Format>,
    dates: Vec<Format>,
}

/// The file as written.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct File {
    table: String,
    force: Option<String>,
    system: Option<String>,
    contact_role: Option<String>,
    #[serde(default)]
    blank: Vec<String>,
    #[serde(default)]
    yes: Vec<String>,
    #[serde(default)]
    no: Vec<String>,
    separator: Option<String>,
    #[serde(default)]
    absent: Vec<String>,
    #[serde(default)]
    ignored: Vec<String>,
    clock: Option<ClockFile>,
    #[serde(default)]
    columns: BTreeMap<String, Headers>,
    #[serde(default)]
    constants: BTreeMap<String, String>,
    #[serde(default)]
    codes: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct ClockFile {
    zone: String,
    #[serde(default)]
    times: Vec<String>,
    #[serde(default)]
    dates: Vec<String>,
    /// Header of a column that says by yes or no whether summer time was on.
    summer: Option<String>,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(untagged)]
enum Headers {
    One(String),
    Joined(Vec<String>),
}

impl Headers {
    fn list(&self) -> &[String] {
        match self {
            Self::One(header) => std::slice::from_ref(header),
            Self::Joined(headers) => headers,
        }
    }
}

impl Mapping {
    /// Reads a mapping file. The error is a sentence with the line it is about.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|e| {
            let before = e
                .span()
                .and_then(|s| text.get(..s.start))
                .unwrap_or_default();
            let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1;
            format!("line {line}: {}", e.message())
        })?;
        let source = source::of_table(&file.table)
            .filter(|s| s.shape == Shape::Extract)
            .ok_or_else(|| {
                at(
                    text,
                    "",
                    "table",
                    &format!(
                        "there is no extract “{}”: the extracts are {}",
                        file.table,
                        extracts().collect::<Vec<_>>().join(", ")
                    ),
                )
            })?;
        let force = match &file.force {
            None => None,
            Some(name) => Some(force::of_id_or_name(name).ok_or_else(|| {
                at(
                    text,
                    "",
                    "force",
                    &format!("no force is called “{name}”: give its id, such as essex"),
                )
            })?),
        };
        let clock = clock(file.clock.as_ref(), text)?;
        let fillings = fillings(source, &file, text)?;
        check_codes(source, &file, text)?;
        check_headers(&file, text)?;
        let said = serde_json::to_vec(&file).map_err(|e| e.to_string())?;
        Ok(Self {
            source,
            force,
            clock,
            fillings,
            hash: crate::digest::sha256_hex(&said),
            file,
        })
    }

    /// The table that it fills.
    pub fn table(&self) -> &str {
        &self.file.table
    }

    /// The force whose files it is for, where it says so.
    pub fn force(&self) -> Option<&ForceId> {
        self.force.as_ref()
    }

    /// The system that the files come from and whom to ask, by role.
    pub(crate) fn told(&self) -> (Option<&str>, Option<&str>) {
        (
            self.file.system.as_deref(),
            self.file.contact_role.as_deref(),
        )
    }

    fn summer(&self) -> Option<&str> {
        self.file.clock.as_ref()?.summer.as_deref()
    }

    /// The headers that it names, whether they are kept or not.
    fn headers(&self) -> impl Iterator<Item = &str> {
        let mapped = self.file.columns.values().flat_map(Headers::list);
        let others = self.file.ignored.iter();
        mapped
            .chain(others)
            .map(String::as_str)
            .chain(self.summer())
    }
}

/// The tables that are filled by extracts.
pub fn extracts() -> impl Iterator<Item = &'static str> {
    let sources = source::all().unwrap_or_default().iter();
    sources
        .filter(|s| s.shape == Shape::Extract)
        .map(|s| s.table.as_str())
}

/// A sentence with the line on which a key stands, the beginning of the file
/// where it stands nowhere.
fn at(text: &str, section: &str, key: &str, what: &str) -> String {
    let mut inside = String::new();
    let mut found = 1;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.split(']').next()) {
            name.trim().clone_into(&mut inside);
            if inside == section {
                found = index + 1;
            }
        }
        let named = line.split('=').next().unwrap_or_default().trim();
        if inside == section && !key.is_empty() && named.trim_matches(['"', '\'']) == key {
            found = index + 1;
            break;
        }
    }
    format!("line {found}: {what}")
}

fn clock(file: Option<&ClockFile>, text: &str) -> Result<Clock, String> {
    let Some(file) = file else {
        return Ok(Clock {
            zone: None,
            times: Vec::new(),
            dates: Vec::new(),
        });
    };
    let fault = |key: &str, what: &str| at(text, "clock", key, what);
    let zone = Zone::named(&file.zone).ok_or_else(|| {
        fault(
            "zone",
            "zone is “Europe/London” (the clock on the wall) or “UTC”",
        )
    })?;
    let formats = |key: &str, list: &[String], timed: bool| {
        list.iter()
            .map(|f| match Format::parse(f) {
                Err(what) => Err(fault(key, &what)),
                Ok(format) if format.has_time() != timed => Err(fault(
                    key,
                    &format!(
                        "“{f}” belongs under {}",
                        if timed { "dates" } else { "times" }
                    ),
                )),
                Ok(format) => Ok(format),
            })
            .collect::<Result<Vec<_>, _>>()
    };
    Ok(Clock {
        zone: Some(zone),
        times: formats("times", &file.times, true)?,
        dates: formats("dates", &file.dates, false)?,
    })
}

/// Whether a file can hold the column: the force of a row, or any other that
/// is not filled in by the reader.
fn can_be_filled(column: &Column) -> bool {
    column.given.is_none_or(|g| g == Given::Force) && column.constant.is_none()
}

/// What fills each column; every column is named once.
fn fillings(source: &Source, file: &File, text: &str) -> Result<Vec<Option<Filling>>, String> {
    let known = |section: &str, name: &String| {
        let column = source.column(name).and_then(|c| source.columns.get(c));
        if column.is_some_and(can_be_filled) {
            return Ok(());
        }
        let columns: Vec<&str> = source
            .columns
            .iter()
            .filter(|c| can_be_filled(c))
            .map(|c| c.name.as_str())
            .collect();
        Err(at(
            text,
            section,
            name,
            &format!(
                "the table {} has no column “{name}” to fill: its columns are {}",
                source.table,
                columns.join(", ")
            ),
        ))
    };
    file.columns.keys().try_for_each(|n| known("columns", n))?;
    file.constants
        .keys()
        .try_for_each(|n| known("constants", n))?;
    file.absent.iter().try_for_each(|n| known("", n))?;
    let mut fillings = Vec::with_capacity(source.columns.len());
    for column in &source.columns {
        let name = &column.name;
        let headers = file
            .columns
            .get(name)
            .map(|h| Filling::Headers(h.list().to_vec()));
        let constant = file
            .constants
            .get(name)
            .map(|c| Filling::Constant(c.clone()));
        let absent = file.absent.contains(name);
        let ways =
            usize::from(headers.is_some()) + usize::from(constant.is_some()) + usize::from(absent);
        let left_out = can_be_filled(column) && column.given.is_none();
        if ways > 1 {
            return Err(at(
                text,
                "columns",
                name,
                &format!(
                    "“{name}” is said more than once: leave it under one of columns, constants and absent"
                ),
            ));
        }
        if column.required && headers.is_none() && constant.is_none() {
            return Err(at(
                text,
                "columns",
                name,
                &format!(
                    "“{name}” is required: name its header under [columns], or a word under [constants] \
                 that is true of every row"
                ),
            ));
        }
        if ways == 0 && left_out {
            return Err(at(
                text,
                "columns",
                name,
                &format!(
                    "nothing is said of “{name}”: name its header under [columns], or list it under absent"
                ),
            ));
        }
        fillings.push(headers.or(constant));
    }
    Ok(fillings)
}

fn check_codes(source: &Source, file: &File, text: &str) -> Result<(), String> {
    for (name, codes) in &file.codes {
        let section = format!("codes.{name}");
        let fault = |key: &str, what: String| Err(at(text, &section, key, &what));
        let Some(column) = source.column(name).and_then(|c| source.columns.get(c)) else {
            return fault(
                "",
                format!("the table {} has no column “{name}”", source.table),
            );
        };
        if !matches!(
            column.kind,
            Kind::Code | Kind::List | Kind::Category | Kind::Slug | Kind::Text
        ) {
            return fault(
                "",
                format!("“{name}” has no codes: it holds times, numbers or the like"),
            );
        }
        if let Some(other) = codes.values().find(|c| !is_code(column, c)) {
            let theirs = codes
                .iter()
                .find(|c| c.1 == other)
                .map_or("", |c| c.0.as_str());
            return fault(
                theirs,
                format!(
                    "“{other}” is no code of {name}: its codes are {}. Write \"\" for a blank and \"*\" to set \
                 such rows aside",
                    column.codes.join(", ")
                ),
            );
        }
        if codes.contains_key("*") {
            return fault(
                "*",
                "a code for everything else would hide codes that are new: \
                 list each one"
                    .to_owned(),
            );
        }
    }
    Ok(())
}

fn is_code(column: &Column, code: &str) -> bool {
    let one = |c: &str| column.codes.iter().any(|k| k == c);
    let free = column.codes.is_empty();
    code.is_empty()
        || code == REFUSED
        || free
        || one(code)
        || (column.kind == Kind::List && code.split('|').all(one))
}

/// Each header of the file goes one way.
fn check_headers(file: &File, text: &str) -> Result<(), String> {
    for (name, headers) in &file.columns {
        let list = headers.list();
        if list.is_empty() || list.iter().any(|h| h.trim().is_empty()) {
            return Err(at(
                text,
                "columns",
                name,
                &format!("“{name}” names no header"),
            ));
        }
        if let Some(header) = list
            .iter()
            .find(|h| file.ignored.iter().any(|i| same(i, h)))
        {
            return Err(at(
                text,
                "columns",
                name,
                &format!("“{header}” is both kept as {name} and ignored: leave it in one place"),
            ));
        }
    }
    Ok(())
}

/// Headers are compared without regard to case and outer spaces.
fn same(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

#[cfg(test)]
mod tests;
