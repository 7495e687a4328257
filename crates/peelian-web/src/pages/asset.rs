//! `/assets/{name}`: the style sheet, the typeface, our marks.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::assets::asset;

/// A file under its hashed name, which may be kept for ever.
pub(crate) async fn file(Path(name): Path<String>) -> Response {
    match asset(&name) {
        Some(asset) => (
            [
                (header::CONTENT_TYPE, asset.media_type),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            asset.bytes.as_slice(),
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
