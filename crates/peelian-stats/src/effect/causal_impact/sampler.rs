//! The Gibbs sampler: level given the rest, regression given the level, spread of the level's steps.

use nalgebra::{DMatrix, DVector};
use rand::Rng;
use rand_distr::{Distribution, Gamma, StandardNormal};

use super::regression::Regression;
use super::{Series, Settings};
use crate::Unanswerable;
use crate::random::Stream;
use crate::summary::mean;

/// Observations that the prior of the level's spread is worth.
const LEVEL_DF: f64 = 32.0;
/// No variance falls below this (data are standardised).
const FLOOR: f64 = 1e-12;

/// A known outcome, standardised.
pub(super) struct Known {
    pub(super) period: usize,
    pub(super) value: f64,
}

/// Standardised data.
pub(super) struct Data {
    /// Mean of the outcome before.
    pub(super) centre: f64,
    /// Its standard deviation.
    pub(super) unit: f64,
    /// Standard deviation of each covariate before; 0 where it did not vary.
    pub(super) scales: Vec<f64>,
    pub(super) before: Vec<Known>,
    pub(super) after: Vec<Known>,
    /// Standardised covariates, a row a known outcome before.
    pub(super) x: DMatrix<f64>,
    /// The same after.
    pub(super) x_after: DMatrix<f64>,
}

impl Data {
    pub(super) fn of(series: &Series) -> Result<Self, Unanswerable> {
        let periods = series.outcome.len();
        let (before, after) = (&series.before, &series.after);
        let bounds = [before.start, before.end, after.start, after.end, periods];
        if !bounds.is_sorted() {
            return Err(Unanswerable::Invalid(
                "the periods to learn from end before those to judge, all within the series",
            ));
        }
        if series.covariates.iter().any(|own| own.len() != periods) {
            return Err(Unanswerable::Mismatched(
                "covariates and outcome need the same periods",
            ));
        }
        let ranges = [series.before.clone(), series.after.clone()];
        for own in series.covariates {
            let values = ranges.iter().flat_map(|range| &own[range.clone()]);
            if !values.into_iter().all(|value| value.is_finite()) {
                return Err(Unanswerable::Invalid("covariates must be finite"));
            }
        }
        let known = |range: &std::ops::Range<usize>| -> Vec<Known> {
            let values = series.outcome[range.clone()].iter().zip(range.clone());
            let known = values.filter_map(|(value, period)| {
                let value = value.filter(|value| value.is_finite())?;
                Some(Known { period, value })
            });
            known.collect()
        };
        let (mut before, mut after) = (known(&series.before), known(&series.after));
        let few = |what, have, need| Err(Unanswerable::TooFew { what, have, need });
        if before.len() < 3 {
            return few("known outcomes before", before.len(), 3);
        }
        if after.is_empty() {
            return few("known outcomes after", 0, 1);
        }
        let (centre, unit) = moments(&before.iter().map(|known| known.value).collect::<Vec<_>>());
        if !(unit.is_finite() && centre.is_finite()) {
            return Err(Unanswerable::Overflow);
        }
        if unit <= 1e-12 * centre.abs() {
            return Err(Unanswerable::Constant);
        }
        for known in before.iter_mut().chain(&mut after) {
            known.value = (known.value - centre) / unit;
        }
        let own = series.covariates.iter().map(|own| {
            let (centre, unit) = moments(&own[series.before.clone()]);
            (
                centre,
                if unit > 1e-12 * centre.abs() {
                    unit
                } else {
                    0.0
                },
            )
        });
        let own: Vec<(f64, f64)> = own.collect();
        let standardised = |rows: &[Known]| {
            DMatrix::from_fn(rows.len(), own.len(), |row, covariate| {
                let (centre, scale) = own[covariate];
                let value = series.covariates[covariate][rows[row].period];
                if scale > 0.0 {
                    (value - centre) / scale
                } else {
                    0.0
                }
            })
        };
        let data = Self {
            centre,
            unit,
            scales: own.iter().map(|(_, scale)| *scale).collect(),
            x: standardised(&before),
            x_after: standardised(&after),
            before,
            after,
        };
        let values = data
            .before
            .iter()
            .chain(&data.after)
            .map(|known| known.value);
        let all = values.chain(data.x.iter().chain(data.x_after.iter()).copied());
        if all.fold(0.0, |most: f64, value| most.max(value.abs())) < 1e100 {
            Ok(data)
        } else {
            Err(Unanswerable::Overflow)
        }
    }
}

/// Mean and standard deviation (n − 1).
fn moments(values: &[f64]) -> (f64, f64) {
    let centre = mean(values);
    let squares: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    (centre, (squares / (values.len() as f64 - 1.0)).sqrt())
}

/// What a chain drew.
pub(super) struct Chain {
    /// Standardised outcomes carried on, a row of all judged periods after another.
    pub(super) predicted: Vec<f64>,
    /// Draws with each covariate in the model.
    pub(super) included: Vec<f64>,
    /// Sum of each standardised coefficient over draws.
    pub(super) coefficients: Vec<f64>,
}

pub(super) fn run(data: &Data, settings: &Settings, random: &mut Stream) -> Chain {
    let covariates = data.scales.len();
    let after = data.after.len();
    let mut chain = Chain {
        predicted: Vec::with_capacity(settings.draws * after),
        included: vec![0.0; covariates],
        coefficients: vec![0.0; covariates],
    };
    let mut regression = Regression::of(data, settings);
    let mut level = Level::of(data, settings);
    let outcome = DVector::from_iterator(
        data.before.len(),
        data.before.iter().map(|known| known.value),
    );
    let mut remainder = outcome.clone();
    for draw in 0..settings.warmup + settings.draws {
        remainder.copy_from(&outcome);
        remainder.gemv(-1.0, &data.x, &regression.coefficients, 1.0);
        level.draw(remainder.as_slice(), regression.variance, random);
        for ((left, value), level) in remainder.iter_mut().zip(&outcome).zip(&level.path) {
            *left = value - level;
        }
        regression.draw(&remainder, random);
        level.draw_variance(random);
        if draw >= settings.warmup {
            carry_on(data, &level, &regression, &mut chain.predicted, random);
            for (sum, included) in chain.included.iter_mut().zip(&regression.included) {
                *sum += f64::from(u8::from(*included));
            }
            for (sum, own) in chain.coefficients.iter_mut().zip(&regression.coefficients) {
                *sum += own;
            }
        }
    }
    chain
}

/// Continues the level past the last learnt period, and adds regression and noise.
fn carry_on(
    data: &Data,
    level: &Level,
    regression: &Regression,
    predicted: &mut Vec<f64>,
    random: &mut Stream,
) {
    let regressed = &data.x_after * &regression.coefficients;
    let (step, noise) = (level.variance.sqrt(), regression.variance.sqrt());
    let mut here = level.path.last().copied().unwrap_or(0.0);
    let mut last = level.last;
    for (known, regressed) in data.after.iter().zip(&regressed) {
        let steps = (known.period - last) as f64;
        last = known.period;
        here += steps.sqrt() * step * normal(random);
        predicted.push(here + regressed + noise * normal(random));
    }
}

pub(super) fn normal(random: &mut impl Rng) -> f64 {
    StandardNormal.sample(random)
}

/// A draw of the variance that so many observations with this sum of squares point to: squares over
/// a chi-squared variable.
pub(super) fn variance(observations: f64, squares: f64, random: &mut impl Rng) -> f64 {
    let chi_squared = Gamma::new(observations / 2.0, 2.0);
    let drawn = chi_squared.map_or(observations, |gamma| gamma.sample(random));
    (squares / drawn).clamp(FLOOR, 1.0 / FLOOR)
}

/// The level μₜ at the known periods.
struct Level {
    path: Vec<f64>,
    variance: f64,
    /// Periods from one known outcome to the next.
    steps: Vec<f64>,
    /// The last known period.
    last: usize,
    /// Where the level is expected to start: the first outcome, give or take one standard deviation.
    start: f64,
    prior: f64,
    filtered: Vec<(f64, f64)>,
}

impl Level {
    fn of(data: &Data, settings: &Settings) -> Self {
        let n = data.before.len();
        let steps = data
            .before
            .windows(2)
            .map(|pair| (pair[1].period - pair[0].period) as f64);
        Self {
            path: vec![0.0; n],
            variance: settings.level_sd.powi(2),
            steps: steps.collect(),
            last: data.before.last().map_or(0, |known| known.period),
            start: data.before.first().map_or(0.0, |known| known.value),
            prior: settings.level_sd.powi(2),
            filtered: Vec::with_capacity(n),
        }
    }

    /// Filters forwards and samples backwards (Carter and Kohn, *Biometrika* 81 (1994) 541–553).
    fn draw(&mut self, observed: &[f64], noise: f64, random: &mut Stream) {
        let (mut centre, mut spread) = (self.start, 1.0);
        self.filtered.clear();
        let steps = self.steps.iter().copied().chain([0.0]);
        for (value, step) in observed.iter().zip(steps) {
            let gain = spread / (spread + noise);
            centre += gain * (value - centre);
            spread = gain * noise;
            self.filtered.push((centre, spread));
            spread += step * self.variance;
        }
        let mut filtered = self.filtered.iter().rev();
        let mut path = self.path.iter_mut().rev();
        let (Some((centre, spread)), Some(last)) = (filtered.next(), path.next()) else {
            return;
        };
        let mut next = centre + spread.sqrt() * normal(random);
        *last = next;
        for (((centre, spread), here), step) in filtered.zip(path).zip(self.steps.iter().rev()) {
            let walked = step * self.variance;
            let pull = spread / (spread + walked);
            next = centre + pull * (next - centre) + (pull * walked).sqrt() * normal(random);
            *here = next;
        }
    }

    fn draw_variance(&mut self, random: &mut Stream) {
        let moves = self.path.windows(2).zip(&self.steps);
        let squares: f64 = moves
            .map(|(pair, step)| (pair[1] - pair[0]).powi(2) / step)
            .sum();
        let observations = LEVEL_DF + self.steps.len() as f64;
        self.variance = variance(observations, LEVEL_DF * self.prior + squares, random);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    #[test]
    fn the_level_is_drawn_from_its_exact_distribution() {
        // Six outcomes with a gap of two periods after the third.
        let outcome: Vec<Option<f64>> = [3.0, 1.0, 2.0, 0.0, 0.0, 4.0, 6.0, 5.0, 1.0]
            .map(Some)
            .into();
        let outcome: Vec<Option<f64>> = outcome
            .into_iter()
            .enumerate()
            .map(|(t, value)| value.filter(|_| t != 3 && t != 4))
            .collect();
        let series = Series {
            outcome: &outcome,
            covariates: &[],
            before: 0..8,
            after: 8..9,
        };
        let data = Data::of(&series).unwrap();
        let mut level = Level::of(&data, &Settings::default());
        level.variance = 0.3;
        let noise = 0.5;
        let n = data.before.len();
        assert_eq!(level.steps, [1.0, 1.0, 3.0, 1.0, 1.0]);

        // Prior covariance of the walk, then conditioning on the outcomes.
        let elapsed: Vec<f64> = data
            .before
            .iter()
            .map(|known| known.period as f64)
            .collect();
        let prior = DMatrix::from_fn(n, n, |a, b| 1.0 + 0.3 * elapsed[a].min(elapsed[b]));
        let observed = DVector::from_iterator(n, data.before.iter().map(|known| known.value));
        let total = &prior + DMatrix::identity(n, n) * noise;
        let gain = &prior * total.try_inverse().unwrap();
        let centre = &gain * observed.add_scalar(-level.start);
        let spread = &prior - &gain * &prior;

        let draws = 40_000;
        let mut random = stream(2, 0);
        let mut sum = DVector::zeros(n);
        let mut squares = DMatrix::zeros(n, n);
        for _ in 0..draws {
            level.draw(observed.as_slice(), noise, &mut random);
            let off = DVector::from_column_slice(&level.path).add_scalar(-level.start) - &centre;
            squares += &off * off.transpose();
            sum += off;
        }
        let draws = f64::from(draws);
        assert!((sum / draws).amax() < 0.02);
        assert!((squares / draws - spread).amax() < 0.02);
    }
}
