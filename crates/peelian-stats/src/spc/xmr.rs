//! XmR chart: individual values against limits from their moving range.
//!
//! Answers "is this change real or noise?" for one series in time order. With x̄ the mean and R̄
//! the mean of |xᵢ − xᵢ₋₁|, the natural process limits are x̄ ± 2.66·R̄. Sources: Wheeler and
//! Chambers, *Understanding Statistical Process Control*; NHS England, *Making Data Count*; the
//! screening of moving ranges from Nelson, *Journal of Quality Technology* 14 (1982) 172–173.
//!
//! **How it can mislead.** Percentages near 0 or 100, rare counts and changing denominators break
//! the assumption of one spread. Rolling sums and seasonal series are correlated with themselves
//! and give false signals: chart the months, or the remainder after the season is taken out. With
//! limits from 36 values one point in 140 lies outside them by chance, and each further rule adds
//! false signals of its own: [`false_alarm`](super::false_alarm) counts them.

use std::cmp::Ordering;
use std::ops::Range;

use crate::spc::rules::{Lines, Rules, Standing, Zone};
pub use crate::spc::rules::{Rule, SpecialCause, TrendEnd, TwoInThree};
use crate::summary::mean;

/// Half the width of the limits in mean moving ranges: 3/1.128, rounded as the field rounds it.
const LIMIT: f64 = 2.66;
/// "Close to the limit" begins two thirds of the way from the mean.
const NEAR: f64 = 2.0 * (LIMIT / 3.0);
/// Moving ranges from this many mean moving ranges up are screened out.
const SCREEN: f64 = 3.267;
/// Limits from fewer values than this are trial limits.
const ENOUGH: usize = 12;

/// How the chart judges; print it beside the chart, because guides differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Points in a row on one side of the mean that make a shift; 0 switches the rule off.
    /// Default 7.
    pub shift: usize,
    /// Points of an unbroken rise or fall that make a trend; under 2 switches the rule off.
    /// Default 7, that is six steps.
    pub trend: usize,
    /// Leave moving ranges of 3.267·R̄ and more out of R̄, once. The mean is never screened.
    /// Default true; the NHS Excel tool does not screen.
    pub screen: bool,
    /// The form of the two-in-three rule.
    pub two_in_three: TwoInThree,
    /// The name of the last point of a trend that another trend follows.
    pub trend_end: TrendEnd,
}

impl Settings {
    /// Everything as NHSRplotthedots 0.2.2 has it by default.
    pub fn nhs_r_plot_the_dots() -> Self {
        Self {
            two_in_three: TwoInThree::NearZoneOnly,
            trend_end: TrendEnd::NextStep,
            ..Self::default()
        }
    }

    pub(crate) fn rules(&self) -> Rules {
        Rules {
            shift: self.shift,
            trend: self.trend,
            two_in_three: self.two_in_three,
            trend_end: self.trend_end,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            shift: 7,
            trend: 7,
            screen: true,
            two_in_three: TwoInThree::default(),
            trend_end: TrendEnd::default(),
        }
    }
}

/// Mean and natural process limits of one segment, in the unit of the values.
///
/// `mean` is not a number where the segment (or its baseline) has no value at all; `lower`,
/// `upper` and `mean_moving_range` are not numbers where no two values stand next to each other.
/// Limits may lie below zero, where a count cannot: they are not cut off.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Indices of the values that the limits apply to.
    pub range: Range<usize>,
    /// Number of values that the limits were calculated from.
    pub n: usize,
    /// x̄.
    pub mean: f64,
    /// x̄ − 2.66·R̄.
    pub lower: f64,
    /// x̄ + 2.66·R̄.
    pub upper: f64,
    /// R̄, after screening if asked for.
    pub mean_moving_range: f64,
    /// Calculated from fewer than 12 values: draw dashed and say so.
    pub trial: bool,
}

impl Limits {
    /// Whether there are limits at all.
    pub fn known(&self) -> bool {
        self.lower.is_finite() && self.upper.is_finite()
    }
}

/// Where a value stands against its segment's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Index into [`Xmr::segments`].
    pub segment: usize,
    /// Above (`Greater`), below (`Less`) or exactly on the mean; on it too where there is none.
    pub side: Ordering,
    /// Further than two thirds of the way from the mean to a limit, and not beyond it.
    pub near: bool,
    /// The special cause, `None` for common cause.
    pub special: Option<SpecialCause>,
}

/// An XmR chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Xmr {
    /// Limits in time order; their ranges cover all values without gap or overlap.
    pub segments: Vec<Limits>,
    /// One entry for each value, `None` where the value is missing.
    pub points: Vec<Option<Point>>,
}

impl Xmr {
    /// The last point that has a value, which the variation icon stands for; `None` where there is
    /// no value at all.
    pub fn latest(&self) -> Option<&Point> {
        self.points.iter().rev().flatten().next()
    }
}

/// Chart `values`, given in time order at equal spacing, `None` (or not finite) where missing.
///
/// `starts` are the indices at which a new segment begins (a rebase): limits, moving ranges and
/// rules all start afresh there. 0 is implied; order, repeats and indices past the end do not
/// matter. `baseline` fixes each segment's limits from its first so many places, missing ones
/// included; `None` uses the whole segment. The rules still look at every point.
///
/// A missing value breaks moving ranges and runs: values on its two sides are not neighbours.
/// No values give no segments. Too few for limits give not-a-number limits (see [`Limits`]), with
/// which no point is outside or near, while shifts and trends are still seen.
pub fn xmr(
    values: &[Option<f64>],
    starts: &[usize],
    baseline: Option<usize>,
    settings: &Settings,
) -> Xmr {
    let values: Vec<_> = values.iter().copied().map(or_missing).collect();
    let ranges = segment_ranges(values.len(), starts);
    let mut points = Vec::with_capacity(values.len());
    // Room for the points of one segment, kept from one to the next.
    let (mut standings, mut causes, mut room) = (Vec::new(), Vec::new(), Vec::new());
    let mut segments = Vec::with_capacity(ranges.len());
    for (segment, range) in ranges.enumerate() {
        let places = range.len().min(baseline.unwrap_or(usize::MAX));
        let used = &values[range.start..range.start + places];
        let limits = limits(used, range, settings.screen, &mut room);
        let lines = limits.lines();
        standings.clear();
        standings.extend(
            values[limits.range.clone()]
                .iter()
                .map(|&value| lines.standing(value)),
        );
        causes.clear();
        causes.resize(standings.len(), None);
        settings.rules().mark(&standings, &mut causes);
        points.extend(
            standings
                .iter()
                .zip(&causes)
                .map(|(standing, &special)| point(segment, standing, special)),
        );
        segments.push(limits);
    }
    Xmr { segments, points }
}

/// Missing values are written as not-a-number inside, so that a series is one row of numbers.
pub(crate) fn or_missing(value: Option<f64>) -> f64 {
    value.filter(|v| v.is_finite()).unwrap_or(f64::NAN)
}

/// Stretches from one start to the next; 0 is always one, and those past the end are none.
pub(crate) fn segment_ranges(
    len: usize,
    starts: &[usize],
) -> impl ExactSizeIterator<Item = Range<usize>> {
    let mut bounds: Vec<_> = starts
        .iter()
        .copied()
        .filter(|&start| start < len)
        .collect();
    bounds.extend([0, len]);
    bounds.sort_unstable();
    bounds.dedup();
    (1..bounds.len()).map(move |end| bounds[end - 1]..bounds[end])
}

fn limits(used: &[f64], range: Range<usize>, screen: bool, room: &mut Vec<f64>) -> Limits {
    room.clear();
    room.extend(used.iter().filter(|value| !value.is_nan()));
    let (n, mean) = (room.len(), mean(room));
    let mean_moving_range = mean_moving_range(used, screen, room);
    Limits {
        range,
        n,
        mean,
        lower: mean - LIMIT * mean_moving_range,
        upper: mean + LIMIT * mean_moving_range,
        mean_moving_range,
        trial: n < ENOUGH,
    }
}

/// R̄ of values of which some may be missing (not a number); `room` is written over.
pub(crate) fn mean_moving_range(values: &[f64], screen: bool, room: &mut Vec<f64>) -> f64 {
    room.clear();
    let ranges = values.windows(2).map(|pair| (pair[1] - pair[0]).abs());
    room.extend(ranges.filter(|range| !range.is_nan()));
    let unscreened = mean(room);
    // A constant series has nothing to screen: every range equals the mean range, 0.
    if screen && unscreened > 0.0 {
        room.retain(|&range| range < SCREEN * unscreened);
        return mean(room);
    }
    unscreened
}

impl Limits {
    fn lines(&self) -> Lines {
        let near = NEAR * self.mean_moving_range;
        Lines {
            centre: self.mean,
            lower: self.lower,
            near_lower: self.mean - near,
            near_upper: self.mean + near,
            upper: self.upper,
        }
    }
}

fn point(segment: usize, standing: &Standing, special: Option<SpecialCause>) -> Option<Point> {
    (!standing.value.is_nan()).then_some(Point {
        segment,
        side: standing.side,
        near: standing.zone == Zone::Near,
        special,
    })
}

/// What the limits say about meeting a target, if the process stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Assurance {
    /// The whole range between the limits meets the target.
    ConsistentlyPasses,
    /// None of it does: the target will not be met without change.
    ConsistentlyFails,
    /// The target lies between the limits (or on one), so meeting it is chance.
    HitAndMiss,
}

/// Compare a target, in the unit of the values, with the limits now in force (the last segment's).
///
/// Where higher is better: target > upper fails, target < lower passes, else hit and miss; the
/// reverse where lower is better. Source: NHS England, *Making Data Count*. Limits that are not
/// numbers, or a target that is not, give hit and miss, because nothing can be ruled out: ask
/// [`Limits::known`] first. It can mislead where limits are wide for want of data, or the last
/// points have already left them.
pub fn assurance(limits: &Limits, target: f64, higher_is_better: bool) -> Assurance {
    if target > limits.upper {
        if higher_is_better {
            Assurance::ConsistentlyFails
        } else {
            Assurance::ConsistentlyPasses
        }
    } else if target < limits.lower {
        if higher_is_better {
            Assurance::ConsistentlyPasses
        } else {
            Assurance::ConsistentlyFails
        }
    } else {
        Assurance::HitAndMiss
    }
}
