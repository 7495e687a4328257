//! Timings of difference in differences and interrupted series.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use peelian_stats::effect::did::{Panel, Resampling, Settings, two_way, wild_bootstrap};
use peelian_stats::effect::segmented::{self, continuous};
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

const UNITS: usize = 2_000;
const TIMES: usize = 60;

/// 2,000 areas of 60 months, the first 400 treated from month 36 on.
struct Rows {
    unit: Vec<usize>,
    time: Vec<usize>,
    treatment: Vec<f64>,
    outcome: Vec<f64>,
}

fn rows() -> Rows {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(9);
    let unit: Vec<_> = (0..UNITS * TIMES).map(|row| row / TIMES).collect();
    let time: Vec<_> = (0..UNITS * TIMES).map(|row| row % TIMES).collect();
    let treated = |(u, t): (&usize, &usize)| f64::from(u8::from(*u < 400 && *t >= 36));
    let treatment: Vec<_> = unit.iter().zip(&time).map(treated).collect();
    let outcome = (0..UNITS * TIMES)
        .map(|row| {
            let noise: f64 = StandardNormal.sample(&mut random);
            noise + (unit[row] % 7) as f64 + time[row] as f64 * 0.1 - 0.3 * treatment[row]
        })
        .collect();
    Rows {
        unit,
        time,
        treatment,
        outcome,
    }
}

fn difference_in_differences(c: &mut Criterion) {
    let rows = rows();
    let panel = Panel {
        unit: &rows.unit,
        time: &rows.time,
        outcome: &rows.outcome,
        cluster: None,
    };
    let settings = Settings::default();
    c.bench_function("did_twfe_120k", |b| {
        b.iter(|| two_way(black_box(&panel), black_box(&rows.treatment), &settings).unwrap());
    });

    // The same with every fiftieth row missing, so that means do not suffice.
    let keep: Vec<_> = (0..UNITS * TIMES).filter(|row| row % 50 != 7).collect();
    let unit: Vec<_> = keep.iter().map(|&row| rows.unit[row]).collect();
    let time: Vec<_> = keep.iter().map(|&row| rows.time[row]).collect();
    let outcome: Vec<_> = keep.iter().map(|&row| rows.outcome[row]).collect();
    let treatment: Vec<_> = keep.iter().map(|&row| rows.treatment[row]).collect();
    let gaps = Panel {
        unit: &unit,
        time: &time,
        outcome: &outcome,
        cluster: None,
    };
    let mut group = c.benchmark_group("slow");
    group.sample_size(10);
    group.bench_function("did_twfe_118k_with_gaps", |b| {
        b.iter(|| two_way(black_box(&gaps), black_box(&treatment), &settings).unwrap());
    });
    let few = 30 * TIMES;
    let small = Panel {
        unit: &rows.unit[..few],
        time: &rows.time[..few],
        outcome: &rows.outcome[..few],
        cluster: None,
    };
    let treatment: Vec<_> = (0..few)
        .map(|row| f64::from(u8::from(row / TIMES < 10 && row % TIMES >= 36)))
        .collect();
    group.bench_function("did_wild_bootstrap_30_clusters_999", |b| {
        b.iter(|| wild_bootstrap(&small, &treatment, 0.95, Resampling::default()).unwrap());
    });
    group.finish();
}

fn interrupted_series(c: &mut Criterion) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    let values: Vec<Option<f64>> = (0..84)
        .map(|t| {
            let noise: f64 = StandardNormal.sample(&mut random);
            Some(120.0 + 0.3 * f64::from(t) + 4.0 * noise)
        })
        .collect();
    let settings = segmented::Settings::default();
    c.bench_function("its_84_months_4_lags", |b| {
        b.iter(|| continuous(black_box(&values), 60, &settings).unwrap());
    });
}

criterion_group!(benches, difference_in_differences, interrupted_series);
criterion_main!(benches);
