//! Timings of `queue`.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use peelian_stats::queue::erlang::Traffic;
use peelian_stats::queue::simulation::{
    Distribution, Group, Line, Scenario, Schedule, Settings, run, run_once,
};
use peelian_stats::queue::staffing::{Goal, positions};

/// Calls by quarter-hour over three weeks; minutes.
fn quarter_hours() -> Vec<Traffic> {
    (0..2016)
        .map(|i| Traffic {
            arrivals: f64::from(5 + i * 37 % 90) / 15.0,
            handling_time: 7.0,
        })
        .collect()
}

const GOAL: Goal = Goal {
    service_level: 0.9,
    within: 10.0 / 60.0,
    max_abandonment: 1.0,
    max_mean_wait: f64::INFINITY,
    max_occupancy: 0.95,
};

fn staffing(c: &mut Criterion) {
    let traffic = quarter_hours();
    let all = |patience: Option<f64>| {
        let wanted = |&traffic| positions(traffic, patience, &GOAL).unwrap().positions;
        traffic.iter().map(wanted).sum::<u32>()
    };
    c.bench_function("erlang_c_2016", |b| b.iter(|| black_box(all(None))));
    c.bench_function("erlang_a_2016", |b| b.iter(|| black_box(all(Some(4.0)))));
}

/// A year of minutes of a line with some 600,000 calls.
fn year() -> Scenario {
    let line = Line {
        patience: Some(Distribution::Exponential { mean: 4.0 }),
        target: 1.0,
        ..Line::new(
            Schedule::steady(600_000.0 / 525_600.0),
            Distribution::Exponential { mean: 7.0 },
        )
    };
    Scenario {
        lines: vec![line],
        groups: vec![Group {
            servers: Schedule::steady(10),
            lines: vec![0],
        }],
        horizon: 525_600.0,
        warm_up: 0.0,
        report_every: None,
    }
}

fn simulation(c: &mut Criterion) {
    let year = year();
    c.bench_function("line_year", |b| {
        b.iter(|| run_once(black_box(&year), 1, 0).unwrap());
    });
    let settings = Settings {
        replications: 100,
        ..Settings::default()
    };
    c.bench_function("line_year_100", |b| {
        b.iter(|| run(black_box(&year), &settings).unwrap());
    });
}

criterion_group!(formulas, staffing);
criterion_group! {
    name = simulations;
    config = Criterion::default().sample_size(10);
    targets = simulation
}
criterion_main!(formulas, simulations);
