//! The assessment of a force: each characteristic of good shown, partly shown,
//! not shown or cannot tell, with what speaks for and against and what is
//! missing. Nothing is ranked and nothing is summed over areas.

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::Date;
use peelian_model::{
    CharacteristicStatus, ForceId, FrameworkId, InspectionAreaId, MeasureId, Nature,
};
use peelian_readings::{Catalogue, compare, comparison_period};
use serde::{Serialize, Serializer};

use crate::evidence::{EvidenceItem, Speaks, weigh};
use crate::framework::{Characteristic, FrameworkArea, Provenance};
use crate::grades::{Grades, Inspector};
use crate::library::Frameworks;
use crate::missing::{Missing, missing};
use crate::wanted::Wanted;

/// An assessment holds for this many days.
const DAYS_VALID: i32 = 120;

/// What can be told of a force under a framework on a day. It has no range in
/// it, so that what is public cannot show one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assessment {
    /// The force.
    pub force: ForceId,
    /// The framework.
    pub framework: FrameworkId,
    /// The day it is made for, `2026-11-22`.
    pub as_at: String,
    /// The day after which it no longer holds: 120 days later.
    pub expires: String,
    /// Whether the figures are real.
    pub nature: Nature,
    /// Always [`crate::LABEL`].
    pub label: &'static str,
    /// One an area, in the order of the framework.
    pub areas: Vec<AreaAssessment>,
}

/// What can be told of one area.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AreaAssessment {
    /// The area.
    pub area: InspectionAreaId,
    /// Name as the cycle words it.
    pub name: String,
    /// Whether the inspectorate grades it.
    pub graded: bool,
    /// What a reader should know of it.
    pub note: Option<String>,
    /// One a characteristic, in the order of the framework.
    pub characteristics: Vec<CharacteristicJudgement>,
    /// Always `true` in an export.
    pub not_a_grade: NotAGrade,
    /// Share, 0 to 1, of characteristics with evidence that counts.
    pub evidence_share: f64,
    /// What the inspectorate published; none where nothing is held.
    pub inspector: Option<Inspector>,
    /// Every figure held that the characteristics ask for, once each.
    pub evidence: Vec<EvidenceItem>,
    /// What they ask for and is not held or too old, nearest first: figures
    /// before reviews, then by the weight of the characteristics that ask.
    pub missing: Vec<Missing>,
}

/// One characteristic of good, and what can be told of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CharacteristicJudgement {
    /// The characteristic.
    pub id: String,
    /// What a force would need to show, in our words.
    pub text: String,
    /// How we know that the inspectorate asks for it.
    pub asked: Provenance,
    /// What can be told.
    pub status: CharacteristicStatus,
    /// The count behind it, in a sentence.
    pub why: String,
    /// Measures that speak for it.
    pub evidence_for: Vec<MeasureId>,
    /// Measures that speak against it.
    pub evidence_against: Vec<MeasureId>,
    /// Measures that are held and speak neither way.
    pub evidence_neither: Vec<MeasureId>,
    /// Measures and reviews that are not held or too old.
    pub missing: Vec<String>,
    /// 1 to 3.
    pub weight: u32,
    /// Whether any of it counts as evidence.
    pub has_evidence: bool,
}

/// A mark that can say one thing only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAGrade;

impl Serialize for NotAGrade {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(true)
    }
}

impl Assessment {
    /// One area.
    pub fn area(&self, id: &InspectionAreaId) -> Option<&AreaAssessment> {
        self.areas.iter().find(|a| &a.area == id)
    }
}

impl AreaAssessment {
    /// How many characteristics have a status.
    pub fn count(&self, status: CharacteristicStatus) -> usize {
        self.characteristics
            .iter()
            .filter(|c| c.status == status)
            .count()
    }

    /// What would change it: the three things to load first.
    pub fn load_first(&self) -> &[Missing] {
        &self.missing[..self.missing.len().min(3)]
    }

    /// The evidence of a measure.
    pub fn evidence_of(&self, measure: &MeasureId) -> Option<&EvidenceItem> {
        self.evidence.iter().find(|e| &e.measure == measure)
    }
}

/// Assesses a force. None where the framework is not loaded or no record of
/// the force is held. An invented force has no inspector's grade.
pub fn assess(
    catalogue: &Catalogue,
    frameworks: &Frameworks,
    framework: &FrameworkId,
    grades: &Grades,
    force: &ForceId,
    as_at: Date,
) -> Option<Assessment> {
    let framework = frameworks.get(framework)?;
    catalogue.force(force)?;
    let nature = catalogue.nature();
    let mut held: HashMap<&MeasureId, Option<EvidenceItem>> = HashMap::new();
    for measure in framework
        .areas
        .iter()
        .flat_map(|a| &a.characteristics)
        .flat_map(|c| &c.measures)
    {
        held.entry(measure).or_insert_with(|| {
            weigh(
                catalogue,
                measure,
                force,
                comparison_period(catalogue, measure, Some(force))
                    .and_then(|period| compare(catalogue, measure, period))
                    .as_ref(),
                as_at,
            )
        });
    }
    let areas = framework
        .areas
        .iter()
        .map(|area| {
            let mut assessed = of_area(area, &held, frameworks.wanted());
            if nature == Nature::Real {
                assessed.inspector = grades
                    .get(&framework.id, force, &area.id)
                    .map(Inspector::from);
            }
            assessed
        })
        .collect();
    Some(Assessment {
        force: force.clone(),
        framework: framework.id.clone(),
        as_at: as_at.to_string(),
        expires: as_at.saturating_add(DAYS_VALID.days()).to_string(),
        nature,
        label: crate::LABEL,
        areas,
    })
}

/// What is held of each measure that the framework asks for.
pub(crate) type Held<'a> = HashMap<&'a MeasureId, Option<EvidenceItem>>;

fn of_area(area: &FrameworkArea, held: &Held<'_>, wanted: &Wanted) -> AreaAssessment {
    let characteristics: Vec<_> = area
        .characteristics
        .iter()
        .map(|c| judge(c, held))
        .collect();
    let with_evidence = characteristics.iter().filter(|c| c.has_evidence).count();
    let mut evidence: Vec<EvidenceItem> = Vec::new();
    for measure in area.characteristics.iter().flat_map(|c| &c.measures) {
        if let Some(Some(item)) = held.get(measure)
            && evidence.iter().all(|e| &e.measure != measure)
        {
            evidence.push(item.clone());
        }
    }
    AreaAssessment {
        area: area.id.clone(),
        name: area.name.clone(),
        graded: area.graded,
        note: area.note.clone(),
        evidence_share: with_evidence as f64 / characteristics.len().max(1) as f64,
        not_a_grade: NotAGrade,
        inspector: None,
        missing: missing(area, held, wanted),
        characteristics,
        evidence,
    }
}

fn judge(characteristic: &Characteristic, held: &Held<'_>) -> CharacteristicJudgement {
    let mut judgement = CharacteristicJudgement {
        id: characteristic.id.clone(),
        text: characteristic.text.clone(),
        asked: characteristic.evidence,
        status: CharacteristicStatus::CannotTell,
        why: String::new(),
        evidence_for: Vec::new(),
        evidence_against: Vec::new(),
        evidence_neither: Vec::new(),
        missing: Vec::new(),
        weight: characteristic.weight,
        has_evidence: false,
    };
    for measure in &characteristic.measures {
        let Some(item) = current(held, measure) else {
            judgement.missing.push(measure.to_string());
            continue;
        };
        judgement.has_evidence |= item.counts;
        match item.speaks {
            Speaks::For => &mut judgement.evidence_for,
            Speaks::Against => &mut judgement.evidence_against,
            Speaks::Neither => &mut judgement.evidence_neither,
        }
        .push(measure.clone());
    }
    judgement
        .missing
        .extend(characteristic.reviews.iter().cloned());
    let wanted = characteristic.measures.len() + characteristic.reviews.len();
    let (fors, againsts) = (
        judgement.evidence_for.len(),
        judgement.evidence_against.len(),
    );
    judgement.status = status(wanted, fors, againsts);
    judgement.why = format!(
        "Facts asked for: {wanted}; of them {fors} for, {againsts} against, {} neither way, {} not \
         held or too old.",
        judgement.evidence_neither.len(),
        judgement.missing.len()
    );
    judgement
}

/// The whole rule, from counts of what is wanted, of what speaks for, and of
/// what speaks against.
fn status(wanted: usize, fors: usize, againsts: usize) -> CharacteristicStatus {
    match (fors, againsts) {
        (1.., _) if fors == wanted => CharacteristicStatus::Shown,
        (1.., _) => CharacteristicStatus::PartlyShown,
        (0, 1..) => CharacteristicStatus::NotShown,
        (0, 0) => CharacteristicStatus::CannotTell,
    }
}

/// The evidence of a measure, unless it is absent or too old.
pub(crate) fn current<'a>(held: &'a Held<'_>, measure: &MeasureId) -> Option<&'a EvidenceItem> {
    held.get(measure)?.as_ref().filter(|item| item.current)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_needs_everything_that_was_asked_for() {
        use CharacteristicStatus::{CannotTell, NotShown, PartlyShown, Shown};
        for (wanted, fors, againsts, expected) in [
            (3, 3, 0, Shown),
            (3, 2, 0, PartlyShown),
            (3, 2, 1, PartlyShown),
            (3, 1, 2, PartlyShown),
            (3, 0, 1, NotShown),
            (3, 0, 3, NotShown),
            (3, 0, 0, CannotTell),
        ] {
            assert_eq!(
                status(wanted, fors, againsts),
                expected,
                "{wanted} {fors} {againsts}"
            );
        }
    }
}
