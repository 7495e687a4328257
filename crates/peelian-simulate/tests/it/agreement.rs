//! The records against the truth: within sampling error, and no closer.

use std::collections::{BTreeMap, BTreeSet};

use peelian_model::Month;
use peelian_simulate::{ForceTruth, Shape, Subject};

use crate::made::{DEMO, Row};

/// The months of the demonstration.
fn months() -> Vec<Month> {
    Month::range(DEMO.truth.first, DEMO.truth.last).collect()
}

/// The rows of a kind of a force by month; none where not supplied.
fn by_month(force: &ForceTruth, kind: &str) -> Vec<Option<Vec<Row>>> {
    months()
        .into_iter()
        .map(|month| DEMO.rows(month, force.id.as_str(), kind))
        .collect()
}

fn force(name: &str) -> &'static ForceTruth {
    let id = format!("synthetic-{name}");
    DEMO.truth
        .forces
        .iter()
        .find(|force| force.id.as_str() == id)
        .unwrap()
}

/// How many standard deviations a Poisson count is from its mean.
fn poisson_z(count: f64, mean: f64) -> f64 {
    (count - mean) / mean.sqrt()
}

/// How many standard errors a share is from the true one.
fn share_z(hits: usize, of: usize, share: f64) -> f64 {
    let n = of as f64;
    (hits as f64 - n * share) / (n * share * (1.0 - share)).sqrt()
}

#[test]
fn street_counts_agree_with_the_truth() {
    let (mut squares, mut cells, mut rows) = (0.0, 0.0, 0);
    for force in &DEMO.truth.forces {
        let mut counts: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        for (m, records) in by_month(force, "street").into_iter().enumerate() {
            let Some(records) = records else { continue };
            rows += records.len();
            for (kind, expected) in &force.expected {
                let n = records
                    .iter()
                    .filter(|row| row["Crime type"] == *kind)
                    .count() as f64;
                if expected[m] >= 5.0 {
                    let z = poisson_z(n, expected[m]);
                    assert!(
                        z.abs() < 5.5,
                        "{} {kind} month {m}: {n} for {}",
                        force.id,
                        expected[m]
                    );
                    squares += z * z;
                    cells += 1.0;
                }
                let total = counts.entry(kind).or_default();
                *total = (total.0 + n, total.1 + expected[m]);
            }
        }
        assert_eq!(counts.len(), 14);
        for (kind, (n, expected)) in counts {
            assert!(
                poisson_z(n, expected).abs() < 4.5,
                "{} {kind}: {n} for {expected}",
                force.id
            );
        }
    }
    // Poisson and not more regular or more scattered than that.
    let scatter: f64 = squares / cells;
    assert!(
        (scatter - 1.0).abs() < 5.0 * (2.0 / cells).sqrt(),
        "{scatter} over {cells}"
    );
    assert!((250_000..=300_000).contains(&rows), "{rows}");
}

#[test]
fn antisocial_behaviour_is_a_fifth_to_a_third_of_street_records() {
    for force in &DEMO.truth.forces {
        // A true outlier has more or less crime to the same antisocial behaviour.
        if force
            .effects
            .iter()
            .any(|effect| effect.on == Subject::AllCrime)
        {
            continue;
        }
        let sum = |kind: &str| force.expected[kind].iter().sum::<f64>();
        let share =
            sum("Anti-social behaviour") / force.expected.keys().map(|k| sum(k)).sum::<f64>();
        assert!((0.18..0.33).contains(&share), "{}: {share}", force.id);
    }
}

#[test]
fn each_planted_effect_shows_in_the_records() {
    let rate =
        |force: &ForceTruth, kind: &str, m: usize, n: usize| n as f64 / force.expected[kind][m];
    let mut shapes = BTreeSet::new();
    for force in &DEMO.truth.forces {
        for effect in &force.effects {
            shapes.insert(format!("{:?}", effect.shape));
            let Subject::CrimeType(kind) = &effect.on else {
                continue;
            };
            // Counts over what would have been expected without the effect.
            let (mut within, mut without) = (Vec::new(), Vec::new());
            for (m, records) in by_month(force, "street").into_iter().enumerate() {
                let Some(records) = records else { continue };
                let n = records
                    .iter()
                    .filter(|row| row["Crime type"] == *kind)
                    .count();
                let month = months()[m];
                let ratio = rate(force, kind, m, n) * effect.multiplier(month);
                let inside = match effect.shape {
                    Shape::Trend => month > DEMO.truth.last.plus(-6),
                    _ => (effect.from..=effect.to).contains(&month),
                };
                if inside {
                    within.push(ratio);
                } else {
                    without.push(ratio);
                }
            }
            let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
            let change = mean(&within) / mean(&without);
            let towards = if effect.factor > 1.0 {
                change > 1.25
            } else {
                change < 0.7
            };
            assert!(towards, "{} {kind} {:?}: {change}", force.id, effect.shape);
        }
    }
    let want = ["OneMonth", "Outlier", "StepDown", "StepUp", "Trend"];
    assert_eq!(shapes.into_iter().collect::<Vec<_>>(), want);
    let plain = DEMO
        .truth
        .forces
        .iter()
        .filter(|force| force.effects.is_empty())
        .count();
    assert!(plain >= 3, "forces with nothing planted: {plain}");
}

#[test]
fn forces_differ_by_more_than_chance_and_two_are_true_outliers() {
    let rate = |force: &ForceTruth| {
        let crime = force
            .rates_per_1000
            .iter()
            .filter(|(kind, _)| *kind != "Anti-social behaviour");
        let level: f64 = crime.map(|(_, rate)| rate).sum();
        let planted = force
            .effects
            .iter()
            .filter(|effect| effect.on == Subject::AllCrime);
        (
            level * planted.clone().map(|effect| effect.factor).product::<f64>(),
            planted.count(),
        )
    };
    let mut rates: Vec<_> = DEMO.truth.forces.iter().map(rate).collect();
    rates.sort_by(|a, b| a.0.total_cmp(&b.0));
    let outliers: Vec<_> = rates.iter().map(|(_, planted)| *planted).collect();
    assert_eq!(outliers, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    let others: Vec<f64> = rates[1..11].iter().map(|(rate, _)| *rate).collect();
    let mean = others.iter().sum::<f64>() / 10.0;
    let sd = (others.iter().map(|rate| (rate - mean).powi(2)).sum::<f64>() / 9.0).sqrt();
    // A month of crime in 120,000 people varies by about 5 per cent by chance.
    assert!((0.07..0.25).contains(&(sd / mean)), "{}", sd / mean);
}

#[test]
fn charged_shares_agree_with_the_truth_and_fall_where_planted() {
    for force in &DEMO.truth.forces {
        assert_eq!(force.charged_share.len(), 36);
        let (mut hits, mut likely, mut all) = (0, 0.0, 0);
        for (m, records) in by_month(force, "outcomes").into_iter().enumerate() {
            let Some(records) = records else { continue };
            let distinct: BTreeMap<_, _> = (records.iter())
                .map(|row| (&row["Crime ID"], &row["Outcome type"]))
                .collect();
            hits += distinct
                .values()
                .filter(|name| **name == "Suspect charged")
                .count();
            all += distinct.len();
            likely += force.charged_share[m].unwrap() * distinct.len() as f64;
        }
        let z = share_z(hits, all, likely / all as f64);
        assert!(z.abs() < 4.5, "{}: {z}", force.id);
    }
    let falls = force("harrowfen");
    let mean = |part: &[Option<f64>]| part.iter().flatten().sum::<f64>() / part.len() as f64;
    let (before, after) = falls.charged_share.split_at(18);
    assert_eq!(falls.effects[0].from, months()[18]);
    assert!((mean(after) / mean(before) - 0.45).abs() < 0.05);
}

#[test]
fn an_outcome_is_of_a_known_crime_and_agrees_with_its_last_category() {
    let force = force("brackwater");
    let mut crimes = BTreeMap::new();
    for (m, records) in by_month(force, "street").into_iter().enumerate() {
        for row in records.unwrap() {
            crimes.insert(row["Crime ID"].clone(), (m, row));
        }
    }
    let (mut seen, mut repeated, mut unknown_late, mut all) = (BTreeSet::new(), 0, 0, 0);
    for (m, records) in by_month(force, "outcomes").into_iter().enumerate() {
        for row in records.unwrap() {
            all += 1;
            repeated += u32::from(!seen.insert(row["Crime ID"].clone()));
            let Some((crime_month, crime)) = crimes.get(&row["Crime ID"]) else {
                unknown_late += u32::from(m > 5);
                continue;
            };
            assert!(m >= *crime_month);
            assert_eq!(
                (&row["Longitude"], &row["Latitude"]),
                (&crime["Longitude"], &crime["Latitude"])
            );
            match row["Outcome type"].as_str() {
                "Suspect charged" => assert!(
                    ["Awaiting court outcome", "Court result unavailable"]
                        .contains(&crime["Last outcome category"].as_str())
                ),
                name => assert_eq!(name, crime["Last outcome category"]),
            }
        }
    }
    assert_eq!(
        unknown_late, 0,
        "only crimes from before the first month are unknown"
    );
    let share = f64::from(repeated) / f64::from(all);
    assert!((0.006..0.014).contains(&share), "{share}");
    let known: BTreeSet<_> = crimes
        .values()
        .filter(|(_, row)| !seen.contains(&row["Crime ID"]))
        .map(|(_, row)| row["Last outcome category"].as_str())
        .collect();
    let open = ["", "Status update unavailable", "Under investigation"];
    assert_eq!(known.into_iter().collect::<Vec<_>>(), open);
}

#[test]
fn the_first_months_have_as_many_outcomes_as_the_others() {
    let force = force("merrowdale");
    let counts: Vec<usize> = by_month(force, "outcomes")
        .into_iter()
        .map(|r| r.unwrap().len())
        .collect();
    let year = |part: &[usize]| part.iter().sum::<usize>() as f64 / part.len() as f64;
    let ratio = year(&counts[..12]) / year(&counts[12..24]);
    assert!((ratio - 1.0).abs() < 0.03, "{ratio}");
}

#[test]
fn searches_agree_with_the_truth() {
    for force in &DEMO.truth.forces {
        let truth = &force.searches;
        let (mut n, mut expected) = (0.0, 0.0);
        let (mut filled, mut blank, mut people, mut unstated) = (0, 0, 0, 0);
        let (mut linked_z, mut months) = (0.0_f64, 0.0_f64);
        let mut groups: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        let files = by_month(force, "stop-and-search");
        for (m, records) in files.iter().enumerate() {
            let Some(records) = records else { continue };
            n += records.len() as f64;
            expected += truth.expected[m];
            let link = |value: &str| {
                records
                    .iter()
                    .filter(|row| row["Outcome linked to object of search"] == value)
                    .count()
            };
            let known = link("True") + link("False");
            linked_z += share_z(link("True"), known, truth.linked_share[m]);
            months += 1.0;
            filled += known;
            blank += link("");
            for row in records.iter().filter(|row| row["Type"] != "Vehicle search") {
                people += 1;
                let group = &row["Officer-defined ethnicity"];
                let own = row["Self-defined ethnicity"].as_str();
                if own.is_empty() || own.ends_with("Not stated") {
                    unstated += 1;
                } else if !group.is_empty() {
                    assert!(own.starts_with(group.as_str()), "{own} {group}");
                }
                if !own.is_empty() && !own.ends_with("Not stated") {
                    let name = truth
                        .groups
                        .keys()
                        .find(|name| own.starts_with(name.as_str()));
                    groups.entry(name.unwrap()).or_default().0 += 1.0;
                }
            }
        }
        assert!(
            poisson_z(n, expected).abs() < 4.5,
            "{}: {n} for {expected}",
            force.id
        );
        assert!(
            (linked_z / months.sqrt()).abs() < 4.5,
            "{}: linked {linked_z}",
            force.id
        );
        assert!(
            share_z(blank, blank + filled, truth.blank_linked_share).abs() < 4.5,
            "{}",
            force.id
        );
        assert!(
            share_z(unstated, people, truth.blank_ethnicity_share).abs() < 4.5,
            "{}",
            force.id
        );
        let rate = |name: &str| groups[name].0 / f64::from(truth.groups[name].census_2011);
        let ratio = rate("Black") / rate("White");
        // Relative standard error of a ratio of two Poisson rates.
        let error = (1.0 / groups["Black"].0 + 1.0 / groups["White"].0).sqrt();
        let z = (ratio / truth.black_to_white - 1.0) / error;
        assert!(
            z.abs() < 4.0,
            "{}: {ratio} for {}",
            force.id,
            truth.black_to_white
        );
    }
}

#[test]
fn the_linked_share_rises_for_the_last_nine_months_of_one_force() {
    let force = force("ivelmarsh");
    let shares = &force.searches.linked_share;
    assert!(shares[..27].iter().all(|share| *share == shares[0]));
    assert!(shares[27..].iter().all(|share| *share == shares[35]));
    assert!(shares[35] > 1.5 * shares[0]);
    let share = |part: &[Option<Vec<Row>>]| {
        let (mut yes, mut known) = (0.0, 0.0);
        for row in part.iter().flatten().flatten() {
            match row["Outcome linked to object of search"].as_str() {
                "True" => (yes, known) = (yes + 1.0, known + 1.0),
                "False" => known += 1.0,
                _ => {}
            }
        }
        yes / known
    };
    let files = by_month(force, "stop-and-search");
    assert!(share(&files[27..]) / share(&files[..27]) > 1.4);
}

#[test]
fn blanks_and_ratios_differ_from_force_to_force() {
    let spread = |of: fn(&ForceTruth) -> f64| {
        let values = DEMO.truth.forces.iter().map(of);
        let (low, high) = values.fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
        high / low
    };
    assert!(spread(|force| force.searches.blank_ethnicity_share) > 2.0);
    assert!(spread(|force| force.searches.blank_linked_share) > 5.0);
    assert!(spread(|force| force.searches.black_to_white) > 2.0);
}
