//! Charts from readings: what is drawn, and what stands around it.

use peelian_chart::{
    Drawing, Flag, Frame, FunnelChart, FunnelLimit, FunnelPoint, IntervalChart, IntervalRow,
    SpcChart, SpcLimits, SpcPoint, Target,
};
use peelian_model::{Force, Kind, Measure, Month, Series};
use peelian_readings::{Comparison, MeasureEntry, Position, Spc, headline, is_comparable};

use crate::Snapshot;
use crate::snapshot::as_at;
use crate::words::{self, lower_first};

/// Months drawn unless all are asked for.
pub(crate) const MONTHS: usize = 36;

/// The chart of a series: the last months, or all.
pub(crate) fn spc_chart(
    snapshot: &Snapshot,
    entry: &MeasureEntry,
    force: &Force,
    series: &Series,
    spc: &Spc,
    all: bool,
) -> Drawing {
    let measure = &entry.measure;
    let start = if all {
        0
    } else {
        series.readings.len().saturating_sub(MONTHS)
    };
    let shown = &series.readings[start..];
    let first = shown.first().map(|r| r.period);
    let last = shown.last().map(|r| r.period);
    let span = first
        .zip(last)
        .map_or_else(String::new, |(f, l)| words::months(f, l));
    let within = |month: Month| first <= Some(month) && Some(month) <= last;
    SpcChart {
        frame: Frame {
            title: headline(measure, series, spc),
            subtitle: format!(
                "{}. {}, {}, monthly, {span}.",
                measure.title,
                measure.subtitle.trim_end_matches('.'),
                force.name
            ),
            source: source(entry),
            synthetic: snapshot.is_synthetic(),
            unit: measure.unit,
        },
        points: shown
            .iter()
            .enumerate()
            .map(|(i, reading)| SpcPoint {
                reading: reading.clone(),
                signal: spc.signals.get(start + i).copied().flatten(),
            })
            .collect(),
        limits: spc
            .limits
            .iter()
            .filter(|l| Some(l.last) >= first)
            .map(|l| SpcLimits {
                first: first.map_or(l.first, |f| l.first.max(f)),
                last: l.last,
                mean: l.mean,
                lower: l.lower,
                upper: l.upper,
                trial: l.trial,
            })
            .collect(),
        target: last.and_then(|m| measure.standard(m)).map(|s| Target {
            value: s.value,
            label: format!("Standard, {}", s.authority),
        }),
        flags: flags(snapshot, measure, force)
            .filter(|f| within(f.month))
            .collect(),
    }
    .draw()
}

/// Dated warnings and known issues that begin at some month.
fn flags(snapshot: &Snapshot, measure: &Measure, force: &Force) -> impl Iterator<Item = Flag> {
    let caveats: Vec<Flag> = measure
        .caveats
        .iter()
        .filter_map(|c| {
            Some(Flag {
                month: c.from?,
                reason: c.text.clone(),
            })
        })
        .collect();
    let issues: Vec<Flag> = snapshot
        .issues(measure, Some(&force.id))
        .filter(|i| !i.not_supplied)
        .map(|i| Flag {
            month: i.from,
            reason: i.text.clone(),
        })
        // A warning may stand both in the measure and among the issues.
        .filter(|f| {
            caveats
                .iter()
                .all(|c| c.month != f.month || c.reason != f.reason)
        })
        .collect();
    caveats.into_iter().chain(issues)
}

/// All forces in one month: a funnel where one can be drawn, else intervals.
pub(crate) fn comparison_chart(
    snapshot: &Snapshot,
    entry: &MeasureEntry,
    comparison: &Comparison,
    highlight: Option<&Force>,
) -> Drawing {
    let measure = &entry.measure;
    let name = |id: &peelian_model::ForceId| {
        snapshot
            .catalogue
            .force(id)
            .map_or_else(|| id.to_string(), |f| f.short_name().to_owned())
    };
    let frame = Frame {
        title: format!(
            "{}, {} in {}",
            measure.title,
            words::counted(comparison.compared(), "force", "forces"),
            words::period(measure, comparison.period)
        ),
        subtitle: format!("{}.", measure.subtitle.trim_end_matches('.')),
        source: source(entry),
        synthetic: snapshot.is_synthetic(),
        unit: measure.unit,
    };
    let highlight = highlight.map(|f| f.short_name().to_owned());
    if comparison.limits.is_empty() {
        let rows = comparison
            .forces
            .iter()
            .filter(|f| is_comparable(&f.reading) || !f.reading.status.has_value())
            .map(|f| IntervalRow {
                name: name(&f.force),
                value: f.reading.value,
                lower: f.reading.lower,
                upper: f.reading.upper,
                status: f.reading.status,
            })
            .collect();
        return IntervalChart {
            frame,
            rows,
            highlight,
        }
        .draw();
    }
    let points = comparison
        .forces
        .iter()
        .filter_map(|f| {
            Some(FunnelPoint {
                name: name(&f.force),
                denominator: f.reading.denominator?,
                value: f.reading.value?,
                lower: f.reading.lower,
                upper: f.reading.upper,
                outside: match f.position? {
                    Position::Lower => Some(false),
                    Position::Similar => None,
                    Position::Higher => Some(true),
                },
            })
        })
        .collect();
    FunnelChart {
        frame,
        points,
        target: comparison.overall,
        target_label: "All forces together".to_owned(),
        limits: comparison
            .limits
            .iter()
            .map(|l| FunnelLimit {
                denominator: l.denominator,
                lower95: l.inner.0,
                upper95: l.inner.1,
                lower998: l.outer.0,
                upper998: l.outer.1,
            })
            .collect(),
        x_label: match measure.kind {
            Kind::Rate => "People served".to_owned(),
            Kind::Ratio | Kind::Grouped => words::upper_first(&measure.denominator_words),
        },
        highlight,
    }
    .draw()
}

/// One line: sources, date, version.
fn source(entry: &MeasureEntry) -> String {
    let titles: Vec<String> = entry
        .sources
        .iter()
        .map(|s| lower_first(&s.title))
        .collect();
    let as_at =
        as_at(entry).map_or_else(String::new, |d| format!(", files of {}", words::date(&d)));
    format!(
        "Source: {}{as_at}. Calculation {}.",
        words::list(&titles),
        entry.version
    )
}
