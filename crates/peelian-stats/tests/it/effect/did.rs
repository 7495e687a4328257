use peelian_stats::Unanswerable;
use peelian_stats::effect::did::{
    JackknifeFactor, Panel, Resampling, Settings, TwoWay, Weights, event_study, randomisation_test,
    two_by_two, two_way, wild_bootstrap,
};
use proptest::prelude::*;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::goldens::{Within, close, run};

#[test]
fn coefficients_and_errors_equal_statsmodels_and_pyfixest() {
    let (exact, error) = (Within::Relative(1e-9), Within::Relative(1e-6));
    for case in run("did") {
        case.matches_json(
            "expected.json",
            &[
                ("/statsmodels_2x2/coef", exact),
                ("/statsmodels_2x2/se_cluster", error),
                ("/statsmodels_2x2/se_iid", error),
                ("/statsmodels_2x2/p_normal", error),
                ("/statsmodels_2x2/p_t_G_minus_1", error),
                ("/pyfixest_twfe_iid/coef", exact),
                ("/pyfixest_twfe_iid/se", error),
                ("/pyfixest_twfe_iid/p", error),
                ("/pyfixest_twfe_crv1/coef", exact),
                ("/pyfixest_twfe_crv1/se", error),
                ("/pyfixest_twfe_crv1/p", error),
                ("/pyfixest_twfe_crv3/coef", exact),
                ("/pyfixest_twfe_crv3/se", error),
                ("/pyfixest_twfe_crv3/p", error),
                ("/event_study_crv1/coef", exact),
                ("/event_study_crv1/se", error),
            ],
        );
    }
}

/// Rows of a panel, one treatment start for the first units.
#[derive(Clone)]
struct Rows {
    unit: Vec<usize>,
    time: Vec<usize>,
    treatment: Vec<f64>,
    outcome: Vec<f64>,
}

#[derive(Clone, Copy)]
struct Shape {
    units: usize,
    times: usize,
    treated: usize,
    start: usize,
    effect: f64,
    /// Share of a deviation carried over to the next time.
    carried: f64,
    noise: f64,
}

const SHAPE: Shape = Shape {
    units: 40,
    times: 12,
    treated: 15,
    start: 7,
    effect: -2.0,
    carried: 0.6,
    noise: 1.0,
};

impl Rows {
    fn new(seed: u64, shape: Shape) -> Self {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut draw = || -> f64 { StandardNormal.sample(&mut random) };
        let mut rows = Self {
            unit: vec![],
            time: vec![],
            treatment: vec![],
            outcome: vec![],
        };
        for unit in 0..shape.units {
            let level = 10.0 * draw();
            let mut deviation = draw();
            for time in 0..shape.times {
                let treated = unit < shape.treated && time >= shape.start;
                let treatment = f64::from(u8::from(treated));
                let season = (time as f64).sin();
                rows.unit.push(unit);
                rows.time.push(time);
                rows.treatment.push(treatment);
                rows.outcome
                    .push(level + season + shape.effect * treatment + shape.noise * deviation);
                deviation = shape.carried * deviation
                    + (1.0 - shape.carried * shape.carried).sqrt() * draw();
            }
        }
        rows
    }

    fn panel(&self) -> Panel<'_> {
        Panel {
            unit: &self.unit,
            time: &self.time,
            outcome: &self.outcome,
            cluster: None,
        }
    }

    fn fit(&self) -> TwoWay {
        two_way(&self.panel(), &self.treatment, &Settings::default()).unwrap()
    }

    /// Rows in the order (and number) given by their indices.
    fn select(&self, rows: &[usize]) -> Self {
        Self {
            unit: rows.iter().map(|&r| self.unit[r]).collect(),
            time: rows.iter().map(|&r| self.time[r]).collect(),
            treatment: rows.iter().map(|&r| self.treatment[r]).collect(),
            outcome: rows.iter().map(|&r| self.outcome[r]).collect(),
        }
    }

    fn without(&self, drop: impl Fn(usize) -> bool) -> Self {
        let keep: Vec<_> = (0..self.unit.len()).filter(|&row| !drop(row)).collect();
        self.select(&keep)
    }
}

#[test]
fn an_effect_without_noise_is_recovered_with_and_without_gaps() {
    let shape = Shape {
        noise: 0.0,
        ..SHAPE
    };
    let rows = Rows::new(1, shape);
    for rows in [rows.clone(), rows.without(|row| row % 7 == 3)] {
        let fit = rows.fit();
        close(fit.effect, -2.0, 1e-10, "effect");
        assert!(fit.clustered.standard_error < 1e-10);
    }
}

#[test]
fn four_means_make_the_plain_form() {
    // Means 10, 12 for controls and 20, 15 for treated: −7.
    let outcome = [9.0, 11.0, 12.0, 12.0, 19.0, 21.0, 14.0, 16.0];
    let treated = [false, false, false, false, true, true, true, true];
    let after = [false, false, true, true, false, false, true, true];
    let unit = [0, 1, 0, 1, 2, 3, 2, 3];
    let fit = two_by_two(&outcome, &treated, &after, &unit, 0.95).unwrap();
    close(fit.effect.estimate, -7.0, 1e-12, "effect");
    close(fit.control_before.estimate, 10.0, 1e-12, "controls before");
    close(fit.after.estimate, 2.0, 1e-12, "after");
    close(fit.treated.estimate, 10.0, 1e-12, "treated");
    // Units change by 3, 1, −5, −5. Σ scores² = 2 for β; 4/3 · 7/4 of it.
    close(
        fit.effect.clustered.standard_error,
        (0.5 * 4.0 / 3.0 * 7.0 / 4.0_f64).sqrt(),
        1e-12,
        "error",
    );
    assert!(fit.few_clusters);
    // No control before, and no treated unit at all.
    assert_eq!(
        two_by_two(&outcome[2..], &treated[2..], &after[2..], &unit[2..], 0.95).unwrap_err(),
        Unanswerable::Collinear
    );
    assert_eq!(
        two_by_two(&outcome, &[false; 8], &after, &unit, 0.95).unwrap_err(),
        Unanswerable::Collinear
    );
}

#[test]
fn two_way_and_the_plain_form_agree_on_a_full_panel() {
    let rows = Rows::new(2, SHAPE);
    let treated: Vec<_> = rows.unit.iter().map(|&u| u < SHAPE.treated).collect();
    let after: Vec<_> = rows.time.iter().map(|&t| t >= SHAPE.start).collect();
    let plain = two_by_two(&rows.outcome, &treated, &after, &rows.unit, 0.95).unwrap();
    close(rows.fit().effect, plain.effect.estimate, 1e-10, "effect");
}

/// β and its residuals by brute force: a column for every unit and time.
fn by_dummies(rows: &Rows) -> f64 {
    use nalgebra::{DMatrix, DVector};
    let (units, times) = (
        rows.unit.iter().max().unwrap() + 1,
        rows.time.iter().max().unwrap() + 1,
    );
    let x = DMatrix::from_fn(rows.unit.len(), units + times, |row, column| {
        if column == 0 {
            rows.treatment[row]
        } else if column <= units {
            f64::from(u8::from(rows.unit[row] == column - 1))
        } else {
            f64::from(u8::from(rows.time[row] == column - units))
        }
    });
    let y = DVector::from_column_slice(&rows.outcome);
    x.svd(true, true).solve(&y, 1e-10).unwrap()[0]
}

#[test]
fn a_panel_with_gaps_and_repeats_gives_what_a_column_for_every_unit_and_time_gives() {
    let shape = Shape {
        units: 12,
        times: 8,
        treated: 5,
        start: 4,
        ..SHAPE
    };
    let full = Rows::new(3, shape);
    let mut uneven: Vec<_> = (0..96).filter(|row| row % 5 != 2).collect();
    uneven.extend([7, 7, 40]);
    let rows = full.select(&uneven);
    let fit = rows.fit();
    close(fit.effect, by_dummies(&rows), 1e-9, "effect");
    // The jackknife by fitting afresh without each unit.
    let mut squares = 0.0;
    for unit in 0..12 {
        let without = rows.without(|row| rows.unit[row] == unit);
        squares += (by_dummies(&without) - fit.effect).powi(2);
    }
    close(
        fit.jackknife.unwrap().standard_error,
        (squares * 11.0 / 12.0).sqrt(),
        1e-8,
        "jackknife",
    );
}

#[test]
fn means_and_equations_give_the_same_where_both_apply() {
    let rows = Rows::new(4, SHAPE);
    let full = rows.fit();
    // Every row twice is no longer "every time once", and changes neither β nor the left-out βs.
    let twice: Vec<_> = (0..rows.unit.len()).flat_map(|row| [row, row]).collect();
    let doubled = rows.select(&twice).fit();
    close(doubled.effect, full.effect, 1e-11, "effect");
    close(
        doubled.jackknife.unwrap().standard_error,
        full.jackknife.unwrap().standard_error,
        1e-9,
        "jackknife",
    );
    close(
        doubled.clustered.standard_error / doubled.small_sample.sqrt(),
        full.clustered.standard_error / full.small_sample.sqrt(),
        1e-9,
        "by cluster",
    );
}

#[test]
fn the_bootstrap_is_the_same_by_means_and_by_equations() {
    let rows = Rows::new(5, SHAPE);
    let twice: Vec<_> = (0..rows.unit.len()).flat_map(|row| [row, row]).collect();
    let doubled = rows.select(&twice);
    let test = |rows: &Rows| {
        wild_bootstrap(&rows.panel(), &rows.treatment, 0.95, Resampling::default()).unwrap()
    };
    let (a, b) = (test(&rows), test(&doubled));
    assert_eq!(a.p_value, b.p_value);
    close(a.interval.lower, b.interval.lower, 1e-7, "lower");
}

#[test]
fn a_cluster_may_hold_several_units_and_no_unit_may_lie_in_two() {
    let rows = Rows::new(6, SHAPE);
    let pairs: Vec<_> = rows.unit.iter().map(|unit| unit / 2).collect();
    let panel = Panel {
        cluster: Some(&pairs),
        ..rows.panel()
    };
    let fit = two_way(&panel, &rows.treatment, &Settings::default()).unwrap();
    assert_eq!((fit.clusters, fit.treated_clusters), (20, 8));
    assert!(fit.few_clusters);
    close(fit.effect, rows.fit().effect, 1e-12, "effect");
    // By hand: β without the first pair.
    let squares: f64 = (0..20)
        .map(|pair| rows.without(|row| pairs[row] == pair).fit().effect)
        .map(|without| (without - fit.effect).powi(2))
        .sum();
    close(
        fit.jackknife.unwrap().standard_error,
        (squares * 19.0 / 20.0).sqrt(),
        1e-9,
        "jackknife",
    );
    let by_row: Vec<_> = (0..rows.unit.len()).collect();
    let split = Panel {
        cluster: Some(&by_row),
        ..rows.panel()
    };
    assert!(matches!(
        two_way(&split, &rows.treatment, &Settings::default()),
        Err(Unanswerable::Mismatched(_))
    ));
}

#[test]
fn the_peers_factor_makes_the_jackknife_larger() {
    let rows = Rows::new(7, SHAPE);
    let theirs = Settings {
        jackknife: JackknifeFactor::SmallSample,
        ..Settings::default()
    };
    let theirs = two_way(&rows.panel(), &rows.treatment, &theirs).unwrap();
    let ours = rows.fit();
    let ratio = theirs.jackknife.unwrap().standard_error / ours.jackknife.unwrap().standard_error;
    close(
        ratio,
        (ours.small_sample * 40.0 / 39.0).sqrt(),
        1e-12,
        "ratio",
    );
}

#[test]
fn one_treated_unit_has_no_jackknife_and_says_so() {
    let rows = Rows::new(
        8,
        Shape {
            treated: 1,
            ..SHAPE
        },
    );
    let fit = rows.fit();
    assert_eq!((fit.jackknife, fit.treated_clusters), (None, 1));
}

#[test]
fn treatment_that_all_get_at_once_is_no_comparison() {
    let rows = Rows::new(
        9,
        Shape {
            treated: 40,
            ..SHAPE
        },
    );
    assert_eq!(
        two_way(&rows.panel(), &rows.treatment, &Settings::default()).unwrap_err(),
        Unanswerable::Collinear
    );
    let short = Panel {
        outcome: &rows.outcome[1..],
        ..rows.panel()
    };
    assert!(matches!(
        two_way(&short, &rows.treatment, &Settings::default()),
        Err(Unanswerable::Mismatched(_))
    ));
}

#[test]
fn independent_errors_cover_far_too_seldom_and_errors_by_cluster_nearly_as_they_should() {
    let mut covered = [0_usize; 3];
    let mut ratio = 0.0;
    for seed in 0..400 {
        let fit = Rows::new(500 + seed, SHAPE).fit();
        let errors = [fit.independent, fit.clustered, fit.jackknife.unwrap()];
        for (count, error) in covered.iter_mut().zip(errors) {
            *count += usize::from(error.interval.contains(-2.0));
        }
        ratio += fit.clustered.standard_error / fit.independent.standard_error / 400.0;
    }
    // 380 of 400 is nominal.
    assert!(covered[0] < 330, "independent: {}", covered[0]);
    assert!((364..=394).contains(&covered[1]), "cluster: {}", covered[1]);
    assert!(
        (364..=396).contains(&covered[2]),
        "jackknife: {}",
        covered[2]
    );
    assert!((1.3..1.8).contains(&ratio), "errors too small by {ratio}");
}

#[test]
fn the_bootstrap_holds_its_level_where_few_clusters_are_treated() {
    let shape = Shape {
        units: 14,
        treated: 5,
        effect: 0.0,
        ..SHAPE
    };
    let resampling = Resampling {
        draws: 199,
        seed: 3,
    };
    let found = (0..300)
        .filter(|&seed| {
            let rows = Rows::new(seed, shape);
            let test = wild_bootstrap(&rows.panel(), &rows.treatment, 0.95, resampling).unwrap();
            assert_eq!(test.weights, Weights::Rademacher);
            test.p_value <= 0.05
        })
        .count();
    // 15 of 300 are to be expected.
    assert!((3..=30).contains(&found), "{found}");
}

#[test]
fn the_bootstraps_interval_ends_where_its_test_does() {
    let rows = Rows::new(10, SHAPE);
    let test = |rows: &Rows| {
        wild_bootstrap(&rows.panel(), &rows.treatment, 0.95, Resampling::default()).unwrap()
    };
    let whole = test(&rows);
    assert!(whole.interval.contains(whole.effect));
    let error = rows.fit().clustered.standard_error;
    for (end, inwards) in [(whole.interval.lower, 1.0), (whole.interval.upper, -1.0)] {
        for (step, rejected) in [(-0.1, true), (0.1, false)] {
            let null = end + inwards * step * error;
            let mut moved = rows.clone();
            for (y, d) in moved.outcome.iter_mut().zip(&rows.treatment) {
                *y -= null * d;
            }
            assert_eq!(test(&moved).p_value <= 0.05, rejected, "{end} {step}");
        }
    }
}

#[test]
fn six_point_weights_are_drawn_for_few_clusters() {
    let rows = Rows::new(
        11,
        Shape {
            units: 12,
            treated: 4,
            ..SHAPE
        },
    );
    let test = wild_bootstrap(&rows.panel(), &rows.treatment, 0.95, Resampling::default());
    assert_eq!(test.unwrap().weights, Weights::Webb);
    let few = Resampling { draws: 5, seed: 0 };
    assert!(matches!(
        wild_bootstrap(&rows.panel(), &rows.treatment, 0.95, few),
        Err(Unanswerable::TooFew { .. })
    ));
}

#[test]
fn dealing_treatment_out_again_finds_an_effect_and_not_its_absence() {
    let p = |seed, effect| {
        let rows = Rows::new(seed, Shape { effect, ..SHAPE });
        randomisation_test(&rows.panel(), &rows.treatment, Resampling::default())
            .unwrap()
            .p_value
    };
    assert!((0..10).all(|seed| p(seed, -3.0) < 0.01));
    let resampling = Resampling {
        draws: 199,
        seed: 1,
    };
    let found = (0..300)
        .filter(|&seed| {
            let rows = Rows::new(
                seed,
                Shape {
                    effect: 0.0,
                    ..SHAPE
                },
            );
            let test = randomisation_test(&rows.panel(), &rows.treatment, resampling).unwrap();
            test.p_value <= 0.05
        })
        .count();
    assert!((4..=29).contains(&found), "{found}");
    let gaps = Rows::new(1, SHAPE).without(|row| row == 5);
    assert!(matches!(
        randomisation_test(&gaps.panel(), &gaps.treatment, resampling),
        Err(Unanswerable::Mismatched(_))
    ));
}

#[test]
fn a_seed_gives_the_same_answer_every_time() {
    let rows = Rows::new(12, SHAPE);
    let test = |seed| {
        let resampling = Resampling { draws: 99, seed };
        wild_bootstrap(&rows.panel(), &rows.treatment, 0.9, resampling).unwrap()
    };
    assert_eq!(test(1), test(1));
    assert_ne!(test(1).interval, test(2).interval);
}

/// Times since the start for treated units.
fn relative(rows: &Rows, shape: Shape) -> Vec<Option<i64>> {
    rows.unit
        .iter()
        .zip(&rows.time)
        .map(|(&unit, &time)| (unit < shape.treated).then_some(time as i64 - shape.start as i64))
        .collect()
}

#[test]
fn the_effect_by_time_is_a_difference_of_means_against_the_reference() {
    let rows = Rows::new(13, SHAPE);
    let study = event_study(&rows.panel(), &relative(&rows, SHAPE), -1, 0.95).unwrap();
    assert_eq!(study.events.len(), SHAPE.times - 1);
    let mean = |treated: bool, time: usize| {
        let rows = (0..rows.unit.len())
            .filter(|&row| (rows.unit[row] < SHAPE.treated) == treated && rows.time[row] == time)
            .map(|row| rows.outcome[row]);
        let values: Vec<_> = rows.collect();
        values.iter().sum::<f64>() / values.len() as f64
    };
    for event in &study.events {
        let time = (event.relative + 7) as usize;
        let expected = mean(true, time) - mean(true, 6) - mean(false, time) + mean(false, 6);
        assert!((event.estimate - expected).abs() < 1e-9);
    }
}

#[test]
fn the_joint_test_of_the_time_before_sees_a_trend_and_holds_its_level() {
    let found = |drift: f64| {
        (0..300_u64)
            .filter(|&seed| {
                let mut rows = Rows::new(9000 + seed, SHAPE);
                for row in 0..rows.unit.len() {
                    if rows.unit[row] < SHAPE.treated {
                        rows.outcome[row] += drift * rows.time[row] as f64;
                    }
                }
                let study = event_study(&rows.panel(), &relative(&rows, SHAPE), -1, 0.95);
                study.unwrap().pre_trend.unwrap().p_value < 0.05
            })
            .count()
    };
    let (nothing, drifting) = (found(0.0), found(0.5));
    assert!((4..=36).contains(&nothing), "{nothing} of 300");
    assert!(drifting > 270, "{drifting} of 300");
}

#[test]
fn an_event_study_needs_its_reference_and_units_never_treated() {
    let rows = Rows::new(14, SHAPE);
    let since = relative(&rows, SHAPE);
    assert!(matches!(
        event_study(&rows.panel(), &since, 50, 0.95),
        Err(Unanswerable::Invalid(_))
    ));
    let all: Vec<_> = rows.time.iter().map(|&t| Some(t as i64 - 7)).collect();
    assert_eq!(
        event_study(&rows.panel(), &all, -1, 0.95).unwrap_err(),
        Unanswerable::Collinear
    );
    // Three treated units cannot speak about six times.
    let few = Shape {
        treated: 3,
        ..SHAPE
    };
    let rows = Rows::new(15, few);
    let study = event_study(&rows.panel(), &relative(&rows, few), -1, 0.95).unwrap();
    assert_eq!(study.pre_trend, None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn order_names_scale_and_shift_do_not_matter(
        seed in any::<u64>(),
        scale in 0.001..1000.0_f64,
        shift in -1e5..1e5_f64,
        gaps in any::<bool>(),
    ) {
        let shape = Shape { units: 10, times: 6, treated: 4, start: 3, ..SHAPE };
        let rows = Rows::new(seed % 1000, shape);
        let rows = if gaps { rows.without(|row| row % 11 == 4) } else { rows };
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut order: Vec<_> = (0..rows.unit.len()).collect();
        order.shuffle(&mut random);
        let mut moved = rows.select(&order);
        let mut names: Vec<_> = (0..10).map(|n| n * 97 + random.random_range(0..90)).collect();
        names.shuffle(&mut random);
        for unit in &mut moved.unit {
            *unit = names[*unit];
        }
        for time in &mut moved.time {
            *time = 1_000_000 - *time * 13;
        }
        for y in &mut moved.outcome {
            *y = scale * *y + shift;
        }
        let (a, b) = (rows.fit(), moved.fit());
        prop_assert!((b.effect / scale - a.effect).abs() < 1e-6);
        for (a, b) in [
            (a.independent, b.independent),
            (a.clustered, b.clustered),
            (a.jackknife.unwrap(), b.jackknife.unwrap()),
        ] {
            let ratio = b.standard_error / (scale * a.standard_error);
            prop_assert!((ratio - 1.0).abs() < 1e-5, "{ratio}");
        }
    }

    #[test]
    fn nothing_makes_a_panel_panic_or_answer_without_a_number(
        rows in prop::collection::vec(
            (0_usize..6, 0_usize..6, prop::num::f64::ANY, prop::num::f64::ANY, -3_i64..3),
            0..40,
        ),
        plain in any::<bool>(),
        confidence in prop::num::f64::ANY,
    ) {
        let confidence = if plain { 0.95 } else { confidence };
        let number = |value: f64| {
            if plain && value.is_finite() { (value.to_bits() % 7) as f64 } else { value }
        };
        let unit: Vec<_> = rows.iter().map(|row| row.0).collect();
        let time: Vec<_> = rows.iter().map(|row| row.1).collect();
        let outcome: Vec<_> = rows.iter().map(|row| number(row.2)).collect();
        let treatment: Vec<_> = rows.iter().map(|row| number(row.3)).collect();
        let panel = Panel { unit: &unit, time: &time, outcome: &outcome, cluster: None };
        let settings = Settings { confidence, ..Settings::default() };
        if let Ok(fit) = two_way(&panel, &treatment, &settings) {
            let errors = [Some(fit.independent), Some(fit.clustered), fit.jackknife];
            for error in errors.into_iter().flatten() {
                prop_assert!(error.standard_error.is_finite());
                prop_assert!((0.0..=1.0).contains(&error.p_value));
                prop_assert!(error.interval.lower <= error.interval.upper);
            }
        }
        let resampling = Resampling { draws: 19, seed: 1 };
        if let Ok(test) = wild_bootstrap(&panel, &treatment, confidence, resampling) {
            prop_assert!(test.effect.is_finite() && (0.0..=1.0).contains(&test.p_value));
            prop_assert!(!test.interval.lower.is_nan() && !test.interval.upper.is_nan());
        }
        let _ = randomisation_test(&panel, &treatment, resampling);
        let since: Vec<_> = rows.iter().map(|row| (row.4 < 2).then_some(row.4)).collect();
        if let Ok(study) = event_study(&panel, &since, -1, confidence) {
            prop_assert!(study.events.iter().all(|event| event.estimate.is_finite()));
        }
        let (yes, after): (Vec<_>, Vec<_>) =
            rows.iter().map(|row| (row.0 < 3, row.1 < 3)).unzip();
        if let Ok(fit) = two_by_two(&outcome, &yes, &after, &unit, confidence) {
            prop_assert!(fit.effect.clustered.standard_error.is_finite());
        }
    }
}
