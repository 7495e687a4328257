//! Timings of the methods that build the comparison: synthetic control, synthetic difference in
//! differences, causal impact.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use peelian_stats::effect::synthetic_control::{self, Importance, Matching, Predictors};
use peelian_stats::effect::{causal_impact, synthetic_did};
use rand::{Rng, SeedableRng};
use rand_distr::StandardNormal;
use rand_xoshiro::Xoshiro256PlusPlus;

struct Random(Xoshiro256PlusPlus);

impl Random {
    fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    fn normal(&mut self) -> f64 {
        self.0.sample(StandardNormal)
    }
}

/// 18 units by 43 periods from three random walks, with two predictors that nearly tell the
/// loadings and the mean outcome of 15 periods as the third.
fn synthetic_control(c: &mut Criterion) {
    let mut random = Random::new(5);
    let mut factors = [[0.0; 3]; 43];
    let mut last = [0.0; 3];
    for row in &mut factors {
        for (here, last) in row.iter_mut().zip(&mut last) {
            *last += random.normal();
            *here = *last;
        }
    }
    let mut units = Vec::new();
    let mut predictors = Vec::new();
    for _ in 0..18 {
        let loadings: [f64; 3] = std::array::from_fn(|_| random.0.random_range(0.2..1.0));
        let outcome = factors.iter().map(|row| {
            let common: f64 = row.iter().zip(&loadings).map(|(f, l)| f * l).sum();
            common + 10.0 + 0.1 * random.normal()
        });
        let outcome: Vec<f64> = outcome.collect();
        let mean = outcome[..15].iter().sum::<f64>() / 15.0;
        let noisy = |value: f64, random: &mut Random| value + 0.01 * random.normal();
        let x1 = noisy(loadings[0], &mut random);
        let x2 = noisy(loadings[1], &mut random);
        predictors.push(vec![x1, x2, mean]);
        units.push(outcome);
    }
    let donors: Vec<&[f64]> = units[1..].iter().map(Vec::as_slice).collect();
    let panel = synthetic_control::Panel {
        treated: &units[0],
        donors: &donors,
        fit: 0..15,
        start: 15,
    };
    let searched = Matching::Predictors {
        predictors: Predictors {
            treated: predictors[0].clone(),
            donors: predictors[1..].to_vec(),
        },
        importance: Importance::Searched { seed: 1 },
    };
    c.bench_function("synth_fit", |b| {
        b.iter(|| synthetic_control::fit(black_box(&panel), &searched).unwrap());
    });
    c.bench_function("synth_fit_outcomes", |b| {
        b.iter(|| synthetic_control::fit(black_box(&panel), &Matching::Outcomes).unwrap());
    });
    c.bench_function("synth_placebos_17", |b| {
        b.iter(|| synthetic_control::placebos(black_box(&panel), &searched).unwrap());
    });
    c.bench_function("synth_placebos_17_outcomes", |b| {
        b.iter(|| synthetic_control::placebos(black_box(&panel), &Matching::Outcomes).unwrap());
    });
}

/// 39 units by 31 periods, one treated from the 20th on; and the same with three treated, where
/// every replication is another draw.
fn synthetic_did(c: &mut Criterion) {
    let mut random = Random::new(9);
    let unit = |unit: u32, random: &mut Random| -> Vec<f64> {
        let level = 80.0 + 0.2 * f64::from(unit);
        (1..=31)
            .map(|period| level - 0.5 * f64::from(period) + random.normal())
            .collect()
    };
    let units: Vec<Vec<f64>> = (1..=39).map(|one| unit(one, &mut random)).collect();
    let units: Vec<&[f64]> = units.iter().map(Vec::as_slice).collect();
    let panel = |treated: usize| synthetic_did::Panel {
        controls: &units[..39 - treated],
        treated: &units[39 - treated..],
        before: 19,
    };
    let method = synthetic_did::Method::SyntheticDid;
    c.bench_function("synthdid_fit", |b| {
        b.iter(|| synthetic_did::estimate(black_box(&panel(1)), method).unwrap());
    });
    c.bench_function("synthdid_placebo_200", |b| {
        b.iter(|| synthetic_did::placebo_error(black_box(&panel(1)), method, 200, 1).unwrap());
    });
    c.bench_function("synthdid_placebo_200_three_treated", |b| {
        b.iter(|| synthetic_did::placebo_error(black_box(&panel(3)), method, 200, 1).unwrap());
    });
}

/// One covariate, four fifths before, one chain of 1,000 draws after 500.
fn causal_impact(c: &mut Criterion) {
    for n in [120, 1_000] {
        let mut random = Random::new(6);
        let mut level = 100.0;
        let covariate: Vec<f64> = (0..n)
            .map(|_| {
                level += 0.3 * random.normal();
                level
            })
            .collect();
        let start = n * 4 / 5;
        let outcome = covariate.iter().enumerate().map(|(period, x)| {
            Some(1.2 * x + random.normal() + if period < start { 0.0 } else { 5.0 })
        });
        let outcome: Vec<Option<f64>> = outcome.collect();
        let covariates = [covariate.as_slice()];
        let series = causal_impact::Series {
            outcome: &outcome,
            covariates: &covariates,
            before: 0..start,
            after: start..n,
        };
        let settings = causal_impact::Settings {
            chains: 1,
            ..causal_impact::Settings::default()
        };
        c.bench_function(&format!("causal_impact_{n}"), |b| {
            b.iter(|| causal_impact::estimate(black_box(&series), &settings, 1).unwrap());
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = synthetic_control, synthetic_did, causal_impact
}
criterion_main!(benches);
