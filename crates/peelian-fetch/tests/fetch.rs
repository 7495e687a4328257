//! Against a local server in the publisher's layout that breaks in every way.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Cursor, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use peelian_fetch::{Client, Event, FetchError, Manners, Plan, Wanted, plan};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// What the server does.
#[derive(Default)]
struct Served {
    files: BTreeMap<String, Vec<u8>>,
    /// Goes up when a file is changed.
    version: u32,
    /// Ignores `Range`.
    no_range: bool,
    /// For each answer with a body to come: after how many bytes it breaks off.
    breaks: Vec<usize>,
    /// Statuses answered first, before anything is given.
    statuses: Vec<u16>,
    /// A pause after every thousand bytes.
    slow: bool,
    /// Paths that lead elsewhere.
    moved: BTreeMap<String, String>,
    /// What was asked for: path and range.
    asked: Vec<(String, Option<String>)>,
}

#[derive(Clone)]
struct Server {
    address: String,
    served: Arc<Mutex<Served>>,
}

impl Server {
    fn new(served: Served) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = Self {
            address,
            served: Arc::new(Mutex::new(served)),
        };
        let answering = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = answering.answer(stream);
            }
        });
        server
    }

    fn wanted(&self) -> Wanted {
        Wanted {
            base: format!("http://{}/data/archive/", self.address),
            months: Some(("2021-03".parse().unwrap(), "2021-04".parse().unwrap())),
            ..Wanted::default()
        }
    }

    fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        let first = lines.next().unwrap_or(Ok(String::new()))?;
        let mut words = first.split(' ');
        let (method, path) = (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        );
        let mut headers = BTreeMap::new();
        for line in lines {
            let line = line?;
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(": ") {
                headers.insert(name.to_lowercase(), value.to_owned());
            }
        }
        let mut served = self.served.lock().unwrap();
        let range = headers.get("range").cloned();
        served.asked.push((path.to_owned(), range.clone()));
        if !served.statuses.is_empty() {
            let status = served.statuses.remove(0);
            return write!(
                stream,
                "HTTP/1.1 {status} x\r\nretry-after: 0\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
        }
        if let Some(to) = served.moved.get(path) {
            return write!(
                stream,
                "HTTP/1.1 302 x\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
        }
        let Some(bytes) = served.files.get(path).cloned() else {
            return write!(
                stream,
                "HTTP/1.1 404 x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
        };
        let tag = format!("\"v{}\"", served.version);
        let same = headers.get("if-range").is_none_or(|t| *t == tag);
        let asked = range.filter(|_| same && !served.no_range).and_then(|r| {
            let (a, b) = r.strip_prefix("bytes=")?.split_once('-')?;
            Some((
                a.parse::<usize>().ok()?,
                b.parse::<usize>().unwrap_or(bytes.len() - 1),
            ))
        });
        let whole = bytes.len();
        let (status, extra, body) = match asked {
            Some((a, _)) if a >= whole => (416, String::new(), &bytes[..0]),
            Some((a, b)) => {
                let b = b.min(whole - 1);
                (
                    206,
                    format!("content-range: bytes {a}-{b}/{whole}\r\n"),
                    &bytes[a..=b],
                )
            }
            None => (200, String::new(), &bytes[..]),
        };
        write!(
            stream,
            "HTTP/1.1 {status} x\r\netag: {tag}\r\n{extra}content-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        )?;
        if method == "HEAD" {
            return Ok(());
        }
        let stop = if body.len() > 1 && !served.breaks.is_empty() && path != PAGE {
            served.breaks.remove(0).min(body.len())
        } else {
            body.len()
        };
        let slow = served.slow;
        drop(served);
        for piece in body[..stop].chunks(1000) {
            stream.write_all(piece)?;
            if slow {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        Ok(())
    }
}

fn member(month: &str, force: &str) -> (String, String) {
    let rows: Vec<String> = (0..200)
        .map(|i| format!("{month},{force},{}", i * 7919 % 1013))
        .collect();
    let rows = rows.join("\n");
    (format!("{month}/{month}-{force}-street.csv"), rows)
}

fn archive() -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for month in ["2021-03", "2021-04"] {
        for force in ["essex", "kent"] {
            let (name, rows) = member(month, force);
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(rows.as_bytes()).unwrap();
        }
    }
    zip.finish().unwrap().into_inner()
}

const PAGE: &str = "/data/archive/";
const ARCHIVE: &str = "/data/archive/2021-04.zip";

/// One archive and the page that names it, with this MD5 if any.
fn site(bytes: Vec<u8>, md5: &str) -> Served {
    let page = format!("<a href=\"/data/archive/2021-04.zip\">April 2021</a> <code>{md5}</code>");
    let files = [
        (PAGE.to_owned(), page.into_bytes()),
        (ARCHIVE.to_owned(), bytes),
    ];
    Served {
        files: files.into(),
        ..Served::default()
    }
}

fn manners() -> Manners {
    Manners {
        between: Duration::ZERO,
        wait: Duration::from_millis(1),
        ..Manners::default()
    }
}

fn fetch_with(
    server: &Server,
    out: &Path,
    progress: &(dyn Fn(Event) + Sync),
) -> Result<Plan, FetchError> {
    let client = Client::new(manners(), progress);
    let plan = plan(&client, &server.wanted(), out)?;
    for step in &plan.steps {
        client.fetch(step, out)?;
    }
    Ok(plan)
}

fn fetch(server: &Server, out: &Path) -> Result<Plan, FetchError> {
    fetch_with(server, out, &|_| {})
}

/// The names in a folder.
fn names(out: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(out)
        .into_iter()
        .flatten()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn an_archive_is_planned_fetched_checked_and_not_fetched_again() {
    let bytes = archive();
    let server = Server::new(site(bytes.clone(), ""));
    let out = tempfile::tempdir().unwrap();
    let first = fetch(&server, out.path()).unwrap();
    assert_eq!(first.steps[0].length, Some(bytes.len() as u64));
    assert_eq!(
        std::fs::read(out.path().join("2021-04.zip")).unwrap(),
        bytes
    );
    assert_eq!(names(out.path()), ["2021-04.zip", "fetched.json"]);
    let asked = server.served.lock().unwrap().asked.len();
    assert!(fetch(&server, out.path()).unwrap().steps[0].there);
    let now = server.served.lock().unwrap().asked.len();
    assert_eq!(now - asked, 1, "only the page was asked for again");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn wherever_the_line_breaks_the_file_is_the_one_served(
        breaks in proptest::collection::vec(0_usize..3000, 0..5),
        no_range in any::<bool>(),
    ) {
        let bytes = archive();
        let server = Server::new(Served { no_range, breaks, ..site(bytes.clone(), "") });
        let out = tempfile::tempdir().unwrap();
        fetch(&server, out.path()).unwrap();
        prop_assert_eq!(std::fs::read(out.path().join("2021-04.zip")).unwrap(), bytes);
    }
}

#[test]
fn a_broken_download_goes_on_by_range_and_a_stopped_one_in_the_next_run() {
    let bytes = archive();
    let half = bytes.len() / 2;
    let server = Server::new(Served {
        breaks: vec![half, 0],
        ..site(bytes.clone(), "")
    });
    let out = tempfile::tempdir().unwrap();
    // The first run gives up where nothing more comes.
    let client = Client::new(
        Manners {
            tries: 1,
            ..manners()
        },
        &|_| {},
    );
    let plan = plan(&client, &server.wanted(), out.path()).unwrap();
    assert!(client.fetch(&plan.steps[0], out.path()).is_err());
    assert_eq!(
        names(out.path()),
        ["2021-04.zip.part", "2021-04.zip.part.json"]
    );
    fetch(&server, out.path()).unwrap();
    assert_eq!(
        std::fs::read(out.path().join("2021-04.zip")).unwrap(),
        bytes
    );
    let asked = server.served.lock().unwrap().asked.clone();
    let on = format!("bytes={half}-");
    assert!(
        asked.iter().any(|(_, r)| r.as_deref() == Some(&on)),
        "{asked:?}"
    );
}

#[test]
fn a_file_that_changed_meanwhile_is_begun_again() {
    let old = archive();
    let server = Server::new(Served {
        breaks: vec![old.len() / 2],
        ..site(old, "")
    });
    let out = tempfile::tempdir().unwrap();
    let mut new = ZipWriter::new(Cursor::new(Vec::new()));
    new.start_file(
        "2021-03/2021-03-essex-street.csv",
        SimpleFileOptions::default(),
    )
    .unwrap();
    new.write_all(&[b'x'; 5000]).unwrap();
    let new = new.finish().unwrap().into_inner();
    let changed = Mutex::new(Some(new.clone()));
    fetch_with(&server, out.path(), &|event| {
        if matches!(event, Event::Waiting { .. })
            && let Some(new) = changed.lock().unwrap().take()
        {
            let mut served = server.served.lock().unwrap();
            served.files.insert(ARCHIVE.to_owned(), new);
            served.version += 1;
        }
    })
    .unwrap();
    assert_eq!(std::fs::read(out.path().join("2021-04.zip")).unwrap(), new);
}

#[test]
fn a_busy_server_is_waited_for_and_one_that_stays_broken_is_given_up() {
    let bytes = archive();
    let server = Server::new(Served {
        statuses: vec![429, 503, 500],
        ..site(bytes, "")
    });
    let out = tempfile::tempdir().unwrap();
    fetch(&server, out.path()).unwrap();

    let server = Server::new(Served {
        statuses: vec![503; 50],
        ..Served::default()
    });
    let fault = fetch(&server, out.path()).unwrap_err().to_string();
    assert!(
        fault.contains("503") && fault.contains("run the same command again"),
        "{fault}"
    );
    assert_eq!(server.served.lock().unwrap().asked.len(), 6);
}

#[test]
fn a_file_that_is_not_there_is_said_and_not_asked_for_twice() {
    let mut served = site(archive(), "");
    served.files.remove(ARCHIVE);
    let server = Server::new(served);
    let out = tempfile::tempdir().unwrap();
    let fault = fetch(&server, out.path()).unwrap_err().to_string();
    assert!(
        fault.contains("2021-04.zip") && fault.contains("404"),
        "{fault}"
    );
    assert_eq!(server.served.lock().unwrap().asked.len(), 2);
    assert_eq!(names(out.path()), Vec::<String>::new());
}

#[test]
fn what_is_not_the_publishers_file_never_takes_its_place() {
    let whole = archive();
    for (bytes, md5, reason) in [
        (whole.clone(), "00000000000000000000000000000000", "MD5"),
        (whole[..whole.len() / 2].to_vec(), "", "no whole zip"),
        (b"<html>Sorry</html>".to_vec(), "", "no whole zip"),
        // The tag of an upload in parts is no MD5: nothing is compared.
        (
            Vec::new(),
            "00000000000000000000000000000000-12",
            "no whole zip",
        ),
    ] {
        let server = Server::new(site(bytes, md5));
        let out = tempfile::tempdir().unwrap();
        let fault = fetch(&server, out.path()).unwrap_err().to_string();
        assert!(fault.contains(reason), "{fault}");
        assert_eq!(names(out.path()), Vec::<String>::new());
    }
}

#[test]
fn slow_bytes_and_a_redirect_are_borne_with() {
    let bytes = archive();
    let mut served = site(bytes.clone(), "");
    served
        .files
        .insert("/elsewhere.zip".to_owned(), bytes.clone());
    served.files.remove(ARCHIVE);
    served
        .moved
        .insert(ARCHIVE.to_owned(), "/elsewhere.zip".to_owned());
    served.slow = true;
    let server = Server::new(served);
    let out = tempfile::tempdir().unwrap();
    fetch(&server, out.path()).unwrap();
    assert_eq!(
        std::fs::read(out.path().join("2021-04.zip")).unwrap(),
        bytes
    );
}

#[test]
fn one_forces_members_are_fetched_as_they_are_packed() {
    let bytes = archive();
    let server = Server::new(site(bytes.clone(), ""));
    let out = tempfile::tempdir().unwrap();
    let client = Client::new(manners(), &|_| {});
    let plan = plan(&client, &server.wanted(), out.path()).unwrap();
    let forces = ["essex".parse().unwrap()];
    client
        .fetch_members(&plan.steps[0], &forces, out.path())
        .unwrap()
        .unwrap();
    let small = std::fs::File::open(out.path().join("2021-04.zip")).unwrap();
    let (mut small, mut whole) = (
        ZipArchive::new(small).unwrap(),
        ZipArchive::new(Cursor::new(bytes)).unwrap(),
    );
    assert_eq!(small.len(), 2);
    for month in ["2021-03", "2021-04"] {
        let (name, rows) = member(month, "essex");
        let mut text = String::new();
        let mut entry = small.by_name(&name).unwrap();
        entry.read_to_string(&mut text).unwrap();
        assert_eq!(text, rows);
        assert_eq!(entry.crc32(), whole.by_name(&name).unwrap().crc32());
    }
    let nobody = ["norfolk".parse().unwrap()];
    assert!(
        client
            .fetch_members(&plan.steps[0], &nobody, out.path())
            .is_err()
    );

    server.served.lock().unwrap().no_range = true;
    assert_eq!(
        client
            .fetch_members(&plan.steps[0], &forces, out.path())
            .unwrap(),
        None
    );
}
