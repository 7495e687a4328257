//! Extracts made by a plan, read back for the tests.

use std::collections::{BTreeMap, BTreeSet};

use csv::StringRecord;
use peelian_simulate::{Defect, ExtractPlan, ExtractTruth, write_extracts};

/// What a plan made: the truth, and every file of `extracts/` by name.
pub(crate) struct Extracts {
    pub(crate) truth: ExtractTruth,
    pub(crate) official: String,
    pub(crate) files: BTreeMap<String, String>,
}

/// One table read back.
pub(crate) struct Read {
    pub(crate) columns: BTreeMap<String, usize>,
    pub(crate) rows: Vec<StringRecord>,
}

impl Read {
    pub(crate) fn column(&self, name: &str) -> usize {
        *self
            .columns
            .get(name)
            .unwrap_or_else(|| panic!("no column {name}"))
    }

    /// A column from top to bottom.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let column = self.column(name);
        self.rows.iter().map(move |row| &row[column])
    }
}

pub(crate) fn extracts(plan: &ExtractPlan) -> Extracts {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("made");
    let truth = write_extracts(plan, &folder).unwrap();
    let files = std::fs::read_dir(folder.join("extracts")).unwrap();
    Extracts {
        truth,
        official: std::fs::read_to_string(folder.join("official/prc-pfa-synthetic.csv")).unwrap(),
        files: files
            .map(|entry| entry.unwrap().path())
            .map(|path| {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                (name, std::fs::read_to_string(path).unwrap())
            })
            .collect(),
    }
}

impl Extracts {
    /// The rows of a table, those wrong on purpose left out.
    pub(crate) fn table(&self, name: &str) -> Read {
        let mut read = self.whole_table(name);
        let faulty = |what: &str| -> BTreeSet<&str> {
            let of = |d: &&Defect| d.table == name && !d.kept && d.what.contains(what);
            self.truth
                .defects
                .iter()
                .filter(of)
                .flat_map(|d| &d.ids)
                .map(String::as_str)
                .collect()
        };
        let (mut twice, all) = (faulty("twice"), faulty(""));
        read.rows
            .retain(|row| !all.contains(&row[0]) || twice.remove(&row[0]));
        read
    }

    /// The rows of a table, all of them.
    pub(crate) fn whole_table(&self, name: &str) -> Read {
        let text = &self.files[&format!("{name}.csv")];
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let columns = reader.headers().unwrap().iter().enumerate();
        Read {
            columns: columns.map(|(n, name)| (name.to_owned(), n)).collect(),
            rows: reader.records().map(Result::unwrap).collect(),
        }
    }

    /// The names of the tables.
    pub(crate) fn tables(&self) -> impl Iterator<Item = &str> {
        self.files
            .keys()
            .filter_map(|name| name.strip_suffix(".csv"))
    }
}

/// Seconds since 1970 of a time with its offset.
pub(crate) fn instant(stamp: &str) -> i64 {
    let number = |from: usize, to: usize| stamp[from..to].parse::<i64>().unwrap();
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    let days = (2020..year)
        .map(|y| if y % 4 == 0 { 366 } else { 365 })
        .sum::<i64>()
        + (1..month)
            .map(|m| match m {
                2 if year % 4 == 0 => 29,
                2 => 28,
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            })
            .sum::<i64>()
        + day
        - 1
        + 18_262;
    let seconds = number(11, 13) * 3_600 + number(14, 16) * 60 + number(17, 19);
    days * 86_400 + seconds - number(20, 22) * 3_600
}
