//! Table files: Parquet, written whole, each saying which releases it was
//! made of.

use std::fs::File;
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use serde::{Deserialize, Serialize};

use crate::ArchiveError;
use crate::batches::Batches;
use crate::home::write_whole;
use crate::rows::Rows;
use crate::source::Kind;

/// Counts up when the layout of table files changes, so that a file left by
/// an older version of the product is never taken for one of this.
pub(crate) const FORMAT: u32 = 1;

/// Rows in a row group: small enough that statistics on the leading sort
/// column find a place, large enough to compress.
const ROW_GROUP: usize = 131_072;

/// Key of the footer entry that holds the [`Share`]s.
const SHARES: &str = "peelian.parts";

/// What of a table file comes from one release. A finished file found after a
/// crash is taken into the manifest by these, without reading its sources again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Share {
    pub(crate) release: String,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
    pub(crate) kept: u64,
    pub(crate) quarantined: std::collections::BTreeMap<String, u64>,
    pub(crate) lsoa_vintage: Option<u16>,
}

/// Writes rows, sorted, as one table file.
pub(crate) fn write(path: &Path, rows: &Rows, shares: &[Share]) -> Result<(), ArchiveError> {
    let fault = |e: &dyn std::fmt::Display| ArchiveError::table(path, e);
    let shares = serde_json::to_string(shares).map_err(|e| fault(&e))?;
    let batches = Batches::of(rows);
    let options = ArrowWriterOptions::new()
        .with_properties(properties(rows, shares).map_err(|e| fault(&e))?)
        // With the Arrow schema kept, readers see dictionaries and group them
        // nearly twice as slowly.
        .with_skip_arrow_metadata(true);
    let order = rows.order();
    write_whole(path, |out| {
        let mut writer = ArrowWriter::try_new_with_options(out, batches.schema(), options)
            .map_err(std::io::Error::other)?;
        for part in order.chunks(ROW_GROUP) {
            let batch = batches.take(part).map_err(std::io::Error::other)?;
            writer.write(&batch).map_err(std::io::Error::other)?;
        }
        writer.close().map_err(std::io::Error::other)?;
        Ok(())
    })
}

fn properties(rows: &Rows, shares: String) -> Result<WriterProperties, ParquetError> {
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_key_value_metadata(Some(vec![KeyValue::new(SHARES.to_owned(), shares)]));
    let source = rows.source();
    for column in &source.columns {
        let path = ColumnPath::from(column.name.as_str());
        // Crime ids are noise: a dictionary would only add to them, and they
        // do not shrink.
        if column.kind == Kind::CrimeId {
            builder = builder
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_compression(path.clone(), Compression::UNCOMPRESSED);
        }
        // The least and greatest word of a part tell nothing where rows are
        // not in its order, and cost as much to find as the part to write.
        let in_order = source.sort.contains(&column.name) || column.given.is_some();
        if column.kind == Kind::CrimeId || (column.kind.is_text() && !in_order) {
            builder = builder.set_column_statistics_enabled(path, EnabledStatistics::None);
        }
    }
    Ok(builder.build())
}

/// Calls `visit` with every batch of a table file.
pub(crate) fn each_batch(
    path: &Path,
    mut visit: impl FnMut(&RecordBatch) -> Result<(), ArrowError>,
) -> Result<(), ArchiveError> {
    let file = File::open(path).map_err(ArchiveError::io(path))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(|b| b.with_batch_size(8192).build())
        .map_err(|e| ArchiveError::table(path, &e))?;
    for batch in reader {
        batch
            .and_then(|b| visit(&b))
            .map_err(|e| ArchiveError::table(path, &e))?;
    }
    Ok(())
}

/// What a finished table file was made of; none where there is no such file
/// or it is not one of ours.
pub(crate) fn shares(path: &Path) -> Option<Vec<Share>> {
    let file = File::open(path).ok()?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).ok()?;
    let entries = builder.metadata().file_metadata().key_value_metadata()?;
    let text = entries.iter().find(|e| e.key == SHARES)?.value.as_ref()?;
    serde_json::from_str(text).ok()
}
