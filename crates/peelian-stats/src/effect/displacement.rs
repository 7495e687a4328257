//! Displacement and diffusion: did the problem go round the corner, or did the good spread?
//!
//! Counts before and after in the treated area (R), a buffer around it (D) and areas like them
//! where nothing was done (C). Three readings of the same counts:
//!
//! - Weighted displacement difference ([`difference`]): (ΔR − ΔC) + (ΔD − ΔC′), events by which
//!   treated area and buffer changed beyond their own controls, with its error under Poisson
//!   counts: the root of the sum of the eight counts. Counts from periods or areas of other sizes
//!   are divided by their weights. Source: Wheeler and Ratcliffe, *Crime Science* 7 (2018) 11.
//! - Weighted displacement quotient ([`quotient`]):
//!   (D₁/C₁ − D₀/C₀) ÷ (R₁/C₁ − R₀/C₀). Source: Bowers and Johnson, *Journal of Quantitative
//!   Criminology* 19 (2003) 275–301.
//! - Gross, net and total net effect ([`net_effects`]), from the same source.
//!
//! **How it can mislead.** The quotient divides by a difference of small ratios: where the treated
//! area hardly moved against its control it takes any value at all, and no sign of it has a
//! meaning where there was no success. Print it only beside the difference and its interval. A
//! Poisson error is too small where counts vary more than chance (repeat series, a busy month). All
//! of them believe that the control would have moved as the treated area, and that nothing moved
//! from the treated area into the control.

use crate::Unanswerable;
use crate::comparison::interval::Interval;
use crate::special::{normal_two_sided, normal_z};

/// Events in one area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// In the time before; 0 or more.
    pub before: f64,
    /// In the time after; 0 or more.
    pub after: f64,
}

impl Change {
    fn checked(self) -> Result<Self, Unanswerable> {
        if [self.before, self.after]
            .iter()
            .all(|count| count.is_finite() && *count >= 0.0)
        {
            Ok(self)
        } else {
            Err(Unanswerable::Invalid("counts must be finite and 0 or more"))
        }
    }

    fn empty(self) -> bool {
        self.before == 0.0 && self.after == 0.0
    }
}

/// An area where something happened (or may have spilled to) and one like it where nothing did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// The area itself.
    pub area: Change,
    /// Its control.
    pub control: Change,
    /// Size of the area, in any unit that all areas share (1 where counts compare as they are).
    pub area_weight: f64,
    /// Size of the control.
    pub control_weight: f64,
}

impl Pair {
    /// A pair whose counts compare as they are.
    pub fn new(area: Change, control: Change) -> Self {
        Self {
            area,
            control,
            area_weight: 1.0,
            control_weight: 1.0,
        }
    }
}

/// How a difference is judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Length of the time before, in any unit that both times share. Default 1.
    pub before_weight: f64,
    /// Length of the time after. Default 1.
    pub after_weight: f64,
    /// Confidence of the intervals. Default 0.95.
    pub confidence: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            before_weight: 1.0,
            after_weight: 1.0,
            confidence: 0.95,
        }
    }
}

/// Events (a unit of time and size) by which an area changed beyond its control.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Excess {
    /// Below 0: fewer than the control would have it.
    pub estimate: f64,
    /// Under Poisson counts; 0 where all counts are.
    pub standard_error: f64,
    /// estimate ± z · error.
    pub interval: Interval,
}

/// A weighted displacement difference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Treated area against its control.
    pub local: Excess,
    /// Buffer against its control; 0 without error where there is no buffer. Above 0: moved there.
    pub displaced: Excess,
    /// Both together: what the public as a whole got. Below 0: a gain.
    pub total: Excess,
    /// Total in standard errors; `None` where all counts are 0.
    pub z: Option<f64>,
    /// Two-sided by the normal distribution; 1 where all counts are 0. Too small below some five
    /// events a cell.
    pub p_value: f64,
}

/// The weighted displacement difference of a treated area and, if there is one, a buffer, each
/// with a control of its own.
///
/// Counts must be finite and 0 or more, weights finite and above 0. One control may serve both
/// pairs, at the cost of an error that is a little too small, since its counts are taken as two.
pub fn difference(
    treated: &Pair,
    buffer: Option<&Pair>,
    settings: &Settings,
) -> Result<Difference, Unanswerable> {
    let z = normal_z(settings.confidence).ok_or(Unanswerable::Invalid(
        "confidence must lie between 0 and 1, ends excluded",
    ))?;
    let (local, local_variance) = excess(treated, settings)?;
    let (displaced, displaced_variance) = match buffer {
        Some(buffer) => excess(buffer, settings)?,
        None => (0.0, 0.0),
    };
    let with_error = |estimate: f64, variance: f64| {
        let standard_error = variance.sqrt();
        let interval = Interval {
            lower: estimate - z * standard_error,
            upper: estimate + z * standard_error,
        };
        Excess {
            estimate,
            standard_error,
            interval,
        }
    };
    let total = with_error(local + displaced, local_variance + displaced_variance);
    if !(total.interval.lower.is_finite() && total.interval.upper.is_finite()) {
        return Err(Unanswerable::Overflow);
    }
    let score = (total.standard_error > 0.0).then(|| total.estimate / total.standard_error);
    Ok(Difference {
        local: with_error(local, local_variance),
        displaced: with_error(displaced, displaced_variance),
        total,
        z: score,
        p_value: score.map_or(1.0, normal_two_sided),
    })
}

/// Change of a pair beyond its control, and its variance.
fn excess(pair: &Pair, settings: &Settings) -> Result<(f64, f64), Unanswerable> {
    let (before, after) = (settings.before_weight, settings.after_weight);
    let weights = [before, after, pair.area_weight, pair.control_weight];
    if !weights.iter().all(|w| w.is_finite() && *w > 0.0) {
        return Err(Unanswerable::Invalid("weights must be finite and above 0"));
    }
    let change = |counts: Change, size: f64| {
        let counts = counts.checked()?;
        let estimate = (counts.after / after - counts.before / before) / size;
        let variance =
            (counts.after / (after * after) + counts.before / (before * before)) / (size * size);
        Ok((estimate, variance))
    };
    let (area, area_variance) = change(pair.area, pair.area_weight)?;
    let (control, control_variance) = change(pair.control, pair.control_weight)?;
    Ok((area - control, area_variance + control_variance))
}

/// What a quotient may be read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reading {
    /// The treated area did no better than its control: the quotient has no meaning, whatever its
    /// value.
    NoSuccess,
    /// There is no buffer, or nothing ever happened in it.
    NoBuffer,
    /// Above 1: the buffer gained more than the treated area.
    DiffusionBeyondEffect,
    /// Above 0, up to 1: the gain spread.
    Diffusion,
    /// Exactly 0: the buffer moved as its control.
    Neither,
    /// From 0 down to, not including, −1: part of the gain moved next door.
    PartDisplaced,
    /// −1 and below: all of the gain moved next door, or more.
    AllDisplaced,
}

/// A weighted displacement quotient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quotient {
    /// R₁/C₁ − R₀/C₀; below 0 is success.
    pub success: f64,
    /// Where success may lie with counts as Poisson. If 0 is inside, the quotient is noise.
    pub success_interval: Interval,
    /// D₁/C₁ − D₀/C₀; `None` without a buffer in which anything happened.
    pub buffer: Option<f64>,
    /// Buffer ÷ success as arithmetic has it, to be printed only where `reading` allows; `None`
    /// without a buffer or with a success of exactly 0.
    pub quotient: Option<f64>,
    /// What it may be read as.
    pub reading: Reading,
}

/// The weighted displacement quotient; `buffer` is `None` where there is none, and one in which
/// nothing happened before or after counts as none.
///
/// The control serves both. It needs an event before and after, or there is nothing to divide by.
pub fn quotient(
    treated: Change,
    buffer: Option<Change>,
    control: Change,
    confidence: f64,
) -> Result<Quotient, Unanswerable> {
    let z = normal_z(confidence).ok_or(Unanswerable::Invalid(
        "confidence must lie between 0 and 1, ends excluded",
    ))?;
    let (treated, control) = (treated.checked()?, divisor(control)?);
    let buffer = buffer
        .map(Change::checked)
        .transpose()?
        .filter(|b| !b.empty());
    let success = ratio_change(treated, control);
    // Without division, whole counts give a quotient of exactly 1 or −1 where it is one.
    let crossed = |area: Change| area.after * control.before - area.before * control.after;
    let quotient = buffer
        .map(|buffer| crossed(buffer) / crossed(treated))
        .filter(|_| crossed(treated) != 0.0);
    let buffer = buffer.map(|buffer| ratio_change(buffer, control));
    // Of a ratio of two Poisson counts, to first order: r/c² + r²/c³.
    let variance = |r: f64, c: f64| r / (c * c) + r * r / (c * c * c);
    let reach = z
        * (variance(treated.after, control.after) + variance(treated.before, control.before))
            .sqrt();
    let figures = [
        success,
        reach,
        buffer.unwrap_or(0.0),
        quotient.unwrap_or(0.0),
    ];
    if !figures.iter().all(|figure| figure.is_finite()) {
        return Err(Unanswerable::Overflow);
    }
    Ok(Quotient {
        success,
        success_interval: Interval {
            lower: success - reach,
            upper: success + reach,
        },
        buffer,
        quotient,
        reading: reading(success, quotient),
    })
}

fn reading(success: f64, quotient: Option<f64>) -> Reading {
    match quotient {
        _ if success >= 0.0 => Reading::NoSuccess,
        None => Reading::NoBuffer,
        Some(q) if q > 1.0 => Reading::DiffusionBeyondEffect,
        Some(q) if q > 0.0 => Reading::Diffusion,
        Some(q) if q <= -1.0 => Reading::AllDisplaced,
        Some(q) if q < 0.0 => Reading::PartDisplaced,
        Some(_) => Reading::Neither,
    }
}

fn divisor(control: Change) -> Result<Change, Unanswerable> {
    let control = control.checked()?;
    let least = control.before.min(control.after);
    if least > 0.0 {
        Ok(control)
    } else {
        Err(Unanswerable::TooFew {
            what: "events in the control before and after",
            have: 0,
            need: 1,
        })
    }
}

fn ratio_change(area: Change, control: Change) -> f64 {
    area.after / control.after - area.before / control.before
}

/// What was gained, first as counted, then against the control.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetEffects {
    /// R₀ − R₁: fewer events in the treated area, the control left aside.
    pub gross: f64,
    /// R₀/C₀ − R₁/C₁: above 0 is a gain.
    pub net: f64,
    /// (R₀·C₁/C₀ − R₁) + (D₀·C₁/C₀ − D₁): events fewer than if treated area and buffer had moved
    /// as the control; the first part alone without a buffer.
    pub total_net: f64,
}

/// Gross, net and total net effect. The control needs an event before and after.
pub fn net_effects(
    treated: Change,
    buffer: Option<Change>,
    control: Change,
) -> Result<NetEffects, Unanswerable> {
    let (treated, control) = (treated.checked()?, divisor(control)?);
    let nothing = Change {
        before: 0.0,
        after: 0.0,
    };
    let buffer = buffer.map_or(Ok(nothing), Change::checked)?;
    let fewer = |area: Change| area.before * (control.after / control.before) - area.after;
    let effects = NetEffects {
        gross: treated.before - treated.after,
        net: -ratio_change(treated, control),
        total_net: fewer(treated) + fewer(buffer),
    };
    if effects.net.is_finite() && effects.total_net.is_finite() {
        Ok(effects)
    } else {
        Err(Unanswerable::Overflow)
    }
}
