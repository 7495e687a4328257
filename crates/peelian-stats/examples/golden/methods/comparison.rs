//! Intervals and funnels.

use std::collections::BTreeMap;
use std::path::Path;

use peelian_stats::comparison::funnel::{
    Funnel, Kind, LimitStyle, Overdispersion, Position, Settings, Trimming, Unit, Z95, Z998,
    funnel as draw,
};
use peelian_stats::comparison::interval::{Interval, rate, wilson};
use peelian_stats::comparison::standardised::{self, Stratum, direct};
use peelian_stats::comparison::unadjusted_funnel::{
    pheindicatormethods, place_proportion, proportion_limits,
};
use serde_json::{Value, json};

use super::Outcome;
use super::table::{Table, number, numbers, read_json, write_json};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

pub(crate) fn rates_byar_wilson(case: &Path, out: &Path) -> Outcome {
    let params = read_json(case, "params.json")?;
    let multiplier = number(&params, "/multiplier")?;
    let input = Table::read(case, "input.csv")?;
    let (x, n) = (input.numbers("x")?, input.numbers("n")?);
    let given = || -> Result<Table> {
        Ok(Table::default()
            .with_text("area", input.text("area")?)
            .with_text("x", input.text("x")?)
            .with_text("n", input.text("n")?))
    };
    let pairs = || x.iter().copied().zip(n.iter().copied());
    for confidence in numbers(&params, "/confidence")? {
        let rates = pairs()
            .map(|(x, n)| rate(x, n, multiplier, confidence))
            .collect::<std::result::Result<Vec<_>, _>>()?;
        let method = |x: &f64| if *x < 10.0 { "Exact" } else { "Byars" };
        with_limits(
            given()?.with("value", pairs().map(|(x, n)| x / n * multiplier)),
            &rates,
        )
        .with_text("method", x.iter().map(method))
        .write(out, &format!("expected_rate_{}.csv", percent(confidence)))?;
        let proportions = pairs()
            .map(|(x, n)| wilson(x, n, confidence))
            .collect::<std::result::Result<Vec<_>, _>>()?;
        with_limits(
            given()?.with("value", pairs().map(|(x, n)| x / n)),
            &proportions,
        )
        .with_text("method", x.iter().map(|_| "Wilson"))
        .write(
            out,
            &format!("expected_proportion_{}.csv", percent(confidence)),
        )?;
    }
    Ok(())
}

fn with_limits(table: Table, limits: &[Interval]) -> Table {
    table
        .with("lowercl", limits.iter().map(|limits| limits.lower))
        .with("uppercl", limits.iter().map(|limits| limits.upper))
}

/// 0.95 as "95", 0.998 as "998".
fn percent(confidence: f64) -> String {
    let percent = (confidence * 1e6).round() / 1e4;
    percent.to_string().replace('.', "")
}

pub(crate) fn rates_dsr(case: &Path, out: &Path) -> Outcome {
    let params = read_json(case, "params.json")?;
    let multiplier = number(&params, "/multiplier")?;
    let input = Table::read(case, "input.csv")?;
    let (x, n) = (input.numbers("x")?, input.numbers("n")?);
    let standard = input.numbers("stdpop")?;
    let mut areas: BTreeMap<&str, Vec<Stratum>> = BTreeMap::new();
    for (row, area) in input.text("area")?.iter().enumerate() {
        areas.entry(area).or_default().push(Stratum {
            events: x[row],
            base: n[row],
            standard: standard[row],
        });
    }
    for confidence in numbers(&params, "/confidence")? {
        let settings = standardised::Settings {
            multiplier,
            confidence,
            ..standardised::Settings::default()
        };
        let rates = areas
            .values()
            .map(|strata| direct(strata, &settings))
            .collect::<std::result::Result<Vec<_>, _>>()?;
        let limits: Vec<_> = rates.iter().map(|rate| rate.rate.interval).collect();
        let table = Table::default()
            .with_text("area", areas.keys())
            .with("total_count", rates.iter().map(|rate| rate.events))
            .with("total_pop", rates.iter().map(|rate| rate.base))
            .with("value", rates.iter().map(|rate| rate.rate.value));
        with_limits(table, &limits)
            .with_text(
                "statistic",
                rates.iter().map(|_| format!("dsr per {multiplier}")),
            )
            .with_text("method", rates.iter().map(|_| "Dobson"))
            .write(out, &format!("expected_dsr_{}.csv", percent(confidence)))?;
    }
    Ok(())
}

/// How the peer is asked to draw a funnel.
struct Asked {
    kind: Kind,
    settings: Settings,
    limit: f64,
}

impl Asked {
    fn read(params: &Value) -> Result<Self> {
        let word = |name: &str| params.get(name).and_then(Value::as_str).unwrap_or("");
        let shmi = word("data_type") == "SR" && word("sr_method") == "SHMI";
        let kind = match word("data_type") {
            "PR" => Kind::Proportion,
            "RC" => Kind::RatioOfCounts,
            "SR" if shmi => Kind::LogStandardisedRatio,
            "SR" => Kind::StandardisedRatio,
            other => return Err(format!("unknown data type {other:?}").into()),
        };
        let fraction = number(params, "/trim_by")?;
        let rounding = params.get("SHMI_rounding").and_then(Value::as_bool);
        let settings = Settings {
            trimming: if shmi {
                Trimming::Truncated(fraction)
            } else {
                Trimming::Winsorised(fraction)
            },
            limits: LimitStyle::FunnelPlotR,
            round_expected: shmi && rounding.unwrap_or(true),
            ..Settings::default()
        };
        let limit = number(params, "/limit")?;
        Ok(Self {
            kind,
            settings,
            limit,
        })
    }
}

pub(crate) fn funnel(case: &Path, out: &Path) -> Outcome {
    let asked = Asked::read(&read_json(case, "params.json")?)?;
    let input = Table::read(case, "input.csv")?;
    let mut groups: BTreeMap<&str, Unit> = BTreeMap::new();
    let (numerators, denominators) = (input.numbers("numerator")?, input.numbers("denominator")?);
    for (row, group) in input.text("group")?.iter().enumerate() {
        let unit = groups.entry(group).or_insert(Unit {
            numerator: 0.0,
            denominator: 0.0,
        });
        unit.numerator += numerators[row];
        unit.denominator += denominators[row];
    }
    let units: Vec<_> = groups.values().copied().collect();
    let adjusted = draw(&units, asked.kind, &asked.settings)?;
    if adjusted.points.len() != units.len() {
        return Err("a unit cannot be used".into());
    }
    write_json(
        out,
        "expected.json",
        &json!({ "phi": adjusted.phi, "tau2": adjusted.tau2 }),
    )?;
    let plain = Settings {
        overdispersion: Overdispersion::None,
        ..asked.settings
    };
    let plain = draw(&units, asked.kind, &plain)?;
    let table = limited(scored(&groups, &adjusted), &plain, &adjusted);
    flagged(table, &adjusted, asked.limit)?.write(out, "expected.csv")
}

/// The z of the peer's adjusted limits, which it writes to six places.
const THEIR_Z95: f64 = 1.959_964;
const THEIR_Z998: f64 = 3.090_232;

/// The funnel's table with the columns up to the scores.
fn scored(groups: &BTreeMap<&str, Unit>, funnel: &Funnel) -> Table {
    let points = &funnel.points;
    let target = funnel.target;
    let (centre, y): (f64, fn(f64, f64) -> f64) = match funnel.kind {
        Kind::Proportion => (target.sqrt().asin(), |x, n| (x / n).sqrt().asin()),
        Kind::LogStandardisedRatio => (0.0, |x, n| (x / n).ln()),
        Kind::RatioOfCounts => (target.ln(), |x, n| ((x + 0.5) / (n + 0.5)).ln()),
        Kind::Rate | Kind::StandardisedRatio => (1.0, |x, n| (x / n).sqrt()),
    };
    // The column holds the standard error of the peer's limits, for ratios of counts not that of
    // its scores.
    let width = if funnel.kind == Kind::LogStandardisedRatio {
        1.0
    } else {
        0.5
    };
    let numerators = || groups.values().map(|unit| unit.numerator);
    let sizes = || points.iter().map(|point| point.denominator);
    let table = Table::default()
        .with_text("group", groups.keys())
        .with("numerator", numerators())
        .with("denominator", sizes())
        .with("rr", points.iter().map(|point| point.value))
        .with("target_transformed", points.iter().map(|_| centre))
        .with("Y", numerators().zip(sizes()).map(|(x, n)| y(x, n)))
        .with("s", sizes().map(|n| width / n.sqrt()))
        .with("Uzscore", points.iter().map(|point| point.unadjusted_z));
    trimmed(table, funnel)
}

fn trimmed(table: Table, funnel: &Funnel) -> Table {
    let points = &funnel.points;
    let table = if let Trimming::Truncated(_) = funnel.settings.trimming {
        let left_out = points.iter().map(|p| u8::from(p.trimmed_z.is_none()));
        table.with_text("truncated", left_out)
    } else {
        let seen = || points.iter().filter_map(|point| point.trimmed_z);
        let low = seen().fold(f64::INFINITY, f64::min);
        let high = seen().fold(f64::NEG_INFINITY, f64::max);
        // A score on the mark counts as pulled in to it.
        let inside = |z: f64| low < z && z < high;
        let pulled_in = points.iter().map(|p| u8::from(!inside(p.unadjusted_z)));
        table.with_text("winsorised", pulled_in)
    };
    table.with_optional("Wuzscore", points.iter().map(|point| point.trimmed_z))
}

fn limited(mut table: Table, plain: &Funnel, adjusted: &Funnel) -> Table {
    // Only its exact limits use every digit of z.
    let exact = matches!(
        plain.kind,
        Kind::StandardisedRatio | Kind::LogStandardisedRatio
    );
    let (z95, z998) = if exact {
        (Z95, Z998)
    } else {
        (THEIR_Z95, THEIR_Z998)
    };
    for (funnel, z, lower, upper) in [
        (plain, z95, "LCL95", "UCL95"),
        (plain, z998, "LCL99", "UCL99"),
        (adjusted, THEIR_Z95, "OD95LCL", "OD95UCL"),
        (adjusted, THEIR_Z998, "OD99LCL", "OD99UCL"),
    ] {
        let limits: Vec<_> = funnel
            .points
            .iter()
            .map(|point| drawn(funnel, point.denominator, z))
            .collect();
        table = table
            .with(lower, limits.iter().map(|limits| limits.lower))
            .with(upper, limits.iter().map(|limits| limits.upper));
    }
    table
}

/// The limits as the peer draws them. Those of a proportion turn back where the angle passes 0 or
/// 90 degrees. The peer looks along the sizes that it draws and puts 0 or 1 wherever the next
/// limit shows the turn, which leaves the last one before the turn as it was.
fn drawn(funnel: &Funnel, n: f64, z: f64) -> Interval {
    let held = funnel.limits_at(n, z);
    if funnel.kind != Kind::Proportion || (held.lower > 0.0 && held.upper < 1.0) {
        return held;
    }
    let tau2 = if funnel.settings.overdispersion == Overdispersion::None {
        0.0
    } else {
        funnel.tau2
    };
    let turning = |n: f64| {
        let reach = z * (0.25 / n + tau2).sqrt();
        let centre = funnel.target.sqrt().asin();
        Interval {
            lower: (centre - reach).sin().powi(2),
            upper: (centre + reach).sin().powi(2),
        }
    };
    let here = turning(n);
    let next = next_size(funnel, n).map_or(here, turning);
    Interval {
        lower: if here.lower > next.lower {
            0.0
        } else {
            here.lower
        },
        upper: if here.upper < next.upper {
            1.0
        } else {
            here.upper
        },
    }
}

/// The next larger of the peer's thousand sizes from 3 up, and the sizes of the units.
fn next_size(funnel: &Funnel, n: f64) -> Option<f64> {
    let sizes = || funnel.points.iter().map(|point| point.denominator);
    let largest = sizes().fold(0.0, f64::max).ceil();
    let step = (largest - 3.0) / 999.0;
    let along = (0..1000_u32).map(|i| 3.0 + f64::from(i) * step);
    along
        .chain(sizes())
        .filter(|size| *size > n)
        .min_by(f64::total_cmp)
}

fn flagged(table: Table, adjusted: &Funnel, limit: f64) -> Result<Table> {
    let z = match limit {
        95.0 => THEIR_Z95,
        99.0 => THEIR_Z998,
        _ => return Err("limit must be 95 or 99".into()),
    };
    let outside = adjusted
        .points
        .iter()
        .map(|point| u8::from(!drawn(adjusted, point.denominator, z).contains(point.value)));
    Ok(table
        .with_text("outlier", outside)
        .with_text("highlight", adjusted.points.iter().map(|_| 0)))
}

pub(crate) fn funnel_phe(case: &Path, out: &Path) -> Outcome {
    let params = read_json(case, "params.json")?;
    let input = Table::read(case, "input.csv")?;
    let per = number(&params, "/rate_multiplier")?;
    let (x, n) = (input.numbers("x")?, input.numbers("n")?);
    let rates: Vec<_> = x.iter().zip(&n).map(|(x, n)| x / n * per).collect();
    // The peer goes back from the rate to the base.
    let bases: Vec<_> = (0..x.len())
        .map(|i| {
            if x[i] == 0.0 {
                n[i]
            } else {
                per * x[i] / rates[i]
            }
        })
        .collect();
    let level = x.iter().sum::<f64>() / bases.iter().sum::<f64>();
    rate_lines(&bases, level, per)?.write(out, "expected_limits_rate.csv")?;
    let places = x
        .iter()
        .zip(&bases)
        .map(|(x, base)| pheindicatormethods::place_rate(*x, *base, level))
        .collect::<std::result::Result<Vec<_>, _>>()?;
    areas(&input)?
        .with("rate", rates)
        .with_text("significance", places.into_iter().map(words))
        .write(out, "expected_significance_rate.csv")?;

    let (y, m) = (input.numbers("y")?, input.numbers("m")?);
    let level = y.iter().sum::<f64>() / m.iter().sum::<f64>();
    let per = number(&params, "/prop_multiplier")?;
    proportion_lines(&m, level, per)?.write(out, "expected_limits_proportion.csv")?;
    let places = y
        .iter()
        .zip(&m)
        .map(|(y, m)| place_proportion(*y, *m, level))
        .collect::<std::result::Result<Vec<_>, _>>()?;
    areas(&input)?
        .with_text("significance", places.into_iter().map(words))
        .write(out, "expected_significance_proportion.csv")
}

fn areas(input: &Table) -> Result<Table> {
    ["area", "x", "n", "y", "m"]
        .iter()
        .try_fold(Table::default(), |table, name| {
            Ok(table.with_text(name, input.text(name)?))
        })
}

fn words(position: Position) -> &'static str {
    match position {
        Position::Below998 => "Low (0.001)",
        Position::Below95 => "Low (0.025)",
        Position::Within => "Not significant",
        Position::Above95 => "High (0.025)",
        Position::Above998 => "High (0.001)",
    }
}

fn rate_lines(bases: &[f64], level: f64, per: f64) -> Result<Table> {
    let (from, to) = ends_of_axis(bases);
    let events = along_axis((from * level).floor(), (to * level).ceil());
    let at = |confidence: f64| {
        let limits = |events: &f64| pheindicatormethods::rate_limits(level, *events, confidence);
        events
            .iter()
            .map(limits)
            .collect::<std::result::Result<Vec<_>, _>>()
    };
    let mut table = Table::default().with("Events", events.iter().copied());
    for (name, limits) in [("2s", at(0.95)?), ("3s", at(0.998)?)] {
        table = table
            .with(
                &format!("lower_{name}_population_1_year"),
                limits.iter().map(|limits| limits.lower_base),
            )
            .with(
                &format!("lower_{name}_limit"),
                limits.iter().map(|limits| limits.lower * per),
            )
            .with(
                &format!("upper_{name}_population_1_year"),
                limits.iter().map(|limits| limits.upper_base),
            )
            .with(
                &format!("upper_{name}_limit"),
                limits.iter().map(|limits| limits.upper * per),
            );
    }
    let statistic = format!("rate (crude per {})", with_commas(per));
    Ok(table
        .with("baseline", events.iter().map(|_| level * per))
        .with_text("statistic", events.iter().map(|_| &statistic))
        .with_text("method", events.iter().map(|_| "Poisson")))
}

fn proportion_lines(sizes: &[f64], level: f64, per: f64) -> Result<Table> {
    let (from, to) = ends_of_axis(sizes);
    let sizes = along_axis(from, to);
    let mut table = Table::default().with("Population", sizes.iter().copied());
    for (name, confidence) in [("2s", 0.95), ("3s", 0.998)] {
        let limits = sizes
            .iter()
            .map(|n| proportion_limits(level, *n, confidence))
            .collect::<std::result::Result<Vec<_>, _>>()?;
        table = table
            .with(
                &format!("lower_{name}_limit"),
                limits.iter().map(|limits| limits.lower * per),
            )
            .with(
                &format!("upper_{name}_limit"),
                limits.iter().map(|limits| limits.upper * per),
            );
    }
    Ok(table
        .with("baseline", sizes.iter().map(|_| level * per))
        .with_text("statistic", sizes.iter().map(|_| "proportion"))
        .with_text("method", sizes.iter().map(|_| "Wilson")))
}

/// From 0, or from 5 % below the smallest where the sizes are alike, to 5 % above the largest, both
/// to a leading digit or two.
fn ends_of_axis(sizes: &[f64]) -> (f64, f64) {
    let smallest = sizes.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = sizes.iter().copied().fold(0.0, f64::max);
    let unit = |whole: f64, digits: i32| 10_f64.powi(digits_of(whole) - digits);
    let from = if largest > 2.0 * smallest {
        0.0
    } else {
        let unit = unit((smallest * 0.95).floor(), 1);
        (smallest * 0.95 / unit).floor() * unit
    };
    let unit = unit((largest * 1.05).ceil(), 2);
    (from, (largest * 1.05 / unit).ceil() * unit)
}

fn digits_of(whole: f64) -> i32 {
    i32::try_from(format!("{whole:.0}").len()).unwrap_or(i32::MAX)
}

/// A hundred whole sizes, each as many times the last as would end at `to`, and at least one more.
fn along_axis(from: f64, to: f64) -> Vec<f64> {
    let mut sizes = vec![from.max(1.0)];
    for left in (1..100_u32).rev() {
        let last = sizes.last().copied().unwrap_or(1.0);
        let next = (to / last).powf(1.0 / f64::from(left)) * last;
        sizes.push(next.round_ties_even().max(last + 1.0));
    }
    sizes
}

fn with_commas(whole: f64) -> String {
    let digits = format!("{whole:.0}");
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
