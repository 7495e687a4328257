//! Which part of a table a release fills.

use std::fmt;

use peelian_model::{ForceId, Month};
use serde::{Deserialize, Serialize};

/// What a release is of. Releases of the same source and part stand in place
/// of each other; the later one wins.
///
/// A file of a force and month has both; an extract without time (postings)
/// has the force alone; a look-up for everybody has neither. The subject
/// parts files that would otherwise displace each other: counts of two
/// measures, which can come in two files.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct Part {
    /// The force; none where it is of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub force: Option<ForceId>,
    /// The month; none where the source has no time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub month: Option<Month>,
    /// What it is about, where several files fill one month or whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

impl Part {
    /// A month of a force.
    pub fn of_month(force: ForceId, month: Month) -> Self {
        Self {
            force: Some(force),
            month: Some(month),
            subject: None,
        }
    }

    /// Force and month, where it has both.
    pub(crate) fn force_month(&self) -> Option<(ForceId, Month)> {
        Some((self.force.clone()?, self.month?))
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            self.force.as_ref().map(ToString::to_string),
            self.month.map(|m| m.to_string()),
            self.subject.clone(),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        f.write_str(&parts.join(" "))
    }
}

/// As manifests hold it: now, or as earlier versions wrote it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Earlier(Option<(ForceId, Month)>),
    Now {
        force: Option<ForceId>,
        month: Option<Month>,
        subject: Option<String>,
    },
}

impl From<Stored> for Part {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Earlier(part) => {
                part.map_or_else(Self::default, |(force, month)| Self::of_month(force, month))
            }
            Stored::Now {
                force,
                month,
                subject,
            } => Self {
                force,
                month,
                subject,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_earlier_manifests_are_read() {
        let read = |text: &str| serde_json::from_str::<Part>(text).unwrap();
        let march = Part::of_month("essex".parse().unwrap(), "2021-03".parse().unwrap());
        assert_eq!(read(r#"["essex","2021-03"]"#), march);
        assert_eq!(read("null"), Part::default());
        let subject = Part {
            subject: Some("calls-101-abandoned".to_owned()),
            ..march
        };
        for part in [Part::default(), subject] {
            assert_eq!(read(&serde_json::to_string(&part).unwrap()), part);
        }
    }
}
