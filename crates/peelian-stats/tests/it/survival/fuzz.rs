//! Whatever comes in, an answer that can be written down or a reason comes out.

use peelian_stats::Interval;
use peelian_stats::survival::competing::aalen_johansen;
use peelian_stats::survival::cox::{
    Errors, Settings as CoxSettings, Ties, TimeScale, baseline_hazard, concordance, cox,
    non_proportional,
};
use peelian_stats::survival::fine_gray::fine_gray;
use peelian_stats::survival::gray::gray_test;
use peelian_stats::survival::kaplan_meier::{Band, Settings, kaplan_meier};
use peelian_stats::survival::log_rank::{ChiSquared, Weight, log_rank};
use peelian_stats::survival::maturity::{chain_ladder, projected_shares};
use peelian_stats::survival::nelson_aalen::nelson_aalen;
use peelian_stats::survival::restricted_mean::{
    Settings as MeanSettings, difference, restricted_mean,
};
use peelian_stats::survival::{Cases, Coefficient};
use proptest::prelude::*;

/// Anything, with the usual often enough to get past the checks.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => (0_u8..9).prop_map(f64::from),
        4 => 0.0_f64..1e4,
        2 => prop_oneof![
            Just(0.0), Just(-0.0), Just(1e300), Just(1e-300), Just(5e-324), Just(4e9), Just(f64::MAX),
        ],
        1 => prop::num::f64::ANY,
    ]
}

/// Times that pass the checks, so that what lies behind them is reached.
fn time() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => (0_u8..9).prop_map(f64::from),
        2 => 0.0_f64..1e4,
        1 => prop_oneof![Just(-0.0), Just(1e300), Just(5e-324), Just(4e9), Just(f64::MAX)],
    ]
}

fn held(interval: Interval) -> bool {
    interval.lower <= interval.upper && interval.lower.is_finite() && interval.upper.is_finite()
}

fn test_is_sound(test: ChiSquared) -> bool {
    test.statistic >= 0.0 && test.statistic.is_finite() && (0.0..=1.0).contains(&test.p)
}

fn coefficient_is_sound(c: &Coefficient) -> bool {
    c.estimate.is_finite() && c.standard_error > 0.0 && held(c.interval) && c.p.is_finite()
}

fn curves(cases: Cases<'_>, confidence: f64, horizon: f64) {
    for band in [Band::LogLog, Band::Log, Band::Plain] {
        let Ok(curve) = kaplan_meier(cases, &Settings { confidence, band }) else {
            continue;
        };
        for step in &curve.steps {
            assert!((0.0..=1.0).contains(&step.survival) && step.standard_error >= 0.0);
            assert!(step.band.is_none_or(held), "{step:?}");
        }
        curve.survival_at(horizon);
        curve.at_risk(horizon);
        curve.quantile(horizon);
        curve.median();
    }
    if let Ok(steps) = nelson_aalen(cases, confidence) {
        for step in steps {
            assert!(step.hazard.is_finite() && step.standard_error.is_finite());
            assert!(
                step.interval
                    .is_none_or(|interval| interval.lower <= interval.upper)
            );
        }
    }
    for level_beyond in [false, true] {
        let settings = MeanSettings {
            confidence,
            level_beyond,
        };
        if let Ok(mean) = restricted_mean(cases, horizon, &settings) {
            assert!(mean.mean >= 0.0 && mean.standard_error.is_finite() && held(mean.interval));
            let _ = difference(&mean, &mean, confidence);
        }
    }
}

fn regressions(cases: Cases<'_>, causes: &[u8], covariates: &[&[f64]], clusters: &[usize]) {
    for ties in [Ties::Efron, Ties::Breslow] {
        for errors in [Errors::Model, Errors::Robust, Errors::Clustered(clusters)] {
            let settings = CoxSettings {
                ties,
                errors,
                ..CoxSettings::default()
            };
            let Ok(fit) = cox(cases, covariates, &settings) else {
                continue;
            };
            assert!(fit.coefficients.iter().all(coefficient_is_sound), "{fit:?}");
            assert!(fit.log_likelihood.iter().all(|value| value.is_finite()));
            for scale in [TimeScale::KaplanMeier, TimeScale::Time, TimeScale::Log] {
                if let Ok(test) = non_proportional(cases, covariates, &fit, scale) {
                    assert!(test.covariates.into_iter().all(test_is_sound));
                    assert!(test_is_sound(test.overall));
                }
            }
            let baseline = baseline_hazard(cases, covariates, &fit).unwrap();
            assert!(baseline.iter().all(|step| step.hazard.is_finite()));
            let _ = baseline_hazard(cases, &[], &fit);
        }
    }
    if let Ok(fit) = fine_gray(cases.times, causes, 1, covariates, 0.95) {
        assert!(fit.coefficients.iter().all(coefficient_is_sound), "{fit:?}");
    }
    for risk in covariates {
        if let Ok(found) = concordance(cases, risk) {
            assert!((0.0..=1.0).contains(&found.share));
        }
    }
}

fn tests(cases: Cases<'_>, causes: &[u8], groups: &[usize], exponent: f64) {
    let odd = Weight::FlemingHarrington {
        early: exponent,
        late: exponent,
    };
    for weight in [Weight::LogRank, Weight::Gehan, Weight::PetoPeto, odd] {
        if let Ok(found) = log_rank(cases, groups, weight) {
            assert!(test_is_sound(found.test), "{found:?}");
        }
    }
    for cause in [0, 1, 2] {
        if let Ok(found) = gray_test(cases.times, causes, cause, groups) {
            assert!(test_is_sound(found), "{found:?}");
        }
    }
    if let Ok(outcomes) = aalen_johansen(cases.times, causes, 0.95) {
        for curve in outcomes.causes {
            for step in curve.steps {
                assert!((0.0..=1.0).contains(&step.share) && step.standard_error.is_finite());
                assert!(step.band.is_none_or(held), "{step:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_cases_make_a_method_panic(
        cases in prop::collection::vec((number(), any::<bool>(), number(), 0_u8..4, 0_usize..4), 0..12),
        late in any::<bool>(),
        cut in 0_usize..14,
        confidence in prop_oneof![3 => 0.5_f64..0.999, 1 => prop::num::f64::ANY],
        horizon in number(),
    ) {
        let times: Vec<_> = cases.iter().map(|case| case.0).collect();
        // Sometimes too short.
        let happened: Vec<_> = cases.iter().take(cut + 2).map(|case| case.1).collect();
        let entries: Vec<_> = cases.iter().map(|case| case.2).collect();
        let causes: Vec<_> = cases.iter().take(cut + 2).map(|case| case.3).collect();
        let groups: Vec<_> = cases.iter().map(|case| case.4).collect();
        let all = Cases {
            times: &times,
            happened: &happened,
            entries: late.then_some(entries.as_slice()),
        };
        curves(all, confidence, horizon);
        tests(all, &causes, &groups, horizon);
        regressions(all, &causes, &[&entries], &groups);
    }

    #[test]
    fn no_sound_cases_give_an_unsound_answer(
        cases in prop::collection::vec((time(), any::<bool>(), number(), 0_u8..4, 0_usize..3), 3..30),
        late in any::<bool>(),
        horizon in time(),
    ) {
        let times: Vec<_> = cases.iter().map(|case| case.0).collect();
        let happened: Vec<_> = cases.iter().map(|case| case.1).collect();
        let x: Vec<_> = cases.iter().map(|case| case.2).collect();
        let causes: Vec<_> = cases.iter().map(|case| case.3).collect();
        let mut groups: Vec<_> = cases.iter().map(|case| case.4).collect();
        groups[..3].copy_from_slice(&[0, 1, 2]);
        let other: Vec<_> = groups.iter().map(|&group| group as f64).collect();
        let entries: Vec<_> = times.iter().map(|time| time / 2.0).collect();
        let all = Cases {
            times: &times,
            happened: &happened,
            entries: late.then_some(entries.as_slice()),
        };
        curves(all, 0.95, horizon);
        tests(all, &causes, &groups, 0.5);
        regressions(all, &causes, &[&x, &other], &groups);
        regressions(all, &causes, &[&other], &groups);
    }

    #[test]
    fn no_triangle_makes_a_ladder_panic(
        figures in prop::collection::vec(number(), 10),
        sizes in prop::collection::vec(number(), 4),
        confidence in prop_oneof![3 => 0.5_f64..0.999, 1 => prop::num::f64::ANY],
    ) {
        let rows: [&[f64]; 4] = [&figures[..4], &figures[4..7], &figures[7..9], &figures[9..]];
        if let Ok(ladder) = chain_ladder(&rows) {
            for cohort in ladder.cohorts {
                prop_assert!(cohort.ultimate.is_finite() && cohort.ultimate >= 0.0);
                prop_assert!(cohort.standard_error.is_none_or(f64::is_finite));
            }
        }
        if let Ok(shares) = projected_shares(&rows, &sizes, confidence) {
            for share in shares {
                prop_assert!((0.0..=1.0).contains(&share.ultimate));
                prop_assert!(held(share.interval), "{share:?}");
            }
        }
    }
}
