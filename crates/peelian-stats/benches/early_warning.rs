//! Timings of `time`: early warning and change points.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use peelian_stats::time::farrington::{Settings, farrington_many};
use rand::SeedableRng;
use rand_distr::{Distribution, Gamma, Poisson};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Weekly counts with mean 12 and the variance of a negative binomial of size 8.
fn weekly_counts(series: usize, weeks: usize) -> Vec<Vec<Option<f64>>> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(6);
    let level = Gamma::new(8.0, 12.0 / 8.0).unwrap();
    let mut count = || {
        let mean: f64 = level.sample(&mut random);
        Some(Poisson::new(mean).unwrap().sample(&mut random))
    };
    (0..series)
        .map(|_| (0..weeks).map(|_| count()).collect())
        .collect()
}

fn early_warning(criterion: &mut Criterion) {
    let series = weekly_counts(688, 364);
    let settings = Settings::default();
    criterion.bench_function("farrington_688x52", |bencher| {
        bencher.iter(|| farrington_many(black_box(&series), &(312..364), &settings));
    });
}

criterion_group!(name = benches; config = Criterion::default().sample_size(10); targets = early_warning);
criterion_main!(benches);
