//! What is planted in the extracts: when, and how much.

use super::plan::ExtractPlan;

/// Every planted thing that begins on a day, with its size.
pub(crate) struct Planted {
    /// Burglaries are `burglary_factor` times as many from this day on.
    pub(crate) burglary_from: i64,
    /// Violence is recorded as crime `recording_factor` times as often from
    /// this day on.
    pub(crate) recording_from: i64,
    /// Patrols go to the treated hot spots from this day on.
    pub(crate) patrols_from: i64,
    /// The team `silent_team` sends few updates from this day on.
    pub(crate) updates_stop: i64,
    /// Recruits become response officers on this day.
    pub(crate) recruits_ready: i64,
}

impl Planted {
    /// What the number of burglaries is multiplied by.
    pub(crate) const BURGLARY: f64 = 1.6;
    /// What the chance that reported violence is recorded is multiplied by.
    pub(crate) const RECORDING: f64 = 1.4;
    /// What public crime inside treated hot spots is multiplied by.
    pub(crate) const INSIDE: f64 = 0.65;
    /// What public crime in the rings round them is multiplied by.
    pub(crate) const RING: f64 = 1.2;
    /// Share of planned heads that come on a Friday from 07:00 to 23:00 on the
    /// 101 line.
    pub(crate) const FRIDAY_HEADS: f64 = 0.35;
    /// Chance that an update due is given, and that of the silent team later.
    pub(crate) const UPDATES: [f64; 2] = [0.88, 0.25];
    /// The team, from 1, whose updates stop.
    pub(crate) const SILENT_TEAM: usize = 2;
    /// Chance a day that a victim stops supporting a case, with contact
    /// in the last `OVERDUE` days.
    pub(crate) const HAZARD: f64 = 0.0015;
    /// What that chance is multiplied by once the last contact is that old.
    pub(crate) const HAZARD_RATIO: f64 = 2.5;
    /// Days after which the last contact counts as old.
    pub(crate) const OVERDUE: i64 = 30;
    /// Days from a recruit's first day to independent response work: 26 weeks
    /// of course and 10 beside a tutor.
    pub(crate) const PIPELINE: i64 = 36 * 7;

    /// Chance that a team gives an update that is due on a day.
    pub(crate) fn gives_updates(&self, team: usize, day: i64) -> f64 {
        let [usual, later] = Self::UPDATES;
        let silent = team == Self::SILENT_TEAM && day >= self.updates_stop;
        if silent { later } else { usual }
    }

    pub(crate) fn new(plan: &ExtractPlan) -> Self {
        let at = |share| plan.month_at(share);
        Self {
            burglary_from: at(0.375),
            recording_from: at(0.625),
            patrols_from: at(0.5),
            updates_stop: at(0.333),
            recruits_ready: at(0.75),
        }
    }
}
