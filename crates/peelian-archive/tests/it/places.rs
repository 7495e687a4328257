//! Places through time, from small look-ups in the publisher's layout.

use peelian_archive::{PlaceKind, places};

use crate::support::Place;

const LOOKUP: &str = "LAD16CD,LAD16NM,CSP16CD,CSP16NM,PFA16CD,PFA16NM,FID\n\
    E07000204,St Edmundsbury,E22000373,Western Suffolk,E23000025,Suffolk,1\n\
    E07000203,Mid Suffolk,E22000372,Mid Suffolk,E23000025,Suffolk,2\n";
const SUCCESSORS: &str = "LADCD,LADNM,LADCD_ACTIVE,LADNM_ACTIVE,UTLACD,UTLANM,CAUTHCD,CAUTHNM,RGNCD,RGNNM,CTRYCD,CTRYNM,EWCD,EWNM,GBCD,GBNM,UKCD,UKNM,Current,LAD20CD,LAD20NM\n\
    E07000204,St Edmundsbury,E07000245,West Suffolk,,,,,,,,,,,,,,,FALSE,,\n\
    E07000203,Mid Suffolk,E07000203,Mid Suffolk,,,,,,,,,,,,,,,TRUE,,\n";

#[test]
fn a_district_that_was_merged_says_until_when_and_into_what() {
    let place = Place::new();
    let files = [
        place.write("lookup.csv", LOOKUP),
        place.write("successors.csv", SUCCESSORS),
    ];
    let report = place.ingest(&files);
    assert_eq!((report.loaded, report.refused.len()), (2, 0), "{report:?}");
    let all = places(&place.home).unwrap();
    let district = |code: &str| {
        let is = |p: &&peelian_archive::Place| p.kind == PlaceKind::District && p.code == code;
        all.iter().find(is).unwrap()
    };
    let merged = district("E07000204");
    assert_eq!(merged.validity.to.as_deref(), Some("2019-03-31"));
    assert_eq!(merged.successor.as_deref(), Some("E07000245"));
    let new = district("E07000245");
    assert_eq!(new.validity.from.as_deref(), Some("2019-04-01"));
    assert_eq!(
        new.force.as_deref(),
        Some("suffolk"),
        "from the district it took in"
    );
    let unchanged = district("E07000203");
    assert_eq!(
        (&unchanged.successor, &unchanged.validity.to),
        (&None, &None)
    );
    assert!(
        all.iter()
            .any(|p| p.kind == PlaceKind::Partnership && p.name == "Western Suffolk")
    );
}

#[test]
fn without_any_look_up_forces_and_bodies_are_known() {
    let all = places(&Place::new().home).unwrap();
    let of = |kind| all.iter().filter(|p| p.kind == kind).count();
    assert_eq!(of(PlaceKind::Force), 45);
    assert!(of(PlaceKind::Body) > 45);
    assert_eq!(of(PlaceKind::District), 0);
}
