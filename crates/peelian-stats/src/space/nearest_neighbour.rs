//! Nearest-neighbour index: are points closer to each other than points thrown at random?
//!
//! R = r̄/r̂ with r̄ the mean distance to the nearest other point and r̂ = ½√(A/n) what it would be at
//! random on the area A; below 1 clustered, above 1 spread out. z = (r̄ − r̂)/SE with
//! SE = 0.26136·√A/n. With the perimeter P given, both are corrected for the edge:
//! r̂ = ½√(A/n) + (0.0514 + 0.041/√n)·P/n and SE = √(0.0703·A/n² + 0.037·P·√(A/n⁵)).
//!
//! Sources: Clark and Evans, *Ecology* 35 (1954) 445–453; Donnelly, in *Simulation Methods in
//! Archaeology* (1978) 91–95.
//!
//! **How it can mislead.** The area decides the answer: a town in a county is always clustered.
//! Points snapped to common places have nearest neighbours at distance 0. It says nothing of where.

use crate::Unanswerable;
use crate::special::normal_two_sided;

use super::close_pairs::{Distance, close_pairs};

/// The index and its test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NearestNeighbour {
    /// r̄, in the unit of the coordinates.
    pub mean_distance: f64,
    /// r̂.
    pub expected: f64,
    /// R = r̄/r̂.
    pub index: f64,
    /// Standard errors from random.
    pub z: f64,
    /// Two-sided p-value of z.
    pub p: f64,
    /// Points with another at the very same place.
    pub tied: usize,
}

/// The index of `points` on an `area` in the square of their unit, with Donnelly's correction for
/// the edge where the `perimeter` is given.
///
/// Refuses fewer than eight points (z is not normal below that), places that are not finite, and an
/// area or perimeter not above 0.
pub fn nearest_neighbour(
    points: &[(f64, f64)],
    area: f64,
    perimeter: Option<f64>,
) -> Result<NearestNeighbour, Unanswerable> {
    let above = |size: f64| size > 0.0 && size.is_finite();
    if !(above(area) && perimeter.is_none_or(above)) {
        return Err(Unanswerable::Invalid(
            "area and perimeter must be finite and above 0",
        ));
    }
    if points
        .iter()
        .any(|(x, y)| !(x.is_finite() && y.is_finite()))
    {
        return Err(Unanswerable::Invalid("places must be finite"));
    }
    if points.len() < 8 {
        return Err(Unanswerable::TooFew {
            what: "points",
            have: points.len(),
            need: 8,
        });
    }
    let nearest = nearest_distances(points)?;
    let n = points.len() as f64;
    let mean_distance = crate::summary::mean(&nearest);
    let edge = perimeter.unwrap_or(0.0);
    let expected = 0.5 * (area / n).sqrt() + (0.0514 + 0.041 / n.sqrt()) * edge / n;
    let error = if perimeter.is_some() {
        (0.0703 * area / (n * n) + 0.037 * edge * (area / n.powi(5)).sqrt()).sqrt()
    } else {
        0.26136 * area.sqrt() / n
    };
    let z = (mean_distance - expected) / error;
    if !(z.is_finite() && expected > 0.0) {
        return Err(Unanswerable::Overflow);
    }
    Ok(NearestNeighbour {
        mean_distance,
        expected,
        index: mean_distance / expected,
        z,
        p: normal_two_sided(z),
        tied: nearest.iter().filter(|distance| **distance == 0.0).count(),
    })
}

/// Distance from each point to the nearest other: looked for within a reach that doubles until
/// every point has found one.
fn nearest_distances(points: &[(f64, f64)]) -> Result<Vec<f64>, Unanswerable> {
    let extent = |of: fn(&(f64, f64)) -> f64| {
        let low = points.iter().map(of).fold(f64::INFINITY, f64::min);
        points.iter().map(of).fold(f64::NEG_INFINITY, f64::max) - low
    };
    let longest = extent(|p| p.0).max(extent(|p| p.1));
    let mut nearest = vec![f64::INFINITY; points.len()];
    if longest == 0.0 {
        return Ok(vec![0.0; points.len()]);
    }
    if !longest.is_finite() {
        return Err(Unanswerable::Overflow);
    }
    let mut reach = (longest / (points.len() as f64).sqrt()).max(f64::MIN_POSITIVE);
    // Doubling passes the longest distance within as many rounds as n has bits.
    for _ in 0..usize::BITS {
        close_pairs(points, reach, Distance::Euclidean, |i, j, apart| {
            nearest[i] = nearest[i].min(apart);
            nearest[j] = nearest[j].min(apart);
        })?;
        if nearest.iter().all(|distance| distance.is_finite()) {
            return Ok(nearest);
        }
        reach *= 2.0;
    }
    Err(Unanswerable::Overflow)
}
