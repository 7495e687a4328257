//! Readings on disk, and the sentences made from them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use peelian_model::{
    AreaCode, Force, ForceId, Measure, Month, Nature, Reading, Series, Status, Variation,
};
use peelian_readings::{
    Catalogue, Generation, MeasureEntry, PublicCatalogue, compare, comparison_period,
    comparison_sentence, headline, read_series, spc, write_series,
};

fn measure(path: &str) -> Measure {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../measures/");
    toml::from_str(&std::fs::read_to_string(format!("{root}{path}.toml")).unwrap()).unwrap()
}

fn crime() -> Measure {
    measure("preventing-crime/crime-rate")
}

fn linked() -> Measure {
    measure("public-treatment/sns-linked-outcome-pct")
}

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn force(text: &str) -> ForceId {
    text.parse().unwrap()
}

/// A series from 2021-01 with these values, blanks being months not held.
fn series(measure: &Measure, values: &[Option<f64>]) -> Series {
    let first = month("2021-01");
    let readings = values
        .iter()
        .enumerate()
        .map(|(i, value)| match value {
            None => Reading::without_value(first.plus(i as i32), Status::Missing),
            Some(v) => Reading {
                numerator: Some(v * 10.0),
                denominator: Some(1_000.0),
                value: Some(*v),
                lower: Some(v - 0.5),
                upper: Some(v + 0.5),
                ..Reading::without_value(first.plus(i as i32), Status::Ok)
            },
        })
        .collect();
    Series {
        measure: measure.id.clone(),
        force: force("essex"),
        area: None,
        readings,
    }
}

/// A steady series: 20, give or take one, for `n` months.
fn steady(n: usize) -> Vec<Option<f64>> {
    (0..n)
        .map(|i| Some(20.0 + [0.0, 1.0, -1.0, 0.5][i % 4]))
        .collect()
}

fn sentence(measure: &Measure, values: &[Option<f64>]) -> String {
    let series = series(measure, values);
    headline(measure, &series, &spc(&series, measure))
}

#[test]
fn an_unchanged_series_says_so_with_its_range() {
    let said = sentence(&linked(), &steady(24));
    assert!(
        said.starts_with("No clear change. December 2022 is within the usual range ("),
        "{said}"
    );
}

#[test]
fn a_point_far_outside_is_named_and_nothing_is_made_of_it() {
    let mut values = steady(24);
    values[23] = Some(40.0);
    let said = sentence(&linked(), &values);
    assert!(
        said.starts_with("Higher than expected in December 2022: outside the usual range"),
        "{said}"
    );
    assert!(
        said.ends_with("Something has changed; the chart does not say what."),
        "{said}"
    );
}

#[test]
fn seven_months_on_one_side_are_counted() {
    // Alternating, so that nothing but the run speaks; and small against the noise before.
    let mut values: Vec<_> = (0..24)
        .map(|i| Some(if i % 2 == 0 { 17.0 } else { 23.0 }))
        .collect();
    values.extend([21.0, 22.0, 21.5, 22.5, 21.2, 22.2, 21.4, 22.0].map(Some));
    let said = sentence(&linked(), &values);
    assert!(
        said.starts_with("Higher than expected for 9 months running, to August 2023."),
        "{said}"
    );
}

#[test]
fn a_rise_in_recorded_crime_is_never_called_good_or_bad() {
    let mut values = steady(24);
    values[23] = Some(40.0);
    let (measure, series) = (crime(), series(&crime(), &values));
    let chart = spc(&series, &measure);
    assert_eq!(chart.latest(&series), Some(Variation::NeitherHigh));
    assert!(headline(&measure, &series, &chart).contains("More recording can raise this figure"));
    let charged = measure_of_charges();
    let series = self::series(&charged, &values);
    assert_eq!(
        spc(&series, &charged).latest(&series),
        Some(Variation::NeitherHigh)
    );
}

fn measure_of_charges() -> Measure {
    let charged = measure("investigating-crime/street-charged-pct");
    assert_eq!(charged.direction, peelian_model::Direction::Higher);
    charged
}

/// The pages say how many false signals to expect; this is where the figures come from.
#[test]
fn chance_alone_marks_the_latest_of_36_months_in_about_2_series_of_100() {
    use rand::{Rng, SeedableRng};
    let mut dice = rand_chacha::ChaCha8Rng::seed_from_u64(1829);
    let measure = linked();
    let (mut latest, mut anywhere) = (0, 0);
    let drawn = 10_000;
    for _ in 0..drawn {
        // Box and Muller's way to a normal draw.
        let mut draw = || {
            let (radius, turn): (f64, f64) = (dice.random(), dice.random());
            50.0 + (-2.0 * (1.0 - radius).ln()).sqrt() * (std::f64::consts::TAU * turn).cos()
        };
        let values: Vec<_> = (0..36).map(|_| Some(draw())).collect();
        let chart = spc(&series(&measure, &values), &measure);
        latest += usize::from(chart.signals[35].is_some());
        anywhere += usize::from(chart.signals.iter().any(Option::is_some));
    }
    let share = |n: usize| n as f64 / f64::from(drawn);
    assert!((0.015..0.030).contains(&share(latest)), "{}", share(latest));
    assert!(
        (0.25..0.36).contains(&share(anywhere)),
        "{}",
        share(anywhere)
    );
}

#[test]
fn few_months_give_trial_limits_and_no_claim() {
    let said = sentence(&linked(), &steady(9));
    assert_eq!(
        said,
        "Too early to say whether anything has changed: 9 months of data, 12 needed for firm limits."
    );
}

#[test]
fn no_signal_is_claimed_under_trial_limits() {
    let mut values = steady(9);
    values[8] = Some(60.0);
    let (measure, series) = (linked(), series(&linked(), &values));
    assert!(spc(&series, &measure).signals.iter().all(Option::is_none));
    values.extend(steady(6));
    let series = self::series(&measure, &values);
    assert!(spc(&series, &measure).signals[8].is_some());
}

#[test]
fn a_figure_that_rests_on_too_many_blanks_is_shown_and_neither_charted_nor_compared() {
    // Blanks jump from none to three in four, and the share of the rest with them.
    let measure = linked();
    let mut values = steady(24);
    values[23] = Some(62.0);
    let mut blank = series(&measure, &values);
    blank.readings[23].left_out = Some(0.753);
    let chart = spc(&blank, &measure);
    assert!(chart.signals[23].is_none());
    assert_eq!(chart.latest(&blank), None);
    assert_eq!(
        headline(&measure, &blank, &chart),
        "62% in December 2022, but 75% of the records leave the field blank: nothing can be said \
         of change."
    );
    // The limits are those of the months before.
    let before = series(&measure, &steady(23));
    assert_eq!(chart.limits, spc(&before, &measure).limits);

    let mut counts: Vec<_> = (0..20)
        .map(|i| (200.0 + f64::from(i % 5) * 6.0, 1_000.0))
        .collect();
    counts[7] = (1_000.0, 1_000.0);
    let whole = one_month(&measure, &counts);
    let all = (0..20).map(|i| {
        let id = force(&format!("force-{i:02}"));
        let mut series = whole.series(&measure.id, &id).unwrap().clone();
        series.readings[0].left_out = Some(if i == 7 { 0.8 } else { 0.25 });
        series
    });
    let forces: Vec<ForceId> = whole.forces().iter().map(|f| f.id.clone()).collect();
    let catalogue = Catalogue::of(
        generation(std::slice::from_ref(&measure), &forces),
        all.collect(),
    );
    let comparison = compare(&catalogue, &measure.id, month("2021-03")).unwrap();
    assert_eq!((comparison.compared(), comparison.set_aside()), (19, 1));
    let set_aside = comparison.of(&forces[7]).unwrap();
    assert!(set_aside.position.is_none());
    assert!(comparison.overall < 25.0);
    assert_eq!(
        comparison_sentence(&measure, &comparison, &forces[7]).unwrap(),
        "Not compared in March 2021: 80% of the records leave the field blank."
    );
}

#[test]
fn a_force_is_compared_in_the_newest_full_month_that_it_has_itself() {
    let measure = linked();
    let forces: Vec<ForceId> = (0..12).map(|i| force(&format!("force-{i:02}"))).collect();
    let all = forces
        .iter()
        .enumerate()
        .map(|(i, f)| {
            // The last month is held by one force alone; the first force lacks the third.
            let mut values = steady(3);
            values.push((i == 5).then_some(20.0));
            if i == 0 {
                values[2] = None;
            }
            Series {
                force: f.clone(),
                ..series(&measure, &values)
            }
        })
        .collect();
    let catalogue = Catalogue::of(generation(std::slice::from_ref(&measure), &forces), all);
    let period = |force| comparison_period(&catalogue, &measure.id, force).unwrap();
    assert_eq!(period(None), month("2021-03"));
    assert_eq!(period(Some(&forces[0])), month("2021-02"));
    assert_eq!(period(Some(&forces[5])), month("2021-03"));
    assert!(comparison_period(&catalogue, &measure.id, Some(&force("nowhere"))).is_none());
}

#[test]
fn a_gap_of_more_than_a_year_begins_new_limits_and_a_short_one_does_not() {
    let gap = |n: usize| [steady(14), vec![None; n], steady(14)].concat();
    let measure = linked();
    let limits = |n| {
        let series = series(&measure, &gap(n));
        spc(&series, &measure).limits.len()
    };
    assert_eq!(limits(3), 1);
    assert_eq!(limits(11), 1);
    assert_eq!(limits(12), 2);
}

#[test]
fn figures_of_twelve_months_get_no_limits() {
    let rolling = measure("public-treatment/sns-disproportionality");
    let series = series(&rolling, &steady(24));
    let chart = spc(&series, &rolling);
    assert!(chart.limits.is_empty() && chart.signals.iter().all(Option::is_none));
    let said = headline(&rolling, &series, &chart);
    assert_eq!(
        said,
        "20.50 in the 12 months to December 2022 (between 20.00 and 21.00)."
    );
}

#[test]
fn a_series_without_a_figure_says_why() {
    assert_eq!(
        sentence(&linked(), &[None, None]),
        "There is no figure to show for February 2021: the records, or what they are counted against, are not held."
    );
    assert_eq!(
        sentence(&linked(), &[]),
        "There is no figure to show: no records are held."
    );
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b.parquet");
    let measure = linked();
    let mut first = series(&measure, &[Some(1.0), None, Some(3.5)]);
    first.readings[0].bounds = Some((0.5, 1.5));
    first.readings[0].left_out = Some(0.25);
    first.readings[2].denominator_year = Some(2022);
    let mut second = series(&measure, &[Some(2.0)]);
    second.area = Some("E07000071".parse::<AreaCode>().unwrap());
    let written = vec![first, second];
    write_series(&path, &written).unwrap();
    assert_eq!(read_series(&path, &measure.id).unwrap(), written);
}

#[test]
fn a_damaged_file_is_named_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.parquet");
    std::fs::write(&path, b"PAR1 is not enough").unwrap();
    let said = read_series(&path, &linked().id).unwrap_err().to_string();
    assert!(
        said.contains("x.parquet") && said.contains("Delete the folder “readings”"),
        "{said}"
    );
}

fn generation(measures: &[Measure], forces: &[ForceId]) -> Generation {
    Generation {
        number: 1,
        manifest: 1,
        catalogue: String::new(),
        nature: Nature::Real,
        computed_at: "2026-11-22T00:00:00Z".to_owned(),
        measures: measures
            .iter()
            .map(|m| MeasureEntry {
                measure: m.clone(),
                sql: String::new(),
                file: String::new(),
                tables: Vec::new(),
                inputs: BTreeMap::new(),
                version: "0".to_owned(),
                sources: Vec::new(),
            })
            .collect(),
        forces: forces
            .iter()
            .map(|f| Force {
                id: f.clone(),
                name: f.to_string(),
                area: None,
            })
            .collect(),
        people: BTreeMap::new(),
        districts: Vec::new(),
        coverage: Vec::new(),
        sources: Vec::new(),
        issues: Vec::new(),
        bodies: Vec::new(),
    }
}

/// One month of a proportion for many forces: `(numerator, denominator)` each.
fn one_month(measure: &Measure, counts: &[(f64, f64)]) -> Catalogue {
    let forces: Vec<ForceId> = (0..counts.len())
        .map(|i| force(&format!("force-{i:02}")))
        .collect();
    let all = forces
        .iter()
        .zip(counts)
        .map(|(f, (n, d))| Series {
            measure: measure.id.clone(),
            force: f.clone(),
            area: None,
            readings: vec![Reading {
                numerator: Some(*n),
                denominator: Some(*d),
                value: Some(n / d * 100.0),
                lower: Some(n / d * 100.0 - 1.0),
                upper: Some(n / d * 100.0 + 1.0),
                ..Reading::without_value(month("2021-03"), Status::Ok)
            }],
        })
        .collect();
    Catalogue::of(generation(std::slice::from_ref(measure), &forces), all)
}

#[test]
fn a_force_far_from_the_others_is_outside_and_the_rest_are_similar() {
    let measure = linked();
    let mut counts: Vec<_> = (0..20)
        .map(|i| (200.0 + f64::from(i % 5) * 6.0, 1_000.0))
        .collect();
    counts[7] = (420.0, 1_000.0);
    let catalogue = one_month(&measure, &counts);
    let comparison = compare(&catalogue, &measure.id, month("2021-03")).unwrap();
    assert!(comparison.why_none.is_none() && !comparison.limits.is_empty());
    let said = |i: usize| {
        comparison_sentence(&measure, &comparison, &force(&format!("force-{i:02}"))).unwrap()
    };
    assert!(
        said(7).starts_with("Higher than other forces in March 2021 (42% against "),
        "{}",
        said(7)
    );
    assert!(
        said(3).starts_with("Similar to other forces in March 2021"),
        "{}",
        said(3)
    );
}

#[test]
fn with_few_forces_no_funnel_is_drawn_and_it_says_why() {
    let measure = linked();
    let catalogue = one_month(&measure, &[(200.0, 1_000.0); 8]);
    let comparison = compare(&catalogue, &measure.id, month("2021-03")).unwrap();
    assert!(comparison.limits.is_empty());
    assert!(comparison.forces.iter().all(|f| f.position.is_none()));
    let why = comparison.why_none.unwrap();
    assert!(
        why.contains("8 forces have a figure for March 2021 and 10 are needed"),
        "{why}"
    );
}

#[test]
fn a_public_catalogue_holds_nothing_restricted() {
    let (open, mut closed) = (linked(), crime());
    closed.publish = None;
    let mut all = vec![series(&open, &steady(3)), series(&closed, &steady(3))];
    let mut district = series(&open, &steady(3));
    district.area = Some("E07000071".parse().unwrap());
    all.push(district);
    let catalogue = Catalogue::of(
        generation(&[open.clone(), closed.clone()], &[force("essex")]),
        all,
    );
    assert!(catalogue.series(&closed.id, &force("essex")).is_some());

    let public = PublicCatalogue::of(catalogue);
    assert!(public.series(&open.id, &force("essex")).is_some());
    assert!(public.series(&closed.id, &force("essex")).is_none());
    assert!(public.entry(&closed.id).is_none());
    assert_eq!(public.measures().count(), 1);
    // This measure is published for whole forces only.
    let district = public.district(&open.id, &force("essex"), &"E07000071".parse().unwrap());
    assert!(district.is_none());
}
