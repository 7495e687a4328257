//! One generation in memory: every series, ready to be shown.

use std::collections::HashMap;
use std::ops::Deref;
use std::path::Path;

use peelian_model::{AreaCode, Force, ForceId, Measure, MeasureId, Nature, Series, Visibility};

use crate::generation::{Generation, MeasureEntry};
use crate::series_file::read_series;
use crate::{ReadingsError, Spc, spc};

/// Every figure of one generation. Immutable: a server shows one throughout
/// and swaps to the next.
#[derive(Debug)]
pub struct Catalogue {
    generation: Generation,
    series: HashMap<(MeasureId, ForceId, Option<AreaCode>), (Series, Spc)>,
}

impl Catalogue {
    /// Loads the current generation; none where nothing was computed yet.
    pub fn open(home: &Path) -> Result<Option<Self>, ReadingsError> {
        let Some(generation) = Generation::current(home)? else {
            return Ok(None);
        };
        let mut all = Vec::new();
        for entry in &generation.measures {
            all.extend(read_series(&home.join(&entry.file), &entry.measure.id)?);
        }
        Ok(Some(Self::of(generation, all)))
    }

    /// A catalogue from its parts.
    pub fn of(generation: Generation, all: Vec<Series>) -> Self {
        let measures: HashMap<&MeasureId, &Measure> = generation
            .measures
            .iter()
            .map(|e| (&e.measure.id, &e.measure))
            .collect();
        let series = all
            .into_iter()
            .filter_map(|s| {
                let signals = spc(&s, measures.get(&s.measure)?);
                Some((
                    (s.measure.clone(), s.force.clone(), s.area.clone()),
                    (s, signals),
                ))
            })
            .collect();
        Self { generation, series }
    }

    /// What was computed, from what, when.
    pub fn generation(&self) -> &Generation {
        &self.generation
    }

    /// Whether the figures are real.
    pub fn nature(&self) -> Nature {
        self.generation.nature
    }

    /// The measures, in the order of the catalogue.
    pub fn measures(&self) -> impl Iterator<Item = &Measure> {
        self.generation.measures.iter().map(|e| &e.measure)
    }

    /// A measure with its query, version and sources.
    pub fn entry(&self, measure: &MeasureId) -> Option<&MeasureEntry> {
        self.generation.measure(measure)
    }

    /// The forces with any record, by name.
    pub fn forces(&self) -> &[Force] {
        &self.generation.forces
    }

    /// A force with any record.
    pub fn force(&self, id: &ForceId) -> Option<&Force> {
        self.generation.forces.iter().find(|f| &f.id == id)
    }

    /// The series of a whole force.
    pub fn series(&self, measure: &MeasureId, force: &ForceId) -> Option<&Series> {
        self.get(measure, force, None).map(|(s, _)| s)
    }

    /// The signals of a whole force's series.
    pub fn spc(&self, measure: &MeasureId, force: &ForceId) -> Option<&Spc> {
        self.get(measure, force, None).map(|(_, spc)| spc)
    }

    /// The series and signals of a district.
    pub fn district(
        &self,
        measure: &MeasureId,
        force: &ForceId,
        district: &AreaCode,
    ) -> Option<(&Series, &Spc)> {
        self.get(measure, force, Some(district.clone()))
            .map(|(s, p)| (s, p))
    }

    fn get(
        &self,
        measure: &MeasureId,
        force: &ForceId,
        area: Option<AreaCode>,
    ) -> Option<&(Series, Spc)> {
        self.series.get(&(measure.clone(), force.clone(), area))
    }
}

/// The part of a catalogue that anyone may see. It can only be made by taking
/// everything restricted out, so a page built on it cannot leak.
#[derive(Debug)]
pub struct PublicCatalogue(Catalogue);

impl PublicCatalogue {
    /// Takes the restricted measures out.
    pub fn of(mut catalogue: Catalogue) -> Self {
        catalogue
            .generation
            .measures
            .retain(|e| e.measure.visibility() == Visibility::Public);
        let generation = &catalogue.generation;
        catalogue.series.retain(|(measure, _, area), _| {
            generation.measure(measure).is_some_and(|entry| {
                let grain = entry.measure.publish.as_ref().map(|p| p.grain.as_str());
                area.is_none() || grain == Some("district")
            })
        });
        Self(catalogue)
    }
}

impl Deref for PublicCatalogue {
    type Target = Catalogue;

    fn deref(&self) -> &Catalogue {
        &self.0
    }
}
