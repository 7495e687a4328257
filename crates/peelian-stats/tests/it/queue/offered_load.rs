use peelian_stats::Unanswerable;
use peelian_stats::queue::erlang::Traffic;
use peelian_stats::queue::offered_load::{Basis, Before, Demand, offered_load, positions};
use peelian_stats::queue::staffing::{self, Goal};
use peelian_stats::queue::transient::by_interval;
use proptest::prelude::*;

use crate::goldens::close;

/// A day of hours with a morning rise: calls an hour, calls of half an hour.
const DAY: [f64; 8] = [6.0, 6.0, 12.0, 24.0, 30.0, 24.0, 12.0, 6.0];

fn day(before: Before) -> Demand<'static> {
    Demand {
        arrivals: &DAY,
        interval: 1.0,
        handling_time: 0.5,
        before,
    }
}

#[test]
fn with_handlers_enough_the_load_is_the_number_busy() {
    let loads = offered_load(&day(Before::Closed)).unwrap();
    let served = by_interval(&day(Before::Closed), None, &[200; 8], 0.0).unwrap();
    for (load, served) in loads.iter().zip(served) {
        close(load.mean, served.busy, 1e-10, "busy");
    }
}

#[test]
fn the_load_comes_later_and_flatter_than_the_calls() {
    let loads = offered_load(&day(Before::Same)).unwrap();
    assert_eq!(loads[0].mean, 3.0);
    let largest = loads.iter().map(|load| load.mean).fold(0.0, f64::max);
    assert!(largest < 15.0 && largest > 13.0, "{largest}");
    // The same calls an hour before and after the peak, more work after it.
    assert!(loads[5].mean > loads[3].mean + 2.0);
}

#[test]
fn the_worked_day_takes_these_positions() {
    let goal = Goal {
        service_level: 0.9,
        within: 10.0 / 3600.0,
        ..Goal::default()
    };
    let by = |basis| -> Vec<u32> {
        let found = positions(&day(Before::Cycle), None, &goal, basis).unwrap();
        found.iter().map(|found| found.positions).collect()
    };
    assert_eq!(by(Basis::Own), [6, 6, 10, 18, 21, 18, 10, 6]);
    assert_eq!(by(Basis::Lagged), [6, 6, 9, 14, 20, 20, 14, 9]);
    assert_eq!(by(Basis::Modified), [7, 7, 9, 15, 19, 19, 14, 9]);
    let peak = by(Basis::ModifiedPeak);
    assert!(
        peak.iter()
            .zip(by(Basis::Modified))
            .all(|(peak, mean)| *peak >= mean)
    );
}

#[test]
fn a_steady_rate_needs_the_same_by_every_basis() {
    let demand = Demand {
        arrivals: &[12.0; 5],
        before: Before::Same,
        ..day(Before::Same)
    };
    let goal = Goal {
        service_level: 0.8,
        ..Goal::default()
    };
    let traffic = Traffic {
        arrivals: 12.0,
        handling_time: 0.5,
    };
    let steady = staffing::positions(traffic, Some(0.1), &goal)
        .unwrap()
        .positions;
    for basis in [
        Basis::Own,
        Basis::Lagged,
        Basis::Modified,
        Basis::ModifiedPeak,
    ] {
        let found = positions(&demand, Some(0.1), &goal, basis).unwrap();
        assert!(found.iter().all(|found| found.positions == steady));
    }
}

#[test]
fn arguments_that_do_not_fit_are_refused() {
    let demand = day(Before::Closed);
    let none = Demand {
        arrivals: &[],
        ..demand
    };
    assert!(matches!(
        offered_load(&none),
        Err(Unanswerable::TooFew { .. })
    ));
}

proptest! {
    #[test]
    fn a_cycle_repeats(
        arrivals in prop::collection::vec(0.0..50.0_f64, 1..12),
        handling_time in 0.01..5.0_f64,
    ) {
        let demand = Demand { arrivals: &arrivals, interval: 1.0, handling_time, before: Before::Cycle };
        let loads = offered_load(&demand).unwrap();
        let (first, last) = (loads[0], loads[loads.len() - 1]);
        prop_assert!((first.at_start - last.at_end).abs() <= 1e-9 * (1.0 + last.at_end));
        // Over the whole cycle as much work arrives as is done.
        let mean = loads.iter().map(|load| load.mean).sum::<f64>() / loads.len() as f64;
        let own = arrivals.iter().sum::<f64>() * handling_time / arrivals.len() as f64;
        prop_assert!((mean - own).abs() <= 1e-9 * (1.0 + own));
    }

    #[test]
    fn no_numbers_whatever_make_it_panic(
        arrivals in prop::collection::vec(prop_oneof![0.0..9.0_f64, prop::num::f64::ANY], 0..4),
        interval in prop_oneof![Just(1.0), prop::num::f64::ANY],
        handling_time in prop_oneof![Just(0.3), prop::num::f64::ANY],
        before in prop_oneof![Just(Before::Closed), Just(Before::Same), Just(Before::Cycle)],
        basis in prop_oneof![Just(Basis::Own), Just(Basis::Lagged), Just(Basis::Modified)],
    ) {
        let demand = Demand { arrivals: &arrivals, interval, handling_time, before };
        if let Ok(loads) = offered_load(&demand) {
            prop_assert!(loads.iter().all(|load| load.mean >= 0.0 && load.at_end >= 0.0));
        }
        let _ = positions(&demand, Some(1.0), &Goal::default(), basis);
    }
}
