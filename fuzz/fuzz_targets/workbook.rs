//! Cells of a workbook. The bytes are the sheet inside an otherwise sound
//! ODS or XLSX file, since a fault in the zip around it ends the reading early.

#![no_main]

use std::io::{Cursor, Write};

use libfuzzer_sys::fuzz_target;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const XLSX: [(&str, &str); 4] = [
    (
        "[Content_Types].xml",
        r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#,
    ),
    (
        "_rels/.rels",
        r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="IMD2019" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
    ),
];

fn pack(parts: &[(&str, &[u8])]) -> Option<Vec<u8>> {
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in parts {
        out.start_file(*name, stored).ok()?;
        out.write_all(bytes).ok()?;
    }
    out.finish().ok().map(Cursor::into_inner)
}

fuzz_target!(
    init: {
        // A panic that the archive catches is no crash; one that escapes is
        // noticed without the hook.
        std::panic::set_hook(Box::new(|_| {}));
    },
    |bytes: &[u8]| {
    let Some((choice, sheet)) = bytes.split_first() else { return };
    let (name, parts): (&str, Vec<(&str, &[u8])>) = if choice % 2 == 0 {
        (
            "tables.ods",
            vec![
                ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
                ("content.xml", sheet),
            ],
        )
    } else {
        let mut parts: Vec<(&str, &[u8])> = XLSX.iter().map(|(n, t)| (*n, t.as_bytes())).collect();
        parts.push(("xl/worksheets/sheet1.xml", sheet));
        ("tables.xlsx", parts)
    };
    if let Some(file) = pack(&parts) {
        peelian_fuzz::take(name, &file);
    }
    }
);
