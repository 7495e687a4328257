use peelian_stats::Unanswerable;
use peelian_stats::disclosure::attack::{Found, Published, Range, attack};
use peelian_stats::disclosure::rules::{Rules, Shown};
use peelian_stats::disclosure::table::{Dimension, Sum, Table};
use proptest::prelude::*;

use super::{WORKING_PAPER_22, by_trying_all};

/// The working paper's table with the cells at these rows and columns hidden.
fn working_paper(hidden: &[[usize; 2]]) -> (Table, Vec<Found>) {
    let table = Table::cross(&WORKING_PAPER_22, &[Dimension::flat(4), Dimension::flat(4)]).unwrap();
    let mut known: Vec<_> = table.counts().iter().copied().map(Range::exactly).collect();
    for place in hidden {
        known[table.cell(place).unwrap()] = Range::at_least(0);
    }
    let sums = table.sums().to_vec();
    let found = attack(&Published { known, sums }).unwrap();
    (table, found)
}

#[test]
fn one_hidden_cell_is_found_by_subtraction() {
    let (table, found) = working_paper(&[[0, 1]]);
    let cell = table.cell(&[0, 1]).unwrap();
    assert_eq!(found[cell].possible, Range::exactly(1));
    assert!(found[cell].pinned());
}

#[test]
fn counts_of_thousands_of_millions_lose_no_digit() {
    let large = 1_234_567_891;
    let counts = [large, 7, large + 2, 3, 2 * large, 11, 5, large, 13];
    let table = Table::cross(&counts, &[Dimension::flat(3), Dimension::flat(3)]).unwrap();
    let mut known: Vec<_> = table.counts().iter().copied().map(Range::exactly).collect();
    for cell in [0, 1, 4, 5] {
        known[cell] = Range::at_least(0);
    }
    let sums = table.sums().to_vec();
    let found = attack(&Published { known, sums }).unwrap();
    // The 3 below the first count can go to 0, and the first count itself.
    assert_eq!(found[0].possible, Range::between(0, large + 3));
    assert_eq!(found[1].possible, Range::between(4, large + 7));
    assert_eq!(found[4].possible, Range::between(0, large + 3));
    assert_eq!(found[5].reached, Range::between(large, 2 * large + 3));
}

#[test]
fn two_hidden_cells_in_every_row_and_column_can_still_give_one_away() {
    // The paper's own warning: each row and column looks safe, yet adding two rows and taking away
    // two columns leaves the one child in county Alpha.
    let hidden = [
        [0, 1],
        [0, 2],
        [0, 3],
        [1, 1],
        [1, 2],
        [2, 0],
        [2, 3],
        [3, 0],
        [3, 3],
    ];
    let (table, found) = working_paper(&hidden);
    assert!(found[table.cell(&[0, 3]).unwrap()].pinned());
    assert!(!found[table.cell(&[0, 1]).unwrap()].pinned());
}

#[test]
fn the_papers_better_pattern_gives_nothing_away() {
    let hidden = [
        [0, 1],
        [0, 2],
        [0, 3],
        [2, 0],
        [2, 1],
        [2, 3],
        [3, 0],
        [3, 2],
        [3, 3],
    ];
    let (table, found) = working_paper(&hidden);
    for place in hidden {
        let cell = table.cell(&place).unwrap();
        assert!(!found[cell].pinned(), "{place:?} {:?}", found[cell]);
        assert!(found[cell].possible.contains(table.counts()[cell]));
    }
}

#[test]
fn an_area_a_little_larger_gives_the_strip_away() {
    // 40 people in the old area, 43 in the new one: three live in the strip between.
    let old = Published {
        known: vec![Range::exactly(40)],
        sums: Vec::new(),
    };
    let new = Published {
        known: vec![Range::exactly(43)],
        sums: Vec::new(),
    };
    let mut both = old.and(&new, &[]).unwrap();
    both.known.push(Range::at_least(0));
    both.sums.push(Sum {
        total: 1,
        parts: vec![0, 2],
    });
    assert_eq!(attack(&both).unwrap()[2].possible, Range::exactly(3));
    // Rounded to 5 the same two figures leave 0 to 9 open.
    both.known[0] = Range::between(38, 42);
    both.known[1] = Range::between(43, 47);
    assert_eq!(attack(&both).unwrap()[2].possible, Range::between(1, 9));
}

#[test]
fn a_second_release_with_other_cells_hidden_opens_the_first() {
    let list = |hidden: [usize; 2]| {
        let mut known: Vec<_> = [7, 30, 50, 87].map(Range::exactly).to_vec();
        for cell in hidden {
            known[cell] = Range::at_least(1);
        }
        let whole = Sum {
            total: 3,
            parts: vec![0, 1, 2],
        };
        Published {
            known,
            sums: vec![whole],
        }
    };
    let (first, second) = (list([0, 1]), list([0, 2]));
    for release in [&first, &second] {
        assert!(!attack(release).unwrap()[0].pinned());
    }
    let both = first
        .and(&second, &[(0, 0), (1, 1), (2, 2), (3, 3)])
        .unwrap();
    assert_eq!(both.known.len(), 4);
    assert_eq!(attack(&both).unwrap()[0].possible, Range::exactly(7));
}

#[test]
fn districts_within_a_region_are_attacked_through_both_levels() {
    // Region 0 has districts 0 and 1, region 1 has district 2 alone: hiding district 2 is no use
    // while its region is shown.
    let dimension = Dimension::grouped(&[0, 0, 1]).unwrap();
    let table = Table::cross(&[20, 30, 4], &[dimension]).unwrap();
    let mut known: Vec<_> = table.counts().iter().copied().map(Range::exactly).collect();
    known[2] = Range::at_least(1);
    let sums = table.sums().to_vec();
    let mut published = Published { known, sums };
    assert_eq!(attack(&published).unwrap()[2].possible, Range::exactly(4));
    // Nor is hiding the region too, while the other and the total are.
    published.known[4] = Range::at_least(1);
    assert!(attack(&published).unwrap()[2].pinned());
}

#[test]
fn where_nothing_limits_a_count_there_is_no_end() {
    let published = Published {
        known: vec![Range::exactly(5), Range::at_least(1), Range::at_least(0)],
        sums: vec![Sum {
            total: 2,
            parts: vec![0, 1],
        }],
    };
    let found = attack(&published).unwrap();
    assert_eq!(found[1].possible, Range::at_least(1));
    assert_eq!(found[2].reached, Range::at_least(6));
    assert!(found[2].at_least_wide(1_000_000));
}

#[test]
fn whole_people_can_be_pinned_where_fractions_could_not() {
    // a + b = 1, b + c = 1 and a + c at most 1. Halves would do; of whole numbers only a = c = 0.
    let pair = |total, a, b| Sum {
        total,
        parts: vec![a, b],
    };
    let mut known = vec![Range::between(0, 1); 3];
    known.extend([Range::exactly(1), Range::exactly(1), Range::between(0, 1)]);
    let published = Published {
        known,
        sums: vec![pair(3, 0, 1), pair(4, 1, 2), pair(5, 0, 2)],
    };
    let found = attack(&published).unwrap();
    assert!(found[0].pinned() && found[1].pinned());
    // The programme alone would call a + c safe; no whole table shows it to be.
    assert_eq!(found[5].possible, Range::between(0, 1));
    assert_eq!(found[5].reached, Range::exactly(0));
    assert!(!found[5].at_least_wide(1));
}

#[test]
fn figures_that_contradict_each_other_are_refused() {
    let sum = Sum {
        total: 2,
        parts: vec![0, 1],
    };
    let published = |known: [Range; 3]| Published {
        known: known.to_vec(),
        sums: vec![sum.clone()],
    };
    let wrong = published([Range::exactly(3), Range::exactly(4), Range::exactly(8)]);
    assert!(matches!(attack(&wrong), Err(Unanswerable::Mismatched(_))));
    let short = published([Range::at_least(3), Range::at_least(4), Range::between(0, 6)]);
    assert!(matches!(attack(&short), Err(Unanswerable::Mismatched(_))));
    // Three pairs of three numbers that each add up to 1 fit halves, but no people.
    let pair = |total, a, b| Sum {
        total,
        parts: vec![a, b],
    };
    let halves = Published {
        known: [vec![Range::at_least(0); 3], vec![Range::exactly(1); 3]].concat(),
        sums: vec![pair(3, 0, 1), pair(4, 1, 2), pair(5, 0, 2)],
    };
    assert!(attack(&halves).is_err());
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let empty = Published {
        known: Vec::new(),
        sums: Vec::new(),
    };
    assert!(matches!(attack(&empty), Err(Unanswerable::TooFew { .. })));
    for parts in [vec![], vec![0, 0], vec![0, 2], vec![9]] {
        let published = Published {
            known: vec![Range::at_least(0); 3],
            sums: vec![Sum { total: 2, parts }],
        };
        assert!(attack(&published).is_err());
    }
    let one = Published {
        known: vec![Range::exactly(1)],
        sums: Vec::new(),
    };
    let other = Published {
        known: vec![Range::exactly(2)],
        sums: Vec::new(),
    };
    assert!(one.and(&other, &[(0, 0)]).is_err());
    assert!(one.and(&other, &[(0, 1)]).is_err());
    assert!(one.and(&one, &[(0, 0), (0, 0)]).is_err());
}

/// What is known of a true table: each cell exactly, or up to two below and above.
fn known_about(counts: &[u64], slack: &[(u64, u64)]) -> Vec<Range> {
    let about = |(&count, &(below, above)): (&u64, &(u64, u64))| {
        Range::between(count.saturating_sub(below), count + above)
    };
    counts.iter().zip(slack).map(about).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn in_two_way_tables_the_ends_are_those_of_all_whole_tables(
        counts in prop::collection::vec(0_u64..6, 6),
        slack in prop::collection::vec((0_u64..3, 0_u64..3), 12),
    ) {
        let table = Table::cross(&counts, &[Dimension::flat(2), Dimension::flat(3)]).unwrap();
        let known = known_about(table.counts(), &slack);
        let published = Published { known, sums: table.sums().to_vec() };
        let truth = by_trying_all(&published).unwrap();
        for (found, truth) in attack(&published).unwrap().iter().zip(truth) {
            prop_assert_eq!(found.possible, truth);
            prop_assert_eq!(found.reached, truth);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(25))]

    #[test]
    fn in_three_way_tables_what_is_possible_holds_all_and_what_is_reached_is_reached(
        counts in prop::collection::vec(0_u64..4, 8),
        slack in prop::collection::vec((0_u64..3, 0_u64..3), 27),
    ) {
        let table = Table::cross(&counts, &vec![Dimension::flat(2); 3]).unwrap();
        let known = known_about(table.counts(), &slack);
        let published = Published { known, sums: table.sums().to_vec() };
        let truth = by_trying_all(&published).unwrap();
        for (found, truth) in attack(&published).unwrap().iter().zip(truth) {
            prop_assert_eq!(found.possible.and(truth), Some(truth));
            prop_assert_eq!(found.reached.and(truth), Some(found.reached));
        }
    }

    #[test]
    fn the_truth_is_always_possible(
        counts in prop::collection::vec(0_u64..60, 20),
        hidden in prop::collection::vec(prop::bool::weighted(0.3), 42),
    ) {
        let rows = Dimension::grouped(&[0, 0, 1, 1, 1]).unwrap();
        let table = Table::cross(&counts, &[rows, Dimension::flat(4)]).unwrap();
        let rules = Rules::default();
        let known = table.counts().iter().zip(hidden).map(|(&count, hidden)| {
            rules.learnt(if hidden && count > 0 { Shown::Complementary } else { rules.shown(count) })
        });
        let published = Published { known: known.collect(), sums: table.sums().to_vec() };
        for (found, &count) in attack(&published).unwrap().iter().zip(table.counts()) {
            prop_assert!(found.possible.contains(count));
        }
    }

    #[test]
    fn any_ranges_and_sums_give_an_answer_or_a_reason(
        ends in prop::collection::vec((any::<u64>(), prop::option::of(any::<u64>())), 0..6),
        small in prop::collection::vec((0_u64..9, prop::option::of(0_u64..9)), 0..6),
        sums in prop::collection::vec((0_usize..7, prop::collection::vec(0_usize..7, 0..4)), 0..4),
    ) {
        for ends in [ends, small] {
            let known = ends.into_iter().map(|(lower, upper)| Range { lower, upper }).collect();
            let sums = sums.iter().map(|(total, parts)| Sum { total: *total, parts: parts.clone() });
            let published = Published { known, sums: sums.collect() };
            if let Ok(found) = attack(&published) {
                prop_assert_eq!(found.len(), published.known.len());
                for (found, known) in found.iter().zip(&published.known) {
                    prop_assert_eq!(known.and(found.reached), Some(found.reached));
                }
            }
        }
    }
}
