//! What can go wrong while a synthetic archive is made.

use std::path::PathBuf;

/// A fault met while making synthetic data. Each says where and what to do.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// The plan asks for what cannot be made.
    #[error("the plan asks for {asked}, but {rule}")]
    Plan {
        /// What was asked for.
        asked: String,
        /// The rule it breaks and what to ask for instead.
        rule: &'static str,
    },
    /// There is something in the folder already.
    #[error("{}: there is something here already. Name a folder that does not exist, or remove this one", path.display())]
    Exists {
        /// The folder asked for.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The archive could not be packed.
    #[error("{}: the archive could not be written: {source}", path.display())]
    Zip {
        /// The archive.
        path: PathBuf,
        /// What the packer said.
        source: zip::result::ZipError,
    },
    /// The truth file could not be written as JSON.
    #[error("truth.json could not be written: {0}")]
    Json(#[from] serde_json::Error),
    /// An invented name or code has not the form its identifier needs.
    #[error(transparent)]
    Id(#[from] peelian_model::InvalidId),
}

impl SimulateError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn zip(path: impl Into<PathBuf>) -> impl FnOnce(zip::result::ZipError) -> Self {
        let path = path.into();
        move |source| Self::Zip { path, source }
    }
}
