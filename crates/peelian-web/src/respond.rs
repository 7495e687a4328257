//! Responses: a page, a table as a file, a drawing.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::Markup;

use crate::Snapshot;
use crate::pages::not_found;
use crate::table::Table;

/// A page.
pub(crate) fn page(markup: Markup) -> Response {
    markup.into_response()
}

/// An address's last part: a name, and what form of it is asked for.
pub(crate) fn split(file: &str) -> (&str, Option<&str>) {
    match file.rsplit_once('.') {
        Some((stem, extension)) => (stem, Some(extension)),
        None => (file, None),
    }
}

/// A table in the form that the extension names; without one, the way to the
/// page. `table` is asked with the name before the extension.
pub(crate) fn file(
    snapshot: &Snapshot,
    file: &str,
    table: impl FnOnce(&str) -> Option<Table>,
) -> Response {
    let (stem, extension) = split(file);
    let Some(table) = table(stem) else {
        return not_found::page(snapshot, stem);
    };
    match extension {
        Some("csv") => csv(&table, file),
        Some("json") => json(&table, snapshot),
        Some(_) => not_found::page(snapshot, stem),
        None => slash(stem),
    }
}

/// The address with a slash at its end.
fn slash(name: &str) -> Response {
    // The name was found, so it is an id: letters, digits and hyphens.
    match HeaderValue::from_str(&format!("{name}/")) {
        Ok(place) => (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, place)]).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A table as comma-separated values, to be saved under a name.
pub(crate) fn csv(table: &Table, name: &str) -> Response {
    let mut response = data(table.csv(), "text/csv; charset=utf-8; header=present");
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response
            .headers_mut()
            .insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// A table as JSON.
pub(crate) fn json(table: &Table, snapshot: &Snapshot) -> Response {
    data(table.json(snapshot), "application/json")
}

/// A drawing that holds its own style, and nothing else that could run.
pub(crate) fn svg(drawing: String) -> Response {
    let mut response = data(drawing.into_bytes(), "image/svg+xml");
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        ),
    );
    response
}

/// Open data: any page may fetch it.
fn data(bytes: Vec<u8>, media_type: &'static str) -> Response {
    let mut response = Body::from(bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    response
}
