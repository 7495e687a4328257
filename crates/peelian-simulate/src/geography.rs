//! Invented places: districts, small areas and the points that records are
//! moved to, with their codes in both vintages.

use peelian_model::Month;

use crate::dice::Dice;
use crate::profile::{PROFILES, Profile};

/// The invented forces with their places, the same for the same seed.
pub(crate) struct Force {
    /// Place in the list of profiles.
    pub(crate) index: usize,
    /// What it is like.
    pub(crate) profile: &'static Profile,
    /// `synthetic-ashmoor`.
    pub(crate) id: String,
    /// “Synthetic Ashmoor Police”.
    pub(crate) name: String,
    /// `X23000001`.
    pub(crate) area: String,
    /// Districts as they were in 2016.
    pub(crate) districts: Vec<District>,
    /// The smallest pieces of land: parts of an LSOA where the vintages differ.
    pub(crate) places: Vec<Place>,
}

/// A district of 2016 and the one of 2022 that it lies in.
pub(crate) struct District {
    pub(crate) code16: String,
    pub(crate) name16: String,
    pub(crate) partnership: String,
    pub(crate) code22: String,
    pub(crate) name22: String,
}

/// A piece of land that lies in one LSOA of 2011 and one of 2021.
pub(crate) struct Place {
    pub(crate) district: usize,
    pub(crate) lsoa11: Lsoa,
    pub(crate) lsoa21: Lsoa,
    /// The letter of the official look-up: U unchanged, S split, M merged.
    pub(crate) change: char,
    /// People in mid-2022.
    pub(crate) people: u32,
    /// People some years before.
    pub(crate) people_before: u32,
    /// How much crime is drawn to it.
    pub(crate) weight: f64,
    pub(crate) points: Vec<Point>,
}

/// A small area's code and name.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Lsoa {
    pub(crate) code: String,
    pub(crate) name: String,
}

/// A map point that records nearby are moved to.
pub(crate) struct Point {
    pub(crate) longitude: String,
    pub(crate) latitude: String,
    pub(crate) location: String,
}

impl Place {
    /// The LSOA that a file of the month names: 2021 from June 2023 on.
    pub(crate) fn lsoa(&self, month: Month) -> &Lsoa {
        if (month.year(), month.month()) >= (2023, 6) {
            &self.lsoa21
        } else {
            &self.lsoa11
        }
    }
}

impl Force {
    /// People, by the LSOAs of 2021.
    pub(crate) fn people(&self) -> u32 {
        self.places.iter().map(|place| place.people).sum()
    }

    /// People, by the LSOAs of 2011.
    pub(crate) fn people_before(&self) -> u32 {
        self.places.iter().map(|place| place.people_before).sum()
    }

    /// White, Mixed, Asian, Black and Other people of a district in 2011.
    pub(crate) fn district_census(&self, district: usize) -> [u32; 5] {
        let people: u32 = (self.places.iter())
            .filter(|place| place.district == district)
            .map(|place| place.people_before)
            .sum();
        let [mixed, asian, black, other] =
            (self.profile.groups).map(|share| (f64::from(people) * share) as u32);
        let white = people - mixed - asian - black - other;
        [white, mixed, asian, black, other]
    }

    /// White, Mixed, Asian, Black and Other people in 2011.
    pub(crate) fn census(&self) -> [u32; 5] {
        (0..self.districts.len()).fold([0; 5], |sum, district| {
            let census = self.district_census(district);
            std::array::from_fn(|i| sum[i] + census[i])
        })
    }
}

/// Codes are handed out in order over all forces, as a statistics office would.
#[derive(Default)]
struct Codes {
    districts: usize,
    lsoa11: usize,
    lsoa21: usize,
}

impl Codes {
    fn district(&mut self) -> String {
        self.districts += 1;
        format!("X07{:06}", self.districts)
    }

    fn lsoa11(&mut self) -> String {
        self.lsoa11 += 1;
        format!("X01{:06}", self.lsoa11)
    }

    /// Codes new in 2021 begin after all those of 2011.
    fn lsoa21(&mut self) -> String {
        self.lsoa21 += 1;
        format!("X01{:06}", 10_000 + self.lsoa21)
    }
}

/// The first `count` forces.
pub(crate) fn forces(seed: u64, count: usize) -> Vec<Force> {
    let mut codes = Codes::default();
    PROFILES
        .iter()
        .take(count)
        .enumerate()
        .map(|(index, profile)| force(seed, index, profile, &mut codes))
        .collect()
}

fn force(seed: u64, index: usize, profile: &'static Profile, codes: &mut Codes) -> Force {
    let mut dice = Dice::new(seed, index as u64);
    let districts = districts(profile, codes);
    let mut places = places(profile, &districts, codes);
    for place in &mut places {
        settle(
            place,
            profile,
            centre(index, place.district, profile.districts),
            &mut dice,
        );
    }
    Force {
        index,
        profile,
        id: format!("synthetic-{}", profile.name.to_lowercase()),
        name: format!("Synthetic {} Police", profile.name),
        area: format!("X23{:06}", index + 1),
        districts,
        places,
    }
}

fn districts(profile: &Profile, codes: &mut Codes) -> Vec<District> {
    const NAMES: [&str; 5] = ["Vale", "Forest", "Marsh", "Town", "Heath"];
    let mut districts: Vec<District> = NAMES
        .iter()
        .take(profile.districts)
        .map(|suffix| {
            let code = codes.district();
            let name = format!("{} {suffix}", profile.name);
            District {
                partnership: code.replacen("X07", "X22", 1),
                code16: code.clone(),
                name16: name.clone(),
                code22: code,
                name22: name,
            }
        })
        .collect();
    if profile.merged {
        let code = codes.district();
        for district in districts.iter_mut().rev().take(2) {
            district.code22.clone_from(&code);
            district.name22 = format!("{} Downs", profile.name);
        }
    }
    districts
}

/// Empty places with their codes. In each of the first two districts one LSOA
/// of 2011 is split in two in 2021, and two are merged into one.
fn places(profile: &Profile, districts: &[District], codes: &mut Codes) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::with_capacity(profile.lsoas);
    for k in 0..profile.lsoas {
        let district = k * profile.districts / profile.lsoas;
        let before = places.iter().filter(|p| p.district == district).count();
        let District { name16, name22, .. } = &districts[district];
        let before22 = (places.iter())
            .filter(|p| districts[p.district].name22 == *name22)
            .count();
        let previous = places.last();
        let fresh11 = |codes: &mut Codes| Lsoa {
            code: codes.lsoa11(),
            name: lsoa_name(name16, before, 0),
        };
        let fresh21 = |codes: &mut Codes| Lsoa {
            code: codes.lsoa21(),
            name: lsoa_name(name22, before22, 5),
        };
        let (change, lsoa11, lsoa21) = match (district, before, previous) {
            (0 | 1, 2, Some(previous)) => ('S', previous.lsoa11.clone(), fresh21(codes)),
            (0 | 1, 4, Some(previous)) => ('M', fresh11(codes), previous.lsoa21.clone()),
            (0 | 1, 1, _) => ('S', fresh11(codes), fresh21(codes)),
            (0 | 1, 3, _) => ('M', fresh11(codes), fresh21(codes)),
            _ => {
                let lsoa11 = fresh11(codes);
                let lsoa21 = Lsoa {
                    code: lsoa11.code.clone(),
                    name: lsoa_name(name22, before22, 0),
                };
                ('U', lsoa11, lsoa21)
            }
        };
        places.push(Place {
            district,
            lsoa11,
            lsoa21,
            change,
            people: 0,
            people_before: 0,
            weight: 0.0,
            points: Vec::new(),
        });
    }
    places
}

/// “Ashmoor Vale 001A”: five to a number, letters from A or, for areas that
/// are new, from F.
fn lsoa_name(district: &str, before: usize, first_letter: u8) -> String {
    let letter = char::from(b'A' + first_letter + (before % 5) as u8);
    format!("{district} {:03}{letter}", before / 5 + 1)
}

/// Longitude and latitude about which a district's places lie: a grid over the
/// Midlands, all of it on land.
fn centre(force: usize, district: usize, districts: usize) -> (f64, f64) {
    let across = district as f64 / (districts - 1) as f64 - 0.5;
    (
        -2.25 + 0.5 * (force % 4) as f64 + 0.3 * across,
        52.25 + 0.5 * (force / 4) as f64,
    )
}

/// Gives a place its people and its map points.
fn settle(place: &mut Place, profile: &Profile, centre: (f64, f64), dice: &mut Dice) {
    let mean = profile.people as f64 / profile.lsoas as f64;
    let people = mean * (0.75 + 0.5 * dice.unit());
    place.people = people as u32;
    place.people_before = (people * (0.93 + 0.05 * dice.unit())) as u32;
    let town_centre = dice.chance(0.15);
    place.weight = people
        * if town_centre {
            3.0
        } else {
            0.6 + 0.8 * dice.unit()
        };
    let longitude = centre.0 + 0.1 * (dice.unit() - 0.5);
    let latitude = centre.1 + 0.36 * (dice.unit() - 0.5);
    for _ in 0..3 + dice.below(8) {
        place.points.push(Point {
            longitude: format!("{:.6}", longitude + 0.012 * (dice.unit() - 0.5)),
            latitude: format!("{:.6}", latitude + 0.012 * (dice.unit() - 0.5)),
            location: location(dice),
        });
    }
}

fn location(dice: &mut Dice) -> String {
    const COMMON: [&str; 10] = [
        "Parking Area",
        "Supermarket",
        "Shopping Area",
        "Petrol Station",
        "Sports/Recreation Area",
        "Pedestrian Subway",
        "Park/Open Space",
        "Nightclub",
        "Hospital",
        "Bus/Coach Station",
    ];
    const NAMES: [&str; 20] = [
        "Alder", "Beacon", "Bramble", "Candler", "Copse", "Dovecote", "Elmfield", "Ferry",
        "Gander", "Hazel", "Ironmill", "Juniper", "Kiln", "Larch", "Mallard", "Nettle", "Orchard",
        "Pinfold", "Quarry", "Rushbed",
    ];
    const KINDS: [&str; 8] = [
        "Road", "Street", "Close", "Lane", "Avenue", "Drive", "Way", "Rise",
    ];
    if dice.chance(0.2) {
        return format!("On or near {}", COMMON[dice.below(COMMON.len())]);
    }
    let (name, kind) = (
        NAMES[dice.below(NAMES.len())],
        KINDS[dice.below(KINDS.len())],
    );
    format!("On or near {name} {kind}")
}
