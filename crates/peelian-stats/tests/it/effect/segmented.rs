use peelian_stats::Unanswerable;
use peelian_stats::effect::segmented::{
    Basis, Segmented, Settings, Term, autoregressive, continuous, counts,
};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Distribution, Poisson, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::goldens::{Within, close, run};

const FIGURES: Within = Within::Relative(1e-8);

#[test]
fn every_figure_equals_statsmodels_and_r() {
    for case in run("its_segmented") {
        let lags = ["1", "3", "6", "12"];
        let of_lags = |form: &str| -> Vec<String> {
            lags.iter().map(|lag| form.replace("LAG", lag)).collect()
        };
        let mut python = vec![
            "/coef".to_owned(),
            "/se_ols".to_owned(),
            "/r2".to_owned(),
            "/rmse".to_owned(),
            "/durbin_watson".to_owned(),
            "/ljung_box_lag12".to_owned(),
            "/counterfactual".to_owned(),
            "/effect_at_end".to_owned(),
            "/effect_sum_post".to_owned(),
            "/poisson".to_owned(),
            "/glsar1".to_owned(),
        ];
        for form in [
            "/se_hac_lagLAG",
            "/se_hac_lagLAG_corrected",
            "/p_t_hac_lagLAG_corrected",
        ] {
            python.extend(of_lags(form));
        }
        let mut r = vec![
            "/coef".to_owned(),
            "/se_ols".to_owned(),
            "/dw".to_owned(),
            "/nw_auto_bandwidth".to_owned(),
            "/quasipoisson".to_owned(),
        ];
        for form in [
            "/se_nw_lagLAG_noprewhite_noadjust",
            "/se_nw_lagLAG_noprewhite_adjust",
        ] {
            r.extend(of_lags(form));
        }
        let all = |names: &[String]| {
            names
                .iter()
                .map(|name| (name.clone(), FIGURES))
                .collect::<Vec<_>>()
        };
        for (file, names) in [
            ("expected_statsmodels.json", python),
            ("expected_r.json", r),
        ] {
            let pointers = all(&names);
            let pointers: Vec<_> = pointers.iter().map(|(n, w)| (n.as_str(), *w)).collect();
            case.matches_json(file, &pointers);
        }
    }
}

/// A level, a slope and a season, with a change at 36 of 60.
fn plain_line(t: usize) -> f64 {
    let time = t as f64;
    let since = t.saturating_sub(36) as f64;
    let step = if t >= 36 { -9.0 } else { 0.0 };
    let wave = std::f64::consts::TAU * time / 12.0;
    100.0 + 0.5 * time + step - 0.25 * since + 6.0 * wave.sin() - 2.0 * wave.cos()
}

fn all_present(values: &[f64]) -> Vec<Option<f64>> {
    values.iter().copied().map(Some).collect()
}

fn noisy(seed: u64, points: usize, carried: f64) -> Vec<f64> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut draw = || -> f64 { StandardNormal.sample(&mut random) };
    let mut last = draw();
    (0..points)
        .map(|_| {
            let now = last;
            last = carried * last + (1.0 - carried * carried).sqrt() * draw();
            now
        })
        .collect()
}

#[test]
fn a_line_without_noise_is_recovered_and_so_is_the_worked_example() {
    let values: Vec<_> = (0..60).map(|t| Some(plain_line(t))).collect();
    let settings = Settings {
        harmonics: 1,
        ..Settings::default()
    };
    let fit = continuous(&values, 36, &settings).unwrap();
    let names = [
        Term::Constant,
        Term::Trend,
        Term::Level,
        Term::Slope,
        Term::Sine(1),
        Term::Cosine(1),
    ];
    assert_eq!(fit.terms, names);
    for (ours, truth) in fit
        .coefficients
        .iter()
        .zip([100.0, 0.5, -9.0, -0.25, 6.0, -2.0])
    {
        close(*ours, truth, 1e-10, "coefficient");
    }
    let errors = fit.on(Basis::Lag(3)).unwrap();
    // 23 points after the first: −9 − 0.25 · 23; and Σ over 24 points.
    close(errors.at_end.estimate, -14.75, 1e-10, "at the end");
    close(errors.total.estimate, -285.0, 1e-10, "total");
    let without = plain_line(59) + 14.75;
    close(fit.counterfactual[59].value, without, 1e-10, "without");
    assert_eq!((fit.before, fit.after), (36, 24));
    assert!(!fit.short_before);
}

#[test]
fn counts_that_follow_a_rate_exactly_are_recovered() {
    let base: Vec<_> = (0..60).map(|t| 1000.0 + 10.0 * f64::from(t)).collect();
    let counted: Vec<_> = (0..60_usize)
        .map(|t| {
            let since = t.saturating_sub(36) as f64;
            let step = if t >= 36 { -0.3 } else { 0.0 };
            Some(base[t] * (-2.0 + 0.01 * t as f64 + step - 0.02 * since).exp())
        })
        .collect();
    let settings = Settings {
        harmonics: 0,
        ..Settings::default()
    };
    let fit = counts(&counted, Some(&base), 36, &settings).unwrap();
    for (ours, truth) in fit.coefficients.iter().zip([-2.0, 0.01, -0.3, -0.02]) {
        close(*ours, truth, 1e-9, "coefficient");
    }
    let effect: f64 = (36..60)
        .map(|t| counted[t].unwrap() - base[t] * (-2.0 + 0.01 * t as f64).exp())
        .sum();
    let total = fit.on(Basis::Dispersed).unwrap().total;
    close(total.estimate, effect, 1e-9, "total");
    assert!(fit.variance < 1e-15 && fit.explained.unwrap() > 1.0 - 1e-12);
}

#[test]
fn the_band_touches_the_fitted_line_before_the_start_and_widens_after_it() {
    let noise = noisy(4, 60, 0.4);
    let values: Vec<_> = (0..60)
        .map(|t| Some(plain_line(t) + 2.0 * noise[t]))
        .collect();
    let fit = continuous(&values, 36, &Settings::default()).unwrap();
    for t in 0..60 {
        let expected = fit.counterfactual[t];
        assert!(expected.interval.contains(expected.value));
        if t < 36 {
            close(expected.value, fit.fitted[t], 1e-12, "before the start");
        }
    }
    let width = |t: usize| {
        let band = fit.counterfactual[t].interval;
        band.upper - band.lower
    };
    assert!(width(59) > 1.5 * width(30));
    // The band rests on the errors that doubt the total most.
    let widest = fit.on(fit.band).unwrap().total.standard_error;
    assert!(fit.errors.iter().all(|e| e.total.standard_error <= widest));
}

#[test]
fn a_wave_of_two_points_has_no_sine() {
    let values = all_present(&noisy(1, 60, 0.0));
    let settings = Settings {
        harmonics: 6,
        ..Settings::default()
    };
    let fit = continuous(&values, 36, &settings).unwrap();
    assert_eq!(fit.terms.len(), 4 + 11);
    assert!(!fit.terms.contains(&Term::Sine(6)));
    let too_many = Settings {
        harmonics: 7,
        ..settings
    };
    assert!(matches!(
        continuous(&values, 36, &too_many),
        Err(Unanswerable::Invalid(_))
    ));
}

#[test]
fn moving_the_origin_changes_no_finding() {
    let noise = noisy(8, 60, 0.3);
    let values: Vec<_> = (0..60).map(|t| Some(plain_line(t) + noise[t])).collect();
    let later = Settings {
        origin: 2000.0,
        ..Settings::default()
    };
    let (a, b) = (
        continuous(&values, 36, &Settings::default()).unwrap(),
        continuous(&values, 36, &later).unwrap(),
    );
    for (a, b) in a.errors.iter().zip(&b.errors) {
        close(a.total.estimate, b.total.estimate, 1e-8, "total");
        close(
            a.total.standard_error,
            b.total.standard_error,
            1e-6,
            "its error",
        );
        close(a.standard_errors[2], b.standard_errors[2], 1e-6, "level");
    }
}

#[test]
fn a_missing_value_takes_no_part_and_its_neighbours_keep_their_distance() {
    let noise = noisy(2, 60, 0.5);
    let mut values: Vec<_> = (0..60).map(|t| Some(plain_line(t) + noise[t])).collect();
    values[20] = None;
    let gap = continuous(&values, 36, &Settings::default()).unwrap();
    assert_eq!((gap.before, gap.residuals[20]), (35, None));
    // The value that the fit expects adds a residual of zero, so only n − k differs.
    values[20] = Some(gap.fitted[20]);
    let filled = continuous(&values, 36, &Settings::default()).unwrap();
    let correction = |fit: &Segmented| {
        let used = (fit.before + fit.after) as f64;
        (used / fit.freedom as f64).sqrt()
    };
    let error = |fit: &Segmented| fit.on(Basis::Lag(6)).unwrap().total.standard_error;
    close(
        gap.on(Basis::Lag(6)).unwrap().total.estimate,
        filled.on(Basis::Lag(6)).unwrap().total.estimate,
        1e-9,
        "total",
    );
    assert!(
        (error(&gap) / correction(&gap) / (error(&filled) / correction(&filled)) - 1.0).abs() < 0.1
    );
    values[20] = Some(f64::NAN);
    assert_eq!(continuous(&values, 36, &Settings::default()).unwrap(), gap);
}

#[test]
fn two_years_of_months_are_asked_for_and_less_is_flagged() {
    let values = all_present(&noisy(3, 60, 0.0));
    let fit = |start| continuous(&values, start, &Settings::default()).unwrap();
    assert!(!fit(24).short_before);
    assert!(fit(23).short_before);
    assert_eq!(
        continuous(&values, 2, &Settings::default()).unwrap_err(),
        Unanswerable::TooFew {
            what: "values before the start",
            have: 2,
            need: 3
        }
    );
    assert!(matches!(
        continuous(&values, 58, &Settings::default()),
        Err(Unanswerable::TooFew { .. })
    ));
    assert!(matches!(
        continuous(&values, 61, &Settings::default()),
        Err(Unanswerable::Invalid(_))
    ));
}

#[test]
fn the_check_of_the_time_before_sees_a_bend_and_lets_a_line_be() {
    let settings = Settings {
        harmonics: 0,
        ..Settings::default()
    };
    let p_value = |seed: u64, bend: f64| {
        let noise = noisy(seed, 72, 0.0);
        let values: Vec<_> = (0..72_usize)
            .map(|t| Some(noise[t] + bend * t.saturating_sub(24) as f64))
            .collect();
        let fit = continuous(&values, 48, &settings).unwrap();
        fit.pre_trend.unwrap().p_value
    };
    let found = |bend| (0..200).filter(|&seed| p_value(seed, bend) < 0.05).count();
    assert!(found(0.0) < 30, "{} of 200 straight lines", found(0.0));
    assert!(found(0.3) > 190);
}

/// How many of 400 series without any effect have 0 outside the interval of the total.
fn false_findings(carried: f64, pick: impl Fn(&Segmented) -> bool) -> usize {
    let settings = Settings {
        harmonics: 0,
        lags: Some(vec![6]),
        ..Settings::default()
    };
    (0..400)
        .filter(|&seed| {
            let values = all_present(&noisy(1000 + seed, 120, carried));
            pick(&continuous(&values, 80, &settings).unwrap())
        })
        .count()
}

#[test]
fn independent_errors_find_what_is_not_there_where_months_resemble_each_other() {
    let outside =
        |basis| move |fit: &Segmented| !fit.on(basis).unwrap().total.interval.contains(0.0);
    let independent = false_findings(0.6, outside(Basis::Independent));
    let lagged = false_findings(0.6, outside(Basis::Lag(6)));
    let nothing_carried = false_findings(0.0, outside(Basis::Independent));
    // Of 400, 20 are to be expected at 5 %.
    assert!(independent > 100, "{independent}");
    assert!(lagged < independent / 2 + 20, "{lagged}");
    assert!((6..=36).contains(&nothing_carried), "{nothing_carried}");
}

#[test]
fn lagged_errors_hold_their_confidence_in_a_long_series() {
    let settings = Settings {
        harmonics: 0,
        lags: Some(vec![20]),
        ..Settings::default()
    };
    let outside = (0..300_u64)
        .filter(|&seed| {
            let values = all_present(&noisy(seed, 900, 0.5));
            let fit = continuous(&values, 600, &settings).unwrap();
            let errors = fit.on(Basis::Lag(20)).unwrap();
            !errors.total.interval.contains(0.0)
        })
        .count();
    // 5 % of 300 are 15; Bartlett's weights leave it a little above that.
    assert!(outside < 33, "{outside} of 300");
}

#[test]
fn dispersed_counts_need_errors_that_know_it() {
    let settings = Settings {
        harmonics: 0,
        ..Settings::default()
    };
    let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
    let (mut poisson, mut dispersed) = (0, 0);
    for _ in 0..300 {
        let values: Vec<_> = (0..72)
            .map(|_| {
                let factor: f64 = StandardNormal.sample(&mut random);
                let mean = 60.0 * (0.25 * factor).exp();
                Some(Poisson::new(mean).unwrap().sample(&mut random))
            })
            .collect();
        let fit = counts(&values, None, 48, &settings).unwrap();
        let out = |basis| usize::from(!fit.on(basis).unwrap().total.interval.contains(0.0));
        poisson += out(Basis::Independent);
        dispersed += out(Basis::Dispersed);
    }
    assert!(poisson > 75, "{poisson}");
    assert!(dispersed < 33, "{dispersed}");
}

#[test]
fn the_carried_share_is_found_and_the_line_with_it() {
    let noise = noisy(5, 600, 0.6);
    let values: Vec<_> = (0..600)
        .map(|t| noise[t] + if t >= 400 { 3.0 } else { 0.0 })
        .collect();
    let settings = Settings {
        harmonics: 0,
        ..Settings::default()
    };
    let fit = autoregressive(&values, 400, &settings).unwrap();
    assert!((fit.rho - 0.6).abs() < 0.1, "{}", fit.rho);
    assert!((fit.coefficients[2] - 3.0).abs() < 3.0 * fit.standard_errors[2]);
    let independent = continuous(&all_present(&values), 400, &settings).unwrap();
    assert!(fit.standard_errors[2] > 1.5 * independent.errors[0].standard_errors[2]);
    let exact: Vec<_> = (0..60).map(plain_line).collect();
    let fit = autoregressive(&exact, 36, &Settings::default()).unwrap();
    close(fit.total.estimate, -285.0, 1e-9, "total");
}

#[test]
fn correlated_residuals_are_noticed() {
    let (mut alone, mut carried) = (0, 0);
    for seed in 0..200 {
        let of = |share| {
            let values = all_present(&noisy(seed, 96, share));
            continuous(&values, 60, &Settings::default()).unwrap()
        };
        let found = |fit: &Segmented| usize::from(fit.ljung_box(6).unwrap().p_value < 0.05);
        alone += found(&of(0.0));
        carried += found(&of(0.7));
    }
    assert!(alone < 30, "{alone}");
    assert!(carried > 170, "{carried}");
    let fit = continuous(&all_present(&noisy(1, 96, 0.9)), 60, &Settings::default()).unwrap();
    assert!(fit.durbin_watson.unwrap() < 1.5);
    assert_eq!(fit.ljung_box(0), None);
    assert_eq!(fit.ljung_box(96), None);
}

#[test]
fn no_event_and_no_base_have_their_reasons() {
    let none = vec![Some(0.0); 60];
    assert!(matches!(
        counts(&none, None, 30, &Settings::default()),
        Err(Unanswerable::TooFew { what: "events", .. })
    ));
    let some = vec![Some(5.0); 60];
    let with_base = |base: &[f64]| counts(&some, Some(base), 30, &Settings::default());
    assert!(matches!(
        with_base(&[1.0; 59]),
        Err(Unanswerable::Mismatched(_))
    ));
    assert!(matches!(
        with_base(&[0.0; 60]),
        Err(Unanswerable::Invalid(_))
    ));
    let lag = Settings {
        lags: Some(vec![60]),
        ..Settings::default()
    };
    assert!(matches!(
        counts(&some, None, 30, &lag),
        Err(Unanswerable::Invalid(_))
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn scale_and_shift_of_the_values_pass_through(
        seed in 0_u64..1000,
        scale in 0.01..1000.0_f64,
        shift in -1e4..1e4_f64,
    ) {
        let values = noisy(seed, 72, 0.3);
        let moved: Vec<_> = values.iter().map(|v| scale * v + shift).collect();
        let a = continuous(&all_present(&values), 40, &Settings::default()).unwrap();
        let b = continuous(&all_present(&moved), 40, &Settings::default()).unwrap();
        for (a, b) in a.errors.iter().zip(&b.errors) {
            let apart = f64::abs(b.total.estimate - scale * a.total.estimate);
            prop_assert!(apart <= 1e-7 * (scale * a.total.standard_error + shift.abs()));
            let ratio = b.total.standard_error / (scale * a.total.standard_error);
            prop_assert!((ratio - 1.0).abs() < 1e-4);
        }
    }

    #[test]
    fn nothing_makes_a_series_panic_or_answer_without_a_number(
        values in prop::collection::vec(prop::option::of(prop::num::f64::ANY), 0..80),
        start in 0_usize..90,
        period in prop::num::f64::ANY,
        harmonics in 0_usize..8,
        lag in 0_usize..90,
        confidence in prop::num::f64::ANY,
        plain in any::<bool>(),
    ) {
        let mut settings = Settings { harmonics, lags: Some(vec![lag]), ..Settings::default() };
        if !plain {
            settings.period = period;
            settings.confidence = confidence;
        }
        check(continuous(&values, start, &settings));
        let base: Vec<_> = values.iter().map(|v| v.unwrap_or(1.0)).collect();
        check(counts(&values, Some(&base), start, &settings));
        let positive: Vec<_> = values.iter().map(|v| v.map(f64::abs)).collect();
        check(counts(&positive, None, start, &settings));
        let _ = autoregressive(&base, start, &settings);
    }

    #[test]
    fn nothing_makes_small_counts_panic_or_answer_without_a_number(
        values in prop::collection::vec(prop::option::of(0_u8..3), 6..60),
        start in 3_usize..40,
        harmonics in 0_usize..3,
    ) {
        let settings = Settings { harmonics, ..Settings::default() };
        let values: Vec<_> = values.iter().map(|v| v.map(f64::from)).collect();
        check(counts(&values, None, start, &settings));
        check(continuous(&values, start, &settings));
    }
}

fn check(fit: Result<Segmented, Unanswerable>) {
    let Ok(fit) = fit else { return };
    let effects = fit.errors.iter().flat_map(|e| [e.at_end, e.total]);
    for effect in effects {
        assert!(effect.estimate.is_finite() && effect.standard_error.is_finite());
        assert!(effect.interval.lower <= effect.interval.upper);
    }
    assert!(fit.fitted.iter().all(|value| value.is_finite()));
    assert!(
        fit.counterfactual.iter().all(|e| !e.interval.lower.is_nan()
            && !e.interval.upper.is_nan()
            && e.value.is_finite())
    );
    let p_values = fit.errors.iter().flat_map(|e| &e.p_values);
    assert!(p_values.into_iter().all(|p| (0.0..=1.0).contains(p)));
}

#[test]
fn events_that_stop_altogether_still_have_an_effect() {
    let values: Vec<_> = (0..60)
        .map(|t| Some(if t < 36 { 5.0 + f64::from(t % 3) } else { 0.0 }))
        .collect();
    let settings = Settings {
        harmonics: 0,
        ..Settings::default()
    };
    let fit = counts(&values, None, 36, &settings).unwrap();
    let total = fit.on(Basis::Independent).unwrap().total;
    // Six a month for 24 months, and a little trend.
    assert!((-152.0..-144.0).contains(&total.estimate), "{total:?}");
    assert!(total.standard_error > 20.0 && !total.interval.contains(0.0));
}
