//! Time to event.

use std::path::Path;

use peelian_stats::survival::competing::aalen_johansen;
use peelian_stats::survival::cox::{
    Settings as CoxSettings, Ties, TimeScale, concordance, cox, non_proportional,
};
use peelian_stats::survival::fine_gray::fine_gray;
use peelian_stats::survival::gray::gray_test;
use peelian_stats::survival::kaplan_meier::{Curve, Settings, kaplan_meier};
use peelian_stats::survival::log_rank::{Weight, log_rank};
use peelian_stats::survival::nelson_aalen::nelson_aalen;
use peelian_stats::survival::restricted_mean::{Settings as MeanSettings, restricted_mean};
use peelian_stats::survival::{Cases, Coefficient};
use serde_json::{Map, Value, json};

use super::Outcome;
use super::table::{Table, number, numbers, read_json, write_json};

pub(crate) fn survival(case: &Path, out: &Path) -> Outcome {
    let input = Input::read(case)?;
    let params = read_json(case, "params.json")?;
    curves(&input, out)?;
    outcomes(&input, &params, out)?;
    write_json(out, "expected_r.json", &as_r(&input, &params)?)?;
    write_json(
        out,
        "expected_lifelines.json",
        &as_lifelines(&input, &params)?,
    )?;
    Ok(())
}

struct Input {
    days: Vec<f64>,
    causes: Vec<u8>,
    ended: Vec<bool>,
    /// The names of the groups, sorted, and each case's place among them.
    names: Vec<String>,
    groups: Vec<usize>,
    covariates: Vec<(String, Vec<f64>)>,
}

impl Input {
    fn read(case: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let table = Table::read(case, "input.csv")?;
        let causes: Vec<_> = table.numbers("event")?.iter().map(|&e| e as u8).collect();
        let mut names = table.text("group")?.to_vec();
        names.sort_unstable();
        names.dedup();
        let place = |name: &String| names.partition_point(|known| known < name);
        let groups = table.text("group")?.iter().map(place).collect();
        let known = ["id", "days", "event", "group"];
        let others = table
            .names()
            .iter()
            .filter(|name| !known.contains(&name.as_str()));
        let covariates = others
            .map(|name| Ok((name.clone(), table.numbers(name)?)))
            .collect::<Result<_, Box<dyn std::error::Error>>>()?;
        Ok(Self {
            days: table.numbers("days")?,
            ended: causes.iter().map(|&cause| cause > 0).collect(),
            causes,
            names,
            groups,
            covariates,
        })
    }

    fn cases(&self) -> Cases<'_> {
        Cases::new(&self.days, &self.ended)
    }

    fn columns(&self) -> Vec<&[f64]> {
        self.covariates
            .iter()
            .map(|(_, values)| values.as_slice())
            .collect()
    }

    /// An object with one figure a covariate.
    fn by_covariate(&self, fit: &[Coefficient], pick: fn(&Coefficient) -> f64) -> Value {
        let named = self.covariates.iter().zip(fit);
        let one = |((name, _), c): (&(String, _), _)| (name.clone(), json!(pick(c)));
        Value::Object(named.map(one).collect())
    }
}

fn curves(input: &Input, out: &Path) -> Outcome {
    let curve = kaplan_meier(input.cases(), &Settings::default())?;
    let hazard = nelson_aalen(input.cases(), 0.95)?;
    let steps = &curve.steps;
    let band = || steps.iter().map(|step| step.band);
    let hazards = || hazard.iter().map(|step| step.hazard);
    // survfit writes no error where the curve has come to 0.
    let error = |step: &peelian_stats::survival::kaplan_meier::Step| {
        (step.survival > 0.0).then_some(step.standard_error)
    };
    Table::default()
        .with("time", steps.iter().map(|step| step.time))
        .with_text("n_risk", steps.iter().map(|step| step.at_risk))
        .with_text("n_event", steps.iter().map(|step| step.events))
        .with_text("n_censor", steps.iter().map(|step| step.open))
        .with("surv", steps.iter().map(|step| step.survival))
        .with_optional("se_greenwood", steps.iter().map(error))
        .with_optional("lower_loglog", band().map(|band| band.map(|b| b.lower)))
        .with_optional("upper_loglog", band().map(|band| band.map(|b| b.upper)))
        .with("cumhaz", hazards())
        .write(out, "expected_r_km.csv")?;
    // lifelines begins at 0 and closes the band where there is no error to draw it from.
    let start = (steps.first().is_none_or(|step| step.time > 0.0)).then_some(1.0);
    let survival = || {
        start
            .into_iter()
            .chain(steps.iter().map(|step| step.survival))
    };
    let end = |pick: fn(&peelian_stats::Interval) -> f64| {
        let at = move |step: &peelian_stats::survival::kaplan_meier::Step| {
            step.band.as_ref().map_or(step.survival, pick)
        };
        start.into_iter().chain(steps.iter().map(at))
    };
    let zero = start.map(|_| 0.0);
    Table::default()
        .with(
            "time",
            zero.into_iter().chain(steps.iter().map(|step| step.time)),
        )
        .with("surv", survival())
        .with("lower_loglog", end(|band| band.lower))
        .with("upper_loglog", end(|band| band.upper))
        .with("nelson_aalen", zero.into_iter().chain(hazards()))
        .write(out, "expected_lifelines_km.csv")?;
    Ok(())
}

/// The first word of what an event code stands for.
fn word(params: &Value, code: u8) -> Result<String, Box<dyn std::error::Error>> {
    let text = params
        .pointer(&format!("/event_codes/{code}"))
        .and_then(Value::as_str);
    let word = text.and_then(|text| text.split_whitespace().next());
    Ok(word
        .ok_or_else(|| format!("event code {code} is not named"))?
        .to_owned())
}

fn outcomes(input: &Input, params: &Value, out: &Path) -> Outcome {
    let outcomes = aalen_johansen(&input.days, &input.causes, 0.95)?;
    let times = || outcomes.open.iter().map(|step| step.time);
    let mut table = Table::default()
        .with("time", times())
        .with("p_open", outcomes.open.iter().map(|step| step.share));
    for curve in &outcomes.causes {
        let shares = times().map(|time| curve.share_at(time));
        table = table.with(&format!("p_{}", word(params, curve.cause)?), shares);
    }
    for curve in &outcomes.causes {
        let errors = times().map(|time| curve.step_at(time).map_or(0.0, |s| s.standard_error));
        table = table.with(&format!("se_{}", word(params, curve.cause)?), errors);
    }
    table.write(out, "expected_r_aalen_johansen.csv")
}

fn as_r(input: &Input, params: &Value) -> Result<Value, Box<dyn std::error::Error>> {
    let (cases, columns) = (input.cases(), input.columns());
    let test = log_rank(cases, &input.groups, Weight::LogRank)?;
    let early = log_rank(cases, &input.groups, Weight::PetoPeto)?;
    let efron = cox(cases, &columns, &CoxSettings::default())?;
    let breslow = CoxSettings {
        ties: Ties::Breslow,
        ..CoxSettings::default()
    };
    let breslow = cox(cases, &columns, &breslow)?;
    let drift = non_proportional(cases, &columns, &efron, TimeScale::KaplanMeier)?;
    let drifts = || drift.covariates.iter().chain([&drift.overall]);
    let mut terms: Vec<_> = input
        .covariates
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    terms.push("GLOBAL");
    let outcomes = aalen_johansen(&input.days, &input.causes, 0.95)?;
    let causes: Vec<_> = outcomes.causes.iter().map(|curve| curve.cause).collect();
    let gray = causes
        .iter()
        .map(|&cause| gray_test(&input.days, &input.causes, cause, &input.groups))
        .collect::<Result<Vec<_>, _>>()?;
    let first = fine_gray(&input.days, &input.causes, 1, &columns, 0.95)?;
    let tau = number(params, "/rmst_tau")?;
    let level = MeanSettings {
        level_beyond: true,
        ..MeanSettings::default()
    };
    let mean = restricted_mean(cases, tau, &level)?;
    let curve = kaplan_meier(cases, &Settings::default())?;
    let mut all = json!({
        "logrank": {
            "chisq": test.test.statistic,
            "df": test.test.degrees,
            "observed": test.groups.iter().map(|group| group.observed).collect::<Vec<_>>(),
            "expected": test.groups.iter().map(|group| group.expected).collect::<Vec<_>>(),
        },
        "peto_peto_rho1_chisq": early.test.statistic,
        "cox_efron": {
            "coef": input.by_covariate(&efron.coefficients, |c| c.estimate),
            "se": input.by_covariate(&efron.coefficients, |c| c.standard_error),
            "loglik": efron.log_likelihood,
            "concordance": harrell(input, &efron.coefficients)?,
        },
        "cox_breslow_coef": input.by_covariate(&breslow.coefficients, |c| c.estimate),
        "cox_zph": {
            "terms": terms,
            "chisq": drifts().map(|test| test.statistic).collect::<Vec<_>>(),
            "p": drifts().map(|test| test.p).collect::<Vec<_>>(),
        },
        "gray_test": {
            "cause": causes.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "stat": gray.iter().map(|test| test.statistic).collect::<Vec<_>>(),
            "pv": gray.iter().map(|test| test.p).collect::<Vec<_>>(),
        },
        "rmst": {
            "tau": tau,
            "rmean": mean.mean,
            "se": mean.standard_error,
        },
        "median": curve.median().estimate,
    });
    let name = format!("fine_gray_{}", word(params, 1)?);
    all[&name] = json!({
        "coef": input.by_covariate(&first.coefficients, |c| c.estimate),
        "se": input.by_covariate(&first.coefficients, |c| c.standard_error),
    });
    Ok(all)
}

fn harrell(input: &Input, fit: &[Coefficient]) -> Result<f64, Box<dyn std::error::Error>> {
    let mut risk = vec![0.0; input.days.len()];
    for ((_, values), coefficient) in input.covariates.iter().zip(fit) {
        for (sum, value) in risk.iter_mut().zip(values) {
            *sum += value * coefficient.estimate;
        }
    }
    Ok(concordance(input.cases(), &risk)?.share)
}

fn as_lifelines(input: &Input, params: &Value) -> Result<Value, Box<dyn std::error::Error>> {
    let (cases, columns) = (input.cases(), input.columns());
    let curve = kaplan_meier(cases, &Settings::default())?;
    let tau = number(params, "/rmst_tau")?;
    let level = MeanSettings {
        level_beyond: true,
        ..MeanSettings::default()
    };
    let all = log_rank(cases, &input.groups, Weight::LogRank)?.test;
    let gehan = log_rank(cases, &input.groups, Weight::Gehan)?.test;
    let fit = cox(cases, &columns, &CoxSettings::default())?;
    let mut shares = Map::new();
    for day in numbers(params, "/at_days")? {
        let share = curve.step_at(day).map_or(1.0, |step| step.survival);
        shares.insert(day.to_string(), json!(share));
    }
    let mut value = json!({
        "median": first_low(&curve),
        "rmst": restricted_mean(cases, tau, &level)?.mean,
        "logrank_3": {"chisq": all.statistic, "p": all.p},
        "wilcoxon_3": {"chisq": gehan.statistic, "p": gehan.p},
        "cox": {
            "coef": input.by_covariate(&fit.coefficients, |c| c.estimate),
            "se": input.by_covariate(&fit.coefficients, |c| c.standard_error),
            "loglik": fit.log_likelihood[1],
            "concordance": harrell(input, &fit.coefficients)?,
        },
        "surv_at": shares,
    });
    if let [first, second, ..] = input.names.as_slice() {
        let kept: Vec<_> = (0..input.days.len())
            .filter(|&i| input.groups[i] < 2)
            .collect();
        let days: Vec<_> = kept.iter().map(|&i| input.days[i]).collect();
        let ended: Vec<_> = kept.iter().map(|&i| input.ended[i]).collect();
        let groups: Vec<_> = kept.iter().map(|&i| input.groups[i]).collect();
        let pair = log_rank(Cases::new(&days, &ended), &groups, Weight::LogRank)?.test;
        value["logrank_first_two"] = json!({
            "groups": [first, second],
            "chisq": pair.statistic,
            "p": pair.p,
        });
    }
    Ok(value)
}

/// lifelines' median is the first time at which half have ended, even where the curve then stays.
fn first_low(curve: &Curve) -> Option<f64> {
    let low = curve.steps.iter().find(|step| step.survival <= 0.5 + 1e-12);
    low.map(|step| step.time)
}
