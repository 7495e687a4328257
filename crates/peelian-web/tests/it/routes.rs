//! Addresses, and what HTTP says of what is at them.

use axum::http::{Method, StatusCode, header};
use peelian_model::Nature;

use crate::client::Client;
use crate::world;

/// One of each route.
const ADDRESSES: [&str; 31] = [
    "/",
    "/forces/",
    "/forces.csv",
    "/forces.json",
    "/forces/essex/",
    "/forces/essex.csv",
    "/forces/essex.json",
    "/forces/essex/measures/crime-rate/",
    "/forces/essex/measures/crime-rate/?months=all",
    "/forces/essex/measures/crime-rate.csv",
    "/forces/essex/measures/crime-rate.json",
    "/forces/essex/measures/crime-rate.svg",
    "/forces/essex/assessment/responding-to-public/",
    "/forces/essex/assessment/responding-to-public/?framework=peel-2021-22",
    "/forces/essex/assessment/responding-to-public.csv",
    "/forces/essex/assessment/responding-to-public.json",
    "/measures/",
    "/measures.csv",
    "/measures.json",
    "/measures/crime-rate/",
    "/measures/crime-rate.csv",
    "/measures/crime-rate.json",
    "/measures/crime-rate/definition/",
    "/data/",
    "/data.csv",
    "/data.json",
    "/methods/",
    "/about/",
    "/accessibility/",
    "/healthz",
    "/forces/wiltshire/measures/crime-rate/",
];

#[tokio::test]
async fn every_address_answers_to_get_and_to_head() {
    let client = Client::of(world::site(Nature::Real));
    for address in ADDRESSES {
        let got = client.get(address).await;
        assert_eq!(got.status, StatusCode::OK, "{address}");
        let head = client.ask(Method::HEAD, address, &[]).await;
        assert_eq!(head.status, StatusCode::OK, "HEAD {address}");
        assert!(head.body.is_empty(), "HEAD {address} has a body");
        assert_eq!(
            head.header(header::ETAG),
            got.header(header::ETAG),
            "{address}"
        );
    }
}

#[tokio::test]
async fn pages_allow_nothing_that_could_run_or_come_from_elsewhere() {
    let client = Client::of(world::site(Nature::Real));
    for address in ADDRESSES
        .into_iter()
        .chain(["/nowhere/", "/assets/none.css"])
    {
        let answer = client.get(address).await;
        let policy = answer.header(header::CONTENT_SECURITY_POLICY);
        assert!(
            policy.starts_with("default-src 'none'"),
            "{address}: {policy}"
        );
        assert!(!policy.contains("script-src"), "{address}: {policy}");
        if !address.ends_with(".svg") {
            assert!(!policy.contains("unsafe"), "{address}: {policy}");
        }
        assert_eq!(
            answer.header(header::X_CONTENT_TYPE_OPTIONS),
            "nosniff",
            "{address}"
        );
        assert_eq!(
            answer.header(header::REFERRER_POLICY),
            "same-origin",
            "{address}"
        );
    }
}

#[tokio::test]
async fn who_has_a_page_already_is_told_that_it_is_the_same() {
    let client = Client::of(world::site(Nature::Real));
    let first = client.get("/forces/essex/").await;
    let tag = first.header(header::ETAG);
    assert!(tag.contains("public-"), "{tag}");
    assert_eq!(
        first.header(header::LAST_MODIFIED),
        "Tue, 03 Aug 2021 09:30:00 GMT"
    );
    let again = client
        .ask(
            Method::GET,
            "/forces/essex/",
            &[(header::IF_NONE_MATCH, tag)],
        )
        .await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert!(again.body.is_empty());
    let other = client
        .ask(
            Method::GET,
            "/forces/kent/",
            &[(header::IF_NONE_MATCH, tag)],
        )
        .await;
    assert_eq!(other.status, StatusCode::OK);
}

#[tokio::test]
async fn pages_are_compressed_for_who_can_read_it() {
    let client = Client::of(world::site(Nature::Real));
    let answer = client
        .ask(Method::GET, "/data/", &[(header::ACCEPT_ENCODING, "gzip")])
        .await;
    assert_eq!(answer.header(header::CONTENT_ENCODING), "gzip");
    assert_eq!(
        client.get("/data/").await.header(header::CONTENT_ENCODING),
        ""
    );
}

#[tokio::test]
async fn an_address_without_its_last_slash_leads_to_the_page() {
    let client = Client::of(world::site(Nature::Real));
    for (address, place) in [
        ("/forces", "/forces/"),
        ("/methods", "/methods/"),
        ("/forces/essex", "essex/"),
        ("/forces/essex/measures/crime-rate", "crime-rate/"),
        (
            "/measures/crime-rate/definition",
            "/measures/crime-rate/definition/",
        ),
    ] {
        let answer = client.get(address).await;
        assert_eq!(answer.status, StatusCode::PERMANENT_REDIRECT, "{address}");
        assert_eq!(answer.header(header::LOCATION), place, "{address}");
    }
}

#[tokio::test]
async fn an_address_cut_short_leads_to_the_force() {
    let client = Client::of(world::site(Nature::Real));
    for address in ["/forces/essex/measures/", "/forces/essex/assessment/"] {
        let answer = client.get(address).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{address}");
        assert_eq!(answer.header(header::LOCATION), "../", "{address}");
    }
}

#[tokio::test]
async fn no_address_leads_to_another_site() {
    let client = Client::of(world::site(Nature::Real));
    for address in [
        "//example.org",
        "/%2fexample.org",
        "/\\example.org",
        "/forces//example.org",
    ] {
        let answer = client.get(address).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{address}");
    }
}

#[tokio::test]
async fn the_form_of_the_first_page_leads_to_the_force() {
    let client = Client::of(world::site(Nature::Real));
    let answer = client.get("/forces/?force=kent").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header(header::LOCATION), "/forces/kent/");
    assert_eq!(
        client.get("/forces/?force=nobody").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn what_does_not_exist_is_not_found_and_what_was_meant_is_offered() {
    let client = Client::of(world::site(Nature::Real));
    for address in [
        "/forces/nobody/",
        "/forces/essex/measures/nothing/",
        "/forces/essex/measures/nothing.csv",
        "/forces/essex/measures/crime-rate.exe",
        "/forces/essex/assessment/nothing/",
        "/forces/essex/assessment/responding-to-public/?framework=none",
        "/measures/nothing/",
        "/measures/nothing/definition/",
        "/assets/nothing.css",
        "/forces/%00/",
        "/forces/ESSEX%3Cscript%3E/",
    ] {
        let answer = client.get(address).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{address}");
    }
    let answer = client.get("/forces/esex/").await;
    assert!(
        answer.body.contains("href=\"/forces/essex/\""),
        "no suggestion"
    );
    let answer = client.get("/measures/crime-rates/").await;
    assert!(
        answer.body.contains("href=\"/measures/crime-rate/\""),
        "no suggestion"
    );
}

#[tokio::test]
async fn assets_may_be_kept_for_ever_and_hold_the_style_of_the_charts() {
    let client = Client::of(world::site(Nature::Real));
    let page = client.get("/").await.body;
    let style = crate::html::tags(&page)
        .find(|t| t.attribute("rel").as_deref() == Some("stylesheet"))
        .and_then(|t| t.attribute("href"))
        .unwrap();
    let css = client.get(&style).await;
    assert_eq!(css.status, StatusCode::OK);
    assert!(css.header(header::CACHE_CONTROL).contains("immutable"));
    assert!(css.body.contains(".chart-svg"), "no style of the charts");
    assert!(
        !css.body.contains("GDS Transport"),
        "a typeface that is not ours to use"
    );
    assert!(!css.body.contains("url(http"), "something from elsewhere");
    let font = css
        .body
        .split("url(")
        .nth(1)
        .unwrap()
        .split(')')
        .next()
        .unwrap();
    let font = client
        .get(&format!("/assets/{}", font.trim_matches(['"', '\''])))
        .await;
    assert_eq!(font.status, StatusCode::OK);
    assert_eq!(font.header(header::CONTENT_TYPE), "font/woff2");
}

#[tokio::test]
async fn a_swap_shows_the_next_generation_from_the_next_request_on() {
    let site = world::empty();
    let client = Client::of(site.clone());
    assert!(client.get("/").await.body.contains("No records are held"));
    site.swap(world::snapshot(Nature::Real));
    assert!(client.get("/").await.body.contains("Figures to"));
}

#[tokio::test]
async fn a_site_without_records_says_what_to_do() {
    let client = Client::of(world::empty());
    for address in [
        "/",
        "/forces/",
        "/measures/",
        "/data/",
        "/about/",
        "/forces.csv",
        "/data.json",
    ] {
        assert_eq!(
            client.get(address).await.status,
            StatusCode::OK,
            "{address}"
        );
    }
    assert!(client.get("/data/").await.body.contains("peelian ingest"));
}
