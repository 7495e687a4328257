//! The people who work for the force: posts, leavers, recruits, and days away.

use super::plan::Span;
use super::planted::Planted;
use super::table::{Pid, pid};
use crate::dice::Dice;

/// What a person does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    Handler999,
    Handler101,
    Response,
    Neighbourhood,
    Support,
    Investigator,
    Student,
}

impl Role {
    pub(crate) const ALL: [Self; 7] = [
        Self::Handler999,
        Self::Handler101,
        Self::Response,
        Self::Neighbourhood,
        Self::Support,
        Self::Investigator,
        Self::Student,
    ];

    /// Unit, role and kind as the tables write them.
    pub(crate) fn names(self) -> [&'static str; 3] {
        match self {
            Self::Handler999 => ["control-room", "call-handler-999", "staff"],
            Self::Handler101 => ["control-room", "call-handler-101", "staff"],
            Self::Response => ["response", "response-officer", "officer"],
            Self::Neighbourhood => ["neighbourhood", "neighbourhood-officer", "officer"],
            Self::Support => ["neighbourhood", "community-support-officer", "pcso"],
            Self::Investigator => ["investigation", "investigator", "officer"],
            Self::Student => ["training", "student-officer", "officer"],
        }
    }

    /// Whether the role works round the clock, in six teams.
    pub(crate) fn in_teams(self) -> bool {
        matches!(self, Self::Handler999 | Self::Handler101 | Self::Response)
    }

    /// Heads in each of the six teams, or in all.
    fn heads(self, thousands: f64) -> usize {
        let (heads, least) = match self {
            Self::Handler999 => (thousands * 0.011, 3),
            Self::Handler101 => (thousands * 0.014, 2),
            Self::Response => (thousands * 0.027, 3),
            Self::Neighbourhood => (thousands * 0.08, 4),
            Self::Support => (thousands * 0.05, 3),
            Self::Investigator => (thousands * 0.20, 8),
            Self::Student => (thousands * 0.04, 3),
        };
        (heads.round() as usize).max(least)
    }

    /// Share of people who leave in a month.
    fn leaving(self) -> f64 {
        match self {
            Self::Handler999 | Self::Handler101 => 0.014,
            Self::Student => 0.0,
            _ => 0.006,
        }
    }
}

/// One post, from a day to the day before another.
pub(crate) struct Posting {
    pub(crate) role: Role,
    pub(crate) from: i64,
    pub(crate) to: Option<i64>,
}

/// Why somebody is away on a day.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Away {
    No,
    Sick,
    Training,
    Court,
    Event,
}

/// Somebody who works, or worked, for the force.
pub(crate) struct Person {
    pub(crate) pid: String,
    /// Of six; 0 outside teams.
    pub(crate) team: i64,
    /// Whether a night for the team is a night for them, or cover at the peak.
    pub(crate) nights: bool,
    pub(crate) postings: Vec<Posting>,
    /// For recruits: the day on which they work on their own.
    pub(crate) independent_from: Option<i64>,
    /// Years of service on the first day, for the band.
    pub(crate) service: u32,
    /// Full-time equivalent, in hundredths.
    pub(crate) fte: u32,
    /// The day they left and why.
    pub(crate) left: Option<(i64, &'static str)>,
    /// By day of the span.
    pub(crate) away: Vec<Away>,
}

impl Person {
    /// The role on a day; none before joining and after leaving.
    pub(crate) fn role(&self, day: i64) -> Option<Role> {
        let held = (self.postings.iter())
            .find(|post| post.from <= day && post.to.is_none_or(|to| day < to))?;
        Some(held.role)
    }

    pub(crate) fn away(&self, span: &Span, day: i64) -> Away {
        let place = usize::try_from(day - span.first).ok();
        place
            .and_then(|place| self.away.get(place).copied())
            .unwrap_or(Away::No)
    }

    pub(crate) fn service_band(&self) -> &'static str {
        match self.service {
            0..=1 => "0-1",
            2..=4 => "2-4",
            5..=9 => "5-9",
            10..=19 => "10-19",
            _ => "20+",
        }
    }
}

/// Everybody of the whole time.
pub(crate) struct Staff {
    pub(crate) people: Vec<Person>,
    /// Heads that are paid for, by role.
    pub(crate) funded: Vec<(Role, usize)>,
}

/// Days for which a post stays empty after somebody leaves.
const VACANT: i64 = 60;

impl Staff {
    pub(crate) fn new(
        thousands: f64,
        span: &Span,
        planted: &Planted,
        plan_seed: u64,
        dice: &mut Dice,
    ) -> Self {
        let mut staff = Self {
            people: Vec::new(),
            funded: Vec::new(),
        };
        for role in Role::ALL {
            let teams = if role.in_teams() { 6 } else { 1 };
            let heads = role.heads(thousands);
            staff.funded.push((role, heads * teams));
            if role == Role::Student {
                continue;
            }
            for n in 0..heads * teams {
                let joined = span.first - 30 * (1 + dice.below(250) as i64);
                staff.hire(role, (n % teams, n / teams % 2 == 0), joined, span, dice);
            }
        }
        let recruits = Role::Student.heads(thousands);
        for (intake, ready) in [
            planted.recruits_ready,
            planted.recruits_ready + Planted::PIPELINE,
        ]
        .into_iter()
        .enumerate()
        {
            for n in 0..recruits {
                staff.recruit((n % 6, (n / 6 + intake) % 2 == 0), ready, span);
            }
        }
        for (n, person) in staff.people.iter_mut().enumerate() {
            person.pid = pid(Pid::Person, plan_seed << 20 | n as u64);
            person.away = days_away(person, span, dice);
        }
        staff
    }

    /// Fills a post from a day on, and again each time that somebody leaves.
    fn hire(
        &mut self,
        role: Role,
        (team, nights): (usize, bool),
        mut from: i64,
        span: &Span,
        dice: &mut Dice,
    ) {
        loop {
            let stays = dice.waiting(30.0 / role.leaving()) as i64;
            let leaves = from.max(span.first) + stays;
            let left = (leaves < span.past).then_some(leaves);
            let reasons = [
                ("resigned", 0.55),
                ("retired", 0.25),
                ("transferred", 0.15),
                ("dismissed", 0.05),
            ];
            let service = ((span.first - from).max(0) / 365) as u32;
            self.people.push(Person {
                pid: String::new(),
                team: team as i64,
                nights,
                postings: vec![Posting {
                    role,
                    from,
                    to: left,
                }],
                independent_from: None,
                service,
                fte: dice.pick(&[(100, 0.88), (80, 0.08), (60, 0.04)], 100),
                left: left.map(|day| (day, dice.pick(&reasons, "other"))),
                away: Vec::new(),
            });
            from = leaves + VACANT;
            if from >= span.past {
                return;
            }
        }
    }

    /// A recruit, who is a student until they are ready for response work.
    fn recruit(&mut self, (team, nights): (usize, bool), ready: i64, span: &Span) {
        let joined = ready - Planted::PIPELINE;
        if joined >= span.past {
            return;
        }
        let done = ready < span.past;
        let mut postings = vec![Posting {
            role: Role::Student,
            from: joined,
            to: done.then_some(ready),
        }];
        if done {
            postings.push(Posting {
                role: Role::Response,
                from: ready,
                to: None,
            });
        }
        self.people.push(Person {
            pid: String::new(),
            team: team as i64,
            nights,
            postings,
            independent_from: done.then_some(ready),
            service: 0,
            fte: 100,
            left: None,
            away: Vec::new(),
        });
    }
}

/// Sickness comes in spells, other absence a day at a time.
fn days_away(person: &Person, span: &Span, dice: &mut Dice) -> Vec<Away> {
    let mut away = Vec::with_capacity((span.past - span.first) as usize);
    let mut sick_until = span.first;
    for day in span.days() {
        if dice.chance(0.0035) {
            let mean = if dice.chance(0.06) { 50.0 } else { 3.0 };
            sick_until = sick_until.max(day + dice.seconds(mean));
        }
        let reason = dice.unit();
        away.push(match reason {
            _ if person.role(day).is_none() => Away::No,
            _ if day < sick_until => Away::Sick,
            ..0.022 => Away::Training,
            0.022..0.030 => Away::Court,
            0.030..0.038 => Away::Event,
            _ => Away::No,
        });
    }
    away
}
