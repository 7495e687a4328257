//! `peelian fetch`: download official archives, with a plan before it starts.

use std::sync::atomic::{AtomicU64, Ordering};

use peelian_fetch::{Client, Event, Manners, Plan, Step, Wanted, plan};

use super::say;
use crate::args::Fetch;
use crate::progress::note;
use crate::{Outcome, Usage};

/// Mebibytes, the unit in which downloads are spoken of.
const MIB: u64 = 1 << 20;

/// How often it is told how much has come.
const TOLD: u64 = 64 * MIB;

pub(crate) fn run(args: &Fetch) -> anyhow::Result<Outcome> {
    if args.months.is_none() && !args.all {
        return Err(Usage(
            "say which months, as in --months 2024-01..2026-08, or --all for everything since \
             December 2010 (several gigabytes)"
                .to_owned(),
        )
        .into());
    }
    let come = AtomicU64::new(0);
    let progress = |event: Event| show(&event, &come);
    let manners = Manners {
        contact: args.contact.clone(),
        ..Manners::default()
    };
    let client = Client::new(manners, &progress);
    let mut wanted = Wanted {
        forces: args.force.clone(),
        months: args.months,
        ..Wanted::default()
    };
    if let Some(base) = &args.base {
        wanted.base.clone_from(base);
    }
    let plan = plan(&client, &wanted, &args.out)?;
    say_plan(&plan);
    if args.plan {
        return Ok(Outcome::Done);
    }
    for step in plan.steps.iter().filter(|s| !s.there) {
        get(&client, step, &plan, args)?;
    }
    say(format!(
        "Load what has come: peelian ingest {}",
        args.out.display()
    ));
    Ok(Outcome::Done)
}

/// One archive: some forces' members of it where that can be had, else all.
fn get(client: &Client<'_>, step: &Step, plan: &Plan, args: &Fetch) -> anyhow::Result<()> {
    if !plan.forces.is_empty() {
        if client
            .fetch_members(step, &plan.forces, &args.out)?
            .is_some()
        {
            return Ok(());
        }
        note("the server gives only whole archives, so the whole one is fetched");
    }
    client.fetch(step, &args.out)?;
    Ok(())
}

fn say_plan(plan: &Plan) {
    for step in &plan.steps {
        let size = match (step.there, step.length) {
            (true, _) => "there already".to_owned(),
            (false, Some(bytes)) => format!("{} MiB", bytes.div_ceil(MIB)),
            (false, None) => "of a length that the server does not say".to_owned(),
        };
        say(format!(
            "{}: {} to {}, {size}",
            step.file(),
            step.months.0,
            step.months.1
        ));
    }
    if !plan.forces.is_empty() {
        let forces: Vec<&str> = plan
            .forces
            .iter()
            .map(peelian_model::ForceId::as_str)
            .collect();
        say(format!(
            "Of these, only the files of {}.",
            forces.join(", ")
        ));
    }
    let bytes: u64 = plan.steps.iter().filter_map(|s| s.length).sum();
    if plan.forces.is_empty() && bytes > 0 {
        say(format!("{} MiB to fetch.", bytes.div_ceil(MIB)));
    }
}

fn show(event: &Event, come: &AtomicU64) {
    match event {
        Event::Begun { file, from, length } => {
            let of = length.map_or_else(String::new, |l| format!(" of {} MiB", l.div_ceil(MIB)));
            if *from > 0 {
                note(&format!("{file}: going on from {} MiB{of}", from / MIB));
            } else {
                note(&format!("{file}{of}"));
            }
        }
        Event::Came(bytes) => {
            let before = come.fetch_add(*bytes, Ordering::Relaxed);
            let now = before + bytes;
            if now / TOLD > before / TOLD {
                note(&format!("{} MiB have come", now / MIB));
            }
        }
        Event::Waiting { seconds, why } => note(&format!("{why}: waiting {seconds} s")),
        Event::Done(fetched) => {
            let checked = if fetched.md5_agreed {
                "as the publisher's MD5 says"
            } else {
                "the publisher gives no MD5 of it"
            };
            say(format!(
                "{}: {} MiB, SHA-256 {}, {checked}",
                fetched.file,
                fetched.bytes.div_ceil(MIB),
                fetched.sha256
            ));
        }
    }
}
