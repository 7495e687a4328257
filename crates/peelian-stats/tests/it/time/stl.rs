use peelian_stats::Unanswerable;
use peelian_stats::time::stl::{Season, Settings, stl, stl_many};
use proptest::prelude::*;

use crate::goldens::{Within, run};

#[test]
fn parts_are_those_of_statsmodels() {
    for case in run("stl") {
        for name in ["default", "robust", "seasonal13_trend23", "deg0", "jumps"] {
            let parts = ["trend", "seasonal", "resid"].map(|part| (part, Within::OfLargest(1e-11)));
            case.matches(&format!("expected_{name}.csv"), &parts);
            case.matches(
                &format!("expected_{name}.csv"),
                &[("weights", Within::Absolute(1e-6))],
            );
        }
        case.matches_json("expected_strength.json", &[("", Within::Relative(1e-10))]);
    }
}

fn seasonal(n: usize) -> Vec<f64> {
    let season = [5.0, -3.0, 0.0, -2.0];
    (0..n)
        .map(|t| 100.0 + 0.5 * t as f64 + season[t % 4])
        .collect()
}

#[test]
fn a_line_with_a_fixed_season_is_taken_apart_exactly() {
    let parts = stl(&seasonal(40), &Settings::new(4)).unwrap();
    for t in 0..40 {
        assert!(
            (parts.trend[t] - 100.0 - 0.5 * t as f64).abs() < 1e-6,
            "{t}"
        );
        assert!(parts.remainder[t].abs() < 1e-6);
    }
    assert!(parts.seasonal_strength().unwrap() > 0.999_999);
    assert_eq!(parts.weights, [1.0; 40]);
}

#[test]
fn a_robust_fit_leaves_an_outlier_in_the_remainder() {
    let mut values = seasonal(48);
    for (t, value) in values.iter_mut().enumerate() {
        *value += 0.2 * (t as f64 * 2.4).sin();
    }
    values[20] += 50.0;
    let plain = stl(&values, &Settings::new(4)).unwrap();
    let robust = stl(&values, &Settings::robust(4)).unwrap();
    assert!(robust.weights[20] < 1e-6);
    assert!((robust.remainder[20] - 50.0).abs() < 1.0 && plain.remainder[20] < 40.0);
}

#[test]
fn a_periodic_season_is_the_same_every_year() {
    let mut values = seasonal(42);
    for (t, value) in values.iter_mut().enumerate() {
        *value += (t as f64 * 2.4).sin();
    }
    let settings = Settings {
        season: Season::Periodic,
        ..Settings::new(4)
    };
    let parts = stl(&values, &settings).unwrap();
    for t in 4..42 {
        assert!((parts.seasonal[t] - parts.seasonal[t - 4]).abs() < 1e-12);
    }
}

#[test]
fn what_cannot_be_decomposed_is_refused_with_the_reason() {
    let usual = Settings::new(4);
    let refusal = |values: &[f64], settings: &Settings| stl(values, settings).unwrap_err();
    assert_eq!(
        refusal(&[1.0; 7], &usual),
        Unanswerable::TooFew {
            what: "values",
            have: 7,
            need: 8
        }
    );
    assert!(matches!(
        refusal(&[f64::NAN; 9], &usual),
        Unanswerable::Invalid(_)
    ));
    for odd in [
        Settings { period: 1, ..usual },
        Settings { trend: 8, ..usual },
        Settings {
            low_pass: 1,
            ..usual
        },
        Settings {
            season: Season::Window(6),
            ..usual
        },
        Settings {
            degrees: [2, 1, 1],
            ..usual
        },
        Settings {
            jumps: [0, 1, 1],
            ..usual
        },
        Settings { inner: 0, ..usual },
    ] {
        assert!(
            matches!(refusal(&[1.0; 40], &odd), Unanswerable::Invalid(_)),
            "{odd:?}"
        );
    }
    let flat = stl(&[3.0; 40], &Settings::robust(4)).unwrap();
    assert_eq!(
        (flat.trend_strength(), flat.seasonal_strength()),
        (None, None)
    );
    assert!(flat.remainder.iter().all(|left| left.abs() < 1e-9));
    assert_eq!(stl(&[1e308; 40], &usual), Err(Unanswerable::Overflow));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn parts_add_up_and_follow_scale_and_shift(
        values in prop::collection::vec(-100.0..100.0_f64, 24..50), scale in 0.1..10.0_f64, shift in -1e3..1e3_f64,
    ) {
        let parts = stl(&values, &Settings::new(6)).unwrap();
        let other: Vec<f64> = values.iter().map(|value| value * scale + shift).collect();
        let moved = stl(&other, &Settings::new(6)).unwrap();
        for (t, value) in values.iter().enumerate() {
            prop_assert!((parts.trend[t] + parts.seasonal[t] + parts.remainder[t] - value).abs() < 1e-9);
            prop_assert!((moved.trend[t] - parts.trend[t] * scale - shift).abs() < 1e-7);
            prop_assert!((moved.seasonal[t] - parts.seasonal[t] * scale).abs() < 1e-7);
        }
        prop_assert_eq!(&stl_many(&[values], &Settings::new(6))[0], &Ok(parts));
    }

    #[test]
    fn no_values_panic(
        values in prop::collection::vec(prop::num::f64::ANY, 0..40), period in 0_usize..9, window in 0_usize..30,
        jump in 0_usize..60, outer in 0_usize..3,
    ) {
        let settings = Settings {
            season: Season::Window(window), trend: window, jumps: [jump; 3], outer, ..Settings::new(period)
        };
        let _ = (stl(&values, &settings), stl(&values, &Settings::robust(period)), stl_many(std::slice::from_ref(&values), &settings));
        let finite: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
        let _ = stl(&finite, &Settings { season: Season::Periodic, jumps: [jump; 3], ..Settings::new(period) });
    }
}
