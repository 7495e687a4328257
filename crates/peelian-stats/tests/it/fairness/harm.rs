use peelian_stats::Unanswerable;
use peelian_stats::fairness::harm::{bootstrap, change, harm};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Distribution, Poisson};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::round;

/// Two of a very bad kind, forty bad, three hundred slight; the weights are made up.
const COUNTS: [f64; 3] = [2.0, 40.0, 300.0];
const WEIGHTS: [f64; 3] = [5475.0, 365.0, 10.0];

#[test]
fn the_harm_worked_by_hand() {
    // The example of docs/methods/harm-weighting.md.
    let ours = harm(&COUNTS, &WEIGHTS, 0.95).unwrap();
    assert_eq!(ours.total, 28_550.0);
    assert_eq!(round(ours.standard_error, 1), 8081.5);
    assert_eq!(round(ours.normal.lower, 0), 12_711.0);
    assert_eq!(round(ours.normal.upper, 0), 44_389.0);
    assert_eq!(round(ours.gamma.lower, 0), 14_974.0);
    assert_eq!(round(ours.gamma.upper, 0), 55_658.0);
    let order: Vec<_> = ours.contributions.iter().map(|own| own.kind).collect();
    assert_eq!(order, [1, 0, 2]);
    assert_eq!(round(ours.share_of_top(1), 3), 0.511);
    assert_eq!(round(ours.share_of_top(2), 3), 0.895);
    assert_eq!(round(ours.share_of_top(9), 12), 1.0);
    let rate = ours.per(95_000.0, 1000.0).unwrap();
    assert_eq!(round(rate.total, 1), 300.5);
    assert_eq!(round(rate.gamma.upper, 1), 585.9);
    assert_eq!(rate.share_of_top(1), ours.share_of_top(1));
}

#[test]
fn with_one_weight_for_all_the_gamma_interval_is_the_exact_poisson_one() {
    let ours = harm(&[4.0, 6.0], &[2.0, 2.0], 0.95).unwrap();
    assert_eq!(round(ours.gamma.lower / 2.0, 4), 4.7954);
    assert_eq!(round(ours.gamma.upper / 2.0, 4), 18.3904);
}

#[test]
fn nothing_seen_still_leaves_the_heaviest_kind_open() {
    let ours = harm(&[0.0, 0.0], &[100.0, 1.0], 0.95).unwrap();
    assert_eq!((ours.total, ours.standard_error), (0.0, 0.0));
    assert_eq!(ours.gamma.lower, 0.0);
    // −ln 0.025 events of the heaviest kind.
    assert_eq!(round(ours.gamma.upper, 2), 368.89);
    assert_eq!(ours.share_of_top(1), 0.0);
    assert!(ours.contributions.is_empty());
}

#[test]
fn a_rare_heavy_kind_fools_the_normal_interval_and_not_the_gamma_one() {
    // Half an event a month of weight 5475: what months seldom see is much of the mean.
    let means = [0.5, 40.0, 300.0];
    let truth: f64 = means
        .iter()
        .zip(WEIGHTS)
        .map(|(mean, weight)| mean * weight)
        .sum();
    let kinds = means.map(|mean| Poisson::new(mean).unwrap());
    let mut stream = Xoshiro256PlusPlus::seed_from_u64(3);
    let runs = 4000;
    let (mut normal, mut gamma) = (0, 0);
    for _ in 0..runs {
        let counts = kinds.map(|kind| kind.sample(&mut stream));
        let ours = harm(&counts, &WEIGHTS, 0.95).unwrap();
        normal += u32::from(ours.normal.contains(truth));
        gamma += u32::from(ours.gamma.contains(truth));
    }
    let share = |held: u32| f64::from(held) / f64::from(runs);
    assert!(share(gamma) >= 0.95, "{}", share(gamma));
    assert!(share(normal) < 0.9, "{}", share(normal));
}

#[test]
fn the_bootstrap_agrees_with_the_normal_interval_where_events_are_many() {
    let (counts, weights) = ([4000.0, 9000.0], [7.0, 2.0]);
    let ours = harm(&counts, &weights, 0.95).unwrap();
    let drawn = bootstrap(&counts, &weights, 4000, 0.95, 5).unwrap();
    let width = ours.normal.upper - ours.normal.lower;
    assert!((drawn.lower - ours.normal.lower).abs() < 0.03 * width);
    assert!((drawn.upper - ours.normal.upper).abs() < 0.03 * width);
    assert_eq!(drawn, bootstrap(&counts, &weights, 4000, 0.95, 5).unwrap());
    assert_ne!(drawn, bootstrap(&counts, &weights, 4000, 0.95, 6).unwrap());
}

#[test]
fn the_bootstrap_is_the_same_on_any_number_of_threads() {
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| bootstrap(&COUNTS, &WEIGHTS, 500, 0.95, 1).unwrap())
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn a_change_adds_the_variances() {
    let before = harm(&COUNTS, &WEIGHTS, 0.95).unwrap();
    let after = harm(&[1.0, 44.0, 310.0], &WEIGHTS, 0.95).unwrap();
    let ours = change(&before, &after, 0.95).unwrap();
    assert_eq!(ours.difference, -3915.0);
    let error = before.standard_error.hypot(after.standard_error);
    assert_eq!(
        round(ours.interval.upper, 6),
        round(-3915.0 + 1.959_963_984_540_054 * error, 6)
    );
    // One event of the heaviest kind fewer is well within chance.
    assert!(ours.interval.contains(0.0));
}

#[test]
fn what_cannot_be_weighed_is_refused() {
    assert!(matches!(
        harm(&[], &[], 0.95),
        Err(Unanswerable::TooFew { .. })
    ));
    assert!(matches!(
        harm(&[1.0], &[], 0.95),
        Err(Unanswerable::Mismatched(_))
    ));
    for (count, weight) in [
        (-1.0, 1.0),
        (1.0, -1.0),
        (f64::NAN, 1.0),
        (1.0, f64::INFINITY),
        (1.0, 0.0),
    ] {
        assert!(matches!(
            harm(&[count], &[weight], 0.95),
            Err(Unanswerable::Invalid(_))
        ));
        assert!(bootstrap(&[count], &[weight], 200, 0.95, 1).is_err());
    }
    assert!(harm(&COUNTS, &WEIGHTS, 1.5).is_err());
    assert!(matches!(
        bootstrap(&COUNTS, &WEIGHTS, 99, 0.95, 1),
        Err(Unanswerable::TooFew { .. })
    ));
    assert_eq!(
        bootstrap(&[1e16], &[1.0], 100, 0.95, 1),
        Err(Unanswerable::Overflow)
    );
    assert_eq!(harm(&[f64::MAX], &[2.0], 0.95), Err(Unanswerable::Overflow));
    let ours = harm(&COUNTS, &WEIGHTS, 0.95).unwrap();
    assert!(ours.per(0.0, 1000.0).is_err());
    assert!(ours.per(f64::NAN, 1000.0).is_err());
    assert!(ours.per(f64::INFINITY, 1000.0).is_err());
    assert!(change(&ours, &ours, 0.0).is_err());
}

proptest! {
    #[test]
    fn harm_scales_with_its_weights(
        kinds in prop::collection::vec((0.0..500.0_f64, 0.1..1000.0_f64), 1..8), factor in 0.01..100.0_f64,
    ) {
        let (counts, weights): (Vec<_>, Vec<_>) = kinds.into_iter().unzip();
        let heavier: Vec<_> = weights.iter().map(|weight| weight * factor).collect();
        let (ours, scaled) = (harm(&counts, &weights, 0.95).unwrap(), harm(&counts, &heavier, 0.95).unwrap());
        for (one, other) in [
            (ours.total, scaled.total),
            (ours.standard_error, scaled.standard_error),
            (ours.gamma.lower, scaled.gamma.lower),
            (ours.gamma.upper, scaled.gamma.upper),
        ] {
            prop_assert!((one * factor - other).abs() <= 1e-9 * other.abs().max(1e-9));
        }
        prop_assert!(ours.gamma.contains(ours.total) && ours.normal.contains(ours.total));
        let shares: f64 = ours.contributions.iter().map(|own| own.share).sum();
        prop_assert!(ours.total == 0.0 || (shares - 1.0).abs() < 1e-12);
    }

    #[test]
    fn any_numbers_give_a_finite_harm_or_a_reason(
        kinds in prop::collection::vec((prop::num::f64::ANY, prop::num::f64::ANY), 0..4),
        large in prop::collection::vec((0.0..1e300_f64, 0.0..1e5_f64), 0..4),
        confidence in prop::num::f64::ANY,
    ) {
        for kinds in [kinds, large] {
            let (counts, weights): (Vec<_>, Vec<_>) = kinds.into_iter().unzip();
            for confidence in [confidence, 0.95] {
                if let Ok(ours) = harm(&counts, &weights, confidence) {
                    for interval in [ours.normal, ours.gamma] {
                        prop_assert!(0.0 <= interval.lower && interval.upper.is_finite());
                        prop_assert!(interval.contains(ours.total));
                    }
                    prop_assert!((0.0..=1.0).contains(&ours.share_of_top(2)));
                    let _ = ours.per(1e-300, 1e10);
                }
                if let Ok(drawn) = bootstrap(&counts, &weights, 100, confidence, 1) {
                    prop_assert!(drawn.lower <= drawn.upper && drawn.upper.is_finite());
                }
            }
        }
    }
}
