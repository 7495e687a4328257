//! The layouts: a reader of the real files must not notice a difference.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use peelian_model::Month;

use crate::made::{DEMO, Made, SMALL, rows};

fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("PEELIAN_SHARED").map_or_else(
        || Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")).to_path_buf(),
        PathBuf::from,
    );
    let path = root.join("data").join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: no {}", path.display());
    None
}

/// The first line with its ending, as bytes.
fn header(path: &Path) -> Vec<u8> {
    let file = File::open(path).unwrap();
    let reader: Box<dyn Read> = if path.extension().is_some_and(|e| e == "gz") {
        Box::new(flate2::read::GzDecoder::new(file))
    } else {
        Box::new(file)
    };
    let mut line = Vec::new();
    BufReader::new(reader).read_until(b'\n', &mut line).unwrap();
    line
}

fn first_line(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|b| *b == b'\n').unwrap();
    &bytes[..=end]
}

#[test]
fn headers_of_records_are_byte_for_byte_those_of_real_files() {
    for (kind, real) in [
        (
            "street",
            "police-uk/street/2021-12/2021-12-essex-street.csv.gz",
        ),
        (
            "outcomes",
            "police-uk/outcomes/2021-12/2021-12-essex-outcomes.csv.gz",
        ),
        (
            "stop-and-search",
            "police-uk/stop-and-search/2021-03/2021-03-essex-stop-and-search.csv.gz",
        ),
    ] {
        let Some(real) = shared(real) else { return };
        let want = header(&real);
        let ours = SMALL
            .members
            .iter()
            .filter(|(name, _)| name.ends_with(&format!("-{kind}.csv")));
        for (name, bytes) in ours {
            assert_eq!(first_line(bytes), want, "{name}");
        }
    }
}

#[test]
fn headers_of_lookups_are_byte_for_byte_those_of_real_files() {
    let districts = "Local_Authority_District_to_Community_Safety_Partnerships_to_Police_Force_Areas__December_2016__Lookup_in_England_and_Wales.csv";
    for (ours, real) in [
        (
            "lsoa21_population.csv",
            "librarieshacked/lsoa_population.csv",
        ),
        ("lsoa11_population.csv", "guardian/lsoa_population.csv.gz"),
        (
            "lsoa11_to_lsoa21_exact.csv",
            "librarieshacked/lsoa11_to_lsoa21_exact.csv.gz",
        ),
        (districts, &format!("resistance-lab/{districts}")),
        ("la_all_codes.csv", "drkane/la_all_codes.csv"),
        (
            "la-ethnic-groups.csv",
            "resistance-lab/la-ethnic-groups.csv",
        ),
    ] {
        let Some(real) = shared(&format!("ons/{real}")) else {
            return;
        };
        assert_eq!(first_line(&SMALL.lookups[ours]), header(&real), "{ours}");
    }
}

#[test]
fn each_force_month_has_its_three_files_save_the_recorded_gaps() {
    for made in [&*SMALL, &*DEMO] {
        let truth = &made.truth;
        let mut want = BTreeSet::new();
        for month in Month::range(truth.first, truth.last) {
            for force in &truth.forces {
                for kind in ["street", "outcomes", "stop-and-search"] {
                    want.insert(format!("{month}/{month}-{}-{kind}.csv", force.id));
                }
            }
        }
        let gaps = (truth.forces.iter())
            .flat_map(|force| force.not_supplied.iter().map(move |gap| (force, gap)));
        let mut left_out = 0;
        for (force, gap) in gaps {
            for kind in &gap.files {
                let name = format!("{0}/{0}-{1}-{kind}.csv", gap.month, force.id);
                assert!(want.remove(&name), "{name}");
                left_out += 1;
            }
        }
        assert_eq!(left_out, 7, "two months of three files and one file");
        let names: BTreeSet<_> = made.members.iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(names, want);
        assert_eq!(names.len(), made.members.len(), "no name twice");
    }
}

#[test]
fn a_street_row_has_an_id_and_an_outcome_unless_it_is_antisocial_behaviour() {
    let mut ids = BTreeSet::new();
    for_each(&SMALL, "street", |month, force, row| {
        assert_eq!(row["Month"], month.to_string());
        assert_eq!(row["Reported by"], force);
        assert_eq!(row["Falls within"], force);
        assert_eq!(row["Context"], "");
        if row["Crime type"] == "Anti-social behaviour" {
            assert_eq!(row["Crime ID"], "");
            assert_eq!(row["Last outcome category"], "");
        } else {
            let id = &row["Crime ID"];
            assert!(
                id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit()),
                "{id}"
            );
            assert!(ids.insert(id.clone()), "{id} is there twice");
            assert_ne!(row["Last outcome category"], "");
        }
    });
}

#[test]
fn a_row_has_place_and_lsoa_together_or_neither_and_lies_in_the_midlands() {
    for (kind, words) in [("street", "No Location"), ("outcomes", "No location")] {
        let (mut all, mut nowhere) = (0, 0);
        for_each(&SMALL, kind, |_, _, row| {
            all += 1;
            let blank = row["LSOA code"].is_empty();
            for column in ["Longitude", "Latitude", "LSOA name"] {
                assert_eq!(row[column].is_empty(), blank);
            }
            if blank {
                nowhere += 1;
                assert_eq!(row["Location"], words);
            } else {
                assert!(row["Location"].starts_with("On or near "));
                assert_in_the_midlands(&row["Longitude"], &row["Latitude"]);
            }
        });
        let share = f64::from(nowhere) / f64::from(all);
        assert!((0.01..0.02).contains(&share), "{kind}: {share}");
    }
}

fn assert_in_the_midlands(longitude: &str, latitude: &str) {
    assert!(
        (-2.5..-0.5).contains(&longitude.parse().unwrap()),
        "{longitude}"
    );
    assert!(
        (52.0..53.5).contains(&latitude.parse().unwrap()),
        "{latitude}"
    );
    assert_eq!(longitude.split_once('.').unwrap().1.len(), 6);
}

#[test]
fn lsoa_codes_change_from_2011_to_2021_in_june_2023_and_are_in_the_lookups() {
    let links = rows(&SMALL.lookups["lsoa11_to_lsoa21_exact.csv"]);
    let names = |vintage: &str| -> BTreeMap<String, String> {
        let column = |row: &BTreeMap<_, _>, end: &str| -> String {
            let name: String = format!("LSOA{vintage}{end}");
            let value: &String = &row[&name];
            value.clone()
        };
        links
            .iter()
            .map(|row| (column(row, "CD"), column(row, "NM")))
            .collect()
    };
    let (old, new) = (names("11"), names("21"));
    for kind in ["street", "outcomes"] {
        let mut changed = [0, 0];
        for_each(&SMALL, kind, |month, _, row| {
            let code = &row["LSOA code"];
            let after = month >= "2023-06".parse().unwrap();
            let (own, other) = if after { (&new, &old) } else { (&old, &new) };
            if !code.is_empty() {
                assert_eq!(own.get(code), Some(&row["LSOA name"]), "{month} {code}");
                changed[usize::from(after)] += u32::from(!other.contains_key(code));
            }
        });
        assert!(changed[0] > 100 && changed[1] > 100, "{kind}: {changed:?}");
    }
}

#[test]
fn splits_and_merges_of_lsoas_are_marked_and_populations_cover_both_vintages() {
    let lookups = &DEMO.lookups;
    let links = rows(&lookups["lsoa11_to_lsoa21_exact.csv"]);
    let count = |column: &str, code: &str| links.iter().filter(|row| row[column] == code).count();
    let mut seen = BTreeMap::new();
    for row in &links {
        let (old, new) = (&row["LSOA11CD"], &row["LSOA21CD"]);
        let shape = (count("LSOA11CD", old), count("LSOA21CD", new));
        match row["CHGIND"].as_str() {
            "U" => assert!(shape == (1, 1) && old == new, "{old}"),
            "S" => assert!(shape == (2, 1) && old != new, "{old}"),
            "M" => assert!(shape == (1, 2) && old != new, "{old}"),
            other => panic!("{other}"),
        }
        *seen.entry(row["CHGIND"].clone()).or_insert(0) += 1;
    }
    assert!(
        seen["S"] >= 24 && seen["M"] >= 24 && seen["U"] > 300,
        "{seen:?}"
    );
    for (file, code, people, column) in [
        ("lsoa21_population.csv", "lsoacd", "population", "LSOA21CD"),
        (
            "lsoa11_population.csv",
            "lsoa_code",
            "lsoa_total_population",
            "LSOA11CD",
        ),
    ] {
        let of_file = rows(&lookups[file]);
        let codes: BTreeSet<_> = of_file.iter().map(|row| row[code].clone()).collect();
        let linked: BTreeSet<_> = links.iter().map(|row| row[column].clone()).collect();
        assert_eq!(codes, linked, "{file}");
        assert_eq!(codes.len(), of_file.len(), "{file}: a code twice");
        let sum: u32 = of_file
            .iter()
            .map(|row| row[people].parse::<u32>().unwrap())
            .sum();
        let forces = DEMO.truth.forces.iter();
        let want: u32 = if column == "LSOA21CD" {
            forces.map(|force| force.population).sum()
        } else {
            forces.map(|force| force.population_lsoa_2011).sum()
        };
        assert_eq!(sum, want, "{file}");
    }
}

#[test]
fn each_lsoa_leads_to_its_force_through_districts_and_their_successors() {
    let lookups = &DEMO.lookups;
    let by_2016 = lookups
        .keys()
        .find(|name| name.starts_with("Local_Authority"))
        .unwrap();
    let successor: BTreeMap<_, _> = rows(&lookups["la_all_codes.csv"])
        .into_iter()
        .map(|row| (row["LADCD"].clone(), row["LADCD_ACTIVE"].clone()))
        .collect();
    let mut force_of = BTreeMap::new();
    let mut merged = 0;
    for row in rows(&lookups[by_2016]) {
        let now = &successor[&row["LAD16CD"]];
        merged += u32::from(*now != row["LAD16CD"]);
        assert!(row["CSP16CD"].starts_with("X22"));
        let known = force_of.insert(now.clone(), row["PFA16NM"].clone());
        assert!(known.is_none_or(|known| known == row["PFA16NM"]));
    }
    assert_eq!(merged, 6, "two districts in three forces");
    let people: BTreeMap<_, _> = rows(&lookups["lsoa21_population.csv"])
        .into_iter()
        .map(|row| {
            (
                row["lsoacd"].clone(),
                row["population"].parse::<u32>().unwrap(),
            )
        })
        .collect();
    let mut places: BTreeMap<String, String> = BTreeMap::new();
    for row in rows(&lookups["lsoa11_to_lsoa21_exact.csv"]) {
        places.insert(row["LSOA21CD"].clone(), force_of[&row["LAD22CD"]].clone());
    }
    let mut total: BTreeMap<String, u32> = BTreeMap::new();
    for (lsoa, force) in places {
        *total.entry(force).or_default() += people[&lsoa];
    }
    for force in &DEMO.truth.forces {
        let short = force.name.strip_suffix(" Police").unwrap();
        assert_eq!(total[short], force.population);
        assert!(
            (55_000..310_000).contains(&force.population),
            "{}",
            force.population
        );
        assert_eq!(
            force
                .districts
                .iter()
                .map(|district| district.population)
                .sum::<u32>(),
            force.population
        );
    }
}

#[test]
fn every_code_begins_with_x_and_no_value_needs_quotes() {
    for (name, bytes) in &DEMO.lookups {
        for row in rows(bytes) {
            let codes = row.iter().filter(|(column, _)| {
                column.ends_with("CD") || column.contains("code") || *column == "LADCD_ACTIVE"
            });
            for (column, code) in codes.filter(|(_, code)| !code.is_empty()) {
                assert!(
                    code.starts_with('X') && code.len() == 9,
                    "{name} {column} {code}"
                );
            }
        }
    }
    for (name, bytes) in &SMALL.members {
        assert!(!bytes.contains(&b'"'), "{name}");
    }
}

#[test]
fn ethnic_groups_add_up_to_everybody() {
    let column = |row: &BTreeMap<String, String>, group: &str| -> u32 {
        row[&format!("Ethnic Group: {group}; measures: Value")]
            .parse()
            .unwrap()
    };
    let mut black = 0;
    for row in rows(&DEMO.lookups["la-ethnic-groups.csv"]) {
        let groups = ["White", "Mixed", "Asian", "Black", "Other"].map(|g| column(&row, g));
        assert_eq!(
            groups.iter().sum::<u32>(),
            column(&row, "All categories: Ethnic group")
        );
        let parts: u32 = row
            .iter()
            .filter(|(name, _)| name.matches(':').count() == 3 && !name.contains("All categories"))
            .map(|(_, people)| people.parse::<u32>().unwrap())
            .sum();
        assert_eq!(parts, groups.iter().sum::<u32>());
        black += groups[3];
    }
    let forces = DEMO.truth.forces.iter();
    assert_eq!(
        black,
        forces
            .map(|f| f.searches.groups["Black"].census_2011)
            .sum::<u32>()
    );
}

#[test]
fn a_search_is_in_the_file_of_its_local_month_and_vehicles_have_no_person() {
    let (mut before, mut vehicles) = (0, 0);
    for_each(&DEMO, "stop-and-search", |month, _, row| {
        let date = &row["Date"];
        assert!(date.ends_with(":00+00:00") && date.len() == 25, "{date}");
        if !date.starts_with(&month.to_string()) {
            before += 1;
            assert!(
                date.starts_with(&month.plus(-1).to_string()),
                "{date} in {month}"
            );
            assert_eq!(&date[10..13], "T23");
            assert!((4..=10).contains(&month.month()), "{date}");
        }
        if row["Type"] == "Vehicle search" {
            vehicles += 1;
            for column in ["Gender", "Age range", "Self-defined ethnicity"] {
                assert_eq!(row[column], "");
            }
        }
        if !row["Latitude"].is_empty() {
            assert_in_the_midlands(&row["Longitude"], &row["Latitude"]);
        }
        if row["Outcome linked to object of search"] == "True" {
            assert!(!["", "A no further action disposal"].contains(&row["Outcome"].as_str()));
        }
    });
    assert!(before > 5 && vehicles > 500, "{before} {vehicles}");
}

/// Each row of a kind with its month and its force's name.
fn for_each(made: &Made, kind: &str, mut see: impl FnMut(Month, &str, &BTreeMap<String, String>)) {
    for force in &made.truth.forces {
        for month in Month::range(made.truth.first, made.truth.last) {
            for row in made
                .rows(month, force.id.as_str(), kind)
                .unwrap_or_default()
            {
                see(month, &force.name, &row);
            }
        }
    }
}
