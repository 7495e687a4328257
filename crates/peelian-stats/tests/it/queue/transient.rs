use peelian_stats::Unanswerable;
use peelian_stats::queue::erlang::{Traffic, erlang_a, erlang_c};
use peelian_stats::queue::offered_load::{Before, Demand};
use peelian_stats::queue::simulation::{
    Distribution, Group, Line, Run, Scenario, Schedule, estimate, run_once,
};
use peelian_stats::queue::transient::{Service, by_interval};
use proptest::prelude::*;

use crate::goldens::close;

/// A day of hours with a morning rise: calls an hour, calls of half an hour.
const DAY: [f64; 8] = [6.0, 6.0, 12.0, 24.0, 30.0, 24.0, 12.0, 6.0];

fn day(arrivals: &[f64], before: Before) -> Demand<'_> {
    Demand {
        arrivals,
        interval: 1.0,
        handling_time: 0.5,
        before,
    }
}

#[test]
fn the_worked_day_has_its_longest_queue_after_the_peak() {
    let served = by_interval(&day(&DAY, Before::Closed), None, &[14; 8], 0.0).unwrap();
    let queue: Vec<f64> = served
        .iter()
        .map(|hour| (hour.mean_queue * 100.0).round() / 100.0)
        .collect();
    assert_eq!(queue, [0.0, 0.0, 0.0, 0.22, 2.21, 3.64, 1.42, 0.09]);
    // The hour before the peak and the hour after have the same calls.
    assert!(
        (served[3].wait_probability - 0.1173).abs() < 0.00005,
        "{}",
        served[3].wait_probability
    );
    assert!(
        (served[5].wait_probability - 0.5987).abs() < 0.00005,
        "{}",
        served[5].wait_probability
    );
}

#[test]
fn it_agrees_with_a_simulation_hour_by_hour() {
    // An hour without calls at the end, so that the last callers are answered.
    let rates = [DAY.as_slice(), &[0.0]].concat();
    let served = by_interval(&day(&rates, Before::Closed), Some(0.4), &[12; 9], 0.1).unwrap();
    let line = Line {
        patience: Some(Distribution::Exponential { mean: 0.4 }),
        target: 0.1,
        ..Line::new(
            Schedule {
                values: rates,
                interval: 1.0,
            },
            Distribution::Exponential { mean: 0.5 },
        )
    };
    let scenario = Scenario {
        lines: vec![line],
        groups: vec![Group {
            servers: Schedule::steady(12),
            lines: vec![0],
        }],
        horizon: 9.0,
        warm_up: 0.0,
        report_every: Some(1.0),
    };
    let runs: Vec<_> = (0..1500)
        .map(|replication| run_once(&scenario, 7, replication).unwrap())
        .collect();
    let agrees = |what: &str, hour: usize, figure: &dyn Fn(&Run) -> f64, exact: f64| {
        let values: Vec<_> = runs.iter().map(figure).collect();
        let found = estimate(&values, 0.95).unwrap();
        let distance = (found.mean - exact).abs();
        assert!(
            distance <= 4.0 * found.standard_error + 1e-4,
            "{what} in hour {hour}: {found:?} against {exact}"
        );
    };
    for (hour, served) in served.iter().enumerate().take(8) {
        let counts = |run: &Run| run.lines[0].intervals[hour];
        let busy = |run: &Run| run.groups[0].busy_by_interval[hour];
        agrees(
            "offered",
            hour,
            &|run| counts(run).offered as f64,
            served.offered,
        );
        agrees("busy", hour, &busy, served.busy);
        let beyond_share = |run: &Run| {
            counts(run).within_target as f64 - served.service_level * counts(run).offered as f64
        };
        agrees("service level", hour, &beyond_share, 0.0);
    }
    let given_up = served.iter().map(|hour| hour.abandoned).sum();
    agrees(
        "given up",
        8,
        &|run| run.lines[0].abandoned as f64,
        given_up,
    );
}

#[test]
fn a_steady_line_is_erlang_a_or_c() {
    let traffic = Traffic {
        arrivals: 20.0,
        handling_time: 0.5,
    };
    let settled = |patience, servers| {
        by_interval(&day(&[20.0], Before::Same), patience, &[servers], 0.05).unwrap()[0]
    };
    let c = erlang_c(traffic, 13).unwrap();
    let served = settled(None, 13);
    close(served.wait_probability, c.wait_probability, 1e-6, "wait");
    close(served.mean_queue, c.mean_queue, 1e-6, "queue");
    close(
        served.service_level,
        c.answered_within(0.05).unwrap(),
        1e-6,
        "service",
    );
    for (servers, patience) in [(6, 0.2), (10, 0.7), (14, 0.05), (13, 20.0), (13, 1e5)] {
        let a = erlang_a(traffic, patience, servers).unwrap();
        let served = settled(Some(patience), servers);
        close(served.wait_probability, a.wait_probability, 1e-7, "wait");
        close(served.abandoned, a.abandonment * 20.0, 1e-7, "abandoned");
        close(
            served.service_level,
            a.answered_within(0.05).unwrap(),
            1e-7,
            "service",
        );
        close(served.busy, a.occupancy * f64::from(servers), 1e-7, "busy");
    }
}

#[test]
fn an_hour_without_handlers_leaves_its_callers_to_the_next() {
    let served = by_interval(&day(&[10.0, 0.0], Before::Closed), None, &[0, 3], 0.1).unwrap();
    close(served[0].waiting_at_end, 10.0, 1e-9, "all wait");
    close(served[0].mean_queue, 5.0, 1e-9, "half of them on average");
    assert_eq!((served[0].service_level, served[0].busy), (0.0, 0.0));
    assert!(served[1].waiting_at_end < served[0].waiting_at_end);
}

#[test]
fn a_queue_that_keeps_growing_has_no_cycle() {
    let demand = day(&[20.0, 20.0], Before::Cycle);
    assert_eq!(
        by_interval(&demand, None, &[9, 9], 0.0),
        Err(Unanswerable::NoConvergence)
    );
    assert!(by_interval(&demand, Some(1.0), &[9, 9], 0.0).is_ok());
    assert!(matches!(
        by_interval(&demand, None, &[9], 0.0),
        Err(Unanswerable::Mismatched(_))
    ));
    assert!(by_interval(&demand, Some(0.0), &[9, 9], 0.0).is_err());
    assert!(by_interval(&demand, None, &[9, 9], f64::NAN).is_err());
}

fn sensible(served: &Service) -> bool {
    let share = |value: f64| (-1e-9..=1.0 + 1e-9).contains(&value);
    share(served.wait_probability)
        && share(served.service_level)
        && served.mean_queue >= 0.0
        && served.busy >= -1e-9
        && served.abandoned >= 0.0
}

proptest! {
    #[test]
    fn calls_that_arrive_are_answered_give_up_or_stay(
        arrivals in prop::collection::vec(0.0..40.0_f64, 1..5),
        staffing in prop::collection::vec(0_u32..25, 5),
        patience in prop::option::of(0.05..3.0_f64),
    ) {
        let servers = &staffing[..arrivals.len()];
        let served = by_interval(&day(&arrivals, Before::Closed), patience, servers, 0.1).unwrap();
        let offered: f64 = served.iter().map(|hour| hour.offered).sum();
        let abandoned: f64 = served.iter().map(|hour| hour.abandoned).sum();
        let answered: f64 = served.iter().map(|hour| hour.busy / 0.5).sum();
        let last = served[served.len() - 1];
        let in_calls = offered - abandoned - answered - last.waiting_at_end;
        let handlers = f64::from(servers[servers.len() - 1]);
        prop_assert!(in_calls >= -1e-6 && in_calls <= handlers + 1e-6, "{in_calls}");
        prop_assert!(served.iter().all(sensible));
    }

    #[test]
    fn no_numbers_whatever_make_it_panic(
        arrivals in prop::collection::vec(prop_oneof![3 => 0.0..9.0_f64, 1 => prop::num::f64::ANY], 0..3),
        interval in prop_oneof![3 => Just(1.0), 1 => prop::num::f64::ANY],
        handling_time in prop_oneof![3 => Just(0.3), 1 => prop::num::f64::ANY],
        patience in prop::option::of(prop_oneof![3 => Just(1.0), 1 => prop::num::f64::ANY]),
        servers in prop::collection::vec(prop_oneof![0_u32..9, any::<u32>()], 0..3),
        within in prop_oneof![Just(0.1), prop::num::f64::ANY],
        closed in any::<bool>(),
    ) {
        let before = if closed { Before::Closed } else { Before::Cycle };
        let demand = Demand { arrivals: &arrivals, interval, handling_time, before };
        if let Ok(served) = by_interval(&demand, patience, &servers, within) {
            prop_assert!(served.iter().all(sensible), "{served:?}");
        }
    }
}
