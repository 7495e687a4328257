//! Known faults of the published data, `reference/known-issues.csv`.

use peelian_model::Nature;
use peelian_readings::KnownIssue;

use crate::MeasuresError;

const FILE: &str = "reference/known-issues.csv";
const TEXT: &str = include_str!("../../../reference/known-issues.csv");

#[derive(serde::Deserialize)]
struct Row {
    table: String,
    force: String,
    from: String,
    to: String,
    not_supplied: bool,
    text: String,
    source: String,
    checked: String,
}

/// The register; empty for synthetic data, to which no real fault belongs.
pub(crate) fn known_issues(nature: Nature) -> Result<Vec<KnownIssue>, MeasuresError> {
    if nature == Nature::Synthetic {
        return Ok(Vec::new());
    }
    csv::Reader::from_reader(TEXT.as_bytes())
        .deserialize::<Row>()
        .map(|row| {
            let row = row.map_err(|e| MeasuresError::definition(FILE, e))?;
            let wrong = |e: &dyn std::fmt::Display| MeasuresError::definition(FILE, e);
            let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            Ok(KnownIssue {
                table: filled(&row.table),
                force: filled(&row.force)
                    .map(|f| f.parse())
                    .transpose()
                    .map_err(|e| wrong(&e))?,
                from: row.from.parse().map_err(|e| wrong(&e))?,
                to: filled(&row.to)
                    .map(|t| t.parse())
                    .transpose()
                    .map_err(|e| wrong(&e))?,
                not_supplied: row.not_supplied,
                text: row.text,
                source: row.source,
                checked: row.checked,
            })
        })
        .collect()
}
