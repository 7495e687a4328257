use jiff::ToSpan;
use jiff::civil::{Date, date};
use peelian_stats::Unanswerable;
use peelian_stats::time::calendar::{Settings, calendar};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Distribution, Poisson};
use rand_xoshiro::Xoshiro256PlusPlus;

const FIRST: Date = date(2022, 1, 1);
/// Monday to Sunday.
const WEEK: [f64; 7] = [1.2, 1.0, 1.0, 1.0, 1.1, 0.9, 0.8];

fn mean(day: usize) -> f64 {
    let date = FIRST.checked_add((day as i64).days()).unwrap();
    let weekday = WEEK[date.weekday().to_monday_zero_offset() as usize];
    let season = 1.0 + 0.1 * (std::f64::consts::TAU * day as f64 / 365.25).sin();
    let holidays = peelian_stats::time::bank_holidays::bank_holidays(date.year()).unwrap();
    let holiday = if holidays.contains(&date) { 0.7 } else { 1.0 };
    200.0 * weekday * season * holiday * 1.05_f64.powf(day as f64 / 365.25)
}

fn days(count: usize, seed: u64) -> Vec<Option<f64>> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..count)
        .map(|day| Some(Poisson::new(mean(day)).unwrap().sample(&mut random)))
        .collect()
}

#[test]
fn the_effects_put_in_come_out() {
    let fitted = calendar(FIRST, &days(1096, 1), &Settings::default()).unwrap();
    let geometric: f64 = WEEK.iter().map(|effect| effect.ln()).sum::<f64>() / 7.0;
    for (ours, effect) in fitted.weekdays.iter().zip(WEEK) {
        assert!((ours / effect * geometric.exp() - 1.0).abs() < 0.03);
    }
    assert!((fitted.holiday.unwrap() - 0.7).abs() < 0.05);
    assert!((fitted.yearly_change.unwrap() - 1.05).abs() < 0.01);
    assert!((fitted.dispersion - 1.0).abs() < 0.15);
}

#[test]
fn an_interval_holds_as_many_days_to_come_as_it_says() {
    let (mut inside, mut all) = (0, 0);
    for seed in 0..10 {
        let series = days(1096, 100 + seed);
        let fitted = calendar(FIRST, &series[..1000], &Settings::default()).unwrap();
        let forecast = fitted.forecast(96, 0.8).unwrap();
        assert_eq!(forecast[0].date, FIRST.checked_add(1000.days()).unwrap());
        for (prediction, count) in forecast.iter().zip(&series[1000..]) {
            inside += i32::from(prediction.interval.contains(count.unwrap()));
            all += 1;
        }
    }
    let share = f64::from(inside) / f64::from(all);
    assert!((0.77..0.87).contains(&share), "{share}");
}

#[test]
fn days_not_recorded_do_not_move_the_rest() {
    let mut series = days(800, 4);
    let whole = calendar(FIRST, &series, &Settings::default()).unwrap();
    for count in &mut series[300..330] {
        *count = None;
    }
    let holed = calendar(FIRST, &series, &Settings::default()).unwrap();
    assert_eq!(holed.fitted.len(), 800);
    for (a, b) in whole.fitted.iter().zip(&holed.fitted) {
        assert!((a / b - 1.0).abs() < 0.05);
    }
}

#[test]
fn a_short_series_has_no_time_of_year() {
    let fitted = calendar(FIRST, &days(120, 2), &Settings::default()).unwrap();
    assert_eq!(fitted.waves, 0);
    let plain = Settings {
        holidays: false,
        trend: false,
        waves: 0,
    };
    let fitted = calendar(FIRST, &days(120, 2), &plain).unwrap();
    assert_eq!((fitted.holiday, fitted.yearly_change), (None, None));
}

#[test]
fn what_cannot_be_fitted_is_refused_with_the_reason() {
    let refusal =
        |first, counts: &[Option<f64>]| calendar(first, counts, &Settings::default()).unwrap_err();
    assert_eq!(
        refusal(FIRST, &days(20, 1)),
        Unanswerable::TooFew {
            what: "days with a count",
            have: 20,
            need: 28
        }
    );
    assert!(matches!(
        refusal(FIRST, &[Some(0.0); 60]),
        Unanswerable::TooFew { what: "events", .. }
    ));
    assert!(matches!(
        refusal(FIRST, &[Some(-3.0); 60]),
        Unanswerable::Invalid(_)
    ));
    assert!(matches!(
        refusal(date(1950, 1, 1), &days(60, 1)),
        Unanswerable::Invalid(_)
    ));
    let fitted = calendar(FIRST, &days(60, 1), &Settings::default()).unwrap();
    assert!(matches!(
        fitted.forecast(3, 1.0),
        Err(Unanswerable::Invalid(_))
    ));
    assert!(fitted.forecast(usize::MAX, 0.9).is_err());
    assert!(calendar(date(9998, 12, 1), &days(400, 1), &Settings::default()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_counts_panic(
        counts in prop::collection::vec(prop::option::of(prop_oneof![prop::num::f64::ANY, 0.0..1e3_f64]), 0..90),
        waves in 0_usize..4,
    ) {
        let settings = Settings { waves, ..Settings::default() };
        let _ = calendar(FIRST, &counts, &settings);
        let valid: Vec<_> = counts.iter().map(|c| c.filter(|c| c.is_finite()).map(f64::abs)).collect();
        if let Ok(fitted) = calendar(FIRST, &valid, &settings) {
            let _ = fitted.forecast(40, 0.95);
        }
    }
}
