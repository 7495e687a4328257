//! What a signal means: better, worse, or only higher or lower; and whether a target will be met.
//!
//! Turns the special causes and limits of a chart into the two icons of NHS England's *Making Data
//! Count*. Where nobody can say whether more is better (recorded events rise when people trust the
//! recorder), the figure is neutral: a signal is high or low and nothing more.
//!
//! **How it can mislead.** "Improvement" is what the polarity says, so a wrong polarity turns every
//! icon. An icon speaks of the latest point alone.

use crate::spc::xmr::{self, Assurance, Limits, SpecialCause};

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Polarity {
    /// Higher is better.
    HigherIsBetter,
    /// Lower is better.
    LowerIsBetter,
    /// Neither, or nobody knows.
    Neutral,
}

/// What a point says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signal {
    /// Nothing but the usual variation.
    CommonCause,
    /// A special cause towards the better.
    Improvement,
    /// A special cause towards the worse.
    Concern,
    /// A special cause upwards, of a figure without better or worse.
    NeutralHigh,
    /// A special cause downwards, of a figure without better or worse.
    NeutralLow,
}

/// What the special cause of a point (`None` for common cause) says under a polarity.
pub fn variation(special: Option<SpecialCause>, polarity: Polarity) -> Signal {
    match (special.map(|special| special.high), polarity) {
        (None, _) => Signal::CommonCause,
        (Some(true), Polarity::Neutral) => Signal::NeutralHigh,
        (Some(false), Polarity::Neutral) => Signal::NeutralLow,
        (Some(true), Polarity::HigherIsBetter) | (Some(false), Polarity::LowerIsBetter) => {
            Signal::Improvement
        }
        (Some(true), Polarity::LowerIsBetter) | (Some(false), Polarity::HigherIsBetter) => {
            Signal::Concern
        }
    }
}

/// Whether the target, in the unit of the values, will be met while the process stays as it is:
/// [`xmr::assurance`] of the limits now in force. `None` for a neutral figure, without a finite
/// target and without limits.
pub fn assurance(limits: &Limits, target: Option<f64>, polarity: Polarity) -> Option<Assurance> {
    let target = target.filter(|target| target.is_finite() && limits.known())?;
    match polarity {
        Polarity::Neutral => None,
        _ => Some(xmr::assurance(
            limits,
            target,
            polarity == Polarity::HigherIsBetter,
        )),
    }
}
