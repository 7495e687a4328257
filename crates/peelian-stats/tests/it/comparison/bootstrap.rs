use peelian_stats::Unanswerable;
use peelian_stats::comparison::bootstrap::{Settings, median, percentile, statistic};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, Exp, LogNormal, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::goldens::close;

fn quick(seed: u64) -> Settings {
    Settings {
        replications: 999,
        seed,
        ..Settings::default()
    }
}

fn median_of(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    f64::midpoint(sorted[(n - 1) / 2], sorted[n / 2])
}

#[test]
fn resampling_the_places_gives_what_resampling_the_values_gives() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    for n in [11, 24, 61] {
        let values: Vec<f64> = (0..n)
            .map(|_| random.sample(Exp::new(0.2).unwrap()))
            .collect();
        let settings = Settings {
            replications: 40_000,
            seed: 2,
            ..Settings::default()
        };
        let short = median(&values, &settings).unwrap();
        let long = statistic(&values, median_of, &settings).unwrap();
        assert_eq!(short.value, long.value);
        // Both ends are order statistics of few distinct values: they agree but for chance.
        let width = long.interval.upper - long.interval.lower;
        assert!(
            (short.interval.lower - long.interval.lower).abs() < 0.08 * width,
            "{n}"
        );
        assert!(
            (short.interval.upper - long.interval.upper).abs() < 0.08 * width,
            "{n}"
        );
    }
}

#[test]
fn the_interval_of_a_mean_is_near_the_normal_one_where_that_is_right() {
    let values: Vec<f64> = (0..200).map(|i| f64::from((i * 37) % 200)).collect();
    let ours = statistic(
        &values,
        |values| values.iter().sum::<f64>() / values.len() as f64,
        &Settings::default(),
    )
    .unwrap();
    // Mean 99.5, standard deviation √((200² − 1)/12) = 57.73, so ± 1.96 × 57.73/√200 = 8.00.
    close(ours.value, 99.5, 1e-12, "mean");
    close(ours.interval.lower, 91.5, 0.01, "lower");
    close(ours.interval.upper, 107.5, 0.01, "upper");
}

#[test]
fn the_median_of_the_worked_example() {
    let days = [
        1.0, 2.0, 2.0, 3.0, 4.0, 5.0, 5.0, 7.0, 8.0, 9.0, 12.0, 14.0, 15.0, 21.0, 28.0, 30.0, 45.0,
        60.0, 90.0, 180.0, 365.0,
    ];
    let ours = median(&days, &Settings::default()).unwrap();
    assert_eq!(
        (ours.value, ours.interval.lower, ours.interval.upper),
        (12.0, 5.0, 28.0)
    );
}

/// Of 100 intervals, how many hold the truth.
fn coverage(
    n: usize,
    truth: f64,
    rounds: u64,
    draw: impl Fn(&mut Xoshiro256PlusPlus) -> f64,
    interval: impl Fn(&[f64], u64) -> peelian_stats::Interval,
) -> f64 {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(11);
    let held = (0..rounds)
        .filter(|round| {
            let values: Vec<_> = (0..n).map(|_| draw(&mut random)).collect();
            interval(&values, *round).contains(truth)
        })
        .count();
    held as f64 / rounds as f64 * 100.0
}

#[test]
fn intervals_of_medians_and_percentiles_cover_about_as_often_as_they_say() {
    let waits = |random: &mut Xoshiro256PlusPlus| LogNormal::new(2.0, 1.0).unwrap().sample(random);
    let truth = |p: f64| (2.0 + p).exp();
    let of_median = coverage(40, truth(0.0), 1000, waits, |values, seed| {
        median(values, &quick(seed)).unwrap().interval
    });
    assert!((93.5..97.0).contains(&of_median), "{of_median}");
    // The 0.8 point of a standard normal is 0.8416.
    let of_p80 = coverage(60, truth(0.841_621), 1000, waits, |values, seed| {
        percentile(values, 0.8, &quick(seed)).unwrap().interval
    });
    assert!((92.0..96.0).contains(&of_p80), "{of_p80}");
}

#[test]
fn the_interval_of_a_skewed_statistic_covers_better_than_its_percentiles_would() {
    // A variance of 25 normal values: skewed and biased downwards.
    let normal = |random: &mut Xoshiro256PlusPlus| random.sample::<f64, _>(StandardNormal);
    let variance = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64
    };
    let settings = |seed| Settings {
        replications: 499,
        seed,
        ..Settings::default()
    };
    let ours = coverage(25, 1.0, 400, normal, |values, seed| {
        statistic(values, variance, &settings(seed))
            .unwrap()
            .interval
    });
    assert!((86.5..94.0).contains(&ours), "{ours}");
}

#[test]
fn a_seed_gives_one_answer_and_another_seed_another() {
    let values: Vec<f64> = (0..50).map(|i| f64::from(i * i % 47)).collect();
    let by = |seed| percentile(&values, 0.9, &quick(seed)).unwrap();
    assert_eq!(by(5), by(5));
    let one_thread = rayon_of_one(|| by(5));
    assert_eq!(one_thread, by(5));
    let of_mean = |seed| {
        let mean = |values: &[f64]| values.iter().sum::<f64>() / 50.0;
        statistic(&values, mean, &quick(seed)).unwrap()
    };
    assert_eq!(rayon_of_one(|| of_mean(5)), of_mean(5));
    assert_ne!(of_mean(5).interval, of_mean(6).interval);
}

fn rayon_of_one<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap()
        .install(work)
}

#[test]
fn equal_values_have_an_interval_of_no_width() {
    let ours = median(&[3.0; 9], &Settings::default()).unwrap();
    assert_eq!(
        (ours.interval.lower, ours.value, ours.interval.upper),
        (3.0, 3.0, 3.0)
    );
}

#[test]
fn samples_without_an_answer_get_a_reason() {
    let few = median(&[1.0, 2.0, 3.0, 4.0], &Settings::default()).unwrap_err();
    assert_eq!(
        few,
        Unanswerable::TooFew {
            what: "values",
            have: 4,
            need: 5
        }
    );
    let values = [1.0, 2.0, 3.0, 4.0, 5.0];
    let hasty = Settings {
        replications: 10,
        ..Settings::default()
    };
    assert_eq!(
        median(&values, &hasty).unwrap_err(),
        Unanswerable::TooFew {
            what: "replications",
            have: 10,
            need: 100
        }
    );
    let invalid = |why: Unanswerable| assert!(matches!(why, Unanswerable::Invalid(_)), "{why:?}");
    invalid(median(&[f64::NAN; 6], &Settings::default()).unwrap_err());
    invalid(percentile(&values, 1.1, &Settings::default()).unwrap_err());
    invalid(
        median(
            &values,
            &Settings {
                confidence: 1.0,
                ..Settings::default()
            },
        )
        .unwrap_err(),
    );
    assert_eq!(
        statistic(&values, |_| f64::NAN, &quick(0)).unwrap_err(),
        Unanswerable::Overflow
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_sample_panics(
        values in prop::collection::vec(prop::num::f64::ANY, 0..12),
        p in prop_oneof![prop::num::f64::ANY, 0.0..=1.0_f64],
        confidence in prop_oneof![prop::num::f64::ANY, 0.0..1.0_f64],
    ) {
        let settings = Settings { replications: 100, confidence, seed: 1 };
        if let Ok(ours) = percentile(&values, p, &settings) {
            prop_assert!(ours.interval.lower <= ours.interval.upper);
        }
        let sum = |values: &[f64]| values.iter().sum();
        if let Ok(ours) = statistic(&values, sum, &settings) {
            prop_assert!(ours.interval.lower <= ours.interval.upper);
        }
    }

    #[test]
    fn intervals_stay_within_the_values_and_move_with_them(
        values in prop::collection::vec(-1e3..1e3_f64, 5..40), p in 0.0..=1.0_f64,
    ) {
        let ours = percentile(&values, p, &quick(1)).unwrap();
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        prop_assert!(low <= ours.interval.lower && ours.interval.upper <= high);
        let doubled: Vec<_> = values.iter().map(|v| v * 2.0).collect();
        let twice = percentile(&doubled, p, &quick(1)).unwrap();
        prop_assert!((twice.interval.lower - 2.0 * ours.interval.lower).abs() < 1e-9);
        prop_assert!((twice.interval.upper - 2.0 * ours.interval.upper).abs() < 1e-9);
    }
}
