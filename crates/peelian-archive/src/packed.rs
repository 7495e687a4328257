//! Files as they are stored: plain, gzipped, or members of a zip archive.
//! Sizes are checked before memory is given.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use libdeflater::{Crc, Decompressor};
use sha2::{Digest, Sha256};
use zip::{CompressionMethod, ZipArchive};

/// Largest CSV text taken. The largest official file, a month of the
/// Metropolitan Police, is some 30 MB; a file is held in memory while read.
const MAX_CSV: u64 = 1 << 30;

/// Official files shrink 5 to 20 times, rows repeated for a test a few
/// hundred times; a bomb shrinks 1,000 times.
const MAX_RATIO: u64 = 500;

/// Below this size a high ratio does no harm.
const BOMB_FLOOR: u64 = 8 << 20;

/// How much of a file is looked at to tell what it is: its first rows.
pub(crate) const HEAD: usize = crate::records::MAX_RECORD;

/// A file or member found, not yet read.
#[derive(Debug, Clone)]
pub(crate) struct Packed {
    path: PathBuf,
    form: Form,
}

#[derive(Debug, Clone)]
enum Form {
    Plain,
    Gzip,
    Member(Member),
}

/// A member of a zip archive as its directory describes it.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) name: String,
    start: u64,
    packed: u64,
    size: u64,
    crc: u32,
    stored: bool,
}

/// What a file is by its first bytes.
pub(crate) enum Opened {
    One(Packed),
    Archive(Vec<Packed>),
}

impl Packed {
    /// Tells how a file is stored and lists an archive's members. The error
    /// is a reason for a reader.
    pub(crate) fn open(path: &Path) -> Result<Opened, String> {
        let mut magic = [0; 4];
        let read = File::open(path)
            .and_then(|mut f| f.read(&mut magic))
            .map_err(|e| e.to_string())?;
        let form = match &magic[..read] {
            [b'P', b'K', 3 | 5, 4 | 6] => {
                let members = members(path)?;
                if !is_workbook(&members) {
                    return Ok(Opened::Archive(members));
                }
                Form::Plain
            }
            [0x1f, 0x8b, ..] => Form::Gzip,
            _ => Form::Plain,
        };
        Ok(Opened::One(Self {
            path: path.to_path_buf(),
            form,
        }))
    }

    /// The name of an archive's first member, read without its directory: a
    /// broken archive has lost that.
    pub(crate) fn first_member(path: &Path) -> Option<String> {
        let mut start = Vec::new();
        File::open(path)
            .ok()?
            .take(1024)
            .read_to_end(&mut start)
            .ok()?;
        let length = u16::from_le_bytes([*start.get(26)?, *start.get(27)?]);
        let name = start.get(30..30 + usize::from(length))?;
        Some(String::from_utf8_lossy(name).into_owned())
    }

    /// Path, or `archive!member`.
    pub(crate) fn label(&self) -> String {
        match &self.form {
            Form::Member(m) => format!("{}!{}", self.path.display(), m.name),
            _ => self.path.display().to_string(),
        }
    }

    /// The name that says month and force, if any does.
    pub(crate) fn name(&self) -> String {
        match &self.form {
            Form::Member(m) => m.name.clone(),
            _ => self.path.to_string_lossy().into_owned(),
        }
    }

    /// Where it lies, if its bytes are stored as they are.
    pub(crate) fn plain_path(&self) -> Option<&Path> {
        matches!(self.form, Form::Plain).then_some(self.path.as_path())
    }

    pub(crate) fn is_member(&self) -> bool {
        matches!(self.form, Form::Member(_))
    }

    /// Identity of the stored bytes: 64 hexadecimal digits.
    pub(crate) fn identity(&self) -> Result<String, String> {
        let mut hasher = Sha256::new();
        if let Form::Member(m) = &self.form {
            hasher.update(format!("member\0{}\0{:08x}\0{}", m.name, m.crc, m.size));
        } else {
            let mut file = File::open(&self.path).map_err(|e| e.to_string())?;
            let mut buffer = vec![0; 1 << 18];
            loop {
                match file.read(&mut buffer).map_err(|e| e.to_string())? {
                    0 => break,
                    n => hasher.update(&buffer[..n]),
                }
            }
        }
        Ok(crate::digest::hex(&hasher.finalize()))
    }

    /// Size of the CSV text as the file itself claims it; only for showing
    /// progress.
    pub(crate) fn claimed_size(&self) -> u64 {
        let stored = || std::fs::metadata(&self.path).map_or(0, |m| m.len());
        match &self.form {
            Form::Member(m) => m.size,
            Form::Plain => stored(),
            Form::Gzip => {
                let mut tail = [0; 4];
                File::open(&self.path)
                    .and_then(|mut f| {
                        f.seek(SeekFrom::End(-4))?;
                        f.read_exact(&mut tail)
                    })
                    .map_or(0, |()| u64::from(u32::from_le_bytes(tail)))
                    .min(stored().saturating_mul(MAX_RATIO))
            }
        }
    }

    /// The first bytes of the CSV text, and whether it ends there. A damaged
    /// file gives what can be had.
    pub(crate) fn head(&self) -> Result<Vec<u8>, String> {
        let file = File::open(&self.path).map_err(|e| e.to_string())?;
        match &self.form {
            Form::Plain => Ok(first_bytes(file)),
            Form::Gzip => Ok(first_bytes(MultiGzDecoder::new(BufReader::new(file)))),
            Form::Member(m) => {
                let mut file = file;
                file.seek(SeekFrom::Start(m.start))
                    .map_err(|e| e.to_string())?;
                let data = BufReader::new(file).take(m.packed);
                Ok(if m.stored {
                    first_bytes(data)
                } else {
                    first_bytes(flate2::read::DeflateDecoder::new(data))
                })
            }
        }
    }

    /// The whole CSV text, checked against the sizes and checksums stored
    /// with it.
    pub(crate) fn read(&self) -> Result<Vec<u8>, String> {
        let mut file = File::open(&self.path).map_err(|e| e.to_string())?;
        let stored = file.metadata().map_err(|e| e.to_string())?.len();
        match &self.form {
            Form::Plain => {
                check_size(stored, stored)?;
                let mut text = Vec::with_capacity(stored as usize);
                file.take(MAX_CSV + 1)
                    .read_to_end(&mut text)
                    .map_err(|e| e.to_string())?;
                check_size(text.len() as u64, stored)?;
                Ok(text)
            }
            Form::Gzip => {
                let limit = MAX_CSV.min(stored.saturating_mul(MAX_RATIO).max(BOMB_FLOOR));
                let mut text = Vec::new();
                MultiGzDecoder::new(BufReader::new(file))
                    .take(limit + 1)
                    .read_to_end(&mut text)
                    .map_err(|_| damaged("gzip data"))?;
                check_size(text.len() as u64, stored)?;
                Ok(text)
            }
            Form::Member(m) => {
                check_size(m.size, m.packed)?;
                file.seek(SeekFrom::Start(m.start))
                    .map_err(|e| e.to_string())?;
                let mut packed = vec![0; m.packed as usize];
                file.read_exact(&mut packed)
                    .map_err(|_| damaged("archive"))?;
                let text = if m.stored {
                    packed
                } else {
                    inflate(&packed, m.size as usize)?
                };
                let mut crc = Crc::new();
                crc.update(&text);
                if crc.sum() != m.crc || text.len() as u64 != m.size {
                    return Err(damaged("archive"));
                }
                Ok(text)
            }
        }
    }
}

fn inflate(packed: &[u8], size: usize) -> Result<Vec<u8>, String> {
    let mut text = vec![0; size];
    let written = Decompressor::new()
        .deflate_decompress(packed, &mut text)
        .map_err(|_| damaged("archive"))?;
    text.truncate(written);
    Ok(text)
}

fn first_bytes(data: impl Read) -> Vec<u8> {
    let mut head = Vec::new();
    let mut data = data.take(HEAD as u64);
    let mut part = [0; 8192];
    // A read error ends the head; reading the whole file will report it.
    while let Ok(n @ 1..) = data.read(&mut part) {
        head.extend_from_slice(&part[..n]);
    }
    head
}

fn damaged(what: &str) -> String {
    format!("its {what} ends early or is damaged: download it again")
}

fn check_size(size: u64, stored: u64) -> Result<(), String> {
    if size > MAX_CSV {
        return Err(format!(
            "it holds more than {} MiB, which no official file does: give the publisher's own file",
            MAX_CSV >> 20
        ));
    }
    if size > BOMB_FLOOR && size > stored.saturating_mul(MAX_RATIO) {
        return Err(format!(
            "it unpacks to more than {MAX_RATIO} times its size, which no official file does: \
             give the publisher's own file"
        ));
    }
    Ok(())
}

/// The members of an archive, from its directory. Nothing is unpacked.
fn members(path: &Path) -> Result<Vec<Packed>, String> {
    let file = File::open(path).map_err(|e| e.to_string())?;
    let length = file.metadata().map_err(|e| e.to_string())?.len();
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|_| damaged("archive"))?;
    let mut members = Vec::new();
    let mut total = 0_u64;
    for index in 0..archive.len() {
        let entry = archive
            .by_index_raw(index)
            .map_err(|_| damaged("archive"))?;
        let name = entry.name().map_err(|_| damaged("archive"))?.into_owned();
        if is_unsafe(&name) {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(80).collect();
            return Err(format!(
                "its member “{shown}” has a name that leads outside the archive: \
                 give the publisher's own archive"
            ));
        }
        if entry.is_dir() {
            continue;
        }
        let stored = match entry.compression() {
            CompressionMethod::Stored => true,
            CompressionMethod::Deflated => false,
            _ => {
                return Err(format!(
                    "its member “{name}” is packed in a way that is not read: pack it again with plain zip"
                ));
            }
        };
        if entry.encrypted() {
            return Err(format!("its member “{name}” is encrypted: unpack it first"));
        }
        let start = entry.data_start().ok_or_else(|| damaged("archive"))?;
        let packed = entry.compressed_size();
        total = total.saturating_add(packed);
        // Members that share bytes make a small archive arbitrarily large.
        if total > length || start.saturating_add(packed) > length {
            return Err(
                "its members overlap or reach beyond its end: download it again".to_owned(),
            );
        }
        let member = Member {
            name,
            start,
            packed,
            size: entry.size(),
            crc: entry.crc32(),
            stored,
        };
        members.push(Packed {
            path: path.to_path_buf(),
            form: Form::Member(member),
        });
    }
    Ok(members)
}

/// Whether the members are those of an XLSX or ODS file.
fn is_workbook(members: &[Packed]) -> bool {
    let has = |name: &str| members.iter().any(|m| m.name() == name);
    has("xl/workbook.xml") || (has("mimetype") && has("content.xml"))
}

fn is_unsafe(name: &str) -> bool {
    name.starts_with(['/', '\\'])
        || name.contains(['\0', ':'])
        || name.split(['/', '\\']).any(|part| part == "..")
}
