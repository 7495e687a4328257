//! Kernel density: a smooth surface from points.
//!
//! Answers "how many events per square unit are there about here?". Each event is spread over its
//! surroundings: λ̂(u) = Σᵢ aᵢ·K_h(u − xᵢ), where K_h integrates to one, so that the surface
//! integrates to the number of events ([`Units::Intensity`]) or to one ([`Units::Probability`]).
//! Compact kernels are 0 from the bandwidth h on, and the sums are exact: no binning, no transform.
//! Sources: Silverman, *Density Estimation* (1986); edge correction: Diggle, *Applied Statistics* 34
//! (1985) 138–147 (uniform: λ̂(u)/e(u)) and Jones, *Statistics and Computing* 3 (1993) 1–10 (the
//! other: each event divided by e(xᵢ), known as Diggle's), with e(u) = ∫_W K_h(v − u) dv, the share
//! of a kernel at u that falls inside the window.
//!
//! **How it can mislead.** The bandwidth makes the picture: always state it, and try half and twice
//! of it. The surface shows density where nothing can happen (sea, fields). Without edge correction
//! it falls off at the border as if nothing happened beyond. Events that were moved to shared
//! places make peaks at those places whatever the bandwidth: compare the number of events with the
//! number of [`distinct_places`]. Two surfaces are comparable at one bandwidth only.

use rayon::prelude::*;

use super::buckets::{Buckets, check_points, squared};
use crate::Unanswerable;

pub mod bandwidth;
pub mod window;

mod grid;
mod kernel;

pub use grid::{Grid, Surface, on_grid};
pub use kernel::Kernel;
use window::Window;

/// The most sizes of a window that a kernel may reach: beyond, the share inside loses its digits.
const MOST_BANDWIDTH: f64 = 1000.0;

/// What the surface integrates to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Units {
    /// The total weight of the events: events per square unit. The default.
    #[default]
    Intensity,
    /// One.
    Probability,
}

/// What is done about events that could not be seen beyond the border of a window.
#[derive(Clone, Copy, Debug, Default)]
pub enum Edge<'a> {
    /// Nothing: the surface falls off towards the border. The default.
    #[default]
    None,
    /// The surface is divided by the share of a kernel there that lies inside. Right on average
    /// where the density is flat.
    Uniform(&'a Window),
    /// Each event counts as one over the share of its kernel that lies inside (Jones–Diggle). The
    /// surface inside integrates to the number of events exactly.
    Diggle(&'a Window),
}

impl<'a> Edge<'a> {
    fn window(self) -> Option<&'a Window> {
        match self {
            Self::None => None,
            Self::Uniform(window) | Self::Diggle(window) => Some(window),
        }
    }
}

/// How a surface is made. There is no default bandwidth: it has to be chosen and said.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// Shape of the kernel.
    pub kernel: Kernel,
    /// Radius of a compact kernel, standard deviation of a Gaussian one; in units of the
    /// coordinates, more than 0.
    pub bandwidth: f64,
    /// What the surface integrates to.
    pub units: Units,
    /// Edge correction. With one, every event and place must lie in the window.
    pub edge: Edge<'a>,
}

impl Settings<'_> {
    /// Events per square unit, without edge correction.
    pub fn new(kernel: Kernel, bandwidth: f64) -> Self {
        Self {
            kernel,
            bandwidth,
            units: Units::default(),
            edge: Edge::default(),
        }
    }
}

/// Events at their places: one entry a distinct place, weights added up, from west to east: events
/// that follow each other then reach the same cells.
struct Events {
    points: Vec<[f64; 2]>,
    weights: Vec<f64>,
}

/// Number of distinct places among points. Far fewer than points means that they were moved to
/// shared places.
pub fn distinct_places(points: &[[f64; 2]]) -> usize {
    let mut bits: Vec<_> = points
        .iter()
        .map(|point| point.map(|x| (x + 0.0).to_bits()))
        .collect();
    bits.sort_unstable();
    bits.dedup();
    bits.len()
}

/// Density at given places, in their order.
///
/// `weights`, where given, are one an event, finite, 0 or more, and not all 0; else each event
/// counts 1. Needs at least one event.
pub fn at(
    events: &[[f64; 2]],
    weights: Option<&[f64]>,
    places: &[[f64; 2]],
    settings: &Settings<'_>,
) -> Result<Vec<f64>, Unanswerable> {
    let events = Events::prepared(events, weights, settings)?;
    if places.iter().flatten().any(|x| !x.is_finite()) {
        return Err(Unanswerable::Invalid("coordinates must be finite"));
    }
    if let Some(window) = settings.edge.window()
        && places.iter().any(|place| !window.contains(*place))
    {
        return Err(Unanswerable::Invalid(
            "every place must lie in the window of the edge correction",
        ));
    }
    let shape = settings.kernel.shape(settings.bandwidth);
    let sum: Box<dyn Fn([f64; 2]) -> f64 + Sync> = match shape.reach {
        Some(reach) => {
            let buckets = Buckets::new(&events.points, reach);
            let events = &events;
            let shape = &shape;
            Box::new(move |place| {
                let near = buckets.around(place, reach);
                near.map(|event| events.pull(event, place, shape)).sum()
            })
        }
        None => Box::new(|place| {
            let all = 0..events.points.len();
            all.map(|event| events.pull(event, place, &shape)).sum()
        }),
    };
    let density = |place: &[f64; 2]| {
        let share = match settings.edge {
            Edge::Uniform(window) => window.share(*place, settings.kernel, settings.bandwidth),
            _ => 1.0,
        };
        sum(*place) * shape.constant / share
    };
    finite(places.par_iter().map(density).collect())
}

/// The plain sum Σ aᵢ·k(d/h) with k(0) = 1 and no constant: what some programs call unscaled. A
/// ranking of places, not a density.
pub fn unscaled_at(
    events: &[[f64; 2]],
    weights: Option<&[f64]>,
    places: &[[f64; 2]],
    kernel: Kernel,
    bandwidth: f64,
) -> Result<Vec<f64>, Unanswerable> {
    let settings = Settings::new(kernel, bandwidth);
    let constant = kernel.shape(bandwidth).constant;
    let density = at(events, weights, places, &settings)?;
    finite(density.into_iter().map(|d| d / constant).collect())
}

/// Gaussian density at given places with a full covariance (row by row) in place of a bandwidth, as
/// a probability: [`bandwidth::scott`] gives one. Symmetric and positive definite.
pub fn at_with_covariance(
    events: &[[f64; 2]],
    weights: Option<&[f64]>,
    places: &[[f64; 2]],
    covariance: [[f64; 2]; 2],
) -> Result<Vec<f64>, Unanswerable> {
    let [[xx, xy], [yx, yy]] = covariance;
    // Cholesky: x = l₁₁u, y = l₂₁u + l₂₂v.
    let first = xx.sqrt();
    let across = xy / first;
    let second = (yy - across * across).sqrt();
    if !(xy == yx && first > 0.0 && second > 0.0 && (first * second).is_finite()) {
        return Err(Unanswerable::Invalid(
            "a covariance must be symmetric and positive definite",
        ));
    }
    let round = |point: &[f64; 2]| {
        let u = point[0] / first;
        [u, (point[1] - across * u) / second]
    };
    check_points(events)?;
    let events: Vec<_> = events.iter().map(round).collect();
    let places: Vec<_> = places.iter().map(round).collect();
    let settings = Settings {
        units: Units::Probability,
        ..Settings::new(Kernel::Gaussian, 1.0)
    };
    let density = at(&events, weights, &places, &settings)?;
    let area = first * second;
    finite(density.into_iter().map(|d| d / area).collect())
}

fn finite(density: Vec<f64>) -> Result<Vec<f64>, Unanswerable> {
    if density.par_iter().all(|d| d.is_finite()) {
        Ok(density)
    } else {
        Err(Unanswerable::Overflow)
    }
}

impl Events {
    /// Checks everything about the events and puts those at one place together. Weights come back
    /// divided by the total (where one is asked for) and by the shares inside (Jones–Diggle).
    fn prepared(
        points: &[[f64; 2]],
        weights: Option<&[f64]>,
        settings: &Settings<'_>,
    ) -> Result<Self, Unanswerable> {
        let h = settings.bandwidth;
        if !(h > 0.0 && h.is_finite() && settings.kernel.is_sound()) {
            return Err(Unanswerable::Invalid(
                "bandwidth (and, for a cut kernel, the cut) must be above 0 and finite",
            ));
        }
        if points.is_empty() {
            return Err(Unanswerable::TooFew {
                what: "events",
                have: 0,
                need: 1,
            });
        }
        check_points(points)?;
        let constant = settings.kernel.shape(h).constant;
        if !(constant > 0.0 && constant.is_finite()) {
            return Err(Unanswerable::Overflow);
        }
        let window = settings.edge.window();
        if window.is_some_and(|window| points.iter().any(|point| !window.contains(*point))) {
            return Err(Unanswerable::Invalid(
                "every event must lie in the window of the edge correction",
            ));
        }
        if window.is_some_and(|window| h > MOST_BANDWIDTH * window.size()) {
            return Err(Unanswerable::Invalid(
                "the bandwidth must not exceed 1,000 times the window",
            ));
        }
        let mut events = Self::gathered(points, weights)?;
        let total: f64 = events.weights.iter().sum();
        if !(total > 0.0 && total.is_finite()) {
            return Err(Unanswerable::Invalid(
                "the weights must add up to more than 0",
            ));
        }
        if settings.units == Units::Probability {
            events
                .weights
                .iter_mut()
                .for_each(|weight| *weight /= total);
        }
        if let Edge::Diggle(window) = settings.edge {
            let pairs = events.weights.par_iter_mut().zip(&events.points);
            pairs.for_each(|(weight, point)| *weight /= window.share(*point, settings.kernel, h));
        }
        Ok(events)
    }

    fn gathered(points: &[[f64; 2]], weights: Option<&[f64]>) -> Result<Self, Unanswerable> {
        if let Some(weights) = weights {
            if weights.len() != points.len() {
                return Err(Unanswerable::Mismatched("each event needs one weight"));
            }
            if weights.iter().any(|w| !(*w >= 0.0 && w.is_finite())) {
                return Err(Unanswerable::Invalid(
                    "weights must be finite and not below 0",
                ));
            }
        }
        let weight = |place: usize| weights.map_or(1.0, |weights| weights[place]);
        let mut all: Vec<_> = (0..points.len())
            .map(|place| (points[place], weight(place)))
            .collect();
        let key = |([x, y], weight): &([f64; 2], f64)| (*x, *y, *weight);
        all.par_sort_unstable_by(|a, b| {
            let (a, b) = (key(a), key(b));
            let places = a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1));
            places.then(a.2.total_cmp(&b.2))
        });
        let mut events = Self {
            points: Vec::with_capacity(all.len()),
            weights: Vec::with_capacity(all.len()),
        };
        for (point, weight) in all {
            match events.weights.last_mut() {
                Some(last) if events.points.last() == Some(&point) => *last += weight,
                _ => {
                    events.points.push(point);
                    events.weights.push(weight);
                }
            }
        }
        Ok(events)
    }

    /// What one event adds at a place, but for the kernel's constant.
    fn pull(&self, event: usize, place: [f64; 2], shape: &kernel::Shape) -> f64 {
        let distance = squared(self.points[event], place);
        self.weights[event] * shape.at(distance)
    }
}
