//! Early warning.

use std::path::Path;

use peelian_stats::time::farrington::{Settings, TrendSpread, farrington as judge};

use super::Outcome;
use super::table::{Table, number, numbers, read_json};

/// surveillance's settings, and its columns: `score` is (y − ln μ)/(limit − ln μ) there.
pub(crate) fn farrington(case: &Path, out: &Path) -> Outcome {
    let params = read_json(case, "params.json")?;
    let whole = |name: &str| number(&params, name).map(|value| value as usize);
    let enough = numbers(&params, "/limit54")?;
    let settings = Settings {
        year: whole("/freq")?,
        years: whole("/b")?,
        half_window: whole("/w")?,
        seasons: whole("/noPeriods")?,
        left_out: whole("/pastWeeksNotIncluded")?,
        alpha: number(&params, "/alpha")?,
        trend: params["trend"].as_bool().unwrap_or(true),
        trend_spread: TrendSpread::Working,
        downweight_above: number(&params, "/weightsThreshold")?,
        enough: (enough[0], enough[1] as usize),
    };
    let input = Table::read(case, "input.csv")?;
    let counts = input.optional("count")?;
    let weeks = input.text("week")?;
    let first = counts.len().saturating_sub(whole("/range_last")?);
    let verdicts = judge(&counts, first..counts.len(), &settings)?;
    let judged = verdicts
        .iter()
        .map(|verdict| verdict.filter(|verdict| !verdict.too_few));
    let judged: Vec<_> = judged.collect();
    Table::default()
        .with_text("week", &weeks[first..])
        .with_optional("observed", counts[first..].iter().copied())
        .with_optional("upperbound", judged.iter().map(|v| Some((*v)?.upper)))
        .with_text(
            "alarm",
            verdicts
                .iter()
                .map(|v| u8::from(v.is_some_and(|v| v.alarm))),
        )
        .with_optional("expected", judged.iter().map(|v| Some((*v)?.expected)))
        .with_optional("phi", verdicts.iter().map(|v| Some((*v)?.dispersion)))
        .with_text(
            "trend",
            verdicts
                .iter()
                .map(|v| u8::from(v.is_some_and(|v| v.trend.is_some()))),
        )
        .with_optional(
            "score",
            verdicts.iter().map(|v| {
                let v = (*v)?;
                Some((v.observed - v.expected.ln()) / (v.upper - v.expected.ln()))
            }),
        )
        .write(out, "expected.csv")
}
