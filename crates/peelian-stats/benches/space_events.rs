//! Timings of `space`: near repeat and scans.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use peelian_stats::space::near_repeat::{Distance, Event, near_repeat};
use peelian_stats::space::scan::{Baselines, nearest_zones, scan};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Events on a square of ten kilometres, over a year of whole days.
fn events(count: usize) -> Vec<Event> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
    (0..count)
        .map(|_| Event {
            x: random.random_range(0.0..10_000.0),
            y: random.random_range(0.0..10_000.0),
            time: f64::from(random.random_range(0..365_u16)),
        })
        .collect()
}

fn space(criterion: &mut Criterion) {
    let (near, soon) = (
        [0.0, 0.001, 100.0, 200.0, 300.0, 400.0],
        [0.0, 4.0, 7.0, 14.0, 28.0],
    );
    for (name, count) in [("near_repeat_2000", 2000), ("near_repeat_20000", 20_000)] {
        let events = events(count);
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| {
                near_repeat(
                    black_box(&events),
                    &near,
                    &soon,
                    Distance::Euclidean,
                    999,
                    1,
                )
            });
        });
    }

    let points: Vec<_> = events(200).iter().map(|event| (event.x, event.y)).collect();
    let zones = nearest_zones(&points, 20).unwrap();
    let rows = vec![vec![5.0; points.len()]; 12];
    criterion.bench_function("scan_200x12", |bencher| {
        bencher.iter(|| {
            scan(
                black_box(&rows),
                &rows,
                &zones,
                6,
                Baselines::Expected,
                999,
                1,
            )
        });
    });
}

criterion_group!(name = benches; config = Criterion::default().sample_size(10); targets = space);
criterion_main!(benches);
