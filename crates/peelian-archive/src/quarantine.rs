//! Rows set aside: where they stood and which rule they broke. They are
//! counted by rule and listed in `quarantine/<release>.csv`.

use std::collections::BTreeMap;

/// Longest value shown of a faulty field, in characters.
const MAX_SHOWN: usize = 200;

/// Most faults listed of one file. All are counted; a file with more has one
/// cause, and it shows in the first thousands.
const MAX_LISTED: usize = 100_000;

/// What a row must keep to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rule {
    Fields,
    Required,
    Month,
    OtherMonth,
    OtherForce,
    Coordinates,
    HalfCoordinates,
    OutsideUk,
    AreaCode,
    AreaName,
    Outline,
    CrimeId,
    Boolean,
    Timestamp,
    Integer,
    Year,
    Decimal,
    Date,
    Code,
    Pid,
    Slug,
    Period,
    Offset,
    Polygon,
    Force,
    Order,
    ExactlyOne,
    AtMost,
    BlankIf,
    Repeat,
    LineLength,
    NulByte,
    Utf8,
    Quote,
}

impl Rule {
    /// The name under which faults are counted.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Fields => "number-of-fields",
            Self::Required => "blank",
            Self::Month => "month",
            Self::OtherMonth => "other-month",
            Self::OtherForce => "other-force",
            Self::Coordinates => "coordinates",
            Self::HalfCoordinates => "half-coordinates",
            Self::OutsideUk => "outside-uk",
            Self::AreaCode => "area-code",
            Self::AreaName => "area-name",
            Self::Outline => "outline",
            Self::CrimeId => "crime-id",
            Self::Boolean => "boolean",
            Self::Timestamp => "timestamp",
            Self::Integer => "integer",
            Self::Year => "year",
            Self::Decimal => "decimal",
            Self::Date => "date",
            Self::Code => "code",
            Self::Pid => "pid",
            Self::Slug => "slug",
            Self::Period => "period",
            Self::Offset => "no-offset",
            Self::Polygon => "polygon",
            Self::Force => "force",
            Self::Order => "order-of-times",
            Self::ExactlyOne => "exactly-one",
            Self::AtMost => "at-most",
            Self::BlankIf => "not-blank",
            Self::Repeat => "repeat",
            Self::LineLength => "line-length",
            Self::NulByte => "nul-byte",
            Self::Utf8 => "utf-8",
            Self::Quote => "quote",
        }
    }

    /// What the rule asks for, to stand after “expected”.
    pub(crate) fn expected(self) -> &'static str {
        match self {
            Self::Fields => "as many fields as the header has",
            Self::Required => "a value",
            Self::Month => "a month as YYYY-MM",
            Self::OtherMonth => "the month of the file",
            Self::OtherForce => "the force of the file",
            Self::Coordinates => "decimal degrees",
            Self::HalfCoordinates => "both longitude and latitude, or neither",
            Self::OutsideUk => "a point in the United Kingdom",
            Self::AreaCode => "a letter and eight digits",
            Self::Outline => "a closed outline within the United Kingdom",
            Self::AreaName => "the name of a force, a region or a national total",
            Self::CrimeId => "64 hexadecimal digits, or nothing",
            Self::Boolean => "True, False or nothing",
            Self::Timestamp => "a time as YYYY-MM-DDTHH:MM:SS",
            Self::Integer => "a whole number",
            Self::Year => "a year between 1900 and 2199",
            Self::Decimal => "a number such as 1234.5",
            Self::Date => "a day as YYYY-MM-DD",
            Self::Code => "one of the codes of the column",
            Self::Pid => "a keyed hash of 16 hexadecimal digits in lower case",
            Self::Slug => "lower-case letters, digits and hyphens, at most 64",
            Self::Period => "a month as YYYY-MM or a quarter as YYYY-Q3",
            Self::Offset => {
                "a time with its offset from UTC, such as 2026-10-25T01:30:00+01:00 \
                 (a mapping file can state the clock instead)"
            }
            Self::Polygon => {
                "POLYGON ((easting northing, ...)) on the National Grid, each ring closed"
            }
            Self::Force => "the id of a force, such as essex",
            Self::Order => "times in the order of these columns",
            Self::ExactlyOne => "exactly one of these columns filled in",
            Self::AtMost => "a first number that is at most the second",
            Self::BlankIf => "a blank where the first of these columns is true",
            Self::Repeat => "a key that no earlier line has",
            Self::LineLength => "a line of at most 64 KiB",
            Self::NulByte => "text without NUL bytes",
            Self::Utf8 => "UTF-8 text",
            Self::Quote => "a closing quote",
        }
    }
}

/// The faulty rows of one file.
#[derive(Debug, Default)]
pub(crate) struct Quarantine {
    pub(crate) rows: u64,
    pub(crate) by_rule: BTreeMap<Rule, u64>,
    listed: Vec<Fault>,
    /// Whether values are left out of what is listed and said.
    conceal: bool,
}

#[derive(Debug)]
struct Fault {
    line: u64,
    column: String,
    rule: Rule,
    value: String,
}

impl Quarantine {
    /// Of a restricted table: its lists say of what kind and length a value
    /// is and never repeat it.
    pub(crate) fn concealing(conceal: bool) -> Self {
        Self {
            conceal,
            ..Self::default()
        }
    }

    /// Sets a row aside. `column` is its name in the file, empty where the
    /// row as a whole is at fault.
    pub(crate) fn add(&mut self, line: u64, column: &str, rule: Rule, value: &[u8]) {
        self.rows += 1;
        *self.by_rule.entry(rule).or_default() += 1;
        if self.listed.len() < MAX_LISTED {
            let value = if self.conceal {
                concealed(value)
            } else {
                shown(value)
            };
            self.listed.push(Fault {
                line,
                column: column.to_owned(),
                rule,
                value,
            });
        }
    }

    pub(crate) fn count(&self, rule: Rule) -> u64 {
        self.by_rule.get(&rule).copied().unwrap_or(0)
    }

    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        self.by_rule
            .iter()
            .map(|(rule, n)| (rule.as_str().to_owned(), *n))
            .collect()
    }

    /// “line 7, column Month: expected a month as YYYY-MM, found “2021-13””,
    /// of the first fault.
    pub(crate) fn first(&self) -> Option<String> {
        let fault = self.listed.first()?;
        let place = match fault.column.as_str() {
            "" => format!("line {}", fault.line),
            // A cell says its row itself.
            sheet if sheet.starts_with("sheet ") => sheet.to_owned(),
            column => format!("line {}, column {column}", fault.line),
        };
        let shown: String = fault
            .value
            .chars()
            .filter(|c| !c.is_control())
            .take(60)
            .collect();
        Some(format!(
            "{place}: expected {}, found “{shown}”",
            fault.rule.expected()
        ))
    }

    /// The list as CSV: file, line, column, rule, value.
    pub(crate) fn to_csv(&self, file: &str) -> String {
        let mut out = String::from("file,line,column,rule,value\n");
        for fault in &self.listed {
            let cells = [
                quote(file),
                fault.line.to_string(),
                quote(&fault.column),
                fault.rule.as_str().to_owned(),
                quote(&fault.value),
            ];
            out.push_str(&cells.join(","));
            out.push('\n');
        }
        out
    }
}

fn shown(value: &[u8]) -> String {
    let head = &value[..value.len().min(4 * MAX_SHOWN)];
    String::from_utf8_lossy(head)
        .chars()
        .take(MAX_SHOWN)
        .collect()
}

/// What can be said of a value that must not be repeated: “8 letters”.
pub(crate) fn concealed(value: &[u8]) -> String {
    if value.is_empty() {
        return String::new();
    }
    let all = |is: fn(&u8) -> bool| value.iter().all(is);
    let kind = if all(u8::is_ascii_digit) {
        "digits"
    } else if all(u8::is_ascii_alphabetic) {
        "letters"
    } else {
        "characters"
    };
    format!("{} {kind}", String::from_utf8_lossy(value).chars().count())
}

/// A CSV field that a spreadsheet cannot take for a formula.
fn quote(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@']) && text.parse::<f64>().is_err();
    let guard = if formula { "'" } else { "" };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{guard}{text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restricted_list_repeats_no_value() {
        let mut quarantine = Quarantine::concealing(true);
        quarantine.add(2, "line", Rule::Code, b"07700900123");
        quarantine.add(3, "outcome", Rule::Code, "José Smith".as_bytes());
        let text = quarantine.to_csv("calls.csv");
        assert!(text.contains(",2,line,code,11 digits\n"), "{text}");
        assert!(text.contains(",3,outcome,code,10 characters\n"), "{text}");
        assert!(quarantine.first().unwrap().ends_with("found “11 digits”"));
    }

    #[test]
    fn the_list_is_csv_that_no_spreadsheet_runs() {
        let mut quarantine = Quarantine::default();
        quarantine.add(2, "Month", Rule::Month, b"=1+1, \"x\"");
        quarantine.add(3, "Longitude", Rule::OutsideUk, b"-12.5");
        quarantine.add(4, "", Rule::LineLength, &[b'x'; 5000]);
        let text = quarantine.to_csv("a.csv");
        assert!(
            text.contains("a.csv,2,Month,month,\"'=1+1, \"\"x\"\"\"\n"),
            "{text}"
        );
        assert!(text.contains("a.csv,3,Longitude,outside-uk,-12.5\n"));
        assert!(text.ends_with(&format!(",{}\n", "x".repeat(200))));
    }
}
