//! The states of a model as values come in, and how they depend on what is estimated.

use super::{Errors, Model, Season, Smoothing, State};

/// A model on its way through a series.
pub(super) struct Filter {
    model: Model,
    smoothing: Smoothing,
    level: f64,
    trend: f64,
    season: Vec<f64>,
    place: usize,
}

impl Filter {
    pub(super) fn new(model: Model, smoothing: Smoothing, first: &State) -> Self {
        Self {
            model,
            smoothing,
            level: first.level,
            trend: first.trend,
            season: first.season.clone(),
            place: 0,
        }
    }

    /// Takes in a value and gives the mean that was expected of it.
    pub(super) fn step(&mut self, value: f64) -> f64 {
        let mean = self.mean();
        self.take(value - mean);
        mean
    }

    /// The mean of the next value, taken as what happens.
    pub(super) fn step_as_expected(&mut self) -> f64 {
        let mean = self.mean();
        self.take(0.0);
        mean
    }

    /// The next value when it comes with this error (relative where errors are).
    pub(super) fn step_with_error(&mut self, error: f64) -> f64 {
        let mean = self.mean();
        let error = match self.model.errors {
            Errors::Additive => error,
            Errors::Multiplicative => error * mean,
        };
        self.take(error);
        mean + error
    }

    fn ahead(&self) -> f64 {
        self.level + self.smoothing.damping * self.trend
    }

    fn mean(&self) -> f64 {
        match self.model.season {
            Season::None => self.ahead(),
            Season::Additive => self.ahead() + self.season[self.place],
            Season::Multiplicative => self.ahead() * self.season[self.place],
        }
    }

    fn take(&mut self, error: f64) {
        let ahead = self.ahead();
        let Smoothing {
            level,
            trend,
            season,
            damping,
        } = self.smoothing;
        let (of_level, of_season) = match self.model.season {
            Season::Multiplicative => (error / self.season[self.place], error / ahead),
            Season::None | Season::Additive => (error, error),
        };
        self.level = ahead + level * of_level;
        self.trend = damping * self.trend + trend * of_level;
        if self.model.season != Season::None {
            self.season[self.place] += season * of_season;
            self.place = (self.place + 1) % self.season.len();
        }
    }

    /// The states after `taken` values.
    pub(super) fn state(&self, taken: usize) -> State {
        let mut season = self.season.clone();
        let turn = if season.is_empty() {
            0
        } else {
            taken % season.len()
        };
        season.rotate_left(turn);
        State {
            level: self.level,
            trend: self.trend,
            season,
        }
    }
}
