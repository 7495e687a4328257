//! Fine-Gray regression: what makes more cases end in one outcome, others being possible.
//!
//! Answers "does the share that ever ends in a charge depend on x?". The hazard of the cumulative
//! incidence I of one cause, −d ln(1 − I)/dt, is modelled as g₀(t)·exp(xβ). A case that another
//! cause has ended stays in the risk set with the weight Ĝ(t−)/Ĝ(T−), Ĝ being the Kaplan-Meier
//! curve of being still followed; ties by Breslow. Errors are the sandwich that allows for Ĝ being
//! estimated. Source: Fine and Gray, *Journal of the American Statistical Association* 94 (1999)
//! 496–509.
//!
//! **How it can mislead.** The coefficient mixes the cause's own rate with the rates of the others:
//! x may raise the share charged only because it keeps cases from being dropped. Give
//! [`super::cox`] of each cause beside it. Its ratio is of subdistribution hazards, a quantity with
//! no everyday meaning but its sign and order. Following must stop for reasons that have nothing to
//! do with the case or x.

use nalgebra::{DMatrix, DVector};

use super::cases::{ONE_EACH, check_times};
pub use super::coefficient::Coefficient;
use super::coefficient::coefficients;
use super::design::{Design, Sums, dot};
use super::newton::{Slope, climb};
use super::tally::order;
use crate::Unanswerable;

/// A fitted Fine-Gray regression.
#[derive(Clone, Debug, PartialEq)]
pub struct FineGray {
    /// One a covariate, in the order given, in the covariates' own units.
    pub coefficients: Vec<Coefficient>,
    /// Covariance of the coefficients, by rows.
    pub covariance: Vec<Vec<f64>>,
    /// Log pseudo-likelihood with all coefficients 0, and as fitted. The weights make it no
    /// likelihood: twice the difference is not a chi-squared test.
    pub log_likelihood: [f64; 2],
    /// Events of the cause.
    pub events: usize,
    /// Rounds that the search took.
    pub rounds: usize,
}

/// Regress the subdistribution hazard of `cause` on `covariates`, one slice a covariate with one
/// value a case; in `causes` 0 marks a case still open at its time.
///
/// Refuses no cases, lengths that differ, times that are negative or not finite, a cause of 0,
/// no events of the cause, what [`super::cox::cox`] refuses of covariates, and a `confidence` not
/// strictly within 0 to 1.
pub fn fine_gray(
    times: &[f64],
    causes: &[u8],
    cause: u8,
    covariates: &[&[f64]],
    confidence: f64,
) -> Result<FineGray, Unanswerable> {
    let followed = Followed::new(times, causes, cause, covariates)?;
    let top = climb(followed.design.columns, |beta| followed.slope(beta, |_| {}))?;
    let scaled = followed.sandwich(&top.beta, &top.inverse);
    let covariance = followed.design.unscaled_covariance(&scaled);
    let beta = followed.design.unscaled(&top.beta);
    Ok(FineGray {
        coefficients: coefficients(&beta, &covariance, confidence)?,
        covariance: covariance
            .row_iter()
            .map(|row| row.iter().copied().collect())
            .collect(),
        log_likelihood: top.log_likelihood,
        events: followed.blocks.iter().map(|block| block.events).sum(),
        rounds: top.rounds,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Event,
    Other,
    Open,
}

/// Rows of one time.
#[derive(Clone, Copy, Default)]
struct Block {
    start: usize,
    end: usize,
    /// Events of the cause.
    events: usize,
    /// Cases last seen open.
    open: usize,
    /// Ĝ just before.
    followed: f64,
}

/// Cases in ascending order of time.
struct Followed {
    design: Design,
    ends: Vec<End>,
    blocks: Vec<Block>,
}

/// One time with events of the cause.
struct Moment {
    block: usize,
    /// Rise of the cumulative subdistribution hazard.
    hazard: f64,
    /// Mean covariates of those at risk, by weight.
    mean: Vec<f64>,
}

impl Followed {
    fn new(
        times: &[f64],
        causes: &[u8],
        cause: u8,
        covariates: &[&[f64]],
    ) -> Result<Self, Unanswerable> {
        check_times(times)?;
        if causes.len() != times.len() {
            return Err(ONE_EACH);
        }
        if cause == 0 {
            return Err(Unanswerable::Invalid("cause 0 marks open cases"));
        }
        let order = order(times, |_| true);
        let design = Design::new(covariates, &order)?;
        let end = |&case: &u32| match causes[case as usize] {
            0 => End::Open,
            mark if mark == cause => End::Event,
            _ => End::Other,
        };
        let ends: Vec<_> = order.iter().map(end).collect();
        if !ends.contains(&End::Event) {
            return Err(Unanswerable::TooFew {
                what: "events",
                have: 0,
                need: 1,
            });
        }
        let mut blocks = Vec::new();
        let (mut start, mut followed) = (0, 1.0);
        for tied in order.chunk_by(|a, b| times[*a as usize] == times[*b as usize]) {
            let end = start + tied.len();
            let count = |kind| ends[start..end].iter().filter(|end| **end == kind).count();
            let block = Block {
                start,
                end,
                events: count(End::Event),
                open: count(End::Open),
                followed,
            };
            let at_risk = times.len() - start;
            followed *= (at_risk - block.open) as f64 / at_risk as f64;
            blocks.push(block);
            start = end;
        }
        Ok(Self {
            design,
            ends,
            blocks,
        })
    }

    /// The rows of a block that `kind` ended.
    fn rows(&self, block: Block, kind: End) -> impl Iterator<Item = usize> {
        (block.start..block.end).filter(move |&row| self.ends[row] == kind)
    }

    /// The pseudo-likelihood at `beta` (scaled); `each` sees every time with events, latest first.
    fn slope(&self, beta: &[f64], mut each: impl FnMut(Moment)) -> Slope {
        let p = self.design.columns;
        let mut risks = Vec::new();
        self.design.risks(beta, &mut risks);
        let mut gone = self.gone(&risks);
        let mut there = Sums::new(p);
        let mut slope = Slope::new(p);
        for (index, block) in self.blocks.iter().enumerate().rev() {
            there.add_rows(&self.design, &risks, block.start..block.end);
            if block.events == 0 {
                continue;
            }
            let mut at_risk = gone.pop().unwrap_or_else(|| Sums::new(p));
            let d = block.events as f64;
            // What was kept is Σ r/Ĝ(T−); all of it fades by Ĝ(t−).
            at_risk.scale(block.followed);
            at_risk.add_all(&there);
            let mean: Vec<_> = at_risk.first.iter().map(|sum| sum / at_risk.risk).collect();
            slope.log_likelihood -= d * at_risk.risk.ln();
            for row in self.rows(*block, End::Event) {
                let values = self.design.row(row);
                slope.log_likelihood += dot(values, beta);
                for (i, (x, mean)) in values.iter().zip(&mean).enumerate() {
                    slope.score[i] += x - mean;
                }
            }
            let mut seconds = at_risk.second.iter();
            for i in 0..p {
                for (j, second) in seconds.by_ref().take(i + 1).enumerate() {
                    slope.information[(i, j)] += d * (second / at_risk.risk - mean[i] * mean[j]);
                }
            }
            each(Moment {
                block: index,
                hazard: d / at_risk.risk,
                mean,
            });
        }
        slope.information.fill_upper_triangle_with_lower_triangle();
        slope
    }

    /// For each time with events, ascending, the sums over cases that another cause ended before,
    /// each divided by Ĝ(T−).
    fn gone(&self, risks: &[f64]) -> Vec<Sums> {
        let mut sums = Sums::new(self.design.columns);
        let mut kept = Vec::new();
        for block in &self.blocks {
            if block.events > 0 {
                kept.push(sums.clone());
            }
            for row in self.rows(*block, End::Other) {
                sums.add(self.design.row(row), risks[row] / block.followed);
            }
        }
        kept
    }

    fn sandwich(&self, beta: &[f64], inverse: &DMatrix<f64>) -> DMatrix<f64> {
        let p = self.design.columns;
        let mut moments = Vec::new();
        self.slope(beta, |moment| moments.push(moment));
        moments.reverse();
        let mut risks = Vec::new();
        self.design.risks(beta, &mut risks);
        let mut pulls = Pulls::new(p, &moments, &self.blocks);
        let mut meat = DMatrix::zeros(p, p);
        let mut moments = moments.iter().peekable();
        for (index, block) in self.blocks.iter().enumerate() {
            // An open case bears on those gone before it, at events from its own time on.
            let at_risk = (risks.len() - block.start) as f64;
            let censored = pulls.censor(*block, at_risk);
            for row in self.rows(*block, End::Other) {
                let weight = risks[row] / block.followed;
                pulls.gone.add(self.design.row(row), weight);
            }
            let here = moments.next_if(|moment| moment.block == index);
            if let Some(moment) = here {
                pulls.pass(moment, block.followed);
            }
            let rows = block.start..block.end;
            let ends = risks[rows.clone()].iter().zip(&self.ends[rows.clone()]);
            for (x, (&risk, end)) in self.design.rows(rows).zip(ends) {
                let mut pull = pulls.of(x, risk);
                match end {
                    End::Event => {
                        if let Some(moment) = here {
                            pull += DVector::from_column_slice(x)
                                - DVector::from_column_slice(&moment.mean);
                        }
                    }
                    End::Other => pull -= pulls.still_to_come(x, risk / block.followed),
                    End::Open => pull += &censored,
                }
                meat.ger(1.0, &pull, &pull, 1.0);
            }
        }
        inverse * meat * inverse
    }
}

/// Sums over the events so far, and those still to come, from which each case's pull follows.
struct Pulls {
    /// Σ dΛ and Σ x̄·dΛ so far.
    hazard: f64,
    mean: DVector<f64>,
    /// Σ Ĝ(t−)·dΛ and Σ Ĝ(t−)·x̄·dΛ still to come.
    faded: f64,
    faded_mean: DVector<f64>,
    /// Cases that another cause has ended, weighted.
    gone: Sums,
    /// Σ q·c/n² over the times so far with c open cases among n: what a case still followed has
    /// drawn from the estimate of Ĝ.
    followed: DVector<f64>,
}

impl Pulls {
    fn new(p: usize, moments: &[Moment], blocks: &[Block]) -> Self {
        let mut pulls = Self {
            hazard: 0.0,
            mean: DVector::zeros(p),
            faded: 0.0,
            faded_mean: DVector::zeros(p),
            gone: Sums::new(p),
            followed: DVector::zeros(p),
        };
        for moment in moments {
            let faded = blocks[moment.block].followed * moment.hazard;
            pulls.faded += faded;
            pulls.faded_mean += DVector::from_column_slice(&moment.mean) * faded;
        }
        pulls
    }

    fn pass(&mut self, moment: &Moment, followed: f64) {
        let mean = DVector::from_column_slice(&moment.mean);
        self.hazard += moment.hazard;
        self.faded -= followed * moment.hazard;
        self.mean += &mean * moment.hazard;
        self.faded_mean -= mean * (followed * moment.hazard);
    }

    /// The pull of an open case on Ĝ at this time.
    fn censor(&mut self, block: Block, at_risk: f64) -> DVector<f64> {
        let gone = DVector::from_column_slice(&self.gone.first);
        let q = (gone * self.faded - &self.faded_mean * self.gone.risk) / at_risk;
        self.followed += &q * (block.open as f64 / at_risk);
        q
    }

    fn of(&self, x: &[f64], risk: f64) -> DVector<f64> {
        (&self.mean - DVector::from_column_slice(x) * self.hazard) * risk - &self.followed
    }

    fn still_to_come(&self, x: &[f64], weight: f64) -> DVector<f64> {
        (DVector::from_column_slice(x) * self.faded - &self.faded_mean) * weight
    }
}
