//! A home directory: its lock, its manifest, and files that appear whole or
//! not at all.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::{ArchiveError, Manifest};

/// Begins the name of every file not yet finished.
const UNFINISHED: &str = ".unfinished-";

/// A file that no manifest names is kept this long: a reader may still have it
/// from an older generation, and a crashed ingest may be run again and use it.
const ORPHAN_AGE: Duration = Duration::from_mins(10);

/// Where tables, manifest and quarantine are kept.
#[derive(Debug, Clone)]
pub struct Home {
    path: PathBuf,
}

/// Held while writing; let go when dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Home {
    /// The home at a path, which need not exist yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Its directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The current generation; none where nothing was ever ingested.
    pub fn manifest(&self) -> Result<Option<Manifest>, ArchiveError> {
        let pointer = self.pointer();
        let text = match fs::read_to_string(&pointer) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(ArchiveError::io(&pointer)(e)),
        };
        let generation = text.trim().parse().map_err(|_| ArchiveError::Manifest {
            path: pointer,
            reason: "it should hold the number of a generation".to_owned(),
        })?;
        self.generation(generation).map(Some)
    }

    fn generation(&self, generation: u64) -> Result<Manifest, ArchiveError> {
        let path = self.generation_path(generation);
        let text = fs::read(&path).map_err(ArchiveError::io(&path))?;
        serde_json::from_slice(&text).map_err(|e| ArchiveError::Manifest {
            path,
            reason: e.to_string(),
        })
    }

    fn pointer(&self) -> PathBuf {
        self.path.join("manifest/current")
    }

    fn generation_path(&self, generation: u64) -> PathBuf {
        self.path.join(format!("manifest/{generation}.json"))
    }

    /// Takes the lock that whoever writes to the home holds, waiting for
    /// another writer if `wait`; `waiting` is called once before the wait begins.
    pub fn lock(&self, wait: bool, waiting: impl Fn()) -> Result<Lock, ArchiveError> {
        fs::create_dir_all(&self.path).map_err(ArchiveError::io(&self.path))?;
        let path = self.path.join("lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(ArchiveError::io(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) if wait => {
                waiting();
                file.lock().map_err(ArchiveError::io(&path))?;
            }
            Err(TryLockError::WouldBlock) => return Err(ArchiveError::Locked(self.path.clone())),
            Err(TryLockError::Error(e)) => return Err(ArchiveError::io(&path)(e)),
        }
        Ok(Lock { _file: file })
    }

    /// Makes a generation current. Needs the lock. A crash leaves the old one
    /// or this one.
    pub(crate) fn commit(&self, _lock: &Lock, manifest: &Manifest) -> Result<(), ArchiveError> {
        let path = self.generation_path(manifest.generation);
        let text = serde_json::to_vec_pretty(manifest).map_err(|e| ArchiveError::Manifest {
            path: path.clone(),
            reason: e.to_string(),
        })?;
        write_whole(&path, |out| out.write_all(&text))?;
        let pointer = format!("{}\n", manifest.generation);
        write_whole(&self.pointer(), |out| out.write_all(pointer.as_bytes()))
    }

    /// Removes files that neither of the last two generations needs and that
    /// are old enough. Needs the lock. What cannot be removed stays.
    pub(crate) fn sweep(&self, _lock: &Lock, current: &Manifest) {
        let mut needed = current.all_files();
        match self.generation(current.generation.saturating_sub(1)) {
            Ok(previous) => needed.extend(previous.all_files()),
            Err(_) if current.generation > 1 => return,
            Err(_) => {}
        }
        for folder in ["tables", "revisions", "quarantine", "manifest"] {
            self.sweep_folder(&self.path.join(folder), &needed);
        }
    }

    fn sweep_folder(&self, folder: &Path, needed: &BTreeSet<String>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if kind.is_dir() {
                self.sweep_folder(&path, needed);
                continue;
            }
            let unfinished = entry.file_name().to_string_lossy().starts_with(UNFINISHED);
            let manifest = path.starts_with(self.path.join("manifest"));
            let name = path
                .strip_prefix(&self.path)
                .unwrap_or(&path)
                .to_string_lossy()
                .replace('\\', "/");
            if unfinished || !(manifest || needed.contains(&name)) {
                remove_if_old(&path, &entry);
            }
        }
    }
}

fn remove_if_old(path: &Path, entry: &fs::DirEntry) {
    let modified = entry.metadata().and_then(|m| m.modified());
    let age = modified
        .ok()
        .and_then(|m| SystemTime::now().duration_since(m).ok());
    if age.is_some_and(|age| age > ORPHAN_AGE)
        && let Err(error) = fs::remove_file(path)
    {
        tracing::debug!(path = %path.display(), %error, "an old file could not be removed");
    }
}

/// Writes a file so that it appears whole or not at all, even after a crash:
/// a name of its own in the same directory, fsync, rename, fsync of the
/// directory.
pub(crate) fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> Result<(), ArchiveError> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(ArchiveError::io(path)(
            std::io::ErrorKind::InvalidInput.into(),
        ));
    };
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    make_folder(folder)?;
    let unfinished = folder.join(format!("{UNFINISHED}{}", name.to_string_lossy()));
    let finish = || -> std::io::Result<()> {
        let mut out = BufWriter::new(File::create(&unfinished)?);
        write(&mut out)?;
        out.into_inner()
            .map_err(std::io::IntoInnerError::into_error)?
            .sync_all()?;
        stop_point();
        fs::rename(&unfinished, path)?;
        stop_point();
        File::open(folder)?.sync_all()
    };
    finish().map_err(ArchiveError::io(path))
}

/// For tests of crashes: ends the process, as a power cut would, at the n-th
/// moment at which a file is about to appear or has just appeared, where
/// `PEELIAN_STOP_AT` is n. Builds for production have no such moment.
fn stop_point() {
    #[cfg(debug_assertions)]
    {
        use std::sync::atomic::{AtomicU64, Ordering};
        static PASSED: AtomicU64 = AtomicU64::new(0);
        let passed = PASSED.fetch_add(1, Ordering::Relaxed) + 1;
        let at = std::env::var("PEELIAN_STOP_AT");
        if at.is_ok_and(|at| at.parse() == Ok(passed)) {
            std::process::abort();
        }
    }
}

/// Makes a folder and those above it, each made durable in its parent.
fn make_folder(folder: &Path) -> Result<(), ArchiveError> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent().filter(|p| !p.as_os_str().is_empty()) {
        make_folder(parent)?;
    }
    let made = fs::create_dir(folder).or_else(|e| match e.kind() {
        std::io::ErrorKind::AlreadyExists => Ok(()),
        _ => Err(e),
    });
    let parent = folder
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    made.and_then(|()| File::open(parent)?.sync_all())
        .map_err(ArchiveError::io(folder))
}
