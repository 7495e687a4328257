//! Rates of units whose people differ in age, or in anything else that moves the rate.
//!
//! Answers "what would the rate be if all units had the same people?". Directly: the unit's own
//! rates by stratum, averaged over one standard population. Indirectly: its events over the number
//! expected if a reference rate held in each stratum. Sources: Dobson, Kuulasmaa, Eberle and
//! Scherer, *Statistics in Medicine* 10 (1991) 457–462, and Fay and Feuer, *Statistics in Medicine*
//! 16 (1997) 791–801, for the limits; Breslow and Day, *Statistical Methods in Cancer Research* II
//! (1987), for the ratio.
//!
//! **How it can mislead.** A standardised rate is for comparing, not for planning: no such rate
//! exists in any place. Another standard gives other rates and can turn an order around. Where
//! units differ more in one stratum than another, one figure hides it: show the strata. Two
//! indirectly standardised ratios are each compared with the reference, not with each other.

use crate::Unanswerable;
use crate::comparison::interval::{
    Estimate, Interval, NO_EVENTS, above_zero, counted, gamma_end, poisson, tail,
};
use crate::special::Tail;

/// One stratum (age band, type of place) of a unit and of the standard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stratum {
    /// Events counted in the unit.
    pub events: f64,
    /// The unit's base.
    pub base: f64,
    /// The standard population; only its shares matter.
    pub standard: f64,
}

/// Which limits a directly standardised rate gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Limits {
    /// Dobson's: the Poisson interval of all events ([`poisson`]) carried to the scale of the
    /// rate, as English public health publishes it. Covers a little less than it says where few
    /// events fall into strata of great weight.
    #[default]
    Dobson,
    /// Fay and Feuer's, from gamma distributions. Never covers less in any study of it, is wider,
    /// and answers for no events at all.
    Gamma,
}

/// How a rate is standardised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The rate is per so many of the base. Default 100,000.
    pub multiplier: f64,
    /// Default 0.95.
    pub confidence: f64,
    /// Default [`Limits::Dobson`].
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            multiplier: 100_000.0,
            confidence: 0.95,
            limits: Limits::default(),
        }
    }
}

/// A directly standardised rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standardised {
    /// The rate and its interval, per `multiplier` of the base.
    pub rate: Estimate,
    /// Events in all strata. Under 10 the limits are rough: English public health then publishes
    /// none.
    pub events: f64,
    /// The base of all strata.
    pub base: f64,
}

/// The rate that a unit would have if its people were those of the standard.
///
/// T = Σwᵢ·xᵢ/nᵢ with wᵢ the shares of the standard; V = Σwᵢ²·xᵢ/nᵢ². Dobson's limits with O events
/// and their Poisson interval L to U: T + √(V/O)·(L − O) and T + √(V/O)·(U − O), not below 0. Fay
/// and Feuer's: the lower α/2 quantile of a gamma variable with mean T and variance V, and the
/// upper one with mean T + w and variance V + w², w the largest wᵢ/nᵢ.
///
/// Refuses no strata, events that are negative or not finite, a base or a multiplier not above 0, a
/// negative standard or a standard of nothing, a `confidence` not strictly within 0 to 1, and, for
/// Dobson's limits, no events in any stratum of weight.
pub fn direct(strata: &[Stratum], settings: &Settings) -> Result<Standardised, Unanswerable> {
    let total = weight_of(strata)?;
    if !(settings.multiplier > 0.0 && settings.multiplier.is_finite()) {
        return Err(Unanswerable::Invalid(
            "the multiplier must be above 0 and finite",
        ));
    }
    let (mut rate, mut variance, mut heaviest) = (0.0, 0.0, 0.0_f64);
    for stratum in strata {
        let weight = stratum.standard / total / stratum.base;
        rate += weight * stratum.events;
        variance += weight * weight * stratum.events;
        heaviest = heaviest.max(weight);
    }
    let events = strata.iter().map(|stratum| stratum.events).sum();
    let interval = match settings.limits {
        Limits::Dobson => dobson(rate, variance, events, settings.confidence)?,
        Limits::Gamma => fay_feuer(rate, variance, heaviest, settings.confidence)?,
    };
    let interval = interval.scaled(settings.multiplier);
    if !interval.upper.is_finite() {
        return Err(Unanswerable::Overflow);
    }
    Ok(Standardised {
        rate: Estimate {
            value: rate * settings.multiplier,
            interval,
        },
        events,
        base: strata.iter().map(|stratum| stratum.base).sum(),
    })
}

/// The sum of the standard, after a look at every stratum.
fn weight_of(strata: &[Stratum]) -> Result<f64, Unanswerable> {
    if strata.is_empty() {
        return Err(Unanswerable::TooFew {
            what: "strata",
            have: 0,
            need: 1,
        });
    }
    for stratum in strata {
        counted(stratum.events)?;
        above_zero(stratum.base)?;
        if !(stratum.standard >= 0.0 && stratum.standard.is_finite()) {
            return Err(Unanswerable::Invalid(
                "a standard must be 0 or more and finite",
            ));
        }
    }
    let total: f64 = strata.iter().map(|stratum| stratum.standard).sum();
    if total > 0.0 && total.is_finite() {
        Ok(total)
    } else {
        Err(Unanswerable::Invalid(
            "the standard must not be empty or too large to add up",
        ))
    }
}

fn dobson(
    rate: f64,
    variance: f64,
    events: f64,
    confidence: f64,
) -> Result<Interval, Unanswerable> {
    let count = poisson(events, confidence)?;
    if rate <= 0.0 {
        return Err(NO_EVENTS);
    }
    let scale = (variance / events).sqrt();
    Ok(Interval {
        lower: (rate + scale * (count.lower - events)).max(0.0),
        upper: rate + scale * (count.upper - events),
    })
}

fn fay_feuer(
    rate: f64,
    variance: f64,
    heaviest: f64,
    confidence: f64,
) -> Result<Interval, Unanswerable> {
    let tail = tail(confidence)?;
    let quantile = |mean: f64, variance: f64, end: Tail| {
        // Squared and divided in this order, small rates do not vanish.
        let shape = mean * (mean / variance);
        if shape > 0.0 && shape.is_finite() {
            Ok(gamma_end(shape, tail, end) * (variance / mean))
        } else {
            Err(Unanswerable::Overflow)
        }
    };
    let lower = if rate > 0.0 {
        quantile(rate, variance, Tail::Lower)?
    } else {
        0.0
    };
    let upper = quantile(rate + heaviest, variance + heaviest * heaviest, Tail::Upper)?;
    Ok(Interval {
        lower: lower.min(rate),
        upper: upper.max(rate),
    })
}

/// One stratum of a unit's base, and the rate that the reference has there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reference {
    /// The unit's base.
    pub base: f64,
    /// Events per unit of base in the reference.
    pub rate: f64,
}

/// An indirectly standardised ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StandardisedRatio {
    /// Observed ÷ expected, and its interval; 1 is the reference. Times the reference's crude rate
    /// it is an indirectly standardised rate.
    pub ratio: Estimate,
    /// Events expected at the reference's rates.
    pub expected: f64,
}

/// Events observed in a unit over those expected if the reference's rates held in each stratum.
///
/// E = Σbase·rate; ratio O/E, interval [`poisson`] of O, over E. Chance in the reference's rates is
/// left out: use it where the reference is much larger than the unit. No events give the ratio 0.
/// Refuses no strata, events that are negative or not finite, a base or a rate that is negative or
/// not finite, no events expected, and a `confidence` not strictly within 0 to 1.
pub fn indirect(
    events: f64,
    strata: &[Reference],
    confidence: f64,
) -> Result<StandardisedRatio, Unanswerable> {
    if strata.is_empty() {
        return Err(Unanswerable::TooFew {
            what: "strata",
            have: 0,
            need: 1,
        });
    }
    let plain = |value: f64| value >= 0.0 && value.is_finite();
    if !strata.iter().all(|s| plain(s.base) && plain(s.rate)) {
        return Err(Unanswerable::Invalid(
            "bases and rates must be 0 or more and finite",
        ));
    }
    let expected: f64 = strata.iter().map(|s| s.base * s.rate).sum();
    if !(expected > 0.0 && expected.is_finite()) {
        return Err(Unanswerable::Invalid(
            "the number of events expected must be above 0 and finite",
        ));
    }
    let interval = poisson(events, confidence)?;
    let value = events / expected;
    let upper = interval.upper / expected;
    if !upper.is_finite() {
        return Err(Unanswerable::Overflow);
    }
    Ok(StandardisedRatio {
        ratio: Estimate {
            value,
            interval: Interval {
                lower: interval.lower / expected,
                upper,
            },
        },
        expected,
    })
}
