//! Random draws that come out the same on every machine.
//!
//! Only additions, multiplications, divisions and comparisons are used: the
//! last digit of a logarithm or a sine differs between systems, and one
//! different draw changes every file after it.

use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// One over e.
const E_INVERSE: f64 = 0.367_879_441_171_442_3;

/// A stream of random numbers.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The numbered stream of a seed. Streams are independent, so that one
    /// force does not change when another is added.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(rng)
    }

    /// A number from 0 up to, but not, 1.
    pub(crate) fn unit(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / 4_294_967_296.0
    }

    /// Whether something of probability `p` happens.
    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// A whole number from 0 up to, but not, `n`; 0 where `n` is 0.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        let n = u32::try_from(n).unwrap_or(u32::MAX).max(1);
        self.0.random_range(0..n) as usize
    }

    /// Mean 0, standard deviation 1: twelve uniform numbers added (Irwin and
    /// Hall), which never strays beyond 6.
    pub(crate) fn normal(&mut self) -> f64 {
        (0..12).fold(-6.0, |sum, _| sum + self.unit())
    }

    /// A waiting time of a mean: von Neumann's runs of falling numbers, which
    /// need comparisons alone.
    pub(crate) fn waiting(&mut self, mean: f64) -> f64 {
        let mut whole = 0.0;
        loop {
            let first = self.unit();
            let (mut last, mut odd) = (first, true);
            loop {
                let next = self.unit();
                if next >= last {
                    break;
                }
                (last, odd) = (next, !odd);
            }
            if odd {
                return mean * (whole + first);
            }
            whole += 1.0;
        }
    }

    /// A length of time of a mean, less spread than a waiting time: two such
    /// of half the mean added (Erlang), in whole seconds, one at least.
    pub(crate) fn seconds(&mut self, mean: f64) -> i64 {
        let drawn = self.waiting(mean / 2.0) + self.waiting(mean / 2.0);
        (drawn as i64).max(1)
    }

    /// A Poisson number: Knuth's multiplication of uniform numbers, in parts
    /// of mean 16 so that the product stays well above the smallest float.
    pub(crate) fn poisson(&mut self, mean: f64) -> usize {
        let mut left = mean;
        let mut count = 0;
        while left > 0.0 {
            let part = left.min(16.0);
            let floor = exp_of_minus(part);
            let mut product = self.unit();
            while product > floor {
                count += 1;
                product *= self.unit();
            }
            left -= part;
        }
        count
    }

    /// The place of one of the weights, each as likely as it is heavy.
    pub(crate) fn choose(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        for (i, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return i;
            }
        }
        weights.len().saturating_sub(1)
    }

    /// One of the pairs' values, each as likely as its weight.
    pub(crate) fn pick<T: Copy>(&mut self, weighted: &[(T, f64)], otherwise: T) -> T {
        let mut left = self.unit() * weighted.iter().map(|(_, weight)| weight).sum::<f64>();
        for &(value, weight) in weighted {
            left -= weight;
            if left < 0.0 {
                return value;
            }
        }
        otherwise
    }

    /// 64 hexadecimal digits, the form of a crime id.
    pub(crate) fn hex_id(&mut self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut bytes = [0_u8; 32];
        self.0.fill_bytes(&mut bytes);
        let mut id = String::with_capacity(64);
        for byte in bytes {
            id.push(char::from(DIGITS[usize::from(byte >> 4)]));
            id.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        id
    }
}

/// e to the power of minus `x`, for `x` from 0 to 16: whole powers, then the
/// Taylor series of what is left.
fn exp_of_minus(x: f64) -> f64 {
    let whole = x.floor();
    let part = x - whole;
    let mut value = 1.0;
    for _ in 0..whole as u32 {
        value *= E_INVERSE;
    }
    let (mut sum, mut term) = (1.0, 1.0);
    for n in 1..20_u32 {
        term *= -part / f64::from(n);
        sum += term;
    }
    value * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_agrees_with_the_system_one() {
        for x in [0.0, 0.1, 1.0, 2.5, 9.75, 16.0] {
            let want = f64::exp(-x);
            assert!(
                (exp_of_minus(x) - want).abs() < 1e-14 * want.max(1e-3),
                "{x}"
            );
        }
    }

    #[test]
    fn poisson_numbers_have_their_mean_as_mean_and_variance() {
        let mut dice = Dice::new(7, 0);
        for mean in [0.3, 4.0, 60.0] {
            let draws: Vec<f64> = (0..20_000).map(|_| dice.poisson(mean) as f64).collect();
            let n = draws.len() as f64;
            let average = draws.iter().sum::<f64>() / n;
            let variance = draws.iter().map(|d| (d - average).powi(2)).sum::<f64>() / n;
            assert!(
                (average - mean).abs() < 5.0 * (mean / n).sqrt(),
                "{mean}: {average}"
            );
            assert!((variance / mean - 1.0).abs() < 0.06, "{mean}: {variance}");
        }
    }

    #[test]
    fn waiting_times_have_their_mean_as_mean_and_standard_deviation() {
        let mut dice = Dice::new(7, 1);
        let draws: Vec<f64> = (0..40_000).map(|_| dice.waiting(3.0)).collect();
        let n = draws.len() as f64;
        let average = draws.iter().sum::<f64>() / n;
        let spread = (draws.iter().map(|d| (d - average).powi(2)).sum::<f64>() / n).sqrt();
        assert!((average - 3.0).abs() < 0.06, "{average}");
        assert!((spread - 3.0).abs() < 0.1, "{spread}");
        let long = draws.iter().filter(|d| **d > 9.0).count() as f64 / n;
        assert!((long - f64::exp(-3.0)).abs() < 0.005, "{long}");
    }

    #[test]
    fn streams_of_one_seed_differ_and_repeat() {
        let id = |seed, stream| Dice::new(seed, stream).hex_id();
        assert_eq!(id(1, 2), id(1, 2));
        assert_ne!(id(1, 2), id(1, 3));
        assert_ne!(id(1, 2), id(2, 2));
        assert_eq!(id(1, 2).len(), 64);
    }
}
