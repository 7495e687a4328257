//! Readings as tidy rows: the columns that every figure is saved with.

use peelian_model::{Force, Measure, Reading, Series, SourceId, Variation};
use peelian_readings::{Comparison, MeasureEntry, Position, Spc};

use crate::Snapshot;
use crate::snapshot::as_at;
use crate::table::{Cell, Row};
use crate::words::{first_day, last_day};

/// The columns of one figure, in order.
pub(crate) const COLUMNS: [&str; 26] = [
    "force",
    "force_name",
    "area",
    "measure",
    "measure_title",
    "period_start",
    "period_end",
    "value",
    "lower",
    "upper",
    "numerator",
    "denominator",
    "denominator_year",
    "unit",
    "status",
    "signal",
    "usual_low",
    "usual_mean",
    "usual_high",
    "left_out",
    "bound_low",
    "bound_high",
    "known_issues",
    "source",
    "as_at",
    "version",
];

/// A signal's text form in files.
pub(crate) fn variation_id(variation: Variation) -> &'static str {
    match variation {
        Variation::CommonCause => "common-cause",
        Variation::Improvement => "improvement",
        Variation::Concern => "concern",
        Variation::NeitherHigh => "neither-high",
        Variation::NeitherLow => "neither-low",
    }
}

/// A place in the funnel's text form in files.
pub(crate) fn position_id(position: Position) -> &'static str {
    match position {
        Position::Lower => "lower",
        Position::Similar => "similar",
        Position::Higher => "higher",
    }
}

/// Every month of a series.
pub(crate) fn of_series(
    snapshot: &Snapshot,
    entry: &MeasureEntry,
    force: &Force,
    series: &Series,
    spc: &Spc,
) -> Vec<Row> {
    (0..series.readings.len())
        .map(|index| of_month(snapshot, entry, force, series, spc, index))
        .collect()
}

/// The last month of a series that has a figure, else its last month.
pub(crate) fn of_latest(
    snapshot: &Snapshot,
    entry: &MeasureEntry,
    force: &Force,
    series: &Series,
    spc: &Spc,
) -> Option<Row> {
    let index = series
        .readings
        .iter()
        .rposition(|r| r.status.has_value())
        .or(series.readings.len().checked_sub(1))?;
    Some(of_month(snapshot, entry, force, series, spc, index))
}

fn of_month(
    snapshot: &Snapshot,
    entry: &MeasureEntry,
    force: &Force,
    series: &Series,
    spc: &Spc,
    index: usize,
) -> Row {
    let reading = &series.readings[index];
    let mut row = of_reading(snapshot, entry, force, reading);
    let limits = spc
        .limits
        .iter()
        .find(|l| l.first <= reading.period && reading.period <= l.last);
    let signal = limits.filter(|_| reading.status.has_value()).map(|_| {
        let signal = spc.signals.get(index).copied().flatten();
        variation_id(signal.map_or(Variation::CommonCause, |s| s.variation))
    });
    row.extend([
        (
            "area",
            Cell::from(series.area.as_ref().map(ToString::to_string)),
        ),
        ("signal", signal.into()),
        ("usual_low", limits.map(|l| l.lower).into()),
        ("usual_mean", limits.map(|l| l.mean).into()),
        ("usual_high", limits.map(|l| l.upper).into()),
    ]);
    row
}

/// All forces in the month compared, by name, with their place in the funnel.
pub(crate) fn of_comparison(
    snapshot: &Snapshot,
    entry: &MeasureEntry,
    comparison: &Comparison,
) -> Vec<Row> {
    comparison
        .forces
        .iter()
        .filter_map(|figure| {
            let force = snapshot.catalogue.force(&figure.force)?;
            let mut row = of_reading(snapshot, entry, force, &figure.reading);
            row.push(("position", Cell::from(figure.position.map(position_id))));
            Some(row)
        })
        .collect()
}

/// What is known to be wrong with the records of the months of a reading.
fn known_issues(
    snapshot: &Snapshot,
    entry: &MeasureEntry,
    force: &Force,
    reading: &Reading,
) -> Option<String> {
    let generation = snapshot.catalogue.generation();
    let months = entry.measure.span(reading.period);
    let touching: Vec<&str> = generation
        .issues_of(entry, Some(&force.id), Some(months))
        .map(|i| i.text.as_str())
        .collect();
    (!touching.is_empty()).then(|| touching.join(" "))
}

fn of_reading(snapshot: &Snapshot, entry: &MeasureEntry, force: &Force, reading: &Reading) -> Row {
    let measure: &Measure = &entry.measure;
    let (first, last) = measure.span(reading.period);
    let sources: Vec<&str> = measure.sources.iter().map(SourceId::as_str).collect();
    vec![
        ("force", force.id.as_str().into()),
        ("force_name", force.name.as_str().into()),
        ("measure", measure.id.as_str().into()),
        ("measure_title", measure.title.as_str().into()),
        ("period_start", first_day(first).into()),
        ("period_end", last_day(last).into()),
        ("value", reading.value.into()),
        ("lower", reading.lower.into()),
        ("upper", reading.upper.into()),
        ("numerator", reading.numerator.into()),
        ("denominator", reading.denominator.into()),
        (
            "denominator_year",
            reading.denominator_year.map(f64::from).into(),
        ),
        ("unit", measure.unit.as_str().into()),
        ("status", reading.status.as_str().into()),
        ("left_out", reading.left_out.into()),
        ("bound_low", reading.bounds.map(|b| b.0).into()),
        ("bound_high", reading.bounds.map(|b| b.1).into()),
        (
            "known_issues",
            known_issues(snapshot, entry, force, reading).into(),
        ),
        ("source", sources.join(" ").into()),
        ("as_at", as_at(entry).into()),
        ("version", entry.version.as_str().into()),
    ]
}
