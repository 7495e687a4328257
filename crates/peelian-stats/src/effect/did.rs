//! Difference in differences: did the treated units change more than the others?
//!
//! With an effect for every unit and every time taken out of both,
//! y_ut = α_u + γ_t + β·d_ut + e_ut, β is what treatment (d) added ([`two_way`]). The plain form
//! with four means is [`two_by_two`]; the effect by time since the start, with a check of the time
//! before, is [`event_study`]. A unit's months resemble each other, so errors are summed by unit
//! (or by a larger cluster) before they are squared; with few clusters take the jackknife, the
//! bootstrap ([`wild_bootstrap`]) or a test that asks only how treatment was dealt out
//! ([`randomisation_test`]).
//!
//! Sources: Liang and Zeger, *Biometrika* 73 (1986) 13–22 (clusters); Bertrand, Duflo and
//! Mullainathan, *Quarterly Journal of Economics* 119 (2004) 249–275 (why); MacKinnon, Nielsen and
//! Webb, *Journal of Applied Econometrics* 38 (2023) 671–694 (jackknife); Cameron, Gelbach and
//! Miller, *Review of Economics and Statistics* 90 (2008) 414–427, and Webb, *Canadian Journal of
//! Economics* 56 (2023) 839–858 (bootstrap).
//!
//! **How it can mislead.** β is the effect only if the treated would have moved as the others did:
//! look at the time before, and remember that a test which finds no difference there may have had
//! no power. Units picked because they were bad improve by themselves. Where units start at
//! different times and the effect grows, β is a weighted mean in which early units serve as
//! controls for late ones, some with a weight below zero. Treatment that spills over to the
//! controls makes the effect look smaller. Independent errors are far too small.

mod clusters;
mod event;
mod means;
mod panel;
mod resampled;

use crate::Unanswerable;
use crate::comparison::interval::Interval;
use crate::special::{student_t_quantile, student_t_two_sided};

pub use event::{Event, EventStudy, JointTest, event_study};
pub use means::{Coefficient, TwoByTwo, two_by_two};
pub use resampled::{
    RandomisationTest, Resampling, Weights, WildBootstrap, randomisation_test, wild_bootstrap,
};

use clusters::{cluster_factor, jackknife};
use panel::{Layout, dot};

/// Fewer clusters than this make the error by cluster too small: warn and show another.
pub const ENOUGH_CLUSTERS: usize = 30;

/// Rows of units at times, in any order; a unit may miss times or have several rows at one.
#[derive(Clone, Copy, Debug)]
pub struct Panel<'a> {
    /// Unit of each row, any numbers.
    pub unit: &'a [usize],
    /// Time of each row, any numbers; only which rows share one matters.
    pub time: &'a [usize],
    /// Outcome of each row, finite.
    pub outcome: &'a [f64],
    /// Cluster of each row, if larger than a unit; all rows of a unit in one. Cluster at the level
    /// at which treatment was decided.
    pub cluster: Option<&'a [usize]>,
}

/// How [`two_way`] judges.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Confidence of the intervals. Default 0.95.
    pub confidence: f64,
    /// Factor of the jackknife. Default [`JackknifeFactor::LeftOut`].
    pub jackknife: JackknifeFactor,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            confidence: 0.95,
            jackknife: JackknifeFactor::LeftOut,
        }
    }
}

/// What Σ(β₋g − β)² is multiplied by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JackknifeFactor {
    /// (G − 1)/G, as the sources have it.
    LeftOut,
    /// [`TwoWay::small_sample`], as pyfixest 0.60 has it; larger.
    SmallSample,
}

/// One kind of error of an effect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Error {
    /// In the unit of the effect.
    pub standard_error: f64,
    /// Degrees of freedom of Student's t behind the next two.
    pub freedom: f64,
    /// Two-sided.
    pub p_value: f64,
    /// With the confidence asked for.
    pub interval: Interval,
}

/// An effect with unit and time effects taken out.
#[derive(Clone, Debug, PartialEq)]
pub struct TwoWay {
    /// β, in the unit of the outcome for a step of 1 in treatment.
    pub effect: f64,
    /// As if every row were independent. For comparison only: too small where a unit's rows
    /// resemble each other.
    pub independent: Error,
    /// By cluster (CRV1), times [`TwoWay::small_sample`].
    pub clustered: Error,
    /// Leaving out one cluster at a time (CRV3): Σ(β₋g − β)² times the factor of the settings. `None`
    /// where β cannot be had without some cluster, as where only one is treated.
    pub jackknife: Option<Error>,
    /// The factor on the variance by cluster: G/(G − 1)·(n − 1)/(n − 1 − T), T the times (units
    /// are part of their cluster and do not count).
    pub small_sample: f64,
    /// Rows used; rows alone in their unit or time say nothing and are left out.
    pub rows: usize,
    /// Units used.
    pub units: usize,
    /// Times used.
    pub times: usize,
    /// G.
    pub clusters: usize,
    /// Clusters in which treatment varies in time. With fewer than some six, even the jackknife
    /// promises too much.
    pub treated_clusters: usize,
    /// Fewer than 30 clusters: show [`wild_bootstrap`] or [`randomisation_test`] beside the error.
    pub few_clusters: bool,
}

/// The effect of `treatment` (0 and 1, or a dose) on the outcome of a panel.
///
/// Unit and time effects are taken out exactly: by means where every unit has every time once, and
/// else by solving for the times with the units eliminated, at a cost of the cube of the number of
/// times. Refused: `confidence` outside 0 to 1, fewer than two clusters, and treatment that does not vary
/// beyond unit and time ([`Unanswerable::Collinear`]), as where all units start at once.
pub fn two_way(
    panel: &Panel,
    treatment: &[f64],
    settings: &Settings,
) -> Result<TwoWay, Unanswerable> {
    let fit = Fit::new(panel, treatment)?;
    let layout = &fit.layout;
    let (rows, groups) = (layout.rows, layout.clusters);
    let spent = 1 + layout.effects_count();
    let small_sample = cluster_factor(rows, groups, 1 + layout.times)?;
    if rows <= spent {
        return Err(Unanswerable::TooFew {
            what: "values",
            have: rows,
            need: spent + 1,
        });
    }
    let squares = dot(&fit.residuals, &fit.residuals);
    let independent = (squares / (rows - spent) as f64 / fit.variation).sqrt();
    let scores = layout.cluster_products(&fit.treatment, &fit.residuals);
    let clustered = small_sample.sqrt() * dot(&scores, &scores).sqrt() / fit.variation;
    let groups_left = groups as f64 - 1.0;
    let error = |error, freedom| Error::new(fit.effect, error, freedom, settings.confidence);
    let factor = match settings.jackknife {
        JackknifeFactor::LeftOut => groups_left / groups as f64,
        JackknifeFactor::SmallSample => small_sample,
    };
    let left_out = jackknife(&fit, treatment, panel)
        .map(|squares| error((squares * factor).sqrt(), groups_left))
        .transpose()?;
    Ok(TwoWay {
        effect: fit.effect,
        independent: error(independent, (rows - spent) as f64)?,
        clustered: error(clustered, groups_left)?,
        jackknife: left_out,
        small_sample,
        rows,
        units: layout.units(),
        times: layout.times,
        clusters: groups,
        treated_clusters: fit.treated_clusters(treatment)?,
        few_clusters: groups < ENOUGH_CLUSTERS,
    })
}

impl Error {
    fn new(
        estimate: f64,
        standard_error: f64,
        freedom: f64,
        confidence: f64,
    ) -> Result<Self, Unanswerable> {
        let t = student_t_quantile(confidence, freedom).ok_or(Unanswerable::Invalid(
            "confidence must lie between 0 and 1, ends excluded",
        ))?;
        let (lower, upper) = (estimate - t * standard_error, estimate + t * standard_error);
        if !(lower.is_finite() && upper.is_finite()) {
            return Err(Unanswerable::Overflow);
        }
        let p_value = if estimate == 0.0 {
            1.0
        } else {
            student_t_two_sided(estimate / standard_error, freedom).unwrap_or(1.0)
        };
        Ok(Self {
            standard_error,
            freedom,
            p_value,
            interval: Interval { lower, upper },
        })
    }
}

/// A fit of one treatment, all columns in the order of the layout.
pub(super) struct Fit {
    layout: Layout,
    /// Treatment with unit and time effects out.
    treatment: Vec<f64>,
    /// Outcome likewise.
    outcome: Vec<f64>,
    /// Sum of squares of `treatment`.
    variation: f64,
    effect: f64,
    residuals: Vec<f64>,
}

/// A column of which less than this share of its length is left beyond unit and time varies with
/// nothing else.
const NOTHING_LEFT: f64 = 1e-9;

impl Fit {
    pub(super) fn new(panel: &Panel, treatment: &[f64]) -> Result<Self, Unanswerable> {
        let layout = Layout::new(panel)?;
        let raw = layout.column(treatment)?;
        let length = dot(&raw, &raw);
        let treatment = layout.within(raw);
        let outcome = layout.within(layout.column(panel.outcome)?);
        let variation = dot(&treatment, &treatment);
        if !variation.is_finite() || !length.is_finite() {
            return Err(Unanswerable::Overflow);
        }
        if variation <= NOTHING_LEFT * NOTHING_LEFT * length || variation == 0.0 {
            return Err(Unanswerable::Collinear);
        }
        let effect = dot(&treatment, &outcome) / variation;
        let residuals: Vec<_> = outcome
            .iter()
            .zip(&treatment)
            .map(|(y, d)| y - effect * d)
            .collect();
        if !dot(&residuals, &residuals).is_finite() {
            return Err(Unanswerable::Overflow);
        }
        Ok(Self {
            layout,
            treatment,
            outcome,
            variation,
            effect,
            residuals,
        })
    }

    /// The effect of the treatment on another outcome of the same rows. Treatment has no unit and
    /// time effects left, so the outcome may keep its own.
    pub(super) fn effect_on(&self, outcome: &[f64]) -> Result<f64, Unanswerable> {
        Ok(dot(&self.treatment, &self.layout.column(outcome)?) / self.variation)
    }

    fn treated_clusters(&self, treatment: &[f64]) -> Result<usize, Unanswerable> {
        let raw = self.layout.column(treatment)?;
        let mut varies = vec![false; self.layout.clusters];
        for (unit, bounds) in self.layout.starts.windows(2).enumerate() {
            let rows = &raw[bounds[0]..bounds[1]];
            if rows.windows(2).any(|pair| pair[0] != pair[1]) {
                varies[self.layout.cluster[unit]] = true;
            }
        }
        Ok(varies.iter().filter(|varies| **varies).count())
    }
}
