use peelian_stats::Unanswerable;
use peelian_stats::comparison::multiplicity::{benjamini_hochberg, benjamini_yekutieli, storey};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::goldens::close;

/// The fifteen p-values of the example in Benjamini and Hochberg (1995).
const EXAMPLE: [f64; 15] = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
    0.6528, 0.7590, 1.0,
];

#[test]
fn the_authors_example_has_four_findings() {
    let adjusted = benjamini_hochberg(&EXAMPLE).unwrap();
    assert_eq!(adjusted.iter().filter(|p| **p <= 0.05).count(), 4);
    close(adjusted[0], 0.0015, 1e-12, "15 × 0.0001");
    close(adjusted[3], 0.0095 * 15.0 / 4.0, 1e-12, "fourth");
    // The sixth takes the value of the seventh, which is the smaller.
    close(adjusted[5], 0.0298 * 15.0 / 7.0, 1e-12, "sixth");
    let harmonic: f64 = (1..=15).map(|i| 1.0 / f64::from(i)).sum();
    let careful = benjamini_yekutieli(&EXAMPLE).unwrap();
    close(
        careful[0],
        0.0015 * harmonic,
        1e-12,
        "first, any dependence",
    );
}

#[test]
fn of_findings_among_many_tests_no_more_than_the_stated_share_is_false() {
    // 200 tests, 40 with something to find; the share of false findings averaged over 400 rounds.
    let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
    let (mut plain, mut careful, mut bold, mut found) = (0.0, 0.0, 0.0, (0, 0, 0));
    for _ in 0..400 {
        let p: Vec<f64> = (0..200)
            .map(|test| {
                let uniform: f64 = random.random();
                if test < 40 { uniform.powi(8) } else { uniform }
            })
            .collect();
        let false_share = |adjusted: &[f64]| {
            let called = |range: std::ops::Range<usize>| {
                adjusted[range].iter().filter(|p| **p <= 0.1).count()
            };
            let (truly, falsely) = (called(0..40), called(40..200));
            (falsely as f64 / (truly + falsely).max(1) as f64, truly)
        };
        let by_bh = false_share(&benjamini_hochberg(&p).unwrap());
        let by_by = false_share(&benjamini_yekutieli(&p).unwrap());
        let by_storey = false_share(&storey(&p, 0.5).unwrap().q);
        plain += by_bh.0 / 400.0;
        careful += by_by.0 / 400.0;
        bold += by_storey.0 / 400.0;
        found = (found.0 + by_by.1, found.1 + by_bh.1, found.2 + by_storey.1);
    }
    // 0.1 × 160/200 is what theory gives for Benjamini and Hochberg here.
    assert!((0.06..0.1).contains(&plain), "{plain}");
    assert!(careful < 0.05, "{careful}");
    assert!(bold > plain && bold < 0.12, "{bold}");
    assert!(found.0 < found.1 && found.1 < found.2, "{found:?}");
}

#[test]
fn the_share_with_nothing_to_find_is_counted_among_large_p_values() {
    let p: Vec<f64> = (0..50)
        .map(|_| 0.001)
        .chain((1..=50).map(|i| f64::from(i) / 50.0))
        .collect();
    let q = storey(&p, 0.5).unwrap();
    close(q.nothing_to_find, 26.0 / 50.0, 1e-12, "share");
    let adjusted = benjamini_hochberg(&p).unwrap();
    close(q.q[3], adjusted[3] * 0.52, 1e-12, "q");
}

#[test]
fn tests_without_an_answer_get_a_reason() {
    for method in [benjamini_hochberg, benjamini_yekutieli] {
        assert_eq!(
            method(&[]).unwrap_err(),
            Unanswerable::TooFew {
                what: "tests",
                have: 0,
                need: 1
            }
        );
        for odd in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert!(matches!(method(&[0.5, odd]), Err(Unanswerable::Invalid(_))));
        }
    }
    assert!(matches!(storey(&[0.5], 1.0), Err(Unanswerable::Invalid(_))));
}

proptest! {
    #[test]
    fn adjusting_keeps_the_order_and_only_raises(p in prop::collection::vec(0.0..=1.0_f64, 1..60)) {
        let (plain, careful) = (benjamini_hochberg(&p).unwrap(), benjamini_yekutieli(&p).unwrap());
        for i in 0..p.len() {
            prop_assert!(p[i] <= plain[i] && plain[i] <= careful[i] && careful[i] <= 1.0);
            for j in 0..p.len() {
                prop_assert!(p[i] > p[j] || plain[i] <= plain[j]);
            }
        }
    }

    #[test]
    fn the_order_given_does_not_matter(p in prop::collection::vec(0.0..=1.0_f64, 1..60)) {
        let turned: Vec<_> = p.iter().rev().copied().collect();
        let mut ours = benjamini_hochberg(&turned).unwrap();
        ours.reverse();
        prop_assert_eq!(ours, benjamini_hochberg(&p).unwrap());
    }

    #[test]
    fn no_p_value_panics(p in prop::collection::vec(prop::num::f64::ANY, 0..20), at in prop::num::f64::ANY) {
        let _ = (benjamini_hochberg(&p), benjamini_yekutieli(&p), storey(&p, at));
    }
}
