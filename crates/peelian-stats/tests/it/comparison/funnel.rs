use std::path::Path;

use peelian_stats::comparison::funnel::{
    Funnel, Kind, LimitStyle, Overdispersion, Position, Settings, Trimming, Unit, Z95, Z998, funnel,
};
use peelian_stats::comparison::interval::Interval;
use peelian_stats::comparison::unadjusted_funnel::{
    place_proportion, place_rate, proportion_limits, rate_limits,
};
use proptest::prelude::*;
use serde::Deserialize;

use crate::goldens::{cases, close, json, rows};

#[derive(Deserialize)]
struct Params {
    data_type: String,
    sr_method: String,
    trim_by: f64,
    #[serde(rename = "SHMI_rounding")]
    rounding: bool,
}

#[derive(Deserialize)]
struct Overall {
    phi: f64,
    tau2: f64,
}

#[derive(Deserialize)]
struct Input {
    numerator: f64,
    denominator: f64,
}

#[derive(Deserialize)]
#[allow(non_snake_case)]
struct Expected {
    rr: f64,
    Uzscore: f64,
    LCL95: f64,
    UCL95: f64,
    LCL99: f64,
    UCL99: f64,
    OD95LCL: f64,
    OD95UCL: f64,
    OD99LCL: f64,
    OD99UCL: f64,
    outlier: u8,
}

fn units(case: &Path) -> Vec<Unit> {
    rows::<Input>(case, "input.csv")
        .iter()
        .map(|row| Unit {
            numerator: row.numerator,
            denominator: row.denominator,
        })
        .collect()
}

fn as_the_peer(params: &Params) -> (Kind, Settings) {
    let shmi = params.data_type == "SR" && params.sr_method == "SHMI";
    let kind = match params.data_type.as_str() {
        "PR" => Kind::Proportion,
        "RC" => Kind::RatioOfCounts,
        "SR" if shmi => Kind::LogStandardisedRatio,
        "SR" => Kind::StandardisedRatio,
        other => panic!("unknown data type {other}"),
    };
    let trimming = if shmi {
        Trimming::Truncated
    } else {
        Trimming::Winsorised
    }(params.trim_by);
    let settings = Settings {
        trimming,
        limits: LimitStyle::FunnelPlotR,
        round_expected: params.rounding,
        ..Settings::default()
    };
    (kind, settings)
}

#[track_caller]
fn same(ours: Interval, lower: f64, upper: f64, what: &str) {
    close(ours.lower, lower, 1e-8, what);
    close(ours.upper, upper, 1e-8, what);
}

#[test]
fn scores_dispersion_limits_and_outliers_equal_funnelplotr() {
    // The peer writes its adjusted limits with z to six places.
    let (z95, z998) = (1.959_964, 3.090_232);
    for case in cases("funnel") {
        let params: Params = json(&case, "params.json");
        let overall: Overall = json(&case, "expected.json");
        let (kind, settings) = as_the_peer(&params);
        let units = units(&case);
        let adjusted = funnel(&units, kind, &settings).unwrap();
        let plain = Settings {
            overdispersion: Overdispersion::None,
            ..settings
        };
        let plain = funnel(&units, kind, &plain).unwrap();
        close(
            adjusted.phi,
            overall.phi,
            1e-8,
            &format!("{} phi", case.display()),
        );
        close(
            adjusted.tau2,
            overall.tau2,
            1e-8,
            &format!("{} tau2", case.display()),
        );

        // Only its exact limits use the full z.
        let (plain95, plain998) = if params.data_type == "SR" {
            (Z95, Z998)
        } else {
            (z95, z998)
        };
        let expected: Vec<Expected> = rows(&case, "expected.csv");
        assert_eq!(expected.len(), adjusted.points.len());
        for (row, expected) in expected.iter().enumerate() {
            let at = format!("{} row {}", case.display(), row + 1);
            let (point, n) = (&adjusted.points[row], units[row].denominator);
            close(point.value, expected.rr, 1e-12, &at);
            close(plain.points[row].z, expected.Uzscore, 1e-8, &at);
            same(
                adjusted.limits_at(n, z95),
                expected.OD95LCL,
                expected.OD95UCL,
                &at,
            );
            same(
                adjusted.limits_at(n, z998),
                expected.OD99LCL,
                expected.OD99UCL,
                &at,
            );
            same(
                plain.limits_at(n, plain95),
                expected.LCL95,
                expected.UCL95,
                &at,
            );
            same(
                plain.limits_at(n, plain998),
                expected.LCL99,
                expected.UCL99,
                &at,
            );
            let outlier = matches!(point.position, Position::Below998 | Position::Above998);
            assert_eq!(outlier, expected.outlier == 1, "{at}");
        }
    }
}

#[test]
fn our_own_limits_keep_the_peers_scores_and_never_fall_below_zero() {
    for case in cases("funnel") {
        let params: Params = json(&case, "params.json");
        let (kind, settings) = as_the_peer(&params);
        let units = units(&case);
        let ours = Settings {
            limits: LimitStyle::BackTransformed,
            ..settings
        };
        let (ours, peer) = (
            funnel(&units, kind, &ours).unwrap(),
            funnel(&units, kind, &settings).unwrap(),
        );
        assert_eq!((ours.phi, ours.tau2), (peer.phi, peer.tau2));
        for (unit, (a, b)) in units.iter().zip(ours.points.iter().zip(&peer.points)) {
            assert_eq!(a.z, b.z);
            assert!(ours.limits_at(unit.denominator, Z998).lower >= 0.0);
        }
    }
}

/// The peer finds a Poisson limit m by halving v = m/(m + events + 1) 24 times, and stops: its
/// limits are off by up to one step in v, here as a share of m. Ours are exact.
fn last_step_of_the_peers_search(events: f64, limit: f64) -> f64 {
    let v = limit / (limit + events + 1.0);
    0.5_f64.powi(23) / (v * (1.0 - v))
}

#[test]
fn unadjusted_limits_and_places_equal_pheindicatormethods() {
    #[derive(Deserialize)]
    struct Multipliers {
        rate_multiplier: f64,
        prop_multiplier: f64,
    }
    #[derive(Deserialize)]
    struct Limits {
        #[serde(alias = "Population", alias = "Events")]
        size: f64,
        lower_2s_limit: f64,
        upper_2s_limit: f64,
        lower_3s_limit: f64,
        upper_3s_limit: f64,
        lower_2s_population_1_year: Option<f64>,
        upper_2s_population_1_year: Option<f64>,
        lower_3s_population_1_year: Option<f64>,
        upper_3s_population_1_year: Option<f64>,
        baseline: f64,
    }
    #[derive(Deserialize)]
    struct Area {
        x: f64,
        n: f64,
        y: f64,
        m: f64,
        significance: String,
    }
    let words = |position| match position {
        Position::Below998 => "Low (0.001)",
        Position::Below95 => "Low (0.025)",
        Position::Within => "Not significant",
        Position::Above95 => "High (0.025)",
        Position::Above998 => "High (0.001)",
    };
    for case in cases("funnel_phe") {
        let params: Multipliers = json(&case, "params.json");
        let per = params.prop_multiplier;
        for row in rows::<Limits>(&case, "expected_limits_proportion.csv") {
            let at = |confidence| {
                proportion_limits(row.baseline / per, row.size, confidence)
                    .unwrap()
                    .scaled(per)
            };
            same(
                at(0.95),
                row.lower_2s_limit,
                row.upper_2s_limit,
                "proportion 95",
            );
            same(
                at(0.998),
                row.lower_3s_limit,
                row.upper_3s_limit,
                "proportion 99.8",
            );
        }
        let per = params.rate_multiplier;
        for row in rows::<Limits>(&case, "expected_limits_rate.csv") {
            let at = |confidence| rate_limits(row.baseline / per, row.size, confidence).unwrap();
            let (inner, outer) = (at(0.95), at(0.998));
            let target = row.baseline / per;
            for (ours, low_base, low, high_base, high) in [
                (
                    inner,
                    row.lower_2s_population_1_year,
                    row.lower_2s_limit,
                    row.upper_2s_population_1_year,
                    row.upper_2s_limit,
                ),
                (
                    outer,
                    row.lower_3s_population_1_year,
                    row.lower_3s_limit,
                    row.upper_3s_population_1_year,
                    row.upper_3s_limit,
                ),
            ] {
                let what = format!("{} events", row.size);
                let tolerance = |base: f64| last_step_of_the_peers_search(row.size, base * target);
                close(
                    ours.lower_base,
                    low_base.unwrap(),
                    tolerance(ours.lower_base),
                    &what,
                );
                close(ours.lower * per, low, tolerance(ours.lower_base), &what);
                close(
                    ours.upper_base,
                    high_base.unwrap(),
                    tolerance(ours.upper_base),
                    &what,
                );
                close(ours.upper * per, high, tolerance(ours.upper_base), &what);
            }
        }
        let proportions: Vec<Area> = rows(&case, "expected_significance_proportion.csv");
        let target = proportions.iter().map(|a| a.y).sum::<f64>()
            / proportions.iter().map(|a| a.m).sum::<f64>();
        for area in &proportions {
            assert_eq!(
                words(place_proportion(area.y, area.m, target).unwrap()),
                area.significance
            );
        }
        let rates: Vec<Area> = rows(&case, "expected_significance_rate.csv");
        let target =
            rates.iter().map(|a| a.x).sum::<f64>() / rates.iter().map(|a| a.n).sum::<f64>();
        for area in &rates {
            assert_eq!(
                words(place_rate(area.x, area.n, target).unwrap()),
                area.significance
            );
        }
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
    let none = |units: &[Unit]| funnel(units, Kind::Rate, &Settings::default()).is_none();
    assert!(none(&[]));
    assert!(none(&[unit(1.0, 2.0)]));
    assert!(none(&[unit(0.0, 2.0), unit(0.0, 3.0)]));
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
    assert_eq!(make(Trimming::None), None);
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
        if let Some(funnel) = funnel(&units, kind, &settings) {
            funnel.limits_at(size, z);
        }
        let _ = (place_rate(size, z, 0.1), place_proportion(size, z, 0.1));
        let _ = (rate_limits(size, z, 0.95), proportion_limits(size, z, 0.95));
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
        if let Some(funnel) = funnel(&units, kind, &settings) {
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
