//! Makes a bundle from the counts and half hours of a home, and from nothing
//! else.

use std::path::Path;

use peelian_archive::Home;
use peelian_model::{ForceId, Month};

use crate::HandOverError;
use crate::bundle::{Bundle, Contents, Manifest, write_whole};
use crate::earlier::Earlier;
use crate::key::SecretKey;
use crate::pair::pairs;
use crate::{held, intervals, rule};

/// What is to be handed over.
#[derive(Debug, Clone)]
pub struct Request {
    /// The force.
    pub force: ForceId,
    /// First and last month.
    pub months: (Month, Month),
}

/// Writes a bundle and returns it as its receiver would open it. Asked the
/// same again, it writes the same bytes.
pub fn make(
    home: &Home,
    request: &Request,
    key: &SecretKey,
    out: &Path,
) -> Result<Bundle, HandOverError> {
    let Request { force, months } = request;
    let lock = home.lock(true, || {})?;
    let nothing = || {
        HandOverError::refused(format!(
            "no counts and no half hours of {force} from {} to {} are held: load them with “peelian ingest”",
            months.0, months.1
        ))
    };
    let manifest = home.manifest()?.ok_or_else(nothing)?;
    let counts = held::counts(home, &manifest, force, *months)?;
    let half_hours = held::half_hours(home, &manifest, force, *months)?;
    if counts.is_empty() && half_hours.is_empty() {
        return Err(nothing());
    }
    let earlier = Earlier::read(home.path(), force)?;
    let rule::Protection {
        rows,
        mut hidden,
        earlier: mut now,
    } = rule::protect(&counts, &earlier);
    let half_hours = intervals::protect(&half_hours, &mut hidden);
    let used = |id: &str| rows.iter().any(|r| r.measure_id == id);
    let contents = Contents {
        definitions: pairs()
            .iter()
            .filter(|p| used(&p.measure_id))
            .cloned()
            .collect(),
        counts: rows,
        half_hours,
        hidden,
    };
    let within = manifest.months.iter().filter(|m| {
        let table = ["counts", "call_intervals"].contains(&m.table.as_str());
        table && m.force == *force && m.month >= months.0 && m.month <= months.1
    });
    let contact = contents.counts.iter().map(|c| c.contact_role.clone()).max();
    let described = Manifest {
        format: 0,
        force: force.clone(),
        months: [months.0, months.1],
        as_at: within.map(|m| m.as_at.clone()).max().unwrap_or_default(),
        contact_role: contact.unwrap_or_else(|| "not stated".to_owned()),
        program: format!("peelian {}", env!("CARGO_PKG_VERSION")),
        before: None,
        files: std::collections::BTreeMap::new(),
    };
    let refused = |e: String| HandOverError::refused(format!("the bundle could not be made: {e}"));
    let (bytes, _) = contents.pack(described, key).map_err(refused)?;
    write_whole(out, &bytes)?;
    let bundle = Bundle::open(out)?;
    now.bundle = Some(bundle.name());
    now.write(home.path(), force)?;
    drop(lock);
    Ok(bundle)
}
