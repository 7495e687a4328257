use peelian_stats::Unanswerable;
use peelian_stats::spc::small_shift::{CusumSettings, EwmaSettings, Process, Shift, cusum, ewma};
use proptest::prelude::*;

use super::{normals, random, some};
use crate::goldens::close;

/// Montgomery's example: 20 values around 10, then 10 around 11.
const TEXTBOOK: [f64; 30] = [
    9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.20, 10.34, 9.03, 11.47, 10.51, 9.40,
    10.08, 9.37, 10.62, 10.31, 8.52, 10.84, 10.90, 9.33, 12.29, 11.50, 10.60, 11.08, 10.38, 11.62,
    11.31, 10.52,
];
const KNOWN: Process = Process {
    mean: 10.0,
    sigma: 1.0,
};
const STANDARD: Process = Process {
    mean: 0.0,
    sigma: 1.0,
};

#[test]
fn the_textbook_cusum_signals_at_the_29th_value_and_dates_the_shift() {
    let chart = cusum(&some(&TEXTBOOK), KNOWN, CusumSettings::default()).unwrap();
    let first = chart
        .iter()
        .position(|p| p.unwrap().signal.is_some())
        .unwrap();
    assert_eq!(first + 1, 29);
    let point = chart[first].unwrap();
    close(point.up, 5.28, 1e-9, "C+ at 29");
    assert_eq!(point.signal, Some(Shift::Up));
    // Above 0 for seven values: since the 23rd.
    assert_eq!(point.since, Some(22));
    close(chart[1].unwrap().down, 1.56, 1e-9, "C- at 2");
}

#[test]
fn the_ewma_of_the_same_values_signals_at_the_29th_too() {
    let settings = EwmaSettings {
        weight: 0.1,
        width: 2.7,
    };
    let chart = ewma(&some(&TEXTBOOK), KNOWN, settings).unwrap();
    let first = chart.iter().position(|p| p.unwrap().signal.is_some());
    assert_eq!(first, Some(28));
    close(chart[0].unwrap().average, 9.945, 1e-12, "z1");
    close(chart[1].unwrap().average, 9.7495, 1e-12, "z2");
    // Done apart: 10.5731 at 28, 10.6468 at 29.
    for (place, average) in [(27, 10.5731), (28, 10.6468)] {
        let ours = chart[place].unwrap().average;
        assert!((ours - average).abs() < 5e-5, "{place}: {ours}");
    }
    let limits = chart[0].unwrap().limits;
    close(limits.upper, 10.27, 1e-12, "first limit");
    // In the long run 10.62.
    let long = chart[29].unwrap().limits.upper;
    assert!((long - 10.62).abs() < 0.005, "{long}");
    let formula = 2.7 * (0.1 / 1.9 * (1.0 - 0.9_f64.powi(60))).sqrt();
    close(long, 10.0 + formula, 1e-12, "limit at 30");
}

/// Mean number of values until a signal.
fn run_length(shift: f64, runs: u32, signal: impl Fn(&[Option<f64>]) -> Option<usize>) -> f64 {
    let mut random = random(5);
    let mut total = 0.0;
    for _ in 0..runs {
        let mut seen = 400;
        let mut values = normals(&mut random, seen, 0.0);
        total += loop {
            let shifted: Vec<_> = values.iter().map(|v| Some(v + shift)).collect();
            if let Some(place) = signal(&shifted) {
                break place as f64 + 1.0;
            }
            values.extend(normals(&mut random, seen, 0.0));
            seen *= 2;
        };
    }
    total / f64::from(runs)
}

#[test]
fn cusum_run_lengths_are_the_published_ones() {
    // Montgomery's table for k = 0.5 and h = 4: 168 without a shift, 8.38 with one of σ.
    let settings = CusumSettings {
        decision: 4.0,
        ..CusumSettings::default()
    };
    let signal = |values: &[Option<f64>]| {
        let chart = cusum(values, STANDARD, settings).unwrap();
        chart.iter().position(|p| p.unwrap().signal.is_some())
    };
    let steady = run_length(0.0, 2_000, signal);
    assert!(
        (steady - 168.0).abs() < 4.0 * 168.0 / 2_000_f64.sqrt(),
        "{steady}"
    );
    let shifted = run_length(1.0, 2_000, signal);
    assert!((shifted - 8.38).abs() < 0.5, "{shifted}");
}

#[test]
fn ewma_run_lengths_are_the_published_ones() {
    // Lucas and Saccucci, λ = 0.2 and L = 2.962: 500 without a shift; with one of σ 10.5 under
    // limits of full width, and fewer under limits that are narrower at the start.
    let signal = |values: &[Option<f64>]| {
        let chart = ewma(values, STANDARD, EwmaSettings::default()).unwrap();
        chart.iter().position(|p| p.unwrap().signal.is_some())
    };
    let steady = run_length(0.0, 1_000, signal);
    assert!(
        (steady - 500.0).abs() < 4.0 * 500.0 / 1_000_f64.sqrt(),
        "{steady}"
    );
    let shifted = run_length(1.0, 2_000, signal);
    assert!((8.5..10.5).contains(&shifted), "{shifted}");
}

#[test]
fn a_head_start_sees_a_process_that_is_off_from_the_first_sooner() {
    let off = some(&[1.0; 20]);
    let first = |head_start| {
        let settings = CusumSettings {
            head_start,
            ..CusumSettings::default()
        };
        let chart = cusum(&off, STANDARD, settings).unwrap();
        chart
            .iter()
            .position(|p| p.unwrap().signal.is_some())
            .unwrap()
    };
    assert_eq!((first(0.0), first(0.5)), (10, 5));
}

#[test]
fn both_wait_at_a_missing_value() {
    let full = some(&TEXTBOOK[20..]);
    let mut gap = full.clone();
    gap.insert(4, None);
    gap.insert(6, Some(f64::NAN));
    let there = |points: Vec<Option<_>>| points.into_iter().flatten().collect::<Vec<_>>();
    let settings = EwmaSettings::default();
    assert_eq!(
        there(ewma(&gap, KNOWN, settings).unwrap()),
        there(ewma(&full, KNOWN, settings).unwrap())
    );
    let heights = |values: &[Option<f64>]| -> Vec<_> {
        let chart = cusum(values, KNOWN, CusumSettings::default()).unwrap();
        chart.iter().flatten().map(|p| (p.up, p.down)).collect()
    };
    assert_eq!(heights(&gap), heights(&full));
}

#[test]
fn the_process_is_that_of_its_baseline() {
    let process = Process::of(&some(&[1.0, 2.0, 1.0, 2.0]), true).unwrap();
    assert_eq!((process.mean, process.sigma), (1.5, 1.0 / 1.128));
    let too_few = |values: &[Option<f64>]| Process::of(values, true).unwrap_err();
    for isolated in [&[][..], &[Some(1.0)], &[Some(1.0), None, Some(2.0)]] {
        assert!(matches!(
            too_few(isolated),
            Unanswerable::TooFew { need: 2, .. }
        ));
    }
    assert_eq!(too_few(&some(&[4.0; 9])), Unanswerable::Constant);
    assert_eq!(
        too_few(&some(&[f64::MAX, f64::MIN])),
        Unanswerable::Overflow
    );
}

#[test]
fn settings_out_of_range_are_refused() {
    let values = some(&[1.0]);
    for (weight, width) in [
        (0.0, 3.0),
        (1.1, 3.0),
        (f64::NAN, 3.0),
        (0.2, 0.0),
        (0.2, f64::NAN),
    ] {
        let refused = ewma(&values, STANDARD, EwmaSettings { weight, width });
        assert!(
            matches!(refused, Err(Unanswerable::Invalid(_))),
            "{weight} {width}"
        );
    }
    for (slack, decision, head_start) in [
        (-0.1, 5.0, 0.0),
        (0.5, 0.0, 0.0),
        (0.5, f64::NAN, 0.0),
        (0.5, 5.0, 1.0),
    ] {
        let settings = CusumSettings {
            slack,
            decision,
            head_start,
        };
        let refused = cusum(&values, STANDARD, settings);
        assert!(
            matches!(refused, Err(Unanswerable::Invalid(_))),
            "{settings:?}"
        );
    }
    for sigma in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let process = Process { mean: 0.0, sigma };
        assert!(ewma(&values, process, EwmaSettings::default()).is_err());
        assert!(cusum(&values, process, CusumSettings::default()).is_err());
    }
}

proptest! {
    #[test]
    fn any_input_gives_finite_points_or_a_reason(
        values in prop::collection::vec(prop::option::of(prop::num::f64::ANY), 0..40),
        mean in prop::num::f64::ANY,
        sigma in prop::num::f64::ANY,
        weight in prop_oneof![prop::num::f64::ANY, 0.01..1.0_f64],
        width in prop_oneof![prop::num::f64::ANY, 0.1..5.0_f64],
    ) {
        let _ = Process::of(&values, true);
        let process = Process { mean, sigma };
        if let Ok(points) = ewma(&values, process, EwmaSettings { weight, width }) {
            prop_assert_eq!(points.len(), values.len());
            for point in points.iter().flatten() {
                prop_assert!(point.average.is_finite());
                prop_assert!(point.limits.lower.is_finite() && point.limits.upper.is_finite());
            }
        }
        let settings = CusumSettings { slack: weight, decision: width, head_start: 0.5 };
        if let Ok(points) = cusum(&values, process, settings) {
            prop_assert_eq!(points.len(), values.len());
            for point in points.iter().flatten() {
                prop_assert!(point.up >= 0.0 && point.up.is_finite());
                prop_assert!(point.down >= 0.0 && point.down.is_finite());
            }
        }
    }

    #[test]
    fn a_chart_turned_upside_down_has_its_signals_turned(
        values in prop::collection::vec(-30..30_i32, 1..60),
    ) {
        let up: Vec<_> = values.iter().map(|&v| Some(f64::from(v) / 10.0)).collect();
        let down: Vec<_> = values.iter().map(|&v| Some(-f64::from(v) / 10.0)).collect();
        let settings = CusumSettings::default();
        let (up, down) = (
            cusum(&up, STANDARD, settings).unwrap(),
            cusum(&down, STANDARD, settings).unwrap(),
        );
        for (a, b) in up.iter().flatten().zip(down.iter().flatten()) {
            prop_assert_eq!((a.up, a.down), (b.down, b.up));
        }
    }
}
