//! Rectangles, and free places among them for the names of points.

/// A rectangle on the drawing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Area {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Area {
    pub(crate) fn around(x: f64, y: f64, half: f64) -> Self {
        Self {
            left: x - half,
            top: y - half,
            right: x + half,
            bottom: y + half,
        }
    }

    pub(crate) fn width(&self) -> f64 {
        self.right - self.left
    }

    fn middle(&self) -> (f64, f64) {
        (
            f64::midpoint(self.left, self.right),
            f64::midpoint(self.top, self.bottom),
        )
    }

    fn meets(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    fn holds(&self, other: &Self) -> bool {
        self.left <= other.left
            && other.right <= self.right
            && self.top <= other.top
            && other.bottom <= self.bottom
    }
}

/// Points and names already on a plot, among which more names are to be set.
#[derive(Debug)]
pub(crate) struct Crowd {
    bounds: Area,
    points: Vec<Area>,
    names: Vec<Area>,
}

/// Where a name goes, and the hairline to it where it stands away from its point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place {
    pub(crate) middle: (f64, f64),
    pub(crate) leader: Option<((f64, f64), (f64, f64))>,
}

impl Crowd {
    /// `bounds` hold every name; `points` must stay free of names.
    pub(crate) fn new(bounds: Area, points: Vec<Area>) -> Self {
        Self {
            bounds,
            points,
            names: Vec::new(),
        }
    }

    /// Takes the nearest free place for a name of a size beside the point
    /// `at`, `clearance` pixels off or farther out. No name covers a point or
    /// another name, and no hairline runs through either. `None` where
    /// everything within reach is taken.
    pub(crate) fn settle(
        &mut self,
        at: (f64, f64),
        size: (f64, f64),
        clearance: f64,
    ) -> Option<Place> {
        const FARTHER: [f64; 6] = [0.0, 10.0, 22.0, 36.0, 52.0, 70.0];
        for distance in FARTHER {
            for direction in DIRECTIONS {
                let name = beside(at, size, clearance + distance, direction);
                let leader = leader(at, clearance, name);
                let path = leader.map(|(from, to)| along(from, to)).unwrap_or_default();
                if self.is_free(&name) && path.iter().all(|dot| self.is_clear(dot)) {
                    self.names.push(name);
                    self.names.extend(path);
                    return Some(Place {
                        middle: name.middle(),
                        leader,
                    });
                }
            }
        }
        None
    }

    fn is_free(&self, name: &Area) -> bool {
        self.bounds.holds(name) && self.is_clear(name)
    }

    fn is_clear(&self, area: &Area) -> bool {
        !self
            .points
            .iter()
            .chain(&self.names)
            .any(|taken| taken.meets(area))
    }
}

/// Right and left first: a name beside its point reads on from it.
const DIRECTIONS: [(f64, f64); 8] = [
    (1.0, 0.0),
    (-1.0, 0.0),
    (0.0, -1.0),
    (0.0, 1.0),
    (0.75, -0.75),
    (-0.75, -0.75),
    (0.75, 0.75),
    (-0.75, 0.75),
];

fn beside(
    (x, y): (f64, f64),
    (width, height): (f64, f64),
    reach: f64,
    (dx, dy): (f64, f64),
) -> Area {
    let (x, y) = (
        x + dx * (reach + width / 2.0),
        y + dy * (reach + height / 2.0),
    );
    Area {
        left: x - width / 2.0,
        top: y - height / 2.0,
        right: x + width / 2.0,
        bottom: y + height / 2.0,
    }
}

/// From the edge of a point's mark to the nearest edge of its name.
fn leader((x, y): (f64, f64), clearance: f64, name: Area) -> Option<((f64, f64), (f64, f64))> {
    let to = (
        x.clamp(name.left, name.right),
        y.clamp(name.top, name.bottom),
    );
    let length = (to.0 - x).hypot(to.1 - y);
    (length > clearance + 8.0).then(|| {
        let part = (clearance - 2.0) / length;
        ((x + (to.0 - x) * part, y + (to.1 - y) * part), to)
    })
}

/// Small squares along a hairline, the ends left out.
fn along(from: (f64, f64), to: (f64, f64)) -> Vec<Area> {
    let steps = ((to.0 - from.0).hypot(to.1 - from.1) / 4.0).ceil().max(1.0);
    (1..steps as usize)
        .map(|i| i as f64 / steps)
        .map(|part| {
            Area::around(
                from.0 + (to.0 - from.0) * part,
                from.1 + (to.1 - from.1) * part,
                1.0,
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BOUNDS: Area = Area {
        left: 0.0,
        top: 0.0,
        right: 300.0,
        bottom: 200.0,
    };

    #[test]
    fn a_lone_point_is_named_at_its_right() {
        let mut crowd = Crowd::new(BOUNDS, vec![Area::around(100.0, 100.0, 5.0)]);
        let place = crowd.settle((100.0, 100.0), (60.0, 19.0), 8.0).unwrap();
        assert_eq!(
            place,
            Place {
                middle: (138.0, 100.0),
                leader: None
            }
        );
    }

    #[test]
    fn where_there_is_no_room_there_is_no_name() {
        let mut crowd = Crowd::new(BOUNDS, Vec::new());
        assert_eq!(crowd.settle((100.0, 100.0), (301.0, 19.0), 8.0), None);
    }

    proptest! {
        #[test]
        fn names_cover_neither_points_nor_names(
            points in proptest::collection::vec((0.0..300.0_f64, 0.0..200.0_f64), 1..40)
        ) {
            let marks: Vec<Area> = points.iter().map(|&(x, y)| Area::around(x, y, 5.0)).collect();
            let mut crowd = Crowd::new(BOUNDS, marks.clone());
            let mut names: Vec<Area> = Vec::new();
            for &point in &points {
                if let Some(Place { middle: (x, y), .. }) = crowd.settle(point, (60.0, 18.0), 8.0) {
                    let name = Area { left: x - 30.0, right: x + 30.0, top: y - 9.0, bottom: y + 9.0 };
                    let shrunk = Area { left: name.left + 0.1, right: name.right - 0.1, top: name.top + 0.1, bottom: name.bottom - 0.1 };
                    prop_assert!(!marks.iter().chain(&names).any(|o| o.meets(&shrunk)));
                    names.push(name);
                }
            }
            prop_assert!(!names.is_empty());
        }
    }
}
