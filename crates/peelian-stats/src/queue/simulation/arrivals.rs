//! When the next call comes.

use super::Schedule;
use super::distribution::unit_exponential;
use crate::random::Stream;

/// Where a Poisson process of piecewise constant rate has got to.
pub(super) struct ArrivalClock {
    pub(super) time: f64,
    step: u64,
    step_ends: f64,
}

impl ArrivalClock {
    pub(super) fn new(rates: &Schedule<f64>) -> Self {
        Self {
            time: 0.0,
            step: 0,
            step_ends: if rates.values.len() > 1 {
                rates.interval
            } else {
                f64::INFINITY
            },
        }
    }

    /// The time of the next arrival; infinite where it is past the horizon.
    #[inline]
    pub(super) fn advance(
        &mut self,
        rates: &Schedule<f64>,
        horizon: f64,
        stream: &mut Stream,
    ) -> f64 {
        let mut expected = unit_exponential(stream);
        loop {
            let place = (self.step % rates.values.len() as u64) as usize;
            let rate = rates.values[place];
            let time = self.time + expected / rate;
            if time < self.step_ends {
                self.time = time;
                return time;
            }
            if self.step_ends >= horizon {
                self.time = f64::INFINITY;
                return f64::INFINITY;
            }
            expected = (expected - rate * (self.step_ends - self.time)).max(0.0);
            self.time = self.step_ends;
            self.step += 1;
            self.step_ends = (self.step + 1) as f64 * rates.interval;
        }
    }
}
