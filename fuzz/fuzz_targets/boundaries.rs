//! Outlines in GeoJSON and TopoJSON.

#![no_main]

use libfuzzer_sys::fuzz_target;
use peelian_geo::{Properties, read_geojson, read_topojson};

fuzz_target!(|bytes: &[u8]| {
    let names = Properties {
        code: "LSOA21CD",
        name: "LSOA21NM",
    };
    let _ = read_geojson(bytes, names, &mut |_| ());
    let _ = read_topojson(bytes, names, &mut |_| ());
});
