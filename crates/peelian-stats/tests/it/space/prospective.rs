use peelian_stats::Unanswerable;
use peelian_stats::space::prospective::{
    Event, Grid, Squares, choose, prospective_risk, retrospective_risk,
};
use proptest::prelude::*;

use crate::goldens::{Within, run};

#[test]
fn risks_and_hits_are_those_of_open_cp() {
    for case in run("prospective_hotspot") {
        for file in [
            "expected_prohotspot_classic.csv",
            "expected_prohotspot_circle.csv",
            "expected_retro_quartic400.csv",
        ] {
            case.matches(
                file,
                &[
                    ("gy", Within::Exact),
                    ("gx", Within::Exact),
                    ("risk", Within::Relative(1e-10)),
                ],
            );
        }
        case.matches_json("expected_hit.json", &[("", Within::Relative(1e-12))]);
    }
}

const GRID: Grid = Grid {
    corner: [0.0, 0.0],
    cell: 100.0,
    columns: 5,
    rows: 4,
};

#[test]
fn one_event_worked_by_hand() {
    let event = Event {
        x: 250.0,
        y: 150.0,
        age: 1.5,
    };
    let risk = prospective_risk(&GRID, &[event], 8.0, 8.0, Squares::Chebyshev).unwrap();
    assert_eq!(risk[GRID.columns + 2], 0.5);
    assert_eq!(risk[1], 0.25);
    assert_eq!(risk[3 * GRID.columns + 4], 1.0 / 6.0);
    let round = prospective_risk(&GRID, &[event], 8.0, 1.2, Squares::Euclidean).unwrap();
    assert_eq!(round.iter().filter(|risk| **risk > 0.0).count(), 5);
    let kernel = retrospective_risk(&GRID, &[event], 200.0).unwrap();
    assert_eq!(kernel[GRID.columns + 2], 1.0);
    // 100 of 200 away: (1 − ¼)².
    assert_eq!(kernel[GRID.columns + 3], 0.5625);
    assert_eq!(kernel[GRID.columns + 4], 0.0);
}

#[test]
fn what_is_too_old_or_still_to_come_does_not_count() {
    let event = |age| Event {
        x: 250.0,
        y: 150.0,
        age,
    };
    let risk = |age| prospective_risk(&GRID, &[event(age)], 8.0, 8.0, Squares::Chebyshev).unwrap();
    assert!(risk(7.9).iter().any(|risk| *risk > 0.0));
    assert!(risk(8.0).iter().all(|risk| *risk == 0.0));
    assert!(risk(-0.1).iter().all(|risk| *risk == 0.0));
}

#[test]
fn a_choice_says_when_it_hung_on_the_order() {
    let risk = [1.0, 3.0, 3.0, 0.0];
    let chosen = choose(&risk, 0.25).unwrap();
    assert_eq!((chosen.squares, chosen.tied), (vec![2], true));
    let chosen = choose(&risk, 0.5).unwrap();
    assert_eq!((chosen.squares, chosen.tied), (vec![1, 2], false));
    assert_eq!(choose(&[1.0; 100], 0.07).unwrap().squares.len(), 7);
    assert!(matches!(choose(&risk, 1.1), Err(Unanswerable::Invalid(_))));
    assert!(matches!(
        choose(&[f64::NAN], 0.5),
        Err(Unanswerable::Invalid(_))
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_events_or_grids_panic(
        values in prop::collection::vec(prop::array::uniform3(prop_oneof![prop::num::f64::ANY, -1e3..1e3_f64]), 0..5),
        odd in prop::array::uniform3(prop_oneof![prop::num::f64::ANY, 0.1..1e3_f64]), columns in 0_usize..20, rows in 0_usize..20,
        reach in prop::num::f64::ANY,
    ) {
        let events: Vec<_> = values.iter().map(|[x, y, age]| Event { x: *x, y: *y, age: *age }).collect();
        let grid = Grid { corner: [odd[0], odd[1]], cell: odd[2], columns, rows };
        let _ = prospective_risk(&grid, &events, 8.0, reach, Squares::Euclidean);
        let _ = retrospective_risk(&grid, &events, reach);
        let _ = prospective_risk(&Grid { columns: usize::MAX, ..grid }, &events, 8.0, 8.0, Squares::Chebyshev);
    }
}
