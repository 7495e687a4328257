//! The area within which events could be seen, and how much of a kernel falls inside it.
//!
//! Answers "how much of what belongs here lies beyond the border?". The share of a kernel at u
//! inside a polygon is found edge by edge: seen from u, an edge cuts off the far part of a sector,
//! and the mass of a round kernel beyond it has a closed form (for a Gaussian: Owen's T function,
//! *Annals of Mathematical Statistics* 27 (1956) 1075–1090). No grid, no simulation.
//!
//! **How it can mislead.** A window that is larger than the area observed (the sea, a neighbour's
//! ground) corrects too little; one that is smaller refuses events. Coastlines with thousands of
//! corners cost time and change nothing: simplify them to a fraction of the bandwidth.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

use super::kernel::Kernel;
use crate::Unanswerable;

/// A polygon, with or without holes and separate parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// Sides with the inside on their left.
    sides: Vec<[[f64; 2]; 2]>,
    /// Lowest and highest corner, where it is a rectangle along the axes.
    rectangle: Option<[[f64; 2]; 2]>,
    /// Length that rounding is judged by.
    size: f64,
}

impl Window {
    /// All that lies between two corners, the border included.
    pub fn rectangle(low: [f64; 2], high: [f64; 2]) -> Result<Self, Unanswerable> {
        let ring = [low, [high[0], low[1]], high, [low[0], high[1]]];
        let mut window = Self::polygon(&[ring.to_vec()])?;
        if !(low[0] < high[0] && low[1] < high[1]) {
            return Err(Unanswerable::Invalid(
                "a rectangle goes from a low to a high corner",
            ));
        }
        window.rectangle = Some([low, high]);
        Ok(window)
    }

    /// Rings of corners, the last joined to the first, in either direction. A ring within another
    /// is a hole, one within a hole is land again. Rings must not cross themselves or each other.
    pub fn polygon(rings: &[Vec<[f64; 2]>]) -> Result<Self, Unanswerable> {
        if rings.iter().flatten().flatten().any(|x| !x.is_finite()) {
            return Err(Unanswerable::Invalid("coordinates must be finite"));
        }
        let loops: Vec<Vec<[[f64; 2]; 2]>> = rings.iter().map(|ring| closed(ring)).collect();
        let mut sides = Vec::new();
        for (index, ring) in loops.iter().enumerate() {
            let twice_area: f64 = ring
                .iter()
                .map(|[a, b]| cross(from(ring[0][0], *a), from(ring[0][0], *b)))
                .sum();
            if !(twice_area.is_finite() && twice_area != 0.0) {
                return Err(Unanswerable::Invalid("every ring must enclose an area"));
            }
            let [a, b] = ring[0];
            let on = [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])];
            let around = loops.iter().enumerate();
            let depth = around
                .filter(|(other, ring)| *other != index && crosses_odd(ring, on))
                .count();
            let is_hole = depth % 2 == 1;
            let turn = (twice_area < 0.0) != is_hole;
            sides.extend(
                ring.iter()
                    .map(|[a, b]| if turn { [*b, *a] } else { [*a, *b] }),
            );
        }
        if sides.is_empty() {
            return Err(Unanswerable::TooFew {
                what: "corners",
                have: 0,
                need: 3,
            });
        }
        let span = |axis: usize| {
            let at = sides.iter().map(|[a, _]| a[axis]);
            let (low, high) = (
                at.clone().fold(f64::INFINITY, f64::min),
                at.fold(f64::NEG_INFINITY, f64::max),
            );
            high - low
        };
        let size = span(0).max(span(1));
        if !(size * size).is_finite() {
            return Err(Unanswerable::Overflow);
        }
        Ok(Self {
            sides,
            rectangle: None,
            size,
        })
    }

    /// Whether a place lies inside or on the border.
    pub fn contains(&self, place: [f64; 2]) -> bool {
        if let Some([low, high]) = self.rectangle {
            return (0..2).all(|axis| low[axis] <= place[axis] && place[axis] <= high[axis]);
        }
        crosses_odd(&self.sides, place) || self.on_border(place)
    }

    fn on_border(&self, place: [f64; 2]) -> bool {
        let near = 1e-12 * self.size;
        self.sides
            .iter()
            .any(|side| Seen::from(*side, place).is_some_and(|seen| seen.distance() <= near))
    }

    /// Area of the window.
    pub fn area(&self) -> f64 {
        let origin = self.sides[0][0];
        let twice = self
            .sides
            .iter()
            .map(|[a, b]| cross(from(origin, *a), from(origin, *b)));
        twice.sum::<f64>() / 2.0
    }

    /// The share of a kernel at a place that falls inside; more than 0 for places inside, 0 for
    /// places too far away for arithmetic or not finite. A bandwidth that is not above 0 and finite
    /// gives 1. A cut Gaussian is taken for a whole one.
    pub fn share(&self, place: [f64; 2], kernel: Kernel, bandwidth: f64) -> f64 {
        if !(bandwidth > 0.0 && bandwidth.is_finite()) {
            return 1.0;
        }
        let share = self.any_share(place, kernel, bandwidth);
        if share.is_nan() {
            0.0
        } else {
            share.clamp(0.0, 1.0)
        }
    }

    fn any_share(&self, place: [f64; 2], kernel: Kernel, bandwidth: f64) -> f64 {
        let gaussian = matches!(kernel, Kernel::Gaussian | Kernel::GaussianCut(_));
        match self.rectangle {
            Some([low, high]) if gaussian => {
                let half = |x: f64| libm::erf(x / bandwidth * FRAC_1_SQRT_2) / 2.0;
                let along =
                    |axis: usize| half(place[axis] - low[axis]) + half(high[axis] - place[axis]);
                along(0) * along(1)
            }
            _ => self.share_by_sides(place, kernel, bandwidth),
        }
    }

    fn share_by_sides(&self, place: [f64; 2], kernel: Kernel, bandwidth: f64) -> f64 {
        let (mut beyond, mut nearest) = (0.0, f64::INFINITY);
        for side in &self.sides {
            let Some(seen) = Seen::from(*side, place) else {
                continue;
            };
            nearest = nearest.min(seen.distance());
            beyond += seen.mass_beyond(kernel, bandwidth);
        }
        let turn = if nearest <= 1e-9 * self.size {
            // On the border, where what is inside is a matter of angles.
            let seen = self
                .sides
                .iter()
                .filter_map(|side| Seen::from(*side, place));
            seen.map(Seen::angle).sum()
        } else if crosses_odd(&self.sides, place) {
            TAU
        } else {
            0.0
        };
        (turn - beyond) / TAU
    }

    /// Sides that come within `reach` of a line across at height `y`.
    pub(super) fn sides_near_row(
        &self,
        y: f64,
        reach: f64,
    ) -> impl Iterator<Item = &[[f64; 2]; 2]> {
        self.sides
            .iter()
            .filter(move |[a, b]| a[1].min(b[1]) - reach <= y && y <= a[1].max(b[1]) + reach)
    }

    /// Where a line across at height `y` crosses the border, ascending: the inside lies between the
    /// first and second, third and fourth, and so on.
    pub(super) fn crossings(&self, y: f64) -> Vec<f64> {
        let mut at: Vec<f64> = self
            .sides
            .iter()
            .filter_map(|side| crossing(*side, y))
            .collect();
        at.sort_unstable_by(f64::total_cmp);
        at
    }

    /// The longer of its extents.
    pub(super) fn size(&self) -> f64 {
        self.size
    }

    /// The rectangle, if it is one.
    pub(super) fn as_rectangle(&self) -> Option<[[f64; 2]; 2]> {
        self.rectangle
    }
}

/// The sides of a ring, joined up; none of no length.
fn closed(ring: &[[f64; 2]]) -> Vec<[[f64; 2]; 2]> {
    let next = ring.iter().skip(1).chain(ring.first());
    ring.iter()
        .zip(next)
        .map(|(a, b)| [*a, *b])
        .filter(|[a, b]| a != b)
        .collect()
}

fn from(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [b[0] - a[0], b[1] - a[1]]
}

fn cross(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

/// Where a side crosses a line across; a corner belongs to the side below it.
fn crossing([a, b]: [[f64; 2]; 2], y: f64) -> Option<f64> {
    ((a[1] > y) != (b[1] > y)).then(|| a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]))
}

/// Whether a line to the right of a place crosses an odd number of sides.
fn crosses_odd(sides: &[[[f64; 2]; 2]], place: [f64; 2]) -> bool {
    let right = |side: &&[[f64; 2]; 2]| crossing(**side, place[1]).is_some_and(|x| x > place[0]);
    sides.iter().filter(right).count() % 2 == 1
}

/// A side as seen from a place: how far the line through it passes, with the sign of the turn from
/// its start to its end, and where along that line it starts and ends, from the nearest point on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    offset: f64,
    start: f64,
    end: f64,
}

impl Seen {
    /// `None` for a side of no length.
    pub(super) fn from([a, b]: [[f64; 2]; 2], place: [f64; 2]) -> Option<Self> {
        let along = from(a, b);
        let length = along[0].hypot(along[1]);
        let along = along.map(|x| x / length);
        let (to_start, to_end) = (from(place, a), from(place, b));
        let dot = |v: [f64; 2]| v[0] * along[0] + v[1] * along[1];
        (length > 0.0).then(|| Self {
            offset: cross(to_start, along),
            start: dot(to_start),
            end: dot(to_end),
        })
    }

    /// Distance from the place to the side.
    pub(super) fn distance(self) -> f64 {
        let past = self.start.max(-self.end).max(0.0);
        self.offset.hypot(past)
    }

    /// The angle that it takes up, with the sign of the turn.
    fn angle(self) -> f64 {
        let d = self.offset.abs();
        let angle = self.end.atan2(d) - self.start.atan2(d);
        if self.offset == 0.0 {
            0.0
        } else {
            angle * self.offset.signum()
        }
    }

    /// The integral over its angle of the mass of a round kernel beyond it (1 for all of a kernel),
    /// with the sign of the turn. With r² = d² + s² along the side and F the mass beyond r, it is
    /// ∫ F(r)·d/r² ds.
    pub(super) fn mass_beyond(self, kernel: Kernel, bandwidth: f64) -> f64 {
        let sign = self.offset.signum();
        let d = self.offset.abs() / bandwidth;
        let (start, end) = (self.start / bandwidth, self.end / bandwidth);
        if d == 0.0 {
            return 0.0;
        }
        if matches!(kernel, Kernel::Gaussian | Kernel::GaussianCut(_)) {
            return sign * TAU * (owen_t(d, end / d) - owen_t(d, start / d));
        }
        if d >= 1.0 {
            return 0.0;
        }
        let half = (1.0 - d * d).sqrt();
        let (start, end) = (start.max(-half), end.min(half));
        if start >= end {
            return 0.0;
        }
        sign * (beyond(kernel, d, end) - beyond(kernel, d, start))
    }
}

/// ∫₀ˢ F(√(d² + x²))·d/(d² + x²) dx for a compact kernel of bandwidth 1. With ρ = r², F is
/// (1 − ρ)^(m+1) for the shape (1 − ρ)^m, and 1 − 3ρ + 2ρ^1.5 for the triangular one.
fn beyond(kernel: Kernel, d: f64, s: f64) -> f64 {
    let (dd, ss) = (d * d, s * s);
    // ∫ρ⁰, ∫ρ¹, ∫ρ², ∫ρ³.
    let powers = [
        s,
        s * (dd + ss / 3.0),
        s * (dd * dd + ss * (2.0 / 3.0 * dd + ss / 5.0)),
        s * (dd * dd * dd + ss * (dd * dd + ss * (0.6 * dd + ss / 7.0))),
    ];
    let rest = match kernel.power() {
        None => -3.0 * s + s * (dd + ss).sqrt() + dd * (s / d).asinh(),
        Some(0) => -powers[0],
        Some(1) => -2.0 * powers[0] + powers[1],
        Some(2) => -3.0 * powers[0] + 3.0 * powers[1] - powers[2],
        Some(_) => -4.0 * powers[0] + 6.0 * powers[1] - 4.0 * powers[2] + powers[3],
    };
    s.atan2(d) + d * rest
}

/// Owen's T function: (1/2π)·∫₀ᵃ exp(−h²(1 + x²)/2)/(1 + x²) dx, for h ≥ 0.
fn owen_t(h: f64, a: f64) -> f64 {
    if a < 0.0 {
        return -owen_t(h, -a);
    }
    if a <= 1.0 {
        return owen_t_short(h, a);
    }
    // T(h, a) + T(ah, 1/a) = (upper(h) + upper(ah))/2 − upper(h)·upper(ah), with upper tails.
    let upper = |x: f64| libm::erfc(x * FRAC_1_SQRT_2) / 2.0;
    let (near, far) = (upper(h), upper(a * h));
    f64::midpoint(near, far) - near * far - owen_t_short(a * h, 1.0 / a)
}

/// For 0 ≤ a ≤ 1, by Gauss–Legendre quadrature with 20 points.
fn owen_t_short(h: f64, a: f64) -> f64 {
    let squared = h * h / 2.0;
    let at = |x: f64| {
        let stretch = 1.0 + a * a * x * x;
        (-squared * stretch).exp() / stretch
    };
    let sum: f64 = LEGENDRE
        .iter()
        .map(|(x, weight)| weight * (at((1.0 + x) / 2.0) + at((1.0 - x) / 2.0)))
        .sum();
    a * sum / 2.0 / TAU
}

/// Points above 0 and their weights on −1 to 1; each counts for its mirror image too.
const LEGENDRE: [(f64, f64); 10] = [
    (0.993_128_599_185_094_9, 0.017_614_007_139_152_118),
    (0.963_971_927_277_913_8, 0.040_601_429_800_386_94),
    (0.912_234_428_251_326, 0.062_672_048_334_109_07),
    (0.839_116_971_822_218_8, 0.083_276_741_576_704_75),
    (0.746_331_906_460_150_8, 0.101_930_119_817_240_44),
    (0.636_053_680_726_515, 0.118_194_531_961_518_41),
    (0.510_867_001_950_827_1, 0.131_688_638_449_176_64),
    (0.373_706_088_715_419_55, 0.142_096_109_318_382_04),
    (0.227_785_851_141_645_07, 0.149_172_986_472_603_74),
    (0.076_526_521_133_497_34, 0.152_753_387_130_725_84),
];
