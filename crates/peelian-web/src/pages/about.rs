//! `/about/`: what this is and is not.

use axum::response::Response;
use maud::html;

use crate::components::{Page, layout, source_list};
use crate::respond;
use crate::site::Current;
use crate::words::NOT_FOR;

pub(crate) async fn page(site: Current) -> Response {
    let view = Page {
        title: "About".to_owned(),
        about: "What Peelian is, what it is not, and how to disagree with a figure.".to_owned(),
        path: "/about/".to_owned(),
        crumbs: Vec::new(),
        tables: None,
        body: html! {
            div class="page-head" {
                h1 { "About Peelian" }
                p class="lead" { "Peelian shows how well a police force serves its public, from records that are published openly. It is free software that anyone may run, check and change." }
            }
            @if site.is_synthetic() {
                section class="beside" {
                    h2 id="synthetic" { "These data are invented" }
                    p { strong { "SYNTHETIC DATA." } " This copy shows forces, places and figures made by a simulator, in the layout of the official files. No real force, grade, population or issue appears in it. It is for trying the software, and must not be quoted." }
                }
            }
            section class="beside" {
                h2 id="is" { "What it does" }
                ul {
                    li { "It reads the official files, sets faulty rows aside and says how many." }
                    li { "It counts them by published definitions, each with its query and worked cases." }
                    li { "It says whether a change is larger than the usual ups and downs, and whether a force differs from the others by more than chance." }
                    li { "It sets out, for each thing that an inspector looks for, what the figures show and what is missing." }
                }
            }
            section class="beside" {
                h2 id="is-not" { "What it does not do" }
                ul {
                    li { "It does not rank forces or add measures up to a score." }
                    li { "It does not grade. Grades are the inspectorate’s, shown with their dates; what stands beside them is not a grade by HMICFRS." }
                    li { "It does not hold records of people, and predicts nothing about anyone." }
                    li { (NOT_FOR) "." }
                    li { "It does not publish official statistics." }
                }
            }
            section class="beside" {
                h2 id="disagree" { "If you think a figure is wrong" }
                p { "Every figure names its source, date and calculation version, and every definition shows its query, so a figure can be worked out again. Send the address of the page and what you found to whoever runs this site." }
            }
            section class="beside" {
                h2 id="sources" { "Sources and licences" }
                (source_list(&site.catalogue.generation().sources))
                p { "The typeface is Atkinson Hyperlegible Next, under the SIL Open Font License 1.1. Components follow GOV.UK Frontend, under the MIT licence; this is not a GOV.UK site." }
            }
            section class="beside" {
                h2 id="privacy" { "Privacy" }
                p { "These pages set no cookies, run no script and load nothing from anywhere else." }
            }
        },
    };
    respond::page(layout(&site, &view))
}
