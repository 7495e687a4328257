use peelian_stats::Unanswerable;
use peelian_stats::time::ets::{
    Errors, Model, Season, Settings, Smoothing, State, Trend, automatic, fit, with_parameters,
};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::Value;

use crate::goldens::table::{number, read_json};
use crate::goldens::{Within, run};

#[test]
fn given_parameters_give_the_values_of_statsmodels() {
    for case in run("ets") {
        for name in ["hw_add_fixed", "hw_mul_fixed", "hw_damped_fixed"] {
            for figure in ["sse", "fitted", "forecast12"] {
                let pointer = format!("/{name}/{figure}");
                case.matches_json("expected.json", &[(&*pointer, Within::Relative(1e-9))]);
            }
        }
        case.matches_json(
            "expected.json",
            &[("/seasonal_naive", Within::Relative(1e-9))],
        );
        let parts = [
            ("/stl_swindow7", Within::OfLargest(1e-10)),
            ("/stl_periodic_robust", Within::OfLargest(1e-10)),
        ];
        case.matches_json("expected_r.json", &parts);
    }
}

#[test]
fn estimated_models_are_no_worse_than_those_of_the_best_other() {
    for case in run("ets") {
        let theirs = read_json(&case.input, "expected.json").unwrap();
        let in_r = read_json(&case.input, "expected_r.json").unwrap();
        let ours = read_json(case.out.path(), "expected.json").unwrap();
        let at = |json: &Value, pointer: &str| number(json, pointer).unwrap();
        for name in [
            "hw_add_estimated",
            "hw_mul_estimated",
            "hw_damped_add_estimated",
        ] {
            let pointer = format!("/{name}/sse");
            assert!(
                at(&ours, &pointer) <= at(&theirs, &pointer) * 1.001,
                "{name}"
            );
        }
        for name in ["ets_AAA", "ets_MAM", "ets_ANA", "ets_AAdA"] {
            let pointer = format!("/{name}/aicc");
            assert!(
                at(&ours, &pointer) <= at(&theirs, &pointer) + 0.01,
                "{name}"
            );
        }
        let aicc = at(&ours, "/statsforecast_autoets/aicc");
        assert!(
            aicc <= at(&theirs, "/statsforecast_autoets/aicc").min(at(&in_r, "/ets_auto/aicc"))
                + 0.01
        );
        case.matches_json(
            "expected.json",
            &[
                ("/hw_add_estimated/forecast12", Within::Relative(0.02)),
                ("/hw_mul_estimated/forecast12", Within::Relative(0.02)),
                (
                    "/hw_damped_add_estimated/forecast12",
                    Within::Relative(0.02),
                ),
                ("/ets_AAA/forecast12", Within::Relative(0.02)),
                ("/ets_ANA/forecast12", Within::Relative(0.02)),
                ("/statsforecast_autoets", Within::Relative(0.02)),
            ],
        );
        case.matches_json(
            "expected_r.json",
            &[("/ets_auto/mean", Within::Relative(0.02))],
        );
    }
}

const ADDITIVE: Model = Model {
    errors: Errors::Additive,
    trend: Trend::Additive,
    season: Season::None,
};

#[test]
fn three_values_worked_by_hand() {
    let smoothing = Smoothing {
        level: 0.5,
        trend: 0.1,
        season: 0.0,
        damping: 1.0,
    };
    let first = State {
        level: 10.0,
        trend: 1.0,
        season: Vec::new(),
    };
    let run = with_parameters(&[13.0, 12.0, 14.0], ADDITIVE, smoothing, first).unwrap();
    // 11, then 10 + 1 + ½·2 + 1 + 0.1·2 = 13.2, then 13.2 − 0.6 + 1.2 − 0.12 = 13.68.
    for (ours, hand) in run.fitted.iter().zip([11.0, 13.2, 13.68]) {
        assert!((ours - hand).abs() < 1e-12);
    }
    assert!((run.squared_errors - (4.0 + 1.44 + 0.32 * 0.32)).abs() < 1e-12);
}

fn drawn(n: usize, seed: u64) -> Vec<f64> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let (mut level, mut season) = (500.0, [40.0, -20.0, -30.0, 10.0]);
    (0..n)
        .map(|t| {
            let error: f64 = StandardNormal.sample(&mut random);
            let value = level + season[t % 4] + 10.0 * error;
            level += 3.0 * error;
            season[t % 4] += error;
            value
        })
        .collect()
}

#[test]
fn intervals_hold_about_as_many_values_as_they_say() {
    let model = Model {
        errors: Errors::Additive,
        trend: Trend::None,
        season: Season::Additive,
    };
    let (mut inside, mut all) = (0, 0);
    for seed in 0..60 {
        let values = drawn(100, seed);
        let said = fit(&values[..92], 4, model, &Settings::default())
            .unwrap()
            .forecast(8, &[0.8], 1)
            .unwrap();
        for (prediction, value) in said.iter().zip(&values[92..]) {
            inside += u32::from(prediction.intervals[0].contains(*value));
            all += 1;
        }
    }
    let share = f64::from(inside) / f64::from(all);
    assert!((0.72..0.86).contains(&share), "{share}");
}

#[test]
fn drawn_paths_and_closed_forms_agree() {
    // The season hardly moves, so that a season that multiplies and one that adds differ little.
    let values: Vec<f64> = drawn(80, 3);
    let multiplies = Model {
        errors: Errors::Multiplicative,
        trend: Trend::None,
        season: Season::Multiplicative,
    };
    let adds = Model {
        season: Season::Additive,
        ..multiplies
    };
    let width = |model| {
        let fitted = fit(&values, 4, model, &Settings::default()).unwrap();
        let said = fitted.forecast(4, &[0.9], 7).unwrap();
        said.iter()
            .map(|p| p.intervals[0].upper - p.intervals[0].lower)
            .sum::<f64>()
    };
    assert!((width(multiplies) / width(adds) - 1.0).abs() < 0.15);
}

#[test]
fn zeros_get_no_model_that_multiplies() {
    let counts: Vec<f64> = (0..60).map(|t| f64::from(t * 7 % 5)).collect();
    let best = automatic(&counts, 12, &Settings::default()).unwrap();
    assert!(best.model.errors == Errors::Additive && best.model.season != Season::Multiplicative);
    let said = best.forecast(24, &[0.95], 1).unwrap();
    assert!(said.iter().all(|p| p.mean.abs() < 20.0));
    let model = Model {
        errors: Errors::Multiplicative,
        ..ADDITIVE
    };
    assert!(matches!(
        fit(&counts, 12, model, &Settings::default()),
        Err(Unanswerable::Invalid(_))
    ));
}

#[test]
fn what_cannot_be_fitted_is_refused_with_the_reason() {
    let usual = Settings::default();
    assert_eq!(
        fit(&[1.0, 2.0, 3.0], 12, ADDITIVE, &usual).unwrap_err(),
        Unanswerable::TooFew {
            what: "values",
            have: 3,
            need: 7
        }
    );
    assert_eq!(
        fit(&[4.0; 30], 12, ADDITIVE, &usual).unwrap_err(),
        Unanswerable::Constant
    );
    assert!(matches!(
        fit(&[f64::NAN; 30], 12, ADDITIVE, &usual),
        Err(Unanswerable::Invalid(_))
    ));
    assert!(matches!(
        automatic(&[], 12, &usual),
        Err(Unanswerable::TooFew { .. })
    ));
    let odd = Settings {
        damping: (0.9, 0.8),
        ..usual
    };
    assert!(matches!(
        automatic(&drawn(60, 1), 4, &odd),
        Err(Unanswerable::Invalid(_))
    ));
    let fitted = automatic(&drawn(60, 1), 4, &usual).unwrap();
    assert!(matches!(
        fitted.forecast(3, &[1.0], 1),
        Err(Unanswerable::Invalid(_))
    ));
    assert_eq!(fitted.forecast(0, &[0.9], 1), Ok(Vec::new()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn scale_moves_the_forecast_alone(seed in 0..500_u64, scale in 0.01..100.0_f64) {
        let values = drawn(48, seed);
        let scaled: Vec<f64> = values.iter().map(|value| value * scale).collect();
        let model = Model { errors: Errors::Additive, trend: Trend::None, season: Season::Additive };
        let said = |values: &[f64]| fit(values, 4, model, &Settings::default()).unwrap().forecast(4, &[0.9], 1).unwrap();
        for (a, b) in said(&values).iter().zip(said(&scaled)) {
            prop_assert!((a.mean * scale / b.mean - 1.0).abs() < 1e-3);
        }
    }

    #[test]
    fn no_values_panic(
        values in prop::collection::vec(prop_oneof![prop::num::f64::ANY, 0.0..100.0_f64, Just(0.0)], 0..40), period in 0_usize..8,
    ) {
        let usual = Settings::default();
        for values in [values.clone(), values.into_iter().filter(|v| v.is_finite()).collect()] {
            if let Ok(fitted) = automatic(&values, period, &usual) {
                let _ = fitted.forecast(10, &[0.5, 0.95], 1);
            }
            for errors in [Errors::Additive, Errors::Multiplicative] {
                let model = Model { errors, trend: Trend::Damped, season: Season::Multiplicative };
                if let Ok(fitted) = fit(&values, period, model, &usual) {
                    let _ = fitted.forecast(10, &[0.95], 1);
                }
            }
        }
    }
}
