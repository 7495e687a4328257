use peelian_stats::Unanswerable;
use peelian_stats::space::weights::{Edge, SelfWeight, Weights};
use proptest::prelude::*;

fn row(weights: &Weights, unit: usize) -> Vec<(usize, f64)> {
    weights.neighbours(unit).collect()
}

fn indices(weights: &Weights, unit: usize) -> Vec<usize> {
    weights.neighbours(unit).map(|(to, _)| to).collect()
}

fn edge(from: usize, to: usize, weight: f64) -> Edge {
    Edge { from, to, weight }
}

#[test]
fn a_queen_moves_to_eight_cells_and_a_rook_to_four() {
    let queen = Weights::queen(4, 3).unwrap();
    assert_eq!(queen.len(), 12);
    assert_eq!(indices(&queen, 5), [0, 1, 2, 4, 6, 8, 9, 10]);
    assert_eq!(indices(&queen, 0), [1, 4, 5]);
    let rook = Weights::rook(4, 3).unwrap();
    assert_eq!(indices(&rook, 5), [1, 4, 6, 9]);
    assert_eq!(indices(&rook, 11), [7, 10]);
    assert!(Weights::queen(0, 5).unwrap().is_empty());
}

#[test]
fn a_standardised_row_adds_up_to_one() {
    let edges = [edge(0, 1, 1.0), edge(0, 2, 3.0), edge(2, 0, 5.0)];
    let weights = Weights::from_edges(3, &edges).unwrap();
    assert_eq!(weights.without_neighbours(), [1]);
    let rows = weights.clone().row_standardised();
    assert_eq!(row(&rows, 0), [(1, 0.25), (2, 0.75)]);
    assert_eq!(row(&rows, 1), []);
    assert_eq!(row(&rows, 2), [(0, 1.0)]);
    assert_eq!(row(&weights.binary(), 0), [(1, 1.0), (2, 1.0)]);
}

#[test]
fn an_area_joins_its_own_neighbours_once_with_the_weight_asked_for() {
    let edges = [edge(0, 1, 0.5), edge(0, 2, 3.0), edge(1, 1, 9.0)];
    let weights = Weights::from_edges(3, &edges).unwrap();
    let largest = weights.clone().with_self(SelfWeight::Largest);
    assert_eq!(row(&largest, 0), [(0, 3.0), (1, 0.5), (2, 3.0)]);
    assert_eq!(row(&largest, 1), [(1, 1.0)]);
    assert_eq!(largest.without_neighbours(), [1, 2]);
    let one = weights.with_self(SelfWeight::One);
    assert_eq!(row(&one, 0), [(0, 1.0), (1, 0.5), (2, 3.0)]);
}

#[test]
fn edges_that_make_no_sense_are_refused_and_empty_ones_dropped() {
    let refused = |edges: &[Edge]| Weights::from_edges(3, edges).unwrap_err();
    for weight in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(
            refused(&[edge(0, 1, weight)]),
            Unanswerable::Invalid(_)
        ));
    }
    assert!(matches!(
        refused(&[edge(0, 3, 1.0)]),
        Unanswerable::Mismatched(_)
    ));
    let twice = [edge(0, 1, 1.0), edge(0, 1, 2.0)];
    assert!(matches!(refused(&twice), Unanswerable::Invalid(_)));
    let none = Weights::from_edges(3, &[edge(0, 1, 0.0)]).unwrap();
    assert_eq!(none.without_neighbours(), [0, 1, 2]);
}

#[test]
fn points_at_one_place_are_each_others_nearest_by_index() {
    let places = [[5.0, 5.0], [5.0, 5.0], [5.0, 5.0], [9.0, 5.0], [9.0, 5.0]];
    let weights = Weights::nearest(&places, 2).unwrap();
    assert_eq!(indices(&weights, 0), [1, 2]);
    assert_eq!(indices(&weights, 2), [0, 1]);
    assert_eq!(indices(&weights, 3), [0, 4]);
}

#[test]
fn nearest_neighbours_need_more_points_than_neighbours() {
    let too_few = Weights::nearest(&[[0.0, 0.0], [1.0, 0.0]], 2).unwrap_err();
    let expected = Unanswerable::TooFew {
        what: "points",
        have: 2,
        need: 3,
    };
    assert_eq!(too_few, expected);
    assert!(Weights::nearest(&[[0.0, 0.0]], 0).is_err());
    assert!(Weights::nearest(&[], usize::MAX).is_err());
    let far = [[-1e308, 0.0], [1e308, 0.0]];
    assert_eq!(Weights::nearest(&far, 1), Err(Unanswerable::Overflow));
}

#[test]
fn an_inverse_distance_stops_growing_at_the_floor() {
    let places = [[0.0, 0.0], [0.0, 0.0], [0.0, 50.0], [0.0, 500.0]];
    let weights = Weights::inverse_distance(&places, 100.0, 2.0, 10.0).unwrap();
    assert_eq!(row(&weights, 0), [(1, 0.01), (2, 0.0004)]);
    assert_eq!(row(&weights, 3), []);
    assert!(Weights::inverse_distance(&places, 100.0, 2.0, 0.0).is_err());
    let steep = Weights::inverse_distance(&places, 100.0, 1e6, 1.0);
    assert_eq!(steep, Err(Unanswerable::Overflow));
}

#[test]
fn a_grid_too_large_to_hold_is_refused() {
    assert!(Weights::queen(usize::MAX, usize::MAX).is_err());
    assert!(Weights::rook(1 << 13, 1 << 12).is_err());
    assert!(Weights::from_edges(usize::MAX, &[]).is_err());
}

/// Every pair looked at.
fn by_hand(points: &[[f64; 2]], of: usize, k: usize) -> Vec<usize> {
    let squared =
        |i: usize| (points[i][0] - points[of][0]).powi(2) + (points[i][1] - points[of][1]).powi(2);
    let mut all: Vec<_> = (0..points.len())
        .filter(|i| *i != of)
        .map(|i| (squared(i), i))
        .collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut near: Vec<_> = all.into_iter().take(k).map(|(_, i)| i).collect();
    near.sort_unstable();
    near
}

proptest! {
    #[test]
    fn nearest_and_band_agree_with_looking_at_every_pair(
        // A few distinct places, so that distances tie, in long and in round clouds.
        cells in prop::collection::vec((0..12_i32, 0..12_i32), 2..60),
        (width, height) in (0.0..100.0_f64, 0.0..1.0_f64),
        k in 1..12_usize,
        distance in 0.1..60.0_f64,
    ) {
        let points: Vec<_> = cells
            .iter()
            .map(|(x, y)| [f64::from(*x) * width, f64::from(*y) * height])
            .collect();
        let k = k.min(points.len() - 1);
        let nearest = Weights::nearest(&points, k).unwrap();
        let band = Weights::within(&points, distance).unwrap();
        for of in 0..points.len() {
            prop_assert_eq!(indices(&nearest, of), by_hand(&points, of, k));
            let near: Vec<_> = (0..points.len())
                .filter(|i| {
                    let (dx, dy) = (points[*i][0] - points[of][0], points[*i][1] - points[of][1]);
                    *i != of && (dx * dx + dy * dy).sqrt() <= distance
                })
                .collect();
            prop_assert_eq!(indices(&band, of), near);
        }
    }

    #[test]
    fn no_points_panic(
        points in prop::collection::vec(
            prop_oneof![
                prop::array::uniform2(prop::num::f64::ANY),
                prop::array::uniform2(-1e3..1e3_f64),
                prop::array::uniform2(-1e-300..1e-300_f64),
            ],
            0..20,
        ),
        k in 0..5_usize,
        (distance, power, floor) in (prop::num::f64::ANY, prop::num::f64::ANY, prop::num::f64::ANY),
    ) {
        for weights in [
            Weights::nearest(&points, k),
            Weights::within(&points, distance),
            Weights::inverse_distance(&points, distance, power, floor),
        ].into_iter().flatten() {
            let all = weights.with_self(SelfWeight::Largest).row_standardised();
            for unit in 0..points.len() {
                prop_assert!(all.neighbours(unit).all(|(_, w)| w > 0.0 && w.is_finite()));
            }
        }
    }
}
