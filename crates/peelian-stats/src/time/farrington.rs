//! Farrington's early warning: is this period's count above what its own past allows?
//!
//! The count of one period is compared with the same season of earlier years. The past is fitted
//! by a quasi-Poisson regression ln E(y) = season + β·t; periods that were themselves unusual are
//! weighted down and the fit repeated; the limit is the upper 1 − α quantile of a negative
//! binomial with the fitted mean μ and variance φμ.
//!
//! Sources: Farrington and others, *Journal of the Royal Statistical Society* A 159 (1996)
//! 547–563; Noufaily and others, *Statistics in Medicine* 32 (2013) 1206–1222, whose seasonal
//! blocks, trend rule and limit these are.
//!
//! **How it can mislead.** An alarm says that a count is unusual, not why: a new way of recording
//! raises it as an outbreak does. With α = 0.01 about one in a hundred quiet periods is marked, so
//! a hundred series give an alarm a week. A rise that began before the periods left out is taken
//! for the new normal.

use std::ops::Range;

use rayon::prelude::*;

use crate::Unanswerable;
use crate::special::{negative_binomial_quantile, negative_binomial_tail, student_t_two_sided};

/// A trend with a p-value below this is significant.
const SIGNIFICANT: f64 = 0.05;
/// Trends need as many years of past.
const YEARS_FOR_TREND: usize = 3;
/// Rounds after which the search for a slope is given up; five are usual.
const ROUNDS: usize = 50;
/// Counts above this are not counts of anything, and would drown the rest.
const MOST: f64 = 1e12;

/// How the past is chosen and the limit drawn. The default is Noufaily's, for weeks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Periods in a year: 52 for weeks, 12 for months.
    pub year: usize,
    /// Years of past to use. Default 5. Trends need 3.
    pub years: usize,
    /// Periods either side of the same time in earlier years that form the season of now.
    /// Default 3.
    pub half_window: usize,
    /// Seasons that a year is cut into, the one around now included. Default 10. With 1, only
    /// the windows around now are used.
    pub seasons: usize,
    /// Latest periods that are left out of the past, lest an outbreak hide itself. Default 26.
    pub left_out: usize,
    /// Share of quiet periods above the limit. Default 0.01.
    pub alpha: f64,
    /// Allow a trend where it is significant and does not point above everything seen.
    pub trend: bool,
    /// The spread by which a trend is judged.
    pub trend_spread: TrendSpread,
    /// Standardised residuals above this weigh less, by their inverse square. Default 2.58;
    /// infinite switches it off.
    pub downweight_above: f64,
    /// No verdict where the last `.1` periods hold fewer than `.0` events. Default (5, 4).
    pub enough: (f64, usize),
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            year: 52,
            years: 5,
            half_window: 3,
            seasons: 10,
            left_out: 26,
            alpha: 0.01,
            trend: true,
            trend_spread: TrendSpread::Pearson,
            downweight_above: 2.58,
            enough: (5.0, 4),
        }
    }
}

/// Estimates of φ by which the significance of a trend (5 %, two-sided t) is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrendSpread {
    /// Σω(y − μ)²/μ ÷ degrees of freedom, the dispersion of the model. The default.
    Pearson,
    /// Σω((y − μ)/μ)² ÷ degrees of freedom, as surveillance 1.20.3 has it after re-weighting. It
    /// is smaller by about μ, so that nearly every trend is significant.
    Working,
}

/// The verdict on one period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// Index of the period.
    pub period: usize,
    /// Events counted.
    pub observed: f64,
    /// μ, the count that its past leads one to expect.
    pub expected: f64,
    /// The limit: the largest count that is not unusual.
    pub upper: f64,
    /// φ ≥ 1, how much more than chance counts vary.
    pub dispersion: f64,
    /// β per period where a trend was allowed.
    pub trend: Option<f64>,
    /// Probability of a count this high or higher were nothing new.
    pub probability: f64,
    /// Too few events of late for a verdict: no alarm is raised whatever the count.
    pub too_few: bool,
    /// The count is above the limit.
    pub alarm: bool,
}

/// Judge the `periods` of a series of `counts`, each by its own past.
///
/// `None` in `counts` is a period not recorded: as past it is left out, as the period judged it
/// gets `None`. So does a period whose past has no usable fit. Refuses settings that fit no
/// calendar, counts below 0 or above 10^12, and periods with less past than `years` and half a window
/// (the first that can be judged is `year·years + half_window`).
pub fn farrington(
    counts: &[Option<f64>],
    periods: Range<usize>,
    settings: &Settings,
) -> Result<Vec<Option<Verdict>>, Unanswerable> {
    check(counts, &periods, settings)?;
    Ok(periods.map(|now| judge(counts, now, settings)).collect())
}

/// [`farrington`] for many series at once, on all threads.
pub fn farrington_many(
    series: &[Vec<Option<f64>>],
    periods: &Range<usize>,
    settings: &Settings,
) -> Vec<Result<Vec<Option<Verdict>>, Unanswerable>> {
    series
        .par_iter()
        .map(|counts| farrington(counts, periods.clone(), settings))
        .collect()
}

fn check(
    counts: &[Option<f64>],
    periods: &Range<usize>,
    settings: &Settings,
) -> Result<(), Unanswerable> {
    let Settings {
        year,
        years,
        half_window,
        seasons,
        alpha,
        downweight_above,
        enough: (events, last),
        ..
    } = *settings;
    if !(alpha > 0.0 && alpha < 1.0) {
        return Err(Unanswerable::Invalid(
            "alpha must lie strictly between 0 and 1",
        ));
    }
    if years == 0 || seasons == 0 {
        return Err(Unanswerable::Invalid(
            "years and seasons must be at least 1",
        ));
    }
    let window = half_window.saturating_mul(2).saturating_add(1);
    if window.saturating_add(seasons - 1) > year {
        return Err(Unanswerable::Invalid(
            "the window and the seasons must fit into a year",
        ));
    }
    if !(downweight_above > 0.0 && last > 0) || events.is_nan() {
        return Err(Unanswerable::Invalid(
            "the bound of residuals and the periods counted must be above 0",
        ));
    }
    if periods.end > counts.len() {
        return Err(Unanswerable::Mismatched(
            "the periods to judge must lie within the series",
        ));
    }
    let need = year.saturating_mul(years).saturating_add(half_window);
    if !periods.is_empty() && periods.start < need {
        return Err(Unanswerable::TooFew {
            what: "earlier periods",
            have: periods.start,
            need,
        });
    }
    if counts
        .iter()
        .flatten()
        .any(|count| !(0.0..=MOST).contains(count))
    {
        return Err(Unanswerable::Invalid("counts must lie within 0 to 10^12"));
    }
    Ok(())
}

fn judge(counts: &[Option<f64>], now: usize, settings: &Settings) -> Option<Verdict> {
    let observed = counts[now]?;
    let past = past(counts, now, settings);
    let trended = trended(&past, now, settings);
    let trend = trended.as_ref().map(|(fit, _)| fit.slope);
    let (fit, weights) = match trended {
        Some(model) => model,
        None => robust_fit(&past, false, settings)?,
    };
    let expected = fit.mean(settings.seasons - 1, now as f64);
    let dispersion = fit.spread(&past, &weights, TrendSpread::Pearson).max(1.0);
    let upper = negative_binomial_quantile(expected, dispersion, 1.0 - settings.alpha)?;
    let (events, last) = settings.enough;
    let lately: f64 = counts[(now + 1).saturating_sub(last)..=now]
        .iter()
        .flatten()
        .sum();
    let too_few = lately < events;
    Some(Verdict {
        period: now,
        observed,
        expected,
        upper,
        dispersion,
        trend,
        probability: negative_binomial_tail(expected, dispersion, observed),
        too_few,
        alarm: !too_few && observed > upper,
    })
}

/// The fit with a trend, where one is wanted, significant, and does not point above all that has
/// been seen.
fn trended(past: &[Row], now: usize, settings: &Settings) -> Option<(Fit, Vec<f64>)> {
    if !settings.trend || settings.years < YEARS_FOR_TREND {
        return None;
    }
    let (fit, weights) = robust_fit(past, true, settings)?;
    let highest = past.iter().map(|row| row.count).fold(0.0, f64::max);
    let plausible = fit.mean(settings.seasons - 1, now as f64) <= highest;
    let significant = fit.trend_p(past, &weights, settings.trend_spread)? < SIGNIFICANT;
    (plausible && significant).then_some((fit, weights))
}

/// One period of the past.
#[derive(Clone, Copy)]
struct Row {
    time: f64,
    season: usize,
    count: f64,
}

/// The past of `now`: windows around the same time in earlier years are the last season, what lies
/// between two windows is cut into the others, the longer ones first. The latest periods are left
/// out.
fn past(counts: &[Option<f64>], now: usize, settings: &Settings) -> Vec<Row> {
    let Settings {
        year,
        half_window,
        seasons,
        ..
    } = *settings;
    let window = 2 * half_window + 1;
    let first = now - year * settings.years - half_window;
    let last = now.saturating_sub(settings.left_out);
    let season = |time: usize| {
        let place = (time - first) % year;
        if place < window {
            Some(seasons - 1)
        } else if seasons == 1 {
            None
        } else {
            Some(part_of(place - window, year - window, seasons - 1))
        }
    };
    (first..last)
        .filter_map(|time| {
            Some(Row {
                time: time as f64,
                season: season(time)?,
                count: counts[time]?,
            })
        })
        .collect()
}

/// The part that `place` falls in when `length` places are cut into `parts`, the longer ones first.
fn part_of(place: usize, length: usize, parts: usize) -> usize {
    let (short, longer) = (length / parts, length % parts);
    let in_longer = longer * (short + 1);
    if place < in_longer {
        place / (short + 1)
    } else {
        longer + (place - in_longer) / short
    }
}

/// A regression on season and time, fitted by profiling: given the slope β the level of a season is
/// ln(Σωy/Σωe^{βt}), so that only β is searched for.
struct Fit {
    slope: f64,
    /// Time is counted from here, to keep e^{βt} in bounds.
    origin: f64,
    seasons: Vec<Season>,
    /// Σωμ(t − t̄)², the information on β; 0 without a trend.
    information: f64,
}

#[derive(Clone, Copy, Default)]
struct Season {
    /// Σωy.
    events: f64,
    /// Σωyt.
    event_time: f64,
    /// Σωe^{βt}.
    exposure: f64,
    /// Mean time, weighted by ωe^{βt}.
    time: f64,
    /// Variance of time, weighted by ωe^{βt}.
    variance: f64,
}

impl Fit {
    fn mean(&self, season: usize, time: f64) -> f64 {
        let Season {
            events, exposure, ..
        } = self.seasons[season];
        events / exposure * (self.slope * (time - self.origin)).exp()
    }

    /// Share of a row's own count in its fitted value.
    fn leverage(&self, row: &Row) -> f64 {
        let season = &self.seasons[row.season];
        let time = row.time - self.origin;
        let share = (self.slope * time).exp() / season.exposure;
        if self.information > 0.0 {
            share * (1.0 + season.events * (time - season.time).powi(2) / self.information)
        } else {
            share
        }
    }

    fn freedom(&self, rows: usize) -> f64 {
        let levels = self
            .seasons
            .iter()
            .filter(|season| season.exposure > 0.0)
            .count();
        let slopes = usize::from(self.information > 0.0);
        rows as f64 - (levels + slopes) as f64
    }

    fn spread(&self, past: &[Row], weights: &[f64], spread: TrendSpread) -> f64 {
        let term = |(row, weight): (&Row, &f64)| {
            let mean = self.mean(row.season, row.time);
            if mean <= 0.0 {
                return 0.0;
            }
            let scale = match spread {
                TrendSpread::Pearson => mean,
                TrendSpread::Working => mean * mean,
            };
            weight * (row.count - mean).powi(2) / scale
        };
        past.iter().zip(weights).map(term).sum::<f64>() / self.freedom(past.len())
    }

    fn trend_p(&self, past: &[Row], weights: &[f64], spread: TrendSpread) -> Option<f64> {
        let error = (self.spread(past, weights, spread) / self.information).sqrt();
        student_t_two_sided(self.slope / error, self.freedom(past.len()))
    }
}

/// Fit, weigh down what was itself unusual, fit again.
fn robust_fit(past: &[Row], trend: bool, settings: &Settings) -> Option<(Fit, Vec<f64>)> {
    let equal = vec![1.0; past.len()];
    let first = fit(past, &equal, trend, settings.seasons)?;
    if settings.downweight_above.is_infinite() {
        return Some((first, equal));
    }
    let dispersion = first.spread(past, &equal, TrendSpread::Pearson).max(1.0);
    let weights = robust_weights(&first, past, dispersion, settings.downweight_above);
    Some((fit(past, &weights, trend, settings.seasons)?, weights))
}

/// Weights that sum to the number of rows: equal, but by the inverse square of Anscombe's residual
/// 3/2·(y^{2/3}μ^{−1/6} − μ^{1/2})/√(φ(1 − h)) where that is above the bound.
fn robust_weights(fit: &Fit, past: &[Row], dispersion: f64, bound: f64) -> Vec<f64> {
    let weight = |row: &Row| {
        let mean = fit.mean(row.season, row.time);
        // No residual below the mean can pass the bound, and none where nothing ever happened.
        if row.count <= mean || mean <= 0.0 {
            return 1.0;
        }
        let distance = 1.5 * (row.count.powf(2.0 / 3.0) * mean.powf(-1.0 / 6.0) - mean.sqrt());
        let free = (1.0 - fit.leverage(row)).max(f64::MIN_POSITIVE);
        let residual = distance / (dispersion * free).sqrt();
        if residual > bound {
            residual.powi(-2)
        } else {
            1.0
        }
    };
    let raw: Vec<f64> = past.iter().map(weight).collect();
    let scale = raw.len() as f64 / raw.iter().sum::<f64>();
    raw.into_iter().map(|weight| weight * scale).collect()
}

/// `None` where the season of now was never seen, too few rows are left to judge the spread, or
/// no slope is found.
fn fit(past: &[Row], weights: &[f64], trend: bool, seasons: usize) -> Option<Fit> {
    let mut fit = Fit {
        slope: 0.0,
        origin: past.last()?.time,
        seasons: vec![Season::default(); seasons],
        information: 0.0,
    };
    for (row, weight) in past.iter().zip(weights) {
        let season = &mut fit.seasons[row.season];
        season.events += weight * row.count;
        season.event_time += weight * row.count * (row.time - fit.origin);
    }
    profile(&mut fit, past, weights);
    if fit.seasons.last()?.exposure <= 0.0 || fit.freedom(past.len()) < 1.0 {
        return None;
    }
    if !trend {
        fit.information = 0.0;
        return Some(fit);
    }
    // Newton's method on a concave function of one variable: the score is the distance between the
    // mean time of the events seen and of those expected, season by season.
    let reach = 2.0 / past.len() as f64;
    for _ in 0..ROUNDS {
        if !(fit.information > 0.0 && fit.information.is_finite()) {
            return None;
        }
        let distance = |season: &Season| season.event_time - season.events * season.time;
        let step = fit.seasons.iter().map(distance).sum::<f64>() / fit.information;
        // A step that would change a mean by more than e² over the past is cut short.
        fit.slope += step.clamp(-reach, reach);
        profile(&mut fit, past, weights);
        if step.abs() <= 1e-13 {
            return Some(fit);
        }
    }
    None
}

/// What each season's times add up to under the present slope.
fn profile(fit: &mut Fit, past: &[Row], weights: &[f64]) {
    for season in &mut fit.seasons {
        season.exposure = 0.0;
        season.time = 0.0;
        season.variance = 0.0;
    }
    for (row, weight) in past.iter().zip(weights) {
        let time = row.time - fit.origin;
        let exposure = weight * (fit.slope * time).exp();
        let season = &mut fit.seasons[row.season];
        season.exposure += exposure;
        season.time += exposure * time;
        season.variance += exposure * time * time;
    }
    fit.information = 0.0;
    for season in fit
        .seasons
        .iter_mut()
        .filter(|season| season.exposure > 0.0)
    {
        season.time /= season.exposure;
        season.variance = season.variance / season.exposure - season.time * season.time;
        fit.information += season.events * season.variance;
    }
}
