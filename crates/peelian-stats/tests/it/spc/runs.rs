use peelian_stats::Unanswerable;
use peelian_stats::spc::runs::{Runs, run_chart, runs};
use proptest::prelude::*;

use super::{normals, random, some};

#[test]
fn so_many_useful_values_allow_so_long_a_run_and_need_so_many_crossings() {
    for (useful, longest, crossings) in [
        (1, 3, 0),
        (4, 5, 0),
        (8, 6, 1),
        (18, 7, 5),
        (24, 8, 8),
        (30, 8, 10),
        (36, 8, 13),
        (48, 9, 18),
        (58, 9, 22),
    ] {
        let values: Vec<_> = (0..useful).map(|i| Some(f64::from(i % 2))).collect();
        let found = runs(&values, 0.5).unwrap();
        let useful = usize::try_from(useful).unwrap();
        assert_eq!(found.useful, useful);
        assert_eq!(
            (found.longest_allowed, found.crossings_needed),
            (longest, crossings),
            "{useful}"
        );
        assert_eq!((found.longest, found.crossings), (1, useful - 1));
    }
}

#[test]
fn crossings_needed_is_the_binomial_quantile() {
    for useful in 1..200_usize {
        // P(X ≤ k) of useful − 1 fair coins, by Pascal's rule.
        let mut chances = vec![1.0];
        for _ in 1..useful {
            let mut next = vec![0.0; chances.len() + 1];
            for (k, chance) in chances.iter().enumerate() {
                next[k] += chance / 2.0;
                next[k + 1] += chance / 2.0;
            }
            chances = next;
        }
        let mut sum = 0.0;
        let quantile = chances.iter().position(|chance| {
            sum += chance;
            sum >= 0.05
        });
        let found = runs(&vec![Some(1.0); useful], 0.0).unwrap();
        assert_eq!(Some(found.crossings_needed), quantile, "{useful}");
    }
}

#[test]
fn a_run_goes_on_across_gaps_and_values_on_the_line() {
    let values = [
        Some(2.0),
        None,
        Some(3.0),
        Some(1.0),
        Some(2.0),
        Some(0.0),
        Some(f64::NAN),
    ];
    let found = runs(&values, 1.0).unwrap();
    assert_eq!((found.useful, found.longest, found.crossings), (4, 3, 1));
}

#[test]
fn a_shift_that_no_single_point_shows_is_a_signal() {
    let mut values = [5.0, 6.0].repeat(9);
    values.extend([7.0, 8.0].repeat(9));
    let chart = run_chart(&some(&values), &[], None).unwrap();
    assert_eq!(chart[0].median, Some(6.5));
    let found = chart[0].runs.unwrap();
    assert_eq!((found.longest, found.crossings), (18, 1));
    assert!(found.too_long() && found.too_few_crossings() && found.signal());

    let parts = run_chart(&some(&values), &[18], None).unwrap();
    assert!(parts.iter().all(|part| !part.runs.unwrap().signal()));
    let fixed = run_chart(&some(&values), &[], Some(18)).unwrap();
    assert_eq!((fixed[0].median, fixed[0].n), (Some(5.5), 18));
}

#[test]
fn a_constant_series_has_no_useful_value_and_no_signal() {
    let chart = run_chart(&some(&[0.3; 20]), &[], None).unwrap();
    let none = Runs {
        useful: 0,
        longest: 0,
        longest_allowed: 0,
        crossings: 0,
        crossings_needed: 0,
    };
    assert_eq!(chart[0].runs, Some(none));
    assert!(!none.signal());
}

#[test]
fn what_cannot_be_judged_is_refused() {
    assert!(matches!(
        runs(&[Some(1.0)], f64::NAN),
        Err(Unanswerable::Invalid(_))
    ));
    assert!(matches!(
        run_chart(&[], &[], None),
        Err(Unanswerable::TooFew { .. })
    ));
    assert!(matches!(
        run_chart(&[None], &[], None),
        Err(Unanswerable::TooFew { .. })
    ));
    let empty_part = run_chart(&[Some(1.0), None], &[1], None).unwrap();
    assert_eq!((empty_part[1].median, empty_part[1].runs), (None, None));
}

/// Share of random series with a signal: about their own median, and about the true middle.
fn false_signals(n: usize) -> [f64; 2] {
    const SERIES: usize = 4_000;
    let mut random = random(4);
    let mut signals = [0, 0];
    for _ in 0..SERIES {
        let values = some(&normals(&mut random, n, 0.0));
        let own = run_chart(&values, &[], None).unwrap()[0].runs.unwrap();
        let known = runs(&values, 0.0).unwrap();
        signals[0] += usize::from(own.signal());
        signals[1] += usize::from(known.signal());
    }
    signals.map(|signals| signals as f64 / SERIES as f64)
}

#[test]
fn few_random_series_give_a_signal_and_more_about_a_middle_that_is_not_their_own() {
    for (n, own, known) in [(24, 0.03, 0.06), (36, 0.037, 0.077), (100, 0.047, 0.073)] {
        let [a, b] = false_signals(n);
        assert!((a - own).abs() < 0.015, "{n}: {a}");
        assert!((b - known).abs() < 0.015, "{n}: {b}");
    }
}

proptest! {
    #[test]
    fn any_input_gives_runs_that_add_up(
        values in prop::collection::vec(prop::option::of(prop::num::f64::ANY), 0..60),
        centre in prop::num::f64::ANY,
        starts in prop::collection::vec(0..70_usize, 0..4),
        baseline in prop::option::of(0..70_usize),
    ) {
        if let Ok(found) = runs(&values, centre) {
            prop_assert!(found.useful <= values.len());
            prop_assert!(found.longest + found.crossings <= found.useful.max(1));
        }
        if let Ok(chart) = run_chart(&values, &starts, baseline) {
            prop_assert_eq!(chart.last().unwrap().range.end, values.len());
        }
    }

    #[test]
    fn runs_look_at_order_and_side_alone(
        values in prop::collection::vec(-20..20_i32, 1..60),
    ) {
        let plain: Vec<_> = values.iter().map(|&v| Some(f64::from(v))).collect();
        let stretched: Vec<_> = values.iter().map(|&v| Some(f64::from(v).powi(3) * 7.0)).collect();
        let backwards: Vec<_> = plain.iter().rev().copied().collect();
        let found = runs(&plain, 0.0).unwrap();
        prop_assert_eq!(found, runs(&stretched, 0.0).unwrap());
        prop_assert_eq!(found, runs(&backwards, 0.0).unwrap());
    }
}
