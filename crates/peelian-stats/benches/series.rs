//! Timings of `time`: decomposition and exponential smoothing.
#![allow(clippy::unwrap_used, missing_docs)]

use std::f64::consts::TAU;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use peelian_stats::time::ets::{self, automatic_many};
use peelian_stats::time::stl::{Settings, stl_many};
use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Monthly series with a level of 50 to 3,000, a season of 15 %, noise of 6 % and a slight trend.
fn months(count: usize, length: usize) -> Vec<Vec<f64>> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
    let normal = |random: &mut Xoshiro256PlusPlus| -> f64 { StandardNormal.sample(random) };
    (0..count)
        .map(|_| {
            let level = random.random_range(50.0..3000.0);
            let (phase, slope) = (random.random_range(0.0..6.0), 0.001 * normal(&mut random));
            let value = |t: usize| {
                let t = t as f64;
                let shape = 1.0 + 0.15 * (TAU * t / 12.0 + phase).sin() + slope * t;
                (level * shape + 0.06 * level * normal(&mut random)).max(1.0)
            };
            (0..length).map(value).collect()
        })
        .collect()
}

fn series(criterion: &mut Criterion) {
    let series = months(688, 180);
    for (name, settings) in [
        ("stl_688x180", Settings::new(12)),
        ("stl_robust_688x180", Settings::robust(12)),
    ] {
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| stl_many(black_box(&series), &settings));
        });
    }
    criterion.bench_function("autoets_688x180", |bencher| {
        bencher.iter(|| {
            let fitted = automatic_many(black_box(&series), 12, &ets::Settings::default());
            fitted
                .iter()
                .map(|one| {
                    one.as_ref()
                        .unwrap()
                        .forecast(12, &[0.95], 1)
                        .unwrap()
                        .len()
                })
                .sum::<usize>()
        });
    });
}

criterion_group!(name = benches; config = Criterion::default().sample_size(10); targets = series);
criterion_main!(benches);
