//! Nelson-Aalen curve: the cumulative hazard, events per case at risk added up over time.
//!
//! Answers "is the rate at which it happens rising or falling?": a straight curve is a steady rate,
//! and its slope is the hazard. H(t) = Σ d/n with variance Σ d/n². Sources: Nelson,
//! *Technometrics* 14 (1972) 945–966; Aalen, *Annals of Statistics* 6 (1978) 701–726. The interval
//! is symmetric on the log scale, H·exp(±z·s/H). Unit: events per case, which may exceed 1.
//!
//! **How it can mislead.** H is not a share: it has no upper limit, and exp(−H) is only close to
//! the Kaplan-Meier curve. Its slope at the right end rests on few cases. What is said of open
//! cases in [`super::kaplan_meier`] holds here too.

use super::cases::Cases;
use super::life_table::{Row, life_table};
use crate::special::normal_z;
use crate::{Interval, Unanswerable};

/// The cumulative hazard from one time to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The time at which cases ended or were last seen.
    pub time: f64,
    /// Cases under observation just before.
    pub at_risk: usize,
    /// Cases to which it happened at this time.
    pub events: usize,
    /// Events per case at risk, added up to this time.
    pub hazard: f64,
    /// Standard error of `hazard`; 0 before the first event.
    pub standard_error: f64,
    /// Pointwise interval; `None` before the first event.
    pub interval: Option<Interval>,
}

/// The cumulative hazard of `cases`, one step a distinct time, ascending.
///
/// Refuses no cases and what [`Cases`] excludes, and a `confidence` not strictly within 0 to 1.
pub fn nelson_aalen(cases: Cases<'_>, confidence: f64) -> Result<Vec<Step>, Unanswerable> {
    let z = normal_z(confidence).ok_or(Unanswerable::Invalid(
        "confidence must lie strictly between 0 and 1",
    ))?;
    let (mut hazard, mut variance) = (0.0, 0.0);
    let step = |row: Row| {
        hazard += row.hazard();
        variance += row.hazard() / row.at_risk as f64;
        let error = f64::sqrt(variance);
        let stretch = (z * error / hazard).exp();
        Step {
            time: row.time,
            at_risk: row.at_risk,
            events: row.events,
            hazard,
            standard_error: error,
            interval: (hazard > 0.0).then(|| Interval {
                lower: hazard / stretch,
                upper: hazard * stretch,
            }),
        }
    };
    Ok(life_table(cases)?.into_iter().map(step).collect())
}
