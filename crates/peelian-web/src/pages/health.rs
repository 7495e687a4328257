//! `/healthz`: for whatever watches over the server.

use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::site::Current;

/// The generation that is shown.
pub(crate) async fn check(site: Current) -> Response {
    let generation = site.catalogue.generation().number;
    (
        [(header::CACHE_CONTROL, "no-store")],
        format!("ok, generation {generation}\n"),
    )
        .into_response()
}
