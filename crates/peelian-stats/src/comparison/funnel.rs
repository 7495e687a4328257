//! Funnel plot: units compared with their common level, without ranking them.
//!
//! Answers "is this unit different from the others by more than chance and the usual differences
//! between units?". Each value is put on a scale where its standard error depends on its size
//! alone ([`Kind`](crate::comparison::funnel::Kind)); the spread of the resulting scores beyond chance (φ, τ²) then widens the
//! limits. Sources: Spiegelhalter, *Statistics in Medicine* 24 (2005) 1185–1202 (funnel plots),
//! and *Quality and Safety in Health Care* 14 (2005) 347–351 (overdispersion).
//!
//! **How it can mislead.** Outside the limits means worth a look, not bad: case-mix, recording and
//! the base come first. With few units φ and τ² are rough. Adjusted limits hide a problem that all
//! units share. Unadjusted limits on large bases put nearly every unit outside.

mod overdispersion;
mod scale;

use crate::Unanswerable;
use crate::comparison::interval::Interval;
use overdispersion::Dispersion;
use scale::{Scale, Score};

/// Standard errors to the 95 % limits.
pub const Z95: f64 = 1.959_963_984_540_054;
/// Standard errors to the 99.8 % limits.
pub const Z998: f64 = 3.090_232_306_167_813_5;

/// What one unit (an area, a hospital) reports.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// Events counted.
    pub numerator: f64,
    /// Cases, base, expected events or second count, by [`Kind`].
    pub denominator: f64,
}

/// What kind of figure is compared, which fixes the scale and its standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Events out of cases. y = asin√(r/n), s = 1/2√n, target Σr/Σn.
    Proportion,
    /// Events per base. With target θ = ΣO/Σbase and E = θ·base: y = √(O/E), s = 1/2√E (the Care
    /// Quality Commission's square-root form). Values and limits are events per unit of base.
    Rate,
    /// Observed against expected events given as denominator: y = √(O/E), s = 1/2√E, target 1.
    StandardisedRatio,
    /// The same on the log scale, as for the hospital mortality indicator: y = ln(O/E), s = 1/√E,
    /// target 1. A unit with nothing observed has no logarithm and scores minus infinity; it must
    /// fall to the trimming, or there is no funnel. Prefer [`Kind::StandardisedRatio`].
    LogStandardisedRatio,
    /// One count over another, both random. y = ln((a+½)/(b+½)), s² = a/(a+½)² + b/(b+½)², target
    /// Σa/Σb.
    RatioOfCounts,
}

/// What is done with extreme scores before the overdispersion is measured, so that the units to be
/// found do not hide themselves. The fraction is of units at each end, at most 0.5; 0 or less, or
/// not a number, trims nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trimming {
    /// Use all scores as they are.
    None,
    /// Pull scores beyond the quantiles in to them.
    Winsorised(f64),
    /// Leave out the first and last group, of 1/fraction groups by rank (NHS Digital's form).
    Truncated(f64),
}

/// How limits allow for differences between units that are usual and not chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Overdispersion {
    /// Not at all: s.
    None,
    /// Random effects: √(s² + τ²). Large units cannot buy their way into razor-thin limits.
    Additive,
    /// s·√φ, never narrower than s.
    Multiplicative,
}

/// How limits get from the scale back to values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LimitStyle {
    /// Through the inverse of the scale, kept within what the value can be. Correct; the default.
    BackTransformed,
    /// As FunnelPlotR 0.5.0 draws them, for comparison with charts made by it. Its known faults
    /// are listed in `docs/methods/deviations.md`: square-root limits not squared again and able
    /// to lie below 0, another standard error for ratios of counts, exact Poisson limits for
    /// standardised ratios where overdispersion is off.
    FunnelPlotR,
}

/// How a funnel is made. Default: winsorised at 10 %, additive, back-transformed, unrounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Trimming before φ is measured.
    pub trimming: Trimming,
    /// Form of the allowance in the limits.
    pub overdispersion: Overdispersion,
    /// Form of the limits.
    pub limits: LimitStyle,
    /// Round expected events to two decimals for the scores and limits, as FunnelPlotR does for
    /// the mortality indicator. No effect on the other kinds.
    pub round_expected: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            trimming: Trimming::Winsorised(0.1),
            overdispersion: Overdispersion::Additive,
            limits: LimitStyle::BackTransformed,
            round_expected: false,
        }
    }
}

impl Settings {
    /// The denominator that sets a unit's standard error.
    fn size(&self, kind: Kind, denominator: f64) -> f64 {
        let expected = matches!(kind, Kind::StandardisedRatio | Kind::LogStandardisedRatio);
        if !(self.round_expected && expected) {
            return denominator;
        }
        to_two_decimals(denominator)
    }
}

/// The nearer of the two neighbours with two decimals, judged by the differences as a double holds
/// them, the even one where those are equal: the rule of R since its version 4.
fn to_two_decimals(value: f64) -> f64 {
    let hundreds = value * 100.0;
    let (low, high) = (hundreds.floor() / 100.0, hundreds.ceil() / 100.0);
    let (down, up) = (value - low, high - value);
    let even = hundreds.floor() % 2.0 == 0.0;
    if !hundreds.is_finite() {
        value
    } else if down < up || (down == up && even) {
        low
    } else {
        high
    }
}

/// Where a value stands against the 95 % and 99.8 % limits drawn for its denominator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Position {
    /// Below the lower 99.8 % limit.
    Below998,
    /// Below the lower 95 % limit and no further.
    Below95,
    /// Within the 95 % limits or on one.
    Within,
    /// Above the upper 95 % limit and no further.
    Above95,
    /// Above the upper 99.8 % limit.
    Above998,
}

impl Position {
    pub(crate) fn of(value: f64, inner: Interval, outer: Interval) -> Self {
        if value < outer.lower {
            Self::Below998
        } else if value > outer.upper {
            Self::Above998
        } else if value < inner.lower {
            Self::Below95
        } else if value > inner.upper {
            Self::Above95
        } else {
            Self::Within
        }
    }

    pub(crate) fn mirrored(self) -> Self {
        match self {
            Self::Below998 => Self::Above998,
            Self::Below95 => Self::Above95,
            Self::Within => Self::Within,
            Self::Above95 => Self::Below95,
            Self::Above998 => Self::Below998,
        }
    }
}

/// One usable unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FunnelPoint {
    /// Its index in the slice given.
    pub unit: usize,
    /// Numerator ÷ denominator.
    pub value: f64,
    /// The denominator that its limits are for: as given, or rounded where that was asked for.
    pub denominator: f64,
    /// Distance from the target in standard errors, with the allowance for overdispersion.
    pub z: f64,
    /// The same with no allowance, from chance alone.
    pub unadjusted_z: f64,
    /// What φ was measured from: `unadjusted_z`, or what trimming made of it; `None` where
    /// truncation left the unit out.
    pub trimmed_z: Option<f64>,
    /// Its place against the limits.
    pub position: Position,
}

/// A funnel plot. Limits for drawing come from [`Funnel::limits_at`].
#[derive(Clone, Debug, PartialEq)]
pub struct Funnel {
    /// The centre line, in the unit of the values.
    pub target: f64,
    /// φ, the mean square of the trimmed scores: 1 where units differ by chance alone.
    pub phi: f64,
    /// τ², the variance between units on the scale of the [`Kind`]; 0 where chance explains all.
    pub tau2: f64,
    /// Units differ by more than chance (kφ > k − 1 for k units), whether or not the limits allow
    /// for it.
    pub overdispersed: bool,
    /// The usable units, in the order given.
    pub points: Vec<FunnelPoint>,
    /// What kind of figure this is.
    pub kind: Kind,
    /// How it was made.
    pub settings: Settings,
}

/// Compare `units` with their common level.
///
/// z = (y − target)/s on the scale of the `kind`; φ = Σz²/k after trimming; where kφ > k − 1,
/// τ² = (kφ − (k − 1))/(Σw − Σw²/Σw) with w = 1/s² (the form of DerSimonian and Laird), else 0.
///
/// A unit whose figures are missing (not finite), negative, without a denominator above 0, or,
/// for a proportion, larger than the whole, is left out: [`FunnelPoint::unit`] says which remain.
/// Refuses fewer than two usable units, numerators that are all 0, trimming that leaves no unit, and
/// a unit with nothing observed that is left in on the log scale. With fewer than about ten units
/// treat φ and τ² as rough.
pub fn funnel(units: &[Unit], kind: Kind, settings: &Settings) -> Result<Funnel, Unanswerable> {
    let sized = |unit: &Unit| Unit {
        denominator: settings.size(kind, unit.denominator),
        ..*unit
    };
    let usable: Vec<_> = units
        .iter()
        .enumerate()
        .filter(|(_, unit)| is_usable(&sized(unit), kind))
        .collect();
    let sized: Vec<_> = usable.iter().map(|(_, unit)| sized(unit)).collect();
    let scale = Scale::of(kind, &sized)?;
    let scores: Vec<_> = sized.iter().map(|unit| scale.score(unit)).collect();
    let trimmed = overdispersion::trimmed(&scores, settings.trimming);
    let Dispersion {
        phi,
        tau2,
        overdispersed,
    } = overdispersion::measure(&scores, &trimmed)?;

    let mut funnel = Funnel {
        target: scale.target(),
        phi,
        tau2,
        overdispersed,
        points: Vec::new(),
        kind,
        settings: *settings,
    };
    funnel.points = usable
        .into_iter()
        .zip(scores.iter().zip(trimmed))
        .map(|((index, unit), (score, trimmed_z))| FunnelPoint {
            trimmed_z,
            ..funnel.point(index, unit, score)
        })
        .collect();
    // Figures that no one can count overflow on the way.
    let figure = |point: &FunnelPoint| !(point.z.is_nan() || point.value.is_infinite());
    if funnel.points.iter().all(figure) {
        Ok(funnel)
    } else {
        Err(Unanswerable::Overflow)
    }
}

impl Funnel {
    /// Limits `z` standard errors either side of the target for a unit with this `denominator`, in
    /// the unit of the values: 0 or more, and for proportions 1 or less.
    ///
    /// Target and spread are taken to the scale of the [`Kind`] and back. Where `denominator` is
    /// not above 0 or `z` not finite, everything is possible: 0 to 1 for proportions, 0 to
    /// infinity otherwise. [`LimitStyle::FunnelPlotR`] may go below 0.
    pub fn limits_at(&self, denominator: f64, z: f64) -> Interval {
        let denominator = self.settings.size(self.kind, denominator);
        let scale = Scale::around(self.kind, self.target);
        if !(denominator > 0.0 && denominator.is_finite() && z.is_finite()) {
            return scale.everything();
        }
        let limits = match self.settings.limits {
            LimitStyle::BackTransformed => {
                let reach = z.abs() * self.spread(scale.standard_error_at(denominator));
                scale.limits(reach)
            }
            LimitStyle::FunnelPlotR => scale.limits_of_funnelplotr(
                denominator,
                z.abs(),
                self.settings.overdispersion == Overdispersion::None,
                |standard_error| self.spread(standard_error),
            ),
        };
        // Figures that no one can count overflow on the way.
        if limits.lower <= limits.upper {
            limits
        } else {
            scale.everything()
        }
    }

    fn point(&self, index: usize, unit: &Unit, score: &Score) -> FunnelPoint {
        let value = unit.numerator / unit.denominator;
        let limits = |z| self.limits_at(unit.denominator, z);
        FunnelPoint {
            unit: index,
            value,
            denominator: self.settings.size(self.kind, unit.denominator),
            z: score.distance / self.spread(score.standard_error),
            unadjusted_z: score.z(),
            trimmed_z: None,
            position: Position::of(value, limits(Z95), limits(Z998)),
        }
    }

    fn spread(&self, standard_error: f64) -> f64 {
        match self.settings.overdispersion {
            Overdispersion::None => standard_error,
            Overdispersion::Additive => (standard_error * standard_error + self.tau2).sqrt(),
            Overdispersion::Multiplicative => standard_error * self.phi.max(1.0).sqrt(),
        }
    }
}

fn is_usable(unit: &Unit, kind: Kind) -> bool {
    let Unit {
        numerator,
        denominator,
    } = *unit;
    numerator >= 0.0
        && denominator > 0.0
        && numerator.is_finite()
        && denominator.is_finite()
        && (kind != Kind::Proportion || numerator <= denominator)
}
