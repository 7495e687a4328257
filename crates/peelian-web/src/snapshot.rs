//! One generation, with everything that pages need worked out once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use jiff::civil::Date;
use peelian_assess::{Assessment, Framework, Frameworks, Grades, assess};
use peelian_model::{
    Force, ForceId, FrameworkId, Measure, MeasureId, MeasureStatus, Month, Nature, Rule, Variation,
};
use peelian_readings::{
    Comparison, MeasureEntry, PublicCatalogue, compare, comparison_period, false_signals, headline,
};

use crate::holdings::Holdings;
use crate::words;

/// What the site shows: one generation of public figures, and what follows
/// from it. Immutable.
#[derive(Debug)]
pub struct Snapshot {
    pub(crate) catalogue: PublicCatalogue,
    pub(crate) frameworks: Frameworks,
    pub(crate) grades: Grades,
    pub(crate) holdings: Holdings,
    /// Signals of the latest month of each measure, strongest rule first.
    pub(crate) changes: Vec<Change>,
    /// The series of each whole force whose limits are firm enough to signal.
    pub(crate) looked_at: HashMap<ForceId, LookedAt>,
    comparisons: HashMap<(MeasureId, Month), Comparison>,
    as_at: Date,
}

/// One signal, in a sentence.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) force: ForceId,
    pub(crate) measure: MeasureId,
    pub(crate) period: Month,
    pub(crate) rule: Rule,
    pub(crate) variation: Variation,
    pub(crate) sentence: String,
}

/// How many series were looked at, and what chance alone makes of that.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LookedAt {
    pub(crate) series: usize,
    /// Latest months that the rules mark on average though nothing happened.
    pub(crate) false_signals: f64,
}

impl std::iter::Sum for LookedAt {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            series: sum.series + one.series,
            false_signals: sum.false_signals + one.false_signals,
        })
    }
}

impl Snapshot {
    /// Works out comparisons, coverage and signals. `as_at` is the date on
    /// which the age of evidence is reckoned.
    pub fn of(
        catalogue: PublicCatalogue,
        frameworks: Frameworks,
        grades: Grades,
        as_at: Date,
    ) -> Self {
        let comparisons = comparisons(&catalogue);
        let (changes, looked_at) = changes(&catalogue);
        Self {
            holdings: Holdings::of(catalogue.generation()),
            changes,
            looked_at,
            comparisons,
            catalogue,
            frameworks,
            grades,
            as_at,
        }
    }

    pub(crate) fn is_synthetic(&self) -> bool {
        self.catalogue.nature() == Nature::Synthetic
    }

    /// The forces, by name.
    pub(crate) fn forces(&self) -> &[Force] {
        self.catalogue.forces()
    }

    /// A force by the text of an address.
    pub(crate) fn force(&self, id: &str) -> Option<&Force> {
        self.catalogue.force(&id.parse().ok()?)
    }

    /// The measures that are shown.
    pub(crate) fn measures(&self) -> impl Iterator<Item = &Measure> {
        self.catalogue
            .measures()
            .filter(|m| m.status == MeasureStatus::Published)
    }

    /// A measure by the text of an address. Drafts are not shown; what was
    /// retired keeps its address.
    pub(crate) fn measure(&self, id: &str) -> Option<&MeasureEntry> {
        self.catalogue
            .entry(&id.parse().ok()?)
            .filter(|e| e.measure.status != MeasureStatus::Draft)
    }

    /// All forces on a measure: in the newest full month or, for a force, in
    /// the newest full month that it has itself.
    pub(crate) fn comparison(
        &self,
        measure: &MeasureId,
        force: Option<&ForceId>,
    ) -> Option<&Comparison> {
        let period = comparison_period(&self.catalogue, measure, force)?;
        self.comparisons.get(&(measure.clone(), period))
    }

    /// The framework asked for, or the one to show unasked: the newest.
    pub(crate) fn framework(&self, id: Option<&str>) -> Option<&Framework> {
        match id {
            Some(id) => self.frameworks.get(&id.parse::<FrameworkId>().ok()?),
            None => self.frameworks.newest(),
        }
    }

    /// What the evidence held says of a force under a framework.
    pub(crate) fn assessment(&self, force: &ForceId, framework: &Framework) -> Option<Assessment> {
        assess(
            &self.catalogue,
            &self.frameworks,
            &framework.id,
            &self.grades,
            force,
            self.as_at,
        )
    }

    /// An inspected area's plain name: as the newest framework words it.
    pub(crate) fn area_name(&self, id: &peelian_model::InspectionAreaId) -> String {
        self.frameworks
            .all()
            .iter()
            .find_map(|f| f.area(id))
            .map_or_else(|| words::sentence_case(id.as_str()), |a| a.name.clone())
    }

    /// The measures shown, by inspected area, in the order of the catalogue.
    pub(crate) fn by_area(&self) -> Vec<(String, Vec<&Measure>)> {
        let mut areas: Vec<(&peelian_model::InspectionAreaId, Vec<&Measure>)> = Vec::new();
        for measure in self.measures() {
            match areas.iter_mut().find(|(id, _)| *id == &measure.area) {
                Some((_, measures)) => measures.push(measure),
                None => areas.push((&measure.area, vec![measure])),
            }
        }
        areas
            .into_iter()
            .map(|(id, m)| (self.area_name(id), m))
            .collect()
    }

    /// The known issues that touch what a measure is made of, in a force or
    /// in any.
    pub(crate) fn issues<'a>(
        &'a self,
        measure: &'a Measure,
        force: Option<&'a ForceId>,
    ) -> impl Iterator<Item = &'a peelian_readings::KnownIssue> {
        let entry = self.catalogue.entry(&measure.id);
        entry
            .into_iter()
            .flat_map(move |entry| self.catalogue.generation().issues_of(entry, force, None))
    }
}

/// The newest date among the files that a measure was made from.
pub(crate) fn as_at(entry: &MeasureEntry) -> Option<String> {
    entry.sources.iter().map(|s| s.as_at.clone()).max()
}

fn changes(catalogue: &PublicCatalogue) -> (Vec<Change>, HashMap<ForceId, LookedAt>) {
    let mut changes = Vec::new();
    let mut looked_at: HashMap<ForceId, LookedAt> = HashMap::new();
    let mut by_chance: HashMap<usize, f64> = HashMap::new();
    for measure in catalogue
        .measures()
        .filter(|m| m.status == MeasureStatus::Published)
    {
        for force in catalogue.forces() {
            let Some((series, spc)) = catalogue
                .series(&measure.id, &force.id)
                .zip(catalogue.spc(&measure.id, &force.id))
            else {
                continue;
            };
            if spc.latest(series).is_none() {
                continue;
            }
            let months = spc.current().map_or(0, |limits| limits.n);
            let share = by_chance
                .entry(months)
                .or_insert_with(|| false_signals(months).map_or(0.0, |found| found.latest.share));
            let looked = looked_at.entry(force.id.clone()).or_default();
            looked.series += 1;
            looked.false_signals += *share;
            let last = series.readings.iter().rposition(|r| r.status.has_value());
            let Some((index, signal)) =
                last.and_then(|i| Some((i, spc.signals.get(i).copied().flatten()?)))
            else {
                continue;
            };
            changes.push(Change {
                force: force.id.clone(),
                measure: measure.id.clone(),
                period: series.readings[index].period,
                rule: signal.rule,
                variation: signal.variation,
                sentence: headline(measure, series, spc),
            });
        }
    }
    changes.sort_by_key(|c| (std::cmp::Reverse(c.period), c.rule));
    (changes, looked_at)
}

/// Every comparison that a page asks for: each measure in each month in which
/// some force is compared.
fn comparisons(catalogue: &PublicCatalogue) -> HashMap<(MeasureId, Month), Comparison> {
    let mut all = HashMap::new();
    for measure in catalogue.measures() {
        let forces = catalogue.forces().iter().map(|f| Some(&f.id));
        for force in std::iter::once(None).chain(forces) {
            if let Some(period) = comparison_period(catalogue, &measure.id, force)
                && let Entry::Vacant(place) = all.entry((measure.id.clone(), period))
                && let Some(comparison) = compare(catalogue, &measure.id, period)
            {
                place.insert(comparison);
            }
        }
    }
    all
}
