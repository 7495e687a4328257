//! Files of boundaries: each area is a row.

use peelian_geo::{AreaFault, Properties, kind_of_code, read_geojson, read_topojson};
use serde::Deserialize;

use super::{Grid, Line, Told};
use crate::source::Source;

/// The `[boundaries]` table of a source: which properties of an area hold its
/// code and its name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Boundaries {
    form: Format,
    code: String,
    name: String,
}

/// How a publisher writes boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    GeoJson,
    TopoJson,
}

impl Format {
    fn of(bytes: &[u8]) -> Self {
        match memchr::memmem::find(bytes, b"\"Topology\"") {
            Some(_) => Self::TopoJson,
            None => Self::GeoJson,
        }
    }
}

/// The source whose property of the code an area of the file has. Files of a
/// source are set apart by their greatest code: districts come one by one.
pub(super) fn tell(bytes: &[u8], sources: &'static [Source]) -> Result<Told, (String, bool)> {
    let form = Format::of(bytes);
    for source in sources {
        let boundaries = source.boundaries.as_ref();
        let Some(boundaries) = boundaries.filter(|b| b.form == form) else {
            continue;
        };
        let property = format!("\"{}\"", boundaries.code);
        if memchr::memmem::find(bytes, property.as_bytes()).is_none() {
            continue;
        }
        let grid = read(source, boundaries, bytes).map_err(|reason| (reason, true))?;
        let code = grid.place("code");
        let codes = grid.rows.iter().filter_map(|r| r.cells.get(code?));
        return Ok(Told {
            source,
            subject: codes.max().map(|c| c.to_lowercase()),
            synthetic: grid.is_synthetic(source),
        });
    }
    let reason = "it is JSON, but no boundaries of a known source: give the publisher's own file";
    Err((reason.to_owned(), false))
}

pub(super) fn read(source: &Source, boundaries: &Boundaries, bytes: &[u8]) -> Result<Grid, String> {
    let names = Properties {
        code: &boundaries.code,
        name: &boundaries.name,
    };
    let mut grid = Grid::new(source);
    let mut visit = |area: Result<peelian_geo::Area, AreaFault>| {
        let mut cells = vec![String::new(); grid.names.len()];
        let mut put = |name: &str, text: String| {
            if let Some(place) = grid.names.iter().position(|n| n == name) {
                cells[place] = text;
            }
        };
        match area {
            Ok(area) => {
                let (extent, (x, y)) = (area.outline.extent(), area.outline.centre());
                put("kind", kind_of_code(&area.code).to_owned());
                for (name, degrees) in [
                    ("west", extent.west),
                    ("south", extent.south),
                    ("east", extent.east),
                    ("north", extent.north),
                    ("centre longitude", x),
                    ("centre latitude", y),
                ] {
                    put(name, format!("{degrees:.6}"));
                }
                put(
                    "square metres",
                    format!("{:.1}", area.outline.square_metres()),
                );
                put("outline", area.outline.to_geojson());
                put("code", area.code);
                put("name", area.name);
            }
            // Without an outline the row is set aside, and says why there.
            Err(fault) => {
                put("kind", kind_of_code(&fault.code).to_owned());
                put("code", fault.code);
                put("outline", fault.reason);
            }
        }
        grid.rows.push(Line {
            number: grid.rows.len() as u64 + 1,
            cells,
            sheet: 0,
            value: 0,
        });
    };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let result = match boundaries.form {
        Format::TopoJson => read_topojson(bytes, names, &mut visit),
        Format::GeoJson => read_geojson(bytes, names, &mut visit),
    };
    result.map_err(|e| e.to_string())?;
    Ok(grid)
}
