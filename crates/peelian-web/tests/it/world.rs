//! A small world made by hand: twelve forces, three years, the measures of
//! the catalogue with invented figures.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use peelian_assess::{Frameworks, Grades};
use peelian_model::{
    AreaCode, BodyKind, Direction, Evidence, Force, ForceId, Kind, LocalPolicingBody, Measure,
    Month, Nature, Reading, Series, SourceRelease, Standard, Status, Unit, Validity,
};
use peelian_readings::{
    Catalogue, Coverage, Covered, District, Generation, KnownIssue, MeasureEntry, PublicCatalogue,
};
use peelian_web::{Site, Snapshot};

const REAL: [&str; 12] = [
    "City of London Police",
    "Cumbria Constabulary",
    "Dyfed-Powys Police",
    "Essex Police",
    "Hertfordshire Constabulary",
    "Kent Police",
    "Merseyside Police",
    "Norfolk Constabulary",
    "Suffolk Constabulary",
    "Surrey Police",
    "Warwickshire Police",
    "Wiltshire Police",
];
const INVENTED: [&str; 12] = [
    "Aldermoor Police",
    "Brackwater Police",
    "Carrowdale Constabulary",
    "Dunmere Police",
    "Easterleigh Police",
    "Fenwick and Thorne Police",
    "Garrowby Constabulary",
    "Harrowmouth Police",
    "Inglesham Police",
    "Kestrelshire Constabulary",
    "Lowenford Police",
    "Marlhaven Police",
];
const MONTHS: i32 = 40;

/// A site over the world.
pub(crate) fn site(nature: Nature) -> Site {
    Site::new(snapshot(nature))
}

/// The world as it is shown.
pub(crate) fn snapshot(nature: Nature) -> Snapshot {
    Snapshot::of(
        PublicCatalogue::of(catalogue(nature)),
        Frameworks::load(None).unwrap(),
        Grades::load(None).unwrap(),
        "2021-09-22".parse().unwrap(),
    )
}

/// Who holds Essex Police to account, where the data are real.
fn bodies(nature: Nature) -> Vec<LocalPolicingBody> {
    let body = |id: &str, name: &str, from: &str, to: Option<&str>| LocalPolicingBody {
        id: id.parse().unwrap(),
        name: name.to_owned(),
        kind: BodyKind::Commissioner,
        force: "essex".parse().unwrap(),
        validity: Validity {
            from: Some(from.to_owned()),
            to: to.map(str::to_owned),
        },
        successor: None,
        evidence: Evidence::Stated,
        source: String::new(),
        checked: "2026-11-23".to_owned(),
    };
    match nature {
        Nature::Synthetic => Vec::new(),
        Nature::Real => vec![
            body(
                "essex-pcc",
                "Police and Crime Commissioner for Essex",
                "2012-11-22",
                Some("2017-09-30"),
            ),
            body(
                "essex-pfcc",
                "Police, Fire and Crime Commissioner for Essex",
                "2017-10-01",
                None,
            ),
        ],
    }
}

/// A site over which nothing was loaded yet.
pub(crate) fn empty() -> Site {
    let generation = Generation {
        measures: Vec::new(),
        forces: Vec::new(),
        people: BTreeMap::new(),
        districts: Vec::new(),
        coverage: Vec::new(),
        sources: Vec::new(),
        issues: Vec::new(),
        ..generation(Nature::Real)
    };
    Site::new(Snapshot::of(
        PublicCatalogue::of(Catalogue::of(generation, Vec::new())),
        Frameworks::load(None).unwrap(),
        Grades::load(None).unwrap(),
        "2021-09-22".parse().unwrap(),
    ))
}

fn last() -> Month {
    "2021-06".parse().unwrap()
}

fn forces(nature: Nature) -> Vec<Force> {
    let (names, prefix, letter) = match nature {
        Nature::Real => (REAL, "", 'E'),
        Nature::Synthetic => (INVENTED, "synthetic-", 'X'),
    };
    names
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let mut force = Force {
                id: "x".parse().unwrap(),
                name: (*name).to_owned(),
                area: Some(format!("{letter}230000{:02}", i + 1).parse().unwrap()),
            };
            let slug = force.short_name().to_lowercase().replace(' ', "-");
            force.id = format!("{prefix}{slug}").parse().unwrap();
            force
        })
        .collect()
}

fn districts(nature: Nature) -> Vec<District> {
    let force = forces(nature)[3].id.clone();
    let letter = if nature == Nature::Real { 'E' } else { 'X' };
    [
        "Basildon",
        "Braintree",
        "Brentwood",
        "Castle Point",
        "Chelmsford",
        "Colchester",
    ]
    .iter()
    .enumerate()
    .map(|(i, name)| District {
        code: format!("{letter}070000{}", 66 + i).parse().unwrap(),
        name: if letter == 'E' {
            (*name).to_owned()
        } else {
            format!("Dunmere {}", i + 1)
        },
        force: force.clone(),
    })
    .collect()
}

/// The catalogue's own definitions, and one with a standard.
fn measures() -> Vec<(Measure, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../measures");
    let mut files: Vec<PathBuf> = fs::read_dir(&root)
        .unwrap()
        .flatten()
        .filter(|area| area.path().is_dir())
        .flat_map(|area| fs::read_dir(area.path()).unwrap().flatten())
        .map(|file| file.path())
        .filter(|p| {
            let name = p.to_string_lossy();
            name.ends_with(".toml") && !name.ends_with(".cases.toml")
        })
        .collect();
    files.sort();
    let mut all: Vec<(Measure, String)> = files
        .iter()
        .map(|file| {
            let measure = toml::from_str(&fs::read_to_string(file).unwrap())
                .unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            let sql = fs::read_to_string(file.with_extension("sql")).unwrap_or_default();
            (measure, sql)
        })
        .collect();
    let answered = Measure {
        id: "call-101-abandon-pct".parse().unwrap(),
        title: "101 calls given up before an answer".to_owned(),
        subtitle: "Share of 101 calls given up in the queue, per cent".to_owned(),
        area: "responding-to-public".parse().unwrap(),
        kind: Kind::Ratio,
        unit: Unit::Percent,
        direction: Direction::Lower,
        denominator: None,
        recorded: false,
        months: 1,
        definition: "Of the calls to 101 in the month, the share given up.".to_owned(),
        numerator_words: "calls given up".to_owned(),
        denominator_words: "calls to 101".to_owned(),
        limits: "It does not tell why a caller gave up.".to_owned(),
        caveats: Vec::new(),
        standards: vec![Standard {
            value: 10.0,
            from: "2015-01".parse().unwrap(),
            to: None,
            authority: "An authority of this test".to_owned(),
            source_url: "https://example.org/standard".to_owned(),
        }],
        ..all[0].0.clone()
    };
    all.push((answered, "select 1".to_owned()));
    all
}

/// A die whose throws are the same each time.
struct Die(u64);

impl Die {
    /// Between −1 and 1, most often near nought.
    fn throw(&mut self) -> f64 {
        let mut sum = 0.0;
        for _ in 0..3 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            sum += (self.0 >> 33) as f64 / f64::from(1_u32 << 30) - 1.0;
        }
        sum / 3.0
    }
}

fn people(index: usize) -> f64 {
    [
        8_700.0,
        499_000.0,
        515_000.0,
        1_877_301.0,
        1_189_000.0,
        1_868_000.0,
        1_429_000.0,
        907_000.0,
        761_000.0,
        1_196_000.0,
        583_000.0,
        720_000.0,
    ][index]
}

fn reading(measure: &Measure, period: Month, base: f64, die: &mut Die, lift: f64) -> Reading {
    let noise = 1.0 + 0.06 * die.throw() + lift;
    let mut reading = Reading::without_value(period, Status::Ok);
    let (numerator, denominator, scale) = match measure.unit {
        Unit::Per1000 => ((base * 0.0072 * noise).round(), base, 1_000.0),
        Unit::Percent => {
            let denominator = (base * 0.004).round().max(20.0);
            ((denominator * 0.14 * noise).round(), denominator, 100.0)
        }
        Unit::Ratio | Unit::Count => (3.1 * noise, 1.0, 1.0),
    };
    let spread = if scale > 1.0 {
        1.96 * numerator.sqrt()
    } else {
        0.4
    };
    reading.numerator = Some(numerator);
    reading.denominator = Some(denominator);
    reading.value = Some(numerator / denominator * scale);
    reading.lower = Some(((numerator - spread) / denominator * scale).max(0.0));
    reading.upper = Some((numerator + spread) / denominator * scale);
    reading.denominator_year = (measure.denominator.is_some()).then_some(2020);
    if measure.id.as_str() == "sns-linked-outcome-pct" {
        reading.left_out = Some(0.12);
        reading.bounds = Some((
            numerator / denominator * 88.0,
            numerator / denominator * 88.0 + 12.0,
        ));
    }
    reading
}

fn series(nature: Nature) -> Vec<Series> {
    let mut all = Vec::new();
    for (m, (measure, _)) in measures().into_iter().enumerate() {
        for (f, force) in forces(nature).into_iter().enumerate() {
            let mut die = Die((m * 97 + f * 31 + 7) as u64);
            let mut readings: Vec<Reading> = (0..MONTHS)
                .map(|i| {
                    let period = last().plus(1 - MONTHS + i);
                    // Dunmere, or Essex, does better lately on two measures.
                    let lift = match (f, m % 4) {
                        (3, 1) if i > MONTHS - 8 => 0.22,
                        (3, 3) if i > MONTHS - 3 => -0.5,
                        _ => 0.04 * f64::from(i % 12) / 12.0,
                    };
                    reading(&measure, period, people(f), &mut die, lift)
                })
                .collect();
            match f {
                // A gap, a partial and a provisional month.
                3 => {
                    readings[12] = Reading::without_value(readings[12].period, Status::NotSupplied);
                    readings[13] = Reading::without_value(readings[13].period, Status::NotSupplied);
                    readings[30].status = Status::Partial;
                    readings[39].status = Status::Provisional;
                }
                // Too few months for firm limits.
                8 => drop(readings.drain(..32)),
                // Nothing for the last month.
                10 => readings[39] = Reading::without_value(readings[39].period, Status::TooFew),
                // Nothing at all.
                11 if m == 0 => readings.iter_mut().for_each(|r| {
                    *r = Reading::without_value(r.period, Status::Missing);
                }),
                _ => {}
            }
            all.push(Series {
                measure: measure.id.clone(),
                force: force.id.clone(),
                area: None,
                readings: readings.clone(),
            });
            if f == 3
                && measure
                    .publish
                    .as_ref()
                    .is_some_and(|p| p.grain == "district")
            {
                for (d, district) in districts(nature).into_iter().enumerate() {
                    let mut die = Die((m * 13 + d * 5 + 3) as u64);
                    all.push(Series {
                        measure: measure.id.clone(),
                        force: force.id.clone(),
                        area: Some(district.code),
                        readings: (0..MONTHS)
                            .map(|i| {
                                let period = last().plus(1 - MONTHS + i);
                                reading(&measure, period, people(f) / 10.0, &mut die, 0.0)
                            })
                            .collect(),
                    });
                }
            }
        }
    }
    all
}

fn release(source: &str, title: &str) -> SourceRelease {
    SourceRelease {
        source: source.parse().unwrap(),
        title: title.to_owned(),
        attribution: "Contains public sector information licensed under the Open Government \
                      Licence v3.0. Source: data.police.uk."
            .to_owned(),
        as_at: "2021-08-02".to_owned(),
        files: 480,
        rows: 7_200_412,
    }
}

fn coverage(force: &ForceId, table: &str, month: Month, faulty: bool) -> Coverage {
    Coverage {
        table: table.to_owned(),
        force: force.clone(),
        month,
        rows_kept: 13_204,
        rows_quarantined: u64::from(faulty) * 12,
        coverage: if faulty {
            Covered::Partial
        } else {
            Covered::Complete
        },
        as_at: "2021-08-02".to_owned(),
    }
}

fn generation(nature: Nature) -> Generation {
    let forces = forces(nature);
    let sources = vec![
        release("police-uk-street", "Street-level crime"),
        release("police-uk-outcomes", "Outcomes of crimes"),
        release("police-uk-stop-and-search", "Stop and search"),
    ];
    let mut all = Vec::new();
    for (f, force) in forces.iter().enumerate() {
        for table in ["street", "outcomes", "stops"] {
            for i in 0..MONTHS {
                let missing = (f == 3 && (12..14).contains(&i))
                    || (f == 8 && i < 32)
                    || (f == 11 && table == "stops");
                if !missing {
                    all.push(coverage(
                        &force.id,
                        table,
                        last().plus(1 - MONTHS + i),
                        f == 3 && i == 30,
                    ));
                }
            }
        }
    }
    Generation {
        number: 7,
        manifest: 12,
        catalogue: "3f1c".to_owned(),
        nature,
        computed_at: "2021-08-03T09:30:00Z".to_owned(),
        measures: measures()
            .into_iter()
            .map(|(measure, sql)| MeasureEntry {
                sources: sources
                    .iter()
                    .filter(|s| measure.sources.contains(&s.source))
                    .cloned()
                    .collect(),
                file: format!("readings/public/{}.parquet", measure.id),
                measure,
                sql,
                tables: vec![
                    "street".to_owned(),
                    "outcomes".to_owned(),
                    "stops".to_owned(),
                ],
                inputs: BTreeMap::new(),
                version: "1a2b3c4d5e6f".to_owned(),
            })
            .collect(),
        people: forces
            .iter()
            .enumerate()
            .map(|(i, f)| (f.id.clone(), (people(i), 2020)))
            .collect(),
        bodies: bodies(nature),
        districts: districts(nature),
        coverage: all,
        sources,
        issues: if nature == Nature::Real {
            vec![KnownIssue {
                table: Some("outcomes".to_owned()),
                force: None,
                from: "2019-06".parse().unwrap(),
                to: None,
                not_supplied: false,
                text: "Results from courts are not published for crimes from June 2019 on."
                    .to_owned(),
                source: "data.police.uk changelog".to_owned(),
                checked: "2021-08-01".to_owned(),
            }]
        } else {
            Vec::new()
        },
        forces,
    }
}

/// Everything, as computed.
pub(crate) fn catalogue(nature: Nature) -> Catalogue {
    Catalogue::of(generation(nature), series(nature))
}

/// A district's code, to ask for it in tests.
pub(crate) fn a_district(nature: Nature) -> AreaCode {
    districts(nature)[0].code.clone()
}
