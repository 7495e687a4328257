//! What holds on every page.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use axum::http::StatusCode;
use peelian_model::Nature;

use crate::client::Client;
use crate::html::{tags, text};
use crate::world;

/// Larger than any page ought to be, in bytes before compression.
const MOST_BYTES: usize = 200_000;

/// Every page of a site and its text, and the files linked from them.
type Crawled = (Vec<(String, String)>, Vec<String>);

static REAL: LazyLock<Crawled> = LazyLock::new(|| crawl(Nature::Real));
static SYNTHETIC: LazyLock<Crawled> = LazyLock::new(|| crawl(Nature::Synthetic));

/// The sites are crawled once for all tests, on a thread of their own because
/// the tests are already inside a runtime.
fn crawl(nature: Nature) -> Crawled {
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(Client::of(world::site(nature)).crawl())
    };
    std::thread::spawn(work).join().unwrap()
}

fn crawled(nature: Nature) -> &'static [(String, String)] {
    match nature {
        Nature::Real => &REAL.0,
        Nature::Synthetic => &SYNTHETIC.0,
    }
}

fn files(nature: Nature) -> &'static [String] {
    match nature {
        Nature::Real => &REAL.1,
        Nature::Synthetic => &SYNTHETIC.1,
    }
}

#[tokio::test]
async fn every_link_on_every_page_leads_somewhere() {
    for nature in [Nature::Real, Nature::Synthetic] {
        let client = Client::of(world::site(nature));
        let (pages, linked) = (crawled(nature), files(nature));
        assert!(pages.len() > 300, "only {} pages were found", pages.len());
        assert!(linked.len() > 300, "only {} files were found", linked.len());
        for file in linked {
            assert_eq!(client.get(file).await.status, StatusCode::OK, "{file}");
        }
        let ids: BTreeMap<&str, BTreeSet<String>> = pages
            .iter()
            .map(|(path, body)| {
                (
                    path.as_str(),
                    tags(body).filter_map(|t| t.attribute("id")).collect(),
                )
            })
            .collect();
        for (path, body) in pages {
            for href in tags(body).filter_map(|t| t.attribute("href")) {
                if let Some((page, fragment)) = href.split_once('#') {
                    let page = if page.is_empty() { path } else { page };
                    assert!(
                        ids[page].contains(fragment),
                        "{path}: nothing has the id of {href}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn every_page_is_built_in_the_same_sound_way() {
    let mut titles = BTreeMap::new();
    for (path, body) in crawled(Nature::Real) {
        assert!(body.len() < MOST_BYTES, "{path} is {} bytes", body.len());
        assert!(
            body.contains("<html lang=\"en-GB\""),
            "{path} names no language"
        );
        let mut ids = BTreeSet::new();
        let mut last_heading = 0;
        let mut first_link = None;
        let (mut first_headings, mut mains) = (0, 0);
        for tag in tags(body) {
            assert_ne!(tag.name, "script", "{path} has script");
            assert!(
                tag.attribute("style").is_none(),
                "{path}: {} has a style of its own",
                tag.name
            );
            for attribute in ["onclick", "onload", "onchange"] {
                assert!(tag.attribute(attribute).is_none(), "{path} has {attribute}");
            }
            if let Some(id) = tag.attribute("id") {
                assert!(ids.insert(id.clone()), "{path} has the id {id} twice");
            }
            if tag.name == "a" && first_link.is_none() {
                first_link = tag.attribute("href");
            }
            mains += usize::from(tag.name == "main");
            if let Some(level) = tag
                .name
                .strip_prefix('h')
                .and_then(|n| n.parse::<usize>().ok())
            {
                assert!(
                    level <= last_heading + 1,
                    "{path}: h{level} after h{last_heading}"
                );
                last_heading = level;
                first_headings += usize::from(level == 1);
                assert!(!tag.text().is_empty(), "{path} has an empty heading");
            }
        }
        assert_eq!(
            first_headings, 1,
            "{path} has {first_headings} first headings"
        );
        assert_eq!(mains, 1, "{path}");
        assert_eq!(
            first_link.as_deref(),
            Some("#main"),
            "{path} begins without a skip link"
        );
        let title = tags(body).find(|t| t.name == "title").unwrap().text();
        assert!(title.ends_with("– Peelian"), "{path}: {title}");
        let page = path.split('?').next().unwrap().to_owned();
        if let Some(other) = titles.insert(title.clone(), page.clone()) {
            assert_eq!(other, page, "two pages have the title {title}");
        }
    }
}

#[tokio::test]
async fn every_form_of_synthetic_data_says_so_and_no_form_of_real_data_does() {
    let client = Client::of(world::site(Nature::Synthetic));
    let (pages, linked) = (crawled(Nature::Synthetic), files(Nature::Synthetic));
    for (path, body) in pages {
        assert!(text(body).contains("SYNTHETIC DATA"), "{path}");
        assert!(
            body.split("</title>")
                .next()
                .unwrap()
                .contains("SYNTHETIC DATA"),
            "{path}: title"
        );
        assert!(!body.contains("Essex"), "{path} names a real force");
    }
    for file in linked.iter().filter(|f| !f.starts_with("/assets/")) {
        let body = client.get(file).await.body;
        let says = if file.ends_with(".svg") {
            "SYNTHETIC DATA"
        } else {
            "synthetic"
        };
        assert!(body.contains(says), "{file}");
        if file.ends_with(".csv") {
            for line in body.lines().skip(1) {
                assert!(line.ends_with("synthetic"), "{file}: {line}");
            }
        }
    }
    let client = Client::of(world::site(Nature::Real));
    let (pages, linked) = (crawled(Nature::Real), files(Nature::Real));
    for (path, body) in pages {
        assert!(!body.to_lowercase().contains("synthetic"), "{path}");
    }
    for file in linked
        .iter()
        .filter(|f| !f.starts_with("/assets/"))
        .step_by(9)
    {
        let body = client.get(file).await.body;
        // A drawing's style names a class for it.
        let says = if file.ends_with(".svg") {
            "SYNTHETIC"
        } else {
            "synthetic"
        };
        assert!(!body.contains(says), "{file}");
    }
}

/// Words of grades stand only inside the strip of a published grade, except
/// where prose uses “good” or “adequate” as part of “characteristics of good”.
#[tokio::test]
async fn words_of_grades_appear_only_as_published_grades() {
    let mut strips = 0;
    for (path, body) in crawled(Nature::Real) {
        strips += body.matches("class=\"grade\"").count();
        for word in [
            "Outstanding",
            "Good",
            "Adequate",
            "Requires improvement",
            "Inadequate",
        ] {
            let marked = format!(">{word}<");
            let mut pieces = body.split(&marked);
            let mut before = pieces.next().unwrap();
            for piece in pieces {
                let near = &before[before.len().saturating_sub(600)..];
                assert!(
                    near.contains("grade-cells"),
                    "{path}: {word} outside a strip"
                );
                before = piece;
            }
        }
        for word in ["inadequate", "outstanding", "requires improvement"] {
            let prose = text(body);
            // The working behind a grade that was worked out quotes the report.
            let stripped = prose.replace("3 good, 4 adequate and 1 requires improvement", "");
            assert!(!stripped.contains(word), "{path} says “{word}”");
        }
    }
    assert!(strips > 10, "only {strips} published grades were shown");
    for (path, body) in crawled(Nature::Synthetic) {
        assert!(
            !body.contains("class=\"grade\""),
            "{path} shows a grade of an invented force"
        );
    }
}

#[tokio::test]
async fn an_assessment_says_what_it_is_not() {
    for (path, body) in crawled(Nature::Real) {
        if path.contains("/assessment/") {
            let words = text(body);
            assert!(words.contains("Not a grade by HMICFRS"), "{path}");
            assert!(
                words.contains("appraisal, pay, discipline or funding"),
                "{path}"
            );
            assert!(
                !words.to_lowercase().contains("indicative"),
                "{path} shows a range"
            );
        }
    }
}

#[tokio::test]
async fn no_page_uses_a_word_that_misleads() {
    const NEVER: [&str; 9] = [
        "verdict",
        "digital twin",
        "failing",
        "withdrawal risk",
        " RAG ",
        "significant",
        "KPI",
        "outturn",
        "league table",
    ];
    for (path, body) in crawled(Nature::Real) {
        let words = text(body);
        for word in NEVER {
            assert!(!words.contains(word), "{path} says “{word}”");
        }
    }
}

#[tokio::test]
async fn what_is_missing_is_said_in_words_and_never_as_nought() {
    let client = Client::of(world::site(Nature::Real));
    let nothing = text(
        &client
            .get("/forces/wiltshire/measures/street-charged-pct/")
            .await
            .body,
    );
    assert!(
        nothing.contains("No figure") && nothing.to_lowercase().contains("not held"),
        "{nothing}"
    );
    let gap = client.get("/forces/essex/measures/crime-rate/").await.body;
    assert!(text(&gap).contains("not supplied"), "the gap is not said");
    let trial = text(
        &client
            .get("/forces/suffolk/measures/crime-rate/")
            .await
            .body,
    );
    assert!(
        trial.contains("Too early to say"),
        "a trial range is read as firm"
    );
    let few = text(
        &client
            .get("/forces/warwickshire/measures/crime-rate/")
            .await
            .body,
    );
    assert!(
        few.contains("too few to say"),
        "the last month is not explained"
    );
}

#[tokio::test]
async fn a_force_page_says_who_holds_it_to_account_and_who_did() {
    let client = Client::of(world::site(Nature::Real));
    let page = text(&client.get("/forces/essex/").await.body);
    let words = "Held to account by the Police, Fire and Crime Commissioner for Essex since \
                 1 October 2017; before by the Police and Crime Commissioner for Essex, from \
                 22 November 2012.";
    assert!(page.contains(words), "{page}");
}

#[tokio::test]
async fn the_heart_holds_everything_a_figure_must_carry() {
    let client = Client::of(world::site(Nature::Real));
    let body = client.get("/forces/essex/measures/crime-rate/").await.body;
    let words = text(&body);
    for part in [
        "Recorded crime rate",
        "Essex Police",
        "June 2021",
        "95% interval",
        "Usual range",
        "per 1,000 people",
        "mid-2020",
        "Beside other forces",
        "District by district",
        "Basildon",
        "What this does not tell you",
        "Known issues",
        "Definition",
        "files of 2 August 2021",
        "1a2b3c4d5e6f",
        "Quote it as",
    ] {
        assert!(words.contains(part), "no “{part}”");
    }
    for form in ["csv", "json", "svg"] {
        assert!(
            body.contains(&format!("/forces/essex/measures/crime-rate.{form}")),
            "no {form}"
        );
    }
    assert!(body.contains("role=\"img\""), "no drawing");
    let blanks = text(
        &client
            .get("/forces/essex/measures/sns-linked-outcome-pct/")
            .await
            .body,
    );
    assert!(
        blanks.contains("12% of the records leave the field blank"),
        "{blanks}"
    );
    let standard = text(
        &client
            .get("/forces/essex/measures/call-101-abandon-pct/")
            .await
            .body,
    );
    assert!(
        standard.contains("The standard of 10% (An authority of this test)"),
        "{standard}"
    );
}

#[tokio::test]
async fn forces_stand_in_order_of_name() {
    let client = Client::of(world::site(Nature::Real));
    let body = client.get("/measures/crime-rate/").await.body;
    let each = body.split("id=\"each\"").nth(1).unwrap();
    let names: Vec<String> = tags(each.split("</table>").next().unwrap())
        .filter(|t| {
            t.attribute("href")
                .is_some_and(|h| h.starts_with("/forces/"))
        })
        .map(|t| t.text())
        .collect();
    assert_eq!(names.len(), 12);
    assert!(names.is_sorted(), "{names:?}");
}
