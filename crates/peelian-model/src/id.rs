//! Identifiers: one newtype each, so that a force cannot be passed where a
//! measure is wanted.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A text that does not have the form its identifier needs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{text}” is not {what}: use {form}")]
pub struct InvalidId {
    /// What was wanted, with its article: “a force id”.
    pub what: &'static str,
    /// The form it must have.
    pub form: &'static str,
    /// What was given.
    pub text: String,
}

fn is_slug(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Nine characters: a letter and eight digits.
fn is_area_code(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 9 && bytes[0].is_ascii_uppercase() && bytes[1..].iter().all(u8::is_ascii_digit)
}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident, $what:literal, $form:expr, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The text of the identifier.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                if $valid(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(InvalidId { what: $what, form: $form, text: text.chars().take(80).collect() })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

const SLUG: &str = "lower-case letters, digits and hyphens";

id_type!(
    /// A police force: the slug of data.police.uk (`essex`), or one beginning
    /// `synthetic-` for an invented force.
    ForceId, "a force id", SLUG, is_slug
);
id_type!(
    /// A local policing body: `essex-pfcc`.
    BodyId, "a local policing body id", SLUG, is_slug
);
id_type!(
    /// A measure of the catalogue: `crime-rate`.
    MeasureId, "a measure id", SLUG, is_slug
);
id_type!(
    /// An inspected area, the same across inspection cycles: `responding-to-public`.
    InspectionAreaId, "an inspection area id", SLUG, is_slug
);
id_type!(
    /// An assessment framework: `peel-2021-22`.
    FrameworkId, "a framework id", SLUG, is_slug
);
id_type!(
    /// An official source: `police-uk-street`.
    SourceId, "a source id", SLUG, is_slug
);
id_type!(
    /// A place by its nine-character code: an ONS code (`E07000066`), or one
    /// beginning `X` for an invented place.
    AreaCode, "an area code", "a capital letter and eight digits", is_area_code
);

impl ForceId {
    /// Whether the force is invented.
    pub fn is_synthetic(&self) -> bool {
        self.0.starts_with("synthetic-")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_lower_case_words_joined_by_hyphens() {
        assert!("city-of-london".parse::<ForceId>().is_ok());
        for bad in ["", "Essex", "../etc", "a b", "-essex", "essex-"] {
            assert!(bad.parse::<ForceId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_area_code_is_a_letter_and_eight_digits() {
        assert!("E07000066".parse::<AreaCode>().is_ok());
        assert!("X01000001".parse::<AreaCode>().is_ok());
        assert!("E0700006".parse::<AreaCode>().is_err());
        assert!("e07000066".parse::<AreaCode>().is_err());
    }
}
