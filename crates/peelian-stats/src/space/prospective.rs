//! Risk of the squares of a grid from recent events, and which squares to choose.
//!
//! - **Prospective**: each event adds 1/((1 + weeks since)·(1 + squares away)), within limits of
//!   both, so that the nearest and latest weigh most. Source: Bowers, Johnson and Pease, *British
//!   Journal of Criminology* 44 (2004) 641–658.
//! - **Retrospective**: each event of a period adds the quartic kernel (1 − d²/h²)² of its distance d
//!   from the centre of the square, within the bandwidth h.
//!
//! **How it can mislead.** Risk is on no scale: it orders squares and predicts no number. Where
//! events are recorded where someone looks, it sends people where they already were. Score a choice
//! on later events ([`super::prediction_accuracy`]) and against the plain count of last year.

use crate::Unanswerable;

pub use super::density::Grid;

/// The column and row of a place, also where that lies outside; `None` where it is not finite.
fn square(grid: &Grid, x: f64, y: f64) -> Option<(f64, f64)> {
    let along = |axis: usize, place: f64| ((place - grid.corner[axis]) / grid.cell).floor();
    let (column, row) = (along(0, x), along(1, y));
    (column.is_finite() && row.is_finite()).then_some((column, row))
}

/// A past event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// Easting.
    pub x: f64,
    /// Northing.
    pub y: f64,
    /// How long ago it happened, in whole or broken units (weeks, say); negative is still to come
    /// and does not count.
    pub age: f64,
}

/// How distance between squares is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Squares {
    /// A diagonal step counts as one.
    #[default]
    Chebyshev,
    /// Between the centres, in sides of a square.
    Euclidean,
}

/// Prospective risk of each square: Σ 1/((1 + ⌊age⌋)·(1 + distance)) over the events whose whole
/// age is below `ages` and whose square is less than `reach` squares away.
///
/// Refuses a grid without squares, places or ages that are not finite, and limits that are not above
/// 0.
pub fn prospective_risk(
    grid: &Grid,
    events: &[Event],
    ages: f64,
    reach: f64,
    squares: Squares,
) -> Result<Vec<f64>, Unanswerable> {
    grid.check()?;
    check_events(events)?;
    if !(ages > 0.0 && reach > 0.0 && reach.is_finite()) {
        return Err(Unanswerable::Invalid(
            "the limits of age and distance must be above 0",
        ));
    }
    let mut risk = vec![0.0; grid.columns * grid.rows];
    for event in events
        .iter()
        .filter(|event| event.age >= 0.0 && event.age.floor() < ages)
    {
        let Some((column, row)) = square(grid, event.x, event.y) else {
            return Err(Unanswerable::Overflow);
        };
        for y in near(row, reach, grid.rows) {
            for x in near(column, reach, grid.columns) {
                let (across, up) = ((x as f64 - column).abs(), (y as f64 - row).abs());
                let away = match squares {
                    Squares::Chebyshev => across.max(up),
                    Squares::Euclidean => across.hypot(up),
                };
                if away < reach {
                    risk[y * grid.columns + x] += 1.0 / ((1.0 + event.age.floor()) * (1.0 + away));
                }
            }
        }
    }
    Ok(risk)
}

/// Retrospective risk of each square: Σ (1 − d²/h²)² over the events within the `bandwidth` h of its
/// centre.
///
/// Refuses what [`prospective_risk`] refuses.
pub fn retrospective_risk(
    grid: &Grid,
    events: &[Event],
    bandwidth: f64,
) -> Result<Vec<f64>, Unanswerable> {
    grid.check()?;
    check_events(events)?;
    if !(bandwidth > 0.0 && bandwidth.is_finite()) {
        return Err(Unanswerable::Invalid(
            "the bandwidth must be finite and above 0",
        ));
    }
    let mut risk = vec![0.0; grid.columns * grid.rows];
    let reach = bandwidth / grid.cell + 1.0;
    for event in events.iter().filter(|event| event.age >= 0.0) {
        let Some((column, row)) = square(grid, event.x, event.y) else {
            return Err(Unanswerable::Overflow);
        };
        for y in near(row, reach, grid.rows) {
            for x in near(column, reach, grid.columns) {
                let index = y * grid.columns + x;
                let centre = grid.centre(x, y);
                let away = (event.x - centre[0]).hypot(event.y - centre[1]);
                if away < bandwidth {
                    risk[index] += (1.0 - (away / bandwidth).powi(2)).powi(2);
                }
            }
        }
    }
    Ok(risk)
}

/// The squares no more than `reach` from a place along one side of the grid.
fn near(place: f64, reach: f64, squares: usize) -> std::ops::Range<usize> {
    let bound = |value: f64| value.clamp(0.0, squares as f64) as usize;
    bound((place - reach).ceil())..bound((place + reach).floor() + 1.0)
}

fn check_events(events: &[Event]) -> Result<(), Unanswerable> {
    let finite = |event: &Event| [event.x, event.y, event.age].iter().all(|v| v.is_finite());
    if events.iter().all(finite) {
        Ok(())
    } else {
        Err(Unanswerable::Invalid("places and ages must be finite"))
    }
}

/// The squares chosen, and whether the choice hung on their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Their indices, rising.
    pub squares: Vec<usize>,
    /// Squares with the same risk as the last one chosen were left out: the choice is not unique.
    pub tied: bool,
}

/// The ⌊`coverage`·n⌋ squares with the highest risk; among equals the later in the order of the grid.
///
/// Refuses a coverage not within 0 to 1 and risks that are not finite.
pub fn choose(risk: &[f64], coverage: f64) -> Result<Chosen, Unanswerable> {
    if !(0.0..=1.0).contains(&coverage) {
        return Err(Unanswerable::Invalid("coverage must lie within 0 to 1"));
    }
    if risk.iter().any(|risk| !risk.is_finite()) {
        return Err(Unanswerable::Invalid("risks must be finite"));
    }
    // A share such as 0.07 of 100 must not fall short of 7 by rounding.
    let wanted = ((risk.len() as f64 * coverage) * (1.0 + 4.0 * f64::EPSILON)).floor() as usize;
    let mut order: Vec<usize> = (0..risk.len()).collect();
    order.sort_unstable_by(|a, b| risk[*b].total_cmp(&risk[*a]).then(b.cmp(a)));
    let (chosen, rest) = order.split_at(wanted.min(order.len()));
    let tied = chosen
        .last()
        .zip(rest.first())
        .is_some_and(|(a, b)| risk[*a] == risk[*b]);
    let mut squares = chosen.to_vec();
    squares.sort_unstable();
    Ok(Chosen { squares, tied })
}
