//! Which chart suits the data, and what has to be done to them first?
//!
//! Asked in this order; the first answer that applies decides:
//!
//! | asked | test | then |
//! | --- | --- | --- |
//! | does anything vary? | | no chart |
//! | are there 12 values? | | a run chart |
//! | is there a season? | F of the means by season, a straight line taken out, 1 % | take it out, XmR |
//! | do neighbours go together? | lag-1 autocorrelation, one-sided, 5 % | take it out, XmR |
//! | are events (or non-events) rare? | fewer than 2 expected a period | g or t chart |
//! | do counts vary by more than chance? | Σ(zᵢ − zᵢ₋₁)²/2 against its gamma approximation, 1 % | p′, u′ or XmR |
//! | otherwise | | p, u, c or XmR by the kind of data |
//!
//! A level that moved also makes neighbours go together. So where the autocorrelation is gone once
//! the best single step or straight line is taken out, that is said instead and the chart is drawn
//! as usual: a step is what it is there to show. Dispersion is judged by differences of neighbours
//! for the same reason. Sources: Provost and Murray, *The Health Care Data Guide* (choice of chart);
//! Moran, *Biometrika* 35 (1948) 255–260 (moments of the autocorrelation); von Neumann, *Annals of
//! Mathematical Statistics* 12 (1941) 367–395 (squared differences).
//!
//! **How it can mislead.** A test that finds nothing proves little: an autocorrelation of 0.3 is named
//! in one series of 24 in six, one of 36 in four, and nine of 120 in ten. The season is looked for
//! only where a length is given. What the numbers count is for the caller to know.

use std::fmt;

use statrs::function::beta::checked_beta_reg;
use statrs::function::gamma::checked_gamma_ur;

use crate::Unanswerable;
use crate::spc::attribute::{Attribute, D2, Subgroup, check};
use crate::spc::xmr::{mean_moving_range, or_missing};
use crate::special::normal_upper_tail;
use crate::summary::mean;

/// A chart with limits takes this many values.
const ENOUGH: usize = 12;
/// Fewer events than this a period are rare.
const RARE: f64 = 2.0;
/// A season, and more spread than chance gives, must be this unlikely by chance.
const SURE: f64 = 0.01;
/// An autocorrelation this unlikely: its harm is large and the test is weak on short series.
const LIKELY: f64 = 0.05;

/// A series in time order, by what it is made of; `None` or not finite where missing.
#[derive(Clone, Copy, Debug)]
pub enum Data<'a> {
    /// Measurements, of any sign.
    Measurements(&'a [Option<f64>]),
    /// Events a period, from about the same base throughout.
    Counts(&'a [Option<f64>]),
    /// Events out of cases.
    Proportions(&'a [Option<Subgroup>]),
    /// Events per base.
    Rates(&'a [Option<Subgroup>]),
    /// Number of cases from one event to the next.
    CasesBetween(&'a [Option<f64>]),
    /// Time from one event to the next.
    TimesBetween(&'a [Option<f64>]),
}

/// The charts there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChartKind {
    /// None: there is nothing to judge.
    Nothing,
    /// A line with its median: [`run_chart`](super::runs::run_chart).
    Run,
    /// Individual values: [`xmr`](super::xmr::xmr).
    Xmr,
    /// An attribute chart: [`attribute`](super::attribute::attribute).
    Attribute(Attribute),
    /// Cases between events: [`g`](super::rare::g).
    G,
    /// Time between events: [`t`](super::rare::t).
    T,
}

/// What to do before the chart is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum First {
    /// Nothing.
    Nothing,
    /// Take out the season and chart the remainder.
    TakeOutSeason,
    /// Chart what a model of the series leaves, or longer periods.
    TakeOutAutocorrelation,
    /// Make the series from the events themselves: the distance from each to the next.
    CountBetweenEvents,
}

/// Why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason {
    /// All values are the same.
    Constant,
    /// Too few values for limits.
    Short {
        /// How many there are.
        have: usize,
    },
    /// The means by season differ; `p` is the probability of that by chance.
    Season {
        /// Places from one season to its next.
        period: usize,
        /// Probability.
        p: f64,
    },
    /// Neighbours go together.
    Autocorrelation(LagOne),
    /// Neighbours go together because the level moved once, or all the time; within it they do not.
    LevelMoved(LagOne),
    /// Fewer than 2 events, or non-events, are expected a period.
    Rare {
        /// Expected a period.
        expected: f64,
        /// Non-events (cases without the event) are the rare ones.
        non_events: bool,
    },
    /// Counts vary by more than chance.
    Overdispersed {
        /// Standard deviation of the standardised values, 1 where chance explains them.
        sigma_z: f64,
        /// Probability.
        p: f64,
    },
    /// Chance explains how much the counts vary.
    ChanceAlone {
        /// Standard deviation of the standardised values.
        sigma_z: f64,
    },
    /// What the data are leaves no other choice.
    KindOfData,
}

/// The chart that suits.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// It.
    pub chart: ChartKind,
    /// What comes before.
    pub first: First,
    /// Why, in the order in which it was found.
    pub reasons: Vec<Reason>,
}

/// Choose a chart for `data`; `period` is the length of the season to look for (12 for months),
/// which takes two full seasons and is not looked for in distances between events.
///
/// Refuses data without any value, negative counts, proportions above 1 and the rest of what the
/// charts themselves refuse, and a period of 0 or 1.
pub fn choose(data: Data, period: Option<usize>) -> Result<Choice, Unanswerable> {
    if period.is_some_and(|period| period < 2) {
        return Err(Unanswerable::Invalid("a season is at least 2 places long"));
    }
    let values = values(data)?;
    let present: Vec<_> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    let Some(one) = present.first() else {
        return Err(Unanswerable::TooFew {
            what: "values",
            have: 0,
            need: 1,
        });
    };
    if present.iter().all(|value| value == one) {
        return Ok(Choice::of(ChartKind::Nothing, Reason::Constant));
    }
    if present.len() < ENOUGH {
        let have = present.len();
        return Ok(Choice::of(ChartKind::Run, Reason::Short { have }));
    }
    let mut reasons = Vec::new();
    match pattern(&values, period.filter(|_| !data.is_between_events())) {
        Some(reason @ Reason::LevelMoved(_)) => reasons.push(reason),
        Some(reason) => {
            let mut choice = Choice::of(ChartKind::Xmr, reason);
            choice.first = match reason {
                Reason::Season { .. } => First::TakeOutSeason,
                _ => First::TakeOutAutocorrelation,
            };
            return Ok(choice);
        }
        None => {}
    }
    let mut choice = by_kind(data, &values)?;
    reasons.append(&mut choice.reasons);
    Ok(Choice { reasons, ..choice })
}

impl Choice {
    fn of(chart: ChartKind, reason: Reason) -> Self {
        Self {
            chart,
            first: First::Nothing,
            reasons: vec![reason],
        }
    }
}

impl Data<'_> {
    fn is_between_events(self) -> bool {
        matches!(self, Self::CasesBetween(_) | Self::TimesBetween(_))
    }
}

/// The series as it would be drawn, not a number where missing.
fn values(data: Data) -> Result<Vec<f64>, Unanswerable> {
    let plain = |values: &[Option<f64>]| values.iter().copied().map(or_missing).collect();
    let counted = |values: &[Option<f64>]| -> Result<Vec<f64>, Unanswerable> {
        if values.iter().flatten().any(|&v| v.is_finite() && v < 0.0) {
            return Err(Unanswerable::Invalid("a count must be 0 or more"));
        }
        Ok(plain(values))
    };
    let shares = |kind, subgroups: &[Option<Subgroup>]| {
        let share = |s: &Option<Subgroup>| {
            Ok(check(kind, *s)?.map_or(f64::NAN, |s| s.count / s.denominator))
        };
        subgroups.iter().map(share).collect()
    };
    match data {
        Data::Measurements(values) => Ok(plain(values)),
        Data::Counts(values) | Data::CasesBetween(values) | Data::TimesBetween(values) => {
            counted(values)
        }
        Data::Proportions(subgroups) => shares(Attribute::P, subgroups),
        Data::Rates(subgroups) => shares(Attribute::U, subgroups),
    }
}

/// What in the order of the values speaks against a plain chart, or explains what seems to.
fn pattern(values: &[f64], period: Option<usize>) -> Option<Reason> {
    let level = without_line(values);
    if let Some(period) = period
        && let Some(p) = season_test(&level, period)
        && p < SURE
    {
        return Some(Reason::Season { period, p });
    }
    let found = autocorrelation(values).filter(|found| found.p < LIKELY)?;
    let within = without_step(values)
        .filter(|steps| sum_of_squares(steps) < sum_of_squares(&level))
        .unwrap_or(level);
    match autocorrelation(&within) {
        Some(left) if left.p < LIKELY => Some(Reason::Autocorrelation(found)),
        _ => Some(Reason::LevelMoved(found)),
    }
}

fn by_kind(data: Data, values: &[f64]) -> Result<Choice, Unanswerable> {
    match data {
        Data::Measurements(_) => Ok(Choice::of(ChartKind::Xmr, Reason::KindOfData)),
        Data::CasesBetween(_) => Ok(Choice::of(ChartKind::G, Reason::KindOfData)),
        Data::TimesBetween(_) => Ok(Choice::of(ChartKind::T, Reason::KindOfData)),
        Data::Counts(_) => {
            let subgroup = |count: &f64| Subgroup {
                count: *count,
                denominator: 1.0,
            };
            let subgroups: Vec<_> = values
                .iter()
                .map(|value| (!value.is_nan()).then(|| subgroup(value)))
                .collect();
            let charts = [ChartKind::Attribute(Attribute::C), ChartKind::Xmr];
            counted(&subgroups, Attribute::C, charts)
        }
        Data::Proportions(subgroups) | Data::Rates(subgroups) => {
            let (plain, prime) = match data {
                Data::Proportions(_) => (Attribute::P, Attribute::PPrime),
                _ => (Attribute::U, Attribute::UPrime),
            };
            let checked: Result<Vec<_>, _> = subgroups.iter().map(|s| check(plain, *s)).collect();
            let charts = [plain, prime].map(ChartKind::Attribute);
            counted(&checked?, plain, charts)
        }
    }
}

/// The choice between a chart that trusts chance, one that does not, and one for rare events.
fn counted(
    subgroups: &[Option<Subgroup>],
    kind: Attribute,
    [trusting, wary]: [ChartKind; 2],
) -> Result<Choice, Unanswerable> {
    let present: Vec<_> = subgroups.iter().flatten().collect();
    let n = present.len() as f64;
    let events: f64 = present.iter().map(|s| s.count).sum();
    let cases: f64 = present.iter().map(|s| s.denominator).sum();
    let proportion = kind == Attribute::P;
    let non_events = proportion && cases - events < events;
    let expected = if non_events { cases - events } else { events } / n;
    if !cases.is_finite() {
        return Err(Unanswerable::Overflow);
    }
    if expected < RARE {
        let chart = if proportion {
            ChartKind::G
        } else {
            ChartKind::T
        };
        let mut choice = Choice::of(
            chart,
            Reason::Rare {
                expected,
                non_events,
            },
        );
        choice.first = First::CountBetweenEvents;
        return Ok(choice);
    }
    let centre = events / cases;
    let z: Vec<_> = subgroups
        .iter()
        .map(|s| {
            s.map_or(f64::NAN, |s| {
                (s.count / s.denominator - centre) / kind.sigma(centre, s.denominator)
            })
        })
        .collect();
    let sigma_z = mean_moving_range(&z, false, &mut Vec::new()) / D2;
    let Some(p) = dispersion_test(&z).filter(|_| sigma_z.is_finite()) else {
        return Ok(Choice::of(wary, Reason::KindOfData));
    };
    Ok(if p < SURE {
        Choice::of(wary, Reason::Overdispersed { sigma_z, p })
    } else {
        Choice::of(trusting, Reason::ChanceAlone { sigma_z })
    })
}

/// Probability that standardised counts differ this much from their neighbours by chance.
///
/// With m pairs of neighbours S = Σ(zᵢ − zᵢ₋₁)²/2 has mean m and variance 3m − 1 for normal z, and
/// is taken for a gamma variable of those.
fn dispersion_test(z: &[f64]) -> Option<f64> {
    let halves: Vec<_> = z
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).powi(2) / 2.0)
        .filter(|half| !half.is_nan())
        .collect();
    let m = halves.len() as f64;
    let variance = 3.0 * m - 1.0;
    let sum: f64 = halves.iter().sum();
    checked_gamma_ur(m * m / variance, sum * m / variance).ok()
}

/// The correlation of a series with itself one place on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LagOne {
    /// r₁, between −1 and 1 but for series with gaps.
    pub r: f64,
    /// Probability of one as large in a series without any, by its normal approximation.
    pub p: f64,
}

/// The lag-1 autocorrelation of `values`, in time order, `None` (or not finite) where missing.
///
/// r₁ = Σ(xₜ − x̄)(xₜ₊₁ − x̄) / Σ(xₜ − x̄)², the upper sum over neighbours that are both there and
/// scaled to n − 1 of them. In a random series it has mean −1/n and variance (n − 2)²/(n²(n − 1)).
/// Needs four values, a pair of neighbours, and something that varies.
pub fn lag_one(values: &[Option<f64>]) -> Result<LagOne, Unanswerable> {
    let values: Vec<_> = values.iter().copied().map(or_missing).collect();
    let present: Vec<_> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    if present.len() < 4 {
        return Err(Unanswerable::TooFew {
            what: "values",
            have: present.len(),
            need: 4,
        });
    }
    if present.iter().all(|value| *value == present[0]) {
        return Err(Unanswerable::Constant);
    }
    if values.windows(2).all(|pair| (pair[0] + pair[1]).is_nan()) {
        return Err(Unanswerable::TooFew {
            what: "values side by side",
            have: 1,
            need: 2,
        });
    }
    autocorrelation(&values).ok_or(Unanswerable::Overflow)
}

/// The same for values that are not a number where missing; `None` where there is no figure.
fn autocorrelation(values: &[f64]) -> Option<LagOne> {
    let present: Vec<_> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    let n = present.len() as f64;
    let centre = mean(&present);
    let squares: f64 = present.iter().map(|value| (value - centre).powi(2)).sum();
    let products: Vec<_> = values
        .windows(2)
        .map(|pair| (pair[0] - centre) * (pair[1] - centre))
        .filter(|product| !product.is_nan())
        .collect();
    let sum: f64 = products.iter().sum();
    let r = sum * (n - 1.0) / products.len() as f64 / squares;
    let deviation = (n - 2.0) / (n * (n - 1.0).sqrt());
    let p = normal_upper_tail((r + 1.0 / n) / deviation);
    (r.is_finite() && p.is_finite()).then_some(LagOne { r, p })
}

/// Probability that means by season differ this much by chance (one-way analysis of variance), the
/// missing values (not a number) left out. `None` with less than two full seasons or without spread.
fn season_test(values: &[f64], period: usize) -> Option<f64> {
    if values.len() / 2 < period {
        return None;
    }
    let seasons: Vec<Vec<f64>> = (0..period)
        .map(|season| {
            let places = values.iter().skip(season).step_by(period);
            places.copied().filter(|value| !value.is_nan()).collect()
        })
        .collect();
    if seasons.iter().any(|season| season.len() < 2) {
        return None;
    }
    let all: Vec<_> = seasons.iter().flatten().copied().collect();
    let centre = mean(&all);
    let mut between = 0.0;
    let mut within = 0.0;
    for season in &seasons {
        let own = mean(season);
        between += season.len() as f64 * (own - centre).powi(2);
        within += season
            .iter()
            .map(|value| (value - own).powi(2))
            .sum::<f64>();
    }
    let (d1, d2) = ((period - 1) as f64, (all.len() - period) as f64);
    // The F distribution's upper tail at (between/d1)/(within/d2).
    checked_beta_reg(d2 / 2.0, d1 / 2.0, within / (within + between)).ok()
}

/// What the least-squares straight line leaves.
fn without_line(values: &[f64]) -> Vec<f64> {
    let pairs = values
        .iter()
        .enumerate()
        .filter(|(_, value)| !value.is_nan());
    let (places, present): (Vec<f64>, Vec<f64>) = pairs.map(|(i, &v)| (i as f64, v)).unzip();
    let (middle, level) = (mean(&places), mean(&present));
    let spread: f64 = places.iter().map(|place| (place - middle).powi(2)).sum();
    let slope = places
        .iter()
        .zip(&present)
        .map(|(place, value)| (place - middle) * (value - level))
        .sum::<f64>()
        / spread;
    let left = |(i, value): (usize, &f64)| value - level - slope * (i as f64 - middle);
    values.iter().enumerate().map(left).collect()
}

/// What the best single step leaves: the two levels that leave least, each of three values or more.
fn without_step(values: &[f64]) -> Option<Vec<f64>> {
    const AT_LEAST: usize = 3;
    let present: Vec<_> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    let total: f64 = present.iter().sum();
    let n = present.len();
    let mut before = 0.0;
    let mut best: Option<(f64, f64, f64, usize)> = None;
    for (i, value) in present.iter().enumerate() {
        before += value;
        let (left, right) = (i + 1, n - i - 1);
        if left < AT_LEAST || right < AT_LEAST {
            continue;
        }
        let (low, high) = (before / left as f64, (total - before) / right as f64);
        // The two levels leave least where the gap between them explains most.
        let explained = (high - low).powi(2) * (left * right) as f64;
        if best.is_none_or(|(most, ..)| explained > most) {
            best = Some((explained, low, high, left));
        }
    }
    let (_, low, high, left) = best?;
    let mut seen = 0;
    let remainder = values.iter().map(|value| {
        let level = if seen < left { low } else { high };
        seen += usize::from(!value.is_nan());
        value - level
    });
    Some(remainder.collect())
}

fn sum_of_squares(values: &[f64]) -> f64 {
    let present = values.iter().filter(|value| !value.is_nan());
    present.map(|value| value * value).sum()
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant => f.write_str("all values are the same"),
            Self::Short { have } => {
                write!(f, "{have} values, where limits take at least {ENOUGH}")
            }
            Self::Season { period, p } => write!(
                f,
                "the values follow a season of {period} (p = {p:.4}), which limits would take for \
                 signals"
            ),
            Self::Autocorrelation(found) => write!(
                f,
                "each value depends on the one before (r = {:.2}, p = {:.4}), which multiplies \
                 false signals",
                found.r, found.p
            ),
            Self::LevelMoved(found) => write!(
                f,
                "neighbours go together (r = {:.2}) because the level moved; look for the reason",
                found.r
            ),
            Self::Rare {
                expected,
                non_events,
            } => {
                let what = if *non_events { "non-events" } else { "events" };
                write!(
                    f,
                    "{expected:.1} {what} are expected a period, too few for limits on a count"
                )
            }
            Self::Overdispersed { sigma_z, p } => write!(
                f,
                "counts vary {sigma_z:.1} times as much as by chance alone (p = {p:.4})"
            ),
            Self::ChanceAlone { sigma_z } => write!(
                f,
                "counts vary {sigma_z:.1} times as much as by chance alone, which chance explains"
            ),
            Self::KindOfData => f.write_str("it is the chart for this kind of data"),
        }
    }
}
