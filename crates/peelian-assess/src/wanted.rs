//! What the characteristics of good ask for, whether or not it is held: titles,
//! what each needs, and how to load it.

use std::collections::BTreeMap;

use peelian_model::MeasureId;
use serde::Deserialize;

/// One measure or review that a framework may ask for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedItem {
    /// Its name for a reader.
    pub title: String,
    /// The data it needs.
    pub needs: String,
    /// How to load them.
    pub how: String,
}

/// Everything that a framework may ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    #[serde(default)]
    measures: BTreeMap<MeasureId, WantedItem>,
    #[serde(default)]
    reviews: BTreeMap<String, WantedItem>,
}

impl Wanted {
    /// A measure, in the catalogue or not.
    pub fn measure(&self, id: &MeasureId) -> Option<&WantedItem> {
        self.measures.get(id)
    }

    /// A review by people.
    pub fn review(&self, id: &str) -> Option<&WantedItem> {
        self.reviews.get(id)
    }

    /// Adds the entries of another file; an entry of the same id gives way to it.
    pub(crate) fn add(&mut self, other: Self) {
        self.measures.extend(other.measures);
        self.reviews.extend(other.reviews);
    }
}
