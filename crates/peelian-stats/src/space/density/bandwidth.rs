//! Bandwidths by rule of thumb.
//!
//! Answers "how far to spread an event, if nothing else is known?". The rules are for one round
//! heap of events: on a map with several towns they give too smooth a surface. Sources: Scott,
//! *Multivariate Density Estimation* (1992): n^(−1/(d+4)); Silverman, *Density Estimation* (1986):
//! (n(d+2)/4)^(−1/(d+4)), the same number in two dimensions; Venables and Ripley, *Modern Applied
//! Statistics with S* (2002), section 5.6: 1.06·min(s, IQR/1.34)·n^(−1/5) for each axis.
//!
//! **How it can mislead.** A rule is a start, not an answer: state what was used. Events that share
//! places count in full, though they say less than as many separate ones.

use crate::Unanswerable;
use crate::space::buckets::check_points;
use crate::summary::{mean, quantile};

/// The factor that turns the covariance of the events into that of the kernel, and the result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RuleOfThumb {
    /// Standard deviations of the events to those of the kernel.
    pub factor: f64,
    /// Covariance of the events (over n − 1) times factor², row by row.
    pub covariance: [[f64; 2]; 2],
}

/// Scott's rule in two dimensions: factor n^(−1/6). Needs 3 events that do not lie on a line.
/// Silverman's rule is the same in two dimensions.
pub fn scott(events: &[[f64; 2]]) -> Result<RuleOfThumb, Unanswerable> {
    let covariance = covariance(events)?;
    let factor = (events.len() as f64).powf(-1.0 / 6.0);
    Ok(RuleOfThumb {
        factor,
        covariance: covariance.map(|row| row.map(|entry| entry * factor * factor)),
    })
}

/// Normal reference bandwidth (a standard deviation) for each axis: 1.06·min(s, IQR/1.34)·n^(−1/5).
/// MASS's `bandwidth.nrd` is four times this. [`Unanswerable::Constant`] where half of the events
/// share a coordinate.
pub fn normal_reference(events: &[[f64; 2]]) -> Result<[f64; 2], Unanswerable> {
    let covariance = covariance(events)?;
    let n = events.len() as f64;
    let along = |axis: usize| {
        let mut sorted: Vec<f64> = events.iter().map(|event| event[axis]).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let middle = (quantile(&sorted, 0.75) - quantile(&sorted, 0.25)) / 1.34;
        let spread = covariance[axis][axis].sqrt().min(middle);
        if spread > 0.0 {
            Ok(1.06 * spread * n.powf(-0.2))
        } else {
            Err(Unanswerable::Constant)
        }
    };
    Ok([along(0)?, along(1)?])
}

/// Covariance over n − 1; refuses fewer than 3 events and events on a line.
fn covariance(events: &[[f64; 2]]) -> Result<[[f64; 2]; 2], Unanswerable> {
    check_points(events)?;
    if events.len() < 3 {
        return Err(Unanswerable::TooFew {
            what: "events",
            have: events.len(),
            need: 3,
        });
    }
    let centre = [0, 1].map(|axis| mean(&events.iter().map(|e| e[axis]).collect::<Vec<_>>()));
    let over = (events.len() - 1) as f64;
    let between = |a: usize, b: usize| {
        let products = events
            .iter()
            .map(|e| (e[a] - centre[a]) * (e[b] - centre[b]));
        products.sum::<f64>() / over
    };
    let (xx, xy, yy) = (between(0, 0), between(0, 1), between(1, 1));
    if !(xx.is_finite() && yy.is_finite()) {
        return Err(Unanswerable::Overflow);
    }
    // A correlation of 1 but for rounding.
    if xx <= 0.0 || yy <= 0.0 || (xy / xx.sqrt() / yy.sqrt()).abs() > 1.0 - 1e-12 {
        return Err(Unanswerable::Constant);
    }
    Ok([[xx, xy], [xy, yy]])
}
