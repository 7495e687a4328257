//! Means over replications.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::comparison::interval::Interval;

/// A mean over independent replications.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// The interval that covers the true mean with the confidence asked for, by Student's t.
    pub interval: Interval,
}

/// The mean of a figure of your own over replications ([`super::run_once`]), one value each.
///
/// `None` for fewer than two values, one that is not finite, or a `confidence` not strictly within
/// 0 to 1.
pub fn estimate(values: &[f64], confidence: f64) -> Option<Estimate> {
    if !(confidence > 0.0 && confidence < 1.0 && values.iter().all(|value| value.is_finite())) {
        return None;
    }
    let mut moments = Moments::default();
    for &value in values {
        moments.add(Some(value));
    }
    moments
        .estimate(confidence)
        .filter(|estimate| estimate.standard_error.is_finite())
}

/// Number, mean and sum of squared distances of values seen so far (Welford, *Technometrics* 4
/// (1962) 419–420).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// A replication without the figure does not count.
    pub(super) fn add(&mut self, value: Option<f64>) {
        let Some(value) = value else { return };
        self.count += 1.0;
        let distance = value - self.mean;
        self.mean += distance / self.count;
        self.squares += distance * (value - self.mean);
    }

    /// The same values in another unit.
    pub(super) fn scale(&mut self, factor: f64) {
        self.mean *= factor;
        self.squares *= factor * factor;
    }

    /// `None` where fewer than two replications have the figure.
    pub(super) fn estimate(&self, confidence: f64) -> Option<Estimate> {
        if self.count < 2.0 {
            return None;
        }
        let freedom = self.count - 1.0;
        let standard_error = (self.squares / freedom / self.count).sqrt();
        let student = StudentsT::new(0.0, 1.0, freedom).ok()?;
        let half = standard_error * student.inverse_cdf(f64::midpoint(1.0, confidence));
        Some(Estimate {
            mean: self.mean,
            standard_error,
            interval: Interval {
                lower: self.mean - half,
                upper: self.mean + half,
            },
        })
    }
}
