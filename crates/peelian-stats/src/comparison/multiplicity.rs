//! What many tests at once find by chance, kept within bounds.
//!
//! Answers "of the results called unusual, how many are false?". One unit in twenty lies outside
//! 95 % limits by chance; of 43 units and 100 measures that is 215. An adjusted p is the smallest
//! share of false findings at which its test would still be called a finding: calling all with an
//! adjusted p of 0.05 or less keeps the expected share of false ones at 5 %. Sources: Benjamini and
//! Hochberg, *Journal of the Royal Statistical Society* B 57 (1995) 289–300; Benjamini and
//! Yekutieli, *Annals of Statistics* 29 (2001) 1165–1188; Storey, *Journal of the Royal Statistical
//! Society* B 64 (2002) 479–498.
//!
//! **How it can mislead.** The share holds over all findings, not in each corner of them. It must
//! count every test that was looked at, not those picked to be shown. An adjusted p says nothing of
//! the size of a difference.

use crate::Unanswerable;

/// How p-values are adjusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Adjustment {
    /// Not at all.
    None,
    /// False discovery rate, the default.
    #[default]
    BenjaminiHochberg,
    /// False discovery rate under any dependence; about ln(n) times stricter.
    BenjaminiYekutieli,
    /// p times the number of tests.
    Bonferroni,
}

/// Adjusted p of each test, in the order given. `None` (no test) and what is no probability stay out
/// and come back as `None`, so that places of a list or a map keep their own.
pub fn adjusted(p: &[Option<f64>], adjustment: Adjustment) -> Vec<Option<f64>> {
    let mut adjusted: Vec<_> = p
        .iter()
        .map(|p| p.filter(|p| (0.0..=1.0).contains(p)))
        .collect();
    let tested: Vec<f64> = adjusted.iter().flatten().copied().collect();
    let Ok(all) = (match adjustment {
        Adjustment::None => return adjusted,
        Adjustment::BenjaminiHochberg => benjamini_hochberg(&tested),
        Adjustment::BenjaminiYekutieli => benjamini_yekutieli(&tested),
        Adjustment::Bonferroni => Ok(tested
            .iter()
            .map(|p| (p * tested.len() as f64).min(1.0))
            .collect()),
    }) else {
        // Without a test there is nothing to adjust.
        return adjusted;
    };
    for (place, p) in adjusted.iter_mut().flatten().zip(all) {
        *place = p;
    }
    adjusted
}

/// Adjusted p of each test by Benjamini and Hochberg, in the order given.
///
/// With the m p-values sorted, adjusted pᵢ = min over j ≥ i of m·pⱼ/j, at most 1. Holds where tests
/// are independent or push each other the same way; else use [`benjamini_yekutieli`]. Refuses no
/// tests and a p outside 0 to 1.
pub fn benjamini_hochberg(p: &[f64]) -> Result<Vec<f64>, Unanswerable> {
    stepped_up(p, 1.0)
}

/// Adjusted p of each test by Benjamini and Yekutieli, in the order given: those of
/// [`benjamini_hochberg`] times 1 + ½ + … + 1/m, at most 1.
///
/// Holds however the tests hang together, at the price of finding less. Refuses the same.
pub fn benjamini_yekutieli(p: &[f64]) -> Result<Vec<f64>, Unanswerable> {
    let harmonic = (1..=p.len()).rev().map(|rank| 1.0 / rank as f64).sum();
    stepped_up(p, harmonic)
}

/// Storey's q of each test, in the order given, and the share π₀ of tests with nothing to find.
#[derive(Clone, Debug, PartialEq)]
pub struct QValues {
    /// One a test: its adjusted p of Benjamini and Hochberg times π₀.
    pub q: Vec<f64>,
    /// π₀, above 0 and at most 1.
    pub nothing_to_find: f64,
}

/// Storey's q-values: [`benjamini_hochberg`] less strict by the share of tests that have something
/// to find.
///
/// π₀ = (1 + tests with p > λ)/(m·(1 − λ)), at most 1, with λ = `lambda`, usually 0.5: among large
/// p-values are only tests with nothing to find, and those are spread evenly. The 1 keeps π₀ above
/// 0 (Storey, Taylor and Siegmund 2004). It takes hundreds of tests. Refuses no tests, a p outside 0
/// to 1, and a `lambda` outside 0 to below 1.
pub fn storey(p: &[f64], lambda: f64) -> Result<QValues, Unanswerable> {
    if !(0.0..1.0).contains(&lambda) {
        return Err(Unanswerable::Invalid(
            "lambda must lie within 0 and below 1",
        ));
    }
    let adjusted = benjamini_hochberg(p)?;
    let large = p.iter().filter(|p| **p > lambda).count();
    let nothing_to_find = ((1 + large) as f64 / (p.len() as f64 * (1.0 - lambda))).min(1.0);
    let q = adjusted.iter().map(|p| p * nothing_to_find).collect();
    Ok(QValues { q, nothing_to_find })
}

fn stepped_up(p: &[f64], factor: f64) -> Result<Vec<f64>, Unanswerable> {
    if p.is_empty() {
        return Err(Unanswerable::TooFew {
            what: "tests",
            have: 0,
            need: 1,
        });
    }
    if !p.iter().all(|p| (0.0..=1.0).contains(p)) {
        return Err(Unanswerable::Invalid("a p-value must lie within 0 and 1"));
    }
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*b].total_cmp(&p[*a]));
    let tests = p.len() as f64;
    let mut adjusted = vec![1.0; p.len()];
    let mut smallest = 1.0_f64;
    for (larger, test) in order.into_iter().enumerate() {
        let rank = (p.len() - larger) as f64;
        smallest = smallest.min(p[test] * (factor * (tests / rank)));
        adjusted[test] = smallest;
    }
    Ok(adjusted)
}
