use peelian_stats::Unanswerable;
use peelian_stats::space::near_repeat::{Distance, Event, knox, near_repeat};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::goldens::table::Table;
use crate::goldens::{Within, run};

#[test]
fn tables_are_those_of_nearrepeat_and_pointpats() {
    for case in run("near_repeat") {
        for file in ["expected_euclidean.csv", "expected_manhattan.csv"] {
            case.matches(
                file,
                &[
                    ("s", Within::Exact),
                    ("t", Within::Exact),
                    ("observed", Within::Exact),
                    ("mean_exact", Within::Relative(1e-12)),
                    ("p_mc", Within::Draws(999.0)),
                ],
            );
            let (ours, theirs) = (
                Table::read(case.out.path(), file).unwrap(),
                Table::read(&case.input, file).unwrap(),
            );
            let column = |name| theirs.optional(name).unwrap();
            let (sd, mean) = (column("sd_perm"), column("mean_exact"));
            let ratios = ours
                .optional("knox_ratio")
                .unwrap()
                .into_iter()
                .zip(column("knox_ratio"));
            for ((ours, theirs), (sd, mean)) in ratios.zip(sd.into_iter().zip(mean)) {
                let (Some(ours), Some(theirs)) = (ours, theirs) else {
                    assert_eq!(ours, theirs);
                    continue;
                };
                let error = sd.unwrap() / 999_f64.sqrt() / mean.unwrap();
                assert!(
                    (ours - theirs).abs() <= 4.0 * error * theirs,
                    "{ours} {theirs}"
                );
            }
        }
        case.matches_json(
            "expected_pointpats.json",
            &[
                ("/nst", Within::Exact),
                ("/observed", Within::Exact),
                ("/expected", Within::Relative(1e-12)),
                ("/p_poisson", Within::Absolute(1e-9)),
                ("/p_sim", Within::Draws(999.0)),
            ],
        );
    }
}

fn scattered(n: usize, seed: u64) -> Vec<Event> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..n)
        .map(|_| Event {
            x: random.random_range(0.0..2000.0),
            y: random.random_range(0.0..2000.0),
            time: f64::from(random.random_range(0..200_u16)),
        })
        .collect()
}

#[test]
fn four_events_worked_by_hand() {
    let event = |x, time| Event { x, y: 0.0, time };
    let events = [
        event(0.0, 0.0),
        event(50.0, 2.0),
        event(500.0, 1.0),
        event(500.0, 30.0),
    ];
    let table = near_repeat(
        &events,
        &[0.0, 0.001, 100.0],
        &[0.0, 7.0],
        Distance::Euclidean,
        99,
        1,
    )
    .unwrap();
    assert_eq!(table.same_place, 1);
    let [same, near] = table.cells[0][..] else {
        panic!()
    };
    assert_eq!((same.observed, near.observed), (0, 1));
    // One pair of six is in each space band, three of six are within a week.
    assert_eq!((same.expected, near.expected), (0.5, 0.5));
    assert_eq!((same.sd, near.sd), (0.5, 0.5));
    assert_eq!(near.ratio, Some(2.0));
}

#[test]
fn exact_mean_and_spread_are_those_of_many_deals() {
    let events = scattered(60, 2);
    let whole = knox(&events, 400.0, 20.0, Distance::Euclidean, 0, 1).unwrap();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(9);
    let counts: Vec<f64> = (0..4000)
        .map(|_| {
            let mut dealt = events.clone();
            for i in (1..dealt.len()).rev() {
                let j = random.random_range(0..=i);
                let time = dealt[i].time;
                dealt[i].time = dealt[j].time;
                dealt[j].time = time;
            }
            knox(&dealt, 400.0, 20.0, Distance::Euclidean, 0, 1)
                .unwrap()
                .both as f64
        })
        .collect();
    let mean = counts.iter().sum::<f64>() / 4000.0;
    let sd = (counts.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / 3999.0).sqrt();
    assert!((mean - whole.expected).abs() < 4.0 * whole.sd / 4000_f64.sqrt());
    assert!((sd / whole.sd - 1.0).abs() < 0.05, "{sd} {}", whole.sd);
}

#[test]
fn repeats_are_found_and_noise_is_marked_about_as_often_as_the_level() {
    let mut events = scattered(150, 4);
    for i in 0..40 {
        let Event { x, y, time } = events[i];
        events.push(Event {
            x: x + 30.0,
            y,
            time: time + 2.0,
        });
    }
    assert_eq!(
        knox(&events, 100.0, 7.0, Distance::Euclidean, 199, 1)
            .unwrap()
            .p,
        0.005
    );
    let marked = (0..150_u64)
        .filter(|&seed| {
            knox(
                &scattered(60, 100 + seed),
                200.0,
                10.0,
                Distance::Manhattan,
                99,
                seed,
            )
            .unwrap()
            .p <= 0.1
        })
        .count();
    assert!((4..=26).contains(&marked), "{marked} of 150");
}

#[test]
fn whole_and_broken_times_give_the_same_table() {
    let events = scattered(80, 6);
    let halved: Vec<_> = events
        .iter()
        .map(|e| Event {
            time: e.time / 2.0 + 0.25,
            ..*e
        })
        .collect();
    let edges = [0.0, 150.0, 400.0];
    let whole = near_repeat(
        &events,
        &edges,
        &[0.0, 7.0, 14.0],
        Distance::Euclidean,
        99,
        3,
    );
    let broken = near_repeat(
        &halved,
        &edges,
        &[0.0, 3.5, 7.0],
        Distance::Euclidean,
        99,
        3,
    );
    assert_eq!(whole, broken);
}

#[test]
fn what_cannot_be_tabled_is_refused_with_the_reason() {
    let events = scattered(10, 1);
    let table = |events: &[Event], space: &[f64], time: &[f64]| {
        near_repeat(events, space, time, Distance::Euclidean, 9, 1).unwrap_err()
    };
    let edges = [0.0, 10.0];
    assert_eq!(
        table(&events[..2], &edges, &edges),
        Unanswerable::TooFew {
            what: "events",
            have: 2,
            need: 3
        }
    );
    for odd in [
        &[][..],
        &[1.0],
        &[1.0, 1.0],
        &[-1.0, 1.0],
        &[0.0, f64::INFINITY],
        &[0.0, f64::NAN],
    ] {
        assert!(
            matches!(table(&events, odd, &edges), Unanswerable::Invalid(_)),
            "{odd:?}"
        );
        assert!(
            matches!(table(&events, &edges, odd), Unanswerable::Invalid(_)),
            "{odd:?}"
        );
    }
    let nowhere = [Event {
        x: f64::NAN,
        y: 0.0,
        time: 0.0,
    }; 4];
    assert!(matches!(
        table(&nowhere, &edges, &edges),
        Unanswerable::Invalid(_)
    ));
    let crowd = vec![
        Event {
            x: 0.0,
            y: 0.0,
            time: 0.0
        };
        20_000
    ];
    assert!(matches!(
        table(&crowd, &edges, &edges),
        Unanswerable::Invalid(_)
    ));
}

fn event() -> impl Strategy<Value = Event> {
    let value = || prop_oneof![prop::num::f64::ANY, -1e3..1e3_f64, Just(0.0), Just(5.0)];
    (value(), value(), value()).prop_map(|(x, y, time)| Event { x, y, time })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_events_panic(events in prop::collection::vec(event(), 0..12), reach in prop::num::f64::ANY, time in prop::num::f64::ANY) {
        let _ = knox(&events, reach, time, Distance::Euclidean, 9, 1);
        let _ = near_repeat(&events, &[0.0, 1.0, 1e300], &[0.0, 1e9], Distance::Manhattan, 9, 1);
    }

    #[test]
    fn the_order_of_events_does_not_matter(seed in 0..1000_u64, turn in 0_usize..30) {
        let events = scattered(30, seed);
        let mut turned = events.clone();
        turned.rotate_left(turn);
        let count = |events: &[Event]| {
            let knox = knox(events, 500.0, 30.0, Distance::Euclidean, 0, 1).unwrap();
            (knox.both, knox.space_only, knox.time_only, knox.neither, knox.expected)
        };
        prop_assert_eq!(count(&events), count(&turned));
    }
}
