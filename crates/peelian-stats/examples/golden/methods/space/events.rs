//! Repetition and the scoring of places.

use std::path::Path;

use jiff::civil::DateTime;
use peelian_stats::space::near_repeat::{self, Distance, knox};
use peelian_stats::space::prediction_accuracy::{Place, scores};
use peelian_stats::space::prospective::{
    Event, Grid, Squares, choose, prospective_risk, retrospective_risk,
};
use peelian_stats::space::scan::{Baselines, nearest_zones, scan};
use serde_json::{Value, json};

use super::Outcome;
use super::table::{Table, number, numbers, read_json, write_json};

const SEED: u64 = 1;
/// We draw so many times as often as the case asks, so that a p-value compared with one from few
/// draws brings next to no chance of its own.
const MORE: usize = 20;

pub(crate) fn near_repeat(case: &Path, out: &Path) -> Outcome {
    let params = read_json(case, "params.json")?;
    let (space, time) = (numbers(&params, "/sds")?, numbers(&params, "/tds")?);
    let draws = MORE * number(&params, "/nrep")? as usize;
    let input = Table::read(case, "input.csv")?;
    let (x, y, day) = (
        input.numbers("x")?,
        input.numbers("y")?,
        input.numbers("day")?,
    );
    let events: Vec<_> = x
        .into_iter()
        .zip(y)
        .zip(day)
        .map(|((x, y), time)| near_repeat::Event { x, y, time })
        .collect();
    for method in params["methods"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        let distance = match method {
            "manhattan" => Distance::Manhattan,
            "euclidean" => Distance::Euclidean,
            other => return Err(format!("unknown distance {other:?}").into()),
        };
        let table = near_repeat::near_repeat(&events, &space, &time, distance, draws, SEED)?;
        let (space, time) = (labels(&space), labels(&time));
        let of_space = table.cells.iter().flat_map(|_| &space);
        let of_time = time
            .iter()
            .flat_map(|label| space.iter().map(move |_| label));
        let cells: Vec<_> = table.cells.iter().flatten().collect();
        Table::default()
            .with_text("s", of_space)
            .with_text("t", of_time)
            .with("observed", cells.iter().map(|cell| cell.observed as f64))
            .with_optional("knox_ratio", cells.iter().map(|cell| cell.ratio))
            .with("p_mc", cells.iter().map(|cell| cell.p))
            .with("mean_exact", cells.iter().map(|cell| cell.expected))
            .write(out, &format!("expected_{method}.csv"))?;
    }
    let (within, during) = (number(&params, "/delta")?, number(&params, "/tau")?);
    let test = knox(&events, within, during, Distance::Euclidean, draws, SEED)?;
    let n = events.len() as f64;
    let (in_space, in_time) = (
        (test.both + test.space_only) as f64,
        (test.both + test.time_only) as f64,
    );
    let all = n * (n - 1.0) / 2.0;
    let expected = |space: f64, time: f64| space * time / all;
    write_json(
        out,
        "expected_pointpats.json",
        &json!({
            "nst": test.both,
            "observed": [[test.both, test.space_only], [test.time_only, test.neither]],
            "expected": [
                [expected(in_space, in_time), expected(in_space, all - in_time)],
                [expected(all - in_space, in_time), expected(all - in_space, all - in_time)],
            ],
            "p_poisson": test.p_poisson,
            "p_sim": test.p,
        }),
    )
}

/// The bands between edges as R's `cut` names them: three significant figures, or as many more as
/// tell the edges apart.
fn labels(edges: &[f64]) -> Vec<String> {
    let mut names = Vec::new();
    for figures in 3..=12 {
        names = edges.iter().map(|edge| general(*edge, figures)).collect();
        if names.windows(2).all(|pair| pair[0] != pair[1]) {
            break;
        }
    }
    names
        .windows(2)
        .map(|pair| format!("[{},{})", pair[0], pair[1]))
        .collect()
}

/// C's `%g`.
fn general(value: f64, figures: usize) -> String {
    let scientific = format!("{value:.*e}", figures - 1);
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trimmed = |text: &str| {
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text.to_owned()
        }
    };
    if exponent < -4 || exponent >= figures as i32 {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trimmed(digits), exponent.abs());
    }
    trimmed(&format!(
        "{value:.*}",
        (figures as i32 - 1 - exponent).max(0) as usize
    ))
}

pub(crate) fn pai_pei(case: &Path, out: &Path) -> Outcome {
    let input = Table::read(case, "input.csv")?;
    let (count, predicted) = (input.numbers("count")?, input.numbers("pred")?);
    let area = input.numbers("area")?;
    let places: Vec<_> = (0..input.rows())
        .map(|row| Place {
            count: count[row],
            weight: 1.0,
            predicted: predicted[row],
            area: area[row],
        })
        .collect();
    let scores = scores(&places)?;
    let places: Vec<_> = scores.iter().map(|score| places[score.place]).collect();
    let ids = input.text("id")?;
    Table::default()
        .with_text("Order", 1..=scores.len())
        .with("Count", places.iter().map(|place| place.count))
        .with("CumCount", scores.iter().map(|score| score.count))
        .with("PCumCount", scores.iter().map(|score| score.hit_rate))
        .with("Pred", places.iter().map(|place| place.predicted))
        .with("CumPred", scores.iter().map(|score| score.predicted))
        .with("Area", places.iter().map(|place| place.area))
        .with("CumArea", scores.iter().map(|score| score.area))
        .with("PCumArea", scores.iter().map(|score| score.area_share))
        .with("PAI", scores.iter().map(|score| score.pai))
        .with("PEI", scores.iter().map(|score| score.pei))
        .with(
            "RRI",
            scores.iter().map(|score| score.predicted / score.count),
        )
        .with_text("id", scores.iter().map(|score| &ids[score.place]))
        .write(out, "expected.csv")
}

const WEEK: f64 = 7.0 * 86_400.0;

pub(crate) fn prospective_hotspot(case: &Path, out: &Path) -> Outcome {
    let params = read_json(case, "params.json")?;
    let time = |text: &str| {
        text.parse::<DateTime>()
            .map_err(|error| format!("{text:?}: {error}"))
    };
    let named = |pointer: &str| {
        let text = params.pointer(pointer).and_then(Value::as_str);
        text.ok_or_else(|| format!("no text at {pointer}"))
            .and_then(time)
    };
    let (cutoff, start) = (named("/cutoff")?, named("/retro/start")?);
    let weeks_before = |moment: DateTime| {
        let span = cutoff.duration_since(moment);
        span.as_secs_f64() / WEEK
    };
    let grid = Grid {
        corner: ["x0", "y0"].map(|edge| params[edge].as_f64().unwrap_or(0.0)),
        cell: number(&params, "/cell")?,
        columns: number(&params, "/nx")? as usize,
        rows: number(&params, "/ny")? as usize,
    };
    let input = Table::read(case, "input.csv")?;
    let (x, y) = (input.numbers("x")?, input.numbers("y")?);
    let moments: Vec<_> = input
        .text("timestamp")?
        .iter()
        .map(|text| time(text))
        .collect::<Result<_, _>>()?;
    let events: Vec<_> = moments
        .iter()
        .zip(x.iter().zip(&y))
        .map(|(moment, (x, y))| Event {
            x: *x,
            y: *y,
            age: weeks_before(*moment),
        })
        .collect();

    let (reach, ages) = (
        number(&params, "/classic/space_bandwidth")?,
        number(&params, "/classic/time_bandwidth")?,
    );
    let classic = prospective_risk(&grid, &events, ages, reach, Squares::Chebyshev)?;
    let circle = prospective_risk(&grid, &events, ages, reach, Squares::Euclidean)?;
    let bandwidth = number(&params, "/retro/bandwidth")?;
    let retro = format!(
        "retro_{}{bandwidth}",
        params["retro"]["kernel"].as_str().unwrap_or("quartic")
    );
    let period: Vec<_> = events
        .iter()
        .filter(|event| event.age <= weeks_before(start))
        .copied()
        .collect();
    let kernel = retrospective_risk(&grid, &period, bandwidth)?;
    for (name, risk) in [
        ("prohotspot_classic", &classic),
        ("prohotspot_circle", &circle),
        (&*retro, &kernel),
    ] {
        let place = |of: fn(usize, usize) -> usize| {
            (0..risk.len()).map(move |index| of(index, grid.columns))
        };
        Table::default()
            .with_text("gy", place(|index, columns| index / columns))
            .with_text("gx", place(|index, columns| index % columns))
            .with("risk", risk.iter().copied())
            .write(out, &format!("expected_{name}.csv"))?;
    }

    let after: Vec<_> = events.iter().filter(|event| event.age < 0.0).collect();
    let hits = |risk: &[f64]| -> Result<Value, Box<dyn std::error::Error>> {
        let mut found = serde_json::Map::new();
        for percent in numbers(&params, "/coverage")? {
            let chosen = choose(risk, percent / 100.0)?.squares;
            let hit = |event: &&&Event| {
                let square = |value: f64, edge: f64| ((value - edge) / grid.cell).floor();
                let (column, row) = (
                    square(event.x, grid.corner[0]),
                    square(event.y, grid.corner[1]),
                );
                let inside = column >= 0.0 && row >= 0.0 && column < grid.columns as f64;
                inside
                    && chosen
                        .binary_search(&(row as usize * grid.columns + column as usize))
                        .is_ok()
            };
            let hits = after.iter().filter(hit).count();
            found.insert(
                percent.to_string(),
                json!({
                    "hits": hits,
                    "total": after.len(),
                    "pai": hits as f64 / after.len() as f64 / (percent / 100.0),
                }),
            );
        }
        Ok(found.into())
    };
    write_json(
        out,
        "expected_hit.json",
        &json!({
            "prohotspot_classic": hits(&classic)?,
            (retro): hits(&kernel)?,
        }),
    )
}

pub(crate) fn scan_poisson(case: &Path, out: &Path) -> Outcome {
    let params = read_json(case, "params.json")?;
    let areas = Table::read(case, "areas.csv")?;
    let names = areas.text("area")?;
    let points: Vec<_> = areas
        .numbers("x")?
        .into_iter()
        .zip(areas.numbers("y")?)
        .collect();
    let input = Table::read(case, "input.csv")?;
    let times = input.numbers("time")?;
    let mut periods = times.clone();
    periods.sort_by(f64::total_cmp);
    periods.dedup();
    let mut counts = vec![vec![0.0; names.len()]; periods.len()];
    for ((time, area), count) in times
        .iter()
        .zip(input.text("area")?)
        .zip(input.numbers("count")?)
    {
        let period = periods.partition_point(|period| period < time);
        let area = names
            .iter()
            .position(|name| name == area)
            .ok_or("a count of an unknown area")?;
        counts[period][area] += count;
    }
    let population = areas.numbers("population")?;
    let everyone: f64 = population.iter().sum();
    let mean = counts.iter().flatten().sum::<f64>() / periods.len() as f64;
    let baseline: Vec<_> = population
        .iter()
        .map(|people| people / everyone * mean)
        .collect();
    let zones = nearest_zones(&points, number(&params, "/k_nearest")? as usize)?;
    let clusters = scan(
        &counts,
        &vec![baseline; periods.len()],
        &zones,
        number(&params, "/max_duration")? as usize,
        Baselines::Expected,
        MORE * number(&params, "/n_mcsim")? as usize,
        SEED,
    )?;
    let named = |zone: usize| {
        zones[zone]
            .iter()
            .map(|area| names[*area].clone())
            .collect::<Vec<_>>()
    };
    let best = clusters.first().ok_or("no window has more than expected")?;
    let ids: Vec<f64> = named(best.zone)
        .iter()
        .map(|name| name.parse())
        .collect::<Result<_, _>>()?;
    write_json(
        out,
        "expected.json",
        &json!({
            "MLC_areas": ids.iter().map(|id| *id as i64).collect::<Vec<_>>(),
            "duration": best.duration,
            "score": best.score,
            "relative_risk": best.relative_risk,
            "p_mc": best.p,
            "n_zones": zones.len(),
        }),
    )?;
    let top = &clusters[..clusters.len().min(15)];
    Table::default()
        .with_text("duration", top.iter().map(|cluster| cluster.duration))
        .with("score", top.iter().map(|cluster| cluster.score))
        .with("relrisk", top.iter().map(|cluster| cluster.relative_risk))
        .with_text(
            "zone_areas",
            top.iter().map(|cluster| named(cluster.zone).join(" ")),
        )
        .write(out, "expected_top15.csv")
}
