//! `counts`: what the rows of the other tables add up to, month by month.

use std::collections::BTreeMap;

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
            .value(format_args!("{}-{:02}", month / 12, month % 12 + 1))
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
                tally.add("call-101-abandon-pct", month, gone);
                tally.add(
                    "call-101-answered-in-standard-pct",
                    month,
                    in_time == Some(true),
                );
            }
            Telephone::NonEmergency => {}
        }
    }
}

/// An arrival that is not in the record cannot be shown to be in time.
fn incidents(tally: &mut Tally<'_>, counted: &Counted<'_>) {
    for (incident, known) in counted.incidents.iter().zip(counted.arrival_known) {
        let target = incident.target(&counted.places.cells[incident.cell]);
        let (Some(target), true) = (target, incident.attendance) else {
            continue;
        };
        let measure = match incident.grade {
            1 => "inc-emergency-in-target-pct",
            _ => "inc-priority-in-target-pct",
        };
        let in_time = *known && incident.attended_after().is_some_and(|took| took <= target);
        tally.add(measure, clock::local_month(incident.opened), in_time);
    }
    for day in month_ends(tally.span) {
        let end = clock::local(day + 1, 0);
        let open = (counted.incidents.iter()).filter(|incident| {
            let sent = incident.deployment.as_ref().map(|sent| sent.assigned);
            let over = sent.or(incident.cancelled.map(|(at, _)| at));
            incident.attendance && incident.opened < end && over.is_none_or(|at| at >= end)
        });
        tally.count(
            "inc-unresourced-open",
            clock::month_of_day(day),
            open.count() as u64,
        );
    }
}

fn crimes(tally: &mut Tally<'_>, counted: &Counted<'_>) {
    for crime in counted.crimes {
        if let (outcome, Some(at)) = crime.outcome(tally.span) {
            let month = clock::local_month(at);
            tally.add("out-charge-pct", month, outcome == "1");
            tally.add("out-16-pct", month, outcome == "16");
        }
    }
}

fn victims(tally: &mut Tally<'_>, counted: &Counted<'_>) {
    for care in counted.care {
        let Some(crime) = counted.crimes.get(care.crime) else {
            continue;
        };
        let month = clock::local_month(crime.recorded);
        tally.add("vic-needs-assessed-pct", month, care.needs.is_some());
        let mut due = |measure, (due, given): (i64, Option<i64>)| {
            if tally.span.seen(due).is_some() {
                tally.add(measure, clock::local_month(due), given.is_some());
            }
        };
        due("vic-written-ack-pct", care.acknowledged);
        if let Some(statement) = care.statement {
            due("vic-vps-offered-pct", statement);
        }
        for update in crime.support.iter().flat_map(|support| &support.updates) {
            if update.due < crime.closed {
                due("vic-updates-on-time-pct", (update.due, update.given));
            }
        }
    }
    for response in &counted.survey.responses {
        let month = clock::month_of_day(response.day);
        tally.add("vic-satisfaction-pct", month, response.answers[0] >= 4);
    }
}

fn people(tally: &mut Tally<'_>, counted: &Counted<'_>) {
    let staff = counted.staff;
    let funded: usize = staff.funded.iter().map(|(_, heads)| heads).sum();
    for day in month_ends(tally.span) {
        let month = clock::month_of_day(day);
        let roles: Vec<Role> = staff
            .people
            .iter()
            .filter_map(|person| person.role(day))
            .collect();
        let heads = |wanted: &dyn Fn(Role) -> bool| {
            roles.iter().filter(|role| wanted(**role)).count() as u64
        };
        let officers = heads(&|role| role.names()[2] == "officer");
        let students = heads(&|role| role == Role::Student);
        let response = heads(&|role| role == Role::Response);
        let vacant = funded.saturating_sub(roles.len()) as u64;
        tally.count("wf-officers", month, officers);
        tally.sum(
            "wf-training-share-pct",
            month,
            students,
            students + response,
        );
        tally.sum("wf-vacancy-pct", month, vacant, funded as u64);
    }
    for day in tally.span.days() {
        let posted = (staff.people.iter()).filter(|person| person.role(day).is_some());
        let (mut days, mut sick) = (0, 0);
        for person in posted {
            days += 1;
            sick += u64::from(person.away(tally.span, day) == Away::Sick);
        }
        tally.sum("wf-sickness-pct", clock::month_of_day(day), sick, days);
    }
}

/// The last day of each month.
fn month_ends(span: &Span) -> Vec<i64> {
    let of = clock::month_of_day;
    span.days().filter(|day| of(*day) != of(day + 1)).collect()
}
