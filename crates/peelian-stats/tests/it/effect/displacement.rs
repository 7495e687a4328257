use peelian_stats::Unanswerable;
use peelian_stats::effect::displacement::{
    Change, Pair, Reading, Settings, difference, net_effects, quotient,
};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Distribution, Poisson};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::goldens::{Within, close, run};

fn change(before: f64, after: f64) -> Change {
    Change { before, after }
}

#[test]
fn difference_and_quotient_equal_ptools_and_the_closed_form() {
    let tight = Within::Relative(1e-10);
    for case in run("wdd_wdq") {
        case.matches_json("expected.json", &[("/ptools_wdd", tight), ("/wdq", tight)]);
    }
}

#[test]
fn the_worked_example_holds() {
    let (r, d, c) = (
        change(120.0, 84.0),
        change(200.0, 190.0),
        change(400.0, 392.0),
    );
    let effects = net_effects(r, Some(d), c).unwrap();
    assert_eq!(effects.gross, 36.0);
    assert!((effects.net - 0.0857).abs() < 5e-5);
    assert!((effects.total_net - 39.6).abs() < 1e-9);
    let q = quotient(r, Some(d), c, 0.95).unwrap();
    assert!((q.success + 0.0857).abs() < 5e-5);
    assert!((q.buffer.unwrap() + 0.0153).abs() < 5e-5);
    assert!((q.quotient.unwrap() - 0.1786).abs() < 5e-5);
    assert_eq!(q.reading, Reading::Diffusion);
    // The difference of the same counts, the control serving both: −28 and −2.
    let wdd = difference(
        &Pair::new(r, c),
        Some(&Pair::new(d, c)),
        &Settings::default(),
    )
    .unwrap();
    assert_eq!((wdd.local.estimate, wdd.displaced.estimate), (-28.0, -2.0));
    close(wdd.local.standard_error, 996_f64.sqrt(), 1e-14, "error");
    close(wdd.total.standard_error, 2178_f64.sqrt(), 1e-14, "error");
    assert!(wdd.total.interval.contains(0.0));
}

#[test]
fn a_quotient_is_read_only_after_success() {
    let control = change(100.0, 100.0);
    let read = |r: f64, d: f64| {
        let q = quotient(change(100.0, r), Some(change(100.0, d)), control, 0.95);
        q.unwrap().reading
    };
    assert_eq!(read(60.0, 20.0), Reading::DiffusionBeyondEffect);
    assert_eq!(read(60.0, 80.0), Reading::Diffusion);
    assert_eq!(read(60.0, 60.0), Reading::Diffusion);
    assert_eq!(read(60.0, 100.0), Reading::Neither);
    assert_eq!(read(60.0, 120.0), Reading::PartDisplaced);
    assert_eq!(read(60.0, 140.0), Reading::AllDisplaced);
    assert_eq!(read(60.0, 150.0), Reading::AllDisplaced);
    assert_eq!(read(100.0, 80.0), Reading::NoSuccess);
    // Treated and buffer both got worse: the ratio looks like diffusion and is not.
    let worse = quotient(
        change(100.0, 150.0),
        Some(change(100.0, 120.0)),
        control,
        0.95,
    );
    let worse = worse.unwrap();
    assert!(worse.quotient.unwrap() > 0.0);
    assert_eq!(worse.reading, Reading::NoSuccess);
}

#[test]
fn without_success_or_buffer_there_is_no_quotient() {
    let still = change(100.0, 100.0);
    let q = quotient(still, Some(change(50.0, 60.0)), still, 0.95).unwrap();
    assert_eq!((q.quotient, q.reading), (None, Reading::NoSuccess));
    let better = change(100.0, 60.0);
    for buffer in [None, Some(change(0.0, 0.0))] {
        let q = quotient(better, buffer, still, 0.95).unwrap();
        assert_eq!((q.buffer, q.quotient), (None, None));
        assert_eq!(q.reading, Reading::NoBuffer);
    }
    assert!(matches!(
        quotient(better, None, change(0.0, 10.0), 0.95),
        Err(Unanswerable::TooFew { .. })
    ));
}

#[test]
fn a_quotient_near_no_success_takes_any_value_while_the_difference_stays_calm() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(11);
    let poisson = |mean: f64| Poisson::new(mean).unwrap();
    let (mut wild, mut both_signs, mut excluded) = (0, (0, 0), 0);
    // The treated area falls by 3 of 100 beyond its control, the buffer does not move.
    for _ in 0..1000 {
        let mut draw = |mean: f64| poisson(mean).sample(&mut random);
        let (r, d, c) = (
            change(draw(100.0), draw(97.0)),
            change(draw(100.0), draw(100.0)),
            change(draw(400.0), draw(400.0)),
        );
        let q = quotient(r, Some(d), c, 0.95).unwrap();
        let Some(value) = q.quotient else { continue };
        wild += usize::from(value.abs() > 1.0);
        if value > 0.0 {
            both_signs.0 += 1;
        } else {
            both_signs.1 += 1;
        }
        excluded += usize::from(!q.success_interval.contains(0.0));
        let wdd = difference(
            &Pair::new(r, c),
            Some(&Pair::new(d, c)),
            &Settings::default(),
        );
        let wdd = wdd.unwrap();
        assert!(wdd.total.standard_error < 55.0 && wdd.total.estimate.abs() < 300.0);
    }
    assert!(wild > 350, "{wild} of 1000 beyond 1");
    assert!(both_signs.0 > 300 && both_signs.1 > 300);
    // The interval of success says so nearly every time.
    assert!(excluded < 120, "{excluded}");
}

#[test]
fn the_interval_of_the_difference_holds_its_confidence_under_poisson_counts() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
    let settings = Settings {
        before_weight: 1.0,
        after_weight: 0.5,
        confidence: 0.9,
    };
    let covered = (0..2000)
        .filter(|_| {
            let mut draw = |mean: f64| Poisson::new(mean).unwrap().sample(&mut random);
            // Per unit of time: −20 of 80 treated, −5 of 60 control; the buffer as its control.
            let treated = Pair::new(
                change(draw(80.0), draw(30.0)),
                change(draw(60.0), draw(27.5)),
            );
            let buffer = Pair::new(
                change(draw(40.0), draw(20.0)),
                change(draw(40.0), draw(20.0)),
            );
            let wdd = difference(&treated, Some(&buffer), &settings).unwrap();
            wdd.total.interval.contains(-15.0)
        })
        .count();
    assert!((1755..=1845).contains(&covered), "{covered} of 2000");
}

#[test]
fn counts_and_weights_that_make_no_sense_are_refused() {
    let pair = Pair::new(change(10.0, 5.0), change(10.0, 10.0));
    let settings = Settings::default();
    for odd in [f64::NAN, -1.0, f64::INFINITY] {
        let counts = Pair::new(change(odd, 5.0), change(10.0, 10.0));
        assert!(matches!(
            difference(&counts, None, &settings),
            Err(Unanswerable::Invalid(_))
        ));
    }
    for odd in [f64::NAN, 0.0, -1.0, f64::INFINITY] {
        let weights = Pair {
            area_weight: odd,
            ..pair
        };
        assert!(matches!(
            difference(&weights, None, &settings),
            Err(Unanswerable::Invalid(_))
        ));
    }
    let all_zero = Pair::new(change(0.0, 0.0), change(0.0, 0.0));
    let nothing = difference(&all_zero, None, &settings).unwrap();
    assert_eq!((nothing.z, nothing.p_value), (None, 1.0));
}

proptest! {
    #[test]
    fn time_that_runs_backwards_turns_the_sign(
        a in 0.0..500.0, b in 0.0..500.0, c in 0.0..500.0, d in 0.0..500.0,
    ) {
        let settings = Settings::default();
        let forth = difference(&Pair::new(change(a, b), change(c, d)), None, &settings).unwrap();
        let back = difference(&Pair::new(change(b, a), change(d, c)), None, &settings).unwrap();
        prop_assert_eq!(forth.total.estimate, -back.total.estimate);
        prop_assert!((forth.p_value - back.p_value).abs() < 1e-12);
        // And exchanging area and control does too.
        let swapped = difference(&Pair::new(change(c, d), change(a, b)), None, &settings).unwrap();
        prop_assert!((forth.total.estimate + swapped.total.estimate).abs() < 1e-12);
    }

    #[test]
    fn a_quotient_does_not_know_the_size_of_the_control(
        r in 1.0..500.0, d in 1.0..500.0, after in 1.0..500.0, size in 0.1..50.0,
    ) {
        let of = |size: f64| {
            let control = change(100.0 * size, 90.0 * size);
            quotient(change(200.0, r), Some(change(d, after)), control, 0.95).unwrap()
        };
        let (a, b) = (of(1.0), of(size));
        prop_assert_eq!(a.reading, b.reading);
        if let (Some(a), Some(b)) = (a.quotient, b.quotient) {
            prop_assert!((a - b).abs() <= 1e-8 * a.abs().max(1.0));
        }
    }

    #[test]
    fn nothing_makes_a_displacement_panic_or_answer_without_a_number(
        n in prop::array::uniform12(prop::num::f64::ANY),
        positive in any::<bool>(),
    ) {
        let n = if positive { n.map(f64::abs) } else { n };
        let (r, d, c) = (change(n[0], n[1]), change(n[2], n[3]), change(n[4], n[5]));
        let pair = |area| Pair { area, control: c, area_weight: n[6], control_weight: n[7] };
        let settings = Settings { before_weight: n[8], after_weight: n[9], confidence: n[10] };
        for settings in [settings, Settings::default()] {
            if let Ok(wdd) = difference(&pair(r), Some(&pair(d)), &settings) {
                prop_assert!(wdd.total.interval.lower <= wdd.total.interval.upper);
                prop_assert!((0.0..=1.0).contains(&wdd.p_value));
            }
        }
        if let Ok(q) = quotient(r, Some(d), c, 0.95) {
            prop_assert!(q.success.is_finite() && q.quotient.is_none_or(f64::is_finite));
        }
        if let Ok(effects) = net_effects(r, Some(d), c) {
            prop_assert!(effects.gross.is_finite() && effects.net.is_finite());
            prop_assert!(effects.total_net.is_finite());
        }
    }
}
