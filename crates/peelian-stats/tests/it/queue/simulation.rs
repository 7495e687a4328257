use peelian_stats::Unanswerable;
use peelian_stats::queue::erlang::{Traffic, erlang_a};
use peelian_stats::queue::simulation::{
    CallBack, Distribution, Estimate, Group, Line, LineRun, Onward, Redial, Run, Scenario,
    Schedule, Settings, difference, estimate, run, run_once,
};
use proptest::prelude::*;
use serde_json::Value;

use crate::goldens::{close, table};

const NO_CALLS: f64 = 0.0;

fn exponential(mean: f64) -> Distribution {
    Distribution::Exponential { mean }
}

fn steady(servers: u32, lines: &[usize]) -> Group {
    Group {
        servers: Schedule::steady(servers),
        lines: lines.to_vec(),
    }
}

fn scenario(lines: Vec<Line>, groups: Vec<Group>, horizon: f64) -> Scenario {
    Scenario {
        lines,
        groups,
        horizon,
        warm_up: 0.0,
        report_every: None,
    }
}

/// A line with a given number of callers waiting at 0 and none after, each of two minutes.
fn waiting(callers: u32) -> Line {
    Line {
        waiting_at_start: callers,
        ..Line::new(Schedule::steady(NO_CALLS), Distribution::Constant(2.0))
    }
}

/// A busy line with everything a line can have.
fn everything() -> Scenario {
    let line = Line {
        wrap_up: Some(Distribution::Gamma {
            mean: 0.5,
            shape: 2.0,
        }),
        patience: Some(Distribution::Weibull {
            scale: 4.0,
            shape: 0.7,
        }),
        target: 0.5,
        redial: Some(Redial {
            share: 0.4,
            delay: exponential(3.0),
        }),
        call_back: Some(CallBack {
            after: 1.0,
            accepted: 0.3,
        }),
        waiting_at_start: 5,
        ..Line::new(
            Schedule {
                values: vec![1.0, 2.5, 0.5],
                interval: 20.0,
            },
            Distribution::Lognormal { mean: 3.0, sd: 2.0 },
        )
    };
    let urgent = Line {
        priority: 0,
        call_back: None,
        redial: None,
        passes_on: vec![Onward {
            line: 1,
            share: 0.2,
        }],
        ..line.clone()
    };
    let ordinary = Line {
        priority: 1,
        ..line
    };
    let day_and_night = Schedule {
        values: vec![5, 8, 3, 0],
        interval: 15.0,
    };
    let all_round = Group {
        servers: day_and_night,
        lines: vec![1, 0],
    };
    Scenario {
        warm_up: 30.0,
        report_every: Some(25.0),
        ..scenario(
            vec![urgent, ordinary],
            vec![steady(1, &[0]), all_round],
            240.0,
        )
    }
}

fn within_four_errors(estimate: Option<Estimate>, exact: f64, what: &str) {
    let estimate = estimate.unwrap();
    let distance = (estimate.mean - exact).abs();
    assert!(
        distance <= 4.0 * estimate.standard_error,
        "{what}: {} ± {} against {exact}",
        estimate.mean,
        estimate.standard_error
    );
}

#[test]
fn the_golden_lines_are_simulated_within_four_standard_errors_of_the_closed_forms() {
    for case in crate::goldens::run("des_queue") {
        let expected = table::read_json(&case.input, "expected.json").unwrap();
        let ours = table::read_json(case.out.path(), "expected.json").unwrap();
        let exact = |pointer: &str| expected.pointer(pointer).and_then(Value::as_f64);
        for (figure, truth) in [
            ("/p_wait", exact("/exact/p_wait")),
            ("/p_abandon", exact("/exact/p_abandon")),
            ("/mean_wait_all", exact("/exact/mean_wait_all")),
            ("/mean_wait_by_class/999", exact("/exact/mean_wait_999")),
            ("/mean_wait_by_class/101", exact("/exact/mean_wait_101")),
        ] {
            let Some(truth) = truth else { continue };
            let number = |key: &str| {
                let pointer = format!("/simulation{figure}/{key}");
                ours.pointer(&pointer).and_then(Value::as_f64).unwrap()
            };
            // The half-width is 2.02 standard errors.
            let reach = number("ci95_half") * 4.0 / 2.02;
            assert!(
                (number("mean") - truth).abs() <= reach,
                "{}{figure}",
                case.input.display()
            );
            let written = match figure {
                "/mean_wait_by_class/999" => "/exact/mean_wait_999".to_owned(),
                "/mean_wait_by_class/101" => "/exact/mean_wait_101".to_owned(),
                figure => format!("/exact{figure}"),
            };
            let closed_form = ours.pointer(&written).and_then(Value::as_f64).unwrap();
            close(closed_form, truth, 1e-12, figure);
        }
    }
}

#[test]
fn intervals_cover_the_truth_about_as_often_as_they_say() {
    let traffic = Traffic {
        arrivals: 2.0,
        handling_time: 3.0,
    };
    let exact = erlang_a(traffic, 2.0, 6).unwrap();
    let line = Line {
        patience: Some(exponential(2.0)),
        target: 0.5,
        ..Line::new(Schedule::steady(2.0), exponential(3.0))
    };
    let scenario = Scenario {
        warm_up: 40.0,
        ..scenario(vec![line], vec![steady(6, &[0])], 340.0)
    };
    let mut covered = [0; 3];
    for seed in 0..300 {
        let settings = Settings {
            replications: 10,
            seed,
            ..Settings::default()
        };
        let found = &run(&scenario, &settings).unwrap().lines[0];
        for (covered, (estimate, exact)) in covered.iter_mut().zip([
            (found.mean_wait, exact.mean_wait),
            (found.abandonment, exact.abandonment),
            (found.service_level, exact.answered_within(0.5).unwrap()),
        ]) {
            *covered += u32::from(estimate.unwrap().interval.contains(exact));
        }
    }
    // 285 of 300 expected, give or take 3.8.
    for covered in covered {
        assert!((270..=298).contains(&covered), "{covered} of 300");
    }
}

#[test]
fn waits_of_one_handler_follow_pollaczek_and_khinchine_for_any_handling_time() {
    // Mean wait = λ·E[S²]/2(1 − ρ), with E[S] = 1 and λ = 0.6.
    let second_moment_of_weibull = 2.0; // shape 1 is exponential
    for (handling, second_moment) in [
        (Distribution::Constant(1.0), 1.0),
        (exponential(1.0), 2.0),
        (Distribution::Lognormal { mean: 1.0, sd: 0.5 }, 1.25),
        (
            Distribution::Gamma {
                mean: 1.0,
                shape: 4.0,
            },
            1.25,
        ),
        (
            Distribution::Weibull {
                scale: 1.0,
                shape: 1.0,
            },
            second_moment_of_weibull,
        ),
        (Distribution::Empirical(vec![0.5, 0.5, 2.0]), 1.5),
    ] {
        let what = format!("{handling:?}");
        let scenario = Scenario {
            warm_up: 200.0,
            ..scenario(
                vec![Line::new(Schedule::steady(0.6), handling)],
                vec![steady(1, &[0])],
                6_000.0,
            )
        };
        let found = run(&scenario, &Settings::default()).unwrap();
        let exact = 0.6 * second_moment / 2.0 / 0.4;
        within_four_errors(found.lines[0].mean_wait, exact, &what);
        within_four_errors(found.groups[0].occupancy, 0.6, &what);
    }
}

#[test]
fn three_who_wait_for_one_handler_are_answered_one_after_the_other() {
    let run = |line: Line, group: Group| run_once(&scenario(vec![line], vec![group], 20.0), 1, 0);
    let found = run(waiting(3), steady(1, &[0])).unwrap();
    assert_eq!(found.lines[0].wait, 0.0 + 2.0 + 4.0);
    assert_eq!((found.lines[0].answered, found.lines[0].waited), (3, 2));
    assert_eq!(found.groups[0].busy, 6.0);
    assert_eq!(found.groups[0].staffed, 20.0);

    let with_wrap_up = Line {
        wrap_up: Some(Distribution::Constant(1.0)),
        ..waiting(3)
    };
    let found = run(with_wrap_up, steady(1, &[0])).unwrap();
    assert_eq!(found.lines[0].wait, 0.0 + 3.0 + 6.0);

    let impatient = Line {
        patience: Some(Distribution::Constant(3.0)),
        target: 2.0,
        ..waiting(3)
    };
    let found = run(impatient, steady(1, &[0])).unwrap();
    let line = &found.lines[0];
    assert_eq!(
        (line.answered, line.within_target, line.abandoned),
        (2, 2, 1)
    );
    assert_eq!((line.wait, line.wait_answered), (2.0 + 3.0, 2.0));
}

#[test]
fn who_is_in_a_call_at_the_end_of_a_shift_finishes_it() {
    // One handler from 0 to 3, none to 6, one from then on; calls of two minutes.
    let shift = Group {
        servers: Schedule {
            values: vec![1, 0, 1],
            interval: 3.0,
        },
        lines: vec![0],
    };
    let found = run_once(&scenario(vec![waiting(4)], vec![shift], 9.0), 1, 0).unwrap();
    // Answered at 0, 2, 6 and 8; the second ends at 4, the last is cut off at 9.
    assert_eq!(found.lines[0].wait, 0.0 + 2.0 + 6.0 + 8.0);
    assert_eq!(found.groups[0].busy, 7.0);
    assert_eq!(found.groups[0].staffed, 6.0);
    assert_eq!(found.groups[0].occupancy(), Some(7.0 / 6.0));
}

#[test]
fn the_more_urgent_line_goes_first_and_a_call_begun_is_finished() {
    let urgent = waiting(2);
    let ordinary = Line {
        priority: 1,
        ..waiting(2)
    };
    // The ordinary line comes first here, so one of its callers is answered at once.
    let both = scenario(
        vec![ordinary.clone(), urgent.clone()],
        vec![steady(1, &[0, 1])],
        20.0,
    );
    let found = run_once(&both, 1, 0).unwrap();
    assert_eq!(found.lines[1].wait, 2.0 + 4.0);
    assert_eq!(found.lines[0].wait, 0.0 + 6.0);
    // With a specialist each, neither line waits for the other.
    let apart = scenario(
        vec![ordinary, urgent],
        vec![steady(1, &[0]), steady(1, &[1])],
        20.0,
    );
    let found = run_once(&apart, 1, 0).unwrap();
    assert_eq!((found.lines[0].wait, found.lines[1].wait), (2.0, 2.0));
}

#[test]
fn a_switchboard_passes_calls_on() {
    let switchboard = Line {
        passes_on: vec![Onward {
            line: 1,
            share: 1.0,
        }],
        ..waiting(2)
    };
    let desk = Line::new(Schedule::steady(NO_CALLS), Distribution::Constant(5.0));
    let both = scenario(
        vec![switchboard, desk],
        vec![steady(1, &[0]), steady(1, &[1])],
        20.0,
    );
    let found = run_once(&both, 1, 0).unwrap();
    // They reach the desk at 2 and 4; the second waits there until 7.
    assert_eq!(found.lines[1].offered, 2);
    assert_eq!(found.lines[1].wait, 0.0 + 3.0);
}

#[test]
fn who_accepts_a_call_back_is_rung_when_nobody_waits() {
    let offered = Line {
        call_back: Some(CallBack {
            after: 1.0,
            accepted: 1.0,
        }),
        ..waiting(3)
    };
    let found = run_once(&scenario(vec![offered], vec![steady(1, &[0])], 20.0), 1, 0).unwrap();
    let line = &found.lines[0];
    // Two leave at 1; they are rung at 2 and 4.
    assert_eq!(
        (
            line.answered,
            line.call_backs_accepted,
            line.call_backs_made
        ),
        (1, 2, 2)
    );
    assert_eq!(line.wait, 1.0 + 1.0);
    assert_eq!(line.wait_for_call_back, 1.0 + 3.0);
    assert_eq!(found.groups[0].busy, 6.0);
}

#[test]
fn who_gives_up_may_ring_again() {
    let line = Line {
        patience: Some(Distribution::Constant(0.5)),
        redial: Some(Redial {
            share: 1.0 - 1e-6,
            delay: Distribution::Constant(2.0),
        }),
        ..waiting(2)
    };
    let found = run_once(&scenario(vec![line], vec![steady(1, &[0])], 20.0), 1, 0).unwrap();
    let line = &found.lines[0];
    // The second gives up at 0.5 and is answered at 2.5, when the first has gone.
    assert_eq!(
        (line.offered, line.redials, line.abandoned, line.answered),
        (3, 1, 1, 2)
    );
    assert_eq!(line.wait, 0.5);
    assert_eq!(found.groups[0].busy, 4.0);
}

#[test]
fn redials_are_the_share_of_those_who_gave_up_and_passed_on_of_those_answered() {
    let first = Line {
        patience: Some(exponential(1.0)),
        redial: Some(Redial {
            share: 0.6,
            delay: exponential(1.0),
        }),
        passes_on: vec![
            Onward {
                line: 1,
                share: 0.5,
            },
            Onward {
                line: 2,
                share: 0.2,
            },
        ],
        ..Line::new(Schedule::steady(4.0), exponential(1.0))
    };
    let desk = Line::new(Schedule::steady(NO_CALLS), exponential(0.1));
    let all = scenario(
        vec![first, desk.clone(), desk],
        vec![steady(3, &[0]), steady(9, &[1, 2])],
        5_000.0,
    );
    let lines = run_once(&all, 3, 0).unwrap().lines;
    let share = |part: u64, whole: u64| part as f64 / whole as f64;
    let first = &lines[0];
    assert!(first.abandoned > 3_000);
    assert!((share(first.redials, first.abandoned) - 0.6).abs() < 0.02);
    assert!((share(lines[1].offered, first.answered) - 0.5).abs() < 0.02);
    assert!((share(lines[2].offered, first.answered) - 0.2).abs() < 0.02);
}

#[test]
fn calls_arrive_at_the_rate_of_their_hour() {
    let line = Line::new(
        Schedule {
            values: vec![2.0, 0.0, 10.0],
            interval: 60.0,
        },
        Distribution::Constant(0.5),
    );
    let scenario = Scenario {
        report_every: Some(60.0),
        ..scenario(vec![line], vec![steady(40, &[0])], 360.0)
    };
    let settings = Settings {
        replications: 50,
        ..Settings::default()
    };
    let found = run(&scenario, &settings).unwrap();
    let intervals = &found.lines[0].intervals;
    assert_eq!(intervals.len(), 6);
    for (interval, expected) in intervals.iter().zip([120.0, 0.0, 600.0, 120.0, 0.0, 600.0]) {
        let offered = interval.offered.unwrap();
        assert!((offered.mean - expected).abs() <= 4.0 * (expected / 50.0_f64).sqrt());
    }
    assert_eq!(intervals[1].service_level, None);
    assert_eq!(intervals[5].start, 300.0);
    let busy = found.groups[0].intervals[2].busy.unwrap();
    within_four_errors(Some(busy), 5.0, "busy");
    assert_eq!(found.groups[0].intervals[2].servers, 40.0);
}

/// Two-sided in time: the number in a line of endless handlers is the offered load.
#[test]
fn the_mean_number_busy_obeys_littles_law() {
    let line = Line::new(
        Schedule::steady(3.0),
        Distribution::Lognormal { mean: 2.0, sd: 3.0 },
    );
    let scenario = Scenario {
        warm_up: 100.0,
        ..scenario(vec![line], vec![steady(200, &[0])], 2_100.0)
    };
    let found = run(&scenario, &Settings::default()).unwrap();
    within_four_errors(found.groups[0].occupancy, 6.0 / 200.0, "busy");
    assert_eq!(found.lines[0].wait_probability.unwrap().mean, 0.0);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let settings = Settings {
        replications: 70,
        ..Settings::default()
    };
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| run(&everything(), &settings).unwrap())
    };
    assert_eq!(on(1), on(3));
    let other = Settings {
        seed: 1,
        ..settings
    };
    assert_ne!(on(1), run(&everything(), &other).unwrap());
}

#[test]
fn the_same_callers_ring_whatever_the_staffing() {
    let line = Line {
        patience: Some(exponential(3.0)),
        ..Line::new(Schedule::steady(2.0), exponential(4.0))
    };
    let base = scenario(vec![line], vec![steady(7, &[0])], 400.0);
    let more = Scenario {
        groups: vec![steady(8, &[0])],
        ..base.clone()
    };
    let (a, b) = (
        run_once(&base, 5, 2).unwrap(),
        run_once(&more, 5, 2).unwrap(),
    );
    assert_eq!(a.lines[0].offered, b.lines[0].offered);

    let settings = Settings::default();
    let paired = difference(&base, &more, &settings).unwrap()[0]
        .mean_wait
        .unwrap();
    let apart = |scenario: &Scenario, seed: u64| {
        let settings = Settings { seed, ..settings };
        run(scenario, &settings).unwrap().lines[0]
            .mean_wait
            .unwrap()
    };
    let (base, more) = (apart(&base, 1), apart(&more, 2));
    let unpaired = base.standard_error.hypot(more.standard_error);
    assert!(paired.interval.upper < 0.0);
    assert!(
        paired.standard_error < unpaired / 1.5,
        "{paired:?} {unpaired}"
    );
    assert!((paired.mean - (more.mean - base.mean)).abs() < 4.0 * unpaired);
}

#[test]
fn a_warm_up_takes_the_empty_start_out_of_the_figures() {
    let exact = erlang_a(
        Traffic {
            arrivals: 1.0,
            handling_time: 20.0,
        },
        30.0,
        20,
    )
    .unwrap();
    let line = Line {
        patience: Some(exponential(30.0)),
        ..Line::new(Schedule::steady(1.0), exponential(20.0))
    };
    let cold = scenario(vec![line], vec![steady(20, &[0])], 200.0);
    let warm = Scenario {
        warm_up: 200.0,
        horizon: 400.0,
        ..cold.clone()
    };
    let settings = Settings {
        replications: 200,
        ..Settings::default()
    };
    let wait = |scenario: &Scenario| run(scenario, &settings).unwrap().lines[0].mean_wait;
    within_four_errors(wait(&warm), exact.mean_wait, "warm");
    let cold = wait(&cold).unwrap();
    assert!(cold.interval.upper < 0.9 * exact.mean_wait);
}

#[test]
fn quantiles_of_the_wait_are_right_to_their_bins() {
    let found = run_once(
        &scenario(vec![waiting(101)], vec![steady(1, &[0])], 1e4),
        0,
        0,
    )
    .unwrap();
    let waits = &found.lines[0].waits;
    assert_eq!(waits.count(), 101);
    for (share, exact) in [(0.5, 100.0), (0.9, 180.0), (0.95, 190.0)] {
        close(waits.quantile(share).unwrap(), exact, 0.03, "quantile");
    }
    assert_eq!(waits.quantile(0.0), Some(0.0));
    assert_eq!(waits.quantile(1.5), None);
    assert_eq!(LineRun::default().waits.quantile(0.5), None);
}

#[test]
fn what_cannot_be_simulated_is_refused() {
    let good = scenario(vec![waiting(1)], vec![steady(1, &[0])], 10.0);
    let refused = |change: &dyn Fn(&mut Scenario)| {
        let mut scenario = good.clone();
        change(&mut scenario);
        run_once(&scenario, 0, 0).unwrap_err()
    };
    assert!(run_once(&good, 0, 0).is_ok());
    refused(&|s| s.lines.clear());
    refused(&|s| s.groups.clear());
    refused(&|s| s.horizon = f64::INFINITY);
    refused(&|s| s.warm_up = 10.0);
    refused(&|s| s.report_every = Some(0.0));
    refused(&|s| s.groups[0].lines.push(1));
    refused(&|s| s.groups[0].servers.values.clear());
    refused(&|s| s.lines[0].target = f64::NAN);
    refused(&|s| s.lines[0].handling = Distribution::Empirical(vec![]));
    refused(&|s| {
        s.lines[0].passes_on = vec![Onward {
            line: 0,
            share: 0.1,
        }];
    });
    refused(&|s| s.lines[0].arrivals = Schedule::steady(-1.0));
    let too_many = refused(&|s| s.lines[0].arrivals = Schedule::steady(1e9));
    assert_eq!(too_many, Unanswerable::Overflow);
    let one = Settings {
        replications: 1,
        ..Settings::default()
    };
    assert!(matches!(run(&good, &one), Err(Unanswerable::TooFew { .. })));
    assert_eq!(estimate(&[1.0], 0.95), None);
    assert_eq!(estimate(&[1.0, f64::NAN], 0.95), None);
}

fn conserved(run: &Run) {
    for line in &run.lines {
        let accounted =
            line.answered + line.abandoned + line.call_backs_accepted + line.waiting_at_end;
        assert_eq!(line.offered, accounted);
        assert!(line.within_target <= line.answered && line.redials <= line.offered);
        assert!(line.call_backs_made <= line.call_backs_accepted);
        assert_eq!(line.waits.count(), line.answered);
        assert!(line.wait >= line.wait_answered && line.wait_answered >= 0.0);
        if !line.intervals.is_empty() {
            let offered: u64 = line.intervals.iter().map(|counts| counts.offered).sum();
            let wait: f64 = line.intervals.iter().map(|counts| counts.wait).sum();
            assert_eq!(offered, line.offered);
            close(wait, line.wait, 1e-9, "wait by interval");
        }
    }
}

#[test]
fn nobody_is_lost_on_the_way() {
    for replication in 0..20 {
        let found = run_once(&everything(), 9, replication).unwrap();
        conserved(&found);
        let line = &found.lines[1];
        assert!(line.redials > 0 && line.call_backs_made > 0 && line.abandoned > 0);
    }
}

fn scaled(distribution: &Distribution, by: f64) -> Distribution {
    match distribution.clone() {
        Distribution::Constant(time) => Distribution::Constant(time * by),
        Distribution::Exponential { mean } => exponential(mean * by),
        Distribution::Lognormal { mean, sd } => Distribution::Lognormal {
            mean: mean * by,
            sd: sd * by,
        },
        Distribution::Weibull { scale, shape } => Distribution::Weibull {
            scale: scale * by,
            shape,
        },
        Distribution::Gamma { mean, shape } => Distribution::Gamma {
            mean: mean * by,
            shape,
        },
        Distribution::Empirical(times) => {
            Distribution::Empirical(times.iter().map(|time| time * by).collect())
        }
    }
}

#[test]
fn the_unit_of_time_does_not_matter() {
    let by = 0.25;
    let mut other = everything();
    other.horizon *= by;
    other.warm_up *= by;
    other.report_every = other.report_every.map(|length| length * by);
    for line in &mut other.lines {
        line.arrivals.interval *= by;
        line.arrivals.values.iter_mut().for_each(|rate| *rate /= by);
        line.handling = scaled(&line.handling, by);
        line.wrap_up = line.wrap_up.as_ref().map(|times| scaled(times, by));
        line.patience = line.patience.as_ref().map(|times| scaled(times, by));
        line.target *= by;
        if let Some(redial) = &mut line.redial {
            redial.delay = scaled(&redial.delay, by);
        }
        if let Some(offer) = &mut line.call_back {
            offer.after *= by;
        }
    }
    for group in &mut other.groups {
        group.servers.interval *= by;
    }
    let (one, other) = (
        run_once(&everything(), 4, 0).unwrap(),
        run_once(&other, 4, 0).unwrap(),
    );
    for (one, other) in one.lines.iter().zip(&other.lines) {
        assert_eq!(
            (one.offered, one.answered, one.abandoned, one.redials),
            (
                other.offered,
                other.answered,
                other.abandoned,
                other.redials
            )
        );
        close(other.wait, one.wait * by, 1e-9, "wait");
    }
}

fn any_time() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => 0.0..5.0_f64,
        1 => prop::sample::select(vec![
            0.0, -0.0, -1.0, 1e-300, 1e300, f64::NAN, f64::INFINITY, f64::MIN_POSITIVE,
        ]),
    ]
}

fn any_distribution() -> impl Strategy<Value = Distribution> {
    prop_oneof![
        any_time().prop_map(Distribution::Constant),
        any_time().prop_map(exponential),
        (any_time(), any_time()).prop_map(|(mean, sd)| Distribution::Lognormal { mean, sd }),
        (any_time(), any_time()).prop_map(|(scale, shape)| Distribution::Weibull { scale, shape }),
        (any_time(), any_time()).prop_map(|(mean, shape)| Distribution::Gamma { mean, shape }),
        prop::collection::vec(any_time(), 0..3).prop_map(Distribution::Empirical),
    ]
}

prop_compose! {
    fn any_line()(
        values in prop::collection::vec(any_time(), 0..4),
        interval in any_time(),
        handling in any_distribution(),
        wrap_up in prop::option::of(any_distribution()),
        patience in prop::option::of(any_distribution()),
        target in any_time(),
        priority in 0_u32..3,
        redial in prop::option::of((prop_oneof![0.0..0.9_f64, any_time()], any_distribution())),
        call_back in prop::option::of((any_time(), any_time())),
        onward in prop::option::of((0_usize..3, any_time())),
        waiting_at_start in 0_u32..20,
    ) -> Line {
        Line {
            wrap_up,
            patience,
            target,
            priority,
            redial: redial.map(|(share, delay)| Redial { share, delay }),
            call_back: call_back.map(|(after, accepted)| CallBack { after, accepted }),
            passes_on: onward.map(|(line, share)| Onward { line, share }).into_iter().collect(),
            waiting_at_start,
            ..Line::new(Schedule { values, interval }, handling)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_scenario_whatever_makes_it_panic_or_lose_anybody(
        lines in prop::collection::vec(any_line(), 0..3),
        groups in prop::collection::vec(
            (prop::collection::vec(0_u32..6, 0..4), any_time(), prop::collection::vec(0_usize..3, 0..4)),
            0..3,
        ),
        horizon in prop_oneof![3 => 1.0..50.0_f64, 1 => any_time()],
        warm_up in prop_oneof![3 => Just(0.0), 1 => any_time()],
        report_every in prop::option::of(any_time()),
    ) {
        let groups = groups.into_iter().map(|(values, interval, lines)| Group {
            servers: Schedule { values, interval },
            lines,
        });
        let scenario = Scenario {
            lines,
            groups: groups.collect(),
            horizon,
            warm_up,
            report_every,
        };
        if let Ok(found) = run_once(&scenario, 0, 0) {
            conserved(&found);
        }
    }

    #[test]
    fn one_more_handler_never_makes_those_wait_longer_who_wait_for_ever(
        rate in 0.5..5.0_f64,
        mean in 0.2..3.0_f64,
        servers in 1_u32..8,
        seed in any::<u64>(),
    ) {
        let line = Line {
            target: 0.3,
            ..Line::new(Schedule::steady(rate), Distribution::Lognormal { mean, sd: mean })
        };
        let with = |servers: u32| {
            let scenario = scenario(vec![line.clone()], vec![steady(servers, &[0])], 50.0);
            run_once(&scenario, seed, 0).unwrap().lines.remove(0)
        };
        let (few, more) = (with(servers), with(servers + 1));
        prop_assert_eq!(few.offered, more.offered);
        prop_assert!(more.waiting_at_end <= few.waiting_at_end);
        prop_assert!(more.within_target >= few.within_target);
        prop_assert!(more.waited <= few.waited);
        if few.waiting_at_end == 0 {
            prop_assert!(more.wait <= few.wait + 1e-9);
        }
    }
}

/// The worked example of the documentation: urgent calls before ordinary ones, minutes.
fn control_room(groups: Vec<Group>) -> Scenario {
    let urgent = Line {
        target: 10.0 / 60.0,
        ..Line::new(
            Schedule::steady(0.35),
            Distribution::Lognormal { mean: 6.0, sd: 5.0 },
        )
    };
    let ordinary = Line {
        priority: 1,
        patience: Some(Distribution::Weibull {
            scale: 5.0,
            shape: 0.8,
        }),
        target: 1.0,
        redial: Some(Redial {
            share: 0.5,
            delay: exponential(10.0),
        }),
        ..Line::new(
            Schedule {
                values: vec![0.4, 1.2, 1.0],
                interval: 480.0,
            },
            Distribution::Lognormal { mean: 8.0, sd: 6.0 },
        )
    };
    Scenario {
        warm_up: 1440.0,
        ..scenario(vec![urgent, ordinary], groups, 4.0 * 1440.0)
    }
}

fn shifts(values: [u32; 3], lines: &[usize]) -> Group {
    Group {
        servers: Schedule {
            values: values.to_vec(),
            interval: 480.0,
        },
        lines: lines.to_vec(),
    }
}

#[test]
fn the_worked_example_holds() {
    let pooled = control_room(vec![shifts([7, 12, 11], &[0, 1])]);
    let apart = control_room(vec![shifts([2, 2, 2], &[0]), shifts([5, 10, 9], &[0, 1])]);
    let settings = Settings {
        replications: 40,
        seed: 2024,
        ..Settings::default()
    };
    let found = run(&pooled, &settings).unwrap();
    // Lower end, mean and upper end in thousandths.
    let shown = |estimate: Option<Estimate>| {
        let estimate = estimate.unwrap();
        let ends = [
            estimate.interval.lower,
            estimate.mean,
            estimate.interval.upper,
        ];
        ends.map(|value| (value * 1000.0).round() as i64)
    };
    let [urgent, ordinary] = &found.lines[..] else {
        panic!("two lines")
    };
    assert_eq!(shown(urgent.service_level), [624, 633, 641]);
    assert_eq!(shown(urgent.mean_wait), [372, 387, 402]);
    assert_eq!(shown(ordinary.service_level), [640, 649, 658]);
    assert_eq!(shown(ordinary.abandonment), [163, 167, 171]);
    assert_eq!(shown(ordinary.wait_quantile), [3047, 3130, 3212]);
    assert_eq!(shown(found.groups[0].occupancy), [837, 840, 844]);
    let changes = difference(&pooled, &apart, &settings).unwrap();
    assert_eq!(shown(changes[0].service_level), [130, 135, 140]);
    assert_eq!(shown(changes[1].service_level), [-99, -96, -93]);
    assert_eq!(shown(changes[1].abandonment), [45, 47, 48]);
}
