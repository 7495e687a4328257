use peelian_stats::Unanswerable;
use peelian_stats::survival::Cases;
use peelian_stats::survival::cox::{
    Cox, Errors, Settings, Ties, TimeScale, baseline_hazard, concordance, cox, non_proportional,
};
use proptest::prelude::*;
use rand::Rng;
use rand_distr::StandardNormal;

use super::{near, random, remission, wait};

fn with(ties: Ties, errors: Errors<'_>) -> Settings<'_> {
    Settings {
        ties,
        errors,
        ..Settings::default()
    }
}

fn fit(cases: Cases<'_>, covariates: &[&[f64]]) -> Cox {
    cox(cases, covariates, &Settings::default()).unwrap()
}

struct Twelve {
    entries: [f64; 12],
    times: [f64; 12],
    happened: [bool; 12],
    x: [f64; 12],
}

const TWELVE: Twelve = Twelve {
    entries: [0.0, 1.0, 2.0, 0.0, 3.0, 1.0, 0.0, 4.0, 6.0, 2.0, 1.0, 0.0],
    times: [5.0, 3.0, 9.0, 4.0, 8.0, 6.0, 2.0, 7.0, 10.0, 5.0, 8.0, 6.0],
    happened: [
        true, true, true, false, true, true, true, true, false, true, false, true,
    ],
    x: [
        0.5, -1.0, 2.0, 0.3, 0.7, -0.2, 1.5, -0.8, 0.1, 0.9, -1.2, 0.4,
    ],
};

#[test]
fn placebo_multiplies_the_hazard_of_relapse_by_five() {
    let data = remission();
    let cases = Cases::new(&data.weeks, &data.ended);
    let placebo: Vec<_> = data.group.iter().map(|&group| group as f64).collect();
    let x: &[&[f64]] = &[&placebo];
    // coxph of survival 3.5-3; the same to three places in Cox and Oakes (1984).
    let efron = fit(cases, x);
    let one = efron.coefficients[0];
    near(one.estimate, 1.572_125_148_829_066, 1e-10);
    near(one.standard_error, 0.412_396_717_709_455, 1e-10);
    near(one.ratio, 4.817, 5e-4);
    near(one.interval.lower, 2.147, 5e-4);
    near(one.interval.upper, 10.809, 5e-4);
    near(efron.log_likelihood[0], -93.184_269_996_847_7, 1e-11);
    near(efron.log_likelihood[1], -85.008_424_577_371_7, 1e-11);
    near(efron.score_test.statistic, 17.246_536_795_716_6, 1e-11);
    assert_eq!(efron.events, 30);

    let breslow = cox(cases, x, &with(Ties::Breslow, Errors::Model)).unwrap();
    near(
        breslow.coefficients[0].estimate,
        1.509_191_412_585_878,
        1e-10,
    );
    near(breslow.score_test.statistic, 15.930_539_564_032_7, 1e-11);

    let clusters: Vec<_> = (0..42).map(|case| case % 14).collect();
    for (ties, robust, clustered) in [
        (Ties::Efron, 0.377_365_595_175_59, 0.238_939_581_458_856),
        (Ties::Breslow, 0.367_024_029_281_207, 0.228_406_822_277_584),
    ] {
        let error = |errors| {
            let fit = cox(cases, x, &with(ties, errors)).unwrap();
            fit.coefficients[0].standard_error
        };
        near(error(Errors::Robust), robust, 1e-12);
        near(error(Errors::Clustered(&clusters)), clustered, 1e-12);
    }
}

#[test]
fn the_remission_hazards_are_proportional() {
    let data = remission();
    let cases = Cases::new(&data.weeks, &data.ended);
    let placebo: Vec<_> = data.group.iter().map(|&group| group as f64).collect();
    let x: &[&[f64]] = &[&placebo];
    // cox.zph of survival 3.5-3: Efron, then Breslow.
    for (scale, efron, breslow) in [
        (
            TimeScale::KaplanMeier,
            0.022_863_378_052_822,
            0.064_179_686_381_018_3,
        ),
        (
            TimeScale::Time,
            0.000_196_625_426_276_626,
            0.017_629_001_737_287_9,
        ),
        (TimeScale::Log, 0.253_228_544_782_761, 0.347_693_503_995_448),
    ] {
        for (ties, chi) in [(Ties::Efron, efron), (Ties::Breslow, breslow)] {
            let fit = cox(cases, x, &with(ties, Errors::Model)).unwrap();
            let test = non_proportional(cases, x, &fit, scale).unwrap();
            near(test.covariates[0].statistic, chi, 1e-9);
            near(test.overall.statistic, chi, 1e-9);
        }
    }
}

#[test]
fn late_entries_and_ties_are_as_in_coxph() {
    let cases = Cases {
        times: &TWELVE.times,
        happened: &TWELVE.happened,
        entries: Some(&TWELVE.entries),
    };
    for (ties, estimate, model, robust, null, fitted, chi) in [
        (
            Ties::Efron,
            0.136_148_318_366_762,
            0.321_170_949_175_539,
            0.332_266_203_303_540,
            -15.140_780_217_246_4,
            -15.051_387_963_985_9,
            0.005_314_652_808_731_44,
        ),
        (
            Ties::Breslow,
            0.135_422_088_668_015,
            0.326_570_816_709_290,
            0.332_194_511_695_454,
            -15.456_633_166_664_9,
            -15.371_064_409_576_5,
            0.004_323_058_401_278_34,
        ),
    ] {
        let fit = cox(cases, &[&TWELVE.x], &with(ties, Errors::Model)).unwrap();
        near(fit.coefficients[0].estimate, estimate, 1e-10);
        near(fit.coefficients[0].standard_error, model, 1e-10);
        near(fit.log_likelihood[0], null, 1e-12);
        near(fit.log_likelihood[1], fitted, 1e-12);
        let drift = non_proportional(cases, &[&TWELVE.x], &fit, TimeScale::Time).unwrap();
        near(drift.overall.statistic, chi, 1e-10);
        let fit = cox(cases, &[&TWELVE.x], &with(ties, Errors::Robust)).unwrap();
        near(fit.coefficients[0].standard_error, robust, 1e-10);
    }
}

#[test]
fn the_baseline_is_that_of_the_average_case() {
    let data = remission();
    let cases = Cases::new(&data.weeks, &data.ended);
    let placebo: Vec<_> = data.group.iter().map(|&group| group as f64).collect();
    for (ties, hazard) in [
        (Ties::Efron, 0.809_931_227_065_37),
        (Ties::Breslow, 0.778_834_546_670_452),
    ] {
        let fit = cox(cases, &[&placebo], &with(ties, Errors::Model)).unwrap();
        let baseline = baseline_hazard(cases, &[&placebo], &fit).unwrap();
        // basehaz leaves a covariate of 0 and 1 at 0.
        let at_0 = baseline.last().unwrap().hazard * fit.relative_hazard(&[0.0]).unwrap();
        near(at_0, hazard, 1e-10);
        assert!(
            baseline
                .windows(2)
                .all(|w| w[0].time < w[1].time && w[0].hazard < w[1].hazard)
        );
        near(fit.relative_hazard(&[0.5]).unwrap(), 1.0, 1e-15);
        let ratio = fit.relative_hazard(&[1.0]).unwrap() / fit.relative_hazard(&[0.0]).unwrap();
        near(ratio, fit.coefficients[0].ratio, 1e-12);
        assert_eq!(fit.relative_hazard(&[]), None);
    }
}

struct Simulated {
    times: Vec<f64>,
    happened: Vec<bool>,
    a: Vec<f64>,
    b: Vec<f64>,
}

/// Hazard exp(0.5·a − 0.7·b), in whole tenths so that there are ties.
fn simulated(n: usize, seed: u64) -> Simulated {
    let mut random = random(seed);
    let mut data = Simulated {
        times: vec![],
        happened: vec![],
        a: vec![],
        b: vec![],
    };
    for _ in 0..n {
        let a: f64 = random.sample(StandardNormal);
        let b = f64::from(random.random_range(0..2_u8));
        let event = wait(&mut random, (0.5 * a - 0.7 * b).exp());
        let last = wait(&mut random, 0.3);
        data.times.push((event.min(last) * 10.0).ceil());
        data.happened.push(event <= last);
        data.a.push(a);
        data.b.push(b);
    }
    data
}

#[test]
fn the_interval_holds_the_true_coefficient() {
    let (mut model, mut robust) = (0, 0);
    for seed in 0..400 {
        let data = simulated(150, seed);
        let cases = Cases::new(&data.times, &data.happened);
        for (errors, held) in [(Errors::Model, &mut model), (Errors::Robust, &mut robust)] {
            let fit = cox(cases, &[&data.a, &data.b], &with(Ties::Efron, errors)).unwrap();
            *held += i32::from(fit.coefficients[0].interval.contains(0.5_f64.exp()));
        }
    }
    assert!((365..=392).contains(&model), "{model}");
    assert!((355..=392).contains(&robust), "{robust}");
}

#[test]
fn cutting_cases_in_two_changes_no_coefficient_and_clusters_put_them_together() {
    let data = simulated(120, 5);
    let (mut times, mut happened, mut entries, mut case_of) = (vec![], vec![], vec![], vec![]);
    let (mut a, mut b) = (vec![], vec![]);
    for case in 0..120 {
        let cut = (data.times[case] / 3.0).floor();
        for (from, to, last) in [(0.0, cut, false), (cut, data.times[case], true)] {
            if from < to {
                entries.push(from);
                times.push(to);
                happened.push(last && data.happened[case]);
                a.push(data.a[case]);
                b.push(data.b[case]);
                case_of.push(case);
            }
        }
    }
    let cut = Cases {
        times: &times,
        happened: &happened,
        entries: Some(&entries),
    };
    let whole = Cases::new(&data.times, &data.happened);
    for ties in [Ties::Efron, Ties::Breslow] {
        let one = cox(whole, &[&data.a, &data.b], &with(ties, Errors::Robust)).unwrap();
        let two = cox(cut, &[&a, &b], &with(ties, Errors::Clustered(&case_of))).unwrap();
        for (one, two) in one.coefficients.iter().zip(&two.coefficients) {
            near(one.estimate, two.estimate, 1e-10);
            near(one.standard_error, two.standard_error, 1e-10);
        }
        near(one.log_likelihood[1], two.log_likelihood[1], 1e-9);
    }
}

#[test]
fn every_case_twice_in_a_cluster_is_every_case_once() {
    let data = simulated(80, 6);
    let twice = |values: &[f64]| [values, values].concat();
    let (times, a) = (twice(&data.times), twice(&data.a));
    let happened = [data.happened.as_slice(), &data.happened].concat();
    let clusters: Vec<_> = (0..160).map(|case| case % 80).collect();
    let once = Cases::new(&data.times, &data.happened);
    let one = cox(once, &[&data.a], &with(Ties::Breslow, Errors::Robust)).unwrap();
    let settings = with(Ties::Breslow, Errors::Clustered(&clusters));
    let two = cox(Cases::new(&times, &happened), &[&a], &settings).unwrap();
    near(
        one.coefficients[0].estimate,
        two.coefficients[0].estimate,
        1e-11,
    );
    near(one.covariance[0][0], two.covariance[0][0], 1e-11);
}

#[test]
fn units_of_time_and_covariates_change_nothing_else() {
    let data = simulated(100, 7);
    let plain = fit(Cases::new(&data.times, &data.happened), &[&data.a, &data.b]);
    let stretched: Vec<_> = data.times.iter().map(|t| (t / 5.0).exp()).collect();
    let far: Vec<_> = data.a.iter().map(|a| 1e6 - 1000.0 * a).collect();
    let other = fit(Cases::new(&stretched, &data.happened), &[&data.b, &far]);
    let [a, b] = plain.coefficients.as_slice() else {
        panic!("two covariates")
    };
    near(other.coefficients[0].estimate, b.estimate, 1e-9);
    near(other.coefficients[1].estimate, -a.estimate / 1000.0, 1e-11);
    near(
        other.coefficients[1].standard_error,
        a.standard_error / 1000.0,
        1e-11,
    );
    near(
        plain.covariance[0][1],
        other.covariance[1][0] * -1000.0,
        1e-9,
    );
    near(plain.log_likelihood[1], other.log_likelihood[1], 1e-9);
}

#[test]
fn hazards_that_cross_are_not_proportional() {
    let mut random = random(55);
    let mut times = Vec::new();
    let x: Vec<_> = (0..400).map(|case| f64::from(case % 2)).collect();
    for group in &x {
        // Weibull with shapes 0.6 and 2.
        let shape = if *group > 0.0 { 2.0 } else { 0.6 };
        times.push(wait(&mut random, 1.0).powf(1.0 / shape));
    }
    let happened = vec![true; 400];
    let cases = Cases::new(&times, &happened);
    let crossing = fit(cases, &[&x]);
    let test = non_proportional(cases, &[&x], &crossing, TimeScale::default()).unwrap();
    assert!(test.overall.p < 1e-10);
}

#[test]
fn one_proportionality_test_in_twenty_rejects_by_chance() {
    let mut rejected = 0;
    for seed in 0..600 {
        let data = simulated(120, 1000 + seed);
        let cases = Cases::new(&data.times, &data.happened);
        let covariates: &[&[f64]] = &[&data.a, &data.b];
        let fit = fit(cases, covariates);
        let test = non_proportional(cases, covariates, &fit, TimeScale::default()).unwrap();
        rejected += i32::from(test.overall.p < 0.05);
    }
    assert!((15..=47).contains(&rejected), "{rejected}");
}

#[test]
fn what_has_no_answer_gets_a_reason() {
    let times = [1.0, 2.0, 3.0, 4.0];
    let cases = Cases::new(&times, &[true; 4]);
    let ask = |x: &[&[f64]]| cox(cases, x, &Settings::default()).unwrap_err();
    // The earliest cases have the largest x: the likelihood grows without end.
    assert_eq!(ask(&[&[4.0, 3.0, 2.0, 1.0]]), Unanswerable::NoConvergence);
    assert_eq!(ask(&[&[7.0; 4]]), Unanswerable::Constant);
    let x = [1.0, -1.0, 2.0, 0.0];
    assert_eq!(ask(&[&x, &x.map(|x| 3.0 - x)]), Unanswerable::Collinear);
    assert!(matches!(ask(&[]), Unanswerable::TooFew { .. }));
    assert!(matches!(ask(&[&[1.0]]), Unanswerable::Mismatched(_)));
    assert!(matches!(
        ask(&[&[1.0, f64::NAN, 2.0, 0.0]]),
        Unanswerable::Invalid(_)
    ));
    let open = Cases::new(&times, &[false; 4]);
    let no_events = cox(open, &[&x], &Settings::default());
    assert!(matches!(
        no_events,
        Err(Unanswerable::TooFew { what: "events", .. })
    ));
    let one_cluster = with(Ties::Efron, Errors::Clustered(&[3; 4]));
    assert!(matches!(
        cox(cases, &[&[1.0, 2.0, 0.0, 1.5]], &one_cluster),
        Err(Unanswerable::TooFew {
            what: "clusters",
            ..
        })
    ));
}

#[test]
fn concordance_counts_a_case_that_outlasts_an_event_as_later() {
    // Day 1: an event against all three others. Day 2: an event against the case open on the same
    // day, and the one of day 3.
    let cases = Cases::new(&[1.0, 2.0, 2.0, 3.0], &[true, true, false, true]);
    let found = concordance(cases, &[3.0, 1.0, 2.0, 1.0]).unwrap();
    assert_eq!(found.pairs, 5);
    near(found.share, (3.0 + 0.0 + 0.5) / 5.0, 1e-15);
    let none = concordance(Cases::new(&[1.0, 1.0], &[true, true]), &[1.0, 2.0]);
    assert!(matches!(none, Err(Unanswerable::TooFew { .. })));
    let twelve = Cases::new(&TWELVE.times, &TWELVE.happened);
    near(
        concordance(twelve, &TWELVE.x).unwrap().share,
        0.584_905_660_377_358,
        1e-14,
    );
}

proptest! {
    #[test]
    fn concordance_agrees_with_counting_every_pair(
        cases in prop::collection::vec((0_u8..12, any::<bool>(), -3_i8..3), 2..50),
    ) {
        let times: Vec<_> = cases.iter().map(|case| f64::from(case.0)).collect();
        let happened: Vec<_> = cases.iter().map(|case| case.1).collect();
        let risk: Vec<_> = cases.iter().map(|case| f64::from(case.2)).collect();
        let (mut pairs, mut halves) = (0_u64, 0_u64);
        for i in 0..times.len() {
            for j in 0..times.len() {
                let outlasts = times[j] > times[i] || (times[j] == times[i] && !happened[j]);
                if happened[i] && outlasts {
                    pairs += 1;
                    halves += 2 * u64::from(risk[i] > risk[j]) + u64::from(risk[i] == risk[j]);
                }
            }
        }
        let found = concordance(Cases::new(&times, &happened), &risk);
        prop_assert_eq!(found.is_ok(), pairs > 0);
        if let Ok(found) = found {
            prop_assert_eq!(found.pairs, pairs);
            prop_assert_eq!(found.share, halves as f64 / (2 * pairs) as f64);
        }
    }

    #[test]
    fn the_order_of_cases_does_not_matter(seed in 0_u64..1000) {
        let data = simulated(40, seed);
        let turn = |values: &[f64]| values.iter().rev().copied().collect::<Vec<_>>();
        let happened: Vec<_> = data.happened.iter().rev().copied().collect();
        let one = cox(Cases::new(&data.times, &data.happened), &[&data.a], &Settings::default());
        let two = cox(
            Cases::new(&turn(&data.times), &happened),
            &[&turn(&data.a)],
            &Settings::default(),
        );
        prop_assert_eq!(one.is_ok(), two.is_ok());
        if let (Ok(one), Ok(two)) = (one, two) {
            let (a, b) = (one.coefficients[0].estimate, two.coefficients[0].estimate);
            prop_assert!((a - b).abs() < 1e-10);
        }
    }
}
