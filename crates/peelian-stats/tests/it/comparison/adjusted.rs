use peelian_stats::comparison::multiplicity::{Adjustment, adjusted};
use proptest::prelude::*;

fn all(p: &[f64]) -> Vec<Option<f64>> {
    p.iter().copied().map(Some).collect()
}

#[track_caller]
fn same(ours: &[Option<f64>], expected: &[f64]) {
    for (ours, expected) in ours.iter().zip(expected) {
        assert!((ours.unwrap() - expected).abs() < 1e-12, "{ours:?}");
    }
}

#[test]
fn adjusted_values_of_a_small_list() {
    // As R's p.adjust gives them.
    let p = all(&[0.01, 0.04, 0.03, 0.005]);
    same(
        &adjusted(&p, Adjustment::BenjaminiHochberg),
        &[0.02, 0.04, 0.04, 0.02],
    );
    let harmonic = 1.0 + 1.0 / 2.0 + 1.0 / 3.0 + 1.0 / 4.0;
    same(
        &adjusted(&p, Adjustment::BenjaminiYekutieli),
        &[0.02, 0.04, 0.04, 0.02].map(|p| p * harmonic),
    );
    same(
        &adjusted(&p, Adjustment::Bonferroni),
        &[0.04, 0.16, 0.12, 0.02],
    );
    same(&adjusted(&p, Adjustment::None), &[0.01, 0.04, 0.03, 0.005]);
}

#[test]
fn what_was_not_tested_does_not_count_as_a_test() {
    let p = [Some(0.02), None, Some(f64::NAN), Some(0.5), Some(-1.0)];
    let adjusted = adjusted(&p, Adjustment::Bonferroni);
    assert_eq!(adjusted, [Some(0.04), None, None, Some(1.0), None]);
}

proptest! {
    #[test]
    fn adjusted_values_keep_the_order_and_only_grow(
        p in prop::collection::vec(prop_oneof![0.0..1.0_f64, prop::num::f64::ANY], 0..50),
    ) {
        for adjustment in [
            Adjustment::None,
            Adjustment::BenjaminiHochberg,
            Adjustment::BenjaminiYekutieli,
            Adjustment::Bonferroni,
        ] {
            let given = all(&p);
            let found = adjusted(&given, adjustment);
            prop_assert_eq!(found.len(), p.len());
            let pairs: Vec<_> = p.iter().zip(&found).filter_map(|(p, q)| q.map(|q| (*p, q))).collect();
            for (p, q) in &pairs {
                prop_assert!(*q >= *p - 1e-15 && *q <= 1.0);
                for (other, adjusted) in &pairs {
                    prop_assert!(p > other || q <= adjusted);
                }
            }
        }
    }
}
