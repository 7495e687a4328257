use peelian_stats::time::backtest::{Settings, backtest, choose, seasonal_naive};
use peelian_stats::time::ets::{self, Prediction, automatic};
use peelian_stats::{Interval, Unanswerable};
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

type Said = Result<Vec<Prediction>, Unanswerable>;
type Method = fn(&[f64], usize, &[f64]) -> Said;

fn ask(period: usize, origins: usize) -> Settings {
    Settings {
        period,
        horizon: 3,
        origins,
        confidences: vec![0.8],
    }
}

fn noise(n: usize, seed: u64) -> Vec<f64> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..n).map(|_| StandardNormal.sample(&mut random)).collect()
}

#[test]
fn scores_worked_by_hand() {
    // 0 1 0 1 …: the past's naive error is 1. The method says ½ ± ½ always.
    let values: Vec<f64> = (0..20).map(|t| f64::from(t % 2)).collect();
    let method = |_: &[f64], horizon: usize, _: &[f64]| -> Said {
        let interval = Interval {
            lower: 0.0,
            upper: 1.0,
        };
        Ok(vec![
            Prediction {
                mean: 0.5,
                intervals: vec![interval]
            };
            horizon
        ])
    };
    let score = backtest(&values, &ask(1, 4), method).unwrap();
    assert_eq!(
        (score.origins, score.mase, &*score.coverage),
        (4, 0.5, &[1.0][..])
    );
    // A value on one end is 1 from the other: 0.1·1 there, 0 here; half of that on average.
    assert!((score.pinball.unwrap() - 0.05).abs() < 1e-12);
}

#[test]
fn noise_about_a_level_is_better_met_by_its_mean_than_by_its_last_value() {
    let values = noise(120, 1);
    let naive: Method = |past, horizon, c| seasonal_naive(past, 1, horizon, c);
    let smooth: Method =
        |past, horizon, c| automatic(past, 1, &ets::Settings::default())?.forecast(horizon, c, 1);
    let (best, scores) = choose(&values, &ask(1, 24), &[naive, smooth]).unwrap();
    assert_eq!(best, 1);
    let [naive, smooth] = &scores[..] else {
        panic!()
    };
    let (naive, smooth) = (naive.as_ref().unwrap(), smooth.as_ref().unwrap());
    assert!(smooth.mase < naive.mase);
    assert!((0.6..0.95).contains(&smooth.coverage[0]));
}

#[test]
fn a_method_that_never_answers_gives_its_reason() {
    let values = noise(60, 2);
    let never = |_: &[f64], _: usize, _: &[f64]| -> Said { Err(Unanswerable::Collinear) };
    assert_eq!(
        backtest(&values, &ask(1, 4), never),
        Err(Unanswerable::Collinear)
    );
    let short = |_: &[f64], _: usize, _: &[f64]| -> Said { Ok(Vec::new()) };
    assert!(matches!(
        backtest(&values, &ask(1, 4), short),
        Err(Unanswerable::Mismatched(_))
    ));
}

#[test]
fn what_cannot_be_scored_is_refused_with_the_reason() {
    let naive = |past: &[f64], horizon: usize, c: &[f64]| seasonal_naive(past, 1, horizon, c);
    assert!(matches!(
        backtest(&[1.0, 2.0], &ask(1, 4), naive),
        Err(Unanswerable::TooFew { .. })
    ));
    assert!(matches!(
        backtest(&[f64::NAN; 60], &ask(1, 4), naive),
        Err(Unanswerable::Invalid(_))
    ));
    assert_eq!(
        backtest(&[5.0; 60], &ask(1, 4), naive),
        Err(Unanswerable::Constant)
    );
    assert!(matches!(
        backtest(&noise(60, 1), &ask(0, 4), naive),
        Err(Unanswerable::Invalid(_))
    ));
    assert!(matches!(
        seasonal_naive(&noise(9, 1), 0, 3, &[]),
        Err(Unanswerable::TooFew { .. })
    ));
    assert!(matches!(
        seasonal_naive(&noise(9, 1), 2, 3, &[1.5]),
        Err(Unanswerable::Invalid(_))
    ));
    let none: [Method; 0] = [];
    assert!(matches!(
        choose(&noise(60, 1), &ask(1, 4), &none),
        Err(Unanswerable::TooFew { .. })
    ));
}
