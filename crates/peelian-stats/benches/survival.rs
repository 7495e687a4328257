//! Timings of `survival`: cases in whole days, t = ⌈Weibull(shape 0.8, scale 60)⌉, ended by one of
//! two causes or still open, each a third of them.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use peelian_stats::survival::Cases;
use peelian_stats::survival::competing::aalen_johansen;
use peelian_stats::survival::cox::{Settings as CoxSettings, cox};
use peelian_stats::survival::gray::gray_test;
use peelian_stats::survival::kaplan_meier::{Settings, kaplan_meier};
use peelian_stats::survival::log_rank::{Weight, log_rank};
use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, StandardNormal, Weibull};
use rand_xoshiro::Xoshiro256PlusPlus;

struct Data {
    days: Vec<f64>,
    causes: Vec<u8>,
    ended: Vec<bool>,
}

fn data(cases: usize, rng: &mut Xoshiro256PlusPlus) -> Data {
    let weibull = Weibull::new(60.0, 0.8).unwrap();
    let days = (0..cases).map(|_| f64::ceil(weibull.sample(rng))).collect();
    let causes: Vec<u8> = (0..cases).map(|_| rng.random_range(0..3)).collect();
    let ended = causes.iter().map(|&cause| cause > 0).collect();
    Data {
        days,
        causes,
        ended,
    }
}

fn curves(criterion: &mut Criterion) {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
    let Data {
        days,
        causes,
        ended,
    } = data(1_000_000, &mut rng);
    let groups: Vec<usize> = days.iter().map(|_| rng.random_range(0..43)).collect();
    let cases = Cases::new(&days, &ended);
    criterion.bench_function("km_1m", |b| {
        b.iter(|| kaplan_meier(black_box(cases), &Settings::default()).unwrap());
    });
    criterion.bench_function("logrank_1m_43", |b| {
        b.iter(|| log_rank(black_box(cases), &groups, Weight::LogRank).unwrap());
    });
    criterion.bench_function("aalen_johansen_1m", |b| {
        b.iter(|| aalen_johansen(black_box(&days), &causes, 0.95).unwrap());
    });
}

fn regressions(criterion: &mut Criterion) {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(8);
    let Data { days, ended, .. } = data(200_000, &mut rng);
    let a: Vec<f64> = days.iter().map(|_| rng.sample(StandardNormal)).collect();
    let b: Vec<f64> = days
        .iter()
        .map(|_| f64::from(rng.random_range(0..2)))
        .collect();
    let cases = Cases::new(&days, &ended);
    criterion.bench_function("cox_200k", |bench| {
        bench.iter(|| cox(black_box(cases), &[&a, &b], &CoxSettings::default()).unwrap());
    });
    let Data { days, causes, .. } = data(20_000, &mut rng);
    let groups: Vec<usize> = days.iter().map(|_| rng.random_range(0..3)).collect();
    criterion.bench_function("gray_20k", |b| {
        b.iter(|| gray_test(black_box(&days), &causes, 1, &groups).unwrap());
    });
}

criterion_group!(
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = curves, regressions
);
criterion_main!(benches);
