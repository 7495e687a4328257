use peelian_stats::Unanswerable;
use peelian_stats::comparison::funnel::Unit;
use peelian_stats::comparison::rank::{Measured, Settings, ranks, ranks_of_rates};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Distribution, Normal};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::goldens::close;

fn measured(value: f64, standard_error: f64) -> Measured {
    Measured {
        value,
        standard_error,
    }
}

fn quick(seed: u64) -> Settings {
    Settings {
        draws: 2_000,
        seed,
        ..Settings::default()
    }
}

#[test]
fn figures_far_apart_have_ranks_without_doubt() {
    let units: Vec<_> = (0..6)
        .map(|i| measured(f64::from(i) * 100.0, 1.0))
        .collect();
    for (i, rank) in ranks(&units, &quick(1)).unwrap().iter().enumerate() {
        assert_eq!((rank.rank, rank.best, rank.worst), (6 - i, 6 - i, 6 - i));
        close(rank.mean, 6.0 - i as f64, 1e-12, "mean");
        assert_eq!(rank.upper_half, if i >= 3 { 1.0 } else { 0.0 });
    }
}

#[test]
fn figures_that_are_all_alike_can_have_any_rank() {
    let units = vec![measured(5.0, 1.0); 20];
    let settings = Settings {
        draws: 20_000,
        ..Settings::default()
    };
    for rank in ranks(&units, &settings).unwrap() {
        assert_eq!(rank.rank, 1);
        assert_eq!((rank.best, rank.worst), (1, 20));
        close(rank.mean, 10.5, 0.02, "mean");
        close(rank.upper_half, 0.5, 0.05, "upper half");
    }
}

#[test]
fn two_figures_change_places_as_often_as_the_normal_distribution_says() {
    // The difference is 1 with standard error √2, so the first leads with Φ(1/√2) = 0.7602.
    let settings = Settings {
        draws: 100_000,
        ..Settings::default()
    };
    let ours = ranks(&[measured(1.0, 1.0), measured(0.0, 1.0)], &settings).unwrap();
    assert!(
        (ours[0].upper_half - 0.7602).abs() < 0.006,
        "{}",
        ours[0].upper_half
    );
}

#[test]
fn a_rank_interval_holds_the_true_rank_about_as_often_as_it_says() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(4);
    let (mut held, mut all) = (0.0, 0.0);
    for round in 0..60 {
        let truth: Vec<f64> = Normal::new(0.0, 2.0)
            .unwrap()
            .sample_iter(&mut random)
            .take(20)
            .collect();
        let seen: Vec<_> = truth
            .iter()
            .map(|value| measured(Normal::new(*value, 1.0).unwrap().sample(&mut random), 1.0))
            .collect();
        let settings = Settings {
            draws: 500,
            seed: round,
            ..Settings::default()
        };
        for (unit, rank) in ranks(&seen, &settings).unwrap().iter().enumerate() {
            let true_rank = 1 + truth.iter().filter(|value| **value > truth[unit]).count();
            held += f64::from(u8::from(rank.best <= true_rank && true_rank <= rank.worst));
            all += 1.0;
        }
    }
    assert!((0.93..0.98).contains(&(held / all)), "{}", held / all);
}

#[test]
fn small_units_have_wide_ranks_at_the_same_rates() {
    let unit = |numerator: f64, denominator: f64| Unit {
        numerator,
        denominator,
    };
    let mut units: Vec<_> = (0..12)
        .map(|i| unit(1000.0 + 30.0 * f64::from(i), 1e5))
        .collect();
    units[5] = unit(3.0, 270.0);
    let ours = ranks_of_rates(&units, &quick(2)).unwrap();
    let width = |i: usize| ours[i].worst - ours[i].best;
    assert!(width(5) >= 10, "{}", width(5));
    assert!(width(6) <= 9, "{}", width(6));
    let nothing = ranks_of_rates(&[unit(0.0, 10.0), unit(0.0, 1000.0)], &quick(2)).unwrap();
    assert!(
        nothing[0].upper_half > 0.8,
        "few people leave more possible"
    );
}

#[test]
fn a_seed_gives_one_answer_on_any_number_of_threads() {
    let units: Vec<_> = (0..43).map(|i| measured(f64::from(i % 9), 2.0)).collect();
    let by = |seed| ranks(&units, &quick(seed)).unwrap();
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    assert_eq!(one.install(|| by(5)), by(5));
    assert_ne!(by(5), by(6));
}

#[test]
fn units_without_an_answer_get_a_reason() {
    let one = [measured(1.0, 1.0)];
    assert_eq!(
        ranks(&one, &quick(0)).unwrap_err(),
        Unanswerable::TooFew {
            what: "units",
            have: 1,
            need: 2
        }
    );
    let two = [measured(1.0, 1.0); 2];
    let hasty = Settings {
        draws: 3,
        ..Settings::default()
    };
    assert_eq!(
        ranks(&two, &hasty).unwrap_err(),
        Unanswerable::TooFew {
            what: "draws",
            have: 3,
            need: 100
        }
    );
    let invalid = |why: Unanswerable| assert!(matches!(why, Unanswerable::Invalid(_)), "{why:?}");
    for odd in [
        measured(f64::NAN, 1.0),
        measured(1.0, -1.0),
        measured(1.0, f64::INFINITY),
    ] {
        invalid(ranks(&[odd, one[0]], &quick(0)).unwrap_err());
    }
    invalid(ranks(&vec![one[0]; 2_001], &quick(0)).unwrap_err());
    invalid(
        ranks_of_rates(
            &[Unit {
                numerator: -1.0,
                denominator: 1.0,
            }; 2],
            &quick(0),
        )
        .unwrap_err(),
    );
    invalid(
        ranks(
            &two,
            &Settings {
                confidence: 0.0,
                ..quick(0)
            },
        )
        .unwrap_err(),
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_units_panic_and_ranks_add_up(
        units in prop::collection::vec(
            (prop_oneof![prop::num::f64::ANY, -9.0..9.0_f64], prop_oneof![prop::num::f64::ANY, 0.0..3.0_f64]),
            0..12,
        ),
        draws in 100..300_usize,
    ) {
        let settings = Settings { draws, ..Settings::default() };
        let figures: Vec<_> = units.iter().map(|(v, s)| measured(*v, *s)).collect();
        let rates: Vec<_> =
            units.iter().map(|(a, b)| Unit { numerator: *a, denominator: *b }).collect();
        for ours in [ranks(&figures, &settings), ranks_of_rates(&rates, &settings)].into_iter().flatten() {
            let n = ours.len() as f64;
            let sum: f64 = ours.iter().map(|rank| rank.mean).sum();
            prop_assert!((sum - n * (n + 1.0) / 2.0).abs() < 1e-9);
            let upper: f64 = ours.iter().map(|rank| rank.upper_half).sum();
            prop_assert!((upper - (n / 2.0).floor()).abs() < 1e-9);
            for rank in ours {
                prop_assert!(1 <= rank.best && rank.best <= rank.worst && rank.worst as f64 <= n);
            }
        }
    }
}
