//! An area: its code, its name and its outline.

use serde_json::{Map, Value};

use crate::Outline;

/// An area of the country.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    /// Its code, such as `E01021237`; not checked.
    pub code: String,
    /// Its name; empty where the file gives none.
    pub name: String,
    /// Where it lies.
    pub outline: Outline,
}

/// Which properties of a feature hold the code and the name of an area.
#[derive(Debug, Clone, Copy)]
pub struct Properties<'a> {
    /// The property with the code, such as `LSOA21CD`.
    pub code: &'a str,
    /// The property with the name, such as `LSOA21NM`.
    pub name: &'a str,
}

/// A feature that is no area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaFault {
    /// Its code; empty where it has none.
    pub code: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Area {
    /// An area from the properties and the rings of a feature.
    pub(crate) fn new(
        properties: Option<&Map<String, Value>>,
        names: Properties<'_>,
        outline: Result<Outline, String>,
    ) -> Result<Self, AreaFault> {
        let text = |name: &str| {
            let value = properties.and_then(|p| p.get(name));
            value.and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let code = text(names.code);
        if code.is_empty() {
            let reason = format!("it has no text under “{}”", names.code);
            return Err(AreaFault { code, reason });
        }
        match outline {
            Ok(outline) => Ok(Self {
                code,
                name: text(names.name),
                outline,
            }),
            Err(reason) => Err(AreaFault { code, reason }),
        }
    }
}

/// What kind of area a nine-character code of the Office for National
/// Statistics names, by its first three characters. Invented codes begin with
/// X in place of the nation's letter.
pub fn kind_of_code(code: &str) -> &'static str {
    match (code.get(..1), code.get(1..3)) {
        (Some("E" | "W" | "S" | "X"), Some("01")) => "lsoa",
        (Some("E" | "W" | "S" | "X"), Some("02")) => "msoa",
        (Some("E" | "X"), Some("06" | "07" | "08" | "09"))
        | (Some("W"), Some("06"))
        | (Some("S"), Some("12"))
        | (Some("N"), Some("09")) => "district",
        (Some("E" | "X"), Some("10")) => "county",
        (Some("E" | "X"), Some("12")) => "region",
        (Some("E" | "X"), Some("22")) | (Some("W"), Some("14")) => "community-safety-partnership",
        (Some("E" | "X" | "N"), Some("23")) | (Some("W"), Some("15")) => "police-force-area",
        (Some("E" | "W" | "S" | "N" | "X"), Some("92")) => "country",
        _ => "other",
    }
}
