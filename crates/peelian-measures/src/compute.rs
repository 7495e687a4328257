//! From counted rows to series: every month in its place, ratios only ever
//! made from summed counts, and each figure with its interval.

use std::collections::{BTreeMap, BTreeSet};

use peelian_model::{AreaCode, ForceId, Kind, Measure, Month, Reading, Series, Status, Unit};
use peelian_readings::Covered;
use peelian_stats::comparison::interval;

use crate::MeasuresError;
use crate::definition::Definition;
use crate::records::{Counted, Records};

/// 95 per cent intervals throughout.
const CONFIDENCE: f64 = 0.95;

/// Computes every series of a measure for the forces that the records hold.
pub(crate) async fn compute(
    definition: &Definition,
    records: &Records,
) -> Result<Vec<Series>, MeasuresError> {
    let measure = &definition.measure;
    let rows = records.count(measure.id.as_str(), &definition.sql).await?;
    let mut by_force: BTreeMap<ForceId, Vec<Counted>> = BTreeMap::new();
    for row in rows {
        by_force.entry(row.force.clone()).or_default().push(row);
    }
    let table = leading_table(measure);
    let mut all = Vec::new();
    for (held_table, force) in records.held.keys() {
        if *held_table != table {
            continue;
        }
        let rows = by_force.remove(force).unwrap_or_default();
        let months = Months::of(records, &table, force);
        match measure.kind {
            Kind::Grouped => all.push(grouped(measure, force, &months, &rows)),
            Kind::Rate | Kind::Ratio => {
                all.extend(counted(measure, force, &months, &rows, records));
            }
        }
    }
    Ok(all)
}

/// The table whose months decide which readings exist.
pub(crate) fn leading_table(measure: &Measure) -> String {
    measure
        .sources
        .first()
        .and_then(peelian_archive::source)
        .map(|s| s.table.clone())
        .unwrap_or_default()
}

/// The months of a force from the first held to the last, with what each is.
struct Months {
    first: Option<Month>,
    statuses: Vec<Status>,
}

impl Months {
    fn of(records: &Records, table: &str, force: &ForceId) -> Self {
        let held = records.held.get(&(table.to_owned(), force.clone()));
        let ends = held.and_then(|h| Some((*h.first_key_value()?.0, *h.last_key_value()?.0)));
        let (Some(held), Some((first, last))) = (held, ends) else {
            return Self {
                first: None,
                statuses: Vec::new(),
            };
        };
        let statuses = Month::range(first, last)
            .map(|month| match held.get(&month) {
                Some(Covered::Complete) => Status::Ok,
                Some(Covered::Partial) => Status::Partial,
                Some(Covered::Provisional) => Status::Provisional,
                None if records
                    .issues
                    .iter()
                    .any(|i| i.not_supplied && i.touches(table, force, month)) =>
                {
                    Status::NotSupplied
                }
                None => Status::Missing,
            })
            .collect();
        Self {
            first: Some(first),
            statuses,
        }
    }

    fn iter(&self) -> impl Iterator<Item = (Month, Status)> + '_ {
        self.first.into_iter().flat_map(|first| {
            self.statuses
                .iter()
                .enumerate()
                .map(move |(i, s)| (first.plus(i as i32), *s))
        })
    }
}

/// What was counted in one place and month.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    numerator: f64,
    denominator: f64,
    left_out: Option<f64>,
}

impl Counts {
    fn add(&mut self, row: &Counted) {
        self.numerator += row.numerator;
        self.denominator += row.denominator.unwrap_or(0.0);
        if let Some(left_out) = row.left_out {
            *self.left_out.get_or_insert(0.0) += left_out;
        }
    }
}

/// The series of the force, which counts every row, and of each of its own
/// districts, which counts the rows whose LSOA lies in it.
fn counted(
    measure: &Measure,
    force: &ForceId,
    months: &Months,
    rows: &[Counted],
    records: &Records,
) -> Vec<Series> {
    let mut counts: BTreeMap<(Option<AreaCode>, Month), Counts> = BTreeMap::new();
    let own = |code: &AreaCode| {
        records
            .people
            .districts()
            .get(code)
            .is_some_and(|d| &d.force == force)
    };
    for row in rows {
        counts.entry((None, row.month)).or_default().add(row);
        if let Some(code) = row.area.as_ref().filter(|code| own(code)) {
            counts
                .entry((Some(code.clone()), row.month))
                .or_default()
                .add(row);
        }
    }
    let mut places: BTreeSet<Option<AreaCode>> = BTreeSet::from([None]);
    if measure.grain == "district" {
        let districts = records
            .people
            .districts()
            .values()
            .filter(|d| &d.force == force);
        places.extend(districts.map(|d| Some(d.code.clone())));
    }
    places
        .into_iter()
        .map(|place| {
            let reading = |(month, status): (Month, Status)| {
                if !status.has_value() {
                    return Reading::without_value(month, status);
                }
                // A month that is held and has no row is a true nought.
                let counts = counts
                    .get(&(place.clone(), month))
                    .copied()
                    .unwrap_or_default();
                match measure.kind {
                    Kind::Rate => {
                        let people = records.people.at(force, place.as_ref(), month);
                        rate(measure, month, status, counts, people)
                    }
                    _ => ratio(measure, month, status, counts),
                }
            };
            Series {
                measure: measure.id.clone(),
                force: force.clone(),
                area: place.clone(),
                readings: months.iter().map(reading).collect(),
            }
        })
        .collect()
}

/// Events per so many people, with Byar's interval (exact under 10 events).
fn rate(
    measure: &Measure,
    month: Month,
    status: Status,
    counts: Counts,
    people: Option<(f64, i32)>,
) -> Reading {
    let Some((people, year)) = people.filter(|(people, _)| *people > 0.0) else {
        return Reading::without_value(month, Status::Missing);
    };
    if counts.numerator < f64::from(measure.fewest) {
        return Reading::without_value(month, Status::TooFew);
    }
    let scale = scale(measure.unit);
    let interval = interval::rate(counts.numerator, people, scale, CONFIDENCE).ok();
    Reading {
        numerator: Some(counts.numerator),
        denominator: Some(people),
        value: Some(counts.numerator / people * scale),
        lower: interval.map(|i| i.lower),
        upper: interval.map(|i| i.upper),
        denominator_year: Some(year),
        ..Reading::without_value(month, status)
    }
}

/// One count out of another, with Wilson's interval.
fn ratio(measure: &Measure, month: Month, status: Status, counts: Counts) -> Reading {
    if counts.denominator <= 0.0 || counts.denominator < f64::from(measure.fewest) {
        return Reading::without_value(month, Status::TooFew);
    }
    let scale = scale(measure.unit);
    let interval = interval::wilson(counts.numerator, counts.denominator, CONFIDENCE).ok();
    Reading {
        numerator: Some(counts.numerator),
        denominator: Some(counts.denominator),
        value: Some(counts.numerator / counts.denominator * scale),
        lower: interval.map(|i| i.lower * scale),
        upper: interval.map(|i| i.upper * scale),
        left_out: counts.left_out.map(|n| n / (n + counts.denominator)),
        ..Reading::without_value(month, status)
    }
}

fn scale(unit: Unit) -> f64 {
    match unit {
        Unit::Per1000 => 1_000.0,
        Unit::Percent => 100.0,
        Unit::Ratio | Unit::Count => 1.0,
    }
}

/// The rate of one group against the rate of another over a run of months, all
/// of which must be held: a logarithmic interval for chance, and bounds for the
/// records whose group is not known (all of them in the one group or the other).
fn grouped(measure: &Measure, force: &ForceId, months: &Months, rows: &[Counted]) -> Series {
    let span = measure.months.max(1) as usize;
    let all: Vec<(Month, Status)> = months.iter().collect();
    let readings = all
        .iter()
        .enumerate()
        .map(|(i, &(month, status))| {
            if !status.has_value() {
                return Reading::without_value(month, status);
            }
            let window = (i + 1).checked_sub(span).map(|from| &all[from..=i]);
            let Some(window) = window.filter(|w| w.iter().all(|(_, s)| s.has_value())) else {
                return Reading::without_value(month, Status::Missing);
            };
            let holds = |status| window.iter().any(|(_, s)| *s == status);
            let status = [Status::Partial, Status::Provisional]
                .into_iter()
                .find(|s| holds(*s))
                .unwrap_or(Status::Ok);
            let from = window.first().map_or(month, |(m, _)| *m);
            compared(
                measure,
                month,
                status,
                rows.iter().filter(|r| (from..=month).contains(&r.month)),
            )
        })
        .collect();
    Series {
        measure: measure.id.clone(),
        force: force.clone(),
        area: None,
        readings,
    }
}

fn compared<'a>(
    measure: &Measure,
    month: Month,
    status: Status,
    rows: impl Iterator<Item = &'a Counted>,
) -> Reading {
    let Some(compare) = &measure.compare else {
        return Reading::without_value(month, Status::Missing);
    };
    let (mut group, mut reference) = ((0.0, None), (0.0, None));
    let (mut unknown, mut searched, mut year) = (0.0, 0.0, None);
    for row in rows {
        searched += row.numerator;
        let name = row.group.as_deref().unwrap_or_default();
        let side = if name == compare.group {
            &mut group
        } else if name == compare.reference {
            &mut reference
        } else {
            if name == compare.unknown {
                unknown += row.numerator;
            }
            continue;
        };
        side.0 += row.numerator;
        side.1 = row.denominator;
        year = row.denominator_year;
    }
    let fewest = f64::from(measure.fewest);
    if group.0 < fewest || reference.0 < fewest {
        return Reading::without_value(month, Status::TooFew);
    }
    let (Some(group_people), Some(reference_people)) = (group.1, reference.1) else {
        return Reading::without_value(month, Status::Missing);
    };
    let ratio = interval::rate_ratio(
        group.0,
        group_people,
        reference.0,
        reference_people,
        CONFIDENCE,
    );
    let Ok(interval::Estimate { value, interval }) = ratio else {
        return Reading::without_value(month, Status::TooFew);
    };
    let per_head = |events: f64, people: f64| events / people;
    Reading {
        numerator: Some(per_head(group.0, group_people) * 1_000.0),
        denominator: Some(per_head(reference.0, reference_people) * 1_000.0),
        value: Some(value),
        lower: Some(interval.lower),
        upper: Some(interval.upper),
        denominator_year: year,
        left_out: (searched > 0.0).then_some(unknown / searched),
        bounds: Some((
            per_head(group.0, group_people) / per_head(reference.0 + unknown, reference_people),
            per_head(group.0 + unknown, group_people) / per_head(reference.0, reference_people),
        )),
        ..Reading::without_value(month, status)
    }
}
