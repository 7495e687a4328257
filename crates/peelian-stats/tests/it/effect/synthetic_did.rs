use peelian_stats::Unanswerable;
use peelian_stats::effect::synthetic_did::{
    Estimate, Method, Panel, bootstrap_error, estimate, estimate_stopped_early, jackknife_error,
    placebo_error, staggered, staggered_placebo_error,
};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_distr::StandardNormal;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::goldens::{self, Within, close, table};

const METHODS: [Method; 3] = [
    Method::SyntheticDid,
    Method::SyntheticControl,
    Method::DifferenceInDifferences,
];

/// Units with levels and trends of their own, a common walk, and noise.
fn units(seed: u64, count: usize, periods: usize) -> Vec<Vec<f64>> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut normal = move || -> f64 { random.sample(StandardNormal) };
    let common: Vec<f64> = (0..periods)
        .scan(0.0, |level, _| {
            *level += normal();
            Some(*level)
        })
        .collect();
    let mut unit = || -> Vec<f64> {
        let (level, loading) = (20.0 + 3.0 * normal(), 1.0 + 0.5 * normal());
        common
            .iter()
            .map(|common| level + loading * common + normal())
            .collect()
    };
    (0..count).map(|_| unit()).collect()
}

fn borrowed(series: &[Vec<f64>]) -> Vec<&[f64]> {
    series.iter().map(Vec::as_slice).collect()
}

/// The last `treated` units as treated.
fn with_panel<T>(
    units: &[Vec<f64>],
    treated: usize,
    before: usize,
    ask: impl FnOnce(&Panel) -> T,
) -> T {
    let all = borrowed(units);
    let (controls, treated) = all.split_at(units.len() - treated);
    ask(&Panel {
        controls,
        treated,
        before,
    })
}

fn estimated(units: &[Vec<f64>], treated: usize, before: usize, method: Method) -> Estimate {
    with_panel(units, treated, before, |panel| {
        estimate(panel, method).unwrap()
    })
}

#[test]
fn estimates_weights_and_errors_are_the_expected_ones() {
    for case in goldens::run("synthdid") {
        case.matches_json(
            "expected.json",
            &[
                ("/N0", Within::Exact),
                ("/T0", Within::Exact),
                ("/synthdid/estimate", Within::Relative(1e-9)),
                ("/synthdid/omega", Within::Absolute(1e-9)),
                ("/synthdid/lambda", Within::Absolute(1e-9)),
                ("/synthdid/zeta_omega", Within::Relative(1e-12)),
                ("/synthdid/zeta_lambda", Within::Relative(1e-12)),
                ("/synthdid/se_placebo_seed1", Within::Relative(0.1)),
                ("/sc/estimate", Within::Relative(1e-9)),
                ("/sc/omega", Within::Absolute(1e-9)),
                ("/sc/lambda", Within::Absolute(1e-9)),
                ("/did/estimate", Within::Relative(1e-12)),
                ("/did/omega", Within::Absolute(1e-12)),
                ("/did/lambda", Within::Absolute(1e-12)),
            ],
        );
        let expected = table::read_json(&case.input, "expected.json").unwrap();
        if expected.pointer("/synthdid/se_jackknife").is_some() {
            case.matches_json(
                "expected.json",
                &[("/synthdid/se_jackknife", Within::Relative(1e-4))],
            );
        }
    }
}

/// The published panel of the method's paper, as it stands in the cases: 38 controls, California,
/// 19 periods before.
fn california<T>(ask: impl FnOnce(&Panel) -> T) -> Option<T> {
    let case = goldens::cases("synthdid")
        .into_iter()
        .find(|case| case.ends_with("california_prop99"))?;
    let table = table::Table::read(&case, "input.csv").unwrap();
    let (names, times) = (table.text("unit").unwrap(), table.numbers("time").unwrap());
    let outcomes = table.numbers("y").unwrap();
    let of = |unit: &str| -> Vec<f64> {
        let own = (0..names.len()).filter(|row| names[*row] == unit);
        let mut own: Vec<(f64, f64)> = own.map(|row| (times[row], outcomes[row])).collect();
        own.sort_by(|a, b| a.0.total_cmp(&b.0));
        own.into_iter().map(|(_, value)| value).collect()
    };
    let mut controls: Vec<&String> = names.iter().filter(|unit| *unit != "California").collect();
    controls.sort();
    controls.dedup();
    let controls: Vec<Vec<f64>> = controls.into_iter().map(|unit| of(unit)).collect();
    let treated = of("California");
    Some(ask(&Panel {
        controls: &borrowed(&controls),
        treated: &[&treated],
        before: 19,
    }))
}

#[test]
fn exact_weights_move_the_published_estimate_by_less_than_one_percent() {
    california(|panel| {
        for (method, ours, early) in [
            (Method::SyntheticDid, -15.605_398, -15.603_828),
            (Method::SyntheticControl, -19.513_630, -19.619_663),
        ] {
            close(estimate(panel, method).unwrap().effect, ours, 1e-6, "exact");
            close(
                estimate_stopped_early(panel, method).unwrap().effect,
                early,
                1e-6,
                "early",
            );
        }
        // Every state in California's place: exact, so there is nothing to seed.
        let error = placebo_error(panel, Method::SyntheticDid, 38, 1).unwrap();
        close(error, 9.371_180, 1e-6, "placebo error");
    });
}

#[test]
fn nothing_weighted_is_a_difference_of_differences() {
    let units = [
        vec![1.0, 3.0, 5.0],
        vec![3.0, 5.0, 9.0],
        vec![4.0, 6.0, 12.0],
    ];
    let found = estimated(&units, 1, 2, Method::DifferenceInDifferences);
    // (12 − 5) − (7 − 3).
    assert!((found.effect - 3.0).abs() < 1e-14);
    assert_eq!(found.unit_weights, vec![0.5, 0.5]);
    assert_eq!((found.zeta_units, found.zeta_periods), (0.0, 0.0));
}

#[test]
fn the_worked_example_of_the_documentation() {
    let units = [
        vec![20.0, 22.0, 21.0, 24.0, 25.0, 26.0],
        vec![30.0, 31.0, 33.0, 32.0, 34.0, 36.0],
        vec![25.0, 24.0, 26.0, 27.0, 27.0, 29.0],
        vec![40.0, 42.0, 42.0, 44.0, 41.0, 43.0],
    ];
    let found = estimated(&units, 1, 4, Method::SyntheticDid);
    for (ours, expected) in found.unit_weights.iter().zip([0.437, 0.296, 0.268]) {
        assert!((ours - expected).abs() < 5e-4, "{:?}", found.unit_weights);
    }
    for (ours, expected) in found.period_weights.iter().zip([0.0, 0.833, 0.167, 0.0]) {
        assert!((ours - expected).abs() < 5e-4, "{:?}", found.period_weights);
    }
    let did = estimated(&units, 1, 4, Method::DifferenceInDifferences);
    close(found.effect, -11.0 / 3.0, 1e-9, "synthetic");
    close(did.effect, -13.0 / 4.0, 1e-12, "plain");
    close(
        found.zeta_units,
        2.0_f64.powf(0.25) * 1.536_591,
        1e-6,
        "zeta",
    );
}

#[test]
fn the_effect_is_the_mean_of_its_path() {
    let units = units(1, 15, 20);
    for method in METHODS {
        let found = estimated(&units, 3, 14, method);
        assert_eq!(found.path.len(), 6);
        close(
            found.path.iter().sum::<f64>() / 6.0,
            found.effect,
            1e-12,
            "path",
        );
    }
}

#[test]
fn one_treated_unit_has_an_exact_placebo_error() {
    let units = units(2, 15, 20);
    let error = |replications, seed| {
        with_panel(&units, 1, 14, |panel| {
            placebo_error(panel, Method::SyntheticDid, replications, seed).unwrap()
        })
    };
    assert_eq!(error(14, 1), error(500, 2));
    // By draws from the 14 instead: the same up to chance, about 1/√(2·13) of it at this size.
    let drawn = error(13, 1) / error(14, 1);
    assert!((0.4..1.6).contains(&drawn), "{drawn}");
}

#[test]
fn random_errors_do_not_depend_on_the_number_of_threads() {
    let units = units(3, 16, 18);
    let ask = || {
        with_panel(&units, 3, 12, |panel| {
            (
                placebo_error(panel, Method::SyntheticDid, 40, 9).unwrap(),
                bootstrap_error(panel, Method::SyntheticDid, 40, 9).unwrap(),
            )
        })
    };
    let alone = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    assert_eq!(alone.install(ask), ask());
}

#[test]
fn the_jackknife_of_plain_differences_is_the_textbook_one() {
    let units = units(4, 9, 10);
    let error = with_panel(&units, 4, 6, |panel| {
        jackknife_error(panel, Method::DifferenceInDifferences).unwrap()
    });
    let change =
        |unit: &Vec<f64>| unit[6..].iter().sum::<f64>() / 4.0 - unit[..6].iter().sum::<f64>() / 6.0;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let changes: Vec<f64> = units.iter().map(change).collect();
    let without = |one: usize| {
        let kept = |range: std::ops::Range<usize>| -> Vec<f64> {
            range
                .filter(|unit| *unit != one)
                .map(|unit| changes[unit])
                .collect()
        };
        mean(&kept(5..9)) - mean(&kept(0..5))
    };
    let all: Vec<f64> = (0..9).map(without).collect();
    let centre = mean(&all);
    let squares: f64 = all.iter().map(|value| (value - centre).powi(2)).sum();
    close(error, (8.0 / 9.0 * squares).sqrt(), 1e-12, "jackknife");
}

#[test]
fn intervals_from_the_placebo_error_cover_about_as_often_as_they_say() {
    let panels = 80;
    let mut covered = 0;
    for seed in 0..panels {
        let units = units(100 + seed, 24, 20);
        let inside = with_panel(&units, 4, 15, |panel| {
            let effect = estimate(panel, Method::SyntheticDid).unwrap().effect;
            effect.abs() <= 1.96 * placebo_error(panel, Method::SyntheticDid, 60, seed).unwrap()
        });
        covered += u32::from(inside);
    }
    // 76 expected, standard error 1.9.
    assert!((69..=80).contains(&covered), "{covered}");
}

#[test]
fn one_cohort_is_a_block_panel() {
    let units = units(5, 12, 15);
    let starts: Vec<Option<usize>> = (0..12).map(|unit| (unit >= 9).then_some(10)).collect();
    let block = estimated(&units, 3, 10, Method::SyntheticDid);
    let found = staggered(&borrowed(&units), &starts, Method::SyntheticDid).unwrap();
    assert_eq!(found.effect, block.effect);
    assert_eq!((found.cohorts.len(), found.cohorts[0].units), (1, 3));
    assert_eq!(found.cohorts[0].estimate, block);
}

#[test]
fn cohorts_count_by_their_treated_units_and_periods() {
    // Levels and a common trend: every weighting is exact. Effects 2 (one unit, from 4 of 10) and
    // 5 (two units, from 8 of 10).
    let unit = |level: f64, start: usize, effect: f64| -> Vec<f64> {
        let at = |t: usize| level + (t as f64 * 0.7).sin() + if t >= start { effect } else { 0.0 };
        (0..10).map(at).collect()
    };
    let units = [
        unit(1.0, 99, 0.0),
        unit(2.0, 4, 2.0),
        unit(4.0, 8, 5.0),
        unit(7.0, 99, 0.0),
        unit(3.0, 8, 5.0),
        unit(5.0, 99, 0.0),
        unit(6.0, 99, 0.0),
    ];
    let starts = [None, Some(4), Some(8), None, Some(8), None, None];
    let found = staggered(&borrowed(&units), &starts, Method::SyntheticDid).unwrap();
    let by_start: Vec<_> = found
        .cohorts
        .iter()
        .map(|cohort| (cohort.start, cohort.units))
        .collect();
    assert_eq!(by_start, [(4, 1), (8, 2)]);
    assert!((found.cohorts[0].estimate.effect - 2.0).abs() < 1e-9);
    assert!((found.cohorts[1].estimate.effect - 5.0).abs() < 1e-9);
    assert!((found.effect - (6.0 * 2.0 + 4.0 * 5.0) / 10.0).abs() < 1e-9);
    let error =
        staggered_placebo_error(&borrowed(&units), &starts, Method::SyntheticDid, 20, 1).unwrap();
    assert!(error < 1e-9, "{error}");
}

#[test]
fn too_little_data_gets_a_reason() {
    let units = units(6, 4, 6);
    let ask = |treated, before| {
        with_panel(&units, treated, before, |panel| {
            estimate(panel, Method::SyntheticDid).unwrap_err()
        })
    };
    let few = |what, have, need| Unanswerable::TooFew { what, have, need };
    assert_eq!(ask(0, 3), few("treated units and controls", 0, 1));
    assert_eq!(ask(4, 3), few("treated units and controls", 0, 1));
    assert_eq!(ask(1, 0), few("periods before the start", 0, 1));
    assert_eq!(ask(1, 6), few("periods from the start on", 0, 1));
    assert_eq!(
        ask(1, 1),
        few("changes among the controls before the start", 0, 2)
    );
    with_panel(&units, 1, 3, |panel| {
        let method = Method::SyntheticDid;
        let one = few("treated units and controls with weight", 1, 2);
        assert_eq!(jackknife_error(panel, method).unwrap_err(), one);
        let one = few("treated units and controls", 1, 2);
        assert_eq!(bootstrap_error(panel, method, 9, 1).unwrap_err(), one);
        assert_eq!(
            placebo_error(panel, method, 1, 1).unwrap_err(),
            few("replications", 1, 2)
        );
    });
    with_panel(&units, 2, 3, |panel| {
        let error = placebo_error(panel, Method::SyntheticDid, 9, 1).unwrap_err();
        assert_eq!(error, few("controls", 2, 3));
    });
}

proptest! {
    #[test]
    fn unit_and_period_effects_leave_the_treatment_effect(
        seed in any::<u64>(),
        treated in 1..4_usize,
        controls in 2..8_usize,
        before in 2..8_usize,
        effect in -5.0..5.0_f64,
    ) {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut normal = || -> f64 { random.sample(StandardNormal) };
        let periods: Vec<f64> = (0..before + 3).map(|_| normal()).collect();
        let units: Vec<Vec<f64>> = (0..controls + treated)
            .map(|unit| {
                let level = normal();
                let on = |t: usize| if unit >= controls && t >= before { effect } else { 0.0 };
                periods.iter().enumerate().map(|(t, period)| level + period + on(t)).collect()
            })
            .collect();
        for method in [Method::SyntheticDid, Method::DifferenceInDifferences] {
            let found = estimated(&units, treated, before, method);
            prop_assert!((found.effect - effect).abs() < 1e-9, "{method:?} {}", found.effect);
        }
    }

    #[test]
    fn weights_are_the_best_there_are(seed in any::<u64>(), controls in 2..10_usize, before in 2..9_usize) {
        let units = units(seed, controls + 2, before + 3);
        let found = estimated(&units, 2, before, Method::SyntheticDid);
        prop_assert!((found.unit_weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        prop_assert!((found.period_weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let centred = |unit: &[f64]| -> Vec<f64> {
            let mean = unit[..before].iter().sum::<f64>() / before as f64;
            unit[..before].iter().map(|value| value - mean).collect()
        };
        let treated: Vec<f64> = (0..before + 3)
            .map(|t| f64::midpoint(units[controls][t], units[controls + 1][t]))
            .collect();
        let treated = centred(&treated);
        let own: Vec<Vec<f64>> = units[..controls].iter().map(|unit| centred(unit)).collect();
        let miss: Vec<f64> = (0..before)
            .map(|t| {
                let parts = own.iter().zip(&found.unit_weights);
                parts.map(|(unit, weight)| weight * unit[t]).sum::<f64>() - treated[t]
            })
            .collect();
        let ridge = found.zeta_units * found.zeta_units * before as f64;
        let slopes: Vec<f64> = own
            .iter()
            .zip(&found.unit_weights)
            .map(|(unit, weight)| {
                unit.iter().zip(&miss).map(|(value, miss)| value * miss).sum::<f64>() + ridge * weight
            })
            .collect();
        // Every unit with weight has the least slope there is.
        let least = slopes.iter().copied().fold(f64::INFINITY, f64::min);
        for (slope, weight) in slopes.iter().zip(&found.unit_weights) {
            prop_assert!(*weight >= 0.0);
            prop_assert!(*weight == 0.0 || slope - least < 1e-8 * (1.0 + ridge), "{slope} {least}");
        }
    }

    #[test]
    fn units_of_measurement_and_order_do_not_matter(
        seed in any::<u64>(),
        scale in 1e-4..1e4_f64,
        shift in -100.0..100.0_f64,
    ) {
        let units = units(seed, 9, 12);
        let mut moved: Vec<Vec<f64>> = units
            .iter()
            .map(|unit| unit.iter().map(|value| scale * (value + shift)).collect())
            .collect();
        moved[..7].reverse();
        for method in METHODS {
            let (a, b) = (estimated(&units, 2, 8, method), estimated(&moved, 2, 8, method));
            prop_assert!((a.effect * scale - b.effect).abs() < 1e-6 * scale, "{method:?}");
        }
    }

    #[test]
    fn any_input_gets_an_answer_or_a_reason(
        units in ragged(0..9, 2..9),
        treated in 0..7_usize,
        before in 0..7_usize,
        starts in prop::collection::vec(prop::option::of(0..9_usize), 9),
    ) {
        let treated = treated.min(units.len());
        with_panel(&units, treated, before, |panel| {
            for method in METHODS {
                let found = [estimate(panel, method), estimate_stopped_early(panel, method)];
                for found in found.into_iter().flatten() {
                    assert!(found.effect.is_finite());
                    assert!(found.unit_weights.iter().all(|weight| weight.is_finite()));
                }
                let errors = [
                    placebo_error(panel, method, 4, 1),
                    jackknife_error(panel, method),
                    bootstrap_error(panel, method, 3, 1),
                ];
                for error in errors.into_iter().flatten() {
                    assert!(error >= 0.0 && error.is_finite());
                }
            }
        });
        let outcomes = borrowed(&units);
        let starts = &starts[..outcomes.len()];
        if let Ok(found) = staggered(&outcomes, starts, Method::SyntheticDid) {
            prop_assert!(found.effect.is_finite());
        }
        let _ = staggered_placebo_error(&outcomes, starts, Method::SyntheticDid, 3, 1);
    }
}

/// Anything a number can be, with ordinary ones common enough for something to work.
fn wild() -> impl Strategy<Value = f64> {
    prop_oneof![
        60 => -10.0..10.0_f64,
        1 => prop::num::f64::ANY,
        1 => Just(f64::NAN),
        2 => prop_oneof![Just(0.0), Just(1e300), Just(1e-300), Just(-1e150), Just(1e9)],
    ]
}

/// Series of one length each, or now and then of several.
fn ragged(
    series: std::ops::Range<usize>,
    length: std::ops::Range<usize>,
) -> impl Strategy<Value = Vec<Vec<f64>>> {
    (series, length.clone()).prop_flat_map(move |(series, own)| {
        prop_oneof![
            9 => prop::collection::vec(prop::collection::vec(wild(), own), series),
            1 => prop::collection::vec(prop::collection::vec(wild(), length.clone()), series),
        ]
    })
}
