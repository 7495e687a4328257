use peelian_stats::Unanswerable;
use peelian_stats::comparison::difference::{
    overdispersed_rate_ratio, proportion_difference, proportion_ratio, rate_difference,
};
use peelian_stats::comparison::funnel::Unit;
use peelian_stats::comparison::interval::Estimate;
use proptest::prelude::*;

use crate::goldens::close;

fn unit(numerator: f64, denominator: f64) -> Unit {
    Unit {
        numerator,
        denominator,
    }
}

fn round(value: f64, places: i32) -> f64 {
    let unit = 10_f64.powi(places);
    (value * unit).round() / unit
}

#[test]
fn differences_of_proportions_are_those_of_newcombes_table() {
    // Newcombe (1998), table II, method 10.
    for (a, n, b, m, lower, upper) in [
        (56.0, 70.0, 48.0, 80.0, 0.0524, 0.3339),
        (9.0, 10.0, 3.0, 10.0, 0.1705, 0.8090),
        (6.0, 7.0, 2.0, 7.0, 0.0582, 0.8062),
        (5.0, 56.0, 0.0, 29.0, -0.0381, 0.1926),
        (0.0, 10.0, 0.0, 20.0, -0.1611, 0.2775),
        (10.0, 10.0, 0.0, 20.0, 0.6791, 1.0),
    ] {
        let ours = proportion_difference(unit(a, n), unit(b, m), 0.95).unwrap();
        close(ours.value, a / n - b / m, 1e-12, "difference");
        let ends = (round(ours.interval.lower, 4), round(ours.interval.upper, 4));
        assert_eq!(ends, (lower, upper), "{a}/{n} − {b}/{m}");
    }
}

#[test]
fn a_difference_of_rates_from_nothing_is_the_interval_of_the_other() {
    let nothing = unit(0.0, 1e12);
    let ours = rate_difference(unit(12.0, 1000.0), nothing, 0.95).unwrap();
    // The exact limits of 12 events: 6.2006 and 20.9616.
    assert_eq!(round(ours.interval.lower * 1000.0, 4), 6.2006);
    assert_eq!(round(ours.interval.upper * 1000.0, 4), 20.9616);
}

#[test]
fn overdispersion_widens_a_rate_ratio_by_its_root_on_the_log_scale() {
    let (a, b) = (unit(120.0, 30_000.0), unit(800.0, 900_000.0));
    let plain = overdispersed_rate_ratio(a, b, 1.0, 0.95).unwrap();
    let wide = overdispersed_rate_ratio(a, b, 4.0, 0.95).unwrap();
    assert_eq!(plain.value, wide.value);
    close(plain.value, 4.5, 1e-12, "ratio");
    // 1.959964·√(1/120 + 1/800) = 0.191870.
    assert_eq!(
        round((plain.interval.upper / plain.value).ln(), 6),
        0.191_87
    );
    let reach = |estimate: &Estimate| (estimate.interval.upper / estimate.value).ln();
    close(reach(&wide), 2.0 * reach(&plain), 1e-12, "reach");
}

/// Chances of each count of a binomial (n given) or Poisson variable.
fn chances(first: f64, next: impl Fn(f64) -> f64, counts: u32) -> Vec<(f64, f64)> {
    let mut chance = first;
    let mut all = Vec::new();
    for k in (0..=counts).map(f64::from) {
        all.push((k, chance));
        chance *= next(k);
    }
    all
}

fn binomial(n: u32, p: f64) -> Vec<(f64, f64)> {
    let total = f64::from(n);
    chances(
        (1.0 - p).powf(total),
        |k| (total - k) / (k + 1.0) * p / (1.0 - p),
        n,
    )
}

#[test]
fn newcombes_interval_covers_the_difference_about_as_often_as_it_says() {
    let (mut least, mut sum, mut tried) = (1.0_f64, 0.0, 0.0);
    for (n, m) in [(15, 20), (40, 30)] {
        let (total_n, total_m) = (f64::from(n), f64::from(m));
        let ends: Vec<Vec<_>> = (0..=n)
            .map(|a| {
                let against = |b| {
                    let (a, b) = (unit(f64::from(a), total_n), unit(f64::from(b), total_m));
                    proportion_difference(a, b, 0.95).unwrap().interval
                };
                (0..=m).map(against).collect()
            })
            .collect();
        for (p, q) in [(0.1, 0.1), (0.3, 0.1), (0.5, 0.4), (0.8, 0.2), (0.95, 0.9)] {
            let mut covered = 0.0;
            for (a, chance_a) in binomial(n, p) {
                for (b, chance_b) in binomial(m, q) {
                    if ends[a as usize][b as usize].contains(p - q) {
                        covered += chance_a * chance_b;
                    }
                }
            }
            least = least.min(covered);
            sum += covered;
            tried += 1.0;
        }
    }
    assert!(least > 0.94, "{least}");
    assert!((0.95..0.97).contains(&(sum / tried)), "{}", sum / tried);
}

#[test]
fn the_interval_of_a_difference_of_rates_covers_at_least_about_as_often_as_it_says() {
    for (a, b) in [(3.0, 3.0), (12.0, 4.0), (30.0, 20.0)] {
        let (base_a, base_b) = (100.0, 150.0);
        let truth = a / base_a - b / base_b;
        let poisson = |mean: f64| chances((-mean).exp(), |k| mean / (k + 1.0), 70);
        let mut covered = 0.0;
        for (x, chance_x) in poisson(a) {
            for (y, chance_y) in poisson(b) {
                // What is too rare to matter is not worth an interval.
                if chance_x * chance_y < 1e-7 {
                    continue;
                }
                let (x, y) = (unit(x, base_a), unit(y, base_b));
                let interval = rate_difference(x, y, 0.95).unwrap().interval;
                if interval.contains(truth) {
                    covered += chance_x * chance_y;
                }
            }
        }
        assert!((0.95..0.99).contains(&covered), "{a} {b} {covered}");
    }
}

#[test]
fn pairs_without_an_answer_get_a_reason() {
    let none = Unanswerable::TooFew {
        what: "events",
        have: 0,
        need: 1,
    };
    let (some, nothing, odd) = (unit(3.0, 10.0), unit(0.0, 10.0), unit(11.0, 10.0));
    assert_eq!(proportion_ratio(some, nothing, 0.95).unwrap_err(), none);
    assert_eq!(
        overdispersed_rate_ratio(nothing, some, 1.0, 0.95).unwrap_err(),
        none
    );
    let invalid = |why: Unanswerable| assert!(matches!(why, Unanswerable::Invalid(_)), "{why:?}");
    invalid(proportion_difference(odd, some, 0.95).unwrap_err());
    invalid(proportion_ratio(some, odd, 0.95).unwrap_err());
    invalid(rate_difference(some, unit(1.0, 0.0), 0.95).unwrap_err());
    invalid(rate_difference(some, some, 1.5).unwrap_err());
    invalid(overdispersed_rate_ratio(some, some, 0.9, 0.95).unwrap_err());
    let ratio = proportion_ratio(nothing, some, 0.95).unwrap();
    assert_eq!((ratio.value, ratio.interval.lower), (0.0, 0.0));
    assert!(ratio.interval.upper > 0.0);
}

proptest! {
    #[test]
    fn no_input_panics_and_every_answer_is_finite(
        a in prop::num::f64::ANY, b in prop::num::f64::ANY, c in prop::num::f64::ANY,
        d in prop::num::f64::ANY, phi in prop::num::f64::ANY, near in any::<bool>(),
        confidence in prop_oneof![prop::num::f64::ANY, 0.0..1.0_f64],
    ) {
        // Half of the time something that can be answered.
        let tame = |value: f64| if near { value.abs() % 1e3 } else { value };
        let (x, y) = (unit(tame(a), tame(b) + 1e3), unit(tame(c), tame(d) + 1e3));
        for estimate in [
            proportion_difference(x, y, confidence),
            proportion_ratio(x, y, confidence),
            rate_difference(x, y, confidence),
            overdispersed_rate_ratio(x, y, phi, confidence),
        ]
        .into_iter()
        .flatten()
        {
            prop_assert!(estimate.interval.contains(estimate.value), "{:?}", estimate);
            prop_assert!(estimate.interval.lower.is_finite() && estimate.interval.upper.is_finite());
        }
    }

    #[test]
    fn turning_the_pair_turns_the_interval(
        a in 1..500_u32, b in 1..500_u32, more in 0..500_u32, others in 0..500_u32,
    ) {
        let x = unit(f64::from(a), f64::from(a + more));
        let y = unit(f64::from(b), f64::from(b + others));
        for method in [proportion_difference, rate_difference] {
            let (one, other) = (method(x, y, 0.95).unwrap(), method(y, x, 0.95).unwrap());
            prop_assert!((one.interval.lower + other.interval.upper).abs() < 1e-12);
            prop_assert!((one.interval.upper + other.interval.lower).abs() < 1e-12);
        }
        let one = proportion_ratio(x, y, 0.95).unwrap();
        let other = proportion_ratio(y, x, 0.95).unwrap();
        prop_assert!((one.value * other.value - 1.0).abs() < 1e-12);
        prop_assert!((one.interval.lower * other.interval.upper - 1.0).abs() < 1e-9);
        prop_assert!((one.interval.upper * other.interval.lower - 1.0).abs() < 1e-9);
        prop_assert!(one.interval.lower >= 0.0);
    }

    #[test]
    fn a_proportion_against_itself_differs_by_nothing(a in 0..500_u32, more in 1..500_u32) {
        let x = unit(f64::from(a), f64::from(a + more));
        let ours = proportion_difference(x, x, 0.95).unwrap();
        prop_assert_eq!(ours.value, 0.0);
        prop_assert!(ours.interval.lower < 0.0 && ours.interval.upper > 0.0);
    }
}
