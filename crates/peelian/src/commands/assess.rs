//! `peelian assess`: a force against an inspection framework.

use anyhow::Context;
use peelian_assess::{Assessment, Frameworks, Grades, LABEL, assess};
use peelian_model::{CharacteristicStatus, Nature};

use super::{catalogue, listed, say, today};
use crate::args::{Assess, Place};
use crate::{Outcome, Usage};

pub(crate) async fn run(place: &Place, args: &Assess) -> anyhow::Result<Outcome> {
    let frameworks = Frameworks::load(place.content.as_deref())?;
    let framework = match &args.framework {
        Some(id) => frameworks.get(id).ok_or_else(|| {
            let there = listed(frameworks.all().iter().map(|f| f.id.to_string()));
            Usage(format!("there is no framework “{id}”: use {there}"))
        })?,
        None => frameworks
            .newest()
            .context("the content folder holds no framework")?,
    };
    let grades = Grades::load(place.content.as_deref())?;
    let catalogue = catalogue(place).await?;
    let assessed = assess(
        &catalogue,
        &frameworks,
        &framework.id,
        &grades,
        &args.force,
        today(),
    );
    let Some(assessment) = assessed else {
        let there = listed(catalogue.forces().iter().map(|f| f.id.to_string()));
        return Err(Usage(format!(
            "no records are held for “{}”; there are for {there}",
            args.force
        ))
        .into());
    };
    if args.json.json {
        say(serde_json::to_string_pretty(&assessment.with_ranges())?);
    } else {
        print(&assessment);
    }
    Ok(Outcome::Done)
}

fn print(assessment: &Assessment) {
    if assessment.nature == Nature::Synthetic {
        say("SYNTHETIC DATA: an invented force, invented figures.\n");
    }
    say(format!(
        "{} against {}, as at {}. {LABEL}.",
        assessment.force, assessment.framework, assessment.as_at
    ));
    for area in &assessment.areas {
        say(format!("\n{}", area.name));
        for status in CharacteristicStatus::ALL {
            let n = area
                .characteristics
                .iter()
                .filter(|c| c.status == status)
                .count();
            if n > 0 {
                say(format!("  {:<12} {n}", status.words()));
            }
        }
        match area.range() {
            Ok(range) => say(format!(
                "  Indicative range: {} to {}. {LABEL}.",
                range.low.label(),
                range.high.label()
            )),
            Err(reason) => say(format!("  {reason}")),
        }
        if let Some(inspector) = &area.inspector {
            say(format!(
                "  Published by the inspectorate: {} ({})",
                inspector.grade.map_or("no grade held", |g| g.label()),
                inspector.basis.words()
            ));
        }
    }
}
