//! Crimes: what of the incidents and desk reports is recorded, and how each
//! investigation goes.

use super::clock::{self, DAY, HOUR};
use super::control_room::Call;
use super::events::{Event, Route};
use super::incidents::{Incident, online_desk};
use super::kinds::{DOMESTIC, KINDS, Kind, Offence};
use super::places::Places;
use super::plan::Span;
use super::planted::Planted;
use super::support::{self, Support};
use super::table::{Pid, pid};
use crate::dice::Dice;

/// One investigation.
pub(crate) struct Crime {
    /// Place of its incident; none where it was reported to the crime desk.
    pub(crate) incident: Option<usize>,
    /// Place in `KINDS`.
    pub(crate) kind: usize,
    pub(crate) offence: &'static Offence,
    pub(crate) cell: usize,
    pub(crate) reported: i64,
    pub(crate) recorded: i64,
    pub(crate) occurred: (i64, i64),
    pub(crate) victim: Option<Victim>,
    pub(crate) suspect: Option<String>,
    /// Investigation team, from 1.
    pub(crate) team: usize,
    pub(crate) allocated: i64,
    /// When it was finished, by whatever outcome.
    pub(crate) closed: i64,
    pub(crate) outcome: &'static str,
    /// When it was found not to be one, and why, known by then or not.
    pub(crate) cancel: Option<(i64, &'static str)>,
    /// Updates to the victim and whether the victim stopped supporting it.
    pub(crate) support: Option<Support>,
    pub(crate) steps: Vec<(i64, &'static str, &'static str)>,
}

/// Who was harmed.
pub(crate) struct Victim {
    /// Number, the same for the same victim.
    pub(crate) number: u64,
    pub(crate) kind: &'static str,
}

impl Victim {
    pub(crate) fn is_person(&self) -> bool {
        self.kind == "person"
    }

    pub(crate) fn pid(&self) -> String {
        pid(Pid::Victim, self.number)
    }
}

/// `K000001` for the first.
pub(crate) fn crime_id(place: usize) -> String {
    format!("K{:06}", place + 1)
}

/// A report of a crime before it is recorded.
struct Report {
    at: i64,
    happened: i64,
    kind: usize,
    cell: usize,
    incident: Option<usize>,
}

/// The crimes that are recorded, in order of recording. Incidents are told
/// the place of theirs.
pub(crate) fn record(
    incidents: &mut [Incident],
    calls: &[Vec<Call>],
    events: &[Event],
    places: &Places,
    span: &Span,
    planted: &Planted,
    dice: &mut Dice,
) -> Vec<Crime> {
    let mut reports: Vec<Report> = (incidents.iter().enumerate())
        .map(|(place, incident)| Report {
            at: incident.opened,
            happened: incident.opened,
            kind: incident.kind,
            cell: incident.cell,
            incident: Some(place),
        })
        .collect();
    reports.extend(desk_reports(calls, events, dice));
    reports.sort_by_key(|report| report.at);
    let mut crimes: Vec<Crime> = Vec::new();
    for report in reports {
        let Some(offence) = KINDS[report.kind].offence else {
            continue;
        };
        let day = clock::local_day(report.at);
        let change = day >= planted.recording_from && Kind::is_violence(report.kind);
        let factor = if change { Planted::RECORDING } else { 1.0 };
        let recorded = report.at + dice.seconds(9.0 * HOUR as f64);
        if dice.chance(KINDS[report.kind].recorded * factor) && recorded < span.end {
            crimes.push(investigate(
                &report, offence, recorded, places, planted, dice,
            ));
        }
    }
    crimes.sort_by_key(|crime| (crime.recorded, crime.reported));
    for (place, crime) in crimes.iter().enumerate() {
        if let Some(incident) = crime.incident.and_then(|place| incidents.get_mut(place)) {
            incident.crime = Some(place);
        }
    }
    crimes
}

/// What went to the crime desk by call or online, with no incident.
fn desk_reports(calls: &[Vec<Call>], events: &[Event], dice: &mut Dice) -> Vec<Report> {
    let report = |at: i64, event: &Event| Report {
        at,
        happened: event.at,
        kind: event.kind,
        cell: event.cell,
        incident: None,
    };
    let mut reports = Vec::new();
    for call in calls.iter().flatten() {
        if let (Some(answer), Some(event)) = (call.answer(), call.event)
            && answer.outcome == "crime-only"
            && let Some(event) = events.get(event)
        {
            reports.push(report(answer.at, event));
        }
    }
    for event in events.iter().filter(|event| event.route == Route::Online) {
        if dice.chance(online_desk(event)) {
            reports.push(report(event.at + HOUR, event));
        }
    }
    reports
}

fn investigate(
    report: &Report,
    offence: &'static Offence,
    recorded: i64,
    places: &Places,
    planted: &Planted,
    dice: &mut Dice,
) -> Crime {
    let known = dice.chance(offence.suspect);
    let suspect = known.then(|| pid(Pid::Suspect, dice.below(2_000_000) as u64));
    let victim = victim(report.kind, dice);
    let team = 1 + places.cells[report.cell].district_place;
    let allocated = recorded + dice.seconds(14.0 * HOUR as f64);
    let mean_days = if known { 95.0 } else { 16.0 };
    let planned_end = allocated + DAY + dice.seconds(mean_days * DAY as f64);
    let support = victim
        .as_ref()
        .filter(|victim| victim.is_person())
        .map(|_| {
            support::follow(
                recorded,
                planned_end,
                team,
                report.kind == DOMESTIC,
                planted,
                dice,
            )
        });
    let withdrew = support.as_ref().and_then(|support| support.withdrew);
    // Without the victim one case in ten goes on; the others close within days.
    let goes_on = withdrew.is_none() || (known && dice.chance(0.1));
    let closed = match withdrew {
        Some(at) if !goes_on => planned_end.min(at + 2 * DAY + dice.seconds(5.0 * DAY as f64)),
        _ => planned_end,
    };
    let outcome = match (withdrew, goes_on, known) {
        (Some(_), false, true) => "16",
        (Some(_), false, false) => "14",
        (_, _, false) => dice.pick(&[("18", 0.96), ("21", 0.04)], "18"),
        (_, _, true) => dice.pick(&OUTCOMES, "15"),
    };
    let cancel = dice.chance(0.015).then(|| {
        let at = recorded + dice.seconds(6.0 * DAY as f64);
        (at.min(closed), "recorded-in-error")
    });
    let mut crime = Crime {
        incident: report.incident,
        kind: report.kind,
        offence,
        cell: report.cell,
        reported: report.at,
        recorded,
        occurred: occurred(report, dice),
        victim,
        suspect,
        team,
        allocated,
        closed,
        outcome,
        cancel,
        support,
        steps: Vec::new(),
    };
    crime.steps = steps(&crime, dice);
    crime
}

/// Outcomes of cases with a suspect and a victim who supports them.
const OUTCOMES: [(&str, f64); 7] = [
    ("1", 0.26),
    ("15", 0.50),
    ("8", 0.11),
    ("3", 0.03),
    ("10", 0.03),
    ("21", 0.03),
    ("22", 0.04),
];

/// Some things are found out later, and nobody knows when they happened.
fn occurred(report: &Report, dice: &mut Dice) -> (i64, i64) {
    let noticed = report.happened - 5 * 60;
    if KINDS[report.kind].desk > 0.0 && dice.chance(0.5) {
        return (noticed - dice.seconds(12.0 * HOUR as f64), noticed);
    }
    (noticed, noticed)
}

fn victim(kind: usize, dice: &mut Dice) -> Option<Victim> {
    let who = match KINDS[kind].code {
        "SHP" => "business",
        "THF" | "CDM" if dice.chance(0.2) => "business",
        "DIS" if dice.chance(0.3) => "state",
        _ => "person",
    };
    // Domestic abuse comes back to the same people.
    let pool = match (who, kind) {
        ("business", _) => 300,
        (_, DOMESTIC) => 9_000,
        _ => 250_000,
    };
    let start = match (who, kind) {
        ("business", _) => 0,
        (_, DOMESTIC) => 1_000,
        _ => 20_000,
    };
    (who != "state").then(|| Victim {
        number: (start + dice.below(pool)) as u64,
        kind: who,
    })
}

/// What was done, in order of time.
fn steps(crime: &Crime, dice: &mut Dice) -> Vec<(i64, &'static str, &'static str)> {
    let (from, to) = (crime.allocated, crime.closed);
    let part = |share: f64| from + ((to - from) as f64 * share) as i64;
    let mut steps = vec![(from + (to - from).min(DAY) / 2, "plan", "supervisor")];
    let mut review = from + 28 * DAY;
    while review < to {
        steps.push((review, "review", "supervisor"));
        review += 28 * DAY;
    }
    if crime.suspect.is_some() {
        let arrested = dice.chance(0.45);
        if arrested {
            steps.push((part(0.2), "arrest", "officer"));
        }
        steps.push((part(0.25), "interview", "investigator"));
        if arrested {
            let release = if dice.chance(0.6) { "bail" } else { "rui" };
            steps.push((part(0.26), release, "investigator"));
        }
        if crime.outcome == "1" {
            steps.push((part(0.7), "file-to-cps", "investigator"));
            steps.push((part(0.9), "cps-advice", "prosecutor"));
        }
    }
    if let Some(at) = crime.withdrew() {
        steps.push((at, "victim-withdrew", "investigator"));
    }
    let end = if crime.outcome == "1" {
        "charge"
    } else {
        "nfa"
    };
    steps.push((to, end, "investigator"));
    steps.sort_by_key(|(at, ..)| *at);
    steps
}

impl Crime {
    /// When the victim stopped supporting it.
    pub(crate) fn withdrew(&self) -> Option<i64> {
        self.support.as_ref().and_then(|support| support.withdrew)
    }

    /// When it was found not to be one, and why, as known at the end of the time.
    pub(crate) fn cancelled(&self, span: &Span) -> Option<(i64, &'static str)> {
        self.cancel.filter(|(at, _)| span.seen(*at).is_some())
    }

    /// The outcome and when it was given, as known at the end of the time.
    pub(crate) fn outcome(&self, span: &Span) -> (&'static str, Option<i64>) {
        match span.seen(self.closed) {
            Some(at) if self.cancelled(span).is_none() => (self.outcome, Some(at)),
            _ => ("none-yet", None),
        }
    }

    pub(crate) fn hotspot<'a>(&self, places: &'a Places) -> &'a str {
        let spot = places
            .cells
            .get(self.cell)
            .and_then(|cell| cell.spot.as_ref());
        spot.map_or("", |spot| spot.id.as_str())
    }
}
