//! What can be wrong with a framework file or the grades.

use std::path::PathBuf;

/// A fault in the files that an assessment is made from.
#[derive(Debug, thiserror::Error)]
pub enum AssessError {
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file breaks a rule.
    #[error("{file}, line {line}: {rule}. {remedy}")]
    Malformed {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The rule that is broken.
        rule: String,
        /// What to do about it.
        remedy: String,
    },
}

impl AssessError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}

/// The line, from 1, in which a byte stands.
pub(crate) fn line_at(bytes: &[u8], at: usize) -> usize {
    bytes[..at.min(bytes.len())].split(|b| *b == b'\n').count()
}

/// A content file as it was read: where from, and its text.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) file: String,
    pub(crate) text: String,
}

impl Source {
    pub(crate) fn parse<T: serde::de::DeserializeOwned>(&self) -> Result<T, AssessError> {
        toml::from_str(&self.text).map_err(|e| {
            let start = e.span().map_or(0, |s| s.start);
            AssessError::Malformed {
                file: self.file.clone(),
                line: line_at(self.text.as_bytes(), start),
                rule: e.message().trim_end_matches('.').replace('\n', "; "),
                remedy: "Correct the line; docs/methods/assessment.md lists the fields.".to_owned(),
            }
        })
    }

    /// A fault at the place where a text stands, counting from its first.
    pub(crate) fn wrong(
        &self,
        text: &str,
        nth: usize,
        rule: impl Into<String>,
        remedy: impl Into<String>,
    ) -> AssessError {
        let line = self
            .text
            .lines()
            .enumerate()
            .filter(|(_, l)| l.contains(text))
            .nth(nth)
            .map_or(1, |(i, _)| i + 1);
        AssessError::Malformed {
            file: self.file.clone(),
            line,
            rule: rule.into(),
            remedy: remedy.into(),
        }
    }
}
