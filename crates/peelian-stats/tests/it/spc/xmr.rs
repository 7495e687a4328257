use std::cmp::Ordering;

use peelian_stats::spc::xmr::{
    Assurance, Limits, Point, Rule, Settings, SpecialCause, TrendEnd, TwoInThree, Xmr, assurance,
    xmr,
};
use proptest::prelude::*;

fn plain(values: &[f64]) -> Xmr {
    let values: Vec<_> = values.iter().copied().map(Some).collect();
    xmr(&values, &[], None, &Settings::default())
}

#[test]
fn the_published_vignette_gives_its_screened_and_unscreened_limits() {
    let mut values = [Some(1.0), Some(2.0)].repeat(9);
    values.insert(4, Some(10.0));
    values.pop();
    let screened = xmr(&values, &[], None, &Settings::default())
        .segments
        .remove(0);
    let unscreened = Settings {
        screen: false,
        ..Settings::default()
    };
    let unscreened = xmr(&values, &[], None, &unscreened).segments.remove(0);
    let round = |limits: Limits| {
        [
            limits.mean,
            limits.mean_moving_range,
            limits.upper,
            limits.lower,
        ]
        .map(|value| (value * 1e4).round() / 1e4)
    };
    assert_eq!(round(screened), [1.9444, 1.0, 4.6044, -0.7156]);
    assert_eq!(round(unscreened), [1.9444, 1.8824, 6.9515, -3.0626]);
}

#[test]
fn a_missing_value_breaks_moving_ranges_and_runs() {
    let gap = [Some(1.0), Some(3.0), None, Some(9.0), Some(7.0)];
    let chart = xmr(&gap, &[], None, &Settings::default());
    assert_eq!(chart.segments[0].mean_moving_range, 2.0);
    assert_eq!(chart.segments[0].n, 4);
    assert_eq!(chart.points[2], None);

    let rise: Vec<_> = (0..13).map(|i| (i != 6).then_some(f64::from(i))).collect();
    let chart = xmr(&rise, &[], None, &Settings::default());
    let rules = |chart: &Xmr, rule| {
        chart
            .points
            .iter()
            .flatten()
            .filter(|p| p.special.is_some_and(|s| s.rule == rule))
            .count()
    };
    assert_eq!(rules(&chart, Rule::Trend), 0);
    assert_eq!(rules(&chart, Rule::Shift), 0);
    let settings = Settings {
        shift: 6,
        trend: 6,
        ..Settings::default()
    };
    assert!(rules(&xmr(&rise, &[], None, &settings), Rule::Trend) > 0);
}

#[test]
fn not_a_number_and_infinity_are_missing() {
    let strange = [
        Some(1.0),
        Some(f64::NAN),
        Some(2.0),
        Some(f64::INFINITY),
        Some(3.0),
    ];
    let missing = [Some(1.0), None, Some(2.0), None, Some(3.0)];
    let points = |values: &[_]| xmr(values, &[], None, &Settings::default()).points;
    assert_eq!(points(&strange), points(&missing));
}

#[test]
fn a_rebase_starts_limits_and_runs_afresh() {
    let values: Vec<_> = (0..12).map(|i| Some(f64::from(i))).collect();
    let chart = xmr(&values, &[6, 6, 99, 0], None, &Settings::default());
    let ranges: Vec<_> = chart
        .segments
        .iter()
        .map(|limits| limits.range.clone())
        .collect();
    assert_eq!(ranges, [0..6, 6..12]);
    assert_eq!(chart.segments[1].mean, 8.5);
    let trend = |point: &Point| point.special.is_some_and(|s| s.rule == Rule::Trend);
    assert!(!chart.points.iter().flatten().any(trend));
}

#[test]
fn limits_from_fewer_than_twelve_values_are_trial_limits() {
    let wave: Vec<f64> = (0..12).map(|i| f64::from(i % 3)).collect();
    assert!(plain(&wave[..11]).segments[0].trial);
    assert!(!plain(&wave).segments[0].trial);
    let values: Vec<_> = wave.iter().copied().map(Some).collect();
    let fixed = xmr(&values, &[], Some(6), &Settings::default());
    assert!(fixed.segments[0].trial);
    assert_eq!(fixed.segments[0].n, 6);
}

#[test]
fn too_little_data_gives_no_limits_and_no_alarm() {
    assert!(plain(&[]).segments.is_empty());
    let isolated = [Some(1.0), None, Some(900.0), None, Some(3.0)];
    for chart in [
        plain(&[7.0]),
        xmr(&isolated, &[], None, &Settings::default()),
    ] {
        assert!(!chart.segments[0].known());
        assert!(
            chart
                .points
                .iter()
                .flatten()
                .all(|point| point.special.is_none() && !point.near)
        );
        assert_eq!(
            assurance(&chart.segments[0], 5.0, true),
            Assurance::HitAndMiss
        );
    }
    let empty_segment = xmr(
        &[Some(1.0), Some(2.0), None, None],
        &[2],
        None,
        &Settings::default(),
    );
    assert_eq!(empty_segment.segments.len(), 2);
    assert_eq!(empty_segment.segments[1].n, 0);
}

#[test]
fn a_constant_series_has_its_mean_for_limits() {
    let chart = plain(&[0.1; 15]);
    assert_eq!(
        (chart.segments[0].lower, chart.segments[0].upper),
        (0.1, 0.1)
    );
    assert!(
        chart
            .points
            .iter()
            .flatten()
            .all(|point| point.special.is_none())
    );
    assert!(
        chart
            .points
            .iter()
            .flatten()
            .all(|point| point.side == Ordering::Equal)
    );
}

#[test]
fn a_turning_point_belongs_to_the_trend_that_leaves_it() {
    let tent: Vec<f64> = (0..13).map(|i| f64::from(6 - i32::abs(i - 6))).collect();
    let values: Vec<_> = tent.iter().copied().map(Some).collect();
    // A wide baseline keeps every point within the limits.
    let noisy: Vec<_> = [Some(-50.0), Some(50.0)]
        .repeat(10)
        .into_iter()
        .chain(values)
        .collect();
    let chart = xmr(&noisy, &[], Some(20), &Settings::default());
    let top = chart.points[26].unwrap().special.unwrap();
    assert_eq!(
        top,
        SpecialCause {
            rule: Rule::Trend,
            high: false
        }
    );
    assert!(chart.points[25].unwrap().special.unwrap().high);
}

#[test]
fn the_top_of_a_rise_is_rising_even_where_another_rise_follows_at_once() {
    let two_rises = (0..14).map(|i| Some(f64::from(i % 7)));
    let noisy = [Some(-50.0), Some(50.0)].repeat(10);
    let values: Vec<_> = noisy.into_iter().chain(two_rises).collect();
    let chart = xmr(&values, &[], Some(20), &Settings::default());
    for point in &chart.points[21..] {
        let rising = SpecialCause {
            rule: Rule::Trend,
            high: true,
        };
        assert_eq!(point.unwrap().special, Some(rising));
    }
}

#[test]
fn the_last_point_of_a_trend_can_be_named_by_the_step_after_it() {
    let noisy = [Some(-50.0), Some(50.0)].repeat(10);
    let after = |tail: Vec<f64>| {
        let values: Vec<_> = noisy
            .iter()
            .copied()
            .chain(tail.into_iter().map(Some))
            .collect();
        let settings = Settings {
            trend_end: TrendEnd::NextStep,
            ..Settings::default()
        };
        let chart = xmr(&values, &[], Some(20), &settings);
        let highs = chart.points[21..]
            .iter()
            .map(|p| p.unwrap().special.unwrap().high);
        highs.collect::<Vec<_>>()
    };
    // A rise, a drop and a rise: the first top reads as falling.
    let two_rises = after((0..14).map(|i| f64::from(i % 7)).collect());
    let falling = |highs: &[bool]| highs.iter().filter(|high| !**high).count();
    assert_eq!((falling(&two_rises), two_rises[5]), (1, false));
    // A rise, two equal tops and a fall: the same.
    let plateau = after((0..14).map(|i| f64::from(i.min(13 - i))).collect());
    assert_eq!((falling(&plateau), plateau[5]), (8, false));
    // A fall, a leap and a fall: the first bottom reads as rising.
    let two_falls = after((0..14).map(|i| f64::from(-(i % 7))).collect());
    assert_eq!((falling(&two_falls), two_falls[5]), (12, true));
}

#[test]
fn the_latest_point_is_the_last_with_a_value() {
    let chart = xmr(
        &[Some(1.0), Some(3.0), None],
        &[],
        None,
        &Settings::default(),
    );
    assert_eq!(chart.latest().unwrap().side, Ordering::Greater);
    assert!(
        xmr(&[None], &[], None, &Settings::default())
            .latest()
            .is_none()
    );
}

#[test]
fn fixed_limits_come_from_the_first_places_and_judge_all_points() {
    let values = [Some(1.0), None, Some(2.0), Some(3.0), Some(100.0)];
    let chart = xmr(&values, &[], Some(4), &Settings::default());
    let limits = &chart.segments[0];
    assert_eq!(
        (limits.n, limits.mean, limits.mean_moving_range),
        (3, 2.0, 1.0)
    );
    let outside = chart.points[4].unwrap().special.unwrap();
    assert_eq!(outside.rule, Rule::OutsideLimits);
}

#[test]
fn a_target_beyond_a_limit_passes_or_fails_by_direction() {
    let limits = plain(&[1.0, 2.0, 1.0, 2.0, 1.0, 2.0]).segments.remove(0);
    assert_eq!(
        assurance(&limits, 100.0, true),
        Assurance::ConsistentlyFails
    );
    assert_eq!(
        assurance(&limits, 100.0, false),
        Assurance::ConsistentlyPasses
    );
    assert_eq!(
        assurance(&limits, -100.0, true),
        Assurance::ConsistentlyPasses
    );
    assert_eq!(
        assurance(&limits, -100.0, false),
        Assurance::ConsistentlyFails
    );
    assert_eq!(
        assurance(&limits, limits.upper, true),
        Assurance::HitAndMiss
    );
}

pub(super) fn any_settings() -> impl Strategy<Value = Settings> {
    let two_in_three = prop_oneof![
        Just(TwoInThree::BeyondLimitCounts),
        Just(TwoInThree::NearZoneOnly)
    ];
    let trend_end = prop_oneof![Just(TrendEnd::OwnTrend), Just(TrendEnd::NextStep)];
    (
        0..20_usize,
        0..20_usize,
        any::<bool>(),
        two_in_three,
        trend_end,
    )
        .prop_map(|(shift, trend, screen, two_in_three, trend_end)| Settings {
            shift,
            trend,
            screen,
            two_in_three,
            trend_end,
        })
}

proptest! {
    #[test]
    fn any_input_gives_a_chart_of_its_length(
        values in prop::collection::vec(prop::option::of(prop::num::f64::ANY), 0..60),
        starts in prop::collection::vec(prop_oneof![0..70_usize, Just(usize::MAX)], 0..5),
        baseline in prop::option::of(prop_oneof![0..70_usize, Just(usize::MAX)]),
        settings in any_settings(),
        target in prop::num::f64::ANY,
    ) {
        let chart = xmr(&values, &starts, baseline, &settings);
        prop_assert_eq!(chart.points.len(), values.len());
        for (value, point) in values.iter().zip(&chart.points) {
            prop_assert_eq!(value.is_some_and(f64::is_finite), point.is_some());
        }
        for limits in &chart.segments {
            assurance(limits, target, true);
        }
    }

    #[test]
    fn limits_contain_the_mean_and_segments_cover_the_values(
        values in prop::collection::vec(prop::option::of(-1e12..1e12_f64), 1..60),
        starts in prop::collection::vec(0..70_usize, 0..5),
    ) {
        let chart = xmr(&values, &starts, None, &Settings::default());
        let mut next = 0;
        for limits in &chart.segments {
            prop_assert_eq!(limits.range.start, next);
            next = limits.range.end;
            if limits.known() {
                prop_assert!(limits.lower <= limits.mean && limits.mean <= limits.upper);
            }
        }
        prop_assert_eq!(next, values.len());
    }

    #[test]
    fn a_chart_turned_upside_down_has_its_signals_turned(
        values in prop::collection::vec(prop::option::weighted(0.9, 0..40_i32), 1..60),
    ) {
        let up: Vec<_> = values.iter().map(|v| v.map(f64::from)).collect();
        let down: Vec<_> = up.iter().map(|v| v.map(|v| -v)).collect();
        let (up, down) = (
            xmr(&up, &[], None, &Settings::default()),
            xmr(&down, &[], None, &Settings::default()),
        );
        for (a, b) in up.points.iter().zip(&down.points) {
            let turned = b.map(|point| Point {
                side: point.side.reverse(),
                special: point.special.map(|s| SpecialCause { high: !s.high, ..s }),
                ..point
            });
            prop_assert_eq!(*a, turned);
        }
    }
}
