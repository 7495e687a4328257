//! The SPC chart told: description, notes and table.

use peelian_model::{Reading, Variation};

use super::SpcLimits;
use super::view::{Gap, Slot, View};
use crate::drawing::{Key, Note};
use crate::mark::Mark;
use crate::number::{cell_text, drawable, value_text};
use crate::table::{Cell, Column, NOTHING, Table};
use crate::words::{capital, counted, heading, list, span};

/// Months of data that limits need before they are firm.
const FIRM: usize = 12;
/// How many spells a sentence names before it counts the rest.
const NAMED: usize = 4;

/// First, last, highest, lowest, limits, signals, gaps.
pub(super) fn description(view: &View) -> String {
    let mut said: Vec<String> = Vec::new();
    if view.frame.synthetic {
        said.push("Synthetic data.".to_owned());
    }
    match extremes(view) {
        None => said.push(view.emptiness()),
        Some(sentences) => {
            said.extend(sentences);
            said.extend(
                view.limits
                    .iter()
                    .rev()
                    .take(3)
                    .rev()
                    .map(|l| limits_sentence(view, l)),
            );
            said.extend(view.target.map(|t| {
                format!(
                    "{}: {}.",
                    capital(&t.label),
                    value_text(view.frame.unit, t.value)
                )
            }));
            said.extend(signal_sentences(view));
            said.extend(gap_sentence(view));
        }
    }
    for (i, flag) in view.flags.iter().enumerate() {
        said.push(format!(
            "Mark {} at {}: {}",
            i + 1,
            flag.month.long(),
            stopped(&flag.reason)
        ));
    }
    said.join(" ")
}

fn extremes(view: &View) -> Option<Vec<String>> {
    let unit = view.frame.unit;
    let told = |(slot, value): (&Slot, f64)| {
        let aside = if slot.is_hollow() {
            format!(", {}", slot.status().words())
        } else {
            String::new()
        };
        format!("{} ({}{aside})", value_text(unit, value), slot.month.long())
    };
    let first = view.drawn().next()?;
    let last = view.last_drawn()?;
    let (from, to) = (view.slots.first()?.month, view.slots.last()?.month);
    let mut said = vec![format!("Monthly figures, {}.", span(from, to))];
    if view.drawn().count() == 1 {
        said.push(format!("The only figure is {}.", told(first)));
        return Some(said);
    }
    let highest = view.drawn().reduce(|a, b| if b.1 > a.1 { b } else { a })?;
    let lowest = view.drawn().reduce(|a, b| if b.1 < a.1 { b } else { a })?;
    said.push(format!("First {}; last {}.", told(first), told(last)));
    said.push(if highest.1 == lowest.1 {
        "Every figure is the same.".to_owned()
    } else {
        format!("Highest {}; lowest {}.", told(highest), told(lowest))
    });
    Some(said)
}

fn limits_sentence(view: &View, limits: &SpcLimits) -> String {
    let text = |v| value_text(view.frame.unit, v);
    format!(
        "{}: mean {}, {}usual range {} to {}.",
        span(limits.first, limits.last),
        text(limits.mean),
        if limits.trial { "trial limits, " } else { "" },
        text(limits.lower),
        text(limits.upper),
    )
}

/// One sentence for each kind of signal, or that there is none.
fn signal_sentences(view: &View) -> Vec<String> {
    let kinds = signal_kinds(view);
    if kinds.is_empty() && !view.limits.is_empty() {
        return vec!["No signal: where there are limits, every figure varies as usual.".to_owned()];
    }
    kinds.into_iter().map(|(_, text)| text).collect()
}

/// Each kind of signal present, with when and by which rules.
fn signal_kinds(view: &View) -> Vec<(Mark, String)> {
    let spells = view.spells();
    [
        Variation::Improvement,
        Variation::Concern,
        Variation::NeitherHigh,
        Variation::NeitherLow,
    ]
    .into_iter()
    .filter_map(|kind| {
        let told: Vec<String> = spells
            .iter()
            .filter(|s| s.variation == kind)
            .map(|s| format!("{} ({})", span(s.first, s.last), s.rules.join("; ")))
            .collect();
        let text = format!("{}: {}.", capital(kind.words()), list(&told, NAMED));
        (!told.is_empty()).then(|| (Mark::of(kind), text))
    })
    .collect()
}

fn gap_sentence(view: &View) -> Option<String> {
    let gaps = view.gaps();
    let (mut reasons, mut months) = (Vec::new(), 0);
    for gap in &gaps {
        months += gap.last.since(gap.first) + 1;
        if !reasons.contains(&gap.why) {
            reasons.push(gap.why);
        }
    }
    let told: Vec<String> = reasons
        .into_iter()
        .map(|why| {
            let spans: Vec<String> = gaps
                .iter()
                .filter(|g| g.why == why)
                .map(|g: &Gap| span(g.first, g.last))
                .collect();
            format!("{why} {}", list(&spans, NAMED))
        })
        .collect();
    (!told.is_empty()).then(|| {
        format!(
            "No figure in {} of {}: {}.",
            months,
            counted(view.slots.len(), "month", "months"),
            told.join("; ")
        )
    })
}

/// What stands under the drawing: flags by number, then the marks and shades.
pub(super) fn notes(view: &View) -> Vec<Note> {
    let mut notes: Vec<Note> = Vec::new();
    for (i, flag) in view.flags.iter().enumerate() {
        let text = format!("{}: {}", flag.month.long(), stopped(&flag.reason));
        notes.push(Note::keyed(Key::Flag(i + 1), text));
    }
    for flag in &view.flags_outside {
        let text = format!(
            "{}, outside the months drawn: {}",
            flag.month.long(),
            stopped(&flag.reason)
        );
        notes.push(Note::plain(text));
    }
    if view.last_drawn().is_none() {
        return notes;
    }
    for (mark, text) in signal_kinds(view) {
        notes.push(Note::keyed(Key::Mark(mark), text));
    }
    notes.extend(trial_note(view).map(Note::plain));
    notes.extend(hollow_note(view).map(Note::plain));
    if let Some(text) = gap_sentence(view) {
        notes.push(Note::plain(format!(
            "Hatched: {}",
            text.replacen("No", "no", 1)
        )));
    }
    if view.limits.is_empty() {
        notes.push(Note::plain(
            "No usual range is drawn: none was worked out for these months.",
        ));
    }
    if let Some(target) = view.target {
        let value = value_text(view.frame.unit, target.value);
        notes.push(Note::plain(format!(
            "Long dashes: {}, {value}.",
            target.label
        )));
    }
    notes
}

fn trial_note(view: &View) -> Option<String> {
    let trial = view.limits.iter().rev().find(|l| l.trial)?;
    let months = view.months_behind(trial);
    Some(if months < FIRM {
        let months = counted(months, "month", "months");
        format!("Trial limits: {months} of data, {FIRM} needed.")
    } else {
        "Trial limits: they may move as months are added.".to_owned()
    })
}

fn hollow_note(view: &View) -> Option<String> {
    let mut kinds: Vec<&str> = Vec::new();
    for (slot, _) in view.drawn().filter(|(s, _)| s.is_hollow()) {
        if !kinds.contains(&slot.status().words()) {
            kinds.push(slot.status().words());
        }
    }
    (!kinds.is_empty()).then(|| {
        format!(
            "Hollow points: {} figures, which may change.",
            kinds.join(" or ")
        )
    })
}

/// The text with a full stop.
fn stopped(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// Every month, with its figure or why there is none.
pub(super) fn table(view: &View) -> Table {
    let unit = view.frame.unit;
    let columns = vec![
        Column::words("Month"),
        Column::number(heading("Value", unit)),
        Column::number("Numerator"),
        Column::number("Denominator"),
        Column::number("95% interval, lower"),
        Column::number("95% interval, upper"),
        Column::number("Mean"),
        Column::number("Lower limit"),
        Column::number("Upper limit"),
        Column::words("Signal"),
        Column::words("Status"),
    ];
    let rows = view.slots.iter().map(|slot| row(view, slot)).collect();
    Table {
        caption: view.frame.subtitle.clone(),
        columns,
        rows,
    }
}

fn row(view: &View, slot: &Slot) -> Vec<Cell> {
    let unit = view.frame.unit;
    let limits = view.limits_in(slot.month);
    let cell =
        |v: Option<f64>| drawable(v).map_or_else(|| NOTHING.to_owned(), |v| cell_text(unit, v));
    let counted = |pick: fn(&Reading) -> Option<f64>| {
        let reading = slot.reading.filter(|_| slot.value.is_some());
        drawable(reading.and_then(pick)).map_or_else(|| NOTHING.to_owned(), count_text)
    };
    let interval = |pick: fn(&Reading) -> Option<f64>| {
        cell(slot.reading.filter(|_| slot.value.is_some()).and_then(pick))
    };
    vec![
        slot.month.long(),
        slot.value
            .map_or_else(|| slot.why().to_owned(), |v| cell_text(unit, v)),
        counted(|r| r.numerator),
        counted(|r| r.denominator),
        interval(|r| r.lower),
        interval(|r| r.upper),
        cell(limits.map(|l| l.mean)),
        cell(limits.map(|l| l.lower)),
        cell(limits.map(|l| l.upper)),
        signal_cell(view, slot),
        if slot.value.is_some() {
            slot.status().words()
        } else {
            slot.why()
        }
        .to_owned(),
    ]
}

/// Numerators are whole counts, but may be rates where two are compared.
fn count_text(value: f64) -> String {
    if value.fract() == 0.0 {
        peelian_model::Unit::Count.format(value)
    } else {
        format!("{value:.2}")
    }
}

fn signal_cell(view: &View, slot: &Slot) -> String {
    match slot
        .signal
        .filter(|s| s.variation != Variation::CommonCause)
    {
        Some(signal) => format!("{}: {}", signal.variation.words(), signal.rule.words()),
        None if slot.value.is_some() && view.limits_in(slot.month).is_some() => {
            Variation::CommonCause.words().to_owned()
        }
        None => NOTHING.to_owned(),
    }
}
