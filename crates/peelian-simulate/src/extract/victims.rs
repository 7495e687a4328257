//! `victims` and `victim_contacts`: what was due to each victim, and done.

use std::collections::BTreeMap;

use super::clock::{self, DAY, HOUR};
use super::crimes::{Crime, Victim, crime_id};
use super::kinds::{DOMESTIC, KINDS};
use super::plan::Span;
use super::planted::Planted;
use super::table::{Line, Table};
use crate::dice::Dice;

const SYSTEM: &str = "victim care";

/// Which crimes are against somebody harmed in the twelve months before.
pub(crate) struct Repeats(Vec<bool>);

impl Repeats {
    /// Of crimes in order of recording.
    pub(crate) fn new(crimes: &[Crime]) -> Self {
        let mut last: BTreeMap<u64, i64> = BTreeMap::new();
        let again = crimes.iter().map(|crime| {
            let victim = crime.victim.as_ref()?;
            last.insert(victim.number, crime.recorded)
                .map(|before| crime.recorded - before <= 365 * DAY)
        });
        Self(again.map(|again| again == Some(true)).collect())
    }

    pub(crate) fn is_repeat(&self, crime: usize) -> bool {
        self.0.get(crime).copied().unwrap_or_default()
    }
}

/// What was done for one victim of one crime.
pub(crate) struct Care {
    /// Place of the crime.
    pub(crate) crime: usize,
    pub(crate) enhanced: &'static str,
    pub(crate) needs: Option<(i64, &'static str)>,
    /// Written acknowledgement: due, given.
    pub(crate) acknowledged: (i64, Option<i64>),
    /// Personal statement: due, offered; none where not entitled.
    pub(crate) statement: Option<(i64, Option<i64>)>,
    /// The outcome: due, told; none while there is none.
    pub(crate) told: Option<(i64, Option<i64>)>,
    pub(crate) channel: &'static str,
}

/// The care of every person who was harmed.
pub(crate) fn care(
    crimes: &[Crime],
    span: &Span,
    planted: &Planted,
    repeats: &Repeats,
    dice: &mut Dice,
) -> Vec<Care> {
    let mut care = Vec::new();
    for (n, crime) in crimes.iter().enumerate() {
        if !crime.victim.as_ref().is_some_and(Victim::is_person) {
            continue;
        }
        let from = crime.recorded;
        let enhanced = match KINDS[crime.kind].code {
            "SEX" => "serious-crime",
            "DOM" if dice.chance(0.6) => "vulnerable-intimidated",
            _ if repeats.is_repeat(n) && dice.chance(0.5) => "persistently-targeted",
            _ => "none",
        };
        let result = match (enhanced, dice.chance(0.06)) {
            (_, true) => "declined",
            ("none", false) => "standard",
            (_, false) => "enhanced",
        };
        let needs_at = from + dice.seconds(1.5 * DAY as f64);
        let mut step = |due: i64, p: f64, spread: i64| {
            let done = dice.chance(p);
            (due, done.then(|| due - dice.below(spread as usize) as i64))
        };
        let acknowledged = step(from + 5 * DAY, 0.9, 4 * DAY);
        let entitled = crime.suspect.is_some() || KINDS[crime.kind].code == "BUR";
        let statement = entitled.then(|| step(from + 7 * DAY, 0.6, 5 * DAY));
        let limit = if enhanced == "none" { 5 } else { 1 };
        let told = crime.cancelled(span).is_none().then(|| {
            let due = crime.closed + limit * DAY;
            step(
                due,
                planted.gives_updates(crime.team, clock::local_day(due)),
                HOUR,
            )
        });
        let needs = dice.chance(0.78).then_some((needs_at, result));
        care.push(Care {
            crime: n,
            enhanced,
            needs: needs.filter(|(at, _)| span.seen(*at).is_some()),
            acknowledged,
            statement,
            told: told.filter(|_| span.seen(crime.closed).is_some()),
            channel: dice.pick(
                &[
                    ("phone", 0.5),
                    ("email", 0.3),
                    ("letter", 0.1),
                    ("text", 0.1),
                ],
                "phone",
            ),
        });
    }
    care
}

pub(crate) fn victims(
    crimes: &[Crime],
    care: &[Care],
    repeats: &Repeats,
    dice: &mut Dice,
) -> Table {
    let mut table = Table::new(
        "victims",
        SYSTEM,
        &[
            "victim_pid",
            "crime_id",
            "kind",
            "age_band",
            "sex",
            "ethnicity_self",
            "disability_flag",
            "enhanced_rights",
            "preferred_contact",
            "interpreter_needed",
            "repeat_12m",
            "needs_assessed_at",
            "needs_result",
        ],
    );
    let care: BTreeMap<usize, &Care> = care.iter().map(|care| (care.crime, care)).collect();
    for (n, crime) in crimes.iter().enumerate() {
        let Some(victim) = &crime.victim else {
            continue;
        };
        let care = care.get(&n);
        let line = Line::new()
            .value(victim.pid())
            .value(crime_id(n))
            .text(victim.kind);
        let line = if victim.is_person() {
            let who = person(victim, crime.kind);
            line.text(who[0]).text(who[1]).text(who[2]).text(who[3])
        } else {
            (0..4).fold(line, |line, _| line.text("not-applicable"))
        };
        let needs = care.and_then(|care| care.needs);
        let line = line
            .text(care.map_or("none", |care| care.enhanced))
            .text(care.map_or("email", |care| care.channel))
            .flag(victim.is_person() && dice.chance(0.02))
            .flag(repeats.is_repeat(n))
            .time(needs.map(|(at, _)| at))
            .text(needs.map_or("", |(_, result)| result));
        table.push(crime.recorded, line);
    }
    table
}

/// Age band, sex, ethnicity and disability, the same for the same victim.
fn person(victim: &Victim, kind: usize) -> [&'static str; 4] {
    let mut dice = Dice::new(victim.number, 77);
    let women = if kind == DOMESTIC { 0.74 } else { 0.5 };
    [
        dice.pick(
            &[
                ("under-18", 0.1),
                ("18-24", 0.16),
                ("25-34", 0.24),
                ("35-44", 0.2),
                ("45-54", 0.14),
                ("55-64", 0.1),
                ("65-and-over", 0.06),
            ],
            "not-recorded",
        ),
        if dice.chance(women) { "female" } else { "male" },
        dice.pick(
            &[
                ("white", 0.66),
                ("asian", 0.1),
                ("black", 0.07),
                ("mixed", 0.03),
                ("other", 0.02),
                ("not-recorded", 0.12),
            ],
            "not-recorded",
        ),
        dice.pick(&[("no", 0.72), ("yes", 0.12), ("not-recorded", 0.16)], "no"),
    ]
}

pub(crate) fn victim_contacts(crimes: &[Crime], care: &[Care], span: &Span) -> Table {
    let mut table = Table::new(
        "victim_contacts",
        SYSTEM,
        &[
            "victim_pid",
            "crime_id",
            "at",
            "right",
            "step",
            "due_at",
            "met",
            "channel",
            "result",
        ],
    );
    for care in care {
        let Some(crime) = crimes.get(care.crime) else {
            continue;
        };
        let Some(victim) = &crime.victim else {
            continue;
        };
        let (pid, id) = (victim.pid(), crime_id(care.crime));
        let mut add = |right: u8, step: &str, due: i64, given: Option<i64>, result: &str| {
            if span.seen(due).is_none() {
                return;
            }
            let line = Line::new()
                .text(&pid)
                .text(&id)
                // A step that was missed stands at the time when it was due.
                .time(given.unwrap_or(due))
                .value(right)
                .text(step)
                .time(due)
                .flag(given.is_some())
                .text(if given.is_some() { care.channel } else { "" })
                .text(if given.is_some() { result } else { "" });
            table.push(given.unwrap_or(due), line);
        };
        let (due, given) = care.acknowledged;
        add(3, "written-acknowledgement", due, given, "sent");
        if let Some((at, result)) = care.needs {
            add(4, "needs-assessment", at, Some(at), result);
        }
        for update in crime.support.iter().flat_map(|support| &support.updates) {
            if update.due < crime.closed {
                add(6, "update", update.due, update.given, "told");
            }
        }
        if let Some((due, offered)) = care.statement {
            add(7, "statement-offered", due, offered, "offered");
        }
        if let Some((due, told)) = care.told {
            add(9, "outcome-told", due, told, "told");
        }
    }
    table
}
