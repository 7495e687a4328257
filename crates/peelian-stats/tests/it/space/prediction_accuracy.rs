use peelian_stats::Unanswerable;
use peelian_stats::space::prediction_accuracy::{Place, accuracy, scores};
use proptest::prelude::*;

use crate::goldens::{Within, run};

#[test]
fn scores_are_those_of_ptools() {
    for case in run("pai_pei") {
        let within = Within::Relative(1e-10);
        let columns = [
            "Count",
            "CumCount",
            "PCumCount",
            "Pred",
            "CumPred",
            "Area",
            "CumArea",
            "PCumArea",
            "PAI",
            "PEI",
            "RRI",
        ];
        let columns = columns.map(|name| (name, within));
        case.matches(
            "expected.csv",
            &[("Order", Within::Exact), ("id", Within::Exact)],
        );
        case.matches("expected.csv", &columns);
    }
}

fn place(count: f64, predicted: f64, area: f64) -> Place {
    Place {
        count,
        weight: 1.0,
        predicted,
        area,
    }
}

#[test]
fn a_choice_worked_by_hand() {
    let places = [
        place(30.0, 9.0, 1.0),
        place(50.0, 5.0, 1.0),
        place(10.0, 1.0, 4.0),
        place(10.0, 1.0, 4.0),
    ];
    let scores = scores(&places).unwrap();
    // 30 of 100 events on a tenth of the area; the best place of that size holds 50.
    assert_eq!((scores[0].hit_rate, scores[0].area_share), (0.3, 0.1));
    assert!((scores[0].pai - 3.0).abs() < 1e-12 && (scores[0].pei - 0.6).abs() < 1e-12);
    assert_eq!(scores[0].rri, Some(0.3));
    assert!((scores[1].pai - 4.0).abs() < 1e-12 && (scores[1].pei - 1.0).abs() < 1e-12);
    assert!((scores[3].pai - 1.0).abs() < 1e-12);
}

#[test]
fn luck_among_equals_does_not_count_and_harm_weighs() {
    let mut places = [
        place(9.0, 1.0, 1.0),
        place(2.0, 1.0, 1.0),
        place(4.0, 1.0, 1.0),
    ];
    let order = |places: &[Place]| {
        scores(places)
            .unwrap()
            .iter()
            .map(|s| s.place)
            .collect::<Vec<_>>()
    };
    assert_eq!(order(&places), [1, 2, 0]);
    places[1].weight = 10.0;
    assert_eq!(order(&places), [2, 0, 1]);
    assert_eq!(scores(&places).unwrap()[2].count, 33.0);
}

#[test]
fn the_interval_of_a_hit_rate_covers_as_often_as_it_says() {
    // Truth: the two chosen places hold a third of what happens.
    use rand::SeedableRng;
    use rand_distr::{Distribution, Poisson};
    let mut random = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(5);
    let mut covered = 0;
    for seed in 0..300 {
        let places: Vec<_> = (0..10)
            .map(|i| {
                let mean = if i < 2 { 20.0 } else { 10.0 };
                place(
                    Poisson::new(mean).unwrap().sample(&mut random),
                    if i < 2 { 2.0 } else { 1.0 },
                    1.0,
                )
            })
            .collect();
        let found = accuracy(&places, 0.2, 0.9, 199, seed).unwrap();
        assert_eq!(found.places, 2);
        covered += usize::from(found.hit_rate.contains(1.0 / 3.0));
    }
    assert!((250..=288).contains(&covered), "{covered} of 300");
}

#[test]
fn what_cannot_be_scored_is_refused_with_the_reason() {
    assert!(matches!(
        scores(&[]),
        Err(Unanswerable::TooFew { what: "places", .. })
    ));
    assert!(matches!(
        scores(&[place(0.0, 1.0, 1.0)]),
        Err(Unanswerable::TooFew { what: "events", .. })
    ));
    for odd in [
        place(-1.0, 1.0, 1.0),
        place(1.0, f64::NAN, 1.0),
        place(1.0, 1.0, 0.0),
    ] {
        assert!(matches!(scores(&[odd]), Err(Unanswerable::Invalid(_))));
    }
    let two = [place(1.0, 1.0, 1.0), place(1.0, 2.0, 1.0)];
    assert!(matches!(
        accuracy(&two, 0.1, 0.9, 99, 1),
        Err(Unanswerable::Invalid(_))
    ));
    assert!(matches!(
        accuracy(&two, 0.5, 1.0, 99, 1),
        Err(Unanswerable::Invalid(_))
    ));
    assert!(matches!(
        accuracy(&two, 0.5, 0.9, 9, 1),
        Err(Unanswerable::TooFew { .. })
    ));
}

proptest! {
    #[test]
    fn no_places_panic(values in prop::collection::vec(prop::array::uniform4(prop::num::f64::ANY), 0..8)) {
        let places: Vec<_> = values
            .iter()
            .map(|[count, weight, predicted, area]| Place { count: *count, weight: *weight, predicted: *predicted, area: *area })
            .collect();
        let _ = (scores(&places), accuracy(&places, 0.5, 0.9, 40, 1));
    }

    #[test]
    fn everything_chosen_scores_one_and_units_do_not_matter(
        values in prop::collection::vec((1_u8..50, 0.1..9.0_f64, 0.1..9.0_f64), 2..20), scale in 0.01..100.0_f64,
    ) {
        let places: Vec<_> = values.iter().map(|(c, p, a)| place(f64::from(*c), *p, *a)).collect();
        let other: Vec<_> = places.iter().map(|p| Place { predicted: p.predicted * scale, area: p.area * scale, ..*p }).collect();
        let (ours, other) = (scores(&places).unwrap(), scores(&other).unwrap());
        prop_assert!((ours[ours.len() - 1].pai - 1.0).abs() < 1e-9);
        for (a, b) in ours.iter().zip(&other) {
            prop_assert!((a.pai / b.pai - 1.0).abs() < 1e-9);
        }
    }
}
