//! Sources: what the publisher's files look like and what becomes of each
//! column. One TOML file a source under `sources/`; a new source of the same
//! shape needs no Rust.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use peelian_model::SourceId;
use serde::Deserialize;

use crate::ArchiveError;
use crate::extract::Rules;
use crate::force::{NamedArea, area_named};
use crate::grid::{Boundaries, Workbook};

#[derive(rust_embed::RustEmbed)]
#[folder = "../../sources"]
struct Files;

/// An official source: `sources/<id>.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Stable identifier, the name of its file.
    pub id: SourceId,
    /// Title for a reader.
    pub title: String,
    /// Who publishes it.
    pub publisher: String,
    /// Name of the licence.
    pub licence: String,
    /// Whether its rows are about people and stay out of everything public.
    #[serde(default)]
    pub restricted: bool,
    /// The statement its licence asks for.
    pub attribution: String,
    /// Where the layout of an official file is known from.
    pub layout: Option<Layout>,
    /// The table its rows go to.
    pub table: String,
    /// Whether it comes month by month, as a whole or as an extract.
    pub shape: Shape,
    /// How many months after its month a file is published.
    pub lag_months: Option<u32>,
    /// Whether the first issue of a month is known to change in the next.
    #[serde(default)]
    pub(crate) first_issue_changes: bool,
    /// What is known to be wrong with the source, in sentences.
    #[serde(default)]
    pub faults: Vec<String>,
    /// How monthly files are named and what in a row names the force.
    pub(crate) monthly: Option<Monthly>,
    /// How an extract is cut into months and what its rows keep to.
    pub(crate) extract: Option<Rules>,
    /// How the sheets of a workbook are read.
    pub(crate) workbook: Option<Workbook>,
    /// What in a file of boundaries an area is known by.
    pub(crate) boundaries: Option<Boundaries>,
    /// Headers that may be present and are not kept.
    #[serde(default)]
    pub(crate) unused: Vec<String>,
    /// The order of rows in the table, by column.
    pub(crate) sort: Vec<String>,
    /// The columns of the table, in order.
    #[serde(rename = "column")]
    pub(crate) columns: Vec<Column>,
    /// SHA-256 of the file, so that a table made under an older definition is
    /// never taken for one made under this.
    #[serde(skip)]
    pub(crate) version: String,
}

/// Where the layout of an official file is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// A file was read and its rows were counted.
    RealFile,
    /// The publisher describes it.
    PublishersDocumentation,
    /// A public program reads it so.
    SeenInCode,
}

/// How a source is issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// One file a force and month.
    Monthly,
    /// One file for everything.
    Whole,
    /// A file of a force's own system: any number of months, or none.
    Extract,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Monthly {
    /// Last part of the publisher's file name: `2021-03-essex-<file_kind>.csv`.
    pub(crate) file_kind: String,
    /// Table column that holds the force's name; absent where only the file
    /// name says which force it is.
    pub(crate) force_column: Option<String>,
}

/// A column of a table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Column {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    /// Its header in the file, then other headers it has had.
    #[serde(default)]
    pub(crate) header: Vec<String>,
    /// What fills it where the file has no such column.
    pub(crate) given: Option<Given>,
    /// The number that fills it.
    pub(crate) constant: Option<i64>,
    /// Whether a blank is a fault.
    #[serde(default)]
    pub(crate) required: bool,
    /// The words that may stand in a `code` or `list`.
    #[serde(default)]
    pub(crate) codes: Vec<String>,
    /// Older words and those of today that they became.
    #[serde(default)]
    pub(crate) aliases: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Given {
    Force,
    Month,
    LsoaVintage,
}

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    Text,
    /// Text of few different values.
    Category,
    AreaCode,
    /// Held as its first day.
    Month,
    Timestamp,
    /// Held in micro-degrees.
    Longitude,
    /// Held in micro-degrees.
    Latitude,
    CrimeId,
    Boolean,
    Year,
    Integer,
    /// A number with up to six decimals, below nine thousand million.
    Decimal,
    /// A day of the calendar.
    Date,
    /// Lower-case letters, digits and hyphens: an identifier of ours.
    Slug,
    /// A month (`2022-07`) or a quarter (`2022-Q3`).
    Period,
    /// One of the column's `codes`.
    Code,
    /// Any number of the column's `codes`, with `|` between them.
    List,
    /// A keyed hash in place of a person, address or officer: 16 hexadecimal
    /// digits.
    Pid,
    /// The id of the force that the field names; null where it names a region,
    /// a country, a total or a national body.
    ForceName,
    /// What the field names: `force`, `region`, `country`, `total`,
    /// `national-body` or `secondments`.
    AreaLevel,
    /// The outline of an area: a geometry of GeoJSON (RFC 7946) as text.
    Geometry,
    /// An outline on the National Grid (EPSG:27700), as well-known text.
    GridPolygon,
}

impl Kind {
    pub(crate) fn is_text(self) -> bool {
        matches!(
            self,
            Self::Text
                | Self::Category
                | Self::AreaCode
                | Self::Code
                | Self::List
                | Self::Pid
                | Self::Slug
                | Self::Period
                | Self::ForceName
                | Self::AreaLevel
                | Self::Geometry
                | Self::GridPolygon
        )
    }

    /// The type under which readers see the column. Parquet knows no times in
    /// seconds, so times are held in milliseconds.
    pub(crate) fn data_type(self) -> DataType {
        match self {
            kind if kind.is_text() => DataType::Utf8,
            Self::Decimal => DataType::Float64,
            Self::Month | Self::Date => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
            Self::Longitude | Self::Latitude => DataType::Int32,
            Self::CrimeId => DataType::FixedSizeBinary(32),
            Self::Boolean => DataType::Boolean,
            Self::Year => DataType::Int16,
            _ => DataType::Int64,
        }
    }
}

impl Column {
    /// The word held for one of a file: itself or what it became, the id or the
    /// level for the name of an area. Each item of a list is a word of its own.
    pub(crate) fn today<'w>(&'w self, word: &'w str) -> Cow<'w, str> {
        let one = |word: &'w str| self.aliases.get(word).map_or(word, String::as_str);
        let area = matches!(self.kind, Kind::ForceName | Kind::AreaLevel).then(|| area_named(word));
        match (self.kind, area.flatten()) {
            (Kind::List, _) if !self.aliases.is_empty() => {
                let words: Vec<&str> = word.split('|').map(one).collect();
                words.join("|").into()
            }
            (Kind::ForceName, Some(NamedArea::Force(id))) => id.to_string().into(),
            (Kind::AreaLevel, Some(area)) => area.level().into(),
            _ => one(word).into(),
        }
    }
}

impl Source {
    /// Whether a file may lack the column: an extract leaves out what its
    /// system does not know.
    pub(crate) fn may_lack(&self, column: &Column) -> bool {
        column.header.is_empty() || (self.shape == Shape::Extract && !column.required)
    }

    /// Whether a header could be that of either extract.
    fn confusable(&self, other: &Self) -> bool {
        let within = |a: &Self, b: &Self| {
            let needed = a.columns.iter().filter(|c| !a.may_lack(c));
            needed.into_iter().all(|c| b.column(&c.name).is_some())
        };
        within(self, other) && within(other, self)
    }

    /// Whether its rows have months.
    pub fn is_monthly(&self) -> bool {
        let time = self.extract.as_ref().and_then(|e| e.time.as_ref());
        self.shape == Shape::Monthly || time.is_some()
    }

    /// The column that parts the slices of one force and month.
    pub(crate) fn subject_column(&self) -> Option<usize> {
        self.column(self.extract.as_ref()?.subject.as_ref()?)
    }

    /// The sheets of its workbooks that are not read, by the beginning of their
    /// titles, with the reason of each.
    pub fn sheets_left_out(&self) -> impl Iterator<Item = (&str, &str)> {
        self.workbook.iter().flat_map(Workbook::left_out)
    }

    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == name)
    }

    /// Position of the column whose type or filling is asked for.
    pub(crate) fn column_where(&self, is: impl Fn(&Column) -> bool) -> Option<usize> {
        self.columns.iter().position(is)
    }

    pub(crate) fn schema(&self) -> SchemaRef {
        let field = |c: &Column| Field::new(&c.name, c.kind.data_type(), true);
        Arc::new(Schema::new(
            self.columns.iter().map(field).collect::<Vec<_>>(),
        ))
    }

    /// The headers that must be present, for a sentence.
    pub(crate) fn headers(&self) -> Vec<&str> {
        self.columns
            .iter()
            .filter_map(|c| c.header.first().map(String::as_str))
            .collect()
    }

    fn parse(name: &str, text: &str) -> Result<Self, String> {
        let mut source: Self = toml::from_str(text).map_err(|e| format!("{name}: {e}"))?;
        let fault = |what: &str| Err(format!("{name}: {what}"));
        let file = name.rsplit('/').next().unwrap_or(name);
        if format!("{}.toml", source.id) != file {
            return fault("the id must be the name of the file");
        }
        if (source.shape == Shape::Monthly) != source.monthly.is_some() {
            return fault("a monthly source needs a [monthly] table, and only such a one");
        }
        if (source.shape == Shape::Extract) != source.extract.is_some() {
            return fault("an extract needs an [extract] table, and only such a one");
        }
        let known = |column: &String| source.column(column).is_some();
        let force_column = source
            .monthly
            .as_ref()
            .and_then(|m| m.force_column.as_ref());
        let rules = source.extract.iter().flat_map(Rules::columns);
        if !source
            .sort
            .iter()
            .chain(force_column)
            .chain(rules)
            .all(known)
        {
            return fault("sort, force_column and the rules of an extract must name columns");
        }
        let extract = source.shape == Shape::Extract;
        for column in &mut source.columns {
            if extract && column.given.is_none() && column.constant.is_none() {
                column.header.push(column.name.clone());
            }
            let fillings = [
                !column.header.is_empty(),
                column.given.is_some(),
                column.constant.is_some(),
            ];
            if fillings.into_iter().filter(|f| *f).count() != 1 {
                return Err(format!(
                    "{name}: column {} needs exactly one of header, given and constant",
                    column.name
                ));
            }
            if column.codes.is_empty() == matches!(column.kind, Kind::Code | Kind::List) {
                return Err(format!(
                    "{name}: column {} needs codes if it is a code or a list, and only then",
                    column.name
                ));
            }
            // A file of several forces names them; one of one force need not.
            if extract && column.given == Some(Given::Force) {
                column.header.push(column.name.clone());
            }
        }
        if extract && source.column("force").is_none() {
            return fault("an extract needs the column force");
        }
        if source.is_monthly() {
            for column in ["force", "month"] {
                if source.column(column).is_none() {
                    return fault("a monthly source needs the columns force and month");
                }
            }
        }
        source.version = crate::digest::sha256_hex(text.as_bytes());
        Ok(source)
    }
}

fn load() -> Result<Vec<Source>, String> {
    let mut sources = Vec::new();
    for name in Files::iter().filter(|n| n.ends_with(".toml")) {
        let file = Files::get(&name).ok_or_else(|| format!("{name}: cannot be read"))?;
        let text = std::str::from_utf8(&file.data).map_err(|e| format!("{name}: {e}"))?;
        sources.push(Source::parse(&name, text)?);
    }
    sources.sort_by(|a, b| a.id.cmp(&b.id));
    for pair in sources
        .iter()
        .flat_map(|a| sources.iter().map(move |b| (a, b)))
    {
        if pair.0.table == pair.1.table && pair.0.schema() != pair.1.schema() {
            return Err(format!(
                "{}.toml and {}.toml fill the table {} with different columns",
                pair.0.id, pair.1.id, pair.0.table
            ));
        }
        let extracts = [pair.0, pair.1].map(|s| s.shape == Shape::Extract);
        if extracts == [true, true] && pair.0.id < pair.1.id && pair.0.confusable(pair.1) {
            return Err(format!(
                "{}.toml and {}.toml could have the same header: require a column of one of them",
                pair.0.id, pair.1.id
            ));
        }
    }
    Ok(sources)
}

/// All sources, by id.
pub(crate) fn all() -> Result<&'static [Source], ArchiveError> {
    static SOURCES: OnceLock<Result<Vec<Source>, String>> = OnceLock::new();
    match SOURCES.get_or_init(load) {
        Ok(sources) => Ok(sources),
        Err(reason) => Err(ArchiveError::Source(reason.clone())),
    }
}

/// All sources, by id; an error names the source file that is malformed.
pub fn sources() -> Result<&'static [Source], ArchiveError> {
    all()
}

/// The source of this id.
pub fn source(id: &SourceId) -> Option<&'static Source> {
    all().ok()?.iter().find(|s| s.id == *id)
}

/// The names of all tables, each once, in order.
pub fn tables() -> Vec<String> {
    let mut tables: Vec<String> = all()
        .unwrap_or_default()
        .iter()
        .map(|s| s.table.clone())
        .collect();
    tables.sort();
    tables.dedup();
    tables
}

/// The columns of a table as its Parquet files show them; none where there is
/// no such table. All columns may be null.
pub fn schema(table: &str) -> Option<SchemaRef> {
    of_table(table).map(Source::schema)
}

/// Whether a table's rows stay out of everything public.
pub fn restricted(table: &str) -> bool {
    of_table(table).is_some_and(|s| s.restricted)
}

/// A source that fills the table; all that do have the same columns.
pub(crate) fn of_table(table: &str) -> Option<&'static Source> {
    all().ok()?.iter().find(|s| s.table == table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_file_is_well_formed() {
        assert!(all().unwrap().len() >= 9);
        assert!(tables().iter().any(|t| t == "calls"));
        let street = schema("street").unwrap();
        assert_eq!(street.fields().last().unwrap().name(), "crime_id");
    }

    #[test]
    fn a_source_without_a_filling_for_a_column_is_refused_by_name() {
        let text = "id = \"a\"\ntitle = \"\"\npublisher = \"\"\nlicence = \"\"\nattribution = \"\"\n\
                    table = \"t\"\nshape = \"whole\"\nsort = []\n[[column]]\nname = \"n\"\ntype = \"text\"\n";
        assert!(
            Source::parse("a.toml", text)
                .unwrap_err()
                .contains("column n")
        );
    }
}
