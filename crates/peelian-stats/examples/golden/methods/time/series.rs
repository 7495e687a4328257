//! Season and forecast.

use std::path::Path;

use peelian_stats::Interval;
use peelian_stats::time::backtest::seasonal_naive;
use peelian_stats::time::ets::{
    self, Errors, Ets, Model, Prediction, Season as Cycle, Smoothing, State, Trend, with_parameters,
};
use peelian_stats::time::stl::{self, Season, Settings, usual_trend};
use serde_json::{Value, json};

use super::Outcome;
use super::table::{Table, number, numbers, read_json, write_json};

pub(crate) fn stl(case: &Path, out: &Path) -> Outcome {
    let params = read_json(case, "params.json")?;
    let values = Table::read(case, "input.csv")?.numbers("y")?;
    for (name, given) in params["settings"].as_object().into_iter().flatten() {
        let fitted = stl::stl(&values, &settings(given))?;
        Table::default()
            .with("trend", fitted.trend.iter().copied())
            .with("seasonal", fitted.seasonal.iter().copied())
            .with("resid", fitted.remainder.iter().copied())
            .with("weights", fitted.weights.iter().copied())
            .write(out, &format!("expected_{name}.csv"))?;
        if name == "robust" {
            write_json(
                out,
                "expected_strength.json",
                &json!({
                    "trend_strength": fitted.trend_strength(),
                    "seasonal_strength": fitted.seasonal_strength(),
                }),
            )?;
        }
    }
    Ok(())
}

/// statsmodels' names for the settings.
fn settings(given: &Value) -> Settings {
    let whole = |name: &str| given[name].as_u64().map(|value| value as usize);
    let period = whole("period").unwrap_or(12);
    let seasonal = whole("seasonal").unwrap_or(7);
    let usual = if given["robust"] == true {
        Settings::robust(period)
    } else {
        Settings::new(period)
    };
    let three = |suffix: &str| {
        ["seasonal", "trend", "low_pass"]
            .map(|part| whole(&format!("{part}_{suffix}")).unwrap_or(1))
    };
    Settings {
        season: Season::Window(seasonal),
        trend: whole("trend").unwrap_or_else(|| usual_trend(period, seasonal)),
        low_pass: whole("low_pass").unwrap_or(usual.low_pass),
        degrees: three("deg"),
        jumps: three("jump"),
        ..usual
    }
}

const SEED: u64 = 1;

pub(crate) fn ets(case: &Path, out: &Path) -> Outcome {
    let params = read_json(case, "params.json")?;
    let values = Table::read(case, "input.csv")?.numbers("y")?;
    let period = number(&params, "/season_length")? as usize;
    let horizon = number(&params, "/horizon")? as usize;
    let mut found = serde_json::Map::new();
    for name in params["models"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        let fixed = &params["fixed"][name];
        let result = if !fixed.is_null() {
            let fitted = given(&values, name, fixed)?;
            json!({
                "sse": fitted.squared_errors,
                "fitted": fitted.fitted,
                "forecast12": means(&fitted, horizon)?,
            })
        } else if name.starts_with("hw_") {
            holt_winters(&values, period, name, horizon)?
        } else if let Some(letters) = name.strip_prefix("ets_") {
            likelihood(&values, period, letters, horizon)?
        } else if name == "statsforecast_autoets" {
            automatic_with_ends(
                &values,
                period,
                horizon,
                ["lo-80", "hi-80", "lo-95", "hi-95"],
            )?
        } else if name == "seasonal_naive" {
            let said = seasonal_naive(&values, period, horizon, &[0.95])?;
            json!({
                "mean": said.iter().map(|p| p.mean).collect::<Vec<_>>(),
                "lo-95": said.iter().map(|p| p.intervals[0].lower).collect::<Vec<_>>(),
                "hi-95": said.iter().map(|p| p.intervals[0].upper).collect::<Vec<_>>(),
            })
        } else {
            return Err(format!("unknown model {name}").into());
        };
        found.insert(name.to_owned(), result);
    }
    write_json(out, "expected.json", &found.into())?;

    let (window, jump) = (7, |window: usize| window.div_ceil(10));
    let usual = Settings::new(period);
    let jumps = |season: usize| [jump(season), jump(usual.trend), jump(usual.low_pass)];
    let seven = stl::stl(
        &values,
        &Settings {
            inner: 2,
            degrees: [0, 1, 1],
            jumps: jumps(window),
            ..usual
        },
    )?;
    // R's window for a periodic season, which its trend window and jump follow from.
    let endless = 10 * values.len() + 1;
    let trend = usual_trend(period, endless);
    let periodic = stl::stl(
        &values,
        &Settings {
            season: Season::Periodic,
            trend,
            inner: 1,
            outer: 15,
            degrees: [0, 1, 1],
            jumps: [jump(endless), jump(trend), jump(usual.low_pass)],
            ..usual
        },
    )?;
    let ends = ["lower80", "upper80", "lower95", "upper95"];
    write_json(
        out,
        "expected_r.json",
        &json!({
            "ets_auto": automatic_with_ends(&values, period, horizon, ends)?,
            "stl_swindow7": { "trend": seven.trend, "seasonal": seven.seasonal },
            "stl_periodic_robust": {
                "trend": periodic.trend,
                "seasonal": periodic.seasonal,
                "weights": periodic.weights,
            },
        }),
    )
}

fn means(fitted: &Ets, horizon: usize) -> Result<Vec<f64>, Box<dyn std::error::Error>> {
    Ok(fitted
        .forecast(horizon, &[], SEED)?
        .into_iter()
        .map(|said| said.mean)
        .collect())
}

/// Parameters and first states as given; the trend's parameter is Holt's, β/α.
fn given(values: &[f64], name: &str, fixed: &Value) -> Result<Ets, Box<dyn std::error::Error>> {
    let damping = fixed["damping_trend"].as_f64();
    let model = Model {
        errors: Errors::Additive,
        trend: if damping.is_some() {
            Trend::Damped
        } else {
            Trend::Additive
        },
        season: if name.contains("mul") {
            Cycle::Multiplicative
        } else {
            Cycle::Additive
        },
    };
    let level = number(fixed, "/smoothing_level")?;
    let smoothing = Smoothing {
        level,
        trend: level * number(fixed, "/smoothing_trend")?,
        season: number(fixed, "/smoothing_seasonal")?,
        damping: damping.unwrap_or(1.0),
    };
    let first = State {
        level: number(fixed, "/initial_level")?,
        trend: number(fixed, "/initial_trend")?,
        season: numbers(fixed, "/initial_seasonal")?,
    };
    let mut fitted = with_parameters(values, model, smoothing, first.clone())?;
    // statsmodels forecasts without the season's last update.
    let before = with_parameters(&values[..values.len() - 1], model, smoothing, first)?;
    if let (Some(last), Some(stale)) = (fitted.last.season.last_mut(), before.last.season.first()) {
        *last = *stale;
    }
    Ok(fitted)
}

fn holt_winters(
    values: &[f64],
    period: usize,
    name: &str,
    horizon: usize,
) -> Result<Value, Box<dyn std::error::Error>> {
    let damped = name.contains("damped");
    let model = Model {
        errors: Errors::Additive,
        trend: if damped {
            Trend::Damped
        } else {
            Trend::Additive
        },
        season: if name.contains("mul") {
            Cycle::Multiplicative
        } else {
            Cycle::Additive
        },
    };
    let settings = ets::Settings {
        damping: (0.8, 0.995),
        least_squares: true,
    };
    let fitted = ets::fit(values, period, model, &settings)?;
    // statsmodels' count of parameters and its correction.
    let (n, k) = (values.len() as f64, (model.parameters(period) - 1) as f64);
    let criterion = n * (fitted.squared_errors / n).ln() + 2.0 * k;
    Ok(json!({
        "sse": fitted.squared_errors,
        "aicc": criterion + 2.0 * (k + 2.0) * (k + 3.0) / (n - k - 3.0),
        "forecast12": means(&fitted, horizon)?,
    }))
}

/// A model by its letters, with statsmodels' count of parameters (all seasons) and spread (÷ n).
fn likelihood(
    values: &[f64],
    period: usize,
    letters: &str,
    horizon: usize,
) -> Result<Value, Box<dyn std::error::Error>> {
    let errors = if letters.starts_with('M') {
        Errors::Multiplicative
    } else {
        Errors::Additive
    };
    let season = match letters.chars().last() {
        Some('M') => Cycle::Multiplicative,
        Some('A') => Cycle::Additive,
        _ => Cycle::None,
    };
    let trend = match letters.get(1..letters.len() - 1) {
        Some("Ad") => Trend::Damped,
        Some("A") => Trend::Additive,
        _ => Trend::None,
    };
    let model = Model {
        errors,
        trend,
        season,
    };
    let mut fitted = ets::fit(values, period, model, &ets::Settings::default())?;
    let n = values.len() as f64;
    let k = (model.parameters(period) + usize::from(season != Cycle::None)) as f64;
    let criterion = -2.0 * fitted.log_likelihood + 2.0 * k;
    let additive = errors == Errors::Additive;
    fitted.variance = fitted.squared_errors / n;
    let said = if additive {
        fitted.forecast(horizon, &[0.95], SEED)?
    } else {
        Vec::new()
    };
    let ends = |end: fn(&Interval) -> f64| {
        said.iter()
            .map(|p| end(&p.intervals[0]))
            .collect::<Vec<_>>()
    };
    Ok(json!({
        "llf": fitted.log_likelihood,
        "aic": criterion,
        "aicc": criterion + 2.0 * k * (k + 1.0) / (n - k - 1.0),
        "forecast12": means(&fitted, horizon)?,
        "pi95": additive.then(|| json!({ "lower": ends(|i| i.lower), "upper": ends(|i| i.upper) })),
    }))
}

/// The best model, with R's likelihood, which leaves the constants out.
fn automatic_with_ends(
    values: &[f64],
    period: usize,
    horizon: usize,
    ends: [&str; 4],
) -> Result<Value, Box<dyn std::error::Error>> {
    let fitted = ets::automatic(values, period, &ets::Settings::default())?;
    let n = values.len() as f64;
    let constants = n / 2.0 * (1.0 + (std::f64::consts::TAU / n).ln());
    let said = fitted.forecast(horizon, &[0.8, 0.95], SEED)?;
    let list = |of: &dyn Fn(&Prediction) -> f64| said.iter().map(of).collect::<Vec<_>>();
    Ok(json!({
        "method": fitted.model.name(),
        "aicc": fitted.aicc - 2.0 * constants,
        "loglik": fitted.log_likelihood + constants,
        "mean": list(&|p| p.mean),
        (ends[0]): list(&|p| p.intervals[0].lower),
        (ends[1]): list(&|p| p.intervals[0].upper),
        (ends[2]): list(&|p| p.intervals[1].lower),
        (ends[3]): list(&|p| p.intervals[1].upper),
    }))
}
