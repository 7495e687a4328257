use peelian_stats::Unanswerable;
use peelian_stats::time::farrington::{
    Settings, TrendSpread, Verdict, farrington, farrington_many,
};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Distribution, Poisson};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::goldens::{Within, run};

#[test]
fn weeks_are_judged_as_by_surveillance() {
    for case in run("farrington") {
        case.matches(
            "expected.csv",
            &[
                ("week", Within::Exact),
                ("observed", Within::Exact),
                ("upperbound", Within::Relative(1e-5)),
                ("alarm", Within::Exact),
                ("expected", Within::Relative(1e-5)),
                // Theirs takes the weights of the last step but one.
                ("phi", Within::Relative(5e-5)),
                ("trend", Within::Exact),
                ("score", Within::Relative(1e-5)),
            ],
        );
    }
}

fn poisson(mean: impl Fn(usize) -> f64, weeks: usize, seed: u64) -> Vec<Option<f64>> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..weeks)
        .map(|week| Some(Poisson::new(mean(week)).unwrap().sample(&mut random)))
        .collect()
}

fn judged(counts: &[Option<f64>], settings: &Settings) -> Vec<Verdict> {
    farrington(counts, 312..counts.len(), settings)
        .unwrap()
        .into_iter()
        .flatten()
        .collect()
}

#[test]
fn a_level_past_gives_its_mean_and_a_poisson_limit() {
    let verdicts = judged(&vec![Some(10.0); 320], &Settings::default());
    for verdict in verdicts {
        assert!((verdict.expected - 10.0).abs() < 1e-9);
        assert_eq!(verdict.dispersion, 1.0);
        // P(X > 18) = 0.0072 and P(X > 17) = 0.0143 for a mean of 10.
        assert_eq!(verdict.upper, 18.0);
        assert!(!verdict.alarm);
    }
}

#[test]
fn a_count_far_above_its_past_raises_an_alarm_and_does_not_hide_the_next() {
    let mut counts = poisson(|_| 10.0, 330, 1);
    for count in &mut counts[315..320] {
        *count = Some(40.0);
    }
    let verdicts = judged(&counts, &Settings::default());
    assert!(
        verdicts[3..8]
            .iter()
            .all(|verdict| verdict.alarm && verdict.probability < 1e-6)
    );
}

#[test]
fn quiet_weeks_are_marked_about_as_often_as_alpha_says() {
    let season =
        |week: usize| 30.0 * (1.0 + 0.3 * (week as f64 * std::f64::consts::TAU / 52.0).sin());
    let series: Vec<_> = (0..150).map(|seed| poisson(season, 364, seed)).collect();
    let all = farrington_many(&series, &(312..364), &Settings::default());
    let verdicts: Vec<_> = all
        .into_iter()
        .flat_map(|one| one.unwrap())
        .flatten()
        .collect();
    let share = verdicts.iter().filter(|v| v.alarm).count() as f64 / verdicts.len() as f64;
    // 0.01, more because the mean is estimated and seasons are cut into steps.
    assert!((0.005..0.03).contains(&share), "{share}");
}

#[test]
fn a_trend_judged_by_working_residuals_is_found_in_noise_far_too_often() {
    let series: Vec<_> = (0..60).map(|seed| poisson(|_| 20.0, 313, seed)).collect();
    let share = |spread| {
        let settings = Settings {
            trend_spread: spread,
            ..Settings::default()
        };
        let all = farrington_many(&series, &(312..313), &settings);
        let found = all.into_iter().flat_map(|one| one.unwrap()).flatten();
        found.filter(|verdict| verdict.trend.is_some()).count() as f64 / 60.0
    };
    assert!(share(TrendSpread::Pearson) < 0.15);
    assert!(share(TrendSpread::Working) > 0.4);
}

#[test]
fn few_events_of_late_give_no_alarm_and_a_week_not_recorded_no_verdict() {
    let mut counts = vec![Some(0.0); 320];
    counts[319] = Some(4.0);
    counts[318] = None;
    let verdicts = farrington(&counts, 317..320, &Settings::default()).unwrap();
    assert_eq!(verdicts[1], None);
    let last = verdicts[2].unwrap();
    assert!(last.too_few && !last.alarm && last.observed > last.upper);
    counts[319] = Some(5.0);
    let last = farrington(&counts, 319..320, &Settings::default()).unwrap()[0].unwrap();
    assert!(!last.too_few && last.alarm);
}

#[test]
fn what_cannot_be_judged_is_refused_with_the_reason() {
    let counts = vec![Some(3.0); 320];
    let refusal = |counts: &[Option<f64>], from: usize, settings: &Settings| {
        farrington(counts, from..counts.len(), settings).unwrap_err()
    };
    let usual = Settings::default();
    assert_eq!(
        refusal(&counts, 200, &usual),
        Unanswerable::TooFew {
            what: "earlier periods",
            have: 200,
            need: 263
        }
    );
    assert!(matches!(
        refusal(&[Some(-1.0); 320], 300, &usual),
        Unanswerable::Invalid(_)
    ));
    for odd in [
        Settings {
            alpha: 0.0,
            ..usual
        },
        Settings {
            alpha: f64::NAN,
            ..usual
        },
        Settings { years: 0, ..usual },
        Settings {
            seasons: 0,
            ..usual
        },
        Settings {
            half_window: 30,
            ..usual
        },
        Settings {
            half_window: usize::MAX,
            ..usual
        },
        Settings {
            enough: (5.0, 0),
            ..usual
        },
        Settings {
            downweight_above: f64::NAN,
            ..usual
        },
    ] {
        assert!(
            matches!(refusal(&counts, 300, &odd), Unanswerable::Invalid(_)),
            "{odd:?}"
        );
    }
    assert_eq!(farrington(&counts, 5..5, &usual), Ok(Vec::new()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_counts_panic(
        counts in prop::collection::vec(prop::option::of(prop_oneof![prop::num::f64::ANY, 0.0..1e3_f64, Just(0.0)]), 70..90),
        years in 0_usize..6, half_window in 0_usize..3, seasons in 0_usize..8, left_out in 0_usize..100,
    ) {
        let settings = Settings { year: 12, years, half_window, seasons, left_out, ..Settings::default() };
        let _ = farrington(&counts, 62..counts.len(), &settings);
        let valid: Vec<_> = counts.iter().map(|c| c.filter(|c| c.is_finite()).map(f64::abs)).collect();
        if let Ok(verdicts) = farrington(&valid, 62..counts.len(), &settings) {
            for verdict in verdicts.into_iter().flatten() {
                prop_assert!(verdict.expected.is_finite() && verdict.dispersion >= 1.0);
                prop_assert!((0.0..=1.0).contains(&verdict.probability));
            }
        }
    }
}
