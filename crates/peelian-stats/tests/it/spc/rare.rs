use std::cmp::Ordering;

use peelian_stats::Unanswerable;
use peelian_stats::spc::rare::{g, t};
use peelian_stats::spc::xmr::{Rule, Settings};
use proptest::prelude::*;
use rand_distr::{Distribution, Exp1};

use super::xmr::any_settings;
use super::{random, some};
use crate::goldens::close;

#[test]
fn a_g_chart_has_limits_about_the_mean_and_runs_about_the_median() {
    let cases = some(&[10.0, 3.0, 25.0, 0.0, 12.0]);
    let chart = g(&cases, &[], None, &Settings::default()).unwrap();
    let limits = chart.points[0].unwrap().limits.unwrap();
    assert_eq!(chart.segments[0].centre, Some(10.0));
    close(
        limits.upper,
        10.0 + 3.0 * 110.0_f64.sqrt(),
        1e-14,
        "upper limit",
    );
    assert!((limits.upper - 41.46).abs() < 0.005, "{limits:?}");
    assert_eq!(limits.lower, 0.0);
    assert_eq!(chart.segments[0].runs.unwrap().useful, 4);
}

#[test]
fn a_t_chart_is_the_chart_of_the_roots_taken_back() {
    // Roots 1, 2, 3, 2, 1, 2: mean 11/6, mean moving range 1.
    let times = some(&[1.0, 2.0, 3.0, 2.0, 1.0, 2.0].map(|root: f64| root.powf(3.6)));
    let chart = t(&times, &[], None, &Settings::default()).unwrap();
    let limits = chart.points[0].unwrap().limits.unwrap();
    close(
        chart.segments[0].centre.unwrap(),
        (11.0_f64 / 6.0).powf(3.6),
        1e-12,
        "centre",
    );
    close(
        limits.upper,
        (11.0_f64 / 6.0 + 3.0 / 1.128).powf(3.6),
        1e-12,
        "upper limit",
    );
    assert!((chart.segments[0].centre.unwrap() - 8.86).abs() < 0.005);
    assert!((limits.upper - 223.4).abs() < 0.05, "{limits:?}");
    assert_eq!(limits.lower, 0.0);
}

#[test]
fn random_events_fall_outside_a_t_chart_about_as_often_as_normal_values() {
    let mut random = random(3);
    let mut flagged = 0;
    for _ in 0..300 {
        let times: Vec<_> = (0..50).map(|_| Some(Exp1.sample(&mut random))).collect();
        let chart = t(&times, &[], None, &Settings::default()).unwrap();
        flagged += chart
            .points
            .iter()
            .flatten()
            .filter(|p| p.outside())
            .count();
    }
    let share = f64::from(u32::try_from(flagged).unwrap()) / 15_000.0;
    assert!(share > 0.0 && share < 0.01, "{share}");
}

#[test]
fn a_long_quiet_time_is_a_signal_upwards() {
    let mut times = [3.0, 9.0, 5.0, 14.0, 2.0, 8.0, 6.0].repeat(3);
    times.push(200.0);
    let chart = t(&some(&times), &[], Some(21), &Settings::default()).unwrap();
    let special = chart.points[21].unwrap().special.unwrap();
    assert_eq!((special.rule, special.high), (Rule::OutsideLimits, true));
    let chart = g(&some(&times), &[], Some(21), &Settings::default()).unwrap();
    assert!(chart.points[21].unwrap().outside());
}

#[test]
fn equal_times_lie_on_the_line_and_none_is_outside() {
    let chart = t(&some(&[5.3; 20]), &[], None, &Settings::default()).unwrap();
    let points = chart.points.iter().flatten();
    for point in points {
        assert_eq!((point.side, point.special), (Ordering::Equal, None));
        assert_eq!(point.value, 5.3);
    }
}

#[test]
fn a_baseline_and_segments_work_together() {
    let times = some(&[1.0, 2.0, 1.0, 2.0, 10.0, 20.0, 10.0, 20.0, 90.0]);
    for chart in [
        t(&times, &[4], Some(4), &Settings::default()).unwrap(),
        g(&times, &[4], Some(4), &Settings::default()).unwrap(),
    ] {
        assert_eq!(chart.segments.len(), 2);
        assert_eq!(chart.segments[1].n, 4);
        let centre = chart.segments[1].centre.unwrap();
        assert!((10.0..20.0).contains(&centre), "{centre}");
    }
}

#[test]
fn what_cannot_be_charted_is_refused_with_the_rule() {
    for chart in [g, t] {
        let refused = |values: &[Option<f64>]| chart(values, &[], None, &Settings::default());
        assert!(matches!(
            refused(&[Some(-1.0)]),
            Err(Unanswerable::Invalid(_))
        ));
        for nothing in [&[][..], &[None, Some(f64::NAN)]] {
            assert!(matches!(
                refused(nothing),
                Err(Unanswerable::TooFew { have: 0, .. })
            ));
        }
    }
    let alone = t(&[Some(4.0)], &[], None, &Settings::default()).unwrap();
    assert_eq!(alone.points[0].unwrap().limits, None);
}

proptest! {
    #[test]
    fn any_input_gives_a_chart_or_a_reason(
        values in prop::collection::vec(
            prop::option::of(prop_oneof![prop::num::f64::ANY, 0.0..100.0_f64, Just(f64::MAX)]),
            0..40,
        ),
        starts in prop::collection::vec(0..50_usize, 0..4),
        baseline in prop::option::of(prop_oneof![0..50_usize, Just(usize::MAX)]),
        settings in any_settings(),
    ) {
        for chart in [g, t] {
            let Ok(chart) = chart(&values, &starts, baseline, &settings) else { continue };
            prop_assert_eq!(chart.points.len(), values.len());
            for point in chart.points.iter().flatten() {
                prop_assert!(point.value.is_finite());
                if let Some(limits) = point.limits {
                    prop_assert!(0.0 <= limits.lower && limits.lower <= limits.upper);
                }
            }
        }
    }

    #[test]
    fn the_unit_of_time_changes_the_figures_and_no_signal(
        days in prop::collection::vec(1..200_u32, 2..40),
    ) {
        let in_unit = |factor: f64| -> Vec<_> {
            days.iter().map(|&day| Some(f64::from(day) * factor)).collect()
        };
        let days = t(&in_unit(1.0), &[], None, &Settings::default()).unwrap();
        let hours = t(&in_unit(24.0), &[], None, &Settings::default()).unwrap();
        for (day, hour) in days.points.iter().flatten().zip(hours.points.iter().flatten()) {
            let (a, b) = (day.limits.unwrap(), hour.limits.unwrap());
            prop_assert!((a.upper * 24.0 - b.upper).abs() <= 1e-9 * b.upper);
            prop_assert!((a.lower * 24.0 - b.lower).abs() <= 1e-6 * b.upper);
        }
    }
}
