//! Loading measure files, from the binary or from a folder given instead.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use peelian_model::{Kind, Measure, MeasureId};
use sha2::{Digest, Sha256};

use crate::{MeasuresError, reads};

#[derive(rust_embed::RustEmbed)]
#[folder = "../../measures"]
struct Embedded;

/// A measure's three files.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// What it means.
    pub measure: Measure,
    /// Its query.
    pub sql: String,
    /// Its worked cases, as text.
    pub cases: String,
    /// Hash over the three.
    pub hash: String,
}

impl Definition {
    /// The calculation version that every exported figure names: the program's
    /// version and the definition's hash.
    pub fn version(&self) -> String {
        format!("{}+{}", env!("CARGO_PKG_VERSION"), &self.hash[..8])
    }
}

/// The catalogue of measures.
#[derive(Debug, Clone, PartialEq)]
pub struct Measures {
    /// In the order of areas, then ids.
    pub definitions: Vec<Definition>,
    /// The tables that worked cases share, as text.
    pub(crate) world: String,
}

impl Measures {
    /// Loads the measures of the binary or, where `content` is given, those in
    /// its folder `measures`.
    pub fn load(content: Option<&Path>) -> Result<Self, MeasuresError> {
        let files = match content {
            Some(content) => from_folder(&content.join("measures"))?,
            None => embedded()?,
        };
        let mut definitions = Vec::new();
        for (name, text) in &files {
            if let Some(stem) = name.strip_suffix(".toml")
                && stem.contains('/')
                && !stem.contains('.')
            {
                definitions.push(definition(stem, text, &files)?);
            }
        }
        if definitions.is_empty() {
            return Err(MeasuresError::definition(
                "measures",
                "there is no measure in it",
            ));
        }
        let world = files.get("world.toml").cloned().unwrap_or_default();
        Ok(Self { definitions, world })
    }

    /// A measure by its id.
    pub fn get(&self, id: &MeasureId) -> Option<&Definition> {
        self.definitions.iter().find(|d| &d.measure.id == id)
    }

    /// Hash over every definition: which catalogue readings were made with.
    pub fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        for definition in &self.definitions {
            hasher.update(definition.version());
        }
        hex(&hasher.finalize())
    }
}

fn definition(
    stem: &str,
    text: &str,
    files: &BTreeMap<String, String>,
) -> Result<Definition, MeasuresError> {
    let file = format!("{stem}.toml");
    let measure: Measure = toml::from_str(text).map_err(|e| MeasuresError::definition(&file, e))?;
    let (area, id) = stem.rsplit_once('/').unwrap_or_default();
    let wrong = |reason: String| Err(MeasuresError::definition(&file, reason));
    if measure.id.as_str() != id {
        return wrong(format!(
            "id is “{}”: give it the name of the file, “{id}”",
            measure.id
        ));
    }
    if measure.area.as_str() != area {
        return wrong(format!(
            "area is “{}”: give it the name of the folder, “{area}”, or move the file",
            measure.area
        ));
    }
    match measure.kind {
        Kind::Rate if measure.denominator.is_none() => {
            return wrong("a rate needs a denominator: add denominator = \"people\"".to_owned());
        }
        Kind::Grouped if measure.compare.is_none() => {
            return wrong("a grouped measure needs a [compare] table".to_owned());
        }
        _ => {}
    }
    let Some(first) = measure.sources.first() else {
        return wrong("sources is empty: name the source whose months it follows first".to_owned());
    };
    for source in &measure.sources {
        if peelian_archive::source(source).is_none() {
            return wrong(format!(
                "sources names “{source}”, which has no file under sources/"
            ));
        }
    }
    if peelian_archive::source(first).is_some_and(|s| !s.is_monthly()) {
        return wrong(format!(
            "sources begins with “{first}”, which has no months"
        ));
    }
    let part = |ending: &str| {
        let name = format!("{stem}.{ending}");
        files.get(&name).cloned().ok_or_else(|| {
            MeasuresError::definition(&name, "this file is needed beside the .toml and is absent")
        })
    };
    let (sql, cases) = (part("sql")?, part("cases.toml")?);
    reads::check(&measure, &sql)
        .map_err(|reason| MeasuresError::definition(format!("{stem}.sql"), reason))?;
    let mut hasher = Sha256::new();
    for part in [text, &sql, &cases] {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part);
    }
    Ok(Definition {
        measure,
        sql,
        cases,
        hash: hex(&hasher.finalize()),
    })
}

fn embedded() -> Result<BTreeMap<String, String>, MeasuresError> {
    Embedded::iter()
        .filter_map(|name| Some((name.to_string(), Embedded::get(&name)?)))
        .map(|(name, file)| text(name, file.data.into_owned()))
        .collect()
}

fn from_folder(root: &Path) -> Result<BTreeMap<String, String>, MeasuresError> {
    let io = |path: &Path| {
        let path = path.display().to_string();
        move |source| MeasuresError::Io { path, source }
    };
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(io(&folder))? {
            let path = entry.map_err(io(&folder))?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path
                    .strip_prefix(root)
                    .unwrap_or(&path)
                    .display()
                    .to_string();
                let (name, contents) = text(name, fs::read(&path).map_err(io(&path))?)?;
                files.insert(name, contents);
            }
        }
    }
    Ok(files)
}

fn text(name: String, bytes: Vec<u8>) -> Result<(String, String), MeasuresError> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok((name, text)),
        Err(_) => Err(MeasuresError::definition(
            name,
            "it is not UTF-8: save it as UTF-8",
        )),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
}
