use peelian_stats::Unanswerable;
use peelian_stats::survival::Cases;
use peelian_stats::survival::restricted_mean::{
    RestrictedMean, Settings, difference, restricted_mean,
};
use proptest::prelude::*;

use super::{near, random, remission, wait};

fn mean(times: &[f64], happened: &[bool], horizon: f64) -> RestrictedMean {
    restricted_mean(Cases::new(times, happened), horizon, &Settings::default()).unwrap()
}

#[test]
fn treatment_wins_eight_weeks_of_twenty() {
    let data = remission();
    let treated = mean(&data.weeks[..21], &data.ended[..21], 20.0);
    let placebo = mean(&data.weeks[21..], &data.ended[21..], 20.0);
    near(treated.mean, 16.116_526_610_644_3, 1e-12);
    near(treated.standard_error, 1.251_560_196_005_05, 1e-13);
    near(placebo.mean, 8.428_571_428_571_43, 1e-13);
    near(placebo.standard_error, 1.268_082_682_503_92, 1e-13);
    let gain = difference(&treated, &placebo, 0.95).unwrap();
    near(gain.difference, 7.69, 5e-3);
    near(gain.interval.lower, 4.20, 5e-3);
    near(gain.interval.upper, 11.18, 5e-3);
    near(gain.p, 1.6e-5, 1e-6);
}

#[test]
fn without_open_cases_it_is_the_mean_of_times_cut_at_the_horizon() {
    let times = [1.0, 4.0, 4.0, 6.5, 11.0];
    let ours = mean(&times, &[true; 5], 6.0);
    let cut = times.map(|time: f64| time.min(6.0));
    let plain = cut.iter().sum::<f64>() / 5.0;
    let variance = cut.iter().map(|x| (x - plain).powi(2)).sum::<f64>() / 25.0;
    near(ours.mean, plain, 1e-14);
    near(ours.standard_error, variance.sqrt(), 1e-14);
}

#[test]
fn a_horizon_past_what_was_followed_is_refused_unless_asked_for() {
    let cases = Cases::new(&[2.0, 5.0], &[true, false]);
    let refused = restricted_mean(cases, 9.0, &Settings::default());
    assert!(matches!(refused, Err(Unanswerable::Invalid(_))));
    let level = Settings {
        level_beyond: true,
        ..Settings::default()
    };
    // 2 at height 1, 7 at height a half; survfit's table(rmean = 9) says the same.
    near(
        restricted_mean(cases, 9.0, &level).unwrap().mean,
        5.5,
        1e-15,
    );
    // Where all have ended the curve is known for good.
    near(mean(&[2.0, 5.0], &[true, true], 9.0).mean, 3.5, 1e-15);
}

#[test]
fn means_to_different_horizons_are_not_compared() {
    let a = mean(&[1.0, 2.0, 3.0], &[true; 3], 2.0);
    let b = mean(&[1.0, 2.0, 3.0], &[true; 3], 3.0);
    assert!(matches!(
        difference(&a, &b, 0.95),
        Err(Unanswerable::Mismatched(_))
    ));
    assert_eq!(
        difference(&a, &a, 1.0).unwrap_err().to_string(),
        "confidence must lie strictly between 0 and 1"
    );
}

#[test]
fn the_interval_of_a_difference_holds_the_truth() {
    // ∫₀¹ exp(−at) dt = (1 − exp(−a))/a.
    let truth = |a: f64| (1.0 - (-a).exp()) / a;
    let mut random = random(99);
    let mut held = 0;
    for _ in 0..1000 {
        let mut group = |hazard| {
            let (times, happened): (Vec<_>, Vec<_>) = (0..80)
                .map(|_| {
                    let (event, last) = (wait(&mut random, hazard), wait(&mut random, 0.4));
                    (event.min(last), event <= last)
                })
                .unzip();
            mean(&times, &happened, 1.0)
        };
        let gap = difference(&group(0.7), &group(1.5), 0.95).unwrap();
        held += i32::from(gap.interval.contains(truth(0.7) - truth(1.5)));
    }
    assert!((930..=967).contains(&held), "{held}");
}

proptest! {
    #[test]
    fn the_mean_scales_with_the_unit_of_time(
        cases in prop::collection::vec((1_u8..30, any::<bool>()), 1..40),
        unit in 0.01_f64..100.0,
    ) {
        let level = Settings { level_beyond: true, ..Settings::default() };
        let days: Vec<_> = cases.iter().map(|case| f64::from(case.0)).collect();
        let happened: Vec<_> = cases.iter().map(|case| case.1).collect();
        let scaled: Vec<_> = days.iter().map(|day| day * unit).collect();
        let a = restricted_mean(Cases::new(&days, &happened), 15.0, &level).unwrap();
        let b = restricted_mean(Cases::new(&scaled, &happened), 15.0 * unit, &level).unwrap();
        prop_assert!((a.mean * unit - b.mean).abs() <= 1e-12 * b.mean);
        prop_assert!((a.standard_error * unit - b.standard_error).abs() <= 1e-9 * b.mean);
        prop_assert!(a.interval.contains(a.mean) && a.mean <= 15.0);
    }
}
