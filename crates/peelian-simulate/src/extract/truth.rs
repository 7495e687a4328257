//! What is true of the extracts: the contents of their `truth.json`.

use std::collections::BTreeMap;

use peelian_model::{ForceId, Month};
use serde::{Deserialize, Serialize};

use super::clock;
use super::places::{PAIRS, Places, Role, SPOT_SHARE};
use super::plan::{ExtractPlan, Span};
use super::planted::Planted;

/// Everything planted in one force's extracts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExtractTruth {
    /// Always true: nothing here happened.
    pub synthetic: bool,
    /// Where the random numbers started.
    pub seed: u64,
    /// `synthetic-merrowdale`.
    pub force: ForceId,
    /// The oldest month.
    pub first: Month,
    /// The newest month.
    pub last: Month,
    /// What was planted.
    pub planted: Vec<Plant>,
    /// Hot spots and the rings round them.
    pub hot_spots: Vec<HotSpotTruth>,
    /// Rows that are wrong on purpose.
    pub defects: Vec<Defect>,
    /// Data rows of each file, faulty ones included.
    pub rows: BTreeMap<String, usize>,
}

/// One planted thing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plant {
    /// Its name: `friday-101`.
    pub id: String,
    /// What it is, in a sentence.
    pub what: String,
    /// Where it is, if not in the whole force: a team, a line, a kind.
    pub place: String,
    /// The first day on which it shows, `2025-01-01`; none where it is there
    /// throughout. A day after the last month means that it does not show.
    pub from: Option<String>,
    /// What is multiplied by what.
    pub factor: f64,
    /// The tables that show it.
    pub tables: Vec<String>,
}

/// A planted hot spot, or the ring round one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HotSpotTruth {
    /// As in `hotspots` and `crimes`.
    pub id: String,
    /// `treated`, `control` or `buffer`.
    pub role: String,
    /// The LSOA of 2021 that it lies in.
    pub lsoa: String,
    /// Share of the force's public crime that happens in it before patrols.
    pub share: f64,
    /// How many times the public crime of an average LSOA that is.
    pub rate_multiple: f64,
    /// What patrols multiply that by.
    pub factor: f64,
}

/// Rows of one table that are wrong in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defect {
    /// The table.
    pub table: String,
    /// What is wrong.
    pub what: String,
    /// Whether a reader should keep the rows; if not, they belong in quarantine.
    pub kept: bool,
    /// How many rows.
    pub rows: usize,
    /// Their ids; of many, the first hundred.
    pub ids: Vec<String>,
}

impl Defect {
    pub(crate) fn new(table: &str, what: &str, kept: bool, mut ids: Vec<String>) -> Self {
        let rows = ids.len();
        ids.truncate(100);
        Self {
            table: table.to_owned(),
            what: what.to_owned(),
            kept,
            rows,
            ids,
        }
    }
}

fn written(day: i64) -> String {
    let mut text = String::new();
    clock::date(&mut text, day);
    text
}

pub(crate) fn planted(planted: &Planted, span: &Span) -> Vec<Plant> {
    let plant =
        |id: &str, what: &str, place: &str, from: Option<i64>, factor: f64, tables: &[&str]| {
            Plant {
                id: id.to_owned(),
                what: what.to_owned(),
                place: place.to_owned(),
                from: from.filter(|day| *day > span.first).map(written),
                factor,
                tables: tables.iter().map(|&table| table.to_owned()).collect(),
            }
        };
    let team = format!("investigation-{}", Planted::SILENT_TEAM);
    vec![
        plant(
            "friday-101",
            "On Fridays from 07:00 to 23:00 the heads planned for the 101 line are multiplied by the factor.",
            "line 101",
            None,
            Planted::FRIDAY_HEADS,
            &["shifts", "call_intervals", "calls", "counts"],
        ),
        plant(
            "burglary-step",
            "Burglaries happen the factor times as often.",
            "kind BUR",
            Some(planted.burglary_from),
            Planted::BURGLARY,
            &["incidents", "crimes", "calls"],
        ),
        plant(
            "recording-change",
            "Reported domestic abuse and violence are recorded as crime the factor times as often; no more of it happens.",
            "kinds DOM and VIO",
            Some(planted.recording_from),
            Planted::RECORDING,
            &["crimes", "victims"],
        ),
        plant(
            "patrols-inside",
            "Patrols multiply public crime and disorder inside the treated hot spots by the factor.",
            "hot spots of role treated",
            Some(planted.patrols_from),
            Planted::INSIDE,
            &["crimes", "hotspots", "patrols", "initiatives"],
        ),
        plant(
            "patrols-displace",
            "Patrols multiply public crime and disorder in the rings round the treated hot spots by the factor.",
            "hot spots of role buffer",
            Some(planted.patrols_from),
            Planted::RING,
            &["crimes", "hotspots"],
        ),
        plant(
            "updates-stop",
            "The team gives the factor times as many of the updates that are due, news of the outcome included.",
            &team,
            Some(planted.updates_stop),
            Planted::UPDATES[1] / Planted::UPDATES[0],
            &["victim_contacts", "surveys", "counts"],
        ),
        plant(
            "support-ends",
            "Each day on which the last contact is 30 days old or older, a victim is the factor times as likely to stop supporting the case (a hazard ratio). The daily chance with newer contact is 0.0015, and 1.6 times that for domestic abuse.",
            "cases with a victim who is a person",
            None,
            Planted::HAZARD_RATIO,
            &["victim_contacts", "withdrawals", "case_events", "crimes"],
        ),
        plant(
            "pipeline",
            "Recruits who joined 252 days before become response officers. The factor is 1: nothing is multiplied, heads are added.",
            "unit response",
            Some(planted.recruits_ready),
            1.0,
            &["postings", "training", "deployments"],
        ),
    ]
}

pub(crate) fn hot_spots(places: &Places) -> Vec<HotSpotTruth> {
    let lsoas = places
        .cells
        .iter()
        .filter(|cell| cell.spot.is_none())
        .count() as f64;
    let elsewhere = 1.0 - 3.0 * PAIRS as f64 * SPOT_SHARE;
    (places.cells.iter())
        .filter_map(|cell| {
            let spot = cell.spot.as_ref()?;
            Some(HotSpotTruth {
                id: spot.id.clone(),
                role: spot.role.name().to_owned(),
                lsoa: cell.lsoa.clone(),
                share: SPOT_SHARE,
                rate_multiple: crate::truth::rounded(SPOT_SHARE / (elsewhere / lsoas)),
                factor: if spot.role == Role::Control {
                    1.0
                } else {
                    spot.patrolled()
                },
            })
        })
        .collect()
}

/// The parts of the truth that the plan decides.
pub(crate) fn of_plan(
    plan: &ExtractPlan,
    force: ForceId,
    span: &Span,
    planted_days: &Planted,
    places: &Places,
) -> ExtractTruth {
    ExtractTruth {
        synthetic: true,
        seed: plan.seed,
        force,
        first: plan.first(),
        last: plan.last,
        planted: planted(planted_days, span),
        hot_spots: hot_spots(places),
        defects: Vec::new(),
        rows: BTreeMap::new(),
    }
}
