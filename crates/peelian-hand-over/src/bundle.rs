//! The bundle: a zip of few files, a manifest with the hash of each, and a
//! detached signature of the manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read, Write};
use std::path::Path;

use peelian_model::{ForceId, Month};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::HandOverError;
use crate::key::{PublicKey, SecretKey, hex};
use crate::pair::Pair;
use crate::row::{Count, HalfHour, months_of, to_csv};
use crate::rule::{Hidden, RULE, VERSION, obeys};

pub(crate) const COUNTS: &str = "counts.csv";
pub(crate) const INTERVALS: &str = "call_intervals.csv";
const DEFINITIONS: &str = "definitions.csv";
const HIDDEN: &str = "rule.json";
const MANIFEST: &str = "manifest.json";
const SIGNATURE: &str = "manifest.sig";

/// The version of this layout.
const FORMAT: u32 = 1;

/// Largest file of a bundle.
const MOST: u64 = 64 << 20;

/// What a bundle says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the layout.
    pub format: u32,
    /// The force.
    pub force: ForceId,
    /// First and last month.
    pub months: [Month; 2],
    /// When the newest of its figures was current, RFC 3339 in UTC.
    pub as_at: String,
    /// Whom to ask, by role.
    pub contact_role: String,
    /// The program that made it.
    pub program: String,
    /// SHA-256 of the manifest of the bundle made before it.
    pub before: Option<String>,
    /// SHA-256 of each file.
    pub files: BTreeMap<String, String>,
}

/// What stands in a bundle.
#[derive(Debug, Clone, PartialEq)]
pub struct Contents {
    /// Counts, hidden and rounded.
    pub counts: Vec<Count>,
    /// Half hours, hidden and rounded.
    pub half_hours: Vec<HalfHour>,
    /// What was counted.
    pub definitions: Vec<Pair>,
    /// What was hidden.
    pub hidden: Hidden,
}

/// A bundle that was opened. Its signature is not looked at until it is asked
/// for.
#[derive(Debug, Clone, PartialEq)]
pub struct Bundle {
    /// What it says of itself.
    pub manifest: Manifest,
    /// What stands in it.
    pub contents: Contents,
    manifest_text: Vec<u8>,
    signature: Vec<u8>,
}

impl Contents {
    /// The files, by name; a table without rows has none.
    fn files(&self) -> Result<BTreeMap<&'static str, Vec<u8>>, String> {
        let hidden = serde_json::to_vec_pretty(&self.hidden).map_err(|e| e.to_string())?;
        let mut files = BTreeMap::from([
            (COUNTS, to_csv(&self.counts)?),
            (INTERVALS, to_csv(&self.half_hours)?),
            (DEFINITIONS, to_csv(&self.definitions)?),
            (HIDDEN, hidden),
        ]);
        files.retain(|_, bytes| !bytes.is_empty());
        Ok(files)
    }

    /// Packs and signs; the same contents give the same bytes.
    pub(crate) fn pack(
        &self,
        mut manifest: Manifest,
        key: &SecretKey,
    ) -> Result<(Vec<u8>, Manifest), String> {
        let mut files = self.files()?;
        manifest.format = FORMAT;
        manifest.files = files
            .iter()
            .map(|(name, bytes)| ((*name).to_owned(), hex(&Sha256::digest(bytes))))
            .collect();
        let text = serde_json::to_vec_pretty(&manifest).map_err(|e| e.to_string())?;
        files.insert(SIGNATURE, key.sign(&text));
        files.insert(MANIFEST, text);
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default()
            .last_modified_time(zip::DateTime::default())
            .unix_permissions(0o644);
        for (name, bytes) in files {
            zip.start_file(name, options).map_err(|e| e.to_string())?;
            zip.write_all(&bytes).map_err(|e| e.to_string())?;
        }
        let bytes = zip.finish().map_err(|e| e.to_string())?.into_inner();
        Ok((bytes, manifest))
    }
}

impl Bundle {
    /// Opens a bundle and holds it to everything but its signature.
    pub fn open(path: &Path) -> Result<Self, HandOverError> {
        let bytes = std::fs::read(path).map_err(HandOverError::io(path))?;
        let refused = |what: String| HandOverError::refused(format!("{}: {what}", path.display()));
        let bundle = Self::parse(&bytes).map_err(refused)?;
        bundle.check().map_err(refused)?;
        Ok(bundle)
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut files = unzip(bytes)?;
        let mut take = |name: &str| {
            let missing = format!("{name} is missing from it: ask for the bundle again");
            files.remove(name).ok_or(missing)
        };
        let (manifest_text, signature) = (take(MANIFEST)?, take(SIGNATURE)?);
        let manifest: Manifest = serde_json::from_slice(&manifest_text)
            .map_err(|e| format!("{MANIFEST} cannot be read ({e}): ask for the bundle again"))?;
        for (name, hash) in &manifest.files {
            let bytes = files
                .get(name)
                .ok_or_else(|| format!("{name} is missing from it: ask for the bundle again"))?;
            if hex(&Sha256::digest(bytes)) != *hash {
                return Err(format!(
                    "{name} is not as it was when the bundle was made: ask for the bundle again"
                ));
            }
        }
        if let Some(name) = files.keys().find(|n| !manifest.files.contains_key(*n)) {
            return Err(format!(
                "it holds “{name}”, which is no part of a bundle: ask the sender what it is"
            ));
        }
        let contents = Contents {
            counts: table(&files, COUNTS)?,
            half_hours: table(&files, INTERVALS)?,
            definitions: table(&files, DEFINITIONS)?,
            hidden: serde_json::from_slice(files.get(HIDDEN).map_or(&[][..], Vec::as_slice))
                .map_err(|e| format!("{HIDDEN} cannot be read ({e}): ask for the bundle again"))?,
        };
        Ok(Self {
            manifest,
            contents,
            manifest_text,
            signature,
        })
    }

    /// Whether it was signed by the holder of a key.
    pub(crate) fn is_signed_by(&self, key: &PublicKey) -> bool {
        key.has_signed(&self.manifest_text, &self.signature)
    }

    /// SHA-256 of its manifest, which names the bundle.
    pub fn name(&self) -> String {
        hex(&Sha256::digest(&self.manifest_text))
    }

    /// Holds what stands in it to what it says and to the rule.
    fn check(&self) -> Result<(), String> {
        let Manifest {
            format,
            force,
            months: [first, last],
            ..
        } = &self.manifest;
        if *format != FORMAT {
            return Err(format!(
                "its layout is version {format} and this program reads version {FORMAT}: use the same version at both ends"
            ));
        }
        let hidden = &self.contents.hidden;
        if hidden.rule != RULE || hidden.version != VERSION {
            return Err(format!(
                "it was made under the rule {} version {}, and this program knows {RULE} version {VERSION}: use the same version at both ends",
                hidden.rule, hidden.version
            ));
        }
        for (line, row) in (2..).zip(&self.contents.counts) {
            let wrong = |what: &str| Err(format!("{COUNTS}, line {line}: {what}"));
            if row.force != force.as_str() {
                return wrong(&format!("it is of {} in a bundle of {force}", row.force));
            }
            if months_of(&row.period).is_none_or(|(a, b)| a < *first || b > *last) {
                return wrong(&format!("{} lies outside {first} to {last}", row.period));
            }
            if row.suppressed && row.numerator.is_some() {
                return wrong("a suppressed row has a number");
            }
            let mut numbers = row.numerator.iter().chain(&row.denominator);
            if let Some(number) = numbers.find(|n| !obeys(**n)) {
                return wrong(&broken(*number));
            }
        }
        for (line, row) in (2..).zip(&self.contents.half_hours) {
            let mut numbers = row.counts().into_iter().flatten();
            if let Some(number) = numbers.find(|n| !obeys(*n)) {
                return Err(format!("{INTERVALS}, line {line}: {}", broken(number)));
            }
            let known = ["999", "101"].contains(&row.line.as_str());
            if !known || row.interval_start.parse::<jiff::Timestamp>().is_err() {
                return Err(format!(
                    "{INTERVALS}, line {line}: it has no line or no time: ask for the bundle again"
                ));
            }
            if row.max_wait_s.is_some() {
                return Err(format!(
                    "{INTERVALS}, line {line}: the longest wait is that of one caller and has no place in a bundle"
                ));
            }
        }
        Ok(())
    }
}

fn broken(number: u64) -> String {
    format!(
        "{number} breaks the rule that it was made under: no count from 1 to 9, the others multiples of 5"
    )
}

/// The files of a zip, none twice and none too large.
fn unzip(bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let damaged = |e: &dyn std::fmt::Display| {
        format!("it cannot be opened as a bundle ({e}): ask for it again")
    };
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| damaged(&e))?;
    let allowed = BTreeSet::from([COUNTS, INTERVALS, DEFINITIONS, HIDDEN, MANIFEST, SIGNATURE]);
    let mut files = BTreeMap::new();
    for index in 0..zip.len() {
        let member = zip.by_index(index).map_err(|e| damaged(&e))?;
        let name = member.name().map_err(|e| damaged(&e))?.into_owned();
        if !allowed.contains(name.as_str()) {
            return Err(format!(
                "it holds “{name}”, which is no part of a bundle: ask the sender what it is"
            ));
        }
        let mut text = Vec::new();
        member
            .take(MOST + 1)
            .read_to_end(&mut text)
            .map_err(|e| damaged(&e))?;
        if text.len() as u64 > MOST {
            return Err(format!(
                "{name} is larger than any bundle: ask the sender what it is"
            ));
        }
        files.insert(name, text);
    }
    Ok(files)
}

/// The rows of a table; none where it is not there. Only what this program
/// would write itself is read: no further columns, no other spelling.
fn table<T: Serialize + DeserializeOwned>(
    files: &BTreeMap<String, Vec<u8>>,
    name: &str,
) -> Result<Vec<T>, String> {
    let Some(bytes) = files.get(name) else {
        return Ok(Vec::new());
    };
    let rows = csv::Reader::from_reader(bytes.as_slice())
        .deserialize()
        .collect::<Result<Vec<T>, _>>()
        .map_err(|e| format!("{name} cannot be read ({e}): ask for the bundle again"))?;
    if to_csv(&rows)? != *bytes {
        return Err(format!(
            "{name} has columns or values that are no part of a bundle: ask the sender what they are"
        ));
    }
    Ok(rows)
}

/// Writes a file so that it appears whole or not at all.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), HandOverError> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let unfinished = folder.join(format!(".unfinished-{name}"));
    let write = || {
        std::fs::create_dir_all(folder)?;
        let mut file = std::fs::File::create(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&unfinished, path)
    };
    write().map_err(HandOverError::io(path))
}
