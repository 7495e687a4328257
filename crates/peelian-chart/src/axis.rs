//! A straight axis with few ticks at round numbers.

use peelian_model::Unit;

use crate::number::tick_text;

/// A scale from values to pixels.
#[derive(Debug, Clone)]
pub(crate) struct Axis {
    low: f64,
    high: f64,
    ticks: Vec<f64>,
    step: f64,
    from: f64,
    to: f64,
}

impl Axis {
    /// An axis over the finite `values` with at most `most` ticks, drawn from
    /// pixel `from` to pixel `to`; its ends are its first and last tick.
    /// Nought is taken in where it is near; else the axis starts at the round
    /// number below. With `whole` the steps are whole numbers. None without
    /// values.
    pub(crate) fn over(
        values: impl IntoIterator<Item = f64>,
        most: usize,
        whole: bool,
        (from, to): (f64, f64),
    ) -> Option<Self> {
        let (low, high) = range(values)?;
        let (low, high) = widen(low, high);
        let step = round_step(low, high, most.max(3) as f64 - 1.0);
        let step = if whole { step.max(1.0) } else { step };
        let first = (low / step + 1e-9).floor();
        let count = ((high / step - 1e-9).ceil() - first).max(1.0);
        let ticks: Vec<f64> = (0..=count as usize)
            .map(|i| (first + i as f64) * step)
            .collect();
        let (low, high) = (*ticks.first()?, *ticks.last()?);
        Some(Self {
            low,
            high,
            ticks,
            step,
            from,
            to,
        })
    }

    /// The same, but ending just beyond the highest value, so that points use
    /// the whole width of a plot.
    pub(crate) fn ending_at_data(
        values: impl IntoIterator<Item = f64> + Clone,
        most: usize,
        ends: (f64, f64),
    ) -> Option<Self> {
        let (_, highest) = range(values.clone())?;
        let mut axis = Self::over(values, most, true, ends)?;
        let high = highest + (highest - axis.low) * 0.02;
        if high > axis.low {
            axis.high = high;
            axis.ticks.retain(|&t| t <= high);
        }
        Some(axis)
    }

    /// From just the lowest to just the highest value, without ticks.
    pub(crate) fn tight(
        values: impl IntoIterator<Item = f64>,
        (from, to): (f64, f64),
    ) -> Option<Self> {
        let (low, high) = range(values)?;
        let (low, high) = if low == high {
            widen(low, high)
        } else {
            (low, high)
        };
        Some(Self {
            low,
            high,
            ticks: Vec::new(),
            step: high - low,
            from,
            to,
        })
    }

    /// The same axis drawn between two other pixels.
    #[must_use]
    pub(crate) fn between(mut self, from: f64, to: f64) -> Self {
        (self.from, self.to) = (from, to);
        self
    }

    /// The pixel of a value.
    pub(crate) fn at(&self, value: f64) -> f64 {
        self.from + (value - self.low) / (self.high - self.low) * (self.to - self.from)
    }

    /// The lowest and the highest value drawn.
    pub(crate) fn ends(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// Each tick's value and words.
    pub(crate) fn ticks(&self, unit: Unit) -> impl Iterator<Item = (f64, String)> {
        let largest = self.low.abs().max(self.high.abs());
        self.ticks
            .iter()
            .map(move |&v| (v, tick_text(unit, v, self.step, largest)))
    }
}

fn range(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values
        .into_iter()
        .filter(|v| v.is_finite())
        .map(|v| (v, v))
        .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}

/// Takes in nought where it is near, and gives equal values some room.
fn widen(low: f64, high: f64) -> (f64, f64) {
    let size = low.abs().max(high.abs());
    if size < 1e-9 {
        return (0.0, 1.0);
    }
    if high - low < size * 1e-6 {
        return (low - size * 0.1, high + size * 0.1);
    }
    if low >= 0.0 && low <= high * 0.5 {
        (0.0, high)
    } else if high <= 0.0 && high >= low * 0.5 {
        (low, 0.0)
    } else {
        (low, high)
    }
}

/// The smallest of 1, 2, 5 × a power of ten that covers the range in at most
/// `intervals` steps.
fn round_step(low: f64, high: f64, intervals: f64) -> f64 {
    let mut power = 10_f64.powf(((high - low) / intervals).log10().floor());
    loop {
        for multiple in [1.0, 2.0, 5.0] {
            let step = power * multiple;
            let steps = (high / step - 1e-9).ceil() - (low / step + 1e-9).floor();
            if steps <= intervals {
                return step;
            }
        }
        power *= 10.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(values: &[f64], unit: Unit) -> Vec<String> {
        let axis = Axis::over(values.iter().copied(), 5, false, (0.0, 100.0)).unwrap();
        axis.ticks(unit).map(|(_, text)| text).collect()
    }

    #[test]
    fn nought_is_taken_in_where_it_is_near() {
        assert_eq!(
            labels(&[11.0, 23.0], Unit::Percent),
            ["0%", "10%", "20%", "30%"]
        );
        assert_eq!(
            labels(&[41.0, 59.0], Unit::Percent),
            ["40%", "45%", "50%", "55%", "60%"]
        );
        assert_eq!(labels(&[-3.0, 6.0], Unit::Count), ["−5", "0", "5", "10"]);
    }

    #[test]
    fn equal_values_still_have_an_axis() {
        assert_eq!(labels(&[0.0], Unit::Percent), ["0.0%", "0.5%", "1.0%"]);
        assert_eq!(
            labels(&[7.0, 7.0], Unit::Per1000),
            ["6.0", "6.5", "7.0", "7.5", "8.0"]
        );
    }

    #[test]
    fn no_values_no_axis() {
        assert!(Axis::over([f64::NAN], 5, false, (0.0, 1.0)).is_none());
    }

    proptest! {
        #[test]
        fn an_axis_covers_its_values_in_two_to_five_ticks(
            a in -1e12..1e12_f64, b in -1e12..1e12_f64, small in 0_i32..15
        ) {
            let (a, b) = (a / 10_f64.powi(small), b / 10_f64.powi(small));
            let axis = Axis::over([a, b], 5, false, (0.0, 100.0)).unwrap();
            let (low, high) = axis.ends();
            let slack = (high - low) * 1e-6;
            prop_assert!(low <= a.min(b) + slack && a.max(b) <= high + slack);
            prop_assert!((2..=6).contains(&axis.ticks.len()), "{:?}", axis.ticks);
            prop_assert!(axis.at(a).is_finite());
        }
    }
}
