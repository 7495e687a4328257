//! When a figure speaks for a characteristic, when against, and when it does
//! not speak. The rules are published in `docs/methods/assessment.md`.

use jiff::ToSpan;
use jiff::civil::Date;
use peelian_model::{
    Direction, ForceId, Measure, MeasureId, Month, Reading, Series, Standard, Status, Unit,
    Variation,
};
use peelian_readings::{
    Assurance, Catalogue, Comparison, Position, Spc, comparison_sentence, headline, is_comparable,
    spc,
};
use serde::Serialize;

/// Evidence counts for this many months after the end of its own month.
const CURRENT_MONTHS: i32 = 12;

/// What a figure says of a characteristic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Speaks {
    /// For it.
    For,
    /// Against it.
    Against,
    /// Neither.
    Neither,
}

impl Speaks {
    /// The words for a reader.
    pub fn words(self) -> &'static str {
        match self {
            Self::For => "for",
            Self::Against => "against",
            Self::Neither => "neither way",
        }
    }
}

/// A figure that is held, with everything a reader needs to check it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EvidenceItem {
    /// The measure.
    pub measure: MeasureId,
    /// Its title.
    pub title: String,
    /// The month of the figure; the last one where the measure spans several.
    pub period: Month,
    /// The figure, in the measure's unit.
    pub value: Option<f64>,
    /// Lower end of the 95 per cent interval.
    pub lower: Option<f64>,
    /// Upper end of the 95 per cent interval.
    pub upper: Option<f64>,
    /// The value if every blank fell the one way or the other.
    pub bounds: Option<(f64, f64)>,
    /// Share, 0 to 1, of records whose field asked about is blank.
    pub left_out: Option<f64>,
    /// The measure's unit.
    pub unit: Unit,
    /// Which way is better.
    pub direction: Direction,
    /// What stands behind the figure.
    pub status: Status,
    /// What it says.
    pub speaks: Speaks,
    /// Why, in a sentence.
    pub why: String,
    /// Whether it counts as evidence: less than twelve months old, and able to
    /// speak either way.
    pub counts: bool,
    /// Whether it is less than twelve months old on the day of the assessment.
    pub current: bool,
    /// Months between its month and that of the assessment.
    pub age_months: i32,
    /// What the series says, in the words of its page.
    pub headline: String,
    /// How the force stands beside the others, in the words of its page.
    pub comparison: Option<String>,
    /// The standard in force in that month.
    pub standard: Option<Standard>,
    /// The newest date among the files it was made from.
    pub source_as_at: Option<String>,
    /// The calculation version.
    pub version: String,
}

/// The evidence that a measure gives on a day; none where no settled figure of
/// a month that had ended by then is held.
pub(crate) fn weigh(
    catalogue: &Catalogue,
    measure: &MeasureId,
    force: &ForceId,
    comparison: Option<&Comparison>,
    as_at: Date,
) -> Option<EvidenceItem> {
    let entry = catalogue.entry(measure)?;
    let definition = &entry.measure;
    let series = known_by(catalogue.series(measure, force)?, as_at)?;
    let latest = series.readings.last()?;
    let signals = spc(&series, definition);
    let comparison = comparison.filter(|c| is_current(c.period, as_at));
    let current = is_current(latest.period, as_at);
    let position = comparison
        .and_then(|c| c.of(force))
        .and_then(|f| f.position);
    let Finding {
        speaks,
        counts,
        why,
    } = if current {
        find(definition, &series, latest, &signals, position)
    } else {
        Finding::silent(format!(
            "It is for {}, more than twelve months before the assessment, so it no longer counts.",
            latest.period.long()
        ))
    };
    Some(EvidenceItem {
        measure: definition.id.clone(),
        title: definition.title.clone(),
        period: latest.period,
        value: latest.value,
        lower: latest.lower,
        upper: latest.upper,
        bounds: latest.bounds,
        left_out: latest.left_out,
        unit: definition.unit,
        direction: definition.direction,
        status: latest.status,
        speaks,
        why,
        counts,
        current,
        age_months: month_of(as_at).map_or(0, |m| m.since(latest.period)),
        headline: headline(definition, &series, &signals),
        comparison: comparison.and_then(|c| comparison_sentence(definition, c, force)),
        standard: definition.standard(latest.period).cloned(),
        source_as_at: entry.sources.iter().map(|s| s.as_at.clone()).max(),
        version: entry.version.clone(),
    })
}

/// The series up to its last settled figure of a month that had ended by then:
/// an assessment of a past day must not know what came after it, and a
/// provisional figure is not evidence yet.
fn known_by(series: &Series, as_at: Date) -> Option<Series> {
    let last = series.readings.iter().rposition(|r| {
        matches!(r.status, Status::Ok | Status::Partial)
            && r.value.is_some()
            && last_day(r.period).is_some_and(|end| end <= as_at)
    })?;
    let mut series = series.clone();
    series.readings.truncate(last + 1);
    Some(series)
}

fn last_day(month: Month) -> Option<Date> {
    let first = Date::new(month.year() as i16, month.month() as i8, 1).ok()?;
    Some(first.last_of_month())
}

fn month_of(date: Date) -> Option<Month> {
    Month::new(date.year().into(), date.month() as u32)
}

fn is_current(period: Month, as_at: Date) -> bool {
    last_day(period)
        .is_some_and(|end| end <= as_at && end.saturating_add(CURRENT_MONTHS.months()) > as_at)
}

struct Finding {
    speaks: Speaks,
    counts: bool,
    why: String,
}

impl Finding {
    /// It cannot speak, so it is not evidence.
    fn silent(why: impl Into<String>) -> Self {
        Self {
            speaks: Speaks::Neither,
            counts: false,
            why: why.into(),
        }
    }

    fn of(speaks: Speaks, why: impl Into<String>) -> Self {
        Self {
            speaks,
            counts: true,
            why: why.into(),
        }
    }
}

fn find(
    measure: &Measure,
    series: &Series,
    latest: &Reading,
    signals: &Spc,
    position: Option<Position>,
) -> Finding {
    if measure.recorded {
        return Finding::silent(
            "It is made of what the police recorded, and no current audit of crime recording is \
             held. A fall can mean less crime or worse recording, a rise more crime or better \
             recording, so nothing can be told from it.",
        );
    }
    match measure.direction {
        Direction::Neutral => Finding::silent(
            "Neither higher nor lower is better in itself, so it speaks neither for nor against.",
        ),
        Direction::CloserTo1 => away_from(1.0, latest),
        Direction::CloserTo0 => away_from(0.0, latest),
        Direction::Higher | Direction::Lower => {
            if !is_comparable(latest) {
                return Finding::silent(
                    "More than a quarter of the records are blank in the field it is made from, so \
                     nothing can be told from it.",
                );
            }
            let trial = signals.current().is_none_or(|l| l.trial);
            if let Some(standard) = measure.standard(latest.period) {
                return against_standard(standard, signals.assurance.filter(|_| !trial));
            }
            let variation = signals.latest(series).unwrap_or(Variation::CommonCause);
            among_others(measure.direction, position, variation)
        }
    }
}

/// A dated standard decides alone: met whatever the month, missed whatever the
/// month, or now one and now the other.
fn against_standard(standard: &Standard, assurance: Option<Assurance>) -> Finding {
    let authority = &standard.authority;
    match assurance {
        None => Finding::silent(format!(
            "A standard is in force ({authority}), but fewer than twelve months are held, so it \
             cannot be told whether it is met consistently."
        )),
        Some(Assurance::ConsistentlyPasses) => Finding::of(
            Speaks::For,
            format!("The standard ({authority}) is met consistently."),
        ),
        Some(Assurance::ConsistentlyFails) => Finding::of(
            Speaks::Against,
            format!("The standard ({authority}) is missed consistently."),
        ),
        Some(Assurance::HitAndMiss) => Finding::of(
            Speaks::Neither,
            format!("The standard ({authority}) is met in some months and missed in others."),
        ),
    }
}

/// Without a standard two things are asked: how the force stands among others,
/// and whether it has changed. Where they agree, or one is unremarkable, the
/// other decides; where they differ, nothing does.
fn among_others(direction: Direction, position: Option<Position>, variation: Variation) -> Finding {
    let higher = direction == Direction::Higher;
    let (standing, stands) = match position {
        None => {
            return Finding::silent(
                "There is nothing to hold it against: no standard is loaded, and there is no \
                 comparison with enough forces.",
            );
        }
        Some(Position::Similar) => (0, "It is like other forces"),
        Some(Position::Higher) if higher => (1, BETTER),
        Some(Position::Lower) if !higher => (1, BETTER),
        Some(_) => (-1, WORSE),
    };
    let (change, changes) = match variation {
        Variation::Improvement => (1, "it has improved"),
        Variation::Concern => (-1, "it has become worse"),
        _ => (0, "it shows no clear change"),
    };
    let (speaks, so) = match standing + change {
        1.. => (Speaks::For, "it speaks for"),
        0 => (Speaks::Neither, "it speaks neither for nor against"),
        _ => (Speaks::Against, "it speaks against"),
    };
    Finding::of(speaks, format!("{stands} and {changes}: {so}."))
}

const BETTER: &str =
    "It is better than at other forces, by more than chance and ordinary differences explain,";
const WORSE: &str =
    "It is worse than at other forces, by more than chance and ordinary differences explain,";

/// A figure that should be near a value speaks against where neither chance
/// nor the blanks can explain the distance. Nearness alone proves nothing, so
/// it never speaks for.
fn away_from(target: f64, latest: &Reading) -> Finding {
    let side = |low: f64, high: f64| {
        if low > target {
            1
        } else if high < target {
            -1
        } else {
            0
        }
    };
    let Some((low, high)) = latest.lower.zip(latest.upper) else {
        return Finding::silent("It has no interval, so chance cannot be told from difference.");
    };
    let chance = side(low, high);
    let blanks = latest.bounds.map_or(chance, |(low, high)| side(low, high));
    if chance == 0 {
        Finding::of(
            Speaks::Neither,
            format!("Chance alone could explain how far it is from {target}."),
        )
    } else if blanks == chance {
        Finding::of(
            Speaks::Against,
            format!(
                "It is further from {target} than chance or the blank records can explain. That \
                 does not by itself show unfairness; it asks for an explanation."
            ),
        )
    } else {
        Finding::of(
            Speaks::Neither,
            format!("The records left blank could explain how far it is from {target}."),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standing_and_change_must_not_contradict_each_other() {
        use Position::{Higher, Lower, Similar};
        use Variation::{CommonCause, Concern, Improvement};
        let rows = [
            (Higher, Improvement, Speaks::For),
            (Higher, CommonCause, Speaks::For),
            (Higher, Concern, Speaks::Neither),
            (Similar, Improvement, Speaks::For),
            (Similar, CommonCause, Speaks::Neither),
            (Similar, Concern, Speaks::Against),
            (Lower, Improvement, Speaks::Neither),
            (Lower, CommonCause, Speaks::Against),
            (Lower, Concern, Speaks::Against),
        ];
        for (position, variation, expected) in rows {
            let found = among_others(Direction::Higher, Some(position), variation);
            assert_eq!(found.speaks, expected, "{position:?} {variation:?}");
            assert!(found.counts);
        }
        assert_eq!(
            among_others(Direction::Lower, Some(Lower), CommonCause).speaks,
            Speaks::For,
            "where lower is better a low figure is the better one"
        );
    }

    #[test]
    fn change_alone_says_nothing_where_there_is_no_comparison() {
        let found = among_others(Direction::Higher, None, Variation::Improvement);
        assert_eq!(found.speaks, Speaks::Neither);
        assert!(!found.counts);
    }

    #[test]
    fn a_standard_must_be_met_consistently() {
        let standard = Standard {
            value: 90.0,
            from: "2021-01".parse().unwrap(),
            to: None,
            authority: "the national strategy".to_owned(),
            source_url: String::new(),
        };
        let says = |a| against_standard(&standard, a).speaks;
        assert_eq!(says(Some(Assurance::ConsistentlyPasses)), Speaks::For);
        assert_eq!(says(Some(Assurance::HitAndMiss)), Speaks::Neither);
        assert_eq!(says(Some(Assurance::ConsistentlyFails)), Speaks::Against);
        assert!(
            !against_standard(&standard, None).counts,
            "too few months to say"
        );
    }

    #[test]
    fn a_ratio_away_from_one_speaks_only_where_blanks_cannot_explain_it() {
        let ratio = |lower, upper, bounds| Reading {
            value: Some(f64::midpoint(lower, upper)),
            lower: Some(lower),
            upper: Some(upper),
            bounds,
            ..Reading::without_value("2026-09".parse().unwrap(), Status::Ok)
        };
        let says = |lower, upper, bounds| away_from(1.0, &ratio(lower, upper, bounds)).speaks;
        assert_eq!(says(3.1, 3.9, Some((1.8, 9.0))), Speaks::Against);
        assert_eq!(
            says(3.1, 3.9, Some((0.9, 9.0))),
            Speaks::Neither,
            "blanks could explain it"
        );
        assert_eq!(
            says(0.8, 1.3, Some((0.7, 1.6))),
            Speaks::Neither,
            "chance could explain it"
        );
        assert_eq!(
            says(0.2, 0.4, Some((0.1, 0.7))),
            Speaks::Against,
            "below one too"
        );
        assert_eq!(
            says(1.0, 1.0, None),
            Speaks::Neither,
            "nearness never speaks for"
        );
        let why = away_from(1.0, &ratio(3.1, 3.9, Some((1.8, 9.0)))).why;
        assert!(why.contains("does not by itself show unfairness"), "{why}");
    }

    #[test]
    fn evidence_counts_for_less_than_twelve_months_after_its_month_ended() {
        let current =
            |period: &str, y, m, d| is_current(period.parse().unwrap(), jiff::civil::date(y, m, d));
        assert!(current("2025-11", 2026, 11, 29));
        assert!(!current("2025-11", 2026, 11, 30));
        assert!(
            !current("2026-11", 2026, 11, 29),
            "the month has not ended yet"
        );
        assert!(current("2026-11", 2026, 11, 30));
        assert!(current("2024-02", 2025, 2, 27));
    }
}
