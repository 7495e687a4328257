//! `crimes`, `case_events` and `withdrawals`.

use super::clock::DAY;
use super::crimes::{Crime, crime_id};
use super::incidents::incident_id;
use super::kinds::{DOMESTIC, KINDS};
use super::places::Places;
use super::plan::Span;
use super::planted::Planted;
use super::table::{Line, Table};
use super::victims::Repeats;
use crate::dice::Dice;

const SYSTEM: &str = "crime recording";

pub(crate) fn crimes(crimes: &[Crime], repeats: &Repeats, places: &Places, span: &Span) -> Table {
    let mut table = Table::new(
        "crimes",
        SYSTEM,
        &[
            "crime_id",
            "incident_id",
            "reported_at",
            "recorded_at",
            "occurred_from",
            "occurred_to",
            "occurred_precision",
            "ho_code",
            "ho_subcode",
            "offence_group",
            "offence_subgroup",
            "flags",
            "victim_pid",
            "suspect_pid",
            "lsoa",
            "district",
            "hotspot_id",
            "team",
            "investigator_grade",
            "allocated_at",
            "closed_at",
            "finalised_at",
            "outcome_code",
            "outcome_at",
            "cancelled_at",
            "cancel_reason",
            "evidence_lost",
            "cctv_requested",
        ],
    );
    for (n, crime) in crimes.iter().enumerate() {
        let cell = &places.cells[crime.cell];
        let (outcome, outcome_at) = crime.outcome(span);
        let cancelled = crime.cancelled(span);
        let mut flags: Vec<&str> = Vec::new();
        if crime.kind == DOMESTIC {
            flags.push("da");
        }
        if crime
            .victim
            .as_ref()
            .is_some_and(|victim| !victim.is_person())
        {
            flags.push("business");
        }
        if repeats.is_repeat(n) {
            flags.push("repeat-victim");
        }
        let line = Line::new()
            .value(crime_id(n))
            .value(crime.incident.map(incident_id).unwrap_or_default())
            .time(crime.reported)
            .time(crime.recorded)
            .time(crime.occurred.0)
            .time(crime.occurred.1)
            .text(if crime.occurred.0 == crime.occurred.1 {
                "exact"
            } else {
                "day"
            })
            .text(crime.offence.code)
            .blank()
            .text(crime.offence.group)
            .text(crime.offence.subgroup)
            .value(flags.join("|"))
            .value(
                crime
                    .victim
                    .as_ref()
                    .map(super::crimes::Victim::pid)
                    .unwrap_or_default(),
            )
            .text(crime.suspect.as_deref().unwrap_or_default())
            .text(&cell.lsoa)
            .text(&cell.district)
            .text(crime.hotspot(places))
            .value(format_args!("investigation-{}", crime.team))
            .text(grade(crime))
            .time(span.seen(crime.allocated))
            .time(span.seen(crime.closed))
            .time(span.seen(crime.closed + DAY))
            .text(outcome)
            .time(outcome_at)
            .time(cancelled.map(|(at, _)| at))
            .text(cancelled.map_or("", |(_, reason)| reason))
            .text("no")
            .text(if KINDS[crime.kind].public {
                "yes"
            } else {
                "not-applicable"
            });
        table.push(crime.recorded, line);
    }
    table
}

fn grade(crime: &Crime) -> &'static str {
    match (KINDS[crime.kind].code, crime.suspect.is_some()) {
        ("SEX", _) => "pip2",
        (_, true) => "pip1",
        (_, false) => "desk",
    }
}

pub(crate) fn case_events(crimes: &[Crime], span: &Span) -> Table {
    let columns = &["crime_id", "at", "event", "actor_role"];
    let mut table = Table::new("case_events", SYSTEM, columns);
    for (n, crime) in crimes.iter().enumerate() {
        for (at, event, role) in &crime.steps {
            if span.seen(*at).is_some() {
                let line = Line::new()
                    .value(crime_id(n))
                    .time(*at)
                    .text(event)
                    .text(role);
                table.push(*at, line);
            }
        }
    }
    table
}

pub(crate) fn withdrawals(crimes: &[Crime], span: &Span, dice: &mut Dice) -> Table {
    let mut table = Table::new(
        "withdrawals",
        SYSTEM,
        &[
            "crime_id",
            "withdrew_at",
            "stage",
            "reason_code",
            "statement_taken",
            "idva_offered",
            "elp_considered_at",
            "elp_decision",
            "elp_rationale_recorded",
            "supervisor_role",
        ],
    );
    for (n, crime) in crimes.iter().enumerate() {
        let Some(at) = crime.withdrew().and_then(|at| span.seen(at)) else {
            continue;
        };
        let stage = if crime.suspect.is_some() {
            "pre-charge"
        } else {
            "pre-suspect"
        };
        let considered = crime.suspect.is_some() && dice.chance(0.7);
        let decision = match (considered, crime.outcome) {
            (false, "14" | "16") => "not-considered",
            (true, "14" | "16") => "not-viable",
            // What went on without the victim was considered.
            _ => "pursue",
        };
        let considered_at = (decision != "not-considered").then_some(at);
        let line = Line::new()
            .value(crime_id(n))
            .time(at)
            .text(stage)
            .text(reason(crime, at, dice))
            .flag(dice.chance(0.55))
            .flag(crime.kind == DOMESTIC && dice.chance(0.7))
            .time(considered_at)
            .text(decision)
            .flag(considered_at.is_some() && dice.chance(0.6))
            .text("sergeant");
        table.push(at, line);
    }
    table
}

/// Those who have long heard nothing more often say so.
fn reason(crime: &Crime, at: i64, dice: &mut Dice) -> &'static str {
    let contact = (crime.support.iter())
        .flat_map(|support| &support.updates)
        .filter_map(|update| update.given)
        .next_back()
        .unwrap_or(crime.recorded);
    let waited = if at - contact >= Planted::OVERDUE * DAY {
        3.0
    } else {
        1.0
    };
    dice.pick(
        &[
            ("delay", 0.15 * waited),
            ("lost-confidence", 0.15 * waited),
            ("fear", 0.15),
            ("privacy", 0.08),
            ("reconciled", 0.15),
            ("not-worth-it", 0.15),
            ("health", 0.05),
            ("unknown", 0.07),
            ("not-recorded", 0.05),
        ],
        "unknown",
    )
}
