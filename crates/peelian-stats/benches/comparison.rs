//! Timings of `comparison`: 1,000 funnels of 43 units with both limits at every unit, rates of
//! 10,000 areas with Byar's limits, and the bootstrapped interval of a median.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use peelian_stats::comparison::bootstrap::{self, median};
use peelian_stats::comparison::funnel::{Kind, Settings, Unit, Z95, Z998, funnel};
use peelian_stats::comparison::interval::rate;
use rand::SeedableRng;
use rand_distr::{Distribution, LogNormal, Poisson};
use rand_xoshiro::Xoshiro256PlusPlus;

fn funnels(c: &mut Criterion) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(2);
    let sizes = LogNormal::new(6.0, 0.8).unwrap();
    let measures: Vec<Vec<Unit>> = (0..1000)
        .map(|_| {
            let unit = |random: &mut Xoshiro256PlusPlus| {
                let expected = sizes.sample(random);
                Unit {
                    numerator: Poisson::new(expected).unwrap().sample(random),
                    denominator: expected,
                }
            };
            (0..43).map(|_| unit(&mut random)).collect()
        })
        .collect();
    c.bench_function("funnel_43x1000", |bench| {
        bench.iter(|| {
            for units in &measures {
                let settings = Settings::default();
                let funnel = funnel(units, Kind::StandardisedRatio, &settings).unwrap();
                for point in &funnel.points {
                    black_box(funnel.limits_at(point.denominator, Z95));
                    black_box(funnel.limits_at(point.denominator, Z998));
                }
                black_box(funnel);
            }
        });
    });
}

fn rates(c: &mut Criterion) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(2);
    let counts: Vec<f64> = Poisson::new(50.0)
        .unwrap()
        .sample_iter(&mut random)
        .take(10_000)
        .collect();
    c.bench_function("byar_10000", |bench| {
        bench.iter(|| {
            for count in &counts {
                black_box(rate(*count, 5000.0, 100_000.0, 0.95).unwrap());
            }
        });
    });
}

fn medians(c: &mut Criterion) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
    let waits: Vec<f64> = LogNormal::new(2.0, 1.0)
        .unwrap()
        .sample_iter(&mut random)
        .take(1_000)
        .collect();
    let settings = bootstrap::Settings::default();
    c.bench_function("bca_median", |bench| {
        bench.iter(|| black_box(median(&waits, &settings).unwrap()));
    });
}

criterion_group!(benches, funnels, rates, medians);
criterion_main!(benches);
