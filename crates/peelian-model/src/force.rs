//! Forces, and whether what is held about them is real.

use serde::{Deserialize, Serialize};

use crate::{AreaCode, ForceId};

/// Whether data are real or invented. A home holds one or the other, never
/// both, and every page and export of a synthetic one says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nature {
    /// Published by, or extracted at, a real body.
    Real,
    /// Made by the simulator.
    Synthetic,
}

/// A police force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Force {
    /// Stable identifier and address part.
    pub id: ForceId,
    /// Name as the public knows it: “Essex Police”.
    pub name: String,
    /// ONS code of the police force area; none for British Transport Police.
    pub area: Option<AreaCode>,
}

impl Force {
    /// The name without its last word where that says what it is:
    /// “Essex Police” → “Essex”.
    pub fn short_name(&self) -> &str {
        let name = self.name.as_str();
        for suffix in [" Police Service", " Constabulary", " Police"] {
            if let Some(short) = name.strip_suffix(suffix) {
                return short;
            }
        }
        name
    }
}
