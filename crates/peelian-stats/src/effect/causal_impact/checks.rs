//! The checks that go with every estimate: dates on which nothing happened, and other priors.

use super::{Effect, Series, Settings, estimate};
use crate::Unanswerable;

/// The least number of periods to learn from at a placebo date.
const LEAST: usize = 12;

/// What the method says of a date on which nothing is known to have happened.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaceboDate {
    /// The pretended start.
    pub start: usize,
    /// Average effect from there to the end of the periods before the real start.
    pub average: Effect,
    /// As [`super::Impact::p_value`].
    pub p_value: f64,
    /// Whether the interval leaves 0 out: a false alarm.
    pub alarm: bool,
}

/// Placebo dates at three, four and five sixths of the periods before the start, as far as they
/// leave 12 periods to learn from.
pub fn usual_placebo_dates(series: &Series) -> Vec<usize> {
    let (start, length) = (series.before.start, series.before.len());
    let dates = [3, 4, 5].map(|sixths| start + length * sixths / 6);
    let usable = dates
        .into_iter()
        .filter(|date| date - start >= LEAST && *date < series.before.end);
    usable.collect()
}

/// Run the same model on dates before the real one, within the periods to learn from.
///
/// More than one alarm in twenty (at 95 %) means that the model is too sure of itself for this
/// series. Fails as [`estimate`] does, for any of the dates.
pub fn placebo_dates(
    series: &Series,
    dates: &[usize],
    settings: &Settings,
    seed: u64,
) -> Result<Vec<PlaceboDate>, Unanswerable> {
    let at = |date: &usize| {
        if !series.before.contains(date) {
            return Err(Unanswerable::Invalid(
                "placebo dates lie among the periods to learn from",
            ));
        }
        let earlier = Series {
            before: series.before.start..*date,
            after: *date..series.before.end,
            ..series.clone()
        };
        let impact = estimate(&earlier, settings, seed)?;
        Ok(PlaceboDate {
            start: *date,
            average: impact.average,
            p_value: impact.p_value,
            alarm: !impact.average.interval.contains(0.0),
        })
    };
    dates.iter().map(at).collect()
}

/// The estimate under another prior.
#[derive(Clone, Debug, PartialEq)]
pub struct Sensitivity {
    /// The prior, all else as in the settings given.
    pub settings: Settings,
    /// Average effect under it.
    pub average: Effect,
}

/// The average effect with the level's expected spread a tenth, the same and ten times as large,
/// each with the expected model size as set and with all covariates in the model.
pub fn prior_sensitivity(
    series: &Series,
    settings: &Settings,
    seed: u64,
) -> Result<Vec<Sensitivity>, Unanswerable> {
    let all = series.covariates.len() as f64;
    let mut sizes = vec![settings.model_size];
    if settings.model_size < all {
        sizes.push(all);
    }
    let mut answers = Vec::new();
    for factor in [0.1, 1.0, 10.0] {
        for size in &sizes {
            let settings = Settings {
                level_sd: settings.level_sd * factor,
                model_size: *size,
                ..*settings
            };
            answers.push(Sensitivity {
                average: estimate(series, &settings, seed)?.average,
                settings,
            });
        }
    }
    Ok(answers)
}
