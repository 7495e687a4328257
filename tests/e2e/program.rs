//! The built binary with a home of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A home, and the program run over it.
pub(crate) struct Program {
    folder: TempDir,
}

/// What a run printed, and how it ended.
#[must_use = "look at what was printed, or at the exit code"]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Program {
    pub(crate) fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
        }
    }

    /// A folder for input files, beside the home.
    pub(crate) fn inputs(&self) -> PathBuf {
        let inputs = self.folder.path().join("inputs");
        std::fs::create_dir_all(&inputs).unwrap();
        inputs
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command
            .args(args)
            .env("PEELIAN_HOME", self.home())
            .env_remove("PEELIAN_CONTENT")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        let Output {
            status,
            stdout,
            stderr,
        } = self.command(args).output().unwrap();
        Run {
            code: status.code(),
            out: String::from_utf8(stdout).unwrap(),
            err: String::from_utf8(stderr).unwrap(),
        }
    }

    /// Runs a command that must succeed, and gives what it printed.
    pub(crate) fn ok(&self, args: &[&str]) -> String {
        let run = self.run(args);
        assert_eq!(
            run.code,
            Some(0),
            "peelian {args:?}\n{}\n{}",
            run.out,
            run.err
        );
        run.out
    }

    /// Runs a command that must succeed with `--json`, and reads its answer.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let args = [args, &["--json"]].concat();
        serde_json::from_str(&self.ok(&args)).unwrap()
    }

    /// The digest of everything held.
    pub(crate) fn digest(&self) -> String {
        self.ok(&["check", "--digest"])
    }
}

/// The binary beside the test, in the same target folder and profile.
fn binary() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let binary = profile.join("peelian");
    assert!(
        binary.exists(),
        "{} is not built: run cargo build -p peelian",
        binary.display()
    );
    binary
}

/// The shared real files; none where they are absent, and the test is counted as skipped.
pub(crate) fn shared(what: &str) -> Option<PathBuf> {
    let root = std::env::var_os("PEELIAN_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    let path = root.join(what);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not at hand", path.display());
    None
}

/// A small synthetic archive with its look-ups, as the demo makes it.
pub(crate) fn synthetic(folder: &Path) -> PathBuf {
    let files = folder.join("synthetic");
    peelian_simulate::write(&peelian_simulate::small(), &files).unwrap();
    files
}
