//! Timings of local G, local Moran and kernel density, on the workloads of `peer-timings`.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use peelian_stats::comparison::multiplicity::Adjustment;
use peelian_stats::space::density::window::Window;
use peelian_stats::space::density::{Edge, Grid, Kernel, Settings as Density, on_grid};
use peelian_stats::space::local_g::{
    Permutations, Settings, exact_local_g, local_g, permuted_local_g,
};
use peelian_stats::space::moran::permuted_local_moran;
use peelian_stats::space::weights::Weights;
use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, Gamma, Normal, Poisson};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Areas of the workload.
const AREAS: usize = 35_672;

fn random(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

/// Points over 500 km and negative binomial counts (size 1.2, p 0.05).
fn areas() -> (Vec<[f64; 2]>, Vec<f64>) {
    let mut random = random(1);
    let rate = Gamma::new(1.2, 19.0).unwrap();
    (0..AREAS)
        .map(|_| {
            let place = [
                random.random_range(0.0..500_000.0),
                random.random_range(0.0..500_000.0),
            ];
            let mean: f64 = rate.sample(&mut random);
            let count = Poisson::new(mean.max(1e-9)).unwrap().sample(&mut random);
            (place, count)
        })
        .unzip()
}

/// Eight round heaps of 12,500 points over 20 km.
fn events() -> Vec<[f64; 2]> {
    let mut random = random(2);
    let spread = Normal::new(0.0, 900.0).unwrap();
    let mut events = Vec::with_capacity(100_000);
    for heap in 0..8 {
        let centre = [
            2_500.0 + 5_000.0 * f64::from(heap / 2),
            3_000.0 + 4_000.0 * f64::from(heap % 2),
        ];
        for _ in 0..12_500 {
            events.push(centre.map(|x| x + spread.sample(&mut random)));
        }
    }
    events
}

fn clustering(criterion: &mut Criterion) {
    let (points, counts) = areas();
    let knn = Weights::nearest(&points, 8).unwrap();
    let settings = Settings::default();
    criterion.bench_function("weights_knn8_35672", |bencher| {
        bencher.iter(|| Weights::nearest(black_box(&points), 8).unwrap());
    });
    criterion.bench_function("gistar_analytic_35672", |bencher| {
        bencher.iter(|| local_g(black_box(&counts), &knn, &settings).unwrap());
    });
}

fn permutations(criterion: &mut Criterion) {
    let (points, counts) = areas();
    let knn = Weights::nearest(&points, 8).unwrap();
    let rows = knn.clone().row_standardised();
    let inverse = Weights::inverse_distance(&points, 4_500.0, 1.0, 1.0).unwrap();
    let settings = Settings::default();
    let draws = Permutations::default();
    let early = Permutations {
        stop_early: true,
        ..draws
    };
    for (name, weights, draws) in [
        ("gistar_9999", &knn, &draws),
        ("gistar_9999_early", &knn, &early),
        ("gistar_9999_unequal_weights", &inverse, &draws),
        ("gistar_9999_unequal_weights_early", &inverse, &early),
    ] {
        criterion.bench_function(name, |bencher| {
            bencher
                .iter(|| permuted_local_g(black_box(&counts), weights, &settings, draws).unwrap());
        });
    }
    criterion.bench_function("gistar_exact_35672", |bencher| {
        bencher.iter(|| exact_local_g(black_box(&counts), &knn, &settings).unwrap());
    });
    criterion.bench_function("moran_local_9999", |bencher| {
        bencher.iter(|| {
            let fdr = Adjustment::default();
            permuted_local_moran(black_box(&counts), &rows, fdr, 0.05, &draws).unwrap()
        });
    });
}

fn density(criterion: &mut Criterion) {
    let events = events();
    let side = 20_000.0;
    let grid = Grid {
        corner: [0.0, 0.0],
        cell: side / 1_000.0,
        columns: 1_000,
        rows: 1_000,
    };
    let window = Window::rectangle([0.0, 0.0], [side, side]).unwrap();
    let inside: Vec<_> = events
        .iter()
        .copied()
        .filter(|event| window.contains(*event))
        .collect();
    let plain = Density::new(Kernel::Quartic, 300.0);
    criterion.bench_function("kde_100k_1000x1000", |bencher| {
        bencher.iter(|| on_grid(black_box(&events), None, &grid, &plain).unwrap());
    });
    for (name, edge) in [
        ("kde_100k_1000x1000_uniform_edge", Edge::Uniform(&window)),
        ("kde_100k_1000x1000_diggle_edge", Edge::Diggle(&window)),
    ] {
        let settings = Density { edge, ..plain };
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| on_grid(black_box(&inside), None, &grid, &settings).unwrap());
        });
    }
    let gaussian = Density::new(Kernel::GaussianCut(4.0), 100.0);
    criterion.bench_function("kde_100k_1000x1000_gaussian_cut_4", |bencher| {
        bencher.iter(|| on_grid(black_box(&events), None, &grid, &gaussian).unwrap());
    });
}

criterion_group!(benches, clustering);
criterion_group! {
    name = slow;
    config = Criterion::default().sample_size(10);
    targets = permutations, density
}
criterion_main!(benches, slow);
