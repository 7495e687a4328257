//! Attribute charts: is a proportion, a rate or a count steady, given how much it rests on?
//!
//! One series of counts rᵢ out of or per nᵢ, in time order. The centre is Σr/Σn over the baseline,
//! and the limits at each point are centre ± 3σᵢ:
//!
//! | chart | for | σᵢ |
//! | --- | --- | --- |
//! | p | events out of cases | √(p̄(1 − p̄)/nᵢ) |
//! | u | events per base | √(ū/nᵢ) |
//! | c | events, same base throughout | √c̄ |
//! | p′, u′ | as p and u, where cases vary by more than chance | σᵢ·σ_z |
//!
//! σ_z is the mean moving range of zᵢ = (rᵢ/nᵢ − centre)/σᵢ over 1.128. Sources: Shewhart, *Economic
//! Control of Quality* (1931); Montgomery, *Introduction to Statistical Quality Control*; Laney,
//! *Quality Engineering* 14 (2002) 531–537 (p′ and u′). Limits are kept at 0 or above, and at 1 or
//! below for proportions.
//!
//! **How it can mislead.** p, u and c assume that chance alone moves the figure. With denominators
//! in the thousands that is never so, and nearly every point lies outside: take p′ or u′, which
//! equal p and u where chance does explain it. Where fewer than about two events are expected a
//! period, the limits say nothing: see [`rare`](super::rare).

use crate::Unanswerable;
pub use crate::spc::chart::{Chart, ChartPoint, Segment};
use crate::spc::chart::{Drawing, chart};
use crate::spc::rules::Lines;
use crate::spc::xmr::{Settings, mean_moving_range};

/// Mean moving range of a normal process in standard deviations, as the field rounds it.
pub(crate) const D2: f64 = 1.128;

/// The events of one period and what they are counted from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Subgroup {
    /// Events, 0 or more.
    pub count: f64,
    /// Cases or base, above 0. A c chart does not look at it.
    pub denominator: f64,
}

/// Which attribute chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Attribute {
    /// Events out of cases.
    P,
    /// Events out of cases that vary by more than chance (Laney).
    PPrime,
    /// Events per base.
    U,
    /// Events per base that vary by more than chance (Laney).
    UPrime,
    /// Events, from the same base in every period.
    C,
}

impl Attribute {
    fn is_proportion(self) -> bool {
        matches!(self, Self::P | Self::PPrime)
    }

    fn is_prime(self) -> bool {
        matches!(self, Self::PPrime | Self::UPrime)
    }

    /// The standard error that chance alone gives.
    pub(crate) fn sigma(self, centre: f64, denominator: f64) -> f64 {
        if self.is_proportion() {
            (centre * (1.0 - centre) / denominator).sqrt()
        } else {
            (centre / denominator).sqrt()
        }
    }
}

/// Chart `subgroups`, in time order, `None` where a period is missing.
///
/// `starts` are the indices at which a new segment begins (a rebase); `baseline` fixes each
/// segment's centre and limits from its first so many places, missing ones included. The two work
/// together. The rules and their settings are those of [`xmr`](super::xmr::xmr); a missing value
/// breaks them. Nothing is screened out.
///
/// A count or denominator that is not finite is missing, as is a denominator of 0 with nothing
/// counted. Refused: a negative count, a denominator that is negative or 0 with something counted,
/// a count above its denominator in a proportion, and a series without any value. A segment whose
/// baseline has no value has no centre; p′ and u′ need two in a row for limits. A baseline without
/// any event (or of nothing but events, in a proportion) has limits without width, and the first
/// event after it is outside: take a longer one.
pub fn attribute(
    kind: Attribute,
    subgroups: &[Option<Subgroup>],
    starts: &[usize],
    baseline: Option<usize>,
    settings: &Settings,
) -> Result<Chart, Unanswerable> {
    let checked: Result<Vec<_>, _> = subgroups.iter().map(|s| check(kind, *s)).collect();
    let subgroups = checked?;
    if subgroups.iter().all(Option::is_none) {
        return Err(Unanswerable::TooFew {
            what: "values",
            have: 0,
            need: 1,
        });
    }
    let values: Vec<_> = subgroups
        .iter()
        .map(|s| s.map_or(f64::NAN, |s| s.count / s.denominator))
        .collect();
    let denominators: Vec<_> = subgroups
        .iter()
        .map(|s| s.map_or(f64::NAN, |s| s.denominator))
        .collect();
    Ok(chart(&values, starts, baseline, settings, |_, used| {
        let present: Vec<_> = subgroups[used.clone()].iter().flatten().collect();
        let centre = centre(&present);
        let sigma = |i: usize| kind.sigma(centre, denominators[i]);
        let z: Vec<_> = used
            .clone()
            .map(|i| standardised(values[i] - centre, sigma(i)))
            .collect();
        let sigma_z = if kind.is_prime() {
            mean_moving_range(&z, false, &mut Vec::new()) / D2
        } else {
            1.0
        };
        let denominators = &denominators;
        Drawing {
            n: present.len(),
            centre,
            lines: move |i: usize| {
                let sigma = kind.sigma(centre, denominators[i]) * sigma_z;
                lines(kind, centre, sigma)
            },
        }
    }))
}

/// The subgroup as it can be charted, `None` where it is missing.
pub(crate) fn check(
    kind: Attribute,
    subgroup: Option<Subgroup>,
) -> Result<Option<Subgroup>, Unanswerable> {
    let Some(Subgroup { count, denominator }) = subgroup else {
        return Ok(None);
    };
    let denominator = if kind == Attribute::C {
        1.0
    } else {
        denominator
    };
    if !count.is_finite() || !denominator.is_finite() || (count == 0.0 && denominator == 0.0) {
        return Ok(None);
    }
    if count < 0.0 {
        return Err(Unanswerable::Invalid("a count must be 0 or more"));
    }
    if denominator <= 0.0 {
        return Err(Unanswerable::Invalid("a denominator must be above 0"));
    }
    if kind.is_proportion() && count > denominator {
        return Err(Unanswerable::Invalid(
            "the count of a proportion must not exceed its denominator",
        ));
    }
    if !(count / denominator).is_finite() {
        return Err(Unanswerable::Overflow);
    }
    Ok(Some(Subgroup { count, denominator }))
}

fn centre(subgroups: &[&Subgroup]) -> f64 {
    let counts: f64 = subgroups.iter().map(|s| s.count).sum();
    let denominators: f64 = subgroups.iter().map(|s| s.denominator).sum();
    counts / denominators
}

/// A distance in standard errors. Where the centre is 0 or 1 nothing can vary, and there is none.
fn standardised(distance: f64, sigma: f64) -> f64 {
    if distance == 0.0 {
        0.0
    } else {
        distance / sigma
    }
}

fn lines(kind: Attribute, centre: f64, sigma: f64) -> Lines {
    let ceiling = if kind.is_proportion() {
        1.0
    } else {
        f64::INFINITY
    };
    Lines {
        centre,
        lower: held(centre - 3.0 * sigma, ceiling),
        near_lower: centre - 2.0 * sigma,
        near_upper: centre + 2.0 * sigma,
        upper: held(centre + 3.0 * sigma, ceiling),
    }
}

/// Kept within 0 and the ceiling; what is not a number stays so.
fn held(limit: f64, ceiling: f64) -> f64 {
    limit.clamp(0.0, ceiling)
}
