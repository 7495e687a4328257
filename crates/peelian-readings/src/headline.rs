//! Sentences made from signals by published rule, so that words cannot
//! contradict numbers. The rules are listed in `docs/methods/headlines.md`.

use peelian_model::{Kind, Measure, Reading, Rule, Series, Signal, Status, Unit};

use peelian_stats::spc::xmr::Settings;

use crate::comparison::{Comparison, Position};
use crate::spc::{Assurance, Limits, Spc, is_comparable};

/// What a series says, in one or two sentences. Always names its period.
pub fn headline(measure: &Measure, series: &Series, spc: &Spc) -> String {
    let Some(index) = series.readings.iter().rposition(|r| r.status.has_value()) else {
        return match series.readings.last() {
            None => "There is no figure to show: no records are held.".to_owned(),
            Some(last) if last.status == Status::Missing => format!(
                "There is no figure to show for {}: the records, or what they are counted \
                 against, are not held.",
                last.period.long()
            ),
            Some(last) => format!(
                "There is no figure to show for {}: {}.",
                last.period.long(),
                last.status.words()
            ),
        };
    };
    let latest = &series.readings[index];
    let (Some(value), Some(limits)) = (latest.value, spc.current()) else {
        return plain(measure, latest);
    };
    if !is_comparable(latest) {
        return format!(
            "{} in {}, but {} leave the field blank: nothing can be said of change.",
            measure.unit.format(value),
            latest.period.long(),
            blanks(latest)
        );
    }
    if limits.trial {
        return format!(
            "Too early to say whether anything has changed: {} of data, 12 needed for firm limits.",
            months(limits.n)
        );
    }
    match spc.signals.get(index).copied().flatten() {
        None => format!(
            "No clear change. {} is within the usual range ({}).",
            latest.period.long(),
            range(measure.unit, limits)
        ),
        Some(signal) => special(measure, series, index, value, limits, signal),
    }
}

fn special(
    measure: &Measure,
    series: &Series,
    index: usize,
    value: f64,
    limits: &Limits,
    signal: Signal,
) -> String {
    let month = series.readings[index].period.long();
    let side = run(series, index, limits.mean, value > limits.mean);
    // A long run tells more than where two points of it lie.
    let rule = match signal.rule {
        Rule::TwoInThree if side >= Settings::default().shift => Rule::Shift,
        rule => rule,
    };
    let what = match (rule, signal.high) {
        (Rule::OutsideLimits, high) => format!(
            "{} than expected in {month}: outside the usual range ({}).",
            if high { "Higher" } else { "Lower" },
            range(measure.unit, limits)
        ),
        (Rule::Trend, high) => format!(
            "{} for {} running, to {month}.",
            if high { "Rising" } else { "Falling" },
            months(steps(series, index, high) + 1)
        ),
        (Rule::TwoInThree, high) => format!(
            "Close to the {} end of the usual range ({}) in two of the three months to {month}.",
            if high { "upper" } else { "lower" },
            range(measure.unit, limits)
        ),
        (Rule::Shift, high) => format!(
            "{} than expected for {} running, to {month}.",
            if high { "Higher" } else { "Lower" },
            months(side)
        ),
    };
    let so = match (measure.recorded, measure.kind, signal.high) {
        (true, Kind::Rate, true) => {
            "More recording can raise this figure as well as more crime, see the notes."
        }
        (true, Kind::Rate, false) => {
            "Less recording can lower this figure as well as less crime, see the notes."
        }
        (true, _, _) => {
            "A change in what is recorded or closed moves this share too, see the notes."
        }
        _ => "Something has changed; the chart does not say what.",
    };
    format!("{what} {so}")
}

/// The figure itself, where no chart can be drawn.
fn plain(measure: &Measure, latest: &Reading) -> String {
    let value = latest
        .value
        .map_or_else(String::new, |v| measure.unit.format(v));
    let span = if measure.months > 1 {
        format!("the {} months to {}", measure.months, latest.period.long())
    } else {
        latest.period.long()
    };
    match latest.lower.zip(latest.upper) {
        Some((l, u)) => format!(
            "{value} in {span} (between {} and {}).",
            measure.unit.format(l),
            measure.unit.format(u)
        ),
        None => format!("{value} in {span}."),
    }
}

/// How a force stands against the others, in one sentence.
pub fn comparison_sentence(
    measure: &Measure,
    comparison: &Comparison,
    force: &peelian_model::ForceId,
) -> Option<String> {
    let figure = comparison.of(force)?;
    let when = comparison.period.long();
    let (Some(value), Some(lower), Some(upper)) = (
        figure.reading.value,
        figure.reading.lower,
        figure.reading.upper,
    ) else {
        return Some(format!(
            "No comparison for {when}: {}.",
            figure.reading.status.words()
        ));
    };
    if !is_comparable(&figure.reading) {
        return Some(format!(
            "Not compared in {when}: {} leave the field blank.",
            blanks(&figure.reading)
        ));
    }
    let unit = measure.unit;
    let numbers = format!(
        "{} against {} over all {} forces; 95% interval {} to {}",
        unit.format(value),
        unit.format(comparison.overall),
        comparison.compared(),
        unit.format(lower),
        unit.format(upper)
    );
    Some(match figure.position? {
        Position::Similar => format!(
            "Similar to other forces in {when}: the difference could be chance or the ordinary \
             difference between forces ({numbers})."
        ),
        Position::Lower => format!("Lower than other forces in {when} ({numbers})."),
        Position::Higher => format!("Higher than other forces in {when} ({numbers})."),
    })
}

/// What reaching the standard would take, in one sentence; none without a standard.
pub fn what_would_have_to_happen(measure: &Measure, series: &Series, spc: &Spc) -> Option<String> {
    let latest = series.latest()?;
    let standard = measure.standard(latest.period)?;
    let target = measure.unit.format(standard.value);
    Some(match spc.assurance? {
        Assurance::ConsistentlyPasses => format!(
            "The standard of {target} ({}) will go on being met unless something changes.",
            standard.authority
        ),
        Assurance::ConsistentlyFails => format!(
            "The standard of {target} ({}) will go on being missed unless something changes.",
            standard.authority
        ),
        Assurance::HitAndMiss => format!(
            "The standard of {target} ({}) is met in some months and missed in others by chance \
             alone; expect that to go on.",
            standard.authority
        ),
    })
}

/// “75% of the records”.
fn blanks(reading: &Reading) -> String {
    let share = reading.left_out.unwrap_or(0.0) * 100.0;
    format!("{} of the records", Unit::Percent.format(share))
}

fn range(unit: Unit, limits: &Limits) -> String {
    format!(
        "{} to {}",
        unit.format(limits.lower),
        unit.format(limits.upper)
    )
}

fn months(n: usize) -> String {
    if n == 1 {
        "1 month".to_owned()
    } else {
        format!("{n} months")
    }
}

/// How many months up to `index` lie on the same side of the mean, unbroken.
fn run(series: &Series, index: usize, mean: f64, above: bool) -> usize {
    series.readings[..=index]
        .iter()
        .rev()
        .take_while(|r| {
            r.status.has_value()
                && r.value
                    .is_some_and(|v| if above { v > mean } else { v < mean })
        })
        .count()
}

/// How many steps up to `index` go the same way, unbroken.
fn steps(series: &Series, index: usize, rising: bool) -> usize {
    series.readings[..=index]
        .windows(2)
        .rev()
        .take_while(|w| match (w[0].value, w[1].value) {
            (Some(a), Some(b)) => (b > a) == rising && a != b,
            _ => false,
        })
        .count()
}
