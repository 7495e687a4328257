//! What an area asks for and is not held: what would change it, and how to
//! load it.

use std::cmp::Reverse;

use serde::Serialize;

use crate::assessment::{Held, current};
use crate::framework::FrameworkArea;
use crate::wanted::Wanted;

/// Whether a figure or a review is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WantedKind {
    /// A figure.
    Measure,
    /// A review by people.
    Review,
}

/// Something asked for that is not held, or is too old to count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// Measure or review.
    pub id: String,
    /// Which of the two.
    pub kind: WantedKind,
    /// Its name for a reader.
    pub title: String,
    /// The data it needs.
    pub needs: String,
    /// How to load them.
    pub how: String,
    /// The characteristics that ask for it.
    pub characteristics: Vec<String>,
    /// Sum of their weights.
    pub weight: u32,
}

/// Everything missing, nearest first: figures before reviews, then by weight.
pub(crate) fn missing(area: &FrameworkArea, held: &Held<'_>, wanted: &Wanted) -> Vec<Missing> {
    let mut all: Vec<Missing> = Vec::new();
    for characteristic in &area.characteristics {
        let measures = characteristic
            .measures
            .iter()
            .filter(|m| current(held, m).is_none())
            .map(|m| {
                (
                    WantedKind::Measure,
                    m.as_str(),
                    wanted.measure(m),
                    held.get(m),
                )
            });
        let reviews = characteristic
            .reviews
            .iter()
            .map(|r| (WantedKind::Review, r.as_str(), wanted.review(r), None));
        for (kind, id, item, old) in measures.chain(reviews) {
            if let Some(known) = all.iter_mut().find(|m| m.kind == kind && m.id == id) {
                known.characteristics.push(characteristic.id.clone());
                known.weight += characteristic.weight;
                continue;
            }
            let Some(item) = item else { continue };
            let needs = match old {
                Some(Some(old)) => format!(
                    "Newer months: the newest held is {}. {}",
                    old.period.long(),
                    item.needs
                ),
                _ => item.needs.clone(),
            };
            all.push(Missing {
                id: id.to_owned(),
                kind,
                title: item.title.clone(),
                needs,
                how: item.how.clone(),
                characteristics: vec![characteristic.id.clone()],
                weight: characteristic.weight,
            });
        }
    }
    all.sort_by_key(|m| (m.kind, Reverse(m.weight)));
    all
}
