//! The outline of an area: polygons with holes, in degrees; its extent, its
//! centre and its size.

use geo_types::{Coord, LineString, MultiPolygon, Polygon};

/// The land of the United Kingdom with a margin, in degrees.
const UNITED_KINGDOM: Extent = Extent {
    west: -9.0,
    south: 49.0,
    east: 2.5,
    north: 61.5,
};

/// Positions are held to seven decimals of a degree, about a centimetre.
const DECIMALS: f64 = 1e7;

/// Least and greatest longitude and latitude, in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extent {
    /// Least longitude.
    pub west: f64,
    /// Least latitude.
    pub south: f64,
    /// Greatest longitude.
    pub east: f64,
    /// Greatest latitude.
    pub north: f64,
}

impl Extent {
    fn holds(&self, point: Coord) -> bool {
        (self.west..=self.east).contains(&point.x) && (self.south..=self.north).contains(&point.y)
    }
}

/// One or more polygons, each a closed outer ring and the rings of its holes.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline(MultiPolygon);

/// Longitudes and latitudes of a ring, the last point the first again.
pub(crate) type Ring = Vec<(f64, f64)>;

impl Outline {
    /// Checks the rings of polygons, the outer ring of each before its holes.
    pub(crate) fn of_rings(polygons: Vec<Vec<Ring>>) -> Result<Self, String> {
        let polygons = polygons
            .into_iter()
            .map(polygon)
            .collect::<Result<Vec<_>, _>>()?;
        if polygons.is_empty() {
            return Err("its outline is empty".to_owned());
        }
        Ok(Self(MultiPolygon(polygons)))
    }

    /// The polygons.
    pub fn polygons(&self) -> &MultiPolygon {
        &self.0
    }

    /// The geometry as GeoJSON (RFC 7946): a Polygon where there is one, else
    /// a MultiPolygon.
    pub fn to_geojson(&self) -> String {
        let value = match self.0.0.as_slice() {
            [one] => geojson::GeometryValue::from(one),
            _ => geojson::GeometryValue::from(&self.0),
        };
        geojson::Geometry::new(value).to_string()
    }

    /// Least and greatest longitude and latitude.
    pub fn extent(&self) -> Extent {
        let nothing = Extent {
            west: f64::INFINITY,
            south: f64::INFINITY,
            east: f64::NEG_INFINITY,
            north: f64::NEG_INFINITY,
        };
        let points = self.0.iter().flat_map(|p| p.exterior().coords());
        points.fold(nothing, |extent, point| Extent {
            west: extent.west.min(point.x),
            south: extent.south.min(point.y),
            east: extent.east.max(point.x),
            north: extent.north.max(point.y),
        })
    }

    /// Longitude and latitude of the centre of gravity, in degrees. It may lie
    /// outside an area that bends round another.
    pub fn centre(&self) -> (f64, f64) {
        let extent = self.extent();
        let middle = Coord {
            x: f64::midpoint(extent.west, extent.east),
            y: f64::midpoint(extent.south, extent.north),
        };
        let (mut weight, mut x, mut y) = (0.0, 0.0, 0.0);
        for (sign, ring) in self.rings() {
            // About the middle, so that small areas lose no digits; each ring
            // counts as its own turn says, holes against it.
            let turn = doubled_area(ring, middle).signum() * sign;
            for pair in ring.0.windows(2) {
                let (a, b) = (pair[0] - middle, pair[1] - middle);
                let cross = turn * (a.x * b.y - b.x * a.y);
                weight += cross;
                x += cross * (a.x + b.x);
                y += cross * (a.y + b.y);
            }
        }
        if weight == 0.0 {
            return (middle.x, middle.y);
        }
        (middle.x + x / (3.0 * weight), middle.y + y / (3.0 * weight))
    }

    /// Size on the ellipsoid WGS84 in square metres, holes taken off. Exact to
    /// some parts in a million for outlines of this country; areas stated in
    /// the National Grid differ by the scale of the grid, up to a thousandth.
    pub fn square_metres(&self) -> f64 {
        self.rings()
            .map(|(sign, ring)| sign * ellipsoid::ring(ring).abs())
            .sum()
    }

    /// Every ring: outer rings count 1, holes -1.
    fn rings(&self) -> impl Iterator<Item = (f64, &LineString)> {
        self.0.iter().flat_map(|polygon| {
            let holes = polygon.interiors().iter().map(|hole| (-1.0, hole));
            std::iter::once((1.0, polygon.exterior())).chain(holes)
        })
    }
}

fn polygon(rings: Vec<Ring>) -> Result<Polygon, String> {
    let mut rings = rings.into_iter().map(line);
    let outer = rings
        .next()
        .ok_or_else(|| "a polygon of its outline has no ring".to_owned())??;
    Ok(Polygon::new(outer, rings.collect::<Result<_, _>>()?))
}

fn line(ring: Ring) -> Result<LineString, String> {
    if ring.len() < 4 {
        return Err(format!("a ring has {} points and needs four", ring.len()));
    }
    if ring.first() != ring.last() {
        return Err("a ring is not closed: its last point is not its first".to_owned());
    }
    let mut points = Vec::with_capacity(ring.len());
    for (x, y) in ring {
        let point = Coord { x, y };
        if !UNITED_KINGDOM.holds(point) {
            return Err(format!(
                "the point {x}, {y} is not in the United Kingdom: positions must be degrees of \
                 longitude and latitude (WGS84)"
            ));
        }
        points.push(Coord {
            x: (x * DECIMALS).round() / DECIMALS,
            y: (y * DECIMALS).round() / DECIMALS,
        });
    }
    Ok(LineString(points))
}

/// Twice the area of a ring in square degrees, positive against the clock.
fn doubled_area(ring: &LineString, origin: Coord) -> f64 {
    let cross = |pair: &[Coord]| {
        let (a, b) = (pair[0] - origin, pair[1] - origin);
        a.x * b.y - b.x * a.y
    };
    ring.0.windows(2).map(cross).sum()
}

/// The area of rings on the ellipsoid, by the authalic latitude (Snyder, Map
/// Projections: A Working Manual, 1987, formula 3-12).
mod ellipsoid {
    use geo_types::LineString;

    /// Half the longer axis of WGS84 in metres, and the squared eccentricity.
    const AXIS: f64 = 6_378_137.0;
    const SQUARED: f64 = 6.694_379_990_141_317e-3;

    /// Area in square metres between the equator and a latitude, a radian of
    /// longitude wide.
    fn below(latitude: f64) -> f64 {
        let (e, sine) = (SQUARED.sqrt(), latitude.to_radians().sin());
        let q = (1.0 - SQUARED) * (sine / (1.0 - SQUARED * sine * sine) + (e * sine).atanh() / e);
        AXIS * AXIS * q / 2.0
    }

    /// Signed area of a ring whose edges are straight in longitude and
    /// latitude: Simpson's rule along each edge.
    pub(super) fn ring(ring: &LineString) -> f64 {
        let edge = |pair: &[geo_types::Coord]| {
            let (a, b) = (pair[0], pair[1]);
            let middle = below(f64::midpoint(a.y, b.y));
            (b.x - a.x).to_radians() * (below(a.y) + 4.0 * middle + below(b.y)) / 6.0
        };
        ring.0.windows(2).map(edge).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(west: f64, south: f64, side: f64) -> Ring {
        vec![
            (west, south),
            (west + side, south),
            (west + side, south + side),
            (west, south + side),
            (west, south),
        ]
    }

    /// A cell of a degree at 51 to 52 degrees north on WGS84: the zone from
    /// the equator by the closed formula, computed with mpmath to 30 digits.
    #[test]
    fn a_degree_of_southern_england_has_the_size_of_the_closed_formula() {
        let outline = Outline::of_rings(vec![vec![square(0.0, 51.0, 1.0)]]).unwrap();
        let size = outline.square_metres();
        assert!((size / EXPECTED - 1.0).abs() < 1e-9, "{size}");
    }
    const EXPECTED: f64 = 7_725_699_592.584_578;

    #[test]
    fn a_hole_is_taken_off_whichever_way_rings_turn() {
        let mut hole = square(0.25, 51.25, 0.5);
        let whole = Outline::of_rings(vec![vec![square(0.0, 51.0, 1.0)]]).unwrap();
        let inner = Outline::of_rings(vec![vec![hole.clone()]]).unwrap();
        let expected = whole.square_metres() - inner.square_metres();
        for _ in 0..2 {
            let rings = vec![vec![square(0.0, 51.0, 1.0), hole.clone()]];
            let outline = Outline::of_rings(rings).unwrap();
            assert!((outline.square_metres() - expected).abs() < 1e-3);
            let (x, y) = outline.centre();
            assert!((x - 0.5).abs() < 1e-9 && (y - 51.5).abs() < 1e-9, "{x} {y}");
            hole.reverse();
        }
    }

    #[test]
    fn an_outline_that_cannot_be_is_refused_with_its_reason() {
        let fault = |ring: Ring| Outline::of_rings(vec![vec![ring]]).unwrap_err();
        let mut open = square(0.0, 51.0, 1.0);
        open.pop();
        assert!(fault(open).contains("not closed"));
        assert!(fault(vec![(0.0, 51.0); 3]).contains("needs four"));
        assert!(fault(square(530_000.0, 180_000.0, 100.0)).contains("WGS84"));
        assert!(fault(vec![(f64::NAN, 51.0); 4]).contains("not closed"));
        assert!(fault(vec![(0.0, f64::INFINITY); 4]).contains("United Kingdom"));
        assert!(Outline::of_rings(Vec::new()).is_err());
        assert!(Outline::of_rings(vec![Vec::new()]).is_err());
    }
}
