//! Density at the centres of a grid's cells.
//!
//! Each event is added to the cells within its reach, row by row, in strips of rows that threads
//! share out. Strips are of a fixed height and events are added in order of place, so the surface
//! is the same on any number of threads.

use std::ops::Range;

use rayon::prelude::*;

use super::kernel::{Kernel, Shape};
use super::window::{Seen, Window};
use super::{Edge, Events, Settings, finite};
use crate::Unanswerable;

/// The most cells of a grid.
const MOST_CELLS: usize = 1 << 26;
/// Rows of a strip.
const STRIP: usize = 64;

/// Square cells in rows from the south.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// South-west corner.
    pub corner: [f64; 2],
    /// Side of a cell, more than 0, in units of the coordinates.
    pub cell: f64,
    /// Cells from west to east, 1 or more.
    pub columns: usize,
    /// Cells from south to north, 1 or more.
    pub rows: usize,
}

/// Density at the centres of a grid's cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Surface {
    /// Row by row from the south, each from west to east. 0 outside the window.
    pub density: Vec<f64>,
    /// Whether the cell's centre is inside the window of the edge correction, in the same order:
    /// outside there is no density, which is not a density of 0. All inside without a window.
    pub inside: Vec<bool>,
}

impl Grid {
    /// The centre of a cell.
    pub fn centre(&self, column: usize, row: usize) -> [f64; 2] {
        let along = |axis: usize, at: usize| self.corner[axis] + (at as f64 + 0.5) * self.cell;
        [along(0, column), along(1, row)]
    }

    /// Refuses no cells, too many, and edges that are not numbers.
    pub(in crate::space) fn check(&self) -> Result<(), Unanswerable> {
        let cells = self.columns.checked_mul(self.rows);
        if !cells.is_some_and(|cells| cells > 0 && cells <= MOST_CELLS) {
            return Err(Unanswerable::Invalid(
                "a grid has between 1 and 67,108,864 cells",
            ));
        }
        let last = self.centre(self.columns, self.rows);
        let numbers = self.corner.iter().chain(&last);
        let sound = self.cell > 0.0 && self.cell.is_finite();
        if !sound || numbers.into_iter().any(|x| !x.is_finite()) {
            return Err(Unanswerable::Invalid(
                "a grid needs a finite corner and cells of a size above 0",
            ));
        }
        Ok(())
    }

    /// Where a coordinate lies in cells from the first one's centre.
    fn place(&self, axis: usize, at: f64) -> f64 {
        (at - self.corner[axis]) / self.cell - 0.5
    }

    /// The rows or columns whose centres lie within `half` of `at`, and perhaps one more at each
    /// end.
    fn span(&self, axis: usize, at: f64, half: f64, count: usize) -> Range<usize> {
        around(self.place(axis, at), half / self.cell, count)
    }
}

/// Of `count` cells those within `half` of `place`, both in cells, and perhaps one more at each end.
fn around(place: f64, half: f64, count: usize) -> Range<usize> {
    // The conversion rounds down, and below 0 to 0.
    let first = (place - half - 1e-6) as usize;
    let end = (place + half + 2.0) as usize;
    first.min(count)..end.min(count)
}

/// Density at the centre of each cell; arguments as for [`at`](super::at). Events may lie beyond
/// the grid and still reach into it. A Gaussian that is not cut takes every event to every cell.
pub fn on_grid(
    events: &[[f64; 2]],
    weights: Option<&[f64]>,
    grid: &Grid,
    settings: &Settings<'_>,
) -> Result<Surface, Unanswerable> {
    grid.check()?;
    let events = Events::prepared(events, weights, settings)?;
    let shape = settings.kernel.shape(settings.bandwidth);
    let mut density = vec![0.0; grid.columns * grid.rows];
    density
        .par_chunks_mut(STRIP * grid.columns)
        .enumerate()
        .for_each(|(strip, cells)| Strip::new(grid, strip, cells, shape).fill(&events));
    let mut inside = vec![true; density.len()];
    if let Some(window) = settings.edge.window() {
        let divide = matches!(settings.edge, Edge::Uniform(_));
        let border = Border::new(grid, window, settings);
        density
            .par_chunks_mut(grid.columns)
            .zip(inside.par_chunks_mut(grid.columns))
            .enumerate()
            .for_each(|(row, (density, inside))| border.correct(row, density, inside, divide));
    }
    Ok(Surface {
        density: finite(density)?,
        inside,
    })
}

/// Some rows of the grid while events are added.
struct Strip<'a> {
    grid: &'a Grid,
    first: usize,
    cells: &'a mut [f64],
    shape: Shape,
    /// For each column in an event's reach, what its distance across comes to: the square, or for
    /// a Gaussian the factor.
    across: Vec<f64>,
}

impl<'a> Strip<'a> {
    fn new(grid: &'a Grid, index: usize, cells: &'a mut [f64], shape: Shape) -> Self {
        Self {
            grid,
            first: index * STRIP,
            cells,
            shape,
            across: Vec::new(),
        }
    }

    fn fill(mut self, events: &Events) {
        let rows = self.cells.len() / self.grid.columns;
        let (south, north) = (
            self.grid.centre(0, self.first)[1],
            self.grid.centre(0, self.first + rows - 1)[1],
        );
        let reach = self.shape.reach.unwrap_or(f64::INFINITY);
        let inverse = 1.0 / self.shape.square;
        // How much of the shape is left at a squared distance, never below 0.
        let left = move |distance: f64| {
            let left = 1.0 - distance * inverse;
            if left > 0.0 { left } else { 0.0 }
        };
        for (place, weight) in events.points.iter().zip(&events.weights) {
            if place[1] + reach < south || place[1] - reach > north {
                continue;
            }
            let add = |strip: &mut Self| {
                let weight = weight * strip.shape.constant;
                let square = strip.shape.square;
                match strip.shape.kernel {
                    Kernel::Uniform => strip.add(*place, |d| if d < square { weight } else { 0.0 }),
                    Kernel::Triangular => strip.add(*place, |d| {
                        let left = 1.0 - (d * inverse).sqrt();
                        weight * if left > 0.0 { left } else { 0.0 }
                    }),
                    Kernel::Epanechnikov => strip.add(*place, |d| weight * left(d)),
                    Kernel::Quartic => strip.add(*place, |d| weight * (left(d) * left(d))),
                    Kernel::Triweight => {
                        strip.add(*place, |d| weight * (left(d) * left(d) * left(d)));
                    }
                    Kernel::Gaussian => strip.add_gaussian(*place, weight, 0.0),
                    Kernel::GaussianCut(cut) => {
                        strip.add_gaussian(*place, weight, (-cut * cut / 2.0).exp());
                    }
                }
            };
            add(&mut self);
        }
    }

    /// Adds what `pull` makes of each squared distance within reach.
    fn add(&mut self, place: [f64; 2], pull: impl Fn(f64) -> f64) {
        let (grid, columns) = (self.grid, self.grid.columns);
        let reach = self.shape.reach.unwrap_or(f64::INFINITY);
        let all = grid.span(0, place[0], reach, columns);
        let (middle, per_unit) = (grid.place(0, place[0]), 1.0 / grid.cell);
        let square = |column: usize| (grid.centre(column, 0)[0] - place[0]).powi(2);
        self.across.clear();
        self.across.extend(all.clone().map(square));
        for row in self.rows(place[1], reach) {
            let up = (grid.centre(0, row)[1] - place[1]).powi(2);
            let half = (self.shape.square - up).max(0.0).sqrt();
            let near = around(middle, half * per_unit, columns);
            let (from, to) = (near.start.max(all.start), near.end.min(all.end));
            let at = (row - self.first) * columns;
            let across = self.across.get(from - all.start..to.max(from) - all.start);
            let cells = self.cells.get_mut(at + from..at + to.max(from));
            for (cell, across) in cells
                .into_iter()
                .flatten()
                .zip(across.into_iter().flatten())
            {
                *cell += pull(across + up);
            }
        }
    }

    /// Adds a Gaussian where its share of the peak is above `least`.
    fn add_gaussian(&mut self, place: [f64; 2], weight: f64, least: f64) {
        let (grid, columns) = (self.grid, self.grid.columns);
        let reach = self.shape.reach.unwrap_or(f64::INFINITY);
        let square = self.shape.square;
        let factor = |distance: f64| (-distance * distance / square / 2.0).exp();
        let near = grid.span(0, place[0], reach, columns);
        let across = |column: usize| factor(grid.centre(column, 0)[0] - place[0]);
        self.across.clear();
        self.across.extend(near.clone().map(across));
        for row in self.rows(place[1], reach) {
            let up = factor(grid.centre(0, row)[1] - place[1]);
            let at = (row - self.first) * columns;
            let cells = self
                .cells
                .get_mut(at + near.start..at + near.end.max(near.start));
            for (cell, across) in cells.into_iter().flatten().zip(&self.across) {
                let pull = across * up;
                *cell += if pull > least { weight * pull } else { 0.0 };
            }
        }
    }

    /// The strip's rows within reach of a height.
    fn rows(&self, y: f64, reach: f64) -> Range<usize> {
        let last = self.first + self.cells.len() / self.grid.columns;
        let near = self.grid.span(1, y, reach, self.grid.rows);
        near.start.max(self.first)..near.end.min(last)
    }
}

/// The window as the grid's rows meet it.
struct Border<'a> {
    grid: &'a Grid,
    window: &'a Window,
    kernel: Kernel,
    bandwidth: f64,
    /// From how far on a side takes nothing from a kernel.
    reach: f64,
}

impl<'a> Border<'a> {
    fn new(grid: &'a Grid, window: &'a Window, settings: &Settings<'_>) -> Self {
        let gaussian = matches!(settings.kernel, Kernel::Gaussian | Kernel::GaussianCut(_));
        // Beyond 9 standard deviations lies less than rounding can show.
        let reach = if gaussian { 9.0 } else { 1.0 };
        Self {
            grid,
            window,
            kernel: settings.kernel,
            bandwidth: settings.bandwidth,
            reach: reach * settings.bandwidth,
        }
    }

    /// Marks a row's cells inside and empties the others; divides by the share inside if asked.
    fn correct(&self, row: usize, density: &mut [f64], inside: &mut [bool], divide: bool) {
        let y = self.grid.centre(0, row)[1];
        let sides: Vec<_> = self.window.sides_near_row(y, self.reach).collect();
        let crossings = self.window.crossings(y);
        for (column, (density, inside)) in density.iter_mut().zip(inside).enumerate() {
            let place = self.grid.centre(column, row);
            *inside = match self.window.as_rectangle() {
                Some(_) => self.window.contains(place),
                None => crossings.partition_point(|x| *x <= place[0]) % 2 == 1,
            };
            let near = sides
                .iter()
                .filter_map(|side| Seen::from(**side, place))
                .any(|seen| seen.distance() < self.reach);
            if near && !*inside {
                *inside = self.window.contains(place);
            }
            if !*inside {
                *density = 0.0;
            } else if near && divide {
                *density /= self.window.share(place, self.kernel, self.bandwidth);
            }
        }
    }
}
