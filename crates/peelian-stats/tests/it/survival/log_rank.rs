use peelian_stats::Unanswerable;
use peelian_stats::survival::Cases;
use peelian_stats::survival::cox::{self, cox};
use peelian_stats::survival::log_rank::{LogRank, Weight, log_rank};
use proptest::prelude::*;
use rand::Rng;

use super::{near, random, remission, wait};

const WEIGHTS: [Weight; 5] = [
    Weight::LogRank,
    Weight::Gehan,
    Weight::TaroneWare,
    Weight::PetoPeto,
    Weight::FlemingHarrington {
        early: 0.5,
        late: 1.0,
    },
];

/// Group 0 always has one case: numbers must not have gaps.
fn any_cases() -> impl Strategy<Value = (Vec<f64>, Vec<bool>, Vec<usize>)> {
    let case = (0_u8..25, any::<bool>(), 0_usize..4);
    prop::collection::vec(case, 6..70).prop_map(|mut cases| {
        for (group, case) in cases.iter_mut().take(4).enumerate() {
            case.2 = group;
        }
        (
            cases.iter().map(|case| f64::from(case.0)).collect(),
            cases.iter().map(|case| case.1).collect(),
            cases.iter().map(|case| case.2).collect(),
        )
    })
}

#[test]
fn the_remission_test_is_the_one_in_the_books() {
    let data = remission();
    let cases = Cases::new(&data.weeks, &data.ended);
    let test = |weight| log_rank(cases, &data.group, weight).unwrap();
    let plain = test(Weight::LogRank);
    // Cox and Oakes (1984): 19.25 and 10.75 expected, chi-squared 16.79.
    near(plain.test.statistic, 16.792_940_989_216_5, 1e-11);
    near(plain.test.p, 4.168_809_11e-5, 1e-13);
    assert_eq!(plain.test.degrees, 1);
    near(plain.groups[0].expected, 19.250_500_948, 1e-8);
    assert_eq!(plain.groups[0].observed, 9.0);
    near(
        test(Weight::PetoPeto).test.statistic,
        14.457_150_818_717_1,
        1e-11,
    );
}

#[test]
fn two_groups_by_hand() {
    // Day 1: one of group 0 among 2 + 2. Day 2: one of group 1 among 1 + 2. Day 3: the last of
    // group 0 among 1 + 1.
    let cases = Cases::new(&[1.0, 3.0, 2.0, 4.0], &[true, true, true, false]);
    let test = log_rank(cases, &[0, 0, 1, 1], Weight::LogRank).unwrap();
    let expected = 0.5 + 1.0 / 3.0 + 0.5;
    let variance = 0.25 + 2.0 / 9.0 + 0.25;
    near(test.groups[0].expected, expected, 1e-15);
    near(
        test.test.statistic,
        (2.0 - expected) * (2.0 - expected) / variance,
        1e-14,
    );
}

/// The sums as they are defined, pair of groups by pair of groups at every time.
fn by_definition(data: &(Vec<f64>, Vec<bool>, Vec<usize>), weight: Weight) -> [Vec<f64>; 2] {
    let (times, happened, groups) = data;
    let count = groups.iter().max().unwrap() + 1;
    let mut moments: Vec<_> = times.clone();
    moments.sort_by(f64::total_cmp);
    moments.dedup();
    let (mut scores, mut covariance) = (vec![0.0; count], vec![0.0; count * count]);
    let mut survival = 1.0_f64;
    for moment in moments {
        let mut at_risk = vec![0.0; count];
        let mut events = vec![0.0; count];
        for i in 0..times.len() {
            at_risk[groups[i]] += f64::from(u8::from(times[i] >= moment));
            events[groups[i]] += f64::from(u8::from(times[i] == moment && happened[i]));
        }
        let (n, d): (f64, f64) = (at_risk.iter().sum(), events.iter().sum());
        let w = match weight {
            Weight::LogRank => 1.0,
            Weight::Gehan => n,
            Weight::TaroneWare => n.sqrt(),
            Weight::PetoPeto => survival,
            Weight::FlemingHarrington { early, late } => {
                survival.powf(early) * (1.0 - survival).powf(late)
            }
        };
        for k in 0..count {
            scores[k] += w * (events[k] - d * at_risk[k] / n);
            for l in 0..count {
                if n > 1.0 {
                    let same = if k == l { 1.0 } else { 0.0 };
                    covariance[k * count + l] +=
                        w * w * at_risk[k] / n * (same - at_risk[l] / n) * d * (n - d) / (n - 1.0);
                }
            }
        }
        survival *= 1.0 - d / n;
    }
    [scores, covariance]
}

proptest! {
    #[test]
    fn the_one_pass_agrees_with_the_definition(data in any_cases()) {
        for weight in WEIGHTS {
            let [scores, covariance] = by_definition(&data, weight);
            let cases = Cases::new(&data.0, &data.1);
            let Ok(LogRank { test, groups }) = log_rank(cases, &data.2, weight) else {
                // With nothing to tell apart all variances are 0.
                prop_assert!(covariance.iter().all(|v| v.abs() < 1e-9));
                continue;
            };
            for (group, score) in groups.iter().zip(&scores) {
                let scale = group.expected.abs() + 1.0;
                prop_assert!((group.observed - group.expected - score).abs() < 1e-10 * scale);
            }
            // Groups that are never at risk with an event leave less than all but one.
            if test.degrees == 3 {
                let part = nalgebra::DMatrix::from_fn(3, 3, |i, j| covariance[i * 4 + j]);
                let z = nalgebra::DVector::from_column_slice(&scores[..3]);
                let by_definition = z.dot(&part.lu().solve(&z).unwrap());
                prop_assert!((test.statistic - by_definition).abs() < 1e-6 * (1.0 + by_definition),
                    "{} {}", test.statistic, by_definition);
            }
        }
    }

    #[test]
    fn only_the_order_of_times_and_the_sets_of_cases_matter(data in any_cases()) {
        let (times, happened, groups) = &data;
        // Squares of times keep their order; so do the numbers of the groups not matter.
        let squares: Vec<_> = times.iter().map(|time| (time + 0.3).powi(2)).collect();
        let turned: Vec<_> = groups.iter().map(|group| (group + 1) % 4).collect();
        for weight in WEIGHTS {
            let a = log_rank(Cases::new(times, happened), groups, weight);
            let b = log_rank(Cases::new(&squares, happened), groups, weight);
            prop_assert_eq!(&a, &b);
            let c = log_rank(Cases::new(times, happened), &turned, weight);
            prop_assert_eq!(a.is_ok(), c.is_ok());
            if let (Ok(a), Ok(c)) = (a, c) {
                prop_assert_eq!(a.test.degrees, c.test.degrees);
                let scale = 1.0 + a.test.statistic;
                prop_assert!((a.test.statistic - c.test.statistic).abs() < 1e-7 * scale);
                prop_assert_eq!(a.groups[0], c.groups[1]);
            }
        }
    }
}

#[test]
fn two_groups_without_ties_are_the_score_test_of_cox() {
    let mut random = random(21);
    for _ in 0..20 {
        let times: Vec<_> = (0..50).map(|_| wait(&mut random, 0.1)).collect();
        let happened: Vec<bool> = (0..50).map(|_| random.random_bool(0.7)).collect();
        let groups: Vec<_> = (0..50).map(|case| case % 2).collect();
        let x: Vec<_> = groups.iter().map(|&group| group as f64).collect();
        let cases = Cases::new(&times, &happened);
        let test = log_rank(cases, &groups, Weight::LogRank).unwrap();
        let fit = cox(cases, &[&x], &cox::Settings::default()).unwrap();
        near(test.test.statistic, fit.score_test.statistic, 1e-10);
    }
}

#[test]
fn one_test_in_twenty_rejects_by_chance() {
    let mut random = random(5);
    let mut rejected = 0;
    for _ in 0..1000 {
        let mut cases: Vec<(f64, bool)> = Vec::new();
        for _ in 0..90 {
            let (event, last) = (
                wait(&mut random, 0.05).ceil(),
                wait(&mut random, 0.02).ceil(),
            );
            cases.push((event.min(last), event <= last));
        }
        let (times, happened): (Vec<_>, Vec<_>) = cases.into_iter().unzip();
        let groups: Vec<_> = (0..90).map(|case| case % 3).collect();
        let cases = Cases::new(&times, &happened);
        let test = log_rank(cases, &groups, Weight::LogRank).unwrap();
        rejected += i32::from(test.test.p < 0.05);
    }
    assert!((33..=72).contains(&rejected), "{rejected}");
}

#[test]
fn groups_never_seen_together_cannot_be_compared() {
    // Group 0 has ended before group 1 matters: no event with both at risk but the first.
    let apart = Cases::new(&[1.0, 2.0, 3.0], &[false, true, true]);
    let asked = log_rank(apart, &[0, 1, 1], Weight::LogRank);
    assert_eq!(asked.unwrap_err(), Unanswerable::Constant);
}

#[test]
fn bad_questions_get_a_reason() {
    let cases = Cases::new(&[1.0, 2.0], &[true, true]);
    let ask = |groups: &[usize]| log_rank(cases, groups, Weight::LogRank).unwrap_err();
    assert!(matches!(ask(&[0, 0]), Unanswerable::TooFew { need: 2, .. }));
    assert!(matches!(ask(&[0, 2]), Unanswerable::Invalid(_)));
    assert!(matches!(ask(&[0, usize::MAX]), Unanswerable::Invalid(_)));
    assert!(matches!(ask(&[1, 1]), Unanswerable::Invalid(_)));
    assert!(matches!(ask(&[0]), Unanswerable::Mismatched(_)));
    let weight = Weight::FlemingHarrington {
        early: -1.0,
        late: 0.0,
    };
    assert!(log_rank(cases, &[0, 1], weight).is_err());
}
