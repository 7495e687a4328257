//! Signals of a series: is this change real or noise?

use peelian_model::{Direction, Measure, Month, Reading, Rule, Series, Signal, Variation};
use peelian_stats::spc::false_alarm::{FalseAlarms, Noise, false_alarms};
use peelian_stats::spc::xmr::{self, Settings, xmr};

/// A gap this long ends the limits: what was usual before it says little of
/// what is usual after.
const GAP_THAT_ENDS_LIMITS: usize = 12;

/// The largest share of records that may be blank in the field a figure is made
/// from. Beyond it a change in who leaves the field blank looks like a change in
/// what is measured, so the figure is shown and neither charted nor compared.
pub const MOST_BLANK: f64 = 0.25;

/// Whether a reading has a figure that may be charted and compared.
pub fn is_comparable(reading: &Reading) -> bool {
    reading.status.has_value() && reading.left_out.is_none_or(|share| share <= MOST_BLANK)
}

/// The control limits of a stretch of months.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// First month of the stretch.
    pub first: Month,
    /// Last month of the stretch.
    pub last: Month,
    /// Months with a value.
    pub n: usize,
    /// Mean of the stretch, in the measure's unit.
    pub mean: f64,
    /// Lower limit, in the measure's unit, never below nought.
    pub lower: f64,
    /// Upper limit, in the measure's unit, never above 100 for a percentage.
    pub upper: f64,
    /// Fewer than twelve months: the limits are not firm.
    pub trial: bool,
}

/// Whether a standard will be met while nothing changes.
pub use peelian_stats::spc::xmr::Assurance;

/// What a control chart says of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Spc {
    /// One place a reading: the signal there, if any. None is claimed under
    /// trial limits.
    pub signals: Vec<Option<Signal>>,
    /// The limits, stretch by stretch; empty where no chart suits.
    pub limits: Vec<Limits>,
    /// Whether the standard in force will be met, where there is one.
    pub assurance: Option<Assurance>,
    /// Why there are no limits, or why they can mislead.
    pub note: Option<&'static str>,
}

impl Spc {
    /// The limits that hold for the latest value.
    pub fn current(&self) -> Option<&Limits> {
        self.limits.last()
    }

    /// What the chart says of the last reading with a value; none where that
    /// reading has no firm limits to be held against.
    pub fn latest(&self, series: &Series) -> Option<Variation> {
        let last = series.readings.iter().rposition(|r| r.status.has_value())?;
        if !is_comparable(&series.readings[last]) || self.current().is_none_or(|l| l.trial) {
            return None;
        }
        let signal = self.signals.get(last).copied().flatten();
        Some(signal.map_or(Variation::CommonCause, |s| s.variation))
    }
}

/// How often a series of so many months is marked though nothing happened, under
/// the rules in use: of 40,000 drawn series of pure chance, the shares with a mark
/// anywhere and at the latest month, the latter to a standard error under a tenth
/// of a hundredth. `None` for no months.
pub fn false_signals(months: usize) -> Option<FalseAlarms> {
    let noise = Noise {
        replications: 40_000,
        ..Noise::default()
    };
    false_alarms(months, &Settings::default(), &noise).ok()
}

/// The direction in which signals are read. Measures made of recorded crime
/// are neutral whatever their file says: fewer records can mean worse recording.
pub fn direction_for_signals(measure: &Measure) -> Direction {
    if measure.recorded {
        Direction::Neutral
    } else {
        measure.direction
    }
}

/// Draws an XmR chart over a series: limits from the moving range, four rules,
/// and no rule or range reaching across a gap. A measure that spans several
/// months gets none, because overlapping sums are not independent.
pub fn spc(series: &Series, measure: &Measure) -> Spc {
    let nothing = |note| Spc {
        signals: vec![None; series.readings.len()],
        limits: Vec::new(),
        assurance: None,
        note: Some(note),
    };
    if measure.months > 1 {
        return nothing(
            "No limits are drawn: each figure spans twelve months, so neighbouring figures share \
             most of their records.",
        );
    }
    let values: Vec<Option<f64>> = series
        .readings
        .iter()
        .map(|r| r.value.filter(|_| is_comparable(r)))
        .collect();
    if values.iter().flatten().count() < 2 {
        return nothing(
            "No limits are drawn: fewer than two months have a figure that can be charted.",
        );
    }

    let direction = direction_for_signals(measure);
    let chart = xmr(&values, &stretches(&values), None, &Settings::default());
    let ceiling = match measure.unit {
        peelian_model::Unit::Percent => 100.0,
        _ => f64::INFINITY,
    };
    let limits: Vec<Limits> = chart
        .segments
        .iter()
        .filter_map(|s| {
            let held = |i: &usize| values[*i].is_some();
            let first = s.range.clone().find(held)?;
            let last = s.range.clone().rev().find(held)?;
            Some(Limits {
                first: series.readings[first].period,
                last: series.readings[last].period,
                n: s.n,
                mean: s.mean,
                lower: s.lower.max(0.0),
                upper: s.upper.min(ceiling),
                trial: s.trial,
            })
        })
        .filter(|l| l.lower.is_finite() && l.upper.is_finite())
        .collect();
    let firm = |p: &xmr::Point| chart.segments.get(p.segment).is_some_and(|s| !s.trial);
    let signals = chart
        .points
        .iter()
        .map(|p| {
            let special = p.as_ref().filter(|p| firm(p))?.special?;
            Some(signal(special, direction))
        })
        .collect();
    let few = series
        .latest()
        .and_then(|r| r.numerator)
        .is_some_and(|n| n < 5.0);
    Spc {
        signals,
        assurance: assurance(series, measure, &chart, direction),
        limits,
        note: few.then_some(
            "Few events a month: this kind of chart is unsure of itself here, so read the limits \
             with care.",
        ),
    }
}

/// Where new limits begin: after each gap long enough to end the old ones.
fn stretches(values: &[Option<f64>]) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut last = None;
    for (i, value) in values.iter().enumerate() {
        if value.is_some() {
            if last.is_some_and(|l| i - l > GAP_THAT_ENDS_LIMITS) {
                starts.push(i);
            }
            last = Some(i);
        }
    }
    starts
}

fn signal(special: xmr::SpecialCause, direction: Direction) -> Signal {
    let rule = match special.rule {
        xmr::Rule::OutsideLimits => Rule::OutsideLimits,
        xmr::Rule::Trend => Rule::Trend,
        xmr::Rule::TwoInThree => Rule::TwoInThree,
        xmr::Rule::Shift => Rule::Shift,
    };
    let variation = match (direction, special.high) {
        (Direction::Higher, true) | (Direction::Lower, false) => Variation::Improvement,
        (Direction::Higher, false) | (Direction::Lower, true) => Variation::Concern,
        (_, true) => Variation::NeitherHigh,
        (_, false) => Variation::NeitherLow,
    };
    Signal {
        rule,
        variation,
        high: special.high,
    }
}

fn assurance(
    series: &Series,
    measure: &Measure,
    chart: &xmr::Xmr,
    direction: Direction,
) -> Option<Assurance> {
    let target = measure.standard(series.latest()?.period)?.value;
    let higher = match direction {
        Direction::Higher => true,
        Direction::Lower => false,
        _ => return None,
    };
    chart
        .segments
        .last()
        .map(|limits| xmr::assurance(limits, target, higher))
}
