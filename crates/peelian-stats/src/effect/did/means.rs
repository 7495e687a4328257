//! The plain form: four means.

use nalgebra::{DMatrix, DVector};

use super::clusters::cluster_factor;
use super::{ENOUGH_CLUSTERS, Error};
use crate::Unanswerable;
use crate::linear::{least_squares, sandwich};
use crate::special::normal_two_sided;

/// A coefficient with its errors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coefficient {
    /// In the unit of the outcome.
    pub estimate: f64,
    /// As if every row were independent.
    pub independent: Error,
    /// By cluster, times G/(G − 1)·(n − 1)/(n − 4); t with G − 1.
    pub clustered: Error,
    /// Two-sided for `clustered` by the normal distribution: too small with few clusters.
    pub p_normal: f64,
}

/// y = a + b·treated + c·after + β·treated·after.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwoByTwo {
    /// Mean of the controls before.
    pub control_before: Coefficient,
    /// Treated less controls, before.
    pub treated: Coefficient,
    /// Controls after less before.
    pub after: Coefficient,
    /// The difference in differences.
    pub effect: Coefficient,
    /// G.
    pub clusters: usize,
    /// Fewer than 30 clusters.
    pub few_clusters: bool,
}

/// The change of the treated less the change of the others, from rows that need not be the same
/// units before and after.
///
/// `cluster` says which rows resemble each other: the unit, or what treatment was decided for. All
/// slices are of one length. Refused: a group without rows ([`Unanswerable::Collinear`]), fewer than five
/// rows, fewer than two clusters.
pub fn two_by_two(
    outcome: &[f64],
    treated: &[bool],
    after: &[bool],
    cluster: &[usize],
    confidence: f64,
) -> Result<TwoByTwo, Unanswerable> {
    let rows = outcome.len();
    if treated.len() != rows || after.len() != rows || cluster.len() != rows {
        return Err(Unanswerable::Mismatched(
            "each row needs an outcome, a group, a time and a cluster",
        ));
    }
    let one = |yes: bool| f64::from(u8::from(yes));
    let x = DMatrix::from_fn(rows, 4, |row, column| match column {
        0 => 1.0,
        1 => one(treated[row]),
        2 => one(after[row]),
        _ => one(treated[row] && after[row]),
    });
    let fit = least_squares(&x, &DVector::from_column_slice(outcome))?;
    let mut names = cluster.to_vec();
    names.sort_unstable();
    names.dedup();
    let factor = cluster_factor(rows, names.len(), 4)?;
    let mut scores = DMatrix::zeros(names.len(), 4);
    for row in 0..rows {
        let place = names.partition_point(|name| *name < cluster[row]);
        for column in 0..4 {
            scores[(place, column)] += x[(row, column)] * fit.residuals[row];
        }
    }
    let by_cluster = sandwich(&fit.inverse, &(scores.tr_mul(&scores) * factor));
    let variance = fit.residuals.norm_squared() / (rows - 4) as f64;
    let coefficient = |place: usize| {
        let estimate = fit.coefficients[place];
        let error = by_cluster[(place, place)].max(0.0).sqrt();
        let alone = (variance * fit.inverse[(place, place)]).sqrt();
        let groups_left = names.len() as f64 - 1.0;
        Ok(Coefficient {
            estimate,
            independent: Error::new(estimate, alone, (rows - 4) as f64, confidence)?,
            clustered: Error::new(estimate, error, groups_left, confidence)?,
            p_normal: if estimate == 0.0 {
                1.0
            } else {
                normal_two_sided(estimate / error)
            },
        })
    };
    Ok(TwoByTwo {
        control_before: coefficient(0)?,
        treated: coefficient(1)?,
        after: coefficient(2)?,
        effect: coefficient(3)?,
        clusters: names.len(),
        few_clusters: names.len() < ENOUGH_CLUSTERS,
    })
}
