//! Do the hazards stay proportional?

use nalgebra::{DMatrix, DVector};

use crate::Unanswerable;
use crate::survival::cases::Cases;
use crate::survival::kaplan_meier;
use crate::survival::newton::positive;
use crate::survival::score_test::{ChiSquared, score_test};

use super::{Cox, refitted};

/// The shape of the change over time that is looked for: β(t) = β + γ·g(t).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TimeScale {
    /// g = 1 − S(t−), the Kaplan-Meier share ended before: few late events cannot decide alone.
    #[default]
    KaplanMeier,
    /// g = t.
    Time,
    /// g = ln t; no event may fall at time 0.
    Log,
}

/// A test of proportional hazards: small p means that a coefficient drifts over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Proportionality {
    /// One test a covariate, the others held constant.
    pub covariates: Vec<ChiSquared>,
    /// All at once.
    pub overall: ChiSquared,
}

/// Score test of γ = 0 for a regression, with the cases and covariates it was fitted on.
///
/// Refuses what [`super::cox()`] refuses, a fit with another number of covariates, and
/// [`Unanswerable::Constant`] where all events fall at one time. With many cases it finds drifts
/// that do not matter: plot β over two halves of the time before giving up the model.
pub fn non_proportional(
    cases: Cases<'_>,
    covariates: &[&[f64]],
    fit: &Cox,
    scale: TimeScale,
) -> Result<Proportionality, Unanswerable> {
    let (sets, beta) = refitted(cases, covariates, fit)?;
    let p = beta.len();
    let shape = shape(cases, scale)?;
    let at = |time: f64| {
        let place = shape.partition_point(|(known, _)| *known < time);
        shape.get(place).map_or(0.0, |(_, g)| *g)
    };
    let mut drift = vec![0.0; p];
    let [mut level, mut mixed, mut drifting] = [(); 3].map(|()| DMatrix::zeros(p, p));
    sets.slope(&beta, fit.ties, |moment| {
        let g = at(moment.time);
        for (sum, score) in drift.iter_mut().zip(moment.score) {
            *sum += g * score;
        }
        let mut information = moment.information.iter();
        for i in 0..p {
            for (j, here) in information.by_ref().take(i + 1).enumerate() {
                level[(i, j)] += here;
                mixed[(i, j)] += g * here;
                drifting[(i, j)] += g * g * here;
            }
        }
    });
    for half in [&mut level, &mut mixed, &mut drifting] {
        half.fill_upper_triangle_with_lower_triangle();
    }
    // What is left of the drift's information once the coefficients themselves are fitted.
    let factor = positive(&level).ok_or(Unanswerable::Collinear)?;
    let left = &drifting - mixed.transpose() * factor.solve(&mixed);
    // Columns unchanged by time leave nothing but rounding.
    let nothing = (0..p).all(|i| left[(i, i)] <= 1e-12 * drifting[(i, i)].abs());
    if nothing {
        return Err(Unanswerable::Constant);
    }
    let one = |(i, score): (usize, &f64)| {
        score_test(&[*score], &DMatrix::from_element(1, 1, left[(i, i)]))
    };
    Ok(Proportionality {
        covariates: drift
            .iter()
            .enumerate()
            .map(one)
            .collect::<Result<_, _>>()?,
        overall: score_test(DVector::from_column_slice(&drift).as_slice(), &left)?,
    })
}

/// g at each event time, centred so that squares of it lose no digits.
fn shape(cases: Cases<'_>, scale: TimeScale) -> Result<Vec<(f64, f64)>, Unanswerable> {
    let curve = kaplan_meier::kaplan_meier(cases, &kaplan_meier::Settings::default())?;
    let mut before = 1.0;
    let (mut shape, mut sum, mut count) = (Vec::new(), 0.0, 0.0);
    for step in &curve.steps {
        if step.events > 0 {
            let g = match scale {
                TimeScale::KaplanMeier => 1.0 - before,
                TimeScale::Time => step.time,
                TimeScale::Log if step.time > 0.0 => step.time.ln(),
                TimeScale::Log => {
                    return Err(Unanswerable::Invalid("an event at time 0 has no logarithm"));
                }
            };
            shape.push((step.time, g));
            sum += g * step.events as f64;
            count += step.events as f64;
        }
        before = step.survival;
    }
    for (_, g) in &mut shape {
        *g -= sum / count;
    }
    Ok(shape)
}
