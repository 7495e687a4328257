//! Which cells to hide so that no small count can be worked out, with proof.
//!
//! Small counts are hidden. Where the totals and the other cells would give a hidden count away,
//! further cells are hidden with it (complementary or secondary suppression), the cheapest first,
//! until every hidden cell keeps the width that the rules ask for: for each one two tables are in
//! hand that fit all that is shown and differ by that much in it. Then cells whose hiding turned
//! out not to be needed are shown again, dearest first, and the result is put to the attack
//! ([`crate::disclosure::attack`]). Only a table that withstands it comes back. Hiding a count v
//! costs 1 + ln(1 + v): few cells, and of those the small ones.
//!
//! Sources for the order of work: Kelly, Golden and Assad, *Networks* 22 (1992) 397–417 (one cell
//! at a time, then show again what can be); Office for National Statistics for the 10–5 rule (see
//! [`crate::disclosure::rules`]). The answer is good, not the best: the best set of cells is a
//! problem that cannot be solved for large tables in reasonable time.
//!
//! **How it can mislead.** It is proof against sums, not against people who know somebody in the
//! table, nor against percentages and averages printed from unrounded counts: work those out from
//! what is shown. A later release of the same table, or one for a slightly different area, opens
//! it again unless protected together with the first ([`protect_given`]). With [`Mark::Same`] the
//! width counts on readers not knowing which hidden cells are the small ones.
//!
//! [`Mark::Same`]: crate::disclosure::rules::Mark::Same

use rayon::join;

use crate::Unanswerable;
use crate::disclosure::attack::{Found, Published, Range, attack_from};
use crate::disclosure::programme::{End, Programme};
use crate::disclosure::repair::{Move, Repair, cheapest};
use crate::disclosure::rules::{Rules, Shown, Zeros};
use crate::disclosure::table::{Sum, Table};

/// A table that may be published under its rules. There is no other way to one than [`protect`]
/// and [`protect_given`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protected {
    shown: Vec<Shown>,
    published: Published,
    found: Vec<Found>,
    rules: Rules,
}

impl Protected {
    /// What stands in each cell.
    pub fn shown(&self) -> &[Shown] {
        &self.shown
    }

    /// What a reader learns from it, for an attack together with another publication.
    pub fn published(&self) -> &Published {
        &self.published
    }

    /// What the attack found out about each cell.
    pub fn found(&self) -> &[Found] {
        &self.found
    }

    /// The rules it was protected under.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }
}

/// Protects a table, or says why it cannot be done.
///
/// Refuses rules that contradict themselves (see [`Rules`]).
pub fn protect(table: &Table, rules: &Rules) -> Result<Protected, Unanswerable> {
    let nothing = vec![Range::at_least(0); table.counts().len()];
    protect_given(table, &nothing, rules)
}

/// Protects a table of which something is in print already: one range a cell.
///
/// A cell whose count is already known exactly is shown as published and cannot be hidden; so
/// earlier releases, other breakdowns and overlapping areas are put into one table with the new
/// one, their cells as they were shown. No hidden cell is asked to keep more than `already` leaves
/// it.
///
/// Refuses an `already` that does not fit the table or leaves out a true count, rules that
/// contradict themselves, and a table that nothing can protect, because what would have to be
/// hidden is in print or a zero that is to be shown.
pub fn protect_given(
    table: &Table,
    already: &[Range],
    rules: &Rules,
) -> Result<Protected, Unanswerable> {
    rules.check()?;
    if already.len() != table.counts().len() {
        return Err(Unanswerable::Mismatched(
            "there must be one range for each cell",
        ));
    }
    let right = |(range, &count): (&Range, &u64)| range.contains(count);
    if !already.iter().zip(table.counts()).all(right) {
        return Err(Unanswerable::Mismatched(
            "what is already published does not fit the true counts",
        ));
    }
    let mut plan = Plan::new(table, already, rules);
    plan.hide_what_is_needed()?;
    plan.show_what_is_not();
    plan.finish()
}

/// A publication in the making.
#[derive(Clone)]
struct Plan<'a> {
    table: &'a Table,
    already: &'a [Range],
    rules: &'a Rules,
    shown: Vec<Shown>,
    /// What a reader knows of each cell as it is shown.
    known: Vec<Range>,
    /// Tables that a reader cannot tell from the true one, the true one first.
    tables: Vec<Vec<u64>>,
    /// From the smallest to the largest count of each cell among the tables.
    reached: Vec<Range>,
}

impl<'a> Plan<'a> {
    fn new(table: &'a Table, already: &'a [Range], rules: &'a Rules) -> Self {
        let counts = table.counts();
        let shown: Vec<_> = counts
            .iter()
            .zip(already)
            .map(|(&count, range)| match range.width() {
                Some(0) => Shown::Exact(count),
                _ => rules.shown(count),
            })
            .collect();
        let mut plan = Self {
            table,
            already,
            rules,
            known: Vec::new(),
            tables: vec![counts.to_vec()],
            reached: counts.iter().copied().map(Range::exactly).collect(),
            shown,
        };
        plan.known = (0..counts.len())
            .map(|cell| plan.known_if(cell, plan.shown[cell]))
            .collect();
        plan
    }

    /// What a reader would know of a cell.
    fn known_if(&self, cell: usize, shown: Shown) -> Range {
        let already = self.already[cell];
        already.and(self.rules.learnt(shown)).unwrap_or(already)
    }

    /// How wide a cell must stay.
    fn needed(&self, cell: usize) -> u64 {
        let needed = self.rules.needed(self.shown[cell]);
        let left = self.already[cell].width();
        left.map_or(needed, |left| left.min(needed))
    }

    fn is_wide(&self, cell: usize) -> bool {
        let reached = self.reached[cell].width();
        reached.is_none_or(|width| width >= self.needed(cell))
    }

    /// Whether hiding a cell that is shown would tell less of it. That a count is hidden says that
    /// it is not 0 where zeros are shown, which is news of a count that was rounded to 0.
    fn may_be_hidden(&self, cell: usize) -> bool {
        let zero = self.table.counts()[cell] == 0 && self.rules.zeros == Zeros::Shown;
        let hidden = self.known_if(cell, Shown::Complementary);
        let tells_less = hidden.and(self.known[cell]) == Some(self.known[cell]);
        !zero && !self.shown[cell].is_hidden() && hidden.width() != Some(0) && tells_less
    }

    fn hide(&mut self, cell: usize) {
        self.shown[cell] = Shown::Complementary;
        self.known[cell] = self.known_if(cell, Shown::Complementary);
    }

    fn note(&mut self, table: Vec<u64>) {
        for (range, &count) in self.reached.iter_mut().zip(&table) {
            range.reach(count);
        }
        self.tables.push(table);
    }

    /// Hides cells until every cell is wide enough. Each round widens a cell or hides another, so
    /// it ends.
    fn hide_what_is_needed(&mut self) -> Result<(), Unanswerable> {
        loop {
            self.look_around()?;
            let narrow = self.narrow();
            if narrow.is_empty() {
                return Ok(());
            }
            for cell in narrow {
                if !self.is_wide(cell) {
                    self.widen(cell)?;
                }
            }
        }
    }

    /// Cells that the tables in hand do not show to be wide enough.
    fn narrow(&self) -> Vec<usize> {
        (0..self.shown.len())
            .filter(|&cell| !self.is_wide(cell))
            .collect()
    }

    /// Looks for tables that show narrow cells to be wide enough as everything stands.
    fn look_around(&mut self) -> Result<(), Unanswerable> {
        let known = self.capped();
        let programme = Programme::new(&known, self.table.sums())?;
        for table in programme.anywhere()? {
            self.note(table);
        }
        for _ in 0..2 {
            let ends: Vec<_> = self.ends_of_narrow().collect();
            for table in programme.together(&ends)? {
                self.note(table);
            }
        }
        Ok(())
    }

    fn ends_of_narrow(&self) -> impl Iterator<Item = (usize, f64)> {
        let narrow = self.narrow().into_iter();
        narrow.flat_map(|cell| [(cell, 1.0), (cell, -1.0)])
    }

    /// What is known, with an end set to counts that have none: an end in sight is quicker to
    /// look for, and tables within it fit without it.
    fn capped(&self) -> Vec<Range> {
        let most = self.table.counts().iter().max().copied().unwrap_or(0);
        let far = most + 4 * self.rules.width;
        let cap = |range: &Range| Range {
            lower: range.lower,
            upper: range.upper.or(Some(far.max(range.lower))),
        };
        self.known.iter().map(cap).collect()
    }

    /// Makes one cell wide enough by the cheaper of moving it up and moving it down.
    fn widen(&mut self, cell: usize) -> Result<(), Unanswerable> {
        let moves: Vec<_> = (0..self.shown.len()).map(|cell| self.moves(cell)).collect();
        let [up, down] = self.goals(cell);
        let attempt = |goal: Option<Range>| match goal {
            Some(goal) => cheapest(&moves, self.table.sums(), cell, goal),
            None => Ok(None),
        };
        let (up, down) = join(|| attempt(up), || attempt(down));
        let cheaper = match (up?, down?) {
            (Some(up), Some(down)) if down.cost < up.cost => down,
            (Some(up), _) => up,
            (None, Some(down)) => down,
            (None, None) => return Err(TOO_MUCH_SHOWN),
        };
        self.apply(cell, cheaper)
    }

    fn apply(&mut self, cell: usize, repair: Repair) -> Result<(), Unanswerable> {
        let progress = repair.table.is_some() || !repair.hide.is_empty();
        for &other in &repair.hide {
            self.hide(other);
        }
        if let Some(table) = repair.table {
            self.note(table);
        }
        if progress {
            return Ok(());
        }
        // The move needs parts of people and no whole one was found: hide one more and try again.
        let touches = |sum: &&Sum| sum.total == cell || sum.parts.contains(&cell);
        let beside = self.table.sums().iter().filter(touches);
        let beside = beside.flat_map(|sum| sum.parts.iter().chain([&sum.total]).copied());
        let near = self.least(beside);
        let next = near.or_else(|| self.least(0..self.shown.len()));
        self.hide(next.ok_or(TOO_MUCH_SHOWN)?);
        Ok(())
    }

    /// The cell with the smallest count among those that may be hidden.
    fn least(&self, cells: impl Iterator<Item = usize>) -> Option<usize> {
        cells
            .filter(|&cell| self.may_be_hidden(cell))
            .min_by_key(|&cell| (self.table.counts()[cell], cell))
    }

    fn moves(&self, cell: usize) -> Move {
        let count = self.table.counts()[cell];
        let known = self.known[cell];
        let hidden = if self.may_be_hidden(cell) {
            self.known_if(cell, Shown::Complementary)
        } else {
            known
        };
        Move {
            count,
            known,
            hidden,
            cost: cost(count),
        }
    }

    /// Where a cell would have to go, upwards and downwards, to be wide enough.
    fn goals(&self, cell: usize) -> [Option<Range>; 2] {
        let needed = self.needed(cell);
        let reached = self.reached[cell];
        let upper = reached.upper.unwrap_or(reached.lower);
        [
            reached.lower.checked_add(needed).map(Range::at_least),
            upper.checked_sub(needed).map(|end| Range::between(0, end)),
        ]
    }

    /// Shows again, dearest first, what was hidden to protect others and need not have been.
    fn show_what_is_not(&mut self) {
        let mut hidden: Vec<_> = (0..self.shown.len())
            .filter(|&cell| self.shown[cell] == Shown::Complementary)
            .collect();
        hidden.sort_by_key(|&cell| (std::cmp::Reverse(self.table.counts()[cell]), cell));
        for cell in hidden {
            if let Some(better) = self.with_shown(cell) {
                *self = better;
            }
        }
    }

    /// The plan with one cell shown after all, if everything stays wide enough.
    fn with_shown(&self, cell: usize) -> Option<Self> {
        let mut plan = self.clone();
        let shown = self.rules.shown(self.table.counts()[cell]);
        plan.shown[cell] = shown;
        plan.known[cell] = self.known_if(cell, shown);
        let known = plan.known[cell];
        plan.tables.retain(|table| known.contains(table[cell]));
        plan.reached = ranges(&plan.tables)?;
        if plan.narrow().is_empty() {
            return Some(plan);
        }
        let known = plan.capped();
        let programme = Programme::new(&known, self.table.sums()).ok()?;
        let hopeless = |&cell: &usize| {
            let width = programme.bounds[cell].width();
            width.is_some_and(|width| width < plan.needed(cell))
        };
        if plan.narrow().iter().any(hopeless) {
            return None;
        }
        let ends: Vec<_> = plan.ends_of_narrow().collect();
        for table in programme.together(&ends).ok()? {
            plan.note(table);
        }
        for cell in plan.narrow() {
            for direction in [1.0, -1.0] {
                if !plan.is_wide(cell)
                    && let End::At(_, Some(table)) = programme.end(cell, direction).ok()?
                {
                    plan.note(table);
                }
            }
            if !plan.is_wide(cell) {
                return None;
            }
        }
        Some(plan)
    }

    /// Puts the plan to the attack.
    fn finish(self) -> Result<Protected, Unanswerable> {
        let published = Published {
            known: self.known.clone(),
            sums: self.table.sums().to_vec(),
        };
        let found = attack_from(&published, &self.tables)?;
        let holds = |cell: usize| {
            let found: Found = found[cell];
            found.at_least_wide(self.needed(cell))
                && found.possible.contains(self.table.counts()[cell])
                && !(self.shown[cell].is_hidden() && found.pinned())
        };
        if !(0..found.len()).all(holds) {
            return Err(Unanswerable::NoConvergence);
        }
        Ok(Protected {
            shown: self.shown,
            published,
            found,
            rules: *self.rules,
        })
    }
}

const TOO_MUCH_SHOWN: Unanswerable = Unanswerable::Invalid(
    "a small count cannot be protected: what would have to be hidden is in print or a zero",
);

/// What it costs to hide a count.
fn cost(count: u64) -> f64 {
    1.0 + (count as f64).ln_1p()
}

/// From the smallest to the largest count of each cell.
fn ranges(tables: &[Vec<u64>]) -> Option<Vec<Range>> {
    let (first, others) = tables.split_first()?;
    let mut ranges: Vec<_> = first.iter().copied().map(Range::exactly).collect();
    for table in others {
        for (range, &count) in ranges.iter_mut().zip(table) {
            range.reach(count);
        }
    }
    Some(ranges)
}
