//! Crashes at every moment at which a file appears, full and read-only disks,
//! damaged homes, and a site served while files are loaded.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::program::{Program, Run, synthetic};

fn ingest(program: &Program, files: &Path) -> Run {
    program.run(&["ingest", files.to_str().unwrap()])
}

/// The digest that an ingest of these files leaves when nothing disturbs it.
fn undisturbed(files: &Path) -> String {
    let program = Program::new();
    assert_eq!(ingest(&program, files).code, Some(0));
    program.digest()
}

/// Loads files in a process that dies at the n-th moment at which a file is
/// about to appear or has appeared. False where it came to its end before.
fn dies_at(program: &Program, files: &Path, moment: u32) -> bool {
    let mut command = program.command(&["ingest", files.to_str().unwrap()]);
    let output = command
        .env("PEELIAN_STOP_AT", moment.to_string())
        .output()
        .unwrap();
    !output.status.success()
}

/// After a crash: what is there can be read, and the same ingest ends as if
/// nothing had happened.
fn check_after_crash(moment: u32, files: &Path, digest: &str) -> bool {
    let program = Program::new();
    if !dies_at(&program, files, moment) {
        return false;
    }
    let status = program.run(&["status", "--json"]);
    assert_eq!(status.code, Some(0), "crashed at {moment}: {}", status.err);
    let checked = program.run(&["check"]);
    assert!(
        matches!(checked.code, Some(0 | 2)),
        "crashed at {moment}: {}{}",
        checked.out,
        checked.err
    );
    let again = ingest(&program, files);
    assert_eq!(again.code, Some(0), "crashed at {moment}: {}", again.err);
    assert_eq!(program.digest(), digest, "crashed at {moment}");
    true
}

/// The number of moments of an ingest: the least at which it does not die.
fn moments(files: &Path) -> u32 {
    let (mut low, mut high) = (0, 1);
    while dies_at(&Program::new(), files, high) {
        (low, high) = (high, high * 2);
    }
    while high - low > 1 {
        let middle = u32::midpoint(low, high);
        if dies_at(&Program::new(), files, middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

#[test]
fn a_crash_at_the_first_and_last_moments_leaves_the_old_state_or_the_new() {
    let place = Program::new();
    let files = synthetic(&place.inputs());
    let digest = undisturbed(&files);
    let last = moments(&files);
    assert!(last > 20, "only {last} moments");
    // The last four: the manifest about to appear and there, then its pointer.
    for moment in [1, 2, 3, last / 2, last - 3, last - 2, last - 1, last] {
        assert!(
            check_after_crash(moment, &files, &digest),
            "moment {moment} of {last}"
        );
    }
}

#[test]
fn prove_a_crash_at_any_moment_leaves_the_old_state_or_the_new() {
    if std::env::var_os("PEELIAN_PROVE").is_none() {
        return;
    }
    let place = Program::new();
    let files = synthetic(&place.inputs());
    let digest = undisturbed(&files);
    let mut moment = 1;
    while check_after_crash(moment, &files, &digest) {
        moment += 1;
    }
}

/// A file system of its own at a folder, for as long as it lives.
struct Mount<'a>(&'a Path);

impl<'a> Mount<'a> {
    /// None where this machine does not let us mount, and the test is skipped.
    fn new(folder: &'a Path, arguments: &[&str]) -> Option<Self> {
        std::fs::create_dir_all(folder).unwrap();
        let done = Command::new("mount").args(arguments).arg(folder).output();
        if done.is_ok_and(|d| d.status.success()) {
            return Some(Self(folder));
        }
        eprintln!("skipped: nothing can be mounted here");
        None
    }

    fn again(&self, options: &str) {
        let mut command = Command::new("mount");
        let done = command
            .args(["-o", &format!("remount,{options}")])
            .arg(self.0)
            .status();
        assert!(done.unwrap().success());
    }
}

impl Drop for Mount<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").args(["-l"]).arg(self.0).status();
    }
}

#[test]
fn a_full_disk_is_named_and_nothing_is_lost() {
    let place = Program::new();
    let files = synthetic(&place.inputs());
    let digest = undisturbed(&files);
    let program = Program::new();
    let home = program.home();
    let Some(disk) = Mount::new(&home, &["-t", "tmpfs", "-o", "size=256k", "tmpfs"]) else {
        return;
    };
    let run = ingest(&program, &files);
    assert_eq!(run.code, Some(1), "{}{}", run.out, run.err);
    assert!(run.err.contains("the disk is full"), "{}", run.err);
    assert!(!run.err.contains("panicked"), "{}", run.err);
    let status = program.run(&["status", "--json"]);
    assert_eq!(status.code, Some(0), "{}", status.err);

    disk.again("size=256m");
    let run = ingest(&program, &files);
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    assert_eq!(program.digest(), digest);
}

#[test]
fn a_disk_that_may_only_be_read_is_served_from_and_not_written_to() {
    let place = Program::new();
    let files = synthetic(&place.inputs());
    let program = Program::new();
    let home = program.home();
    let Some(disk) = Mount::new(&home, &["-t", "tmpfs", "-o", "size=256m", "tmpfs"]) else {
        return;
    };
    assert_eq!(ingest(&program, &files).code, Some(0));
    let digest = program.digest();
    disk.again("ro");

    let run = ingest(&program, &files);
    assert_eq!(run.code, Some(1), "{}{}", run.out, run.err);
    assert!(run.err.contains("it may only be read"), "{}", run.err);
    for reading in [
        &["status"][..],
        &["check"],
        &[
            "measure",
            "show",
            "sns-rate",
            "--force",
            "synthetic-ashmoor",
        ],
    ] {
        let run = program.run(reading);
        assert_eq!(run.code, Some(0), "{reading:?}: {}", run.err);
    }
    assert_eq!(program.digest(), digest);
    let site = Serving::of(&program);
    assert!(site.get("/").starts_with("HTTP/1.1 200"));
}

/// The program serving a home on a port of its own.
struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    fn of(program: &Program) -> Self {
        let mut child = program.command(&["serve", "--port", "0"]).spawn().unwrap();
        let mut line = String::new();
        let out = child.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        let address = line.trim().rsplit("//").next().unwrap().to_owned();
        Self { child, address }
    }

    /// Status line, headers and body.
    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
            self.address
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_site_served_during_an_ingest_answers_every_request_wholly_and_then_shows_the_new() {
    let place = Program::new();
    let files = synthetic(&place.inputs());
    let archive = std::fs::read_dir(&files)
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.extension().is_some_and(|e| e == "zip"))
        .unwrap();
    let program = Program::new();
    // First the look-ups alone, so that the site begins with nothing to show.
    for entry in std::fs::read_dir(&files).unwrap() {
        let path = entry.unwrap().path();
        if path != archive {
            let _ = program.run(&["ingest", path.to_str().unwrap()]);
        }
    }
    let site = Serving::of(&program);
    let page = "/forces/synthetic-ashmoor/measures/crime-rate.csv";
    assert!(
        site.get(page).starts_with("HTTP/1.1 404"),
        "nothing is held yet"
    );

    let mut loading = program
        .command(&["ingest", archive.to_str().unwrap()])
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let (mut asked, mut lines) = (0, None);
    loop {
        let answer = site.get(page);
        asked += 1;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        if head.starts_with("HTTP/1.1 200") {
            let found = body.lines().count();
            assert_eq!(
                *lines.get_or_insert(found),
                found,
                "half of a generation was seen"
            );
            break;
        }
        assert!(head.starts_with("HTTP/1.1 404"), "{head}");
        assert!(site.get("/").starts_with("HTTP/1.1 200"));
        assert!(
            begun.elapsed() < Duration::from_mins(2),
            "the new figures never appeared"
        );
    }
    assert!(asked > 3, "the site was asked {asked} times");
    assert!(loading.wait().unwrap().success());
    let first = site.get(page);
    std::thread::sleep(Duration::from_secs(3));
    let body = |answer: &str| answer.split_once("\r\n\r\n").map(|a| a.1.to_owned());
    assert_eq!(body(&site.get(page)), body(&first));
}

/// Spoils a home.
type Damage = fn(&Path);

#[test]
fn a_damaged_home_is_named_with_its_file_and_what_to_do() {
    let place = Program::new();
    let files = synthetic(&place.inputs());
    let damage: [(&str, Damage); 3] = [
        ("manifest/current", |home| {
            std::fs::write(home.join("manifest/current"), "seven\n").unwrap();
        }),
        ("manifest/1.json", |home| {
            std::fs::remove_file(home.join("manifest/1.json")).unwrap();
        }),
        (".parquet", |home| {
            let folder = home.join("tables/street/synthetic-ashmoor");
            let file = std::fs::read_dir(folder)
                .unwrap()
                .next()
                .unwrap()
                .unwrap()
                .path();
            let bytes = std::fs::read(&file).unwrap();
            std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
        }),
    ];
    for (named, damage) in damage {
        let program = Program::new();
        assert_eq!(ingest(&program, &files).code, Some(0));
        damage(&program.home());
        let run = program.run(&["check"]);
        assert_eq!(run.code, Some(1), "{named}: {}{}", run.out, run.err);
        let said = format!("{}{}", run.out, run.err);
        assert!(said.contains(named), "{named}: {said}");
        assert!(!said.contains("panicked"), "{said}");
        if !named.ends_with("parquet") {
            let served = program.run(&["serve", "--port", "0"]);
            assert_eq!(served.code, Some(1), "{named}");
            assert!(served.err.contains(named), "{named}: {}", served.err);
        }
    }
}
