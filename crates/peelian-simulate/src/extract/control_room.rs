//! Calls: they arrive, hear a menu, wait for whoever is on shift, and are
//! answered or given up.
//!
//! Each line is a first-come-first-served queue. As many calls are answered at
//! a time as heads are present; a caller hangs up when the wait outlasts their
//! patience, and some ring again.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::clock::{self, HOUR, MINUTE};
use super::events::{self, Event, Route};
use super::kinds::KINDS;
use super::plan::Span;
use super::rota::Present;
use super::table::{Pid, pid};
use crate::dice::Dice;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Line {
    Emergency,
    NonEmergency,
}

impl Line {
    pub(crate) const BOTH: [Self; 2] = [Self::Emergency, Self::NonEmergency];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Emergency => "999",
            Self::NonEmergency => "101",
        }
    }

    /// Calls a person and year that tell of no event.
    fn other_calls(self) -> f64 {
        match self {
            Self::Emergency => 0.03,
            Self::NonEmergency => 0.20,
        }
    }

    /// Mean seconds of talk and of work after the call.
    fn handling(self) -> [f64; 2] {
        match self {
            Self::Emergency => [290.0, 120.0],
            Self::NonEmergency => [420.0, 150.0],
        }
    }

    /// Mean seconds that callers are ready to wait.
    pub(crate) fn patience(self) -> f64 {
        match self {
            Self::Emergency => 120.0,
            Self::NonEmergency => 420.0,
        }
    }

    /// Whether a wait counts as answered in time: under ten seconds for 999,
    /// five minutes at most for 101.
    pub(crate) fn in_time(self, waited: i64) -> bool {
        match self {
            Self::Emergency => waited < self.threshold(),
            Self::NonEmergency => waited <= self.threshold(),
        }
    }

    /// The limit of that, in seconds.
    pub(crate) fn threshold(self) -> i64 {
        match self {
            Self::Emergency => 10,
            Self::NonEmergency => 300,
        }
    }
}

/// How a call went.
#[derive(Clone, Copy)]
pub(crate) enum Ending {
    /// Ended in the menu on purpose.
    Selfserved {
        at: i64,
    },
    AbandonedInMenu {
        at: i64,
    },
    AbandonedInQueue {
        at: i64,
    },
    Answered(Answer),
}

#[derive(Clone, Copy)]
pub(crate) struct Answer {
    pub(crate) at: i64,
    pub(crate) ended: i64,
    pub(crate) wrap: i64,
    /// Put through to the crime desk: when it queued there, and was answered.
    pub(crate) desk: Option<(i64, i64)>,
    pub(crate) outcome: &'static str,
}

/// One call.
pub(crate) struct Call {
    pub(crate) line: Line,
    pub(crate) channel: &'static str,
    /// When the operator connected it; 999 alone.
    pub(crate) connected: Option<i64>,
    pub(crate) presented: i64,
    pub(crate) menu_ended: Option<i64>,
    pub(crate) queued: Option<i64>,
    pub(crate) ending: Ending,
    /// Place of the event it tells of.
    pub(crate) event: Option<usize>,
    pub(crate) caller: String,
    /// Whether it is a second try after one that was given up.
    pub(crate) again: bool,
    pub(crate) callback_offered: bool,
    /// Filled in once incidents have their numbers.
    pub(crate) incident: Option<usize>,
}

impl Call {
    /// The wait for an answer, in seconds; none where there was none.
    pub(crate) fn waited(&self) -> Option<i64> {
        match self.ending {
            Ending::Answered(answer) => Some(answer.at - self.queued.unwrap_or(answer.at)),
            _ => None,
        }
    }

    /// When a handler is free again, talk and work after it done.
    pub(crate) fn handler_busy(&self) -> Option<(i64, i64)> {
        let Ending::Answered(answer) = self.ending else {
            return None;
        };
        let talk_ends = answer.desk.map_or(answer.ended, |(queued, _)| queued);
        Some((answer.at, talk_ends + answer.wrap))
    }

    pub(crate) fn answer(&self) -> Option<Answer> {
        match self.ending {
            Ending::Answered(answer) => Some(answer),
            _ => None,
        }
    }
}

/// A call that is on its way: when it reaches the switch, and what it tells of.
struct Ringing {
    presented: i64,
    event: Option<usize>,
    caller: String,
    again: bool,
}

/// Chance that a caller who gave up rings again, and after how long on average.
pub(crate) const AGAIN: f64 = 0.35;
const AGAIN_AFTER: f64 = 20.0 * MINUTE as f64;

/// All calls of a line, in the order in which they reached the switch.
pub(crate) fn calls(
    line: Line,
    people: f64,
    span: &Span,
    events: &[Event],
    present: &Present,
    dice: &mut Dice,
) -> Vec<Call> {
    let mut queue = Queue {
        line,
        present,
        busy: Vec::new(),
        last_answer: i64::MIN,
        calls: Vec::new(),
        redials: BinaryHeap::new(),
        events,
    };
    let mut ringing = ringing(line, people, span, events, dice);
    ringing.sort_by_key(|call| call.presented);
    for call in ringing {
        queue.redials_until(call.presented, dice);
        queue.take(call, dice);
    }
    queue.redials_until(span.end, dice);
    queue.calls.sort_by_key(|call| call.presented);
    queue.calls
}

/// Calls about events and about anything else.
fn ringing(
    line: Line,
    people: f64,
    span: &Span,
    events: &[Event],
    dice: &mut Dice,
) -> Vec<Ringing> {
    let route = match line {
        Line::Emergency => Route::Emergency,
        Line::NonEmergency => Route::NonEmergency,
    };
    let mut ringing = Vec::new();
    for (place, event) in events.iter().enumerate() {
        if event.route == route {
            ringing.push(Ringing {
                presented: event.at,
                event: Some(place),
                caller: caller(dice),
                again: false,
            });
        }
    }
    let per_half_hour = people * line.other_calls() / (365.25 * 48.0);
    let hours = KINDS[DAYTIME].hours;
    let mut at = span.start;
    while at < span.end {
        let hour = clock::local_hour(at);
        let mean = per_half_hour * events::season(clock::local_month(at)) * hours[hour];
        for _ in 0..dice.poisson(mean) {
            ringing.push(Ringing {
                presented: at + dice.below(HOUR as usize / 2) as i64,
                event: None,
                caller: caller(dice),
                again: false,
            });
        }
        at += HOUR / 2;
    }
    ringing
}

/// A kind that follows the hours of the day, as calls for advice do.
const DAYTIME: usize = 12;

/// One call in eight is from somebody who rings often.
fn caller(dice: &mut Dice) -> String {
    let number = if dice.chance(0.125) {
        dice.below(400)
    } else {
        400 + dice.below(4_000_000)
    };
    pid(Pid::Caller, number as u64)
}

/// A line while its calls are drawn.
struct Queue<'a> {
    line: Line,
    present: &'a Present,
    /// When handlers who are busy will be free.
    busy: Vec<i64>,
    last_answer: i64,
    calls: Vec<Call>,
    /// Second tries, soonest first: when, and the place of the first try.
    redials: BinaryHeap<Reverse<(i64, usize)>>,
    events: &'a [Event],
}

impl Queue<'_> {
    fn redials_until(&mut self, at: i64, dice: &mut Dice) {
        while let Some(Reverse((presented, first))) = self.redials.peek().copied() {
            if presented >= at {
                return;
            }
            self.redials.pop();
            let Some(call) = self.calls.get(first) else {
                return;
            };
            let again = Ringing {
                presented,
                event: call.event,
                caller: call.caller.clone(),
                again: true,
            };
            self.take(again, dice);
        }
    }

    fn take(&mut self, ringing: Ringing, dice: &mut Dice) {
        let presented = ringing.presented;
        let mut call = Call {
            line: self.line,
            channel: "voice",
            connected: None,
            presented,
            menu_ended: None,
            queued: None,
            ending: Ending::Selfserved { at: presented },
            event: ringing.event,
            caller: ringing.caller,
            again: ringing.again,
            callback_offered: false,
            incident: None,
        };
        if self.line == Line::Emergency {
            call.connected = Some(presented - 3 - dice.below(6) as i64);
            if dice.chance(0.002) {
                call.channel = "text-relay";
            }
        } else {
            let leaves = presented + 5 + dice.below(35) as i64;
            // Whoever has something to report stays in the menu more often.
            let [served, gone] = if call.event.is_some() {
                [0.02, 0.02]
            } else {
                [0.16, 0.03]
            };
            let draw = dice.unit();
            if draw < served + gone {
                call.ending = if draw < served {
                    call.menu_ended = Some(leaves);
                    Ending::Selfserved { at: leaves }
                } else {
                    Ending::AbandonedInMenu { at: leaves }
                };
                self.calls.push(call);
                return;
            }
            call.menu_ended = Some(presented + 40);
        }
        let queued = call.menu_ended.unwrap_or(presented);
        call.queued = Some(queued);
        let patience = dice.waiting(self.line.patience()) as i64 + 1;
        call.ending = match self.free_at(queued, queued + patience) {
            Some(at) => Ending::Answered(self.answer(&call, at, dice)),
            None => Ending::AbandonedInQueue {
                at: queued + patience,
            },
        };
        call.callback_offered =
            self.line == Line::NonEmergency && call.waited().is_none_or(|waited| waited > 240);
        match call.handler_busy() {
            Some((at, free)) => {
                self.last_answer = at;
                self.busy.push(free);
            }
            None if !call.again && dice.chance(AGAIN) => {
                let after = queued + patience + 30 + dice.waiting(AGAIN_AFTER) as i64;
                self.redials.push(Reverse((after, self.calls.len())));
            }
            None => {}
        }
        self.calls.push(call);
    }

    /// The first instant from `from` at which somebody is free; none where the
    /// caller gives up first.
    fn free_at(&mut self, from: i64, gives_up: i64) -> Option<i64> {
        let mut at = from.max(self.last_answer);
        self.busy.retain(|free| *free > from);
        loop {
            if at >= gives_up {
                return None;
            }
            let busy = self.busy.iter().filter(|free| **free > at).count();
            if busy < self.present.heads(at) {
                // A telephone is not picked up in no time.
                return Some(at + 2);
            }
            let next_free = self.busy.iter().filter(|free| **free > at).min().copied();
            at = [next_free, self.present.next_change(at)]
                .into_iter()
                .flatten()
                .min()?;
        }
    }

    fn answer(&self, call: &Call, at: i64, dice: &mut Dice) -> Answer {
        let [talk, wrap] = self.line.handling();
        let talk_ends = at + dice.seconds(talk);
        let kind = (call.event)
            .and_then(|event| self.events.get(event))
            .and_then(|event| KINDS.get(event.kind));
        let outcome = match (self.line, kind) {
            (Line::NonEmergency, Some(kind)) if dice.chance(kind.desk) => "crime-only",
            (_, Some(_)) => "incident",
            (Line::Emergency, None) => dice.pick(
                &[("silent", 0.3), ("no-police-action", 0.5), ("advice", 0.2)],
                "advice",
            ),
            (Line::NonEmergency, None) => dice.pick(
                &[
                    ("advice", 0.5),
                    ("no-police-action", 0.3),
                    ("transferred", 0.2),
                ],
                "advice",
            ),
        };
        let desk = (outcome == "crime-only").then(|| (talk_ends, talk_ends + dice.seconds(150.0)));
        let ended = desk.map_or(talk_ends, |(_, answered)| answered + dice.seconds(600.0));
        Answer {
            at,
            ended,
            wrap: dice.seconds(wrap),
            desk,
            outcome,
        }
    }
}
