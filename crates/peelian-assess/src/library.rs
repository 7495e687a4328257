//! All frameworks: those in the binary and those in a directory of one's own.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use peelian_model::FrameworkId;
use serde::Deserialize;

use crate::error::{AssessError, Source, line_at};
use crate::framework::Framework;
use crate::wanted::Wanted;

#[derive(rust_embed::RustEmbed)]
#[folder = "../../frameworks"]
struct Embedded;

/// What the characteristics ask for.
const WANTED: &str = "wanted.toml";
/// Frameworks that nobody has entered yet.
const NOT_LOADED: &str = "not-loaded.toml";

/// A framework that exists but was not entered from its published text.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotLoaded {
    /// The id that its file will have.
    pub id: FrameworkId,
    /// Name for a reader.
    pub title: String,
    /// Why it is not loaded, and what would load it.
    pub reason: String,
    /// Where it is said to be.
    pub source_url: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct NotLoadedFile {
    frameworks: Vec<NotLoaded>,
}

/// The frameworks, newest first, and what they ask for.
#[derive(Debug, Clone)]
pub struct Frameworks {
    all: Vec<Framework>,
    not_loaded: Vec<NotLoaded>,
    wanted: Wanted,
}

impl Frameworks {
    /// Loads the frameworks of the binary and, where `content` is given, those
    /// in its folder `frameworks`: a file there is added, or takes the place of
    /// the one of the same name; entries of its `wanted.toml` are added.
    pub fn load(content: Option<&Path>) -> Result<Self, AssessError> {
        let mut files = BTreeMap::new();
        for name in Embedded::iter().filter(|n| is_toml(n)) {
            if let Some(file) = Embedded::get(&name) {
                let source = Source {
                    file: format!("frameworks/{name}"),
                    text: text(&format!("frameworks/{name}"), &file.data)?,
                };
                files.insert(name.into_owned(), source);
            }
        }
        let mut wanted = match files.remove(WANTED) {
            Some(source) => source.parse()?,
            None => Wanted::default(),
        };
        if let Some(content) = content {
            let mut own = from_folder(&content.join("frameworks"))?;
            if let Some(source) = own.remove(WANTED) {
                wanted.add(source.parse()?);
            }
            files.append(&mut own);
        }
        let not_loaded: NotLoadedFile = match files.remove(NOT_LOADED) {
            Some(source) => source.parse()?,
            None => NotLoadedFile::default(),
        };
        let mut all = Vec::new();
        for (name, source) in &files {
            all.push(Framework::read(
                source,
                name.trim_end_matches(".toml"),
                &wanted,
            )?);
        }
        all.sort_by(|a, b| b.published.cmp(&a.published).then_with(|| a.id.cmp(&b.id)));
        let not_loaded = not_loaded
            .frameworks
            .into_iter()
            .filter(|n| all.iter().all(|f| f.id != n.id))
            .collect();
        Ok(Self {
            all,
            not_loaded,
            wanted,
        })
    }

    /// A framework that is loaded.
    pub fn get(&self, id: &FrameworkId) -> Option<&Framework> {
        self.all.iter().find(|f| &f.id == id)
    }

    /// Every framework that is loaded, newest first.
    pub fn all(&self) -> &[Framework] {
        &self.all
    }

    /// The one published last.
    pub fn newest(&self) -> Option<&Framework> {
        self.all.first()
    }

    /// Frameworks that exist but are not loaded, with the reason.
    pub fn not_loaded(&self) -> &[NotLoaded] {
        &self.not_loaded
    }

    /// What the characteristics ask for.
    pub fn wanted(&self) -> &Wanted {
        &self.wanted
    }
}

fn is_toml(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|e| e == "toml")
}

fn text(file: &str, bytes: &[u8]) -> Result<String, AssessError> {
    String::from_utf8(bytes.to_vec()).map_err(|e| AssessError::Malformed {
        file: file.to_owned(),
        line: line_at(bytes, e.utf8_error().valid_up_to()),
        rule: "the file is not UTF-8 text".to_owned(),
        remedy: "Save it as UTF-8.".to_owned(),
    })
}

fn from_folder(folder: &Path) -> Result<BTreeMap<String, Source>, AssessError> {
    let mut files = BTreeMap::new();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(files),
        Err(e) => return Err(AssessError::io(folder)(e)),
    };
    for entry in entries {
        let path = entry.map_err(AssessError::io(folder))?.path();
        let Some(name) = path
            .file_name()
            .and_then(|n| n.to_str())
            .filter(|n| is_toml(n))
        else {
            continue;
        };
        let bytes = fs::read(&path).map_err(AssessError::io(&path))?;
        let file = path.display().to_string();
        let text = text(&file, &bytes)?;
        files.insert(name.to_owned(), Source { file, text });
    }
    Ok(files)
}
