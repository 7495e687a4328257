//! TopoJSON: areas whose outlines share arcs. Each arc is written once; where
//! there is a transform its points are whole numbers, each the difference from
//! the one before. See the TopoJSON Format Specification, version 1.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::outline::Ring;
use crate::{Area, AreaFault, GeoError, Outline, Properties};

/// Most points that the outlines of a file may have together. Arcs are used
/// again and again, so a small file could ask for a very large memory.
const MAX_POINTS: usize = 20_000_000;

#[derive(Deserialize)]
struct Topology {
    #[serde(rename = "type")]
    kind: String,
    objects: BTreeMap<String, Object>,
    arcs: Vec<Vec<Vec<f64>>>,
    transform: Option<Transform>,
}

#[derive(Deserialize)]
struct Transform {
    scale: [f64; 2],
    translate: [f64; 2],
}

/// A collection of geometries, or a geometry by itself.
#[derive(Deserialize)]
struct Object {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    geometries: Vec<Object>,
    properties: Option<Map<String, Value>>,
    arcs: Option<Value>,
}

/// Calls `visit` with every polygon of every object as an area, or with its
/// fault.
pub fn read_topojson(
    text: &[u8],
    names: Properties<'_>,
    visit: &mut dyn FnMut(Result<Area, AreaFault>),
) -> Result<(), GeoError> {
    let form = |reason: String| GeoError::Form {
        format: "TopoJSON",
        reason,
    };
    let topology: Topology = serde_json::from_slice(text).map_err(|e| form(e.to_string()))?;
    if topology.kind != "Topology" {
        return Err(form(format!("it is a {}", topology.kind)));
    }
    let arcs = Arcs::decode(&topology.arcs, topology.transform.as_ref()).map_err(form)?;
    let mut points = 0;
    for object in topology.objects.values() {
        let single = std::slice::from_ref(object);
        let geometries = if object.geometries.is_empty() {
            single
        } else {
            &object.geometries
        };
        for geometry in geometries {
            let polygons = arcs.polygons(geometry, &mut points);
            if points > MAX_POINTS {
                return Err(GeoError::TooLarge(MAX_POINTS));
            }
            let outline = polygons.and_then(Outline::of_rings);
            visit(Area::new(geometry.properties.as_ref(), names, outline));
        }
    }
    Ok(())
}

struct Arcs(Vec<Ring>);

impl Arcs {
    fn decode(arcs: &[Vec<Vec<f64>>], transform: Option<&Transform>) -> Result<Self, String> {
        let decode = |arc: &Vec<Vec<f64>>| {
            let (mut x, mut y) = (0.0, 0.0);
            let point = |position: &Vec<f64>| {
                let [a, b, ..] = position.as_slice() else {
                    return Err("a position of an arc has fewer than two numbers".to_owned());
                };
                let Some(Transform { scale, translate }) = transform else {
                    return Ok((*a, *b));
                };
                x += a;
                y += b;
                Ok((x * scale[0] + translate[0], y * scale[1] + translate[1]))
            };
            arc.iter().map(point).collect::<Result<Ring, String>>()
        };
        Ok(Self(arcs.iter().map(decode).collect::<Result<_, _>>()?))
    }

    fn polygons(&self, geometry: &Object, points: &mut usize) -> Result<Vec<Vec<Ring>>, String> {
        let kind = geometry
            .kind
            .as_deref()
            .unwrap_or("geometry without a type");
        let arcs = geometry.arcs.clone().unwrap_or_default();
        let fault = |e: serde_json::Error| format!("its arcs are malformed: {e}");
        let polygons: Vec<Vec<Vec<i64>>> = match kind {
            "Polygon" => vec![serde_json::from_value(arcs).map_err(fault)?],
            "MultiPolygon" => serde_json::from_value(arcs).map_err(fault)?,
            _ => return Err(format!("its geometry is a {kind}, no polygon")),
        };
        let polygon = |rings: Vec<Vec<i64>>| {
            let rings = rings.iter().map(|ring| self.ring(ring, points));
            rings.collect::<Result<Vec<Ring>, String>>()
        };
        polygons.into_iter().map(polygon).collect()
    }

    /// The arcs of a ring one after another; each begins where the one before
    /// ends. A negative number is an arc backwards: -1 the first, -2 the second.
    fn ring(&self, numbers: &[i64], points: &mut usize) -> Result<Ring, String> {
        let mut ring = Ring::new();
        for number in numbers {
            let (index, backwards) = if *number < 0 {
                (!number, true)
            } else {
                (*number, false)
            };
            let arc = usize::try_from(index).ok().and_then(|i| self.0.get(i));
            let arc = arc.ok_or_else(|| format!("it names arc {number}, which is not there"))?;
            *points += arc.len();
            if *points > MAX_POINTS {
                return Err(format!("the file has more than {MAX_POINTS} points"));
            }
            let met = ring.pop();
            let first = if backwards { arc.last() } else { arc.first() };
            if met.is_some() && met.as_ref() != first {
                return Err(format!(
                    "arc {number} does not begin where the one before ends"
                ));
            }
            if backwards {
                ring.extend(arc.iter().rev());
            } else {
                ring.extend(arc);
            }
        }
        Ok(ring)
    }
}
