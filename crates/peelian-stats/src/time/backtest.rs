//! Rolling-origin backtest: how good would this forecast have been?
//!
//! A method is given the series up to an origin and asked for the values after it; then the origin
//! moves on. What it says is scored against what came:
//!
//! - MASE: mean absolute error ÷ that of repeating the value of a season before, one season ahead,
//!   within what the method was given; below 1 beats that.
//! - pinball loss: mean over the quantiles that the intervals' ends stand for, in the unit of the
//!   values; low is good, both for sharpness and for truth.
//! - coverage: share of values within the interval; to be compared with the confidence asked for.
//!
//! Sources: Hyndman and Koehler, *International Journal of Forecasting* 22 (2006) 679–688 (MASE);
//! Tashman, *International Journal of Forecasting* 16 (2000) 437–450 (rolling origins); Gneiting and
//! Raftery, *Journal of the American Statistical Association* 102 (2007) 359–378 (pinball).
//!
//! **How it can mislead.** Origins overlap, so their scores are not independent: twelve origins are
//! not twelve tests. A method chosen because it scored best scores worse afterwards.

use rayon::prelude::*;

use crate::Unanswerable;
use crate::comparison::interval::Interval;
use crate::special::normal_z;
use crate::time::ets::Prediction;

/// What to ask of a method.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Values in a season's cycle; 1 without one.
    pub period: usize,
    /// How many values ahead.
    pub horizon: usize,
    /// How many origins, one value apart, the last so that its horizon ends with the series.
    pub origins: usize,
    /// Confidences of the intervals asked for.
    pub confidences: Vec<f64>,
}

/// How a method did.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Origins at which it gave an answer.
    pub origins: usize,
    /// Mean absolute error ÷ that of the seasonal naive within the past.
    pub mase: f64,
    /// Mean pinball loss; `None` where no interval was asked for.
    pub pinball: Option<f64>,
    /// Share of values inside, for each confidence asked for.
    pub coverage: Vec<f64>,
}

/// Score a method over the last origins of a series.
///
/// Refuses a series too short for two seasons before the first origin, a past that repeats itself
/// exactly (MASE has no scale), answers of another length than asked for, and a method that answers
/// at no origin: its own reason.
pub fn backtest<M>(values: &[f64], settings: &Settings, method: M) -> Result<Score, Unanswerable>
where
    M: Fn(&[f64], usize, &[f64]) -> Result<Vec<Prediction>, Unanswerable> + Sync,
{
    let Settings {
        period,
        horizon,
        origins,
        ref confidences,
    } = *settings;
    if period == 0 || horizon == 0 || origins == 0 {
        return Err(Unanswerable::Invalid(
            "period, horizon and origins must be at least 1",
        ));
    }
    if values.iter().any(|value| !value.is_finite()) {
        return Err(Unanswerable::Invalid("values must be finite, none missing"));
    }
    let need = (period.saturating_mul(2))
        .saturating_add(horizon)
        .saturating_add(origins);
    if values.len() < need {
        return Err(Unanswerable::TooFew {
            what: "values",
            have: values.len(),
            need,
        });
    }
    let first = values.len() - horizon - origins + 1;
    let one = |origin: usize| {
        let (past, rest) = values.split_at(origin);
        let predictions = method(past, horizon, confidences)?;
        if predictions.len() != horizon
            || predictions
                .iter()
                .any(|p| p.intervals.len() != confidences.len())
        {
            return Err(Unanswerable::Mismatched(
                "a method must answer for each step and interval",
            ));
        }
        Ok((
            scale(past, period).ok_or(Unanswerable::Constant)?,
            predictions,
            &rest[..horizon],
        ))
    };
    let answers: Vec<_> = (first..first + origins).into_par_iter().map(one).collect();
    let mut answered = Vec::new();
    let mut reason = None;
    for answer in answers {
        match answer {
            Ok(answer) => answered.push(answer),
            Err(why) => reason = Some(why),
        }
    }
    if answered.is_empty() {
        return Err(reason.unwrap_or(Unanswerable::NoConvergence));
    }
    let asked = (answered.len() * horizon) as f64;
    let pairs = || {
        answered.iter().flat_map(|(scale, said, came)| {
            said.iter().zip(*came).map(move |(p, y)| (scale, p, *y))
        })
    };
    let coverage = |place: usize| {
        pairs()
            .filter(|(_, said, came)| said.intervals[place].contains(*came))
            .count() as f64
            / asked
    };
    let loss = |(_, said, came): (&f64, &Prediction, f64)| {
        said.intervals
            .iter()
            .zip(confidences)
            .map(|(interval, c)| pinball(interval, *c, came))
            .sum::<f64>()
    };
    let quantiles = 2.0 * confidences.len() as f64;
    Ok(Score {
        origins: answered.len(),
        mase: pairs()
            .map(|(scale, said, came)| (came - said.mean).abs() / scale)
            .sum::<f64>()
            / asked,
        pinball: (!confidences.is_empty())
            .then(|| pairs().map(loss).sum::<f64>() / asked / quantiles),
        coverage: (0..confidences.len()).map(coverage).collect(),
    })
}

/// The method with the lowest mean pinball loss, or MASE where no interval is asked for, by its place
/// in the list, with the scores of all.
///
/// Refuses no methods, and methods of which none has a score: the reason of the first.
pub fn choose<M>(
    values: &[f64],
    settings: &Settings,
    methods: &[M],
) -> Result<(usize, Vec<Result<Score, Unanswerable>>), Unanswerable>
where
    M: Fn(&[f64], usize, &[f64]) -> Result<Vec<Prediction>, Unanswerable> + Sync,
{
    let scores: Vec<_> = methods
        .iter()
        .map(|method| backtest(values, settings, method))
        .collect();
    let loss = |score: &Score| score.pinball.unwrap_or(score.mase);
    let scored = scores
        .iter()
        .enumerate()
        .filter_map(|(place, score)| Some((place, loss(score.as_ref().ok()?))));
    match scored.min_by(|(_, a), (_, b)| a.total_cmp(b)) {
        Some((place, _)) => Ok((place, scores)),
        None => Err(scores
            .into_iter()
            .find_map(Result::err)
            .unwrap_or(Unanswerable::TooFew {
                what: "methods",
                have: 0,
                need: 1,
            })),
    }
}

/// The value of a season before, again and again, with intervals from how much that was off so far:
/// the forecast that another must beat.
///
/// The variance grows by one season's each season. Refuses fewer than one season and two values, and
/// confidences not strictly within 0 to 1.
pub fn seasonal_naive(
    values: &[f64],
    period: usize,
    horizon: usize,
    confidences: &[f64],
) -> Result<Vec<Prediction>, Unanswerable> {
    let need = period.saturating_add(2);
    if period == 0 || values.len() < need {
        return Err(Unanswerable::TooFew {
            what: "values",
            have: values.len(),
            need,
        });
    }
    if values.iter().any(|value| !value.is_finite()) {
        return Err(Unanswerable::Invalid("values must be finite, none missing"));
    }
    let quantiles: Option<Vec<f64>> = confidences.iter().map(|c| normal_z(*c)).collect();
    let quantiles = quantiles.ok_or(Unanswerable::Invalid(
        "confidence must lie strictly between 0 and 1",
    ))?;
    let off = values[period..]
        .iter()
        .zip(values)
        .map(|(now, before)| (now - before).powi(2));
    let sd = (off.sum::<f64>() / (values.len() - period) as f64).sqrt();
    let season = &values[values.len() - period..];
    let predict = |step: usize| {
        let mean = season[step % period];
        let sd = sd * ((step / period + 1) as f64).sqrt();
        let interval = |z: &f64| Interval {
            lower: mean - z * sd,
            upper: mean + z * sd,
        };
        Prediction {
            mean,
            intervals: quantiles.iter().map(interval).collect(),
        }
    };
    Ok((0..horizon).map(predict).collect())
}

/// Mean absolute error of the seasonal naive within the past; `None` where there is none.
fn scale(past: &[f64], period: usize) -> Option<f64> {
    let off = past[period..]
        .iter()
        .zip(past)
        .map(|(now, before)| (now - before).abs());
    let scale = off.sum::<f64>() / (past.len() - period) as f64;
    (scale > 0.0 && scale.is_finite()).then_some(scale)
}

/// Pinball loss of both ends of an interval.
fn pinball(interval: &Interval, confidence: f64, came: f64) -> f64 {
    let loss = |quantile: f64, p: f64| {
        if came >= quantile {
            p * (came - quantile)
        } else {
            (1.0 - p) * (quantile - came)
        }
    };
    loss(interval.lower, (1.0 - confidence) / 2.0)
        + loss(interval.upper, f64::midpoint(1.0, confidence))
}
