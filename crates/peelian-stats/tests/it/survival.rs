mod competing;
mod cox;
mod curves;
mod fine_gray;
mod fuzz;
mod golden;
mod log_rank;
mod maturity;
mod restricted_mean;

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

pub(crate) type Random = Xoshiro256PlusPlus;

pub(crate) fn random(seed: u64) -> Random {
    Random::seed_from_u64(seed)
}

/// A wait with this constant hazard.
pub(crate) fn wait(random: &mut Random, hazard: f64) -> f64 {
    -(1.0 - random.random::<f64>()).ln() / hazard
}

/// Weeks in remission of 42 patients, 21 on 6-mercaptopurine (group 0) and 21 on placebo: Freireich
/// and others, *Blood* 21 (1963) 699–716, the standard example since Cox (1972).
pub(crate) struct Remission {
    pub(crate) weeks: Vec<f64>,
    pub(crate) ended: Vec<bool>,
    pub(crate) group: Vec<usize>,
}

pub(crate) fn remission() -> Remission {
    let treated = [
        6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35,
    ];
    let ended = [
        1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0,
    ];
    let placebo = [
        1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23,
    ];
    Remission {
        weeks: treated.into_iter().chain(placebo).map(f64::from).collect(),
        ended: ended.into_iter().chain([1; 21]).map(|e| e == 1).collect(),
        group: (0..42).map(|case| usize::from(case >= 21)).collect(),
    }
}

#[track_caller]
pub(crate) fn near(ours: f64, expected: f64, within: f64) {
    assert!(
        (ours - expected).abs() <= within,
        "ours {ours}, expected {expected}"
    );
}
