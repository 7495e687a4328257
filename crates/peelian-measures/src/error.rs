//! What can go wrong between a measure file and its readings.

use peelian_archive::ArchiveError;
use peelian_readings::ReadingsError;

/// A fault in a measure file, or met while computing.
#[derive(Debug, thiserror::Error)]
pub enum MeasuresError {
    /// A measure file is not as it must be.
    #[error("{file}: {reason}")]
    Definition {
        /// The file, relative to the folder of measures.
        file: String,
        /// What is wrong, with line and remedy where known.
        reason: String,
    },
    /// A query failed.
    #[error("{measure}.sql: {reason}")]
    Query {
        /// The measure.
        measure: String,
        /// What the engine said.
        reason: String,
    },
    /// The tables could not be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The readings could not be read or written.
    #[error(transparent)]
    Readings(#[from] ReadingsError),
    /// The content folder could not be read.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
}

impl MeasuresError {
    pub(crate) fn definition(file: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        Self::Definition {
            file: file.into(),
            reason: reason.to_string(),
        }
    }

    pub(crate) fn query(measure: impl std::fmt::Display, reason: impl std::fmt::Display) -> Self {
        Self::Query {
            measure: measure.to_string(),
            reason: reason.to_string(),
        }
    }
}
