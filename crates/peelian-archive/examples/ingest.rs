//! Takes files into a home and says what it cost: `ingest HOME FILE…`.
//!
//! Reading, checking, sorting and writing alone, without the query engine, so
//! that it builds in a minute and its timings are of the ingest only.

use std::path::PathBuf;
use std::time::Instant;

use peelian_archive::{Home, IngestOptions, digest, ingest};

#[allow(clippy::print_stdout)]
fn main() -> Result<(), peelian_archive::ArchiveError> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let home = Home::new(arguments.next().unwrap_or_else(|| "peelian-home".into()));
    let inputs: Vec<PathBuf> = arguments.collect();
    let begun = Instant::now();
    let report = ingest(&home, &inputs, &IngestOptions::default(), &|_| ())?;
    let taken = begun.elapsed().as_secs_f64();
    for note in &report.refused {
        println!("refused: {note}");
    }
    println!(
        "{} files, {} rows kept, {} quarantined, {taken:.2} s",
        report.loaded, report.rows_kept, report.rows_quarantined
    );
    if std::env::var_os("DIGEST").is_some() {
        println!("digest {}", digest(&home)?);
    }
    Ok(())
}
