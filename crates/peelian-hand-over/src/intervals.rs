//! Half hours of a telephone line under the same rule: a half hour in which
//! fewer than ten calls were offered is left out, smaller counts within one
//! are blank, the others are rounded. The longest wait is that of one caller
//! and never leaves.

use peelian_stats::disclosure::rounding::nearest;
use peelian_stats::disclosure::rules::Rules;

use crate::row::HalfHour;
use crate::rule::Hidden;

/// The half hours that may leave the building; what was hidden is counted.
pub(crate) fn protect(rows: &[HalfHour], hidden: &mut Hidden) -> Vec<HalfHour> {
    let rules = Rules::default();
    let mut out = Vec::new();
    for row in rows {
        if row.offered.is_none_or(|n| rules.is_small(n)) {
            hidden.half_hours_left_out += 1;
            continue;
        }
        let mut shown = |count: Option<u64>| {
            let count = count?;
            let small = rules.is_small(count);
            hidden.half_hour_counts_blank += usize::from(small);
            (!small).then(|| nearest(count, rules.base))
        };
        let answered = shown(row.answered);
        // Sums over few calls would be the times of those few.
        let many = answered.is_some_and(|n| n >= rules.threshold);
        out.push(HalfHour {
            offered: shown(row.offered),
            answered,
            abandoned_menu: shown(row.abandoned_menu),
            abandoned_queue: shown(row.abandoned_queue),
            answered_in_threshold: shown(row.answered_in_threshold),
            sum_wait_s: row.sum_wait_s.filter(|_| many),
            sum_handle_s: row.sum_handle_s.filter(|_| many),
            max_wait_s: None,
            ..row.clone()
        });
    }
    out
}
