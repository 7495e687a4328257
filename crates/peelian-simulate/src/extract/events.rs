//! What happens in the force's area, whether or not it is told of.
//!
//! Events of a kind arrive as a Poisson process whose rate follows the hour of
//! the week, the season, the planted step and, in public, the place.

use super::clock::{self, HOUR};
use super::kinds::{BURGLARY, KINDS};
use super::places::{Places, Spot};
use super::plan::Span;
use super::planted::Planted;
use crate::dice::Dice;

/// Events a person and year.
const RATE: f64 = 0.155;

/// Weights of the months; a mean of 1.
const SEASON: [f64; 12] = [
    0.93, 0.92, 0.97, 1.00, 1.05, 1.08, 1.10, 1.07, 1.01, 0.98, 0.95, 0.94,
];

/// How an event comes to the force's notice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    Emergency,
    NonEmergency,
    Online,
    Officer,
    Alarm,
    Partner,
}

const ROUTES: [(Route, f64); 6] = [
    (Route::Emergency, 0.32),
    (Route::NonEmergency, 0.46),
    (Route::Online, 0.08),
    (Route::Officer, 0.06),
    (Route::Alarm, 0.03),
    (Route::Partner, 0.05),
];

/// Something that happened.
pub(crate) struct Event {
    /// When it was noticed.
    pub(crate) at: i64,
    /// Place in `KINDS`.
    pub(crate) kind: usize,
    /// Place in `Places::cells`.
    pub(crate) cell: usize,
    pub(crate) route: Route,
}

/// What a month's number of events is multiplied by.
pub(crate) fn season(month: i32) -> f64 {
    SEASON[month.rem_euclid(12) as usize]
}

/// Weekend evenings are busier, Fridays no more than Saturdays.
pub(crate) fn weekday_factor(day: i64, hour: usize) -> f64 {
    match (clock::weekday(day), hour) {
        (4 | 5, 19..) => 1.15,
        (6, _) => 0.95,
        _ => 1.0,
    }
}

/// The events of the whole time, in order of time.
pub(crate) fn happen(
    people: f64,
    span: &Span,
    planted: &Planted,
    places: &Places,
    dice: &mut Dice,
) -> Vec<Event> {
    let per_half_hour = people * RATE / (365.25 * 48.0);
    let mut events = Vec::new();
    let mut at = span.start;
    while at < span.end {
        let (day, hour) = (clock::local_day(at), clock::local_hour(at));
        let level = per_half_hour
            * season(clock::local_month(at))
            * weekday_factor(day, hour)
            // Patrols raise the rings: draw for the most, and drop some below.
            * Planted::RING;
        let weights: [f64; KINDS.len()] = std::array::from_fn(|k| {
            let kind = &KINDS[k];
            let step = k == BURGLARY && day >= planted.burglary_from;
            kind.share * kind.hours[hour] * if step { Planted::BURGLARY } else { 1.0 }
        });
        for _ in 0..dice.poisson(level * weights.iter().sum::<f64>()) {
            let kind = dice.choose(&weights);
            let cell = places.draw(KINDS[kind].public, dice);
            let spot = places.cells[cell].spot.as_ref();
            let patrolled = spot.filter(|_| day >= planted.patrols_from);
            let factor = patrolled.map_or(1.0, Spot::patrolled);
            if dice.chance(factor / Planted::RING) {
                events.push(Event {
                    at: at + dice.below(HOUR as usize / 2) as i64,
                    kind,
                    cell,
                    route: dice.pick(&ROUTES, Route::NonEmergency),
                });
            }
        }
        at += HOUR / 2;
    }
    events.sort_by_key(|event| event.at);
    events
}
