//! Street crime and outcomes, a month of a force at a time.

use std::collections::{BTreeMap, VecDeque};

use peelian_model::Month;

use crate::dice::Dice;
use crate::geography::{Force, Point};
use crate::outcome::{self, LONGEST, Mix, Outcome, PERSON, POSSESSION, PUBLIC, SHOP, UNSEEN};
use crate::truth::{Effect, Subject, rounded};

const STREET_HEADER: &str = "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,Last outcome category,Context\r\n";
const OUTCOMES_HEADER: &str = "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Outcome type\r\n";

const ASB: &str = "Anti-social behaviour";

struct CrimeType {
    name: &'static str,
    /// Records per 1,000 people in an average month.
    rate: f64,
    season: &'static [f64; 12],
    mix: &'static Mix,
}

const EVEN: [f64; 12] = [1.0; 12];
const SUMMER: [f64; 12] = [
    0.88, 0.87, 0.95, 1.00, 1.06, 1.10, 1.14, 1.12, 1.03, 1.00, 0.94, 0.91,
];
const WINTER: [f64; 12] = [
    1.10, 1.06, 1.02, 0.96, 0.92, 0.90, 0.90, 0.93, 0.97, 1.05, 1.10, 1.09,
];
const CHRISTMAS: [f64; 12] = [
    0.97, 0.95, 1.00, 0.98, 0.98, 0.97, 0.98, 0.98, 0.98, 1.02, 1.08, 1.11,
];

const fn crime_type(
    name: &'static str,
    rate: f64,
    season: &'static [f64; 12],
    mix: &'static Mix,
) -> CrimeType {
    CrimeType {
        name,
        rate,
        season,
        mix,
    }
}

const TYPES: [CrimeType; 14] = [
    crime_type(ASB, 1.30, &SUMMER, &PUBLIC),
    crime_type("Bicycle theft", 0.06, &SUMMER, &UNSEEN),
    crime_type("Burglary", 0.27, &WINTER, &UNSEEN),
    crime_type("Criminal damage and arson", 0.38, &SUMMER, &PUBLIC),
    crime_type("Drugs", 0.15, &EVEN, &POSSESSION),
    crime_type("Other crime", 0.09, &EVEN, &PUBLIC),
    crime_type("Other theft", 0.38, &EVEN, &UNSEEN),
    crime_type("Possession of weapons", 0.05, &EVEN, &POSSESSION),
    crime_type("Public order", 0.35, &SUMMER, &PUBLIC),
    crime_type("Robbery", 0.05, &EVEN, &PUBLIC),
    crime_type("Shoplifting", 0.34, &CHRISTMAS, &SHOP),
    crime_type("Theft from the person", 0.06, &CHRISTMAS, &UNSEEN),
    crime_type("Vehicle crime", 0.32, &WINTER, &UNSEEN),
    crime_type("Violence and sexual offences", 1.50, &SUMMER, &PERSON),
];

/// The crime of one force, drawn month after month.
pub(crate) struct Crimes<'a> {
    force: &'a Force,
    effects: &'a [Effect],
    first: Month,
    last: Month,
    /// Records per 1,000 people in an average month, in the order of `TYPES`.
    rates: Vec<f64>,
    /// How much crime each place draws.
    weights: Vec<f64>,
    dice: Dice,
    /// Crimes whose outcome is still to be recorded, this month's first.
    pending: VecDeque<Vec<Ended>>,
}

/// The two files of a month, and what is true of its outcomes.
pub(crate) struct CrimeFiles {
    pub(crate) street: Vec<u8>,
    pub(crate) outcomes: Vec<u8>,
    /// How likely a charge was, over the month's outcomes; none without any.
    pub(crate) charged_share: Option<f64>,
}

/// Where a record lies: a place of the force and one of its points. Records
/// without a location sort last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Spot {
    At { place: usize, point: usize },
    Nowhere,
}

struct Crime {
    id: String,
    spot: Spot,
    kind: &'static str,
    last_category: &'static str,
}

struct Ended {
    id: String,
    spot: Spot,
    outcome: Outcome,
}

impl<'a> Crimes<'a> {
    /// Ready for the plan's first month: crimes of the months before it are
    /// drawn too, so that their outcomes are in the first files.
    pub(crate) fn new(
        seed: u64,
        force: &'a Force,
        effects: &'a [Effect],
        (first, last): (Month, Month),
    ) -> Self {
        let mut dice = Dice::new(seed, 1_000 + force.index as u64);
        let planted = effects.iter().any(|effect| effect.on == Subject::AllCrime);
        // Forces differ by more than chance; a true outlier only by its effect.
        let level = if planted {
            1.0
        } else {
            (1.0 + 0.14 * dice.normal()).clamp(0.72, 1.3)
        };
        let rates = (TYPES.iter())
            .map(|kind| kind.rate * level * (1.0 + 0.08 * dice.normal()).clamp(0.8, 1.2))
            .map(rounded)
            .collect();
        let mut crimes = Self {
            force,
            effects,
            first,
            last,
            rates,
            weights: force.places.iter().map(|place| place.weight).collect(),
            dice,
            pending: (0..=LONGEST).map(|_| Vec::new()).collect(),
        };
        for before in (1..=LONGEST as i32).rev() {
            crimes.draw(first.plus(-before));
            crimes.end();
        }
        crimes
    }

    /// Crime type to records per 1,000 people in an average month.
    pub(crate) fn rates(&self) -> BTreeMap<String, f64> {
        (TYPES.iter().zip(&self.rates))
            .map(|(kind, rate)| (kind.name.to_owned(), *rate))
            .collect()
    }

    /// Crime type to expected records by month.
    pub(crate) fn expected(&self) -> BTreeMap<String, Vec<f64>> {
        let months = || Month::range(self.first, self.last);
        (TYPES.iter().enumerate())
            .map(|(i, kind)| {
                let expected = months().map(|month| rounded(self.mean(i, month)));
                (kind.name.to_owned(), expected.collect())
            })
            .collect()
    }

    /// The files of the next month, which must follow the one before it.
    pub(crate) fn files(&mut self, month: Month) -> CrimeFiles {
        let mut crimes = self.draw(month);
        crimes.sort_by(|a, b| (a.spot, &a.id).cmp(&(b.spot, &b.id)));
        let mut ended = self.end();
        // Ids are random, so this shuffles.
        ended.sort_by(|a, b| a.id.cmp(&b.id));
        let likely: f64 = ended.iter().map(|ended| ended.outcome.charged).sum();
        CrimeFiles {
            street: self.street(month, &crimes),
            charged_share: (!ended.is_empty()).then(|| rounded(likely / ended.len() as f64)),
            outcomes: self.outcomes(month, &ended),
        }
    }

    /// Expected records of a type in a month.
    fn mean(&self, kind: usize, month: Month) -> f64 {
        let planted: f64 = (self.effects.iter())
            .filter(|effect| match &effect.on {
                Subject::CrimeType(name) => name == TYPES[kind].name,
                Subject::AllCrime => TYPES[kind].name != ASB,
                Subject::ChargedShare | Subject::LinkedOutcomeShare => false,
            })
            .map(|effect| effect.multiplier(month.max(self.first)))
            .product();
        let season = TYPES[kind].season[month.month() as usize - 1];
        self.rates[kind] * f64::from(self.force.people()) / 1_000.0 * season * planted
    }

    /// The force's share of charges among outcomes recorded in a month.
    fn charged_share(&self, month: Month) -> f64 {
        let planted: f64 = (self.effects.iter())
            .filter(|effect| effect.on == Subject::ChargedShare)
            .map(|effect| effect.multiplier(month))
            .product();
        self.force.profile.charged * planted
    }

    /// The crimes of a month; their outcomes go to the months they fall in.
    fn draw(&mut self, month: Month) -> Vec<Crime> {
        let charged: Vec<f64> = (0..=LONGEST as i32)
            .map(|delay| self.charged_share(month.plus(delay)))
            .collect();
        let mut crimes = Vec::new();
        for (i, kind) in TYPES.iter().enumerate() {
            for _ in 0..self.dice.poisson(self.mean(i, month)) {
                let spot = self.spot();
                let (mut id, mut last_category) = (String::new(), "");
                if kind.name != ASB {
                    id = self.dice.hex_id();
                    let outcome = kind.mix.draw(&mut self.dice, |delay| charged[delay]);
                    last_category = outcome::last_category(month, outcome.as_ref(), self.last);
                    if let Some(outcome) = outcome {
                        let id = id.clone();
                        self.pending[outcome.delay].push(Ended { id, spot, outcome });
                    }
                }
                crimes.push(Crime {
                    id,
                    spot,
                    kind: kind.name,
                    last_category,
                });
            }
        }
        crimes
    }

    /// The crimes whose outcome is recorded this month; the next month's move up.
    fn end(&mut self) -> Vec<Ended> {
        self.pending.push_back(Vec::new());
        self.pending.pop_front().unwrap_or_default()
    }

    fn spot(&mut self) -> Spot {
        if self.dice.chance(self.force.profile.no_location) {
            return Spot::Nowhere;
        }
        let place = self.dice.choose(&self.weights);
        let points = self.force.places[place].points.len();
        // The smaller of two draws: some points take more than others.
        let point = self.dice.below(points).min(self.dice.below(points));
        Spot::At { place, point }
    }

    fn street(&self, month: Month, crimes: &[Crime]) -> Vec<u8> {
        let mut file = STREET_HEADER.as_bytes().to_vec();
        for crime in crimes {
            self.place_fields(&mut file, month, &crime.id, crime.spot, "No Location");
            for field in [",", crime.kind, ",", crime.last_category, ",\r\n"] {
                file.extend_from_slice(field.as_bytes());
            }
        }
        file
    }

    fn outcomes(&mut self, month: Month, ended: &[Ended]) -> Vec<u8> {
        const REPEATED: f64 = 0.01;
        let mut file = OUTCOMES_HEADER.as_bytes().to_vec();
        for ended in ended {
            let times = if self.dice.chance(REPEATED) { 2 } else { 1 };
            for _ in 0..times {
                // The two kinds of file do spell this differently.
                self.place_fields(&mut file, month, &ended.id, ended.spot, "No location");
                for field in [",", ended.outcome.name, "\r\n"] {
                    file.extend_from_slice(field.as_bytes());
                }
            }
        }
        file
    }

    /// The nine columns that both kinds of file begin with. No value in them
    /// needs quoting.
    fn place_fields(&self, file: &mut Vec<u8>, month: Month, id: &str, spot: Spot, none: &str) {
        let (month_text, name) = (month.to_string(), self.force.name.as_str());
        let place: [&str; 5] = match spot {
            Spot::Nowhere => ["", "", none, "", ""],
            Spot::At { place, point } => {
                let place = &self.force.places[place];
                let lsoa = place.lsoa(month);
                let Point {
                    longitude,
                    latitude,
                    location,
                } = &place.points[point];
                [longitude, latitude, location, &lsoa.code, &lsoa.name]
            }
        };
        file.extend_from_slice(id.as_bytes());
        for field in [month_text.as_str(), name, name].into_iter().chain(place) {
            file.push(b',');
            file.extend_from_slice(field.as_bytes());
        }
    }
}
