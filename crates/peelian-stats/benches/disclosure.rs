//! Timings of `disclosure`.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use peelian_stats::disclosure::attack::attack;
use peelian_stats::disclosure::protect::protect;
use peelian_stats::disclosure::rules::Rules;
use peelian_stats::disclosure::table::{Dimension, Table};
use rand::SeedableRng;
use rand_distr::{Distribution, Gamma, Poisson};
use rand_xoshiro::Xoshiro256PlusPlus;

/// 43 areas by 20 kinds with margins: counts as uneven as crime by kind, a quarter of them small.
fn table() -> Table {
    let mut stream = Xoshiro256PlusPlus::seed_from_u64(20);
    let spread = Gamma::new(0.8, 1.25).unwrap();
    let areas: Vec<f64> = (0..43).map(|_| 0.2 + spread.sample(&mut stream)).collect();
    let kinds: Vec<f64> = (0..20).map(|_| 60.0 * spread.sample(&mut stream)).collect();
    let counts: Vec<u64> = areas
        .iter()
        .flat_map(|area| kinds.iter().map(move |kind| area * kind))
        .map(|mean| Poisson::new(mean + 0.1).unwrap().sample(&mut stream) as u64)
        .collect();
    Table::cross(&counts, &[Dimension::flat(43), Dimension::flat(20)]).unwrap()
}

fn benches(c: &mut Criterion) {
    let table = table();
    let rules = Rules::default();
    let exact = Rules { base: 1, ..rules };
    let protected = protect(&table, &rules).unwrap();
    let unrounded = protect(&table, &exact).unwrap();
    c.bench_function("disclosure_protect_43x20", |b| {
        b.iter(|| protect(black_box(&table), &rules).unwrap());
    });
    c.bench_function("disclosure_protect_43x20_unrounded", |b| {
        b.iter(|| protect(black_box(&table), &exact).unwrap());
    });
    c.bench_function("disclosure_attack_43x20", |b| {
        b.iter(|| attack(black_box(protected.published())).unwrap());
    });
    c.bench_function("disclosure_attack_43x20_unrounded", |b| {
        b.iter(|| attack(black_box(unrounded.published())).unwrap());
    });
}

criterion_group! {
    name = disclosure;
    config = Criterion::default().sample_size(10);
    targets = benches
}
criterion_main!(disclosure);
