//! The site as its readers meet it: a router over a small world made by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// Our addresses are in lower case.
#![allow(clippy::case_sensitive_file_extension_comparisons)]

mod client;
mod html;
mod pages;
mod routes;
mod tables;
mod world;
