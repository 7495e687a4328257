use peelian_stats::Unanswerable;
use peelian_stats::space::scan::{Baselines, nearest_zones, scan};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Distribution, Poisson};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::goldens::{Within, run};

#[test]
fn clusters_are_those_of_scanstatistics() {
    for case in run("scan_poisson") {
        case.matches_json(
            "expected.json",
            &[
                ("/MLC_areas", Within::Exact),
                ("/duration", Within::Exact),
                ("/score", Within::Relative(1e-8)),
                ("/relative_risk", Within::Relative(1e-8)),
                ("/p_mc", Within::Draws(999.0)),
                ("/n_zones", Within::Exact),
            ],
        );
        case.matches(
            "expected_top15.csv",
            &[
                ("duration", Within::Exact),
                ("score", Within::Relative(1e-8)),
                ("relrisk", Within::Relative(1e-8)),
                ("zone_areas", Within::Exact),
            ],
        );
    }
}

type Points = Vec<(f64, f64)>;
type Rows = Vec<Vec<f64>>;

/// A 4 × 4 lattice over ten periods: its points, counts and baselines.
fn quiet(seed: u64) -> (Points, Rows, Rows) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let points = (0..16)
        .map(|i| (f64::from(i % 4), f64::from(i / 4)))
        .collect();
    let mut count = || Poisson::new(5.0).unwrap().sample(&mut random);
    let counts = (0..10)
        .map(|_| (0..16).map(|_| count()).collect())
        .collect();
    (points, counts, vec![vec![5.0; 16]; 10])
}

#[test]
fn a_cluster_of_late_is_found_with_either_kind_of_baseline() {
    let (points, mut counts, baselines) = quiet(1);
    for row in &mut counts[7..] {
        row[5] += 8.0;
        row[6] += 8.0;
    }
    let zones = nearest_zones(&points, 5).unwrap();
    for kind in [Baselines::Expected, Baselines::Shares] {
        let best = scan(&counts, &baselines, &zones, 6, kind, 199, 1)
            .unwrap()
            .swap_remove(0);
        assert!(zones[best.zone].windows(2).any(|pair| pair == [5, 6]));
        assert_eq!((best.duration, best.p), (3, 0.005));
    }
}

#[test]
fn quiet_data_are_marked_about_as_often_as_the_level() {
    for kind in [Baselines::Expected, Baselines::Shares] {
        let marked = (0..100)
            .filter(|&seed| {
                let (points, counts, baselines) = quiet(50 + seed);
                let zones = nearest_zones(&points, 4).unwrap();
                let clusters = scan(&counts, &baselines, &zones, 4, kind, 49, seed).unwrap();
                clusters.first().is_some_and(|best| best.p <= 0.1)
            })
            .count();
        assert!((2..=22).contains(&marked), "{marked} of 100");
    }
}

#[test]
fn only_shares_of_the_baselines_count_where_so_asked() {
    let (points, counts, baselines) = quiet(3);
    let zones = nearest_zones(&points, 3).unwrap();
    let doubled: Vec<Vec<f64>> = baselines
        .iter()
        .map(|row| row.iter().map(|b| b * 2.0).collect())
        .collect();
    let run =
        |baselines: &[Vec<f64>], kind| scan(&counts, baselines, &zones, 3, kind, 9, 1).unwrap();
    assert_eq!(
        run(&baselines, Baselines::Shares),
        run(&doubled, Baselines::Shares)
    );
    let fewer = run(&doubled, Baselines::Expected).len();
    assert!(fewer < run(&baselines, Baselines::Expected).len());
}

#[test]
fn zones_hold_each_set_once_and_nothing_larger_than_asked() {
    let zones = nearest_zones(&[(0.0, 0.0), (1.0, 0.0), (10.0, 0.0)], 2).unwrap();
    assert_eq!(zones, [vec![0], vec![0, 1], vec![1], vec![1, 2], vec![2]]);
    assert!(nearest_zones(&[(f64::NAN, 0.0)], 2).is_err());
}

#[test]
fn what_cannot_be_scanned_is_refused_with_the_reason() {
    let refusal = |counts: &[Vec<f64>], baselines: &[Vec<f64>], zones: &[Vec<usize>], longest| {
        scan(counts, baselines, zones, longest, Baselines::Expected, 9, 1).unwrap_err()
    };
    let (one, zone) = (vec![vec![1.0]], vec![vec![0]]);
    assert!(matches!(
        refusal(&[], &[], &zone, 1),
        Unanswerable::TooFew { .. }
    ));
    assert!(matches!(
        refusal(&one, &one, &zone, 0),
        Unanswerable::TooFew { .. }
    ));
    assert!(matches!(
        refusal(&one, &[vec![1.0, 2.0]], &zone, 1),
        Unanswerable::Mismatched(_)
    ));
    assert!(matches!(
        refusal(&one, &one, &[vec![1]], 1),
        Unanswerable::Mismatched(_)
    ));
    assert!(matches!(
        refusal(&[vec![0.5]], &one, &zone, 1),
        Unanswerable::Invalid(_)
    ));
    assert!(matches!(
        refusal(&one, &[vec![0.0]], &zone, 1),
        Unanswerable::Invalid(_)
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_counts_panic(
        rows in prop::collection::vec(prop::collection::vec(prop_oneof![prop::num::f64::ANY, (0_u8..9).prop_map(f64::from)], 3), 0..5),
        baseline in prop::num::f64::ANY, longest in 0_usize..9,
    ) {
        let zones = vec![vec![0], vec![0, 1], vec![2]];
        for kind in [Baselines::Expected, Baselines::Shares] {
            let _ = scan(&rows, &vec![vec![baseline; 3]; rows.len()], &zones, longest, kind, 9, 1);
            let _ = scan(&rows, &vec![vec![1.0; 3]; rows.len()], &zones, longest, kind, 9, 1);
        }
    }
}
