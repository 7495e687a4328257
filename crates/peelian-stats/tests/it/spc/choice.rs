use peelian_stats::Unanswerable;
use peelian_stats::spc::attribute::{Attribute, Subgroup};
use peelian_stats::spc::choice::{ChartKind, Choice, Data, First, Reason, choose, lag_one};
use proptest::prelude::*;
use rand_distr::{Binomial, Distribution, Gamma, Poisson};

use super::{normals, random, some};

const RUNS: u32 = 400;

/// The share of random series for which a choice is made.
fn share(chosen: impl Fn(&Choice) -> bool, mut choice: impl FnMut() -> Choice) -> f64 {
    let hits = (0..RUNS).filter(|_| chosen(&choice())).count();
    f64::from(u32::try_from(hits).unwrap()) / f64::from(RUNS)
}

fn measured(values: &[f64], period: Option<usize>) -> Choice {
    choose(Data::Measurements(&some(values)), period).unwrap()
}

fn is_plain(choice: &Choice) -> bool {
    choice.first == First::Nothing
}

#[test]
fn measurements_without_a_pattern_get_an_xmr_chart() {
    let mut random = random(1);
    let plain = share(
        |choice| choice.chart == ChartKind::Xmr && is_plain(choice),
        || measured(&normals(&mut random, 48, 0.0), Some(12)),
    );
    assert!(plain > 0.94, "{plain}");
}

#[test]
fn autocorrelation_is_found_and_comes_first() {
    let mut random = random(2);
    let mut found = |n, correlation| {
        share(
            |choice| choice.first == First::TakeOutAutocorrelation,
            || measured(&normals(&mut random, n, correlation), None),
        )
    };
    for (n, correlation, expected) in [
        (24, 0.3, 0.17),
        (36, 0.3, 0.28),
        (120, 0.3, 0.9),
        (36, 0.6, 0.8),
        (60, 0.6, 0.97),
    ] {
        let share = found(n, correlation);
        assert!(
            (share - expected).abs() < 0.08,
            "{n} {correlation}: {share}"
        );
    }
}

#[test]
fn a_season_is_found_and_comes_before_autocorrelation() {
    let mut random = random(3);
    let seasonal = share(
        |choice| {
            choice.first == First::TakeOutSeason
                && matches!(choice.reasons[..], [Reason::Season { period: 12, .. }])
        },
        || {
            let mut values = normals(&mut random, 48, 0.0);
            for (i, value) in values.iter_mut().enumerate() {
                *value += 2.0 * (i as f64 / 12.0 * std::f64::consts::TAU).sin();
            }
            measured(&values, Some(12))
        },
    );
    assert!(seasonal > 0.97, "{seasonal}");
}

#[test]
fn a_step_is_a_level_that_moved_and_no_autocorrelation() {
    let mut random = random(4);
    let step = share(
        |choice| is_plain(choice) && matches!(choice.reasons[0], Reason::LevelMoved(_)),
        || {
            let mut values = normals(&mut random, 36, 0.0);
            for value in &mut values[20..] {
                *value += 3.0;
            }
            measured(&values, None)
        },
    );
    assert!(step > 0.9, "{step}");
}

#[test]
fn counts_get_a_c_chart_where_chance_explains_them_and_an_xmr_chart_where_not() {
    let mut random = random(5);
    let counts = |values: &[f64]| choose(Data::Counts(&some(values)), None).unwrap();
    let chance = share(
        |choice| choice.chart == ChartKind::Attribute(Attribute::C),
        || {
            let poisson = Poisson::new(20.0).unwrap();
            let values: Vec<f64> = (0..36).map(|_| poisson.sample(&mut random)).collect();
            counts(&values)
        },
    );
    assert!(chance > 0.9, "{chance}");
    let more = share(
        |choice| matches!(choice.reasons.last(), Some(Reason::Overdispersed { .. })),
        || {
            let level = Gamma::new(5.0, 4.0).unwrap();
            let mut draw = || {
                let mean: f64 = level.sample(&mut random);
                Poisson::new(mean).unwrap().sample(&mut random)
            };
            let values: Vec<f64> = (0..36).map(|_| draw()).collect();
            counts(&values)
        },
    );
    assert!(more > 0.85, "{more}");
}

#[test]
fn proportions_with_large_denominators_get_a_p_prime_chart() {
    let mut random = random(6);
    let prime = share(
        |choice| choice.chart == ChartKind::Attribute(Attribute::PPrime),
        || {
            let levels = normals(&mut random, 36, 0.0);
            let subgroups: Vec<_> = levels
                .iter()
                .map(|level| {
                    let binomial = Binomial::new(20_000, 0.3 + 0.02 * level).unwrap();
                    let count = binomial.sample(&mut random) as f64;
                    Some(Subgroup {
                        count,
                        denominator: 20_000.0,
                    })
                })
                .collect();
            choose(Data::Proportions(&subgroups), Some(12)).unwrap()
        },
    );
    assert!(prime > 0.85, "{prime}");
}

fn alternating(a: (f64, f64), b: (f64, f64)) -> Vec<Option<Subgroup>> {
    // Neither a season nor neighbours that go together: a a b b b a, over and over, as drawn.
    let places = [0, 1, 1, 0, 1, 0, 0, 0, 1, 1, 0, 1, 1, 0, 1, 0];
    let subgroup = |i: &usize| {
        let (count, denominator) = [a, b][*i];
        Some(Subgroup { count, denominator })
    };
    places.iter().map(subgroup).collect()
}

#[test]
fn rare_events_and_rare_non_events_are_counted_from_one_to_the_next() {
    let few = alternating((0.0, 100.0), (1.0, 100.0));
    let choice = choose(Data::Proportions(&few), None).unwrap();
    assert_eq!(
        (choice.chart, choice.first),
        (ChartKind::G, First::CountBetweenEvents)
    );
    let rare = Reason::Rare {
        expected: 0.5,
        non_events: false,
    };
    assert_eq!(choice.reasons, [rare]);
    assert_eq!(
        rare.to_string(),
        "0.5 events are expected a period, too few for limits on a count"
    );

    let nearly_all = alternating((100.0, 100.0), (99.0, 100.0));
    let choice = choose(Data::Proportions(&nearly_all), None).unwrap();
    let Reason::Rare {
        expected,
        non_events,
    } = choice.reasons[0]
    else {
        panic!("{choice:?}")
    };
    assert!(non_events && (expected - 0.5).abs() < 1e-12);

    assert_eq!(choose(Data::Rates(&few), None).unwrap().chart, ChartKind::T);
    let counts: Vec<_> = few.iter().map(|s| s.map(|s| s.count)).collect();
    assert_eq!(
        choose(Data::Counts(&counts), None).unwrap().chart,
        ChartKind::T
    );
}

#[test]
fn distances_between_events_have_their_own_charts() {
    let values: Vec<_> = alternating((3.0, 1.0), (9.0, 1.0))
        .iter()
        .map(|s| s.map(|s| s.count))
        .collect();
    let chart = |data| choose(data, Some(12)).unwrap().chart;
    assert_eq!(chart(Data::CasesBetween(&values)), ChartKind::G);
    assert_eq!(chart(Data::TimesBetween(&values)), ChartKind::T);
}

#[test]
fn the_constant_and_the_short_are_told_first() {
    let constant = measured(&[4.0; 40], Some(12));
    assert_eq!(constant.chart, ChartKind::Nothing);
    assert_eq!(constant.reasons, [Reason::Constant]);
    let short = measured(&[1.0, 2.0, 3.0, 4.0], None);
    assert_eq!(short.chart, ChartKind::Run);
    assert_eq!(
        short.reasons[0].to_string(),
        "4 values, where limits take at least 12"
    );
}

#[test]
fn what_no_chart_takes_is_refused() {
    let none = choose(Data::Measurements(&[None]), None);
    assert!(matches!(none, Err(Unanswerable::TooFew { have: 0, .. })));
    let negative = choose(Data::Counts(&some(&[-1.0])), None);
    assert!(matches!(negative, Err(Unanswerable::Invalid(_))));
    let season = choose(Data::Measurements(&some(&[1.0])), Some(1));
    assert!(matches!(season, Err(Unanswerable::Invalid(_))));
    let too_many = [Some(Subgroup {
        count: 3.0,
        denominator: 2.0,
    })];
    assert!(choose(Data::Proportions(&too_many), None).is_err());
    assert!(choose(Data::Rates(&too_many), None).is_ok());
}

#[test]
fn the_autocorrelation_of_a_short_series_can_be_done_by_hand() {
    // 1 2 3 4: deviations −1.5, −0.5, 0.5, 1.5; products 0.75 − 0.25 + 0.75; squares 5.
    let found = lag_one(&some(&[1.0, 2.0, 3.0, 4.0])).unwrap();
    assert!((found.r - 0.25).abs() < 1e-15);
    let z = (0.25 + 0.25) / (2.0 / (4.0 * 3.0_f64.sqrt()));
    assert!((z - 3.0_f64.sqrt()).abs() < 1e-12);
    assert!((found.p - 0.041_632_258).abs() < 1e-8, "{}", found.p);
}

#[test]
fn one_random_series_in_twenty_seems_autocorrelated() {
    let mut random = random(7);
    for n in [24, 60] {
        let hits = (0..4_000)
            .filter(|_| lag_one(&some(&normals(&mut random, n, 0.0))).unwrap().p < 0.05)
            .count();
        let share = f64::from(u32::try_from(hits).unwrap()) / 4_000.0;
        assert!((0.035..0.06).contains(&share), "{n}: {share}");
    }
}

#[test]
fn the_autocorrelation_refuses_what_has_none() {
    assert!(matches!(
        lag_one(&some(&[1.0, 2.0, 3.0])),
        Err(Unanswerable::TooFew { .. })
    ));
    assert_eq!(lag_one(&some(&[2.0; 9])), Err(Unanswerable::Constant));
    let isolated = [Some(1.0), None, Some(2.0), None, Some(4.0), None, Some(1.0)];
    assert!(matches!(
        lag_one(&isolated),
        Err(Unanswerable::TooFew { need: 2, .. })
    ));
    assert_eq!(
        lag_one(&some(&[f64::MAX, f64::MIN, f64::MAX, f64::MIN])),
        Err(Unanswerable::Overflow)
    );
}

fn any_value() -> impl Strategy<Value = f64> {
    prop_oneof![
        prop::num::f64::ANY,
        0.0..30.0_f64,
        (0..5_i32).prop_map(f64::from),
        Just(f64::MAX)
    ]
}

proptest! {
    #[test]
    fn any_input_gives_a_choice_with_a_reason_or_a_refusal(
        values in prop::collection::vec(prop::option::weighted(0.95, any_value()), 0..60),
        bases in prop::collection::vec(any_value(), 60),
        period in prop::option::of(prop_oneof![0..20_usize, Just(usize::MAX)]),
    ) {
        let subgroups: Vec<_> = values.iter().zip(&bases).map(|(count, &denominator)| {
            count.map(|count| Subgroup { count, denominator })
        }).collect();
        let _ = lag_one(&values);
        for data in [
            Data::Measurements(&values),
            Data::Counts(&values),
            Data::CasesBetween(&values),
            Data::TimesBetween(&values),
            Data::Proportions(&subgroups),
            Data::Rates(&subgroups),
        ] {
            if let Ok(choice) = choose(data, period) {
                prop_assert!(!choice.reasons.is_empty());
                for reason in choice.reasons {
                    prop_assert!(!reason.to_string().contains("NaN"), "{reason}");
                }
            }
        }
    }

    #[test]
    fn the_unit_of_measurement_does_not_matter(
        values in prop::collection::vec(-50..50_i32, 1..60),
    ) {
        let plain: Vec<_> = values.iter().map(|&v| f64::from(v)).collect();
        let scaled: Vec<_> = plain.iter().map(|v| v * 0.25 + 1024.0).collect();
        let (a, b) = (measured(&plain, Some(12)), measured(&scaled, Some(12)));
        prop_assert_eq!((a.chart, a.first), (b.chart, b.first));
    }
}
