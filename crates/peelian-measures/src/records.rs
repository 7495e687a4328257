//! Records as the query engine sees them: the tables of a manifest, and the
//! views that measure queries may use beside them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Date32Type, Float64Type};
use datafusion::common::ScalarValue;
use datafusion::datasource::MemTable;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{DataFrame, ParquetReadOptions, SessionConfig, SessionContext, col, lit};
use jiff::{ToSpan, civil};
use peelian_archive::{Manifest, MonthEntry};
use peelian_model::{AreaCode, ForceId, Month};
use peelian_readings::{Covered, District, KnownIssue};

use crate::MeasuresError;
use crate::people::People;

const PLACES: &str = include_str!("views/places.sql");
const RESIDENTS: &str = include_str!("views/residents.sql");
const RESIDENTS_BY_GROUP: &str = include_str!("views/residents_by_group.sql");

/// Bytes that queries may take for what they group and join.
const MEMORY: usize = 512 << 20;

/// Which months of which force a table holds.
pub(crate) type Held = BTreeMap<(String, ForceId), BTreeMap<Month, Covered>>;

/// The tables and views that queries run over, with what is known about them.
pub(crate) struct Records {
    context: SessionContext,
    pub(crate) held: Held,
    pub(crate) people: People,
    pub(crate) issues: Vec<KnownIssue>,
}

/// One row of a measure's answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Counted {
    pub(crate) force: ForceId,
    pub(crate) area: Option<AreaCode>,
    pub(crate) month: Month,
    pub(crate) group: Option<String>,
    pub(crate) numerator: f64,
    pub(crate) denominator: Option<f64>,
    pub(crate) denominator_year: Option<i32>,
    pub(crate) left_out: Option<f64>,
}

impl Records {
    /// The tables of a home, with the monthly ones of `forces` only.
    pub(crate) async fn of_home(
        home: &Path,
        manifest: &Manifest,
        forces: &BTreeSet<ForceId>,
        issues: Vec<KnownIssue>,
    ) -> Result<Self, MeasuresError> {
        let context = context()?;
        let held = held(manifest, forces);
        for table in peelian_archive::tables() {
            let monthly = manifest
                .months
                .iter()
                .filter(|m| m.table == table && forces.contains(&m.force))
                .map(|m| &m.file);
            let files: BTreeSet<&String> = monthly
                .chain(whole_files(manifest, &table, forces))
                .collect();
            let paths = files.iter().map(|f| path(home, f)).collect();
            register(&context, &table, paths).await?;
        }
        Self::with_views(context, held, issues).await
    }

    /// The tables of one force in a manifest of an earlier date. A file may
    /// hold months that were not published by then: only those that the
    /// manifest names are seen.
    pub(crate) async fn of_earlier(
        home: &Path,
        manifest: &Manifest,
        force: &ForceId,
        issues: Vec<KnownIssue>,
    ) -> Result<Self, MeasuresError> {
        let context = context()?;
        let forces = BTreeSet::from([force.clone()]);
        for table in peelian_archive::tables() {
            let mut files: BTreeMap<&String, Vec<Month>> = BTreeMap::new();
            for entry in manifest
                .months
                .iter()
                .filter(|m| m.table == table && m.force == *force)
            {
                files.entry(&entry.file).or_default().push(entry.month);
            }
            if files.is_empty() {
                let paths = whole_files(manifest, &table, &forces)
                    .map(|f| path(home, f))
                    .collect();
                register(&context, &table, paths).await?;
            } else {
                let files = files
                    .into_iter()
                    .map(|(file, months)| (path(home, file), months));
                register_months(&context, &table, files).await?;
            }
        }
        Self::with_views(context, held(manifest, &forces), issues).await
    }

    /// Tables given as batches: a worked case. A month counts as held where it
    /// has a row, or where `held` says so.
    pub(crate) async fn of_batches(
        batches: BTreeMap<String, RecordBatch>,
        held: Held,
    ) -> Result<Self, MeasuresError> {
        let context = context()?;
        for table in peelian_archive::tables() {
            match batches.get(&table) {
                Some(batch) => register_batch(&context, &table, batch.clone())?,
                None => register(&context, &table, Vec::new()).await?,
            }
        }
        Self::with_views(context, held, Vec::new()).await
    }

    async fn with_views(
        context: SessionContext,
        held: Held,
        issues: Vec<KnownIssue>,
    ) -> Result<Self, MeasuresError> {
        let mut records = Self {
            context,
            held,
            people: People::default(),
            issues,
        };
        records.register_force_areas().await?;
        records.register_view("places", PLACES).await?;
        records
            .register_view("residents_by_group", RESIDENTS_BY_GROUP)
            .await?;
        let residents = records.run("residents", RESIDENTS).await?;
        for batch in &residents {
            let force = text(batch, "force");
            let district = text(batch, "district");
            let name = text(batch, "district_name");
            let year = numbers(batch, "year");
            let people = numbers(batch, "people");
            for row in 0..batch.num_rows() {
                let district = (|| {
                    Some(District {
                        code: at(district.as_ref(), row)?.parse().ok()?,
                        name: at(name.as_ref(), row)?.to_owned(),
                        force: at(force.as_ref(), row)?.parse().ok()?,
                    })
                })();
                if let (Some(district), Some(year), Some(people)) =
                    (district, year(row), people(row))
                {
                    records.people.add(district, year as i32, people);
                }
            }
        }
        Ok(records)
    }

    /// Joins the codes of force areas to force ids, by code for real forces and
    /// by name for invented ones.
    async fn register_force_areas(&self) -> Result<(), MeasuresError> {
        let sql = "select distinct force_area, force_name from district_lookup \
                   order by force_area, force_name";
        let mut pairs: Vec<(String, String)> = Vec::new();
        for batch in self.run("force_areas", sql).await? {
            let (areas, names) = (text(&batch, "force_area"), text(&batch, "force_name"));
            for row in 0..batch.num_rows() {
                let area = at(areas.as_ref(), row).unwrap_or_default();
                let by_code = || {
                    peelian_archive::forces()
                        .iter()
                        .find(|f| f.area.as_ref().is_some_and(|a| a.as_str() == area))
                        .cloned()
                };
                let by_name = || at(names.as_ref(), row).and_then(peelian_archive::force_named);
                if let Some(force) = by_code().or_else(by_name) {
                    pairs.push((area.to_owned(), force.id.to_string()));
                }
            }
        }
        let column = |f: &dyn Fn(&(String, String)) -> &str| -> ArrayRef {
            Arc::new(pairs.iter().map(|p| Some(f(p))).collect::<StringArray>())
        };
        let batch = RecordBatch::try_from_iter_with_nullable([
            ("force_area", column(&|p| &p.0), true),
            ("force", column(&|p| &p.1), true),
        ])
        .map_err(|e| MeasuresError::query("force_areas", e))?;
        register_batch(&self.context, "force_areas", batch)
    }

    /// Computes a view once and keeps its rows, since every query would
    /// otherwise join the look-ups anew.
    async fn register_view(&self, name: &str, sql: &str) -> Result<(), MeasuresError> {
        let wrong = |e| MeasuresError::query(name, e);
        let frame = self.context.sql(sql).await.map_err(wrong)?;
        let schema = Arc::new(frame.schema().as_arrow().clone());
        let batches = frame.collect().await.map_err(wrong)?;
        let table = MemTable::try_new(schema, vec![batches]).map_err(wrong)?;
        self.context
            .register_table(name, Arc::new(table))
            .map_err(wrong)?;
        Ok(())
    }

    async fn run(&self, name: &str, sql: &str) -> Result<Vec<RecordBatch>, MeasuresError> {
        let wrong = |e| MeasuresError::query(name, e);
        // A measure only asks: it may not create, change or set anything.
        let asking = SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false);
        let frame = self
            .context
            .sql_with_options(sql, asking)
            .await
            .map_err(wrong)?;
        frame.collect().await.map_err(wrong)
    }

    /// Runs a measure's query.
    pub(crate) async fn count(&self, name: &str, sql: &str) -> Result<Vec<Counted>, MeasuresError> {
        let mut rows = Vec::new();
        for batch in self.run(name, sql).await? {
            for needed in ["force", "month", "numerator"] {
                if batch.column_by_name(needed).is_none() {
                    let reason = format!("the query gives no column “{needed}”; it must");
                    return Err(MeasuresError::query(name, reason));
                }
            }
            let force = text(&batch, "force");
            let (area, group) = (text(&batch, "area"), text(&batch, "group"));
            let month = months(&batch, "month");
            let numerator = numbers(&batch, "numerator");
            let denominator = numbers(&batch, "denominator");
            let year = numbers(&batch, "denominator_year");
            let left_out = numbers(&batch, "left_out");
            for row in 0..batch.num_rows() {
                let place = at(force.as_ref(), row)
                    .and_then(|f| f.parse().ok())
                    .zip(month(row));
                let Some((force, month)) = place else {
                    let reason = format!(
                        "row {row} of the answer has no force or month; group by both, and select \
                         month as the tables hold it"
                    );
                    return Err(MeasuresError::query(name, reason));
                };
                rows.push(Counted {
                    force,
                    month,
                    area: at(area.as_ref(), row).and_then(|a| a.parse().ok()),
                    group: at(group.as_ref(), row).map(str::to_owned),
                    numerator: numerator(row).unwrap_or(0.0),
                    denominator: denominator(row),
                    denominator_year: year(row).map(|y| y as i32),
                    left_out: left_out(row),
                });
            }
        }
        Ok(rows)
    }
}

/// What of each month of these forces a manifest holds.
fn held(manifest: &Manifest, forces: &BTreeSet<ForceId>) -> Held {
    let mut held = Held::new();
    for entry in manifest.months.iter().filter(|m| forces.contains(&m.force)) {
        held.entry((entry.table.clone(), entry.force.clone()))
            .or_default()
            .entry(entry.month)
            // Counts of several measures share a month.
            .and_modify(|c| {
                if entry.rows_quarantined > 0 {
                    *c = Covered::Partial;
                }
            })
            .or_insert_with(|| covered(entry));
    }
    held
}

/// How much of a month is held.
pub(crate) fn covered(entry: &MonthEntry) -> Covered {
    if entry.rows_quarantined > 0 {
        Covered::Partial
    } else if entry.is_provisional() {
        Covered::Provisional
    } else {
        Covered::Complete
    }
}

/// The wholes of a table: those of everybody, and those of these forces.
fn whole_files<'a>(
    manifest: &'a Manifest,
    table: &'a str,
    forces: &'a BTreeSet<ForceId>,
) -> impl Iterator<Item = &'a String> {
    manifest
        .wholes
        .iter()
        .filter(move |w| w.table == table && w.force.as_ref().is_none_or(|f| forces.contains(f)))
        .map(|w| &w.file)
}

fn path(home: &Path, file: &str) -> String {
    home.join(file).display().to_string()
}

fn context() -> Result<SessionContext, MeasuresError> {
    let mut config = SessionConfig::new().with_information_schema(false);
    // Months of one force sit in few small files: planning costs more than reading.
    config.options_mut().execution.parquet.pushdown_filters = false;
    // A query that needs more sorts and groups on disk.
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_limit(MEMORY, 1.0)
        .build_arc()
        .map_err(|e| MeasuresError::query("memory", e))?;
    Ok(SessionContext::new_with_config_rt(config, runtime))
}

async fn register(
    context: &SessionContext,
    table: &str,
    paths: Vec<String>,
) -> Result<(), MeasuresError> {
    let wrong = |e| MeasuresError::query(table, e);
    let Some(schema) = peelian_archive::schema(table) else {
        return Err(MeasuresError::query(table, "no source fills such a table"));
    };
    if paths.is_empty() {
        return register_batch(context, table, RecordBatch::new_empty(schema));
    }
    // The files are named one by one from the manifest; no folder is listed.
    let options = ParquetReadOptions::default().schema(&schema);
    let frame = context.read_parquet(paths, options).await.map_err(wrong)?;
    context
        .register_table(table, frame.into_view())
        .map_err(wrong)?;
    Ok(())
}

/// Registers a table of which only these months of each file count.
async fn register_months(
    context: &SessionContext,
    table: &str,
    files: impl Iterator<Item = (String, Vec<Month>)>,
) -> Result<(), MeasuresError> {
    let wrong = |e| MeasuresError::query(table, e);
    let Some(schema) = peelian_archive::schema(table) else {
        return Err(MeasuresError::query(table, "no source fills such a table"));
    };
    let mut whole: Option<DataFrame> = None;
    for (path, months) in files {
        let options = ParquetReadOptions::default().schema(&schema);
        let days = months
            .into_iter()
            .map(|m| lit(ScalarValue::Date32(Some(days_of_month(m)))));
        let frame = context
            .read_parquet(path, options)
            .await
            .and_then(|f| f.filter(col("month").in_list(days.collect(), false)))
            .map_err(wrong)?;
        whole = Some(match whole {
            Some(whole) => whole.union(frame).map_err(wrong)?,
            None => frame,
        });
    }
    if let Some(whole) = whole {
        context
            .register_table(table, whole.into_view())
            .map_err(wrong)?;
    }
    Ok(())
}

fn register_batch(
    context: &SessionContext,
    table: &str,
    batch: RecordBatch,
) -> Result<(), MeasuresError> {
    let wrong = |e| MeasuresError::query(table, e);
    let memory = MemTable::try_new(batch.schema(), vec![vec![batch]]).map_err(wrong)?;
    context
        .register_table(table, Arc::new(memory))
        .map_err(wrong)?;
    Ok(())
}

/// The forces and months that a table's rows name.
pub(crate) fn force_months(batch: &RecordBatch) -> BTreeSet<(ForceId, Month)> {
    let (force, month) = (text(batch, "force"), months(batch, "month"));
    (0..batch.num_rows())
        .filter_map(|row| Some((at(force.as_ref(), row)?.parse().ok()?, month(row)?)))
        .collect()
}

/// A column as text; none where it is absent or of another kind.
fn text(batch: &RecordBatch, name: &str) -> Option<StringArray> {
    let column = cast(batch.column_by_name(name)?, &DataType::Utf8).ok()?;
    Some(column.as_string_opt::<i32>()?.clone())
}

fn at(column: Option<&StringArray>, row: usize) -> Option<&str> {
    column.filter(|c| c.is_valid(row)).map(|c| c.value(row))
}

/// A column as numbers, row by row.
fn numbers(batch: &RecordBatch, name: &str) -> impl Fn(usize) -> Option<f64> + use<> {
    let column = batch
        .column_by_name(name)
        .and_then(|c| cast(c, &DataType::Float64).ok())
        .and_then(|c| c.as_primitive_opt::<Float64Type>().cloned());
    move |row| {
        column
            .as_ref()
            .filter(|c| c.is_valid(row))
            .map(|c| c.value(row))
    }
}

/// A column of first days as months, row by row.
fn months(batch: &RecordBatch, name: &str) -> impl Fn(usize) -> Option<Month> + use<> {
    let column = batch
        .column_by_name(name)
        .and_then(|c| cast(c, &DataType::Date32).ok())
        .and_then(|c| c.as_primitive_opt::<Date32Type>().cloned());
    move |row| {
        let days = column.as_ref().filter(|c| c.is_valid(row))?.value(row);
        month_of_days(days)
    }
}

/// The month of a day counted from 1 January 1970.
fn month_of_days(days: i32) -> Option<Month> {
    let day = civil::date(1970, 1, 1).checked_add(days.days()).ok()?;
    Month::new(day.year().into(), day.month().unsigned_abs().into())
}

/// The first day of a month, counted from 1 January 1970.
fn days_of_month(month: Month) -> i32 {
    let first = i16::try_from(month.year())
        .ok()
        .zip(i8::try_from(month.month()).ok())
        .and_then(|(year, month)| civil::Date::new(year, month, 1).ok());
    first.map_or(0, |f| {
        f.duration_since(civil::date(1970, 1, 1)).as_hours() as i32 / 24
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_lies_in_its_month() {
        let day = |days| month_of_days(days).unwrap().to_string();
        assert_eq!(day(0), "1970-01");
        assert_eq!(day(31), "1970-02");
        assert_eq!(day(18_687), "2021-03"); // 1 March 2021
        assert_eq!(day(18_686), "2021-02");
        assert_eq!(day(19_782), "2024-02"); // 29 February 2024
        let march = Month::new(2021, 3).unwrap();
        assert_eq!(month_of_days(days_of_month(march)), Some(march));
        assert_eq!(days_of_month(march), 18_687);
    }
}
