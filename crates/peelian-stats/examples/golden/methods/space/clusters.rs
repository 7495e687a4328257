//! Density and clustering.

use std::collections::HashMap;
use std::error::Error;
use std::f64::consts::FRAC_1_SQRT_2;
use std::path::Path;

use peelian_stats::comparison::multiplicity::{Adjustment, adjusted};
use peelian_stats::space::density::bandwidth::scott;
use peelian_stats::space::density::window::Window;
use peelian_stats::space::density::{
    Edge as Border, Kernel, Settings as DensitySettings, Units, at, at_with_covariance, unscaled_at,
};
use peelian_stats::space::local_g::{
    Conditional, LocalG, Permutations, Settings, Statistic, exact_local_g, local_g,
    permuted_local_g,
};
use peelian_stats::space::moran::{
    LocalMoran, Quadrant, local_moran, moran, permuted_local_moran, permuted_moran,
};
use peelian_stats::space::weights::{Edge, SelfWeight, Weights};
use serde_json::json;

mod ties;

use super::Outcome;
use super::table::{Table, number, numbers, read_json, write_json};
use ties::{Figure, Share, folded};

type Fallible<T> = Result<T, Box<dyn Error>>;

/// Draws where not all can be counted: more than the peer's, so that most of the noise is its own.
const DRAWS: usize = 99_999;

pub(crate) fn gistar_areas(case: &Path, out: &Path) -> Outcome {
    let params = read_json(case, "params.json")?;
    let permutations = number(&params, "/permutations")?;
    let input = Table::read(case, "input.csv")?;
    let (ids, values) = (input.text("id")?, input.numbers("value")?);
    let mut spdep = Table::default().with_text("id", ids);
    let mut esda = Table::default().with_text("id", ids);
    for (name, weights) in given_weights(case, ids)? {
        let rows = weights.clone().row_standardised();
        let star = weights.clone().with_self(SelfWeight::Largest);
        let star_rows = star.clone().row_standardised();
        let binary = weights == weights.clone().binary();
        let styles = [("B", &star, &weights), ("R", &star_rows, &rows)];
        let styles = if binary { &styles[..] } else { &styles[1..] };
        for (style, star, rows) in styles {
            for (kind, statistic, weights) in [
                ("star", Statistic::GiStar, star),
                ("gi", Statistic::Gi, rows),
            ] {
                let z = scores(&local_g(&values, weights, &of(statistic))?);
                if *style == "B" {
                    esda = esda.with_optional(&format!("z_{name}_B_{kind}"), z.clone());
                }
                spdep = spdep.with_optional(&format!("z_{name}_{style}_{kind}"), z);
                let p = p_sim(&values, weights, statistic, permutations)?;
                esda = esda.with(&format!("p_sim_{name}_{style}_{kind}"), p);
            }
        }
        let local = local_moran(&values, &rows, Adjustment::None)?;
        let p = lisa_p(&values, &rows, permutations)?;
        esda = esda
            .with(&format!("lisa_I_{name}"), unbiased(&local))
            .with(&format!("lisa_q_{name}"), quadrants(&local))
            .with(&format!("lisa_p_sim_{name}"), p);
        let global = moran(&values, &rows)?;
        let global = json!({
            "I": global.i, "EI": global.expected,
            "VI_norm": global.variance_normal, "VI_rand": global.variance_randomised,
            "z_rand": global.z_randomised, "p_rand": global.p_randomised,
        });
        write_json(out, &format!("expected_moran_{name}.json"), &global)?;
    }
    spdep.write(out, "expected_spdep.csv")?;
    esda.write(out, "expected_esda.csv")
}

/// The weights of each `weights_<name>.csv`, by name.
fn given_weights(case: &Path, ids: &[String]) -> Fallible<Vec<(String, Weights)>> {
    let place: HashMap<&str, usize> = ids.iter().map(String::as_str).zip(0..).collect();
    let find = |id: &String| {
        let found = place.get(id.as_str()).copied();
        found.ok_or_else(|| format!("no area {id}"))
    };
    let mut all = Vec::new();
    for entry in std::fs::read_dir(case)? {
        let file = entry?.file_name().to_string_lossy().into_owned();
        let name = file.strip_prefix("weights_");
        let Some(name) = name.and_then(|file| file.strip_suffix(".csv")) else {
            continue;
        };
        let table = Table::read(case, &file)?;
        let pairs = table.text("i")?.iter().zip(table.text("j")?);
        let edges = pairs
            .zip(table.numbers("w")?)
            .map(|((from, to), weight)| {
                Ok(Edge {
                    from: find(from)?,
                    to: find(to)?,
                    weight,
                })
            })
            .collect::<Fallible<Vec<_>>>()?;
        all.push((name.to_owned(), Weights::from_edges(ids.len(), &edges)?));
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(all)
}

pub(crate) fn gistar_grid(case: &Path, out: &Path) -> Outcome {
    let (grid, values) = counted(case)?;
    let (columns, rows) = grid;
    let weights = Weights::queen(columns, rows)?;
    let standardised = weights.clone().row_standardised();
    let star_weights = weights.clone().with_self(SelfWeight::One);
    let with_self = star_weights.clone().row_standardised();
    let cells = || {
        let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (column, row)));
        let (column, row): (Vec<_>, Vec<_>) = cells.unzip();
        Table::default()
            .with_text("ix", column)
            .with_text("iy", row)
    };

    let star = local_g(&values, &weights, &of(Statistic::GiStar))?;
    let star_rows = local_g(&values, &with_self, &of(Statistic::GiStar))?;
    let alone = local_g(&values, &weights, &of(Statistic::Gi))?;
    let p: Vec<_> = star.iter().map(|area| area.p).collect();
    let global = |adjustment| adjusted(&p, adjustment);
    // spdep counts a cell twice where the neighbours include it: neighbours + 2.
    let near = |(unit, p): (usize, &Option<f64>)| {
        let tests = weights.neighbours(unit).count() + 2;
        p.map(|p| (p * tests as f64).min(1.0))
    };
    let near: Vec<_> = p.iter().enumerate().map(near).collect();
    let local = local_moran(&values, &standardised, Adjustment::None)?;
    cells()
        .with("n", values.iter().copied())
        .with_optional("gistar_B", scores(&star))
        .with_optional("gistar_W", scores(&star_rows))
        .with_optional("gi_B", scores(&alone))
        .with_optional("p_gistar_B", p.iter().copied())
        .with_optional("p_fdr_spdep", near.iter().copied())
        .with_optional("p_bonferroni_spdep", near.iter().copied())
        .with_optional("p_bh_global", global(Adjustment::BenjaminiHochberg))
        .with_optional("p_by_global", global(Adjustment::BenjaminiYekutieli))
        .with("local_moran_I", local.iter().map(|area| area.i))
        .with_optional("local_moran_z", local.iter().map(|area| area.z))
        .write(out, "expected_spdep.csv")?;
    cells()
        .with_optional("gistar", scores(&star))
        .with_optional("pvalue", p.iter().copied())
        .write(out, "expected_sfhotspot.csv")?;

    let drawn = drawn(&values, &weights)?;
    let z_drawn = || drawn.iter().map(|area| area.z);
    let p_drawn = |weights, statistic, draws| p_sim(&values, weights, statistic, draws);
    cells()
        .with("n", values.iter().copied())
        .with_optional("Gs_B", star.iter().map(|area| area.g))
        .with_optional("z_B", scores(&star))
        .with_optional("p_norm_B", star.iter().map(|area| one_sided(area.z)))
        .with(
            "p_sim_B",
            p_drawn(&star_weights, Statistic::GiStar, 99_999.0)?,
        )
        .with_optional("z_sim_B", z_drawn())
        .with_optional("Gs_R", star_rows.iter().map(|area| area.g))
        .with("p_sim_R", p_drawn(&with_self, Statistic::GiStar, 9_999.0)?)
        .with_optional("z_sim_R", z_drawn())
        .with_optional("z_gi_B", scores(&alone))
        .with("p_sim_gi_B", p_drawn(&weights, Statistic::Gi, 9_999.0)?)
        .with("lisa_I", unbiased(&local))
        .with("lisa_q", quadrants(&local))
        .with("lisa_p_sim", lisa_p(&values, &standardised, 9_999.0)?)
        .write(out, "expected_esda.csv")?;

    let global = moran(&values, &standardised)?;
    let orders = permuted_moran(&values, &standardised, 9_999, 1)?;
    let esda = json!({
        "I": global.i, "EI": global.expected,
        "VI_norm": global.variance_normal, "VI_rand": global.variance_randomised,
        "z_norm": global.z_normal, "z_rand": global.z_randomised,
        "p_rand": global.p_randomised, "p_sim": orders.folded,
    });
    write_json(out, "expected_esda_moran.json", &esda)?;
    let spdep = json!({
        "I": global.i, "expectation": global.expected,
        "variance_randomisation": global.variance_randomised,
        "p_two_sided": global.p_randomised,
    });
    write_json(out, "expected_spdep_moran.json", &spdep)
}

/// The grid's columns and rows, and its points counted by cell, row by row.
fn counted(case: &Path) -> Fallible<((usize, usize), Vec<f64>)> {
    let params = read_json(case, "params.json")?;
    let cell = number(&params, "/cell")?;
    let corner = [number(&params, "/x0")?, number(&params, "/y0")?];
    let columns = number(&params, "/nx")? as usize;
    let rows = number(&params, "/ny")? as usize;
    let points = Table::read(case, "input.csv")?;
    let mut counts = vec![0.0; columns * rows];
    for (x, y) in points.numbers("x")?.into_iter().zip(points.numbers("y")?) {
        let column = ((x - corner[0]) / cell).floor();
        let row = ((y - corner[1]) / cell).floor();
        let inside = column >= 0.0 && row >= 0.0;
        if inside && (column as usize) < columns && (row as usize) < rows {
            counts[row as usize * columns + column as usize] += 1.0;
        }
    }
    Ok(((columns, rows), counts))
}

fn of(statistic: Statistic) -> Settings {
    Settings {
        statistic,
        ..Settings::default()
    }
}

fn scores(areas: &[LocalG]) -> Vec<Option<f64>> {
    areas.iter().map(|area| area.z).collect()
}

fn one_sided(z: Option<f64>) -> Option<f64> {
    z.map(|z| libm::erfc(z.abs() * FRAC_1_SQRT_2) / 2.0)
}

/// All possible draws where they can be counted, else many.
fn drawn(values: &[f64], weights: &Weights) -> Fallible<Vec<Conditional>> {
    let settings = Settings::default();
    let permutations = Permutations {
        draws: DRAWS,
        ..Permutations::default()
    };
    Ok(exact_local_g(values, weights, &settings)
        .or_else(|_| permuted_local_g(values, weights, &settings, &permutations))?)
}

/// esda's pseudo p of G or G*.
fn p_sim(
    values: &[f64],
    weights: &Weights,
    statistic: Statistic,
    permutations: f64,
) -> Fallible<Vec<f64>> {
    let drawn = drawn(values, weights)?;
    if drawn.iter().any(|area| area.draws > 0) {
        return Ok(drawn.iter().map(|area| area.folded).collect());
    }
    let star = statistic == Statistic::GiStar;
    let figure = Figure::Gi { star };
    let shares: Vec<_> = drawn.iter().map(|area| share(area, false)).collect();
    Ok(folded(&shares, values, weights, &figure, permutations))
}

/// esda's pseudo p of local Moran.
fn lisa_p(values: &[f64], weights: &Weights, permutations: f64) -> Fallible<Vec<f64>> {
    let exact = drawn(values, weights)?;
    if exact.iter().any(|area| area.draws > 0) {
        let draws = Permutations {
            draws: DRAWS,
            ..Permutations::default()
        };
        let drawn = permuted_local_moran(values, weights, Adjustment::None, 0.05, &draws)?;
        return Ok(drawn.into_iter().map(|area| area.folded).collect());
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    // In a low area the figure rises as the neighbours' sum falls.
    let shares: Vec<_> = exact
        .iter()
        .zip(values)
        .map(|(area, value)| share(area, *value < mean))
        .collect();
    Ok(folded(
        &shares,
        values,
        weights,
        &Figure::Moran,
        permutations,
    ))
}

fn share(area: &Conditional, falling: bool) -> Share {
    Share {
        above: 1.0 - if falling { area.upper } else { area.lower },
        tied: area.upper + area.lower - 1.0,
    }
}

/// esda's local I: with the variance divided by n − 1.
fn unbiased(areas: &[LocalMoran]) -> Vec<f64> {
    let n = areas.len() as f64;
    areas.iter().map(|area| area.i * (n - 1.0) / n).collect()
}

fn quadrants(areas: &[LocalMoran]) -> Vec<f64> {
    let number = |area: &LocalMoran| match area.quadrant {
        Quadrant::HighHigh => 1.0,
        Quadrant::LowHigh => 2.0,
        Quadrant::LowLow => 3.0,
        Quadrant::HighLow => 4.0,
    };
    areas.iter().map(number).collect()
}

pub(crate) fn kde(case: &Path, out: &Path) -> Outcome {
    let params = read_json(case, "params.json")?;
    let events = points(case, "input.csv")?;
    let places = points(case, "grid.csv")?;
    let window = numbers(&params, "/window")?;
    let [west, east, south, north] = window[..] else {
        return Err("a window has four sides".into());
    };
    let window = Window::rectangle([west, south], [east, north])?;
    let seen: Vec<_> = events
        .iter()
        .copied()
        .filter(|event| window.contains(*event))
        .collect();
    let grid = Table::read(case, "grid.csv")?;
    let placed = || {
        Ok::<_, Box<dyn Error>>(
            Table::default()
                .with("x", grid.numbers("x")?)
                .with("y", grid.numbers("y")?),
        )
    };
    let (mut sums, mut densities) = (placed()?, placed()?);
    for h in numbers(&params, "/bandwidths")? {
        let gaussian = DensitySettings::new(Kernel::Gaussian, h);
        let edged = |edge| at(&seen, None, &places, &DensitySettings { edge, ..gaussian });
        let unscaled = unscaled_at(&events, None, &places, Kernel::Quartic, h)?;
        sums = sums
            .with(&format!("spatialkde_quartic_unscaled_{h}"), unscaled)
            .with(
                &format!("gauss_intensity_{h}"),
                at(&events, None, &places, &gaussian)?,
            )
            .with(
                &format!("gauss_uniform_edge_{h}"),
                edged(Border::Uniform(&window))?,
            )
            .with(
                &format!("gauss_diggle_edge_{h}"),
                edged(Border::Diggle(&window))?,
            );
        for (name, kernel) in [
            ("sklearn_gaussian", Kernel::Gaussian),
            ("sklearn_epanechnikov", Kernel::Epanechnikov),
            ("sklearn_tophat", Kernel::Uniform),
            ("quartic_density", Kernel::Quartic),
        ] {
            let settings = DensitySettings {
                units: Units::Probability,
                ..DensitySettings::new(kernel, h)
            };
            densities = densities.with(
                &format!("{name}_{h}"),
                at(&events, None, &places, &settings)?,
            );
        }
    }
    let rule = scott(&events)?;
    let smooth = at_with_covariance(&events, None, &places, rule.covariance)?;
    densities
        .with("scipy_scott", smooth.iter().copied())
        .with("scipy_silverman", smooth)
        .write(out, "expected_python.csv")?;
    sums.write(out, "expected.csv")?;
    let factors = json!({
        "scott_factor": rule.factor,
        "scott_covariance": rule.covariance,
        "silverman_factor": rule.factor,
    });
    write_json(out, "expected_python.json", &factors)?;
    // kde2d takes four standard deviations; its own grid has 25 x 25 places.
    let bandwidths = numbers(&params, "/bandwidths")?;
    let h = *bandwidths.last().ok_or("no bandwidth")?;
    let along = |from: f64, to: f64, at: usize| from + (to - from) * at as f64 / 24.0;
    let places: Vec<_> = (0..625)
        .map(|at| [along(west, east, at % 25), along(south, north, at / 25)])
        .collect();
    let settings = DensitySettings {
        units: Units::Probability,
        ..DensitySettings::new(Kernel::Gaussian, h)
    };
    Table::default()
        .with("x", places.iter().map(|place| place[0]))
        .with("y", places.iter().map(|place| place[1]))
        .with("z", at(&events, None, &places, &settings)?)
        .write(out, "expected_mass_kde2d.csv")
}

fn points(case: &Path, file: &str) -> Fallible<Vec<[f64; 2]>> {
    let table = Table::read(case, file)?;
    let pairs = table.numbers("x")?.into_iter().zip(table.numbers("y")?);
    Ok(pairs.map(|(x, y)| [x, y]).collect())
}
