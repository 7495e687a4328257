//! The state that requests share: one generation, which may be swapped.

use std::convert::Infallible;
use std::ops::Deref;
use std::sync::{Arc, PoisonError, RwLock};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::Snapshot;

/// The site: a snapshot that can be replaced while requests are answered.
/// Clones share it.
#[derive(Debug, Clone)]
pub struct Site(Arc<RwLock<Arc<Snapshot>>>);

impl Site {
    /// A site that shows a snapshot.
    pub fn new(snapshot: Snapshot) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(snapshot))))
    }

    /// Shows another snapshot from the next request on. Requests under way
    /// finish with the one that they began with.
    pub fn swap(&self, snapshot: Snapshot) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
    }

    /// The snapshot shown now.
    pub(crate) fn current(&self) -> Arc<Snapshot> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The snapshot of one request, taken once, so that a page is of one
/// generation throughout.
pub(crate) struct Current(Arc<Snapshot>);

impl Deref for Current {
    type Target = Snapshot;

    fn deref(&self) -> &Snapshot {
        &self.0
    }
}

impl FromRequestParts<Site> for Current {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, site: &Site) -> Result<Self, Infallible> {
        Ok(Self(site.current()))
    }
}
