//! Properties that every figure has, whatever it shows.

use std::collections::BTreeSet;

use peelian_chart::{Drawing, divided_bar, sparkline};
use peelian_model::{Month, Variation};

use crate::fixtures;
use crate::markup::{Label, sheets, tags};

fn all() -> Vec<(&'static str, Drawing)> {
    vec![
        ("shifted", fixtures::shifted().draw()),
        ("gaps", fixtures::full_of_gaps().draw()),
        ("counts", fixtures::long_counts().draw()),
        ("empty", fixtures::plain(&[]).draw()),
        ("all missing", fixtures::plain(&[None; 5]).draw()),
        ("one point", fixtures::plain(&[Some(3.0)]).draw()),
        (
            "constant",
            fixtures::plain(&[Some(3.0), Some(3.0), None, None]).draw(),
        ),
        (
            "negative",
            fixtures::plain(&[Some(-30.0), Some(12.0), Some(-4.0)]).draw(),
        ),
        (
            "huge",
            fixtures::plain(&[Some(9.1e11), Some(1.0), Some(1e300)]).draw(),
        ),
        (
            "no number",
            fixtures::plain(&[Some(f64::NAN), Some(f64::INFINITY)]).draw(),
        ),
        ("funnel", fixtures::funnel(43).draw()),
        ("small funnel", fixtures::funnel(12).draw()),
        ("empty funnel", fixtures::funnel(0).draw()),
        ("intervals", fixtures::intervals(43).draw()),
        ("no intervals", fixtures::intervals(0).draw()),
    ]
}

#[test]
fn identifiers_are_unique_and_every_reference_leads_somewhere() {
    for (name, drawing) in all() {
        let figures = [
            drawing.figure("one", Some("one.csv")),
            drawing.figure("two", None),
        ];
        let page: String = figures.into_iter().map(maud::Markup::into_string).collect();
        let tags = tags(&page);
        let ids: Vec<&str> = tags.iter().filter_map(|t| t.get("id")).collect();
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "{name}: {ids:?}");
        let mut references = 0;
        for tag in &tags {
            for attribute in ["aria-labelledby", "aria-describedby"] {
                for id in tag.get(attribute).unwrap_or_default().split_whitespace() {
                    assert!(unique.contains(id), "{name}: {attribute} names {id}");
                    references += 1;
                }
            }
        }
        assert_eq!(references, 10, "{name}");
    }
}

#[test]
fn nothing_that_a_strict_page_would_refuse_is_written() {
    for (name, drawing) in all() {
        let page = drawing.figure("f", None).into_string();
        for tag in tags(&page) {
            assert!(!["script", "style"].contains(&tag.name.as_str()), "{name}");
            for (attribute, _) in &tag.attributes {
                assert!(
                    attribute != "style" && !attribute.starts_with("on"),
                    "{name}: {attribute}"
                );
            }
        }
    }
    for markup in [
        divided_bar([5, 3, 1, 2]),
        sparkline(&[Some(1.0)], &[], None),
    ] {
        assert!(!markup.into_string().contains("style="));
    }
}

#[test]
fn both_drawings_share_one_title_and_one_description() {
    for (name, drawing) in all() {
        let page = drawing.figure("f", None).into_string();
        let tags = tags(&page);
        let pictures: Vec<_> = tags.iter().filter(|t| t.name == "svg").collect();
        assert_eq!(pictures.len(), 2, "{name}");
        for picture in pictures {
            assert_eq!(picture.get("role"), Some("img"));
            assert_eq!(picture.get("aria-describedby"), Some("f-description"));
        }
        let described = tags
            .iter()
            .find(|t| t.get("id") == Some("f-description"))
            .unwrap();
        assert_eq!(described.text, drawing.description());
        assert!(drawing.description().len() > 20, "{name}");
    }
}

#[test]
fn labels_stay_inside_the_drawing() {
    for (name, drawing) in all() {
        for sheet in sheets(&drawing.figure("f", None).into_string()) {
            for label in &sheet.labels {
                assert!(
                    label.left >= -1.0
                        && label.right <= sheet.width + 1.0
                        && label.top >= -1.0
                        && label.bottom <= sheet.height + 1.0,
                    "{name}: {label:?} outside {} × {}",
                    sheet.width,
                    sheet.height
                );
            }
        }
    }
}

fn overlap(a: &Label, b: &Label) -> bool {
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

#[test]
fn labels_never_overlap() {
    for (name, drawing) in all() {
        for sheet in sheets(&drawing.figure("f", None).into_string()) {
            for (i, a) in sheet.labels.iter().enumerate() {
                for b in &sheet.labels[i + 1..] {
                    assert!(
                        !overlap(a, b),
                        "{name}, {} wide: {a:?} and {b:?}",
                        sheet.width
                    );
                }
            }
        }
    }
}

#[test]
fn every_month_is_in_the_table_and_no_missing_one_is_nought() {
    let chart = fixtures::full_of_gaps();
    let table = chart.draw().table().clone();
    let first = chart.points[0].reading.period;
    let last = chart.points[chart.points.len() - 1].reading.period;
    let months: Vec<String> = Month::range(first, last).map(Month::long).collect();
    let rows: Vec<String> = table.rows.iter().map(|r| r[0].clone()).collect();
    assert_eq!(rows, months);
    for (row, point) in table.rows.iter().zip(&chart.points) {
        assert_eq!(row.len(), table.columns.len());
        if point.reading.value.is_none() {
            assert_eq!(row[1], point.reading.status.words());
            assert!(!row[1..].iter().any(|c| c.starts_with('0')), "{row:?}");
        }
    }
}

#[test]
fn months_left_out_of_the_input_are_gaps_not_joins() {
    let mut chart = fixtures::plain(&[Some(5.0), Some(6.0), Some(7.0), Some(8.0), Some(9.0)]);
    chart.points.remove(2);
    let drawing = chart.draw();
    assert_eq!(drawing.table().rows[2][..2], ["March 2024", "not held"]);
    let page = drawing.figure("f", None).into_string();
    let lines: Vec<usize> = tags(&page)
        .iter()
        .filter(|t| t.name == "polyline" && t.get("class") == Some("chart-line"))
        .map(|t| t.get("points").unwrap().split(' ').count())
        .collect();
    assert_eq!(
        lines,
        [2, 2, 2, 2],
        "two lines of two points on each of two drawings"
    );
    assert!(page.contains("chart-hatch"));
}

#[test]
fn figures_that_may_change_are_hollow_and_said_to_be() {
    let drawing = fixtures::shifted().draw();
    let page = drawing.figure("f", None).into_string();
    let hollow = tags(&page)
        .iter()
        .filter(|t| t.get("class").is_some_and(|c| c.contains("chart-hollow")))
        .count();
    assert_eq!(hollow, 4, "two months on each of two drawings");
    assert!(page.contains("Hollow points: partial or provisional figures"));
    assert!(drawing.description().contains("(March 2026, provisional)"));
}

#[test]
fn text_from_outside_is_escaped_everywhere() {
    let evil = "<script>alert(\"x\") & more</script>";
    let mut chart = fixtures::shifted();
    chart.frame.title = evil.to_owned();
    chart.frame.subtitle = evil.to_owned();
    chart.frame.source = evil.to_owned();
    chart.flags[0].reason = evil.to_owned();
    chart.target.as_mut().unwrap().label = evil.to_owned();
    let mut funnel = fixtures::funnel(43);
    funnel.points[12].name = evil.to_owned();
    funnel.highlight = Some(evil.to_owned());
    funnel.x_label = evil.to_owned();
    for drawing in [chart.draw(), funnel.draw()] {
        for markup in [drawing.figure("f", Some(evil)).into_string(), drawing.svg()] {
            assert!(!markup.contains("<script"));
            assert!(markup.contains("&lt;script&gt;"));
            tags(&markup);
        }
    }
}

#[test]
fn invented_data_are_named_in_every_form() {
    let drawing = fixtures::long_counts().draw();
    assert!(
        drawing
            .figure("f", None)
            .into_string()
            .contains("SYNTHETIC DATA")
    );
    let svg = drawing.svg();
    assert!(
        tags(&svg)
            .iter()
            .any(|t| t.name == "text" && t.text == "SYNTHETIC DATA")
    );
    assert!(drawing.description().starts_with("Synthetic data."));
    assert!(!fixtures::shifted().draw().svg().contains("SYNTHETIC"));
}

#[test]
fn a_saved_drawing_stands_on_its_own() {
    for (name, drawing) in all() {
        let svg = drawing.svg();
        assert!(
            svg.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns="),
            "{name}"
        );
        assert!(!svg.contains("var(--"), "{name}");
        let tags = tags(&svg);
        let text = |tag: &str| tags.iter().find(|t| t.name == tag).unwrap().text.clone();
        assert_eq!(text("title"), drawing.title());
        assert_eq!(text("desc"), drawing.description());
        let source = tags
            .iter()
            .any(|t| t.name == "text" && t.text.starts_with("Source: data.police.uk"));
        assert!(source, "{name}");
        for label in &sheets(&svg)[0].labels {
            assert!(label.left >= -1.0, "{name}: {label:?}");
        }
    }
}

#[test]
fn an_empty_chart_says_why() {
    let said = |chart: peelian_chart::SpcChart| chart.draw().description().to_owned();
    assert_eq!(
        said(fixtures::plain(&[])),
        "There is nothing to draw: no month is held."
    );
    assert_eq!(
        said(fixtures::plain(&[None; 5])),
        "There is nothing to draw: in all 5 months the figure is not held."
    );
    assert_eq!(
        said(fixtures::plain(&[Some(f64::NAN)])),
        "There is nothing to draw: the only month is without a usable figure."
    );
}

#[test]
fn the_order_given_is_the_order_shown() {
    let chart = fixtures::intervals(43);
    let names: Vec<&str> = chart.rows.iter().map(|r| r.name.as_str()).collect();
    let drawing = chart.draw();
    let rows: Vec<&str> = drawing.table().rows.iter().map(|r| r[0].as_str()).collect();
    assert_eq!(rows, names);
    let drawn = sheets(&drawing.figure("f", None).into_string());
    let mut seen: Vec<&Label> = drawn[0]
        .labels
        .iter()
        .filter(|l| names.contains(&l.words.as_str()))
        .collect();
    seen.sort_by(|a, b| a.top.total_cmp(&b.top));
    assert_eq!(
        seen.iter().map(|l| l.words.as_str()).collect::<Vec<_>>(),
        names
    );
}

#[test]
fn a_crowded_funnel_names_only_the_chosen_and_those_outside() {
    let chart = fixtures::funnel(43);
    let page = chart.draw().figure("f", None).into_string();
    for sheet in sheets(&page) {
        let named = |name: &str| sheet.labels.iter().any(|l| l.words.starts_with(name));
        assert!(named("Essex"));
        for point in chart
            .points
            .iter()
            .filter(|p| p.outside.is_none() && p.name != "Essex")
        {
            assert!(!named(&point.name), "{}", point.name);
        }
    }
    for point in chart.points.iter().filter(|p| p.outside.is_some()) {
        assert!(
            page.contains(&format!("{} (", point.name)),
            "{} is in the notes",
            point.name
        );
    }
}

#[test]
fn a_place_far_above_all_limits_does_not_press_the_others_flat() {
    let mut chart = fixtures::funnel(43);
    let drawn = |chart: &peelian_chart::FunnelChart| chart.draw().figure("f", None).into_string();
    let place = chart
        .points
        .iter()
        .position(|p| p.name == "City of London")
        .unwrap();
    chart.points[place].value = 95.0;
    chart.points[place].outside = Some(true);
    let page = drawn(&chart);
    assert!(page.contains("City of London 95%, off the scale"));
    assert!(page.contains("off the scale so that the others can be told apart: City of London."));
    assert!(page.contains("Above the 99.8% limit: City of London (95%)"));
    // On its own page it is where it belongs.
    chart.highlight = Some("City of London".to_owned());
    assert!(!drawn(&chart).contains("off the scale"));
}

#[test]
fn a_sparkline_without_limits_is_never_a_line() {
    let values = [Some(1.0), Some(2.0), None, Some(3.0), Some(2.5)];
    let bare = sparkline(&values, &[], Some(Variation::Concern)).into_string();
    assert!(!bare.contains("polyline"));
    assert!(bare.contains("chart-concern") && bare.contains("aria-hidden=\"true\""));
    let limited = sparkline(&values, &[(0, 9, 0.5, 2.0, 3.5)], None).into_string();
    assert_eq!(
        tags(&limited)
            .iter()
            .filter(|t| t.name == "polyline")
            .count(),
        2
    );
    assert!(limited.contains("chart-band"));
}

#[test]
fn a_divided_bar_says_its_four_counts_in_words() {
    let markup = divided_bar([5, 0, 1, 2]).into_string();
    let words: Vec<String> = tags(&markup)
        .into_iter()
        .filter(|t| t.name == "span")
        .map(|t| t.text)
        .collect();
    assert_eq!(
        words,
        ["5 shown", "0 partly shown", "1 not shown", "2 cannot tell"]
    );
    let classes = [
        "chart-solid",
        "chart-stripes",
        "chart-outline",
        "chart-dots",
    ];
    assert!(classes.iter().all(|c| markup.contains(c)));
    let none = divided_bar([0; 4]).into_string();
    assert!(none.contains("No characteristic has been looked at."));
    tags(&divided_bar([usize::MAX; 4]).into_string());
}
