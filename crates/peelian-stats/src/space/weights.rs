//! Spatial weights: which areas are neighbours, and how much each counts.
//!
//! Answers "what is nearby?" for [`local_g`](crate::space::local_g) and
//! [`moran`](crate::space::moran). Row i holds the weights w_ij ≥ 0 of the neighbours j of area i;
//! only those above 0 are stored. Source for the kinds: Cliff and Ord, *Spatial Processes* (1981).
//! Distances are straight lines in the units of the coordinates, so coordinates must be projected
//! (metres), never degrees.
//!
//! **How it can mislead.** Every result on clustering is about the chosen neighbours: try two
//! kinds. Nearest neighbours reach far in the country and near in town. Areas at the edge of a grid
//! have fewer neighbours, because what lies beyond is not known. A distance band leaves remote areas
//! without neighbours, and such areas have no answer.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::buckets::{Buckets, check_points, squared};
use crate::Unanswerable;

/// The most cells of a grid with neighbours.
const MOST_CELLS: usize = 1 << 24;

/// Neighbours of areas 0, 1, 2, ... and their weights, as sparse rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Where each row begins in `to` and `weight`, and where the last one ends.
    starts: Vec<usize>,
    to: Vec<u32>,
    weight: Vec<f64>,
}

/// That `to` is a neighbour of `from` and counts `weight`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// The area whose row it is.
    pub from: usize,
    /// Its neighbour; may be `from` itself.
    pub to: usize,
    /// 0 or more, finite; 0 is no neighbour.
    pub weight: f64,
}

/// What an area counts among its own neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SelfWeight {
    /// 1.
    One,
    /// As much as its largest neighbour, 1 where it has none. Does not depend on the scale of a row.
    Largest,
}

impl Weights {
    /// Weights from a list of neighbours in any order, for areas 0 to `units` − 1. Refuses areas
    /// beyond, weights below 0 or not finite, and a neighbour given twice.
    pub fn from_edges(units: usize, edges: &[Edge]) -> Result<Self, Unanswerable> {
        if units > MOST_CELLS {
            return Err(Unanswerable::Invalid(
                "weights are for at most 16,777,216 areas",
            ));
        }
        if edges.iter().any(|edge| edge.from.max(edge.to) >= units) {
            return Err(Unanswerable::Mismatched(
                "an edge must join two of the areas",
            ));
        }
        let bad = |edge: &Edge| !(edge.weight >= 0.0 && edge.weight.is_finite());
        if edges.iter().any(bad) {
            return Err(Unanswerable::Invalid(
                "weights must be finite and not below 0",
            ));
        }
        let mut rows = vec![Vec::new(); units];
        for edge in edges {
            rows[edge.from].push((edge.to as u32, edge.weight));
        }
        for row in &mut rows {
            row.sort_unstable_by_key(|(to, _)| *to);
            if row.windows(2).any(|pair| pair[0].0 == pair[1].0) {
                return Err(Unanswerable::Invalid("a neighbour is given twice"));
            }
            row.retain(|(_, weight)| *weight > 0.0);
        }
        Ok(Self::from_rows(&rows))
    }

    /// Cells of a grid that share an edge or a corner, weight 1. Cell (column, row) is area
    /// `row * columns + column`; at most 16,777,216 cells.
    pub fn queen(columns: usize, rows: usize) -> Result<Self, Unanswerable> {
        Self::grid(columns, rows, |_, _| true)
    }

    /// Cells of a grid that share an edge, weight 1; numbered as for [`Weights::queen`].
    pub fn rook(columns: usize, rows: usize) -> Result<Self, Unanswerable> {
        Self::grid(columns, rows, |across, up| across == 0 || up == 0)
    }

    fn grid(
        columns: usize,
        rows: usize,
        counts: impl Fn(isize, isize) -> bool,
    ) -> Result<Self, Unanswerable> {
        let cells = columns.checked_mul(rows).filter(|n| *n <= MOST_CELLS);
        let cells = cells.ok_or(Unanswerable::Invalid(
            "a grid with neighbours has at most 16,777,216 cells",
        ))?;
        let mut weights = Self::with_room(cells, cells * 8);
        let around = |at: usize, count: usize| at.saturating_sub(1)..(at + 2).min(count);
        for row in 0..rows {
            for column in 0..columns {
                for other_row in around(row, rows) {
                    for other in around(column, columns) {
                        let across = other as isize - column as isize;
                        let up = other_row as isize - row as isize;
                        if (across, up) != (0, 0) && counts(across, up) {
                            weights.to.push((other_row * columns + other) as u32);
                        }
                    }
                }
                weights.starts.push(weights.to.len());
            }
        }
        weights.weight = vec![1.0; weights.to.len()];
        Ok(weights)
    }

    /// The `k` nearest other points of each, weight 1. Of points equally far the one with the lower
    /// index is nearer, so points at one place are each other's nearest. Needs more than `k` points
    /// and `k` ≥ 1. In general not symmetric.
    pub fn nearest(points: &[[f64; 2]], k: usize) -> Result<Self, Unanswerable> {
        check_points(points)?;
        if k == 0 {
            return Err(Unanswerable::Invalid("k must be at least 1"));
        }
        if points.len() <= k {
            return Err(Unanswerable::TooFew {
                what: "points",
                have: points.len(),
                need: k.saturating_add(1),
            });
        }
        let buckets = Buckets::of_few(points);
        let row = |found: &mut Vec<(f64, u32)>, of: usize| {
            buckets.nearest(points, of, k, found);
            let mut row: Vec<_> = found.iter().map(|(_, point)| (*point, 1.0)).collect();
            row.sort_unstable_by_key(|(point, _)| *point);
            row
        };
        let rows: Vec<_> = (0..points.len())
            .into_par_iter()
            .map_init(Vec::new, row)
            .collect();
        Ok(Self::from_rows(&rows))
    }

    /// All other points at most `distance` away (more than 0), weight 1.
    pub fn within(points: &[[f64; 2]], distance: f64) -> Result<Self, Unanswerable> {
        Self::by_distance(points, distance, |_| 1.0)
    }

    /// All other points at most `distance` away (more than 0), weight d^−`power`. A distance below
    /// `floor` counts as `floor` (more than 0): points that were moved to one shared place would
    /// otherwise count without limit.
    pub fn inverse_distance(
        points: &[[f64; 2]],
        distance: f64,
        power: f64,
        floor: f64,
    ) -> Result<Self, Unanswerable> {
        if !(power >= 0.0 && power.is_finite() && floor > 0.0 && floor.is_finite()) {
            return Err(Unanswerable::Invalid(
                "power must be at least 0 and floor above 0",
            ));
        }
        let weights = Self::by_distance(points, distance, |d| d.max(floor).powf(-power))?;
        if weights.weight.iter().all(|w| *w > 0.0 && w.is_finite()) {
            Ok(weights)
        } else {
            Err(Unanswerable::Overflow)
        }
    }

    fn by_distance(
        points: &[[f64; 2]],
        distance: f64,
        weight: impl Fn(f64) -> f64 + Sync,
    ) -> Result<Self, Unanswerable> {
        check_points(points)?;
        if !(distance > 0.0 && distance.is_finite()) {
            return Err(Unanswerable::Invalid("distance must be above 0 and finite"));
        }
        let buckets = Buckets::new(points, distance);
        let row = |of: usize| {
            let mut row: Vec<_> = buckets
                .around(points[of], distance)
                .filter(|other| *other != of)
                .map(|other| (other as u32, squared(points[of], points[other]).sqrt()))
                .filter(|(_, d)| *d <= distance)
                .map(|(other, d)| (other, weight(d)))
                .collect();
            row.sort_unstable_by_key(|(other, _)| *other);
            row
        };
        let rows: Vec<_> = (0..points.len()).into_par_iter().map(row).collect();
        Ok(Self::from_rows(&rows))
    }

    /// Every weight 1.
    #[must_use]
    pub fn binary(mut self) -> Self {
        self.weight.fill(1.0);
        self
    }

    /// Each row divided by its sum, so that a weighted sum of neighbours is their mean. A row whose
    /// sum is too large to write down is left as it is.
    #[must_use]
    pub fn row_standardised(mut self) -> Self {
        for pair in self.starts.windows(2) {
            let row = &mut self.weight[pair[0]..pair[1]];
            let sum: f64 = row.iter().sum();
            if sum.is_finite() {
                for weight in row {
                    *weight /= sum;
                }
            }
        }
        self
    }

    /// Each area among its own neighbours; a self weight it has already is replaced.
    #[must_use]
    pub fn with_self(self, weight: SelfWeight) -> Self {
        let mut rows = Vec::with_capacity(self.len());
        for unit in 0..self.len() {
            let mut row: BTreeMap<u32, f64> = self
                .neighbours(unit)
                .filter(|(to, _)| *to != unit)
                .map(|(to, weight)| (to as u32, weight))
                .collect();
            row.insert(
                unit as u32,
                match weight {
                    SelfWeight::One => 1.0,
                    SelfWeight::Largest => largest(row.values().copied()),
                },
            );
            rows.push(row.into_iter().collect());
        }
        Self::from_rows(&rows)
    }

    /// Number of areas.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there are no areas.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Neighbours of an area and their weights, by index; none for an area beyond the last.
    pub fn neighbours(&self, unit: usize) -> impl Iterator<Item = (usize, f64)> {
        let (to, weight) = self.row(unit);
        to.iter().map(|to| *to as usize).zip(weight.iter().copied())
    }

    /// Areas without neighbours other than themselves.
    pub fn without_neighbours(&self) -> Vec<usize> {
        let alone = |unit: &usize| self.neighbours(*unit).all(|(to, _)| to == *unit);
        (0..self.len()).filter(alone).collect()
    }

    /// A row as two slices of one length.
    pub(super) fn row(&self, unit: usize) -> (&[u32], &[f64]) {
        let bounds = self.starts.get(unit).zip(self.starts.get(unit + 1));
        let (first, last) = bounds.map_or((0, 0), |(first, last)| (*first, *last));
        (&self.to[first..last], &self.weight[first..last])
    }

    /// The weight of `to` in the row of `from`, 0 where it is no neighbour.
    pub(super) fn weight(&self, from: usize, to: usize) -> f64 {
        let (columns, weights) = self.row(from);
        let place = columns.binary_search(&(to as u32));
        place.map_or(0.0, |place| weights[place])
    }

    fn with_room(units: usize, edges: usize) -> Self {
        let mut starts = Vec::with_capacity(units + 1);
        starts.push(0);
        Self {
            starts,
            to: Vec::with_capacity(edges),
            weight: Vec::new(),
        }
    }

    /// From rows that ascend and hold no neighbour twice.
    fn from_rows(rows: &[Vec<(u32, f64)>]) -> Self {
        let edges = rows.iter().map(Vec::len).sum();
        let mut weights = Self::with_room(rows.len(), edges);
        weights.weight.reserve(edges);
        for row in rows {
            for (to, weight) in row {
                weights.to.push(*to);
                weights.weight.push(*weight);
            }
            weights.starts.push(weights.to.len());
        }
        weights
    }
}

/// The largest of some weights, 1 where there are none.
pub(super) fn largest(weights: impl Iterator<Item = f64>) -> f64 {
    let largest = weights.fold(0.0, f64::max);
    if largest > 0.0 { largest } else { 1.0 }
}
