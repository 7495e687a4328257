use peelian_stats::Unanswerable;
use peelian_stats::time::outbreak_scan::{Windows, outbreak_scan};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Distribution, Poisson};
use rand_xoshiro::Xoshiro256PlusPlus;

fn noise(mean: f64, n: usize, seed: u64) -> Vec<f64> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..n)
        .map(|_| Poisson::new(mean).unwrap().sample(&mut random))
        .collect()
}

#[test]
fn a_window_worked_by_hand() {
    let counts = [2.0, 2.0, 8.0, 8.0, 2.0, 2.0];
    let found = outbreak_scan(&counts, &[1.0; 6], 3, Windows::All, 99, 1)
        .unwrap()
        .unwrap();
    assert_eq!(
        (found.first, found.last, found.observed, found.expected),
        (2, 3, 16.0, 8.0)
    );
    assert!((found.relative_risk - 4.0).abs() < 1e-12);
    // 16·ln 2 + 8·ln ½ = 8·ln 2.
    assert!((found.score - 8.0 * 2.0_f64.ln()).abs() < 1e-12);
}

#[test]
fn an_outbreak_is_found_and_noise_is_marked_about_as_often_as_the_level() {
    let mut counts = noise(5.0, 52, 1);
    for count in &mut counts[48..] {
        *count += 8.0;
    }
    let found = outbreak_scan(&counts, &[1.0; 52], 8, Windows::EndingNow, 999, 1)
        .unwrap()
        .unwrap();
    assert_eq!((found.first, found.last, found.p), (48, 51, 0.001));

    let marked = (0..200_u64)
        .filter(|&seed| {
            let scan = outbreak_scan(
                &noise(5.0, 52, 7 + seed),
                &[1.0; 52],
                8,
                Windows::All,
                99,
                seed,
            );
            scan.unwrap().is_some_and(|found| found.p <= 0.05)
        })
        .count();
    assert!((2..=22).contains(&marked), "{marked} of 200");
}

#[test]
fn the_season_in_the_baseline_is_no_outbreak() {
    let season: Vec<f64> = (0..52)
        .map(|week| if week < 13 { 30.0 } else { 5.0 })
        .collect();
    let scan =
        |baselines: &[f64]| outbreak_scan(&season, baselines, 13, Windows::All, 199, 3).unwrap();
    assert_eq!(scan(&season), None);
    assert!(scan(&[1.0; 52]).unwrap().p < 0.01);
}

#[test]
fn what_cannot_be_scanned_is_refused_with_the_reason() {
    let scan = |counts: &[f64], baselines: &[f64], longest| {
        outbreak_scan(counts, baselines, longest, Windows::All, 9, 1).unwrap_err()
    };
    assert!(matches!(
        scan(&[1.0], &[1.0, 2.0], 1),
        Unanswerable::Mismatched(_)
    ));
    assert!(matches!(
        scan(&[1.5, 1.0], &[1.0, 2.0], 1),
        Unanswerable::Invalid(_)
    ));
    assert!(matches!(
        scan(&[1.0, 1.0], &[0.0, 2.0], 1),
        Unanswerable::Invalid(_)
    ));
    assert!(matches!(
        scan(&[1.0, 1.0], &[1.0, 2.0], 0),
        Unanswerable::Invalid(_)
    ));
    assert!(matches!(
        scan(&[0.0, 0.0], &[1.0, 2.0], 1),
        Unanswerable::TooFew { .. }
    ));
    assert!(matches!(
        scan(&[1.0, 1.0], &[f64::MAX, f64::MAX], 1),
        Unanswerable::Overflow
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_input_panics_and_only_shares_of_baselines_count(
        pairs in prop::collection::vec((prop_oneof![prop::num::f64::ANY, (0_u8..20).prop_map(f64::from)], 0.1..10.0_f64), 0..20),
        longest in 0_usize..25,
    ) {
        let (counts, baselines): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let doubled: Vec<f64> = baselines.iter().map(|baseline| baseline * 2.0).collect();
        for windows in [Windows::All, Windows::EndingNow] {
            let ours = outbreak_scan(&counts, &baselines, longest, windows, 9, 1);
            prop_assert_eq!(ours, outbreak_scan(&counts, &doubled, longest, windows, 9, 1));
        }
    }
}
