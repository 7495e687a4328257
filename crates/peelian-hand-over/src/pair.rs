//! The 25 pairs of counts that start a useful picture (`reference/counts.csv`).

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// The file as it is built in, for bundles and notes.
const FILE: &str = include_str!("../../../reference/counts.csv");

/// What to count, above and below the line. Two pairs that say the same words
/// count the same thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// Id of the measure that is made of it.
    pub measure_id: String,
    /// Version of these words.
    pub definition_version: String,
    /// A short name.
    pub title: String,
    /// What is counted above the line.
    pub numerator: String,
    /// What is counted below it; blank where there is nothing below.
    pub denominator: String,
    /// Unit of the measure.
    pub unit: String,
    /// `month` or `quarter`.
    pub period: String,
    /// `force`, or `force or district`.
    pub area: String,
    /// The system or team that usually holds it.
    pub holder: String,
    /// A published standard; blank where none was found.
    pub standard: String,
    /// Where the standard is published.
    pub standard_source: String,
    /// What to watch for.
    pub note: String,
}

impl Pair {
    /// Whether it is counted by the quarter.
    pub fn is_quarterly(&self) -> bool {
        self.period == "quarter"
    }
}

/// All pairs, in the order in which they are asked for.
pub fn pairs() -> &'static [Pair] {
    static PAIRS: OnceLock<Vec<Pair>> = OnceLock::new();
    PAIRS.get_or_init(|| {
        csv::Reader::from_reader(FILE.as_bytes())
            .deserialize()
            .filter_map(Result::ok)
            .collect()
    })
}

/// The pair of a measure.
pub(crate) fn pair(measure_id: &str) -> Option<&'static Pair> {
    pairs().iter().find(|p| p.measure_id == measure_id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_are_25_pairs_and_each_says_what_is_counted() {
        let ids: BTreeSet<&str> = pairs().iter().map(|p| p.measure_id.as_str()).collect();
        assert_eq!((pairs().len(), ids.len()), (25, 25));
        for pair in pairs() {
            assert!(pair.measure_id.parse::<peelian_model::MeasureId>().is_ok());
            assert!(!pair.numerator.is_empty() && !pair.title.is_empty());
            assert!(["month", "quarter"].contains(&pair.period.as_str()));
            // A standard is shipped with its source or not at all.
            assert_eq!(
                pair.standard.is_empty(),
                pair.standard_source.is_empty(),
                "{}",
                pair.measure_id
            );
        }
    }
}
