//! The linear programme behind an attack: every table that fits what is known.
//!
//! Cells are unknown whole numbers within bounds, tied by sums. The bounds are first narrowed by
//! the sums one at a time, which settles most cells of a published table; the simplex method
//! (crate `microlp`) does the rest on the cells left open.

use microlp::{ComparisonOp, Error, OptimizationDirection, Problem, SolveOptions, Variable};
use rand::Rng;
use rayon::prelude::*;

use crate::Unanswerable;
use crate::disclosure::attack::Range;
use crate::disclosure::table::Sum;
use crate::random;

/// Narrowing one sum at a time stops after this many rounds: it may creep on by ones, and what it
/// leaves the simplex method finds.
const ROUNDS: usize = 60;
/// Directions tried at random before single cells are looked at: each answers for many.
const DIRECTIONS: u64 = 8;
/// Branches looked into for a table of whole numbers before giving up.
const BRANCHES: u64 = 500;
/// How far a computed optimum may lie beyond a whole number and still count as it.
const SLACK: f64 = 1e-6;
/// The same as a share of the number.
const ROUNDING: f64 = 1e-9;

const CONTRADICTION: Unanswerable =
    Unanswerable::Mismatched("the figures contradict each other: no table fits them all");

/// Every table that fits the bounds and the sums.
#[derive(Clone, Debug)]
pub(super) struct Programme<'a> {
    sums: &'a [Sum],
    /// Bounds narrowed by the sums taken singly.
    pub(super) bounds: Vec<Range>,
    /// Cells that are not settled.
    pub(super) open: Vec<usize>,
    rows: Vec<Row>,
}

/// Σ coefficient·(count − lower bound) = `right`, over open cells by their place in `open`.
#[derive(Clone, Debug)]
struct Row {
    terms: Vec<(usize, f64)>,
    right: f64,
}

/// Where a programme was at its best.
pub(super) struct Corner {
    /// Σ objective·(count − lower bound).
    objective: f64,
    /// The table, if its counts are whole.
    pub(super) table: Option<Vec<u64>>,
}

/// What the largest (or smallest) count of a cell turned out to be.
pub(super) enum End {
    /// No table goes further than this, and the table that the search ended at, if its counts are
    /// whole.
    At(u64, Option<Vec<u64>>),
    /// It can grow without end.
    Open,
}

impl<'a> Programme<'a> {
    /// Refuses figures that the sums show to contradict each other.
    pub(super) fn new(known: &[Range], sums: &'a [Sum]) -> Result<Self, Unanswerable> {
        let bounds = narrowed(known, sums)?;
        let open: Vec<_> = (0..bounds.len())
            .filter(|&cell| bounds[cell].width() != Some(0))
            .collect();
        let mut place = vec![None; bounds.len()];
        for (number, &cell) in open.iter().enumerate() {
            place[cell] = Some(number);
        }
        let mut rows = Vec::new();
        for sum in sums {
            let row = Row::of(sum, &bounds, &place);
            if row.terms.is_empty() {
                if row.right != 0.0 {
                    return Err(CONTRADICTION);
                }
            } else {
                rows.push(row);
            }
        }
        Ok(Self {
            sums,
            bounds,
            open,
            rows,
        })
    }

    /// The end of one cell's counts: its largest with a positive `direction`, else its smallest.
    pub(super) fn end(&self, cell: usize, direction: f64) -> Result<End, Unanswerable> {
        let objective = |open: usize| if open == cell { direction } else { 0.0 };
        let Some(corner) = self.best(objective)? else {
            return Ok(End::Open);
        };
        let bound = self.bounds[cell];
        let above = (corner.objective * direction.signum()).max(0.0);
        let slack = SLACK + ROUNDING * above;
        let whole = if direction > 0.0 {
            let most = bound.lower.saturating_add((above + slack).floor() as u64);
            bound.upper.map_or(most, |upper| upper.min(most))
        } else {
            bound
                .lower
                .saturating_add((above - slack).ceil().max(0.0) as u64)
        };
        Ok(End::At(whole, corner.table))
    }

    /// Tables at the corners in random directions, each at the end of its range for many cells.
    pub(super) fn anywhere(&self) -> Result<Vec<Vec<u64>>, Unanswerable> {
        let looks: Vec<_> = (0..DIRECTIONS)
            .into_par_iter()
            .map(|number| {
                let mut stream = random::stream(0, number);
                let mut direction = |bound: &Range| {
                    let any = stream.random::<f64>() - 0.5;
                    if bound.upper.is_some() {
                        any
                    } else {
                        -any.abs()
                    }
                };
                let directions: Vec<_> = self.bounds.iter().map(&mut direction).collect();
                self.best(|cell| directions[cell])
            })
            .collect::<Result<_, _>>()?;
        let tables = looks
            .into_iter()
            .flatten()
            .filter_map(|corner| corner.table);
        Ok(tables.collect())
    }

    /// Tables at the given ends of many cells: one programme for each group of cells that share no
    /// sum, since those seldom stand in each other's way. Ends that never end are left out.
    pub(super) fn together(&self, ends: &[(usize, f64)]) -> Result<Vec<Vec<u64>>, Unanswerable> {
        let looks: Vec<_> = self
            .groups(ends)
            .into_par_iter()
            .map(|group| {
                let mut directions = vec![0.0; self.bounds.len()];
                for (cell, direction) in group {
                    directions[cell] = direction;
                }
                self.best(|cell| directions[cell])
            })
            .collect::<Result<_, _>>()?;
        let tables = looks
            .into_iter()
            .flatten()
            .filter_map(|corner| corner.table);
        Ok(tables.collect())
    }

    fn groups(&self, ends: &[(usize, f64)]) -> Vec<Vec<(usize, f64)>> {
        let mut sums_of = vec![Vec::new(); self.bounds.len()];
        for (number, sum) in self.sums.iter().enumerate() {
            for &cell in sum.parts.iter().chain([&sum.total]) {
                sums_of[cell].push(number);
            }
        }
        let mut groups: Vec<(Vec<_>, Vec<bool>)> = Vec::new();
        for &(cell, direction) in ends {
            if direction > 0.0 && self.bounds[cell].upper.is_none() {
                continue;
            }
            let sums = &sums_of[cell];
            let free = |used: &[bool]| sums.iter().all(|&sum| !used[sum]);
            let number = groups
                .iter()
                .position(|(_, used)| free(used))
                .unwrap_or_else(|| {
                    groups.push((Vec::new(), vec![false; self.sums.len()]));
                    groups.len() - 1
                });
            let (members, used) = &mut groups[number];
            members.push((cell, direction));
            for &sum in sums {
                used[sum] = true;
            }
        }
        groups.into_iter().map(|(members, _)| members).collect()
    }

    /// The table that makes Σ objective·count largest. `None` where there is no largest.
    pub(super) fn best(
        &self,
        objective: impl Fn(usize) -> f64,
    ) -> Result<Option<Corner>, Unanswerable> {
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        let variables: Vec<_> = self
            .open
            .iter()
            .map(|&cell| {
                let width = self.bounds[cell].width();
                let most = width.map_or(f64::INFINITY, |width| width as f64);
                problem.add_var(objective(cell), (0.0, most))
            })
            .collect();
        self.add_rows(&mut problem, &variables);
        match solve(&problem)? {
            Answer::Unbounded => Ok(None),
            Answer::Solved { objective, values } => Ok(Some(Corner {
                objective,
                table: self.table(&variables, &values),
            })),
        }
    }

    /// A table of whole numbers with `cell` within `wanted`, found by branching; `None` where
    /// there is none or the search would take too long.
    pub(super) fn whole_table(&self, cell: usize, wanted: Range) -> Option<Vec<u64>> {
        let mut known = self.bounds.clone();
        known[cell] = known[cell].and(wanted)?;
        let narrowed = Self::new(&known, self.sums).ok()?;
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let variables: Vec<_> = narrowed
            .open
            .iter()
            .map(|&cell| {
                let most = narrowed.bounds[cell].width().unwrap_or(u64::MAX);
                problem.add_integer_var(1.0, (0, i32::try_from(most).unwrap_or(i32::MAX)))
            })
            .collect();
        narrowed.add_rows(&mut problem, &variables);
        match solve(&problem) {
            Ok(Answer::Solved { values, .. }) => narrowed.table(&variables, &values),
            _ => None,
        }
    }

    fn add_rows(&self, problem: &mut Problem, variables: &[Variable]) {
        for row in &self.rows {
            let terms = row
                .terms
                .iter()
                .map(|&(open, sign)| (variables[open], sign));
            problem.add_constraint(terms, ComparisonOp::Eq, row.right);
        }
    }

    /// The solution as a table of counts, checked in whole numbers; `None` unless it is one.
    fn table(&self, variables: &[Variable], values: &[f64]) -> Option<Vec<u64>> {
        let mut table: Vec<_> = self.bounds.iter().map(|bound| bound.lower).collect();
        for (&cell, variable) in self.open.iter().zip(variables) {
            table[cell] += whole(*values.get(variable.idx())?)?;
        }
        fits(&table, &self.bounds, self.sums).then_some(table)
    }
}

impl Row {
    fn of(sum: &Sum, bounds: &[Range], place: &[Option<usize>]) -> Self {
        let terms = |cells: &[usize], sign: f64| {
            let open = cells.iter().filter_map(|&cell| place[cell]);
            open.map(|open| (open, sign)).collect::<Vec<_>>()
        };
        let lower = |cell: usize| i128::from(bounds[cell].lower);
        let parts: i128 = sum.parts.iter().map(|&part| lower(part)).sum();
        let mut all = terms(&sum.parts, 1.0);
        all.extend(terms(&[sum.total], -1.0));
        Self {
            terms: all,
            right: (lower(sum.total) - parts) as f64,
        }
    }
}

/// A number that is whole but for rounding.
pub(super) fn whole(value: f64) -> Option<u64> {
    let nearest = value.round();
    let near = (value - nearest).abs() <= SLACK + ROUNDING * value.abs();
    (near && (0.0..9e15).contains(&nearest)).then_some(nearest as u64)
}

/// Whether a table keeps within the bounds and every sum holds, in whole numbers.
pub(super) fn fits(table: &[u64], bounds: &[Range], sums: &[Sum]) -> bool {
    let within = table
        .iter()
        .zip(bounds)
        .all(|(&count, bound)| bound.contains(count));
    within
        && sums.iter().all(|sum| {
            let parts: u128 = sum.parts.iter().map(|&part| u128::from(table[part])).sum();
            parts == u128::from(table[sum.total])
        })
}

pub(super) enum Answer {
    Solved { objective: f64, values: Vec<f64> },
    Unbounded,
}

/// Runs the solver; figures that no table fits are refused.
pub(super) fn solve(problem: &Problem) -> Result<Answer, Unanswerable> {
    let mut options = SolveOptions::default();
    if problem.has_integer_vars() {
        options.node_limit = Some(BRANCHES);
    }
    match problem.solve_with(options) {
        Ok(outcome) => {
            let solution = outcome.solution().ok_or(Unanswerable::NoConvergence)?;
            Ok(Answer::Solved {
                objective: solution.objective(),
                values: solution.iter().map(|(_, value)| value).collect(),
            })
        }
        Err(Error::Unbounded) => Ok(Answer::Unbounded),
        Err(Error::Infeasible) => Err(CONTRADICTION),
        Err(_) => Err(Unanswerable::NoConvergence),
    }
}

/// Narrows the bounds by every sum, again and again until nothing changes.
fn narrowed(known: &[Range], sums: &[Sum]) -> Result<Vec<Range>, Unanswerable> {
    let mut bounds = known.to_vec();
    if bounds.iter().any(Range::is_empty) {
        return Err(CONTRADICTION);
    }
    for _ in 0..ROUNDS {
        let mut changed = false;
        for sum in sums {
            changed |= narrow(sum, &mut bounds)?;
        }
        if !changed {
            break;
        }
    }
    Ok(bounds)
}

/// Narrows the total by its parts, and each part by the total and the other parts.
fn narrow(sum: &Sum, bounds: &mut [Range]) -> Result<bool, Unanswerable> {
    let lowest: u128 = sum
        .parts
        .iter()
        .map(|&part| u128::from(bounds[part].lower))
        .sum();
    let mut highest = 0_u128;
    let mut endless = 0;
    for &part in &sum.parts {
        match bounds[part].upper {
            Some(upper) => highest += u128::from(upper),
            None => endless += 1,
        }
    }
    let most = (endless == 0).then_some(highest);
    let mut changed = tighten(&mut bounds[sum.total], lowest, most)?;
    let total = bounds[sum.total];
    for &part in &sum.parts {
        let own = bounds[part];
        // The others' largest sum is known if no other part is endless.
        let others = match own.upper {
            Some(upper) if endless == 0 => Some(highest - u128::from(upper)),
            None if endless == 1 => Some(highest),
            _ => None,
        };
        let least = others.map_or(0, |others| u128::from(total.lower).saturating_sub(others));
        let others = lowest - u128::from(own.lower);
        let most = match total.upper {
            Some(upper) => Some(u128::from(upper).checked_sub(others).ok_or(CONTRADICTION)?),
            None => None,
        };
        // Sums over the parts stay those from before: narrower ones come in the next round.
        changed |= tighten(&mut bounds[part], least, most)?;
    }
    Ok(changed)
}

fn tighten(bound: &mut Range, least: u128, most: Option<u128>) -> Result<bool, Unanswerable> {
    let clamp = |count: u128| u64::try_from(count).unwrap_or(u64::MAX);
    let before = *bound;
    bound.lower = bound.lower.max(clamp(least));
    if let Some(most) = most.map(clamp) {
        bound.upper = Some(bound.upper.map_or(most, |upper| upper.min(most)));
    }
    if bound.is_empty() {
        return Err(CONTRADICTION);
    }
    Ok(*bound != before)
}
