//! Splits CSV text into records, one bad line at a time: a fault in one
//! record never swallows the next.

use crate::quarantine::Rule;

/// Longest record taken. The longest real one is under 1 KiB; a limit keeps
/// an unclosed quote or a binary blob from being read as one giant record.
pub(crate) const MAX_RECORD: usize = 64 * 1024;

/// More fields than any source has; a record with more is faulty anyway.
const MAX_FIELDS: usize = 256;

/// A record, or why it is none, with the bytes to show.
pub(crate) type Record<'a> = Result<&'a [&'a [u8]], (Rule, &'a [u8])>;

/// Calls `visit` with the line number and fields of every record. `first_line`
/// is the number of the line at which `text` begins. Blank lines are no
/// records.
pub(crate) fn each_record(text: &[u8], first_line: u64, mut visit: impl FnMut(u64, Record<'_>)) {
    each_row(text, first_line, |line, _, record| visit(line, record));
}

/// The same, with the line of the record where its fields stand in it as they
/// are, commas between them: where none is quoted.
pub(crate) fn each_row(
    text: &[u8],
    first_line: u64,
    mut visit: impl FnMut(u64, Option<&[u8]>, Record<'_>),
) {
    // One quick look at the whole spares three looks at each record.
    let (clean, quotes) = look_over(text);
    let mut fields = Vec::with_capacity(32);
    let mut quoted = Quoted::default();
    let (mut at, mut line) = (0, first_line);
    while at < text.len() {
        let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |i| at + i);
        let row = without_return(&text[at..end]);
        let mut next = end + 1;
        let mut lines = 1;
        if row.len() > MAX_RECORD {
            visit(line, None, Err((Rule::LineLength, row)));
        } else if let Some(fault) = (!clean).then(|| text_fault(row)).flatten() {
            visit(line, None, Err((fault, row)));
        } else if !quotes || memchr::memchr(b'"', row).is_none() {
            if !row.is_empty() {
                fields.clear();
                let mut from = 0;
                for comma in memchr::memchr_iter(b',', row) {
                    fields.push(&row[from..comma]);
                    from = comma + 1;
                }
                fields.push(&row[from..]);
                visit(line, Some(row), Ok(&fields));
            }
        } else if let Some(length) = quoted.read(&text[at..]) {
            let whole = &text[at..at + length];
            lines = memchr::memchr_iter(b'\n', whole).count() as u64;
            lines += u64::from(!whole.ends_with(b"\n"));
            next = at + length;
            match (!clean).then(|| text_fault(whole)).flatten() {
                Some(fault) => visit(line, None, Err((fault, row))),
                None => visit(line, None, Ok(&quoted.fields())),
            }
        } else {
            visit(line, None, Err((Rule::Quote, row)));
        }
        at = next;
        line += lines;
    }
}

/// Whether a text is UTF-8 without NUL bytes, and whether it has quotes. A
/// part at a time, so that each comes from memory once.
fn look_over(text: &[u8]) -> (bool, bool) {
    let (mut ascii, mut nul, mut quotes) = (true, false, false);
    for part in text.chunks(1 << 14) {
        ascii &= part.is_ascii();
        nul |= memchr::memchr(0, part).is_some();
        quotes |= memchr::memchr(b'"', part).is_some();
    }
    let clean = !nul && (ascii || std::str::from_utf8(text).is_ok());
    (clean, quotes)
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn text_fault(row: &[u8]) -> Option<Rule> {
    if memchr::memchr(0, row).is_some() {
        Some(Rule::NulByte)
    } else if std::str::from_utf8(row).is_err() {
        Some(Rule::Utf8)
    } else {
        None
    }
}

/// Reads the records that hold quotes, which may span lines.
#[derive(Default)]
struct Quoted {
    text: Vec<u8>,
    ends: Vec<usize>,
    count: usize,
}

impl Quoted {
    /// Reads the record at the start of `text` and returns its length with its
    /// line end; none if a quote is not closed within [`MAX_RECORD`].
    fn read(&mut self, text: &[u8]) -> Option<usize> {
        use csv_core::ReadRecordResult::Record;
        self.text.resize(MAX_RECORD + 2, 0);
        self.ends.resize(MAX_FIELDS, 0);
        let window = &text[..text.len().min(MAX_RECORD)];
        let mut reader = csv_core::Reader::new();
        let (result, read, mut wrote, mut ends) =
            reader.read_record(window, &mut self.text, &mut self.ends);
        let mut length = read;
        if result != Record {
            // At the end of the text a record may lack its line end: supply
            // one. Inside an open quote that closes nothing.
            if window.len() < text.len() || read < window.len() {
                return None;
            }
            let (result, _, more, more_ends) =
                reader.read_record(b"\n", &mut self.text[wrote..], &mut self.ends[ends..]);
            if result != Record {
                return None;
            }
            wrote += more;
            ends += more_ends;
            length = text.len();
        }
        debug_assert!(wrote <= self.text.len());
        if text[..length].ends_with(b"\r") && text[length..].starts_with(b"\n") {
            length += 1;
        }
        self.count = ends;
        Some(length)
    }

    fn fields(&self) -> Vec<&[u8]> {
        let mut from = 0;
        self.ends[..self.count]
            .iter()
            .map(|&end| {
                let field = &self.text[from..end];
                from = end;
                field
            })
            .collect()
    }
}

/// The records of a small text that is known to be good, as owned strings.
pub(crate) fn csv_lines(text: &[u8]) -> Vec<Vec<String>> {
    let mut lines = Vec::new();
    each_record(text, 1, |_, record| {
        if let Ok(fields) = record {
            lines.push(
                fields
                    .iter()
                    .map(|f| String::from_utf8_lossy(f).into_owned())
                    .collect(),
            );
        }
    });
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &[u8]) -> Vec<(u64, Result<Vec<String>, Rule>)> {
        let mut out = Vec::new();
        each_record(text, 1, |line, record| {
            let record = record
                .map(|f| {
                    f.iter()
                        .map(|f| String::from_utf8_lossy(f).into_owned())
                        .collect()
                })
                .map_err(|(rule, _)| rule);
            out.push((line, record));
        });
        out
    }

    #[test]
    fn line_ends_quotes_and_embedded_lines_are_read() {
        let rows = read(b"a,b\r\n\r\n\"x, y\",\"1\n2\"\nlast,\"q\"\"\"");
        assert_eq!(
            rows,
            [
                (1, Ok(vec!["a".into(), "b".into()])),
                (3, Ok(vec!["x, y".into(), "1\n2".into()])),
                (5, Ok(vec!["last".into(), "q\"".into()])),
            ]
        );
    }

    #[test]
    fn an_unclosed_quote_spoils_only_its_own_line() {
        let rows = read(b"a,b\n\"c,d\ne,f\n");
        assert_eq!(rows[1], (2, Err(Rule::Quote)));
        assert_eq!(rows[2], (3, Ok(vec!["e".into(), "f".into()])));
    }

    #[test]
    fn faulty_bytes_spoil_only_their_own_line() {
        let mut text = b"a\0b\nok\n\xff\n".to_vec();
        text.extend(vec![b'x'; MAX_RECORD + 1]);
        text.extend(b"\nend");
        let rules: Vec<_> = read(&text).into_iter().map(|(_, r)| r.err()).collect();
        assert_eq!(
            rules,
            [
                Some(Rule::NulByte),
                None,
                Some(Rule::Utf8),
                Some(Rule::LineLength),
                None
            ]
        );
    }

    proptest! {
        #[test]
        fn what_the_csv_crate_writes_is_read_back(
            rows in proptest::collection::vec(proptest::collection::vec("[ -~é\n]{0,6}", 2..5), 1..8)
        ) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let text = writer.into_inner().unwrap();
            let back: Vec<_> = read(&text).into_iter().map(|(_, r)| r.unwrap()).collect();
            prop_assert_eq!(back, rows);
        }

        #[test]
        fn no_bytes_make_it_panic(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            read(&text);
        }
    }
}
