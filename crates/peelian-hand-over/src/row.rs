//! The rows that are handed over: counts, and half hours of a telephone line.

use serde::{Deserialize, Serialize};

/// A row of `counts`, with the columns of its CSV file. A blank number is not
/// supplied; a suppressed row has no numerator; nought is nought.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Id of the measure.
    pub measure_id: String,
    /// Version of its definition.
    pub definition_version: String,
    /// Id of the force.
    pub force: String,
    /// Code of the district; blank for the force as a whole.
    #[serde(default)]
    pub area_code: String,
    /// `2026-04` or `2026-Q2`.
    pub period: String,
    /// A group within the measure; blank for all together.
    #[serde(default)]
    pub category: String,
    /// What was counted above the line.
    pub numerator: Option<u64>,
    /// What was counted below it.
    pub denominator: Option<u64>,
    /// Whether a number is withheld because it is small or would give away
    /// one that is.
    pub suppressed: bool,
    /// When it was current, `2026-05-03`.
    pub as_at: String,
    /// The system it was counted in.
    #[serde(default)]
    pub source_system: String,
    /// Whom to ask, by role.
    pub contact_role: String,
}

/// A row of `call_intervals`: half an hour of a line. Times in seconds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HalfHour {
    /// Beginning, RFC 3339 with its offset.
    pub interval_start: String,
    /// `999` or `101`.
    pub line: String,
    /// Calls offered.
    pub offered: Option<u64>,
    /// Calls answered by a person.
    pub answered: Option<u64>,
    /// Calls that ended in the recorded menu.
    pub abandoned_menu: Option<u64>,
    /// Calls that ended in the queue.
    pub abandoned_queue: Option<u64>,
    /// Calls answered within `threshold_s`.
    pub answered_in_threshold: Option<u64>,
    /// The threshold.
    pub threshold_s: Option<u64>,
    /// Waits of all answered calls together.
    pub sum_wait_s: Option<u64>,
    /// The longest wait.
    pub max_wait_s: Option<u64>,
    /// Handling of all answered calls together.
    pub sum_handle_s: Option<u64>,
    /// Mean positions staffed.
    pub staffed_positions: Option<f64>,
    /// Share of staffed time spent on calls.
    pub occupancy: Option<f64>,
}

impl HalfHour {
    /// Its counts of calls.
    pub(crate) fn counts(&self) -> [Option<u64>; 5] {
        [
            self.offered,
            self.answered,
            self.abandoned_menu,
            self.abandoned_queue,
            self.answered_in_threshold,
        ]
    }
}

/// The months that a period covers, counted as [`peelian_model::Month`]:
/// first and last. None where it is neither a month nor a quarter.
pub(crate) fn months_of(period: &str) -> Option<(peelian_model::Month, peelian_model::Month)> {
    if let Some((year, quarter)) = period.split_once("-Q") {
        let quarter: u32 = quarter.parse().ok().filter(|q| (1..=4).contains(q))?;
        let year = year.parse().ok().filter(|_| year.len() == 4)?;
        let first = peelian_model::Month::new(year, quarter * 3 - 2)?;
        return Some((first, first.plus(2)));
    }
    let month = period.parse().ok()?;
    Some((month, month))
}

/// Rows as CSV with a header, one line each.
pub fn to_csv<T: Serialize>(rows: &[T]) -> Result<Vec<u8>, String> {
    let mut out = csv::Writer::from_writer(Vec::new());
    for row in rows {
        out.serialize(row).map_err(|e| e.to_string())?;
    }
    out.into_inner().map_err(|e| e.to_string())
}
