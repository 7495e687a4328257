//! When a figure speaks: the worked cases of `docs/methods/assessment.md`.

use jiff::civil::date;
use peelian_assess::{EvidenceItem, Speaks};
use peelian_model::{CharacteristicStatus, Month, Standard, Status};

use crate::world::{TODAY, World, id, measure_id, ratios, readings, wobble};

const LINKED: &str = "sns-linked-outcome-pct";

fn item(world: &World, measure: &str) -> EvidenceItem {
    let assessment = world.assess("peel-2023-25");
    let area = assessment.area(&id("public-treatment")).unwrap();
    area.evidence_of(&measure_id(measure)).unwrap().clone()
}

fn linked(share: f64) -> World {
    World::new()
        .with(
            LINKED,
            readings("2024-01", "2026-09", |i| share + wobble(i), 1_000.0),
        )
        .others(LINKED, 0.2)
}

#[test]
fn better_than_others_beyond_chance_speaks_for_and_worse_against() {
    let high = item(&linked(0.4), LINKED);
    assert_eq!(
        (high.speaks, high.counts),
        (Speaks::For, true),
        "{}",
        high.why
    );
    assert_eq!(item(&linked(0.2), LINKED).speaks, Speaks::Neither);
    let low = item(&linked(0.05), LINKED);
    assert_eq!(low.speaks, Speaks::Against, "{}", low.why);
}

#[test]
fn within_the_range_of_others_a_clear_change_decides() {
    let with_step = |before: f64, after: f64| {
        let step = move |i| if i < 27 { before } else { after } + wobble(i) / 4.0;
        World::new()
            .with(LINKED, readings("2024-01", "2026-09", step, 1_000.0))
            .others(LINKED, 0.2)
    };
    let better = item(&with_step(0.18, 0.21), LINKED);
    assert_eq!(better.speaks, Speaks::For, "{}", better.why);
    let worse = item(&with_step(0.22, 0.19), LINKED);
    assert_eq!(worse.speaks, Speaks::Against, "{}", worse.why);
}

#[test]
fn without_enough_forces_and_without_a_standard_nothing_is_told() {
    let alone = World::new().with(
        LINKED,
        readings("2024-01", "2026-09", |i| 0.4 + wobble(i), 1_000.0),
    );
    let item = item(&alone, LINKED);
    assert_eq!((item.speaks, item.counts), (Speaks::Neither, false));
    assert!(
        item.why.contains("nothing to hold it against"),
        "{}",
        item.why
    );
}

#[test]
fn a_dated_standard_decides_before_any_comparison() {
    let with_standard = |value: f64, to: Option<&str>| {
        let mut world = linked(0.4);
        let measure = world
            .measures
            .iter_mut()
            .find(|m| m.id.as_str() == LINKED)
            .unwrap();
        measure.standards.push(invented_standard(value, to));
        item(&world, LINKED)
    };
    assert_eq!(with_standard(30.0, None).speaks, Speaks::For);
    assert_eq!(
        with_standard(40.0, None).speaks,
        Speaks::Neither,
        "met in some months only"
    );
    assert_eq!(
        with_standard(60.0, None).speaks,
        Speaks::Against,
        "though better than others"
    );
    let lapsed = with_standard(60.0, Some("2025-12"));
    assert_eq!(
        (lapsed.speaks, lapsed.standard),
        (Speaks::For, None),
        "no longer in force"
    );
}

#[test]
fn fewer_than_twelve_months_show_no_change_and_meet_no_standard() {
    let since = |first: &str, standard: bool| {
        let months = id::<Month>("2026-09").since(id(first)) as usize;
        let jump = move |i| {
            if i < months {
                0.19 + wobble(i) / 8.0
            } else {
                0.215
            }
        };
        let mut world = World::new()
            .with(LINKED, readings(first, "2026-09", jump, 1_000.0))
            .others(LINKED, 0.2);
        if standard {
            let measure = world
                .measures
                .iter_mut()
                .find(|m| m.id.as_str() == LINKED)
                .unwrap();
            measure.standards.push(invented_standard(10.0, None));
        }
        let item = item(&world, LINKED);
        (item.speaks, item.counts)
    };
    assert_eq!(
        since("2025-10", false),
        (Speaks::For, true),
        "twelve months"
    );
    assert_eq!(since("2025-11", false), (Speaks::Neither, true), "eleven");
    assert_eq!(since("2025-10", true), (Speaks::For, true), "twelve months");
    assert_eq!(since("2025-11", true), (Speaks::Neither, false), "eleven");
}

fn invented_standard(value: f64, to: Option<&str>) -> Standard {
    Standard {
        value,
        from: id("2020-01"),
        to: to.map(id),
        authority: "an invented authority".to_owned(),
        source_url: "https://example.org".to_owned(),
    }
}

#[test]
fn where_much_is_blank_nothing_is_told() {
    let with_blanks = |share: f64| {
        let mut figures = readings("2024-01", "2026-09", |i| 0.4 + wobble(i), 1_000.0);
        for reading in &mut figures {
            reading.left_out = Some(share);
        }
        item(
            &World::new().with(LINKED, figures).others(LINKED, 0.2),
            LINKED,
        )
    };
    assert_eq!(with_blanks(0.25).speaks, Speaks::For);
    let item = with_blanks(0.26);
    assert_eq!((item.speaks, item.counts), (Speaks::Neither, false));
}

#[test]
fn a_neutral_measure_never_speaks() {
    for share in [0.02, 0.9] {
        let figures = readings("2024-01", "2026-09", |i| share + wobble(i), 1_000.0);
        let item = item(
            &World::new()
                .with("sns-rate", figures)
                .others("sns-rate", 0.2),
            "sns-rate",
        );
        assert_eq!((item.speaks, item.counts), (Speaks::Neither, false));
    }
}

#[test]
fn searching_one_group_more_speaks_against_only_where_blanks_cannot_explain_it() {
    let with_bounds = |low| {
        item(
            &World::new().with("sns-disproportionality", ratios(3.1, 3.9, Some((low, 9.0)))),
            "sns-disproportionality",
        )
    };
    let clear = with_bounds(1.8);
    assert_eq!(clear.speaks, Speaks::Against);
    assert!(
        clear.why.contains("does not by itself show unfairness"),
        "{}",
        clear.why
    );
    assert_eq!(with_bounds(0.9).speaks, Speaks::Neither);
}

#[test]
fn a_figure_older_than_twelve_months_does_not_count_and_says_its_age() {
    let old = World::new()
        .with(
            LINKED,
            readings("2023-01", "2025-10", |i| 0.4 + wobble(i), 1_000.0),
        )
        .others(LINKED, 0.2);
    let assessment = old.assess("peel-2023-25");
    let area = assessment.area(&id("public-treatment")).unwrap();
    let item = area.evidence_of(&measure_id(LINKED)).unwrap();
    assert_eq!(
        (item.speaks, item.counts, item.current),
        (Speaks::Neither, false, false)
    );
    assert_eq!(item.age_months, 13);
    assert!(item.why.contains("October 2025"), "{}", item.why);
    let grounds = area
        .characteristics
        .iter()
        .find(|c| c.id == "pt-search-grounds")
        .unwrap();
    assert_eq!(grounds.status, CharacteristicStatus::CannotTell);
    assert!(grounds.missing.contains(&LINKED.to_owned()));
    let missing = area.missing.iter().find(|m| m.id == LINKED).unwrap();
    assert!(
        missing
            .needs
            .starts_with("Newer months: the newest held is October 2025")
    );
}

#[test]
fn an_assessment_of_a_past_day_does_not_know_what_came_after_it() {
    let world = linked(0.4);
    let assessment = world.assess_at("peel-2023-25", date(2025, 6, 15));
    let area = assessment.area(&id("public-treatment")).unwrap();
    let item = area.evidence_of(&measure_id(LINKED)).unwrap();
    assert_eq!(item.period, id("2025-05"));
    assert_eq!(item.comparison, None, "the comparison is of a later month");
    assert_eq!(item.speaks, Speaks::Neither);
    let before = world.assess_at("peel-2023-25", date(2023, 12, 31));
    assert!(
        before
            .area(&id("public-treatment"))
            .unwrap()
            .evidence
            .is_empty()
    );
}

#[test]
fn a_provisional_or_missing_month_is_not_evidence() {
    let mut figures = readings("2024-01", "2026-09", |i| 0.4 + wobble(i), 1_000.0);
    let last = figures.len() - 1;
    figures[last].status = Status::Provisional;
    figures[last - 1] = peelian_model::Reading::without_value(id("2026-08"), Status::NotSupplied);
    let item = item(
        &World::new().with(LINKED, figures).others(LINKED, 0.2),
        LINKED,
    );
    assert_eq!(item.period, id("2026-07"));
}

#[test]
fn every_figure_carries_period_source_date_version_and_interval() {
    let assessment = World::new().full().assess_at("peel-2023-25", TODAY);
    let items: Vec<_> = assessment.areas.iter().flat_map(|a| &a.evidence).collect();
    assert!(items.len() >= 12);
    for item in items {
        assert_eq!(item.period, id("2026-09"));
        assert_eq!(item.source_as_at.as_deref(), Some("2026-11-02"));
        assert_eq!(item.version, "0.1.0+abcd1234");
        assert!(item.lower.is_some() && item.upper.is_some() && !item.why.is_empty());
    }
}
