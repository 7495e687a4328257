//! Charts like those that readers will meet, made from a small fixed generator.

use peelian_chart::{
    Flag, Frame, FunnelChart, FunnelLimit, FunnelPoint, IntervalChart, IntervalRow, SpcChart,
    SpcLimits, SpcPoint, Target,
};
use peelian_model::{Month, Reading, Rule, Signal, Status, Unit, Variation};

pub fn month(text: &str) -> Month {
    text.parse().unwrap()
}

pub fn frame(title: &str, subtitle: &str, unit: Unit) -> Frame {
    Frame {
        title: title.to_owned(),
        subtitle: subtitle.to_owned(),
        source: "Source: data.police.uk, street-level outcomes, April 2023 to March 2026, as at \
                 2 November 2026; measure version 3."
            .to_owned(),
        synthetic: false,
        unit,
    }
}

/// Numbers between −1 and 1 that are the same on every run.
pub fn wobble(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 30) - 1.0
    }
}

pub fn figure(period: Month, value: f64, status: Status) -> SpcPoint {
    let reading = Reading {
        numerator: Some((value * 20.0).round()),
        denominator: Some(2000.0),
        value: Some(value),
        lower: Some(value * 0.93),
        upper: Some(value * 1.07),
        ..Reading::without_value(period, status)
    };
    SpcPoint {
        reading,
        signal: None,
    }
}

pub fn gap(period: Month, status: Status) -> SpcPoint {
    SpcPoint {
        reading: Reading::without_value(period, status),
        signal: None,
    }
}

pub fn signal(rule: Rule, variation: Variation, high: bool) -> Signal {
    Signal {
        rule,
        variation,
        high,
    }
}

/// 36 months of a percentage that drops after a change in the thirtieth.
pub fn shifted() -> SpcChart {
    let first = month("2023-04");
    let mut noise = wobble(7);
    let points = (0..36)
        .map(|i| {
            let level = if i < 29 { 18.0 } else { 13.2 };
            let status = match i {
                34 => Status::Partial,
                35 => Status::Provisional,
                _ => Status::Ok,
            };
            let mut point = figure(first.plus(i), level + 1.7 * noise(), status);
            if i == 10 {
                point = figure(first.plus(i), 22.9, Status::Ok);
                point.signal = Some(signal(Rule::OutsideLimits, Variation::Concern, true));
            }
            if i >= 29 {
                point.signal = Some(signal(Rule::Shift, Variation::Improvement, false));
            }
            point
        })
        .collect();
    SpcChart {
        frame: frame(
            "101 callers gave up less often after August 2025",
            "Share of 101 calls abandoned in queue, Essex, monthly, per cent",
            Unit::Percent,
        ),
        points,
        limits: vec![SpcLimits {
            first,
            last: first.plus(35),
            mean: 17.8,
            lower: 13.6,
            upper: 22.0,
            trial: false,
        }],
        target: Some(Target {
            value: 10.0,
            label: "Force target".to_owned(),
        }),
        flags: vec![Flag {
            month: month("2025-08"),
            reason: "a new call-back system came in".to_owned(),
        }],
    }
}

/// Seven years with most months not held, and trial limits at the end.
pub fn full_of_gaps() -> SpcChart {
    let first = month("2019-11");
    let mut noise = wobble(11);
    let held = |i: i32| (0..8).contains(&i) || (26..30).contains(&i) || i == 44 || i >= 66;
    let points = (0..75)
        .map(|i| {
            if i == 70 {
                gap(first.plus(i), Status::NotSupplied)
            } else if held(i) {
                let mut p = figure(first.plus(i), 7.3 + 0.6 * noise(), Status::Ok);
                if i == 44 {
                    p.signal = None;
                }
                p
            } else {
                gap(first.plus(i), Status::Missing)
            }
        })
        .collect();
    SpcChart {
        frame: frame(
            "Too few months are held to say whether recorded crime changed",
            "Crimes recorded per 1,000 people, Essex, monthly",
            Unit::Per1000,
        ),
        points,
        limits: vec![SpcLimits {
            first: first.plus(66),
            last: first.plus(74),
            mean: 7.24,
            lower: 5.87,
            upper: 8.61,
            trial: true,
        }],
        target: None,
        flags: vec![
            Flag {
                month: month("2020-03"),
                reason: "first lockdown".to_owned(),
            },
            Flag {
                month: month("2020-04"),
                reason: "rules for recording changed.".to_owned(),
            },
            Flag {
                month: month("2025-06"),
                reason: "limits begin again: new recording system".to_owned(),
            },
        ],
    }
}

/// Twelve and a half years of counts in two stretches of limits.
pub fn long_counts() -> SpcChart {
    let first = month("2014-04");
    let mut noise = wobble(23);
    let points = (0..150)
        .map(|i| {
            let level = if i < 80 { 1900.0 } else { 2450.0 };
            let mut p = figure(first.plus(i), (level + 190.0 * noise()).round(), Status::Ok);
            if (60..68).contains(&i) {
                p.signal = Some(signal(Rule::Trend, Variation::NeitherHigh, true));
            }
            if i == 120 {
                p = figure(first.plus(i), 1650.0, Status::Ok);
                p.signal = Some(signal(Rule::OutsideLimits, Variation::NeitherLow, false));
            }
            p
        })
        .collect();
    let limits = |a: i32, b: i32, mean: f64| SpcLimits {
        first: first.plus(a),
        last: first.plus(b),
        mean,
        lower: mean - 330.0,
        upper: mean + 330.0,
        trial: false,
    };
    SpcChart {
        frame: Frame {
            synthetic: true,
            ..frame(
                "Recorded burglary varied as usual since 2021",
                "Burglaries recorded, Northmoor, monthly",
                Unit::Count,
            )
        },
        points,
        limits: vec![limits(0, 79, 1900.0), limits(80, 149, 2450.0)],
        target: None,
        flags: vec![Flag {
            month: first.plus(80),
            reason: "Limits begin again: counting rules changed".into(),
        }],
    }
}

const NAMES: [&str; 43] = [
    "Avon and Somerset",
    "Bedfordshire",
    "Cambridgeshire",
    "Cheshire",
    "City of London",
    "Cleveland",
    "Cumbria",
    "Derbyshire",
    "Devon and Cornwall",
    "Dorset",
    "Durham",
    "Dyfed-Powys",
    "Essex",
    "Gloucestershire",
    "Greater Manchester",
    "Gwent",
    "Hampshire",
    "Hertfordshire",
    "Humberside",
    "Kent",
    "Lancashire",
    "Leicestershire",
    "Lincolnshire",
    "Merseyside",
    "Metropolitan",
    "Norfolk",
    "North Wales",
    "North Yorkshire",
    "Northamptonshire",
    "Northumbria",
    "Nottinghamshire",
    "South Wales",
    "South Yorkshire",
    "Staffordshire",
    "Suffolk",
    "Surrey",
    "Sussex",
    "Thames Valley",
    "Warwickshire",
    "West Mercia",
    "West Midlands",
    "West Yorkshire",
    "Wiltshire",
];

/// As many forces as asked for, up to 43, with limits about 8 per cent.
pub fn funnel(forces: usize) -> FunnelChart {
    let (target, mut noise) = (8.0_f64, wobble(5));
    let half = |n: f64, z: f64| z * 4.2 * (target * (100.0 - target) / n).sqrt();
    let points: Vec<FunnelPoint> = NAMES
        .iter()
        .take(forces)
        .map(|&name| {
            let size = match name {
                "Metropolitan" => 61_000.0,
                "City of London" => 420.0,
                "Greater Manchester" | "West Midlands" | "West Yorkshire" => {
                    24_000.0 + 3000.0 * noise()
                }
                _ => (6500.0 + 4200.0 * noise()).round(),
            };
            let value = (target + half(size, 1.9) * noise() * 1.9).max(0.4);
            let outside = if value > target + half(size, 3.09) {
                Some(true)
            } else if value < target - half(size, 3.09) {
                Some(false)
            } else {
                None
            };
            let error = 1.96 * (value * (100.0 - value) / size).sqrt();
            FunnelPoint {
                name: name.to_owned(),
                denominator: size,
                value,
                lower: Some((value - error).max(0.0)),
                upper: Some(value + error),
                outside,
            }
        })
        .collect();
    let limits = (1..=160)
        .map(|i| {
            let n = 400.0 * f64::from(i);
            FunnelLimit {
                denominator: n,
                lower95: (target - half(n, 1.96)).max(0.0),
                upper95: target + half(n, 1.96),
                lower998: (target - half(n, 3.09)).max(0.0),
                upper998: target + half(n, 3.09),
            }
        })
        .collect();
    FunnelChart {
        frame: frame(
            "Essex charged about as large a share as similar forces",
            "Share of outcomes that are charges, by force, March 2026, per cent",
            Unit::Percent,
        ),
        points,
        target,
        target_label: "England and Wales average".to_owned(),
        limits,
        x_label: "Outcomes recorded in the month".to_owned(),
        highlight: Some("Essex".to_owned()),
    }
}

/// The forces of the funnel one under the other, some without a figure.
pub fn intervals(forces: usize) -> IntervalChart {
    let rows = funnel(forces)
        .points
        .into_iter()
        .enumerate()
        .map(|(i, p)| {
            let status = match i {
                3 => Status::Missing,
                6 => Status::TooFew,
                8 => Status::Provisional,
                _ => Status::Ok,
            };
            let kept = |v: Option<f64>| v.filter(|_| status.has_value());
            IntervalRow {
                name: p.name,
                value: kept(Some(p.value)),
                lower: kept(p.lower),
                upper: kept(p.upper),
                status,
            }
        })
        .collect();
    IntervalChart {
        frame: frame(
            "Most forces are too close to part",
            "Share of outcomes that are charges, by force, March 2026, per cent",
            Unit::Percent,
        ),
        rows,
        highlight: Some("Essex".to_owned()),
    }
}

/// A chart with the given values month by month from January 2024, no limits.
pub fn plain(values: &[Option<f64>]) -> SpcChart {
    let points = values
        .iter()
        .enumerate()
        .map(|(i, v)| {
            let period = month("2024-01").plus(i as i32);
            v.map_or_else(
                || gap(period, Status::Missing),
                |v| figure(period, v, Status::Ok),
            )
        })
        .collect();
    SpcChart {
        frame: frame("A title", "A subtitle", Unit::Count),
        points,
        limits: Vec::new(),
        target: None,
        flags: Vec::new(),
    }
}
