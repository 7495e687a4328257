//! Cases counted by time, ties together: the one pass over the data that most methods need.

use rayon::slice::ParallelSliceMut;

/// So many cases of one slot at one time. A slot is what the method tells cases apart by: open or
/// ended, cause, group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Count {
    pub(super) slot: u32,
    pub(super) cases: u32,
}

/// Counts by distinct time, ascending. Slots without cases are left out, so that the table is
/// never larger than the data.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    times: Vec<f64>,
    ends: Vec<usize>,
    counts: Vec<Count>,
}

impl Tally {
    /// Counts cases by their `times`, checked before, and by `slot_of` case, below `slots`.
    ///
    /// Small whole numbers (days) are counted into a table; other times are sorted.
    pub(super) fn of(times: &[f64], slots: usize, slot_of: impl Fn(usize) -> u32) -> Self {
        match small_whole(times, slots) {
            Some(length) => Self::by_table(times, length, slots, slot_of),
            None => Self::by_sorting(times, slot_of),
        }
    }

    /// Each distinct time with its counts, in ascending order of both.
    pub(super) fn moments(&self) -> impl DoubleEndedIterator<Item = (f64, &[Count])> {
        let starts = std::iter::once(&0).chain(&self.ends);
        // Ends without the last, so that both chains can be walked from the back.
        let starts: Vec<_> = starts.take(self.ends.len()).collect();
        self.times
            .iter()
            .zip(starts.into_iter().zip(&self.ends))
            .map(|(&time, (&start, &end))| (time, &self.counts[start..end]))
    }

    /// Number of distinct times.
    pub(super) fn len(&self) -> usize {
        self.times.len()
    }

    fn by_table(
        times: &[f64],
        length: usize,
        slots: usize,
        slot_of: impl Fn(usize) -> u32,
    ) -> Self {
        let mut table = vec![0_u32; length * slots];
        for (case, &time) in times.iter().enumerate() {
            table[time as usize * slots + slot_of(case) as usize] += 1;
        }
        let mut tally = Self::empty();
        for (time, row) in table.chunks_exact(slots).enumerate() {
            let filled = row.iter().zip(0..).filter(|(cases, _)| **cases > 0);
            tally
                .counts
                .extend(filled.map(|(&cases, slot)| Count { slot, cases }));
            tally.close(time as f64);
        }
        tally
    }

    fn by_sorting(times: &[f64], slot_of: impl Fn(usize) -> u32) -> Self {
        let mut cases: Vec<_> = times
            .iter()
            .enumerate()
            .map(|(case, &time)| (sort_key(time), slot_of(case)))
            .collect();
        cases.par_sort_unstable();
        let mut tally = Self::empty();
        for moment in cases.chunk_by(|a, b| a.0 == b.0) {
            let counts = moment.chunk_by(|a, b| a == b).map(|same| Count {
                slot: same[0].1,
                cases: same.len() as u32,
            });
            tally.counts.extend(counts);
            tally.close(f64::from_bits(moment[0].0));
        }
        tally
    }

    fn empty() -> Self {
        Self {
            times: Vec::new(),
            ends: Vec::new(),
            counts: Vec::new(),
        }
    }

    /// Ends the row of `time`, unless nothing was counted in it.
    fn close(&mut self, time: f64) {
        if self.counts.len() > self.ends.last().copied().unwrap_or(0) {
            self.times.push(time);
            self.ends.push(self.counts.len());
        }
    }
}

/// Case numbers in ascending order of time, cases with `first` before others of their time.
pub(super) fn order(times: &[f64], first: impl Fn(usize) -> bool) -> Vec<u32> {
    let rank = |case: usize| u64::from(!first(case));
    let Some(length) = small_whole(times, 2) else {
        let mut cases: Vec<_> = (0..times.len())
            .map(|case| (sort_key(times[case]), rank(case), case as u32))
            .collect();
        cases.par_sort_unstable();
        return cases.into_iter().map(|(_, _, case)| case).collect();
    };
    let row = |case: usize| times[case] as usize * 2 + rank(case) as usize;
    let mut places = vec![0_u32; length * 2 + 1];
    for case in 0..times.len() {
        places[row(case) + 1] += 1;
    }
    for i in 1..places.len() {
        places[i] += places[i - 1];
    }
    let mut order = vec![0; times.len()];
    for case in 0..times.len() {
        let place = &mut places[row(case)];
        order[*place as usize] = case as u32;
        *place += 1;
    }
    order
}

/// Length of a table of whole times from 0, if they are all whole and the table not much larger
/// than the data.
fn small_whole(times: &[f64], slots: usize) -> Option<usize> {
    let (whole, largest) = times.iter().fold((true, 0), |(whole, largest), &time| {
        let rounded = time as u32;
        (whole & (f64::from(rounded) == time), largest.max(rounded))
    });
    let length = largest as usize + 1;
    let room = times.len().saturating_mul(4).saturating_add(1 << 12);
    (whole && length.saturating_mul(slots) <= room).then_some(length)
}

/// Bits that sort as the times do; times are not negative, and adding 0 makes one zero of two.
fn sort_key(time: f64) -> u64 {
    (time + 0.0).to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_and_sort_count_alike() {
        let times = [3.0, 0.0, -0.0, 3.0, 7.0, 3.0, 3.0];
        let slots = [1, 0, 1, 1, 0, 0, 2];
        let sorted = Tally::by_sorting(&times, |case| slots[case]);
        let counted = Tally::by_table(&times, 8, 3, |case| slots[case]);
        let show = |tally: &Tally| -> Vec<(f64, Vec<Count>)> {
            tally.moments().map(|(t, c)| (t, c.to_vec())).collect()
        };
        assert_eq!(show(&sorted), show(&counted));
        assert_eq!(sorted.len(), 3);
        let at_3 = show(&sorted)[1].1.clone();
        assert_eq!(at_3[1], Count { slot: 1, cases: 2 });
    }

    #[test]
    fn order_puts_the_first_of_a_tie_first_by_either_way() {
        let first = |case: usize| case % 2 == 1;
        let days = [4.0, 4.0, 0.0, 9.0, 4.0];
        assert_eq!(order(&days, first), [2, 1, 0, 4, 3]);
        let parts = days.map(|day| day / 7.0);
        assert_eq!(order(&parts, first), [2, 1, 0, 4, 3]);
    }
}
