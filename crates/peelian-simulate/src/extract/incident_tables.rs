//! `incidents`, `incident_events` and `deployments`.

use super::clock::MINUTE;
use super::crimes::crime_id;
use super::incidents::{Incident, grade_name, incident_id};
use super::kinds::KINDS;
use super::places::Places;
use super::plan::Span;
use super::table::{Line, Table};

const SYSTEM: &str = "command and control";

pub(crate) fn incidents(incidents: &[Incident], places: &Places, span: &Span) -> Table {
    let mut table = Table::new(
        "incidents",
        SYSTEM,
        &[
            "incident_id",
            "opened_at",
            "closed_at",
            "source",
            "opening_code",
            "closing_code",
            "qualifiers",
            "grade_first",
            "grade_final",
            "regrade_count",
            "regrade_reason",
            "thrive_threat",
            "thrive_harm",
            "thrive_risk",
            "thrive_investigation",
            "thrive_vulnerability",
            "thrive_engagement",
            "vulnerable_assessed",
            "repeat_checked",
            "attendance_required",
            "cancelled_reason",
            "caller_pid",
            "location_pid",
            "lsoa",
            "district",
            "urban_rural",
            "crime_ids",
            "supervisor_reviewed_at",
        ],
    );
    for (n, incident) in incidents.iter().enumerate() {
        let (kind, cell) = (&KINDS[incident.kind], &places.cells[incident.cell]);
        let closed = span.seen(incident.closed);
        let closing = kind.closing(incident.crime.is_some());
        let mut line = Line::new()
            .value(incident_id(n))
            .time(incident.opened)
            .time(closed)
            .text(incident.source)
            .text(kind.code)
            .text(if closed.is_some() { &closing } else { "" })
            .value(incident.qualifiers.join("|"))
            .text(grade_name(incident.first_grade))
            .text(grade_name(incident.grade))
            .value(u8::from(incident.regraded.is_some()))
            .text(incident.regraded.map_or("", |(_, reason)| reason));
        for shown in incident.thrive {
            line = line.flag(shown);
        }
        line = line
            .text(incident.vulnerable)
            .text(incident.repeat)
            .flag(incident.attendance)
            .text(incident.cancelled.map_or("", |(_, reason)| reason))
            .text(incident.caller.as_deref().unwrap_or_default())
            .text(&incident.location)
            .text(&cell.lsoa)
            .text(&cell.district)
            .text(if cell.rural { "rural" } else { "urban" })
            .value(incident.crime.map(crime_id).unwrap_or_default())
            .time(incident.reviewed().and_then(|at| span.seen(at)));
        table.push(incident.opened, line);
    }
    table
}

pub(crate) fn incident_events(incidents: &[Incident], span: &Span) -> Table {
    let mut table = Table::new(
        "incident_events",
        SYSTEM,
        &["incident_id", "at", "event", "value", "unit_pid"],
    );
    for (n, incident) in incidents.iter().enumerate() {
        let id = incident_id(n);
        let mut add = |at: i64, event: &str, value: &str, unit: &str| {
            if span.seen(at).is_some() {
                let line = Line::new()
                    .text(&id)
                    .time(at)
                    .text(event)
                    .text(value)
                    .text(unit);
                table.push(at, line);
            }
        };
        add(
            incident.opened + 20,
            "graded",
            grade_name(incident.first_grade),
            "",
        );
        if let Some((at, _)) = incident.regraded {
            add(at, "regraded", grade_name(incident.grade), "");
        }
        if let Some(at) = incident.reviewed() {
            add(at, "reviewed", "", "");
            add(at + 5 * MINUTE, "deferred", "", "");
            add(at + 9 * MINUTE, "caller-updated", "", "");
        }
        if let Some(sent) = &incident.deployment {
            add(sent.assigned, "unit-assigned", "", &sent.unit);
            add(sent.arrived, "unit-arrived", "", &sent.unit);
            add(sent.cleared, "unit-cleared", "", &sent.unit);
        }
        add(incident.closed, "closed", "", "");
    }
    table
}

/// The deployments, and which arrivals they leave out on purpose.
pub(crate) struct Deployments {
    pub(crate) table: Table,
    /// Ids of the incidents left without an arrival.
    pub(crate) without_arrival: Vec<String>,
    /// For each incident, whether an arrival is in the table.
    pub(crate) arrival_known: Vec<bool>,
}

/// Every fortieth arrival is left out on purpose.
pub(crate) fn deployments(incidents: &[Incident], span: &Span) -> Deployments {
    let mut table = Table::new(
        "deployments",
        SYSTEM,
        &[
            "incident_id",
            "unit_pid",
            "unit_type",
            "assigned_at",
            "enroute_at",
            "arrived_at",
            "arrival_source",
            "cleared_at",
            "officers",
            "double_crewed",
            "abstracted_from",
        ],
    );
    let mut without_arrival = Vec::new();
    let mut arrival_known = vec![false; incidents.len()];
    for (n, incident) in incidents.iter().enumerate() {
        let Some(sent) = &incident.deployment else {
            continue;
        };
        if span.seen(sent.assigned).is_none() {
            continue;
        }
        let left_out = table.len() % 40 == 39;
        let arrived = span.seen(sent.arrived).filter(|_| !left_out);
        arrival_known[n] = arrived.is_some();
        if left_out {
            without_arrival.push(incident_id(n));
        }
        let line = Line::new()
            .value(incident_id(n))
            .text(&sent.unit)
            .text(sent.unit_type)
            .time(sent.assigned)
            .time(span.seen(sent.enroute))
            .time(arrived)
            .text(if arrived.is_some() { sent.source } else { "" })
            .time(span.seen(sent.cleared))
            .value(sent.officers)
            .flag(sent.officers > 1)
            .blank();
        table.push(sent.assigned, line);
    }
    Deployments {
        table,
        without_arrival,
        arrival_known,
    }
}
