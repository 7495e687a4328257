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
    pub(crate) value: f64,
    pub(crate) side: Ordering,
    pub(crate) zone: Zone,
}

/// How long a shift and a trend must be, in points. Lengths under 1 and 2 switch the rule off.
#[derive(Clone, Copy)]
pub(crate) struct Lengths {
    pub(crate) shift: usize,
    pub(crate) trend: usize,
}

/// The special cause at each point of a stretch without gaps and with one set of limits.
pub(crate) fn special_causes(
    stretch: &[Standing],
    lengths: Lengths,
    two_in_three: TwoInThree,
) -> Vec<Option<SpecialCause>> {
    // Weakest first: each later rule writes over the earlier.
    let mut causes = shifts(stretch, lengths.shift);
    for stronger in [
        near_limits(stretch, two_in_three),
        trends(stretch, lengths.trend),
        outside(stretch),
    ] {
        for (cause, other) in causes.iter_mut().zip(stronger) {
            *cause = other.or(*cause);
        }
    }
    causes
}

fn outside(stretch: &[Standing]) -> Vec<Option<SpecialCause>> {
    let cause = |point: &Standing| {
        let high = point.side == Ordering::Greater;
        (point.zone == Zone::Outside).then_some(SpecialCause {
            rule: Rule::OutsideLimits,
            high,
        })
    };
    stretch.iter().map(cause).collect()
}

fn shifts(stretch: &[Standing], length: usize) -> Vec<Option<SpecialCause>> {
    let mut causes = Vec::with_capacity(stretch.len());
    for run in stretch.chunk_by(|a, b| a.side == b.side) {
        let side = run[0].side;
        let shifted = length > 0 && run.len() >= length && side != Ordering::Equal;
        let cause = SpecialCause {
            rule: Rule::Shift,
            high: side == Ordering::Greater,
        };
        causes.extend(std::iter::repeat_n(shifted.then_some(cause), run.len()));
    }
    causes
}

fn trends(stretch: &[Standing], length: usize) -> Vec<Option<SpecialCause>> {
    let mut causes = vec![None; stretch.len()];
    let steps: Vec<_> = stretch
        .windows(2)
        .map(|pair| pair[1].value.partial_cmp(&pair[0].value))
        .collect();
    let mut first = 0;
    for run in steps.chunk_by(|a, b| a == b) {
        let last = first + run.len();
        let high = run[0] == Some(Ordering::Greater);
        let strict = high || run[0] == Some(Ordering::Less);
        if strict && length > 1 && run.len() >= length - 1 {
            // A turning point belongs to the trend that leaves it.
            causes[first..=last].fill(Some(SpecialCause {
                rule: Rule::Trend,
                high,
            }));
        }
        first = last;
    }
    causes
}

fn near_limits(stretch: &[Standing], variant: TwoInThree) -> Vec<Option<SpecialCause>> {
    let close = |point: &Standing| match variant {
        TwoInThree::BeyondLimitCounts => point.zone != Zone::Inner,
        TwoInThree::NearZoneOnly => point.zone == Zone::Near,
    };
    let mut causes = vec![None; stretch.len()];
    for (first, three) in stretch.windows(3).enumerate() {
        let side = three[0].side;
        let together = side != Ordering::Equal && three.iter().all(|point| point.side == side);
        if !together || three.iter().filter(|point| close(point)).count() < 2 {
            continue;
        }
        for (cause, _) in causes[first..]
            .iter_mut()
            .zip(three)
            .filter(|(_, point)| close(point))
        {
            *cause = Some(SpecialCause {
                rule: Rule::TwoInThree,
                high: side == Ordering::Greater,
            });
        }
    }
    causes
}
