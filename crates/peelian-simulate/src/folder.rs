//! The folder: everything of a plan, written whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use peelian_model::Month;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use crate::crime::Crimes;
use crate::geography::{Force, forces};
use crate::search::Searches;
use crate::truth::{DistrictTruth, ForceTruth, NotSupplied, Truth};
use crate::{Plan, SimulateError, lookups, profile};

/// Makes the plan's data in `folder`, which must not exist or be empty, and
/// returns what `truth.json` in it says.
///
/// The folder gets `<last>.zip` (the archive in the layout of data.police.uk),
/// `lookups/` (populations, area look-ups and ethnic groups), `truth.json` and
/// `README.txt`. All is first written beside it, in `.<name>.partial`, and
/// renamed when complete: a run that is killed leaves no folder, and the next
/// one clears what it left. Two runs into one folder at a time are not supported.
pub fn write(plan: &Plan, folder: &Path) -> Result<Truth, SimulateError> {
    plan.check()?;
    let whole = Whole::begin(folder, &["lookups"])?;
    let forces = forces(plan.seed, plan.forces);
    let archive = whole.path(&format!("{}.zip", plan.last));
    let truth = write_archive(plan, &forces, &archive)?;
    for (name, contents) in lookups::files(&forces) {
        write_file(&whole.path("lookups").join(name), contents.as_bytes())?;
    }
    let json = serde_json::to_string_pretty(&truth)? + "\n";
    write_file(&whole.path("truth.json"), json.as_bytes())?;
    write_file(&whole.path("README.txt"), readme(plan).as_bytes())?;
    whole.finish()?;
    Ok(truth)
}

/// A folder in the making: beside where it will be, until it is complete.
pub(crate) struct Whole {
    folder: PathBuf,
    partial: PathBuf,
}

impl Whole {
    /// Begins with empty folders inside. What a killed run left is cleared.
    pub(crate) fn begin(folder: &Path, inside: &[&str]) -> Result<Self, SimulateError> {
        let folder = std::path::absolute(folder).map_err(SimulateError::io(folder))?;
        refuse_used(&folder)?;
        let partial = partial(&folder);
        if partial.exists() {
            fs::remove_dir_all(&partial).map_err(SimulateError::io(&partial))?;
        }
        for inside in inside {
            fs::create_dir_all(partial.join(inside)).map_err(SimulateError::io(&partial))?;
        }
        Ok(Self { folder, partial })
    }

    /// Where something of the folder is to be written.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.partial.join(name)
    }

    /// Puts the complete folder in its place.
    pub(crate) fn finish(self) -> Result<(), SimulateError> {
        if self.folder.exists() {
            fs::remove_dir(&self.folder).map_err(SimulateError::io(&self.folder))?;
        }
        fs::rename(&self.partial, &self.folder).map_err(SimulateError::io(&self.folder))
    }
}

fn refuse_used(folder: &Path) -> Result<(), SimulateError> {
    let used = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        // A file stands where the folder should be.
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => true,
        Err(error) => return Err(SimulateError::io(folder)(error)),
    };
    if used {
        let path = folder.to_path_buf();
        return Err(SimulateError::Exists { path });
    }
    Ok(())
}

/// `.<name>.partial` beside the folder, so that a rename suffices.
fn partial(folder: &Path) -> PathBuf {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    folder.with_file_name(format!(".{name}.partial"))
}

pub(crate) fn write_file(path: &Path, contents: &[u8]) -> Result<(), SimulateError> {
    let io = || SimulateError::io(path);
    let mut file = File::create(path).map_err(io())?;
    file.write_all(contents).map_err(io())?;
    file.sync_all().map_err(io())
}

/// Nothing that depends on the clock or on the system it runs on.
pub(crate) fn member_options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(0o644)
        .system(System::Unix)
}

fn write_archive(plan: &Plan, forces: &[Force], path: &Path) -> Result<Truth, SimulateError> {
    let io = || SimulateError::io(path);
    let (first, last) = (plan.first(), plan.last);
    let planted: Vec<_> = (forces.iter())
        .map(|force| profile::effects(force.index, first, last))
        .collect();
    let mut makers = Vec::with_capacity(forces.len());
    let mut truths = Vec::with_capacity(forces.len());
    for (force, effects) in forces.iter().zip(&planted) {
        let crimes = Crimes::new(plan.seed, force, effects, (first, last));
        let searches = Searches::new(plan.seed, force, effects);
        truths.push(force_truth(force, &crimes, &searches, (first, last))?);
        makers.push((force, crimes, searches));
    }

    let file = File::create(path).map_err(io())?;
    let mut zip = ZipWriter::new(BufWriter::new(file));
    for month in Month::range(first, last) {
        for ((force, crimes, searches), truth) in makers.iter_mut().zip(&mut truths) {
            let made = crimes.files(month);
            truth.charged_share.push(made.charged_share);
            let files = [
                ("outcomes", made.outcomes),
                ("stop-and-search", searches.file(month)),
                ("street", made.street),
            ];
            for (kind, contents) in files {
                if !is_missing(&truth.not_supplied, month, kind) {
                    let name = format!("{month}/{month}-{}-{kind}.csv", force.id);
                    zip.start_file(name, member_options())
                        .map_err(SimulateError::zip(path))?;
                    zip.write_all(&contents).map_err(io())?;
                }
            }
        }
    }
    let file = zip.finish().map_err(SimulateError::zip(path))?;
    let file = file
        .into_inner()
        .map_err(|error| io()(error.into_error()))?;
    file.sync_all().map_err(io())?;
    Ok(Truth {
        synthetic: true,
        seed: plan.seed,
        first,
        last,
        forces: truths,
    })
}

fn is_missing(gaps: &[NotSupplied], month: Month, kind: &str) -> bool {
    (gaps.iter()).any(|gap| gap.month == month && gap.files.iter().any(|file| file == kind))
}

/// What is true of a force, but for the shares that are known once its
/// outcomes are drawn.
fn force_truth(
    force: &Force,
    crimes: &Crimes<'_>,
    searches: &Searches<'_>,
    (first, last): (Month, Month),
) -> Result<ForceTruth, SimulateError> {
    let mut districts: Vec<DistrictTruth> = Vec::new();
    for (i, district) in force.districts.iter().enumerate() {
        let places = force.places.iter().filter(|place| place.district == i);
        let population = places.map(|place| place.people).sum();
        let code = district.code22.parse()?;
        match districts.iter_mut().find(|known| known.code == code) {
            Some(merged) => merged.population += population,
            None => districts.push(DistrictTruth {
                code,
                name: district.name22.clone(),
                population,
            }),
        }
    }
    Ok(ForceTruth {
        id: force.id.parse()?,
        name: force.name.clone(),
        area: force.area.parse()?,
        population: force.people(),
        population_lsoa_2011: force.people_before(),
        districts,
        not_supplied: profile::not_supplied(force.index, first, last),
        effects: profile::effects(force.index, first, last),
        rates_per_1000: crimes.rates(),
        expected: crimes.expected(),
        charged_share: Vec::new(),
        no_location_share: force.profile.no_location,
        searches: searches.truth(first, last),
    })
}

fn readme(plan: &Plan) -> String {
    format!(
        "SYNTHETIC DATA\n\
         \n\
         Nothing in this folder happened. The forces, districts, areas, crimes, outcomes and\n\
         searches are invented by Peelian's simulator (seed {seed}, {forces} forces, {months} months to {last}).\n\
         The points lie in the English Midlands only so that they are on land.\n\
         \n\
         {last}.zip    records, in the layout of the archives of data.police.uk\n\
         lookups/       populations and area look-ups, in the layouts of the real ones\n\
         truth.json     what was planted where\n\
         \n\
         Ids of forces begin “synthetic-”, names “Synthetic”, codes of areas X.\n",
        seed = plan.seed,
        forces = plan.forces,
        months = plan.months,
        last = plan.last,
    )
}
