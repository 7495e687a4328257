//! Why a template, a key or a bundle could not be made or was not taken. Each
//! is a sentence that says what to do.

use std::path::{Path, PathBuf};

use peelian_archive::ArchiveError;

/// A fault that stops the operation; nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum HandOverError {
    /// The file system refused.
    #[error("{path}: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The home refused.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// What was given or asked for cannot be used.
    #[error("{0}")]
    Refused(String),
}

impl HandOverError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |error| Self::Io { path, error }
    }

    pub(crate) fn refused(what: impl Into<String>) -> Self {
        Self::Refused(what.into())
    }
}
