//! The effect by time since the start.

use nalgebra::{DMatrix, DVector};

use super::clusters::cluster_factor;
use super::panel::{Layout, dot};
use super::{ENOUGH_CLUSTERS, Error, NOTHING_LEFT, Panel};
use crate::Unanswerable;
use crate::linear::sandwich;
use crate::special::f_upper;

/// The difference at one time since the start, less the difference at the reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// Times since the start, below 0 before it.
    pub relative: i64,
    /// In the unit of the outcome.
    pub estimate: f64,
    /// By cluster; t with G − 1.
    pub clustered: Error,
}

/// A test that several coefficients are all zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JointTest {
    /// Number of coefficients q.
    pub coefficients: usize,
    /// Hotelling's form of Wald's statistic, (G − q)/((G − 1)·q) of it.
    pub f: f64,
    /// By F with q and G − q degrees of freedom.
    pub p_value: f64,
}

/// Effects by time since the start.
#[derive(Clone, Debug, PartialEq)]
pub struct EventStudy {
    /// In order of time; the reference, zero by definition, is left out.
    pub events: Vec<Event>,
    /// Whether the times before the start differ from the reference. A small p speaks against
    /// common trends; a large one does not speak for them where errors are wide. `None` where
    /// there are fewer clusters, or fewer treated ones, than it takes.
    pub pre_trend: Option<JointTest>,
    /// G.
    pub clusters: usize,
    /// Fewer than 30 clusters.
    pub few_clusters: bool,
}

/// Effects of every time since a unit's start.
///
/// `relative` says for each row how many times after its unit's start it lies (below 0 before it),
/// `None` for units never treated. `reference` is the time taken as zero, usually −1; it must
/// occur. Where starts differ between units each effect is a mean over them that may mix in other
/// times' effects. Without units that are never treated (or starts at many times) there is no
/// answer ([`Unanswerable::Collinear`]).
pub fn event_study(
    panel: &Panel,
    relative: &[Option<i64>],
    reference: i64,
    confidence: f64,
) -> Result<EventStudy, Unanswerable> {
    if relative.len() != panel.outcome.len() {
        return Err(Unanswerable::Mismatched(
            "each row needs a time since the start, or none",
        ));
    }
    let mut times: Vec<_> = relative.iter().flatten().copied().collect();
    times.sort_unstable();
    times.dedup();
    let known = times.len();
    times.retain(|time| *time != reference);
    if times.len() == known {
        return Err(Unanswerable::Invalid("the reference must occur"));
    }
    if times.is_empty() {
        return Err(Unanswerable::TooFew {
            what: "times since the start",
            have: known,
            need: 2,
        });
    }
    let layout = Layout::new(panel)?;
    let factor = cluster_factor(layout.rows, layout.clusters, times.len() + layout.times)?;
    let outcome = layout.within(layout.column(panel.outcome)?);
    let mut lengths = Vec::with_capacity(times.len());
    let mut columns = Vec::with_capacity(times.len());
    for time in &times {
        let at = |row: &Option<i64>| f64::from(u8::from(*row == Some(*time)));
        let raw = layout.column(&relative.iter().map(at).collect::<Vec<_>>())?;
        lengths.push(dot(&raw, &raw));
        columns.push(layout.within(raw));
    }
    let gram = DMatrix::from_fn(times.len(), times.len(), |i, j| {
        dot(&columns[i], &columns[j])
    });
    let inverse = gram.cholesky().ok_or(Unanswerable::Collinear)?;
    let pivots = inverse.l_dirty().diagonal();
    if pivots
        .iter()
        .zip(&lengths)
        .any(|(pivot, length)| pivot * pivot <= NOTHING_LEFT * length)
    {
        return Err(Unanswerable::Collinear);
    }
    let right = DVector::from_iterator(times.len(), columns.iter().map(|x| dot(x, &outcome)));
    let effects = inverse.solve(&right);
    let mut residuals = outcome;
    for (column, effect) in columns.iter().zip(&effects) {
        for (residual, x) in residuals.iter_mut().zip(column) {
            *residual -= effect * x;
        }
    }
    let mut scores = DMatrix::zeros(layout.clusters, times.len());
    for (place, column) in columns.iter().enumerate() {
        let sums = layout.cluster_products(column, &residuals);
        scores.set_column(place, &DVector::from_vec(sums));
    }
    let covariance = sandwich(&inverse.inverse(), &(scores.tr_mul(&scores) * factor));
    let groups_left = layout.clusters as f64 - 1.0;
    let events = times
        .iter()
        .enumerate()
        .map(|(place, &relative)| {
            let estimate = effects[place];
            let error = covariance[(place, place)].max(0.0).sqrt();
            Ok(Event {
                relative,
                estimate,
                clustered: Error::new(estimate, error, groups_left, confidence)?,
            })
        })
        .collect::<Result<_, Unanswerable>>()?;
    let before: Vec<_> = (0..times.len()).filter(|&place| times[place] < 0).collect();
    let treated = treated_clusters(&layout, relative)?;
    // Units never treated lend the covariance a rank that it has not earned.
    let tested = before.len() < treated;
    Ok(EventStudy {
        events,
        pre_trend: joint(&effects, &covariance, &before, layout.clusters).filter(|_| tested),
        clusters: layout.clusters,
        few_clusters: layout.clusters < ENOUGH_CLUSTERS,
    })
}

fn treated_clusters(layout: &Layout, relative: &[Option<i64>]) -> Result<usize, Unanswerable> {
    let treated = |row: &Option<i64>| f64::from(u8::from(row.is_some()));
    let column = layout.column(&relative.iter().map(treated).collect::<Vec<_>>())?;
    let sums = layout.cluster_products(&column, &column);
    Ok(sums.iter().filter(|sum| **sum > 0.0).count())
}

fn joint(
    effects: &DVector<f64>,
    covariance: &DMatrix<f64>,
    places: &[usize],
    clusters: usize,
) -> Option<JointTest> {
    let count = places.len();
    if count == 0 || count >= clusters {
        return None;
    }
    let change = effects.select_rows(places);
    let spread = covariance.select_rows(places).select_columns(places);
    let lengths = spread.diagonal();
    let factor = spread.cholesky()?;
    let pivots = factor.l_dirty().diagonal();
    // Rounding alone can make a covariance of too low a rank look sound.
    let sound = pivots
        .iter()
        .zip(&lengths)
        .all(|(pivot, length)| pivot * pivot > NOTHING_LEFT * length);
    if !sound {
        return None;
    }
    let wald = change.dot(&factor.solve(&change));
    let (q, groups) = (count as f64, clusters as f64);
    let f = wald * (groups - q) / ((groups - 1.0) * q);
    Some(JointTest {
        coefficients: count,
        f,
        p_value: f_upper(f, q, groups - q)?,
    })
}
