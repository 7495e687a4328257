//! Boundary files that are damaged or were made to do harm.

#![allow(clippy::unwrap_used)]

use peelian_geo::{Area, AreaFault, GeoError, Properties, read_geojson, read_topojson};
use proptest::prelude::*;

const NAMES: Properties<'_> = Properties {
    code: "code",
    name: "name",
};

type Areas = Vec<Result<Area, AreaFault>>;

fn geojson(text: &str) -> (Areas, Result<(), GeoError>) {
    let mut areas = Vec::new();
    let result = read_geojson(text.as_bytes(), NAMES, &mut |a| areas.push(a));
    (areas, result)
}

fn topojson(text: &str) -> (Areas, Result<(), GeoError>) {
    let mut areas = Vec::new();
    let result = read_topojson(text.as_bytes(), NAMES, &mut |a| areas.push(a));
    (areas, result)
}

#[test]
fn one_bad_feature_does_not_spoil_the_others() {
    let ring = "[[[0,51],[1,51],[1,52],[0,51]]]";
    let feature = |properties: &str, geometry: &str| {
        format!(r#"{{"type":"Feature","properties":{properties},"geometry":{geometry}}}"#)
    };
    let polygon = format!(r#"{{"type":"Polygon","coordinates":{ring}}}"#);
    let named = |code: &str| format!(r#"{{"code":"{code}","name":"A"}}"#);
    let features = [
        feature(&named("E01000001"), &polygon),
        feature("{}", &polygon),
        feature(&named("E01000002"), "null"),
        feature(
            &named("E01000003"),
            r#"{"type":"Point","coordinates":[0,51]}"#,
        ),
        feature(
            &named("E01000004"),
            r#"{"type":"Polygon","coordinates":[[[0],[1,51],[1,52],[0,51]]]}"#,
        ),
        feature(&named("E01000005"), &polygon),
    ];
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        features.join(",")
    );
    let (areas, result) = geojson(&text);
    let good: Vec<bool> = areas.iter().map(Result::is_ok).collect();
    // A position of one number is no GeoJSON at all, wherever it stands.
    if result.is_ok() {
        assert_eq!(good, [true, false, false, false, false, true]);
    } else {
        assert_eq!(good, [true, false, false, false]);
    }
}

#[test]
fn a_text_that_is_no_collection_of_areas_says_what_it_is() {
    for text in [
        "",
        "[]",
        "{}",
        "{\"type\":\"Topology\"}",
        "{\"type\":\"FeatureCollection\"",
    ] {
        let fault = geojson(text).1.unwrap_err().to_string();
        assert!(fault.starts_with("it is no GeoJSON"), "{fault}");
        let fault = topojson(text).1.unwrap_err().to_string();
        assert!(fault.starts_with("it is no TopoJSON"), "{fault}");
    }
}

#[test]
fn arcs_that_are_missing_or_do_not_meet_are_faults_of_their_area() {
    let topology = |arcs: &str| {
        format!(
            r#"{{"type":"Topology","objects":{{"a":{{"type":"GeometryCollection","geometries":[
            {{"type":"Polygon","properties":{{"code":"E01000001"}},"arcs":{arcs}}}]}}}},
            "arcs":[[[0,51],[1,51],[1,52]],[[1,52],[0,51]],[[0.5,51],[0.6,51]]]}}"#
        )
    };
    let one = |arcs: &str| topojson(&topology(arcs)).0.remove(0);
    assert!(one("[[0,1]]").is_ok());
    assert!(one("[[-2,-1]]").is_ok());
    assert!(
        one("[[0,2]]")
            .unwrap_err()
            .reason
            .contains("does not begin")
    );
    assert!(one("[[9]]").unwrap_err().reason.contains("not there"));
    assert!(
        one("[[-9223372036854775808]]")
            .unwrap_err()
            .reason
            .contains("not there")
    );
    assert!(one("[0]").unwrap_err().reason.contains("malformed"));
    assert!(one("[[0]]").unwrap_err().reason.contains("needs four"));
}

#[test]
fn arcs_used_again_and_again_do_not_fill_the_memory() {
    let arc: Vec<String> = (0..5_000).map(|_| "[0,51]".to_owned()).collect();
    let uses = vec!["[0]"; 5_000].join(",");
    let text = format!(
        r#"{{"type":"Topology","objects":{{"a":{{"type":"Polygon","properties":{{"code":"x"}},
        "arcs":[{uses}]}}}},"arcs":[[{}]]}}"#,
        arc.join(",")
    );
    assert!(matches!(topojson(&text).1, Err(GeoError::TooLarge(_))));
}

proptest! {
    #[test]
    fn no_text_makes_a_reader_panic(text in r#"[\[\]{}:,"a-z0-9.-]{0,80}"#) {
        let _ = geojson(&text);
        let _ = topojson(&text);
    }
}
