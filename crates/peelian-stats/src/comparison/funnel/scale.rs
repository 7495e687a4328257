//! The scales on which units of different size can be compared.

use std::f64::consts::FRAC_PI_2;

use super::{Kind, Unit};
use crate::Unanswerable;
use crate::comparison::interval::{Interval, NO_EVENTS, poisson_exact};
use crate::special::normal_confidence;

/// One kind of figure around one target.
pub(super) struct Scale {
    kind: Kind,
    target: f64,
}

/// A unit on the scale.
pub(super) struct Score {
    /// y − target.
    pub(super) distance: f64,
    /// s, from chance alone.
    pub(super) standard_error: f64,
}

impl Score {
    pub(super) fn z(&self) -> f64 {
        self.distance / self.standard_error
    }
}

impl Scale {
    /// The scale around the units' own level, which takes two units and an event.
    pub(super) fn of(kind: Kind, units: &[Unit]) -> Result<Self, Unanswerable> {
        if units.len() < 2 {
            return Err(Unanswerable::TooFew {
                what: "units",
                have: units.len(),
                need: 2,
            });
        }
        let numerators: f64 = units.iter().map(|unit| unit.numerator).sum();
        let denominators: f64 = units.iter().map(|unit| unit.denominator).sum();
        if numerators == 0.0 {
            return Err(NO_EVENTS);
        }
        let pooled = numerators / denominators;
        if !(pooled > 0.0 && pooled.is_finite()) {
            return Err(Unanswerable::Overflow);
        }
        let given = matches!(kind, Kind::StandardisedRatio | Kind::LogStandardisedRatio);
        Ok(Self::around(kind, if given { 1.0 } else { pooled }))
    }

    pub(super) fn around(kind: Kind, target: f64) -> Self {
        Self { kind, target }
    }

    pub(super) fn target(&self) -> f64 {
        self.target
    }

    /// The target on the scale.
    fn centre(&self) -> f64 {
        match self.kind {
            Kind::Proportion => self.target.sqrt().asin(),
            Kind::Rate | Kind::StandardisedRatio => 1.0,
            Kind::LogStandardisedRatio => 0.0,
            Kind::RatioOfCounts => self.target.ln(),
        }
    }

    pub(super) fn score(&self, unit: &Unit) -> Score {
        let Unit {
            numerator,
            denominator,
        } = *unit;
        let relative = numerator / (self.target * denominator);
        let y = match self.kind {
            Kind::Proportion => (numerator / denominator).sqrt().asin(),
            Kind::Rate | Kind::StandardisedRatio => relative.sqrt(),
            Kind::LogStandardisedRatio => relative.ln(),
            Kind::RatioOfCounts => ((numerator + 0.5) / (denominator + 0.5)).ln(),
        };
        Score {
            distance: y - self.centre(),
            standard_error: self.standard_error(unit),
        }
    }

    fn standard_error(&self, unit: &Unit) -> f64 {
        let Unit {
            numerator,
            denominator,
        } = *unit;
        match self.kind {
            Kind::Proportion => 0.5 / denominator.sqrt(),
            Kind::Rate | Kind::StandardisedRatio => 0.5 / (self.target * denominator).sqrt(),
            Kind::LogStandardisedRatio => 1.0 / denominator.sqrt(),
            Kind::RatioOfCounts => {
                let share = |count: f64| count / (count + 0.5) / (count + 0.5);
                (share(numerator) + share(denominator)).sqrt()
            }
        }
    }

    /// Standard error of a unit of this size that is exactly on target.
    pub(super) fn standard_error_at(&self, denominator: f64) -> f64 {
        self.standard_error(&Unit {
            numerator: self.target * denominator,
            denominator,
        })
    }

    /// Limits `reach` either side of the target on the scale, as values.
    pub(super) fn limits(&self, reach: f64) -> Interval {
        let centre = self.centre();
        Interval {
            lower: self.value(centre - reach),
            upper: self.value(centre + reach),
        }
    }

    /// From the scale back to a value. A place past the end of the scale means the end.
    fn value(&self, y: f64) -> f64 {
        match self.kind {
            Kind::Proportion => y.clamp(0.0, FRAC_PI_2).sin().powi(2),
            Kind::Rate | Kind::StandardisedRatio => self.target * y.max(0.0).powi(2),
            Kind::LogStandardisedRatio | Kind::RatioOfCounts => y.exp(),
        }
    }

    /// The limits for a unit of which nothing is known.
    pub(super) fn everything(&self) -> Interval {
        let upper = if self.kind == Kind::Proportion {
            1.0
        } else {
            f64::INFINITY
        };
        Interval { lower: 0.0, upper }
    }

    /// Limits as FunnelPlotR 0.5.0 draws them; `spread` turns a standard error into the one that
    /// allows for overdispersion.
    pub(super) fn limits_of_funnelplotr(
        &self,
        denominator: f64,
        z: f64,
        unadjusted: bool,
        spread: impl Fn(f64) -> f64,
    ) -> Interval {
        let reach = z * spread(self.standard_error_at(denominator));
        match self.kind {
            Kind::Rate | Kind::StandardisedRatio | Kind::LogStandardisedRatio if unadjusted => {
                self.exact_limits(denominator, z)
            }
            Kind::Rate | Kind::StandardisedRatio => Interval {
                lower: self.target * (1.0 - reach),
                upper: self.target * (1.0 + reach),
            },
            Kind::Proportion | Kind::LogStandardisedRatio => self.limits(reach),
            Kind::RatioOfCounts => self.limits(z * spread(0.5 / denominator.sqrt())),
        }
    }

    /// Exact Poisson interval of the expected count, over that count.
    fn exact_limits(&self, denominator: f64, z: f64) -> Interval {
        poisson_exact(self.target * denominator, normal_confidence(z)).map_or_else(
            |_| self.everything(),
            |interval| interval.scaled(1.0 / denominator),
        )
    }
}
