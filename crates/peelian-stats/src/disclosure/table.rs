//! A table of counts: cells, totals among them, and the sums that hold between cells.
//!
//! Every shape of table is the same to the methods here: a list of cells and a list of "this cell
//! is the sum of those". A one-way table, a cross of several dimensions with all its margins and
//! areas within areas are built by [`Table::cross`]; anything else, such as two releases that
//! overlap, by [`Table::new`].
//!
//! **How it can mislead.** A sum that readers know of and the table does not is a way in that no
//! attack here can see: a percentage, an average, a total in another publication.

use crate::Unanswerable;

/// Counts up to here keep every digit in the arithmetic of the attack.
const LARGEST: u64 = 1 << 40;
/// The attack's time grows faster than the table.
const MOST_CELLS: usize = 100_000;

/// One cell is the sum of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// Index of the cell that is the sum.
    pub total: usize,
    /// Indices of the cells that are summed: not empty, none twice, the total not among them.
    pub parts: Vec<usize>,
}

/// The categories of one dimension and what they add up to.
///
/// Positions along it: the categories in the order given, then the groups if there are any, then
/// the total, which is always last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    categories: usize,
    sums: Vec<Sum>,
}

impl Dimension {
    /// So many categories and their total.
    pub fn flat(categories: usize) -> Self {
        let whole = Sum {
            total: categories,
            parts: (0..categories).collect(),
        };
        Self {
            categories,
            sums: vec![whole],
        }
    }

    /// Categories within groups, such as districts within regions: `group_of` gives each category
    /// its group, numbered from 0. Every number up to the highest must have a category.
    pub fn grouped(group_of: &[usize]) -> Result<Self, Unanswerable> {
        let categories = group_of.len();
        let groups = group_of
            .iter()
            .max()
            .map_or(0, |last| last.saturating_add(1));
        if groups > categories {
            return Err(Unanswerable::Invalid("every group needs a category"));
        }
        let mut sums: Vec<_> = (0..groups)
            .map(|group| Sum {
                total: categories + group,
                parts: Vec::new(),
            })
            .collect();
        for (category, &group) in group_of.iter().enumerate() {
            sums[group].parts.push(category);
        }
        if sums.iter().any(|sum| sum.parts.is_empty()) {
            return Err(Unanswerable::Invalid("every group needs a category"));
        }
        sums.push(Sum {
            total: categories + groups,
            parts: (categories..categories + groups).collect(),
        });
        Ok(Self { categories, sums })
    }

    /// Number of positions: categories, groups and the total.
    pub fn len(&self) -> usize {
        self.categories + self.sums.len()
    }

    /// Whether there are no categories.
    pub fn is_empty(&self) -> bool {
        self.categories == 0
    }
}

/// A table of counts that is consistent: every total is the sum of its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    counts: Vec<u64>,
    sums: Vec<Sum>,
    lengths: Vec<usize>,
}

impl Table {
    /// A table of any shape. Refuses no cells or more than 100,000, counts above 2⁴⁰, a sum that
    /// names a cell that is not there or names one twice, and a total that is not its parts' sum.
    pub fn new(counts: Vec<u64>, sums: Vec<Sum>) -> Result<Self, Unanswerable> {
        check_shape(counts.len(), &sums)?;
        if counts.iter().any(|&count| count > LARGEST) {
            return Err(Unanswerable::Overflow);
        }
        let adds_up = |sum: &Sum| {
            let parts: u64 = sum.parts.iter().map(|&part| counts[part]).sum();
            parts == counts[sum.total]
        };
        if !sums.iter().all(adds_up) {
            return Err(Unanswerable::Mismatched(
                "each total must be the sum of its parts",
            ));
        }
        let lengths = vec![counts.len()];
        Ok(Self {
            counts,
            sums,
            lengths,
        })
    }

    /// The cross of one or more dimensions with all its margins.
    ///
    /// `counts` are those of the categories, the last dimension fastest (rows after each other for
    /// a two-way table); groups, margins and the grand total are worked out. One dimension gives
    /// a list with its total. Cells are found with [`Table::cell`].
    pub fn cross(counts: &[u64], dimensions: &[Dimension]) -> Result<Self, Unanswerable> {
        let product = |size: fn(&Dimension) -> usize| {
            dimensions.iter().try_fold(1_usize, |product, dimension| {
                product
                    .checked_mul(size(dimension))
                    .filter(|&cells| cells <= MOST_CELLS)
            })
        };
        if dimensions.is_empty() || dimensions.iter().any(Dimension::is_empty) {
            return Err(Unanswerable::TooFew {
                what: "categories",
                have: 0,
                need: 1,
            });
        }
        let Some(cells) = product(Dimension::len) else {
            return Err(Unanswerable::Invalid("a table has at most 100,000 cells"));
        };
        if product(|dimension| dimension.categories) != Some(counts.len()) {
            return Err(Unanswerable::Mismatched(
                "there must be one count for each combination of categories",
            ));
        }
        let lengths: Vec<_> = dimensions.iter().map(Dimension::len).collect();
        let mut table = Self {
            counts: vec![0; cells],
            sums: Vec::new(),
            lengths,
        };
        table.place(counts, dimensions);
        for (axis, dimension) in dimensions.iter().enumerate() {
            table.add_margins(axis, dimension)?;
        }
        Ok(table)
    }

    /// Index of the cell at `position`, one place a dimension, counted as in [`Dimension`].
    /// `None` outside the table.
    pub fn cell(&self, position: &[usize]) -> Option<usize> {
        if position.len() != self.lengths.len() {
            return None;
        }
        let mut index = 0;
        for (&place, &length) in position.iter().zip(&self.lengths) {
            if place >= length {
                return None;
            }
            index = index * length + place;
        }
        Some(index)
    }

    /// The true counts, one a cell.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The sums that hold between the cells.
    pub fn sums(&self) -> &[Sum] {
        &self.sums
    }

    /// Puts the counts of the categories at their places.
    fn place(&mut self, counts: &[u64], dimensions: &[Dimension]) {
        for (number, &count) in counts.iter().enumerate() {
            let (mut rest, mut index, mut step) = (number, 0, 1);
            for dimension in dimensions.iter().rev() {
                index += rest % dimension.categories * step;
                rest /= dimension.categories;
                step *= dimension.len();
            }
            self.counts[index] = count;
        }
    }

    /// The sums along one axis, at every place of the others. Done axis by axis, each adds up what
    /// the axes before it have filled.
    fn add_margins(&mut self, axis: usize, dimension: &Dimension) -> Result<(), Unanswerable> {
        let step: usize = self.lengths[axis + 1..].iter().product();
        let length = self.lengths[axis];
        for start in 0..self.counts.len() {
            let first_along_axis = (start / step).is_multiple_of(length);
            if !first_along_axis {
                continue;
            }
            for sum in &dimension.sums {
                let total = start + sum.total * step;
                let parts: Vec<_> = sum.parts.iter().map(|part| start + part * step).collect();
                let count = parts
                    .iter()
                    .try_fold(0_u64, |count, &part| count.checked_add(self.counts[part]))
                    .filter(|&count| count <= LARGEST)
                    .ok_or(Unanswerable::Overflow)?;
                self.counts[total] = count;
                self.sums.push(Sum { total, parts });
            }
        }
        Ok(())
    }
}

/// Refuses sums that do not fit so many cells.
pub(super) fn check_shape(cells: usize, sums: &[Sum]) -> Result<(), Unanswerable> {
    if cells == 0 {
        return Err(Unanswerable::TooFew {
            what: "cells",
            have: 0,
            need: 1,
        });
    }
    if cells > MOST_CELLS {
        return Err(Unanswerable::Invalid("a table has at most 100,000 cells"));
    }
    let mut last_seen = vec![usize::MAX; cells];
    for (number, sum) in sums.iter().enumerate() {
        if sum.parts.is_empty() {
            return Err(Unanswerable::Invalid("a sum needs parts"));
        }
        for &cell in sum.parts.iter().chain([&sum.total]) {
            match last_seen.get_mut(cell) {
                None => {
                    return Err(Unanswerable::Mismatched(
                        "a sum names a cell that is not there",
                    ));
                }
                Some(seen) if *seen == number => {
                    return Err(Unanswerable::Invalid("a sum names a cell twice"));
                }
                Some(seen) => *seen = number,
            }
        }
    }
    Ok(())
}
