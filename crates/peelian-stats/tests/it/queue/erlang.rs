use peelian_stats::Unanswerable;
use peelian_stats::queue::erlang::{ErlangA, ErlangC, Traffic, erlang_a, erlang_b, erlang_c};
use proptest::prelude::*;
use statrs::function::gamma::gamma_lr;

use crate::goldens::Within::{Absolute, Relative};
use crate::goldens::close;

#[test]
fn the_golden_cases_hold() {
    for case in crate::goldens::run("erlang") {
        let (probability, wait) = (Absolute(1e-13), Relative(1e-12));
        case.matches(
            "expected.csv",
            &[
                ("exact_erlang_b", probability),
                ("exact_erlang_c", probability),
                ("exact_service_level_c", probability),
                ("exact_mean_wait_c", wait),
                ("pyworkforce_b", probability),
                ("pyworkforce_c", probability),
                ("pyworkforce_sl_c", probability),
                ("exact_a_p_wait", probability),
                ("exact_a_p_abandon", probability),
                ("exact_a_mean_queue", wait),
                ("exact_a_mean_wait_all", wait),
                ("pyworkforce_a_p_wait", probability),
                ("pyworkforce_a_p_abandon", probability),
                ("pyworkforce_a_mean_wait", probability),
                ("pyworkforce_a_service_level", probability),
            ],
        );
    }
}

/// Sixty calls an hour of eight minutes each; seconds.
const EIGHT_ERLANGS: Traffic = Traffic {
    arrivals: 60.0 / 3600.0,
    handling_time: 480.0,
};

fn about(ours: f64, printed: f64, places: i32) {
    let half_a_place = 0.5 * 10_f64.powi(-places);
    assert!(
        (ours - printed).abs() <= half_a_place * 1.000_1,
        "{ours} {printed}"
    );
}

#[test]
fn the_worked_example_of_erlang_c_holds() {
    for (servers, waits, within_10, within_60, mean_wait) in [
        (9, 0.6533, 0.3601, 0.4234, 313.6),
        (10, 0.4092, 0.6075, 0.6813, 98.2),
        (11, 0.2450, 0.7699, 0.8316, 39.2),
        (12, 0.1398, 0.8713, 0.9152, 16.8),
    ] {
        let line = erlang_c(EIGHT_ERLANGS, servers).unwrap();
        about(line.wait_probability, waits, 4);
        about(line.answered_within(10.0).unwrap(), within_10, 4);
        about(line.answered_within(60.0).unwrap(), within_60, 4);
        about(line.mean_wait, mean_wait, 1);
    }
}

#[test]
fn the_worked_example_of_erlang_a_holds_in_overload_too() {
    for (servers, waits, abandons, mean_wait) in [
        (7, 0.5960, 0.2320, 55.7),
        (8, 0.4719, 0.1627, 39.1),
        (9, 0.3525, 0.1085, 26.0),
        (10, 0.2475, 0.0684, 16.4),
    ] {
        let line = erlang_a(EIGHT_ERLANGS, 240.0, servers).unwrap();
        about(line.wait_probability, waits, 4);
        about(line.abandonment, abandons, 4);
        about(line.mean_wait, mean_wait, 1);
    }
}

/// Sums over the states of the birth and death process, scaled by their largest.
struct States {
    wait_probability: f64,
    mean_queue: f64,
    mean_wait_answered: f64,
}

fn by_states(load: f64, patience: f64, servers: u32) -> States {
    // Handling time 1: λ = load, θ = 1/patience.
    let theta = 1.0 / patience;
    let rate = |n: u32| {
        let busy = n.min(servers);
        f64::from(busy) + f64::from(n - busy) * theta
    };
    let mut logs = vec![0.0_f64];
    let (mut n, mut largest) = (0, 0.0_f64);
    loop {
        n += 1;
        let next = logs.last().unwrap() + (load / rate(n)).ln();
        largest = largest.max(next);
        logs.push(next);
        if n > servers && next < largest - 60.0 {
            break;
        }
    }
    let weights: Vec<f64> = logs.iter().map(|log| (log - largest).exp()).collect();
    let total: f64 = weights.iter().sum();
    let (mut waiting, mut queue, mut answered_wait, mut wait_if_answered) = (0.0, 0.0, 0.0, 0.0);
    for (n, weight) in (0..).zip(&weights).skip(servers as usize) {
        let ahead: u32 = n - servers;
        waiting += weight;
        queue += f64::from(ahead) * weight;
        // Answered if everyone before and one handler leave first, one after the other.
        let all_busy = f64::from(servers);
        wait_if_answered += 1.0 / (all_busy + f64::from(ahead + 1) * theta);
        answered_wait +=
            weight * wait_if_answered * all_busy / (all_busy + f64::from(ahead + 1) * theta);
    }
    let answered = 1.0 - theta * queue / total / load;
    States {
        wait_probability: waiting / total,
        mean_queue: queue / total,
        mean_wait_answered: answered_wait / total / answered,
    }
}

#[test]
fn erlang_a_agrees_with_the_sum_over_states_from_one_handler_to_thousands() {
    for servers in [1, 2, 10, 200, 3000] {
        for share in [0.05, 0.7, 1.0, 1.02, 1.5, 4.0] {
            for patience in [0.01, 0.4, 1.0, 20.0] {
                let load = f64::from(servers) * share;
                let traffic = Traffic {
                    arrivals: load,
                    handling_time: 1.0,
                };
                let ours = erlang_a(traffic, patience, servers).unwrap();
                let states = by_states(load, patience, servers);
                let what = format!("{servers} {share} {patience}");
                // The sum leaves out states that are e^60 rarer than the commonest.
                if states.wait_probability < 1e-15 {
                    assert!(ours.wait_probability < 1e-15, "{what}");
                    continue;
                }
                close(ours.wait_probability, states.wait_probability, 1e-9, &what);
                close(ours.mean_queue, states.mean_queue, 1e-9, &what);
                close(
                    ours.mean_wait_answered,
                    states.mean_wait_answered,
                    1e-9,
                    &what,
                );
            }
        }
    }
}

#[test]
fn the_tail_of_the_wait_is_a_ratio_of_incomplete_gammas() {
    for (servers, load, patience) in [
        (1, 0.5, 0.3),
        (10, 9.0, 0.5),
        (10, 16.0, 2.0),
        (80, 81.0, 1.0),
    ] {
        let traffic = Traffic {
            arrivals: load,
            handling_time: 1.0,
        };
        let line = erlang_a(traffic, patience, servers).unwrap();
        let (shape, scale) = (f64::from(servers) * patience, load * patience);
        for time in [0.01, 0.1, 0.5, 1.0] {
            let left = (-time / patience).exp();
            let expected = gamma_lr(shape, scale * left) / gamma_lr(shape, scale);
            let ours = line.offered_wait_exceeds(time).unwrap() / line.wait_probability;
            assert!(
                (ours - expected).abs() <= 1e-11 * expected + 1e-15,
                "{servers} {load} {time}: {ours} {expected}"
            );
        }
    }
}

#[test]
fn endless_patience_is_erlang_c_and_no_patience_erlang_b() {
    for servers in [1, 9, 12, 400] {
        let traffic = Traffic {
            arrivals: f64::from(servers) * 0.9,
            handling_time: 1.0,
        };
        let (c, a) = (
            erlang_c(traffic, servers).unwrap(),
            erlang_a(traffic, 1e9, servers).unwrap(),
        );
        close(a.wait_probability, c.wait_probability, 1e-6, "wait");
        close(a.mean_wait, c.mean_wait, 1e-6, "mean wait");
        close(
            a.answered_within(0.1).unwrap(),
            c.answered_within(0.1).unwrap(),
            1e-6,
            "within",
        );
        let b = erlang_b(traffic.load(), servers).unwrap();
        let a = erlang_a(traffic, 1e-9, servers).unwrap();
        close(a.abandonment, b, 1e-6, "abandonment");
    }
}

#[test]
fn a_million_handlers_and_a_thousandfold_overload_have_an_answer() {
    let traffic = Traffic {
        arrivals: 1e6,
        handling_time: 1.0,
    };
    let line = erlang_a(traffic, 1.0, 1_000_000).unwrap();
    // At A = N with patience as long as a call half must wait, in the limit.
    assert!((line.wait_probability - 0.5).abs() < 1e-3);
    let line = erlang_a(traffic, 1.0, 1000).unwrap();
    close(
        line.abandonment,
        0.999,
        1e-12,
        "all but those served give up",
    );
    close(line.wait_probability, 1.0, 1e-12, "everyone waits");
    close(line.occupancy, 1.0, 1e-12, "all busy");
    let critical = erlang_a(traffic, 1e12, 1_000_000).unwrap();
    assert!(critical.wait_probability > 0.99 && critical.wait_probability <= 1.0);
    let idle = erlang_a(traffic, 1.0, 4_000_000_000).unwrap();
    assert_eq!(idle.wait_probability, 0.0);
}

#[test]
fn a_load_at_the_number_of_handlers_has_no_erlang_c() {
    let error = erlang_c(EIGHT_ERLANGS, 8).unwrap_err();
    assert!(matches!(error, Unanswerable::Invalid(_)));
}

#[test]
fn the_loss_falls_as_the_recursion_says() {
    let mut loss = 1.0;
    for servers in 1..=60 {
        let load = 40.0;
        loss = load * loss / (f64::from(servers) + load * loss);
        close(erlang_b(load, servers).unwrap(), loss, 1e-13, "B");
    }
}

#[test]
fn nobody_calls_and_nobody_waits() {
    let quiet = Traffic {
        arrivals: 0.0,
        handling_time: 5.0,
    };
    let a = erlang_a(quiet, 4.0, 2).unwrap();
    assert_eq!(
        (a.wait_probability, a.abandonment, a.mean_wait),
        (0.0, 0.0, 0.0)
    );
    assert_eq!(a.answered_within(0.0), Ok(1.0));
    assert_eq!(erlang_c(quiet, 2).unwrap().wait_probability, 0.0);
}

fn sensible(line: &ErlangA) {
    let shares = [
        line.wait_probability,
        line.abandonment,
        line.answered_within(0.0).unwrap(),
        line.answered_within(1.0).unwrap(),
        line.answered_within(f64::INFINITY).unwrap(),
        line.answered_within_of_answered(1.0).unwrap(),
        line.offered_wait_exceeds(1.0).unwrap(),
        line.wait_exceeds(1.0).unwrap(),
    ];
    for share in shares {
        assert!((-1e-12..=1.0 + 1e-12).contains(&share), "{line:?}: {share}");
    }
    assert!(
        line.mean_wait >= 0.0 && line.mean_wait_answered >= 0.0,
        "{line:?}"
    );
}

proptest! {
    #[test]
    fn one_more_handler_never_makes_it_worse(
        load in 0.1..60.0_f64,
        patience in 0.05..20.0_f64,
        servers in 1_u32..80,
        time in 0.0..2.0_f64,
    ) {
        let traffic = Traffic { arrivals: load, handling_time: 1.0 };
        let (few, more) = (
            erlang_a(traffic, patience, servers).unwrap(),
            erlang_a(traffic, patience, servers + 1).unwrap(),
        );
        prop_assert!(more.wait_probability <= few.wait_probability + 1e-13);
        prop_assert!(more.abandonment <= few.abandonment + 1e-13);
        prop_assert!(more.mean_wait <= few.mean_wait + 1e-13);
        prop_assert!(more.occupancy <= few.occupancy + 1e-13);
        prop_assert!(
            more.answered_within(time).unwrap() >= few.answered_within(time).unwrap() - 1e-13
        );
        sensible(&few);
    }

    #[test]
    fn the_unit_of_time_does_not_matter(
        load in 0.1..60.0_f64,
        patience in 0.05..20.0_f64,
        servers in 1_u32..80,
        unit in 0.01..100.0_f64,
    ) {
        let line = |unit: f64| {
            let traffic = Traffic { arrivals: load / unit, handling_time: unit };
            erlang_a(traffic, patience * unit, servers).unwrap()
        };
        let (one, other) = (line(1.0), line(unit));
        close(other.wait_probability, one.wait_probability, 1e-9, "waits");
        close(other.mean_wait, one.mean_wait * unit, 1e-9, "mean");
        close(
            other.wait_exceeds(0.3 * unit).unwrap(),
            one.wait_exceeds(0.3).unwrap(),
            1e-9,
            "tail",
        );
    }

    #[test]
    fn a_quantile_is_where_the_tail_says(
        load in 0.1..30.0_f64,
        patience in 0.05..20.0_f64,
        servers in 1_u32..40,
        share in 0.0..0.999_f64,
    ) {
        let traffic = Traffic { arrivals: load, handling_time: 1.0 };
        let a = erlang_a(traffic, patience, servers).unwrap();
        let time = a.wait_quantile(share).unwrap();
        if time > 0.0 {
            prop_assert!((a.wait_exceeds(time).unwrap() - (1.0 - share)).abs() < 1e-9);
        } else {
            prop_assert!(a.wait_probability <= 1.0 - share);
        }
        if let Ok(c) = erlang_c(traffic, servers) {
            let time = c.wait_quantile(share).unwrap();
            prop_assert!(time == 0.0 || (c.wait_exceeds(time).unwrap() - 1.0 + share).abs() < 1e-9);
        }
    }

    #[test]
    fn no_numbers_whatever_make_it_panic_or_answer_nonsense(
        arrivals in prop::num::f64::ANY,
        handling_time in prop::num::f64::ANY,
        patience in prop::num::f64::ANY,
        servers in prop_oneof![any::<u32>(), 0_u32..5],
        time in prop::num::f64::ANY,
        share in prop::num::f64::ANY,
    ) {
        let traffic = Traffic { arrivals, handling_time };
        if let Ok(line) = erlang_a(traffic, patience, servers) {
            sensible(&line);
            for figure in [line.wait_exceeds(time), line.wait_quantile(share)].into_iter().flatten() {
                prop_assert!(figure >= 0.0);
            }
        }
        if let Ok(ErlangC { wait_probability, mean_wait, .. }) = erlang_c(traffic, servers) {
            prop_assert!((0.0..=1.0).contains(&wait_probability) && mean_wait >= 0.0);
        }
        if let Ok(loss) = erlang_b(arrivals, servers) {
            prop_assert!((0.0..=1.0).contains(&loss));
        }
    }
}
