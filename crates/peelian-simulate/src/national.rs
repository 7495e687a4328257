//! Archives of national size: as many rows as the country has, nothing planted.
//!
//! The demonstration's forces are small and their crimes tell a story. These
//! are as large as real ones, so that time and memory can be measured: sizes,
//! order of rows, repeats of places and lengths of words follow the published
//! files, and a few rows are faulty as published ones are.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use peelian_model::Month;
use zip::ZipWriter;

use crate::SimulateError;
use crate::dice::Dice;
use crate::folder::member_options;

/// Street-level crimes a month of each force, in thousands: 510 in all, the
/// largest and the smallest as far apart as the Metropolitan Police and
/// Warwickshire.
const SIZES: [usize; 43] = [
    88, 30, 27, 26, 20, 18, 17, 16, 15, 14, 13, 13, 12, 12, 11, 11, 10, 9, 9, 9, 8, 8, 8, 7, 7, 7,
    7, 6, 6, 6, 6, 5, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4,
];

/// A month's crimes for each area, and points in one.
const CRIMES_PER_AREA: usize = 15;
const POINTS_PER_AREA: usize = 24;

/// One row in so many has a faulty crime id, and one a point at sea.
const FAULTY: usize = 40_000;

/// Crime types in the order of the files, with weights. The first has neither
/// id nor outcome.
const TYPES: [(&str, f64); 14] = [
    ("Anti-social behaviour", 190.0),
    ("Bicycle theft", 12.0),
    ("Burglary", 60.0),
    ("Criminal damage and arson", 80.0),
    ("Drugs", 28.0),
    ("Other crime", 20.0),
    ("Other theft", 72.0),
    ("Possession of weapons", 9.0),
    ("Public order", 70.0),
    ("Robbery", 12.0),
    ("Shoplifting", 62.0),
    ("Theft from the person", 14.0),
    ("Vehicle crime", 70.0),
    ("Violence and sexual offences", 310.0),
];

/// Outcomes with weights. The first [`OPEN`] are not outcomes of a case yet.
const OUTCOMES: [(&str, f64); 14] = [
    ("Under investigation", 60.0),
    ("Status update unavailable", 25.0),
    ("Investigation complete; no suspect identified", 420.0),
    ("Unable to prosecute suspect", 390.0),
    ("Court result unavailable", 45.0),
    ("Local resolution", 41.0),
    ("Action to be taken by another organisation", 23.0),
    ("Offender given a drugs possession warning", 11.0),
    ("Offender sent to prison", 11.0),
    ("Offender given a caution", 8.0),
    ("Offender given community sentence", 7.0),
    ("Formal action is not in the public interest", 5.0),
    ("Offender given suspended prison sentence", 3.0),
    ("Further investigation is not in the public interest", 2.0),
];
const OPEN: usize = 2;

const STARTS: [&str; 24] = [
    "Ash", "Birch", "Black", "Bram", "Carr", "Chapel", "Dove", "East", "Fern", "Glen", "Haw",
    "High", "Holl", "Kirk", "Lang", "Mill", "North", "Oak", "Rose", "Stan", "Thorn", "Wal", "West",
    "Wood",
];
const ENDS: [&str; 16] = [
    "bank", "bourne", "bridge", "brook", "bury", "croft", "field", "ford", "gate", "ham", "hurst",
    "ley", "mead", "stead", "ton", "worth",
];
const WAYS: [&str; 11] = [
    "Road", "Street", "Close", "Avenue", "Lane", "Drive", "Gardens", "Way", "Crescent", "Court",
    "Place",
];
/// Points that stand for no street, with the many crimes they gather.
const SPOTS: [&str; 6] = [
    "Parking Area",
    "Supermarket",
    "Shopping Area",
    "Petrol Station",
    "Sports/Recreation Area",
    "Nightclub",
];

const STREET_HEADER: &str = "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,\
                             LSOA code,LSOA name,Crime type,Last outcome category,Context\n";
const OUTCOMES_HEADER: &str = "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,\
                               Location,LSOA code,LSOA name,Outcome type\n";

/// A national archive to be made.
#[derive(Debug, Clone)]
pub struct National {
    /// Different seeds give different archives.
    pub seed: u64,
    /// How many forces, 1 to 43.
    pub forces: usize,
    /// The first month and the last.
    pub months: (Month, Month),
    /// Whether to write outcomes files beside the street files.
    pub outcomes: bool,
}

impl National {
    /// Writes the archive to `path`: a zip file where it ends in `.zip`, else a
    /// folder, both laid out as data.police.uk lays out its archive. What
    /// stands there is replaced, the zip file only once the new one is whole.
    /// Returns the number of street rows.
    pub fn write(&self, path: &Path) -> Result<u64, SimulateError> {
        let forces: Vec<Force> = (0..self.forces.min(SIZES.len()))
            .map(|index| Force::new(self.seed, index))
            .collect();
        if path.extension().is_none_or(|e| e != "zip") {
            return self.each_file(&forces, |name, text| {
                let file = path.join(name);
                let folder = file.parent().unwrap_or(path);
                fs::create_dir_all(folder).map_err(SimulateError::io(folder))?;
                fs::write(&file, text).map_err(SimulateError::io(&file))
            });
        }
        let partial = path.with_extension("zip.partial");
        let file = File::create(&partial).map_err(SimulateError::io(&partial))?;
        let mut zip = ZipWriter::new(BufWriter::with_capacity(1 << 20, file));
        let rows = self.each_file(&forces, |name, text| {
            zip.start_file(name, member_options())
                .map_err(SimulateError::zip(path))?;
            zip.write_all(text).map_err(SimulateError::io(&partial))
        })?;
        let mut file = zip.finish().map_err(SimulateError::zip(path))?;
        file.flush().map_err(SimulateError::io(&partial))?;
        fs::rename(&partial, path).map_err(SimulateError::io(path))?;
        Ok(rows)
    }

    fn each_file(
        &self,
        forces: &[Force],
        mut take: impl FnMut(&str, &[u8]) -> Result<(), SimulateError>,
    ) -> Result<u64, SimulateError> {
        let mut rows = 0;
        let mut text = String::new();
        for month in Month::range(self.months.0, self.months.1) {
            for force in forces {
                let crimes = force.crimes(self.seed, month);
                rows += crimes.len() as u64;
                if self.outcomes {
                    force.outcomes(&mut text, month, force.crimes(self.seed, month.plus(-1)));
                    take(&force.file_name(month, "outcomes"), text.as_bytes())?;
                }
                force.street(&mut text, month, &crimes);
                take(&force.file_name(month, "street"), text.as_bytes())?;
            }
        }
        Ok(rows)
    }
}

/// A force with the text of each of its points, as it stands in the files.
struct Force {
    index: usize,
    id: String,
    name: String,
    areas: usize,
    points: Vec<String>,
}

/// A crime; its order is that of the street file.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Crime {
    /// The place in [`Force::areas`]; past the end where there is none.
    area: usize,
    kind: usize,
    point: usize,
    outcome: usize,
    id: String,
}

impl Force {
    fn new(seed: u64, index: usize) -> Self {
        let mut dice = Dice::new(seed, index as u64);
        let areas = SIZES[index] * 1000 / CRIMES_PER_AREA;
        let first_area: usize = SIZES[..index]
            .iter()
            .map(|s| s * 1000 / CRIMES_PER_AREA)
            .sum();
        let (west, south) = (
            -2.9 + 0.4 * (index % 7) as f64,
            51.2 + 0.3 * (index / 7) as f64,
        );
        let districts: Vec<String> = (0..8).map(|_| town(&mut dice)).collect();
        let mut points = Vec::with_capacity(areas * POINTS_PER_AREA);
        for area in 0..areas {
            let corner = (west + 0.35 * dice.unit(), south + 0.25 * dice.unit());
            let district = &districts[area * districts.len() / areas];
            let (group, letter) = (area / 5 + 1, char::from(b'A' + (area % 5) as u8));
            for _ in 0..POINTS_PER_AREA {
                let (lon, lat) = (
                    corner.0 + 0.015 * dice.unit(),
                    corner.1 + 0.01 * dice.unit(),
                );
                points.push(format!(
                    "{lon:.6},{lat:.6},On or near {},X{:08},{district} {group:03}{letter}",
                    street_name(&mut dice),
                    first_area + area + 1,
                ));
            }
        }
        Self {
            index,
            id: format!("synthetic-force-{:02}", index + 1),
            name: format!("Synthetic Force {:02} Police", index + 1),
            areas,
            points,
        }
    }

    fn file_name(&self, month: Month, kind: &str) -> String {
        format!("{month}/{month}-{}-{kind}.csv", self.id)
    }

    /// The crimes of a month in the order of its file. The same month has the
    /// same crimes whichever months are written.
    fn crimes(&self, seed: u64, month: Month) -> Vec<Crime> {
        let stream = (1 + month.index().unsigned_abs() as usize) * SIZES.len() + self.index;
        let mut dice = Dice::new(seed, stream as u64);
        let count = (SIZES[self.index] as f64 * (920.0 + 160.0 * dice.unit())) as usize;
        let mut crimes: Vec<Crime> = (0..count)
            .map(|_| {
                let kind = dice.choose(&TYPES.map(|t| t.1));
                // A few areas, and a few points of each, have most crimes.
                let busy = |dice: &mut Dice| dice.unit() * dice.unit();
                let area = (busy(&mut dice) * self.areas as f64) as usize;
                let point = (busy(&mut dice) * POINTS_PER_AREA as f64) as usize;
                Crime {
                    area: if dice.below(190) == 0 {
                        self.areas
                    } else {
                        area
                    },
                    kind,
                    point: area * POINTS_PER_AREA + point,
                    outcome: dice.choose(&OUTCOMES.map(|o| o.1)),
                    id: dice.hex_id(),
                }
            })
            .collect();
        crimes.sort_unstable();
        crimes
    }

    fn street(&self, text: &mut String, month: Month, crimes: &[Crime]) {
        text.clear();
        text.push_str(STREET_HEADER);
        // Faults have a stream of their own, which crimes never reach.
        let mut dice = Dice::new(
            month.index().unsigned_abs().into(),
            u64::MAX - self.index as u64,
        );
        for crime in crimes {
            let fault = dice.below(FAULTY);
            if crime.kind > 0 {
                text.push_str(&crime.id[usize::from(fault == 0)..]);
            }
            self.push_place(text, month, crime, fault == 1);
            text.push(',');
            text.push_str(TYPES[crime.kind].0);
            text.push(',');
            if crime.kind > 0 {
                text.push_str(OUTCOMES[crime.outcome].0);
            }
            text.push_str(",\n");
        }
    }

    /// What became of the month before's crimes, in an order that has nothing
    /// to do with places.
    fn outcomes(&self, text: &mut String, month: Month, mut crimes: Vec<Crime>) {
        text.clear();
        text.push_str(OUTCOMES_HEADER);
        crimes.retain(|c| c.kind > 0 && c.outcome >= OPEN);
        crimes.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        for crime in &crimes {
            text.push_str(&crime.id);
            self.push_place(text, month, crime, false);
            text.push(',');
            text.push_str(OUTCOMES[crime.outcome].0);
            text.push('\n');
        }
    }

    /// The fields from the month to the name of the area.
    fn push_place(&self, text: &mut String, month: Month, crime: &Crime, at_sea: bool) {
        let _ = write!(text, ",{month},{name},{name},", name = self.name);
        text.push_str(match self.points.get(crime.point) {
            _ if at_sea => "3.000000,54.000000,On or near Sea,,",
            Some(point) if crime.area < self.areas => point,
            _ => ",,No Location,,",
        });
    }
}

fn town(dice: &mut Dice) -> String {
    format!(
        "{}{}",
        STARTS[dice.below(STARTS.len())],
        ENDS[dice.below(ENDS.len())]
    )
}

fn street_name(dice: &mut Dice) -> String {
    if dice.below(8) == 0 {
        SPOTS[dice.below(SPOTS.len())].to_owned()
    } else {
        format!("{} {}", town(dice), WAYS[dice.below(WAYS.len())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn national(first: &str, last: &str) -> National {
        National {
            seed: 1,
            forces: 2,
            months: (first.parse().unwrap(), last.parse().unwrap()),
            outcomes: true,
        }
    }

    fn files(national: &National) -> Vec<(String, String)> {
        let mut files = Vec::new();
        let forces: Vec<Force> = (41..43).map(|i| Force::new(national.seed, i)).collect();
        national
            .each_file(&forces, |name, text| {
                files.push((name.to_owned(), String::from_utf8(text.to_vec()).unwrap()));
                Ok(())
            })
            .unwrap();
        files
    }

    #[test]
    fn a_month_is_the_same_whichever_others_are_written() {
        let (one, two) = (
            national("2024-02", "2024-02"),
            national("2024-01", "2024-02"),
        );
        assert_eq!(files(&one), files(&two)[4..]);
    }

    #[test]
    fn an_outcome_is_of_a_crime_of_the_month_before() {
        let files = files(&national("2024-01", "2024-02"));
        let text = |name: &str| &files.iter().find(|f| f.0.ends_with(name)).unwrap().1;
        let street = text("2024-01-synthetic-force-43-street.csv");
        let outcomes = text("2024-02-synthetic-force-43-outcomes.csv");
        let faulty = street.lines().filter(|l| l.find(',') == Some(63)).count();
        let strangers = outcomes
            .lines()
            .skip(1)
            .filter(|l| !street.contains(&l[..64]));
        assert!(strangers.count() <= faulty);
        assert!((3_500..4_500).contains(&street.lines().count()));
    }
}
