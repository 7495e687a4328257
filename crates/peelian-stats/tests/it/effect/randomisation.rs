use peelian_stats::Unanswerable;
use peelian_stats::effect::did::Resampling;
use peelian_stats::effect::randomisation::{
    Balance, Crossover, Day, assign, crossover, crossover_trial, unit_trial,
};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::goldens::close;

fn count(days: &[Day], kind: Day) -> usize {
    days.iter().filter(|day| **day == kind).count()
}

/// Twenty places for ninety days, eight of them visited a day: 1,800 place-days, 720 visits.
const SPOTS: Crossover = Crossover {
    units: 20,
    days: 90,
    balance: Balance::PerDay(8),
    washout: 0,
};

#[test]
fn a_schedule_by_day_has_as_many_a_day_as_asked_for() {
    let schedule = crossover(&SPOTS, 1).unwrap();
    let treated: usize = schedule.iter().map(|days| count(days, Day::Treated)).sum();
    assert_eq!(treated, 720);
    for day in 0..90 {
        let today = schedule.iter().filter(|days| days[day] == Day::Treated);
        assert_eq!(today.count(), 8);
    }
    assert_eq!(schedule, crossover(&SPOTS, 1).unwrap());
    assert_ne!(schedule, crossover(&SPOTS, 2).unwrap());
}

#[test]
fn a_schedule_by_unit_shares_every_stretch() {
    let design = Crossover {
        days: 94,
        balance: Balance::PerUnit {
            stretch: 10,
            treated: 4,
        },
        washout: 1,
        ..SPOTS
    };
    let schedule = crossover(&design, 3).unwrap();
    for days in &schedule {
        for stretch in days[..90].chunks(10) {
            assert_eq!(count(stretch, Day::Treated), 4);
        }
        // Four days of a stretch cut short: 1.6 treated, so one or two.
        assert!((1..=2).contains(&count(&days[90..], Day::Treated)));
        for pair in days.windows(2) {
            assert_eq!(
                pair[1] == Day::Washout,
                pair[0] == Day::Treated && pair[1] != Day::Treated
            );
        }
    }
    let last: usize = schedule
        .iter()
        .map(|days| count(&days[90..], Day::Treated))
        .sum();
    assert!((24..=39).contains(&last), "{last}, 32 expected");
}

#[test]
fn each_place_gets_the_day_equally_often_over_many_deals() {
    let mut treated = [0_usize; 20];
    for seed in 0..400 {
        let schedule = crossover(&Crossover { days: 5, ..SPOTS }, seed).unwrap();
        for (sum, days) in treated.iter_mut().zip(&schedule) {
            *sum += count(days, Day::Treated);
        }
    }
    // 2,000 days at 0.4: 800, standard deviation 22.
    assert!(
        treated.iter().all(|n| (700..900).contains(n)),
        "{treated:?}"
    );
}

#[test]
fn units_are_dealt_evenly_within_blocks_and_overall() {
    let block: Vec<_> = (0..43).map(|unit| unit % 6).collect();
    for arms in [2, 3] {
        let arm = assign(&block, arms, 5).unwrap();
        let size = |keep: &dyn Fn(usize) -> bool, wanted: usize| {
            (0..43).filter(|&u| keep(u) && arm[u] == wanted).count()
        };
        for b in 0..6 {
            let sizes: Vec<_> = (0..arms).map(|a| size(&|u| block[u] == b, a)).collect();
            assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1);
        }
        let sizes: Vec<_> = (0..arms).map(|a| size(&|_| true, a)).collect();
        assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1);
        assert_eq!(arm, assign(&block, arms, 5).unwrap());
    }
    let treated = |unit: usize| {
        (0..600)
            .filter(|&seed| assign(&block, 2, seed).unwrap()[unit] == 1)
            .count()
    };
    // Half of 600, standard deviation 12.
    for unit in [0, 7, 42] {
        assert!((245..=355).contains(&treated(unit)), "{}", treated(unit));
    }
    assert!(matches!(
        assign(&[0, 0], 3, 1),
        Err(Unanswerable::TooFew { .. })
    ));
    assert!(matches!(
        assign(&[0, 0], 1, 1),
        Err(Unanswerable::TooFew { .. })
    ));
}

const DEALS: Resampling = Resampling {
    draws: 199,
    seed: 9,
};

/// Daily figures with a level a place, a wave over the days and an effect of a visit.
fn outcomes(seed: u64, schedule: &[Vec<Day>], effect: f64, noise: f64) -> Vec<Vec<Option<f64>>> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut draw = || -> f64 { StandardNormal.sample(&mut random) };
    schedule
        .iter()
        .map(|days| {
            let level = 5.0 * draw();
            days.iter()
                .enumerate()
                .map(|(day, kind)| {
                    let visit = if *kind == Day::Treated { effect } else { 0.0 };
                    Some(level + (day as f64 / 7.0).sin() + visit + noise * draw())
                })
                .collect()
        })
        .collect()
}

#[test]
fn a_trial_of_days_recovers_the_effect_and_tests_it() {
    let schedule = crossover(&SPOTS, 4).unwrap();
    let exact = outcomes(1, &schedule, -2.0, 0.0);
    let trial = crossover_trial(&exact, &schedule, &SPOTS, 0.95, DEALS).unwrap();
    close(trial.effect, -2.0, 1e-9, "effect");
    assert_eq!((trial.treated, trial.controls), (720, 1080));
    // 200 deals: p can be no smaller.
    assert_eq!(trial.p_value, 1.0 / 200.0);
    let noisy = outcomes(2, &schedule, -0.3, 1.0);
    let trial = crossover_trial(&noisy, &schedule, &SPOTS, 0.95, DEALS).unwrap();
    assert!(trial.p_value < 0.05 && trial.interval.contains(-0.3));
    assert!(!trial.interval.contains(0.0));
    // 1/√720 + 1/√1080 in squares: 0.048; the interval is some 1.96 of it to each side.
    let width = trial.interval.upper - trial.interval.lower;
    assert!((0.15..0.24).contains(&width), "{width}");
}

#[test]
fn washout_days_and_missing_days_are_left_aside() {
    let design = Crossover {
        balance: Balance::PerUnit {
            stretch: 9,
            treated: 2,
        },
        washout: 1,
        days: 27,
        units: 6,
    };
    let schedule = crossover(&design, 4).unwrap();
    let mut outcome = outcomes(3, &schedule, -2.0, 0.0);
    for (days, kinds) in outcome.iter_mut().zip(&schedule) {
        for (value, kind) in days.iter_mut().zip(kinds) {
            if *kind == Day::Washout {
                // What lingers must not reach the estimate.
                *value = value.map(|v| v - 100.0);
            }
        }
    }
    let missing = schedule[0].iter().position(|day| *day == Day::Control);
    outcome[0][missing.unwrap()] = Some(f64::NAN);
    let trial = crossover_trial(&outcome, &schedule, &design, 0.95, DEALS).unwrap();
    close(trial.effect, -2.0, 1e-9, "effect");
    let control: usize = schedule.iter().map(|days| count(days, Day::Control)).sum();
    assert_eq!(trial.controls, control - 1);
}

#[test]
fn a_trial_of_days_holds_its_level_where_days_resemble_each_other() {
    let design = Crossover {
        units: 4,
        days: 30,
        balance: Balance::PerDay(2),
        washout: 0,
    };
    let deals = Resampling {
        draws: 99,
        seed: 77,
    };
    let found = (0..300)
        .filter(|&seed| {
            let schedule = crossover(&design, seed).unwrap();
            let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
            let outcome: Vec<Vec<_>> = (0..4)
                .map(|_| {
                    let mut last = 0.0;
                    let mut next = || {
                        let fresh: f64 = StandardNormal.sample(&mut random);
                        last = 0.8 * last + fresh;
                        Some(last)
                    };
                    (0..30).map(|_| next()).collect()
                })
                .collect();
            let trial = crossover_trial(&outcome, &schedule, &design, 0.95, deals).unwrap();
            trial.p_value <= 0.05
        })
        .count();
    // 15 of 300 are to be expected.
    assert!((3..=28).contains(&found), "{found}");
}

#[test]
fn a_trial_of_units_compares_within_blocks() {
    // Blocks at levels 0, 10 and 20, the treated 3 higher in each.
    let block: Vec<_> = (0..24).map(|unit| unit / 8).collect();
    let treated: Vec<_> = assign(&block, 2, 1)
        .unwrap()
        .iter()
        .map(|arm| *arm == 1)
        .collect();
    let outcome: Vec<_> = (0..24)
        .map(|u| Some(10.0 * block[u] as f64 + if treated[u] { 3.0 } else { 0.0 }))
        .collect();
    let trial = unit_trial(&outcome, &block, &treated, 0.95, DEALS).unwrap();
    close(trial.effect, 3.0, 1e-12, "effect");
    assert_eq!((trial.treated, trial.controls), (12, 12));
    assert_eq!(trial.p_value, 1.0 / 200.0);
    assert!(matches!(
        unit_trial(&outcome, &block, &[true; 24], 0.95, DEALS),
        Err(Unanswerable::TooFew { .. })
    ));
    assert!(matches!(
        unit_trial(&outcome, &block, &treated[1..], 0.95, DEALS),
        Err(Unanswerable::Mismatched(_))
    ));
}

#[test]
fn few_ways_to_deal_leave_a_floor_under_p_and_no_end_to_the_interval() {
    // Two of four: six ways, two of which are as extreme as the data.
    let outcome = [Some(1.0), Some(2.0), Some(10.0), Some(11.5)];
    let treated = [false, false, true, true];
    let trial = unit_trial(&outcome, &[0; 4], &treated, 0.95, Resampling::default()).unwrap();
    assert!(
        (trial.p_value - 1.0 / 3.0).abs() < 0.06,
        "{}",
        trial.p_value
    );
    assert_eq!(trial.interval.lower, f64::NEG_INFINITY);
    assert_eq!(trial.interval.upper, f64::INFINITY);
}

#[test]
fn the_interval_of_a_trial_of_units_covers_as_it_promises() {
    let block: Vec<_> = (0..24).map(|unit| unit / 6).collect();
    let covered = (0..300)
        .filter(|&seed| {
            let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
            let arm = assign(&block, 2, seed).unwrap();
            let treated: Vec<_> = arm.iter().map(|arm| *arm == 1).collect();
            let outcome: Vec<_> = (0..24)
                .map(|u| {
                    let noise: f64 = StandardNormal.sample(&mut random);
                    let level = 4.0 * block[u] as f64;
                    Some(level + noise + if treated[u] { 1.5 } else { 0.0 })
                })
                .collect();
            let trial = unit_trial(&outcome, &block, &treated, 0.9, DEALS).unwrap();
            trial.interval.contains(1.5)
        })
        .count();
    // 270 of 300 are nominal.
    assert!((250..=289).contains(&covered), "{covered}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_makes_a_schedule_panic_and_what_comes_out_has_its_shape(
        units in 0_usize..12,
        days in 0_usize..40,
        a in 0_usize..14,
        b in 0_usize..14,
        per_day in any::<bool>(),
        washout in 0_usize..50,
        seed in any::<u64>(),
        values in prop::collection::vec(prop::option::of(prop::num::f64::ANY), 480),
    ) {
        let balance = if per_day {
            Balance::PerDay(a)
        } else {
            Balance::PerUnit { stretch: a, treated: b }
        };
        let design = Crossover { units, days, balance, washout };
        if let Ok(schedule) = crossover(&design, seed) {
            prop_assert_eq!(schedule.len(), units);
            prop_assert!(schedule.iter().all(|d| d.len() == days));
            let outcome: Vec<Vec<_>> =
                (0..units).map(|u| values[u * days..(u + 1) * days].to_vec()).collect();
            let deals = Resampling { draws: 19, seed };
            for scale in [1.0, 1e-300] {
                let outcome: Vec<Vec<_>> = outcome
                    .iter()
                    .map(|days| days.iter().map(|v| v.map(|v| v * scale)).collect())
                    .collect();
                if let Ok(trial) = crossover_trial(&outcome, &schedule, &design, 0.9, deals) {
                    prop_assert!(trial.effect.is_finite());
                    prop_assert!((0.0..=1.0).contains(&trial.p_value));
                    prop_assert!(!trial.interval.lower.is_nan() && !trial.interval.upper.is_nan());
                }
            }
        }
    }

    #[test]
    fn nothing_makes_a_trial_of_units_panic(
        rows in prop::collection::vec(
            (prop::option::of(prop::num::f64::ANY), 0_usize..4, any::<bool>()), 0..30,
        ),
        confidence in prop::num::f64::ANY,
        arms in 0_usize..5,
    ) {
        let outcome: Vec<_> = rows.iter().map(|row| row.0).collect();
        let block: Vec<_> = rows.iter().map(|row| row.1).collect();
        let treated: Vec<_> = rows.iter().map(|row| row.2).collect();
        for confidence in [confidence, 0.9] {
            let deals = Resampling { draws: 19, seed: 2 };
            if let Ok(trial) = unit_trial(&outcome, &block, &treated, confidence, deals) {
                prop_assert!(trial.effect.is_finite());
                prop_assert!((0.0..=1.0).contains(&trial.p_value));
            }
        }
        let _ = assign(&block, arms, 1);
    }
}
