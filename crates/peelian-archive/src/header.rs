//! What a file is by its name and by its header.

use peelian_model::{ForceId, Month};

use crate::ArchiveError;
use crate::source::{Column, Source, all};

/// What the publisher's file name says: `2021-03-essex-street.csv`, with or
/// without `.gz`, in any folder.
#[derive(Debug, Clone)]
pub(crate) struct OfficialName {
    pub(crate) source: &'static Source,
    pub(crate) month: Month,
    pub(crate) force: ForceId,
}

impl OfficialName {
    pub(crate) fn of(path: &str) -> Option<Self> {
        let name = path.rsplit(['/', '\\']).next()?;
        let name = name.strip_suffix(".gz").unwrap_or(name);
        let stem = name.strip_suffix(".csv")?;
        let month = stem.get(..7)?.parse().ok()?;
        let rest = stem.get(7..)?.strip_prefix('-')?;
        all().ok()?.iter().find_map(|source| {
            let kind = &source.monthly.as_ref()?.file_kind;
            let force = rest
                .strip_suffix(kind.as_str())?
                .strip_suffix('-')?
                .parse()
                .ok()?;
            Some(Self {
                source,
                month,
                force,
            })
        })
    }
}

/// What a header row says of its file.
pub(crate) enum Header {
    /// A source's; each table column's place in the row, where it has one.
    Ours(&'static Source, Vec<Option<usize>>),
    /// None that is known, with a sentence on what was expected.
    Foreign(String),
}

impl Header {
    pub(crate) fn of(fields: &[&[u8]]) -> Result<Self, ArchiveError> {
        let names: Vec<String> = fields
            .iter()
            .map(|f| normal(&String::from_utf8_lossy(f)))
            .collect();
        let mut nearest: Option<(usize, String)> = None;
        let of_csv = |s: &&Source| s.workbook.is_none() && s.boundaries.is_none();
        for source in all()?.iter().filter(of_csv) {
            let places: Vec<Option<usize>> =
                source.columns.iter().map(|c| place(c, &names)).collect();
            let missing: Vec<&str> = source
                .columns
                .iter()
                .zip(&places)
                .filter(|(c, place)| !source.may_lack(c) && place.is_none())
                .filter_map(|(c, _)| c.header.first().map(String::as_str))
                .collect();
            let unused: Vec<String> = source.unused.iter().map(|u| normal(u)).collect();
            let extra: Vec<&str> = names
                .iter()
                .enumerate()
                .filter(|(i, name)| !places.contains(&Some(*i)) && !unused.contains(name))
                .map(|(_, name)| name.as_str())
                .collect();
            if missing.is_empty() && extra.is_empty() {
                return Ok(Self::Ours(source, places));
            }
            let headers = source.headers();
            let found = headers
                .iter()
                .filter(|h| names.iter().any(|n| letters(n) == letters(h)))
                .count();
            if 2 * found >= headers.len() && nearest.as_ref().is_none_or(|n| found > n.0) {
                nearest = Some((found, difference(source, &missing, &extra)));
            }
        }
        let unknown = || {
            "its header is that of no known source: give an extract with the columns of \
             docs/extracts.md, or the publisher's own file, unchanged, of a source of \
             docs/sources.md"
                .to_owned()
        };
        Ok(Self::Foreign(nearest.map_or_else(unknown, |n| n.1)))
    }
}

fn normal(header: &str) -> String {
    header.trim().to_lowercase()
}

/// Only for naming the nearest source: `crime_id` resembles `Crime ID`.
fn letters(header: &str) -> String {
    header
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn place(column: &Column, names: &[String]) -> Option<usize> {
    column
        .header
        .iter()
        .find_map(|h| names.iter().position(|n| *n == normal(h)))
}

fn difference(source: &Source, missing: &[&str], extra: &[&str]) -> String {
    let list = |names: &[&str]| {
        let shown: Vec<String> = names
            .iter()
            .take(4)
            .map(|n| format!("“{}”", n.chars().take(40).collect::<String>()))
            .collect();
        shown.join(", ")
    };
    let mut what = Vec::new();
    if !missing.is_empty() {
        what.push(format!("lacks {}", list(missing)));
    }
    if !extra.is_empty() {
        what.push(format!("has {} besides", list(extra)));
    }
    format!(
        "its header resembles that of {} ({}) but {}: give the publisher's own file, unchanged",
        source.title,
        source.id,
        what.join(" and ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_publishers_file_names_say_source_month_and_force() {
        let name =
            OfficialName::of("2021-03/2021-03-city-of-london-stop-and-search.csv.gz").unwrap();
        assert_eq!(name.source.id.as_str(), "police-uk-stop-and-search");
        assert_eq!(
            (name.month.to_string(), name.force.as_str()),
            ("2021-03".into(), "city-of-london")
        );
        for other in [
            "2021-03-essex.csv",
            "2021-13-essex-street.csv",
            "street.csv",
            "2021-03-street.csv",
        ] {
            assert!(OfficialName::of(other).is_none(), "{other}");
        }
    }

    #[test]
    fn a_renamed_header_is_not_taken_for_the_publishers() {
        let header = |text: &str| {
            Header::of(&text.split(',').map(str::as_bytes).collect::<Vec<_>>()).unwrap()
        };
        let official = "crime id, MONTH ,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Outcome type";
        assert!(matches!(header(official), Header::Ours(s, _) if s.table == "outcomes"));
        let renamed = official
            .replace("crime id", "crime_id")
            .replace("LSOA code", "lsoa_code");
        let Header::Foreign(reason) = header(&renamed) else {
            panic!("taken")
        };
        assert!(
            reason.contains("police-uk-outcomes") && reason.contains("“Crime ID”"),
            "{reason}"
        );
    }
}
