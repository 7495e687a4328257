//! `/accessibility/`: the statement.

use axum::response::Response;
use maud::html;

use crate::components::{Page, layout};
use crate::respond;
use crate::site::Current;

pub(crate) async fn page(site: Current) -> Response {
    let view = Page {
        title: "Accessibility".to_owned(),
        about: "How these pages are made to be usable by everyone, and how to report what is not."
            .to_owned(),
        path: "/accessibility/".to_owned(),
        crumbs: Vec::new(),
        tables: None,
        body: html! {
            div class="page-head" {
                h1 { "Accessibility" }
                p class="lead" { "These pages are made to be read by everyone: with a screen reader, by keyboard alone, enlarged, printed, on a small phone, or without colour." }
            }
            section class="beside" {
                h2 id="can" { "What you can do" }
                ul {
                    li { "enlarge the text to 400 per cent without losing any of it off the side;" }
                    li { "reach everything with the keyboard, beginning with a link that skips to the main content;" }
                    li { "read every chart as a sentence, as a table, and as a file;" }
                    li { "tell signals apart by shape and words as well as by colour;" }
                    li { "use a dark scheme, high contrast colours of your own, or print;" }
                    li { "do all of this without script: there is none." }
                }
            }
            section class="beside" {
                h2 id="standard" { "The standard we work to" }
                p { "We work to the Web Content Accessibility Guidelines 2.2, level AA. Before each release every kind of page is tested by axe at three widths, with script on and off, and by keyboard. A test by machine finds perhaps half of what can be wrong; it is no proof." }
            }
            section class="beside" {
                h2 id="known" { "Known limits" }
                ul {
                    li { "Wide tables, such as the calendar of months held, scroll sideways inside a frame on a narrow screen. The same content is in a file." }
                    li { "Small charts beside figures are hidden from screen readers; the words beside them say the same." }
                    li { "No audit by people who use assistive technology has been made yet." }
                }
            }
            section class="beside" {
                h2 id="report" { "If something stops you" }
                p { "Tell whoever runs this site: which page, what you tried to do, and what you use. Ask them for any figure in another form. If they do not answer as they should, the Equality Advisory and Support Service can help in England, Scotland and Wales." }
            }
        },
    };
    respond::page(layout(&site, &view))
}
