//! What the charts with limits of their own at each point share.

use std::cmp::Ordering;
use std::ops::Range;

use crate::Interval;
use crate::spc::rules::{Lines, Rule};
use crate::spc::runs::{Runs, count_runs};
use crate::spc::xmr::{Settings, SpecialCause, segment_ranges};

/// Limits from fewer values than this are trial limits.
const ENOUGH: usize = 12;

/// A stretch of a chart with one centre line.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// Indices of the places that it covers.
    pub range: Range<usize>,
    /// Number of values that centre and limits were calculated from.
    pub n: usize,
    /// The centre line, in the unit of the values; `None` where there was no value to take it from.
    pub centre: Option<f64>,
    /// The runs about the centre line; `None` where there is none.
    pub runs: Option<Runs>,
    /// Calculated from fewer than 12 values: draw dashed and say so.
    pub trial: bool,
}

/// A value with the lines that it is judged by, all in the unit of the values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChartPoint {
    /// The value as it is drawn.
    pub value: f64,
    /// Index into [`Chart::segments`].
    pub segment: usize,
    /// Above (`Greater`), below (`Less`) or exactly on the centre line; on it too where there is
    /// none.
    pub side: Ordering,
    /// The limits at this point, kept within what a value can be; `None` where the baseline has too
    /// few values for any.
    pub limits: Option<Interval>,
    /// The special cause, `None` for common cause.
    pub special: Option<SpecialCause>,
}

impl ChartPoint {
    /// Whether the value lies beyond its limits.
    pub fn outside(&self) -> bool {
        self.special
            .is_some_and(|special| special.rule == Rule::OutsideLimits)
    }
}

/// A chart with limits.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// Stretches in time order; they cover all places without gap or overlap.
    pub segments: Vec<Segment>,
    /// One entry for each place, `None` where the value is missing.
    pub points: Vec<Option<ChartPoint>>,
}

/// How a kind of chart draws one segment.
pub(crate) struct Drawing<L> {
    /// Number of values that it rests on.
    pub(crate) n: usize,
    /// The centre line, not a number where there is none.
    pub(crate) centre: f64,
    /// The lines at a place of the series.
    pub(crate) lines: L,
}

/// Puts a chart together: `draw` is given the places of a segment and those of its baseline, and
/// says what lines the values (not a number where missing) are held against.
pub(crate) fn chart<L: Fn(usize) -> Lines>(
    values: &[f64],
    starts: &[usize],
    baseline: Option<usize>,
    settings: &Settings,
    draw: impl Fn(Range<usize>, Range<usize>) -> Drawing<L>,
) -> Chart {
    let mut segments = Vec::new();
    let mut points = Vec::with_capacity(values.len());
    for (segment, range) in segment_ranges(values.len(), starts).enumerate() {
        let used = range.len().min(baseline.unwrap_or(usize::MAX));
        let Drawing { n, centre, lines } = draw(range.clone(), range.start..range.start + used);
        let stretch = &values[range.clone()];
        let lines: Vec<_> = range.clone().map(lines).collect();
        let standings: Vec<_> = lines
            .iter()
            .zip(stretch)
            .map(|(lines, &value)| lines.standing(value))
            .collect();
        let mut causes = vec![None; stretch.len()];
        settings.rules().mark(&standings, &mut causes);
        for ((standing, lines), special) in standings.iter().zip(lines).zip(causes) {
            points.push((!standing.value.is_nan()).then_some(ChartPoint {
                value: standing.value,
                segment,
                side: standing.side,
                limits: known(lines.lower).zip(known(lines.upper)).map(interval),
                special,
            }));
        }
        segments.push(Segment {
            range,
            n,
            centre: known(centre),
            runs: known(centre).map(|centre| count_runs(stretch, centre)),
            trial: n < ENOUGH,
        });
    }
    Chart { segments, points }
}

fn known(figure: f64) -> Option<f64> {
    figure.is_finite().then_some(figure)
}

fn interval((lower, upper): (f64, f64)) -> Interval {
    Interval { lower, upper }
}
