use peelian_stats::Unanswerable;
use peelian_stats::comparison::multiplicity::Adjustment;
use peelian_stats::space::local_g::Permutations;
use peelian_stats::space::moran::{
    Quadrant, local_moran, moran, permuted_local_moran, permuted_moran,
};
use peelian_stats::space::weights::{Edge, Weights};
use proptest::prelude::*;

use crate::goldens::close;

#[test]
fn a_chessboard_is_as_unlike_as_can_be_and_a_slope_is_alike() {
    let rook = Weights::rook(6, 6).unwrap();
    let board: Vec<_> = (0..36).map(|i| f64::from((i % 6 + i / 6) % 2)).collect();
    close(moran(&board, &rook).unwrap().i, -1.0, 1e-14, "chessboard");
    let slope: Vec<_> = (0..36).map(|i| f64::from(i / 6)).collect();
    close(moran(&slope, &rook).unwrap().i, 0.8, 1e-14, "slope");
}

#[test]
fn the_worked_example_of_the_page() {
    // 1 2 3 4 along a line: d = −1.5 −0.5 0.5 1.5, Σd² = 5, six weights.
    // I = 4/6 · 2·(0.75 − 0.25 + 0.75)/5 = 1/3.
    let line = Weights::rook(4, 1).unwrap();
    let found = moran(&[1.0, 2.0, 3.0, 4.0], &line).unwrap();
    close(found.i, 1.0 / 3.0, 1e-14, "I");
    close(found.expected, -1.0 / 3.0, 1e-15, "expected");
    // S0 = 6, S1 = 12, S2 = 4 + 16 + 16 + 4 = 40: (16·12 − 4·40 + 3·36)/(15·36) − 1/9.
    close(
        found.variance_normal,
        140.0 / 540.0 - 1.0 / 9.0,
        1e-13,
        "normal",
    );
    // All 24 orders of 1 2 3 4, counted below.
    close(
        found.variance_randomised,
        variance_of_all_orders(),
        1e-12,
        "all orders",
    );
    let local = local_moran(&[1.0, 2.0, 3.0, 4.0], &line, Adjustment::None).unwrap();
    close(local[3].i, 1.5 * 0.5 / 1.25, 1e-14, "right end");
    assert_eq!(local[3].quadrant, Quadrant::HighHigh);
}

fn variance_of_all_orders() -> f64 {
    let line = Weights::rook(4, 1).unwrap();
    let mut all = Vec::new();
    for a in 0..4 {
        for b in (0..4).filter(|b| *b != a) {
            for c in (0..4).filter(|c| *c != a && *c != b) {
                let values = [a, b, c, 6 - a - b - c].map(f64::from);
                all.push(moran(&values, &line).unwrap().i);
            }
        }
    }
    let mean = all.iter().sum::<f64>() / all.len() as f64;
    close(mean, -1.0 / 3.0, 1e-12, "mean of all orders");
    all.iter().map(|i| (i - mean).powi(2)).sum::<f64>() / all.len() as f64
}

#[test]
fn permutations_agree_with_the_randomisation_variance() {
    let weights = Weights::queen(7, 7).unwrap().row_standardised();
    let values: Vec<_> = (0..49).map(|i| f64::from(i * i % 23)).collect();
    let analytic = moran(&values, &weights).unwrap();
    let drawn = permuted_moran(&values, &weights, 4_999, 3).unwrap();
    close(drawn.i, analytic.i, 1e-12, "I");
    // I of shuffled values is nearly normal here.
    assert!((drawn.p - analytic.p_randomised.unwrap()).abs() < 0.05);
    assert_eq!(drawn, permuted_moran(&values, &weights, 4_999, 3).unwrap());
}

#[test]
fn quadrants_name_the_area_first_and_its_neighbours_second() {
    let line = Weights::rook(6, 1).unwrap();
    let values = [9.0, 9.0, 1.0, 1.0, 9.0, 1.0];
    let areas = local_moran(&values, &line, Adjustment::None).unwrap();
    let quadrants: Vec<_> = areas.iter().map(|area| area.quadrant).collect();
    // The neighbours of areas 2 to 4 (9 1, 1 9, 1 1) lie on the mean, on it and below.
    assert_eq!(quadrants[0], Quadrant::HighHigh);
    assert_eq!(quadrants[2], Quadrant::LowLow);
    assert_eq!(quadrants[4], Quadrant::HighLow);
    assert_eq!(quadrants[5], Quadrant::LowHigh);
}

#[test]
fn local_permutations_are_those_of_the_neighbours_sum_turned_for_low_areas() {
    let weights = Weights::queen(6, 6).unwrap().row_standardised();
    let values: Vec<_> = (0..36)
        .map(|i| if i % 6 < 2 { 8.0 } else { f64::from(i % 3) })
        .collect();
    let draws = Permutations {
        draws: 1_999,
        ..Permutations::default()
    };
    let drawn =
        permuted_local_moran(&values, &weights, Adjustment::default(), 0.05, &draws).unwrap();
    let analytic = local_moran(&values, &weights, Adjustment::None).unwrap();
    for (drawn, analytic) in drawn.iter().zip(&analytic) {
        // Far to one side both must say so; the sum of a few counts is not normal.
        let z = analytic.z.unwrap();
        if z > 2.5 {
            assert!(drawn.upper < 0.03, "{z} {drawn:?}");
        }
        if z < -2.5 {
            assert!(drawn.lower < 0.03, "{z} {drawn:?}");
        }
    }
    assert!(analytic.iter().any(|area| area.z.unwrap() > 2.5));
}

#[test]
fn an_area_on_the_mean_has_no_score() {
    let line = Weights::rook(5, 1).unwrap();
    let values = [1.0, 2.0, 3.0, 4.0, 5.0];
    let areas = local_moran(&values, &line, Adjustment::None).unwrap();
    assert_eq!((areas[2].i, areas[2].z), (0.0, None));
    let draws = Permutations::default();
    let drawn = permuted_local_moran(&values, &line, Adjustment::None, 0.05, &draws).unwrap();
    assert_eq!(drawn[2].p, 1.0);
}

#[test]
fn what_cannot_be_answered_says_why() {
    let line = Weights::rook(4, 1).unwrap();
    assert_eq!(moran(&[1.0; 4], &line), Err(Unanswerable::Constant));
    let alone = Weights::from_edges(4, &[]).unwrap();
    assert!(matches!(
        moran(&[1.0, 2.0, 3.0, 4.0], &alone),
        Err(Unanswerable::TooFew { need: 1, .. })
    ));
    assert!(permuted_moran(&[1.0, 2.0, 3.0, 4.0], &line, 0, 1).is_err());
    assert!(permuted_moran(&[1.0, 2.0, 3.0, 4.0], &line, usize::MAX, 1).is_err());
    assert!(moran(&[1.0, 2.0, 3.0], &Weights::rook(3, 1).unwrap()).is_err());
}

proptest! {
    #[test]
    fn a_change_of_unit_and_of_the_weights_scale_changes_nothing(
        values in prop::collection::vec(0..30_u8, 16),
        factor in prop_oneof![0.01..100.0_f64, -100.0..-0.01_f64],
        shift in -50.0..50.0_f64,
        scale in 0.01..100.0_f64,
    ) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        let queen = Weights::queen(4, 4).unwrap();
        let edges: Vec<_> = (0..16)
            .flat_map(|from| queen.neighbours(from).map(move |(to, weight)| Edge {
                from,
                to,
                weight: weight * scale,
            }))
            .collect();
        let scaled = Weights::from_edges(16, &edges).unwrap();
        let moved: Vec<_> = values.iter().map(|value| value * factor + shift).collect();
        if let Ok(plain) = moran(&values, &queen) {
            let other = moran(&moved, &scaled).unwrap();
            prop_assert!((plain.i - other.i).abs() < 1e-9);
            prop_assert!((plain.variance_normal - other.variance_normal).abs() < 1e-9);
            prop_assert!((plain.variance_randomised - other.variance_randomised).abs() < 1e-9);
        }
    }

    #[test]
    fn no_input_panics_and_no_figure_is_not_a_number(
        values in prop::collection::vec(
            prop_oneof![prop::num::f64::ANY, 0.0..10.0_f64, Just(1e300), Just(1e-310)],
            0..12,
        ),
        edges in prop::collection::vec((0..12_usize, 0..12_usize, 1e-300..1e300_f64), 0..30),
        level in prop_oneof![Just(0.05), prop::num::f64::ANY],
    ) {
        let edges: Vec<_> = edges
            .into_iter()
            .map(|(from, to, weight)| Edge { from, to, weight })
            .collect();
        let Ok(weights) = Weights::from_edges(values.len(), &edges) else {
            return Ok(());
        };
        if let Ok(found) = moran(&values, &weights) {
            prop_assert!(found.i.is_finite() && found.variance_randomised.is_finite());
            prop_assert!(found.p_randomised.is_none_or(|p| (0.0..=1.0).contains(&p)));
        }
        if let Ok(found) = permuted_moran(&values, &weights, 9, 1) {
            prop_assert!((0.0..=1.0).contains(&found.p) && found.i.is_finite());
        }
        for area in local_moran(&values, &weights, Adjustment::default()).into_iter().flatten() {
            prop_assert!(area.i.is_finite());
            prop_assert!(area.z.is_none_or(f64::is_finite));
        }
        let draws = Permutations { draws: 49, ..Permutations::default() };
        let drawn = permuted_local_moran(&values, &weights, Adjustment::None, level, &draws);
        for area in drawn.into_iter().flatten() {
            prop_assert!((0.0..=1.0).contains(&area.p) && (0.0..=1.0).contains(&area.folded));
        }
    }
}
