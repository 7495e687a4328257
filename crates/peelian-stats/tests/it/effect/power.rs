use peelian_stats::Unanswerable;
use peelian_stats::effect::power::{
    Series, Settings, TwoCounts, Units, panel, series, smallest_effect, two_counts,
};
use proptest::prelude::*;

const EVEN: TwoCounts = TwoCounts {
    before: 400.0,
    length: 1.0,
    dispersion: 1.0,
};

fn draws(draws: usize) -> Settings {
    Settings {
        draws,
        ..Settings::default()
    }
}

#[test]
fn two_counts_reach_the_power_of_the_formula() {
    // z of a fifth fewer than 400: ln 0.8 over √(1/400 + 1/320) is −2.975; normal power 0.845.
    let power = two_counts(&EVEN, -0.2, &draws(4000)).unwrap();
    assert!(
        (power.power - 0.845).abs() < 4.0 * power.monte_carlo_error + 0.005,
        "{power:?}"
    );
    assert!((power.false_positives - 0.05).abs() < 0.015);
    // √(0.845 · 0.155 / 4000).
    assert!((power.monte_carlo_error - 0.0057).abs() < 0.0004);
}

#[test]
fn spread_beyond_poisson_costs_power_and_not_the_level() {
    let spread = TwoCounts {
        dispersion: 4.0,
        ..EVEN
    };
    let power = two_counts(&spread, -0.2, &draws(4000)).unwrap();
    // z −1.49 on four times the variance: normal power 0.319.
    assert!((power.power - 0.319).abs() < 0.04, "{power:?}");
    assert!((power.false_positives - 0.05).abs() < 0.02);
}

#[test]
fn the_smallest_effect_of_the_worked_example_has_the_power_asked_for() {
    let settings = draws(2000);
    let fewer = smallest_effect(0.8, -0.9, |change| two_counts(&EVEN, change, &settings)).unwrap();
    assert!((-0.197..-0.182).contains(&fewer), "{fewer}");
    let power = two_counts(&EVEN, fewer, &settings).unwrap();
    assert!((power.power - 0.8).abs() < 0.03);
    // A rise needs other numbers than a fall.
    let more = smallest_effect(0.8, 0.9, |change| two_counts(&EVEN, change, &settings)).unwrap();
    assert!((0.2..0.23).contains(&more), "{more}");
    assert!(matches!(
        smallest_effect(0.8, -0.05, |change| two_counts(&EVEN, change, &settings)),
        Err(Unanswerable::Invalid(_))
    ));
}

fn months(autocorrelation: f64, lag: Option<usize>) -> Series {
    Series {
        before: 60,
        after: 24,
        spread: 1.0,
        autocorrelation,
        lag,
        period: 12.0,
        harmonics: 0,
    }
}

#[test]
fn a_series_gains_power_with_the_step_and_shows_its_false_findings() {
    let settings = draws(400);
    let power = |step| series(&months(0.0, None), step, &settings).unwrap();
    let (none, some, large) = (power(0.0), power(0.8), power(2.0));
    assert!((none.power - 0.05).abs() < 0.04);
    assert_eq!(none.power, none.false_positives);
    assert!(none.power < some.power && some.power < large.power);
    assert!(large.power > 0.95);
    // Carried over, and judged as if it were not: what looks like power is not.
    let carried = series(&months(0.6, None), 0.8, &settings).unwrap();
    assert!(carried.false_positives > 0.2, "{carried:?}");
    let judged = series(&months(0.6, Some(12)), 0.8, &settings).unwrap();
    assert!(judged.false_positives < carried.false_positives);
}

const UNITS: Units = Units {
    treated: 10,
    controls: 20,
    before: 12,
    after: 6,
    spread: 1.0,
    autocorrelation: 0.5,
};

#[test]
fn a_panel_keeps_its_level_and_gains_power_with_units() {
    let settings = draws(400);
    let small = panel(&UNITS, -0.6, &settings).unwrap();
    let large = Units {
        treated: 30,
        controls: 60,
        ..UNITS
    };
    let large = panel(&large, -0.6, &settings).unwrap();
    assert!(small.false_positives < 0.09 && large.false_positives < 0.09);
    assert!(large.power > small.power + 0.15, "{small:?} {large:?}");
}

#[test]
fn a_seed_gives_the_same_power() {
    let with = |seed| {
        let settings = Settings { seed, ..draws(200) };
        panel(&UNITS, -0.6, &settings).unwrap()
    };
    assert_eq!(with(1), with(1));
    assert_ne!(with(1), with(2));
}

#[test]
fn designs_that_make_no_sense_are_refused() {
    let settings = draws(100);
    for odd in [f64::NAN, 0.0, -1.0, f64::INFINITY, 1e300] {
        let before = TwoCounts {
            before: odd,
            ..EVEN
        };
        assert!(two_counts(&before, -0.2, &settings).is_err());
        let spread = Series {
            spread: odd,
            ..months(0.0, None)
        };
        assert!(odd == 1e300 || series(&spread, 1.0, &settings).is_err());
    }
    assert!(two_counts(&EVEN, -1.0, &settings).is_err());
    assert!(two_counts(&EVEN, -0.2, &draws(99)).is_err());
    let one = Units {
        treated: 1,
        ..UNITS
    };
    assert!(matches!(
        panel(&one, 1.0, &settings),
        Err(Unanswerable::TooFew { .. })
    ));
    let vast = Units {
        treated: usize::MAX,
        before: usize::MAX,
        ..UNITS
    };
    assert!(matches!(
        panel(&vast, 1.0, &settings),
        Err(Unanswerable::Invalid(_))
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_makes_power_panic_or_leave_its_range(
        numbers in prop::array::uniform4(prop::num::f64::ANY),
        sizes in prop::array::uniform4(0_usize..30),
        lag in prop::option::of(0_usize..40),
    ) {
        let settings = draws(100);
        let [a, b, c, effect] = numbers;
        let counted = TwoCounts { before: a, length: b, dispersion: c };
        let line = Series {
            before: sizes[0], after: sizes[1], spread: a, autocorrelation: b % 1.0, lag,
            period: 12.0, harmonics: sizes[2] % 4,
        };
        let units = Units {
            treated: sizes[0] % 6, controls: sizes[1] % 6, before: sizes[2] % 6,
            after: sizes[3] % 6, spread: a, autocorrelation: b % 1.0,
        };
        let answers = [
            two_counts(&counted, effect, &settings),
            series(&line, effect, &settings),
            panel(&units, effect, &settings),
        ];
        for power in answers.into_iter().flatten() {
            prop_assert!((0.0..=1.0).contains(&power.power));
            prop_assert!((0.0..=1.0).contains(&power.false_positives));
        }
        if let Ok(found) = smallest_effect(a, b, |x| two_counts(&EVEN, x, &settings)) {
            prop_assert!(found.abs() <= b.abs());
        }
    }
}
