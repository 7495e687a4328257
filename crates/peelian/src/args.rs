//! What may be typed.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use peelian_model::{ForceId, FrameworkId, MeasureId, Month};

/// How well a police force serves its public, how we know, and what is being
/// done about it.
#[derive(Parser)]
#[command(name = "peelian", version, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where things lie.
#[derive(ClapArgs)]
pub(crate) struct Place {
    /// The folder that holds the tables and readings [default: ./peelian-home]
    #[arg(long, global = true, env = "PEELIAN_HOME", value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// A folder with measures/ and frameworks/ to use in place of those built in
    #[arg(long, global = true, env = "PEELIAN_CONTENT", value_name = "DIR")]
    pub(crate) content: Option<PathBuf>,
}

impl Place {
    /// The home folder.
    pub(crate) fn home(&self) -> PathBuf {
        self.home
            .clone()
            .unwrap_or_else(|| PathBuf::from("peelian-home"))
    }
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make synthetic data, load them, and serve the site
    Demo(Demo),
    /// Download official archives from data.police.uk, planned and resumable
    #[command(
        after_help = "Examples:\n  peelian fetch --force essex --months 2024-01..2026-08 --plan\n  \
                            peelian fetch --all --out archives"
    )]
    Fetch(Fetch),
    /// Load files, folders or zip archives of official data
    #[command(after_help = "Examples:\n  peelian ingest ~/Downloads/2026-09.zip\n  \
                            peelian ingest police-uk/ ons/ --home essex")]
    Ingest(Ingest),
    /// Read a force's own headers, times and codes: propose or check a mapping file
    #[command(subcommand)]
    Map(MapCommand),
    /// The file of counts that a force fills in
    #[command(subcommand)]
    Counts(CountsCommand),
    /// The signed bundle of counts between two installations
    #[command(subcommand)]
    HandOver(HandOverCommand),
    /// What is held: tables, forces, months and rows
    Status(Json),
    /// Forces, policing bodies, partnerships and districts through time
    Places(Places),
    /// Read every current table through and say whether it is whole
    Check(Check),
    /// List, show or check measures
    #[command(subcommand)]
    Measure(MeasureCommand),
    /// Assess a force against an inspection framework
    Assess(Assess),
    /// Serve the public site
    Serve(Serve),
}

#[derive(ClapArgs)]
pub(crate) struct Places {
    /// A code, or part of a name [default: all]
    pub(crate) what: Option<String>,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(ClapArgs)]
pub(crate) struct Json {
    /// Print JSON in a stable shape (docs/command-line.md)
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Demo {
    /// Make and load the data, and do not serve
    #[arg(long)]
    pub(crate) no_serve: bool,
    #[command(flatten)]
    pub(crate) serve: Serve,
}

#[derive(ClapArgs)]
pub(crate) struct Fetch {
    /// Only the files of this force; may be given more than once [default: every force]
    #[arg(long, value_name = "ID")]
    pub(crate) force: Vec<ForceId>,
    /// First and last month
    #[arg(long, value_name = "2024-01..2026-08", value_parser = months)]
    pub(crate) months: Option<(Month, Month)>,
    /// Every month since December 2010
    #[arg(long, conflicts_with = "months")]
    pub(crate) all: bool,
    /// Where to put the archives
    #[arg(long, value_name = "DIR", default_value = "archives")]
    pub(crate) out: PathBuf,
    /// Show the plan and stop
    #[arg(long)]
    pub(crate) plan: bool,
    /// An address or page by which the publisher can reach you
    #[arg(long, value_name = "TEXT")]
    pub(crate) contact: Option<String>,
    /// Another page in the same layout
    #[arg(long, value_name = "URL", hide = true)]
    pub(crate) base: Option<String>,
}

#[derive(ClapArgs)]
pub(crate) struct Ingest {
    /// Files, folders or zip archives
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// When the files were released, instead of the archive's name or the file's date
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) as_at: Option<String>,
    /// The force of extracts that do not name one themselves
    #[arg(long, value_name = "ID")]
    pub(crate) force: Option<ForceId>,
    /// Read and keep superseded versions of a month too
    #[arg(long)]
    pub(crate) keep_revisions: bool,
    /// Do not wait where another process is writing to the home
    #[arg(long)]
    pub(crate) no_wait: bool,
}

#[derive(Subcommand)]
pub(crate) enum MapCommand {
    /// Propose a mapping of a file to a table, to be read through and put right
    New(MapNew),
    /// Show what a mapping does to a file; exits with 3 where rows would be set aside
    Check(MapCheck),
}

#[derive(ClapArgs)]
pub(crate) struct MapNew {
    /// The table, such as calls or incidents (docs/extracts.md lists them)
    pub(crate) table: String,
    /// A file as the force's system exports it: CSV or Parquet
    pub(crate) file: PathBuf,
    /// The force that the file is of
    #[arg(long)]
    pub(crate) force: Option<ForceId>,
    /// Where to write it [default: mappings/<table>-<force>.toml in the home]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub(crate) struct MapCheck {
    /// The mapping file
    pub(crate) mapping: PathBuf,
    /// A file as the force's system exports it: CSV or Parquet
    pub(crate) file: PathBuf,
    /// The force, where neither the mapping nor a column says it
    #[arg(long)]
    pub(crate) force: Option<ForceId>,
    /// How many rows to show side by side
    #[arg(long, default_value_t = 3)]
    pub(crate) rows: usize,
}

#[derive(Subcommand)]
pub(crate) enum CountsCommand {
    /// Write a workbook or CSV file to fill in
    Template(Template),
    /// Look through a filled-in workbook or CSV file and name what is wrong by cell
    Check {
        /// XLSX, ODS or CSV
        file: PathBuf,
        /// Write the rows filled in as CSV, for ingest
        #[arg(long, value_name = "OUT.csv")]
        csv: Option<PathBuf>,
    },
}

#[derive(ClapArgs)]
pub(crate) struct Template {
    /// The force, such as essex
    #[arg(long, value_name = "ID")]
    pub(crate) force: Option<ForceId>,
    /// First and last month [default: the last six]
    #[arg(long, value_name = "2026-04..2026-09", value_parser = months)]
    pub(crate) months: Option<(Month, Month)>,
    /// Which table
    #[arg(long, value_enum, default_value = "counts")]
    pub(crate) table: CountsTable,
    /// Where to write it: .xlsx or .csv
    pub(crate) out: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum CountsTable {
    /// Numerators and denominators by month or quarter
    Counts,
    /// Calls by half hour
    #[value(name = "call_intervals")]
    CallIntervals,
}

/// `2026-04..2026-09`, or one month.
pub(crate) fn months(text: &str) -> Result<(Month, Month), String> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let month = |t: &str| t.parse::<Month>().map_err(|e| e.to_string());
    let (first, last) = (month(first)?, month(last)?);
    if first > last {
        return Err("the first month comes before the last".to_owned());
    }
    if last.since(first) >= 120 {
        return Err("at most ten years at once".to_owned());
    }
    Ok((first, last))
}

#[derive(Subcommand)]
pub(crate) enum HandOverCommand {
    /// Make a pair of keys: NAME.key to sign with, NAME.pub to give away
    Keys {
        /// Path without its ending, such as essex
        name: PathBuf,
    },
    /// Make a bundle of the counts held
    Make(MakeBundle),
    /// Say what is in a bundle
    Show {
        /// The bundle
        bundle: PathBuf,
    },
    /// Take a bundle in
    Take {
        /// The bundle
        bundle: PathBuf,
        /// The public key of the force, the first time
        #[arg(long, value_name = "FORCE.pub")]
        trust: Option<PathBuf>,
    },
}

#[derive(ClapArgs)]
pub(crate) struct MakeBundle {
    /// The force, such as essex
    #[arg(long, value_name = "ID")]
    pub(crate) force: ForceId,
    /// First and last month
    #[arg(long, value_name = "2026-04..2026-09", value_parser = months)]
    pub(crate) months: (Month, Month),
    /// The secret key
    #[arg(long, value_name = "NAME.key")]
    pub(crate) key: PathBuf,
    /// Where to write it
    #[arg(value_name = "OUT.zip")]
    pub(crate) out: PathBuf,
}

#[derive(ClapArgs)]
pub(crate) struct Check {
    /// Print only the digest of all rows: equal digests, equal stores
    #[arg(long)]
    pub(crate) digest: bool,
}

#[derive(Subcommand)]
pub(crate) enum MeasureCommand {
    /// The catalogue
    List(Json),
    /// The readings of one measure for one force
    Show(Show),
    /// What the readings of one measure for one force were when first published, and are now
    Revisions(Show),
    /// Run the worked cases of all measures, or of one
    Check {
        /// The measure
        id: Option<MeasureId>,
    },
}

#[derive(ClapArgs)]
pub(crate) struct Show {
    /// The measure
    pub(crate) id: MeasureId,
    /// The force
    #[arg(long)]
    pub(crate) force: ForceId,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(ClapArgs)]
pub(crate) struct Assess {
    /// The force
    pub(crate) force: ForceId,
    /// The framework [default: the newest]
    #[arg(long)]
    pub(crate) framework: Option<FrameworkId>,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(ClapArgs)]
pub(crate) struct Serve {
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) host: String,
    /// The port to listen on
    #[arg(long, env = "PORT", default_value_t = 8080)]
    pub(crate) port: u16,
}
