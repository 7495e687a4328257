//! The indicative range: for internal use alone, on the command line and for
//! people who have signed in.

use peelian_model::{CharacteristicStatus, ForceId, FrameworkId, Grade, Nature};
use serde::Serialize;

use crate::assessment::{AreaAssessment, Assessment};

/// Share of characteristics that must have evidence.
const SHARE_NEEDED: f64 = 0.6;
/// Share shown from which “substantially all” is taken to hold. Ours, untested.
const SUBSTANTIALLY_ALL: f64 = 0.85;
/// Share shown below which “few, if any” is taken to hold. Ours, untested.
const FEW: f64 = 0.4;
/// A range of this many tiers says nothing.
const TOO_WIDE: usize = 4;

/// A range of tiers, both ends included. Not a grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Indicative {
    /// Its lower end.
    pub low: Grade,
    /// Its upper end.
    pub high: Grade,
}

/// An assessment with its ranges, ready to be written as JSON on the command
/// line. Never for a public page or address.
#[derive(Debug, Serialize)]
pub struct WithRanges<'a> {
    force: &'a ForceId,
    framework: &'a FrameworkId,
    as_at: &'a str,
    expires: &'a str,
    nature: Nature,
    label: &'static str,
    areas: Vec<AreaWithRange<'a>>,
}

#[derive(Debug, Serialize)]
struct AreaWithRange<'a> {
    #[serde(flatten)]
    area: &'a AreaAssessment,
    indicative: Option<Indicative>,
    indicative_reason: Option<String>,
}

impl Assessment {
    /// The assessment with its ranges: internal.
    pub fn with_ranges(&self) -> WithRanges<'_> {
        WithRanges {
            force: &self.force,
            framework: &self.framework,
            as_at: &self.as_at,
            expires: &self.expires,
            nature: self.nature,
            label: self.label,
            areas: self
                .areas
                .iter()
                .map(|area| {
                    let range = area.range();
                    AreaWithRange {
                        area,
                        indicative: range.as_ref().ok().copied(),
                        indicative_reason: range.err(),
                    }
                })
                .collect(),
        }
    }
}

impl AreaAssessment {
    /// The range, or in a sentence why there is none: internal. Reviews by
    /// people and causes of concern cannot be loaded yet, so there never is one.
    pub fn range(&self) -> Result<Indicative, String> {
        range(&Facts {
            graded: self.graded,
            characteristics: self
                .characteristics
                .iter()
                .map(|c| (c.status, c.weight))
                .collect(),
            with_evidence: self
                .characteristics
                .iter()
                .filter(|c| c.has_evidence)
                .count(),
            reviews: 0,
            cause_of_concern: false,
        })
    }
}

/// What a range is made from.
struct Facts {
    graded: bool,
    characteristics: Vec<(CharacteristicStatus, u32)>,
    /// Characteristics with evidence less than twelve months old.
    with_evidence: usize,
    /// Reviews by people less than twelve months old.
    reviews: usize,
    /// Whether a published cause of concern is loaded.
    cause_of_concern: bool,
}

fn range(facts: &Facts) -> Result<Indicative, String> {
    if !facts.graded {
        return Err("The inspectorate does not grade this area.".to_owned());
    }
    enough(facts)?;
    // What cannot be told may turn out either way.
    let (worst, best) = (shown(facts, 0.0), shown(facts, 1.0));
    let mut low = tier(worst);
    let mut high = tier(best);
    if facts.cause_of_concern {
        low = Grade::Inadequate;
    }
    if low == high {
        // Two tiers at least: widened towards the nearer boundary, never up to
        // outstanding nor down to inadequate.
        match low {
            Grade::Adequate
                if f64::midpoint(worst, best) < f64::midpoint(FEW, SUBSTANTIALLY_ALL) =>
            {
                low = Grade::RequiresImprovement;
            }
            Grade::Adequate => high = Grade::Good,
            Grade::Good => low = Grade::Adequate,
            _ => high = Grade::Adequate,
        }
    }
    let tiers = Grade::ALL
        .iter()
        .filter(|g| (low..=high).contains(g))
        .count();
    if tiers >= TOO_WIDE {
        return Err(format!(
            "Not enough evidence: the range would span {tiers} tiers."
        ));
    }
    Ok(Indicative { low, high })
}

/// The two conditions of evidence, each named where it is not met.
fn enough(facts: &Facts) -> Result<(), String> {
    let all = facts.characteristics.len();
    let share = facts.with_evidence as f64 / all.max(1) as f64;
    let mut lacking = Vec::new();
    if share < SHARE_NEEDED {
        lacking.push(format!(
            "evidence less than 12 months old is held for {} of {all} characteristics, and 60% \
             are needed",
            facts.with_evidence
        ));
    }
    if facts.reviews == 0 {
        lacking.push("no review by people is held, and at least one is needed".to_owned());
    }
    if lacking.is_empty() {
        Ok(())
    } else {
        Err(format!("No range is given: {}.", lacking.join("; ")))
    }
}

/// Weighted share of characteristics shown, a partly shown one counting half,
/// what cannot be told counting `unknown`.
fn shown(facts: &Facts, unknown: f64) -> f64 {
    let worth = |status| match status {
        CharacteristicStatus::Shown => 1.0,
        CharacteristicStatus::PartlyShown => 0.5,
        CharacteristicStatus::NotShown => 0.0,
        CharacteristicStatus::CannotTell => unknown,
    };
    let (sum, weights) =
        facts
            .characteristics
            .iter()
            .fold((0.0, 0.0), |(s, w), (status, weight)| {
                (
                    s + worth(*status) * f64::from(*weight),
                    w + f64::from(*weight),
                )
            });
    if weights > 0.0 {
        sum / weights
    } else {
        unknown
    }
}

fn tier(share: f64) -> Grade {
    if share >= SUBSTANTIALLY_ALL {
        Grade::Good
    } else if share >= FEW {
        Grade::Adequate
    } else {
        Grade::RequiresImprovement
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CharacteristicStatus::{CannotTell, NotShown, PartlyShown, Shown};

    fn facts(statuses: &[CharacteristicStatus]) -> Facts {
        Facts {
            graded: true,
            characteristics: statuses.iter().map(|s| (*s, 1)).collect(),
            with_evidence: statuses.iter().filter(|s| **s != CannotTell).count(),
            reviews: 1,
            cause_of_concern: false,
        }
    }

    fn of(statuses: &[CharacteristicStatus]) -> (Grade, Grade) {
        let range = range(&facts(statuses)).unwrap();
        (range.low, range.high)
    }

    #[test]
    fn a_range_is_two_tiers_wide_and_leans_to_the_nearer_boundary() {
        assert_eq!(of(&[Shown; 10]), (Grade::Adequate, Grade::Good));
        assert_eq!(
            of(&[PartlyShown; 10]),
            (Grade::RequiresImprovement, Grade::Adequate)
        );
        let mostly = [Shown, Shown, Shown, PartlyShown];
        assert_eq!(of(&mostly), (Grade::Adequate, Grade::Good));
        assert_eq!(
            of(&[NotShown; 10]),
            (Grade::RequiresImprovement, Grade::Adequate)
        );
    }

    #[test]
    fn what_cannot_be_told_widens_the_range() {
        assert_eq!(
            of(&[Shown, Shown, Shown, CannotTell, CannotTell]),
            (Grade::Adequate, Grade::Good)
        );
        let mut facts = facts(&[Shown, CannotTell, CannotTell, CannotTell, CannotTell]);
        facts.with_evidence = 3;
        let found = range(&facts).unwrap();
        assert_eq!(
            (found.low, found.high),
            (Grade::RequiresImprovement, Grade::Good)
        );
    }

    #[test]
    fn no_set_of_judgements_gives_outstanding_nor_without_a_cause_of_concern_inadequate() {
        let all = CharacteristicStatus::ALL;
        for code in 0..4_usize.pow(5) {
            let statuses: Vec<_> = (0..5).map(|i| all[code / 4_usize.pow(i) % 4]).collect();
            for cause_of_concern in [false, true] {
                let mut facts = facts(&statuses);
                facts.with_evidence = 5;
                facts.cause_of_concern = cause_of_concern;
                let Ok(found) = range(&facts) else { continue };
                let tiers = Grade::ALL
                    .iter()
                    .filter(|g| (found.low..=found.high).contains(g))
                    .count();
                assert!((2..TOO_WIDE).contains(&tiers), "{statuses:?}: {found:?}");
                assert_ne!(found.high, Grade::Outstanding);
                assert_eq!(
                    found.low == Grade::Inadequate,
                    cause_of_concern,
                    "{statuses:?}"
                );
            }
        }
    }

    #[test]
    fn four_tiers_or_more_are_not_enough_evidence() {
        let mut facts = facts(&[Shown; 5]);
        facts.cause_of_concern = true;
        let why = range(&facts).unwrap_err();
        assert!(why.starts_with("Not enough evidence"), "{why}");
    }

    #[test]
    fn three_in_five_characteristics_and_one_review_are_needed() {
        let mut facts = facts(&[Shown, Shown, Shown, CannotTell, CannotTell]);
        assert!(range(&facts).is_ok(), "60% is enough");
        facts.with_evidence = 2;
        assert!(
            range(&facts)
                .unwrap_err()
                .contains("2 of 5 characteristics")
        );
        facts.reviews = 0;
        let why = range(&facts).unwrap_err();
        assert!(
            why.contains("2 of 5 characteristics") && why.contains("no review"),
            "{why}"
        );
        facts.with_evidence = 5;
        let why = range(&facts).unwrap_err();
        assert!(
            !why.contains("characteristics") && why.contains("no review"),
            "{why}"
        );
    }

    #[test]
    fn an_area_that_is_not_graded_has_no_range() {
        let mut facts = facts(&[Shown; 5]);
        facts.graded = false;
        assert!(range(&facts).is_err());
    }
}
