//! Charts for rare events: do they come more or less often than they did?
//!
//! Where most periods hold no event, chart the distance from one event to the next instead of a
//! count a period. A point belongs to an event, and **high is rarer**.
//!
//! [`g`]: cases between events (uses of a power between complaints). With x̄ the mean of the
//! baseline the limits are x̄ ± 3√(x̄(x̄ + 1)), the lower one never below 0; the line that runs are
//! counted about is the median, because the values are skewed. Source: Benneyan, *Health Care
//! Management Science* 4 (2001) 305–318; Montgomery, *Introduction to Statistical Quality Control*.
//!
//! [`t`]: time between events. The values to the power 1/3.6 are about normal and charted like
//! individual values (mean ± 3·R̄/1.128); centre and limits are taken back to the power 3.6, and a
//! lower limit that would be negative is 0. Source: Nelson, *Journal of Quality Technology* 26
//! (1994) 239–241; Provost and Murray, *The Health Care Data Guide*.
//!
//! **How they can mislead.** Nothing is drawn while nothing happens: the wait since the last event
//! is not a point yet, so good news shows late. Events that come in bursts look like many short
//! times. Times in whole days put ties at 0; record the hour, or use [`g`] on days. The lower limit
//! of a g chart is 0, so a worsening shows in runs, never beyond the limit.

use std::ops::Range;

use crate::spc::attribute::D2;
pub use crate::spc::chart::{Chart, ChartPoint, Segment};
use crate::spc::chart::{Drawing, chart};
use crate::spc::rules::Lines;
use crate::spc::runs::median;
use crate::spc::xmr::{Settings, mean_moving_range, or_missing};
use crate::summary::mean;
use crate::{Interval, Unanswerable};

/// The power that makes times between random events about normal: 1/3.6.
const POWER: f64 = 3.6;

/// Chart the number of cases between events, in order of the events, `None` or not finite where one
/// is not known.
///
/// `starts`, `baseline`, the rules and `settings` are as for
/// [`attribute`](super::attribute::attribute). Mean and median are both of the baseline. Refuses a
/// negative number of cases and a series without any value.
pub fn g(
    cases: &[Option<f64>],
    starts: &[usize],
    baseline: Option<usize>,
    settings: &Settings,
) -> Result<Chart, Unanswerable> {
    let values = checked(cases, "a number of cases must be 0 or more")?;
    Ok(chart(&values, starts, baseline, settings, |_, used| {
        let present = present(&values, used);
        let average = mean(&present);
        let sigma = (average * (average + 1.0)).sqrt();
        let (n, middle) = median(&present);
        let lines = Lines {
            centre: middle.unwrap_or(f64::NAN),
            lower: at_least_0(average - 3.0 * sigma),
            near_lower: average - 2.0 * sigma,
            near_upper: average + 2.0 * sigma,
            upper: average + 3.0 * sigma,
        };
        Drawing {
            n,
            centre: lines.centre,
            lines: move |_| lines,
        }
    }))
}

/// Chart the time between events, in order of the events, `None` or not finite where one is not
/// known, in any unit of time.
///
/// `starts`, `baseline`, the rules and `settings` are as for [`xmr`](super::xmr::xmr), the screening
/// of moving ranges included. Refuses a negative time and a series without any value. A segment
/// whose baseline has no two values in a row has no limits.
pub fn t(
    times: &[Option<f64>],
    starts: &[usize],
    baseline: Option<usize>,
    settings: &Settings,
) -> Result<Chart, Unanswerable> {
    let values = checked(times, "a time must be 0 or more")?;
    let roots: Vec<_> = values.iter().map(|time| time.powf(1.0 / POWER)).collect();
    let mut chart = chart(&roots, starts, baseline, settings, |_, used| {
        let present = present(&roots, used.clone());
        let average = mean(&present);
        let sigma = mean_moving_range(&roots[used], settings.screen, &mut Vec::new()) / D2;
        let lines = Lines {
            centre: average,
            lower: at_least_0(average - 3.0 * sigma),
            near_lower: average - 2.0 * sigma,
            near_upper: average + 2.0 * sigma,
            upper: average + 3.0 * sigma,
        };
        Drawing {
            n: present.len(),
            centre: average,
            lines: move |_| lines,
        }
    });
    // Judged on the scale of the roots, where rounding cannot put a point beyond a line that it
    // is on; shown in the unit of the times.
    for segment in &mut chart.segments {
        segment.centre = segment.centre.map(time);
    }
    for (point, &value) in chart.points.iter_mut().zip(&values) {
        if let Some(point) = point {
            point.value = value;
            point.limits = point.limits.map(|limits| Interval {
                lower: time(limits.lower),
                upper: time(limits.upper),
            });
        }
    }
    Ok(chart)
}

fn time(root: f64) -> f64 {
    root.powf(POWER)
}

fn checked(values: &[Option<f64>], rule: &'static str) -> Result<Vec<f64>, Unanswerable> {
    let values: Vec<_> = values.iter().copied().map(or_missing).collect();
    if values.iter().any(|&value| value < 0.0) {
        return Err(Unanswerable::Invalid(rule));
    }
    if values.iter().all(|value| value.is_nan()) {
        return Err(Unanswerable::TooFew {
            what: "values",
            have: 0,
            need: 1,
        });
    }
    Ok(values)
}

fn present(values: &[f64], places: Range<usize>) -> Vec<f64> {
    values[places]
        .iter()
        .copied()
        .filter(|value| !value.is_nan())
        .collect()
}

/// Not below 0; what is not a number stays so.
fn at_least_0(limit: f64) -> f64 {
    if limit < 0.0 { 0.0 } else { limit }
}
