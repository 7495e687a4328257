//! What the charts say, kept as text that was read by a person.

use peelian_chart::Drawing;

use crate::fixtures;
use crate::markup::tags;

fn told(drawing: &Drawing) -> String {
    let page = drawing.figure("f", None).into_string();
    let (_, notes) = page.split_once("<ul class=\"chart-notes\">").unwrap();
    let (notes, _) = notes.split_once("</ul>").unwrap();
    let notes: Vec<String> = notes.split("</li>").map(plain).collect();
    format!(
        "{}\n\n{}",
        drawing.description(),
        notes.join("\n").trim_end()
    )
}

/// The text of a piece of markup.
fn plain(piece: &str) -> String {
    let text: String = piece
        .split('<')
        .filter_map(|p| p.split_once('>'))
        .map(|(_, t)| t)
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn each_chart_tells_its_data() {
    insta::assert_snapshot!("told_shifted", told(&fixtures::shifted().draw()));
    insta::assert_snapshot!("told_gaps", told(&fixtures::full_of_gaps().draw()));
    insta::assert_snapshot!("told_counts", told(&fixtures::long_counts().draw()));
    insta::assert_snapshot!("told_funnel", told(&fixtures::funnel(43).draw()));
    insta::assert_snapshot!("told_intervals", told(&fixtures::intervals(14).draw()));
}

#[test]
fn each_table_holds_its_data() {
    let lines = |drawing: &Drawing, from: usize, to: usize| {
        let table = drawing.table();
        let head: Vec<&str> = table.columns.iter().map(|c| c.header.as_str()).collect();
        let rows = table.rows[from..to].iter().map(|r| r.join(" | "));
        format!(
            "{}\n{}\n{}",
            table.caption,
            head.join(" | "),
            rows.collect::<Vec<_>>().join("\n")
        )
    };
    insta::assert_snapshot!("table_shifted", lines(&fixtures::shifted().draw(), 28, 36));
    insta::assert_snapshot!(
        "table_gaps",
        lines(&fixtures::full_of_gaps().draw(), 64, 75)
    );
    insta::assert_snapshot!("table_funnel", lines(&fixtures::funnel(43).draw(), 8, 20));
    insta::assert_snapshot!(
        "table_intervals",
        lines(&fixtures::intervals(14).draw(), 0, 14)
    );
}

#[test]
fn a_small_chart_is_drawn_line_by_line() {
    let drawing = fixtures::plain(&[
        Some(12.0),
        Some(15.0),
        None,
        Some(9.0),
        Some(14.0),
        Some(11.0),
    ])
    .draw();
    let svg = drawing.svg();
    let (_, shapes) = svg.split_once("</style>").unwrap();
    assert!(tags(&svg).len() > 20);
    insta::assert_snapshot!("drawn_small", shapes.replace("><", ">\n<"));
}
