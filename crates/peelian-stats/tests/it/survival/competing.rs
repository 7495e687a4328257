//! Aalen-Johansen and Gray's test.

use peelian_stats::Unanswerable;
use peelian_stats::survival::Cases;
use peelian_stats::survival::competing::{CauseStep, Outcomes, aalen_johansen};
use peelian_stats::survival::gray::gray_test;
use peelian_stats::survival::kaplan_meier::{Settings, kaplan_meier};
use proptest::prelude::*;
use rand::Rng;
use rand::seq::SliceRandom;

use super::{near, random, wait};

fn outcomes(times: &[f64], causes: &[u8]) -> Outcomes {
    aalen_johansen(times, causes, 0.95).unwrap()
}

const DAYS: [f64; 8] = [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0];
const CAUSES: [u8; 8] = [1, 2, 0, 1, 2, 0, 1, 2];

#[test]
fn ties_of_two_causes_share_the_number_at_risk() {
    // 8 at risk on day 1, 6 on day 2, 4 on day 3, 2 on day 4.
    let outcomes = outcomes(&DAYS, &CAUSES);
    let [charged, other] = outcomes.causes.as_slice() else {
        panic!("two causes")
    };
    for (day, first, second, open) in [
        (1.0, 0.125, 0.125, 0.75),
        (2.0, 0.25, 0.125, 0.625),
        (3.0, 0.25, 0.281_25, 0.468_75),
        (4.0, 0.484_375, 0.515_625, 0.0),
    ] {
        near(charged.share_at(day), first, 1e-15);
        near(other.share_at(day), second, 1e-15);
        let step = outcomes.open.iter().find(|step| step.time == day).unwrap();
        near(step.share, open, 1e-15);
    }
    // survfit of survival 3.5-3.
    near(
        charged.step_at(4.0).unwrap().standard_error,
        0.212_019_79,
        5e-9,
    );
    let alone = CAUSES.map(|cause| cause == 1);
    let alone = kaplan_meier(Cases::new(&DAYS, &alone), &Settings::default()).unwrap();
    near(1.0 - alone.survival_at(4.0).unwrap(), 0.635_416_7, 5e-8);
    // Before anyone is open the count is one draw of 8: p(1 − p)/n.
    let error = charged.step_at(1.0).unwrap().standard_error;
    near(error * error, 0.125 * 0.875 / 8.0, 1e-16);
}

#[test]
fn the_order_of_tied_cases_does_not_matter() {
    let mut random = random(629);
    let mut cases: Vec<_> = (0..500)
        .map(|_| (wait(&mut random, 0.1).ceil(), random.random_range(0..4_u8)))
        .collect();
    let answer = |cases: &[(f64, u8)]| {
        let (times, causes): (Vec<_>, Vec<_>) = cases.iter().copied().unzip();
        outcomes(&times, &causes)
    };
    let first = answer(&cases);
    for _ in 0..5 {
        cases.shuffle(&mut random);
        assert_eq!(answer(&cases), first);
    }
    assert_eq!(first.causes.len(), 3);
}

#[test]
fn breaking_ties_at_random_is_off_by_half_a_percentage_point() {
    // What a program that cannot do ties has to do: move every case by a little.
    let mut random = random(30);
    let times: Vec<_> = (0..240).map(|_| wait(&mut random, 0.03).ceil()).collect();
    let causes: Vec<_> = (0..240).map(|_| random.random_range(0..3_u8)).collect();
    let exact = outcomes(&times, &causes);
    let moved: Vec<_> = times
        .iter()
        .map(|time| time + 1e-4 * (random.random::<f64>() - 0.5))
        .collect();
    let moved = outcomes(&moved, &causes);
    let off = |step: &CauseStep| (step.share - moved.causes[0].share_at(step.time)).abs();
    let most = exact.causes[0].steps.iter().map(off).fold(0.0, f64::max);
    assert!(most > 0.005, "{most}");
}

#[test]
fn one_minus_kaplan_meier_overstates_every_share() {
    let mut random = random(4);
    let times: Vec<_> = (0..400).map(|_| wait(&mut random, 0.1).ceil()).collect();
    let causes: Vec<_> = (0..400).map(|_| random.random_range(0..3_u8)).collect();
    let outcomes = outcomes(&times, &causes);
    for curve in &outcomes.causes {
        let happened: Vec<_> = causes.iter().map(|&cause| cause == curve.cause).collect();
        let naive = kaplan_meier(Cases::new(&times, &happened), &Settings::default()).unwrap();
        let mut gap: f64 = 0.0;
        for step in &curve.steps {
            let naive = 1.0 - naive.step_at(step.time).unwrap().survival;
            assert!(step.share <= naive + 1e-12);
            gap = gap.max(naive - step.share);
        }
        // A third of cases each: the naive share goes towards 1, the true one to a half.
        assert!(gap > 0.2, "{gap}");
    }
}

#[test]
fn with_one_cause_it_is_one_minus_kaplan_meier_and_greenwood() {
    let mut random = random(8);
    let times: Vec<_> = (0..150).map(|_| wait(&mut random, 0.1).ceil()).collect();
    let causes: Vec<u8> = (0..150).map(|_| random.random_range(0..2)).collect();
    let happened: Vec<_> = causes.iter().map(|&cause| cause == 1).collect();
    let curve = kaplan_meier(Cases::new(&times, &happened), &Settings::default()).unwrap();
    let outcomes = outcomes(&times, &causes);
    for step in &outcomes.causes[0].steps {
        let other = curve.step_at(step.time).unwrap();
        near(step.share, 1.0 - other.survival, 1e-13);
        near(step.standard_error, other.standard_error, 1e-13);
        if let (Some(ours), Some(band)) = (step.band, other.band) {
            near(ours.lower, 1.0 - band.upper, 1e-11);
            near(ours.upper, 1.0 - band.lower, 1e-11);
        }
    }
}

/// Var I(T) as it is defined: at each time the variance of g among those at risk, over n.
fn variance_by_definition(times: &[f64], causes: &[u8], cause: u8, until: f64) -> f64 {
    let mut moments: Vec<_> = times.to_vec();
    moments.sort_by(f64::total_cmp);
    moments.dedup();
    let count = |test: &dyn Fn(f64, u8) -> bool| {
        let pairs = times.iter().zip(causes);
        pairs.filter(|(t, c)| test(**t, **c)).count() as f64
    };
    let (mut survival, mut share) = (1.0, 0.0);
    let mut steps = Vec::new();
    for &moment in moments.iter().filter(|moment| **moment <= until) {
        let n = count(&|t, _| t >= moment);
        let own = count(&|t, c| t == moment && c == cause);
        let any = count(&|t, c| t == moment && c > 0);
        share += survival * own / n;
        steps.push((n, own / n, any / n, survival, share));
        survival *= 1.0 - any / n;
    }
    let last = share;
    let one = |&(n, own, any, before, after): &(f64, f64, f64, f64, f64)| {
        let lost = if any < 1.0 {
            (last - after) / (1.0 - any)
        } else {
            0.0
        };
        let (g_own, g_other) = (before - lost, -lost);
        let first = own * g_own + (any - own) * g_other;
        let second = own * g_own * g_own + (any - own) * g_other * g_other;
        (second - first * first) / n
    };
    steps.iter().map(one).sum()
}

proptest! {
    #[test]
    fn shares_and_open_add_up_to_1_and_errors_are_those_of_the_definition(
        cases in prop::collection::vec((0_u8..15, 0_u8..4), 1..60),
    ) {
        let times: Vec<_> = cases.iter().map(|case| f64::from(case.0)).collect();
        let causes: Vec<_> = cases.iter().map(|case| case.1).collect();
        let outcomes = outcomes(&times, &causes);
        for step in &outcomes.open {
            let ended: f64 = outcomes.causes.iter().map(|c| c.share_at(step.time)).sum();
            prop_assert!((ended + step.share - 1.0).abs() < 1e-12);
        }
        for curve in &outcomes.causes {
            for step in &curve.steps {
                let variance = variance_by_definition(&times, &causes, curve.cause, step.time);
                prop_assert!((step.standard_error.powi(2) - variance).abs() < 1e-14);
                if let Some(band) = step.band {
                    prop_assert!(band.contains(step.share));
                    prop_assert!(0.0 <= band.lower && band.upper <= 1.0);
                }
            }
        }
    }
}

#[test]
fn the_band_holds_the_true_share() {
    // Hazards 0.6 and 0.4: the first cause ends 0.6·(1 − exp(−t)).
    let mut random = random(31);
    let (mut held, truth) = (0, 0.6 * (1.0 - (-1.0_f64).exp()));
    for _ in 0..1000 {
        let mut times = Vec::new();
        let mut causes = Vec::new();
        for _ in 0..120 {
            let (event, last) = (wait(&mut random, 1.0), wait(&mut random, 0.3));
            times.push(event.min(last));
            let cause = if random.random_bool(0.6) { 1 } else { 2 };
            causes.push(if event <= last { cause } else { 0 });
        }
        let outcomes = outcomes(&times, &causes);
        let step = outcomes.causes[0].step_at(1.0).unwrap();
        held += i32::from(step.band.unwrap().contains(truth));
    }
    assert!((932..=968).contains(&held), "{held}");
}

/// Twenty cases with ties within and between causes; cmprsk's answers are quoted where it is used.
pub(crate) fn twenty() -> (Vec<f64>, Vec<u8>, Vec<f64>) {
    let times = [
        1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 7, 8, 9, 9, 10, 11, 12, 12,
    ];
    let causes = [1, 2, 0, 1, 2, 0, 1, 2, 1, 1, 0, 2, 1, 1, 2, 2, 1, 0, 1, 2];
    let x = [
        0.5, -1.0, 2.0, 0.3, 0.7, -0.2, 1.5, -0.8, 0.1, 0.9, -1.2, 0.4, 0.6, -0.5, 1.1, 0.0, -0.3,
        0.8, 0.2, -0.9,
    ];
    (times.map(f64::from).to_vec(), causes.to_vec(), x.to_vec())
}

#[test]
fn errors_with_ties_are_those_of_survfit() {
    let (times, causes, _) = twenty();
    let outcomes = outcomes(&times, &causes);
    let at = |cause: usize, day| outcomes.causes[cause].step_at(day).unwrap();
    near(at(0, 11.0).share, 0.460_491_071_428_571, 1e-15);
    near(at(0, 11.0).standard_error, 0.120_912_301_106_008, 1e-14);
    near(at(1, 11.0).standard_error, 0.115_863_188_522_164, 1e-14);
    near(at(0, 12.0).standard_error, 0.127_074_291_924_545, 1e-14);
}

#[test]
fn grays_test_with_ties_is_that_of_cmprsk() {
    let (times, causes, _) = twenty();
    let groups: Vec<_> = (0..20).map(|case| case % 2).collect();
    let first = gray_test(&times, &causes, 1, &groups).unwrap();
    near(first.statistic, 1.686_975_397_552_15, 1e-12);
    near(first.p, 0.194_000_158_665_726, 1e-12);
    let second = gray_test(&times, &causes, 2, &groups).unwrap();
    near(second.statistic, 1.624_836_955_018_34, 1e-12);
}

#[test]
fn grays_test_does_not_mind_the_names_of_groups_or_the_unit_of_time() {
    let mut random = random(12);
    let times: Vec<_> = (0..200).map(|_| wait(&mut random, 0.1).ceil()).collect();
    let causes: Vec<_> = (0..200).map(|_| random.random_range(0..3_u8)).collect();
    let groups: Vec<_> = (0..200).map(|_| random.random_range(0..4_usize)).collect();
    let plain = gray_test(&times, &causes, 1, &groups).unwrap();
    assert_eq!(plain.degrees, 3);
    let weeks: Vec<_> = times.iter().map(|time| time / 7.0).collect();
    assert_eq!(gray_test(&weeks, &causes, 1, &groups).unwrap(), plain);
    let turned: Vec<_> = groups.iter().map(|group| 3 - group).collect();
    let turned = gray_test(&times, &causes, 1, &turned).unwrap();
    near(turned.statistic, plain.statistic, 1e-10);
}

#[test]
fn one_of_grays_tests_in_twenty_rejects_by_chance() {
    let mut random = random(1988);
    let mut rejected = 0;
    for _ in 0..1000 {
        let mut times = Vec::new();
        let mut causes = Vec::new();
        for _ in 0..100 {
            let (event, last) = (wait(&mut random, 0.1), wait(&mut random, 0.04));
            times.push(event.min(last).ceil());
            causes.push(if event <= last {
                random.random_range(1..3_u8)
            } else {
                0
            });
        }
        let groups: Vec<_> = (0..100).map(|case| case % 3).collect();
        rejected += i32::from(gray_test(&times, &causes, 1, &groups).unwrap().p < 0.05);
    }
    assert!((33..=72).contains(&rejected), "{rejected}");
}

#[test]
fn grays_test_sees_shares_where_the_log_rank_sees_rates() {
    // Same rate of cause 1 in both groups; cause 2 ends most cases of group 1 first.
    let mut random = random(77);
    let (mut times, mut causes, mut groups) = (vec![], vec![], vec![]);
    for case in 0..800 {
        let group = case % 2;
        let other = if group == 1 { 3.0 } else { 0.1 };
        let (first, second) = (wait(&mut random, 1.0), wait(&mut random, other));
        times.push(first.min(second));
        causes.push(if first < second { 1 } else { 2 });
        groups.push(group);
    }
    let shares = gray_test(&times, &causes, 1, &groups).unwrap();
    assert!(shares.p < 1e-4, "{shares:?}");
    let happened: Vec<_> = causes.iter().map(|&cause| cause == 1).collect();
    let rates = peelian_stats::survival::log_rank::log_rank(
        Cases::new(&times, &happened),
        &groups,
        peelian_stats::survival::log_rank::Weight::LogRank,
    );
    assert!(rates.unwrap().test.p > 0.01);
}

#[test]
fn bad_questions_get_a_reason() {
    assert!(matches!(
        aalen_johansen(&[], &[], 0.95),
        Err(Unanswerable::TooFew { .. })
    ));
    assert!(matches!(
        aalen_johansen(&[1.0], &[], 0.95),
        Err(Unanswerable::Mismatched(_))
    ));
    assert!(aalen_johansen(&[1.0], &[1], 1.0).is_err());
    assert!(outcomes(&[1.0, 2.0], &[0, 0]).causes.is_empty());
    assert!(matches!(
        gray_test(&[1.0, 2.0], &[1, 1], 0, &[0, 1]),
        Err(Unanswerable::Invalid(_))
    ));
    assert_eq!(
        gray_test(&[1.0, 2.0], &[2, 2], 1, &[0, 1]),
        Err(Unanswerable::Constant)
    );
    assert!(matches!(
        gray_test(&[1.0, 2.0], &[1, 1], 1, &[0, 0]),
        Err(Unanswerable::TooFew { .. })
    ));
}
