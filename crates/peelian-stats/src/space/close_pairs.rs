//! All pairs of points closer than a distance, found through a grid of squares.

use crate::Unanswerable;

/// Pairs beyond this are not listed: they would not fit into memory, nor tell anything.
const MOST: usize = 50_000_000;
/// Places further from the origin than so many times the distance are refused: they could not be
/// told apart.
const MOST_SQUARES: f64 = 1e15;

/// How far two points are apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Distance {
    /// As the crow flies.
    #[default]
    Euclidean,
    /// Along the streets of a grid: |Δx| + |Δy|.
    Manhattan,
}

impl Distance {
    /// Between two points.
    pub(crate) fn between(self, a: (f64, f64), b: (f64, f64)) -> f64 {
        let (x, y) = ((a.0 - b.0).abs(), (a.1 - b.1).abs());
        match self {
            Self::Euclidean => (x * x + y * y).sqrt(),
            Self::Manhattan => x + y,
        }
    }
}

/// Calls `found` with (i, j, distance) for every pair i < j no further apart than `reach`.
///
/// Points must be finite, `reach` finite and above 0. Refuses places too far out for the reach.
pub(super) fn close_pairs(
    points: &[(f64, f64)],
    reach: f64,
    distance: Distance,
    mut found: impl FnMut(usize, usize, f64),
) -> Result<(), Unanswerable> {
    let square = |value: f64| {
        let place = (value / reach).floor();
        (place.abs() < MOST_SQUARES).then_some(place as i64)
    };
    // Row by row, so that a square's neighbours to the right and in the row below lie in order.
    let mut order = Vec::with_capacity(points.len());
    for (index, (x, y)) in points.iter().enumerate() {
        let key = square(*y).zip(square(*x)).ok_or(Unanswerable::Overflow)?;
        order.push((key, index));
    }
    order.sort_unstable();
    let starts_at = |row: i64, column: i64| order.partition_point(|(key, _)| *key < (row, column));
    let mut pairs = 0;
    let mut from = 0;
    for here in order.chunk_by(|(a, _), (b, _)| a == b) {
        let (row, column) = here[0].0;
        let to = from + here.len();
        // The square itself and the one to its right, then three in the next row.
        let right = starts_at(row, column + 2);
        let below = starts_at(row + 1, column - 1)..starts_at(row + 1, column + 2);
        for place in from..to {
            let i = order[place].1;
            let candidates = order[place + 1..right].iter().chain(&order[below.clone()]);
            for &(_, j) in candidates {
                let apart = distance.between(points[i], points[j]);
                if apart <= reach {
                    pairs += 1;
                    if pairs > MOST {
                        return Err(Unanswerable::Invalid(
                            "more than 50 million pairs are this close: ask for a shorter distance",
                        ));
                    }
                    found(i.min(j), i.max(j), apart);
                }
            }
        }
        from = to;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_close_pair_is_found_once() {
        let points: Vec<_> = (0..300_u32)
            .map(|i| {
                (
                    f64::from(i * 7919 % 1000) - 400.0,
                    f64::from(i * 104_729 % 1013) - 500.0,
                )
            })
            .collect();
        for distance in [Distance::Euclidean, Distance::Manhattan] {
            for reach in [1.0, 60.0, 5000.0] {
                let mut ours = Vec::new();
                close_pairs(&points, reach, distance, |i, j, _| ours.push((i, j))).unwrap();
                ours.sort_unstable();
                let all = (0..300).flat_map(|i| (i + 1..300).map(move |j| (i, j)));
                let near =
                    |&(i, j): &(usize, usize)| distance.between(points[i], points[j]) <= reach;
                assert_eq!(ours, all.filter(near).collect::<Vec<_>>());
            }
        }
    }
}
