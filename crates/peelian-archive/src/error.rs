//! What can go wrong with a home as a whole. What is wrong with one file is a
//! [`FileNote`](crate::FileNote) and does not stop the others.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A fault that stops the whole operation.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file system refused.
    #[error("{path}: {error}: check that the path exists, may be written and has room")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The disk has no room left.
    #[error(
        "{0}: the disk is full. What was held before is unchanged: make room and run the same \
         command again"
    )]
    Full(PathBuf),
    /// The home may not be written to.
    #[error(
        "{0}: it may only be read. What is held can be looked at; to load files, use a home that \
         may be written to, or ask whoever owns this one"
    )]
    ReadOnly(PathBuf),
    /// Another process is writing to the home and waiting was not wanted.
    #[error("{0} is being written by another process: wait for it, or leave out --no-wait")]
    Locked(PathBuf),
    /// The manifest or its pointer cannot be read.
    #[error("{path}: {reason}: restore the home from a backup, or ingest into a new one")]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A table file of the manifest cannot be read or written.
    #[error("{path}: {reason}: restore the home from a backup, or ingest into a new one")]
    Table {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Real and invented files were given to an empty home together.
    #[error(
        "the files given are partly real ({real}) and partly synthetic ({synthetic}): \
         a home holds one or the other, so ingest them into two homes"
    )]
    Mixed {
        /// One of the real files.
        real: String,
        /// One of the synthetic files.
        synthetic: String,
    },
    /// `--as-at` is neither a date nor a time.
    #[error("“{0}” is neither a date (2024-01-31) nor a time (2024-01-31T12:00:00Z)")]
    AsAt(String),
    /// A source file of the product is wrong.
    #[error("sources/{0}")]
    Source(String),
    /// A register of the product is wrong.
    #[error("{0} is not as it must be")]
    Reference(String),
    /// Rows of a worked case do not have the form of their table.
    #[error("line {line}, column {column}: {reason}")]
    Case {
        /// Line of the text, the header being 1.
        line: u64,
        /// Name of the column, empty for the row as a whole.
        column: String,
        /// What is wrong.
        reason: String,
    },
    /// A mapping file is wrong or stands in the way.
    #[error("{path}: {reason}")]
    Mapping {
        /// The file.
        path: PathBuf,
        /// What is wrong with it and what to do.
        reason: String,
    },
    /// No table has this name.
    #[error("there is no table “{0}”: the tables are {1}")]
    NoTable(String, String),
}

/// What the system said, under whatever a writer has wrapped around it.
fn innermost(error: &std::io::Error) -> ErrorKind {
    let mut kind = error.kind();
    let mut inner: Option<&(dyn std::error::Error + 'static)> = error
        .get_ref()
        .map(|e| e as &(dyn std::error::Error + 'static));
    while let Some(cause) = inner {
        if let Some(io) = cause.downcast_ref::<std::io::Error>() {
            kind = io.kind();
            inner = io
                .get_ref()
                .map(|e| e as &(dyn std::error::Error + 'static));
        } else {
            inner = cause.source();
        }
    }
    kind
}

impl ArchiveError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |error| match innermost(&error) {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full(path),
            ErrorKind::ReadOnlyFilesystem => Self::ReadOnly(path),
            _ => Self::Io { path, error },
        }
    }

    pub(crate) fn table(path: &Path, reason: &dyn std::fmt::Display) -> Self {
        Self::Table {
            path: path.to_path_buf(),
            reason: reason.to_string(),
        }
    }
}
