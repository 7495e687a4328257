//! Disparity: how many times as often something happens to one group as to another.
//!
//! With x events among N people in a group and x₀ among N₀ in the reference group the ratio is
//! (x/N)/(x₀/N₀), its interval on the log scale with SE² = 1/x − 1/N + 1/x₀ − 1/N₀. Source: Katz,
//! Baptista, Azen and Pike, *Biometrics* 34 (1978) 469–474. Two things usually matter more than
//! chance, and have functions of their own:
//!
//! - the group of many events is not recorded ([`with_missing`]): whatever the truth, the ratio
//!   lies between that with all of them in the reference group and that with all of them in the
//!   group (worst-case bounds: Manski, *American Economic Review* 80 (1990) 319–323);
//! - who could have been counted is a matter of choice ([`over_bases`]): residents, people there by
//!   day, people arrested. The same events over another base give another ratio.
//!
//! **How it can mislead.** A ratio says that something is uneven, not why. Residents are the wrong
//! base for a town centre. People counted again and again make the interval too narrow. A ratio of
//! small numbers moves a lot for nothing; the interval says how much.

use std::cmp::Ordering;

use crate::special::normal_z;
use crate::{Interval, Unanswerable};

/// Events and the people they could have happened to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Group {
    /// Number of events, above 0.
    pub events: f64,
    /// Number of people, at least as many as events.
    pub base: f64,
}

/// A ratio of two groups' rates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Disparity {
    /// 1 is even, 2 is twice as often as in the reference group.
    pub ratio: f64,
    /// Chance alone: neither missing groups nor the base is in it.
    pub interval: Interval,
}

/// Ratio of the group's rate to the reference group's.
///
/// Refuses a group without events (there is no finite interval; print both counts instead), more
/// events than people, numbers that are negative or not finite, and a `confidence` not strictly
/// within 0 to 1.
pub fn disparity(
    group: Group,
    reference: Group,
    confidence: f64,
) -> Result<Disparity, Unanswerable> {
    let z = normal_z(confidence).ok_or(Unanswerable::Invalid(
        "the confidence must lie strictly between 0 and 1",
    ))?;
    let (rate, variance) = log_rate(group)?;
    let (reference_rate, reference_variance) = log_rate(reference)?;
    let ratio = rate / reference_rate;
    let factor = (z * (variance + reference_variance).sqrt()).exp();
    let interval = Interval {
        lower: ratio / factor,
        upper: ratio * factor,
    };
    if ratio > 0.0 && interval.lower > 0.0 && interval.upper.is_finite() {
        Ok(Disparity { ratio, interval })
    } else {
        Err(Unanswerable::Overflow)
    }
}

/// The rate and the variance of its logarithm.
fn log_rate(group: Group) -> Result<(f64, f64), Unanswerable> {
    let Group { events, base } = group;
    if !(events >= 0.0 && base > 0.0 && base.is_finite()) {
        return Err(Unanswerable::Invalid(
            "events must be 0 or more and the people they could have happened to above 0",
        ));
    }
    if events > base {
        return Err(Unanswerable::Invalid(
            "the base must count the people the events could have happened to, so not fewer",
        ));
    }
    if events < 1.0 {
        return Err(Unanswerable::TooFew {
            what: "events in a group",
            have: 0,
            need: 1,
        });
    }
    Ok((events / base, 1.0 / events - 1.0 / base))
}

/// A disparity where the group of some events is not known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounded {
    /// Leaving out the events of unknown group, as if they were spread like the others.
    pub recorded: Disparity,
    /// All of them in the reference group: the ratio cannot be lower.
    pub all_in_reference: Disparity,
    /// All of them in the group: the ratio cannot be higher.
    pub all_in_group: Disparity,
    /// Events of unknown group as a share of all events, 0–1. State it beside the ratio.
    pub missing_share: f64,
    /// From the lower end of the lowest interval to the upper end of the highest: what chance and
    /// the missing groups leave open together.
    pub interval: Interval,
}

/// Bounds of the disparity with `missing` events of unknown group.
///
/// `others` are events in groups that are not compared here; they count in the share alone.
/// Refuses what [`disparity`] refuses, with the missing events added to either group too, and
/// `missing` or `others` that are negative or not finite.
pub fn with_missing(
    group: Group,
    reference: Group,
    others: f64,
    missing: f64,
    confidence: f64,
) -> Result<Bounded, Unanswerable> {
    let counted = |number: f64| number >= 0.0 && number.is_finite();
    if !(counted(others) && counted(missing)) {
        return Err(Unanswerable::Invalid(
            "events of other groups and of unknown group must be 0 or more",
        ));
    }
    let more = |group: Group| Group {
        events: group.events + missing,
        ..group
    };
    let recorded = disparity(group, reference, confidence)?;
    let all_in_reference = disparity(group, more(reference), confidence)?;
    let all_in_group = disparity(more(group), reference, confidence)?;
    let missing_share = missing / (group.events + reference.events + others + missing);
    Ok(Bounded {
        recorded,
        all_in_reference,
        all_in_group,
        missing_share,
        interval: Interval {
            lower: all_in_reference.interval.lower,
            upper: all_in_group.interval.upper,
        },
    })
}

/// The same events over several bases.
#[derive(Clone, Debug, PartialEq)]
pub struct Sensitivity {
    /// The disparity over each base, in the order given.
    pub each: Vec<Disparity>,
    /// The smallest and the largest ratio.
    pub ratios: Interval,
    /// `Greater` where every interval lies above 1, `Less` where every one lies below, `None` where
    /// the answer depends on the base or on chance.
    pub agreed: Option<Ordering>,
}

/// The disparity of the same events over at least two bases: for each the people of the group and
/// of the reference group.
///
/// Refuses fewer than two bases, and what [`disparity`] refuses over any of them.
pub fn over_bases(
    events: f64,
    reference_events: f64,
    bases: &[(f64, f64)],
    confidence: f64,
) -> Result<Sensitivity, Unanswerable> {
    if bases.len() < 2 {
        return Err(Unanswerable::TooFew {
            what: "bases",
            have: bases.len(),
            need: 2,
        });
    }
    let each: Vec<_> = bases
        .iter()
        .map(|&(base, reference_base)| {
            let group = Group { events, base };
            let reference = Group {
                events: reference_events,
                base: reference_base,
            };
            disparity(group, reference, confidence)
        })
        .collect::<Result<_, _>>()?;
    let ratios = || each.iter().map(|disparity| disparity.ratio);
    let ratios = Interval {
        lower: ratios().fold(f64::INFINITY, f64::min),
        upper: ratios().fold(0.0, f64::max),
    };
    let agreed = if each.iter().all(|one| one.interval.lower > 1.0) {
        Some(Ordering::Greater)
    } else if each.iter().all(|one| one.interval.upper < 1.0) {
        Some(Ordering::Less)
    } else {
        None
    };
    Ok(Sensitivity {
        each,
        ratios,
        agreed,
    })
}
