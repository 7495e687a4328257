//! The cases that every method of this module starts from.

use crate::Unanswerable;

/// Cases followed until it happened, or until they were last seen still open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cases<'a> {
    /// How long each case was followed, finite and 0 or more, in any one unit.
    pub times: &'a [f64],
    /// Whether it happened at that time; `false` for a case still open then (censored).
    pub happened: &'a [bool],
    /// When each case came under observation, on the same clock and before its time. A case counts
    /// among those at risk after its entry only (left truncation). `None`: all from the start.
    pub entries: Option<&'a [f64]>,
}

impl<'a> Cases<'a> {
    /// Cases observed from their start.
    pub fn new(times: &'a [f64], happened: &'a [bool]) -> Self {
        Self {
            times,
            happened,
            entries: None,
        }
    }

    /// Refuses no cases, lengths that differ, times that are negative or not finite and entries
    /// that are not before the time.
    pub(super) fn check(&self) -> Result<(), Unanswerable> {
        check_times(self.times)?;
        let n = self.times.len();
        if self.happened.len() != n || self.entries.is_some_and(|entries| entries.len() != n) {
            return Err(ONE_EACH);
        }
        let early = |(entry, time): (&f64, &f64)| *entry >= 0.0 && entry < time;
        if let Some(entries) = self.entries
            && !entries.iter().zip(self.times).all(early)
        {
            return Err(Unanswerable::Invalid(
                "a case must enter at 0 or later and before its time",
            ));
        }
        Ok(())
    }
}

/// Lengths that differ.
pub(super) const ONE_EACH: Unanswerable =
    Unanswerable::Mismatched("each case needs one of everything that is given by case");

/// Refuses no times, more than can be counted in 32 bits, and times that are negative or not
/// finite.
pub(super) fn check_times(times: &[f64]) -> Result<(), Unanswerable> {
    if times.is_empty() {
        return Err(Unanswerable::TooFew {
            what: "cases",
            have: 0,
            need: 1,
        });
    }
    if u32::try_from(times.len()).is_err() {
        return Err(Unanswerable::Overflow);
    }
    let usable = times.iter().all(|time| (0.0..f64::INFINITY).contains(time));
    if usable {
        Ok(())
    } else {
        Err(Unanswerable::Invalid("times must be finite and 0 or more"))
    }
}

/// Groups that can be compared at once: their covariance is held whole.
const GROUPS: usize = 1000;

/// Number of groups in `groups`, which must run from 0 without a gap.
pub(super) fn count_groups(groups: &[usize]) -> Result<usize, Unanswerable> {
    let gap = Unanswerable::Invalid("groups must be numbered from 0 without a gap");
    let count = groups
        .iter()
        .max()
        .map_or(0, |&last| last.saturating_add(1));
    // More numbers than cases cannot be without a gap.
    if count > groups.len() {
        return Err(gap);
    }
    if count > GROUPS {
        return Err(Unanswerable::Invalid(
            "no more than 1,000 groups can be compared at once",
        ));
    }
    let mut seen = vec![false; count];
    for &group in groups {
        seen[group] = true;
    }
    if seen.contains(&false) {
        Err(gap)
    } else {
        Ok(count)
    }
}
