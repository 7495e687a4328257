//! Progress of an ingest: a bar with rate and remaining time on a terminal,
//! plain lines otherwise. Always on the error stream, so that output can be piped.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressStyle};
use peelian_archive::Event;

/// Shows the events of an ingest as they come, from any thread.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    total: AtomicU64,
    read: AtomicU64,
    rows: AtomicU64,
}

impl Progress {
    pub(crate) fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::no_length();
            let style = ProgressStyle::with_template(
                "{bar:30} {bytes}/{total_bytes}  {bytes_per_sec}, {eta} left  {msg}",
            );
            if let Ok(style) = style {
                bar.set_style(style);
            }
            bar
        });
        Self {
            bar,
            total: AtomicU64::new(0),
            read: AtomicU64::new(0),
            rows: AtomicU64::new(0),
        }
    }

    /// Takes an event.
    pub(crate) fn show(&self, event: &Event) {
        match *event {
            Event::Waiting => self.line("waiting: another process is writing to this home"),
            Event::Planned { files, bytes } => {
                self.total.store(bytes, Ordering::Relaxed);
                match &self.bar {
                    Some(bar) => bar.set_length(bytes),
                    None => self.line(&format!("reading {files} files, {} MB", bytes / 1_000_000)),
                }
            }
            Event::Read { bytes, rows } => self.read(bytes, rows),
            _ => {}
        }
    }

    fn read(&self, bytes: u64, rows: u64) {
        let rows = self.rows.fetch_add(rows, Ordering::Relaxed) + rows;
        let before = self.read.fetch_add(bytes, Ordering::Relaxed);
        if let Some(bar) = &self.bar {
            bar.inc(bytes);
            bar.set_message(format!("{rows} rows"));
            return;
        }
        let tenths = |bytes: u64| bytes * 10 / self.total.load(Ordering::Relaxed).max(1);
        let now = tenths(before + bytes);
        if now > tenths(before) {
            self.line(&format!("{}% read, {rows} rows", now * 10));
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    #[expect(clippy::print_stderr, reason = "progress goes to the terminal")]
    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None => eprintln!("{text}"),
        }
    }
}

/// A line about what is going on, on the error stream.
#[expect(clippy::print_stderr, reason = "progress goes to the terminal")]
pub(crate) fn note(line: &str) {
    eprintln!("{line}");
}
