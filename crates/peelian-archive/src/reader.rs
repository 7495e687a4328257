//! Reads the CSV text of a release: every row is kept or set aside.

use peelian_model::{ForceId, Month};

use crate::force::force_named;
use crate::grid::Grid;
use crate::header::Header;
use crate::quarantine::{Quarantine, Rule};
use crate::records::{each_record, each_row};
use crate::rows::Rows;
use crate::source::{Column, Given, Kind, Source};
use crate::value::{self, Cell};
use crate::{ArchiveError, input};

/// First month of which the publisher has data. An earlier one is a fault.
const FIRST_MONTH: (i32, u32) = (2010, 12);

/// The rows of a release and what was wrong with others.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) kept: u64,
    pub(crate) quarantine: Quarantine,
}

/// Adds the good rows of a CSV text to `rows`. The error is the reason why the
/// file is refused as a whole; then no row is added.
pub(crate) fn read(
    text: &[u8],
    part: Option<&(ForceId, Month)>,
    synthetic: bool,
    rows: &mut Rows,
) -> Result<Read, String> {
    let before = rows.len();
    let (header, body) = input::split_header(text)?;
    let (source, places) = match header_of(header).map_err(|e| e.to_string())? {
        Header::Ours(source, places) if source.id == rows.source().id => (source, places),
        Header::Ours(source, _) => {
            return Err(format!(
                "its header is that of {} ({}) but its name says {}: give the publisher's own file",
                source.title,
                source.id,
                rows.source().id
            ));
        }
        Header::Foreign(reason) => return Err(reason),
    };
    rows.begin_file(&places);
    let mut checker = Checker::new(source, places, part, synthetic);
    let mut quarantine = Quarantine::default();
    let header_line = crate::records::csv_lines(header)
        .into_iter()
        .next()
        .unwrap_or_default();
    let names: Vec<&str> = header_line.iter().map(|n| n.trim()).collect();
    let width = names.len();
    each_row(body, 2, |line, row, record| match record {
        Err((rule, value)) => quarantine.add(line, "", rule, value),
        Ok(fields) if fields.len() != width => {
            quarantine.add(line, "", Rule::Fields, fields.len().to_string().as_bytes());
        }
        Ok(fields) if row.is_some_and(|row| checker.repeat(row, fields, rows)) => (),
        Ok(fields) => match checker.check(fields) {
            Ok(cells) => {
                rows.push(&cells);
                if let Some(row) = row {
                    rows.learn_repeats(row, fields);
                }
            }
            Err((rule, place)) => {
                let column = names.get(place).copied().unwrap_or_default();
                quarantine.add(
                    line,
                    column,
                    rule,
                    fields.get(place).copied().unwrap_or_default(),
                );
            }
        },
    });
    let kept = (rows.len() - before) as u64;
    if let Some(reason) = refusal(kept, &quarantine, part) {
        rows.truncate(before);
        return Err(reason);
    }
    Ok(Read { kept, quarantine })
}

/// Adds the good rows of a grid to `rows`, as [`read`] does those of CSV text.
pub(crate) fn read_grid(grid: &Grid, synthetic: bool, rows: &mut Rows) -> Result<Read, String> {
    let before = rows.len();
    let source = rows.source();
    let mut checker = Checker::new(source, grid.places(source), None, synthetic);
    let mut quarantine = Quarantine::default();
    for line in &grid.rows {
        let fields: Vec<&[u8]> = line.cells.iter().map(String::as_bytes).collect();
        match checker.check(&fields) {
            Ok(cells) => rows.push(&cells),
            Err((rule, place)) => {
                let value = fields.get(place).copied().unwrap_or_default();
                quarantine.add(line.number, &grid.column(line, place), rule, value);
            }
        }
    }
    let kept = (rows.len() - before) as u64;
    if let Some(reason) = refusal(kept, &quarantine, None) {
        rows.truncate(before);
        return Err(reason);
    }
    Ok(Read { kept, quarantine })
}

pub(crate) fn header_of(header: &[u8]) -> Result<Header, ArchiveError> {
    let mut found = None;
    each_record(header, 1, |_, record| {
        if found.is_none() {
            found = Some(match record {
                Ok(fields) => Header::of(fields),
                Err((rule, _)) => Ok(Header::Foreign(format!(
                    "its first line is no header (expected {}): give the publisher's own file",
                    rule.expected()
                ))),
            });
        }
    });
    found.unwrap_or_else(|| Ok(Header::Foreign("it is empty: download it again".to_owned())))
}

/// Whether a field holds codes of its column, or words that become one.
pub(crate) fn has_codes(column: &Column, field: &[u8]) -> bool {
    let known = |word: &[u8]| {
        column.codes.iter().any(|c| c.as_bytes() == word)
            || column.aliases.keys().any(|a| a.as_bytes() == word)
    };
    match column.kind {
        Kind::List => field.split(|b| *b == b'|').all(known),
        _ => known(field),
    }
}

/// Why a file is refused although it could be read; none where it is taken.
fn refusal(kept: u64, quarantine: &Quarantine, part: Option<&(ForceId, Month)>) -> Option<String> {
    let first = quarantine.first().unwrap_or_default();
    if let Some((force, month)) = part {
        if quarantine.count(Rule::OtherMonth) > kept {
            return Some(format!(
                "most of its rows are not of {month} ({first}): give one file a force and month, \
                 under the publisher's name"
            ));
        }
        if quarantine.count(Rule::OtherForce) > kept {
            return Some(format!(
                "most of its rows are not of {force} ({first}): give one file a force and month, \
                 under the publisher's name"
            ));
        }
    }
    if kept > 0 {
        return None;
    }
    Some(if quarantine.rows == 0 {
        "it has a header and no rows: a force that supplied nothing has no file, so leave it out"
            .to_owned()
    } else {
        format!(
            "none of its {} rows is good ({first}): download it again",
            quarantine.rows
        )
    })
}

/// Checks rows of one file.
struct Checker<'a> {
    source: &'static Source,
    places: Vec<Option<usize>>,
    part: Option<&'a (ForceId, Month)>,
    synthetic: bool,
    force_column: Option<usize>,
    lon: Option<usize>,
    lat: Option<usize>,
    /// The force name met last, and whether it may stand in this file.
    last_force: (Vec<u8>, bool),
}

impl<'a> Checker<'a> {
    fn new(
        source: &'static Source,
        places: Vec<Option<usize>>,
        part: Option<&'a (ForceId, Month)>,
        synthetic: bool,
    ) -> Self {
        let force = source
            .monthly
            .as_ref()
            .and_then(|m| m.force_column.as_deref());
        Self {
            source,
            places,
            part,
            synthetic,
            force_column: force.and_then(|name| source.column(name)),
            lon: source.column_where(|c| c.kind == Kind::Longitude),
            lat: source.column_where(|c| c.kind == Kind::Latitude),
            last_force: (Vec::new(), false),
        }
    }

    /// Adds a row of which all but single values has been met before. False
    /// where it has not or a value is bad; then no row is added.
    fn repeat(&mut self, row: &[u8], fields: &[&[u8]], rows: &mut Rows) -> bool {
        rows.push_repeat(row, fields, |column, field| {
            self.check_field(column, field).ok()
        })
    }

    /// One cell a column, or which rule is broken and at which place of the row.
    fn check<'f>(&mut self, fields: &[&'f [u8]]) -> Result<Vec<Cell<'f>>, (Rule, usize)>
    where
        'a: 'f,
    {
        let mut cells = Vec::with_capacity(self.source.columns.len());
        for index in 0..self.places.len() {
            let Some(place) = self.places[index] else {
                cells.push(self.filling(index));
                continue;
            };
            let cell = self.check_field(index, fields[place]);
            cells.push(cell.map_err(|rule| (rule, place))?);
        }
        self.check_point(&cells)?;
        Ok(cells)
    }

    fn check_field<'f>(&mut self, index: usize, field: &'f [u8]) -> Result<Cell<'f>, Rule> {
        let column = &self.source.columns[index];
        if field.is_empty() {
            return if column.required {
                Err(Rule::Required)
            } else {
                Ok(Cell::Null)
            };
        }
        let cell = value::parse(column.kind, field)?;
        if !(column.codes.is_empty() || has_codes(column, field)) {
            return Err(Rule::Code);
        }
        self.check_in_file(index, column.kind, cell)?;
        Ok(cell)
    }

    fn filling(&self, index: usize) -> Cell<'a> {
        let column = &self.source.columns[index];
        match (column.given, self.part) {
            (Some(Given::Force), Some((force, _))) => Cell::Text(force.as_str().as_bytes()),
            (Some(Given::Month), Some((_, month))) => Cell::Number(value::month_days(*month)),
            // The vintage follows once all codes of the file are known.
            (Some(_), _) => Cell::Null,
            (None, _) => column.constant.map_or(Cell::Null, Cell::Number),
        }
    }

    /// Whether a good value can stand in this file.
    fn check_in_file(&mut self, index: usize, kind: Kind, cell: Cell<'_>) -> Result<(), Rule> {
        match (kind, cell) {
            // Real codes begin with a letter of a nation, invented ones with X.
            (Kind::AreaCode, Cell::Text(code)) if code.starts_with(b"X") != self.synthetic => {
                Err(Rule::AreaCode)
            }
            (Kind::Month, Cell::Number(days)) => {
                let first = value::days(FIRST_MONTH.0.into(), FIRST_MONTH.1.into(), 1);
                if days < first {
                    return Err(Rule::Month);
                }
                match self.part {
                    Some((_, month)) if value::month_days(*month) != days => Err(Rule::OtherMonth),
                    _ => Ok(()),
                }
            }
            (Kind::Timestamp, Cell::Number(time)) => match self.part {
                Some((_, month)) if !value::near_month(time, *month) => Err(Rule::OtherMonth),
                _ => Ok(()),
            },
            (_, Cell::Text(name)) if self.force_column == Some(index) => {
                self.check_force(name).then_some(()).ok_or(Rule::OtherForce)
            }
            _ => Ok(()),
        }
    }

    /// A name that is not known says nothing against the file: forces change
    /// their names. That of another force does.
    fn check_force(&mut self, name: &[u8]) -> bool {
        if self.last_force.0 != name {
            let named = force_named(&String::from_utf8_lossy(name));
            let fits = match (named, self.part) {
                (Some(named), Some((force, _))) => named.id == *force,
                _ => true,
            };
            self.last_force = (name.to_vec(), fits);
        }
        self.last_force.1
    }

    fn check_point(&self, cells: &[Cell<'_>]) -> Result<(), (Rule, usize)> {
        let (Some(lon), Some(lat)) = (self.lon, self.lat) else {
            return Ok(());
        };
        let place = |index: usize| self.places[index].unwrap_or_default();
        match (cells[lon], cells[lat]) {
            (Cell::Number(x), Cell::Number(y)) if !value::in_united_kingdom(x, y) => {
                // Where the latitude alone is impossible, it is to blame.
                let at = if (49_000_000..61_000_000).contains(&y) {
                    lon
                } else {
                    lat
                };
                Err((Rule::OutsideUk, place(at)))
            }
            (Cell::Number(_), Cell::Null) => Err((Rule::HalfCoordinates, place(lat))),
            (Cell::Null, Cell::Number(_)) => Err((Rule::HalfCoordinates, place(lon))),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEADER: &str = "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,\
                          LSOA code,LSOA name,Crime type,Last outcome category,Context\n";

    /// What is kept of two files of a force, and what is set aside.
    fn read_both(files: &[String; 2]) -> (Rows, Vec<Result<String, String>>) {
        let id = "police-uk-street".parse().unwrap();
        let mut rows = Rows::new(crate::source::source(&id).unwrap());
        let read_one = |(month, text): (&str, &String)| {
            let part = ("synthetic-ashmoor".parse().unwrap(), month.parse().unwrap());
            let text = format!("{HEADER}{text}");
            super::read(text.as_bytes(), Some(&part), true, &mut rows)
                .map(|read| format!("{} {}", read.kept, read.quarantine.to_csv("file")))
        };
        let read = ["2024-01", "2024-02"]
            .into_iter()
            .zip(files)
            .map(read_one)
            .collect();
        (rows, read)
    }

    /// Rows of few different fields, some of them faulty.
    fn rows(month: &'static str) -> impl Strategy<Value = Vec<[&'static str; 9]>> {
        let id = prop_oneof![
            4 => Just("11111111111111111111111111111111111111111111111111111111111111aB"),
            2 => Just(""),
            1 => Just("12g4"),
        ];
        let months = prop_oneof![12 => Just(month), 1 => Just("2024-03"), 1 => Just("")];
        let force = prop_oneof![
            9 => Just("Synthetic Ashmoor Police"),
            1 => Just("Synthetic Other Police"),
            1 => Just("Ashmoor"),
        ];
        let lon =
            prop_oneof![6 => Just("-1.5"), 2 => Just("-1.25"), 1 => Just(""), 1 => Just("9.5")];
        let lat = prop_oneof![6 => Just("52.5"), 2 => Just("52.25"), 1 => Just("")];
        let location = prop_oneof![Just("On or near Ash Road"), Just("")];
        let lsoa = prop_oneof![6 => Just("X01000001"), 2 => Just(""), 1 => Just("E01000001")];
        let kind = prop_oneof![
            4 => Just("Violent crime"),
            4 => Just("Violence and sexual offences"),
            1 => Just(""),
        ];
        let outcome = prop_oneof![Just("No further action"), Just("")];
        let row = (id, months, force, lon, lat, location, lsoa, kind, outcome);
        let row = row.prop_map(|(a, b, c, d, e, f, g, h, i)| [a, b, c, d, e, f, g, h, i]);
        proptest::collection::vec(row, 1..60)
    }

    fn text(rows: &[[&str; 9]], quote: &str) -> String {
        let line = |r: &[&str; 9]| {
            let [id, month, force, lon, lat, location, lsoa, kind, outcome] = r;
            format!(
                "{id},{month},{force},{force},{lon},{lat},{quote}{location}{quote},{lsoa},Ashmoor 001A,\
                 {kind},{outcome},\n"
            )
        };
        rows.iter().map(line).collect()
    }

    proptest! {
        /// A row with a quote is read field by field, so quotes show what
        /// would be read if nothing were remembered.
        #[test]
        fn what_is_remembered_is_what_would_be_read(
            first in rows("2024-01"),
            second in rows("2024-02"),
        ) {
            let (ours, our_lists) = read_both(&[text(&first, ""), text(&second, "")]);
            let (theirs, their_lists) = read_both(&[text(&first, "\""), text(&second, "\"")]);
            prop_assert_eq!(our_lists, their_lists);
            prop_assert_eq!(ours.to_batch().unwrap(), theirs.to_batch().unwrap());
            prop_assert_eq!(ours.order(), theirs.order());
        }
    }
}
