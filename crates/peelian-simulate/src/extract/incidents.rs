//! Incidents: what was told of, graded, and sent to or not.

use super::clock::{self, HOUR, MINUTE};
use super::control_room::Call;
use super::events::{Event, Route};
use super::kinds::{DOMESTIC, KINDS};
use super::places::{Cell, Places};
use super::plan::Span;
use super::table::{Pid, pid};
use crate::dice::Dice;

/// One log of command and control.
pub(crate) struct Incident {
    pub(crate) opened: i64,
    pub(crate) closed: i64,
    pub(crate) source: &'static str,
    /// Place in `KINDS`.
    pub(crate) kind: usize,
    /// Place in `Places::cells`.
    pub(crate) cell: usize,
    /// 1 to 5.
    pub(crate) first_grade: usize,
    pub(crate) grade: usize,
    pub(crate) regraded: Option<(i64, &'static str)>,
    /// Threat, harm, risk, investigation, vulnerability, engagement.
    pub(crate) thrive: [bool; 6],
    pub(crate) vulnerable: &'static str,
    pub(crate) repeat: &'static str,
    pub(crate) qualifiers: Vec<&'static str>,
    pub(crate) caller: Option<String>,
    pub(crate) location: String,
    pub(crate) attendance: bool,
    pub(crate) cancelled: Option<(i64, &'static str)>,
    pub(crate) deployment: Option<Deployment>,
    /// Number of the crime that it became.
    pub(crate) crime: Option<usize>,
}

/// Somebody sent.
#[derive(Clone)]
pub(crate) struct Deployment {
    pub(crate) unit: String,
    pub(crate) unit_type: &'static str,
    pub(crate) assigned: i64,
    pub(crate) enroute: i64,
    pub(crate) arrived: i64,
    pub(crate) source: &'static str,
    pub(crate) cleared: i64,
    pub(crate) officers: u32,
}

pub(crate) const GRADES: [&str; 5] = [
    "g1-emergency",
    "g2-priority",
    "g3-standard",
    "g4-scheduled",
    "g5-resolved",
];

/// The name of a grade, 1 to 5.
pub(crate) fn grade_name(grade: usize) -> &'static str {
    GRADES.get(grade - 1).copied().unwrap_or("g5-resolved")
}

/// `I0000001` for the first.
pub(crate) fn incident_id(place: usize) -> String {
    format!("I{:07}", place + 1)
}

impl Incident {
    /// The time within which somebody should be there, in seconds.
    pub(crate) fn target(&self, cell: &Cell) -> Option<i64> {
        match self.grade {
            1 if cell.rural => Some(20 * MINUTE),
            1 => Some(15 * MINUTE),
            2 => Some(60 * MINUTE),
            _ => None,
        }
    }

    /// Seconds from opening until somebody was there; none where nobody was.
    pub(crate) fn attended_after(&self) -> Option<i64> {
        self.deployment
            .as_ref()
            .map(|sent| sent.arrived - self.opened)
    }

    /// When a supervisor looked at an incident that had waited for long.
    pub(crate) fn reviewed(&self) -> Option<i64> {
        let sent = self.deployment.as_ref()?.assigned;
        (self.grade < 4 && sent - self.opened > 4 * HOUR).then_some(self.opened + 4 * HOUR)
    }
}

/// The incidents that calls and other reports give, in order of time. Each
/// call is told the place of its incident.
pub(crate) fn open(
    calls: &mut [Vec<Call>],
    events: &[Event],
    places: &Places,
    span: &Span,
    dice: &mut Dice,
) -> Vec<Incident> {
    /// When, which event, who rang, and the line and place of the call.
    type Report = (i64, usize, Option<String>, Option<(usize, usize)>);
    let mut reports: Vec<Report> = Vec::new();
    for (line, calls) in calls.iter().enumerate() {
        for (place, call) in calls.iter().enumerate() {
            if let (Some(answer), Some(event)) = (call.answer(), call.event)
                && answer.outcome == "incident"
            {
                let opened = answer.at + 30 + dice.below(60) as i64;
                reports.push((
                    opened,
                    event,
                    Some(call.caller.clone()),
                    Some((line, place)),
                ));
            }
        }
    }
    for (place, event) in events.iter().enumerate() {
        let delay = match event.route {
            Route::Emergency | Route::NonEmergency => continue,
            Route::Online if dice.chance(online_desk(event)) => continue,
            Route::Online => 10 * MINUTE + dice.below(3 * HOUR as usize) as i64,
            Route::Officer | Route::Alarm | Route::Partner => dice.below(300) as i64,
        };
        reports.push((event.at + delay, place, None, None));
    }
    reports.retain(|(opened, ..)| *opened < span.end);
    reports.sort_by_key(|(opened, event, ..)| (*opened, *event));
    let mut incidents = Vec::with_capacity(reports.len());
    for (opened, event, caller, call) in reports {
        if let Some(call) = call.and_then(|(line, place)| calls.get_mut(line)?.get_mut(place)) {
            call.incident = Some(incidents.len());
        }
        if let Some(event) = events.get(event) {
            incidents.push(incident(opened, event, caller, places, dice));
        }
    }
    incidents
}

/// Chance that an online report goes straight to the crime desk: twice that of
/// a call.
pub(crate) fn online_desk(event: &Event) -> f64 {
    KINDS
        .get(event.kind)
        .map_or(0.0, |kind| (2.0 * kind.desk).min(0.9))
}

fn incident(
    opened: i64,
    event: &Event,
    caller: Option<String>,
    places: &Places,
    dice: &mut Dice,
) -> Incident {
    let kind = &KINDS[event.kind];
    let cell = &places.cells[event.cell];
    let mut weights = kind.grades;
    if event.route == Route::Emergency {
        weights[0] *= 2.5;
    } else {
        weights[0] *= 0.4;
        weights[4] *= 1.6;
    }
    let first_grade = 1 + dice.choose(&weights);
    let (grade, regraded) = regrade(first_grade, opened, dice);
    let pooled = dice.chance(if kind.public { 0.25 } else { 0.15 });
    let repeat = match (dice.chance(0.87), pooled) {
        (false, _) => "not-checked",
        (true, true) => "repeat",
        (true, false) => "not-repeat",
    };
    let frightened = if event.kind == DOMESTIC { 0.8 } else { 0.25 };
    let thrive = [0.45, 0.4, 0.5, 0.35, frightened, 0.3].map(|p| dice.chance(p));
    let vulnerable = match (dice.chance(0.9), thrive[4]) {
        (false, _) => "not-assessed",
        (true, true) => "yes-vulnerable",
        (true, false) => "yes-not",
    };
    let unattended = grade == 5 || (grade == 3 && dice.chance(0.08));
    Incident {
        opened,
        closed: opened + 20 * MINUTE + dice.seconds(2.0 * HOUR as f64),
        source: match event.route {
            Route::Emergency | Route::NonEmergency => "call",
            Route::Online => "online",
            Route::Officer => "officer",
            Route::Alarm => "alarm",
            Route::Partner => "partner",
        },
        kind: event.kind,
        cell: event.cell,
        first_grade,
        grade,
        regraded,
        thrive,
        vulnerable,
        repeat,
        qualifiers: qualifiers(event.kind, cell, repeat == "repeat", dice),
        caller,
        location: location(event.cell, pooled, dice),
        attendance: !unattended,
        cancelled: None,
        deployment: None,
        crime: None,
    }
}

fn regrade(first: usize, opened: i64, dice: &mut Dice) -> (usize, Option<(i64, &'static str)>) {
    if !dice.chance(0.07) {
        return (first, None);
    }
    let reasons = [
        ("new-information", 0.45),
        ("supervisor-review", 0.35),
        ("caller-agreed", 0.20),
    ];
    let reason = dice.pick(&reasons, "new-information");
    let grade = match (first, dice.chance(0.4)) {
        (1, _) => 2,
        (2..=4, true) => first - 1,
        (_, true) => 3,
        (_, false) => (first + 1).min(5),
    };
    if grade == first {
        return (first, None);
    }
    let at = opened + 90 + dice.below(120) as i64;
    (grade, Some((at, reason)))
}

fn qualifiers(kind: usize, cell: &Cell, repeat: bool, dice: &mut Dice) -> Vec<&'static str> {
    let mut all = Vec::new();
    let mut add = |word: &'static str, p: f64| {
        if dice.chance(p) {
            all.push(word);
        }
    };
    match KINDS[kind].code {
        "DOM" => add("da", 1.0),
        "SHP" => add("business", 1.0),
        "CFW" => add("mental-health", 0.3),
        "ASB" => add("youth", 0.3),
        "ROB" => add("knife", 0.2),
        "VIO" => {
            add("alcohol", 0.3);
            add("knife", 0.05);
        }
        _ => {}
    }
    add("hate", 0.015);
    if cell.rural {
        all.push("rural");
    }
    if repeat {
        all.push("repeat");
    }
    all
}

/// A location's pseudonym: one that comes back, or one of very many.
fn location(cell: usize, pooled: bool, dice: &mut Dice) -> String {
    let number = if pooled {
        (cell * 40 + dice.below(40)) as u64
    } else {
        1_000_000 + dice.below(4_000_000) as u64
    };
    pid(Pid::Location, number)
}

/// Appointments are kept in the two days after the call, in office hours, by
/// neighbourhood officers.
pub(crate) fn keep_appointments(incidents: &mut [Incident], dice: &mut Dice) {
    for incident in incidents
        .iter_mut()
        .filter(|i| i.grade == 4 && i.attendance)
    {
        let day = clock::local_day(incident.opened) + 1 + i64::from(dice.chance(0.4));
        let arrived = clock::local(day, 9) + dice.below(8 * HOUR as usize) as i64;
        let assigned = arrived - 20 * MINUTE - dice.below(1_800) as i64;
        let cleared = arrived + dice.seconds(40.0 * MINUTE as f64);
        incident.deployment = Some(Deployment {
            unit: pid(Pid::Unit, 500 + dice.below(20) as u64),
            unit_type: "neighbourhood",
            assigned,
            enroute: assigned + 5 * MINUTE,
            arrived,
            source: "button",
            cleared,
            officers: 1,
        });
        incident.closed = cleared + dice.seconds(HOUR as f64);
    }
}

/// Seconds for which an incident of grade 3 waits before it is called off.
pub(crate) const CALLED_OFF: i64 = 8 * HOUR;
