//! The sidecar of an extract: a JSON file beside it that says what it is.

use peelian_model::{ForceId, Month};
use serde::{Deserialize, Serialize};

use crate::as_at::AsAt;
use crate::mapping::Mapping;
use crate::{force, london, value};

/// The version of the extract schemas that this program reads.
const SCHEMA_VERSION: u32 = 1;

/// Name of a sidecar that stands for every extract of its folder, and ending
/// of one that stands for one: `calls.manifest.json` beside `calls.csv`.
const NAME: &str = "manifest.json";

/// `manifest.json` or `calls.manifest.json`, as the force writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sidecar {
    #[serde(rename = "extract")]
    _extract: String,
    schema_version: u32,
    system: String,
    run_at: String,
    #[serde(default)]
    period_from: Option<String>,
    #[serde(default)]
    period_to: Option<String>,
    row_count: u64,
    #[serde(default)]
    known_gaps: Vec<String>,
    #[serde(default)]
    clock: Option<String>,
    contact_role: String,
    #[serde(default)]
    force: Option<String>,
    /// What a survey adds.
    #[serde(default)]
    survey: Option<Survey>,
}

/// Whom a survey asked and how many answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Survey {
    /// From what list people were drawn.
    pub sample_frame: String,
    /// How many were asked.
    pub invited: u64,
    /// How many answered.
    pub responded: u64,
    /// To what totals answers are weighted.
    #[serde(default)]
    pub weighting_targets: Option<String>,
}

/// Where an extract comes from, as its sidecar says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The system it was taken from.
    pub system: String,
    /// Whom to ask, by role.
    pub contact_role: String,
    /// What its times mean and which clock gave them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<String>,
    /// First and last day that it covers, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<(String, String)>,
    /// What is known to be missing, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known_gaps: Vec<String>,
    /// What was found out while the file was read, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Whom a survey asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub survey: Option<Survey>,
    /// When it was taken.
    #[serde(skip)]
    pub(crate) as_at: Option<AsAt>,
}

impl Provenance {
    /// The first and last month that lie wholly in its period; none where a gap
    /// is known.
    pub(crate) fn whole_months(&self) -> Option<(Month, Month)> {
        let (from, to) = self.period.as_ref()?;
        let (from, to) = (value::date(from.as_bytes())?, value::date(to.as_bytes())?);
        let (first, last) = (london::month_of_day(from)?, london::month_of_day(to)?);
        let first = first.plus(i32::from(from > value::month_days(first)));
        let ends = to + 1 == value::month_days(last.plus(1));
        let last = last.plus(if ends { 0 } else { -1 });
        (self.known_gaps.is_empty() && first <= last).then_some((first, last))
    }

    /// What a mapping says, where a file has no sidecar.
    pub(crate) fn of_mapping(mapping: &Mapping) -> Self {
        let (system, contact_role) = mapping.told();
        let stated = |text: Option<&str>| text.unwrap_or("not stated").to_owned();
        Self {
            system: stated(system),
            contact_role: stated(contact_role),
            clock: None,
            period: None,
            known_gaps: Vec::new(),
            notes: Vec::new(),
            survey: None,
            as_at: None,
        }
    }
}

/// Whether a file is a sidecar, by its name.
pub(crate) fn is_sidecar(name: &str) -> bool {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    name == NAME || name.ends_with(".manifest.json")
}

/// The names under which the sidecar of a file may stand in its folder, the
/// one of the file alone first.
pub(crate) fn sidecar_names(file: &str) -> [String; 2] {
    let (folder, name) = match file.rfind(['/', '\\']) {
        Some(at) => file.split_at(at + 1),
        None => ("", file),
    };
    let name = name.strip_suffix(".gz").unwrap_or(name);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    [format!("{folder}{stem}.{NAME}"), format!("{folder}{NAME}")]
}

impl Sidecar {
    /// The sidecar of a table in a JSON text: one object, or a list of them of
    /// which that of the table is taken. None where the text has none for it.
    pub(crate) fn of(table: &str, name: &str, text: &[u8]) -> Result<Option<Self>, String> {
        #[derive(Deserialize)]
        struct Named {
            extract: String,
        }
        let wrong =
            |e: serde_json::Error| format!("its sidecar {name} cannot be read ({e}): correct it");
        let value: serde_json::Value = serde_json::from_slice(text).map_err(wrong)?;
        let several = match value {
            serde_json::Value::Array(several) => several,
            one => vec![one],
        };
        for one in several {
            let named: Named = serde_json::from_value(one.clone()).map_err(wrong)?;
            if named.extract == table {
                let sidecar: Self = serde_json::from_value(one).map_err(wrong)?;
                return sidecar.good(name).map(Some);
            }
        }
        Ok(None)
    }

    fn good(self, name: &str) -> Result<Self, String> {
        let wrong = |what: String| Err(format!("its sidecar {name} {what}"));
        if self.schema_version != SCHEMA_VERSION {
            return wrong(format!(
                "speaks of schema version {}, and this program reads version {SCHEMA_VERSION}: \
                 make the extract again by docs/extracts.md",
                self.schema_version
            ));
        }
        if AsAt::stated(&self.run_at).is_err() {
            return wrong(
                "has a run_at that is no time: write it as 2026-10-01T06:00:00+01:00".to_owned(),
            );
        }
        let days = [&self.period_from, &self.period_to];
        if (days.into_iter().flatten()).any(|day| value::date(day.as_bytes()).is_none()) {
            return wrong("has a period that is no day: write it as 2026-10-01".to_owned());
        }
        if self.force.is_some() && self.force().is_none() {
            return wrong("names a force that is not known: give its id, such as essex".to_owned());
        }
        Ok(self)
    }

    pub(crate) fn force(&self) -> Option<ForceId> {
        self.force.as_deref().and_then(force::of_id_or_name)
    }

    /// Whether what it says of the file agrees with the file.
    pub(crate) fn check(&self, rows: u64) -> Result<(), String> {
        if self.row_count == rows {
            return Ok(());
        }
        Err(format!(
            "its sidecar says {} rows and it has {rows}: it was cut short or changed, \
             so take the extract again",
            self.row_count
        ))
    }

    pub(crate) fn provenance(&self) -> Provenance {
        Provenance {
            system: self.system.clone(),
            contact_role: self.contact_role.clone(),
            clock: self.clock.clone(),
            period: self.period_from.clone().zip(self.period_to.clone()),
            known_gaps: self.known_gaps.clone(),
            notes: Vec::new(),
            survey: self.survey.clone(),
            as_at: AsAt::stated(&self.run_at).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_whole_where_the_period_holds_all_its_days() {
        let months = |from: &str, to: &str, gaps: &[&str]| {
            let provenance = Provenance {
                system: String::new(),
                contact_role: String::new(),
                clock: None,
                period: Some((from.to_owned(), to.to_owned())),
                known_gaps: gaps.iter().map(ToString::to_string).collect(),
                notes: Vec::new(),
                survey: None,
                as_at: None,
            };
            let months = provenance.whole_months();
            months.map(|(first, last)| format!("{first} {last}"))
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            months("2026-07-01", "2026-09-30", &[]),
            some("2026-07 2026-09")
        );
        assert_eq!(
            months("2025-12-02", "2026-02-28", &[]),
            some("2026-01 2026-02")
        );
        assert_eq!(
            months("2026-07-01", "2026-09-29", &[]),
            some("2026-07 2026-08")
        );
        assert_eq!(months("2026-07-02", "2026-07-31", &[]), None);
        assert_eq!(
            months("2026-07-01", "2026-09-30", &["No calls in July."]),
            None
        );
    }

    #[test]
    fn a_sidecar_stands_beside_its_file_or_for_its_folder() {
        assert_eq!(
            sidecar_names("in/calls.csv.gz"),
            ["in/calls.manifest.json", "in/manifest.json"]
        );
        assert_eq!(
            sidecar_names("calls.parquet"),
            ["calls.manifest.json", "manifest.json"]
        );
        assert!(is_sidecar("in/calls.manifest.json") && is_sidecar("manifest.json"));
        assert!(!is_sidecar("manifest.csv") && !is_sidecar("my-manifest.json"));
    }
}
