use std::cmp::Ordering;
use std::path::Path;

use peelian_stats::spc::xmr::{
    Assurance, Limits, Point, Rule, Settings, SpecialCause, TwoInThree, Xmr, assurance, xmr,
};
use proptest::prelude::*;
use serde::Deserialize;

use crate::goldens::{cases, close, json, rows};

#[derive(Deserialize)]
struct Params {
    improvement_direction: String,
    fix_after_n_points: Option<usize>,
    target: Option<f64>,
    screen_outliers: bool,
}

#[derive(Deserialize)]
struct Input {
    value: Option<f64>,
    #[serde(default)]
    rebase: Option<u8>,
}

#[derive(Deserialize)]
struct Expected {
    mean: Option<f64>,
    lpl: Option<f64>,
    upl: Option<f64>,
    rebase_group: usize,
    relative_to_mean: Option<i8>,
    close_to_limits: Option<String>,
    special_cause_type: String,
}

#[derive(Deserialize)]
struct RuleVariants {
    special_cause_type_legacy: String,
    special_cause_type_mdc: String,
}

#[derive(Deserialize)]
struct Icons {
    assurance_type: Option<String>,
    variation_last_point: Option<String>,
}

fn chart(case: &Path, params: &Params, two_in_three: TwoInThree) -> Xmr {
    let input: Vec<Input> = rows(case, "input.csv");
    let values: Vec<_> = input.iter().map(|row| row.value).collect();
    let starts: Vec<_> = (0..input.len())
        .filter(|&i| input[i].rebase == Some(1))
        .collect();
    let settings = Settings {
        screen: params.screen_outliers,
        two_in_three,
        ..Settings::default()
    };
    xmr(&values, &starts, params.fix_after_n_points, &settings)
}

/// The peer's words for a special cause.
fn words(point: Option<&Point>) -> &'static str {
    let Some(SpecialCause { rule, high }) = point.and_then(|point| point.special) else {
        return "Common Cause";
    };
    match (rule, high) {
        (Rule::OutsideLimits, true) => "Above UCL",
        (Rule::OutsideLimits, false) => "Below LCL",
        (Rule::Trend, true) => "7 Point Trend (Increasing)",
        (Rule::Trend, false) => "7 Point Trend (Decreasing)",
        (Rule::TwoInThree, true) => "2 in 3 Above CL",
        (Rule::TwoInThree, false) => "2 in 3 Below CL",
        (Rule::Shift, true) => "7 Points Above CL",
        (Rule::Shift, false) => "7 Points Below CL",
    }
}

#[test]
fn limits_zones_and_labels_equal_nhsrplotthedots() {
    for case in cases("spc_xmr") {
        let params: Params = json(&case, "params.json");
        let chart = chart(&case, &params, TwoInThree::NearZoneOnly);
        let expected: Vec<Expected> = rows(&case, "expected.csv");
        assert_eq!(chart.points.len(), expected.len());
        for (row, (expected, point)) in expected.iter().zip(&chart.points).enumerate() {
            let at = format!("{} row {}", case.display(), row + 1);
            assert_eq!(words(point.as_ref()), expected.special_cause_type, "{at}");
            let Some(point) = point else { continue };
            let limits = &chart.segments[point.segment];
            assert_eq!(point.segment, expected.rebase_group, "{at}");
            close(limits.mean, expected.mean.unwrap(), 1e-12, &at);
            // The peer has no limits where every moving range is screened out; ours are the mean.
            close(limits.lower, expected.lpl.unwrap_or(limits.mean), 1e-9, &at);
            close(limits.upper, expected.upl.unwrap_or(limits.mean), 1e-9, &at);
            assert_eq!(Some(point.side as i8), expected.relative_to_mean, "{at}");
            assert_eq!(
                point.near,
                expected.close_to_limits.as_deref() == Some("TRUE"),
                "{at}"
            );
        }
    }
}

#[test]
fn both_forms_of_the_two_in_three_rule_equal_the_independent_recalculation() {
    for case in cases("spc_xmr") {
        let params: Params = json(&case, "params.json");
        let published = chart(&case, &params, TwoInThree::BeyondLimitCounts);
        let legacy = chart(&case, &params, TwoInThree::NearZoneOnly);
        let expected: Vec<RuleVariants> = rows(&case, "expected_mdc_rule.csv");
        assert_eq!(published.points.len(), expected.len());
        for (row, expected) in expected.iter().enumerate() {
            let at = format!("{} row {}", case.display(), row + 1);
            let (ours, old) = (published.points[row].as_ref(), legacy.points[row].as_ref());
            assert_eq!(words(ours), expected.special_cause_type_mdc, "{at}");
            assert_eq!(words(old), expected.special_cause_type_legacy, "{at}");
        }
    }
}

#[test]
fn icons_equal_nhsrplotthedots() {
    for case in cases("spc_xmr") {
        let params: Params = json(&case, "params.json");
        let icons: Icons = json(&case, "expected.json");
        let chart = chart(&case, &params, TwoInThree::NearZoneOnly);
        let direction = params.improvement_direction.as_str();
        let ours = params
            .target
            .filter(|_| direction != "neutral")
            .map(|target| {
                match assurance(
                    chart.segments.last().unwrap(),
                    target,
                    direction == "increase",
                ) {
                    Assurance::ConsistentlyPasses => "consistent_pass",
                    Assurance::ConsistentlyFails => "consistent_fail",
                    Assurance::HitAndMiss => "inconsistent",
                }
            });
        assert_eq!(ours, icons.assurance_type.as_deref(), "{}", case.display());

        let last = chart.points.last().unwrap().and_then(|point| point.special);
        let variation = match (last, direction) {
            (None, _) => "common_cause",
            (Some(SpecialCause { high: true, .. }), "neutral") => "special_cause_neutral_high",
            (Some(SpecialCause { high: false, .. }), "neutral") => "special_cause_neutral_low",
            (Some(cause), _) if cause.high == (direction == "increase") => {
                "special_cause_improvement"
            }
            (Some(_), _) => "special_cause_concern",
        };
        assert_eq!(
            Some(variation),
            icons.variation_last_point.as_deref(),
            "{}",
            case.display()
        );
    }
}

#[test]
fn limits_equal_qicharts2_but_for_its_unrounded_constant() {
    #[derive(Deserialize)]
    struct Peer {
        cl: f64,
        ucl: Option<f64>,
    }
    for case in cases("spc_xmr") {
        let params: Params = json(&case, "params.json");
        // It always screens and cannot fix limits to a baseline.
        if !params.screen_outliers || params.fix_after_n_points.is_some() {
            continue;
        }
        let chart = chart(&case, &params, TwoInThree::default());
        let peer: Vec<Peer> = rows(&case, "expected_qicharts2_i.csv");
        for (point, peer) in chart.points.iter().zip(peer) {
            let (Some(point), Some(ucl)) = (point, peer.ucl) else {
                continue;
            };
            let limits = &chart.segments[point.segment];
            let theirs = peer.cl + (ucl - peer.cl) * 2.66 / (3.0 / 1.128);
            close(limits.upper, theirs, 1e-9, &case.display().to_string());
        }
    }
}

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

fn any_settings() -> impl Strategy<Value = Settings> {
    let two_in_three = prop_oneof![
        Just(TwoInThree::BeyondLimitCounts),
        Just(TwoInThree::NearZoneOnly)
    ];
    (0..20_usize, 0..20_usize, any::<bool>(), two_in_three).prop_map(
        |(shift, trend, screen, two_in_three)| Settings {
            shift,
            trend,
            screen,
            two_in_three,
        },
    )
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
