use peelian_stats::Unanswerable;
use peelian_stats::spc::false_alarm::{Noise, Share, false_alarms};
use peelian_stats::spc::xmr::{Settings, TwoInThree};
use proptest::prelude::*;

fn anywhere(points: usize, autocorrelation: f64, settings: &Settings) -> Share {
    let noise = Noise {
        autocorrelation,
        ..Noise::default()
    };
    false_alarms(points, settings, &noise).unwrap().anywhere
}

#[test]
fn three_in_ten_series_of_pure_noise_show_a_special_cause() {
    // Found elsewhere with another program from 2,000 series each.
    for (points, autocorrelation, expected) in [
        (24, 0.0, 0.19),
        (36, 0.0, 0.29),
        (60, 0.0, 0.48),
        (36, 0.3, 0.66),
        (36, 0.6, 0.94),
    ] {
        let found = anywhere(points, autocorrelation, &Settings::default());
        let theirs: f64 = expected * (1.0 - expected) / 2_000.0;
        // Both are estimates, and theirs is rounded to a whole per cent.
        let reach = 4.0 * (theirs + found.standard_error.powi(2)).sqrt() + 0.005;
        assert!(
            (found.share - expected).abs() < reach,
            "{points} {autocorrelation}: {found:?}"
        );
    }
}

#[test]
fn the_table_in_the_manual_holds() {
    for (points, autocorrelation, anywhere, latest) in [
        (12, 0.0, 0.071, 0.014),
        (24, 0.0, 0.186, 0.016),
        (36, 0.0, 0.293, 0.018),
        (48, 0.0, 0.388, 0.018),
        (60, 0.0, 0.470, 0.018),
        (36, 0.3, 0.656, 0.063),
        (36, 0.6, 0.944, 0.211),
    ] {
        let noise = Noise {
            autocorrelation,
            seed: 77,
            ..Noise::default()
        };
        let found = false_alarms(points, &Settings::default(), &noise).unwrap();
        for (ours, printed) in [(found.anywhere, anywhere), (found.latest, latest)] {
            let reach = 4.0 * ours.standard_error + 0.0005;
            assert!(
                (ours.share - printed).abs() < reach,
                "{points} {autocorrelation}: {ours:?}, printed {printed}"
            );
        }
    }
}

#[test]
fn whether_any_point_is_flagged_does_not_depend_on_the_form_of_two_in_three() {
    // A point beyond a limit is flagged whether or not it helps to flag its neighbour.
    let nearer = Settings {
        two_in_three: TwoInThree::NearZoneOnly,
        ..Settings::default()
    };
    assert_eq!(
        anywhere(36, 0.3, &nearer),
        anywhere(36, 0.3, &Settings::default())
    );
}

#[test]
fn screening_adds_false_signals_and_fewer_rules_take_them_away() {
    let default = anywhere(36, 0.0, &Settings::default());
    let unscreened = Settings {
        screen: false,
        ..Settings::default()
    };
    assert!(anywhere(36, 0.0, &unscreened).share < default.share - 0.02);
    let no_runs = Settings {
        shift: 0,
        trend: 0,
        ..Settings::default()
    };
    assert!(anywhere(36, 0.0, &no_runs).share < default.share - 0.05);
}

#[test]
fn about_one_false_signal_is_expected_among_74_measures() {
    let noise = Noise {
        replications: 100_000,
        ..Noise::default()
    };
    let rates = false_alarms(36, &Settings::default(), &noise).unwrap();
    assert!((0.017..0.019).contains(&rates.latest.share), "{rates:?}");
    let page = rates.latest.page(3, 74).unwrap();
    assert_eq!(
        page.to_string(),
        "3 flags seen among 74, 1.3 expected by chance"
    );
    assert!((0.1..0.2).contains(&page.chance), "{page:?}");
    let one = rates.latest.page(1, 74).unwrap();
    assert!(one.to_string().starts_with("1 flag seen"));
    assert!(one.chance > page.chance);
}

#[test]
fn the_probability_of_so_many_flags_is_binomial() {
    let share = Share {
        share: 0.25,
        standard_error: 0.0,
    };
    let chance = |seen| share.page(seen, 3).unwrap().chance;
    let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
    assert_eq!(chance(0), 1.0);
    assert!(close(chance(1), 37.0 / 64.0));
    assert!(close(chance(2), 10.0 / 64.0));
    assert!(close(chance(3), 1.0 / 64.0));
    assert!(matches!(share.page(4, 3), Err(Unanswerable::Mismatched(_))));
    let never = Share {
        share: 0.0,
        ..share
    };
    assert_eq!(never.page(1, 3).unwrap().chance, 0.0);
    assert_eq!(never.page(0, 0).unwrap().chance, 1.0);
}

#[test]
fn the_same_seed_gives_the_same_answer_on_any_number_of_threads() {
    let noise = Noise {
        replications: 500,
        seed: 9,
        ..Noise::default()
    };
    let rates = || false_alarms(24, &Settings::default(), &noise).unwrap();
    let alone = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap()
        .install(rates);
    assert_eq!(alone, rates());
    let other = Noise { seed: 10, ..noise };
    assert_ne!(
        alone,
        false_alarms(24, &Settings::default(), &other).unwrap()
    );
}

#[test]
fn a_short_baseline_raises_false_alarms() {
    let with = |baseline| {
        let noise = Noise {
            baseline,
            replications: 4_000,
            ..Noise::default()
        };
        false_alarms(36, &Settings::default(), &noise).unwrap()
    };
    assert!(with(Some(12)).anywhere.share > with(None).anywhere.share + 0.1);
}

#[test]
fn the_standard_error_is_that_of_a_share_and_never_nothing() {
    let noise = Noise {
        replications: 1,
        ..Noise::default()
    };
    // One point has no limits, so nothing is flagged.
    let rates = false_alarms(1, &Settings::default(), &noise).unwrap();
    assert_eq!(rates.latest.share, 0.0);
    assert!(rates.latest.standard_error > 0.1);
    let many = anywhere(36, 0.0, &Settings::default());
    let formula = (many.share * (1.0 - many.share) / 10_000.0).sqrt();
    assert!((many.standard_error / formula - 1.0).abs() < 1e-3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_request_gives_shares_or_a_reason(
        points in prop_oneof![0..40_usize, Just(usize::MAX)],
        replications in prop_oneof![0..20_usize, Just(usize::MAX)],
        autocorrelation in prop_oneof![prop::num::f64::ANY, -1.5..1.5_f64],
        baseline in prop::option::of(0..50_usize),
        seed in any::<u64>(),
        settings in super::xmr::any_settings(),
    ) {
        let noise = Noise { replications, autocorrelation, baseline, seed };
        if let Ok(rates) = false_alarms(points, &settings, &noise) {
            for share in [rates.anywhere.share, rates.latest.share, rates.of_points] {
                prop_assert!((0.0..=1.0).contains(&share));
            }
            prop_assert!(rates.latest.share <= rates.anywhere.share);
        }
    }
}
