use peelian_stats::Unanswerable;
use peelian_stats::time::change_points::{Change, Settings, change_points};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

fn noise(n: usize, seed: u64) -> Vec<f64> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..n).map(|_| StandardNormal.sample(&mut random)).collect()
}

fn firsts(values: &[f64], settings: &Settings) -> Vec<usize> {
    let values: Vec<_> = values.iter().copied().map(Some).collect();
    change_points(&values, settings)
        .unwrap()
        .iter()
        .map(|segment| segment.first)
        .collect()
}

#[test]
fn two_steps_are_found_where_they_are() {
    let mut values = noise(60, 3);
    for value in &mut values[20..40] {
        *value += 6.0;
    }
    for value in &mut values[40..] {
        *value += 2.0;
    }
    assert_eq!(firsts(&values, &Settings::default()), [0, 20, 40]);
}

#[test]
fn noise_alone_is_seldom_cut() {
    let cut = (0..200)
        .filter(|&seed| firsts(&noise(60, seed), &Settings::default()).len() > 1)
        .count();
    assert!(cut <= 10, "{cut} of 200");
}

#[test]
fn a_series_that_remembers_its_past_is_cut_though_nothing_changed() {
    let cut = |memory: f64| {
        let drifting = |seed| {
            let steps = noise(60, seed).into_iter();
            let series = steps.scan(0.0, move |level, step| {
                *level = memory * *level + step;
                Some(*level)
            });
            series.collect::<Vec<_>>()
        };
        (0..100)
            .filter(|&seed| firsts(&drifting(seed), &Settings::default()).len() > 1)
            .count()
    };
    assert!(cut(0.0) < 8);
    assert!(cut(0.6) > 30);
}

#[test]
fn a_change_of_spread_and_a_change_of_rate_are_found() {
    let mut values = noise(80, 5);
    for value in &mut values[40..] {
        *value *= 5.0;
    }
    let spread = Settings {
        change: Change::LevelAndSpread,
        ..Settings::default()
    };
    let found = firsts(&values, &spread);
    assert_eq!(found.len(), 2);
    assert!(found[1].abs_diff(40) <= 3, "{found:?}");
    let counts = [
        [2.0, 3.0, 1.0, 2.0, 4.0, 2.0, 1.0, 3.0],
        [9.0, 8.0, 11.0, 7.0, 10.0, 9.0, 12.0, 8.0],
    ]
    .concat();
    let rate = Settings {
        change: Change::Rate,
        ..Settings::default()
    };
    assert_eq!(firsts(&counts, &rate), [0, 8]);
}

#[test]
fn a_gap_is_stepped_over_and_places_are_those_of_the_series() {
    let mut values: Vec<_> = [0.0, 0.1, -0.1, 0.2, 0.0, -0.2, 0.1].map(Some).to_vec();
    values.extend([None, None]);
    values.extend([5.0, 5.1, 4.9, 5.2, 5.0, 4.8, 5.1].map(Some));
    let segments = change_points(&values, &Settings::default()).unwrap();
    assert_eq!(segments.len(), 2);
    assert_eq!(
        (segments[0].first, segments[0].last, segments[1].first),
        (0, 6, 9)
    );
    assert!((segments[1].mean - 35.1 / 7.0).abs() < 1e-12);
    assert!(segments[1].gain.unwrap() > 100.0);
}

#[test]
fn what_cannot_be_cut_is_refused_with_the_reason() {
    let usual = Settings::default();
    let refusal = |values: &[Option<f64>], settings| change_points(values, settings).unwrap_err();
    assert_eq!(
        refusal(&[Some(1.0), None], &usual),
        Unanswerable::TooFew {
            what: "values",
            have: 1,
            need: 6
        }
    );
    assert_eq!(refusal(&[Some(4.0); 30], &usual), Unanswerable::Constant);
    let rate = Settings {
        change: Change::Rate,
        ..usual
    };
    assert!(matches!(
        refusal(&[Some(-4.0); 30], &rate),
        Unanswerable::Invalid(_)
    ));
    assert_eq!(change_points(&[Some(4.0); 30], &rate).unwrap().len(), 1);
    let odd = Settings {
        penalty: Some(f64::NAN),
        ..usual
    };
    assert!(matches!(
        refusal(&[Some(4.0); 30], &odd),
        Unanswerable::Invalid(_)
    ));
}

/// The cost of the best cutting, by trying them all.
fn exhaustive(values: &[f64], shortest: usize, penalty: f64) -> f64 {
    let cost = |part: &[f64]| {
        let mean = part.iter().sum::<f64>() / part.len() as f64;
        part.iter().map(|value| (value - mean).powi(2)).sum::<f64>()
    };
    let mut best = vec![f64::INFINITY; values.len() + 1];
    best[0] = -penalty;
    for to in shortest..=values.len() {
        for from in 0..=to - shortest {
            best[to] = best[to].min(best[from] + cost(&values[from..to]) + penalty);
        }
    }
    best[values.len()]
}

proptest! {
    #[test]
    fn pruning_never_loses_the_best_cutting(
        values in prop::collection::vec(-10.0..10.0_f64, 12..40), shortest in 1_usize..5, penalty in 0.1..20.0_f64,
    ) {
        let given: Vec<_> = values.iter().copied().map(Some).collect();
        let settings = Settings { change: Change::Level, shortest, penalty: Some(penalty) };
        let segments = change_points(&given, &settings).unwrap();
        let mut steps: Vec<f64> = values.windows(2).map(|p| (p[1] - p[0]).abs()).collect();
        steps.sort_by(f64::total_cmp);
        let middle = (steps.len() - 1) as f64 / 2.0;
        let median = f64::midpoint(steps[middle.floor() as usize], steps[middle.ceil() as usize]);
        let variance = (median / 0.674_489_750_196_081_7).powi(2) / 2.0;
        let ours: f64 = segments.iter().map(|s| s.n as f64 * s.spread * s.spread / variance + penalty).sum();
        let scaled: Vec<f64> = values.iter().map(|value| value / variance.sqrt()).collect();
        let best = exhaustive(&scaled, shortest, penalty) + penalty;
        prop_assert!((ours - best).abs() <= 1e-6 * best.abs().max(1.0), "{ours} {best}");
    }

    #[test]
    fn scale_and_shift_move_no_cut(
        values in prop::collection::vec(-10.0..10.0_f64, 20..40), scale in 0.01..100.0_f64, shift in -100.0..100.0_f64,
    ) {
        let other: Vec<f64> = values.iter().map(|value| value * scale + shift).collect();
        prop_assert_eq!(firsts(&values, &Settings::default()), firsts(&other, &Settings::default()));
    }

    #[test]
    fn no_values_panic(
        values in prop::collection::vec(prop::option::of(prop::num::f64::ANY), 0..30), shortest in 0_usize..40,
        penalty in prop::option::of(prop::num::f64::ANY),
    ) {
        for change in [Change::Level, Change::LevelAndSpread, Change::Rate] {
            let _ = change_points(&values, &Settings { change, shortest, penalty });
        }
    }
}
