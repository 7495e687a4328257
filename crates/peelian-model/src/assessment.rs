//! Inspected areas, published grades and what the machine may say of a
//! characteristic of good.

use serde::{Deserialize, Serialize};

use crate::InspectionAreaId;

/// A grade as the inspectorate publishes it. Used only for its published
/// grades and for a named person's own assessment, never for what a machine
/// concludes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// Causes of concern exist.
    Inadequate,
    /// Few, if any, of the characteristics of good.
    RequiresImprovement,
    /// Some of the characteristics of good. Only from 2021/22.
    Adequate,
    /// Substantially all of the characteristics of good.
    Good,
    /// Well beyond good.
    Outstanding,
}

impl Grade {
    /// The five grades, lowest first.
    pub const ALL: [Self; 5] = [
        Self::Inadequate,
        Self::RequiresImprovement,
        Self::Adequate,
        Self::Good,
        Self::Outstanding,
    ];

    /// The text form used in files, addresses and exports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inadequate => "inadequate",
            Self::RequiresImprovement => "requires-improvement",
            Self::Adequate => "adequate",
            Self::Good => "good",
            Self::Outstanding => "outstanding",
        }
    }

    /// The inspectorate's own words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Inadequate => "Inadequate",
            Self::RequiresImprovement => "Requires improvement",
            Self::Adequate => "Adequate",
            Self::Good => "Good",
            Self::Outstanding => "Outstanding",
        }
    }
}

/// What the evidence held says of a characteristic of good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CharacteristicStatus {
    /// All the evidence asked for is held and speaks for it.
    Shown,
    /// Some evidence speaks for it.
    PartlyShown,
    /// The evidence held speaks against it.
    NotShown,
    /// There is not enough evidence.
    CannotTell,
}

impl CharacteristicStatus {
    /// The four, in the order in which they are always listed.
    pub const ALL: [Self; 4] = [
        Self::Shown,
        Self::PartlyShown,
        Self::NotShown,
        Self::CannotTell,
    ];

    /// The text form used in files, addresses and exports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::PartlyShown => "partly-shown",
            Self::NotShown => "not-shown",
            Self::CannotTell => "cannot-tell",
        }
    }

    /// The words for a reader.
    pub fn words(self) -> &'static str {
        match self {
            Self::Shown => "Shown",
            Self::PartlyShown => "Partly shown",
            Self::NotShown => "Not shown",
            Self::CannotTell => "Cannot tell",
        }
    }
}

/// An inspected area: its stable id and its plain name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InspectedArea {
    /// The same across inspection cycles.
    pub id: InspectionAreaId,
    /// Plain name: “Responding to the public”.
    pub name: String,
}
