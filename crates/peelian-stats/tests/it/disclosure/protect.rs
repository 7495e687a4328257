use peelian_stats::Unanswerable;
use peelian_stats::disclosure::attack::{Found, Published, Range, attack};
use peelian_stats::disclosure::protect::{Protected, protect, protect_given};
use peelian_stats::disclosure::rules::{Mark, Rules, Shown, Zeros};
use peelian_stats::disclosure::table::{Dimension, Sum, Table};
use proptest::prelude::*;

use super::{WORKING_PAPER_22, by_trying_all};

/// The rules without rounding.
fn exact(threshold: u64, width: u64) -> Rules {
    Rules {
        threshold,
        width,
        base: 1,
        ..Rules::default()
    }
}

fn two_way(counts: &[u64], columns: usize) -> Table {
    let rows = Dimension::flat(counts.len() / columns);
    Table::cross(counts, &[rows, Dimension::flat(columns)]).unwrap()
}

fn count(protected: &Protected, wanted: Shown) -> usize {
    let shown = protected.shown().iter();
    shown.filter(|&&shown| shown == wanted).count()
}

/// What is shown is true, and an attack made afresh narrows no hidden cell below the rule.
fn check(table: &Table, rules: &Rules, protected: &Protected) {
    let found = attack(protected.published()).unwrap();
    for (cell, (&shown, &count)) in protected.shown().iter().zip(table.counts()).enumerate() {
        assert_eq!(shown == Shown::Small, rules.is_small(count));
        assert!(found[cell].possible.contains(count), "{cell}");
        assert!(rules.learnt(shown).contains(count), "{cell}");
        if shown.is_hidden() {
            assert!(
                found[cell].at_least_wide(rules.width) && !found[cell].pinned(),
                "cell {cell} of {table:?} shown as {:?}: {:?}",
                protected.shown(),
                found[cell]
            );
        } else {
            assert_eq!(shown, rules.shown(count));
        }
    }
}

#[test]
fn the_working_papers_table_gets_the_papers_own_pattern() {
    let table = two_way(&WORKING_PAPER_22, 4);
    let rules = exact(5, 2);
    let protected = protect(&table, &rules).unwrap();
    check(&table, &rules, &protected);
    assert_eq!(count(&protected, Shown::Small), 6);
    assert_eq!(count(&protected, Shown::Complementary), 3);
    for place in [[2, 1], [3, 0], [3, 2]] {
        let cell = table.cell(&place).unwrap();
        assert_eq!(protected.shown()[cell], Shown::Complementary, "{place:?}");
    }
    // That leaves Alpha's cells between 1 and 3; to leave them four apart takes five cells.
    let alone = table.cell(&[0, 1]).unwrap();
    assert_eq!(protected.found()[alone].possible, Range::between(1, 3));
    let wider = protect(&table, &exact(5, 4)).unwrap();
    check(&table, &exact(5, 4), &wider);
    assert_eq!(count(&wider, Shown::Complementary), 5);
}

#[test]
fn hiding_small_counts_alone_is_broken_by_the_attack() {
    let table = two_way(&WORKING_PAPER_22, 4);
    let rules = exact(5, 4);
    let known = table.counts().iter();
    let known = known.map(|&count| rules.learnt(rules.shown(count)));
    let naive = Published {
        known: known.collect(),
        sums: table.sums().to_vec(),
    };
    let found = attack(&naive).unwrap();
    // Gamma's and Delta's: one of each is the only hidden cell left in its row or column.
    for place in [[2, 0], [2, 3], [3, 3]] {
        assert!(found[table.cell(&place).unwrap()].pinned(), "{place:?}");
    }
}

#[test]
fn a_table_without_small_counts_is_shown_whole() {
    let table = two_way(&[40, 50, 60, 70], 2);
    let protected = protect(&table, &exact(10, 10)).unwrap();
    let shown: Vec<_> = table.counts().iter().copied().map(Shown::Exact).collect();
    assert_eq!(protected.shown(), shown);
}

#[test]
fn the_ten_five_rule_on_the_page_of_the_manual() {
    use Shown::{Complementary, Exact, Rounded, Small};
    // The table of docs/methods/disclosure-control.md.
    let table = two_way(&[120, 7, 43, 58, 31, 26], 3);
    let protected = protect(&table, &Rules::default()).unwrap();
    assert_eq!(
        protected.shown()[..8],
        [
            Rounded(120),
            Small,
            Rounded(45),
            Rounded(170),
            Rounded(60),
            Rounded(30),
            Rounded(25),
            Rounded(115)
        ]
    );
    let seven = protected.found()[1];
    assert_eq!(seven.possible, Range::between(1, 11));
    // Without rounding, a second cell of its row and two of another must go too.
    let unrounded = protect(&table, &exact(10, 10)).unwrap();
    assert_eq!(
        unrounded.shown()[..8],
        [
            Exact(120),
            Small,
            Complementary,
            Exact(170),
            Exact(58),
            Complementary,
            Complementary,
            Exact(115)
        ]
    );
    assert_eq!(unrounded.found()[1].possible, Range::between(1, 37));
}

#[test]
fn a_rounded_count_is_not_worked_back_either() {
    // Four twelves shown as 10 (10 to 12) and their total 48 as 50 (48 to 52) could only be 12s.
    let table = Table::cross(&[12; 4], &[Dimension::flat(4)]).unwrap();
    let rules = Rules::default();
    let naive = Published {
        known: table
            .counts()
            .iter()
            .map(|&count| rules.learnt(rules.shown(count)))
            .collect(),
        sums: table.sums().to_vec(),
    };
    assert!(attack(&naive).unwrap().iter().all(Found::pinned));
    let protected = protect(&table, &rules).unwrap();
    check(&table, &rules, &protected);
    assert!(protected.found().iter().all(|found| !found.pinned()));
    let careless = Rules {
        rounded_width: 0,
        ..rules
    };
    let protected = protect(&table, &careless).unwrap();
    assert_eq!(count(&protected, Shown::Complementary), 0);
}

#[test]
fn a_mark_that_says_small_cannot_promise_ten() {
    let table = two_way(&WORKING_PAPER_22, 4);
    let says = Rules {
        mark: Mark::SaysSmall,
        ..exact(5, 10)
    };
    assert!(matches!(
        protect(&table, &says),
        Err(Unanswerable::Invalid(_))
    ));
    let says = Rules { width: 3, ..says };
    let protected = protect(&table, &says).unwrap();
    check(&table, &says, &protected);
    for (shown, found) in protected.shown().iter().zip(protected.found()) {
        if *shown == Shown::Small {
            assert_eq!(found.possible, Range::between(1, 4));
        }
    }
}

#[test]
fn zeros_are_shown_or_hidden_as_the_rules_say() {
    let table = two_way(&[0, 30, 40, 50, 60, 70, 80, 90, 20], 3);
    let shown = protect(&table, &exact(10, 10)).unwrap();
    assert_eq!(shown.shown()[0], Shown::Exact(0));
    assert_eq!(count(&shown, Shown::Complementary), 0);
    let rules = Rules {
        zeros: Zeros::Hidden,
        ..exact(10, 10)
    };
    let hidden = protect(&table, &rules).unwrap();
    assert_eq!(hidden.shown()[0], Shown::Small);
    check(&table, &rules, &hidden);
}

#[test]
fn a_small_count_among_zeros_that_are_shown_hides_its_totals() {
    let table = two_way(&[3, 0, 0, 20, 30, 40], 3);
    let rules = exact(10, 10);
    let protected = protect(&table, &rules).unwrap();
    check(&table, &rules, &protected);
    assert_eq!(protected.shown()[3], Shown::Small);
    assert_eq!(protected.shown()[1], Shown::Exact(0));
}

#[test]
fn an_earlier_release_is_protected_with_the_new_one_or_the_reason_given() {
    // Two areas and their total; later the second area by itself, split in two.
    let sum = |total, parts: &[usize]| Sum {
        total,
        parts: parts.to_vec(),
    };
    let counts = vec![50, 60, 110, 4, 56];
    let sums = vec![sum(2, &[0, 1]), sum(1, &[3, 4])];
    let table = Table::new(counts.clone(), sums).unwrap();
    let mut already = vec![Range::at_least(0); 5];
    for cell in 0..3 {
        already[cell] = Range::exactly(counts[cell]);
    }
    let rules = exact(10, 10);
    let protected = protect_given(&table, &already, &rules).unwrap();
    assert_eq!(protected.shown()[1], Shown::Exact(60));
    assert_eq!(protected.shown()[3], Shown::Small);
    assert_eq!(protected.shown()[4], Shown::Complementary);
    check(&table, &rules, &protected);
    // With the other part in print as well nothing can help.
    already[4] = Range::exactly(56);
    assert!(matches!(
        protect_given(&table, &already, &rules),
        Err(Unanswerable::Invalid(_))
    ));
    // What is in print must be true.
    already[4] = Range::exactly(57);
    assert!(matches!(
        protect_given(&table, &already, &rules),
        Err(Unanswerable::Mismatched(_))
    ));
    assert!(protect_given(&table, &already[1..], &rules).is_err());
}

#[test]
fn every_small_table_leaves_each_hidden_cell_several_values() {
    // All 2 × 2 tables with counts 0 to 3, under rules that make most of them small. Every table
    // that fits what is shown is tried, with counts to 12 where nothing limits them: fewer than
    // all, so each value found is a value that fits.
    for number in 0..4_u64.pow(4) {
        let counts: Vec<_> = (0..4).map(|place| number / 4_u64.pow(place) % 4).collect();
        let table = two_way(&counts, 2);
        for zeros in [Zeros::Shown, Zeros::Hidden] {
            let rules = Rules {
                zeros,
                ..exact(3, 2)
            };
            let Ok(protected) = protect(&table, &rules) else {
                panic!("{counts:?} {zeros:?}: {:?}", protect(&table, &rules));
            };
            let mut published = protected.published().clone();
            for range in &mut published.known {
                range.upper = range.upper.or(Some(12));
            }
            let fits = by_trying_all(&published).unwrap();
            for (cell, shown) in protected.shown().iter().enumerate() {
                if shown.is_hidden() {
                    assert!(
                        fits[cell].width() >= Some(2),
                        "{counts:?} {zeros:?} cell {cell}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_answer_is_the_same_on_any_number_of_threads() {
    let counts: Vec<u64> = (0..60).map(|place| place * 37 % 53).collect();
    let dimensions = [3, 4, 5].map(Dimension::flat);
    let table = Table::cross(&counts, &dimensions).unwrap();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| protect(&table, &Rules::default()).unwrap())
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn no_cell_is_hidden_that_could_be_shown() {
    let counts = [12, 80, 7, 25, 3, 90, 44, 18, 60, 31, 9, 15, 70, 22, 41, 5];
    let table = two_way(&counts, 4);
    let rules = exact(10, 10);
    let protected = protect(&table, &rules).unwrap();
    check(&table, &rules, &protected);
    for (cell, shown) in protected.shown().iter().enumerate() {
        if *shown == Shown::Complementary {
            let mut published = protected.published().clone();
            published.known[cell] = Range::exactly(table.counts()[cell]);
            let found = attack(&published).unwrap();
            let hidden = |other: usize| other != cell && protected.shown()[other].is_hidden();
            let broken = (0..found.len())
                .any(|other| hidden(other) && !found[other].at_least_wide(rules.width));
            assert!(broken, "cell {cell} was hidden for nothing");
        }
    }
}

/// Counts as published tables have them: many small, some zero, some large.
fn counts(cells: usize) -> impl Strategy<Value = Vec<u64>> {
    let one = prop_oneof![
        1 => Just(0_u64),
        3 => 1_u64..10,
        4 => 10_u64..100,
        1 => 100_u64..5000,
    ];
    prop::collection::vec(one, cells)
}

fn rules() -> impl Strategy<Value = Rules> {
    (
        prop_oneof![Just(1_u64), Just(5), Just(10)],
        any::<bool>(),
        prop_oneof![Just((10_u64, 10_u64)), Just((5, 6)), Just((3, 1))],
    )
        .prop_map(|(base, hide_zeros, (threshold, width))| Rules {
            threshold,
            base,
            width,
            zeros: if hide_zeros {
                Zeros::Hidden
            } else {
                Zeros::Shown
            },
            ..Rules::default()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_protected_two_way_table_withstands_the_attack(
        (counts, columns) in (2_usize..6, 2_usize..6).prop_flat_map(|(rows, columns)| {
            (counts(rows * columns), Just(columns))
        }),
        rules in rules(),
    ) {
        let table = two_way(&counts, columns);
        check(&table, &rules, &protect(&table, &rules).unwrap());
    }

    #[test]
    fn a_list_withstands_the_attack(counts in (1_usize..9).prop_flat_map(counts), rules in rules()) {
        let table = Table::cross(&counts, &[Dimension::flat(counts.len())]).unwrap();
        check(&table, &rules, &protect(&table, &rules).unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn districts_within_regions_by_kind_withstand_the_attack(
        counts in counts(15),
        rules in rules(),
    ) {
        let areas = Dimension::grouped(&[0, 0, 1, 1, 2]).unwrap();
        let table = Table::cross(&counts, &[areas, Dimension::flat(3)]).unwrap();
        check(&table, &rules, &protect(&table, &rules).unwrap());
    }

    #[test]
    fn a_three_way_table_withstands_the_attack(counts in counts(12), rules in rules()) {
        let dimensions = [2, 2, 3].map(Dimension::flat);
        let table = Table::cross(&counts, &dimensions).unwrap();
        check(&table, &rules, &protect(&table, &rules).unwrap());
    }

    #[test]
    fn any_rules_give_a_safe_table_or_a_reason(
        counts in counts(6),
        threshold in prop_oneof![0_u64..30, any::<u64>()],
        base in prop_oneof![0_u64..30, any::<u64>()],
        width in prop_oneof![0_u64..30, any::<u64>()],
        rounded_width in prop_oneof![0_u64..3, any::<u64>()],
        says_small in any::<bool>(),
    ) {
        let mark = if says_small { Mark::SaysSmall } else { Mark::Same };
        let rules = Rules { threshold, base, width, rounded_width, mark, ..Rules::default() };
        let table = two_way(&counts, 3);
        if let Ok(protected) = protect(&table, &rules) {
            check(&table, &rules, &protected);
        }
    }
}
