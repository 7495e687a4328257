//! Local policing bodies: who holds a chief constable to account, a role with
//! successors.

use serde::{Deserialize, Serialize};

use crate::{BodyId, ForceId};

/// What kind of office a local policing body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BodyKind {
    /// Police and crime commissioner.
    Commissioner,
    /// Police, fire and crime commissioner.
    FireAndCrimeCommissioner,
    /// A mayor with the functions of a commissioner.
    Mayor,
    /// A board, authority or council.
    Board,
}

/// How a date is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// A document that was read says so.
    Stated,
    /// From memory: to be checked before it is relied on.
    Recalled,
}

/// The days on which something was in force. Days are `2017-10-01`; both are
/// part of the span, and an absent one leaves it open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validity {
    /// First day; since before records begin, or not known, where absent.
    pub from: Option<String>,
    /// Last day; still in force where absent.
    pub to: Option<String>,
}

impl Validity {
    /// Whether it holds on a day, `2017-10-01`.
    pub fn holds_on(&self, day: &str) -> bool {
        self.from.as_deref().is_none_or(|from| from <= day)
            && self.to.as_deref().is_none_or(|to| day <= to)
    }
}

/// The body that holds a chief officer to account, for as long as it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalPolicingBody {
    /// Stable identifier.
    pub id: BodyId,
    /// Its title, never a person's name.
    pub name: String,
    /// What kind of office it is.
    pub kind: BodyKind,
    /// The force it holds to account.
    pub force: ForceId,
    /// When.
    pub validity: Validity,
    /// The body that took its place.
    pub successor: Option<BodyId>,
    /// How its first day is known.
    pub evidence: Evidence,
    /// Where it is said.
    pub source: String,
    /// When that was last looked at.
    pub checked: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_days_of_a_span_are_in_it() {
        let span = Validity {
            from: Some("2012-11-22".to_owned()),
            to: Some("2017-09-30".to_owned()),
        };
        for (day, holds) in [
            ("2012-11-21", false),
            ("2012-11-22", true),
            ("2017-09-30", true),
            ("2017-10-01", false),
        ] {
            assert_eq!(span.holds_on(day), holds, "{day}");
        }
        assert!(Validity::default().holds_on("1829-09-29"));
    }
}
