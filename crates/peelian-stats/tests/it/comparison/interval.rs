use peelian_stats::comparison::interval::{poisson, poisson_exact, rate, rate_ratio, wilson};
use proptest::prelude::*;
use serde::Deserialize;

use crate::goldens::{cases, close, json, rows};

#[derive(Deserialize)]
struct Params {
    multiplier: f64,
    confidence: Vec<f64>,
}

#[derive(Deserialize)]
struct Expected {
    x: f64,
    n: f64,
    lowercl: f64,
    uppercl: f64,
}

#[test]
fn rates_and_proportions_equal_pheindicatormethods() {
    for case in cases("rates_byar_wilson") {
        let params: Params = json(&case, "params.json");
        for confidence in params.confidence {
            let suffix = format!("{confidence}").replace("0.", "");
            for Expected {
                x,
                n,
                lowercl,
                uppercl,
            } in rows(&case, &format!("expected_rate_{suffix}.csv"))
            {
                let ours = rate(x, n, params.multiplier, confidence).unwrap();
                close(
                    ours.lower,
                    lowercl,
                    1e-10,
                    &format!("rate {x} of {n}, lower"),
                );
                close(
                    ours.upper,
                    uppercl,
                    1e-10,
                    &format!("rate {x} of {n}, upper"),
                );
            }
            for Expected {
                x,
                n,
                lowercl,
                uppercl,
            } in rows(&case, &format!("expected_proportion_{suffix}.csv"))
            {
                let ours = wilson(x, n, confidence).unwrap();
                close(
                    ours.lower,
                    lowercl,
                    1e-10,
                    &format!("proportion {x} of {n}, lower"),
                );
                close(
                    ours.upper,
                    uppercl,
                    1e-10,
                    &format!("proportion {x} of {n}, upper"),
                );
            }
        }
    }
}

fn round(value: f64, places: i32) -> f64 {
    let unit = 10_f64.powi(places);
    (value * unit).round() / unit
}

#[test]
fn wilson_gives_the_values_worked_by_hand() {
    for (x, n, lower, upper) in [
        (266.0, 317.0, 0.7946, 0.8755),
        (121.0, 132.0, 0.8569, 0.9528),
        (8.0, 10.0, 0.4902, 0.9433),
    ] {
        let ours = wilson(x, n, 0.95).unwrap();
        assert_eq!((round(ours.lower, 4), round(ours.upper, 4)), (lower, upper));
    }
}

#[test]
fn byar_gives_the_values_worked_by_hand() {
    for (count, lower, upper) in [
        (10.0, 4.787, 18.391),
        (50.0, 37.108, 65.920),
        (244.0, 214.341, 276.615),
    ] {
        let ours = poisson(count, 0.95).unwrap();
        assert_eq!((round(ours.lower, 3), round(ours.upper, 3)), (lower, upper));
    }
}

#[test]
fn no_events_still_have_an_upper_end() {
    let ours = poisson(0.0, 0.95).unwrap();
    assert_eq!(ours.lower, 0.0);
    // −ln 0.025, the exact upper limit of nothing.
    close(ours.upper, 3.688_879_454_113_936, 1e-12, "upper end of 0");
}

#[test]
fn byar_meets_the_exact_limits_where_it_takes_over() {
    for count in [10.0, 30.0, 1000.0, 1e6] {
        let (byar, exact) = (
            poisson(count, 0.95).unwrap(),
            poisson_exact(count, 0.95).unwrap(),
        );
        close(byar.lower, exact.lower, 0.02 / count, "lower");
        close(byar.upper, exact.upper, 0.02 / count, "upper");
    }
}

#[test]
fn a_rate_ratio_gives_the_value_worked_by_hand() {
    let (ratio, interval) = rate_ratio(120.0, 30_000.0, 800.0, 900_000.0, 0.95).unwrap();
    assert_eq!(round(ratio, 2), 4.50);
    assert_eq!(
        (round(interval.lower, 2), round(interval.upper, 2)),
        (3.72, 5.45)
    );
}

#[test]
fn questions_without_an_answer_get_none() {
    assert_eq!(wilson(0.0, 0.0, 0.95), None);
    assert_eq!(wilson(3.0, 2.0, 0.95), None);
    assert_eq!(wilson(-1.0, 2.0, 0.95), None);
    assert_eq!(wilson(1.0, 2.0, 1.0), None);
    assert_eq!(poisson(-1.0, 0.95), None);
    assert_eq!(poisson(f64::INFINITY, 0.95), None);
    assert_eq!(poisson(5.0, 0.0), None);
    assert_eq!(rate(5.0, 0.0, 1000.0, 0.95), None);
    assert_eq!(rate_ratio(0.0, 10.0, 5.0, 10.0, 0.95), None);
    assert_eq!(rate_ratio(11.0, 10.0, 5.0, 10.0, 0.95), None);
}

proptest! {
    #[test]
    fn no_input_panics(
        a in prop::num::f64::ANY, b in prop::num::f64::ANY, c in prop::num::f64::ANY,
        d in prop::num::f64::ANY, e in prop_oneof![prop::num::f64::ANY, 0.0..1.0_f64],
    ) {
        let _ = (wilson(a, b, e), poisson(a, e), poisson_exact(a, e), rate(a, b, c, e));
        let _ = rate_ratio(a, b, c, d, e);
    }

    #[test]
    fn wilson_lies_within_0_and_1_and_holds_the_proportion(
        total in 1.0..1e9_f64, share in 0.0..=1.0_f64, confidence in 0.01..0.9999_f64,
    ) {
        let events = (total * share).min(total);
        let ours = wilson(events, total, confidence).unwrap();
        prop_assert!(0.0 <= ours.lower && ours.upper <= 1.0);
        prop_assert!(ours.contains(events / total));
    }

    #[test]
    fn a_poisson_interval_holds_the_count_and_widens_with_confidence(
        count in prop_oneof![0.0..30.0_f64, 0.0..1e9_f64], confidence in 0.01..0.99_f64,
    ) {
        for method in [poisson, poisson_exact] {
            let (narrow, wide) =
                (method(count, confidence).unwrap(), method(count, confidence + 0.009).unwrap());
            prop_assert!(narrow.contains(count));
            prop_assert!(wide.lower <= narrow.lower && narrow.upper <= wide.upper);
        }
    }

    #[test]
    fn a_rate_ratio_lies_in_its_interval_and_turns_with_its_arguments(
        a in 1.0..1e4_f64, b in 1.0..1e4_f64, a_more in 1.0..1e6_f64, b_more in 1.0..1e6_f64,
    ) {
        let (ratio, interval) = rate_ratio(a, a + a_more, b, b + b_more, 0.95).unwrap();
        let (turned, turned_interval) = rate_ratio(b, b + b_more, a, a + a_more, 0.95).unwrap();
        prop_assert!(interval.contains(ratio));
        prop_assert!((ratio * turned - 1.0).abs() < 1e-9);
        prop_assert!((interval.lower * turned_interval.upper - 1.0).abs() < 1e-9);
    }
}
