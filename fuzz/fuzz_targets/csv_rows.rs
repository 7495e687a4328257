//! Rows of CSV under the header of every kind of source: official months,
//! look-ups, counts and extracts. The first byte chooses the header.

#![no_main]

use libfuzzer_sys::fuzz_target;

const HEADERS: [(&str, &str); 8] = [
    (
        "2021-03-essex-street.csv",
        "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,Last outcome category,Context",
    ),
    (
        "2021-03-essex-outcomes.csv",
        "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Outcome type",
    ),
    (
        "2021-03-essex-stop-and-search.csv",
        "Type,Date,Part of a policing operation,Policing operation,Latitude,Longitude,Gender,Age range,Self-defined ethnicity,Officer-defined ethnicity,Legislation,Object of search,Outcome,Outcome linked to object of search,Removal of more than just outer clothing",
    ),
    ("population.csv", "lsoacd,population"),
    (
        "lookup.csv",
        "LSOA11CD,LSOA11NM,LSOA21CD,LSOA21NM,CHGIND,LAD22CD,LAD22NM,LAD22NMW,ObjectId",
    ),
    (
        "counts.csv",
        "measure_id,definition_version,force,area_code,period,numerator,denominator,suppressed,as_at,source_system,contact_role",
    ),
    (
        "calls.csv",
        "force,call_id,line,channel,connected_at,presented_at,menu_ended_at,ivr_selfserved,queue_entered_at,answered_at,abandoned_at,abandon_stage,ended_at,wrap_s,outcome,incident_id",
    ),
    ("any.csv", ""),
];

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, rows)) = bytes.split_first() else {
        return;
    };
    let (name, header) = HEADERS[usize::from(*choice) % HEADERS.len()];
    let mut text = header.as_bytes().to_vec();
    if !header.is_empty() {
        text.push(b'\n');
    }
    text.extend_from_slice(rows);
    peelian_fuzz::take(name, &text);
});
