use peelian_stats::queue::erlang::{Traffic, erlang_c};
use peelian_stats::queue::priority::priority;
use proptest::prelude::*;

use crate::goldens::Within::Relative;
use crate::goldens::close;

#[test]
fn the_golden_case_of_two_classes_holds() {
    for case in crate::goldens::run("des_queue") {
        if case.input.ends_with("priority_999_101") {
            case.matches_json("expected.json", &[("/exact", Relative(1e-12))]);
        }
    }
}

#[test]
fn the_worked_example_holds() {
    let found = priority(&[0.35, 0.9], 6.0, 9).unwrap();
    let waits: Vec<_> = found
        .classes
        .iter()
        .map(|class| (class.unwrap().mean_wait * 1000.0).round())
        .collect();
    assert_eq!(waits, [443.0, 2656.0]);
    assert_eq!((found.wait_probability * 1000.0).round(), 509.0);
    assert_eq!((found.mean_wait.unwrap() * 1000.0).round(), 2037.0);
}

#[test]
fn urgent_calls_still_have_a_steady_wait_where_the_others_have_none() {
    // One handler, calls of one minute: urgent 0.5 a minute, the others 0.6. He is always busy, so
    // an urgent call waits 1/(1 − 0.5) minutes.
    let found = priority(&[0.5, 0.6], 1.0, 1).unwrap();
    assert_eq!(found.wait_probability, 1.0);
    assert_eq!(found.classes[0].unwrap().mean_wait, 2.0);
    assert_eq!(found.classes[1], None);
    assert_eq!(found.mean_wait, None);
}

#[test]
fn no_class_no_answer() {
    assert!(priority(&[], 1.0, 1).is_err());
    assert!(priority(&[0.1], 1.0, 0).is_err());
    assert!(priority(&[0.1, f64::NAN], 1.0, 1).is_err());
    assert!(priority(&[0.1], 0.0, 1).is_err());
    assert_eq!(priority(&[0.0, 0.0], 1.0, 1).unwrap().mean_wait, Some(0.0));
}

proptest! {
    #[test]
    fn priority_moves_waits_about_and_keeps_their_mean(
        shares in prop::collection::vec(0.01..1.0_f64, 1..6),
        load in 0.05..0.98_f64,
        servers in 1_u32..60,
    ) {
        let total: f64 = shares.iter().sum();
        let handlers = f64::from(servers);
        let arrivals: Vec<_> = shares.iter().map(|share| share / total * load * handlers).collect();
        let found = priority(&arrivals, 1.0, servers).unwrap();
        let everyone = Traffic { arrivals: arrivals.iter().sum(), handling_time: 1.0 };
        let line = erlang_c(everyone, servers).unwrap();
        close(found.mean_wait.unwrap(), line.mean_wait, 1e-9, "mean wait");
        let waits: Vec<_> = found.classes.iter().map(|class| class.unwrap().mean_wait).collect();
        prop_assert!(waits.is_sorted());
    }

    #[test]
    fn no_numbers_whatever_make_it_panic(
        arrivals in prop::collection::vec(prop::num::f64::ANY, 0..4),
        handling_time in prop::num::f64::ANY,
        servers in any::<u32>(),
    ) {
        if let Ok(found) = priority(&arrivals, handling_time, servers) {
            for class in found.classes.iter().flatten() {
                prop_assert!(class.mean_wait >= 0.0 && class.mean_queue >= 0.0);
            }
        }
    }
}
