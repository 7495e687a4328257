//! Victims who are kept informed, and victims who stop supporting a case.
//!
//! An update is due every 28 days. Each day on which a case is open the victim
//! may stop supporting it, with a chance that is higher once the last contact
//! is 30 days old. That is the whole of the planted effect: teams
//! and kinds of crime differ in nothing else, but domestic abuse in its level.

use super::clock::{self, DAY, HOUR};
use super::planted::Planted;
use crate::dice::Dice;

/// Days between updates.
pub(crate) const EVERY: i64 = 28;
/// What the chance of stopping is multiplied by for domestic abuse.
pub(crate) const DOMESTIC: f64 = 1.6;

/// An update that was due.
pub(crate) struct Update {
    pub(crate) due: i64,
    /// When it was given; none where it was missed.
    pub(crate) given: Option<i64>,
}

/// How one victim's support went.
pub(crate) struct Support {
    pub(crate) updates: Vec<Update>,
    /// When they stopped supporting the case.
    pub(crate) withdrew: Option<i64>,
}

impl Support {
    /// Share of updates due that were given; none where none was due.
    pub(crate) fn informed(&self) -> Option<f64> {
        let given = self
            .updates
            .iter()
            .filter(|update| update.given.is_some())
            .count();
        (!self.updates.is_empty()).then(|| given as f64 / self.updates.len() as f64)
    }
}

/// Goes through the days of an open case, from recording to its planned end.
pub(crate) fn follow(
    recorded: i64,
    planned_end: i64,
    team: usize,
    domestic: bool,
    planted: &Planted,
    dice: &mut Dice,
) -> Support {
    let mut updates: Vec<Update> = Vec::new();
    let (mut contact, mut due) = (recorded, recorded + EVERY * DAY);
    let hazard = Planted::HAZARD * if domestic { DOMESTIC } else { 1.0 };
    let mut at = recorded + DAY;
    while at < planned_end {
        if at >= due {
            let chance = planted.gives_updates(team, clock::local_day(due));
            let given = dice.chance(chance).then_some(due);
            contact = given.unwrap_or(contact);
            updates.push(Update { due, given });
            due += EVERY * DAY;
        }
        let old = at - contact >= Planted::OVERDUE * DAY;
        if dice.chance(hazard * if old { Planted::HAZARD_RATIO } else { 1.0 }) {
            let hour = dice.below(8) as i64;
            let withdrew = (at + hour * HOUR).min(planned_end);
            return Support {
                updates,
                withdrew: Some(withdrew),
            };
        }
        at += DAY;
    }
    Support {
        updates,
        withdrew: None,
    }
}
