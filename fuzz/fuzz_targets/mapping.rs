//! The text of a mapping file and, after a line of `====`, an export that it
//! is shown with.

#![no_main]

use libfuzzer_sys::fuzz_target;
use peelian_archive::{Mapping, preview};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (mapping, export) = text.split_once("\n====\n").unwrap_or((text, ""));
    let Ok(mapping) = Mapping::parse(mapping) else {
        return;
    };
    peelian_fuzz::with_file("export.csv", export.as_bytes(), |path| {
        let _ = preview(mapping, path, None, 5);
    });
});
