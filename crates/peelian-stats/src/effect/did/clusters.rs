//! Errors by cluster.

use rayon::prelude::*;

use super::panel::dot;
use super::{Fit, NOTHING_LEFT, Panel};
use crate::Unanswerable;

/// G/(G − 1)·(n − 1)/(n − k).
pub(super) fn cluster_factor(
    rows: usize,
    clusters: usize,
    spent: usize,
) -> Result<f64, Unanswerable> {
    if clusters < 2 {
        return Err(Unanswerable::TooFew {
            what: "clusters",
            have: clusters,
            need: 2,
        });
    }
    if rows <= spent {
        return Err(Unanswerable::TooFew {
            what: "values",
            have: rows,
            need: spent + 1,
        });
    }
    let groups = clusters as f64;
    Ok(groups / (groups - 1.0) * (rows as f64 - 1.0) / (rows - spent) as f64)
}

/// Σ(β₋g − β)² over the clusters; `None` where some β₋g does not exist.
///
/// With sums of products A, and columns that already sum to zero in every unit and time, leaving
/// out cluster g with sums s by time leaves A − A_g − sᵀL₋g⁻¹s: what the others' own time effects
/// take out, L₋g their equations.
pub(super) fn jackknife(fit: &Fit, treatment: &[f64], panel: &Panel) -> Option<f64> {
    let layout = &fit.layout;
    let treatment_sums = layout.cluster_time_sums(&fit.treatment);
    let outcome_sums = layout.cluster_time_sums(&fit.outcome);
    let squares = layout.cluster_products(&fit.treatment, &fit.treatment);
    let products = layout.cluster_products(&fit.treatment, &fit.outcome);
    let product = dot(&fit.treatment, &fit.outcome);
    let without = |g: usize| {
        let sums = treatment_sums.column(g).into_owned();
        let Some(solved) = layout.solved_without(g, &sums) else {
            return refitted_without(g, fit, treatment, panel);
        };
        let variation = fit.variation - squares[g] - sums.dot(&solved);
        let product = product - products[g] - outcome_sums.column(g).dot(&solved);
        (variation > NOTHING_LEFT * fit.variation).then(|| product / variation)
    };
    let all: Option<Vec<f64>> = (0..layout.clusters).into_par_iter().map(without).collect();
    let squares: f64 = all?.iter().map(|beta| (beta - fit.effect).powi(2)).sum();
    squares.is_finite().then_some(squares)
}

/// β without a cluster by taking the effects out afresh, for a panel that falls apart without it.
fn refitted_without(cluster: usize, fit: &Fit, treatment: &[f64], panel: &Panel) -> Option<f64> {
    let rows = fit.layout.rows_outside(cluster);
    let codes = |column: &[usize]| -> Vec<usize> { rows.iter().map(|&row| column[row]).collect() };
    let values = |column: &[f64]| -> Vec<f64> { rows.iter().map(|&row| column[row]).collect() };
    let rest = Panel {
        unit: &codes(panel.unit),
        time: &codes(panel.time),
        outcome: &values(panel.outcome),
        cluster: None,
    };
    let without = Fit::new(&rest, &values(treatment)).ok()?;
    (without.variation > NOTHING_LEFT * fit.variation).then_some(without.effect)
}
