//! The same model by maximum likelihood, without any prior.

use nalgebra::{DMatrix, DVector};

use super::Series;
use super::sampler::Data;
use crate::Unanswerable;

/// Logarithms of level variance over noise variance that are tried first.
const TRIED: std::ops::RangeInclusive<i32> = -40..=20;
/// Steps of the search that follows.
const STEPS: usize = 80;

/// A local level with all covariates, fitted by maximum likelihood.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalLevel {
    /// Mean over judged periods of observed less carried on, in the unit of the outcome.
    pub average_effect: f64,
    /// σ², in squared standard deviations of the outcome before.
    pub noise_variance: f64,
    /// σ²_level, in the same unit; 0 where the level does not move.
    pub level_variance: f64,
    /// β of the standardised covariates, in standard deviations of the outcome.
    pub coefficients: Vec<f64>,
    /// Log likelihood of the standardised outcomes after the first.
    pub log_likelihood: f64,
}

/// The model of [`super::estimate`] without priors: every covariate in, variances at their most
/// likely.
///
/// The first known outcome fixes the level (a diffuse start). The ratio of the two variances is
/// searched on a grid of logarithms and then closer; coefficients and noise follow from it exactly
/// (Harvey, *Forecasting, Structural Time Series Models and the Kalman Filter*, 1989, section 3.4).
/// Compare it with the posterior: a large difference means that the prior decides. Needs three more
/// known outcomes before than there are covariates; covariates must vary and not depend on each
/// other.
pub fn maximum_likelihood(series: &Series) -> Result<LocalLevel, Unanswerable> {
    let data = Data::of(series)?;
    let (n, covariates) = (data.before.len(), data.scales.len());
    if n < covariates + 3 {
        return Err(Unanswerable::TooFew {
            what: "known outcomes before",
            have: n,
            need: covariates + 3,
        });
    }
    let still = profile(&data, 0.0)?;
    let at = |log: f64| profile(&data, log.exp());
    let mut best = (f64::from(*TRIED.start()), f64::NEG_INFINITY);
    for log in TRIED.map(f64::from) {
        let value = at(log)?.log_likelihood;
        if value > best.1 {
            best = (log, value);
        }
    }
    // Golden section within a step of the best.
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (best.0 - 1.0, best.0 + 1.0);
    for _ in 0..STEPS {
        let (a, b) = (high - golden * (high - low), low + golden * (high - low));
        if at(a)?.log_likelihood < at(b)?.log_likelihood {
            low = a;
        } else {
            high = b;
        }
    }
    let moving = at(f64::midpoint(low, high))?;
    let fitted = if moving.log_likelihood > still.log_likelihood {
        moving
    } else {
        still
    };
    fitted.answer(&data)
}

struct Profile {
    ratio: f64,
    log_likelihood: f64,
    noise: f64,
    coefficients: DVector<f64>,
    level: f64,
}

/// The filter on outcome and covariates at once: the innovations of a regression on them are the
/// innovations of the whole.
fn profile(data: &Data, ratio: f64) -> Result<Profile, Unanswerable> {
    let k = data.scales.len();
    let row = |place: usize| {
        let own = &data.before[place];
        DVector::from_fn(
            k + 1,
            |i, _| if i < k { data.x[(place, i)] } else { own.value },
        )
    };
    let mut centre = row(0);
    let mut spread = 1.0;
    let mut squares = DMatrix::zeros(k + 1, k + 1);
    let mut logs = 0.0;
    for (place, pair) in data.before.windows(2).enumerate() {
        spread += ratio * (pair[1].period - pair[0].period) as f64;
        let innovation = row(place + 1) - &centre;
        let size = spread + 1.0;
        squares.ger(1.0 / size, &innovation, &innovation, 1.0);
        logs += size.ln();
        centre.axpy(spread / size, &innovation, 1.0);
        spread /= size;
    }
    let x = squares.view((0, 0), (k, k)).into_owned();
    let y = squares.view((0, k), (k, 1)).column(0).into_owned();
    let scale = x.diagonal().amax();
    let factor = x.cholesky().ok_or(Unanswerable::Collinear)?;
    let pivot = factor
        .l_dirty()
        .diagonal()
        .iter()
        .fold(f64::INFINITY, |a, b| a.min(*b));
    let apart = pivot * pivot > 1e-12 * scale;
    if k > 0 && !apart {
        return Err(Unanswerable::Collinear);
    }
    let coefficients = factor.solve(&y);
    let used = data.before.len() as f64 - 1.0;
    let noise = (squares[(k, k)] - coefficients.dot(&y)).max(0.0) / used;
    if noise.is_nan() || noise <= 1e-14 {
        return Err(Unanswerable::Constant);
    }
    let level = centre[k] - centre.rows(0, k).dot(&coefficients);
    let constant = (std::f64::consts::TAU * noise).ln() + 1.0;
    Ok(Profile {
        ratio,
        log_likelihood: -(used * constant + logs) / 2.0,
        noise,
        coefficients,
        level,
    })
}

impl Profile {
    fn answer(&self, data: &Data) -> Result<LocalLevel, Unanswerable> {
        let regressed = &data.x_after * &self.coefficients;
        let effects = data.after.iter().zip(&regressed);
        let sum: f64 = effects
            .map(|(known, own)| known.value - self.level - own)
            .sum();
        let average_effect = sum / data.after.len() as f64 * data.unit;
        if !average_effect.is_finite() {
            return Err(Unanswerable::Overflow);
        }
        Ok(LocalLevel {
            average_effect,
            noise_variance: self.noise,
            level_variance: self.noise * self.ratio,
            coefficients: self.coefficients.iter().copied().collect(),
            log_likelihood: self.log_likelihood,
        })
    }
}
