//! A framework: inspected areas and, for each, what a force would need to show.

use std::collections::BTreeSet;

use jiff::civil::Date;
use peelian_model::{FrameworkId, InspectionAreaId, MeasureId};
use serde::{Deserialize, Serialize};

use crate::error::{AssessError, Source};
use crate::wanted::Wanted;

/// An inspection cycle's framework, as one file under `frameworks/`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// Stable identifier, and the name of its file.
    pub id: FrameworkId,
    /// Name for a reader: “PEEL 2021/22”.
    pub title: String,
    /// The cycle as the inspectorate writes it.
    pub cycle: String,
    /// When the framework was published.
    pub published: Date,
    /// Where it can be read.
    pub source_url: String,
    /// What a reader should know of it.
    #[serde(default)]
    pub notes: Vec<String>,
    /// The areas, in its order.
    pub areas: Vec<FrameworkArea>,
}

/// An inspected area, as one cycle words it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrameworkArea {
    /// The same across cycles.
    pub id: InspectionAreaId,
    /// Name as this cycle words it.
    pub name: String,
    /// Whether the inspectorate grades it.
    pub graded: bool,
    /// What a reader should know of it.
    #[serde(default)]
    pub note: Option<String>,
    /// What a force would need to show.
    pub characteristics: Vec<Characteristic>,
}

/// A characteristic of good, in our own words.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Characteristic {
    /// Stable identifier; the same in two frameworks where the meaning is.
    pub id: String,
    /// What a force would need to show.
    pub text: String,
    /// How we know that the inspectorate asks for it.
    pub evidence: Provenance,
    /// The measures that would tell.
    #[serde(default)]
    pub measures: Vec<MeasureId>,
    /// The reviews by people that would tell.
    #[serde(default)]
    pub reviews: Vec<String>,
    /// 1 to 3: the order in which what is missing is listed. Ours.
    pub weight: u32,
}

/// How we know that the inspectorate asks for a characteristic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provenance {
    /// Read in the framework's own text.
    Read,
    /// Worked out from other published text that was read.
    Inferred,
    /// Known to us; the page was not opened.
    Recalled,
}

impl Provenance {
    /// The words for a reader.
    pub fn words(self) -> &'static str {
        match self {
            Self::Read => "read in the framework",
            Self::Inferred => "inferred from other published text",
            Self::Recalled => "recalled: check against the framework",
        }
    }
}

impl Framework {
    /// An area of the framework.
    pub fn area(&self, id: &InspectionAreaId) -> Option<&FrameworkArea> {
        self.areas.iter().find(|a| &a.id == id)
    }

    /// Reads a framework file and checks every rule that its form cannot hold.
    pub(crate) fn read(source: &Source, stem: &str, wanted: &Wanted) -> Result<Self, AssessError> {
        let framework: Self = source.parse()?;
        if framework.id.as_str() != stem {
            return Err(source.wrong(
                framework.id.as_str(),
                0,
                format!("the id “{}” is not the name of the file", framework.id),
                format!("Use id = \"{stem}\" or rename the file."),
            ));
        }
        if framework.areas.is_empty() {
            return Err(source.wrong(
                "areas",
                0,
                "a framework has at least one area",
                "Add an [[areas]] table with its characteristics.",
            ));
        }
        let mut areas = BTreeSet::new();
        let mut characteristics = BTreeSet::new();
        for area in &framework.areas {
            if !areas.insert(&area.id) {
                return Err(twice(source, area.id.as_str()));
            }
            if area.characteristics.is_empty() {
                return Err(source.wrong(
                    &format!("\"{}\"", area.id),
                    0,
                    format!("the area “{}” has no characteristic", area.id),
                    "Add [[areas.characteristics]] under it.",
                ));
            }
            for characteristic in &area.characteristics {
                if !characteristics.insert(&characteristic.id) {
                    return Err(twice(source, &characteristic.id));
                }
                check(source, characteristic, wanted)?;
            }
        }
        Ok(framework)
    }
}

fn twice(source: &Source, id: &str) -> AssessError {
    source.wrong(
        &format!("id = \"{id}\""),
        1,
        format!("the id “{id}” is used twice"),
        "Give each area and each characteristic its own id.",
    )
}

fn check(
    source: &Source,
    characteristic: &Characteristic,
    wanted: &Wanted,
) -> Result<(), AssessError> {
    let at = |text: &str, rule: String, remedy: &str| {
        Err(source.wrong(&format!("\"{text}\""), 0, rule, remedy))
    };
    let id = &characteristic.id;
    if !(1..=3).contains(&characteristic.weight) {
        return at(
            id,
            format!("the weight of “{id}” is not 1, 2 or 3"),
            "Use 1, 2 or 3.",
        );
    }
    if characteristic.measures.is_empty() && characteristic.reviews.is_empty() {
        return at(
            id,
            format!("“{id}” asks for no evidence"),
            "Name at least one measure or review.",
        );
    }
    for measure in &characteristic.measures {
        if wanted.measure(measure).is_none() {
            return at(
                measure.as_str(),
                format!("“{id}” asks for the measure “{measure}”, of which nothing is known"),
                "Correct the id, or add it under [measures] in frameworks/wanted.toml.",
            );
        }
    }
    for review in &characteristic.reviews {
        if wanted.review(review).is_none() {
            return at(
                review,
                format!("“{id}” asks for the review “{review}”, of which nothing is known"),
                "Correct the id, or add it under [reviews] in frameworks/wanted.toml.",
            );
        }
    }
    Ok(())
}
