use peelian_stats::Unanswerable;
use peelian_stats::queue::erlang::Traffic;
use peelian_stats::queue::staffing::{Goal, positions, rostered, square_root, staffing};
use proptest::prelude::*;

use crate::goldens::Within::{Absolute, Exact};

#[test]
fn the_golden_numbers_of_positions_hold() {
    for case in crate::goldens::run("erlang") {
        let share = Absolute(1e-12);
        case.matches(
            "expected_required.csv",
            &[
                ("raw_positions", Exact),
                ("service_level", share),
                ("occupancy", share),
                ("waiting_probability", share),
            ],
        );
    }
}

/// Sixty calls an hour of eight minutes each; seconds.
const EIGHT_ERLANGS: Traffic = Traffic {
    arrivals: 60.0 / 3600.0,
    handling_time: 480.0,
};

#[test]
fn nine_in_ten_within_ten_seconds_takes_thirteen_who_wait_and_fewer_who_leave() {
    let goal = Goal {
        service_level: 0.9,
        within: 10.0,
        ..Goal::default()
    };
    let patient = positions(EIGHT_ERLANGS, None, &goal).unwrap();
    assert_eq!(patient.positions, 13);
    let leaving = positions(EIGHT_ERLANGS, Some(240.0), &goal).unwrap();
    assert_eq!(leaving.positions, 12);
    assert_eq!(rostered(patient.positions, 0.3), Ok(19));
    // Fewer than one in twenty giving up takes eleven: at ten it is 6.8 %.
    let kept = Goal {
        max_abandonment: 0.05,
        ..Goal::default()
    };
    assert_eq!(
        positions(EIGHT_ERLANGS, Some(240.0), &kept)
            .unwrap()
            .positions,
        11
    );
}

#[test]
fn the_search_does_not_begin_above_the_answer() {
    // A search that starts at round(load + 1) = 6 never looks at 4 or 5.
    let traffic = Traffic {
        arrivals: 4.6,
        handling_time: 1.0,
    };
    let goal = Goal {
        service_level: 0.4,
        within: 0.05,
        ..Goal::default()
    };
    assert_eq!(positions(traffic, Some(0.5), &goal).unwrap().positions, 4);
}

#[test]
fn what_is_paid_for_but_not_there_makes_a_roster_longer() {
    assert_eq!(rostered(7, 0.3), Ok(10));
    assert_eq!(rostered(8, 0.2), Ok(10));
    assert_eq!(rostered(9, 0.2), Ok(12));
    assert_eq!(rostered(0, 0.5), Ok(0));
    assert!(rostered(1, 1.0).is_err() && rostered(1, f64::NAN).is_err());
    assert_eq!(rostered(u32::MAX, 0.5), Err(Unanswerable::Overflow));
}

#[test]
fn the_square_root_rule_adds_the_root_of_the_load() {
    assert_eq!(square_root(100.0, 1.0), Ok(110));
    assert_eq!(square_root(100.0, -20.0), Ok(0));
    assert!(square_root(-1.0, 1.0).is_err());
    assert_eq!(square_root(1e300, 1.0), Err(Unanswerable::Overflow));
}

#[test]
fn goals_that_nothing_can_meet_are_refused() {
    for goal in [
        Goal {
            service_level: 1.0,
            ..Goal::default()
        },
        Goal {
            max_occupancy: 0.0,
            ..Goal::default()
        },
        Goal {
            max_abandonment: 0.0,
            ..Goal::default()
        },
        Goal {
            within: f64::NAN,
            ..Goal::default()
        },
        Goal {
            max_mean_wait: 0.0,
            ..Goal::default()
        },
    ] {
        assert!(matches!(
            positions(EIGHT_ERLANGS, Some(240.0), &goal),
            Err(Unanswerable::Invalid(_))
        ));
    }
}

fn meets(traffic: Traffic, patience: Option<f64>, goal: &Goal, servers: u32) -> bool {
    staffing(traffic, patience, servers, goal.within).is_ok_and(|given| {
        given.service_level >= goal.service_level
            && given.abandonment <= goal.max_abandonment
            && given.mean_wait <= goal.max_mean_wait
            && given.occupancy <= goal.max_occupancy
    })
}

proptest! {
    #[test]
    fn one_fewer_never_meets_the_goal(
        load in 0.0..300.0_f64,
        patience in prop::option::of(0.05..10.0_f64),
        service_level in 0.0..0.999_f64,
        within in 0.0..1.0_f64,
        max_abandonment in 0.001..1.0_f64,
        max_mean_wait in prop_oneof![Just(f64::INFINITY), 0.001..1.0_f64],
        max_occupancy in prop_oneof![Just(1.0), 0.05..1.0_f64],
    ) {
        let traffic = Traffic { arrivals: load, handling_time: 1.0 };
        let goal = Goal { service_level, within, max_abandonment, max_mean_wait, max_occupancy };
        let found = positions(traffic, patience, &goal).unwrap().positions;
        prop_assert!(meets(traffic, patience, &goal, found));
        prop_assert!(found == 1 || !meets(traffic, patience, &goal, found - 1));
    }

    #[test]
    fn no_numbers_whatever_make_it_panic(
        arrivals in prop::num::f64::ANY,
        handling_time in prop::num::f64::ANY,
        patience in prop::option::of(prop::num::f64::ANY),
        service_level in prop_oneof![Just(0.9), prop::num::f64::ANY],
        within in prop_oneof![Just(0.1), prop::num::f64::ANY],
        max_abandonment in prop_oneof![Just(1.0), prop::num::f64::ANY],
        max_occupancy in prop_oneof![Just(1.0), prop::num::f64::ANY],
    ) {
        let traffic = Traffic { arrivals, handling_time };
        let goal = Goal {
            service_level, within, max_abandonment, max_occupancy,
            ..Goal::default()
        };
        if let Ok(found) = positions(traffic, patience, &goal) {
            prop_assert!(found.positions >= 1 && found.service_level >= service_level);
        }
        let _ = square_root(arrivals, within);
        let _ = rostered(found_or_one(arrivals), service_level);
    }
}

fn found_or_one(number: f64) -> u32 {
    (number as u32).max(1)
}
