//! Response units: sent to the most urgent incident that has waited longest.
//!
//! As many units are out as officers on shift make: a quarter of the officers
//! ride as a second, so four officers are three units. One unit is kept back
//! for emergencies.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::clock::{HOUR, MINUTE};
use super::incidents::{CALLED_OFF, Deployment, Incident};
use super::places::Places;
use super::rota::Present;
use super::table::{Pid, pid};
use crate::dice::Dice;

/// Sends units to the incidents that need one, which are in order of opening.
pub(crate) fn send(
    incidents: &mut [Incident],
    places: &Places,
    officers: &Present,
    dice: &mut Dice,
) {
    let mut desk = Desk {
        officers,
        out: Vec::new(),
    };
    // Most urgent first, then longest waiting: grade, ready, place.
    let mut waiting: BinaryHeap<Reverse<(usize, i64, usize)>> = BinaryHeap::new();
    // Graded and passed on a few minutes after opening, which may change the
    // order.
    let mut ready: Vec<(i64, usize)> = (incidents.iter().enumerate())
        .filter(|(_, incident)| incident.attendance && incident.grade <= 3)
        .map(|(place, incident)| (incident.opened + passed_on(incident), place))
        .collect();
    ready.sort_unstable();
    let mut ready = ready.into_iter().peekable();
    let mut now = i64::MIN;
    loop {
        let arrival = ready.peek().map(|(at, _)| *at);
        let freed = if waiting.is_empty() {
            None
        } else {
            desk.next_change(now)
        };
        let Some(next) = [arrival, freed].into_iter().flatten().min() else {
            return;
        };
        now = next;
        while let Some((at, place)) = ready.next_if(|(at, _)| *at <= now) {
            waiting.push(Reverse((incidents[place].grade, at, place)));
        }
        while let Some(Reverse((grade, _, place))) = waiting.peek().copied() {
            let incident = &mut incidents[place];
            if grade == 3 && now - incident.opened > CALLED_OFF {
                let at = incident.opened + CALLED_OFF;
                incident.cancelled = Some((at, "no-longer-needed"));
                incident.closed = at + 10 * MINUTE;
            } else if let Some(unit) = desk.free_unit(now, grade) {
                let rural = places
                    .cells
                    .get(incident.cell)
                    .is_some_and(|cell| cell.rural);
                let sent = deployment(unit, now, grade, rural, dice);
                desk.out.push((sent.cleared, unit));
                incident.closed = sent.cleared + dice.seconds(40.0 * MINUTE as f64);
                incident.deployment = Some(sent);
            } else {
                break;
            }
            waiting.pop();
        }
    }
}

/// Seconds from opening until a dispatcher has it.
fn passed_on(incident: &Incident) -> i64 {
    let after = if incident.grade == 1 { 60 } else { 240 };
    let regraded = incident.regraded.map_or(0, |(at, _)| at - incident.opened);
    after.max(regraded)
}

struct Desk<'a> {
    officers: &'a Present,
    /// When each unit that is out is free again, and its number.
    out: Vec<(i64, usize)>,
}

impl Desk<'_> {
    fn free_unit(&mut self, now: i64, grade: usize) -> Option<usize> {
        self.out.retain(|(free, _)| *free > now);
        let officers = self.officers.heads(now);
        let units = officers - officers / 4;
        let kept_back = usize::from(grade > 1 && units > 2);
        if self.out.len() + kept_back >= units {
            return None;
        }
        (0..units).find(|unit| self.out.iter().all(|(_, out)| out != unit))
    }

    fn next_change(&self, now: i64) -> Option<i64> {
        let freed = self.out.iter().map(|(free, _)| *free);
        freed
            .filter(|free| *free > now)
            .chain(self.officers.next_change(now))
            .min()
    }
}

fn deployment(
    unit: usize,
    assigned: i64,
    grade: usize,
    rural: bool,
    dice: &mut Dice,
) -> Deployment {
    let minutes = match (grade, rural) {
        (1, false) => 6.0,
        (1, true) => 10.0,
        (2, false) => 11.0,
        (2, true) => 16.0,
        (_, false) => 14.0,
        (_, true) => 20.0,
    };
    let enroute = assigned + 15 + dice.below(60) as i64;
    let arrived = enroute + dice.seconds(minutes * MINUTE as f64);
    let on_scene = if grade == 1 { 0.9 } else { 0.65 };
    let double = unit % 3 == 2;
    Deployment {
        unit: pid(Pid::Unit, unit as u64),
        unit_type: "response",
        assigned,
        enroute,
        arrived,
        source: dice.pick(
            &[
                ("gps", 0.5),
                ("button", 0.35),
                ("voice", 0.1),
                ("estimated", 0.05),
            ],
            "button",
        ),
        cleared: arrived + dice.seconds(on_scene * HOUR as f64),
        officers: if double { 2 } else { 1 },
    }
}
