mod attack;
mod protect;
mod rounding;
mod rules;
mod table;

use peelian_stats::disclosure::attack::{Published, Range};
use peelian_stats::disclosure::table::Sum;

/// Every table that fits, by trying all values of every cell: `known` must all have an end and
/// totals come after their parts. Each cell comes back with its smallest and largest value, `None` where no table fits.
fn by_trying_all(published: &Published) -> Option<Vec<Range>> {
    let mut seen: Option<Vec<Range>> = None;
    let mut table = Vec::new();
    try_from(published, &mut table, &mut seen);
    seen
}

fn try_from(published: &Published, table: &mut Vec<u64>, seen: &mut Option<Vec<Range>>) {
    let next = table.len();
    if next == published.known.len() {
        let ranges = seen.get_or_insert_with(|| {
            let exactly = table.iter().copied().map(Range::exactly);
            exactly.collect()
        });
        for (range, &count) in ranges.iter_mut().zip(table.iter()) {
            range.lower = range.lower.min(count);
            range.upper = range.upper.max(Some(count));
        }
        return;
    }
    // A total that comes after its parts has one value to try.
    let follows = |sum: &&Sum| sum.total == next && sum.parts.iter().all(|&part| part < next);
    let mut range = published.known[next];
    for sum in published.sums.iter().filter(follows) {
        let parts = sum.parts.iter().map(|&part| table[part]).sum();
        match range.and(Range::exactly(parts)) {
            Some(one) => range = one,
            None => return,
        }
    }
    for count in range.lower..=range.upper.unwrap() {
        table.push(count);
        try_from(published, table, seen);
        table.pop();
    }
}

/// Delinquent children by county (rows) and education of the household, the example of Statistical
/// Policy Working Paper 22 of the US Federal Committee on Statistical Methodology (1994).
const WORKING_PAPER_22: [u64; 16] = [15, 1, 3, 1, 20, 10, 10, 15, 3, 10, 10, 2, 12, 14, 7, 2];
