//! What can go wrong with readings files.

use std::path::PathBuf;

/// A fault met while reading or writing readings. Each says which file and
/// what to do.
#[derive(Debug, thiserror::Error)]
pub enum ReadingsError {
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A readings file is not what this version writes.
    #[error("{}: {reason}. Delete the folder “readings” in the home; it is computed again from the tables", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl ReadingsError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn damaged(path: impl Into<PathBuf>, reason: impl std::fmt::Display) -> Self {
        Self::Damaged {
            path: path.into(),
            reason: reason.to_string(),
        }
    }
}
