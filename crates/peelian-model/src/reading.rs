//! Readings: what the records of a month add up to.

use serde::{Deserialize, Serialize};

use crate::{AreaCode, ForceId, MeasureId, Month, SourceId};

/// What stands behind a figure, or why there is none. Missing, not supplied,
/// suppressed and zero are four different things from file to page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The month's records are complete.
    Ok,
    /// Some records of the month were set aside as faulty.
    Partial,
    /// Expected to change when the source is issued again.
    Provisional,
    /// The force did not supply the month.
    NotSupplied,
    /// No file, or no denominator, is loaded.
    Missing,
    /// Withheld to protect people.
    Suppressed,
    /// Too few events for the figure to mean anything.
    TooFew,
}

impl Status {
    /// Whether a figure is shown.
    pub fn has_value(self) -> bool {
        matches!(self, Self::Ok | Self::Partial | Self::Provisional)
    }

    /// The text form used in files, addresses and exports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Partial => "partial",
            Self::Provisional => "provisional",
            Self::NotSupplied => "not-supplied",
            Self::Missing => "missing",
            Self::Suppressed => "suppressed",
            Self::TooFew => "too-few",
        }
    }

    /// The words for a reader, to stand where a figure would.
    pub fn words(self) -> &'static str {
        match self {
            Self::Ok => "complete",
            Self::Partial => "partial",
            Self::Provisional => "provisional",
            Self::NotSupplied => "not supplied",
            Self::Missing => "not held",
            Self::Suppressed => "withheld",
            Self::TooFew => "too few to say",
        }
    }
}

impl std::str::FromStr for Status {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [
            Self::Ok,
            Self::Partial,
            Self::Provisional,
            Self::NotSupplied,
            Self::Missing,
            Self::Suppressed,
            Self::TooFew,
        ]
        .into_iter()
        .find(|s| s.as_str() == text)
        .ok_or_else(|| format!("“{text}” is no reading status"))
    }
}

/// One measure, one place, one month. Every number is `None` unless the
/// status has a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The month; the last one where the measure spans several.
    pub period: Month,
    /// The counted events, or the first of two compared rates.
    pub numerator: Option<f64>,
    /// What they are counted against: people, outcomes, searches, or the second rate.
    pub denominator: Option<f64>,
    /// In the measure's unit: per cent is 0 to 100, “per 1,000” is for the
    /// month itself and not a yearly rate.
    pub value: Option<f64>,
    /// Lower end of the 95 per cent interval, in the measure's unit.
    pub lower: Option<f64>,
    /// Upper end of the 95 per cent interval, in the measure's unit.
    pub upper: Option<f64>,
    /// What stands behind the figure, or why there is none.
    pub status: Status,
    /// Year of the population estimate or census used, where one is.
    pub denominator_year: Option<i32>,
    /// Share, 0 to 1, of records left out because the field asked about is blank.
    pub left_out: Option<f64>,
    /// The lowest and highest value that records with blanks could give, in
    /// the measure's unit: the value if every blank fell the one way or the other.
    pub bounds: Option<(f64, f64)>,
}

impl Reading {
    /// A month without a figure. `status` says why.
    pub fn without_value(period: Month, status: Status) -> Self {
        Self {
            period,
            numerator: None,
            denominator: None,
            value: None,
            lower: None,
            upper: None,
            status,
            denominator_year: None,
            left_out: None,
            bounds: None,
        }
    }
}

/// All months of one measure in one place, in order, none left out between
/// the first and the last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// The measure.
    pub measure: MeasureId,
    /// The force whose records they are.
    pub force: ForceId,
    /// A district of the force; `None` is the whole force.
    pub area: Option<AreaCode>,
    /// The months.
    pub readings: Vec<Reading>,
}

impl Series {
    /// The last reading with a value.
    pub fn latest(&self) -> Option<&Reading> {
        self.readings.iter().rev().find(|r| r.status.has_value())
    }

    /// The reading of a month, whether or not it has a value.
    pub fn at(&self, period: Month) -> Option<&Reading> {
        let first = self.readings.first()?.period;
        usize::try_from(period.since(first))
            .ok()
            .and_then(|i| self.readings.get(i))
    }
}

/// What was read to make figures: one line of a source statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRelease {
    /// The source.
    pub source: SourceId,
    /// Its title for a reader.
    pub title: String,
    /// The statement its licence asks for.
    pub attribution: String,
    /// The newest as-at date among the files used, `2026-11-02`.
    pub as_at: String,
    /// How many files.
    pub files: usize,
    /// How many rows were kept.
    pub rows: u64,
}
