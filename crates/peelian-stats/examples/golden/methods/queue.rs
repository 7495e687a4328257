//! Call lines.

use std::error::Error;
use std::path::Path;

use peelian_stats::queue::erlang::{Traffic, erlang_a, erlang_b, erlang_c};
use peelian_stats::queue::priority::priority;
use peelian_stats::queue::simulation::{
    Distribution, Group, Line, LineRun, Run, Scenario, Schedule, estimate, run_once,
};
use peelian_stats::queue::staffing::{Goal, positions};
use serde_json::{Value, json};

use super::Outcome;
use super::table::{Table, number, read_json, write_json};

pub(crate) fn erlang(case: &Path, out: &Path) -> Outcome {
    let lines = Lines::read(case, "input.csv")?;
    let servers: Vec<u32> = lines.counts("servers")?;
    let (mut b, mut c, mut a) = (Vec::new(), Vec::new(), Vec::new());
    let (mut c_within, mut a_within) = (Vec::new(), Vec::new());
    for (row, &servers) in servers.iter().enumerate() {
        let (traffic, within) = (lines.traffic[row], lines.within[row]);
        b.push(erlang_b(traffic.load(), servers)?);
        let waiting = erlang_c(traffic, servers).ok();
        c_within.push(waiting.and_then(|line| line.answered_within(within).ok()));
        c.push(waiting);
        let leaving = erlang_a(traffic, lines.patience[row], servers)?;
        a_within.push(leaving.answered_within(within)?);
        a.push(leaving);
    }
    let c_wait = || c.iter().map(|line| line.map(|line| line.wait_probability));
    let a_wait = || a.iter().map(|line| line.wait_probability);
    let a_leave = || a.iter().map(|line| line.abandonment);
    let a_mean = || a.iter().map(|line| line.mean_wait);
    lines
        .table
        .with("exact_erlang_b", b.iter().copied())
        .with_optional("exact_erlang_c", c_wait())
        .with_optional("exact_service_level_c", c_within.iter().copied())
        .with_optional(
            "exact_mean_wait_c",
            c.iter().map(|line| line.map(|line| line.mean_wait)),
        )
        .with("pyworkforce_b", b.iter().copied())
        .with_optional("pyworkforce_c", c_wait())
        .with_optional("pyworkforce_sl_c", c_within.iter().copied())
        .with("exact_a_p_wait", a_wait())
        .with("exact_a_p_abandon", a_leave())
        .with("exact_a_mean_queue", a.iter().map(|line| line.mean_queue))
        .with("exact_a_mean_wait_all", a_mean())
        .with("pyworkforce_a_p_wait", a_wait())
        .with("pyworkforce_a_p_abandon", a_leave())
        .with("pyworkforce_a_mean_wait", a_mean())
        .with("pyworkforce_a_service_level", a_within)
        .write(out, "expected.csv")?;
    required(case, out)
}

fn required(case: &Path, out: &Path) -> Outcome {
    if !case.join("input_required.csv").exists() {
        return Ok(());
    }
    let lines = Lines::read(case, "input_required.csv")?;
    let targets = lines.table.numbers("service_level_target")?;
    let occupancies = lines.table.numbers("max_occupancy")?;
    let models = lines.table.text("model")?;
    let mut found = Vec::new();
    for row in 0..targets.len() {
        let goal = Goal {
            service_level: targets[row],
            within: lines.within[row],
            max_occupancy: occupancies[row],
            ..Goal::default()
        };
        let patience = match models[row].as_str() {
            "A" => Some(lines.patience[row]),
            "C" => None,
            other => return Err(format!("unknown model {other}").into()),
        };
        found.push(positions(lines.traffic[row], patience, &goal)?);
    }
    let raw = found.iter().map(|found| found.positions);
    let service = found.iter().map(|found| found.service_level);
    let occupancy = found.iter().map(|found| found.occupancy);
    let waiting = found.iter().map(|found| found.wait_probability);
    lines
        .table
        .clone()
        .with_text("raw_positions", raw)
        .with("service_level", service)
        .with("occupancy", occupancy)
        .with("waiting_probability", waiting)
        .write(out, "expected_required.csv")
}

/// Rows of calls to a line; times in minutes.
struct Lines {
    table: Table,
    traffic: Vec<Traffic>,
    within: Vec<f64>,
    patience: Vec<f64>,
}

impl Lines {
    fn read(case: &Path, file: &str) -> Result<Self, Box<dyn Error>> {
        let table = Table::read(case, file)?;
        let calls = table.numbers("transactions")?;
        let interval = table.numbers("interval_min")?;
        let handling = table.numbers("aht_min")?;
        let traffic = |row: usize| Traffic {
            arrivals: calls[row] / interval[row],
            handling_time: handling[row],
        };
        Ok(Self {
            traffic: (0..table.rows()).map(traffic).collect(),
            within: table.numbers("answer_target_min")?,
            patience: table.numbers("patience_min")?,
            table,
        })
    }

    fn counts(&self, column: &str) -> Result<Vec<u32>, Box<dyn Error>> {
        let numbers = self.table.numbers(column)?;
        Ok(numbers.into_iter().map(|number| number as u32).collect())
    }
}

/// How long each replication runs, in minutes, how much of it is not counted, and how many there are.
const HORIZON: f64 = 15_000.0;
const WARM_UP: f64 = 500.0;
const REPLICATIONS: u32 = 40;

pub(crate) fn des_queue(case: &Path, out: &Path) -> Outcome {
    let params = read_json(case, "params.json")?;
    let servers = number(&params, "/servers")? as u32;
    let handling_time = 1.0 / number(&params, "/service_rate_per_min")?;
    let written = if params.get("arrival_rate_999").is_some() {
        let urgent = number(&params, "/arrival_rate_999")?;
        let ordinary = number(&params, "/arrival_rate_101")?;
        two_classes([urgent, ordinary], handling_time, servers)?
    } else {
        let traffic = Traffic {
            arrivals: number(&params, "/arrival_rate_per_min")?,
            handling_time,
        };
        let leaving = params.get("patience_rate_per_min").and_then(Value::as_f64);
        let patience = leaving.filter(|rate| *rate > 0.0).map(|rate| 1.0 / rate);
        one_line(traffic, patience, servers)?
    };
    write_json(out, "expected.json", &written)
}

fn one_line(
    traffic: Traffic,
    patience: Option<f64>,
    servers: u32,
) -> Result<Value, Box<dyn Error>> {
    let (p_wait, mean_queue, mean_wait, p_abandon) = if let Some(patience) = patience {
        let line = erlang_a(traffic, patience, servers)?;
        (
            line.wait_probability,
            line.mean_queue,
            line.mean_wait,
            line.abandonment,
        )
    } else {
        let line = erlang_c(traffic, servers)?;
        (line.wait_probability, line.mean_queue, line.mean_wait, 0.0)
    };
    let line = Line {
        patience: patience.map(|mean| Distribution::Exponential { mean }),
        ..exponential(traffic.arrivals, traffic.handling_time)
    };
    Ok(json!({
        "exact": {
            "p_wait": p_wait,
            "mean_queue": mean_queue,
            "mean_wait_all": mean_wait,
            "p_abandon": p_abandon,
        },
        "simulation": Simulated::new(vec![line], servers)?.figures(),
    }))
}

fn two_classes(
    arrivals: [f64; 2],
    handling_time: f64,
    servers: u32,
) -> Result<Value, Box<dyn Error>> {
    let exact = priority(&arrivals, handling_time, servers)?;
    let waits: Vec<_> = exact
        .classes
        .iter()
        .map(|class| class.map(|class| class.mean_wait))
        .collect();
    let [urgent, ordinary] = arrivals.map(|rate| exponential(rate, handling_time));
    let ordinary = Line {
        priority: 1,
        ..ordinary
    };
    let simulated = Simulated::new(vec![urgent, ordinary], servers)?;
    let mut figures = simulated.figures();
    figures["mean_wait_by_class"] = json!({
        "999": simulated.mean(|run| run.lines[0].mean_wait()),
        "101": simulated.mean(|run| run.lines[1].mean_wait()),
    });
    Ok(json!({
        "exact": {
            "mean_wait_999": waits[0],
            "mean_wait_101": waits[1],
            "p_wait": exact.wait_probability,
        },
        "simulation": figures,
    }))
}

fn exponential(arrivals: f64, handling_time: f64) -> Line {
    Line::new(
        Schedule::steady(arrivals),
        Distribution::Exponential {
            mean: handling_time,
        },
    )
}

struct Simulated(Vec<Run>);

impl Simulated {
    fn new(lines: Vec<Line>, servers: u32) -> Result<Self, Box<dyn Error>> {
        let scenario = Scenario {
            groups: vec![Group {
                servers: Schedule::steady(servers),
                lines: (0..lines.len()).collect(),
            }],
            lines,
            horizon: HORIZON,
            warm_up: WARM_UP,
            report_every: None,
        };
        let runs = (0..REPLICATIONS).map(|replication| run_once(&scenario, 1000, replication));
        Ok(Self(runs.collect::<Result<_, _>>()?))
    }

    /// Over the calls of all lines together.
    fn figures(&self) -> Value {
        let total =
            |run: &Run, count: fn(&LineRun) -> f64| run.lines.iter().map(count).sum::<f64>();
        let offered = |run: &Run| total(run, |line| line.offered as f64);
        json!({
            "mean_wait_all": self.mean(|run| {
                let ended = total(run, |line| (line.offered - line.waiting_at_end) as f64);
                Some(total(run, |line| line.wait) / ended)
            }),
            "p_wait": self.mean(|run| Some(total(run, |line| line.waited as f64) / offered(run))),
            "p_abandon": self
                .mean(|run| Some(total(run, |line| line.abandoned as f64) / offered(run))),
            "replications": REPLICATIONS,
            "horizon_min": HORIZON,
            "warmup_min": WARM_UP,
        })
    }

    fn mean(&self, figure: impl Fn(&Run) -> Option<f64>) -> Value {
        let values: Option<Vec<_>> = self.0.iter().map(figure).collect();
        let mean = values.and_then(|values| estimate(&values, 0.95));
        mean.map_or(
            Value::Null,
            |mean| json!({ "mean": mean.mean, "ci95_half": mean.interval.upper - mean.mean }),
        )
    }
}
