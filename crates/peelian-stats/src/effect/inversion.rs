//! An interval from a test: the effects that it does not reject.

/// Steps beyond which an end of an interval is not looked for.
const FARTHEST: f64 = 1000.0;

/// How many steps away from the estimate p falls to `level`; `None` beyond a thousand.
///
/// `p_value` takes a number of steps. The search doubles until p is no longer above the level and
/// then halves the gap, so where p is not monotone it finds an end, not always the nearest.
pub(super) fn edge(level: f64, p_value: impl Fn(f64) -> f64) -> Option<f64> {
    let (mut inside, mut outside) = (0.0, 1.0);
    while p_value(outside) > level {
        inside = outside;
        outside *= 2.0;
        if outside > FARTHEST {
            return None;
        }
    }
    for _ in 0..40 {
        let middle = f64::midpoint(inside, outside);
        if p_value(middle) > level {
            inside = middle;
        } else {
            outside = middle;
        }
    }
    Some(outside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_is_where_p_falls_to_the_level() {
        let steps = edge(0.05, |steps| (-steps).exp()).unwrap();
        assert!((steps - 20_f64.ln()).abs() < 1e-9);
        assert_eq!(edge(0.05, |_| 0.2), None);
    }
}
