//! Asks the router as a browser would, without a network.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use peelian_web::{Site, router};
use tower::ServiceExt;

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
}

/// A reader of one site.
pub(crate) struct Client(Router);

impl Client {
    pub(crate) fn of(site: Site) -> Self {
        Self(router(site))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[]).await
    }

    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(header::HeaderName, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let response = self
            .0
            .clone()
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// Every page that can be reached from the first by following links, with
    /// its text, and every file linked from them.
    pub(crate) async fn crawl(&self) -> (Vec<(String, String)>, Vec<String>) {
        let mut pages = Vec::new();
        let mut files = Vec::new();
        let mut queue = vec!["/".to_owned()];
        let mut seen: std::collections::BTreeSet<String> = queue.iter().cloned().collect();
        while let Some(path) = queue.pop() {
            let answer = self.get(&path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            for tag in crate::html::tags(&answer.body) {
                let Some(href) = tag.attribute("href") else {
                    continue;
                };
                let Some(target) = local(&href) else { continue };
                if seen.insert(target.clone()) {
                    if target.rsplit('/').next().unwrap_or_default().contains('.') {
                        files.push(target);
                    } else {
                        queue.push(target);
                    }
                }
            }
            pages.push((path, answer.body));
        }
        (pages, files)
    }
}

/// An address of this site without its fragment.
fn local(href: &str) -> Option<String> {
    let path = href.split('#').next().unwrap_or_default();
    path.starts_with('/').then(|| path.to_owned())
}
