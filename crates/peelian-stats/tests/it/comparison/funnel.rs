use peelian_stats::Unanswerable;
use peelian_stats::comparison::funnel::{
    Funnel, Kind, LimitStyle, Overdispersion, Position, Settings, Trimming, Unit, Z95, Z998, funnel,
};
use peelian_stats::comparison::interval::Interval;
use peelian_stats::comparison::unadjusted_funnel::{
    pheindicatormethods, place_proportion, place_rate, proportion_limits, rate_limits,
};
use proptest::prelude::*;

use crate::goldens::{Within, close, run};

#[track_caller]
fn same(ours: Interval, lower: f64, upper: f64, what: &str) {
    close(ours.lower, lower, 1e-8, what);
    close(ours.upper, upper, 1e-8, what);
}

#[test]
fn scores_dispersion_limits_and_outliers_equal_funnelplotr() {
    for case in run("funnel") {
        let truncated = case.input.to_string_lossy().contains("shmi");
        let trimming = if truncated { "truncated" } else { "winsorised" };
        case.matches(
            "expected.csv",
            &[
                ("group", Within::Exact),
                ("numerator", Within::Exact),
                ("denominator", Within::Exact),
                ("rr", Within::Relative(1e-12)),
                ("target_transformed", Within::Relative(1e-12)),
                ("Y", Within::Relative(1e-12)),
                ("s", Within::Relative(1e-12)),
                ("Uzscore", Within::Relative(1e-12)),
                (trimming, Within::Exact),
                ("Wuzscore", Within::Relative(1e-12)),
                ("LCL95", Within::Relative(1e-12)),
                ("UCL95", Within::Relative(1e-12)),
                ("LCL99", Within::Relative(1e-12)),
                ("UCL99", Within::Relative(1e-12)),
                ("OD95LCL", Within::Relative(1e-12)),
                ("OD95UCL", Within::Relative(1e-12)),
                ("OD99LCL", Within::Relative(1e-12)),
                ("OD99UCL", Within::Relative(1e-12)),
                ("outlier", Within::Exact),
                ("highlight", Within::Exact),
            ],
        );
        let figures = [
            ("/phi", Within::Relative(1e-12)),
            ("/tau2", Within::Relative(1e-12)),
        ];
        case.matches_json("expected.json", &figures);
    }
}

#[test]
fn unadjusted_limits_and_places_equal_pheindicatormethods() {
    for case in run("funnel_phe") {
        let limits = |suffixes: &[&'static str]| {
            let mut columns = vec![("baseline", Within::Relative(1e-12))];
            columns.extend(suffixes.iter().map(|name| (*name, Within::Relative(1e-12))));
            columns.extend(["statistic", "method"].map(|name| (name, Within::Exact)));
            columns
        };
        let lines = [
            "lower_2s_limit",
            "upper_2s_limit",
            "lower_3s_limit",
            "upper_3s_limit",
        ];
        let mut proportion = limits(&lines);
        proportion.push(("Population", Within::Exact));
        case.matches("expected_limits_proportion.csv", &proportion);
        let mut rate = limits(&lines);
        rate.extend(limits(&[
            "lower_2s_population_1_year",
            "upper_2s_population_1_year",
            "lower_3s_population_1_year",
            "upper_3s_population_1_year",
        ]));
        rate.push(("Events", Within::Exact));
        case.matches("expected_limits_rate.csv", &rate);
        for file in [
            "expected_significance_proportion.csv",
            "expected_significance_rate.csv",
        ] {
            let columns = ["area", "x", "n", "y", "m", "significance"];
            case.matches(file, &columns.map(|name| (name, Within::Exact)));
        }
        let rate = [("rate", Within::Relative(1e-12))];
        case.matches("expected_significance_rate.csv", &rate);
    }
}

#[test]
fn the_search_that_stops_early_stays_within_its_last_step_of_the_exact_limits() {
    let mut furthest = 0.0_f64;
    for events in [1.0, 2.0, 5.0, 10.0, 47.0, 300.0, 10_571.0] {
        for confidence in [0.95, 0.998] {
            let ours = rate_limits(0.01, events, confidence).unwrap();
            let theirs = pheindicatormethods::rate_limits(0.01, events, confidence).unwrap();
            for (ours, theirs) in [
                (ours.lower_base, theirs.lower_base),
                (ours.upper_base, theirs.upper_base),
            ] {
                let v = ours * 0.01 / (ours * 0.01 + events + 1.0);
                let step = 0.5_f64.powi(23) / (v * (1.0 - v));
                close(ours, theirs, step, &format!("{events} at {confidence}"));
                furthest = furthest.max((ours / theirs - 1.0).abs());
            }
        }
    }
    // They do differ: the exact ones are no copy of the search.
    assert!(furthest > 1e-6, "{furthest}");
}

#[test]
fn the_published_place_can_differ_from_the_exact_one_only_at_the_very_edge() {
    let target = 0.01;
    let mut differing = 0;
    for count in 10..200 {
        let count = f64::from(count);
        let limits = rate_limits(target, count, 0.95).unwrap();
        for edge in [limits.lower_base, limits.upper_base] {
            for (factor, at_the_edge) in [
                (0.98, false),
                (0.999_9, true),
                (1.000_1, true),
                (1.02, false),
            ] {
                let base = edge * factor;
                let exact = place_rate(count, base, target).unwrap();
                let published = pheindicatormethods::place_rate(count, base, target).unwrap();
                assert!(at_the_edge || exact == published, "{count} {base}");
                differing += usize::from(exact != published);
            }
        }
    }
    assert!(differing > 0);
}

#[test]
fn our_own_limits_keep_the_peers_scores_and_never_fall_below_zero() {
    let small: Vec<_> = (0..30)
        .map(|i| unit(f64::from(i * 7 % 5), 1.5 + 0.1 * f64::from(i)))
        .collect();
    let style = |limits| Settings {
        limits,
        ..Settings::default()
    };
    let make = |limits| funnel(&small, Kind::StandardisedRatio, &style(limits)).unwrap();
    let (ours, peer) = (
        make(LimitStyle::BackTransformed),
        make(LimitStyle::FunnelPlotR),
    );
    assert_eq!((ours.phi, ours.tau2), (peer.phi, peer.tau2));
    let mut theirs_below = false;
    for (a, b) in ours.points.iter().zip(&peer.points) {
        assert_eq!(a.z, b.z);
        assert!(ours.limits_at(a.denominator, Z998).lower >= 0.0);
        theirs_below |= peer.limits_at(b.denominator, Z998).lower < 0.0;
    }
    assert!(theirs_below);
}

#[test]
fn expected_events_are_rounded_as_r_rounds_them() {
    // The two neighbours of 294.305 lie equally far as doubles, so the even one is taken.
    for (given, rounded) in [
        (294.053, 294.05),
        (498.265, 498.26),
        (185.355, 185.35),
        (0.125, 0.12),
        (0.375, 0.38),
        (2.0, 2.0),
    ] {
        let units = [unit(3.0, given), unit(2.0, 4.0)];
        let settings = Settings {
            round_expected: true,
            ..Settings::default()
        };
        let funnel = funnel(&units, Kind::LogStandardisedRatio, &settings).unwrap();
        assert_eq!(funnel.points[0].denominator, rounded);
    }
}

fn unit(numerator: f64, denominator: f64) -> Unit {
    Unit {
        numerator,
        denominator,
    }
}

fn with(overdispersion: Overdispersion) -> Settings {
    Settings {
        overdispersion,
        ..Settings::default()
    }
}

/// A funnel around 0.71 with the given spread, to read limits from.
fn calls(tau2: f64) -> Funnel {
    let units = [unit(71.0, 100.0), unit(710.0, 1000.0)];
    let funnel = funnel(&units, Kind::Proportion, &Settings::default()).unwrap();
    Funnel { tau2, ..funnel }
}

#[test]
fn emergency_call_limits_are_razor_thin_until_overdispersion_is_allowed_for() {
    let percent = |limits: Interval| {
        (
            (limits.lower * 1000.0).round() / 10.0,
            (limits.upper * 1000.0).round() / 10.0,
        )
    };
    assert_eq!(percent(calls(0.0).limits_at(137_000.0, Z998)), (70.6, 71.4));
    assert_eq!(
        percent(calls(0.01).limits_at(137_000.0, Z998)),
        (40.8, 93.4)
    );
}

#[test]
fn a_rate_is_judged_like_observed_against_expected() {
    let rates: Vec<_> = (1..30)
        .map(|i| unit(f64::from(i * i % 37 + 5), 1000.0 * f64::from(i)))
        .collect();
    let by_rate = funnel(&rates, Kind::Rate, &Settings::default()).unwrap();
    let expected: Vec<_> = rates
        .iter()
        .map(|u| unit(u.numerator, u.denominator * by_rate.target))
        .collect();
    let by_ratio = funnel(&expected, Kind::StandardisedRatio, &Settings::default()).unwrap();
    close(by_rate.phi, by_ratio.phi, 1e-12, "phi");
    close(by_rate.tau2, by_ratio.tau2, 1e-10, "tau2");
    let (rate, ratio) = (
        by_rate.limits_at(5000.0, Z95),
        by_ratio.limits_at(5000.0 * by_rate.target, Z95),
    );
    same(
        rate,
        ratio.lower * by_rate.target,
        ratio.upper * by_rate.target,
        "limits",
    );
    for (a, b) in by_rate.points.iter().zip(&by_ratio.points) {
        assert_eq!(a.position, b.position);
    }
}

#[test]
fn one_far_unit_among_alike_stands_out_and_does_not_hide_itself() {
    let mut units: Vec<_> = (0..20)
        .map(|i| unit(500.0 + f64::from(i % 5), 5000.0))
        .collect();
    units.push(unit(900.0, 5000.0));
    let funnel = funnel(&units, Kind::Proportion, &Settings::default()).unwrap();
    assert!(!funnel.overdispersed);
    assert_eq!(funnel.points[20].position, Position::Above998);
    assert!(
        funnel.points[..20]
            .iter()
            .all(|point| point.position == Position::Within)
    );
}

#[test]
fn multiplicative_limits_widen_by_the_root_of_phi_and_never_narrow() {
    let spread: Vec<_> = (0..12)
        .map(|i| unit(100.0 + 30.0 * f64::from(i), 1000.0))
        .collect();
    let plain = funnel(&spread, Kind::Proportion, &with(Overdispersion::None)).unwrap();
    let wide = funnel(
        &spread,
        Kind::Proportion,
        &with(Overdispersion::Multiplicative),
    )
    .unwrap();
    assert!(plain.overdispersed && plain.phi > 1.0);
    for (a, b) in plain.points.iter().zip(&wide.points) {
        close(a.z, b.z * plain.phi.sqrt(), 1e-12, "z");
    }
    let alike = [unit(10.0, 100.0), unit(10.0, 100.0), unit(10.0, 100.0)];
    let narrow = funnel(
        &alike,
        Kind::Proportion,
        &with(Overdispersion::Multiplicative),
    )
    .unwrap();
    let chance = funnel(&alike, Kind::Proportion, &with(Overdispersion::None)).unwrap();
    assert_eq!(narrow.limits_at(100.0, Z95), chance.limits_at(100.0, Z95));
}

#[test]
fn unusable_units_are_left_out_and_the_others_keep_their_index() {
    let units = [
        unit(f64::NAN, 100.0),
        unit(10.0, 100.0),
        unit(5.0, 0.0),
        unit(101.0, 100.0),
        unit(12.0, 100.0),
    ];
    let funnel = funnel(&units, Kind::Proportion, &Settings::default()).unwrap();
    let kept: Vec<_> = funnel.points.iter().map(|point| point.unit).collect();
    assert_eq!(kept, [1, 4]);
    assert_eq!(funnel.target, 0.11);
}

#[test]
fn too_few_units_or_no_events_make_no_funnel() {
    let why = |units: &[Unit]| funnel(units, Kind::Rate, &Settings::default()).unwrap_err();
    let too_few = |what, have, need| Unanswerable::TooFew { what, have, need };
    assert_eq!(why(&[]), too_few("units", 0, 2));
    assert_eq!(why(&[unit(1.0, 2.0)]), too_few("units", 1, 2));
    let nothing = [unit(0.0, 2.0), unit(0.0, 3.0)];
    assert_eq!(why(&nothing), too_few("events", 0, 1));
    let all_trimmed = Settings {
        trimming: Trimming::Truncated(0.5),
        ..Settings::default()
    };
    let two = [unit(1.0, 2.0), unit(2.0, 3.0)];
    assert_eq!(
        funnel(&two, Kind::Rate, &all_trimmed).unwrap_err(),
        too_few("units after trimming", 0, 1)
    );
}

#[test]
fn an_unadjusted_funnel_names_what_is_wrong() {
    let invalid = |why: Unanswerable| assert!(matches!(why, Unanswerable::Invalid(_)), "{why:?}");
    invalid(proportion_limits(1.5, 10.0, 0.95).unwrap_err());
    invalid(proportion_limits(0.5, 0.0, 0.95).unwrap_err());
    invalid(proportion_limits(0.5, 10.0, 1.0).unwrap_err());
    invalid(rate_limits(0.0, 3.0, 0.95).unwrap_err());
    invalid(rate_limits(0.1, -3.0, 0.95).unwrap_err());
    invalid(place_proportion(3.0, 2.0, 0.5).unwrap_err());
    invalid(place_rate(3.0, 0.0, 0.5).unwrap_err());
    invalid(pheindicatormethods::rate_limits(0.1, 1e12, 0.95).unwrap_err());
    invalid(pheindicatormethods::place_rate(3.0, 1.0, f64::NAN).unwrap_err());
}

#[test]
fn a_log_ratio_of_nothing_must_fall_to_the_trimming() {
    let mut units: Vec<_> = (0..20).map(|i| unit(90.0 + f64::from(i), 100.0)).collect();
    units.push(unit(0.0, 100.0));
    let make = |trimming| {
        let settings = Settings {
            trimming,
            ..Settings::default()
        };
        funnel(&units, Kind::LogStandardisedRatio, &settings)
    };
    assert!(matches!(
        make(Trimming::None),
        Err(Unanswerable::Invalid(_))
    ));
    let trimmed = make(Trimming::Truncated(0.1)).unwrap();
    assert_eq!(trimmed.points[20].z, f64::NEG_INFINITY);
    assert_eq!(trimmed.points[20].position, Position::Below998);
}

#[test]
fn limits_for_an_unknown_denominator_rule_nothing_out() {
    for n in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(
            calls(0.0).limits_at(n, Z95),
            Interval {
                lower: 0.0,
                upper: 1.0
            }
        );
    }
}

fn any_kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Proportion),
        Just(Kind::Rate),
        Just(Kind::StandardisedRatio),
        Just(Kind::LogStandardisedRatio),
        Just(Kind::RatioOfCounts),
    ]
}

fn any_settings(
    fraction: impl Strategy<Value = f64> + Clone + 'static,
) -> impl Strategy<Value = Settings> {
    (
        prop_oneof![
            Just(Trimming::None),
            fraction.clone().prop_map(Trimming::Winsorised),
            fraction.prop_map(Trimming::Truncated),
        ],
        prop_oneof![
            Just(Overdispersion::None),
            Just(Overdispersion::Additive),
            Just(Overdispersion::Multiplicative),
        ],
        prop_oneof![
            Just(LimitStyle::BackTransformed),
            Just(LimitStyle::FunnelPlotR)
        ],
        any::<bool>(),
    )
        .prop_map(
            |(trimming, overdispersion, limits, round_expected)| Settings {
                trimming,
                overdispersion,
                limits,
                round_expected,
            },
        )
}

proptest! {
    #[test]
    fn no_input_panics(
        figures in prop::collection::vec(
            (
                prop_oneof![prop::num::f64::ANY, 0.0..1e6_f64],
                prop_oneof![prop::num::f64::ANY, 0.0..1e6_f64],
            ),
            0..40,
        ),
        kind in any_kind(),
        settings in any_settings(prop::num::f64::ANY),
        size in prop::num::f64::ANY,
        z in prop::num::f64::ANY,
    ) {
        let units: Vec<_> = figures.into_iter().map(|(a, b)| unit(a, b)).collect();
        if let Ok(funnel) = funnel(&units, kind, &settings) {
            let limits = funnel.limits_at(size, z);
            prop_assert!(limits.lower <= limits.upper, "{:?}", limits);
            prop_assert!(funnel.phi.is_finite() && funnel.tau2.is_finite());
            for point in &funnel.points {
                prop_assert!(!point.z.is_nan() && !point.value.is_nan(), "{:?}", point);
            }
        }
        let _ = (place_rate(size, z, 0.1), place_proportion(size, z, 0.1));
        let _ = (rate_limits(size, z, 0.95), proportion_limits(size, z, 0.95));
        let _ = pheindicatormethods::rate_limits(size, z, 0.95);
        let _ = pheindicatormethods::place_rate(size, z, 0.1);
    }

    #[test]
    fn limits_hold_the_target_widen_with_z_and_stay_possible(
        figures in prop::collection::vec((0..500_u32, 1..500_u32), 2..40),
        kind in any_kind(),
        settings in any_settings(0.0..0.5_f64),
        size in 0.5..1e6_f64,
    ) {
        let settings = Settings { limits: LimitStyle::BackTransformed, ..settings };
        let units: Vec<_> = figures
            .into_iter()
            .map(|(a, b)| unit(f64::from(a), f64::from(a.max(b))))
            .collect();
        if let Ok(funnel) = funnel(&units, kind, &settings) {
            let (inner, outer) = (funnel.limits_at(size, Z95), funnel.limits_at(size, Z998));
            prop_assert!(outer.lower <= inner.lower && inner.upper <= outer.upper);
            let slack = 1e-12 * funnel.target;
            prop_assert!(inner.lower <= funnel.target + slack);
            prop_assert!(funnel.target - slack <= inner.upper);
            prop_assert!(outer.lower >= 0.0);
            prop_assert!(kind != Kind::Proportion || outer.upper <= 1.0);
            prop_assert!(funnel.tau2 >= 0.0);
            prop_assert_eq!(funnel.overdispersed, funnel.tau2 > 0.0);
        }
    }
}
