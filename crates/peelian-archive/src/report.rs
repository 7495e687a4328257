//! What is asked of an ingest, what it says on the way, and what it did.

use peelian_model::ForceId;

/// How to ingest.
#[derive(Debug, Clone, Default)]
pub struct IngestOptions {
    /// When the publisher was showing the files: a date or RFC 3339 time.
    /// Absent: the archive's name, else the file's time.
    pub as_at: Option<String>,
    /// The force of extracts that do not say it themselves.
    pub force: Option<ForceId>,
    /// Also read superseded releases and keep their rows in `revisions/`.
    pub keep_revisions: bool,
    /// Wait for another writer instead of giving up.
    pub wait: bool,
}

/// What is going on, in the order in which it happens.
#[derive(Debug, Clone)]
pub enum Event {
    /// Another process is writing to the home; waiting for it.
    Waiting,
    /// So many files with so many bytes of CSV text (as they claim) are to be read.
    Planned {
        /// Files to be read.
        files: usize,
        /// Bytes of CSV text.
        bytes: u64,
    },
    /// One file was read.
    Read {
        /// Its bytes of CSV text.
        bytes: u64,
        /// Its rows, kept and quarantined.
        rows: u64,
    },
    /// A file is not ours.
    Foreign(FileNote),
    /// A file was refused.
    Refused(FileNote),
    /// The new generation is current.
    Committed {
        /// Its number.
        generation: u64,
    },
}

/// A file and a sentence that names what was expected and the remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileNote {
    /// Path, or `archive.zip!member`.
    pub file: String,
    /// What is wrong and what to do.
    pub reason: String,
}

impl std::fmt::Display for FileNote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.file, self.reason)
    }
}

/// What an ingest did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IngestReport {
    /// The new generation; none where there was nothing new.
    pub generation: Option<u64>,
    /// Files whose rows are now in the tables and were not before.
    pub loaded: usize,
    /// Files given that were known before.
    pub unchanged: usize,
    /// Releases that a later one now stands in place of and that none did before.
    pub superseded: usize,
    /// Rows kept of the files loaded.
    pub rows_kept: u64,
    /// Rows set aside of the files loaded.
    pub rows_quarantined: u64,
    /// Files met that are not ours.
    pub foreign: Vec<FileNote>,
    /// Files that were named and are not ours, or are ours and damaged. Where
    /// there are any, a command ends with exit code 3.
    pub refused: Vec<FileNote>,
}
