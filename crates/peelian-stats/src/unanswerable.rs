//! Why a method gives no answer.

use std::fmt;

/// Why a question cannot be answered from the data given.
///
/// Every public function that can fail fails with this: no input makes one panic, and none answers
/// with a number that only looks like one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unanswerable {
    /// Fewer usable values than the method needs.
    TooFew {
        /// What is counted: "values", "events", "units".
        what: &'static str,
        /// How many there are.
        have: usize,
        /// How many it takes.
        need: usize,
    },
    /// An argument outside what the method is defined for; the text is the rule it breaks.
    Invalid(&'static str),
    /// Two arguments that do not fit each other; the text is the rule they break.
    Mismatched(&'static str),
    /// Nothing varies, so that there is no scale to judge by.
    Constant,
    /// The columns of a design depend on each other: no single answer exists.
    Collinear,
    /// The search ended without an answer.
    NoConvergence,
    /// The answer is too large or too small to write down.
    Overflow,
}

impl fmt::Display for Unanswerable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFew { what, have, need } => {
                write!(f, "{have} {what}, where at least {need} are needed")
            }
            Self::Invalid(rule) | Self::Mismatched(rule) => f.write_str(rule),
            Self::Constant => f.write_str("nothing varies, so there is no scale to judge by"),
            Self::Collinear => {
                f.write_str("the columns depend on each other, so there is no single answer")
            }
            Self::NoConvergence => f.write_str("the search ended without an answer"),
            Self::Overflow => f.write_str("the answer is too large or too small to write down"),
        }
    }
}

impl std::error::Error for Unanswerable {}
