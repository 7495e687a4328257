//! Finds the files to ingest and tells by their content what each is.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use peelian_model::{ForceId, Month, Nature};

use crate::as_at::AsAt;
use crate::extract::{self, Columns, Extract, Provenance, Sidecar, Told};
use crate::force::{force_named, is_known};
use crate::grid::{self, Form};
use crate::group::Group;
use crate::header::{Header, OfficialName};
use crate::mapping::{self, Fit};
use crate::packed::{HEAD, Opened, Packed};
use crate::reader::header_of;
use crate::records::each_record;
use crate::source::{Kind, Shape, Source};
use crate::{ArchiveError, Part, value};

/// A file of ours, ready to compete for its place.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) id: String,
    pub(crate) source: &'static Source,
    pub(crate) part: Part,
    pub(crate) nature: Nature,
    pub(crate) as_at: AsAt,
    pub(crate) packed: Packed,
    /// The file that it is a slice of.
    pub(crate) extract: Option<Arc<Extract>>,
}

impl Candidate {
    /// The table file that its rows belong to, and its place there.
    pub(crate) fn place(&self) -> (Group, Part) {
        (Group::of(self.source, &self.part), self.part.clone())
    }

    /// Its file, and which slice of it.
    pub(crate) fn label(&self) -> String {
        match &self.extract {
            Some(_) => format!("{} ({})", self.packed.label(), self.part),
            None => self.packed.label(),
        }
    }

    /// Bytes of text, as the file claims; for showing progress.
    pub(crate) fn bytes(&self) -> u64 {
        match &self.extract {
            Some(extract) => extract.bytes_of(&self.part),
            None => self.packed.claimed_size(),
        }
    }

    /// SHA-256 of the mapping by which it is read, where one is needed.
    pub(crate) fn mapping(&self) -> Option<&str> {
        self.extract.as_ref()?.mapping()
    }

    /// What the sidecar says of it.
    pub(crate) fn provenance(&self) -> Option<&Provenance> {
        self.extract.as_ref()?.provenance()
    }
}

/// What a file turned out to be. The text is a reason for a reader.
#[derive(Debug)]
pub(crate) enum Found {
    Ours(Box<Candidate>),
    /// Not ours.
    Foreign {
        file: String,
        reason: String,
    },
    /// Ours but damaged or not placed, or named by the user and not ours.
    Refused {
        file: String,
        reason: String,
    },
}

/// A file to look at, and whether the user named it or it was met in a folder.
#[derive(Debug)]
pub(crate) struct Met {
    path: PathBuf,
    named: bool,
}

/// Every file under the inputs, each once, in an order of its own. What cannot
/// be listed comes as refused. Names beginning with a dot, and the home
/// itself, are passed over.
pub(crate) fn walk(inputs: &[PathBuf], home: &Path) -> (Vec<Met>, Vec<Found>) {
    let home = fs::canonicalize(home).ok();
    let (mut met, mut refused) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    // Files named come before folders, so that one met again in a folder still
    // counts as named.
    let (folders, files): (Vec<_>, Vec<_>) = inputs.iter().partition(|p| p.is_dir());
    for input in files.into_iter().chain(folders) {
        visit(
            input,
            true,
            home.as_deref(),
            &mut seen,
            &mut met,
            &mut refused,
        );
    }
    met.sort_by(|a: &Met, b| a.path.cmp(&b.path));
    (met, refused)
}

fn visit(
    path: &Path,
    named: bool,
    home: Option<&Path>,
    seen: &mut BTreeSet<PathBuf>,
    met: &mut Vec<Met>,
    refused: &mut Vec<Found>,
) {
    let file = path.display().to_string();
    let real = match fs::canonicalize(path) {
        Ok(real) => real,
        Err(e) => {
            refused.push(Found::Refused {
                file,
                reason: format!("{e}: check the path"),
            });
            return;
        }
    };
    // Links may lead round in a circle or to the same file twice.
    if home == Some(&real) || !seen.insert(real.clone()) {
        return;
    }
    if !real.is_dir() {
        met.push(Met {
            path: path.to_path_buf(),
            named,
        });
        return;
    }
    match fs::read_dir(path) {
        Err(e) => refused.push(Found::Refused {
            file,
            reason: format!("{e}: check its permissions"),
        }),
        Ok(entries) => {
            let mut names: Vec<_> = entries.flatten().map(|e| e.file_name()).collect();
            names.sort();
            for name in names
                .iter()
                .filter(|n| !n.to_string_lossy().starts_with('.'))
            {
                visit(&path.join(name), false, home, seen, met, refused);
            }
        }
    }
}

/// Tells what a file is, or what the members of an archive are.
pub(crate) fn examine(met: &Met, told: &Told) -> Result<Vec<Found>, ArchiveError> {
    let file = met.path.display().to_string();
    if extract::is_sidecar(&file) {
        // It is read with the extract beside it.
        return Ok(Vec::new());
    }
    let modified = fs::metadata(&met.path).and_then(|m| m.modified());
    let modified = match modified {
        Ok(modified) => AsAt::of_file(modified),
        Err(e) => {
            return Ok(vec![Found::Refused {
                file,
                reason: format!("{e}: check its permissions"),
            }]);
        }
    };
    match Packed::open(&met.path) {
        Err(reason) => {
            // A broken archive cannot list what it holds: the user, its name or
            // its first member says whether it is ours.
            let ours = met.named
                || AsAt::of_archive(&name_of(&met.path)).is_some()
                || Packed::first_member(&met.path)
                    .and_then(|n| OfficialName::of(&n))
                    .is_some();
            Ok(vec![if ours {
                Found::Refused { file, reason }
            } else {
                Found::Foreign { file, reason }
            }])
        }
        Ok(Opened::One(packed)) => {
            let as_at = told.as_at.clone().unwrap_or(modified);
            let beside = |name: &str| fs::read(name).ok();
            classify(
                packed,
                &Setting {
                    as_at,
                    told,
                    named: met.named,
                    beside: &beside,
                },
            )
        }
        Ok(Opened::Archive(members)) => {
            let as_at = told
                .as_at
                .clone()
                .or_else(|| AsAt::of_archive(&name_of(&met.path)))
                .unwrap_or(modified);
            let (sidecars, members): (Vec<Packed>, Vec<Packed>) = members
                .into_iter()
                .partition(|m| extract::is_sidecar(&m.name()));
            let beside = |name: &str| {
                let sidecar = sidecars.iter().find(|s| s.name() == name)?;
                sidecar.read().ok()
            };
            let setting = Setting {
                as_at,
                told,
                named: false,
                beside: &beside,
            };
            let found: Vec<Vec<Found>> = members
                .into_iter()
                .map(|member| classify(member, &setting))
                .collect::<Result<_, _>>()?;
            let found: Vec<Found> = found.into_iter().flatten().collect();
            Ok(
                if found.iter().all(|f| matches!(f, Found::Foreign { .. })) {
                    let reason = "none of its members is a file of a known source: \
                              give the publisher's own archive"
                        .to_owned();
                    vec![if met.named {
                        Found::Refused { file, reason }
                    } else {
                        Found::Foreign { file, reason }
                    }]
                } else {
                    found
                },
            )
        }
    }
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// What is known of a file from around it.
struct Setting<'a> {
    /// As stated, or by the name of the archive or the time of the file.
    as_at: AsAt,
    told: &'a Told,
    named: bool,
    /// The text of a file by its name, from where this one lies.
    beside: &'a dyn Fn(&str) -> Option<Vec<u8>>,
}

/// What a single file or member is: one candidate, or one a slice.
fn classify(packed: Packed, setting: &Setting<'_>) -> Result<Vec<Found>, ArchiveError> {
    let file = packed.label();
    let named = setting.named;
    let official = OfficialName::of(&packed.name());
    // An archive's members are chosen by name before any is unpacked; their
    // content is checked when they are read.
    let placed = match (packed.is_member(), official) {
        (true, Some(official)) => place_named(official),
        (_, official) => match head(&packed) {
            Ok(head) if Form::of(&head) != Form::Csv => {
                return Ok(grids(&packed, Form::of(&head), setting));
            }
            Ok(head) => place_read(&head, official, setting.told)?,
            Err(reason) => Placed::Damaged(reason),
        },
    };
    Ok(vec![match placed {
        Placed::Foreign(reason) if named => Found::Refused { file, reason },
        Placed::Foreign(reason) => Found::Foreign { file, reason },
        Placed::Damaged(reason) => Found::Refused { file, reason },
        Placed::Extract(columns) => {
            return Ok(match slices(&packed, *columns, setting) {
                Ok(slices) => slices,
                Err(reason) => vec![Found::Refused { file, reason }],
            });
        }
        Placed::Ours(source, part, nature) => match packed.identity() {
            Err(reason) => Found::Refused {
                file,
                reason: format!("{reason}: check its permissions"),
            },
            Ok(id) => Found::Ours(Box::new(Candidate {
                id,
                source,
                part,
                nature,
                as_at: setting.as_at.clone(),
                packed,
                extract: None,
            })),
        },
    }])
}

/// The tables of a workbook or the areas of a file of boundaries: a candidate
/// for each source.
fn grids(packed: &Packed, form: Form, setting: &Setting<'_>) -> Vec<Found> {
    let file = packed.label();
    let told = packed
        .read()
        .map_err(|reason| (reason, true))
        .and_then(|bytes| {
            let told = grid::tell(form, &bytes)?;
            Ok((told, crate::digest::sha256_hex(&bytes)))
        });
    let (told, sha256) = match told {
        Ok(told) => told,
        Err((reason, ours)) if ours || setting.named => {
            return vec![Found::Refused { file, reason }];
        }
        Err((reason, _)) => return vec![Found::Foreign { file, reason }],
    };
    let candidate = |told: grid::Told| {
        let part = Part {
            subject: told.subject,
            ..Part::default()
        };
        let nature = if told.synthetic {
            Nature::Synthetic
        } else {
            Nature::Real
        };
        Found::Ours(Box::new(Candidate {
            // A workbook is of several sources: each has an identity.
            id: crate::digest::sha256_hex(format!("{} {sha256}", told.source.id).as_bytes()),
            source: told.source,
            part,
            nature,
            as_at: setting.as_at.clone(),
            packed: packed.clone(),
            extract: None,
        }))
    };
    told.into_iter().map(candidate).collect()
}

/// The first rows of a file; of a Parquet file its header alone.
fn head(packed: &Packed) -> Result<Vec<u8>, String> {
    extract::parquet_header(packed).unwrap_or_else(|| packed.head())
}

/// The slices of an extract, each a candidate.
fn slices(packed: &Packed, columns: Columns, setting: &Setting<'_>) -> Result<Vec<Found>, String> {
    let source = columns.source();
    let mut sidecar = None;
    for name in extract::sidecar_names(&packed.name()) {
        if sidecar.is_none()
            && let Some(text) = (setting.beside)(&name)
        {
            sidecar = Sidecar::of(&source.table, &name, &text)?;
        }
    }
    let extract = Extract::open(packed, columns, setting.told, sidecar.as_ref())?;
    let extract = Arc::new(extract);
    let candidate = |(id, part, as_at): (String, &Part, Option<AsAt>)| {
        let stated = setting.told.as_at.clone().or(as_at);
        Found::Ours(Box::new(Candidate {
            id,
            source,
            part: part.clone(),
            nature: extract::nature_of(part),
            as_at: stated.unwrap_or_else(|| setting.as_at.clone()),
            packed: packed.clone(),
            extract: Some(Arc::clone(&extract)),
        }))
    };
    Ok(extract.slices().map(candidate).collect())
}

enum Placed {
    Ours(&'static Source, Part, Nature),
    Extract(Box<Columns>),
    Foreign(String),
    Damaged(String),
}

fn nature_of(force: &ForceId) -> Nature {
    if force.is_synthetic() {
        Nature::Synthetic
    } else {
        Nature::Real
    }
}

fn place_named(name: OfficialName) -> Placed {
    if is_known(&name.force) {
        let nature = nature_of(&name.force);
        Placed::Ours(name.source, Part::of_month(name.force, name.month), nature)
    } else {
        Placed::Damaged(format!(
            "its name speaks of “{}”, which is no force of data.police.uk: \
             keep the publisher's name, as in 2021-03-essex-street.csv",
            name.force
        ))
    }
}

fn place_read(
    head: &[u8],
    official: Option<OfficialName>,
    told: &Told,
) -> Result<Placed, ArchiveError> {
    if let Some(header) = utf16_header(head) {
        let ours = matches!(header_of(header.as_bytes())?, Header::Ours(..));
        let reason = "it is UTF-16 text: save it as UTF-8, or download it again".to_owned();
        return Ok(if ours {
            Placed::Damaged(reason)
        } else {
            Placed::Foreign(reason)
        });
    }
    let (header, body) = match split_header(head) {
        Ok(parts) => parts,
        // Too damaged to show a header: the name is all there is to go by.
        Err(reason) if official.is_some() => return Ok(Placed::Damaged(reason)),
        Err(reason) => return Ok(Placed::Foreign(reason)),
    };
    let headers = crate::records::csv_lines(header);
    let headers = headers.into_iter().next().unwrap_or_default();
    let near = match mapping::fitting(&told.mappings, told.force.as_ref(), &headers) {
        Fit::One(binding) => {
            return Ok(Placed::Extract(Box::new(Columns::mapped(headers, binding))));
        }
        Fit::Several(reason) => return Ok(Placed::Damaged(reason)),
        Fit::None(near) => near,
    };
    let (source, places) = match header_of(header)? {
        Header::Ours(source, places) => (source, places),
        Header::Foreign(reason) => {
            let near = near.map(|n| format!("; {n}")).unwrap_or_default();
            return Ok(Placed::Foreign(format!("{reason}{near}")));
        }
    };
    if source.shape == Shape::Extract {
        return Ok(Placed::Extract(Box::new(Columns::own(
            source, headers, places,
        ))));
    }
    if !source.is_monthly() {
        return Ok(Placed::Ours(
            source,
            Part::default(),
            nature_of_codes(source, &places, body),
        ));
    }
    if let Some(name) = official {
        return Ok(if name.source.id == source.id {
            place_named(name)
        } else {
            Placed::Damaged(format!(
                "its header is that of {} but its name says {}: keep the publisher's name",
                source.id, name.source.id
            ))
        });
    }
    Ok(match part_of_rows(source, &places, body) {
        Some((force, month)) => {
            let nature = nature_of(&force);
            Placed::Ours(source, Part::of_month(force, month), nature)
        }
        None => Placed::Damaged(format!(
            "neither its name nor its rows say which force and month it is of: keep the \
             publisher's name, as in 2021-03-essex-{}.csv",
            source
                .monthly
                .as_ref()
                .map_or("street", |m| m.file_kind.as_str())
        )),
    })
}

/// Header line and the rest, without a byte-order mark.
pub(crate) fn split_header(text: &[u8]) -> Result<(&[u8], &[u8]), String> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    if text.is_empty() {
        return Err("it is empty or cannot be unpacked: download it again".to_owned());
    }
    let window = &text[..text.len().min(HEAD)];
    match memchr::memchr(b'\n', window) {
        Some(end) => Ok((&text[..end], &text[end + 1..])),
        None if text.len() < HEAD => Ok((text, &[])),
        None => Err(
            "its first line is longer than 64 KiB, so it is no CSV file of a known source: \
                     give the publisher's own file"
                .to_owned(),
        ),
    }
}

/// The first line of a text in UTF-16, by its byte-order mark or its zeros.
fn utf16_header(head: &[u8]) -> Option<String> {
    let (bytes, little) = match head {
        [0xff, 0xfe, rest @ ..] => (rest, true),
        [0xfe, 0xff, rest @ ..] => (rest, false),
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => (head, true),
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => (head, false),
        _ => return None,
    };
    let units = bytes.chunks_exact(2).map(|pair| {
        let pair = [pair[0], pair[1]];
        if little {
            u16::from_le_bytes(pair)
        } else {
            u16::from_be_bytes(pair)
        }
    });
    let line: Vec<u16> = units.take_while(|u| *u != u16::from(b'\n')).collect();
    Some(String::from_utf16_lossy(&line).trim_end().to_owned())
}

/// A whole is synthetic when the first area code or force name that it has is
/// an invented one.
fn nature_of_codes(source: &Source, places: &[Option<usize>], body: &[u8]) -> Nature {
    let telling: Vec<(usize, Kind)> = source
        .columns
        .iter()
        .zip(places)
        .filter(|(column, _)| matches!(column.kind, Kind::AreaCode | Kind::ForceName))
        .filter_map(|(column, place)| Some(((*place)?, column.kind)))
        .collect();
    let mut nature = None;
    each_record(body, 2, |_, record| {
        let (None, Ok(fields)) = (nature, record) else {
            return;
        };
        nature = telling.iter().find_map(|(place, kind)| {
            let field = fields.get(*place)?;
            let invented = match kind {
                Kind::AreaCode if !value::is_area_code(field) => return None,
                Kind::AreaCode => field.starts_with(b"X"),
                _ => field.starts_with(b"Synthetic "),
            };
            Some(if invented {
                Nature::Synthetic
            } else {
                Nature::Real
            })
        });
    });
    nature.unwrap_or(Nature::Real)
}

/// The force and month of the first row that states both.
fn part_of_rows(
    source: &Source,
    places: &[Option<usize>],
    body: &[u8],
) -> Option<(ForceId, Month)> {
    let force = source.column(source.monthly.as_ref()?.force_column.as_ref()?)?;
    let (force, month) = (places[force]?, places[source.column("month")?]?);
    let mut part = None;
    each_record(body, 2, |_, record| {
        if let (None, Ok(fields)) = (&part, record) {
            part = (|| {
                let named = force_named(std::str::from_utf8(fields.get(force)?).ok()?)?;
                Some((named.id, value::month(fields.get(month)?)?))
            })();
        }
    });
    part
}
