//! The bytes of a zip archive: its directory, its members, its sizes.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| peelian_fuzz::take("2021-04.zip", bytes));
