//! Summaries of a sample.

/// Arithmetic mean, not-a-number for an empty slice.
///
/// The second pass adds back what rounding lost, so that a value equal to the mean on paper is
/// equal to it here: charts treat "on the mean" as neither side.
pub(crate) fn mean(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let rough = values.iter().sum::<f64>() / n;
    rough + values.iter().map(|value| value - rough).sum::<f64>() / n
}

/// Quantile by linear interpolation between order statistics (Hyndman and Fan's type 7, the
/// default of R). `sorted` ascends and is not empty, `p` is within 0 to 1.
pub(crate) fn quantile(sorted: &[f64], p: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let place = last as f64 * p;
    let below = (place.floor() as usize).min(last);
    let (low, high) = (sorted[below], sorted[(below + 1).min(last)]);
    if low == high {
        low
    } else {
        low + (place - below as f64) * (high - low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_on_the_mean_is_equal_to_it() {
        let tenths = [0.1, 0.2, 0.3, 0.1, 0.2, 0.3, 0.1, 0.2, 0.3];
        assert_eq!(mean(&tenths), 0.2);
    }

    #[test]
    fn a_quantile_lies_between_its_neighbours() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0, 8.0], 0.5), 3.0);
        assert!((quantile(&[1.0, 2.0, 4.0, 8.0], 0.9) - 6.8).abs() < 1e-12);
        assert_eq!(quantile(&[5.0], 0.9), 5.0);
        assert_eq!(
            quantile(&[f64::NEG_INFINITY, f64::NEG_INFINITY, 1.0], 0.25),
            f64::NEG_INFINITY
        );
    }
}
