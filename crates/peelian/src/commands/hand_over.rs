//! `peelian hand-over`: the signed bundle between two installations.

use std::path::Path;

use peelian_archive::Home;
use peelian_hand_over::{
    Bundle, HandOverError, PublicKey, Request, SecretKey, make, new_keys, take,
};

use super::say;
use crate::Outcome;
use crate::args::{HandOverCommand, Place};

pub(crate) fn run(place: &Place, command: &HandOverCommand) -> anyhow::Result<Outcome> {
    match command {
        HandOverCommand::Keys { name } => keys(name),
        HandOverCommand::Make(args) => {
            let request = Request {
                force: args.force.clone(),
                months: args.months,
            };
            let key = SecretKey::read(&args.key)?;
            let bundle = make(&Home::new(place.home()), &request, &key, &args.out)?;
            describe(&bundle);
            say(format!(
                "Signed with the key {}",
                key.public().fingerprint()
            ));
            say(format!(
                "Wrote {}. Read the above before it leaves the building.",
                args.out.display()
            ));
            Ok(Outcome::Done)
        }
        HandOverCommand::Show { bundle } => refusable(Bundle::open(bundle), |bundle| {
            describe(&bundle);
            say("Its files are whole. Who signed it is looked at when it is taken.");
        }),
        HandOverCommand::Take { bundle, trust } => {
            let home = Home::new(place.home());
            refusable(take(&home, bundle, trust.as_deref()), |taken| {
                describe(&taken.bundle);
                say(format!("Signed with the key {}", taken.key.fingerprint()));
                match taken.rows {
                    0 => say("It is held already."),
                    rows => say(format!("Taken: {rows} rows.")),
                }
            })
        }
    }
}

fn keys(name: &Path) -> anyhow::Result<Outcome> {
    let (secret, public) = (name.with_extension("key"), name.with_extension("pub"));
    let key: PublicKey = new_keys(&secret, &public)?;
    say(format!(
        "Wrote {} (secret: it stays with you) and {} (give it to whoever takes your bundles).",
        secret.display(),
        public.display()
    ));
    say(format!(
        "Fingerprint, to read out over the telephone: {}",
        key.fingerprint()
    ));
    Ok(Outcome::Done)
}

/// A bundle that is not as it should be is refused data, not a fault.
fn refusable<T>(result: Result<T, HandOverError>, done: impl FnOnce(T)) -> anyhow::Result<Outcome> {
    match result {
        Ok(value) => {
            done(value);
            Ok(Outcome::Done)
        }
        Err(HandOverError::Refused(what)) => {
            say(format!("Refused, nothing was stored: {what}"));
            Ok(Outcome::DataRefused)
        }
        Err(error) => Err(error.into()),
    }
}

/// What a person about to send or take it would want to know.
fn describe(bundle: &Bundle) {
    let manifest = &bundle.manifest;
    let [first, last] = manifest.months;
    say(format!(
        "Bundle of {}, {} to {}, as at {}. Ask: {}.",
        manifest.force,
        first.long(),
        last.long(),
        manifest.as_at,
        manifest.contact_role
    ));
    let contents = &bundle.contents;
    let withheld = contents.counts.iter().filter(|c| c.suppressed).count();
    say(format!(
        "{} rows of counts of {} measures, {withheld} of them withheld; {} half hours of calls.",
        contents.counts.len(),
        contents
            .counts
            .iter()
            .map(|c| c.measure_id.as_str())
            .collect::<std::collections::BTreeSet<_>>()
            .len(),
        contents.half_hours.len()
    ));
    let hidden = &contents.hidden;
    say(format!(
        "Rule {} version {}: {} counts hidden as under 10, {} more to protect them, {} kept as an \
         earlier bundle had them; {} half hours left out and {} of their counts blank.",
        hidden.rule,
        hidden.version,
        hidden.small,
        hidden.secondary,
        hidden.kept_from_earlier,
        hidden.half_hours_left_out,
        hidden.half_hour_counts_blank
    ));
    say(format!("SHA-256 of its manifest: {}", bundle.name()));
}
