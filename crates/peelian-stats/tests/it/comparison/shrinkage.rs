use peelian_stats::Unanswerable;
use peelian_stats::comparison::funnel::Unit;
use peelian_stats::comparison::rank::Measured;
use peelian_stats::comparison::shrinkage::{Shrunk, shrink, shrink_proportions, shrink_rates};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Beta, Binomial, Distribution, Gamma, Normal, Poisson};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::goldens::close;

fn unit(numerator: f64, denominator: f64) -> Unit {
    Unit {
        numerator,
        denominator,
    }
}

fn measured(value: f64, standard_error: f64) -> Measured {
    Measured {
        value,
        standard_error,
    }
}

#[test]
fn figures_with_equal_errors_shrink_as_worked_by_hand() {
    // Five units of variance 1 with Σ(y − 5)² = 20: over all τ², B is a gamma variable of shape 1
    // and rate 10 below 1. So E(B) = 0.1·(1 − 11e⁻¹⁰)/(1 − e⁻¹⁰) and
    // E(B²) = 0.02·(1 − 61e⁻¹⁰)/(1 − e⁻¹⁰).
    let units = [2.0, 4.0, 5.0, 6.0, 8.0].map(|value| measured(value, 1.0));
    let ours = shrink(&units, 0.95).unwrap();
    let tail = (-10.0_f64).exp();
    let b = 0.1 * (1.0 - 11.0 * tail) / (1.0 - tail);
    let b2 = 0.02 * (1.0 - 61.0 * tail) / (1.0 - tail);
    close(ours.mean, 5.0, 1e-10, "mean");
    // τ²·(1 + τ²)⁻²·e^(−10/(1 + τ²)) is largest at τ² = 5 + √26.
    close(ours.tau2, 5.0 + 26.0_f64.sqrt(), 1e-6, "τ²");
    let first = ours.units[0];
    close(first.weight_of_all, b, 1e-9, "B");
    close(first.estimate.value, 2.0 + 3.0 * b, 1e-9, "figure");
    let variance = (1.0 - b) + b / 5.0 + 9.0 * (b2 - b * b);
    close(first.standard_error.powi(2), variance, 1e-8, "variance");
    close(
        first.estimate.interval.upper,
        first.estimate.value + 1.959_963_984_540_054 * variance.sqrt(),
        1e-8,
        "upper",
    );
}

#[test]
fn figures_that_differ_by_less_than_chance_come_close_to_the_level_of_all() {
    let units: Vec<_> = (0..30)
        .map(|i| measured(1.0 + 0.1 * f64::from(i % 5 - 2), 1.0))
        .collect();
    let ours = shrink(&units, 0.95).unwrap();
    for unit in &ours.units {
        assert!(unit.weight_of_all > 0.85, "{unit:?}");
        assert!((unit.estimate.value - 1.0).abs() < 0.04);
        assert!(unit.standard_error > 0.2);
    }
}

#[test]
fn a_small_unit_is_drawn_further_than_a_large_one() {
    let mut units: Vec<_> = (0..10)
        .map(|i| unit(200.0 + 15.0 * f64::from(i), 10_000.0))
        .collect();
    units.push(unit(0.0, 20.0));
    units.push(unit(400.0, 10_000.0));
    let ours = shrink_rates(&units, 0.95).unwrap();
    let (small, large) = (ours.units[10], ours.units[11]);
    assert!(small.weight_of_all > 0.9 && large.weight_of_all < 0.3);
    assert!(small.estimate.value > 0.015, "{small:?}");
    assert!(large.estimate.value > 0.035, "{large:?}");
    assert!(small.estimate.interval.lower > 0.0);
}

/// Coverage of the intervals and the squared error of shrunk against counted figures.
fn simulated(
    rounds: u64,
    mut draw: impl FnMut(&mut Xoshiro256PlusPlus) -> (Vec<f64>, Vec<f64>, Shrunk),
) -> (f64, f64) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
    let (mut held, mut all, mut shrunk_error, mut counted_error) = (0.0, 0.0, 0.0, 0.0);
    for _ in 0..rounds {
        let (truth, counted, ours) = draw(&mut random);
        for ((truth, counted), unit) in truth.iter().zip(counted).zip(&ours.units) {
            held += f64::from(u8::from(unit.estimate.interval.contains(*truth)));
            shrunk_error += (unit.estimate.value - truth).powi(2);
            counted_error += (counted - truth).powi(2);
            all += 1.0;
        }
    }
    (held / all, shrunk_error / counted_error)
}

fn sizes() -> impl Iterator<Item = f64> {
    (0..20).map(|i| 50.0 * 1.4_f64.powi(i % 10))
}

#[test]
fn shrunk_figures_are_nearer_the_truth_and_their_intervals_hold_it() {
    let (held, error) = simulated(150, |random| {
        let truth: Vec<f64> = sizes()
            .map(|_| Normal::new(10.0, 1.0).unwrap().sample(random))
            .collect();
        let units: Vec<_> = truth
            .iter()
            .zip(sizes())
            .map(|(value, n)| {
                let error = 10.0 / n.sqrt();
                measured(Normal::new(*value, error).unwrap().sample(random), error)
            })
            .collect();
        let counted = units.iter().map(|unit| unit.value).collect();
        (truth, counted, shrink(&units, 0.95).unwrap())
    });
    assert!((0.935..0.965).contains(&held), "{held}");
    assert!(error < 0.7, "{error}");
}

#[test]
fn shrunk_rates_are_nearer_the_truth_and_their_intervals_hold_it() {
    let (held, error) = simulated(150, |random| {
        let truth: Vec<f64> = sizes()
            .map(|_| Gamma::new(9.0, 0.02 / 9.0).unwrap().sample(random))
            .collect();
        let units: Vec<_> = truth
            .iter()
            .zip(sizes())
            .map(|(rate, n)| unit(Poisson::new(rate * n).unwrap().sample(random), n))
            .collect();
        let counted = units
            .iter()
            .map(|unit| unit.numerator / unit.denominator)
            .collect();
        (truth, counted, shrink_rates(&units, 0.95).unwrap())
    });
    assert!((0.935..0.965).contains(&held), "{held}");
    assert!(error < 0.6, "{error}");
}

#[test]
fn shrunk_proportions_are_nearer_the_truth_and_their_intervals_hold_it() {
    let (held, error) = simulated(150, |random| {
        let truth: Vec<f64> = sizes()
            .map(|_| Beta::new(12.0, 28.0).unwrap().sample(random))
            .collect();
        let units: Vec<_> = truth
            .iter()
            .zip(sizes())
            .map(|(p, n)| {
                let n = n.round();
                let events = Binomial::new(n as u64, *p).unwrap().sample(random);
                unit(events as f64, n)
            })
            .collect();
        let counted = units
            .iter()
            .map(|unit| unit.numerator / unit.denominator)
            .collect();
        (truth, counted, shrink_proportions(&units, 0.95).unwrap())
    });
    assert!((0.935..0.965).contains(&held), "{held}");
    assert!(error < 0.9, "{error}");
}

#[test]
fn units_without_an_answer_get_a_reason() {
    let few = Unanswerable::TooFew {
        what: "units",
        have: 3,
        need: 4,
    };
    assert_eq!(shrink(&[measured(1.0, 1.0); 3], 0.95).unwrap_err(), few);
    assert_eq!(shrink_rates(&[unit(1.0, 1.0); 3], 0.95).unwrap_err(), few);
    assert_eq!(
        shrink_proportions(&[unit(1.0, 2.0); 3], 0.95).unwrap_err(),
        few
    );
    let none = Unanswerable::TooFew {
        what: "events",
        have: 0,
        need: 1,
    };
    assert_eq!(shrink_rates(&[unit(0.0, 9.0); 4], 0.95).unwrap_err(), none);
    assert_eq!(
        shrink_proportions(&[unit(0.0, 9.0); 4], 0.95).unwrap_err(),
        none
    );
    assert_eq!(
        shrink_proportions(&[unit(9.0, 9.0); 4], 0.95).unwrap_err(),
        Unanswerable::Constant
    );
    let invalid = |why: Unanswerable| assert!(matches!(why, Unanswerable::Invalid(_)), "{why:?}");
    invalid(shrink(&[measured(1.0, 0.0); 4], 0.95).unwrap_err());
    invalid(shrink(&[measured(f64::NAN, 1.0); 4], 0.95).unwrap_err());
    invalid(shrink(&[measured(1.0, 1.0); 4], 1.0).unwrap_err());
    invalid(shrink_rates(&[unit(1.0, 0.0); 4], 0.95).unwrap_err());
    invalid(shrink_proportions(&[unit(1.0, 1.0); 4], 0.95).unwrap_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_units_panic_and_every_answer_holds_its_figure(
        units in prop::collection::vec(
            (prop_oneof![prop::num::f64::ANY, 0.0..9.0_f64], prop_oneof![prop::num::f64::ANY, 9.0..1e3_f64]),
            0..12,
        ),
        confidence in prop_oneof![prop::num::f64::ANY, 0.0..1.0_f64],
    ) {
        let figures: Vec<_> = units.iter().map(|(v, s)| measured(*v, *s)).collect();
        let counts: Vec<_> = units.iter().map(|(a, b)| unit(*a, *b)).collect();
        for ours in [
            shrink(&figures, confidence),
            shrink_rates(&counts, confidence),
            shrink_proportions(&counts, confidence),
        ]
        .into_iter()
        .flatten()
        {
            prop_assert!(ours.tau2 >= 0.0 && ours.tau2.is_finite());
            for unit in ours.units {
                prop_assert!(unit.estimate.interval.contains(unit.estimate.value));
                prop_assert!((0.0..=1.0).contains(&unit.weight_of_all));
            }
        }
    }

    #[test]
    fn shrunk_figures_lie_about_between_their_own_and_the_level_of_all(
        counts in prop::collection::vec((0..60_u32, 60..4000_u32), 4..30),
    ) {
        let units: Vec<_> =
            counts.iter().map(|(a, b)| unit(f64::from(*a) + 1.0, f64::from(*b) + 2.0)).collect();
        let own = || units.iter().map(|unit| unit.numerator / unit.denominator);
        // The level itself depends on τ², so where a unit lies next to it there is some play.
        let play = 0.05 * (own().fold(0.0, f64::max) - own().fold(1.0, f64::min)) + 1e-12;
        for (ours, cap) in [
            (shrink_rates(&units, 0.95).unwrap(), f64::INFINITY),
            (shrink_proportions(&units, 0.95).unwrap(), 1.0),
        ] {
            for (own, shrunk) in own().zip(&ours.units) {
                let value = shrunk.estimate.value;
                prop_assert!(own.min(ours.mean) - play <= value && value <= own.max(ours.mean) + play);
                prop_assert!(shrunk.estimate.interval.lower >= 0.0);
                prop_assert!(shrunk.estimate.interval.upper <= cap);
            }
        }
    }

    #[test]
    fn the_unit_of_measurement_does_not_matter(
        values in prop::collection::vec((-50.0..50.0_f64, 0.1..9.0_f64), 4..20), scale in 0.01..100.0_f64,
    ) {
        let units: Vec<_> = values.iter().map(|(v, s)| measured(*v, *s)).collect();
        let scaled: Vec<_> = values.iter().map(|(v, s)| measured(v * scale, s * scale)).collect();
        let (one, other) = (shrink(&units, 0.9).unwrap(), shrink(&scaled, 0.9).unwrap());
        for (a, b) in one.units.iter().zip(&other.units) {
            prop_assert!((a.estimate.value * scale - b.estimate.value).abs() < 1e-7 * scale * 50.0);
            prop_assert!((a.weight_of_all - b.weight_of_all).abs() < 1e-7);
        }
    }
}
