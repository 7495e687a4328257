//! Stop and search, a month of a force at a time.

use std::collections::BTreeMap;

use peelian_model::Month;

use crate::dice::Dice;
use crate::geography::Force;
use crate::truth::{Effect, GroupTruth, SearchTruth, Subject, rounded};

const HEADER: &str = "Type,Date,Part of a policing operation,Policing operation,Latitude,Longitude,Gender,Age range,Self-defined ethnicity,Officer-defined ethnicity,Legislation,Object of search,Outcome,Outcome linked to object of search,Removal of more than just outer clothing\n";

/// Searches of White residents per 1,000 of them in an average month, before
/// the force's own level.
const WHITE_RATE: f64 = 0.55;

/// Share of searches whose outcome is left blank, and its link with it.
const BLANK_OUTCOME: f64 = 0.015;

/// Searches of vehicles alone for each search of a person.
const VEHICLES: f64 = 0.04;

const SEASON: [f64; 12] = [
    1.00, 1.00, 1.04, 1.02, 1.03, 1.02, 1.00, 0.98, 0.98, 1.01, 1.00, 0.92,
];

/// The five groups as an officer would name them, in the order of the census
/// counts, with the words people use of themselves and how often.
#[rustfmt::skip]
const GROUPS: [(&str, &[(&str, f64)]); 5] = [
    ("White", &[
        ("White - English/Welsh/Scottish/Northern Irish/British", 0.90),
        ("White - Any other White background", 0.07),
        ("White - Irish", 0.02),
        ("White - Gypsy or Irish Traveller", 0.01),
    ]),
    ("Mixed", &[
        ("Mixed/Multiple ethnic groups - White and Black Caribbean", 0.40),
        ("Mixed/Multiple ethnic groups - Any other Mixed/Multiple ethnic background", 0.35),
        ("Mixed/Multiple ethnic groups - White and Black African", 0.13),
        ("Mixed/Multiple ethnic groups - White and Asian", 0.12),
    ]),
    ("Asian", &[
        ("Asian/Asian British - Any other Asian background", 0.40),
        ("Asian/Asian British - Pakistani", 0.28),
        ("Asian/Asian British - Indian", 0.15),
        ("Asian/Asian British - Bangladeshi", 0.12),
        ("Asian/Asian British - Chinese", 0.05),
    ]),
    ("Black", &[
        ("Black/African/Caribbean/Black British - African", 0.36),
        ("Black/African/Caribbean/Black British - Any other Black/African/Caribbean background", 0.36),
        ("Black/African/Caribbean/Black British - Caribbean", 0.28),
    ]),
    ("Other", &[
        ("Other ethnic group - Any other ethnic group", 0.80),
        ("Other ethnic group - Arab", 0.20),
    ]),
];

const NOT_STATED: &str = "Other ethnic group - Not stated";

const DRUGS_ACT: &str = "Misuse of Drugs Act 1971 (section 23)";
const PACE: &str = "Police and Criminal Evidence Act 1984 (section 1)";
const LEGISLATION: [(&str, f64); 8] = [
    (DRUGS_ACT, 0.62),
    (PACE, 0.33),
    (
        "Criminal Justice and Public Order Act 1994 (section 60)",
        0.02,
    ),
    ("Firearms Act 1968 (section 47)", 0.01),
    ("Psychoactive Substances Act 2016 (s36(2))", 0.004),
    ("Criminal Justice Act 1988 (section 139B)", 0.003),
    ("Poaching Prevention Act 1862 (section 2)", 0.003),
    ("", 0.01),
];

const PACE_OBJECTS: [(&str, f64); 5] = [
    ("Offensive weapons", 0.40),
    ("Stolen goods", 0.32),
    ("Article for use in theft", 0.20),
    ("Articles for use in criminal damage", 0.05),
    ("Fireworks", 0.03),
];

const NO_FURTHER_ACTION: &str = "A no further action disposal";
const POSITIVE: [(&str, f64); 6] = [
    ("Arrest", 0.52),
    ("Community resolution", 0.24),
    ("Summons / charged by post", 0.10),
    ("Khat or Cannabis warning", 0.09),
    ("Penalty Notice for Disorder", 0.03),
    ("Caution (simple or conditional)", 0.02),
];

const AGES: [(&str, f64); 6] = [
    ("18-24", 0.33),
    ("10-17", 0.20),
    ("25-34", 0.22),
    ("over 34", 0.20),
    ("", 0.049),
    ("under 10", 0.001),
];

const GENDERS: [(&str, f64); 4] = [
    ("Male", 0.868),
    ("Female", 0.125),
    ("Other", 0.003),
    ("", 0.004),
];

/// How searches spread over the hours of the day, local time.
const HOURS: [f64; 24] = [
    4.0, 3.2, 2.2, 1.5, 1.0, 0.7, 0.7, 1.0, 1.6, 2.2, 3.0, 3.6, 4.0, 4.4, 5.0, 5.6, 6.0, 6.2, 6.2,
    6.0, 6.0, 6.0, 5.6, 5.0,
];

/// The searches of one force, drawn month after month.
pub(crate) struct Searches<'a> {
    force: &'a Force,
    effects: &'a [Effect],
    /// People and searches per 1,000 of them in an average month, in the order
    /// of `GROUPS`.
    groups: [(u32, f64); 5],
    /// How much each place draws.
    weights: Vec<f64>,
    dice: Dice,
}

impl<'a> Searches<'a> {
    /// Ready for the plan's first month.
    pub(crate) fn new(seed: u64, force: &'a Force, effects: &'a [Effect]) -> Self {
        let mut dice = Dice::new(seed, 2_000 + force.index as u64);
        let white = WHITE_RATE * (1.0 + 0.2 * dice.normal()).clamp(0.6, 1.5);
        let times_white = [1.0, 1.6, 1.1, force.profile.black_to_white, 1.2];
        let census = force.census();
        Self {
            force,
            effects,
            groups: std::array::from_fn(|i| (census[i], rounded(white * times_white[i]))),
            weights: force.places.iter().map(|place| place.weight).collect(),
            dice,
        }
    }

    /// What is true of the searches of the months from `first` to `last`.
    pub(crate) fn truth(&self, first: Month, last: Month) -> SearchTruth {
        let profile = self.force.profile;
        let months = || Month::range(first, last);
        let all = |month| {
            self.groups
                .iter()
                .map(|group| mean(*group, month))
                .sum::<f64>()
        };
        let groups = GROUPS.iter().zip(self.groups).map(|((name, _), group)| {
            let (census_2011, rate_per_1000) = group;
            let truth = GroupTruth {
                census_2011,
                rate_per_1000,
            };
            ((*name).to_owned(), truth)
        });
        SearchTruth {
            expected: months()
                .map(|month| rounded(all(month) * (1.0 + VEHICLES)))
                .collect(),
            linked_share: months().map(|month| rounded(self.linked(month))).collect(),
            blank_linked_share: rounded(1.0 - (1.0 - BLANK_OUTCOME) * (1.0 - profile.blank_linked)),
            blank_ethnicity_share: rounded(profile.blank_ethnicity + profile.not_stated),
            black_to_white: profile.black_to_white,
            groups: groups.collect::<BTreeMap<_, _>>(),
        }
    }

    /// The file of the next month, in order of time.
    pub(crate) fn file(&mut self, month: Month) -> Vec<u8> {
        let mut rows = Vec::new();
        for (i, (_, self_defined)) in GROUPS.iter().enumerate() {
            for _ in 0..self.dice.poisson(mean(self.groups[i], month)) {
                rows.push(self.person(month, GROUPS[i].0, self_defined));
            }
        }
        let people: f64 = self.groups.iter().map(|group| mean(*group, month)).sum();
        for _ in 0..self.dice.poisson(people * VEHICLES) {
            rows.push(self.search(month, "Vehicle search", ["", "", "", ""]));
        }
        rows.sort();
        let mut file = HEADER.as_bytes().to_vec();
        for (_, line) in rows {
            file.extend_from_slice(line.as_bytes());
        }
        file
    }

    /// Share of searches whose outcome is linked to their object.
    fn linked(&self, month: Month) -> f64 {
        let planted: f64 = (self.effects.iter())
            .filter(|effect| effect.on == Subject::LinkedOutcomeShare)
            .map(|effect| effect.multiplier(month))
            .product();
        self.force.profile.linked * planted
    }

    fn person(
        &mut self,
        month: Month,
        group: &'static str,
        words: &[(&'static str, f64)],
    ) -> (String, String) {
        let profile = self.force.profile;
        let draw = self.dice.unit();
        let self_defined = if draw < profile.blank_ethnicity {
            ""
        } else if draw < profile.blank_ethnicity + profile.not_stated {
            NOT_STATED
        } else {
            self.dice.pick(words, "")
        };
        let unseen = self.dice.chance(profile.blank_ethnicity / 3.0);
        let officer_defined = if unseen { "" } else { group };
        let kind = if self.dice.chance(0.15) {
            "Person and Vehicle search"
        } else {
            "Person search"
        };
        let (gender, age) = (self.dice.pick(&GENDERS, ""), self.dice.pick(&AGES, ""));
        self.search(month, kind, [gender, age, self_defined, officer_defined])
    }

    /// One row: its time, to sort by, and its line.
    fn search(
        &mut self,
        month: Month,
        kind: &str,
        [gender, age, self_defined, officer_defined]: [&str; 4],
    ) -> (String, String) {
        let date = self.date(month);
        let operation = self.dice.pick(&[("False", 0.93), ("True", 0.07)], "");
        let [latitude, longitude] = self.coordinates();
        let legislation = self.dice.pick(&LEGISLATION, "");
        let object = self.object(legislation);
        let [outcome, linked] = self.outcome(month);
        let removal = (self.dice).pick(&[("False", 0.94), ("True", 0.03), ("", 0.03)], "");
        // No value in these needs quoting.
        let line = format!(
            "{kind},{date},{operation},,{latitude},{longitude},{gender},{age},{self_defined},{officer_defined},{legislation},{object},{outcome},{linked},{removal}\n"
        );
        (date, line)
    }

    /// A time in UTC of a search in the month by local time: in summer the
    /// first hour of the first day is in the month before.
    fn date(&mut self, month: Month) -> String {
        let mut day = 1 + self.dice.below(days(month));
        let mut hour = self.dice.choose(&HOURS);
        let minute = 5 * self.dice.below(12);
        let mut written = month;
        if (4..=10).contains(&month.month()) {
            match (hour, day) {
                (0, 1) => {
                    written = month.plus(-1);
                    (day, hour) = (days(written), 23);
                }
                (0, _) => (day, hour) = (day - 1, 23),
                _ => hour -= 1,
            }
        }
        format!("{written}-{day:02}T{hour:02}:{minute:02}:00+00:00")
    }

    fn coordinates(&mut self) -> [&'a str; 2] {
        if self.dice.chance(self.force.profile.unmapped_searches) {
            return ["", ""];
        }
        let place = &self.force.places[self.dice.choose(&self.weights)];
        let point = &place.points[self.dice.below(place.points.len())];
        [&point.latitude, &point.longitude]
    }

    fn object(&mut self, legislation: &str) -> &'static str {
        match legislation {
            DRUGS_ACT => "Controlled drugs",
            PACE => self.dice.pick(&PACE_OBJECTS, ""),
            "Firearms Act 1968 (section 47)" => "Firearms",
            "Psychoactive Substances Act 2016 (s36(2))" => "Psychoactive substances",
            "Poaching Prevention Act 1862 (section 2)" => "Game or poaching equipment",
            "" => "",
            _ => "Anything to threaten or harm anyone",
        }
    }

    /// The outcome and whether it is linked to the object. A linked outcome is
    /// always more than no further action; an unknown one has no link.
    fn outcome(&mut self, month: Month) -> [&'static str; 2] {
        const POSITIVE_UNLINKED: f64 = 0.08;
        if self.dice.chance(BLANK_OUTCOME) {
            return ["", ""];
        }
        let linked = self.dice.chance(self.linked(month));
        let outcome = if linked || self.dice.chance(POSITIVE_UNLINKED) {
            self.dice.pick(&POSITIVE, NO_FURTHER_ACTION)
        } else {
            NO_FURTHER_ACTION
        };
        let blank = self.dice.chance(self.force.profile.blank_linked);
        let link = match (blank, linked) {
            (true, _) => "",
            (_, true) => "True",
            (_, false) => "False",
        };
        [outcome, link]
    }
}

/// Expected searches of a group's people in a month.
fn mean((people, rate): (u32, f64), month: Month) -> f64 {
    f64::from(people) / 1_000.0 * rate * SEASON[month.month() as usize - 1]
}

fn days(month: Month) -> usize {
    let year = month.year();
    match month.month() {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
