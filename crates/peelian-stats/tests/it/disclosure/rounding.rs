use peelian_stats::Unanswerable;
use peelian_stats::disclosure::rounding::{controlled, learnt, nearest};
use peelian_stats::disclosure::table::{Dimension, Table};
use proptest::prelude::*;

#[test]
fn counts_go_to_the_nearest_multiple_and_halves_up() {
    let rounded = [0, 2, 3, 7, 8, 12, 13].map(|count| nearest(count, 5));
    assert_eq!(rounded, [0, 0, 5, 5, 10, 10, 15]);
    assert_eq!(
        [4, 5, 14, 15].map(|count| nearest(count, 10)),
        [0, 10, 10, 20]
    );
    assert_eq!(nearest(7, 1), 7);
    assert_eq!(nearest(7, 0), 7);
}

#[test]
fn rounding_each_count_does_not_add_up_and_controlled_rounding_does() {
    // The list of docs/methods/disclosure-control.md.
    let table = Table::cross(&[12, 12, 12, 12], &[Dimension::flat(4)]).unwrap();
    let each: Vec<_> = table
        .counts()
        .iter()
        .map(|&count| nearest(count, 5))
        .collect();
    assert_eq!(each, [10, 10, 10, 10, 50]);
    let rounded = controlled(&table, 5).unwrap();
    assert_eq!(rounded[..4].iter().sum::<u64>(), rounded[4]);
    // 45 or 50: the nearer multiple of the total costs two more ups than the parts would choose.
    assert!([45, 50].contains(&rounded[4]));
}

fn check(table: &Table, base: u64) {
    let rounded = controlled(table, base).unwrap();
    for (&figure, &count) in rounded.iter().zip(table.counts()) {
        assert_eq!(figure % base, 0);
        assert!(figure.abs_diff(count) < base);
        assert!(learnt(figure, base).contains(count));
    }
    for sum in table.sums() {
        let parts: u64 = sum.parts.iter().map(|&part| rounded[part]).sum();
        assert_eq!(parts, rounded[sum.total]);
    }
}

#[test]
fn a_base_of_nothing_is_refused() {
    let table = Table::cross(&[1, 2], &[Dimension::flat(2)]).unwrap();
    assert!(matches!(
        controlled(&table, 0),
        Err(Unanswerable::Invalid(_))
    ));
    assert_eq!(controlled(&table, 1).unwrap(), [1, 2, 3]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_two_way_table_can_always_be_rounded_so_that_it_adds_up(
        counts in prop::collection::vec(0_u64..200, 20),
        base in 2_u64..12,
    ) {
        check(&Table::cross(&counts, &[4, 5].map(Dimension::flat)).unwrap(), base);
    }

    #[test]
    fn districts_within_regions_too(counts in prop::collection::vec(0_u64..200, 5), base in 2_u64..12) {
        let dimension = Dimension::grouped(&[0, 0, 1, 1, 1]).unwrap();
        check(&Table::cross(&counts, &[dimension]).unwrap(), base);
    }

    #[test]
    fn a_three_way_table_is_rounded_rightly_or_not_at_all(
        counts in prop::collection::vec(0_u64..50, 12),
        base in 2_u64..12,
    ) {
        let table = Table::cross(&counts, &[2, 2, 3].map(Dimension::flat)).unwrap();
        if controlled(&table, base).is_ok() {
            check(&table, base);
        }
    }

    #[test]
    fn any_base_gives_an_answer_or_a_reason(counts in prop::collection::vec(any::<u64>(), 1..5), base in any::<u64>()) {
        if let Ok(table) = Table::cross(&counts, &[Dimension::flat(counts.len())]) {
            let _ = controlled(&table, base);
        }
        let small: Vec<_> = counts.iter().map(|count| count % 100).collect();
        let table = Table::cross(&small, &[Dimension::flat(small.len())]).unwrap();
        if base > 0 {
            check(&table, base);
        }
    }
}
