//! The command line: wiring, progress and exit codes.
//!
//! **Owns** the commands, the words they print and the codes they exit with:
//! 0 well, 1 fault, 2 usage, 3 data refused. It is the only crate that links
//! everything.
//!
//! **Must not know** any rule of its own about data, measures or assessment.

mod args;
mod commands;
mod progress;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command, MapCommand, MeasureCommand};

/// Some data were refused; the rest was loaded.
const DATA_REFUSED: u8 = 3;
/// What was asked for does not exist.
const USAGE: u8 = 2;

/// How a command ended well.
enum Outcome {
    Done,
    DataRefused,
}

/// A command asked for something that does not exist.
#[derive(Debug)]
struct Usage(String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

fn main() -> ExitCode {
    let args = Args::parse();
    log_to_stderr();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fault(&error.into()),
    };
    match runtime.block_on(run(args)) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::DataRefused) => ExitCode::from(DATA_REFUSED),
        Err(error) => fault(&error),
    }
}

async fn run(args: Args) -> anyhow::Result<Outcome> {
    let place = args.place;
    match args.command {
        Command::Demo(demo) => commands::demo::run(&place, &demo).await,
        Command::Fetch(fetch) => commands::fetch::run(&fetch),
        Command::Ingest(ingest) => commands::ingest::run(&place, &ingest).await,
        Command::Map(MapCommand::New(new)) => commands::map::new(&place, &new),
        Command::Map(MapCommand::Check(check)) => commands::map::check(&check),
        Command::Status(json) => commands::status::run(&place, json.json),
        Command::Places(places) => commands::places::run(&place, &places),
        Command::Counts(command) => commands::counts::run(&command),
        Command::HandOver(command) => commands::hand_over::run(&place, &command),
        Command::Check(check) => commands::check::run(&place, check.digest),
        Command::Measure(MeasureCommand::List(json)) => commands::measure::list(&place, json.json),
        Command::Measure(MeasureCommand::Show(show)) => {
            commands::measure::show(&place, &show).await
        }
        Command::Measure(MeasureCommand::Revisions(show)) => {
            commands::revisions::run(&place, &show).await
        }
        Command::Measure(MeasureCommand::Check { id }) => {
            commands::measure::check(&place, id.as_ref()).await
        }
        Command::Assess(assess) => commands::assess::run(&place, &assess).await,
        Command::Serve(serve) => commands::serve::run(&place, &serve).await,
    }
}

#[expect(clippy::print_stderr, reason = "errors go to the terminal")]
fn fault(error: &anyhow::Error) -> ExitCode {
    eprintln!("peelian: {error:#}");
    if error.is::<Usage>() {
        ExitCode::from(USAGE)
    } else {
        ExitCode::FAILURE
    }
}

fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("PEELIAN_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(colour)
        .init();
}
