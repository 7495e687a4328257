//! The four rules by which a chart tells a special cause from common cause.
//!
//! They need only each point's value, its side of the centre line and its zone, so every chart
//! with a centre and limits can use them. Source: NHS England, *Making Data Count*; the window
//! rules are those of Nelson, *Journal of Quality Technology* 16 (1984) 237–239, with 7 points.

use std::cmp::Ordering;

/// Why a point is a special cause, in order of precedence: a point that meets several rules
/// carries the first of them only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Beyond a process limit.
    OutsideLimits,
    /// Part of an unbroken rise or fall of 7 points, that is 6 strict steps the same way.
    Trend,
    /// One of two points out of three close to the same limit, all three on one side of the mean.
    TwoInThree,
    /// Part of 7 points in a row strictly on one side of the mean.
    Shift,
}

/// A rule that a point met and the direction in which it met it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SpecialCause {
    /// The rule.
    pub rule: Rule,
    /// Above the mean; for a trend: rising, wherever the point lies. Whether high is good is not
    /// known here.
    pub high: bool,
}

/// Whether a point beyond a limit counts as "close to the limit" for its neighbours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TwoInThree {
    /// It counts, as Making Data Count has had it since November 2023: of three points, two
    /// beyond two thirds of the way to a limit, or beyond the limit.
    #[default]
    BeyondLimitCounts,
    /// It does not, as in NHSRplotthedots 0.2.2: only points between two thirds of the way and
    /// the limit make up the two.
    NearZoneOnly,
}

/// By what the last point of a trend is named where another trend begins at the next point.
///
/// It matters only where the step between the two belongs to neither: a rise that drops back and
/// rises again, or a rise and a fall with two equal points at the top. A turning point shared by
/// two trends always belongs to the second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TrendEnd {
    /// By the trend that it ends.
    #[default]
    OwnTrend,
    /// By the step that follows it, as in NHSRplotthedots 0.2.2: up is rising, down or level is
    /// falling.
    NextStep,
}

/// Where a point lies between the centre line and the limit on its side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zone {
    /// Within two thirds of the way.
    Inner,
    /// Further than that and not beyond the limit.
    Near,
    /// Beyond the limit.
    Outside,
}

/// What the rules look at in one point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    /// Not a number where it is missing.
    pub(crate) value: f64,
    pub(crate) side: Ordering,
    pub(crate) zone: Zone,
}

/// The centre line, the limits, and the lines two thirds of the way to them. What is not a number
/// is not there, and no point is beyond it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lines {
    pub(crate) centre: f64,
    pub(crate) lower: f64,
    pub(crate) near_lower: f64,
    pub(crate) near_upper: f64,
    pub(crate) upper: f64,
}

impl Lines {
    /// Where a value stands; one on a line is not beyond it.
    pub(crate) fn standing(&self, value: f64) -> Standing {
        let zone = if value > self.upper || value < self.lower {
            Zone::Outside
        } else if value > self.near_upper || value < self.near_lower {
            Zone::Near
        } else {
            Zone::Inner
        };
        Standing {
            value,
            side: value.partial_cmp(&self.centre).unwrap_or(Ordering::Equal),
            zone,
        }
    }
}

/// The rules as they are used: lengths in points, and the two choices where guides differ. A shift
/// of length 0 and a trend of length under 2 are switched off.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) shift: usize,
    pub(crate) trend: usize,
    pub(crate) two_in_three: TwoInThree,
    pub(crate) trend_end: TrendEnd,
}

impl SpecialCause {
    fn new(rule: Rule, high: bool) -> Self {
        Self { rule, high }
    }
}

impl Rules {
    /// Writes the special cause at each point, judged by one centre and one set of limits, into
    /// `causes`: one place a point, all `None` to begin with. A point whose value is missing (not a
    /// number) has none and divides the points into stretches that are judged apart.
    pub(crate) fn mark(self, points: &[Standing], causes: &mut [Option<SpecialCause>]) {
        let mut first = 0;
        for stretch in points.chunk_by(|a, b| a.value.is_nan() == b.value.is_nan()) {
            let end = first + stretch.len();
            if !stretch[0].value.is_nan() {
                self.mark_stretch(stretch, &mut causes[first..end]);
            }
            first = end;
        }
    }

    fn mark_stretch(self, stretch: &[Standing], causes: &mut [Option<SpecialCause>]) {
        // Weakest first: each later rule writes over the earlier.
        mark_shifts(stretch, self.shift, causes);
        mark_near_limits(stretch, self.two_in_three, causes);
        mark_trends(stretch, self.trend, self.trend_end, causes);
        mark_outside(stretch, causes);
    }
}

fn mark_outside(stretch: &[Standing], causes: &mut [Option<SpecialCause>]) {
    for (point, place) in stretch.iter().zip(causes) {
        if point.zone == Zone::Outside {
            *place = Some(SpecialCause::new(
                Rule::OutsideLimits,
                point.side == Ordering::Greater,
            ));
        }
    }
}

fn mark_shifts(stretch: &[Standing], length: usize, causes: &mut [Option<SpecialCause>]) {
    let mut first = 0;
    for run in stretch.chunk_by(|a, b| a.side == b.side) {
        let end = first + run.len();
        let side = run[0].side;
        if length > 0 && run.len() >= length && side != Ordering::Equal {
            causes[first..end].fill(Some(SpecialCause::new(
                Rule::Shift,
                side == Ordering::Greater,
            )));
        }
        first = end;
    }
}

fn mark_trends(
    stretch: &[Standing],
    length: usize,
    trend_end: TrendEnd,
    causes: &mut [Option<SpecialCause>],
) {
    if length < 2 {
        return;
    }
    let step = |i: usize| stretch[i + 1].value.partial_cmp(&stretch[i].value);
    let mut earlier_end = None;
    let mut first = 0;
    while first + 1 < stretch.len() {
        let way = step(first);
        let mut last = first + 1;
        while last + 1 < stretch.len() && step(last) == way {
            last += 1;
        }
        let rising = way == Some(Ordering::Greater);
        if (rising || way == Some(Ordering::Less)) && last - first + 1 >= length {
            // A turning point belongs to the trend that leaves it.
            causes[first..=last].fill(Some(SpecialCause::new(Rule::Trend, rising)));
            if let (TrendEnd::NextStep, Some(end)) = (trend_end, earlier_end)
                && end + 1 == first
            {
                causes[end] = Some(SpecialCause::new(
                    Rule::Trend,
                    step(end) == Some(Ordering::Greater),
                ));
            }
            earlier_end = Some(last);
        }
        first = last;
    }
}

fn mark_near_limits(
    stretch: &[Standing],
    variant: TwoInThree,
    causes: &mut [Option<SpecialCause>],
) {
    let close = |point: &Standing| match variant {
        TwoInThree::BeyondLimitCounts => point.zone != Zone::Inner,
        TwoInThree::NearZoneOnly => point.zone == Zone::Near,
    };
    for (first, three) in stretch.windows(3).enumerate() {
        let side = three[0].side;
        if three.iter().filter(|point| close(point)).count() < 2
            || side == Ordering::Equal
            || three.iter().any(|point| point.side != side)
        {
            continue;
        }
        for (place, point) in causes[first..].iter_mut().zip(three) {
            if close(point) {
                *place = Some(SpecialCause::new(
                    Rule::TwoInThree,
                    side == Ordering::Greater,
                ));
            }
        }
    }
}
