//! Populations: who a rate is counted against, and of which year.

use std::collections::{BTreeMap, HashMap};

use peelian_model::{AreaCode, ForceId, Month};
use peelian_readings::District;

/// Residents of force areas and districts, by year of the estimate.
#[derive(Debug, Default)]
pub(crate) struct People {
    forces: HashMap<ForceId, BTreeMap<i32, f64>>,
    districts: HashMap<AreaCode, BTreeMap<i32, f64>>,
    named: BTreeMap<AreaCode, District>,
}

impl People {
    /// Adds a district's residents in a year.
    pub(crate) fn add(&mut self, district: District, year: i32, people: f64) {
        *self
            .forces
            .entry(district.force.clone())
            .or_default()
            .entry(year)
            .or_default() += people;
        self.districts
            .entry(district.code.clone())
            .or_default()
            .insert(year, people);
        self.named.insert(district.code.clone(), district);
    }

    /// Residents of a force area, or of a district, by the mid-year estimate
    /// nearest the month (the earlier on a tie), and its year.
    pub(crate) fn at(
        &self,
        force: &ForceId,
        district: Option<&AreaCode>,
        month: Month,
    ) -> Option<(f64, i32)> {
        let years = match district {
            Some(code) => self.districts.get(code)?,
            None => self.forces.get(force)?,
        };
        nearest(years, month)
    }

    /// The newest estimate of each force area.
    pub(crate) fn newest(&self) -> BTreeMap<ForceId, (f64, i32)> {
        let newest = |years: &BTreeMap<i32, f64>| years.last_key_value().map(|(y, p)| (*p, *y));
        self.forces
            .iter()
            .filter_map(|(f, years)| Some((f.clone(), newest(years)?)))
            .collect()
    }

    /// The districts, by code.
    pub(crate) fn districts(&self) -> &BTreeMap<AreaCode, District> {
        &self.named
    }
}

/// The year whose middle, the end of June, is nearest the middle of the month.
fn nearest(years: &BTreeMap<i32, f64>, month: Month) -> Option<(f64, i32)> {
    let distance = |year: i32| (2 * month.index() + 1 - 2 * (year * 12 + 6)).abs();
    years
        .iter()
        .min_by_key(|(year, _)| (distance(**year), **year))
        .map(|(y, p)| (*p, *y))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_mid_year_is_used_and_the_earlier_on_a_tie() {
        let years = BTreeMap::from([(2015, 1.0), (2022, 2.0)]);
        let at = |text: &str| nearest(&years, text.parse().unwrap()).unwrap().1;
        assert_eq!(at("2018-12"), 2015);
        assert_eq!(at("2019-01"), 2022);
        assert_eq!(at("2011-01"), 2015);
        assert_eq!(at("2026-09"), 2022);
        // Between two neighbouring years no month is exactly in the middle, so the
        // tie-break shows only for an even number of years between estimates with an
        // odd month; the rule is still the earlier.
        assert!(nearest(&BTreeMap::new(), "2020-01".parse().unwrap()).is_none());
    }
}
