//! Every address of the site. Handlers live in the file of their page.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::trace::TraceLayer;

use crate::Site;
use crate::headers::{identify, secure};
use crate::pages::{
    about, accessibility, across, assessment, asset, data, definition, force, forces, health, home,
    measure, measures, methods, not_found,
};

/// The whole public site. A table is at the same address as its page, with
/// `.csv` or `.json` in place of the last slash.
pub fn router(site: Site) -> Router {
    Router::new()
        .route("/", get(home::page))
        .route("/forces/", get(forces::page))
        .route("/forces.csv", get(forces::csv))
        .route("/forces.json", get(forces::json))
        .route("/forces/{force}/", get(force::page))
        .route("/forces/{file}", get(force::table))
        .route("/forces/{force}/measures/", get(force::up))
        .route("/forces/{force}/assessment/", get(force::up))
        .route("/forces/{force}/measures/{measure}/", get(measure::page))
        .route("/forces/{force}/measures/{file}", get(measure::table))
        .route("/forces/{force}/assessment/{area}/", get(assessment::page))
        .route("/forces/{force}/assessment/{file}", get(assessment::table))
        .route("/measures/", get(measures::page))
        .route("/measures.csv", get(measures::csv))
        .route("/measures.json", get(measures::json))
        .route("/measures/{measure}/", get(across::page))
        .route("/measures/{file}", get(across::table))
        .route("/measures/{measure}/definition/", get(definition::page))
        .route("/data/", get(data::page))
        .route("/data.csv", get(data::csv))
        .route("/data.json", get(data::json))
        .route("/methods/", get(methods::page))
        .route("/about/", get(about::page))
        .route("/accessibility/", get(accessibility::page))
        .route("/assets/{name}", get(asset::file))
        .route("/healthz", get(health::check))
        .fallback(not_found::fallback)
        .layer(from_fn_with_state(site.clone(), identify))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(not_found::fault))
        .layer(from_fn(secure))
        .layer(TraceLayer::new_for_http())
        .with_state(site)
}
