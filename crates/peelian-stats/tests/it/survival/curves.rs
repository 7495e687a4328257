//! Kaplan-Meier and Nelson-Aalen.

use peelian_stats::Unanswerable;
use peelian_stats::survival::Cases;
use peelian_stats::survival::kaplan_meier::{Band, Curve, Settings, kaplan_meier};
use peelian_stats::survival::nelson_aalen::nelson_aalen;
use proptest::prelude::*;
use rand::Rng;

use super::{near, random, remission, wait};

fn curve(times: &[f64], happened: &[bool]) -> Curve {
    kaplan_meier(Cases::new(times, happened), &Settings::default()).unwrap()
}

fn all(n: usize) -> Vec<bool> {
    vec![true; n]
}

#[test]
fn an_open_case_is_at_risk_on_its_last_day() {
    // Six at risk on day 1; on day 2 five, one of whom ends and one is last seen; then three.
    let curve = curve(
        &[1.0, 2.0, 2.0, 3.0, 4.0, 5.0],
        &[false, true, false, true, false, true],
    );
    let shares: Vec<_> = curve.steps.iter().map(|step| step.survival).collect();
    let expected = [1.0, 4.0 / 5.0, 8.0 / 15.0, 8.0 / 15.0, 0.0];
    for (ours, expected) in shares.iter().zip(expected) {
        near(*ours, expected, 1e-15);
    }
    // S²·Σ d/(n(n − d)) = 0.64/20 at day 2.
    near(
        curve.steps[1].standard_error,
        (0.64_f64 / 20.0).sqrt(),
        1e-15,
    );
    assert_eq!(curve.steps[0].band, None);
    assert_eq!(curve.steps[4].band, None);
}

#[test]
fn the_remission_curve_is_the_one_in_the_books() {
    let data = remission();
    let treated = curve(&data.weeks[..21], &data.ended[..21]);
    // Kalbfleisch and Prentice (1980), p. 14.
    for (week, share) in [
        (6.0, 0.857),
        (7.0, 0.807),
        (10.0, 0.753),
        (13.0, 0.690),
        (16.0, 0.627),
        (22.0, 0.538),
        (23.0, 0.448),
    ] {
        near(treated.survival_at(week).unwrap(), share, 5e-4);
    }
    let step = treated.step_at(10.0).unwrap();
    assert_eq!((step.at_risk, step.events, step.open), (15, 1, 1));
    near(step.standard_error, 0.096_349_652_994_320_5, 1e-14);
    let band = step.band.unwrap();
    near(band.lower, 0.503_199_510_799_957, 1e-14);
    near(band.upper, 0.889_361_835_169_265, 1e-14);
    assert_eq!(treated.at_risk(10.0), 15);
    assert_eq!(treated.at_risk(10.5), 13);
    assert_eq!(treated.at_risk(99.0), 0);
}

#[test]
fn the_other_bands_are_those_of_survfit() {
    let data = remission();
    let at_ten = |band| {
        let settings = Settings {
            band,
            ..Settings::default()
        };
        let cases = Cases::new(&data.weeks[..21], &data.ended[..21]);
        let curve = kaplan_meier(cases, &settings).unwrap();
        curve.step_at(10.0).unwrap().band.unwrap()
    };
    near(at_ten(Band::Plain).lower, 0.564_099_326_679, 1e-12);
    near(at_ten(Band::Plain).upper, 0.941_783_026_262, 1e-12);
    near(at_ten(Band::Log).lower, 0.585_918_982_029_694, 1e-14);
    near(at_ten(Band::Log).upper, 0.967_574_754_552_297, 1e-14);
}

#[test]
fn quantiles_have_the_limits_of_brookmeyer_and_crowley() {
    let data = remission();
    let median = curve(&data.weeks[..21], &data.ended[..21]).median();
    assert_eq!(median.estimate, Some(23.0));
    assert_eq!(median.lower, Some(13.0));
    assert_eq!(median.upper, None);
    let placebo = curve(&data.weeks[21..], &data.ended[21..]);
    let median = placebo.median();
    assert_eq!(median.estimate, Some(8.0));
    assert_eq!((median.lower, median.upper), (Some(4.0), Some(11.0)));
    let late = placebo.quantile(0.75);
    assert_eq!(late.estimate, Some(12.0));
    assert_eq!((late.lower, late.upper), (Some(8.0), Some(22.0)));
}

#[test]
fn a_level_stretch_at_one_half_has_its_middle_as_the_median() {
    let curve = curve(&[1.0, 2.0, 3.0, 4.0], &all(4));
    assert_eq!(curve.median().estimate, Some(2.5));
    // Ten cases: the product of fractions is not exactly a half.
    let ten: Vec<_> = (1..=10).map(f64::from).collect();
    assert_eq!(
        super::curves::curve(&ten, &all(10)).median().estimate,
        Some(5.5)
    );
}

#[test]
fn what_lies_past_the_last_time_followed_is_not_known() {
    let open = curve(&[1.0, 5.0], &[true, false]);
    assert_eq!(open.survival_at(5.0), Some(0.5));
    assert_eq!(open.survival_at(5.1), None);
    assert_eq!(open.survival_at(0.5), Some(1.0));
    assert_eq!(open.survival_at(f64::NAN), None);
    let ended = curve(&[1.0, 5.0], &[true, true]);
    assert_eq!(ended.survival_at(9.0), Some(0.0));
}

#[test]
fn cases_that_are_all_open_give_a_curve_without_a_band() {
    let curve = curve(&[3.0, 4.0], &[false, false]);
    assert!(curve.steps.iter().all(|step| step.survival == 1.0));
    assert!(curve.steps.iter().all(|step| step.band.is_none()));
    assert_eq!(curve.median().estimate, None);
    let hazard = nelson_aalen(Cases::new(&[3.0], &[false]), 0.95).unwrap();
    assert_eq!(hazard[0].interval, None);
}

#[test]
fn late_entries_are_at_risk_from_their_entry_only() {
    let x = [
        (0.0, 5.0, true),
        (1.0, 3.0, true),
        (2.0, 9.0, true),
        (0.0, 4.0, false),
        (3.0, 8.0, true),
        (1.0, 6.0, true),
        (0.0, 2.0, true),
        (4.0, 7.0, true),
        (6.0, 10.0, false),
        (2.0, 5.0, true),
        (1.0, 8.0, false),
        (0.0, 6.0, true),
    ];
    let entries = x.map(|row| row.0);
    let (times, happened) = (x.map(|row| row.1), x.map(|row| row.2));
    let cases = Cases {
        times: &times,
        happened: &happened,
        entries: Some(&entries),
    };
    let curve = kaplan_meier(cases, &Settings::default()).unwrap();
    let at = |time: f64| curve.survival_at(time).unwrap();
    // Day 2: the cases entered before it and not ended before it are seven.
    assert_eq!(curve.steps[0].at_risk, 7);
    // Those of survfit(Surv(entry, time, event) ~ 1).
    for (day, share) in [
        (2.0, 0.857_142_857_142_857),
        (3.0, 0.75),
        (5.0, 0.5625),
        (6.0, 0.375),
        (7.0, 0.3),
        (8.0, 0.225),
        (9.0, 0.1125),
    ] {
        near(at(day), share, 1e-14);
    }
}

#[test]
fn cutting_cases_in_two_changes_nothing() {
    let data = remission();
    let (mut times, mut happened, mut entries) = (vec![], vec![], vec![]);
    for (&week, &ended) in data.weeks.iter().zip(&data.ended) {
        if week > 7.5 {
            times.push(7.5);
            happened.push(false);
            entries.push(0.0);
        }
        times.push(week);
        happened.push(ended);
        entries.push(if week > 7.5 { 7.5 } else { 0.0 });
    }
    let cut = Cases {
        times: &times,
        happened: &happened,
        entries: Some(&entries),
    };
    let cut = kaplan_meier(cut, &Settings::default()).unwrap();
    let whole = curve(&data.weeks, &data.ended);
    for step in &whole.steps {
        let other = cut.step_at(step.time).unwrap();
        assert_eq!(other.survival, step.survival);
        assert_eq!(other.at_risk, step.at_risk);
    }
}

#[test]
fn the_cumulative_hazard_adds_up_events_per_case_at_risk() {
    let steps = nelson_aalen(
        Cases::new(&[1.0, 1.0, 2.0, 4.0], &[true, false, true, true]),
        0.95,
    )
    .unwrap();
    near(steps[2].hazard, 0.25 + 0.5 + 1.0, 1e-15);
    near(steps[2].standard_error.powi(2), 0.0625 + 0.25 + 1.0, 1e-14);
    let interval = steps[2].interval.unwrap();
    near((interval.lower * interval.upper).sqrt(), 1.75, 1e-12);
}

#[test]
fn nine_bands_in_ten_hold_the_truth_nine_times_in_ten() {
    let mut random = random(14);
    let (mut held, mut known) = (0, 0);
    for _ in 0..1500 {
        let (times, happened): (Vec<_>, Vec<_>) = (0..60)
            .map(|_| {
                let (event, last) = (wait(&mut random, 1.0), wait(&mut random, 0.5));
                (event.min(last), event <= last)
            })
            .unzip();
        let settings = Settings {
            confidence: 0.9,
            ..Settings::default()
        };
        let curve = kaplan_meier(Cases::new(&times, &happened), &settings).unwrap();
        if let Some(band) = curve.step_at(0.8).and_then(|step| step.band) {
            known += 1;
            held += i32::from(band.contains((-0.8_f64).exp()));
        }
    }
    let share = f64::from(held) / f64::from(known);
    assert!((0.88..0.925).contains(&share), "{share}");
}

#[test]
fn bad_questions_get_a_reason() {
    let ask = |times: &[f64], happened: &[bool]| {
        kaplan_meier(Cases::new(times, happened), &Settings::default()).unwrap_err()
    };
    assert!(matches!(
        ask(&[], &[]),
        Unanswerable::TooFew { need: 1, .. }
    ));
    assert!(matches!(ask(&[-1.0], &[true]), Unanswerable::Invalid(_)));
    assert!(matches!(
        ask(&[f64::NAN], &[true]),
        Unanswerable::Invalid(_)
    ));
    assert!(matches!(ask(&[1.0], &[]), Unanswerable::Mismatched(_)));
    let late = Cases {
        times: &[2.0],
        happened: &[true],
        entries: Some(&[2.0]),
    };
    let refused = kaplan_meier(late, &Settings::default()).unwrap_err();
    assert!(matches!(refused, Unanswerable::Invalid(_)));
}

proptest! {
    #[test]
    fn without_open_cases_the_curve_is_the_share_still_to_come(
        times in prop::collection::vec((0_u8..20).prop_map(|t| f64::from(t) / 3.0), 1..80),
        at in 0.0_f64..8.0,
    ) {
        let curve = curve(&times, &all(times.len()));
        let later = times.iter().filter(|time| **time > at).count();
        let share = curve.survival_at(at).unwrap();
        prop_assert!((share - later as f64 / times.len() as f64).abs() < 1e-12);
    }

    #[test]
    fn days_and_fractions_of_days_give_one_curve(
        cases in prop::collection::vec((0_u16..400, any::<bool>()), 1..80),
    ) {
        let days: Vec<_> = cases.iter().map(|case| f64::from(case.0)).collect();
        // Not whole, so that they are sorted instead of counted.
        let parts: Vec<_> = days.iter().map(|day| day + 0.5).collect();
        let happened: Vec<_> = cases.iter().map(|case| case.1).collect();
        let (whole, split) = (curve(&days, &happened), curve(&parts, &happened));
        prop_assert_eq!(whole.steps.len(), split.steps.len());
        for (a, b) in whole.steps.iter().zip(&split.steps) {
            prop_assert_eq!(a.survival, b.survival);
            prop_assert_eq!(a.at_risk, b.at_risk);
            prop_assert_eq!(a.time + 0.5, b.time);
        }
    }

    #[test]
    fn every_band_holds_its_curve_within_0_and_1(
        cases in prop::collection::vec((0_u8..30, any::<bool>()), 1..60),
        confidence in 0.01_f64..0.9999,
    ) {
        let days: Vec<_> = cases.iter().map(|case| f64::from(case.0)).collect();
        let happened: Vec<_> = cases.iter().map(|case| case.1).collect();
        for band in [Band::LogLog, Band::Log, Band::Plain] {
            let settings = Settings { confidence, band };
            let curve = kaplan_meier(Cases::new(&days, &happened), &settings).unwrap();
            for step in curve.steps {
                if let Some(band) = step.band {
                    prop_assert!(0.0 <= band.lower && band.upper <= 1.0);
                    prop_assert!(band.contains(step.survival), "{:?}", step);
                }
            }
        }
    }
}

#[test]
fn the_order_of_cases_does_not_matter() {
    let mut random = random(3);
    let times: Vec<_> = (0..300).map(|_| wait(&mut random, 0.1).ceil()).collect();
    let happened: Vec<bool> = (0..300).map(|_| random.random()).collect();
    let backwards: Vec<_> = times.iter().rev().copied().collect();
    let flags: Vec<_> = happened.iter().rev().copied().collect();
    assert_eq!(curve(&times, &happened), curve(&backwards, &flags));
}
