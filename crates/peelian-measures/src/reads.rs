//! What a query reads: nothing that its measure does not name as a source.

use datafusion::sql::parser::DFParser;
use datafusion::sql::resolve::resolve_table_references;
use peelian_model::{Measure, Visibility};

/// Made by the program from the look-ups, for every query.
pub(crate) const VIEWS: [&str; 4] = ["places", "residents", "residents_by_group", "force_areas"];

/// Checks that a measure's query reads only tables that its sources fill (and
/// the views), and that nothing restricted would be published. The error is a
/// reason for whoever wrote the measure.
pub(crate) fn check(measure: &Measure, sql: &str) -> Result<(), String> {
    let sources: Vec<_> = measure
        .sources
        .iter()
        .filter_map(peelian_archive::source)
        .collect();
    for table in tables(sql)? {
        if !VIEWS.contains(&table.as_str()) && !sources.iter().any(|s| s.table == table) {
            return Err(format!(
                "the query reads “{table}”, which none of its sources fills: name the source that does"
            ));
        }
    }
    // No disclosure step takes restricted rows to the public yet.
    let restricted = sources.iter().find(|s| s.restricted);
    match restricted {
        Some(source) if measure.visibility() == Visibility::Public => Err(format!(
            "“{}” is restricted, so its figures cannot be published: take [publish] out",
            source.id
        )),
        _ => Ok(()),
    }
}

/// The tables that a query names, without its own common table expressions.
fn tables(sql: &str) -> Result<Vec<String>, String> {
    let statements = DFParser::parse_sql(sql).map_err(|e| e.to_string())?;
    let mut names = Vec::new();
    for statement in &statements {
        let (tables, _) = resolve_table_references(statement, true).map_err(|e| e.to_string())?;
        names.extend(tables.iter().map(|t| t.table().to_owned()));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Measures;

    #[test]
    fn every_measure_names_what_its_query_reads() {
        for definition in Measures::load(None).unwrap().definitions {
            check(&definition.measure, &definition.sql).unwrap();
        }
    }

    #[test]
    fn a_table_reached_by_any_route_is_seen() {
        let measures = Measures::load(None).unwrap();
        let measure = &measures.definitions[0].measure;
        for sql in [
            "select force, month, count(*) as numerator from street group by 1, 2",
            "with outcomes_of as (select * from outcomes) select * from outcomes_of, street",
            "select * from outcomes where crime_id in (select crime_id from street)",
            "select * from outcomes union all select * from street",
            "select (select count(*) from \"street\") as n from outcomes",
        ] {
            assert!(
                check(measure, sql).unwrap_err().contains("“street”"),
                "{sql}"
            );
        }
    }
}
