//! Which archives to fetch: the fewest that hold every month asked for.

use std::collections::BTreeMap;
use std::path::Path;

use peelian_model::{ForceId, Month};

use crate::{Client, FetchError, PUBLISHER, index};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The forces; every force where empty.
    pub forces: Vec<ForceId>,
    /// First and last month; none: everything.
    pub months: Option<(Month, Month)>,
    /// The page that lists the archives: [`PUBLISHER`].
    pub base: String,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            forces: Vec::new(),
            months: None,
            base: PUBLISHER.to_owned(),
        }
    }
}

/// One archive of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The month it is named after.
    pub archive: Month,
    /// Its address.
    pub url: String,
    /// Its MD5, where the publisher gives one.
    pub md5: Option<String>,
    /// The months asked for that it holds.
    pub months: (Month, Month),
    /// Its length in bytes, where the server says it.
    pub length: Option<u64>,
    /// Whether the file is there already.
    pub there: bool,
}

/// What will be done, before it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The archives, newest first.
    pub steps: Vec<Step>,
    /// Only these forces' members are fetched; every one where empty.
    pub forces: Vec<ForceId>,
}

impl Step {
    /// `2026-08.zip`.
    pub fn file(&self) -> String {
        format!("{}.zip", self.archive)
    }
}

/// Archives up to this one hold everything since the first month; later ones
/// hold their own month and the 35 before it.
fn whole() -> Option<(Month, Month)> {
    Some((Month::new(2010, 12)?, Month::new(2017, 4)?))
}

/// The fewest archives that hold these months, newest first, each with the
/// months taken from it. Asks the publisher for its list and for sizes.
pub fn plan(client: &Client, wanted: &Wanted, out: &Path) -> Result<Plan, FetchError> {
    let page = client.page(&wanted.base)?;
    let listed = index::archives(&page);
    let chosen = cover(&listed, wanted.months)?;
    let mut steps = Vec::new();
    for (archive, months) in chosen {
        let url = format!("{}/{archive}.zip", wanted.base.trim_end_matches('/'));
        let there = out.join(format!("{archive}.zip")).is_file();
        steps.push(Step {
            length: if there { None } else { client.length(&url)? },
            md5: listed.get(&archive).cloned().flatten(),
            archive,
            url,
            months,
            there,
        });
    }
    Ok(Plan {
        steps,
        forces: wanted.forces.clone(),
    })
}

/// An archive, and the months taken from it.
type Taken = (Month, (Month, Month));

/// The archives to take and the months from each, newest first.
fn cover(
    listed: &BTreeMap<Month, Option<String>>,
    months: Option<(Month, Month)>,
) -> Result<Vec<Taken>, FetchError> {
    let missing = |what: String| Err(FetchError::Months(what));
    let (Some(latest), Some((origin, last_whole))) = (listed.keys().next_back().copied(), whole())
    else {
        return missing(
            "the publisher's page names no archive: look at it in a browser".to_owned(),
        );
    };
    let (first, last) = months.unwrap_or((origin, latest));
    let first = first.max(origin);
    if first > last || last > latest {
        return missing(format!(
            "the publisher has months from {origin} to {latest}: ask for some of these"
        ));
    }
    let mut chosen = Vec::new();
    let mut needed = last;
    // The newest archive that holds a month has its latest issue.
    let mut within = latest;
    while needed >= first {
        let begins = |archive: Month| {
            if archive <= last_whole {
                origin
            } else {
                archive.plus(-35)
            }
        };
        let holds = |archive: &Month| begins(*archive) <= needed && needed <= *archive;
        // Of those that hold it, the one that reaches furthest back.
        let best = listed
            .keys()
            .filter(|a| **a <= within && holds(a))
            .min_by_key(|a| (begins(**a), std::cmp::Reverse(**a)));
        let newest = listed.keys().rev().find(|a| **a <= within && holds(a));
        // The newest month asked for comes from the newest archive.
        let Some(archive) = (if chosen.is_empty() { newest } else { best }).copied() else {
            return missing(format!(
                "no archive on the publisher's page holds {needed}: ask for other months"
            ));
        };
        let from = begins(archive).max(first);
        chosen.push((archive, (from, needed)));
        needed = from.plus(-1);
        within = archive;
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn listed(first: &str, last: &str) -> BTreeMap<Month, Option<String>> {
        Month::range(month(first), month(last))
            .map(|m| (m, None))
            .collect()
    }

    #[test]
    fn the_whole_history_takes_five_archives_without_a_gap() {
        let chosen = cover(&listed("2013-12", "2026-08"), None).unwrap();
        let names: Vec<String> = chosen.iter().map(|c| c.0.to_string()).collect();
        assert_eq!(
            names,
            ["2026-08", "2023-08", "2020-08", "2017-08", "2017-04"]
        );
        assert_eq!(chosen.last().unwrap().1.0, month("2010-12"));
    }

    #[test]
    fn a_month_that_no_archive_holds_is_named() {
        let mut gap = listed("2013-12", "2026-08");
        gap.retain(|m, _| *m < month("2017-05") || *m >= month("2021-01"));
        let fault = cover(&gap, None).unwrap_err().to_string();
        assert!(fault.contains("2018-01"), "{fault}");
        assert!(cover(&BTreeMap::new(), None).is_err());
        let late = Some((month("2026-01"), month("2027-01")));
        assert!(cover(&listed("2013-12", "2026-08"), late).is_err());
    }

    proptest! {
        #[test]
        fn every_month_asked_for_comes_from_one_archive_that_holds_it(a in 0_i32..180, b in 0_i32..180) {
            let origin = month("2010-12");
            let (first, last) = (origin.plus(a.min(b)), origin.plus(a.max(b)));
            let chosen = cover(&listed("2013-12", "2026-08"), Some((first, last))).unwrap();
            for m in Month::range(first, last) {
                let from: Vec<_> = chosen.iter().filter(|c| c.1.0 <= m && m <= c.1.1).collect();
                prop_assert_eq!(from.len(), 1);
                let archive = from[0].0;
                prop_assert!(m <= archive);
                prop_assert!(archive <= month("2017-04") || archive.plus(-35) <= m);
            }
        }
    }
}
