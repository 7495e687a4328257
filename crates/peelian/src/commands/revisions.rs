//! `peelian measure revisions`: as first published, as now, and every version
//! between.

use peelian_archive::Home;
use peelian_measures::{Measures, Revisions, revisions};
use peelian_model::{Month, Nature, Reading};
use serde_json::json;

use super::{listed, nothing_held, say};
use crate::args::{Place, Show};
use crate::{Outcome, Usage};

pub(crate) async fn run(place: &Place, args: &Show) -> anyhow::Result<Outcome> {
    let measures = Measures::load(place.content.as_deref())?;
    let Some(definition) = measures.get(&args.id) else {
        let ids = measures
            .definitions
            .iter()
            .map(|d| d.measure.id.to_string());
        let there = listed(ids);
        return Err(Usage(format!("there is no measure “{}”: use {there}", args.id)).into());
    };
    let home = Home::new(place.home());
    let Some(manifest) = home.manifest()? else {
        return Err(nothing_held(place).into());
    };
    let Some(found) = revisions(&home, definition, &args.force).await? else {
        return Err(Usage(format!(
            "no records of “{}” are held for “{}”; see: peelian status",
            args.id, args.force
        ))
        .into());
    };
    let synthetic = manifest.nature == Nature::Synthetic;
    if args.json.json {
        say(json!({
            "measure": args.id,
            "force": args.force,
            "unit": definition.measure.unit,
            "version": definition.version(),
            "synthetic": synthetic,
            "as_at": found.as_at,
            "months": found.months.keys().map(|m| document(&found, *m)).collect::<Vec<_>>(),
        }));
        return Ok(Outcome::Done);
    }
    if synthetic {
        say("SYNTHETIC DATA: an invented force, invented figures.\n");
    }
    say(format!("{}, {}", definition.measure.title, args.force));
    say(format!(
        "\n{:<8}  {:<28}  {:<28}  {:>9}  versions",
        "month", "as first published", "as now, since", "change"
    ));
    for month in found.months.keys() {
        say(line(&found, *month));
    }
    say(format!("\nUnit: {}.", definition.measure.unit.as_str()));
    if found.months.keys().all(|m| versions(&found, *m) < 2) {
        say(
            "Only one version of each month is held. To hold earlier ones, ingest the older \
             files too: peelian ingest --keep-revisions PATH",
        );
    }
    Ok(Outcome::Done)
}

/// One month: both answers, and the row of the revision triangle.
fn document(found: &Revisions, month: Month) -> serde_json::Value {
    let answer = |answer: Option<(&str, &Reading)>| {
        answer.map(|(at, r)| {
            json!({
                "as_at": at,
                "numerator": r.numerator,
                "denominator": r.denominator,
                "value": r.value,
                "lower": r.lower,
                "upper": r.upper,
                "status": r.status,
            })
        })
    };
    let values: Vec<Option<f64>> = found
        .months
        .get(&month)
        .into_iter()
        .flatten()
        .map(|r| r.as_ref()?.value)
        .collect();
    json!({
        "period": month,
        "first": answer(found.first(month)),
        "now": answer(found.now(month)),
        "values": values,
    })
}

/// How many different readings a month has had.
fn versions(found: &Revisions, month: Month) -> usize {
    let mut readings: Vec<&Reading> = found
        .months
        .get(&month)
        .into_iter()
        .flatten()
        .flatten()
        .collect();
    readings.dedup();
    readings.len()
}

fn line(found: &Revisions, month: Month) -> String {
    let answer = |answer: Option<(&str, &Reading)>| {
        answer.map_or_else(String::new, |(at, r)| {
            let date: String = at.chars().take(10).collect();
            r.value.map_or_else(
                || format!("{} ({date})", r.status.words()),
                |value| format!("{value:.3} ({date})"),
            )
        })
    };
    let (first, now) = (found.first(month), found.now(month));
    let change = first
        .zip(now)
        .and_then(|((_, a), (_, b))| Some(b.value? - a.value?))
        .map_or_else(|| "–".to_owned(), |c| format!("{c:+.3}"));
    format!(
        "{:<8}  {:<28}  {:<28}  {change:>9}  {}",
        month.to_string(),
        answer(first),
        answer(now),
        versions(found, month)
    )
}
