//! Why a download did not come about, as a sentence with its remedy.

use std::path::PathBuf;

/// A fault that ends a fetch. What has come stays and is gone on with.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The server answers, and not with the file.
    #[error("{url}: the server answers {status}: {remedy}")]
    Status {
        /// What was asked for.
        url: String,
        /// Its status.
        status: u16,
        /// What to do.
        remedy: &'static str,
    },
    /// The line broke too often.
    #[error("{url}: {reason}: run the same command again, it goes on from where it was")]
    Line {
        /// What was asked for.
        url: String,
        /// What happened last.
        reason: String,
    },
    /// What came is not what the server said it would be.
    #[error("{file}: {reason}: what had come was thrown away; run the same command again")]
    Damaged {
        /// The file.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// The months cannot be had.
    #[error("{0}")]
    Months(String),
    /// The disk refused.
    #[error("{path}: {error}: check that the folder may be written to and has room")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
}

impl FetchError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |error| Self::Io { path, error }
    }
}
