//! Sorting of row numbers. Both sorts keep the order of equal rows.

use crate::rows::NO_NUMBER;

/// Sorts row numbers by a number of each row.
pub(crate) fn sort_by_number(order: &mut Vec<u32>, numbers: &[i64]) {
    let known = || numbers.iter().filter(|n| **n != NO_NUMBER);
    let (Some(least), Some(most)) = (known().min(), known().max()) else {
        return;
    };
    let width = most.abs_diff(*least);
    if width > (numbers.len() as u64).max(1 << 16) {
        order.sort_by_key(|row| numbers[*row as usize]);
        return;
    }
    let place = |n: &i64| {
        if *n == NO_NUMBER {
            0
        } else {
            n.abs_diff(*least) as u32 + 1
        }
    };
    sort_by_place(order, &numbers.iter().map(place).collect::<Vec<_>>());
}

/// Sorts row numbers by a small whole number of each row, by counting: rows of
/// a place go where the rows of all places before it end.
pub(crate) fn sort_by_place(order: &mut Vec<u32>, places: &[u32]) {
    let most = places.iter().max().copied().unwrap_or_default() as usize;
    let mut starts = vec![0_u32; most + 2];
    for place in places {
        starts[*place as usize + 1] += 1;
    }
    for i in 1..starts.len() {
        starts[i] += starts[i - 1];
    }
    let mut sorted = vec![0; order.len()];
    for row in order.iter() {
        let start = &mut starts[places[*row as usize] as usize];
        sorted[*start as usize] = *row;
        *start += 1;
    }
    *order = sorted;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn both_ways_sort_as_the_standard_library_does(
            narrow in proptest::collection::vec(prop_oneof![Just(NO_NUMBER), -20..20_i64], 0..200),
            scale in prop_oneof![Just(1), Just(1_000_000_i64)],
        ) {
            let number = |n: &i64| if *n == NO_NUMBER { *n } else { n * scale };
            let numbers: Vec<i64> = narrow.iter().map(number).collect();
            let before: Vec<u32> = (0..numbers.len() as u32).rev().collect();
            let (mut ours, mut theirs) = (before.clone(), before);
            sort_by_number(&mut ours, &numbers);
            theirs.sort_by_key(|row| numbers[*row as usize]);
            prop_assert_eq!(ours, theirs);
        }
    }
}
