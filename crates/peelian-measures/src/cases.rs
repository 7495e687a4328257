//! Worked cases: small tables with the readings they must give, run by
//! `peelian measure check` and by the tests.
//!
//! A case file lists `[[case]]` entries. `tables.<name>` holds rows as CSV in
//! the table's own columns (those left out are blank); populations and look-ups
//! come from `measures/world.toml` unless the case gives its own. `held` names
//! months that were supplied and have no row. Each `[[case.expect]]` states one
//! reading; every figure it states must be met to six significant figures.

use std::collections::BTreeMap;
use std::fmt;

use datafusion::arrow::array::RecordBatch;
use peelian_model::{AreaCode, ForceId, Month, Reading, Status};
use peelian_readings::Covered;
use serde::Deserialize;

use crate::MeasuresError;
use crate::compute::{compute, leading_table};
use crate::definition::{Definition, Measures};
use crate::records::{Held, Records, force_months};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct World {
    tables: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    tables: BTreeMap<String, String>,
    #[serde(default)]
    held: Vec<HeldMonth>,
    expect: Vec<Expected>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeldMonth {
    force: ForceId,
    month: Month,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    force: ForceId,
    area: Option<AreaCode>,
    period: Month,
    status: Status,
    numerator: Option<f64>,
    denominator: Option<f64>,
    value: Option<f64>,
    lower: Option<f64>,
    upper: Option<f64>,
    left_out: Option<f64>,
    bounds: Option<(f64, f64)>,
    denominator_year: Option<i32>,
}

/// A worked case whose readings are not the expected ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFailure {
    /// The case file.
    pub file: String,
    /// The case.
    pub case: String,
    /// What was expected, and what was computed.
    pub difference: String,
}

impl fmt::Display for CaseFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: “{}”: {}", self.file, self.case, self.difference)
    }
}

/// Runs every worked case of one definition. Gives the number run and the
/// failures. A measure without a case fails.
pub async fn check(
    measures: &Measures,
    definition: &Definition,
) -> Result<(usize, Vec<CaseFailure>), MeasuresError> {
    let measure = &definition.measure;
    let file = format!("{}/{}.cases.toml", measure.area, measure.id);
    let parsed: CaseFile =
        toml::from_str(&definition.cases).map_err(|e| MeasuresError::definition(&file, e))?;
    let world: World =
        toml::from_str(&measures.world).map_err(|e| MeasuresError::definition("world.toml", e))?;
    let mut failures = Vec::new();
    for case in &parsed.case {
        let fail = |difference| CaseFailure {
            file: file.clone(),
            case: case.name.clone(),
            difference,
        };
        let records = records(definition, &world, case).await?;
        let series = compute(definition, &records).await?;
        for expected in &case.expect {
            let found = series
                .iter()
                .find(|s| s.force == expected.force && s.area == expected.area)
                .and_then(|s| s.at(expected.period));
            match found {
                None => failures.push(fail(format!(
                    "no reading for {}{} in {}",
                    expected.force,
                    expected
                        .area
                        .as_ref()
                        .map_or_else(String::new, |a| format!(", {a},")),
                    expected.period
                ))),
                Some(reading) => failures.extend(expected.differences(reading).map(fail)),
            }
        }
    }
    Ok((parsed.case.len(), failures))
}

async fn records(
    definition: &Definition,
    world: &World,
    case: &Case,
) -> Result<Records, MeasuresError> {
    let mut batches: BTreeMap<String, RecordBatch> = BTreeMap::new();
    for (table, csv) in world.tables.iter().chain(&case.tables) {
        batches.insert(table.clone(), peelian_archive::parse_rows(table, csv)?);
    }
    let table = leading_table(&definition.measure);
    let mut held = Held::new();
    let with_rows = batches.get(&table).map(force_months).unwrap_or_default();
    let stated = case.held.iter().map(|h| (h.force.clone(), h.month));
    for (force, month) in with_rows.into_iter().chain(stated) {
        held.entry((table.clone(), force))
            .or_default()
            .insert(month, Covered::Complete);
    }
    Records::of_batches(batches, held).await
}

impl Expected {
    fn differences(&self, found: &Reading) -> impl Iterator<Item = String> {
        let mut out = Vec::new();
        let mut number = |name: &str, expected: Option<f64>, found: Option<f64>| {
            let Some(expected) = expected else { return };
            let near = |f: f64| (f - expected).abs() <= 1e-6 * expected.abs().max(1e-6);
            if !found.is_some_and(near) {
                let found = found.map_or_else(|| "nothing".to_owned(), |f| f.to_string());
                out.push(format!("{name}: expected {expected}, computed {found}"));
            }
        };
        number("numerator", self.numerator, found.numerator);
        number("denominator", self.denominator, found.denominator);
        number("value", self.value, found.value);
        number("lower", self.lower, found.lower);
        number("upper", self.upper, found.upper);
        number("left_out", self.left_out, found.left_out);
        number(
            "bounds, low",
            self.bounds.map(|b| b.0),
            found.bounds.map(|b| b.0),
        );
        number(
            "bounds, high",
            self.bounds.map(|b| b.1),
            found.bounds.map(|b| b.1),
        );
        number(
            "denominator_year",
            self.denominator_year.map(f64::from),
            found.denominator_year.map(f64::from),
        );
        if self.status != found.status {
            out.push(format!(
                "status: expected {}, computed {}",
                self.status.as_str(),
                found.status.as_str()
            ));
        }
        let (force, period) = (self.force.clone(), self.period);
        out.into_iter()
            .map(move |difference| format!("{force} {period}: {difference}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_measure_has_worked_cases_and_they_hold() {
        let measures = Measures::load(None).unwrap();
        assert_eq!(measures.definitions.len(), 12);
        for definition in &measures.definitions {
            let (run, failures) = check(&measures, definition).await.unwrap();
            assert!(run > 1, "{} has too few cases", definition.measure.id);
            assert_eq!(failures, [], "{}", definition.measure.id);
        }
    }

    #[tokio::test]
    async fn a_query_may_only_ask() {
        let measures = Measures::load(None).unwrap();
        let mut definition = measures.definitions[0].clone();
        for sql in [
            "create table t as select 1",
            "drop table street",
            "set datafusion.execution.batch_size = 1",
            "copy street to '/tmp/street.csv'",
            "insert into street select * from street",
            "create external table t stored as csv location '/etc/passwd'",
            "select * from '/etc/passwd'",
        ] {
            sql.clone_into(&mut definition.sql);
            let refused = check(&measures, &definition).await;
            assert!(matches!(refused, Err(MeasuresError::Query { .. })), "{sql}");
        }
    }

    #[tokio::test]
    async fn a_query_without_its_columns_is_refused_by_name() {
        let measures = Measures::load(None).unwrap();
        let mut definition = measures.definitions[0].clone();
        "select force, month from street".clone_into(&mut definition.sql);
        let said = check(&measures, &definition).await.unwrap_err().to_string();
        assert!(
            said.starts_with(&format!("{}.sql", definition.measure.id)),
            "{said}"
        );
        assert!(said.contains("no column “numerator”"), "{said}");
    }
}
