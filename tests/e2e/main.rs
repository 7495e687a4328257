//! End-to-end tests: the built binary, as a user runs it, on synthetic and on
//! real files. `cargo build -p peelian` first; `make test` does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]

mod command_line;
mod extracts;
mod kill;
mod program;
mod real_files;
mod revisions;
mod robust;
