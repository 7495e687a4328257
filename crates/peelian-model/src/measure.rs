//! What a measure is: one reviewable text file, published as it stands.

use serde::{Deserialize, Serialize};

use crate::{InspectionAreaId, MeasureId, Month, SourceId};

/// The shape of a measure's query, and so how its readings are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Events counted against people: the query gives a numerator per force,
    /// area and month; the population is joined to it. Interval: Byar, exact
    /// under 10.
    Rate,
    /// One count out of another: the query gives both. Interval: Wilson.
    Ratio,
    /// Named groups, from which a Rust function makes the value.
    Grouped,
}

/// What a rate is counted against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Denominator {
    /// Residents, from the mid-year estimate nearest the month.
    People,
}

/// Which way is better. Neutral measures are never coloured as good or bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Higher is better.
    Higher,
    /// Lower is better.
    Lower,
    /// Neither: both readings are said.
    Neutral,
    /// A ratio that should be near one.
    #[serde(rename = "closer-to-1")]
    CloserTo1,
    /// A difference that should be near nought.
    #[serde(rename = "closer-to-0")]
    CloserTo0,
}

impl Direction {
    /// The words for a reader.
    pub fn words(self) -> &'static str {
        match self {
            Self::Higher => "Higher is better.",
            Self::Lower => "Lower is better.",
            Self::Neutral => "Neither higher nor lower is better in itself.",
            Self::CloserTo1 => "Closer to 1 is better.",
            Self::CloserTo0 => "Closer to 0 is better.",
        }
    }
}

/// The unit of a measure's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Unit {
    /// Events per 1,000 people in the month.
    #[serde(rename = "per 1,000")]
    Per1000,
    /// 0 to 100.
    #[serde(rename = "%")]
    Percent,
    /// A plain ratio.
    #[serde(rename = "ratio")]
    Ratio,
    /// A number of events.
    #[serde(rename = "count")]
    Count,
}

impl Unit {
    /// The text form used in files and exports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Per1000 => "per 1,000",
            Self::Percent => "%",
            Self::Ratio => "ratio",
            Self::Count => "count",
        }
    }

    /// A value for a reader: per cent whole unless under 10, rates to one
    /// decimal unless under 1, thousands parted by commas.
    pub fn format(self, value: f64) -> String {
        match self {
            Self::Percent if value.abs() >= 9.95 => format!("{value:.0}%"),
            Self::Percent => format!("{value:.1}%"),
            Self::Per1000 if value.abs() >= 0.995 => format!("{value:.1}"),
            Self::Per1000 | Self::Ratio => format!("{value:.2}"),
            Self::Count => thousands(value),
        }
    }
}

/// A whole number with commas: 1,877,301.
fn thousands(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if value <= -0.5 {
        out.push('-');
    }
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// Which groups a grouped measure compares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupComparison {
    /// The group asked about, as the query names it.
    pub group: String,
    /// The group it is compared with.
    pub reference: String,
    /// Records whose group is not known; they make the bounds.
    pub unknown: String,
}

/// Whether a measure is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MeasureStatus {
    /// Computed, not yet shown.
    Draft,
    /// Shown.
    Published,
    /// Kept for old links, no longer computed.
    Retired,
}

impl MeasureStatus {
    /// The text form used in files and exports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Retired => "retired",
        }
    }
}

/// Who may see what is made from a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Visibility {
    /// Published openly already.
    Public,
    /// For people who sign in.
    Restricted,
}

/// A warning that belongs to the figure, with when it applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caveat {
    /// One or two sentences.
    pub text: String,
    /// Applies from this month on; always where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Month>,
    /// Applies to this month at the latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Month>,
}

/// A standard that was in force between two months, with its source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standard {
    /// In the measure's unit.
    pub value: f64,
    /// First month in force.
    pub from: Month,
    /// Last month in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Month>,
    /// Who set it.
    pub authority: String,
    /// Where it can be read.
    pub source_url: String,
}

/// Who stands behind a definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// Role of the author; never a person's name.
    pub author_role: String,
    /// When the definition was last looked at, `2026-11-22`.
    pub reviewed: String,
    /// When it must be looked at again.
    pub next_review: String,
}

/// The disclosure step. Without one a measure stays restricted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// The rule that makes figures safe to show.
    pub rule: String,
    /// The finest place shown: `force` or `district`.
    pub grain: String,
}

/// A measure: what it counts, why, and how to read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Stable identifier and address part; the name of its files.
    pub id: MeasureId,
    /// “Recorded crime rate”.
    pub title: String,
    /// What is measured, where, when and in what unit: a chart's subtitle.
    pub subtitle: String,
    /// The inspected area it speaks to.
    pub area: InspectionAreaId,
    /// The shape of its query.
    pub kind: Kind,
    /// Its unit.
    pub unit: Unit,
    /// Which way is better.
    pub direction: Direction,
    /// Whether it is in use.
    pub status: MeasureStatus,
    /// The finest grain of its query: `force` or `district`.
    pub grain: String,
    /// How many months one reading spans; 1 unless rolling.
    #[serde(default = "one")]
    pub months: u32,
    /// What a rate is counted against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denominator: Option<Denominator>,
    /// Which groups are compared, where the query is grouped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare: Option<GroupComparison>,
    /// Fewest events for a reading to mean anything.
    #[serde(default)]
    pub fewest: u32,
    /// Whether it is made of recorded crime or recorded antisocial behaviour,
    /// where fewer records can mean worse recording.
    pub recorded: bool,
    /// The sources its query reads; the first is the one that decides which months exist.
    pub sources: Vec<SourceId>,
    /// The definition in plain words.
    pub definition: String,
    /// The numerator in plain words: “crimes recorded”.
    pub numerator_words: String,
    /// The denominator in plain words: “1,000 people”.
    pub denominator_words: String,
    /// Why it matters.
    pub why: String,
    /// What it does not tell.
    pub limits: String,
    /// Warnings.
    #[serde(default)]
    pub caveats: Vec<Caveat>,
    /// Standards by date; empty where none was found.
    #[serde(default)]
    pub standards: Vec<Standard>,
    /// Who stands behind it.
    pub review: Review,
    /// How it becomes public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish: Option<Publish>,
    /// What changed in the definition, newest first, each beginning with its date.
    #[serde(default)]
    pub changes: Vec<String>,
}

fn one() -> u32 {
    1
}

impl Measure {
    /// The standard in force in a month.
    pub fn standard(&self, month: Month) -> Option<&Standard> {
        self.standards
            .iter()
            .find(|s| s.from <= month && s.to.is_none_or(|to| month <= to))
    }

    /// The first and last month of a reading of this period.
    pub fn span(&self, period: Month) -> (Month, Month) {
        let months = i32::try_from(self.months.max(1)).unwrap_or(1);
        (period.plus(1 - months), period)
    }

    /// Public only through a disclosure step.
    pub fn visibility(&self) -> Visibility {
        if self.publish.is_some() {
            Visibility::Public
        } else {
            Visibility::Restricted
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_for_readers() {
        assert_eq!(Unit::Percent.format(9.94), "9.9%");
        assert_eq!(Unit::Percent.format(9.96), "10%");
        assert_eq!(Unit::Per1000.format(7.26), "7.3");
        assert_eq!(Unit::Per1000.format(0.126), "0.13");
        assert_eq!(Unit::Count.format(1_877_301.0), "1,877,301");
        assert_eq!(Unit::Count.format(-12.0), "-12");
        assert_eq!(Unit::Count.format(0.2), "0");
    }
}
