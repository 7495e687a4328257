//! Power: would the comparison find an effect of this size, if there were one?
//!
//! Data as planned are drawn with and without the effect, and judged as the real ones will be; the
//! power is the share of draws with the effect in which the test finds one. For two counts
//! ([`two_counts`]), an interrupted series ([`series`]) and difference in differences ([`panel`]);
//! [`smallest_effect`] turns the question round. Source of the method: simulation, as in Arnold,
//! Hogan, Colford and Hubbard, *BMC Medical Research Methodology* 11 (2011) 94.
//!
//! **How it can mislead.** The answer is as good as the spread and the autocorrelation put in,
//! which come from past data and tend to be put too low. A test that cries out too often without
//! any effect seems to have power: read [`Power::false_positives`] first. Power worked out after the
//! fact from the effect that was seen says nothing that the p-value did not.

use rand_distr::{Distribution, Gamma, Poisson, StandardNormal};
use rayon::prelude::*;

use crate::Unanswerable;
use crate::effect::did::{self, Panel, two_way};
use crate::effect::segmented::{self, Basis, continuous};
use crate::random::{Stream, stream};
use crate::special::normal_z;

/// Fewest draws: the error of a share of 0.5 is then 0.05.
const FEWEST: usize = 100;
/// Largest design, in points or unit-times.
const LARGEST: usize = 10_000_000;
/// Halvings of the range in which the smallest effect is sought.
const HALVINGS: usize = 12;

/// How the draws are made and judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Two-sided level of the test. Default 0.05.
    pub significance: f64,
    /// Number of draws, at least 100. Default 1,000.
    pub draws: usize,
    /// Same seed, same answer.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            significance: 0.05,
            draws: 1000,
            seed: 0,
        }
    }
}

impl Settings {
    fn checked(&self) -> Result<(), Unanswerable> {
        if !(self.significance > 0.0 && self.significance < 1.0) {
            return Err(Unanswerable::Invalid(
                "significance must lie between 0 and 1, ends excluded",
            ));
        }
        if self.draws < FEWEST {
            return Err(Unanswerable::TooFew {
                what: "draws",
                have: self.draws,
                need: FEWEST,
            });
        }
        Ok(())
    }
}

/// How often a test finds something.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Power {
    /// Share of draws with the effect in which it is found.
    pub power: f64,
    /// Standard error of `power` from the number of draws: √(p(1 − p)/draws).
    pub monte_carlo_error: f64,
    /// Share of draws without any effect in which one is found. Well above the significance asked
    /// for: the test, and so the power, is not to be trusted.
    pub false_positives: f64,
    /// Number of draws of each kind.
    pub draws: usize,
}

/// Two counts, one before and one after.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwoCounts {
    /// Events expected before, above 0.
    pub before: f64,
    /// Length (or base) of the time after in units of the time before; 1 for equal ones.
    pub length: f64,
    /// Variance of a count in units of its mean, 1 or more. 1 is Poisson, and most series of
    /// recorded events have more.
    pub dispersion: f64,
}

/// Power to see a rate change by the share `change` (−0.2: a fifth fewer; above −1) between two
/// counts.
///
/// The test is ln of the ratio of the rates over its standard error, √(φ(1/a + 1/b)), half an event
/// added to each count; φ, the dispersion, is taken as known.
pub fn two_counts(
    design: &TwoCounts,
    change: f64,
    settings: &Settings,
) -> Result<Power, Unanswerable> {
    let TwoCounts {
        before,
        length,
        dispersion,
    } = *design;
    let plain = |value: f64| value.is_finite() && value > 0.0;
    // Draws of more than a thousand million events lose nothing by not being made.
    if !(plain(before) && plain(length) && before.max(before * length) <= 1e9) {
        return Err(Unanswerable::Invalid(
            "expected events and lengths must be above 0 and not above a thousand million",
        ));
    }
    if !(1.0..=1e6).contains(&dispersion) {
        return Err(Unanswerable::Invalid(
            "dispersion must be 1 or more, up to a million",
        ));
    }
    if !(change > -1.0 && change <= 1e3) {
        return Err(Unanswerable::Invalid(
            "a change lies above -1 and not above a thousandfold",
        ));
    }
    settings.checked()?;
    let limit = normal_z(1.0 - settings.significance).ok_or(Unanswerable::Invalid(
        "significance must lie between 0 and 1, ends excluded",
    ))?;
    estimate(settings, change, |change, random| {
        let (a, b) = (
            count(before * length * (1.0 + change), dispersion, random) + 0.5,
            count(before, dispersion, random) + 0.5,
        );
        let error = (dispersion * (1.0 / a + 1.0 / b)).sqrt();
        Ok(((a / b / length).ln() / error).abs() > limit)
    })
}

/// A count with this mean and variance `dispersion`·mean.
fn count(mean: f64, dispersion: f64, random: &mut Stream) -> f64 {
    let mean = if dispersion > 1.0 {
        let scale = dispersion - 1.0;
        Gamma::new(mean / scale, scale).map_or(mean, |gamma| gamma.sample(random))
    } else {
        mean
    };
    // A mean too small to draw from leaves no event.
    Poisson::new(mean).map_or(0.0, |poisson| poisson.sample(random))
}

/// An interrupted series.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Points before the start.
    pub before: usize,
    /// Points from the start on.
    pub after: usize,
    /// Standard deviation of a point about trend and season, in the unit of the series.
    pub spread: f64,
    /// Correlation of a point's deviation with the next one's, between −1 and 1.
    pub autocorrelation: f64,
    /// Lag of the Newey–West errors that judge; `None` for errors under independence.
    pub lag: Option<usize>,
    /// Points in a seasonal cycle.
    pub period: f64,
    /// Pairs of waves for the season.
    pub harmonics: usize,
}

/// Power to see every point from the start on move by `step`, in the unit of the series.
///
/// Level, slope and season are fitted as by [`continuous`], and found is a total effect whose
/// interval leaves out 0. Level and trend of the series do not matter.
pub fn series(design: &Series, step: f64, settings: &Settings) -> Result<Power, Unanswerable> {
    let points = design.before.saturating_add(design.after);
    noise_fits(design.spread, design.autocorrelation, points)?;
    if !step.is_finite() {
        return Err(Unanswerable::Invalid("an effect must be finite"));
    }
    settings.checked()?;
    let basis = design.lag.map_or(Basis::Independent, Basis::Lag);
    let model = segmented::Settings {
        period: design.period,
        harmonics: design.harmonics,
        lags: Some(design.lag.into_iter().collect()),
        confidence: 1.0 - settings.significance,
        ..segmented::Settings::default()
    };
    estimate(settings, step, |step, random| {
        let mut values: Vec<_> = noise(points, design.spread, design.autocorrelation, random);
        for value in values.iter_mut().skip(design.before) {
            *value += step;
        }
        let values: Vec<_> = values.into_iter().map(Some).collect();
        let fit = continuous(&values, design.before, &model)?;
        Ok(fit
            .on(basis)
            .is_some_and(|errors| !errors.total.interval.contains(0.0)))
    })
}

/// Units at times, some treated from one time on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Units {
    /// Treated units, at least 2.
    pub treated: usize,
    /// Other units, at least 2.
    pub controls: usize,
    /// Times before the start, at least 1.
    pub before: usize,
    /// Times from the start on, at least 1.
    pub after: usize,
    /// Standard deviation of a unit's figure about its own level and the common course.
    pub spread: f64,
    /// Correlation of a unit's deviation with its next one, between −1 and 1.
    pub autocorrelation: f64,
}

/// Power to see the treated units move by `effect` from the start on, by difference in differences
/// with the jackknife error by unit ([`two_way`]).
pub fn panel(design: &Units, effect: f64, settings: &Settings) -> Result<Power, Unanswerable> {
    let Units {
        treated,
        controls,
        before,
        after,
        ..
    } = *design;
    if treated < 2 || controls < 2 {
        return Err(Unanswerable::TooFew {
            what: "units in each group",
            have: treated.min(controls),
            need: 2,
        });
    }
    if before < 1 || after < 1 {
        return Err(Unanswerable::TooFew {
            what: "times before and after",
            have: 0,
            need: 1,
        });
    }
    let times = before.saturating_add(after);
    let units = treated.saturating_add(controls);
    noise_fits(
        design.spread,
        design.autocorrelation,
        units.saturating_mul(times),
    )?;
    if !effect.is_finite() {
        return Err(Unanswerable::Invalid("an effect must be finite"));
    }
    settings.checked()?;
    let rows = units * times;
    let unit: Vec<_> = (0..rows).map(|row| row / times).collect();
    let time: Vec<_> = (0..rows).map(|row| row % times).collect();
    let treatment: Vec<_> = (0..rows)
        .map(|row| f64::from(u8::from(unit[row] < treated && time[row] >= before)))
        .collect();
    let model = did::Settings {
        confidence: 1.0 - settings.significance,
        ..did::Settings::default()
    };
    estimate(settings, effect, |effect, random| {
        let mut outcome = Vec::with_capacity(rows);
        for _ in 0..units {
            outcome.extend(noise(times, design.spread, design.autocorrelation, random));
        }
        for (value, treated) in outcome.iter_mut().zip(&treatment) {
            *value += effect * treated;
        }
        let rows = Panel {
            unit: &unit,
            time: &time,
            outcome: &outcome,
            cluster: None,
        };
        let fit = two_way(&rows, &treatment, &model)?;
        let error = fit.jackknife.unwrap_or(fit.clustered);
        Ok(error.p_value < settings.significance)
    })
}

fn noise_fits(spread: f64, autocorrelation: f64, size: usize) -> Result<(), Unanswerable> {
    if !(spread.is_finite() && spread > 0.0) {
        return Err(Unanswerable::Invalid("a spread must be finite and above 0"));
    }
    if !(autocorrelation > -1.0 && autocorrelation < 1.0) {
        return Err(Unanswerable::Invalid(
            "an autocorrelation lies between -1 and 1, ends excluded",
        ));
    }
    if size > LARGEST {
        return Err(Unanswerable::Invalid(
            "a design may have ten million points at most",
        ));
    }
    Ok(())
}

/// Normal deviations that carry a share of each over to the next.
fn noise(points: usize, spread: f64, carried: f64, random: &mut Stream) -> Vec<f64> {
    let fresh = (1.0 - carried * carried).sqrt();
    let mut last: f64 = StandardNormal.sample(random);
    (0..points)
        .map(|_| {
            let now = last;
            let new: f64 = StandardNormal.sample(random);
            last = carried * last + fresh * new;
            spread * now
        })
        .collect()
}

/// Both shares, from the same draws with and without the effect.
fn estimate(
    settings: &Settings,
    effect: f64,
    found: impl Fn(f64, &mut Stream) -> Result<bool, Unanswerable> + Sync,
) -> Result<Power, Unanswerable> {
    let share = |effect: f64| {
        let hits = (0..settings.draws as u64)
            .into_par_iter()
            .map(|draw| {
                Ok(usize::from(found(
                    effect,
                    &mut stream(settings.seed, draw),
                )?))
            })
            .try_reduce(|| 0, |a, b| Ok(a + b))?;
        Ok(hits as f64 / settings.draws as f64)
    };
    let power: f64 = share(effect)?;
    Ok(Power {
        power,
        monte_carlo_error: (power * (1.0 - power) / settings.draws as f64).sqrt(),
        false_positives: share(0.0)?,
        draws: settings.draws,
    })
}

/// The smallest effect between 0 and `largest` (which may lie below 0) whose power is `wanted`, 0.8
/// by custom.
///
/// `power` is one of the functions here with its design and settings; one seed for all effects
/// keeps the search smooth. The answer is exact to a 4,096th of `largest`, besides the error of the
/// draws. Refused where even `largest` is found less often.
///
/// ```
/// use peelian_stats::effect::power::{Settings, TwoCounts, smallest_effect, two_counts};
///
/// let design = TwoCounts { before: 400.0, length: 1.0, dispersion: 1.0 };
/// let fewer = smallest_effect(0.8, -0.9, |change| {
///     two_counts(&design, change, &Settings::default())
/// })?;
/// assert!(-0.21 < fewer && fewer < -0.16);
/// # Ok::<(), peelian_stats::Unanswerable>(())
/// ```
pub fn smallest_effect(
    wanted: f64,
    largest: f64,
    power: impl Fn(f64) -> Result<Power, Unanswerable>,
) -> Result<f64, Unanswerable> {
    if !(wanted > 0.0 && wanted < 1.0) {
        return Err(Unanswerable::Invalid(
            "a wanted power lies between 0 and 1, ends excluded",
        ));
    }
    if !(largest.is_finite() && largest != 0.0) {
        return Err(Unanswerable::Invalid(
            "the largest effect must be finite and not 0",
        ));
    }
    if power(largest)?.power < wanted {
        return Err(Unanswerable::Invalid(
            "even the largest effect would not be found as often as wanted",
        ));
    }
    let (mut missed, mut found) = (0.0, largest);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(missed, found);
        if power(middle)?.power < wanted {
            missed = middle;
        } else {
            found = middle;
        }
    }
    Ok(found)
}
