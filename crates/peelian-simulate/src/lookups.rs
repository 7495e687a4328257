//! Populations and look-ups in the layouts of the real ones, for invented places.
//!
//! Byte-order marks, line endings and quotes are as in the files copied from.

use std::collections::BTreeMap;

use crate::geography::{District, Force};

const BOM: &str = "\u{feff}";

/// Every look-up: its file name and contents.
pub(crate) fn files(forces: &[Force]) -> [(&'static str, String); 6] {
    [
        ("lsoa21_population.csv", lsoa21_population(forces)),
        ("lsoa11_population.csv", lsoa11_population(forces)),
        ("lsoa11_to_lsoa21_exact.csv", lsoa11_to_lsoa21(forces)),
        (
            "Local_Authority_District_to_Community_Safety_Partnerships_to_Police_Force_Areas__December_2016__Lookup_in_England_and_Wales.csv",
            districts_to_forces(forces),
        ),
        ("la_all_codes.csv", district_codes(forces)),
        ("la-ethnic-groups.csv", ethnic_groups(forces)),
    ]
}

fn lines(header: &str, ending: &str, rows: impl IntoIterator<Item = String>) -> String {
    std::iter::once(header.to_owned())
        .chain(rows)
        .flat_map(|row| [row, ending.to_owned()])
        .collect()
}

fn lsoa21_population(forces: &[Force]) -> String {
    let mut people: BTreeMap<&str, u32> = BTreeMap::new();
    for place in forces.iter().flat_map(|force| &force.places) {
        *people.entry(&place.lsoa21.code).or_default() += place.people;
    }
    let rows = people
        .iter()
        .map(|(code, people)| format!("{code},{people}"));
    lines(&format!("{BOM}lsoacd,population"), "\n", rows)
}

fn lsoa11_population(forces: &[Force]) -> String {
    let mut people: BTreeMap<&str, (&str, &str, u32)> = BTreeMap::new();
    for force in forces {
        for place in &force.places {
            let lsoa = &place.lsoa11;
            let district = &force.districts[place.district].code22;
            let entry = people.entry(&lsoa.code);
            entry.or_insert((&lsoa.name, district, 0)).2 += place.people_before;
        }
    }
    let rows = (people.iter())
        .map(|(code, (name, district, people))| format!("{code},{name},{district},{people},"));
    let header = "lsoa_code,lsoa_name,lsoa_code_2019,lsoa_total_population,";
    lines(header, "\r\n", rows)
}

fn lsoa11_to_lsoa21(forces: &[Force]) -> String {
    let pairs = forces.iter().flat_map(|force| {
        (force.places.iter()).map(|place| (place, &force.districts[place.district]))
    });
    let rows = pairs.enumerate().map(|(i, (place, district))| {
        let (old, new) = (&place.lsoa11, &place.lsoa21);
        let District { code22, name22, .. } = district;
        format!(
            "{},{},{},{},{},{code22},{name22},,{}",
            old.code,
            old.name,
            new.code,
            new.name,
            place.change,
            i + 1
        )
    });
    let header = format!(
        "{BOM}LSOA11CD,LSOA11NM,LSOA21CD,LSOA21NM,CHGIND,LAD22CD,LAD22NM,LAD22NMW,ObjectId"
    );
    lines(&header, "\n", rows)
}

fn districts_to_forces(forces: &[Force]) -> String {
    let pairs = (forces.iter()).flat_map(|force| force.districts.iter().map(move |d| (force, d)));
    let rows = pairs.enumerate().map(|(i, (force, district))| {
        let District {
            code16,
            name16,
            partnership,
            ..
        } = district;
        let (area, name) = (&force.area, force.profile.name);
        format!(
            "{code16},{name16},{partnership},{name16},{area},Synthetic {name},{}",
            i + 1
        )
    });
    let header = format!("{BOM}LAD16CD,LAD16NM,CSP16CD,CSP16NM,PFA16CD,PFA16NM,FID");
    lines(&header, "\n", rows)
}

fn district_codes(forces: &[Force]) -> String {
    const WIDER: &str = "X12000001,Synthetic Region,X92000001,Synthetic Country,X04000001,Synthetic Countries,X03000001,Synthetic Island,X02000001,Synthetic Kingdom";
    let mut codes: BTreeMap<&str, (&str, &str, &str)> = BTreeMap::new();
    for district in forces.iter().flat_map(|force| &force.districts) {
        let (code, name) = (&district.code22, &district.name22);
        codes.insert(&district.code16, (&district.name16, code, name));
        codes.insert(code, (name, code, name));
    }
    let rows = codes.iter().map(|(code, (name, now, name_now))| {
        let current = if code == now { "TRUE" } else { "FALSE" };
        format!(
            "{code},{name},{now},{name_now},{now},{name_now},,,{WIDER},{current},{now},{name_now}"
        )
    });
    let header = "LADCD,LADNM,LADCD_ACTIVE,LADNM_ACTIVE,UTLACD,UTLANM,CAUTHCD,CAUTHNM,RGNCD,RGNNM,CTRYCD,CTRYNM,EWCD,EWNM,GBCD,GBNM,UKCD,UKNM,Current,LAD20CD,LAD20NM";
    lines(header, "\n", rows)
}

/// The table's groups, and how each is made up, in hundredths of it.
const GROUPS: [(&str, &[(&str, u32)]); 5] = [
    (
        "White",
        &[
            ("White: English/Welsh/Scottish/Northern Irish/British", 93),
            ("White: Irish", 1),
            ("White: Gypsy or Irish Traveller", 1),
            ("White: Other White", 5),
        ],
    ),
    (
        "Mixed",
        &[
            ("Mixed/multiple ethnic group: White and Black Caribbean", 40),
            ("Mixed/multiple ethnic group: White and Black African", 12),
            ("Mixed/multiple ethnic group: White and Asian", 28),
            ("Mixed/multiple ethnic group: Other Mixed", 20),
        ],
    ),
    (
        "Asian",
        &[
            ("Asian/Asian British: Indian", 32),
            ("Asian/Asian British: Pakistani", 26),
            ("Asian/Asian British: Bangladeshi", 12),
            ("Asian/Asian British: Chinese", 10),
            ("Asian/Asian British: Other Asian", 20),
        ],
    ),
    (
        "Black",
        &[
            ("Black/African/Caribbean/Black British: African", 54),
            ("Black/African/Caribbean/Black British: Caribbean", 30),
            ("Black/African/Caribbean/Black British: Other Black", 16),
        ],
    ),
    (
        "Other",
        &[
            ("Other ethnic group: Arab", 40),
            ("Other ethnic group: Any other ethnic group", 60),
        ],
    ),
];

fn ethnic_groups(forces: &[Force]) -> String {
    let all = std::iter::once("All categories: Ethnic group");
    let names = GROUPS.iter().flat_map(|(group, parts)| {
        std::iter::once(*group).chain(parts.iter().map(|(part, _)| *part))
    });
    let header: Vec<String> = ["date", "geography", "geography code", "Rural Urban"]
        .map(|name| format!("\"{name}\""))
        .into_iter()
        .chain(
            all.chain(names)
                .map(|name| format!("\"Ethnic Group: {name}; measures: Value\"")),
        )
        .collect();
    let rows = forces.iter().flat_map(|force| {
        (force.districts.iter().enumerate()).map(|(i, district)| {
            let District { code16, name16, .. } = district;
            let numbers = ethnic_numbers(force.district_census(i));
            format!("\"2011\",\"{name16}\",\"{code16}\",\"Total\",{numbers}")
        })
    });
    lines(&header.join(","), "\n", rows)
}

/// Everybody, then each group followed by its parts.
fn ethnic_numbers(census: [u32; 5]) -> String {
    let groups = census
        .into_iter()
        .zip(GROUPS)
        .flat_map(|(people, (_, parts))| std::iter::once(people).chain(parted(people, parts)));
    let numbers: Vec<String> = std::iter::once(census.iter().sum())
        .chain(groups)
        .map(|number: u32| number.to_string())
        .collect();
    numbers.join(",")
}

/// A number of people in parts that add up to it: the first takes what
/// rounding leaves.
fn parted(people: u32, parts: &[(&str, u32)]) -> Vec<u32> {
    let mut sizes: Vec<u32> = parts
        .iter()
        .map(|(_, share)| people * share / 100)
        .collect();
    let left = people - sizes.iter().sum::<u32>();
    if let Some(first) = sizes.first_mut() {
        *first += left;
    }
    sizes
}
