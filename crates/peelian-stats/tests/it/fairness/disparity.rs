use std::cmp::Ordering;

use peelian_stats::Unanswerable;
use peelian_stats::fairness::disparity::{Group, disparity, over_bases, with_missing};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Binomial, Distribution};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::round;

fn group(events: f64, base: f64) -> Group {
    Group { events, base }
}

#[test]
fn the_ratio_worked_by_hand() {
    let ours = disparity(group(120.0, 30_000.0), group(800.0, 900_000.0), 0.95).unwrap();
    assert_eq!(round(ours.ratio, 2), 4.5);
    assert_eq!(round(ours.interval.lower, 2), 3.72);
    assert_eq!(round(ours.interval.upper, 2), 5.45);
}

#[test]
fn events_of_unknown_group_bound_the_ratio() {
    // The example of docs/methods/disparity.md.
    let (stopped, reference) = (group(120.0, 30_000.0), group(800.0, 900_000.0));
    let ours = with_missing(stopped, reference, 80.0, 200.0, 0.95).unwrap();
    assert_eq!(round(ours.missing_share, 3), 0.167);
    assert_eq!(round(ours.recorded.ratio, 2), 4.5);
    assert_eq!(round(ours.all_in_reference.ratio, 2), 3.6);
    assert_eq!(round(ours.all_in_group.ratio, 2), 12.0);
    assert_eq!(round(ours.interval.lower, 2), 2.98);
    assert_eq!(round(ours.interval.upper, 2), 13.65);
    let none = with_missing(stopped, reference, 80.0, 0.0, 0.95).unwrap();
    assert_eq!(none.recorded, none.all_in_group);
    assert_eq!(none.recorded, none.all_in_reference);
    assert_eq!(none.missing_share, 0.0);
}

#[test]
fn the_ratio_is_shown_over_two_bases_at_least() {
    // Residents, and people there by day.
    let ours = over_bases(
        120.0,
        800.0,
        &[(30_000.0, 900_000.0), (150_000.0, 1_000_000.0)],
        0.95,
    )
    .unwrap();
    assert_eq!(round(ours.ratios.lower, 2), 1.0);
    assert_eq!(round(ours.ratios.upper, 2), 4.5);
    assert_eq!(ours.agreed, None);
    let both = over_bases(
        120.0,
        800.0,
        &[(30_000.0, 900_000.0), (50_000.0, 1_000_000.0)],
        0.95,
    );
    assert_eq!(both.unwrap().agreed, Some(Ordering::Greater));
    let fewer = over_bases(20.0, 800.0, &[(1e5, 9e5), (2e5, 9e5)], 0.95);
    assert_eq!(fewer.unwrap().agreed, Some(Ordering::Less));
    assert_eq!(
        over_bases(120.0, 800.0, &[(30_000.0, 900_000.0)], 0.95),
        Err(Unanswerable::TooFew {
            what: "bases",
            have: 1,
            need: 2
        })
    );
}

#[test]
fn no_events_and_impossible_counts_get_a_reason() {
    let some = group(5.0, 100.0);
    assert!(matches!(
        disparity(group(0.0, 100.0), some, 0.95),
        Err(Unanswerable::TooFew { .. })
    ));
    for wrong in [
        group(5.0, 4.0),
        group(-1.0, 4.0),
        group(1.0, 0.0),
        group(f64::NAN, 4.0),
        group(1.0, f64::INFINITY),
    ] {
        assert!(matches!(
            disparity(wrong, some, 0.95),
            Err(Unanswerable::Invalid(_))
        ));
        assert!(disparity(some, wrong, 0.95).is_err());
    }
    assert!(disparity(some, some, 1.0).is_err());
    assert!(with_missing(some, some, 0.0, -1.0, 0.95).is_err());
    // More of unknown group than the group has people.
    assert!(with_missing(some, group(5.0, 1e6), 0.0, 200.0, 0.95).is_err());
}

#[test]
fn the_interval_holds_the_true_ratio_as_often_as_it_says() {
    let mut stream = Xoshiro256PlusPlus::seed_from_u64(1);
    let few = Binomial::new(3000, 0.01).unwrap();
    let many = Binomial::new(90_000, 0.002).unwrap();
    let runs = 4000;
    let held = (0..runs).filter(|_| {
        let a = group(few.sample(&mut stream) as f64, 3000.0);
        let b = group(many.sample(&mut stream) as f64, 90_000.0);
        disparity(a, b, 0.95).unwrap().interval.contains(5.0)
    });
    let share = held.count() as f64 / f64::from(runs);
    assert!((0.94..0.965).contains(&share), "{share}");
}

proptest! {
    #[test]
    fn turned_round_the_ratio_is_one_over_it(
        a in 1.0..500.0_f64, a_base in 500.0..1e6_f64, b in 1.0..500.0_f64, b_base in 500.0..1e6_f64,
    ) {
        let ours = disparity(group(a, a_base), group(b, b_base), 0.95).unwrap();
        let back = disparity(group(b, b_base), group(a, a_base), 0.95).unwrap();
        prop_assert!((ours.ratio * back.ratio - 1.0).abs() < 1e-12);
        prop_assert!((ours.interval.lower * back.interval.upper - 1.0).abs() < 1e-12);
        prop_assert!(ours.interval.contains(ours.ratio));
    }

    #[test]
    fn every_way_to_share_out_the_missing_lies_within_the_bounds(
        a in 1.0..500.0_f64, b in 1.0..500.0_f64, missing in 0.0..400.0_f64, share in 0.0..1.0_f64, other in 0.0..1.0_f64,
    ) {
        let (ours, theirs) = (group(a, 1e4), group(b, 1e5));
        let bounds = with_missing(ours, theirs, 10.0, missing, 0.95).unwrap();
        let (to_group, to_reference) = (share * missing, (1.0 - share) * other * missing);
        let truth = disparity(group(a + to_group, 1e4), group(b + to_reference, 1e5), 0.95).unwrap();
        prop_assert!(bounds.all_in_reference.ratio <= truth.ratio * (1.0 + 1e-12));
        prop_assert!(truth.ratio <= bounds.all_in_group.ratio * (1.0 + 1e-12));
        prop_assert!(bounds.interval.contains(bounds.recorded.ratio));
    }

    #[test]
    fn any_numbers_give_a_finite_ratio_or_a_reason(
        numbers in prop::array::uniform6(prop::num::f64::ANY), confidence in prop::num::f64::ANY,
    ) {
        let [a, a_base, b, b_base, others, missing] = numbers;
        for confidence in [confidence, 0.95] {
            if let Ok(ours) = disparity(group(a, a_base), group(b, b_base), confidence) {
                prop_assert!(ours.ratio > 0.0 && ours.ratio.is_finite());
                prop_assert!(ours.interval.lower > 0.0 && ours.interval.upper.is_finite());
            }
            if let Ok(ours) = with_missing(group(a, a_base), group(b, b_base), others, missing, confidence) {
                prop_assert!((0.0..=1.0).contains(&ours.missing_share));
            }
            let _ = over_bases(a, b, &[(a_base, b_base), (b_base, a_base)], confidence);
        }
    }
}
