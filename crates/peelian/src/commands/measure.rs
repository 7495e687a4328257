//! `peelian measure list`, `show` and `check`.

use anyhow::bail;
use peelian_measures::{Measures, check as check_cases};
use peelian_model::{MeasureId, Nature, Reading, Series};
use peelian_readings::{Catalogue, MeasureEntry, headline};
use serde_json::json;

use super::{catalogue, listed, say};
use crate::args::{Place, Show};
use crate::{Outcome, Usage};

pub(crate) fn list(place: &Place, as_json: bool) -> anyhow::Result<Outcome> {
    let measures = Measures::load(place.content.as_deref())?;
    if as_json {
        let all: Vec<_> = measures
            .definitions
            .iter()
            .map(|d| {
                let m = &d.measure;
                json!({
                    "id": m.id,
                    "title": m.title,
                    "area": m.area,
                    "status": m.status,
                    "unit": m.unit,
                    "direction": m.direction,
                    "version": d.version(),
                })
            })
            .collect();
        say(json!({ "measures": all }));
    } else {
        for definition in &measures.definitions {
            let m = &definition.measure;
            say(format!(
                "{:<30} {:<22} {}",
                m.id.as_str(),
                m.area.as_str(),
                m.title
            ));
        }
    }
    Ok(Outcome::Done)
}

pub(crate) async fn show(place: &Place, args: &Show) -> anyhow::Result<Outcome> {
    let catalogue = catalogue(place).await?;
    let Some(entry) = catalogue.entry(&args.id) else {
        let there = listed(catalogue.measures().map(|m| m.id.to_string()));
        return Err(Usage(format!("there is no measure “{}”: use {there}", args.id)).into());
    };
    let Some(series) = catalogue.series(&args.id, &args.force) else {
        let with = catalogue
            .forces()
            .iter()
            .filter(|f| catalogue.series(&args.id, &f.id).is_some());
        let there = listed(with.map(|f| f.id.to_string()));
        return Err(Usage(format!(
            "no records of “{}” are held for “{}”; there are for {there}",
            args.id, args.force
        ))
        .into());
    };
    if args.json.json {
        say(document(&catalogue, entry, series));
    } else {
        table(&catalogue, entry, series);
    }
    Ok(Outcome::Done)
}

/// The documented JSON.
fn document(catalogue: &Catalogue, entry: &MeasureEntry, series: &Series) -> serde_json::Value {
    let m = &entry.measure;
    let readings: Vec<_> = series
        .readings
        .iter()
        .map(|r| {
            json!({
                "period": r.period,
                "numerator": r.numerator,
                "denominator": r.denominator,
                "value": r.value,
                "lower": r.lower,
                "upper": r.upper,
                "status": r.status,
                "denominator_year": r.denominator_year,
                "left_out": r.left_out,
                "known_issues": catalogue
                    .generation()
                    .issues_of(entry, Some(&series.force), Some(m.span(r.period)))
                    .map(|i| &i.text)
                    .collect::<Vec<_>>(),
                "bounds": r.bounds.map(|(low, high)| json!({ "low": low, "high": high })),
            })
        })
        .collect();
    json!({
        "measure": m.id,
        "force": series.force,
        "readings": readings,
        "unit": m.unit,
        "denominator_year": series.latest().and_then(|r| r.denominator_year),
        "source": m.sources.first(),
        "sources": entry.sources,
        "as_at": entry.sources.iter().map(|s| &s.as_at).max(),
        "version": entry.version,
        "synthetic": catalogue.nature() == Nature::Synthetic,
    })
}

fn table(catalogue: &Catalogue, entry: &MeasureEntry, series: &Series) {
    let m = &entry.measure;
    if catalogue.nature() == Nature::Synthetic {
        say("SYNTHETIC DATA: an invented force, invented figures.\n");
    }
    let force = catalogue
        .force(&series.force)
        .map_or(series.force.as_str(), |f| &f.name);
    say(format!("{}, {force}", m.title));
    say(format!("{}\n", m.subtitle));
    if let Some(spc) = catalogue.spc(&m.id, &series.force) {
        say(headline(m, series, spc));
    }
    if series.latest().is_none() {
        for needed in &m.sources {
            if !entry.sources.iter().any(|s| &s.source == needed) {
                say(format!(
                    "Not loaded: {needed}. Load it with: peelian ingest PATH"
                ));
            }
        }
    }
    say(format!(
        "\n{:<8} {:>10} {:>12} {:>9}  {:<19} status",
        "month", "numerator", "denominator", "value", "95% interval"
    ));
    for r in &series.readings {
        say(line(r));
    }
    say(format!(
        "\nUnit: {}. Calculation {}.",
        m.unit.as_str(),
        entry.version
    ));
    for source in &entry.sources {
        say(format!(
            "Source: {}, as at {}. {}",
            source.title, source.as_at, source.attribution
        ));
    }
}

fn line(r: &Reading) -> String {
    let number = |n: Option<f64>, decimals: usize| {
        n.map_or_else(|| "–".to_owned(), |n| format!("{n:.decimals$}"))
    };
    let interval = r
        .lower
        .zip(r.upper)
        .map_or_else(String::new, |(l, u)| format!("{l:.3} to {u:.3}"));
    format!(
        "{:<8} {:>10} {:>12} {:>9}  {interval:<19} {}",
        r.period.to_string(),
        number(r.numerator, 0),
        number(r.denominator, 0),
        number(r.value, 3),
        r.status.words()
    )
}

pub(crate) async fn check(place: &Place, only: Option<&MeasureId>) -> anyhow::Result<Outcome> {
    let measures = Measures::load(place.content.as_deref())?;
    if let Some(id) = only
        && measures.get(id).is_none()
    {
        let there = listed(
            measures
                .definitions
                .iter()
                .map(|d| d.measure.id.to_string()),
        );
        return Err(Usage(format!("there is no measure “{id}”: use {there}")).into());
    }
    let mut failed = 0;
    for definition in &measures.definitions {
        if only.is_some_and(|id| id != &definition.measure.id) {
            continue;
        }
        let (run, failures) = check_cases(&measures, definition).await?;
        for failure in &failures {
            say(failure);
        }
        failed += failures.len();
        let verb = if failures.is_empty() {
            "hold"
        } else {
            "do not all hold"
        };
        say(format!(
            "{}: {run} worked cases {verb}",
            definition.measure.id
        ));
    }
    if failed > 0 {
        bail!("{failed} expectations are not met; they are named above");
    }
    Ok(Outcome::Done)
}
