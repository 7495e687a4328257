//! Grades that the inspectorate has published, each with how we know it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use jiff::civil::Date;
use peelian_model::{ForceId, FrameworkId, Grade, InspectionAreaId};
use serde::{Deserialize, Serialize};

use crate::AssessError;

/// The file in the binary.
const EMBEDDED: &str = include_str!("../../../reference/grades.csv");
/// Its place, under the repository and under a directory of one's own.
const FILE: &str = "reference/grades.csv";

/// How a published grade is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The page says it.
    Stated,
    /// Worked out from facts that were read; the note gives the working.
    Inferred,
    /// Wanted and not found: the grade is left empty.
    Unsourced,
}

impl Basis {
    /// The words for a reader.
    pub fn words(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::Inferred => "inferred",
            Self::Unsourced => "not found",
        }
    }
}

/// One row of `reference/grades.csv`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedGrade {
    /// The cycle as the inspectorate writes it.
    pub cycle: String,
    /// The framework of the cycle, loaded or not.
    pub framework: FrameworkId,
    /// The force.
    pub force: ForceId,
    /// The area; the pillar for 2018/19.
    pub area: InspectionAreaId,
    /// Name as that cycle words it.
    pub area_name: String,
    /// The grade; none where the area is not graded or the grade was not found.
    pub grade: Option<Grade>,
    /// How it is known.
    pub basis: Basis,
    /// When it was published.
    pub published: Option<Date>,
    /// Where it was read.
    pub source_url: String,
    /// What a reader should know of it; may be empty.
    pub note: String,
}

/// The inspectorate's published grade, with how it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inspector {
    /// The grade; none where the area is not graded or the grade was not found.
    pub grade: Option<Grade>,
    /// How it is known.
    pub basis: Basis,
    /// When it was published, `2022-10-14`.
    pub published: Option<String>,
    /// Where it was read.
    pub source_url: String,
    /// What a reader should know of it.
    pub note: Option<String>,
}

impl From<&PublishedGrade> for Inspector {
    fn from(row: &PublishedGrade) -> Self {
        Self {
            grade: row.grade,
            basis: row.basis,
            published: row.published.map(|d| d.to_string()),
            source_url: row.source_url.clone(),
            note: Some(row.note.clone()).filter(|n| !n.is_empty()),
        }
    }
}

/// The grades of one force in one cycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle<'a> {
    /// The cycle as the inspectorate writes it.
    pub cycle: &'a str,
    /// The framework of the cycle, loaded or not.
    pub framework: &'a FrameworkId,
    /// One row an area, in the order of the file.
    pub grades: Vec<&'a PublishedGrade>,
}

/// Every published grade that is held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grades(Vec<PublishedGrade>);

impl Grades {
    /// Loads the grades of the binary or, where `content` holds a
    /// `reference/grades.csv`, that file in their place.
    pub fn load(content: Option<&Path>) -> Result<Self, AssessError> {
        let path = content.map(|c| c.join(FILE));
        match path.as_deref().map(fs::read) {
            None => Self::read(FILE, EMBEDDED.as_bytes()),
            Some(Ok(bytes)) => Self::read(&path.unwrap_or_default().display().to_string(), &bytes),
            Some(Err(e)) if e.kind() == std::io::ErrorKind::NotFound => {
                Self::read(FILE, EMBEDDED.as_bytes())
            }
            Some(Err(e)) => Err(AssessError::io(path.unwrap_or_default())(e)),
        }
    }

    fn read(file: &str, bytes: &[u8]) -> Result<Self, AssessError> {
        let wrong = |line: u64, rule: String, remedy: &str| AssessError::Malformed {
            file: file.to_owned(),
            line: line as usize,
            rule,
            remedy: remedy.to_owned(),
        };
        let mut reader = csv::Reader::from_reader(bytes);
        let headers = reader
            .headers()
            .map_err(|e| wrong(1, e.to_string(), "Save the file as UTF-8 CSV."))?
            .clone();
        let mut rows: Vec<PublishedGrade> = Vec::new();
        let mut seen = BTreeSet::new();
        for record in reader.records() {
            let line_of = |e: &csv::Error| e.position().map_or(1, csv::Position::line);
            let record = record.map_err(|e| {
                wrong(
                    line_of(&e),
                    e.to_string(),
                    "Give every line as many fields as the first.",
                )
            })?;
            let line = record.position().map_or(1, csv::Position::line);
            let row: PublishedGrade = record.deserialize(Some(&headers)).map_err(|e| {
                wrong(
                    line,
                    e.to_string(),
                    "Correct the field; docs/methods/assessment.md lists the columns.",
                )
            })?;
            if row.force.is_synthetic() {
                return Err(wrong(
                    line,
                    format!(
                        "“{}” is an invented force and has no published grade",
                        row.force
                    ),
                    "Remove the line.",
                ));
            }
            if row.basis == Basis::Unsourced && row.grade.is_some() {
                return Err(wrong(
                    line,
                    "a grade that was not found stays empty".to_owned(),
                    "Empty the grade, or say how it is known.",
                ));
            }
            if !seen.insert((row.framework.clone(), row.force.clone(), row.area.clone())) {
                return Err(wrong(
                    line,
                    format!(
                        "{} has two lines for {} in {}",
                        row.force, row.area, row.cycle
                    ),
                    "Keep one of them.",
                ));
            }
            rows.push(row);
        }
        Ok(Self(rows))
    }

    /// What was published of an area of a force under a framework.
    pub fn get(
        &self,
        framework: &FrameworkId,
        force: &ForceId,
        area: &InspectionAreaId,
    ) -> Option<&PublishedGrade> {
        self.0
            .iter()
            .find(|g| &g.framework == framework && &g.force == force && &g.area == area)
    }

    /// What was published of a force, each cycle apart, in the order of the
    /// file. Grades of different cycles cannot be compared.
    pub fn history(&self, force: &ForceId) -> Vec<Cycle<'_>> {
        let mut cycles: Vec<Cycle<'_>> = Vec::new();
        for row in self.0.iter().filter(|g| &g.force == force) {
            match cycles.iter_mut().find(|c| c.framework == &row.framework) {
                Some(cycle) => cycle.grades.push(row),
                None => cycles.push(Cycle {
                    cycle: &row.cycle,
                    framework: &row.framework,
                    grades: vec![row],
                }),
            }
        }
        cycles
    }
}
