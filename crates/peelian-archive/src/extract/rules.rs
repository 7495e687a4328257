//! What an extract's rows must keep to across columns, as its TOML declares it.

use std::cmp::Ordering;

use serde::Deserialize;

use crate::quarantine::Rule;
use crate::source::{Kind, Source};
use crate::value::Cell;

/// The `[extract]` table of a source.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Rules {
    /// Column whose month places a row; none where the table is a whole a force.
    pub(crate) time: Option<String>,
    /// Column that parts slices of one force and month: files that differ in
    /// it do not displace each other.
    pub(crate) subject: Option<String>,
    /// Column that says when a figure was current.
    pub(crate) as_at: Option<String>,
    /// Columns that together name a row: a second row of the same name is a
    /// repeat.
    pub(crate) key: Vec<String>,
    /// Times, each not before those named ahead of it.
    pub(crate) order: Vec<Vec<String>>,
    /// Columns of which one has a value (or is true).
    pub(crate) exactly_one: Vec<Vec<String>>,
    /// Numbers of which the first is at most the second.
    pub(crate) at_most: Vec<[String; 2]>,
    /// A flag and a column that is blank where the flag is true.
    pub(crate) blank_if: Vec<[String; 2]>,
}

/// A rule broken and the columns it is about, by their place in the table.
pub(crate) type Broken = (Rule, Vec<usize>);

impl Rules {
    /// The names of all columns that the rules speak of.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &String> {
        let lists = self.order.iter().chain(&self.exactly_one).flatten();
        let pairs = self.at_most.iter().chain(&self.blank_if).flatten();
        let singles = [&self.time, &self.subject, &self.as_at];
        let singles = singles.into_iter().flatten();
        lists.chain(pairs).chain(singles).chain(&self.key)
    }
}

/// The rules of a source with their columns found.
pub(crate) struct Across {
    order: Vec<Vec<usize>>,
    exactly_one: Vec<Vec<usize>>,
    at_most: Vec<Vec<usize>>,
    blank_if: Vec<Vec<usize>>,
    booleans: Vec<bool>,
}

impl Across {
    pub(crate) fn of(source: &Source) -> Self {
        let found = |names: &[String]| names.iter().filter_map(|n| source.column(n)).collect();
        let rules = source.extract.clone().unwrap_or_default();
        Self {
            order: rules.order.iter().map(|l| found(l)).collect(),
            exactly_one: rules.exactly_one.iter().map(|l| found(l)).collect(),
            at_most: rules.at_most.iter().map(|l| found(l)).collect(),
            blank_if: rules.blank_if.iter().map(|l| found(l)).collect(),
            booleans: source
                .columns
                .iter()
                .map(|c| c.kind == Kind::Boolean)
                .collect(),
        }
    }

    /// The first rule that a row of good values breaks.
    pub(crate) fn check(&self, cells: &[Cell<'_>]) -> Result<(), Broken> {
        for columns in &self.order {
            in_order(columns, cells)?;
        }
        for columns in &self.exactly_one {
            let present = columns.iter().filter(|c| self.says_so(**c, cells)).count();
            if present != 1 {
                return Err((Rule::ExactlyOne, columns.clone()));
            }
        }
        for pair in &self.at_most {
            if let [less, more] = number(pair, cells)[..]
                && less > more
            {
                return Err((Rule::AtMost, pair.clone()));
            }
        }
        for pair in &self.blank_if {
            if let [flag, column] = pair[..]
                && self.says_so(flag, cells)
                && self.says_so(column, cells)
            {
                return Err((Rule::BlankIf, pair.clone()));
            }
        }
        Ok(())
    }

    /// Whether a column has a value; a flag, whether it is true.
    fn says_so(&self, column: usize, cells: &[Cell<'_>]) -> bool {
        match cells[column] {
            Cell::Null => false,
            Cell::Number(0) => !self.booleans[column],
            _ => true,
        }
    }
}

fn number(columns: &[usize], cells: &[Cell<'_>]) -> Vec<i64> {
    let value = |c: &usize| match cells[*c] {
        Cell::Number(n) => Some(n),
        _ => None,
    };
    columns.iter().filter_map(value).collect()
}

fn in_order(columns: &[usize], cells: &[Cell<'_>]) -> Result<(), Broken> {
    let mut last: Option<(usize, i64)> = None;
    for column in columns {
        let Cell::Number(time) = cells[*column] else {
            continue;
        };
        if let Some((earlier, before)) = last
            && time.cmp(&before) == Ordering::Less
        {
            return Err((Rule::Order, vec![earlier, *column]));
        }
        last = Some((*column, time));
    }
    Ok(())
}
