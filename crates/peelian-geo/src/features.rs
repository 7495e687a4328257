//! GeoJSON (RFC 7946): a collection of features, read one after another.

use std::fmt;

use geojson::{Feature, GeometryValue, Position};
use serde::de::{Deserializer as _, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::outline::Ring;
use crate::{Area, AreaFault, GeoError, Outline, Properties};

/// Calls `visit` with every feature of a `FeatureCollection` as an area, or
/// with its fault. Features are read one at a time; the text is never held as
/// a tree.
pub fn read_geojson(
    text: &[u8],
    names: Properties<'_>,
    visit: &mut dyn FnMut(Result<Area, AreaFault>),
) -> Result<(), GeoError> {
    let form = |e: serde_json::Error| GeoError::Form {
        format: "GeoJSON",
        reason: e.to_string(),
    };
    let mut reader = serde_json::Deserializer::from_slice(text);
    reader
        .deserialize_map(Collection { names, visit })
        .map_err(form)?;
    reader.end().map_err(form)
}

struct Collection<'a, 'v> {
    names: Properties<'a>,
    visit: &'v mut dyn FnMut(Result<Area, AreaFault>),
}

impl<'de> Visitor<'de> for Collection<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a FeatureCollection")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let mut met = false;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "type" => {
                    let kind: String = map.next_value()?;
                    if kind != "FeatureCollection" {
                        return Err(M::Error::custom(format!("it is a {kind}")));
                    }
                }
                "features" => {
                    met = true;
                    map.next_value_seed(Features {
                        names: self.names,
                        visit: &mut *self.visit,
                    })?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if met {
            Ok(())
        } else {
            Err(M::Error::custom("it has no features"))
        }
    }
}

struct Features<'a, 'v> {
    names: Properties<'a>,
    visit: &'v mut dyn FnMut(Result<Area, AreaFault>),
}

impl<'de> serde::de::DeserializeSeed<'de> for Features<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Features<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("features")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<(), S::Error> {
        while let Some(feature) = seq.next_element::<Feature>()? {
            let outline = outline(&feature);
            (self.visit)(Area::new(feature.properties.as_ref(), self.names, outline));
        }
        Ok(())
    }
}

fn outline(feature: &Feature) -> Result<Outline, String> {
    let geometry = feature.geometry.as_ref().ok_or("it has no outline")?;
    let rings = |polygon: &[Vec<Position>]| polygon.iter().map(|r| ring(r)).collect();
    match &geometry.value {
        GeometryValue::Polygon { coordinates } => Outline::of_rings(vec![rings(coordinates)]),
        GeometryValue::MultiPolygon { coordinates } => {
            Outline::of_rings(coordinates.iter().map(|p| rings(p)).collect())
        }
        other => Err(format!(
            "its geometry is a {}, no polygon",
            other.type_name()
        )),
    }
}

/// A position without two numbers becomes one that no outline may have.
fn ring(positions: &[Position]) -> Ring {
    let point = |position: &Position| match position.as_slice() {
        [x, y, ..] => (*x, *y),
        _ => (f64::NAN, f64::NAN),
    };
    positions.iter().map(point).collect()
}
