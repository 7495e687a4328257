//! The attack: what a reader can work out about hidden counts from everything that is published.
//!
//! A reader knows of each cell that its count lies in some range, from the figure shown or the
//! rule that hid it, and knows which cells add up to which. Over all tables that fit, the smallest
//! and the largest count of a cell are two linear programmes: minimise and maximise xᵢ subject to
//! x_total = Σ x_parts and lowerᵢ ≤ xᵢ ≤ upperᵢ. This audit is standard in disclosure control:
//! Fischetti and Salazar-González, *Journal of the American Statistical Association* 95 (2000)
//! 916–928; Willenborg and de Waal, *Elements of Statistical Disclosure Control* (2001).
//!
//! Two publications are attacked together by joining them ([`Published::and`]): an earlier release
//! of the table, another breakdown, an area that holds the first and a little more. What is hidden
//! in each may be found by difference.
//!
//! **Whole numbers.** The programmes allow fractions of people, so their ends can lie outside what
//! whole counts reach, never inside: [`Found::possible`] is what no table goes beyond. Wide there
//! does not prove wide: [`Found::reached`] is what tables of whole numbers, each found and checked,
//! do reach. In lists and two-way tables the two are the same.
//!
//! **How it can mislead.** The reader modelled here is perfect at arithmetic and knows nothing else.
//! One who knows some of the people counted, or who has a figure that was not given to the attack,
//! can find more. An interval says what can be ruled out, not what is likely.

use rayon::prelude::*;

use crate::Unanswerable;
use crate::disclosure::programme::{End, Programme, fits};
use crate::disclosure::table::{Sum, check_shape};

/// Cells looked at together, so that each may use what the ones before have shown. Fixed, so that
/// the number of threads makes no difference.
const TOGETHER: usize = 16;
/// Where a count can grow without end, a table with this much more is looked for.
const FAR: u64 = 1 << 20;

/// Counts from `lower` to `upper`, both included; without `upper` there is no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Range {
    /// Smallest count.
    pub lower: u64,
    /// Largest count, `None` where nothing limits it.
    pub upper: Option<u64>,
}

impl Range {
    /// One count.
    pub fn exactly(count: u64) -> Self {
        Self::between(count, count)
    }

    /// From one count to another.
    pub fn between(lower: u64, upper: u64) -> Self {
        Self {
            lower,
            upper: Some(upper),
        }
    }

    /// A count and everything above it.
    pub fn at_least(lower: u64) -> Self {
        Self { lower, upper: None }
    }

    /// Whether the count lies within.
    pub fn contains(&self, count: u64) -> bool {
        count >= self.lower && self.upper.is_none_or(|upper| count <= upper)
    }

    /// Largest less smallest count; `None` without end.
    pub fn width(&self) -> Option<u64> {
        self.upper.map(|upper| upper.saturating_sub(self.lower))
    }

    /// Whether there is no count in it.
    pub fn is_empty(&self) -> bool {
        self.upper.is_some_and(|upper| upper < self.lower)
    }

    /// What lies in both; `None` where nothing does.
    #[must_use]
    pub fn and(self, other: Self) -> Option<Self> {
        let both = Self {
            lower: self.lower.max(other.lower),
            upper: match (self.upper, other.upper) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
        };
        (!both.is_empty()).then_some(both)
    }

    /// Makes the range reach as far as `count`.
    pub(super) fn reach(&mut self, count: u64) {
        self.lower = self.lower.min(count);
        self.upper = self.upper.map(|upper| upper.max(count));
    }
}

/// What is in print: of each cell the counts that fit what is shown, and the sums that hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// What each cell can be, by itself.
    pub known: Vec<Range>,
    /// The sums that hold, whether printed as totals or known otherwise.
    pub sums: Vec<Sum>,
}

impl Published {
    /// This publication and another together.
    ///
    /// `same` pairs cells of this one with cells of the other that count the same things. The
    /// cells of this one keep their places, those of the other that are not among the pairs follow
    /// in their order; more sums, such as "the new area is the old one and a strip", can then be
    /// added to [`Published::sums`], and a cell for the strip to [`Published::known`].
    ///
    /// Refuses pairs that name a cell that is not there or name one twice, and pairs of cells that
    /// cannot both be right.
    pub fn and(&self, other: &Self, same: &[(usize, usize)]) -> Result<Self, Unanswerable> {
        check_shape(self.known.len(), &self.sums)?;
        check_shape(other.known.len(), &other.sums)?;
        let mut known = self.known.clone();
        let mut place = vec![None; other.known.len()];
        for &(ours, theirs) in same {
            let (Some(cell), Some(place), Some(&learnt)) = (
                known.get_mut(ours),
                place.get_mut(theirs),
                other.known.get(theirs),
            ) else {
                return Err(Unanswerable::Mismatched(
                    "a pair names a cell that is not there",
                ));
            };
            if place.is_some() {
                return Err(Unanswerable::Invalid("two pairs name the same cell"));
            }
            *cell = cell.and(learnt).ok_or(Unanswerable::Mismatched(
                "two releases show different counts of the same things",
            ))?;
            *place = Some(ours);
        }
        let places: Vec<_> = place
            .into_iter()
            .zip(&other.known)
            .map(|(place, &learnt)| {
                place.unwrap_or_else(|| {
                    known.push(learnt);
                    known.len() - 1
                })
            })
            .collect();
        let moved = other.sums.iter().map(|sum| Sum {
            total: places[sum.total],
            parts: sum.parts.iter().map(|&part| places[part]).collect(),
        });
        let sums = self.sums.iter().cloned().chain(moved).collect();
        Ok(Self { known, sums })
    }
}

/// What the attack found out about a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// No table that fits has a count outside this.
    pub possible: Range,
    /// The smallest and the largest count among tables of whole numbers that were found to fit.
    /// Within `possible`, and equal to it in lists and two-way tables.
    pub reached: Range,
}

impl Found {
    /// Whether only one count fits: the cell is disclosed.
    pub fn pinned(&self) -> bool {
        self.possible.width() == Some(0)
    }

    /// Whether two tables that fit differ by `width` or more in this cell.
    pub fn at_least_wide(&self, width: u64) -> bool {
        self.reached.width().is_none_or(|reached| reached >= width)
    }
}

/// What a reader can find out about every cell, in the order of [`Published::known`].
///
/// Cells shown exactly come back as they are. Where a count can grow without end
/// `possible.upper` is `None`, and so is `reached.upper` if a table was found with a million more.
///
/// Refuses a publication without cells, sums that do not fit the cells, counts too large for the
/// arithmetic, and figures that contradict each other, so that no table fits: an attack on a table
/// with an error in it would prove nothing. [`Unanswerable::NoConvergence`] where no table of whole
/// numbers is found at all.
pub fn attack(published: &Published) -> Result<Vec<Found>, Unanswerable> {
    attack_from(published, &[])
}

/// The attack, with tables already known to fit, which save it the search for them. Ones that do
/// not fit are left aside.
pub(super) fn attack_from(
    published: &Published,
    tables: &[Vec<u64>],
) -> Result<Vec<Found>, Unanswerable> {
    check_shape(published.known.len(), &published.sums)?;
    let too_large = |range: &Range| range.lower.max(range.upper.unwrap_or(0)) > 1 << 50;
    if published.known.iter().any(too_large) {
        return Err(Unanswerable::Overflow);
    }
    let programme = Programme::new(&published.known, &published.sums)?;
    let mut search = Search::new(&programme)?;
    for table in tables {
        if fits(table, &published.known, &published.sums) {
            search.note(table);
        }
    }
    for table in programme.anywhere()? {
        search.note(&table);
    }
    for _ in 0..2 {
        for table in programme.together(&search.unsettled())? {
            search.note(&table);
        }
    }
    search.look_at_each_cell()?;
    Ok(search.found())
}

struct Search<'a> {
    programme: &'a Programme<'a>,
    /// No table goes beyond; narrowed as programmes are solved.
    possible: Vec<Range>,
    /// Reached by tables of whole numbers.
    reached: Vec<Range>,
}

/// One end of one cell, and what looking at it showed.
struct Look {
    cell: usize,
    direction: f64,
    /// `None` where it can grow without end.
    possible: Option<u64>,
    table: Option<Vec<u64>>,
}

impl<'a> Search<'a> {
    fn new(programme: &'a Programme<'a>) -> Result<Self, Unanswerable> {
        // Also says whether any table fits at all.
        let first = programme.best(|_| 0.0)?.and_then(|corner| corner.table);
        let branch = || {
            let cell = *programme.open.first()?;
            programme.whole_table(cell, programme.bounds[cell])
        };
        let first = first.or_else(branch).ok_or(Unanswerable::NoConvergence)?;
        Ok(Self {
            programme,
            possible: programme.bounds.clone(),
            reached: first.into_iter().map(Range::exactly).collect(),
        })
    }

    fn note(&mut self, table: &[u64]) {
        for (range, &count) in self.reached.iter_mut().zip(table) {
            range.reach(count);
        }
    }

    /// Ends of cells that are not settled, the smallest counts and the largest.
    fn unsettled(&self) -> Vec<(usize, f64)> {
        let both = |&cell: &usize| [(cell, -1.0), (cell, 1.0)];
        let ends = self.programme.open.iter().flat_map(both);
        ends.filter(|&(cell, direction)| !self.settled(cell, direction))
            .collect()
    }

    fn look_at_each_cell(&mut self) -> Result<(), Unanswerable> {
        let ends = self.unsettled();
        for group in ends.chunks(TOGETHER) {
            let open: Vec<_> = group
                .iter()
                .filter(|&&(cell, direction)| !self.settled(cell, direction))
                .collect();
            let looks: Vec<_> = open
                .into_par_iter()
                .map(|&(cell, direction)| self.look(cell, direction))
                .collect::<Result<_, _>>()?;
            for look in looks {
                self.take(&look);
            }
        }
        Ok(())
    }

    /// Whether tables already reach as far as is possible.
    fn settled(&self, cell: usize, direction: f64) -> bool {
        if direction > 0.0 {
            self.possible[cell].upper == self.reached[cell].upper
        } else {
            self.possible[cell].lower == self.reached[cell].lower
        }
    }

    fn look(&self, cell: usize, direction: f64) -> Result<Look, Unanswerable> {
        let (possible, table) = match self.programme.end(cell, direction)? {
            End::At(count, table) => (Some(count), table),
            End::Open => (None, None),
        };
        let up = direction > 0.0;
        let table = table.or_else(|| {
            // The search ended between whole numbers, or nowhere: branch for a table.
            let lower = self.programme.bounds[cell].lower;
            let wanted = match possible {
                Some(count) if up => Range::at_least(count),
                Some(count) => Range::between(0, count),
                None => Range::at_least(lower.saturating_add(FAR)),
            };
            self.nearest_table(cell, direction, wanted)
        });
        Ok(Look {
            cell,
            direction,
            possible,
            table,
        })
    }

    /// A table with the cell within `wanted`, or else as near to it as halving finds.
    fn nearest_table(&self, cell: usize, direction: f64, wanted: Range) -> Option<Vec<u64>> {
        if let Some(table) = self.programme.whole_table(cell, wanted) {
            return Some(table);
        }
        let reached = self.reached[cell];
        let up = direction > 0.0;
        let (mut near, mut far) = if up {
            (reached.upper?, wanted.lower)
        } else {
            (reached.lower, wanted.upper?)
        };
        let mut best = None;
        while near.abs_diff(far) > 1 {
            let middle = near.midpoint(far);
            let wanted = if up {
                Range::between(middle, far)
            } else {
                Range::between(far, middle)
            };
            if let Some(table) = self.programme.whole_table(cell, wanted) {
                near = table[cell];
                best = Some(table);
            } else {
                far = middle;
            }
        }
        best
    }

    fn take(&mut self, look: &Look) {
        let range = &mut self.possible[look.cell];
        match look.possible {
            Some(count) if look.direction < 0.0 => range.lower = count,
            end => range.upper = end,
        }
        if let Some(table) = &look.table {
            self.note(table);
        }
    }

    fn found(self) -> Vec<Found> {
        let both = self.possible.into_iter().zip(self.reached);
        both.map(|(mut possible, mut reached)| {
            // A table that fits overrules a computed end that rounding put short of it.
            possible.reach(reached.lower);
            possible.reach(reached.upper.unwrap_or(reached.lower));
            let far = possible.lower.saturating_add(FAR);
            if possible.upper.is_none() && reached.upper.is_some_and(|upper| upper >= far) {
                reached.upper = None;
            }
            Found { possible, reached }
        })
        .collect()
    }
}
