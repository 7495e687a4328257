//! Distributions of times.

use rand::Rng;
use rand_distr::{Distribution as _, Exp1, Gamma, StandardNormal};

use crate::random::Stream;
use crate::unanswerable::Unanswerable;

/// How long something lasts. All parameters are finite; times are in the unit of the scenario.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Always the same, 0 or more.
    Constant(f64),
    /// Exponential with this mean, above 0.
    Exponential {
        /// The mean.
        mean: f64,
    },
    /// Log-normal, by its own mean (above 0) and standard deviation (0 or more), not those of the
    /// logarithm.
    Lognormal {
        /// The mean.
        mean: f64,
        /// The standard deviation.
        sd: f64,
    },
    /// Weibull: P(T > t) = exp(−(t/scale)^shape), both above 0.
    Weibull {
        /// The time that a share of 1/e exceed.
        scale: f64,
        /// Below 1 the chance of ending falls with time, above 1 it rises.
        shape: f64,
    },
    /// Gamma, both above 0; a whole `shape` is Erlang's distribution of so many stages.
    Gamma {
        /// The mean.
        mean: f64,
        /// 1/cv²: 1 is exponential, larger is steadier.
        shape: f64,
    },
    /// One of these times, 0 or more and at least one, each as likely.
    Empirical(Vec<f64>),
}

impl Distribution {
    pub(super) fn sampler(&self) -> Result<Sampler, Unanswerable> {
        let positive = |value: f64| value > 0.0 && value.is_finite();
        let lasting = |value: f64| value >= 0.0 && value.is_finite();
        match *self {
            Self::Constant(time) if lasting(time) => Ok(Sampler::Constant(time)),
            Self::Exponential { mean } if positive(mean) => Ok(Sampler::Exponential { mean }),
            Self::Lognormal { mean, sd } if positive(mean) && lasting(sd) => {
                let variance = (sd / mean).powi(2).ln_1p();
                if !variance.is_finite() {
                    return Err(Unanswerable::Overflow);
                }
                Ok(Sampler::Lognormal {
                    location: mean.ln() - variance / 2.0,
                    spread: variance.sqrt(),
                })
            }
            Self::Weibull { scale, shape } if positive(scale) && positive(shape) => {
                Ok(Sampler::Weibull {
                    scale,
                    power: 1.0 / shape,
                })
            }
            Self::Gamma { mean, shape } if positive(mean) && positive(shape) => {
                let scale = mean / shape;
                let gamma = Gamma::new(shape, scale).ok().filter(|_| scale.is_finite());
                gamma.map(Sampler::Gamma).ok_or(Unanswerable::Overflow)
            }
            Self::Empirical(ref times)
                if !times.is_empty() && times.iter().all(|&t| lasting(t)) =>
            {
                Ok(Sampler::Empirical(times.clone()))
            }
            _ => Err(Unanswerable::Invalid(
                "times must be 0 or more and finite, means and shapes above 0",
            )),
        }
    }
}

/// A distribution ready to be drawn from.
#[derive(Clone, Debug)]
pub(super) enum Sampler {
    Constant(f64),
    Exponential { mean: f64 },
    Lognormal { location: f64, spread: f64 },
    Weibull { scale: f64, power: f64 },
    Gamma(Gamma<f64>),
    Empirical(Vec<f64>),
}

impl Sampler {
    /// A time of 0 or more; infinite where it is too long to write down.
    #[inline]
    pub(super) fn draw(&self, stream: &mut Stream) -> f64 {
        match self {
            Self::Constant(time) => *time,
            Self::Exponential { mean } => mean * unit_exponential(stream),
            Self::Lognormal { location, spread } => {
                let normal: f64 = StandardNormal.sample(stream);
                (location + spread * normal).exp()
            }
            Self::Weibull { scale, power } => scale * unit_exponential(stream).powf(*power),
            Self::Gamma(gamma) => gamma.sample(stream),
            Self::Empirical(times) => times
                .get(stream.random_range(0..times.len()))
                .copied()
                .unwrap_or(0.0),
        }
    }
}

#[inline]
pub(super) fn unit_exponential(stream: &mut Stream) -> f64 {
    Exp1.sample(stream)
}
