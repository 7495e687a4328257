//! Timings of `spc`.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use peelian_stats::spc::false_alarm::{Noise, false_alarms};
use peelian_stats::spc::signal::{Polarity, Signal, assurance, variation};
use peelian_stats::spc::xmr::{Assurance, Settings, xmr};
use rand::{Rng, SeedableRng};
use rand_distr::Normal;
use rayon::prelude::*;

const SERIES: usize = 10_000;
const MONTHS: usize = 36;

fn series() -> Vec<Vec<Option<f64>>> {
    let mut random = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(1);
    let normal = Normal::new(100.0, 10.0).unwrap();
    let mut one = || (0..MONTHS).map(|_| Some(random.sample(normal))).collect();
    (0..SERIES).map(|_| one()).collect()
}

/// Limits, the type of every point and both icons.
fn chart(values: &[Option<f64>]) -> (usize, Signal, Option<Assurance>) {
    let chart = xmr(values, &[], None, &Settings::default());
    let polarity = Polarity::HigherIsBetter;
    let types = chart
        .points
        .iter()
        .flatten()
        .map(|point| variation(point.special, polarity));
    let special = types.filter(|&t| t != Signal::CommonCause).count();
    let latest = chart.latest().and_then(|point| point.special);
    let limits = chart.segments.last().unwrap();
    (
        special,
        variation(latest, polarity),
        assurance(limits, Some(95.0), polarity),
    )
}

fn xmr_page(criterion: &mut Criterion) {
    let series = series();
    criterion.bench_function("xmr_10000x36", |bench| {
        bench.iter(|| {
            for values in &series {
                black_box(chart(black_box(values)));
            }
        });
    });
    criterion.bench_function("xmr_10000x36_all_threads", |bench| {
        bench.iter(|| {
            let charts = series.par_iter().map(|values| chart(values));
            black_box(charts.collect::<Vec<_>>())
        });
    });
}

fn false_alarm(criterion: &mut Criterion) {
    criterion.bench_function("false_alarm_36", |bench| {
        bench.iter(|| false_alarms(36, &Settings::default(), black_box(&Noise::default())));
    });
}

criterion_group!(benches, xmr_page, false_alarm);
criterion_main!(benches);
