//! A catalogue built by hand: real measure files, invented figures.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use jiff::civil::{Date, date};
use peelian_assess::{Assessment, Frameworks, Grades, assess};
use peelian_model::{
    Force, ForceId, Kind, Measure, MeasureId, Month, Nature, Reading, Series, SourceRelease,
    Status, Unit,
};
use peelian_readings::{Catalogue, Generation, MeasureEntry};

/// The day on which these tests assess, unless they say otherwise.
pub(crate) const TODAY: Date = date(2026, 11, 22);

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every measure file of the repository.
pub(crate) fn measures() -> Vec<Measure> {
    let mut measures = Vec::new();
    for area in fs::read_dir(root().join("measures")).unwrap() {
        let area = area.unwrap().path();
        if !area.is_dir() {
            continue;
        }
        for file in fs::read_dir(area).unwrap() {
            let file = file.unwrap().path();
            let name = file.file_name().unwrap().to_str().unwrap();
            if name.split_once('.').unwrap().1 == "toml" {
                measures.push(toml::from_str(&fs::read_to_string(&file).unwrap()).unwrap());
            }
        }
    }
    measures.sort_by(|a: &Measure, b: &Measure| a.id.cmp(&b.id));
    measures
}

pub(crate) fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// Months with figures, from the share that `share` gives for each, per cent.
pub(crate) fn readings(
    first: &str,
    last: &str,
    share: impl Fn(usize) -> f64,
    base: f64,
) -> Vec<Reading> {
    Month::range(id(first), id(last))
        .enumerate()
        .map(|(i, period)| {
            let share = share(i);
            let half = 1.96 * (share * (1.0 - share) / base).max(0.0).sqrt();
            Reading {
                numerator: Some((share * base).round()),
                denominator: Some(base),
                value: Some(share * 100.0),
                lower: Some((share - half) * 100.0),
                upper: Some((share + half) * 100.0),
                ..Reading::without_value(period, Status::Ok)
            }
        })
        .collect()
}

/// Ordinary variation from month to month, the same on every run.
pub(crate) fn wobble(i: usize) -> f64 {
    [0.010, -0.014, 0.004, 0.012, -0.008, -0.003, 0.007, -0.011][i % 8]
}

pub(crate) struct World {
    pub(crate) nature: Nature,
    pub(crate) measures: Vec<Measure>,
    forces: Vec<ForceId>,
    series: Vec<Series>,
}

impl World {
    /// Essex and eleven others, without a figure yet.
    pub(crate) fn new() -> Self {
        let others = [
            "avon-and-somerset",
            "bedfordshire",
            "cambridgeshire",
            "cheshire",
            "cleveland",
            "cumbria",
            "derbyshire",
            "dorset",
            "durham",
            "gwent",
            "kent",
        ];
        Self {
            nature: Nature::Real,
            measures: measures(),
            forces: ["essex"].iter().chain(&others).map(|f| id(f)).collect(),
            series: Vec::new(),
        }
    }

    /// Twelve invented forces.
    pub(crate) fn synthetic() -> Self {
        Self {
            nature: Nature::Synthetic,
            forces: (0..12).map(|i| id(&format!("synthetic-{i}"))).collect(),
            ..Self::new()
        }
    }

    /// The figures of the first force.
    pub(crate) fn with(mut self, measure: &str, readings: Vec<Reading>) -> Self {
        self.push(measure, 0, readings);
        self
    }

    /// Figures of every other force, about the share given, to September 2026.
    pub(crate) fn others(mut self, measure: &str, share: f64) -> Self {
        for n in 1..self.forces.len() {
            let own = share + 0.004 * (n as f64 - 6.0);
            let figures = readings("2024-01", "2026-09", |i| own + wobble(i + n), 1_000.0);
            self.push(measure, n, figures);
        }
        self
    }

    /// Per cent becomes per 1,000 where the measure is a rate.
    fn push(&mut self, measure: &str, force: usize, mut readings: Vec<Reading>) {
        let measure = self
            .measures
            .iter()
            .find(|m| m.id.as_str() == measure)
            .unwrap();
        if measure.unit == Unit::Per1000 {
            for reading in &mut readings {
                for number in [&mut reading.value, &mut reading.lower, &mut reading.upper] {
                    *number = number.map(|n| n * 10.0);
                }
            }
        }
        self.series.push(Series {
            measure: measure.id.clone(),
            force: self.forces[force].clone(),
            area: None,
            readings,
        });
    }

    pub(crate) fn catalogue(&self) -> Catalogue {
        let entries = self
            .measures
            .iter()
            .map(|measure| MeasureEntry {
                measure: measure.clone(),
                sql: String::new(),
                file: String::new(),
                tables: Vec::new(),
                inputs: BTreeMap::new(),
                version: "0.1.0+abcd1234".to_owned(),
                sources: vec![SourceRelease {
                    source: measure.sources[0].clone(),
                    title: "data.police.uk".to_owned(),
                    attribution: "Open Government Licence v3.0".to_owned(),
                    as_at: "2026-11-02".to_owned(),
                    files: 33,
                    rows: 33_000,
                }],
            })
            .collect();
        let generation = Generation {
            number: 1,
            manifest: 1,
            catalogue: String::new(),
            nature: self.nature,
            computed_at: "2026-11-22T00:00:00Z".to_owned(),
            measures: entries,
            forces: self
                .forces
                .iter()
                .map(|f| Force {
                    id: f.clone(),
                    name: f.to_string(),
                    area: None,
                })
                .collect(),
            people: BTreeMap::new(),
            districts: Vec::new(),
            coverage: Vec::new(),
            sources: Vec::new(),
            issues: Vec::new(),
            bodies: Vec::new(),
        };
        Catalogue::of(generation, self.series.clone())
    }

    pub(crate) fn assess(&self, framework: &str) -> Assessment {
        self.assess_at(framework, TODAY)
    }

    pub(crate) fn assess_at(&self, framework: &str, as_at: Date) -> Assessment {
        assess(
            &self.catalogue(),
            &Frameworks::load(None).unwrap(),
            &id(framework),
            &Grades::load(None).unwrap(),
            &self.forces[0],
            as_at,
        )
        .unwrap()
    }

    /// Every measure in the repository with figures of every force: recorded
    /// crime has fallen by half, searches are more often linked than elsewhere.
    pub(crate) fn full(self) -> Self {
        let mut world = self;
        for measure in world.measures.clone() {
            let name = measure.id.to_string();
            if measure.kind == Kind::Grouped {
                world = world.with(&name, ratios(3.1, 3.9, Some((1.8, 9.0))));
                continue;
            }
            let share = if measure.recorded {
                readings(
                    "2024-01",
                    "2026-09",
                    |i| if i < 21 { 0.2 } else { 0.1 } + wobble(i),
                    1e3,
                )
            } else {
                readings("2024-01", "2026-09", |i| 0.4 + wobble(i), 1e3)
            };
            world = world.with(&name, share).others(&name, 0.2);
        }
        world
    }
}

/// A rolling ratio, one figure a month.
pub(crate) fn ratios(lower: f64, upper: f64, bounds: Option<(f64, f64)>) -> Vec<Reading> {
    Month::range(id("2026-01"), id("2026-09"))
        .map(|period| Reading {
            numerator: Some(7.0),
            denominator: Some(2.0),
            value: Some(f64::midpoint(lower, upper)),
            lower: Some(lower),
            upper: Some(upper),
            bounds,
            left_out: Some(0.3),
            ..Reading::without_value(period, Status::Ok)
        })
        .collect()
}

pub(crate) fn measure_id(text: &str) -> MeasureId {
    id(text)
}
