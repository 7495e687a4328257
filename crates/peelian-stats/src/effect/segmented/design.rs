//! The columns of a segmented regression.

use std::f64::consts::TAU;

use nalgebra::DMatrix;

use super::Settings;
use crate::Unanswerable;

/// What a coefficient belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Term {
    /// Level at time 0, season apart.
    Constant,
    /// Change a point before the start.
    Trend,
    /// Step at the start.
    Level,
    /// Change of the slope from the start on, a point.
    Slope,
    /// Sine of the wave that fits so many times into a period.
    Sine(usize),
    /// Cosine of it.
    Cosine(usize),
}

impl Term {
    /// Whether the term is part of the change.
    fn of_change(self) -> bool {
        matches!(self, Self::Level | Self::Slope)
    }
}

pub(super) struct Design {
    pub(super) terms: Vec<Term>,
    /// A row a point.
    pub(super) rows: DMatrix<f64>,
    /// The same as if nothing had been done.
    pub(super) without: DMatrix<f64>,
}

impl Design {
    pub(super) fn new(
        points: usize,
        start: usize,
        settings: &Settings,
    ) -> Result<Self, Unanswerable> {
        let Settings {
            period,
            harmonics,
            origin,
            ..
        } = *settings;
        if !(period.is_finite() && period > 1.0) {
            return Err(Unanswerable::Invalid("a period must be finite and above 1"));
        }
        if 2.0 * harmonics as f64 > period {
            return Err(Unanswerable::Invalid(
                "there are at most half as many harmonics as points in a period",
            ));
        }
        if !origin.is_finite() {
            return Err(Unanswerable::Invalid("the origin must be finite"));
        }
        let terms = terms(period, harmonics);
        let value = |point: usize, term: Term| {
            let time = origin + point as f64;
            let since = point.checked_sub(start);
            let angle = |wave: usize| TAU * wave as f64 * time / period;
            match term {
                Term::Constant => 1.0,
                Term::Trend => time,
                Term::Level => f64::from(u8::from(since.is_some())),
                Term::Slope => since.unwrap_or(0) as f64,
                Term::Sine(wave) => angle(wave).sin(),
                Term::Cosine(wave) => angle(wave).cos(),
            }
        };
        let rows = DMatrix::from_fn(points, terms.len(), |point, column| {
            value(point, terms[column])
        });
        let mut without = rows.clone();
        for (column, term) in terms.iter().enumerate() {
            if term.of_change() {
                without.column_mut(column).fill(0.0);
            }
        }
        Ok(Self {
            terms,
            rows,
            without,
        })
    }
}

fn terms(period: f64, harmonics: usize) -> Vec<Term> {
    let mut terms = vec![Term::Constant, Term::Trend, Term::Level, Term::Slope];
    for wave in 1..=harmonics {
        // The sine of a wave of two points is zero at every point.
        terms.extend((2.0 * (wave as f64) < period).then_some(Term::Sine(wave)));
        terms.push(Term::Cosine(wave));
    }
    terms
}
