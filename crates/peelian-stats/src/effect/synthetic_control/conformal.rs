//! Intervals by conformal inference.

use super::{Panel, too_few};
use crate::effect::simplex::nearest;
use crate::{Interval, Unanswerable};

/// Halvings of the bracket around an end of the interval.
const HALVINGS: usize = 50;

/// Effects in `period` that the data do not rule out at this `confidence`, in the unit of the
/// outcomes.
///
/// For an effect θ in that period: take θ off the outcome, fit the weights to the outcomes of the
/// matched periods and this one together, and count how many of the n + 1 residuals are at least
/// as large as this period's. The interval is the stretch around the best guess in which that
/// share stays above 1 − confidence. Source: Chernozhukov, Wüthrich and Zhu, *Journal of the
/// American Statistical Association* 116 (2021) 1849–1864, with outcomes as [`super::Matching`]
/// matches them and all periods exchangeable.
///
/// Too few periods where (n + 1)·(1 − confidence) < 1: 19 matched periods for 95 %. Trends,
/// seasons and autocorrelation in the residuals break the exchangeability, and with it the
/// coverage.
pub fn conformal_interval(
    panel: &Panel,
    period: usize,
    confidence: f64,
) -> Result<Interval, Unanswerable> {
    panel.check()?;
    if !(confidence > 0.0 && confidence < 1.0) {
        return Err(Unanswerable::Invalid("confidence lies between 0 and 1"));
    }
    if period < panel.start || period >= panel.treated.len() {
        return Err(Unanswerable::Invalid("the period lies from the start on"));
    }
    let need = (1.0 / (1.0 - confidence) - 1.0 - 1e-9).ceil() as usize;
    if panel.fit.len() < need {
        return Err(too_few("periods to match", panel.fit.len(), need));
    }
    let periods: Vec<usize> = panel.fit.clone().chain([period]).collect();
    let possible = |effect: f64| {
        let gaps = panel.gaps_under(&periods, &[effect])?;
        let own = gaps[gaps.len() - 1].abs();
        let as_large = gaps.iter().filter(|gap| gap.abs() >= own).count();
        Ok(as_large as f64 / gaps.len() as f64 > 1.0 - confidence)
    };
    let weights = nearest(&panel.differences(panel.fit.clone()), 0.0)?.weights;
    let centre = panel.gaps(&weights)[period];
    let spread = panel.spread();
    Ok(Interval {
        lower: end(centre, -spread, &possible)?,
        upper: end(centre, spread, &possible)?,
    })
}

/// p-value of these `effects`, one for each period from the start on (0 everywhere: "it did
/// nothing").
///
/// Takes the effects off, fits the weights to all periods together and compares the sum of
/// residuals by size from the start on with that of every cyclic shift, which leaves
/// autocorrelation in place. The p-value is never below 1/periods. Source as for
/// [`conformal_interval`].
pub fn conformal_test(panel: &Panel, effects: &[f64]) -> Result<f64, Unanswerable> {
    panel.check()?;
    let after = panel.treated.len() - panel.start;
    if effects.len() != after {
        return Err(Unanswerable::Mismatched(
            "each period from the start on needs one effect",
        ));
    }
    if !effects.iter().all(|effect| effect.is_finite()) {
        return Err(Unanswerable::Invalid("effects must be finite"));
    }
    let periods = panel.fit.clone().chain(panel.start..panel.treated.len());
    let periods: Vec<usize> = periods.collect();
    let gaps = panel.gaps_under(&periods, effects)?;
    let n = gaps.len();
    let size = |shift: usize| -> f64 {
        let places = (n - after..n).map(|place| (place + shift) % n);
        places.map(|place| gaps[place].abs()).sum()
    };
    let own = size(0);
    // Sums of the same residuals in another order differ by rounding alone.
    let as_large = (0..n)
        .filter(|shift| size(*shift) >= own * (1.0 - 1e-12))
        .count();
    Ok(as_large as f64 / n as f64)
}

impl Panel<'_> {
    /// Gaps over `periods`, of weights fitted to all of them, after the effects have been taken
    /// off the last ones.
    fn gaps_under(&self, periods: &[usize], effects: &[f64]) -> Result<Vec<f64>, Unanswerable> {
        let first = periods.len() - effects.len();
        let treated = periods.iter().enumerate().map(|(row, period)| {
            let effect = row.checked_sub(first).map_or(0.0, |place| effects[place]);
            self.treated[*period] - effect
        });
        let treated: Vec<f64> = treated.collect();
        let donors = self.donors.iter().map(|donor| {
            let own = periods.iter().map(|period| donor[*period]);
            own.collect::<Vec<f64>>()
        });
        let donors: Vec<Vec<f64>> = donors.collect();
        let donors: Vec<&[f64]> = donors.iter().map(Vec::as_slice).collect();
        let panel = Panel {
            treated: &treated,
            donors: &donors,
            fit: 0..periods.len(),
            start: periods.len(),
        };
        let found = nearest(&panel.differences(panel.fit.clone()), 0.0)?;
        Ok(panel.gaps(&found.weights))
    }

    /// Widest difference between the treated unit and a donor: a step that is sure to matter.
    fn spread(&self) -> f64 {
        let differences = self.differences(0..self.treated.len());
        differences
            .iter()
            .fold(0.0, |most: f64, gap| most.max(gap.abs()))
    }
}

/// Where effects stop being possible, from `centre` outwards in steps that double.
fn end(
    centre: f64,
    spread: f64,
    possible: &impl Fn(f64) -> Result<bool, Unanswerable>,
) -> Result<f64, Unanswerable> {
    let mut step = spread / 1024.0;
    if step == 0.0 {
        return Ok(centre);
    }
    let mut inside = centre;
    let mut outside = centre + step;
    while possible(outside)? {
        inside = outside;
        step *= 2.0;
        outside = centre + step;
        if !outside.is_finite() {
            return Err(Unanswerable::Overflow);
        }
    }
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(inside, outside);
        if middle == inside || middle == outside {
            break;
        }
        if possible(middle)? {
            inside = middle;
        } else {
            outside = middle;
        }
    }
    Ok(inside)
}
