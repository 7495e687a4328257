//! `calls`, and `call_intervals` made from the same calls.

use super::clock::HOUR;
use super::control_room::{Call, Ending, Line as Telephone};
use super::events::Event;
use super::incidents::incident_id;
use super::places::Places;
use super::plan::Span;
use super::rota::Present;
use super::table::{Line, Table};

pub(crate) fn calls(calls: &[Vec<Call>], events: &[Event], places: &Places) -> Table {
    let mut table = Table::new(
        "calls",
        "telephony",
        &[
            "call_id",
            "line",
            "channel",
            "connected_at",
            "presented_at",
            "menu_ended_at",
            "ivr_selfserved",
            "queue_entered_at",
            "answered_at",
            "stage2_queue_at",
            "stage2_answered_at",
            "abandoned_at",
            "abandon_stage",
            "callback_offered",
            "callback_done_at",
            "ended_at",
            "wrap_s",
            "handler_skill",
            "outcome",
            "incident_id",
            "district",
            "demand_type",
        ],
    );
    let mut sorted: Vec<&Call> = calls.iter().flatten().collect();
    sorted.sort_by_key(|call| (call.presented, call.line));
    for (n, call) in sorted.into_iter().enumerate() {
        table.push(call.presented, line(n, call, events, places));
    }
    table
}

fn line(n: usize, call: &Call, events: &[Event], places: &Places) -> Line {
    let answer = call.answer();
    let (abandoned, stage, ended) = match call.ending {
        Ending::Selfserved { at } => (None, "", at),
        Ending::AbandonedInMenu { at } => (Some(at), "menu", at),
        Ending::AbandonedInQueue { at } => (Some(at), "queue", at),
        Ending::Answered(answer) => (None, "", answer.ended),
    };
    let selfserved = matches!(call.ending, Ending::Selfserved { .. });
    let outcome = match call.ending {
        Ending::Answered(answer) => answer.outcome,
        Ending::Selfserved { .. } => "advice",
        _ => "",
    };
    let district = (answer.and(call.event))
        .and_then(|event| places.cells.get(events.get(event)?.cell))
        .map_or("", |cell| cell.district.as_str());
    let demand = match (answer, call.event) {
        (None, _) => "",
        (Some(_), _) if call.again => "failure-demand",
        (Some(_), Some(_)) => "new-incident",
        (Some(answer), None) if answer.outcome == "advice" => "update-request",
        (Some(_), None) => "not-police",
    };
    let desk = answer.and_then(|answer| answer.desk);
    Line::new()
        .value(format_args!("C{:07}", n + 1))
        .text(call.line.name())
        .text(call.channel)
        .time(call.connected)
        .time(call.presented)
        .time(call.menu_ended)
        .flag(selfserved)
        .time(call.queued)
        .time(answer.map(|answer| answer.at))
        .time(desk.map(|(queued, _)| queued))
        .time(desk.map(|(_, answered)| answered))
        .time(abandoned)
        .text(stage)
        .flag(call.callback_offered)
        .blank()
        .time(ended)
        .value(
            answer
                .map(|answer| answer.wrap.to_string())
                .unwrap_or_default(),
        )
        .text(if answer.is_some() {
            call.line.name()
        } else {
            ""
        })
        .text(outcome)
        .value(call.incident.map(incident_id).unwrap_or_default())
        .text(district)
        .text(demand)
}

/// What the calls presented in one half-hour add up to.
#[derive(Default, Clone)]
struct Interval {
    offered: u32,
    answered: u32,
    abandoned_menu: u32,
    abandoned_queue: u32,
    in_threshold: u32,
    sum_wait: i64,
    max_wait: i64,
    sum_handle: i64,
    /// Seconds of work in the half-hour itself, of calls of whatever time.
    busy: i64,
}

pub(crate) fn call_intervals(calls: &[Vec<Call>], present: &[Present], span: &Span) -> Table {
    let mut table = Table::new(
        "call_intervals",
        "telephony",
        &[
            "interval_start",
            "line",
            "offered",
            "answered",
            "abandoned_menu",
            "abandoned_queue",
            "answered_in_threshold",
            "threshold_s",
            "sum_wait_s",
            "max_wait_s",
            "sum_handle_s",
            "staffed_positions",
            "occupancy",
        ],
    );
    for ((line, calls), present) in Telephone::BOTH.into_iter().zip(calls).zip(present) {
        for (n, interval) in intervals(line, calls, span).into_iter().enumerate() {
            let start = span.start + n as i64 * HALF_HOUR;
            let heads = present.heads(start);
            let occupancy = interval.busy as f64 / (heads.max(1) as f64 * HALF_HOUR as f64);
            let row = Line::new()
                .time(start)
                .text(line.name())
                .value(interval.offered)
                .value(interval.answered)
                .value(interval.abandoned_menu)
                .value(interval.abandoned_queue)
                .value(interval.in_threshold)
                .value(line.threshold())
                .value(interval.sum_wait)
                .value(interval.max_wait)
                .value(interval.sum_handle)
                .value(heads)
                .value(format_args!("{:.4}", occupancy.min(1.0)));
            table.push(start, row);
        }
    }
    table
}

const HALF_HOUR: i64 = HOUR / 2;

fn intervals(line: Telephone, calls: &[Call], span: &Span) -> Vec<Interval> {
    let count = ((span.end - span.start) / HALF_HOUR) as usize;
    let mut intervals = vec![Interval::default(); count];
    let place = |at: i64| usize::try_from((at - span.start).div_euclid(HALF_HOUR)).ok();
    for call in calls {
        let Some(interval) = place(call.presented).and_then(|n| intervals.get_mut(n)) else {
            continue;
        };
        interval.offered += 1;
        match call.ending {
            Ending::Selfserved { .. } => {}
            Ending::AbandonedInMenu { .. } => interval.abandoned_menu += 1,
            Ending::AbandonedInQueue { .. } => interval.abandoned_queue += 1,
            Ending::Answered(answer) => {
                let wait = call.waited().unwrap_or_default();
                interval.answered += 1;
                interval.in_threshold += u32::from(line.in_time(wait));
                interval.sum_wait += wait;
                interval.max_wait = interval.max_wait.max(wait);
                interval.sum_handle += answer.ended - answer.at + answer.wrap;
            }
        }
        let Some((mut from, to)) = call.handler_busy() else {
            continue;
        };
        while from < to {
            let next = to.min(from - (from - span.start).rem_euclid(HALF_HOUR) + HALF_HOUR);
            if let Some(interval) = place(from).and_then(|n| intervals.get_mut(n)) {
                interval.busy += next - from;
            }
            from = next;
        }
    }
    intervals
}
