//! Points sorted into square buckets, so that near ones are found without looking at all.

use crate::Unanswerable;

/// Points by the bucket they lie in. Coincident points share a bucket.
#[derive(Debug)]
pub(super) struct Buckets {
    corner: [f64; 2],
    size: f64,
    columns: usize,
    rows: usize,
    starts: Vec<u32>,
    order: Vec<u32>,
}

/// Refuses coordinates that are not numbers, or so far apart that their distance is not one.
pub(super) fn check_points(points: &[[f64; 2]]) -> Result<(), Unanswerable> {
    if u32::try_from(points.len()).is_err() {
        return Err(Unanswerable::Invalid(
            "there must be fewer than 2^32 points",
        ));
    }
    if points.iter().flatten().any(|x| !x.is_finite()) {
        return Err(Unanswerable::Invalid("coordinates must be finite"));
    }
    let span = |axis: usize| {
        let (low, high) = range(points, axis);
        high - low
    };
    let diagonal = span(0) * span(0) + span(1) * span(1);
    if points.is_empty() || diagonal.is_finite() {
        Ok(())
    } else {
        Err(Unanswerable::Overflow)
    }
}

fn range(points: &[[f64; 2]], axis: usize) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for point in points {
        low = low.min(point[axis]);
        high = high.max(point[axis]);
    }
    (low, high)
}

impl Buckets {
    /// Buckets of about two points each; `points` have passed [`check_points`].
    pub(super) fn of_few(points: &[[f64; 2]]) -> Self {
        Self::new(points, 0.0)
    }

    /// Buckets with sides of at least `size`, so few that they cost no more than the points.
    pub(super) fn new(points: &[[f64; 2]], size: f64) -> Self {
        let ((west, east), (south, north)) = (range(points, 0), range(points, 1));
        let (width, height) = (east - west, north - south);
        let wanted = points.len().div_ceil(2).max(1) as f64;
        let even = (width * (height / wanted))
            .sqrt()
            .max(width.max(height) / wanted);
        let size = size.max(even);
        let count = |span: f64| {
            let whole = if size > 0.0 { span / size } else { 0.0 };
            (whole.min(wanted) as usize).saturating_add(1)
        };
        let mut buckets = Self {
            corner: [west, south],
            size,
            columns: count(width),
            rows: count(height),
            starts: Vec::new(),
            order: Vec::new(),
        };
        buckets.fill(points);
        buckets
    }

    /// Counting sort of the points by bucket; within one they keep their order.
    fn fill(&mut self, points: &[[f64; 2]]) {
        let bucket_of: Vec<usize> = points
            .iter()
            .map(|point| {
                let [column, row] = self.bucket(*point);
                row * self.columns + column
            })
            .collect();
        self.starts = vec![0; self.columns * self.rows + 1];
        for bucket in &bucket_of {
            self.starts[bucket + 1] += 1;
        }
        for bucket in 1..self.starts.len() {
            self.starts[bucket] += self.starts[bucket - 1];
        }
        let mut next = self.starts.clone();
        self.order = vec![0; points.len()];
        for (point, bucket) in bucket_of.into_iter().enumerate() {
            self.order[next[bucket] as usize] = point as u32;
            next[bucket] += 1;
        }
    }

    /// Column and row of the bucket that holds a place, or of the nearest one.
    fn bucket(&self, point: [f64; 2]) -> [usize; 2] {
        let along = |axis: usize, count: usize| {
            let places = (point[axis] - self.corner[axis]) / self.size;
            // Not a number (no extent at all) and below 0 become 0 in the conversion.
            (places as usize).min(count - 1)
        };
        [along(0, self.columns), along(1, self.rows)]
    }

    /// Points in a run of buckets of one row.
    fn in_row(&self, row: usize, columns: std::ops::RangeInclusive<usize>) -> &[u32] {
        let first = self.starts[row * self.columns + columns.start()] as usize;
        let last = self.starts[row * self.columns + columns.end() + 1] as usize;
        &self.order[first..last]
    }

    /// Points in buckets that touch the square of half-width `radius` about a place: all that lie
    /// within `radius`, and others.
    pub(super) fn around(&self, place: [f64; 2], radius: f64) -> impl Iterator<Item = usize> {
        // Wider by far more than rounding can move a point from its bucket.
        let reach = radius + 1e-9 * self.size;
        let [west, south] = self.bucket([place[0] - reach, place[1] - reach]);
        let [east, north] = self.bucket([place[0] + reach, place[1] + reach]);
        (south..=north)
            .flat_map(move |row| self.in_row(row, west..=east))
            .map(|point| *point as usize)
    }

    /// The `count` points nearest to point `of`, itself apart, nearest first; of points equally
    /// far the one with the lower index comes first. As (squared distance, index).
    pub(super) fn nearest(
        &self,
        points: &[[f64; 2]],
        of: usize,
        count: usize,
        found: &mut Vec<(f64, u32)>,
    ) {
        found.clear();
        let place = points[of];
        let [column, row] = self.bucket(place);
        let order = |a: &(f64, u32), b: &(f64, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        let most = self.columns.max(self.rows);
        for ring in 0..=most {
            self.visit_ring(column, row, ring, |bucket| {
                let near = bucket.iter().filter(|point| **point as usize != of);
                found.extend(near.map(|point| (squared(points[*point as usize], place), *point)));
            });
            if found.len() >= count {
                found.select_nth_unstable_by(count - 1, order);
                found.truncate(count);
                let clear = self.clear_distance(place, column, row, ring);
                // Less by far more than rounding can move a point from its bucket.
                let clear = clear * (1.0 - 1e-9) - 1e-9 * self.size;
                if clear > 0.0 && found[count - 1].0 < clear * clear {
                    break;
                }
            }
        }
        found.sort_unstable_by(order);
    }

    /// The buckets exactly `ring` steps (of a king) from one.
    fn visit_ring(&self, column: usize, row: usize, ring: usize, mut visit: impl FnMut(&[u32])) {
        let (west, east) = (
            column.saturating_sub(ring),
            (column + ring).min(self.columns - 1),
        );
        let (south, north) = (row.saturating_sub(ring), (row + ring).min(self.rows - 1));
        for at in south..=north {
            if at.abs_diff(row) == ring {
                visit(self.in_row(at, west..=east));
                continue;
            }
            if column >= ring {
                visit(self.in_row(at, west..=west));
            }
            if ring > 0 && column + ring < self.columns {
                visit(self.in_row(at, east..=east));
            }
        }
    }

    /// How far from `place` every point outside the rings up to `ring` must be.
    fn clear_distance(&self, place: [f64; 2], column: usize, row: usize, ring: usize) -> f64 {
        let side = |axis: usize, at: usize, count: usize| {
            let from = place[axis] - self.corner[axis];
            let below = if at > ring {
                from - (at - ring) as f64 * self.size
            } else {
                f64::INFINITY
            };
            let above = if at + ring + 1 < count {
                (at + ring + 1) as f64 * self.size - from
            } else {
                f64::INFINITY
            };
            below.min(above)
        };
        side(0, column, self.columns).min(side(1, row, self.rows))
    }
}

/// Squared distance.
pub(super) fn squared(a: [f64; 2], b: [f64; 2]) -> f64 {
    let (dx, dy) = (a[0] - b[0], a[1] - b[1]);
    dx * dx + dy * dy
}
