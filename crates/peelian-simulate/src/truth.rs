//! What is true of the synthetic data: the contents of `truth.json`.

use std::collections::BTreeMap;

use peelian_model::{AreaCode, ForceId, Month};
use serde::{Deserialize, Serialize};

/// Everything planted in one archive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// Always true: nothing here happened.
    pub synthetic: bool,
    /// Where the random numbers started.
    pub seed: u64,
    /// The oldest month.
    pub first: Month,
    /// The newest month.
    pub last: Month,
    /// The forces, in the order of the plan.
    pub forces: Vec<ForceTruth>,
}

/// What is true of one force. Lists by month run from the truth's first month
/// to its last, months not supplied included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForceTruth {
    /// `synthetic-ashmoor`.
    pub id: ForceId,
    /// “Synthetic Ashmoor Police”.
    pub name: String,
    /// Code of the police force area, beginning X23.
    pub area: AreaCode,
    /// People, the sum over LSOAs of 2021.
    pub population: u32,
    /// People, the sum over LSOAs of 2011.
    pub population_lsoa_2011: u32,
    /// Districts of 2022, which is after any merger.
    pub districts: Vec<DistrictTruth>,
    /// Files that are left out of the archive on purpose.
    pub not_supplied: Vec<NotSupplied>,
    /// What was planted; empty where the force is plain.
    pub effects: Vec<Effect>,
    /// Crime type to records per 1,000 people (LSOA 2021) in an average month
    /// without season or effect.
    pub rates_per_1000: BTreeMap<String, f64>,
    /// Crime type to the expected number of street records by month, season
    /// and effects included. Actual numbers are Poisson draws around it.
    pub expected: BTreeMap<String, Vec<f64>>,
    /// Probability, 0 to 1, that an outcome recorded in the month is “Suspect
    /// charged”, averaged over the month's distinct outcomes. None where no
    /// outcome was recorded.
    pub charged_share: Vec<Option<f64>>,
    /// Share, 0 to 1, of street records without a location.
    pub no_location_share: f64,
    /// Stop and search.
    pub searches: SearchTruth,
}

/// What is true of one district.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DistrictTruth {
    /// Code of 2022, beginning X07.
    pub code: AreaCode,
    /// Its name.
    pub name: String,
    /// People, the sum over LSOAs of 2021.
    pub population: u32,
}

/// Files of a month that are left out on purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotSupplied {
    /// The month.
    pub month: Month,
    /// `street`, `outcomes`, `stop-and-search`.
    pub files: Vec<String>,
}

/// What is true of a force's stop and search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SearchTruth {
    /// The expected number of searches by month, of vehicles included.
    pub expected: Vec<f64>,
    /// Probability, 0 to 1, by month that the outcome is linked to the object
    /// of the search, where the field is filled.
    pub linked_share: Vec<f64>,
    /// Share, 0 to 1, of searches whose link is left blank.
    pub blank_linked_share: f64,
    /// Share, 0 to 1, of searches of people whose self-defined ethnicity is
    /// blank or “not stated”, the same for every group.
    pub blank_ethnicity_share: f64,
    /// True ratio of the Black rate to the White rate.
    pub black_to_white: f64,
    /// Asian, Black, Mixed, Other and White.
    pub groups: BTreeMap<String, GroupTruth>,
}

/// What is true of the searches of one ethnic group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupTruth {
    /// People in the Census 2011 table.
    pub census_2011: u32,
    /// Searches of people per 1,000 of them in an average month.
    pub rate_per_1000: f64,
}

/// A change planted on purpose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// Its shape in time.
    pub shape: Shape,
    /// What it changes.
    pub on: Subject,
    /// First month changed.
    pub from: Month,
    /// Last month changed.
    pub to: Month,
    /// What the true rate or share is multiplied by.
    pub factor: f64,
}

/// The shape of an effect in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// Higher from a month on.
    StepUp,
    /// Lower from a month on.
    StepDown,
    /// A straight line from 1 in the first month to the factor in the last.
    Trend,
    /// One month alone.
    OneMonth,
    /// Every month: a force truly unlike the others.
    Outlier,
}

/// What an effect changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// The number of records of one crime type, by its official name.
    CrimeType(String),
    /// The number of records of every crime type but antisocial behaviour.
    AllCrime,
    /// The share of outcomes that are charges, by month of the outcome.
    ChargedShare,
    /// The share of searches whose outcome is linked to their object.
    LinkedOutcomeShare,
}

impl Effect {
    /// What the effect multiplies a month's true value by; 1 where it does not reach.
    pub fn multiplier(&self, month: Month) -> f64 {
        if month < self.from || month > self.to {
            return 1.0;
        }
        match self.shape {
            Shape::Trend => {
                let length = self.to.since(self.from).max(1);
                1.0 + (self.factor - 1.0) * f64::from(month.since(self.from)) / f64::from(length)
            }
            Shape::StepUp | Shape::StepDown | Shape::OneMonth | Shape::Outlier => self.factor,
        }
    }
}

/// Four decimals: enough for a reader, and the text reads back to the same number.
pub(crate) fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}
