//! No input makes a chart fail: any number, any month, any text.

use peelian_chart::{
    Flag, FunnelChart, FunnelLimit, FunnelPoint, IntervalChart, IntervalRow, SpcChart, SpcLimits,
    SpcPoint, Target, divided_bar, sparkline,
};
use peelian_model::{Month, Reading, Rule, Signal, Status, Unit, Variation};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::fixtures::frame;
use crate::markup::{sheets, tags};

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => 0.0..100.0_f64,
        2 => -1e6..1e6_f64,
        1 => any::<f64>(),
        1 => select(Vec::from([f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, f64::MAX, f64::MIN_POSITIVE])),
    ]
}

fn maybe() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![3 => number().prop_map(Some), 1 => Just(None)]
}

fn status() -> impl Strategy<Value = Status> {
    select(Vec::from([
        Status::Ok,
        Status::Partial,
        Status::Provisional,
        Status::NotSupplied,
        Status::Missing,
        Status::Suppressed,
        Status::TooFew,
    ]))
}

fn unit() -> impl Strategy<Value = Unit> {
    select(Vec::from([
        Unit::Count,
        Unit::Percent,
        Unit::Per1000,
        Unit::Ratio,
    ]))
}

fn variation() -> impl Strategy<Value = Variation> {
    select(Vec::from([
        Variation::CommonCause,
        Variation::Improvement,
        Variation::Concern,
        Variation::NeitherHigh,
        Variation::NeitherLow,
    ]))
}

fn month() -> impl Strategy<Value = Month> {
    prop_oneof![
        8 => (0..60_i32).prop_map(|i| "2020-11".parse::<Month>().unwrap().plus(i)),
        1 => (-4000..4000_i32).prop_map(|i| "2020-11".parse::<Month>().unwrap().plus(i)),
    ]
}

fn point() -> impl Strategy<Value = SpcPoint> {
    (
        month(),
        maybe(),
        maybe(),
        maybe(),
        status(),
        proptest::option::of(variation()),
    )
        .prop_map(
            |(period, value, lower, numerator, status, variation)| SpcPoint {
                reading: Reading {
                    value,
                    lower,
                    numerator,
                    ..Reading::without_value(period, status)
                },
                signal: variation.map(|variation| Signal {
                    rule: Rule::Shift,
                    variation,
                    high: true,
                }),
            },
        )
}

fn limits() -> impl Strategy<Value = SpcLimits> {
    (
        month(),
        month(),
        number(),
        number(),
        number(),
        any::<bool>(),
    )
        .prop_map(|(first, last, mean, lower, upper, trial)| SpcLimits {
            first,
            last,
            mean,
            lower,
            upper,
            trial,
        })
}

fn spc() -> impl Strategy<Value = SpcChart> {
    (
        unit(),
        vec(point(), 0..50),
        vec(limits(), 0..4),
        proptest::option::of((number(), ".{0,40}")),
        vec((month(), ".{0,60}"), 0..5),
    )
        .prop_map(|(unit, points, limits, target, flags)| SpcChart {
            frame: frame("Any & <all>", "Series", unit),
            points,
            limits,
            target: target.map(|(value, label)| Target { value, label }),
            flags: flags
                .into_iter()
                .map(|(month, reason)| Flag { month, reason })
                .collect(),
        })
}

fn funnel() -> impl Strategy<Value = FunnelChart> {
    let point = (
        ".{0,30}",
        number(),
        number(),
        maybe(),
        maybe(),
        any::<Option<bool>>(),
    )
        .prop_map(
            |(name, denominator, value, lower, upper, outside)| FunnelPoint {
                name,
                denominator,
                value,
                lower,
                upper,
                outside,
            },
        );
    let limit = (number(), number(), number(), number(), number()).prop_map(
        |(denominator, lower95, upper95, lower998, upper998)| FunnelLimit {
            denominator,
            lower95,
            upper95,
            lower998,
            upper998,
        },
    );
    (
        unit(),
        vec(point, 0..45),
        vec(limit, 0..30),
        number(),
        ".{0,60}",
        ".{0,60}",
        any::<bool>(),
    )
        .prop_map(
            |(unit, points, limits, target, target_label, x_label, pick)| FunnelChart {
                frame: frame("Any", "Places", unit),
                highlight: points.first().filter(|_| pick).map(|p| p.name.clone()),
                points,
                target,
                target_label,
                limits,
                x_label,
            },
        )
}

fn intervals() -> impl Strategy<Value = IntervalChart> {
    let row = (".{0,60}", maybe(), maybe(), maybe(), status()).prop_map(
        |(name, value, lower, upper, status)| IntervalRow {
            name,
            value,
            lower,
            upper,
            status,
        },
    );
    (unit(), vec(row, 0..45)).prop_map(|(unit, rows)| IntervalChart {
        frame: frame("Any", "Places", unit),
        highlight: rows.first().map(|r| r.name.clone()),
        rows,
    })
}

/// Every coordinate is a plain number and the labels are inside.
fn is_sound(drawing: &peelian_chart::Drawing) -> Result<(), TestCaseError> {
    let page = drawing.figure("f", None).into_string();
    for tag in tags(&page).into_iter().chain(tags(&drawing.svg())) {
        for name in [
            "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "width", "height",
        ] {
            if let Some(text) = tag.get(name) {
                let value: f64 = text.parse().unwrap();
                prop_assert!(value.is_finite(), "{tag:?}");
            }
        }
        for name in ["points", "d"] {
            let text = tag.get(name).unwrap_or_default();
            prop_assert!(!text.contains("NaN") && !text.contains("inf"), "{tag:?}");
        }
        for name in ["width", "height", "r"] {
            prop_assert!(tag.get(name).is_none_or(|v| !v.starts_with('-')), "{tag:?}");
        }
    }
    for sheet in sheets(&page) {
        for label in &sheet.labels {
            let inside =
                label.left >= -2.0 && label.top >= -2.0 && label.bottom <= sheet.height + 2.0;
            prop_assert!(inside, "{label:?}");
        }
    }
    for row in &drawing.table().rows {
        prop_assert_eq!(row.len(), drawing.table().columns.len());
        // The first cell is a name, which may be anything.
        let figures = &row[1..];
        prop_assert!(
            !figures.iter().any(|c| c.contains("NaN") || c == "inf"),
            "{:?}",
            row
        );
    }
    prop_assert!(!drawing.description().is_empty());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_series_is_drawn(chart in spc()) {
        is_sound(&chart.draw())?;
    }

    #[test]
    fn any_funnel_is_drawn(chart in funnel()) {
        is_sound(&chart.draw())?;
    }

    #[test]
    fn any_intervals_are_drawn(chart in intervals()) {
        is_sound(&chart.draw())?;
    }

    #[test]
    fn any_sparkline_and_bar_is_drawn(
        values in vec(maybe(), 0..40),
        limits in vec((0..50_usize, 0..50_usize, number(), number(), number()), 0..3),
        last in proptest::option::of(variation()),
        counts in any::<[usize; 4]>()
    ) {
        for markup in [sparkline(&values, &limits, last), divided_bar(counts)] {
            let text = markup.into_string();
            prop_assert!(!text.contains("NaN") && !text.contains("inf\""), "{}", text);
            tags(&text);
        }
    }
}
