//! Makes small files in the publisher's layouts and reads tables back.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use peelian_archive::{Home, IngestOptions, IngestReport, Manifest, ingest};

pub(crate) const STREET: &str = "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,\
    LSOA code,LSOA name,Crime type,Last outcome category,Context";
pub(crate) const STOPS: &str = "Type,Date,Part of a policing operation,Policing operation,Latitude,\
    Longitude,Gender,Age range,Self-defined ethnicity,Officer-defined ethnicity,Legislation,\
    Object of search,Outcome,Outcome linked to object of search,\
    Removal of more than just outer clothing";

/// The real files, or none with a line that says so.
pub(crate) fn shared(folder: &str) -> Option<PathBuf> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    let root = std::env::var_os("PEELIAN_SHARED").map_or_else(|| default.into(), PathBuf::from);
    let path = root.join("data").join(folder);
    if !path.exists() {
        eprintln!("skipped: {} is absent", path.display());
        return None;
    }
    Some(path)
}

/// A directory with a home and a place for files.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    pub(crate) home: Home,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(folder.path().join("home"));
        Self { folder, home }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("files").join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn ingest(&self, inputs: &[PathBuf]) -> IngestReport {
        self.ingest_with(inputs, &IngestOptions::default())
    }

    pub(crate) fn ingest_as_at(&self, input: &Path, as_at: &str) -> IngestReport {
        let options = IngestOptions {
            as_at: Some(as_at.to_owned()),
            ..IngestOptions::default()
        };
        self.ingest_with(&[input.to_path_buf()], &options)
    }

    pub(crate) fn ingest_with(&self, inputs: &[PathBuf], options: &IngestOptions) -> IngestReport {
        ingest(&self.home, inputs, options, &|_| {}).unwrap()
    }

    pub(crate) fn manifest(&self) -> Manifest {
        self.home.manifest().unwrap().unwrap()
    }

    pub(crate) fn digest(&self) -> String {
        peelian_archive::digest(&self.home).unwrap()
    }

    pub(crate) fn rows(&self, table: &str) -> Vec<BTreeMap<String, String>> {
        let files = self.manifest().files(table);
        files
            .iter()
            .flat_map(|f| rows_of(&self.home.path().join(f)))
            .collect()
    }
}

pub(crate) fn batches(path: &Path) -> Vec<RecordBatch> {
    let file = File::open(path).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .unwrap()
        .build()
        .unwrap();
    reader.map(Result::unwrap).collect()
}

/// The rows of a Parquet file as text, nulls left out.
pub(crate) fn rows_of(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut rows = Vec::new();
    for batch in batches(path) {
        for row in 0..batch.num_rows() {
            let cells = batch
                .schema()
                .fields()
                .iter()
                .zip(batch.columns())
                .filter_map(|(f, column)| Some((f.name().clone(), cell(column.as_ref(), row)?)))
                .collect();
            rows.push(cells);
        }
    }
    rows
}

fn cell(array: &dyn arrow_array::Array, row: usize) -> Option<String> {
    use arrow_array::{
        BooleanArray, Date32Array, Float64Array, Int16Array, Int32Array, Int64Array, StringArray,
        TimestampMillisecondArray,
    };
    if array.is_null(row) {
        return None;
    }
    let any = array.as_any();
    any.downcast_ref::<StringArray>()
        .map(|a| a.value(row).to_owned())
        .or_else(|| {
            any.downcast_ref::<Date32Array>()
                .map(|a| a.value(row).to_string())
        })
        .or_else(|| {
            any.downcast_ref::<Float64Array>()
                .map(|a| a.value(row).to_string())
        })
        .or_else(|| {
            any.downcast_ref::<Int16Array>()
                .map(|a| a.value(row).to_string())
        })
        .or_else(|| {
            any.downcast_ref::<Int32Array>()
                .map(|a| a.value(row).to_string())
        })
        .or_else(|| {
            any.downcast_ref::<Int64Array>()
                .map(|a| a.value(row).to_string())
        })
        .or_else(|| {
            any.downcast_ref::<BooleanArray>()
                .map(|a| a.value(row).to_string())
        })
        .or_else(|| {
            any.downcast_ref::<TimestampMillisecondArray>()
                .map(|a| a.value(row).to_string())
        })
        .or_else(|| Some("bytes".to_owned()))
}

/// A street row; the number makes it unlike others.
pub(crate) fn street_row(month: &str, name: &str, number: u32) -> String {
    let lsoa = if name.starts_with("Synthetic") {
        'X'
    } else {
        'E'
    };
    format!(
        "{number:064x},{month},{name},{name},0.{number:06},51.7,On or near High Street,{lsoa}{:08},\
         Place {number},Burglary,Under investigation,",
        1_000_000 + number
    )
}

/// A street file with rows of these numbers.
pub(crate) fn street(month: &str, name: &str, numbers: std::ops::Range<u32>) -> String {
    let rows: Vec<String> = numbers.map(|n| street_row(month, name, n)).collect();
    format!("{STREET}\n{}\n", rows.join("\n"))
}

pub(crate) fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes.as_ref()).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}
