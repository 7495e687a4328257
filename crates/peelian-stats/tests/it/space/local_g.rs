use peelian_stats::Unanswerable;
use peelian_stats::comparison::multiplicity::Adjustment;
use peelian_stats::space::local_g::{
    Conditional, Permutations, Settings, Standing, Statistic, exact_local_g, local_g,
    permuted_local_g,
};
use peelian_stats::space::weights::{Edge, SelfWeight, Weights};
use proptest::prelude::*;

use crate::goldens::{Within, close, run};

const Z: Within = Within::Absolute(1e-9);
const P: Within = Within::Relative(1e-9);

fn with(statistic: Statistic) -> Settings {
    Settings {
        statistic,
        ..Settings::default()
    }
}

fn scores(values: &[f64], weights: &Weights, statistic: Statistic) -> Vec<f64> {
    let areas = local_g(values, weights, &with(statistic)).unwrap();
    areas.iter().map(|area| area.z.unwrap()).collect()
}

/// Counts on a grid of 8 by 8, with a heap at one corner.
fn heap() -> (Vec<f64>, Weights) {
    let values = (0..64)
        .map(|cell| {
            let (column, row) = (cell % 8, cell / 8);
            let noise = f64::from((cell * 37 + 11) % 4);
            noise + if column < 3 && row < 3 { 9.0 } else { 0.0 }
        })
        .collect();
    (values, Weights::queen(8, 8).unwrap())
}

/// Rings of unequal weights, no row like another.
fn unequal(units: usize) -> Weights {
    let edges = (0..units).flat_map(|from| {
        [(1, 1.0), (2, 0.4), (5, 0.1 + 0.05 * (from % 7) as f64)].map(|(step, weight)| Edge {
            from,
            to: (from + step) % units,
            weight,
        })
    });
    Weights::from_edges(units, &edges.collect::<Vec<_>>()).unwrap()
}

#[test]
fn grids_agree_with_spdep_sfhotspot_and_esda() {
    for case in run("gistar_grid") {
        case.matches(
            "expected_spdep.csv",
            &[
                ("ix", Within::Exact),
                ("iy", Within::Exact),
                ("n", Within::Exact),
                ("gistar_B", Z),
                ("gistar_W", Z),
                ("gi_B", Z),
                ("p_gistar_B", P),
                ("p_fdr_spdep", P),
                ("p_bonferroni_spdep", P),
                ("p_bh_global", P),
                ("p_by_global", P),
                ("local_moran_I", Z),
                ("local_moran_z", Z),
            ],
        );
        case.matches("expected_sfhotspot.csv", &[("gistar", Z), ("pvalue", P)]);
        let (few, many) = (Within::Draws(9_999.0), Within::Draws(99_999.0));
        // A drawn score has an error of √((1 + z²/2)/draws).
        let drawn = Within::Absolute(0.25);
        case.matches(
            "expected_esda.csv",
            &[
                ("n", Within::Exact),
                ("Gs_B", Z),
                ("z_B", Z),
                ("p_norm_B", P),
                ("p_sim_B", many),
                ("z_sim_B", drawn),
                ("Gs_R", Z),
                ("p_sim_R", few),
                ("z_sim_R", drawn),
                ("z_gi_B", Z),
                ("p_sim_gi_B", few),
                ("lisa_I", Z),
                ("lisa_q", Within::Exact),
                ("lisa_p_sim", few),
            ],
        );
        let figures = [("/I", P), ("/EI", P), ("/VI_rand", P), ("/VI_norm", P)];
        case.matches_json("expected_esda_moran.json", &figures);
        let tests = [
            ("/z_norm", P),
            ("/z_rand", P),
            ("/p_rand", P),
            ("/p_sim", few),
        ];
        case.matches_json("expected_esda_moran.json", &tests);
        case.matches_json(
            "expected_spdep_moran.json",
            &[
                ("/I", P),
                ("/expectation", P),
                ("/variance_randomisation", P),
                ("/p_two_sided", P),
            ],
        );
    }
}

#[test]
fn irregular_areas_agree_with_spdep_and_esda() {
    let few = Within::Draws(9_999.0);
    for case in run("gistar_areas") {
        let z = ["knn6_B", "knn6_R", "invdist_R"];
        let z = z.map(|name| [format!("z_{name}_star"), format!("z_{name}_gi")]);
        let z: Vec<_> = z.iter().flatten().map(|name| (name.as_str(), Z)).collect();
        case.matches("expected_spdep.csv", &z);
        case.matches(
            "expected_esda.csv",
            &[
                ("id", Within::Exact),
                ("z_knn6_B_star", Z),
                ("p_sim_knn6_B_star", few),
                ("z_knn6_B_gi", Z),
                ("p_sim_knn6_B_gi", few),
                ("p_sim_knn6_R_star", few),
                ("p_sim_knn6_R_gi", few),
                ("lisa_I_knn6", Z),
                ("lisa_q_knn6", Within::Exact),
                ("lisa_p_sim_knn6", few),
                ("p_sim_invdist_R_star", few),
                ("p_sim_invdist_R_gi", few),
                ("lisa_I_invdist", Z),
                ("lisa_q_invdist", Within::Exact),
                ("lisa_p_sim_invdist", few),
            ],
        );
        for file in ["expected_moran_knn6.json", "expected_moran_invdist.json"] {
            let names = ["/I", "/EI", "/VI_norm", "/VI_rand", "/z_rand", "/p_rand"];
            case.matches_json(file, &names.map(|name| (name, P)));
        }
    }
}

#[test]
fn a_line_of_five_by_hand() {
    // Mean 3, s² 2. In the middle of 1 2 3 4 5 the neighbourhood of 2, 3 and 4 has the sum 9, which
    // is expected; at the right end 4 + 5 = 9 where 6 is expected, over √(2·(5·2 − 2²)/4) = √3.
    let values = [1.0, 2.0, 3.0, 4.0, 5.0];
    let line = Weights::rook(5, 1).unwrap();
    let star = scores(&values, &line, Statistic::GiStar);
    assert!(star[2].abs() < 1e-15);
    close(star[4], 3.0 / 3.0_f64.sqrt(), 1e-14, "right end");
    // G there: mean of the others 2.5, s² 1.25, one neighbour: (4 − 2.5)/√(1.25·(4 − 1)/3).
    let alone = scores(&values, &line, Statistic::Gi);
    close(alone[4], 1.5 / 1.25_f64.sqrt(), 1e-14, "right end alone");
    let share = local_g(&values, &line, &Settings::default()).unwrap()[4].g;
    close(share.unwrap(), 9.0 / 15.0, 1e-15, "share");
}

#[test]
fn the_worked_example_of_the_page() {
    let (values, weights) = heap();
    let areas = local_g(&values, &weights, &Settings::default()).unwrap();
    close(areas[9].z.unwrap(), 7.457_183, 1e-6, "z");
    let hot = |standing: &[Standing]| standing.iter().filter(|s| **s == Standing::Hot).count();
    let normal: Vec<_> = areas.iter().map(|area| area.standing).collect();
    let exact = exact_local_g(&values, &weights, &Settings::default()).unwrap();
    let counted: Vec<_> = exact.iter().map(|area| area.standing).collect();
    assert_eq!((hot(&normal), hot(&counted)), (8, 6));
}

#[test]
fn a_score_does_not_depend_on_the_scale_of_a_row() {
    let (values, _) = heap();
    let weights = unequal(64);
    let scaled: Vec<_> = (0..64)
        .flat_map(|from| {
            let factor = 0.01 * 3.0_f64.powi(from as i32 % 9);
            let row: Vec<_> = weights.neighbours(from).collect();
            row.into_iter().map(move |(to, weight)| Edge {
                from,
                to,
                weight: weight * factor,
            })
        })
        .collect();
    let scaled = Weights::from_edges(64, &scaled).unwrap();
    for statistic in [Statistic::Gi, Statistic::GiStar] {
        let plain = scores(&values, &weights, statistic);
        for other in [&scaled, &weights.clone().row_standardised()] {
            for (a, b) in plain.iter().zip(scores(&values, other, statistic)) {
                assert!((a - b).abs() < 1e-11, "{a} {b}");
            }
        }
    }
}

/// Shuffles by a fixed rule, for tests of their own.
fn shuffled(values: &mut [f64], state: &mut u64) {
    for last in (1..values.len()).rev() {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        values.swap(last, (*state >> 33) as usize % (last + 1));
    }
}

#[test]
fn scores_of_shuffled_values_have_mean_0_and_spread_1_whatever_the_weights() {
    let (mut values, queen) = heap();
    let rows = queen
        .clone()
        .with_self(SelfWeight::Largest)
        .row_standardised();
    let mut state = 7;
    for weights in [queen, rows, unequal(64)] {
        let (mut sum, mut squares, mut seen) = (0.0, 0.0, 0.0);
        for _ in 0..2_000 {
            shuffled(&mut values, &mut state);
            for z in scores(&values, &weights, Statistic::GiStar)
                .iter()
                .step_by(9)
            {
                sum += z;
                squares += z * z;
                seen += 1.0;
            }
        }
        let (mean, spread): (f64, f64) = (sum / seen, squares / seen);
        assert!(mean.abs() < 0.03, "{mean}");
        assert!((spread.sqrt() - 1.0).abs() < 0.03, "{spread}");
    }
}

#[test]
fn the_variance_of_binary_weights_makes_scores_of_standardised_rows_a_third_of_their_size() {
    // With W = 1 for a row, W(n − W)/(n − 1) is 1: the neighbourhood's mean is judged as if it were
    // one value. esda 2.9.0 scores its default weights so. Nine equal weights need a third of that.
    let (mut values, queen) = heap();
    let rows = queen.with_self(SelfWeight::Largest).row_standardised();
    let mean = values.iter().sum::<f64>() / 64.0;
    let deviation = (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 64.0).sqrt();
    let mut state = 5;
    let mut squares = 0.0;
    for _ in 0..4_000 {
        shuffled(&mut values, &mut state);
        let near: f64 = rows.neighbours(27).map(|(to, w)| w * values[to]).sum();
        squares += ((near - mean) / deviation).powi(2) / 4_000.0;
    }
    let spread: f64 = squares.sqrt();
    assert!((0.29..0.34).contains(&spread), "{spread}");
}

#[test]
fn the_normal_p_of_sparse_counts_is_far_from_the_exact_one() {
    // About one event in three cells, in small heaps, as counts of one kind and month are.
    let values: Vec<f64> = (0..400_u32)
        .map(|cell| match cell.wrapping_mul(2_654_435_761) >> 24 {
            0..=9 => 5.0,
            10..=60 => 1.0,
            _ => 0.0,
        })
        .collect();
    let weights = Weights::queen(20, 20).unwrap();
    let settings = with(Statistic::Gi);
    let normal = local_g(&values, &weights, &settings).unwrap();
    let exact = exact_local_g(&values, &weights, &settings).unwrap();
    let mut apart: Vec<f64> = normal
        .iter()
        .zip(&exact)
        .map(|(normal, exact)| (normal.p.unwrap() - exact.p).abs())
        .collect();
    apart.sort_unstable_by(f64::total_cmp);
    assert!(apart[200] > 0.05, "{}", apart[200]);
}

#[test]
fn drawn_p_come_near_the_exact_ones() {
    let (values, weights) = heap();
    let settings = Settings::default();
    let exact = exact_local_g(&values, &weights, &settings).unwrap();
    let permutations = Permutations {
        draws: 20_000,
        ..Permutations::default()
    };
    let drawn = permuted_local_g(&values, &weights, &settings, &permutations).unwrap();
    for (exact, drawn) in exact.iter().zip(&drawn) {
        for (p, estimate) in [(exact.upper, drawn.upper), (exact.lower, drawn.lower)] {
            let error = (p * (1.0 - p) / 20_000.0).sqrt();
            assert!((p - estimate).abs() < 5.0 * error + 1e-4, "{p} {estimate}");
        }
        assert_eq!((exact.draws, drawn.draws), (0, 20_000));
        assert_eq!(exact.z, drawn.z);
    }
}

#[test]
fn exact_p_of_four_areas_in_a_ring() {
    // Each has two of the three others as neighbours: three draws, all to be counted.
    let ring = [
        (0, 1),
        (0, 3),
        (1, 0),
        (1, 2),
        (2, 1),
        (2, 3),
        (3, 0),
        (3, 2),
    ];
    let ring = ring.map(|(from, to)| Edge {
        from,
        to,
        weight: 0.5,
    });
    let ring = Weights::from_edges(4, &ring).unwrap();
    let areas = exact_local_g(&[7.0, 1.0, 1.0, 2.0], &ring, &Settings::default()).unwrap();
    // Neighbours of the first: 1 + 2 among {1+1, 1+2, 1+2}.
    close(areas[0].upper, 2.0 / 3.0, 1e-15, "upper");
    close(areas[0].lower, 1.0, 1e-15, "lower");
    // Of the second: 7 + 1 among {7+1, 7+2, 1+2}.
    close(areas[1].upper, 2.0 / 3.0, 1e-15, "upper");
    close(areas[1].lower, 2.0 / 3.0, 1e-15, "lower");
    assert_eq!(areas[1].p, 1.0);
}

#[test]
fn stopping_early_changes_no_decision_and_no_adjusted_p_that_counts() {
    let (values, weights) = heap();
    let tall: Vec<f64> = values.iter().map(|value| value * 1.5 + 0.25).collect();
    for weights in [weights, unequal(64)] {
        for adjustment in [Adjustment::None, Adjustment::BenjaminiHochberg] {
            let settings = Settings {
                adjustment,
                ..Settings::default()
            };
            let run = |stop_early| {
                let permutations = Permutations {
                    stop_early,
                    ..Permutations::default()
                };
                permuted_local_g(&tall, &weights, &settings, &permutations).unwrap()
            };
            let (full, early) = (run(false), run(true));
            let made: usize = early.iter().map(|area| area.draws).sum();
            assert!(made < 64 * 9_999 / 2, "{made}");
            for (full, early) in full.iter().zip(&early) {
                assert_eq!(full.standing, early.standing);
                if full.adjusted <= 0.05 {
                    assert_eq!(full, early);
                } else {
                    assert!(early.adjusted > 0.05);
                }
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_answer_on_any_number_of_threads() {
    let (values, weights) = heap();
    let draw = |seed, threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let permutations = Permutations {
            seed,
            draws: 999,
            ..Permutations::default()
        };
        let draw = || permuted_local_g(&values, &weights, &Settings::default(), &permutations);
        pool.build().unwrap().install(draw).unwrap()
    };
    assert_eq!(draw(3, 1), draw(3, 4));
    assert_ne!(draw(3, 1), draw(4, 1));
}

#[test]
fn without_a_pattern_the_false_discovery_rate_keeps_nearly_every_map_empty() {
    let (mut values, weights) = heap();
    let mut state = 11;
    let (mut maps, mut unadjusted) = (0, 0);
    for _ in 0..200 {
        shuffled(&mut values, &mut state);
        let found = exact_local_g(&values, &weights, &Settings::default()).unwrap();
        maps += usize::from(found.iter().any(|area| area.standing != Standing::Neither));
        unadjusted += found.iter().filter(|area| area.p <= 0.05).count();
    }
    // 5 % of maps are allowed one; without adjustment a map has up to 5 % of its 64 cells.
    assert!(maps <= 20, "{maps}");
    assert!(unadjusted > 200, "{unadjusted}");
}

#[test]
fn a_cell_at_the_bottom_of_sparse_counts_is_not_cold_though_a_folded_p_says_so() {
    // One event in 64 cells: a neighbourhood of none ties with nearly every draw.
    let mut values = vec![0.0; 64];
    values[63] = 1.0;
    let weights = Weights::queen(8, 8).unwrap();
    let first = |areas: Vec<Conditional>| areas[0];
    let permutations = Permutations::default();
    let drawn = permuted_local_g(&values, &weights, &Settings::default(), &permutations);
    let drawn = first(drawn.unwrap());
    assert_eq!(drawn.folded, 1e-4);
    assert_eq!(drawn.p, 1.0);
    assert_eq!(drawn.standing, Standing::Neither);
}

#[test]
fn an_area_with_everything_or_nothing_around_it_has_no_score() {
    let all = Weights::within(&[[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]], 10.0).unwrap();
    let areas = local_g(&[1.0, 2.0, 6.0], &all, &Settings::default()).unwrap();
    assert!(
        areas
            .iter()
            .all(|area| area.z.is_none() && area.p.is_none())
    );
    let edges = [(0, 1), (1, 0), (2, 3), (3, 2)].map(|(from, to)| Edge {
        from,
        to,
        weight: 1.0,
    });
    let island = Weights::from_edges(5, &edges).unwrap();
    let values = [1.0, 5.0, 2.0, 8.0, 3.0];
    let alone = local_g(&values, &island, &with(Statistic::Gi)).unwrap();
    assert_eq!((alone[4].z, alone[4].standing), (None, Standing::Neither));
    let permutations = Permutations::default();
    let drawn = permuted_local_g(&values, &island, &Settings::default(), &permutations);
    assert_eq!(drawn.unwrap()[4].p, 1.0);
}

#[test]
fn what_cannot_be_answered_says_why() {
    let three = Weights::rook(3, 1).unwrap();
    let ask = |values: &[f64], weights: &Weights| {
        local_g(values, weights, &Settings::default()).unwrap_err()
    };
    assert!(matches!(
        ask(&[1.0, 2.0], &three),
        Unanswerable::Mismatched(_)
    ));
    assert_eq!(ask(&[2.0; 3], &three), Unanswerable::Constant);
    assert!(matches!(
        ask(&[1.0, f64::NAN, 2.0], &three),
        Unanswerable::Invalid(_)
    ));
    assert_eq!(ask(&[1e308, -1e308, 1.0], &three), Unanswerable::Overflow);
    let two = Weights::rook(2, 1).unwrap();
    assert!(matches!(
        ask(&[1.0, 2.0], &two),
        Unanswerable::TooFew { need: 3, .. }
    ));
    let settings = Settings::default();
    let exact = |values: &[f64]| exact_local_g(values, &three, &settings).unwrap_err();
    assert!(matches!(exact(&[0.5, 1.0, 2.0]), Unanswerable::Invalid(_)));
    assert!(matches!(exact(&[0.0, 1.0, 1e12]), Unanswerable::Invalid(_)));
    for draws in [0, usize::MAX] {
        let permutations = Permutations {
            draws,
            ..Permutations::default()
        };
        let drawn = permuted_local_g(&[1.0, 2.0, 4.0], &three, &settings, &permutations);
        assert!(matches!(drawn, Err(Unanswerable::Invalid(_))));
    }
}

proptest! {
    #[test]
    fn scores_follow_a_change_of_unit_and_turn_with_its_sign(
        values in prop::collection::vec(0..30_u8, 16),
        factor in prop_oneof![0.01..100.0_f64, -100.0..-0.01_f64],
        shift in -50.0..50.0_f64,
    ) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        let weights = Weights::queen(4, 4).unwrap();
        let moved: Vec<_> = values.iter().map(|value| value * factor + shift).collect();
        let Ok(plain) = local_g(&values, &weights, &Settings::default()) else {
            return Ok(());
        };
        let moved = local_g(&moved, &weights, &Settings::default()).unwrap();
        for (a, b) in plain.iter().zip(&moved) {
            prop_assert_eq!(a.z.is_some(), b.z.is_some());
            if let Some((a, b)) = a.z.zip(b.z) {
                prop_assert!((a * factor.signum() - b).abs() < 1e-8, "{} {}", a, b);
            }
        }
    }

    #[test]
    fn renumbering_the_areas_renumbers_the_answers(
        values in prop::collection::vec(0..30_u8, 12),
        order in Just((0..12_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        let weights = unequal(12);
        let mut renumbered = vec![0.0; 12];
        let mut edges = Vec::new();
        for (from, value) in values.iter().enumerate() {
            renumbered[order[from]] = *value;
            edges.extend(weights.neighbours(from).map(|(to, weight)| Edge {
                from: order[from],
                to: order[to],
                weight,
            }));
        }
        let other = Weights::from_edges(12, &edges).unwrap();
        let settings = with(Statistic::Gi);
        if let Ok(plain) = local_g(&values, &weights, &settings) {
            let moved = local_g(&renumbered, &other, &settings).unwrap();
            for (from, area) in plain.iter().enumerate() {
                match (area.z, moved[order[from]].z) {
                    (Some(a), Some(b)) => prop_assert!((a - b).abs() < 1e-9),
                    (a, b) => prop_assert_eq!(a, b),
                }
            }
        }
    }

    #[test]
    fn no_input_panics_and_no_figure_is_not_a_number(
        values in prop::collection::vec(
            prop_oneof![
                prop::num::f64::ANY,
                Just(0.0),
                Just(3.0),
                0.0..10.0_f64,
                Just(1e300),
                Just(1e-310),
            ],
            0..12,
        ),
        edges in prop::collection::vec((0..12_usize, 0..12_usize, 1e-300..1e300_f64), 0..30),
        level in prop_oneof![Just(0.05), prop::num::f64::ANY],
        stop_early in any::<bool>(),
    ) {
        let edges: Vec<_> = edges
            .into_iter()
            .map(|(from, to, weight)| Edge { from, to, weight })
            .collect();
        let Ok(weights) = Weights::from_edges(values.len(), &edges) else {
            return Ok(());
        };
        let settings = Settings { level, ..Settings::default() };
        for area in local_g(&values, &weights, &settings).into_iter().flatten() {
            for figure in [area.g, area.z, area.p, area.adjusted].into_iter().flatten() {
                prop_assert!(figure.is_finite());
            }
        }
        let permutations = Permutations { draws: 99, stop_early, ..Permutations::default() };
        let drawn = permuted_local_g(&values, &weights, &settings, &permutations);
        let exact = exact_local_g(&values, &weights, &settings);
        for area in drawn.into_iter().chain(exact).flatten() {
            for p in [area.upper, area.lower, area.p, area.folded, area.adjusted] {
                prop_assert!((0.0..=1.0).contains(&p), "{:?}", area);
            }
            prop_assert!(area.upper + area.lower > 1.0 - 1e-9);
        }
    }
}
