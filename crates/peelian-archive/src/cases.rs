//! Rows typed by hand: the worked cases of measures.

use arrow_array::RecordBatch;
use sha2::{Digest, Sha256};

use crate::records::each_record;
use crate::rows::Rows;
use crate::source::{Column, Kind, of_table};
use crate::value::{self, Cell};
use crate::{ArchiveError, tables};

/// Reads CSV text into a batch with the schema of a table, as its files show
/// it. The header names the table's columns, or those of the publisher's file;
/// columns left out are null. Months are `2021-03`, booleans `true` and
/// `false`, points decimal degrees or whole micro-degrees, and a crime id is
/// 64 hexadecimal digits or any short text.
pub fn parse_rows(table: &str, csv: &str) -> Result<RecordBatch, ArchiveError> {
    let source = of_table(table)
        .ok_or_else(|| ArchiveError::NoTable(table.to_owned(), tables().join(", ")))?;
    let mut rows = Rows::new(source);
    let mut header: Option<Vec<Option<usize>>> = None;
    let mut width = 0;
    let mut fault = None;
    let text = csv.trim_start();
    let skipped = csv[..csv.len() - text.len()].matches('\n').count() as u64;
    each_record(text.as_bytes(), 1 + skipped, |line, record| {
        if fault.is_some() {
            return;
        }
        let case = |column: &str, reason: String| ArchiveError::Case {
            line,
            column: column.to_owned(),
            reason,
        };
        let fields: Vec<String> = match record {
            Ok(fields) => fields
                .iter()
                .map(|f| String::from_utf8_lossy(f).trim().to_owned())
                .collect(),
            Err((rule, _)) => {
                fault = Some(case("", format!("expected {}", rule.expected())));
                return;
            }
        };
        let Some(places) = &header else {
            width = fields.len();
            match places_of(&source.columns, &fields) {
                Ok(places) => header = Some(places),
                Err(name) => {
                    fault = Some(case(&name, format!("the table {table} has no such column")));
                }
            }
            return;
        };
        if fields.len() != width {
            fault = Some(case(
                "",
                format!("expected {width} fields, found {}", fields.len()),
            ));
            return;
        }
        let mut cells = Vec::with_capacity(places.len());
        for (column, place) in source.columns.iter().zip(places) {
            match place.map_or(Ok(Cell::Null), |p| cell(column.kind, &fields[p])) {
                Ok(cell) => cells.push(cell),
                Err(reason) => {
                    fault = Some(case(&column.name, reason));
                    return;
                }
            }
        }
        rows.push(&cells);
    });
    match fault {
        Some(fault) => Err(fault),
        None => rows.to_batch().map_err(|e| ArchiveError::Case {
            line: 0,
            column: String::new(),
            reason: e.to_string(),
        }),
    }
}

/// Where each column stands in the header; the error is a name that is no
/// column's.
fn places_of(columns: &[Column], header: &[String]) -> Result<Vec<Option<usize>>, String> {
    let is = |column: &Column, name: &str| {
        column.name.eq_ignore_ascii_case(name)
            || column.header.iter().any(|h| h.eq_ignore_ascii_case(name))
    };
    if let Some(name) = header
        .iter()
        .find(|name| !columns.iter().any(|c| is(c, name)))
    {
        return Err(name.clone());
    }
    Ok(columns
        .iter()
        .map(|c| header.iter().position(|name| is(c, name)))
        .collect())
}

fn cell(kind: Kind, field: &str) -> Result<Cell<'_>, String> {
    if field.is_empty() {
        return Ok(Cell::Null);
    }
    let found = |expected: &str| format!("expected {expected}, found “{field}”");
    match kind {
        Kind::Boolean => match field.to_ascii_lowercase().as_str() {
            "true" => Ok(Cell::Number(1)),
            "false" => Ok(Cell::Number(0)),
            _ => Err(found("true or false")),
        },
        Kind::CrimeId => Ok(Cell::Id(
            value::crime_id(field.as_bytes()).unwrap_or_else(|| short_id(field)),
        )),
        Kind::Longitude | Kind::Latitude if !field.contains('.') => field
            .parse::<i32>()
            .map(|n| Cell::Number(n.into()))
            .map_err(|_| found("a number")),
        kind => value::parse(kind, field.as_bytes()).map_err(|rule| found(rule.expected())),
    }
}

/// A readable id of a worked case as 32 bytes: itself and zeros, or its hash.
fn short_id(text: &str) -> [u8; 32] {
    let mut id = [0; 32];
    match id.get_mut(..text.len()) {
        Some(head) => head.copy_from_slice(text.as_bytes()),
        None => id = Sha256::digest(text).into(),
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Array, BooleanArray, Int32Array, StringArray};

    #[test]
    fn a_worked_case_has_the_schema_of_its_table() {
        let batch = parse_rows(
            "street",
            "\nforce,month,crime_type,lat,lon,crime_id\nessex,2021-03,Burglary,51.5,-92756,a1\nessex,2021-03,Violent crime,,,\n",
        )
        .unwrap();
        assert_eq!(batch.schema(), crate::schema("street").unwrap());
        let kind: &StringArray = batch
            .column_by_name("crime_type")
            .unwrap()
            .as_any()
            .downcast_ref()
            .unwrap();
        assert_eq!(kind.value(1), "Violence and sexual offences");
        let lat: &Int32Array = batch
            .column_by_name("lat")
            .unwrap()
            .as_any()
            .downcast_ref()
            .unwrap();
        assert_eq!((lat.value(0), lat.is_null(1)), (51_500_000, true));
        assert_eq!(batch.column_by_name("outcome").unwrap().null_count(), 2);
    }

    #[test]
    fn the_publishers_header_is_read_too() {
        let batch = parse_rows(
            "stops",
            "Date,Outcome linked to object of search\n2021-03-01T00:00:00+00:00,true\n",
        )
        .unwrap();
        let linked: &BooleanArray = batch
            .column_by_name("outcome_linked")
            .unwrap()
            .as_any()
            .downcast_ref()
            .unwrap();
        assert!(linked.value(0));
    }

    #[test]
    fn a_fault_names_its_line_and_column() {
        let fault = |csv: &str| parse_rows("street", csv).unwrap_err().to_string();
        assert!(fault("month\n2021-3\n").starts_with("line 2, column month: expected a month"));
        assert!(fault("mont\n").contains("no such column"));
        assert!(fault("month,force\n2021-03\n").contains("expected 2 fields"));
    }
}
