//! Real boundary files, read in place where they are.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use peelian_geo::{Area, Properties, kind_of_code, read_geojson, read_topojson};

/// The files of a folder with real data, or none with a line that says so.
fn files(folder: &str) -> Vec<PathBuf> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    let root = std::env::var_os("PEELIAN_SHARED").map_or_else(|| default.into(), PathBuf::from);
    let path = root.join("data/ons").join(folder);
    let Ok(entries) = std::fs::read_dir(&path) else {
        eprintln!("skipped: {} is absent", path.display());
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    files.sort();
    files
}

fn essex(folder: &str, year: &str) -> BTreeMap<String, Area> {
    let (code, name) = (format!("LSOA{year}CD"), format!("LSOA{year}NM"));
    let names = Properties {
        code: &code,
        name: &name,
    };
    let mut areas = BTreeMap::new();
    for file in files(folder) {
        let text = std::fs::read(&file).unwrap();
        let mut visit = |area: Result<Area, _>| {
            let area = area.unwrap();
            areas.insert(area.code.clone(), area);
        };
        if file.extension().is_some_and(|e| e == "geojson") {
            read_geojson(&text, names, &mut visit).unwrap();
        } else {
            read_topojson(&text, names, &mut visit).unwrap();
        }
    }
    areas
}

#[test]
fn the_fourteen_districts_of_essex_have_their_small_areas_in_both_forms() {
    let now = essex("drkane/boundaries-lsoa", "21");
    let then = essex("martinjc/lsoa_by_lad", "11");
    if now.is_empty() || then.is_empty() {
        return;
    }
    assert_eq!((now.len(), then.len()), (1111, 1077));
    assert!(now.keys().all(|code| kind_of_code(code) == "lsoa"));
    assert_eq!(now["E01015814"].name, "Southend-on-Sea 003A");
    // Essex with Southend and Thurrock: 3,670 square kilometres.
    for areas in [&now, &then] {
        let size: f64 = areas.values().map(|a| a.outline.square_metres()).sum();
        assert!((size / 3.67e9 - 1.0).abs() < 0.02, "{size}");
    }
    // The same area from the two publishers, drawn with more and with fewer
    // points, has its centre in the same place.
    let mut compared = 0;
    for (code, area) in &now {
        let Some(before) = then.get(code) else {
            continue;
        };
        let ((x, y), (u, v)) = (area.outline.centre(), before.outline.centre());
        assert!((x - u).abs() < 0.02 && (y - v).abs() < 0.02, "{code}");
        compared += 1;
    }
    assert!(compared > 1000, "{compared}");
}

#[test]
fn what_is_written_as_geojson_is_read_back_as_it_was() {
    let areas = essex("martinjc/lsoa_by_lad", "11");
    let feature = |area: &Area| {
        format!(
            r#"{{"type":"Feature","properties":{{"c":"{}","n":"{}"}},"geometry":{}}}"#,
            area.code,
            area.name,
            area.outline.to_geojson()
        )
    };
    let features: Vec<String> = areas.values().map(feature).collect();
    // A member that holds brackets stands before the features on purpose.
    let text = format!(
        r#"{{"bbox":[0,51,2,53],"type":"FeatureCollection","features":[{}]}}"#,
        features.join(",")
    );
    let mut back = BTreeMap::new();
    let names = Properties {
        code: "c",
        name: "n",
    };
    read_geojson(text.as_bytes(), names, &mut |area: Result<Area, _>| {
        let area = area.unwrap();
        back.insert(area.code.clone(), area);
    })
    .unwrap();
    assert_eq!(back, areas);
}

#[test]
fn the_districts_of_england_and_wales_are_read_with_their_islands() {
    let files: Vec<PathBuf> = files("martinjc")
        .into_iter()
        .filter(|f| f.to_string_lossy().contains("topo_lad"))
        .collect();
    let names = Properties {
        code: "LAD13CD",
        name: "LAD13NM",
    };
    let (mut districts, mut many) = (0, 0);
    for file in &files {
        read_topojson(&std::fs::read(file).unwrap(), names, &mut |area| {
            let area = area.unwrap();
            assert_eq!(kind_of_code(&area.code), "district", "{}", area.code);
            districts += 1;
            many += usize::from(area.outline.polygons().0.len() > 1);
        })
        .unwrap();
    }
    if !files.is_empty() {
        assert_eq!((districts, many), (348, 96));
    }
}
