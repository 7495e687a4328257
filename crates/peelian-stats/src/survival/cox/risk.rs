//! Who was at risk at each event, and the partial likelihood that follows.

use crate::Unanswerable;
use crate::survival::cases::Cases;
use crate::survival::design::{Design, Sums, dot};
use crate::survival::newton::Slope;
use crate::survival::tally::order;

use super::Ties;

/// Rows of one time: events from `start` to `open`, open cases from there to `end`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub(super) time: f64,
    pub(super) start: usize,
    pub(super) open: usize,
    pub(super) end: usize,
}

/// Cases in ascending order of time, events before open cases of the same time.
pub(super) struct RiskSets {
    pub(super) design: Design,
    /// The case behind each row.
    pub(super) order: Vec<u32>,
    pub(super) blocks: Vec<Block>,
    /// Entry times and rows, latest first; empty where all were there from the start.
    pub(super) entries: Vec<(f64, u32)>,
}

/// One time with events, as the coefficients see it.
pub(super) struct Moment<'a> {
    pub(super) time: f64,
    pub(super) block: usize,
    /// Rise of the cumulative baseline hazard.
    pub(super) hazard: f64,
    pub(super) score: &'a [f64],
    /// The half with the second covariate no later than the first.
    pub(super) information: &'a [f64],
    pub(super) shares: &'a Shares,
    pub(super) at_risk: &'a Sums,
    pub(super) events: &'a Sums,
}

/// Sums over the d events of a time, the l-th of which faces the risk R − a·E with a = l/d under
/// Efron and 0 under Breslow.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shares {
    /// Σ 1/(R − aE).
    pub(super) h: f64,
    /// Σ a/(R − aE).
    pub(super) ha: f64,
    /// Σ 1/(R − aE)².
    pub(super) q: f64,
    /// Σ a/(R − aE)².
    pub(super) qa: f64,
    /// Σ a²/(R − aE)².
    pub(super) qaa: f64,
    /// Σ ln(R − aE).
    log: f64,
}

impl Shares {
    fn new(at_risk: f64, events: f64, count: usize, ties: Ties) -> Self {
        let d = count as f64;
        let mut shares = Self::default();
        if ties == Ties::Breslow || count == 1 {
            shares.h = d / at_risk;
            shares.q = shares.h / at_risk;
            shares.log = d * at_risk.ln();
            return shares;
        }
        for l in 0..count {
            let a = l as f64 / d;
            let faced = at_risk - a * events;
            let (one, part) = (1.0 / faced, a / faced);
            shares.h += one;
            shares.ha += part;
            shares.q += one * one;
            shares.qa += one * part;
            shares.qaa += part * part;
            shares.log += faced.ln();
        }
        shares
    }
}

impl RiskSets {
    pub(super) fn new(cases: Cases<'_>, covariates: &[&[f64]]) -> Result<Self, Unanswerable> {
        cases.check()?;
        let Cases {
            times,
            happened,
            entries,
        } = cases;
        let order = order(times, |case| happened[case]);
        let design = Design::new(covariates, &order)?;
        let mut blocks: Vec<Block> = Vec::new();
        for (row, &case) in order.iter().enumerate() {
            let case = case as usize;
            let time = times[case];
            if blocks.last().is_none_or(|block| block.time != time) {
                blocks.push(Block {
                    time,
                    start: row,
                    open: row,
                    end: row,
                });
            }
            if let Some(block) = blocks.last_mut() {
                block.end = row + 1;
                block.open += usize::from(happened[case]);
            }
        }
        let mut late: Vec<_> = entries.map_or(Vec::new(), |entries| {
            let entry = |(row, &case): (usize, &u32)| (entries[case as usize], row as u32);
            order.iter().enumerate().map(entry).collect()
        });
        late.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let sets = Self {
            design,
            order,
            blocks,
            entries: late,
        };
        if sets.events() == 0 {
            return Err(Unanswerable::TooFew {
                what: "events",
                have: 0,
                need: 1,
            });
        }
        Ok(sets)
    }

    pub(super) fn events(&self) -> usize {
        self.blocks
            .iter()
            .map(|block| block.open - block.start)
            .sum()
    }

    /// The likelihood at `beta` (scaled); `each` sees every time with events, latest first.
    pub(super) fn slope(&self, beta: &[f64], ties: Ties, mut each: impl FnMut(&Moment)) -> Slope {
        let p = self.design.columns;
        let mut risks = Vec::new();
        self.design.risks(beta, &mut risks);
        let (mut at_risk, mut events) = (Sums::new(p), Sums::new(p));
        let mut leaving = self.entries.iter().peekable();
        let mut whole = Totals::new(p);
        for (index, block) in self.blocks.iter().enumerate().rev() {
            while let Some(&(_, row)) = leaving.next_if(|(entry, _)| *entry >= block.time) {
                at_risk.add(self.design.row(row as usize), -risks[row as usize]);
            }
            at_risk.add_rows(&self.design, &risks, block.open..block.end);
            if block.open == block.start {
                continue;
            }
            events.clear();
            events.add_rows(&self.design, &risks, block.start..block.open);
            at_risk.add_all(&events);
            let count = block.open - block.start;
            let shares = Shares::new(at_risk.risk, events.risk, count, ties);
            whole.observed(&self.design, block, beta);
            whole.expected(&shares, &at_risk, &events);
            each(&Moment {
                time: block.time,
                block: index,
                hazard: shares.h,
                score: &whole.score_here,
                information: &whole.information_here,
                shares: &shares,
                at_risk: &at_risk,
                events: &events,
            });
        }
        whole.slope
    }
}

/// The likelihood so far, and what the time at hand adds.
struct Totals {
    slope: Slope,
    score_here: Vec<f64>,
    information_here: Vec<f64>,
}

impl Totals {
    fn new(p: usize) -> Self {
        Self {
            slope: Slope::new(p),
            score_here: vec![0.0; p],
            information_here: vec![0.0; p * (p + 1) / 2],
        }
    }

    fn observed(&mut self, design: &Design, block: &Block, beta: &[f64]) {
        self.score_here.fill(0.0);
        for row in block.start..block.open {
            for (sum, x) in self.score_here.iter_mut().zip(design.row(row)) {
                *sum += x;
            }
        }
        self.slope.log_likelihood += dot(&self.score_here, beta);
    }

    fn expected(&mut self, shares: &Shares, at_risk: &Sums, events: &Sums) {
        let Shares {
            h,
            ha,
            q,
            qa,
            qaa,
            log,
        } = *shares;
        self.slope.log_likelihood -= log;
        let mut place = 0;
        for (i, (&r, &e)) in at_risk.first.iter().zip(&events.first).enumerate() {
            self.score_here[i] -= h * r - ha * e;
            self.slope.score[i] += self.score_here[i];
            let (with_r, with_e) = (q * r - qa * e, qa * r - qaa * e);
            for j in 0..=i {
                let spread = h * at_risk.second[place]
                    - ha * events.second[place]
                    - (with_r * at_risk.first[j] - with_e * events.first[j]);
                self.information_here[place] = spread;
                self.slope.information[(i, j)] += spread;
                if j < i {
                    self.slope.information[(j, i)] += spread;
                }
                place += 1;
            }
        }
    }
}
