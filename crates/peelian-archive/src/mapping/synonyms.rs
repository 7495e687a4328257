//! What other systems call the columns and codes of the extract tables:
//! `reference/extract-synonyms.csv`.

use std::sync::OnceLock;

use crate::personal::header_words;
use crate::records::csv_lines;
use crate::source::{Column, Kind};

const FILE: &str = include_str!("../../../../reference/extract-synonyms.csv");

/// For every table, or every column with such a code.
const ANY: &str = "*";

struct Entry {
    table: String,
    column: String,
    /// Empty where the words are for the column's header.
    code: String,
    words: Vec<String>,
}

fn entries() -> &'static [Entry] {
    static ENTRIES: OnceLock<Vec<Entry>> = OnceLock::new();
    ENTRIES.get_or_init(|| {
        let rows = csv_lines(FILE.as_bytes()).into_iter().skip(1);
        rows.filter_map(|row| {
            let [table, column, code, words] = row.as_slice() else {
                return None;
            };
            Some(Entry {
                table: table.clone(),
                column: column.clone(),
                code: code.clone(),
                words: words.split(';').map(plain).collect(),
            })
        })
        .collect()
    })
}

/// Words in lower case with a space between them.
fn plain(text: &str) -> String {
    header_words(text).join(" ")
}

/// How much a header resembles what a column is called, from 0 to 1.
pub(super) fn resemblance(table: &str, column: &Column, header: &str) -> f64 {
    let header = plain(header);
    let own = plain(&column.name);
    let named = entries().iter().filter(|e| {
        e.code.is_empty() && e.column == column.name && (e.table == table || e.table == ANY)
    });
    let phrases = named.flat_map(|e| &e.words).chain([&own]);
    phrases
        .map(|phrase| likeness(&header, phrase))
        .fold(0.0, f64::max)
}

/// Words shared by two phrases, twice, among the words of both (Dice).
fn likeness(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    let (a, b) = (telling(a), telling(b));
    let shared = a.iter().filter(|w| b.contains(w)).count();
    let all = a.len() + b.len();
    if all == 0 {
        return 0.0;
    }
    // The same words in another order or with small words is nearly the same.
    0.95 * 2.0 * shared as f64 / all as f64
}

/// The words that tell, under one name for those that systems shorten.
fn telling(phrase: &str) -> Vec<&str> {
    let short = |word| match word {
        "dt" => "date",
        "tm" | "ts" | "at" | "timestamp" | "datetime" => "time",
        "no" | "num" | "nbr" | "id" | "ref" | "reference" | "urn" => "number",
        "cd" => "code",
        "s" | "secs" | "sec" => "seconds",
        "desc" => "description",
        "incidents" => "incident",
        "calls" => "call",
        other => other,
    };
    let small = ["the", "of", "to", "by", "is", "was", "a", "in", "on", "and"];
    let words = phrase.split(' ').filter(|w| !small.contains(w));
    let mut words: Vec<&str> = words.map(short).collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// The code of a column that a word of another system means, where it is
/// known.
pub(super) fn code<'c>(table: &str, column: &'c Column, word: &str) -> Option<&'c str> {
    let plain_word = plain(word);
    let mut codes = column.codes.iter();
    if let Some(same) = codes.find(|c| plain(c) == plain_word) {
        return Some(same);
    }
    let known = entries().iter().find(|e| {
        !e.code.is_empty()
            && (e.table == table || e.table == ANY)
            && (e.column == column.name || e.column == ANY)
            && column.codes.contains(&e.code)
            && e.words.contains(&plain_word)
    })?;
    column
        .codes
        .iter()
        .find(|c| **c == known.code)
        .map(String::as_str)
}

/// Whether a column has codes to which other words can be mapped.
pub(super) fn has_codes(column: &Column) -> bool {
    matches!(column.kind, Kind::Code | Kind::List)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source;

    #[test]
    fn the_list_names_tables_columns_and_codes_that_there_are() {
        let extracts: Vec<&str> = super::super::extracts().collect();
        for entry in entries() {
            assert!(
                entry.table == ANY || extracts.contains(&entry.table.as_str()),
                "{}",
                entry.table
            );
            if entry.table == ANY || entry.column == ANY {
                continue;
            }
            let source = source::of_table(&entry.table).unwrap();
            let column = source.column(&entry.column).map(|c| &source.columns[c]);
            let column = column.unwrap_or_else(|| panic!("{}.{}", entry.table, entry.column));
            assert!(
                entry.code.is_empty() || column.codes.contains(&entry.code),
                "{}.{} {}",
                entry.table,
                entry.column,
                entry.code
            );
        }
        let lines = FILE.lines().count();
        assert_eq!(entries().len(), lines - 1);
    }

    #[test]
    fn headers_of_other_systems_resemble_ours() {
        let source = source::of_table("calls").unwrap();
        let like = |column: &str, header: &str| {
            let column = &source.columns[source.column(column).unwrap()];
            resemblance("calls", column, header)
        };
        assert!(like("answered_at", "Date Time Answered") > 0.9);
        assert!(like("wrap_s", "ACW (secs)") > 0.7);
        assert!(like("presented_at", "DT_PRESENTED") > 0.5);
        assert!(like("abandoned_at", "Queue Name") < 0.5);
    }
}
