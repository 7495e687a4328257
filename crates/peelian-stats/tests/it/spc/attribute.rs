use std::cmp::Ordering;

use peelian_stats::Unanswerable;
use peelian_stats::spc::attribute::{Attribute, Chart, Subgroup, attribute};
use peelian_stats::spc::xmr::{Rule, Settings};
use proptest::prelude::*;
use rand::Rng;
use rand_distr::{Beta, Binomial, Distribution};

use super::random;
use super::xmr::any_settings;
use crate::goldens::close;

const KINDS: [Attribute; 5] = [
    Attribute::P,
    Attribute::PPrime,
    Attribute::U,
    Attribute::UPrime,
    Attribute::C,
];

fn subgroups(pairs: &[(f64, f64)]) -> Vec<Option<Subgroup>> {
    let subgroup = |&(count, denominator)| Some(Subgroup { count, denominator });
    pairs.iter().map(subgroup).collect()
}

fn same_base(counts: &[u32], denominator: f64) -> Vec<Option<Subgroup>> {
    let pairs: Vec<_> = counts
        .iter()
        .map(|&c| (f64::from(c), denominator))
        .collect();
    subgroups(&pairs)
}

fn plain(kind: Attribute, subgroups: &[Option<Subgroup>]) -> Chart {
    attribute(kind, subgroups, &[], None, &Settings::default()).unwrap()
}

/// Centre, lower and upper limit of the first point, to four decimals.
fn lines(chart: &Chart) -> [f64; 3] {
    let limits = chart.points[0].unwrap().limits.unwrap();
    [
        chart.segments[0].centre.unwrap(),
        limits.lower,
        limits.upper,
    ]
    .map(|line| (line * 1e4).round() / 1e4)
}

fn outside(chart: &Chart) -> Vec<usize> {
    let points = chart.points.iter().enumerate();
    points
        .filter(|(_, point)| point.is_some_and(|point| point.outside()))
        .map(|(i, _)| i + 1)
        .collect()
}

#[test]
fn the_textbook_p_chart_of_juice_cans_has_its_limits_and_its_two_signals() {
    let cans = [
        12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9,
        12, 7, 13, 9, 6,
    ];
    let chart = plain(Attribute::P, &same_base(&cans, 50.0));
    assert_eq!(lines(&chart), [0.2313, 0.0524, 0.4102]);
    assert_eq!(outside(&chart), [15, 23]);
}

#[test]
fn the_textbook_c_chart_of_circuit_boards_has_its_limits_and_its_two_signals() {
    let boards = [
        21, 24, 16, 12, 15, 5, 28, 20, 31, 25, 20, 24, 16, 19, 10, 17, 13, 22, 18, 39, 30, 24, 16,
        19, 17, 15,
    ];
    let chart = plain(Attribute::C, &same_base(&boards, 7.0));
    assert_eq!(lines(&chart), [19.8462, 6.4814, 33.2109]);
    assert_eq!(outside(&chart), [6, 20]);
}

#[test]
fn the_textbook_u_chart_of_shipments_has_its_limits() {
    let errors = [2, 3, 8, 1, 1, 4, 1, 4, 5, 1, 8, 2, 4, 3, 4, 1, 8, 3, 7, 4];
    let chart = plain(Attribute::U, &same_base(&errors, 50.0));
    assert_eq!(lines(&chart), [0.074, 0.0, 0.1894]);
}

#[test]
fn limits_narrow_as_the_denominator_grows() {
    let chart = plain(
        Attribute::P,
        &subgroups(&[(20.0, 100.0), (80.0, 400.0), (320.0, 1600.0)]),
    );
    let width = |i: usize| {
        let limits = chart.points[i].unwrap().limits.unwrap();
        limits.upper - limits.lower
    };
    close(width(0), 2.0 * width(1), 1e-12, "four times the cases");
    close(width(1), 2.0 * width(2), 1e-12, "four times the cases");
    assert!(
        chart
            .points
            .iter()
            .all(|p| p.unwrap().side == Ordering::Equal)
    );
}

#[test]
fn a_baseline_and_segments_work_together() {
    let counts = [10, 12, 9, 11, 30, 28, 33, 31, 30, 60];
    let subgroups = same_base(&counts, 100.0);
    let chart = attribute(
        Attribute::P,
        &subgroups,
        &[4],
        Some(4),
        &Settings::default(),
    )
    .unwrap();
    assert_eq!(chart.segments[0].centre, Some(0.105));
    assert_eq!(chart.segments[1].centre, Some(0.305));
    assert_eq!((chart.segments[1].n, chart.segments[1].trial), (4, true));
    let last = chart.points[9].unwrap();
    assert_eq!(last.special.unwrap().rule, Rule::OutsideLimits);
    assert_eq!(chart.points[8].unwrap().special, None);
    // Each segment is the chart of its own values.
    let own = attribute(
        Attribute::P,
        &subgroups[4..],
        &[],
        Some(4),
        &Settings::default(),
    )
    .unwrap();
    assert_eq!(own.points[5].unwrap().limits, last.limits);
}

#[test]
fn a_missing_period_breaks_moving_ranges_and_runs_and_is_no_zero() {
    let mut periods = same_base(&[10, 10, 10, 10, 10, 10, 10, 10, 10], 100.0);
    periods[4] = None;
    let chart = plain(Attribute::UPrime, &periods);
    assert_eq!(chart.points[4], None);
    assert_eq!(chart.segments[0].n, 8);
    assert_eq!(chart.segments[0].centre, Some(0.1));
    // Nothing counted from nothing is missing too.
    periods[4] = Some(Subgroup {
        count: 0.0,
        denominator: 0.0,
    });
    assert_eq!(plain(Attribute::UPrime, &periods), chart);
    // The two neighbours of the gap differ, but no range leads across it.
    let jump = [Some(10.0), Some(10.0), None, Some(20.0), Some(20.0)].map(|count| {
        count.map(|count| Subgroup {
            count,
            denominator: 100.0,
        })
    });
    let limits = plain(Attribute::UPrime, &jump).points[0]
        .unwrap()
        .limits
        .unwrap();
    assert_eq!((limits.lower, limits.upper), (0.15, 0.15));
}

#[test]
fn what_cannot_be_charted_is_refused_with_the_rule() {
    let refused = |kind, count, denominator| {
        let subgroups = [Some(Subgroup { count, denominator })];
        attribute(kind, &subgroups, &[], None, &Settings::default()).unwrap_err()
    };
    let negative = Unanswerable::Invalid("a count must be 0 or more");
    assert_eq!(refused(Attribute::C, -1.0, 1.0), negative);
    let none = Unanswerable::Invalid("a denominator must be above 0");
    assert_eq!(refused(Attribute::U, 1.0, 0.0), none);
    assert_eq!(refused(Attribute::P, 0.0, -3.0), none);
    assert!(matches!(
        refused(Attribute::P, 3.0, 2.0),
        Unanswerable::Invalid(_)
    ));
    assert_eq!(refused(Attribute::U, 1e300, 1e-300), Unanswerable::Overflow);
    let missing = refused(Attribute::U, f64::NAN, 1.0);
    assert!(matches!(missing, Unanswerable::TooFew { have: 0, .. }));
    assert_eq!(
        attribute(Attribute::C, &[], &[], None, &Settings::default()).unwrap_err(),
        missing
    );
}

#[test]
fn too_little_data_gives_no_limits_and_no_alarm() {
    let one = plain(Attribute::PPrime, &subgroups(&[(3.0, 10.0)]));
    assert_eq!(one.segments[0].centre, Some(0.3));
    assert_eq!(one.points[0].unwrap().limits, None);
    assert_eq!(one.points[0].unwrap().special, None);

    let mut late = same_base(&[1, 2, 3, 2], 10.0);
    late[..2].fill(None);
    let chart = attribute(Attribute::U, &late, &[], Some(2), &Settings::default()).unwrap();
    assert_eq!(
        (chart.segments[0].centre, chart.segments[0].runs),
        (None, None)
    );
    assert_eq!(chart.points[2].unwrap().limits, None);
}

/// Share of points outside the limits in charts of proportions whose true level itself varies.
fn share_outside(kind: Attribute, denominator: u64, between: f64, seed: u64) -> f64 {
    let mut random = random(seed);
    let level = 0.3;
    let size = level * (1.0 - level) / (between * between) - 1.0;
    let beta = Beta::new(level * size, (1.0 - level) * size).unwrap();
    let mut flagged = 0;
    let charts = 200;
    for _ in 0..charts {
        let subgroups: Vec<_> = (0..36)
            .map(|_| {
                let n = random.random_range(denominator / 2..denominator * 3 / 2);
                let p = if between > 0.0 {
                    beta.sample(&mut random)
                } else {
                    level
                };
                let count = Binomial::new(n, p).unwrap().sample(&mut random) as f64;
                Some(Subgroup {
                    count,
                    denominator: n as f64,
                })
            })
            .collect();
        flagged += outside(&plain(kind, &subgroups)).len();
    }
    flagged as f64 / f64::from(charts * 36)
}

#[test]
fn with_large_denominators_a_p_chart_flags_most_points_and_a_p_prime_chart_few() {
    // 20,000 cases a month and a level that varies by two points of a hundred.
    let p = share_outside(Attribute::P, 20_000, 0.02, 1);
    let prime = share_outside(Attribute::PPrime, 20_000, 0.02, 1);
    assert!(p > 0.5, "{p}");
    assert!(prime < 0.015, "{prime}");
}

#[test]
fn where_chance_explains_the_counts_a_p_prime_chart_is_about_as_wide_as_a_p_chart() {
    let mut random = random(2);
    let mut ratio = 0.0;
    for _ in 0..100 {
        let binomial = Binomial::new(500, 0.2).unwrap();
        let pairs: Vec<_> = (0..36)
            .map(|_| (binomial.sample(&mut random) as f64, 500.0))
            .collect();
        let width = |kind| {
            let limits = plain(kind, &subgroups(&pairs)).points[0]
                .unwrap()
                .limits
                .unwrap();
            limits.upper - limits.lower
        };
        ratio += width(Attribute::PPrime) / width(Attribute::P) / 100.0;
    }
    assert!((ratio - 1.0).abs() < 0.04, "{ratio}");
}

fn any_subgroup() -> impl Strategy<Value = Option<Subgroup>> {
    let figure = || {
        prop_oneof![
            prop::num::f64::ANY,
            0.0..50.0_f64,
            Just(0.0),
            Just(f64::MAX)
        ]
    };
    prop::option::weighted(
        0.9,
        (figure(), figure()).prop_map(|(count, denominator)| Subgroup { count, denominator }),
    )
}

proptest! {
    #[test]
    fn any_input_gives_a_chart_or_a_reason(
        subgroups in prop::collection::vec(any_subgroup(), 0..40),
        starts in prop::collection::vec(0..50_usize, 0..4),
        baseline in prop::option::of(prop_oneof![0..50_usize, Just(usize::MAX)]),
        settings in any_settings(),
    ) {
        for kind in KINDS {
            if let Ok(chart) = attribute(kind, &subgroups, &starts, baseline, &settings) {
                prop_assert_eq!(chart.points.len(), subgroups.len());
                for point in chart.points.iter().flatten() {
                    prop_assert!(point.value.is_finite());
                }
            }
        }
    }

    #[test]
    fn limits_contain_the_centre_and_what_a_value_can_be(
        pairs in prop::collection::vec((0..40_u32, 1..60_u32), 2..40),
        starts in prop::collection::vec(0..50_usize, 0..4),
    ) {
        for kind in KINDS {
            let proportion = matches!(kind, Attribute::P | Attribute::PPrime);
            let subgroups: Vec<_> = pairs.iter().map(|&(count, more)| {
                let denominator = f64::from(if proportion { count + more } else { more });
                Some(Subgroup { count: f64::from(count), denominator })
            }).collect();
            let chart = attribute(kind, &subgroups, &starts, None, &Settings::default()).unwrap();
            for point in chart.points.iter().flatten() {
                let centre = chart.segments[point.segment].centre.unwrap();
                if let Some(limits) = point.limits {
                    prop_assert!(limits.contains(centre), "{limits:?} {centre}");
                    prop_assert!(limits.lower >= 0.0);
                    prop_assert!(!proportion || limits.upper <= 1.0);
                    prop_assert_eq!(point.outside(), !limits.contains(point.value));
                }
            }
        }
    }

    #[test]
    fn the_unit_of_the_base_changes_the_figures_and_no_signal(
        pairs in prop::collection::vec((0..40_u32, 1..60_u32), 2..40),
    ) {
        let with_base = |factor: f64| -> Vec<_> {
            let subgroup = |&(count, base): &(u32, u32)| Some(Subgroup {
                count: f64::from(count),
                denominator: f64::from(base) * factor,
            });
            pairs.iter().map(subgroup).collect()
        };
        // A power of two, so that nothing is rounded anew.
        let (ones, halves) = (
            plain(Attribute::UPrime, &with_base(1.0)),
            plain(Attribute::UPrime, &with_base(0.25)),
        );
        for (a, b) in ones.points.iter().flatten().zip(halves.points.iter().flatten()) {
            prop_assert_eq!(a.value * 4.0, b.value);
            prop_assert_eq!(a.special, b.special);
        }
    }
}
