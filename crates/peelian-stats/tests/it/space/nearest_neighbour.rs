use peelian_stats::Unanswerable;
use peelian_stats::space::nearest_neighbour::nearest_neighbour;
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

#[test]
fn a_square_lattice_has_twice_the_distance_of_chance() {
    let points: Vec<_> = (0..100)
        .map(|i| (f64::from(i % 10), f64::from(i / 10)))
        .collect();
    let found = nearest_neighbour(&points, 100.0, None).unwrap();
    assert_eq!(
        (found.mean_distance, found.expected, found.index),
        (1.0, 0.5, 2.0)
    );
    // (1 − ½)/(0.26136·10/100).
    assert!((found.z - 19.130_7).abs() < 1e-4);
}

#[test]
fn points_thrown_at_random_are_called_clustered_about_as_often_as_the_level() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
    let mut marked = 0;
    for _ in 0..300 {
        let points: Vec<_> = (0..80)
            .map(|_| (random.random_range(0.0..1.0), random.random_range(0.0..1.0)))
            .collect();
        marked += usize::from(nearest_neighbour(&points, 1.0, Some(4.0)).unwrap().p < 0.05);
    }
    assert!((4..=30).contains(&marked), "{marked} of 300");
}

#[test]
fn tied_points_are_counted_and_odd_areas_refused() {
    let points = vec![(3.0, 4.0); 9];
    let found = nearest_neighbour(&points, 100.0, None).unwrap();
    assert_eq!((found.tied, found.index), (9, 0.0));
    assert!(matches!(
        nearest_neighbour(&points, 0.0, None),
        Err(Unanswerable::Invalid(_))
    ));
    assert!(matches!(
        nearest_neighbour(&points[..5], 1.0, None),
        Err(Unanswerable::TooFew { .. })
    ));
    let far: Vec<_> = (0..8).map(|i| (f64::from(i) * 1e308, 0.0)).collect();
    assert!(nearest_neighbour(&far, 1.0, None).is_err());
}

proptest! {
    #[test]
    fn no_points_panic_and_scale_does_not_matter(
        points in prop::collection::vec((-1e3..1e3_f64, -1e3..1e3_f64), 8..30), scale in 0.01..100.0_f64,
        odd in prop::num::f64::ANY,
    ) {
        let scaled: Vec<_> = points.iter().map(|(x, y)| (x * scale, y * scale)).collect();
        let ours = nearest_neighbour(&points, 4e6, None).unwrap();
        let other = nearest_neighbour(&scaled, 4e6 * scale * scale, None).unwrap();
        prop_assert!((ours.index - other.index).abs() < 1e-9);
        let mut odd_points = points;
        odd_points.push((odd, 0.0));
        let _ = nearest_neighbour(&odd_points, odd, Some(odd));
        let _ = nearest_neighbour(&odd_points, 1.0, None);
    }
}
