//! Signals: what a chart's rules say of a point, read with the measure's direction.

use serde::{Deserialize, Serialize};

/// The four rules of a statistical process control chart, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Beyond a control limit.
    OutsideLimits,
    /// A run of months each higher, or each lower, than the one before.
    Trend,
    /// Two of three months close to the same limit.
    TwoInThree,
    /// A run of months on one side of the mean.
    Shift,
}

impl Rule {
    /// The words for a reader.
    pub fn words(self) -> &'static str {
        match self {
            Self::OutsideLimits => "outside the usual range",
            Self::Trend => "a steady run in one direction",
            Self::TwoInThree => "two of three months near the edge of the usual range",
            Self::Shift => "a long run on one side of the average",
        }
    }
}

/// Whether a point is within the usual range of variation, and if not, what
/// that means in the direction of the measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Variation {
    /// Nothing beyond usual variation.
    CommonCause,
    /// A special cause in the wanted direction.
    Improvement,
    /// A special cause in the unwanted direction.
    Concern,
    /// A special cause upwards in a measure without a wanted direction.
    NeitherHigh,
    /// A special cause downwards in a measure without a wanted direction.
    NeitherLow,
}

impl Variation {
    /// The words for a reader.
    pub fn words(self) -> &'static str {
        match self {
            Self::CommonCause => "no clear change",
            Self::Improvement => "improvement",
            Self::Concern => "concern",
            Self::NeitherHigh => "clear increase",
            Self::NeitherLow => "clear decrease",
        }
    }

    /// The mark that stands for it, never colour alone.
    pub fn mark(self) -> char {
        match self {
            Self::CommonCause => '●',
            Self::Improvement => '▲',
            Self::Concern => '▼',
            Self::NeitherHigh | Self::NeitherLow => '◆',
        }
    }
}

/// The signal of one point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Signal {
    /// The strongest rule met.
    pub rule: Rule,
    /// What it means.
    pub variation: Variation,
    /// Whether the point is above the mean (or the run rises).
    pub high: bool,
}
