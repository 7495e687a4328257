//! One file, whole or not at all: gone on with after a break, begun again
//! where the server has another version, checked before it takes its place.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use md5::Md5;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::client::{Answer, is_passing, refused};
use crate::{Client, Event, FetchError, Step};

/// A file in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// Its name.
    pub file: String,
    /// Where it came from.
    pub url: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256, 64 hexadecimal digits.
    pub sha256: String,
    /// Whether it agreed with an MD5 that the publisher gives.
    pub md5_agreed: bool,
}

/// What is known of a file half fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Half {
    url: String,
    version: Option<String>,
    length: Option<u64>,
}

impl Client<'_> {
    /// Fetches an archive of a plan into a folder. Where it is there already
    /// nothing is asked.
    pub fn fetch(&self, step: &Step, out: &Path) -> Result<Option<Fetched>, FetchError> {
        let place = out.join(step.file());
        if place.is_file() {
            return Ok(None);
        }
        fs::create_dir_all(out).map_err(FetchError::io(out))?;
        let part = place.with_extension("zip.part");
        self.come(&step.url, &step.file(), &part)?;
        let fetched = check(step, &part).inspect_err(|_| forget(&part))?;
        record(out, &fetched)?;
        File::open(&part)
            .and_then(|f| f.sync_all())
            .map_err(FetchError::io(&part))?;
        fs::rename(&part, &place).map_err(FetchError::io(&place))?;
        let _ = fs::remove_file(beside(&part));
        (self.progress)(Event::Done(fetched.clone()));
        Ok(Some(fetched))
    }

    /// Brings the bytes of an address into a file, over as many connections as
    /// it takes.
    fn come(&self, url: &str, name: &str, part: &Path) -> Result<(), FetchError> {
        let mut fault = 0;
        loop {
            let before = length_of(part);
            let (why, asked) = match self.go_on(url, name, part)? {
                Outcome::Whole => return Ok(()),
                Outcome::Broken(why) => (why, None),
                Outcome::Later(why, asked) => (why, asked),
            };
            // A connection that brought something is no reason to give up.
            fault = if length_of(part) > before {
                0
            } else {
                fault + 1
            };
            if fault >= self.tries() {
                return Err(FetchError::Line {
                    url: url.to_owned(),
                    reason: why,
                });
            }
            self.wait(fault, asked, &why);
        }
    }

    /// One connection's worth.
    fn go_on(&self, url: &str, name: &str, part: &Path) -> Result<Outcome, FetchError> {
        let half = known(part).filter(|h| h.url == url && h.version.is_some());
        let from = half.as_ref().map_or(0, |_| length_of(part));
        let mut headers = Vec::new();
        if let Some(version) = half
            .as_ref()
            .and_then(|h| h.version.clone())
            .filter(|_| from > 0)
        {
            headers.push(("range", format!("bytes={from}-")));
            headers.push(("if-range", version));
        }
        let answer = match self.ask(url, &headers, false) {
            Ok(answer) => answer,
            Err(why) => return Ok(Outcome::Broken(why)),
        };
        let from = match answer.status() {
            206 if begins_at(&answer, from) => from,
            200 => 0,
            // All of it has come, or the server has a shorter one: begin again
            // unless what is here is as long as it should be.
            416 if half.as_ref().is_some_and(|h| h.length == Some(from)) => {
                return Ok(Outcome::Whole);
            }
            206 | 416 => {
                forget(part);
                return Ok(Outcome::Broken(
                    "the server has another version now".to_owned(),
                ));
            }
            status if is_passing(status) => {
                let asked = answer.header("retry-after").and_then(|s| s.parse().ok());
                return Ok(Outcome::Later(
                    format!("the server answers {status}"),
                    asked,
                ));
            }
            status => return Err(refused(url, status)),
        };
        let rest = answer.length();
        let length = rest.map(|r| r + from);
        let version = answer.version();
        let now = Half {
            url: url.to_owned(),
            version,
            length,
        };
        remember(part, &now)?;
        (self.progress)(Event::Begun {
            file: name.to_owned(),
            from,
            length,
        });
        self.write(answer, part, from, length)
    }

    fn write(
        &self,
        answer: Answer,
        part: &Path,
        from: u64,
        length: Option<u64>,
    ) -> Result<Outcome, FetchError> {
        let io = || FetchError::io(part);
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(part)
            .map_err(io())?;
        file.set_len(from).map_err(io())?;
        file.seek(SeekFrom::Start(from)).map_err(io())?;
        let mut body = answer.body();
        let mut buffer = vec![0; 1 << 16];
        let mut at = from;
        loop {
            match body.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => {
                    file.write_all(&buffer[..n]).map_err(io())?;
                    at += n as u64;
                    (self.progress)(Event::Came(n as u64));
                }
                Err(e) => return Ok(Outcome::Broken(e.to_string())),
            }
        }
        Ok(match length {
            Some(length) if at < length => {
                Outcome::Broken(format!("the line broke after {at} of {length} bytes"))
            }
            _ => Outcome::Whole,
        })
    }
}

enum Outcome {
    Whole,
    Broken(String),
    Later(String, Option<u64>),
}

/// Whether a part of a file begins where it was asked to.
fn begins_at(answer: &Answer, from: u64) -> bool {
    answer
        .header("content-range")
        .and_then(|r| r.strip_prefix("bytes ")?.split('-').next()?.parse().ok())
        == Some(from)
}

/// Checks a file that has come: that it is a whole archive, and that it has
/// the MD5 that the publisher gives.
fn check(step: &Step, part: &Path) -> Result<Fetched, FetchError> {
    let damaged = |reason: &str| FetchError::Damaged {
        file: step.file(),
        reason: reason.to_owned(),
    };
    let mut file = File::open(part).map_err(FetchError::io(part))?;
    let (mut md5, mut sha256) = (Md5::new(), Sha256::new());
    let mut buffer = vec![0; 1 << 18];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer).map_err(FetchError::io(part))? {
            0 => break,
            n => {
                md5.update(&buffer[..n]);
                sha256.update(&buffer[..n]);
                bytes += n as u64;
            }
        }
    }
    if step
        .md5
        .as_ref()
        .is_some_and(|given| *given != hex(&md5.finalize()))
    {
        return Err(damaged(
            "it has not the MD5 that the publisher's page gives",
        ));
    }
    zip::ZipArchive::new(std::io::BufReader::new(file))
        .map_err(|_| damaged("it is no whole zip archive"))?;
    Ok(Fetched {
        file: step.file(),
        url: step.url.clone(),
        bytes,
        sha256: hex(&sha256.finalize()),
        md5_agreed: step.md5.is_some(),
    })
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to memory cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Adds a file to `fetched.json`, replaced whole.
pub(crate) fn record(out: &Path, fetched: &Fetched) -> Result<(), FetchError> {
    let path = out.join("fetched.json");
    let mut all: Vec<Fetched> = fs::read(&path)
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok())
        .unwrap_or_default();
    all.retain(|f| f.file != fetched.file);
    all.push(fetched.clone());
    let text = serde_json::to_vec_pretty(&all).unwrap_or_default();
    let new = out.join("fetched.json.new");
    fs::write(&new, text).map_err(FetchError::io(&new))?;
    fs::rename(&new, &path).map_err(FetchError::io(&path))
}

fn beside(part: &Path) -> PathBuf {
    part.with_extension("part.json")
}

fn known(part: &Path) -> Option<Half> {
    serde_json::from_slice(&fs::read(beside(part)).ok()?).ok()
}

fn remember(part: &Path, half: &Half) -> Result<(), FetchError> {
    let path = beside(part);
    let text = serde_json::to_vec(half).unwrap_or_default();
    fs::write(&path, text).map_err(FetchError::io(&path))
}

fn forget(part: &Path) {
    let _ = fs::remove_file(beside(part));
    let _ = fs::remove_file(part);
}

fn length_of(part: &Path) -> u64 {
    fs::metadata(part).map_or(0, |m| m.len())
}
