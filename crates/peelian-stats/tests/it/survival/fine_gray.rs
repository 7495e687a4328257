use peelian_stats::Unanswerable;
use peelian_stats::survival::Cases;
use peelian_stats::survival::cox::{self, Errors, Ties, cox};
use peelian_stats::survival::fine_gray::fine_gray;
use rand::Rng;

use super::competing::twenty;
use super::{near, random, wait};

#[test]
fn coefficients_and_errors_with_ties_are_those_of_crr() {
    let (times, causes, x) = twenty();
    let one = fine_gray(&times, &causes, 1, &[&x], 0.95).unwrap();
    // crr of cmprsk 2.2-11, its search run to a slope of 1e-13.
    near(one.coefficients[0].estimate, 0.564_888_528_633_834, 1e-9);
    near(
        one.coefficients[0].standard_error,
        0.380_026_962_431_702,
        1e-8,
    );
    let group: Vec<_> = (0..20).map(|case| f64::from(case % 2)).collect();
    let two = fine_gray(&times, &causes, 2, &[&x, &group], 0.95).unwrap();
    for (coefficient, (estimate, error)) in two.coefficients.iter().zip([
        (-0.470_641_295_523_658, 0.479_035_059_201_668),
        (0.804_447_988_670_397, 0.741_620_749_098_338),
    ]) {
        near(coefficient.estimate, estimate, 1e-9);
        near(coefficient.standard_error, error, 1e-8);
    }
    assert_eq!(two.events, 7);
}

#[test]
fn without_other_causes_it_is_cox_with_robust_errors() {
    let mut random = random(99);
    let times: Vec<_> = (0..80).map(|_| wait(&mut random, 0.1).ceil()).collect();
    let causes: Vec<u8> = (0..80).map(|_| random.random_range(0..2)).collect();
    let x: Vec<f64> = (0..80).map(|_| random.random()).collect();
    let happened: Vec<_> = causes.iter().map(|&cause| cause == 1).collect();
    let settings = cox::Settings {
        ties: Ties::Breslow,
        errors: Errors::Robust,
        ..cox::Settings::default()
    };
    let plain = cox(Cases::new(&times, &happened), &[&x], &settings).unwrap();
    let ours = fine_gray(&times, &causes, 1, &[&x], 0.95).unwrap();
    let (a, b) = (plain.coefficients[0], ours.coefficients[0]);
    near(a.estimate, b.estimate, 1e-11);
    near(a.standard_error, b.standard_error, 1e-11);
    near(plain.log_likelihood[1], ours.log_likelihood[1], 1e-10);
}

#[test]
fn the_interval_holds_the_true_coefficient() {
    // Fine and Gray's own design: I(t; x) = 1 − (1 − p(1 − exp(−t)))^exp(βx), other causes later.
    let (p, beta) = (0.6, 0.6_f64);
    let mut random = random(1999);
    let mut held = 0;
    for _ in 0..400 {
        let (mut times, mut causes, mut xs) = (vec![], vec![], vec![]);
        for case in 0..150 {
            let x = f64::from(case % 2);
            let ratio = (beta * x).exp();
            let ever = 1.0 - (1.0_f64 - p).powf(ratio);
            let (draw, first): (f64, f64) = (random.random(), random.random());
            let (event, cause) = if first < ever {
                // Solves I(t)/ever = draw.
                let left = (1.0 - draw * ever).powf(1.0 / ratio);
                (-(1.0 - (1.0 - left) / p).ln(), 1)
            } else {
                (wait(&mut random, (0.3 * x).exp()), 2)
            };
            let last = wait(&mut random, 0.3);
            times.push(event.min(last));
            causes.push(if event <= last { cause } else { 0 });
            xs.push(x);
        }
        let fit = fine_gray(&times, &causes, 1, &[&xs], 0.95).unwrap();
        held += i32::from(fit.coefficients[0].interval.contains(beta.exp()));
    }
    assert!((365..=393).contains(&held), "{held}");
}

#[test]
fn bad_questions_get_a_reason() {
    let (times, causes, x) = twenty();
    let ask = |cause, x: &[&[f64]]| fine_gray(&times, &causes, cause, x, 0.95).unwrap_err();
    assert!(matches!(ask(0, &[&x]), Unanswerable::Invalid(_)));
    assert!(matches!(
        ask(9, &[&x]),
        Unanswerable::TooFew { what: "events", .. }
    ));
    assert!(matches!(ask(1, &[]), Unanswerable::TooFew { .. }));
    assert_eq!(ask(1, &[&[2.0; 20]]), Unanswerable::Constant);
    assert_eq!(ask(1, &[&x, &x]), Unanswerable::Collinear);
}
