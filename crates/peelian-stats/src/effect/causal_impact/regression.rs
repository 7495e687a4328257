//! Which covariates are in, their coefficients and the noise, given the level.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};
use rand::Rng;

use super::sampler::{Data, normal, variance};
use super::{Selection, Settings};
use crate::random::Stream;

/// Observations that the prior of the coefficients is worth.
const INFORMATION: f64 = 0.01;
/// Share of that prior that treats covariates as unrelated to each other.
const DIAGONAL: f64 = 0.5;
/// Observations that the prior of the noise is worth where nothing else is known of it.
const VAGUE_DF: f64 = 0.01;

/// State of the regression.
pub(super) struct Regression<'a> {
    data: &'a Data,
    selection: Selection,
    /// Prior probability of being in the model; all are in from 1 on.
    prior: f64,
    /// Observations and sum of squares that the prior of the noise is worth.
    noise_df: f64,
    noise_squares: f64,
    /// XᵀX.
    cross: DMatrix<f64>,
    /// Prior precision of the coefficients in units of the noise.
    precision: DMatrix<f64>,
    pub(super) included: Vec<bool>,
    pub(super) coefficients: DVector<f64>,
    pub(super) variance: f64,
}

/// A model: the covariates in it and what follows from the data.
struct Model {
    members: Vec<usize>,
    factor: Cholesky<f64, Dyn>,
    /// Posterior mean of the coefficients.
    centre: DVector<f64>,
    /// Squares left, with the prior's.
    squares: f64,
    /// Log marginal likelihood up to what all models share.
    log_marginal: f64,
}

impl<'a> Regression<'a> {
    pub(super) fn of(data: &'a Data, settings: &Settings) -> Self {
        let covariates = data.scales.len();
        let cross = data.x.tr_mul(&data.x);
        let share = INFORMATION / data.x.nrows() as f64;
        let precision = DMatrix::from_fn(covariates, covariates, |i, j| {
            let dense = if i == j { 1.0 } else { 1.0 - DIAGONAL };
            share * dense * cross[(i, j)]
        });
        let prior = settings.model_size / covariates as f64;
        let noise_df = if covariates == 0 {
            VAGUE_DF
        } else {
            settings.prior_df
        };
        let left = if covariates == 0 {
            1.0
        } else {
            1.0 - settings.expected_r2
        };
        Self {
            data,
            selection: settings.selection,
            prior,
            noise_df,
            noise_squares: noise_df * left,
            cross,
            precision,
            included: data
                .scales
                .iter()
                .map(|scale| *scale > 0.0 && prior >= 1.0)
                .collect(),
            coefficients: DVector::zeros(covariates),
            variance: 1.0,
        }
    }

    /// Draws the whole regression for this remainder, outcome less level.
    pub(super) fn draw(&mut self, remainder: &DVector<f64>, random: &mut Stream) {
        let selecting = self.prior < 1.0 && !self.included.is_empty();
        if selecting && self.selection == Selection::BstsCausalImpact {
            self.draw_as_bsts_causalimpact(remainder, random);
        } else {
            self.draw_jointly(remainder, selecting, random);
        }
    }

    /// Covariates in or out one at a time with coefficients and noise integrated out (George and
    /// McCulloch 1997), then noise, then coefficients.
    fn draw_jointly(&mut self, remainder: &DVector<f64>, selecting: bool, random: &mut Stream) {
        let slopes = self.data.x.tr_mul(remainder);
        let total = remainder.norm_squared();
        let model = |included: &[bool]| self.model(included, &slopes, total);
        let mut included = self.included.clone();
        let Some(mut current) = model(&included) else {
            return;
        };
        if selecting {
            let odds = (self.prior / (1.0 - self.prior)).ln();
            for covariate in 0..included.len() {
                if self.data.scales[covariate] == 0.0 {
                    continue;
                }
                included[covariate] = !included[covariate];
                let Some(other) = model(&included) else {
                    included[covariate] = !included[covariate];
                    continue;
                };
                let entering = if included[covariate] { odds } else { -odds };
                let gain = entering + other.log_marginal - current.log_marginal;
                if random.random::<f64>() < 1.0 / (1.0 + (-gain).exp()) {
                    current = other;
                } else {
                    included[covariate] = !included[covariate];
                }
            }
        }
        let observations = self.noise_df + remainder.len() as f64;
        let noise = variance(observations, current.squares, random);
        let spread = DVector::from_fn(current.members.len(), |_, _| normal(random));
        let spread = current.factor.l().tr_solve_lower_triangular(&spread);
        self.variance = noise;
        self.included = included;
        self.coefficients.fill(0.0);
        for (place, member) in current.members.iter().enumerate() {
            let off = spread.as_ref().map_or(0.0, |spread| spread[place]);
            self.coefficients[*member] = current.centre[place] + noise.sqrt() * off;
        }
    }

    /// `None` where the covariates cannot be told apart even with the prior's help.
    fn model(&self, included: &[bool], slopes: &DVector<f64>, total: f64) -> Option<Model> {
        let members = (0..included.len()).filter(|one| included[*one]);
        let members: Vec<usize> = members.collect();
        let k = members.len();
        let pick =
            |from: &DMatrix<f64>| DMatrix::from_fn(k, k, |a, b| from[(members[a], members[b])]);
        let prior = pick(&self.precision);
        let factor = Cholesky::new(pick(&self.cross) + &prior)?;
        let prior = Cholesky::new(prior)?;
        let own = DVector::from_fn(k, |a, _| slopes[members[a]]);
        let centre = factor.solve(&own);
        let squares = self.noise_squares + (total - own.dot(&centre)).max(0.0);
        let logs = |factor: &Cholesky<f64, Dyn>| -> f64 {
            factor
                .l_dirty()
                .diagonal()
                .iter()
                .map(|pivot| pivot.ln())
                .sum()
        };
        let observations = self.noise_df + self.data.before.len() as f64;
        let log_marginal = logs(&prior) - logs(&factor) - observations * squares.ln() / 2.0;
        Some(Model {
            members,
            factor,
            centre,
            squares,
            log_marginal,
        })
    }

    /// Noise first, under a prior worth next to nothing; then each covariate given the others, with
    /// the g-prior of n observations and evidence divided by 1 + n.
    fn draw_as_bsts_causalimpact(&mut self, remainder: &DVector<f64>, random: &mut Stream) {
        let x = &self.data.x;
        let n = x.nrows() as f64;
        let mut left = remainder - x * &self.coefficients;
        self.variance = variance(VAGUE_DF + n, VAGUE_DF + left.norm_squared(), random);
        let shrink = n / (1.0 + n);
        let odds = (self.prior / (1.0 - self.prior)).ln() - n.ln_1p() / 2.0;
        for (covariate, column) in x.column_iter().enumerate() {
            left.axpy(self.coefficients[covariate], &column, 1.0);
            // Columns have mean 0 where every outcome is known.
            let centre = column.sum() / n;
            let length = column.norm_squared() - n * centre * centre;
            self.included[covariate] = false;
            self.coefficients[covariate] = 0.0;
            if length <= 1e-12 {
                continue;
            }
            let slope = column.dot(&left) - centre * left.sum();
            let evidence = slope * slope / (2.0 * length * self.variance * (1.0 + n));
            if random.random::<f64>() < 1.0 / (1.0 + (-odds - evidence).exp()) {
                let spread = (self.variance * shrink / length).sqrt();
                let own = slope * shrink / length + spread * normal(random);
                self.included[covariate] = true;
                self.coefficients[covariate] = own;
                left.axpy(-own, &column, 1.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::causal_impact::Series;
    use crate::random::stream;

    /// Three covariates and twelve outcomes, none missing.
    fn data() -> Data {
        let mut random = stream(3, 0);
        let mut column = || -> Vec<f64> { (0..14).map(|_| normal(&mut random)).collect() };
        let columns = [column(), column(), column()];
        let outcome: Vec<Option<f64>> = (0..14)
            .map(|t| {
                Some(0.5 * columns[0][t] + 0.4 * columns[1][t] + normal(&mut stream(4, t as u64)))
            })
            .collect();
        let covariates: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let series = Series {
            outcome: &outcome,
            covariates: &covariates,
            before: 0..12,
            after: 12..14,
        };
        Data::of(&series).unwrap()
    }

    /// Posterior of a model from the t density of the outcomes with everything integrated out.
    fn log_posterior(regression: &Regression, remainder: &DVector<f64>, members: &[usize]) -> f64 {
        let n = remainder.len();
        let x = regression.data.x.select_columns(members);
        let k = members.len();
        let precision =
            DMatrix::from_fn(k, k, |a, b| regression.precision[(members[a], members[b])]);
        let spread =
            &x * precision.try_inverse().unwrap() * x.transpose() + DMatrix::identity(n, n);
        let quadratic = remainder.dot(&(spread.clone().try_inverse().unwrap() * remainder));
        let observations = regression.noise_df + n as f64;
        let density = -spread.determinant().ln() / 2.0
            - observations / 2.0 * (regression.noise_squares + quadratic).ln();
        density + k as f64 * (regression.prior / (1.0 - regression.prior)).ln()
    }

    #[test]
    fn models_are_drawn_as_often_as_their_posterior_says() {
        let data = data();
        let settings = Settings {
            model_size: 1.2,
            prior_df: 2.0,
            ..Settings::default()
        };
        let mut regression = Regression::of(&data, &settings);
        let values = data.before.iter().map(|known| known.value);
        let remainder = DVector::from_iterator(12, values);
        let models: Vec<Vec<usize>> = (0..8)
            .map(|bits| (0..3).filter(|one| bits >> one & 1 == 1).collect())
            .collect();
        let logs = models
            .iter()
            .map(|members| log_posterior(&regression, &remainder, members));
        let weights: Vec<f64> = logs.map(|log| (log + 20.0).exp()).collect();
        let total: f64 = weights.iter().sum();

        let draws = 20_000;
        let mut random = stream(1, 0);
        let mut seen = [0.0; 8];
        let (mut noise, mut first) = (0.0, 0.0);
        for _ in 0..draws {
            regression.draw(&remainder, &mut random);
            let bits = regression.included.iter().enumerate();
            seen[bits.map(|(one, on)| usize::from(*on) << one).sum::<usize>()] += 1.0;
            noise += regression.variance / f64::from(draws);
            first += regression.coefficients[0] / f64::from(draws);
        }
        for ((members, seen), weight) in models.iter().zip(seen).zip(&weights) {
            let (share, expected) = (seen / f64::from(draws), weight / total);
            assert!(
                (share - expected).abs() < 0.02,
                "{members:?}: {share}, expected {expected}"
            );
        }
        // Means of noise and first coefficient over models, in closed form.
        let slopes = data.x.tr_mul(&remainder);
        let (mut noise_expected, mut first_expected) = (0.0, 0.0);
        for (members, weight) in models.iter().zip(&weights) {
            let included: Vec<bool> = (0..3).map(|one| members.contains(&one)).collect();
            let model = regression
                .model(&included, &slopes, remainder.norm_squared())
                .unwrap();
            noise_expected += weight / total * model.squares / (regression.noise_df + 10.0);
            let place = members.iter().position(|one| *one == 0);
            first_expected += weight / total * place.map_or(0.0, |place| model.centre[place]);
        }
        assert!(
            (noise / noise_expected - 1.0).abs() < 0.03,
            "{noise} {noise_expected}"
        );
        assert!(
            (first - first_expected).abs() < 0.02,
            "{first} {first_expected}"
        );
    }
}
