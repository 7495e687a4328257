//! Tables as files: CSV and JSON hold the same.

use axum::http::header;
use peelian_model::Nature;
use serde_json::Value;

use crate::client::Client;
use crate::world;

const TABLES: [&str; 8] = [
    "/forces",
    "/forces/essex",
    "/forces/essex/measures/crime-rate",
    "/forces/essex/measures/sns-linked-outcome-pct",
    "/forces/essex/assessment/responding-to-public",
    "/measures",
    "/measures/crime-rate",
    "/data",
];

fn records(csv: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    let rows = reader
        .records()
        .map(|r| r.unwrap().iter().map(str::to_owned).collect())
        .collect();
    (header, rows)
}

#[tokio::test]
async fn csv_and_json_hold_the_same() {
    let client = Client::of(world::site(Nature::Real));
    for path in TABLES {
        let csv = client.get(&format!("{path}.csv")).await;
        assert!(
            csv.header(header::CONTENT_TYPE).starts_with("text/csv"),
            "{path}"
        );
        let (columns, rows) = records(&csv.body);
        assert!(!rows.is_empty(), "{path} is empty");
        for column in &columns {
            let snake = column
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            assert!(snake, "{path}: {column}");
        }
        assert_eq!(columns.last().map(String::as_str), Some("data"), "{path}");
        let json: Value =
            serde_json::from_str(&client.get(&format!("{path}.json")).await.body).unwrap();
        assert_eq!(json["data"], "real");
        assert_eq!(json["generation"], 7);
        let objects = json["rows"].as_array().unwrap();
        assert_eq!(objects.len(), rows.len(), "{path}");
        for (row, object) in rows.iter().zip(objects) {
            assert_eq!(object.as_object().unwrap().len(), columns.len(), "{path}");
            for (column, cell) in columns.iter().zip(row) {
                match &object[column] {
                    Value::Null => assert_eq!(cell, "", "{path} {column}"),
                    Value::Number(n) => {
                        // The reader of JSON in this test rounds in the last place.
                        let (a, b) = (cell.parse::<f64>().unwrap(), n.as_f64().unwrap());
                        assert!((a - b).abs() <= a.abs() * 1e-12, "{path} {column}: {a} {b}");
                    }
                    Value::String(text) => assert_eq!(cell, text, "{path} {column}"),
                    other => panic!("{path} {column}: {other}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn lines_end_as_the_standard_for_csv_asks() {
    let client = Client::of(world::site(Nature::Real));
    let body = client.get("/forces.csv").await.body;
    assert_eq!(body.matches('\n').count(), body.matches("\r\n").count());
    assert_eq!(body.lines().count(), 13);
}

#[tokio::test]
async fn a_month_without_a_figure_is_there_with_its_reason_and_no_number() {
    let client = Client::of(world::site(Nature::Real));
    let (columns, rows) = records(
        &client
            .get("/forces/essex/measures/crime-rate.csv")
            .await
            .body,
    );
    let at = |name: &str| columns.iter().position(|c| c == name).unwrap();
    let missing: Vec<_> = rows
        .iter()
        .filter(|r| r[at("status")] == "not-supplied")
        .collect();
    assert_eq!(missing.len(), 2);
    for row in missing {
        assert!(row[at("period_start")].starts_with("2019-0"), "{row:?}");
        for number in [
            "value",
            "lower",
            "upper",
            "numerator",
            "denominator",
            "signal",
        ] {
            assert_eq!(row[at(number)], "", "{number}");
        }
    }
    // The force, then its districts.
    let force = rows.iter().filter(|r| r[at("area")].is_empty()).count();
    let code = world::a_district(Nature::Real).to_string();
    let district = rows.iter().filter(|r| r[at("area")] == code).count();
    assert_eq!((force, district), (40, 40));
}

#[tokio::test]
async fn a_figure_carries_what_it_takes_to_check_it() {
    let client = Client::of(world::site(Nature::Real));
    let (columns, rows) = records(&client.get("/forces/essex.csv").await.body);
    let at = |name: &str| columns.iter().position(|c| c == name).unwrap();
    let row = rows
        .iter()
        .find(|r| r[at("measure")] == "sns-disproportionality")
        .unwrap();
    assert_eq!(row[at("period_start")], "2020-07-01");
    assert_eq!(row[at("period_end")], "2021-06-30");
    for column in [
        "value", "lower", "upper", "unit", "status", "source", "as_at", "version",
    ] {
        assert!(!row[at(column)].is_empty(), "{column}");
    }
}

#[tokio::test]
async fn no_file_for_the_public_holds_a_range_of_grades() {
    let client = Client::of(world::site(Nature::Real));
    let body = client
        .get("/forces/essex/assessment/responding-to-public.json")
        .await
        .body;
    assert!(
        !body.contains("indicative") && !body.contains("range"),
        "{body}"
    );
    assert!(body.contains("Not a grade by HMICFRS"));
}

#[tokio::test]
async fn coverage_lists_months_that_are_not_held() {
    let client = Client::of(world::site(Nature::Real));
    let (columns, rows) = records(&client.get("/data.csv").await.body);
    let at = |name: &str| columns.iter().position(|c| c == name).unwrap();
    let essex = |month: &str| {
        rows.iter()
            .find(|r| {
                r[at("force")] == "essex" && r[at("table")] == "street" && r[at("month")] == month
            })
            .unwrap()
    };
    assert_eq!(essex("2019-03")[at("coverage")], "not-held");
    assert_eq!(essex("2019-03")[at("rows_kept")], "");
    assert_eq!(essex("2020-09")[at("coverage")], "partial");
    assert_eq!(essex("2020-09")[at("rows_quarantined")], "12");
}
