use peelian_stats::Unanswerable;
use peelian_stats::fairness::outcome_test::{Outcomes, find_rates, within_strata};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Binomial, Distribution};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::round;

fn outcomes(found: f64, uses: f64) -> Outcomes {
    Outcomes { found, uses }
}

#[test]
fn differences_have_the_intervals_that_newcombe_printed() {
    // Table II of the paper, method 10.
    for (found, uses, found0, uses0, lower, upper) in [
        (56.0, 70.0, 48.0, 80.0, 0.0524, 0.3339),
        (9.0, 10.0, 3.0, 10.0, 0.1705, 0.8090),
        (6.0, 7.0, 2.0, 7.0, 0.0582, 0.8062),
        (5.0, 56.0, 0.0, 29.0, -0.0381, 0.1926),
        (0.0, 10.0, 0.0, 20.0, -0.1611, 0.2775),
        (10.0, 10.0, 0.0, 20.0, 0.6791, 1.0),
        (10.0, 10.0, 0.0, 10.0, 0.6075, 1.0),
    ] {
        let ours = find_rates(outcomes(found, uses), outcomes(found0, uses0), 0.95).unwrap();
        let interval = ours.difference_interval;
        assert_eq!(
            (round(interval.lower, 4), round(interval.upper, 4)),
            (lower, upper)
        );
    }
}

#[test]
fn the_find_rates_on_the_page_of_the_manual() {
    // The example of docs/methods/outcome-test.md.
    let ours = find_rates(outcomes(42.0, 300.0), outcomes(260.0, 1300.0), 0.95).unwrap();
    assert_eq!(round(ours.rate, 3), 0.14);
    assert_eq!(round(ours.reference_rate, 3), 0.2);
    assert_eq!(round(ours.difference, 3), -0.06);
    assert_eq!(round(ours.difference_interval.lower, 3), -0.101);
    assert_eq!(round(ours.difference_interval.upper, 3), -0.011);
}

#[test]
fn one_threshold_for_all_can_still_find_at_different_rates() {
    // Everybody above a 20 % chance of carrying is searched. One group's suspects are 90 % likely,
    // the other's 40 %: unequal rates without unequal treatment.
    let ours = find_rates(outcomes(900.0, 1000.0), outcomes(400.0, 1000.0), 0.95).unwrap();
    assert!(ours.difference_interval.lower > 0.4);
    // Now the first group is searched from 10 % up, so that as many people at 12 % are searched
    // too: treated worse, it still has the higher find rate.
    let biased = find_rates(
        outcomes(900.0 + 120.0, 2000.0),
        outcomes(400.0, 1000.0),
        0.95,
    );
    assert!(biased.unwrap().difference_interval.lower > 0.0);
}

#[test]
fn like_compared_with_like_takes_the_mix_out() {
    // Drugs are found in 30 % and weapons in 10 % of searches of either group, but one group is
    // searched for weapons more often.
    let drugs = (outcomes(30.0, 100.0), outcomes(270.0, 900.0));
    let weapons = (outcomes(40.0, 400.0), outcomes(10.0, 100.0));
    let crude = find_rates(outcomes(70.0, 500.0), outcomes(280.0, 1000.0), 0.95).unwrap();
    assert!(crude.difference_interval.upper < -0.09);
    let pooled = within_strata(&[drugs, weapons], 0.95).unwrap();
    assert!(pooled.difference.abs() < 1e-12);
    assert!(pooled.interval.contains(0.0));
    assert_eq!(pooled.strata, 2);
}

#[test]
fn one_stratum_is_the_plain_difference_with_its_binomial_error() {
    let pooled = within_strata(&[(outcomes(56.0, 70.0), outcomes(48.0, 80.0))], 0.95).unwrap();
    assert!((pooled.difference - 0.2).abs() < 1e-12);
    // Sato's variance is a little off the textbook p(1−p)/n sum, by less than 1/n.
    let textbook = 1.959_964 * (0.8 * 0.2 / 70.0 + 0.6 * 0.4 / 80.0_f64).sqrt();
    let half = (pooled.interval.upper - pooled.interval.lower) / 2.0;
    assert!((half / textbook - 1.0).abs() < 0.02, "{half} {textbook}");
}

#[test]
fn strata_with_one_group_say_nothing() {
    let both = (outcomes(5.0, 50.0), outcomes(20.0, 100.0));
    let one = (outcomes(0.0, 0.0), outcomes(20.0, 100.0));
    let with = within_strata(&[both, one], 0.95).unwrap();
    assert_eq!(with, within_strata(&[both], 0.95).unwrap());
    assert!(matches!(
        within_strata(&[one], 0.95),
        Err(Unanswerable::TooFew { .. })
    ));
    let nobody = (outcomes(0.0, 10.0), outcomes(0.0, 10.0));
    assert_eq!(within_strata(&[nobody], 0.95), Err(Unanswerable::Constant));
}

#[test]
fn no_uses_and_impossible_counts_get_a_reason() {
    let some = outcomes(5.0, 50.0);
    assert!(matches!(
        find_rates(some, outcomes(0.0, 0.0), 0.95),
        Err(Unanswerable::TooFew { .. })
    ));
    for wrong in [
        outcomes(6.0, 5.0),
        outcomes(-1.0, 5.0),
        outcomes(f64::NAN, 5.0),
        outcomes(1.0, f64::INFINITY),
    ] {
        assert!(matches!(
            find_rates(wrong, some, 0.95),
            Err(Unanswerable::Invalid(_))
        ));
        assert!(within_strata(&[(some, wrong)], 0.95).is_err());
    }
    assert!(find_rates(some, some, 0.0).is_err());
}

#[test]
fn both_intervals_hold_the_true_difference_as_often_as_they_say() {
    let mut stream = Xoshiro256PlusPlus::seed_from_u64(2);
    let mut draw = |uses: u32, rate: f64| {
        let found = Binomial::new(u64::from(uses), rate).unwrap();
        outcomes(found.sample(&mut stream) as f64, f64::from(uses))
    };
    let runs = 4000;
    let (mut newcombe, mut pooled) = (0, 0);
    for _ in 0..runs {
        let one = find_rates(draw(40, 0.10), draw(120, 0.25), 0.95).unwrap();
        newcombe += u32::from(one.difference_interval.contains(-0.15));
        let strata = [
            (draw(40, 0.15), draw(120, 0.20)),
            (draw(60, 0.35), draw(30, 0.40)),
            (draw(20, 0.55), draw(80, 0.60)),
        ];
        pooled += u32::from(
            within_strata(&strata, 0.95)
                .unwrap()
                .interval
                .contains(-0.05),
        );
    }
    for held in [newcombe, pooled] {
        let share = f64::from(held) / f64::from(runs);
        assert!((0.935..0.97).contains(&share), "{share}");
    }
}

proptest! {
    #[test]
    fn turned_round_the_difference_changes_its_sign(
        found in 0_u32..50, more in 1_u32..50, found0 in 0_u32..50, more0 in 1_u32..50,
    ) {
        let a = outcomes(f64::from(found), f64::from(found + more));
        let b = outcomes(f64::from(found0), f64::from(found0 + more0));
        let (ours, back) = (find_rates(a, b, 0.95).unwrap(), find_rates(b, a, 0.95).unwrap());
        prop_assert!((ours.difference + back.difference).abs() < 1e-14);
        prop_assert!((ours.difference_interval.lower + back.difference_interval.upper).abs() < 1e-14);
        prop_assert!(ours.difference_interval.contains(ours.difference));
        prop_assert!(ours.interval.contains(ours.rate));
    }

    #[test]
    fn any_numbers_give_a_difference_or_a_reason(
        numbers in prop::array::uniform4(prop::num::f64::ANY),
        small in prop::array::uniform4(0.0..5.0_f64),
        confidence in prop::num::f64::ANY,
    ) {
        for [found, uses, found0, uses0] in [numbers, small] {
            for confidence in [confidence, 0.95] {
                let pair = (outcomes(found, uses), outcomes(found0, uses0));
                if let Ok(ours) = find_rates(pair.0, pair.1, confidence) {
                    prop_assert!(ours.difference_interval.lower >= -1.0);
                    prop_assert!(ours.difference_interval.upper <= 1.0);
                    prop_assert!(ours.difference_interval.contains(ours.difference));
                }
                if let Ok(ours) = within_strata(&[pair, pair], confidence) {
                    prop_assert!(ours.difference.is_finite() && ours.interval.lower <= ours.interval.upper);
                }
            }
        }
    }
}
