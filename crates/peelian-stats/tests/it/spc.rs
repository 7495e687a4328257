mod attribute;
mod choice;
mod false_alarm;
mod golden;
mod rare;
mod runs;
mod signal;
mod small_shift;
mod xmr;

use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// A source of random numbers of the test's own.
pub(crate) fn random(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

/// A stationary normal series, each value correlated with the one before.
fn normals(random: &mut impl Rng, n: usize, correlation: f64) -> Vec<f64> {
    let mut draw = || -> f64 { StandardNormal.sample(random) };
    let mut value = draw();
    let mut series = vec![value];
    series.extend((1..n).map(|_| {
        value = correlation * value + (1.0 - correlation * correlation).sqrt() * draw();
        value
    }));
    series
}

fn some(values: &[f64]) -> Vec<Option<f64>> {
    values.iter().copied().map(Some).collect()
}
