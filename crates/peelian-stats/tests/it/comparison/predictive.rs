use peelian_stats::Unanswerable;
use peelian_stats::comparison::predictive::{proportion_limits, rate_limits};
use proptest::prelude::*;
use statrs::function::gamma::ln_gamma;

#[test]
fn without_spread_the_limits_are_the_poisson_and_binomial_quantiles() {
    let ours = rate_limits(1.0, 0.0, 100.0, 0.95).unwrap();
    assert_eq!((ours.lower * 100.0, ours.upper * 100.0), (81.0, 120.0));
    // P(X ≤ 1) = 0.0107 and P(X ≤ 2) = 0.0547 of ten tosses.
    let ours = proportion_limits(0.5, 0.0, 10.0, 0.95).unwrap();
    assert_eq!((ours.lower, ours.upper), (0.2, 0.8));
}

#[test]
fn spread_widens_the_limits_as_worked_out() {
    // A negative-binomial count of mean 100 and variance 200.
    let ours = rate_limits(1.0, 0.01, 100.0, 0.95).unwrap();
    assert_eq!((ours.lower * 100.0, ours.upper * 100.0), (74.0, 129.0));
    // A uniform proportion has a uniform count, here of 0 to 99.
    let ours = proportion_limits(0.5, 1.0 / 12.0, 99.0, 0.95).unwrap();
    assert!((ours.lower * 99.0 - 2.0).abs() < 1e-9 && (ours.upper * 99.0 - 97.0).abs() < 1e-9);
}

/// Share of negative-binomial counts below the lower limit, above the upper one, and on or above
/// it, by the logarithm of each.
fn outside(level: f64, tau2: f64, base: f64, confidence: f64) -> [f64; 3] {
    let ours = rate_limits(level, tau2, base, confidence).unwrap();
    let (size, mean) = (level * level / tau2, level * base);
    let chance = |k: f64| {
        let logarithm = ln_gamma(size + k) - ln_gamma(size) - ln_gamma(k + 1.0)
            + size * (size / (size + mean)).ln()
            + k * (mean / (size + mean)).ln();
        logarithm.exp()
    };
    let counts = || (0..4000).map(f64::from);
    let among = |held: &dyn Fn(f64) -> bool| counts().filter(|k| held(k / base)).map(chance).sum();
    [
        among(&|value| value < ours.lower),
        among(&|value| value > ours.upper),
        among(&|value| value >= ours.upper),
    ]
}

#[test]
fn no_more_than_the_stated_share_lies_outside_at_either_end() {
    for (level, tau2, base) in [(0.02, 1e-4, 30.0), (0.02, 4e-6, 9000.0), (3.0, 2.0, 40.0)] {
        for confidence in [0.95, 0.998] {
            let tail = (1.0 - confidence) / 2.0;
            let [below, above, further_in] = outside(level, tau2, base, confidence);
            assert!(
                below <= tail + 1e-9 && above <= tail + 1e-9,
                "{below} {above}"
            );
            assert!(further_in > tail, "{further_in}");
        }
    }
}

#[test]
fn limits_without_an_answer_get_a_reason() {
    let invalid = |why: Unanswerable| assert!(matches!(why, Unanswerable::Invalid(_)), "{why:?}");
    invalid(rate_limits(0.0, 0.1, 10.0, 0.95).unwrap_err());
    invalid(rate_limits(1.0, -0.1, 10.0, 0.95).unwrap_err());
    invalid(rate_limits(1.0, 0.1, 1e7, 0.95).unwrap_err());
    invalid(rate_limits(1.0, 0.1, 10.0, 1.0).unwrap_err());
    invalid(proportion_limits(1.0, 0.0, 10.0, 0.95).unwrap_err());
    invalid(proportion_limits(0.5, 0.25, 10.0, 0.95).unwrap_err());
    invalid(proportion_limits(0.5, 0.1, 10.5, 0.95).unwrap_err());
    invalid(proportion_limits(0.5, f64::NAN, 10.0, 0.95).unwrap_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_input_panics(
        level in prop_oneof![prop::num::f64::ANY, 0.0..1.0_f64],
        tau2 in prop_oneof![prop::num::f64::ANY, 0.0..0.2_f64],
        size in prop_oneof![prop::num::f64::ANY, (1..3000_u32).prop_map(f64::from)],
        confidence in prop_oneof![prop::num::f64::ANY, 0.0..1.0_f64],
    ) {
        for ours in [
            rate_limits(level, tau2, size, confidence),
            proportion_limits(level, tau2, size, confidence),
        ]
        .into_iter()
        .flatten()
        {
            prop_assert!(0.0 <= ours.lower && ours.lower <= ours.upper, "{:?}", ours);
        }
    }

    #[test]
    fn limits_widen_with_spread_and_confidence(
        level in 0.05..0.95_f64, share in 0.0..0.5_f64, size in 1..2000_u32,
    ) {
        let (size, tau2) = (f64::from(size), share * level * (1.0 - level));
        for method in [rate_limits, proportion_limits] {
            let ours = method(level, tau2, size, 0.95).unwrap();
            let surer = method(level, tau2, size, 0.998).unwrap();
            prop_assert!(surer.lower <= ours.lower && ours.upper <= surer.upper);
        }
        let limits = proportion_limits(level, tau2, size, 0.95).unwrap();
        let turned = proportion_limits(1.0 - level, tau2, size, 0.95).unwrap();
        prop_assert!(limits.upper <= 1.0);
        prop_assert!((limits.lower - (1.0 - turned.upper)).abs() < 1.5 / size);
    }
}
