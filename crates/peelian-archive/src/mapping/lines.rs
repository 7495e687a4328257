//! Writing the text of a mapping file.

use std::fmt::Write;

/// A text of TOML under way.
#[derive(Default)]
pub(super) struct Lines(String);

impl Lines {
    pub(super) fn text(self) -> String {
        self.0
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = self.0.write_fmt(line);
        self.0.push('\n');
    }

    pub(super) fn comment(&mut self, text: &str) {
        let text: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        self.line(format_args!("# {text}"));
    }

    pub(super) fn key(&mut self, key: &str, value: &str, why: &str) {
        if why.is_empty() {
            self.line(format_args!("{key} = {value}"));
        } else {
            self.line(format_args!("{key} = {value}  # {why}"));
        }
    }

    pub(super) fn section(&mut self, name: &str) {
        self.line(format_args!("\n[{name}]"));
    }

    pub(super) fn list(&mut self, key: &str, words: &[&str], why: &str) {
        let words: Vec<String> = words.iter().map(|w| quote(w)).collect();
        self.key(key, &format!("[{}]", words.join(", ")), why);
    }
}

/// A basic string of TOML.
pub(super) fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
