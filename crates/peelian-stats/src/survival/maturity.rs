//! Cohort maturity: where will the newest cohorts end up, going by how older ones grew?
//!
//! Answers "how many of this quarter's cases will have an outcome once they are as old as the
//! oldest?". Rows of a development triangle are cohorts, columns ages; the chain ladder carries
//! each row on by the growth of older rows at the same age: fⱼ = Σ Cᵢ,ⱼ₊₁/Σ Cᵢⱼ. Errors by Mack,
//! *ASTIN Bulletin* 23 (1993) 213–225: σⱼ² = Σ Cᵢⱼ(Cᵢ,ⱼ₊₁/Cᵢⱼ − fⱼ)²/(n − 1), and a squared error
//! of Ĉ²·Σ σⱼ²/fⱼ²·(1/Ĉᵢⱼ + 1/Σ Cₖⱼ) over the ages still to come, for chance in the cohort itself and
//! in the factors.
//!
//! Where the size of each cohort is known, [`projected_shares`] runs the ladder on the cases still
//! open instead of on the outcomes. A share then stays within 0 to 1 and a young cohort without an
//! outcome is carried on, where a factor times 0 would keep it at 0. This use is a proposal of
//! ours, as is its floor for σ; the other formulas are Mack's.
//!
//! **How it can mislead.** It takes for granted that new cohorts grow as old ones did: a change of
//! policy, or of how fast outcomes are entered, is carried into the future as if it were maturity.
//! Nothing is said about ages beyond the oldest seen. Few cohorts make σ a guess, and the last one
//! is always extrapolated.

use crate::special::normal_z;
use crate::{Interval, Unanswerable};

/// A cohort carried on to the oldest age seen, in the unit of the triangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Projection {
    /// The last figure seen.
    pub latest: f64,
    /// The figure expected at the oldest age.
    pub ultimate: f64,
    /// Mack's standard error of prediction; 0 for a cohort already at the oldest age. `None` where
    /// too few cohorts have grown for any σ, or it is too large to write down.
    pub standard_error: Option<f64>,
}

/// A chain ladder.
#[derive(Clone, Debug, PartialEq)]
pub struct ChainLadder {
    /// fⱼ, the growth from each age to the next.
    pub factors: Vec<f64>,
    /// σⱼ², one a factor; the last ones extrapolated where a single cohort has grown that old.
    pub variances: Vec<Option<f64>>,
    /// One a cohort, in the order given.
    pub cohorts: Vec<Projection>,
}

/// Carries every cohort of a `triangle` on to the age of the oldest.
///
/// Rows are cohorts, oldest first, each with its cumulative figure at every age it has reached; no
/// row is longer than the one before. Figures are finite and 0 or more. Refuses fewer than two
/// cohorts, empty rows, and an age at which all cohorts that grew older are at 0.
pub fn chain_ladder(triangle: &[&[f64]]) -> Result<ChainLadder, Unanswerable> {
    let steps = steps(triangle)?;
    let variances = extrapolated(&steps);
    let known: Vec<_> = variances
        .iter()
        .map(|v| v.unwrap_or(f64::INFINITY))
        .collect();
    let project = |row: &&[f64]| {
        let (ultimate, relative) = carried_on(row, &steps, &known)?;
        let error = ultimate * relative.sqrt();
        Ok(Projection {
            latest: row.last().copied().unwrap_or(0.0),
            ultimate,
            standard_error: error.is_finite().then_some(error),
        })
    };
    let cohorts = triangle.iter().map(project).collect::<Result<_, _>>()?;
    Ok(ChainLadder {
        factors: steps.iter().map(|step| step.factor).collect(),
        variances,
        cohorts,
    })
}

/// The share of a cohort's cases with an outcome.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// The share seen last, 0 to 1.
    pub latest: f64,
    /// The share expected at the oldest age.
    pub ultimate: f64,
    /// Interval for the share that will be seen then, symmetric for the log of the share still
    /// open, but not below `latest`: outcomes are taken to stay.
    pub interval: Interval,
}

/// Carries the share with an outcome on to the age of the oldest cohort, from cumulative `outcomes`
/// by cohort and age, as for [`chain_ladder`], and the number of cases (`sizes`) of each cohort.
///
/// This is the chain ladder of the cases still open, f of which stay open at each age, with σ² no
/// smaller than the f(1 − f) of chance alone: few cohorts can look more alike than chance allows.
///
/// Refuses what [`chain_ladder`] does, sizes that are not above 0, more outcomes than cases, and a
/// `confidence` not strictly within 0 to 1.
pub fn projected_shares(
    outcomes: &[&[f64]],
    sizes: &[f64],
    confidence: f64,
) -> Result<Vec<Share>, Unanswerable> {
    let z = normal_z(confidence).ok_or(Unanswerable::Invalid(
        "confidence must lie strictly between 0 and 1",
    ))?;
    if sizes.len() != outcomes.len() {
        return Err(Unanswerable::Mismatched("each cohort needs one size"));
    }
    let fits = |(row, &size): (&&[f64], &f64)| {
        let within = row.iter().all(|count| (0.0..=size).contains(count));
        size > 0.0 && size.is_finite() && within
    };
    if !outcomes.iter().zip(sizes).all(fits) {
        return Err(Unanswerable::Invalid(
            "sizes must be above 0 and outcomes within 0 to the size",
        ));
    }
    let open: Vec<Vec<f64>> = outcomes
        .iter()
        .zip(sizes)
        .map(|(row, size)| row.iter().map(|count| size - count).collect())
        .collect();
    let open: Vec<&[f64]> = open.iter().map(Vec::as_slice).collect();
    let steps = steps(&open)?;
    let by_chance = |step: &Step| (step.factor * (1.0 - step.factor)).max(0.0);
    let variances: Vec<_> = extrapolated(&steps)
        .into_iter()
        .zip(&steps)
        .map(|(variance, step)| variance.unwrap_or(0.0).max(by_chance(step)))
        .collect();
    let share = |(row, &size): (&&[f64], &f64)| {
        let (left, relative) = carried_on(row, &steps, &variances)?;
        let of = |open: f64| (1.0 - open / size).clamp(0.0, 1.0);
        let (latest, ultimate) = (of(row.last().copied().unwrap_or(0.0)), of(left));
        let stretch = (z * relative.sqrt()).exp();
        Ok(Share {
            latest,
            ultimate,
            interval: Interval {
                lower: of(left * stretch).max(latest.min(ultimate)),
                upper: of(left / stretch),
            },
        })
    };
    open.iter().zip(sizes).map(share).collect()
}

/// The figure at the oldest age, and its squared error as a share of its square: infinite where a
/// variance is.
fn carried_on(row: &[f64], steps: &[Step], variances: &[f64]) -> Result<(f64, f64), Unanswerable> {
    let (mut now, mut relative) = (row.last().copied().unwrap_or(0.0), 0.0);
    for (step, variance) in steps.iter().zip(variances).skip(row.len() - 1) {
        // A factor or figure of 0 leaves nothing that could vary.
        if now > 0.0 && step.factor > 0.0 {
            let scaled = variance / (step.factor * step.factor);
            relative += scaled * (1.0 / now + 1.0 / step.base);
        }
        now *= step.factor;
    }
    if now.is_finite() && !relative.is_nan() {
        Ok((now, relative))
    } else {
        Err(Unanswerable::Overflow)
    }
}

fn steps(triangle: &[&[f64]]) -> Result<Vec<Step>, Unanswerable> {
    check(triangle)?;
    (1..triangle[0].len())
        .map(|age| Step::new(triangle, age))
        .collect()
}

fn check(triangle: &[&[f64]]) -> Result<(), Unanswerable> {
    if triangle.len() < 2 {
        return Err(Unanswerable::TooFew {
            what: "cohorts",
            have: triangle.len(),
            need: 2,
        });
    }
    let shrinking = triangle
        .windows(2)
        .all(|pair| pair[1].len() <= pair[0].len());
    if !shrinking || triangle.iter().any(|row| row.is_empty()) {
        return Err(Unanswerable::Mismatched(
            "each cohort needs a figure, and no more than the one before it",
        ));
    }
    let plain = |figure: &f64| (0.0..f64::INFINITY).contains(figure);
    if triangle.iter().any(|row| !row.iter().all(plain)) {
        return Err(Unanswerable::Invalid(
            "figures must be finite and 0 or more",
        ));
    }
    Ok(())
}

/// The growth from one age to the next.
struct Step {
    factor: f64,
    /// Σ Cᵢⱼ of the cohorts that grew older.
    base: f64,
    /// σ², unless a single cohort has grown this old.
    variance: Option<f64>,
}

impl Step {
    fn new(triangle: &[&[f64]], age: usize) -> Result<Self, Unanswerable> {
        let grown = || triangle.iter().filter(|row| row.len() > age);
        let pairs = || grown().map(|row| (row[age - 1], row[age]));
        let base: f64 = pairs().map(|(from, _)| from).sum();
        if base == 0.0 {
            return Err(Unanswerable::TooFew {
                what: "events",
                have: 0,
                need: 1,
            });
        }
        let factor = pairs().map(|(_, to)| to).sum::<f64>() / base;
        let started = pairs().filter(|(from, _)| *from > 0.0).count();
        let square = |(from, to): (f64, f64)| {
            let miss = if from > 0.0 { to / from - factor } else { 0.0 };
            from * miss * miss
        };
        let squares: f64 = pairs().map(square).sum();
        Ok(Self {
            factor,
            base,
            variance: (started > 1).then(|| squares / (started - 1) as f64),
        })
    }
}

/// Variances with Mack's guess where one cohort alone has grown: the pace of decline goes on, and
/// never above the two before.
fn extrapolated(steps: &[Step]) -> Vec<Option<f64>> {
    let mut variances: Vec<Option<f64>> = Vec::with_capacity(steps.len());
    for step in steps {
        let guess = match *variances.as_slice() {
            [.., Some(a), Some(b)] if a > 0.0 => Some((b * b / a).min(a).min(b)),
            [.., Some(a), Some(b)] => Some(a.min(b)),
            [.., only] => only,
            [] => None,
        };
        variances.push(step.variance.or(guess));
    }
    variances
}
