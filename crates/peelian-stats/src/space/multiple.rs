//! Many tests at once: p-values adjusted for how many there are.
//!
//! Answers "of the areas that stand out, how many would by chance?". A map of 10,000 areas without
//! any pattern shows about 500 "significant" ones at 0.05. Sources: Benjamini and Hochberg,
//! *Journal of the Royal Statistical Society B* 57 (1995) 289–300 (share of false finds among the
//! finds, for tests that are independent or go together, as neighbours' do); Benjamini and
//! Yekutieli, *Annals of Statistics* 29 (2001) 1165–1188 (the same under any dependence);
//! Bonferroni (chance of a single false find).
//!
//! **How it can mislead.** An adjusted value speaks of the whole list, so it changes when areas are
//! added. A share of false finds of 5 % means that 1 hot spot in 20 is none. Where every p-value
//! comes from few permutations the smallest possible one may be too large for anything to be found.

use std::f64::consts::FRAC_1_SQRT_2;

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

/// Adjusted p-values, in place and order; `None` (no test) and what is no probability stay out and
/// come back as `None`.
pub fn adjusted(p: &[Option<f64>], adjustment: Adjustment) -> Vec<Option<f64>> {
    let tested = |p: &Option<f64>| p.filter(|p| (0.0..=1.0).contains(p));
    let mut sorted: Vec<(f64, usize)> = p
        .iter()
        .enumerate()
        .filter_map(|(place, p)| tested(p).map(|p| (p, place)))
        .collect();
    let tests = sorted.len();
    let mut all = vec![None; p.len()];
    let factor = match adjustment {
        Adjustment::None => {
            return p.iter().map(tested).collect();
        }
        Adjustment::Bonferroni => {
            let times = |p: f64| (p * tests as f64).min(1.0);
            return p.iter().map(|p| tested(p).map(times)).collect();
        }
        Adjustment::BenjaminiHochberg => 1.0,
        Adjustment::BenjaminiYekutieli => (1..=tests).map(|k| 1.0 / k as f64).sum(),
    };
    sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut least = 1.0_f64;
    for (rank, (p, place)) in sorted.into_iter().enumerate().rev() {
        least = least.min(p * factor * (tests as f64 / (rank + 1) as f64));
        all[place] = Some(least);
    }
    all
}

/// Probability that a standard normal is further from 0 than `z`.
pub(super) fn two_sided(z: f64) -> f64 {
    libm::erfc(z.abs() * FRAC_1_SQRT_2)
}
