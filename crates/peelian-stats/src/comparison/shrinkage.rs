//! Figures of small units drawn towards the level of all.
//!
//! Answers "what is this unit's rate, given that it is small and that the others are known?". Each
//! unit's figure is an average of its own and the common one, weighted by how much its own is worth:
//! with V the variance by chance and τ² the variance between units, the common figure has the weight
//! B = V/(V + τ²). Nobody knows τ², so the figures, their variances and B are averaged over all
//! values of it, each weighted by how well it fits (τ² and the level of all even beforehand).
//! Sources: Morris, *Journal of the American Statistical Association* 78 (1983) 47–65; Morris and
//! Tang, *Statistical Science* 26 (2011) 271–287; for rates Marshall, *Applied Statistics* 40 (1991)
//! 283–294; for proportions Kleinman, *Journal of the American Statistical Association* 68 (1973)
//! 46–54.
//!
//! **How it can mislead.** Shrinking assumes that a unit is one of the others: a unit that is
//! different for a known reason is drawn to a level that is not its own. The shrunk figures vary
//! less than the true ones, so the number beyond a mark is too small. A page that shows them must
//! say so, and show the counted figures beside them.

use crate::Unanswerable;
use crate::comparison::funnel::Unit;
use crate::comparison::interval::{
    Estimate, Interval, NO_EVENTS, above_zero, beta_end, counted, gamma_end, share,
    standard_errors, tail,
};
use crate::comparison::rank::Measured;
use crate::special::Tail;

/// Fewest units that a spread between them can be measured from and allowed for.
const FEWEST: usize = 4;

/// Figures drawn towards the level of all.
#[derive(Clone, Debug, PartialEq)]
pub struct Shrunk {
    /// The level of all units.
    pub mean: f64,
    /// τ², the variance of the true figures between units: the value at which τ² times its
    /// likelihood is largest (Morris and Tang). Never 0, because figures that chance explains do
    /// not show that units are alike.
    pub tau2: f64,
    /// One a unit, in the order given.
    pub units: Vec<ShrunkUnit>,
}

/// One unit's figure drawn towards the level of all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShrunkUnit {
    /// The shrunk figure and its interval. The interval allows for the level and τ² being
    /// estimates.
    pub estimate: Estimate,
    /// Standard deviation of the true figure about the shrunk one.
    pub standard_error: f64,
    /// Mean of B: 0 leaves the unit's own figure, 1 gives it the level of all.
    pub weight_of_all: f64,
}

/// Shrinks figures with known standard errors; intervals are normal.
///
/// Refuses fewer than four units, a figure that is not finite, a standard error not above 0, and a
/// `confidence` not strictly within 0 to 1.
pub fn shrink(units: &[Measured], confidence: f64) -> Result<Shrunk, Unanswerable> {
    let z = standard_errors(confidence)?;
    enough(units.len())?;
    let parts: Vec<Part> = units
        .iter()
        .map(|unit| Part::new(unit.value, unit.standard_error * unit.standard_error, 1.0))
        .collect::<Result<_, _>>()?;
    let ends = |mean: f64, variance: f64| Interval {
        lower: mean - z * variance.sqrt(),
        upper: mean + z * variance.sqrt(),
    };
    shrunk(&parts, |_| 1.0, ends)
}

/// Shrinks rates (events per unit of base): Poisson counts whose rates follow a gamma distribution.
/// Limits are gamma quantiles and never below 0.
///
/// Chance is measured at the common rate, so that a unit without events has a variance too. Refuses
/// fewer than four units, a count that is negative or not finite, a base not above 0, no events at
/// all, and a `confidence` not strictly within 0 to 1.
pub fn shrink_rates(units: &[Unit], confidence: f64) -> Result<Shrunk, Unanswerable> {
    let tail = tail(confidence)?;
    enough(units.len())?;
    for unit in units {
        counted(unit.numerator)?;
        above_zero(unit.denominator)?;
    }
    let common = pooled(units)?;
    let parts: Vec<Part> = units
        .iter()
        .map(|unit| {
            let rate = unit.numerator / unit.denominator;
            Part::new(rate, common / unit.denominator, 1.0)
        })
        .collect::<Result<_, _>>()?;
    let ends = |mean: f64, variance: f64| {
        let scale = variance / mean;
        let end = |tail_at| gamma_end(mean / scale, tail, tail_at) * scale;
        Interval {
            lower: end(Tail::Lower),
            upper: end(Tail::Upper),
        }
    };
    // A count varies as its own rate does.
    shrunk(&parts, |rate| rate / common, ends)
}

/// Shrinks proportions: binomial counts whose proportions follow a beta distribution. Limits are
/// beta quantiles, within 0 and 1.
///
/// Chance is measured at the common proportion. Refuses fewer than four units, a numerator not
/// within 0 to its denominator, a denominator not above 1, a common proportion of 0 or 1, and a
/// `confidence` not strictly within 0 to 1.
pub fn shrink_proportions(units: &[Unit], confidence: f64) -> Result<Shrunk, Unanswerable> {
    let tail = tail(confidence)?;
    enough(units.len())?;
    for unit in units {
        share(unit.numerator, unit.denominator)?;
        if unit.denominator <= 1.0 {
            return Err(Unanswerable::Invalid("a denominator must be above 1"));
        }
    }
    let common = pooled(units)?;
    if common >= 1.0 {
        return Err(Unanswerable::Constant);
    }
    let spread = common * (1.0 - common);
    let parts: Vec<Part> = units
        .iter()
        .map(|unit| {
            // A proportion that varies by τ² leaves the less to chance within the unit.
            let n = unit.denominator;
            Part::new(unit.numerator / n, spread / n, 1.0 - 1.0 / n)
        })
        .collect::<Result<_, _>>()?;
    let ends = |mean: f64, variance: f64| {
        // No distribution within 0 to 1 varies more than mean × (1 − mean).
        let size = (mean * (1.0 - mean) / variance - 1.0).max(1e-3);
        let end = |tail_at| beta_end(mean * size, (1.0 - mean) * size, tail, tail_at);
        Interval {
            lower: end(Tail::Lower),
            upper: end(Tail::Upper),
        }
    };
    shrunk(&parts, |p| p * (1.0 - p) / spread, ends)
}

fn enough(units: usize) -> Result<(), Unanswerable> {
    if units >= FEWEST {
        return Ok(());
    }
    Err(Unanswerable::TooFew {
        what: "units",
        have: units,
        need: FEWEST,
    })
}

fn pooled(units: &[Unit]) -> Result<f64, Unanswerable> {
    let numerators: f64 = units.iter().map(|unit| unit.numerator).sum();
    let denominators: f64 = units.iter().map(|unit| unit.denominator).sum();
    if numerators == 0.0 {
        return Err(NO_EVENTS);
    }
    let pooled = numerators / denominators;
    if pooled > 0.0 && pooled.is_finite() {
        Ok(pooled)
    } else {
        Err(Unanswerable::Overflow)
    }
}

/// A unit's figure y, with variance V + c·τ².
struct Part {
    value: f64,
    chance: f64,
    between: f64,
}

impl Part {
    fn new(value: f64, chance: f64, between: f64) -> Result<Self, Unanswerable> {
        if value.is_finite() && chance > 0.0 && chance.is_finite() {
            Ok(Self {
                value,
                chance,
                between,
            })
        } else {
            Err(Unanswerable::Invalid(
                "figures must be finite, standard errors finite and above 0",
            ))
        }
    }

    fn precision(&self, tau2: f64) -> f64 {
        1.0 / (self.chance + self.between * tau2)
    }
}

/// What the units say at one τ².
struct At {
    tau2: f64,
    /// Level of all units.
    mean: f64,
    /// Sum of the weights that the level rests on.
    weights: f64,
    /// Logarithm of τ² times its likelihood, the level averaged out: the density over ln τ².
    density: f64,
}

fn at(parts: &[Part], log_tau2: f64) -> At {
    let tau2 = log_tau2.exp();
    let (mut weights, mut weighted, mut log_weights) = (0.0, 0.0, 0.0);
    for part in parts {
        let weight = part.precision(tau2);
        weights += weight;
        weighted += weight * part.value;
        log_weights += weight.ln();
    }
    let mean = weighted / weights;
    let squares = |part: &Part| (part.value - mean).powi(2) * part.precision(tau2);
    let misfit: f64 = parts.iter().map(squares).sum();
    At {
        tau2,
        mean,
        weights,
        density: log_tau2 + 0.5 * (log_weights - weights.ln() - misfit),
    }
}

/// The value of ln τ² of greatest density: looked for at whole steps, then narrowed down.
fn likeliest(parts: &[Part]) -> Result<f64, Unanswerable> {
    let density = |log: f64| at(parts, log).density;
    let chance = || parts.iter().map(|part| part.chance);
    let values = || parts.iter().map(|part| part.value);
    let range = values().fold(f64::NEG_INFINITY, f64::max) - values().fold(f64::INFINITY, f64::min);
    let from = chance().fold(f64::INFINITY, f64::min).ln() - 5.0;
    let to = chance().fold(range * range, f64::max).ln() + 5.0;
    let steps = to - from;
    if !(steps.is_finite() && steps < 1e4) {
        return Err(Unanswerable::Overflow);
    }
    let best = (0..=steps as u32)
        .map(|step| from + f64::from(step))
        .map(|log| (density(log), log))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let (density_there, best) = best.ok_or(Unanswerable::Overflow)?;
    if !density_there.is_finite() {
        return Err(Unanswerable::Overflow);
    }
    let (mut low, mut high) = (best - 1.0, best + 1.0);
    while high - low > 1e-9 {
        let (a, b) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
        if density(a) < density(b) {
            low = a;
        } else {
            high = b;
        }
    }
    Ok(f64::midpoint(low, high))
}

/// What falls this far below the greatest density, in logarithms, is left out.
const NOTHING: f64 = 30.0;
/// Most steps to one side.
const MOST_STEPS: u32 = 20_000;

/// Values of τ² that matter, each with its share of the whole: equal steps of ln τ², over which the
/// sum of a smooth density is as good as its integral.
fn plausible(parts: &[Part], likeliest: f64) -> Vec<(f64, At)> {
    // The more units, the narrower the density.
    let step = 0.25 * (2.0 / (parts.len() as f64 - 3.0)).sqrt().min(1.0);
    let top = at(parts, likeliest).density;
    let matters = |at: &At| top - at.density < NOTHING;
    let along = |direction: f64| {
        (1..=MOST_STEPS)
            .map(move |i| at(parts, likeliest + direction * step * f64::from(i)))
            .take_while(matters)
    };
    let mut all: Vec<_> = along(-1.0)
        .chain([at(parts, likeliest)])
        .chain(along(1.0))
        .map(|at| ((at.density - top).exp(), at))
        .collect();
    let sum: f64 = all.iter().map(|(share, _)| share).sum();
    for (share, _) in &mut all {
        *share /= sum;
    }
    all
}

/// The shrunk figures. `chance_at` is the variance by chance of a true figure over that of the
/// common one; `ends` gives the interval of a mean and a variance.
fn shrunk(
    parts: &[Part],
    chance_at: impl Fn(f64) -> f64,
    ends: impl Fn(f64, f64) -> Interval,
) -> Result<Shrunk, Unanswerable> {
    let likeliest = likeliest(parts)?;
    let plausible = plausible(parts, likeliest);
    let unit = |part: &Part| {
        let (mut b, mut value, mut square, mut within, mut of_level) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (share, at) in &plausible {
            let b_here = part.chance * part.precision(at.tau2);
            // From the unit's own figure, which keeps the digits of the squares.
            let moved = b_here * (at.mean - part.value);
            b += share * b_here;
            value += share * moved;
            square += share * moved * moved;
            within += share * part.chance * (1.0 - b_here);
            of_level += share * b_here * b_here / at.weights;
        }
        let between = (square - value * value).max(0.0);
        let value = part.value + value;
        let variance = within * chance_at(value) + of_level + between;
        finished(value, variance, b.min(1.0), ends(value, variance))
    };
    let units = parts.iter().map(unit).collect::<Result<_, _>>()?;
    let mean = plausible.iter().map(|(share, at)| share * at.mean).sum();
    Ok(Shrunk {
        mean,
        tau2: likeliest.exp(),
        units,
    })
}

fn finished(
    value: f64,
    variance: f64,
    weight_of_all: f64,
    Interval { lower, upper }: Interval,
) -> Result<ShrunkUnit, Unanswerable> {
    if !(lower.is_finite() && upper.is_finite() && variance > 0.0) {
        return Err(Unanswerable::Overflow);
    }
    Ok(ShrunkUnit {
        estimate: Estimate {
            value,
            interval: Interval {
                lower: lower.min(value),
                upper: upper.max(value),
            },
        },
        standard_error: variance.sqrt(),
        weight_of_all,
    })
}
