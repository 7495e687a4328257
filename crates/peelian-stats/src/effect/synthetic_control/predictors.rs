//! Matching on predictors, and the search for what each should count.

use nalgebra::{DMatrix, DVector};
use rand::Rng;
use rand_distr::{Distribution, Exp1};

use super::{Panel, too_few};
use crate::Unanswerable;
use crate::effect::simplex::{Nearest, nearest};
use crate::random::stream;
use crate::summary::{mean, quantile};

/// Least importance of a predictor: at 0 the predictors may leave the weights undetermined.
const LEAST: f64 = 1e-8;
/// Random importances tried before the search, for each predictor.
const TRIALS: usize = 20;
/// Places the search starts from, beside equal importance.
const STARTS: usize = 4;
/// Moves of one search, for each predictor.
const MOVES: usize = 60;
/// A search that comes this close to the fit of the outcomes alone has found the best there is.
const REACHED: f64 = 1e-9;

/// Values that the units are compared by: one a unit and predictor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Predictors {
    /// The treated unit's, one a predictor.
    pub treated: Vec<f64>,
    /// Each donor's, in the order of [`Panel::donors`].
    pub donors: Vec<Vec<f64>>,
}

/// How much each predictor counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Importance {
    /// All the same. The default: nothing to search, one answer.
    #[default]
    Equal,
    /// These shares, 0 or more and not all 0.
    Given(Vec<f64>),
    /// Those that make the outcomes over the matched periods most alike, as Abadie and Gardeazabal
    /// choose them. The search starts from equal shares and from the best of a random set drawn
    /// with this seed; it is a local search, and better shares may exist.
    Searched {
        /// Seed of the random set.
        seed: u64,
    },
}

/// How the figures of several periods become one predictor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Summary {
    /// Arithmetic mean.
    Mean,
    /// Middle value.
    Median,
    /// Sample standard deviation (n − 1).
    StandardDeviation,
    /// Total.
    Sum,
    /// Smallest.
    Least,
    /// Largest.
    Most,
}

impl Summary {
    /// One figure for these, leaving out what is missing or not finite. `None` where nothing is
    /// left, or one value where a spread is asked for.
    pub fn of(self, values: &[Option<f64>]) -> Option<f64> {
        let known = values
            .iter()
            .flatten()
            .copied()
            .filter(|value| value.is_finite());
        let mut known: Vec<f64> = known.collect();
        known.sort_by(f64::total_cmp);
        let (least, most) = (*known.first()?, *known.last()?);
        let figure = match self {
            Self::Mean => mean(&known),
            Self::Median => quantile(&known, 0.5),
            Self::StandardDeviation if known.len() < 2 => return None,
            Self::StandardDeviation => deviation(&known),
            Self::Sum => known.iter().sum(),
            Self::Least => least,
            Self::Most => most,
        };
        Some(figure).filter(|figure| figure.is_finite())
    }
}

/// Weights from predictors.
pub(super) struct Matched {
    pub(super) nearest: Nearest,
    pub(super) importance: Vec<f64>,
    pub(super) loss: f64,
}

pub(super) fn match_on(
    panel: &Panel,
    predictors: &Predictors,
    importance: &Importance,
) -> Result<Matched, Unanswerable> {
    let rows = standardised(panel, predictors)?;
    let predictors = rows.nrows();
    let importance = match importance {
        Importance::Equal => vec![1.0; predictors],
        Importance::Given(shares) => given(shares, predictors)?,
        Importance::Searched { seed } => Search {
            outcomes: panel.differences(panel.fit.clone()),
            rows: &rows,
        }
        .best(*seed)?,
    };
    let importance = shares(&importance);
    let nearest = weigh(&rows, &importance)?;
    Ok(Matched {
        loss: nearest.loss,
        nearest,
        importance,
    })
}

/// Donor less treated in standard deviations across all units, a row a predictor. A predictor that
/// is the same everywhere becomes a row of zeros: it cannot tell units apart.
fn standardised(panel: &Panel, predictors: &Predictors) -> Result<DMatrix<f64>, Unanswerable> {
    let Predictors { treated, donors } = predictors;
    if treated.is_empty() {
        return Err(too_few("predictors", 0, 1));
    }
    if donors.len() != panel.donors.len() || donors.iter().any(|own| own.len() != treated.len()) {
        return Err(Unanswerable::Mismatched(
            "every unit needs one value of each predictor",
        ));
    }
    if !donors
        .iter()
        .chain([treated])
        .flatten()
        .all(|value| value.is_finite())
    {
        return Err(Unanswerable::Invalid("predictors must be finite"));
    }
    let spread = |row: usize| {
        let mut all: Vec<f64> = donors.iter().map(|own| own[row]).collect();
        all.push(treated[row]);
        deviation(&all)
    };
    let spreads: Vec<f64> = (0..treated.len()).map(spread).collect();
    let rows = DMatrix::from_fn(treated.len(), donors.len(), |row, donor| {
        let difference = donors[donor][row] - treated[row];
        if spreads[row] > 0.0 {
            difference / spreads[row]
        } else {
            0.0
        }
    });
    if rows.iter().all(|value| value.is_finite()) {
        Ok(rows)
    } else {
        Err(Unanswerable::Overflow)
    }
}

fn deviation(values: &[f64]) -> f64 {
    let centre = mean(values);
    let squares: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    (squares / (values.len() as f64 - 1.0)).sqrt()
}

fn given(shares: &[f64], predictors: usize) -> Result<Vec<f64>, Unanswerable> {
    if shares.len() != predictors {
        return Err(Unanswerable::Mismatched("each predictor needs one share"));
    }
    let total: f64 = shares.iter().sum();
    if shares.iter().all(|share| *share >= 0.0) && total > 0.0 && total.is_finite() {
        Ok(shares.to_vec())
    } else {
        Err(Unanswerable::Invalid("shares are 0 or more, and not all 0"))
    }
}

fn shares(sizes: &[f64]) -> Vec<f64> {
    let total: f64 = sizes.iter().sum();
    sizes.iter().map(|size| size / total).collect()
}

fn weigh(rows: &DMatrix<f64>, importance: &[f64]) -> Result<Nearest, Unanswerable> {
    let mut points = rows.clone();
    for (mut row, share) in points.row_iter_mut().zip(importance) {
        row *= share.sqrt();
    }
    nearest(&points, 0.0)
}

/// The search for importances that make outcomes alike.
struct Search<'a> {
    outcomes: DMatrix<f64>,
    rows: &'a DMatrix<f64>,
}

/// A point of the search and its loss.
#[derive(Clone)]
struct Trial {
    at: DVector<f64>,
    loss: f64,
}

impl Search<'_> {
    fn best(&self, seed: u64) -> Result<Vec<f64>, Unanswerable> {
        let k = self.rows.nrows();
        let floor = nearest(&self.outcomes, 0.0)?.loss;
        let equal = self.trial(DVector::from_element(k, 1.0 / k as f64));
        let mut random = stream(seed, 0);
        let mut trials: Vec<_> = (0..TRIALS * k)
            .map(|_| self.trial(draw(k, &mut random)))
            .collect();
        trials.sort_by(|a, b| a.loss.total_cmp(&b.loss));
        let mut best = equal.clone();
        for start in [equal].into_iter().chain(trials.into_iter().take(STARTS)) {
            let found = self.descend(start);
            if found.loss < best.loss {
                best = found;
            }
            if best.loss <= floor * (1.0 + REACHED) {
                break;
            }
        }
        // Once more from the best: a fresh simplex gets out of a collapsed one.
        let again = self.descend(best.clone());
        let best = if again.loss < best.loss { again } else { best };
        if best.loss.is_finite() {
            Ok(positive(&best.at))
        } else {
            Err(Unanswerable::NoConvergence)
        }
    }

    fn trial(&self, at: DVector<f64>) -> Trial {
        let loss = weigh(self.rows, &positive(&at)).map_or(f64::INFINITY, |found| {
            (&self.outcomes * DVector::from_vec(found.weights)).norm_squared()
        });
        Trial { at, loss }
    }

    /// Nelder and Mead's simplex search (*Computer Journal* 7 (1965) 308–313).
    fn descend(&self, start: Trial) -> Trial {
        let k = start.at.len();
        let mut corners: Vec<_> = (0..k)
            .map(|axis| {
                let mut at = start.at.clone();
                at[axis] += 0.5 * at[axis].abs().max(0.5 / k as f64);
                self.trial(at)
            })
            .collect();
        corners.push(start);
        for _ in 0..MOVES * k {
            corners.sort_by(|a, b| a.loss.total_cmp(&b.loss));
            let (least, most) = (corners[0].loss, corners[k].loss);
            if most - least <= 1e-12 * least {
                break;
            }
            let centre = corners[..k]
                .iter()
                .map(|corner| &corner.at)
                .sum::<DVector<f64>>()
                / k as f64;
            let along = |step: f64| self.trial(&centre + (&corners[k].at - &centre) * step);
            let mirrored = along(-1.0);
            let replacement = if mirrored.loss < least {
                let further = along(-2.0);
                Some(if further.loss < mirrored.loss {
                    further
                } else {
                    mirrored
                })
            } else if mirrored.loss < corners[k - 1].loss {
                Some(mirrored)
            } else {
                let nearer = along(if mirrored.loss < most { -0.5 } else { 0.5 });
                (nearer.loss < most.min(mirrored.loss)).then_some(nearer)
            };
            if let Some(replacement) = replacement {
                corners[k] = replacement;
                continue;
            }
            let best = corners[0].at.clone();
            for corner in &mut corners[1..] {
                *corner = self.trial((&corner.at + &best) / 2.0);
            }
        }
        corners.sort_by(|a, b| a.loss.total_cmp(&b.loss));
        corners.swap_remove(0)
    }
}

/// Any vector as shares of at least [`LEAST`].
fn positive(at: &DVector<f64>) -> Vec<f64> {
    let total: f64 = at.iter().map(|size| size.abs()).sum();
    let least = |size: &f64| (size.abs() / total).max(LEAST);
    shares(&at.iter().map(least).collect::<Vec<_>>())
}

/// Random shares; squared, so that a few large ones are common.
fn draw(k: usize, random: &mut impl Rng) -> DVector<f64> {
    let squares = DVector::from_fn(k, |_, _| {
        let size: f64 = Exp1.sample(random);
        size * size
    });
    &squares / squares.sum()
}
