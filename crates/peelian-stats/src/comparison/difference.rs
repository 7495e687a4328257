//! Differences and ratios of two figures, with intervals.
//!
//! Answers "how far apart are these two, and could it be chance?". For proportions and for a
//! difference of rates the interval is put together from the intervals of the two figures: with
//! figures f₁, f₂ and their ends l, u, the lower end of the difference lies
//! √((f₁ − l₁)² + (u₂ − f₂)²) below it. Sources: Newcombe, *Statistics in Medicine* 17 (1998)
//! 873–890 (method 10, the difference of proportions); Zou and Donner, *Statistics in Medicine* 27
//! (2008) 1693–1702 (differences of anything); Donner and Zou, *Statistical Methods in Medical
//! Research* 21 (2012) 347–359 (ratios).
//!
//! **How it can mislead.** The two figures must come from different people: the same unit in two
//! years shares much, and the interval is then too wide or too narrow. Two intervals that overlap
//! can still belong to figures that differ: look at the interval of the difference.

use crate::Unanswerable;
use crate::comparison::funnel::Unit;
use crate::comparison::interval::{
    Estimate, Interval, NO_EVENTS, above_zero, counted, log_normal, poisson_exact, share,
    standard_errors, wilson,
};

/// Difference of two proportions, a − b, within −1 to 1, by Newcombe's method 10: from [`wilson`]'s
/// intervals of the two.
///
/// Refuses a denominator not above 0, a numerator not within 0 to the denominator, and a
/// `confidence` not strictly within 0 to 1. Proportions of 0 and 1 are answered.
pub fn proportion_difference(a: Unit, b: Unit, confidence: f64) -> Result<Estimate, Unanswerable> {
    let of = |unit: Unit| -> Result<Estimate, Unanswerable> {
        Ok(Estimate {
            value: share(unit.numerator, unit.denominator)?,
            interval: wilson(unit.numerator, unit.denominator, confidence)?,
        })
    };
    let Estimate { value, interval } = difference(of(a)?, of(b)?);
    Ok(Estimate {
        value,
        interval: Interval {
            lower: interval.lower.max(-1.0),
            upper: interval.upper.min(1.0),
        },
    })
}

/// Ratio of two proportions, a ÷ b, from [`wilson`]'s intervals of the two.
///
/// A proportion a of 0 gives the ratio 0 with an upper end above it. Refuses a proportion b of 0,
/// and what [`proportion_difference`] refuses.
pub fn proportion_ratio(a: Unit, b: Unit, confidence: f64) -> Result<Estimate, Unanswerable> {
    let p = share(a.numerator, a.denominator)?;
    let q = share(b.numerator, b.denominator)?;
    let of_p = wilson(a.numerator, a.denominator, confidence)?;
    let of_q = wilson(b.numerator, b.denominator, confidence)?;
    if q == 0.0 {
        return Err(NO_EVENTS);
    }
    // The roots of (p − r·q)² = z²(variance at the ends), in the form that loses no digits.
    let reach = |end: f64, middle: f64| end * (2.0 * middle - end);
    let cross = p * q;
    let root = |a: f64, b: f64| (cross * cross - a * b).max(0.0).sqrt();
    let (p_low, p_high) = (reach(of_p.lower, p), reach(of_p.upper, p));
    let (q_low, q_high) = (reach(of_q.lower, q), reach(of_q.upper, q));
    let (value, lower, upper) = (
        p / q,
        p_low / (cross + root(p_low, q_high)),
        (cross + root(p_high, q_low)) / q_low,
    );
    if !(value.is_finite() && upper.is_finite()) {
        return Err(Unanswerable::Overflow);
    }
    // No events: 0 ÷ 0, and the lower end is 0.
    let lower = if p_low > 0.0 { lower.min(value) } else { 0.0 };
    Ok(Estimate {
        value,
        interval: Interval {
            lower,
            upper: upper.max(value),
        },
    })
}

/// Difference of two rates, a − b, per unit of base, from the exact Poisson intervals of the two
/// counts.
///
/// Counts of 0 are answered. Refuses a count that is negative or not finite, a base not above 0,
/// and a `confidence` not strictly within 0 to 1.
pub fn rate_difference(a: Unit, b: Unit, confidence: f64) -> Result<Estimate, Unanswerable> {
    let of = |unit: Unit| -> Result<Estimate, Unanswerable> {
        let base = above_zero(unit.denominator)?;
        Ok(Estimate {
            value: unit.numerator / base,
            interval: poisson_exact(unit.numerator, confidence)?.scaled(1.0 / base),
        })
    };
    let estimate = difference(of(a)?, of(b)?);
    let Interval { lower, upper } = estimate.interval;
    if lower.is_finite() && upper.is_finite() {
        Ok(estimate)
    } else {
        Err(Unanswerable::Overflow)
    }
}

/// Ratio of two rates, a ÷ b, whose counts vary φ times as much as chance alone would have it.
///
/// On the log scale SE = √φ·√(1/a + 1/b), with the counts a and b. φ is 1 for counts that vary by
/// chance alone; take it from a funnel of the same measure ([`crate::comparison::funnel::Funnel`])
/// or from the series of the two units. Bases may be anything that the counts are compared over:
/// hours, miles, households, people. Source: McCullagh and Nelder, *Generalized Linear Models*
/// (1989) §6.2, for √φ.
///
/// Refuses a count of 0 (there is no finite interval), a base not above 0, a φ below 1 or not
/// finite, and a `confidence` not strictly within 0 to 1.
pub fn overdispersed_rate_ratio(
    a: Unit,
    b: Unit,
    phi: f64,
    confidence: f64,
) -> Result<Estimate, Unanswerable> {
    let z = standard_errors(confidence)?;
    for unit in [a, b] {
        above_zero(unit.denominator)?;
        if counted(unit.numerator)? == 0.0 {
            return Err(NO_EVENTS);
        }
    }
    if !(phi >= 1.0 && phi.is_finite()) {
        return Err(Unanswerable::Invalid("phi must be at least 1 and finite"));
    }
    let ratio = (a.numerator / a.denominator) / (b.numerator / b.denominator);
    let variance = 1.0 / a.numerator + 1.0 / b.numerator;
    log_normal(ratio, z * phi.sqrt() * variance.sqrt())
}

/// a − b with the distances to the facing ends added as the sides of a right angle.
fn difference(a: Estimate, b: Estimate) -> Estimate {
    let value = a.value - b.value;
    let below = (a.value - a.interval.lower).hypot(b.interval.upper - b.value);
    let above = (a.interval.upper - a.value).hypot(b.value - b.interval.lower);
    Estimate {
        value,
        interval: Interval {
            lower: value - below,
            upper: value + above,
        },
    }
}
