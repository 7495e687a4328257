//! Every extract schema: a good file made from it loads, each column broken
//! once goes to quarantine, and Parquet gives what CSV gives.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use parquet::arrow::ArrowWriter;
use serde::Deserialize;

use crate::support::{Place, batches};

#[derive(Deserialize)]
struct Schema {
    table: String,
    #[serde(default)]
    restricted: bool,
    extract: Rules,
    column: Vec<Column>,
}

#[derive(Deserialize)]
struct Rules {
    time: Option<String>,
    #[serde(default)]
    exactly_one: Vec<Vec<String>>,
}

#[derive(Deserialize)]
struct Column {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    given: Option<String>,
    #[serde(default)]
    codes: Vec<String>,
    #[serde(default)]
    required: bool,
}

impl Column {
    /// A value that is good in a row of this number.
    fn good(&self, row: usize) -> String {
        match self.kind.as_str() {
            "text" | "category" => format!("T{row}"),
            "slug" => format!("slug-{row}"),
            "timestamp" => format!("2022-07-14T20:{row:02}:00+01:00"),
            "date" => format!("2022-07-{:02}", row % 28 + 1),
            "period" => "2022-07".to_owned(),
            "pid" => format!("{row:016x}"),
            "boolean" => "false".to_owned(),
            "integer" => "5".to_owned(),
            "decimal" => "2.5".to_owned(),
            "area-code" => "X01000001".to_owned(),
            "grid-polygon" => "POLYGON ((1 1, 9 1, 9 9, 1 1))".to_owned(),
            "code" => self.codes[0].clone(),
            "list" => self.codes.join("|"),
            other => panic!("a value for {other}"),
        }
    }

    /// A value that breaks a rule of the column; none where any text is good.
    fn bad(&self) -> Option<&'static str> {
        match self.kind.as_str() {
            "text" | "category" => self.required.then_some(""),
            "timestamp" => Some("2022-07-14T20:11:02"),
            "date" => Some("14/07/2022"),
            "area-code" => Some("E01000001"),
            _ => Some("No Such"),
        }
    }
}

fn schemas() -> Vec<Schema> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sources/extracts");
    let mut schemas: Vec<Schema> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| toml::from_str(&fs::read_to_string(entry.unwrap().path()).unwrap()).unwrap())
        .collect();
    schemas.sort_by(|a: &Schema, b| a.table.cmp(&b.table));
    schemas
}

impl Schema {
    fn headers(&self) -> Vec<&Column> {
        self.column.iter().filter(|c| c.given.is_none()).collect()
    }

    fn row(&self, number: usize) -> Vec<String> {
        let spare = |name: &str| {
            let lists = self.extract.exactly_one.iter();
            lists.clone().any(|l| l.iter().skip(1).any(|n| n == name))
        };
        let value = |c: &&Column| {
            if spare(&c.name) && c.kind != "boolean" {
                String::new()
            } else {
                c.good(number)
            }
        };
        self.headers().iter().map(value).collect()
    }

    fn csv(&self, rows: &[Vec<String>]) -> String {
        let names: Vec<&str> = self.headers().iter().map(|c| c.name.as_str()).collect();
        let lines = rows.iter().map(|row| {
            let fields: Vec<String> = row.iter().map(|f| format!("\"{f}\"")).collect();
            fields.join(",")
        });
        let lines: Vec<String> = std::iter::once(names.join(",")).chain(lines).collect();
        lines.join("\n")
    }
}

#[test]
fn the_good_file_of_every_extract_loads_and_every_column_is_checked() {
    for schema in schemas() {
        let place = Place::new();
        let mut rows = vec![schema.row(0), schema.row(1)];
        for (n, column) in schema.headers().into_iter().enumerate() {
            let bad = column.bad().or(column.required.then_some(""));
            if let Some(bad) = bad {
                let mut row = schema.row(rows.len());
                row[n] = bad.to_owned();
                rows.push(row);
            }
        }
        let report =
            place.extract(place.write(&format!("{}.csv", schema.table), schema.csv(&rows)));
        assert!(
            report.refused.is_empty(),
            "{}: {:?}",
            schema.table,
            report.refused
        );
        let good = (2, rows.len() as u64 - 2);
        let found = (report.rows_kept, report.rows_quarantined);
        assert_eq!(found, good, "{}: {:?}", schema.table, place.counted());
        let manifest = place.manifest();
        assert!(schema.restricted && peelian_archive::restricted(&schema.table));
        assert!(manifest.sources().is_empty(), "{}", schema.table);
        assert_eq!(schema.extract.time.is_some(), manifest.wholes.is_empty());
        let lists = manifest
            .releases
            .iter()
            .filter_map(peelian_archive::Release::quarantine_file);
        for list in lists {
            let text = fs::read_to_string(place.home.path().join(list)).unwrap();
            assert!(
                !text.contains("No Such") && !text.contains("20:11:02"),
                "{text}"
            );
        }
    }
}

#[test]
fn parquet_gives_what_csv_gives() {
    for schema in schemas() {
        let place = Place::new();
        let csv = schema.csv(&[schema.row(0), schema.row(1), schema.row(2)]);
        place.extract(place.write("a.csv", csv));
        let other = Place::new();
        let file = other.write("a.parquet", "");
        for table in place.manifest().files(&schema.table) {
            write_without_months(&place.home.path().join(table), &file);
        }
        let report = other.extract(file);
        assert!(
            report.refused.is_empty(),
            "{}: {:?}",
            schema.table,
            report.refused
        );
        assert_eq!(
            report.rows_kept,
            3,
            "{}: {:?}",
            schema.table,
            other.counted()
        );
        assert_eq!(other.digest(), place.digest(), "{}", schema.table);
    }
}

/// A table file as an extract: without the columns that are worked out.
fn write_without_months(table: &Path, to: &Path) {
    let batch = batches(table).remove(0);
    let ours = ["month", "lsoa_vintage"];
    let keep: Vec<usize> = (0..batch.num_columns())
        .filter(|i| !ours.contains(&batch.schema().field(*i).name().as_str()))
        .collect();
    let batch = batch.project(&keep).unwrap();
    let mut writer =
        ArrowWriter::try_new(File::create(to).unwrap(), Arc::clone(&batch.schema()), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

#[test]
fn a_damaged_parquet_file_is_refused_with_a_remedy() {
    let place = Place::new();
    let schema = schemas().remove(0);
    let csv = schema.csv(&[schema.row(0)]);
    place.extract(place.write("a.csv", csv));
    let good = place
        .home
        .path()
        .join(&place.manifest().files(&schema.table)[0]);
    let whole = place.write("b.parquet", "");
    write_without_months(&good, &whole);
    let bytes = fs::read(&whole).unwrap();
    let mut reasons = BTreeMap::new();
    for cut in [5, 60, bytes.len() / 2, bytes.len() - 9, bytes.len() - 1] {
        let report = place.extract(place.write("cut.parquet", &bytes[..cut]));
        assert_eq!(
            (report.loaded, report.refused.len()),
            (0, 1),
            "{cut}: {report:?}"
        );
        reasons.insert(cut, report.refused[0].reason.clone());
    }
    assert!(
        reasons.values().all(|r| r.contains("write it again")),
        "{reasons:?}"
    );
}

#[test]
fn the_guide_names_every_extract_and_what_places_its_rows() {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/extracts.md");
    let guide = fs::read_to_string(guide).unwrap();
    let lines: Vec<&str> = guide.lines().filter(|l| l.starts_with("| `")).collect();
    let schemas = schemas();
    assert_eq!(lines.len(), schemas.len());
    for schema in schemas {
        let table = format!("| `{}` |", schema.table);
        let line = lines.iter().find(|l| l.starts_with(&table));
        let line = line.unwrap_or_else(|| panic!("{table} is not in docs/extracts.md"));
        let time = schema
            .extract
            .time
            .map_or("whole".to_owned(), |t| format!("`{t}`"));
        assert!(line.contains(&format!("| {time} |")), "{line}");
    }
}
