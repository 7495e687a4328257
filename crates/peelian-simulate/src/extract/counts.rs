//! `counts`: what the rows of the other tables add up to, month by month.
//!
//! Ids and definitions are those of the template for counts. Measures that the
//! model has no rows for are not there.

use std::collections::{BTreeMap, BTreeSet};

use super::clock;
use super::control_room::{Call, Ending, Line as Telephone};
use super::crimes::Crime;
use super::incidents::Incident;
use super::places::Places;
use super::plan::Span;
use super::staff::{Away, Role, Staff};
use super::surveys::Survey;
use super::table::{Line, Table};
use super::victims::Care;

/// Everything that is counted.
pub(crate) struct Counted<'a> {
    pub(crate) calls: &'a [Vec<Call>],
    pub(crate) incidents: &'a [Incident],
    /// Whether each incident's arrival is in the deployments.
    pub(crate) arrival_known: &'a [bool],
    pub(crate) crimes: &'a [Crime],
    pub(crate) care: &'a [Care],
    pub(crate) survey: &'a Survey,
    pub(crate) staff: &'a Staff,
    pub(crate) places: &'a Places,
}

/// Numerator and denominator by measure and month; no denominator where the
/// measure is a count.
type Pairs = BTreeMap<(&'static str, i32), (u64, Option<u64>)>;

struct Tally<'a> {
    span: &'a Span,
    pairs: Pairs,
}

impl Tally<'_> {
    /// One more of what is looked at, and whether it is of the kind counted.
    fn add(&mut self, measure: &'static str, month: i32, hit: bool) {
        self.sum(measure, month, u64::from(hit), 1);
    }

    fn sum(&mut self, measure: &'static str, month: i32, hits: u64, of: u64) {
        let first = clock::month_of_day(self.span.first);
        let past = clock::month_of_day(self.span.past);
        if (first..past).contains(&month) {
            let pair = self.pairs.entry((measure, month)).or_insert((0, Some(0)));
            pair.0 += hits;
            pair.1 = pair.1.map(|sum| sum + of);
        }
    }

    fn count(&mut self, measure: &'static str, month: i32, count: u64) {
        self.pairs.insert((measure, month), (count, None));
    }
}

pub(crate) fn counts(counted: &Counted<'_>, span: &Span) -> Table {
    let mut tally = Tally {
        span,
        pairs: Pairs::new(),
    };
    calls(&mut tally, counted);
    incidents(&mut tally, counted);
    crimes(&mut tally, counted);
    victims(&mut tally, counted);
    people(&mut tally, counted);
    let mut table = Table::new(
        "counts",
        "performance",
        &[
            "measure_id",
            "definition_version",
            "area_code",
            "period",
            "category",
            "numerator",
            "denominator",
            "suppressed",
            "as_at",
            "source_system",
            "contact_role",
        ],
    );
    for ((measure, month), (numerator, denominator)) in tally.pairs {
        let line = Line::new()
            .text(measure)
            .text("1")
            .blank()
            .value(period(measure, month))
            .blank()
            .value(numerator)
            .value(denominator.map(|of| of.to_string()).unwrap_or_default())
            .flag(false)
            .date(clock::local_day(span.run_at))
            .text("simulator")
            .text("performance analyst");
        table.push(i64::from(month), line);
    }
    table
}

/// `2025-10`, or `2025-Q4` for the measure of a survey.
fn period(measure: &str, month: i32) -> String {
    if measure == SATISFACTION {
        return format!("{}-Q{}", month / 12, month % 12 / 3 + 1);
    }
    format!("{}-{:02}", month / 12, month % 12 + 1)
}

const SATISFACTION: &str = "vic-satisfaction-pct";

fn calls(tally: &mut Tally<'_>, counted: &Counted<'_>) {
    for call in counted.calls.iter().flatten() {
        let month = clock::local_month(call.presented);
        let gone = matches!(call.ending, Ending::AbandonedInQueue { .. });
        let in_time = call.waited().map(|waited| call.line.in_time(waited));
        match call.line {
            Telephone::Emergency => {
                tally.add("call-999-abandon-pct", month, gone);
                if let Some(in_time) = in_time {
                    tally.add("call-999-answered-10s-pct", month, in_time);
                }
            }
            Telephone::NonEmergency if call.queued.is_some() => {
                let in_time = in_time == Some(true);
                tally.add("call-101-abandon-pct", month, gone);
                tally.add("call-101-answered-in-standard-pct", month, in_time);
            }
            Telephone::NonEmergency => {}
        }
    }
}

/// An arrival that was not recorded is missing, not late.
fn incidents(tally: &mut Tally<'_>, counted: &Counted<'_>) {
    let limit = |incident: &Incident| incident.target(&counted.places.cells[incident.cell]);
    for (incident, known) in counted.incidents.iter().zip(counted.arrival_known) {
        let measure = match incident.grade {
            1 => "inc-emergency-in-target-pct",
            _ => "inc-priority-in-target-pct",
        };
        if let (Some(limit), Some(took), true) =
            (limit(incident), incident.attended_after(), *known)
        {
            tally.add(measure, clock::local_month(incident.opened), took <= limit);
        }
    }
    for day in month_ends(tally.span) {
        let end = clock::local(day + 1, 0);
        let waiting = (counted.incidents.iter()).filter(|incident| {
            let sent = incident.deployment.as_ref().map(|sent| sent.assigned);
            let over = sent.or(incident.cancelled.map(|(at, _)| at));
            let late = limit(incident).is_some_and(|limit| incident.opened + limit < end);
            incident.attendance && late && over.is_none_or(|at| at >= end)
        });
        let waiting = waiting.count() as u64;
        tally.count("inc-unresourced-open", clock::month_of_day(day), waiting);
    }
}

fn crimes(tally: &mut Tally<'_>, counted: &Counted<'_>) {
    for crime in counted
        .crimes
        .iter()
        .filter(|crime| crime.cancelled(tally.span).is_none())
    {
        let (outcome, at) = crime.outcome(tally.span);
        let recorded = clock::local_month(crime.recorded);
        tally.add("out-charge-pct", recorded, outcome == "1");
        for (measure, code) in OUTCOMES {
            if let Some(at) = at {
                tally.add(measure, clock::local_month(at), outcome == code);
            }
        }
    }
}

const OUTCOMES: [(&str, &str); 4] = [
    ("out-14-pct", "14"),
    ("out-15-pct", "15"),
    ("out-16-pct", "16"),
    ("out-18-pct", "18"),
];

fn victims(tally: &mut Tally<'_>, counted: &Counted<'_>) {
    // By month and victim, not by crime: whether their needs were assessed.
    let mut assessed: BTreeMap<(i32, u64), bool> = BTreeMap::new();
    for care in counted.care {
        let crime = counted.crimes.get(care.crime);
        let Some((crime, victim)) = crime.and_then(|crime| Some((crime, crime.victim.as_ref()?)))
        else {
            continue;
        };
        let month = clock::local_month(crime.recorded);
        *assessed.entry((month, victim.number)).or_default() |= care.needs.is_some();
        let mut due = |measure, (due, given): (i64, Option<i64>)| {
            if tally.span.seen(due).is_some() {
                tally.add(measure, clock::local_month(due), given.is_some());
            }
        };
        if let Some(statement) = care.statement {
            due("vic-vps-offered-pct", statement);
        }
        if let Some(told) = care.told {
            due("vic-updates-on-time-pct", told);
        }
    }
    for ((month, _), assessed) in assessed {
        tally.add("vic-needs-assessed-pct", month, assessed);
    }
    let months: BTreeSet<i32> = tally.span.days().map(clock::month_of_day).collect();
    for response in &counted.survey.responses {
        let first = clock::month_of_day(response.day).div_euclid(3) * 3;
        // Of whole quarters alone.
        if (first..first + 3).all(|month| months.contains(&month)) {
            tally.add(SATISFACTION, first, response.answers[0] >= 4);
        }
    }
}

fn people(tally: &mut Tally<'_>, counted: &Counted<'_>) {
    for day in month_ends(tally.span) {
        let month = clock::month_of_day(day);
        let (mut officers, mut sick, mut students, mut response) = (0, 0, 0, 0);
        let (mut officers_fte, mut staff_fte) = (0, 0);
        for person in &counted.staff.people {
            let Some(role) = person.role(day) else {
                continue;
            };
            match role.names()[2] {
                "officer" => {
                    officers += 1;
                    officers_fte += u64::from(person.fte);
                    sick += u64::from(person.away(tally.span, day) == Away::Sick);
                }
                "staff" => staff_fte += u64::from(person.fte),
                _ => {}
            }
            students += u64::from(role == Role::Student);
            response += u64::from(role == Role::Response);
        }
        tally.count("wf-officers-fte", month, (officers_fte + 50) / 100);
        tally.count("wf-staff-fte", month, (staff_fte + 50) / 100);
        tally.sum("wf-training-share-pct", month, students, response);
        tally.sum("wf-unavailable-pct", month, sick, officers);
    }
}

/// The last day of each month.
fn month_ends(span: &Span) -> Vec<i64> {
    let of = clock::month_of_day;
    span.days().filter(|day| of(*day) != of(day + 1)).collect()
}
