//! Runs one method on one folder of input and writes what it finds, in the layout of the cases
//! that the crate is held to.
//!
//! `cargo run --release -p peelian-stats --example golden -- <method> <case> <out>` reads the files
//! of `<case>` whose name does not begin with `expected` and writes files under the expected names
//! into `<out>`. Exit 2 for an unknown method or wrong arguments, 1 where the method gives no
//! answer.
#![allow(clippy::print_stderr)]

mod methods;
mod table;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [method, case, out] = arguments.as_slice() else {
        eprintln!("usage: golden <method> <case directory> <out directory>");
        return ExitCode::from(2);
    };
    match methods::run(method, Path::new(case), Path::new(out)) {
        None => {
            eprintln!("unknown method: {method}");
            ExitCode::from(2)
        }
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(error)) => {
            eprintln!("{method}, {case}: {error}");
            ExitCode::FAILURE
        }
    }
}
