//! Listening.

use std::future::Future;
use std::io;

use tokio::net::TcpListener;

use crate::{Site, router};

/// Answers requests until `shutdown` completes, then finishes those under way.
pub async fn serve(
    listener: TcpListener,
    site: Site,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, router(site))
        .with_graceful_shutdown(shutdown)
        .await
}
