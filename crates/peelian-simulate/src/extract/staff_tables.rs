//! `establishment`, `postings`, `leavers`, `abstractions`, `sickness`,
//! `shifts` and `training`.

use super::plan::Span;
use super::planted::Planted;
use super::rota::Shift;
use super::staff::{Away, Person, Role, Staff};
use super::table::{Line, Table};

const SYSTEM: &str = "personnel";

pub(crate) fn establishment(staff: &Staff, span: &Span) -> Table {
    let columns = &["unit", "role", "grade", "funded_fte", "from", "to"];
    let mut table = Table::new("establishment", SYSTEM, columns);
    for (role, heads) in &staff.funded {
        let [unit, name, kind] = role.names();
        let line = Line::new()
            .text(unit)
            .text(name)
            .text(if kind == "officer" { "constable" } else { kind })
            .value(heads)
            .date(span.first)
            .blank();
        table.push(span.first, line);
    }
    table
}

pub(crate) fn postings(staff: &Staff) -> Table {
    let mut table = Table::new(
        "postings",
        SYSTEM,
        &[
            "person_pid",
            "unit",
            "role",
            "from",
            "to",
            "fte",
            "kind",
            "service_band",
            "independent_from",
            "restricted_duty",
        ],
    );
    for person in &staff.people {
        for post in &person.postings {
            let [unit, role, kind] = post.role.names();
            let independent = person
                .independent_from
                .filter(|_| post.role == Role::Response);
            let line = Line::new()
                .text(&person.pid)
                .text(unit)
                .text(role)
                .date(post.from)
                .date(post.to)
                .value(format_args!("{}.{:02}", person.fte / 100, person.fte % 100))
                .text(kind)
                .text(person.service_band())
                .date(independent)
                .text("none");
            table.push(post.from, line);
        }
    }
    table
}

pub(crate) fn leavers(staff: &Staff) -> Table {
    let columns = &["person_pid", "at", "reason", "service_band"];
    let mut table = Table::new("leavers", SYSTEM, columns);
    for person in &staff.people {
        if let Some((day, reason)) = person.left {
            let band = person.service_band();
            let line = Line::new()
                .text(&person.pid)
                .date(day)
                .text(reason)
                .text(band);
            table.push(day, line);
        }
    }
    table
}

/// Spells of days for one reason, from the first to the last.
fn spells(person: &Person, span: &Span) -> Vec<(Away, i64, i64)> {
    let mut spells: Vec<(Away, i64, i64)> = Vec::new();
    for (day, away) in span.days().zip(&person.away) {
        match spells.last_mut() {
            Some((why, _, last)) if why == away && *last == day - 1 => *last = day,
            _ if *away == Away::No => {}
            _ => spells.push((*away, day, day)),
        }
    }
    spells
}

pub(crate) fn abstractions(staff: &Staff, span: &Span) -> Table {
    let columns = &["person_pid", "from", "to", "hours", "reason"];
    let mut table = Table::new("abstractions", SYSTEM, columns);
    for person in &staff.people {
        for (away, from, to) in spells(person, span) {
            let reason = match away {
                Away::No | Away::Sick => continue,
                Away::Training => "training",
                Away::Court => "court",
                Away::Event => "event",
            };
            let line = Line::new()
                .text(&person.pid)
                .date(from)
                .date(to)
                .value(8 * (to - from + 1))
                .text(reason);
            table.push(from, line);
        }
    }
    table
}

pub(crate) fn sickness(staff: &Staff, span: &Span) -> Table {
    let columns = &["person_pid", "from", "to", "hours_lost", "kind"];
    let mut table = Table::new("sickness", SYSTEM, columns);
    for person in &staff.people {
        for (away, from, to) in spells(person, span) {
            if away == Away::Sick {
                let days = to - from + 1;
                let line = Line::new()
                    .text(&person.pid)
                    .date(from)
                    .date(to)
                    // Four days of work in six.
                    .value(8 * days * 2 / 3)
                    .text(if days >= 28 { "long" } else { "short" });
                table.push(from, line);
            }
        }
    }
    table
}

pub(crate) fn shifts(shifts: &[Vec<Shift>], span: &Span) -> Table {
    let mut table = Table::new(
        "shifts",
        "rostering",
        &[
            "date",
            "team",
            "start",
            "end",
            "heads_planned",
            "heads_actual",
            "skill",
            "shrinkage_reason",
        ],
    );
    for shift in shifts
        .iter()
        .flatten()
        .filter(|shift| shift.day >= span.first)
    {
        let skill = match shift.role {
            Role::Handler999 => "999",
            Role::Handler101 => "101",
            _ => continue,
        };
        let line = Line::new()
            .date(shift.day)
            .value(format_args!("team-{}", shift.team))
            .time(shift.start)
            .time(shift.end)
            .value(shift.planned)
            .value(shift.actual)
            .text(skill)
            .text(shift.shrinkage.unwrap_or_default());
        table.push(shift.start, line);
    }
    table
}

/// Courses: the recruits' own, and a yearly one for everybody.
pub(crate) fn training(staff: &Staff, span: &Span) -> Table {
    let columns = &["person_pid", "course", "completed_at", "mandatory"];
    let mut table = Table::new("training", "training records", columns);
    for (n, person) in staff.people.iter().enumerate() {
        let mut add = |course: &str, day: i64| {
            if span.days().contains(&day) && person.role(day).is_some() {
                let line = Line::new()
                    .text(&person.pid)
                    .text(course)
                    .date(day)
                    .flag(true);
                table.push(day, line);
            }
        };
        if let Some(ready) = person.independent_from {
            add("initial-course", ready - Planted::PIPELINE + 26 * 7);
            add("tutor-phase", ready - 1);
        }
        let mut day = span.first + (n * 37 % 365) as i64;
        while day < span.past {
            add("public-and-personal-safety", day);
            day += 365;
        }
    }
    table
}
