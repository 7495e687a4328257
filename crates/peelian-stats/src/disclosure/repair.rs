//! The cheapest cells to hide so that one cell can be anything far enough from what it is.
//!
//! Starting from the true table, move counts about so that every sum still holds and the cell in
//! need goes as far as it must. Moves within what a reader cannot tell apart anyway are free;
//! moving a count that is shown means hiding it, and costs. The cheapest such move is a linear
//! programme, and the cells that it moves beyond what is shown are the ones to hide. Source: the
//! network form is due to Cox, *Journal of the American Statistical Association* 75 (1980) 377–385;
//! Kelly, Golden and Assad, *Networks* 22 (1992) 397–417.

use microlp::{ComparisonOp, OptimizationDirection, Problem, Variable};

use crate::Unanswerable;
use crate::disclosure::attack::Range;
use crate::disclosure::programme::{Answer, fits, solve};
use crate::disclosure::table::Sum;

/// A cell as the repair sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Move {
    /// The true count.
    pub(super) count: u64,
    /// What a reader knows of it as it stands.
    pub(super) known: Range,
    /// What a reader would know of it hidden; the same as `known` where it is hidden or must not be.
    pub(super) hidden: Range,
    /// What hiding it costs for each unit moved.
    pub(super) cost: f64,
}

/// A table that a reader could not tell from the true one after hiding some cells.
pub(super) struct Repair {
    pub(super) cost: f64,
    /// The table, if its counts are whole.
    pub(super) table: Option<Vec<u64>>,
    /// Cells to hide.
    pub(super) hide: Vec<usize>,
}

/// The variables of one cell: the free move, and the moves up and down that cost.
#[derive(Clone, Copy, Default)]
struct Moved {
    free: Option<Variable>,
    up: Option<Variable>,
    down: Option<Variable>,
}

/// The cheapest move of `cell` into `goal`; `None` where no hiding allows it.
pub(super) fn cheapest(
    cells: &[Move],
    sums: &[Sum],
    cell: usize,
    goal: Range,
) -> Result<Option<Repair>, Unanswerable> {
    let Some(repair) = attempt(cells, sums, cell, goal, false)? else {
        return Ok(None);
    };
    if repair.table.is_some() {
        return Ok(Some(repair));
    }
    // The cheapest move broke people in pieces: branch for one that does not.
    let whole = attempt(cells, sums, cell, goal, true)
        .ok()
        .flatten()
        .filter(|whole| whole.table.is_some());
    Ok(Some(whole.unwrap_or(repair)))
}

fn attempt(
    cells: &[Move],
    sums: &[Sum],
    cell: usize,
    goal: Range,
    whole: bool,
) -> Result<Option<Repair>, Unanswerable> {
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let mut moved = Vec::with_capacity(cells.len());
    for (number, own) in cells.iter().enumerate() {
        let known = if number == cell {
            let Some(known) = own.known.and(goal) else {
                return Ok(None);
            };
            known
        } else {
            own.known
        };
        moved.push(add_variables(&mut problem, own, known, whole));
    }
    for sum in sums {
        let mut terms = Vec::with_capacity(3 * sum.parts.len() + 3);
        for &part in &sum.parts {
            moved[part].add_terms(&mut terms, 1.0);
        }
        moved[sum.total].add_terms(&mut terms, -1.0);
        if !terms.is_empty() {
            problem.add_constraint(terms, ComparisonOp::Eq, 0.0);
        }
    }
    let values = match solve(&problem) {
        Ok(Answer::Solved { objective, values }) => (objective, values),
        Ok(Answer::Unbounded) => return Err(Unanswerable::NoConvergence),
        Err(Unanswerable::Mismatched(_)) => return Ok(None),
        Err(other) => return Err(other),
    };
    let (cost, values) = values;
    Ok(Some(read(cells, sums, &moved, cost, &values)))
}

fn add_variables(problem: &mut Problem, own: &Move, known: Range, whole: bool) -> Moved {
    let mut add = |cost: f64, low: f64, high: f64| {
        if low == high && low == 0.0 {
            None
        } else if whole {
            let clamp = |bound: f64| bound.clamp(f64::from(i32::MIN), f64::from(i32::MAX)) as i32;
            Some(problem.add_integer_var(cost, (clamp(low), clamp(high))))
        } else {
            Some(problem.add_var(cost, (low, high)))
        }
    };
    let count = own.count as f64;
    let end = |upper: Option<u64>| upper.map_or(f64::INFINITY, |upper| upper as f64);
    let room_up = if own.hidden.upper == own.known.upper {
        0.0
    } else {
        end(own.hidden.upper) - end(own.known.upper)
    };
    let room_down = (own.known.lower - own.hidden.lower) as f64;
    Moved {
        free: add(0.0, known.lower as f64 - count, end(known.upper) - count),
        up: add(own.cost, 0.0, room_up),
        down: add(own.cost, 0.0, room_down),
    }
}

impl Moved {
    fn add_terms(self, terms: &mut Vec<(Variable, f64)>, sign: f64) {
        terms.extend(self.free.map(|variable| (variable, sign)));
        terms.extend(self.up.map(|variable| (variable, sign)));
        terms.extend(self.down.map(|variable| (variable, -sign)));
    }

    fn amounts(self, values: &[f64]) -> (f64, f64) {
        let value = |variable: Option<Variable>| {
            variable
                .and_then(|variable| values.get(variable.idx()))
                .map_or(0.0, |value| *value)
        };
        let paid = value(self.up) - value(self.down);
        (value(self.free) + paid, paid)
    }
}

fn read(cells: &[Move], sums: &[Sum], moved: &[Moved], cost: f64, values: &[f64]) -> Repair {
    let mut hide = Vec::new();
    let mut table = Vec::with_capacity(cells.len());
    let mut ranges = Vec::with_capacity(cells.len());
    for (number, (own, moved)) in cells.iter().zip(moved).enumerate() {
        let (amount, paid) = moved.amounts(values);
        if paid.abs() > 1e-6 {
            hide.push(number);
            ranges.push(own.hidden);
        } else {
            ranges.push(own.known);
        }
        let nearest = amount.round();
        if (amount - nearest).abs() < 1e-5 {
            table.extend(own.count.checked_add_signed(nearest as i64));
        }
    }
    let fitting = table.len() == cells.len() && fits(&table, &ranges, sums);
    Repair {
        cost,
        table: fitting.then_some(table),
        hide,
    }
}
