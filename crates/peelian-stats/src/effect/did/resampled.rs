//! Tests for few clusters, by drawing again.

use nalgebra::DVector;
use rand::Rng;
use rand::seq::SliceRandom;
use rayon::prelude::*;

use super::panel::{Effects, dot};
use super::{Fit, Panel};
use crate::Unanswerable;
use crate::comparison::interval::Interval;
use crate::effect::inversion::edge;
use crate::random::{Stream, stream};

/// Two-point weights give so few different draws below this many clusters (2ᴳ) that six points are
/// used.
const FEW: usize = 13;
/// Fewest draws with which p can be 0.05.
const FEWEST: usize = 19;
/// Draws that come out as the data themselves must count as such in spite of rounding.
const TIE: f64 = 1.0 - 1e-9;

/// How a test draws again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resampling {
    /// Number of draws, at least 19. Default 999.
    pub draws: usize,
    /// Same seed, same answer.
    pub seed: u64,
}

impl Default for Resampling {
    fn default() -> Self {
        Self {
            draws: 999,
            seed: 0,
        }
    }
}

impl Resampling {
    pub(in crate::effect) fn checked(self) -> Result<(), Unanswerable> {
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

/// What a cluster's residuals are multiplied by in a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Weights {
    /// −1 or 1.
    Rademacher,
    /// ±√½, ±1, ±√1½.
    Webb,
}

/// A wild cluster bootstrap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WildBootstrap {
    /// β.
    pub effect: f64,
    /// Two-sided p of no effect, (1 + draws at least as far out)/(1 + draws).
    pub p_value: f64,
    /// The effects that the test does not reject. An end is infinite where even an effect of a
    /// thousand standard errors is not rejected, as can be with few treated clusters.
    pub interval: Interval,
    /// Weights drawn.
    pub weights: Weights,
}

/// Test an effect by drawing the clusters' residuals again with random signs.
///
/// Under the hypothesis tested (residuals are those without an effect) each cluster's residuals
/// keep their order and get one weight; the share of draws whose t is at least as far from zero as
/// the t of the data is p. Weights are −1 and 1, or Webb's six points below 13 clusters. Refused as
/// [`super::two_way`], and fewer than 19 draws.
pub fn wild_bootstrap(
    panel: &Panel,
    treatment: &[f64],
    confidence: f64,
    resampling: Resampling,
) -> Result<WildBootstrap, Unanswerable> {
    if !(confidence > 0.0 && confidence < 1.0) {
        return Err(Unanswerable::Invalid(
            "confidence must lie between 0 and 1, ends excluded",
        ));
    }
    resampling.checked()?;
    let fit = Fit::new(panel, treatment)?;
    let clusters = fit.layout.clusters;
    if clusters < 2 {
        return Err(Unanswerable::TooFew {
            what: "clusters",
            have: clusters,
            need: 2,
        });
    }
    let weights = if clusters < FEW {
        Weights::Webb
    } else {
        Weights::Rademacher
    };
    let scores = Scores::new(&fit);
    let observed = scores.draw(&vec![1.0; clusters]);
    let draws: Vec<Drawn> = (0..resampling.draws as u64)
        .into_par_iter()
        .map(|index| {
            let mut random = stream(resampling.seed, index);
            let drawn: Vec<_> = (0..clusters).map(|_| weights.draw(&mut random)).collect();
            scores.draw(&drawn)
        })
        .collect();
    let p_value = |null: f64| {
        // The data's own error does not depend on the hypothesis.
        let own = observed.at(fit.effect).1;
        let distance = (fit.effect - null).powi(2);
        let reaches = |draw: &&Drawn| {
            let (effect, spread) = draw.at(null);
            effect * effect * own >= distance * spread * TIE
        };
        let further = draws.iter().filter(reaches).count();
        (1 + further) as f64 / (1 + draws.len()) as f64
    };
    let error = observed.at(fit.effect).1.sqrt();
    let end = |direction: f64| {
        edge(1.0 - confidence, |steps| {
            p_value(fit.effect + direction * steps * error)
        })
        .map_or(direction * f64::INFINITY, |steps| {
            fit.effect + direction * steps * error
        })
    };
    Ok(WildBootstrap {
        effect: fit.effect,
        p_value: p_value(0.0),
        interval: Interval {
            lower: end(-1.0),
            upper: end(1.0),
        },
        weights,
    })
}

impl Weights {
    fn draw(self, random: &mut Stream) -> f64 {
        let sign = if random.random::<bool>() { 1.0 } else { -1.0 };
        match self {
            Self::Rademacher => sign,
            Self::Webb => sign * (f64::from(random.random_range(1..=3_u8)) / 2.0).sqrt(),
        }
    }
}

/// What a draw's effect and error are made of, by cluster.
struct Scores<'a> {
    fit: &'a Fit,
    /// Treatment · outcome and treatment².
    products: Vec<f64>,
    squares: Vec<f64>,
    /// Sums by time and cluster of outcome and treatment.
    outcome_sums: nalgebra::DMatrix<f64>,
    treatment_sums: nalgebra::DMatrix<f64>,
}

/// Effect and squared error of a draw, as they depend on the effect that is tested.
///
/// Residuals under that effect b are outcome − b·treatment, so the draw's effect is e − b·f and its
/// squared error A − 2b·B + b²·C.
struct Drawn {
    effect: (f64, f64),
    spread: (f64, f64, f64),
}

impl Drawn {
    /// Effect and squared error (without the factors that all draws share) under the effect `null`.
    fn at(&self, null: f64) -> (f64, f64) {
        let (a, b, c) = self.spread;
        let spread = a - 2.0 * null * b + null * null * c;
        (self.effect.0 - null * self.effect.1, spread.max(0.0))
    }
}

impl<'a> Scores<'a> {
    fn new(fit: &'a Fit) -> Self {
        Self {
            products: fit.layout.cluster_products(&fit.treatment, &fit.outcome),
            squares: fit.layout.cluster_products(&fit.treatment, &fit.treatment),
            outcome_sums: fit.layout.cluster_time_sums(&fit.outcome),
            treatment_sums: fit.layout.cluster_time_sums(&fit.treatment),
            fit,
        }
    }

    fn draw(&self, weights: &[f64]) -> Drawn {
        let weights = DVector::from_column_slice(weights);
        let (outcome_effect, outcome_scores) =
            self.weighted(&self.products, &self.outcome_sums, &weights);
        let (treatment_effect, treatment_scores) =
            self.weighted(&self.squares, &self.treatment_sums, &weights);
        let scale = self.fit.variation.powi(2);
        Drawn {
            effect: (outcome_effect, treatment_effect),
            spread: (
                dot(&outcome_scores, &outcome_scores) / scale,
                dot(&outcome_scores, &treatment_scores) / scale,
                dot(&treatment_scores, &treatment_scores) / scale,
            ),
        }
    }

    /// Effect of, and each cluster's score from, a column times its cluster's weight. A weight is
    /// one number a unit, so unit means stay zero and only time effects have to come out again.
    fn weighted(
        &self,
        products: &[f64],
        sums: &nalgebra::DMatrix<f64>,
        weights: &DVector<f64>,
    ) -> (f64, Vec<f64>) {
        let effect = dot(products, weights.as_slice()) / self.fit.variation;
        let by_time = self.fit.layout.time_effects_of(&(sums * weights));
        let taken_out = self.treatment_sums.tr_mul(&by_time);
        let scores = (0..products.len())
            .map(|g| weights[g] * products[g] - taken_out[g] - effect * self.squares[g])
            .collect();
        (effect, scores)
    }
}

/// A test by dealing the treatment out again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RandomisationTest {
    /// β.
    pub effect: f64,
    /// Two-sided: (1 + draws with an effect at least as large)/(1 + draws).
    pub p_value: f64,
}

/// Test that treatment had no effect on any unit, by giving each unit's course of treatment to
/// another at random.
///
/// Exact where treatment really was dealt out among these units by lot; else it asks how unusual
/// the units are among all equal choices. It says nothing smaller than 1 in the number of different
/// ways to deal: with 1 of 10 units treated p cannot fall below 0.1. Needs a panel where every unit
/// has every time once ([`Unanswerable::Mismatched`]); clusters are not looked at.
pub fn randomisation_test(
    panel: &Panel,
    treatment: &[f64],
    resampling: Resampling,
) -> Result<RandomisationTest, Unanswerable> {
    resampling.checked()?;
    let fit = Fit::new(panel, treatment)?;
    if !matches!(fit.layout.effects, Effects::Balanced) {
        return Err(Unanswerable::Mismatched(
            "every unit needs every time once to take over another's treatment",
        ));
    }
    let (units, times) = (fit.layout.units(), fit.layout.times);
    let observed = fit.effect.abs();
    let further: usize = (0..resampling.draws as u64)
        .into_par_iter()
        .map(|index| {
            let mut order: Vec<_> = (0..units).collect();
            order.shuffle(&mut stream(resampling.seed, index));
            // Taking out means does not care which unit is which.
            let product: f64 = order
                .iter()
                .zip(fit.outcome.chunks_exact(times))
                .map(|(&from, outcome)| {
                    dot(&fit.treatment[from * times..(from + 1) * times], outcome)
                })
                .sum();
            usize::from((product / fit.variation).abs() >= observed * TIE)
        })
        .sum();
    Ok(RandomisationTest {
        effect: fit.effect,
        p_value: (1 + further) as f64 / (1 + resampling.draws) as f64,
    })
}
