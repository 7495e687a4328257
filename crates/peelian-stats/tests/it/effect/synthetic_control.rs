use std::collections::HashMap;

use peelian_stats::Unanswerable;
use peelian_stats::effect::synthetic_control::{
    Importance, Matching, Panel, Placebos, Predictors, Summary, SyntheticControl,
    conformal_interval, conformal_test, fit, leave_one_out, placebos,
};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_distr::StandardNormal;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::goldens::{self, Within, table};

struct Random(Xoshiro256PlusPlus);

impl Random {
    fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    fn normal(&mut self) -> f64 {
        self.0.sample(StandardNormal)
    }
}

fn borrowed(series: &[Vec<f64>]) -> Vec<&[f64]> {
    series.iter().map(Vec::as_slice).collect()
}

/// Units of which the first is treated, the rest donors.
fn with_panel<T>(units: &[Vec<f64>], before: usize, ask: impl FnOnce(&Panel) -> T) -> T {
    let donors = borrowed(&units[1..]);
    ask(&Panel {
        treated: &units[0],
        donors: &donors,
        fit: 0..before,
        start: before,
    })
}

fn fitted(units: &[Vec<f64>], before: usize) -> SyntheticControl {
    with_panel(units, before, |panel| {
        fit(panel, &Matching::Outcomes).unwrap()
    })
}

/// Units from common factors: loadings about 0 with this spread, and the noise.
fn factor_model(random: &mut Random, units: usize, periods: usize, noise: f64) -> Vec<Vec<f64>> {
    let factors: Vec<[f64; 2]> = (0..periods)
        .map(|_| [random.normal(), random.normal()])
        .collect();
    let unit = |random: &mut Random| -> Vec<f64> {
        let loadings = [random.normal(), random.normal()];
        let at = |f: &[f64; 2], random: &mut Random| {
            loadings[0] * f[0] + loadings[1] * f[1] + noise * random.normal()
        };
        factors.iter().map(|f| at(f, random)).collect()
    };
    (0..units).map(|_| unit(random)).collect()
}

#[test]
fn outcomes_alone_give_the_expected_weights() {
    for case in goldens::run("synthetic_control") {
        case.matches_json(
            "expected_outcome_only.json",
            &[
                ("/ssr", Within::Relative(1e-10)),
                ("/weights", Within::Absolute(1e-10)),
                ("/gaps", Within::Absolute(1e-10)),
                ("/pre_periods", Within::Exact),
            ],
        );
        case.matches_json(
            "expected.json",
            &[
                ("/equal_V_inner/loss", Within::Relative(1e-10)),
                ("/equal_V_inner/weights", Within::Absolute(1e-10)),
                ("/equal_V_inner/row_names", Within::Exact),
                ("/equal_V_inner/X1", Within::Relative(1e-12)),
                ("/equal_V_inner/X0", Within::Relative(1e-12)),
            ],
        );
    }
}

#[test]
fn the_search_fits_no_worse_than_the_expected_one() {
    for case in goldens::run("synthetic_control") {
        let loss = |folder| {
            let read = table::read_json(folder, "expected.json").unwrap();
            table::number(&read, "/loss_V").unwrap()
        };
        let (ours, theirs) = (loss(case.out.path()), loss(&case.input));
        assert!(ours <= 1.01 * theirs, "ours {ours}, expected {theirs}");
    }
}

#[test]
fn the_expected_importances_give_the_expected_weights() {
    for case in goldens::cases("synthetic_control") {
        let expected = table::read_json(&case, "expected.json").unwrap();
        let donors: HashMap<String, Vec<f64>> =
            serde_json::from_value(expected["equal_V_inner"]["X0"].clone()).unwrap();
        let names: Vec<&String> = donors.keys().collect();
        let predictors = Predictors {
            treated: table::numbers(&expected, "/equal_V_inner/X1").unwrap(),
            donors: names.iter().map(|name| donors[*name].clone()).collect(),
        };
        let units = vec![vec![0.0, 0.0]; names.len() + 1];
        let importance = Importance::Given(table::numbers(&expected, "/V").unwrap());
        let ours = with_panel(&units, 1, |panel| {
            fit(
                panel,
                &Matching::Predictors {
                    predictors,
                    importance,
                },
            )
            .unwrap()
        });
        for (name, ours) in names.iter().zip(&ours.weights) {
            // Theirs stops a few millionths short.
            let theirs = expected["weights"][name.as_str()].as_f64().unwrap();
            assert!(
                (ours - theirs).abs() < 1e-5,
                "{name}: ours {ours}, expected {theirs}"
            );
        }
    }
}

#[test]
fn the_worked_example_of_the_documentation() {
    let units = [
        vec![12.0, 12.0, 12.0, 14.0, 9.0, 8.0],
        vec![10.0, 12.0, 10.0, 13.0, 12.0, 11.0],
        vec![14.0, 16.0, 18.0, 17.0, 16.0, 15.0],
        vec![27.0, 31.0, 29.0, 31.0, 30.0, 32.0],
    ];
    let control = fitted(&units, 4);
    // Of the first two donors: w₂ = Σ(y − y₁)(y₂ − y₁)/Σ(y₂ − y₁)² = 28/112.
    for (ours, expected) in control.weights.iter().zip([0.75, 0.25, 0.0]) {
        assert!((ours - expected).abs() < 1e-12, "{:?}", control.weights);
    }
    assert!((control.gaps[4] - -4.0).abs() < 1e-12 && (control.gaps[5] - -4.0).abs() < 1e-12);
    assert!((control.average_effect - -4.0).abs() < 1e-12);
    assert!(control.short && control.only_solution);
    let placebos = with_panel(&units, 4, |panel| {
        placebos(panel, &Matching::Outcomes).unwrap()
    });
    assert_eq!((placebos.floor, placebos.p_value), (0.25, 0.25));
}

#[test]
fn a_mix_of_donors_is_taken_apart_again() {
    let mut random = Random::new(1);
    let mut units = factor_model(&mut random, 9, 30, 1.0);
    let mix = [0.0, 0.5, 0.0, 0.2, 0.0, 0.3, 0.0, 0.0];
    units[0] = (0..30)
        .map(|t| {
            mix.iter()
                .zip(&units[1..])
                .map(|(w, unit)| w * unit[t])
                .sum()
        })
        .collect();
    let control = fitted(&units, 20);
    for (weight, expected) in control.weights.iter().zip(mix) {
        assert!((weight - expected).abs() < 1e-9, "{:?}", control.weights);
    }
    assert!(control.ssr < 1e-20 && control.gaps.iter().all(|gap| gap.abs() < 1e-9));
}

#[test]
fn two_donors_alike_leave_the_answer_open() {
    let unit = vec![1.0, 2.0, 1.0, 3.0];
    let units = [
        vec![2.0, 2.5, 2.0, 3.0],
        unit.clone(),
        unit,
        vec![9.0, 9.0, 8.0, 9.0],
    ];
    assert!(!fitted(&units, 3).only_solution);
}

#[test]
fn equal_predictors_are_matched_whatever_the_outcomes() {
    let mut random = Random::new(2);
    let units = factor_model(&mut random, 5, 12, 1.0);
    let predictors = Predictors {
        treated: vec![3.0, 1.0, 7.0],
        donors: vec![
            vec![1.0, 1.0, 7.0],
            vec![4.0, 1.0, 7.0],
            vec![9.0, 2.0, 7.0],
            vec![8.0, 3.0, 7.0],
        ],
    };
    // 3 = ⅓·1 + ⅔·4; the last predictor is the same everywhere and tells nothing.
    let matching = Matching::Predictors {
        predictors,
        importance: Importance::Equal,
    };
    let control = with_panel(&units, 8, |panel| fit(panel, &matching).unwrap());
    for (weight, expected) in control.weights.iter().zip([1.0 / 3.0, 2.0 / 3.0, 0.0, 0.0]) {
        assert!((weight - expected).abs() < 1e-9, "{:?}", control.weights);
    }
    assert!(control.predictor_loss.unwrap() < 1e-20);
    assert_eq!(control.importance, vec![1.0 / 3.0; 3]);
}

#[test]
fn the_search_is_repeatable_and_fits_outcomes_better_than_equal_shares() {
    let mut random = Random::new(3);
    let units = factor_model(&mut random, 10, 30, 0.3);
    let own = |unit: &Vec<f64>| {
        let mean = unit[..20].iter().sum::<f64>() / 20.0;
        vec![unit[3], unit[11], mean, unit[19]]
    };
    let predictors = Predictors {
        treated: own(&units[0]),
        donors: units[1..].iter().map(own).collect(),
    };
    let with = |importance| {
        let predictors = predictors.clone();
        let matching = Matching::Predictors {
            predictors,
            importance,
        };
        with_panel(&units, 20, |panel| fit(panel, &matching).unwrap())
    };
    let searched = with(Importance::Searched { seed: 4 });
    assert_eq!(searched, with(Importance::Searched { seed: 4 }));
    assert!(searched.ssr < with(Importance::Equal).ssr);
    assert!(searched.ssr >= fitted(&units, 20).ssr * (1.0 - 1e-9));
    assert!((searched.importance.iter().sum::<f64>() - 1.0).abs() < 1e-12);
}

#[test]
fn a_predictor_is_summed_up_over_what_is_known() {
    let values = [Some(1.0), None, Some(4.0), Some(7.0), Some(f64::NAN)];
    let of = |summary: Summary| summary.of(&values).unwrap();
    assert_eq!(
        (of(Summary::Mean), of(Summary::Median), of(Summary::Sum)),
        (4.0, 4.0, 12.0)
    );
    assert_eq!((of(Summary::Least), of(Summary::Most)), (1.0, 7.0));
    assert_eq!(of(Summary::StandardDeviation), 3.0);
    assert_eq!(Summary::Mean.of(&[None]), None);
    assert_eq!(Summary::StandardDeviation.of(&[Some(1.0)]), None);
}

#[test]
fn a_large_effect_ranks_first_and_the_p_value_stops_at_its_floor() {
    let mut random = Random::new(5);
    let mut units = factor_model(&mut random, 20, 40, 0.5);
    for value in &mut units[0][30..] {
        *value += 20.0;
    }
    let found = with_panel(&units, 30, |panel| {
        placebos(panel, &Matching::Outcomes).unwrap()
    });
    assert_eq!((found.p_value, found.floor), (0.05, 0.05));
    assert_eq!(found.donors.len(), 19);
    assert!(
        found
            .donors
            .iter()
            .all(|donor| donor.control.weights.len() == 18)
    );
    assert!((found.treated.control.average_effect - 20.0).abs() < 1.0);
}

#[test]
fn units_matched_exactly_are_not_evidence() {
    // In one period every unit but the highest and the lowest is matched exactly.
    let mut random = Random::new(9);
    let units = factor_model(&mut random, 12, 12, 1.0);
    let found = with_panel(&units, 1, |panel| {
        placebos(panel, &Matching::Outcomes).unwrap()
    });
    let exact = found
        .donors
        .iter()
        .filter(|donor| donor.ratio.is_infinite())
        .count();
    assert!(exact >= 9 && found.treated.ratio.is_infinite());
    assert!((found.p_value - (exact as f64 + 1.0) / 12.0).abs() < 1e-12);
}

#[test]
fn leaving_out_a_donor_shows_what_hangs_on_it() {
    let mut random = Random::new(7);
    let units = factor_model(&mut random, 8, 40, 0.2);
    let whole = fitted(&units, 30);
    let left = with_panel(&units, 30, |panel| {
        leave_one_out(panel, &Matching::Outcomes).unwrap()
    });
    let carries = whole.weights.iter().filter(|weight| **weight > 0.0).count();
    assert_eq!(left.len(), carries);
    for one in left {
        assert!(whole.weights[one.donor] > 0.0);
        assert_eq!(one.control.weights.len(), 6);
        assert!(one.control.ssr >= whole.ssr);
    }
}

/// Share of simulated panels without any effect that each p-value calls one at 5 %: by ratio, by
/// change. 19 donors, 10 later periods.
fn false_alarms(
    before: usize,
    panels: u64,
    units: impl Fn(&mut Random) -> Vec<Vec<f64>>,
) -> [f64; 2] {
    let mut alarms = [0.0; 2];
    for seed in 0..panels {
        let units = units(&mut Random::new(1_000 * before as u64 + seed));
        let Placebos {
            p_value,
            p_value_of_change,
            ..
        } = with_panel(&units, before, |panel| {
            placebos(panel, &Matching::Outcomes).unwrap()
        });
        alarms[0] += f64::from(u8::from(p_value < 0.0501)) / panels as f64;
        alarms[1] += f64::from(u8::from(p_value_of_change < 0.0501)) / panels as f64;
    }
    alarms
}

#[test]
fn the_placebo_test_is_calibrated_where_any_unit_might_have_been_treated() {
    let alarms = false_alarms(20, 200, |random| factor_model(random, 20, 30, 1.0));
    assert!(
        alarms.iter().all(|share| (0.01..0.10).contains(share)),
        "{alarms:?}"
    );
}

#[test]
fn the_placebo_test_overrejects_after_few_periods_where_the_treated_unit_is_unlike_the_donors() {
    // The treated unit stands one standard deviation above its donors and nothing happens: its
    // match is made of donors with good luck before, and luck does not last.
    let apart = |before: usize| {
        false_alarms(before, 200, move |random| {
            let unit = |one: usize, random: &mut Random| -> Vec<f64> {
                let level = if one == 0 { 1.0 } else { 0.0 };
                (0..before + 10).map(|_| level + random.normal()).collect()
            };
            (0..20).map(|one| unit(one, random)).collect()
        })
    };
    let (few, many) = (apart(4), apart(40));
    assert!(
        few[1] > 0.15 && many[1] < 0.12,
        "by change: {few:?}, {many:?}"
    );
    assert!(
        few[0] < 0.05 && many[0] < 0.05,
        "by ratio: {few:?}, {many:?}"
    );
    // It lies in the middle of its donors, as the method wants it: it is matched better by luck
    // than they can be, so the ratio starts from too small a denominator.
    let inside = |before: usize| {
        false_alarms(before, 200, move |random| {
            let mut units = factor_model(random, 20, before + 10, 0.5);
            units[0] = (0..before + 10).map(|_| 0.5 * random.normal()).collect();
            units
        })
    };
    let few = inside(8);
    assert!(few[0] > 0.08, "by ratio: {few:?}");
}

#[test]
fn conformal_intervals_cover_about_as_often_as_they_say() {
    let panels = 60;
    let mut covered = 0;
    for seed in 0..panels {
        let mut units = factor_model(&mut Random::new(seed), 12, 26, 1.0);
        units[0][25] += 3.0;
        let interval = with_panel(&units, 25, |panel| {
            conformal_interval(panel, 25, 0.9).unwrap()
        });
        covered += u32::from(interval.contains(3.0));
    }
    // 54 expected, standard error 2.3.
    assert!((47..=60).contains(&covered), "{covered}");
}

#[test]
fn the_conformal_test_accepts_the_truth_and_rejects_a_large_error() {
    let mut units = factor_model(&mut Random::new(8), 12, 40, 0.5);
    for value in &mut units[0][35..] {
        *value -= 4.0;
    }
    let p = |effect: f64| {
        with_panel(&units, 35, |panel| {
            conformal_test(panel, &[effect; 5]).unwrap()
        })
    };
    assert!(p(-4.0) > 0.1, "{}", p(-4.0));
    assert_eq!(p(0.0), 1.0 / 40.0);
}

#[test]
fn too_little_data_gets_a_reason() {
    let units = [vec![1.0, 2.0, 3.0, 4.0], vec![2.0, 1.0, 3.0, 3.0]];
    let few = |what, have, need| Unanswerable::TooFew { what, have, need };
    let ask = |panel: Panel| fit(&panel, &Matching::Outcomes).unwrap_err();
    let donors = borrowed(&units[1..]);
    let panel = Panel {
        treated: &units[0],
        donors: &donors,
        fit: 0..2,
        start: 2,
    };
    let base = || panel.clone();
    assert_eq!(
        ask(Panel {
            donors: &[],
            ..base()
        }),
        few("donors", 0, 1)
    );
    assert_eq!(
        ask(Panel {
            fit: 1..1,
            ..base()
        }),
        few("periods to match", 0, 1)
    );
    assert_eq!(
        ask(Panel { start: 4, ..base() }),
        few("periods from the start on", 0, 1)
    );
    assert!(matches!(
        ask(Panel {
            fit: 0..3,
            ..base()
        }),
        Unanswerable::Invalid(_)
    ));
    let short = Panel {
        treated: &units[0][..3],
        ..base()
    };
    assert!(matches!(ask(short), Unanswerable::Mismatched(_)));
    assert_eq!(
        placebos(&panel, &Matching::Outcomes).unwrap_err(),
        few("donors", 1, 2)
    );
    assert_eq!(
        conformal_interval(&panel, 2, 0.95).unwrap_err(),
        few("periods to match", 2, 19)
    );
    let predictors = Predictors {
        treated: vec![1.0],
        donors: vec![vec![1.0], vec![2.0]],
    };
    let matching = Matching::Predictors {
        predictors,
        importance: Importance::Equal,
    };
    assert!(matches!(
        fit(&panel, &matching),
        Err(Unanswerable::Mismatched(_))
    ));
}

prop_compose! {
    fn small_panel()(donors in 1..12_usize, before in 1..10_usize, seed in any::<u64>())
        -> (Vec<Vec<f64>>, usize) {
        let mut random = Random::new(seed);
        (factor_model(&mut random, donors + 1, before + 3, 1.0), before)
    }
}

proptest! {
    #[test]
    fn weights_are_shares_and_no_other_shares_fit_better((units, before) in small_panel()) {
        let control = fitted(&units, before);
        prop_assert!(control.weights.iter().all(|weight| *weight >= 0.0));
        prop_assert!((control.weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        // Moving weight to any donor must not shorten the gaps: Σₜ gapₜ·(yⱼₜ − syntheticₜ) ≤ 0.
        for donor in &units[1..] {
            let slope: f64 = (0..before)
                .map(|t| control.gaps[t] * (donor[t] - units[0][t] + control.gaps[t]))
                .sum();
            prop_assert!(slope <= 1e-12, "{slope}");
        }
        prop_assert!(control.kkt_gap < 1e-12);
    }

    #[test]
    fn the_order_of_donors_does_not_matter((units, before) in small_panel()) {
        let control = fitted(&units, before);
        let mut turned = units.clone();
        turned[1..].reverse();
        let mut other = fitted(&turned, before);
        prop_assert!((control.ssr - other.ssr).abs() < 1e-12);
        if control.only_solution {
            other.weights.reverse();
            for (a, b) in control.weights.iter().zip(&other.weights) {
                prop_assert!((a - b).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn units_of_measurement_do_not_matter(
        (units, before) in small_panel(),
        scale in 1e-6..1e6_f64,
        shift in -10.0..10.0_f64,
    ) {
        let control = fitted(&units, before);
        let moved: Vec<Vec<f64>> = units
            .iter()
            .map(|unit| unit.iter().map(|value| scale * (value + shift)).collect())
            .collect();
        let other = fitted(&moved, before);
        prop_assert!((control.ssr * scale * scale - other.ssr).abs() < 1e-9 * scale * scale);
        if control.only_solution {
            for (a, b) in control.weights.iter().zip(&other.weights) {
                prop_assert!((a - b).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn any_input_gets_an_answer_or_a_reason(
        units in ragged(1..7, 2..9),
        start in 1..7_usize,
        from in 0..8_usize,
        until in 0..8_usize,
        predictors in ragged(6..7, 0..3),
        importance in prop::collection::vec(wild(), 0..3),
        sound in prop::bool::weighted(0.8),
    ) {
        let (from, until) = if sound { (0, start) } else { (from, until) };
        let donors = borrowed(&units[1..]);
        let panel = Panel { treated: &units[0], donors: &donors, fit: from..until, start };
        let predictors = Predictors { treated: predictors[0].clone(), donors: predictors[1..units.len().min(predictors.len())].to_vec() };
        let matchings = [
            Matching::Outcomes,
            Matching::Predictors { predictors: predictors.clone(), importance: Importance::Equal },
            Matching::Predictors {
                predictors: predictors.clone(),
                importance: Importance::Given(importance),
            },
            Matching::Predictors { predictors, importance: Importance::Searched { seed: 1 } },
        ];
        for matching in matchings {
            if let Ok(control) = fit(&panel, &matching) {
                prop_assert!(control.weights.iter().all(|weight| (0.0..=1.0 + 1e-9).contains(weight)));
                prop_assert!(control.gaps.iter().all(|gap| gap.is_finite()));
                prop_assert!(control.ssr.is_finite() && control.average_effect.is_finite());
            }
            if let Ok(found) = placebos(&panel, &matching) {
                prop_assert!(found.p_value >= found.floor && found.p_value <= 1.0);
                prop_assert!(!found.treated.ratio.is_nan());
            }
            let _ = leave_one_out(&panel, &matching);
        }
        let _ = conformal_interval(&panel, start, 0.6);
        let _ = conformal_test(&panel, &[0.0, 1.0]);
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
