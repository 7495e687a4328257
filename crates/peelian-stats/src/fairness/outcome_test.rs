//! Outcome test: does a power find what it is for as often in one group as in another?
//!
//! If one group is searched on weaker grounds, fewer of its searches should find anything. The
//! difference of the two find rates p₁ − p₂ has Newcombe's hybrid score interval: from
//! d − √((p₁−l₁)² + (u₂−p₂)²) to d + √((u₁−p₁)² + (p₂−l₂)²) with l, u the ends of Wilson's intervals.
//! Sources: Becker, *The Economics of Discrimination* (1957) for the test; Newcombe, *Statistics in
//! Medicine* 17 (1998) 873–890, method 10. Searches for different things find at different rates,
//! so compare within each object and power; [`within_strata`] then takes the differences together
//! (Mantel–Haenszel risk difference with the variance of Sato, *Biometrics* 45 (1989) 1323–1324).
//!
//! **How it can mislead.** *Infra-marginality*: the test compares averages, while unfairness is in
//! the threshold. Even with one threshold for everybody find rates differ where one group has more
//! people who are almost certainly carrying something, and a lower threshold for one group can hide
//! behind it. A test in `tests/it` shows both. Equal rates are therefore no proof of fairness, nor
//! unequal ones of its absence. The threshold test (Simoiu, Corbett-Davies and Goel, *Annals of
//! Applied Statistics* 11 (2017) 1193–1216) estimates the thresholds instead. It is not here: it
//! needs counts by group and place, takes the shape of what searchers suspect from an assumption
//! that the data cannot check, and its answer moves with it. What is recorded as found is itself a
//! choice; blank is not "nothing found".

use crate::comparison::difference::proportion_difference;
use crate::comparison::funnel::Unit;
use crate::comparison::interval::wilson;
use crate::special::normal_z;
use crate::{Interval, Unanswerable};

/// Uses of a power on one group and how many found something.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcomes {
    /// Uses that found something: 0 or more.
    pub found: f64,
    /// All uses with a recorded outcome: above 0, at least `found`.
    pub uses: f64,
}

/// Find rates of two groups and their difference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FindRates {
    /// Find rate of the group, 0–1.
    pub rate: f64,
    /// Wilson's interval of it.
    pub interval: Interval,
    /// Find rate of the reference group, 0–1.
    pub reference_rate: f64,
    /// Wilson's interval of it.
    pub reference_interval: Interval,
    /// The group's rate less the reference group's, −1 to 1.
    pub difference: f64,
    /// Newcombe's interval of the difference.
    pub difference_interval: Interval,
}

/// Compares the find rates of a group and the reference group.
///
/// Refuses no uses, more found than uses, numbers that are negative or not finite, and a
/// `confidence` not strictly within 0 to 1.
pub fn find_rates(
    group: Outcomes,
    reference: Outcomes,
    confidence: f64,
) -> Result<FindRates, Unanswerable> {
    let (rate, interval) = rate(group, confidence)?;
    let (reference_rate, reference_interval) = self::rate(reference, confidence)?;
    let unit = |outcomes: Outcomes| Unit {
        numerator: outcomes.found,
        denominator: outcomes.uses,
    };
    let difference = proportion_difference(unit(group), unit(reference), confidence)?;
    Ok(FindRates {
        rate,
        interval,
        reference_rate,
        reference_interval,
        difference: difference.value,
        difference_interval: difference.interval,
    })
}

/// The differences of several strata taken together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pooled {
    /// Mean difference of the find rates, strata weighed by n₁n₂/(n₁+n₂).
    pub difference: f64,
    /// Normal interval of it, within −1 to 1.
    pub interval: Interval,
    /// Strata in which both groups have uses; the others say nothing.
    pub strata: usize,
}

/// The difference of find rates with like compared with like: one pair a stratum (object searched
/// for, power used, place), group first, reference group second.
///
/// Strata where one of the two was never searched are left out. Refuses strata none of which has
/// both, nothing that varies (nobody or everybody found, everywhere), and what [`find_rates`]
/// refuses. Where the difference runs in opposite directions in the strata the mean hides it: show
/// them one by one.
pub fn within_strata(
    strata: &[(Outcomes, Outcomes)],
    confidence: f64,
) -> Result<Pooled, Unanswerable> {
    let z = standard_errors(confidence)?;
    let (mut weights, mut sum, mut spread, mut slope, mut used) = (0.0, 0.0, 0.0, 0.0, 0);
    for &(group, reference) in strata {
        check(group)?;
        check(reference)?;
        let (x, n) = (group.found, group.uses);
        let (x0, n0) = (reference.found, reference.uses);
        if n == 0.0 || n0 == 0.0 {
            continue;
        }
        let (share, share0) = (n / (n + n0), n0 / (n + n0));
        weights += n * share0;
        sum += x * share0 - x0 * share;
        slope += x0 * share * share - x * share0 * share0 + share * share0 * (n0 - n) / 2.0;
        spread += (x * (n0 - x0) + x0 * (n - x)) / (2.0 * (n + n0));
        used += 1;
    }
    if used == 0 {
        return Err(Unanswerable::TooFew {
            what: "strata with uses in both groups",
            have: 0,
            need: 1,
        });
    }
    let difference = sum / weights;
    let variance = (difference * slope + spread) / (weights * weights);
    if !(difference.is_finite() && variance.is_finite()) {
        return Err(Unanswerable::Overflow);
    }
    if variance <= 0.0 {
        return Err(Unanswerable::Constant);
    }
    let reach = z * variance.sqrt();
    Ok(Pooled {
        difference,
        interval: Interval {
            lower: (difference - reach).max(-1.0),
            upper: (difference + reach).min(1.0),
        },
        strata: used,
    })
}

fn standard_errors(confidence: f64) -> Result<f64, Unanswerable> {
    normal_z(confidence).ok_or(Unanswerable::Invalid(
        "the confidence must lie strictly between 0 and 1",
    ))
}

fn check(outcomes: Outcomes) -> Result<(), Unanswerable> {
    let Outcomes { found, uses } = outcomes;
    if found >= 0.0 && found <= uses && uses.is_finite() {
        Ok(())
    } else {
        Err(Unanswerable::Invalid(
            "what was found must lie between 0 and the number of uses",
        ))
    }
}

/// The rate and its score interval.
fn rate(outcomes: Outcomes, confidence: f64) -> Result<(f64, Interval), Unanswerable> {
    check(outcomes)?;
    let Outcomes { found, uses } = outcomes;
    if uses == 0.0 {
        return Err(Unanswerable::TooFew {
            what: "uses in a group",
            have: 0,
            need: 1,
        });
    }
    Ok((found / uses, wilson(found, uses, confidence)?))
}
