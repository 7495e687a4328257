//! `peelian serve`: the public site over one home.

use std::time::Duration;

use anyhow::Context;
use peelian_assess::{Frameworks, Grades};
use peelian_readings::{Catalogue, PublicCatalogue, current_number};
use peelian_web::{Site, Snapshot};
use tokio::net::TcpListener;

use super::{catalogue, say, today};
use crate::Outcome;
use crate::args::{Place, Serve};

/// How often the home is looked at for newer readings.
const LOOK_EVERY: Duration = Duration::from_secs(2);

pub(crate) async fn run(place: &Place, args: &Serve) -> anyhow::Result<Outcome> {
    let catalogue = catalogue(place).await?;
    let shown = catalogue.generation().number;
    let site = Site::new(snapshot(place, catalogue)?);
    let listener = TcpListener::bind((args.host.as_str(), args.port))
        .await
        .with_context(|| {
            format!(
                "port {} of {} cannot be used; choose another with --port or PORT",
                args.port, args.host
            )
        })?;
    say(format!("Peelian is at http://{}", listener.local_addr()?));
    let looking = tokio::spawn(follow(Following {
        home: place.home(),
        content: place.content.clone(),
        site: site.clone(),
        shown,
    }));
    peelian_web::serve(listener, site, stopped()).await?;
    looking.abort();
    Ok(Outcome::Done)
}

fn snapshot(place: &Place, catalogue: Catalogue) -> anyhow::Result<Snapshot> {
    let frameworks = Frameworks::load(place.content.as_deref())?;
    let grades = Grades::load(place.content.as_deref())?;
    Ok(Snapshot::of(
        PublicCatalogue::of(catalogue),
        frameworks,
        grades,
        today(),
    ))
}

struct Following {
    home: std::path::PathBuf,
    content: Option<std::path::PathBuf>,
    site: Site,
    shown: u64,
}

/// Swaps to newer readings as they appear. Requests under way finish on the
/// generation they began with.
async fn follow(mut following: Following) {
    let place = Place {
        home: Some(following.home.clone()),
        content: following.content.clone(),
    };
    let mut day = today();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let newer = match current_number(&following.home) {
            Ok(number) => number.is_some_and(|n| n != following.shown),
            Err(error) => {
                tracing::warn!("the readings cannot be looked at: {error}");
                continue;
            }
        };
        // Evidence ages by the day, so a new day is a new snapshot too.
        if !newer && day == today() {
            continue;
        }
        let opened = Catalogue::open(&following.home).map_err(anyhow::Error::from);
        match opened.and_then(|c| c.context("the readings were removed")) {
            Ok(catalogue) => {
                following.shown = catalogue.generation().number;
                day = today();
                match snapshot(&place, catalogue) {
                    Ok(snapshot) => following.site.swap(snapshot),
                    Err(error) => tracing::warn!("the newer readings are not shown: {error:#}"),
                }
            }
            Err(error) => tracing::warn!("the newer readings are not shown: {error:#}"),
        }
    }
}

/// Resolves when the process is asked to stop.
async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = interrupted.await;
}
