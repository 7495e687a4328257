use peelian_stats::Unanswerable;
use peelian_stats::comparison::interval::{poisson, rate};
use peelian_stats::comparison::standardised::{
    Limits, Reference, Settings, Stratum, direct, indirect,
};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Distribution, Poisson};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::goldens::{Within, close, run};

fn stratum((events, base, standard): (f64, f64, f64)) -> Stratum {
    Stratum {
        events,
        base,
        standard,
    }
}

fn with(limits: Limits) -> Settings {
    Settings {
        limits,
        ..Settings::default()
    }
}

#[test]
fn directly_standardised_rates_equal_pheindicatormethods() {
    for case in run("rates_dsr") {
        for confidence in ["95", "998"] {
            let columns = [
                ("area", Within::Exact),
                ("total_count", Within::Exact),
                ("total_pop", Within::Exact),
                ("value", Within::Relative(1e-12)),
                ("lowercl", Within::Relative(1e-12)),
                ("uppercl", Within::Relative(1e-12)),
                ("statistic", Within::Exact),
                ("method", Within::Exact),
            ];
            case.matches(&format!("expected_dsr_{confidence}.csv"), &columns);
        }
    }
}

#[test]
fn a_rate_standardised_to_its_own_people_is_its_crude_rate() {
    let strata = [(3.0, 100.0, 100.0), (12.0, 900.0, 900.0)].map(stratum);
    let ours = direct(&strata, &Settings::default()).unwrap();
    let crude = rate(15.0, 1000.0, 100_000.0, 0.95).unwrap();
    close(ours.rate.value, 1500.0, 1e-12, "rate");
    close(ours.rate.interval.lower, crude.lower, 1e-12, "lower");
    close(ours.rate.interval.upper, crude.upper, 1e-12, "upper");
    assert_eq!((ours.events, ours.base), (15.0, 1000.0));
}

#[test]
fn a_standardised_rate_worked_by_hand() {
    // Shares ½ and ½: ½·10/1000 + ½·40/2000 = 0.015; V = ¼·10/1000² + ¼·40/2000² = 5·10⁻⁶.
    let strata = [(10.0, 1000.0, 1.0), (40.0, 2000.0, 1.0)].map(stratum);
    let settings = Settings {
        multiplier: 1000.0,
        ..Settings::default()
    };
    let ours = direct(&strata, &settings).unwrap();
    close(ours.rate.value, 15.0, 1e-12, "rate");
    // Byar's limits of 50 events: 37.108 and 65.920; √(V/O) = √10⁻⁷.
    let limits = poisson(50.0, 0.95).unwrap();
    let step = 1e-7_f64.sqrt() * 1000.0;
    close(
        ours.rate.interval.lower,
        15.0 + step * (limits.lower - 50.0),
        1e-12,
        "lower",
    );
    close(
        ours.rate.interval.upper,
        15.0 + step * (limits.upper - 50.0),
        1e-12,
        "upper",
    );
    assert_eq!((ours.rate.interval.lower * 100.0).round(), 1092.0);
    assert_eq!((ours.rate.interval.upper * 100.0).round(), 2003.0);
}

#[test]
fn gamma_limits_of_one_stratum_are_the_exact_poisson_ones() {
    let one = [stratum((7.0, 1000.0, 3.0))];
    let ours = direct(&one, &with(Limits::Gamma)).unwrap();
    let exact = rate(7.0, 1000.0, 100_000.0, 0.95).unwrap();
    close(ours.rate.interval.lower, exact.lower, 1e-12, "lower");
    close(ours.rate.interval.upper, exact.upper, 1e-12, "upper");
}

#[test]
fn no_events_have_gamma_limits_and_no_dobson_limits() {
    let nothing = [(0.0, 100.0, 2.0), (0.0, 50.0, 1.0)].map(stratum);
    let ours = direct(&nothing, &with(Limits::Gamma)).unwrap();
    assert_eq!((ours.rate.value, ours.rate.interval.lower), (0.0, 0.0));
    // −ln 0.025 events in the stratum of greatest weight, ⅓/50 or ⅔/100.
    close(
        ours.rate.interval.upper,
        3.688_879_454_113_936 / 150.0 * 1e5,
        1e-12,
        "upper",
    );
    assert_eq!(
        direct(&nothing, &with(Limits::Dobson)).unwrap_err(),
        Unanswerable::TooFew {
            what: "events",
            have: 0,
            need: 1
        }
    );
}

#[test]
fn standardised_limits_cover_about_as_often_as_they_say() {
    let shape = [
        (4.0, 900.0, 10.0),
        (10.0, 700.0, 15.0),
        (6.0, 200.0, 8.0),
        (3.0, 90.0, 4.0),
    ];
    let truth = direct(&shape.map(stratum), &Settings::default())
        .unwrap()
        .rate
        .value;
    let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
    let (mut dobson, mut gamma) = (0, 0);
    for _ in 0..2000 {
        let drawn = shape.map(|(mean, base, standard)| {
            let events = Poisson::new(mean).unwrap().sample(&mut random);
            stratum((events, base, standard))
        });
        let holds = |limits| {
            direct(&drawn, &with(limits))
                .unwrap()
                .rate
                .interval
                .contains(truth)
        };
        dobson += usize::from(holds(Limits::Dobson));
        gamma += usize::from(holds(Limits::Gamma));
    }
    // A simulation of 2,000 has a standard error of half a point.
    assert!((1880..1945).contains(&dobson), "{dobson}");
    assert!(gamma >= 1900 && gamma > dobson, "{gamma}");
}

#[test]
fn an_indirect_ratio_worked_by_hand() {
    let strata = [(1000.0, 0.02), (500.0, 0.01)].map(|(base, rate)| Reference { base, rate });
    let ours = indirect(30.0, &strata, 0.95).unwrap();
    assert_eq!(ours.expected, 25.0);
    close(ours.ratio.value, 1.2, 1e-12, "ratio");
    let limits = poisson(30.0, 0.95).unwrap();
    close(
        ours.ratio.interval.lower,
        limits.lower / 25.0,
        1e-12,
        "lower",
    );
    close(
        ours.ratio.interval.upper,
        limits.upper / 25.0,
        1e-12,
        "upper",
    );
    assert_eq!(indirect(0.0, &strata, 0.95).unwrap().ratio.value, 0.0);
}

#[test]
fn strata_without_an_answer_get_a_reason() {
    let none = Unanswerable::TooFew {
        what: "strata",
        have: 0,
        need: 1,
    };
    assert_eq!(direct(&[], &Settings::default()).unwrap_err(), none);
    assert_eq!(indirect(1.0, &[], 0.95).unwrap_err(), none);
    let invalid = |why: Unanswerable| assert!(matches!(why, Unanswerable::Invalid(_)), "{why:?}");
    for odd in [
        (-1.0, 10.0, 1.0),
        (1.0, 0.0, 1.0),
        (1.0, 10.0, -1.0),
        (1.0, 10.0, 0.0),
        (f64::NAN, 10.0, 1.0),
    ] {
        invalid(direct(&[stratum(odd)], &Settings::default()).unwrap_err());
    }
    invalid(
        indirect(
            1.0,
            &[Reference {
                base: 0.0,
                rate: 1.0,
            }],
            0.95,
        )
        .unwrap_err(),
    );
    invalid(
        indirect(
            -1.0,
            &[Reference {
                base: 1.0,
                rate: 1.0,
            }],
            0.95,
        )
        .unwrap_err(),
    );
}

fn any_strata() -> impl Strategy<Value = Vec<Stratum>> {
    let any = prop_oneof![prop::num::f64::ANY, 0.0..1e4_f64];
    prop::collection::vec((any.clone(), any.clone(), any).prop_map(stratum), 0..8)
}

proptest! {
    #[test]
    fn no_strata_panic_and_every_answer_is_in_order(
        strata in any_strata(), multiplier in prop::num::f64::ANY, confidence in 0.5..0.999_f64,
        gamma in any::<bool>(),
    ) {
        let limits = if gamma { Limits::Gamma } else { Limits::Dobson };
        let multiplier = if gamma { 1.0 } else { multiplier };
        if let Ok(ours) = direct(&strata, &Settings { multiplier, confidence, limits }) {
            prop_assert!(ours.rate.interval.lower >= 0.0);
            prop_assert!(ours.rate.interval.contains(ours.rate.value));
        }
        let reference: Vec<_> =
            strata.iter().map(|s| Reference { base: s.base, rate: s.standard }).collect();
        if let Ok(ours) = indirect(multiplier, &reference, confidence) {
            prop_assert!(ours.ratio.interval.contains(ours.ratio.value));
        }
    }

    #[test]
    fn limits_hold_the_rate_and_scale_with_it(
        strata in prop::collection::vec((0..50_u32, 10..1000_u32, 1..100_u32), 1..12), scale in 1.0..50.0_f64,
    ) {
        let strata: Vec<_> = strata
            .into_iter()
            .map(|(x, n, w)| stratum((f64::from(x + 1), f64::from(n), f64::from(w))))
            .collect();
        let more: Vec<_> = strata
            .iter()
            .map(|s| Stratum { standard: s.standard * scale, base: s.base * scale, ..*s })
            .collect();
        for limits in [Limits::Dobson, Limits::Gamma] {
            let (one, other) =
                (direct(&strata, &with(limits)).unwrap(), direct(&more, &with(limits)).unwrap());
            prop_assert!(one.rate.interval.lower >= 0.0);
            prop_assert!(one.rate.interval.contains(one.rate.value));
            prop_assert!((other.rate.value * scale / one.rate.value - 1.0).abs() < 1e-9);
            prop_assert!((other.rate.interval.upper * scale / one.rate.interval.upper - 1.0).abs() < 1e-9);
        }
    }
}
