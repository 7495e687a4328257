//! By regression and by counts.

use std::error::Error;
use std::path::Path;

use peelian_stats::effect::did::{
    self, Coefficient, JackknifeFactor, Panel, event_study, two_by_two, two_way,
};
use peelian_stats::effect::displacement::{self, Change, Pair, difference, quotient};
use peelian_stats::effect::segmented::{
    Basis, Segmented, Settings, Term, autoregressive, continuous, counts,
};
use serde_json::{Map, Value, json};

use super::Outcome;
use super::table::{self, Table, number, numbers};

pub(crate) fn did(case: &Path, out: &Path) -> Outcome {
    let input = Table::read(case, "input.csv")?;
    let params = table::read_json(case, "params.json")?;
    let start = number(&params, "/first_post_time")? as i64;
    let code =
        |name: &str| -> Result<Vec<usize>, Box<dyn Error>> { Ok(codes(&input.numbers(name)?)) };
    let (unit, time) = (code("unit")?, code("time")?);
    let outcome = input.numbers("y")?;
    let yes = |name: &str| -> Result<Vec<bool>, Box<dyn Error>> {
        Ok(input.numbers(name)?.iter().map(|x| *x != 0.0).collect())
    };
    let (treated, after) = (yes("treated")?, yes("post")?);

    let plain = two_by_two(&outcome, &treated, &after, &unit, 0.95)?;
    let rows = [
        ("Intercept", plain.control_before),
        ("treated", plain.treated),
        ("post", plain.after),
        ("treated:post", plain.effect),
    ];
    let figures = |figure: fn(&Coefficient) -> f64| -> Value {
        rows.iter()
            .map(|(name, row)| ((*name).to_owned(), json!(figure(row))))
            .collect::<Map<_, _>>()
            .into()
    };

    let panel = Panel {
        unit: &unit,
        time: &time,
        outcome: &outcome,
        cluster: None,
    };
    let settings = did::Settings {
        jackknife: JackknifeFactor::SmallSample,
        ..did::Settings::default()
    };
    let two_way = two_way(&panel, &input.numbers("d")?, &settings)?;
    // The peer's p is one less a probability, so nothing is left of it below 1e-16.
    let as_peer = |error: &did::Error| json!({ "coef": two_way.effect, "se": error.standard_error, "p": 1.0 - (1.0 - error.p_value) });
    let times = input.numbers("time")?;
    let relative: Vec<_> = times
        .iter()
        .zip(&treated)
        .map(|(time, treated)| treated.then_some(*time as i64 - start))
        .collect();
    let study = event_study(&panel, &relative, -1, 0.95)?;
    let by_time = |figure: fn(&did::Event) -> f64| -> Value {
        let events = study.events.iter();
        events
            .map(|event| (format!("rel::{}", event.relative), json!(figure(event))))
            .collect::<Map<_, _>>()
            .into()
    };
    let value = json!({
        "statsmodels_2x2": {
            "coef": figures(|row| row.estimate),
            "se_cluster": figures(|row| row.clustered.standard_error),
            "p_normal": figures(|row| row.p_normal),
            "p_t_G_minus_1": figures(|row| row.clustered.p_value),
            "se_iid": figures(|row| row.independent.standard_error),
        },
        "pyfixest_twfe_iid": as_peer(&two_way.independent),
        "pyfixest_twfe_crv1": as_peer(&two_way.clustered),
        "pyfixest_twfe_crv3": two_way.jackknife.as_ref().map(as_peer),
        "event_study_crv1": {
            "coef": by_time(|event| event.estimate),
            "se": by_time(|event| event.clustered.standard_error),
        },
    });
    table::write_json(out, "expected.json", &value)
}

/// Numbers from 0 up in the order of the values.
fn codes(values: &[f64]) -> Vec<usize> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    let place = |value: &f64| sorted.partition_point(|other| other < value);
    values.iter().map(place).collect()
}

pub(crate) fn its_segmented(case: &Path, out: &Path) -> Outcome {
    let series = Series::read(case)?;
    let params = table::read_json(case, "params.json")?;
    let lags: Vec<usize> = numbers(&params, "/hac_lags")?
        .iter()
        .map(|lag| *lag as usize)
        .collect();
    let start = number(&params, "/intervention_t")? - series.origin;
    let start = if start > 0.0 { start as usize } else { 0 };
    // One of the figures is given at lag 6 whatever lags are asked for.
    let mut with_six = lags.clone();
    with_six.push(6);
    let plain = Settings {
        period: number(&params, "/period")?,
        harmonics: number(&params, "/harmonics")? as usize,
        lags: Some(with_six),
        small_sample: false,
        origin: series.origin,
        // The peer's search ends early.
        settled: 1e-4,
        ..Settings::default()
    };
    let corrected = Settings {
        small_sample: true,
        ..plain.clone()
    };
    let fit = continuous(&series.y, start, &plain)?;
    let fit_corrected = continuous(&series.y, start, &corrected)?;
    let count = counts(&series.count, Some(&series.base), start, &plain)?;
    let present: Option<Vec<f64>> = series.y.iter().copied().collect();
    let glsar = autoregressive(&present.ok_or("y has an empty cell")?, start, &plain)?;

    let by_lag = |fit: &Segmented, lag: usize| fit.on(Basis::Lag(lag)).cloned();
    let mut ours = Map::new();
    let mut r = Map::new();
    ours.insert("coef".into(), named(&fit.terms, &fit.coefficients, "const"));
    r.insert(
        "coef".into(),
        named(&fit.terms, &fit.coefficients, "(Intercept)"),
    );
    let independent = fit.on(Basis::Independent).ok_or("no errors")?;
    let errors = &independent.standard_errors;
    ours.insert("se_ols".into(), named(&fit.terms, errors, "const"));
    r.insert("se_ols".into(), named(&fit.terms, errors, "(Intercept)"));
    ours.insert("r2".into(), json!(fit.explained));
    ours.insert("rmse".into(), json!(fit.variance.sqrt()));
    ours.insert("durbin_watson".into(), json!(fit.durbin_watson));
    r.insert("dw".into(), json!(fit.durbin_watson));
    if let Some(test) = fit.ljung_box(12) {
        ours.insert(
            "ljung_box_lag12".into(),
            json!({ "lb_stat": test.statistic, "lb_pvalue": test.p_value }),
        );
    }
    for &lag in &lags {
        let (plain, factor) = (by_lag(&fit, lag), by_lag(&fit_corrected, lag));
        let (plain, factor) = (plain.ok_or("no errors")?, factor.ok_or("no errors")?);
        let key = format!("se_hac_lag{lag}");
        for (suffix, errors) in [("", &plain), ("_corrected", &factor)] {
            let errors = named(&fit.terms, &errors.standard_errors, "const");
            ours.insert(format!("{key}{suffix}"), errors);
        }
        let p_values = named(&fit.terms, &factor.p_values, "const");
        ours.insert(format!("p_t_hac_lag{lag}_corrected"), p_values);
        for (suffix, errors) in [("noadjust", &plain), ("adjust", &factor)] {
            let errors = named(&fit.terms, &errors.standard_errors, "(Intercept)");
            r.insert(format!("se_nw_lag{lag}_noprewhite_{suffix}"), errors);
        }
    }
    r.insert("nw_auto_bandwidth".into(), json!(fit.bandwidth));
    let without: Vec<f64> = fit.counterfactual.iter().map(|e| e.value).collect();
    ours.insert("counterfactual".into(), json!(without));
    ours.insert("effect_at_end".into(), json!(independent.at_end.estimate));
    ours.insert("effect_sum_post".into(), json!(independent.total.estimate));

    let poisson = count.on(Basis::Independent).ok_or("no errors")?;
    let dispersed = count.on(Basis::Dispersed).ok_or("no errors")?;
    let six = count.on(Basis::Lag(6)).ok_or("no errors")?;
    ours.insert(
        "poisson".into(),
        json!({
            "coef": named(&count.terms, &count.coefficients, "const"),
            "se": named(&count.terms, &poisson.standard_errors, "const"),
            "deviance": count.deviance,
            "pearson_chi2": count.variance * count.freedom as f64,
            "se_hac6": named(&count.terms, &six.standard_errors, "const"),
        }),
    );
    r.insert(
        "quasipoisson".into(),
        json!({
            "coef": named(&count.terms, &count.coefficients, "(Intercept)"),
            "se": named(&count.terms, &dispersed.standard_errors, "(Intercept)"),
            "dispersion": count.variance,
        }),
    );
    ours.insert(
        "glsar1".into(),
        json!({
            "rho": glsar.rho,
            "coef": named(&glsar.terms, &glsar.coefficients, "const"),
            "se": named(&glsar.terms, &glsar.standard_errors, "const"),
        }),
    );
    table::write_json(out, "expected_statsmodels.json", &Value::Object(ours))?;
    table::write_json(out, "expected_r.json", &Value::Object(r))
}

/// A row a point in time, from the first time on; a time without a row is missing.
struct Series {
    origin: f64,
    y: Vec<Option<f64>>,
    count: Vec<Option<f64>>,
    base: Vec<f64>,
}

impl Series {
    fn read(case: &Path) -> Result<Self, Box<dyn Error>> {
        let input = Table::read(case, "input.csv")?;
        let times = input.numbers("t")?;
        let (y, count) = (input.optional("y")?, input.optional("count")?);
        let base = input.numbers("pop")?;
        let origin = times.iter().copied().fold(f64::INFINITY, f64::min);
        let last = times.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let points = (last - origin) as usize + 1;
        let mut series = Self {
            origin,
            y: vec![None; points],
            count: vec![None; points],
            base: vec![1.0; points],
        };
        for (row, time) in times.iter().enumerate() {
            let point = (time - origin) as usize;
            series.y[point] = y[row];
            series.count[point] = count[row];
            series.base[point] = base[row];
        }
        Ok(series)
    }
}

/// One figure a term, under the peers' names.
fn named(terms: &[Term], figures: &[f64], constant: &str) -> Value {
    let name = |term: &Term| match term {
        Term::Constant => constant.to_owned(),
        Term::Trend => "t".to_owned(),
        Term::Level => "post".to_owned(),
        Term::Slope => "since".to_owned(),
        Term::Sine(wave) => format!("s{wave}"),
        Term::Cosine(wave) => format!("c{wave}"),
    };
    terms
        .iter()
        .map(name)
        .zip(figures.iter().map(|figure| json!(figure)))
        .collect::<Map<_, _>>()
        .into()
}

pub(crate) fn wdd_wdq(case: &Path, out: &Path) -> Outcome {
    let params = table::read_json(case, "params.json")?;
    let change = |name: &str| -> Result<Change, Box<dyn Error>> {
        match numbers(&params, &format!("/{name}"))?[..] {
            [before, after] => Ok(Change { before, after }),
            _ => Err(format!("{name} needs a count before and one after").into()),
        }
    };
    let (control, treated) = (change("control")?, change("treated")?);
    let (buffer_control, buffer) = (change("disp_control")?, change("disp_treated")?);
    let times = numbers(&params, "/time_weights")?;
    let areas = numbers(&params, "/area_weights")?;
    let ([before_weight, after_weight], [c, r, dc, d]) = (&times[..], &areas[..]) else {
        return Err("two time weights and four area weights".into());
    };
    let settings = displacement::Settings {
        before_weight: *before_weight,
        after_weight: *after_weight,
        confidence: 1.0 - number(&params, "/alpha")?,
    };
    let pair = |area, control, area_weight: &f64, control_weight: &f64| Pair {
        area,
        control,
        area_weight: *area_weight,
        control_weight: *control_weight,
    };
    let wdd = difference(
        &pair(treated, control, r, c),
        Some(&pair(buffer, buffer_control, d, dc)),
        &settings,
    )?;
    // Without an event in the control there is no quotient, and the difference stands alone.
    let wdq = quotient(treated, Some(buffer), control, settings.confidence).ok();
    let value = json!({
        "ptools_wdd": {
            "Est_Local": wdd.local.estimate,
            "SE_Local": wdd.local.standard_error,
            "Est_Displace": wdd.displaced.estimate,
            "SE_Displace": wdd.displaced.standard_error,
            "Est_Total": wdd.total.estimate,
            "SE_Total": wdd.total.standard_error,
            "Z": wdd.z,
            "LowCI": wdd.total.interval.lower,
            "HighCI": wdd.total.interval.upper,
        },
        "wdq": {
            "success_measure": wdq.map(|q| q.success),
            "buffer_displacement_measure": wdq.and_then(|q| q.buffer),
            "wdq": wdq.and_then(|q| q.quotient),
        },
    });
    table::write_json(out, "expected.json", &value)
}
