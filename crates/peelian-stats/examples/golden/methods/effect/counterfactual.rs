//! Against a constructed comparison.

use std::collections::BTreeMap;
use std::path::Path;

use peelian_stats::effect::causal_impact::{self as impact, Selection};
use peelian_stats::effect::synthetic_control::{
    self as control, Importance, Matching, Predictors, Summary,
};
use peelian_stats::effect::synthetic_did::{self as did, Method};
use serde_json::{Map, Value, json};

use super::super::table::{self, Table};
use super::Outcome;

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// Seeds whose figures are averaged.
const SEEDS: u64 = 10;

pub(crate) fn causal_impact(case: &Path, out: &Path) -> Outcome {
    let table = Table::read(case, "input.csv")?;
    let params = table::read_json(case, "params.json")?;
    let mut columns = table.names().iter();
    let outcome = table.optional(columns.next().ok_or("the table is empty")?)?;
    let names: Vec<&String> = columns.collect();
    let covariates: Fallible<Vec<_>> = names.iter().map(|name| table.numbers(name)).collect();
    let covariates = covariates?;
    let covariates: Vec<&[f64]> = covariates.iter().map(Vec::as_slice).collect();
    let range = |key: &str| -> Fallible<std::ops::Range<usize>> {
        let ends = integers(&params[key])?;
        let [first, last] = ends.as_slice() else {
            return Err(format!("{key} has no two ends").into());
        };
        Ok(usize::try_from(*first)?..usize::try_from(*last)? + 1)
    };
    let series = impact::Series {
        outcome: &outcome,
        covariates: &covariates,
        before: range("pre")?,
        after: range("post")?,
    };
    let settings = impact::Settings {
        draws: table::number(&params, "/niter")? as usize,
        warmup: table::number(&params, "/nwarmup")? as usize,
        chains: 1,
        level_sd: table::number(&params, "/prior_level_sd")?,
        model_size: table::number(&params, "/expected_model_size")?,
        // The expected figures come from that sampler; our own are in `docs/methods`.
        selection: Selection::BstsCausalImpact,
        ..impact::Settings::default()
    };
    let drawn = (0..SEEDS).map(|seed| impact::estimate(&series, &settings, seed));
    let drawn = drawn.collect::<Result<Vec<_>, _>>()?;
    let over_seeds = |pick: fn(&impact::Impact) -> f64| {
        let figures: Vec<f64> = drawn.iter().map(pick).collect();
        let mean = figures.iter().sum::<f64>() / figures.len() as f64;
        let squares: f64 = figures.iter().map(|figure| (figure - mean).powi(2)).sum();
        json!({"mean": mean, "sd_over_10_seeds": (squares / figures.len() as f64).sqrt()})
    };
    let fitted = impact::maximum_likelihood(&series)?;
    let mut likely = Map::new();
    likely.insert("sigma2.irregular".into(), json!(fitted.noise_variance));
    likely.insert("sigma2.level".into(), json!(fitted.level_variance));
    for (name, own) in names.iter().zip(&fitted.coefficients) {
        likely.insert(format!("beta.{name}"), json!(own));
    }
    let value = json!({
        "bsts_causalimpact": {
            "point_effect_mean": over_seeds(|impact| impact.average.mean),
            "ci_lower": over_seeds(|impact| impact.average.interval.lower),
            "ci_upper": over_seeds(|impact| impact.average.interval.upper),
            "cumulative_effect_total": over_seeds(|impact| impact.cumulative.mean),
            "relative_effect_mean":
                over_seeds(|impact| impact.relative.map_or(f64::NAN, |relative| relative.mean)),
            "p_value": over_seeds(|impact| impact.p_value),
        },
        "mle_local_level": {"average_effect": fitted.average_effect, "params": likely},
    });
    table::write_json(out, "expected.json", &value)
}

pub(crate) fn synthdid(case: &Path, out: &Path) -> Outcome {
    let long = Long::read(case, "unit", "time")?;
    let mut start = None;
    let mut treated = Vec::new();
    for unit in &long.units {
        let on = long.series(unit, "treated")?;
        if let Some(first) = on.iter().position(|on| *on > 0.0) {
            treated.push(unit);
            if *start.get_or_insert(first) != first {
                return Err("units start at different times".into());
            }
        }
    }
    let controls: Vec<&String> = long
        .units
        .iter()
        .filter(|unit| !treated.contains(unit))
        .collect();
    let series = |units: &[&String]| -> Fallible<Vec<Vec<f64>>> {
        units.iter().map(|unit| long.series(unit, "y")).collect()
    };
    let (kept, affected) = (series(&controls)?, series(&treated)?);
    let kept: Vec<&[f64]> = kept.iter().map(Vec::as_slice).collect();
    let affected: Vec<&[f64]> = affected.iter().map(Vec::as_slice).collect();
    let panel = did::Panel {
        controls: &kept,
        treated: &affected,
        before: start.ok_or("no unit is treated")?,
    };
    let written = |estimate: &did::Estimate| {
        let omega = controls
            .iter()
            .zip(estimate.unit_weights.iter().map(|weight| json!(weight)));
        let lambda = long
            .times
            .iter()
            .zip(estimate.period_weights.iter().map(|weight| json!(weight)));
        json!({"estimate": estimate.effect, "omega": object(omega), "lambda": object(lambda)})
    };
    // The expected weights come from a search that stops early; our own are in the errors.
    let synthdid = did::estimate_stopped_early(&panel, Method::SyntheticDid)?;
    let mut first = written(&synthdid);
    first["se_placebo_seed1"] = json!(did::placebo_error(&panel, Method::SyntheticDid, 500, 1)?);
    first["zeta_omega"] = json!(synthdid.zeta_units);
    first["zeta_lambda"] = json!(synthdid.zeta_periods);
    // Where only one unit is treated there is no jackknife, and no such key.
    if let Ok(error) = did::jackknife_error(&panel, Method::SyntheticDid) {
        first["se_jackknife"] = json!(error);
    }
    let value = json!({
        "N0": controls.len(),
        "T0": panel.before,
        "synthdid": first,
        "sc": written(&did::estimate_stopped_early(&panel, Method::SyntheticControl)?),
        "did": written(&did::estimate(&panel, Method::DifferenceInDifferences)?),
    });
    table::write_json(out, "expected.json", &value)
}

/// A long table as one series a unit, over all its times in order.
struct Long {
    table: Table,
    units: Vec<String>,
    rows: BTreeMap<(String, i64), usize>,
    times: Vec<i64>,
}

impl Long {
    fn read(case: &Path, unit: &str, time: &str) -> Fallible<Self> {
        let table = Table::read(case, "input.csv")?;
        let units = table.text(unit)?.to_vec();
        let when = table.numbers(time)?;
        let mut rows = BTreeMap::new();
        let mut names: Vec<String> = Vec::new();
        for (row, (unit, when)) in units.into_iter().zip(when).enumerate() {
            if !names.contains(&unit) {
                names.push(unit.clone());
            }
            rows.insert((unit, when as i64), row);
        }
        let mut times: Vec<i64> = rows.keys().map(|(_, time)| *time).collect();
        times.sort_unstable();
        times.dedup();
        Ok(Self {
            table,
            units: names,
            rows,
            times,
        })
    }

    fn values(&self, unit: &str, column: &str, times: &[i64]) -> Fallible<Vec<Option<f64>>> {
        let cells = self.table.optional(column)?;
        let at = |time: &i64| {
            self.rows
                .get(&(unit.to_owned(), *time))
                .and_then(|row| cells[*row])
        };
        Ok(times.iter().map(at).collect())
    }

    fn series(&self, unit: &str, column: &str) -> Fallible<Vec<f64>> {
        let whole: Option<Vec<f64>> = self
            .values(unit, column, &self.times)?
            .into_iter()
            .collect();
        Ok(whole.ok_or_else(|| format!("{unit} has holes in {column}"))?)
    }
}

pub(crate) fn synthetic_control(case: &Path, out: &Path) -> Outcome {
    let params = table::read_json(case, "params.json")?;
    let long = Long::read(
        case,
        text(&params["unit_variable"])?,
        text(&params["time_variable"])?,
    )?;
    let dependent = text(&params["dependent"])?;
    let treated = text(&params["treatment_identifier"])?;
    let donors = texts(&params["controls_identifier"])?;
    let fitted = integers(&params["time_optimize_ssr"])?;

    let own = long.series(treated, dependent)?;
    let others: Fallible<Vec<_>> = donors
        .iter()
        .map(|unit| long.series(unit, dependent))
        .collect();
    let others = others?;
    let others: Vec<&[f64]> = others.iter().map(Vec::as_slice).collect();
    let place =
        |time: Option<&i64>| time.and_then(|time| long.times.iter().position(|t| t == time));
    let first = place(fitted.iter().min()).ok_or("no first matched period")?;
    let end = place(fitted.iter().max()).ok_or("no last matched period")? + 1;
    if end - first != fitted.len() {
        return Err("the matched periods have a hole".into());
    }
    let panel = control::Panel {
        treated: &own,
        donors: &others,
        fit: first..end,
        start: end,
    };

    let (names, treated_row) = predictors(&long, &params, treated)?;
    let donor_rows: Fallible<Vec<_>> = donors
        .iter()
        .map(|unit| Ok(predictors(&long, &params, unit)?.1))
        .collect();
    let predictors = Predictors {
        treated: treated_row,
        donors: donor_rows?,
    };
    let matching = |importance| Matching::Predictors {
        predictors: predictors.clone(),
        importance,
    };
    let searched = control::fit(&panel, &matching(Importance::Searched { seed: 1 }))?;
    let equal = control::fit(&panel, &matching(Importance::Equal))?;
    let outcomes = control::fit(&panel, &Matching::Outcomes)?;

    let weights = |weights: &[f64]| object(donors.iter().zip(weights.iter().map(|w| json!(w))));
    let gaps = |gaps: &[f64]| object(long.times.iter().zip(gaps.iter().map(|gap| json!(gap))));
    let columns = donors
        .iter()
        .zip(predictors.donors.iter().map(|own| json!(own)));
    let value = json!({
        "weights": weights(&searched.weights),
        "V": searched.importance,
        "loss_W": quadratic(&predictors, &searched),
        "loss_V": searched.mspe_before,
        "mspe_pre": searched.mspe_before,
        "gaps": gaps(&searched.gaps),
        "equal_V_inner": {
            // Every predictor counts 1 here and 1/k in ours.
            "loss": equal.predictor_loss.map(|loss| loss * names.len() as f64),
            "kkt_gap": equal.kkt_gap * names.len() as f64,
            "weights": weights(&equal.weights),
            "row_names": names,
            "X1": predictors.treated,
            "X0": object(columns),
        },
    });
    table::write_json(out, "expected.json", &value)?;
    let value = json!({
        "pre_periods": fitted,
        "ssr": outcomes.ssr,
        "kkt_gap": outcomes.kkt_gap,
        "weights": weights(&outcomes.weights),
        "gaps": gaps(&outcomes.gaps),
    });
    table::write_json(out, "expected_outcome_only.json", &value)
}

/// The names and figures of a unit's predictors: plain ones first, special ones numbered.
fn predictors(long: &Long, params: &Value, unit: &str) -> Fallible<(Vec<String>, Vec<f64>)> {
    let mut names = Vec::new();
    let mut figures = Vec::new();
    let mut add = |name: String, column: &str, times: &[i64], how: &str| -> Outcome {
        let figure = summary(how)?.of(&long.values(unit, column, times)?);
        figures.push(figure.ok_or_else(|| format!("{unit} has no {name}"))?);
        names.push(name);
        Ok(())
    };
    let times = integers(&params["time_predictors_prior"])?;
    for column in texts(&params["predictors"])? {
        add(
            column.clone(),
            &column,
            &times,
            text(&params["predictors_op"])?,
        )?;
    }
    let special = params["special_predictors"].as_array();
    for (number, special) in special.into_iter().flatten().enumerate() {
        let column = text(&special[0])?;
        let name = format!("special.{}.{column}", number + 1);
        add(name, column, &integers(&special[1])?, text(&special[2])?)?;
    }
    Ok((names, figures))
}

fn summary(name: &str) -> Fallible<Summary> {
    Ok(match name {
        "mean" => Summary::Mean,
        "median" => Summary::Median,
        "std" => Summary::StandardDeviation,
        "sum" => Summary::Sum,
        "min" => Summary::Least,
        "max" => Summary::Most,
        other => return Err(format!("{other} is no summary").into()),
    })
}

/// ½wᵀPw + qᵀw: half the predictor loss less its part that does not depend on the weights.
fn quadratic(predictors: &Predictors, control: &control::SyntheticControl) -> f64 {
    let constant = predictors.treated.iter().enumerate().map(|(row, own)| {
        let all = predictors
            .donors
            .iter()
            .map(|donor| donor[row])
            .chain([*own]);
        let all: Vec<f64> = all.collect();
        let centre = all.iter().sum::<f64>() / all.len() as f64;
        let squares: f64 = all.iter().map(|value| (value - centre).powi(2)).sum();
        control.importance[row] * own * own / (squares / (all.len() as f64 - 1.0))
    });
    (control.predictor_loss.unwrap_or(f64::NAN) - constant.sum::<f64>()) / 2.0
}

fn object<K: ToString>(entries: impl Iterator<Item = (K, Value)>) -> Value {
    let entries = entries.map(|(key, value)| (key.to_string(), value));
    Value::Object(entries.collect::<Map<_, _>>())
}

fn text(value: &Value) -> Fallible<&str> {
    Ok(value.as_str().ok_or("a text is missing")?)
}

fn texts(value: &Value) -> Fallible<Vec<String>> {
    let list = value.as_array().ok_or("a list is missing")?;
    list.iter().map(|item| Ok(text(item)?.to_owned())).collect()
}

fn integers(value: &Value) -> Fallible<Vec<i64>> {
    let list = value
        .as_array()
        .and_then(|list| list.iter().map(Value::as_i64).collect());
    Ok(list.ok_or("a list of whole numbers is missing")?)
}
