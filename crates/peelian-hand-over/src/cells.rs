//! The counts of a bundle as cells, and the sums that tie them together: the
//! districts of a force, the months of a quarter, the groups of a category.

use std::collections::BTreeMap;

use peelian_stats::disclosure::table::Sum;

use crate::pair::pair;
use crate::row::{Count, months_of};

/// What is counted, where, when and of which group. Pairs that say the same
/// words count the same thing, so it is one cell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    pub(crate) words: String,
    pub(crate) area: String,
    pub(crate) period: String,
    pub(crate) category: String,
}

/// All cells and sums, and where the numbers of each row are among them.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    pub(crate) names: Vec<Name>,
    pub(crate) counts: Vec<u64>,
    pub(crate) sums: Vec<Sum>,
    /// Numerator and denominator of each row.
    pub(crate) rows: Vec<[Option<usize>; 2]>,
}

impl Cells {
    pub(crate) fn of(rows: &[Count]) -> Self {
        let mut cells = Self::default();
        let mut known = BTreeMap::new();
        for row in rows {
            let pair = pair(&row.measure_id);
            let above = pair.map(|p| p.numerator.clone());
            let below = pair.map(|p| p.denominator.clone());
            let own = |side: &str| format!("{} {side}", row.measure_id);
            let places = [
                (above.unwrap_or_else(|| own("numerator")), row.numerator),
                (below.unwrap_or_else(|| own("denominator")), row.denominator),
            ]
            .map(|(words, count)| {
                let name = Name {
                    words,
                    area: row.area_code.clone(),
                    period: row.period.clone(),
                    category: row.category.clone(),
                };
                let count = count?;
                Some(*known.entry((name.clone(), count)).or_insert_with(|| {
                    cells.names.push(name);
                    cells.counts.push(count);
                    cells.counts.len() - 1
                }))
            });
            cells.rows.push(places);
        }
        cells.add_wholes(|n| &mut n.area);
        cells.add_wholes(|n| &mut n.category);
        cells.add_quarters();
        cells.add_shared_denominators(rows);
        cells
    }

    /// Sums of the cells that differ in one part of their name, of which the
    /// one with that part blank is the whole. What the parts leave over is a
    /// cell of its own, as a reader may know what it is.
    fn add_wholes(&mut self, part: impl Fn(&mut Name) -> &mut String) {
        let mut groups: BTreeMap<Name, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for (cell, name) in self.names.iter().enumerate() {
            let mut rest = name.clone();
            let is_whole = std::mem::take(part(&mut rest)).is_empty();
            let (wholes, parts) = groups.entry(rest).or_default();
            if is_whole { wholes } else { parts }.push(cell);
        }
        for (name, (wholes, mut parts)) in groups {
            let ([whole], false) = (wholes.as_slice(), parts.is_empty()) else {
                continue;
            };
            let summed: u64 = parts.iter().map(|p| self.counts[*p]).sum();
            let Some(left) = self.counts[*whole].checked_sub(summed) else {
                continue;
            };
            if left > 0 {
                let mut elsewhere = name;
                "elsewhere".clone_into(part(&mut elsewhere));
                self.names.push(elsewhere);
                self.counts.push(left);
                parts.push(self.counts.len() - 1);
            }
            self.add(*whole, parts);
        }
    }

    /// A quarter is the sum of its months where it adds up: what is counted
    /// at the end of a month does not.
    fn add_quarters(&mut self) {
        let by_name: BTreeMap<Name, usize> = self.names.iter().cloned().zip(0..).collect();
        for (cell, name) in self.names.clone().iter().enumerate() {
            let Some((first, last)) = months_of(&name.period).filter(|(a, b)| a != b) else {
                continue;
            };
            let month = |m: peelian_model::Month| {
                let period = m.to_string();
                by_name
                    .get(&Name {
                        period,
                        ..name.clone()
                    })
                    .copied()
            };
            let months: Option<Vec<usize>> = peelian_model::Month::range(first, last)
                .map(month)
                .collect();
            if let Some(months) = months.filter(|m| self.adds_up(cell, m)) {
                self.add(cell, months);
            }
        }
    }

    /// Several shares of one whole that add up to it, such as all outcomes.
    fn add_shared_denominators(&mut self, rows: &[Count]) {
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for ([above, below], _) in self.rows.iter().zip(rows) {
            if let (Some(above), Some(below)) = (above, below) {
                let parts = groups.entry(*below).or_default();
                if !parts.contains(above) {
                    parts.push(*above);
                }
            }
        }
        for (whole, parts) in groups {
            if parts.len() > 1 && !parts.contains(&whole) && self.adds_up(whole, &parts) {
                self.add(whole, parts);
            }
        }
    }

    fn adds_up(&self, total: usize, parts: &[usize]) -> bool {
        let summed: u64 = parts.iter().map(|p| self.counts[*p]).sum();
        summed == self.counts[total]
    }

    fn add(&mut self, total: usize, parts: Vec<usize>) {
        self.sums.push(Sum { total, parts });
    }

    /// Cells that sums tie together, each group by itself.
    pub(crate) fn groups(&self) -> Vec<Vec<usize>> {
        let mut group: Vec<usize> = (0..self.counts.len()).collect();
        for sum in &self.sums {
            let to = group[sum.total];
            for part in &sum.parts {
                let from = group[*part];
                for g in &mut group {
                    if *g == from {
                        *g = to;
                    }
                }
            }
        }
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (cell, g) in group.into_iter().enumerate() {
            groups.entry(g).or_default().push(cell);
        }
        groups.into_values().collect()
    }
}
