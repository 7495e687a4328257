//! The folder of one force's extracts, written whole or not at all.

use std::path::Path;

use serde::Serialize;

use super::control_room::{self, Line as Telephone};
use super::counts::{self, Counted};
use super::events;
use super::incident_tables;
use super::incidents;
use super::places::Places;
use super::plan::{ExtractPlan, Span};
use super::planted::Planted;
use super::rota::{self, Present};
use super::staff::{Role, Staff};
use super::surveys::{self, Survey};
use super::table::Table;
use super::truth::{self, Defect, ExtractTruth};
use super::victims::{self, Repeats};
use super::{
    call_tables, clock, crime_tables, crimes, defects, dispatch, inspection, patrols,
    recorded_crime, staff_tables,
};
use crate::SimulateError;
use crate::dice::Dice;
use crate::folder::{Whole, write_file};
use crate::geography::{Force, forces};

/// Makes the plan's extracts in `folder`, which must not exist or be empty,
/// and returns what `truth.json` in it says.
///
/// The folder gets `extracts/` (a CSV file a table, and `manifest.json`, the
/// sidecar of them all), `official/` (recorded crime by quarter in the Home
/// Office's layout), `truth.json` and `README.txt`. It is written whole or not
/// at all, as by [`crate::write`].
pub fn write_extracts(plan: &ExtractPlan, folder: &Path) -> Result<ExtractTruth, SimulateError> {
    plan.check()?;
    let whole = Whole::begin(folder, &["extracts", "official"])?;
    let Some(force) = forces(plan.seed, plan.force + 1).pop() else {
        // A checked plan names one of the twelve.
        return Err(SimulateError::Plan {
            asked: format!("the force at place {}", plan.force),
            rule: "there are 12 invented ones: ask for 0 to 11",
        });
    };
    let mut made = make(plan, &force)?;
    for table in &mut made.tables {
        let csv = table.csv();
        let path = whole.path("extracts").join(format!("{}.csv", table.name));
        write_file(&path, csv.as_bytes())?;
    }
    let span = plan.span();
    let sidecars: Vec<Sidecar<'_>> = (made.tables.iter())
        .map(|table| sidecar(table, force.id.as_str(), &made.survey, &span))
        .collect();
    write_json(&whole.path("extracts").join("manifest.json"), &sidecars)?;
    write_file(
        &whole.path("official").join("prc-pfa-synthetic.csv"),
        made.recorded_crime.as_bytes(),
    )?;
    write_json(&whole.path("truth.json"), &made.truth)?;
    write_file(&whole.path("README.txt"), readme(plan, &force).as_bytes())?;
    whole.finish()?;
    Ok(made.truth)
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), SimulateError> {
    let json = serde_json::to_string_pretty(value)? + "\n";
    write_file(path, json.as_bytes())
}

/// Everything made, still in memory.
struct Made {
    tables: Vec<Table>,
    recorded_crime: String,
    survey: Survey,
    truth: ExtractTruth,
}

/// The model from beginning to end. Each part draws from a stream of its own,
/// so that a change of one leaves the draws of the others alone.
fn make(plan: &ExtractPlan, force: &Force) -> Result<Made, SimulateError> {
    let span = plan.span();
    let planted = Planted::new(plan);
    let places = Places::new(force);
    let people = f64::from(force.people());
    let stream = 10_000 + 100 * force.index as u64;
    let dice = |part: u64| Dice::new(plan.seed, stream + part);

    let staff = Staff::new(people / 1_000.0, &span, &planted, plan.seed, &mut dice(0));
    let on_duty = |role| rota::shifts(role, &staff, &span);
    let shifts = [Role::Handler999, Role::Handler101].map(on_duty);
    let heads = shifts.each_ref().map(|shifts| Present::new(shifts, &span));
    let officers = Present::new(&on_duty(Role::Response), &span);

    let events = events::happen(people, &span, &planted, &places, &mut dice(1));
    let mut calls: Vec<Vec<control_room::Call>> = Vec::new();
    for (n, (line, heads)) in Telephone::BOTH.into_iter().zip(&heads).enumerate() {
        let dice = &mut dice(2 + n as u64);
        calls.push(control_room::calls(
            line, people, &span, &events, heads, dice,
        ));
    }
    let mut incidents = incidents::open(&mut calls, &events, &places, &span, &mut dice(4));
    dispatch::send(&mut incidents, &places, &officers, &mut dice(5));
    incidents::keep_appointments(&mut incidents, &mut dice(6));
    let crimes = crimes::record(
        &mut incidents,
        &calls,
        &events,
        &places,
        &span,
        &planted,
        &mut dice(7),
    );
    let repeats = Repeats::new(&crimes);
    let care = victims::care(&crimes, &span, &planted, &repeats, &mut dice(8));
    let lines = surveys::lines(&calls, incidents.len());
    let survey = surveys::ask(&crimes, &lines, &span, &mut dice(9));

    let deployments = incident_tables::deployments(&incidents, &span);
    let counted = Counted {
        calls: &calls,
        incidents: &incidents,
        arrival_known: &deployments.arrival_known,
        crimes: &crimes,
        care: &care,
        survey: &survey,
        staff: &staff,
        places: &places,
    };
    let counts = counts::counts(&counted, &span);
    let mut tables = vec![
        call_tables::calls(&calls, &events, &places),
        call_tables::call_intervals(&calls, &heads, &span),
        incident_tables::incidents(&incidents, &places, &span),
        incident_tables::incident_events(&incidents, &span),
        deployments.table,
        crime_tables::crimes(&crimes, &repeats, &places, &span),
        crime_tables::case_events(&crimes, &span),
        crime_tables::withdrawals(&crimes, &span, &mut dice(10)),
        victims::victims(&crimes, &care, &repeats, &mut dice(11)),
        victims::victim_contacts(&crimes, &care, &span),
        surveys::surveys(&survey, &crimes, &places, &mut dice(12)),
        staff_tables::establishment(&staff, &span),
        staff_tables::postings(&staff),
        staff_tables::leavers(&staff),
        staff_tables::abstractions(&staff, &span),
        staff_tables::sickness(&staff, &span),
        staff_tables::shifts(&shifts, &span),
        staff_tables::training(&staff, &span),
        patrols::hotspots(&places, &span, &planted),
        patrols::initiatives(&planted),
        patrols::patrols(&places, &span, &planted, &mut dice(13)),
        inspection::findings(&span),
        inspection::actions(&span),
        inspection::responses(&span),
        counts,
    ];
    let mut truth = truth::of_plan(plan, force.id.parse()?, &span, &planted, &places);
    // Where there is nothing to report, there is no file.
    tables.retain(|table| table.len() > 0);
    truth.defects = defects::plant(&mut tables);
    truth.defects.push(Defect::new(
        "deployments",
        "arrived_at is missing",
        true,
        deployments.without_arrival,
    ));
    truth.rows = (tables.iter())
        .map(|table| (table.name.to_owned(), table.len()))
        .collect();
    Ok(Made {
        recorded_crime: recorded_crime::table(&force.name, &crimes, &span),
        tables,
        survey,
        truth,
    })
}

/// What goes with an extract.
#[derive(Serialize)]
struct Sidecar<'a> {
    extract: &'a str,
    schema_version: u32,
    system: &'a str,
    run_at: String,
    period_from: String,
    period_to: String,
    row_count: usize,
    known_gaps: Vec<String>,
    clock: &'static str,
    contact_role: &'static str,
    force: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    survey: Option<SurveyNote>,
}

#[derive(Serialize)]
struct SurveyNote {
    sample_frame: &'static str,
    invited: usize,
    responded: usize,
    weighting_targets: &'static str,
}

fn sidecar<'a>(table: &'a Table, force: &'a str, survey: &Survey, span: &Span) -> Sidecar<'a> {
    let date = |day| {
        let mut text = String::new();
        clock::date(&mut text, day);
        text
    };
    let mut run_at = String::new();
    clock::stamp(&mut run_at, span.run_at);
    let gaps = match table.name {
        "deployments" => vec!["One arrival in forty is not recorded.".to_owned()],
        _ => Vec::new(),
    };
    Sidecar {
        extract: table.name,
        schema_version: 1,
        system: table.system,
        run_at,
        period_from: date(span.first),
        period_to: date(span.past - 1),
        row_count: table.len(),
        known_gaps: gaps,
        clock: "one clock for every system, Europe/London",
        contact_role: "performance analyst",
        force,
        survey: (table.name == "surveys").then_some(SurveyNote {
            sample_frame: "victims of five kinds of crime, a month after their case closed",
            invited: survey.invited,
            responded: survey.responses.len(),
            weighting_targets: "none: the weights are drawn",
        }),
    }
}

fn readme(plan: &ExtractPlan, force: &Force) -> String {
    format!(
        "SYNTHETIC DATA\n\
         \n\
         Nothing in this folder happened and nobody in it exists. {name} is invented\n\
         by Peelian's simulator (seed {seed}, {months} months to {last}).\n\
         \n\
         extracts/      what a force would hand over from its own systems\n\
         official/      recorded crime by quarter, in the layout of the Home Office\n\
         truth.json     what was planted where, and which rows are wrong on purpose\n\
         \n\
         The extracts are not the rows behind the synthetic archive of open data:\n\
         the two are drawn apart.\n",
        name = force.name,
        seed = plan.seed,
        months = plan.months,
        last = plan.last,
    )
}
