use peelian_stats::Unanswerable;
use peelian_stats::comparison::interval::{
    Estimate, Interval, clopper_pearson, poisson, poisson_exact, rate, rate_ratio, wilson,
};
use proptest::prelude::*;

use crate::goldens::{Within, close, run};

#[test]
fn rates_and_proportions_equal_pheindicatormethods() {
    for case in run("rates_byar_wilson") {
        for kind in ["rate", "proportion"] {
            for confidence in ["95", "998"] {
                let columns = [
                    ("area", Within::Exact),
                    ("x", Within::Exact),
                    ("n", Within::Exact),
                    ("value", Within::Relative(1e-12)),
                    ("lowercl", Within::Relative(1e-12)),
                    ("uppercl", Within::Relative(1e-12)),
                    ("method", Within::Exact),
                ];
                case.matches(&format!("expected_{kind}_{confidence}.csv"), &columns);
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
    let Estimate {
        value: ratio,
        interval,
    } = rate_ratio(120.0, 30_000.0, 800.0, 900_000.0, 0.95).unwrap();
    assert_eq!(round(ratio, 2), 4.50);
    assert_eq!(
        (round(interval.lower, 2), round(interval.upper, 2)),
        (3.72, 5.45)
    );
}

#[test]
fn clopper_and_pearson_give_the_values_of_their_definition() {
    // No events of n: 1 − (α/2)^(1/n); all of them mirror it.
    let none = clopper_pearson(0.0, 10.0, 0.95).unwrap();
    assert_eq!(none.lower, 0.0);
    close(none.upper, 1.0 - 0.025_f64.powf(0.1), 1e-13, "none of 10");
    let all = clopper_pearson(10.0, 10.0, 0.95).unwrap();
    assert_eq!(all.upper, 1.0);
    close(all.lower, 0.025_f64.powf(0.1), 1e-13, "all of 10");
    // Their table has 8 of 10: 0.444 to 0.975.
    let eight = clopper_pearson(8.0, 10.0, 0.95).unwrap();
    assert_eq!(
        (round(eight.lower, 3), round(eight.upper, 3)),
        (0.444, 0.975)
    );
    // Among many the binomial is Poisson.
    let rare = clopper_pearson(7.0, 1e9, 0.95).unwrap();
    let poisson = poisson_exact(7.0, 0.95).unwrap().scaled(1e-9);
    close(rare.lower, poisson.lower, 1e-7, "7 of many, lower");
    close(rare.upper, poisson.upper, 1e-7, "7 of many, upper");
}

/// P(X = 0), P(X = 1), … for a binomial or a Poisson variable, by its recurrence.
fn probabilities(first: f64, next: impl Fn(f64) -> f64, counts: u32) -> Vec<f64> {
    (0..=counts)
        .scan(first, |probability, k| {
            let this = *probability;
            *probability *= next(f64::from(k));
            Some(this)
        })
        .collect()
}

/// How often an interval of the count holds what the count comes from.
fn coverage(probabilities: &[f64], truth: f64, interval: impl Fn(f64) -> Interval) -> f64 {
    (0..)
        .zip(probabilities)
        .filter(|(count, _)| interval(f64::from(*count)).contains(truth))
        .map(|(_, probability)| probability)
        .sum()
}

#[test]
fn clopper_and_pearson_never_cover_less_than_they_say_and_wilson_does_on_average() {
    let (mut sum, mut least, mut tried) = (0.0, 1.0_f64, 0);
    for n in [5, 12, 40, 100] {
        let total = f64::from(n);
        let all = |method: fn(f64, f64, f64) -> Result<Interval, Unanswerable>| -> Vec<_> {
            (0..=n)
                .map(|x| method(f64::from(x), total, 0.95).unwrap())
                .collect()
        };
        let (exact, score) = (all(clopper_pearson), all(wilson));
        for step in 1..200 {
            let p = f64::from(step) / 200.0;
            let next = |k: f64| (total - k) / (k + 1.0) * p / (1.0 - p);
            let chances = probabilities((1.0 - p).powf(total), next, n);
            let by = |ends: &[Interval]| coverage(&chances, p, |count| ends[count as usize]);
            assert!(by(&exact) >= 0.95 - 1e-9, "{n} {p}");
            sum += by(&score);
            least = least.min(by(&score));
            tried += 1;
        }
    }
    let average = sum / f64::from(tried);
    assert!((0.95..0.956).contains(&average), "{average}");
    assert!((0.83..0.85).contains(&least), "{least}");
}

#[test]
fn exact_poisson_limits_never_cover_less_than_they_say_and_byar_hardly() {
    let ends = |method: fn(f64, f64) -> Result<Interval, Unanswerable>| -> Vec<_> {
        (0..=160)
            .map(|x| method(f64::from(x), 0.95).unwrap())
            .collect()
    };
    let (exact, byar) = (ends(poisson_exact), ends(poisson));
    for step in 1..300 {
        let mean = 0.25 * f64::from(step);
        let chances = probabilities((-mean).exp(), |k| mean / (k + 1.0), 160);
        let by = |ends: &[Interval]| coverage(&chances, mean, |count| ends[count as usize]);
        assert!(by(&exact) >= 0.95 - 1e-9, "{mean}");
        assert!(by(&byar) >= 0.949, "{mean}: {}", by(&byar));
    }
}

#[test]
fn questions_without_an_answer_get_a_reason() {
    let invalid = |why: Unanswerable| assert!(matches!(why, Unanswerable::Invalid(_)), "{why:?}");
    for method in [wilson, clopper_pearson] {
        invalid(method(0.0, 0.0, 0.95).unwrap_err());
        invalid(method(3.0, 2.0, 0.95).unwrap_err());
        invalid(method(-1.0, 2.0, 0.95).unwrap_err());
        invalid(method(1.0, f64::INFINITY, 0.95).unwrap_err());
        invalid(method(1.0, 2.0, 1.0).unwrap_err());
    }
    invalid(clopper_pearson(1.0, 1e10, 0.95).unwrap_err());
    for method in [poisson, poisson_exact] {
        invalid(method(-1.0, 0.95).unwrap_err());
        invalid(method(f64::INFINITY, 0.95).unwrap_err());
        invalid(method(f64::NAN, 0.95).unwrap_err());
        invalid(method(5.0, 0.0).unwrap_err());
    }
    invalid(rate(5.0, 0.0, 1000.0, 0.95).unwrap_err());
    invalid(rate(5.0, 10.0, -1.0, 0.95).unwrap_err());
    assert_eq!(
        rate(5.0, 1e-300, 1e300, 0.95).unwrap_err(),
        Unanswerable::Overflow
    );
    invalid(rate_ratio(11.0, 10.0, 5.0, 10.0, 0.95).unwrap_err());
    assert_eq!(
        rate_ratio(0.0, 10.0, 5.0, 10.0, 0.95).unwrap_err(),
        Unanswerable::TooFew {
            what: "events",
            have: 0,
            need: 1
        }
    );
}

proptest! {
    #[test]
    fn no_input_panics(
        a in prop::num::f64::ANY, b in prop::num::f64::ANY, c in prop::num::f64::ANY,
        d in prop::num::f64::ANY, e in prop_oneof![prop::num::f64::ANY, 0.0..1.0_f64],
    ) {
        for interval in [
            wilson(a, b, e),
            clopper_pearson(a, b, e),
            poisson(a, e),
            poisson_exact(a, e),
            rate(a, b, c, e),
            rate_ratio(a, b, c, d, e).map(|ratio| ratio.interval),
        ]
        .into_iter()
        .flatten()
        {
            prop_assert!(0.0 <= interval.lower && interval.lower <= interval.upper);
            prop_assert!(interval.upper.is_finite());
        }
    }

    #[test]
    fn a_proportions_interval_lies_within_0_and_1_and_holds_it(
        total in 1.0..1e9_f64, share in 0.0..=1.0_f64, confidence in 0.01..0.9999_f64,
    ) {
        let events = (total * share).min(total);
        for ours in [
            wilson(events, total, confidence).unwrap(),
            clopper_pearson(events, total, confidence).unwrap(),
        ] {
            prop_assert!(0.0 <= ours.lower && ours.upper <= 1.0);
            prop_assert!(ours.contains(events / total));
        }
    }

    #[test]
    fn a_proportion_and_its_complement_have_mirrored_intervals(
        total in 1..5000_u32, share in 0.0..=1.0_f64, confidence in 0.5..0.999_f64,
    ) {
        let total = f64::from(total);
        let events = (total * share).floor();
        for method in [wilson, clopper_pearson] {
            let one = method(events, total, confidence).unwrap();
            let other = method(total - events, total, confidence).unwrap();
            prop_assert!((one.lower - (1.0 - other.upper)).abs() < 1e-12);
            prop_assert!((one.upper - (1.0 - other.lower)).abs() < 1e-12);
        }
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
        let Estimate { value: ratio, interval } = rate_ratio(a, a + a_more, b, b + b_more, 0.95).unwrap();
        let Estimate { value: turned, interval: turned_interval } = rate_ratio(b, b + b_more, a, a + a_more, 0.95).unwrap();
        prop_assert!(interval.contains(ratio));
        prop_assert!((ratio * turned - 1.0).abs() < 1e-9);
        prop_assert!((interval.lower * turned_interval.upper - 1.0).abs() < 1e-9);
    }
}
