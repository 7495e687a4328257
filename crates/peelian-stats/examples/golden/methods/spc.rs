//! Control charts.

use std::path::Path;

use peelian_stats::Interval;
use peelian_stats::spc::attribute::{Attribute, Chart, Subgroup, attribute};
use peelian_stats::spc::rare::{g, t};
use peelian_stats::spc::runs::{Runs, run_chart, runs};
use peelian_stats::spc::signal::{Polarity, Signal, assurance, variation};
use peelian_stats::spc::xmr::{
    Assurance, Limits, Rule, Settings, SpecialCause, TwoInThree, Xmr, xmr,
};
use serde_json::{Value, json};

use super::Outcome;
use super::table::{Table, read_json, write_json};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Half the width of the limits of individual values in mean moving ranges, not rounded to 2.66.
const UNROUNDED: f64 = 3.0 / 1.128;

pub(crate) fn spc_xmr(case: &Path, out: &Path) -> Outcome {
    let input = Table::read(case, "input.csv")?;
    let params = read_json(case, "params.json")?;
    let series = Series::of(&input, &params)?;
    let legacy = series.chart(&Settings {
        screen: series.screen,
        ..Settings::nhs_r_plot_the_dots()
    });
    let present = series.chart(&Settings {
        screen: series.screen,
        two_in_three: TwoInThree::BeyondLimitCounts,
        ..Settings::nhs_r_plot_the_dots()
    });
    series.write_chart(&legacy, out)?;
    series.write_icons(&legacy, out)?;
    Table::default()
        .with_text("date", series.dates.clone())
        .with_text("special_cause_type_legacy", words_of(&legacy))
        .with_text("special_cause_type_mdc", words_of(&present))
        .write(out, "expected_mdc_rule.csv")?;
    series.write_individuals(out)
}

struct Series {
    dates: Vec<String>,
    values: Vec<Option<f64>>,
    starts: Vec<usize>,
    baseline: Option<usize>,
    target: Option<f64>,
    polarity: Polarity,
    screen: bool,
}

impl Series {
    fn of(input: &Table, params: &Value) -> Result<Self> {
        let rebased = if input.names().iter().any(|name| name == "rebase") {
            input.optional("rebase")?
        } else {
            Vec::new()
        };
        let starts = (0..rebased.len())
            .filter(|&i| rebased[i] == Some(1.0))
            .collect();
        let polarity = match params["improvement_direction"].as_str() {
            Some("increase") | None => Polarity::HigherIsBetter,
            Some("decrease") => Polarity::LowerIsBetter,
            Some("neutral") => Polarity::Neutral,
            Some(other) => return Err(format!("unknown direction {other}").into()),
        };
        let baseline = params["fix_after_n_points"].as_u64();
        Ok(Self {
            dates: input.text("date")?.to_vec(),
            values: input.optional("value")?,
            starts,
            baseline: baseline.map(usize::try_from).transpose()?,
            target: params["target"].as_f64(),
            polarity,
            screen: params["screen_outliers"].as_bool().unwrap_or(true),
        })
    }

    fn chart(&self, settings: &Settings) -> Xmr {
        xmr(&self.values, &self.starts, self.baseline, settings)
    }

    /// The values that a segment's limits rest on.
    fn used(&self, limits: &Limits) -> &[Option<f64>] {
        let places = limits.range.len().min(self.baseline.unwrap_or(usize::MAX));
        &self.values[limits.range.start..limits.range.start + places]
    }

    fn write_chart(&self, chart: &Xmr, out: &Path) -> Outcome {
        let rows: Vec<_> = (0..self.values.len())
            .map(|i| {
                let segment = chart
                    .segments
                    .iter()
                    .position(|limits| limits.range.contains(&i));
                let segment = segment.unwrap_or_default();
                let limits = &chart.segments[segment];
                let shown = limits.known() && !(self.screen && is_flat(self.used(limits)));
                (segment, limits, shown)
            })
            .collect();
        let limit = |pick: fn(&Limits) -> f64| {
            rows.iter()
                .map(move |(_, limits, shown)| shown.then(|| pick(limits)))
        };
        let judged = |flag: &dyn Fn(usize) -> bool| -> Vec<String> {
            let cell = |i: usize| {
                if !rows[i].2 || self.values[i].is_none() {
                    ""
                } else if flag(i) {
                    "TRUE"
                } else {
                    "FALSE"
                }
            };
            (0..rows.len()).map(|i| cell(i).to_owned()).collect()
        };
        let outside = judged(&|i| {
            self.values[i].is_some_and(|value| value > rows[i].1.upper || value < rows[i].1.lower)
        });
        let near = judged(&|i| chart.points[i].is_some_and(|point| point.near));
        let sides = chart
            .points
            .iter()
            .map(|point| point.map_or(String::new(), |point| (point.side as i8).to_string()));
        let meanings = chart.points.iter().map(|point| {
            let special = point.and_then(|point| point.special);
            meaning(variation(special, self.polarity))
        });
        Table::default()
            .with_text("date", self.dates.clone())
            .with_optional("value", self.values.iter().copied())
            .with_text("rebase_group", rows.iter().map(|(segment, ..)| segment))
            .with("mean", rows.iter().map(|(_, limits, _)| limits.mean))
            .with_optional("lpl", limit(|limits| limits.lower))
            .with_optional("upl", limit(|limits| limits.upper))
            .with_text("outside_limits", outside)
            .with_text("relative_to_mean", sides)
            .with_text("close_to_limits", near)
            .with_text("special_cause_type", words_of(chart))
            .with_text("point_type", meanings)
            .write(out, "expected.csv")
    }

    fn write_icons(&self, chart: &Xmr, out: &Path) -> Outcome {
        let assurance = chart
            .segments
            .last()
            .and_then(|limits| assurance(limits, self.target, self.polarity));
        let assurance = assurance.map(|assurance| match assurance {
            Assurance::ConsistentlyPasses => "consistent_pass",
            Assurance::ConsistentlyFails => "consistent_fail",
            Assurance::HitAndMiss => "inconsistent",
        });
        let latest = chart.latest().and_then(|point| point.special);
        let icons = json!({
            "assurance_type": assurance,
            "variation_last_point": meaning(variation(latest, self.polarity)),
        });
        write_json(out, "expected.json", &icons)
    }

    /// The same values as an individuals chart that always screens, is not fixed to a baseline, and
    /// is read by its limits and its runs.
    fn write_individuals(&self, out: &Path) -> Outcome {
        let individuals = individuals(&self.values, &self.starts);
        let parts = individuals.rows.iter().map(|row| row.part + 1);
        individuals
            .table()
            .with_text("part", parts)
            .write(out, "expected_qicharts2_i.csv")
    }
}

/// Whether all values are the same. There the other programs screen out every moving range and are
/// left without limits; ours are the mean.
fn is_flat(values: &[Option<f64>]) -> bool {
    let mut present = values.iter().flatten();
    let first = present.next();
    present.all(|value| Some(value) == first)
}

fn meaning(signal: Signal) -> &'static str {
    match signal {
        Signal::CommonCause => "common_cause",
        Signal::Improvement => "special_cause_improvement",
        Signal::Concern => "special_cause_concern",
        Signal::NeutralHigh => "special_cause_neutral_high",
        Signal::NeutralLow => "special_cause_neutral_low",
    }
}

fn words_of(chart: &Xmr) -> Vec<&'static str> {
    let words = |special: Option<SpecialCause>| {
        let Some(SpecialCause { rule, high }) = special else {
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
    };
    let points = chart.points.iter();
    points
        .map(|point| words(point.and_then(|point| point.special)))
        .collect()
}

/// A chart as rows of lines, limits and runs.
#[derive(Default)]
struct Rows {
    rows: Vec<Row>,
}

struct Row {
    value: Option<f64>,
    centre: Option<f64>,
    limits: Option<Interval>,
    outside: bool,
    runs: Option<Runs>,
    part: usize,
}

impl Rows {
    fn table(&self) -> Table {
        let rows = &self.rows;
        let run = |pick: fn(&Runs) -> usize| {
            rows.iter().map(move |row| {
                let runs = row.runs.filter(|runs| runs.useful > 0);
                runs.map_or(String::new(), |runs| pick(&runs).to_string())
            })
        };
        let flag = |flag: bool| if flag { "TRUE" } else { "FALSE" };
        let signal = |row: &Row| flag(row.runs.is_some_and(|runs| runs.signal()));
        let useful = |row: &Row| row.runs.map_or(0, |runs| runs.useful);
        Table::default()
            .with_text("x", 1..=rows.len())
            .with_optional("y", rows.iter().map(|row| row.value))
            .with_optional("cl", rows.iter().map(|row| row.centre))
            .with_optional("lcl", rows.iter().map(|row| row.limits.map(|l| l.lower)))
            .with_optional("ucl", rows.iter().map(|row| row.limits.map(|l| l.upper)))
            .with_text("sigma.signal", rows.iter().map(|row| flag(row.outside)))
            .with_text("runs.signal", rows.iter().map(signal))
            .with_text("n.useful", rows.iter().map(useful))
            .with_text("longest.run", run(|runs| runs.longest))
            .with_text("longest.run.max", run(|runs| runs.longest_allowed))
            .with_text("n.crossings", run(|runs| runs.crossings))
            .with_text("n.crossings.min", run(|runs| runs.crossings_needed))
    }

    fn of(chart: &Chart) -> Self {
        let mut rows = Vec::new();
        for (part, segment) in chart.segments.iter().enumerate() {
            for point in &chart.points[segment.range.clone()] {
                rows.push(Row {
                    value: point.map(|point| point.value),
                    centre: segment.centre,
                    limits: point.and_then(|point| point.limits),
                    outside: point.is_some_and(|point| point.outside()),
                    runs: segment.runs,
                    part,
                });
            }
        }
        Self { rows }
    }
}

/// Individual values about their mean, with limits of 3/1.128 mean moving ranges.
fn individuals(values: &[Option<f64>], starts: &[usize]) -> Rows {
    let chart = xmr(values, starts, None, &Settings::default());
    let mut rows = Vec::new();
    for (part, limits) in chart.segments.iter().enumerate() {
        let stretch = &values[limits.range.clone()];
        let reach = UNROUNDED * limits.mean_moving_range;
        let interval = (limits.known() && !is_flat(stretch)).then_some(Interval {
            lower: limits.mean - reach,
            upper: limits.mean + reach,
        });
        let runs = runs(stretch, limits.mean).ok();
        rows.extend(stretch.iter().map(|&value| {
            Row {
                value,
                centre: Some(limits.mean),
                limits: interval,
                outside: value
                    .zip(interval)
                    .is_some_and(|(value, interval)| !interval.contains(value)),
                runs,
                part,
            }
        }));
    }
    Rows { rows }
}

pub(crate) fn spc_attribute(case: &Path, out: &Path) -> Outcome {
    let input = Table::read(case, "input.csv")?;
    let params = read_json(case, "params.json")?;
    let charts = params["charts"].as_array().ok_or("no list of charts")?;
    for chart in charts {
        let name = chart.as_str().ok_or("a chart is not a name")?;
        attribute_rows(name, &input)?
            .table()
            .write(out, &format!("expected_{name}.csv"))?;
    }
    Ok(())
}

fn attribute_rows(name: &str, input: &Table) -> Result<Rows> {
    let settings = Settings::default();
    let kind = match name {
        "run" => return medians(&input.optional("count")?),
        "i" => return Ok(individuals(&input.optional("count")?, &[])),
        "g" => {
            let gaps = input.optional("gap_events")?;
            return Ok(Rows::of(&g(&gaps, &[], None, &settings)?));
        }
        "t" => {
            let gaps = input.optional("gap_days")?;
            return Ok(Rows::of(&t(&gaps, &[], None, &settings)?));
        }
        "p" => Attribute::P,
        "pp" => Attribute::PPrime,
        "u" => Attribute::U,
        "up" => Attribute::UPrime,
        "c" => Attribute::C,
        other => return Err(format!("unknown chart {other}").into()),
    };
    let subgroup = |(count, denominator): (Option<f64>, Option<f64>)| {
        Some(Subgroup {
            count: count?,
            denominator: denominator?,
        })
    };
    let (counts, denominators) = if kind == Attribute::C {
        let counts = input.optional("count")?;
        let ones = vec![Some(1.0); counts.len()];
        (counts, ones)
    } else {
        (input.optional("num")?, input.optional("den")?)
    };
    let subgroups: Vec<_> = counts.into_iter().zip(denominators).map(subgroup).collect();
    Ok(Rows::of(&attribute(
        kind,
        &subgroups,
        &[],
        None,
        &settings,
    )?))
}

fn medians(values: &[Option<f64>]) -> Result<Rows> {
    let mut rows = Vec::new();
    for (part, segment) in run_chart(values, &[], None)?.into_iter().enumerate() {
        rows.extend(values[segment.range].iter().map(|&value| Row {
            value,
            centre: segment.median,
            limits: None,
            outside: false,
            runs: segment.runs,
            part,
        }));
    }
    Ok(Rows { rows })
}
