//! What is answered where there is nothing, with the way to what was meant.

use std::any::Any;

use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use maud::html;

use crate::Snapshot;
use crate::components::{Page, layout};
use crate::respond;
use crate::site::Current;

/// An address without its last slash is sent to the one with it; for any
/// other there is nothing.
pub(crate) async fn fallback(site: Current, method: Method, uri: Uri) -> Response {
    let path = uri.path();
    let last = path.rsplit('/').next().unwrap_or_default();
    let plain = path
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'/' || b == b'-');
    if method.is_safe() && plain && !path.contains("//") && !last.is_empty() {
        let query = uri.query().map_or_else(String::new, |q| format!("?{q}"));
        if let Ok(place) = HeaderValue::from_str(&format!("{path}/{query}")) {
            return (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, place)]).into_response();
        }
    }
    page(
        &site,
        path.trim_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or_default(),
    )
}

/// The page that says so, with forces and measures of nearly the same name.
pub(crate) fn page(snapshot: &Snapshot, wanted: &str) -> Response {
    let near = near(snapshot, wanted);
    let view = Page {
        title: "Page not found".to_owned(),
        about: "There is no page at this address.".to_owned(),
        path: "/not-found".to_owned(),
        crumbs: Vec::new(),
        tables: None,
        body: html! {
            div class="page-head" { h1 { "Page not found" } }
            p class="lead" { "There is no page at this address. If you typed it, check the spelling; if you pasted it, check that all of it was copied." }
            @if !near.is_empty() {
                p { "Did you mean one of these?" }
                ul {
                    @for (address, name) in &near { li { a href=(address) { (name) } } }
                }
            }
            p { "Or start from " a href="/forces/" { "the list of forces" } " or " a href="/measures/" { "the list of measures" } "." }
        },
    };
    let mut response = respond::page(layout(snapshot, &view));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Forces and measures whose id holds what was asked for, or is at most two
/// letters away from it.
fn near(snapshot: &Snapshot, wanted: &str) -> Vec<(String, String)> {
    let wanted = wanted.to_lowercase();
    let close = |id: &str| {
        wanted.len() >= 3
            && wanted.len() <= 64
            && (id.contains(&wanted) || distance(id, &wanted) <= 2)
    };
    let forces = snapshot
        .forces()
        .iter()
        .filter(|f| close(f.id.as_str()) || close(&f.short_name().to_lowercase()))
        .map(|f| (format!("/forces/{}/", f.id), f.name.clone()));
    let measures = snapshot
        .measures()
        .filter(|m| close(m.id.as_str()))
        .map(|m| (format!("/measures/{}/", m.id), m.title.clone()));
    forces.chain(measures).take(6).collect()
}

/// How many letters must be put in, taken out or changed to make one text of
/// the other (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// A fault of ours, caught.
pub(crate) fn fault(_: Box<dyn Any + Send + 'static>) -> Response {
    let body = html! {
        (maud::DOCTYPE)
        html lang="en-GB" {
            head { meta charset="utf-8"; title { "Something went wrong – Peelian" } }
            body {
                h1 { "Something went wrong" }
                p { "The fault is ours, and it has been noted. Try again, or go to the " a href="/" { "home page" } "." }
            }
        }
    };
    let mut response = (StatusCode::INTERNAL_SERVER_ERROR, body).into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn distance_counts_letters_put_in_taken_out_or_changed() {
        assert_eq!(distance("essex", "essex"), 0);
        assert_eq!(distance("essex", "esex"), 1);
        assert_eq!(distance("essex", "sussex"), 2);
        assert_eq!(distance("", "kent"), 4);
    }
}
