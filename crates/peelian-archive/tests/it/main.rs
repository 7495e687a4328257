//! The archive from outside: files in, tables and manifest out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]

mod bad_files;
mod boundaries;
mod every_file;
mod extracts;
mod mappings;
mod places;
mod real_files;
mod schemas;
mod sidecars;
mod store;
mod support;
mod versions;
mod workbooks;
