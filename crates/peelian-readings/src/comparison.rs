//! One measure over all forces in one month: a funnel, never a league table.

use peelian_model::{ForceId, Kind, MeasureId, Month, Reading, Status, Unit};
use peelian_stats::comparison::funnel::{self, funnel};

use crate::Catalogue;
use crate::spc::is_comparable;

/// Fewer forces than this cannot show how much forces differ by nature.
const FEWEST_FORCES: usize = 10;
/// Where a force lies in the funnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// Below the 99.8 per cent limit: lower than chance and usual differences explain.
    Lower,
    /// Within the limits.
    Similar,
    /// Above the 99.8 per cent limit.
    Higher,
}

/// A force in the comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct ForceFigure {
    /// The force.
    pub force: ForceId,
    /// Its reading of the month.
    pub reading: Reading,
    /// Its place in the funnel; none where no funnel could be drawn.
    pub position: Option<Position>,
}

/// The funnel's limits at one size of denominator, in the measure's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LimitsAt {
    /// Size of the denominator.
    pub denominator: f64,
    /// Lower and upper 95 per cent limit.
    pub inner: (f64, f64),
    /// Lower and upper 99.8 per cent limit.
    pub outer: (f64, f64),
}

/// All forces in one month.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The month compared.
    pub period: Month,
    /// Every force with the measure, by name; those without the month too.
    pub forces: Vec<ForceFigure>,
    /// The value of all forces taken together, in the measure's unit.
    pub overall: f64,
    /// Limits along the axis; empty where no funnel could be drawn.
    pub limits: Vec<LimitsAt>,
    /// Whether the limits were widened because forces differ by more than chance.
    pub widened: bool,
    /// Why there is no funnel.
    pub why_none: Option<String>,
}

impl Comparison {
    /// A force's line.
    pub fn of(&self, force: &ForceId) -> Option<&ForceFigure> {
        self.forces.iter().find(|f| &f.force == force)
    }

    /// How many forces have a figure that can be compared.
    pub fn compared(&self) -> usize {
        let comparable = |f: &&ForceFigure| is_comparable(&f.reading);
        self.forces.iter().filter(comparable).count()
    }

    /// How many forces have a figure that rests on too many blanks to compare.
    pub fn set_aside(&self) -> usize {
        let held = self.forces.iter().filter(|f| f.reading.status.has_value());
        held.count() - self.compared()
    }
}

/// The month in which forces are compared: the newest for which at least four
/// in five of the forces that ever had so full a month have a figure and, where
/// a force is named, that force has one too. None where there is no such month.
pub fn comparison_period(
    catalogue: &Catalogue,
    measure: &MeasureId,
    force: Option<&ForceId>,
) -> Option<Month> {
    let mut counts = std::collections::BTreeMap::new();
    let all = catalogue
        .forces()
        .iter()
        .filter_map(|f| catalogue.series(measure, &f.id));
    for reading in all.flat_map(|s| &s.readings) {
        if reading.status.has_value() {
            *counts.entry(reading.period).or_insert(0_usize) += 1;
        }
    }
    let most = *counts.values().max()?;
    let own = force.map(|f| catalogue.series(measure, f));
    let held = |month: Month| match own {
        None => true,
        Some(series) => series
            .and_then(|s| s.at(month))
            .is_some_and(|r| r.status.has_value()),
    };
    counts
        .iter()
        .rev()
        .find(|(month, n)| **n * 5 >= most * 4 && held(**month))
        .map(|(month, _)| *month)
}

/// Compares all forces in one month. None where the measure is unknown.
pub fn compare(catalogue: &Catalogue, measure: &MeasureId, period: Month) -> Option<Comparison> {
    let definition = &catalogue.entry(measure)?.measure;
    let series: Vec<_> = catalogue
        .forces()
        .iter()
        .filter_map(|f| catalogue.series(measure, &f.id))
        .collect();
    let mut forces: Vec<ForceFigure> = series
        .iter()
        .map(|s| ForceFigure {
            force: s.force.clone(),
            reading: s
                .at(period)
                .cloned()
                .unwrap_or_else(|| Reading::without_value(period, Status::Missing)),
            position: None,
        })
        .collect();

    let scale = match definition.unit {
        Unit::Per1000 => 1_000.0,
        Unit::Percent => 100.0,
        Unit::Ratio | Unit::Count => 1.0,
    };
    let held: Vec<usize> = (0..forces.len())
        .filter(|&i| units_of(&forces[i].reading).is_some())
        .collect();
    let units: Vec<funnel::Unit> = held
        .iter()
        .filter_map(|&i| units_of(&forces[i].reading))
        .collect();
    let (events, base) = units.iter().fold((0.0, 0.0), |(n, d), u: &funnel::Unit| {
        (n + u.numerator, d + u.denominator)
    });
    let mut comparison = Comparison {
        period,
        overall: if base > 0.0 {
            events / base * scale
        } else {
            0.0
        },
        limits: Vec::new(),
        widened: false,
        why_none: None,
        forces: Vec::new(),
    };
    let kind = match definition.kind {
        Kind::Rate => Some(funnel::Kind::Rate),
        Kind::Ratio => Some(funnel::Kind::Proportion),
        Kind::Grouped => None,
    };
    let drawn = match kind {
        None => Err("No funnel is drawn for a ratio of two rates.".to_owned()),
        Some(_) if units.len() < FEWEST_FORCES => Err(format!(
            "No funnel is drawn: {} forces have a figure for {} and {FEWEST_FORCES} are needed to \
             know how much forces differ in the ordinary way.",
            units.len(),
            period.long()
        )),
        Some(kind) => funnel(&units, kind, &funnel::Settings::default())
            .map_err(|_| "No funnel can be drawn: there were no events.".to_owned()),
    };
    match drawn {
        Err(why) => comparison.why_none = Some(why),
        Ok(funnel) => {
            for point in &funnel.points {
                forces[held[point.unit]].position = Some(match point.position {
                    funnel::Position::Below998 => Position::Lower,
                    funnel::Position::Above998 => Position::Higher,
                    _ => Position::Similar,
                });
            }
            comparison.overall = funnel.target * scale;
            comparison.widened = funnel.overdispersed;
            comparison.limits = along(&units)
                .into_iter()
                .map(|denominator| {
                    let at = |z| {
                        let limits = funnel.limits_at(denominator, z);
                        (limits.lower * scale, limits.upper * scale)
                    };
                    LimitsAt {
                        denominator,
                        inner: at(funnel::Z95),
                        outer: at(funnel::Z998),
                    }
                })
                .collect();
        }
    }
    comparison.forces = forces;
    Some(comparison)
}

fn units_of(reading: &Reading) -> Option<funnel::Unit> {
    let (numerator, denominator) = reading.numerator.zip(reading.denominator)?;
    (is_comparable(reading) && denominator > 0.0).then_some(funnel::Unit {
        numerator,
        denominator,
    })
}

/// Forty sizes from a little under the smallest to a little over the largest
/// denominator, closer together where limits bend most.
fn along(units: &[funnel::Unit]) -> Vec<f64> {
    let (low, high) = units.iter().fold((f64::INFINITY, 0.0_f64), |(l, h), u| {
        (l.min(u.denominator), h.max(u.denominator))
    });
    let (low, high) = (low * 0.8, high * 1.05);
    (0..40)
        .map(|i| low * (high / low).powf(f64::from(i) / 39.0))
        .collect()
}
