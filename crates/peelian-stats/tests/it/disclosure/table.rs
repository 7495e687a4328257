use peelian_stats::Unanswerable;
use peelian_stats::disclosure::table::{Dimension, Sum, Table};
use proptest::prelude::*;

#[test]
fn a_two_way_table_has_its_margins_at_the_end_of_rows_and_columns() {
    let table = Table::cross(&[1, 2, 3, 4, 5, 6], &[2, 3].map(Dimension::flat)).unwrap();
    assert_eq!(table.counts(), [1, 2, 3, 6, 4, 5, 6, 15, 5, 7, 9, 21]);
    assert_eq!(table.cell(&[1, 2]), Some(6));
    assert_eq!(table.cell(&[2, 3]), Some(11));
    assert_eq!(table.cell(&[3, 0]), None);
    assert_eq!(table.cell(&[0]), None);
    // Four sums along the columns, three along the rows.
    assert_eq!(table.sums().len(), 7);
}

#[test]
fn groups_stand_between_categories_and_total() {
    let areas = Dimension::grouped(&[0, 1, 0]).unwrap();
    assert_eq!(areas.len(), 6);
    let table = Table::cross(&[5, 6, 7], &[areas]).unwrap();
    assert_eq!(table.counts(), [5, 6, 7, 12, 6, 18]);
}

#[test]
fn shapes_that_make_no_table_are_refused() {
    let flat = Dimension::flat;
    assert!(Table::cross(&[], &[]).is_err());
    assert!(Table::cross(&[], &[flat(0)]).is_err());
    assert!(Table::cross(&[1, 2, 3], &[flat(2)]).is_err());
    assert!(Table::cross(&[1], &vec![flat(1); 40]).is_err());
    assert_eq!(
        Table::cross(&[1 << 40, 1], &[flat(2)]),
        Err(Unanswerable::Overflow)
    );
    assert_eq!(
        Table::cross(&[u64::MAX, u64::MAX], &[flat(2)]),
        Err(Unanswerable::Overflow)
    );
    assert!(Dimension::grouped(&[0, 2]).is_err());
    assert!(Dimension::grouped(&[usize::MAX - 1]).is_err());
    assert!(Dimension::grouped(&[usize::MAX]).is_err());
    let sum = Sum {
        total: 2,
        parts: vec![0, 1],
    };
    let wrong = Table::new(vec![1, 2, 4], vec![sum]);
    assert!(matches!(wrong, Err(Unanswerable::Mismatched(_))));
}

proptest! {
    #[test]
    fn every_total_is_the_sum_of_its_parts(
        counts in prop::collection::vec(0_u64..1000, 24),
        group_of in Just(vec![0_usize, 1, 2, 0]).prop_shuffle(),
    ) {
        let dimensions = [
            Dimension::flat(2),
            Dimension::grouped(&group_of).unwrap(),
            Dimension::flat(3),
        ];
        let table = Table::cross(&counts, &dimensions).unwrap();
        prop_assert_eq!(table.counts().len(), 3 * 8 * 4);
        prop_assert_eq!(table.counts().last().copied(), Some(counts.iter().sum()));
        let again = Table::new(table.counts().to_vec(), table.sums().to_vec());
        prop_assert!(again.is_ok());
    }
}
