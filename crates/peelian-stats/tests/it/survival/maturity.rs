use peelian_stats::Unanswerable;
use peelian_stats::survival::maturity::{chain_ladder, projected_shares};
use proptest::prelude::*;
use rand::Rng;

use super::{near, random};

/// The triangle of Taylor and Ashe, *Journal of Econometrics* 23 (1983) 37–61, on which Mack (1993)
/// shows his errors.
const TAYLOR_ASHE: [&[f64]; 10] = [
    &[
        357_848.0,
        1_124_788.0,
        1_735_330.0,
        2_218_270.0,
        2_745_596.0,
        3_319_994.0,
        3_466_336.0,
        3_606_286.0,
        3_833_515.0,
        3_901_463.0,
    ],
    &[
        352_118.0,
        1_236_139.0,
        2_170_033.0,
        3_353_322.0,
        3_799_067.0,
        4_120_063.0,
        4_647_867.0,
        4_914_039.0,
        5_339_085.0,
    ],
    &[
        290_507.0,
        1_292_306.0,
        2_218_525.0,
        3_235_179.0,
        3_985_995.0,
        4_132_918.0,
        4_628_910.0,
        4_909_315.0,
    ],
    &[
        310_608.0,
        1_418_858.0,
        2_195_047.0,
        3_757_447.0,
        4_029_929.0,
        4_381_982.0,
        4_588_268.0,
    ],
    &[
        443_160.0,
        1_136_350.0,
        2_128_333.0,
        2_897_821.0,
        3_402_672.0,
        3_873_311.0,
    ],
    &[
        396_132.0,
        1_333_217.0,
        2_180_715.0,
        2_985_752.0,
        3_691_712.0,
    ],
    &[440_832.0, 1_288_463.0, 2_419_861.0, 3_483_130.0],
    &[359_480.0, 1_421_128.0, 2_864_498.0],
    &[376_686.0, 1_363_294.0],
    &[344_014.0],
];

#[test]
fn reserves_and_errors_are_those_of_macks_paper() {
    let ladder = chain_ladder(&TAYLOR_ASHE).unwrap();
    let expected = [
        (0.0, 0.0),
        (94_634.0, 75_535.0),
        (469_511.0, 121_699.0),
        (709_638.0, 133_549.0),
        (984_889.0, 261_406.0),
        (1_419_459.0, 411_010.0),
        (2_177_641.0, 558_317.0),
        (3_920_301.0, 875_328.0),
        (4_278_972.0, 971_258.0),
        (4_625_811.0, 1_363_155.0),
    ];
    for (cohort, (reserve, error)) in ladder.cohorts.iter().zip(expected) {
        near(cohort.ultimate - cohort.latest, reserve, 0.51);
        near(cohort.standard_error.unwrap(), error, 0.51);
    }
}

#[test]
fn open_cases_go_down_at_the_pace_of_older_cohorts() {
    // Of 100 and 200 cases, 80 + 160 = 240 were open at the first age and 60 + 150 = 210 at the
    // next; of the first cohort's 60, 54 at the last.
    let outcomes: [&[f64]; 3] = [&[20.0, 40.0, 46.0], &[40.0, 50.0], &[0.0]];
    let shares = projected_shares(&outcomes, &[100.0, 200.0, 50.0], 0.95).unwrap();
    near(shares[0].ultimate, 0.46, 1e-15);
    assert_eq!(shares[0].interval.lower, shares[0].interval.upper);
    near(shares[1].ultimate, 1.0 - 0.75 * 0.9, 1e-15);
    // A cohort without any outcome is carried on all the same.
    near(shares[2].ultimate, 1.0 - 0.875 * 0.9, 1e-15);
    near(shares[2].latest, 0.0, 0.0);
    let interval = shares[2].interval;
    assert!(interval.lower < 0.2125 && 0.2125 < interval.upper);
}

#[test]
fn the_newest_of_four_quarters_is_carried_on_to_27_per_cent() {
    let outcomes: [&[f64]; 4] = [
        &[40.0, 72.0, 94.0, 108.0],
        &[44.0, 76.0, 97.0],
        &[36.0, 66.0],
        &[42.0],
    ];
    let shares = projected_shares(&outcomes, &[400.0; 4], 0.95).unwrap();
    // 986/1080, 609/652 and 292/306 of the open cases stayed open.
    let open = 358.0 / 400.0 * 986.0 / 1080.0 * 609.0 / 652.0 * 292.0 / 306.0;
    near(shares[3].ultimate, 1.0 - open, 1e-14);
    near(shares[3].ultimate, 0.2717, 5e-5);
    let interval = shares[3].interval;
    near(interval.lower, 0.2253, 5e-5);
    near(interval.upper, 0.3153, 5e-5);
}

#[test]
fn intervals_hold_the_share_that_comes_to_be() {
    // Twelve cohorts of 400 cases; each age closes a share of what is open that differs a little
    // from cohort to cohort.
    let mut random = random(24);
    let pace = [0.1, 0.08, 0.06, 0.05, 0.04, 0.03];
    let (mut held, mut asked) = (0, 0);
    for _ in 0..250 {
        let full: Vec<Vec<f64>> = (0..12)
            .map(|_| {
                let mut ended = 0.0;
                let row = pace.iter().map(|pace| {
                    let share = pace * random.random_range(0.7..1.3);
                    let open = (400.0_f64 - ended) as u32;
                    ended += (0..open).filter(|_| random.random_bool(share)).count() as f64;
                    ended
                });
                row.collect()
            })
            .collect();
        let seen: Vec<_> = (0..12).map(|cohort| pace.len().min(12 - cohort)).collect();
        let rows: Vec<_> = full
            .iter()
            .zip(seen)
            .map(|(row, ages)| &row[..ages])
            .collect();
        let shares = projected_shares(&rows, &[400.0; 12], 0.9).unwrap();
        for (share, row) in shares.iter().zip(&full).skip(7) {
            asked += 1;
            held += i32::from(share.interval.contains(row[5] / 400.0));
        }
    }
    let share = f64::from(held) / f64::from(asked);
    assert!((0.88..0.94).contains(&share), "{share}");
}

#[test]
fn two_cohorts_give_a_projection_without_an_error() {
    let ladder = chain_ladder(&[&[10.0, 15.0], &[20.0]]).unwrap();
    assert_eq!(ladder.factors, [1.5]);
    near(ladder.cohorts[1].ultimate, 30.0, 1e-14);
    assert_eq!(ladder.cohorts[1].standard_error, None);
    assert_eq!(ladder.cohorts[0].standard_error, Some(0.0));
}

#[test]
fn bad_triangles_get_a_reason() {
    let few = chain_ladder(&[&[1.0]]).unwrap_err();
    assert!(matches!(
        few,
        Unanswerable::TooFew {
            what: "cohorts",
            ..
        }
    ));
    let grows = chain_ladder(&[&[1.0], &[1.0, 2.0]]).unwrap_err();
    assert!(matches!(grows, Unanswerable::Mismatched(_)));
    let empty = chain_ladder(&[&[1.0, 2.0], &[]]).unwrap_err();
    assert!(matches!(empty, Unanswerable::Mismatched(_)));
    let nothing = chain_ladder(&[&[0.0, 2.0], &[0.0]]).unwrap_err();
    assert!(matches!(
        nothing,
        Unanswerable::TooFew { what: "events", .. }
    ));
    let more = projected_shares(&[&[1.0, 9.0], &[1.0]], &[8.0, 8.0], 0.95).unwrap_err();
    assert!(matches!(more, Unanswerable::Invalid(_)));
}

proptest! {
    #[test]
    fn the_unit_of_the_triangle_does_not_matter(
        figures in prop::collection::vec(0.1_f64..100.0, 15), unit in 0.001_f64..1000.0,
    ) {
        let rows: Vec<&[f64]> = vec![
            &figures[..5], &figures[5..9], &figures[9..12], &figures[12..14], &figures[14..],
        ];
        let scaled: Vec<_> = figures.iter().map(|figure| figure * unit).collect();
        let other: Vec<&[f64]> = vec![
            &scaled[..5], &scaled[5..9], &scaled[9..12], &scaled[12..14], &scaled[14..],
        ];
        let (a, b) = (chain_ladder(&rows).unwrap(), chain_ladder(&other).unwrap());
        for (a, b) in a.cohorts.iter().zip(&b.cohorts) {
            prop_assert!((a.ultimate * unit - b.ultimate).abs() <= 1e-11 * b.ultimate);
            let (a, b) = (a.standard_error.unwrap() * unit, b.standard_error.unwrap());
            prop_assert!((a - b).abs() <= 1e-9 * b);
        }
    }
}
